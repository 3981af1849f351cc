/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-clean-up-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "aws-json.h"
#include "mill-tagged.h"

#define FUNCTION_TYPE "AWS::Lambda::Function"
#define ROLE_TYPE "AWS::IAM::Role"
/* At once; each waits for its answer most of the time. */
#define MOST_CALLS 16

static void
piece_free (gpointer data)
{
  MillCleanPiece *piece = data;

  g_free (piece->logical_id);
  g_free (piece->with);
  mill_job_free (piece->job);
  json_object_unref (piece->proof);
  g_clear_error (&piece->error);
  g_free (piece);
}

static void
clean_free (MillClean *clean)
{
  g_ptr_array_unref (clean->pieces);
  g_ptr_array_unref (clean->logs);
  g_clear_pointer (&clean->tag_search, json_object_unref);
  g_free (clean);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MillClean, clean_free)

void
mill_cleanup_free (MillCleanup *self)
{
  if (self == NULL)
    return;
  json_object_unref (self->report);
  g_free (self);
}

MillCleanPiece *
mill_clean_find_piece (MillClean  *self,
                       const char *logical_id)
{
  for (guint i = 0; i < self->pieces->len; i++)
    if (g_strcmp0 (((MillCleanPiece *) self->pieces->pdata[i])->logical_id, logical_id) == 0)
      return self->pieces->pdata[i];
  return NULL;
}

MillCleanPiece *
mill_clean_piece_carrier (MillCleanPiece *piece)
{
  while (piece->with != NULL)
    piece = mill_clean_find_piece (piece->clean, piece->with);
  return piece;
}

MillCleanPiece *
mill_clean_add_piece (MillClean  *self,
                      MillRecord *record)
{
  MillCleanPiece *piece = g_new0 (MillCleanPiece, 1);

  piece->clean = self;
  piece->logical_id = g_strdup (record->logical_id);
  piece->was_gone = record->state == MILL_RESOURCE_DELETED;
  piece->job = mill_job_new (self->deployment, record, NULL, self->cancellable);
  piece->proof = json_object_new ();
  g_ptr_array_add (self->pieces, piece);
  return piece;
}

static gboolean
look_at_piece (MillTask      *task,
               gpointer       data,
               GCancellable  *cancellable,
               GError       **error)
{
  MillCleanPiece *piece = data;

  if (mill_look (piece->job, &piece->error))
    return TRUE;
  g_propagate_error (error, g_error_copy (piece->error));
  g_prefix_error (error, "%s: ", piece->logical_id);
  return FALSE;
}

static gboolean
delete_piece (MillTask      *task,
              gpointer       data,
              GCancellable  *cancellable,
              GError       **error)
{
  MillCleanPiece *piece = data;

  if (mill_remove (piece->job, &piece->error))
    return TRUE;
  g_propagate_error (error, g_error_copy (piece->error));
  g_prefix_error (error, "%s: ", piece->logical_id);
  return FALSE;
}

/* What an earlier clean-up deleted, and is there all the same (AWS makes some things again), is deleted once more. */
static gboolean
take_again (MillCleanPiece *piece)
{
  MillJob *job = piece->job;
  g_autoptr(JsonObject) actual = NULL;

  if (*job->record->physical_id != '\0' && !job->replaced && !job->handler->borrowed)
    actual = job->handler->read (job, NULL);
  return actual == NULL || mill_remove (job, &piece->error);
}

static gboolean
prove_piece (MillTask      *task,
             gpointer       data,
             GCancellable  *cancellable,
             GError       **error)
{
  MillCleanPiece *piece = data;

  /* What something else has the name of is not asked: the answer would be that one's. */
  piece->job->replaced = mill_clean_piece_carrier (piece)->job->replaced;
  if ((!piece->was_gone || take_again (piece)) && mill_prove_gone (piece->job, piece->proof, &piece->error))
    return TRUE;
  g_propagate_error (error, g_error_copy (piece->error));
  return FALSE;
}

