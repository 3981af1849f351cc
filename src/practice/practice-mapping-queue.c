/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-mapping-private.h"

#include <string.h>

#include "practice-json.h"
#include "practice-services.h"

#define CONCURRENCY 5
#define RECEIVE_MOST 10
#define WAIT_SECONDS 20
#define RETRY_FIRST_MS 1000
#define RETRY_MOST_MS 5000
#define MAX_BATCH_BYTES (6 * 1024 * 1024)

struct _PracticeMappingQueue {
  PracticeMapping *mapping;     /* owns this */
  char            *url;
  JsonArray       *messages;    /* received, waiting for the batch to be full or the window's end */
  gsize            bytes;
  guint            most;        /* batches at the same time */
  guint            window_id;
  guint            retry_id;
  guint            retry_ms;
  gboolean         receiving;
};

/* Messages that the function has. */
typedef struct {
  PracticeMapping *mapping;
  JsonArray       *records;   /* as the function gets them */
} Batch;

static void receive (PracticeMappingQueue *self);
static void send_batch (PracticeMappingQueue *self);

static void
batch_free (Batch *batch)
{
  json_array_unref (batch->records);
  practice_mapping_unref (batch->mapping);
  g_free (batch);
}

static gboolean
on_retry (gpointer data)
{
  PracticeMappingQueue *self = data;

  self->retry_id = 0;
  receive (self);
  return G_SOURCE_REMOVE;
}

static void
retry_later (PracticeMappingQueue *self)
{
  if (self->retry_id != 0 || self->mapping->stopped)
    return;
  self->retry_ms = self->retry_ms == 0 ? RETRY_FIRST_MS : MIN (self->retry_ms * 2, RETRY_MOST_MS);
  self->retry_id = g_timeout_add (self->retry_ms, on_retry, self);
}

static void
on_deleted (const PracticeAnswer *answer,
            gpointer              data)
{
  g_autoptr (JsonArray) ids = NULL;
  Batch *batch = data;

  if (answer->code != NULL) {
    ids = json_array_new ();
    for (guint i = 0; i < json_array_get_length (batch->records); i++) {
      JsonObject *id = json_object_new ();

      json_object_set_string_member (id, "messageId", practice_json_get_string (json_array_get_object_element (batch->records, i), "messageId"));
      json_array_add_object_element (ids, id);
    }
    practice_mapping_fail (batch->mapping, g_steal_pointer (&ids), answer->code, answer->message, NULL);
  }
  batch_free (batch);
}

/* Deletes the messages of @records that are not in @kept. */
static void
delete_messages (PracticeMapping *mapping,
                 const char      *url,
                 JsonArray       *records,
                 GHashTable      *kept)
{
  PracticePrincipal *principal = practice_mapping_get_principal (mapping);
  guint i = 0;

  while (principal != NULL && i < json_array_get_length (records)) {
    JsonArray *entries = json_array_new ();
    JsonObject *params = json_object_new ();
    Batch *batch = g_new0 (Batch, 1);

    batch->mapping = practice_mapping_ref (mapping);
    batch->records = json_array_new ();
    for (; i < json_array_get_length (records) && json_array_get_length (entries) < RECEIVE_MOST; i++) {
      JsonObject *record = json_array_get_object_element (records, i);
      const char *id = practice_json_get_string (record, "messageId");
      g_autofree char *entry_id = g_strdup_printf ("%u", i);
      JsonObject *entry = NULL;

      if (kept != NULL && g_hash_table_contains (kept, id))
        continue;
      entry = json_object_new ();
      json_object_set_string_member (entry, "Id", entry_id);
      json_object_set_string_member (entry, "ReceiptHandle", practice_json_get_string (record, "receiptHandle"));
      json_array_add_object_element (entries, entry);
      json_array_add_object_element (batch->records, json_object_ref (record));
    }
    if (json_array_get_length (entries) == 0) {
      json_array_unref (entries);
      json_object_unref (params);
      batch_free (batch);
      break;
    }
    json_object_set_string_member (params, "QueueUrl", url);
    json_object_set_array_member (params, "Entries", entries);
    practice_server_call (mapping->server, principal, "sqs", "DeleteMessageBatch", mapping->region, params, NULL, on_deleted, batch);
  }
}

