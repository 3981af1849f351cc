/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "aws-credentials.h"

G_BEGIN_DECLS

/**
 * AwsSigningRequest:
 * @method: "GET", "POST", …
 * @path: the path as it is on the wire (percent-encoded), "/" at least
 * @query: the query as it is on the wire, without "?", or NULL
 * @headers: name, value, name, value, …, NULL; names in any case, repeated names allowed
 * @payload_sha256: lower-case hex SHA-256 of the body, or "UNSIGNED-PAYLOAD"
 *
 * What Signature Version 4 signs. Nothing is owned.
 */
typedef struct {
  const char         *method;
  const char         *path;
  const char         *query;
  const char *const  *headers;
  const char         *payload_sha256;
} AwsSigningRequest;

/* Lower-case hex SHA-256 of @length bytes of @data (-1: a string). */
char *aws_signer_sha256             (const void *data,
                                     gssize      length);

/* Percent-encodes all but A-Z a-z 0-9 - _ . ~ (and "/" where @keep_slash). */
char *aws_signer_uri_encode         (const char *text,
                                     gboolean    keep_slash);

/*
 * @signed_headers: lower-case names, sorted, NULL-terminated.
 * @service: "s3" encodes the path once and does not normalise it; every other service's
 * path is normalised and encoded again.
 */
char *aws_signer_canonical_request  (const AwsSigningRequest *request,
                                     const char *const       *signed_headers,
                                     const char              *service);

/* @amz_date: "20150830T123600Z"; @scope: "20150830/us-east-1/sqs/aws4_request". */
char *aws_signer_string_to_sign     (const char *amz_date,
                                     const char *scope,
                                     const char *canonical_request);

#define AWS_SIGNING_KEY_LENGTH 32

/* The key for @scope, 32 bytes, derived from @secret; it may be used again for the same scope. */
void  aws_signer_derive_key         (const char *secret,
                                     const char *scope,
                                     guint8     *key);

/* Lower-case hex signature with such a key. */
char *aws_signer_sign               (const guint8 *key,
                                     const char   *string_to_sign);

/* Lower-case hex signature with the key derived from @secret for @scope. */
char *aws_signer_signature          (const char *secret,
                                     const char *scope,
                                     const char *string_to_sign);

/*
 * The whole Authorization header. Signs every header in @request->headers, which must hold Host and
 * X-Amz-Date (and X-Amz-Security-Token where @credentials have a token).
 */
char *aws_signer_authorization      (const AwsSigningRequest *request,
                                     AwsCredentials          *credentials,
                                     const char              *region,
                                     const char              *service,
                                     const char              *amz_date);

/* Compares in time that does not depend on where the texts differ. */
gboolean aws_signer_equal           (const char *a,
                                     const char *b);

G_END_DECLS
