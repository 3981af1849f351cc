/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Puts the choice of the style (as the system, light, dark) into a main menu that has an item with custom="style", and names its button. */
void mill_style_switch_add_to (GtkMenuButton *button);

G_END_DECLS
