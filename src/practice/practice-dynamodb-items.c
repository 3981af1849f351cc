/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-dynamodb-items.h"

#include "practice-streams-log.h"

static void
add_entry (PracticeDynamodb            *self,
           const PracticeDynamodbTable *table,
           const PracticeDynamodbIndex *index,
           GBytes                      *primary,
           gint64                       row,
           PracticeDynamodbValue       *item)
{
  g_autoptr (PracticeDynamodbValue) part = practice_dynamodb_table_project (table, index, item);
  g_auto (PracticeDynamodbKey) key = { 0 };

  practice_dynamodb_key_init (&key, &index->keys, item);
  practice_store_run (self->store, "INSERT OR REPLACE INTO dynamodb_entry (index_id, bucket, hash, range, primary_key, item_id, size) VALUES (?, ?, ?, ?, ?, ?, ?)",
                      "iibbbii", index->id, (gint64) key.bucket, key.hash, key.range, primary, row,
                      (gint64) practice_dynamodb_value_get_item_size (part));
}

static void
remove_entry (PracticeDynamodb            *self,
              const PracticeDynamodbIndex *index,
              GBytes                      *primary,
              const PracticeDynamodbValue *item)
{
  g_auto (PracticeDynamodbKey) key = { 0 };

  practice_dynamodb_key_init (&key, &index->keys, item);
  practice_store_run (self->store, "DELETE FROM dynamodb_entry WHERE index_id = ? AND bucket = ? AND hash = ? AND range = ? AND primary_key = ?",
                      "iibbb", index->id, (gint64) key.bucket, key.hash, key.range, primary);
}

static void
write_entries (PracticeDynamodb            *self,
               const PracticeDynamodbTable *table,
               const PracticeDynamodbKey   *key,
               gint64                       row,
               PracticeDynamodbValue       *old_item,
               PracticeDynamodbValue       *new_item)
{
  g_autoptr (GBytes) primary = NULL;

  if (table->indexes->len == 0)
    return;
  primary = practice_dynamodb_key_join (key);
  for (guint i = 0; i < table->indexes->len; i++) {
    const PracticeDynamodbIndex *index = g_ptr_array_index (table->indexes, i);

    if (old_item != NULL && practice_dynamodb_schema_covers (&index->keys, old_item))
      remove_entry (self, index, primary, old_item);
    if (new_item != NULL && practice_dynamodb_schema_covers (&index->keys, new_item))
      add_entry (self, table, index, primary, row, new_item);
  }
}

static void
emit_written (PracticeDynamodb            *self,
              PracticeCall                *call,
              const PracticeDynamodbTable *table,
              const char                  *event_name,
              PracticeDynamodbValue       *keys,
              PracticeDynamodbValue       *old_item,
              PracticeDynamodbValue       *new_item,
              const char                  *event_id,
              const char                  *sequence_number)
{
  PracticePrincipal *principal = practice_call_get_principal (call);
  JsonObject *event = json_object_new ();

  json_object_set_string_member (event, "region", table->region);
  json_object_set_string_member (event, "tableArn", table->arn);
  json_object_set_string_member (event, "eventName", event_name);
  json_object_set_object_member (event, "keys", practice_dynamodb_value_item_to_json (keys));
  if (new_item != NULL)
    json_object_set_object_member (event, "newImage", practice_dynamodb_value_item_to_json (new_item));
  if (old_item != NULL)
    json_object_set_object_member (event, "oldImage", practice_dynamodb_value_item_to_json (old_item));
  if (principal->invocation_id != NULL)
    json_object_set_string_member (event, "invocationId", principal->invocation_id);
  if (principal->arn != NULL)
    json_object_set_string_member (event, "principal", principal->arn);
  if (event_id != NULL) {
    json_object_set_string_member (event, "eventID", event_id);
    json_object_set_string_member (event, "sequenceNumber", sequence_number);
  }
  practice_events_emit (practice_server_get_events (self->server), "table-written", event);
}

PracticeDynamodbValue *
practice_dynamodb_items_get (PracticeDynamodb            *self,
                             const PracticeDynamodbTable *table,
                             const PracticeDynamodbKey   *key,
                             gint64                      *row)
{
  sqlite3_stmt *found = practice_store_prepare (self->store, "SELECT id, item FROM dynamodb_item WHERE table_id = ? AND bucket = ? AND hash = ? AND range = ?",
                                                "iibb", table->id, (gint64) key->bucket, key->hash, key->range);
  PracticeDynamodbValue *item = NULL;

  if (row != NULL)
    *row = 0;
  if (sqlite3_step (found) == SQLITE_ROW) {
    if (row != NULL)
      *row = sqlite3_column_int64 (found, 0);
    item = practice_dynamodb_value_decode (sqlite3_column_blob (found, 1), sqlite3_column_bytes (found, 1));
  }
  sqlite3_reset (found);
  return item;
}

