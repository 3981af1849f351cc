/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-dynamodb-params.h"

#include <string.h>

#include "practice-dynamodb-error.h"

static JsonNode *
look_up (JsonObject *object,
         const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node == NULL || JSON_NODE_HOLDS_NULL (node) ? NULL : node;
}

static gboolean
is_of_type (JsonNode *node,
            GType     type)
{
  return JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == type;
}

static gboolean
refuse_missing (const char  *name,
                GError     **error)
{
  return practice_dynamodb_params_refuse (error, NULL, name, "Member must not be null");
}

gboolean
practice_dynamodb_params_get_string (JsonObject  *object,
                                     const char  *name,
                                     const char **value,
                                     GError     **error)
{
  JsonNode *node = look_up (object, name);

  if (node == NULL)
    return TRUE;
  if (!is_of_type (node, G_TYPE_STRING))
    return practice_dynamodb_unreadable (error, "%s must be a string", name);
  *value = json_node_get_string (node);
  return TRUE;
}

gboolean
practice_dynamodb_params_get_int (JsonObject  *object,
                                  const char  *name,
                                  gint64      *value,
                                  GError     **error)
{
  JsonNode *node = look_up (object, name);

  if (node == NULL)
    return TRUE;
  if (!is_of_type (node, G_TYPE_INT64))
    return practice_dynamodb_unreadable (error, "%s must be an integer", name);
  *value = json_node_get_int (node);
  return TRUE;
}

gboolean
practice_dynamodb_params_get_boolean (JsonObject  *object,
                                      const char  *name,
                                      gboolean    *value,
                                      GError     **error)
{
  JsonNode *node = look_up (object, name);

  if (node == NULL)
    return TRUE;
  if (!is_of_type (node, G_TYPE_BOOLEAN))
    return practice_dynamodb_unreadable (error, "%s must be a boolean", name);
  *value = json_node_get_boolean (node);
  return TRUE;
}

gboolean
practice_dynamodb_params_get_array (JsonObject  *object,
                                    const char  *name,
                                    JsonArray  **value,
                                    GError     **error)
{
  JsonNode *node = look_up (object, name);

  if (node == NULL)
    return TRUE;
  if (!JSON_NODE_HOLDS_ARRAY (node))
    return practice_dynamodb_unreadable (error, "%s must be a list", name);
  *value = json_node_get_array (node);
  return TRUE;
}

gboolean
practice_dynamodb_params_get_object (JsonObject  *object,
                                     const char  *name,
                                     JsonObject **value,
                                     GError     **error)
{
  JsonNode *node = look_up (object, name);

  if (node == NULL)
    return TRUE;
  if (!JSON_NODE_HOLDS_OBJECT (node))
    return practice_dynamodb_unreadable (error, "%s must be a map", name);
  *value = json_node_get_object (node);
  return TRUE;
}

gboolean
practice_dynamodb_params_need_string (JsonObject  *object,
                                      const char  *name,
                                      const char **value,
                                      GError     **error)
{
  *value = NULL;
  if (!practice_dynamodb_params_get_string (object, name, value, error))
    return FALSE;
  return *value != NULL || refuse_missing (name, error);
}

gboolean
practice_dynamodb_params_need_array (JsonObject  *object,
                                     const char  *name,
                                     JsonArray  **value,
                                     GError     **error)
{
  *value = NULL;
  if (!practice_dynamodb_params_get_array (object, name, value, error))
    return FALSE;
  return *value != NULL || refuse_missing (name, error);
}

gboolean
practice_dynamodb_params_need_object (JsonObject  *object,
                                      const char  *name,
                                      JsonObject **value,
                                      GError     **error)
{
  *value = NULL;
  if (!practice_dynamodb_params_get_object (object, name, value, error))
    return FALSE;
  return *value != NULL || refuse_missing (name, error);
}

gboolean
practice_dynamodb_params_get_choice (JsonObject         *object,
                                     const char         *name,
                                     const char *const  *allowed,
                                     int                *value,
                                     GError            **error)
{
  const char *text = NULL;
  g_autofree char *list = NULL;
  g_autofree char *constraint = NULL;

  if (!practice_dynamodb_params_get_string (object, name, &text, error))
    return FALSE;
  if (text == NULL)
    return TRUE;
  for (int i = 0; allowed[i] != NULL; i++) {
    if (strcmp (text, allowed[i]) == 0) {
      *value = i;
      return TRUE;
    }
  }
  list = g_strjoinv (", ", (char **) allowed);
  constraint = g_strdup_printf ("Member must satisfy enum value set: [%s]", list);
  return practice_dynamodb_params_refuse (error, text, name, constraint);
}

gboolean
practice_dynamodb_params_get_element (JsonArray   *array,
                                      guint        n,
                                      JsonObject **value,
                                      GError     **error)
{
  JsonNode *node = json_array_get_element (array, n);

  if (!JSON_NODE_HOLDS_OBJECT (node))
    return practice_dynamodb_unreadable (error, "Unexpected value type in payload");
  *value = json_node_get_object (node);
  return TRUE;
}

gboolean
practice_dynamodb_params_get_limit (JsonObject  *object,
                                    const char  *name,
                                    gint64       low,
                                    gint64       high,
                                    gint64      *value,
                                    GError     **error)
{
  gint64 given = G_MININT64;
  g_autofree char *text = NULL;
  g_autofree char *constraint = NULL;

  if (!practice_dynamodb_params_get_int (object, name, &given, error))
    return FALSE;
  if (given == G_MININT64)
    return TRUE;
  if (given >= low && given <= high) {
    *value = given;
    return TRUE;
  }
  text = g_strdup_printf ("%" G_GINT64_FORMAT, given);
  constraint = g_strdup_printf ("Member must have value %s than or equal to %" G_GINT64_FORMAT, given < low ? "greater" : "less", given < low ? low : high);
  return practice_dynamodb_params_refuse (error, text, name, constraint);
}

gboolean
practice_dynamodb_params_is_name (const char *name)
{
  if (*name == '\0')
    return FALSE;
  for (; *name != '\0'; name++) {
    if (!g_ascii_isalnum (*name) && strchr ("_.-", *name) == NULL)
      return FALSE;
  }
  return TRUE;
}

gboolean
practice_dynamodb_params_need_table (JsonObject  *object,
                                     char       **table,
                                     GError     **error)
{
  const char *name;

  *table = NULL;
  if (!practice_dynamodb_params_need_string (object, "TableName", &name, error))
    return FALSE;
  if (g_str_has_prefix (name, "arn:") && strstr (name, ":table/") != NULL)
    name = strstr (name, ":table/") + strlen (":table/");
  if (!practice_dynamodb_params_is_name (name))
    return practice_dynamodb_params_refuse (error, name, "TableName", "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+");
  if (strlen (name) > 255)
    return practice_dynamodb_params_refuse (error, name, "TableName", "Member must have length less than or equal to 255");
  *table = g_strdup (name);
  return TRUE;
}

gboolean
practice_dynamodb_params_refuse (GError     **error,
                                 const char  *value,
                                 const char  *name,
                                 const char  *constraint)
{
  g_autofree char *path = g_strdup (name);
  g_autofree char *shown = value != NULL ? g_strdup_printf ("'%s'", value) : g_strdup ("null");

  /* Members are called as the service's own code does. */
  path[0] = g_ascii_tolower (path[0]);
  return practice_dynamodb_invalid (error, "1 validation error detected: Value %s at '%s' failed to satisfy constraint: %s", shown, path, constraint);
}
