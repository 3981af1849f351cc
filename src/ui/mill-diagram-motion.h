/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "mill-diagram-map.h"
#include "mill-timeline.h"

G_BEGIN_DECLS

#define MILL_TYPE_DIAGRAM_MOTION (mill_diagram_motion_get_type ())

/**
 * MillDiagramMotion:
 *
 * What moves in a diagram: the messages, over its nodes and edges, at the moment that the time line looks at. A frame is drawn only while one of
 * them is on its way. Pointer and keyboard do not notice it.
 *
 * Signal "landed" (a node's index, whether what landed there has failed).
 */
G_DECLARE_FINAL_TYPE (MillDiagramMotion, mill_diagram_motion, MILL, DIAGRAM_MOTION, GtkWidget)

GtkWidget *mill_diagram_motion_new          (void);
/* @map: (nullable): not copied: it must live until another one is set. Whatever was moving is gone. */
void       mill_diagram_motion_set_map      (MillDiagramMotion *self,
                                             MillDiagramMap    *map);
/* @timeline: (nullable) */
void       mill_diagram_motion_set_timeline (MillDiagramMotion *self,
                                             MillTimeline      *timeline);
/* The map puts things elsewhere, or draws them in another size. */
void       mill_diagram_motion_place        (MillDiagramMotion *self);
/* Lets the dots follow what @hop has just told. */
void       mill_diagram_motion_show_hop     (MillDiagramMotion *self,
                                             MillHop           *hop);
/* What is to be seen now. @pixels: FALSE where it is to be scaled. */
void       mill_diagram_motion_draw         (MillDiagramMotion *self,
                                             GtkSnapshot       *snapshot,
                                             gboolean           pixels);
/* How many dots are on their way; 0 at rest. */
guint      mill_diagram_motion_get_n_moving (MillDiagramMotion *self);

G_END_DECLS
