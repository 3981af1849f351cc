/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-tracer-private.h"

#include <string.h>

#define MAX_INVOCATIONS 5000
#define MAX_ORPHANS 20000

/* Functions */

void
mill_tracer_drop_invocation (MillTracer *self,
                             const char *id)
{
  MillInvocation *invocation = g_hash_table_lookup (self->invocations, id);
  GHashTableIter iter;
  gpointer value;

  if (invocation == NULL)
    return;
  if (invocation->outs != NULL)
    {
      g_hash_table_iter_init (&iter, invocation->outs);
      while (g_hash_table_iter_next (&iter, &value, NULL))
        if (g_strcmp0 (g_hash_table_lookup (self->outs, value), id) == 0)
          g_hash_table_remove (self->outs, value);
    }
  g_hash_table_remove (self->nameless, id);
  g_hash_table_remove (self->invocations, id);
}

/* The invocation that @event is about; the first that is told of it may be anything. NULL where it is not one of ours. */
static MillInvocation *
get_invocation (MillTracer *self,
                JsonObject *event)
{
  const char *id = aws_json_get_string (event, "invocationId");
  const char *arn = aws_json_get_string (event, "functionArn");
  MillInvocation *invocation = id != NULL ? g_hash_table_lookup (self->invocations, id) : NULL;
  const char *component;

  if (invocation != NULL || id == NULL)
    return invocation;
  component = arn != NULL ? self->resolve ("function", arn, NULL, self->resolve_data) : NULL;
  if (component == NULL)
    return NULL;
  invocation = mill_invocation_new (id, component);
  g_hash_table_replace (self->invocations, invocation->id, invocation);
  g_queue_push_tail (&self->invocation_order, g_strdup (id));
  if (self->invocation_order.length > MAX_INVOCATIONS)
    {
      g_autofree char *oldest = g_queue_pop_head (&self->invocation_order);

      mill_tracer_drop_invocation (self, oldest);
    }
  mill_tracer_count (self, self->counts, component, 1);
  return invocation;
}

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

/* A queue or a stream brings the message back; a call by hand does not come again. */
static gboolean
comes_back (MillHop *hop)
{
  return hop->previous != NULL && !g_str_equal (hop->previous->kind, "gateway") && !hop->given_up;
}

/* The message's hop shows what is known of the invocation. */
static void
show_invocation (MillTracer     *self,
                 MillInvocation *invocation,
                 guint           i)
{
  MillHop *hop = invocation->hops->pdata[i];
  const char *said = invocation->failed != NULL ? g_hash_table_lookup (invocation->failed, invocation->records->pdata[i]) : NULL;
  gboolean bad = invocation->ended > 0 && (!invocation->ok || said != NULL);
  MillVisit *visit = mill_hop_visit (hop, g_str_hash (invocation->id), invocation->started);

  visit->left = invocation->ended;
  visit->status = invocation->ended == 0 ? MILL_HOP_UNDER_WAY : !bad ? MILL_HOP_OK : comes_back (hop) ? MILL_HOP_RETRYING : MILL_HOP_FAILED;
  if (visit->arrived != invocation->started)
    visit->arrived = invocation->started;
  hop->attempts = MAX (hop->attempts, hop->n_visits);
  mill_hop_settle (hop);
  /* What is known of an earlier attempt says nothing any more. */
  if (visit != &hop->visits[hop->n_visits - 1])
    return;
  mill_hop_set_log (hop, invocation->log);
  if (bad)
    {
      hop->stuck = invocation->denial != NULL && hop->status == MILL_HOP_RETRYING;
      mill_hop_set_error (hop, invocation->error != NULL ? invocation->error
                               : said != NULL && *said != '\0' ? said : "The function reported this message as failed.",
                          invocation->denial != NULL ? invocation->denial : "Read the function’s log: it says where it failed.");
    }
  else if (invocation->ended > 0)
    {
      hop->stuck = FALSE;
      mill_hop_set_error (hop, NULL, NULL);
    }
}

