/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-deployment-page.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "mill-adaptive-bin.h"
#include "mill-bar.h"
#include "mill-calls-view.h"
#include "mill-component.h"
#include "mill-diagram-pane.h"
#include "mill-expiry.h"
#include "mill-hidden.h"
#include "mill-inbox-view.h"
#include "mill-inspector.h"
#include "mill-messages-view.h"
#include "mill-step-bar.h"
#include "mill-step-page.h"
#include "mill-step-row.h"
#include "mill-style-switch.h"

struct _MillDeploymentPage
{
  GtkWidget parent_instance;

  GtkWidget *root;
  GtkWidget *window_title;
  GtkWidget *target_line;     /* the subtitle, where the header has no room for it */
  GtkWidget *expiry;
  GtkWidget *menu_button;
  GtkWidget *steps_toggle;
  GtkWidget *watch_toggle;
  GtkWidget *step_toggle;
  GtkWidget *bar;
  GtkWidget *step_bar;
  GtkWidget *bin;
  GtkWidget *outer;
  GtkWidget *inner;
  GtkWidget *side;
  GtkWidget *steps_pane;
  GtkWidget *page_pane;
  GtkWidget *views_pane;
  GtkWidget *steps;
  GtkWidget *progress;
  GtkWidget *progress_label;
  GtkWidget *pages;
  GtkWidget *previous;
  GtkWidget *undo;
  GtkWidget *spinner;
  GtkWidget *check;
  GtkWidget *primary;
  GtkWidget *next;
  GtkWidget *diagram_place;
  GtkWidget *views;
  GtkWidget *diagram_tab;
  GtkWidget *messages_tab;
  GtkWidget *details_tab;
  GtkWidget *calls_tab;
  GtkWidget *inbox_tab;
  AdwViewStackPage *diagram_page;
  AdwViewStackPage *inbox_page;

  GtkWidget *diagram_pane;
  MillDiagram *diagram;
  MillSession *session;
  guint mails_seen;
  gboolean watching;
  gboolean steps_wanted;
};

G_DEFINE_FINAL_TYPE (MillDeploymentPage, mill_deployment_page, GTK_TYPE_WIDGET)

static GPtrArray *
get_steps (MillDeploymentPage *self)
{
  MillTutorial *tutorial = mill_session_get_tutorial (self->session);

  return tutorial != NULL ? mill_tutorial_get_steps (tutorial) : NULL;
}

static int
get_index (MillDeploymentPage *self)
{
  GPtrArray *steps = get_steps (self);

  for (guint i = 0; steps != NULL && i < steps->len; i++)
    if (g_strcmp0 (mill_step_get_id (steps->pdata[i]), mill_session_get_step (self->session)) == 0)
      return i;
  return -1;
}

static MillStep *
get_step (MillDeploymentPage *self)
{
  int index = get_index (self);

  return index >= 0 ? get_steps (self)->pdata[index] : NULL;
}

static gboolean
makes_something (MillStep *step)
{
  const char *const *resources = mill_step_get_resources (step);
  const char *const *properties = mill_step_get_properties (step);

  return (resources != NULL && resources[0] != NULL) || (properties != NULL && properties[0] != NULL);
}

