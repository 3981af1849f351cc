/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "mill-session.h"

G_BEGIN_DECLS

#define MILL_TYPE_DIAGRAM (mill_diagram_get_type ())

/**
 * MillDiagram:
 *
 * The architecture of a tutorial as it grows: nodes are focusable widgets that turn from outlined to solid as their resources are made;
 * messages move along the edges as dots. A frame is drawn only while something moves; where animations are off,
 * nodes light up instead. Arrow keys follow the edges.
 *
 * Signal "node-activated" (a node's id). Property "zoom": 1 fits the diagram into its room.
 */
G_DECLARE_FINAL_TYPE (MillDiagram, mill_diagram, MILL, DIAGRAM, GtkWidget)

GtkWidget  *mill_diagram_new           (void);
/* @session: (nullable) */
void        mill_diagram_set_session   (MillDiagram *self,
                                        MillSession *session);
/* Without a session: only the drawing, nothing made. */
void        mill_diagram_set_tutorial  (MillDiagram  *self,
                                        MillTutorial *tutorial);
/* Whose moment is shown, and what was observed; a session brings its own. @timeline: (nullable) */
void        mill_diagram_set_timeline  (MillDiagram  *self,
                                        MillTimeline *timeline);
/* Lets the dots follow what @hop has just told; a session's watch does so by itself. */
void        mill_diagram_show_hop      (MillDiagram *self,
                                        MillHop     *hop);
/* The node where a hop takes place: by its resource, then by what kind of component it is. NULL where none fits. */
const char *mill_diagram_find_node     (MillDiagram *self,
                                        const char  *component,
                                        const char  *kind);
const MillDiagramNode *mill_diagram_get_node (MillDiagram *self,
                                        const char  *id);
void        mill_diagram_choose        (MillDiagram *self,
                                        const char  *id);
/* @held: a node's id → how many messages step mode holds there */
void        mill_diagram_set_held      (MillDiagram *self,
                                        GHashTable  *held);
double      mill_diagram_get_zoom      (MillDiagram *self);
void        mill_diagram_set_zoom      (MillDiagram *self,
                                        double       zoom);
/* How many dots are on their way; 0 at rest. */
guint       mill_diagram_get_n_moving  (MillDiagram *self);
/* What it shows. @pixels: FALSE for a picture of any size: nothing of it is pixels. */
void        mill_diagram_draw          (MillDiagram *self,
                                        GtkSnapshot *snapshot,
                                        gboolean     pixels);

G_END_DECLS
