/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "aws-credentials.h"

G_BEGIN_DECLS

/**
 * MillProfile:
 *
 * A named profile of the AWS CLI's files (AWS SDKs and Tools Reference Guide, "Shared config and credentials files"):
 * ~/.aws/credentials and ~/.aws/config, or what AWS_SHARED_CREDENTIALS_FILE and AWS_CONFIG_FILE name.
 */
typedef struct {
  char           *name;
  AwsCredentials *credentials; /* its own keys, or NULL: then mill_profile_get_credentials() gets some */
  GHashTable     *values;      /* key → value, of both files */
  char           *region;      /* or NULL */
  char           *endpoint;    /* endpoint_url, or NULL */
  char           *text;        /* the file that it was read from, where it is none of those two; other profiles are in it too */
} MillProfile;

void         mill_profile_free  (MillProfile  *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MillProfile, mill_profile_free)

/**
 * mill_profile_get_credentials:
 *
 * The credentials that the profile stands for: its keys; those of a role that it assumes from its source_profile, with a code of an MFA device where it
 * wants one; those of a role at IAM Identity Center; or what its credential_process prints. May ask the user (MillQuestion). Blocks.
 *
 * Returns: (transfer full): NULL with a sentence
 */
AwsCredentials *mill_profile_get_credentials (MillProfile   *self,
                                              GCancellable  *cancellable,
                                              GError       **error);
/* The keys of the environment go before those of the profile "default". NULL with AWS_ERROR_CREDENTIALS. */
MillProfile *mill_profile_load  (const char   *name,
                                 GError      **error);
/* The same from the text of one of those files, wherever it was: which of both it is shows in its sections. */
MillProfile *mill_profile_load_text (const char *name,
                                 const char   *text,
                                 GError      **error);
/* Another profile of where @self came from. */
MillProfile *mill_profile_load_beside (MillProfile *self,
                                 const char   *name,
                                 GError      **error);
/* (transfer full): the names of all profiles of both files, in their order. */
char       **mill_profile_list   (void);
/* (transfer full): those in the text of one such file. */
char       **mill_profile_list_text (const char *text);
/* (transfer full): the values of "[sso-session NAME]" beside @self; NULL where there is none. */
GHashTable  *mill_profile_load_sso_session (MillProfile *self,
                                 const char   *name);
/*
 * (transfer full): key → value of the section of @name in a file's text: "[profile NAME]" (also "[default]") in config, "[NAME]" in
 * credentials. NULL where there is none. Indented lines belong to the key above and are left out.
 */
GHashTable  *mill_profile_parse (const char   *text,
                                 const char   *name,
                                 gboolean      config);

G_END_DECLS
