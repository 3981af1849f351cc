/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-stored-row.h"

#include <glib/gi18n.h>

#include "mill-format.h"

struct _MillStoredRow
{
  AdwActionRow parent_instance;
};

G_DEFINE_FINAL_TYPE (MillStoredRow, mill_stored_row, ADW_TYPE_ACTION_ROW)

static void
add_button (MillStoredRow *self,
            const char    *icon,
            const char    *label,
            const char    *action,
            const char    *name)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);
  g_autofree char *said = g_strdup_printf ("%s: %s", label, name);

  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_tooltip_text (button, label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, said, -1);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
  gtk_actionable_set_action_target (GTK_ACTIONABLE (button), "s", name);
  adw_action_row_add_suffix (ADW_ACTION_ROW (self), button);
}

static void
mill_stored_row_class_init (MillStoredRowClass *klass)
{
}

static void
mill_stored_row_init (MillStoredRow *self)
{
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (self), FALSE);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (self), 0);
}

GtkWidget *
mill_stored_row_new (const MillStored *stored)
{
  MillStoredRow *self = g_object_new (MILL_TYPE_STORED_ROW, NULL);
  g_autofree char *subtitle = mill_stored_describe (stored);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self), stored->name);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self), subtitle);
  add_button (self, "view-refresh-symbolic", _("Enter New Ones"), "keyring.replace", stored->name);
  add_button (self, "document-edit-symbolic", _("Rename"), "keyring.rename", stored->name);
  add_button (self, "user-trash-symbolic", _("Delete"), "keyring.delete", stored->name);
  return GTK_WIDGET (self);
}

char *
mill_stored_describe (const MillStored *stored)
{
  g_autoptr(GString) text = g_string_new (NULL);

  if (*stored->account != '\0')
    g_string_append_printf (text, _("account %s"), stored->account);
  if (*stored->region != '\0')
    g_string_append_printf (text, "%s%s", text->len > 0 ? " · " : "", stored->region);
  if (stored->expires != 0)
    {
      g_autofree char *left = mill_format_left (stored->expires - g_get_real_time () / G_USEC_PER_SEC);

      g_string_append_printf (text, "%s%s", text->len > 0 ? " · " : "", left);
    }
  if (!stored->kept)
    g_string_append_printf (text, "%s%s", text->len > 0 ? " · " : "", _("for this run only"));
  return g_string_free (g_steal_pointer (&text), FALSE);
}
