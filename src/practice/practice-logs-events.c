/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-logs-private.h"

#include <string.h>

#include "practice-json.h"
#include "practice-logs-filter.h"

#define HOUR_MS G_GINT64_CONSTANT (3600000)
#define DAY_MS (24 * HOUR_MS)
#define MAX_MESSAGE (256 * 1024)
#define MAX_BATCH_BYTES 1048576
#define MAX_BATCH_EVENTS 10000
#define EVENT_OVERHEAD 26
#define MAX_ANSWER_BYTES 1048576
/* A group keeps its newest events up to so many bytes; AWS has no such bound. */
#define MAX_GROUP_BYTES (64 * 1024 * 1024)
#define TRIM_EVENTS 1000
#define CURSOR_FORMAT "%020" G_GINT64_FORMAT "%036" G_GINT64_FORMAT
#define CURSOR_LENGTH 56

/* Where an event stands: by time, then by the order of arrival. */
typedef struct {
  gint64 time;
  gint64 id;
} Cursor;

static gint64
now_ms (void)
{
  return g_get_real_time () / 1000;
}

static char *
cursor_to_text (Cursor cursor)
{
  return g_strdup_printf (CURSOR_FORMAT, cursor.time, cursor.id);
}

static gboolean
cursor_from_text (const char *text,
                  Cursor     *cursor)
{
  char part[37];

  if (strlen (text) < CURSOR_LENGTH || strspn (text, "0123456789") < CURSOR_LENGTH)
    return FALSE;
  g_strlcpy (part, text, 21);
  if (!g_ascii_string_to_signed (part, 10, 0, G_MAXINT64, &cursor->time, NULL))
    return FALSE;
  g_strlcpy (part, text + 20, 37);
  return g_ascii_string_to_signed (part, 10, 0, G_MAXINT64, &cursor->id, NULL);
}

static void
trim_group (PracticeStore *store,
            gint64         group)
{
  sqlite3_stmt *row = practice_store_prepare (store, "SELECT bytes, retention FROM logs_group WHERE id = ?", "i", group);
  gint64 bytes = 0;
  gint64 retention = 0;

  if (sqlite3_step (row) == SQLITE_ROW) {
    bytes = sqlite3_column_int64 (row, 0);
    retention = sqlite3_column_int64 (row, 1);
  }
  sqlite3_reset (row);
  if (retention > 0)
    practice_store_run (store, "DELETE FROM logs_event WHERE group_id = ? AND time < ?", "ii", group, now_ms () - retention * DAY_MS);
  if (bytes > MAX_GROUP_BYTES)
    practice_store_run (store, "DELETE FROM logs_event WHERE id IN (SELECT id FROM logs_event WHERE group_id = ? ORDER BY time, id LIMIT ?)",
                        "ii", group, (gint64) TRIM_EVENTS);
  if (retention > 0 || bytes > MAX_GROUP_BYTES)
    practice_store_run (store, "UPDATE logs_group SET bytes = (SELECT coalesce (sum (length (message) + 26), 0) FROM logs_event WHERE group_id = ?1)"
                        "  WHERE id = ?1", "i", group);
}

/* Returns the bytes that it counts for. */
static gint64
insert_event (PracticeStore *store,
              gint64         group,
              gint64         stream,
              gint64         time_ms,
              gint64         now,
              const char    *message)
{
  g_autofree char *valid = NULL;

  if (strlen (message) > MAX_MESSAGE) {
    g_autofree char *cut = g_strndup (message, MAX_MESSAGE);

    valid = g_utf8_make_valid (cut, -1);
  } else if (!g_utf8_validate (message, -1, NULL)) {
    valid = g_utf8_make_valid (message, -1);
  }
  if (valid != NULL)
    message = valid;
  practice_store_run (store, "INSERT INTO logs_event (group_id, stream_id, time, ingested, message) VALUES (?, ?, ?, ?, ?)",
                      "iiiis", group, stream, time_ms, now, message);
  return (gint64) strlen (message) + EVENT_OVERHEAD;
}

