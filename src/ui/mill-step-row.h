/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "mill-deployment.h"

G_BEGIN_DECLS

#define MILL_TYPE_STEP_ROW (mill_step_row_get_type ())

/**
 * MillStepRow:
 *
 * A step in the list at the side: its title and its state.
 */
G_DECLARE_FINAL_TYPE (MillStepRow, mill_step_row, MILL, STEP_ROW, GtkListBoxRow)

GtkWidget *mill_step_row_new       (MillStep      *step);
MillStep  *mill_step_row_get_step  (MillStepRow   *self);
void       mill_step_row_set_state (MillStepRow   *self,
                                    MillStepState  state);

G_END_DECLS