/* What the message came from follows from the function's having it. */
static void
show_source (MillTracer *self,
             MillHop    *hop)
{
  MillHop *previous = hop->previous;

  if (previous == NULL)
    return;
  if (g_str_equal (previous->kind, "stream"))
    {
      mill_tracer_end_failing (self, previous->kind, previous->component);
      if (previous->left == 0 || (hop->arrived > 0 && hop->arrived < previous->left))
        previous->left = hop->arrived;
      previous->status = MILL_HOP_OK;
      previous->stuck = FALSE;
      mill_hop_set_error (previous, NULL, NULL);
      mill_tracer_changed (self, previous);
    }
  else if (g_str_equal (previous->kind, "queue") && !previous->told)
    {
      mill_tracer_infer_receives (self, previous);
      mill_tracer_changed (self, previous);
    }
}

/* What came before a message that a function has: its source's hop, which is made where nobody told of it yet. */
static MillHop *
get_source (MillTracer     *self,
            MillInvocation *invocation,
            const char     *kind,
            const char     *id)
{
  MillHop *source = mill_tracer_find_hop (self, kind, id);
  const char *component;

  if (source != NULL || (!g_str_equal (kind, "queue") && !g_str_equal (kind, "stream")))
    return source;
  component = self->resolve ("source", invocation->component, kind, self->resolve_data);
  if (component == NULL)
    return NULL;
  source = mill_hop_new (kind, component, id, invocation->started);
  source->inferred = TRUE;
  if (g_str_equal (kind, "queue"))
    g_ptr_array_add (self->unsent, g_object_ref (source));
  return mill_tracer_hide_hop (self, source);
}

void
mill_tracer_add_record (MillTracer     *self,
            MillInvocation *invocation,
            const char     *kind,
            const char     *id,
            JsonObject     *payload,
            const char     *whole)
{
  MillHop *hop = mill_tracer_find_function_hop (self, invocation->component, id);

  if (mill_invocation_find (invocation, id) != NULL)
    return;
  if (hop == NULL)
    {
      MillHop *previous = kind != NULL ? get_source (self, invocation, kind, id) : NULL;

      hop = mill_hop_new ("function", invocation->component, id, invocation->started);
      mill_tracer_add_hop (self, hop, previous);
    }
  else if (hop->n_visits == 0)
    {
      /* It was inferred from silence. */
      hop->inferred = FALSE;
      mill_hop_set_error (hop, NULL, NULL);
    }
  hop->inferred |= invocation->inferred;
  if ((hop->payload == NULL || hop->handed) && (payload != NULL || whole != NULL))
    {
      g_autofree char *own = record_payload (payload, id);

      mill_hop_set_payload (hop, own != NULL ? own : whole);
      hop->handed = FALSE;
    }
  mill_tracer_hand_over (self, hop);
  mill_invocation_add (invocation, hop, id);
  g_hash_table_remove (self->nameless, invocation->id);
  show_invocation (self, invocation, invocation->hops->len - 1);
  show_source (self, hop);
  mill_tracer_changed (self, hop);
}

/*
 * Somebody called the function by hand, perhaps with an event that looks like one from a queue or a stream, and its lines were read before that
 * was told: the records that they named came from nowhere.
 */
