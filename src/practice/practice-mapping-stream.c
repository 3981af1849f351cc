/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-mapping-private.h"

#include <string.h>

#include "practice-hold.h"
#include "practice-json.h"

#define READ_MOST 1000
#define RETRY_FIRST_MS 500
#define RETRY_MOST_MS 30000
#define PROBLEM_MS 5000
/* What step mode may keep of a shard in memory; the rest is not read yet. */
#define KEPT_MOST 10000

/* Records that go to the function together. */
typedef struct {
  JsonArray *records;
  guint      attempts;
  gboolean   stepped;      /* step mode held them: their age does not count */
} Batch;

/* One shard: read in order, one batch at a time. Holds its mapping's poller. */
typedef struct {
  PracticeMappingStream *poller;
  char                  *id;
  char                  *iterator;
  char                  *checkpoint;   /* the sequence number done last; NULL at the beginning */
  JsonArray             *held;         /* read, waiting for the batch to be full or the window's end */
  GQueue                *kept;         /* JsonObject: read, and held by step mode */
  GQueue                *loose;        /* JsonObject: let go, the next batches */
  GQueue                *batches;      /* Batch */
  guint                  timer_id;
  guint                  retry_ms;
  gboolean               window_over;
  gboolean               reading;
  gboolean               invoking;
  gboolean               waiting;      /* for "arrival" */
  gboolean               closed;
  gboolean               at_end;       /* begin with what comes from now on */
} Shard;

struct _PracticeMappingStream {
  PracticeMapping *mapping;   /* owns this */
  GPtrArray       *shards;
  gulong           arrival_id;
  guint            timer_id;
  gboolean         latest;    /* begins at the end of the stream */
  gboolean         discovered;
};

/* An answer or invocation under way holds the mapping, which holds the poller and its shards. */
typedef struct {
  PracticeMapping *mapping;
  Shard           *shard;     /* NULL: of the whole stream */
  Batch           *batch;
} Pending;

static void go_on (Shard *shard);
static void discover (PracticeMappingStream *self);

static Batch *
batch_new (JsonArray *records)
{
  Batch *batch = g_new0 (Batch, 1);

  batch->records = records;
  return batch;
}

static void
batch_free (gpointer data)
{
  Batch *batch = data;

  json_array_unref (batch->records);
  g_free (batch);
}

static void
shard_free (gpointer data)
{
  Shard *shard = data;

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
             Shard           *shard)
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
  Shard *shard = data;

  shard->timer_id = 0;
  go_on (shard);
  return G_SOURCE_REMOVE;
}

static void
go_on_later (Shard *shard,
             guint  milliseconds)
{
  if (shard->timer_id == 0)
    shard->timer_id = g_timeout_add (milliseconds, on_timer, shard);
}

static gboolean
on_discover (gpointer data)
{
  PracticeMappingStream *self = data;

  self->timer_id = 0;
  discover (self);
  return G_SOURCE_REMOVE;
}

/* What went wrong with the stream itself: told, and tried again after a while. */
static void
fail_stream (PracticeMappingStream *self,
             const PracticeAnswer  *answer)
{
  g_autofree char *result = NULL;

  if (answer->code != NULL && strstr (answer->code, "AccessDenied") != NULL)
    result = g_strdup ("PROBLEM: Cannot access stream. Please ensure the role can perform the GetRecords, GetShardIterator, DescribeStream, and "
                       "ListStreams Actions on your stream in IAM.");
  else
    result = g_strdup_printf ("PROBLEM: %s", answer->message);
  practice_mapping_fail (self->mapping, NULL, answer->code, answer->message, result);
}

static const char *
get_sequence (JsonObject *record)
{
  JsonObject *change = practice_json_get_object (record, "dynamodb");

  return change != NULL ? practice_json_get_string (change, "SequenceNumber") : NULL;
}

static double
get_time (JsonObject *record)
{
  JsonObject *change = practice_json_get_object (record, "dynamodb");
  JsonNode *node = change != NULL ? json_object_get_member (change, "ApproximateCreationDateTime") : NULL;

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) ? json_node_get_double (node) : 0;
}

