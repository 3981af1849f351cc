/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-properties.h"

#include <string.h>

#include "aws-json.h"

static JsonNode *
take_object (JsonObject *object)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);

  json_node_take_object (node, object);
  return node;
}

static gboolean
holds_text (JsonNode *node)
{
  return node != NULL && JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING;
}

static char *
dup_scalar (JsonNode *node)
{
  if (holds_text (node))
    return g_strdup (json_node_get_string (node));
  if (!JSON_NODE_HOLDS_VALUE (node))
    return g_strdup ("");
  if (json_node_get_value_type (node) == G_TYPE_DOUBLE && json_node_get_double (node) == (double) (gint64) json_node_get_double (node))
    return g_strdup_printf ("%" G_GINT64_FORMAT, (gint64) json_node_get_double (node));
  return aws_json_to_text (node);
}

/* A text that is JSON itself (a policy document, a filter), else NULL. */
static JsonNode *
parse_inner (JsonNode *node)
{
  const char *text;

  if (!holds_text (node))
    return NULL;
  text = json_node_get_string (node);
  while (g_ascii_isspace (*text))
    text++;
  if (*text != '{' && *text != '[')
    return NULL;
  return json_from_string (text, NULL);
}

static gboolean
is_empty (JsonNode *node)
{
  if (node == NULL || JSON_NODE_HOLDS_NULL (node))
    return TRUE;
  if (JSON_NODE_HOLDS_OBJECT (node))
    return json_object_get_size (json_node_get_object (node)) == 0;
  if (JSON_NODE_HOLDS_ARRAY (node))
    return json_array_get_length (json_node_get_array (node)) == 0;
  return holds_text (node) && *json_node_get_string (node) == '\0';
}

static gboolean
same_arrays (JsonArray *a,
             JsonArray *b)
{
  guint n = json_array_get_length (a);
  g_autofree gboolean *used = g_new0 (gboolean, n + 1);

  if (json_array_get_length (b) != n)
    return FALSE;
  for (guint i = 0; i < n; i++)
    {
      guint j;

      for (j = 0; j < n; j++)
        if (!used[j] && mill_properties_same (json_array_get_element (a, i), json_array_get_element (b, j)))
          break;
      if (j == n)
        return FALSE;
      used[j] = TRUE;
    }
  return TRUE;
}

static gboolean
same_objects (JsonObject *a,
              JsonObject *b)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  json_object_iter_init (&iter, a);
  while (json_object_iter_next (&iter, &name, &value))
    if (!mill_properties_same (value, json_object_get_member (b, name)))
      return FALSE;
  json_object_iter_init (&iter, b);
  while (json_object_iter_next (&iter, &name, &value))
    if (!json_object_has_member (a, name) && !is_empty (value))
      return FALSE;
  return TRUE;
}

gboolean
mill_properties_same (JsonNode *a,
                      JsonNode *b)
{
  g_autoptr(JsonNode) inner_a = NULL;
  g_autoptr(JsonNode) inner_b = NULL;
  g_autofree char *text_a = NULL;
  g_autofree char *text_b = NULL;

  if (is_empty (a) || is_empty (b))
    return is_empty (a) && is_empty (b);

  if (JSON_NODE_HOLDS_VALUE (a) != JSON_NODE_HOLDS_VALUE (b))
    {
      if ((inner_a = parse_inner (a)) != NULL)
        return mill_properties_same (inner_a, b);
      if ((inner_b = parse_inner (b)) != NULL)
        return mill_properties_same (a, inner_b);
    }
  if (JSON_NODE_HOLDS_ARRAY (a) != JSON_NODE_HOLDS_ARRAY (b))
    {
      JsonArray *list = json_node_get_array (JSON_NODE_HOLDS_ARRAY (a) ? a : b);

      return json_array_get_length (list) == 1 &&
             mill_properties_same (json_array_get_element (list, 0), JSON_NODE_HOLDS_ARRAY (a) ? b : a);
    }
  if (JSON_NODE_HOLDS_ARRAY (a))
    return same_arrays (json_node_get_array (a), json_node_get_array (b));
  if (JSON_NODE_HOLDS_OBJECT (a) && JSON_NODE_HOLDS_OBJECT (b))
    return same_objects (json_node_get_object (a), json_node_get_object (b));
  if (JSON_NODE_HOLDS_OBJECT (a) || JSON_NODE_HOLDS_OBJECT (b))
    return FALSE;

  text_a = dup_scalar (a);
  text_b = dup_scalar (b);
  if (strcmp (text_a, text_b) == 0)
    return TRUE;
  inner_a = parse_inner (a);
  inner_b = parse_inner (b);
  return inner_a != NULL && inner_b != NULL && mill_properties_same (inner_a, inner_b);
}

