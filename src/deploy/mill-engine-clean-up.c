/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "aws-json.h"
#include "mill-engine-private.h"
#include "mill-tagged.h"

#define FUNCTION_TYPE "AWS::Lambda::Function"
#define ROLE_TYPE "AWS::IAM::Role"
#define STAGE_TYPE "AWS::ApiGateway::Stage"
#define LOG_GROUP_TYPE "AWS::Logs::LogGroup"
#define NOTE_CREATED "Created"
/* The tag index lags behind; on AWS by up to some minutes. */
#define TAG_SECONDS 120
#define FIRST_PAUSE_MS 10
#define MOST_PAUSE_MS 5000

typedef struct _Clean Clean;

/* One resource that goes. */
typedef struct {
  Clean      *clean;
  char       *logical_id;
  char       *with;       /* the logical id of what it goes with, or NULL where it is deleted by itself */
  MillJob    *job;
  JsonObject *proof;
  GError     *error;
} Piece;

/* A log group that came along unasked. */
typedef struct {
  Clean      *clean;
  char       *group;
  char       *maker;      /* the function or stage */
  gint64      since;      /* milliseconds since 1970: an older group of that name is not ours; 0: any is */
  gboolean    found;
  gboolean    older;
  GError     *error;
} Logs;

struct _Clean {
  MillDeployment *deployment;
  GCancellable   *cancellable;
  GPtrArray      *pieces;
  GPtrArray      *logs;
  JsonObject     *tag_search;
  guint           tagged;     /* what the tag search still finds */
};

static void
piece_free (gpointer data)
{
  Piece *piece = data;

  g_free (piece->logical_id);
  g_free (piece->with);
  mill_job_free (piece->job);
  json_object_unref (piece->proof);
  g_clear_error (&piece->error);
  g_free (piece);
}

static void
logs_free (gpointer data)
{
  Logs *logs = data;

  g_free (logs->group);
  g_free (logs->maker);
  g_clear_error (&logs->error);
  g_free (logs);
}

static void
clean_free (Clean *clean)
{
  g_ptr_array_unref (clean->pieces);
  g_ptr_array_unref (clean->logs);
  g_clear_pointer (&clean->tag_search, json_object_unref);
  g_free (clean);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Clean, clean_free)

void
mill_cleanup_free (MillCleanup *self)
{
  if (self == NULL)
    return;
  json_object_unref (self->report);
  g_free (self);
}

static Piece *
find_piece (Clean      *clean,
            const char *logical_id)
{
  for (guint i = 0; i < clean->pieces->len; i++)
    if (g_strcmp0 (((Piece *) clean->pieces->pdata[i])->logical_id, logical_id) == 0)
      return clean->pieces->pdata[i];
  return NULL;
}

/* What really is deleted when @piece goes: itself, or what it is a part of. */
static Piece *
carrier (Clean *clean,
         Piece *piece)
{
  while (piece->with != NULL)
    piece = find_piece (clean, piece->with);
  return piece;
}

static gboolean
delete_piece (MillTask      *task,
              gpointer       data,
              GCancellable  *cancellable,
              GError       **error)
{
  Piece *piece = data;

  if (mill_remove (piece->job, &piece->error))
    return TRUE;
  g_propagate_error (error, g_error_copy (piece->error));
  return FALSE;
}

static gboolean
prove_piece (MillTask      *task,
             gpointer       data,
             GCancellable  *cancellable,
             GError       **error)
{
  Piece *piece = data;

  /* What something else has the name of is not asked: the answer would be that one's. */
  piece->job->replaced = carrier (piece->clean, piece)->job->replaced;
  if (mill_prove_gone (piece->job, piece->proof, &piece->error))
    return TRUE;
  g_propagate_error (error, g_error_copy (piece->error));
  return FALSE;
}

