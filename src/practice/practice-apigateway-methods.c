/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-apigateway-private.h"

#include <string.h>

JsonObject *
apigw_load_method (PracticeApiGateway  *self,
                   PracticeCall        *call,
                   JsonObject         **document)
{
  JsonObject *resource = apigw_load_resource (self, call, document);
  JsonObject *method = NULL;

  if (resource == NULL)
    return NULL;
  method = practice_json_get_object (practice_json_get_object (resource, "resourceMethods"), apigw_label (call, "http_method"));
  if (method == NULL) {
    g_clear_pointer (document, json_object_unref);
    apigw_not_found (call, "Invalid Method identifier specified");
  }
  return method;
}

gboolean
apigw_check_status_code (PracticeCall *call)
{
  const char *code = apigw_label (call, "status_code");

  if (strlen (code) == 3 && code[0] >= '1' && code[0] <= '5' && g_ascii_isdigit (code[1]) && g_ascii_isdigit (code[2]))
    return TRUE;
  practice_call_fail (call, 400, "ValidationException", "1 validation error detected: Value '%s' at 'statusCode' failed to satisfy constraint: "
                      "Member must satisfy regular expression pattern: [1-5]\\d\\d", code);
  return FALSE;
}

/* "method.request.header.X": one of the three places and a name. */
static gboolean
is_request_parameter (const char *name)
{
  static const char *const places[] = { "method.request.header.", "method.request.querystring.", "method.request.path.",
                                        "method.request.multivalueheader.", "method.request.multivaluequerystring." };

  for (guint i = 0; i < G_N_ELEMENTS (places); i++) {
    if (g_str_has_prefix (name, places[i]) && name[strlen (places[i])] != '\0')
      return TRUE;
  }
  return FALSE;
}

static gboolean
check_request_parameters (PracticeCall *call,
                          JsonObject   *parameters)
{
  g_autoptr (GHashTable) names = g_hash_table_new (g_str_hash, g_str_equal);
  JsonObjectIter iter;
  const char *name = NULL;
  JsonNode *node = NULL;

  if (parameters == NULL)
    return TRUE;
  json_object_iter_init_ordered (&iter, parameters);
  while (apigw_next (&iter, &name, &node)) {
    if (!practice_json_is_boolean (node)) {
      practice_call_fail (call, 400, "SerializationException", "The value of the request parameter %s must be true or false", name);
      return FALSE;
    }
    if (!is_request_parameter (name)) {
      apigw_bad_request (call, "Invalid mapping expression specified: Validation Result: warnings : [], errors : "
                               "[Invalid mapping expression specified: %s]", name);
      return FALSE;
    }
    if (!g_hash_table_add (names, strrchr (name, '.') + 1)) {
      apigw_bad_request (call, "Parameter names must be unique across querystring, header and path");
      return FALSE;
    }
  }
  return TRUE;
}

static gboolean
check_models (PracticeCall *call,
              JsonObject   *document,
              JsonObject   *models)
{
  JsonObject *known = practice_json_get_object (document, "models");
  JsonObjectIter iter;
  JsonNode *node = NULL;

  if (models == NULL)
    return TRUE;
  json_object_iter_init_ordered (&iter, models);
  while (apigw_next (&iter, NULL, &node)) {
    const char *name = practice_json_is_string (node) ? json_node_get_string (node) : "";

    if (practice_json_get_object (known, name) == NULL) {
      apigw_bad_request (call, "Invalid model identifier specified: %s", name);
      return FALSE;
    }
  }
  return TRUE;
}

