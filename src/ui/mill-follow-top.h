/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/**
 * mill_follow_top:
 * @list: a GtkListView in a GtkScrolledWindow, with its model
 *
 * Whoever looks at the beginning of @list sees what comes there: GTK by itself would keep the rows in view, and with them go away from the beginning. Whoever
 * has scrolled away, or has the focus on a row, keeps what he looks at. Where much comes at once, it is followed now and then.
 */
void mill_follow_top (GtkWidget *list);

G_END_DECLS
