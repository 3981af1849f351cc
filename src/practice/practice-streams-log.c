/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-streams-log.h"

#include <string.h>

/* Sequence numbers have 21 digits: these three, and the number of the record. */
#define SEQUENCE_PREFIX "100"
#define SEQUENCE_DIGITS 18

void
practice_streams_log_prepare (PracticeStore *store)
{
  /* A record keeps its number for ever, and none is given twice: that makes sequence numbers. */
  practice_store_exec (store,
                       "CREATE TABLE IF NOT EXISTS streams_stream ("
                       "  id INTEGER PRIMARY KEY AUTOINCREMENT, region TEXT NOT NULL, table_name TEXT NOT NULL, label TEXT NOT NULL,"
                       "  arn TEXT NOT NULL UNIQUE, view TEXT NOT NULL, key_schema TEXT NOT NULL, created REAL NOT NULL, disabled REAL,"
                       "  trimmed INTEGER NOT NULL DEFAULT 0);"
                       "CREATE TABLE IF NOT EXISTS streams_shard ("
                       "  id TEXT PRIMARY KEY, stream_id INTEGER NOT NULL, parent TEXT, first INTEGER NOT NULL, last INTEGER);"
                       "CREATE INDEX IF NOT EXISTS streams_shard_stream ON streams_shard (stream_id);"
                       "CREATE TABLE IF NOT EXISTS streams_record ("
                       "  sequence INTEGER PRIMARY KEY AUTOINCREMENT, stream_id INTEGER NOT NULL, time REAL NOT NULL, event_id TEXT NOT NULL,"
                       "  event_name TEXT NOT NULL, size INTEGER NOT NULL, keys BLOB NOT NULL, new_image BLOB, old_image BLOB);"
                       "CREATE INDEX IF NOT EXISTS streams_record_stream ON streams_record (stream_id, sequence);");
}

static double
get_now (void)
{
  return g_get_real_time () / (double) G_USEC_PER_SEC;
}

static gboolean
is_label_used (PracticeStore *store,
               const char    *arn)
{
  sqlite3_stmt *row = practice_store_prepare (store, "SELECT 1 FROM streams_stream WHERE arn = ?", "s", arn);
  gboolean used = sqlite3_step (row) == SQLITE_ROW;

  sqlite3_reset (row);
  return used;
}

/* The number that the next record of any stream gets. */
static gint64
get_next_sequence (PracticeStore *store)
{
  sqlite3_stmt *row = practice_store_prepare (store, "SELECT seq FROM sqlite_sequence WHERE name = 'streams_record'", NULL);
  gint64 next = sqlite3_step (row) == SQLITE_ROW ? sqlite3_column_int64 (row, 0) + 1 : 1;

  sqlite3_reset (row);
  return next;
}

static gboolean
shows_image (const char *view,
             const char *image)
{
  return g_str_equal (view, image) || g_str_equal (view, "NEW_AND_OLD_IMAGES");
}

gint64
practice_streams_log_open (PracticeServer               *server,
                           const PracticeDynamodbTable  *table,
                           const char                   *view,
                           char                        **label)
{
  PracticeStore *store = practice_server_get_store (server);
  gint64 now = g_get_real_time ();
  g_autofree char *keys = NULL;
  g_autofree char *arn = NULL;
  g_autofree char *shard = NULL;
  g_autoptr (JsonNode) node = json_node_new (JSON_NODE_ARRAY);
  gint64 id;

  practice_streams_log_trim (store);

  /* Labels are the time, to the millisecond; two streams of a table never share one. */
  for (*label = NULL; *label == NULL; now += 1000) {
    g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (now / G_USEC_PER_SEC);
    g_autofree char *seconds = g_date_time_format (time, "%Y-%m-%dT%H:%M:%S");

    g_free (arn);
    *label = g_strdup_printf ("%s.%03d", seconds, (int) (now / 1000 % 1000));
    arn = g_strdup_printf ("%s/stream/%s", table->arn, *label);
    if (is_label_used (store, arn))
      g_clear_pointer (label, g_free);
  }

  json_node_set_array (node, json_object_get_array_member (table->definition, "KeySchema"));
  keys = json_to_string (node, FALSE);
  practice_store_run (store, "INSERT INTO streams_stream (region, table_name, label, arn, view, key_schema, created) VALUES (?, ?, ?, ?, ?, ?, ?)",
                      "ssssssd", table->region, table->name, *label, arn, view, keys, now / (double) G_USEC_PER_SEC);
  id = sqlite3_last_insert_rowid (practice_store_get_db (store));
  shard = g_strdup_printf ("shardId-%020" G_GINT64_FORMAT "-%08x", now / 1000, g_random_int ());
  practice_store_run (store, "INSERT INTO streams_shard (id, stream_id, first) VALUES (?, ?, ?)", "sii", shard, id, get_next_sequence (store));
  return id;
}

