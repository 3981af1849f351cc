/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "aws-client-private.h"

#include <string.h>

#include "aws-answer.h"
#include "aws-call-private.h"
#include "aws-json.h"
#include "aws-retry.h"

G_DEFINE_FINAL_TYPE (AwsClient, aws_client, G_TYPE_OBJECT)

typedef struct {
  char       *operation;
  JsonObject *parameters;
  char       *subject;
} CallData;

static void
call_data_free (gpointer data)
{
  CallData *self = data;

  g_free (self->operation);
  g_clear_pointer (&self->parameters, json_object_unref);
  g_free (self->subject);
  g_free (self);
}

static void
call_in_thread (gpointer data,
                gpointer user_data)
{
  g_autoptr (GTask) task = data;
  CallData *call = g_task_get_task_data (task);
  GError *error = NULL;
  JsonObject *result;

  aws_call_log_set_subject (call->subject);
  result = aws_client_call (g_task_get_source_object (task), call->operation, call->parameters,
                            g_task_get_cancellable (task), &error);
  aws_call_log_set_subject (NULL);
  if (result != NULL)
    g_task_return_pointer (task, result, (GDestroyNotify) json_object_unref);
  else
    g_task_return_error (task, error);
}

/*
 * Threads without a limit, kept for a while after a call together with their connections. GTask's own are few: long polls
 * would keep everything else waiting.
 */
static gpointer
make_pool (gpointer data)
{
  return g_thread_pool_new (call_in_thread, NULL, -1, FALSE, NULL);
}

static void
aws_client_finalize (GObject *object)
{
  AwsClient *self = AWS_CLIENT (object);

  g_free (self->region);
  g_free (self->endpoint);
  g_clear_pointer (&self->credentials, aws_credentials_unref);
  g_ptr_array_unref (self->replaced);
  g_object_unref (self->log);
  g_mutex_clear (&self->mutex);
  g_mutex_clear (&self->refresh_mutex);

  G_OBJECT_CLASS (aws_client_parent_class)->finalize (object);
}

static void
aws_client_class_init (AwsClientClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = aws_client_finalize;
}

static void
aws_client_init (AwsClient *self)
{
  g_mutex_init (&self->mutex);
  g_mutex_init (&self->refresh_mutex);
  self->log = aws_call_log_new ();
  self->replaced = g_ptr_array_new_with_free_func ((GDestroyNotify) aws_credentials_unref);
  self->max_attempts = aws_retry_max_attempts ();
  self->seconds = AWS_HTTP_SECONDS;
}

void
aws_client_log_call (AwsClient    *self,
                     const char   *operation,
                     JsonObject   *parameters,
                     AwsAttempts  *attempts,
                     const GError *error)
{
  g_autofree char *request_id = attempts->answer != NULL ? aws_answer_request_id (attempts->answer) : NULL;
  AwsCallRecord record = {
    .operation = operation,
    .parameters = parameters,
    .answer = attempts->answer != NULL ? attempts->answer->body : NULL,
    .status = attempts->answer != NULL ? attempts->answer->status : 0,
    .error = error,
    .request_id = request_id,
    .gateway_id = attempts->answer != NULL ? aws_answer_gateway_id (attempts->answer) : NULL,
    .attempts = attempts->attempts,
    .started = attempts->started,
    .duration = g_get_monotonic_time () - attempts->begun,
    .subject = aws_call_log_get_subject (),
  };
  g_autoptr (AwsCall) call = aws_call_new (&record);

  aws_call_log_add (self->log, call);
}

AwsClient *
aws_client_new (const char     *region,
                const char     *endpoint,
                AwsCredentials *credentials)
{
  AwsClient *self;

  g_return_val_if_fail (region != NULL, NULL);

  self = g_object_new (AWS_TYPE_CLIENT, NULL);
  self->region = g_strdup (region);
  if (endpoint != NULL) {
    self->endpoint = g_strdup (endpoint);
    /* Paths begin with a slash of their own. */
    while (g_str_has_suffix (self->endpoint, "/"))
      self->endpoint[strlen (self->endpoint) - 1] = '\0';
  }
  self->credentials = credentials != NULL ? aws_credentials_ref (credentials) : NULL;
  return self;
}

const char *
aws_client_get_region (AwsClient *self)
{
  g_return_val_if_fail (AWS_IS_CLIENT (self), NULL);

  return self->region;
}

