/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "aws-credentials.h"

G_BEGIN_DECLS

/* The longest block that is looked at; session tokens have no documented limit, and are about 1 KiB. */
#define AWS_CREDENTIALS_TEXT_MAX (64 * 1024)

/**
 * aws_credentials_parse:
 * @text: what somebody pasted; need not end with a zero
 * @length: its length in bytes, -1 where it ends with a zero
 * @now: seconds since 1970, against which an expiry is held
 * @region: (out) (optional) (nullable) (transfer full): the region that the block names
 * @profile: (out) (optional) (nullable) (transfer full): the name in its [section]
 *
 * Reads credentials in the forms in which AWS shows them (AWS access portal, "Command line or programmatic access"; AWS Academy, "AWS CLI"):
 * a section of ~/.aws/credentials with or without its [name], `export` lines, PowerShell's `$Env:` lines, `set` lines of the Windows
 * command prompt, and the JSON of sts, sso, iam create-access-key and credential_process. Blanks, line ends of any kind, quotes, a byte
 * order mark and a token that was broken into lines do not matter.
 *
 * Returns: (transfer full): the credentials; NULL with AWS_ERROR_CREDENTIALS, whose message is a sentence without any part of @text
 */
AwsCredentials *aws_credentials_parse (const char  *text,
                                       gssize       length,
                                       gint64       now,
                                       char       **region,
                                       char       **profile,
                                       GError     **error);

G_END_DECLS
