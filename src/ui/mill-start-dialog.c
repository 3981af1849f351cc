/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-start-dialog.h"

#include <glib/gi18n.h>

#include "mill-bar.h"
#include "mill-fit.h"
#include "mill-hidden.h"
#include "mill-parameter-row.h"
#include "mill-preflight-page.h"
#include "mill-target-chooser.h"

struct _MillStartDialog
{
  AdwWindow parent_instance;

  GtkWidget *cancel;
  GtkWidget *start;
  GtkWidget *spinner;
  GtkWidget *stack;
  GtkWidget *choose_page;
  GtkWidget *box;
  GtkWidget *bar;
  GtkWidget *chooser;
  GtkWidget *values;
  GtkWidget *preflight_page;
  GtkWidget *preflight_box;
  GtkWidget *preflight_bar;
  GtkWidget *preflight;

  MillEngine *engine;
  MillTutorial *tutorial;
  GHashTable *rows;         /* parameter's name → its row */
  MillTarget *target;       /* that was chosen */
  MillPreflight *ahead;     /* what it comes to there, or NULL */
  char *suffix;             /* that the user wants behind all names, or NULL */
  char *suffix_parameter;
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
  gtk_widget_set_sensitive (self->preflight_box, !self->busy);
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
  /* A text that loses its sensitivity keeps its cursor blinking: the focus goes first. */
  if (busy)
    gtk_widget_grab_focus (self->cancel);
  self->busy = busy;
  update (self);
}

static gboolean
is_ahead (MillStartDialog *self)
{
  return gtk_stack_get_visible_child (GTK_STACK (self->stack)) == self->preflight_page;
}

/* What went wrong, and a way on: the button tries again. */
static void
fail (MillStartDialog *self,
      const GError    *error)
{
  set_busy (self, FALSE);
  mill_bar_fail (MILL_BAR (is_ahead (self) ? self->preflight_bar : self->bar), error, NULL);
  mill_fit (is_ahead (self) ? self->preflight_box : self->box);
  gtk_button_set_label (GTK_BUTTON (self->start), _("Try _Again"));
  gtk_widget_grab_focus (self->start);
}

static GHashTable *
collect (MillStartDialog *self)
{
  GHashTable *parameters = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  const char *role = mill_preflight_page_get_role (MILL_PREFLIGHT_PAGE (self->preflight));
  GHashTableIter iter;
  gpointer name, row;

  g_hash_table_iter_init (&iter, self->rows);
  while (g_hash_table_iter_next (&iter, &name, &row))
    g_hash_table_insert (parameters, g_strdup (name), mill_parameter_row_dup_value (row));
  if (self->suffix != NULL)
    g_hash_table_insert (parameters, g_strdup (self->suffix_parameter), g_strdup (self->suffix));
  if (is_ahead (self) && role != NULL)
    g_hash_table_insert (parameters, g_strdup (MILL_PARAMETER_ROLE), g_strdup (role));
  return parameters;
}

static void
create (MillStartDialog *self)
{
  g_autoptr(GHashTable) parameters = collect (self);
  g_autoptr(MillDeployment) deployment = NULL;
  g_autoptr(GError) error = NULL;

  deployment = mill_engine_create (self->engine, self->tutorial, self->target, parameters, &error);
  if (deployment == NULL)
    {
      fail (self, error);
      return;
    }
  g_signal_emit (self, signals[STARTED], 0, deployment);
  gtk_window_destroy (GTK_WINDOW (self));
}

static void
show_choice (MillStartDialog *self)
{
  g_clear_pointer (&self->suffix, g_free);
  g_clear_object (&self->target);
  gtk_stack_set_visible_child (GTK_STACK (self->stack), self->choose_page);
  gtk_button_set_label (GTK_BUTTON (self->cancel), _("_Cancel"));
  gtk_button_set_label (GTK_BUTTON (self->start), _("_Start"));
  gtk_widget_add_css_class (self->start, "suggested-action");
  mill_fit (self->box);
  update (self);
}

static void
show_preflight (MillStartDialog *self)
{
  gboolean stop = mill_preflight_get_worst (self->ahead) == MILL_VERDICT_STOP;

  mill_preflight_page_show (MILL_PREFLIGHT_PAGE (self->preflight), self->ahead);
  gtk_stack_set_visible_child (GTK_STACK (self->stack), self->preflight_page);
  gtk_button_set_label (GTK_BUTTON (self->cancel), _("_Back"));
  gtk_button_set_label (GTK_BUTTON (self->start), stop ? _("Begin _Anyway") : _("_Begin"));
  if (stop)
    gtk_widget_remove_css_class (self->start, "suggested-action");
  else
    gtk_widget_add_css_class (self->start, "suggested-action");
  mill_fit (self->preflight_box);
  gtk_widget_grab_focus (stop ? self->cancel : self->start);
}