/* Whether something that the step made was changed or deleted by somebody else. */
static gboolean
needs_mending (MillDeploymentPage *self,
               MillStep           *step)
{
  const char *const *ids = mill_step_get_resources (step);

  for (guint i = 0; ids != NULL && ids[i] != NULL; i++)
    {
      MillResource *resource = mill_deployment_find_resource (mill_session_get_deployment (self->session), ids[i]);
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

/* --- The buttons below the page --- */

static void
style_primary (MillDeploymentPage *self,
               const char         *label,
               const char         *style)
{
  gtk_button_set_label (GTK_BUTTON (self->primary), label);
  gtk_widget_remove_css_class (self->primary, "suggested-action");
  gtk_widget_remove_css_class (self->primary, "destructive-action");
  if (style != NULL)
    gtk_widget_add_css_class (self->primary, style);
}

static void
update_buttons (MillDeploymentPage *self)
{
  MillDeployment *deployment = mill_session_get_deployment (self->session);
  GPtrArray *steps = get_steps (self);
  int index = get_index (self);
  MillStep *step = get_step (self);
  gboolean busy = mill_session_get_busy (self->session);
  gboolean ready = mill_session_get_problem (self->session) == NULL;
  GtkWidget *page = gtk_stack_get_visible_child (GTK_STACK (self->pages));
  gboolean valid = !MILL_IS_STEP_PAGE (page) || mill_step_page_is_valid (MILL_STEP_PAGE (page));
  MillStepState state;
  gboolean last, makes;

  gtk_widget_set_visible (self->spinner, busy);
  gtk_spinner_set_spinning (GTK_SPINNER (self->spinner), busy);
  if (step == NULL)
    return;
  state = mill_deployment_get_step_state (deployment, mill_step_get_id (step));
  last = index == (int) steps->len - 1;
  makes = makes_something (step);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "deployment.previous", index > 0);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "deployment.next", !last);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "deployment.undo", makes && !busy && ready && (state == MILL_STEP_DONE || state == MILL_STEP_FAILED));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "deployment.check", !busy && ready);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "deployment.check-all", !busy && ready);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "deployment.build-all", !busy && ready);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "deployment.clean-up", !busy);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "deployment.primary", !busy && ready && valid);
  gtk_widget_set_visible (self->undo, makes && (state == MILL_STEP_DONE || state == MILL_STEP_FAILED));
  gtk_widget_set_visible (self->check, mill_step_get_checks (step) != NULL && mill_step_get_checks (step)->len > 0 &&
                                       (state == MILL_STEP_DONE || !makes));
  gtk_widget_set_visible (self->next, !last);
  if (cleans_up (step))
    style_primary (self, _("C_lean Up…"), "destructive-action");
  else if (makes && state == MILL_STEP_FAILED)
    style_primary (self, _("Try _Again"), "suggested-action");
  else if (makes && state != MILL_STEP_DONE)
    style_primary (self, _("_Create"), "suggested-action");
  else if (needs_mending (self, step))
    style_primary (self, _("Put _Right"), "suggested-action");
  else
    {
      style_primary (self, _("_Continue"), "suggested-action");
      gtk_widget_set_visible (self->next, FALSE);
    }
}

static void
update_progress (MillDeploymentPage *self)
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

static void
update_title (MillDeploymentPage *self)
{
  MillDeployment *deployment = mill_session_get_deployment (self->session);
  MillTutorial *tutorial = mill_session_get_tutorial (self->session);
  MillTarget *target = mill_session_get_target (self->session);
  const char *account = mill_deployment_get_account (deployment);
  g_autoptr(GString) subtitle = g_string_new (mill_target_get_title (target));

  if (account == NULL || *account == '\0')
    account = mill_target_get_account (target);
  if (account != NULL && *account != '\0')
    g_string_append_printf (subtitle, " · %s", account);
  g_string_append_printf (subtitle, " · %s", mill_target_get_region (target));
  adw_window_title_set_title (ADW_WINDOW_TITLE (self->window_title),
                              tutorial != NULL ? mill_tutorial_get_title (tutorial) : mill_deployment_get_tutorial_id (deployment));
  gtk_label_set_label (GTK_LABEL (self->target_line), subtitle->str);
  adw_window_title_set_subtitle (ADW_WINDOW_TITLE (self->window_title), gtk_widget_get_visible (self->target_line) ? "" : subtitle->str);
  mill_expiry_set_target (MILL_EXPIRY (self->expiry), target);
}

static void
update (MillDeploymentPage *self)
{
  update_progress (self);
  update_buttons (self);
}

static void on_view_changed (MillDeploymentPage *self);

static void
on_ready (MillDeploymentPage *self)
{
  /* A practice cloud that was started anew has another client, and that another log. */
  adw_bin_set_child (ADW_BIN (self->calls_tab), NULL);
  on_view_changed (self);
  update_title (self);
  update (self);
}

static void
on_problem (MillDeploymentPage *self)
{
  mill_bar_say (MILL_BAR (self->bar), mill_session_get_problem (self->session), mill_session_get_problem_advice (self->session),
                mill_target_get_kind (mill_session_get_target (self->session)) == MILL_TARGET_PRACTICE ? _("Restart") : _("Try Again"));
  update (self);
}

static void
on_bar_clicked (MillDeploymentPage *self)
{
  mill_session_open (self->session);
}

