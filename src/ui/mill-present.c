/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-present.h"

#include "mill-trace.h"

/* What of a hop was shown already: its visits, and whether the last one has come back. */
static GQuark
shown_quark (void)
{
  return g_quark_from_static_string ("mill-present-shown");
}

static int
find_node (MillDiagramMap *map,
           MillHop        *hop)
{
  return mill_diagram_map_find_place (map, mill_hop_get_component (hop), mill_hop_get_kind (hop));
}

static gboolean
is_bad (MillHopStatus status)
{
  return status == MILL_HOP_FAILED || status == MILL_HOP_RETRYING;
}

static gboolean
is_source (MillHop *hop)
{
  return g_str_equal (mill_hop_get_kind (hop), "queue") || g_str_equal (mill_hop_get_kind (hop), "stream");
}

static void
send (MillDiagramMap *map,
      MillTraffic    *traffic,
      MillHop        *hop,
      int             from,
      int             to,
      gboolean        fly,
      MillHopStatus   status,
      gboolean        stays,
      gint64          now)
{
  g_autoptr(GArray) route = NULL;
  guint direct[2] = { from, to };

  if (!fly || from < 0 || from == to)
    {
      if (stays)
        mill_traffic_send (traffic, hop, mill_hop_get_previous (hop), direct + 1, 1, status, TRUE, now);
      else
        mill_traffic_settle (traffic, hop, status, FALSE);
      return;
    }
  route = mill_diagram_map_find_route (map, from, to);
  /* What comes back goes the way that it came. */
  if (route == NULL && (route = mill_diagram_map_find_route (map, to, from)) != NULL)
    for (guint i = 0; i < route->len / 2; i++)
      {
        guint other = g_array_index (route, guint, i);

        g_array_index (route, guint, i) = g_array_index (route, guint, route->len - 1 - i);
        g_array_index (route, guint, route->len - 1 - i) = other;
      }
  mill_traffic_send (traffic, hop, mill_hop_get_previous (hop), route != NULL ? (const guint *) route->data : direct,
                     route != NULL ? route->len : 2, status, stays, now);
}

int
mill_present_show_hop (MillDiagramMap *map,
                       MillTraffic    *traffic,
                       MillHop        *hop,
                       gboolean        fly,
                       gint64          now)
{
  MillHop *previous = mill_hop_get_previous (hop);
  MillHopStatus status = mill_hop_get_status (hop);
  int to = find_node (map, hop);
  int from = previous != NULL ? find_node (map, previous) : to >= 0 ? mill_diagram_map_find_sender (map, to) : -1;
  guint n;
  double left = mill_hop_get_left (hop);
  guint shown = GPOINTER_TO_UINT (g_object_get_qdata (G_OBJECT (hop), shown_quark ()));
  guint shown_visits = shown >> 4;
  MillHopStatus shown_status = (shown >> 1) & 7;
  gboolean shown_back = shown & 1;
  gboolean here = left <= 0 && (status == MILL_HOP_UNDER_WAY || status == MILL_HOP_RETRYING);
  gboolean back = previous != NULL && from >= 0 && status == MILL_HOP_RETRYING && left > 0;
  gboolean fresh, was_flying;

  if (to < 0)
    return -1;
  was_flying = mill_traffic_is_flying (traffic, hop);
  mill_hop_get_visits (hop, &n);
  fresh = n > shown_visits;
  g_object_set_qdata (G_OBJECT (hop), shown_quark (), GUINT_TO_POINTER (n << 4 | status << 1 | back));
  /* Back in the queue: the dot that came back from whoever took it stands for it. */
  if (is_source (hop) && (shown_visits > 0 || status == MILL_HOP_RETRYING))
    {
      if (here && !mill_traffic_has_returned (traffic, hop))
        {
          if (!mill_traffic_settle (traffic, hop, status, TRUE))
            send (map, traffic, hop, -1, to, FALSE, n > 1 ? MILL_HOP_RETRYING : status, TRUE, now);
        }
      else
        mill_traffic_settle (traffic, hop, status, FALSE);
      return -1;
    }
  if (fresh)
    send (map, traffic, hop, from, to, fly, shown_visits > 0 ? MILL_HOP_RETRYING : MILL_HOP_UNDER_WAY, here, now);
  if (back && (fresh || !shown_back))
    send (map, traffic, hop, to, from, fly, MILL_HOP_RETRYING, TRUE, now);
  else if (!back)
    mill_traffic_settle (traffic, hop, status, here);
  if (!fly && (fresh || status != shown_status))
    return to;
  /* One that is on its way here lights it when it comes. */
  return is_bad (status) && status != shown_status && !was_flying && !(fresh && mill_traffic_is_flying (traffic, hop)) ? to : -1;
}

void
mill_present_fill (MillDiagramMap *map,
                   MillTraffic    *traffic,
                   GListModel     *traces)
{
  for (guint i = 0; i < g_list_model_get_n_items (traces); i++)
    {
      g_autoptr(MillTrace) trace = g_list_model_get_item (traces, i);
      MillTraceState state = mill_trace_get_state (trace);

      if (state != MILL_TRACE_UNDER_WAY && state != MILL_TRACE_STUCK)
        continue;
      for (guint j = 0; j < g_list_model_get_n_items (G_LIST_MODEL (trace)); j++)
        {
          g_autoptr(MillHop) hop = g_list_model_get_item (G_LIST_MODEL (trace), j);

          g_object_set_qdata (G_OBJECT (hop), shown_quark (), NULL);
          mill_present_show_hop (map, traffic, hop, FALSE, 0);
        }
    }
}
