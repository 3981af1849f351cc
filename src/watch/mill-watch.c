/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-watch.h"

#include "aws-json.h"
#include "mill-event-stream.h"
#include "mill-probes.h"
#include "mill-resolver.h"
#include "mill-trace-private.h"
#include "mill-tracer-private.h"

#define TICK_MS 500
/* How late public APIs may tell: CloudWatch Logs needs some seconds on AWS. */
#define LATE_HERE 1
#define LATE_ON_AWS 20
/* What was under way when a program ended is followed on where that is not longer ago. */
#define LONGEST_AGO 3600

struct _MillWatch
{
  GObject          parent_instance;

  MillDeployment  *deployment;
  MillResolver    *resolver;
  MillTracer      *tracer;
  MillEventStream *stream;
  MillTraceStore  *store;
  GCancellable    *loading;     /* NULL once the traces of past runs are there */
  double           past;        /* the last moment that they tell of */
  double           unfinished;  /* when the first of them that is under way began; 0 where none is */
  MillProbes      *probes;
  MillWatchSource  source;
  guint            budget;
  guint            tick_id;
  gboolean         started;     /* … as soon as they are loaded */
  gboolean         from_beginning;
};

enum { PROP_0, PROP_LOADED, PROP_BUDGET, N_PROPERTIES };
static GParamSpec *properties[N_PROPERTIES];

enum { HOP, TRACE, MAIL, COUNTS_CHANGED, HELD_CHANGED, HOLD_SWITCHED, READY, FAILED, N_SIGNALS };
static guint signals[N_SIGNALS];