static void
on_said (MillDeploymentPage *self,
         const char         *sentence)
{
  gtk_widget_activate_action (GTK_WIDGET (self), "win.say", "s", sentence);
}

static void
on_failed (MillDeploymentPage *self,
           const char         *step,
           const GError       *error)
{
  /* A step shows its failure on its own page. */
  if (*step != '\0' && g_strcmp0 (step, mill_session_get_step (self->session)) == 0)
    return;
  if (*step != '\0' && mill_tutorial_find_step (mill_session_get_tutorial (self->session), step) != NULL)
    mill_session_set_step (self->session, step);
  else
    gtk_widget_activate_action (GTK_WIDGET (self), "win.say", "s", error->message);
}

/* --- Pages --- */

/* Brings the step's row into sight in the list at the side. */
static void
scroll_to_row (MillDeploymentPage *self,
               GtkWidget          *row)
{
  GtkWidget *scroller = gtk_widget_get_ancestor (self->steps, GTK_TYPE_SCROLLED_WINDOW);
  double y;

  if (gtk_widget_translate_coordinates (row, self->steps, 0, 0, NULL, &y))
    gtk_adjustment_clamp_page (gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (scroller)),
                               y - 40, y + gtk_widget_get_height (row) + 40);
}

static void
show_step (MillDeploymentPage *self)
{
  MillStep *step = get_step (self);
  const char *id;
  GtkWidget *page;
  GtkListBoxRow *row;

  if (step == NULL)
    return;
  id = mill_step_get_id (step);
  page = gtk_stack_get_child_by_name (GTK_STACK (self->pages), id);
  if (page == NULL)
    {
      page = mill_step_page_new (self->session, step);
      g_signal_connect_object (page, "valid-changed", G_CALLBACK (update_buttons), self, G_CONNECT_SWAPPED);
      gtk_stack_add_named (GTK_STACK (self->pages), page, id);
    }
  gtk_stack_set_visible_child (GTK_STACK (self->pages), page);
  row = gtk_list_box_get_row_at_index (GTK_LIST_BOX (self->steps), get_index (self));
  if (row != NULL && gtk_list_box_get_selected_row (GTK_LIST_BOX (self->steps)) != row)
    gtk_list_box_select_row (GTK_LIST_BOX (self->steps), row);
  if (row != NULL)
    scroll_to_row (self, GTK_WIDGET (row));
  update_buttons (self);
}

/* What was typed on the open page goes to the deployment. */
static gboolean
apply (MillDeploymentPage *self)
{
  GtkWidget *page = gtk_stack_get_visible_child (GTK_STACK (self->pages));

  return !MILL_IS_STEP_PAGE (page) || mill_step_page_apply (MILL_STEP_PAGE (page));
}

static void
go_to (MillDeploymentPage *self,
       int                 index)
{
  GPtrArray *steps = get_steps (self);
  GtkWidget *page;

  if (steps == NULL || index < 0 || index >= (int) steps->len)
    return;
  mill_session_set_step (self->session, mill_step_get_id (steps->pdata[index]));
  page = gtk_stack_get_visible_child (GTK_STACK (self->pages));
  if (MILL_IS_STEP_PAGE (page))
    mill_step_page_focus (MILL_STEP_PAGE (page));
}

static void
on_row_selected (MillDeploymentPage *self,
                 GtkListBoxRow      *row)
{
  if (row != NULL && self->session != NULL)
    mill_session_set_step (self->session, mill_step_get_id (mill_step_row_get_step (MILL_STEP_ROW (row))));
}

static void update_layout (MillDeploymentPage *self);
static void update_step_mode (MillDeploymentPage *self);

