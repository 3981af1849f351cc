/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-function.h"

#include <string.h>

/* Fn::GetAtt's two forms: "Id.Attribute" and ["Id", "Attribute"]. */
gboolean
mill_function_read_get_att (JsonNode *argument,
                            char    **logical_id,
                            char    **attribute)
{
  if (json_node_get_value_type (argument) == G_TYPE_STRING)
    {
      g_auto (GStrv) parts = g_strsplit (json_node_get_string (argument), ".", 2);

      if (g_strv_length (parts) != 2)
        return FALSE;
      *logical_id = g_strdup (parts[0]);
      *attribute = g_strdup (parts[1]);
      return TRUE;
    }
  if (JSON_NODE_HOLDS_ARRAY (argument) && json_array_get_length (json_node_get_array (argument)) == 2)
    {
      JsonArray *array = json_node_get_array (argument);
      JsonNode *id = json_array_get_element (array, 0);
      JsonNode *name = json_array_get_element (array, 1);

      if (json_node_get_value_type (id) != G_TYPE_STRING || json_node_get_value_type (name) != G_TYPE_STRING)
        return FALSE;
      *logical_id = json_node_dup_string (id);
      *attribute = json_node_dup_string (name);
      return TRUE;
    }
  return FALSE;
}

/* Fn::Sub's two forms: a text, and [text, {name: value}]. */
gboolean
mill_function_read_sub (JsonNode    *argument,
                        const char **text,
                        JsonObject **names)
{
  *names = NULL;
  if (json_node_get_value_type (argument) == G_TYPE_STRING)
    {
      *text = json_node_get_string (argument);
      return TRUE;
    }
  if (JSON_NODE_HOLDS_ARRAY (argument) && json_array_get_length (json_node_get_array (argument)) == 2)
    {
      JsonNode *first = json_array_get_element (json_node_get_array (argument), 0);
      JsonNode *second = json_array_get_element (json_node_get_array (argument), 1);

      if (json_node_get_value_type (first) != G_TYPE_STRING || !JSON_NODE_HOLDS_OBJECT (second))
        return FALSE;
      *text = json_node_get_string (first);
      *names = json_node_get_object (second);
      return TRUE;
    }
  return FALSE;
}

/* Each "${…}" of a text: literal text, then a name; ${!x} stays as ${x}. */
gboolean
mill_function_each_sub (const char *text,
                        MillSubFunc func,
                        gpointer    data)
{
  const char *at = text;

  for (;;)
    {
      const char *dollar = strstr (at, "${");
      const char *end = dollar != NULL ? strchr (dollar, '}') : NULL;
      g_autofree char *name = NULL;

      if (end == NULL)
        return func (at, strlen (at), NULL, data);
      name = g_strndup (dollar + 2, end - dollar - 2);
      if (name[0] == '!')
        {
          g_autofree char *kept = g_strdup_printf ("${%s}", name + 1);

          if (!func (at, dollar - at, NULL, data) || !func (kept, strlen (kept), NULL, data))
            return FALSE;
        }
      else if (!func (at, dollar - at, g_strstrip (name), data))
        return FALSE;
      at = end + 1;
    }
}
