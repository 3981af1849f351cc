/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "aws-error.h"

#include <string.h>

typedef struct {
  char     *code;
  char     *request_id;
  guint     status;
  gboolean  retryable;
} AwsErrorPrivate;

static void
aws_error_private_init (AwsErrorPrivate *priv)
{
}

static void
aws_error_private_copy (const AwsErrorPrivate *from,
                        AwsErrorPrivate       *to)
{
  to->code = g_strdup (from->code);
  to->request_id = g_strdup (from->request_id);
  to->status = from->status;
  to->retryable = from->retryable;
}

static void
aws_error_private_clear (AwsErrorPrivate *priv)
{
  g_free (priv->code);
  g_free (priv->request_id);
}

G_DEFINE_EXTENDED_ERROR (AwsError, aws_error)

static const AwsErrorPrivate *
get_private (const GError *error)
{
  if (error == NULL || error->domain != AWS_ERROR)
    return NULL;
  return aws_error_get_private (error);
}

GError *
aws_error_new (AwsError    kind,
               const char *code,
               const char *message,
               const char *request_id,
               guint       status,
               gboolean    retryable)
{
  GError *error = g_error_new_literal (AWS_ERROR, kind, message != NULL ? message : "");
  AwsErrorPrivate *priv = aws_error_get_private (error);

  priv->code = g_strdup (code);
  priv->request_id = g_strdup (request_id);
  priv->status = status;
  priv->retryable = retryable;
  return error;
}

const char *
aws_error_get_code (const GError *error)
{
  const AwsErrorPrivate *priv = get_private (error);

  return priv != NULL && priv->code != NULL ? priv->code : "";
}

const char *
aws_error_get_request_id (const GError *error)
{
  const AwsErrorPrivate *priv = get_private (error);

  return priv != NULL && priv->request_id != NULL ? priv->request_id : "";
}

guint
aws_error_get_status (const GError *error)
{
  const AwsErrorPrivate *priv = get_private (error);

  return priv != NULL ? priv->status : 0;
}

gboolean
aws_error_is_retryable (const GError *error)
{
  const AwsErrorPrivate *priv = get_private (error);

  return priv != NULL && priv->retryable;
}

gboolean
aws_error_has_code (const GError *error,
                    const char   *code)
{
  return get_private (error) != NULL && strcmp (aws_error_get_code (error), code) == 0;
}
