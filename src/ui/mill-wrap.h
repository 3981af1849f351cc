/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Lets a label wrap, within words where it must, and without the hyphens that Pango would add: in a name or an address they would be read as part of it. */
void mill_wrap     (GtkWidget *label);
/* The same for every label in @widget that wraps, such as those of a row. */
void mill_wrap_all (GtkWidget *widget);

G_END_DECLS
