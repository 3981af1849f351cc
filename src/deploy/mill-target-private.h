/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mill-practice.h"
#include "mill-target.h"

G_BEGIN_DECLS

#define MILL_TARGET_STORED_PREFIX "account:"

struct _MillTarget
{
  GObject         parent_instance;

  MillTargetKind  kind;
  char           *spec;
  char           *region;
  char           *title;       /* of an endpoint that was named, or NULL */
  GMainContext   *context;

  /* Held while opening, which takes its time. */
  GMutex          open_mutex;
  MillPractice   *practice;
  GSource        *watch;

  /* Held for a moment. */
  GMutex          mutex;
  AwsClient      *client;
  GPtrArray      *clients;     /* every client there ever was: others may still be using them */
  const char     *account;     /* interned */
  const char     *arn;         /* interned */
  char           *invoke_url;  /* with {api}, {stage} and {path}, or NULL */
  const MillEndpointKind *endpoint;  /* or NULL */
};

/* The name in the keyring; NULL where the credentials are not from there. */
const char *mill_target_get_stored_name (MillTarget      *self);
/* From now on it is reached through a client for @endpoint; through the one that there is where the endpoint is the same. */
void        mill_target_put_client      (MillTarget      *self,
                                         const char      *endpoint,
                                         AwsCredentials  *credentials,
                                         const char      *invoke_url);
gboolean    mill_target_is_aws          (const char      *host);

/* mill-target-prepare.c: region and client as they follow from what it was named by, @region (nullable) before all else. Asks nobody. */
gboolean    mill_target_prepare         (MillTarget      *self,
                                         const char      *region,
                                         GError         **error);

/* mill-target-credentials.c, an AwsRefreshFunc: first what is new where the credentials came from, then the user. */
AwsCredentials *mill_target_on_expired  (AwsClient       *client,
                                         AwsCredentials  *old,
                                         const GError    *trouble,
                                         GCancellable    *cancellable,
                                         GError         **error,
                                         gpointer         data);

G_END_DECLS
