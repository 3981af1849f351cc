/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-step-row.h"

#include "mill-look.h"

struct _MillStepRow
{
  GtkListBoxRow parent_instance;

  GtkWidget *icon;
  GtkWidget *title;

  MillStep *step;
};

G_DEFINE_FINAL_TYPE (MillStepRow, mill_step_row, GTK_TYPE_LIST_BOX_ROW)

static void
mill_step_row_dispose (GObject *object)
{
  g_clear_object (&MILL_STEP_ROW (object)->step);
  G_OBJECT_CLASS (mill_step_row_parent_class)->dispose (object);
}

static void
mill_step_row_class_init (MillStepRowClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = mill_step_row_dispose;
}

static void
mill_step_row_init (MillStepRow *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);

  self->icon = gtk_image_new ();
  self->title = gtk_label_new (NULL);
  gtk_label_set_xalign (GTK_LABEL (self->title), 0);
  gtk_label_set_wrap (GTK_LABEL (self->title), TRUE);
  gtk_widget_set_hexpand (self->title, TRUE);
  gtk_label_set_lines (GTK_LABEL (self->title), 2);
  gtk_label_set_ellipsize (GTK_LABEL (self->title), PANGO_ELLIPSIZE_END);
  gtk_box_append (GTK_BOX (box), self->icon);
  gtk_box_append (GTK_BOX (box), self->title);
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (self), box);
}

GtkWidget *
mill_step_row_new (MillStep *step)
{
  MillStepRow *self = g_object_new (MILL_TYPE_STEP_ROW, NULL);

  self->step = g_object_ref (step);
  gtk_label_set_label (GTK_LABEL (self->title), mill_step_get_title (step));
  mill_step_row_set_state (self, MILL_STEP_TO_DO);
  return GTK_WIDGET (self);
}

MillStep *
mill_step_row_get_step (MillStepRow *self)
{
  return self->step;
}

void
mill_step_row_set_state (MillStepRow   *self,
                         MillStepState  state)
{
  MillLook look = mill_look_of_step (state);
  g_autofree char *name = g_strdup_printf ("%s, %s", mill_step_get_title (self->step), look.label);

  gtk_image_set_from_icon_name (GTK_IMAGE (self->icon), look.icon);
  gtk_widget_set_css_classes (self->icon, (const char *[]) { look.style, NULL });
  gtk_widget_set_tooltip_text (GTK_WIDGET (self), name);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, name, -1);
}
