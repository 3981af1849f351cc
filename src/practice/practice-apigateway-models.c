/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-apigateway-private.h"

#include <string.h>

/* ── models ── */

static void
add_model (JsonObject *document,
           const char *name,
           const char *description,
           const char *schema)
{
  JsonObject *model = json_object_new ();
  g_autofree char *id = apigw_new_id (6);

  json_object_set_string_member (model, "id", id);
  json_object_set_string_member (model, "name", name);
  json_object_set_string_member (model, "description", description);
  json_object_set_string_member (model, "schema", schema);
  json_object_set_string_member (model, "contentType", "application/json");
  json_object_set_object_member (apigw_ensure (document, "models"), name, model);
}

void
apigw_add_models (JsonObject *document)
{
  add_model (document, "Empty", "This is a default empty schema model",
             "{\n  \"$schema\": \"http://json-schema.org/draft-04/schema#\",\n  \"title\" : \"Empty Schema\",\n  \"type\" : \"object\"\n}");
  add_model (document, "Error", "This is a default error schema model",
             "{\n  \"$schema\" : \"http://json-schema.org/draft-04/schema#\",\n  \"title\" : \"Error Schema\",\n  \"type\" : \"object\",\n"
             "  \"properties\" : {\n    \"message\" : { \"type\" : \"string\" }\n  }\n}");
}

void
apigw_create_model (PracticeApiGateway *self,
                    PracticeCall       *call)
{
  g_autoptr (JsonObject) document = apigw_load_api (self, call);
  const char *name = practice_call_get_string (call, "name");
  const char *schema = practice_call_get_string (call, "schema");
  g_autofree char *id = apigw_new_id (6);
  JsonObject *models = NULL;
  JsonObject *model = NULL;

  if (document == NULL || practice_call_is_answered (call))
    return;
  if (name == NULL || *name == '\0') {
    apigw_bad_request (call, "Model name must be non-empty");
    return;
  }
  if (schema == NULL || *schema == '\0') {
    apigw_bad_request (call, "Model schema must have at least 1 property or array items defined");
    return;
  }
  models = apigw_ensure (document, "models");
  if (json_object_has_member (models, name)) {
    practice_call_fail (call, 409, "ConflictException", "Model name already exists for this REST API");
    return;
  }
  model = json_object_new ();
  json_object_set_string_member (model, "id", id);
  json_object_set_string_member (model, "contentType", "application/json");
  apigw_copy (call, model, "name", "description", "schema", "contentType", NULL);
  json_object_set_object_member (models, name, model);
  apigw_save_api (self, call, document);
  apigw_return (call, 201, model);
}

static gboolean
find_model (PracticeApiGateway *self,
            PracticeCall       *call,
            ApigwPart          *part)
{
  const char *name = apigw_label (call, "model_name");
  g_autofree char *message = g_strdup_printf ("Invalid model name specified: %s", name);

  part->document = apigw_load_api (self, call);
  return part->document != NULL && apigw_part_enter (part, call, practice_json_get_object (part->document, "models"), name, message);
}

void
apigw_get_model (PracticeApiGateway *self,
                 PracticeCall       *call)
{
  apigw_get_part (self, call, find_model);
}

/* The values of a map in the API's document, as a page. */
static void
return_values (PracticeApiGateway *self,
               PracticeCall       *call,
               const char         *member)
{
  g_autoptr (JsonObject) document = apigw_load_api (self, call);
  JsonObject *map = practice_json_get_object (document, member);
  JsonArray *items = NULL;
  JsonObjectIter iter;
  JsonNode *node = NULL;

  if (document == NULL)
    return;
  items = json_array_new ();
  if (map != NULL) {
    json_object_iter_init_ordered (&iter, map);
    while (apigw_next (&iter, NULL, &node))
      json_array_add_element (items, json_node_copy (node));
  }
  apigw_return_items (call, "item", items);
}

void
apigw_get_models (PracticeApiGateway *self,
                  PracticeCall       *call)
{
  return_values (self, call, "models");
}

