/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-keyring-dialog.h"

#include <glib/gi18n.h>
#include <string.h>

#include "mill-bar.h"
#include "mill-credentials-dialog.h"
#include "mill-keyring.h"
#include "mill-stored-row.h"

struct _MillKeyringDialog
{
  AdwWindow parent_instance;

  GtkWidget *bar;
  GtkWidget *group;
  GtkWidget *nothing;

  MillEngine *engine;               /* or NULL */
  GCancellable *cancellable;
  GPtrArray *stored;                /* of MillStored */
  GPtrArray *rows;
};

enum {
  CHANGED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (MillKeyringDialog, mill_keyring_dialog, ADW_TYPE_WINDOW)

/* What a thread is to do with the keyring: rename @name to @to, delete it where that is NULL, or list where both are. */
typedef struct {
  char *name;
  char *to;
} Work;

static void
work_free (Work *self)
{
  g_free (self->name);
  g_free (self->to);
  g_free (self);
}

static void
work_in_thread (GTask        *task,
                gpointer      source,
                gpointer      data,
                GCancellable *cancellable)
{
  Work *work = data;
  GPtrArray *all = NULL;
  GError *error = NULL;

  if (work->name == NULL ||
      (work->to != NULL ? mill_keyring_rename (work->name, work->to, cancellable, &error) : mill_keyring_delete (work->name, cancellable, &error)))
    all = mill_keyring_list (cancellable, &error);
  if (all != NULL)
    g_task_return_pointer (task, all, (GDestroyNotify) g_ptr_array_unref);
  else
    g_task_return_error (task, error);
}

static const MillStored *
find (MillKeyringDialog *self,
      const char        *name)
{
  for (guint i = 0; self->stored != NULL && i < self->stored->len; i++)
    if (g_str_equal (((const MillStored *) self->stored->pdata[i])->name, name))
      return self->stored->pdata[i];
  return NULL;
}

/* How many deployments are there that were made with the credentials named @name, and have to be cleaned up with them. */
static guint
count_uses (MillKeyringDialog *self,
            const char        *name)
{
  g_autofree char *spec = g_strconcat ("account:", name, NULL);
  guint n = 0;

  for (guint i = 0; self->engine != NULL && i < g_list_model_get_n_items (G_LIST_MODEL (self->engine)); i++)
    {
      g_autoptr(MillDeployment) deployment = g_list_model_get_item (G_LIST_MODEL (self->engine), i);

      if (mill_deployment_get_state (deployment) != MILL_DEPLOYMENT_CLEANED &&
          g_str_equal (mill_target_get_spec (mill_deployment_get_target (deployment)), spec))
        n++;
    }
  return n;
}

static void
show (MillKeyringDialog *self)
{
  for (guint i = 0; i < self->rows->len; i++)
    adw_preferences_group_remove (ADW_PREFERENCES_GROUP (self->group), self->rows->pdata[i]);
  g_ptr_array_set_size (self->rows, 0);
  for (guint i = 0; i < self->stored->len; i++)
    {
      GtkWidget *row = mill_stored_row_new (self->stored->pdata[i]);

      adw_preferences_group_add (ADW_PREFERENCES_GROUP (self->group), row);
      g_ptr_array_add (self->rows, row);
    }
  gtk_widget_set_visible (self->group, self->stored->len > 0);
  gtk_widget_set_visible (self->nothing, self->stored->len == 0);
}

static void
on_worked (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  g_autoptr(MillKeyringDialog) self = data;
  g_autoptr(GError) error = NULL;
  GPtrArray *all = g_task_propagate_pointer (G_TASK (result), &error);
  Work *work = g_task_get_task_data (G_TASK (result));

  if (g_cancellable_is_cancelled (self->cancellable))
    {
      g_clear_pointer (&all, g_ptr_array_unref);
      return;
    }
  mill_bar_fail (MILL_BAR (self->bar), error, error != NULL ? _("Try Again") : NULL);
  if (all == NULL)
    return;
  g_clear_pointer (&self->stored, g_ptr_array_unref);
  self->stored = all;
  show (self);
  if (work->name != NULL)
    g_signal_emit (self, signals[CHANGED], 0);
}

static void
work (MillKeyringDialog *self,
      const char        *name,
      const char        *to)
{
  g_autoptr(GTask) task = g_task_new (NULL, self->cancellable, on_worked, g_object_ref (self));
  Work *data = g_new0 (Work, 1);

  data->name = g_strdup (name);
  data->to = g_strdup (to);
  g_task_set_source_tag (task, work);
  g_task_set_task_data (task, data, (GDestroyNotify) work_free);
  g_task_run_in_thread (task, work_in_thread);
}

static void
load (MillKeyringDialog *self)
{
  work (self, NULL, NULL);
}

static void
on_stored (MillKeyringDialog *self)
{
  load (self);
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
enter (MillKeyringDialog *self,
       const MillStored  *stored)
{
  GtkWidget *dialog = mill_credentials_dialog_new (GTK_WINDOW (self), stored != NULL ? stored->name : NULL,
                                                   stored != NULL && *stored->region != '\0' ? stored->region : NULL);

  g_signal_connect_object (dialog, "stored", G_CALLBACK (on_stored), self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

/* --- Other name --- */

static void
on_name_changed (GtkEditable *entry,
                 gpointer     dialog)
{
  g_autofree char *name = g_strstrip (g_strdup (gtk_editable_get_text (entry)));
  g_autofree char *wrong = mill_keyring_check_name (name);

  adw_message_dialog_set_response_enabled (dialog, "rename", wrong == NULL);
}

static void
on_rename (AdwMessageDialog *dialog,
           const char       *response,
           gpointer          data)
{
  MillKeyringDialog *self = MILL_KEYRING_DIALOG (data);
  const char *name = g_object_get_data (G_OBJECT (dialog), "mill-name");
  g_autofree char *to = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (adw_message_dialog_get_extra_child (dialog)))));

  if (g_str_equal (response, "rename") && !g_str_equal (name, to))
    work (self, name, to);
}

static GtkWidget *
ask (MillKeyringDialog *self,
     const char        *heading,
     const char        *body,
     const char        *name)
{
  GtkWidget *dialog = adw_message_dialog_new (GTK_WINDOW (self), heading, body);

  g_object_set_data_full (G_OBJECT (dialog), "mill-name", g_strdup (name), g_free);
  adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), "cancel", _("_Cancel"));
  return dialog;
}

