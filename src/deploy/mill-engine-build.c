/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "aws-json.h"
#include "mill-engine-private.h"
#include "mill-tagged.h"

/* A whole build. */
typedef struct {
  MillDeployment *deployment;
  GHashTable     *done;     /* ids of the steps that are done when all is */
  GMutex          mutex;
  GHashTable     *open;     /* step id → how many of its pieces are not done yet */
  GHashTable     *pieces;   /* logical id → GPtrArray of step ids that it is a piece of */
  GHashTable     *announced; /* logical ids whose intent went to the disk before the first call */
} Build;

/* One piece: a resource that is made or changed. */
typedef struct {
  Build *build;
  char  *logical_id;
} Piece;

static void
piece_free (gpointer data)
{
  g_free (((Piece *) data)->logical_id);
  g_free (data);
}

static void
build_free (Build *build)
{
  g_hash_table_unref (build->done);
  g_hash_table_unref (build->open);
  g_hash_table_unref (build->pieces);
  g_hash_table_unref (build->announced);
  g_mutex_clear (&build->mutex);
  g_free (build);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Build, build_free)

static void
count_piece (Build      *build,
             const char *logical_id,
             const char *step)
{
  GPtrArray *steps = g_hash_table_lookup (build->pieces, logical_id);

  if (steps == NULL)
    {
      steps = g_ptr_array_new_with_free_func (g_free);
      g_hash_table_insert (build->pieces, g_strdup (logical_id), steps);
    }
  g_ptr_array_add (steps, g_strdup (step));
  g_hash_table_insert (build->open, g_strdup (step), GINT_TO_POINTER (GPOINTER_TO_INT (g_hash_table_lookup (build->open, step)) + 1));
}

/* A piece has ended: its steps are done once all their pieces are, and failed at once. */
static void
end_piece (Build      *build,
           const char *logical_id,
           gboolean    ok)
{
  GPtrArray *steps = g_hash_table_lookup (build->pieces, logical_id);

  g_mutex_lock (&build->mutex);
  for (guint i = 0; steps != NULL && i < steps->len; i++)
    {
      const char *step = steps->pdata[i];
      int left = GPOINTER_TO_INT (g_hash_table_lookup (build->open, step));

      if (left < 0)
        continue;
      left = ok ? left - 1 : -1;
      g_hash_table_insert (build->open, g_strdup (step), GINT_TO_POINTER (left));
      if (left <= 0)
        mill_deployment_set_step_state (build->deployment, step, left == 0 ? MILL_STEP_DONE : MILL_STEP_FAILED);
    }
  g_mutex_unlock (&build->mutex);
}

