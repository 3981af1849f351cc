/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-bar.h"

#include "mill-engine.h"
#include "mill-wrap.h"

struct _MillBar
{
  GtkWidget parent_instance;

  GtkWidget *revealer;
  GtkWidget *message;
  GtkWidget *advice;
  GtkWidget *button;
};

enum {
  CLICKED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (MillBar, mill_bar, GTK_TYPE_WIDGET)

static void
on_clicked (MillBar *self)
{
  g_signal_emit (self, signals[CLICKED], 0);
}

static void
mill_bar_dispose (GObject *object)
{
  g_clear_pointer (&MILL_BAR (object)->revealer, gtk_widget_unparent);
  G_OBJECT_CLASS (mill_bar_parent_class)->dispose (object);
}

static void
mill_bar_class_init (MillBarClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = mill_bar_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "millbar");
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_ALERT);
  signals[CLICKED] = g_signal_new ("clicked", MILL_TYPE_BAR, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static GtkWidget *
new_text (void)
{
  GtkWidget *label = gtk_label_new (NULL);

  mill_wrap (label);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  gtk_widget_set_can_focus (label, FALSE);
  return label;
}

static void
mill_bar_init (MillBar *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  GtkWidget *icon = gtk_image_new_from_icon_name ("mill-warning-symbolic");
  GtkWidget *texts = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);

  self->revealer = gtk_revealer_new ();
  self->message = new_text ();
  self->advice = new_text ();
  self->button = gtk_button_new ();
  gtk_widget_add_css_class (box, "mill-bar");
  gtk_widget_add_css_class (self->message, "heading");
  gtk_widget_set_valign (icon, GTK_ALIGN_START);
  gtk_widget_set_hexpand (texts, TRUE);
  gtk_widget_set_valign (self->button, GTK_ALIGN_CENTER);
  gtk_box_append (GTK_BOX (texts), self->message);
  gtk_box_append (GTK_BOX (texts), self->advice);
  gtk_box_append (GTK_BOX (box), icon);
  gtk_box_append (GTK_BOX (box), texts);
  gtk_box_append (GTK_BOX (box), self->button);
  gtk_revealer_set_child (GTK_REVEALER (self->revealer), box);
  gtk_widget_set_parent (self->revealer, GTK_WIDGET (self));
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
  g_signal_connect_swapped (self->button, "clicked", G_CALLBACK (on_clicked), self);
}

GtkWidget *
mill_bar_new (void)
{
  return g_object_new (MILL_TYPE_BAR, NULL);
}

void
mill_bar_say (MillBar    *self,
              const char *message,
              const char *advice,
              const char *action)
{
  gboolean there = message != NULL && *message != '\0';

  gtk_label_set_label (GTK_LABEL (self->message), there ? message : "");
  gtk_label_set_label (GTK_LABEL (self->advice), advice != NULL ? advice : "");
  gtk_widget_set_visible (self->advice, advice != NULL && *advice != '\0');
  gtk_button_set_label (GTK_BUTTON (self->button), action != NULL ? action : "");
  gtk_widget_set_visible (self->button, action != NULL);
  gtk_widget_set_visible (GTK_WIDGET (self), there);
  gtk_revealer_set_reveal_child (GTK_REVEALER (self->revealer), there);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, there ? message : "",
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, advice != NULL ? advice : "", -1);
}

void
mill_bar_fail (MillBar      *self,
               const GError *error,
               const char   *action)
{
  mill_bar_say (self, error != NULL ? error->message : NULL, error != NULL ? mill_error_get_advice (error) : NULL, action);
}
