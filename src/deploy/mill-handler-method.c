/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-handler.h"

#include "aws-json.h"

/* API Gateway API reference: PutMethod, PutMethodResponse, PutIntegration, PutIntegrationResponse, GetMethod, DeleteMethod. */

static const MillMember members[] = {
  { "AuthorizationType", "authorizationType", 's' },
  { "ApiKeyRequired", "apiKeyRequired", 'n' },
  { "OperationName", "operationName", 's' },
  { "RequestParameters", "requestParameters", 'n' },
  { "RequestModels", "requestModels", 'n' },
  { NULL }
};

static const MillMember integration_members[] = {
  { "Type", "type", 's' },
  { "IntegrationHttpMethod", "integrationHttpMethod", 's' },
  { "Uri", "uri", 's' },
  { "Credentials", "credentials", 's' },
  { "ConnectionType", "connectionType", 's' },
  { "ContentHandling", "contentHandling", 's' },
  { "TimeoutInMillis", "timeoutInMillis", 'n' },
  { "PassthroughBehavior", "passthroughBehavior", 's' },
  { "RequestParameters", "requestParameters", 'n' },
  { "RequestTemplates", "requestTemplates", 'n' },
  { "CacheKeyParameters", "cacheKeyParameters", 'n' },
  { NULL }
};

static const MillMember response_members[] = {
  { "StatusCode", "statusCode", 's' },
  { "ResponseModels", "responseModels", 'n' },
  { "ResponseParameters", "responseParameters", 'n' },
  { NULL }
};

static const MillMember integration_response_members[] = {
  { "StatusCode", "statusCode", 's' },
  { "SelectionPattern", "selectionPattern", 's' },
  { "ContentHandling", "contentHandling", 's' },
  { "ResponseParameters", "responseParameters", 'n' },
  { "ResponseTemplates", "responseTemplates", 'n' },
  { NULL }
};

static JsonObject *
method_parameters (MillJob *job)
{
  return mill_properties_build ("restApiId:s", mill_job_get (job, "RestApiId"), "resourceId:s", mill_job_get (job, "ResourceId"),
                                "httpMethod:s", mill_job_get (job, "HttpMethod"), NULL);
}

static void
set_ids (MillJob *job)
{
  g_autofree char *id = g_strdup_printf ("%s-%s", mill_deployment_get_id (job->deployment), job->record->logical_id);

  mill_job_set_id (job, id, NULL);
}

/* Calls @operation once for each object of @list. */
static gboolean
put_list (MillJob           *job,
          const char        *operation,
          JsonArray         *list,
          const MillMember  *list_members,
          GError           **error)
{
  for (guint i = 0; list != NULL && i < json_array_get_length (list); i++)
    {
      JsonObject *item = mill_array_get_object (list, i);
      JsonObject *parameters;
      g_autoptr(GError) local = NULL;

      if (item == NULL)
        continue;
      parameters = method_parameters (job);
      mill_properties_to_parameters (item, list_members, parameters);
      /* Of an earlier attempt. */
      if (!mill_job_do (job, operation, parameters, &local) && !mill_error_is_there (local))
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return FALSE;
        }
    }
  return TRUE;
}

static gboolean
create (MillJob  *job,
        GError  **error)
{
  JsonObject *parameters = method_parameters (job);
  JsonObject *integration = aws_json_get_object (job->properties, "Integration");
  g_autoptr(GError) local = NULL;

  mill_properties_to_parameters (job->properties, members, parameters);
  if (!json_object_has_member (parameters, "authorizationType"))
    json_object_set_string_member (parameters, "authorizationType", "NONE");
  if (!mill_job_do (job, "apigateway:PutMethod", parameters, &local) && !mill_error_is_there (local))
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  set_ids (job);
  if (!put_list (job, "apigateway:PutMethodResponse", aws_json_get_array (job->properties, "MethodResponses"), response_members, error))
    return FALSE;
  if (integration == NULL)
    return TRUE;
  parameters = method_parameters (job);
  mill_properties_to_parameters (integration, integration_members, parameters);
  return mill_job_do (job, "apigateway:PutIntegration", parameters, error) &&
         put_list (job, "apigateway:PutIntegrationResponse", aws_json_get_array (integration, "IntegrationResponses"),
                   integration_response_members, error);
}

