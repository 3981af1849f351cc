/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-gateway-route.h"

#include <string.h>

#include "aws-json.h"

/* "arn:aws:apigateway:REGION:sqs:path/ACCOUNT/NAME" → "arn:aws:sqs:REGION:ACCOUNT:NAME" */
static char *
queue_of_uri (const char *uri)
{
  g_auto (GStrv) parts = g_strsplit (uri, ":", 6);
  g_auto (GStrv) path = NULL;

  if (g_strv_length (parts) < 6 || !g_str_equal (parts[4], "sqs") || !g_str_has_prefix (parts[5], "path/"))
    return NULL;
  path = g_strsplit (parts[5] + strlen ("path/"), "/", 2);
  return g_strv_length (path) == 2 ? g_strdup_printf ("arn:%s:sqs:%s:%s:%s", parts[1], parts[3], path[0], path[1]) : NULL;
}

static gboolean
is_for (const char *method,
        const char *http_method)
{
  return http_method == NULL || g_strcmp0 (method, http_method) == 0 || g_strcmp0 (method, "ANY") == 0;
}

char *
mill_gateway_route_find_queue (MillDeployment  *deployment,
                               const char      *api_id,
                               const char      *http_method,
                               char           **role)
{
  GListModel *resources = G_LIST_MODEL (deployment);

  for (guint i = 0; i < g_list_model_get_n_items (resources); i++)
    {
      g_autoptr (MillResource) resource = g_list_model_get_item (resources, i);
      g_autoptr (JsonObject) made_with = NULL;
      const char *uri;
      char *queue;

      if (!g_str_equal (mill_resource_get_type_name (resource), "AWS::ApiGateway::Method"))
        continue;
      made_with = mill_resource_dup_properties (resource);
      if (made_with == NULL || g_strcmp0 (aws_json_get_string (made_with, "RestApiId"), api_id) != 0
          || !is_for (aws_json_get_string (made_with, "HttpMethod"), http_method))
        continue;
      uri = aws_json_get_string (made_with, "Integration.Uri");
      queue = uri != NULL ? queue_of_uri (uri) : NULL;
      if (queue != NULL)
        {
          if (role != NULL)
            *role = g_strdup (aws_json_get_string (made_with, "Integration.Credentials"));
          return queue;
        }
    }
  return NULL;
}

char *
mill_gateway_route_dup_path (MillDeployment *deployment,
                             const char     *resource_id)
{
  g_autoptr (GString) path = g_string_new (NULL);
  g_autofree char *id = g_strdup (resource_id);

  /* None is deeper than its API has resources. */
  for (guint depth = g_list_model_get_n_items (G_LIST_MODEL (deployment)); id != NULL && depth > 0; depth--)
    {
      const char *logical_id = mill_deployment_find_by_id (deployment, id);
      MillResource *resource = logical_id != NULL ? mill_deployment_find_resource (deployment, logical_id) : NULL;
      g_autoptr (JsonObject) made_with = resource != NULL ? mill_resource_dup_properties (resource) : NULL;
      const char *part = made_with != NULL ? aws_json_get_string (made_with, "PathPart") : NULL;

      if (part == NULL)
        break;
      g_string_prepend (path, part);
      g_string_prepend_c (path, '/');
      g_free (id);
      id = g_strdup (aws_json_get_string (made_with, "ParentId"));
    }
  return g_strdup (path->len > 0 ? path->str : "/");
}