static void
on_row_activated (MillDeploymentPage *self,
                  GtkListBoxRow      *row)
{
  go_to (self, gtk_list_box_row_get_index (row));
  /* Where there is room for one thing only, choosing a step leads to its page. */
  if (mill_adaptive_bin_get_width (MILL_ADAPTIVE_BIN (self->bin)) != MILL_WIDTH_WIDE)
    {
      self->steps_wanted = FALSE;
      update_layout (self);
    }
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

/* --- The views beside the page, each made when it is first looked at --- */

static void
show_node (MillDeploymentPage *self,
           const char         *id)
{
  mill_diagram_choose (self->diagram, id);
  adw_view_stack_set_visible_child_name (ADW_VIEW_STACK (self->views), "details");
  mill_inspector_show (MILL_INSPECTOR (adw_bin_get_child (ADW_BIN (self->details_tab))),
                       mill_diagram_get_node (self->diagram, id));
}

static void
on_component_chosen (MillDeploymentPage *self,
                     const char         *component,
                     const char         *kind)
{
  mill_diagram_choose (self->diagram, mill_diagram_find_node (self->diagram, component, kind));
}

static void
on_hop_chosen (MillDeploymentPage *self,
               MillHop            *hop)
{
  adw_view_stack_set_visible_child_name (ADW_VIEW_STACK (self->views), "messages");
  mill_messages_view_show_hop (MILL_MESSAGES_VIEW (adw_bin_get_child (ADW_BIN (self->messages_tab))), hop);
}

static void
update_inbox_badge (MillDeploymentPage *self)
{
  guint n = g_list_model_get_n_items (mill_session_get_inbox (self->session));

  if (g_strcmp0 (adw_view_stack_get_visible_child_name (ADW_VIEW_STACK (self->views)), "inbox") == 0 && gtk_widget_get_mapped (self->views))
    self->mails_seen = n;
  adw_view_stack_page_set_badge_number (self->inbox_page, n > self->mails_seen ? n - self->mails_seen : 0);
  adw_view_stack_page_set_needs_attention (self->inbox_page, n > self->mails_seen);
}

static void
on_view_changed (MillDeploymentPage *self)
{
  const char *name = adw_view_stack_get_visible_child_name (ADW_VIEW_STACK (self->views));

  if (name == NULL || self->session == NULL)
    return;
  if (g_str_equal (name, "messages") && adw_bin_get_child (ADW_BIN (self->messages_tab)) == NULL)
    {
      GtkWidget *view = mill_messages_view_new (self->session);
      g_signal_connect_object (view, "component-chosen", G_CALLBACK (on_component_chosen), self, G_CONNECT_SWAPPED);
      adw_bin_set_child (ADW_BIN (self->messages_tab), view);
    }
  else if (g_str_equal (name, "details") && adw_bin_get_child (ADW_BIN (self->details_tab)) == NULL)
    {
      GtkWidget *view = mill_inspector_new (self->session);
      g_signal_connect_object (view, "hop-chosen", G_CALLBACK (on_hop_chosen), self, G_CONNECT_SWAPPED);
      adw_bin_set_child (ADW_BIN (self->details_tab), view);
    }
  else if (g_str_equal (name, "calls") && adw_bin_get_child (ADW_BIN (self->calls_tab)) == NULL)
    adw_bin_set_child (ADW_BIN (self->calls_tab), mill_calls_view_new (mill_session_get_target (self->session)));
  else if (g_str_equal (name, "inbox") && adw_bin_get_child (ADW_BIN (self->inbox_tab)) == NULL)
    adw_bin_set_child (ADW_BIN (self->inbox_tab), mill_inbox_view_new (self->session));
  update_inbox_badge (self);
}

/* --- Room --- */

static void
place_diagram (MillDeploymentPage *self,
               gboolean            beside)
{
  GtkWidget *place = beside ? self->diagram_place : self->diagram_tab;

  if (gtk_widget_get_parent (self->diagram_pane) != place)
    {
      g_object_ref (self->diagram_pane);
      adw_bin_set_child (ADW_BIN (self->diagram_place), NULL);
      adw_bin_set_child (ADW_BIN (self->diagram_tab), NULL);
      adw_bin_set_child (ADW_BIN (place), self->diagram_pane);
      g_object_unref (self->diagram_pane);
    }
  gtk_widget_set_visible (self->diagram_place, beside);
  adw_view_stack_page_set_visible (self->diagram_page, !beside);
  if (beside && g_strcmp0 (adw_view_stack_get_visible_child_name (ADW_VIEW_STACK (self->views)), "diagram") == 0)
    adw_view_stack_set_visible_child_name (ADW_VIEW_STACK (self->views), "messages");
}

/*
 * Wide: steps, page and views side by side; watching, the diagram and the views. Medium: page and views, or steps and page;
 * narrow: one at a time.
 */
static void
update_layout (MillDeploymentPage *self)
{
  MillWidth width = mill_adaptive_bin_get_width (MILL_ADAPTIVE_BIN (self->bin));
  gboolean steps, page, views;

  if (self->watching)
    steps = FALSE, page = FALSE, views = TRUE;
  else if (width == MILL_WIDTH_WIDE)
    steps = self->steps_wanted, page = TRUE, views = TRUE;
  else if (width == MILL_WIDTH_MEDIUM)
    steps = self->steps_wanted, page = TRUE, views = !self->steps_wanted;
  else
    steps = self->steps_wanted, page = !self->steps_wanted, views = FALSE;

  gtk_widget_set_visible (self->steps_pane, steps);
  gtk_widget_set_visible (self->page_pane, page);
  gtk_widget_set_visible (self->side, views);
  gtk_widget_set_visible (self->inner, page || views);
  place_diagram (self, self->watching && width != MILL_WIDTH_NARROW);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->steps_toggle), steps);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->watch_toggle), self->watching);
}

