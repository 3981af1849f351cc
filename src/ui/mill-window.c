/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-window.h"

#include <glib/gi18n.h>

#include "mill-clean-up-dialog.h"
#include "mill-deployment-page.h"
#include "mill-hidden.h"
#include "mill-home-page.h"
#include "mill-reminder.h"
#include "mill-report-page.h"
#include "mill-start-dialog.h"

struct _MillWindow
{
  AdwApplicationWindow parent_instance;

  GtkWidget *toasts;
  GtkWidget *stack;
  GtkWidget *home;

  MillApplication *application;     /* borrowed: it owns the window */
  guint drop;
  gboolean leaving;             /* whoever was asked wants to go */
};

G_DEFINE_FINAL_TYPE (MillWindow, mill_window, ADW_TYPE_APPLICATION_WINDOW)

static MillDeployment *
find_deployment (MillWindow *self,
                 const char *id)
{
  MillEngine *engine = mill_application_get_engine (self->application);

  return engine != NULL ? mill_engine_find (engine, id) : NULL;
}

/* A deployment that is left ends its watching; its page is made anew the next time. */
static gboolean
drop_page (gpointer data)
{
  MillWindow *self = data;

  self->drop = 0;
  for (const char *const *name = (const char *const[]) { "deployment", "report", NULL }; *name != NULL; name++)
    {
      GtkWidget *before = gtk_stack_get_child_by_name (GTK_STACK (self->stack), *name);

      if (before != NULL && gtk_stack_get_visible_child (GTK_STACK (self->stack)) == self->home)
        gtk_stack_remove (GTK_STACK (self->stack), before);
    }
  return G_SOURCE_REMOVE;
}

/* Not at once: the stack is still telling of the change. */
static void
on_page_shown (MillWindow *self)
{
  if (self->drop == 0 && !gtk_stack_get_transition_running (GTK_STACK (self->stack)))
    self->drop = g_idle_add (drop_page, self);
}

static void
mill_window_dispose (GObject *object)
{
  g_clear_handle_id (&MILL_WINDOW (object)->drop, g_source_remove);
  G_OBJECT_CLASS (mill_window_parent_class)->dispose (object);
}

static void
on_started (MillWindow     *self,
            MillDeployment *deployment)
{
  mill_window_open_deployment (self, deployment);
}

static void
show_report (MillWindow     *self,
             MillDeployment *deployment)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(JsonObject) report = mill_engine_dup_report (mill_application_get_engine (self->application), deployment, &error);
  GtkWidget *before = gtk_stack_get_child_by_name (GTK_STACK (self->stack), "report");
  GtkWidget *page;

  if (report == NULL)
    {
      mill_window_say (self, error != NULL ? error->message : _("There is no report: nothing was cleaned up yet"));
      return;
    }
  if (before != NULL)
    gtk_stack_remove (GTK_STACK (self->stack), before);
  page = mill_report_page_new (report);
  gtk_stack_add_named (GTK_STACK (self->stack), page, "report");
  gtk_stack_set_visible_child (GTK_STACK (self->stack), page);
  mill_report_page_focus (MILL_REPORT_PAGE (page));
  gtk_window_set_title (GTK_WINDOW (self), _("Clean-Up Report – Millrace"));
}

