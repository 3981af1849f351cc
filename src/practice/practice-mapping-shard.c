/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-mapping-shard.h"

#include <string.h>

#include "practice-hold.h"
#include "practice-json.h"

#define READ_MOST 1000
#define RETRY_FIRST_MS 500
#define RETRY_MOST_MS 30000
/* What step mode may keep of a shard in memory; the rest is not read yet. */
#define KEPT_MOST 10000

/* An answer or invocation under way holds the mapping, which holds the poller and its shards. */
typedef struct {
  PracticeMapping *mapping;
  PracticeShard   *shard;
  PracticeBatch   *batch;
} Pending;

static PracticeBatch *
batch_new (JsonArray *records)
{
  PracticeBatch *batch = g_new0 (PracticeBatch, 1);

  batch->records = records;
  return batch;
}

static void
batch_free (gpointer data)
{
  PracticeBatch *batch = data;

  json_array_unref (batch->records);
  g_free (batch);
}

PracticeShard *
practice_shard_new (PracticeMappingStream *poller,
                    const char            *id)
{
  PracticeShard *shard = g_new0 (PracticeShard, 1);
  sqlite3_stmt *row;

  shard->poller = poller;
  shard->id = g_strdup (id);
  shard->held = json_array_new ();
  shard->kept = g_queue_new ();
  shard->loose = g_queue_new ();
  shard->batches = g_queue_new ();
  row = practice_store_prepare (practice_server_get_store (poller->mapping->server), "SELECT sequence FROM lambda_checkpoint WHERE uuid = ? AND shard = ?", "ss",
                                poller->mapping->uuid, id);
  if (sqlite3_step (row) == SQLITE_ROW)
    shard->checkpoint = g_strdup ((const char *) sqlite3_column_text (row, 0));
  sqlite3_reset (row);
  return shard;
}

void
practice_shard_free (gpointer data)
{
  PracticeShard *shard = data;

  g_queue_free_full (shard->kept, (GDestroyNotify) json_object_unref);
  g_queue_free_full (shard->loose, (GDestroyNotify) json_object_unref);
  g_clear_handle_id (&shard->timer_id, g_source_remove);
  g_queue_free_full (shard->batches, batch_free);
  json_array_unref (shard->held);
  g_free (shard->id);
  g_free (shard->iterator);
  g_free (shard->checkpoint);
  g_free (shard);
}

static Pending *
pending_new (PracticeMapping *mapping,
             PracticeShard   *shard)
{
  Pending *pending = g_new0 (Pending, 1);

  pending->mapping = practice_mapping_ref (mapping);
  pending->shard = shard;
  return pending;
}

static void
pending_free (Pending *pending)
{
  g_clear_pointer (&pending->batch, batch_free);
  practice_mapping_unref (pending->mapping);
  g_free (pending);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Pending, pending_free)

static gboolean
on_timer (gpointer data)
{
  PracticeShard *shard = data;

  shard->timer_id = 0;
  practice_shard_go_on (shard);
  return G_SOURCE_REMOVE;
}

void
practice_shard_go_on_later (PracticeShard *shard,
                            guint          milliseconds)
{
  if (shard->timer_id == 0)
    shard->timer_id = g_timeout_add (milliseconds, on_timer, shard);
}

void
practice_shard_set_checkpoint (PracticeShard *shard,
                               JsonObject    *record)
{
  PracticeMapping *mapping = shard->poller->mapping;

  g_free (shard->checkpoint);
  shard->checkpoint = g_strdup (practice_record_get_sequence (record));
  practice_store_run (practice_server_get_store (mapping->server),
                      "INSERT INTO lambda_checkpoint (uuid, shard, sequence) SELECT ?1, ?2, ?3 WHERE EXISTS (SELECT 1 FROM lambda_mapping WHERE uuid = ?1)"
                      "  ON CONFLICT (uuid, shard) DO UPDATE SET sequence = ?3", "sss", mapping->uuid, shard->id, shard->checkpoint);
}

static void
add_id (JsonArray  *ids,
        JsonObject *record)
{
  JsonObject *id = json_object_new ();

  json_object_set_string_member (id, "eventID", practice_json_get_string (record, "eventID"));
  json_array_add_object_element (ids, id);
}

static JsonArray *
slice (JsonArray *records,
       guint      from,
       guint      to)
{
  JsonArray *part = json_array_new ();

  for (guint i = from; i < to; i++)
    json_array_add_object_element (part, json_object_ref (json_array_get_object_element (records, i)));
  return part;
}

