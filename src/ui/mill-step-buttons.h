/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "mill-session.h"

G_BEGIN_DECLS

/* What the first button below a step's page does. */
typedef enum {
  MILL_STEP_TASK_CONTINUE,    /* on to the next step */
  MILL_STEP_TASK_CREATE,
  MILL_STEP_TASK_TRY_AGAIN,
  MILL_STEP_TASK_PUT_RIGHT,   /* somebody changed or deleted what the step made */
  MILL_STEP_TASK_CLEAN_UP,
} MillStepTask;

MillStepTask mill_step_task_find (MillDeployment *deployment,
                                  MillStep       *step);

#define MILL_TYPE_STEP_BUTTONS (mill_step_buttons_get_type ())

/**
 * MillStepButtons:
 *
 * What can be done with the step whose page is open: create, check, undo, go on. The buttons are for actions "deployment.…" of a widget around
 * them, whose being possible is set here.
 */
G_DECLARE_FINAL_TYPE (MillStepButtons, mill_step_buttons, MILL, STEP_BUTTONS, GtkWidget)

/* Shows what is possible now. @actions: the widget that has the actions; @valid: whether the page's values are right. */
void mill_step_buttons_update (MillStepButtons *self,
                               GtkWidget       *actions,
                               MillSession     *session,
                               gboolean         valid);

G_END_DECLS
