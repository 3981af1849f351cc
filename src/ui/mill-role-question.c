/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-role-question.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#define LAB_ROLE "LabRole"

/* What hangs on the dialog. */
typedef struct {
  MillSession *session;
  char *step;
  GtkWidget *widget;    /* weak */
} Ask;

static void
ask_free (Ask *self)
{
  g_clear_weak_pointer (&self->widget);
  g_object_unref (self->session);
  g_free (self->step);
  g_free (self);
}

static void
on_response (AdwMessageDialog *dialog,
             const char       *response,
             Ask              *ask)
{
  g_autofree char *role = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (adw_message_dialog_get_extra_child (dialog)))));
  g_autoptr(GError) error = NULL;

  if (!g_str_equal (response, "use") || *role == '\0')
    return;
  if (mill_engine_set_parameter (mill_session_get_engine (ask->session), mill_session_get_deployment (ask->session), MILL_PARAMETER_ROLE, role, &error))
    mill_session_build (ask->session, ask->step);
  else if (ask->widget != NULL)
    gtk_widget_activate_action (ask->widget, "win.say", "s", error->message);
}

gboolean
mill_role_question_helps (const GError   *error,
                          MillDeployment *deployment)
{
  static const char *const actions[] = { "iam:CreateRole", "iam:CreatePolicy", "iam:AttachRolePolicy", "iam:TagRole" };

  if (error == NULL || mill_deployment_get_role (deployment) != NULL || !g_str_has_prefix (aws_error_get_code (error), "AccessDenied"))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    if (strstr (error->message, actions[i]) != NULL)
      return TRUE;
  return FALSE;
}

void
mill_role_question_ask (GtkWidget   *widget,
                        MillSession *session,
                        const char  *step)
{
  GtkWidget *dialog = adw_message_dialog_new (GTK_WINDOW (gtk_widget_get_root (widget)), _("Use a Role That Is There?"),
                                              _("You may not make roles and policies here. In a learner lab, the role LabRole is there for that: the tutorial uses it "
                                                "instead of its own, and says on its pages what differs. It is neither changed nor deleted."));
  GtkWidget *entry = gtk_entry_new ();
  Ask *ask = g_new0 (Ask, 1);

  ask->session = g_object_ref (session);
  ask->step = g_strdup (step);
  g_set_weak_pointer (&ask->widget, widget);
  gtk_editable_set_text (GTK_EDITABLE (entry), LAB_ROLE);
  gtk_entry_set_activates_default (GTK_ENTRY (entry), TRUE);
  gtk_accessible_update_property (GTK_ACCESSIBLE (entry), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Name of the role"), -1);
  adw_message_dialog_set_extra_child (ADW_MESSAGE_DIALOG (dialog), entry);
  adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), "cancel", _("_Cancel"));
  adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), "use", _("_Use It"));
  adw_message_dialog_set_response_appearance (ADW_MESSAGE_DIALOG (dialog), "use", ADW_RESPONSE_SUGGESTED);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "use");
  g_signal_connect_data (dialog, "response", G_CALLBACK (on_response), ask, (GClosureNotify) (void (*) (void)) ask_free, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}
