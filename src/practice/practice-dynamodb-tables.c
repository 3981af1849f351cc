/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Operations that look at tables, and DeleteTable. */
#include "practice-dynamodb-describe.h"
#include "practice-json.h"
#include "practice-streams-log.h"

/* The quotas of an account that asked for no others (Developer Guide, "Limits"). */
#define ACCOUNT_UNITS 80000
#define TABLE_UNITS 40000
#define PAGE_MAX 100

/* TableName, asked IAM for @action; NULL with @call answered. */
static PracticeDynamodbTable *
find_named (PracticeDynamodb *self,
            PracticeCall     *call,
            const char       *action)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *name = NULL;
  g_autofree char *arn = NULL;
  PracticeDynamodbTable *table;

  if (!practice_dynamodb_params_need_table (practice_call_get_params (call), &name, &error)) {
    practice_dynamodb_answer_error (call, error);
    return NULL;
  }
  arn = practice_dynamodb_make_arn (call, name);
  if (!practice_call_allow (call, action, arn, NULL, NULL))
    return NULL;
  table = practice_dynamodb_find_table (self, call, name);
  if (table == NULL) {
    g_set_error (&error, PRACTICE_DYNAMODB_ERROR, PRACTICE_DYNAMODB_ERROR_RESOURCE_NOT_FOUND, "Requested resource not found: Table: %s not found", name);
    practice_dynamodb_answer_error (call, error);
  }
  return table;
}

static void
answer (PracticeCall *call,
        const char   *member,
        JsonObject   *object)
{
  JsonObject *result = json_object_new ();

  json_object_set_object_member (result, member, object);
  practice_call_return (call, result);
}

void
practice_dynamodb_describe_table (PracticeCall *call,
                                  gpointer      service)
{
  PracticeDynamodb *self = service;
  g_autoptr (PracticeDynamodbTable) table = find_named (self, call, "dynamodb:DescribeTable");

  if (table == NULL)
    return;
  /* Who waits for a table looks at it, and finds it made. */
  if (table->creating) {
    practice_store_run (self->store, "UPDATE dynamodb_table SET creating = 0 WHERE id = ?", "i", table->id);
    practice_dynamodb_forget_table (self, table);
  }
  answer (call, "Table", practice_dynamodb_describe (self, table, "ACTIVE"));
}

void
practice_dynamodb_delete_table (PracticeCall *call,
                                gpointer      service)
{
  PracticeDynamodb *self = service;
  g_autoptr (PracticeDynamodbTable) table = find_named (self, call, "dynamodb:DeleteTable");
  JsonObject *description;

  if (table == NULL)
    return;
  if (json_object_get_boolean_member_with_default (table->definition, "DeletionProtectionEnabled", FALSE)) {
    g_autoptr (GError) error = NULL;

    practice_dynamodb_invalid (&error, "Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.");
    practice_dynamodb_answer_error (call, error);
    return;
  }

  description = practice_dynamodb_describe (self, table, "DELETING");
  if (table->stream_id != 0)
    practice_streams_log_close (self->server, table->stream_id);
  practice_store_run (self->store, "DELETE FROM dynamodb_entry WHERE index_id IN (SELECT id FROM dynamodb_index WHERE table_id = ?)", "i", table->id);
  practice_store_run (self->store, "DELETE FROM dynamodb_index WHERE table_id = ?", "i", table->id);
  practice_store_run (self->store, "DELETE FROM dynamodb_item WHERE table_id = ?", "i", table->id);
  practice_store_run (self->store, "DELETE FROM dynamodb_count WHERE table_id = ?", "i", table->id);
  practice_store_run (self->store, "DELETE FROM dynamodb_tag WHERE table_id = ?", "i", table->id);
  practice_store_run (self->store, "DELETE FROM dynamodb_table WHERE id = ?", "i", table->id);
  practice_dynamodb_describe_event (self, table, "resource-deleted");
  practice_dynamodb_forget_table (self, table);
  answer (call, "TableDescription", description);
}

void
practice_dynamodb_list_tables (PracticeCall *call,
                               gpointer      service)
{
  PracticeDynamodb *self = service;
  JsonObject *params = practice_call_get_params (call);
  g_autoptr (GError) error = NULL;
  const char *start = NULL;
  gint64 limit = PAGE_MAX;
  JsonObject *result;
  JsonArray *names;
  sqlite3_stmt *row;

  if (!practice_dynamodb_params_get_string (params, "ExclusiveStartTableName", &start, &error) ||
      !practice_dynamodb_params_get_limit (params, "Limit", 1, PAGE_MAX, &limit, &error)) {
    practice_dynamodb_answer_error (call, error);
    return;
  }
  if (!practice_call_allow (call, "dynamodb:ListTables", "*", NULL, NULL))
    return;

  names = json_array_new ();
  result = json_object_new ();
  json_object_set_array_member (result, "TableNames", names);
  row = practice_store_prepare (self->store, "SELECT name FROM dynamodb_table WHERE region = ? AND name > ? ORDER BY name LIMIT ?", "ssi",
                                practice_call_get_region (call), start != NULL ? start : "", limit + 1);
  while (sqlite3_step (row) == SQLITE_ROW) {
    if (json_array_get_length (names) == (guint) limit) {
      json_object_set_string_member (result, "LastEvaluatedTableName", json_array_get_string_element (names, (guint) limit - 1));
      break;
    }
    json_array_add_string_element (names, (const char *) sqlite3_column_text (row, 0));
  }
  sqlite3_reset (row);
  practice_call_return (call, result);
}

