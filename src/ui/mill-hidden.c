/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-hidden.h"

static void
follow (GtkSelectionModel *pages)
{
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (pages)); i++)
    {
      g_autoptr(GObject) page = g_list_model_get_item (G_LIST_MODEL (pages), i);
      g_autoptr(GtkAccessible) child = NULL;

      g_object_get (page, "child", &child, NULL);
      if (child == NULL)
        continue;
      if (gtk_selection_model_is_selected (pages, i))
        gtk_accessible_reset_state (child, GTK_ACCESSIBLE_STATE_HIDDEN);
      else
        gtk_accessible_update_state (child, GTK_ACCESSIBLE_STATE_HIDDEN, TRUE, -1);
    }
}

void
mill_hidden_follow (GtkWidget         *stack,
                    GtkSelectionModel *pages)
{
  g_object_set_data_full (G_OBJECT (stack), "mill-pages", pages, g_object_unref);
  g_signal_connect_object (stack, "notify::visible-child", G_CALLBACK (follow), pages, G_CONNECT_SWAPPED);
  follow (pages);
}
