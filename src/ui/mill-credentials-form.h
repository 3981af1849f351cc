/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "aws-credentials.h"

G_BEGIN_DECLS

#define MILL_TYPE_CREDENTIALS_FORM (mill_credentials_form_get_type ())

/**
 * MillCredentialsForm:
 *
 * The ways in which credentials come into the window: a pasted block, typed keys, a profile of a file, a sign-in at IAM Identity Center. What
 * is secret in it is never shown unless it is asked for, cannot be undone or copied, and goes with mill_credentials_form_clear().
 *
 * Property "complete": whether there is something to take. Signal "activated": Enter in a field.
 */
G_DECLARE_FINAL_TYPE (MillCredentialsForm, mill_credentials_form, MILL, CREDENTIALS_FORM, AdwBin)

GtkWidget      *mill_credentials_form_new         (void);
gboolean        mill_credentials_form_is_complete (MillCredentialsForm  *self);
/**
 * mill_credentials_form_take_async:
 *
 * The credentials that were entered. A profile's role and a sign-in ask AWS, and may ask the user (MillQuestion).
 */
void            mill_credentials_form_take_async  (MillCredentialsForm  *self,
                                                   GCancellable         *cancellable,
                                                   GAsyncReadyCallback   callback,
                                                   gpointer              user_data);
/* (transfer full): NULL with a sentence. @region: (out) (optional) (nullable) (transfer full): the one that came with them. */
AwsCredentials *mill_credentials_form_take_finish (GAsyncResult         *result,
                                                   char                **region,
                                                   GError              **error);
/* Forgets what was entered. */
void            mill_credentials_form_clear       (MillCredentialsForm  *self);
void            mill_credentials_form_focus       (MillCredentialsForm  *self);

G_END_DECLS
