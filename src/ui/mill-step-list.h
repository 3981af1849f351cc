/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "mill-session.h"

G_BEGIN_DECLS

#define MILL_TYPE_STEP_LIST (mill_step_list_get_type ())

/**
 * MillStepList:
 *
 * The steps of a tutorial with their states, and how many are done. The one that is selected is the session's.
 *
 * Signal "chosen": a step was chosen to be worked on, not only passed on the way to another.
 */
G_DECLARE_FINAL_TYPE (MillStepList, mill_step_list, MILL, STEP_LIST, GtkWidget)

void mill_step_list_set_session (MillStepList *self,
                                 MillSession  *session);

/* To the row of the session's step. */
void mill_step_list_focus       (MillStepList *self);

G_END_DECLS