static void
on_width_changed (MillDeploymentPage *self,
                  guint               width)
{
  self->steps_wanted = width == MILL_WIDTH_WIDE;
  gtk_widget_set_visible (self->target_line, width == MILL_WIDTH_NARROW);
  update_title (self);
  update_layout (self);
  if (self->session != NULL)
    update_step_mode (self);
}

static void
on_mode_action (GtkWidget  *widget,
                const char *name,
                GVariant   *parameter)
{
  MillDeploymentPage *self = MILL_DEPLOYMENT_PAGE (widget);

  if (g_str_equal (name, "deployment.watch"))
    self->watching = !self->watching;
  else
    {
      self->steps_wanted = self->watching || !self->steps_wanted;
      self->watching = FALSE;
    }
  update_layout (self);
  /* Half of the room each, as far as the children allow. */
  if (self->watching)
    gtk_paned_set_position (GTK_PANED (self->side), gtk_widget_get_width (widget) * 6 / 10);
}

/* --- Step mode --- */

static void
update_step_mode (MillDeploymentPage *self)
{
  MillStepMode *mode = mill_session_get_step_mode (self->session);

  /* Where there is no room for it, the menu has it. */
  gtk_widget_set_visible (self->step_toggle, mill_step_mode_get_available (mode) &&
                                             mill_adaptive_bin_get_width (MILL_ADAPTIVE_BIN (self->bin)) != MILL_WIDTH_NARROW);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (self->step_toggle), mill_step_mode_get_on (mode));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "deployment.step-mode", mill_step_mode_get_available (mode));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "deployment.next-hop", mill_step_mode_get_on (mode));
}

static void
on_held (MillDeploymentPage *self,
         GHashTable         *held)
{
  if (self->diagram != NULL)
    mill_diagram_set_held (MILL_DIAGRAM (self->diagram), held);
}

static void
on_step_mode_failed (MillDeploymentPage *self,
                     const GError       *error)
{
  update_step_mode (self);
  gtk_widget_activate_action (GTK_WIDGET (self), "win.say", "s", error->message);
}

static void
on_step_action (GtkWidget  *widget,
                const char *name,
                GVariant   *parameter)
{
  MillDeploymentPage *self = MILL_DEPLOYMENT_PAGE (widget);
  MillStepMode *mode = mill_session_get_step_mode (self->session);
  GtkWidget *messages = adw_bin_get_child (ADW_BIN (self->messages_tab));
  g_autoptr(MillTrace) trace = messages != NULL ? mill_messages_view_dup_trace (MILL_MESSAGES_VIEW (messages)) : NULL;

  if (g_str_equal (name, "deployment.step-mode"))
    mill_step_mode_set_on (mode, !mill_step_mode_get_on (mode));
  else
    mill_step_mode_next (mode, trace);
  /* The button shows what is, not what was asked for. */
  update_step_mode (self);
}

/* --- Actions --- */

