/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-handler.h"

#include <string.h>

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

/*
 * A method setting's parts: their paths in a patch, and what API Gateway fills in where nobody says anything (API reference: MethodSetting).
 * Whoever has it log or measure more changes nothing for the messages, and is advised to: that alone is no change.
 */
static const struct {
  const char *property;
  const char *member;
  const char *path;
  const char *standard;
  gboolean    only_tells;
} settings[] = {
  { "ThrottlingRateLimit", "throttlingRateLimit", "throttling/rateLimit", "10000", FALSE },
  { "ThrottlingBurstLimit", "throttlingBurstLimit", "throttling/burstLimit", "5000", FALSE },
  { "CachingEnabled", "cachingEnabled", "caching/enabled", "false", FALSE },
  { "CacheTtlInSeconds", "cacheTtlInSeconds", "caching/ttlInSeconds", "300", FALSE },
  { "CacheDataEncrypted", "cacheDataEncrypted", "caching/dataEncrypted", "false", FALSE },
  { "LoggingLevel", "loggingLevel", "logging/loglevel", "OFF", TRUE },
  { "DataTraceEnabled", "dataTraceEnabled", "logging/dataTrace", "false", TRUE },
  { "MetricsEnabled", "metricsEnabled", "metrics/enabled", "false", TRUE },
};

static gboolean
is_standard (guint     which,
             JsonNode *value)
{
  g_autoptr(JsonNode) standard = json_node_init_string (json_node_alloc (), settings[which].standard);

  return mill_properties_same (value, standard) || (json_node_get_value_type (value) == G_TYPE_DOUBLE
                                                    && json_node_get_double (value) == g_ascii_strtod (settings[which].standard, NULL));
}

/* {"orders/POST": {"throttlingRateLimit": 5, …}} as CloudFormation has it: [{"ResourcePath": "/orders", "HttpMethod": "POST", …}], without what is standard */
static JsonArray *
read_settings (JsonObject *answer)
{
  JsonObject *all = aws_json_get_object (answer, "methodSettings");
  JsonArray *list = json_array_new ();
  JsonObjectIter iter;
  const char *key;
  JsonNode *node;

  if (all == NULL)
    return list;
  json_object_iter_init_ordered (&iter, all);
  while (json_object_iter_next_ordered (&iter, &key, &node))
    {
      const char *method = strrchr (key, '/');
      g_autofree char *path = method != NULL ? g_strndup (key, method - key) : NULL;
      g_auto(GStrv) parts = path != NULL ? g_strsplit (path, "~1", -1) : NULL;
      g_autofree char *plain = parts != NULL ? g_strjoinv ("/", parts) : NULL;
      g_autofree char *full = plain != NULL ? g_strconcat (plain[0] == '/' ? "" : "/", plain, NULL) : NULL;
      g_autoptr(JsonObject) setting = NULL;
      gboolean counts = FALSE;

      if (full == NULL || !JSON_NODE_HOLDS_OBJECT (node))
        continue;
      setting = mill_properties_build ("ResourcePath:s", full, "HttpMethod:s", method + 1, NULL);
      for (guint i = 0; i < G_N_ELEMENTS (settings); i++)
        {
          JsonNode *value = json_object_get_member (json_node_get_object (node), settings[i].member);

          if (value == NULL || !JSON_NODE_HOLDS_VALUE (value) || is_standard (i, value))
            continue;
          json_object_set_member (setting, settings[i].property, json_node_copy (value));
          counts |= !settings[i].only_tells;
        }
      if (counts)
        json_array_add_object_element (list, g_steal_pointer (&setting));
    }
  return list;
}

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
  json_object_set_array_member (actual, "MethodSettings", read_settings (answer));
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

