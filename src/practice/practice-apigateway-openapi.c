/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-apigateway-private.h"

#include <string.h>

#define ANY_METHOD "x-amazon-apigateway-any-method"
#define INTEGRATION "x-amazon-apigateway-integration"
#define BINARY_TYPES "x-amazon-apigateway-binary-media-types"

static const char *const verbs[] = { "get", "put", "post", "delete", "patch", "options", "head" };

/* ── in ── */

static void
copy_member (JsonObject *from,
             JsonObject *to,
             const char *name)
{
  JsonNode *node = from != NULL ? json_object_get_member (from, name) : NULL;

  if (node != NULL && !JSON_NODE_HOLDS_NULL (node))
    json_object_set_member (to, name, json_node_copy (node));
}

static const char *
last_part (const char *reference)
{
  const char *slash = reference != NULL ? strrchr (reference, '/') : NULL;

  return slash != NULL ? slash + 1 : reference;
}

/* "parameters" of a path or an operation: required or not, by AWS's names. */
static void
import_parameters (JsonObject *method,
                   JsonArray  *parameters)
{
  for (guint i = 0; parameters != NULL && i < json_array_get_length (parameters); i++) {
    JsonNode *node = json_array_get_element (parameters, i);
    JsonObject *parameter = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
    const char *name = practice_json_get_string (parameter, "name");
    const char *in = practice_json_get_string (parameter, "in");
    const char *schema = practice_json_get_string (practice_json_get_object (parameter, "schema"), "$ref");
    g_autofree char *target = NULL;

    if (in != NULL && strcmp (in, "body") == 0 && schema != NULL)
      json_object_set_string_member (apigw_ensure (method, "requestModels"), "application/json", last_part (schema));
    if (name == NULL || in == NULL || (strcmp (in, "header") != 0 && strcmp (in, "path") != 0 && strcmp (in, "query") != 0))
      continue;
    target = g_strdup_printf ("method.request.%s.%s", strcmp (in, "query") == 0 ? "querystring" : in, name);
    json_object_set_boolean_member (apigw_ensure (method, "requestParameters"), target, apigw_get_boolean (parameter, "required"));
  }
}

static void
import_responses (JsonObject *method,
                  JsonObject *responses)
{
  JsonObjectIter iter;
  const char *code = NULL;
  JsonNode *node = NULL;

  if (responses == NULL)
    return;
  json_object_iter_init_ordered (&iter, responses);
  while (apigw_next (&iter, &code, &node)) {
    JsonObject *given = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
    JsonObject *content = practice_json_get_object (practice_json_get_object (given, "content"), "application/json");
    JsonObject *schema = practice_json_get_object (content != NULL ? content : given, "schema");
    JsonObject *headers = practice_json_get_object (given, "headers");
    JsonObject *response = NULL;
    JsonObjectIter names;
    const char *name = NULL;

    if (strlen (code) != 3 || !g_ascii_isdigit (code[0]))
      continue;
    response = apigw_ensure (apigw_ensure (method, "methodResponses"), code);
    json_object_set_string_member (response, "statusCode", code);
    if (practice_json_get_string (schema, "$ref") != NULL)
      json_object_set_string_member (apigw_ensure (response, "responseModels"), "application/json",
                                     last_part (practice_json_get_string (schema, "$ref")));
    if (headers == NULL)
      continue;
    json_object_iter_init_ordered (&names, headers);
    while (apigw_next (&names, &name, NULL)) {
      g_autofree char *target = g_strconcat ("method.response.header.", name, NULL);

      json_object_set_boolean_member (apigw_ensure (response, "responseParameters"), target, FALSE);
    }
  }
}

/* The keys of the extension's responses are patterns, "default" the one without. */
static void
import_integration_responses (JsonObject *integration,
                              JsonObject *responses)
{
  JsonObjectIter iter;
  const char *pattern = NULL;
  JsonNode *node = NULL;

  if (responses == NULL)
    return;
  json_object_iter_init_ordered (&iter, responses);
  while (apigw_next (&iter, &pattern, &node)) {
    JsonObject *given = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
    const char *code = practice_json_get_string (given, "statusCode");
    JsonObject *response = NULL;

    if (code == NULL)
      continue;
    response = apigw_ensure (apigw_ensure (integration, "integrationResponses"), code);
    json_object_set_string_member (response, "statusCode", code);
    if (strcmp (pattern, "default") != 0)
      json_object_set_string_member (response, "selectionPattern", pattern);
    copy_member (given, response, "responseParameters");
    copy_member (given, response, "responseTemplates");
    copy_member (given, response, "contentHandling");
  }
}

