/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-apigateway-private.h"

#include <string.h>

#define NO_LOG_ROLE "CloudWatch Logs role ARN must be set in account settings to enable logging"

static const struct {
  const char *path;
  const char *member;
  enum { BOOLEAN, INTEGER, NUMBER, TEXT } type;
} settings[] = {
  { "metrics/enabled", "metricsEnabled", BOOLEAN },
  { "logging/dataTrace", "dataTraceEnabled", BOOLEAN },
  { "logging/loglevel", "loggingLevel", TEXT },
  { "throttling/burstLimit", "throttlingBurstLimit", INTEGER },
  { "throttling/rateLimit", "throttlingRateLimit", NUMBER },
  { "caching/ttlInSeconds", "cacheTtlInSeconds", INTEGER },
  { "caching/enabled", "cachingEnabled", BOOLEAN },
  { "caching/dataEncrypted", "cacheDataEncrypted", BOOLEAN },
  { "caching/requireAuthorizationForCacheControl", "requireAuthorizationForCacheControl", BOOLEAN },
  { "caching/unauthorizedCacheControlHeaderStrategy", "unauthorizedCacheControlHeaderStrategy", TEXT },
};

/* ── deployments ── */

static gboolean
check_complete (PracticeCall *call,
                JsonObject   *document)
{
  JsonObjectIter resources;
  JsonNode *node = NULL;
  guint n = 0;

  json_object_iter_init_ordered (&resources, practice_json_get_object (document, "resources"));
  while (apigw_next (&resources, NULL, &node)) {
    JsonObject *methods = practice_json_get_object (json_node_get_object (node), "resourceMethods");
    JsonObjectIter iter;
    JsonNode *method = NULL;

    if (methods == NULL)
      continue;
    json_object_iter_init_ordered (&iter, methods);
    while (apigw_next (&iter, NULL, &method)) {
      n++;
      if (practice_json_get_object (json_node_get_object (method), "methodIntegration") == NULL) {
        apigw_bad_request (call, "No integration defined for method");
        return FALSE;
      }
    }
  }
  if (n == 0)
    apigw_bad_request (call, "The REST API doesn't contain any methods");
  return n > 0;
}

static gboolean
is_valid_stage_name (const char *name)
{
  if (name == NULL || *name == '\0' || strlen (name) > 128)
    return FALSE;
  for (; *name != '\0'; name++) {
    if (!g_ascii_isalnum (*name) && *name != '_' && *name != '-')
      return FALSE;
  }
  return TRUE;
}

static JsonObject *
new_stage (const char *name,
           const char *deployment)
{
  JsonObject *stage = json_object_new ();

  json_object_set_string_member (stage, "deploymentId", deployment);
  json_object_set_string_member (stage, "stageName", name);
  json_object_set_boolean_member (stage, "cacheClusterEnabled", FALSE);
  json_object_set_string_member (stage, "cacheClusterStatus", "NOT_AVAILABLE");
  json_object_set_object_member (stage, "methodSettings", json_object_new ());
  json_object_set_boolean_member (stage, "tracingEnabled", FALSE);
  json_object_set_int_member (stage, "createdDate", apigw_now ());
  json_object_set_int_member (stage, "lastUpdatedDate", apigw_now ());
  return stage;
}

static gboolean
check_variables (PracticeCall *call,
                 JsonObject   *variables)
{
  JsonObjectIter iter;
  const char *name = NULL;
  JsonNode *node = NULL;

  if (variables == NULL)
    return TRUE;
  json_object_iter_init_ordered (&iter, variables);
  while (apigw_next (&iter, &name, &node)) {
    if (!practice_json_is_string (node)) {
      practice_call_fail (call, 400, "SerializationException", "The stage variable %s must be a String", name);
      return FALSE;
    }
    for (const char *p = name; *p != '\0'; p++) {
      if (!g_ascii_isalnum (*p) && *p != '_') {
        apigw_bad_request (call, "Stage variable names may only contain letters, digits and _: %s", name);
        return FALSE;
      }
    }
    for (const char *p = json_node_get_string (node); *p != '\0'; p++) {
      if (!g_ascii_isalnum (*p) && strchr ("-._~:/?#&=,", *p) == NULL) {
        apigw_bad_request (call, "Stage variable values may only contain letters, digits and -._~:/?#&=, : %s", name);
        return FALSE;
      }
    }
  }
  return TRUE;
}