static void
forget_records (MillTracer     *self,
                MillInvocation *invocation)
{
  g_autoptr (GPtrArray) hops = g_steal_pointer (&invocation->hops);
  g_autoptr (GPtrArray) roots = g_ptr_array_new_with_free_func (g_object_unref);

  invocation->hops = g_ptr_array_new_with_free_func (g_object_unref);
  g_ptr_array_set_size (invocation->records, 0);
  for (guint i = 0; i < hops->len; i++)
    {
      g_autoptr (MillHop) hop = g_object_ref (hops->pdata[i]);
      g_autoptr (MillHop) source = hop->previous != NULL ? g_object_ref (hop->previous) : NULL;
      g_autoptr (MillTrace) trace = hop->trace != NULL ? g_object_ref (hop->trace) : NULL;

      mill_tracer_remove_hop (self, hop);
      if (source != NULL && source->inferred && source->previous == NULL)
        mill_tracer_remove_hop (self, source);
      if (trace != NULL && mill_trace_get_hops (trace)->len > 0)
        g_ptr_array_add (roots, g_object_ref (mill_trace_get_hops (trace)->pdata[0]));
    }
  mill_tracer_add_record (self, invocation, NULL, invocation->id, NULL, NULL);
  for (guint i = 0; i < roots->len; i++)
    mill_tracer_attach (self, roots->pdata[i], invocation->hops->pdata[0]);
}

void
mill_tracer_on_function_started (MillTracer *self,
                                 JsonObject *event)
{
  MillInvocation *invocation = get_invocation (self, event);
  const char *source = aws_json_get_string (event, "source");
  const char *whole = aws_json_get_string (event, "payload");
  g_autoptr (JsonNode) parsed = NULL;
  JsonObject *payload = aws_json_get_object (event, "payload");
  JsonArray *records = aws_json_get_array (event, "records");
  const char *id = aws_json_get_string (event, "invocationId");

  if (invocation == NULL)
    return;
  if (payload == NULL && whole != NULL)
    {
      parsed = aws_json_parse (whole, -1, NULL);
      if (parsed != NULL && JSON_NODE_HOLDS_OBJECT (parsed))
        payload = json_node_get_object (parsed);
    }
  invocation->inferred |= aws_json_get_boolean (event, "inferred", FALSE);
  /* The log knows it best. */
  if (invocation->started == 0 || source == NULL)
    invocation->started = mill_tracer_number (event, "time");
  if (source != NULL && records == NULL && invocation->hops->len > 0 && !invocation->told)
    forget_records (self, invocation);
  for (guint i = 0; i < invocation->hops->len; i++)
    {
      show_invocation (self, invocation, i);
      show_source (self, invocation->hops->pdata[i]);
      mill_tracer_changed (self, invocation->hops->pdata[i]);
    }
  for (guint i = 0; records != NULL && i < json_array_get_length (records); i++)
    {
      JsonNode *node = json_array_get_element (records, i);
      const char *kind, *record;

      if (!JSON_NODE_HOLDS_OBJECT (node) || (record = mill_tracer_record_id (json_node_get_object (node), &kind)) == NULL)
        continue;
      if (g_strcmp0 (source, "topic") == 0)
        kind = "topic";
      mill_tracer_add_record (self, invocation, kind, record, payload, whole);
    }
  /* Whoever knows the source knows the records; otherwise a line may name them yet. */
  invocation->told |= source != NULL || self->resolve ("source", invocation->component, NULL, self->resolve_data) == NULL;
  if (invocation->hops->len > 0)
    return;
  if (invocation->told)
    mill_tracer_add_record (self, invocation, NULL, invocation->id, payload, whole);
  else
    g_hash_table_add (self->nameless, g_strdup (id));
}

/* Whether what was written has found the message that it belongs to. */
static gboolean
place (MillTracer     *self,
       MillInvocation *invocation,
       MillHop        *written)
{
  MillHop *previous = mill_invocation_match (invocation, written);

  if (previous == NULL)
    return FALSE;
  written->awaited = FALSE;
  /* What was inferred gives way to what is said. */
  if (written->inferred && written->previous != NULL)
    {
      written->inferred = FALSE;
      if (written->previous != previous)
        mill_tracer_detach (self, written);
    }
  mill_tracer_attach (self, written, previous);
  return TRUE;
}

static void
place_waiting (MillTracer     *self,
               MillInvocation *invocation)
{
  for (guint i = 0; invocation->waiting != NULL && i < invocation->waiting->len;)
    if (place (self, invocation, invocation->waiting->pdata[i]))
      g_ptr_array_remove_index (invocation->waiting, i);
    else
      i++;
}

