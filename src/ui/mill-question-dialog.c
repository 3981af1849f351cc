/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-question-dialog.h"

#include <glib/gi18n.h>
#include <string.h>

#include "mill-bar.h"
#include "mill-credentials-form.h"
#include "mill-fit.h"

/* IAM User Guide, "Enable MFA devices": a TOTP code. */
#define CODE_DIGITS 6

struct _MillQuestionDialog
{
  AdwWindow parent_instance;

  GtkWidget *stop;
  GtkWidget *go_on;
  GtkWidget *spinner;
  GtkWidget *bar;
  GtkWidget *text;
  GtkWidget *form;
  GtkWidget *code_group;
  GtkWidget *code;
  GtkWidget *sign_in;
  GtkWidget *user_code;
  GtkWidget *url;
  GtkWidget *waiting;

  MillQuestion *question;
  GCancellable *cancellable;
  gboolean busy;
};

G_DEFINE_FINAL_TYPE (MillQuestionDialog, mill_question_dialog, ADW_TYPE_WINDOW)

static char *
dup_code (MillQuestionDialog *self)
{
  return g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->code))));
}

static gboolean
is_answerable (MillQuestionDialog *self)
{
  g_autofree char *code = dup_code (self);

  switch (mill_question_get_kind (self->question))
    {
    case MILL_QUESTION_CREDENTIALS: return mill_credentials_form_is_complete (MILL_CREDENTIALS_FORM (self->form));
    case MILL_QUESTION_MFA_CODE: return strlen (code) == CODE_DIGITS && strspn (code, "0123456789") == CODE_DIGITS;
    case MILL_QUESTION_SIGN_IN:
    default: return TRUE;
    }
}

static void
update (MillQuestionDialog *self)
{
  if (self->question == NULL)
    return;
  gtk_widget_set_sensitive (self->go_on, !self->busy && is_answerable (self));
  gtk_widget_set_sensitive (self->form, !self->busy);
  gtk_widget_set_visible (self->spinner, self->busy);
  gtk_spinner_set_spinning (GTK_SPINNER (self->spinner), self->busy);
}

static void
on_taken (GObject      *source,
          GAsyncResult *result,
          gpointer      data)
{
  g_autoptr(MillQuestionDialog) self = data;
  g_autoptr(GError) error = NULL;
  g_autoptr(AwsCredentials) credentials = mill_credentials_form_take_finish (result, NULL, &error);

  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  self->busy = FALSE;
  update (self);
  mill_bar_fail (MILL_BAR (self->bar), error, NULL);
  mill_fit (self->text);
  if (credentials == NULL)
    {
      mill_credentials_form_focus (MILL_CREDENTIALS_FORM (self->form));
      return;
    }
  mill_credentials_form_clear (MILL_CREDENTIALS_FORM (self->form));
  mill_question_answer_credentials (self->question, credentials);
}

static void
on_browser (GObject      *source,
            GAsyncResult *result,
            gpointer      data)
{
  g_autoptr(MillQuestionDialog) self = data;
  g_autoptr(GError) error = NULL;

  if (!gtk_show_uri_full_finish (GTK_WINDOW (source), result, &error) && !g_cancellable_is_cancelled (self->cancellable))
    mill_bar_say (MILL_BAR (self->bar), _("No browser could be opened."), _("Open the address below yourself, here or on another device."), NULL);
}

static void
on_go_on (MillQuestionDialog *self)
{
  g_autofree char *code = NULL;

  if (!gtk_widget_get_sensitive (self->go_on))
    return;
  switch (mill_question_get_kind (self->question))
    {
    case MILL_QUESTION_CREDENTIALS:
      /* A text that loses its sensitivity keeps its cursor blinking: the focus goes first. */
      gtk_widget_grab_focus (self->stop);
      self->busy = TRUE;
      update (self);
      mill_credentials_form_take_async (MILL_CREDENTIALS_FORM (self->form), self->cancellable, on_taken, g_object_ref (self));
      break;
    case MILL_QUESTION_MFA_CODE:
      code = dup_code (self);
      mill_question_answer (self->question, code);
      break;
    case MILL_QUESTION_SIGN_IN:
    default:
      gtk_show_uri_full (GTK_WINDOW (self), mill_question_get_url (self->question), GDK_CURRENT_TIME, self->cancellable, on_browser, g_object_ref (self));
    }
}

