/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-step-page.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "mill-action-card.h"
#include "mill-bar.h"
#include "mill-code-editor.h"
#include "mill-look.h"
#include "mill-markup.h"
#include "mill-page-title.h"
#include "mill-parameter-row.h"
#include "mill-resource-row.h"
#include "mill-role-question.h"
#include "mill-wait-card.h"
#include "mill-wrap.h"

struct _MillStepPage
{
  GtkWidget parent_instance;

  GtkWidget *scroller;
  GtkWidget *box;
  GtkWidget *title;
  GtkWidget *state_icon;
  GtkWidget *state_label;
  GtkWidget *problem;         /* what is wrong with a value */
  GtkWidget *bar;
  GtkWidget *checks;          /* AdwPreferencesGroup */
  GPtrArray *check_rows;
  GPtrArray *parameter_rows;

  MillSession *session;
  MillStep *step;
};

enum {
  VALID_CHANGED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (MillStepPage, mill_step_page, GTK_TYPE_WIDGET)

static GtkWidget *
add_group (MillStepPage *self,
           const char   *title)
{
  GtkWidget *group = adw_preferences_group_new ();

  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), title);
  gtk_box_append (GTK_BOX (self->box), group);
  return group;
}

static void
add_text (MillStepPage *self,
          const char   *title,
          const char   *text)
{
  GtkWidget *box, *label;

  if (*text == '\0')
    return;
  box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  if (title != NULL)
    {
      label = gtk_label_new (title);
      gtk_label_set_xalign (GTK_LABEL (label), 0);
      gtk_widget_add_css_class (label, "heading");
      gtk_box_append (GTK_BOX (box), label);
    }
  mill_markup_fill (GTK_BOX (box), text);
  gtk_box_append (GTK_BOX (self->box), box);
}

static void
add_expander (GtkWidget  *group,
              const char *title,
              const char *text)
{
  GtkWidget *row, *box, *content;

  if (*text == '\0')
    return;
  row = adw_expander_row_new ();
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 8);
  gtk_widget_add_css_class (box, "mill-expanded");
  mill_markup_fill (GTK_BOX (box), text);
  content = gtk_list_box_row_new ();
  gtk_list_box_row_set_child (GTK_LIST_BOX_ROW (content), box);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (content), FALSE);
  adw_expander_row_add_row (ADW_EXPANDER_ROW (row), content);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), row);
}

static gboolean
is_any_made (MillStepPage *self)
{
  return mill_deployment_get_step_state (mill_session_get_deployment (self->session), mill_step_get_id (self->step)) == MILL_STEP_DONE;
}

static void
on_parameter (const MillParameter *parameter,
              const char          *value,
              gboolean             valid,
              gpointer             data)
{
  MillStepPage *self = data;
  g_autoptr(GError) error = NULL;

  if (!valid && !mill_parameter_check (parameter, value, &error))
    gtk_label_set_label (GTK_LABEL (self->problem), error->message);
  gtk_widget_set_visible (self->problem, error != NULL);
  g_signal_emit (self, signals[VALID_CHANGED], 0);
}

static void
add_parameters (MillStepPage *self)
{
  const char *const *names = mill_step_get_parameters (self->step);
  MillTemplate *template = mill_tutorial_get_template (mill_session_get_tutorial (self->session));
  GtkWidget *group;

  if (names == NULL || names[0] == NULL)
    return;
  group = add_group (self, _("Values"));
  for (guint i = 0; names[i] != NULL; i++)
    {
      const MillParameter *parameter = mill_template_get_parameter (template, names[i]);
      GtkWidget *row;

      /* A tutorial is checked when it is loaded: every step's parameter is in the template. */
      g_assert (parameter != NULL);
      row = mill_parameter_row_new (parameter, mill_deployment_get_parameter (mill_session_get_deployment (self->session), names[i]),
                                    on_parameter, self);
      adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), row);
      g_ptr_array_add (self->parameter_rows, row);
    }
  self->problem = gtk_label_new (NULL);
  mill_wrap (self->problem);
  gtk_label_set_xalign (GTK_LABEL (self->problem), 0);
  gtk_widget_set_css_classes (self->problem, (const char *[]) { "error", "caption", "mill-problem", NULL });
  gtk_widget_set_visible (self->problem, FALSE);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), self->problem);
}

