/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-tracer-private.h"

#include <string.h>

/* Queue */

/* A message that a function was seen with before anybody told of its sending. */
static void
complete_queue_hop (MillTracer *self,
                    MillHop    *hop,
                    MillHop    *previous,
                    JsonObject *event)
{
  if (!hop->inferred)
    return;
  hop->inferred = FALSE;
  hop->arrived = mill_tracer_number (event, "time");
  if (hop->n_visits > 0)
    hop->visits[0].arrived = hop->arrived;
  mill_hop_set_payload (hop, aws_json_get_string (event, "body"));
  if (previous != NULL && hop->previous != NULL && hop->previous != previous)
    mill_tracer_unsend (self, hop);
  if (previous != NULL)
    mill_tracer_attach (self, hop, previous);
  else
    mill_tracer_show (self, hop);
  mill_tracer_changed (self, hop);
  mill_tracer_hand_on (self, hop);
}

void
mill_tracer_on_queue_sent (MillTracer *self,
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
  if (g_str_equal (source_type, "topic") && arn != NULL && self->resolve ("tap", arn, NULL, self->resolve_data) != NULL)
    return;
  if (g_str_equal (source_type, "gateway") || g_str_equal (source_type, "topic"))
    previous = mill_tracer_find_hop (self, source_type, source);
  if (component == NULL && previous == NULL)
    return;
  hop = mill_tracer_find_hop (self, "queue", id);
  if (hop != NULL)
    {
      complete_queue_hop (self, hop, previous, event);
      return;
    }
  hop = mill_hop_new ("queue", component != NULL ? component : arn, id, mill_tracer_number (event, "time"));
  mill_hop_visit (hop, 0, hop->arrived);
  mill_hop_set_payload (hop, aws_json_get_string (event, "body"));
  if (g_str_equal (source_type, "invocation") && g_hash_table_contains (self->invocations, source != NULL ? source : ""))
    mill_tracer_place_written (self, hop, source);
  else
    mill_tracer_changed (self, mill_tracer_add_hop (self, hop, previous));
  mill_tracer_note_failing (self, hop);
  mill_tracer_count (self, self->counts, hop->component, 1);
}

/* The visit that the message's receive number @count ends. NULL where @count says nothing. */
static MillVisit *
get_visit (MillHop    *hop,
           JsonObject *event)
{
  guint count = MAX (1, mill_tracer_number (event, "receiveCount"));

  /* The first may have been a hop without visits, from a store of before. */
  if (hop->n_visits == 0)
    mill_hop_visit (hop, 0, hop->arrived);
  hop->told = TRUE;
  return mill_hop_visit (hop, count - 1, count == 1 ? hop->arrived : mill_tracer_number (event, "time"));
}

/* Whether a later receive is known, so that what is told of this one changes nothing any more. */
static gboolean
is_past (MillHop   *hop,
         MillVisit *visit)
{
  return visit != &hop->visits[hop->n_visits - 1] || hop->status == MILL_HOP_OK;
}

void
mill_tracer_on_queue_received (MillTracer *self,
                               JsonObject *event)
{
  MillHop *hop = mill_tracer_find_hop (self, "queue", aws_json_get_string (event, "messageId"));
  MillVisit *visit;

  if (hop == NULL)
    return;
  /* Whoever begins anew does not tell that it goes well again: it reads. */
  mill_tracer_end_failing (self, hop->kind, hop->component);
  visit = get_visit (hop, event);
  hop->attempts = MAX (hop->attempts, mill_tracer_number (event, "receiveCount"));
  visit->left = mill_tracer_number (event, "time");
  if (is_past (hop, visit))
    return;
  visit->status = MILL_HOP_UNDER_WAY;
  mill_hop_settle (hop);
  hop->stuck = FALSE;
  mill_tracer_changed (self, hop);
}