static char *
upper (JsonObject *object,
       const char *name)
{
  const char *text = practice_json_get_string (object, name);

  return text != NULL ? g_ascii_strup (text, -1) : NULL;
}

static gboolean
import_integration (JsonObject  *method,
                    const char  *resource_id,
                    JsonObject  *given,
                    char       **message)
{
  const char *const types[] = { "HTTP", "MOCK", "AWS_PROXY", "HTTP_PROXY", "AWS", NULL };
  g_autofree char *type = upper (given, "type");
  g_autofree char *passthrough = upper (given, "passthroughBehavior");
  g_autofree char *verb = upper (given, "httpMethod");
  JsonObject *integration = NULL;

  if (type == NULL || !g_strv_contains (types, type)) {
    *message = g_strdup_printf ("Unable to put integration on '%s': the type must be one of http, mock, aws_proxy, http_proxy, aws",
                                practice_json_get_string (method, "httpMethod"));
    return FALSE;
  }
  integration = apigw_ensure (method, "methodIntegration");
  json_object_set_string_member (integration, "type", type);
  if (strcmp (type, "MOCK") != 0) {
    if (verb != NULL)
      json_object_set_string_member (integration, "httpMethod", verb);
    copy_member (given, integration, "uri");
  }
  if (g_str_has_prefix (type, "HTTP"))
    json_object_set_string_member (integration, "connectionType", "INTERNET");
  copy_member (given, integration, "credentials");
  copy_member (given, integration, "requestParameters");
  copy_member (given, integration, "requestTemplates");
  copy_member (given, integration, "contentHandling");
  json_object_set_string_member (integration, "passthroughBehavior", passthrough != NULL ? passthrough : "WHEN_NO_MATCH");
  json_object_set_int_member (integration, "timeoutInMillis", (gint64) apigw_get_number (given, "timeoutInMillis", 29000));
  json_object_set_string_member (integration, "cacheNamespace", resource_id);
  json_object_set_array_member (integration, "cacheKeyParameters", json_array_new ());
  import_integration_responses (integration, practice_json_get_object (given, "responses"));
  return TRUE;
}

static gboolean
import_operation (JsonObject  *resource,
                  const char  *verb,
                  JsonObject  *path_item,
                  JsonObject  *operation,
                  char       **message)
{
  JsonObject *method = json_object_new ();
  JsonArray *security = practice_json_get_array (operation, "security");
  JsonObject *integration = practice_json_get_object (operation, INTEGRATION);
  gboolean key = FALSE;

  for (guint i = 0; security != NULL && i < json_array_get_length (security); i++) {
    JsonNode *node = json_array_get_element (security, i);

    key = key || (JSON_NODE_HOLDS_OBJECT (node) && json_object_has_member (json_node_get_object (node), "api_key"));
  }
  json_object_set_object_member (apigw_ensure (resource, "resourceMethods"), verb, method);
  json_object_set_string_member (method, "httpMethod", verb);
  json_object_set_string_member (method, "authorizationType", "NONE");
  json_object_set_boolean_member (method, "apiKeyRequired", key);
  if (practice_json_get_string (operation, "operationId") != NULL)
    json_object_set_string_member (method, "operationName", practice_json_get_string (operation, "operationId"));
  import_parameters (method, practice_json_get_array (path_item, "parameters"));
  import_parameters (method, practice_json_get_array (operation, "parameters"));
  import_responses (method, practice_json_get_object (operation, "responses"));
  return integration == NULL || import_integration (method, practice_json_get_string (resource, "id"), integration, message);
}

