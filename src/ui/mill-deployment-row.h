/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "mill-deployment.h"

G_BEGIN_DECLS

#define MILL_TYPE_DEPLOYMENT_ROW (mill_deployment_row_get_type ())

/**
 * MillDeploymentRow:
 *
 * A deployment on the home page: tutorial, where it is, how old, how it is doing; it opens, and its button cleans up.
 */
G_DECLARE_FINAL_TYPE (MillDeploymentRow, mill_deployment_row, MILL, DEPLOYMENT_ROW, AdwActionRow)

GtkWidget *mill_deployment_row_new        (MillDeployment    *deployment);
/* Says anew how old the deployment is. */
void       mill_deployment_row_update_age (MillDeploymentRow *self);

G_END_DECLS