void
practice_logs_insert_events (PracticeStore         *store,
                             gint64                 group,
                             gint64                 stream,
                             const PracticeLogLine *lines,
                             guint                  n_lines)
{
  gint64 now = now_ms ();
  gint64 first = G_MAXINT64;
  gint64 last = G_MININT64;
  gint64 bytes = 0;
  gboolean trim = FALSE;

  if (n_lines == 0)
    return;
  for (guint i = 0; i < n_lines; i++) {
    bytes += insert_event (store, group, stream, lines[i].time_ms, now, lines[i].text);
    first = MIN (first, lines[i].time_ms);
    last = MAX (last, lines[i].time_ms);
    trim |= sqlite3_last_insert_rowid (practice_store_get_db (store)) % TRIM_EVENTS == 0;
  }
  practice_store_run (store, "UPDATE logs_stream SET first = min (coalesce (first, ?2), ?2), last = max (coalesce (last, ?3), ?3), ingested = ?4 WHERE id = ?1",
                      "iiii", stream, first, last, now);
  practice_store_run (store, "UPDATE logs_group SET bytes = bytes + ? WHERE id = ?", "ii", bytes, group);
  if (trim)
    trim_group (store, group);
}

/* The events of a request: FALSE after failing the call where one of them is not as it must be. */
static gboolean
check_events (PracticeCall *call,
              JsonArray    *events)
{
  gint64 last = G_MININT64;
  gsize bytes = 0;

  if (practice_call_is_answered (call))
    return FALSE;
  if (events == NULL || json_array_get_length (events) == 0) {
    practice_logs_fail (call, "InvalidParameterException",
                        "1 validation error detected: Value '[]' at 'logEvents' failed to satisfy constraint: Member must have length greater than or equal to 1");
    return FALSE;
  }
  if (json_array_get_length (events) > MAX_BATCH_EVENTS) {
    practice_logs_fail (call, "InvalidParameterException",
                        "1 validation error detected: Value at 'logEvents' failed to satisfy constraint: Member must have length less than or equal to 10000");
    return FALSE;
  }
  for (guint i = 0; i < json_array_get_length (events); i++) {
    JsonNode *node = json_array_get_element (events, i);
    JsonObject *event = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
    JsonNode *time = event != NULL ? json_object_get_member (event, "timestamp") : NULL;
    const char *message = event != NULL ? practice_json_get_string (event, "message") : NULL;

    if (time == NULL || json_node_get_value_type (time) != G_TYPE_INT64 || message == NULL || *message == '\0') {
      practice_call_fail (call, 400, "InvalidParameterException",
                          "1 validation error detected: Value at 'logEvents.%u.member.message' failed to satisfy constraint: "
                          "Member must have length greater than or equal to 1", i + 1);
      return FALSE;
    }
    if (strlen (message) > MAX_MESSAGE - EVENT_OVERHEAD) {
      practice_call_fail (call, 400, "InvalidParameterException", "Log event too large: %" G_GSIZE_FORMAT " bytes exceeds limit of 262144",
                          strlen (message) + EVENT_OVERHEAD);
      return FALSE;
    }
    if (json_node_get_int (time) < last) {
      practice_logs_fail (call, "InvalidParameterException", "Log events in a single PutLogEvents request must be in chronological order.");
      return FALSE;
    }
    last = json_node_get_int (time);
    bytes += strlen (message) + EVENT_OVERHEAD;
  }
  if (bytes > MAX_BATCH_BYTES) {
    practice_call_fail (call, 400, "InvalidParameterException", "Upload too large: %" G_GSIZE_FORMAT " bytes exceeds limit of 1048576", bytes);
    return FALSE;
  }
  return TRUE;
}