static char *
stage_path (const char *api_id,
            const char *stage)
{
  return g_strdup_printf ("/restapis/%s/stages/%s", api_id, stage);
}

void
apigw_create_deployment (PracticeApiGateway *self,
                         PracticeCall       *call)
{
  const char *region = practice_call_get_region (call);
  const char *api_id = apigw_label (call, "restapi_id");
  g_autoptr (JsonObject) document = apigw_load_api (self, call);
  const char *name = practice_call_get_string (call, "stageName");
  JsonObject *variables = practice_call_get_object (call, "variables");
  g_autoptr (JsonObject) deployment = NULL;
  g_autoptr (JsonObject) shown = NULL;
  g_autofree char *id = apigw_new_id (6);
  g_autofree char *path = NULL;

  if (document == NULL || practice_call_is_answered (call) || !check_variables (call, variables) || !check_complete (call, document))
    return;
  if (name != NULL && !is_valid_stage_name (name)) {
    apigw_bad_request (call, "Stage name only allows a-zA-Z0-9_");
    return;
  }
  shown = json_object_new ();
  json_object_set_string_member (shown, "id", id);
  apigw_copy (call, shown, "description", NULL);
  json_object_set_int_member (shown, "createdDate", apigw_now ());
  deployment = json_object_new ();
  json_object_set_object_member (deployment, "deployment", json_object_ref (shown));
  json_object_set_object_member (deployment, "snapshot", json_object_ref (document));
  apigw_save (self, region, "deployment", api_id, id, deployment);

  if (name != NULL) {
    g_autoptr (JsonObject) stage = apigw_load (self, region, "stage", api_id, name);
    gboolean is_new = stage == NULL;

    if (is_new)
      stage = new_stage (name, id);
    json_object_set_string_member (stage, "deploymentId", id);
    json_object_set_int_member (stage, "lastUpdatedDate", apigw_now ());
    apigw_copy (call, stage, "variables", "tracingEnabled", "cacheClusterEnabled", NULL);
    if (practice_call_get_string (call, "stageDescription") != NULL)
      json_object_set_string_member (stage, "description", practice_call_get_string (call, "stageDescription"));
    apigw_save (self, region, "stage", api_id, name, stage);
    apigw_forget (self, api_id);
    path = stage_path (api_id, name);
    apigw_emit (self, call, is_new ? "resource-created" : "resource-updated", "AWS::ApiGateway::Stage", path, name);
  }
  apigw_return (call, 201, shown);
}

static JsonObject *
load_deployment (PracticeApiGateway *self,
                 PracticeCall       *call)
{
  JsonObject *deployment = apigw_load (self, practice_call_get_region (call), "deployment", apigw_label (call, "restapi_id"),
                                       apigw_label (call, "deployment_id"));

  if (deployment == NULL)
    apigw_not_found (call, "Invalid Deployment identifier specified");
  return deployment;
}

void
apigw_get_deployment (PracticeApiGateway *self,
                      PracticeCall       *call)
{
  g_autoptr (JsonObject) deployment = load_deployment (self, call);

  if (deployment != NULL)
    apigw_return (call, 200, practice_json_get_object (deployment, "deployment"));
}

void
apigw_get_deployments (PracticeApiGateway *self,
                       PracticeCall       *call)
{
  g_autoptr (JsonObject) document = apigw_load_api (self, call);
  g_autoptr (JsonArray) deployments = NULL;
  JsonArray *items = NULL;

  if (document == NULL)
    return;
  deployments = apigw_list (self, practice_call_get_region (call), "deployment", apigw_label (call, "restapi_id"));
  items = json_array_new ();
  for (guint i = 0; i < json_array_get_length (deployments); i++) {
    JsonObject *deployment = practice_json_get_object (json_array_get_object_element (deployments, i), "deployment");

    json_array_add_object_element (items, json_object_ref (deployment));
  }
  apigw_return_items (call, "item", items);
}

