/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-style-switch.h"

#include <glib/gi18n.h>

void
mill_style_switch_add_to (GtkMenuButton *button)
{
  static const struct {
    const char *style;
    const char *label;
  } choices[] = {
    { "system", N_("System") },
    { "light", N_("Light") },
    { "dark", N_("Dark") },
  };
  GtkPopover *popover = gtk_menu_button_get_popover (button);
  GtkWidget *box;

  /* The button inside is what takes the focus. */
  gtk_accessible_update_property (GTK_ACCESSIBLE (gtk_widget_get_first_child (GTK_WIDGET (button))),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, _("Main Menu"), -1);
  if (!GTK_IS_POPOVER_MENU (popover))
    return;
  box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  gtk_widget_add_css_class (box, "linked");
  gtk_widget_add_css_class (box, "mill-style");
  for (guint i = 0; i < G_N_ELEMENTS (choices); i++)
    {
      GtkWidget *choice = gtk_toggle_button_new_with_label (_(choices[i].label));

      gtk_actionable_set_action_name (GTK_ACTIONABLE (choice), "app.style");
      gtk_actionable_set_action_target (GTK_ACTIONABLE (choice), "s", choices[i].style);
      gtk_widget_set_hexpand (choice, TRUE);
      gtk_box_append (GTK_BOX (box), choice);
    }
  gtk_popover_menu_add_child (GTK_POPOVER_MENU (popover), box, "style");
}
