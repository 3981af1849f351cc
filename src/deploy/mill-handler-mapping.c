/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-handler.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "aws-json.h"

/* Lambda API reference: CreateEventSourceMapping, GetEventSourceMapping, UpdateEventSourceMapping, DeleteEventSourceMapping. */

static const MillMember members[] = {
  { "BatchSize", "BatchSize", 'n' },
  { "MaximumBatchingWindowInSeconds", "MaximumBatchingWindowInSeconds", 'n' },
  { "FunctionResponseTypes", "FunctionResponseTypes", 'n' },
  { "FilterCriteria", "FilterCriteria", 'n' },
  { "MaximumRetryAttempts", "MaximumRetryAttempts", 'n' },
  { "MaximumRecordAgeInSeconds", "MaximumRecordAgeInSeconds", 'n' },
  { "BisectBatchOnFunctionError", "BisectBatchOnFunctionError", 'n' },
  { "ParallelizationFactor", "ParallelizationFactor", 'n' },
  { "DestinationConfig", "DestinationConfig", 'n' },
  { "ScalingConfig", "ScalingConfig", 'n' },
  { NULL }
};

/* These cannot be changed later. */
static const MillMember first_members[] = {
  { "EventSourceArn", "EventSourceArn", 'n' },
  { "StartingPosition", "StartingPosition", 'n' },
  { NULL }
};

static JsonObject *
id_parameters (MillJob *job)
{
  return mill_properties_build ("UUID:s", job->record->physical_id, NULL);
}

static void
set_ids (MillJob    *job,
         JsonObject *mapping)
{
  const char *uuid = aws_json_get_string (mapping, "UUID");
  const char *arn = aws_json_get_string (mapping, "EventSourceMappingArn");
  g_autofree char *resource = g_strconcat ("event-source-mapping:", uuid != NULL ? uuid : "", NULL);
  g_autofree char *own_arn = mill_job_dup_arn (job, "lambda", resource);

  mill_job_set_id (job, uuid, arn != NULL ? arn : own_arn);
  mill_job_set_attribute (job, "Id", uuid);
  mill_job_set_attribute (job, "EventSourceMappingArn", arn != NULL ? arn : own_arn);
}

static JsonObject *
describe (MillJob    *job,
          JsonObject *mapping)
{
  JsonObject *actual = json_object_new ();
  const char *wanted = mill_job_get (job, "FunctionName");
  const char *arn = aws_json_get_string (mapping, "FunctionArn");
  const char *state = aws_json_get_string (mapping, "State");
  const char *colon = arn != NULL ? strrchr (arn, ':') : NULL;

  mill_properties_from_answer (mapping, first_members, actual);
  mill_properties_from_answer (mapping, members, actual);
  /* A name or an ARN was asked for; an ARN is answered. */
  if (g_strcmp0 (wanted, arn) == 0 || (colon != NULL && g_strcmp0 (wanted, colon + 1) == 0))
    json_object_set_string_member (actual, "FunctionName", wanted);
  else if (arn != NULL)
    json_object_set_string_member (actual, "FunctionName", arn);
  json_object_set_boolean_member (actual, "Enabled", g_strcmp0 (state, "Disabled") != 0 && g_strcmp0 (state, "Disabling") != 0);
  return actual;
}

static AwsWait
check_settled (MillJob       *job,
               JsonObject    *result,
               const GError  *error,
               GError       **failure)
{
  const char *state = result != NULL ? aws_json_get_string (result, "State") : NULL;

  if (result == NULL)
    return AWS_WAIT_FAILED;
  if (g_strcmp0 (state, "Enabled") == 0 || g_strcmp0 (state, "Disabled") == 0)
    return AWS_WAIT_DONE;
  if (g_strcmp0 (state, "Deleting") == 0)
    {
      g_set_error (failure, AWS_ERROR, AWS_ERROR_CLIENT, _("The event source mapping %s is being deleted."), job->record->physical_id);
      return AWS_WAIT_FAILED;
    }
  return AWS_WAIT_AGAIN;
}