/* Whether what the function says has failed is of this batch; otherwise all of it has. */
static gboolean
are_known (JsonArray  *records,
           GHashTable *failed)
{
  guint found = 0;

  for (guint i = 0; failed != NULL && i < json_array_get_length (records); i++)
    found += g_hash_table_contains (failed, practice_json_get_string (json_array_get_object_element (records, i), "messageId"));
  return failed == NULL || found == g_hash_table_size (failed);
}

static void
on_invoked (PracticeInvocation *invocation,
            gpointer            data)
{
  Batch *batch = data;
  PracticeMapping *mapping = batch->mapping;
  g_autoptr (GHashTable) failed = NULL;

  mapping->batches--;
  /* Messages of a batch that failed come back after their visibility time-out. */
  if (!practice_invocation_failed (invocation) && practice_mapping_get_failures (mapping, invocation, &failed) && are_known (batch->records, failed)) {
    g_autofree char *url = practice_mapping_queue_url (mapping->server, mapping->source_arn);

    delete_messages (mapping, url, batch->records, failed);
  }
  if (!mapping->stopped && mapping->queue != NULL) {
    send_batch (mapping->queue);
    receive (mapping->queue);
  }
  batch_free (batch);
}

/* "stringValue" for "StringValue": the shape that functions get. */
static JsonObject *
make_attributes (JsonObject *attributes)
{
  JsonObject *result = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  if (attributes == NULL)
    return result;
  json_object_iter_init (&iter, attributes);
  while (json_object_iter_next (&iter, &name, &value)) {
    JsonObject *from = JSON_NODE_HOLDS_OBJECT (value) ? json_node_get_object (value) : NULL;
    JsonObject *to = NULL;

    if (from == NULL)
      continue;
    to = json_object_new ();
    if (practice_json_get_string (from, "StringValue") != NULL)
      json_object_set_string_member (to, "stringValue", practice_json_get_string (from, "StringValue"));
    if (practice_json_get_string (from, "BinaryValue") != NULL)
      json_object_set_string_member (to, "binaryValue", practice_json_get_string (from, "BinaryValue"));
    json_object_set_array_member (to, "stringListValues", json_array_new ());
    json_object_set_array_member (to, "binaryListValues", json_array_new ());
    json_object_set_string_member (to, "dataType", practice_json_get_string (from, "DataType"));
    json_object_set_object_member (result, name, to);
  }
  return result;
}

/* A message as ReceiveMessage shows it → as the function gets it (Lambda Developer Guide, "Example SQS message event"). */
static JsonObject *
make_record (PracticeMapping *mapping,
             JsonObject      *message)
{
  JsonObject *record = json_object_new ();
  JsonObject *attributes = practice_json_get_object (message, "Attributes");

  json_object_set_string_member (record, "messageId", practice_json_get_string (message, "MessageId"));
  json_object_set_string_member (record, "receiptHandle", practice_json_get_string (message, "ReceiptHandle"));
  json_object_set_string_member (record, "body", practice_json_get_string (message, "Body"));
  json_object_set_object_member (record, "attributes", attributes != NULL ? json_object_ref (attributes) : json_object_new ());
  json_object_set_object_member (record, "messageAttributes", make_attributes (practice_json_get_object (message, "MessageAttributes")));
  if (practice_json_get_string (message, "MD5OfMessageAttributes") != NULL)
    json_object_set_string_member (record, "md5OfMessageAttributes", practice_json_get_string (message, "MD5OfMessageAttributes"));
  json_object_set_string_member (record, "md5OfBody", practice_json_get_string (message, "MD5OfBody"));
  json_object_set_string_member (record, "eventSource", "aws:sqs");
  json_object_set_string_member (record, "eventSourceARN", mapping->source_arn);
  json_object_set_string_member (record, "awsRegion", mapping->region);
  return record;
}

