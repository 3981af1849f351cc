/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-answers.h"

#include <string.h>

#include "aws-json.h"
#include "mill-gateway-answer.h"
#include "mill-gateway-route.h"
#include "mill-probe.h"

struct _MillAnswers
{
  GObject         parent_instance;

  MillDeployment *deployment;
  AwsCallLog     *log;
};

enum { OBSERVATION, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (MillAnswers, mill_answers, G_TYPE_OBJECT)

/* @event: (transfer full) */
static void
tell (MillAnswers *self,
      const char  *kind,
      JsonObject  *event,
      double       time)
{
  json_object_set_string_member (event, "kind", kind);
  json_object_set_double_member (event, "time", time);
  g_signal_emit (self, signals[OBSERVATION], 0, event);
  json_object_unref (event);
}

/* The first of our APIs that @url calls. */
static char *
find_api (MillAnswers *self,
          const char  *url)
{
  GListModel *resources = G_LIST_MODEL (self->deployment);

  for (guint i = 0; i < g_list_model_get_n_items (resources); i++)
    {
      g_autoptr (MillResource) resource = g_list_model_get_item (resources, i);
      const char *id = mill_resource_get_physical_id (resource);

      if (g_str_equal (mill_resource_get_type_name (resource), "AWS::ApiGateway::RestApi") && *id != '\0' && strstr (url, id) != NULL)
        return g_strdup (id);
    }
  return NULL;
}

static void
tell_sent (MillAnswers *self,
           const char  *api,
           const char  *request_id,
           const char  *extended_id,
           const char  *method,
           const char  *path,
           const char  *body,
           gint64       status,
           const char  *answer,
           double       began,
           double       ended)
{
  g_autofree char *role = NULL;
  g_autofree char *queue = mill_gateway_route_find_queue (self->deployment, api, method, &role);
  g_autoptr (MillGatewayAnswer) read = mill_gateway_answer_parse (answer);
  JsonObject *event;

  tell (self, "gateway-request", mill_probe_object ("requestId", request_id, "extendedRequestId", extended_id, "apiId", api, "method", method, "path", path,
                                                    "body", body, NULL), began);
  /* It was sent some time between the two; a function may have had it before the answer was here. */
  if (queue != NULL && read->message_id != NULL)
    tell (self, "queue-sent", mill_probe_object ("queueArn", queue, "messageId", read->message_id, "body", body, "source", request_id,
                                                 "sourceType", "gateway", NULL), began);
  if (queue != NULL && read->code != NULL)
    {
      event = mill_probe_object ("requestId", request_id, "role", role, NULL);
      json_object_set_object_member (event, "error", mill_probe_object ("code", read->code, "message", read->message, NULL));
      tell (self, "gateway-integration", event, ended);
    }
  event = mill_probe_object ("requestId", request_id, "body", answer, NULL);
  json_object_set_int_member (event, "status", status);
  tell (self, "gateway-response", event, ended);
}

/* "https://API.execute-api.REGION.amazonaws.com/STAGE/orders?x=1", "http://127.0.0.1:4566/_aws/execute-api/API/STAGE/orders" → "/orders" */
static char *
find_path (const char *url,
           const char *api)
{
  const char *found = strstr (url, api);

  for (guint i = 0; i < 2 && found != NULL; i++)
    found = strchr (found + 1, '/');
  return found != NULL ? g_strndup (found, strcspn (found, "?#")) : g_strdup ("/");
}

/* "Execution log for request 8f50…" */
static char *
find_test_id (JsonObject *result)
{
  const char *log = aws_json_get_string (result, "log");
  const char *found = log != NULL ? strstr (log, "Execution log for request ") : NULL;

  return found != NULL ? g_strndup (found + strlen ("Execution log for request "), strcspn (found + strlen ("Execution log for request "), " \r\n")) : NULL;
}

static void
take_call (MillAnswers *self,
           AwsCall     *call)
{
  const char *operation = aws_call_get_operation (call);
  JsonObject *parameters = aws_call_get_parameters (call);
  const char *answer = aws_call_get_answer (call);
  const char *id = aws_call_get_request_id (call);
  double began = aws_call_get_started (call) / (double) G_USEC_PER_SEC;
  double ended = began + aws_call_get_duration (call) / (double) G_USEC_PER_SEC;

  if (g_str_has_prefix (operation, "http:"))
    {
      const char *url = aws_json_get_string (parameters, "url");
      g_autofree char *api = url != NULL ? find_api (self, url) : NULL;
      g_autofree char *path = api != NULL ? find_path (url, api) : NULL;

      if (api != NULL && *id != '\0')
        tell_sent (self, api, id, *aws_call_get_gateway_id (call) != '\0' ? aws_call_get_gateway_id (call) : NULL, operation + strlen ("http:"), path, aws_json_get_string (parameters, "body"), aws_call_get_status (call), answer,
                   began, ended);
    }
  else if (g_str_equal (operation, "apigateway:TestInvokeMethod"))
    {
      g_autoptr (JsonObject) result = aws_json_parse_object (answer, -1, NULL);
      g_autofree char *test_id = result != NULL ? find_test_id (result) : NULL;
      const char *api = aws_json_get_string (parameters, "restApiId");
      const char *target = aws_json_get_string (parameters, "pathWithQueryString");
      const char *resource = aws_json_get_string (parameters, "resourceId");
      g_autofree char *path = target != NULL && *target == '/' ? g_strndup (target, strcspn (target, "?"))
                              : resource != NULL ? mill_gateway_route_dup_path (self->deployment, resource) : NULL;

      if (test_id != NULL && api != NULL && mill_deployment_find_by_id (self->deployment, api) != NULL)
        tell_sent (self, api, test_id, NULL, aws_json_get_string (parameters, "httpMethod"), path,
                   aws_json_get_string (parameters, "body"), aws_json_get_int (result, "status", 0), aws_json_get_string (result, "body") != NULL ? aws_json_get_string (result, "body") : "", began, ended);
    }
  else if (g_str_equal (operation, "lambda:Invoke"))
    {
      const char *name = aws_json_get_string (parameters, "FunctionName");
      const char *logical_id = name != NULL ? mill_deployment_find_by_id (self->deployment, name) : NULL;
      MillResource *function = logical_id != NULL ? mill_deployment_find_resource (self->deployment, logical_id) : NULL;

      /* The request's id is the invocation's (AWS Lambda Developer Guide, "Log formats"). */
      if (function != NULL && *id != '\0')
        tell (self, "function-started", mill_probe_object ("invocationId", id, "functionArn", mill_resource_get_arn (function), "source", "invoke",
                                                           "payload", aws_json_get_string (parameters, "Payload"), NULL), began);
    }
}

static void
on_calls (MillAnswers *self,
          guint        position,
          guint        removed,
          guint        added)
{
  for (guint i = 0; i < added; i++)
    {
      g_autoptr (AwsCall) call = g_list_model_get_item (G_LIST_MODEL (self->log), position + i);

      take_call (self, call);
    }
}

static void
mill_answers_finalize (GObject *object)
{
  MillAnswers *self = MILL_ANSWERS (object);

  g_object_unref (self->log);
  g_object_unref (self->deployment);
  G_OBJECT_CLASS (mill_answers_parent_class)->finalize (object);
}

static void
mill_answers_class_init (MillAnswersClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = mill_answers_finalize;

  signals[OBSERVATION] = g_signal_new ("observation", MILL_TYPE_ANSWERS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                       G_TYPE_NONE, 1, JSON_TYPE_OBJECT);
}

static void
mill_answers_init (MillAnswers *self)
{
}

MillAnswers *
mill_answers_new (MillDeployment *deployment)
{
  MillAnswers *self = g_object_new (MILL_TYPE_ANSWERS, NULL);

  self->deployment = g_object_ref (deployment);
  self->log = g_object_ref (aws_client_get_call_log (mill_target_get_client (mill_deployment_get_target (deployment))));
  g_signal_connect_object (self->log, "items-changed", G_CALLBACK (on_calls), self, G_CONNECT_SWAPPED);
  return self;
}