void
practice_dynamodb_items_write (PracticeDynamodb            *self,
                               PracticeCall                *call,
                               const PracticeDynamodbTable *table,
                               const PracticeDynamodbKey   *key,
                               PracticeDynamodbValue       *old_item,
                               gint64                       row,
                               PracticeDynamodbValue       *new_item)
{
  gint64 old_size = old_item != NULL ? practice_dynamodb_value_get_item_size (old_item) : 0;
  gint64 new_size = new_item != NULL ? practice_dynamodb_value_get_item_size (new_item) : 0;
  gboolean changed = old_item == NULL || new_item == NULL || !practice_dynamodb_value_equal (old_item, new_item);
  const char *event_name = new_item == NULL ? "REMOVE" : old_item == NULL ? "INSERT" : "MODIFY";
  g_autoptr (PracticeDynamodbValue) keys = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autofree char *event_id = NULL;
  g_autofree char *sequence_number = NULL;

  if (old_item == NULL && new_item == NULL)
    return;

  if (changed) {
    if (new_item == NULL) {
      practice_store_run (self->store, "DELETE FROM dynamodb_item WHERE id = ?", "i", row);
    } else {
      bytes = practice_dynamodb_value_encode (new_item);
      if (row != 0)
        practice_store_run (self->store, "UPDATE dynamodb_item SET item = ? WHERE id = ?", "bi", bytes, row);
      else
        practice_store_run (self->store, "INSERT INTO dynamodb_item (table_id, bucket, hash, range, item) VALUES (?, ?, ?, ?, ?)", "iibbb",
                            table->id, (gint64) key->bucket, key->hash, key->range, bytes);
      if (row == 0)
        row = sqlite3_last_insert_rowid (practice_store_get_db (self->store));
    }
    write_entries (self, table, key, row, old_item, new_item);
    practice_store_run (self->store, "UPDATE dynamodb_count SET items = items + ?, bytes = bytes + ? WHERE table_id = ?", "iii",
                        (gint64) (new_item != NULL) - (gint64) (old_item != NULL), new_size - old_size, table->id);
  }

  keys = practice_dynamodb_value_new_map ();
  practice_dynamodb_schema_extract (&table->keys, new_item != NULL ? new_item : old_item, keys);
  if (changed && table->stream_id != 0)
    practice_streams_log_append (self->server, table, event_name, keys, new_item, old_item, &event_id, &sequence_number);
  emit_written (self, call, table, event_name, keys, old_item, new_item, event_id, sequence_number);
}

void
practice_dynamodb_items_index (PracticeDynamodb            *self,
                               const PracticeDynamodbTable *table,
                               const PracticeDynamodbIndex *index)
{
  sqlite3_stmt *row = practice_store_prepare (self->store, "SELECT id, item FROM dynamodb_item WHERE table_id = ?", "i", table->id);

  while (sqlite3_step (row) == SQLITE_ROW) {
    g_autoptr (PracticeDynamodbValue) item = practice_dynamodb_value_decode (sqlite3_column_blob (row, 1), sqlite3_column_bytes (row, 1));
    g_auto (PracticeDynamodbKey) key = { 0 };
    g_autoptr (GBytes) primary = NULL;

    if (item == NULL || !practice_dynamodb_schema_covers (&index->keys, item))
      continue;
    practice_dynamodb_key_init (&key, &table->keys, item);
    primary = practice_dynamodb_key_join (&key);
    add_entry (self, table, index, primary, sqlite3_column_int64 (row, 0), item);
  }
  sqlite3_reset (row);
}

void
practice_dynamodb_items_count_index (PracticeDynamodb *self,
                                     gint64            index_id,
                                     gint64           *entries,
                                     gint64           *bytes)
{
  sqlite3_stmt *row = practice_store_prepare (self->store, "SELECT count(*), total(size) FROM dynamodb_entry WHERE index_id = ?", "i", index_id);

  *entries = *bytes = 0;
  if (sqlite3_step (row) == SQLITE_ROW) {
    *entries = sqlite3_column_int64 (row, 0);
    *bytes = sqlite3_column_int64 (row, 1);
  }
  sqlite3_reset (row);
}
