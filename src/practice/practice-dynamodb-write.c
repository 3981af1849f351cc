/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-dynamodb-write.h"

#include "practice-dynamodb-condition.h"
#include "practice-dynamodb-items.h"
#include "practice-dynamodb-legacy.h"

static gboolean
read_given (PracticeDynamodbWrite  *write,
            JsonObject             *params,
            GError                **error)
{
  JsonObject *object;

  if (!practice_dynamodb_params_need_object (params, write->kind == PRACTICE_DYNAMODB_WRITE_PUT ? "Item" : "Key", &object, error))
    return FALSE;
  write->given = practice_dynamodb_value_item_from_json (object, error);
  return write->given != NULL;
}

/* What ExpressionAttributeValues is useless without. */
static const char *
describe_missing (PracticeDynamodbWriteKind kind)
{
  return kind == PRACTICE_DYNAMODB_WRITE_UPDATE ? "UpdateExpression and ConditionExpression are null" : "ConditionExpression is null";
}

static gboolean
read_expressions (PracticeDynamodbWrite  *write,
                  JsonObject             *params,
                  GError                **error)
{
  g_autoptr (PracticeDynamodbPlaceholders) placeholders = NULL;
  const char *condition = NULL, *update = NULL;

  if (!practice_dynamodb_params_get_string (params, "ConditionExpression", &condition, error))
    return FALSE;
  if (write->kind == PRACTICE_DYNAMODB_WRITE_UPDATE && !practice_dynamodb_params_get_string (params, "UpdateExpression", &update, error))
    return FALSE;
  placeholders = practice_dynamodb_placeholders_new (json_object_get_member (params, "ExpressionAttributeNames"),
                                                     json_object_get_member (params, "ExpressionAttributeValues"), error);
  if (placeholders == NULL)
    return FALSE;

  if (condition == NULL && update == NULL) {
    if (practice_dynamodb_placeholders_has_names (placeholders))
      return practice_dynamodb_invalid (error, "ExpressionAttributeNames can only be specified when using expressions");
    if (practice_dynamodb_placeholders_has_values (placeholders))
      return practice_dynamodb_invalid (error, "ExpressionAttributeValues can only be specified when using expressions: %s", describe_missing (write->kind));
    return TRUE;
  }

  if (update != NULL) {
    write->update = practice_dynamodb_update_parse (update, placeholders, error);
    if (write->update == NULL)
      return FALSE;
  }
  if (condition != NULL) {
    write->condition = practice_dynamodb_condition_parse ("ConditionExpression", condition, placeholders, error);
    if (write->condition == NULL)
      return FALSE;
  }
  return practice_dynamodb_placeholders_check_used (placeholders, error);
}

/* With the table at hand: keys, and what an update may not touch. */
static gboolean
check_against_table (PracticeDynamodbWrite  *write,
                     GError                **error)
{
  const PracticeDynamodbTable *table = write->table;
  const PracticeDynamodbKeyAttribute *attribute;

  if (write->kind == PRACTICE_DYNAMODB_WRITE_PUT ? !practice_dynamodb_table_check_item (table, write->given, FALSE, error)
                                                 : !practice_dynamodb_schema_check_key (&table->keys, write->given, error))
    return FALSE;

  for (guint n = 0; write->update != NULL && (attribute = practice_dynamodb_schema_get (&table->keys, n)) != NULL; n++) {
    if (practice_dynamodb_update_touches (write->update, attribute->name))
      return practice_dynamodb_invalid (error, "One or more parameter values were invalid: Cannot update attribute %s. This attribute is part of the key",
                                        attribute->name);
  }
  practice_dynamodb_key_init (&write->key, &table->keys, write->given);
  return TRUE;
}