static gboolean
patch_deployment (PracticeApiGateway *self,
                  PracticeCall       *call,
                  JsonObject         *deployment,
                  const ApigwPatch   *patch)
{
  const char *const texts[] = { "description", NULL };

  return apigw_patch_text (deployment, patch, texts);
}

void
apigw_update_deployment (PracticeApiGateway *self,
                         PracticeCall       *call)
{
  g_autoptr (JsonObject) deployment = load_deployment (self, call);
  JsonObject *shown = deployment != NULL ? practice_json_get_object (deployment, "deployment") : NULL;

  if (shown == NULL || !apigw_patch (self, call, "updateDeploymentInput", shown, patch_deployment))
    return;
  apigw_save (self, practice_call_get_region (call), "deployment", apigw_label (call, "restapi_id"), apigw_label (call, "deployment_id"),
              deployment);
  apigw_return (call, 200, shown);
}

void
apigw_delete_deployment (PracticeApiGateway *self,
                         PracticeCall       *call)
{
  const char *region = practice_call_get_region (call);
  const char *api_id = apigw_label (call, "restapi_id");
  const char *id = apigw_label (call, "deployment_id");
  g_autoptr (JsonObject) deployment = load_deployment (self, call);
  g_autoptr (JsonArray) stages = NULL;

  if (deployment == NULL)
    return;
  stages = apigw_list (self, region, "stage", api_id);
  for (guint i = 0; i < json_array_get_length (stages); i++) {
    if (g_strcmp0 (practice_json_get_string (json_array_get_object_element (stages, i), "deploymentId"), id) == 0) {
      apigw_bad_request (call, "Active stages pointing to this deployment must be moved or deleted");
      return;
    }
  }
  apigw_remove (self, region, "deployment", api_id, id);
  apigw_return (call, 202, NULL);
}

/* ── stages ── */

void
apigw_create_stage (PracticeApiGateway *self,
                    PracticeCall       *call)
{
  const char *region = practice_call_get_region (call);
  const char *api_id = apigw_label (call, "restapi_id");
  g_autoptr (JsonObject) document = apigw_load_api (self, call);
  const char *name = practice_call_get_string (call, "stageName");
  const char *deployment_id = practice_call_get_string (call, "deploymentId");
  JsonObject *variables = practice_call_get_object (call, "variables");
  g_autoptr (JsonObject) deployment = NULL;
  g_autoptr (JsonObject) before = NULL;
  g_autoptr (JsonObject) stage = NULL;
  g_autofree char *path = NULL;

  if (document == NULL || practice_call_is_answered (call) || !check_variables (call, variables))
    return;
  if (!is_valid_stage_name (name)) {
    apigw_bad_request (call, "Stage name only allows a-zA-Z0-9_");
    return;
  }
  deployment = apigw_load (self, region, "deployment", api_id, deployment_id != NULL ? deployment_id : "");
  if (deployment == NULL) {
    apigw_not_found (call, "Invalid Deployment identifier specified");
    return;
  }
  before = apigw_load (self, region, "stage", api_id, name);
  if (before != NULL) {
    practice_call_fail (call, 409, "ConflictException", "Stage already exists");
    return;
  }
  stage = new_stage (name, deployment_id);
  apigw_copy (call, stage, "description", "variables", "documentationVersion", "tracingEnabled", "cacheClusterEnabled", "cacheClusterSize",
              "tags", NULL);
  apigw_save (self, region, "stage", api_id, name, stage);
  apigw_forget (self, api_id);
  path = stage_path (api_id, name);
  apigw_emit (self, call, "resource-created", "AWS::ApiGateway::Stage", path, name);
  apigw_return (call, 201, stage);
}

static JsonObject *
load_stage (PracticeApiGateway *self,
            PracticeCall       *call)
{
  JsonObject *stage = apigw_load (self, practice_call_get_region (call), "stage", apigw_label (call, "restapi_id"), apigw_label (call, "stage_name"));

  if (stage == NULL)
    apigw_not_found (call, "Invalid stage identifier specified");
  return stage;
}