/* A batch that failed: split, tried again, or given up. Takes @batch. */
static void
fail_batch (PracticeShard      *shard,
            PracticeBatch      *batch,
            PracticeInvocation *invocation)
{
  PracticeMapping *mapping = shard->poller->mapping;
  gint64 most = practice_mapping_get_int (mapping, "MaximumRetryAttempts", -1);
  guint length = json_array_get_length (batch->records);

  batch->attempts++;
  practice_mapping_set_result (mapping, "PROBLEM: Function call failed");
  /* Splitting does not count as a retry. */
  if (length > 1 && json_object_get_boolean_member_with_default (mapping->config, "BisectBatchOnFunctionError", FALSE)) {
    for (guint half = 2; half > 0; half--) {
      PracticeBatch *part = batch_new (slice (batch->records, half == 2 ? length / 2 : 0, half == 2 ? length : length / 2));

      part->stepped = batch->stepped;
      g_queue_push_head (shard->batches, part);
    }
    batch_free (batch);
    practice_shard_go_on (shard);
    return;
  }
  if (most >= 0 && batch->attempts > most) {
    practice_shard_discard (shard, batch->records, batch->attempts, "RetryAttemptsExhausted", invocation);
    batch_free (batch);
    shard->retry_ms = 0;
    practice_shard_go_on (shard);
    return;
  }
  g_queue_push_head (shard->batches, batch);
  shard->retry_ms = shard->retry_ms == 0 ? RETRY_FIRST_MS : MIN (shard->retry_ms * 2, RETRY_MOST_MS);
  practice_shard_go_on_later (shard, shard->retry_ms);
}

/* A batch that went well but for the records that the function names: what lies before the first of them is done. Takes @batch. */
static void
fail_part (PracticeShard      *shard,
           PracticeBatch      *batch,
           GHashTable         *failed,
           PracticeInvocation *invocation)
{
  guint length = json_array_get_length (batch->records);

  for (guint i = 0; i < length; i++) {
    const char *sequence = practice_record_get_sequence (json_array_get_object_element (batch->records, i));

    if (sequence == NULL || !g_hash_table_contains (failed, sequence))
      continue;
    if (i > 0) {
      JsonArray *rest = slice (batch->records, i, length);

      practice_shard_set_checkpoint (shard, json_array_get_object_element (batch->records, i - 1));
      json_array_unref (batch->records);
      batch->records = rest;
      /* Another batch than the one that failed. */
      batch->attempts = 0;
    }
    fail_batch (shard, batch, invocation);
    return;
  }
  /* None of them is in the batch: all of it has failed. */
  fail_batch (shard, batch, invocation);
}

static void
on_invoked (PracticeInvocation *invocation,
            gpointer            data)
{
  g_autoptr (Pending) pending = data;
  PracticeMapping *mapping = pending->mapping;
  PracticeShard *shard = pending->shard;
  PracticeBatch *batch = g_steal_pointer (&pending->batch);
  g_autoptr (GHashTable) failed = NULL;
  guint length = json_array_get_length (batch->records);

  mapping->batches--;
  shard->invoking = FALSE;
  if (!practice_invocation_failed (invocation) && practice_mapping_get_failures (mapping, invocation, &failed)) {
    if (failed == NULL || g_hash_table_size (failed) == 0) {
      practice_shard_set_checkpoint (shard, json_array_get_object_element (batch->records, length - 1));
      practice_mapping_set_result (mapping, "OK");
      shard->retry_ms = 0;
      batch_free (batch);
    } else if (mapping->stopped) {
      batch_free (batch);
    } else {
      fail_part (shard, batch, failed, invocation);
      return;
    }
  } else if (mapping->stopped) {
    batch_free (batch);
  } else {
    fail_batch (shard, batch, invocation);
    return;
  }
  practice_shard_go_on (shard);
}

/* The records at the head of @batch that have become too old; TRUE where some are left. */
static gboolean
drop_old (PracticeShard *shard,
          PracticeBatch *batch)
{
  gint64 most = practice_mapping_get_int (shard->poller->mapping, "MaximumRecordAgeInSeconds", -1);
  double now = (double) g_get_real_time () / G_USEC_PER_SEC;
  guint length = json_array_get_length (batch->records);
  guint old = 0;

  if (batch->stepped)
    return TRUE;
  while (most >= 0 && old < length && now - practice_record_get_time (json_array_get_object_element (batch->records, old)) > (double) most)
    old++;
  if (old > 0) {
    g_autoptr (JsonArray) gone = slice (batch->records, 0, old);
    JsonArray *rest = slice (batch->records, old, length);

    practice_shard_discard (shard, gone, batch->attempts, "RecordAgeExceeded", NULL);
    json_array_unref (batch->records);
    batch->records = rest;
  }
  return old < length;
}

