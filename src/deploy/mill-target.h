/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "aws-client.h"
#include "mill-endpoint.h"

G_BEGIN_DECLS

typedef enum {
  MILL_TARGET_PRACTICE,
  MILL_TARGET_ACCOUNT,     /* AWS: a profile's or stored credentials and a region */
  MILL_TARGET_ENDPOINT,    /* another endpoint, by URL */
} MillTargetKind;

#define MILL_TYPE_TARGET (mill_target_get_type ())

/**
 * MillTarget:
 *
 * Where a deployment is built. Opening it makes sure that it answers: the practice cloud is started where it does not run yet (and shared with
 * other windows and terminals of the same user), the account is asked for.
 */
G_DECLARE_FINAL_TYPE (MillTarget, mill_target, MILL, TARGET, GObject)

/*
 * @spec: "practice", "practice:aws" for one of its own that is as slow, late and strict as AWS, a URL, "endpoint:NAME" for an endpoint that was
 * named (MillEndpoint; the target then is its URL, which the ledger keeps), "account:NAME" for credentials in the keyring (MillStored), or the
 * name of a profile. @region: NULL for the target's default.
 */
MillTarget     *mill_target_new             (const char           *spec,
                                             const char           *region,
                                             GError              **error);
/* The same for a target of which the ledger tells: where it cannot be used any more (a profile that is gone), opening it says so. */
MillTarget     *mill_target_new_lazily      (const char           *spec,
                                             const char           *region);
/* AWS with credentials that are not kept yet: "account:NAME". Once opened they are known to be good, and mill_target_store() keeps them. */
MillTarget     *mill_target_new_with_credentials (const char      *name,
                                             const char           *region,
                                             AwsCredentials       *credentials,
                                             GError              **error);
/* Keeps the credentials in the keyring under the target's name. @notice, errors: as for mill_keyring_save(). Blocks. */
gboolean        mill_target_store           (MillTarget           *self,
                                             char                **notice,
                                             GCancellable         *cancellable,
                                             GError              **error);
MillTargetKind  mill_target_get_kind        (MillTarget           *self);
const char     *mill_target_get_spec        (MillTarget           *self);
const char     *mill_target_get_region      (MillTarget           *self);
/* "Practice cloud", "default", the name of an endpoint or "http://127.0.0.1:5000": for people. */
const char     *mill_target_get_title       (MillTarget           *self);
/* What answers there: NULL where it is no other endpoint (MILL_TARGET_ENDPOINT), or until opened. */
const MillEndpointKind *mill_target_get_endpoint_kind (MillTarget *self);
/* NULL until opened. */
const char     *mill_target_get_account     (MillTarget           *self);
/* NULL until opened: who the credentials are. */
const char     *mill_target_get_arn         (MillTarget           *self);
/* (transfer full): NULL, or a sentence that the user should read: these are the root user's keys, the computer's clock is wrong. Once opened. */
char           *mill_target_dup_warning     (MillTarget           *self);
/* When the credentials end, in seconds since 1970; 0 where they do not, or it is not known. */
gint64          mill_target_get_expires     (MillTarget           *self);
AwsClient      *mill_target_get_client      (MillTarget           *self);
/*
 * (transfer full): another one with a log of its own, for what goes on in the background: NULL until opened. Where the credentials have expired it
 * takes new ones from where they came, or those that the target has by now, and never asks the user for them.
 */
AwsClient      *mill_target_make_client     (MillTarget           *self);
/* (transfer full): the URL that calls @path ("/" at least) of a deployed stage. */
char           *mill_target_get_invoke_url  (MillTarget           *self,
                                             const char           *api_id,
                                             const char           *stage,
                                             const char           *path);
/* Blocks; for threads and terminals. */
gboolean        mill_target_open            (MillTarget           *self,
                                             GCancellable         *cancellable,
                                             GError              **error);
void            mill_target_open_async      (MillTarget           *self,
                                             GCancellable         *cancellable,
                                             GAsyncReadyCallback   callback,
                                             gpointer              user_data);
gboolean        mill_target_open_finish     (MillTarget           *self,
                                             GAsyncResult         *result,
                                             GError              **error);
/* Emits "lost" (one string: a sentence) when the practice process ends by itself; opening again restarts it. */

G_END_DECLS
