/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lines of logs, which students' functions write, and what a gateway answers: whatever they are, they are a line and an answer. */
#include <stdint.h>

#include "mill-gateway-answer.h"
#include "mill-log-line.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autoptr (MillLogLine) line = mill_log_line_parse (text);
  g_autoptr (JsonObject) object = mill_log_line_read_object (text);
  g_autoptr (MillGatewayAnswer) answer = mill_gateway_answer_parse (text);

  g_assert_true (line->kind == MILL_LOG_LINE_OWN || line->kind == MILL_LOG_LINE_ERROR || line->kind == MILL_LOG_LINE_PLATFORM || line->request_id != NULL);
  g_assert_true (line->duration >= 0 && line->billed >= 0 && line->init >= 0);
  g_assert_nonnull (answer);
  return 0;
}