const char *
aws_client_get_endpoint (AwsClient *self)
{
  g_return_val_if_fail (AWS_IS_CLIENT (self), NULL);

  return self->endpoint;
}

AwsCredentials *
aws_client_get_credentials (AwsClient *self)
{
  g_autoptr (GMutexLocker) locker = NULL;

  g_return_val_if_fail (AWS_IS_CLIENT (self), NULL);

  locker = g_mutex_locker_new (&self->mutex);
  return self->credentials;
}

void
aws_client_set_credentials (AwsClient      *self,
                            AwsCredentials *credentials)
{
  g_autoptr (GMutexLocker) locker = NULL;

  g_return_if_fail (AWS_IS_CLIENT (self));

  locker = g_mutex_locker_new (&self->mutex);
  if (self->credentials != NULL)
    g_ptr_array_add (self->replaced, self->credentials);
  self->credentials = credentials != NULL ? aws_credentials_ref (credentials) : NULL;
}

void
aws_client_set_refresh (AwsClient      *self,
                        AwsRefreshFunc  func,
                        gpointer        user_data)
{
  g_return_if_fail (AWS_IS_CLIENT (self));

  self->refresh = func;
  self->refresh_data = user_data;
}

gint64
aws_client_get_skew (AwsClient *self)
{
  g_autoptr (GMutexLocker) locker = NULL;

  g_return_val_if_fail (AWS_IS_CLIENT (self), 0);

  locker = g_mutex_locker_new (&self->mutex);
  return self->skew;
}

void
aws_client_set_timeout (AwsClient *self,
                        guint      seconds)
{
  g_return_if_fail (AWS_IS_CLIENT (self));

  self->seconds = seconds;
}

void
aws_client_set_attempts (AwsClient *self,
                         guint      attempts)
{
  g_return_if_fail (AWS_IS_CLIENT (self));

  self->max_attempts = MAX (attempts, 1);
}

AwsCallLog *
aws_client_get_call_log (AwsClient *self)
{
  g_return_val_if_fail (AWS_IS_CLIENT (self), NULL);

  return self->log;
}

JsonObject *
aws_client_call (AwsClient     *self,
                 const char    *operation,
                 JsonObject    *parameters,
                 GCancellable  *cancellable,
                 GError       **error)
{
  const AwsOperation *found;
  g_autoptr (JsonObject) none = NULL;
  g_autoptr (GError) trouble = NULL;
  g_auto (AwsAttempts) attempts = { .started = g_get_real_time (), .begun = g_get_monotonic_time () };
  JsonObject *result;

  g_return_val_if_fail (AWS_IS_CLIENT (self), NULL);
  g_return_val_if_fail (operation != NULL, NULL);

  found = aws_operation_find (operation);
  if (found == NULL) {
    g_autofree char *message = g_strdup_printf ("“%s” is not an operation that is known here.", operation);

    g_propagate_error (error, aws_error_new (AWS_ERROR_PARAMETER, "UnknownOperation", message, NULL, 0, FALSE));
    return NULL;
  }
  if (parameters == NULL)
    parameters = none = json_object_new ();

  result = aws_client_try (self, found, parameters, &attempts, cancellable, &trouble);
  aws_client_log_call (self, operation, parameters, &attempts, trouble);
  if (result == NULL)
    g_propagate_error (error, g_steal_pointer (&trouble));
  return result;
}

void
aws_client_call_async (AwsClient           *self,
                       const char          *operation,
                       JsonObject          *parameters,
                       GCancellable        *cancellable,
                       GAsyncReadyCallback  callback,
                       gpointer             user_data)
{
  static GOnce pool = G_ONCE_INIT;
  GTask *task;
  CallData *data;

  g_return_if_fail (AWS_IS_CLIENT (self));
  g_return_if_fail (operation != NULL);

  data = g_new0 (CallData, 1);
  data->operation = g_strdup (operation);
  data->parameters = parameters != NULL ? aws_json_copy_object (parameters) : NULL;
  data->subject = g_strdup (aws_call_log_get_subject ());
  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, aws_client_call_async);
  g_task_set_task_data (task, data, call_data_free);
  g_thread_pool_push (g_once (&pool, make_pool, NULL), task, NULL);
}

JsonObject *
aws_client_call_finish (AwsClient     *self,
                        GAsyncResult  *result,
                        GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  g_return_val_if_fail (g_async_result_is_tagged (result, aws_client_call_async), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
