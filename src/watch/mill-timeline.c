/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-timeline.h"

#include <string.h>

#include "mill-places.h"
#include "mill-times.h"
#include "mill-trace-private.h"

struct _MillTimeline
{
  GObject     parent_instance;

  GListModel *traces;
  GPtrArray  *known;         /* of MillTrace: what @traces was */
  MillPlaces *places;
  GArray     *moments;       /* of double: borrowed from @places, as are the next */
  GArray     *failures;
  GArray     *positions;     /* of double: where each moment is on the line */
  gboolean    stale;         /* everything is to be counted anew */

  double      moment;
  double      speed;
  gboolean    playing;
};

enum { PROP_0, PROP_MOMENT, PROP_PLAYING, PROP_SPEED, N_PROPS };
enum { CHANGED, N_SIGNALS };

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (MillTimeline, mill_timeline, G_TYPE_OBJECT)

static void
count_hop (MillTimeline *self,
           MillHop      *hop)
{
  if (!mill_places_count (self->places, hop))
    self->stale = TRUE;
}

static void
count_trace (MillTimeline *self,
             guint         position)
{
  g_autoptr (GListModel) trace = g_list_model_get_item (self->traces, position);

  for (guint i = 0; i < g_list_model_get_n_items (trace); i++)
    {
      g_autoptr (MillHop) hop = g_list_model_get_item (trace, i);
      count_hop (self, hop);
    }
}

static void
freshen (MillTimeline *self)
{
  if (!self->stale)
    return;
  mill_places_clear (self->places);
  for (guint i = 0; i < g_list_model_get_n_items (self->traces); i++)
    count_trace (self, i);
  self->stale = FALSE;
}

static void
place_moments (MillTimeline *self)
{
  guint n_same;

  freshen (self);
  mill_places_get_moments (self->places, &n_same);
  g_array_set_size (self->positions, self->moments->len);
  for (guint i = n_same; i < self->moments->len; i++)
    g_array_index (self->positions, double, i) =
      i == 0 ? 0 : mill_times_get (self->positions, i - 1) + MIN (mill_times_get (self->moments, i) - mill_times_get (self->moments, i - 1), MILL_TIMELINE_QUIET);
}

/* To count all others anew each time would hold up whoever looks. Returns: FALSE where that is needed. */
static gboolean
let_go (MillTimeline *self,
        guint         position,
        guint         n)
{
  g_autoptr (GPtrArray) dropped = g_ptr_array_new_with_free_func (g_object_unref), joined = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < n; i++)
    {
      MillTrace *trace = self->known->pdata[position + i];
      GPtrArray *hops = mill_trace_get_hops (trace);

      /* What was in it is counted, and nobody knows what it was. */
      if (hops->len == 0)
        return FALSE;
      for (guint j = 0; j < hops->len; j++)
        g_ptr_array_add (mill_trace_get_dropped (trace) ? dropped : joined, g_object_ref (hops->pdata[j]));
    }
  return mill_places_forget (self->places, dropped, TRUE) && mill_places_forget (self->places, joined, FALSE);
}

