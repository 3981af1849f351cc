/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "mill-deployment.h"
#include "mill-diagram-map.h"

G_BEGIN_DECLS

/*
 * (transfer full) (nullable): the edges of a diagram and what they carry, in the colours of @widget's theme. What is not made yet is dashed.
 * @deployment: (nullable); @carried: by edge, how many messages it has carried.
 */
GskRenderNode *mill_diagram_edges_paint (GtkWidget      *widget,
                                         MillDiagramMap *map,
                                         MillTutorial   *tutorial,
                                         MillDeployment *deployment,
                                         const guint64  *carried);

G_END_DECLS
