/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-apigateway-private.h"

#include <string.h>

#define MAX_COMPRESSION 10485760

/* (transfer full): with the root resource and models. */
static JsonObject *
new_document (PracticeApiGateway *self,
              const char         *name)
{
  JsonObject *document = json_object_new ();
  JsonObject *api = apigw_ensure (document, "api");
  JsonObject *endpoint = NULL;
  JsonArray *types = json_array_new ();
  g_autofree char *id = apigw_new_id (10);

  json_object_set_string_member (api, "id", id);
  json_object_set_string_member (api, "name", name);
  json_object_set_int_member (api, "createdDate", apigw_now ());
  json_object_set_string_member (api, "apiKeySource", "HEADER");
  json_array_add_string_element (types, "EDGE");
  endpoint = apigw_ensure (api, "endpointConfiguration");
  json_object_set_array_member (endpoint, "types", types);
  json_object_set_string_member (endpoint, "ipAddressType", "ipv4");
  json_object_set_boolean_member (api, "disableExecuteApiEndpoint", FALSE);
  json_object_set_object_member (api, "tags", json_object_new ());
  apigw_ensure (document, "resources");
  apigw_add_resource (document, NULL, NULL);
  apigw_add_models (document);
  return document;
}

static gboolean
check_types (PracticeCall *call,
             JsonObject   *endpoint)
{
  JsonArray *types = practice_json_get_array (endpoint, "types");
  const char *address = practice_json_get_string (endpoint, "ipAddressType");

  if (types != NULL && json_array_get_length (types) > 1) {
    apigw_bad_request (call, "Cannot create an api with multiple Endpoint Types.");
    return FALSE;
  }
  for (guint i = 0; types != NULL && i < json_array_get_length (types); i++) {
    const char *const known[] = { "REGIONAL", "EDGE", "PRIVATE", NULL };
    JsonNode *node = json_array_get_element (types, i);

    if (!practice_json_is_string (node) || !g_strv_contains (known, json_node_get_string (node))) {
      practice_call_fail (call, 400, "ValidationException",
                          "1 validation error detected: Value '[%s]' at 'createRestApiInput.endpointConfiguration.types' failed to satisfy "
                          "constraint: Member must satisfy constraint: [Member must satisfy enum value set: [PRIVATE, EDGE, REGIONAL]]",
                          practice_json_is_string (node) ? json_node_get_string (node) : "null");
      return FALSE;
    }
  }
  if (types != NULL && json_array_get_length (types) == 0) {
    apigw_bad_request (call, "REGIONAL Configuration and EDGE Configuration cannot be both DISABLED.");
    return FALSE;
  }
  if (address != NULL && strcmp (address, "ipv4") != 0 && strcmp (address, "dualstack") != 0) {
    practice_call_fail (call, 400, "ValidationException",
                        "1 validation error detected: Value '%s' at 'createRestApiInput.endpointConfiguration.ipAddressType' failed to "
                        "satisfy constraint: Member must satisfy enum value set: [ipv4, dualstack]", address);
    return FALSE;
  }
  return TRUE;
}

/* CreateRestApi's body is read here, because ImportRestApi has the same route and brings a document. */
static JsonObject *
read_body (PracticeCall *call)
{
  gsize length = 0;
  const char *text = g_bytes_get_data (practice_call_get_body (call), &length);
  g_autoptr (GError) error = NULL;
  JsonObject *object = NULL;

  if (length == 0)
    return json_object_ref (practice_call_get_params (call));
  object = practice_json_parse_object (text, (gssize) length, &error);
  if (object == NULL)
    apigw_bad_request (call, "Invalid OpenAPI input.");
  return object;
}

static gboolean
import_rest_api (PracticeApiGateway *self,
                 PracticeCall       *call,
                 JsonObject         *body)
{
  g_autoptr (JsonObject) document = new_document (self, "imported");
  JsonObject *api = practice_json_get_object (document, "api");
  g_autofree char *message = NULL;
  g_autofree char *path = NULL;

  if (!apigw_import (self, document, body, TRUE, &message)) {
    apigw_bad_request (call, "%s", message);
    return FALSE;
  }
  apigw_save (self, practice_call_get_region (call), "api", "", practice_json_get_string (api, "id"), document);
  path = g_strconcat ("/restapis/", practice_json_get_string (api, "id"), NULL);
  apigw_emit (self, call, "resource-created", "AWS::ApiGateway::RestApi", path, practice_json_get_string (api, "name"));
  apigw_return (call, 201, api);
  return TRUE;
}

