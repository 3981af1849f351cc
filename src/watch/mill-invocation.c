/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-invocation.h"

#include <string.h>

#include "aws-json.h"
#include "mill-trace-private.h"

MillInvocation *
mill_invocation_new (const char *id)
{
  MillInvocation *self = g_new0 (MillInvocation, 1);

  self->id = g_strdup (id);
  self->hops = g_ptr_array_new_with_free_func (g_object_unref);
  self->records = g_ptr_array_new_with_free_func (g_free);
  self->outs = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->waiting = g_ptr_array_new_with_free_func (g_object_unref);
  return self;
}

void
mill_invocation_free (MillInvocation *self)
{
  /* What never found its place goes with the trace that it was kept in. */
  for (guint i = 0; i < self->waiting->len; i++)
    {
      MillHop *hop = self->waiting->pdata[i];

      if (hop->trace != NULL)
        g_object_unref (hop->trace);
    }
  g_free (self->id);
  g_ptr_array_unref (self->hops);
  g_ptr_array_unref (self->records);
  g_hash_table_unref (self->outs);
  g_ptr_array_unref (self->waiting);
  g_free (self->denial);
  g_free (self);
}

void
mill_invocation_add (MillInvocation *self,
                     MillHop        *hop,
                     const char     *record_id)
{
  g_ptr_array_add (self->hops, g_object_ref (hop));
  g_ptr_array_add (self->records, g_strdup (record_id));
}

MillHop *
mill_invocation_find (MillInvocation *self,
                      const char     *record_id)
{
  for (guint i = 0; i < self->records->len; i++)
    if (g_strcmp0 (self->records->pdata[i], record_id) == 0)
      return self->hops->pdata[i];
  return NULL;
}

static void
read_outs (MillInvocation *self,
           JsonObject     *in,
           JsonObject     *out)
{
  MillHop *hop = NULL;
  JsonObjectIter iter;
  JsonNode *value;

  json_object_iter_init (&iter, in);
  while (hop == NULL && json_object_iter_next (&iter, NULL, &value))
    if (json_node_get_value_type (value) == G_TYPE_STRING)
      hop = mill_invocation_find (self, json_node_get_string (value));
  if (hop == NULL)
    return;
  json_object_iter_init (&iter, out);
  while (json_object_iter_next (&iter, NULL, &value))
    if (json_node_get_value_type (value) == G_TYPE_STRING)
      g_hash_table_replace (self->outs, json_node_dup_string (value), hop);
}

void
mill_invocation_read_line (MillInvocation *self,
                           const char     *line)
{
  g_autoptr (JsonObject) object = NULL;
  JsonObject *in, *out;

  /* Most lines are no such line: look before parsing. */
  if (line[0] != '{' || strstr (line, "\"out\"") == NULL)
    return;
  object = aws_json_parse_object (line, -1, NULL);
  if (object == NULL)
    return;
  in = aws_json_get_object (object, "in");
  out = aws_json_get_object (object, "out");
  if (in != NULL && out != NULL)
    read_outs (self, in, out);
}

MillHop *
mill_invocation_match (MillInvocation *self,
                       MillHop        *written)
{
  GHashTableIter iter;
  gpointer value, hop;

  if (self->hops->len == 1)
    return self->hops->pdata[0];
  hop = g_hash_table_lookup (self->outs, written->message_id);
  if (hop != NULL)
    return hop;
  /* A table's hop is known by its keys: {"orderID":{"S":"…"}}. */
  if (!g_str_equal (written->kind, "table"))
    return NULL;
  g_hash_table_iter_init (&iter, self->outs);
  while (g_hash_table_iter_next (&iter, &value, &hop))
    {
      g_autofree char *quoted = g_strdup_printf ("\"%s\"", (char *) value);

      if (strstr (written->message_id, quoted) != NULL)
        return hop;
    }
  return NULL;
}
