/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "mill-session.h"

G_BEGIN_DECLS

#define MILL_TYPE_STEP_PAGE (mill_step_page_get_type ())

/**
 * MillStepPage:
 *
 * A page of a tutorial: what and why, the values that matter, what it makes, what it offers to do, and whether it came out right.
 */
G_DECLARE_FINAL_TYPE (MillStepPage, mill_step_page, MILL, STEP_PAGE, GtkWidget)

GtkWidget *mill_step_page_new        (MillSession  *session,
                                      MillStep     *step);
/* Whether all that was typed is allowed. */
gboolean   mill_step_page_is_valid   (MillStepPage *self);
/* Gives the deployment what was typed. FALSE where something is not allowed: the page says what. */
gboolean   mill_step_page_apply      (MillStepPage *self);
/* To the title, so that reading begins at the top. */
void       mill_step_page_focus      (MillStepPage *self);

G_END_DECLS