/* Whether there was a group of that name before the function; what cannot be known counts as no. */
static gboolean
is_older (Logs         *logs,
          AwsClient    *client,
          GCancellable *cancellable)
{
  g_autoptr(JsonObject) parameters = mill_properties_build ("logGroupNamePrefix:s", logs->group, NULL);
  g_autoptr(JsonArray) groups = NULL;

  if (logs->since == 0)
    return FALSE;
  groups = aws_client_collect (client, "logs:DescribeLogGroups", parameters, cancellable, NULL);
  for (guint i = 0; groups != NULL && i < json_array_get_length (groups); i++)
    {
      JsonObject *group = mill_array_get_object (groups, i);

      if (group != NULL && g_strcmp0 (aws_json_get_string (group, "logGroupName"), logs->group) == 0)
        return aws_json_get_int (group, "creationTime", G_MAXINT64) < logs->since;
    }
  return FALSE;
}

/* Functions write to them late, so they go after function and role, and are looked for again at the end. */
static gboolean
delete_logs (MillTask      *task,
             gpointer       data,
             GCancellable  *cancellable,
             GError       **error)
{
  Logs *logs = data;
  AwsClient *client = mill_target_get_client (mill_deployment_get_target (logs->clean->deployment));
  g_autoptr(JsonObject) parameters = mill_properties_build ("logGroupName:s", logs->group, NULL);
  g_autoptr(JsonObject) answer = NULL;
  g_autoptr(GError) local = NULL;

  aws_call_log_set_subject (logs->maker);
  logs->older = is_older (logs, client, cancellable);
  if (logs->older)
    return TRUE;
  answer = aws_client_call (client, "logs:DeleteLogGroup", parameters, NULL, &local);
  g_clear_error (&logs->error);
  logs->found = logs->found || answer != NULL;
  if (answer == NULL && !mill_error_is_gone (local))
    {
      logs->error = g_error_copy (local);
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  return TRUE;
}

static AwsWait
check_untagged (JsonObject    *result,
                const GError  *error,
                GError       **failure,
                gpointer       user_data)
{
  JsonArray *list = result != NULL ? aws_json_get_array (result, "ResourceTagMappingList") : NULL;

  if (result == NULL)
    return AWS_WAIT_FAILED;
  return list == NULL || json_array_get_length (list) == 0 ? AWS_WAIT_DONE : AWS_WAIT_AGAIN;
}

/* The second proof: nothing in the region bears our tag. What the search still shows although it was proved gone is said, as AWS's index lags. */
static gboolean
search_tags (MillTask      *task,
             gpointer       data,
             GCancellable  *cancellable,
             GError       **error)
{
  Clean *clean = data;
  AwsClient *client = mill_target_get_client (mill_deployment_get_target (clean->deployment));
  JsonObject *filter = mill_properties_build ("Key:s", MILL_TAG_DEPLOYMENT, "Values:a",
                                              mill_array_new (mill_deployment_get_id (clean->deployment), NULL), NULL);
  g_autoptr(JsonObject) parameters = json_object_new ();
  g_autoptr(JsonObject) answer = NULL;
  g_autoptr(JsonArray) left = NULL;
  g_autoptr(GError) local = NULL;
  JsonArray *filters = json_array_new ();

  json_array_add_object_element (filters, filter);
  json_object_set_array_member (parameters, "TagFilters", filters);
  aws_call_log_set_subject (NULL);
  answer = aws_client_wait (client, "resourcegroupstaggingapi:GetResources", parameters, FIRST_PAUSE_MS, MOST_PAUSE_MS, TAG_SECONDS * 1000,
                            check_untagged, NULL, cancellable, &local);
  if (answer != NULL)
    {
      clean->tag_search = mill_properties_build ("empty:b", TRUE, "requestId:s", aws_call_log_get_request_id (), NULL);
      return TRUE;
    }
  left = aws_client_collect (client, "resourcegroupstaggingapi:GetResources", parameters, cancellable, NULL);
  clean->tagged = left != NULL ? json_array_get_length (left) : 0;
  clean->tag_search = mill_properties_build ("empty:b", FALSE, "error:s", local->message, "found:a", g_steal_pointer (&left), NULL);
  return TRUE;
}

/* The piece whose id @piece's parent property names; NULL where that is not going. */
static Piece *
find_parent (Clean *clean,
             Piece *piece)
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
      Piece *other = clean->pieces->pdata[i];

      if (other != piece && (strcmp (other->job->record->physical_id, id) == 0 || strcmp (other->job->record->arn, id) == 0))
        return other;
    }
  return NULL;
}

