/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "mill-diagram-map.h"
#include "mill-mark.h"

G_BEGIN_DECLS

/**
 * MillMarkPainter:
 *
 * Draws messages: dots, numbers where there are too many of them, and streams, in the colours of the theme. What it has drawn it keeps and uses again.
 */
typedef struct _MillMarkPainter MillMarkPainter;

/* @widget: whose style it draws in; it must live as long. */
MillMarkPainter *mill_mark_painter_new    (GtkWidget       *widget);
void             mill_mark_painter_free   (MillMarkPainter *self);
/* Style or size are other ones: everything is drawn anew. */
void             mill_mark_painter_forget (MillMarkPainter *self);
/* @marks: of MillMark. @time: frame-clock microseconds, by which streams flow; 0 where they stand still. @pixels: FALSE where what is drawn is to be
 * scaled. */
void             mill_mark_painter_draw   (MillMarkPainter *self,
                                           GtkSnapshot     *snapshot,
                                           MillDiagramMap  *map,
                                           GArray          *marks,
                                           gint64           time,
                                           gboolean         pixels);

G_END_DECLS
