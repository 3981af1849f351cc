/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "mill-session.h"

G_BEGIN_DECLS

#define MILL_TYPE_ACTION_CARD (mill_action_card_get_type ())

/**
 * MillActionCard:
 *
 * Something a step offers to do: its payload, to be changed where there is one, a button, and what came of it.
 */
G_DECLARE_FINAL_TYPE (MillActionCard, mill_action_card, MILL, ACTION_CARD, GtkWidget)

/* @action: owned by its step. */
GtkWidget *mill_action_card_new (MillSession      *session,
                                 const MillAction *action);
void       mill_action_card_run (MillActionCard   *self);

G_END_DECLS
