/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "mill-session.h"

G_BEGIN_DECLS

#define MILL_TYPE_DEPLOYMENT_PAGE (mill_deployment_page_get_type ())

/**
 * MillDeploymentPage:
 *
 * A deployment in work: its steps, the page that is open, the live diagram, the messages, the calls, the inbox.
 */
G_DECLARE_FINAL_TYPE (MillDeploymentPage, mill_deployment_page, MILL, DEPLOYMENT_PAGE, GtkWidget)

GtkWidget   *mill_deployment_page_new         (MillSession        *session);
MillSession *mill_deployment_page_get_session (MillDeploymentPage *self);
/* To the title of the open page. */
void         mill_deployment_page_focus       (MillDeploymentPage *self);
/* "diagram" "timeline" "messages" "details" "calls" "inbox" */
void         mill_deployment_page_show        (MillDeploymentPage *self,
                                               const char         *view);
/* Opens a step's page and leads the focus there. */
void         mill_deployment_page_show_step   (MillDeploymentPage *self,
                                               const char         *step);
/* Opens the details of a hop's component. */
void         mill_deployment_page_show_component (MillDeploymentPage *self,
                                               const char         *component,
                                               const char         *kind);

G_END_DECLS
