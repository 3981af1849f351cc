/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Puts the choice of the style (as the system, light, dark) into a menu that has an item with custom="style". */
void mill_style_switch_add_to (GtkMenuButton *button);

G_END_DECLS
