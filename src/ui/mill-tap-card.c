/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-tap-card.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "mill-bar.h"
#include "mill-cost.h"
#include "mill-tap.h"

#define MILLION 1e6

struct _MillTapCard
{
  GtkWidget parent_instance;

  GtkWidget *box;
  GtkWidget *bar;
  GtkWidget *row;
  GtkWidget *spinner;
  GtkWidget *toggle;

  MillSession *session;
  MillResource *topic;
  gboolean asked;       /* what was asked for last */
  gboolean updating;
};

G_DEFINE_FINAL_TYPE (MillTapCard, mill_tap_card, GTK_TYPE_WIDGET)

static char *
describe (MillTapCard *self,
          gboolean     running)
{
  MillDeployment *deployment = mill_session_get_deployment (self->session);
  const char *id = mill_resource_get_logical_id (self->topic);
  gboolean aws = mill_target_get_kind (mill_deployment_get_target (deployment)) == MILL_TARGET_ACCOUNT;
  g_autofree char *url = mill_tap_dup_queue_url (deployment, id);
  g_autofree char *price = NULL;

  if (running && *mill_tap_get_trouble (deployment, id) != '\0')
    return g_strdup (mill_tap_get_trouble (deployment, id));
  if (running)
    return g_strdup (self->asked ? _("Making a queue and subscribing it…") : _("Taking the subscription and the queue away…"));
  if (url != NULL)
    return g_strdup (_("A temporary queue is subscribed to this topic, and read. Switched off, or with Clean Up, both are deleted."));
  if (mill_tap_is_there (deployment, id))
    return g_strdup (_("A part of it is left. Switched off, or with Clean Up, it is deleted."));
  if (!aws)
    return g_strdup (_("Only subscribers get to read it: this makes a temporary queue and subscribes it. Clean Up deletes both."));
  price = mill_cost_format (mill_cost_per_message ("AWS::SQS::Queue") * MILLION);
  /* Translators: a price in US dollars. */
  return g_strdup_printf (_("Only subscribers get to read it: this makes a temporary queue and subscribes it. Clean Up deletes both. A million messages cost "
                            "about %s, and reading takes from the calls that the preferences allow."), price);
}

static void
update (MillTapCard *self)
{
  MillDeployment *deployment = mill_session_get_deployment (self->session);
  const char *id = mill_resource_get_logical_id (self->topic);
  g_autofree char *step = mill_session_dup_tap_step (id);
  gboolean running = g_strcmp0 (mill_session_get_busy_step (self->session), step) == 0;
  gboolean there = mill_tap_is_there (deployment, id);
  g_autofree char *text = describe (self, running);

  gtk_widget_set_visible (GTK_WIDGET (self), there || running || mill_resource_is_made (self->topic));
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self->row), text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->toggle), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text, -1);
  gtk_widget_set_visible (self->spinner, running);
  gtk_spinner_set_spinning (GTK_SPINNER (self->spinner), running);
  mill_bar_fail (MILL_BAR (self->bar), running ? NULL : mill_session_get_error (self->session, step), NULL);
  if (running)
    return;
  self->updating = TRUE;
  gtk_switch_set_active (GTK_SWITCH (self->toggle), there);
  gtk_switch_set_state (GTK_SWITCH (self->toggle), there);
  self->updating = FALSE;
}

/* The state follows when it is so. */
static gboolean
on_state_set (MillTapCard *self,
              gboolean     on)
{
  if (self->updating)
    return FALSE;
  if (mill_session_get_busy (self->session) || mill_session_get_problem (self->session) != NULL)
    {
      gtk_widget_activate_action (GTK_WIDGET (self), "win.say", "s",
                                  mill_session_get_problem (self->session) != NULL ? mill_session_get_problem (self->session)
                                                                                  : _("Something else is under way. Wait for its end."));
      update (self);
      return TRUE;
    }
  self->asked = on;
  mill_session_tap (self->session, mill_resource_get_logical_id (self->topic), on);
  return TRUE;
}

static void
on_resource_changed (MillTapCard  *self,
                     MillResource *resource)
{
  if (resource == self->topic || mill_tap_is_part (mill_resource_get_logical_id (resource)))
    update (self);
}

static void
mill_tap_card_dispose (GObject *object)
{
  MillTapCard *self = MILL_TAP_CARD (object);

  g_clear_pointer (&self->box, gtk_widget_unparent);
  g_clear_object (&self->session);
  g_clear_object (&self->topic);
  G_OBJECT_CLASS (mill_tap_card_parent_class)->dispose (object);
}

static void
mill_tap_card_class_init (MillTapCardClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = mill_tap_card_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
mill_tap_card_init (MillTapCard *self)
{
  GtkWidget *group = adw_preferences_group_new ();

  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 12);
  self->bar = mill_bar_new ();
  self->row = adw_action_row_new ();
  self->spinner = gtk_spinner_new ();
  self->toggle = gtk_switch_new ();
  gtk_widget_set_valign (self->toggle, GTK_ALIGN_CENTER);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->row), _("Read What Is Published"));
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (self->row), FALSE);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (self->row), 0);
  adw_action_row_add_suffix (ADW_ACTION_ROW (self->row), self->spinner);
  adw_action_row_add_suffix (ADW_ACTION_ROW (self->row), self->toggle);
  adw_action_row_set_activatable_widget (ADW_ACTION_ROW (self->row), self->toggle);
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (group), self->row);
  gtk_box_append (GTK_BOX (self->box), group);
  gtk_box_append (GTK_BOX (self->box), self->bar);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
  g_signal_connect_object (self->toggle, "state-set", G_CALLBACK (on_state_set), self, G_CONNECT_SWAPPED);
}

GtkWidget *
mill_tap_card_new (MillSession  *session,
                   MillResource *topic)
{
  MillTapCard *self = g_object_new (MILL_TYPE_TAP_CARD, NULL);
  MillDeployment *deployment = mill_session_get_deployment (session);

  self->session = g_object_ref (session);
  self->topic = g_object_ref (topic);
  g_signal_connect_object (session, "notify::busy", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (deployment, "resource-changed", G_CALLBACK (on_resource_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (deployment, "items-changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
  return GTK_WIDGET (self);
}

MillResource *
mill_tap_card_get_topic (MillTapCard *self)
{
  g_return_val_if_fail (MILL_IS_TAP_CARD (self), NULL);
  return self->topic;
}
