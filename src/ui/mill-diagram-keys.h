/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "mill-diagram-map.h"

G_BEGIN_DECLS

/* How the focus goes through a diagram. @views: of MillDiagramNodeView, by node index. */

/* Arrow keys follow the edges. FALSE where the key is not for that, or no node has the focus. */
gboolean mill_diagram_keys_arrow (GPtrArray        *views,
                                  MillDiagramMap   *map,
                                  guint             key,
                                  GdkModifierType   state);
/* Tab goes the way of the messages, wherever the nodes stand. FALSE where it leads out of the diagram. */
gboolean mill_diagram_keys_tab   (GPtrArray        *views,
                                  GtkDirectionType  direction);

G_END_DECLS
