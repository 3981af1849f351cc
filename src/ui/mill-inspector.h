/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "mill-session.h"

G_BEGIN_DECLS

#define MILL_TYPE_INSPECTOR (mill_inspector_get_type ())

/**
 * MillInspector:
 *
 * A component up close: its state, name and ids, what went through it lately with its logs, what it may do, how it is set up and what that means,
 * the calls that made it. It shows what had happened at the moment that the time line looks at.
 *
 * Signal "hop-chosen" (a MillHop): show it.
 */
G_DECLARE_FINAL_TYPE (MillInspector, mill_inspector, MILL, INSPECTOR, GtkWidget)

GtkWidget *mill_inspector_new  (MillSession           *session);
/* @node: (nullable): must live as long as the tutorial. */
void       mill_inspector_show (MillInspector         *self,
                                const MillDiagramNode *node);

G_END_DECLS
