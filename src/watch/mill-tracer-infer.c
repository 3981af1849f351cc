/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What no API tells of a message, but follows from what others do not say of it. Everything here is marked as inferred. */
#include "mill-tracer-private.h"

#define TRIGGER_GONE "The function’s trigger was deleted, and nobody takes the message."
#define TRIGGER_OFF "The function’s trigger is switched off, so nobody takes the message."

/* Where a queue's own time-out is not known: SQS's default, and the longest poll of a mapping. */
#define DEFAULT_VISIBILITY 30
#define LONGEST_POLL 20
/* A stream's reader asks once a second, and starts a function cold now and then. */
#define LONGEST_READ 30

/* Whether @component would have told by now of what happened at @time. */
static gboolean
is_read (MillTracer *self,
         const char *component,
         double      time)
{
  double *until = g_hash_table_lookup (self->read_until, component);

  return until != NULL && *until >= time + self->patience;
}

/* Queues */

gboolean
mill_tracer_has_child (MillHop    *hop,
                       const char *component)
{
  GPtrArray *hops = mill_trace_get_hops (hop->trace);

  for (guint i = 0; i < hops->len; i++)
    {
      MillHop *each = hops->pdata[i];

      if (each->previous == hop && (component == NULL || g_str_equal (each->component, component)))
        return TRUE;
    }
  return FALSE;
}

static int
compare_visits (gconstpointer a,
                gconstpointer b)
{
  double first = ((const MillVisit *) a)->arrived, second = ((const MillVisit *) b)->arrived;

  return first < second ? -1 : first > second;
}

void
mill_tracer_infer_receives (MillTracer *self,
                            MillHop    *queue)
{
  MillTracerQueue *known = mill_tracer_get_queue (self, queue->component);
  double visibility = known != NULL && known->visibility > 0 ? known->visibility : DEFAULT_VISIBILITY;
  GPtrArray *hops = queue->trace != NULL ? mill_trace_get_hops (queue->trace) : NULL;
  g_autoptr (GArray) visits = g_array_new (FALSE, FALSE, sizeof (MillVisit));
  double arrived = queue->arrived;
  guint n_runs;

  for (guint i = 0; hops != NULL && i < hops->len; i++)
    {
      MillHop *hop = hops->pdata[i];

      if (hop->previous == queue && g_str_equal (hop->kind, "function") && hop->n_visits > 0)
        g_array_append_vals (visits, hop->visits, hop->n_visits);
    }
  if (visits->len == 0 || queue->status == MILL_HOP_OK)
    return;
  g_array_sort (visits, compare_visits);
  n_runs = visits->len;
  /* It was taken when a function began with it, and comes back when its time is over. */
  for (guint i = 0; i < n_runs; i++)
    {
      MillVisit *visit = &g_array_index (visits, MillVisit, i);
      double taken = visit->arrived;
      MillHopStatus status = visit->status;

      *visit = (MillVisit) { .arrived = MIN (arrived, taken), .left = taken, .key = i,
                             .status = status == MILL_HOP_OK ? MILL_HOP_OK : i + 1 < n_runs ? MILL_HOP_RETRYING : MILL_HOP_UNDER_WAY };
      arrived = taken + visibility;
      if (status == MILL_HOP_RETRYING && i + 1 == n_runs && self->now > arrived)
        {
          MillVisit back = { .arrived = arrived, .key = n_runs, .status = MILL_HOP_RETRYING };

          visit->status = MILL_HOP_RETRYING;
          g_array_append_val (visits, back);
        }
    }
  mill_hop_set_visits (queue, (MillVisit *) visits->data, visits->len);
  queue->attempts = MAX (queue->attempts, n_runs);
  mill_hop_settle (queue);
  if (queue->status == MILL_HOP_OK)
    {
      queue->stuck = FALSE;
      mill_hop_set_error (queue, NULL, NULL);
    }
}