static void
import_models (JsonObject *document,
               JsonObject *schemas)
{
  JsonObjectIter iter;
  const char *name = NULL;
  JsonNode *node = NULL;

  if (schemas == NULL)
    return;
  json_object_iter_init_ordered (&iter, schemas);
  while (apigw_next (&iter, &name, &node)) {
    JsonObject *model = apigw_ensure (apigw_ensure (document, "models"), name);
    g_autofree char *schema = practice_json_to_text (node);
    g_autofree char *id = apigw_new_id (6);

    json_object_set_string_member (model, "id", id);
    json_object_set_string_member (model, "name", name);
    json_object_set_string_member (model, "schema", schema);
    json_object_set_string_member (model, "contentType", "application/json");
  }
}

gboolean
apigw_import (PracticeApiGateway  *self,
              JsonObject          *document,
              JsonObject          *openapi,
              gboolean             overwrite,
              char               **message)
{
  JsonObject *api = practice_json_get_object (document, "api");
  JsonObject *info = practice_json_get_object (openapi, "info");
  JsonObject *paths = practice_json_get_object (openapi, "paths");
  JsonObjectIter iter;
  const char *path = NULL;
  JsonNode *node = NULL;

  if (practice_json_get_string (openapi, "swagger") == NULL && practice_json_get_string (openapi, "openapi") == NULL) {
    *message = g_strdup ("Invalid OpenAPI input.");
    return FALSE;
  }
  if (practice_json_get_string (info, "title") != NULL)
    json_object_set_string_member (api, "name", practice_json_get_string (info, "title"));
  copy_member (info, api, "description");
  copy_member (info, api, "version");
  if (practice_json_get_array (openapi, BINARY_TYPES) != NULL)
    json_object_set_member (api, "binaryMediaTypes", json_node_copy (json_object_get_member (openapi, BINARY_TYPES)));
  if (overwrite) {
    JsonObject *resources = json_object_new ();
    JsonObject *root = json_object_new ();
    const char *id = practice_json_get_string (api, "rootResourceId");

    json_object_set_string_member (root, "id", id);
    json_object_set_string_member (root, "path", "/");
    json_object_set_object_member (resources, id, root);
    json_object_set_object_member (document, "resources", resources);
  }
  import_models (document, practice_json_get_object (openapi, "definitions"));
  import_models (document, practice_json_get_object (practice_json_get_object (openapi, "components"), "schemas"));
  if (paths == NULL)
    return TRUE;
  json_object_iter_init_ordered (&iter, paths);
  while (apigw_next (&iter, &path, &node)) {
    JsonObject *item = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
    JsonObject *resource = item != NULL ? apigw_ensure_path (document, path) : NULL;
    JsonObject *any = practice_json_get_object (item, ANY_METHOD);

    if (resource == NULL) {
      *message = g_strdup_printf ("Unable to create resource at path '%s': its parts may hold a-zA-Z0-9._-: or a variable in braces", path);
      return FALSE;
    }
    if (any != NULL && !import_operation (resource, "ANY", item, any, message))
      return FALSE;
    for (guint i = 0; i < G_N_ELEMENTS (verbs); i++) {
      JsonObject *operation = practice_json_get_object (item, verbs[i]);
      g_autofree char *verb = g_ascii_strup (verbs[i], -1);

      if (operation != NULL && !import_operation (resource, verb, item, operation, message))
        return FALSE;
    }
  }
  return TRUE;
}

void
apigw_put_rest_api (PracticeApiGateway *self,
                    PracticeCall       *call)
{
  g_autoptr (JsonObject) document = apigw_load_api (self, call);
  gboolean overwrite = strcmp (apigw_label (call, "mode"), "overwrite") == 0;
  gsize length = 0;
  const char *text = g_bytes_get_data (practice_call_get_body (call), &length);
  g_autoptr (JsonObject) openapi = NULL;
  g_autofree char *message = NULL;

  if (document == NULL)
    return;
  openapi = length > 0 ? practice_json_parse_object (text, (gssize) length, NULL) : NULL;
  if (openapi == NULL) {
    apigw_bad_request (call, "Invalid OpenAPI input.");
    return;
  }
  if (!apigw_import (self, document, openapi, overwrite, &message)) {
    apigw_bad_request (call, "%s", message);
    return;
  }
  apigw_save_api (self, call, document);
  apigw_return (call, 200, practice_json_get_object (document, "api"));
}

