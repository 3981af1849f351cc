/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* A row that says one thing: its name above, its value below. With @copyable a button copies the value. */
GtkWidget *mill_fact_row_new           (const char *name,
                                        const char *value,
                                        gboolean    copyable);
GtkWidget *mill_fact_row_new_with_icon (const char *name,
                                        const char *value,
                                        const char *icon,
                                        const char *style);

G_END_DECLS