/* The first method that uses the model: "/test/ANY". */
static char *
find_use (JsonObject *document,
          const char *model)
{
  JsonObjectIter resources;
  JsonNode *node = NULL;

  json_object_iter_init_ordered (&resources, practice_json_get_object (document, "resources"));
  while (apigw_next (&resources, NULL, &node)) {
    JsonObject *methods = practice_json_get_object (json_node_get_object (node), "resourceMethods");
    JsonObjectIter iter;
    const char *verb = NULL;
    JsonNode *method = NULL;

    if (methods == NULL)
      continue;
    json_object_iter_init_ordered (&iter, methods);
    while (apigw_next (&iter, &verb, &method)) {
      JsonObject *used = practice_json_get_object (json_node_get_object (method), "requestModels");
      JsonObjectIter models;
      JsonNode *name = NULL;

      if (used == NULL)
        continue;
      json_object_iter_init_ordered (&models, used);
      while (apigw_next (&models, NULL, &name)) {
        if (g_strcmp0 (practice_json_node_get_string (name), model) == 0)
          return g_strdup_printf ("%s/%s", practice_json_get_string (json_node_get_object (node), "path"), verb);
      }
    }
  }
  return NULL;
}

void
apigw_delete_model (PracticeApiGateway *self,
                    PracticeCall       *call)
{
  g_auto (ApigwPart) model = { 0 };
  g_autofree char *use = NULL;

  if (!find_model (self, call, &model))
    return;
  use = find_use (model.document, model.name);
  if (use != NULL) {
    practice_call_fail (call, 409, "ConflictException", "Cannot delete model '%s', is referenced in method request: %s", model.name, use);
    return;
  }
  apigw_part_remove (&model, self, call, 202);
}

/* ── request validators ── */

void
apigw_create_validator (PracticeApiGateway *self,
                        PracticeCall       *call)
{
  g_autoptr (JsonObject) document = apigw_load (self, practice_call_get_region (call), "api", "", apigw_label (call, "restapi_id"));
  g_autofree char *id = apigw_new_id (6);
  JsonObject *validator = NULL;
  gboolean body = FALSE;
  gboolean parameters = FALSE;

  practice_call_get_boolean (call, "validateRequestBody", &body);
  practice_call_get_boolean (call, "validateRequestParameters", &parameters);
  if (practice_call_is_answered (call))
    return;
  if (document == NULL) {
    apigw_bad_request (call, "Invalid REST API identifier specified");
    return;
  }
  if (body) {
    apigw_bad_request (call, "The practice cloud does not hold bodies against models: make the validator with validateRequestBody false");
    return;
  }
  validator = json_object_new ();
  json_object_set_string_member (validator, "id", id);
  apigw_copy (call, validator, "name", NULL);
  json_object_set_boolean_member (validator, "validateRequestBody", body);
  json_object_set_boolean_member (validator, "validateRequestParameters", parameters);
  json_object_set_object_member (apigw_ensure (document, "validators"), id, validator);
  apigw_save_api (self, call, document);
  apigw_return (call, 201, validator);
}

static gboolean
find_validator (PracticeApiGateway *self,
                PracticeCall       *call,
                ApigwPart          *part)
{
  part->document = apigw_load (self, practice_call_get_region (call), "api", "", apigw_label (call, "restapi_id"));
  return apigw_part_enter (part, call, practice_json_get_object (part->document, "validators"), apigw_label (call, "validator_id"),
                           "Invalid Request Validator identifier specified");
}

void
apigw_get_validator (PracticeApiGateway *self,
                     PracticeCall       *call)
{
  apigw_get_part (self, call, find_validator);
}

void
apigw_get_validators (PracticeApiGateway *self,
                      PracticeCall       *call)
{
  return_values (self, call, "validators");
}

void
apigw_delete_validator (PracticeApiGateway *self,
                        PracticeCall       *call)
{
  apigw_delete_part (self, call, find_validator, 202);
}

/* ── gateway responses ── */

/* Type and status (API Gateway Developer Guide, "Gateway response types"). */
static const struct { const char *type; const char *status; } types[] = {
  { "DEFAULT_4XX", NULL }, { "DEFAULT_5XX", NULL }, { "RESOURCE_NOT_FOUND", "404" }, { "UNAUTHORIZED", "401" }, { "INVALID_API_KEY", "403" },
  { "ACCESS_DENIED", "403" }, { "AUTHORIZER_FAILURE", "500" }, { "AUTHORIZER_CONFIGURATION_ERROR", "500" }, { "INVALID_SIGNATURE", "403" },
  { "EXPIRED_TOKEN", "403" }, { "MISSING_AUTHENTICATION_TOKEN", "403" }, { "INTEGRATION_FAILURE", "504" }, { "INTEGRATION_TIMEOUT", "504" },
  { "API_CONFIGURATION_ERROR", "500" }, { "UNSUPPORTED_MEDIA_TYPE", "415" }, { "BAD_REQUEST_PARAMETERS", "400" }, { "BAD_REQUEST_BODY", "400" },
  { "REQUEST_TOO_LARGE", "413" }, { "THROTTLED", "429" }, { "QUOTA_EXCEEDED", "429" }, { "WAF_FILTERED", "403" },
};

