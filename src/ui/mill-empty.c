/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-empty.h"

#include <adwaita.h>

GtkWidget *
mill_empty_new (const char *icon,
                const char *title,
                const char *description)
{
  GtkWidget *self = g_object_new (ADW_TYPE_STATUS_PAGE, "icon-name", icon, "title", title, "description", description, NULL);

  gtk_widget_add_css_class (self, "compact");
  gtk_widget_add_css_class (self, "mill-empty");
  /* What scrolls it takes the focus. */
  gtk_accessible_update_property (GTK_ACCESSIBLE (gtk_widget_get_first_child (self)), GTK_ACCESSIBLE_PROPERTY_LABEL, title,
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, description, -1);
  return self;
}
