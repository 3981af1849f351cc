/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-engine-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "mill-owner.h"

#define ID_LETTERS "23456789abcdefghjkmnpqrstuvwxyz"
#define ID_SUFFIX 4
/* Ids go into names, and names of roles have room for 64 letters. */
#define ID_STEM_MAX 24

struct _MillEngine
{
  GObject      parent_instance;

  MillCatalog *catalog;
  MillLedger  *ledger;
  GPtrArray   *deployments;   /* newest first */
  GHashTable  *targets;       /* "spec region" → MillTarget: one hold on the practice cloud for all */
};

static void mill_engine_list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (MillEngine, mill_engine, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, mill_engine_list_model_init))

G_DEFINE_QUARK (mill-deploy-error, mill_deploy_error)

/* One operation under way. */
typedef struct {
  MillDeployment *deployment;
  gboolean        exclusive;
  MillWork        work;
  gpointer        data;
  GDestroyNotify  free_data;
  GDestroyNotify  free_result;
  gpointer        result;
  GError         *error;
} Run;

static void
run_free (Run *run)
{
  g_clear_object (&run->deployment);
  if (run->free_data != NULL && run->data != NULL)
    run->free_data (run->data);
  if (run->free_result != NULL && run->result != NULL)
    run->free_result (run->result);
  g_clear_error (&run->error);
  g_free (run);
}

/* The target answers and is the account that the deployment was made in. */
static gboolean
prepare (MillDeployment  *deployment,
         GCancellable    *cancellable,
         GError         **error)
{
  MillTarget *target = mill_deployment_get_target (deployment);
  const char *before = mill_deployment_get_account (deployment);
  const char *now;

  if (!mill_target_open (target, cancellable, error))
    return FALSE;
  now = mill_target_get_account (target);
  if (*before == '\0')
    {
      mill_deployment_set_account (deployment, now);
      mill_deployment_save (deployment);
    }
  else if (strcmp (before, now) != 0)
    {
      g_set_error (error, MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_NOT_READY,
                   _("%s was built in the account %s, but “%s” is now the account %s. Use the credentials it was built with."),
                   mill_deployment_get_id (deployment), before, mill_target_get_title (target), now);
      return FALSE;
    }
  return TRUE;
}

static void
run_in_thread (GTask        *task,
               gpointer      source,
               gpointer      task_data,
               GCancellable *cancellable)
{
  MillEngine *self = source;
  Run *run = task_data;
  const char *id = mill_deployment_get_id (run->deployment);

  if (!run->exclusive || mill_owner_take (self->ledger, id, &run->error))
    {
      if (prepare (run->deployment, cancellable, &run->error))
        run->result = run->work (run->deployment, run->data, cancellable, &run->error);
      if (run->exclusive)
        mill_owner_release (self->ledger, id);
    }
  /* What the ledger could not take is tried again with the next write; what was done is done. */
  mill_ledger_commit (self->ledger, run->error == NULL ? &run->error : NULL);
  g_task_return_boolean (task, TRUE);
}

static void
on_run_done (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autoptr(GTask) outer = user_data;
  Run *run = g_task_get_task_data (outer);

  if (run->exclusive)
    mill_deployment_end (run->deployment);
  /* run_finish() takes the result and the error out of the data. */
  g_task_return_boolean (outer, TRUE);
}

static GType
mill_engine_get_item_type (GListModel *model)
{
  return MILL_TYPE_DEPLOYMENT;
}

static guint
mill_engine_get_n_items (GListModel *model)
{
  return MILL_ENGINE (model)->deployments->len;
}

static gpointer
mill_engine_get_item (GListModel *model,
                      guint       position)
{
  MillEngine *self = MILL_ENGINE (model);

  return position < self->deployments->len ? g_object_ref (self->deployments->pdata[position]) : NULL;
}

static void
mill_engine_list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = mill_engine_get_item_type;
  iface->get_n_items = mill_engine_get_n_items;
  iface->get_item = mill_engine_get_item;
}

static void
mill_engine_finalize (GObject *object)
{
  MillEngine *self = MILL_ENGINE (object);

  g_ptr_array_unref (self->deployments);
  g_hash_table_unref (self->targets);
  g_clear_object (&self->catalog);
  g_clear_object (&self->ledger);
  G_OBJECT_CLASS (mill_engine_parent_class)->finalize (object);
}

static void
mill_engine_class_init (MillEngineClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = mill_engine_finalize;
}

static void
mill_engine_init (MillEngine *self)
{
  self->deployments = g_ptr_array_new_with_free_func (g_object_unref);
  self->targets = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_object_unref);
}

/* A target that cannot be made any more (a profile that was removed) is still shown; opening it says what is wrong. */
static MillTarget *
restore_target (MillEngine *self,
                const char *spec,
                const char *region)
{
  g_autofree char *key = g_strdup_printf ("%s %s", spec, region);
  MillTarget *target = g_hash_table_lookup (self->targets, key);

  if (target == NULL)
    {
      target = mill_target_new_lazily (spec, region);
      g_hash_table_insert (self->targets, g_steal_pointer (&key), target);
    }
  return target;
}

