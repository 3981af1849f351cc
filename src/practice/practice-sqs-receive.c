/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ReceiveMessage: handing out, and the way to the dead-letter queue. */
#include <string.h>

#include "practice-json.h"
#include "practice-sqs-message.h"
#include "practice-sqs-receipt.h"
#include "practice-sqs-receive.h"

#define MAX_WAIT 20
#define MAX_ATTEMPTS 10000

/* One message of a receive that may be repeated with its attempt id; the first element of the array is the time. */
typedef struct {
  gint64 id;
  gint64 nonce;
} Received;

/* A message that can be handed out. */
typedef struct {
  gint64  id;
  char   *message_id;
  gint64  receive_count;
} Candidate;

static const char *const known_names[] = {
  "All", "SenderId", "SentTimestamp", "ApproximateReceiveCount", "ApproximateFirstReceiveTimestamp", "SequenceNumber",
  "MessageDeduplicationId", "MessageGroupId", "AWSTraceHeader", "DeadLetterQueueSourceArn", NULL
};

void
practice_sqs_request_free (PracticeSqsRequest *request)
{
  g_strfreev (request->names);
  g_strfreev (request->message_names);
  g_free (request->attempt_id);
  g_free (request);
}

static void
candidate_clear (Candidate *candidate)
{
  g_free (candidate->message_id);
}

static gboolean
get_names (PracticeCall   *call,
           const char     *name,
           GStrvBuilder   *builder,
           gboolean        known_only)
{
  JsonArray *names = practice_call_get_array (call, name);

  if (practice_call_is_answered (call))
    return FALSE;
  for (guint i = 0; names != NULL && i < json_array_get_length (names); i++) {
    JsonNode *node = json_array_get_element (names, i);
    const char *text = json_node_get_value_type (node) == G_TYPE_STRING ? json_node_get_string (node) : "";

    if (known_only && !g_strv_contains (known_names, text)) {
      practice_sqs_fail (call, PRACTICE_SQS_INVALID_ATTRIBUTE_NAME, "Unknown Attribute %s.", text);
      return FALSE;
    }
    g_strv_builder_add (builder, text);
  }
  return TRUE;
}

static gboolean
check_range (PracticeCall *call,
             const char   *name,
             gint64        value,
             gint64        low,
             gint64        high,
             const char   *reason)
{
  if (value >= low && value <= high)
    return TRUE;
  practice_sqs_fail (call, PRACTICE_SQS_INVALID_PARAMETER_VALUE,
                     "Value %" G_GINT64_FORMAT " for parameter %s is invalid. Reason: %s, if provided.", value, name, reason);
  return FALSE;
}

static PracticeSqsRequest *
read_request (PracticeCall     *call,
              PracticeSqsQueue *queue)
{
  g_autoptr (PracticeSqsRequest) request = g_new0 (PracticeSqsRequest, 1);
  g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
  g_autoptr (GStrvBuilder) message_names = g_strv_builder_new ();

  request->max = 1;
  request->visibility_timeout = queue->visibility_timeout;
  request->wait = queue->wait_time;
  practice_call_get_int (call, "MaxNumberOfMessages", &request->max);
  practice_call_get_int (call, "VisibilityTimeout", &request->visibility_timeout);
  practice_call_get_int (call, "WaitTimeSeconds", &request->wait);
  practice_call_get_boolean (call, "MillraceMapping", &request->mapping);
  request->attempt_id = g_strdup (practice_call_get_string (call, "ReceiveRequestAttemptId"));
  if (practice_call_is_answered (call) ||
      !get_names (call, "AttributeNames", names, TRUE) ||
      !get_names (call, "MessageSystemAttributeNames", names, TRUE) ||
      !get_names (call, "MessageAttributeNames", message_names, FALSE) ||
      !check_range (call, "MaxNumberOfMessages", request->max, 1, 10, "Must be between 1 and 10") ||
      !check_range (call, "VisibilityTimeout", request->visibility_timeout, 0, PRACTICE_SQS_MAX_VISIBILITY, "Must be >= 0 and <= 43200") ||
      !check_range (call, "WaitTimeSeconds", request->wait, 0, MAX_WAIT, "Must be >= 0 and <= 20"))
    return NULL;

  if (request->attempt_id != NULL && !queue->fifo) {
    practice_sqs_fail (call, PRACTICE_SQS_INVALID_PARAMETER_VALUE,
                       "Value %s for parameter ReceiveRequestAttemptId is invalid. Reason: The request include parameter that is not valid "
                       "for this queue type.", request->attempt_id);
    return NULL;
  }
  if (request->attempt_id != NULL && !practice_sqs_is_token (request->attempt_id)) {
    practice_sqs_fail (call, PRACTICE_SQS_INVALID_PARAMETER_VALUE,
                       "Value %s for parameter ReceiveRequestAttemptId is invalid. Reason: ReceiveRequestAttemptId can only include "
                       "alphanumeric and punctuation characters. 1 to 128 in length.", request->attempt_id);
    return NULL;
  }

  request->names = g_strv_builder_end (names);
  request->message_names = g_strv_builder_end (message_names);
  return g_steal_pointer (&request);
}

