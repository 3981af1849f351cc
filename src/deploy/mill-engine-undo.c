/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "aws-json.h"
#include "mill-engine-private.h"

/* One undoing: which steps, and what is then left to be done. */
typedef struct {
  MillDeployment *deployment;
  GHashTable     *undone;    /* ids of the steps that are taken back */
  GHashTable     *kept;      /* ids of the steps that stay done */
} Undo;

typedef struct {
  Undo *undo;
  char *logical_id;
} Piece;

static void
piece_free (gpointer data)
{
  g_free (((Piece *) data)->logical_id);
  g_free (data);
}

static void
undo_free (Undo *undo)
{
  g_hash_table_unref (undo->undone);
  g_hash_table_unref (undo->kept);
  g_free (undo);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Undo, undo_free)

static gboolean
made_by_undone (MillTutorial *tutorial,
                const char   *logical_id,
                GHashTable   *undone)
{
  MillStep *maker = logical_id != NULL ? mill_tutorial_find_maker (tutorial, logical_id) : NULL;

  return maker != NULL && g_hash_table_contains (undone, mill_step_get_id (maker));
}

/* A step without resources of its own is about those that its actions use. */
static gboolean
acts_on_undone (MillTutorial *tutorial,
                MillStep     *step,
                GHashTable   *undone)
{
  GPtrArray *actions = mill_step_get_actions (step);
  GPtrArray *checks = mill_step_get_checks (step);

  for (guint i = 0; actions != NULL && i < actions->len; i++)
    if (made_by_undone (tutorial, ((const MillAction *) actions->pdata[i])->resource, undone))
      return TRUE;
  for (guint i = 0; checks != NULL && i < checks->len; i++)
    if (made_by_undone (tutorial, ((const MillCheck *) checks->pdata[i])->resource, undone))
      return TRUE;
  return FALSE;
}

/* Whether what @step makes, sets or does needs something that is made by a step in @undone. */
static gboolean
needs_undone (MillTutorial *tutorial,
              MillStep     *step,
              GHashTable   *undone)
{
  GPtrArray *resources = mill_template_get_resources (mill_tutorial_get_template (tutorial));
  GPtrArray *steps = mill_tutorial_get_steps (tutorial);

  if (!mill_plan_step_builds (step))
    return acts_on_undone (tutorial, step, undone);
  for (guint i = 0; i < resources->len; i++)
    {
      const MillTemplateResource *resource = resources->pdata[i];
      MillStep *maker = mill_tutorial_find_maker (tutorial, resource->logical_id);

      if (maker != step && !mill_plan_step_sets (step, resource->logical_id))
        continue;
      /* It changes something that goes. */
      if (maker != step && maker != NULL && g_hash_table_contains (undone, mill_step_get_id (maker)))
        return TRUE;
      if (maker != step)
        continue;
      for (guint j = 0; resource->depends_on[j] != NULL; j++)
        for (guint k = 0; k < steps->len; k++)
          if (g_hash_table_contains (undone, mill_step_get_id (steps->pdata[k])) &&
              (g_strv_contains (mill_step_get_resources (steps->pdata[k]), resource->depends_on[j]) ||
               mill_plan_step_sets (steps->pdata[k], resource->depends_on[j])))
            return TRUE;
    }
  return FALSE;
}

static gboolean
undo_piece (MillTask      *task,
            gpointer       data,
            GCancellable  *cancellable,
            GError       **error)
{
  Piece *piece = data;
  Undo *undo = piece->undo;
  MillTutorial *tutorial = mill_deployment_get_tutorial (undo->deployment);
  MillStep *maker = mill_tutorial_find_maker (tutorial, piece->logical_id);
  MillRecord *record = mill_deployment_dup_record (undo->deployment, piece->logical_id);
  g_autoptr(JsonObject) properties = NULL;
  g_autoptr(MillJob) job = NULL;
  gboolean ok;

  if (maker != NULL && g_hash_table_contains (undo->undone, mill_step_get_id (maker)))
    {
      properties = json_object_ref (record->properties);
      job = mill_job_new (undo->deployment, record, properties, cancellable);
      /* A tap on a topic goes with it. */
      ok = mill_tap_remove (undo->deployment, piece->logical_id, cancellable, error) && mill_remove (job, error) && mill_prove_gone (job, NULL, error);
    }
  else
    {
      properties = mill_plan_dup_properties (undo->deployment, piece->logical_id, undo->kept, error);
      if (properties == NULL)
        {
          mill_record_free (record);
          return FALSE;
        }
      job = mill_job_new (undo->deployment, record, properties, cancellable);
      ok = mill_change (job, error) && mill_verify (job, error);
    }
  if (!ok)
    g_prefix_error (error, "%s: ", piece->logical_id);
  return ok;
}