/* Messages that @queue's functions have failed with too often, as many as the dead-letter queue has more of than is known. */
static void
infer_dead_letters (MillTracer      *self,
                    MillTracerQueue *queue,
                    GPtrArray       *waiting)
{
  MillTracerQueue *dead = queue->dead_letters != NULL ? mill_tracer_get_queue (self, queue->dead_letters) : NULL;
  guint64 there, known = 0;
  GHashTableIter iter;
  gpointer value;

  if (dead == NULL || queue->most_receives == 0)
    return;
  there = dead->waiting + dead->in_flight + dead->delayed;
  g_hash_table_iter_init (&iter, self->hops);
  while (there > 0 && waiting->len > 0 && g_hash_table_iter_next (&iter, NULL, &value))
    {
      MillHop *hop = value;

      known += g_str_equal (hop->kind, "queue") && hop->component == dead->component;
    }
  for (guint i = 0; i < waiting->len && known < there; i++)
    {
      MillHop *hop = waiting->pdata[i];

      if (hop->component != queue->component || hop->told || hop->attempts < queue->most_receives || hop->status != MILL_HOP_RETRYING)
        continue;
      mill_tracer_dead_letter (self, hop, dead->component, hop->message_id, MAX (hop->arrived, hop->visits[hop->n_visits - 1].arrived), TRUE);
      known++;
    }
}

/* Whoever reads @hop's source took the message, and nobody tells of it: its filter kept it back, or its log tells nothing of runs that go well. */
static void
pass_silently (MillTracer        *self,
               MillTracerMapping *mapping,
               MillHop           *hop)
{
  MillHop *next;

  hop->stuck = FALSE;
  mill_hop_set_error (hop, NULL, NULL);
  mill_tracer_changed (self, hop);
  if (!g_hash_table_contains (self->unlogged, mapping->function))
    next = mill_tracer_filter (self, mapping->function, hop->message_id, hop, hop->left);
  else if (mapping->filters)
    /* Nobody knows which. */
    return;
  else
    {
      next = mill_hop_new ("function", mapping->function, hop->message_id, hop->left);
      next->left = next->arrived;
      mill_hop_set_status (next, MILL_HOP_OK);
      mill_tracer_changed (self, mill_tracer_add_hop (self, next, hop));
      mill_tracer_hand_over (self, next);
    }
  next->inferred = TRUE;
}

/* A queue that is empty while a mapping read it. */
static void
infer_passed_queue (MillTracer        *self,
                           MillTracerMapping *mapping,
                           MillHop           *hop)
{
  MillTracerQueue *queue = mill_tracer_get_queue (self, hop->component);

  if (hop->told || hop->n_visits > 1 || hop->left > 0 || queue == NULL || queue->empty_since == 0
      || queue->counted < MAX (queue->empty_since, hop->arrived) + self->patience || !is_read (self, mapping->function, MAX (queue->empty_since, hop->arrived)))
    return;
  hop->left = MAX (queue->empty_since, hop->arrived);
  if (hop->n_visits > 0)
    hop->visits[0].left = hop->left;
  mill_hop_set_status (hop, MILL_HOP_OK);
  pass_silently (self, mapping, hop);
}

/* Streams */

static void
infer_passed_stream (MillTracer        *self,
                            MillTracerMapping *mapping,
                            MillHop           *hop)
{
  /* One that says nothing of its runs may take its time with them; but not so long that it is taken for one that does not read. */
  double time = hop->arrived + (g_hash_table_contains (self->unlogged, mapping->function) ? LONGEST_READ / 2 : 0);

  if (mill_tracer_has_child (hop, mapping->function) || !is_read (self, mapping->function, time))
    return;
  hop->left = hop->left > 0 ? hop->left : hop->arrived;
  hop->status = MILL_HOP_OK;
  pass_silently (self, mapping, hop);
}

