/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-deployment-internal.h"

#include "aws-json.h"

static gboolean
on_updates (gpointer data)
{
  MillDeployment *self = data;
  GQueue updates;

  g_mutex_lock (&self->mutex);
  updates = self->updates;
  g_queue_init (&self->updates);
  g_clear_pointer (&self->source, g_source_unref);
  g_mutex_unlock (&self->mutex);

  while (updates.head != NULL)
    {
      MillUpdate *update = g_queue_pop_head (&updates);

      mill_deployment_apply (self, update);
      mill_update_free (update);
    }
  return G_SOURCE_REMOVE;
}

/* Under the lock. @update: (transfer full). */
static void
post (MillDeployment *self,
      MillUpdate     *update)
{
  g_queue_push_tail (&self->updates, update);
  if (self->source != NULL)
    return;
  self->source = g_idle_source_new ();
  g_source_set_priority (self->source, G_PRIORITY_DEFAULT);
  g_source_set_callback (self->source, on_updates, g_object_ref (self), g_object_unref);
  g_source_attach (self->source, self->context);
}

static GMutexLocker *
lock (MillDeployment *self)
{
  mill_deployment_ensure (self);
  return g_mutex_locker_new (&self->mutex);
}

static char *
lookup (const char *logical_id,
        const char *attribute,
        gpointer    data)
{
  return mill_deployment_lookup (data, logical_id, attribute);
}

void
mill_update_free (MillUpdate *update)
{
  g_clear_pointer (&update->record, mill_record_free);
  g_free (update->step);
  g_free (update);
}

MillRecord *
mill_deployment_find_record (MillDeployment *self,
                             const char     *logical_id)
{
  for (guint i = 0; i < self->records->len; i++)
    {
      MillRecord *record = self->records->pdata[i];

      if (g_strcmp0 (record->logical_id, logical_id) == 0)
        return record;
    }
  return NULL;
}

void
mill_deployment_publish (MillDeployment   *self,
                         const MillRecord *record,
                         const char       *detail)
{
  MillUpdate *update = g_new0 (MillUpdate, 1);
  guint index;

  mill_deployment_put_record (self, record);
  mill_deployment_put_history (self, record, detail);

  update->record = mill_record_copy (record);
  g_mutex_lock (&self->mutex);
  if (g_ptr_array_find (self->records, mill_deployment_find_record (self, record->logical_id), &index))
    {
      mill_record_free (self->records->pdata[index]);
      self->records->pdata[index] = mill_record_copy (record);
    }
  post (self, update);
  g_mutex_unlock (&self->mutex);
}

MillRecord *
mill_deployment_dup_record (MillDeployment *self,
                            const char     *logical_id)
{
  g_autoptr(GMutexLocker) locker = lock (self);
  MillRecord *record = mill_deployment_find_record (self, logical_id);

  return record != NULL ? mill_record_copy (record) : NULL;
}

GPtrArray *
mill_deployment_dup_records (MillDeployment *self)
{
  g_autoptr(GMutexLocker) locker = lock (self);
  GPtrArray *records = g_ptr_array_new_with_free_func ((GDestroyNotify) mill_record_free);

  for (guint i = 0; i < self->records->len; i++)
    g_ptr_array_add (records, mill_record_copy (self->records->pdata[i]));
  return records;
}

void
mill_deployment_set_state (MillDeployment      *self,
                           MillDeploymentState  state)
{
  MillUpdate *update = g_new0 (MillUpdate, 1);

  update->state = state;
  g_mutex_lock (&self->mutex);
  self->new_state = state;
  post (self, update);
  g_mutex_unlock (&self->mutex);
  mill_deployment_save (self);
}

void
mill_deployment_set_account (MillDeployment *self,
                             const char     *account)
{
  g_mutex_lock (&self->mutex);
  self->account = g_intern_string (account);
  g_mutex_unlock (&self->mutex);
}

void
mill_deployment_set_step_state (MillDeployment *self,
                                const char     *step,
                                MillStepState   state)
{
  MillUpdate *update = g_new0 (MillUpdate, 1);

  update->step = g_strdup (step);
  update->step_state = state;
  g_mutex_lock (&self->mutex);
  g_hash_table_insert (self->new_step_states, g_strdup (step), GINT_TO_POINTER (state));
  post (self, update);
  g_mutex_unlock (&self->mutex);
  mill_deployment_put_step_state (self, step, state);
}

MillStepState
mill_deployment_peek_step_state (MillDeployment *self,
                                 const char     *step)
{
  g_autoptr(GMutexLocker) locker = lock (self);

  return GPOINTER_TO_INT (g_hash_table_lookup (self->new_step_states, step));
}

void
mill_deployment_get_scope (MillDeployment *self,
                           MillScope      *scope)
{
  const char *region = mill_target_get_region (self->target);
  gboolean china = g_str_has_prefix (region, "cn-");

  *scope = (MillScope) {
    .parameters = self->parameters,
    .account_id = self->account,
    .region = region,
    .partition = china ? "aws-cn" : g_str_has_prefix (region, "us-gov-") ? "aws-us-gov" : "aws",
    .url_suffix = china ? "amazonaws.com.cn" : "amazonaws.com",
    .stack_name = self->id,
    .lookup = lookup,
    .lookup_data = self,
  };
}

char *
mill_deployment_lookup (MillDeployment *self,
                        const char     *logical_id,
                        const char     *attribute)
{
  g_autoptr(GMutexLocker) locker = lock (self);
  MillRecord *record = mill_deployment_find_record (self, logical_id);

  if (record == NULL || !mill_record_may_exist (record) || *record->physical_id == '\0')
    return NULL;
  if (attribute == NULL)
    return g_strdup (record->physical_id);
  return g_strdup (aws_json_get_string (record->attributes, attribute));
}

const char *
mill_deployment_find_by_id (MillDeployment *self,
                            const char     *id)
{
  g_autoptr(GMutexLocker) locker = lock (self);

  if (id == NULL || *id == '\0')
    return NULL;
  for (guint i = 0; i < self->records->len; i++)
    {
      MillRecord *record = self->records->pdata[i];

      if (g_str_equal (record->physical_id, id) || g_str_equal (record->arn, id) || g_str_equal (record->name, id))
        return g_intern_string (record->logical_id);
    }
  return NULL;
}
