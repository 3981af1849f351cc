/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

#include "aws-call-log.h"
#include "aws-credentials.h"
#include "aws-error.h"

G_BEGIN_DECLS

#define AWS_TYPE_CLIENT (aws_client_get_type ())

/**
 * AwsClient:
 *
 * Calls AWS operations on one region with one set of credentials, on AWS itself or on one endpoint that
 * answers for every service. Safe to use from several threads at once; every thread keeps its own connections.
 *
 * An operation is named "service:Operation" ("sqs:CreateQueue"); the services are those of botocore:
 * iam sts sqs sns dynamodb dynamodbstreams lambda apigateway logs resourcegroupstaggingapi.
 * Parameters and results are JSON with the API's own member names, as boto3 shows them: blobs are base64
 * strings, timestamps are numbers (seconds since 1970), list and map members are arrays and objects whatever the wire
 * protocol; IAM's policy documents are texts in parameters and decoded objects in results. lambda:Invoke's Payload is the
 * JSON text itself, both ways. Parameters that are null count as left out. Throttling, 5xx, resets and time-outs are retried with full jitter; calls are paced per action.
 */
G_DECLARE_FINAL_TYPE (AwsClient, aws_client, AWS, CLIENT, GObject)

/* @endpoint: "http://127.0.0.1:4566", or NULL for AWS. @credentials: NULL only for calls that need none. */
AwsClient      *aws_client_new             (const char     *region,
                                            const char     *endpoint,
                                            AwsCredentials *credentials);
const char     *aws_client_get_region      (AwsClient *self);
const char     *aws_client_get_endpoint    (AwsClient *self);
/* (transfer none) (nullable): good for the life of the client, also when they are replaced meanwhile. */
AwsCredentials *aws_client_get_credentials (AwsClient *self);
/* Replaces expired credentials; calls already under way keep the old ones. */
void            aws_client_set_credentials (AwsClient      *self,
                                            AwsCredentials *credentials);
/**
 * AwsRefreshFunc:
 * @old: (nullable): the credentials that have expired, or soon will
 * @trouble: (nullable): what the service said of them; NULL where only their time is up
 *
 * Gets new credentials, which may take as long as somebody needs to type them: blocks. Any thread, one at a time for a client.
 *
 * Returns: (transfer full): new credentials; NULL with an error, with which the call fails
 */
typedef AwsCredentials *(*AwsRefreshFunc) (AwsClient       *client,
                                           AwsCredentials  *old,
                                           const GError    *trouble,
                                           GCancellable    *cancellable,
                                           GError         **error,
                                           gpointer         user_data);
/* Calls whose credentials have expired wait for new ones and go on, instead of failing. Set it before the first call. */
void            aws_client_set_refresh     (AwsClient       *self,
                                            AwsRefreshFunc   func,
                                            gpointer         user_data);
/* Seconds that the service's clock is ahead of this computer's, as far as that was noticed: 0 while signatures are taken. */
gint64          aws_client_get_skew        (AwsClient *self);
/*
 * How many seconds an answer may keep us waiting, 60 where this is not called; lambda:Invoke has 15 minutes and
 * is not tried again. Set it before the first call.
 */
void            aws_client_set_timeout     (AwsClient *self,
                                            guint      seconds);
/*
 * How often a call is tried that fails for a while, AWS_MAX_ATTEMPTS or 5 where this is not called. With 1, nothing is asked behind the caller's back
 * but for a clock that is wrong, which is noticed once, and for a connection that was closed while a call was sent. Set it before the first call.
 */
void            aws_client_set_attempts    (AwsClient *self,
                                            guint      attempts);
/* The log of every call made; owned by the client. */
AwsCallLog     *aws_client_get_call_log    (AwsClient *self);

/* How many milliseconds a call of @operation would wait now before it is sent, because AWS lets an account do it only so often. */
guint           aws_client_get_pause       (AwsClient  *self,
                                            const char *operation);

