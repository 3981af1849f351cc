/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The AWS CLI's files, as somebody may have edited them: whatever is in them, keys and values are found or not. */
#include <stdint.h>

#include "mill-profile.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  g_autoptr (GHashTable) config = mill_profile_parse (text, "default", TRUE);
  g_autoptr (GHashTable) credentials = mill_profile_parse (text, "default", FALSE);

  return 0;
}
