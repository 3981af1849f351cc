/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-dynamodb-tags.h"

#include <string.h>

#include "practice-json.h"

/* "Tagging AWS resources": limits. */
#define KEY_MAX 128
#define VALUE_MAX 256
#define TAGS_MAX 50

/* The table that ResourceArn names; NULL with @error, or without where @call was answered. */
static PracticeDynamodbTable *
find_resource (PracticeDynamodb  *self,
               PracticeCall      *call,
               const char        *action,
               GError           **error)
{
  g_autofree char *prefix = practice_dynamodb_make_arn (call, "");
  PracticeDynamodbTable *table;
  const char *arn;

  if (!practice_dynamodb_params_need_string (practice_call_get_params (call), "ResourceArn", &arn, error))
    return NULL;
  if (!g_str_has_prefix (arn, "arn:aws:dynamodb:")) {
    practice_dynamodb_invalid (error, "Invalid TableArn: Invalid ResourceArn provided as input %s", arn);
    return NULL;
  }
  if (!practice_call_allow (call, action, arn, NULL, NULL))
    return NULL;
  table = g_str_has_prefix (arn, prefix) ? practice_dynamodb_find_table (self, call, arn + strlen (prefix)) : NULL;
  if (table == NULL)
    g_set_error (error, PRACTICE_DYNAMODB_ERROR, PRACTICE_DYNAMODB_ERROR_RESOURCE_NOT_FOUND, "Requested resource not found: ResourcArn: %s not found", arn);
  return table;
}

static JsonArray *
list_tags (PracticeDynamodb *self,
           gint64            table_id)
{
  JsonArray *tags = json_array_new ();
  sqlite3_stmt *row = practice_store_prepare (self->store, "SELECT key, value FROM dynamodb_tag WHERE table_id = ? ORDER BY key", "i", table_id);

  while (sqlite3_step (row) == SQLITE_ROW) {
    JsonObject *tag = json_object_new ();

    json_object_set_string_member (tag, "Key", (const char *) sqlite3_column_text (row, 0));
    json_object_set_string_member (tag, "Value", (const char *) sqlite3_column_text (row, 1));
    json_array_add_object_element (tags, tag);
  }
  sqlite3_reset (row);
  return tags;
}

char **
practice_dynamodb_tags_read (JsonObject  *params,
                             GError     **error)
{
  g_autoptr (GStrvBuilder) tags = g_strv_builder_new ();
  JsonArray *array = NULL;

  if (!practice_dynamodb_params_get_array (params, "Tags", &array, error))
    return NULL;
  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++) {
    JsonObject *tag;
    const char *key, *value;
    glong length;

    if (!practice_dynamodb_params_get_element (array, i, &tag, error) ||
        !practice_dynamodb_params_need_string (tag, "Key", &key, error) ||
        !practice_dynamodb_params_need_string (tag, "Value", &value, error))
      return NULL;
    length = g_utf8_strlen (key, -1);
    if (length < 1 || length > KEY_MAX) {
      practice_dynamodb_params_refuse (error, key, "Tags.member.key", length < 1 ? "Member must have length greater than or equal to 1"
                                                                                 : "Member must have length less than or equal to 128");
      return NULL;
    }
    if (g_utf8_strlen (value, -1) > VALUE_MAX) {
      practice_dynamodb_params_refuse (error, value, "Tags.member.value", "Member must have length less than or equal to 256");
      return NULL;
    }
    if (g_ascii_strncasecmp (key, "aws:", 4) == 0) {
      practice_dynamodb_invalid (error, "One or more parameter values were invalid: Tag keys must not begin with aws:");
      return NULL;
    }
    g_strv_builder_add (tags, key);
    g_strv_builder_add (tags, value);
  }
  return g_strv_builder_end (tags);
}

