/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-places.h"

#include "mill-times.h"

typedef struct Place Place;

/* What is known of one component, for what comes from one other: times in order. */
struct Place
{
  Place      *first;         /* of this component: what came from several places may have been one run, so all are there */
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
  GArray     *gone_runs;     /* of which nothing is left in @runs */
  guint64     gone_arrivals, gone_messages;
};

/* What of a hop was counted already. */
typedef struct
{
  Place  *place;
  guint   arrived, left, judged;
  double  last_arrived, last_left;
} Counted;

struct _MillPlaces
{
  GPtrArray  *places;    /* of Place */
  GHashTable *counted;   /* MillHop → Counted */
  GArray     *moments;   /* of double: when anything happened, in order, each once */
  guint       n_same;    /* so many of them are what they were when they were asked for last */
  GArray     *failures;  /* of double: when anything went wrong, in order */
};

static void
place_free (gpointer data)
{
  Place *place = data;

  g_array_unref (place->arrivals);
  g_array_unref (place->runs);
  g_array_unref (place->gone_runs);
  g_array_unref (place->firsts);
  g_array_unref (place->departures);
  g_array_unref (place->failures);
  g_ptr_array_unref (place->failed);
  g_free (place);
}

static GArray *
new_times (void)
{
  return g_array_new (FALSE, FALSE, sizeof (double));
}

static gboolean
is_at (const Place *place,
       MillHop     *hop)
{
  MillHop *previous = mill_hop_get_previous (hop);

  return g_str_equal (place->component, mill_hop_get_component (hop)) && g_str_equal (place->kind, mill_hop_get_kind (hop)) &&
         g_strcmp0 (place->from, previous != NULL ? mill_hop_get_component (previous) : NULL) == 0 &&
         g_strcmp0 (place->from_kind, previous != NULL ? mill_hop_get_kind (previous) : NULL) == 0;
}

static Place *
find_place (MillPlaces *self,
            MillHop    *hop)
{
  MillHop *previous = mill_hop_get_previous (hop);
  Place *place;

  for (guint i = 0; i < self->places->len; i++)
    {
      place = self->places->pdata[i];
      if (is_at (place, hop))
        return place;
    }
  place = g_new0 (Place, 1);
  place->component = g_intern_string (mill_hop_get_component (hop));
  place->kind = g_intern_string (mill_hop_get_kind (hop));
  place->from = previous != NULL ? g_intern_string (mill_hop_get_component (previous)) : NULL;
  place->from_kind = previous != NULL ? g_intern_string (mill_hop_get_kind (previous)) : NULL;
  place->arrivals = new_times ();
  place->runs = new_times ();
  place->gone_runs = new_times ();
  place->firsts = new_times ();
  place->departures = new_times ();
  place->failures = new_times ();
  place->failed = g_ptr_array_new_with_free_func (g_object_unref);
  place->first = place;
  for (guint i = 0; i < self->places->len && place->first == place; i++)
    {
      Place *other = self->places->pdata[i];

      if (other->component == place->component && other->kind == place->kind)
        place->first = other->first;
    }
  g_ptr_array_add (self->places, place);
  return place;
}

MillPlaces *
mill_places_new (void)
{
  MillPlaces *self = g_new0 (MillPlaces, 1);

  self->places = g_ptr_array_new_with_free_func (place_free);
  self->counted = g_hash_table_new_full (NULL, NULL, g_object_unref, g_free);
  self->moments = new_times ();
  self->failures = new_times ();
  return self;
}

void
mill_places_free (MillPlaces *self)
{
  g_ptr_array_unref (self->places);
  g_hash_table_unref (self->counted);
  g_array_unref (self->moments);
  g_array_unref (self->failures);
  g_free (self);
}

