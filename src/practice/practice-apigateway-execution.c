/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-apigateway-execution.h"

#include <string.h>

#include "practice-form.h"

#define MAX_EVENT_BODY (256 * 1024)
/* What all templates of one request may make together. */
#define ARENA_LIMIT (256 * 1024 * 1024)

/* ── headers ── */

static void
header_free (gpointer data)
{
  ApigwHeader *header = data;

  g_free (header->name);
  g_free (header->value);
  g_free (header);
}

GPtrArray *
apigw_headers_new (void)
{
  return g_ptr_array_new_with_free_func (header_free);
}

void
apigw_headers_add (GPtrArray  *headers,
                   const char *name,
                   const char *value)
{
  ApigwHeader *header = g_new0 (ApigwHeader, 1);

  header->name = g_strdup (name);
  header->value = g_strdup (value);
  /* A line break would begin another header. */
  g_strdelimit (header->name, "\r\n", ' ');
  g_strdelimit (header->value, "\r\n", ' ');
  g_ptr_array_add (headers, header);
}

void
apigw_headers_set (GPtrArray  *headers,
                   const char *name,
                   const char *value)
{
  for (guint i = headers->len; i > 0; i--) {
    ApigwHeader *header = headers->pdata[i - 1];

    if (g_ascii_strcasecmp (header->name, name) == 0)
      g_ptr_array_remove_index (headers, i - 1);
  }
  apigw_headers_add (headers, name, value);
}

const char *
apigw_headers_get (GPtrArray  *headers,
                   const char *name)
{
  for (guint i = 0; i < headers->len; i++) {
    ApigwHeader *header = headers->pdata[i];

    if (g_ascii_strcasecmp (header->name, name) == 0)
      return header->value;
  }
  return NULL;
}

/* ── events ── */

char *
apigw_event_text (GBytes *body)
{
  gsize length = 0;
  const char *text = g_bytes_get_data (body, &length);

  return g_utf8_make_valid (text != NULL ? text : "", (gssize) MIN (length, MAX_EVENT_BODY));
}

static void
emit_request (ApigwExecution *self)
{
  JsonObject *event = json_object_new ();
  g_autofree char *body = apigw_event_text (self->body);

  json_object_set_string_member (event, "region", self->program->region);
  json_object_set_string_member (event, "requestId", self->request_id);
  json_object_set_string_member (event, "apiId", self->program->api_id);
  json_object_set_string_member (event, "stage", self->program->stage);
  if (self->method->resource_path != NULL)
    json_object_set_string_member (event, "resourcePath", self->method->resource_path);
  json_object_set_string_member (event, "method", self->verb);
  json_object_set_string_member (event, "path", self->path);
  json_object_set_string_member (event, "body", body);
  if (self->test)
    json_object_set_boolean_member (event, "test", TRUE);
  practice_events_emit (practice_server_get_events (self->gateway->server), "gateway-request", event);
}

void
apigw_execution_emit_integration (ApigwExecution *self,
                                  guint           status,
                                  const char     *code,
                                  const char     *message)
{
  JsonObject *event = json_object_new ();

  json_object_set_string_member (event, "region", self->program->region);
  json_object_set_string_member (event, "requestId", self->request_id);
  json_object_set_string_member (event, "type", practice_json_get_string (self->method->integration, "type"));
  if (self->method->uri != NULL)
    json_object_set_string_member (event, "uri", self->method->uri);
  if (self->method->credentials != NULL)
    json_object_set_string_member (event, "role", self->method->credentials);
  if (status != 0)
    json_object_set_int_member (event, "status", status);
  if (code != NULL) {
    JsonObject *error = json_object_new ();

    json_object_set_string_member (error, "code", code);
    json_object_set_string_member (error, "message", message != NULL ? message : "");
    json_object_set_object_member (event, "error", error);
  }
  practice_events_emit (practice_server_get_events (self->gateway->server), "gateway-integration", event);
}