void
practice_logs_put_log_events (PracticeCall *call,
                              gpointer      service)
{
  PracticeStore *store = practice_server_get_store (practice_call_get_server (call));
  const char *stream_name = practice_call_get_string (call, "logStreamName");
  JsonArray *events = practice_call_get_array (call, "logEvents");
  JsonObject *result = NULL;
  JsonObject *rejected = NULL;
  g_autoptr (GArray) lines = g_array_new (FALSE, FALSE, sizeof (PracticeLogLine));
  gint64 now = now_ms ();
  gint64 group, stream;
  int too_new = -1;
  int too_old = -1;

  if (stream_name == NULL) {
    practice_logs_fail (call, "InvalidParameterException",
                        "1 validation error detected: Value at 'logStreamName' failed to satisfy constraint: Member must not be null");
    return;
  }
  group = practice_logs_find_group (call, "logs:PutLogEvents", stream_name);
  if (group == 0)
    return;
  stream = practice_logs_find_stream (store, group, stream_name);
  if (stream == 0) {
    practice_logs_fail (call, "ResourceNotFoundException", "The specified log stream does not exist.");
    return;
  }
  if (!check_events (call, events))
    return;
  for (guint i = 0; i < json_array_get_length (events); i++) {
    JsonObject *event = json_array_get_object_element (events, i);
    gint64 time = json_object_get_int_member (event, "timestamp");

    if (time > now + 2 * HOUR_MS) {
      if (too_new < 0)
        too_new = (int) i;
    } else if (time < now - 14 * DAY_MS) {
      too_old = (int) i;
    } else {
      PracticeLogLine line = { .time_ms = time, .text = (char *) practice_json_get_string (event, "message") };

      g_array_append_val (lines, line);
    }
  }
  practice_logs_insert_events (store, group, stream, (const PracticeLogLine *) (gpointer) lines->data, lines->len);
  result = json_object_new ();
  json_object_set_string_member (result, "nextSequenceToken", "49039859649655250498604950986049860495860495860495860495");
  if (too_new >= 0 || too_old >= 0) {
    rejected = json_object_new ();
    if (too_new >= 0)
      json_object_set_int_member (rejected, "tooNewLogEventStartIndex", too_new);
    if (too_old >= 0)
      json_object_set_int_member (rejected, "tooOldLogEventEndIndex", too_old + 1);
    json_object_set_object_member (result, "rejectedLogEventsInfo", rejected);
  }
  practice_call_return (call, result);
}

static JsonObject *
describe_event (sqlite3_stmt *row)
{
  JsonObject *event = json_object_new ();

  json_object_set_int_member (event, "timestamp", sqlite3_column_int64 (row, 0));
  json_object_set_string_member (event, "message", (const char *) sqlite3_column_text (row, 2));
  json_object_set_int_member (event, "ingestionTime", sqlite3_column_int64 (row, 3));
  return event;
}

/* "f/CURSOR/s" goes on after the cursor, "b/CURSOR/s" before it. */
static gboolean
parse_token (PracticeCall *call,
             const char   *token,
             gboolean     *forward,
             Cursor       *cursor)
{
  *forward = token[0] == 'f';
  if ((token[0] != 'f' && token[0] != 'b') || token[1] != '/' || !cursor_from_text (token + 2, cursor)) {
    practice_logs_fail (call, "InvalidParameterException", "The specified nextToken is invalid.");
    return FALSE;
  }
  return TRUE;
}

static void
set_token (JsonObject *result,
           const char *name,
           char        direction,
           Cursor      cursor)
{
  g_autofree char *text = cursor_to_text (cursor);
  g_autofree char *token = g_strdup_printf ("%c/%s/s", direction, text);

  json_object_set_string_member (result, name, token);
}

