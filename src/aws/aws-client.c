/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "aws-client.h"

#include <libsoup/soup.h>
#include <string.h>

#include "aws-answer.h"
#include "aws-call-private.h"
#include "aws-http.h"
#include "aws-json.h"
#include "aws-operation.h"
#include "aws-request.h"
#include "aws-retry.h"

/* New credentials that have expired as well, one after another, are no use. */
#define MAX_RENEWALS 3

struct _AwsClient {
  GObject         parent_instance;

  char           *region;
  char           *endpoint;
  guint           max_attempts;
  guint           seconds;
  AwsCallLog     *log;
  AwsRefreshFunc  refresh;
  gpointer        refresh_data;
  GMutex          refresh_mutex; /* held while new credentials are got */

  GMutex          mutex;         /* guards those below */
  AwsCredentials *credentials;
  GPtrArray      *replaced;      /* earlier credentials, which somebody may still hold */
  gint64          skew;          /* seconds that AWS's clock is ahead of ours */
};

G_DEFINE_FINAL_TYPE (AwsClient, aws_client, G_TYPE_OBJECT)

/* One attempt after another at the same call, and what came of them. */
typedef struct {
  AwsHttpAnswer *answer;
  guint          attempts;
  gint64         started;
  gint64         begun;
  gint64         skew;      /* that the last one was signed with */
} Attempts;

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
attempts_clear (Attempts *self)
{
  g_clear_pointer (&self->answer, aws_http_answer_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Attempts, attempts_clear)

static AwsCredentials *
ref_credentials (AwsClient *self,
                 gint64    *skew)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  *skew = self->skew;
  return self->credentials != NULL ? aws_credentials_ref (self->credentials) : NULL;
}

static gint64
service_time (gint64 skew)
{
  return g_get_real_time () / G_USEC_PER_SEC + skew;
}

static GError *
no_credentials (const char *what)
{
  g_autofree char *message = g_strdup_printf ("%s needs credentials, and there are none.", what);

  return aws_error_new (AWS_ERROR_CREDENTIALS, "NoCredentials", message, NULL, 0, FALSE);
}

/* "The security token included in the request is expired": in each protocol under another name (error tables of the API references). */
static gboolean
is_expired (const GError *error)
{
  return aws_error_has_code (error, "ExpiredToken") || aws_error_has_code (error, "ExpiredTokenException") ||
         (aws_error_has_code (error, "InvalidClientTokenId") && strstr (error->message, "expired") != NULL);
}

static gboolean
is_over (AwsCredentials *credentials)
{
  gint64 expires = credentials != NULL ? aws_credentials_get_expires (credentials) : 0;

  return expires != 0 && expires <= g_get_real_time () / G_USEC_PER_SEC;
}

/*
 * New credentials in the place of @old. Where another thread has already put some there, those are used. FALSE with the error of whoever
 * was to get them.
 */
static gboolean
renew (AwsClient       *self,
       AwsCredentials  *old,
       const GError    *trouble,
       GCancellable    *cancellable,
       GError         **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->refresh_mutex);
  g_autoptr (AwsCredentials) fresh = NULL;
  gint64 skew;
  g_autoptr (AwsCredentials) now = ref_credentials (self, &skew);

  if (now != old && now != NULL)
    return TRUE;
  fresh = self->refresh (self, old, trouble, cancellable, error, self->refresh_data);
  if (fresh == NULL)
    return FALSE;
  aws_client_set_credentials (self, fresh);
  return TRUE;
}

static GError *
bad_endpoint (const char *base)
{
  g_autofree char *message = g_strdup_printf ("“%s” is not an endpoint. One begins with http:// or https:// and a host.",
                                              base);

  return aws_error_new (AWS_ERROR_PARAMETER, "InvalidEndpoint", message, NULL, 0, FALSE);
}

/*
 * A wrong clock makes every signature wrong, and the error's text does not help a student. Where the answer says so,
 * takes the service's time. Returns whether another attempt is worth while.
 */
static gboolean
correct_clock (AwsClient           *self,
               const AwsHttpAnswer *answer,
               gint64               used,
               const GError        *error)
{
  const char *text = g_hash_table_lookup (answer->headers, "date");
  g_autoptr (GDateTime) date = NULL;
  gint64 skew;

  if (!aws_error_has_code (error, "RequestTimeTooSkewed") && !aws_error_has_code (error, "RequestExpired") &&
      strstr (error->message, "Signature expired") == NULL && strstr (error->message, "Signature not yet current") == NULL)
    return FALSE;
  date = text != NULL ? soup_date_time_new_from_http_string (text) : NULL;
  if (date == NULL)
    return FALSE;

  skew = g_date_time_to_unix (date) - g_get_real_time () / G_USEC_PER_SEC;
  g_mutex_lock (&self->mutex);
  if (ABS (skew - self->skew) > 60)
    self->skew = skew;
  g_mutex_unlock (&self->mutex);
  /* Another thread may have been quicker. */
  return ABS (skew - used) > 60;
}