static void
rename_ (MillKeyringDialog *self,
         const char        *name)
{
  guint uses = count_uses (self, name);
  g_autofree char *body = NULL;
  GtkWidget *dialog, *entry;

  if (uses > 0)
    {
      body = g_strdup_printf (ngettext ("%u deployment knows these credentials by their name. Clean it up first.",
                                        "%u deployments know these credentials by their name. Clean them up first.", uses), uses);
      dialog = ask (self, _("Not Now"), body, name);
      adw_message_dialog_set_response_label (ADW_MESSAGE_DIALOG (dialog), "cancel", _("_Close"));
      gtk_window_present (GTK_WINDOW (dialog));
      return;
    }
  dialog = ask (self, _("Other Name"), NULL, name);
  entry = gtk_entry_new ();
  gtk_editable_set_text (GTK_EDITABLE (entry), name);
  gtk_entry_set_activates_default (GTK_ENTRY (entry), TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (entry), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Name"), -1);
  adw_message_dialog_set_extra_child (ADW_MESSAGE_DIALOG (dialog), entry);
  adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), "rename", _("_Rename"));
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "rename", ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "rename");
  g_signal_connect_object (entry, "changed", G_CALLBACK (on_name_changed), dialog, 0);
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_rename), self, 0);
  gtk_window_present (GTK_WINDOW (dialog));
  gtk_widget_grab_focus (entry);
}

/* --- Gone --- */