static gboolean
change (MillJob  *job,
        GError  **error)
{
  MillRecord *record = job->record;
  g_autofree char *other = NULL;
  g_autofree char *gone = NULL;
  g_autoptr(JsonObject) set = json_object_ref (job->properties);
  g_autoptr(GError) local = NULL;
  gboolean ok;

  /* Somebody else changed it: it is put right from what it is now, not from what it was. */
  if (record->state == MILL_RESOURCE_CHANGED && job->handler->update != NULL)
    {
      g_autoptr(JsonObject) actual = job->handler->read (job, error);

      if (actual == NULL)
        return FALSE;
      json_object_unref (job->properties);
      job->properties = mill_change_dup_wanted (job, actual);
      json_object_unref (record->properties);
      record->properties = g_steal_pointer (&actual);
    }
  other = mill_properties_differ (job->properties, record->properties);
  gone = mill_properties_differ (record->properties, job->properties);
  if (other == NULL && gone == NULL)
    return TRUE;
  ok = mill_change (job, &local);
  if (ok)
    {
      /* What was put back besides was never set. */
      json_object_unref (job->properties);
      job->properties = json_object_ref (set);
      json_object_unref (record->properties);
      record->properties = json_object_ref (set);
    }
  if (ok && mill_verify (job, &local))
    return TRUE;
  mill_record_set_error (job->record, local);
  g_free (job->record->wait_reason);
  job->record->wait_reason = g_strdup ("");
  mill_job_publish (job, local->message);
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

/* Made and, as far as is known, still there. */
static gboolean
is_made (const MillRecord *record)
{
  return record->state == MILL_RESOURCE_VERIFIED || record->state == MILL_RESOURCE_CHANGED;
}

static gboolean
do_piece (MillTask      *task,
          gpointer       data,
          GCancellable  *cancellable,
          GError       **error)
{
  Piece *piece = data;
  Build *build = piece->build;
  g_autoptr(MillRecord) record = mill_deployment_dup_record (build->deployment, piece->logical_id);
  g_autoptr(JsonObject) properties = NULL;
  g_autoptr(MillJob) job = NULL;
  MillResourceState state = record->state;
  gboolean ok = FALSE;

  properties = mill_plan_dup_properties (build->deployment, piece->logical_id, build->done, error);
  if (properties != NULL)
    {
      job = mill_job_new (build->deployment, g_steal_pointer (&record), properties, cancellable);
      job->resumed = state == MILL_RESOURCE_INTENDED || state == MILL_RESOURCE_MADE || state == MILL_RESOURCE_WAITING || state == MILL_RESOURCE_FAILED;
      ok = is_made (job->record) ? change (job, error)
                                  : mill_make (job, task, g_hash_table_contains (build->announced, piece->logical_id), error);
    }
  if (!ok)
    g_prefix_error (error, "%s: ", piece->logical_id);
  end_piece (build, piece->logical_id, ok);
  return ok;
}

static void
add_piece (MillSchedule *schedule,
           Build        *build,
           const char   *logical_id)
{
  Piece *piece;

  if (mill_schedule_contains (schedule, logical_id))
    return;
  piece = g_new0 (Piece, 1);
  piece->build = build;
  piece->logical_id = g_strdup (logical_id);
  mill_schedule_add (schedule, logical_id, do_piece, piece, piece_free);
}

/* Fills the schedule with what is to be made and changed for the steps up to @last. */
static void
plan (MillSchedule *schedule,
      Build        *build,
      guint         last)
{
  MillTutorial *tutorial = mill_deployment_get_tutorial (build->deployment);
  GPtrArray *resources = mill_template_get_resources (mill_tutorial_get_template (tutorial));
  GPtrArray *steps = mill_tutorial_get_steps (tutorial);

  for (guint i = 0; i <= last; i++)
    {
      MillStep *step = steps->pdata[i];
      const char *id = mill_step_get_id (step);
      gboolean already = mill_deployment_peek_step_state (build->deployment, id) == MILL_STEP_DONE;

      for (guint j = 0; j < resources->len; j++)
        {
          const MillTemplateResource *resource = resources->pdata[j];
          g_autoptr(MillRecord) record = mill_deployment_dup_record (build->deployment, resource->logical_id);
          gboolean makes = g_strv_contains (mill_step_get_resources (step), resource->logical_id);
          gboolean sets = mill_plan_step_sets (step, resource->logical_id);

          /* What was changed from outside is put right where its own step is asked for, not on the way to another. */
          gboolean changed = i == last && record->state == MILL_RESOURCE_CHANGED;

          if ((makes && (!is_made (record) || changed)) || (sets && (!already || !is_made (record) || changed)))
            {
              add_piece (schedule, build, resource->logical_id);
              count_piece (build, resource->logical_id, id);
            }
        }
    }
  for (guint i = 0; i < resources->len; i++)
    {
      const MillTemplateResource *resource = resources->pdata[i];

      for (guint j = 0; resource->depends_on[j] != NULL; j++)
        mill_schedule_add_need (schedule, resource->logical_id, resource->depends_on[j]);
    }
}

/*
 * The intents of all that was never made go to the disk at once, before the first call: one flush for a whole build. Each is written again
 * with all its properties when its turn comes, and after a power cut what it was made from tells how to find it. Nothing is seen of this.
 */
static gboolean
announce (Build         *build,
          MillSchedule  *schedule,
          GError       **error)
{
  g_autoptr(GPtrArray) records = mill_deployment_dup_records (build->deployment);

  for (guint i = 0; i < records->len; i++)
    {
      MillRecord *record = records->pdata[i];
      g_autofree char *name = NULL;

      if (!mill_schedule_contains (schedule, record->logical_id) || mill_record_may_exist (record))
        continue;
      name = mill_plan_dup_name (build->deployment, record->logical_id);
      mill_record_reset (record);
      mill_make_intent (record, build->deployment, name);
      mill_deployment_put_record (build->deployment, record);
      g_hash_table_add (build->announced, g_strdup (record->logical_id));
    }
  return mill_ledger_commit (mill_deployment_get_ledger (build->deployment), error);
}

/* What was announced and never begun is in the ledger again as it was. */
static void
take_back (Build *build)
{
  g_autoptr(GPtrArray) records = mill_deployment_dup_records (build->deployment);

  for (guint i = 0; i < records->len; i++)
    {
      MillRecord *record = records->pdata[i];

      if (g_hash_table_contains (build->announced, record->logical_id) && !mill_record_may_exist (record))
        mill_deployment_put_record (build->deployment, record);
    }
}

static gpointer
build_work (MillDeployment  *deployment,
            gpointer         data,
            GCancellable    *cancellable,
            GError         **error)
{
  const char *last_step = data;
  MillTutorial *tutorial = mill_deployment_get_tutorial (deployment);
  GPtrArray *steps = mill_tutorial_get_steps (tutorial);
  g_autoptr(MillSchedule) schedule = mill_schedule_new ();
  g_autoptr(Build) build = g_new0 (Build, 1);
  guint last = steps->len - 1;
  gboolean ok;

  build->deployment = deployment;
  g_mutex_init (&build->mutex);
  build->open = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  build->pieces = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_ptr_array_unref);
  build->announced = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  build->done = mill_plan_dup_done (deployment);
  for (guint i = 0; i < steps->len; i++)
    {
      g_hash_table_add (build->done, g_strdup (mill_step_get_id (steps->pdata[i])));
      if (g_strcmp0 (last_step, mill_step_get_id (steps->pdata[i])) == 0)
        {
          last = i;
          break;
        }
    }

  plan (schedule, build, last);
  mill_deployment_set_state (deployment, MILL_DEPLOYMENT_BUILDING);
  for (guint i = 0; i <= last; i++)
    if (g_hash_table_contains (build->open, mill_step_get_id (steps->pdata[i])))
      mill_deployment_set_step_state (deployment, mill_step_get_id (steps->pdata[i]), MILL_STEP_RUNNING);

  ok = announce (build, schedule, error) && mill_schedule_run (schedule, cancellable, error);
  take_back (build);
  for (guint i = 0; i <= last; i++)
    {
      const char *id = mill_step_get_id (steps->pdata[i]);
      MillStepState state = mill_deployment_peek_step_state (deployment, id);

      /* One that was under way when the program ended, and of which there was nothing left to do, is done. */
      if (state == MILL_STEP_RUNNING)
        mill_deployment_set_step_state (deployment, id, ok || !g_hash_table_contains (build->open, id) ? MILL_STEP_DONE : MILL_STEP_TO_DO);
      else if (ok && state == MILL_STEP_TO_DO && !mill_plan_step_cleans_up (steps->pdata[i]))
        mill_deployment_set_step_state (deployment, id, MILL_STEP_DONE);
    }
  mill_deployment_set_state (deployment, mill_plan_judge (deployment));
  return ok ? deployment : NULL;
}