static void
on_deployment_row (sqlite3_stmt *row,
                   gpointer      user_data)
{
  MillEngine *self = user_data;
  const char *tutorial_id = mill_ledger_row_get_text (row, 1);
  MillTutorial *tutorial = mill_catalog_find (self->catalog, tutorial_id);
  g_autoptr(JsonObject) saved = mill_ledger_row_dup_object (row, 7);
  GHashTable *parameters = mill_parameters_new (tutorial);
  MillDeployment *deployment;
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  json_object_iter_init (&iter, saved);
  while (json_object_iter_next (&iter, &name, &value))
    if (JSON_NODE_HOLDS_VALUE (value) && json_node_get_value_type (value) == G_TYPE_STRING)
      g_hash_table_insert (parameters, g_strdup (name), g_strdup (json_node_get_string (value)));

  deployment = mill_deployment_new (mill_ledger_row_get_text (row, 0), tutorial_id, tutorial,
                                    restore_target (self, mill_ledger_row_get_text (row, 2), mill_ledger_row_get_text (row, 3)), parameters,
                                    sqlite3_column_int64 (row, 6), self->ledger);
  mill_deployment_restore_state (deployment, mill_ledger_row_get_text (row, 5), mill_ledger_row_get_text (row, 4));
  mill_deployment_set_pending (deployment);
  g_ptr_array_add (self->deployments, deployment);
}

MillEngine *
mill_engine_new (MillCatalog  *catalog,
                 const char   *ledger_path,
                 GError      **error)
{
  g_autoptr(MillEngine) self = g_object_new (MILL_TYPE_ENGINE, NULL);
  g_autofree char *own = g_build_filename (g_get_user_data_dir (), "millrace", "ledger.db", NULL);

  self->catalog = g_object_ref (catalog);
  self->ledger = mill_ledger_new (ledger_path != NULL ? ledger_path : own, error);
  if (self->ledger == NULL ||
      !mill_ledger_read (self->ledger, on_deployment_row, self, error,
                         "SELECT id, tutorial, target, region, account, state, created, parameters FROM deployment"
                         " ORDER BY created DESC, id", ""))
    return NULL;
  return g_steal_pointer (&self);
}

MillLedger *
mill_engine_get_ledger (MillEngine *self)
{
  return self->ledger;
}

const char *
mill_engine_get_notice (MillEngine *self)
{
  g_return_val_if_fail (MILL_IS_ENGINE (self), NULL);
  return mill_ledger_get_notice (self->ledger);
}

MillDeployment *
mill_engine_find (MillEngine *self,
                  const char *id)
{
  g_return_val_if_fail (MILL_IS_ENGINE (self), NULL);
  for (guint i = 0; i < self->deployments->len; i++)
    if (g_strcmp0 (mill_deployment_get_id (self->deployments->pdata[i]), id) == 0)
      return self->deployments->pdata[i];
  return NULL;
}

static char *
make_id (MillTutorial *tutorial)
{
  g_autoptr(GString) id = g_string_new_len (mill_tutorial_get_id (tutorial), MIN (strlen (mill_tutorial_get_id (tutorial)), ID_STEM_MAX));

  g_string_append_c (id, '-');
  for (guint i = 0; i < ID_SUFFIX; i++)
    g_string_append_c (id, ID_LETTERS[g_random_int_range (0, strlen (ID_LETTERS))]);
  return g_strdup (id->str);
}

static void
put_first (MillEngine     *self,
           MillDeployment *deployment)
{
  g_ptr_array_insert (self->deployments, 0, g_object_ref (deployment));
  g_list_model_items_changed (G_LIST_MODEL (self), 0, 0, 1);
}

MillDeployment *
mill_engine_create (MillEngine    *self,
                    MillTutorial  *tutorial,
                    MillTarget    *target,
                    GHashTable    *parameters,
                    GError       **error)
{
  GHashTable *values = mill_parameters_fill (tutorial, parameters, error);
  g_autoptr(MillDeployment) deployment = NULL;
  g_autofree char *id = NULL;

  if (values == NULL)
    return NULL;
  do
    {
      g_free (id);
      id = make_id (tutorial);
    }
  while (mill_engine_find (self, id) != NULL);
  deployment = mill_deployment_new (id, mill_tutorial_get_id (tutorial), tutorial, target, values,
                                    g_get_real_time () / G_USEC_PER_SEC, self->ledger);
  mill_deployment_save (deployment);
  if (!mill_ledger_write (self->ledger, error))
    return NULL;
  put_first (self, deployment);
  return g_steal_pointer (&deployment);
}

MillDeployment *
mill_engine_add (MillEngine *self,
                 const char *id,
                 const char *tutorial_id,
                 MillTarget *target)
{
  MillTutorial *tutorial = mill_catalog_find (self->catalog, tutorial_id);
  MillDeployment *deployment = mill_deployment_new (id, tutorial_id, tutorial, target, mill_parameters_new (tutorial),
                                                    g_get_real_time () / G_USEC_PER_SEC, self->ledger);

  mill_deployment_save (deployment);
  put_first (self, deployment);
  return deployment;
}