/* What was still shown for a while after it was deleted is asked for once more, after everything else. */
static gboolean
prove_again (MillTask      *task,
             gpointer       data,
             GCancellable  *cancellable,
             GError       **error)
{
  MillCleanPiece *piece = data;
  JsonObject *again = json_object_new ();

  json_object_set_object_member (piece->proof, "again", again);
  if (mill_prove_gone (piece->job, again, &piece->error))
    return TRUE;
  g_propagate_error (error, g_error_copy (piece->error));
  return FALSE;
}

/* The piece whose id @piece's parent property names; NULL where that is not going. */
static MillCleanPiece *
find_parent (MillClean      *clean,
             MillCleanPiece *piece)
{
  const char *property = piece->job->handler->parent_property;
  JsonNode *node = property != NULL ? json_object_get_member (piece->job->properties, property) : NULL;
  const char *id = NULL;

  if (node != NULL && JSON_NODE_HOLDS_VALUE (node))
    id = json_node_get_string (node);
  else if (node != NULL && JSON_NODE_HOLDS_ARRAY (node) && json_array_get_length (json_node_get_array (node)) == 1)
    id = mill_array_get (json_node_get_array (node), 0);
  for (guint i = 0; id != NULL && *id != '\0' && i < clean->pieces->len; i++)
    {
      MillCleanPiece *other = clean->pieces->pdata[i];

      if (other != piece && (strcmp (other->job->record->physical_id, id) == 0 || strcmp (other->job->record->arn, id) == 0))
        return other;
    }
  return NULL;
}

/* Every resource that ever was intended, and what each goes with. */
static void
collect (MillClean *clean)
{
  g_autoptr(GPtrArray) records = mill_deployment_dup_records (clean->deployment);

  for (guint i = 0; i < records->len; i++)
    {
      MillRecord *record = records->pdata[i];

      if (record->state != MILL_RESOURCE_PLANNED && mill_handler_find (record->type) != NULL)
        mill_clean_add_piece (clean, mill_record_copy (record));
    }
  for (guint i = 0; i < clean->pieces->len; i++)
    {
      MillCleanPiece *piece = clean->pieces->pdata[i];
      MillCleanPiece *parent = find_parent (clean, piece);

      if (parent != NULL)
        piece->with = g_strdup (parent->logical_id);
    }
}

/* Which goes first where nothing else is known of two things, as of those that were found by their tags. */
static guint
rank (const char *type)
{
  static const char *const order[] = {
    "AWS::Lambda::EventSourceMapping", "AWS::ApiGateway::RestApi", FUNCTION_TYPE, ROLE_TYPE, "AWS::IAM::ManagedPolicy",
  };
  guint i = 0;

  while (i < G_N_ELEMENTS (order) && strcmp (order[i], type) != 0)
    i++;
  return i;
}

/* What @logical_id was made from: the template's word, or where the tutorial is gone, what its properties mention. */
static gboolean
depends_on (MillClean      *clean,
            MillCleanPiece *piece,
            MillCleanPiece *other)
{
  MillTutorial *tutorial = mill_deployment_get_tutorial (clean->deployment);
  const MillTemplateResource *resource = tutorial != NULL ? mill_template_get_resource (mill_tutorial_get_template (tutorial), piece->logical_id) : NULL;
  g_autofree char *text = NULL;
  const char *id = other->job->record->physical_id;
  const char *arn = other->job->record->arn;

  if (resource != NULL)
    return g_strv_contains ((const char *const *) resource->depends_on, other->logical_id);
  if (json_object_has_member (piece->job->record->notes, MILL_NOTE_FOUND))
    return rank (piece->job->record->type) < rank (other->job->record->type);
  text = aws_json_object_to_text (piece->job->properties);
  return (*id != '\0' && strstr (text, id) != NULL) || (*arn != '\0' && strstr (text, arn) != NULL);
}

