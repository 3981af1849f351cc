/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "aws-client.h"
#include "aws-http.h"
#include "aws-operation.h"

G_BEGIN_DECLS

/* What the files of AwsClient share. */

struct _AwsClient {
  GObject         parent_instance;

  char           *region;
  char           *endpoint;
  guint           max_attempts;
  guint           seconds;
  AwsCallLog     *log;
  AwsRefreshFunc  refresh;
  gpointer        refresh_data;
  GMutex          refresh_mutex; /* held while new credentials are got */

  GMutex          mutex;         /* guards those below */
  AwsCredentials *credentials;
  GPtrArray      *replaced;      /* earlier credentials, which somebody may still hold */
  gint64          skew;          /* seconds that AWS's clock is ahead of ours */
};

/* One attempt after another at the same call, and what came of them. */
typedef struct {
  AwsHttpAnswer *answer;
  guint          attempts;
  gint64         started;
  gint64         begun;
  gint64         skew;      /* that the last one was signed with */
} AwsAttempts;

void            aws_attempts_clear        (AwsAttempts         *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AwsAttempts, aws_attempts_clear)

/* In aws-client.c: puts what was called, and what came of it, into the log. @error: (nullable) */
void            aws_client_log_call       (AwsClient           *self,
                                           const char          *operation,
                                           JsonObject          *parameters,
                                           AwsAttempts         *attempts,
                                           const GError        *error);

/* In aws-client-attempt.c */

/* (transfer full) (nullable): the credentials as they are now; @skew: (out): what aws_client_service_time() is to be told. */
AwsCredentials *aws_client_ref_credentials (AwsClient          *self,
                                           gint64              *skew);
/* Seconds since 1970 by the service's clock. */
gint64          aws_client_service_time   (gint64               skew);
/* (transfer full): the errors of a call without credentials, and of one to what is no URL. */
GError         *aws_client_no_credentials (const char          *what);
GError         *aws_client_bad_endpoint   (const char          *base);
/*
 * Calls, again where that helps, with new credentials where those expired.
 * Returns: (transfer full): the result; NULL with an error. What came last stays in @attempts either way.
 */
JsonObject     *aws_client_try            (AwsClient           *self,
                                           const AwsOperation  *operation,
                                           JsonObject          *parameters,
                                           AwsAttempts         *attempts,
                                           GCancellable        *cancellable,
                                           GError             **error);

G_END_DECLS
