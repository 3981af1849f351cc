/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-handler.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "aws-json.h"
#include "mill-code.h"

/* Lambda API reference: CreateFunction, GetFunction, UpdateFunctionCode, UpdateFunctionConfiguration, DeleteFunction. */

#define NOTE_CREATED "Created"
#define NOTE_HASH "CodeSha256"
#define NOTE_MODIFIED "LastModified"

static const MillMember members[] = {
  { "Description", "Description", 'n' },
  { "Runtime", "Runtime", 'n' },
  { "Handler", "Handler", 'n' },
  { "Role", "Role", 'n' },
  { "Timeout", "Timeout", 'n' },
  { "MemorySize", "MemorySize", 'n' },
  { "Environment", "Environment", 'n' },
  { "Layers", "Layers", 'n' },
  { NULL }
};

static JsonObject *
name_parameters (MillJob *job)
{
  return mill_properties_build ("FunctionName:s", job->record->name, NULL);
}

/* The zip of the code, in base64; its hash goes into the record. */
static char *
pack (MillJob  *job,
      GError  **error)
{
  const char *folder = mill_job_get (job, "Code");
  g_autoptr(GHashTable) files = NULL;
  g_autoptr(GBytes) zip = NULL;
  g_autofree char *hash = NULL;

  files = mill_code_load (job->deployment, job->record->logical_id, folder != NULL ? folder : "", error);
  if (files == NULL)
    return NULL;
  zip = mill_code_zip (files, error);
  if (zip == NULL)
    return NULL;
  hash = mill_code_hash (zip);
  mill_record_set_note (job->record, NOTE_HASH, hash);
  return g_base64_encode (g_bytes_get_data (zip, NULL), g_bytes_get_size (zip));
}

static void
set_ids (MillJob    *job,
         const char *arn)
{
  mill_job_set_id (job, job->record->name, arn);
  mill_job_set_attribute (job, "Arn", arn);
}

/* Under CloudFormation's names; the code is the folder's where the cloud has the very bytes that we sent. */
static JsonObject *
describe (MillJob    *job,
          JsonObject *answer)
{
  JsonObject *configuration = aws_json_get_object (answer, "Configuration");
  JsonObject *actual = json_object_new ();
  const char *hash;
  JsonArray *layers;

  json_object_set_string_member (actual, "FunctionName", job->record->name);
  if (configuration == NULL)
    return actual;
  mill_properties_from_answer (configuration, members, actual);
  hash = aws_json_get_string (configuration, "CodeSha256");
  json_object_set_string_member (actual, "Code", g_strcmp0 (hash, aws_json_get_string (job->record->notes, NOTE_HASH)) == 0
                                                 ? mill_job_get (job, "Code") : hash);
  if (json_object_has_member (configuration, "Architectures"))
    json_object_set_member (actual, "Architectures", aws_json_copy_node (json_object_get_member (configuration, "Architectures")));
  else
    json_object_set_array_member (actual, "Architectures", mill_array_new ("x86_64", NULL));
  if (aws_json_get_node (answer, "Concurrency.ReservedConcurrentExecutions") != NULL)
    json_object_set_member (actual, "ReservedConcurrentExecutions",
                            aws_json_copy_node (aws_json_get_node (answer, "Concurrency.ReservedConcurrentExecutions")));
  layers = aws_json_get_array (configuration, "Layers");
  if (layers != NULL)
    {
      JsonArray *arns = json_array_new ();

      for (guint i = 0; i < json_array_get_length (layers); i++)
        {
          JsonObject *layer = mill_array_get_object (layers, i);

          if (layer != NULL && aws_json_get_string (layer, "Arn") != NULL)
            json_array_add_string_element (arns, aws_json_get_string (layer, "Arn"));
        }
      json_object_set_array_member (actual, "Layers", arns);
    }
  if (json_object_has_member (job->properties, "Tags"))
    json_object_set_member (actual, "Tags", aws_json_copy_node (json_object_get_member (job->properties, "Tags")));
  set_ids (job, aws_json_get_string (configuration, "FunctionArn"));
  return actual;
}