PracticeDynamodbWrite *
practice_dynamodb_write_new (PracticeDynamodb           *self,
                             PracticeCall               *call,
                             PracticeDynamodbWriteKind   kind,
                             JsonObject                 *params,
                             const char                 *action,
                             GError                    **error)
{
  static const char *const on_failure[] = { "ALL_OLD", "NONE", NULL };
  g_autoptr (PracticeDynamodbWrite) write = g_new0 (PracticeDynamodbWrite, 1);
  g_autofree char *name = NULL;
  g_autofree char *arn = NULL;
  int choice = 1;

  write->kind = kind;
  if (!practice_dynamodb_params_need_table (params, &name, error) ||
      !practice_dynamodb_legacy_refuse (params, error) ||
      !practice_dynamodb_params_get_choice (params, "ReturnValuesOnConditionCheckFailure", on_failure, &choice, error) ||
      !read_given (write, params, error) ||
      !read_expressions (write, params, error))
    return NULL;
  write->returns_old = choice == 0;

  arn = practice_dynamodb_make_arn (call, name);
  if (!practice_call_allow (call, action, arn, NULL, NULL))
    return NULL;
  write->table = practice_dynamodb_need_table (self, call, name, error);
  if (write->table == NULL || !check_against_table (write, error))
    return NULL;
  return g_steal_pointer (&write);
}

PracticeDynamodbWrite *
practice_dynamodb_write_new_plain (PracticeDynamodbWriteKind   kind,
                                   PracticeDynamodbTable      *table,
                                   JsonObject                 *params,
                                   GError                    **error)
{
  g_autoptr (PracticeDynamodbWrite) write = g_new0 (PracticeDynamodbWrite, 1);

  write->kind = kind;
  write->table = practice_dynamodb_table_ref (table);
  if (!read_given (write, params, error) || !check_against_table (write, error))
    return NULL;
  return g_steal_pointer (&write);
}

void
practice_dynamodb_write_free (PracticeDynamodbWrite *write)
{
  g_clear_pointer (&write->table, practice_dynamodb_table_unref);
  g_clear_pointer (&write->given, practice_dynamodb_value_unref);
  g_clear_pointer (&write->condition, practice_dynamodb_node_free);
  g_clear_pointer (&write->update, practice_dynamodb_update_free);
  g_clear_pointer (&write->old_item, practice_dynamodb_value_unref);
  g_clear_pointer (&write->new_item, practice_dynamodb_value_unref);
  practice_dynamodb_key_clear (&write->key);
  g_free (write);
}

gboolean
practice_dynamodb_write_run (PracticeDynamodbWrite  *write,
                             PracticeDynamodb       *self,
                             GError                **error)
{
  g_autoptr (PracticeDynamodbValue) nothing = practice_dynamodb_value_new_map ();
  PracticeDynamodbValue *base;

  write->old_item = practice_dynamodb_items_get (self, write->table, &write->key, &write->row);
  if (write->condition != NULL && !practice_dynamodb_node_matches (write->condition, write->old_item != NULL ? write->old_item : nothing)) {
    g_set_error_literal (error, PRACTICE_DYNAMODB_ERROR, PRACTICE_DYNAMODB_ERROR_CONDITIONAL_CHECK_FAILED, "The conditional request failed");
    return FALSE;
  }

  switch (write->kind) {
  case PRACTICE_DYNAMODB_WRITE_PUT:
    write->new_item = practice_dynamodb_value_ref (write->given);
    return TRUE;
  case PRACTICE_DYNAMODB_WRITE_DELETE:
    return TRUE;
  case PRACTICE_DYNAMODB_WRITE_CHECK:
    write->new_item = write->old_item != NULL ? practice_dynamodb_value_ref (write->old_item) : NULL;
    return TRUE;
  case PRACTICE_DYNAMODB_WRITE_UPDATE:
  default:
    base = write->old_item != NULL ? write->old_item : write->given;
    write->new_item = practice_dynamodb_value_copy (base);
    if (write->update != NULL && !practice_dynamodb_update_apply (write->update, base, write->new_item, error))
      return FALSE;
    /* Nothing is made by taking away. */
    if (write->old_item == NULL && write->update != NULL && !practice_dynamodb_update_creates (write->update))
      g_clear_pointer (&write->new_item, practice_dynamodb_value_unref);
    return write->new_item == NULL || practice_dynamodb_table_check_item (write->table, write->new_item, TRUE, error);
  }
}

void
practice_dynamodb_write_commit (PracticeDynamodbWrite *write,
                                PracticeDynamodb      *self,
                                PracticeCall          *call)
{
  if (write->kind != PRACTICE_DYNAMODB_WRITE_CHECK)
    practice_dynamodb_items_write (self, call, write->table, &write->key, write->old_item, write->row, write->new_item);
}