void
apigw_get_stage (PracticeApiGateway *self,
                 PracticeCall       *call)
{
  g_autoptr (JsonObject) stage = load_stage (self, call);

  if (stage != NULL)
    apigw_return (call, 200, stage);
}

/* Not in pages, and its list has a name of its own: "item". */
void
apigw_get_stages (PracticeApiGateway *self,
                  PracticeCall       *call)
{
  g_autoptr (JsonObject) document = apigw_load_api (self, call);
  g_autoptr (JsonArray) stages = NULL;
  g_autoptr (JsonObject) result = NULL;
  const char *deployment = practice_json_get_string (practice_call_get_params (call), "deploymentId");
  JsonArray *items = NULL;

  if (document == NULL)
    return;
  stages = apigw_list (self, practice_call_get_region (call), "stage", apigw_label (call, "restapi_id"));
  items = json_array_new ();
  for (guint i = 0; i < json_array_get_length (stages); i++) {
    JsonObject *stage = json_array_get_object_element (stages, i);

    if (deployment == NULL || g_strcmp0 (practice_json_get_string (stage, "deploymentId"), deployment) == 0)
      json_array_add_object_element (items, json_object_ref (stage));
  }
  result = json_object_new ();
  json_object_set_array_member (result, "item", items);
  apigw_return (call, 200, result);
}

static gboolean
has_log_role (PracticeApiGateway *self,
              PracticeCall       *call)
{
  g_autoptr (JsonObject) account = apigw_load (self, practice_call_get_region (call), "account", "", "");

  return account != NULL && practice_json_get_string (account, "cloudwatchRoleArn") != NULL;
}

static gboolean
patch_access_log (PracticeApiGateway *self,
                  PracticeCall       *call,
                  JsonObject         *stage,
                  const ApigwPatch   *patch)
{
  JsonObject *log = practice_json_get_object (stage, "accessLogSettings");
  gboolean known = patch->n_parts == 2 && (strcmp (patch->parts[1], "destinationArn") == 0 || strcmp (patch->parts[1], "format") == 0);

  if (strcmp (patch->op, "remove") == 0) {
    if (patch->n_parts == 1 && log != NULL) {
      json_object_remove_member (stage, "accessLogSettings");
      return TRUE;
    }
    apigw_bad_request (call, "Cannot remove method setting %s because there is no method setting for this method ", patch->path + 1);
    return FALSE;
  }
  if (!known) {
    apigw_bad_request (call, "Invalid accessLogSettings path. Must be one of : [/accessLogSettings/destinationArn, /accessLogSettings/format]");
    return FALSE;
  }
  if (patch->value == NULL || *patch->value == '\0') {
    apigw_bad_request (call, "Access Log value must not be empty");
    return FALSE;
  }
  if (strcmp (patch->parts[1], "destinationArn") == 0 && !g_str_has_prefix (patch->value, "arn:aws:logs:")) {
    apigw_bad_request (call, "Invalid ARN specified in the request. ARNs must start with 'arn:' and name a log group: %s", patch->value);
    return FALSE;
  }
  if (strcmp (patch->parts[1], "format") == 0 && strstr (patch->value, "$context.requestId") == NULL &&
      strstr (patch->value, "$context.extendedRequestId") == NULL) {
    apigw_bad_request (call, "Access Log format must contain $context.requestId or $context.extendedRequestId");
    return FALSE;
  }
  log = apigw_ensure (stage, "accessLogSettings");
  json_object_set_string_member (log, patch->parts[1], patch->value);
  /* Both together begin the writing, for which the account needs a role. */
  if (practice_json_get_string (log, "destinationArn") != NULL && practice_json_get_string (log, "format") != NULL &&
      !has_log_role (self, call)) {
    apigw_bad_request (call, NO_LOG_ROLE);
    return FALSE;
  }
  return TRUE;
}

