/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Answers of AWS: "status class, operation, body". Results, errors, request ids and what the log hides. */
#include <stdint.h>
#include <string.h>

#include "aws/aws-answer.h"
#include "aws/aws-call-private.h"
#include "aws/aws-json.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  static const char *const operations[] = {
    "iam:GetRole", "iam:ListRoles", "iam:SimulatePrincipalPolicy", "sns:GetTopicAttributes", "sts:AssumeRole",
    "sqs:ReceiveMessage", "apigateway:GetRestApis", "apigateway:GetStage", "lambda:Invoke", "lambda:GetFunction",
  };
  AwsHttpAnswer answer = { .status = 200 };
  g_autoptr (JsonObject) result = NULL;
  g_autoptr (GError) trouble = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *request_id = NULL;
  g_autofree char *text = NULL;
  const AwsOperation *operation;

  if (size < 1)
    return 0;
  operation = aws_operation_find (operations[data[0] % G_N_ELEMENTS (operations)]);
  answer.headers = g_hash_table_new (g_str_hash, g_str_equal);
  answer.body = g_bytes_new (data + 1, size - 1);

  result = aws_answer_read (operation, &answer, &trouble);
  if ((result == NULL) != (trouble != NULL))
    g_error ("neither a result nor an error, or both");
  answer.status = 400;
  error = aws_answer_read_error (&answer);
  request_id = aws_answer_request_id (&answer);
  text = aws_redact_answer (answer.body);
  if (!g_utf8_validate (text, -1, NULL) || !g_utf8_validate (request_id, -1, NULL) ||
      !g_utf8_validate (error->message, -1, NULL))
    g_error ("not UTF-8");

  g_hash_table_unref (answer.headers);
  g_bytes_unref (answer.body);
  return 0;
}