static gboolean
delete_all (MillClean  *clean,
            GError    **error)
{
  g_autoptr(MillSchedule) schedule = mill_schedule_new ();

  for (guint i = 0; i < clean->pieces->len; i++)
    {
      MillCleanPiece *piece = clean->pieces->pdata[i];

      g_autofree char *look = g_strdup_printf ("look at %s", piece->logical_id);

      if (piece->with != NULL || piece->was_gone)
        continue;
      mill_schedule_add (schedule, piece->logical_id, delete_piece, piece, NULL);
      /* All are looked at while the first go: whether they are ours does not hang on what goes before them. */
      mill_schedule_add (schedule, look, look_at_piece, piece, NULL);
      mill_schedule_add_need (schedule, piece->logical_id, look);
    }
  mill_schedule_set_most (schedule, MOST_CALLS);
  for (guint i = 0; i < clean->logs->len; i++)
    {
      MillCleanLogs *logs = clean->logs->pdata[i];

      mill_schedule_add (schedule, logs->group, mill_clean_delete_logs, logs, NULL);
    }

  /* What needs something goes before it. */
  for (guint i = 0; i < clean->pieces->len; i++)
    for (guint j = 0; j < clean->pieces->len; j++)
      if (i != j && depends_on (clean, clean->pieces->pdata[i], clean->pieces->pdata[j]))
        mill_schedule_add_need (schedule, mill_clean_piece_carrier (clean->pieces->pdata[j])->logical_id,
                                mill_clean_piece_carrier (clean->pieces->pdata[i])->logical_id);
  for (guint i = 0; i < clean->logs->len; i++)
    {
      MillCleanLogs *logs = clean->logs->pdata[i];

      mill_schedule_add_need (schedule, logs->group, mill_clean_piece_carrier (logs->maker)->logical_id);
      for (guint j = 0; j < clean->pieces->len; j++)
        {
          MillCleanPiece *other = clean->pieces->pdata[j];

          if (strcmp (other->job->record->type, ROLE_TYPE) == 0 && depends_on (clean, logs->maker, other))
            mill_schedule_add_need (schedule, logs->group, other->logical_id);
        }
    }
  return mill_schedule_run (schedule, clean->cancellable, error);
}

static gboolean
prove_all (MillClean  *clean,
           GError    **error)
{
  g_autoptr(MillSchedule) schedule = mill_schedule_new ();

  for (guint i = 0; i < clean->pieces->len; i++)
    {
      MillCleanPiece *piece = clean->pieces->pdata[i];
      MillCleanPiece *by = mill_clean_piece_carrier (piece);

      /* What could not be deleted needs no proof. */
      if (by->error == NULL && (by->was_gone || by->job->record->state == MILL_RESOURCE_DELETING))
        mill_schedule_add (schedule, piece->logical_id, prove_piece, piece, NULL);
    }
  mill_schedule_set_most (schedule, MOST_CALLS);
  return mill_schedule_run (schedule, clean->cancellable, error);
}

/* The search by tags, and meanwhile, what AWS deletes slowly, and what may have been made again. */
static gboolean
prove_later (MillClean  *clean,
             gboolean    all_gone,
             GError    **error)
{
  g_autoptr(MillSchedule) schedule = mill_schedule_new ();

  if (all_gone)
    mill_schedule_add (schedule, "tags", mill_clean_search_tags, clean, NULL);
  for (guint i = 0; i < clean->pieces->len; i++)
    {
      MillCleanPiece *piece = clean->pieces->pdata[i];

      if (piece->job->slow && piece->error == NULL)
        mill_schedule_add (schedule, piece->logical_id, prove_again, piece, NULL);
    }
  for (guint i = 0; i < clean->logs->len; i++)
    {
      MillCleanLogs *logs = clean->logs->pdata[i];

      mill_schedule_add (schedule, logs->group, mill_clean_delete_logs, logs, NULL);
    }
  return mill_schedule_run (schedule, clean->cancellable, error);
}