/* All up to @record is done, whatever came of it. */
static void
set_checkpoint (Shard      *shard,
                JsonObject *record)
{
  PracticeMapping *mapping = shard->poller->mapping;

  g_free (shard->checkpoint);
  shard->checkpoint = g_strdup (get_sequence (record));
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

static char *
format_time (double    seconds,
             gboolean  milliseconds)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc ((gint64) seconds);
  g_autofree char *text = time != NULL ? g_date_time_format (time, "%Y-%m-%dT%H:%M:%S") : g_strdup ("1970-01-01T00:00:00");

  if (!milliseconds)
    return g_strconcat (text, "Z", NULL);
  return g_strdup_printf ("%s.%03dZ", text, (int) ((seconds - (double) (gint64) seconds) * 1000));
}

static void
on_told (const PracticeAnswer *answer,
         gpointer              data)
{
  g_autoptr (Pending) pending = data;

  if (answer->code != NULL)
    practice_mapping_fail (pending->mapping, json_array_new (), answer->code, answer->message, "PROBLEM: The destination for failures cannot be reached.");
}

/* Lambda Developer Guide, "Retain discarded batches": where the records stood and how often they were tried, not the records. */
static char *
describe_discarded (Shard              *shard,
                    JsonArray          *records,
                    guint               attempts,
                    const char         *condition,
                    PracticeInvocation *invocation)
{
  PracticeMapping *mapping = shard->poller->mapping;
  g_autoptr (JsonObject) message = json_object_new ();
  JsonObject *request = json_object_new ();
  JsonObject *response = json_object_new ();
  JsonObject *info = json_object_new ();
  JsonObject *first = json_array_get_object_element (records, 0);
  JsonObject *last = json_array_get_object_element (records, json_array_get_length (records) - 1);
  g_autofree char *now = format_time ((double) g_get_real_time () / G_USEC_PER_SEC, TRUE);
  g_autofree char *first_time = format_time (get_time (first), FALSE);
  g_autofree char *last_time = format_time (get_time (last), FALSE);
  g_autofree char *id = g_uuid_string_random ();

  json_object_set_string_member (request, "requestId", invocation != NULL ? invocation->id : id);
  json_object_set_string_member (request, "functionArn", mapping->function_arn);
  json_object_set_string_member (request, "condition", condition);
  json_object_set_int_member (request, "approximateInvokeCount", attempts);
  json_object_set_object_member (message, "requestContext", request);
  if (invocation != NULL) {
    json_object_set_int_member (response, "statusCode", 200);
    json_object_set_string_member (response, "executedVersion", "$LATEST");
    if (practice_invocation_failed (invocation))
      json_object_set_string_member (response, "functionError", "Unhandled");
    json_object_set_object_member (message, "responseContext", response);
  } else {
    json_object_unref (response);
  }
  json_object_set_string_member (message, "version", "1.0");
  json_object_set_string_member (message, "timestamp", now);
  json_object_set_string_member (info, "shardId", shard->id);
  json_object_set_string_member (info, "startSequenceNumber", get_sequence (first));
  json_object_set_string_member (info, "endSequenceNumber", get_sequence (last));
  json_object_set_string_member (info, "approximateArrivalOfFirstRecord", first_time);
  json_object_set_string_member (info, "approximateArrivalOfLastRecord", last_time);
  json_object_set_int_member (info, "batchSize", json_array_get_length (records));
  json_object_set_string_member (info, "streamArn", mapping->source_arn);
  json_object_set_object_member (message, "DDBStreamBatchInfo", info);
  return practice_json_object_to_text (message);
}