static void
emit_response (ApigwExecution *self)
{
  JsonObject *event = json_object_new ();
  g_autofree char *body = apigw_event_text (self->response_body);

  json_object_set_string_member (event, "region", self->program->region);
  json_object_set_string_member (event, "requestId", self->request_id);
  json_object_set_int_member (event, "status", self->status);
  json_object_set_string_member (event, "body", body);
  if (self->error != NULL)
    json_object_set_string_member (event, "error", self->error);
  json_object_set_double_member (event, "latencyMs", (double) (g_get_real_time () - self->started) / 1000);
  practice_events_emit (practice_server_get_events (self->gateway->server), "gateway-response", event);
}

/* ── one request ── */

static JsonObject *
parse_query (const char *query)
{
  JsonObject *params = json_object_new ();
  g_auto (GStrv) pairs = g_strsplit (query != NULL ? query : "", "&", -1);

  for (guint i = 0; pairs[i] != NULL; i++) {
    const char *equals = strchr (pairs[i], '=');
    gsize length = equals != NULL ? (gsize) (equals - pairs[i]) : strlen (pairs[i]);
    g_autofree char *name = practice_form_decode (pairs[i], length, TRUE);
    g_autofree char *value = equals != NULL ? practice_form_decode (equals + 1, strlen (equals + 1), TRUE) : g_strdup ("");
    JsonArray *values = NULL;

    if (name == NULL || *name == '\0')
      continue;
    values = practice_json_get_array (params, name);
    if (values == NULL) {
      values = json_array_new ();
      json_object_set_array_member (params, name, values);
    }
    json_array_add_string_element (values, value != NULL ? value : equals + 1);
  }
  return params;
}

ApigwExecution *
apigw_execution_new (PracticeApiGateway *gateway,
                     ApigwProgram       *program,
                     ApigwMethod        *method,
                     const char         *request_id,
                     const char         *verb,
                     const char         *path,
                     const char         *query,
                     GPtrArray          *headers,
                     JsonObject         *path_params,
                     GBytes             *body,
                     gboolean            test)
{
  ApigwExecution *self = g_new0 (ApigwExecution, 1);
  guchar random[12];

  self->gateway = gateway;
  self->program = apigw_program_ref (program);
  self->method = method;
  self->test = test;
  self->request_id = g_strdup (request_id);
  for (guint i = 0; i < sizeof random; i++)
    random[i] = (guchar) g_random_int_range (0, 256);
  self->extended_id = g_base64_encode (random, 11);
  self->trace_id = g_strdup_printf ("Root=1-%08x-%08x%08x%08x", (guint) (g_get_real_time () / G_USEC_PER_SEC), g_random_int (), g_random_int (),
                                    g_random_int ());
  self->verb = g_strdup (verb);
  self->path = g_strdup (path);
  self->query = g_strdup (query);
  self->headers = headers;
  self->path_params = path_params;
  self->query_params = parse_query (query);
  self->body = g_bytes_ref (body);
  self->started = g_get_real_time ();
  self->arena = practice_vtl_arena_new (ARENA_LIMIT);
  self->out_headers = apigw_headers_new ();
  self->out_query = g_string_new (NULL);
  self->out_path = json_object_new ();
  self->out_body = g_bytes_new_static ("", 0);
  self->in_headers = apigw_headers_new ();
  self->in_body = g_bytes_new_static ("", 0);
  self->response_headers = apigw_headers_new ();
  self->response_body = g_bytes_new_static ("", 0);
  if (test || method->log_errors)
    self->log = g_ptr_array_new_with_free_func (g_free);
  return self;
}

