/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "mill-session.h"

G_BEGIN_DECLS

#define MILL_TYPE_TAP_CARD (mill_tap_card_get_type ())

/**
 * MillTapCard:
 *
 * Switches a tap on a topic on and off (mill-tap.h): what it makes, what it costs, that it goes again, and what went wrong. Shown while the topic is there.
 */
G_DECLARE_FINAL_TYPE (MillTapCard, mill_tap_card, MILL, TAP_CARD, GtkWidget)

GtkWidget    *mill_tap_card_new       (MillSession  *session,
                                       MillResource *topic);
MillResource *mill_tap_card_get_topic (MillTapCard  *self);

G_END_DECLS