void
mill_tracer_remember_waiting (MillTracer *self,
                              MillTrace  *trace)
{
  GPtrArray *hops = mill_trace_get_hops (trace);

  for (guint i = 0; i < hops->len; i++)
    {
      MillHop *hop = hops->pdata[i];

      /* What lies in a dead-letter queue is over, but there. */
      if (g_str_equal (hop->kind, "queue") && hop->status != MILL_HOP_OK)
        g_hash_table_insert (self->waiting, g_strdup (hop->message_id), (char *) g_intern_string (hop->component));
    }
}

/* One whose trace went has left its queue, if it is one. */
static gboolean
count_leaving (MillTracer *self,
               const char *id)
{
  const char *component = id != NULL ? g_hash_table_lookup (self->waiting, id) : NULL;

  if (component == NULL)
    return FALSE;
  mill_tracer_count (self, self->counts, component, -1);
  g_hash_table_remove (self->waiting, id);
  return TRUE;
}

void
mill_tracer_on_queue_deleted (MillTracer *self,
                              JsonObject *event)
{
  const char *id = aws_json_get_string (event, "messageId");
  MillHop *hop = mill_tracer_find_hop (self, "queue", id);
  /* Its hop may be another than that whose trace went: whoever took it out told of it once more. */
  gboolean counted = count_leaving (self, id);
  MillVisit *visit;

  if (hop == NULL || hop->status == MILL_HOP_OK)
    return;
  visit = get_visit (hop, event);
  if (visit->left == 0)
    visit->left = mill_tracer_number (event, "time");
  /* It may have come back meanwhile, because the function took too long. */
  visit = &hop->visits[hop->n_visits - 1];
  if (visit->left == 0)
    visit->left = mill_tracer_number (event, "time");
  mill_hop_settle (hop);
  mill_hop_set_status (hop, MILL_HOP_OK);
  hop->stuck = FALSE;
  mill_hop_set_error (hop, NULL, NULL);
  if (!counted)
    mill_tracer_count (self, self->counts, hop->component, -1);
  mill_tracer_changed (self, hop);
}

void
mill_tracer_on_queue_returned (MillTracer *self,
                               JsonObject *event)
{
  MillHop *hop = mill_tracer_find_hop (self, "queue", aws_json_get_string (event, "messageId"));
  guint count = MAX (1, mill_tracer_number (event, "receiveCount"));
  MillVisit *visit;

  if (hop == NULL)
    return;
  visit = get_visit (hop, event);
  if (is_past (hop, visit))
    return;
  visit->status = MILL_HOP_RETRYING;
  visit = mill_hop_visit (hop, count, mill_tracer_number (event, "time"));
  visit->status = MILL_HOP_RETRYING;
  mill_hop_settle (hop);
  mill_tracer_changed (self, hop);
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

      if (hop->previous != queue || !g_str_equal (hop->kind, "function"))
        continue;
      hop->given_up = TRUE;
      if (mill_hop_is_over (hop))
        continue;
      mill_hop_set_status (hop, MILL_HOP_FAILED);
      hop->stuck = FALSE;
      mill_tracer_changed (self, hop);
    }
}

void
mill_tracer_dead_letter (MillTracer *self,
                         MillHop    *queue,
                         const char *component,
                         const char *message_id,
                         double      time,
                         gboolean    inferred)
{
  MillHop *dead;

  if (queue->n_visits > 0 && queue->visits[queue->n_visits - 1].left == 0)
    queue->visits[queue->n_visits - 1].left = time;
  queue->left = time;
  mill_hop_set_status (queue, MILL_HOP_OK);
  queue->stuck = FALSE;
  mill_hop_set_error (queue, NULL, NULL);
  give_up_after (self, queue);
  dead = mill_hop_new ("queue", component, message_id, time);
  dead->status = MILL_HOP_FAILED;
  dead->inferred = inferred;
  mill_hop_set_payload (dead, queue->payload);
  mill_hop_set_error (dead, "The message was tried too often and lies in the dead-letter queue.",
                      "Read the function’s log, put the cause right, and send the message again.");
  mill_tracer_changed (self, queue);
  mill_tracer_changed (self, mill_tracer_add_hop (self, dead, queue));
}