/* A filter on the body looks into it where it is a JSON object (Lambda Developer Guide, "Filtering with SQS"). */
static gboolean
matches (PracticeMapping *mapping,
         JsonObject      *record)
{
  g_autoptr (JsonObject) body = NULL;
  g_autoptr (JsonObject) opened = NULL;
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  if (mapping->patterns->len == 0)
    return TRUE;
  body = practice_json_parse_object (practice_json_get_string (record, "body"), -1, NULL);
  if (body == NULL)
    return practice_mapping_matches (mapping, record);
  opened = json_object_new ();
  json_object_iter_init (&iter, record);
  while (json_object_iter_next (&iter, &name, &value))
    json_object_set_member (opened, name, json_node_copy (value));
  json_object_set_object_member (opened, "body", g_steal_pointer (&body));
  return practice_mapping_matches (mapping, opened);
}

static void
add_id (JsonArray  *ids,
        JsonObject *record)
{
  JsonObject *id = json_object_new ();

  json_object_set_string_member (id, "messageId", practice_json_get_string (record, "messageId"));
  json_array_add_object_element (ids, id);
}

/* Hands what was received to the function; what the filters do not want is deleted. */
static void
send_batch (PracticeMappingQueue *self)
{
  PracticeMapping *mapping = self->mapping;
  g_autoptr (JsonArray) messages = NULL;
  g_autoptr (JsonArray) unwanted = json_array_new ();
  g_autoptr (JsonArray) ids = json_array_new ();
  g_autoptr (JsonArray) unwanted_ids = json_array_new ();
  Batch *batch = NULL;

  if (json_array_get_length (self->messages) == 0 || self->window_id != 0 || mapping->batches >= self->most)
    return;
  messages = g_steal_pointer (&self->messages);
  self->messages = json_array_new ();
  self->bytes = 0;

  batch = g_new0 (Batch, 1);
  batch->mapping = practice_mapping_ref (mapping);
  batch->records = json_array_new ();
  for (guint i = 0; i < json_array_get_length (messages); i++) {
    JsonObject *record = make_record (mapping, json_array_get_object_element (messages, i));
    gboolean wanted = matches (mapping, record);

    add_id (wanted ? ids : unwanted_ids, record);
    json_array_add_object_element (wanted ? batch->records : unwanted, record);
  }
  if (json_array_get_length (unwanted) > 0) {
    practice_mapping_emit (mapping, "mapping-filtered", json_array_ref (unwanted_ids), NULL);
    delete_messages (mapping, self->url, unwanted, NULL);
  }
  if (json_array_get_length (batch->records) == 0) {
    batch_free (batch);
    return;
  }
  mapping->batches++;
  practice_mapping_invoke (mapping, batch->records, g_steal_pointer (&ids), on_invoked, batch);
}

static gboolean
on_window (gpointer data)
{
  PracticeMappingQueue *self = data;

  self->window_id = 0;
  send_batch (self);
  receive (self);
  return G_SOURCE_REMOVE;
}

static void
take_messages (PracticeMappingQueue *self,
               JsonArray            *messages)
{
  PracticeMapping *mapping = self->mapping;

  for (guint i = 0; i < json_array_get_length (messages); i++) {
    JsonObject *message = json_array_get_object_element (messages, i);

    self->bytes += strlen (practice_json_get_string (message, "Body"));
    json_array_add_object_element (self->messages, json_object_ref (message));
  }
  if (json_array_get_length (self->messages) >= mapping->batch_size || self->bytes >= MAX_BATCH_BYTES / 2)
    g_clear_handle_id (&self->window_id, g_source_remove);
  else if (mapping->window > 0 && self->window_id == 0)
    self->window_id = g_timeout_add_seconds ((guint) mapping->window, on_window, self);
  send_batch (self);
}