void
apigw_create_rest_api (PracticeApiGateway *self,
                       PracticeCall       *call)
{
  static const char *const members[] = { "description", "version", "binaryMediaTypes", "minimumCompressionSize", "apiKeySource",
                                         "policy", "disableExecuteApiEndpoint", "tags" };
  g_autoptr (JsonObject) body = read_body (call);
  g_autoptr (JsonObject) document = NULL;
  g_autofree char *path = NULL;
  JsonObject *api = NULL;
  JsonObject *endpoint = NULL;
  JsonNode *compression = NULL;
  const char *name = NULL;
  const char *description = NULL;

  if (body == NULL)
    return;
  if (strcmp (apigw_label (call, "mode"), "import") == 0) {
    import_rest_api (self, call, body);
    return;
  }
  name = practice_json_get_string (body, "name");
  description = practice_json_get_string (body, "description");
  endpoint = practice_json_get_object (body, "endpointConfiguration");
  compression = json_object_get_member (body, "minimumCompressionSize");
  if (name == NULL || *name == '\0') {
    apigw_bad_request (call, "API Name cannot be blank");
    return;
  }
  if (description != NULL && *description == '\0') {
    apigw_bad_request (call, "Description cannot be an empty string");
    return;
  }
  if (compression != NULL && !JSON_NODE_HOLDS_NULL (compression) &&
      (json_node_get_value_type (compression) != G_TYPE_INT64 || json_node_get_int (compression) < 0 ||
       json_node_get_int (compression) > MAX_COMPRESSION)) {
    apigw_bad_request (call, "Invalid minimum compression size, must be between 0 and 10485760");
    return;
  }
  if (!check_types (call, endpoint))
    return;
  document = new_document (self, name);
  api = practice_json_get_object (document, "api");
  for (guint i = 0; i < G_N_ELEMENTS (members); i++) {
    JsonNode *node = json_object_get_member (body, members[i]);

    if (node != NULL && !JSON_NODE_HOLDS_NULL (node))
      json_object_set_member (api, members[i], json_node_copy (node));
  }
  if (practice_json_get_array (endpoint, "types") != NULL)
    json_object_set_member (practice_json_get_object (api, "endpointConfiguration"), "types",
                            json_node_copy (json_object_get_member (endpoint, "types")));
  apigw_save (self, practice_call_get_region (call), "api", "", practice_json_get_string (api, "id"), document);
  path = g_strconcat ("/restapis/", practice_json_get_string (api, "id"), NULL);
  apigw_emit (self, call, "resource-created", "AWS::ApiGateway::RestApi", path, name);
  apigw_return (call, 201, api);
}

void
apigw_get_rest_api (PracticeApiGateway *self,
                    PracticeCall       *call)
{
  g_autoptr (JsonObject) document = apigw_load_api (self, call);

  if (document != NULL)
    apigw_return (call, 200, practice_json_get_object (document, "api"));
}

void
apigw_get_rest_apis (PracticeApiGateway *self,
                     PracticeCall       *call)
{
  g_autoptr (JsonArray) documents = apigw_list (self, practice_call_get_region (call), "api", "");
  JsonArray *items = json_array_new ();

  for (guint i = 0; i < json_array_get_length (documents); i++) {
    JsonObject *api = practice_json_get_object (json_array_get_object_element (documents, i), "api");

    json_array_add_object_element (items, json_object_ref (api));
  }
  apigw_return_items (call, "item", items);
}

static gboolean
patch_list (JsonObject       *api,
            const ApigwPatch *patch)
{
  JsonArray *before = practice_json_get_array (api, patch->parts[0]);
  JsonArray *after = json_array_new ();
  const char *new_item = strcmp (patch->op, "add") == 0 ? patch->parts[1] : strcmp (patch->op, "replace") == 0 ? patch->value : NULL;

  for (guint i = 0; before != NULL && i < json_array_get_length (before); i++) {
    const char *item = json_array_get_string_element (before, i);

    if (strcmp (item, patch->parts[1]) != 0 && g_strcmp0 (item, new_item) != 0)
      json_array_add_string_element (after, item);
  }
  if (new_item != NULL)
    json_array_add_string_element (after, new_item);
  json_object_set_array_member (api, patch->parts[0], after);
  return TRUE;
}

