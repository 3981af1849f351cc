/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "aws-http.h"
#include "aws-operation.h"

G_BEGIN_DECLS

/* The result of @operation; NULL with AWS_ERROR where the service refused or the answer cannot be understood. */
JsonObject *aws_answer_read       (const AwsOperation   *operation,
                                   const AwsHttpAnswer  *answer,
                                   GError              **error);
/* (transfer full): the service's own error out of an answer with an error status, whatever its protocol. */
GError     *aws_answer_read_error (const AwsHttpAnswer  *answer);
/* (transfer full): the request id, "" where there is none. */
char       *aws_answer_request_id (const AwsHttpAnswer  *answer);
/* (nullable): API Gateway's own id of a request, which a mapping template knows as $context.extendedRequestId; of any other answer NULL. */
const char *aws_answer_gateway_id (const AwsHttpAnswer  *answer);

G_END_DECLS