void
practice_logs_get_log_events (PracticeCall *call,
                              gpointer      service)
{
  PracticeStore *store = practice_server_get_store (practice_call_get_server (call));
  const char *stream_name = practice_call_get_string (call, "logStreamName");
  const char *token = practice_call_get_string (call, "nextToken");
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func ((GDestroyNotify) json_object_unref);
  gint64 start = 0;
  gint64 end = G_MAXINT64;
  gint64 limit, group, stream;
  gboolean forward = FALSE;
  Cursor cursor = { 0, 0 };
  Cursor first, last;
  gsize bytes = 0;
  JsonObject *result = NULL;
  JsonArray *events = NULL;
  sqlite3_stmt *rows;

  practice_call_get_int (call, "startTime", &start);
  practice_call_get_int (call, "endTime", &end);
  practice_call_get_boolean (call, "startFromHead", &forward);
  if (stream_name == NULL)
    practice_logs_fail (call, "InvalidParameterException",
                        "1 validation error detected: Value at 'logStreamName' failed to satisfy constraint: Member must not be null");
  if (practice_call_is_answered (call) || !practice_logs_get_limit (call, "limit", 1, 10000, 10000, &limit))
    return;
  group = practice_logs_find_group (call, "logs:GetLogEvents", stream_name);
  if (group == 0)
    return;
  stream = practice_logs_find_stream (store, group, stream_name);
  if (stream == 0) {
    practice_logs_fail (call, "ResourceNotFoundException", "The specified log stream does not exist.");
    return;
  }
  if (token != NULL) {
    if (!parse_token (call, token, &forward, &cursor))
      return;
  } else if (!forward) {
    cursor = (Cursor) { G_MAXINT64, G_MAXINT64 };
  }

  if (forward)
    rows = practice_store_prepare (store,
                                   "SELECT time, id, message, ingested FROM logs_event WHERE stream_id = ?1 AND time >= ?2 AND time < ?3"
                                   "  AND (time, id) > (?4, ?5) ORDER BY time, id LIMIT ?6", "iiiiii", stream, start, end, cursor.time, cursor.id, limit);
  else
    rows = practice_store_prepare (store,
                                   "SELECT time, id, message, ingested FROM logs_event WHERE stream_id = ?1 AND time >= ?2 AND time < ?3"
                                   "  AND (time, id) < (?4, ?5) ORDER BY time DESC, id DESC LIMIT ?6", "iiiiii", stream, start, end, cursor.time, cursor.id, limit);
  first = last = cursor;
  if (token == NULL && !forward)
    first = last = (Cursor) { 0, 0 };
  while (sqlite3_step (rows) == SQLITE_ROW) {
    Cursor here = { sqlite3_column_int64 (rows, 0), sqlite3_column_int64 (rows, 1) };

    bytes += (gsize) sqlite3_column_bytes (rows, 2) + EVENT_OVERHEAD;
    if (found->len > 0 && bytes > MAX_ANSWER_BYTES)
      break;
    if (found->len == 0)
      first = last = here;
    if (forward)
      last = here;
    else
      first = here;
    g_ptr_array_add (found, describe_event (rows));
  }
  sqlite3_reset (rows);

  result = json_object_new ();
  events = json_array_new ();
  for (guint i = 0; i < found->len; i++)
    json_array_add_object_element (events, json_object_ref (g_ptr_array_index (found, forward ? i : found->len - 1 - i)));
  json_object_set_array_member (result, "events", events);
  set_token (result, "nextForwardToken", 'f', last);
  set_token (result, "nextBackwardToken", 'b', first);
  practice_call_return (call, result);
}

/* The streams that the call names, by id; NULL where all of the group are meant. */
static GHashTable *
get_wanted_streams (PracticeCall  *call,
                    PracticeStore *store,
                    gint64         group)
{
  JsonArray *names = practice_call_get_array (call, "logStreamNames");
  const char *prefix = practice_call_get_string (call, "logStreamNamePrefix");
  g_autoptr (GHashTable) wanted = NULL;

  if (practice_call_is_answered (call) || (names == NULL && prefix == NULL))
    return NULL;
  if (names != NULL && prefix != NULL) {
    practice_logs_fail (call, "InvalidParameterException", "logStreamNames and logStreamNamePrefix are mutually exclusive parameters.");
    return NULL;
  }
  wanted = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  if (prefix != NULL) {
    sqlite3_stmt *rows = practice_store_prepare (store, "SELECT id FROM logs_stream WHERE group_id = ?1 AND substr (name, 1, length (?2)) = ?2",
                                                 "is", group, prefix);

    while (sqlite3_step (rows) == SQLITE_ROW) {
      gint64 id = sqlite3_column_int64 (rows, 0);

      g_hash_table_add (wanted, g_memdup2 (&id, sizeof id));
    }
    sqlite3_reset (rows);
  }
  for (guint i = 0; names != NULL && i < json_array_get_length (names); i++) {
    JsonNode *node = json_array_get_element (names, i);
    gint64 id = practice_json_is_string (node) ? practice_logs_find_stream (store, group, json_node_get_string (node)) : 0;

    if (id == 0) {
      practice_logs_fail (call, "ResourceNotFoundException", "The specified log stream does not exist.");
      return NULL;
    }
    g_hash_table_add (wanted, g_memdup2 (&id, sizeof id));
  }
  return g_steal_pointer (&wanted);
}