static void
on_delete (AdwMessageDialog *dialog,
           const char       *response,
           gpointer          data)
{
  if (g_str_equal (response, "delete"))
    work (MILL_KEYRING_DIALOG (data), g_object_get_data (G_OBJECT (dialog), "mill-name"), NULL);
}

static void
delete_ (MillKeyringDialog *self,
         const char        *name)
{
  guint uses = count_uses (self, name);
  g_autofree char *heading = g_strdup_printf (_("Delete “%s”?"), name);
  g_autofree char *body = NULL;
  GtkWidget *dialog;

  if (uses > 0)
    body = g_strdup_printf (ngettext ("%u deployment was built with them, and needs them to be cleaned up.",
                                      "%u deployments were built with them, and need them to be cleaned up.", uses), uses);
  dialog = ask (self, heading, body != NULL ? body : _("They go from the keyring. At AWS they stay valid until they expire or are deleted there."), name);
  adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), "delete", _("_Delete"));
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "delete", ADW_RESPONSE_DESTRUCTIVE);
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_delete), self, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
on_action (GtkWidget  *widget,
           const char *action,
           GVariant   *parameter)
{
  MillKeyringDialog *self = MILL_KEYRING_DIALOG (widget);
  const char *name = parameter != NULL ? g_variant_get_string (parameter, NULL) : NULL;

  if (name == NULL)
    enter (self, NULL);
  else if (find (self, name) == NULL)
    return;
  else if (g_str_equal (action, "keyring.replace"))
    enter (self, find (self, name));
  else if (g_str_equal (action, "keyring.rename"))
    rename_ (self, name);
  else
    delete_ (self, name);
}

static void
mill_keyring_dialog_dispose (GObject *object)
{
  MillKeyringDialog *self = MILL_KEYRING_DIALOG (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->engine);
  g_clear_pointer (&self->stored, g_ptr_array_unref);
  G_OBJECT_CLASS (mill_keyring_dialog_parent_class)->dispose (object);
}

static void
mill_keyring_dialog_finalize (GObject *object)
{
  MillKeyringDialog *self = MILL_KEYRING_DIALOG (object);

  g_object_unref (self->cancellable);
  g_ptr_array_unref (self->rows);
  G_OBJECT_CLASS (mill_keyring_dialog_parent_class)->finalize (object);
}

static void
mill_keyring_dialog_class_init (MillKeyringDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = mill_keyring_dialog_dispose;
  G_OBJECT_CLASS (klass)->finalize = mill_keyring_dialog_finalize;
  g_type_ensure (MILL_TYPE_BAR);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/millrace/Millrace/ui/mill-keyring-dialog.ui");
  gtk_widget_class_bind_template_child (widget_class, MillKeyringDialog, bar);
  gtk_widget_class_bind_template_child (widget_class, MillKeyringDialog, group);
  gtk_widget_class_bind_template_child (widget_class, MillKeyringDialog, nothing);
  gtk_widget_class_bind_template_callback (widget_class, load);
  gtk_widget_class_install_action (widget_class, "keyring.add", NULL, on_action);
  gtk_widget_class_install_action (widget_class, "keyring.replace", "s", on_action);
  gtk_widget_class_install_action (widget_class, "keyring.rename", "s", on_action);
  gtk_widget_class_install_action (widget_class, "keyring.delete", "s", on_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
  signals[CHANGED] = g_signal_new ("changed", MILL_TYPE_KEYRING_DIALOG, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
mill_keyring_dialog_init (MillKeyringDialog *self)
{
  self->cancellable = g_cancellable_new ();
  self->rows = g_ptr_array_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_widget_set_visible (self->group, FALSE);
}

GtkWidget *
mill_keyring_dialog_new (GtkWindow  *parent,
                         MillEngine *engine)
{
  MillKeyringDialog *self = g_object_new (MILL_TYPE_KEYRING_DIALOG, "transient-for", parent, NULL);

  self->engine = engine != NULL ? g_object_ref (engine) : NULL;
  load (self);
  return GTK_WIDGET (self);
}
