/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "mill-session.h"

G_BEGIN_DECLS

#define MILL_TYPE_INSPECTOR (mill_inspector_get_type ())

/**
 * MillInspector:
 *
 * A component up close: its state, name and ids, what was sent to make it, what the cloud made of it, what went through it lately.
 *
 * Signal "hop-chosen" (a component): show the newest hop there.
 */
G_DECLARE_FINAL_TYPE (MillInspector, mill_inspector, MILL, INSPECTOR, GtkWidget)

GtkWidget *mill_inspector_new  (MillSession           *session);
/* @node: (nullable): must live as long as the tutorial. */
void       mill_inspector_show (MillInspector         *self,
                                const MillDiagramNode *node);

G_END_DECLS
