/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SendMessage and SendMessageBatch. */
#include <string.h>

#include "practice-json.h"
#include "practice-sqs-batch.h"
#include "practice-sqs-message.h"

#define MAX_DELAY 900

/* What is to be sent, borrowed from the call. */
typedef struct {
  const char *body;
  JsonObject *attributes;
  JsonObject *system_attributes;
  const char *group_id;
  const char *deduplication_id;
  gint64      delay;              /* -1: the queue's */
  gsize       bytes;
} Message;

static gboolean
get_text (JsonObject        *entry,
          const char        *name,
          const char       **text,
          PracticeSqsFault  *fault)
{
  JsonNode *node = json_object_get_member (entry, name);

  if (node == NULL || JSON_NODE_HOLDS_NULL (node))
    return TRUE;
  if (json_node_get_value_type (node) != G_TYPE_STRING)
    return practice_sqs_fault_set (fault, PRACTICE_SQS_INVALID_PARAMETER_VALUE,
                                   "Value for parameter %s is invalid. Reason: Must be a string.", name);
  *text = json_node_get_string (node);
  return TRUE;
}

static gboolean
get_map (JsonObject        *entry,
         const char        *name,
         JsonObject       **map,
         PracticeSqsFault  *fault)
{
  JsonNode *node = json_object_get_member (entry, name);

  if (node == NULL || JSON_NODE_HOLDS_NULL (node))
    return TRUE;
  if (!JSON_NODE_HOLDS_OBJECT (node))
    return practice_sqs_fault_set (fault, PRACTICE_SQS_INVALID_PARAMETER_VALUE,
                                   "Value for parameter %s is invalid. Reason: Must be a map.", name);
  *map = json_node_get_object (node);
  return TRUE;
}

static gboolean
check_token (const char       *name,
             const char       *text,
             PracticeSqsFault *fault)
{
  if (practice_sqs_is_token (text))
    return TRUE;
  return practice_sqs_fault_set (fault, PRACTICE_SQS_INVALID_PARAMETER_VALUE,
                                 "Value %s for parameter %s is invalid. Reason: %s can only include alphanumeric and punctuation "
                                 "characters. 1 to 128 in length.", text, name, name);
}

/* What a FIFO queue needs, in a batch too, for the whole call. */
static gboolean
check_fifo (PracticeSqsQueue     *queue,
            Message              *message,
            PracticeSqsFaultKind  missing,
            PracticeSqsFault     *fault)
{
  if (!queue->fifo)
    return TRUE;
  if (message->group_id == NULL)
    return practice_sqs_fault_set (fault, missing, "The request must contain the parameter MessageGroupId.");
  if (message->deduplication_id == NULL && !queue->content_based_deduplication)
    return practice_sqs_fault_set (fault, PRACTICE_SQS_INVALID_PARAMETER_VALUE,
                                   "The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided "
                                   "explicitly");
  return TRUE;
}

static gboolean
read_message (JsonObject       *entry,
              Message          *message,
              PracticeSqsFault *fault)
{
  message->delay = -1;
  return get_text (entry, "MessageBody", &message->body, fault) &&
         get_map (entry, "MessageAttributes", &message->attributes, fault) &&
         get_map (entry, "MessageSystemAttributes", &message->system_attributes, fault) &&
         get_text (entry, "MessageGroupId", &message->group_id, fault) &&
         get_text (entry, "MessageDeduplicationId", &message->deduplication_id, fault) &&
         practice_sqs_entry_get_int (entry, "DelaySeconds", &message->delay, fault);
}

