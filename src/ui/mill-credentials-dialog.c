/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-credentials-dialog.h"

#include <glib/gi18n.h>

#include "mill-bar.h"
#include "mill-credentials-form.h"
#include "mill-fact-row.h"
#include "mill-fit.h"
#include "mill-format.h"
#include "mill-hidden.h"
#include "mill-keyring.h"
#include "mill-region-row.h"
#include "mill-target.h"

struct _MillCredentialsDialog
{
  AdwWindow parent_instance;

  GtkWidget *cancel;
  GtkWidget *add;
  GtkWidget *spinner;
  GtkWidget *stack;
  GtkWidget *enter_page;
  GtkWidget *result_page;
  GtkWidget *bar;
  GtkWidget *name;
  GtkWidget *region;
  GtkWidget *hint;
  GtkWidget *form;
  GtkWidget *kept;
  GtkWidget *warning;
  GtkWidget *facts;

  GCancellable *cancellable;
  GPtrArray *stored;            /* those that are there, or NULL */
  MillTarget *target;           /* while AWS is asked */
  gboolean replacing;
  gboolean region_chosen;
  gboolean busy;
};

enum {
  STORED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (MillCredentialsDialog, mill_credentials_dialog, ADW_TYPE_WINDOW)

static char *
dup_name (MillCredentialsDialog *self)
{
  return g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->name))));
}

static gboolean
is_there (MillCredentialsDialog *self,
          const char            *name)
{
  for (guint i = 0; self->stored != NULL && i < self->stored->len; i++)
    if (g_str_equal (((const MillStored *) self->stored->pdata[i])->name, name))
      return TRUE;
  return FALSE;
}

static void
update (MillCredentialsDialog *self)
{
  g_autofree char *name = dup_name (self);
  g_autofree char *wrong = mill_keyring_check_name (name);
  g_autofree char *replaced = NULL;

  if (wrong == NULL && !self->replacing && is_there (self, name))
    replaced = g_strdup_printf (_("“%s” is there already. Its credentials are replaced by these."), name);
  gtk_label_set_label (GTK_LABEL (self->hint), wrong != NULL ? wrong : replaced != NULL ? replaced : "");
  gtk_widget_set_css_classes (self->hint, (const char *[]) { "caption", "mill-problem", wrong != NULL ? "error" : "warning", NULL });
  gtk_widget_set_visible (self->hint, replaced != NULL || (wrong != NULL && *name != '\0'));
  gtk_widget_set_sensitive (self->add, !self->busy && wrong == NULL && mill_credentials_form_is_complete (MILL_CREDENTIALS_FORM (self->form)));
  gtk_widget_set_sensitive (self->form, !self->busy);
  gtk_widget_set_visible (self->spinner, self->busy);
  gtk_spinner_set_spinning (GTK_SPINNER (self->spinner), self->busy);
}

static void
set_busy (MillCredentialsDialog *self,
          gboolean               busy)
{
  /* A text that loses its sensitivity keeps its cursor blinking: the focus goes first. */
  if (busy)
    gtk_widget_grab_focus (self->cancel);
  self->busy = busy;
  update (self);
}

static void
fail (MillCredentialsDialog *self,
      const GError          *error)
{
  g_clear_object (&self->target);
  set_busy (self, FALSE);
  mill_bar_fail (MILL_BAR (self->bar), error, NULL);
  mill_fit (self->form);
  gtk_adjustment_set_value (gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (self->enter_page)), 0);
  mill_credentials_form_focus (MILL_CREDENTIALS_FORM (self->form));
}

static void
add_fact (MillCredentialsDialog *self,
          const char            *title,
          const char            *text)
{
  if (text != NULL && *text != '\0')
    adw_preferences_group_add (ADW_PREFERENCES_GROUP (self->facts), mill_fact_row_new (title, text, FALSE));
}

