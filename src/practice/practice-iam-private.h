/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "practice-server.h"

G_BEGIN_DECLS

/**
 * PracticeKey:
 *
 * An access key that signs. In memory only: neither secrets nor sessions are written anywhere.
 */
typedef struct {
  AwsCredentials    *credentials;
  PracticePrincipal *principal;
  char              *user;      /* the user's name, or NULL */
  gint64             expires;   /* seconds since 1970, or 0 */
  gint64             created;
  gboolean           inactive;
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

G_END_DECLS