static AwsWait
check_ready (MillJob       *job,
             JsonObject    *result,
             const GError  *error,
             GError       **failure)
{
  const char *state = result != NULL ? aws_json_get_string (result, "Configuration.State") : NULL;
  const char *update = result != NULL ? aws_json_get_string (result, "Configuration.LastUpdateStatus") : NULL;
  const char *why;

  if (result == NULL)
    return AWS_WAIT_FAILED;
  if (g_strcmp0 (state, "Failed") == 0 || g_strcmp0 (update, "Failed") == 0)
    {
      why = aws_json_get_string (result, g_strcmp0 (state, "Failed") == 0 ? "Configuration.StateReason" : "Configuration.LastUpdateStatusReason");
      g_set_error (failure, AWS_ERROR, AWS_ERROR_CLIENT, _("Lambda could not set up %s: %s"), job->record->name, why != NULL ? why : "?");
      return AWS_WAIT_FAILED;
    }
  if (g_strcmp0 (state, "Pending") == 0 || g_strcmp0 (update, "InProgress") == 0)
    return AWS_WAIT_AGAIN;
  return AWS_WAIT_DONE;
}

/* @said: (nullable): the answer of the call that there is to wait for. */
static gboolean
wait_ready (MillJob     *job,
            JsonObject  *said,
            GError     **error)
{
  gboolean known = said != NULL && (g_strcmp0 (aws_json_get_string (said, "State"), "Pending") == 0 ||
                                    g_strcmp0 (aws_json_get_string (said, "LastUpdateStatus"), "InProgress") == 0);
  g_autoptr(JsonObject) answer = mill_job_wait (job, known, _("Lambda is preparing the function: usually 1 to 5 seconds."), "lambda:GetFunction", name_parameters (job),
                                                check_ready, error);

  if (answer == NULL)
    return FALSE;
  g_clear_pointer (&job->actual, json_object_unref);
  job->actual = describe (job, answer);
  mill_record_set_note (job->record, NOTE_MODIFIED, aws_json_get_string (answer, "Configuration.LastModified"));
  return TRUE;
}

static gboolean
find (MillJob  *job,
      GError  **error)
{
  g_autoptr(JsonObject) answer = mill_job_call (job, "lambda:GetFunction", name_parameters (job), error);

  if (answer == NULL)
    return FALSE;
  if (!mill_job_owns (job, json_object_get_member (answer, "Tags")))
    return mill_job_set_gone (job, error);
  set_ids (job, aws_json_get_string (answer, "Configuration.FunctionArn"));
  return TRUE;
}

/* What is reserved for it, or nothing: then it shares what the account has. */
static gboolean
set_concurrency (MillJob  *job,
                 GError  **error)
{
  JsonNode *reserved = json_object_get_member (job->properties, "ReservedConcurrentExecutions");
  JsonObject *parameters = name_parameters (job);

  /* What was read before does not tell of it. */
  g_clear_pointer (&job->actual, json_object_unref);
  if (reserved == NULL)
    return mill_job_do (job, "lambda:DeleteFunctionConcurrency", parameters, error);
  json_object_set_member (parameters, "ReservedConcurrentExecutions", aws_json_copy_node (reserved));
  return mill_job_do (job, "lambda:PutFunctionConcurrency", parameters, error);
}

static gboolean
create (MillJob  *job,
        GError  **error)
{
  g_autofree char *code = pack (job, error);
  g_autoptr(JsonObject) answer = NULL;
  g_autoptr(GError) local = NULL;
  JsonObject *parameters;

  if (code == NULL)
    return FALSE;
  parameters = name_parameters (job);
  mill_properties_to_parameters (job->properties, members, parameters);
  json_object_set_object_member (parameters, "Code", mill_properties_build ("ZipFile:s", code, NULL));
  json_object_set_object_member (parameters, "Tags", mill_job_dup_tag_map (job));
  if (json_object_has_member (job->properties, "Architectures"))
    json_object_set_member (parameters, "Architectures", aws_json_copy_node (json_object_get_member (job->properties, "Architectures")));

  answer = mill_job_call (job, "lambda:CreateFunction", parameters, &local);
  if (answer != NULL)
    {
      set_ids (job, aws_json_get_string (answer, "FunctionArn"));
      /* AWS's own clock, by which it is told later whether a log group of this name is older and so somebody else's. */
      mill_record_set_note (job->record, NOTE_CREATED, aws_json_get_string (answer, "LastModified"));
      mill_job_set_made (job);
    }
  else if (!mill_error_is_there (local))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  else if (!find (job, NULL))
    return mill_job_set_taken (job, error);

  if (!wait_ready (job, answer, error))
    return FALSE;
  if (!json_object_has_member (job->properties, "ReservedConcurrentExecutions"))
    return TRUE;
  return set_concurrency (job, error);
}

