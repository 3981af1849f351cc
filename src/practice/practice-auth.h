/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "aws-signer.h"
#include "practice-iam-private.h"

G_BEGIN_DECLS

/**
 * PracticeSignature:
 *
 * What an Authorization header of Signature Version 4 says.
 */
typedef struct {
  char  *access_key_id;
  char  *scope;            /* "20150830/us-east-1/sqs/aws4_request" */
  char  *date;
  char  *region;
  char  *service;
  char **signed_headers;   /* lower-case */
  char  *signature;
} PracticeSignature;

/**
 * practice_signature_parse:
 *
 * Returns: (transfer full): the header's parts; NULL with AWS's sentence in @message where it is not complete
 */
PracticeSignature *practice_signature_parse (const char         *authorization,
                                             char              **message);
void               practice_signature_free  (PracticeSignature  *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PracticeSignature, practice_signature_free)

/**
 * PracticeAuthFailure:
 *
 * Why a request is refused before anybody looks at it: its code in the query protocol and in the others, and AWS's sentence.
 */
typedef struct {
  const char *query_code;
  const char *code;
  char       *message;
} PracticeAuthFailure;

/**
 * practice_auth_check:
 * @signature: of @request
 * @now: seconds since 1970
 *
 * Checks key, session token, date and signature as in the IAM User Guide, "AWS Signature Version 4 for API requests".
 *
 * Returns: (transfer full): who signed; NULL with @failure filled in
 */
PracticePrincipal *practice_auth_check      (PracticeIam             *iam,
                                             const PracticeSignature *signature,
                                             const AwsSigningRequest *request,
                                             gint64                   now,
                                             PracticeAuthFailure     *failure);
/* The failure of a request without a signature. */
void               practice_auth_missing    (PracticeAuthFailure     *failure);
/* The failure of a request whose Authorization header is broken; takes @message. */
void               practice_auth_incomplete (PracticeAuthFailure     *failure,
                                             char                    *message);

G_END_DECLS