static void list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (MillWatch, mill_watch, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

static gboolean
on_tick (gpointer data)
{
  MillWatch *self = data;
  gboolean busy;

  mill_tracer_pass_time (self->tracer, g_get_real_time () / (double) G_USEC_PER_SEC);
  busy = mill_tracer_is_busy (self->tracer);
  if (self->probes != NULL)
    mill_probes_set_busy (self->probes, busy);
  if (busy)
    return G_SOURCE_CONTINUE;
  self->tick_id = 0;
  return G_SOURCE_REMOVE;
}

/* Nothing wakes up where nothing is under way. */
static void
tick_while_busy (MillWatch *self)
{
  if (self->tick_id == 0 && self->started && mill_tracer_is_busy (self->tracer))
    {
      self->tick_id = g_timeout_add (TICK_MS, on_tick, self);
      if (self->probes != NULL)
        mill_probes_set_busy (self->probes, TRUE);
    }
}

static void
on_event (MillWatch  *self,
          JsonObject *event)
{
  const char *kind = aws_json_get_string (event, "kind");

  /* What was seen in an earlier run is told again; only a write that no stream tells of has no id by which that is noticed. */
  if (g_strcmp0 (kind, "table-written") != 0 || aws_json_get_string (event, "eventID") != NULL || mill_tracer_number (event, "time") > self->past)
    mill_tracer_add (self->tracer, event);
  if (g_strcmp0 (kind, "hold-switched") == 0)
    {
      const char *deployment = aws_json_get_string (event, "deployment");

      g_signal_emit (self, signals[HOLD_SWITCHED], 0, deployment != NULL ? deployment : "", aws_json_get_boolean (event, "on", FALSE));
    }
  tick_while_busy (self);
  if (g_strcmp0 (kind, "mail") == 0)
    {
      const char *to = aws_json_get_string (event, "to");
      const char *subject = aws_json_get_string (event, "subject");
      const char *body = aws_json_get_string (event, "body");
      const char *topic = aws_json_get_string (event, "topicArn");
      const char *confirmation = aws_json_get_string (event, "confirmation");

      if (topic != NULL && mill_resolver_resolve ("topic", topic, NULL, self->resolver) == NULL)
        return;
      g_signal_emit (self, signals[MAIL], 0, to != NULL ? to : "", subject != NULL ? subject : "", body != NULL ? body : "",
                     confirmation != NULL ? confirmation : "");
    }
}

static void
on_hop (MillWatch *self,
        MillTrace *trace,
        MillHop   *hop)
{
  mill_trace_store_note (self->store, mill_deployment_get_id (self->deployment), trace);
  g_signal_emit (self, signals[HOP], 0, trace, hop);
}

/* What was kept of it is another's now. */
static void
on_gone (MillWatch *self,
         MillTrace *trace)
{
  mill_trace_store_note (self->store, mill_deployment_get_id (self->deployment), trace);
}

static void
on_trace (MillWatch *self,
          MillTrace *trace)
{
  g_signal_emit (self, signals[TRACE], 0, trace);
}

static void
on_counts_changed (MillWatch  *self,
                   const char *component)
{
  g_signal_emit (self, signals[COUNTS_CHANGED], 0, component);
}

static void
on_held_changed (MillWatch *self)
{
  g_signal_emit (self, signals[HELD_CHANGED], 0);
}

static void
on_ready (MillWatch *self)
{
  g_signal_emit (self, signals[READY], 0);
}

static void
on_failed (MillWatch  *self,
           const char *sentence)
{
  g_signal_emit (self, signals[FAILED], 0, sentence);
}

static void
start_probes (MillWatch *self)
{
  gboolean aws = mill_target_get_kind (mill_deployment_get_target (self->deployment)) == MILL_TARGET_ACCOUNT;
  double now = g_get_real_time () / (double) G_USEC_PER_SEC;
  double since = self->unfinished > now - LONGEST_AGO ? self->unfinished - 1 : now;

  if (self->from_beginning)
    since = MIN (since, MAX (self->past, now - LONGEST_AGO));
  mill_tracer_set_patience (self->tracer, aws ? LATE_ON_AWS : LATE_HERE);
  self->probes = mill_probes_new (self->deployment, self->store, since, aws ? LATE_ON_AWS : LATE_HERE, mill_resolver_resolve, self->resolver);
  mill_probes_set_budget (self->probes, self->budget);
  g_signal_connect_swapped (self->probes, "observation", G_CALLBACK (on_event), self);
  g_signal_connect_swapped (self->probes, "ready", G_CALLBACK (on_ready), self);
  g_signal_connect_swapped (self->probes, "failed", G_CALLBACK (on_failed), self);
  mill_probes_start (self->probes);
}

static gboolean
is_practice (MillWatch *self)
{
  return mill_target_get_kind (mill_deployment_get_target (self->deployment)) == MILL_TARGET_PRACTICE;
}

static void
start_watching (MillWatch *self)
{
  MillTarget *target = mill_deployment_get_target (self->deployment);

  if (self->stream != NULL || self->probes != NULL || mill_target_get_client (target) == NULL)
    return;
  if (mill_watch_uses_probes (self))
    start_probes (self);
  else if (is_practice (self))
    {
      self->stream = mill_event_stream_new (mill_target_get_client (target), self->from_beginning);
      g_signal_connect_swapped (self->stream, "event", G_CALLBACK (on_event), self);
      g_signal_connect_swapped (self->stream, "ready", G_CALLBACK (on_ready), self);
      g_signal_connect_swapped (self->stream, "failed", G_CALLBACK (on_failed), self);
      mill_event_stream_start (self->stream);
    }
  tick_while_busy (self);
}

static void
find_past (MillWatch *self,
           GPtrArray *traces)
{
  for (guint i = 0; i < traces->len; i++)
    {
      GPtrArray *hops = mill_trace_get_hops (traces->pdata[i]);

      if (self->unfinished == 0 && mill_trace_get_state (traces->pdata[i]) == MILL_TRACE_UNDER_WAY)
        self->unfinished = mill_trace_get_started (traces->pdata[i]);
      for (guint n = 0; n < hops->len; n++)
        {
          MillHop *hop = hops->pdata[n];

          self->past = MAX (self->past, MAX (hop->arrived, hop->left));
        }
    }
}

static void
on_loaded (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  g_autoptr (MillWatch) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) traces = mill_trace_store_load_finish (self->store, result, &error);

  g_clear_object (&self->loading);
  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (traces != NULL)
    {
      find_past (self, traces);
      mill_tracer_restore (self->tracer, traces);
    }
  else
    g_signal_emit (self, signals[FAILED], 0, error->message);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LOADED]);
  if (self->started)
    start_watching (self);
}

static void
on_items_changed (MillWatch *self,
                  guint      position,
                  guint      removed,
                  guint      added)
{
  g_list_model_items_changed (G_LIST_MODEL (self), position, removed, added);
}

static GType
get_item_type (GListModel *model)
{
  return MILL_TYPE_TRACE;
}

static guint
get_n_items (GListModel *model)
{
  return g_list_model_get_n_items (G_LIST_MODEL (MILL_WATCH (model)->tracer));
}