/* @notice: where they are kept, if not in the keyring. */
static void
show_result (MillCredentialsDialog *self,
             const char            *notice)
{
  g_autofree char *warning = mill_target_dup_warning (self->target);
  g_autofree char *kept = NULL;
  gint64 expires = mill_target_get_expires (self->target);

  mill_credentials_form_clear (MILL_CREDENTIALS_FORM (self->form));
  kept = g_strdup_printf (notice != NULL ? _("“%s” Is Known for This Run") : _("“%s” Is in the Keyring"), mill_target_get_title (self->target));
  gtk_label_set_label (GTK_LABEL (self->kept), kept);
  mill_bar_say (MILL_BAR (self->warning), warning != NULL ? warning : notice, warning != NULL ? notice : NULL, NULL);
  add_fact (self, _("Account"), mill_target_get_account (self->target));
  add_fact (self, _("Signed in as"), mill_target_get_arn (self->target));
  add_fact (self, _("Region"), mill_target_get_region (self->target));
  if (expires != 0)
    {
      g_autofree char *left = mill_format_left (expires - g_get_real_time () / G_USEC_PER_SEC);

      add_fact (self, _("Good for"), left);
    }
  gtk_widget_set_visible (self->cancel, FALSE);
  gtk_widget_set_visible (self->spinner, FALSE);
  gtk_button_set_label (GTK_BUTTON (self->add), _("_Done"));
  gtk_widget_set_sensitive (self->add, TRUE);
  gtk_stack_set_visible_child (GTK_STACK (self->stack), self->result_page);
  mill_fit (self->facts);
  gtk_widget_grab_focus (self->add);
}

static void
on_stored (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  g_autoptr(MillCredentialsDialog) self = data;
  g_autoptr(GError) error = NULL;
  g_autofree char *notice = g_task_propagate_pointer (G_TASK (result), &error);

  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  if (error != NULL)
    {
      fail (self, error);
      return;
    }
  show_result (self, *notice != '\0' ? notice : NULL);
  g_signal_emit (self, signals[STORED], 0, mill_target_get_title (self->target));
}

/* The keyring may ask to be unlocked. */
static void
store_in_thread (GTask        *task,
                 gpointer      source,
                 gpointer      data,
                 GCancellable *cancellable)
{
  GError *error = NULL;
  char *notice = NULL;

  if (mill_target_store (source, &notice, cancellable, &error))
    g_task_return_pointer (task, notice != NULL ? notice : g_strdup (""), g_free);
  else
    g_task_return_error (task, error);
}

static void
on_opened (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  g_autoptr(MillCredentialsDialog) self = data;
  g_autoptr(GError) error = NULL;
  gboolean ok = mill_target_open_finish (MILL_TARGET (source), result, &error);
  g_autoptr(GTask) task = NULL;

  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  if (!ok)
    {
      fail (self, error);
      return;
    }
  task = g_task_new (source, self->cancellable, on_stored, g_object_ref (self));
  g_task_set_source_tag (task, on_opened);
  g_task_run_in_thread (task, store_in_thread);
}

static void
on_taken (GObject      *source,
          GAsyncResult *result,
          gpointer      data)
{
  g_autoptr(MillCredentialsDialog) self = data;
  g_autoptr(GError) error = NULL;
  g_autofree char *region = NULL;
  g_autofree char *name = NULL;
  g_autoptr(AwsCredentials) credentials = mill_credentials_form_take_finish (result, &region, &error);

  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  if (credentials != NULL)
    {
      if (region != NULL && !self->region_chosen)
        mill_region_row_set_region (MILL_REGION_ROW (self->region), region);
      name = dup_name (self);
      self->target = mill_target_new_with_credentials (name, mill_region_row_get_region (MILL_REGION_ROW (self->region)), credentials, &error);
    }
  if (self->target == NULL)
    {
      fail (self, error);
      return;
    }
  mill_target_open_async (self->target, self->cancellable, on_opened, g_object_ref (self));
}

static void
on_add (MillCredentialsDialog *self)
{
  if (gtk_stack_get_visible_child (GTK_STACK (self->stack)) == self->result_page)
    {
      gtk_window_close (GTK_WINDOW (self));
      return;
    }
  if (!gtk_widget_get_sensitive (self->add))
    return;
  mill_bar_say (MILL_BAR (self->bar), NULL, NULL, NULL);
  set_busy (self, TRUE);
  mill_credentials_form_take_async (MILL_CREDENTIALS_FORM (self->form), self->cancellable, on_taken, g_object_ref (self));
}