/* Every resource that may exist, and what each goes with. */
static void
collect (Clean *clean)
{
  g_autoptr(GPtrArray) records = mill_deployment_dup_records (clean->deployment);

  for (guint i = 0; i < records->len; i++)
    {
      MillRecord *record = records->pdata[i];
      Piece *piece;

      if (!mill_record_may_exist (record) || mill_handler_find (record->type) == NULL)
        continue;
      piece = g_new0 (Piece, 1);
      piece->clean = clean;
      piece->logical_id = g_strdup (record->logical_id);
      piece->job = mill_job_new (clean->deployment, mill_record_copy (record), NULL, clean->cancellable);
      piece->proof = json_object_new ();
      g_ptr_array_add (clean->pieces, piece);
    }
  for (guint i = 0; i < clean->pieces->len; i++)
    {
      Piece *piece = clean->pieces->pdata[i];
      Piece *parent = find_parent (clean, piece);

      if (parent != NULL)
        piece->with = g_strdup (parent->logical_id);
    }
}

static gboolean
has_own_group (Clean      *clean,
               const char *group)
{
  for (guint i = 0; i < clean->pieces->len; i++)
    {
      MillRecord *record = ((Piece *) clean->pieces->pdata[i])->job->record;

      if (strcmp (record->type, LOG_GROUP_TYPE) == 0 && strcmp (record->name, group) == 0)
        return TRUE;
    }
  return FALSE;
}

/* "2026-01-31T12:34:56.789+0000" in milliseconds since 1970; 0 where it is not a time. */
static gint64
parse_time (const char *text)
{
  g_autoptr(GDateTime) time = text != NULL ? g_date_time_new_from_iso8601 (text, NULL) : NULL;

  return time != NULL ? g_date_time_to_unix (time) * 1000 + g_date_time_get_microsecond (time) / 1000 : 0;
}