static void
plan (MillSchedule *schedule,
      Undo         *undo)
{
  MillTutorial *tutorial = mill_deployment_get_tutorial (undo->deployment);
  GPtrArray *resources = mill_template_get_resources (mill_tutorial_get_template (tutorial));
  GPtrArray *steps = mill_tutorial_get_steps (tutorial);

  for (guint i = 0; i < resources->len; i++)
    {
      const MillTemplateResource *resource = resources->pdata[i];
      g_autoptr(MillRecord) record = mill_deployment_dup_record (undo->deployment, resource->logical_id);
      gboolean touched = FALSE;
      Piece *piece;

      for (guint j = 0; j < steps->len; j++)
        touched = touched || (g_hash_table_contains (undo->undone, mill_step_get_id (steps->pdata[j])) &&
                              (g_strv_contains (mill_step_get_resources (steps->pdata[j]), resource->logical_id) ||
                               mill_plan_step_sets (steps->pdata[j], resource->logical_id)));
      if (!touched || !mill_record_may_exist (record))
        continue;
      piece = g_new0 (Piece, 1);
      piece->undo = undo;
      piece->logical_id = g_strdup (resource->logical_id);
      mill_schedule_add (schedule, resource->logical_id, undo_piece, piece, piece_free);
    }
  /* The other way round: what needs something goes before it. */
  for (guint i = 0; i < resources->len; i++)
    {
      const MillTemplateResource *resource = resources->pdata[i];

      for (guint j = 0; resource->depends_on[j] != NULL; j++)
        mill_schedule_add_need (schedule, resource->depends_on[j], resource->logical_id);
    }
}

static gpointer
undo_work (MillDeployment  *deployment,
           gpointer         data,
           GCancellable    *cancellable,
           GError         **error)
{
  const char *first = data;
  MillTutorial *tutorial = mill_deployment_get_tutorial (deployment);
  GPtrArray *steps = mill_tutorial_get_steps (tutorial);
  g_autoptr(MillSchedule) schedule = mill_schedule_new ();
  g_autoptr(Undo) undo = g_new0 (Undo, 1);
  gboolean begun = FALSE;
  gboolean ok;

  undo->deployment = deployment;
  undo->undone = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  undo->kept = mill_plan_dup_done (deployment);
  for (guint i = 0; i < steps->len; i++)
    {
      const char *id = mill_step_get_id (steps->pdata[i]);

      if (strcmp (id, first) == 0)
        begun = TRUE;
      if (!begun || (strcmp (id, first) != 0 && !needs_undone (tutorial, steps->pdata[i], undo->undone)))
        continue;
      g_hash_table_add (undo->undone, g_strdup (id));
      g_hash_table_remove (undo->kept, id);
    }
  plan (schedule, undo);
  mill_deployment_set_state (deployment, MILL_DEPLOYMENT_BUILDING);
  ok = mill_schedule_run (schedule, cancellable, error);
  for (guint i = 0; i < steps->len; i++)
    {
      const char *id = mill_step_get_id (steps->pdata[i]);

      if (g_hash_table_contains (undo->undone, id))
        mill_deployment_set_step_state (deployment, id, ok ? MILL_STEP_TO_DO : MILL_STEP_FAILED);
    }
  mill_deployment_set_state (deployment, mill_plan_judge (deployment));
  return ok ? deployment : NULL;
}

void
mill_engine_undo_async (MillEngine          *self,
                        MillDeployment      *deployment,
                        const char          *step,
                        GCancellable        *cancellable,
                        GAsyncReadyCallback  callback,
                        gpointer             user_data)
{
  MillTutorial *tutorial = mill_deployment_get_tutorial (deployment);

  if (tutorial == NULL || mill_tutorial_find_step (tutorial, step) == NULL)
    {
      mill_engine_fail (self, g_error_new (MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_UNKNOWN, _("%s has no step “%s” that could be undone."),
                                           mill_deployment_get_tutorial_id (deployment), step),
                        mill_engine_undo_async, cancellable, callback, user_data);
      return;
    }
  mill_engine_run (self, deployment, TRUE, undo_work, g_strdup (step), g_free, NULL, mill_engine_undo_async, cancellable, callback, user_data);
}

gboolean
mill_engine_undo_finish (MillEngine    *self,
                         GAsyncResult  *result,
                         GError       **error)
{
  return mill_engine_run_finish (self, result, mill_engine_undo_async, error) != NULL;
}
