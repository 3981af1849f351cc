/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-apigateway-private.h"

#include <string.h>

#define DEFAULT_TIMEOUT 29000

/* "'static'", "method.request.header.X", "context.x" …: whether it is a mapping expression of that direction. */
static gboolean
is_mapping (const char *expression,
            gboolean    response)
{
  static const char *const request_places[] = { "method.request.header.", "method.request.querystring.", "method.request.path.",
                                                "method.request.body", "method.request.multivalueheader.",
                                                "method.request.multivaluequerystring.", "context.", "stageVariables." };
  static const char *const response_places[] = { "integration.response.header.", "integration.response.multivalueheader.",
                                                 "integration.response.body", "context.", "stageVariables." };
  const char *const *places = response ? response_places : request_places;
  guint n = response ? G_N_ELEMENTS (response_places) : G_N_ELEMENTS (request_places);
  gsize length = strlen (expression);

  if (length >= 2 && expression[0] == '\'' && expression[length - 1] == '\'')
    return TRUE;
  for (guint i = 0; i < n; i++) {
    gsize prefix = strlen (places[i]);

    if (strncmp (expression, places[i], prefix) == 0 && (expression[prefix] != '\0' || places[i][prefix - 1] != '.'))
      return TRUE;
  }
  return FALSE;
}

static gboolean
fail_mapping (PracticeCall *call,
              const char   *what,
              const char   *expression)
{
  apigw_bad_request (call, "Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression %s: %s]",
                     what, expression);
  return FALSE;
}

/* A parameter of the request that a mapping reads has to be declared by the method (or stand in the path). */
static gboolean
is_declared (JsonObject *method,
             JsonObject *resource,
             const char *expression)
{
  const char *path = practice_json_get_string (resource, "path");
  JsonObject *declared = practice_json_get_object (method, "requestParameters");
  const char *name = NULL;
  g_autofree char *variable = NULL;
  g_autofree char *greedy = NULL;

  if (!g_str_has_prefix (expression, "method.request.") || g_str_has_prefix (expression, "method.request.body") ||
      g_str_has_prefix (expression, "method.request.multivalue"))
    return TRUE;
  name = strrchr (expression, '.') + 1;
  variable = g_strdup_printf ("{%s}", name);
  greedy = g_strdup_printf ("{%s+}", name);
  if (g_str_has_prefix (expression, "method.request.path.") && (strstr (path, variable) != NULL || strstr (path, greedy) != NULL))
    return TRUE;
  return declared != NULL && json_object_has_member (declared, expression);
}

static gboolean
check_request_mappings (PracticeCall *call,
                        JsonObject   *method,
                        JsonObject   *resource,
                        JsonObject   *mappings)
{
  JsonObjectIter iter;
  const char *name = NULL;
  JsonNode *node = NULL;

  if (mappings == NULL)
    return TRUE;
  json_object_iter_init_ordered (&iter, mappings);
  while (apigw_next (&iter, &name, &node)) {
    if (!practice_json_is_string (node)) {
      practice_call_fail (call, 400, "SerializationException", "class java.lang.Boolean can not be converted to an String");
      return FALSE;
    }
    if (!g_str_has_prefix (name, "integration.request.header.") && !g_str_has_prefix (name, "integration.request.querystring.") &&
        !g_str_has_prefix (name, "integration.request.path."))
      return fail_mapping (call, "specified", name);
    if (!is_mapping (json_node_get_string (node), FALSE))
      return fail_mapping (call, "specified", json_node_get_string (node));
    if (!is_declared (method, resource, json_node_get_string (node)))
      return fail_mapping (call, "parameter specified", json_node_get_string (node));
  }
  return TRUE;
}

