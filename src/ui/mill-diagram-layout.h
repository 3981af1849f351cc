/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mill-tutorial.h"

G_BEGIN_DECLS

/**
 * MillDiagramLayout:
 * @column: (array length=n): the column of every node, in the order of the nodes
 * @row: (array length=n): its row
 * @columns: how many columns there are
 * @rows: how many rows
 *
 * Where the nodes of a diagram stand, in grid cells. Positions that the tutorial gives are kept; where it leaves them out, nodes
 * stand in layers along the edges. A single row that is longer than @most_columns (0: as long as it is) is folded like a
 * brook: the next row flows back. @turned: columns become rows, for a room that is higher than wide.
 */
typedef struct {
  guint   n;
  double *column;
  double *row;
  double  columns;
  double  rows;
} MillDiagramLayout;

MillDiagramLayout *mill_diagram_layout_new  (GPtrArray         *nodes,
                                             GPtrArray         *edges,
                                             guint              most_columns,
                                             gboolean           turned);
void               mill_diagram_layout_free (MillDiagramLayout *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MillDiagramLayout, mill_diagram_layout_free)

G_END_DECLS