static JsonObject *
default_response (guint which)
{
  JsonObject *response = json_object_new ();

  json_object_set_string_member (response, "responseType", types[which].type);
  if (types[which].status != NULL)
    json_object_set_string_member (response, "statusCode", types[which].status);
  apigw_ensure (response, "responseParameters");
  json_object_set_string_member (apigw_ensure (response, "responseTemplates"), "application/json", "{\"message\":$context.error.messageString}");
  json_object_set_boolean_member (response, "defaultResponse", TRUE);
  return response;
}

/* Where in the table the call's type is; G_MAXUINT after failing it. */
static guint
find_type (PracticeCall *call)
{
  const char *type = apigw_label (call, "response_type");
  g_autoptr (GString) known = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (types); i++) {
    if (strcmp (types[i].type, type) == 0)
      return i;
    g_string_append_printf (known, "%s%s", i > 0 ? ", " : "", types[i].type);
  }
  practice_call_fail (call, 400, "ValidationException", "1 validation error detected: Value '%s' at 'responseType' failed to satisfy constraint: "
                      "Member must satisfy enum value set: [%s]", type, known->str);
  return G_MAXUINT;
}

void
apigw_put_gateway_response (PracticeApiGateway *self,
                            PracticeCall       *call)
{
  g_autoptr (JsonObject) document = apigw_load_api (self, call);
  JsonObject *response = NULL;
  guint which = 0;

  practice_call_get_object (call, "responseParameters");
  practice_call_get_object (call, "responseTemplates");
  practice_call_get_string (call, "statusCode");
  if (document == NULL || practice_call_is_answered (call) || (which = find_type (call)) == G_MAXUINT)
    return;
  response = default_response (which);
  apigw_copy (call, response, "statusCode", "responseParameters", "responseTemplates", NULL);
  json_object_set_boolean_member (response, "defaultResponse", FALSE);
  json_object_set_object_member (apigw_ensure (document, "gatewayResponses"), types[which].type, response);
  apigw_save_api (self, call, document);
  apigw_return (call, 201, response);
}

void
apigw_get_gateway_response (PracticeApiGateway *self,
                            PracticeCall       *call)
{
  g_autoptr (JsonObject) document = apigw_load_api (self, call);
  g_autoptr (JsonObject) made = NULL;
  JsonObject *response = NULL;
  guint which = 0;

  if (document == NULL || (which = find_type (call)) == G_MAXUINT)
    return;
  response = practice_json_get_object (practice_json_get_object (document, "gatewayResponses"), types[which].type);
  if (response == NULL)
    response = made = default_response (which);
  apigw_return (call, 200, response);
}

void
apigw_get_gateway_responses (PracticeApiGateway *self,
                             PracticeCall       *call)
{
  g_autoptr (JsonObject) document = apigw_load_api (self, call);
  JsonArray *items = NULL;

  if (document == NULL)
    return;
  items = json_array_new ();
  for (guint i = 0; i < G_N_ELEMENTS (types); i++) {
    JsonObject *own = practice_json_get_object (practice_json_get_object (document, "gatewayResponses"), types[i].type);

    json_array_add_object_element (items, own != NULL ? json_object_ref (own) : default_response (i));
  }
  apigw_return_items (call, "item", items);
}

void
apigw_delete_gateway_response (PracticeApiGateway *self,
                               PracticeCall       *call)
{
  g_autoptr (JsonObject) document = apigw_load_api (self, call);
  JsonObject *own = NULL;
  guint which = 0;

  if (document == NULL || (which = find_type (call)) == G_MAXUINT)
    return;
  own = practice_json_get_object (document, "gatewayResponses");
  if (practice_json_get_object (own, types[which].type) == NULL) {
    apigw_not_found (call, "Gateway response type not defined on api");
    return;
  }
  json_object_remove_member (own, types[which].type);
  apigw_save_api (self, call, document);
  apigw_return (call, 202, NULL);
}