static void
on_region (MillCredentialsDialog *self)
{
  /* Until the dialog is shown, nobody has chosen. */
  if (gtk_widget_get_mapped (GTK_WIDGET (self)) && !self->busy)
    self->region_chosen = TRUE;
}

static void
list_in_thread (GTask        *task,
                gpointer      source,
                gpointer      data,
                GCancellable *cancellable)
{
  GPtrArray *all = mill_keyring_list (cancellable, NULL);

  g_task_return_pointer (task, all, (GDestroyNotify) g_ptr_array_unref);
}

static void
on_listed (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  g_autoptr(MillCredentialsDialog) self = data;

  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  self->stored = g_task_propagate_pointer (G_TASK (result), NULL);
  update (self);
}

static void
mill_credentials_dialog_dispose (GObject *object)
{
  MillCredentialsDialog *self = MILL_CREDENTIALS_DIALOG (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->target);
  g_clear_pointer (&self->stored, g_ptr_array_unref);
  G_OBJECT_CLASS (mill_credentials_dialog_parent_class)->dispose (object);
}

static void
mill_credentials_dialog_finalize (GObject *object)
{
  g_object_unref (MILL_CREDENTIALS_DIALOG (object)->cancellable);
  G_OBJECT_CLASS (mill_credentials_dialog_parent_class)->finalize (object);
}

static void
mill_credentials_dialog_class_init (MillCredentialsDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = mill_credentials_dialog_dispose;
  G_OBJECT_CLASS (klass)->finalize = mill_credentials_dialog_finalize;
  g_type_ensure (MILL_TYPE_BAR);
  g_type_ensure (MILL_TYPE_CREDENTIALS_FORM);
  g_type_ensure (MILL_TYPE_REGION_ROW);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/millrace/Millrace/ui/mill-credentials-dialog.ui");
#define BIND(name) gtk_widget_class_bind_template_child (widget_class, MillCredentialsDialog, name)
  BIND (cancel);
  BIND (add);
  BIND (spinner);
  BIND (stack);
  BIND (enter_page);
  BIND (result_page);
  BIND (bar);
  BIND (name);
  BIND (region);
  BIND (hint);
  BIND (form);
  BIND (kept);
  BIND (warning);
  BIND (facts);
#undef BIND
  gtk_widget_class_bind_template_callback (widget_class, update);
  gtk_widget_class_bind_template_callback (widget_class, on_add);
  gtk_widget_class_bind_template_callback (widget_class, on_region);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
  signals[STORED] = g_signal_new ("stored", MILL_TYPE_CREDENTIALS_DIALOG, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
mill_credentials_dialog_init (MillCredentialsDialog *self)
{
  self->cancellable = g_cancellable_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  mill_hidden_follow (self->stack, gtk_stack_get_pages (GTK_STACK (self->stack)));
}

GtkWidget *
mill_credentials_dialog_new (GtkWindow  *parent,
                             const char *name,
                             const char *region)
{
  MillCredentialsDialog *self = g_object_new (MILL_TYPE_CREDENTIALS_DIALOG, "transient-for", parent, NULL);
  g_autoptr(GTask) task = g_task_new (NULL, self->cancellable, on_listed, g_object_ref (self));

  self->replacing = name != NULL;
  self->region_chosen = region != NULL;
  if (name != NULL)
    {
      g_autofree char *title = g_strdup_printf (_("New Credentials for “%s”"), name);

      gtk_window_set_title (GTK_WINDOW (self), title);
      gtk_button_set_label (GTK_BUTTON (self->add), _("_Replace"));
      gtk_widget_set_sensitive (self->name, FALSE);
    }
  gtk_editable_set_text (GTK_EDITABLE (self->name), name != NULL ? name : "aws");
  mill_region_row_set_region (MILL_REGION_ROW (self->region), region);
  g_task_set_source_tag (task, mill_credentials_dialog_new);
  g_task_run_in_thread (task, list_in_thread);
  update (self);
  mill_fit (self->form);
  mill_credentials_form_focus (MILL_CREDENTIALS_FORM (self->form));
  return GTK_WIDGET (self);
}
