/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-handler.h"

#include "aws-json.h"

/* API Gateway API reference: CreateDeployment, GetDeployments, DeleteDeployment. */

static void
set_ids (MillJob    *job,
         const char *id)
{
  mill_job_set_id (job, id, NULL);
  mill_job_set_attribute (job, "DeploymentId", id);
}

/* Deployments bear no tags: where the template gives no description, ours says whose it is. */
static char *
dup_description (MillJob *job)
{
  if (mill_job_get (job, "Description") != NULL)
    return g_strdup (mill_job_get (job, "Description"));
  return g_strdup_printf ("%s %s", mill_deployment_get_id (job->deployment), job->record->logical_id);
}

static JsonArray *
list (MillJob  *job,
      GError  **error)
{
  g_autoptr(JsonObject) parameters = mill_properties_build ("restApiId:s", mill_job_get (job, "RestApiId"), NULL);

  aws_call_log_set_subject (job->record->logical_id);
  return aws_client_collect (job->client, "apigateway:GetDeployments", parameters, job->cancellable, error);
}

static gboolean
find (MillJob  *job,
      GError  **error)
{
  g_autoptr(JsonArray) deployments = list (job, error);
  g_autofree char *description = dup_description (job);

  if (deployments == NULL)
    return FALSE;
  for (guint i = 0; i < json_array_get_length (deployments); i++)
    {
      JsonObject *deployment = mill_array_get_object (deployments, i);

      if (deployment != NULL && g_strcmp0 (aws_json_get_string (deployment, "description"), description) == 0)
        {
          set_ids (job, aws_json_get_string (deployment, "id"));
          return TRUE;
        }
    }
  return mill_job_set_gone (job, error);
}

static gboolean
create (MillJob  *job,
        GError  **error)
{
  g_autofree char *description = dup_description (job);
  g_autoptr(JsonObject) answer = NULL;
  g_autoptr(GError) local = NULL;

  if (job->resumed)
    {
      if (find (job, &local))
        return TRUE;
      if (!mill_error_is_gone (local))
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
    }
  answer = mill_job_call (job, "apigateway:CreateDeployment",
                          mill_properties_build ("restApiId:s", mill_job_get (job, "RestApiId"), "description:s", description, NULL), error);
  if (answer == NULL)
    return FALSE;
  set_ids (job, aws_json_get_string (answer, "id"));
  job->answer = g_steal_pointer (&answer);
  return TRUE;
}

static JsonObject *
describe (MillJob    *job,
          JsonObject *deployment)
{
  return mill_properties_build ("RestApiId:s", mill_job_get (job, "RestApiId"), "Description:s", aws_json_get_string (deployment, "description"), NULL);
}

static JsonObject *
read_back (MillJob  *job,
           GError  **error)
{
  g_autoptr(JsonObject) answer = g_steal_pointer (&job->answer);
  g_autoptr(JsonArray) deployments = NULL;

  if (answer != NULL)
    return describe (job, answer);
  deployments = list (job, error);
  if (deployments == NULL)
    return NULL;
  for (guint i = 0; i < json_array_get_length (deployments); i++)
    {
      JsonObject *deployment = mill_array_get_object (deployments, i);

      if (deployment != NULL && g_strcmp0 (aws_json_get_string (deployment, "id"), job->record->physical_id) == 0)
        return describe (job, deployment);
    }
  mill_job_set_gone (job, error);
  return NULL;
}

static gboolean
remove_deployment (MillJob  *job,
                   GError  **error)
{
  return mill_error_forgive_gone (mill_job_do (job, "apigateway:DeleteDeployment",
                                               mill_properties_build ("restApiId:s", mill_job_get (job, "RestApiId"),
                                                                      "deploymentId:s", job->record->physical_id, NULL), error), error);
}

const MillHandler mill_handler_api_deployment = {
  "AWS::ApiGateway::Deployment", NULL, "RestApiId", create, find, read_back, NULL, remove_deployment,
};