/**
 * aws_client_call:
 * @operation: "service:Operation"
 * @parameters: (nullable) (transfer none): the parameters, which no other thread may be using meanwhile (see
 *   aws_json_copy_object())
 *
 * Calls and waits for the answer. Blocks: never on the main thread of a window.
 *
 * Returns: (transfer full): the result, an empty object where the operation has none; NULL with an error of
 *   AWS_ERROR or G_IO_ERROR_CANCELLED
 */
JsonObject     *aws_client_call            (AwsClient     *self,
                                            const char    *operation,
                                            JsonObject    *parameters,
                                            GCancellable  *cancellable,
                                            GError       **error);

/* The same, in another thread and with a copy of @parameters; answered in the caller's main context. */
void            aws_client_call_async      (AwsClient           *self,
                                            const char          *operation,
                                            JsonObject          *parameters,
                                            GCancellable        *cancellable,
                                            GAsyncReadyCallback  callback,
                                            gpointer             user_data);
JsonObject     *aws_client_call_finish     (AwsClient     *self,
                                            GAsyncResult  *result,
                                            GError       **error);

/**
 * aws_client_collect:
 *
 * Calls a paginated operation until its last page and joins the list that it pages over.
 *
 * Returns: (transfer full): every item of every page; NULL with an error
 */
JsonArray      *aws_client_collect         (AwsClient     *self,
                                            const char    *operation,
                                            JsonObject    *parameters,
                                            GCancellable  *cancellable,
                                            GError       **error);

/**
 * AwsWait:
 * @AWS_WAIT_AGAIN: not yet; ask again
 * @AWS_WAIT_DONE: it is as it should be
 * @AWS_WAIT_FAILED: it will never be so
 *
 * What an AwsWaitCheck made of an answer.
 */
typedef enum {
  AWS_WAIT_AGAIN,
  AWS_WAIT_DONE,
  AWS_WAIT_FAILED,
} AwsWait;

/**
 * AwsWaitCheck:
 * @result: (nullable): what the operation answered; NULL where it failed
 * @error: (nullable): why it failed; NULL where it answered
 * @failure: (out) (optional): with AWS_WAIT_FAILED, why; left unset, the wait fails with @error
 *
 * Looks at one answer of a wait. Deleted things are waited for by answering AWS_WAIT_DONE to
 * their "not found", AWS_WAIT_AGAIN to a @result and AWS_WAIT_FAILED to any other @error.
 */
typedef AwsWait (*AwsWaitCheck) (JsonObject    *result,
                                 const GError  *error,
                                 GError       **failure,
                                 gpointer       user_data);

/**
 * aws_client_wait:
 * @first_ms: pause before the second question; doubles up to @most_ms
 * @timeout_ms: when to give up with AWS_ERROR_TIMEOUT
 *
 * Asks the same question until @check is content. Blocks, cancellable. A cancelled call ends the wait without
 * asking @check.
 *
 * Returns: (transfer full): the last result (an empty object where the last answer was an error); NULL with an error
 */
JsonObject     *aws_client_wait            (AwsClient     *self,
                                            const char    *operation,
                                            JsonObject    *parameters,
                                            guint          first_ms,
                                            guint          most_ms,
                                            guint          timeout_ms,
                                            AwsWaitCheck   check,
                                            gpointer       user_data,
                                            GCancellable  *cancellable,
                                            GError       **error);

/**
 * aws_client_http:
 *
 * A plain request that belongs to no AWS operation: the gateway's invoke URL (@service NULL, unsigned), or one signed
 * for @service. It is logged, but not retried. An HTTP error status is not a GError here.
 *
 * Returns: (transfer full): {"status": n, "headers": {lower-case name: value}, "body": text}; NULL with an error
 */
JsonObject     *aws_client_http            (AwsClient          *self,
                                            const char         *service,
                                            const char         *method,
                                            const char         *url,
                                            const char *const  *headers,
                                            const char         *body,
                                            GCancellable       *cancellable,
                                            GError            **error);

G_END_DECLS