/* "All", ".*", "prefix.*" or a name. */
static gboolean
selects (GStrv       selection,
         const char *name)
{
  for (guint i = 0; selection[i] != NULL; i++) {
    const char *item = selection[i];

    if (strcmp (item, "All") == 0 || strcmp (item, ".*") == 0 || strcmp (item, name) == 0)
      return TRUE;
    if (g_str_has_suffix (item, ".*") && strncmp (item, name, strlen (item) - 2) == 0)
      return TRUE;
  }
  return FALSE;
}

static void
add_text (JsonObject *attributes,
          GStrv       selection,
          const char *name,
          const char *text)
{
  if (text != NULL && (g_strv_contains ((const char *const *) selection, "All") ||
                       g_strv_contains ((const char *const *) selection, name)))
    json_object_set_string_member (attributes, name, text);
}

static void
add_int (JsonObject *attributes,
         GStrv       selection,
         const char *name,
         gint64      number)
{
  g_autofree char *text = g_strdup_printf ("%" G_GINT64_FORMAT, number);

  add_text (attributes, selection, name, text);
}

static void
add_message_attributes (JsonObject *message,
                        const char *text,
                        GStrv       selection)
{
  g_autoptr (JsonObject) all = text != NULL && selection[0] != NULL ? practice_json_parse_object (text, -1, NULL) : NULL;
  g_autoptr (JsonObject) chosen = json_object_new ();
  g_autofree char *digest = NULL;
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  if (all == NULL)
    return;

  json_object_iter_init_ordered (&iter, all);
  while (json_object_iter_next_ordered (&iter, &name, &value)) {
    if (selects (selection, name))
      json_object_set_member (chosen, name, json_node_copy (value));
  }

  digest = practice_sqs_attributes_digest (chosen);
  if (digest != NULL) {
    json_object_set_string_member (message, "MD5OfMessageAttributes", digest);
    json_object_set_object_member (message, "MessageAttributes", g_steal_pointer (&chosen));
  }
}

static void
emit_received (PracticeSqs       *self,
               PracticeSqsQueue  *queue,
               PracticePrincipal *principal,
               const char        *message_id,
               gint64             receive_count,
               gint64             visible_at)
{
  JsonObject *event = json_object_new ();

  json_object_set_string_member (event, "region", queue->region);
  json_object_set_string_member (event, "queueArn", queue->arn);
  json_object_set_string_member (event, "messageId", message_id);
  json_object_set_int_member (event, "receiveCount", receive_count);
  json_object_set_double_member (event, "visibleAt", visible_at / 1000.0);
  json_object_set_string_member (event, "principal", principal->arn);
  practice_events_emit (self->events, "queue-received", event);
}

