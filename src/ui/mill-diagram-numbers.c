/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-diagram-numbers.h"

static void
add_carried (MillDiagramMap *map,
             int             to,
             const char     *from_component,
             const char     *from_kind,
             guint64         n,
             guint64        *carried)
{
  int from = from_component != NULL ? mill_diagram_map_find_place (map, from_component, from_kind) : mill_diagram_map_find_sender (map, to);
  g_autoptr(GArray) route = from >= 0 && from != to ? mill_diagram_map_find_route (map, from, to) : NULL;

  for (guint i = 1; route != NULL && i < route->len; i++)
    {
      int edge = mill_diagram_map_find_edge (map, g_array_index (route, guint, i - 1), g_array_index (route, guint, i));

      if (edge >= 0)
        carried[edge] += n;
    }
}

/* Live, the watch knows better than the traces what waits in a queue; elsewhere it has seen what made no trace, and the traces what was before it began:
 * the larger number is right. But a stream would repeat its table's number, and a mailbox may get mail for more subscriptions than its own. */
static guint64
choose_count (MillDiagramMap *map,
              MillWatch      *watch,
              guint           node,
              guint64         traced)
{
  const MillDiagramNode *one = mill_diagram_map_get_node (map, node);
  guint64 count = 0;

  if (one->resource != NULL && g_strcmp0 (one->kind, "stream") != 0 && g_strcmp0 (one->kind, "mail") != 0)
    count = mill_watch_get_count (watch, one->resource);
  if (g_strcmp0 (one->kind, "queue") == 0)
    return count > 0 ? count : traced;
  return MAX (count, traced);
}

gboolean
mill_diagram_numbers_fill (MillDiagramMap     *map,
                           MillTimeline       *timeline,
                           MillWatch          *watch,
                           double              now,
                           MillDiagramNumbers *numbers,
                           guint64            *carried)
{
  double moment = mill_timeline_get_moment (timeline);
  gboolean errors = FALSE;

  for (guint i = 0; i < mill_timeline_get_n_places (timeline); i++)
    {
      const char *kind, *from, *from_kind;
      const char *component = mill_timeline_get_place (timeline, i, &kind, &from, &from_kind);
      int node = mill_diagram_map_find_place (map, component, kind);
      MillActivity activity = { 0 }, lately = { 0 };
      const MillActivity *recent;

      if (node < 0)
        continue;
      mill_timeline_add_activity (timeline, i, moment, &activity);
      if (moment == 0)
        mill_timeline_add_activity (timeline, i, now, &lately);
      add_carried (map, node, from, from_kind, activity.messages, carried);
      numbers[node].count += g_str_equal (kind, "queue") ? activity.waiting : activity.arrived;
      recent = moment == 0 ? &lately : &activity;
      numbers[node].errors += recent->errors;
      if (recent->failed_at > numbers[node].failed_at)
        {
          numbers[node].failed_at = recent->failed_at;
          numbers[node].failed = recent->failed;
        }
      for (guint j = 0; j < MILL_ACTIVITY_PARTS; j++)
        numbers[node].parts[j] += activity.parts[j];
      errors |= lately.errors > 0;
    }
  for (guint i = 0; watch != NULL && moment == 0 && i < mill_diagram_map_get_n_nodes (map); i++)
    numbers[i].count = choose_count (map, watch, i, numbers[i].count);
  return errors;
}