/* ── out ── */

typedef struct {
  gboolean    swagger;       /* 2.0, else OpenAPI 3 */
  gboolean    integrations;
  gboolean    everything;    /* all extensions */
  JsonObject *document;
  JsonObject *models;        /* those that are used */
} Export;

static void
use_model (Export     *self,
           JsonObject *holder,
           const char *name)
{
  JsonObject *model = practice_json_get_object (practice_json_get_object (self->document, "models"), name);
  const char *schema = practice_json_get_string (model, "schema");
  g_autoptr (JsonNode) node = schema != NULL ? practice_json_parse (schema, -1, NULL) : NULL;
  g_autofree char *reference = g_strconcat (self->swagger ? "#/definitions/" : "#/components/schemas/", name, NULL);

  json_object_set_string_member (apigw_ensure (holder, "schema"), "$ref", reference);
  if (node != NULL)
    json_object_set_member (self->models, name, json_node_copy (node));
}

static JsonArray *
export_parameters (Export     *self,
                   JsonObject *method)
{
  JsonObject *given = practice_json_get_object (method, "requestParameters");
  JsonArray *parameters = NULL;
  JsonObjectIter iter;
  const char *target = NULL;
  JsonNode *required = NULL;

  if (given == NULL)
    return NULL;
  parameters = json_array_new ();
  json_object_iter_init_ordered (&iter, given);
  while (apigw_next (&iter, &target, &required)) {
    g_auto (GStrv) parts = g_strsplit (target, ".", 4);
    JsonObject *parameter = json_object_new ();

    json_object_set_string_member (parameter, "name", parts[3]);
    json_object_set_string_member (parameter, "in", strcmp (parts[2], "querystring") == 0 ? "query" : parts[2]);
    /* A variable of the path is always there. */
    json_object_set_boolean_member (parameter, "required", strcmp (parts[2], "path") == 0 || json_node_get_boolean (required));
    json_object_set_string_member (self->swagger ? parameter : apigw_ensure (parameter, "schema"), "type", "string");
    json_array_add_object_element (parameters, parameter);
  }
  return parameters;
}

static JsonObject *
export_responses (Export     *self,
                  JsonObject *method)
{
  JsonObject *given = practice_json_get_object (method, "methodResponses");
  JsonObject *responses = json_object_new ();
  JsonObjectIter iter;
  const char *code = NULL;
  JsonNode *node = NULL;

  if (given == NULL)
    return responses;
  json_object_iter_init_ordered (&iter, given);
  while (apigw_next (&iter, &code, &node)) {
    JsonObject *own = json_node_get_object (node);
    JsonObject *response = apigw_ensure (responses, code);
    JsonObject *headers = practice_json_get_object (own, "responseParameters");
    const char *model = practice_json_get_string (practice_json_get_object (own, "responseModels"), "application/json");
    g_autofree char *description = g_strconcat (code, " response", NULL);
    JsonObjectIter names;
    const char *name = NULL;

    json_object_set_string_member (response, "description", description);
    if (headers != NULL) {
      json_object_iter_init_ordered (&names, headers);
      while (apigw_next (&names, &name, NULL)) {
        JsonObject *header = apigw_ensure (apigw_ensure (response, "headers"), name + strlen ("method.response.header."));

        json_object_set_string_member (self->swagger ? header : apigw_ensure (header, "schema"), "type", "string");
      }
    }
    if (model != NULL)
      use_model (self, self->swagger ? response : apigw_ensure (apigw_ensure (response, "content"), "application/json"), model);
  }
  return responses;
}

