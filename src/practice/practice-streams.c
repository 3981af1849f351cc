/* SPDX-License-Identifier: GPL-3.0-or-later */
/* DynamoDB Streams: reading what practice-streams-log.c wrote. */
#include <string.h>

#include "practice-dynamodb-private.h"
#include "practice-json.h"
#include "practice-services.h"
#include "practice-streams-iterator.h"
#include "practice-streams-log.h"

/* API reference, GetRecords. */
#define RECORDS_MAX 1000
#define RECORDS_BYTES (1024 * 1024)
#define PAGE_MAX 100

/* A stream as the store has it. */
typedef struct {
  gint64    id;
  char     *table;
  char     *label;
  char     *arn;
  char     *view;
  char     *keys;
  double    created;
  gint64    trimmed;   /* the last record that was forgotten, or 0 */
  gboolean  enabled;
} Stream;

/* A shard; @last is 0 while it is open. */
typedef struct {
  char   *id;
  char   *parent;
  gint64  first;
  gint64  last;
} Shard;

static void
stream_clear (Stream *stream)
{
  g_clear_pointer (&stream->table, g_free);
  g_clear_pointer (&stream->label, g_free);
  g_clear_pointer (&stream->arn, g_free);
  g_clear_pointer (&stream->view, g_free);
  g_clear_pointer (&stream->keys, g_free);
}

static void
shard_clear (Shard *shard)
{
  g_clear_pointer (&shard->id, g_free);
  g_clear_pointer (&shard->parent, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Stream, stream_clear)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Shard, shard_clear)

static gboolean
find_stream (PracticeServer  *server,
             const char      *arn,
             Stream          *stream,
             GError         **error)
{
  sqlite3_stmt *row = practice_store_prepare (practice_server_get_store (server),
                                              "SELECT id, table_name, label, view, key_schema, created, trimmed, disabled IS NULL FROM streams_stream WHERE arn = ?",
                                              "s", arn);
  gboolean found = sqlite3_step (row) == SQLITE_ROW;

  if (found) {
    stream->id = sqlite3_column_int64 (row, 0);
    stream->table = g_strdup ((const char *) sqlite3_column_text (row, 1));
    stream->label = g_strdup ((const char *) sqlite3_column_text (row, 2));
    stream->arn = g_strdup (arn);
    stream->view = g_strdup ((const char *) sqlite3_column_text (row, 3));
    stream->keys = g_strdup ((const char *) sqlite3_column_text (row, 4));
    stream->created = sqlite3_column_double (row, 5);
    stream->trimmed = sqlite3_column_int64 (row, 6);
    stream->enabled = sqlite3_column_int (row, 7) != 0;
  }
  sqlite3_reset (row);
  if (!found)
    g_set_error (error, PRACTICE_DYNAMODB_ERROR, PRACTICE_DYNAMODB_ERROR_RESOURCE_NOT_FOUND, "Requested resource not found: Stream: %s not found", arn);
  return found;
}

static gboolean
find_shard (PracticeServer  *server,
            const Stream    *stream,
            const char      *id,
            Shard           *shard,
            GError         **error)
{
  sqlite3_stmt *row = practice_store_prepare (practice_server_get_store (server),
                                              "SELECT parent, first, last FROM streams_shard WHERE stream_id = ? AND id = ?", "is", stream->id, id);
  gboolean found = sqlite3_step (row) == SQLITE_ROW;

  if (found) {
    shard->id = g_strdup (id);
    shard->parent = g_strdup ((const char *) sqlite3_column_text (row, 0));
    shard->first = sqlite3_column_int64 (row, 1);
    shard->last = sqlite3_column_int64 (row, 2);
  }
  sqlite3_reset (row);
  if (!found)
    g_set_error (error, PRACTICE_DYNAMODB_ERROR, PRACTICE_DYNAMODB_ERROR_RESOURCE_NOT_FOUND,
                 "Requested resource not found: Shard: %s in Stream: %s not found", id, stream->arn);
  return found;
}