static void
execution_free (ApigwExecution *self)
{
  apigw_program_unref (self->program);
  practice_vtl_arena_free (self->arena);
  g_ptr_array_unref (self->headers);
  g_ptr_array_unref (self->out_headers);
  g_ptr_array_unref (self->in_headers);
  g_ptr_array_unref (self->response_headers);
  g_clear_pointer (&self->log, g_ptr_array_unref);
  g_string_free (self->out_query, TRUE);
  json_object_unref (self->out_path);
  json_object_unref (self->path_params);
  json_object_unref (self->query_params);
  g_bytes_unref (self->body);
  g_bytes_unref (self->out_body);
  g_bytes_unref (self->in_body);
  g_bytes_unref (self->response_body);
  g_free (self->request_id);
  g_free (self->extended_id);
  g_free (self->trace_id);
  g_free (self->verb);
  g_free (self->path);
  g_free (self->query);
  g_free (self->key_id);
  g_free (self->endpoint);
  g_free (self->out_verb);
  g_free (self->function_error);
  g_free (self->error);
  g_free (self);
}

/* Key, throttle and required parameters; FALSE after failing. */
static gboolean
admit (ApigwExecution *self)
{
  ApigwProgram *program = self->program;
  ApigwMethod *method = self->method;
  const char *validator_id = practice_json_get_string (method->document, "requestValidatorId");
  JsonObject *validator = practice_json_get_object (practice_json_get_object (program->document, "validators"), validator_id);
  JsonObject *parameters = practice_json_get_object (method->document, "requestParameters");
  const char *throttled = NULL;

  /* A test needs neither key nor token. */
  if (!self->test && apigw_get_boolean (method->document, "apiKeyRequired")) {
    if (!apigw_check_key (self->gateway, program->region, program->api_id, program->stage, apigw_headers_get (self->headers, "x-api-key"),
                          &self->key_id, &throttled)) {
      apigw_execution_fail (self, "INVALID_API_KEY", 403, "ForbiddenException", "Forbidden");
      return FALSE;
    }
    if (throttled != NULL && strcmp (throttled, "Limit Exceeded") == 0) {
      apigw_execution_fail (self, "QUOTA_EXCEEDED", 429, "LimitExceededException", throttled);
      return FALSE;
    }
  }
  if (!self->test && throttled == NULL && method->rate >= 0) {
    g_autofree char *bucket = g_strdup_printf ("%s/%s/%s/%s", program->api_id, program->stage, method->resource_path, method->verb);

    if (!apigw_take_token (self->gateway, bucket, method->rate, method->burst))
      throttled = "Too Many Requests";
  }
  if (throttled != NULL) {
    apigw_execution_fail (self, "THROTTLED", 429, "TooManyRequestsException", throttled);
    return FALSE;
  }
  if (parameters != NULL && apigw_get_boolean (validator, "validateRequestParameters")) {
    g_autoptr (GString) missing = g_string_new (NULL);
    JsonObjectIter iter;
    const char *name = NULL;
    JsonNode *required = NULL;

    json_object_iter_init_ordered (&iter, parameters);
    while (apigw_next (&iter, &name, &required)) {
      g_autofree char *value = apigw_execution_map (self, name);

      if (json_node_get_boolean (required) && (value == NULL || *value == '\0'))
        g_string_append_printf (missing, "%s%s", missing->len > 0 ? ", " : "", strrchr (name, '.') + 1);
    }
    if (missing->len > 0) {
      g_autofree char *message = g_strdup_printf ("Missing required request parameters: [%s]", missing->str);

      apigw_execution_fail (self, "BAD_REQUEST_PARAMETERS", 400, "BadRequestException", message);
      return FALSE;
    }
  }
  return TRUE;
}

static char *
print_headers (GPtrArray *headers)
{
  GString *text = g_string_new ("{");

  for (guint i = 0; i < headers->len; i++) {
    ApigwHeader *header = headers->pdata[i];

    g_string_append_printf (text, "%s%s=%s", i > 0 ? ", " : "", header->name, header->value);
  }
  g_string_append_c (text, '}');
  return g_string_free (text, FALSE);
}

static char *
print_param (ApigwExecution *self,
             const char     *name)
{
  GString *text = g_string_new (NULL);

  practice_vtl_print (practice_vtl_map_get (self->params, name), text);
  return g_string_free (text, FALSE);
}

