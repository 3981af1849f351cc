/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-failure-view.h"

#include <glib/gi18n.h>

#include "mill-lead.h"
#include "mill-look.h"
#include "mill-wrap.h"

#define N_PARTS 3

struct _MillFailureView
{
  GtkWidget parent_instance;

  GtkWidget *box;
  GtkWidget *icon;
  GtkWidget *title;
  GtkWidget *error;
  GtkWidget *parts[N_PARTS];   /* what, look, fix */
  GtkWidget *button;

  MillHop *hop;
  MillFailure *failure;
};

G_DEFINE_FINAL_TYPE (MillFailureView, mill_failure_view, GTK_TYPE_WIDGET)

static GtkWidget *
new_text (GtkWidget  *box,
          const char *style)
{
  GtkWidget *label = gtk_label_new (NULL);

  mill_wrap (label);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  gtk_widget_set_can_focus (label, FALSE);
  if (style != NULL)
    gtk_widget_add_css_class (label, style);
  gtk_box_append (GTK_BOX (box), label);
  return label;
}

static void
on_clicked (MillFailureView *self)
{
  GtkWidget *page = gtk_widget_get_ancestor (GTK_WIDGET (self), MILL_TYPE_DEPLOYMENT_PAGE);

  if (page != NULL && self->failure != NULL)
    mill_lead_follow (MILL_DEPLOYMENT_PAGE (page), self->hop, self->failure);
}

static void
mill_failure_view_dispose (GObject *object)
{
  MillFailureView *self = MILL_FAILURE_VIEW (object);

  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_pointer (&self->failure, mill_failure_free);
  g_clear_object (&self->hop);
  G_OBJECT_CLASS (mill_failure_view_parent_class)->dispose (object);
}

static void
mill_failure_view_class_init (MillFailureViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = mill_failure_view_dispose;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_ALERT);
}

static void
mill_failure_view_init (MillFailureView *self)
{
  const char *const headings[N_PARTS] = { _("What happened"), _("Look at"), _("Put it right") };
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 8);

  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  gtk_widget_add_css_class (self->box, "mill-bar");
  self->icon = gtk_image_new ();
  gtk_widget_set_valign (self->icon, GTK_ALIGN_START);
  gtk_box_append (GTK_BOX (head), self->icon);
  self->title = new_text (head, "heading");
  gtk_box_append (GTK_BOX (self->box), head);
  for (guint i = 0; i < N_PARTS; i++)
    {
      GtkWidget *part = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);

      gtk_label_set_label (GTK_LABEL (new_text (part, "caption-heading")), headings[i]);
      self->parts[i] = new_text (part, NULL);
      gtk_box_append (GTK_BOX (self->box), part);
    }
  self->button = gtk_button_new ();
  gtk_widget_set_halign (self->button, GTK_ALIGN_START);
  gtk_box_append (GTK_BOX (self->box), self->button);
  /* AWS's own words last: they are long, and say the least to whoever sees them for the first time. */
  self->error = new_text (self->box, "caption");
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
  g_signal_connect_object (self->button, "clicked", G_CALLBACK (on_clicked), self, G_CONNECT_SWAPPED);
}

GtkWidget *
mill_failure_view_new (void)
{
  return g_object_new (MILL_TYPE_FAILURE_VIEW, NULL);
}

void
mill_failure_view_set_hop (MillFailureView *self,
                           MillHop         *hop,
                           const char      *component)
{
  MillFailure *failure = hop != NULL ? mill_failure_explain (hop, component) : NULL;
  MillLook look;

  g_set_object (&self->hop, hop);
  g_clear_pointer (&self->failure, mill_failure_free);
  self->failure = failure;
  gtk_widget_set_visible (GTK_WIDGET (self), failure != NULL);
  if (failure == NULL)
    return;
  look = mill_look_of_hop (hop);
  gtk_image_set_from_icon_name (GTK_IMAGE (self->icon), look.icon);
  gtk_widget_set_css_classes (self->icon, (const char *[]) { look.style, NULL });
  gtk_label_set_label (GTK_LABEL (self->title), failure->title);
  gtk_label_set_label (GTK_LABEL (self->error), mill_hop_get_error (hop));
  gtk_widget_set_visible (self->error, *mill_hop_get_error (hop) != '\0');
  gtk_label_set_label (GTK_LABEL (self->parts[0]), failure->what);
  gtk_label_set_label (GTK_LABEL (self->parts[1]), failure->look);
  gtk_label_set_label (GTK_LABEL (self->parts[2]), failure->fix);
  gtk_button_set_label (GTK_BUTTON (self->button), failure->button);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, failure->title,
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, failure->fix, -1);
}
