/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-wait-card.h"

#include <glib/gi18n.h>

#include "mill-wrap.h"

struct _MillWaitCard
{
  GtkWidget parent_instance;

  GtkWidget *box;
  GtkWidget *spinner;
  GtkWidget *heading;
  GtkWidget *reasons;

  MillDeployment *deployment;
  GHashTable *since;            /* logical id → when the wait began, in microseconds of the monotonic clock */
  guint timer;
};

G_DEFINE_FINAL_TYPE (MillWaitCard, mill_wait_card, GTK_TYPE_WIDGET)

static void
add_reason (MillWaitCard *self,
            MillResource *resource,
            gint64        began)
{
  const char *name = mill_resource_get_name (resource);
  g_autofree char *text = NULL;
  int seconds = (int) ((g_get_monotonic_time () - began) / G_USEC_PER_SEC);
  GtkWidget *label;

  text = g_strdup_printf (ngettext ("%s: %s So far %d second.", "%s: %s So far %d seconds.", seconds),
                          *name != '\0' ? name : mill_resource_get_logical_id (resource), mill_resource_get_wait_reason (resource), seconds);
  label = gtk_label_new (text);
  mill_wrap (label);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_box_append (GTK_BOX (self->reasons), label);
}

static void update (MillWaitCard *self);

static gboolean
on_second (gpointer data)
{
  update (data);
  return G_SOURCE_CONTINUE;
}

static void
update (MillWaitCard *self)
{
  GListModel *resources = G_LIST_MODEL (self->deployment);
  GtkWidget *child;
  guint waiting = 0;

  while ((child = gtk_widget_get_first_child (self->reasons)) != NULL)
    gtk_box_remove (GTK_BOX (self->reasons), child);
  for (guint i = 0; i < g_list_model_get_n_items (resources); i++)
    {
      g_autoptr(MillResource) resource = g_list_model_get_item (resources, i);
      const char *id = mill_resource_get_logical_id (resource);
      gint64 *began;

      if (*mill_resource_get_wait_reason (resource) == '\0')
        {
          g_hash_table_remove (self->since, id);
          continue;
        }
      began = g_hash_table_lookup (self->since, id);
      if (began == NULL)
        {
          began = g_new (gint64, 1);
          *began = g_get_monotonic_time ();
          g_hash_table_insert (self->since, g_strdup (id), began);
        }
      add_reason (self, resource, *began);
      waiting++;
    }
  gtk_widget_set_visible (GTK_WIDGET (self), waiting > 0);
  gtk_spinner_set_spinning (GTK_SPINNER (self->spinner), waiting > 0);
  /* Seconds are counted only while there is something to count, and somebody looks. */
  if (waiting > 0 && gtk_widget_get_mapped (GTK_WIDGET (self)) && self->timer == 0)
    self->timer = g_timeout_add_seconds (1, on_second, self);
  else if (waiting == 0)
    g_clear_handle_id (&self->timer, g_source_remove);
}

static void
mill_wait_card_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (mill_wait_card_parent_class)->map (widget);
  update (MILL_WAIT_CARD (widget));
}

static void
mill_wait_card_unmap (GtkWidget *widget)
{
  g_clear_handle_id (&MILL_WAIT_CARD (widget)->timer, g_source_remove);
  GTK_WIDGET_CLASS (mill_wait_card_parent_class)->unmap (widget);
}

static void
mill_wait_card_dispose (GObject *object)
{
  MillWaitCard *self = MILL_WAIT_CARD (object);

  g_clear_handle_id (&self->timer, g_source_remove);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->deployment);
  G_OBJECT_CLASS (mill_wait_card_parent_class)->dispose (object);
}

static void
mill_wait_card_finalize (GObject *object)
{
  g_hash_table_unref (MILL_WAIT_CARD (object)->since);
  G_OBJECT_CLASS (mill_wait_card_parent_class)->finalize (object);
}

static void
mill_wait_card_class_init (MillWaitCardClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = mill_wait_card_dispose;
  G_OBJECT_CLASS (klass)->finalize = mill_wait_card_finalize;
  widget_class->map = mill_wait_card_map;
  widget_class->unmap = mill_wait_card_unmap;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_STATUS);
}

static void
mill_wait_card_init (MillWaitCard *self)
{
  GtkWidget *texts = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);

  self->since = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 12);
  gtk_widget_set_css_classes (self->box, (const char *[]) { "card", "mill-wait", NULL });
  self->spinner = gtk_spinner_new ();
  gtk_widget_set_valign (self->spinner, GTK_ALIGN_START);
  self->heading = gtk_label_new (_("Waiting for AWS"));
  gtk_label_set_xalign (GTK_LABEL (self->heading), 0);
  gtk_widget_add_css_class (self->heading, "heading");
  self->reasons = gtk_box_new (GTK_ORIENTATION_VERTICAL, 4);
  gtk_widget_set_hexpand (texts, TRUE);
  gtk_box_append (GTK_BOX (texts), self->heading);
  gtk_box_append (GTK_BOX (texts), self->reasons);
  gtk_box_append (GTK_BOX (self->box), self->spinner);
  gtk_box_append (GTK_BOX (self->box), texts);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
}

GtkWidget *
mill_wait_card_new (MillDeployment *deployment)
{
  MillWaitCard *self = g_object_new (MILL_TYPE_WAIT_CARD, NULL);

  self->deployment = g_object_ref (deployment);
  if (mill_target_get_kind (mill_deployment_get_target (deployment)) != MILL_TARGET_ACCOUNT)
    gtk_label_set_label (GTK_LABEL (self->heading), _("Waiting for the Cloud"));
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (deployment)); i++)
    {
      g_autoptr(MillResource) resource = g_list_model_get_item (G_LIST_MODEL (deployment), i);

      g_signal_connect_object (resource, "notify::wait-reason", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
    }
  update (self);
  return GTK_WIDGET (self);
}
