/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-tracer-private.h"

#define MAX_TRACES 10000
#define AT_ONCE 100
#define PATIENCE 2

enum { HOP, TRACE, GONE, COUNTS_CHANGED, HELD_CHANGED, N_SIGNALS };
static guint signals[N_SIGNALS];

static void list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (MillTracer, mill_tracer, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

/* Counting */

void
mill_tracer_count (MillTracer *self,
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

void
mill_tracer_set_count (MillTracer *self,
                       const char *component,
                       guint64     count)
{
  gint64 more = (gint64) (count - mill_tracer_get_count (self, component));

  if (more != 0)
    mill_tracer_count (self, self->counts, component, more);
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

MillHop *
mill_tracer_find_hop (MillTracer *self,
                      const char *kind,
                      const char *id)
{
  g_autofree char *key = id != NULL ? hop_key (kind, NULL, id) : NULL;

  return key != NULL ? g_hash_table_lookup (self->hops, key) : NULL;
}

MillHop *
mill_tracer_find_function_hop (MillTracer *self,
                               const char *component,
                               const char *id)
{
  g_autofree char *key = hop_key ("function", component, id);

  return g_hash_table_lookup (self->hops, key);
}

void
mill_tracer_remember_hop (MillTracer *self,
                          MillHop    *hop)
{
  /* Nobody looks a write to a table up: its record in the stream has an id. */
  if (!g_str_equal (hop->kind, "table"))
    g_hash_table_replace (self->hops, hop_key (hop->kind, hop->component, hop->message_id), g_object_ref (hop));
}

void
mill_tracer_remember_as (MillTracer *self,
                         MillHop    *hop,
                         const char *id)
{
  g_hash_table_replace (self->hops, hop_key (hop->kind, hop->component, id), g_object_ref (hop));
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

/* Which go next: the first of those that are over, which follow one another; of those under way only where nothing is over. The last one is just coming. */
static guint
find_oldest (MillTracer *self,
             guint      *n)
{
  guint end = self->shown->len - 1, first = 0;

  while (first < end && g_hash_table_contains (self->under_way, self->shown->pdata[first]))
    first++;
  if (first == end)
    {
      *n = AT_ONCE;
      return 0;
    }
  for (*n = 1; *n < AT_ONCE && first + *n < end; ++*n)
    if (g_hash_table_contains (self->under_way, self->shown->pdata[first + *n]))
      break;
  return first;
}

/* The oldest go some at once, so that a full list is not shifted for every message, but so few that nobody has to wait for it. */
static void
drop_oldest (MillTracer *self)
{
  while (self->shown->len > MAX_TRACES)
    {
      guint n, first = find_oldest (self, &n);

      for (guint i = first; i < first + n; i++)
        {
          MillTrace *trace = self->shown->pdata[i];

          mill_trace_set_dropped (trace);
          mill_tracer_remember_waiting (self, trace);
          forget_hops (self, trace);
          g_hash_table_remove (self->by_id, mill_trace_get_id (trace));
          g_hash_table_remove (self->under_way, trace);
        }
      g_ptr_array_remove_range (self->shown, first, n);
      g_list_model_items_changed (G_LIST_MODEL (self), first, n, 0);
      self->dropped += n;
    }
  if (self->dropped >= MAX_TRACES / 10)
    {
      g_hash_table_foreach_remove (self->hops, belongs_to_none, NULL);
      self->dropped = 0;
    }
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

gboolean
mill_tracer_is_shown (MillTracer *self,
                      MillTrace  *trace)
{
  return trace != NULL && g_hash_table_lookup (self->by_id, mill_trace_get_id (trace)) == trace;
}

void
mill_tracer_changed (MillTracer *self,
                     MillHop    *hop)
{
  MillTrace *trace = hop->trace;
  gboolean other_state;

  if (trace == NULL)
    return;
  other_state = mill_trace_changed (trace, hop);
  if (!mill_tracer_is_shown (self, trace))
    return;
  if (mill_trace_get_state (trace) == MILL_TRACE_UNDER_WAY || mill_trace_get_state (trace) == MILL_TRACE_STUCK)
    g_hash_table_add (self->under_way, trace);
  else
    g_hash_table_remove (self->under_way, trace);
  g_signal_emit (self, signals[HOP], 0, trace, hop);
  if (other_state)
    g_signal_emit (self, signals[TRACE], 0, trace);
}

void
mill_tracer_tell (MillTracer *self,
                  MillHop    *hop)
{
  if (mill_tracer_is_shown (self, hop->trace))
    g_signal_emit (self, signals[HOP], 0, hop->trace, hop);
}

void
mill_tracer_held_changed (MillTracer *self)
{
  g_signal_emit (self, signals[HELD_CHANGED], 0);
}

/* A stream tells the time of a write in whole seconds, rounded down: it was not before what made it. */
static void
be_not_before (MillHop *hop,
               MillHop *previous)
{
  if (hop->arrived >= previous->arrived || (!g_str_equal (hop->kind, "table") && !g_str_equal (hop->kind, "stream")))
    return;
  if (hop->left == hop->arrived)
    hop->left = previous->arrived;
  hop->arrived = previous->arrived;
}

/* Takes @hop. @previous: NULL begins a trace of its own. */
MillHop *
mill_tracer_add_hop (MillTracer *self,
                     MillHop    *hop,
                     MillHop    *previous)
{
  if (previous != NULL && previous->trace != NULL)
    {
      previous->expecting = FALSE;
      be_not_before (hop, previous);
      mill_trace_add_hop (previous->trace, hop, previous);
    }
  else
    {
      g_autoptr (MillTrace) trace = mill_trace_new (hop->message_id);

      mill_trace_add_hop (trace, hop, NULL);
      show_trace (self, trace);
    }
  mill_tracer_remember_hop (self, hop);
  return hop;
}

/* Returns: whether it was shown */
static gboolean
unshow_trace (MillTracer *self,
              MillTrace  *trace)
{
  guint position;

  if (!mill_tracer_is_shown (self, trace))
    return FALSE;
  g_hash_table_remove (self->by_id, mill_trace_get_id (trace));
  g_hash_table_remove (self->under_way, trace);
  if (g_ptr_array_find (self->shown, trace, &position))
    {
      g_ptr_array_remove_index (self->shown, position);
      g_list_model_items_changed (G_LIST_MODEL (self), position, 1, 0);
    }
  return TRUE;
}

void
mill_tracer_attach (MillTracer *self,
                    MillHop    *hop,
                    MillHop    *previous)
{
  g_autoptr (MillTrace) trace = hop->trace != NULL ? g_object_ref (hop->trace) : NULL;
  g_autoptr (GPtrArray) moved = NULL;
  GPtrArray *hops;
  gboolean shown;

  if (trace == NULL || previous->trace == NULL || previous->trace == trace || hop->previous != NULL)
    return;
  moved = g_ptr_array_new_with_free_func (g_object_unref);
  hops = mill_trace_get_hops (trace);
  for (guint i = 0; i < hops->len; i++)
    {
      MillHop *each = hops->pdata[i];

      be_not_before (each, each->previous != NULL ? each->previous : previous);
      g_ptr_array_add (moved, g_object_ref (each));
    }
  shown = unshow_trace (self, trace);
  previous->expecting = FALSE;
  mill_trace_absorb (previous->trace, trace, previous);
  if (shown)
    g_signal_emit (self, signals[GONE], 0, trace);
  for (guint i = 0; i < moved->len; i++)
    mill_tracer_changed (self, moved->pdata[i]);
}

void
mill_tracer_remove_hop (MillTracer *self,
                        MillHop    *hop)
{
  g_autoptr (MillTrace) trace = hop->trace != NULL ? g_object_ref (hop->trace) : NULL;
  g_autofree char *key = hop_key (hop->kind, hop->component, hop->message_id);

  if (g_hash_table_lookup (self->hops, key) == hop)
    g_hash_table_remove (self->hops, key);
  if (trace == NULL)
    return;
  mill_trace_remove_hop (trace, hop);
  if (mill_trace_get_hops (trace)->len == 0 && unshow_trace (self, trace))
    g_signal_emit (self, signals[GONE], 0, trace);
}

void
mill_tracer_show (MillTracer *self,
                  MillHop    *hop)
{
  GPtrArray *hops;

  if (hop->trace == NULL || mill_tracer_is_shown (self, hop->trace))
    return;
  show_trace (self, hop->trace);
  hops = mill_trace_get_hops (hop->trace);
  for (guint i = 0; i < hops->len; i++)
    mill_tracer_changed (self, hops->pdata[i]);
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
  mill_tracer_clear_hidden (self);
  g_hash_table_unref (self->under_way);
  g_hash_table_unref (self->outs);
  g_hash_table_unref (self->nameless);
  g_hash_table_unref (self->orphans);
  g_hash_table_unref (self->queues);
  g_ptr_array_unref (self->mappings);
  g_hash_table_unref (self->unlogged);
  g_hash_table_unref (self->subscriptions);
  g_hash_table_unref (self->read_until);
  g_hash_table_unref (self->hops);
  g_hash_table_unref (self->by_id);
  g_ptr_array_unref (self->shown);
  g_hash_table_unref (self->deliveries);
  g_hash_table_unref (self->mails);
  g_hash_table_unref (self->failing);
  g_hash_table_unref (self->denials);
  g_hash_table_unref (self->counts);
  g_hash_table_unref (self->waiting);
  g_hash_table_unref (self->errors);
  g_hash_table_unref (self->held);
  g_ptr_array_unref (self->logged);
  g_ptr_array_unref (self->unsent);
  g_ptr_array_unref (self->unwritten);
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
  signals[GONE] = g_signal_new ("gone", MILL_TYPE_TRACER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                G_TYPE_NONE, 1, MILL_TYPE_TRACE);
  signals[HELD_CHANGED] = g_signal_new ("held-changed", MILL_TYPE_TRACER, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
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
  self->patience = PATIENCE;
  self->under_way = g_hash_table_new (NULL, NULL);
  self->nameless = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->outs = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->orphans = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
  self->queues = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) mill_tracer_queue_free);
  self->mappings = g_ptr_array_new_with_free_func (g_free);
  self->unlogged = g_hash_table_new (NULL, NULL);
  self->subscriptions = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, (GDestroyNotify) g_ptr_array_unref);
  self->read_until = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, g_free);
  self->deliveries = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_ptr_array_unref);
  self->mails = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->failing = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_strfreev);
  self->denials = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->counts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->waiting = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->held = mill_tracer_new_held ();
  self->logged = g_ptr_array_new_with_free_func (mill_tracer_logged_free);
  self->unsent = g_ptr_array_new_with_free_func (g_object_unref);
  self->unwritten = g_ptr_array_new_with_free_func (g_object_unref);
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
    { "gateway-request", mill_tracer_on_gateway_request },
    { "gateway-integration", mill_tracer_on_gateway_integration },
    { "gateway-response", mill_tracer_on_gateway_response },
    { "gateway-logged", mill_tracer_on_gateway_logged },
    { "queue-sent", mill_tracer_on_queue_sent },
    { "queue-received", mill_tracer_on_queue_received },
    { "queue-deleted", mill_tracer_on_queue_deleted },
    { "queue-returned", mill_tracer_on_queue_returned },
    { "queue-dead-lettered", mill_tracer_on_queue_dead_lettered },
    { "mapping-failed", mill_tracer_on_mapping_failed },
    { "mapping-recovered", mill_tracer_on_mapping_recovered },
    { "mapping-filtered", mill_tracer_on_mapping_filtered },
    { "function-started", mill_tracer_on_function_started },
    { "function-log", mill_tracer_on_function_log },
    { "function-ended", mill_tracer_on_function_ended },
    { "table-written", mill_tracer_on_table_written },
    { "topic-published", mill_tracer_on_topic_published },
    { "topic-tapped", mill_tracer_on_topic_tapped },
    { "topic-delivered", mill_tracer_on_topic_delivered },
    { "mail", mill_tracer_on_mail },
    { "sms", mill_tracer_on_mail },
    { "denied", mill_tracer_on_denied },
    { "held", mill_tracer_on_held },
    { "released", mill_tracer_on_released },
    { "queue-seen", mill_tracer_on_queue_seen },
    { "mapping-seen", mill_tracer_on_mapping_seen },
    { "mapping-changed", mill_tracer_on_mapping_changed },
    { "mappings-listed", mill_tracer_on_mappings_listed },
    { "function-seen", mill_tracer_on_function_seen },
    { "topic-seen", mill_tracer_on_topic_seen },
    { "read-until", mill_tracer_on_read_until },
  };
  const char *kind;

  g_return_if_fail (MILL_IS_TRACER (self));
  kind = aws_json_get_string (event, "kind");
  self->now = MAX (self->now, mill_tracer_number (event, "time"));
  for (guint i = 0; kind != NULL && i < G_N_ELEMENTS (handlers); i++)
    if (g_str_equal (handlers[i].kind, kind))
      {
        handlers[i].handle (self, event);
        return;
      }
}

