/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-past.h"

#include "mill-trace.h"

/* The visit that was under way at @moment or is the last before it; NULL where the message had not come. */
static const MillVisit *
find_visit (MillHop          *hop,
            double            moment,
            const MillVisit **next,
            guint            *so_far)
{
  guint n, i = 0;
  const MillVisit *visits = mill_hop_get_visits (hop, &n);

  while (i < n && visits[i].arrived <= moment)
    i++;
  if (next != NULL)
    *next = i < n ? &visits[i] : NULL;
  if (so_far != NULL)
    *so_far = i;
  return i > 0 ? &visits[i - 1] : NULL;
}

/* What has no end stays only while it is not over: a mail that was delivered has none. */
static gboolean
is_here (const MillVisit *visit,
         double           moment)
{
  if (visit->left > 0)
    return moment < visit->left;
  return visit->status == MILL_HOP_UNDER_WAY || visit->status == MILL_HOP_RETRYING;
}

static void
add (GArray        *marks,
     guint          from,
     guint          to,
     double         progress,
     MillHopStatus  status)
{
  MillMark mark = { from, to, CLAMP (progress, 0, 1), status, 1 };

  g_array_append_val (marks, mark);
}

/* On its way from one component to another that may not be its neighbour in the diagram. */
static void
add_between (MillDiagramMap *map,
             GArray         *marks,
             guint           from,
             guint           to,
             double          progress,
             MillHopStatus   status)
{
  g_autoptr(GArray) route = mill_diagram_map_find_route (map, from, to);
  guint legs = route != NULL ? route->len - 1 : 1;
  guint leg = MIN ((guint) (progress * legs), legs - 1);

  if (from == to)
    return;
  if (route == NULL)
    add (marks, from, to, progress, status);
  else
    add (marks, g_array_index (route, guint, leg), g_array_index (route, guint, leg + 1), progress * legs - leg, status);
}

static void
add_hop (MillDiagramMap *map,
         MillHop        *hop,
         double          moment,
         GArray         *marks)
{
  MillHop *previous = mill_hop_get_previous (hop);
  int at = mill_diagram_map_find_place (map, mill_hop_get_component (hop), mill_hop_get_kind (hop));
  int from = previous != NULL ? mill_diagram_map_find_place (map, mill_hop_get_component (previous), mill_hop_get_kind (previous)) : -1;
  const MillVisit *next, *next_before = NULL, *before = previous != NULL ? find_visit (previous, moment, &next_before, NULL) : NULL;
  guint so_far;
  const MillVisit *visit = find_visit (hop, moment, &next, &so_far);

  if (at < 0)
    return;
  if (visit != NULL && is_here (visit, moment))
    add (marks, at, at, 1, so_far > 1 ? MILL_HOP_RETRYING : MILL_HOP_UNDER_WAY);
  else if (from < 0 || next == NULL || before == NULL || is_here (before, moment))
    return;
  /* It comes to where it is from once more before it goes on to here. */
  else if (visit == NULL && next_before != NULL && next_before->arrived <= next->arrived)
    return;
  /* What was in a queue and will be there again is where it was taken to. */
  else if (visit != NULL && (visit->status != MILL_HOP_RETRYING || g_str_equal (mill_hop_get_kind (hop), "queue")))
    return;
  /* It failed and comes back to where it came from, to be there again when that says so. */
  else if (visit != NULL && visit->left > before->left)
    {
      if (next_before != NULL && next_before->arrived > visit->left)
        add_between (map, marks, at, from, (moment - visit->left) / (next_before->arrived - visit->left), MILL_HOP_RETRYING);
      else
        add (marks, from, from, 1, MILL_HOP_RETRYING);
    }
  else if (before->left > 0 && next->arrived > before->left)
    add_between (map, marks, from, at, (moment - before->left) / (next->arrived - before->left),
                 visit != NULL ? MILL_HOP_RETRYING : MILL_HOP_UNDER_WAY);
}

void
mill_past_add_marks (MillDiagramMap *map,
                     GListModel     *traces,
                     double          moment,
                     GArray         *marks)
{
  guint n = g_list_model_get_n_items (traces);

  for (guint i = 0; i < n; i++)
    {
      g_autoptr(MillTrace) trace = g_list_model_get_item (traces, i);
      guint n_hops;

      if (mill_trace_get_started (trace) > moment || (mill_trace_get_ended (trace) > 0 && mill_trace_get_ended (trace) < moment))
        continue;
      n_hops = g_list_model_get_n_items (G_LIST_MODEL (trace));
      for (guint j = 0; j < n_hops; j++)
        {
          g_autoptr(MillHop) hop = g_list_model_get_item (G_LIST_MODEL (trace), j);
          add_hop (map, hop, moment, marks);
        }
    }
}
