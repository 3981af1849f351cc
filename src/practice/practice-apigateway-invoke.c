/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-apigateway-execution.h"

#include <string.h>

#define MAX_BODY (10 * 1024 * 1024)

/* What a request reaches that no method is for. */
static ApigwMethod nowhere;

/* Names that HTTP defines reach functions and templates as they are usually written, others as they came. */
static const char *
usual_name (const char *name)
{
  static const char *const usual[] = { "Accept", "Accept-Encoding", "Accept-Language", "Age", "Authorization", "Cache-Control", "Content-Type",
                                       "Cookie", "Host", "Origin", "Pragma", "Referer", "User-Agent", "Via" };

  for (guint i = 0; i < G_N_ELEMENTS (usual); i++) {
    if (g_ascii_strcasecmp (usual[i], name) == 0)
      return usual[i];
  }
  return name;
}

static GPtrArray *
copy_headers (PracticeApiGateway *self,
              PracticeCall       *call)
{
  const char *const *given = practice_call_get_headers (call);
  GPtrArray *headers = apigw_headers_new ();
  g_autofree char *port = g_strdup_printf ("%u", practice_server_get_port (self->server));

  for (guint i = 0; given[i] != NULL; i += 2) {
    if (g_ascii_strcasecmp (given[i], "content-length") != 0)
      apigw_headers_add (headers, usual_name (given[i]), given[i + 1]);
  }
  apigw_headers_set (headers, "X-Forwarded-For", "127.0.0.1");
  apigw_headers_set (headers, "X-Forwarded-Port", port);
  apigw_headers_set (headers, "X-Forwarded-Proto", "http");
  return headers;
}

/* An answer where there is nothing that could be run. */
static void
refuse (PracticeCall *call,
        guint         status,
        const char   *error_type,
        const char   *message)
{
  g_autoptr (JsonObject) object = json_object_new ();
  const char *headers[] = { "x-amzn-RequestId", practice_call_get_request_id (call), "x-amzn-ErrorType", error_type, NULL };
  g_autoptr (GBytes) body = NULL;
  char *text = NULL;

  json_object_set_string_member (object, "message", message);
  text = practice_json_object_to_text (object);
  body = g_bytes_new_take (text, strlen (text));
  practice_call_return_full (call, status, NULL, body, "application/json", headers);
}

static void
on_done (ApigwExecution *execution,
         gpointer        data)
{
  g_autoptr (PracticeCall) call = data;
  g_autoptr (GPtrArray) headers = g_ptr_array_new ();
  const char *content_type = NULL;

  g_ptr_array_add (headers, (gpointer) "x-amzn-RequestId");
  g_ptr_array_add (headers, execution->request_id);
  g_ptr_array_add (headers, (gpointer) "x-amz-apigw-id");
  g_ptr_array_add (headers, execution->extended_id);
  for (guint i = 0; i < execution->response_headers->len; i++) {
    ApigwHeader *header = execution->response_headers->pdata[i];

    if (g_ascii_strcasecmp (header->name, "Content-Type") == 0) {
      content_type = header->value;
      continue;
    }
    if (g_ascii_strcasecmp (header->name, "x-amzn-RequestId") == 0)
      continue;
    g_ptr_array_add (headers, header->name);
    g_ptr_array_add (headers, header->value);
  }
  g_ptr_array_add (headers, NULL);
  practice_call_return_full (call, execution->status, NULL, execution->response_body, content_type, (const char *const *) headers->pdata);
}

/* @path: "api/stage/rest". */
static void
invoke (PracticeCall *call,
        const char   *verb,
        const char   *path,
        const char   *query,
        gpointer      data)
{
  PracticeApiGateway *self = data;
  g_auto (GStrv) parts = g_strsplit (path, "/", 3);
  guint n = g_strv_length (parts);
  ApigwProgram *program = n >= 2 && *parts[1] != '\0' ? apigw_find_program (self, parts[0], parts[1]) : NULL;
  ApigwExecution *execution = NULL;
  JsonObject *params = NULL;
  ApigwMethod *method = NULL;
  g_autofree char *rest = NULL;

  if (program == NULL) {
    refuse (call, 403, "ForbiddenException", "Forbidden");
    return;
  }
  if (apigw_get_boolean (practice_json_get_object (program->document, "api"), "disableExecuteApiEndpoint")) {
    refuse (call, 403, "ForbiddenException", "Forbidden");
    return;
  }
  rest = g_strconcat ("/", n == 3 ? parts[2] : "", NULL);
  method = apigw_program_find (program, verb, rest, &params);
  if (method == NULL) {
    g_clear_pointer (&params, json_object_unref);
    execution = apigw_execution_new (self, program, &nowhere, practice_call_get_request_id (call), verb, rest, query, copy_headers (self, call),
                                     json_object_new (), practice_call_get_body (call), FALSE);
    apigw_execution_refuse (execution, on_done, g_object_ref (call), "MISSING_AUTHENTICATION_TOKEN", 403, "MissingAuthenticationTokenException",
                            "Missing Authentication Token");
    return;
  }
  if (g_bytes_get_size (practice_call_get_body (call)) > MAX_BODY) {
    json_object_unref (params);
    refuse (call, 413, "RequestTooLargeException", "Request Too Long");
    return;
  }
  execution = apigw_execution_new (self, program, method, practice_call_get_request_id (call), verb, rest, query, copy_headers (self, call), params,
                                   practice_call_get_body (call), FALSE);
  apigw_headers_set (execution->headers, "X-Amzn-Trace-Id", execution->trace_id);
  apigw_execution_run (execution, on_done, g_object_ref (call));
}

