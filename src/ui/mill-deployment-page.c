/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-deployment-page.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "mill-adaptive-bin.h"
#include "mill-bar.h"
#include "mill-expiry.h"
#include "mill-hidden.h"
#include "mill-step-bar.h"
#include "mill-step-buttons.h"
#include "mill-step-list.h"
#include "mill-step-page.h"
#include "mill-style-switch.h"
#include "mill-views.h"

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
  GtkWidget *step_list;
  GtkWidget *bin;
  GtkWidget *outer;
  GtkWidget *inner;
  GtkWidget *side;
  GtkWidget *page_pane;
  GtkWidget *pages;
  GtkWidget *buttons;
  GtkWidget *diagram_place;
  GtkWidget *views;

  MillSession *session;
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

static void
update_buttons (MillDeploymentPage *self)
{
  GtkWidget *page = gtk_stack_get_visible_child (GTK_STACK (self->pages));

  mill_step_buttons_update (MILL_STEP_BUTTONS (self->buttons), GTK_WIDGET (self), self->session,
                            !MILL_IS_STEP_PAGE (page) || mill_step_page_is_valid (MILL_STEP_PAGE (page)));
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
on_ready (MillDeploymentPage *self)
{
  /* A practice cloud that was started anew has another client, and that another log. */
  mill_views_renew_calls (MILL_VIEWS (self->views));
  update_title (self);
  update_buttons (self);
}

static void
on_problem (MillDeploymentPage *self)
{
  mill_bar_say (MILL_BAR (self->bar), mill_session_get_problem (self->session), mill_session_get_problem_advice (self->session),
                mill_target_get_kind (mill_session_get_target (self->session)) == MILL_TARGET_PRACTICE ? _("Restart") : _("Try Again"));
  update_buttons (self);
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

static void
show_step (MillDeploymentPage *self)
{
  MillStep *step = get_step (self);
  const char *id;
  GtkWidget *page;

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

static void update_layout (MillDeploymentPage *self);
static void update_step_mode (MillDeploymentPage *self);

static void
on_step_chosen (MillDeploymentPage *self)
{
  /* Where there is room for one thing only, choosing a step leads to its page. */
  if (mill_adaptive_bin_get_width (MILL_ADAPTIVE_BIN (self->bin)) != MILL_WIDTH_WIDE)
    {
      self->steps_wanted = FALSE;
      update_layout (self);
    }
  mill_deployment_page_focus (self);
}

/* --- Room --- */

/*
 * Wide: steps, page and views side by side; watching, the diagram and the views. Medium: page and views, or steps and page;
 * narrow: one at a time.
 */
static void
update_layout (MillDeploymentPage *self)
{
  MillWidth width = mill_adaptive_bin_get_width (MILL_ADAPTIVE_BIN (self->bin));
  gboolean beside = self->watching && width != MILL_WIDTH_NARROW;
  gboolean steps, page, views;

  if (self->watching)
    steps = FALSE, page = FALSE, views = TRUE;
  else if (width == MILL_WIDTH_WIDE)
    steps = self->steps_wanted, page = TRUE, views = TRUE;
  else if (width == MILL_WIDTH_MEDIUM)
    steps = self->steps_wanted, page = TRUE, views = !self->steps_wanted;
  else
    steps = self->steps_wanted, page = !self->steps_wanted, views = FALSE;

  gtk_widget_set_visible (self->step_list, steps);
  gtk_widget_set_visible (self->page_pane, page);
  gtk_widget_set_visible (self->side, views);
  gtk_widget_set_visible (self->inner, page || views);
  gtk_widget_set_visible (self->diagram_place, beside);
  mill_views_place_diagram (MILL_VIEWS (self->views), beside ? ADW_BIN (self->diagram_place) : NULL);
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
  /* The focus goes to what was asked for, and does not stay with what is hidden. */
  if (self->watching)
    mill_views_show (MILL_VIEWS (self->views), "diagram");
  else if (g_str_equal (name, "deployment.steps") && gtk_widget_get_visible (self->step_list))
    mill_step_list_focus (MILL_STEP_LIST (self->step_list));
  else
    mill_deployment_page_focus (self);
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
  mill_views_set_held (MILL_VIEWS (self->views), held);
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
  g_autoptr(MillTrace) trace = mill_views_dup_trace (MILL_VIEWS (self->views));

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
  else
    switch (mill_step_task_find (mill_session_get_deployment (self->session), step))
      {
      case MILL_STEP_TASK_CLEAN_UP: gtk_widget_activate_action (widget, "win.clean-up", "s", deployment); break;
      case MILL_STEP_TASK_CREATE:
      case MILL_STEP_TASK_TRY_AGAIN:
      case MILL_STEP_TASK_PUT_RIGHT: mill_session_build (self->session, id); break;
      case MILL_STEP_TASK_CONTINUE:
      default: go_to (self, index + 1);
      }
}

static void
on_view_action (GtkWidget  *widget,
                const char *name,
                GVariant   *parameter)
{
  mill_deployment_page_show (MILL_DEPLOYMENT_PAGE (widget), g_variant_get_string (parameter, NULL));
}

static void
on_export_action (GtkWidget  *widget,
                  const char *name,
                  GVariant   *parameter)
{
  MillDeploymentPage *self = MILL_DEPLOYMENT_PAGE (widget);

  mill_deployment_page_show (self, "diagram");
  mill_views_export (MILL_VIEWS (self->views));
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
  g_type_ensure (MILL_TYPE_STEP_BUTTONS);
  g_type_ensure (MILL_TYPE_STEP_LIST);
  g_type_ensure (MILL_TYPE_VIEWS);
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
  BIND (step_list);
  BIND (bin);
  BIND (outer);
  BIND (inner);
  BIND (side);
  BIND (page_pane);
  BIND (pages);
  BIND (buttons);
  BIND (diagram_place);
  BIND (views);
#undef BIND
  gtk_widget_class_bind_template_callback (widget_class, on_bar_clicked);
  gtk_widget_class_bind_template_callback (widget_class, on_held);
  gtk_widget_class_bind_template_callback (widget_class, on_width_changed);
  gtk_widget_class_bind_template_callback (widget_class, on_step_chosen);

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

/* Where the steps took the room of something else, Escape gives it back. */
static gboolean
on_steps_escape (GtkWidget *steps,
                 GVariant  *arguments,
                 gpointer   data)
{
  MillDeploymentPage *self = data;

  if (mill_adaptive_bin_get_width (MILL_ADAPTIVE_BIN (self->bin)) == MILL_WIDTH_WIDE)
    return FALSE;
  return gtk_widget_activate_action (GTK_WIDGET (self), "deployment.steps", NULL);
}

static void
add_escape (MillDeploymentPage *self)
{
  GtkEventController *controller = gtk_shortcut_controller_new ();

  gtk_shortcut_controller_add_shortcut (GTK_SHORTCUT_CONTROLLER (controller),
                                        gtk_shortcut_new (gtk_keyval_trigger_new (GDK_KEY_Escape, 0),
                                                          gtk_callback_action_new (on_steps_escape, self, NULL)));
  gtk_widget_add_controller (self->step_list, controller);
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
  add_escape (self);
  mill_hidden_follow (self->pages, gtk_stack_get_pages (GTK_STACK (self->pages)));
  mill_style_switch_add_to (GTK_MENU_BUTTON (self->menu_button));
}

GtkWidget *
mill_deployment_page_new (MillSession *session)
{
  MillDeploymentPage *self = g_object_new (MILL_TYPE_DEPLOYMENT_PAGE, NULL);
  MillDeployment *deployment = mill_session_get_deployment (session);

  self->session = g_object_ref (session);
  mill_views_set_session (MILL_VIEWS (self->views), session);
  mill_step_list_set_session (MILL_STEP_LIST (self->step_list), session);
  if (get_steps (self) == NULL)
    {
      GtkWidget *gone = g_object_new (ADW_TYPE_STATUS_PAGE, "icon-name", "mill-page-symbolic", "title", _("The Tutorial Is Not Here"),
                                      "description", _("What it built can still be watched and cleaned up."), NULL);
      gtk_stack_add_named (GTK_STACK (self->pages), gone, "gone");
    }
  g_signal_connect_object (session, "notify::step", G_CALLBACK (show_step), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::busy", G_CALLBACK (update_buttons), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::ready", G_CALLBACK (on_ready), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::problem", G_CALLBACK (on_problem), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "said", G_CALLBACK (on_said), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "failed", G_CALLBACK (on_failed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (deployment, "step-changed", G_CALLBACK (update_buttons), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (deployment, "notify::state", G_CALLBACK (update_buttons), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (mill_session_get_step_mode (session), "notify", G_CALLBACK (update_step_mode), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (mill_session_get_step_mode (session), "failed", G_CALLBACK (on_step_mode_failed), self, G_CONNECT_SWAPPED);
  mill_step_bar_set_session (MILL_STEP_BAR (self->step_bar), session);
  update_step_mode (self);
  update_title (self);
  show_step (self);
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
  mill_views_show (MILL_VIEWS (self->views), view);
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
  mill_deployment_page_show (self, "details");
  mill_views_show_component (MILL_VIEWS (self->views), component, kind);
}
