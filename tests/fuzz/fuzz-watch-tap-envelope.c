/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is in the queue of a tap: whatever it is, it is a notification with all that one needs, or none. */
#include <stdint.h>

#include "aws-json.h"
#include "mill-tap-envelope.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autoptr (JsonObject) event = mill_tap_envelope_parse (text);

  if (event == NULL)
    return 0;
  g_assert_cmpstr (aws_json_get_string (event, "kind"), ==, "topic-tapped");
  g_assert_true (aws_json_get_string (event, "topicArn") != NULL && aws_json_get_string (event, "messageId") != NULL && aws_json_get_string (event, "message") != NULL);
  return 0;
}