static gint64
get_number (PracticeServer *server,
            const char     *sql,
            gint64          stream_id)
{
  sqlite3_stmt *row = practice_store_prepare (practice_server_get_store (server), sql, "i", stream_id);
  gint64 number = sqlite3_step (row) == SQLITE_ROW ? sqlite3_column_int64 (row, 0) : 0;

  sqlite3_reset (row);
  return number;
}

/* The sequence number behind the last record of the stream that there is or was. */
static gint64
get_end (PracticeServer *server,
         const Shard    *shard,
         gint64          stream_id)
{
  gint64 last = get_number (server, "SELECT max(sequence) FROM streams_record WHERE stream_id = ?", stream_id);

  if (shard->last != 0)
    return shard->last + 1;
  return MAX (last + 1, shard->first);
}

/* Whether the record that is to be read next was not forgotten yet. A @position of 0 is wherever the records begin. */
static gboolean
check_trimmed (const Stream  *stream,
               gint64         position,
               GError       **error)
{
  if (position == 0 || position > stream->trimmed)
    return TRUE;
  g_set_error_literal (error, PRACTICE_DYNAMODB_ERROR, PRACTICE_DYNAMODB_ERROR_TRIMMED_DATA_ACCESS,
                       "The operation attempted to read past the oldest stream record in a shard");
  return FALSE;
}

/* StreamArn, asked IAM for @action; FALSE with @error, or without where @call was answered. */
static gboolean
need_stream (PracticeServer  *server,
             PracticeCall    *call,
             const char      *action,
             Stream          *stream,
             GError         **error)
{
  const char *arn;

  if (!practice_dynamodb_params_need_string (practice_call_get_params (call), "StreamArn", &arn, error))
    return FALSE;
  if (!g_str_has_prefix (arn, "arn:aws:dynamodb:") || strstr (arn, "/stream/") == NULL)
    return practice_dynamodb_invalid (error, "Invalid StreamArn: %s", arn);
  if (!practice_call_allow (call, action, arn, NULL, NULL))
    return FALSE;
  practice_streams_log_trim (practice_server_get_store (server));
  return find_stream (server, arn, stream, error);
}

static void
list_streams (PracticeCall *call,
              gpointer      data)
{
  PracticeServer *server = data;
  JsonObject *params = practice_call_get_params (call);
  g_autoptr (GError) error = NULL;
  const char *table = NULL, *start = NULL;
  gint64 limit = PAGE_MAX;
  JsonObject *result;
  JsonArray *streams;
  sqlite3_stmt *row;

  if (!practice_dynamodb_params_get_string (params, "TableName", &table, &error) ||
      !practice_dynamodb_params_get_string (params, "ExclusiveStartStreamArn", &start, &error) ||
      !practice_dynamodb_params_get_limit (params, "Limit", 1, PAGE_MAX, &limit, &error)) {
    practice_dynamodb_answer_error (call, error);
    return;
  }
  if (!practice_call_allow (call, "dynamodb:ListStreams", "*", NULL, NULL))
    return;
  practice_streams_log_trim (practice_server_get_store (server));

  result = json_object_new ();
  streams = json_array_new ();
  json_object_set_array_member (result, "Streams", streams);
  row = practice_store_prepare (practice_server_get_store (server),
                                "SELECT arn, table_name, label FROM streams_stream WHERE region = ?1 AND (?2 IS NULL OR table_name = ?2) AND arn > ?3"
                                " ORDER BY arn LIMIT ?4",
                                "sssi", practice_call_get_region (call), table, start != NULL ? start : "", limit + 1);
  while (sqlite3_step (row) == SQLITE_ROW) {
    JsonObject *stream;

    if (json_array_get_length (streams) == (guint) limit) {
      json_object_set_string_member (result, "LastEvaluatedStreamArn",
                                     json_object_get_string_member (json_array_get_object_element (streams, (guint) limit - 1), "StreamArn"));
      break;
    }
    stream = json_object_new ();
    json_object_set_string_member (stream, "StreamArn", (const char *) sqlite3_column_text (row, 0));
    json_object_set_string_member (stream, "TableName", (const char *) sqlite3_column_text (row, 1));
    json_object_set_string_member (stream, "StreamLabel", (const char *) sqlite3_column_text (row, 2));
    json_array_add_object_element (streams, stream);
  }
  sqlite3_reset (row);
  practice_call_return (call, result);
}

