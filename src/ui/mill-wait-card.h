/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "mill-deployment.h"

G_BEGIN_DECLS

#define MILL_TYPE_WAIT_CARD (mill_wait_card_get_type ())

/**
 * MillWaitCard:
 *
 * What a deployment waits for now, why, how long that usually takes and how long it has been. Hidden while it waits for nothing.
 */
G_DECLARE_FINAL_TYPE (MillWaitCard, mill_wait_card, MILL, WAIT_CARD, GtkWidget)

GtkWidget *mill_wait_card_new (MillDeployment *deployment);

G_END_DECLS