void
mill_places_clear (MillPlaces *self)
{
  g_hash_table_remove_all (self->counted);
  g_array_set_size (self->moments, 0);
  g_array_set_size (self->failures, 0);
  self->n_same = 0;
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

/* One more of a batch came, of which the others are gone already. */
static void
take_back_run (Place  *place,
               double  time)
{
  g_autoptr (GArray) one = new_times ();

  if (!mill_times_has (place->gone_runs, time))
    return;
  g_array_append_val (one, time);
  mill_times_remove_all (place->gone_runs, one);
}

static void
happened (MillPlaces *self,
          double      time)
{
  guint at = mill_times_insert (self->moments, time, TRUE);

  if (at < self->moments->len)
    self->n_same = MIN (self->n_same, at);
}

static gboolean
happens_nothing (MillPlaces *self,
                 double      time)
{
  for (guint i = 0; i < self->places->len; i++)
    {
      Place *place = self->places->pdata[i];

      if (mill_times_has (place->arrivals, time) || mill_times_has (place->departures, time))
        return FALSE;
    }
  return TRUE;
}

/* Those of @times at which nothing happens any more are no moments. */
static void
forget_moments (MillPlaces *self,
                GArray     *times)
{
  g_autoptr (GArray) gone = new_times ();

  for (guint i = 0; i < times->len; i++)
    if (happens_nothing (self, mill_times_get (times, i)))
      g_array_append_val (gone, g_array_index (times, double, i));
  self->n_same = MIN (self->n_same, mill_times_remove_all (self->moments, gone));
}

/* Whether what was counted of a hop is what its visits still begin with. What left and came back is no change of that. */
static gboolean
agrees (const Counted   *counted,
        const MillVisit *visits,
        guint            n)
{
  return counted->arrived <= n && (counted->arrived == 0 || visits[counted->arrived - 1].arrived == counted->last_arrived);
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
  /* Where it came from was seen late. */
  if (counted != NULL && !is_at (counted->place, hop))
    {
      g_autoptr (GPtrArray) moved = g_ptr_array_new ();

      g_ptr_array_add (moved, hop);
      if (!mill_places_forget (self, moved, FALSE))
        return FALSE;
      counted = NULL;
    }
  if (counted == NULL)
    {
      counted = g_new0 (Counted, 1);
      counted->place = find_place (self, hop);
      g_hash_table_insert (self->counted, g_object_ref (hop), counted);
    }
  /* A visit that came late, or one too many that was dropped: the rest is no longer what was counted. */
  if (!agrees (counted, visits, n))
    return FALSE;
  /* What had left came back. */
  if (counted->left > 0 && visits[counted->left - 1].left != counted->last_left)
    {
      g_autoptr (GArray) gone = new_times ();

      g_array_append_val (gone, counted->last_left);
      mill_times_remove_all (counted->place->departures, gone);
      forget_moments (self, gone);
      counted->left--;
      counted->last_left = counted->left > 0 ? visits[counted->left - 1].left : 0;
    }
  for (; counted->arrived < n; counted->arrived++)
    {
      counted->last_arrived = visits[counted->arrived].arrived;
      mill_times_insert (counted->place->arrivals, counted->last_arrived, FALSE);
      mill_times_insert (counted->place->first->runs, counted->last_arrived, TRUE);
      take_back_run (counted->place->first, counted->last_arrived);
      if (counted->arrived == 0)
        mill_times_insert (counted->place->firsts, counted->last_arrived, FALSE);
      happened (self, counted->last_arrived);
    }
  for (; counted->left < n && visits[counted->left].left > 0; counted->left++)
    {
      counted->last_left = visits[counted->left].left;
      mill_times_insert (counted->place->departures, counted->last_left, FALSE);
      happened (self, counted->last_left);
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
          mill_times_insert (self->failures, time, FALSE);
        }
    }
  return TRUE;
}

static gboolean
is_run (MillPlaces *self,
        Place      *first,
        double      time)
{
  for (guint i = 0; i < self->places->len; i++)
    {
      Place *place = self->places->pdata[i];

      if (place->first == first && mill_times_has (place->arrivals, time))
        return TRUE;
    }
  return FALSE;
}

/* Those of @times at which nothing arrived are no runs any more: a batch is one as long as any of it is left. */
static void
forget_runs (MillPlaces *self,
             Place      *first,
             GArray     *times,
             gboolean    done)
{
  g_autoptr (GArray) gone = new_times ();

  for (guint i = 0; i < times->len; i++)
    if (!is_run (self, first, mill_times_get (times, i)))
      g_array_append_val (gone, g_array_index (times, double, i));
  mill_times_remove_all (first->runs, gone);
  for (guint i = 0; done && i < gone->len; i++)
    mill_times_insert (first->gone_runs, mill_times_get (gone, i), TRUE);
}