static gboolean
patch_endpoint (PracticeCall     *call,
                JsonObject       *api,
                const ApigwPatch *patch)
{
  const char *const known[] = { "REGIONAL", "EDGE", "PRIVATE", NULL };
  JsonObject *endpoint = apigw_ensure (api, "endpointConfiguration");
  JsonArray *types = NULL;

  if (!apigw_patch_is_op (call, patch, "replace"))
    return FALSE;
  if (patch->n_parts == 2 && strcmp (patch->parts[1], "ipAddressType") == 0) {
    if (g_strcmp0 (patch->value, "ipv4") != 0 && g_strcmp0 (patch->value, "dualstack") != 0) {
      apigw_bad_request (call, "ipAddressType must be either ipv4 or dualstack.");
      return FALSE;
    }
    json_object_set_string_member (endpoint, "ipAddressType", patch->value);
    return TRUE;
  }
  if (patch->n_parts < 2 || strcmp (patch->parts[1], "types") != 0)
    return FALSE;
  if (patch->value == NULL || !g_strv_contains (known, patch->value)) {
    apigw_bad_request (call, "Invalid EndpointTypes specified. Valid options are REGIONAL,EDGE,PRIVATE");
    return FALSE;
  }
  types = json_array_new ();
  json_array_add_string_element (types, patch->value);
  json_object_set_array_member (endpoint, "types", types);
  return TRUE;
}

static gboolean
patch_rest_api (PracticeApiGateway *self,
                PracticeCall       *call,
                JsonObject         *api,
                const ApigwPatch   *patch)
{
  const char *const texts[] = { "name", "description", "version", "apiKeySource", "policy", NULL };
  const char *const booleans[] = { "disableExecuteApiEndpoint", NULL };

  if (strcmp (patch->parts[0], "binaryMediaTypes") == 0 && patch->n_parts == 2)
    return patch_list (api, patch);
  if (strcmp (patch->parts[0], "endpointConfiguration") == 0)
    return patch_endpoint (call, api, patch);
  if (strcmp (patch->path, "/minimumCompressionSize") == 0) {
    gint64 size = 0;

    if (!apigw_patch_is_op (call, patch, "replace"))
      return FALSE;
    if (patch->value == NULL || *patch->value == '\0') {
      json_object_remove_member (api, "minimumCompressionSize");
      return TRUE;
    }
    if (!g_ascii_string_to_signed (patch->value, 10, 0, MAX_COMPRESSION, &size, NULL)) {
      apigw_bad_request (call, "Invalid minimum compression size, must be between 0 and 10485760");
      return FALSE;
    }
    json_object_set_int_member (api, "minimumCompressionSize", size);
    return TRUE;
  }
  if (patch->n_parts == 1 && strcmp (patch->parts[0], "name") == 0 && (patch->value == NULL || *patch->value == '\0')) {
    apigw_bad_request (call, "API Name cannot be blank");
    return FALSE;
  }
  return apigw_patch_text (api, patch, texts) || apigw_patch_boolean (api, patch, booleans);
}

void
apigw_update_rest_api (PracticeApiGateway *self,
                       PracticeCall       *call)
{
  g_autoptr (JsonObject) document = apigw_load_api (self, call);
  JsonObject *api = NULL;

  if (document == NULL)
    return;
  api = practice_json_get_object (document, "api");
  if (!apigw_patch (self, call, "updateRestApiInput", api, patch_rest_api))
    return;
  apigw_save_api (self, call, document);
  apigw_return (call, 200, api);
}