static void
run_batch (PracticeShard *shard)
{
  PracticeMapping *mapping = shard->poller->mapping;
  PracticeBatch *batch = g_queue_pop_head (shard->batches);
  Pending *pending = NULL;
  JsonArray *ids = NULL;

  if (!drop_old (shard, batch)) {
    batch_free (batch);
    practice_shard_go_on_later (shard, 0);
    return;
  }
  ids = json_array_new ();
  for (guint i = 0; i < json_array_get_length (batch->records); i++)
    add_id (ids, json_array_get_object_element (batch->records, i));
  shard->invoking = TRUE;
  mapping->batches++;
  pending = pending_new (mapping, shard);
  pending->batch = batch;
  practice_mapping_invoke (mapping, batch->records, ids, on_invoked, pending);
}

/* A record as GetRecords shows it → as the function gets it. */
static JsonObject *
make_record (PracticeMapping *mapping,
             JsonObject      *from)
{
  JsonObject *record = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  json_object_iter_init_ordered (&iter, from);
  while (json_object_iter_next_ordered (&iter, &name, &value))
    json_object_set_member (record, name, json_node_copy (value));
  json_object_set_string_member (record, "eventSourceARN", mapping->source_arn);
  return record;
}

/* What was read becomes a batch, without what the filters do not want. */
void
practice_shard_make_batch (PracticeShard *shard)
{
  PracticeMapping *mapping = shard->poller->mapping;
  g_autoptr (JsonArray) read = g_steal_pointer (&shard->held);
  g_autoptr (JsonArray) records = json_array_new ();
  JsonArray *unwanted = NULL;

  shard->held = json_array_new ();
  shard->window_over = FALSE;
  for (guint i = 0; i < json_array_get_length (read); i++) {
    JsonObject *record = json_array_get_object_element (read, i);

    if (practice_mapping_matches (mapping, record)) {
      json_array_add_object_element (records, json_object_ref (record));
    } else {
      if (unwanted == NULL)
        unwanted = json_array_new ();
      add_id (unwanted, record);
    }
  }
  if (unwanted != NULL)
    practice_mapping_emit (mapping, "mapping-filtered", unwanted, NULL);
  if (json_array_get_length (records) > 0)
    g_queue_push_tail (shard->batches, batch_new (g_steal_pointer (&records)));
  else
    practice_shard_set_checkpoint (shard, json_array_get_object_element (read, json_array_get_length (read) - 1));
}

static void
take_records (PracticeShard *shard,
              JsonArray     *records)
{
  PracticeMappingStream *self = shard->poller;
  gint64 size = self->mapping->batch_size;
  gboolean keeps = !g_queue_is_empty (shard->kept) || practice_hold_covers (self->mapping->server, self->mapping->source_arn);

  for (guint i = 0; i < json_array_get_length (records); i++) {
    JsonObject *record = json_array_get_object_element (records, i);

    /* A mapping from LATEST that lost its place reads from the beginning, but takes only what came after it was made. */
    if (self->latest && shard->checkpoint == NULL && practice_record_get_time (record) < (double) self->mapping->created)
      continue;
    if (keeps)
      practice_shard_keep (shard, make_record (self->mapping, record));
    else
      json_array_add_object_element (shard->held, make_record (self->mapping, record));
  }
  if (json_array_get_length (shard->held) == 0)
    return;
  if (json_array_get_length (shard->held) >= size || self->mapping->window == 0 || shard->window_over) {
    practice_shard_make_batch (shard);
  } else if (shard->timer_id == 0) {
    shard->window_over = TRUE;
    practice_shard_go_on_later (shard, (guint) self->mapping->window * 1000);
  }
}

static void
on_records (const PracticeAnswer *answer,
            gpointer              data)
{
  g_autoptr (Pending) pending = data;
  PracticeShard *shard = pending->shard;
  const char *next = NULL;
  JsonArray *records = NULL;

  shard->reading = FALSE;
  if (pending->mapping->stopped)
    return;
  if (answer->code != NULL) {
    /* The next iterator begins behind what has been read. */
    g_clear_pointer (&shard->iterator, g_free);
    if (strstr (answer->code, "ExpiredIterator") == NULL)
      practice_mapping_stream_fail (shard->poller, answer);
    practice_shard_go_on_later (shard, strstr (answer->code, "ExpiredIterator") != NULL ? 0 : PRACTICE_SHARD_PROBLEM_MS);
    return;
  }
  practice_mapping_recover (pending->mapping);
  next = practice_json_get_string (answer->result, "NextShardIterator");
  records = practice_json_get_array (answer->result, "Records");
  g_free (shard->iterator);
  shard->iterator = g_strdup (next);
  shard->closed = next == NULL;
  if (records != NULL && json_array_get_length (records) > 0)
    take_records (shard, records);
  else
    shard->waiting = TRUE;
  if (shard->closed) {
    if (json_array_get_length (shard->held) > 0)
      practice_shard_make_batch (shard);
    practice_mapping_stream_discover (shard->poller);
  }
  /* From the main loop: a long stream must not grow the stack. */
  if (!shard->waiting || !g_queue_is_empty (shard->batches) || !g_queue_is_empty (shard->loose))
    practice_shard_go_on_later (shard, 0);
}