void
mill_tracer_pass_time (MillTracer *self,
                       double      now)
{
  g_return_if_fail (MILL_IS_TRACER (self));
  self->now = MAX (self->now, now);
  mill_tracer_infer (self);
  mill_tracer_show_hidden (self);
}

void
mill_tracer_set_patience (MillTracer *self,
                          double      seconds)
{
  g_return_if_fail (MILL_IS_TRACER (self));
  self->patience = seconds;
}

gboolean
mill_tracer_is_busy (MillTracer *self)
{
  g_return_val_if_fail (MILL_IS_TRACER (self), FALSE);
  return g_hash_table_size (self->under_way) > 0 || self->hidden.length > 0;
}

void
mill_tracer_restore (MillTracer *self,
                     GPtrArray  *traces)
{
  guint added = 0;

  g_return_if_fail (MILL_IS_TRACER (self));
  for (guint i = 0; i < traces->len; i++)
    {
      MillTrace *trace = traces->pdata[i];
      GPtrArray *hops = mill_trace_get_hops (trace);

      if (g_hash_table_contains (self->by_id, mill_trace_get_id (trace)))
        continue;
      for (guint n = 0; n < hops->len; n++)
        mill_tracer_remember_hop (self, hops->pdata[n]);
      g_ptr_array_insert (self->shown, added++, g_object_ref (trace));
      g_hash_table_replace (self->by_id, (char *) mill_trace_get_id (trace), trace);
      if (mill_trace_get_state (trace) == MILL_TRACE_UNDER_WAY || mill_trace_get_state (trace) == MILL_TRACE_STUCK)
        g_hash_table_add (self->under_way, trace);
    }
  if (added > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), 0, 0, added);
  drop_oldest (self);
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
