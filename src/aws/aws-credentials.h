/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

#define AWS_TYPE_CREDENTIALS (aws_credentials_get_type ())

/**
 * AwsCredentials:
 *
 * An access key, its secret and, for temporary credentials, a session token.
 * Immutable, reference counted, safe to share between threads; the secret parts
 * are overwritten when the last reference goes.
 */
typedef struct _AwsCredentials AwsCredentials;

GType           aws_credentials_get_type          (void);
AwsCredentials *aws_credentials_new               (const char     *access_key_id,
                                                   const char     *secret_access_key,
                                                   const char     *session_token);
/* The same with the time at which they end, in seconds since 1970; 0 where it is not known or they do not end. */
AwsCredentials *aws_credentials_new_temporary     (const char     *access_key_id,
                                                   const char     *secret_access_key,
                                                   const char     *session_token,
                                                   gint64          expires);
/* From AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN; NULL where they are not set. */
AwsCredentials *aws_credentials_new_from_environment (void);
AwsCredentials *aws_credentials_ref               (AwsCredentials *self);
void            aws_credentials_unref             (AwsCredentials *self);
const char     *aws_credentials_get_access_key_id (AwsCredentials *self);
const char     *aws_credentials_get_secret        (AwsCredentials *self);
const char     *aws_credentials_get_session_token (AwsCredentials *self);
gint64          aws_credentials_get_expires       (AwsCredentials *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (AwsCredentials, aws_credentials_unref)

G_END_DECLS