/* Hands out one message: from now on it is in flight. */
static JsonObject *
hand_out (PracticeSqs        *self,
          PracticeSqsQueue   *queue,
          PracticeSqsRequest *request,
          PracticePrincipal  *principal,
          gint64              id,
          gint64              now,
          gint64             *nonce)
{
  PracticeSqsReceipt receipt = { queue->id, id, (gint64) g_random_int () << 20 ^ now };
  gint64 visible_at = now + request->visibility_timeout * 1000;
  JsonObject *message = json_object_new ();
  g_autoptr (JsonObject) attributes = json_object_new ();
  g_autofree char *handle = practice_sqs_receipt_to_text (&receipt);
  g_autofree char *digest = NULL;
  sqlite3_stmt *row;
  const char *body;

  practice_store_run (self->store,
                      "UPDATE sqs_message SET state = 2, visible_at = ?1, received = ?2, receive_count = receive_count + 1, receipt = ?3,"
                      " first_received = CASE first_received WHEN 0 THEN ?2 ELSE first_received END WHERE id = ?4",
                      "iiii", visible_at, now, receipt.nonce, id);
  practice_sqs_due (self, visible_at);
  practice_sqs_hold_taken (self, id);

  row = practice_store_prepare (self->store,
                                "SELECT message_id, body, attributes, trace_header, sender, sent, first_received, receive_count, group_id,"
                                " deduplication_id, sequence_number, dead_letter_source FROM sqs_message WHERE id = ?", "i", id);
  if (sqlite3_step (row) == SQLITE_ROW) {
    body = (const char *) sqlite3_column_text (row, 1);
    digest = g_compute_checksum_for_string (G_CHECKSUM_MD5, body, -1);
    json_object_set_string_member (message, "MessageId", (const char *) sqlite3_column_text (row, 0));
    json_object_set_string_member (message, "ReceiptHandle", handle);
    json_object_set_string_member (message, "MD5OfBody", digest);
    json_object_set_string_member (message, "Body", body);

    add_text (attributes, request->names, "SenderId", (const char *) sqlite3_column_text (row, 4));
    add_int (attributes, request->names, "SentTimestamp", sqlite3_column_int64 (row, 5));
    add_int (attributes, request->names, "ApproximateReceiveCount", sqlite3_column_int64 (row, 7));
    add_int (attributes, request->names, "ApproximateFirstReceiveTimestamp", sqlite3_column_int64 (row, 6));
    add_text (attributes, request->names, "AWSTraceHeader", (const char *) sqlite3_column_text (row, 3));
    add_text (attributes, request->names, "MessageGroupId", (const char *) sqlite3_column_text (row, 8));
    add_text (attributes, request->names, "MessageDeduplicationId", (const char *) sqlite3_column_text (row, 9));
    add_text (attributes, request->names, "SequenceNumber", (const char *) sqlite3_column_text (row, 10));
    add_text (attributes, request->names, "DeadLetterQueueSourceArn", (const char *) sqlite3_column_text (row, 11));
    if (json_object_get_size (attributes) > 0)
      json_object_set_object_member (message, "Attributes", g_steal_pointer (&attributes));
    add_message_attributes (message, (const char *) sqlite3_column_text (row, 2), request->message_names);

    emit_received (self, queue, principal, (const char *) sqlite3_column_text (row, 0), sqlite3_column_int64 (row, 7), visible_at);
  }
  sqlite3_reset (row);

  *nonce = receipt.nonce;
  return message;
}

/* To the end of the dead-letter queue, with its id, its attributes and its count. */
static void
move_to_dead_letters (PracticeSqs      *self,
                      PracticeSqsQueue *queue,
                      PracticeSqsQueue *target,
                      const Candidate  *candidate,
                      gint64            now)
{
  gint64 new_id = practice_sqs_next_id (self);
  g_autofree char *sequence_number = target->fifo ? g_strdup_printf ("188%017" G_GINT64_FORMAT, new_id) : NULL;
  JsonObject *event = json_object_new ();

  practice_store_run (self->store,
                      "UPDATE sqs_message SET id = ?, queue = ?, state = 0, visible_at = ?, receipt = 0, dead_letter_source = ?,"
                      " sequence_number = ? WHERE id = ?",
                      "iiissi", new_id, target->id, target->fifo ? (gint64) 0 : now, queue->arn, sequence_number, candidate->id);

  json_object_set_string_member (event, "region", queue->region);
  json_object_set_string_member (event, "queueArn", queue->arn);
  json_object_set_string_member (event, "messageId", candidate->message_id);
  json_object_set_int_member (event, "receiveCount", candidate->receive_count);
  json_object_set_string_member (event, "deadLetterQueueArn", target->arn);
  json_object_set_string_member (event, "newMessageId", candidate->message_id);
  practice_events_emit (self->events, "queue-dead-lettered", event);
  practice_sqs_hold_taken (self, candidate->id);

  practice_sqs_expires (self, now);
  practice_sqs_arrived (self, target, new_id);
}