void
apigw_put_method (PracticeApiGateway *self,
                  PracticeCall       *call)
{
  const char *const verbs[] = { "GET", "PUT", "POST", "DELETE", "PATCH", "OPTIONS", "HEAD", "ANY", NULL };
  const char *verb = apigw_label (call, "http_method");
  g_autoptr (JsonObject) document = NULL;
  JsonObject *resource = apigw_load_resource (self, call, &document);
  const char *authorization = practice_call_get_string (call, "authorizationType");
  const char *validator = practice_call_get_string (call, "requestValidatorId");
  JsonObject *parameters = practice_call_get_object (call, "requestParameters");
  JsonObject *models = practice_call_get_object (call, "requestModels");
  JsonObject *methods = NULL;
  JsonObject *method = NULL;
  gboolean key_required = FALSE;

  practice_call_get_boolean (call, "apiKeyRequired", &key_required);
  if (resource == NULL || practice_call_is_answered (call))
    return;
  if (!g_strv_contains (verbs, verb)) {
    apigw_bad_request (call, "Invalid HttpMethod specified. Valid options are GET,PUT,POST,DELETE,PATCH,OPTIONS,HEAD,ANY");
    return;
  }
  if (g_strcmp0 (authorization, "CUSTOM") == 0 || g_strcmp0 (authorization, "COGNITO_USER_POOLS") == 0) {
    apigw_bad_request (call, "Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS requires a "
                             "valid authorizer.");
    return;
  }
  if (g_strcmp0 (authorization, "NONE") != 0 && g_strcmp0 (authorization, "AWS_IAM") != 0) {
    apigw_bad_request (call, "Invalid authorization type specified. Valid options are NONE, AWS_IAM, CUSTOM, COGNITO_USER_POOLS");
    return;
  }
  if (strcmp (authorization, "AWS_IAM") == 0) {
    apigw_bad_request (call, "The practice cloud does not check signatures of API calls: use the authorization type NONE, or an API key");
    return;
  }
  if (validator != NULL && practice_json_get_object (practice_json_get_object (document, "validators"), validator) == NULL) {
    apigw_bad_request (call, "Invalid Request Validator identifier specified");
    return;
  }
  if (!check_models (call, document, models) || !check_request_parameters (call, parameters))
    return;
  methods = apigw_ensure (resource, "resourceMethods");
  if (json_object_has_member (methods, verb)) {
    practice_call_fail (call, 409, "ConflictException", "Method already exists for this resource");
    return;
  }
  method = json_object_new ();
  json_object_set_string_member (method, "httpMethod", verb);
  json_object_set_string_member (method, "authorizationType", authorization);
  json_object_set_boolean_member (method, "apiKeyRequired", key_required);
  apigw_copy (call, method, "requestValidatorId", "operationName", "requestParameters", "requestModels", NULL);
  json_object_set_object_member (methods, verb, method);
  apigw_save_api (self, call, document);
  apigw_return (call, 201, method);
}

void
apigw_get_method (PracticeApiGateway *self,
                  PracticeCall       *call)
{
  g_autoptr (JsonObject) document = NULL;
  JsonObject *method = apigw_load_method (self, call, &document);

  if (method != NULL)
    apigw_return (call, 200, method);
}

static gboolean
patch_method (PracticeApiGateway *self,
              PracticeCall       *call,
              JsonObject         *document,
              const ApigwPatch   *patch)
{
  const char *const texts[] = { "operationName", NULL };
  const char *const booleans[] = { "apiKeyRequired", NULL };
  const char *const parameters[] = { "requestParameters", NULL };
  const char *const models[] = { "requestModels", NULL };
  JsonObject *resource = practice_json_get_object (practice_json_get_object (document, "resources"), apigw_label (call, "resource_id"));
  JsonObject *method = practice_json_get_object (practice_json_get_object (resource, "resourceMethods"), apigw_label (call, "http_method"));

  if (strcmp (patch->path, "/authorizationType") == 0) {
    if (!apigw_patch_is_op (call, patch, "replace"))
      return FALSE;
    if (g_strcmp0 (patch->value, "NONE") != 0) {
      apigw_bad_request (call, "Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS requires a "
                               "valid authorizer.");
      return FALSE;
    }
    return TRUE;
  }
  if (strcmp (patch->path, "/requestValidatorId") == 0) {
    if (patch->value == NULL || *patch->value == '\0' || strcmp (patch->op, "remove") == 0) {
      json_object_remove_member (method, "requestValidatorId");
      return TRUE;
    }
    if (practice_json_get_object (practice_json_get_object (document, "validators"), patch->value) == NULL) {
      apigw_bad_request (call, "Invalid Request Validator identifier specified");
      return FALSE;
    }
    json_object_set_string_member (method, "requestValidatorId", patch->value);
    return TRUE;
  }
  if (patch->n_parts == 2 && strcmp (patch->parts[0], "requestParameters") == 0 && !is_request_parameter (patch->parts[1])) {
    apigw_bad_request (call, "Invalid mapping expression specified: Validation Result: warnings : [], errors : "
                             "[Invalid mapping expression specified: %s]", patch->parts[1]);
    return FALSE;
  }
  if (patch->n_parts == 1 && strcmp (patch->parts[0], "apiKeyRequired") == 0 && !apigw_patch_is_op (call, patch, "replace"))
    return FALSE;
  return apigw_patch_text (method, patch, texts) || apigw_patch_boolean (method, patch, booleans) ||
         apigw_patch_map (method, patch, parameters, TRUE) || apigw_patch_map (method, patch, models, FALSE);
}

