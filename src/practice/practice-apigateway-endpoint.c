/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-apigateway-execution.h"

#include <libsoup/soup.h>
#include <string.h>

/* The services whose actions travel in X-Amz-Target ("arn:aws:apigateway:us-east-1:dynamodb:action/PutItem"). */
static const struct { const char *service; const char *target; const char *content_type; } json_services[] = {
  { "dynamodb", "DynamoDB_20120810", "application/x-amz-json-1.0" },
  { "logs", "Logs_20140328", "application/x-amz-json-1.1" },
  { "events", "AWSEvents", "application/x-amz-json-1.1" },
};

static void
take_answer (ApigwExecution *self,
             guint           status,
             GBytes         *body,
             const char     *content_type)
{
  self->in_status = status;
  g_bytes_unref (self->in_body);
  self->in_body = body != NULL ? g_bytes_ref (body) : g_bytes_new_static ("", 0);
  if (content_type != NULL)
    apigw_headers_set (self->in_headers, "Content-Type", content_type);
}

/* ── MOCK ── */

/* The template's "statusCode", of JSON that people write by hand. */
static gboolean
read_mock_status (GBytes *body,
                  guint  *status)
{
  g_autofree char *text = g_strndup (g_bytes_get_data (body, NULL), g_bytes_get_size (body));
  g_autoptr (GRegex) regex = g_regex_new ("[\"']?statusCode[\"']?\\s*:\\s*[\"']?(\\d{3})", 0, 0, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  g_autofree char *digits = NULL;

  if (!g_utf8_validate (text, -1, NULL) || !g_regex_match (regex, text, 0, &match))
    return FALSE;
  digits = g_match_info_fetch (match, 1);
  *status = (guint) g_ascii_strtoull (digits, NULL, 10);
  return TRUE;
}

static void
send_mock (ApigwExecution *self)
{
  guint status = 0;

  if (!read_mock_status (self->out_body, &status)) {
    apigw_execution_fail_configuration (self, "Unable to parse statusCode. It should be an integer that is defined in the request template.");
    return;
  }
  self->in_status = status;
  apigw_execution_emit_integration (self, status, NULL, NULL);
  apigw_execution_answered (self);
}

/* ── AWS services ── */

/* The code and the message in a service's error answer, whatever its protocol. */
static void
read_error (GBytes  *body,
            char   **code,
            char   **message)
{
  gsize length = 0;
  const char *text = g_bytes_get_data (body, &length);
  g_autoptr (JsonObject) object = length > 0 ? practice_json_parse_object (text, (gssize) length, NULL) : NULL;
  JsonObject *inner = practice_json_get_object (object, "Error");
  const char *type = practice_json_get_string (object, "__type");

  if (inner != NULL) {
    *code = g_strdup (practice_json_get_string (inner, "Code"));
    *message = g_strdup (practice_json_get_string (inner, "Message"));
  } else if (object != NULL) {
    const char *hash = type != NULL ? strrchr (type, '#') : NULL;
    const char *said = practice_json_get_string (object, "message");

    *code = g_strdup (hash != NULL ? hash + 1 : type);
    *message = g_strdup (said != NULL ? said : practice_json_get_string (object, "Message"));
  } else if (length > 0) {
    g_autofree char *xml = g_utf8_make_valid (text, (gssize) length);
    g_autoptr (GRegex) regex = g_regex_new ("<Code>([^<]*)</Code>\\s*<Message>([^<]*)</Message>", 0, 0, NULL);
    g_autoptr (GMatchInfo) match = NULL;

    if (g_regex_match (regex, xml, 0, &match)) {
      *code = g_match_info_fetch (match, 1);
      *message = g_match_info_fetch (match, 2);
    }
  }
}

static void
on_service_answered (const PracticeAnswer *answer,
                     gpointer              data)
{
  ApigwExecution *self = data;
  g_autofree char *code = g_strdup (answer->code);
  g_autofree char *message = g_strdup (answer->message);

  take_answer (self, answer->status, answer->body, answer->content_type);
  if (answer->request_id != NULL)
    apigw_headers_set (self->in_headers, "x-amzn-RequestId", answer->request_id);
  if (answer->status >= 400 && code == NULL)
    read_error (self->in_body, &code, &message);
  if (answer->status < 400)
    g_clear_pointer (&code, g_free);
  else if (code == NULL)
    code = g_strdup_printf ("%u", answer->status);
  apigw_execution_emit_integration (self, answer->status, code, message);
  apigw_execution_answered (self);
}

static const char **
flatten_headers (GPtrArray *headers)
{
  GPtrArray *flat = g_ptr_array_new ();

  for (guint i = 0; i < headers->len; i++) {
    ApigwHeader *header = headers->pdata[i];

    g_ptr_array_add (flat, header->name);
    g_ptr_array_add (flat, header->value);
  }
  g_ptr_array_add (flat, NULL);
  return (const char **) g_ptr_array_free (flat, FALSE);
}

static void
send_to_service (ApigwExecution    *self,
                 PracticePrincipal *principal,
                 const char        *region,
                 const char        *service,
                 const char        *rest)
{
  const char *action = g_str_has_prefix (rest, "action/") ? rest + strlen ("action/") : NULL;
  g_autofree const char **headers = NULL;
  g_autofree char *path = NULL;
  g_autofree char *query = NULL;
  const char *mark = NULL;

  if (action != NULL) {
    gboolean known = FALSE;
    g_autofree char *name = g_strndup (action, strcspn (action, "&?"));
    const char *more = action + strlen (name);

    path = g_strdup ("/");
    for (guint i = 0; i < G_N_ELEMENTS (json_services); i++) {
      if (strcmp (json_services[i].service, service) == 0) {
        g_autofree char *target = g_strdup_printf ("%s.%s", json_services[i].target, name);

        apigw_headers_set (self->out_headers, "X-Amz-Target", target);
        apigw_headers_set (self->out_headers, "Content-Type", json_services[i].content_type);
        known = TRUE;
      }
    }
    if (!known)
      query = g_strdup_printf ("Action=%s%s%s%s%s", name, *more != '\0' ? "&" : "", *more != '\0' ? more + 1 : "",
                               self->out_query->len > 0 ? "&" : "", self->out_query->str);
  } else {
    rest += strlen ("path/");
    mark = strchr (rest, '?');
    path = g_strdup_printf ("/%.*s", (int) (mark != NULL ? mark - rest : (gssize) strlen (rest)), rest);
    query = mark != NULL ? g_strdup_printf ("%s%s%s", mark + 1, self->out_query->len > 0 ? "&" : "", self->out_query->str)
                         : g_strdup (self->out_query->str);
  }
  if (apigw_headers_get (self->out_headers, "Accept") == NULL)
    apigw_headers_add (self->out_headers, "Accept", "application/json");
  headers = flatten_headers (self->out_headers);
  practice_server_forward (self->gateway->server, principal, service, region, self->out_verb, path, query != NULL && *query != '\0' ? query : NULL,
                           headers, self->out_body, on_service_answered, self);
}

/* ── functions ── */

static void
on_function_answered (const PracticeAnswer *answer,
                      gpointer              data)
{
  ApigwExecution *self = data;
  gboolean failed = g_strcmp0 (answer->code, "Unhandled") == 0;

  if (answer->code != NULL && !failed) {
    const char *reason = strcmp (answer->code, "AccessDeniedException") == 0 ? "Invalid permissions on Lambda function" :
                         answer->message != NULL ? answer->message : answer->code;

    apigw_execution_log (self, FALSE, "Execution failed due to configuration error: %s", reason);
    apigw_execution_emit_integration (self, answer->status, answer->code, answer->message);
    apigw_execution_fail (self, "API_CONFIGURATION_ERROR", 500, "InternalServerErrorException", "Internal server error");
    return;
  }
  take_answer (self, answer->status != 0 && !failed ? answer->status : 200, answer->body, "application/json");
  if (failed) {
    gsize length = 0;
    const char *text = g_bytes_get_data (self->in_body, &length);
    g_autoptr (JsonObject) object = length > 0 ? practice_json_parse_object (text, (gssize) length, NULL) : NULL;
    const char *message = practice_json_get_string (object, "errorMessage");
    const char *type = practice_json_get_string (object, "errorType");

    self->function_error = g_strdup (message != NULL ? message : answer->message != NULL ? answer->message : "");
    apigw_headers_set (self->in_headers, "X-Amz-Function-Error", "Unhandled");
    apigw_execution_emit_integration (self, 200, type != NULL ? type : "Unhandled", self->function_error);
  } else {
    apigw_execution_emit_integration (self, self->in_status, NULL, NULL);
  }
  apigw_execution_answered (self);
}

static void
send_to_function (ApigwExecution    *self,
                  PracticePrincipal *principal,
                  const char        *rest)
{
  const char *start = strstr (rest, "/functions/");
  const char *invocation_type = apigw_headers_get (self->out_headers, "X-Amz-Invocation-Type");
  g_autofree char *arn = NULL;
  g_autoptr (GBytes) payload = NULL;
  JsonArray *records = NULL;
  JsonObject *record = NULL;

  if (start == NULL || !g_str_has_suffix (rest, "/invocations")) {
    apigw_execution_fail_configuration (self, "Invalid endpoint address: %s", self->endpoint);
    return;
  }
  start += strlen ("/functions/");
  arn = g_strndup (start, strlen (start) - strlen ("/invocations"));
  payload = g_bytes_get_size (self->out_body) > 0 ? g_bytes_ref (self->out_body) : g_bytes_new_static ("{}", 2);
  record = json_object_new ();
  json_object_set_string_member (record, "requestId", self->request_id);
  records = json_array_new ();
  json_array_add_object_element (records, record);
  practice_lambda_invoke (self->gateway->server, principal, arn, "gateway", records, payload,
                          invocation_type != NULL && g_ascii_strcasecmp (invocation_type, "Event") == 0, on_function_answered, self);
}

/* ── who asks ── */

/* A session of the integration's role; without one the service itself, for which a function's own policy may allow it. NULL after failing. */
static PracticePrincipal *
make_principal (ApigwExecution *self)
{
  PracticeIam *iam = practice_server_get_iam (self->gateway->server);
  const char *account = practice_server_get_account (self->gateway->server);
  const char *role = self->method->credentials;
  PracticePrincipal *principal = NULL;

  if (role == NULL || strcmp (role, "arn:aws:iam::*:user/*") == 0) {
    g_autofree char *source = g_strdup_printf ("arn:aws:execute-api:%s:%s:%s/%s/%s%s", self->program->region, account, self->program->api_id,
                                               self->program->stage, self->method->verb, self->method->resource_path);

    principal = practice_principal_new_service ("apigateway.amazonaws.com", source, account);
  } else {
    if (!practice_iam_can_assume (iam, role, "apigateway.amazonaws.com") ||
        (principal = practice_iam_open_session (iam, role, "BackplaneAssumeRoleSession", 3600, NULL)) == NULL) {
      g_autofree char *reason = g_strdup_printf ("API Gateway does not have permission to assume the provided role %s", role);

      apigw_execution_log (self, FALSE, "Execution failed due to configuration error: %s", reason);
      apigw_execution_emit_integration (self, 0, "AccessDenied", reason);
      apigw_execution_fail (self, "API_CONFIGURATION_ERROR", 500, "InternalServerErrorException", "Internal server error");
      return NULL;
    }
  }
  practice_principal_set_gateway_request (principal, self->request_id);
  return principal;
}

static void
send_to_aws (ApigwExecution *self)
{
  g_auto (GStrv) parts = g_strsplit (self->endpoint, ":", 6);
  g_autoptr (PracticePrincipal) principal = NULL;
  const char *service = NULL;

  if (g_strv_length (parts) != 6 || (!g_str_has_prefix (parts[5], "path/") && !g_str_has_prefix (parts[5], "action/"))) {
    apigw_execution_fail_configuration (self, "Invalid endpoint address: %s", self->endpoint);
    return;
  }
  principal = make_principal (self);
  if (principal == NULL)
    return;
  apigw_execution_hold_behind (self, principal);
  /* "bucket.s3" names a subdomain too. */
  service = strrchr (parts[4], '.') != NULL ? strrchr (parts[4], '.') + 1 : parts[4];
  if (strcmp (service, "lambda") == 0 && g_str_has_suffix (parts[5], "/invocations"))
    send_to_function (self, principal, parts[5]);
  else
    send_to_service (self, principal, parts[3], service, parts[5]);
}

/* ── HTTP ── */

static void
on_http_answered (GObject      *source,
                  GAsyncResult *result,
                  gpointer      data)
{
  ApigwExecution *self = data;
  SoupMessage *message = soup_session_get_async_result_message (SOUP_SESSION (source), result);
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) body = soup_session_send_and_read_finish (SOUP_SESSION (source), result, &error);
  SoupMessageHeadersIter iter;
  const char *name = NULL;
  const char *value = NULL;

  if (body == NULL) {
    gboolean late = g_error_matches (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT);

    apigw_execution_log (self, FALSE, "Execution failed due to a network error communicating with endpoint: %s", error->message);
    apigw_execution_emit_integration (self, 0, late ? "Timeout" : "NetworkError", error->message);
    apigw_execution_fail (self, late ? "INTEGRATION_TIMEOUT" : "INTEGRATION_FAILURE", 504, "InternalServerErrorException",
                          late ? "Endpoint request timed out" : "Network error communicating with endpoint");
    return;
  }
  take_answer (self, soup_message_get_status (message), body, NULL);
  soup_message_headers_iter_init (&iter, soup_message_get_response_headers (message));
  while (soup_message_headers_iter_next (&iter, &name, &value))
    apigw_headers_add (self->in_headers, name, value);
  apigw_execution_emit_integration (self, self->in_status, NULL, NULL);
  apigw_execution_answered (self);
}