static void
on_ended (MillQuestionDialog *self)
{
  gtk_window_destroy (GTK_WINDOW (self));
}

static void
mill_question_dialog_dispose (GObject *object)
{
  MillQuestionDialog *self = MILL_QUESTION_DIALOG (object);

  g_cancellable_cancel (self->cancellable);
  if (self->question != NULL && !mill_question_is_ended (self->question))
    mill_question_refuse (self->question);
  g_clear_object (&self->question);
  G_OBJECT_CLASS (mill_question_dialog_parent_class)->dispose (object);
}

static void
mill_question_dialog_finalize (GObject *object)
{
  g_object_unref (MILL_QUESTION_DIALOG (object)->cancellable);
  G_OBJECT_CLASS (mill_question_dialog_parent_class)->finalize (object);
}

static void
mill_question_dialog_class_init (MillQuestionDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = mill_question_dialog_dispose;
  G_OBJECT_CLASS (klass)->finalize = mill_question_dialog_finalize;
  g_type_ensure (MILL_TYPE_BAR);
  g_type_ensure (MILL_TYPE_CREDENTIALS_FORM);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/millrace/Millrace/ui/mill-question-dialog.ui");
#define BIND(name) gtk_widget_class_bind_template_child (widget_class, MillQuestionDialog, name)
  BIND (stop);
  BIND (go_on);
  BIND (spinner);
  BIND (bar);
  BIND (text);
  BIND (form);
  BIND (code_group);
  BIND (code);
  BIND (sign_in);
  BIND (user_code);
  BIND (url);
  BIND (waiting);
#undef BIND
  gtk_widget_class_bind_template_callback (widget_class, update);
  gtk_widget_class_bind_template_callback (widget_class, on_go_on);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
mill_question_dialog_init (MillQuestionDialog *self)
{
  self->cancellable = g_cancellable_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
mill_question_dialog_new (GtkWindow    *parent,
                          MillQuestion *question)
{
  MillQuestionDialog *self = g_object_new (MILL_TYPE_QUESTION_DIALOG, "transient-for", parent, NULL);

  self->question = g_object_ref (question);
  gtk_label_set_label (GTK_LABEL (self->text), mill_question_get_text (question));
  switch (mill_question_get_kind (question))
    {
    case MILL_QUESTION_CREDENTIALS:
      gtk_window_set_title (GTK_WINDOW (self), _("New Credentials Are Needed"));
      gtk_widget_set_visible (self->form, TRUE);
      mill_credentials_form_focus (MILL_CREDENTIALS_FORM (self->form));
      break;
    case MILL_QUESTION_MFA_CODE:
      gtk_window_set_title (GTK_WINDOW (self), _("Code of the MFA Device"));
      gtk_widget_set_visible (self->code_group, TRUE);
      gtk_widget_grab_focus (self->code);
      break;
    case MILL_QUESTION_SIGN_IN:
    default:
      gtk_window_set_title (GTK_WINDOW (self), _("Sign In"));
      gtk_label_set_label (GTK_LABEL (self->text), _("Open the page below and compare the code there with this one. Confirm only if they are the same."));
      gtk_label_set_label (GTK_LABEL (self->user_code), mill_question_get_code (question));
      gtk_label_set_label (GTK_LABEL (self->url), mill_question_get_url (question));
      gtk_button_set_label (GTK_BUTTON (self->stop), _("_Cancel"));
      gtk_button_set_label (GTK_BUTTON (self->go_on), _("Open _Browser"));
      gtk_spinner_start (GTK_SPINNER (self->waiting));
      gtk_widget_set_visible (self->sign_in, TRUE);
      gtk_widget_grab_focus (self->go_on);
    }
  g_signal_connect_object (question, "ended", G_CALLBACK (on_ended), self, G_CONNECT_SWAPPED);
  update (self);
  mill_fit (self->text);
  return GTK_WIDGET (self);
}