/* Records that are given up: told to the destination for failures, where there is one, and passed by. */
static void
discard (Shard              *shard,
         JsonArray          *records,
         guint               attempts,
         const char         *condition,
         PracticeInvocation *invocation)
{
  PracticeMapping *mapping = shard->poller->mapping;
  JsonObject *config = practice_json_get_object (mapping->config, "DestinationConfig");
  JsonObject *failure = config != NULL ? practice_json_get_object (config, "OnFailure") : NULL;
  const char *arn = failure != NULL ? practice_json_get_string (failure, "Destination") : NULL;
  PracticePrincipal *principal = arn != NULL ? practice_mapping_get_principal (mapping) : NULL;

  if (principal != NULL) {
    g_autofree char *text = describe_discarded (shard, records, attempts, condition, invocation);
    g_autofree char *url = practice_mapping_queue_url (mapping->server, arn);
    JsonObject *params = json_object_new ();
    gboolean queue = g_str_has_prefix (arn, "arn:aws:sqs:");

    json_object_set_string_member (params, queue ? "QueueUrl" : "TopicArn", queue ? url : arn);
    json_object_set_string_member (params, queue ? "MessageBody" : "Message", text);
    practice_server_call (mapping->server, principal, queue ? "sqs" : "sns", queue ? "SendMessage" : "Publish", mapping->region, params, NULL,
                          on_told, pending_new (mapping, shard));
  }
  set_checkpoint (shard, json_array_get_object_element (records, json_array_get_length (records) - 1));
}

/* A batch that failed: split, tried again, or given up. Takes @batch. */
static void
fail_batch (Shard              *shard,
            Batch              *batch,
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
      Batch *part = batch_new (slice (batch->records, half == 2 ? length / 2 : 0, half == 2 ? length : length / 2));

      part->stepped = batch->stepped;
      g_queue_push_head (shard->batches, part);
    }
    batch_free (batch);
    go_on (shard);
    return;
  }
  if (most >= 0 && batch->attempts > most) {
    discard (shard, batch->records, batch->attempts, "RetryAttemptsExhausted", invocation);
    batch_free (batch);
    shard->retry_ms = 0;
    go_on (shard);
    return;
  }
  g_queue_push_head (shard->batches, batch);
  shard->retry_ms = shard->retry_ms == 0 ? RETRY_FIRST_MS : MIN (shard->retry_ms * 2, RETRY_MOST_MS);
  go_on_later (shard, shard->retry_ms);
}

