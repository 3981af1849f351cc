/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-start-dialog.h"

#include <glib/gi18n.h>

#include "mill-bar.h"
#include "mill-fit.h"
#include "mill-parameter-row.h"
#include "mill-target-chooser.h"

struct _MillStartDialog
{
  AdwWindow parent_instance;

  GtkWidget *start;
  GtkWidget *box;
  GtkWidget *bar;
  GtkWidget *spinner;
  GtkWidget *chooser;
  GtkWidget *values;

  MillEngine *engine;
  MillTutorial *tutorial;
  GHashTable *rows;         /* parameter's name → its row */
  GCancellable *cancellable;
  gboolean busy;
};

enum {
  STARTED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (MillStartDialog, mill_start_dialog, ADW_TYPE_WINDOW)

static void
update (MillStartDialog *self)
{
  gboolean ok = !self->busy && mill_target_chooser_is_complete (MILL_TARGET_CHOOSER (self->chooser));
  GHashTableIter iter;
  gpointer row;

  if (self->rows == NULL)
    return;
  g_hash_table_iter_init (&iter, self->rows);
  while (g_hash_table_iter_next (&iter, NULL, &row))
    ok = ok && mill_parameter_row_is_valid (row);
  gtk_widget_set_sensitive (self->start, ok);
  gtk_widget_set_sensitive (self->box, !self->busy);
  gtk_widget_set_visible (self->spinner, self->busy);
  gtk_spinner_set_spinning (GTK_SPINNER (self->spinner), self->busy);
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
set_busy (MillStartDialog *self,
          gboolean         busy)
{
  self->busy = busy;
  update (self);
}

/* What went wrong, and a way on: the button tries again. */
static void
fail (MillStartDialog *self,
      const GError    *error)
{
  set_busy (self, FALSE);
  mill_bar_fail (MILL_BAR (self->bar), error, NULL);
  mill_fit (self->box);
  gtk_button_set_label (GTK_BUTTON (self->start), _("Try _Again"));
  gtk_widget_grab_focus (self->start);
}

static void
create (MillStartDialog *self,
        MillTarget      *target)
{
  g_autoptr(GHashTable) parameters = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  g_autoptr(MillDeployment) deployment = NULL;
  g_autoptr(GError) error = NULL;
  GHashTableIter iter;
  gpointer name, row;

  g_hash_table_iter_init (&iter, self->rows);
  while (g_hash_table_iter_next (&iter, &name, &row))
    g_hash_table_insert (parameters, g_strdup (name), mill_parameter_row_dup_value (row));
  deployment = mill_engine_create (self->engine, self->tutorial, target, parameters, &error);
  if (deployment == NULL)
    {
      fail (self, error);
      return;
    }
  g_signal_emit (self, signals[STARTED], 0, deployment);
  gtk_window_destroy (GTK_WINDOW (self));
}

static void
on_opened (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  g_autoptr(MillStartDialog) self = data;
  g_autoptr(GError) error = NULL;
  gboolean ok = mill_target_open_finish (MILL_TARGET (source), result, &error);

  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  if (ok)
    create (self, MILL_TARGET (source));
  else
    fail (self, error);
}

static void
on_start (MillStartDialog *self)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(MillTarget) target = mill_target_chooser_make_target (MILL_TARGET_CHOOSER (self->chooser), &error);

  mill_bar_say (MILL_BAR (self->bar), NULL, NULL, NULL);
  if (target == NULL)
    fail (self, error);
  else if (mill_target_get_kind (target) == MILL_TARGET_PRACTICE)
    create (self, target);
  else
    {
      set_busy (self, TRUE);
      mill_target_open_async (target, self->cancellable, on_opened, g_object_ref (self));
    }
}

static void
mill_start_dialog_dispose (GObject *object)
{
  MillStartDialog *self = MILL_START_DIALOG (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_pointer (&self->rows, g_hash_table_unref);
  g_clear_object (&self->engine);
  g_clear_object (&self->tutorial);
  G_OBJECT_CLASS (mill_start_dialog_parent_class)->dispose (object);
}

static void
mill_start_dialog_finalize (GObject *object)
{
  g_object_unref (MILL_START_DIALOG (object)->cancellable);
  G_OBJECT_CLASS (mill_start_dialog_parent_class)->finalize (object);
}

static void
mill_start_dialog_class_init (MillStartDialogClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = mill_start_dialog_dispose;
  G_OBJECT_CLASS (klass)->finalize = mill_start_dialog_finalize;
  g_type_ensure (MILL_TYPE_BAR);
  g_type_ensure (MILL_TYPE_TARGET_CHOOSER);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/millrace/Millrace/ui/mill-start-dialog.ui");
#define BIND(name) gtk_widget_class_bind_template_child (widget_class, MillStartDialog, name)
  BIND (start);
  BIND (box);
  BIND (bar);
  BIND (spinner);
  BIND (chooser);
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
  self->cancellable = g_cancellable_new ();
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
  mill_target_chooser_set_engine (MILL_TARGET_CHOOSER (self->chooser), engine);
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
  mill_fit (self->box);
  gtk_widget_grab_focus (self->start);
  return GTK_WIDGET (self);
}