/* An answer holds the mapping, which may have been stopped since. */
static void
on_received (const PracticeAnswer *answer,
             gpointer              data)
{
  PracticeMapping *mapping = data;
  PracticeMappingQueue *self = mapping->queue;
  JsonArray *messages = answer->result != NULL ? practice_json_get_array (answer->result, "Messages") : NULL;

  if (self != NULL)
    self->receiving = FALSE;
  if (self != NULL && !mapping->stopped) {
    if (answer->code != NULL) {
      practice_mapping_fail (mapping, NULL, answer->code, answer->message, NULL);
      retry_later (self);
    } else {
      practice_mapping_recover (mapping);
      self->retry_ms = 0;
      if (messages != NULL && json_array_get_length (messages) > 0)
        take_messages (self, messages);
      receive (self);
    }
  }
  practice_mapping_unref (mapping);
}

static gboolean
receive_again (gpointer data)
{
  PracticeMappingQueue *self = data;

  self->retry_id = 0;
  receive (self);
  return G_SOURCE_REMOVE;
}

static void
add_all (JsonObject *params,
         const char *name)
{
  JsonArray *names = json_array_new ();

  json_array_add_string_element (names, "All");
  json_object_set_array_member (params, name, names);
}

/* Asks the queue, where it is not being asked and there is room for a batch. */
static void
receive (PracticeMappingQueue *self)
{
  static guint depth = 0;
  PracticeMapping *mapping = self->mapping;
  PracticePrincipal *principal = NULL;
  JsonObject *params = NULL;
  gint64 room = mapping->batch_size - (gint64) json_array_get_length (self->messages);

  if (self->receiving || self->retry_id != 0 || mapping->stopped || mapping->batches >= self->most || room <= 0)
    return;
  /* A queue that answers at once again and again must not grow the stack, nor keep others from their turn. */
  if (depth > 2) {
    self->retry_id = g_idle_add_full (G_PRIORITY_DEFAULT, receive_again, self, NULL);
    return;
  }
  principal = practice_mapping_get_principal (mapping);
  if (principal == NULL) {
    retry_later (self);
    return;
  }
  params = json_object_new ();
  json_object_set_string_member (params, "QueueUrl", self->url);
  json_object_set_int_member (params, "MaxNumberOfMessages", MIN (room, RECEIVE_MOST));
  json_object_set_int_member (params, "WaitTimeSeconds", WAIT_SECONDS);
  json_object_set_boolean_member (params, "MillraceMapping", TRUE);
  add_all (params, "AttributeNames");
  add_all (params, "MessageAttributeNames");
  self->receiving = TRUE;
  depth++;
  practice_server_call (mapping->server, principal, "sqs", "ReceiveMessage", mapping->region, params, mapping->cancellable, on_received,
                        practice_mapping_ref (mapping));
  depth--;
}

PracticeMappingQueue *
practice_mapping_queue_new (PracticeMapping *mapping)
{
  PracticeMappingQueue *self = g_new0 (PracticeMappingQueue, 1);
  JsonObject *scaling = practice_json_get_object (mapping->config, "ScalingConfig");
  gint64 most = scaling != NULL ? json_object_get_int_member_with_default (scaling, "MaximumConcurrency", CONCURRENCY) : CONCURRENCY;

  self->mapping = mapping;
  self->url = practice_mapping_queue_url (mapping->server, mapping->source_arn);
  self->messages = json_array_new ();
  self->most = (guint) CLAMP (most, 1, 1000);
  mapping->queue = self;
  practice_sqs_begin_mapping (mapping->server, mapping->source_arn, mapping->function_arn);
  self->retry_id = g_idle_add_full (G_PRIORITY_DEFAULT, receive_again, self, NULL);
  return self;
}

void
practice_mapping_queue_free (PracticeMappingQueue *self)
{
  g_clear_handle_id (&self->window_id, g_source_remove);
  g_clear_handle_id (&self->retry_id, g_source_remove);
  json_array_unref (self->messages);
  g_free (self->url);
  g_free (self);
}
