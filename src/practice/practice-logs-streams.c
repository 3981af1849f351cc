/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-logs-private.h"

#include <string.h>

static gboolean
check_stream_name (PracticeCall *call,
                   const char   *name)
{
  if (practice_call_is_answered (call))
    return FALSE;
  if (name == NULL || *name == '\0')
    practice_logs_fail (call, "InvalidParameterException",
                        "1 validation error detected: Value at 'logStreamName' failed to satisfy constraint: Member must not be null");
  else if (g_utf8_strlen (name, -1) > PRACTICE_LOGS_MAX_NAME)
    practice_logs_fail (call, "InvalidParameterException", "Invalid LogGroup or LogStream, both must have length less than or equal to 512.");
  else if (strpbrk (name, ":*") != NULL)
    practice_call_fail (call, 400, "InvalidParameterException",
                        "1 validation error detected: Value '%s' at 'logStreamName' failed to satisfy constraint: "
                        "Member must satisfy regular expression pattern: [^:*]*", name);
  return !practice_call_is_answered (call);
}

static void
set_time (JsonObject   *object,
          const char   *name,
          sqlite3_stmt *row,
          int           column)
{
  if (sqlite3_column_type (row, column) != SQLITE_NULL)
    json_object_set_int_member (object, name, sqlite3_column_int64 (row, column));
}

void
practice_logs_create_log_stream (PracticeCall *call,
                                 gpointer      service)
{
  PracticeStore *store = practice_server_get_store (practice_call_get_server (call));
  const char *name = practice_call_get_string (call, "logStreamName");
  gint64 group;

  if (!check_stream_name (call, name))
    return;
  group = practice_logs_find_group (call, "logs:CreateLogStream", name);
  if (group == 0)
    return;
  if (practice_logs_find_stream (store, group, name) != 0) {
    practice_logs_fail (call, "ResourceAlreadyExistsException", "The specified log stream already exists");
    return;
  }
  practice_logs_insert_stream (store, group, name);
  practice_call_return (call, NULL);
}

void
practice_logs_delete_log_stream (PracticeCall *call,
                                 gpointer      service)
{
  PracticeStore *store = practice_server_get_store (practice_call_get_server (call));
  const char *name = practice_call_get_string (call, "logStreamName");
  gint64 group, stream;

  if (!check_stream_name (call, name))
    return;
  group = practice_logs_find_group (call, "logs:DeleteLogStream", name);
  if (group == 0)
    return;
  stream = practice_logs_find_stream (store, group, name);
  if (stream == 0) {
    practice_logs_fail (call, "ResourceNotFoundException", "The specified log stream does not exist.");
    return;
  }
  practice_store_run (store, "DELETE FROM logs_stream WHERE id = ?", "i", stream);
  practice_call_return (call, NULL);
}

void
practice_logs_describe_log_streams (PracticeCall *call,
                                    gpointer      service)
{
  PracticeServer *server = practice_call_get_server (call);
  const char *prefix = practice_call_get_string (call, "logStreamNamePrefix");
  const char *order = practice_call_get_string (call, "orderBy");
  const char *token = practice_call_get_string (call, "nextToken");
  g_autofree char *group_name = practice_logs_get_group_name (call);
  g_autofree char *group_arn = NULL;
  g_autoptr (JsonObject) result = NULL;
  JsonArray *streams = NULL;
  sqlite3_stmt *rows;
  gboolean descending = FALSE;
  gint64 limit, group;
  guint64 offset = 0;

  practice_call_get_boolean (call, "descending", &descending);
  if (!practice_logs_get_limit (call, "limit", 1, 50, 50, &limit))
    return;
  if (order != NULL && !g_str_equal (order, "LogStreamName") && !g_str_equal (order, "LastEventTime")) {
    practice_call_fail (call, 400, "InvalidParameterException",
                        "1 validation error detected: Value '%s' at 'orderBy' failed to satisfy constraint: "
                        "Member must satisfy enum value set: [LogStreamName, LastEventTime]", order);
    return;
  }
  if (g_strcmp0 (order, "LastEventTime") == 0 && prefix != NULL) {
    practice_logs_fail (call, "InvalidParameterException", "Cannot order by LastEventTime with a logStreamNamePrefix.");
    return;
  }
  if (token != NULL && !g_ascii_string_to_unsigned (token, 10, 0, G_MAXINT32, &offset, NULL)) {
    practice_logs_fail (call, "InvalidParameterException", "The specified nextToken is invalid.");
    return;
  }
  group = practice_logs_find_group (call, "logs:DescribeLogStreams", NULL);
  if (group == 0)
    return;

  group_arn = practice_logs_make_arn (server, practice_call_get_region (call), group_name);
  result = json_object_new ();
  streams = json_array_new ();
  json_object_set_array_member (result, "logStreams", streams);
  rows = practice_store_prepare (practice_server_get_store (server),
                                 "SELECT name, created, first, last, ingested FROM logs_stream"
                                 "  WHERE group_id = ?1 AND substr (name, 1, length (?2)) = ?2"
                                 "  ORDER BY CASE ?3 WHEN 0 THEN name END, CASE ?3 WHEN 1 THEN name END DESC,"
                                 "    CASE ?3 WHEN 2 THEN last END, CASE ?3 WHEN 3 THEN last END DESC, id LIMIT ?4 OFFSET ?5",
                                 "isiii", group, prefix != NULL ? prefix : "",
                                 (gint64) ((g_strcmp0 (order, "LastEventTime") == 0 ? 2 : 0) + (descending ? 1 : 0)), limit + 1, (gint64) offset);
  while (sqlite3_step (rows) == SQLITE_ROW) {
    JsonObject *stream;
    const char *name = (const char *) sqlite3_column_text (rows, 0);
    g_autofree char *arn = g_strconcat (group_arn, ":log-stream:", name, NULL);

    if (json_array_get_length (streams) == limit) {
      g_autofree char *next = g_strdup_printf ("%" G_GUINT64_FORMAT, offset + (guint64) limit);

      json_object_set_string_member (result, "nextToken", next);
      break;
    }
    stream = json_object_new ();
    json_object_set_string_member (stream, "logStreamName", name);
    set_time (stream, "creationTime", rows, 1);
    set_time (stream, "firstEventTimestamp", rows, 2);
    set_time (stream, "lastEventTimestamp", rows, 3);
    set_time (stream, "lastIngestionTime", rows, 4);
    json_object_set_string_member (stream, "uploadSequenceToken", "49039859649655250498604950986049860495860495860495860495");
    json_object_set_string_member (stream, "arn", arn);
    json_object_set_int_member (stream, "storedBytes", 0);
    json_array_add_object_element (streams, stream);
  }
  sqlite3_reset (rows);
  practice_call_return (call, g_steal_pointer (&result));
}
