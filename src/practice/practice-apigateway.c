/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-apigateway-execution.h"

#include <string.h>

#include "practice-apigateway-program.h"
#include "practice-tags.h"

/* The control plane's operations (API Gateway API reference). The labels are ours; members of bodies and queries have AWS's names. */
#define API "/restapis/{restapi_id}"
#define METHOD API "/resources/{resource_id}/methods/{http_method}"

typedef struct {
  const char   *name;
  const char   *route;
  ApigwHandler  handle;
} Operation;

static const Operation table[] = {
  { "CreateRestApi", "POST /restapis", apigw_create_rest_api },
  { "GetRestApis", "GET /restapis", apigw_get_rest_apis },
  { "GetRestApi", "GET " API, apigw_get_rest_api },
  { "UpdateRestApi", "PATCH " API, apigw_update_rest_api },
  { "DeleteRestApi", "DELETE " API, apigw_delete_rest_api },
  { "PutRestApi", "PUT " API, apigw_put_rest_api },
  { "GetExport", "GET " API "/stages/{stage_name}/exports/{export_type}", apigw_get_export },
  { "GetAccount", "GET /account", apigw_get_account },
  { "UpdateAccount", "PATCH /account", apigw_update_account },
  { "TagResource", "PUT /tags/{resource_arn+}", apigw_tag_resource },
  { "UntagResource", "DELETE /tags/{resource_arn+}", apigw_untag_resource },
  { "GetTags", "GET /tags/{resource_arn+}", apigw_get_tags },
  { "GetResources", "GET " API "/resources", apigw_get_resources },
  { "GetResource", "GET " API "/resources/{resource_id}", apigw_get_resource },
  { "CreateResource", "POST " API "/resources/{parent_id}", apigw_create_resource },
  { "UpdateResource", "PATCH " API "/resources/{resource_id}", apigw_update_resource },
  { "DeleteResource", "DELETE " API "/resources/{resource_id}", apigw_delete_resource },
  { "PutMethod", "PUT " METHOD, apigw_put_method },
  { "GetMethod", "GET " METHOD, apigw_get_method },
  { "UpdateMethod", "PATCH " METHOD, apigw_update_method },
  { "DeleteMethod", "DELETE " METHOD, apigw_delete_method },
  { "TestInvokeMethod", "POST " METHOD, apigw_test_invoke_method },
  { "PutMethodResponse", "PUT " METHOD "/responses/{status_code}", apigw_put_method_response },
  { "GetMethodResponse", "GET " METHOD "/responses/{status_code}", apigw_get_method_response },
  { "UpdateMethodResponse", "PATCH " METHOD "/responses/{status_code}", apigw_update_method_response },
  { "DeleteMethodResponse", "DELETE " METHOD "/responses/{status_code}", apigw_delete_method_response },
  { "PutIntegration", "PUT " METHOD "/integration", apigw_put_integration },
  { "GetIntegration", "GET " METHOD "/integration", apigw_get_integration },
  { "UpdateIntegration", "PATCH " METHOD "/integration", apigw_update_integration },
  { "DeleteIntegration", "DELETE " METHOD "/integration", apigw_delete_integration },
  { "PutIntegrationResponse", "PUT " METHOD "/integration/responses/{status_code}", apigw_put_integration_response },
  { "GetIntegrationResponse", "GET " METHOD "/integration/responses/{status_code}", apigw_get_integration_response },
  { "UpdateIntegrationResponse", "PATCH " METHOD "/integration/responses/{status_code}", apigw_update_integration_response },
  { "DeleteIntegrationResponse", "DELETE " METHOD "/integration/responses/{status_code}", apigw_delete_integration_response },
  { "CreateDeployment", "POST " API "/deployments", apigw_create_deployment },
  { "GetDeployments", "GET " API "/deployments", apigw_get_deployments },
  { "GetDeployment", "GET " API "/deployments/{deployment_id}", apigw_get_deployment },
  { "UpdateDeployment", "PATCH " API "/deployments/{deployment_id}", apigw_update_deployment },
  { "DeleteDeployment", "DELETE " API "/deployments/{deployment_id}", apigw_delete_deployment },
  { "CreateStage", "POST " API "/stages", apigw_create_stage },
  { "GetStages", "GET " API "/stages", apigw_get_stages },
  { "GetStage", "GET " API "/stages/{stage_name}", apigw_get_stage },
  { "UpdateStage", "PATCH " API "/stages/{stage_name}", apigw_update_stage },
  { "DeleteStage", "DELETE " API "/stages/{stage_name}", apigw_delete_stage },
  { "CreateModel", "POST " API "/models", apigw_create_model },
  { "GetModels", "GET " API "/models", apigw_get_models },
  { "GetModel", "GET " API "/models/{model_name}", apigw_get_model },
  { "DeleteModel", "DELETE " API "/models/{model_name}", apigw_delete_model },
  { "CreateRequestValidator", "POST " API "/requestvalidators", apigw_create_validator },
  { "GetRequestValidators", "GET " API "/requestvalidators", apigw_get_validators },
  { "GetRequestValidator", "GET " API "/requestvalidators/{validator_id}", apigw_get_validator },
  { "DeleteRequestValidator", "DELETE " API "/requestvalidators/{validator_id}", apigw_delete_validator },
  { "GetGatewayResponses", "GET " API "/gatewayresponses", apigw_get_gateway_responses },
  { "GetGatewayResponse", "GET " API "/gatewayresponses/{response_type}", apigw_get_gateway_response },
  { "PutGatewayResponse", "PUT " API "/gatewayresponses/{response_type}", apigw_put_gateway_response },
  { "DeleteGatewayResponse", "DELETE " API "/gatewayresponses/{response_type}", apigw_delete_gateway_response },
  { "CreateApiKey", "POST /apikeys", apigw_create_api_key },
  { "GetApiKeys", "GET /apikeys", apigw_get_api_keys },
  { "GetApiKey", "GET /apikeys/{api_key}", apigw_get_api_key },
  { "UpdateApiKey", "PATCH /apikeys/{api_key}", apigw_update_api_key },
  { "DeleteApiKey", "DELETE /apikeys/{api_key}", apigw_delete_api_key },
  { "CreateUsagePlan", "POST /usageplans", apigw_create_usage_plan },
  { "GetUsagePlans", "GET /usageplans", apigw_get_usage_plans },
  { "GetUsagePlan", "GET /usageplans/{plan_id}", apigw_get_usage_plan },
  { "UpdateUsagePlan", "PATCH /usageplans/{plan_id}", apigw_update_usage_plan },
  { "DeleteUsagePlan", "DELETE /usageplans/{plan_id}", apigw_delete_usage_plan },
  { "CreateUsagePlanKey", "POST /usageplans/{plan_id}/keys", apigw_create_usage_plan_key },
  { "GetUsagePlanKeys", "GET /usageplans/{plan_id}/keys", apigw_get_usage_plan_keys },
  { "GetUsagePlanKey", "GET /usageplans/{plan_id}/keys/{key_id}", apigw_get_usage_plan_key },
  { "DeleteUsagePlanKey", "DELETE /usageplans/{plan_id}/keys/{key_id}", apigw_delete_usage_plan_key },
};