static gboolean
fail_stage_path (PracticeCall     *call,
                 const ApigwPatch *patch)
{
  g_autoptr (GString) known = g_string_new ("/deploymentId, /description, /cacheClusterEnabled, /cacheClusterSize, /clientCertificateId, "
                                            "/accessLogSettings, /accessLogSettings/destinationArn, /accessLogSettings/format");

  for (guint all = 0; all < 2; all++) {
    for (guint i = 0; i < G_N_ELEMENTS (settings); i++)
      g_string_append_printf (known, ", %s/%s", all ? "/*/*" : "/{resourcePath}/{httpMethod}", settings[i].path);
  }
  g_string_append (known, ", /variables/{variable_name}, /tracingEnabled");
  apigw_bad_request (call, "Invalid method setting path: %s. Must be one of: [%s]", patch->path, known->str);
  return FALSE;
}

static JsonObject *
ensure_method_setting (JsonObject *stage,
                       const char *key)
{
  JsonObject *all = apigw_ensure (stage, "methodSettings");
  JsonObject *setting = practice_json_get_object (all, key);

  if (setting != NULL)
    return setting;
  setting = apigw_ensure (all, key);
  json_object_set_boolean_member (setting, "metricsEnabled", FALSE);
  json_object_set_boolean_member (setting, "dataTraceEnabled", FALSE);
  json_object_set_int_member (setting, "throttlingBurstLimit", 5000);
  json_object_set_double_member (setting, "throttlingRateLimit", 10000);
  json_object_set_boolean_member (setting, "cachingEnabled", FALSE);
  json_object_set_int_member (setting, "cacheTtlInSeconds", 300);
  json_object_set_boolean_member (setting, "cacheDataEncrypted", FALSE);
  json_object_set_boolean_member (setting, "requireAuthorizationForCacheControl", TRUE);
  json_object_set_string_member (setting, "unauthorizedCacheControlHeaderStrategy", "SUCCEED_WITH_RESPONSE_HEADER");
  return setting;
}

static gboolean
set_method_setting (PracticeApiGateway *self,
                    PracticeCall       *call,
                    JsonObject         *setting,
                    guint               which,
                    const ApigwPatch   *patch)
{
  const char *member = settings[which].member;
  const char *value = patch->value != NULL ? patch->value : "";
  char *end = NULL;
  double number = 0;

  switch (settings[which].type) {
  case BOOLEAN:
    if (strcmp (value, "true") == 0 && strcmp (member, "dataTraceEnabled") == 0 && !has_log_role (self, call)) {
      apigw_bad_request (call, NO_LOG_ROLE);
      return FALSE;
    }
    json_object_set_boolean_member (setting, member, strcmp (value, "true") == 0);
    return TRUE;
  case TEXT:
    if (strcmp (member, "loggingLevel") == 0) {
      if (strcmp (value, "OFF") != 0 && strcmp (value, "ERROR") != 0 && strcmp (value, "INFO") != 0) {
        apigw_bad_request (call, "Invalid logging level specified: %s. Must be one of: [OFF, ERROR, INFO]", value);
        return FALSE;
      }
      if (strcmp (value, "OFF") != 0 && !has_log_role (self, call)) {
        apigw_bad_request (call, NO_LOG_ROLE);
        return FALSE;
      }
    }
    json_object_set_string_member (setting, member, value);
    return TRUE;
  case INTEGER:
  case NUMBER:
  default:
    number = g_ascii_strtod (value, &end);
    if (end == value || *end != '\0' || number < -1 || number > 1e9) {
      apigw_bad_request (call, "Invalid value %s for %s: it must be a number", value, settings[which].path);
      return FALSE;
    }
    if (settings[which].type == INTEGER)
      json_object_set_int_member (setting, member, (gint64) number);
    else
      json_object_set_double_member (setting, member, number);
    return TRUE;
  }
}

