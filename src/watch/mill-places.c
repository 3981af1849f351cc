/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-places.h"

#include "mill-times.h"

/* What is known of one component, for what comes from one other: times in order. */
typedef struct
{
  const char *component;     /* interned, as are the next */
  const char *kind;
  const char *from;          /* NULL where messages begin here */
  const char *from_kind;
  GArray     *arrivals;      /* of double */
  GArray     *runs;          /* arrivals, each once: a batch is one run */
  GArray     *firsts;        /* first arrivals: what comes back to a queue does not come from where it came from */
  GArray     *departures;
  GArray     *failures;
  GPtrArray  *failed;        /* of MillHop: whose failures they are */
} Place;

/* What of a hop was counted already. */
typedef struct
{
  Place  *place;
  guint   arrived, left, judged;
  double  last_arrived, last_left;
} Counted;

struct _MillPlaces
{
  GPtrArray        *places;    /* of Place */
  GHashTable       *counted;   /* MillHop (borrowed) → Counted */
  MillPlacesMoment  happened;
  gpointer          user_data;
};

static void
place_free (gpointer data)
{
  Place *place = data;

  g_array_unref (place->arrivals);
  g_array_unref (place->runs);
  g_array_unref (place->firsts);
  g_array_unref (place->departures);
  g_array_unref (place->failures);
  g_ptr_array_unref (place->failed);
  g_free (place);
}

static Place *
find_place (MillPlaces *self,
            MillHop    *hop)
{
  MillHop *previous = mill_hop_get_previous (hop);
  const char *component = g_intern_string (mill_hop_get_component (hop)), *kind = g_intern_string (mill_hop_get_kind (hop));
  const char *from = previous != NULL ? g_intern_string (mill_hop_get_component (previous)) : NULL;
  const char *from_kind = previous != NULL ? g_intern_string (mill_hop_get_kind (previous)) : NULL;
  Place *place;

  for (guint i = 0; i < self->places->len; i++)
    {
      place = self->places->pdata[i];
      if (place->component == component && place->kind == kind && place->from == from && place->from_kind == from_kind)
        return place;
    }
  place = g_new0 (Place, 1);
  place->component = component;
  place->kind = kind;
  place->from = from;
  place->from_kind = from_kind;
  place->arrivals = g_array_new (FALSE, FALSE, sizeof (double));
  place->runs = g_array_new (FALSE, FALSE, sizeof (double));
  place->firsts = g_array_new (FALSE, FALSE, sizeof (double));
  place->departures = g_array_new (FALSE, FALSE, sizeof (double));
  place->failures = g_array_new (FALSE, FALSE, sizeof (double));
  place->failed = g_ptr_array_new_with_free_func (g_object_unref);
  g_ptr_array_add (self->places, place);
  return place;
}

MillPlaces *
mill_places_new (MillPlacesMoment happened,
                 gpointer         user_data)
{
  MillPlaces *self = g_new0 (MillPlaces, 1);

  self->places = g_ptr_array_new_with_free_func (place_free);
  self->counted = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  self->happened = happened;
  self->user_data = user_data;
  return self;
}

void
mill_places_free (MillPlaces *self)
{
  g_ptr_array_unref (self->places);
  g_hash_table_unref (self->counted);
  g_free (self);
}

void
mill_places_clear (MillPlaces *self)
{
  g_hash_table_remove_all (self->counted);
  for (guint i = 0; i < self->places->len; i++)
    {
      Place *place = self->places->pdata[i];

      g_array_set_size (place->arrivals, 0);
      g_array_set_size (place->runs, 0);
      g_array_set_size (place->firsts, 0);
      g_array_set_size (place->departures, 0);
      g_array_set_size (place->failures, 0);
      g_ptr_array_set_size (place->failed, 0);
    }
}

