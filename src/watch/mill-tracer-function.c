/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-tracer-private.h"

#include <string.h>

#define MAX_INVOCATIONS 5000

/* Functions */

/* The record with @id out of the event that the function was given. */
static char *
record_payload (JsonObject *payload,
                const char *id)
{
  JsonArray *records = payload != NULL ? aws_json_get_array (payload, "Records") : NULL;

  for (guint i = 0; records != NULL && i < json_array_get_length (records); i++)
    {
      JsonNode *node = json_array_get_element (records, i);
      JsonObject *record = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
      JsonObject *sns = record != NULL ? aws_json_get_object (record, "Sns") : NULL;

      if (record == NULL)
        continue;
      if (g_strcmp0 (aws_json_get_string (record, "messageId"), id) == 0 || g_strcmp0 (aws_json_get_string (record, "eventID"), id) == 0
          || (sns != NULL && g_strcmp0 (aws_json_get_string (sns, "MessageId"), id) == 0))
        return aws_json_object_to_text (record);
    }
  return NULL;
}

static void
start_function_hop (MillTracer     *self,
                    JsonObject     *event,
                    MillInvocation *invocation,
                    const char     *component,
                    const char     *id,
                    MillHop        *previous,
                    JsonObject     *payload,
                    const char     *whole)
{
  MillHop *hop = mill_tracer_find_function_hop (self, component, id);

  /* The same message again: another attempt. */
  if (hop != NULL)
    {
      hop->attempts++;
      mill_hop_visit (hop, g_str_hash (invocation->id), mill_tracer_number (event, "time"));
      mill_hop_settle (hop);
    }
  else
    {
      g_autofree char *own = record_payload (payload, id);

      hop = mill_hop_new ("function", component, id, mill_tracer_number (event, "time"));
      mill_hop_visit (hop, g_str_hash (invocation->id), hop->arrived);
      mill_hop_set_payload (hop, own != NULL ? own : whole);
      mill_tracer_add_hop (self, hop, previous);
    }
  if (previous != NULL && previous->left == 0)
    previous->left = mill_tracer_number (event, "time");
  if (previous != NULL && g_str_equal (previous->kind, "stream"))
    {
      previous->status = MILL_HOP_OK;
      previous->stuck = FALSE;
      mill_hop_set_error (previous, NULL, NULL);
      mill_tracer_changed (self, previous);
    }
  mill_invocation_add (invocation, hop, id);
  mill_tracer_changed (self, hop);
}

void
mill_tracer_on_function_started (MillTracer *self,
                                 JsonObject *event)
{
  const char *id = aws_json_get_string (event, "invocationId");
  const char *arn = aws_json_get_string (event, "functionArn");
  const char *source = aws_json_get_string (event, "source");
  const char *component = arn != NULL ? self->resolve ("function", arn, NULL, self->resolve_data) : NULL;
  const char *whole = aws_json_get_string (event, "payload");
  g_autoptr (JsonNode) parsed = NULL;
  JsonObject *payload = aws_json_get_object (event, "payload");
  JsonArray *records = aws_json_get_array (event, "records");
  MillInvocation *invocation;

  if (id == NULL || component == NULL)
    return;
  if (payload == NULL && whole != NULL)
    {
      parsed = aws_json_parse (whole, -1, NULL);
      if (parsed != NULL && JSON_NODE_HOLDS_OBJECT (parsed))
        payload = json_node_get_object (parsed);
    }
  invocation = mill_invocation_new (id);
  g_hash_table_replace (self->invocations, invocation->id, invocation);
  g_queue_push_tail (&self->invocation_order, g_strdup (id));
  if (self->invocation_order.length > MAX_INVOCATIONS)
    {
      g_autofree char *oldest = g_queue_pop_head (&self->invocation_order);
      g_hash_table_remove (self->invocations, oldest);
    }
  for (guint i = 0; records != NULL && i < json_array_get_length (records); i++)
    {
      JsonNode *node = json_array_get_element (records, i);
      const char *kind, *record;

      if (!JSON_NODE_HOLDS_OBJECT (node) || (record = mill_tracer_record_id (json_node_get_object (node), &kind)) == NULL)
        continue;
      if (g_strcmp0 (source, "topic") == 0)
        kind = "topic";
      start_function_hop (self, event, invocation, component, record, mill_tracer_find_hop (self, kind, record), payload, whole);
    }
  if (invocation->hops->len == 0)
    start_function_hop (self, event, invocation, component, id, NULL, payload, whole);
  mill_tracer_count (self, self->counts, component, 1);
}

/* What was written has found the message that it belongs to. */
static void
place (MillTracer *self,
       MillHop    *written,
       MillHop    *previous)
{
  MillTrace *provisional = written->trace;

  if (previous->trace == NULL || previous->trace == provisional)
    return;
  {
    g_autoptr (GPtrArray) moved = g_ptr_array_new_with_free_func (g_object_unref);
    GPtrArray *hops = mill_trace_get_hops (provisional);

    for (guint i = 0; i < hops->len; i++)
      g_ptr_array_add (moved, g_object_ref (hops->pdata[i]));
    mill_trace_absorb (previous->trace, provisional, previous);
    g_object_unref (provisional);
    for (guint i = 0; i < moved->len; i++)
      mill_tracer_changed (self, moved->pdata[i]);
  }
}

