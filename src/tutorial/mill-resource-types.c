/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-resource-types.h"

#include <math.h>

#include "mill-template.h"

#define RESOURCE "/io/github/millrace/Millrace/resource-types.json"

static JsonObject *
all_types (void)
{
  static gsize once = 0;
  static JsonNode *root = NULL;

  if (g_once_init_enter (&once))
    {
      g_autoptr (GBytes) bytes = g_resources_lookup_data (RESOURCE, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
      g_autoptr (JsonParser) parser = json_parser_new_immutable ();
      g_autoptr (GError) error = NULL;
      gsize length;
      const char *text = g_bytes_get_data (bytes, &length);

      if (!json_parser_load_from_data (parser, text, length, &error))
        g_error ("%s: %s", RESOURCE, error->message);
      root = json_parser_steal_root (parser);
      g_once_init_leave (&once, 1);
    }
  return json_node_get_object (root);
}

JsonObject *
mill_resource_type_lookup (const char *type)
{
  JsonObject *types = all_types ();

  return json_object_has_member (types, type) ? json_object_get_object_member (types, type) : NULL;
}

char *
mill_resource_types_list (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  JsonObjectIter iter;
  const char *name;

  json_object_iter_init_ordered (&iter, all_types ());
  while (json_object_iter_next_ordered (&iter, &name, NULL))
    g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "", name);
  return g_string_free (g_steal_pointer (&text), FALSE);
}

gboolean
mill_resource_types_has_attribute (const char *type,
                                   const char *attribute)
{
  JsonObject *entry = mill_resource_type_lookup (type);
  JsonArray *attributes = entry != NULL ? json_object_get_array_member (entry, "attributes") : NULL;

  for (guint i = 0; attributes != NULL && i < json_array_get_length (attributes); i++)
    if (g_str_equal (json_array_get_string_element (attributes, i), attribute))
      return TRUE;
  return FALSE;
}

gboolean
mill_node_is_function (JsonNode    *node,
                       const char **name)
{
  JsonObject *object;
  JsonObjectIter iter;
  const char *member = NULL;

  if (!JSON_NODE_HOLDS_OBJECT (node))
    return FALSE;
  object = json_node_get_object (node);
  if (json_object_get_size (object) != 1)
    return FALSE;
  json_object_iter_init (&iter, object);
  json_object_iter_next (&iter, &member, NULL);
  if (!g_str_equal (member, "Ref") && !g_str_has_prefix (member, "Fn::"))
    return FALSE;
  if (name != NULL)
    *name = member;
  return TRUE;
}

static gboolean check_value (MillJsonSource *source, const char *owner, JsonObject *schema, JsonNode *node,
                             const char *path, GError **error);

static gboolean
wrong (MillJsonSource  *source,
       const char      *path,
       const char      *what,
       GError         **error)
{
  return mill_json_source_fail (source, error, path, "This must be %s.", what);
}

static gboolean
check_members (MillJsonSource  *source,
               const char      *owner,
               JsonObject      *schema,
               JsonObject      *object,
               const char      *path,
               GError         **error)
{
  JsonObject *known = json_object_get_object_member (schema, "properties");
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    {
      g_autofree char *at = g_strdup_printf ("%s.%s", path, name);

      if (!json_object_has_member (known, name))
        {
          g_autoptr (GString) names = g_string_new (NULL);
          JsonObjectIter all;
          const char *other;

          json_object_iter_init_ordered (&all, known);
          while (json_object_iter_next_ordered (&all, &other, NULL))
            g_string_append_printf (names, "%s%s", names->len > 0 ? ", " : "", other);
          return mill_json_source_fail (source, error, at,
                                        "%s has no property “%s” here. It can have: %s.",
                                        owner, name, names->str);
        }
      if (!check_value (source, owner, json_object_get_object_member (known, name), node, at, error))
        return FALSE;
    }
  json_object_iter_init_ordered (&iter, known);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    if (json_object_get_boolean_member_with_default (json_node_get_object (node), "required", FALSE)
        && !json_object_has_member (object, name))
      {
        return mill_json_source_fail (source, error, path,
                                      "%s needs the property “%s”.", owner, name);
      }
  return TRUE;
}

