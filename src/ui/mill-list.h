/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* To the row of a GtkListView where one was the last time, else to the first one. FALSE where it is not shown. */
gboolean mill_list_focus    (GtkWidget  *list);
/* What assistive technologies call the row around @child: the row takes the focus, and not what is in it. */
void     mill_list_name_row (GtkWidget  *child,
                             const char *name);

G_END_DECLS