void
apigw_delete_rest_api (PracticeApiGateway *self,
                       PracticeCall       *call)
{
  const char *region = practice_call_get_region (call);
  g_autoptr (JsonObject) document = apigw_load_api (self, call);
  g_autofree char *path = NULL;
  const char *id = NULL;
  g_autoptr (JsonArray) plans = NULL;

  if (document == NULL)
    return;
  id = practice_json_get_string (practice_json_get_object (document, "api"), "id");
  /* A stage that a usage plan names keeps its API (API Gateway: "must be removed from the usage plan"). */
  plans = apigw_list (self, region, "plan", "");
  for (guint i = 0; i < json_array_get_length (plans); i++) {
    JsonObject *plan = json_array_get_object_element (plans, i);
    JsonArray *stages = practice_json_get_array (plan, "apiStages");

    for (guint k = 0; stages != NULL && k < json_array_get_length (stages); k++) {
      if (g_strcmp0 (practice_json_get_string (json_array_get_object_element (stages, k), "apiId"), id) == 0) {
        apigw_bad_request (call, "Active stages with usage plans cannot be deleted: remove the API's stages from the usage plan %s first",
                           practice_json_get_string (plan, "id"));
        return;
      }
    }
  }
  apigw_remove (self, region, "api", "", id);
  apigw_remove (self, region, "deployment", id, NULL);
  apigw_remove (self, region, "stage", id, NULL);
  apigw_forget (self, id);
  apigw_end_hold (self, region, id);
  path = g_strconcat ("/restapis/", id, NULL);
  apigw_emit (self, call, "resource-deleted", "AWS::ApiGateway::RestApi", path,
              practice_json_get_string (practice_json_get_object (document, "api"), "name"));
  apigw_return (call, 202, NULL);
}

static JsonObject *
load_account (PracticeApiGateway *self,
              PracticeCall       *call)
{
  JsonObject *account = apigw_load (self, practice_call_get_region (call), "account", "", "");
  JsonArray *features = NULL;
  JsonObject *throttle = NULL;

  if (account != NULL)
    return account;
  account = json_object_new ();
  features = json_array_new ();
  json_array_add_string_element (features, "UsagePlans");
  throttle = apigw_ensure (account, "throttleSettings");
  json_object_set_int_member (throttle, "burstLimit", 5000);
  json_object_set_double_member (throttle, "rateLimit", 10000);
  json_object_set_array_member (account, "features", features);
  json_object_set_string_member (account, "apiKeyVersion", "4");
  return account;
}

void
apigw_get_account (PracticeApiGateway *self,
                   PracticeCall       *call)
{
  g_autoptr (JsonObject) account = load_account (self, call);

  apigw_return (call, 200, account);
}

static gboolean
patch_account (PracticeApiGateway *self,
               PracticeCall       *call,
               JsonObject         *account,
               const ApigwPatch   *patch)
{
  PracticeIam *iam = practice_server_get_iam (self->server);

  if (strcmp (patch->path, "/features") == 0)
    return TRUE;
  if (strcmp (patch->path, "/cloudwatchRoleArn") != 0)
    return FALSE;
  if (strcmp (patch->op, "remove") == 0 || patch->value == NULL || *patch->value == '\0') {
    json_object_remove_member (account, "cloudwatchRoleArn");
    return TRUE;
  }
  if (!practice_iam_can_assume (iam, patch->value, "apigateway.amazonaws.com") ||
      !practice_iam_role_allows (iam, patch->value, "logs:CreateLogGroup", "*") ||
      !practice_iam_role_allows (iam, patch->value, "logs:PutLogEvents", "*")) {
    apigw_bad_request (call, "The role ARN does not have required permissions configured. Please grant trust permission for API Gateway "
                             "and add the required role policy.");
    return FALSE;
  }
  json_object_set_string_member (account, "cloudwatchRoleArn", patch->value);
  return TRUE;
}

void
apigw_update_account (PracticeApiGateway *self,
                      PracticeCall       *call)
{
  g_autoptr (JsonObject) account = load_account (self, call);

  if (!apigw_patch (self, call, "updateAccountInput", account, patch_account))
    return;
  apigw_save (self, practice_call_get_region (call), "account", "", "", account);
  apigw_return (call, 200, account);
}

/* What an ARN of a resource with tags stands for: its document, and where the tags are in it. */
typedef struct {
  const char *kind;
  char       *parent;
  char       *id;
  JsonObject *document;
  JsonObject *owner;
} Tagged;

