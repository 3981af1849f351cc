/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-reminder.h"

#include <glib/gi18n.h>

#include "mill-cost.h"

/* How often it is looked whether a reminder is due, in seconds; the first look is soon after the start. */
#define PAUSE 60
#define FIRST 3

struct _MillReminder
{
  GObject parent_instance;

  GApplication *application;   /* borrowed: it owns this */
  MillEngine *engine;
  GSettings *settings;
  GHashTable *said;            /* deployment id → GINT64: when it was last reminded of */
  guint timer;
};

G_DEFINE_FINAL_TYPE (MillReminder, mill_reminder, G_TYPE_OBJECT)

static const char *
get_title (MillDeployment *deployment)
{
  MillTutorial *tutorial = mill_deployment_get_tutorial (deployment);

  return tutorial != NULL ? mill_tutorial_get_title (tutorial) : mill_deployment_get_tutorial_id (deployment);
}

static void
remind (MillReminder   *self,
        MillDeployment *deployment)
{
  g_autoptr(GNotification) notification = g_notification_new (_("A Deployment Still Runs"));
  g_autofree char *sentence = mill_reminder_dup_sentence (deployment);
  const char *id = mill_deployment_get_id (deployment);

  g_notification_set_body (notification, sentence);
  g_notification_set_priority (notification, G_NOTIFICATION_PRIORITY_HIGH);
  g_notification_set_default_action_and_target (notification, "app.open", "s", id);
  g_notification_add_button_with_target (notification, _("Clean Up…"), "app.clean-up", "s", id);
  g_application_send_notification (self->application, id, notification);
}

static gboolean
look (gpointer data)
{
  MillReminder *self = data;
  gint64 wait = (gint64) g_settings_get_uint (self->settings, "reminder-minutes") * 60;
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  g_autoptr(GPtrArray) running = mill_reminder_find (self->engine);

  for (guint i = 0; wait > 0 && i < running->len; i++)
    {
      MillDeployment *deployment = running->pdata[i];
      gint64 *said = g_hash_table_lookup (self->said, mill_deployment_get_id (deployment));

      if (now - (said != NULL ? *said : mill_deployment_get_created (deployment)) < wait)
        continue;
      g_hash_table_insert (self->said, g_strdup (mill_deployment_get_id (deployment)), g_memdup2 (&now, sizeof now));
      remind (self, deployment);
    }
  self->timer = g_timeout_add_seconds (PAUSE, look, self);
  return G_SOURCE_REMOVE;
}

static void
mill_reminder_finalize (GObject *object)
{
  MillReminder *self = MILL_REMINDER (object);

  g_clear_handle_id (&self->timer, g_source_remove);
  g_object_unref (self->engine);
  g_object_unref (self->settings);
  g_hash_table_unref (self->said);
  G_OBJECT_CLASS (mill_reminder_parent_class)->finalize (object);
}

static void
mill_reminder_class_init (MillReminderClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = mill_reminder_finalize;
}

static void
mill_reminder_init (MillReminder *self)
{
  self->said = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

MillReminder *
mill_reminder_new (GApplication *application,
                   MillEngine   *engine,
                   GSettings    *settings)
{
  MillReminder *self = g_object_new (MILL_TYPE_REMINDER, NULL);

  self->application = application;
  self->engine = g_object_ref (engine);
  self->settings = g_object_ref (settings);
  self->timer = g_timeout_add_seconds (FIRST, look, self);
  return self;
}

gboolean
mill_reminder_costs (MillDeployment *deployment)
{
  MillDeploymentState state = mill_deployment_get_state (deployment);

  return mill_target_get_kind (mill_deployment_get_target (deployment)) == MILL_TARGET_ACCOUNT &&
         state != MILL_DEPLOYMENT_NEW && state != MILL_DEPLOYMENT_CLEANED;
}

char *
mill_reminder_dup_sentence (MillDeployment *deployment)
{
  g_autofree char *cost = mill_cost_format (mill_cost_per_day (deployment));
  const char *account = mill_deployment_get_account (deployment);
  MillTarget *target = mill_deployment_get_target (deployment);

  /* Translators: a tutorial's title, an AWS account, a region, a sum of money */
  return g_strdup_printf (_("%s in %s, %s. It costs about %s a day without a message, and more with each."), get_title (deployment),
                          account != NULL && *account != '\0' ? account : mill_target_get_title (target), mill_target_get_region (target), cost);
}

GPtrArray *
mill_reminder_find (MillEngine *engine)
{
  GPtrArray *found = g_ptr_array_new_with_free_func (g_object_unref);

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (engine)); i++)
    {
      g_autoptr(MillDeployment) deployment = g_list_model_get_item (G_LIST_MODEL (engine), i);

      if (mill_reminder_costs (deployment))
        g_ptr_array_add (found, g_object_ref (deployment));
    }
  return found;
}
