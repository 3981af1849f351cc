/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "aws-client.h"

#include "aws-retry.h"

static GError *
failed_error (const char   *operation,
              const GError *trouble)
{
  g_autofree char *message = NULL;

  if (trouble != NULL)
    return g_error_copy (trouble);
  message = g_strdup_printf ("%s says that it will not come to be.", operation);
  return aws_error_new (AWS_ERROR_CLIENT, "WaitFailed", message, NULL, 0, FALSE);
}

static GError *
timeout_error (const char   *operation,
               guint         timeout_ms,
               const GError *trouble)
{
  g_autofree char *message = g_strdup_printf ("Gave up asking %s after %u seconds%s%s", operation, timeout_ms / 1000,
                                              trouble != NULL ? ". The last answer: " : ".",
                                              trouble != NULL ? trouble->message : "");

  return aws_error_new (AWS_ERROR_TIMEOUT, trouble != NULL ? aws_error_get_code (trouble) : "WaitTimeout", message,
                        trouble != NULL ? aws_error_get_request_id (trouble) : NULL,
                        trouble != NULL ? aws_error_get_status (trouble) : 0, FALSE);
}

JsonObject *
aws_client_wait (AwsClient     *self,
                 const char    *operation,
                 JsonObject    *parameters,
                 guint          first_ms,
                 guint          most_ms,
                 guint          timeout_ms,
                 AwsWaitCheck   check,
                 gpointer       user_data,
                 GCancellable  *cancellable,
                 GError       **error)
{
  gint64 end = g_get_monotonic_time () + (gint64) timeout_ms * 1000;
  guint pause = first_ms;

  g_return_val_if_fail (AWS_IS_CLIENT (self), NULL);
  g_return_val_if_fail (check != NULL, NULL);

  while (TRUE) {
    g_autoptr (GError) trouble = NULL;
    g_autoptr (GError) failure = NULL;
    g_autoptr (JsonObject) result = aws_client_call (self, operation, parameters, cancellable, &trouble);
    gint64 left;

    if (g_error_matches (trouble, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
      g_propagate_error (error, g_steal_pointer (&trouble));
      return NULL;
    }
    switch (check (result, trouble, &failure, user_data)) {
    case AWS_WAIT_AGAIN:
      break;
    case AWS_WAIT_DONE:
      return result != NULL ? g_steal_pointer (&result) : json_object_new ();
    case AWS_WAIT_FAILED:
      g_propagate_error (error, failure != NULL ? g_steal_pointer (&failure) : failed_error (operation, trouble));
      return NULL;
    }

    left = (end - g_get_monotonic_time ()) / 1000;
    if (left <= 0) {
      g_propagate_error (error, timeout_error (operation, timeout_ms, trouble));
      return NULL;
    }
    if (!aws_retry_sleep ((guint) MIN (pause, left), cancellable, error))
      return NULL;
    pause = MIN (pause * 2, MAX (most_ms, first_ms));
  }
}
