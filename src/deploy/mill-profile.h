/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "aws-credentials.h"

G_BEGIN_DECLS

/**
 * MillProfile:
 *
 * A named profile of the AWS CLI's files (AWS SDKs and Tools Reference Guide, "Shared config and credentials files"):
 * ~/.aws/credentials and ~/.aws/config, or what AWS_SHARED_CREDENTIALS_FILE and AWS_CONFIG_FILE name. Static keys only.
 */
typedef struct {
  AwsCredentials *credentials;
  char           *region;      /* or NULL */
  char           *endpoint;    /* endpoint_url, or NULL */
} MillProfile;

void         mill_profile_free  (MillProfile  *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MillProfile, mill_profile_free)

/* The keys of the environment go before those of the profile "default". NULL with AWS_ERROR_CREDENTIALS. */
MillProfile *mill_profile_load  (const char   *name,
                                 GError      **error);
/*
 * (transfer full): key → value of the section of @name in a file's text: "[profile NAME]" (also "[default]") in config, "[NAME]" in
 * credentials. NULL where there is none. Indented lines belong to the key above and are left out.
 */
GHashTable  *mill_profile_parse (const char   *text,
                                 const char   *name,
                                 gboolean      config);

G_END_DECLS
