/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* What a view shows that has nothing to show yet. It can have the focus, and says then what is to be read on it. */
GtkWidget *mill_empty_new (const char *icon,
                           const char *title,
                           const char *description);

G_END_DECLS
