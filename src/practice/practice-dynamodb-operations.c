/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Operations on one item. */
#include "practice-dynamodb-items.h"
#include "practice-dynamodb-projection.h"
#include "practice-dynamodb-read.h"
#include "practice-dynamodb-write.h"

enum {
  RETURN_ALL_NEW,
  RETURN_UPDATED_OLD,
  RETURN_ALL_OLD,
  RETURN_NONE,
  RETURN_UPDATED_NEW,
};

static const char *const return_values[] = { "ALL_NEW", "UPDATED_OLD", "ALL_OLD", "NONE", "UPDATED_NEW", NULL };

/* Reads what all three writes have besides the write itself. */
static gboolean
read_options (JsonObject                 *params,
              PracticeDynamodbWriteKind   kind,
              int                        *returns,
              GError                    **error)
{
  static const char *const metrics[] = { "SIZE", "NONE", NULL };
  int ignored = 1;

  *returns = RETURN_NONE;
  if (!practice_dynamodb_params_get_choice (params, "ReturnValues", return_values, returns, error) ||
      !practice_dynamodb_params_get_choice (params, "ReturnItemCollectionMetrics", metrics, &ignored, error))
    return FALSE;
  if (kind != PRACTICE_DYNAMODB_WRITE_UPDATE && *returns != RETURN_NONE && *returns != RETURN_ALL_OLD)
    return practice_dynamodb_invalid (error, "Return values set to invalid value");
  return TRUE;
}

static void
answer_condition (PracticeCall                *call,
                  const PracticeDynamodbWrite *write,
                  const GError                *error)
{
  JsonObject *members;

  if (!write->returns_old || write->old_item == NULL) {
    practice_dynamodb_answer_error (call, error);
    return;
  }
  members = json_object_new ();
  json_object_set_object_member (members, "Item", practice_dynamodb_value_item_to_json (write->old_item));
  practice_call_fail_full (call, 400, practice_dynamodb_error_get_code (error), NULL, members, error->message);
}

/* ReturnValues: (transfer full) (nullable) */
static JsonObject *
make_attributes (const PracticeDynamodbWrite *write,
                 int                          returns)
{
  PracticeDynamodbValue *item = returns == RETURN_ALL_NEW || returns == RETURN_UPDATED_NEW ? write->new_item : write->old_item;
  g_autoptr (PracticeDynamodbValue) part = NULL;

  if (returns == RETURN_NONE || item == NULL)
    return NULL;
  if (returns == RETURN_ALL_NEW || returns == RETURN_ALL_OLD)
    return practice_dynamodb_value_item_to_json (item);
  if (write->update == NULL)
    return NULL;
  part = practice_dynamodb_projection_apply (write->update->paths, item);
  return part->members->len > 0 ? practice_dynamodb_value_item_to_json (part) : NULL;
}

static void
write_item (PracticeCall              *call,
            PracticeDynamodb          *self,
            PracticeDynamodbWriteKind  kind,
            const char                *action)
{
  JsonObject *params = practice_call_get_params (call);
  g_autoptr (PracticeDynamodbCapacity) capacity = NULL;
  g_autoptr (PracticeDynamodbWrite) write = NULL;
  g_autoptr (GError) error = NULL;
  JsonObject *result, *attributes;
  int returns;

  capacity = practice_dynamodb_capacity_new (params, &error);
  if (capacity == NULL || !read_options (params, kind, &returns, &error) ||
      (write = practice_dynamodb_write_new (self, call, kind, params, action, &error)) == NULL) {
    practice_dynamodb_answer_error (call, error);
    return;
  }
  if (!practice_dynamodb_write_run (write, self, &error)) {
    if (g_error_matches (error, PRACTICE_DYNAMODB_ERROR, PRACTICE_DYNAMODB_ERROR_CONDITIONAL_CHECK_FAILED))
      answer_condition (call, write, error);
    else
      practice_dynamodb_answer_error (call, error);
    return;
  }
  practice_dynamodb_write_commit (write, self, call);

  result = json_object_new ();
  attributes = make_attributes (write, returns);
  if (attributes != NULL)
    json_object_set_object_member (result, "Attributes", attributes);
  practice_dynamodb_capacity_add_write (capacity, write->table, write->old_item, write->new_item, 1);
  practice_dynamodb_capacity_report (capacity, result);
  practice_call_return (call, result);
}

void
practice_dynamodb_put_item (PracticeCall *call,
                            gpointer      service)
{
  write_item (call, service, PRACTICE_DYNAMODB_WRITE_PUT, "dynamodb:PutItem");
}

void
practice_dynamodb_update_item (PracticeCall *call,
                               gpointer      service)
{
  write_item (call, service, PRACTICE_DYNAMODB_WRITE_UPDATE, "dynamodb:UpdateItem");
}

void
practice_dynamodb_delete_item (PracticeCall *call,
                               gpointer      service)
{
  write_item (call, service, PRACTICE_DYNAMODB_WRITE_DELETE, "dynamodb:DeleteItem");
}

void
practice_dynamodb_get_item (PracticeCall *call,
                            gpointer      service)
{
  PracticeDynamodb *self = service;
  JsonObject *params = practice_call_get_params (call);
  g_autoptr (PracticeDynamodbCapacity) capacity = NULL;
  g_autoptr (PracticeDynamodbTable) table = NULL;
  g_autoptr (PracticeDynamodbValue) item = NULL;
  g_auto (PracticeDynamodbKey) key = { 0 };
  g_autoptr (GPtrArray) paths = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *name = NULL;
  g_autofree char *arn = NULL;
  gboolean consistent = FALSE;
  JsonObject *key_object, *result;

  capacity = practice_dynamodb_capacity_new (params, &error);
  if (capacity == NULL ||
      !practice_dynamodb_params_need_table (params, &name, &error) ||
      !practice_dynamodb_params_get_boolean (params, "ConsistentRead", &consistent, &error) ||
      !practice_dynamodb_params_need_object (params, "Key", &key_object, &error) ||
      !practice_dynamodb_read_projection (params, &paths, &error)) {
    practice_dynamodb_answer_error (call, error);
    return;
  }
  arn = practice_dynamodb_make_arn (call, name);
  if (!practice_call_allow (call, "dynamodb:GetItem", arn, NULL, NULL))
    return;
  table = practice_dynamodb_need_table (self, call, name, &error);
  if (table == NULL || !practice_dynamodb_read_key (table, key_object, &key, &error)) {
    practice_dynamodb_answer_error (call, error);
    return;
  }

  item = practice_dynamodb_items_get (self, table, &key, NULL);
  result = json_object_new ();
  if (item != NULL)
    json_object_set_object_member (result, "Item", practice_dynamodb_read_answer (item, paths));
  practice_dynamodb_capacity_add_read (capacity, table, NULL, item != NULL ? practice_dynamodb_value_get_item_size (item) : 0, consistent ? 1 : 0.5);
  practice_dynamodb_capacity_report (capacity, result);
  practice_call_return (call, result);
}
