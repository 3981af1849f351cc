/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-dynamodb-placeholders.h"

#include <string.h>

#include "practice-dynamodb-error.h"
#include "practice-json.h"

struct _PracticeDynamodbPlaceholders {
  GHashTable *names;    /* "#name" -> the attribute's name, or NULL */
  GHashTable *values;   /* ":value" -> PracticeDynamodbValue, or NULL */
  GHashTable *used;     /* a set of both, borrowed from the tables' keys */
};

static gboolean
check_key (const char  *key,
           char         sign,
           const char  *member,
           GError     **error)
{
  gboolean good = key[0] == sign && key[1] != '\0';

  for (const char *p = key + 1; good && *p != '\0'; p++)
    good = g_ascii_isalnum (*p) || *p == '_';
  if (!good)
    return practice_dynamodb_invalid (error, "%s contains invalid key: Syntax error; key: \"%s\"", member, key);
  return TRUE;
}

/* @object: (out) (nullable): the member as an object that is not empty, or NULL where it is missing */
static gboolean
get_object (JsonNode     *node,
            const char   *member,
            JsonObject  **object,
            GError      **error)
{
  *object = NULL;
  if (node == NULL || JSON_NODE_HOLDS_NULL (node))
    return TRUE;
  if (!JSON_NODE_HOLDS_OBJECT (node))
    return practice_dynamodb_unreadable (error, "Unexpected field type");
  if (json_object_get_size (json_node_get_object (node)) == 0)
    return practice_dynamodb_invalid (error, "%s must not be empty", member);
  *object = json_node_get_object (node);
  return TRUE;
}

static gboolean
read_names (PracticeDynamodbPlaceholders  *self,
            JsonNode                      *names,
            GError                       **error)
{
  JsonObject *object;
  JsonObjectIter iter;
  const char *key;
  JsonNode *node;

  if (!get_object (names, "ExpressionAttributeNames", &object, error))
    return FALSE;
  if (object == NULL)
    return TRUE;

  self->names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  json_object_iter_init (&iter, object);
  while (json_object_iter_next (&iter, &key, &node)) {
    if (!check_key (key, '#', "ExpressionAttributeNames", error))
      return FALSE;
    if (!practice_json_is_string (node))
      return practice_dynamodb_unreadable (error, "Unexpected value type in payload");
    if (*json_node_get_string (node) == '\0')
      return practice_dynamodb_invalid (error, "ExpressionAttributeNames contains invalid value: must not be empty for key %s", key);
    if (strlen (json_node_get_string (node)) > 65535)
      return practice_dynamodb_invalid (error, "ExpressionAttributeNames contains invalid value: too long for key %s", key);
    g_hash_table_insert (self->names, g_strdup (key), g_strdup (json_node_get_string (node)));
  }
  return TRUE;
}

static gboolean
read_values (PracticeDynamodbPlaceholders  *self,
             JsonNode                      *values,
             GError                       **error)
{
  JsonObject *object;
  JsonObjectIter iter;
  const char *key;
  JsonNode *node;

  if (!get_object (values, "ExpressionAttributeValues", &object, error))
    return FALSE;
  if (object == NULL)
    return TRUE;

  self->values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) practice_dynamodb_value_unref);
  json_object_iter_init (&iter, object);
  while (json_object_iter_next (&iter, &key, &node)) {
    g_autoptr (GError) inner = NULL;
    PracticeDynamodbValue *value;

    if (!check_key (key, ':', "ExpressionAttributeValues", error))
      return FALSE;
    value = practice_dynamodb_value_from_json (node, &inner);
    if (value == NULL && inner->code == PRACTICE_DYNAMODB_ERROR_VALIDATION)
      return practice_dynamodb_invalid (error, "ExpressionAttributeValues contains invalid value: %s for key %s", inner->message, key);
    if (value == NULL) {
      g_propagate_error (error, g_steal_pointer (&inner));
      return FALSE;
    }
    g_hash_table_insert (self->values, g_strdup (key), value);
  }
  return TRUE;
}

static gpointer
look_up (PracticeDynamodbPlaceholders *self,
         GHashTable                   *table,
         const char                   *placeholder)
{
  gpointer key, value;

  if (table == NULL || !g_hash_table_lookup_extended (table, placeholder, &key, &value))
    return NULL;
  g_hash_table_add (self->used, key);
  return value;
}

static int
compare_keys (gconstpointer a,
              gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static gboolean
check_table (PracticeDynamodbPlaceholders  *self,
             GHashTable                    *table,
             const char                    *member,
             GError                       **error)
{
  g_autoptr (GPtrArray) unused = g_ptr_array_new ();
  g_autofree char *keys = NULL;
  GHashTableIter iter;
  gpointer key;

  if (table == NULL)
    return TRUE;
  g_hash_table_iter_init (&iter, table);
  while (g_hash_table_iter_next (&iter, &key, NULL))
    if (!g_hash_table_contains (self->used, key))
      g_ptr_array_add (unused, key);
  if (unused->len == 0)
    return TRUE;

  g_ptr_array_sort (unused, compare_keys);
  g_ptr_array_add (unused, NULL);
  keys = g_strjoinv (", ", (char **) unused->pdata);
  return practice_dynamodb_invalid (error, "Value provided in %s unused in expressions: keys: {%s}", member, keys);
}

PracticeDynamodbPlaceholders *
practice_dynamodb_placeholders_new (JsonNode  *names,
                                    JsonNode  *values,
                                    GError   **error)
{
  g_autoptr (PracticeDynamodbPlaceholders) self = g_new0 (PracticeDynamodbPlaceholders, 1);

  self->used = g_hash_table_new (g_str_hash, g_str_equal);
  if (!read_names (self, names, error) || !read_values (self, values, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
practice_dynamodb_placeholders_free (PracticeDynamodbPlaceholders *self)
{
  g_hash_table_unref (self->used);
  g_clear_pointer (&self->names, g_hash_table_unref);
  g_clear_pointer (&self->values, g_hash_table_unref);
  g_free (self);
}

gboolean
practice_dynamodb_placeholders_has_names (PracticeDynamodbPlaceholders *self)
{
  return self->names != NULL;
}

gboolean
practice_dynamodb_placeholders_has_values (PracticeDynamodbPlaceholders *self)
{
  return self->values != NULL;
}

const char *
practice_dynamodb_placeholders_get_name (PracticeDynamodbPlaceholders *self,
                                         const char                   *placeholder)
{
  return look_up (self, self->names, placeholder);
}

PracticeDynamodbValue *
practice_dynamodb_placeholders_get_value (PracticeDynamodbPlaceholders *self,
                                          const char                   *placeholder)
{
  return look_up (self, self->values, placeholder);
}

gboolean
practice_dynamodb_placeholders_check_used (PracticeDynamodbPlaceholders  *self,
                                           GError                       **error)
{
  return check_table (self, self->names, "ExpressionAttributeNames", error) &&
         check_table (self, self->values, "ExpressionAttributeValues", error);
}