/* The deployment as it is after a clean-up. */
static void
settle (MillClean   *clean,
        MillCleanup *cleanup,
        gboolean     stopped)
{
  MillDeployment *deployment = clean->deployment;
  MillTutorial *tutorial = mill_deployment_get_tutorial (deployment);
  GPtrArray *steps = tutorial != NULL ? mill_tutorial_get_steps (tutorial) : NULL;
  g_autofree char *text = aws_json_object_to_text (cleanup->report);

  mill_ledger_queue (mill_deployment_get_ledger (deployment), "INSERT INTO report (deployment, time, left, report) VALUES (?, ?, ?, ?)", "siis",
                     mill_deployment_get_id (deployment), g_get_real_time (), (gint64) cleanup->left, text);
  for (guint i = 0; steps != NULL && i < steps->len; i++)
    {
      const char *id = mill_step_get_id (steps->pdata[i]);
      MillStepState state = cleanup->left == 0 && mill_plan_step_cleans_up (steps->pdata[i]) ? MILL_STEP_DONE : MILL_STEP_TO_DO;

      if (mill_deployment_peek_step_state (deployment, id) != state)
        mill_deployment_set_step_state (deployment, id, state);
    }
  if (cleanup->left == 0)
    mill_deployment_set_state (deployment, MILL_DEPLOYMENT_CLEANED);
  else
    mill_deployment_set_state (deployment, stopped ? MILL_DEPLOYMENT_PARTIAL : MILL_DEPLOYMENT_FAILED);
}

gpointer
mill_clean_up_work (MillDeployment  *deployment,
                    gpointer         data,
                    GCancellable    *cancellable,
                    GError         **error)
{
  g_autoptr(MillClean) clean = g_new0 (MillClean, 1);
  g_autoptr(GError) local = NULL;
  MillCleanup *cleanup;
  gboolean stopped;

  clean->started = g_get_real_time ();
  clean->deployment = deployment;
  clean->cancellable = cancellable;
  clean->pieces = g_ptr_array_new_with_free_func (piece_free);
  clean->logs = g_ptr_array_new_with_free_func (mill_clean_logs_free);
  mill_deployment_set_state (deployment, MILL_DEPLOYMENT_CLEANING);
  /* What cannot be asked now is asked for again when it is its turn. */
  mill_reconcile (deployment, cancellable, NULL);
  collect (clean);
  mill_clean_collect_logs (clean);

  /* Each goes as far as it can; what is in the way is told at the end. */
  delete_all (clean, &local);
  stopped = g_cancellable_is_cancelled (cancellable);
  if (!stopped)
    {
      prove_all (clean, local == NULL ? &local : NULL);
      stopped = g_cancellable_is_cancelled (cancellable);
    }
  if (!stopped)
    {
      gboolean all_gone = local == NULL;

      prove_later (clean, all_gone, all_gone ? &local : NULL);
      stopped = g_cancellable_is_cancelled (cancellable);
    }

  cleanup = mill_clean_report (clean);
  settle (clean, cleanup, stopped);
  if (stopped)
    g_cancellable_set_error_if_cancelled (cancellable, error);
  else if (cleanup->left > 0)
    g_set_error (error, MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_LEFT,
                 g_dngettext (GETTEXT_PACKAGE, "%u thing of %s could not be deleted: %s", "%u things of %s could not be deleted, the first: %s", cleanup->left),
                 cleanup->left, mill_deployment_get_id (deployment), local != NULL ? local->message : "");
  return cleanup;
}

void
mill_engine_clean_up_async (MillEngine          *self,
                            MillDeployment      *deployment,
                            GCancellable        *cancellable,
                            GAsyncReadyCallback  callback,
                            gpointer             user_data)
{
  mill_engine_run (self, deployment, TRUE, mill_clean_up_work, NULL, NULL, (GDestroyNotify) mill_cleanup_free, mill_engine_clean_up_async,
                   cancellable, callback, user_data);
}

MillCleanup *
mill_engine_clean_up_finish (MillEngine    *self,
                             GAsyncResult  *result,
                             GError       **error)
{
  return mill_engine_run_finish (self, result, mill_engine_clean_up_async, error);
}