static void
on_action (GtkWidget  *widget,
           const char *name,
           GVariant   *parameter)
{
  MillWindow *self = MILL_WINDOW (widget);
  MillEngine *engine = mill_application_get_engine (self->application);
  const char *id = parameter != NULL ? g_variant_get_string (parameter, NULL) : NULL;

  if (g_str_equal (name, "win.say"))
    mill_window_say (self, id);
  else if (g_str_equal (name, "win.home"))
    {
      gtk_stack_set_visible_child (GTK_STACK (self->stack), self->home);
      gtk_window_set_title (GTK_WINDOW (self), "Millrace");
      mill_home_page_focus (MILL_HOME_PAGE (self->home));
    }
  else if (engine == NULL)
    return;
  else if (g_str_equal (name, "win.start"))
    {
      MillTutorial *tutorial = mill_catalog_find (mill_application_get_catalog (self->application), id);
      GtkWidget *dialog;

      if (tutorial == NULL)
        return;
      dialog = mill_start_dialog_new (GTK_WINDOW (self), engine, tutorial);
      g_signal_connect_object (dialog, "started", G_CALLBACK (on_started), self, G_CONNECT_SWAPPED);
      gtk_window_present (GTK_WINDOW (dialog));
    }
  else
    {
      MillDeployment *deployment = find_deployment (self, id);

      if (deployment == NULL)
        return;
      if (g_str_equal (name, "win.open"))
        mill_window_open_deployment (self, deployment);
      else if (g_str_equal (name, "win.report"))
        show_report (self, deployment);
      else
        gtk_window_present (GTK_WINDOW (mill_clean_up_dialog_new (GTK_WINDOW (self), engine, deployment)));
    }
}

static gboolean
leave (gpointer data)
{
  gtk_window_close (data);
  return G_SOURCE_REMOVE;
}

static void
on_leave_response (MillWindow *self,
                   const char *response)
{
  if (g_str_equal (response, "show"))
    gtk_widget_activate_action (GTK_WIDGET (self), "win.home", NULL);
  if (!g_str_equal (response, "leave"))
    return;
  self->leaving = TRUE;
  /* Not at once: the dialog, which goes with its window, is still telling of it. */
  g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, leave, g_object_ref (self), g_object_unref);
}

