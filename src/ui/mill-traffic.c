/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-traffic.h"

/* More than this do not fly: they are where they are at once. */
#define MOST_FLYING 5000
#define MOST_NODES  12
/* What sets out on the same way within this time flies beside it, a batch or a message that was split. */
#define BESIDE (MILL_TRAFFIC_LEG / 3)

typedef struct {
  MillHop *hop;
  MillHop *after;               /* (nullable) */
  guint route[MOST_NODES];      /* where it goes; the last is where it stays */
  MillHopStatus status[MOST_NODES];  /* how it goes to each of them */
  guint n;
  guint passed;                 /* how many it has come to */
  gint64 start, end;
  MillHopStatus settled;        /* how its stay goes, once it has landed */
  guint lane;
  gboolean flying;
  gboolean stays;
} Dot;

struct _MillTraffic
{
  GPtrArray *dots;              /* of Dot, in the order in which they came */
  GHashTable *by_hop;           /* MillHop → Dot */
  guint n_flying;
};

static void
dot_free (gpointer data)
{
  Dot *dot = data;

  g_object_unref (dot->hop);
  g_clear_object (&dot->after);
  g_free (dot);
}

MillTraffic *
mill_traffic_new (void)
{
  MillTraffic *self = g_new0 (MillTraffic, 1);

  self->dots = g_ptr_array_new ();
  self->by_hop = g_hash_table_new_full (NULL, NULL, NULL, dot_free);
  return self;
}

void
mill_traffic_free (MillTraffic *self)
{
  g_ptr_array_unref (self->dots);
  g_hash_table_unref (self->by_hop);
  g_free (self);
}

void
mill_traffic_clear (MillTraffic *self)
{
  g_ptr_array_set_size (self->dots, 0);
  g_hash_table_remove_all (self->by_hop);
  self->n_flying = 0;
}

/* The first that nobody beside it flies in: it stays there all the way. */
static guint
find_lane (MillTraffic *self,
           const Dot   *dot)
{
  guint taken[MILL_MARKS_LANES] = { 0 }, best = 0;

  for (guint i = 0; i < self->dots->len && self->n_flying <= MILL_MARKS_MOST_DOTS; i++)
    {
      const Dot *other = self->dots->pdata[i];

      if (other != dot && other->flying && other->route[0] == dot->route[0] && other->route[1] == dot->route[1] &&
          ABS (other->start - dot->start) < BESIDE)
        taken[other->lane]++;
    }
  for (guint i = 1; i < MILL_MARKS_LANES; i++)
    if (taken[i] < taken[best])
      best = i;
  return best;
}

void
mill_traffic_send (MillTraffic   *self,
                   MillHop       *hop,
                   MillHop       *after,
                   const guint   *route,
                   guint          n,
                   MillHopStatus  status,
                   gboolean       stays,
                   gint64         now)
{
  Dot *dot = g_hash_table_lookup (self->by_hop, hop);
  Dot *before = after != NULL ? g_hash_table_lookup (self->by_hop, after) : NULL;
  gint64 start = now;

  g_return_if_fail (n > 0);
  if (before != NULL && before->flying && self->n_flying <= MILL_MARKS_MOST_DOTS)
    start = MAX (start, before->end);
  if (dot == NULL)
    {
      dot = g_new0 (Dot, 1);
      dot->hop = g_object_ref (hop);
      g_hash_table_insert (self->by_hop, hop, dot);
      g_ptr_array_add (self->dots, dot);
    }
  if (dot->flying)
    {
      /* It turns where it was going to: the legs that are behind it are forgotten, those before it are flown first. */
      guint done = now > dot->start ? MIN ((guint) ((now - dot->start) / MILL_TRAFFIC_LEG), dot->n - 2) : 0;

      dot->start += done * (gint64) MILL_TRAFFIC_LEG;
      dot->n -= done;
      dot->passed -= MIN (done, dot->passed);
      memmove (dot->route, dot->route + done, dot->n * sizeof *dot->route);
      memmove (dot->status, dot->status + done, dot->n * sizeof *dot->status);
      for (guint i = 1; i < n && dot->n < MOST_NODES; i++)
        {
          dot->status[dot->n] = status;
          dot->route[dot->n++] = route[i];
        }
    }
  else
    {
      dot->n = MIN (n, MOST_NODES);
      memcpy (dot->route, route, dot->n * sizeof *route);
      for (guint i = 0; i < dot->n; i++)
        dot->status[i] = status;
      dot->passed = 0;
      dot->start = start;
      dot->flying = dot->n > 1 && self->n_flying < MOST_FLYING;
      self->n_flying += dot->flying;
      dot->lane = dot->flying ? find_lane (self, dot) : 0;
    }
  dot->end = dot->start + (dot->n - 1) * (gint64) MILL_TRAFFIC_LEG;
  dot->settled = status;
  dot->stays = stays;
  g_set_object (&dot->after, after);
}

