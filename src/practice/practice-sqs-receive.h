/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "practice-sqs-private.h"

G_BEGIN_DECLS

/* What a call of ReceiveMessage asked for. */
typedef struct {
  gint64  max;
  gint64  visibility_timeout;   /* seconds */
  gint64  wait;                 /* seconds */
  GStrv   names;                /* of attributes */
  GStrv   message_names;        /* of message attributes */
  char   *attempt_id;
  gboolean mapping;             /* an event source mapping asks: step mode may keep messages from it */
} PracticeSqsRequest;

void       practice_sqs_request_free (PracticeSqsRequest *request);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PracticeSqsRequest, practice_sqs_request_free)

/* Takes what is there. (transfer full): the messages, maybe none. Runs in a transaction of the caller's. */
JsonArray *practice_sqs_take         (PracticeSqs        *self,
                                      PracticeSqsQueue   *queue,
                                      PracticeSqsRequest *request,
                                      PracticePrincipal  *principal);
/* @messages: (nullable): not taken */
void       practice_sqs_answer       (PracticeCall       *call,
                                      JsonArray          *messages);
/* Answers @call when something comes or its time is over. Takes @request. */
void       practice_sqs_wait         (PracticeSqs        *self,
                                      PracticeCall       *call,
                                      PracticeSqsQueue   *queue,
                                      PracticeSqsRequest *request);

G_END_DECLS
