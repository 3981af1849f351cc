/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-apigateway-execution.h"

#include <string.h>

/* Lambda proxy integration: the event in format 1.0, and what a function has to answer (API Gateway Developer Guide). */

static void
set_object_or_null (JsonObject *event,
                    const char *name,
                    JsonObject *object)
{
  if (object != NULL && json_object_get_size (object) > 0) {
    json_object_set_object_member (event, name, object);
    return;
  }
  json_object_set_null_member (event, name);
  g_clear_pointer (&object, json_object_unref);
}

static JsonObject *
map_to_json (PracticeVtlValue *map)
{
  JsonObject *object = json_object_new ();

  for (guint i = 0; map != NULL && i < map->map.n; i++) {
    PracticeVtlValue *value = map->map.entries[i].value;

    if (value == NULL)
      json_object_set_null_member (object, map->map.entries[i].key);
    else if (value->type == PRACTICE_VTL_INTEGER)
      json_object_set_int_member (object, map->map.entries[i].key, value->integer);
    else if (value->type == PRACTICE_VTL_STRING)
      json_object_set_string_member (object, map->map.entries[i].key, value->string.data);
  }
  return object;
}

static JsonObject *
make_multi_headers (ApigwExecution *self)
{
  JsonObject *all = json_object_new ();

  for (guint i = 0; i < self->headers->len; i++) {
    ApigwHeader *header = self->headers->pdata[i];
    JsonArray *values = NULL;

    if (apigw_is_dropped_header (header->name))
      continue;
    values = practice_json_get_array (all, header->name);
    if (values == NULL) {
      values = json_array_new ();
      json_object_set_array_member (all, header->name, values);
    }
    json_array_add_string_element (values, header->value);
  }
  return all;
}

static JsonObject *
make_request_context (ApigwExecution *self)
{
  static const char *const members[] = { "resourceId", "resourcePath", "httpMethod", "extendedRequestId", "requestTime", "path", "accountId",
                                         "protocol", "stage", "domainPrefix", "requestTimeEpoch", "requestId", "domainName", "deploymentId",
                                         "apiId" };
  g_autoptr (JsonObject) all = map_to_json (self->context);
  JsonObject *context = json_object_new ();

  for (guint i = 0; i < G_N_ELEMENTS (members); i++) {
    JsonNode *node = json_object_get_member (all, members[i]);

    if (node != NULL && !JSON_NODE_HOLDS_NULL (node))
      json_object_set_member (context, members[i], json_node_copy (node));
  }
  json_object_set_object_member (context, "identity", map_to_json (practice_vtl_map_get (self->context, "identity")));
  return context;
}

/* Whether the API takes this content type for bytes. */
static gboolean
is_binary (ApigwExecution *self,
           const char     *content_type)
{
  JsonArray *types = practice_json_get_array (practice_json_get_object (self->program->document, "api"), "binaryMediaTypes");
  gsize length = content_type != NULL ? strcspn (content_type, ";") : 0;

  for (guint i = 0; types != NULL && i < json_array_get_length (types); i++) {
    const char *type = json_array_get_string_element (types, i);

    if (strcmp (type, "*/*") == 0 || (length > 0 && strlen (type) == length && g_ascii_strncasecmp (type, content_type, length) == 0))
      return TRUE;
  }
  return FALSE;
}

GBytes *
apigw_execution_make_event (ApigwExecution *self)
{
  g_autoptr (JsonObject) event = json_object_new ();
  JsonObject *multi_query = json_object_new ();
  gsize length = 0;
  const char *body = g_bytes_get_data (self->body, &length);
  gboolean binary = length > 0 && is_binary (self, apigw_headers_get (self->headers, "Content-Type"));
  JsonObjectIter iter;
  const char *name = NULL;
  JsonNode *node = NULL;
  char *text = NULL;

  json_object_iter_init_ordered (&iter, self->query_params);
  while (apigw_next (&iter, &name, &node))
    json_object_set_member (multi_query, name, json_node_copy (node));

  json_object_set_string_member (event, "resource", self->method->resource_path);
  json_object_set_string_member (event, "path", self->path);
  json_object_set_string_member (event, "httpMethod", self->verb);
  set_object_or_null (event, "headers", map_to_json (practice_vtl_map_get (self->params, "header")));
  set_object_or_null (event, "multiValueHeaders", make_multi_headers (self));
  set_object_or_null (event, "queryStringParameters", map_to_json (practice_vtl_map_get (self->params, "querystring")));
  set_object_or_null (event, "multiValueQueryStringParameters", multi_query);
  set_object_or_null (event, "pathParameters", json_object_ref (self->path_params));
  set_object_or_null (event, "stageVariables", map_to_json (self->stage_variables));
  json_object_set_object_member (event, "requestContext", make_request_context (self));
  if (length == 0) {
    json_object_set_null_member (event, "body");
  } else {
    g_autofree char *encoded = binary ? g_base64_encode ((const guchar *) body, length) : g_utf8_make_valid (body, (gssize) length);

    json_object_set_string_member (event, "body", encoded);
  }
  json_object_set_boolean_member (event, "isBase64Encoded", binary);
  text = practice_json_object_to_text (event);
  return g_bytes_new_take (text, strlen (text));
}