static void
on_action (GtkWidget  *widget,
           const char *name,
           GVariant   *parameter)
{
  MillDeploymentPage *self = MILL_DEPLOYMENT_PAGE (widget);
  MillStep *step = get_step (self);
  const char *id = step != NULL ? mill_step_get_id (step) : NULL;
  const char *deployment = mill_deployment_get_id (mill_session_get_deployment (self->session));
  int index = get_index (self);

  name += strlen ("deployment.");
  if (!g_str_equal (name, "undo") && !apply (self) && (g_str_equal (name, "primary") || g_str_equal (name, "build-all")))
    return;
  if (g_str_equal (name, "clean-up"))
    gtk_widget_activate_action (widget, "win.clean-up", "s", deployment);
  else if (g_str_equal (name, "build-all"))
    mill_session_build (self->session, NULL);
  else if (g_str_equal (name, "check-all"))
    mill_session_check (self->session, NULL);
  else if (step == NULL)
    return;
  else if (g_str_equal (name, "previous"))
    go_to (self, index - 1);
  else if (g_str_equal (name, "next"))
    go_to (self, index + 1);
  else if (g_str_equal (name, "undo"))
    mill_session_undo (self->session, id);
  else if (g_str_equal (name, "check"))
    mill_session_check (self->session, id);
  else if (cleans_up (step))
    gtk_widget_activate_action (widget, "win.clean-up", "s", deployment);
  else if (makes_something (step) &&
           (mill_deployment_get_step_state (mill_session_get_deployment (self->session), id) != MILL_STEP_DONE || needs_mending (self, step)))
    mill_session_build (self->session, id);
  else
    go_to (self, index + 1);
}

static void
on_view_action (GtkWidget  *widget,
                const char *name,
                GVariant   *parameter)
{
  MillDeploymentPage *self = MILL_DEPLOYMENT_PAGE (widget);
  const char *view = g_variant_get_string (parameter, NULL);
  gboolean timeline = g_str_equal (view, "timeline");

  mill_deployment_page_show (self, timeline ? "diagram" : view);
  if (timeline)
    mill_diagram_pane_focus_timeline (MILL_DIAGRAM_PANE (self->diagram_pane));
}

static void
on_export_action (GtkWidget  *widget,
                  const char *name,
                  GVariant   *parameter)
{
  MillDeploymentPage *self = MILL_DEPLOYMENT_PAGE (widget);

  mill_deployment_page_show (self, "diagram");
  mill_diagram_pane_export (MILL_DIAGRAM_PANE (self->diagram_pane));
}

static void
mill_deployment_page_dispose (GObject *object)
{
  MillDeploymentPage *self = MILL_DEPLOYMENT_PAGE (object);

  if (self->session != NULL)
    mill_session_close (self->session);
  g_clear_object (&self->session);
  g_clear_pointer (&self->root, gtk_widget_unparent);
  G_OBJECT_CLASS (mill_deployment_page_parent_class)->dispose (object);
}

static void
mill_deployment_page_class_init (MillDeploymentPageClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = mill_deployment_page_dispose;
  g_type_ensure (MILL_TYPE_BAR);
  g_type_ensure (MILL_TYPE_EXPIRY);
  g_type_ensure (MILL_TYPE_STEP_BAR);
  g_type_ensure (MILL_TYPE_ADAPTIVE_BIN);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/millrace/Millrace/ui/mill-deployment-page.ui");
#define BIND(name) gtk_widget_class_bind_template_child (widget_class, MillDeploymentPage, name)
  BIND (root);
  BIND (window_title);
  BIND (target_line);
  BIND (expiry);
  BIND (menu_button);
  BIND (steps_toggle);
  BIND (watch_toggle);
  BIND (step_toggle);
  BIND (bar);
  BIND (step_bar);
  BIND (bin);
  BIND (outer);
  BIND (inner);
  BIND (side);
  BIND (steps_pane);
  BIND (page_pane);
  BIND (views_pane);
  BIND (steps);
  BIND (progress);
  BIND (progress_label);
  BIND (pages);
  BIND (previous);
  BIND (undo);
  BIND (spinner);
  BIND (check);
  BIND (primary);
  BIND (next);
  BIND (diagram_place);
  BIND (views);
  BIND (diagram_tab);
  BIND (messages_tab);
  BIND (details_tab);
  BIND (calls_tab);
  BIND (inbox_tab);
  BIND (diagram_page);
  BIND (inbox_page);
#undef BIND
  gtk_widget_class_bind_template_callback (widget_class, on_bar_clicked);
  gtk_widget_class_bind_template_callback (widget_class, on_held);
  gtk_widget_class_bind_template_callback (widget_class, on_width_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_row_selected);
  gtk_widget_class_bind_template_callback (widget_class, on_row_activated);
  gtk_widget_class_bind_template_callback (widget_class, on_view_changed);

  for (const char *const *name = (const char *const[]) { "previous", "next", "undo", "check", "check-all", "build-all", "primary", "clean-up", NULL }; *name != NULL; name++)
    {
      g_autofree char *full = g_strdup_printf ("deployment.%s", *name);
      gtk_widget_class_install_action (widget_class, g_intern_string (full), NULL, on_action);
    }
  gtk_widget_class_install_action (widget_class, "deployment.steps", NULL, on_mode_action);
  gtk_widget_class_install_action (widget_class, "deployment.watch", NULL, on_mode_action);
  gtk_widget_class_install_action (widget_class, "deployment.step-mode", NULL, on_step_action);
  gtk_widget_class_install_action (widget_class, "deployment.next-hop", NULL, on_step_action);
  gtk_widget_class_install_action (widget_class, "deployment.export", NULL, on_export_action);
  gtk_widget_class_install_action (widget_class, "deployment.view", "s", on_view_action);
}