/* AWS counts some actions of an account so slowly that backing off after the refusal takes longer. */
static gboolean
wait_for_turn (AwsClient           *self,
               const AwsOperation  *operation,
               AwsCredentials      *credentials,
               GCancellable        *cancellable,
               GError             **error)
{
  g_autofree char *key = NULL;
  guint pause;

  if (operation->pace_ms == 0 || self->endpoint != NULL)
    return TRUE;
  key = g_strjoin (" ", aws_credentials_get_access_key_id (credentials), self->region, operation->full_name, NULL);
  pause = aws_retry_pace_ms (key, operation->pace_ms, g_get_monotonic_time () / 1000);
  return pause == 0 || aws_retry_sleep (pause, cancellable, error);
}

static JsonObject *
attempt (AwsClient           *self,
         const AwsOperation  *operation,
         AwsRequest          *request,
         Attempts            *attempts,
         GCancellable        *cancellable,
         GError             **error)
{
  const AwsService *service = operation->service;
  gint64 skew;
  g_autoptr (AwsCredentials) credentials = ref_credentials (self, &skew);
  g_autofree char *base = self->endpoint != NULL ? g_strdup (self->endpoint)
                                                 : aws_service_endpoint (service, self->region);
  g_autofree char *host = aws_http_host (base);

  g_clear_pointer (&attempts->answer, aws_http_answer_free);
  if (credentials == NULL) {
    g_propagate_error (error, no_credentials (operation->full_name));
    return NULL;
  }
  if (host == NULL) {
    g_propagate_error (error, bad_endpoint (base));
    return NULL;
  }
  if (!wait_for_turn (self, operation, credentials, cancellable, error))
    return NULL;

  attempts->attempts++;
  attempts->skew = skew;
  aws_request_sign (request, credentials, host, aws_service_signing_region (service, self->region),
                    service->signed_as, service_time (skew));
  attempts->answer = aws_http_exchange (base, request, MAX (self->seconds, operation->seconds), cancellable, error);
  if (attempts->answer == NULL)
    return NULL;
  return aws_answer_read (operation, attempts->answer, error);
}

static gboolean
try_again (AwsClient           *self,
           const AwsOperation  *operation,
           const Attempts      *attempts,
           const GError        *trouble)
{
  if (attempts->attempts == 0 || attempts->attempts >= self->max_attempts)
    return FALSE;
  if (attempts->answer != NULL && correct_clock (self, attempts->answer, attempts->skew, trouble))
    return TRUE;
  /* What takes minutes may still be under way: a function would be run a second time. */
  if (operation->seconds > 0 && g_error_matches (trouble, AWS_ERROR, AWS_ERROR_TIMEOUT))
    return FALSE;
  /* What came there was not what was signed. */
  if (attempts->answer != NULL && attempts->answer->restarted &&
      (aws_error_has_code (trouble, "InvalidSignatureException") || aws_error_has_code (trouble, "SignatureDoesNotMatch")))
    return TRUE;
  /* Nobody knows whether it was done. */
  if (operation->once && attempts->answer == NULL)
    return FALSE;
  return aws_error_is_retryable (trouble);
}

static void
log_call (AwsClient    *self,
          const char   *operation,
          JsonObject   *parameters,
          Attempts     *attempts,
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
    .attempts = attempts->attempts,
    .started = attempts->started,
    .duration = g_get_monotonic_time () - attempts->begun,
    .subject = aws_call_log_get_subject (),
  };
  g_autoptr (AwsCall) call = aws_call_new (&record);

  aws_call_log_add (self->log, call);
}

static JsonObject *
call_with_retries (AwsClient           *self,
                   const AwsOperation  *operation,
                   JsonObject          *parameters,
                   Attempts            *attempts,
                   GCancellable        *cancellable,
                   GError             **error)
{
  g_autoptr (AwsRequest) request = aws_request_build (operation, parameters, error);

  guint renewals = 0;

  if (request == NULL)
    return NULL;

  while (TRUE) {
    g_autoptr (GError) trouble = NULL;
    gint64 skew;
    g_autoptr (AwsCredentials) used = self->refresh != NULL ? ref_credentials (self, &skew) : NULL;
    JsonObject *result;
    const char *retry_after;

    if (self->refresh != NULL && (used == NULL || is_over (used))) {
      if (!renew (self, used, NULL, cancellable, error))
        return NULL;
      continue;
    }
    result = attempt (self, operation, request, attempts, cancellable, &trouble);
    if (result != NULL)
      return result;
    if (self->refresh != NULL && is_expired (trouble) && renewals++ < MAX_RENEWALS) {
      if (!renew (self, used, trouble, cancellable, error))
        return NULL;
      continue;
    }
    if (!try_again (self, operation, attempts, trouble)) {
      g_propagate_error (error, g_steal_pointer (&trouble));
      return NULL;
    }
    retry_after = attempts->answer != NULL ? g_hash_table_lookup (attempts->answer->headers, "retry-after") : NULL;
    if (!aws_retry_sleep (aws_retry_pause_ms (attempts->attempts,
                                              g_error_matches (trouble, AWS_ERROR, AWS_ERROR_THROTTLED), retry_after),
                          cancellable, error))
      return NULL;
  }
}