/* The next messages that can be handed out. A FIFO group waits while one of its messages is in flight or delayed. */
static GArray *
find_ready (PracticeSqs      *self,
            PracticeSqsQueue *queue,
            gint64            max,
            gboolean          released_only)
{
  GArray *ready = g_array_new (FALSE, FALSE, sizeof (Candidate));
  sqlite3_stmt *row;

  g_array_set_clear_func (ready, (GDestroyNotify) candidate_clear);
  if (queue->fifo) {
    row = practice_store_prepare (self->store,
                                  "SELECT id, message_id, receive_count FROM sqs_message AS m"
                                  " WHERE queue = ?1 AND state = 0"
                                  " AND (NOT ?3 OR (id IN (SELECT id FROM sqs_released)"
                                  "  AND NOT EXISTS (SELECT 1 FROM sqs_message AS f WHERE f.queue = ?1 AND f.group_id = m.group_id"
                                  "   AND f.state = 0 AND f.id < m.id AND f.id NOT IN (SELECT id FROM sqs_released))))"
                                  " AND NOT EXISTS (SELECT 1 FROM sqs_message AS f WHERE f.queue = ?1 AND f.group_id = m.group_id"
                                  "  AND f.state = 2 AND f.sequence_number IS NOT NULL)"
                                  " AND NOT EXISTS (SELECT 1 FROM sqs_message AS f WHERE f.queue = ?1 AND f.group_id = m.group_id"
                                  "  AND f.state = 1 AND f.sequence_number IS NOT NULL AND f.id < m.id)"
                                  " ORDER BY visible_at, id LIMIT ?2",
                                  "iii", queue->id, max, (gint64) released_only);
  } else if (released_only) {
    row = practice_store_prepare (self->store,
                                  "SELECT m.id, message_id, receive_count FROM sqs_released AS r JOIN sqs_message AS m ON m.id = r.id"
                                  " WHERE queue = ? AND state = 0 ORDER BY visible_at, m.id LIMIT ?",
                                  "ii", queue->id, max);
  } else {
    row = practice_store_prepare (self->store,
                                  "SELECT id, message_id, receive_count FROM sqs_message WHERE queue = ? AND state = 0"
                                  " ORDER BY visible_at, id LIMIT ?",
                                  "ii", queue->id, max);
  }

  while (sqlite3_step (row) == SQLITE_ROW) {
    Candidate candidate = {
      sqlite3_column_int64 (row, 0), g_strdup ((const char *) sqlite3_column_text (row, 1)), sqlite3_column_int64 (row, 2)
    };

    g_array_append_val (ready, candidate);
  }
  sqlite3_reset (row);
  return ready;
}

