/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-deployment-internal.h"

#include <glib/gi18n-lib.h>

#include "aws-json.h"
#include "mill-engine.h"
#include "mill-resource-private.h"
#include "mill-tagged.h"

static void mill_deployment_list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (MillDeployment, mill_deployment, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, mill_deployment_list_model_init))

enum {
  PROP_0,
  PROP_STATE,
  N_PROPS
};

enum {
  STEP_CHANGED,
  RESOURCE_CHANGED,
  N_SIGNALS
};

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

static const char *const state_names[] = { "new", "building", "partial", "built", "failed", "cleaning", "cleaned" };

const char *
mill_deployment_state_to_string (MillDeploymentState state)
{
  g_return_val_if_fail ((guint) state < G_N_ELEMENTS (state_names), "new");
  return state_names[state];
}

void
mill_deployment_apply (MillDeployment *self,
                       MillUpdate     *update)
{
  if (update->record != NULL)
    {
      MillResource *resource = g_hash_table_lookup (self->by_id, update->record->logical_id);

      if (resource != NULL)
        mill_resource_set_record (resource, g_steal_pointer (&update->record));
    }
  else if (update->step != NULL)
    {
      g_hash_table_insert (self->step_states, g_strdup (update->step), GINT_TO_POINTER (update->step_state));
      g_signal_emit (self, signals[STEP_CHANGED], 0, update->step);
    }
  else if (self->state != update->state)
    {
      self->state = update->state;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
    }
}

void
mill_deployment_ensure (MillDeployment *self)
{
  if (self->pending)
    mill_deployment_load (self, NULL);
}

static GType
mill_deployment_get_item_type (GListModel *model)
{
  return MILL_TYPE_RESOURCE;
}

static guint
mill_deployment_get_n_items (GListModel *model)
{
  MillDeployment *self = MILL_DEPLOYMENT (model);

  mill_deployment_ensure (self);
  return self->resources->len;
}

static gpointer
mill_deployment_get_item (GListModel *model,
                          guint       position)
{
  MillDeployment *self = MILL_DEPLOYMENT (model);

  mill_deployment_ensure (self);
  return position < self->resources->len ? g_object_ref (self->resources->pdata[position]) : NULL;
}

static void
mill_deployment_list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = mill_deployment_get_item_type;
  iface->get_n_items = mill_deployment_get_n_items;
  iface->get_item = mill_deployment_get_item;
}

