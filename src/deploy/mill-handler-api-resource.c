/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-handler.h"

#include "aws-json.h"

/* API Gateway API reference: CreateResource, GetResources, DeleteResource. */

static void
set_ids (MillJob    *job,
         const char *id)
{
  mill_job_set_id (job, id, NULL);
  mill_job_set_attribute (job, "ResourceId", id);
}

/* All resources of the API; there are few. NULL with an error. */
static JsonArray *
list (MillJob  *job,
      GError  **error)
{
  g_autoptr(JsonObject) parameters = mill_properties_build ("restApiId:s", mill_job_get (job, "RestApiId"), NULL);

  aws_call_log_set_subject (job->record->logical_id);
  return aws_client_collect (job->client, "apigateway:GetResources", parameters, job->cancellable, error);
}

/* The API is ours, and so is what is in it. */
static gboolean
find (MillJob  *job,
      GError  **error)
{
  g_autoptr(JsonArray) resources = list (job, error);

  if (resources == NULL)
    return FALSE;
  for (guint i = 0; i < json_array_get_length (resources); i++)
    {
      JsonObject *resource = mill_array_get_object (resources, i);

      if (resource != NULL && g_strcmp0 (aws_json_get_string (resource, "parentId"), mill_job_get (job, "ParentId")) == 0 &&
          g_strcmp0 (aws_json_get_string (resource, "pathPart"), mill_job_get (job, "PathPart")) == 0)
        {
          set_ids (job, aws_json_get_string (resource, "id"));
          return TRUE;
        }
    }
  return mill_job_set_gone (job, error);
}

static gboolean
create (MillJob  *job,
        GError  **error)
{
  g_autoptr(JsonObject) answer = NULL;
  g_autoptr(GError) local = NULL;

  answer = mill_job_call (job, "apigateway:CreateResource",
                          mill_properties_build ("restApiId:s", mill_job_get (job, "RestApiId"), "parentId:s", mill_job_get (job, "ParentId"),
                                                 "pathPart:s", mill_job_get (job, "PathPart"), NULL), &local);
  if (answer != NULL)
    {
      set_ids (job, aws_json_get_string (answer, "id"));
      return TRUE;
    }
  if (mill_error_is_there (local))
    return find (job, error);
  g_propagate_error (error, g_steal_pointer (&local));
  return FALSE;
}

static JsonObject *
read_back (MillJob  *job,
           GError  **error)
{
  g_autoptr(JsonArray) resources = list (job, error);

  if (resources == NULL)
    return NULL;
  for (guint i = 0; i < json_array_get_length (resources); i++)
    {
      JsonObject *resource = mill_array_get_object (resources, i);

      if (resource != NULL && g_strcmp0 (aws_json_get_string (resource, "id"), job->record->physical_id) == 0)
        return mill_properties_build ("RestApiId:s", mill_job_get (job, "RestApiId"), "ParentId:s", aws_json_get_string (resource, "parentId"),
                                      "PathPart:s", aws_json_get_string (resource, "pathPart"), NULL);
    }
  mill_job_set_gone (job, error);
  return NULL;
}

static gboolean
remove_resource (MillJob  *job,
                 GError  **error)
{
  return mill_error_forgive_gone (mill_job_do (job, "apigateway:DeleteResource",
                                               mill_properties_build ("restApiId:s", mill_job_get (job, "RestApiId"),
                                                                      "resourceId:s", job->record->physical_id, NULL), error), error);
}

const MillHandler mill_handler_api_resource = {
  "AWS::ApiGateway::Resource", NULL, "RestApiId", create, find, read_back, NULL, remove_resource,
};
