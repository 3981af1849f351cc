/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-xml.h"

#include <string.h>

#include "practice-json.h"

typedef struct {
  GString            *out;
  const char *const  *maps;
  gboolean            flat;
} Writer;

static void write_object (Writer     *writer,
                          JsonObject *object);

/* Characters that XML cannot hold at all become U+FFFD; a carriage return would be read back as a line feed. */
static void
append_text (GString    *out,
             const char *text)
{
  for (; *text != '\0'; text++) {
    switch (*text) {
    case '&':
      g_string_append (out, "&amp;");
      break;
    case '<':
      g_string_append (out, "&lt;");
      break;
    case '>':
      g_string_append (out, "&gt;");
      break;
    case '"':
      g_string_append (out, "&quot;");
      break;
    case '\r':
      g_string_append (out, "&#xD;");
      break;
    case '\t':
    case '\n':
      g_string_append_c (out, *text);
      break;
    default:
      if ((guchar) *text < 0x20)
        g_string_append (out, "\xef\xbf\xbd");
      else
        g_string_append_c (out, *text);
    }
  }
}

static void
write_value (Writer   *writer,
             JsonNode *node)
{
  g_autofree char *text = practice_json_node_dup_text (node);

  if (text != NULL)
    append_text (writer->out, text);
}

static void
write_element (Writer     *writer,
               const char *name,
               JsonNode   *node)
{
  g_string_append_printf (writer->out, "<%s>", name);
  if (JSON_NODE_HOLDS_OBJECT (node))
    write_object (writer, json_node_get_object (node));
  else
    write_value (writer, node);
  g_string_append_printf (writer->out, "</%s>", name);
}

static void
write_map (Writer     *writer,
           JsonObject *map)
{
  JsonObjectIter iter;
  const char *key = NULL;
  JsonNode *value = NULL;

  json_object_iter_init_ordered (&iter, map);
  while (json_object_iter_next_ordered (&iter, &key, &value)) {
    g_string_append (writer->out, "<entry><key>");
    append_text (writer->out, key);
    g_string_append (writer->out, "</key>");
    write_element (writer, "value", value);
    g_string_append (writer->out, "</entry>");
  }
}

static void
write_array (Writer     *writer,
             const char *name,
             JsonArray  *array)
{
  if (!writer->flat)
    g_string_append_printf (writer->out, "<%s>", name);
  for (guint i = 0; i < json_array_get_length (array); i++)
    write_element (writer, writer->flat ? name : "member", json_array_get_element (array, i));
  if (!writer->flat)
    g_string_append_printf (writer->out, "</%s>", name);
}

static void
write_object (Writer     *writer,
              JsonObject *object)
{
  JsonObjectIter iter;
  const char *name = NULL;
  JsonNode *node = NULL;

  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &node)) {
    if (JSON_NODE_HOLDS_NULL (node))
      continue;
    if (JSON_NODE_HOLDS_ARRAY (node)) {
      write_array (writer, name, json_node_get_array (node));
    } else if (JSON_NODE_HOLDS_OBJECT (node) && writer->maps != NULL && g_strv_contains (writer->maps, name)) {
      g_string_append_printf (writer->out, "<%s>", name);
      write_map (writer, json_node_get_object (node));
      g_string_append_printf (writer->out, "</%s>", name);
    } else {
      write_element (writer, name, node);
    }
  }
}

char *
practice_xml_answer (const char        *operation,
                     const char        *xml_namespace,
                     JsonObject        *result,
                     const char *const *maps,
                     gboolean           flat,
                     const char        *request_id)
{
  Writer writer = { .out = g_string_sized_new (512), .maps = maps, .flat = flat };

  g_string_append_printf (writer.out, "<%sResponse", operation);
  if (xml_namespace != NULL)
    g_string_append_printf (writer.out, " xmlns=\"%s\"", xml_namespace);
  g_string_append_c (writer.out, '>');
  if (result != NULL) {
    g_string_append_printf (writer.out, "<%sResult>", operation);
    write_object (&writer, result);
    g_string_append_printf (writer.out, "</%sResult>", operation);
  }
  g_string_append_printf (writer.out, "<ResponseMetadata><RequestId>%s</RequestId></ResponseMetadata></%sResponse>",
                          request_id, operation);
  return g_string_free (writer.out, FALSE);
}

char *
practice_xml_error (const char *xml_namespace,
                    gboolean    sender,
                    const char *code,
                    const char *message,
                    const char *request_id)
{
  GString *out = g_string_new ("<ErrorResponse");

  if (xml_namespace != NULL)
    g_string_append_printf (out, " xmlns=\"%s\"", xml_namespace);
  g_string_append_printf (out, "><Error><Type>%s</Type><Code>", sender ? "Sender" : "Receiver");
  append_text (out, code);
  g_string_append (out, "</Code><Message>");
  append_text (out, message);
  g_string_append_printf (out, "</Message></Error><RequestId>%s</RequestId></ErrorResponse>", request_id);
  return g_string_free (out, FALSE);
}
