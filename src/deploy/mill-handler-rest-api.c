/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-handler.h"

#include "aws-json.h"

#define MAX_ATTEMPTS 4
#define RETRY_MS 300

/* API Gateway API reference: CreateRestApi, GetRestApi, UpdateRestApi, DeleteRestApi. */

static const MillMember members[] = {
  { "Name", "name", 's' },
  { "Description", "description", 's' },
  { "EndpointConfiguration", "endpointConfiguration", 'l' },
  { "ApiKeySourceType", "apiKeySource", 's' },
  { "BinaryMediaTypes", "binaryMediaTypes", 'n' },
  { "MinimumCompressionSize", "minimumCompressionSize", 'n' },
  { NULL }
};

static JsonObject *
id_parameters (MillJob *job)
{
  return mill_properties_build ("restApiId:s", job->record->physical_id, NULL);
}

/* The root resource came with CreateRestApi only in the last years. */
static gboolean
set_ids (MillJob     *job,
         JsonObject  *api,
         GError     **error)
{
  const char *id = aws_json_get_string (api, "id");
  const char *root = aws_json_get_string (api, "rootResourceId");
  g_autofree char *arn = NULL;
  g_autoptr(JsonArray) resources = NULL;
  g_autoptr(JsonObject) parameters = NULL;
  MillScope scope;

  mill_deployment_get_scope (job->deployment, &scope);
  arn = g_strdup_printf ("arn:%s:apigateway:%s::/restapis/%s", scope.partition, scope.region, id != NULL ? id : "");
  mill_job_set_id (job, id, arn);
  mill_job_set_attribute (job, "RestApiId", id);
  if (root == NULL)
    {
      parameters = id_parameters (job);
      resources = aws_client_collect (job->client, "apigateway:GetResources", parameters, job->cancellable, error);
      if (resources == NULL)
        return FALSE;
      for (guint i = 0; i < json_array_get_length (resources); i++)
        {
          JsonObject *resource = mill_array_get_object (resources, i);

          if (resource != NULL && g_strcmp0 (aws_json_get_string (resource, "path"), "/") == 0)
            root = aws_json_get_string (resource, "id");
        }
    }
  mill_job_set_attribute (job, "RootResourceId", root);
  return TRUE;
}

/* Names of APIs are not unique; the tags tell. */
static gboolean
find (MillJob  *job,
      GError  **error)
{
  g_autoptr(JsonArray) apis = NULL;

  aws_call_log_set_subject (job->record->logical_id);
  apis = aws_client_collect (job->client, "apigateway:GetRestApis", NULL, job->cancellable, error);
  if (apis == NULL)
    return FALSE;
  for (guint i = 0; i < json_array_get_length (apis); i++)
    {
      JsonObject *api = mill_array_get_object (apis, i);

      if (api != NULL && g_strcmp0 (aws_json_get_string (api, "name"), job->record->name) == 0 &&
          mill_job_owns (job, json_object_get_member (api, "tags")))
        return set_ids (job, api, error);
    }
  return mill_job_set_gone (job, error);
}

/* AWS does not tell two of a name apart: after a lost answer it is looked for before it is made a second time. */
static gboolean
create (MillJob  *job,
        GError  **error)
{
  gboolean look = job->resumed;

  for (guint attempt = 1; ; attempt++)
    {
      JsonObject *parameters;
      g_autoptr(JsonObject) answer = NULL;
      g_autoptr(GError) local = NULL;

      if (look && find (job, &local))
        return TRUE;
      if (look && !mill_error_is_gone (local))
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
      g_clear_error (&local);
      parameters = mill_properties_build ("tags:o", mill_job_dup_tag_map (job), NULL);
      mill_properties_to_parameters (job->properties, members, parameters);
      answer = mill_job_call (job, "apigateway:CreateRestApi", parameters, &local);
      if (answer != NULL)
        {
          if (!set_ids (job, answer, error))
            return FALSE;
          job->answer = g_steal_pointer (&answer);
          return TRUE;
        }
      if (attempt == MAX_ATTEMPTS || !aws_error_is_retryable (local) || !mill_job_sleep (job, RETRY_MS * attempt, NULL))
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
      /* Waits for the network, where that is what is missing. */
      if (aws_error_has_code (local, "NetworkError") && !mill_job_do (job, "sts:GetCallerIdentity", NULL, error))
        return FALSE;
      look = TRUE;
    }
}

static JsonObject *
read_back (MillJob  *job,
           GError  **error)
{
  g_autoptr(JsonObject) answer = mill_job_look (job, "apigateway:GetRestApi", id_parameters (job), error);
  JsonObject *actual;
  JsonObject *endpoint;

  if (answer == NULL)
    return NULL;
  actual = mill_properties_build ("Tags:n", json_object_get_member (job->properties, "Tags"), NULL);
  mill_properties_from_answer (answer, members, actual);
  endpoint = aws_json_get_object (answer, "endpointConfiguration");
  if (endpoint != NULL)
    json_object_set_object_member (actual, "EndpointConfiguration",
                                   mill_properties_build ("Types:n", json_object_get_member (endpoint, "types"), NULL));
  return actual;
}

static gboolean
update (MillJob     *job,
        JsonObject  *before,
        GError     **error)
{
  static const MillMember changeable[] = {
    { "Name", "/name", 's' }, { "Description", "/description", 's' }, { "ApiKeySourceType", "/apiKeySource", 's' },
    { "MinimumCompressionSize", "/minimumCompressionSize", 's' }, { NULL }
  };
  JsonArray *patches = json_array_new ();
  JsonObject *parameters = id_parameters (job);

  for (const MillMember *member = changeable; member->property != NULL; member++)
    {
      g_autofree char *value = mill_properties_dup_text (job->properties, member->property);

      if (value != NULL &&
          !mill_properties_same (json_object_get_member (before, member->property), json_object_get_member (job->properties, member->property)))
        json_array_add_object_element (patches, mill_properties_build ("op:s", "replace", "path:s", member->member, "value:s", value, NULL));
    }
  json_object_set_array_member (parameters, "patchOperations", patches);
  return mill_job_do (job, "apigateway:UpdateRestApi", parameters, error);
}

static gboolean
remove_api (MillJob  *job,
            GError  **error)
{
  return mill_error_forgive_gone (mill_job_do (job, "apigateway:DeleteRestApi", id_parameters (job), error), error);
}

const MillHandler mill_handler_rest_api = {
  "AWS::ApiGateway::RestApi", "Name", NULL, create, find, read_back, update, remove_api,
};
