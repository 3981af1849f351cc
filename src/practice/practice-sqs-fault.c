/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-sqs-fault.h"

#include <stdarg.h>

typedef struct {
  guint       status;
  const char *code;
  const char *query_code;
} Kind;

static const Kind kinds[] = {
  [PRACTICE_SQS_BATCH_ENTRY_IDS_NOT_DISTINCT] = { 400, "BatchEntryIdsNotDistinct", "AWS.SimpleQueueService.BatchEntryIdsNotDistinct" },
  [PRACTICE_SQS_BATCH_REQUEST_TOO_LONG] = { 400, "BatchRequestTooLong", "AWS.SimpleQueueService.BatchRequestTooLong" },
  [PRACTICE_SQS_EMPTY_BATCH_REQUEST] = { 400, "EmptyBatchRequest", "AWS.SimpleQueueService.EmptyBatchRequest" },
  [PRACTICE_SQS_INTERNAL_FAILURE] = { 500, "InternalFailure", "InternalFailure" },
  [PRACTICE_SQS_INVALID_ADDRESS] = { 400, "InvalidAddress", "InvalidAddress" },
  [PRACTICE_SQS_INVALID_ATTRIBUTE_NAME] = { 400, "InvalidAttributeName", "InvalidAttributeName" },
  [PRACTICE_SQS_INVALID_ATTRIBUTE_VALUE] = { 400, "InvalidAttributeValue", "InvalidAttributeValue" },
  [PRACTICE_SQS_INVALID_BATCH_ENTRY_ID] = { 400, "InvalidBatchEntryId", "AWS.SimpleQueueService.InvalidBatchEntryId" },
  [PRACTICE_SQS_INVALID_MESSAGE_CONTENTS] = { 400, "InvalidMessageContents", "InvalidMessageContents" },
  [PRACTICE_SQS_INVALID_PARAMETER_VALUE] = { 400, "InvalidParameterValueException", "InvalidParameterValue" },
  [PRACTICE_SQS_MISSING_PARAMETER] = { 400, "MissingRequiredParameterException", "MissingParameter" },
  [PRACTICE_SQS_PURGE_QUEUE_IN_PROGRESS] = { 403, "PurgeQueueInProgress", "AWS.SimpleQueueService.PurgeQueueInProgress" },
  [PRACTICE_SQS_QUEUE_DOES_NOT_EXIST] = { 400, "QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue" },
  [PRACTICE_SQS_QUEUE_NAME_EXISTS] = { 400, "QueueNameExists", "QueueAlreadyExists" },
  [PRACTICE_SQS_RECEIPT_HANDLE_IS_INVALID] = { 400, "ReceiptHandleIsInvalid", "ReceiptHandleIsInvalid" },
  [PRACTICE_SQS_TOO_MANY_ENTRIES] = { 400, "TooManyEntriesInBatchRequest", "AWS.SimpleQueueService.TooManyEntriesInBatchRequest" },
};

void
practice_sqs_fault_clear (PracticeSqsFault *self)
{
  g_clear_pointer (&self->message, g_free);
}

gboolean
practice_sqs_fault_set (PracticeSqsFault     *self,
                        PracticeSqsFaultKind  kind,
                        const char           *format,
                        ...)
{
  va_list args;

  if (self->message != NULL)
    return FALSE;

  va_start (args, format);
  self->kind = kind;
  self->message = g_strdup_vprintf (format, args);
  va_end (args);
  return FALSE;
}

void
practice_sqs_fault_fail (PracticeSqsFault *self,
                         PracticeCall     *call)
{
  const Kind *kind = &kinds[self->kind];

  /* A parameter of the wrong type has failed the call already. */
  if (!practice_call_is_answered (call))
    practice_call_fail_full (call, kind->status, kind->code, kind->query_code, NULL, self->message);
  practice_sqs_fault_clear (self);
}

JsonObject *
practice_sqs_fault_to_entry (PracticeSqsFault *self,
                             const char       *id)
{
  JsonObject *entry = json_object_new ();

  json_object_set_string_member (entry, "Id", id);
  json_object_set_boolean_member (entry, "SenderFault", kinds[self->kind].status < 500);
  json_object_set_string_member (entry, "Code", kinds[self->kind].query_code);
  json_object_set_string_member (entry, "Message", self->message);
  practice_sqs_fault_clear (self);
  return entry;
}

void
practice_sqs_fail (PracticeCall         *call,
                   PracticeSqsFaultKind  kind,
                   const char           *format,
                   ...)
{
  PracticeSqsFault fault = { .kind = kind };
  va_list args;

  va_start (args, format);
  fault.message = g_strdup_vprintf (format, args);
  va_end (args);
  practice_sqs_fault_fail (&fault, call);
}

void
practice_sqs_fail_missing_queue (PracticeCall *call)
{
  practice_sqs_fail (call, PRACTICE_SQS_QUEUE_DOES_NOT_EXIST, "The specified queue does not exist%s.",
                     practice_call_is_query (call) ? " for this wsdl version" : "");
}