/* The setting in @list that is about the same methods as @one. */
static JsonObject *
find_setting (JsonArray  *list,
              JsonObject *one)
{
  for (guint i = 0; list != NULL && i < json_array_get_length (list); i++)
    {
      JsonObject *each = mill_array_get_object (list, i);

      if (each != NULL && g_strcmp0 (aws_json_get_string (each, "ResourcePath"), aws_json_get_string (one, "ResourcePath")) == 0
          && g_strcmp0 (aws_json_get_string (each, "HttpMethod"), aws_json_get_string (one, "HttpMethod")) == 0)
        return each;
    }
  return NULL;
}

/* (transfer full): "/~1orders/POST", or for all methods of all resources what API Gateway has for them */
static char *
dup_setting_path (JsonObject *setting)
{
  const char *path = aws_json_get_string (setting, "ResourcePath");
  const char *method = aws_json_get_string (setting, "HttpMethod");
  g_auto(GStrv) parts = g_strsplit (path != NULL ? path : "/*", "/", -1);
  g_autofree char *escaped = g_strjoinv ("~1", parts);

  return g_strdup_printf ("/%s/%s", g_str_equal (escaped, "~1*") ? "*" : escaped, method != NULL ? method : "*");
}

static void
patch_settings (JsonArray *patches,
                JsonArray *before,
                JsonArray *now)
{
  for (guint i = 0; before != NULL && i < json_array_get_length (before); i++)
    {
      JsonObject *old = mill_array_get_object (before, i);
      g_autofree char *path = old != NULL && find_setting (now, old) == NULL ? dup_setting_path (old) : NULL;

      if (path == NULL)
        continue;
      add_patch (patches, "remove", path, NULL);
      /* That takes all of it away. */
      for (guint j = 0; j < G_N_ELEMENTS (settings); j++)
        if (settings[j].only_tells && json_object_has_member (old, settings[j].property))
          {
            g_autofree char *whole = g_strconcat (path, "/", settings[j].path, NULL);
            g_autofree char *text = mill_properties_dup_text (old, settings[j].property);

            add_patch (patches, "replace", whole, text);
          }
    }
  for (guint i = 0; now != NULL && i < json_array_get_length (now); i++)
    {
      JsonObject *wanted = mill_array_get_object (now, i);
      JsonObject *old = wanted != NULL ? find_setting (before, wanted) : NULL;
      g_autofree char *path = wanted != NULL ? dup_setting_path (wanted) : NULL;

      for (guint j = 0; wanted != NULL && j < G_N_ELEMENTS (settings); j++)
        {
          JsonNode *value = json_object_get_member (wanted, settings[j].property);
          JsonNode *was = old != NULL ? json_object_get_member (old, settings[j].property) : NULL;
          g_autofree char *text = value != NULL ? mill_properties_dup_text (wanted, settings[j].property) : g_strdup (settings[j].standard);
          g_autofree char *whole = g_strconcat (path, "/", settings[j].path, NULL);

          if (!mill_properties_same (value, was))
            add_patch (patches, "replace", whole, text);
        }
    }
}

static gboolean
update (MillJob     *job,
        JsonObject  *before,
        GError     **error)
{
  static const struct { const char *property, *path, *standard; } changeable[] = {
    { "DeploymentId", "/deploymentId", "" }, { "Description", "/description", "" }, { "TracingEnabled", "/tracingEnabled", "false" },
  };
  JsonArray *patches = json_array_new ();
  JsonObject *parameters = stage_parameters (job);

  for (guint i = 0; i < G_N_ELEMENTS (changeable); i++)
    {
      g_autofree char *value = mill_properties_dup_text (job->properties, changeable[i].property);
      g_autofree char *was = mill_properties_dup_text (before, changeable[i].property);
      const char *wanted = value != NULL ? value : changeable[i].standard;

      if (!g_str_equal (wanted, was != NULL ? was : changeable[i].standard))
        add_patch (patches, "replace", changeable[i].path, wanted);
    }
  patch_settings (patches, aws_json_get_array (before, "MethodSettings"), aws_json_get_array (job->properties, "MethodSettings"));
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
  "AWS::ApiGateway::Stage", "StageName", "RestApiId", create, find, read_back, update, remove_stage, FALSE, FALSE, NULL, "MethodSettings",
};
