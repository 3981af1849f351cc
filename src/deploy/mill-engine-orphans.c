/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "mill-engine-private.h"
#include "mill-tagged.h"

#define PRACTICE_SPEC "practice"

/* One search. */
typedef struct {
  GPtrArray  *targets;
  gboolean    all;       /* several were asked for at once: one that cannot be asked is no error */
  GHashTable *known;     /* ids of the deployments that the ledger knows of and that are not cleaned up */
} Search;

static void
search_free (gpointer data)
{
  Search *search = data;

  g_ptr_array_unref (search->targets);
  g_hash_table_unref (search->known);
  g_free (search);
}

void
mill_orphan_free (MillOrphan *self)
{
  if (self == NULL)
    return;
  g_free (self->id);
  g_free (self->tutorial);
  g_object_unref (self->target);
  g_free (self->account);
  g_ptr_array_unref (self->arns);
  g_ptr_array_unref (self->records);
  g_free (self);
}

static void
on_known (sqlite3_stmt *row,
          gpointer      data)
{
  g_hash_table_add (data, g_strdup ((const char *) sqlite3_column_text (row, 0)));
}

/* As the ledger is now: another program may have begun a deployment meanwhile. */
static gboolean
read_known (MillEngine  *self,
            GHashTable  *known,
            GError     **error)
{
  return mill_ledger_read (mill_engine_get_ledger (self), on_known, known, error, "SELECT id FROM deployment WHERE state <> ?", "s",
                           mill_deployment_state_to_string (MILL_DEPLOYMENT_CLEANED));
}

/* The tag index still shows for a while what was deleted: whatever answers "not found" is not there. */
static gboolean
is_there (MillTarget       *target,
          MillEngine       *engine,
          const MillTagged *tagged,
          MillRecord       *record,
          GCancellable     *cancellable)
{
  g_autoptr(MillDeployment) deployment = mill_deployment_new (tagged->deployment, tagged->tutorial, NULL, target,
                                                              g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free), 0,
                                                              mill_engine_get_ledger (engine));
  g_autoptr(MillJob) job = NULL;
  g_autoptr(JsonObject) actual = NULL;
  g_autoptr(GError) error = NULL;

  mill_deployment_set_account (deployment, mill_target_get_account (target));
  job = mill_job_new (deployment, mill_record_copy (record), NULL, cancellable);
  if (*record->physical_id == '\0')
    return job->handler->find (job, &error) || !mill_error_is_gone (error);
  actual = job->handler->read (job, &error);
  return actual != NULL || !mill_error_is_gone (error);
}

static MillOrphan *
orphan_for (GPtrArray        *orphans,
            guint             first,
            MillTarget       *target,
            const MillTagged *tagged)
{
  MillOrphan *orphan;

  for (guint i = first; i < orphans->len; i++)
    {
      orphan = orphans->pdata[i];
      if (strcmp (orphan->id, tagged->deployment) == 0)
        return orphan;
    }
  orphan = g_new0 (MillOrphan, 1);
  orphan->id = g_strdup (tagged->deployment);
  orphan->tutorial = g_strdup (tagged->tutorial);
  orphan->target = g_object_ref (target);
  orphan->account = g_strdup (mill_target_get_account (target));
  orphan->arns = g_ptr_array_new_with_free_func (g_free);
  orphan->records = g_ptr_array_new_with_free_func ((GDestroyNotify) mill_record_free);
  g_ptr_array_add (orphans, orphan);
  return orphan;
}

