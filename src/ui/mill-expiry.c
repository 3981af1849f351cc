/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-expiry.h"

#include <glib/gi18n.h>

#include "mill-credentials-dialog.h"
#include "mill-format.h"
#include "mill-keyring.h"

#define STORED_PREFIX "account:"
/* Time to think of new ones. */
#define SOON_SECONDS (10 * 60)
#define LOOK_SECONDS 10

struct _MillExpiry
{
  GtkWidget parent_instance;

  GtkWidget *button;
  GtkWidget *label;

  MillTarget *target;
  guint timer;
};

G_DEFINE_FINAL_TYPE (MillExpiry, mill_expiry, GTK_TYPE_WIDGET)

static const char *
get_stored_name (MillExpiry *self)
{
  const char *spec = mill_target_get_spec (self->target);

  return g_str_has_prefix (spec, STORED_PREFIX) ? spec + strlen (STORED_PREFIX) : NULL;
}

/* There is little room in a header bar. */
static char *
dup_short (gint64 left)
{
  if (left <= 0)
    return g_strdup (_("expired"));
  if (left < 120 * 60)
    /* Translators: minutes that are left */
    return g_strdup_printf (_("%d min"), (int) (left / 60));
  /* Translators: hours that are left */
  return g_strdup_printf (_("%d h"), (int) MIN (left / 3600, G_MAXINT));
}

static void
load_in_thread (GTask        *task,
                gpointer      source,
                gpointer      data,
                GCancellable *cancellable)
{
  AwsCredentials *credentials = mill_keyring_load (data, cancellable, NULL);

  g_task_return_pointer (task, credentials, (GDestroyNotify) aws_credentials_unref);
}

static void
on_loaded (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  g_autoptr(MillExpiry) self = data;
  g_autoptr(AwsCredentials) credentials = g_task_propagate_pointer (G_TASK (result), NULL);

  if (credentials == NULL || self->target == NULL)
    return;
  aws_client_set_credentials (mill_target_get_client (self->target), credentials);
  mill_expiry_update (self);
}

/* The keyring has new ones: the target takes them now, not only when the old ones are over. */
static void
on_stored (MillExpiry *self,
           const char *name)
{
  g_autoptr(GTask) task = g_task_new (NULL, NULL, on_loaded, g_object_ref (self));

  g_task_set_source_tag (task, on_stored);
  g_task_set_task_data (task, g_strdup (name), g_free);
  g_task_run_in_thread (task, load_in_thread);
}

static void
on_clicked (MillExpiry *self)
{
  GtkWidget *dialog;

  if (get_stored_name (self) == NULL)
    return;
  dialog = mill_credentials_dialog_new (GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))), get_stored_name (self), mill_target_get_region (self->target));
  g_signal_connect_object (dialog, "stored", G_CALLBACK (on_stored), self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

static gboolean
on_time (gpointer data)
{
  mill_expiry_update (data);
  return G_SOURCE_CONTINUE;
}

static void
mill_expiry_map (GtkWidget *widget)
{
  MillExpiry *self = MILL_EXPIRY (widget);

  GTK_WIDGET_CLASS (mill_expiry_parent_class)->map (widget);
  self->timer = g_timeout_add_seconds (LOOK_SECONDS, on_time, self);
}

static void
mill_expiry_unmap (GtkWidget *widget)
{
  g_clear_handle_id (&MILL_EXPIRY (widget)->timer, g_source_remove);
  GTK_WIDGET_CLASS (mill_expiry_parent_class)->unmap (widget);
}

static void
mill_expiry_dispose (GObject *object)
{
  MillExpiry *self = MILL_EXPIRY (object);

  g_clear_handle_id (&self->timer, g_source_remove);
  g_clear_pointer (&self->button, gtk_widget_unparent);
  g_clear_object (&self->target);
  G_OBJECT_CLASS (mill_expiry_parent_class)->dispose (object);
}

static void
mill_expiry_class_init (MillExpiryClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = mill_expiry_dispose;
  widget_class->map = mill_expiry_map;
  widget_class->unmap = mill_expiry_unmap;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_css_name (widget_class, "millexpiry");
}

static void
mill_expiry_init (MillExpiry *self)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  self->label = gtk_label_new (NULL);
  gtk_widget_add_css_class (self->label, "numeric");
  gtk_box_append (GTK_BOX (box), gtk_image_new_from_icon_name ("mill-waiting-symbolic"));
  gtk_box_append (GTK_BOX (box), self->label);
  self->button = gtk_button_new ();
  gtk_button_set_child (GTK_BUTTON (self->button), box);
  gtk_widget_set_parent (self->button, GTK_WIDGET (self));
  gtk_widget_set_visible (GTK_WIDGET (self), FALSE);
  g_signal_connect_swapped (self->button, "clicked", G_CALLBACK (on_clicked), self);
}

void
mill_expiry_set_target (MillExpiry *self,
                        MillTarget *target)
{
  g_set_object (&self->target, target);
  mill_expiry_update (self);
}

void
mill_expiry_update (MillExpiry *self)
{
  gint64 expires = self->target != NULL ? mill_target_get_expires (self->target) : 0;
  gint64 left = expires - g_get_real_time () / G_USEC_PER_SEC;
  g_autofree char *text = dup_short (left);
  g_autofree char *whole = mill_format_left (left);
  g_autofree char *tip = NULL;

  gtk_widget_set_visible (GTK_WIDGET (self), expires != 0);
  if (expires == 0)
    return;
  tip = g_strdup_printf (get_stored_name (self) != NULL ? _("Credentials of “%s”: %s. Enter new ones") : _("Credentials of “%s”: %s"),
                         mill_target_get_title (self->target), whole);
  gtk_label_set_label (GTK_LABEL (self->label), text);
  gtk_widget_set_css_classes (self->button, (const char *[]) { left <= 0 ? "error" : left < SOON_SECONDS ? "warning" : "flat", NULL });
  gtk_widget_set_tooltip_text (self->button, tip);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->button), GTK_ACCESSIBLE_PROPERTY_LABEL, tip, -1);
}
