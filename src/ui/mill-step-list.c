/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-step-list.h"

#include <glib/gi18n.h>

#include "mill-step-row.h"

struct _MillStepList
{
  GtkWidget parent_instance;

  GtkWidget *root;
  GtkWidget *steps;
  GtkWidget *progress;
  GtkWidget *progress_label;

  MillSession *session;
};

enum {
  CHOSEN,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (MillStepList, mill_step_list, GTK_TYPE_WIDGET)

static GPtrArray *
get_steps (MillStepList *self)
{
  MillTutorial *tutorial = mill_session_get_tutorial (self->session);

  return tutorial != NULL ? mill_tutorial_get_steps (tutorial) : NULL;
}

static void
update (MillStepList *self)
{
  GPtrArray *steps = get_steps (self);
  MillDeployment *deployment = mill_session_get_deployment (self->session);
  g_autofree char *label = NULL;
  guint done = 0;

  if (steps == NULL)
    return;
  for (guint i = 0; i < steps->len; i++)
    {
      const char *id = mill_step_get_id (steps->pdata[i]);
      MillStepState state = mill_deployment_get_step_state (deployment, id);
      GtkListBoxRow *row = gtk_list_box_get_row_at_index (GTK_LIST_BOX (self->steps), i);

      if (g_strcmp0 (mill_session_get_busy_step (self->session), id) == 0)
        state = MILL_STEP_RUNNING;
      if (state == MILL_STEP_DONE)
        done++;
      if (row != NULL)
        mill_step_row_set_state (MILL_STEP_ROW (row), state);
    }
  /* The last step, taking it down, is done then, and nothing else is any more. */
  if (mill_deployment_get_state (deployment) == MILL_DEPLOYMENT_CLEANED)
    {
      done = 0;
      label = g_strdup (_("Everything is taken down"));
    }
  else
    label = g_strdup_printf (ngettext ("%u of %u step done", "%u of %u steps done", steps->len), done, steps->len);
  gtk_label_set_label (GTK_LABEL (self->progress_label), label);
  gtk_progress_bar_set_fraction (GTK_PROGRESS_BAR (self->progress), steps->len > 0 ? (double) done / steps->len : 0);
}

/* Brings the step's row into sight in the list at the side. */
static void
scroll_to_row (MillStepList *self,
               GtkWidget    *row)
{
  GtkWidget *scroller = gtk_widget_get_ancestor (self->steps, GTK_TYPE_SCROLLED_WINDOW);
  double y;

  if (gtk_widget_translate_coordinates (row, self->steps, 0, 0, NULL, &y))
    gtk_adjustment_clamp_page (gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (scroller)),
                               y - 40, y + gtk_widget_get_height (row) + 40);
}

static void
select_step (MillStepList *self)
{
  GPtrArray *steps = get_steps (self);

  for (guint i = 0; steps != NULL && i < steps->len; i++)
    {
      GtkListBoxRow *row = gtk_list_box_get_row_at_index (GTK_LIST_BOX (self->steps), i);

      if (row == NULL || g_strcmp0 (mill_step_get_id (steps->pdata[i]), mill_session_get_step (self->session)) != 0)
        continue;
      if (gtk_list_box_get_selected_row (GTK_LIST_BOX (self->steps)) != row)
        gtk_list_box_select_row (GTK_LIST_BOX (self->steps), row);
      scroll_to_row (self, GTK_WIDGET (row));
    }
}

static void
on_row_selected (MillStepList  *self,
                 GtkListBoxRow *row)
{
  if (row != NULL && self->session != NULL)
    mill_session_set_step (self->session, mill_step_get_id (mill_step_row_get_step (MILL_STEP_ROW (row))));
}

static void
on_row_activated (MillStepList  *self,
                  GtkListBoxRow *row)
{
  on_row_selected (self, row);
  g_signal_emit (self, signals[CHOSEN], 0);
}

static void
update_header (GtkListBoxRow *row,
               GtkListBoxRow *before,
               gpointer       data)
{
  const char *section = mill_step_get_section (mill_step_row_get_step (MILL_STEP_ROW (row)));
  GtkWidget *label;

  if (before != NULL && g_strcmp0 (mill_step_get_section (mill_step_row_get_step (MILL_STEP_ROW (before))), section) == 0)
    {
      gtk_list_box_row_set_header (row, NULL);
      return;
    }
  label = gtk_label_new (section);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_widget_set_css_classes (label, (const char *[]) { "caption-heading", "dim-label", "mill-section", NULL });
  gtk_list_box_row_set_header (row, label);
}

static void
mill_step_list_dispose (GObject *object)
{
  MillStepList *self = MILL_STEP_LIST (object);

  g_clear_object (&self->session);
  g_clear_pointer (&self->root, gtk_widget_unparent);
  G_OBJECT_CLASS (mill_step_list_parent_class)->dispose (object);
}

static void
mill_step_list_class_init (MillStepListClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = mill_step_list_dispose;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/millrace/Millrace/ui/mill-step-list.ui");
  gtk_widget_class_bind_template_child (widget_class, MillStepList, root);
  gtk_widget_class_bind_template_child (widget_class, MillStepList, steps);
  gtk_widget_class_bind_template_child (widget_class, MillStepList, progress);
  gtk_widget_class_bind_template_child (widget_class, MillStepList, progress_label);
  gtk_widget_class_bind_template_callback (widget_class, on_row_selected);
  gtk_widget_class_bind_template_callback (widget_class, on_row_activated);
  signals[CHOSEN] = g_signal_new ("chosen", MILL_TYPE_STEP_LIST, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
mill_step_list_init (MillStepList *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_list_box_set_header_func (GTK_LIST_BOX (self->steps), update_header, NULL, NULL);
}

void
mill_step_list_set_session (MillStepList *self,
                            MillSession  *session)
{
  MillDeployment *deployment = mill_session_get_deployment (session);
  GPtrArray *steps;

  g_set_object (&self->session, session);
  steps = get_steps (self);
  for (guint i = 0; steps != NULL && i < steps->len; i++)
    gtk_list_box_append (GTK_LIST_BOX (self->steps), mill_step_row_new (steps->pdata[i]));
  g_signal_connect_object (session, "notify::step", G_CALLBACK (select_step), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::busy", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::ready", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (deployment, "step-changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (deployment, "notify::state", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  select_step (self);
  update (self);
}

void
mill_step_list_focus (MillStepList *self)
{
  GtkListBoxRow *row = gtk_list_box_get_selected_row (GTK_LIST_BOX (self->steps));

  if (row != NULL)
    gtk_widget_grab_focus (GTK_WIDGET (row));
}
