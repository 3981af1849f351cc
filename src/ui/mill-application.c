/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-application.h"

#include <glib/gi18n.h>

#include "mill-keyring-dialog.h"
#include "mill-preferences.h"
#include "mill-question-dialog.h"
#include "mill-reminder.h"
#include "mill-settings.h"
#include "mill-ui-resources.h"
#include "mill-window.h"

struct _MillApplication
{
  AdwApplication parent_instance;

  MillCatalog *catalog;
  MillEngine *engine;
  GError *engine_error;
  GSettings *settings;
  MillReminder *reminder;
};

G_DEFINE_FINAL_TYPE (MillApplication, mill_application, ADW_TYPE_APPLICATION)

static void
on_quit (GSimpleAction *action,
         GVariant      *parameter,
         gpointer       data)
{
  g_autoptr(GList) windows = g_list_copy (gtk_application_get_windows (data));

  /* Each window is asked, so that it remembers its size and can say what still runs. Dialogs go with their windows. */
  for (GList *at = windows; at != NULL; at = at->next)
    if (MILL_IS_WINDOW (at->data))
      gtk_window_close (at->data);
}

/* From a notification: the window may be closed by now. */
static void
on_deployment_action (GSimpleAction *action,
                      GVariant      *parameter,
                      gpointer       data)
{
  GtkWindow *window;
  g_autofree char *name = g_strdup_printf ("win.%s", g_action_get_name (G_ACTION (action)));

  g_application_activate (data);
  window = gtk_application_get_active_window (data);
  while (window != NULL && gtk_window_get_transient_for (window) != NULL)
    window = gtk_window_get_transient_for (window);
  if (window != NULL)
    gtk_widget_activate_action_variant (GTK_WIDGET (window), name, parameter);
}

static void
on_about (GSimpleAction *action,
          GVariant      *parameter,
          gpointer       data)
{
  MillApplication *self = data;
  g_autofree char *debug = g_strdup_printf ("Millrace %s\nGTK %u.%u.%u\nlibadwaita %u.%u.%u\nGLib %u.%u.%u\n",
                                            MILLRACE_VERSION,
                                            gtk_get_major_version (), gtk_get_minor_version (), gtk_get_micro_version (),
                                            adw_get_major_version (), adw_get_minor_version (), adw_get_micro_version (),
                                            glib_major_version, glib_minor_version, glib_micro_version);

  adw_show_about_window (gtk_application_get_active_window (GTK_APPLICATION (self)),
                         "application-name", "Millrace",
                         "application-icon", MILLRACE_APP_ID,
                         "version", MILLRACE_VERSION,
                         "developer-name", _("The Millrace developers"),
                         "license-type", GTK_LICENSE_GPL_3_0,
                         "comments", _("Build a serverless pipeline by pointing and clicking, watch every message run through it, and take it all down again."),
                         "debug-info", debug,
                         /* Translators: your name, and your mail address if you like */
                         "translator-credits", _("translator-credits"),
                         NULL);
}

