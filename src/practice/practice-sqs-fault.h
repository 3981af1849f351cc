/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "practice-call.h"

G_BEGIN_DECLS

/* The errors of the SQS API reference; each has one code in the JSON protocol and an older one in the query protocol and in batches. */
typedef enum {
  PRACTICE_SQS_BATCH_ENTRY_IDS_NOT_DISTINCT,
  PRACTICE_SQS_BATCH_REQUEST_TOO_LONG,
  PRACTICE_SQS_EMPTY_BATCH_REQUEST,
  PRACTICE_SQS_INTERNAL_FAILURE,
  PRACTICE_SQS_INVALID_ADDRESS,
  PRACTICE_SQS_INVALID_ATTRIBUTE_NAME,
  PRACTICE_SQS_INVALID_ATTRIBUTE_VALUE,
  PRACTICE_SQS_INVALID_BATCH_ENTRY_ID,
  PRACTICE_SQS_INVALID_MESSAGE_CONTENTS,
  PRACTICE_SQS_INVALID_PARAMETER_VALUE,
  PRACTICE_SQS_MISSING_PARAMETER,
  PRACTICE_SQS_PURGE_QUEUE_IN_PROGRESS,
  PRACTICE_SQS_QUEUE_DOES_NOT_EXIST,
  PRACTICE_SQS_QUEUE_NAME_EXISTS,
  PRACTICE_SQS_RECEIPT_HANDLE_IS_INVALID,
  PRACTICE_SQS_TOO_MANY_ENTRIES,
} PracticeSqsFaultKind;

/* What is wrong with a call or with one entry of a batch. */
typedef struct {
  PracticeSqsFaultKind  kind;
  char                 *message;   /* NULL: nothing */
} PracticeSqsFault;

void         practice_sqs_fault_clear  (PracticeSqsFault     *self);
/* Keeps the first fault that is set. Returns FALSE, so that checks can end with it. */
gboolean     practice_sqs_fault_set    (PracticeSqsFault     *self,
                                        PracticeSqsFaultKind  kind,
                                        const char           *format,
                                        ...) G_GNUC_PRINTF (3, 4);
/* Fails @call with @self and clears it. */
void         practice_sqs_fault_fail   (PracticeSqsFault     *self,
                                        PracticeCall         *call);
/* (transfer full): an entry of a batch's "Failed". Clears @self. */
JsonObject  *practice_sqs_fault_to_entry (PracticeSqsFault   *self,
                                        const char           *id);
/* The same without a fault at hand. */
void         practice_sqs_fail         (PracticeCall         *call,
                                        PracticeSqsFaultKind  kind,
                                        const char           *format,
                                        ...) G_GNUC_PRINTF (3, 4);
/* With the words that the call's protocol has for it. */
void         practice_sqs_fail_missing_queue (PracticeCall   *call);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PracticeSqsFault, practice_sqs_fault_clear)

G_END_DECLS