static void
collect_logs (Clean *clean)
{
  for (guint i = 0; i < clean->pieces->len; i++)
    {
      MillRecord *record = ((Piece *) clean->pieces->pdata[i])->job->record;
      g_autofree char *group = NULL;
      gint64 since = 0;
      Logs *logs;

      if (strcmp (record->type, FUNCTION_TYPE) == 0 && *record->physical_id != '\0')
        {
          group = g_strconcat ("/aws/lambda/", record->name, NULL);
          since = parse_time (aws_json_get_string (record->notes, NOTE_CREATED));
        }
      else if (strcmp (record->type, STAGE_TYPE) == 0 && aws_json_get_string (record->properties, "RestApiId") != NULL)
        group = g_strdup_printf ("API-Gateway-Execution-Logs_%s/%s", aws_json_get_string (record->properties, "RestApiId"), record->name);
      if (group == NULL || has_own_group (clean, group))
        continue;
      logs = g_new0 (Logs, 1);
      logs->clean = clean;
      logs->group = g_steal_pointer (&group);
      logs->since = since;
      logs->maker = g_strdup (record->logical_id);
      g_ptr_array_add (clean->logs, logs);
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
depends_on (Clean      *clean,
            Piece      *piece,
            Piece      *other)
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
delete_all (Clean   *clean,
            GError **error)
{
  g_autoptr(MillSchedule) schedule = mill_schedule_new ();

  for (guint i = 0; i < clean->pieces->len; i++)
    {
      Piece *piece = clean->pieces->pdata[i];

      if (piece->with == NULL)
        mill_schedule_add (schedule, piece->logical_id, delete_piece, piece, NULL);
    }
  for (guint i = 0; i < clean->logs->len; i++)
    {
      Logs *logs = clean->logs->pdata[i];

      mill_schedule_add (schedule, logs->group, delete_logs, logs, NULL);
    }

  /* What needs something goes before it. */
  for (guint i = 0; i < clean->pieces->len; i++)
    for (guint j = 0; j < clean->pieces->len; j++)
      if (i != j && depends_on (clean, clean->pieces->pdata[i], clean->pieces->pdata[j]))
        mill_schedule_add_need (schedule, carrier (clean, clean->pieces->pdata[j])->logical_id, carrier (clean, clean->pieces->pdata[i])->logical_id);
  for (guint i = 0; i < clean->logs->len; i++)
    {
      Logs *logs = clean->logs->pdata[i];
      Piece *maker = find_piece (clean, logs->maker);

      mill_schedule_add_need (schedule, logs->group, carrier (clean, maker)->logical_id);
      for (guint j = 0; j < clean->pieces->len; j++)
        {
          Piece *other = clean->pieces->pdata[j];

          if (strcmp (other->job->record->type, ROLE_TYPE) == 0 && depends_on (clean, maker, other))
            mill_schedule_add_need (schedule, logs->group, other->logical_id);
        }
    }
  return mill_schedule_run (schedule, clean->cancellable, error);
}

static gboolean
prove_all (Clean   *clean,
           GError **error)
{
  g_autoptr(MillSchedule) schedule = mill_schedule_new ();

  for (guint i = 0; i < clean->pieces->len; i++)
    {
      Piece *piece = clean->pieces->pdata[i];

      /* What could not be deleted needs no proof. */
      if (carrier (clean, piece)->error == NULL && carrier (clean, piece)->job->record->state == MILL_RESOURCE_DELETING)
        mill_schedule_add (schedule, piece->logical_id, prove_piece, piece, NULL);
    }
  for (guint i = 0; i < clean->logs->len; i++)
    {
      Logs *logs = clean->logs->pdata[i];

      mill_schedule_add (schedule, logs->group, delete_logs, logs, NULL);
    }
  return mill_schedule_run (schedule, clean->cancellable, error);
}

static gboolean
prove_by_tags (Clean   *clean,
               GError **error)
{
  g_autoptr(MillSchedule) schedule = mill_schedule_new ();

  mill_schedule_add (schedule, "tags", search_tags, clean, NULL);
  return mill_schedule_run (schedule, clean->cancellable, error);
}

static void
set_time (JsonObject *object,
          const char *name,
          gint64      microseconds)
{
  g_autoptr(GDateTime) time = NULL;
  g_autofree char *text = NULL;

  if (microseconds == 0)
    return;
  time = g_date_time_new_from_unix_utc (microseconds / G_USEC_PER_SEC);
  text = g_date_time_format_iso8601 (time);
  json_object_set_string_member (object, name, text);
}

static const char *
why_left (Clean *clean,
          Piece *piece)
{
  Piece *by = carrier (clean, piece);

  if (piece->error != NULL)
    return piece->error->message;
  return by->error != NULL ? by->error->message : _("something that needs it could not be deleted");
}

static MillCleanup *
report (Clean  *clean,
        gint64  started)
{
  MillTarget *target = mill_deployment_get_target (clean->deployment);
  MillCleanup *cleanup = g_new0 (MillCleanup, 1);
  JsonArray *resources = json_array_new ();
  JsonArray *groups = json_array_new ();
  JsonArray *left = json_array_new ();

  for (guint i = 0; i < clean->pieces->len; i++)
    {
      Piece *piece = clean->pieces->pdata[i];
      MillRecord *record = piece->job->record;
      gboolean gone = record->state == MILL_RESOURCE_DELETED;
      JsonObject *object = mill_properties_build ("logicalId:s", record->logical_id, "type:s", record->type, "name:s", record->name,
                                                  "physicalId:s", record->physical_id, "arn:s", record->arn,
                                                  "state:s", mill_resource_state_to_string (record->state), "deletedWith:s", piece->with,
                                                  "requestId:s", record->request_id,
                                                  "pendingConfirmation:s", aws_json_get_string (record->notes, "PendingConfirmation"),
                                                  "proof:o", json_object_ref (piece->proof), NULL);

      set_time (object, "made", record->made_at);
      set_time (object, "deleted", record->deleted_at);
      json_array_add_object_element (resources, object);
      cleanup->deleted += gone && !piece->job->handler->borrowed ? 1 : 0;
      cleanup->verified += gone && !piece->job->handler->borrowed ? 1 : 0;
      if (!gone)
        json_array_add_object_element (left, mill_properties_build ("logicalId:s", record->logical_id, "why:s", why_left (clean, piece), NULL));
    }
  for (guint i = 0; i < clean->logs->len; i++)
    {
      Logs *logs = clean->logs->pdata[i];

      json_array_add_object_element (groups, mill_properties_build ("logGroup:s", logs->group, "of:s", logs->maker, "deleted:b", logs->found, "olderThanFunction:b", logs->older,
                                                                    "error:s", logs->error != NULL ? logs->error->message : NULL, NULL));
      if (logs->error != NULL)
        json_array_add_object_element (left, mill_properties_build ("logicalId:s", logs->group, "why:s", logs->error->message, NULL));
    }
  cleanup->left = json_array_get_length (left);
  cleanup->report = mill_properties_build ("deployment:s", mill_deployment_get_id (clean->deployment),
                                           "tutorial:s", mill_deployment_get_tutorial_id (clean->deployment),
                                           "target:s", mill_target_get_spec (target), "region:s", mill_target_get_region (target),
                                           "account:s", mill_deployment_get_account (clean->deployment),
                                           "deleted:i", (int) cleanup->deleted, "verified:i", (int) cleanup->verified,
                                           "resources:a", resources, "logGroups:a", groups, "left:a", left,
                                           "tagSearch:o", clean->tag_search != NULL ? json_object_ref (clean->tag_search) : NULL, NULL);
  set_time (cleanup->report, "started", started);
  set_time (cleanup->report, "ended", g_get_real_time ());
  return cleanup;
}

/* The deployment as it is after a clean-up. */
static void
settle (Clean       *clean,
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
  gint64 started = g_get_real_time ();
  g_autoptr(Clean) clean = g_new0 (Clean, 1);
  g_autoptr(GError) local = NULL;
  MillCleanup *cleanup;
  gboolean stopped;

  clean->deployment = deployment;
  clean->cancellable = cancellable;
  clean->pieces = g_ptr_array_new_with_free_func (piece_free);
  clean->logs = g_ptr_array_new_with_free_func (logs_free);
  mill_deployment_set_state (deployment, MILL_DEPLOYMENT_CLEANING);
  /* What cannot be asked now is asked for again when it is its turn. */
  mill_reconcile (deployment, cancellable, NULL);
  collect (clean);
  collect_logs (clean);

  /* Each goes as far as it can; what is in the way is told at the end. */
  delete_all (clean, &local);
  stopped = g_cancellable_is_cancelled (cancellable);
  if (!stopped)
    {
      prove_all (clean, local == NULL ? &local : NULL);
      stopped = g_cancellable_is_cancelled (cancellable);
    }
  if (!stopped && local == NULL)
    {
      prove_by_tags (clean, &local);
      stopped = g_cancellable_is_cancelled (cancellable);
    }

  cleanup = report (clean, started);
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
