/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "mill-session.h"

G_BEGIN_DECLS

/* Whether @error says that the caller may make no roles, and another role could still be used for @deployment. */
gboolean mill_role_question_helps (const GError   *error,
                                   MillDeployment *deployment);
/* Asks which role that is there is to be used instead of the tutorial's own (LabRole), and does @step again with it. @widget: on whose window. */
void     mill_role_question_ask   (GtkWidget      *widget,
                                   MillSession    *session,
                                   const char     *step);

G_END_DECLS