static void
on_help (GSimpleAction *action,
         GVariant      *parameter,
         gpointer       data)
{
  GtkWindow *parent = gtk_application_get_active_window (data);
  GtkWidget *dialog = adw_message_dialog_new (parent, _("How Millrace Works"), NULL);

  adw_message_dialog_set_body (ADW_MESSAGE_DIALOG (dialog),
                               _("Choose a tutorial and where to build it: the practice cloud runs on this computer and costs nothing.\n\n"
                                 "Each page says what a step does and why. “Create” does it; “Check” reads back from the cloud whether it is as it should be; “Undo” takes it back.\n\n"
                                 "The diagram beside the page grows with every resource. Once the pipeline is built, send it a message and follow it: a component or a hop shows its payload, its log and what went wrong.\n\n"
                                 "When you are done, clean up. Millrace deletes what it made and nothing else, then asks the cloud again and shows you the proof.\n\n"
                                 "Ctrl+? lists the keyboard shortcuts."));
  adw_message_dialog_add_response (ADW_MESSAGE_DIALOG (dialog), "close", _("_Close"));
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
on_credentials (GSimpleAction *action,
                GVariant      *parameter,
                gpointer       data)
{
  MillApplication *self = data;

  gtk_window_present (GTK_WINDOW (mill_keyring_dialog_new (gtk_application_get_active_window (GTK_APPLICATION (self)), self->engine)));
}

static void
on_preferences (GSimpleAction *action,
                GVariant      *parameter,
                gpointer       data)
{
  MillApplication *self = data;

  gtk_window_present (GTK_WINDOW (mill_preferences_new (gtk_application_get_active_window (GTK_APPLICATION (self)), self->settings)));
}

/* The window on top: a question may come while a dialog is open, and a dialog blocks what is below it. */
static GtkWindow *
find_top (MillApplication *self)
{
  GListModel *windows = gtk_window_get_toplevels ();
  GtkWindow *top = gtk_application_get_active_window (GTK_APPLICATION (self));

  for (guint i = 0; i < g_list_model_get_n_items (windows); i++)
    {
      g_autoptr(GtkWindow) window = g_list_model_get_item (windows, i);

      if (gtk_window_is_active (window))
        top = window;
    }
  return top;
}

static void
on_question (MillQuestion *question,
             gpointer      data)
{
  GtkWindow *top = find_top (data);

  if (top != NULL)
    gtk_window_present (GTK_WINDOW (mill_question_dialog_new (top, question)));
  else
    mill_question_refuse (question);
}

static void
apply_style (const char *style)
{
  AdwColorScheme scheme = ADW_COLOR_SCHEME_DEFAULT;

  if (g_str_equal (style, "light"))
    scheme = ADW_COLOR_SCHEME_FORCE_LIGHT;
  else if (g_str_equal (style, "dark"))
    scheme = ADW_COLOR_SCHEME_FORCE_DARK;
  adw_style_manager_set_color_scheme (adw_style_manager_get_default (), scheme);
}

static void
on_style (GSimpleAction *action,
          GVariant      *state,
          gpointer       data)
{
  MillApplication *self = data;

  g_simple_action_set_state (action, state);
  apply_style (g_variant_get_string (state, NULL));
  if (self->settings != NULL)
    g_settings_set_string (self->settings, "style", g_variant_get_string (state, NULL));
}

static const GActionEntry actions[] = {
  { .name = "quit", .activate = on_quit },
  { .name = "about", .activate = on_about },
  { .name = "help", .activate = on_help },
  { .name = "open", .activate = on_deployment_action, .parameter_type = "s" },
  { .name = "clean-up", .activate = on_deployment_action, .parameter_type = "s" },
  { .name = "credentials", .activate = on_credentials },
  { .name = "preferences", .activate = on_preferences },
  { .name = "style", .parameter_type = "s", .state = "'system'", .change_state = on_style },
};

static void
mill_application_startup (GApplication *application)
{
  MillApplication *self = MILL_APPLICATION (application);
  static const struct {
    const char *action;
    const char *accels[3];
  } accels[] = {
    { "app.quit", { "<Control>q", NULL } },
    { "app.help", { "F1", NULL } },
    { "app.preferences", { "<Control>comma", NULL } },
    { "window.close", { "<Control>w", NULL } },
    { "win.show-help-overlay", { "<Control>question", NULL } },
  };

  G_APPLICATION_CLASS (mill_application_parent_class)->startup (application);
  g_action_map_add_action_entries (G_ACTION_MAP (self), actions, G_N_ELEMENTS (actions), self);
  for (guint i = 0; i < G_N_ELEMENTS (accels); i++)
    gtk_application_set_accels_for_action (GTK_APPLICATION (self), accels[i].action, (const char *const *) accels[i].accels);
  self->settings = mill_settings_new ();
  if (self->settings != NULL)
    {
      g_autoptr(GVariant) style = g_settings_get_value (self->settings, "style");

      g_action_group_change_action_state (G_ACTION_GROUP (self), "style", style);
    }
  self->catalog = mill_catalog_new ();
  self->engine = mill_engine_new (self->catalog, NULL, &self->engine_error);
  if (self->settings == NULL)
    g_simple_action_set_enabled (G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (self), "preferences")), FALSE);
  else if (self->engine != NULL)
    self->reminder = mill_reminder_new (application, self->engine, self->settings);
  mill_question_set_handler (on_question, self);
}

static void
mill_application_shutdown (GApplication *application)
{
  mill_question_set_handler (NULL, NULL);
  G_APPLICATION_CLASS (mill_application_parent_class)->shutdown (application);
}

static void
mill_application_activate (GApplication *application)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (application));

  if (window == NULL)
    window = GTK_WINDOW (mill_window_new (MILL_APPLICATION (application)));
  gtk_window_present (window);
}

static void
mill_application_finalize (GObject *object)
{
  MillApplication *self = MILL_APPLICATION (object);

  g_clear_object (&self->reminder);
  g_clear_object (&self->engine);
  g_clear_object (&self->catalog);
  g_clear_object (&self->settings);
  g_clear_error (&self->engine_error);
  G_OBJECT_CLASS (mill_application_parent_class)->finalize (object);
}

static void
mill_application_class_init (MillApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = mill_application_finalize;
  application_class->startup = mill_application_startup;
  application_class->shutdown = mill_application_shutdown;
  application_class->activate = mill_application_activate;
}

static void
mill_application_init (MillApplication *self)
{
  mill_ui_register_resource ();
}

MillApplication *
mill_application_new (void)
{
  return g_object_new (MILL_TYPE_APPLICATION,
                       "application-id", MILLRACE_APP_ID,
                       "resource-base-path", "/io/github/millrace/Millrace",
                       NULL);
}

MillCatalog *
mill_application_get_catalog (MillApplication *self)
{
  return self->catalog;
}

MillEngine *
mill_application_get_engine (MillApplication *self)
{
  return self->engine;
}

const GError *
mill_application_get_engine_error (MillApplication *self)
{
  return self->engine_error;
}

GSettings *
mill_application_get_settings (MillApplication *self)
{
  return self->settings;
}
