/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A stage's format, and behind the first line's end a line that may or may not have been written by it. */
#include <stdint.h>
#include <string.h>

#include "mill-access-log-probe.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  g_autofree char *format = g_strndup ((const char *) data, size);
  char *line = strchr (format, '\n');
  g_autoptr (MillAccessLog) log = NULL;
  g_autoptr (GHashTable) values = NULL;
  g_autoptr (JsonObject) event = NULL;

  if (line != NULL)
    *line++ = '\0';
  log = mill_access_log_new (format);
  g_assert_cmpuint (strlen (mill_access_log_get_format (log)), <=, strlen (format));
  values = mill_access_log_read (log, line != NULL ? line : "");
  event = mill_access_log_probe_read (log, "api", "stage", line != NULL ? line : "", 1e9);
  g_assert_true (event == NULL || values != NULL);
  g_assert_true (event == NULL || json_object_get_double_member (event, "left") >= json_object_get_double_member (event, "time"));
  return 0;
}