static gboolean
is_loopback (const char *host)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (host);

  if (address != NULL)
    return g_inet_address_get_is_loopback (address);
  return g_ascii_strcasecmp (host, "localhost") == 0 || (strlen (host) > 10 && g_ascii_strcasecmp (host + strlen (host) - 10, ".localhost") == 0);
}

static void
send_to_http (ApigwExecution *self)
{
  g_autofree char *address = self->out_query->len > 0
                             ? g_strdup_printf ("%s%c%s", self->endpoint, strchr (self->endpoint, '?') != NULL ? '&' : '?', self->out_query->str)
                             : g_strdup (self->endpoint);
  g_autoptr (GUri) uri = g_uri_parse (address, SOUP_HTTP_URI_FLAGS, NULL);
  g_autoptr (SoupSession) session = NULL;
  g_autoptr (SoupMessage) message = NULL;

  if (uri == NULL || g_uri_get_host (uri) == NULL) {
    apigw_execution_fail_configuration (self, "Invalid endpoint address: %s", self->endpoint);
    return;
  }
  if (!is_loopback (g_uri_get_host (uri))) {
    apigw_execution_log (self, FALSE, "Execution failed due to a network error communicating with endpoint: the practice cloud reaches this computer "
                         "only, and %s is another one", g_uri_get_host (uri));
    apigw_execution_emit_integration (self, 0, "NetworkError", "The practice cloud reaches this computer only");
    apigw_execution_fail (self, "INTEGRATION_FAILURE", 504, "InternalServerErrorException", "Network error communicating with endpoint");
    return;
  }
  message = soup_message_new_from_uri (self->out_verb, uri);
  if (message == NULL) {
    apigw_execution_fail_configuration (self, "Invalid endpoint address: %s", self->endpoint);
    return;
  }
  soup_message_set_flags (message, SOUP_MESSAGE_NO_REDIRECT);
  for (guint i = 0; i < self->out_headers->len; i++) {
    ApigwHeader *header = self->out_headers->pdata[i];

    soup_message_headers_append (soup_message_get_request_headers (message), header->name, header->value);
  }
  if (g_bytes_get_size (self->out_body) > 0)
    soup_message_set_request_body_from_bytes (message, NULL, self->out_body);
  /* A session of its own: no cookies, no cache, no other request's connection. */
  session = soup_session_new_with_options ("timeout", 29, NULL);
  self->proxied = FALSE;
  soup_session_send_and_read_async (session, message, G_PRIORITY_DEFAULT, NULL, on_http_answered, self);
}

void
apigw_execution_send (ApigwExecution *self)
{
  switch (self->method->type) {
  case APIGW_MOCK:
    send_mock (self);
    return;
  case APIGW_AWS:
  case APIGW_AWS_PROXY:
    send_to_aws (self);
    return;
  case APIGW_HTTP:
  case APIGW_HTTP_PROXY:
  default:
    send_to_http (self);
    return;
  }
}