void
mill_tracer_on_queue_dead_lettered (MillTracer *self,
                                    JsonObject *event)
{
  const char *id = aws_json_get_string (event, "messageId");
  const char *source = aws_json_get_string (event, "queueArn");
  const char *arn = aws_json_get_string (event, "deadLetterQueueArn");
  const char *new_id = aws_json_get_string (event, "newMessageId") != NULL ? aws_json_get_string (event, "newMessageId") : id;
  MillHop *hop = mill_tracer_find_hop (self, "queue", id);
  const char *component, *own;

  if (id == NULL || arn == NULL)
    return;
  component = self->resolve ("queue", arn, NULL, self->resolve_data);
  component = component != NULL ? component : arn;
  if (hop == NULL)
    {
      if (count_leaving (self, id))
        {
          mill_tracer_count (self, self->counts, component, 1);
          g_hash_table_insert (self->waiting, g_strdup (new_id), (char *) g_intern_string (component));
        }
      return;
    }
  own = source != NULL ? self->resolve ("queue", source, NULL, self->resolve_data) : NULL;
  /* The id is the same in both queues. */
  if (g_str_equal (hop->component, component) || g_strcmp0 (hop->component, own != NULL ? own : source) != 0)
    return;
  g_hash_table_remove (self->waiting, id);
  mill_tracer_count (self, self->counts, hop->component, -1);
  mill_tracer_dead_letter (self, hop, component, new_id, mill_tracer_number (event, "time"), FALSE);
  mill_tracer_count (self, self->counts, component, 1);
}

/* Mappings */

/* Calls @func for each message that waits in the queue, or the stream, of @component. Returns: whether that changed any */
static gboolean
foreach_waiting (MillTracer *self,
                 const char *kind,
                 const char *component,
                 gboolean  (*func) (MillTracer *self, MillHop *hop, const char *error, const char *advice),
                 const char *error,
                 const char *advice)
{
  gboolean changed = FALSE;
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->hops);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      MillHop *hop = value;

      if (g_str_equal (hop->kind, kind) && g_str_equal (hop->component, component) && !mill_hop_is_over (hop) && hop->left == 0)
        changed |= func (self, hop, error, advice);
    }
  return changed;
}

static gboolean
fail (MillTracer *self,
      MillHop    *hop,
      const char *error,
      const char *advice)
{
  if (hop->stuck && g_strcmp0 (hop->error, error) == 0)
    return FALSE;
  mill_hop_set_error (hop, error, advice);
  hop->stuck = TRUE;
  mill_tracer_changed (self, hop);
  return TRUE;
}

static gboolean
recover (MillTracer *self,
         MillHop    *hop,
         const char *error,
         const char *advice)
{
  if (!hop->stuck || g_strcmp0 (hop->error, error) != 0)
    return FALSE;
  mill_hop_set_error (hop, NULL, NULL);
  hop->stuck = FALSE;
  mill_tracer_changed (self, hop);
  return TRUE;
}

/* The component whose mapping @event is about. */
static const char *
find_mapped (MillTracer  *self,
             JsonObject  *event,
             const char **kind)
{
  const char *arn = aws_json_get_string (event, "sourceArn");

  *kind = arn != NULL && strstr (arn, "/stream/") != NULL ? "stream" : "queue";
  return arn != NULL ? self->resolve (*kind, arn, NULL, self->resolve_data) : NULL;
}

static char *
failing_key (const char *kind,
             const char *component)
{
  return g_strdup_printf ("%s:%s", kind, component);
}