/* Responses are answered as an object by status code. */
static JsonArray *
list_responses (JsonObject       *responses,
                const MillMember *list_members)
{
  JsonArray *list = json_array_new ();
  JsonObjectIter iter;
  const char *status;
  JsonNode *node;

  if (responses == NULL)
    return list;
  json_object_iter_init_ordered (&iter, responses);
  while (json_object_iter_next_ordered (&iter, &status, &node))
    {
      JsonObject *response = json_object_new ();

      if (JSON_NODE_HOLDS_OBJECT (node))
        mill_properties_from_answer (json_node_get_object (node), list_members, response);
      json_object_set_string_member (response, "StatusCode", status);
      json_array_add_object_element (list, response);
    }
  return list;
}

static JsonObject *
read_back (MillJob  *job,
           GError  **error)
{
  g_autoptr(JsonObject) answer = mill_job_call (job, "apigateway:GetMethod", method_parameters (job), error);
  JsonObject *actual;
  JsonObject *integration;

  if (answer == NULL)
    return NULL;
  actual = mill_properties_build ("RestApiId:s", mill_job_get (job, "RestApiId"), "ResourceId:s", mill_job_get (job, "ResourceId"),
                                  "HttpMethod:s", aws_json_get_string (answer, "httpMethod"), NULL);
  mill_properties_from_answer (answer, members, actual);
  json_object_set_array_member (actual, "MethodResponses", list_responses (aws_json_get_object (answer, "methodResponses"), response_members));
  integration = aws_json_get_object (answer, "methodIntegration");
  if (integration != NULL)
    {
      JsonObject *wanted = aws_json_get_object (job->properties, "Integration");
      JsonObject *to = json_object_new ();
      JsonObject *seen;

      mill_properties_from_answer (integration, integration_members, to);
      /* The answer calls it httpMethod. */
      if (aws_json_get_string (integration, "httpMethod") != NULL)
        json_object_set_string_member (to, "IntegrationHttpMethod", aws_json_get_string (integration, "httpMethod"));
      json_object_set_array_member (to, "IntegrationResponses",
                                    list_responses (aws_json_get_object (integration, "integrationResponses"), integration_response_members));
      /* What has a default (the time-out, say) counts only where the template says something of it. */
      seen = json_object_new ();
      if (wanted != NULL)
        {
          g_autoptr(GList) names = json_object_get_members (wanted);

          for (GList *l = names; l != NULL; l = l->next)
            if (json_object_has_member (to, l->data))
              json_object_set_member (seen, l->data, aws_json_copy_node (json_object_get_member (to, l->data)));
        }
      json_object_unref (to);
      json_object_set_object_member (actual, "Integration", seen);
    }
  return actual;
}

static gboolean
find (MillJob  *job,
      GError  **error)
{
  g_autoptr(JsonObject) actual = read_back (job, error);

  if (actual == NULL)
    return FALSE;
  set_ids (job);
  return TRUE;
}

static gboolean
remove_method (MillJob  *job,
               GError  **error)
{
  return mill_error_forgive_gone (mill_job_do (job, "apigateway:DeleteMethod", method_parameters (job), error), error);
}

/* Most of a method cannot be patched: it is put anew. */
static gboolean
update (MillJob     *job,
        JsonObject  *before,
        GError     **error)
{
  return remove_method (job, error) && create (job, error);
}

const MillHandler mill_handler_method = {
  "AWS::ApiGateway::Method", NULL, "RestApiId", create, find, read_back, update, remove_method,
};
