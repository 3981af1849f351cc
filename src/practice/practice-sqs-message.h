/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "practice-sqs-fault.h"

G_BEGIN_DECLS

/* Whether @body has only the characters that XML 1.0 allows, as SQS asks. */
gboolean practice_sqs_body_is_valid      (const char        *body);

/**
 * practice_sqs_attributes_check:
 * @attributes: (nullable): {name: {DataType, StringValue or BinaryValue}}, of any shape
 * @system: MessageSystemAttributes, of which there is only AWSTraceHeader
 * @bytes: (inout): grows by what the attributes count for
 *
 * SQS Developer Guide, "Message metadata for Amazon SQS".
 */
gboolean practice_sqs_attributes_check   (JsonObject        *attributes,
                                          gboolean           system,
                                          gsize             *bytes,
                                          PracticeSqsFault  *fault);
/* (transfer full) (nullable): MD5OfMessageAttributes; NULL where there are none. @attributes have been checked. */
char    *practice_sqs_attributes_digest  (JsonObject        *attributes);
/* Whether @text is a MessageGroupId or MessageDeduplicationId. */
gboolean practice_sqs_is_token           (const char        *text);

G_END_DECLS
