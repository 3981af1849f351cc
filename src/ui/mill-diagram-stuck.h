/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mill-diagram-map.h"
#include "mill-trace.h"

G_BEGIN_DECLS

/**
 * MillDiagramStuck:
 *
 * For each node of a diagram, a message that waits there until somebody puts right what keeps it: the last that was told of.
 */
typedef struct _MillDiagramStuck MillDiagramStuck;

/* @map: must live as long. */
MillDiagramStuck *mill_diagram_stuck_new  (MillDiagramMap   *map);
void              mill_diagram_stuck_free (MillDiagramStuck *self);
/* Returns: whether @trace is stuck at a node. */
gboolean          mill_diagram_stuck_note (MillDiagramStuck *self,
                                           MillTrace        *trace);
/* Notes @n of @traces from @position on. */
void              mill_diagram_stuck_note_all (MillDiagramStuck *self,
                                           GListModel       *traces,
                                           guint             position,
                                           guint             n);
/* (nullable): the hop that cannot go on. */
MillHop          *mill_diagram_stuck_find (MillDiagramStuck *self,
                                           guint             node);

G_END_DECLS
