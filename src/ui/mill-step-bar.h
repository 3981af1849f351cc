/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "mill-session.h"

G_BEGIN_DECLS

#define MILL_TYPE_STEP_BAR (mill_step_bar_get_type ())

/**
 * MillStepBar:
 *
 * Shown while step mode is on: how many messages are held, and where; buttons that let one message or all go one hop.
 *
 * Signal "held" (a GHashTable, a node's id → how many): what is held where has changed.
 */
G_DECLARE_FINAL_TYPE (MillStepBar, mill_step_bar, MILL, STEP_BAR, GtkWidget)

GtkWidget *mill_step_bar_new         (void);
void       mill_step_bar_set_session (MillStepBar *self,
                                      MillSession *session);

G_END_DECLS