static JsonObject *
make_shard (const Shard *shard)
{
  JsonObject *object = json_object_new (), *range = json_object_new ();
  g_autofree char *first = practice_streams_log_format_sequence (shard->first);

  json_object_set_string_member (range, "StartingSequenceNumber", first);
  if (shard->last != 0) {
    g_autofree char *last = practice_streams_log_format_sequence (MAX (shard->last, shard->first));

    json_object_set_string_member (range, "EndingSequenceNumber", last);
  }
  json_object_set_string_member (object, "ShardId", shard->id);
  json_object_set_object_member (object, "SequenceNumberRange", range);
  if (shard->parent != NULL)
    json_object_set_string_member (object, "ParentShardId", shard->parent);
  return object;
}

static void
describe_stream (PracticeCall *call,
                 gpointer      data)
{
  PracticeServer *server = data;
  JsonObject *params = practice_call_get_params (call);
  g_auto (Stream) stream = { 0 };
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonNode) keys = NULL;
  const char *start = NULL;
  gint64 limit = PAGE_MAX;
  JsonObject *result, *description;
  JsonArray *shards;
  sqlite3_stmt *row;

  if (!practice_dynamodb_params_get_string (params, "ExclusiveStartShardId", &start, &error) ||
      !practice_dynamodb_params_get_limit (params, "Limit", 1, PAGE_MAX, &limit, &error) ||
      !need_stream (server, call, "dynamodb:DescribeStream", &stream, &error)) {
    practice_dynamodb_answer_error (call, error);
    return;
  }

  description = json_object_new ();
  json_object_set_string_member (description, "StreamArn", stream.arn);
  json_object_set_string_member (description, "StreamLabel", stream.label);
  json_object_set_string_member (description, "StreamStatus", stream.enabled ? "ENABLED" : "DISABLED");
  json_object_set_string_member (description, "StreamViewType", stream.view);
  json_object_set_double_member (description, "CreationRequestDateTime", stream.created);
  json_object_set_string_member (description, "TableName", stream.table);
  keys = json_from_string (stream.keys, NULL);
  if (keys != NULL)
    json_object_set_member (description, "KeySchema", g_steal_pointer (&keys));

  shards = json_array_new ();
  json_object_set_array_member (description, "Shards", shards);
  row = practice_store_prepare (practice_server_get_store (server),
                                "SELECT id, parent, first, last FROM streams_shard WHERE stream_id = ? AND id > ? ORDER BY id LIMIT ?", "isi",
                                stream.id, start != NULL ? start : "", limit + 1);
  while (sqlite3_step (row) == SQLITE_ROW) {
    g_auto (Shard) shard = { 0 };

    if (json_array_get_length (shards) == (guint) limit) {
      json_object_set_string_member (description, "LastEvaluatedShardId",
                                     json_object_get_string_member (json_array_get_object_element (shards, (guint) limit - 1), "ShardId"));
      break;
    }
    shard.id = g_strdup ((const char *) sqlite3_column_text (row, 0));
    shard.parent = g_strdup ((const char *) sqlite3_column_text (row, 1));
    shard.first = sqlite3_column_int64 (row, 2);
    shard.last = sqlite3_column_int64 (row, 3);
    json_array_add_object_element (shards, make_shard (&shard));
  }
  sqlite3_reset (row);

  result = json_object_new ();
  json_object_set_object_member (result, "StreamDescription", description);
  practice_call_return (call, result);
}