static gboolean
check_uri (PracticeCall *call,
           const char   *type,
           const char   *uri)
{
  g_auto (GStrv) parts = NULL;

  if (g_str_has_prefix (type, "HTTP")) {
    if (uri != NULL && (g_str_has_prefix (uri, "http://") || g_str_has_prefix (uri, "https://")))
      return TRUE;
    apigw_bad_request (call, "Invalid HTTP endpoint specified for URI");
    return FALSE;
  }
  if (uri == NULL || !g_str_has_prefix (uri, "arn:")) {
    apigw_bad_request (call, "Invalid ARN specified in the request");
    return FALSE;
  }
  parts = g_strsplit (uri, ":", 6);
  if (g_strv_length (parts) < 6 || (!g_str_has_prefix (parts[5], "path/") && !g_str_has_prefix (parts[5], "action/"))) {
    apigw_bad_request (call, "AWS ARN for integration must contain path or action");
    return FALSE;
  }
  if (strcmp (type, "AWS_PROXY") == 0 && strcmp (parts[4], "firehose") != 0 &&
      (strcmp (parts[4], "lambda") != 0 || !g_str_has_suffix (uri, "/invocations"))) {
    apigw_bad_request (call, "Integrations of type 'AWS_PROXY' currently only supports Lambda function and Firehose stream invocations.");
    return FALSE;
  }
  return TRUE;
}

static gboolean
check_enum (PracticeCall *call,
            const char   *value,
            const char   *at,
            const char   *known)
{
  g_auto (GStrv) values = g_strsplit (known, ", ", -1);

  if (value != NULL && g_strv_contains ((const char *const *) values, value))
    return TRUE;
  practice_call_fail (call, 400, "ValidationException", "1 validation error detected: Value '%s' at '%s' failed to satisfy constraint: Member "
                      "must satisfy enum value set: [%s]", value != NULL ? value : "null", at, known);
  return FALSE;
}

static gboolean
check_texts (PracticeCall *call,
             JsonObject   *map)
{
  JsonObjectIter iter;
  JsonNode *node = NULL;

  if (map == NULL)
    return TRUE;
  json_object_iter_init_ordered (&iter, map);
  while (apigw_next (&iter, NULL, &node)) {
    if (!practice_json_is_string (node) && !JSON_NODE_HOLDS_NULL (node)) {
      practice_call_fail (call, 400, "SerializationException", "A mapping template must be a String");
      return FALSE;
    }
  }
  return TRUE;
}

/* Whoever hands a role to a service needs iam:PassRole (IAM User Guide). All users, with stars for account and name, means the caller's own credentials. */
static gboolean
check_credentials (PracticeCall *call,
                   const char   *credentials)
{
  g_autoptr (JsonObject) context = NULL;

  if (credentials == NULL || strcmp (credentials, "arn:aws:iam::*:user/*") == 0)
    return TRUE;
  if (!g_str_has_prefix (credentials, "arn:aws:iam::")) {
    apigw_bad_request (call, "Invalid ARN specified in the request");
    return FALSE;
  }
  context = json_object_new ();
  json_object_set_string_member (context, "iam:PassedToService", "apigateway.amazonaws.com");
  return practice_call_allow (call, "iam:PassRole", credentials, NULL, context);
}