static void
infer_passed (MillTracer *self,
              MillHop    *hop)
{
  for (guint i = 0; i < self->mappings->len; i++)
    {
      MillTracerMapping *mapping = self->mappings->pdata[i];

      if (mapping->source != hop->component || !g_str_equal (mapping->source_kind, hop->kind) || mapping->off || mapping->gone
          || (!mapping->filters && !g_hash_table_contains (self->unlogged, mapping->function)))
        continue;
      if (g_str_equal (hop->kind, "stream"))
        infer_passed_stream (self, mapping, hop);
      else
        infer_passed_queue (self, mapping, hop);
    }
}

/* Deliveries */

static void
deliver (MillTracer             *self,
         MillHop                *topic,
         MillTracerSubscription *subscription,
         const char             *status)
{
  g_autoptr (JsonObject) event = json_object_new ();

  json_object_set_string_member (event, "messageId", topic->message_id);
  json_object_set_string_member (event, "subscriptionArn", subscription->arn != NULL ? subscription->arn : "");
  json_object_set_string_member (event, "protocol", subscription->protocol);
  if (subscription->endpoint != NULL)
    json_object_set_string_member (event, "endpoint", subscription->endpoint);
  json_object_set_string_member (event, "status", status);
  json_object_set_boolean_member (event, "inferred", TRUE);
  json_object_set_double_member (event, "time", topic->arrived);
  mill_tracer_on_topic_delivered (self, event);
}

static gboolean
was_delivered (MillTracer             *self,
               MillHop                *topic,
               MillTracerSubscription *subscription)
{
  const char *component = self->resolve (g_str_has_prefix (subscription->protocol, "email") ? "mail" : subscription->protocol,
                                         subscription->arn != NULL ? subscription->arn : "", subscription->endpoint, self->resolve_data);

  return mill_tracer_has_child (topic, component != NULL ? component : subscription->endpoint != NULL ? subscription->endpoint : subscription->arn);
}

/* Mail can be seen to arrive in the practice cloud's inbox only. */
static void
infer_deliveries (MillTracer *self,
                  MillHop    *topic)
{
  GPtrArray *subscriptions = g_hash_table_lookup (self->subscriptions, topic->component);
  gboolean inbox = g_hash_table_contains (self->read_until, "inbox");
  gboolean all = TRUE;

  for (guint i = 0; subscriptions != NULL && i < subscriptions->len; i++)
    {
      MillTracerSubscription *subscription = subscriptions->pdata[i];

      /* It may have been confirmed, or given a filter, since; and others may have come. */
      if (subscription->seen < topic->arrived)
        all = FALSE;
      else if (!g_str_has_prefix (subscription->protocol, "email") || was_delivered (self, topic, subscription))
        continue;
      else if (subscription->pending)
        deliver (self, topic, subscription, "pending-confirmation");
      else if (inbox && subscription->filters && is_read (self, "inbox", topic->arrived))
        deliver (self, topic, subscription, "filtered");
      else if (!inbox && !subscription->filters)
        deliver (self, topic, subscription, "delivered");
      else
        all = FALSE;
    }
  if (!all || subscriptions == NULL)
    return;
  topic->pending = FALSE;
  topic->status = MILL_HOP_OK;
  if (topic->left == 0)
    topic->left = topic->arrived;
  mill_tracer_changed (self, topic);
}

/* Invocations that name no message */

static int
compare_arrivals (gconstpointer a,
                  gconstpointer b)
{
  const MillHop *first = *(MillHop **) a, *second = *(MillHop **) b;

  return first->arrived < second->arrived ? -1 : first->arrived > second->arrived;
}