void
apigw_start_invoke (PracticeApiGateway *self)
{
  practice_server_add_raw (self->server, "/_aws/execute-api/", invoke, self);
  practice_server_add_raw_host (self->server, ".execute-api.localhost", invoke, self);
}

/* ── TestInvokeMethod ── */

static void
on_tested (ApigwExecution *execution,
           gpointer        data)
{
  g_autoptr (PracticeCall) call = data;
  g_autoptr (JsonObject) result = json_object_new ();
  g_autoptr (GString) log = g_string_new (NULL);
  JsonObject *headers = apigw_ensure (result, "headers");
  JsonObject *multi = apigw_ensure (result, "multiValueHeaders");
  gsize length = 0;
  const char *bytes = g_bytes_get_data (execution->response_body, &length);
  g_autofree char *body = g_utf8_make_valid (length > 0 ? bytes : "", (gssize) length);

  g_string_printf (log, "Execution log for request %s\n", execution->request_id);
  for (guint i = 0; i < execution->log->len; i++)
    g_string_append (log, execution->log->pdata[i]);
  for (guint i = 0; i < execution->response_headers->len; i++) {
    ApigwHeader *header = execution->response_headers->pdata[i];
    JsonArray *values = practice_json_get_array (multi, header->name);

    if (values == NULL) {
      values = json_array_new ();
      json_object_set_array_member (multi, header->name, values);
    }
    json_array_add_string_element (values, header->value);
    json_object_set_string_member (headers, header->name, header->value);
  }
  json_object_set_int_member (result, "status", execution->status);
  json_object_set_string_member (result, "body", body);
  json_object_set_string_member (result, "log", log->str);
  json_object_set_int_member (result, "latency", (g_get_real_time () - execution->started) / 1000);
  apigw_return (call, 200, result);
}

static void
take_test_headers (PracticeCall *call,
                   GPtrArray    *headers)
{
  JsonObject *given = practice_call_get_object (call, "headers");
  JsonObject *multi = practice_call_get_object (call, "multiValueHeaders");
  JsonObjectIter iter;
  const char *name = NULL;
  JsonNode *node = NULL;

  if (given != NULL) {
    json_object_iter_init_ordered (&iter, given);
    while (apigw_next (&iter, &name, &node)) {
      if (practice_json_is_string (node))
        apigw_headers_add (headers, name, json_node_get_string (node));
    }
  }
  if (multi != NULL) {
    json_object_iter_init_ordered (&iter, multi);
    while (apigw_next (&iter, &name, &node)) {
      JsonArray *values = JSON_NODE_HOLDS_ARRAY (node) ? json_node_get_array (node) : NULL;

      for (guint i = 0; values != NULL && i < json_array_get_length (values); i++) {
        JsonNode *value = json_array_get_element (values, i);

        if (practice_json_is_string (value))
          apigw_headers_add (headers, name, json_node_get_string (value));
      }
    }
  }
}

/* Runs the method as it is now, deployed or not; without key and throttle, with the whole log (API Gateway API reference, TestInvokeMethod). */
void
apigw_test_invoke_method (PracticeApiGateway *self,
                          PracticeCall       *call)
{
  g_autoptr (JsonObject) document = NULL;
  JsonObject *found = apigw_load_method (self, call, &document);
  const char *target = practice_call_get_string (call, "pathWithQueryString");
  const char *body = practice_call_get_string (call, "body");
  JsonObject *variables = practice_call_get_object (call, "stageVariables");
  g_autoptr (GPtrArray) headers = apigw_headers_new ();
  g_autoptr (JsonObject) settings = NULL;
  g_autoptr (ApigwProgram) program = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autofree char *path = NULL;
  g_autofree char *verb = NULL;
  const char *mark = NULL;
  JsonObject *params = NULL;
  ApigwMethod *method = NULL;
  ApigwExecution *execution = NULL;

  if (found == NULL)
    return;
  take_test_headers (call, headers);
  if (practice_call_is_answered (call))
    return;
  settings = json_object_new ();
  if (variables != NULL)
    json_object_set_object_member (settings, "variables", json_object_ref (variables));
  program = apigw_program_new (practice_call_get_region (call), "test-invoke-stage", document, settings);
  method = apigw_program_get (program, apigw_label (call, "resource_id"), apigw_label (call, "http_method"));
  if (target == NULL || *target != '/')
    target = method->resource_path;
  mark = strchr (target, '?');
  path = g_strndup (target, mark != NULL ? (gsize) (mark - target) : strlen (target));
  verb = g_strdup (strcmp (method->verb, "ANY") == 0 ? "GET" : method->verb);
  /* The path's variables, where it is one of this resource. */
  if (apigw_program_find (program, verb, path, &params) != method)
    g_clear_pointer (&params, json_object_unref);
  bytes = g_bytes_new (body != NULL ? body : "", body != NULL ? strlen (body) : 0);
  execution = apigw_execution_new (self, program, method, practice_call_get_request_id (call), verb, path, mark != NULL ? mark + 1 : NULL,
                                   g_steal_pointer (&headers), params != NULL ? params : json_object_new (), bytes, TRUE);
  apigw_execution_run (execution, on_tested, g_object_ref (call));
}
