/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "mill-resource.h"
#include "mill-tutorial.h"

#include "mill-hop.h"

G_BEGIN_DECLS

#define MILL_TYPE_DIAGRAM_NODE_VIEW (mill_diagram_node_view_get_type ())

/**
 * MillDiagramNodeView:
 *
 * A node of the diagram: a button with icon, name, a number that matters and its errors, all of which it tells assistive
 * technologies too.
 */
G_DECLARE_FINAL_TYPE (MillDiagramNodeView, mill_diagram_node_view, MILL, DIAGRAM_NODE_VIEW, GtkButton)

/* @node: must live as long as the widget. */
GtkWidget             *mill_diagram_node_view_new          (const MillDiagramNode *node);
const MillDiagramNode *mill_diagram_node_view_get_node     (MillDiagramNodeView   *self);
void                   mill_diagram_node_view_set_state    (MillDiagramNodeView   *self,
                                                            MillResourceState      state);
/* @count: the number that matters; @errors: in the last minute; @parts: (nullable) (array length=n): how busy it was lately. */
void                   mill_diagram_node_view_set_activity (MillDiagramNodeView   *self,
                                                            guint64                count,
                                                            guint64                errors,
                                                            const guint           *parts,
                                                            guint                  n);
/* @hop: (nullable): the last message that went wrong here, or cannot go on: the node names what is wrong with it. */
void                   mill_diagram_node_view_set_trouble  (MillDiagramNodeView   *self,
                                                            MillHop               *hop);
/* How many messages step mode holds here. */
void                   mill_diagram_node_view_set_held     (MillDiagramNodeView   *self,
                                                            guint                  held);
/* Shows for a moment that a message arrived; @failed: and went wrong here. */
void                   mill_diagram_node_view_light        (MillDiagramNodeView   *self,
                                                            gboolean               failed);
/* How many times larger than a node at scale 1 it has to be for its text, @at_least as much as others. */
double                 mill_diagram_node_view_get_growth   (MillDiagramNodeView    *self,
                                                            double                  at_least);
/* Puts it where its middle is at @centre; @growth: of all nodes; @scale: of the diagram. For the parent, as gtk_widget_allocate(). */
void                   mill_diagram_node_view_place        (MillDiagramNodeView    *self,
                                                            const graphene_point_t *centre,
                                                            double                  growth,
                                                            double                  scale);
/* Whether the node is the one that the inspector shows. */
void                   mill_diagram_node_view_set_chosen   (MillDiagramNodeView   *self,
                                                            gboolean               chosen);

G_END_DECLS
