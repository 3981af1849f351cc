/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-diagram-stuck.h"

struct _MillDiagramStuck
{
  MillDiagramMap *map;
  guint n;
  MillTrace *traces[];          /* by node; NULL where none is */
};

MillDiagramStuck *
mill_diagram_stuck_new (MillDiagramMap *map)
{
  guint n = mill_diagram_map_get_n_nodes (map);
  MillDiagramStuck *self = g_malloc0 (sizeof *self + n * sizeof *self->traces);

  self->map = map;
  self->n = n;
  return self;
}

void
mill_diagram_stuck_free (MillDiagramStuck *self)
{
  for (guint i = 0; i < self->n; i++)
    g_clear_object (&self->traces[i]);
  g_free (self);
}

gboolean
mill_diagram_stuck_note (MillDiagramStuck *self,
                         MillTrace        *trace)
{
  MillHop *hop;
  int node;

  if (self == NULL || mill_trace_get_state (trace) != MILL_TRACE_STUCK)
    return FALSE;
  hop = mill_trace_get_key_hop (trace);
  node = hop != NULL ? mill_diagram_map_find_place (self->map, mill_hop_get_component (hop), mill_hop_get_kind (hop)) : -1;
  if (node >= 0)
    g_set_object (&self->traces[node], trace);
  return node >= 0;
}

void
mill_diagram_stuck_note_all (MillDiagramStuck *self,
                             GListModel       *traces,
                             guint             position,
                             guint             n)
{
  for (guint i = position; i < position + n; i++)
    {
      g_autoptr(MillTrace) trace = g_list_model_get_item (traces, i);

      mill_diagram_stuck_note (self, trace);
    }
}

MillHop *
mill_diagram_stuck_find (MillDiagramStuck *self,
                         guint             node)
{
  if (self->traces[node] != NULL && mill_trace_get_state (self->traces[node]) != MILL_TRACE_STUCK)
    g_clear_object (&self->traces[node]);
  return self->traces[node] != NULL ? mill_trace_get_key_hop (self->traces[node]) : NULL;
}