void
practice_streams_log_close (PracticeServer *server,
                            gint64          stream_id)
{
  PracticeStore *store = practice_server_get_store (server);

  practice_store_run (store, "UPDATE streams_stream SET disabled = ? WHERE id = ?", "di", get_now (), stream_id);
  practice_store_run (store, "UPDATE streams_shard SET last = ? WHERE stream_id = ? AND last IS NULL", "ii", get_next_sequence (store) - 1, stream_id);
}

void
practice_streams_log_append (PracticeServer               *server,
                             const PracticeDynamodbTable  *table,
                             const char                   *event_name,
                             const PracticeDynamodbValue  *keys,
                             const PracticeDynamodbValue  *new_item,
                             const PracticeDynamodbValue  *old_item,
                             char                        **event_id,
                             char                        **sequence_number)
{
  PracticeStore *store = practice_server_get_store (server);
  const PracticeDynamodbValue *new_image = new_item != NULL && shows_image (table->stream_view, "NEW_IMAGE") ? new_item : NULL;
  const PracticeDynamodbValue *old_image = old_item != NULL && shows_image (table->stream_view, "OLD_IMAGE") ? old_item : NULL;
  g_autoptr (GBytes) keys_bytes = practice_dynamodb_value_encode (keys);
  g_autoptr (GBytes) new_bytes = new_image != NULL ? practice_dynamodb_value_encode (new_image) : NULL;
  g_autoptr (GBytes) old_bytes = old_image != NULL ? practice_dynamodb_value_encode (old_image) : NULL;
  g_autofree char *arn = g_strdup_printf ("%s/stream/%s", table->arn, table->stream_label);
  gsize size = practice_dynamodb_value_get_item_size (keys);

  if (new_image != NULL)
    size += practice_dynamodb_value_get_item_size (new_image);
  if (old_image != NULL)
    size += practice_dynamodb_value_get_item_size (old_image);

  *event_id = g_strdup_printf ("%08x%08x%08x%08x", g_random_int (), g_random_int (), g_random_int (), g_random_int ());
  practice_store_run (store,
                      "INSERT INTO streams_record (stream_id, time, event_id, event_name, size, keys, new_image, old_image) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                      "idssibbb", table->stream_id, get_now (), *event_id, event_name, (gint64) size, keys_bytes, new_bytes, old_bytes);
  *sequence_number = practice_streams_log_format_sequence (sqlite3_last_insert_rowid (practice_store_get_db (store)));
  practice_server_announce (server, arn);
}

void
practice_streams_log_trim (PracticeStore *store)
{
  double limit = get_now () - PRACTICE_STREAMS_KEEP_SECONDS;
  sqlite3_stmt *oldest = practice_store_prepare (store, "SELECT time FROM streams_record ORDER BY sequence LIMIT 1", NULL);
  gboolean stale = sqlite3_step (oldest) == SQLITE_ROW && sqlite3_column_double (oldest, 0) < limit;

  sqlite3_reset (oldest);
  if (stale) {
    practice_store_run (store,
                        "UPDATE streams_stream SET trimmed = old.last FROM"
                        " (SELECT stream_id, max(sequence) AS last FROM streams_record WHERE time < ? GROUP BY stream_id) AS old"
                        " WHERE old.stream_id = streams_stream.id", "d", limit);
    practice_store_run (store, "DELETE FROM streams_record WHERE time < ?", "d", limit);
  }
  practice_store_run (store, "DELETE FROM streams_record WHERE stream_id IN (SELECT id FROM streams_stream WHERE disabled < ?)", "d", limit);
  practice_store_run (store, "DELETE FROM streams_shard WHERE stream_id IN (SELECT id FROM streams_stream WHERE disabled < ?)", "d", limit);
  practice_store_run (store, "DELETE FROM streams_stream WHERE disabled < ?", "d", limit);
}

char *
practice_streams_log_format_sequence (gint64 sequence)
{
  return g_strdup_printf (SEQUENCE_PREFIX "%0*" G_GINT64_FORMAT, SEQUENCE_DIGITS, sequence);
}

gint64
practice_streams_log_parse_sequence (const char *text)
{
  if (strlen (text) != strlen (SEQUENCE_PREFIX) + SEQUENCE_DIGITS || !g_str_has_prefix (text, SEQUENCE_PREFIX) ||
      text[strspn (text, "0123456789")] != '\0')
    return 0;
  return g_ascii_strtoll (text + strlen (SEQUENCE_PREFIX), NULL, 10);
}