static JsonObject *
export_integration (JsonObject *integration)
{
  JsonObject *out = json_object_new ();
  JsonObject *given = practice_json_get_object (integration, "integrationResponses");
  g_autofree char *type = g_ascii_strdown (practice_json_get_string (integration, "type"), -1);
  g_autofree char *passthrough = g_ascii_strdown (practice_json_get_string (integration, "passthroughBehavior"), -1);
  JsonObjectIter iter;
  JsonNode *node = NULL;

  json_object_set_string_member (out, "type", type);
  copy_member (integration, out, "httpMethod");
  copy_member (integration, out, "uri");
  copy_member (integration, out, "credentials");
  if (given != NULL) {
    json_object_iter_init_ordered (&iter, given);
    while (apigw_next (&iter, NULL, &node)) {
      JsonObject *own = json_node_get_object (node);
      const char *pattern = practice_json_get_string (own, "selectionPattern");
      JsonObject *response = apigw_ensure (apigw_ensure (out, "responses"), pattern != NULL && *pattern != '\0' ? pattern : "default");

      copy_member (own, response, "statusCode");
      copy_member (own, response, "responseParameters");
      copy_member (own, response, "responseTemplates");
      copy_member (own, response, "contentHandling");
    }
  }
  copy_member (integration, out, "requestParameters");
  copy_member (integration, out, "requestTemplates");
  json_object_set_string_member (out, "passthroughBehavior", passthrough);
  copy_member (integration, out, "contentHandling");
  return out;
}

static JsonObject *
export_method (Export     *self,
               JsonObject *method)
{
  JsonObject *operation = json_object_new ();
  JsonArray *parameters = export_parameters (self, method);
  JsonObject *integration = practice_json_get_object (method, "methodIntegration");

  if (practice_json_get_string (method, "operationName") != NULL)
    json_object_set_string_member (operation, "operationId", practice_json_get_string (method, "operationName"));
  if (parameters != NULL)
    json_object_set_array_member (operation, "parameters", parameters);
  json_object_set_object_member (operation, "responses", export_responses (self, method));
  if (apigw_get_boolean (method, "apiKeyRequired")) {
    JsonArray *security = json_array_new ();
    JsonObject *key = json_object_new ();

    json_object_set_array_member (key, "api_key", json_array_new ());
    json_array_add_object_element (security, key);
    json_object_set_array_member (operation, "security", security);
  }
  if (self->integrations && integration != NULL)
    json_object_set_object_member (operation, INTEGRATION, export_integration (integration));
  return operation;
}

static JsonObject *
export_paths (Export   *self,
              gboolean *keys)
{
  JsonObject *paths = json_object_new ();
  JsonObjectIter iter;
  JsonNode *node = NULL;

  json_object_iter_init_ordered (&iter, practice_json_get_object (self->document, "resources"));
  while (apigw_next (&iter, NULL, &node)) {
    JsonObject *resource = json_node_get_object (node);
    JsonObject *methods = practice_json_get_object (resource, "resourceMethods");
    JsonObjectIter each;
    const char *verb = NULL;
    JsonNode *method = NULL;

    if (methods == NULL)
      continue;
    json_object_iter_init_ordered (&each, methods);
    while (apigw_next (&each, &verb, &method)) {
      g_autofree char *name = strcmp (verb, "ANY") == 0 ? g_strdup (ANY_METHOD) : g_ascii_strdown (verb, -1);

      *keys = *keys || apigw_get_boolean (json_node_get_object (method), "apiKeyRequired");
      json_object_set_object_member (apigw_ensure (paths, practice_json_get_string (resource, "path")), name,
                                     export_method (self, json_node_get_object (method)));
    }
  }
  return paths;
}

static void
export_address (Export     *self,
                JsonObject *out,
                const char *stage,
                const char *host)
{
  if (self->swagger) {
    g_autofree char *base = g_strconcat ("/", stage, NULL);
    JsonArray *schemes = json_array_new ();

    json_array_add_string_element (schemes, "https");
    json_object_set_string_member (out, "host", host);
    json_object_set_string_member (out, "basePath", base);
    json_object_set_array_member (out, "schemes", schemes);
  } else {
    g_autofree char *url = g_strdup_printf ("https://%s/{basePath}", host);
    JsonObject *server = json_object_new ();
    JsonArray *servers = json_array_new ();

    json_object_set_string_member (server, "url", url);
    json_object_set_string_member (apigw_ensure (apigw_ensure (server, "variables"), "basePath"), "default", stage);
    json_array_add_object_element (servers, server);
    json_object_set_array_member (out, "servers", servers);
  }
}

