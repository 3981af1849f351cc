/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "aws-credentials.h"

G_BEGIN_DECLS

/**
 * MillSso:
 * @title: what the user calls it: the profile
 *
 * Where to sign in at IAM Identity Center, and as what (AWS CLI User Guide, "Configuring IAM Identity Center authentication"). Nothing is owned.
 */
typedef struct {
  const char *title;
  const char *start_url;
  const char *region;
  const char *account_id;
  const char *role_name;
} MillSso;

/**
 * mill_sso_get_credentials:
 *
 * The role's credentials, with a sign-in that is still good, a refreshed one, or a new one: then the user is asked (MILL_QUESTION_SIGN_IN) to open a
 * page and compare a code. The sign-in is kept in the keyring, and in memory. Blocks.
 *
 * AWS_ENDPOINT_URL_SSO and AWS_ENDPOINT_URL_SSO_OIDC are respected.
 *
 * Returns: (transfer full): NULL with AWS_ERROR_* or G_IO_ERROR_CANCELLED
 */
AwsCredentials *mill_sso_get_credentials (const MillSso  *sso,
                                          GCancellable   *cancellable,
                                          GError        **error);

G_END_DECLS