/* What runs on AWS goes on costing money when nobody looks. */
static gboolean
ask_before_leaving (MillWindow *self)
{
  MillEngine *engine = mill_application_get_engine (self->application);
  g_autoptr(GPtrArray) running = engine != NULL ? mill_reminder_find (engine) : NULL;
  g_autoptr(GString) body = g_string_new (NULL);
  GtkWidget *dialog;

  if (self->leaving || running == NULL || running->len == 0)
    return FALSE;
  for (guint i = 0; i < running->len; i++)
    {
      g_autofree char *sentence = mill_reminder_dup_sentence (running->pdata[i]);
      g_string_append_printf (body, "%s%s", i > 0 ? "\n\n" : "", sentence);
    }
  dialog = adw_message_dialog_new (GTK_WINDOW (self), ngettext ("A Deployment Still Runs", "Deployments Still Run", running->len), NULL);
  adw_message_dialog_set_body (ADW_MESSAGE_DIALOG (dialog), body->str);
  adw_message_dialog_add_responses (ADW_MESSAGE_DIALOG (dialog), "stay", _("_Stay"), "show", _("_Show Deployments"), "leave", _("_Quit Anyway"), NULL);
  adw_message_dialog_set_default_response (ADW_MESSAGE_DIALOG (dialog), "stay");
  adw_message_dialog_set_close_response (ADW_MESSAGE_DIALOG (dialog), "stay");
  g_signal_connect_object (dialog, "response", G_CALLBACK (on_leave_response), self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
  return TRUE;
}

static gboolean
mill_window_close_request (GtkWindow *window)
{
  MillWindow *self = MILL_WINDOW (window);
  GSettings *settings = mill_application_get_settings (self->application);
  int width, height;

  if (ask_before_leaving (self))
    return TRUE;
  if (settings != NULL)
    {
      gtk_window_get_default_size (window, &width, &height);
      g_settings_set (settings, "window-size", "(ii)", width, height);
      g_settings_set_boolean (settings, "window-maximized", gtk_window_is_maximized (window));
    }
  return GTK_WINDOW_CLASS (mill_window_parent_class)->close_request (window);
}

static void
mill_window_class_init (MillWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = mill_window_dispose;
  GTK_WINDOW_CLASS (klass)->close_request = mill_window_close_request;
  g_type_ensure (MILL_TYPE_HOME_PAGE);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/millrace/Millrace/ui/mill-window.ui");
  gtk_widget_class_bind_template_child (widget_class, MillWindow, toasts);
  gtk_widget_class_bind_template_child (widget_class, MillWindow, stack);
  gtk_widget_class_bind_template_child (widget_class, MillWindow, home);
  gtk_widget_class_install_action (widget_class, "win.say", "s", on_action);
  gtk_widget_class_install_action (widget_class, "win.home", NULL, on_action);
  gtk_widget_class_install_action (widget_class, "win.start", "s", on_action);
  gtk_widget_class_install_action (widget_class, "win.open", "s", on_action);
  gtk_widget_class_install_action (widget_class, "win.clean-up", "s", on_action);
  gtk_widget_class_install_action (widget_class, "win.report", "s", on_action);
}

static void
mill_window_init (MillWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  mill_hidden_follow (self->stack, gtk_stack_get_pages (GTK_STACK (self->stack)));
  gtk_window_set_icon_name (GTK_WINDOW (self), MILLRACE_APP_ID);
  g_signal_connect_object (self->stack, "notify::transition-running", G_CALLBACK (on_page_shown), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->stack, "notify::visible-child", G_CALLBACK (on_page_shown), self, G_CONNECT_SWAPPED);
}

GtkWidget *
mill_window_new (MillApplication *application)
{
  MillWindow *self = g_object_new (MILL_TYPE_WINDOW, "application", application, NULL);
  GSettings *settings;

  self->application = application;
  settings = mill_application_get_settings (application);
  if (settings != NULL)
    {
      int width, height;

      g_settings_get (settings, "window-size", "(ii)", &width, &height);
      gtk_window_set_default_size (GTK_WINDOW (self), width, height);
      if (g_settings_get_boolean (settings, "window-maximized"))
        gtk_window_maximize (GTK_WINDOW (self));
    }
  mill_home_page_set_models (MILL_HOME_PAGE (self->home), mill_application_get_catalog (application),
                             mill_application_get_engine (application), mill_application_get_engine_error (application));
  mill_home_page_focus (MILL_HOME_PAGE (self->home));
  return GTK_WIDGET (self);
}

void
mill_window_open_deployment (MillWindow     *self,
                             MillDeployment *deployment)
{
  g_autoptr(MillSession) session = mill_session_new (mill_application_get_engine (self->application), deployment);
  GSettings *settings = mill_application_get_settings (self->application);
  GtkWidget *before = gtk_stack_get_child_by_name (GTK_STACK (self->stack), "deployment");
  GtkWidget *page;

  if (settings != NULL)
    g_settings_bind (settings, "watch-calls-per-minute", mill_session_get_watch (session), "budget", G_SETTINGS_BIND_GET);
  if (before != NULL)
    gtk_stack_remove (GTK_STACK (self->stack), before);
  page = mill_deployment_page_new (session);
  gtk_stack_add_named (GTK_STACK (self->stack), page, "deployment");
  gtk_stack_set_visible_child (GTK_STACK (self->stack), page);
  mill_deployment_page_focus (MILL_DEPLOYMENT_PAGE (page));
  if (mill_session_get_tutorial (session) != NULL)
    {
      g_autofree char *title = g_strdup_printf ("%s – Millrace", mill_tutorial_get_title (mill_session_get_tutorial (session)));
      gtk_window_set_title (GTK_WINDOW (self), title);
    }
}

void
mill_window_say (MillWindow *self,
                 const char *sentence)
{
  g_autofree char *escaped = g_markup_escape_text (sentence, -1);
  AdwToast *toast = adw_toast_new (escaped);

  adw_toast_set_timeout (toast, 3);
  adw_toast_overlay_add_toast (ADW_TOAST_OVERLAY (self->toasts), toast);
}
