/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-page-title.h"

struct _MillPageTitle
{
  GtkWidget parent_instance;

  GtkWidget *label;
};

G_DEFINE_FINAL_TYPE (MillPageTitle, mill_page_title, GTK_TYPE_WIDGET)

/* Itself, then what comes after it. */
static gboolean
mill_page_title_focus (GtkWidget        *widget,
                       GtkDirectionType  direction)
{
  return !gtk_widget_is_focus (widget) && gtk_widget_grab_focus (widget);
}

static void
mill_page_title_dispose (GObject *object)
{
  g_clear_pointer (&MILL_PAGE_TITLE (object)->label, gtk_widget_unparent);
  G_OBJECT_CLASS (mill_page_title_parent_class)->dispose (object);
}

static void
mill_page_title_class_init (MillPageTitleClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = mill_page_title_dispose;
  GTK_WIDGET_CLASS (klass)->focus = mill_page_title_focus;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_accessible_role (GTK_WIDGET_CLASS (klass), GTK_ACCESSIBLE_ROLE_HEADING);
  gtk_widget_class_set_css_name (GTK_WIDGET_CLASS (klass), "millpagetitle");
}

static void
mill_page_title_init (MillPageTitle *self)
{
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
}

GtkWidget *
mill_page_title_new (const char *title)
{
  MillPageTitle *self = g_object_new (MILL_TYPE_PAGE_TITLE, NULL);

  self->label = gtk_label_new (title);
  gtk_label_set_xalign (GTK_LABEL (self->label), 0);
  gtk_label_set_wrap (GTK_LABEL (self->label), TRUE);
  gtk_widget_add_css_class (self->label, "title-1");
  gtk_widget_set_parent (self->label, GTK_WIDGET (self));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, title, -1);
  return GTK_WIDGET (self);
}