static void
on_report (sqlite3_stmt *row,
           gpointer      data)
{
  JsonObject **report = data;

  *report = mill_ledger_row_dup_object (row, 0);
}

JsonObject *
mill_engine_dup_report (MillEngine      *self,
                        MillDeployment  *deployment,
                        GError         **error)
{
  JsonObject *report = NULL;

  g_return_val_if_fail (MILL_IS_ENGINE (self), NULL);
  mill_ledger_read (self->ledger, on_report, &report, error, "SELECT report FROM report WHERE deployment = ? ORDER BY seq DESC LIMIT 1", "s",
                    mill_deployment_get_id (deployment));
  return report;
}

gboolean
mill_engine_forget (MillEngine      *self,
                    MillDeployment  *deployment,
                    GError         **error)
{
  static const char *const deletions[] = {
    "DELETE FROM resource WHERE deployment = ?", "DELETE FROM history WHERE deployment = ?", "DELETE FROM step WHERE deployment = ?",
    "DELETE FROM code WHERE deployment = ?", "DELETE FROM check_result WHERE deployment = ?", "DELETE FROM report WHERE deployment = ?",
    "DELETE FROM call WHERE deployment = ?",
    "DELETE FROM deployment WHERE id = ?",
  };
  g_autoptr(GPtrArray) records = NULL;
  const char *id = mill_deployment_get_id (deployment);
  guint index;

  g_return_val_if_fail (MILL_IS_ENGINE (self), FALSE);
  if (!mill_deployment_begin (deployment, error))
    return FALSE;
  records = mill_deployment_dup_records (deployment);
  for (guint i = 0; i < records->len; i++)
    if (mill_record_may_exist (records->pdata[i]))
      {
        g_set_error (error, MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_NOT_READY, _("%s may still be in the cloud: clean up %s first."),
                     ((MillRecord *) records->pdata[i])->logical_id, id);
        mill_deployment_end (deployment);
        return FALSE;
      }
  if (!mill_owner_take (self->ledger, id, error))
    {
      mill_deployment_end (deployment);
      return FALSE;
    }
  for (guint i = 0; i < G_N_ELEMENTS (deletions); i++)
    mill_ledger_queue (self->ledger, deletions[i], "s", id);
  if (!mill_ledger_commit (self->ledger, error))
    {
      mill_deployment_end (deployment);
      return FALSE;
    }
  if (g_ptr_array_find (self->deployments, deployment, &index))
    {
      g_ptr_array_remove_index (self->deployments, index);
      g_list_model_items_changed (G_LIST_MODEL (self), index, 1, 0);
    }
  return TRUE;
}

void
mill_engine_run (MillEngine          *self,
                 MillDeployment      *deployment,
                 gboolean             exclusive,
                 MillWork             work,
                 gpointer             data,
                 GDestroyNotify       free_data,
                 GDestroyNotify       free_result,
                 gpointer             tag,
                 GCancellable        *cancellable,
                 GAsyncReadyCallback  callback,
                 gpointer             user_data)
{
  g_autoptr(GTask) outer = g_task_new (self, cancellable, callback, user_data);
  g_autoptr(GTask) inner = NULL;
  Run *run = g_new0 (Run, 1);

  g_task_set_source_tag (outer, tag);
  /* The work itself sees to the cancellable: what it did until then is told. */
  g_task_set_check_cancellable (outer, FALSE);
  run->deployment = g_object_ref (deployment);
  run->exclusive = exclusive;
  run->work = work;
  run->data = data;
  run->free_data = free_data;
  run->free_result = free_result;
  g_task_set_task_data (outer, run, (GDestroyNotify) run_free);

  if (!mill_deployment_load (deployment, &run->error) || (exclusive && !mill_deployment_begin (deployment, &run->error)))
    {
      g_task_return_boolean (outer, TRUE);
      return;
    }
  inner = g_task_new (self, cancellable, on_run_done, g_object_ref (outer));
  g_task_set_check_cancellable (inner, FALSE);
  g_task_set_task_data (inner, run, NULL);
  g_task_run_in_thread (inner, run_in_thread);
}

void
mill_engine_fail (MillEngine          *self,
                  GError              *error,
                  gpointer             tag,
                  GCancellable        *cancellable,
                  GAsyncReadyCallback  callback,
                  gpointer             user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  Run *run = g_new0 (Run, 1);

  g_task_set_source_tag (task, tag);
  g_task_set_check_cancellable (task, FALSE);
  run->error = error;
  g_task_set_task_data (task, run, (GDestroyNotify) run_free);
  g_task_return_boolean (task, TRUE);
}

gpointer
mill_engine_run_finish (MillEngine    *self,
                        GAsyncResult  *result,
                        gpointer       tag,
                        GError       **error)
{
  Run *run;

  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  g_return_val_if_fail (g_task_get_source_tag (G_TASK (result)) == tag, NULL);
  run = g_task_get_task_data (G_TASK (result));
  g_task_propagate_boolean (G_TASK (result), NULL);
  if (run->error != NULL)
    g_propagate_error (error, g_steal_pointer (&run->error));
  return g_steal_pointer (&run->result);
}