static void
add_resources (MillStepPage *self)
{
  const char *const *ids = mill_step_get_resources (self->step);
  const char *const *set = mill_step_get_properties (self->step);
  MillDeployment *deployment = mill_session_get_deployment (self->session);
  GtkWidget *group;

  if ((ids == NULL || ids[0] == NULL) && (set == NULL || set[0] == NULL))
    return;
  group = add_group (self, ids != NULL && ids[0] != NULL ? _("What This Step Makes") : _("What This Step Changes"));
  for (guint i = 0; ids != NULL && ids[i] != NULL; i++)
    {
      MillResource *resource = mill_deployment_find_resource (deployment, ids[i]);

      if (resource != NULL)
        adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), mill_resource_row_new (resource));
    }
  for (guint i = 0; set != NULL && set[i] != NULL; i++)
    {
      g_autofree char *id = g_strndup (set[i], strcspn (set[i], "."));
      MillResource *resource = mill_deployment_find_resource (deployment, id);
      GtkWidget *row = adw_action_row_new ();
      const char *name = resource != NULL && *mill_resource_get_name (resource) != '\0' ? mill_resource_get_name (resource) : id;

      adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), set[i] + strlen (id) + (set[i][strlen (id)] == '.'));
      adw_action_row_set_subtitle (ADW_ACTION_ROW (row), name);
      adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), row);
    }
}

static void
add_checks (MillStepPage *self)
{
  GPtrArray *checks = mill_step_get_checks (self->step);

  if (checks == NULL || checks->len == 0)
    return;
  self->checks = add_group (self, _("Checks"));
  for (guint i = 0; i < checks->len; i++)
    {
      MillCheck *check = checks->pdata[i];
      GtkWidget *row = adw_action_row_new ();
      GtkWidget *icon = gtk_image_new_from_icon_name ("mill-to-do-symbolic");

      gtk_widget_add_css_class (icon, "dim-label");
      adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), check->text);
      adw_action_row_set_subtitle (ADW_ACTION_ROW (row), _("Not checked yet"));
      adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 0);
      adw_action_row_add_prefix (ADW_ACTION_ROW (row), icon);
      g_object_set_data (G_OBJECT (row), "mill-icon", icon);
      adw_preferences_group_add (ADW_PREFERENCES_GROUP (self->checks), row);
      g_ptr_array_add (self->check_rows, row);
    }
}

static void
update_checks (MillStepPage *self)
{
  GPtrArray *checks = mill_step_get_checks (self->step);
  GPtrArray *results = mill_session_get_checks (self->session, mill_step_get_id (self->step));

  for (guint i = 0; i < self->check_rows->len; i++)
    {
      MillCheck *check = checks->pdata[i];
      GtkWidget *row = self->check_rows->pdata[i];
      GtkWidget *icon = g_object_get_data (G_OBJECT (row), "mill-icon");
      MillCheckResult *found = NULL;

      for (guint j = 0; results != NULL && j < results->len; j++)
        if (g_strcmp0 (((MillCheckResult *) results->pdata[j])->id, check->id) == 0)
          found = results->pdata[j];
      if (found == NULL)
        {
          gtk_image_set_from_icon_name (GTK_IMAGE (icon), "mill-to-do-symbolic");
          gtk_widget_set_css_classes (icon, (const char *[]) { "dim-label", NULL });
          adw_action_row_set_subtitle (ADW_ACTION_ROW (row), _("Not checked yet"));
        }
      else
        {
          MillLook look = mill_look_of_check (found->ok);
          const char *more = !found->ok && g_strcmp0 (found->text, check->text) != 0 ? found->text : "";
          g_autofree char *subtitle = g_strdup_printf ("%s%s%s", look.label, *more != '\0' ? ": " : "", more);

          gtk_image_set_from_icon_name (GTK_IMAGE (icon), look.icon);
          gtk_widget_set_css_classes (icon, (const char *[]) { look.style, NULL });
          adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle);
        }
    }
}