void
apigw_put_integration (PracticeApiGateway *self,
                       PracticeCall       *call)
{
  const char *type = practice_call_get_string (call, "type");
  const char *verb = practice_call_get_string (call, "httpMethod");
  const char *uri = practice_call_get_string (call, "uri");
  const char *passthrough = practice_call_get_string (call, "passthroughBehavior");
  JsonObject *mappings = practice_call_get_object (call, "requestParameters");
  JsonObject *templates = practice_call_get_object (call, "requestTemplates");
  g_autoptr (JsonObject) document = NULL;
  JsonObject *method = NULL;
  JsonObject *resource = NULL;
  JsonObject *integration = NULL;
  gint64 timeout = DEFAULT_TIMEOUT;
  gboolean mock = FALSE;

  practice_call_get_int (call, "timeoutInMillis", &timeout);
  if (practice_call_is_answered (call) ||
      !check_enum (call, type, "putIntegrationInput.type", "HTTP, MOCK, AWS_PROXY, HTTP_PROXY, AWS"))
    return;
  method = apigw_load_method (self, call, &document);
  if (method == NULL)
    return;
  resource = practice_json_get_object (practice_json_get_object (document, "resources"), apigw_label (call, "resource_id"));
  mock = strcmp (type, "MOCK") == 0;
  if (!mock && (verb == NULL || *verb == '\0')) {
    apigw_bad_request (call, "Enumeration value for HttpMethod must be non-empty");
    return;
  }
  if (!mock && !check_uri (call, type, uri))
    return;
  if (passthrough != NULL && strcmp (passthrough, "WHEN_NO_MATCH") != 0 && strcmp (passthrough, "WHEN_NO_TEMPLATES") != 0 &&
      strcmp (passthrough, "NEVER") != 0) {
    apigw_bad_request (call, "Invalid passthrough behavior specified. Valid options are WHEN_NO_MATCH, WHEN_NO_TEMPLATES, NEVER");
    return;
  }
  if (timeout < 50 || timeout > DEFAULT_TIMEOUT) {
    apigw_bad_request (call, "Timeout should be between 50 ms and 29000 ms");
    return;
  }
  if (!check_request_mappings (call, method, resource, mappings) || !check_texts (call, templates) ||
      !check_credentials (call, practice_call_get_string (call, "credentials")))
    return;

  integration = json_object_new ();
  json_object_set_string_member (integration, "type", type);
  if (!mock)
    apigw_copy (call, integration, "httpMethod", "uri", NULL);
  if (g_str_has_prefix (type, "HTTP"))
    json_object_set_string_member (integration, "connectionType", "INTERNET");
  apigw_copy (call, integration, "credentials", "requestParameters", "requestTemplates", "contentHandling", "connectionType",
              "connectionId", "tlsConfig", NULL);
  json_object_set_string_member (integration, "passthroughBehavior", passthrough != NULL ? passthrough : "WHEN_NO_MATCH");
  json_object_set_int_member (integration, "timeoutInMillis", timeout);
  json_object_set_string_member (integration, "cacheNamespace", apigw_label (call, "resource_id"));
  json_object_set_array_member (integration, "cacheKeyParameters", json_array_new ());
  apigw_copy (call, integration, "cacheNamespace", "cacheKeyParameters", NULL);
  json_object_set_object_member (method, "methodIntegration", integration);
  apigw_save_api (self, call, document);
  apigw_return (call, 201, integration);
}

static gboolean
find_integration (PracticeApiGateway *self,
                  PracticeCall       *call,
                  ApigwPart          *part)
{
  JsonObject *method = apigw_load_method (self, call, &part->document);

  return method != NULL && apigw_part_enter (part, call, method, "methodIntegration", "Invalid Integration identifier specified");
}

void
apigw_get_integration (PracticeApiGateway *self,
                       PracticeCall       *call)
{
  apigw_get_part (self, call, find_integration);
}

static gboolean
patch_integration (PracticeApiGateway *self,
                   PracticeCall       *call,
                   JsonObject         *integration,
                   const ApigwPatch   *patch)
{
  const char *const texts[] = { "uri", "credentials", "passthroughBehavior", "contentHandling", "httpMethod", "cacheNamespace",
                                "connectionType", NULL };
  const char *const maps[] = { "requestParameters", "requestTemplates", NULL };

  if (patch->n_parts == 2 && strcmp (patch->parts[0], "requestParameters") == 0 && patch->value != NULL &&
      strcmp (patch->op, "remove") != 0 && !is_mapping (patch->value, FALSE))
    return fail_mapping (call, "specified", patch->value);
  if (strcmp (patch->path, "/timeoutInMillis") == 0) {
    gint64 timeout = 0;

    if (patch->value == NULL || !g_ascii_string_to_signed (patch->value, 10, 50, DEFAULT_TIMEOUT, &timeout, NULL)) {
      apigw_bad_request (call, "Timeout should be between 50 ms and 29000 ms");
      return FALSE;
    }
    json_object_set_int_member (integration, "timeoutInMillis", timeout);
    return TRUE;
  }
  if (strcmp (patch->path, "/uri") == 0 && strcmp (practice_json_get_string (integration, "type"), "MOCK") != 0 &&
      !check_uri (call, practice_json_get_string (integration, "type"), patch->value))
    return FALSE;
  if (strcmp (patch->path, "/credentials") == 0 && !check_credentials (call, patch->value))
    return FALSE;
  return apigw_patch_text (integration, patch, texts) || apigw_patch_map (integration, patch, maps, FALSE);
}