static JsonNode *coerce (JsonNode   *value,
                         JsonObject *schema);

/* An object whose members all have one schema (@items) or one each (@schemas). */
static JsonObject *
coerce_members (JsonObject *object,
                JsonObject *schemas,
                JsonObject *items)
{
  JsonObject *to = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &value))
    {
      JsonObject *schema = schemas != NULL ? aws_json_get_object (schemas, name) : NULL;

      json_object_set_member (to, name, coerce (value, schema != NULL ? schema : items));
    }
  return to;
}

static JsonNode *
coerce (JsonNode   *value,
        JsonObject *schema)
{
  const char *type = schema != NULL ? aws_json_get_string (schema, "type") : NULL;
  JsonNode *node;

  if (type == NULL)
    return aws_json_copy_node (value);

  if (JSON_NODE_HOLDS_OBJECT (value) && (strcmp (type, "Object") == 0 || strcmp (type, "Map") == 0))
    return take_object (coerce_members (json_node_get_object (value),
                                        aws_json_get_object (schema, "properties"), aws_json_get_object (schema, "items")));

  if (JSON_NODE_HOLDS_ARRAY (value) && strcmp (type, "List") == 0)
    {
      JsonArray *from = json_node_get_array (value);
      JsonArray *to = json_array_new ();

      for (guint i = 0; i < json_array_get_length (from); i++)
        json_array_add_element (to, coerce (json_array_get_element (from, i), aws_json_get_object (schema, "items")));
      node = json_node_new (JSON_NODE_ARRAY);
      json_node_take_array (node, to);
      return node;
    }

  if (JSON_NODE_HOLDS_VALUE (value))
    {
      g_autofree char *text = dup_scalar (value);
      gint64 number;
      char *end;

      if (strcmp (type, "String") == 0)
        return json_node_init_string (json_node_alloc (), text);
      if (strcmp (type, "Boolean") == 0 && (g_ascii_strcasecmp (text, "true") == 0 || g_ascii_strcasecmp (text, "false") == 0))
        return json_node_init_boolean (json_node_alloc (), g_ascii_strcasecmp (text, "true") == 0);
      if (strcmp (type, "Number") == 0)
        {
          if (g_ascii_string_to_signed (text, 10, G_MININT64, G_MAXINT64, &number, NULL))
            return json_node_init_int (json_node_alloc (), number);
          if (g_ascii_strtod (text, &end) != 0 && *end == '\0')
            return json_node_init_double (json_node_alloc (), g_ascii_strtod (text, NULL));
        }
    }
  /* What does not fit stays as it is: the service says so better than we could. */
  return aws_json_copy_node (value);
}

JsonObject *
mill_properties_coerce (JsonObject *properties,
                        JsonObject *schemas)
{
  return coerce_members (properties, schemas, NULL);
}

char *
mill_properties_differ (JsonObject *wanted,
                        JsonObject *actual)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  json_object_iter_init (&iter, wanted);
  while (json_object_iter_next (&iter, &name, &value))
    if (!mill_properties_same (value, json_object_get_member (actual, name)))
      return g_strdup (name);
  return NULL;
}