static void
get_shard_iterator (PracticeCall *call,
                    gpointer      data)
{
  enum { TYPE_AFTER, TYPE_LATEST, TYPE_AT, TYPE_TRIM_HORIZON };
  static const char *const types[] = { "AFTER_SEQUENCE_NUMBER", "LATEST", "AT_SEQUENCE_NUMBER", "TRIM_HORIZON", NULL };
  PracticeServer *server = data;
  JsonObject *params = practice_call_get_params (call);
  g_auto (Stream) stream = { 0 };
  g_auto (Shard) shard = { 0 };
  g_autoptr (GError) error = NULL;
  g_autofree char *iterator = NULL;
  const char *shard_id, *type_name, *sequence = NULL;
  gint64 position = 0;
  int type = -1;
  JsonObject *result;

  if (!practice_dynamodb_params_need_string (params, "ShardId", &shard_id, &error) ||
      !practice_dynamodb_params_need_string (params, "ShardIteratorType", &type_name, &error) ||
      !practice_dynamodb_params_get_choice (params, "ShardIteratorType", types, &type, &error) ||
      !practice_dynamodb_params_get_string (params, "SequenceNumber", &sequence, &error) ||
      !need_stream (server, call, "dynamodb:GetShardIterator", &stream, &error) ||
      !find_shard (server, &stream, shard_id, &shard, &error)) {
    practice_dynamodb_answer_error (call, error);
    return;
  }

  if (type == TYPE_LATEST) {
    position = get_end (server, &shard, stream.id);
  } else if (type != TYPE_TRIM_HORIZON && sequence == NULL) {
    practice_dynamodb_invalid (&error, "Invalid ShardIteratorType parameter: %s iterators require a SequenceNumber", type_name);
  } else if (type != TYPE_TRIM_HORIZON) {
    position = practice_streams_log_parse_sequence (sequence) + (type == TYPE_AFTER ? 1 : 0);
    if (position < shard.first || position > get_end (server, &shard, stream.id) + 1)
      practice_dynamodb_invalid (&error, "Invalid SequenceNumber: the SequenceNumber %s is not in shard %s", sequence, shard.id);
    else
      check_trimmed (&stream, position, &error);
  }
  if (error != NULL) {
    practice_dynamodb_answer_error (call, error);
    return;
  }

  iterator = practice_streams_iterator_format (stream.arn, shard.id, position);
  result = json_object_new ();
  json_object_set_string_member (result, "ShardIterator", iterator);
  practice_call_return (call, result);
}

static void
set_image (JsonObject   *record,
           const char   *member,
           sqlite3_stmt *row,
           int           column)
{
  g_autoptr (PracticeDynamodbValue) image = NULL;

  if (sqlite3_column_type (row, column) == SQLITE_NULL)
    return;
  image = practice_dynamodb_value_decode (sqlite3_column_blob (row, column), sqlite3_column_bytes (row, column));
  if (image != NULL)
    json_object_set_object_member (record, member, practice_dynamodb_value_item_to_json (image));
}

/* A record from "sequence, time, event_id, event_name, size, keys, new_image, old_image". */
static JsonObject *
make_record (PracticeCall *call,
             const Stream *stream,
             sqlite3_stmt *row)
{
  JsonObject *record = json_object_new (), *change = json_object_new ();
  g_autofree char *sequence = practice_streams_log_format_sequence (sqlite3_column_int64 (row, 0));

  json_object_set_int_member (change, "ApproximateCreationDateTime", (gint64) sqlite3_column_double (row, 1));
  set_image (change, "Keys", row, 5);
  set_image (change, "NewImage", row, 6);
  set_image (change, "OldImage", row, 7);
  json_object_set_string_member (change, "SequenceNumber", sequence);
  json_object_set_int_member (change, "SizeBytes", sqlite3_column_int64 (row, 4));
  json_object_set_string_member (change, "StreamViewType", stream->view);

  json_object_set_string_member (record, "eventID", (const char *) sqlite3_column_text (row, 2));
  json_object_set_string_member (record, "eventName", (const char *) sqlite3_column_text (row, 3));
  json_object_set_string_member (record, "eventVersion", "1.1");
  json_object_set_string_member (record, "eventSource", "aws:dynamodb");
  json_object_set_string_member (record, "awsRegion", practice_call_get_region (call));
  json_object_set_object_member (record, "dynamodb", change);
  return record;
}

