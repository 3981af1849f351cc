/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "mill-tutorial.h"

G_BEGIN_DECLS

#define MILL_TYPE_TUTORIAL_CARD (mill_tutorial_card_get_type ())

/**
 * MillTutorialCard:
 *
 * A tutorial on the home page: a button with its pipeline in icons, title, summary and how long it takes.
 */
G_DECLARE_FINAL_TYPE (MillTutorialCard, mill_tutorial_card, MILL, TUTORIAL_CARD, GtkButton)

GtkWidget *mill_tutorial_card_new (MillTutorial *tutorial);

G_END_DECLS
