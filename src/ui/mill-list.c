/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-list.h"

gboolean
mill_list_focus (GtkWidget *list)
{
  if (!gtk_widget_get_mapped (list) || !gtk_widget_grab_focus (list))
    return FALSE;
  /* A list that never had the focus takes it itself. */
  if (gtk_widget_is_focus (list))
    gtk_widget_child_focus (list, GTK_DIR_TAB_FORWARD);
  return TRUE;
}

void
mill_list_name_row (GtkWidget  *child,
                    const char *name)
{
  GtkWidget *row = gtk_widget_get_parent (child);

  if (row != NULL)
    gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}
