/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-lambda-private.h"

#include <string.h>

#include "practice-json.h"
#include "practice-services.h"

#define MAX_PAYLOAD 6291556
#define MAX_EVENT_PAYLOAD 1048576
/* An asynchronous invocation that fails is tried again after one minute and after two more (Lambda Developer Guide, "Retries"). */
#define RETRIES 2
#define RETRY_SECONDS 60

/* A call of Invoke that waits for its answer. */
typedef struct {
  PracticeCall *call;
  gboolean      tail;
} Waiting;

/* An asynchronous invocation and its retries. */
typedef struct {
  PracticeLambda *lambda;
  char           *arn;
  const char     *source;
  JsonArray      *records;
  GBytes         *payload;
  char           *client_context;
  guint           attempt;
  guint           timer;
} Event;

/* An invocation for another service. */
typedef struct {
  PracticeAnswerFunc callback;
  gpointer           user_data;
} Inner;

static char *run_event (Event *event);

static void
event_free (Event *event)
{
  g_free (event->arn);
  g_clear_pointer (&event->records, json_array_unref);
  g_bytes_unref (event->payload);
  g_free (event->client_context);
  g_free (event);
}

static gboolean
on_retry (gpointer data)
{
  Event *event = data;

  event->timer = 0;
  g_free (run_event (event));
  return G_SOURCE_REMOVE;
}

static void
on_event_done (PracticeInvocation *invocation,
               gpointer            data)
{
  Event *event = data;

  if (!practice_invocation_failed (invocation) || event->attempt > RETRIES) {
    event_free (event);
    return;
  }
  event->timer = g_timeout_add_seconds_full (G_PRIORITY_DEFAULT, RETRY_SECONDS * event->attempt, on_retry, event, NULL);
  g_hash_table_add (event->lambda->retries, event);
}

/* (transfer full): the invocation's id */
static char *
run_event (Event *event)
{
  g_autoptr (PracticeInvocation) invocation = practice_invocation_new (event->arn, event->source,
                                                                       event->records != NULL ? json_array_ref (event->records) : NULL,
                                                                       event->payload, on_event_done, event);

  g_hash_table_remove (event->lambda->retries, event);
  event->attempt++;
  invocation->client_context = g_strdup (event->client_context);
  practice_runtime_invoke (event->lambda->runtime, invocation);
  return g_strdup (invocation->id);
}

/* (transfer full): the first invocation's id */
static char *
start_event (PracticeLambda *self,
             const char     *arn,
             const char     *source,
             JsonArray      *records,
             GBytes         *payload,
             char           *client_context)
{
  Event *event = g_new0 (Event, 1);

  event->lambda = self;
  event->arn = g_strdup (arn);
  event->source = source;
  event->records = records;
  event->payload = g_bytes_ref (payload);
  event->client_context = client_context;
  return run_event (event);
}

void
practice_lambda_drop_retries (PracticeLambda *self)
{
  g_autoptr (GList) events = g_hash_table_get_keys (self->retries);

  for (GList *l = events; l != NULL; l = l->next) {
    Event *event = l->data;

    g_source_remove (event->timer);
    event_free (event);
  }
  g_hash_table_remove_all (self->retries);
}

static void
on_invoked (PracticeInvocation *invocation,
            gpointer            data)
{
  g_autofree Waiting *waiting = data;
  g_autoptr (PracticeCall) call = waiting->call;
  const char *headers[9] = { "X-Amz-Executed-Version", "$LATEST", "x-amzn-Remapped-Content-Length", "0", NULL };
  guint n = 4;

  if (g_str_equal (invocation->status, "throttled")) {
    JsonObject *members = json_object_new ();

    json_object_set_string_member (members, "Reason", "ConcurrentInvocationLimitExceeded");
    json_object_set_string_member (members, "Type", "User");
    practice_call_fail_full (call, 429, "TooManyRequestsException", NULL, members, "Rate Exceeded.");
    return;
  }
  if (practice_invocation_failed (invocation)) {
    headers[n++] = "X-Amz-Function-Error";
    headers[n++] = "Unhandled";
  }
  if (waiting->tail) {
    headers[n++] = "X-Amz-Log-Result";
    headers[n++] = invocation->tail;
  }
  headers[n] = NULL;
  practice_call_return_full (call, 200, NULL, invocation->result, "application/json", headers);
}