/* The messages of an earlier receive with the same attempt id, while all of them are still in flight: handed out again. */
static gboolean
repeat_attempt (PracticeSqs        *self,
                PracticeSqsQueue   *queue,
                PracticeSqsRequest *request,
                PracticePrincipal  *principal,
                const char         *key,
                gint64              now,
                JsonArray          *messages)
{
  GArray *attempt = g_hash_table_lookup (self->attempts, key);

  if (attempt == NULL || now - g_array_index (attempt, Received, 0).id > PRACTICE_SQS_DEDUPLICATION_MS)
    return FALSE;

  for (guint i = 1; i < attempt->len; i++) {
    Received *received = &g_array_index (attempt, Received, i);
    sqlite3_stmt *row = practice_store_prepare (self->store, "SELECT 1 FROM sqs_message WHERE id = ? AND receipt = ? AND state = 2", "ii",
                                                received->id, received->nonce);
    gboolean there = sqlite3_step (row) == SQLITE_ROW;

    sqlite3_reset (row);
    if (!there)
      return FALSE;
  }

  for (guint i = 1; i < attempt->len; i++) {
    Received *received = &g_array_index (attempt, Received, i);

    json_array_add_object_element (messages, hand_out (self, queue, request, principal, received->id, now, &received->nonce));
  }
  return TRUE;
}

static void
keep_attempt (PracticeSqs *self,
              char        *key,
              GArray      *received,
              gint64       now)
{
  Received time = { now, 0 };

  if (g_hash_table_size (self->attempts) >= MAX_ATTEMPTS)
    g_hash_table_remove_all (self->attempts);
  g_array_prepend_val (received, time);
  g_hash_table_replace (self->attempts, key, g_array_ref (received));
}

JsonArray *
practice_sqs_take (PracticeSqs        *self,
                   PracticeSqsQueue   *queue,
                   PracticeSqsRequest *request,
                   PracticePrincipal  *principal)
{
  JsonArray *messages = json_array_new ();
  PracticeSqsQueue *target = queue->dead_letter_arn != NULL ? practice_sqs_find_by_arn (self, queue->dead_letter_arn) : NULL;
  gint64 now = practice_sqs_now ();
  g_autoptr (GArray) received = g_array_new (FALSE, FALSE, sizeof (Received));
  g_autofree char *key = NULL;
  gboolean moved = TRUE;
  gboolean released_only = request->mapping && practice_sqs_hold_applies (self, queue);

  practice_sqs_sweep (self);
  if (request->attempt_id != NULL) {
    key = g_strdup_printf ("%" G_GINT64_FORMAT " %s", queue->id, request->attempt_id);
    if (repeat_attempt (self, queue, request, principal, key, now, messages))
      return messages;
  }

  /* What goes to the dead letters makes room for others. */
  while (moved && received->len < request->max) {
    g_autoptr (GArray) ready = find_ready (self, queue, request->max - received->len, released_only);

    moved = FALSE;
    for (guint i = 0; i < ready->len; i++) {
      Candidate *candidate = &g_array_index (ready, Candidate, i);
      Received item = { candidate->id, 0 };

      if (target != NULL && candidate->receive_count >= queue->max_receive_count) {
        move_to_dead_letters (self, queue, target, candidate, now);
        moved = TRUE;
      } else {
        json_array_add_object_element (messages, hand_out (self, queue, request, principal, item.id, now, &item.nonce));
        g_array_append_val (received, item);
      }
    }
  }

  if (key != NULL && received->len > 0)
    keep_attempt (self, g_steal_pointer (&key), received, now);
  return messages;
}

void
practice_sqs_answer (PracticeCall *call,
                     JsonArray    *messages)
{
  JsonObject *result = json_object_new ();

  if (messages != NULL && json_array_get_length (messages) > 0)
    json_object_set_array_member (result, "Messages", json_array_ref (messages));
  practice_call_return (call, result);
}

void
practice_sqs_receive_message (PracticeCall *call,
                              gpointer      data)
{
  PracticeSqs *self = data;
  PracticeSqsQueue *queue = practice_sqs_find (self, call, "sqs:ReceiveMessage");
  g_autoptr (PracticeSqsRequest) request = queue != NULL ? read_request (call, queue) : NULL;
  g_autoptr (JsonArray) messages = NULL;

  if (request == NULL)
    return;

  messages = practice_sqs_take (self, queue, request, practice_call_get_principal (call));
  if (json_array_get_length (messages) > 0 || request->wait == 0 ||
      g_cancellable_is_cancelled (practice_call_get_cancellable (call)))
    practice_sqs_answer (call, messages);
  else
    practice_sqs_wait (self, call, queue, g_steal_pointer (&request));
}