/* Nobody said which write is whose: by order, those first of which the function had said nothing yet when it ended, and marked. */
static void
place_rest (MillTracer     *self,
            MillInvocation *invocation)
{
  g_autoptr (GPtrArray) hops = invocation->waiting != NULL ? mill_invocation_list_silent (invocation) : NULL;

  for (guint i = 0; invocation->waiting != NULL && i < invocation->waiting->len; i++)
    {
      MillHop *written = invocation->waiting->pdata[i];

      written->awaited = FALSE;
      if (hops->len == 0)
        continue;
      written->inferred = TRUE;
      mill_tracer_attach (self, written, hops->pdata[i % hops->len]);
    }
  g_clear_pointer (&invocation->waiting, g_ptr_array_unref);
}

/* Takes @hop: what an invocation wrote, put behind the right one of its messages, now or when that is known. */
void
mill_tracer_place_written (MillTracer *self,
                           MillHop    *hop,
                           const char *invocation_id)
{
  MillInvocation *invocation = g_hash_table_lookup (self->invocations, invocation_id);
  MillHop *previous = mill_invocation_match (invocation, hop);

  if (previous != NULL)
    {
      if (hop->trace != NULL)
        mill_tracer_attach (self, hop, previous);
      else
        mill_tracer_changed (self, mill_tracer_add_hop (self, hop, previous));
      return;
    }
  if (hop->trace == NULL)
    mill_tracer_hide_hop (self, hop);
  hop->awaited = TRUE;
  if (invocation->waiting == NULL)
    invocation->waiting = g_ptr_array_new_with_free_func (g_object_unref);
  g_ptr_array_add (invocation->waiting, g_object_ref (hop));
  if (invocation->ended > 0)
    place_rest (self, invocation);
}

/* {"orderID": {"S": "…"}, …} */
static const char *
get_key (JsonNode *value)
{
  JsonObject *typed = JSON_NODE_HOLDS_OBJECT (value) ? json_node_get_object (value) : NULL;
  const char *text = typed != NULL ? aws_json_get_string (typed, "S") : NULL;

  return text != NULL || typed == NULL ? text : aws_json_get_string (typed, "N");
}

/* Written by we do not know whom yet: who says that @value came out of it. */
static void
keep_orphan (MillTracer *self,
             MillHop    *hop,
             const char *value)
{
  if (g_hash_table_size (self->orphans) > MAX_ORPHANS)
    g_hash_table_remove_all (self->orphans);
  g_hash_table_replace (self->orphans, g_strdup (value), g_object_ref (hop));
}

void
mill_tracer_place_by_keys (MillTracer *self,
                           MillHop    *hop,
                           JsonObject *keys)
{
  JsonObjectIter iter;
  JsonNode *value;

  json_object_iter_init (&iter, keys);
  while (json_object_iter_next (&iter, NULL, &value))
    {
      const char *key = get_key (value);
      const char *id = key != NULL ? g_hash_table_lookup (self->outs, key) : NULL;

      if (id != NULL && g_hash_table_contains (self->invocations, id))
        {
          mill_tracer_place_written (self, hop, id);
          return;
        }
    }
  mill_tracer_hide_hop (self, hop);
  mill_tracer_await_writer (self, hop);
  json_object_iter_init (&iter, keys);
  while (json_object_iter_next (&iter, NULL, &value))
    if (get_key (value) != NULL)
      keep_orphan (self, hop, get_key (value));
}

void
mill_tracer_place_by_out (MillTracer *self,
                          MillHop    *hop,
                          const char *value)
{
  const char *id = g_hash_table_lookup (self->outs, value);

  if (id != NULL && g_hash_table_contains (self->invocations, id))
    mill_tracer_place_written (self, hop, id);
  else
    {
      mill_tracer_hide_hop (self, hop);
      keep_orphan (self, hop, value);
    }
}