static void
log_request (ApigwExecution *self)
{
  g_autofree char *path = NULL;
  g_autofree char *query = NULL;
  g_autofree char *headers = NULL;
  g_autofree char *body = NULL;

  if (self->log == NULL)
    return;
  path = print_param (self, "path");
  query = print_param (self, "querystring");
  headers = print_headers (self->headers);
  body = apigw_event_text (self->body);
  apigw_execution_log (self, FALSE, "Starting execution for request: %s", self->request_id);
  apigw_execution_log (self, FALSE, "HTTP Method: %s, Resource Path: %s", self->verb, self->path);
  apigw_execution_log (self, TRUE, "Method request path: %s", path);
  apigw_execution_log (self, TRUE, "Method request query string: %s", query);
  apigw_execution_log (self, TRUE, "Method request headers: %s", headers);
  apigw_execution_log (self, TRUE, "Method request body before transformations: %s", body);
}

void
apigw_execution_run (ApigwExecution *self,
                     ApigwDone       done,
                     gpointer        data)
{
  self->done = done;
  self->data = data;
  emit_request (self);
  apigw_execution_make_context (self);
  log_request (self);
  if (!admit (self))
    return;
  if (self->method->integration == NULL) {
    apigw_execution_fail_configuration (self, "No integration is defined for the method");
    return;
  }
  if (!apigw_execution_transform (self))
    return;
  if (self->log != NULL && self->method->type != APIGW_MOCK) {
    g_autofree char *headers = print_headers (self->out_headers);
    g_autofree char *body = apigw_event_text (self->out_body);

    apigw_execution_log (self, TRUE, "Endpoint request URI: %s", self->endpoint);
    apigw_execution_log (self, TRUE, "Endpoint request headers: %s", headers);
    apigw_execution_log (self, TRUE, "Endpoint request body after transformations: %s", body);
    apigw_execution_log (self, FALSE, "Sending request to %s", self->endpoint);
  }
  self->sent = g_get_monotonic_time ();
  if (!apigw_execution_hold (self))
    apigw_execution_send (self);
}

void
apigw_execution_refuse (ApigwExecution *self,
                        ApigwDone       done,
                        gpointer        data,
                        const char     *response_type,
                        guint           status,
                        const char     *error_type,
                        const char     *message)
{
  self->done = done;
  self->data = data;
  emit_request (self);
  apigw_execution_make_context (self);
  apigw_execution_fail (self, response_type, status, error_type, message);
}

void
apigw_execution_abandon (ApigwExecution *self)
{
  /* Both who run executions keep the call that waits. */
  g_object_unref (self->data);
  execution_free (self);
}

void
apigw_execution_answered (ApigwExecution *self)
{
  self->integration_ms = (g_get_monotonic_time () - self->sent) / 1000;
  if (self->log != NULL && self->method->type != APIGW_MOCK) {
    g_autofree char *headers = print_headers (self->in_headers);
    g_autofree char *body = apigw_event_text (self->in_body);

    apigw_execution_log (self, FALSE, "Received response. Status: %u, Integration latency: %" G_GINT64_FORMAT " ms", self->in_status,
                         self->integration_ms);
    apigw_execution_log (self, TRUE, "Endpoint response headers: %s", headers);
    apigw_execution_log (self, TRUE, "Endpoint response body before transformations: %s", body);
  }
  if (self->proxied)
    apigw_execution_proxy_response (self);
  else
    apigw_execution_respond (self);
}

