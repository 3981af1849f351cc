/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/*
 * GTK 4.8 shows assistive technologies the pages of a stack that nobody sees. From now on only the visible one of @pages (a model of
 * GtkStackPage or AdwViewStackPage, as gtk_stack_get_pages() gives) is not hidden from them. @stack: whose "visible-child" tells.
 */
void mill_hidden_follow (GtkWidget         *stack,
                         GtkSelectionModel *pages);

G_END_DECLS