static void
on_record (MillInvocation *invocation,
           const char     *kind,
           const char     *id,
           gpointer        data)
{
  if (!invocation->told)
    mill_tracer_add_record (data, invocation, kind, id, NULL, NULL);
}

static void
on_out (MillInvocation *invocation,
        const char     *value,
        gpointer        data)
{
  MillTracer *self = data;
  MillHop *orphan = g_hash_table_lookup (self->orphans, value);

  g_hash_table_replace (self->outs, g_strdup (value), g_strdup (invocation->id));
  if (orphan != NULL && place (self, invocation, orphan))
    g_hash_table_remove (self->orphans, value);
  else if (g_hash_table_contains (self->read_until, invocation->component))
    {
      /* Another probe will tell of it. */
      MillHop *hop = mill_invocation_find (invocation, g_hash_table_lookup (invocation->outs, value));

      if (hop != NULL)
        hop->expecting = !mill_tracer_has_child (hop, NULL);
    }
}

/* The record that a line of a batch is about; NULL where it names none, or more than one. */
static const char *
find_named (MillInvocation *invocation,
            const char     *line)
{
  const char *named = NULL;

  for (guint i = 0; invocation->records->len > 1 && i < invocation->records->len; i++)
    if (strstr (line, invocation->records->pdata[i]) != NULL)
      {
        if (named != NULL)
          return NULL;
        named = invocation->records->pdata[i];
      }
  return named;
}

void
mill_tracer_on_function_log (MillTracer *self,
                             JsonObject *event)
{
  MillInvocation *invocation = get_invocation (self, event);
  const char *line = aws_json_get_string (event, "line");

  if (invocation == NULL || line == NULL)
    return;
  mill_log_append (invocation->log, line, find_named (invocation, line));
  mill_invocation_read_line (invocation, line, on_record, on_out, self);
  place_waiting (self, invocation);
}

void
mill_tracer_on_function_ended (MillTracer *self,
                               JsonObject *event)
{
  MillInvocation *invocation = get_invocation (self, event);
  const char *status = aws_json_get_string (event, "status");
  JsonArray *failed = aws_json_get_array (event, "failedRecords");

  /* Told once more it is nothing new, but for one that failed after all: its error was read late. */
  if (invocation == NULL || (invocation->ended > 0 && (!invocation->ok || g_strcmp0 (status, "ok") == 0)))
    return;
  invocation->ended = mill_tracer_number (event, "time");
  mill_tracer_settle_held (self, invocation->id);
  invocation->ok = g_strcmp0 (status, "ok") == 0;
  if (!invocation->ok)
    {
      const char *type = aws_json_get_string (event, "errorType");
      const char *message = aws_json_get_string (event, "errorMessage");

      g_free (invocation->error);
      invocation->error = g_strdup_printf ("%s: %s", type != NULL ? type : status, message != NULL ? message : "The function failed.");
      if (invocation->denial == NULL)
        invocation->denial = mill_tracer_dup_denial_in (self, invocation->error);
    }
  for (guint i = 0; failed != NULL && i < json_array_get_length (failed); i++)
    {
      JsonNode *node = json_array_get_element (failed, i);

      if (json_node_get_value_type (node) != G_TYPE_STRING)
        continue;
      if (invocation->failed == NULL)
        invocation->failed = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
      if (!g_hash_table_contains (invocation->failed, json_node_get_string (node)))
        g_hash_table_insert (invocation->failed, json_node_dup_string (node), g_strdup (""));
    }
  place_waiting (self, invocation);
  place_rest (self, invocation);
  for (guint i = 0; i < invocation->hops->len; i++)
    {
      MillHop *hop = invocation->hops->pdata[i];

      show_invocation (self, invocation, i);
      if (hop->error != NULL)
        mill_tracer_count (self, self->errors, hop->component, 1);
      show_source (self, hop);
      mill_tracer_changed (self, hop);
    }
}
