/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Filter patterns of CloudWatch Logs: "pattern NUL message". */
#include <stdint.h>
#include <string.h>

#include "practice-logs-filter.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  const uint8_t *split = size > 0 ? memchr (data, 0, size) : NULL;
  gsize length = split != NULL ? (gsize) (split - data) : size;
  g_autofree char *pattern = g_strndup ((const char *) data, length);
  g_autofree char *message = split != NULL ? g_strndup ((const char *) split + 1, size - length - 1) : g_strdup ("{\"level\":\"ERROR\",\"ms\":[1,2]}");
  g_autoptr (PracticeLogsFilter) filter = NULL;

  /* Both come out of JSON, which is UTF-8. */
  if (!g_utf8_validate (pattern, -1, NULL) || !g_utf8_validate (message, -1, NULL))
    return 0;
  filter = practice_logs_filter_new (pattern, NULL);
  if (filter != NULL)
    practice_logs_filter_matches (filter, message);
  return 0;
}