static void
place_waiting (MillTracer     *self,
               MillInvocation *invocation)
{
  for (guint i = 0; i < invocation->waiting->len;)
    {
      MillHop *written = invocation->waiting->pdata[i];
      MillHop *previous = mill_invocation_match (invocation, written);

      if (previous == NULL)
        {
          i++;
          continue;
        }
      place (self, written, previous);
      g_ptr_array_remove_index (invocation->waiting, i);
    }
}

/* Nobody said which write is whose: by order, and marked. */
static void
place_rest (MillTracer     *self,
            MillInvocation *invocation)
{
  guint next = 0;

  for (guint i = 0; i < invocation->waiting->len && invocation->hops->len > 0; i++)
    {
      MillHop *written = invocation->waiting->pdata[i];

      written->inferred = TRUE;
      place (self, written, invocation->hops->pdata[next % invocation->hops->len]);
      next++;
    }
  g_ptr_array_set_size (invocation->waiting, 0);
}

/* Takes @hop: what an invocation wrote, put behind the right one of its messages, now or when that is known. */
void
mill_tracer_place_written (MillTracer *self,
                           MillHop    *hop,
                           const char *invocation_id)
{
  MillInvocation *invocation = g_hash_table_lookup (self->invocations, invocation_id);
  MillHop *previous = mill_invocation_match (invocation, hop);
  MillTrace *provisional;

  if (previous != NULL)
    {
      mill_tracer_changed (self, mill_tracer_add_hop (self, hop, previous));
      return;
    }
  /* Owned by its hop until it is placed. */
  provisional = mill_trace_new (hop->message_id);
  mill_trace_add_hop (provisional, hop, NULL);
  mill_tracer_remember_hop (self, hop);
  g_ptr_array_add (invocation->waiting, g_object_ref (hop));
  if (invocation->ended)
    place_rest (self, invocation);
}

/* A line that names records of a batch is theirs; any other is everybody's. A batch may be a hundred, each with lines of its own. */
static void
keep_line (MillInvocation *invocation,
           const char     *line)
{
  gboolean named = FALSE;

  for (guint i = 0; invocation->hops->len > 1 && i < invocation->hops->len; i++)
    if (invocation->records->pdata[i] != NULL && strstr (line, invocation->records->pdata[i]) != NULL)
      {
        mill_hop_append_log (invocation->hops->pdata[i], line);
        named = TRUE;
      }
  for (guint i = 0; !named && i < invocation->hops->len; i++)
    mill_hop_append_log (invocation->hops->pdata[i], line);
}

void
mill_tracer_on_function_log (MillTracer *self,
                             JsonObject *event)
{
  const char *id = aws_json_get_string (event, "invocationId");
  const char *line = aws_json_get_string (event, "line");
  MillInvocation *invocation = id != NULL ? g_hash_table_lookup (self->invocations, id) : NULL;

  if (invocation == NULL || line == NULL)
    return;
  keep_line (invocation, line);
  mill_invocation_read_line (invocation, line);
  place_waiting (self, invocation);
}

static gboolean
names_record (JsonArray  *failed,
              const char *id)
{
  for (guint i = 0; i < json_array_get_length (failed); i++)
    {
      JsonNode *node = json_array_get_element (failed, i);

      if (json_node_get_value_type (node) == G_TYPE_STRING && g_strcmp0 (json_node_get_string (node), id) == 0)
        return TRUE;
    }
  return FALSE;
}

void
mill_tracer_on_function_ended (MillTracer *self,
                               JsonObject *event)
{
  const char *id = aws_json_get_string (event, "invocationId");
  const char *status = aws_json_get_string (event, "status");
  MillInvocation *invocation = id != NULL ? g_hash_table_lookup (self->invocations, id) : NULL;
  JsonArray *failed = aws_json_get_array (event, "failedRecords");
  gboolean ok = g_strcmp0 (status, "ok") == 0;
  g_autofree char *error = NULL;

  if (invocation == NULL)
    return;
  invocation->ended = TRUE;
  mill_tracer_settle_held (self, id);
  place_waiting (self, invocation);
  place_rest (self, invocation);
  if (!ok)
    error = g_strdup_printf ("%s: %s", aws_json_get_string (event, "errorType") != NULL ? aws_json_get_string (event, "errorType") : status,
                             aws_json_get_string (event, "errorMessage") != NULL ? aws_json_get_string (event, "errorMessage") : "The function failed.");
  for (guint i = 0; i < invocation->hops->len; i++)
    {
      MillHop *hop = invocation->hops->pdata[i];
      gboolean bad = !ok || (failed != NULL && names_record (failed, invocation->records->pdata[i]));

      hop->left = mill_tracer_number (event, "time");
      if (bad)
        {
          /* A queue or a stream brings the message back; a call by hand does not come again. */
          hop->status = hop->previous != NULL && !g_str_equal (hop->previous->kind, "gateway") ? MILL_HOP_RETRYING : MILL_HOP_FAILED;
          hop->stuck = invocation->denial != NULL && hop->status == MILL_HOP_RETRYING;
          mill_hop_set_error (hop, error != NULL ? error : "The function reported this message as failed.",
                              invocation->denial != NULL ? invocation->denial : "Read the function's log: it says where it failed.");
          mill_tracer_count (self, self->errors, hop->component, 1);
        }
      else
        {
          hop->status = MILL_HOP_OK;
          hop->stuck = FALSE;
          mill_hop_set_error (hop, NULL, NULL);
        }
      mill_tracer_changed (self, hop);
    }
}
