/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-handler.h"

#include "aws-json.h"

/* API Gateway API reference: CreateStage, GetStage, UpdateStage, DeleteStage. */

static const MillMember members[] = {
  { "StageName", "stageName", 's' },
  { "DeploymentId", "deploymentId", 's' },
  { "Description", "description", 's' },
  { "Variables", "variables", 'n' },
  { "TracingEnabled", "tracingEnabled", 'n' },
  { NULL }
};

static JsonObject *
stage_parameters (MillJob *job)
{
  return mill_properties_build ("restApiId:s", mill_job_get (job, "RestApiId"), "stageName:s", job->record->name, NULL);
}

static void
set_ids (MillJob *job)
{
  MillScope scope;
  g_autofree char *arn = NULL;

  mill_deployment_get_scope (job->deployment, &scope);
  arn = g_strdup_printf ("arn:%s:apigateway:%s::/restapis/%s/stages/%s", scope.partition, scope.region, mill_job_get (job, "RestApiId"), job->record->name);
  mill_job_set_id (job, job->record->name, arn);
}

static gboolean
find (MillJob  *job,
      GError  **error)
{
  /* The API is ours, and so are its stages. */
  if (!mill_job_do (job, "apigateway:GetStage", stage_parameters (job), error))
    return FALSE;
  set_ids (job);
  return TRUE;
}

static gboolean
create (MillJob  *job,
        GError  **error)
{
  JsonObject *parameters = mill_properties_build ("restApiId:s", mill_job_get (job, "RestApiId"), "tags:o", mill_job_dup_tag_map (job), NULL);
  g_autoptr(GError) local = NULL;

  mill_properties_to_parameters (job->properties, members, parameters);
  job->answer = mill_job_call (job, "apigateway:CreateStage", parameters, &local);
  /* One that is there is ours, as the API is: the answer to an earlier attempt was lost. */
  if (job->answer == NULL && !mill_error_is_there (local))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  set_ids (job);
  return TRUE;
}

static JsonObject *
read_back (MillJob  *job,
           GError  **error)
{
  g_autoptr(JsonObject) answer = mill_job_look (job, "apigateway:GetStage", stage_parameters (job), error);
  JsonObject *actual;

  if (answer == NULL)
    return NULL;
  actual = mill_properties_build ("RestApiId:s", mill_job_get (job, "RestApiId"), "Tags:n", json_object_get_member (job->properties, "Tags"), NULL);
  mill_properties_from_answer (answer, members, actual);
  return actual;
}

static void
add_patch (JsonArray  *patches,
           const char *op,
           const char *path,
           const char *value)
{
  json_array_add_object_element (patches, mill_properties_build ("op:s", op, "path:s", path, "value:s", value, NULL));
}

static void
patch_variables (JsonArray  *patches,
                 JsonObject *before,
                 JsonObject *now)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  if (now != NULL)
    {
      json_object_iter_init_ordered (&iter, now);
      while (json_object_iter_next_ordered (&iter, &name, &value))
        if (before == NULL || !mill_properties_same (value, json_object_get_member (before, name)))
          {
            g_autofree char *path = g_strconcat ("/variables/", name, NULL);
            g_autofree char *text = mill_properties_dup_text (now, name);

            add_patch (patches, "replace", path, text);
          }
    }
  if (before != NULL)
    {
      json_object_iter_init_ordered (&iter, before);
      while (json_object_iter_next_ordered (&iter, &name, &value))
        if (now == NULL || !json_object_has_member (now, name))
          {
            g_autofree char *path = g_strconcat ("/variables/", name, NULL);

            add_patch (patches, "remove", path, NULL);
          }
    }
}

static gboolean
update (MillJob     *job,
        JsonObject  *before,
        GError     **error)
{
  static const MillMember changeable[] = {
    { "DeploymentId", "/deploymentId", 's' }, { "Description", "/description", 's' }, { "TracingEnabled", "/tracingEnabled", 's' }, { NULL }
  };
  JsonArray *patches = json_array_new ();
  JsonObject *parameters = stage_parameters (job);

  for (const MillMember *member = changeable; member->property != NULL; member++)
    {
      g_autofree char *value = mill_properties_dup_text (job->properties, member->property);

      if (!mill_properties_same (json_object_get_member (before, member->property), json_object_get_member (job->properties, member->property)))
        add_patch (patches, "replace", member->member, value != NULL ? value : "");
    }
  patch_variables (patches, aws_json_get_object (before, "Variables"), aws_json_get_object (job->properties, "Variables"));
  json_object_set_array_member (parameters, "patchOperations", patches);
  return mill_job_do (job, "apigateway:UpdateStage", parameters, error);
}

static gboolean
remove_stage (MillJob  *job,
              GError  **error)
{
  return mill_error_forgive_gone (mill_job_do (job, "apigateway:DeleteStage", stage_parameters (job), error), error);
}

const MillHandler mill_handler_stage = {
  "AWS::ApiGateway::Stage", "StageName", "RestApiId", create, find, read_back, update, remove_stage,
};