static void
on_items_changed (MillTimeline *self,
                  guint         position,
                  guint         removed,
                  guint         added)
{
  if (removed > 0 && !self->stale && !let_go (self, position, removed))
    self->stale = TRUE;
  g_ptr_array_remove_range (self->known, position, removed);
  for (guint i = 0; i < added; i++)
    g_ptr_array_insert (self->known, position + i, g_list_model_get_item (self->traces, position + i));
  for (guint i = 0; !self->stale && i < added; i++)
    count_trace (self, position + i);
  if (!mill_timeline_is_live (self))
    mill_timeline_set_moment (self, self->moment);
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
mill_timeline_get_property (GObject    *object,
                            guint       id,
                            GValue     *value,
                            GParamSpec *pspec)
{
  MillTimeline *self = MILL_TIMELINE (object);

  switch (id)
    {
    case PROP_MOMENT: g_value_set_double (value, self->moment); break;
    case PROP_PLAYING: g_value_set_boolean (value, self->playing); break;
    case PROP_SPEED: g_value_set_double (value, self->speed); break;
    default: G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
mill_timeline_set_property (GObject      *object,
                            guint         id,
                            const GValue *value,
                            GParamSpec   *pspec)
{
  MillTimeline *self = MILL_TIMELINE (object);

  switch (id)
    {
    case PROP_MOMENT: mill_timeline_set_moment (self, g_value_get_double (value)); break;
    case PROP_PLAYING: mill_timeline_set_playing (self, g_value_get_boolean (value)); break;
    case PROP_SPEED: mill_timeline_set_speed (self, g_value_get_double (value)); break;
    default: G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
mill_timeline_finalize (GObject *object)
{
  MillTimeline *self = MILL_TIMELINE (object);

  g_object_unref (self->traces);
  g_ptr_array_unref (self->known);
  g_array_unref (self->positions);
  mill_places_free (self->places);
  G_OBJECT_CLASS (mill_timeline_parent_class)->finalize (object);
}

static void
mill_timeline_class_init (MillTimelineClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags flags = G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->finalize = mill_timeline_finalize;
  object_class->get_property = mill_timeline_get_property;
  object_class->set_property = mill_timeline_set_property;

  properties[PROP_MOMENT] = g_param_spec_double ("moment", NULL, NULL, 0, G_MAXDOUBLE, 0, flags);
  properties[PROP_PLAYING] = g_param_spec_boolean ("playing", NULL, NULL, FALSE, flags);
  properties[PROP_SPEED] = g_param_spec_double ("speed", NULL, NULL, 0.01, 100, 1, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  signals[CHANGED] = g_signal_new ("changed", MILL_TYPE_TIMELINE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
mill_timeline_init (MillTimeline *self)
{
  self->places = mill_places_new ();
  self->moments = mill_places_get_moments (self->places, NULL);
  self->failures = mill_places_get_failures (self->places);
  self->positions = g_array_new (FALSE, FALSE, sizeof (double));
  self->known = g_ptr_array_new_with_free_func (g_object_unref);
  self->speed = 1;
  self->stale = TRUE;
}

MillTimeline *
mill_timeline_new (GListModel *traces)
{
  MillTimeline *self = g_object_new (MILL_TYPE_TIMELINE, NULL);

  self->traces = g_object_ref (traces);
  for (guint i = 0; i < g_list_model_get_n_items (traces); i++)
    g_ptr_array_add (self->known, g_list_model_get_item (traces, i));
  g_signal_connect_object (traces, "items-changed", G_CALLBACK (on_items_changed), self, G_CONNECT_SWAPPED);
  return self;
}

void
mill_timeline_update (MillTimeline *self,
                      MillHop      *hop)
{
  g_return_if_fail (MILL_IS_TIMELINE (self));
  if (!self->stale)
    count_hop (self, hop);
  g_signal_emit (self, signals[CHANGED], 0);
}

GListModel *
mill_timeline_get_traces (MillTimeline *self)
{
  g_return_val_if_fail (MILL_IS_TIMELINE (self), NULL);
  return self->traces;
}

double
mill_timeline_get_start (MillTimeline *self)
{
  g_return_val_if_fail (MILL_IS_TIMELINE (self), 0);
  freshen (self);
  return self->moments->len > 0 ? mill_times_get (self->moments, 0) : 0;
}

double
mill_timeline_get_end (MillTimeline *self)
{
  g_return_val_if_fail (MILL_IS_TIMELINE (self), 0);
  freshen (self);
  return self->moments->len > 0 ? mill_times_get (self->moments, self->moments->len - 1) : 0;
}

double
mill_timeline_get_moment (MillTimeline *self)
{
  g_return_val_if_fail (MILL_IS_TIMELINE (self), 0);
  return self->moment;
}

void
mill_timeline_set_moment (MillTimeline *self,
                          double        moment)
{
  g_return_if_fail (MILL_IS_TIMELINE (self));
  freshen (self);
  if (!(moment > 0) || self->moments->len == 0)
    moment = 0;
  else
    moment = CLAMP (moment, mill_timeline_get_start (self), mill_timeline_get_end (self));
  if (moment == 0)
    mill_timeline_set_playing (self, FALSE);
  if (self->moment == moment)
    return;
  self->moment = moment;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_MOMENT]);
}

gboolean
mill_timeline_is_live (MillTimeline *self)
{
  g_return_val_if_fail (MILL_IS_TIMELINE (self), TRUE);
  return self->moment == 0;
}

double
mill_timeline_get_next (MillTimeline *self,
                        double        moment)
{
  guint at;

  g_return_val_if_fail (MILL_IS_TIMELINE (self), 0);
  freshen (self);
  at = moment > 0 ? mill_times_count_until (self->moments, moment) : self->moments->len;
  return at < self->moments->len ? mill_times_get (self->moments, at) : 0;
}

double
mill_timeline_get_previous (MillTimeline *self,
                            double        moment)
{
  guint at;

  g_return_val_if_fail (MILL_IS_TIMELINE (self), 0);
  freshen (self);
  at = moment > 0 ? mill_times_count_until (self->moments, moment) : self->moments->len;
  while (at > 0 && moment > 0 && mill_times_get (self->moments, at - 1) >= moment)
    at--;
  return at > 0 ? mill_times_get (self->moments, at - 1) : 0;
}

double
mill_timeline_to_position (MillTimeline *self,
                           double        moment)
{
  guint at;
  double behind;

  g_return_val_if_fail (MILL_IS_TIMELINE (self), 0);
  place_moments (self);
  if (moment <= 0)
    return mill_timeline_get_length (self);
  at = mill_times_count_until (self->moments, moment);
  if (at == 0)
    return 0;
  behind = moment - mill_times_get (self->moments, at - 1);
  if (at < self->moments->len)
    {
      double stretch = mill_times_get (self->moments, at) - mill_times_get (self->moments, at - 1);

      behind *= (mill_times_get (self->positions, at) - mill_times_get (self->positions, at - 1)) / stretch;
    }
  else
    behind = 0;
  return mill_times_get (self->positions, at - 1) + behind;
}

double
mill_timeline_from_position (MillTimeline *self,
                             double        position)
{
  guint at;
  double part, stretch;

  g_return_val_if_fail (MILL_IS_TIMELINE (self), 0);
  place_moments (self);
  if (self->moments->len == 0)
    return 0;
  at = mill_times_count_until (self->positions, position);
  if (at == 0)
    return mill_times_get (self->moments, 0);
  if (at == self->moments->len)
    return mill_times_get (self->moments, at - 1);
  stretch = mill_times_get (self->positions, at) - mill_times_get (self->positions, at - 1);
  part = stretch > 0 ? (position - mill_times_get (self->positions, at - 1)) / stretch : 0;
  return mill_times_get (self->moments, at - 1) + part * (mill_times_get (self->moments, at) - mill_times_get (self->moments, at - 1));
}

double
mill_timeline_get_length (MillTimeline *self)
{
  g_return_val_if_fail (MILL_IS_TIMELINE (self), 0);
  place_moments (self);
  return self->positions->len > 0 ? mill_times_get (self->positions, self->positions->len - 1) : 0;
}

void
mill_timeline_count (MillTimeline *self,
                     guint         n,
                     guint        *all,
                     guint        *failed)
{
  double length = mill_timeline_get_length (self);
  guint before = 0;

  memset (all, 0, n * sizeof *all);
  memset (failed, 0, n * sizeof *failed);
  for (guint i = 0; i < n; i++)
    {
      guint until = i == n - 1 ? self->positions->len : mill_times_count_until (self->positions, length * (i + 1) / n);

      all[i] = until - before;
      if (all[i] > 0)
        failed[i] = mill_times_count_until (self->failures, mill_times_get (self->moments, until - 1)) -
                    (before > 0 ? mill_times_count_until (self->failures, mill_times_get (self->moments, before - 1)) : 0);
      before = until;
    }
}

gboolean
mill_timeline_get_playing (MillTimeline *self)
{
  g_return_val_if_fail (MILL_IS_TIMELINE (self), FALSE);
  return self->playing;
}

void
mill_timeline_set_playing (MillTimeline *self,
                           gboolean      playing)
{
  g_return_if_fail (MILL_IS_TIMELINE (self));
  if (playing && mill_timeline_get_end (self) == 0)
    playing = FALSE;
  if (self->playing == playing)
    return;
  if (playing && (self->moment == 0 || self->moment >= mill_timeline_get_end (self)))
    mill_timeline_set_moment (self, mill_timeline_get_start (self));
  self->playing = playing;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_PLAYING]);
}

void
mill_timeline_set_speed (MillTimeline *self,
                         double        speed)
{
  g_return_if_fail (MILL_IS_TIMELINE (self));
  if (self->speed == speed)
    return;
  self->speed = speed;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SPEED]);
}

void
mill_timeline_advance (MillTimeline *self,
                       double        seconds)
{
  double position;

  g_return_if_fail (MILL_IS_TIMELINE (self));
  if (!self->playing)
    return;
  position = mill_timeline_to_position (self, self->moment) + seconds * self->speed;
  mill_timeline_set_moment (self, position >= mill_timeline_get_length (self) ? 0 : mill_timeline_from_position (self, position));
}

gboolean
mill_timeline_look_at_hop (MillHop     *hop,
                           double       moment,
                           MillHopThen *then)
{
  guint n, so_far = 0;
  const MillVisit *visits;
  gboolean here;

  *then = (MillHopThen) { mill_hop_get_status (hop), mill_hop_get_left (hop), mill_hop_get_attempts (hop) };
  if (moment <= 0)
    return TRUE;
  visits = mill_hop_get_visits (hop, &n);
  while (so_far < n && visits[so_far].arrived <= moment)
    so_far++;
  /* Of what was tried very often only the last visits are known. */
  then->attempts -= MIN (n - so_far, then->attempts);
  if (!mill_hop_look_back (hop, moment, &then->status, &here))
    return FALSE;
  then->left = here ? 0 : visits[so_far - 1].left;
  /* What has no end is over nevertheless where it says so. */
  if (here && visits[so_far - 1].left <= 0 && so_far == n)
    then->status = mill_hop_get_status (hop);
  return TRUE;
}

MillTraceState
mill_timeline_look_at_trace (MillTrace *trace,
                             double     moment,
                             gboolean  *begun)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (trace));
  gboolean any = FALSE, failed = FALSE, under_way = FALSE;

  if (begun != NULL)
    *begun = TRUE;
  if (moment <= 0)
    return mill_trace_get_state (trace);
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (MillHop) hop = g_list_model_get_item (G_LIST_MODEL (trace), i);
      guint n_visits;
      const MillVisit *visits = mill_hop_get_visits (hop, &n_visits);
      MillHopStatus status;

      /* What comes later is on its way. */
      if (!mill_hop_look_back (hop, moment, &status, NULL) || visits[n_visits - 1].arrived > moment)
        under_way = TRUE;
      if (visits[0].arrived > moment)
        continue;
      any = TRUE;
      under_way |= status == MILL_HOP_UNDER_WAY || status == MILL_HOP_RETRYING;
      failed |= status == MILL_HOP_FAILED;
    }
  if (begun != NULL)
    *begun = any;
  if (failed)
    return MILL_TRACE_FAILED;
  if (under_way)
    return mill_trace_get_state (trace) == MILL_TRACE_STUCK && mill_trace_get_key_hop (trace) != NULL &&
           mill_hop_look_back (mill_trace_get_key_hop (trace), moment, NULL, NULL) ? MILL_TRACE_STUCK : MILL_TRACE_UNDER_WAY;
  return mill_trace_get_state (trace);
}

guint
mill_timeline_get_n_places (MillTimeline *self)
{
  g_return_val_if_fail (MILL_IS_TIMELINE (self), 0);
  freshen (self);
  return mill_places_get_n (self->places);
}

const char *
mill_timeline_get_place (MillTimeline  *self,
                         guint          index,
                         const char   **kind,
                         const char   **from,
                         const char   **from_kind)
{
  g_return_val_if_fail (MILL_IS_TIMELINE (self), NULL);
  return mill_places_get (self->places, index, kind, from, from_kind);
}

void
mill_timeline_add_activity (MillTimeline *self,
                            guint         index,
                            double        moment,
                            MillActivity *activity)
{
  g_return_if_fail (MILL_IS_TIMELINE (self));
  freshen (self);
  mill_places_add_activity (self->places, index, moment > 0 ? moment : mill_timeline_get_end (self), activity);
  if (moment <= 0)
    mill_places_add_gone (self->places, index, activity);
}