gboolean
mill_places_count (MillPlaces *self,
                   MillHop    *hop)
{
  guint n;
  const MillVisit *visits = mill_hop_get_visits (hop, &n);
  Counted *counted = g_hash_table_lookup (self->counted, hop);

  if (visits[0].arrived <= 0)
    return TRUE;
  if (counted == NULL)
    {
      counted = g_new0 (Counted, 1);
      counted->place = find_place (self, hop);
      g_hash_table_insert (self->counted, hop, counted);
    }
  /* A visit that came late, or one too many that was dropped: the rest is no longer what was counted. */
  if (counted->arrived > n || (counted->arrived > 0 && visits[counted->arrived - 1].arrived != counted->last_arrived))
    return FALSE;
  /* What had left came back. */
  if (counted->left > 0 && visits[counted->left - 1].left != counted->last_left)
    {
      mill_times_remove (counted->place->departures, counted->last_left);
      counted->left--;
      counted->last_left = counted->left > 0 ? visits[counted->left - 1].left : 0;
    }
  for (; counted->arrived < n; counted->arrived++)
    {
      counted->last_arrived = visits[counted->arrived].arrived;
      mill_times_insert (counted->place->arrivals, counted->last_arrived, FALSE);
      mill_times_insert (counted->place->runs, counted->last_arrived, TRUE);
      if (counted->arrived == 0)
        mill_times_insert (counted->place->firsts, counted->last_arrived, FALSE);
      self->happened (counted->last_arrived, FALSE, self->user_data);
    }
  for (; counted->left < n && visits[counted->left].left > 0; counted->left++)
    {
      counted->last_left = visits[counted->left].left;
      mill_times_insert (counted->place->departures, counted->last_left, FALSE);
      self->happened (counted->last_left, FALSE, self->user_data);
    }
  for (; counted->judged < n; counted->judged++)
    {
      const MillVisit *visit = &visits[counted->judged];

      if (visit->left <= 0 && visit->status != MILL_HOP_FAILED)
        break;
      /* What is in a queue again went wrong somewhere else. */
      if (visit->status == MILL_HOP_FAILED || (visit->status == MILL_HOP_RETRYING && !g_str_equal (counted->place->kind, "queue")))
        {
          double time = MAX (visit->left, visit->arrived);

          g_ptr_array_insert (counted->place->failed, mill_times_insert (counted->place->failures, time, FALSE), g_object_ref (hop));
          self->happened (time, TRUE, self->user_data);
        }
    }
  return TRUE;
}

void
mill_places_forget (MillPlaces *self,
                    MillHop    *hop)
{
  g_hash_table_remove (self->counted, hop);
}

guint
mill_places_get_n (MillPlaces *self)
{
  return self->places->len;
}

const char *
mill_places_get (MillPlaces  *self,
                 guint        index,
                 const char **kind,
                 const char **from,
                 const char **from_kind)
{
  Place *place;

  g_return_val_if_fail (index < self->places->len, NULL);
  place = self->places->pdata[index];
  if (kind != NULL)
    *kind = place->kind;
  if (from != NULL)
    *from = place->from;
  if (from_kind != NULL)
    *from_kind = place->from_kind;
  return place->component;
}

void
mill_places_add_activity (MillPlaces   *self,
                          guint         index,
                          double        moment,
                          MillActivity *activity)
{
  Place *place;
  guint before, arrived, left, failures;

  g_return_if_fail (index < self->places->len);
  place = self->places->pdata[index];
  arrived = mill_times_count_until (place->arrivals, moment);
  left = mill_times_count_until (place->departures, moment);
  activity->arrived += g_str_equal (place->kind, "function") ? mill_times_count_until (place->runs, moment) : arrived;
  activity->messages += g_str_equal (place->kind, "queue") ? mill_times_count_until (place->firsts, moment) : arrived;
  activity->waiting += arrived > left ? arrived - left : 0;
  failures = mill_times_count_until (place->failures, moment);
  activity->errors += failures - mill_times_count_until (place->failures, moment - MILL_ACTIVITY_SECONDS);
  if (failures > 0 && mill_times_get (place->failures, failures - 1) > MAX (activity->failed_at, moment - MILL_ACTIVITY_SECONDS))
    {
      activity->failed_at = mill_times_get (place->failures, failures - 1);
      activity->failed = place->failed->pdata[failures - 1];
    }
  before = mill_times_count_until (place->arrivals, moment - MILL_ACTIVITY_SECONDS);
  for (guint i = 0; i < MILL_ACTIVITY_PARTS; i++)
    {
      guint until = mill_times_count_until (place->arrivals, moment - MILL_ACTIVITY_SECONDS * (MILL_ACTIVITY_PARTS - 1 - i) / MILL_ACTIVITY_PARTS);

      activity->parts[i] += until - before;
      before = until;
    }
}