static void
update (MillStepPage *self)
{
  const char *id = mill_step_get_id (self->step);
  const char *busy = mill_session_get_busy_step (self->session);
  MillDeployment *deployment = mill_session_get_deployment (self->session);
  const GError *error = mill_session_get_error (self->session, id);
  MillLook look = mill_look_of_step (g_strcmp0 (busy, id) == 0 ? MILL_STEP_RUNNING
                                     : mill_deployment_get_step_state (deployment, id));
  gboolean made = is_any_made (self);

  gtk_image_set_from_icon_name (GTK_IMAGE (self->state_icon), look.icon);
  gtk_widget_set_css_classes (self->state_icon, (const char *[]) { look.style, NULL });
  gtk_label_set_label (GTK_LABEL (self->state_label), look.label);
  for (guint i = 0; i < self->parameter_rows->len; i++)
    {
      GtkWidget *row = self->parameter_rows->pdata[i];

      /* A text that loses its sensitivity keeps its cursor blinking: the focus goes first. */
      if ((made || busy != NULL) && gtk_widget_get_root (row) != NULL && gtk_root_get_focus (gtk_widget_get_root (row)) != NULL &&
          gtk_widget_is_ancestor (gtk_root_get_focus (gtk_widget_get_root (row)), row))
        gtk_widget_grab_focus (self->title);
      gtk_widget_set_sensitive (row, !made && busy == NULL);
      gtk_widget_set_tooltip_text (row, made ? _("In use now. Undo this step to change it.") : NULL);
    }
  mill_bar_fail (MILL_BAR (self->bar), error, mill_role_question_helps (error, deployment) ? _("Use Another Role…") : NULL);
  update_checks (self);
}

static void
on_bar_clicked (MillStepPage *self)
{
  mill_role_question_ask (GTK_WIDGET (self), self->session, mill_step_get_id (self->step));
}

static void
on_step_event (MillStepPage *self,
               const char   *step)
{
  update (self);
}

static void
on_failed (MillStepPage *self,
           const char   *step,
           const GError *error)
{
  update (self);
  if (g_strcmp0 (step, mill_step_get_id (self->step)) == 0)
    gtk_adjustment_set_value (gtk_scrolled_window_get_vadjustment (GTK_SCROLLED_WINDOW (self->scroller)), 0);
}

static void
mill_step_page_dispose (GObject *object)
{
  MillStepPage *self = MILL_STEP_PAGE (object);

  g_clear_pointer (&self->scroller, gtk_widget_unparent);
  g_clear_object (&self->session);
  g_clear_object (&self->step);
  G_OBJECT_CLASS (mill_step_page_parent_class)->dispose (object);
}

static void
mill_step_page_finalize (GObject *object)
{
  MillStepPage *self = MILL_STEP_PAGE (object);

  g_ptr_array_unref (self->check_rows);
  g_ptr_array_unref (self->parameter_rows);
  G_OBJECT_CLASS (mill_step_page_parent_class)->finalize (object);
}

static void
mill_step_page_class_init (MillStepPageClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = mill_step_page_dispose;
  G_OBJECT_CLASS (klass)->finalize = mill_step_page_finalize;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
  signals[VALID_CHANGED] = g_signal_new ("valid-changed", MILL_TYPE_STEP_PAGE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
mill_step_page_init (MillStepPage *self)
{
  GtkWidget *clamp = adw_clamp_new ();

  self->check_rows = g_ptr_array_new ();
  self->parameter_rows = g_ptr_array_new ();
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 24);
  gtk_widget_add_css_class (self->box, "mill-page");
  adw_clamp_set_maximum_size (ADW_CLAMP (clamp), 680);
  adw_clamp_set_child (ADW_CLAMP (clamp), self->box);
  self->scroller = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_policy (GTK_SCROLLED_WINDOW (self->scroller), GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scroller), clamp);
  gtk_widget_set_parent (self->scroller, GTK_WIDGET (self));
}