static gboolean
check_message (PracticeSqsQueue *queue,
               JsonObject       *entry,
               Message          *message,
               PracticeSqsFault *fault)
{
  if (message->body == NULL || *message->body == '\0')
    return practice_sqs_fault_set (fault, PRACTICE_SQS_MISSING_PARAMETER, "The request must contain the parameter MessageBody.");
  if (!practice_sqs_body_is_valid (message->body))
    return practice_sqs_fault_set (fault, PRACTICE_SQS_INVALID_MESSAGE_CONTENTS,
                                   "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to "
                                   "#xFFFD | #x10000 to #x10FFFF");

  message->bytes = strlen (message->body);
  if (!practice_sqs_attributes_check (message->attributes, FALSE, &message->bytes, fault) ||
      !practice_sqs_attributes_check (message->system_attributes, TRUE, &message->bytes, fault))
    return FALSE;
  if (message->bytes > (gsize) queue->max_bytes)
    return practice_sqs_fault_set (fault, PRACTICE_SQS_INVALID_PARAMETER_VALUE,
                                   "One or more parameters are invalid. Reason: Message must be shorter than %" G_GINT64_FORMAT " bytes.",
                                   queue->max_bytes);

  if (json_object_has_member (entry, "DelaySeconds") && message->delay > 0 && queue->fifo)
    return practice_sqs_fault_set (fault, PRACTICE_SQS_INVALID_PARAMETER_VALUE,
                                   "Value %" G_GINT64_FORMAT " for parameter DelaySeconds is invalid. Reason: The request include parameter "
                                   "that is not valid for this queue type.", message->delay);
  if (message->delay > MAX_DELAY || (json_object_has_member (entry, "DelaySeconds") && message->delay < 0))
    return practice_sqs_fault_set (fault, PRACTICE_SQS_INVALID_PARAMETER_VALUE,
                                   "Value %" G_GINT64_FORMAT " for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and "
                                   "<= %d.", message->delay, MAX_DELAY);

  /* In a standard queue a group only shares the queue out fairly. */
  if (message->group_id != NULL && !check_token ("MessageGroupId", message->group_id, fault))
    return FALSE;
  if (message->deduplication_id != NULL && !check_token ("MessageDeduplicationId", message->deduplication_id, fault))
    return FALSE;
  if (message->deduplication_id != NULL && !queue->fifo)
    return practice_sqs_fault_set (fault, PRACTICE_SQS_INVALID_PARAMETER_VALUE,
                                   "Value %s for parameter MessageDeduplicationId is invalid. Reason: The request include parameter that is "
                                   "not valid for this queue type.", message->deduplication_id);
  return TRUE;
}

/* The message that was sent with the same deduplication id within the last five minutes. */
static gboolean
find_duplicate (PracticeSqs       *self,
                PracticeSqsQueue  *queue,
                const char        *group_id,
                const char        *deduplication_id,
                gint64             now,
                char             **message_id,
                char             **sequence_number)
{
  sqlite3_stmt *row;
  gboolean found;

  practice_store_run (self->store, "DELETE FROM sqs_deduplication WHERE sent <= ?", "i", now - PRACTICE_SQS_DEDUPLICATION_MS);
  row = practice_store_prepare (self->store,
                                "SELECT message_id, sequence_number FROM sqs_deduplication"
                                " WHERE queue = ? AND group_id = ? AND deduplication_id = ?",
                                "iss", queue->id, group_id, deduplication_id);
  found = sqlite3_step (row) == SQLITE_ROW;
  if (found) {
    *message_id = g_strdup ((const char *) sqlite3_column_text (row, 0));
    *sequence_number = g_strdup ((const char *) sqlite3_column_text (row, 1));
  }
  sqlite3_reset (row);
  return found;
}