static void
mill_deployment_get_property (GObject    *object,
                              guint       id,
                              GValue     *value,
                              GParamSpec *pspec)
{
  MillDeployment *self = MILL_DEPLOYMENT (object);

  switch (id)
    {
    case PROP_STATE:
      g_value_set_uint (value, self->state);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
mill_deployment_finalize (GObject *object)
{
  MillDeployment *self = MILL_DEPLOYMENT (object);

  g_queue_clear_full (&self->updates, (GDestroyNotify) mill_update_free);
  g_clear_pointer (&self->source, g_source_unref);
  g_ptr_array_unref (self->resources);
  g_ptr_array_unref (self->records);
  g_hash_table_unref (self->by_id);
  g_hash_table_unref (self->step_states);
  g_hash_table_unref (self->new_step_states);
  g_hash_table_unref (self->parameters);
  g_clear_object (&self->tutorial);
  g_clear_object (&self->target);
  g_clear_object (&self->ledger);
  g_main_context_unref (self->context);
  g_mutex_clear (&self->mutex);
  g_free (self->id);
  g_free (self->tutorial_id);
  G_OBJECT_CLASS (mill_deployment_parent_class)->finalize (object);
}

static void
mill_deployment_class_init (MillDeploymentClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = mill_deployment_get_property;
  object_class->finalize = mill_deployment_finalize;

  properties[PROP_STATE] = g_param_spec_uint ("state", NULL, NULL, 0, MILL_DEPLOYMENT_CLEANED, 0,
                                              G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  signals[STEP_CHANGED] = g_signal_new ("step-changed", MILL_TYPE_DEPLOYMENT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                        G_TYPE_NONE, 1, G_TYPE_STRING);
  signals[RESOURCE_CHANGED] = g_signal_new ("resource-changed", MILL_TYPE_DEPLOYMENT, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                            G_TYPE_NONE, 1, MILL_TYPE_RESOURCE);
}

static void
mill_deployment_init (MillDeployment *self)
{
  g_mutex_init (&self->mutex);
  g_queue_init (&self->updates);
  self->context = g_main_context_ref_thread_default ();
  self->resources = g_ptr_array_new_with_free_func (g_object_unref);
  self->records = g_ptr_array_new_with_free_func ((GDestroyNotify) mill_record_free);
  self->by_id = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->step_states = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->new_step_states = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  self->account = "";
}

MillDeployment *
mill_deployment_new (const char   *id,
                     const char   *tutorial_id,
                     MillTutorial *tutorial,
                     MillTarget   *target,
                     GHashTable   *parameters,
                     gint64        created,
                     MillLedger   *ledger)
{
  MillDeployment *self = g_object_new (MILL_TYPE_DEPLOYMENT, NULL);

  self->id = g_strdup (id);
  self->tutorial_id = g_strdup (tutorial_id);
  g_set_object (&self->tutorial, tutorial);
  self->target = g_object_ref (target);
  self->parameters = parameters;
  self->created = created;
  self->ledger = g_object_ref (ledger);

  if (tutorial != NULL)
    {
      GPtrArray *resources = mill_template_get_resources (mill_tutorial_get_template (tutorial));

      for (guint i = 0; i < resources->len; i++)
        {
          const MillTemplateResource *resource = resources->pdata[i];

          mill_deployment_restore_record (self, mill_record_new (resource->logical_id, resource->type));
        }
    }
  return self;
}

static void
on_notify (MillDeployment *self,
           GParamSpec     *property,
           MillResource   *resource)
{
  g_signal_emit (self, signals[RESOURCE_CHANGED], 0, resource);
}

void
mill_deployment_restore_record (MillDeployment *self,
                                MillRecord     *record)
{
  MillResource *resource = g_hash_table_lookup (self->by_id, record->logical_id);
  guint index = 0;

  if (resource == NULL)
    {
      resource = mill_resource_new (mill_record_copy (record));
      g_signal_connect_object (resource, "notify", G_CALLBACK (on_notify), self, G_CONNECT_SWAPPED);
      g_ptr_array_add (self->resources, resource);
      g_hash_table_insert (self->by_id, g_strdup (record->logical_id), resource);
      g_ptr_array_add (self->records, record);
      return;
    }
  mill_resource_set_record (resource, mill_record_copy (record));
  g_ptr_array_find (self->records, mill_deployment_find_record (self, record->logical_id), &index);
  mill_record_free (self->records->pdata[index]);
  self->records->pdata[index] = record;
}

void
mill_deployment_add_record (MillDeployment *self,
                            const char     *logical_id,
                            const char     *type)
{
  mill_deployment_ensure (self);
  if (g_hash_table_contains (self->by_id, logical_id))
    return;
  g_mutex_lock (&self->mutex);
  mill_deployment_restore_record (self, mill_record_new (logical_id, type));
  g_mutex_unlock (&self->mutex);
  g_list_model_items_changed (G_LIST_MODEL (self), self->resources->len - 1, 0, 1);
}

void
mill_deployment_adopt_record (MillDeployment   *self,
                              const MillRecord *record)
{
  g_autofree char *logical_id = g_strdup (record->logical_id);
  MillRecord *adopted = mill_record_copy (record);
  MillRecord *before;

  mill_deployment_ensure (self);
  g_mutex_lock (&self->mutex);
  for (guint n = 2; (before = mill_deployment_find_record (self, logical_id)) != NULL && mill_record_may_exist (before); n++)
    {
      g_free (logical_id);
      logical_id = g_strdup_printf ("%s-%u", record->logical_id, n);
    }
  g_free (adopted->logical_id);
  adopted->logical_id = g_steal_pointer (&logical_id);
  g_mutex_unlock (&self->mutex);
  mill_deployment_restore_record (self, mill_record_copy (adopted));
  if (before == NULL)
    g_list_model_items_changed (G_LIST_MODEL (self), self->resources->len - 1, 0, 1);
  mill_deployment_publish (self, adopted, MILL_NOTE_FOUND);
  mill_record_free (adopted);
}

void
mill_deployment_restore_state (MillDeployment *self,
                               const char     *state,
                               const char     *account)
{
  for (guint i = 0; i < G_N_ELEMENTS (state_names); i++)
    if (g_strcmp0 (state, state_names[i]) == 0)
      self->state = self->new_state = i;
  self->account = g_intern_string (account);
}

MillLedger *
mill_deployment_get_ledger (MillDeployment *self)
{
  return self->ledger;
}

void
mill_deployment_set_pending (MillDeployment *self)
{
  self->pending = TRUE;
}

gboolean
mill_deployment_load (MillDeployment  *self,
                      GError         **error)
{
  if (!self->pending)
    return TRUE;
  /* What is restored looks at what is there. */
  self->pending = FALSE;
  self->pending = !mill_deployment_restore (self, error);
  return !self->pending;
}

void
mill_deployment_reload (MillDeployment *self)
{
  guint before;

  g_return_if_fail (MILL_IS_DEPLOYMENT (self));
  mill_deployment_ensure (self);
  if (self->busy || self->pending)
    return;
  before = self->resources->len;
  mill_deployment_restore (self, NULL);
  if (self->resources->len > before)
    g_list_model_items_changed (G_LIST_MODEL (self), before, 0, self->resources->len - before);
}

gboolean
mill_deployment_begin (MillDeployment  *self,
                       GError         **error)
{
  if (!mill_deployment_load (self, error))
    return FALSE;
  if (self->busy)
    {
      g_set_error (error, MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_BUSY,
                   _("Something is already under way on %s. Wait for its end, or stop it."), self->id);
      return FALSE;
    }
  self->busy = TRUE;
  return TRUE;
}

void
mill_deployment_end (MillDeployment *self)
{
  self->busy = FALSE;
}

void
mill_deployment_put_parameter (MillDeployment *self,
                               const char     *name,
                               const char     *value)
{
  g_hash_table_insert (self->parameters, g_strdup (name), g_strdup (value));
  mill_deployment_save (self);
}

const char *
mill_deployment_get_id (MillDeployment *self)
{
  g_return_val_if_fail (MILL_IS_DEPLOYMENT (self), NULL);
  return self->id;
}

MillTutorial *
mill_deployment_get_tutorial (MillDeployment *self)
{
  g_return_val_if_fail (MILL_IS_DEPLOYMENT (self), NULL);
  return self->tutorial;
}

const char *
mill_deployment_get_tutorial_id (MillDeployment *self)
{
  g_return_val_if_fail (MILL_IS_DEPLOYMENT (self), NULL);
  return self->tutorial_id;
}

MillTarget *
mill_deployment_get_target (MillDeployment *self)
{
  g_return_val_if_fail (MILL_IS_DEPLOYMENT (self), NULL);
  return self->target;
}

MillDeploymentState
mill_deployment_get_state (MillDeployment *self)
{
  g_return_val_if_fail (MILL_IS_DEPLOYMENT (self), MILL_DEPLOYMENT_NEW);
  return self->state;
}

gint64
mill_deployment_get_created (MillDeployment *self)
{
  g_return_val_if_fail (MILL_IS_DEPLOYMENT (self), 0);
  return self->created;
}

const char *
mill_deployment_get_account (MillDeployment *self)
{
  g_return_val_if_fail (MILL_IS_DEPLOYMENT (self), NULL);
  return self->account;
}

const char *
mill_deployment_get_parameter (MillDeployment *self,
                               const char     *name)
{
  g_return_val_if_fail (MILL_IS_DEPLOYMENT (self), NULL);
  return g_hash_table_lookup (self->parameters, name);
}

const char *
mill_deployment_get_role (MillDeployment *self)
{
  const char *role = mill_deployment_get_parameter (self, MILL_PARAMETER_ROLE);

  return role != NULL && *role != '\0' ? role : NULL;
}

MillResource *
mill_deployment_find_resource (MillDeployment *self,
                               const char     *logical_id)
{
  g_return_val_if_fail (MILL_IS_DEPLOYMENT (self), NULL);
  mill_deployment_ensure (self);
  return logical_id != NULL ? g_hash_table_lookup (self->by_id, logical_id) : NULL;
}

MillStepState
mill_deployment_get_step_state (MillDeployment *self,
                                const char     *step_id)
{
  g_return_val_if_fail (MILL_IS_DEPLOYMENT (self), MILL_STEP_TO_DO);
  mill_deployment_ensure (self);
  return GPOINTER_TO_INT (g_hash_table_lookup (self->step_states, step_id));
}