/* The function has been given something, and wrote no line about it: the oldest message that waits for it. */
static void
infer_records (MillTracer     *self,
               MillInvocation *invocation,
               GPtrArray      *waiting)
{
  MillHop *found = NULL;
  const char *source = self->resolve ("source", invocation->component, NULL, self->resolve_data);

  for (guint i = 0; found == NULL && i < waiting->len; i++)
    {
      MillHop *hop = waiting->pdata[i];
      MillHop *before = mill_tracer_find_function_hop (self, invocation->component, hop->message_id);

      if (g_strcmp0 (hop->component, source) == 0 && !mill_hop_is_over (hop) && hop->arrived <= invocation->started
          && (before == NULL || (before->left > 0 && before->left <= invocation->started)))
        found = hop;
    }
  mill_tracer_add_record (self, invocation, found != NULL ? found->kind : NULL, found != NULL ? found->message_id : invocation->id, NULL, NULL);
  if (found != NULL)
    {
      ((MillHop *) invocation->hops->pdata[0])->inferred = TRUE;
      mill_tracer_changed (self, invocation->hops->pdata[0]);
    }
}

static int
compare_starts (gconstpointer a,
                gconstpointer b)
{
  const MillInvocation *first = *(MillInvocation **) a, *second = *(MillInvocation **) b;

  return first->started < second->started ? -1 : first->started > second->started;
}

/* In the order in which they ran: one that failed comes before the one that tried again. */
static void
infer_nameless (MillTracer *self,
                GPtrArray  *waiting)
{
  g_autofree gpointer *ids = g_hash_table_get_keys_as_array (self->nameless, NULL);
  g_autoptr (GPtrArray) ended = g_ptr_array_new ();

  for (guint i = 0; ids[i] != NULL; i++)
    {
      MillInvocation *invocation = g_hash_table_lookup (self->invocations, ids[i]);

      if (invocation == NULL)
        g_hash_table_remove (self->nameless, ids[i]);
      else if (invocation->ended > 0 && invocation->ended + self->patience <= self->now)
        g_ptr_array_add (ended, invocation);
    }
  g_ptr_array_sort (ended, compare_starts);
  for (guint i = 0; i < ended->len; i++)
    {
      infer_records (self, ended->pdata[i], waiting);
      g_hash_table_remove (self->nameless, ((MillInvocation *) ended->pdata[i])->id);
    }
}

/* Waiting too long */

static void
set_stuck (MillTracer *self,
           MillHop    *hop,
           const char *sentence,
           const char *advice)
{
  hop->stuck = TRUE;
  mill_hop_set_error (hop, sentence, advice);
  mill_tracer_changed (self, hop);
}

/* The mapping that would take from @component if it were there, or switched on; NULL where another one takes, or nothing is known. */
static MillTracerMapping *
find_idle_mapping (MillTracer *self,
                   const char *component)
{
  MillTracerMapping *idle = NULL;

  for (guint i = 0; i < self->mappings->len; i++)
    {
      MillTracerMapping *mapping = self->mappings->pdata[i];

      if (mapping->source != component)
        continue;
      if (!mapping->off && !mapping->gone)
        return NULL;
      if (idle == NULL || idle->gone)
        idle = mapping;
    }
  return idle;
}

/* The trigger takes again, or is missing for another reason: what was said of it holds no more. */
static void
forget_idle (MillTracer *self,
             MillHop    *hop,
             const char *reason)
{
  if (!hop->stuck || g_strcmp0 (hop->error, reason) == 0 || (g_strcmp0 (hop->error, TRIGGER_GONE) != 0 && g_strcmp0 (hop->error, TRIGGER_OFF) != 0))
    return;
  hop->stuck = FALSE;
  mill_hop_set_error (hop, NULL, NULL);
  mill_tracer_changed (self, hop);
}

