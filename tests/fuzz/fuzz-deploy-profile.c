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
  g_auto (GStrv) names = mill_profile_list_text (text);

  for (guint i = 0; names[i] != NULL; i++)
    {
      g_autoptr (MillProfile) profile = mill_profile_load_text (names[i], text, NULL);
    }
  return 0;
}
