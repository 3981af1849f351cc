/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * AwsError:
 * @AWS_ERROR_CLIENT: the service refused the request (4xx)
 * @AWS_ERROR_SERVER: the service failed (5xx)
 * @AWS_ERROR_THROTTLED: too many requests
 * @AWS_ERROR_CREDENTIALS: credentials are missing, wrong or expired
 * @AWS_ERROR_NETWORK: there was no answer (name, connection, reset, TLS)
 * @AWS_ERROR_TIMEOUT: no answer in time
 * @AWS_ERROR_ANSWER: an answer that cannot be understood
 * @AWS_ERROR_PARAMETER: the parameters do not fit the operation; nothing was sent
 *
 * What kind of failure it was. The service's own code, message and request id
 * are read with the functions below.
 */
typedef enum {
  AWS_ERROR_CLIENT,
  AWS_ERROR_SERVER,
  AWS_ERROR_THROTTLED,
  AWS_ERROR_CREDENTIALS,
  AWS_ERROR_NETWORK,
  AWS_ERROR_TIMEOUT,
  AWS_ERROR_ANSWER,
  AWS_ERROR_PARAMETER,
} AwsError;

#define AWS_ERROR (aws_error_quark ())
GQuark aws_error_quark (void);

/* @code: the service's code ("NoSuchEntity"), @status: the HTTP status or 0. */
GError     *aws_error_new            (AwsError    kind,
                                      const char *code,
                                      const char *message,
                                      const char *request_id,
                                      guint       status,
                                      gboolean    retryable);
/* The getters take any GError; for one of another domain they answer "", 0, FALSE. */
const char *aws_error_get_code       (const GError *error);
const char *aws_error_get_request_id (const GError *error);
guint       aws_error_get_status     (const GError *error);
gboolean    aws_error_is_retryable   (const GError *error);
gboolean    aws_error_has_code       (const GError *error,
                                      const char   *code);

G_END_DECLS
