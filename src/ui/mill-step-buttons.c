/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-step-buttons.h"

#include <glib/gi18n.h>

struct _MillStepButtons
{
  GtkWidget parent_instance;

  GtkWidget *root;
  GtkWidget *undo;
  GtkWidget *spinner;
  GtkWidget *check;
  GtkWidget *primary;
  GtkWidget *next;
};

G_DEFINE_FINAL_TYPE (MillStepButtons, mill_step_buttons, GTK_TYPE_WIDGET)

static gboolean
makes_something (MillStep *step)
{
  const char *const *resources = mill_step_get_resources (step);
  const char *const *properties = mill_step_get_properties (step);

  return (resources != NULL && resources[0] != NULL) || (properties != NULL && properties[0] != NULL);
}

/* Whether something that the step made was changed or deleted by somebody else. */
static gboolean
needs_mending (MillDeployment *deployment,
               MillStep       *step)
{
  const char *const *ids = mill_step_get_resources (step);

  for (guint i = 0; ids != NULL && ids[i] != NULL; i++)
    {
      MillResource *resource = mill_deployment_find_resource (deployment, ids[i]);
      MillResourceState state = resource != NULL ? mill_resource_get_state (resource) : MILL_RESOURCE_PLANNED;

      if (state == MILL_RESOURCE_CHANGED || state == MILL_RESOURCE_MISSING)
        return TRUE;
    }
  return FALSE;
}

static gboolean
cleans_up (MillStep *step)
{
  GPtrArray *actions = mill_step_get_actions (step);

  for (guint i = 0; actions != NULL && i < actions->len; i++)
    if (((MillAction *) actions->pdata[i])->kind == MILL_ACTION_CLEAN_UP)
      return TRUE;
  return FALSE;
}

static void
mill_step_buttons_dispose (GObject *object)
{
  g_clear_pointer (&MILL_STEP_BUTTONS (object)->root, gtk_widget_unparent);
  G_OBJECT_CLASS (mill_step_buttons_parent_class)->dispose (object);
}

static void
mill_step_buttons_class_init (MillStepButtonsClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = mill_step_buttons_dispose;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/millrace/Millrace/ui/mill-step-buttons.ui");
#define BIND(name) gtk_widget_class_bind_template_child (widget_class, MillStepButtons, name)
  BIND (root);
  BIND (undo);
  BIND (spinner);
  BIND (check);
  BIND (primary);
  BIND (next);
#undef BIND
}

static void
mill_step_buttons_init (MillStepButtons *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

MillStepTask
mill_step_task_find (MillDeployment *deployment,
                     MillStep       *step)
{
  MillStepState state = mill_deployment_get_step_state (deployment, mill_step_get_id (step));

  if (cleans_up (step))
    return MILL_STEP_TASK_CLEAN_UP;
  if (makes_something (step) && state == MILL_STEP_FAILED)
    return MILL_STEP_TASK_TRY_AGAIN;
  if (makes_something (step) && state != MILL_STEP_DONE)
    return MILL_STEP_TASK_CREATE;
  return needs_mending (deployment, step) ? MILL_STEP_TASK_PUT_RIGHT : MILL_STEP_TASK_CONTINUE;
}

void
mill_step_buttons_update (MillStepButtons *self,
                          GtkWidget       *actions,
                          MillSession     *session,
                          gboolean         valid)
{
  static const struct {
    const char *label;
    const char *style;
  } tasks[] = {
    [MILL_STEP_TASK_CONTINUE] = { N_("_Continue"), "suggested-action" },
    [MILL_STEP_TASK_CREATE] = { N_("_Create"), "suggested-action" },
    [MILL_STEP_TASK_TRY_AGAIN] = { N_("Try _Again"), "suggested-action" },
    [MILL_STEP_TASK_PUT_RIGHT] = { N_("Put _Right"), "suggested-action" },
    [MILL_STEP_TASK_CLEAN_UP] = { N_("C_lean Up…"), "destructive-action" },
  };
  MillDeployment *deployment = mill_session_get_deployment (session);
  MillTutorial *tutorial = mill_session_get_tutorial (session);
  MillStep *step = tutorial != NULL ? mill_tutorial_find_step (tutorial, mill_session_get_step (session)) : NULL;
  gboolean busy = mill_session_get_busy (session);
  gboolean ready = mill_session_get_problem (session) == NULL;
  gboolean first, last, makes, can_undo;
  MillStepState state;
  MillStepTask task;
  GPtrArray *steps;

  gtk_widget_set_visible (self->spinner, busy);
  gtk_spinner_set_spinning (GTK_SPINNER (self->spinner), busy);
  if (step == NULL)
    return;
  steps = mill_tutorial_get_steps (tutorial);
  first = step == steps->pdata[0];
  last = step == steps->pdata[steps->len - 1];
  state = mill_deployment_get_step_state (deployment, mill_step_get_id (step));
  task = mill_step_task_find (deployment, step);
  makes = makes_something (step);
  can_undo = makes && (state == MILL_STEP_DONE || state == MILL_STEP_FAILED);
  gtk_widget_action_set_enabled (actions, "deployment.previous", !first);
  gtk_widget_action_set_enabled (actions, "deployment.next", !last);
  gtk_widget_action_set_enabled (actions, "deployment.undo", can_undo && !busy && ready);
  gtk_widget_action_set_enabled (actions, "deployment.check", !busy && ready);
  gtk_widget_action_set_enabled (actions, "deployment.check-all", !busy && ready);
  gtk_widget_action_set_enabled (actions, "deployment.build-all", !busy && ready);
  gtk_widget_action_set_enabled (actions, "deployment.clean-up", !busy);
  gtk_widget_action_set_enabled (actions, "deployment.primary", !busy && ready && valid);
  gtk_widget_set_visible (self->undo, can_undo);
  gtk_widget_set_visible (self->check, mill_step_get_checks (step) != NULL && mill_step_get_checks (step)->len > 0 &&
                                       (state == MILL_STEP_DONE || !makes));
  gtk_widget_set_visible (self->next, !last && task != MILL_STEP_TASK_CONTINUE);
  gtk_button_set_label (GTK_BUTTON (self->primary), _(tasks[task].label));
  gtk_widget_remove_css_class (self->primary, "suggested-action");
  gtk_widget_remove_css_class (self->primary, "destructive-action");
  gtk_widget_add_css_class (self->primary, tasks[task].style);
}
