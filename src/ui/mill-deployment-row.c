/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-deployment-row.h"

#include <glib/gi18n.h>

#include "mill-format.h"
#include "mill-look.h"

struct _MillDeploymentRow
{
  AdwActionRow parent_instance;

  GtkWidget *icon;
  GtkWidget *state;
  GtkWidget *clean_up;
  GtkWidget *report;

  MillDeployment *deployment;
};

G_DEFINE_FINAL_TYPE (MillDeploymentRow, mill_deployment_row, ADW_TYPE_ACTION_ROW)

/* Where there are several of the same title, what is below it tells them apart, also for those who hear it. */
static void
describe (MillDeploymentRow *self)
{
  const char *subtitle = adw_action_row_get_subtitle (ADW_ACTION_ROW (self));
  g_autofree char *whole = g_strdup_printf ("%s · %s", subtitle != NULL ? subtitle : "", gtk_label_get_label (GTK_LABEL (self->state)));

  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, whole, -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->clean_up), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, whole, -1);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->report), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, whole, -1);
}

static void
update (MillDeploymentRow *self)
{
  MillDeploymentState state = mill_deployment_get_state (self->deployment);
  MillLook look = mill_look_of_deployment (state);

  gtk_label_set_label (GTK_LABEL (self->state), look.label);
  gtk_image_set_from_icon_name (GTK_IMAGE (self->icon), look.icon);
  gtk_widget_set_css_classes (self->icon, (const char *[]) { look.style, NULL });
  gtk_widget_set_visible (self->clean_up, state != MILL_DEPLOYMENT_CLEANED);
  gtk_widget_set_visible (self->report, state == MILL_DEPLOYMENT_CLEANED);
  describe (self);
}

static void
mill_deployment_row_dispose (GObject *object)
{
  g_clear_object (&MILL_DEPLOYMENT_ROW (object)->deployment);
  G_OBJECT_CLASS (mill_deployment_row_parent_class)->dispose (object);
}

static void
mill_deployment_row_class_init (MillDeploymentRowClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = mill_deployment_row_dispose;
}

static void
mill_deployment_row_init (MillDeploymentRow *self)
{
  self->state = gtk_label_new (NULL);
  gtk_label_set_wrap (GTK_LABEL (self->state), TRUE);
  gtk_label_set_natural_wrap_mode (GTK_LABEL (self->state), GTK_NATURAL_WRAP_NONE);
  gtk_label_set_xalign (GTK_LABEL (self->state), 1);
  gtk_widget_set_css_classes (self->state, (const char *[]) { "caption", NULL });
  self->icon = gtk_image_new ();
  self->clean_up = gtk_button_new_from_icon_name ("mill-clean-up-symbolic");
  gtk_widget_add_css_class (self->clean_up, "flat");
  gtk_widget_set_valign (self->clean_up, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (self->clean_up, _("Clean Up…"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->clean_up), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Clean Up…"), -1);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->clean_up), "win.clean-up");
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (self), FALSE);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (self), 2);
  adw_action_row_add_suffix (ADW_ACTION_ROW (self), self->state);
  adw_action_row_add_suffix (ADW_ACTION_ROW (self), self->icon);
  self->report = gtk_button_new_from_icon_name ("mill-page-symbolic");
  gtk_widget_add_css_class (self->report, "flat");
  gtk_widget_set_valign (self->report, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (self->report, _("Clean-Up Report"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->report), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Clean-Up Report"), -1);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->report), "win.report");
  adw_action_row_add_suffix (ADW_ACTION_ROW (self), self->clean_up);
  adw_action_row_add_suffix (ADW_ACTION_ROW (self), self->report);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (self), TRUE);
}

GtkWidget *
mill_deployment_row_new (MillDeployment *deployment)
{
  MillDeploymentRow *self = g_object_new (MILL_TYPE_DEPLOYMENT_ROW, NULL);
  MillTutorial *tutorial = mill_deployment_get_tutorial (deployment);
  MillTarget *target = mill_deployment_get_target (deployment);
  const char *kind_icon;

  self->deployment = g_object_ref (deployment);
  switch (mill_target_get_kind (target))
    {
    case MILL_TARGET_PRACTICE: kind_icon = "mill-cloud-symbolic"; break;
    case MILL_TARGET_ACCOUNT: kind_icon = "mill-account-symbolic"; break;
    case MILL_TARGET_ENDPOINT:
    default: kind_icon = "mill-endpoint-symbolic";
    }
  adw_action_row_set_icon_name (ADW_ACTION_ROW (self), kind_icon);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self),
                                 tutorial != NULL ? mill_tutorial_get_title (tutorial) : mill_deployment_get_tutorial_id (deployment));
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self), "win.open");
  gtk_actionable_set_action_target (GTK_ACTIONABLE (self), "s", mill_deployment_get_id (deployment));
  gtk_actionable_set_action_target (GTK_ACTIONABLE (self->clean_up), "s", mill_deployment_get_id (deployment));
  gtk_actionable_set_action_target (GTK_ACTIONABLE (self->report), "s", mill_deployment_get_id (deployment));
  g_signal_connect_object (deployment, "notify::state", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  mill_deployment_row_update_age (self);
  update (self);
  return GTK_WIDGET (self);
}

void
mill_deployment_row_update_age (MillDeploymentRow *self)
{
  MillTarget *target = mill_deployment_get_target (self->deployment);
  const char *account = mill_deployment_get_account (self->deployment);
  g_autofree char *age = mill_format_age (mill_deployment_get_created (self->deployment), g_get_real_time () / G_USEC_PER_SEC);
  g_autoptr(GString) subtitle = g_string_new (mill_target_get_title (target));

  if (account != NULL && *account != '\0' && mill_target_get_kind (target) != MILL_TARGET_PRACTICE)
    g_string_append_printf (subtitle, " · %s", account);
  g_string_append_printf (subtitle, " · %s · %s", mill_target_get_region (target), age);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self), subtitle->str);
  describe (self);
}
