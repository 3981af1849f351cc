/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "aws-call-log.h"

G_BEGIN_DECLS

/**
 * AwsCallRecord:
 * @answer: (nullable): the body; what is secret in it is taken out when the AwsCall is made
 * @error: (nullable): how the call failed
 *
 * What is known of a call when it ends. Nothing is owned.
 */
typedef struct {
  const char   *operation;
  JsonObject   *parameters;
  GBytes       *answer;
  guint         status;
  const GError *error;
  const char   *request_id;
  const char   *gateway_id;
  guint         attempts;
  gint64        started;
  gint64        duration;
  const char   *subject;
} AwsCallRecord;

AwsCall    *aws_call_new             (const AwsCallRecord *record);
/* (transfer none): the mark that this thread's calls bear, "" for none. */
const char *aws_call_log_get_subject (void);
void        aws_call_log_add         (AwsCallLog          *self,
                                      AwsCall             *call);

/* (transfer full): a copy of @object without what is secret, and with code blobs replaced by their size. */
JsonObject *aws_redact_parameters    (JsonObject          *object);
/* (transfer full): the text of @body, at most 64 KiB, without what is secret. */
char       *aws_redact_answer        (GBytes              *body);

G_END_DECLS