/* Adds the times to @failures. */
static void
forget_failures (Place      *place,
                 GHashTable *hops,
                 GArray     *failures)
{
  guint kept = 0;

  for (guint i = 0; i < place->failed->len; i++)
    {
      MillHop *hop = place->failed->pdata[i];
      double time = mill_times_get (place->failures, i);

      if (g_hash_table_contains (hops, hop))
        {
          g_array_append_val (failures, time);
          g_object_unref (hop);
          continue;
        }
      g_array_index (place->failures, double, kept) = time;
      place->failed->pdata[kept++] = hop;
    }
  g_array_set_size (place->failures, kept);
  place->failed->len = kept;
}

/* Adds to @times when anything happened there. */
static void
forget_at (MillPlaces *self,
           Place      *place,
           GHashTable *hops,
           gboolean    done,
           GArray     *times)
{
  g_autoptr (GArray) arrivals = new_times (), firsts = new_times (), departures = new_times ();
  GHashTableIter iter;
  gpointer hop, value;

  g_hash_table_iter_init (&iter, hops);
  while (g_hash_table_iter_next (&iter, &hop, &value))
    {
      Counted *counted = value;
      guint n;
      const MillVisit *visits = mill_hop_get_visits (hop, &n);

      if (counted->place != place)
        continue;
      for (guint i = 0; i < counted->arrived; i++)
        g_array_append_val (arrivals, visits[i].arrived);
      if (counted->arrived > 0)
        g_array_append_val (firsts, visits[0].arrived);
      for (guint i = 0; i < counted->left; i++)
        g_array_append_vals (departures, i + 1 < counted->left ? &visits[i].left : &counted->last_left, 1);
    }
  mill_times_remove_all (place->arrivals, arrivals);
  mill_times_remove_all (place->firsts, firsts);
  mill_times_remove_all (place->departures, departures);
  forget_runs (self, place->first, arrivals, done);
  if (done)
    {
      place->gone_arrivals += arrivals->len;
      place->gone_messages += g_str_equal (place->kind, "queue") ? firsts->len : arrivals->len;
    }
  if (arrivals->len > 0)
    g_array_append_vals (times, arrivals->data, arrivals->len);
  if (departures->len > 0)
    g_array_append_vals (times, departures->data, departures->len);
}

gboolean
mill_places_forget (MillPlaces *self,
                    GPtrArray  *hops,
                    gboolean    done)
{
  g_autoptr (GHashTable) known = g_hash_table_new (NULL, NULL);
  g_autoptr (GArray) times = new_times (), failures = new_times ();

  for (guint i = 0; i < hops->len; i++)
    {
      Counted *counted = g_hash_table_lookup (self->counted, hops->pdata[i]);
      guint n;
      const MillVisit *visits = mill_hop_get_visits (hops->pdata[i], &n);

      if (counted == NULL)
        continue;
      if (!agrees (counted, visits, n))
        return FALSE;
      g_hash_table_insert (known, hops->pdata[i], counted);
    }
  for (guint i = 0; i < self->places->len; i++)
    {
      forget_at (self, self->places->pdata[i], known, done, times);
      forget_failures (self->places->pdata[i], known, failures);
    }
  forget_moments (self, times);
  mill_times_remove_all (self->failures, failures);
  for (guint i = 0; i < hops->len; i++)
    g_hash_table_remove (self->counted, hops->pdata[i]);
  return TRUE;
}

GArray *
mill_places_get_moments (MillPlaces *self,
                         guint      *n_same)
{
  if (n_same != NULL)
    {
      *n_same = self->n_same;
      self->n_same = self->moments->len;
    }
  return self->moments;
}

GArray *
mill_places_get_failures (MillPlaces *self)
{
  return self->failures;
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
  if (!g_str_equal (place->kind, "function"))
    activity->arrived += arrived;
  else if (place->first == place)
    activity->arrived += mill_times_count_until (place->runs, moment);
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

void
mill_places_add_gone (MillPlaces   *self,
                      guint         index,
                      MillActivity *activity)
{
  Place *place;

  g_return_if_fail (index < self->places->len);
  place = self->places->pdata[index];
  activity->arrived += g_str_equal (place->kind, "function") ? place->gone_runs->len : place->gone_arrivals;
  activity->messages += place->gone_messages;
}