/* @known: that it is not settled yet. */
static gboolean
wait_settled (MillJob   *job,
              gboolean   known,
              GError   **error)
{
  g_autoptr(JsonObject) answer = mill_job_wait (job, known, _("Lambda is connecting the source: usually 5 seconds to a minute, at times some minutes."),
                                                "lambda:GetEventSourceMapping", id_parameters (job), check_settled, error);

  if (answer == NULL)
    return FALSE;
  g_clear_pointer (&job->actual, json_object_unref);
  job->actual = describe (job, answer);
  return TRUE;
}

/* The function is ours, and it can have only one mapping for a source: that one is ours too. */
static gboolean
find (MillJob  *job,
      GError  **error)
{
  g_autoptr(JsonObject) parameters = mill_properties_build ("EventSourceArn:s", mill_job_get (job, "EventSourceArn"),
                                                            "FunctionName:s", mill_job_get (job, "FunctionName"), NULL);
  g_autoptr(JsonArray) mappings = NULL;

  aws_call_log_set_subject (job->record->logical_id);
  mappings = aws_client_collect (job->client, "lambda:ListEventSourceMappings", parameters, job->cancellable, error);
  if (mappings == NULL)
    return FALSE;
  for (guint i = 0; i < json_array_get_length (mappings); i++)
    {
      JsonObject *mapping = mill_array_get_object (mappings, i);

      if (mapping != NULL && aws_json_get_string (mapping, "UUID") != NULL &&
          g_strcmp0 (aws_json_get_string (mapping, "EventSourceArn"), mill_job_get (job, "EventSourceArn")) == 0)
        {
          set_ids (job, mapping);
          return TRUE;
        }
    }
  return mill_job_set_gone (job, error);
}

static gboolean
create (MillJob  *job,
        GError  **error)
{
  JsonObject *parameters;
  g_autoptr(JsonObject) answer = NULL;
  g_autoptr(GError) local = NULL;

  parameters = mill_properties_build ("FunctionName:s", mill_job_get (job, "FunctionName"), "Enabled:n", json_object_get_member (job->properties, "Enabled"),
                                      "Tags:o", mill_job_dup_tag_map (job), NULL);
  mill_properties_to_parameters (job->properties, first_members, parameters);
  mill_properties_to_parameters (job->properties, members, parameters);
  answer = mill_job_call (job, "lambda:CreateEventSourceMapping", parameters, &local);
  if (answer != NULL)
    set_ids (job, answer);
  else if (!mill_error_is_there (local) || !find (job, NULL))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  mill_job_set_made (job);
  return wait_settled (job, answer != NULL && g_strcmp0 (aws_json_get_string (answer, "State"), "Creating") == 0, error);
}

static JsonObject *
read_back (MillJob  *job,
           GError  **error)
{
  g_autoptr(JsonObject) answer = mill_job_call (job, "lambda:GetEventSourceMapping", id_parameters (job), error);

  return answer != NULL ? describe (job, answer) : NULL;
}

static gboolean
update (MillJob     *job,
        JsonObject  *before,
        GError     **error)
{
  JsonObject *parameters = id_parameters (job);

  json_object_set_string_member (parameters, "FunctionName", mill_job_get (job, "FunctionName"));
  if (json_object_has_member (job->properties, "Enabled"))
    json_object_set_member (parameters, "Enabled", aws_json_copy_node (json_object_get_member (job->properties, "Enabled")));
  mill_properties_to_parameters (job->properties, members, parameters);
  /* No criteria take away what somebody added. */
  if (json_object_has_member (before, "FilterCriteria") && !json_object_has_member (job->properties, "FilterCriteria"))
    json_object_set_object_member (parameters, "FilterCriteria", json_object_new ());
  return mill_job_do (job, "lambda:UpdateEventSourceMapping", parameters, error) && wait_settled (job, FALSE, error);
}

static gboolean
remove_mapping (MillJob  *job,
                GError  **error)
{
  g_autoptr(JsonObject) gone = NULL;

  if (!mill_error_forgive_gone (mill_job_do (job, "lambda:DeleteEventSourceMapping", id_parameters (job), error), error))
    return FALSE;
  gone = mill_job_wait (job, TRUE, _("Lambda is disconnecting the source: usually 5 seconds to a minute, at times some minutes."), "lambda:GetEventSourceMapping",
                        id_parameters (job), mill_job_check_gone, error);
  return gone != NULL;
}

const MillHandler mill_handler_mapping = {
  "AWS::Lambda::EventSourceMapping", NULL, NULL, create, find, read_back, update, remove_mapping,
};
