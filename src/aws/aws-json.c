/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "aws-json.h"

#include <math.h>
#include <string.h>

#include "aws-json-check.h"

JsonNode *
aws_json_parse (const char  *text,
                gssize       length,
                GError     **error)
{
  gsize size = length >= 0 ? (gsize) length : strlen (text);
  g_autoptr (JsonParser) parser = NULL;
  gsize at;

  switch (aws_json_check (text, size, AWS_JSON_MAX_DEPTH, FALSE, &at)) {
  case AWS_JSON_FLAW_DEPTH:
    g_set_error (error, JSON_PARSER_ERROR, JSON_PARSER_ERROR_PARSE, "nested deeper than %d levels", AWS_JSON_MAX_DEPTH);
    return NULL;
  case AWS_JSON_FLAW_SYNTAX:
    g_set_error (error, JSON_PARSER_ERROR, JSON_PARSER_ERROR_PARSE,
                 "not JSON at byte %" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT, at, size);
    return NULL;
  case AWS_JSON_FLAW_NONE:
    break;
  }

  parser = json_parser_new ();
  if (!json_parser_load_from_data (parser, text, (gssize) size, error))
    return NULL;
  return json_parser_steal_root (parser);
}

JsonObject *
aws_json_parse_object (const char  *text,
                       gssize       length,
                       GError     **error)
{
  g_autoptr (JsonNode) root = aws_json_parse (text, length, error);

  if (root == NULL)
    return NULL;
  if (!JSON_NODE_HOLDS_OBJECT (root)) {
    g_set_error_literal (error, JSON_PARSER_ERROR, JSON_PARSER_ERROR_PARSE, "not a JSON object");
    return NULL;
  }
  return json_node_dup_object (root);
}

/* json_node_copy() would share the value itself, and that counts its references without atomic operations as well. */
static JsonNode *
copy_value (JsonNode *node)
{
  JsonNode *copy = json_node_alloc ();
  GValue value = G_VALUE_INIT;

  if (JSON_NODE_HOLDS_NULL (node))
    return json_node_init_null (copy);
  json_node_get_value (node, &value);
  json_node_init (copy, JSON_NODE_VALUE);
  json_node_set_value (copy, &value);
  g_value_unset (&value);
  return copy;
}

JsonNode *
aws_json_copy_node (JsonNode *node)
{
  JsonNode *copy;

  if (JSON_NODE_HOLDS_OBJECT (node)) {
    copy = json_node_new (JSON_NODE_OBJECT);
    json_node_take_object (copy, aws_json_copy_object (json_node_get_object (node)));
    return copy;
  }
  if (JSON_NODE_HOLDS_ARRAY (node)) {
    JsonArray *from = json_node_get_array (node);
    JsonArray *to = json_array_new ();

    for (guint i = 0; i < json_array_get_length (from); i++)
      json_array_add_element (to, aws_json_copy_node (json_array_get_element (from, i)));
    copy = json_node_new (JSON_NODE_ARRAY);
    json_node_take_array (copy, to);
    return copy;
  }
  return copy_value (node);
}

JsonObject *
aws_json_copy_object (JsonObject *object)
{
  JsonObject *copy = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    json_object_set_member (copy, name, aws_json_copy_node (node));
  return copy;
}

char *
aws_json_to_text (JsonNode *node)
{
  return json_to_string (node, FALSE);
}

char *
aws_json_object_to_text (JsonObject *object)
{
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_OBJECT);

  json_node_set_object (node, object);
  return json_to_string (node, FALSE);
}

JsonNode *
aws_json_get_node (JsonObject *object,
                   const char *path)
{
  const char *dot;

  while (object != NULL && (dot = strchr (path, '.')) != NULL) {
    g_autofree char *name = g_strndup (path, (gsize) (dot - path));
    JsonNode *node = json_object_get_member (object, name);

    object = node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
    path = dot + 1;
  }
  return object != NULL ? json_object_get_member (object, path) : NULL;
}

const char *
aws_json_get_string (JsonObject *object,
                     const char *path)
{
  JsonNode *node = aws_json_get_node (object, path);

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node) || json_node_get_value_type (node) != G_TYPE_STRING)
    return NULL;
  return json_node_get_string (node);
}

JsonObject *
aws_json_get_object (JsonObject *object,
                     const char *path)
{
  JsonNode *node = aws_json_get_node (object, path);

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

JsonArray *
aws_json_get_array (JsonObject *object,
                    const char *path)
{
  JsonNode *node = aws_json_get_node (object, path);

  return node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
}

gint64
aws_json_get_int (JsonObject *object,
                  const char *path,
                  gint64      fallback)
{
  JsonNode *node = aws_json_get_node (object, path);
  GType type;

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node))
    return fallback;
  type = json_node_get_value_type (node);
  if (type == G_TYPE_INT64)
    return json_node_get_int (node);
  if (type == G_TYPE_DOUBLE) {
    double value = json_node_get_double (node);

    return fabs (value) < 9e18 ? (gint64) value : fallback;
  }
  if (type == G_TYPE_STRING) {
    gint64 value;

    if (g_ascii_string_to_signed (json_node_get_string (node), 10, G_MININT64, G_MAXINT64, &value, NULL))
      return value;
  }
  return fallback;
}

gboolean
aws_json_get_boolean (JsonObject *object,
                      const char *path,
                      gboolean    fallback)
{
  JsonNode *node = aws_json_get_node (object, path);

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node))
    return fallback;
  if (json_node_get_value_type (node) == G_TYPE_BOOLEAN)
    return json_node_get_boolean (node);
  if (json_node_get_value_type (node) == G_TYPE_STRING)
    return g_ascii_strcasecmp (json_node_get_string (node), "true") == 0;
  return fallback;
}
