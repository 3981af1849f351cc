/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "aws-json.h"
#include "mill-engine-private.h"

typedef struct {
  MillActionKind  kind;
  char           *resource;
  char           *payload;
} Act;

typedef struct {
  char *stage;
  char *method;
  char *path;
  char *body;
} Send;

static void
act_free (gpointer data)
{
  Act *act = data;

  g_free (act->resource);
  g_free (act->payload);
  g_free (act);
}

static void
send_free (gpointer data)
{
  Send *send = data;

  g_free (send->stage);
  g_free (send->method);
  g_free (send->path);
  g_free (send->body);
  g_free (send);
}

/* A job on something that is made; NULL with MILL_DEPLOY_ERROR_NOT_READY where it is not. */
static MillJob *
job_for (MillDeployment  *deployment,
         const char      *logical_id,
         GCancellable    *cancellable,
         GError         **error)
{
  g_autoptr(MillRecord) record = logical_id != NULL ? mill_deployment_dup_record (deployment, logical_id) : NULL;

  if (record == NULL || !mill_record_may_exist (record) || *record->physical_id == '\0')
    {
      g_set_error (error, MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_NOT_READY, _("%s is not made yet: do its step first."),
                   logical_id != NULL ? logical_id : "");
      return NULL;
    }
  return mill_job_new (deployment, g_steal_pointer (&record), NULL, cancellable);
}

static JsonObject *
invoke (MillJob     *job,
        const char  *payload,
        GError     **error)
{
  g_autoptr(JsonObject) answer = NULL;
  g_autofree char *result = NULL;
  g_autofree guchar *log = NULL;
  const char *tail;
  gsize length;

  answer = mill_job_call (job, "lambda:Invoke",
                          mill_properties_build ("FunctionName:s", job->record->physical_id, "InvocationType:s", "RequestResponse", "LogType:s", "Tail",
                                                 "Payload:s", payload != NULL ? payload : "{}", NULL), error);
  if (answer == NULL)
    return NULL;
  tail = aws_json_get_string (answer, "LogResult");
  log = tail != NULL ? g_base64_decode (tail, &length) : NULL;
  if (log != NULL)
    {
      g_autofree char *text = g_utf8_make_valid ((const char *) log, length);

      g_free (log);
      log = (guchar *) g_steal_pointer (&text);
    }
  result = mill_properties_dup_text (answer, "Payload");
  return mill_properties_build ("status:i", (int) aws_json_get_int (answer, "StatusCode", 0), "payload:s", result != NULL ? result : "",
                                "error:s", aws_json_get_string (answer, "FunctionError"), "log:s", log != NULL ? (const char *) log : "", NULL);
}

static JsonObject *
test_method (MillJob     *job,
             const char  *payload,
             GError     **error)
{
  g_autoptr(JsonObject) answer = NULL;

  answer = mill_job_call (job, "apigateway:TestInvokeMethod",
                          mill_properties_build ("restApiId:s", mill_job_get (job, "RestApiId"), "resourceId:s", mill_job_get (job, "ResourceId"),
                                                 "httpMethod:s", mill_job_get (job, "HttpMethod"), "body:s", payload != NULL ? payload : "",
                                                 "headers:o", mill_properties_build ("Content-Type:s", "application/json", NULL), NULL), error);
  if (answer == NULL)
    return NULL;
  return mill_properties_build ("status:i", (int) aws_json_get_int (answer, "status", 0), "body:s", aws_json_get_string (answer, "body"),
                                "log:s", aws_json_get_string (answer, "log"), NULL);
}

/* The token in a confirmation link, or what was given if it is no link. */
static char *
dup_token (const char *link)
{
  const char *query = strchr (link, '?');
  g_autoptr(GHashTable) parameters = NULL;
  const char *token;

  if (query == NULL)
    return g_strdup (link);
  parameters = g_uri_parse_params (query + 1, -1, "&", G_URI_PARAMS_NONE, NULL);
  token = parameters != NULL ? g_hash_table_lookup (parameters, "Token") : NULL;
  return g_strdup (token != NULL ? token : link);
}

static JsonObject *
confirm_by_token (MillJob     *job,
                  const char  *link,
                  GError     **error)
{
  g_autofree char *token = dup_token (link);
  g_autoptr(JsonObject) answer = NULL;

  answer = mill_job_call (job, "sns:ConfirmSubscription",
                          mill_properties_build ("TopicArn:s", mill_job_get (job, "TopicArn"), "Token:s", token, NULL), error);
  if (answer == NULL)
    return NULL;
  return mill_properties_build ("subscriptionArn:s", aws_json_get_string (answer, "SubscriptionArn"), NULL);
}

/* On the practice cloud the mail is at hand: open its link, as its reader would. */
static JsonObject *
confirm (MillJob     *job,
         const char  *payload,
         GError     **error)
{
  g_autoptr(JsonObject) inbox = NULL;
  g_autoptr(JsonObject) answer = NULL;
  JsonObject *mail;
  gboolean there;

  if (payload != NULL && *payload != '\0')
    return confirm_by_token (job, payload, error);
  inbox = mill_inbox_read (mill_deployment_get_target (job->deployment), NULL, &there, job->cancellable, error);
  if (inbox == NULL)
    return NULL;
  mail = mill_inbox_find_confirmation (inbox, mill_job_get (job, "TopicArn"), mill_job_get (job, "Endpoint"));
  if (mail == NULL)
    {
      g_set_error (error, MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_NOT_READY,
                   there ? _("There is no mail to %s that asks for a confirmation.")
                         : _("AWS has sent a mail to %s: open the link in it, or paste the link here."), mill_job_get (job, "Endpoint"));
      return NULL;
    }
  answer = aws_client_http (job->client, NULL, "GET", aws_json_get_string (mail, "confirmation"), NULL, NULL, job->cancellable, error);
  if (answer == NULL)
    return NULL;
  if (aws_json_get_int (answer, "status", 0) != 200)
    {
      g_set_error (error, MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_NOT_READY, _("The link in the mail does not work any more (%d). Subscribe again."),
                   (int) aws_json_get_int (answer, "status", 0));
      return NULL;
    }
  return mill_properties_build ("subscriptionArn:s", job->record->physical_id, NULL);
}

