/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

#include "aws-credentials.h"

G_BEGIN_DECLS

/**
 * MillStored:
 *
 * Credentials with a name, without their secrets: those are in the Secret Service, and come from there with mill_keyring_load().
 */
typedef struct {
  char     *name;
  char     *region;       /* or "" */
  char     *account;      /* or "" */
  char     *arn;          /* or "" */
  gint64    expires;      /* seconds since 1970, 0 where they do not or it is not known */
  gboolean  kept;         /* FALSE: for this run only */
} MillStored;

void        mill_stored_free      (MillStored      *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MillStored, mill_stored_free)

/*
 * Everything here blocks, for as long as the user takes to unlock the keyring: for threads and terminals.
 *
 * Keeps @credentials under @stored->name, in the place of those of that name. Where there is no secret service they are kept in memory until the
 * program ends, and *@notice (transfer full) is a sentence that says so. FALSE with a sentence where the keyring is locked and stays so.
 */
gboolean    mill_keyring_save     (const MillStored  *stored,
                                   AwsCredentials    *credentials,
                                   char             **notice,
                                   GCancellable      *cancellable,
                                   GError           **error);
/* (transfer full) (element-type MillStored): by name. Nothing is unlocked. An empty array where there is no secret service. */
GPtrArray  *mill_keyring_list     (GCancellable      *cancellable,
                                   GError           **error);
/* (transfer full): NULL with AWS_ERROR_CREDENTIALS where there are none of that name, or the keyring stays locked. */
AwsCredentials *mill_keyring_load (const char        *name,
                                   GCancellable      *cancellable,
                                   GError           **error);
/* TRUE also where there were none. */
gboolean    mill_keyring_delete   (const char        *name,
                                   GCancellable      *cancellable,
                                   GError           **error);
/* Gives the credentials named @name the name @to, which none may have. What was built with them asks for them by the old one. */
gboolean    mill_keyring_rename   (const char        *name,
                                   const char        *to,
                                   GCancellable      *cancellable,
                                   GError           **error);
/*
 * What a sign-in of IAM Identity Center is kept as, a text: NULL where there is none, or no keyring. The text of load is freed with
 * secret_password_free().
 */
char       *mill_keyring_load_sign_in (const char    *start_url,
                                   GCancellable      *cancellable);
void        mill_keyring_save_sign_in (const char    *start_url,
                                   const char        *text,
                                   GCancellable      *cancellable);
/* NULL, or a sentence on what is wrong with @name ("" and "practice" are no names, nor is what looks like an URL). */
char       *mill_keyring_check_name (const char      *name);

G_END_DECLS
