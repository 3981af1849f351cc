/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-json.h"

#include <gio/gio.h>
#include <string.h>

#include "aws-json-check.h"

#define MAX_DEPTH 100

static gboolean
is_json (const char  *text,
         gsize        length,
         GError     **error)
{
  gsize at;

  if (!g_utf8_validate_len (text, length, NULL)) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "The text is not valid UTF-8");
    return FALSE;
  }
  switch (aws_json_check (text, length, MAX_DEPTH, TRUE, &at)) {
  case AWS_JSON_FLAW_DEPTH:
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "The JSON text nests deeper than %d levels", MAX_DEPTH);
    return FALSE;
  case AWS_JSON_FLAW_SYNTAX:
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "The text is not JSON from its character %" G_GSIZE_FORMAT " on",
                 (gsize) g_utf8_strlen (text, at) + 1);
    return FALSE;
  case AWS_JSON_FLAW_NONE:
    break;
  }
  return TRUE;
}

JsonNode *
practice_json_parse (const char  *text,
                     gssize       length,
                     GError     **error)
{
  g_autoptr (JsonParser) parser = NULL;
  JsonNode *root = NULL;

  if (length < 0)
    length = (gssize) strlen (text);
  if (!is_json (text, (gsize) length, error))
    return NULL;

  parser = json_parser_new_immutable ();
  if (!json_parser_load_from_data (parser, text, length, error))
    return NULL;
  root = json_parser_steal_root (parser);
  if (root == NULL)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "The JSON text is empty");
  return root;
}

JsonObject *
practice_json_parse_object (const char  *text,
                            gssize       length,
                            GError     **error)
{
  g_autoptr (JsonNode) root = practice_json_parse (text, length, error);

  if (root == NULL)
    return NULL;
  if (!JSON_NODE_HOLDS_OBJECT (root)) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "The JSON text is not an object");
    return NULL;
  }
  return json_node_dup_object (root);
}

void
practice_json_append_string (GString    *text,
                             const char *string)
{
  const char *plain = string;

  g_string_append_c (text, '"');
  for (; *string != '\0'; string++) {
    guchar c = (guchar) *string;
    const char *letter = NULL;

    if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7f)
      continue;
    g_string_append_len (text, plain, string - plain);
    plain = string + 1;
    letter = memchr ("\"\"\\\\\bb\ff\nn\rr\tt", c, 14);
    if (letter != NULL) {
      g_string_append_c (text, '\\');
      g_string_append_c (text, letter[1]);
    } else {
      g_string_append_printf (text, "\\u%04x", c);
    }
  }
  g_string_append_len (text, plain, string - plain);
  g_string_append_c (text, '"');
}

static GType
get_value_type (JsonNode *node)
{
  return node != NULL ? json_node_get_value_type (node) : G_TYPE_INVALID;
}

static void
append_value (GString  *text,
              JsonNode *node)
{
  GType type = json_node_get_value_type (node);

  if (type == G_TYPE_STRING) {
    practice_json_append_string (text, json_node_get_string (node));
  } else if (type == G_TYPE_INT64) {
    char digits[24];

    g_snprintf (digits, sizeof digits, "%" G_GINT64_FORMAT, json_node_get_int (node));
    g_string_append (text, digits);
  } else if (type == G_TYPE_BOOLEAN) {
    g_string_append (text, json_node_get_boolean (node) ? "true" : "false");
  } else {
    g_autofree char *number = json_to_string (node, FALSE);

    g_string_append (text, number);
  }
}

void
practice_json_append_object (GString    *text,
                             JsonObject *object)
{
  JsonObjectIter iter;
  const char *name = NULL;
  JsonNode *value = NULL;
  char before = '{';

  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &value)) {
    g_string_append_c (text, before);
    practice_json_append_string (text, name);
    g_string_append_c (text, ':');
    practice_json_append (text, value);
    before = ',';
  }
  g_string_append (text, before == '{' ? "{}" : "}");
}

void
practice_json_append (GString  *text,
                      JsonNode *node)
{
  JsonArray *array = NULL;

  switch (json_node_get_node_type (node)) {
  case JSON_NODE_OBJECT:
    practice_json_append_object (text, json_node_get_object (node));
    break;
  case JSON_NODE_ARRAY:
    array = json_node_get_array (node);
    g_string_append_c (text, '[');
    for (guint i = 0; i < json_array_get_length (array); i++) {
      if (i > 0)
        g_string_append_c (text, ',');
      practice_json_append (text, json_array_get_element (array, i));
    }
    g_string_append_c (text, ']');
    break;
  case JSON_NODE_VALUE:
    append_value (text, node);
    break;
  default:
    g_string_append (text, "null");
    break;
  }
}

char *
practice_json_to_text (JsonNode *node)
{
  GString *text = g_string_sized_new (256);

  practice_json_append (text, node);
  return g_string_free (text, FALSE);
}

char *
practice_json_object_to_text (JsonObject *object)
{
  GString *text = g_string_sized_new (256);

  practice_json_append_object (text, object);
  return g_string_free (text, FALSE);
}

gboolean
practice_json_is_string (JsonNode *node)
{
  return get_value_type (node) == G_TYPE_STRING;
}

gboolean
practice_json_is_number (JsonNode *node)
{
  return get_value_type (node) == G_TYPE_INT64 || get_value_type (node) == G_TYPE_DOUBLE;
}

gboolean
practice_json_is_boolean (JsonNode *node)
{
  return get_value_type (node) == G_TYPE_BOOLEAN;
}

const char *
practice_json_node_get_string (JsonNode *node)
{
  return practice_json_is_string (node) ? json_node_get_string (node) : NULL;
}

char *
practice_json_node_dup_text (JsonNode *node)
{
  GType type = get_value_type (node);

  if (type == G_TYPE_STRING)
    return g_strdup (json_node_get_string (node));
  if (type == G_TYPE_BOOLEAN)
    return g_strdup (json_node_get_boolean (node) ? "true" : "false");
  if (type == G_TYPE_INT64)
    return g_strdup_printf ("%" G_GINT64_FORMAT, json_node_get_int (node));
  if (type == G_TYPE_DOUBLE) {
    char number[G_ASCII_DTOSTR_BUF_SIZE];

    return g_strdup (g_ascii_dtostr (number, sizeof number, json_node_get_double (node)));
  }
  return NULL;
}

const char *
practice_json_get_string (JsonObject *object,
                          const char *name)
{
  return object != NULL && name != NULL ? practice_json_node_get_string (json_object_get_member (object, name)) : NULL;
}

JsonObject *
practice_json_get_object (JsonObject *object,
                          const char *name)
{
  JsonNode *node = object != NULL && name != NULL ? json_object_get_member (object, name) : NULL;

  return node != NULL && JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
}

JsonArray *
practice_json_get_array (JsonObject *object,
                         const char *name)
{
  JsonNode *node = object != NULL && name != NULL ? json_object_get_member (object, name) : NULL;

  return node != NULL && JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;
}
