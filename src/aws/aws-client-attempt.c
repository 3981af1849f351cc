/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "aws-client-private.h"

#include <libsoup/soup.h>
#include <string.h>

#include "aws-answer.h"
#include "aws-request.h"
#include "aws-retry.h"

/* New credentials that have expired as well, one after another, are no use. */
#define MAX_RENEWALS 3

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
  g_autoptr (AwsCredentials) now = aws_client_ref_credentials (self, &skew);

  if (now != old && now != NULL)
    return TRUE;
  fresh = self->refresh (self, old, trouble, cancellable, error, self->refresh_data);
  if (fresh == NULL)
    return FALSE;
  aws_client_set_credentials (self, fresh);
  return TRUE;
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

/* (transfer full) (nullable): what @operation takes its turns by; NULL where it needs none. */
static char *
dup_pace_key (AwsClient           *self,
              const AwsOperation  *operation,
              AwsCredentials      *credentials)
{
  if (operation->pace_ms == 0 || self->endpoint != NULL || credentials == NULL)
    return NULL;
  return g_strjoin (" ", aws_credentials_get_access_key_id (credentials), self->region, operation->full_name, NULL);
}

guint
aws_client_get_pause (AwsClient  *self,
                      const char *operation)
{
  const AwsOperation *found = aws_operation_find (operation);
  g_autofree char *key = found != NULL ? dup_pace_key (self, found, aws_client_get_credentials (self)) : NULL;

  return key != NULL ? aws_retry_peek_ms (key, g_get_monotonic_time () / 1000) : 0;
}

/* AWS counts some actions of an account so slowly that backing off after the refusal takes longer. */
static gboolean
wait_for_turn (AwsClient           *self,
               const AwsOperation  *operation,
               AwsCredentials      *credentials,
               GCancellable        *cancellable,
               GError             **error)
{
  g_autofree char *key = dup_pace_key (self, operation, credentials);
  guint pause;

  if (key == NULL)
    return TRUE;
  pause = aws_retry_pace_ms (key, operation->pace_ms, g_get_monotonic_time () / 1000);
  return pause == 0 || aws_retry_sleep (pause, cancellable, error);
}

static JsonObject *
attempt (AwsClient           *self,
         const AwsOperation  *operation,
         AwsRequest          *request,
         AwsAttempts         *attempts,
         GCancellable        *cancellable,
         GError             **error)
{
  const AwsService *service = operation->service;
  gint64 skew;
  g_autoptr (AwsCredentials) credentials = aws_client_ref_credentials (self, &skew);
  g_autofree char *base = self->endpoint != NULL ? g_strdup (self->endpoint)
                                                 : aws_service_endpoint (service, self->region);
  g_autofree char *host = aws_http_host (base);

  g_clear_pointer (&attempts->answer, aws_http_answer_free);
  if (credentials == NULL) {
    g_propagate_error (error, aws_client_no_credentials (operation->full_name));
    return NULL;
  }
  if (host == NULL) {
    g_propagate_error (error, aws_client_bad_endpoint (base));
    return NULL;
  }
  if (!wait_for_turn (self, operation, credentials, cancellable, error))
    return NULL;

  attempts->attempts++;
  attempts->skew = skew;
  aws_request_sign (request, credentials, host, aws_service_signing_region (service, self->region),
                    service->signed_as, aws_client_service_time (skew));
  attempts->answer = aws_http_exchange (base, request, MAX (self->seconds, operation->seconds), cancellable, error);
  if (attempts->answer == NULL)
    return NULL;
  return aws_answer_read (operation, attempts->answer, error);
}

static gboolean
try_again (AwsClient          *self,
           const AwsOperation *operation,
           const AwsAttempts  *attempts,
           const GError       *trouble)
{
  if (attempts->attempts == 0)
    return FALSE;
  /* However seldom a call is tried: once the time is known, this happens no more. */
  if (attempts->attempts < MAX (self->max_attempts, 2) && attempts->answer != NULL && correct_clock (self, attempts->answer, attempts->skew, trouble))
    return TRUE;
  /* What came there was not what was sent: AWS says that the signature is wrong, clouds that do not look at it say anything. */
  if (attempts->attempts < MAX (self->max_attempts, 2) && attempts->answer != NULL && attempts->answer->restarted)
    return TRUE;
  if (attempts->attempts >= self->max_attempts)
    return FALSE;
  /* What takes minutes may still be under way: a function would be run a second time. */
  if (operation->seconds > 0 && g_error_matches (trouble, AWS_ERROR, AWS_ERROR_TIMEOUT))
    return FALSE;
  /* Nobody knows whether it was done. */
  if (operation->once && (attempts->answer == NULL || g_error_matches (trouble, AWS_ERROR, AWS_ERROR_ANSWER)))
    return FALSE;
  /* Nothing at all came where something should: a connection that was cut between head and body, by whatever is on the way. */
  if (attempts->answer != NULL && g_error_matches (trouble, AWS_ERROR, AWS_ERROR_ANSWER) && g_bytes_get_size (attempts->answer->body) == 0)
    return TRUE;
  return aws_error_is_retryable (trouble);
}

void
aws_attempts_clear (AwsAttempts *self)
{
  g_clear_pointer (&self->answer, aws_http_answer_free);
}

AwsCredentials *
aws_client_ref_credentials (AwsClient *self,
                            gint64    *skew)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  *skew = self->skew;
  return self->credentials != NULL ? aws_credentials_ref (self->credentials) : NULL;
}

gint64
aws_client_service_time (gint64 skew)
{
  return g_get_real_time () / G_USEC_PER_SEC + skew;
}

GError *
aws_client_no_credentials (const char *what)
{
  g_autofree char *message = g_strdup_printf ("%s needs credentials, and there are none.", what);

  return aws_error_new (AWS_ERROR_CREDENTIALS, "NoCredentials", message, NULL, 0, FALSE);
}

GError *
aws_client_bad_endpoint (const char *base)
{
  g_autofree char *message = g_strdup_printf ("“%s” is not an endpoint. One begins with http:// or https:// and a host.",
                                              base);

  return aws_error_new (AWS_ERROR_PARAMETER, "InvalidEndpoint", message, NULL, 0, FALSE);
}

JsonObject *
aws_client_try (AwsClient           *self,
                const AwsOperation  *operation,
                JsonObject          *parameters,
                AwsAttempts         *attempts,
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
    g_autoptr (AwsCredentials) used = self->refresh != NULL ? aws_client_ref_credentials (self, &skew) : NULL;
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