void
mill_tracer_note_failing (MillTracer *self,
                          MillHop    *hop)
{
  g_autofree char *key = g_hash_table_size (self->failing) > 0 ? failing_key (hop->kind, hop->component) : NULL;
  char **texts = key != NULL ? g_hash_table_lookup (self->failing, key) : NULL;

  if (texts != NULL && !mill_hop_is_over (hop) && hop->left == 0)
    fail (self, hop, texts[0], *texts[1] != '\0' ? texts[1] : NULL);
}

void
mill_tracer_end_failing (MillTracer *self,
                         const char *kind,
                         const char *component)
{
  g_autofree char *key = g_hash_table_size (self->failing) > 0 ? failing_key (kind, component) : NULL;
  char **texts = key != NULL ? g_hash_table_lookup (self->failing, key) : NULL;

  if (texts == NULL)
    return;
  foreach_waiting (self, kind, component, recover, texts[0], NULL);
  g_hash_table_remove (self->failing, key);
}

void
mill_tracer_on_mapping_failed (MillTracer *self,
                               JsonObject *event)
{
  const char *kind;
  const char *component = find_mapped (self, event, &kind);
  g_autofree char *error = mill_tracer_error_text (event);
  g_autofree char *advice = mill_tracer_dup_denial_in (self, error);
  JsonArray *records = aws_json_get_array (event, "records");
  gboolean news = aws_json_get_int (event, "seq", 0) > 0;

  if (component == NULL || error == NULL)
    return;
  if (advice == NULL)
    advice = g_strdup (mill_tracer_find_denial (self, aws_json_get_string (event, "role")));
  /* Probes tell it again and again. */
  if (foreach_waiting (self, kind, component, fail, error, advice) || news)
    mill_tracer_count (self, self->errors, component, 1);
  /* Of a recovery the practice cloud tells, too; what a batch had is over with it. */
  if (news && (records == NULL || json_array_get_length (records) == 0))
    g_hash_table_replace (self->failing, failing_key (kind, component), g_strdupv ((char *[]) { error, advice != NULL ? advice : (char *) "", NULL }));
}

void
mill_tracer_on_mapping_recovered (MillTracer *self,
                                  JsonObject *event)
{
  const char *kind;
  const char *component = find_mapped (self, event, &kind);

  if (component != NULL)
    mill_tracer_end_failing (self, kind, component);
}

MillHop *
mill_tracer_filter (MillTracer *self,
                    const char *function,
                    const char *id,
                    MillHop    *previous,
                    double      time)
{
  MillHop *hop = mill_hop_new ("function", function, id, time);

  hop->status = MILL_HOP_FILTERED;
  hop->left = hop->arrived;
  mill_hop_set_payload (hop, previous->payload);
  mill_hop_set_error (hop, "The mapping’s filter does not match this message, so the function is not called.", NULL);
  mill_tracer_changed (self, mill_tracer_add_hop (self, hop, previous));
  return hop;
}

void
mill_tracer_on_mapping_filtered (MillTracer *self,
                                 JsonObject *event)
{
  const char *arn = aws_json_get_string (event, "functionArn");
  const char *component = arn != NULL ? self->resolve ("function", arn, NULL, self->resolve_data) : NULL;
  JsonArray *records = aws_json_get_array (event, "records");

  for (guint i = 0; component != NULL && records != NULL && i < json_array_get_length (records); i++)
    {
      JsonNode *node = json_array_get_element (records, i);
      const char *kind, *id;
      MillHop *previous;

      if (!JSON_NODE_HOLDS_OBJECT (node) || (id = mill_tracer_record_id (json_node_get_object (node), &kind)) == NULL
          || (previous = mill_tracer_find_hop (self, kind, id)) == NULL || mill_tracer_find_function_hop (self, component, id) != NULL)
        continue;
      if (g_str_equal (kind, "stream"))
        {
          previous->status = MILL_HOP_OK;
          previous->left = mill_tracer_number (event, "time");
        }
      mill_tracer_filter (self, component, id, previous, mill_tracer_number (event, "time"));
    }
}
