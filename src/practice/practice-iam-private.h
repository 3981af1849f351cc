/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "aws-signer.h"
#include "practice-policy.h"
#include "practice-server.h"

G_BEGIN_DECLS

/* What an access key signed with last: deriving it takes most of the time that checking a signature takes. */
typedef struct {
  char   *scope;
  guint8  key[AWS_SIGNING_KEY_LENGTH];
} PracticeSigningKey;

/**
 * PracticeKey:
 *
 * An access key that signs. In memory only: neither secrets nor sessions are written anywhere.
 */
typedef struct {
  AwsCredentials     *credentials;
  PracticePrincipal  *principal;
  PracticeSigningKey *signing;
  char               *user;      /* the user's name, or NULL */
  gint64              expires;   /* seconds since 1970, or 0 */
  gint64              created;
  gboolean            inactive;
} PracticeKey;

/* Makes its tables, and a key for the account itself. Does not own @server. */
PracticeIam       *practice_iam_new         (PracticeServer *server);
AwsCredentials    *practice_iam_get_root    (PracticeIam    *self);
/* NULL where it is unknown or inactive. An expired session's key is known for a while, so that it can be told apart. */
const PracticeKey *practice_iam_lookup_key  (PracticeIam    *self,
                                             const char     *access_key_id);
/* Makes a key known. Returns: (transfer none) */
PracticeKey       *practice_iam_add_key     (PracticeIam       *self,
                                             AwsCredentials    *credentials,
                                             PracticePrincipal *principal,
                                             const char        *user,
                                             gint64             expires);
/* (transfer full): a unique id as IAM makes them: "AROA" and 17 characters. */
char              *practice_iam_new_id      (const char     *prefix);
/* (transfer full): a new key with a secret; @prefix: "AKIA", or "ASIA" for sessions, which have a token. */
AwsCredentials    *practice_iam_new_credentials (const char *prefix,
                                             gboolean        with_token);
/* What the identity policies of a user or role say. */
PracticeVerdict    practice_iam_evaluate_identity (PracticeIam   *self,
                                             PracticePrincipal *principal,
                                             const char        *action,
                                             const char        *resource,
                                             JsonObject        *context);
/* (transfer full) (nullable): the user or role (as a session of it) with this ARN. */
PracticePrincipal *practice_iam_get_principal (PracticeIam      *self,
                                             const char        *arn);
/*
 * What the trust policy of @role_arn says to sts:AssumeRole by @principal. NONE as well where there is no such role.
 * @account: (out): whether it leaves the decision to the account's own policies
 */
PracticeVerdict    practice_iam_evaluate_trust (PracticeIam     *self,
                                             const char        *role_arn,
                                             PracticePrincipal *principal,
                                             JsonObject        *context,
                                             gboolean          *account);
/* The longest session that @role_arn takes, in seconds; 0 where there is no such role. */
gint64             practice_iam_get_max_session (PracticeIam    *self,
                                             const char        *role_arn);

G_END_DECLS