/* The event of a call: its body, or {} where it is empty; NULL after failing the call. */
static GBytes *
get_payload (PracticeCall *call,
             gsize         most)
{
  GBytes *body = practice_call_get_body (call);
  gsize length = 0;
  const char *text = g_bytes_get_data (body, &length);
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (GError) error = NULL;

  if (length > most) {
    practice_lambda_fail (call, 413, "RequestTooLargeException", "Request must be smaller than %" G_GSIZE_FORMAT " bytes for the InvokeFunction operation", most);
    return NULL;
  }
  if (length == 0)
    return g_bytes_new_static ("{}", 2);
  node = practice_json_parse (text, (gssize) length, &error);
  if (node == NULL) {
    practice_lambda_fail (call, 400, "InvalidRequestContentException", "Could not parse request body into json: Could not parse payload into json: %s", error->message);
    return NULL;
  }
  return g_bytes_ref (body);
}

void
practice_lambda_invoke_call (PracticeCall *call,
                             gpointer      service)
{
  PracticeLambda *self = service;
  const char *type = practice_call_get_header (call, "X-Amz-Invocation-Type");
  const char *log_type = practice_call_get_header (call, "X-Amz-Log-Type");
  const char *context_text = practice_call_get_header (call, "X-Amz-Client-Context");
  g_autoptr (PracticeFunction) function = practice_lambda_find (call, "lambda:InvokeFunction");
  g_autoptr (PracticeInvocation) invocation = NULL;
  g_autoptr (GBytes) payload = NULL;
  g_autofree char *context = NULL;
  Waiting *waiting = NULL;

  if (function == NULL)
    return;
  if (type == NULL)
    type = "RequestResponse";
  if (!g_str_equal (type, "RequestResponse") && !g_str_equal (type, "Event") && !g_str_equal (type, "DryRun")) {
    practice_lambda_fail_constraint (call, type, "invocationType", "Member must satisfy enum value set: [Event, RequestResponse, DryRun]");
    return;
  }
  payload = get_payload (call, g_str_equal (type, "Event") ? MAX_EVENT_PAYLOAD : MAX_PAYLOAD);
  if (payload == NULL)
    return;
  if (context_text != NULL) {
    gsize length = 0;
    g_autofree guchar *bytes = g_base64_decode (context_text, &length);
    g_autoptr (JsonObject) object = practice_json_parse_object ((const char *) bytes, (gssize) length, NULL);

    if (object == NULL) {
      practice_lambda_fail (call, 400, "InvalidRequestContentException", "Client context must be a valid Base64-encoded JSON object.");
      return;
    }
    context = practice_json_object_to_text (object);
  }
  if (g_str_equal (type, "DryRun")) {
    practice_call_return_full (call, 204, NULL, NULL, NULL, NULL);
    return;
  }
  if (g_str_equal (function->state, "Pending")) {
    practice_lambda_is_settled (call, function);
    return;
  }
  if (function->concurrency == 0 && !g_str_equal (type, "Event")) {
    practice_lambda_fail (call, 429, "TooManyRequestsException", "Rate Exceeded.");
    return;
  }
  if (g_str_equal (type, "Event")) {
    g_free (start_event (self, function->arn, "invoke", NULL, payload, g_steal_pointer (&context)));
    practice_call_return_full (call, 202, NULL, NULL, NULL, NULL);
    return;
  }
  waiting = g_new0 (Waiting, 1);
  waiting->call = g_object_ref (call);
  waiting->tail = g_strcmp0 (log_type, "Tail") == 0;
  invocation = practice_invocation_new (function->arn, "invoke", NULL, payload, on_invoked, waiting);
  invocation->client_context = g_steal_pointer (&context);
  /* The function's request id is the call's (Lambda Developer Guide, "Using the Lambda context object"). */
  g_free (invocation->id);
  invocation->id = g_strdup (practice_call_get_request_id (call));
  practice_runtime_invoke (self->runtime, invocation);
}