static gpointer
get_item (GListModel *model,
          guint       position)
{
  return g_list_model_get_item (G_LIST_MODEL (MILL_WATCH (model)->tracer), position);
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

static void
mill_watch_finalize (GObject *object)
{
  MillWatch *self = MILL_WATCH (object);

  mill_watch_stop (self);
  g_clear_object (&self->tracer);
  g_clear_object (&self->store);
  g_clear_object (&self->deployment);
  g_clear_object (&self->resolver);
  G_OBJECT_CLASS (mill_watch_parent_class)->finalize (object);
}

static void
mill_watch_get_property (GObject    *object,
                         guint       property,
                         GValue     *value,
                         GParamSpec *pspec)
{
  switch (property)
    {
    case PROP_LOADED:
      g_value_set_boolean (value, mill_watch_get_loaded (MILL_WATCH (object)));
      break;
    case PROP_BUDGET:
      g_value_set_uint (value, MILL_WATCH (object)->budget);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property, pspec);
    }
}

static void
mill_watch_set_property (GObject      *object,
                         guint         property,
                         const GValue *value,
                         GParamSpec   *pspec)
{
  switch (property)
    {
    case PROP_BUDGET:
      mill_watch_set_budget (MILL_WATCH (object), g_value_get_uint (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, property, pspec);
    }
}

static void
mill_watch_class_init (MillWatchClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = mill_watch_finalize;
  G_OBJECT_CLASS (klass)->get_property = mill_watch_get_property;
  G_OBJECT_CLASS (klass)->set_property = mill_watch_set_property;

  properties[PROP_LOADED] = g_param_spec_boolean ("loaded", NULL, NULL, FALSE, G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  properties[PROP_BUDGET] = g_param_spec_uint ("budget", NULL, NULL, MILL_TURNS_AT_REST, G_MAXUINT, MILL_TURNS_BUDGET,
                                               G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (G_OBJECT_CLASS (klass), N_PROPERTIES, properties);

  signals[HOP] = g_signal_new ("hop", MILL_TYPE_WATCH, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                               G_TYPE_NONE, 2, MILL_TYPE_TRACE, MILL_TYPE_HOP);
  signals[TRACE] = g_signal_new ("trace", MILL_TYPE_WATCH, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, MILL_TYPE_TRACE);
  signals[MAIL] = g_signal_new ("mail", MILL_TYPE_WATCH, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                G_TYPE_NONE, 4, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRING, G_TYPE_STRING);
  signals[COUNTS_CHANGED] = g_signal_new ("counts-changed", MILL_TYPE_WATCH, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                          G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[HELD_CHANGED] = g_signal_new ("held-changed", MILL_TYPE_WATCH, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[HOLD_SWITCHED] = g_signal_new ("hold-switched", MILL_TYPE_WATCH, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                         G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_BOOLEAN);
  signals[READY] = g_signal_new ("ready", MILL_TYPE_WATCH, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[FAILED] = g_signal_new ("failed", MILL_TYPE_WATCH, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
mill_watch_init (MillWatch *self)
{
  self->budget = MILL_TURNS_BUDGET;
}

MillWatch *
mill_watch_new (MillDeployment *deployment)
{
  g_autoptr (MillTraceStore) store = mill_trace_store_new (NULL);

  return mill_watch_new_with_store (deployment, store);
}

MillWatch *
mill_watch_new_with_store (MillDeployment *deployment,
                           MillTraceStore *store)
{
  MillWatch *self = g_object_new (MILL_TYPE_WATCH, NULL);

  self->deployment = g_object_ref (deployment);
  self->resolver = mill_resolver_new (deployment);
  self->tracer = mill_tracer_new (mill_resolver_resolve, self->resolver);
  g_signal_connect_swapped (self->tracer, "hop", G_CALLBACK (on_hop), self);
  g_signal_connect_swapped (self->tracer, "trace", G_CALLBACK (on_trace), self);
  g_signal_connect_swapped (self->tracer, "gone", G_CALLBACK (on_gone), self);
  g_signal_connect_swapped (self->tracer, "counts-changed", G_CALLBACK (on_counts_changed), self);
  g_signal_connect_swapped (self->tracer, "held-changed", G_CALLBACK (on_held_changed), self);
  g_signal_connect_swapped (self->tracer, "items-changed", G_CALLBACK (on_items_changed), self);
  self->store = g_object_ref (store);
  self->loading = g_cancellable_new ();
  mill_trace_store_load_async (self->store, mill_deployment_get_id (deployment), self->loading, on_loaded, g_object_ref (self));
  return self;
}

void
mill_watch_set_source (MillWatch       *self,
                       MillWatchSource  source)
{
  g_return_if_fail (MILL_IS_WATCH (self));
  self->source = source;
}

gboolean
mill_watch_uses_probes (MillWatch *self)
{
  g_return_val_if_fail (MILL_IS_WATCH (self), FALSE);
  return self->source == MILL_WATCH_PROBES || (self->source == MILL_WATCH_AUTO && !is_practice (self));
}

void
mill_watch_set_budget (MillWatch *self,
                       guint      calls_per_minute)
{
  g_return_if_fail (MILL_IS_WATCH (self));
  if (self->budget == calls_per_minute)
    return;
  self->budget = calls_per_minute;
  if (self->probes != NULL)
    mill_probes_set_budget (self->probes, calls_per_minute);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_BUDGET]);
}

guint
mill_watch_get_recent_calls (MillWatch *self)
{
  g_return_val_if_fail (MILL_IS_WATCH (self), 0);
  return self->probes != NULL ? mill_probes_get_recent_calls (self->probes) : 0;
}

void
mill_watch_start (MillWatch *self,
                  gboolean   from_beginning)
{
  g_return_if_fail (MILL_IS_WATCH (self));
  self->started = TRUE;
  self->from_beginning = from_beginning;
  if (self->loading == NULL)
    start_watching (self);
}

void
mill_watch_stop (MillWatch *self)
{
  g_return_if_fail (MILL_IS_WATCH (self));
  self->started = FALSE;
  g_clear_handle_id (&self->tick_id, g_source_remove);
  if (self->probes != NULL)
    {
      g_signal_handlers_disconnect_by_data (self->probes, self);
      mill_probes_stop (self->probes);
      g_clear_object (&self->probes);
    }
  if (self->stream == NULL)
    return;
  g_signal_handlers_disconnect_by_data (self->stream, self);
  mill_event_stream_stop (self->stream);
  g_clear_object (&self->stream);
}

gboolean
mill_watch_get_loaded (MillWatch *self)
{
  g_return_val_if_fail (MILL_IS_WATCH (self), FALSE);
  return self->loading == NULL;
}

MillTrace *
mill_watch_find (MillWatch  *self,
                 const char *trace_id)
{
  g_return_val_if_fail (MILL_IS_WATCH (self), NULL);
  return mill_tracer_find (self->tracer, trace_id);
}

guint64
mill_watch_get_count (MillWatch  *self,
                      const char *logical_id)
{
  g_return_val_if_fail (MILL_IS_WATCH (self), 0);
  return mill_tracer_get_count (self->tracer, logical_id);
}

guint64
mill_watch_get_errors (MillWatch  *self,
                       const char *logical_id)
{
  g_return_val_if_fail (MILL_IS_WATCH (self), 0);
  return mill_tracer_get_errors (self->tracer, logical_id);
}

guint
mill_watch_get_n_held (MillWatch *self)
{
  g_return_val_if_fail (MILL_IS_WATCH (self), 0);
  return mill_tracer_get_n_held (self->tracer);
}

void
mill_watch_foreach_held (MillWatch          *self,
                         MillTracerHeldFunc  func,
                         gpointer            user_data)
{
  g_return_if_fail (MILL_IS_WATCH (self));
  mill_tracer_foreach_held (self->tracer, func, user_data);
}

void
mill_watch_set_held (MillWatch *self,
                     JsonArray *held)
{
  g_return_if_fail (MILL_IS_WATCH (self));
  mill_tracer_forget_held (self->tracer);
  for (guint i = 0; held != NULL && i < json_array_get_length (held); i++)
    {
      JsonNode *node = json_array_get_element (held, i);
      JsonObject *item = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
      const char *id = item != NULL ? aws_json_get_string (item, "id") : NULL;
      g_autoptr (JsonObject) event = NULL;
      JsonObjectIter iter;
      const char *name;
      JsonNode *value;

      if (id == NULL)
        continue;
      event = json_object_new ();
      json_object_iter_init (&iter, item);
      while (json_object_iter_next (&iter, &name, &value))
        json_object_set_member (event, name, json_node_copy (value));
      json_object_set_string_member (event, "kind", "held");
      json_object_set_string_member (event, "holdId", id);
      mill_tracer_add (self->tracer, event);
    }
}
