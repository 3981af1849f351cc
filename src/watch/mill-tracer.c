/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-tracer.h"

#include <string.h>

#include "aws-json.h"
#include "mill-invocation.h"
#include "mill-trace-private.h"

#define MAX_TRACES 10000
#define MAX_INVOCATIONS 5000
#define MAX_MAILS 2000

struct _MillTracer
{
  GObject            parent_instance;

  MillTracerResolve  resolve;
  gpointer           resolve_data;

  GPtrArray         *shown;         /* MillTrace, oldest first */
  GHashTable        *by_id;         /* trace id → MillTrace, borrowed */
  GHashTable        *hops;          /* "kind:id" → MillHop */
  GHashTable        *invocations;   /* id → MillInvocation */
  GQueue             invocation_order;
  GHashTable        *mails;         /* id → body: a mail is told of apart from its delivery */
  GQueue             mail_order;
  GHashTable        *denials;       /* role ARN → advice: the last thing that it was not allowed */
  GHashTable        *counts;        /* component → guint64 * */
  GHashTable        *errors;
};

enum { HOP, TRACE, COUNTS_CHANGED, N_SIGNALS };
static guint signals[N_SIGNALS];

static void list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (MillTracer, mill_tracer, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

/* Looking at events */

static double
number (JsonObject *event,
        const char *member)
{
  JsonNode *node = json_object_get_member (event, member);
  GType type = node != NULL ? json_node_get_value_type (node) : G_TYPE_INVALID;

  return type == G_TYPE_INT64 || type == G_TYPE_DOUBLE ? json_node_get_double (node) : 0;
}

static char *
to_text (JsonObject *value)
{
  return value != NULL ? aws_json_object_to_text (value) : NULL;
}

/* {"messageId": …}, {"eventID": …}, …: the id that a record is known by, and the kind of hop that it comes from. */
static const char *
record_id (JsonObject  *record,
           const char **kind)
{
  static const struct { const char *member, *kind; } ids[] = {
    { "eventID", "stream" }, { "messageId", "queue" }, { "requestId", "gateway" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    {
      const char *id = aws_json_get_string (record, ids[i].member);

      if (id != NULL)
        {
          *kind = ids[i].kind;
          return id;
        }
    }
  return NULL;
}

/* Counting */

static void
count (MillTracer *self,
       GHashTable *table,
       const char *component,
       gint64      change)
{
  guint64 *value = g_hash_table_lookup (table, component);

  if (value == NULL)
    {
      value = g_new0 (guint64, 1);
      g_hash_table_insert (table, g_strdup (component), value);
    }
  if (change < 0 && *value < (guint64) -change)
    *value = 0;
  else
    *value += change;
  g_signal_emit (self, signals[COUNTS_CHANGED], 0, component);
}

/* Hops and traces */

/* One message may go to several functions, so theirs are told apart by the component too. */
static char *
hop_key (const char *kind,
         const char *component,
         const char *id)
{
  return g_str_equal (kind, "function") ? g_strdup_printf ("%s:%s:%s", kind, component, id) : g_strdup_printf ("%s:%s", kind, id);
}

static MillHop *
find_hop (MillTracer *self,
          const char *kind,
          const char *id)
{
  g_autofree char *key = id != NULL ? hop_key (kind, NULL, id) : NULL;

  return key != NULL ? g_hash_table_lookup (self->hops, key) : NULL;
}

static MillHop *
find_function_hop (MillTracer *self,
                   const char *component,
                   const char *id)
{
  g_autofree char *key = hop_key ("function", component, id);

  return g_hash_table_lookup (self->hops, key);
}

static void
remember_hop (MillTracer *self,
              MillHop    *hop)
{
  /* Nobody looks a write to a table up: its record in the stream has an id. */
  if (!g_str_equal (hop->kind, "table"))
    g_hash_table_replace (self->hops, hop_key (hop->kind, hop->component, hop->message_id), g_object_ref (hop));
}

static gboolean
belongs_to (gpointer key,
            gpointer value,
            gpointer trace)
{
  return ((MillHop *) value)->trace == trace;
}

static gboolean
belongs_to_none (gpointer key,
                 gpointer value,
                 gpointer data)
{
  return ((MillHop *) value)->trace == NULL;
}

static void
forget_hops (MillTracer *self,
             MillTrace  *trace)
{
  GPtrArray *hops = mill_trace_get_hops (trace);

  for (guint i = 0; i < hops->len; i++)
    {
      MillHop *hop = hops->pdata[i];
      g_autofree char *key = hop_key (hop->kind, hop->component, hop->message_id);
      gpointer found = g_hash_table_lookup (self->hops, key);

      if (found != NULL && belongs_to (key, found, trace))
        g_hash_table_remove (self->hops, key);
    }
}

/* The oldest tenth goes at once, so that a full list is not shifted for every message. */
static void
drop_oldest (MillTracer *self)
{
  guint n = MAX_TRACES / 10;

  if (self->shown->len <= MAX_TRACES)
    return;
  for (guint i = 0; i < n; i++)
    {
      MillTrace *trace = self->shown->pdata[i];

      forget_hops (self, trace);
      g_hash_table_remove (self->by_id, mill_trace_get_id (trace));
    }
  g_ptr_array_remove_range (self->shown, 0, n);
  g_hash_table_foreach_remove (self->hops, belongs_to_none, NULL);
  g_list_model_items_changed (G_LIST_MODEL (self), 0, n, 0);
}

static void
show_trace (MillTracer *self,
            MillTrace  *trace)
{
  g_ptr_array_add (self->shown, g_object_ref (trace));
  g_hash_table_replace (self->by_id, (char *) mill_trace_get_id (trace), trace);
  g_list_model_items_changed (G_LIST_MODEL (self), self->shown->len - 1, 0, 1);
  drop_oldest (self);
}

static gboolean
is_shown (MillTracer *self,
          MillTrace  *trace)
{
  return trace != NULL && g_hash_table_lookup (self->by_id, mill_trace_get_id (trace)) == trace;
}

static void
changed (MillTracer *self,
         MillHop    *hop)
{
  MillTrace *trace = hop->trace;
  gboolean other_state;

  if (trace == NULL)
    return;
  other_state = mill_trace_changed (trace, hop);
  if (!is_shown (self, trace))
    return;
  g_signal_emit (self, signals[HOP], 0, trace, hop);
  if (other_state)
    g_signal_emit (self, signals[TRACE], 0, trace);
}

/* Takes @hop. @previous: NULL begins a trace of its own. */
static MillHop *
add_hop (MillTracer *self,
         MillHop    *hop,
         MillHop    *previous)
{
  if (previous != NULL && previous->trace != NULL)
    mill_trace_add_hop (previous->trace, hop, previous);
  else
    {
      g_autoptr (MillTrace) trace = mill_trace_new (hop->message_id);

      mill_trace_add_hop (trace, hop, NULL);
      show_trace (self, trace);
    }
  remember_hop (self, hop);
  return hop;
}

/* Advice and denials */

static const char *
last_part (const char *arn)
{
  const char *slash = strrchr (arn, '/');

  return slash != NULL ? slash + 1 : arn;
}

static const char *
find_denial (MillTracer *self,
             const char *role)
{
  return role != NULL ? g_hash_table_lookup (self->denials, role) : NULL;
}

/* The denial that a message is about: "User: arn:…:assumed-role/ROLE/session is not authorized to perform: …". */
static const char *
find_denial_in (MillTracer *self,
                const char *message)
{
  const char *role = message != NULL ? strstr (message, ":assumed-role/") : NULL;
  g_autofree char *name = NULL;
  GHashTableIter iter;
  gpointer arn, advice;

  if (role == NULL)
    return NULL;
  role += strlen (":assumed-role/");
  name = g_strndup (role, strcspn (role, "/ "));
  g_hash_table_iter_init (&iter, self->denials);
  while (g_hash_table_iter_next (&iter, &arn, &advice))
    if (g_str_equal (last_part (arn), name))
      return advice;
  return NULL;
}

static void
on_denied (MillTracer *self,
           JsonObject *event)
{
  const char *role = aws_json_get_string (event, "roleArn");
  const char *action = aws_json_get_string (event, "action");
  const char *invocation_id = aws_json_get_string (event, "invocationId");
  MillInvocation *invocation = invocation_id != NULL ? g_hash_table_lookup (self->invocations, invocation_id) : NULL;
  char *advice;

  if (role == NULL || action == NULL)
    return;
  advice = g_strdup_printf ("The role “%s” lacks the permission %s on %s. Attach a policy that allows it.",
                            last_part (role), action, aws_json_get_string (event, "resource") != NULL ? aws_json_get_string (event, "resource") : "*");
  if (invocation != NULL)
    {
      g_free (invocation->denial);
      invocation->denial = g_strdup (advice);
    }
  g_hash_table_replace (self->denials, g_strdup (role), advice);
}

static char *
error_text (JsonObject *event)
{
  JsonObject *error = aws_json_get_object (event, "error");
  const char *code, *message;

  if (error == NULL)
    return g_strdup (aws_json_get_string (event, "error"));
  code = aws_json_get_string (error, "code");
  message = aws_json_get_string (error, "message");
  return code != NULL && message != NULL ? g_strdup_printf ("%s: %s", code, message)
                                         : g_strdup (message != NULL ? message : code);
}

/* Gateway */

static void
on_gateway_request (MillTracer *self,
                    JsonObject *event)
{
  const char *id = aws_json_get_string (event, "requestId");
  const char *component = aws_json_get_string (event, "apiId") != NULL ? self->resolve ("gateway", aws_json_get_string (event, "apiId"), NULL, self->resolve_data) : NULL;
  MillHop *hop;

  if (id == NULL || component == NULL)
    return;
  hop = mill_hop_new ("gateway", component, id, number (event, "time"));
  mill_hop_set_payload (hop, aws_json_get_string (event, "body"));
  changed (self, add_hop (self, hop, NULL));
  count (self, self->counts, component, 1);
}

static void
on_gateway_integration (MillTracer *self,
                        JsonObject *event)
{
  MillHop *hop = find_hop (self, "gateway", aws_json_get_string (event, "requestId"));
  g_autofree char *error = error_text (event);

  if (hop == NULL || error == NULL)
    return;
  mill_hop_set_error (hop, error, find_denial (self, aws_json_get_string (event, "role")));
}

static void
on_gateway_response (MillTracer *self,
                     JsonObject *event)
{
  MillHop *hop = find_hop (self, "gateway", aws_json_get_string (event, "requestId"));
  g_autofree char *error = error_text (event);
  int status = number (event, "status");

  if (hop == NULL)
    return;
  hop->left = number (event, "time");
  hop->status = status >= 400 || hop->error != NULL ? MILL_HOP_FAILED : MILL_HOP_OK;
  if (hop->status == MILL_HOP_FAILED)
    {
      if (hop->error == NULL)
        {
          g_autofree char *answer = g_strdup_printf ("The gateway answered %d: %s", status,
                                                     error != NULL ? error : aws_json_get_string (event, "body") != NULL ? aws_json_get_string (event, "body") : "");
          mill_hop_set_error (hop, answer, NULL);
        }
      count (self, self->errors, hop->component, 1);
    }
  changed (self, hop);
}

/* Queue */

static void place_written (MillTracer *self, MillHop *hop, const char *invocation_id);

static void
on_queue_sent (MillTracer *self,
               JsonObject *event)
{
  const char *arn = aws_json_get_string (event, "queueArn");
  const char *id = aws_json_get_string (event, "messageId");
  const char *source = aws_json_get_string (event, "source");
  const char *source_type = aws_json_get_string (event, "sourceType");
  const char *component = arn != NULL ? self->resolve ("queue", arn, NULL, self->resolve_data) : NULL;
  MillHop *previous = NULL;
  MillHop *hop;

  if (id == NULL || source_type == NULL)
    return;
  if (g_str_equal (source_type, "gateway") || g_str_equal (source_type, "topic"))
    previous = find_hop (self, source_type, source);
  if (component == NULL && previous == NULL)
    return;
  hop = mill_hop_new ("queue", component != NULL ? component : arn, id, number (event, "time"));
  mill_hop_set_payload (hop, aws_json_get_string (event, "body"));
  if (g_str_equal (source_type, "invocation") && g_hash_table_contains (self->invocations, source != NULL ? source : ""))
    place_written (self, hop, source);
  else
    changed (self, add_hop (self, hop, previous));
  count (self, self->counts, hop->component, 1);
}

static void
on_queue_received (MillTracer *self,
                   JsonObject *event)
{
  MillHop *hop = find_hop (self, "queue", aws_json_get_string (event, "messageId"));

  if (hop == NULL)
    return;
  hop->left = number (event, "time");
  hop->attempts = MAX (1, number (event, "receiveCount"));
  hop->status = MILL_HOP_UNDER_WAY;
  hop->stuck = FALSE;
  changed (self, hop);
}

static void
on_queue_deleted (MillTracer *self,
                  JsonObject *event)
{
  MillHop *hop = find_hop (self, "queue", aws_json_get_string (event, "messageId"));

  if (hop == NULL)
    return;
  hop->status = MILL_HOP_OK;
  hop->stuck = FALSE;
  mill_hop_set_error (hop, NULL, NULL);
  if (hop->left == 0)
    hop->left = number (event, "time");
  count (self, self->counts, hop->component, -1);
  changed (self, hop);
}

static void
on_queue_returned (MillTracer *self,
                   JsonObject *event)
{
  MillHop *hop = find_hop (self, "queue", aws_json_get_string (event, "messageId"));

  if (hop == NULL)
    return;
  hop->left = 0;
  hop->status = MILL_HOP_RETRYING;
  changed (self, hop);
}

/* The consumers of a message that goes to the dead-letter queue have failed for good. */
static void
give_up_after (MillTracer *self,
               MillHop    *queue)
{
  GPtrArray *hops = queue->trace != NULL ? mill_trace_get_hops (queue->trace) : NULL;

  for (guint i = 0; hops != NULL && i < hops->len; i++)
    {
      MillHop *hop = hops->pdata[i];

      if (hop->previous != queue || mill_hop_is_over (hop))
        continue;
      hop->status = MILL_HOP_FAILED;
      hop->stuck = FALSE;
      changed (self, hop);
    }
}

static void
on_queue_dead_lettered (MillTracer *self,
                        JsonObject *event)
{
  const char *id = aws_json_get_string (event, "messageId");
  const char *arn = aws_json_get_string (event, "deadLetterQueueArn");
  const char *new_id = aws_json_get_string (event, "newMessageId") != NULL ? aws_json_get_string (event, "newMessageId") : id;
  MillHop *hop = find_hop (self, "queue", id);
  MillHop *dead;
  const char *component;

  if (hop == NULL || arn == NULL)
    return;
  hop->status = MILL_HOP_OK;
  hop->left = number (event, "time");
  count (self, self->counts, hop->component, -1);
  give_up_after (self, hop);
  component = self->resolve ("queue", arn, NULL, self->resolve_data);
  dead = mill_hop_new ("queue", component != NULL ? component : arn, new_id, number (event, "time"));
  dead->status = MILL_HOP_FAILED;
  mill_hop_set_payload (dead, hop->payload);
  mill_hop_set_error (dead, "The message was tried too often and lies in the dead-letter queue.",
                      "Read the function's log, put the cause right, and send the message again.");
  changed (self, add_hop (self, dead, hop));
  count (self, self->counts, dead->component, 1);
}

/* Mappings */

static void
on_mapping_failed (MillTracer *self,
                   JsonObject *event)
{
  const char *arn = aws_json_get_string (event, "sourceArn");
  gboolean stream = arn != NULL && strstr (arn, "/stream/") != NULL;
  const char *component = arn != NULL ? self->resolve (stream ? "stream" : "queue", arn, NULL, self->resolve_data) : NULL;
  g_autofree char *error = error_text (event);
  const char *advice = find_denial_in (self, error);
  GHashTableIter iter;
  gpointer value;

  if (component == NULL || error == NULL)
    return;
  count (self, self->errors, component, 1);
  g_hash_table_iter_init (&iter, self->hops);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      MillHop *hop = value;

      if (!g_str_equal (hop->kind, stream ? "stream" : "queue") || !g_str_equal (hop->component, component) || mill_hop_is_over (hop)
          || hop->left > 0 || (hop->stuck && g_strcmp0 (hop->error, error) == 0))
        continue;
      mill_hop_set_error (hop, error, advice);
      hop->stuck = TRUE;
      changed (self, hop);
    }
}

static void
on_mapping_filtered (MillTracer *self,
                     JsonObject *event)
{
  const char *arn = aws_json_get_string (event, "functionArn");
  const char *component = arn != NULL ? self->resolve ("function", arn, NULL, self->resolve_data) : NULL;
  JsonArray *records = aws_json_get_array (event, "records");

  for (guint i = 0; component != NULL && records != NULL && i < json_array_get_length (records); i++)
    {
      JsonNode *node = json_array_get_element (records, i);
      const char *kind, *id;
      MillHop *previous, *hop;

      if (!JSON_NODE_HOLDS_OBJECT (node) || (id = record_id (json_node_get_object (node), &kind)) == NULL
          || (previous = find_hop (self, kind, id)) == NULL)
        continue;
      if (g_str_equal (kind, "stream"))
        {
          previous->status = MILL_HOP_OK;
          previous->left = number (event, "time");
        }
      hop = mill_hop_new ("function", component, id, number (event, "time"));
      hop->status = MILL_HOP_FILTERED;
      hop->left = hop->arrived;
      mill_hop_set_payload (hop, previous->payload);
      mill_hop_set_error (hop, "The mapping's filter does not match this message, so the function is not called.", NULL);
      changed (self, add_hop (self, hop, previous));
    }
}

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
  MillHop *hop = find_function_hop (self, component, id);

  /* The same message again: another attempt. */
  if (hop != NULL)
    {
      hop->attempts++;
      hop->status = MILL_HOP_UNDER_WAY;
      hop->left = 0;
    }
  else
    {
      g_autofree char *own = record_payload (payload, id);

      hop = mill_hop_new ("function", component, id, number (event, "time"));
      mill_hop_set_payload (hop, own != NULL ? own : whole);
      add_hop (self, hop, previous);
    }
  if (previous != NULL && previous->left == 0)
    previous->left = number (event, "time");
  if (previous != NULL && g_str_equal (previous->kind, "stream"))
    {
      previous->status = MILL_HOP_OK;
      previous->stuck = FALSE;
      mill_hop_set_error (previous, NULL, NULL);
      changed (self, previous);
    }
  mill_invocation_add (invocation, hop, id);
  changed (self, hop);
}

static void
on_function_started (MillTracer *self,
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

      if (!JSON_NODE_HOLDS_OBJECT (node) || (record = record_id (json_node_get_object (node), &kind)) == NULL)
        continue;
      if (g_strcmp0 (source, "topic") == 0)
        kind = "topic";
      start_function_hop (self, event, invocation, component, record, find_hop (self, kind, record), payload, whole);
    }
  if (invocation->hops->len == 0)
    start_function_hop (self, event, invocation, component, id, NULL, payload, whole);
  count (self, self->counts, component, 1);
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
      changed (self, moved->pdata[i]);
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
static void
place_written (MillTracer *self,
               MillHop    *hop,
               const char *invocation_id)
{
  MillInvocation *invocation = g_hash_table_lookup (self->invocations, invocation_id);
  MillHop *previous = mill_invocation_match (invocation, hop);
  MillTrace *provisional;

  if (previous != NULL)
    {
      changed (self, add_hop (self, hop, previous));
      return;
    }
  /* Owned by its hop until it is placed. */
  provisional = mill_trace_new (hop->message_id);
  mill_trace_add_hop (provisional, hop, NULL);
  remember_hop (self, hop);
  g_ptr_array_add (invocation->waiting, g_object_ref (hop));
  if (invocation->ended)
    place_rest (self, invocation);
}

static void
on_function_log (MillTracer *self,
                 JsonObject *event)
{
  const char *id = aws_json_get_string (event, "invocationId");
  const char *line = aws_json_get_string (event, "line");
  MillInvocation *invocation = id != NULL ? g_hash_table_lookup (self->invocations, id) : NULL;

  if (invocation == NULL || line == NULL)
    return;
  for (guint i = 0; i < invocation->hops->len; i++)
    mill_hop_append_log (invocation->hops->pdata[i], line);
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

static void
on_function_ended (MillTracer *self,
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
  place_waiting (self, invocation);
  place_rest (self, invocation);
  if (!ok)
    error = g_strdup_printf ("%s: %s", aws_json_get_string (event, "errorType") != NULL ? aws_json_get_string (event, "errorType") : status,
                             aws_json_get_string (event, "errorMessage") != NULL ? aws_json_get_string (event, "errorMessage") : "The function failed.");
  for (guint i = 0; i < invocation->hops->len; i++)
    {
      MillHop *hop = invocation->hops->pdata[i];
      gboolean bad = !ok || (failed != NULL && names_record (failed, invocation->records->pdata[i]));

      hop->left = number (event, "time");
      if (bad)
        {
          /* A queue or a stream brings the message back; a call by hand does not come again. */
          hop->status = hop->previous != NULL && !g_str_equal (hop->previous->kind, "gateway") ? MILL_HOP_RETRYING : MILL_HOP_FAILED;
          hop->stuck = invocation->denial != NULL && hop->status == MILL_HOP_RETRYING;
          mill_hop_set_error (hop, error != NULL ? error : "The function reported this message as failed.",
                              invocation->denial != NULL ? invocation->denial : "Read the function's log: it says where it failed.");
          count (self, self->errors, hop->component, 1);
        }
      else
        {
          hop->status = MILL_HOP_OK;
          hop->stuck = FALSE;
          mill_hop_set_error (hop, NULL, NULL);
        }
      changed (self, hop);
    }
}

/* Table and stream */

static void
on_table_written (MillTracer *self,
                  JsonObject *event)
{
  const char *arn = aws_json_get_string (event, "tableArn");
  const char *invocation = aws_json_get_string (event, "invocationId");
  const char *event_id = aws_json_get_string (event, "eventID");
  const char *event_name = aws_json_get_string (event, "eventName");
  const char *component = arn != NULL ? self->resolve ("table", arn, NULL, self->resolve_data) : NULL;
  g_autofree char *keys = to_text (aws_json_get_object (event, "keys"));
  g_autofree char *image = to_text (aws_json_get_object (event, "newImage"));
  gboolean known = invocation != NULL && g_hash_table_contains (self->invocations, invocation);
  MillHop *table, *stream;

  if (keys == NULL || (component == NULL && !known))
    return;
  table = mill_hop_new ("table", component != NULL ? component : arn, keys, number (event, "time"));
  table->left = table->arrived;
  table->status = MILL_HOP_OK;
  mill_hop_set_payload (table, image != NULL ? image : keys);
  if (known)
    place_written (self, table, invocation);
  else
    changed (self, add_hop (self, table, NULL));
  if (component != NULL && g_strcmp0 (event_name, "MODIFY") != 0)
    count (self, self->counts, component, g_strcmp0 (event_name, "REMOVE") == 0 ? -1 : 1);
  if (event_id == NULL)
    return;
  stream = mill_hop_new ("stream", table->component, event_id, table->arrived);
  mill_hop_set_payload (stream, table->payload);
  /* Without a reader the record just lies there; that is no message on its way. */
  if (self->resolve ("reader", arn, NULL, self->resolve_data) == NULL)
    stream->status = MILL_HOP_OK;
  changed (self, add_hop (self, stream, table));
}

/* Topic and deliveries */

static void
on_topic_published (MillTracer *self,
                    JsonObject *event)
{
  const char *arn = aws_json_get_string (event, "topicArn");
  const char *id = aws_json_get_string (event, "messageId");
  const char *invocation = aws_json_get_string (event, "invocationId");
  const char *component = arn != NULL ? self->resolve ("topic", arn, NULL, self->resolve_data) : NULL;
  gboolean known = invocation != NULL && g_hash_table_contains (self->invocations, invocation);
  MillHop *hop;

  if (id == NULL || (component == NULL && !known))
    return;
  hop = mill_hop_new ("topic", component != NULL ? component : arn != NULL ? arn : "SMS", id, number (event, "time"));
  mill_hop_set_payload (hop, aws_json_get_string (event, "message"));
  /* Known to have gone on when a delivery is told of; a topic that nobody subscribed to ends here. */
  if (arn != NULL && self->resolve ("subscriber", arn, NULL, self->resolve_data) == NULL)
    {
      hop->status = MILL_HOP_FAILED;
      hop->left = hop->arrived;
      mill_hop_set_error (hop, "Nobody subscribed to this topic, so the message went nowhere.", "Add a subscription and confirm it.");
    }
  if (known)
    place_written (self, hop, invocation);
  else
    changed (self, add_hop (self, hop, NULL));
  if (component != NULL)
    count (self, self->counts, component, 1);
}

static void
on_topic_delivered (MillTracer *self,
                    JsonObject *event)
{
  MillHop *topic = find_hop (self, "topic", aws_json_get_string (event, "messageId"));
  const char *protocol = aws_json_get_string (event, "protocol");
  const char *status = aws_json_get_string (event, "status");
  const char *delivery = aws_json_get_string (event, "deliveryId");
  gboolean mail = protocol != NULL && g_str_has_prefix (protocol, "email");
  const char *kind = mail ? "mail" : g_strcmp0 (protocol, "sms") == 0 ? "sms" : protocol;
  const char *arn = aws_json_get_string (event, "subscriptionArn") != NULL ? aws_json_get_string (event, "subscriptionArn") : "";
  const char *endpoint = aws_json_get_string (event, "endpoint");
  const char *component;
  g_autofree char *key = NULL;
  g_autofree char *error = error_text (event);
  MillHop *hop;

  if (topic == NULL || kind == NULL || status == NULL)
    return;
  if (topic->status == MILL_HOP_UNDER_WAY)
    {
      topic->status = MILL_HOP_OK;
      topic->left = number (event, "time");
    }
  /* A queue or a function tells of its own arrivals. */
  if (!mail && g_strcmp0 (protocol, "sms") != 0 && g_str_equal (status, "delivered"))
    {
      changed (self, topic);
      return;
    }
  component = self->resolve (kind, arn, endpoint, self->resolve_data);
  key = g_strdup_printf ("%s/%s", topic->message_id, arn[0] != '\0' && strchr (arn, ':') != NULL ? arn : endpoint);
  hop = mill_hop_new (kind, component != NULL ? component : arn, delivery != NULL ? delivery : key, number (event, "time"));
  hop->left = hop->arrived;
  mill_hop_set_payload (hop, delivery != NULL && g_hash_table_contains (self->mails, delivery)
                             ? g_hash_table_lookup (self->mails, delivery) : topic->payload);
  if (g_str_equal (status, "delivered"))
    hop->status = MILL_HOP_OK;
  else if (g_str_equal (status, "filtered"))
    {
      hop->status = MILL_HOP_FILTERED;
      mill_hop_set_error (hop, "The subscription's filter policy does not match this message.", NULL);
    }
  else if (g_str_equal (status, "pending-confirmation"))
    {
      g_autofree char *sentence = g_strdup_printf ("The subscription of %s is not confirmed, so no mail was sent.", endpoint);

      hop->status = MILL_HOP_FAILED;
      mill_hop_set_error (hop, sentence, "Open the link in the confirmation mail, then send the message again.");
    }
  else
    {
      hop->status = MILL_HOP_FAILED;
      mill_hop_set_error (hop, error != NULL ? error : "The delivery failed.", NULL);
    }
  add_hop (self, hop, topic);
  count (self, hop->status == MILL_HOP_FAILED ? self->errors : self->counts, hop->component, 1);
  changed (self, topic);
  changed (self, hop);
}

static void
on_mail (MillTracer *self,
         JsonObject *event)
{
  const char *id = aws_json_get_string (event, "id");
  const char *body = aws_json_get_string (event, "body");
  const char *kind = g_strcmp0 (aws_json_get_string (event, "kind"), "sms") == 0 ? "sms" : "mail";
  MillHop *hop = find_hop (self, kind, id);

  if (id == NULL || body == NULL)
    return;
  if (hop != NULL)
    {
      mill_hop_set_payload (hop, body);
      changed (self, hop);
      return;
    }
  g_hash_table_replace (self->mails, g_strdup (id), g_strdup (body));
  g_queue_push_tail (&self->mail_order, g_strdup (id));
  if (self->mail_order.length > MAX_MAILS)
    {
      g_autofree char *oldest = g_queue_pop_head (&self->mail_order);
      g_hash_table_remove (self->mails, oldest);
    }
}

static GType
get_item_type (GListModel *model)
{
  return MILL_TYPE_TRACE;
}

static guint
get_n_items (GListModel *model)
{
  return MILL_TRACER (model)->shown->len;
}

static gpointer
get_item (GListModel *model,
          guint       position)
{
  MillTracer *self = MILL_TRACER (model);

  return position < self->shown->len ? g_object_ref (self->shown->pdata[position]) : NULL;
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

static void
mill_tracer_finalize (GObject *object)
{
  MillTracer *self = MILL_TRACER (object);

  g_hash_table_unref (self->invocations);
  g_hash_table_unref (self->hops);
  g_hash_table_unref (self->by_id);
  g_ptr_array_unref (self->shown);
  g_hash_table_unref (self->mails);
  g_hash_table_unref (self->denials);
  g_hash_table_unref (self->counts);
  g_hash_table_unref (self->errors);
  g_queue_clear_full (&self->invocation_order, g_free);
  g_queue_clear_full (&self->mail_order, g_free);
  G_OBJECT_CLASS (mill_tracer_parent_class)->finalize (object);
}

static void
mill_tracer_class_init (MillTracerClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = mill_tracer_finalize;

  signals[HOP] = g_signal_new ("hop", MILL_TYPE_TRACER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                               G_TYPE_NONE, 2, MILL_TYPE_TRACE, MILL_TYPE_HOP);
  signals[TRACE] = g_signal_new ("trace", MILL_TYPE_TRACER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 1, MILL_TYPE_TRACE);
  signals[COUNTS_CHANGED] = g_signal_new ("counts-changed", MILL_TYPE_TRACER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                          G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
mill_tracer_init (MillTracer *self)
{
  self->shown = g_ptr_array_new_with_free_func (g_object_unref);
  self->by_id = g_hash_table_new (g_str_hash, g_str_equal);
  self->hops = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
  self->invocations = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) mill_invocation_free);
  self->mails = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->denials = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->counts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->errors = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

MillTracer *
mill_tracer_new (MillTracerResolve resolve,
                 gpointer          user_data)
{
  MillTracer *self = g_object_new (MILL_TYPE_TRACER, NULL);

  self->resolve = resolve;
  self->resolve_data = user_data;
  return self;
}

void
mill_tracer_add (MillTracer *self,
                 JsonObject *event)
{
  static const struct {
    const char *kind;
    void      (*handle) (MillTracer *self, JsonObject *event);
  } handlers[] = {
    { "gateway-request", on_gateway_request },
    { "gateway-integration", on_gateway_integration },
    { "gateway-response", on_gateway_response },
    { "queue-sent", on_queue_sent },
    { "queue-received", on_queue_received },
    { "queue-deleted", on_queue_deleted },
    { "queue-returned", on_queue_returned },
    { "queue-dead-lettered", on_queue_dead_lettered },
    { "mapping-failed", on_mapping_failed },
    { "mapping-filtered", on_mapping_filtered },
    { "function-started", on_function_started },
    { "function-log", on_function_log },
    { "function-ended", on_function_ended },
    { "table-written", on_table_written },
    { "topic-published", on_topic_published },
    { "topic-delivered", on_topic_delivered },
    { "mail", on_mail },
    { "sms", on_mail },
    { "denied", on_denied },
  };
  const char *kind;

  g_return_if_fail (MILL_IS_TRACER (self));
  kind = aws_json_get_string (event, "kind");
  for (guint i = 0; kind != NULL && i < G_N_ELEMENTS (handlers); i++)
    if (g_str_equal (handlers[i].kind, kind))
      {
        handlers[i].handle (self, event);
        return;
      }
}

MillTrace *
mill_tracer_find (MillTracer *self,
                  const char *trace_id)
{
  g_return_val_if_fail (MILL_IS_TRACER (self), NULL);
  return g_hash_table_lookup (self->by_id, trace_id);
}

guint64
mill_tracer_get_count (MillTracer *self,
                       const char *component)
{
  guint64 *value;

  g_return_val_if_fail (MILL_IS_TRACER (self), 0);
  value = g_hash_table_lookup (self->counts, component);
  return value != NULL ? *value : 0;
}

guint64
mill_tracer_get_errors (MillTracer *self,
                        const char *component)
{
  guint64 *value;

  g_return_val_if_fail (MILL_IS_TRACER (self), 0);
  value = g_hash_table_lookup (self->errors, component);
  return value != NULL ? *value : 0;
}