static JsonObject *
describe_http (const char        *method,
               const char        *url,
               const char *const *headers,
               const char        *body)
{
  JsonObject *parameters = json_object_new ();
  JsonObject *given = json_object_new ();

  for (guint i = 0; headers != NULL && headers[i] != NULL && headers[i + 1] != NULL; i += 2)
    json_object_set_string_member (given, headers[i], headers[i + 1]);
  json_object_set_string_member (parameters, "method", method);
  json_object_set_string_member (parameters, "url", url);
  json_object_set_object_member (parameters, "headers", given);
  if (body != NULL)
    json_object_set_string_member (parameters, "body", body);
  return parameters;
}

static AwsHttpAnswer *
exchange_http (AwsClient          *self,
               const char         *service,
               const char         *method,
               const char         *url,
               const char *const  *headers,
               const char         *body,
               GCancellable       *cancellable,
               GError            **error)
{
  g_autoptr (GUri) uri = g_uri_parse (url, SOUP_HTTP_URI_FLAGS, NULL);
  g_autofree char *host = uri != NULL ? aws_http_host (url) : NULL;
  g_autofree char *base = NULL;
  g_autoptr (AwsRequest) request = NULL;
  const char *path;

  if (host == NULL) {
    g_propagate_error (error, bad_endpoint (url));
    return NULL;
  }
  base = g_strdup_printf ("%s://%s", g_uri_get_scheme (uri), host);
  path = g_uri_get_path (uri);
  request = aws_request_new (method, *path != '\0' ? path : "/", g_uri_get_query (uri));
  for (guint i = 0; headers != NULL && headers[i] != NULL && headers[i + 1] != NULL; i += 2)
    aws_request_add_header (request, headers[i], headers[i + 1]);
  if (body != NULL) {
    g_bytes_unref (request->body);
    request->body = g_bytes_new (body, strlen (body));
  }

  if (service != NULL) {
    gint64 skew;
    g_autoptr (AwsCredentials) credentials = ref_credentials (self, &skew);
    const AwsService *found = aws_service_find (service);

    if (credentials == NULL) {
      g_propagate_error (error, no_credentials (url));
      return NULL;
    }
    aws_request_sign (request, credentials, host,
                      found != NULL ? aws_service_signing_region (found, self->region) : self->region,
                      found != NULL ? found->signed_as : service, service_time (skew));
  }
  return aws_http_exchange (base, request, self->seconds, cancellable, error);
}

static JsonObject *
http_answer_to_json (const AwsHttpAnswer *answer)
{
  gsize size;
  const char *data = g_bytes_get_data (answer->body, &size);
  g_autofree char *body = g_utf8_make_valid (size > 0 ? data : "", (gssize) size);
  JsonObject *object = json_object_new ();
  JsonObject *headers = json_object_new ();
  GHashTableIter iter;
  gpointer name, value;

  g_hash_table_iter_init (&iter, answer->headers);
  while (g_hash_table_iter_next (&iter, &name, &value)) {
    g_autofree char *valid = g_utf8_make_valid (value, -1);

    json_object_set_string_member (headers, name, valid);
  }
  json_object_set_int_member (object, "status", answer->status);
  json_object_set_object_member (object, "headers", headers);
  json_object_set_string_member (object, "body", body);
  return object;
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
  g_auto (Attempts) attempts = { .started = g_get_real_time (), .begun = g_get_monotonic_time () };
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

  result = call_with_retries (self, found, parameters, &attempts, cancellable, &trouble);
  log_call (self, operation, parameters, &attempts, trouble);
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

JsonObject *
aws_client_http (AwsClient          *self,
                 const char         *service,
                 const char         *method,
                 const char         *url,
                 const char *const  *headers,
                 const char         *body,
                 GCancellable       *cancellable,
                 GError            **error)
{
  g_auto (Attempts) attempts = { .started = g_get_real_time (), .begun = g_get_monotonic_time () };
  g_autofree char *name = NULL;
  g_autoptr (JsonObject) parameters = NULL;
  g_autoptr (GError) trouble = NULL;

  g_return_val_if_fail (AWS_IS_CLIENT (self), NULL);
  g_return_val_if_fail (method != NULL && url != NULL, NULL);

  name = g_strconcat ("http:", method, NULL);
  parameters = describe_http (method, url, headers, body);
  attempts.attempts = 1;
  attempts.answer = exchange_http (self, service, method, url, headers, body, cancellable, &trouble);
  log_call (self, name, parameters, &attempts, trouble);
  if (attempts.answer != NULL)
    return http_answer_to_json (attempts.answer);
  g_propagate_error (error, g_steal_pointer (&trouble));
  return NULL;
}
