/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-invocation.h"

#include <string.h>

#include "aws-json.h"
#include "mill-log-line.h"

MillInvocation *
mill_invocation_new (const char *id,
                     const char *component)
{
  MillInvocation *self = g_new0 (MillInvocation, 1);

  self->id = g_strdup (id);
  self->component = g_intern_string (component);
  self->log = mill_log_new ();
  self->hops = g_ptr_array_new_with_free_func (g_object_unref);
  self->records = g_ptr_array_new_with_free_func (g_free);
  return self;
}

void
mill_invocation_free (MillInvocation *self)
{
  for (guint i = 0; self->waiting != NULL && i < self->waiting->len; i++)
    ((MillHop *) self->waiting->pdata[i])->awaited = FALSE;
  g_clear_pointer (&self->waiting, g_ptr_array_unref);
  g_free (self->id);
  g_free (self->error);
  g_free (self->denial);
  mill_log_unref (self->log);
  g_ptr_array_unref (self->hops);
  g_ptr_array_unref (self->records);
  g_clear_pointer (&self->outs, g_hash_table_unref);
  g_clear_pointer (&self->failed, g_hash_table_unref);
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

/* What a record is known by. */
static const char *
get_record (JsonObject  *in,
            const char **kind)
{
  const char *id = aws_json_get_string (in, "eventID");

  *kind = "stream";
  if (id == NULL)
    {
      id = aws_json_get_string (in, "messageId");
      *kind = "queue";
    }
  return id;
}

void
mill_invocation_read_line (MillInvocation *self,
                           const char     *line,
                           MillRecordFunc  on_record,
                           MillOutFunc     on_out,
                           gpointer        user_data)
{
  g_autoptr (JsonObject) object = NULL;
  JsonObject *in, *out;
  JsonArray *all;
  JsonObjectIter iter;
  JsonNode *value;
  const char *id, *kind, *error;

  /* Most lines are no such line: look before parsing. */
  if (strstr (line, "\"in") == NULL)
    return;
  object = mill_log_line_read_object (line);
  if (object == NULL)
    return;
  all = aws_json_get_array (object, "in");
  for (guint i = 0; all != NULL && i < json_array_get_length (all); i++)
    {
      JsonNode *each = json_array_get_element (all, i);

      if (JSON_NODE_HOLDS_OBJECT (each) && (id = get_record (json_node_get_object (each), &kind)) != NULL)
        on_record (self, kind, id, user_data);
    }
  in = aws_json_get_object (object, "in");
  id = in != NULL ? get_record (in, &kind) : NULL;
  if (id == NULL)
    return;
  on_record (self, kind, id, user_data);
  error = aws_json_get_string (object, "error");
  if (error != NULL)
    {
      if (self->failed == NULL)
        self->failed = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
      g_hash_table_replace (self->failed, g_strdup (id), g_strdup (error));
    }
  out = aws_json_get_object (object, "out");
  if (out == NULL)
    return;
  if (self->outs == NULL)
    self->outs = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  json_object_iter_init (&iter, out);
  while (json_object_iter_next (&iter, NULL, &value))
    if (json_node_get_value_type (value) == G_TYPE_STRING)
      {
        g_hash_table_replace (self->outs, json_node_dup_string (value), g_strdup (id));
        on_out (self, json_node_get_string (value), user_data);
      }
}

static MillHop *
find_by_out (MillInvocation *self,
             MillHop        *written)
{
  const char *record = g_hash_table_lookup (self->outs, written->message_id);
  GHashTableIter iter;
  gpointer value, id;

  if (record != NULL)
    return mill_invocation_find (self, record);
  /* A table's hop is known by its keys: {"orderID":{"S":"…"}}. */
  if (!g_str_equal (written->kind, "table"))
    return NULL;
  g_hash_table_iter_init (&iter, self->outs);
  while (g_hash_table_iter_next (&iter, &value, &id))
    {
      const char *found = strstr (written->message_id, value);

      if (found != NULL && found > written->message_id && found[-1] == '"' && found[strlen (value)] == '"')
        return mill_invocation_find (self, id);
    }
  return NULL;
}

MillHop *
mill_invocation_match (MillInvocation *self,
                       MillHop        *written)
{
  MillHop *found = self->outs != NULL ? find_by_out (self, written) : NULL;

  return found == NULL && self->hops->len == 1 ? self->hops->pdata[0] : found;
}

static gboolean
is_said (MillInvocation *self,
         const char     *record)
{
  GHashTableIter iter;
  gpointer id;

  if (self->outs == NULL)
    return FALSE;
  g_hash_table_iter_init (&iter, self->outs);
  while (g_hash_table_iter_next (&iter, NULL, &id))
    if (g_str_equal (id, record))
      return TRUE;
  return FALSE;
}

GPtrArray *
mill_invocation_list_silent (MillInvocation *self)
{
  GPtrArray *hops = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < self->hops->len; i++)
    if (!is_said (self, self->records->pdata[i]))
      g_ptr_array_add (hops, g_object_ref (self->hops->pdata[i]));
  for (guint i = 0; hops->len == 0 && i < self->hops->len; i++)
    g_ptr_array_add (hops, g_object_ref (self->hops->pdata[i]));
  return hops;
}

MillHop *
mill_invocation_find_by_out (MillInvocation *self,
                             const char     *value)
{
  const char *record = self->outs != NULL && value != NULL ? g_hash_table_lookup (self->outs, value) : NULL;
  MillHop *found = record != NULL ? mill_invocation_find (self, record) : NULL;

  return found == NULL && self->hops->len == 1 ? self->hops->pdata[0] : found;
}
