/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-start-dialog.h"

#include <glib/gi18n.h>

#include "mill-bar.h"
#include "mill-parameter-row.h"

struct _MillStartDialog
{
  AdwWindow parent_instance;

  GtkWidget *start;
  GtkWidget *box;
  GtkWidget *bar;
  GtkWidget *practice;
  GtkWidget *account;
  GtkWidget *endpoint;
  GtkWidget *more;
  GtkWidget *profile;
  GtkWidget *url;
  GtkWidget *region;
  GtkWidget *values;

  MillEngine *engine;
  MillTutorial *tutorial;
  GHashTable *rows;         /* parameter's name → its row */
};

enum {
  STARTED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (MillStartDialog, mill_start_dialog, ADW_TYPE_WINDOW)

static gboolean
is_active (GtkWidget *check)
{
  return gtk_check_button_get_active (GTK_CHECK_BUTTON (check));
}

static const char *
get_text (GtkWidget *row)
{
  return gtk_editable_get_text (GTK_EDITABLE (row));
}

static void
update (MillStartDialog *self)
{
  GHashTableIter iter;
  gpointer row;
  gboolean ok;

  gtk_widget_set_visible (self->more, !is_active (self->practice));
  gtk_widget_set_visible (self->profile, is_active (self->account));
  gtk_widget_set_visible (self->url, is_active (self->endpoint));
  ok = is_active (self->practice) || (is_active (self->account) && *get_text (self->profile) != '\0') ||
       (is_active (self->endpoint) && *get_text (self->url) != '\0');
  if (self->rows != NULL)
    {
      g_hash_table_iter_init (&iter, self->rows);
      while (g_hash_table_iter_next (&iter, NULL, &row))
        ok = ok && mill_parameter_row_is_valid (row);
    }
  gtk_widget_set_sensitive (self->start, ok);
}

static void
on_value (const MillParameter *parameter,
          const char          *value,
          gboolean             valid,
          gpointer             data)
{
  update (data);
}

static void
on_start (MillStartDialog *self)
{
  const char *spec = is_active (self->practice) ? "practice" : is_active (self->account) ? get_text (self->profile) : get_text (self->url);
  const char *region = !is_active (self->practice) && *get_text (self->region) != '\0' ? get_text (self->region) : NULL;
  g_autoptr(GHashTable) parameters = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr(MillDeployment) deployment = NULL;
  g_autoptr(MillTarget) target = NULL;
  g_autoptr(GError) error = NULL;
  GHashTableIter iter;
  gpointer name, row;

  g_hash_table_iter_init (&iter, self->rows);
  while (g_hash_table_iter_next (&iter, &name, &row))
    g_hash_table_insert (parameters, g_strdup (name), mill_parameter_row_dup_value (row));
  target = mill_target_new (spec, region, &error);
  if (target != NULL)
    deployment = mill_engine_create (self->engine, self->tutorial, target, parameters, &error);
  mill_bar_fail (MILL_BAR (self->bar), error, NULL);
  if (deployment == NULL)
    return;
  g_signal_emit (self, signals[STARTED], 0, deployment);
  gtk_window_destroy (GTK_WINDOW (self));
}

static void
mill_start_dialog_dispose (GObject *object)
{
  MillStartDialog *self = MILL_START_DIALOG (object);

  g_clear_pointer (&self->rows, g_hash_table_unref);
  g_clear_object (&self->engine);
  g_clear_object (&self->tutorial);
  G_OBJECT_CLASS (mill_start_dialog_parent_class)->dispose (object);
}

static void
mill_start_dialog_class_init (MillStartDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = mill_start_dialog_dispose;
  g_type_ensure (MILL_TYPE_BAR);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/millrace/Millrace/ui/mill-start-dialog.ui");
#define BIND(name) gtk_widget_class_bind_template_child (widget_class, MillStartDialog, name)
  BIND (start);
  BIND (box);
  BIND (bar);
  BIND (practice);
  BIND (account);
  BIND (endpoint);
  BIND (more);
  BIND (profile);
  BIND (url);
  BIND (region);
  BIND (values);
#undef BIND
  gtk_widget_class_bind_template_callback (widget_class, update);
  gtk_widget_class_bind_template_callback (widget_class, on_start);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
  signals[STARTED] = g_signal_new ("started", MILL_TYPE_START_DIALOG, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                   G_TYPE_NONE, 1, MILL_TYPE_DEPLOYMENT);
}

static void
mill_start_dialog_init (MillStartDialog *self)
{
  self->rows = g_hash_table_new (g_str_hash, g_str_equal);
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
mill_start_dialog_new (GtkWindow    *parent,
                       MillEngine   *engine,
                       MillTutorial *tutorial)
{
  MillStartDialog *self = g_object_new (MILL_TYPE_START_DIALOG, "transient-for", parent, NULL);
  GPtrArray *parameters = mill_template_get_parameters (mill_tutorial_get_template (tutorial));

  self->engine = g_object_ref (engine);
  self->tutorial = g_object_ref (tutorial);
  gtk_window_set_title (GTK_WINDOW (self), mill_tutorial_get_title (tutorial));
  for (guint i = 0; parameters != NULL && i < parameters->len; i++)
    {
      const MillParameter *parameter = parameters->pdata[i];
      GtkWidget *row;

      if (parameter->default_value != NULL)
        continue;
      row = mill_parameter_row_new (parameter, NULL, on_value, self);
      adw_preferences_group_add (ADW_PREFERENCES_GROUP (self->values), row);
      g_hash_table_insert (self->rows, (char *) parameter->name, row);
      gtk_widget_set_visible (self->values, TRUE);
    }
  update (self);
  gtk_widget_grab_focus (self->start);
  return GTK_WIDGET (self);
}