/* (transfer full): "queue-sent" */
static JsonObject *
make_event (PracticeSqs      *self,
            PracticeCall     *call,
            PracticeSqsQueue *queue,
            Message          *message,
            const char       *message_id,
            gint64            delay)
{
  PracticePrincipal *principal = practice_call_get_principal (call);
  JsonObject *event = json_object_new ();
  const char *source = NULL;
  const char *source_type = "caller";

  if (principal->gateway_request_id != NULL) {
    source = principal->gateway_request_id;
    source_type = "gateway";
  } else if (principal->kind == PRACTICE_PRINCIPAL_SERVICE && g_strcmp0 (principal->service, "sns.amazonaws.com") == 0) {
    /* Only services within the practice cloud are such principals: nobody outside can make this up. */
    source = practice_json_get_string (practice_call_get_params (call), "MillraceTopicMessageId");
    source_type = "topic";
  } else if (principal->invocation_id != NULL) {
    source = principal->invocation_id;
    source_type = "invocation";
  }

  json_object_set_string_member (event, "region", queue->region);
  json_object_set_string_member (event, "queueArn", queue->arn);
  json_object_set_string_member (event, "messageId", message_id);
  json_object_set_string_member (event, "body", message->body);
  if (message->attributes != NULL && json_object_get_size (message->attributes) > 0)
    json_object_set_object_member (event, "attributes", json_object_ref (message->attributes));
  json_object_set_string_member (event, "requestId", practice_call_get_request_id (call));
  if (source != NULL)
    json_object_set_string_member (event, "source", source);
  json_object_set_string_member (event, "sourceType", source_type);
  json_object_set_int_member (event, "delaySeconds", delay);
  if (message->group_id != NULL)
    json_object_set_string_member (event, "groupId", message->group_id);
  return event;
}

static void
store_message (PracticeSqs      *self,
               PracticeCall     *call,
               PracticeSqsQueue *queue,
               Message          *message,
               gint64            id,
               gint64            now,
               const char       *message_id,
               const char       *deduplication_id,
               const char       *sequence_number)
{
  gint64 delay = message->delay >= 0 && !queue->fifo ? message->delay : queue->delay;
  gboolean has_attributes = message->attributes != NULL && json_object_get_size (message->attributes) > 0;
  g_autofree char *attributes = has_attributes ? practice_json_object_to_text (message->attributes) : NULL;
  JsonObject *trace = message->system_attributes != NULL ? practice_json_get_object (message->system_attributes, "AWSTraceHeader") : NULL;
  const char *trace_header = trace != NULL ? practice_json_get_string (trace, "StringValue") : NULL;
  gint64 visible_at = delay > 0 ? now + delay * 1000 : (queue->fifo ? 0 : now);
  const char *held_by = practice_call_get_principal (call)->held_by;
  PracticeSqsState state = held_by != NULL ? PRACTICE_SQS_HELD : delay > 0 ? PRACTICE_SQS_DELAYED : PRACTICE_SQS_READY;
  JsonObject *event = make_event (self, call, queue, message, message_id, delay);

  practice_store_run (self->store,
                      "INSERT INTO sqs_message (id, queue, state, visible_at, message_id, body, attributes, trace_header, sender, sent,"
                      " group_id, deduplication_id, sequence_number) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                      "iiiisssssisss", id, queue->id, (gint64) state, state == PRACTICE_SQS_HELD ? PRACTICE_SQS_NEVER : visible_at,
                      message_id, message->body, attributes, trace_header, practice_call_get_principal (call)->id, now,
                      message->group_id, deduplication_id, sequence_number);

  practice_sqs_expires (self, now + queue->retention * 1000);
  if (state == PRACTICE_SQS_HELD) {
    practice_sqs_hold_sent (self, id, held_by, event);
    json_object_unref (event);
    return;
  }
  practice_events_emit (self->events, "queue-sent", event);
  if (state == PRACTICE_SQS_DELAYED)
    practice_sqs_due (self, visible_at);
  else
    practice_sqs_arrived (self, queue, id);
}