static PracticeOperation operations[G_N_ELEMENTS (table) + 1];

static PracticeService service = {
  .name = "apigateway",
  .protocol = PRACTICE_PROTOCOL_REST_JSON,
  .denied_status = 403,
  .denied_code = "AccessDeniedException",
  .operations = operations,
};

/* "arn:aws:apigateway:REGION::/restapis/abc/resources": the operation's route with its labels filled in (Service Authorization Reference). */
static char *
make_resource_arn (PracticeCall    *call,
                   const Operation *operation)
{
  GString *arn = g_string_new (NULL);

  g_string_printf (arn, "arn:aws:apigateway:%s::", practice_call_get_region (call));
  for (const char *p = strchr (operation->route, ' ') + 1; *p != '\0'; p++) {
    if (*p == '{') {
      gsize length = strcspn (p + 1, "+}");
      g_autofree char *name = g_strndup (p + 1, length);

      g_string_append (arn, apigw_label (call, name));
      p = strchr (p, '}');
    } else {
      g_string_append_c (arn, *p);
    }
  }
  return g_string_free (arn, FALSE);
}

static void
handle (PracticeCall *call,
        gpointer      data)
{
  PracticeApiGateway *self = data;
  const char *name = practice_call_get_operation (call);

  for (guint i = 0; i < G_N_ELEMENTS (table); i++) {
    if (strcmp (table[i].name, name) == 0) {
      g_autofree char *arn = make_resource_arn (call, &table[i]);
      g_autofree char *verb = g_strndup (table[i].route, strcspn (table[i].route, " "));
      g_autofree char *action = g_strconcat ("apigateway:", verb, NULL);

      if (practice_call_allow (call, action, arn, NULL, NULL))
        table[i].handle (self, call);
      return;
    }
  }
}