/* They work wherever the focus is, in no widget too. */
static void
add_shortcuts (MillDeploymentPage *self)
{
  static const struct {
    const char *keys;
    const char *action;
    const char *view;
  } shortcuts[] = {
    { "<Alt>Page_Down", "deployment.next", NULL },
    { "<Alt>Page_Up", "deployment.previous", NULL },
    { "<Control>Return", "deployment.primary", NULL },
    { "<Control>r", "deployment.check", NULL },
    { "F9", "deployment.steps", NULL },
    { "F8", "deployment.watch", NULL },
    { "F7", "deployment.next-hop", NULL },
    { "<Shift>F7", "deployment.step-mode", NULL },
    { "<Control>e", "deployment.export", NULL },
    { "<Alt>1", "deployment.view", "diagram" },
    { "<Alt>2", "deployment.view", "messages" },
    { "<Alt>3", "deployment.view", "details" },
    { "<Alt>4", "deployment.view", "calls" },
    { "<Alt>5", "deployment.view", "inbox" },
    { "<Alt>6", "deployment.view", "timeline" },
    { "<Alt>Left", "win.home", NULL },
  };
  GtkEventController *controller = gtk_shortcut_controller_new ();

  gtk_shortcut_controller_set_scope (GTK_SHORTCUT_CONTROLLER (controller), GTK_SHORTCUT_SCOPE_GLOBAL);
  gtk_event_controller_set_propagation_phase (controller, GTK_PHASE_CAPTURE);
  for (guint i = 0; i < G_N_ELEMENTS (shortcuts); i++)
    {
      GtkShortcut *shortcut = gtk_shortcut_new (gtk_shortcut_trigger_parse_string (shortcuts[i].keys),
                                                gtk_named_action_new (shortcuts[i].action));

      if (shortcuts[i].view != NULL)
        gtk_shortcut_set_arguments (shortcut, g_variant_new_string (shortcuts[i].view));
      gtk_shortcut_controller_add_shortcut (GTK_SHORTCUT_CONTROLLER (controller), shortcut);
    }
  gtk_widget_add_controller (GTK_WIDGET (self), controller);
}

static void
mill_deployment_page_init (MillDeploymentPage *self)
{
  self->steps_wanted = TRUE;
  gtk_widget_init_template (GTK_WIDGET (self));
  add_shortcuts (self);
  mill_hidden_follow (self->pages, gtk_stack_get_pages (GTK_STACK (self->pages)));
  mill_hidden_follow (self->views, adw_view_stack_get_pages (ADW_VIEW_STACK (self->views)));
  mill_style_switch_add_to (GTK_MENU_BUTTON (self->menu_button));
  gtk_list_box_set_header_func (GTK_LIST_BOX (self->steps), update_header, NULL, NULL);
}

static void
build_diagram (MillDeploymentPage *self)
{
  self->diagram_pane = mill_diagram_pane_new (self->session);
  self->diagram = mill_diagram_pane_get_diagram (MILL_DIAGRAM_PANE (self->diagram_pane));
  g_signal_connect_object (self->diagram, "node-activated", G_CALLBACK (show_node), self, G_CONNECT_SWAPPED);
  adw_bin_set_child (ADW_BIN (self->diagram_tab), self->diagram_pane);
}