static void
emit_read (PracticeServer *server,
           PracticeCall   *call,
           const Stream   *stream,
           JsonArray      *records)
{
  JsonObject *event;
  JsonArray *ids;

  if (json_array_get_length (records) == 0)
    return;
  event = json_object_new ();
  ids = json_array_new ();
  for (guint i = 0; i < json_array_get_length (records); i++)
    json_array_add_string_element (ids, json_object_get_string_member (json_array_get_object_element (records, i), "eventID"));
  json_object_set_string_member (event, "region", practice_call_get_region (call));
  json_object_set_string_member (event, "streamArn", stream->arn);
  json_object_set_array_member (event, "eventIDs", ids);
  if (practice_call_get_principal (call)->arn != NULL)
    json_object_set_string_member (event, "principal", practice_call_get_principal (call)->arn);
  practice_events_emit (practice_server_get_events (server), "stream-read", event);
}

static void
get_records (PracticeCall *call,
             gpointer      data)
{
  PracticeServer *server = data;
  JsonObject *params = practice_call_get_params (call);
  g_autofree char *arn = NULL;
  g_autofree char *shard_id = NULL;
  g_auto (Stream) stream = { 0 };
  g_auto (Shard) shard = { 0 };
  g_autoptr (GError) error = NULL;
  const char *text;
  gint64 position, limit = RECORDS_MAX;
  gsize bytes = 0;
  gboolean more = FALSE;
  JsonObject *result;
  JsonArray *records;
  sqlite3_stmt *row;

  if (!practice_dynamodb_params_need_string (params, "ShardIterator", &text, &error) ||
      !practice_dynamodb_params_get_limit (params, "Limit", 1, RECORDS_MAX, &limit, &error) ||
      !practice_streams_iterator_parse (text, &arn, &shard_id, &position, &error)) {
    practice_dynamodb_answer_error (call, error);
    return;
  }
  if (!practice_call_allow (call, "dynamodb:GetRecords", arn, NULL, NULL))
    return;
  practice_streams_log_trim (practice_server_get_store (server));
  if (!find_stream (server, arn, &stream, &error) || !find_shard (server, &stream, shard_id, &shard, &error) ||
      !check_trimmed (&stream, position, &error)) {
    practice_dynamodb_answer_error (call, error);
    return;
  }

  records = json_array_new ();
  row = practice_store_prepare (practice_server_get_store (server),
                                "SELECT sequence, time, event_id, event_name, size, keys, new_image, old_image FROM streams_record"
                                " WHERE stream_id = ? AND sequence >= ? AND sequence >= ? AND sequence <= ? ORDER BY sequence",
                                "iiii", stream.id, position, shard.first, shard.last != 0 ? shard.last : G_MAXINT64);
  while (sqlite3_step (row) == SQLITE_ROW) {
    if (json_array_get_length (records) == (guint) limit || bytes > RECORDS_BYTES) {
      more = TRUE;
      break;
    }
    bytes += sqlite3_column_int64 (row, 4);
    position = sqlite3_column_int64 (row, 0) + 1;
    json_array_add_object_element (records, make_record (call, &stream, row));
  }
  sqlite3_reset (row);

  result = json_object_new ();
  json_object_set_array_member (result, "Records", records);
  /* A closed shard that is read to its end has no next iterator. */
  if (more || shard.last == 0) {
    g_autofree char *next = practice_streams_iterator_format (stream.arn, shard.id, position);

    json_object_set_string_member (result, "NextShardIterator", next);
  }
  emit_read (server, call, &stream, records);
  practice_call_return (call, result);
}

static const PracticeOperation operations[] = {
  { "DescribeStream", NULL, describe_stream },
  { "GetRecords", NULL, get_records },
  { "GetShardIterator", NULL, get_shard_iterator },
  { "ListStreams", NULL, list_streams },
  { NULL }
};

static const PracticeService service = {
  .name = "dynamodb",
  .target = "DynamoDBStreams_20120810",
  .protocol = PRACTICE_PROTOCOL_JSON_1_0,
  .error_namespace = "com.amazonaws.dynamodb.v20120810",
  .denied_status = 400,
  .denied_code = "AccessDeniedException",
  .operations = operations,
};

void
practice_streams_start (PracticeServer *server)
{
  practice_streams_log_prepare (practice_server_get_store (server));
  practice_server_add_service (server, &service, server);
}