void
apigw_get_export (PracticeApiGateway *self,
                  PracticeCall       *call)
{
  const char *region = practice_call_get_region (call);
  const char *api_id = apigw_label (call, "restapi_id");
  const char *stage_name = apigw_label (call, "stage_name");
  const char *type = apigw_label (call, "export_type");
  const char *extensions = apigw_label (call, "extensions");
  const char *accept = practice_call_get_header (call, "Accept");
  g_autoptr (JsonObject) stage = apigw_load (self, region, "stage", api_id, stage_name);
  g_autoptr (JsonObject) deployment = NULL;
  g_autoptr (JsonObject) models = json_object_new ();
  g_autoptr (JsonObject) out = NULL;
  g_autofree char *host = g_strdup_printf ("%s.execute-api.%s.amazonaws.com", api_id, region);
  g_autofree char *made_version = NULL;
  g_autofree char *disposition = NULL;
  g_autoptr (GBytes) body = NULL;
  Export export = { .models = models };
  JsonObject *api = NULL;
  JsonObject *info = NULL;
  JsonObject *paths = NULL;
  const char *version = NULL;
  gboolean keys = FALSE;
  char *text = NULL;

  if (stage == NULL) {
    apigw_not_found (call, "Invalid stage identifier specified");
    return;
  }
  if (strcmp (type, "swagger") != 0 && strcmp (type, "oas30") != 0) {
    apigw_bad_request (call, "No API exporter for type '%s'", type);
    return;
  }
  if (accept != NULL && strstr (accept, "yaml") != NULL) {
    apigw_bad_request (call, "The practice cloud exports JSON only: ask for application/json");
    return;
  }
  deployment = apigw_load (self, region, "deployment", api_id, practice_json_get_string (stage, "deploymentId"));
  export.document = practice_json_get_object (deployment, "snapshot");
  export.swagger = strcmp (type, "swagger") == 0;
  export.everything = strstr (extensions, "apigateway") != NULL;
  export.integrations = export.everything || strstr (extensions, "integrations") != NULL;
  api = practice_json_get_object (export.document, "api");
  version = practice_json_get_string (api, "version");
  if (version == NULL) {
    g_autoptr (GDateTime) made = g_date_time_new_from_unix_utc ((gint64) apigw_get_number (api, "createdDate", 0));

    version = made_version = g_date_time_format (made, "%Y-%m-%dT%H:%M:%SZ");
  }
  out = json_object_new ();
  json_object_set_string_member (out, export.swagger ? "swagger" : "openapi", export.swagger ? "2.0" : "3.0.1");
  info = apigw_ensure (out, "info");
  copy_member (api, info, "description");
  json_object_set_string_member (info, "version", version);
  json_object_set_string_member (info, "title", practice_json_get_string (api, "name"));
  export_address (&export, out, stage_name, host);
  paths = export_paths (&export, &keys);
  json_object_set_object_member (out, "paths", paths);
  if (json_object_get_size (models) > 0)
    json_object_set_object_member (export.swagger ? out : apigw_ensure (out, "components"), export.swagger ? "definitions" : "schemas",
                                   json_object_ref (models));
  else if (!export.swagger)
    apigw_ensure (out, "components");
  if (keys) {
    JsonObject *holder = export.swagger ? apigw_ensure (out, "securityDefinitions") : apigw_ensure (apigw_ensure (out, "components"), "securitySchemes");
    JsonObject *key = apigw_ensure (holder, "api_key");

    json_object_set_string_member (key, "type", "apiKey");
    json_object_set_string_member (key, "name", "x-api-key");
    json_object_set_string_member (key, "in", "header");
  }
  if (export.everything && practice_json_get_array (api, "binaryMediaTypes") != NULL)
    json_object_set_member (out, BINARY_TYPES, json_node_copy (json_object_get_member (api, "binaryMediaTypes")));
  text = practice_json_object_to_text (out);
  body = g_bytes_new_take (text, strlen (text));
  disposition = g_strdup_printf ("attachment; filename=\"%s_%s.json\"", type, version);
  {
    const char *headers[] = { "Content-Disposition", disposition, NULL };

    practice_call_return_full (call, 200, NULL, body, "application/octet-stream", headers);
  }
}
