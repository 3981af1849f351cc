/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-dynamodb-read.h"

#include "practice-dynamodb-legacy.h"
#include "practice-dynamodb-projection.h"

gboolean
practice_dynamodb_read_projection (JsonObject  *params,
                                   GPtrArray  **paths,
                                   GError     **error)
{
  g_autoptr (PracticeDynamodbPlaceholders) placeholders = NULL;
  const char *projection = NULL;

  *paths = NULL;
  if (!practice_dynamodb_legacy_refuse (params, error) ||
      !practice_dynamodb_params_get_string (params, "ProjectionExpression", &projection, error))
    return FALSE;
  placeholders = practice_dynamodb_placeholders_new (json_object_get_member (params, "ExpressionAttributeNames"), NULL, error);
  if (placeholders == NULL)
    return FALSE;
  if (projection == NULL) {
    if (practice_dynamodb_placeholders_has_names (placeholders))
      return practice_dynamodb_invalid (error, "ExpressionAttributeNames can only be specified when using expressions");
    return TRUE;
  }
  *paths = practice_dynamodb_projection_parse (projection, placeholders, error);
  if (*paths == NULL)
    return FALSE;
  if (!practice_dynamodb_placeholders_check_used (placeholders, error)) {
    g_clear_pointer (paths, g_ptr_array_unref);
    return FALSE;
  }
  return TRUE;
}

gboolean
practice_dynamodb_read_key (const PracticeDynamodbTable  *table,
                            JsonObject                   *object,
                            PracticeDynamodbKey          *key,
                            GError                      **error)
{
  g_autoptr (PracticeDynamodbValue) value = practice_dynamodb_value_item_from_json (object, error);

  if (value == NULL || !practice_dynamodb_schema_check_key (&table->keys, value, error))
    return FALSE;
  practice_dynamodb_key_init (key, &table->keys, value);
  return TRUE;
}

JsonObject *
practice_dynamodb_read_answer (const PracticeDynamodbValue *item,
                               GPtrArray                   *paths)
{
  g_autoptr (PracticeDynamodbValue) part = NULL;

  if (paths == NULL)
    return practice_dynamodb_value_item_to_json (item);
  part = practice_dynamodb_projection_apply (paths, item);
  return practice_dynamodb_value_item_to_json (part);
}