void
apigw_update_method (PracticeApiGateway *self,
                     PracticeCall       *call)
{
  g_autoptr (JsonObject) document = NULL;
  JsonObject *method = apigw_load_method (self, call, &document);

  if (method == NULL || !apigw_patch (self, call, "updateMethodInput", document, patch_method))
    return;
  apigw_save_api (self, call, document);
  apigw_return (call, 200, method);
}

void
apigw_delete_method (PracticeApiGateway *self,
                     PracticeCall       *call)
{
  g_autoptr (JsonObject) document = NULL;
  JsonObject *resource = NULL;
  JsonObject *methods = NULL;

  if (apigw_load_method (self, call, &document) == NULL)
    return;
  resource = practice_json_get_object (practice_json_get_object (document, "resources"), apigw_label (call, "resource_id"));
  methods = practice_json_get_object (resource, "resourceMethods");
  json_object_remove_member (methods, apigw_label (call, "http_method"));
  if (json_object_get_size (methods) == 0)
    json_object_remove_member (resource, "resourceMethods");
  apigw_save_api (self, call, document);
  practice_call_return_full (call, 204, NULL, NULL, NULL, NULL);
}

void
apigw_put_method_response (PracticeApiGateway *self,
                           PracticeCall       *call)
{
  g_autoptr (JsonObject) document = NULL;
  JsonObject *method = NULL;
  JsonObject *parameters = practice_call_get_object (call, "responseParameters");
  JsonObject *models = practice_call_get_object (call, "responseModels");
  const char *code = apigw_label (call, "status_code");
  JsonObject *response = NULL;
  JsonObject *responses = NULL;
  JsonObjectIter iter;
  const char *name = NULL;

  if (practice_call_is_answered (call) || !apigw_check_status_code (call) || (method = apigw_load_method (self, call, &document)) == NULL)
    return;
  if (!check_models (call, document, models))
    return;
  if (parameters != NULL) {
    json_object_iter_init_ordered (&iter, parameters);
    while (apigw_next (&iter, &name, NULL)) {
      if (!g_str_has_prefix (name, "method.response.header.") || name[strlen ("method.response.header.")] == '\0') {
        apigw_bad_request (call, "Invalid mapping expression specified: Validation Result: warnings : [], errors : "
                                 "[Invalid mapping expression specified: %s]", name);
        return;
      }
    }
  }
  responses = apigw_ensure (method, "methodResponses");
  if (json_object_has_member (responses, code)) {
    practice_call_fail (call, 409, "ConflictException", "Response already exists for this resource");
    return;
  }
  response = json_object_new ();
  json_object_set_string_member (response, "statusCode", code);
  apigw_copy (call, response, "responseParameters", "responseModels", NULL);
  json_object_set_object_member (responses, code, response);
  apigw_save_api (self, call, document);
  apigw_return (call, 201, response);
}

static gboolean
find_method_response (PracticeApiGateway *self,
                      PracticeCall       *call,
                      ApigwPart          *part)
{
  JsonObject *method = apigw_load_method (self, call, &part->document);

  return method != NULL && apigw_part_enter (part, call, practice_json_get_object (method, "methodResponses"), apigw_label (call, "status_code"),
                                             "Invalid Response status code specified");
}

void
apigw_get_method_response (PracticeApiGateway *self,
                           PracticeCall       *call)
{
  apigw_get_part (self, call, find_method_response);
}

static gboolean
patch_method_response (PracticeApiGateway *self,
                       PracticeCall       *call,
                       JsonObject         *response,
                       const ApigwPatch   *patch)
{
  const char *const parameters[] = { "responseParameters", NULL };
  const char *const models[] = { "responseModels", NULL };

  return apigw_patch_map (response, patch, parameters, TRUE) || apigw_patch_map (response, patch, models, FALSE);
}

void
apigw_update_method_response (PracticeApiGateway *self,
                              PracticeCall       *call)
{
  apigw_update_part (self, call, find_method_response, "updateMethodResponseInput", patch_method_response, 201);
}

void
apigw_delete_method_response (PracticeApiGateway *self,
                              PracticeCall       *call)
{
  apigw_delete_part (self, call, find_method_response, 204);
}