static void
fail_response (ApigwExecution *self,
               const char     *reason)
{
  apigw_execution_log (self, FALSE, "%s", reason);
  apigw_execution_fail (self, "DEFAULT_5XX", 502, "InternalServerErrorException", "Internal server error");
}

static void
fail_malformed (ApigwExecution *self)
{
  apigw_execution_emit_integration (self, self->in_status, "MalformedProxyResponse",
                                    "The function's answer is not what a proxy integration expects: an object with statusCode, headers and a body "
                                    "that is text");
  fail_response (self, "Execution failed due to configuration error: Malformed Lambda proxy response");
}

/* A header's value may be text, a number or a boolean. */
static char *
value_text (JsonNode *node)
{
  GType type = JSON_NODE_HOLDS_VALUE (node) ? json_node_get_value_type (node) : G_TYPE_INVALID;

  if (type == G_TYPE_STRING)
    return g_strdup (json_node_get_string (node));
  if (type == G_TYPE_INT64)
    return g_strdup_printf ("%" G_GINT64_FORMAT, json_node_get_int (node));
  if (type == G_TYPE_DOUBLE)
    return g_strdup_printf ("%g", json_node_get_double (node));
  if (type == G_TYPE_BOOLEAN)
    return g_strdup (json_node_get_boolean (node) ? "true" : "false");
  return NULL;
}

static gboolean
is_null (JsonObject *object,
         const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node == NULL || JSON_NODE_HOLDS_NULL (node);
}

static gboolean
take_headers (ApigwExecution *self,
              JsonObject     *answer)
{
  JsonObject *headers = practice_json_get_object (answer, "headers");
  JsonObject *multi = practice_json_get_object (answer, "multiValueHeaders");
  JsonObjectIter iter;
  const char *name = NULL;
  JsonNode *node = NULL;

  if ((headers == NULL && !is_null (answer, "headers")) || (multi == NULL && !is_null (answer, "multiValueHeaders")))
    return FALSE;
  if (multi != NULL) {
    json_object_iter_init_ordered (&iter, multi);
    while (apigw_next (&iter, &name, &node)) {
      JsonArray *values = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;

      if (values == NULL)
        return FALSE;
      for (guint i = 0; i < json_array_get_length (values); i++) {
        g_autofree char *value = value_text (json_array_get_element (values, i));

        if (value == NULL)
          return FALSE;
        apigw_execution_add_header (self, name, value);
      }
    }
  }
  if (headers != NULL) {
    json_object_iter_init_ordered (&iter, headers);
    while (apigw_next (&iter, &name, &node)) {
      g_autofree char *value = value_text (node);

      if (value == NULL && !JSON_NODE_HOLDS_NULL (node))
        return FALSE;
      /* A name in both: the many values hold this one already. */
      if (value != NULL && (multi == NULL || !json_object_has_member (multi, name)))
        apigw_execution_add_header (self, name, value);
    }
  }
  return TRUE;
}

static gboolean
take_status (ApigwExecution *self,
             JsonObject     *answer)
{
  JsonNode *node = json_object_get_member (answer, "statusCode");
  g_autofree char *text = node != NULL && !JSON_NODE_HOLDS_NULL (node) ? value_text (node) : g_strdup ("200");
  guint64 status = 0;

  if (text == NULL || !g_ascii_string_to_unsigned (text, 10, 100, 599, &status, NULL))
    return FALSE;
  self->status = (guint) status;
  return TRUE;
}

void
apigw_execution_proxy_response (ApigwExecution *self)
{
  const char *const known[] = { "statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded", "cookies", NULL };
  gsize length = 0;
  const char *text = g_bytes_get_data (self->in_body, &length);
  g_autoptr (JsonObject) answer = NULL;
  const char *body = NULL;
  JsonObjectIter iter;
  const char *name = NULL;

  if (self->function_error != NULL) {
    g_autofree char *reason = g_strdup_printf ("Lambda execution failed with status 200 due to customer function error: %s.", self->function_error);

    fail_response (self, reason);
    return;
  }
  answer = length > 0 ? practice_json_parse_object (text, (gssize) length, NULL) : NULL;
  if (answer == NULL) {
    fail_malformed (self);
    return;
  }
  json_object_iter_init_ordered (&iter, answer);
  while (apigw_next (&iter, &name, NULL)) {
    if (!g_strv_contains (known, name)) {
      fail_malformed (self);
      return;
    }
  }
  body = practice_json_get_string (answer, "body");
  if ((body == NULL && !is_null (answer, "body")) || !take_status (self, answer) || !take_headers (self, answer)) {
    fail_malformed (self);
    return;
  }
  g_bytes_unref (self->response_body);
  if (body != NULL && apigw_get_boolean (answer, "isBase64Encoded") &&
      (is_binary (self, apigw_headers_get (self->headers, "Accept")) || is_binary (self, apigw_headers_get (self->response_headers, "Content-Type")))) {
    gsize size = 0;
    guchar *decoded = g_base64_decode (body, &size);

    self->response_body = g_bytes_new_take (decoded, size);
  } else {
    self->response_body = g_bytes_new (body != NULL ? body : "", body != NULL ? strlen (body) : 0);
  }
  if (apigw_headers_get (self->response_headers, "Content-Type") == NULL)
    apigw_headers_add (self->response_headers, "Content-Type", "application/json");
  apigw_headers_add (self->response_headers, "X-Amzn-Trace-Id", self->trace_id);
  apigw_execution_finish (self);
}
