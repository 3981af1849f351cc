/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* @colour: (out): the theme's colour of that name ("accent_bg_color"); @widget's text colour where @name is NULL or not known. */
void mill_colour_lookup (GtkWidget  *widget,
                         const char *name,
                         GdkRGBA    *colour);

G_END_DECLS
