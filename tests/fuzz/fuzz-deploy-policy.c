/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Policies and AWS's refusals, in which the missing permission is looked for. */
#include <stdint.h>

#include "aws-json.h"
#include "mill-permission.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  g_autofree char *text = g_utf8_make_valid ((const char *) data, (gssize) size);
  g_autofree char *missing = mill_permission_parse_missing (text);
  g_autoptr (JsonObject) document = aws_json_parse_object (text, -1, NULL);

  if (document != NULL)
    mill_permission_allows (document, "sqs:ReceiveMessage");
  return 0;
}