static gboolean
check_number (MillJsonSource  *source,
              JsonObject      *schema,
              JsonNode        *node,
              const char      *path,
              GError         **error)
{
  double least = json_object_get_double_member_with_default (schema, "min", -INFINITY);
  double most = json_object_get_double_member_with_default (schema, "max", INFINITY);
  double value;

  /* CloudFormation takes numbers as texts too. */
  if (json_node_get_value_type (node) == G_TYPE_STRING)
    {
      const char *text = json_node_get_string (node);
      char *end = NULL;

      value = g_ascii_strtod (text, &end);
      if (end == text || *end != '\0')
        return wrong (source, path, "a number", error);
    }
  else if (json_node_get_value_type (node) == G_TYPE_INT64 || json_node_get_value_type (node) == G_TYPE_DOUBLE)
    value = json_node_get_double (node);
  else
    return wrong (source, path, "a number", error);
  if (value < least || value > most)
    {
      g_autofree char *range = g_strdup_printf ("a number from %g to %g", least, most);
      return wrong (source, path, range, error);
    }
  return TRUE;
}

static gboolean
check_string (MillJsonSource  *source,
              JsonObject      *schema,
              JsonNode        *node,
              const char      *path,
              GError         **error)
{
  const char *pattern = json_object_get_string_member_with_default (schema, "pattern", NULL);
  JsonArray *values = json_object_has_member (schema, "enum") ? json_object_get_array_member (schema, "enum") : NULL;
  const char *text;

  if (!JSON_NODE_HOLDS_VALUE (node))
    return wrong (source, path, "a text", error);
  if (json_node_get_value_type (node) != G_TYPE_STRING)
    return values == NULL && pattern == NULL ? TRUE : wrong (source, path, "a text", error);
  text = json_node_get_string (node);
  if (values != NULL)
    {
      g_autoptr (GString) names = g_string_new ("one of: ");

      for (guint i = 0; i < json_array_get_length (values); i++)
        {
          const char *value = json_array_get_string_element (values, i);

          if (g_str_equal (value, text))
            return TRUE;
          g_string_append_printf (names, "%s%s", i > 0 ? ", " : "", value);
        }
      return wrong (source, path, names->str, error);
    }
  if (pattern != NULL && !g_regex_match_simple (pattern, text, G_REGEX_DOLLAR_ENDONLY, 0))
    {
      const char *hint = json_object_get_string_member_with_default (schema, "hint", "a text that AWS accepts here");
      return wrong (source, path, hint, error);
    }
  return TRUE;
}

static gboolean
check_value (MillJsonSource  *source,
             const char      *owner,
             JsonObject      *schema,
             JsonNode        *node,
             const char      *path,
             GError         **error)
{
  const char *type = json_object_get_string_member (schema, "type");

  if (mill_node_is_function (node, NULL))
    return TRUE;
  if (g_str_equal (type, "Object"))
    return JSON_NODE_HOLDS_OBJECT (node)
           ? check_members (source, owner, schema, json_node_get_object (node), path, error)
           : wrong (source, path, "an object", error);
  if (g_str_equal (type, "Map"))
    {
      JsonObjectIter iter;
      const char *name;
      JsonNode *item;

      if (!JSON_NODE_HOLDS_OBJECT (node))
        return wrong (source, path, "an object", error);
      json_object_iter_init_ordered (&iter, json_node_get_object (node));
      while (json_object_iter_next_ordered (&iter, &name, &item))
        {
          g_autofree char *at = g_strdup_printf ("%s.%s", path, name);

          if (!check_value (source, owner, json_object_get_object_member (schema, "items"), item, at, error))
            return FALSE;
        }
      return TRUE;
    }
  if (g_str_equal (type, "List"))
    {
      JsonArray *array;

      if (!JSON_NODE_HOLDS_ARRAY (node))
        return wrong (source, path, "a list", error);
      array = json_node_get_array (node);
      for (guint i = 0; i < json_array_get_length (array); i++)
        {
          g_autofree char *at = g_strdup_printf ("%s[%u]", path, i);

          if (!check_value (source, owner, json_object_get_object_member (schema, "items"),
                            json_array_get_element (array, i), at, error))
            return FALSE;
        }
      return TRUE;
    }
  if (g_str_equal (type, "Json"))
    return JSON_NODE_HOLDS_OBJECT (node) ? TRUE : wrong (source, path, "an object", error);
  if (g_str_equal (type, "Boolean"))
    return json_node_get_value_type (node) == G_TYPE_BOOLEAN
           || (json_node_get_value_type (node) == G_TYPE_STRING
               && (g_str_equal (json_node_get_string (node), "true") || g_str_equal (json_node_get_string (node), "false")))
           ? TRUE : wrong (source, path, "true or false", error);
  if (g_str_equal (type, "Number"))
    return check_number (source, schema, node, path, error);
  return check_string (source, schema, node, path, error);
}

gboolean
mill_resource_types_check (MillJsonSource  *source,
                           const char      *type,
                           JsonObject      *properties,
                           const char      *path,
                           GError         **error)
{
  return check_members (source, type, mill_resource_type_lookup (type), properties, path, error);
}