/* "/~1orders/POST/logging/loglevel", "/<star>/<star>/throttling/rateLimit": the key is the path without its first slash, and the method. */
static gboolean
patch_method_setting (PracticeApiGateway *self,
                      PracticeCall       *call,
                      JsonObject         *stage,
                      const ApigwPatch   *patch)
{
  const char *path = patch->parts[0];
  g_autofree char *key = g_strdup_printf ("%s/%s", *path == '/' && path[1] != '\0' ? path + 1 : path, patch->n_parts > 1 ? patch->parts[1] : "");
  g_autofree char *name = patch->n_parts == 4 ? g_strdup_printf ("%s/%s", patch->parts[2], patch->parts[3]) : NULL;

  if (strcmp (patch->op, "remove") == 0) {
    JsonObject *all = apigw_ensure (stage, "methodSettings");

    if (patch->n_parts < 2 || !json_object_has_member (all, key)) {
      apigw_bad_request (call, "Cannot remove method setting %s because there is no method setting for this method ", patch->path + 1);
      return FALSE;
    }
    json_object_remove_member (all, key);
    return TRUE;
  }
  for (guint i = 0; name != NULL && i < G_N_ELEMENTS (settings); i++) {
    if (strcmp (settings[i].path, name) == 0)
      return set_method_setting (self, call, ensure_method_setting (stage, key), i, patch);
  }
  return fail_stage_path (call, patch);
}

static gboolean
patch_stage (PracticeApiGateway *self,
             PracticeCall       *call,
             JsonObject         *stage,
             const ApigwPatch   *patch)
{
  const char *const texts[] = { "description", "cacheClusterSize", "clientCertificateId", "documentationVersion", NULL };
  const char *const booleans[] = { "tracingEnabled", "cacheClusterEnabled", NULL };
  const char *const maps[] = { "variables", NULL };

  if (strcmp (patch->parts[0], "accessLogSettings") == 0)
    return patch_access_log (self, call, stage, patch);
  if (strcmp (patch->path, "/deploymentId") == 0) {
    g_autoptr (JsonObject) deployment = NULL;

    if (!apigw_patch_is_op (call, patch, "replace"))
      return FALSE;
    deployment = apigw_load (self, practice_call_get_region (call), "deployment", apigw_label (call, "restapi_id"),
                             patch->value != NULL ? patch->value : "");
    if (deployment == NULL) {
      apigw_bad_request (call, "Deployment id does not exist");
      return FALSE;
    }
    json_object_set_string_member (stage, "deploymentId", patch->value);
    return TRUE;
  }
  if (patch->n_parts == 2 && strcmp (patch->parts[0], "variables") == 0 && strcmp (patch->op, "remove") != 0) {
    g_autoptr (JsonObject) variable = json_object_new ();

    json_object_set_string_member (variable, patch->parts[1], patch->value != NULL ? patch->value : "");
    if (!check_variables (call, variable))
      return FALSE;
  }
  if (patch->n_parts == 1 && g_strv_contains (booleans, patch->parts[0]) && !apigw_patch_is_op (call, patch, "replace"))
    return FALSE;
  return apigw_patch_text (stage, patch, texts) || apigw_patch_boolean (stage, patch, booleans) ||
         apigw_patch_map (stage, patch, maps, FALSE) || patch_method_setting (self, call, stage, patch);
}

void
apigw_update_stage (PracticeApiGateway *self,
                    PracticeCall       *call)
{
  const char *api_id = apigw_label (call, "restapi_id");
  const char *name = apigw_label (call, "stage_name");
  g_autoptr (JsonObject) stage = load_stage (self, call);
  g_autofree char *path = NULL;

  if (stage == NULL || !apigw_patch (self, call, "updateStageInput", stage, patch_stage))
    return;
  json_object_set_int_member (stage, "lastUpdatedDate", apigw_now ());
  apigw_save (self, practice_call_get_region (call), "stage", api_id, name, stage);
  apigw_forget (self, api_id);
  path = stage_path (api_id, name);
  apigw_emit (self, call, "resource-updated", "AWS::ApiGateway::Stage", path, name);
  apigw_return (call, 200, stage);
}

void
apigw_delete_stage (PracticeApiGateway *self,
                    PracticeCall       *call)
{
  const char *api_id = apigw_label (call, "restapi_id");
  const char *name = apigw_label (call, "stage_name");
  g_autoptr (JsonObject) stage = load_stage (self, call);
  g_autofree char *path = NULL;

  if (stage == NULL)
    return;
  apigw_remove (self, practice_call_get_region (call), "stage", api_id, name);
  apigw_forget (self, api_id);
  path = stage_path (api_id, name);
  apigw_emit (self, call, "resource-deleted", "AWS::ApiGateway::Stage", path, name);
  apigw_return (call, 202, NULL);
}