/* What has been read, but is in no batch yet, is read again. */
static void
forget_read (PracticeShard *shard)
{
  while (!g_queue_is_empty (shard->loose))
    json_object_unref (g_queue_pop_head (shard->loose));
  json_array_unref (shard->held);
  shard->held = json_array_new ();
  shard->window_over = FALSE;
  practice_mapping_stream_end_hold (shard->poller);
}

static void
on_iterator (const PracticeAnswer *answer,
             gpointer              data)
{
  g_autoptr (Pending) pending = data;
  PracticeShard *shard = pending->shard;

  shard->reading = FALSE;
  if (pending->mapping->stopped)
    return;
  if (answer->code != NULL) {
    /* What the checkpoint points to may be gone: the oldest there is comes next. */
    if (strstr (answer->code, "TrimmedDataAccess") != NULL) {
      forget_read (shard);
      g_clear_pointer (&shard->checkpoint, g_free);
      shard->poller->latest = FALSE;
    } else {
      practice_mapping_stream_fail (shard->poller, answer);
    }
    practice_shard_go_on_later (shard, PRACTICE_SHARD_PROBLEM_MS);
    return;
  }
  shard->at_end = FALSE;
  shard->iterator = g_strdup (practice_json_get_string (answer->result, "ShardIterator"));
  practice_shard_go_on (shard);
}

/* The sequence number of the record that was read last, or NULL: what is not yet a batch, else what is done. */
static const char *
get_last_read (PracticeShard *shard)
{
  guint length = json_array_get_length (shard->held);

  if (!g_queue_is_empty (shard->kept))
    return practice_record_get_sequence (g_queue_peek_tail (shard->kept));
  if (!g_queue_is_empty (shard->loose))
    return practice_record_get_sequence (g_queue_peek_tail (shard->loose));
  return length > 0 ? practice_record_get_sequence (json_array_get_object_element (shard->held, length - 1)) : shard->checkpoint;
}

static void
get_iterator (PracticeShard     *shard,
              PracticePrincipal *principal)
{
  PracticeMapping *mapping = shard->poller->mapping;
  JsonObject *params = json_object_new ();
  const char *after = get_last_read (shard);
  const char *type = after != NULL ? "AFTER_SEQUENCE_NUMBER" : shard->at_end ? "LATEST" : "TRIM_HORIZON";

  json_object_set_string_member (params, "StreamArn", mapping->source_arn);
  json_object_set_string_member (params, "ShardId", shard->id);
  json_object_set_string_member (params, "ShardIteratorType", type);
  if (after != NULL)
    json_object_set_string_member (params, "SequenceNumber", after);
  shard->reading = TRUE;
  practice_server_call (mapping->server, principal, "dynamodb", "GetShardIterator", mapping->region, params, NULL, on_iterator, pending_new (mapping, shard));
}

void
practice_shard_go_on (PracticeShard *shard)
{
  PracticeMapping *mapping = shard->poller->mapping;
  PracticePrincipal *principal = NULL;
  JsonObject *params = NULL;
  gint64 room = MIN (mapping->batch_size, READ_MOST) - (gint64) json_array_get_length (shard->held);

  if (mapping->stopped || shard->reading || shard->invoking || shard->timer_id != 0)
    return;
  if (!g_queue_is_empty (shard->batches)) {
    run_batch (shard);
    return;
  }
  if (!g_queue_is_empty (shard->loose)) {
    practice_shard_batch_loose (shard);
    practice_shard_go_on_later (shard, 0);
    return;
  }
  if (g_queue_get_length (shard->kept) >= KEPT_MOST)
    return;
  if (shard->closed || (shard->waiting && !shard->window_over))
    return;
  if (shard->window_over && (shard->waiting || room <= 0)) {
    practice_shard_make_batch (shard);
    practice_shard_go_on_later (shard, 0);
    return;
  }
  principal = practice_mapping_get_principal (mapping);
  if (principal == NULL) {
    practice_shard_go_on_later (shard, PRACTICE_SHARD_PROBLEM_MS);
    return;
  }
  if (shard->iterator == NULL) {
    get_iterator (shard, principal);
    return;
  }
  params = json_object_new ();
  json_object_set_string_member (params, "ShardIterator", shard->iterator);
  json_object_set_int_member (params, "Limit", MAX (room, 1));
  shard->reading = TRUE;
  practice_server_call (mapping->server, principal, "dynamodb", "GetRecords", mapping->region, params, NULL, on_records, pending_new (mapping, shard));
}
