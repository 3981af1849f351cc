/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mill-deployment.h"
#include "mill-diagram-map.h"

G_BEGIN_DECLS

/* How much of what a diagram shows is made. @deployment: (nullable): NULL means that nothing is. */

MillResourceState mill_diagram_state_of_node (MillDiagramMap *map,
                                              MillTutorial   *tutorial,
                                              MillDeployment *deployment,
                                              guint           node);
gboolean          mill_diagram_is_edge_there (MillDiagramMap *map,
                                              MillTutorial   *tutorial,
                                              MillDeployment *deployment,
                                              guint           edge);

G_END_DECLS