static void
notice_waiting (MillTracer *self,
                MillHop    *hop)
{
  MillTracerQueue *queue = g_str_equal (hop->kind, "queue") ? mill_tracer_get_queue (self, hop->component) : NULL;
  double visibility = queue != NULL && queue->visibility > 0 ? queue->visibility : DEFAULT_VISIBILITY;
  double since = hop->n_visits > 0 ? hop->visits[hop->n_visits - 1].arrived : hop->arrived;
  MillTracerMapping *idle = g_str_equal (hop->kind, "topic") ? NULL : find_idle_mapping (self, hop->component);
  g_autofree char *sentence = NULL;

  if (hop->left > 0 || mill_hop_is_over (hop))
    return;
  forget_idle (self, hop, idle == NULL ? NULL : idle->gone ? TRIGGER_GONE : TRIGGER_OFF);
  if (hop->stuck)
    return;
  if (idle != NULL && idle->gone)
    set_stuck (self, hop, TRIGGER_GONE, "Make the event source mapping again: the message is taken then.");
  else if (idle != NULL)
    set_stuck (self, hop, TRIGGER_OFF, "Enable the event source mapping: the message is taken then.");
  else if (g_str_equal (hop->kind, "queue") && self->now > since + LONGEST_POLL + MAX (visibility, LONGEST_POLL) + self->patience
      && (queue == NULL || queue->delayed == 0))
    {
      sentence = g_strdup_printf ("The message has been waiting in the queue for %.0f seconds, and nobody takes it.", self->now - since);
      set_stuck (self, hop, sentence, "Look at the function’s trigger: is there one, is it enabled, and may the function’s role receive messages from the queue?");
    }
  else if (g_str_equal (hop->kind, "stream") && self->now > since + LONGEST_READ + self->patience)
    {
      sentence = g_strdup_printf ("The record has been waiting in the stream for %.0f seconds, and nobody reads it.", self->now - since);
      set_stuck (self, hop, sentence, "Look at the function’s trigger: is there one, is it enabled, and may the function’s role read the stream? An earlier "
                                      "batch that fails again and again holds up all that come after it.");
    }
}

void
mill_tracer_infer (MillTracer *self)
{
  g_autoptr (GPtrArray) waiting = g_ptr_array_new_with_free_func (g_object_unref);
  g_autoptr (GPtrArray) given_up = g_ptr_array_new_with_free_func (g_object_unref);
  GHashTableIter iter;
  gpointer value;

  g_hash_table_iter_init (&iter, self->under_way);
  while (g_hash_table_iter_next (&iter, &value, NULL))
    {
      GPtrArray *hops = mill_trace_get_hops (value);

      for (guint i = 0; i < hops->len; i++)
        {
          MillHop *hop = hops->pdata[i];

          if (hop->expecting && !hop->logged && hop->left > 0 && self->now > hop->left + 5 * self->patience)
            g_ptr_array_add (given_up, g_object_ref (hop));
          if (!mill_hop_is_over (hop) && (g_str_equal (hop->kind, "queue") || g_str_equal (hop->kind, "stream") || g_str_equal (hop->kind, "topic")))
            g_ptr_array_add (waiting, g_object_ref (hop));
        }
    }
  /* It went where nobody looks. */
  for (guint i = 0; i < given_up->len; i++)
    {
      ((MillHop *) given_up->pdata[i])->expecting = FALSE;
      mill_tracer_changed (self, given_up->pdata[i]);
    }
  g_ptr_array_sort (waiting, compare_arrivals);
  infer_nameless (self, waiting);
  mill_tracer_infer_sent (self);
  mill_tracer_infer_writes (self);
  for (guint i = 0; i < waiting->len; i++)
    {
      MillHop *hop = waiting->pdata[i];

      if (g_str_equal (hop->kind, "queue") && !hop->told && hop->left > 0)
        {
          MillHopStatus before = hop->status;

          mill_tracer_infer_receives (self, hop);
          if (hop->status != before)
            mill_tracer_changed (self, hop);
        }
      if (g_str_equal (hop->kind, "topic"))
        infer_deliveries (self, hop);
      else
        infer_passed (self, hop);
      notice_waiting (self, hop);
    }
  g_hash_table_iter_init (&iter, self->queues);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    infer_dead_letters (self, value, waiting);
}