/* A batch that went well but for the records that the function names: what lies before the first of them is done. Takes @batch. */
static void
fail_part (Shard              *shard,
           Batch              *batch,
           GHashTable         *failed,
           PracticeInvocation *invocation)
{
  guint length = json_array_get_length (batch->records);

  for (guint i = 0; i < length; i++) {
    const char *sequence = get_sequence (json_array_get_object_element (batch->records, i));

    if (sequence == NULL || !g_hash_table_contains (failed, sequence))
      continue;
    if (i > 0) {
      JsonArray *rest = slice (batch->records, i, length);

      set_checkpoint (shard, json_array_get_object_element (batch->records, i - 1));
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
  Shard *shard = pending->shard;
  Batch *batch = g_steal_pointer (&pending->batch);
  g_autoptr (GHashTable) failed = NULL;
  guint length = json_array_get_length (batch->records);

  mapping->batches--;
  shard->invoking = FALSE;
  if (!practice_invocation_failed (invocation) && practice_mapping_get_failures (mapping, invocation, &failed)) {
    if (failed == NULL || g_hash_table_size (failed) == 0) {
      set_checkpoint (shard, json_array_get_object_element (batch->records, length - 1));
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
  go_on (shard);
}

/* The records at the head of @batch that have become too old; TRUE where some are left. */
static gboolean
drop_old (Shard *shard,
          Batch *batch)
{
  gint64 most = practice_mapping_get_int (shard->poller->mapping, "MaximumRecordAgeInSeconds", -1);
  double now = (double) g_get_real_time () / G_USEC_PER_SEC;
  guint length = json_array_get_length (batch->records);
  guint old = 0;

  if (batch->stepped)
    return TRUE;
  while (most >= 0 && old < length && now - get_time (json_array_get_object_element (batch->records, old)) > (double) most)
    old++;
  if (old > 0) {
    g_autoptr (JsonArray) gone = slice (batch->records, 0, old);
    JsonArray *rest = slice (batch->records, old, length);

    discard (shard, gone, batch->attempts, "RecordAgeExceeded", NULL);
    json_array_unref (batch->records);
    batch->records = rest;
  }
  return old < length;
}

static void
run_batch (Shard *shard)
{
  PracticeMapping *mapping = shard->poller->mapping;
  Batch *batch = g_queue_pop_head (shard->batches);
  Pending *pending = NULL;
  JsonArray *ids = NULL;

  if (!drop_old (shard, batch)) {
    batch_free (batch);
    go_on_later (shard, 0);
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
static void
make_batch (Shard *shard)
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
    set_checkpoint (shard, json_array_get_object_element (read, json_array_get_length (read) - 1));
}

/* ── step mode ── */

static char *
make_hold_id (Shard      *shard,
              JsonObject *record)
{
  return g_strdup_printf (PRACTICE_HOP_STREAM_MAPPING "/%s/%s", shard->poller->mapping->uuid, practice_json_get_string (record, "eventID"));
}

static void
on_let_go (const char *id,
           gboolean    go,
           gpointer    data)
{
  Shard *shard = data;
  const char *event_id = strrchr (id, '/') + 1;

  for (GList *l = shard->kept->head; l != NULL; l = l->next) {
    JsonObject *record = l->data;

    if (g_strcmp0 (practice_json_get_string (record, "eventID"), event_id) != 0)
      continue;
    g_queue_delete_link (shard->kept, l);
    if (go)
      g_queue_push_tail (shard->loose, record);
    else
      json_object_unref (record);
    break;
  }
  if (!go || shard->poller->mapping->stopped)
    return;
  /* From the main loop: those that are let go together make batches together. */
  g_clear_handle_id (&shard->timer_id, g_source_remove);
  go_on_later (shard, 0);
}

static void
keep (Shard      *shard,
      JsonObject *record)
{
  PracticeMapping *mapping = shard->poller->mapping;
  g_autofree char *id = make_hold_id (shard, record);
  g_autofree char *lane = g_strdup_printf ("%s %s", mapping->uuid, shard->id);
  g_autofree char *text = NULL;
  JsonObject *change = practice_json_get_object (record, "dynamodb");
  JsonObject *image = practice_json_get_object (change, practice_json_get_object (change, "NewImage") != NULL ? "NewImage" : "Keys");
  JsonObject *facts = json_object_new ();

  json_object_set_string_member (facts, "streamArn", mapping->source_arn);
  json_object_set_string_member (facts, "eventID", practice_json_get_string (record, "eventID"));
  json_object_set_string_member (facts, "mappingId", mapping->uuid);
  json_object_set_string_member (facts, "functionArn", mapping->function_arn);
  if (image != NULL)
    text = practice_json_object_to_text (image);
  practice_hold_set_body (facts, text);
  g_queue_push_tail (shard->kept, record);
  practice_hold_add (mapping->server, PRACTICE_HOP_STREAM_MAPPING, id, mapping->source_arn, lane, facts, on_let_go, shard);
}

/* What was let go becomes the next batch. */
static void
batch_loose (Shard *shard)
{
  gint64 size = shard->poller->mapping->batch_size;
  guint before = g_queue_get_length (shard->batches);
  Batch *batch = NULL;

  while (json_array_get_length (shard->held) < size && !g_queue_is_empty (shard->loose))
    json_array_add_object_element (shard->held, g_queue_pop_head (shard->loose));
  make_batch (shard);
  batch = g_queue_get_length (shard->batches) > before ? g_queue_peek_tail (shard->batches) : NULL;
  if (batch != NULL)
    batch->stepped = TRUE;
}

void
practice_mapping_stream_end_hold (PracticeMappingStream *self)
{
  for (guint i = 0; i < self->shards->len; i++) {
    Shard *shard = g_ptr_array_index (self->shards, i);

    while (!g_queue_is_empty (shard->kept)) {
      guint length = g_queue_get_length (shard->kept);
      g_autofree char *id = make_hold_id (shard, g_queue_peek_head (shard->kept));

      practice_hold_drop (self->mapping->server, id);
      /* A server that ends has let go of it already. */
      if (g_queue_get_length (shard->kept) == length)
        json_object_unref (g_queue_pop_head (shard->kept));
    }
  }
}

static void
take_records (Shard     *shard,
              JsonArray *records)
{
  PracticeMappingStream *self = shard->poller;
  gint64 size = self->mapping->batch_size;
  gboolean keeps = !g_queue_is_empty (shard->kept) || practice_hold_covers (self->mapping->server, self->mapping->source_arn);

  for (guint i = 0; i < json_array_get_length (records); i++) {
    JsonObject *record = json_array_get_object_element (records, i);

    /* A mapping from LATEST that lost its place reads from the beginning, but takes only what came after it was made. */
    if (self->latest && shard->checkpoint == NULL && get_time (record) < (double) self->mapping->created)
      continue;
    if (keeps)
      keep (shard, make_record (self->mapping, record));
    else
      json_array_add_object_element (shard->held, make_record (self->mapping, record));
  }
  if (json_array_get_length (shard->held) == 0)
    return;
  if (json_array_get_length (shard->held) >= size || self->mapping->window == 0 || shard->window_over) {
    make_batch (shard);
  } else if (shard->timer_id == 0) {
    shard->window_over = TRUE;
    go_on_later (shard, (guint) self->mapping->window * 1000);
  }
}

static void
on_records (const PracticeAnswer *answer,
            gpointer              data)
{
  g_autoptr (Pending) pending = data;
  Shard *shard = pending->shard;
  const char *next = NULL;
  JsonArray *records = NULL;

  shard->reading = FALSE;
  if (pending->mapping->stopped)
    return;
  if (answer->code != NULL) {
    /* The next iterator begins behind what has been read. */
    g_clear_pointer (&shard->iterator, g_free);
    if (strstr (answer->code, "ExpiredIterator") == NULL)
      fail_stream (shard->poller, answer);
    go_on_later (shard, strstr (answer->code, "ExpiredIterator") != NULL ? 0 : PROBLEM_MS);
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
      make_batch (shard);
    discover (shard->poller);
  }
  /* From the main loop: a long stream must not grow the stack. */
  if (!shard->waiting || !g_queue_is_empty (shard->batches) || !g_queue_is_empty (shard->loose))
    go_on_later (shard, 0);
}

/* What has been read, but is in no batch yet, is read again. */
static void
forget_read (Shard *shard)
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
  Shard *shard = pending->shard;

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
      fail_stream (shard->poller, answer);
    }
    go_on_later (shard, PROBLEM_MS);
    return;
  }
  shard->at_end = FALSE;
  shard->iterator = g_strdup (practice_json_get_string (answer->result, "ShardIterator"));
  go_on (shard);
}

/* The sequence number of the record that was read last, or NULL: what is not yet a batch, else what is done. */
static const char *
get_last_read (Shard *shard)
{
  guint length = json_array_get_length (shard->held);

  if (!g_queue_is_empty (shard->kept))
    return get_sequence (g_queue_peek_tail (shard->kept));
  if (!g_queue_is_empty (shard->loose))
    return get_sequence (g_queue_peek_tail (shard->loose));
  return length > 0 ? get_sequence (json_array_get_object_element (shard->held, length - 1)) : shard->checkpoint;
}

static void
get_iterator (Shard             *shard,
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

/* The shard's next step, whatever it is. */
static void
go_on (Shard *shard)
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
    batch_loose (shard);
    go_on_later (shard, 0);
    return;
  }
  if (g_queue_get_length (shard->kept) >= KEPT_MOST)
    return;
  if (shard->closed || (shard->waiting && !shard->window_over))
    return;
  if (shard->window_over && (shard->waiting || room <= 0)) {
    make_batch (shard);
    go_on_later (shard, 0);
    return;
  }
  principal = practice_mapping_get_principal (mapping);
  if (principal == NULL) {
    go_on_later (shard, PROBLEM_MS);
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

static void
add_shard (PracticeMappingStream *self,
           const char            *id)
{
  PracticeMapping *mapping = self->mapping;
  Shard *shard = NULL;
  sqlite3_stmt *row;

  for (guint i = 0; i < self->shards->len; i++) {
    if (g_str_equal (((Shard *) g_ptr_array_index (self->shards, i))->id, id))
      return;
  }
  shard = g_new0 (Shard, 1);
  shard->poller = self;
  shard->id = g_strdup (id);
  shard->held = json_array_new ();
  shard->kept = g_queue_new ();
  shard->loose = g_queue_new ();
  shard->batches = g_queue_new ();
  row = practice_store_prepare (practice_server_get_store (mapping->server), "SELECT sequence FROM lambda_checkpoint WHERE uuid = ? AND shard = ?", "ss",
                                mapping->uuid, id);
  if (sqlite3_step (row) == SQLITE_ROW)
    shard->checkpoint = g_strdup ((const char *) sqlite3_column_text (row, 0));
  sqlite3_reset (row);
  /* Shards that are found later have all come into being since. */
  shard->at_end = self->latest && mapping->fresh && !self->discovered;
  g_ptr_array_add (self->shards, shard);
  if (shard->at_end)
    go_on (shard);   /* at once: nothing may come between */
  else
    go_on_later (shard, 0);
}

static void
on_described (const PracticeAnswer *answer,
              gpointer              data)
{
  g_autoptr (Pending) pending = data;
  PracticeMappingStream *self = pending->mapping->stream;
  JsonObject *description = answer->result != NULL ? practice_json_get_object (answer->result, "StreamDescription") : NULL;
  JsonArray *shards = description != NULL ? practice_json_get_array (description, "Shards") : NULL;

  if (self == NULL || pending->mapping->stopped)
    return;
  if (answer->code != NULL) {
    fail_stream (self, answer);
    if (self->timer_id == 0)
      self->timer_id = g_timeout_add (PROBLEM_MS, on_discover, self);
    return;
  }
  practice_mapping_recover (pending->mapping);
  for (guint i = 0; shards != NULL && i < json_array_get_length (shards); i++)
    add_shard (self, practice_json_get_string (json_array_get_object_element (shards, i), "ShardId"));
  self->discovered = TRUE;
}

/* The shards that there are: at the beginning, and when one ends. */
static void
discover (PracticeMappingStream *self)
{
  PracticeMapping *mapping = self->mapping;
  PracticePrincipal *principal = practice_mapping_get_principal (mapping);
  JsonObject *params = NULL;

  if (mapping->stopped)
    return;
  if (principal == NULL) {
    if (self->timer_id == 0)
      self->timer_id = g_timeout_add (PROBLEM_MS, on_discover, self);
    return;
  }
  params = json_object_new ();
  json_object_set_string_member (params, "StreamArn", mapping->source_arn);
  practice_server_call (mapping->server, principal, "dynamodb", "DescribeStream", mapping->region, params, NULL, on_described, pending_new (mapping, NULL));
}

static void
on_arrival (PracticeServer        *server,
            const char            *arn,
            PracticeMappingStream *self)
{
  if (self->mapping->stopped || !g_str_equal (arn, self->mapping->source_arn))
    return;
  if (self->discovered && self->shards->len == 0)
    discover (self);
  for (guint i = 0; i < self->shards->len; i++) {
    Shard *shard = g_ptr_array_index (self->shards, i);

    shard->waiting = FALSE;
    go_on (shard);
  }
}

PracticeMappingStream *
practice_mapping_stream_new (PracticeMapping *mapping)
{
  PracticeMappingStream *self = g_new0 (PracticeMappingStream, 1);

  self->mapping = mapping;
  self->shards = g_ptr_array_new_with_free_func (shard_free);
  self->latest = g_strcmp0 (practice_json_get_string (mapping->config, "StartingPosition"), "LATEST") == 0;
  self->arrival_id = g_signal_connect (mapping->server, "arrival", G_CALLBACK (on_arrival), self);
  mapping->stream = self;
  if (mapping->fresh)
    discover (self);
  else
    self->timer_id = g_idle_add_full (G_PRIORITY_DEFAULT, on_discover, self, NULL);
  return self;
}

void
practice_mapping_stream_free (PracticeMappingStream *self)
{
  /* A server that is going away has let go of its handlers. */
  if (g_signal_handler_is_connected (self->mapping->server, self->arrival_id))
    g_signal_handler_disconnect (self->mapping->server, self->arrival_id);
  g_clear_handle_id (&self->timer_id, g_source_remove);
  g_ptr_array_unref (self->shards);
  g_free (self);
}