static JsonObject *
send_to_stage (MillJob     *job,
               const char  *method,
               const char  *path,
               const char  *body,
               GError     **error)
{
  static const char *const headers[] = { "Content-Type", "application/json", NULL };
  g_autofree char *url = mill_target_get_invoke_url (mill_deployment_get_target (job->deployment), mill_job_get (job, "RestApiId"),
                                                     job->record->physical_id, path != NULL ? path : "/");
  g_autoptr(JsonObject) answer = NULL;
  JsonObject *answer_headers;

  aws_call_log_set_subject (job->record->logical_id);
  answer = aws_client_http (job->client, NULL, method != NULL ? method : "POST", url, headers, body, job->cancellable, error);
  if (answer == NULL)
    return NULL;
  answer_headers = aws_json_get_object (answer, "headers");
  return mill_properties_build ("status:i", (int) aws_json_get_int (answer, "status", 0),
                                "headers:o", answer_headers != NULL ? json_object_ref (answer_headers) : json_object_new (),
                                "body:s", aws_json_get_string (answer, "body"),
                                "requestId:s", answer_headers != NULL ? aws_json_get_string (answer_headers, "x-amzn-requestid") : NULL, NULL);
}

/* What the tutorial's own samples say of the stage: method and path. */
static const MillSample *
sample_for (MillDeployment *deployment,
            const char     *stage)
{
  MillTutorial *tutorial = mill_deployment_get_tutorial (deployment);
  GPtrArray *samples = tutorial != NULL ? mill_tutorial_get_samples (tutorial) : NULL;

  for (guint i = 0; samples != NULL && i < samples->len; i++)
    {
      const MillSample *sample = samples->pdata[i];

      if (g_strcmp0 (sample->stage, stage) == 0)
        return sample;
    }
  return NULL;
}

static gpointer
act_work (MillDeployment  *deployment,
          gpointer         data,
          GCancellable    *cancellable,
          GError         **error)
{
  Act *act = data;
  g_autoptr(MillJob) job = job_for (deployment, act->resource, cancellable, error);
  const MillSample *sample;

  if (job == NULL)
    return NULL;
  switch (act->kind)
    {
    case MILL_ACTION_INVOKE:
      return invoke (job, act->payload, error);
    case MILL_ACTION_TEST_METHOD:
      return test_method (job, act->payload, error);
    case MILL_ACTION_CONFIRM:
      return confirm (job, act->payload, error);
    default:
      sample = sample_for (deployment, act->resource);
      return send_to_stage (job, sample != NULL ? sample->method : NULL, sample != NULL ? sample->path : NULL, act->payload, error);
    }
}

static gpointer
send_work (MillDeployment  *deployment,
           gpointer         data,
           GCancellable    *cancellable,
           GError         **error)
{
  Send *send = data;
  g_autoptr(MillJob) job = job_for (deployment, send->stage, cancellable, error);

  return job != NULL ? send_to_stage (job, send->method, send->path, send->body, error) : NULL;
}

static gpointer
clean_up_act_work (MillDeployment  *deployment,
                   gpointer         data,
                   GCancellable    *cancellable,
                   GError         **error)
{
  g_autoptr(MillCleanup) cleanup = mill_clean_up_work (deployment, NULL, cancellable, error);

  return cleanup != NULL ? json_object_ref (cleanup->report) : NULL;
}

void
mill_engine_act_async (MillEngine          *self,
                       MillDeployment      *deployment,
                       const MillAction    *action,
                       const char          *payload,
                       GCancellable        *cancellable,
                       GAsyncReadyCallback  callback,
                       gpointer             user_data)
{
  gboolean cleans_up = action->kind == MILL_ACTION_CLEAN_UP;
  Act *act = g_new0 (Act, 1);

  act->kind = action->kind;
  act->resource = g_strdup (action->resource);
  act->payload = g_strdup (payload != NULL || action->kind == MILL_ACTION_CONFIRM ? payload : action->payload);
  mill_engine_run (self, deployment, cleans_up, cleans_up ? clean_up_act_work : act_work, act, act_free, (GDestroyNotify) json_object_unref,
                   mill_engine_act_async, cancellable, callback, user_data);
}

JsonObject *
mill_engine_act_finish (MillEngine    *self,
                        GAsyncResult  *result,
                        GError       **error)
{
  return mill_engine_run_finish (self, result, mill_engine_act_async, error);
}

void
mill_engine_send_async (MillEngine          *self,
                        MillDeployment      *deployment,
                        const MillSample    *sample,
                        const char          *body,
                        GCancellable        *cancellable,
                        GAsyncReadyCallback  callback,
                        gpointer             user_data)
{
  Send *send = g_new0 (Send, 1);

  send->stage = g_strdup (sample->stage);
  send->method = g_strdup (sample->method);
  send->path = g_strdup (sample->path);
  send->body = g_strdup (body != NULL ? body : sample->body);
  mill_engine_run (self, deployment, FALSE, send_work, send, send_free, (GDestroyNotify) json_object_unref, mill_engine_send_async,
                   cancellable, callback, user_data);
}

JsonObject *
mill_engine_send_finish (MillEngine    *self,
                         GAsyncResult  *result,
                         GError       **error)
{
  return mill_engine_run_finish (self, result, mill_engine_send_async, error);
}