/*
 * A function has no id. It bears our tags; or they were taken off, and nothing else was done to it since we did; or we may not see tags
 * (GetFunction's TagsError), and then it is taken for what it seems.
 */
static gboolean
recognize (MillJob     *job,
           JsonObject  *answer,
           GError     **error)
{
  const char *modified = aws_json_get_string (answer, "Configuration.LastModified");

  if (json_object_has_member (answer, "TagsError") || g_strcmp0 (modified, aws_json_get_string (job->record->notes, NOTE_MODIFIED)) == 0)
    return TRUE;
  /* One without tags is answered without the member. */
  if (!json_object_has_member (answer, "Tags"))
    json_object_set_object_member (answer, "Tags", json_object_new ());
  return mill_job_recognize (job, NULL, json_object_get_member (answer, "Tags"), error);
}

static JsonObject *
read_back (MillJob  *job,
           GError  **error)
{
  g_autoptr(JsonObject) answer = mill_job_call (job, "lambda:GetFunction", name_parameters (job), error);

  return answer != NULL && recognize (job, answer, error) ? describe (job, answer) : NULL;
}

static gboolean
update (MillJob     *job,
        JsonObject  *before,
        GError     **error)
{
  g_autofree char *old_hash = g_strdup (aws_json_get_string (job->record->notes, NOTE_HASH));
  g_autofree char *code = pack (job, error);
  gboolean changed = FALSE;

  if (code == NULL)
    return FALSE;
  if (g_strcmp0 (old_hash, aws_json_get_string (job->record->notes, NOTE_HASH)) != 0 ||
      g_strcmp0 (aws_json_get_string (before, "Code"), mill_job_get (job, "Code")) != 0)
    {
      JsonObject *parameters = name_parameters (job);

      json_object_set_string_member (parameters, "ZipFile", code);
      if (!mill_job_do (job, "lambda:UpdateFunctionCode", parameters, error) || !wait_ready (job, NULL, error))
        {
          /* What is there is not known: the next look tells. */
          mill_record_set_note (job->record, NOTE_HASH, old_hash);
          return FALSE;
        }
    }
  for (const MillMember *member = members; member->property != NULL; member++)
    changed = changed || !mill_properties_same (json_object_get_member (before, member->property),
                                                json_object_get_member (job->properties, member->property));
  if (changed)
    {
      JsonObject *parameters = name_parameters (job);

      mill_properties_to_parameters (job->properties, members, parameters);
      if (!mill_job_do (job, "lambda:UpdateFunctionConfiguration", parameters, error) || !wait_ready (job, NULL, error))
        return FALSE;
    }
  return mill_properties_same (json_object_get_member (before, "ReservedConcurrentExecutions"),
                               json_object_get_member (job->properties, "ReservedConcurrentExecutions")) || set_concurrency (job, error);
}

/* Mappings that somebody made by hand can do nothing without the function, and would stay. */
static gboolean
strip (MillJob  *job,
       GError  **error)
{
  g_autoptr(JsonObject) parameters = name_parameters (job);
  g_autoptr(JsonArray) mappings = aws_client_collect (job->client, "lambda:ListEventSourceMappings", parameters, job->cancellable, error);

  if (mappings == NULL)
    return FALSE;
  for (guint i = 0; i < json_array_get_length (mappings); i++)
    {
      JsonObject *mapping = mill_array_get_object (mappings, i);
      const char *uuid = mapping != NULL ? aws_json_get_string (mapping, "UUID") : NULL;

      if (uuid != NULL && mill_deployment_find_by_id (job->deployment, uuid) == NULL && g_strcmp0 (aws_json_get_string (mapping, "State"), "Deleting") != 0 &&
          !mill_error_forgive_gone (mill_job_do (job, "lambda:DeleteEventSourceMapping", mill_properties_build ("UUID:s", uuid, NULL), error), error))
        return FALSE;
    }
  return TRUE;
}

static gboolean
remove_function (MillJob  *job,
                 GError  **error)
{
  return mill_error_forgive_gone (mill_job_do (job, "lambda:DeleteFunction", name_parameters (job), error), error);
}

const MillHandler mill_handler_function = {
  "AWS::Lambda::Function", "FunctionName", NULL, create, find, read_back, update, remove_function, TRUE, FALSE, strip,
};