static gboolean
search_target (MillEngine    *self,
               Search        *search,
               MillTarget    *target,
               GPtrArray     *orphans,
               GCancellable  *cancellable,
               GError       **error)
{
  g_autoptr(GPtrArray) found = NULL;
  guint first = orphans->len;

  if (!mill_target_open (target, cancellable, error))
    return FALSE;
  found = mill_tagged_collect (mill_target_get_client (target), NULL, cancellable, error);
  if (found == NULL || !read_known (self, search->known, error))
    return FALSE;
  for (guint i = 0; i < found->len; i++)
    {
      MillTagged *tagged = found->pdata[i];
      g_autoptr(MillRecord) record = NULL;
      MillOrphan *orphan;

      if (g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;
      if (g_hash_table_contains (search->known, tagged->deployment))
        continue;
      record = mill_tagged_to_record (tagged);
      if (record == NULL || !is_there (target, self, tagged, record, cancellable))
        continue;
      orphan = orphan_for (orphans, first, target, tagged);
      g_ptr_array_add (orphan->arns, g_strdup (tagged->arn));
      g_ptr_array_add (orphan->records, g_steal_pointer (&record));
    }
  return TRUE;
}

static void
search_in_thread (GTask        *task,
                  gpointer      source,
                  gpointer      task_data,
                  GCancellable *cancellable)
{
  Search *search = task_data;
  g_autoptr(GPtrArray) orphans = g_ptr_array_new_with_free_func ((GDestroyNotify) mill_orphan_free);

  for (guint i = 0; i < search->targets->len; i++)
    {
      g_autoptr(GError) error = NULL;

      if (search_target (source, search, search->targets->pdata[i], orphans, cancellable, &error))
        continue;
      if (!search->all || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        {
          g_task_return_error (task, g_steal_pointer (&error));
          return;
        }
      g_debug ("%s: %s", mill_target_get_title (search->targets->pdata[i]), error->message);
    }
  g_task_return_pointer (task, g_steal_pointer (&orphans), (GDestroyNotify) g_ptr_array_unref);
}

static gboolean
is_same (gconstpointer a,
         gconstpointer b)
{
  MillTarget *first = (MillTarget *) a;
  MillTarget *second = (MillTarget *) b;

  return g_strcmp0 (mill_target_get_spec (first), mill_target_get_spec (second)) == 0 &&
         g_strcmp0 (mill_target_get_region (first), mill_target_get_region (second)) == 0;
}

void
mill_engine_find_orphans_async (MillEngine          *self,
                                MillTarget          *target,
                                GCancellable        *cancellable,
                                GAsyncReadyCallback  callback,
                                gpointer             user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  Search *search = g_new0 (Search, 1);

  g_task_set_source_tag (task, mill_engine_find_orphans_async);
  search->targets = g_ptr_array_new_with_free_func (g_object_unref);
  search->known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  search->all = target == NULL;
  if (target != NULL)
    g_ptr_array_add (search->targets, g_object_ref (target));
  for (guint i = 0; target == NULL && i < g_list_model_get_n_items (G_LIST_MODEL (self)); i++)
    {
      g_autoptr(MillDeployment) deployment = g_list_model_get_item (G_LIST_MODEL (self), i);

      if (!g_ptr_array_find_with_equal_func (search->targets, mill_deployment_get_target (deployment), is_same, NULL))
        g_ptr_array_add (search->targets, g_object_ref (mill_deployment_get_target (deployment)));
    }
  if (search->targets->len == 0)
    g_ptr_array_add (search->targets, mill_target_new_lazily (PRACTICE_SPEC, NULL));
  g_task_set_task_data (task, search, search_free);
  g_task_run_in_thread (task, search_in_thread);
}

GPtrArray *
mill_engine_find_orphans_finish (MillEngine    *self,
                                 GAsyncResult  *result,
                                 GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  g_return_val_if_fail (g_async_result_is_tagged (result, mill_engine_find_orphans_async), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

MillDeployment *
mill_engine_adopt (MillEngine        *self,
                   const MillOrphan  *orphan,
                   GError           **error)
{
  g_autoptr(GHashTable) known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  MillDeployment *deployment = mill_engine_find (self, orphan->id);

  g_return_val_if_fail (MILL_IS_ENGINE (self), NULL);
  if (!read_known (self, known, error))
    return NULL;
  if (g_hash_table_contains (known, orphan->id))
    {
      g_set_error (error, MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_BUSY, _("%s is in the ledger already: it can be taken down from there."), orphan->id);
      return NULL;
    }
  if (deployment != NULL)
    g_object_ref (deployment);
  else
    deployment = mill_engine_add (self, orphan->id, orphan->tutorial, orphan->target);
  mill_deployment_set_account (deployment, orphan->account != NULL ? orphan->account : "");
  mill_deployment_set_state (deployment, MILL_DEPLOYMENT_PARTIAL);
  for (guint i = 0; i < orphan->records->len; i++)
    mill_deployment_adopt_record (deployment, orphan->records->pdata[i]);
  if (!mill_ledger_commit (mill_engine_get_ledger (self), error))
    g_clear_object (&deployment);
  return deployment;
}
