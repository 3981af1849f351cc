/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-tutorial-card.h"

#include <glib/gi18n.h>

#include "mill-look.h"

#define MOST_ICONS 9

struct _MillTutorialCard
{
  GtkButton parent_instance;
};

G_DEFINE_FINAL_TYPE (MillTutorialCard, mill_tutorial_card, GTK_TYPE_BUTTON)

static void
mill_tutorial_card_class_init (MillTutorialCardClass *klass)
{
}

static void
mill_tutorial_card_init (MillTutorialCard *self)
{
  gtk_widget_add_css_class (GTK_WIDGET (self), "card");
  gtk_widget_add_css_class (GTK_WIDGET (self), "mill-card");
}

/* The components in the order in which a message meets them. */
static GtkWidget *
new_strip (MillTutorial *tutorial)
{
  GtkWidget *strip = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  GPtrArray *nodes = mill_tutorial_get_nodes (tutorial);

  gtk_widget_add_css_class (strip, "mill-strip");
  gtk_widget_set_halign (strip, GTK_ALIGN_START);
  for (guint i = 0; i < nodes->len && i < MOST_ICONS; i++)
    {
      MillDiagramNode *node = nodes->pdata[i];
      GtkWidget *icon = gtk_image_new_from_icon_name (mill_kind_get_icon (node->kind));

      if (i > 0)
        {
          GtkWidget *line = gtk_separator_new (GTK_ORIENTATION_HORIZONTAL);

          gtk_widget_set_valign (line, GTK_ALIGN_CENTER);
          gtk_box_append (GTK_BOX (strip), line);
        }
      gtk_box_append (GTK_BOX (strip), icon);
    }
  return strip;
}

static GtkWidget *
new_label (const char *text,
           const char *style,
           int         lines)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_lines (GTK_LABEL (label), lines);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  if (style != NULL)
    gtk_widget_add_css_class (label, style);
  return label;
}

GtkWidget *
mill_tutorial_card_new (MillTutorial *tutorial)
{
  MillTutorialCard *self = g_object_new (MILL_TYPE_TUTORIAL_CARD, NULL);
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  guint minutes = mill_tutorial_get_minutes (tutorial);
  guint steps = mill_tutorial_get_steps (tutorial)->len;
  g_autofree char *time = g_strdup_printf (ngettext ("%u minute", "%u minutes", minutes), minutes);
  g_autofree char *count = g_strdup_printf (ngettext ("%u step", "%u steps", steps), steps);
  g_autofree char *facts = g_strdup_printf ("%s · %s", time, count);
  GtkWidget *label = new_label (facts, "caption", 1);

  gtk_widget_add_css_class (label, "dim-label");
  gtk_box_append (GTK_BOX (box), new_strip (tutorial));
  gtk_box_append (GTK_BOX (box), new_label (mill_tutorial_get_title (tutorial), "title-4", 2));
  gtk_box_append (GTK_BOX (box), new_label (mill_tutorial_get_summary (tutorial), NULL, 4));
  gtk_box_append (GTK_BOX (box), label);
  gtk_button_set_child (GTK_BUTTON (self), box);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, mill_tutorial_get_title (tutorial),
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, mill_tutorial_get_summary (tutorial), -1);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self), "win.start");
  gtk_actionable_set_action_target (GTK_ACTIONABLE (self), "s", mill_tutorial_get_id (tutorial));
  return GTK_WIDGET (self);
}
