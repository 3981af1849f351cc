/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/*
 * Gives the dialog around @widget, which is in its scrolled window, the height that its content has at the dialog's width, up to the scrolled
 * window's "max-content-height". A scrolled window asks for the height of lines that are not wrapped, and a window does not follow what changes in it.
 */
void mill_fit (GtkWidget *widget);

G_END_DECLS
