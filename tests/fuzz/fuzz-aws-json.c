/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Foreign JSON: whatever is read can be written. Parameters of any form make a request or an error, and can be logged. */
#include <stdint.h>

#include "aws/aws-call-private.h"
#include "aws/aws-json.h"
#include "aws/aws-request.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
build (JsonObject *parameters)
{
  static const char *const operations[] = { "sns:Publish", "sqs:SendMessage", "lambda:Invoke", "apigateway:PutIntegration" };
  g_autoptr (JsonObject) redacted = aws_redact_parameters (parameters);

  for (guint i = 0; i < G_N_ELEMENTS (operations); i++) {
    const AwsOperation *operation = aws_operation_find (operations[i]);
    AwsCallRecord record = { .operation = operations[i], .parameters = parameters };
    g_autoptr (AwsCall) call = aws_call_new (&record);
    g_autofree char *line = aws_call_to_command_line (call, "us-east-1", NULL);
    g_autoptr (AwsRequest) request = aws_request_build (operation, parameters, NULL);
  }
}

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  g_autoptr (JsonNode) node = aws_json_parse ((const char *) data, (gssize) size, NULL);
  g_autofree char *text = NULL;

  if (node == NULL)
    return 0;
  text = aws_json_to_text (node);
  if (JSON_NODE_HOLDS_OBJECT (node))
    build (json_node_get_object (node));
  return 0;
}
