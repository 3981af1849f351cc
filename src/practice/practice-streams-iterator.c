/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-streams-iterator.h"

#include <string.h>

#include "practice-dynamodb-error.h"

#define LIFE_SECONDS (15 * 60)

char *
practice_streams_iterator_format (const char *stream_arn,
                                  const char *shard_id,
                                  gint64      position)
{
  g_autofree char *content = g_strdup_printf ("%s|%" G_GINT64_FORMAT "|%" G_GINT64_FORMAT, shard_id, position, g_get_real_time () / G_USEC_PER_SEC);
  g_autofree char *encoded = g_base64_encode ((const guchar *) content, strlen (content));

  return g_strdup_printf ("%s|1|%s", stream_arn, encoded);
}

gboolean
practice_streams_iterator_parse (const char  *text,
                                 char       **stream_arn,
                                 char       **shard_id,
                                 gint64      *position,
                                 GError     **error)
{
  g_auto (GStrv) outer = g_strsplit (text, "|", 4);
  g_auto (GStrv) inner = NULL;
  g_autofree char *content = NULL;
  g_autofree guchar *decoded = NULL;
  gsize length;
  gint64 made;

  if (g_strv_length (outer) == 3 && g_str_equal (outer[1], "1")) {
    decoded = g_base64_decode (outer[2], &length);
    content = g_strndup ((const char *) decoded, length);
    inner = g_strsplit (content, "|", 4);
  }
  if (inner == NULL || g_strv_length (inner) != 3 ||
      !g_ascii_string_to_signed (inner[1], 10, 0, G_MAXINT64 - 1, position, NULL) ||
      !g_ascii_string_to_signed (inner[2], 10, 0, G_MAXINT64, &made, NULL))
    return practice_dynamodb_invalid (error, "Invalid ShardIterator");

  if (made + LIFE_SECONDS < g_get_real_time () / G_USEC_PER_SEC) {
    g_set_error_literal (error, PRACTICE_DYNAMODB_ERROR, PRACTICE_DYNAMODB_ERROR_EXPIRED_ITERATOR,
                         "The shard iterator has expired and can no longer be used to retrieve stream records. A shard iterator expires 15 minutes after it is retrieved using the GetShardIterator action.");
    return FALSE;
  }
  *stream_arn = g_strdup (outer[0]);
  *shard_id = g_strdup (inner[0]);
  return TRUE;
}