static void
tagged_clear (Tagged *tagged)
{
  g_free (tagged->parent);
  g_free (tagged->id);
  g_clear_pointer (&tagged->document, json_object_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Tagged, tagged_clear)

static gboolean
load_tagged (PracticeApiGateway *self,
             PracticeCall       *call,
             Tagged             *tagged)
{
  const char *arn = apigw_label (call, "resource_arn");
  g_auto (GStrv) parts = g_strsplit (arn, ":", 6);
  g_auto (GStrv) path = g_strv_length (parts) == 6 ? g_strsplit (parts[5], "/", -1) : NULL;
  guint n = path != NULL ? g_strv_length (path) : 0;

  if (!g_str_has_prefix (arn, "arn:aws:apigateway:") || n < 3) {
    apigw_bad_request (call, "Invalid ARN. ARN is not well formed %s", arn);
    return FALSE;
  }
  tagged->parent = g_strdup ("");
  if (strcmp (path[1], "restapis") == 0 && n == 3) {
    tagged->kind = "api";
  } else if (strcmp (path[1], "restapis") == 0 && n == 5 && strcmp (path[3], "stages") == 0) {
    tagged->kind = "stage";
    g_free (tagged->parent);
    tagged->parent = g_strdup (path[2]);
  } else if (strcmp (path[1], "apikeys") == 0 && n == 3) {
    tagged->kind = "key";
  } else if (strcmp (path[1], "usageplans") == 0 && n == 3) {
    tagged->kind = "plan";
  } else {
    apigw_bad_request (call, "Invalid ARN. This kind of resource has no tags: %s", arn);
    return FALSE;
  }
  tagged->id = g_strdup (path[n - 1]);
  tagged->document = apigw_load (self, parts[3], tagged->kind, tagged->parent, tagged->id);
  if (tagged->document == NULL) {
    apigw_not_found (call, strcmp (tagged->kind, "stage") == 0 ? "Invalid stage identifier specified" :
                           strcmp (tagged->kind, "key") == 0 ? "Invalid API Key identifier specified" :
                           strcmp (tagged->kind, "plan") == 0 ? "Invalid Usage Plan ID specified" : "Invalid API identifier specified");
    return FALSE;
  }
  tagged->owner = strcmp (tagged->kind, "api") == 0 ? practice_json_get_object (tagged->document, "api") : tagged->document;
  return TRUE;
}

void
apigw_tag_resource (PracticeApiGateway *self,
                    PracticeCall       *call)
{
  g_auto (Tagged) tagged = { 0 };
  JsonObject *tags = practice_call_get_object (call, "tags");
  JsonObject *owned = NULL;
  JsonObjectIter iter;
  const char *key = NULL;
  JsonNode *node = NULL;

  if (tags == NULL) {
    apigw_bad_request (call, "Tags cannot be empty");
    return;
  }
  if (!load_tagged (self, call, &tagged))
    return;
  owned = apigw_ensure (tagged.owner, "tags");
  json_object_iter_init_ordered (&iter, tags);
  while (apigw_next (&iter, &key, &node)) {
    if (practice_json_is_string (node))
      json_object_set_string_member (owned, key, json_node_get_string (node));
  }
  apigw_save (self, practice_call_get_region (call), tagged.kind, tagged.parent, tagged.id, tagged.document);
  practice_call_return_full (call, 204, NULL, NULL, NULL, NULL);
}

void
apigw_untag_resource (PracticeApiGateway *self,
                      PracticeCall       *call)
{
  g_auto (Tagged) tagged = { 0 };
  JsonArray *keys = practice_call_get_array (call, "tagKeys");

  if (practice_call_is_answered (call) || !load_tagged (self, call, &tagged))
    return;
  for (guint i = 0; keys != NULL && i < json_array_get_length (keys); i++) {
    JsonNode *key = json_array_get_element (keys, i);

    if (practice_json_is_string (key))
      json_object_remove_member (apigw_ensure (tagged.owner, "tags"), json_node_get_string (key));
  }
  apigw_save (self, practice_call_get_region (call), tagged.kind, tagged.parent, tagged.id, tagged.document);
  practice_call_return_full (call, 204, NULL, NULL, NULL, NULL);
}

void
apigw_get_tags (PracticeApiGateway *self,
                PracticeCall       *call)
{
  g_auto (Tagged) tagged = { 0 };
  g_autoptr (JsonObject) result = NULL;

  if (!load_tagged (self, call, &tagged))
    return;
  result = json_object_new ();
  json_object_set_object_member (result, "tags", json_object_ref (apigw_ensure (tagged.owner, "tags")));
  apigw_return (call, 200, result);
}
