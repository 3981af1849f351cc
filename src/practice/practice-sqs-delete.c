/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is done with a receipt handle: DeleteMessage, ChangeMessageVisibility and their batches. */
#include <stdio.h>
#include <string.h>

#include "practice-json.h"
#include "practice-sqs-batch.h"
#include "practice-sqs-receipt.h"

typedef struct {
  gint64            id;
  PracticeSqsState  state;
  gint64            received;
  gint64            receive_count;
  char             *message_id;
} Message;

static void
message_clear (Message *message)
{
  g_clear_pointer (&message->message_id, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Message, message_clear)

static gboolean
get_handle (JsonObject          *entry,
            PracticeSqsQueue    *queue,
            const char         **handle,
            PracticeSqsReceipt  *receipt,
            PracticeSqsFault    *fault)
{
  *handle = practice_json_get_string (entry, "ReceiptHandle");
  if (*handle == NULL || **handle == '\0')
    return practice_sqs_fault_set (fault, PRACTICE_SQS_MISSING_PARAMETER, "The request must contain the parameter ReceiptHandle.");
  if (!practice_sqs_receipt_parse (*handle, receipt) || receipt->queue != queue->id)
    return practice_sqs_fault_set (fault, PRACTICE_SQS_RECEIPT_HANDLE_IS_INVALID,
                                   "The input receipt handle \"%s\" is not a valid receipt handle.", *handle);
  return TRUE;
}

/* The message that was handed out last with this receipt. */
static gboolean
find_message (PracticeSqs        *self,
              PracticeSqsQueue   *queue,
              PracticeSqsReceipt *receipt,
              Message            *message)
{
  sqlite3_stmt *row = practice_store_prepare (self->store,
                                              "SELECT id, state, received, receive_count, message_id, visible_at FROM sqs_message"
                                              " WHERE id = ? AND queue = ? AND receipt = ?",
                                              "iii", receipt->message, queue->id, receipt->nonce);
  gboolean found = sqlite3_step (row) == SQLITE_ROW;

  if (found) {
    message->id = sqlite3_column_int64 (row, 0);
    message->state = sqlite3_column_int (row, 1);
    message->received = sqlite3_column_int64 (row, 2);
    message->receive_count = sqlite3_column_int64 (row, 3);
    message->message_id = g_strdup ((const char *) sqlite3_column_text (row, 4));
    /* The timer may be late by a moment. */
    if (message->state == PRACTICE_SQS_IN_FLIGHT && sqlite3_column_int64 (row, 5) <= practice_sqs_now ())
      message->state = PRACTICE_SQS_READY;
  }
  sqlite3_reset (row);
  return found;
}

static void
emit (PracticeSqs      *self,
      const char       *kind,
      PracticeSqsQueue *queue,
      Message          *message,
      const char       *reason)
{
  JsonObject *event = json_object_new ();

  json_object_set_string_member (event, "region", queue->region);
  json_object_set_string_member (event, "queueArn", queue->arn);
  json_object_set_string_member (event, "messageId", message->message_id);
  json_object_set_int_member (event, "receiveCount", message->receive_count);
  if (reason != NULL)
    json_object_set_string_member (event, "reason", reason);
  practice_events_emit (self->events, kind, event);
}

/* A message that is there no more, or was handed out again since, is no error. */
static JsonObject *
delete_entry (PracticeSqs      *self,
              PracticeCall     *call,
              PracticeSqsQueue *queue,
              JsonObject       *entry,
              PracticeSqsFault *fault)
{
  PracticeSqsReceipt receipt;
  g_auto (Message) message = { 0 };
  const char *handle = NULL;

  if (!get_handle (entry, queue, &handle, &receipt, fault))
    return NULL;

  if (find_message (self, queue, &receipt, &message)) {
    if (queue->fifo && message.state != PRACTICE_SQS_IN_FLIGHT) {
      practice_sqs_fault_set (fault, PRACTICE_SQS_INVALID_PARAMETER_VALUE,
                              "Value %s for parameter ReceiptHandle is invalid. Reason: The receipt handle has expired.", handle);
      return NULL;
    }
    practice_store_run (self->store, "DELETE FROM sqs_message WHERE id = ?", "i", message.id);
    practice_sqs_hold_taken (self, message.id);
    emit (self, "queue-deleted", queue, &message, NULL);
    /* The others of its group may be handed out now. */
    if (queue->fifo)
      practice_sqs_arrived (self, queue, 0);
  }
  return json_object_new ();
}

static JsonObject *
change_entry (PracticeSqs      *self,
              PracticeCall     *call,
              PracticeSqsQueue *queue,
              JsonObject       *entry,
              PracticeSqsFault *fault)
{
  PracticeSqsReceipt receipt;
  g_auto (Message) message = { 0 };
  const char *handle = NULL;
  gint64 seconds = -1;
  gint64 now = practice_sqs_now ();
  gint64 visible_at;

  if (!get_handle (entry, queue, &handle, &receipt, fault) || !practice_sqs_entry_get_int (entry, "VisibilityTimeout", &seconds, fault))
    return NULL;
  if (!json_object_has_member (entry, "VisibilityTimeout")) {
    practice_sqs_fault_set (fault, PRACTICE_SQS_MISSING_PARAMETER, "The request must contain the parameter VisibilityTimeout.");
    return NULL;
  }
  if (seconds < 0 || seconds > PRACTICE_SQS_MAX_VISIBILITY) {
    practice_sqs_fault_set (fault, PRACTICE_SQS_INVALID_PARAMETER_VALUE,
                            "Value %" G_GINT64_FORMAT " for parameter VisibilityTimeout is invalid. Reason: VisibilityTimeout must be an "
                            "integer between 0 and %d.", seconds, PRACTICE_SQS_MAX_VISIBILITY);
    return NULL;
  }

  if (!find_message (self, queue, &receipt, &message) || message.state != PRACTICE_SQS_IN_FLIGHT) {
    practice_sqs_fault_set (fault, PRACTICE_SQS_INVALID_PARAMETER_VALUE,
                            "Value %s for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for "
                            "visibility timeout change.", handle);
    return NULL;
  }
  visible_at = now + seconds * 1000;
  if (visible_at > message.received + PRACTICE_SQS_MAX_VISIBILITY * 1000) {
    practice_sqs_fault_set (fault, PRACTICE_SQS_INVALID_PARAMETER_VALUE,
                            "Value %" G_GINT64_FORMAT " for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout for the "
                            "message is beyond the limit [%d seconds]", seconds, PRACTICE_SQS_MAX_VISIBILITY);
    return NULL;
  }

  if (seconds > 0) {
    practice_store_run (self->store, "UPDATE sqs_message SET visible_at = ? WHERE id = ?", "ii", visible_at, message.id);
    practice_sqs_due (self, visible_at);
  } else {
    practice_store_run (self->store, "UPDATE sqs_message SET state = 0, visible_at = ? WHERE id = ?", "ii",
                        queue->fifo ? (gint64) 0 : now, message.id);
    emit (self, "queue-returned", queue, &message, "changed-to-zero");
    practice_sqs_arrived (self, queue, message.id);
  }
  return json_object_new ();
}

static void
run_one (PracticeSqs          *self,
         PracticeCall         *call,
         const char           *action,
         PracticeSqsEntryFunc  func)
{
  PracticeSqsQueue *queue = practice_sqs_find (self, call, action);
  g_auto (PracticeSqsFault) fault = { 0 };
  g_autoptr (JsonObject) done = NULL;

  if (queue == NULL)
    return;

  done = func (self, call, queue, practice_call_get_params (call), &fault);
  if (done != NULL)
    practice_call_return (call, NULL);
  else
    practice_sqs_fault_fail (&fault, call);
}

static void
run_batch (PracticeSqs          *self,
           PracticeCall         *call,
           const char           *action,
           const char           *entry_name,
           PracticeSqsEntryFunc  func)
{
  PracticeSqsQueue *queue = practice_sqs_find (self, call, action);
  JsonArray *entries = queue != NULL ? practice_sqs_batch_get_entries (call, entry_name) : NULL;

  if (entries != NULL)
    practice_sqs_batch_run (self, call, queue, entries, func);
}

void
practice_sqs_delete_message (PracticeCall *call,
                             gpointer      data)
{
  run_one (data, call, "sqs:DeleteMessage", delete_entry);
}

void
practice_sqs_delete_message_batch (PracticeCall *call,
                                   gpointer      data)
{
  run_batch (data, call, "sqs:DeleteMessage", "DeleteMessageBatchRequestEntry", delete_entry);
}

void
practice_sqs_change_message_visibility (PracticeCall *call,
                                        gpointer      data)
{
  run_one (data, call, "sqs:ChangeMessageVisibility", change_entry);
}

void
practice_sqs_change_message_visibility_batch (PracticeCall *call,
                                              gpointer      data)
{
  run_batch (data, call, "sqs:ChangeMessageVisibility", "ChangeMessageVisibilityBatchRequestEntry", change_entry);
}