void
apigw_update_integration (PracticeApiGateway *self,
                          PracticeCall       *call)
{
  apigw_update_part (self, call, find_integration, "updateIntegrationInput", patch_integration, 200);
}

void
apigw_delete_integration (PracticeApiGateway *self,
                          PracticeCall       *call)
{
  apigw_delete_part (self, call, find_integration, 204);
}

static gboolean
check_response_mappings (PracticeCall *call,
                         JsonObject   *mappings)
{
  JsonObjectIter iter;
  const char *name = NULL;
  JsonNode *node = NULL;

  if (mappings == NULL)
    return TRUE;
  json_object_iter_init_ordered (&iter, mappings);
  while (apigw_next (&iter, &name, &node)) {
    if (!practice_json_is_string (node)) {
      practice_call_fail (call, 400, "SerializationException", "class java.lang.Boolean can not be converted to an String");
      return FALSE;
    }
    if (!g_str_has_prefix (name, "method.response.header.") || name[strlen ("method.response.header.")] == '\0')
      return fail_mapping (call, "specified", name);
    if (!is_mapping (json_node_get_string (node), TRUE))
      return fail_mapping (call, "specified", json_node_get_string (node));
  }
  return TRUE;
}

void
apigw_put_integration_response (PracticeApiGateway *self,
                                PracticeCall       *call)
{
  JsonObject *mappings = practice_call_get_object (call, "responseParameters");
  JsonObject *templates = practice_call_get_object (call, "responseTemplates");
  const char *pattern = practice_call_get_string (call, "selectionPattern");
  const char *code = apigw_label (call, "status_code");
  g_auto (ApigwPart) integration = { 0 };
  g_autoptr (GRegex) regex = NULL;
  JsonObject *response = NULL;

  if (practice_call_is_answered (call) || !apigw_check_status_code (call))
    return;
  if (!find_integration (self, call, &integration) || !check_response_mappings (call, mappings) || !check_texts (call, templates))
    return;
  if (pattern != NULL && (regex = g_regex_new (pattern, 0, 0, NULL)) == NULL) {
    apigw_bad_request (call, "Invalid selection pattern specified: %s", pattern);
    return;
  }
  response = json_object_new ();
  json_object_set_string_member (response, "statusCode", code);
  apigw_copy (call, response, "selectionPattern", "responseParameters", "responseTemplates", "contentHandling", NULL);
  json_object_set_object_member (apigw_ensure (integration.object, "integrationResponses"), code, response);
  apigw_save_api (self, call, integration.document);
  apigw_return (call, 201, response);
}

static gboolean
find_integration_response (PracticeApiGateway *self,
                           PracticeCall       *call,
                           ApigwPart          *part)
{
  return find_integration (self, call, part) &&
         apigw_part_enter (part, call, practice_json_get_object (part->object, "integrationResponses"), apigw_label (call, "status_code"),
                           "Invalid Response status code specified");
}

void
apigw_get_integration_response (PracticeApiGateway *self,
                                PracticeCall       *call)
{
  apigw_get_part (self, call, find_integration_response);
}

static gboolean
patch_integration_response (PracticeApiGateway *self,
                            PracticeCall       *call,
                            JsonObject         *response,
                            const ApigwPatch   *patch)
{
  const char *const texts[] = { "selectionPattern", "contentHandling", NULL };
  const char *const maps[] = { "responseParameters", "responseTemplates", NULL };

  if (patch->n_parts == 2 && strcmp (patch->parts[0], "responseParameters") == 0 && patch->value != NULL &&
      strcmp (patch->op, "remove") != 0 && !is_mapping (patch->value, TRUE))
    return fail_mapping (call, "specified", patch->value);
  return apigw_patch_text (response, patch, texts) || apigw_patch_map (response, patch, maps, FALSE);
}

void
apigw_update_integration_response (PracticeApiGateway *self,
                                   PracticeCall       *call)
{
  apigw_update_part (self, call, find_integration_response, "updateIntegrationResponseInput", patch_integration_response, 200);
}

void
apigw_delete_integration_response (PracticeApiGateway *self,
                                   PracticeCall       *call)
{
  apigw_delete_part (self, call, find_integration_response, 204);
}
