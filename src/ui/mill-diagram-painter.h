/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "mill-diagram-map.h"
#include "mill-mark.h"

G_BEGIN_DECLS

/**
 * MillDiagramPainter:
 *
 * Draws what a diagram shows besides its nodes: edges with what they carry, and messages, in the colours of the theme. What it has drawn it
 * keeps and uses again.
 */
typedef struct _MillDiagramPainter MillDiagramPainter;

/* @widget: whose style it draws in; it must live as long. */
MillDiagramPainter *mill_diagram_painter_new         (GtkWidget          *widget);
void                mill_diagram_painter_free        (MillDiagramPainter *self);
/* Style or size are other ones: everything is drawn anew. */
void                mill_diagram_painter_forget      (MillDiagramPainter *self);
/* Edges have changed, nothing else has. */
void                mill_diagram_painter_forget_edges (MillDiagramPainter *self);
gboolean            mill_diagram_painter_has_edges   (MillDiagramPainter *self);
/* @there: by edge, whether it is made: others are dashed. @carried: by edge, how many messages it has carried. Only where mill_diagram_painter_has_edges() is FALSE. */
void                mill_diagram_painter_set_edges   (MillDiagramPainter *self,
                                                      MillDiagramMap     *map,
                                                      const gboolean     *there,
                                                      const guint64      *carried);
void                mill_diagram_painter_draw_edges  (MillDiagramPainter *self,
                                                      GtkSnapshot        *snapshot);
/* @marks: of MillMark. @time: frame-clock microseconds, by which streams flow; 0 where they stand still. */
void                mill_diagram_painter_draw_marks  (MillDiagramPainter *self,
                                                      GtkSnapshot        *snapshot,
                                                      MillDiagramMap     *map,
                                                      GArray             *marks,
                                                      gint64              time);

G_END_DECLS