void
practice_logs_filter_log_events (PracticeCall *call,
                                 gpointer      service)
{
  PracticeStore *store = practice_server_get_store (practice_call_get_server (call));
  const char *pattern = practice_call_get_string (call, "filterPattern");
  const char *token = practice_call_get_string (call, "nextToken");
  g_autoptr (PracticeLogsFilter) filter = NULL;
  g_autoptr (GHashTable) wanted = NULL;
  g_autoptr (GError) error = NULL;
  gint64 start = 0;
  gint64 end = G_MAXINT64;
  gint64 limit, group;
  Cursor cursor = { 0, 0 };
  JsonObject *result = NULL;
  JsonArray *events = NULL;
  sqlite3_stmt *rows;
  gsize bytes = 0;

  practice_call_get_int (call, "startTime", &start);
  practice_call_get_int (call, "endTime", &end);
  if (practice_call_is_answered (call) || !practice_logs_get_limit (call, "limit", 1, 10000, 10000, &limit))
    return;
  group = practice_logs_find_group (call, "logs:FilterLogEvents", NULL);
  if (group == 0)
    return;
  if (token != NULL && !cursor_from_text (token, &cursor)) {
    practice_logs_fail (call, "InvalidParameterException", "The specified nextToken is invalid.");
    return;
  }
  filter = practice_logs_filter_new (pattern != NULL ? pattern : "", &error);
  if (filter == NULL) {
    practice_logs_fail (call, "InvalidParameterException", error->message);
    return;
  }
  wanted = get_wanted_streams (call, store, group);
  if (practice_call_is_answered (call))
    return;

  result = json_object_new ();
  events = json_array_new ();
  json_object_set_array_member (result, "events", events);
  json_object_set_array_member (result, "searchedLogStreams", json_array_new ());
  rows = practice_store_prepare (store,
                                 "SELECT e.time, e.id, e.message, e.ingested, e.stream_id, s.name FROM logs_event e JOIN logs_stream s ON s.id = e.stream_id"
                                 "  WHERE e.group_id = ?1 AND e.time >= ?2 AND e.time <= ?3 AND (e.time, e.id) > (?4, ?5) ORDER BY e.time, e.id",
                                 "iiiii", group, start, end, cursor.time, cursor.id);
  while (sqlite3_step (rows) == SQLITE_ROW) {
    const char *message = (const char *) sqlite3_column_text (rows, 2);
    Cursor here = { sqlite3_column_int64 (rows, 0), sqlite3_column_int64 (rows, 1) };
    gint64 stream = sqlite3_column_int64 (rows, 4);
    g_autofree char *id = NULL;
    JsonObject *event = NULL;

    if ((wanted != NULL && !g_hash_table_contains (wanted, &stream)) || !practice_logs_filter_matches (filter, message))
      continue;
    bytes += strlen (message) + EVENT_OVERHEAD;
    if (json_array_get_length (events) > 0 && (json_array_get_length (events) == limit || bytes > MAX_ANSWER_BYTES)) {
      g_autofree char *next = cursor_to_text (cursor);

      json_object_set_string_member (result, "nextToken", next);
      break;
    }
    cursor = here;
    id = cursor_to_text (here);
    event = describe_event (rows);
    json_object_set_string_member (event, "logStreamName", (const char *) sqlite3_column_text (rows, 5));
    json_object_set_string_member (event, "eventId", id);
    json_array_add_object_element (events, event);
  }
  sqlite3_reset (rows);
  practice_call_return (call, result);
}