static JsonObject *
send (PracticeSqs      *self,
      PracticeCall     *call,
      PracticeSqsQueue *queue,
      Message          *message)
{
  g_autofree char *body_digest = g_compute_checksum_for_string (G_CHECKSUM_MD5, message->body, -1);
  g_autofree char *digest = practice_sqs_attributes_digest (message->attributes);
  g_autofree char *system_digest = practice_sqs_attributes_digest (message->system_attributes);
  g_autofree char *deduplication_id = g_strdup (message->deduplication_id);
  g_autofree char *message_id = NULL;
  g_autofree char *sequence_number = NULL;
  const char *scope = queue->deduplicates_by_group ? message->group_id : "";
  gint64 now = practice_sqs_now ();
  JsonObject *result;

  if (queue->fifo && deduplication_id == NULL)
    deduplication_id = g_compute_checksum_for_string (G_CHECKSUM_SHA256, message->body, -1);

  if (!queue->fifo || !find_duplicate (self, queue, scope, deduplication_id, now, &message_id, &sequence_number)) {
    gint64 id = practice_sqs_next_id (self);

    message_id = g_uuid_string_random ();
    if (queue->fifo) {
      sequence_number = g_strdup_printf ("188%017" G_GINT64_FORMAT, id);
      practice_store_run (self->store, "INSERT OR REPLACE INTO sqs_deduplication VALUES (?, ?, ?, ?, ?, ?)", "issssi",
                          queue->id, scope, deduplication_id, message_id, sequence_number, now);
    }
    store_message (self, call, queue, message, id, now, message_id, deduplication_id, sequence_number);
  }

  result = json_object_new ();
  json_object_set_string_member (result, "MD5OfMessageBody", body_digest);
  if (digest != NULL)
    json_object_set_string_member (result, "MD5OfMessageAttributes", digest);
  if (system_digest != NULL)
    json_object_set_string_member (result, "MD5OfMessageSystemAttributes", system_digest);
  json_object_set_string_member (result, "MessageId", message_id);
  if (sequence_number != NULL)
    json_object_set_string_member (result, "SequenceNumber", sequence_number);
  return result;
}

static JsonObject *
send_entry (PracticeSqs      *self,
            PracticeCall     *call,
            PracticeSqsQueue *queue,
            JsonObject       *entry,
            PracticeSqsFault *fault)
{
  Message message = { 0 };

  if (!read_message (entry, &message, fault) || !check_message (queue, entry, &message, fault))
    return NULL;
  return send (self, call, queue, &message);
}

void
practice_sqs_send_message (PracticeCall *call,
                           gpointer      data)
{
  PracticeSqs *self = data;
  PracticeSqsQueue *queue = practice_sqs_find (self, call, "sqs:SendMessage");
  JsonObject *params = practice_call_get_params (call);
  g_auto (PracticeSqsFault) fault = { 0 };
  Message message = { 0 };

  if (queue == NULL)
    return;

  if (!read_message (params, &message, &fault) || !check_message (queue, params, &message, &fault) ||
      !check_fifo (queue, &message, PRACTICE_SQS_MISSING_PARAMETER, &fault)) {
    practice_sqs_fault_fail (&fault, call);
    return;
  }
  practice_call_return (call, send (self, call, queue, &message));
}

void
practice_sqs_send_message_batch (PracticeCall *call,
                                 gpointer      data)
{
  PracticeSqs *self = data;
  PracticeSqsQueue *queue = practice_sqs_find (self, call, "sqs:SendMessage");
  JsonArray *entries = queue != NULL ? practice_sqs_batch_get_entries (call, "SendMessageBatchRequestEntry") : NULL;
  gsize bytes = 0;

  if (entries == NULL)
    return;

  for (guint i = 0; i < json_array_get_length (entries); i++) {
    g_auto (PracticeSqsFault) fault = { 0 };
    g_auto (PracticeSqsFault) ignored = { 0 };
    Message message = { 0 };

    if (!read_message (json_array_get_object_element (entries, i), &message, &fault))
      continue;
    bytes += message.body != NULL ? strlen (message.body) : 0;
    practice_sqs_attributes_check (message.attributes, FALSE, &bytes, &ignored);
    if (!check_fifo (queue, &message, PRACTICE_SQS_INVALID_PARAMETER_VALUE, &fault)) {
      practice_sqs_fault_fail (&fault, call);
      return;
    }
  }
  if (bytes > PRACTICE_SQS_MAX_BYTES) {
    practice_sqs_fail (call, PRACTICE_SQS_BATCH_REQUEST_TOO_LONG,
                       "Batch requests cannot be longer than %d bytes. You have sent %" G_GSIZE_FORMAT " bytes.",
                       PRACTICE_SQS_MAX_BYTES, bytes);
    return;
  }

  practice_sqs_batch_run (self, call, queue, entries, send_entry);
}