gboolean
mill_traffic_settle (MillTraffic   *self,
                     MillHop       *hop,
                     MillHopStatus  status,
                     gboolean       stays)
{
  Dot *dot = g_hash_table_lookup (self->by_hop, hop);

  if (dot == NULL)
    return FALSE;
  dot->settled = status;
  dot->stays = stays;
  return TRUE;
}

gboolean
mill_traffic_is_flying (MillTraffic *self,
                        MillHop     *hop)
{
  Dot *dot = g_hash_table_lookup (self->by_hop, hop);

  return dot != NULL && dot->flying;
}

gboolean
mill_traffic_has_returned (MillTraffic *self,
                           MillHop     *hop)
{
  for (guint i = 0; i < self->dots->len; i++)
    {
      Dot *dot = self->dots->pdata[i];

      if (dot->after == hop && dot->settled == MILL_HOP_RETRYING)
        return TRUE;
    }
  return FALSE;
}

guint
mill_traffic_advance (MillTraffic *self,
                      gint64       now,
                      MillLanding  landing,
                      gpointer     user_data)
{
  guint kept = 0;

  for (guint i = 0; i < self->dots->len; i++)
    {
      Dot *dot = self->dots->pdata[i];

      /* What it passes it leaves as it is going from there: red where it failed and turned. */
      for (; dot->flying && dot->passed + 2 < dot->n && dot->start + (dot->passed + 1) * (gint64) MILL_TRAFFIC_LEG <= now; dot->passed++)
        if (landing != NULL)
          landing (dot->route[dot->passed + 1], dot->status[dot->passed + 2], user_data);
      if (dot->flying && dot->end <= now)
        {
          dot->flying = FALSE;
          self->n_flying--;
          if (landing != NULL)
            landing (dot->route[dot->n - 1], dot->settled, user_data);
        }
      if (dot->flying || dot->stays)
        self->dots->pdata[kept++] = dot;
      else
        g_hash_table_remove (self->by_hop, dot->hop);
    }
  g_ptr_array_set_size (self->dots, kept);
  return self->n_flying;
}

/* From 0 to 1, slow at both ends. */
static double
ease (double t)
{
  return t * t * (3 - 2 * t);
}

void
mill_traffic_add_marks (MillTraffic *self,
                        gint64       now,
                        GArray      *marks)
{
  for (guint i = 0; i < self->dots->len; i++)
    {
      Dot *dot = self->dots->pdata[i];
      MillMark mark = { dot->route[dot->n - 1], dot->route[dot->n - 1], 1, dot->settled, 1, dot->lane };

      if (dot->flying)
        {
          gint64 gone = now - dot->start;
          guint leg;

          /* It has not set out yet. */
          if (gone < 0)
            continue;
          leg = MIN ((guint) (gone / MILL_TRAFFIC_LEG), dot->n - 2);
          mark.from = dot->route[leg];
          mark.to = dot->route[leg + 1];
          mark.progress = ease (MIN ((gone - leg * (double) MILL_TRAFFIC_LEG) / MILL_TRAFFIC_LEG, 1));
          mark.status = dot->status[leg + 1];
        }
      g_array_append_val (marks, mark);
    }
}

guint
mill_traffic_get_n_flying (MillTraffic *self)
{
  return self->n_flying;
}

guint
mill_traffic_get_n (MillTraffic *self)
{
  return self->dots->len;
}