static void
on_ahead (GObject      *source,
          GAsyncResult *result,
          gpointer      data)
{
  g_autoptr(MillStartDialog) self = data;
  g_autoptr(GError) error = NULL;
  g_autoptr(MillPreflight) ahead = mill_preflight_run_finish (result, &error);

  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  if (ahead == NULL)
    {
      fail (self, error);
      return;
    }
  g_set_object (&self->ahead, ahead);
  set_busy (self, FALSE);
  show_preflight (self);
}

/* What building comes to: asked before anything is made where it is not the practice cloud. */
static void
look_ahead (MillStartDialog *self)
{
  g_autoptr(GHashTable) parameters = collect (self);

  if (self->busy)
    return;
  g_clear_object (&self->ahead);
  mill_bar_say (MILL_BAR (self->bar), NULL, NULL, NULL);
  mill_bar_say (MILL_BAR (self->preflight_bar), NULL, NULL, NULL);
  set_busy (self, TRUE);
  mill_preflight_run_async (self->tutorial, self->target, parameters, mill_preflight_page_get_role (MILL_PREFLIGHT_PAGE (self->preflight)),
                            self->cancellable, on_ahead, g_object_ref (self));
}

static void
on_suffix (MillStartDialog *self)
{
  g_free (self->suffix);
  g_free (self->suffix_parameter);
  self->suffix = g_strdup (mill_preflight_get_suffix (self->ahead));
  self->suffix_parameter = g_strdup (mill_preflight_get_suffix_parameter (self->ahead));
  look_ahead (self);
}

static void
on_start (MillStartDialog *self)
{
  g_autoptr(GError) error = NULL;

  if (is_ahead (self))
    {
      /* Without a result the last look failed: the button looks again. */
      if (self->ahead != NULL)
        create (self);
      else
        look_ahead (self);
      return;
    }
  g_clear_object (&self->target);
  self->target = mill_target_chooser_make_target (MILL_TARGET_CHOOSER (self->chooser), &error);
  if (self->target == NULL)
    fail (self, error);
  else if (mill_target_get_kind (self->target) == MILL_TARGET_PRACTICE)
    create (self);
  else
    look_ahead (self);
}

static void
on_cancel (MillStartDialog *self)
{
  if (is_ahead (self) && !self->busy)
    show_choice (self);
  else
    gtk_window_close (GTK_WINDOW (self));
}

static void
mill_start_dialog_dispose (GObject *object)
{
  MillStartDialog *self = MILL_START_DIALOG (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_pointer (&self->rows, g_hash_table_unref);
  g_clear_object (&self->ahead);
  g_clear_object (&self->target);
  g_clear_object (&self->engine);
  g_clear_object (&self->tutorial);
  G_OBJECT_CLASS (mill_start_dialog_parent_class)->dispose (object);
}

static void
mill_start_dialog_finalize (GObject *object)
{
  MillStartDialog *self = MILL_START_DIALOG (object);

  g_object_unref (self->cancellable);
  g_free (self->suffix);
  g_free (self->suffix_parameter);
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
  g_type_ensure (MILL_TYPE_PREFLIGHT_PAGE);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/millrace/Millrace/ui/mill-start-dialog.ui");
#define BIND(name) gtk_widget_class_bind_template_child (widget_class, MillStartDialog, name)
  BIND (cancel);
  BIND (start);
  BIND (spinner);
  BIND (stack);
  BIND (choose_page);
  BIND (box);
  BIND (bar);
  BIND (chooser);
  BIND (values);
  BIND (preflight_page);
  BIND (preflight_box);
  BIND (preflight_bar);
  BIND (preflight);
#undef BIND
  gtk_widget_class_bind_template_callback (widget_class, update);
  gtk_widget_class_bind_template_callback (widget_class, on_start);
  gtk_widget_class_bind_template_callback (widget_class, on_cancel);
  gtk_widget_class_bind_template_callback (widget_class, on_suffix);
  gtk_widget_class_bind_template_callback (widget_class, look_ahead);
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
  mill_hidden_follow (self->stack, gtk_stack_get_pages (GTK_STACK (self->stack)));
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