JsonObject *
mill_properties_build (const char *first,
                       ...)
{
  JsonObject *object = json_object_new ();
  va_list args;

  va_start (args, first);
  for (const char *spec = first; spec != NULL; spec = va_arg (args, const char *))
    {
      const char *colon = strrchr (spec, ':');
      g_autofree char *name = g_strndup (spec, colon - spec);

      switch (colon[1])
        {
        case 's':
          {
            const char *text = va_arg (args, const char *);
            if (text != NULL)
              json_object_set_string_member (object, name, text);
            break;
          }
        case 'i':
          json_object_set_int_member (object, name, va_arg (args, int));
          break;
        case 'b':
          json_object_set_boolean_member (object, name, va_arg (args, gboolean));
          break;
        case 'o':
          {
            JsonObject *member = va_arg (args, JsonObject *);
            if (member != NULL)
              json_object_set_object_member (object, name, member);
            break;
          }
        case 'a':
          {
            JsonArray *member = va_arg (args, JsonArray *);
            if (member != NULL)
              json_object_set_array_member (object, name, member);
            break;
          }
        case 'n':
          {
            JsonNode *member = va_arg (args, JsonNode *);
            if (member != NULL)
              json_object_set_member (object, name, aws_json_copy_node (member));
            break;
          }
        default:
          g_assert_not_reached ();
        }
    }
  va_end (args);
  return object;
}

static void
decapitalize_member (JsonObject *object,
                     const char *name,
                     JsonNode   *node,
                     gpointer    to);

static JsonNode *
decapitalize (JsonNode *node)
{
  if (JSON_NODE_HOLDS_OBJECT (node))
    {
      JsonObject *to = json_object_new ();

      json_object_foreach_member (json_node_get_object (node), decapitalize_member, to);
      return take_object (to);
    }
  return aws_json_copy_node (node);
}

static void
decapitalize_member (JsonObject *object,
                     const char *name,
                     JsonNode   *node,
                     gpointer    to)
{
  g_autofree char *small = g_strdup (name);

  small[0] = g_ascii_tolower (small[0]);
  json_object_set_member (to, small, decapitalize (node));
}

static JsonNode *
convert (JsonNode *value,
         char      type)
{
  g_autofree char *text = NULL;
  JsonNode *node;

  switch (type)
    {
    case 'l':
      return decapitalize (value);
    case 's':
    case 'j':
      text = JSON_NODE_HOLDS_VALUE (value) ? dup_scalar (value) : aws_json_to_text (value);
      node = json_node_alloc ();
      return json_node_init_string (node, text);
    default:
      return aws_json_copy_node (value);
    }
}

void
mill_properties_to_parameters (JsonObject       *properties,
                               const MillMember *members,
                               JsonObject       *parameters)
{
  for (; members->property != NULL; members++)
    {
      JsonNode *value = json_object_get_member (properties, members->property);

      if (value != NULL)
        json_object_set_member (parameters, members->member, convert (value, members->type));
    }
}

void
mill_properties_from_answer (JsonObject       *answer,
                             const MillMember *members,
                             JsonObject       *properties)
{
  for (; members->property != NULL; members++)
    {
      JsonNode *value = json_object_get_member (answer, members->member);

      if (value == NULL)
        continue;
      if (members->type == 'j')
        {
          JsonNode *inner = parse_inner (value);

          if (inner != NULL)
            {
              json_object_set_member (properties, members->property, inner);
              continue;
            }
        }
      json_object_set_member (properties, members->property, aws_json_copy_node (value));
    }
}

char *
mill_properties_dup_text (JsonObject *object,
                          const char *name)
{
  JsonNode *node = object != NULL ? json_object_get_member (object, name) : NULL;

  if (node == NULL || JSON_NODE_HOLDS_NULL (node))
    return NULL;
  return JSON_NODE_HOLDS_VALUE (node) ? dup_scalar (node) : aws_json_to_text (node);
}

JsonObject *
mill_array_get_object (JsonArray *array,
                       guint      index)
{
  JsonNode *node = json_array_get_element (array, index);

  return JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

const char *
mill_array_get (JsonArray *array,
                guint      index)
{
  JsonNode *node = json_array_get_element (array, index);

  return holds_text (node) ? json_node_get_string (node) : NULL;
}

JsonArray *
mill_array_new (const char *first,
                ...)
{
  JsonArray *array = json_array_new ();
  va_list args;

  va_start (args, first);
  for (const char *text = first; text != NULL; text = va_arg (args, const char *))
    json_array_add_string_element (array, text);
  va_end (args);
  return array;
}