void
apigw_execution_fail (ApigwExecution *self,
                      const char     *response_type,
                      guint           status,
                      const char     *error_type,
                      const char     *message)
{
  JsonObject *all = practice_json_get_object (self->program->document, "gatewayResponses");
  JsonObject *own = practice_json_get_object (all, response_type);
  g_autoptr (JsonObject) object = json_object_new ();
  g_autofree char *text = NULL;
  PracticeVtlValue *error = practice_vtl_map_get (self->context, "error");
  JsonObject *parameters = NULL;
  const char *template = NULL;

  if (own == NULL)
    own = practice_json_get_object (all, status >= 500 ? "DEFAULT_5XX" : "DEFAULT_4XX");
  g_free (self->error);
  self->error = g_strdup (message);
  json_object_set_string_member (object, "message", message);
  text = practice_json_object_to_text (object);
  if (error != NULL) {
    g_autofree char *quoted = g_strndup (text + strlen ("{\"message\":"), strlen (text) - strlen ("{\"message\":") - 1);

    practice_vtl_map_put_text (self->arena, error, "message", message);
    practice_vtl_map_put_text (self->arena, error, "messageString", quoted);
    practice_vtl_map_put_text (self->arena, error, "responseType", response_type);
  }
  self->status = status;
  g_ptr_array_set_size (self->response_headers, 0);
  if (own != NULL) {
    const char *code = practice_json_get_string (own, "statusCode");
    JsonObjectIter iter;
    const char *name = NULL;
    JsonNode *node = NULL;

    if (code != NULL && strlen (code) == 3)
      self->status = (guint) g_ascii_strtoull (code, NULL, 10);
    template = practice_json_get_string (practice_json_get_object (own, "responseTemplates"), "application/json");
    parameters = practice_json_get_object (own, "responseParameters");
    if (parameters != NULL) {
      json_object_iter_init_ordered (&iter, parameters);
      while (apigw_next (&iter, &name, &node)) {
        g_autofree char *value = practice_json_is_string (node) ? apigw_execution_map (self, json_node_get_string (node)) : NULL;

        if (value != NULL && g_str_has_prefix (name, "gatewayresponse.header."))
          apigw_headers_set (self->response_headers, name + strlen ("gatewayresponse.header."), value);
      }
    }
  }
  /* Its variables are filled in as they are; this is no VTL. */
  if (template != NULL) {
    g_free (text);
    text = apigw_execution_expand (self, template, "");
  }
  g_bytes_unref (self->response_body);
  self->response_body = g_bytes_new (text, strlen (text));
  if (apigw_headers_get (self->response_headers, "Content-Type") == NULL)
    apigw_headers_add (self->response_headers, "Content-Type", "application/json");
  apigw_headers_add (self->response_headers, "x-amzn-ErrorType", error_type);
  if (status < 500)
    apigw_execution_log (self, FALSE, "%s", message);
  apigw_execution_finish (self);
}

void
apigw_execution_fail_configuration (ApigwExecution *self,
                                    const char     *format,
                                    ...)
{
  g_autofree char *reason = NULL;
  va_list arguments;

  va_start (arguments, format);
  reason = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  apigw_execution_log (self, FALSE, "Execution failed due to configuration error: %s", reason);
  if (self->method->integration != NULL)
    apigw_execution_emit_integration (self, 0, "ConfigurationError", reason);
  apigw_execution_fail (self, "API_CONFIGURATION_ERROR", 500, "InternalServerErrorException", "Internal server error");
}

void
apigw_execution_finish (ApigwExecution *self)
{
  practice_vtl_map_put (self->arena, self->context, "status", practice_vtl_integer (self->arena, self->status));
  if (self->log != NULL) {
    g_autofree char *body = apigw_event_text (self->response_body);
    g_autofree char *headers = print_headers (self->response_headers);

    apigw_execution_log (self, TRUE, "Method response body after transformations: %s", body);
    apigw_execution_log (self, TRUE, "Method response headers: %s", headers);
    if (self->error == NULL)
      apigw_execution_log (self, FALSE, "Successfully completed execution");
    apigw_execution_log (self, FALSE, "Method completed with status: %u", self->status);
  }
  emit_response (self);
  apigw_execution_write_logs (self);
  self->done (self, self->data);
  execution_free (self);
}
