/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

#define AWS_TYPE_CALL (aws_call_get_type ())

/**
 * AwsCall:
 *
 * One call that was made: what was asked, what was answered, how long it took. Secrets (secret keys, session tokens,
 * passwords, Authorization) are left out when it is made. Immutable.
 */
G_DECLARE_FINAL_TYPE (AwsCall, aws_call, AWS, CALL, GObject)

/* "sqs:CreateQueue"; "http:POST" for aws_client_http(), with the parameters method, url, headers and body. */
const char *aws_call_get_operation   (AwsCall *self);
JsonObject *aws_call_get_parameters  (AwsCall *self);   /* never NULL */
const char *aws_call_get_answer      (AwsCall *self);   /* the body, cut at 64 KiB, secrets blanked */
guint       aws_call_get_status      (AwsCall *self);   /* HTTP status, 0 where there was no answer */
const char *aws_call_get_error_code  (AwsCall *self);   /* "" where it succeeded, "Cancelled" where it was cancelled */
const char *aws_call_get_request_id  (AwsCall *self);
const char *aws_call_get_gateway_id  (AwsCall *self);   /* "" where no API Gateway answered: see aws_answer_gateway_id() */
guint       aws_call_get_attempts    (AwsCall *self);
gint64      aws_call_get_started     (AwsCall *self);   /* real time, microseconds since 1970 */
gint64      aws_call_get_duration    (AwsCall *self);   /* microseconds, all attempts and pauses */
/* The caller's own mark, from aws_call_log_set_subject(): the logical id the call was made for; "" where none. */
const char *aws_call_get_subject     (AwsCall *self);
/* (transfer full): a call that was written down earlier, from what was asked of it then; nothing is left out any more. */
AwsCall    *aws_call_restore         (const char *operation,
                                      JsonObject *parameters,
                                      guint       status,
                                      const char *error_code,
                                      const char *request_id,
                                      gint64      started,
                                      gint64      duration,
                                      const char *subject);
/* (transfer full): the same call as an `aws` command line, quoted for a POSIX shell; blobs become fileb:// placeholders. */
char       *aws_call_to_command_line (AwsCall    *self,
                                      const char *region,
                                      const char *endpoint);

#define AWS_TYPE_CALL_LOG (aws_call_log_get_type ())

/**
 * AwsCallLog:
 *
 * The last 2,000 calls, oldest first: a GListModel of AwsCall. Calls may be added from any thread;
 * "items-changed" is emitted in the main context in which the log was made.
 */
G_DECLARE_FINAL_TYPE (AwsCallLog, aws_call_log, AWS, CALL_LOG, GObject)

AwsCallLog *aws_call_log_new         (void);
/* Marks the calls that this thread makes from now on; NULL ends it. */
void        aws_call_log_set_subject (const char *subject);
/* (transfer none) (nullable): the last call that this thread made; good until it makes another one. */
AwsCall    *aws_call_log_get_last    (void);
/* The request id of the last call that this thread made; "" where there was none. */
const char *aws_call_log_get_request_id (void);

G_END_DECLS
