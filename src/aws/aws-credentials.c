/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "aws-credentials.h"

#include <string.h>

struct _AwsCredentials {
  char *access_key_id;
  char *secret;
  char *session_token;
  gint64 expires;
};

G_DEFINE_BOXED_TYPE (AwsCredentials, aws_credentials, aws_credentials_ref, aws_credentials_unref)

static void
free_secret (char *secret)
{
  if (secret == NULL)
    return;
  explicit_bzero (secret, strlen (secret));
  g_free (secret);
}

static void
aws_credentials_clear (gpointer data)
{
  AwsCredentials *self = data;

  g_free (self->access_key_id);
  free_secret (self->secret);
  free_secret (self->session_token);
}

AwsCredentials *
aws_credentials_new (const char *access_key_id,
                     const char *secret_access_key,
                     const char *session_token)
{
  return aws_credentials_new_temporary (access_key_id, secret_access_key, session_token, 0);
}

AwsCredentials *
aws_credentials_new_temporary (const char *access_key_id,
                               const char *secret_access_key,
                               const char *session_token,
                               gint64      expires)
{
  AwsCredentials *self;

  g_return_val_if_fail (access_key_id != NULL, NULL);
  g_return_val_if_fail (secret_access_key != NULL, NULL);

  self = g_atomic_rc_box_new0 (AwsCredentials);
  self->access_key_id = g_strdup (access_key_id);
  self->secret = g_strdup (secret_access_key);
  self->session_token = session_token != NULL && *session_token != '\0' ? g_strdup (session_token) : NULL;
  self->expires = expires;
  return self;
}

AwsCredentials *
aws_credentials_new_from_environment (void)
{
  const char *access_key_id = g_getenv ("AWS_ACCESS_KEY_ID");
  const char *secret = g_getenv ("AWS_SECRET_ACCESS_KEY");

  if (access_key_id == NULL || *access_key_id == '\0' || secret == NULL || *secret == '\0')
    return NULL;
  return aws_credentials_new (access_key_id, secret, g_getenv ("AWS_SESSION_TOKEN"));
}

AwsCredentials *
aws_credentials_ref (AwsCredentials *self)
{
  return g_atomic_rc_box_acquire (self);
}

void
aws_credentials_unref (AwsCredentials *self)
{
  g_atomic_rc_box_release_full (self, aws_credentials_clear);
}

const char *
aws_credentials_get_access_key_id (AwsCredentials *self)
{
  return self->access_key_id;
}

const char *
aws_credentials_get_secret (AwsCredentials *self)
{
  return self->secret;
}

const char *
aws_credentials_get_session_token (AwsCredentials *self)
{
  return self->session_token;
}

gint64
aws_credentials_get_expires (AwsCredentials *self)
{
  return self->expires;
}