static void
list_tags_of (JsonArray  *resources,
              const char *region,
              const char *path,
              JsonObject *tags)
{
  g_autofree char *arn = g_strdup_printf ("arn:aws:apigateway:%s::%s", region, path);

  practice_tags_tell (tags, arn, resources);
}

static void
list_tagged (JsonArray  *resources,
             const char *region,
             gpointer    data)
{
  static const char *const kinds[] = { "key", "plan" };
  PracticeApiGateway *self = data;
  g_autoptr (JsonArray) apis = apigw_list (self, region, "api", "");

  for (guint i = 0; i < json_array_get_length (apis); i++) {
    JsonObject *api = practice_json_get_object (json_array_get_object_element (apis, i), "api");
    const char *id = practice_json_get_string (api, "id");
    g_autofree char *path = g_strdup_printf ("/restapis/%s", id);
    g_autoptr (JsonArray) stages = apigw_list (self, region, "stage", id);

    list_tags_of (resources, region, path, practice_json_get_object (api, "tags"));
    for (guint k = 0; k < json_array_get_length (stages); k++) {
      JsonObject *stage = json_array_get_object_element (stages, k);
      g_autofree char *stage_path = g_strdup_printf ("%s/stages/%s", path, practice_json_get_string (stage, "stageName"));

      list_tags_of (resources, region, stage_path, practice_json_get_object (stage, "tags"));
    }
  }
  for (guint kind = 0; kind < G_N_ELEMENTS (kinds); kind++) {
    g_autoptr (JsonArray) items = apigw_list (self, region, kinds[kind], "");

    for (guint i = 0; i < json_array_get_length (items); i++) {
      JsonObject *item = json_array_get_object_element (items, i);
      g_autofree char *path = g_strconcat (kind == 0 ? "/apikeys/" : "/usageplans/", practice_json_get_string (item, "id"), NULL);

      list_tags_of (resources, region, path, practice_json_get_object (item, "tags"));
    }
  }
}

static void
gateway_free (gpointer data)
{
  PracticeApiGateway *self = data;

  g_hash_table_unref (self->held);
  g_hash_table_unref (self->programs);
  g_hash_table_unref (self->buckets);
  g_free (self);
}

void
practice_apigateway_start (PracticeServer *server)
{
  PracticeApiGateway *self = g_new0 (PracticeApiGateway, 1);

  self->server = server;
  self->store = practice_server_get_store (server);
  self->programs = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) apigw_program_unref);
  self->held = g_hash_table_new_full (NULL, NULL, (GDestroyNotify) apigw_execution_abandon, NULL);
  self->buckets = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  for (guint i = 0; i < G_N_ELEMENTS (table); i++) {
    operations[i].name = table[i].name;
    operations[i].route = table[i].route;
    operations[i].handle = handle;
    /* These two may bring an OpenAPI document instead of parameters. */
    operations[i].payload = strcmp (table[i].name, "CreateRestApi") == 0 || strcmp (table[i].name, "PutRestApi") == 0;
  }
  apigw_init_documents (self);
  practice_server_add_service (server, &service, self);
  practice_server_add_tagged (server, "apigateway", list_tagged, self);
  apigw_start_invoke (self);
  g_object_set_data_full (G_OBJECT (server), "practice-apigateway", self, gateway_free);
}