static void
add_head (MillStepPage *self)
{
  GtkWidget *head = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  GtkWidget *line = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);
  GtkWidget *section = gtk_label_new (mill_step_get_section (self->step));

  gtk_label_set_xalign (GTK_LABEL (section), 0);
  gtk_label_set_ellipsize (GTK_LABEL (section), PANGO_ELLIPSIZE_END);
  gtk_widget_set_hexpand (section, TRUE);
  gtk_widget_set_css_classes (section, (const char *[]) { "caption-heading", "dim-label", NULL });
  self->state_icon = gtk_image_new ();
  self->state_label = gtk_label_new (NULL);
  gtk_widget_add_css_class (self->state_label, "caption-heading");
  gtk_box_append (GTK_BOX (line), section);
  gtk_box_append (GTK_BOX (line), self->state_icon);
  gtk_box_append (GTK_BOX (line), self->state_label);
  self->title = mill_page_title_new (mill_step_get_title (self->step));
  gtk_box_append (GTK_BOX (head), line);
  gtk_box_append (GTK_BOX (head), self->title);
  gtk_box_append (GTK_BOX (self->box), head);
}

GtkWidget *
mill_step_page_new (MillSession *session,
                    MillStep    *step)
{
  MillStepPage *self = g_object_new (MILL_TYPE_STEP_PAGE, NULL);
  const char *const *code = mill_step_get_code (step);
  GPtrArray *actions = mill_step_get_actions (step);
  GtkWidget *more;

  self->session = g_object_ref (session);
  self->step = g_object_ref (step);
  add_head (self);
  self->bar = mill_bar_new ();
  g_signal_connect_object (self->bar, "clicked", G_CALLBACK (on_bar_clicked), self, G_CONNECT_SWAPPED);
  gtk_box_append (GTK_BOX (self->box), self->bar);
  gtk_box_append (GTK_BOX (self->box), mill_wait_card_new (mill_session_get_deployment (session)));
  add_text (self, NULL, mill_step_get_why (step));
  add_text (self, _("What Happens"), mill_step_get_what (step));
  if (mill_deployment_get_role (mill_session_get_deployment (session)) != NULL)
    add_text (self, _("With a role that is there"), mill_step_get_with_role (step));
  add_parameters (self);
  for (guint i = 0; code != NULL && code[i] != NULL; i++)
    gtk_box_append (GTK_BOX (self->box), mill_code_editor_new (session, code[i]));
  add_resources (self);
  for (guint i = 0; actions != NULL && i < actions->len; i++)
    if (((MillAction *) actions->pdata[i])->kind != MILL_ACTION_CLEAN_UP)
      gtk_box_append (GTK_BOX (self->box), mill_action_card_new (session, actions->pdata[i]));
  add_checks (self);
  add_text (self, _("Look For"), mill_step_get_look_for (step));
  if (*mill_step_get_by_hand (step) != '\0' || *mill_step_get_changed (step) != '\0')
    {
      more = adw_preferences_group_new ();
      gtk_box_append (GTK_BOX (self->box), more);
      add_expander (more, _("By Hand in the AWS Console"), mill_step_get_by_hand (step));
      add_expander (more, _("What Differs from Older Instructions"), mill_step_get_changed (step));
    }
  g_signal_connect_object (mill_session_get_deployment (session), "step-changed", G_CALLBACK (on_step_event), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "checked", G_CALLBACK (on_step_event), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "failed", G_CALLBACK (on_failed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::busy", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
  return GTK_WIDGET (self);
}

gboolean
mill_step_page_is_valid (MillStepPage *self)
{
  for (guint i = 0; i < self->parameter_rows->len; i++)
    if (!mill_parameter_row_is_valid (self->parameter_rows->pdata[i]))
      return FALSE;
  return TRUE;
}

gboolean
mill_step_page_apply (MillStepPage *self)
{
  MillDeployment *deployment = mill_session_get_deployment (self->session);
  const char *const *names = mill_step_get_parameters (self->step);

  if (!mill_step_page_is_valid (self))
    return FALSE;
  for (guint i = 0; i < self->parameter_rows->len; i++)
    {
      g_autofree char *value = mill_parameter_row_dup_value (self->parameter_rows->pdata[i]);
      g_autoptr(GError) error = NULL;

      if (g_strcmp0 (value, mill_deployment_get_parameter (deployment, names[i])) == 0)
        continue;
      if (!mill_engine_set_parameter (mill_session_get_engine (self->session), deployment, names[i], value, &error))
        {
          mill_bar_fail (MILL_BAR (self->bar), error, NULL);
          return FALSE;
        }
    }
  return TRUE;
}

void
mill_step_page_focus (MillStepPage *self)
{
  gtk_widget_grab_focus (self->title);
}
