/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-fact-row.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "mill-wrap.h"

static void
on_copy (GtkWidget    *button,
         AdwActionRow *row)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (button), adw_action_row_get_subtitle (row));
  gtk_widget_activate_action (button, "win.say", "s", _("Copied"));
}

GtkWidget *
mill_fact_row_new (const char *name,
                   const char *value,
                   gboolean    copyable)
{
  GtkWidget *row = adw_action_row_new ();

  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), name);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), value);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 4);
  gtk_widget_add_css_class (row, "mill-fact");
  mill_wrap_all (row);
  if (copyable)
    {
      GtkWidget *button = gtk_button_new_from_icon_name ("edit-copy-symbolic");
      g_autofree char *tip = g_strdup_printf (_("Copy %s"), name);

      gtk_widget_add_css_class (button, "flat");
      gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
      gtk_widget_set_tooltip_text (button, tip);
      gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, tip, -1);
      g_signal_connect_object (button, "clicked", G_CALLBACK (on_copy), row, 0);
      adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
    }
  return row;
}

GtkWidget *
mill_fact_row_new_with_icon (const char *name,
                             const char *value,
                             const char *icon,
                             const char *style)
{
  GtkWidget *row = mill_fact_row_new (name, value, FALSE);
  GtkWidget *image = gtk_image_new_from_icon_name (icon);

  gtk_widget_add_css_class (image, style);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), image);
  return row;
}