static gboolean
check_buildable (MillDeployment  *deployment,
                 const char      *last_step,
                 GError         **error)
{
  MillTutorial *tutorial = mill_deployment_get_tutorial (deployment);
  GPtrArray *resources;

  if (tutorial == NULL)
    {
      g_set_error (error, MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_UNKNOWN, _("The tutorial %s is not there any more. What was built can still be cleaned up."),
                   mill_deployment_get_tutorial_id (deployment));
      return FALSE;
    }
  if (last_step != NULL && mill_tutorial_find_step (tutorial, last_step) == NULL)
    {
      g_set_error (error, MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_UNKNOWN, _("%s has no step “%s”."), mill_tutorial_get_id (tutorial), last_step);
      return FALSE;
    }
  resources = mill_template_get_resources (mill_tutorial_get_template (tutorial));
  for (guint i = 0; i < resources->len; i++)
    {
      const MillTemplateResource *resource = resources->pdata[i];
      g_autoptr(MillRecord) record = mill_deployment_dup_record (deployment, resource->logical_id);

      if (record != NULL && mill_record_may_exist (record) && json_object_has_member (record->notes, MILL_NOTE_FOUND))
        {
          g_set_error (error, MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_NOT_READY,
                       _("%s was found by its tags, and how it was set is not known: it can be taken down, but not built on."),
                       mill_deployment_get_id (deployment));
          return FALSE;
        }
      if (mill_handler_find (resource->type) == NULL)
        {
          g_set_error (error, MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_UNKNOWN, _("%s is an %s, which this version cannot make."),
                       resource->logical_id, resource->type);
          return FALSE;
        }
    }
  return TRUE;
}

void
mill_engine_build_async (MillEngine          *self,
                         MillDeployment      *deployment,
                         const char          *last_step,
                         GCancellable        *cancellable,
                         GAsyncReadyCallback  callback,
                         gpointer             user_data)
{
  g_autoptr(GError) error = NULL;

  if (!check_buildable (deployment, last_step, &error))
    {
      mill_engine_fail (self, g_steal_pointer (&error), mill_engine_build_async, cancellable, callback, user_data);
      return;
    }
  mill_engine_run (self, deployment, TRUE, build_work, g_strdup (last_step), g_free, NULL, mill_engine_build_async,
                   cancellable, callback, user_data);
}

gboolean
mill_engine_build_finish (MillEngine    *self,
                          GAsyncResult  *result,
                          GError       **error)
{
  return mill_engine_run_finish (self, result, mill_engine_build_async, error) != NULL;
}
