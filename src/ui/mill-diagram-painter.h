/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "mill-diagram-map.h"
#include "mill-hop.h"

G_BEGIN_DECLS

/* What a diagram draws besides its nodes: edges and messages, in the colours of the theme. */

/* (nullable) (transfer full): all edges. @there: by edge, whether it is made; others are dashed. */
GskRenderNode *mill_diagram_paint_edges (GtkWidget        *widget,
                                         MillDiagramMap   *map,
                                         const gboolean   *there);
/* (transfer full): a message, centred on the origin. One that went wrong has another shape too, so that colour is not all that tells. */
GskRenderNode *mill_diagram_paint_dot   (GtkWidget        *widget,
                                         double            scale,
                                         MillHopStatus     status);

G_END_DECLS