void
practice_dynamodb_describe_limits (PracticeCall *call,
                                   gpointer      service)
{
  JsonObject *result;

  if (!practice_call_allow (call, "dynamodb:DescribeLimits", "*", NULL, NULL))
    return;
  result = json_object_new ();
  json_object_set_int_member (result, "AccountMaxReadCapacityUnits", ACCOUNT_UNITS);
  json_object_set_int_member (result, "AccountMaxWriteCapacityUnits", ACCOUNT_UNITS);
  json_object_set_int_member (result, "TableMaxReadCapacityUnits", TABLE_UNITS);
  json_object_set_int_member (result, "TableMaxWriteCapacityUnits", TABLE_UNITS);
  practice_call_return (call, result);
}

void
practice_dynamodb_describe_continuous_backups (PracticeCall *call,
                                               gpointer      service)
{
  g_autoptr (PracticeDynamodbTable) table = find_named (service, call, "dynamodb:DescribeContinuousBackups");
  JsonObject *description, *recovery;

  if (table == NULL)
    return;
  recovery = json_object_new ();
  json_object_set_string_member (recovery, "PointInTimeRecoveryStatus", "DISABLED");
  description = json_object_new ();
  json_object_set_string_member (description, "ContinuousBackupsStatus", "ENABLED");
  json_object_set_object_member (description, "PointInTimeRecoveryDescription", recovery);
  answer (call, "ContinuousBackupsDescription", description);
}

void
practice_dynamodb_describe_time_to_live (PracticeCall *call,
                                         gpointer      service)
{
  g_autoptr (PracticeDynamodbTable) table = find_named (service, call, "dynamodb:DescribeTimeToLive");
  const char *attribute;
  JsonObject *description;

  if (table == NULL)
    return;
  attribute = json_object_get_string_member_with_default (table->definition, "TimeToLiveAttribute", NULL);
  description = json_object_new ();
  json_object_set_string_member (description, "TimeToLiveStatus", attribute != NULL ? "ENABLED" : "DISABLED");
  if (attribute != NULL)
    json_object_set_string_member (description, "AttributeName", attribute);
  answer (call, "TimeToLiveDescription", description);
}

void
practice_dynamodb_update_time_to_live (PracticeCall *call,
                                       gpointer      service)
{
  PracticeDynamodb *self = service;
  g_autoptr (PracticeDynamodbTable) table = find_named (self, call, "dynamodb:UpdateTimeToLive");
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  JsonObject *specification;
  const char *attribute = NULL, *current;
  gboolean enabled = FALSE;

  if (table == NULL)
    return;
  current = json_object_get_string_member_with_default (table->definition, "TimeToLiveAttribute", NULL);
  if (practice_dynamodb_params_need_object (practice_call_get_params (call), "TimeToLiveSpecification", &specification, &error) &&
      practice_dynamodb_params_need_string (specification, "AttributeName", &attribute, &error) &&
      practice_dynamodb_params_get_boolean (specification, "Enabled", &enabled, &error)) {
    if (*attribute == '\0')
      practice_dynamodb_params_refuse (&error, "", "TimeToLiveSpecification.attributeName", "Member must have length greater than or equal to 1");
    else if (enabled && current != NULL)
      practice_dynamodb_invalid (&error, "TimeToLive is already enabled");
    else if (!enabled && current == NULL)
      practice_dynamodb_invalid (&error, "TimeToLive is already disabled");
    else if (!enabled && !g_str_equal (current, attribute))
      practice_dynamodb_invalid (&error, "TimeToLive is active on a different AttributeName: current AttributeName is %s", current);
  }
  if (error != NULL) {
    practice_dynamodb_answer_error (call, error);
    return;
  }

  if (enabled)
    json_object_set_string_member (table->definition, "TimeToLiveAttribute", attribute);
  else
    json_object_remove_member (table->definition, "TimeToLiveAttribute");
  text = practice_json_object_to_text (table->definition);
  practice_store_run (self->store, "UPDATE dynamodb_table SET definition = ? WHERE id = ?", "si", text, table->id);
  practice_dynamodb_forget_table (self, table);
  practice_dynamodb_describe_event (self, table, "resource-updated");
  answer (call, "TimeToLiveSpecification", json_object_ref (specification));
}