gboolean
practice_dynamodb_tags_set (PracticeDynamodb  *self,
                            gint64             table_id,
                            char             **tags,
                            GError           **error)
{
  g_autoptr (JsonArray) all = NULL;

  for (guint i = 0; tags[i] != NULL; i += 2)
    practice_store_run (self->store, "INSERT OR REPLACE INTO dynamodb_tag (table_id, key, value) VALUES (?, ?, ?)", "iss", table_id, tags[i], tags[i + 1]);
  all = list_tags (self, table_id);
  if (json_array_get_length (all) > TAGS_MAX)
    return practice_dynamodb_invalid (error, "One or more parameter values were invalid: Too many tags: a table can have %d", TAGS_MAX);
  return TRUE;
}

void
practice_dynamodb_tags_list_all (JsonArray  *resources,
                                 const char *region,
                                 gpointer    service)
{
  PracticeDynamodb *self = service;
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint64));
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  sqlite3_stmt *row = practice_store_prepare (self->store, "SELECT id, name FROM dynamodb_table WHERE region = ? ORDER BY name", "s", region);

  while (sqlite3_step (row) == SQLITE_ROW) {
    gint64 id = sqlite3_column_int64 (row, 0);

    g_array_append_val (ids, id);
    g_ptr_array_add (names, g_strdup ((const char *) sqlite3_column_text (row, 1)));
  }
  sqlite3_reset (row);

  for (guint i = 0; i < ids->len; i++) {
    g_autofree char *arn = g_strdup_printf ("arn:aws:dynamodb:%s:%s:table/%s", region, practice_server_get_account (self->server),
                                            (const char *) g_ptr_array_index (names, i));
    JsonObject *resource = json_object_new ();

    json_object_set_string_member (resource, "ResourceARN", arn);
    json_object_set_array_member (resource, "Tags", list_tags (self, g_array_index (ids, gint64, i)));
    json_array_add_object_element (resources, resource);
  }
}

void
practice_dynamodb_tag_resource (PracticeCall *call,
                                gpointer      service)
{
  PracticeDynamodb *self = service;
  g_autoptr (PracticeDynamodbTable) table = NULL;
  g_auto (GStrv) tags = NULL;
  g_autoptr (GError) error = NULL;
  JsonArray *given;

  if (!practice_dynamodb_params_need_array (practice_call_get_params (call), "Tags", &given, &error) ||
      (tags = practice_dynamodb_tags_read (practice_call_get_params (call), &error)) == NULL ||
      (table = find_resource (self, call, "dynamodb:TagResource", &error)) == NULL ||
      !practice_dynamodb_tags_set (self, table->id, tags, &error)) {
    practice_dynamodb_answer_error (call, error);
    return;
  }
  practice_call_return (call, NULL);
}

void
practice_dynamodb_untag_resource (PracticeCall *call,
                                  gpointer      service)
{
  PracticeDynamodb *self = service;
  g_autoptr (PracticeDynamodbTable) table = NULL;
  g_autoptr (GError) error = NULL;
  JsonArray *keys;

  if (!practice_dynamodb_params_need_array (practice_call_get_params (call), "TagKeys", &keys, &error) ||
      (table = find_resource (self, call, "dynamodb:UntagResource", &error)) == NULL) {
    practice_dynamodb_answer_error (call, error);
    return;
  }
  for (guint i = 0; i < json_array_get_length (keys); i++) {
    JsonNode *node = json_array_get_element (keys, i);

    if (practice_json_is_string (node))
      practice_store_run (self->store, "DELETE FROM dynamodb_tag WHERE table_id = ? AND key = ?", "is", table->id, json_node_get_string (node));
  }
  practice_call_return (call, NULL);
}

void
practice_dynamodb_list_tags (PracticeCall *call,
                             gpointer      service)
{
  PracticeDynamodb *self = service;
  g_autoptr (PracticeDynamodbTable) table = NULL;
  g_autoptr (GError) error = NULL;
  JsonObject *result;

  table = find_resource (self, call, "dynamodb:ListTagsOfResource", &error);
  if (table == NULL) {
    practice_dynamodb_answer_error (call, error);
    return;
  }
  result = json_object_new ();
  json_object_set_array_member (result, "Tags", list_tags (self, table->id));
  practice_call_return (call, result);
}