GtkWidget *
mill_deployment_page_new (MillSession *session)
{
  MillDeploymentPage *self = g_object_new (MILL_TYPE_DEPLOYMENT_PAGE, NULL);
  MillDeployment *deployment = mill_session_get_deployment (session);
  GPtrArray *steps;

  self->session = g_object_ref (session);
  steps = get_steps (self);
  build_diagram (self);
  for (guint i = 0; steps != NULL && i < steps->len; i++)
    gtk_list_box_append (GTK_LIST_BOX (self->steps), mill_step_row_new (steps->pdata[i]));
  if (steps == NULL)
    {
      GtkWidget *gone = g_object_new (ADW_TYPE_STATUS_PAGE, "icon-name", "mill-page-symbolic", "title", _("The Tutorial Is Not Here"),
                                      "description", _("What it built can still be watched and cleaned up."), NULL);
      gtk_stack_add_named (GTK_STACK (self->pages), gone, "gone");
    }
  g_signal_connect_object (session, "notify::step", G_CALLBACK (show_step), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::busy", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::ready", G_CALLBACK (on_ready), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::problem", G_CALLBACK (on_problem), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "said", G_CALLBACK (on_said), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "failed", G_CALLBACK (on_failed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (deployment, "step-changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (deployment, "notify::state", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (mill_session_get_inbox (session), "items-changed", G_CALLBACK (update_inbox_badge), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (mill_session_get_step_mode (session), "notify", G_CALLBACK (update_step_mode), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (mill_session_get_step_mode (session), "failed", G_CALLBACK (on_step_mode_failed), self, G_CONNECT_SWAPPED);
  mill_step_bar_set_session (MILL_STEP_BAR (self->step_bar), session);
  update_step_mode (self);
  update_title (self);
  show_step (self);
  update_progress (self);
  update_layout (self);
  gtk_paned_set_position (GTK_PANED (self->inner), 400);
  mill_session_open (session);
  return GTK_WIDGET (self);
}

MillSession *
mill_deployment_page_get_session (MillDeploymentPage *self)
{
  return self->session;
}

void
mill_deployment_page_focus (MillDeploymentPage *self)
{
  GtkWidget *page = gtk_stack_get_visible_child (GTK_STACK (self->pages));

  if (MILL_IS_STEP_PAGE (page))
    mill_step_page_focus (MILL_STEP_PAGE (page));
}

void
mill_deployment_page_show (MillDeploymentPage *self,
                           const char         *view)
{
  if (mill_adaptive_bin_get_width (MILL_ADAPTIVE_BIN (self->bin)) == MILL_WIDTH_NARROW)
    self->watching = TRUE;
  else if (mill_adaptive_bin_get_width (MILL_ADAPTIVE_BIN (self->bin)) == MILL_WIDTH_MEDIUM && !self->watching)
    self->steps_wanted = FALSE;
  update_layout (self);
  if (!g_str_equal (view, "diagram") || !self->watching || adw_view_stack_page_get_visible (self->diagram_page))
    adw_view_stack_set_visible_child_name (ADW_VIEW_STACK (self->views), view);
  /* Whoever asks for a view by its key wants to be in it. */
  if (g_str_equal (view, "diagram"))
    mill_diagram_pane_focus (MILL_DIAGRAM_PANE (self->diagram_pane));
  else
    gtk_widget_child_focus (adw_view_stack_get_visible_child (ADW_VIEW_STACK (self->views)), GTK_DIR_TAB_FORWARD);
}

void
mill_deployment_page_show_step (MillDeploymentPage *self,
                                const char         *step)
{
  self->watching = FALSE;
  if (mill_adaptive_bin_get_width (MILL_ADAPTIVE_BIN (self->bin)) != MILL_WIDTH_WIDE)
    self->steps_wanted = FALSE;
  update_layout (self);
  mill_session_set_step (self->session, step);
  mill_deployment_page_focus (self);
}

void
mill_deployment_page_show_component (MillDeploymentPage *self,
                                     const char         *component,
                                     const char         *kind)
{
  const char *node = mill_diagram_find_node (self->diagram, component, kind);

  if (node == NULL)
    return;
  mill_deployment_page_show (self, "details");
  show_node (self, node);
}