static void
answer_error (PracticeAnswerFunc  callback,
              gpointer            user_data,
              guint               status,
              const char         *code,
              const char         *message)
{
  PracticeAnswer answer = { .status = status, .code = code, .message = message };

  callback (&answer, user_data);
}

static void
on_inner_invoked (PracticeInvocation *invocation,
                  gpointer            data)
{
  g_autofree Inner *inner = data;
  PracticeAnswer answer = { .status = 200, .body = invocation->result, .content_type = "application/json", .request_id = invocation->id };

  if (g_str_equal (invocation->status, "throttled")) {
    answer_error (inner->callback, inner->user_data, 429, "TooManyRequestsException", "Rate Exceeded.");
    return;
  }
  if (practice_invocation_failed (invocation)) {
    answer.code = "Unhandled";
    answer.message = "The function failed.";
  }
  inner->callback (&answer, inner->user_data);
}

/* Without a qualifier of $LATEST. */
static char *
strip_qualifier (const char *arn)
{
  return g_str_has_suffix (arn, ":$LATEST") ? g_strndup (arn, strlen (arn) - strlen (":$LATEST")) : g_strdup (arn);
}

void
practice_lambda_invoke (PracticeServer     *server,
                        PracticePrincipal  *principal,
                        const char         *function_arn,
                        const char         *source,
                        JsonArray          *records,
                        GBytes             *payload,
                        gboolean            asynchronous,
                        PracticeAnswerFunc  callback,
                        gpointer            user_data)
{
  PracticeLambda *self = practice_lambda_get (server);
  g_autofree char *arn = strip_qualifier (function_arn);
  g_autoptr (PracticeFunction) function = self != NULL ? practice_function_load (practice_server_get_store (server), arn) : NULL;
  g_autoptr (PracticeInvocation) invocation = NULL;
  g_autoptr (JsonArray) kept = records;
  g_autofree char *message = NULL;
  Inner *inner = NULL;

  if (!practice_iam_is_allowed (practice_server_get_iam (server), principal, "lambda:InvokeFunction", arn, function != NULL ? function->policy : NULL, NULL, &message)) {
    practice_events_emit_strings (practice_server_get_events (server), "denied", "principal", principal->arn, "roleArn", principal->role_arn,
                                  "action", "lambda:InvokeFunction", "resource", arn, "message", message, "service", "lambda", NULL);
    answer_error (callback, user_data, 403, "AccessDeniedException", message);
    return;
  }
  if (function == NULL) {
    g_autofree char *text = g_strdup_printf ("Function not found: %s", arn);

    answer_error (callback, user_data, 404, "ResourceNotFoundException", text);
    return;
  }
  if (asynchronous) {
    g_autofree char *id = start_event (self, arn, source, g_steal_pointer (&kept), payload, NULL);
    PracticeAnswer answer = { .status = 202, .request_id = id };

    callback (&answer, user_data);
    return;
  }
  if (function->concurrency == 0) {
    answer_error (callback, user_data, 429, "TooManyRequestsException", "Rate Exceeded.");
    return;
  }
  inner = g_new0 (Inner, 1);
  inner->callback = callback;
  inner->user_data = user_data;
  invocation = practice_invocation_new (arn, source, g_steal_pointer (&kept), payload, on_inner_invoked, inner);
  practice_runtime_invoke (self->runtime, invocation);
}
