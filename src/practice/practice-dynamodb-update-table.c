/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-dynamodb-definition.h"
#include "practice-dynamodb-describe.h"
#include "practice-dynamodb-items.h"
#include "practice-json.h"
#include "practice-streams-log.h"

/* The changes that one call asks for, read against the definition that becomes the new one. */
typedef struct {
  JsonObject *definition;
  gboolean    streaming;       /* StreamSpecification is given */
  JsonObject *stream;          /* … and switches on */
  char       *created_index;
  gint64      deleted_index;   /* its id, or 0 */
  gboolean    any;
} Change;

static void
change_clear (Change *change)
{
  g_clear_pointer (&change->definition, json_object_unref);
  g_clear_pointer (&change->stream, json_object_unref);
  g_clear_pointer (&change->created_index, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Change, change_clear)

static gboolean
is_on_demand (JsonObject *definition)
{
  return json_object_has_member (definition, "BillingMode");
}

static JsonArray *
get_indexes (JsonObject *definition)
{
  if (!json_object_has_member (definition, "GlobalSecondaryIndexes"))
    json_object_set_array_member (definition, "GlobalSecondaryIndexes", json_array_new ());
  return json_object_get_array_member (definition, "GlobalSecondaryIndexes");
}

static JsonObject *
find_index (JsonObject *definition,
            const char *name,
            guint      *position)
{
  JsonArray *indexes = get_indexes (definition);

  for (guint i = 0; i < json_array_get_length (indexes); i++) {
    JsonObject *index = json_array_get_object_element (indexes, i);

    if (g_str_equal (json_object_get_string_member (index, "IndexName"), name)) {
      *position = i;
      return index;
    }
  }
  return NULL;
}

static gboolean
read_billing (JsonObject  *params,
              Change      *change,
              GError     **error)
{
  static const char *const modes[] = { "PROVISIONED", "PAY_PER_REQUEST", NULL };
  gboolean was_on_demand = is_on_demand (change->definition), on_demand;
  JsonObject *throughput, *current;
  int mode = -1;

  if (!practice_dynamodb_params_get_choice (params, "BillingMode", modes, &mode, error))
    return FALSE;
  if (mode < 0 && !json_object_has_member (params, "ProvisionedThroughput"))
    return TRUE;
  change->any = TRUE;
  on_demand = mode < 0 ? was_on_demand : mode == 1;

  if (!practice_dynamodb_definition_read_throughput (params, NULL, on_demand, &throughput, error)) {
    return FALSE;
  }
  if (on_demand) {
    json_object_set_string_member (change->definition, "BillingMode", "PAY_PER_REQUEST");
    json_object_set_double_member (change->definition, "OnDemandSince", g_get_real_time () / 1000 / 1000.0);
    json_object_remove_member (change->definition, "ProvisionedThroughput");
    return TRUE;
  }

  current = json_object_has_member (change->definition, "ProvisionedThroughput") ? json_object_get_object_member (change->definition, "ProvisionedThroughput") : NULL;
  if (current != NULL) {
    gint64 reads = json_object_get_int_member (current, "ReadCapacityUnits"), writes = json_object_get_int_member (current, "WriteCapacityUnits");
    gint64 wanted_reads = json_object_get_int_member (throughput, "ReadCapacityUnits"), wanted_writes = json_object_get_int_member (throughput, "WriteCapacityUnits");

    if (reads == wanted_reads && writes == wanted_writes) {
      json_object_unref (throughput);
      return practice_dynamodb_invalid (error,
                                        "The provisioned throughput for the table will not change. The requested value equals the current value. "
                                        "Current ReadCapacityUnits provisioned for the table: %" G_GINT64_FORMAT ". Requested ReadCapacityUnits: %" G_GINT64_FORMAT ". "
                                        "Current WriteCapacityUnits provisioned for the table: %" G_GINT64_FORMAT ". Requested WriteCapacityUnits: %" G_GINT64_FORMAT ". "
                                        "Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher limits.",
                                        reads, wanted_reads, writes, wanted_writes);
    }
  }
  if (was_on_demand)
    json_object_remove_member (change->definition, "BillingMode");
  json_object_set_object_member (change->definition, "ProvisionedThroughput", throughput);
  return TRUE;
}

static gboolean
create_index (JsonObject   *given,
              JsonArray    *attributes,
              Change       *change,
              GError      **error)
{
  JsonObject *index;
  guint position;

  if (change->created_index != NULL || change->deleted_index != 0) {
    g_set_error_literal (error, PRACTICE_DYNAMODB_ERROR, PRACTICE_DYNAMODB_ERROR_LIMIT_EXCEEDED,
                         "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table");
    return FALSE;
  }
  index = practice_dynamodb_definition_read_index (given, TRUE, is_on_demand (change->definition), attributes,
                                                   json_object_get_array_member (change->definition, "KeySchema"), error);
  if (index == NULL)
    return FALSE;
  change->created_index = g_strdup (json_object_get_string_member (index, "IndexName"));
  if (find_index (change->definition, change->created_index, &position) != NULL) {
    json_object_unref (index);
    return practice_dynamodb_invalid (error, "One or more parameter values were invalid: Attempting to create an index which already exists");
  }
  json_array_add_object_element (get_indexes (change->definition), index);
  return TRUE;
}

/* Delete and Update name an index that is there. */
static gboolean
need_index (JsonObject   *given,
            Change       *change,
            JsonObject  **index,
            guint        *position,
            GError      **error)
{
  const char *name;

  if (!practice_dynamodb_params_need_string (given, "IndexName", &name, error))
    return FALSE;
  *index = find_index (change->definition, name, position);
  if (*index == NULL) {
    g_set_error (error, PRACTICE_DYNAMODB_ERROR, PRACTICE_DYNAMODB_ERROR_RESOURCE_NOT_FOUND, "Requested resource not found: No index: %s", name);
    return FALSE;
  }
  return TRUE;
}

static gboolean
delete_index (JsonObject   *given,
              Change       *change,
              GError      **error)
{
  JsonObject *index;
  guint position;

  if (change->created_index != NULL || change->deleted_index != 0) {
    g_set_error_literal (error, PRACTICE_DYNAMODB_ERROR, PRACTICE_DYNAMODB_ERROR_LIMIT_EXCEEDED,
                         "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table");
    return FALSE;
  }
  if (!need_index (given, change, &index, &position, error))
    return FALSE;
  change->deleted_index = json_object_get_int_member (index, "IndexId");
  json_array_remove_element (get_indexes (change->definition), position);
  return TRUE;
}

static gboolean
update_index (JsonObject   *given,
              Change       *change,
              GError      **error)
{
  JsonObject *index, *throughput;
  guint position;

  if (!need_index (given, change, &index, &position, error) ||
      !practice_dynamodb_definition_read_throughput (given, json_object_get_string_member (index, "IndexName"), is_on_demand (change->definition), &throughput, error))
    return FALSE;
  if (throughput != NULL)
    json_object_set_object_member (index, "ProvisionedThroughput", throughput);
  return TRUE;
}

/* Every index has throughput of its own on a provisioned table and none on an on-demand one. */
static gboolean
settle_throughput (Change  *change,
                   GError **error)
{
  JsonArray *indexes = get_indexes (change->definition);

  for (guint i = 0; i < json_array_get_length (indexes); i++) {
    JsonObject *index = json_array_get_object_element (indexes, i);

    if (is_on_demand (change->definition))
      json_object_remove_member (index, "ProvisionedThroughput");
    else if (!json_object_has_member (index, "ProvisionedThroughput"))
      return practice_dynamodb_invalid (error, "One or more parameter values were invalid: ProvisionedThroughput must be specified for index: %s",
                                        json_object_get_string_member (index, "IndexName"));
  }
  return TRUE;
}

static gboolean
is_key_of (JsonObject *owner,
           const char *name)
{
  JsonArray *keys = json_object_get_array_member (owner, "KeySchema");

  for (guint i = 0; i < json_array_get_length (keys); i++) {
    if (g_str_equal (json_object_get_string_member (json_array_get_object_element (keys, i), "AttributeName"), name))
      return TRUE;
  }
  return FALSE;
}

static gboolean
is_key (JsonObject *definition,
        const char *name)
{
  static const char *const members[] = { "GlobalSecondaryIndexes", "LocalSecondaryIndexes" };

  if (is_key_of (definition, name))
    return TRUE;
  for (guint m = 0; m < G_N_ELEMENTS (members); m++) {
    JsonArray *indexes = json_object_has_member (definition, members[m]) ? json_object_get_array_member (definition, members[m]) : NULL;

    for (guint i = 0; indexes != NULL && i < json_array_get_length (indexes); i++) {
      if (is_key_of (json_array_get_object_element (indexes, i), name))
        return TRUE;
    }
  }
  return FALSE;
}

/* Attributes that no key has any more are defined no longer. */
static void
settle_attributes (Change *change)
{
  JsonArray *attributes = json_object_get_array_member (change->definition, "AttributeDefinitions");
  JsonArray *kept = json_array_new ();

  for (guint i = 0; i < json_array_get_length (attributes); i++) {
    JsonObject *attribute = json_array_get_object_element (attributes, i);

    if (is_key (change->definition, json_object_get_string_member (attribute, "AttributeName")))
      json_array_add_object_element (kept, json_object_ref (attribute));
  }
  json_object_set_array_member (change->definition, "AttributeDefinitions", kept);
}

/* Those that @params define, behind those that are defined: a type cannot be changed. */
static gboolean
merge_attributes (JsonObject  *params,
                  Change      *change,
                  GError     **error)
{
  JsonArray *attributes = json_object_get_array_member (change->definition, "AttributeDefinitions");
  g_autoptr (JsonArray) given = NULL;

  if (!json_object_has_member (params, "AttributeDefinitions"))
    return TRUE;
  given = practice_dynamodb_definition_read_attributes (params, error);
  if (given == NULL)
    return FALSE;
  for (guint i = 0; i < json_array_get_length (given); i++) {
    JsonObject *attribute = json_array_get_object_element (given, i);
    gboolean known = FALSE;

    for (guint j = 0; j < json_array_get_length (attributes) && !known; j++) {
      JsonObject *other = json_array_get_object_element (attributes, j);

      known = g_str_equal (json_object_get_string_member (other, "AttributeName"), json_object_get_string_member (attribute, "AttributeName"));
      if (known && !g_str_equal (json_object_get_string_member (other, "AttributeType"), json_object_get_string_member (attribute, "AttributeType")))
        return practice_dynamodb_invalid (error, "One or more parameter values were invalid: The type of the key attribute %s cannot be changed",
                                          json_object_get_string_member (attribute, "AttributeName"));
    }
    if (!known)
      json_array_add_object_element (attributes, json_object_ref (attribute));
  }
  return TRUE;
}

static gboolean
read_indexes (JsonObject  *params,
              Change      *change,
              GError     **error)
{
  JsonArray *updates = NULL;

  if (!practice_dynamodb_params_get_array (params, "GlobalSecondaryIndexUpdates", &updates, error) || !merge_attributes (params, change, error))
    return FALSE;
  for (guint i = 0; updates != NULL && i < json_array_get_length (updates); i++) {
    JsonArray *attributes = json_object_get_array_member (change->definition, "AttributeDefinitions");
    JsonObject *update, *create = NULL, *delete = NULL, *modify = NULL;

    change->any = TRUE;
    if (!practice_dynamodb_params_get_element (updates, i, &update, error) ||
        !practice_dynamodb_params_get_object (update, "Create", &create, error) ||
        !practice_dynamodb_params_get_object (update, "Delete", &delete, error) ||
        !practice_dynamodb_params_get_object (update, "Update", &modify, error))
      return FALSE;
    if ((create != NULL) + (delete != NULL) + (modify != NULL) != 1)
      return practice_dynamodb_invalid (error, "One or more parameter values were invalid: One of GlobalSecondaryIndexUpdate's Create, Update and Delete must be specified");
    if (create != NULL ? !create_index (create, attributes, change, error)
        : delete != NULL ? !delete_index (delete, change, error)
                         : !update_index (modify, change, error))
      return FALSE;
  }
  if (!settle_throughput (change, error))
    return FALSE;
  settle_attributes (change);
  return practice_dynamodb_definition_check_indexes (change->definition, error);
}

static gboolean
read_stream (JsonObject                   *params,
             const PracticeDynamodbTable  *table,
             Change                       *change,
             GError                      **error)
{
  if (!practice_dynamodb_definition_read_stream (params, &change->streaming, &change->stream, error))
    return FALSE;
  if (!change->streaming)
    return TRUE;
  change->any = TRUE;
  if (change->stream != NULL && table->stream_id != 0)
    return practice_dynamodb_invalid (error, "Table already has an enabled stream: TableName: %s", table->name);
  if (change->stream == NULL && table->stream_id == 0)
    return practice_dynamodb_invalid (error, "Table already has a disabled stream: TableName: %s", table->name);
  if (change->stream != NULL)
    json_object_set_object_member (change->definition, "StreamSpecification", json_object_ref (change->stream));
  else
    json_object_remove_member (change->definition, "StreamSpecification");
  return TRUE;
}

static gboolean
read_rest (JsonObject  *params,
           Change      *change,
           GError     **error)
{
  static const char *const classes[] = { "STANDARD", "STANDARD_INFREQUENT_ACCESS", NULL };
  gboolean protect = FALSE;
  int class = -1;

  if (!practice_dynamodb_params_get_choice (params, "TableClass", classes, &class, error) ||
      !practice_dynamodb_params_get_boolean (params, "DeletionProtectionEnabled", &protect, error))
    return FALSE;
  if (class >= 0)
    json_object_set_string_member (change->definition, "TableClass", classes[class]);
  if (json_object_has_member (params, "DeletionProtectionEnabled"))
    json_object_set_boolean_member (change->definition, "DeletionProtectionEnabled", protect);
  change->any |= class >= 0 || json_object_has_member (params, "DeletionProtectionEnabled");

  if (json_object_has_member (params, "SSESpecification") || json_object_has_member (params, "ReplicaUpdates"))
    return practice_dynamodb_invalid (error, "SSESpecification and ReplicaUpdates are not supported here");
  if (!change->any)
    return practice_dynamodb_invalid (error,
                                      "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates or SSESpecification or ReplicaUpdates is required");
  return TRUE;
}

static void
store_change (PracticeDynamodb            *self,
              PracticeCall                *call,
              const PracticeDynamodbTable *table,
              Change                      *change)
{
  g_autofree char *text = NULL;
  g_autofree char *label = NULL;
  guint position;

  if (change->deleted_index != 0) {
    practice_store_run (self->store, "DELETE FROM dynamodb_entry WHERE index_id = ?", "i", change->deleted_index);
    practice_store_run (self->store, "DELETE FROM dynamodb_index WHERE id = ?", "i", change->deleted_index);
  }
  if (change->created_index != NULL) {
    practice_store_run (self->store, "INSERT INTO dynamodb_index (table_id) VALUES (?)", "i", table->id);
    json_object_set_int_member (find_index (change->definition, change->created_index, &position), "IndexId",
                                sqlite3_last_insert_rowid (practice_store_get_db (self->store)));
  }
  if (json_array_get_length (get_indexes (change->definition)) == 0)
    json_object_remove_member (change->definition, "GlobalSecondaryIndexes");

  text = practice_json_object_to_text (change->definition);
  practice_store_run (self->store, "UPDATE dynamodb_table SET definition = ?, creating = 0 WHERE id = ?", "si", text, table->id);

  if (change->streaming && change->stream == NULL) {
    practice_streams_log_close (self->server, table->stream_id);
    practice_store_run (self->store, "UPDATE dynamodb_table SET stream_id = 0, stream_view = NULL WHERE id = ?", "i", table->id);
  } else if (change->streaming) {
    const char *view = json_object_get_string_member (change->stream, "StreamViewType");
    gint64 id = practice_streams_log_open (self->server, table, view, &label);

    practice_store_run (self->store, "UPDATE dynamodb_table SET stream_id = ?, stream_view = ?, stream_label = ? WHERE id = ?", "issi", id, view, label, table->id);
  }
}

/* A copy of it that shares nothing. */
static JsonObject *
copy_definition (JsonObject *definition)
{
  g_autofree char *text = practice_json_object_to_text (definition);

  g_autoptr (JsonNode) node = json_from_string (text, NULL);

  return json_node_dup_object (node);
}

void
practice_dynamodb_update_table (PracticeCall *call,
                                gpointer      service)
{
  PracticeDynamodb *self = service;
  JsonObject *params = practice_call_get_params (call);
  g_autoptr (PracticeDynamodbTable) table = NULL;
  g_autoptr (PracticeDynamodbTable) changed = NULL;
  g_auto (Change) change = { 0 };
  g_autoptr (GError) error = NULL;
  g_autofree char *name = NULL;
  g_autofree char *arn = NULL;
  JsonObject *result;

  if (!practice_dynamodb_params_need_table (params, &name, &error)) {
    practice_dynamodb_answer_error (call, error);
    return;
  }
  arn = practice_dynamodb_make_arn (call, name);
  if (!practice_call_allow (call, "dynamodb:UpdateTable", arn, NULL, NULL))
    return;
  table = practice_dynamodb_find_table (self, call, name);
  if (table == NULL) {
    g_set_error (&error, PRACTICE_DYNAMODB_ERROR, PRACTICE_DYNAMODB_ERROR_RESOURCE_NOT_FOUND, "Requested resource not found: Table: %s not found", name);
    practice_dynamodb_answer_error (call, error);
    return;
  }
  change.definition = copy_definition (table->definition);
  if (!read_billing (params, &change, &error) || !read_indexes (params, &change, &error) ||
      !read_stream (params, table, &change, &error) || !read_rest (params, &change, &error)) {
    practice_dynamodb_answer_error (call, error);
    return;
  }

  store_change (self, call, table, &change);
  practice_dynamodb_forget_table (self, table);
  changed = practice_dynamodb_find_table (self, call, name);
  practice_dynamodb_forget_table (self, table);
  if (change.created_index != NULL)
    practice_dynamodb_items_index (self, changed, practice_dynamodb_table_find_index (changed, change.created_index));

  practice_dynamodb_describe_event (self, changed, "resource-updated");
  result = json_object_new ();
  json_object_set_object_member (result, "TableDescription", practice_dynamodb_describe (self, changed, "UPDATING"));
  practice_call_return (call, result);
}
