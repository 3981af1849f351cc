/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "practice-sns-private.h"

G_BEGIN_DECLS

/* What is wrong with a message. */
typedef struct {
  const char *code;      /* NULL: nothing */
  char       *message;
  gboolean    whole;     /* in a batch: of the whole call, not of one entry */
} PracticeSnsFault;

void     practice_sns_fault_clear (PracticeSnsFault *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PracticeSnsFault, practice_sns_fault_clear)

/**
 * PracticeSnsMessage:
 * @texts: (nullable): by protocol, where MessageStructure is "json"
 *
 * A message under way from Publish to the subscribers.
 */
typedef struct {
  char       *id;
  char       *text;
  char       *subject;
  JsonObject *texts;
  JsonObject *attributes;        /* {name: {DataType, StringValue or BinaryValue}}, maybe empty */
  char       *group_id;
  char       *deduplication_id;
  char       *sequence_number;   /* of FIFO topics */
  char       *timestamp;
} PracticeSnsMessage;

void                practice_sns_message_free        (PracticeSnsMessage *self);

/**
 * practice_sns_message_new:
 * @params: the call's parameters or an entry of a batch
 * @topic: (nullable): NULL for a text message to a phone number
 * @entry: the number of the entry in its batch, from 1, or 0
 *
 * Reads and checks a message (SNS API reference, Publish).
 *
 * Returns: (transfer full) (nullable): NULL with @fault set
 */
PracticeSnsMessage *practice_sns_message_new         (JsonObject         *params,
                                                      PracticeSnsTopic   *topic,
                                                      guint               entry,
                                                      PracticeSnsFault   *fault);
gsize               practice_sns_message_get_size    (PracticeSnsMessage *self);
/* What subscribers of @protocol get. */
const char         *practice_sns_message_get_text    (PracticeSnsMessage *self,
                                                      const char         *protocol);
/* (transfer full): the JSON that subscribers get around the text: for queues and email-json, or as the Sns member of a Lambda event. */
JsonObject         *practice_sns_message_to_envelope (PracticeSnsMessage *self,
                                                      PracticeSnsTopic   *topic,
                                                      const char         *protocol,
                                                      const char         *server_url,
                                                      const char         *unsubscribe_link);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PracticeSnsMessage, practice_sns_message_free)

/* (transfer full): the message as it is kept while step mode holds it, and back. */
JsonObject         *practice_sns_message_to_json     (PracticeSnsMessage *self);
PracticeSnsMessage *practice_sns_message_from_json   (JsonObject         *json);

/* practice-sns-hold.c: step mode */
void                practice_sns_hold_start          (PracticeSns        *self);
/**
 * practice_sns_hold:
 * @subscription: (nullable): where it is going; NULL: into the topic, of which @event (transfer none) will tell
 *
 * Returns: TRUE where the message is held; it goes on by itself later
 */
gboolean            practice_sns_hold                (PracticeSns        *self,
                                                      PracticeSnsTopic   *topic,
                                                      PracticeSnsSubscription *subscription,
                                                      PracticeSnsMessage *message,
                                                      JsonObject         *event);
/* The subscription is gone. */
void                practice_sns_hold_forget         (PracticeSns        *self,
                                                      const char         *subscription_arn);

/* practice-sns-deliver.c: to every subscription of @topic that wants it. */
void                practice_sns_deliver             (PracticeSns        *self,
                                                      PracticeSnsTopic   *topic,
                                                      PracticeSnsMessage *message);
/* To one that is confirmed and wants it. */
void                practice_sns_deliver_to          (PracticeSns        *self,
                                                      PracticeSnsTopic   *topic,
                                                      PracticeSnsSubscription *subscription,
                                                      PracticeSnsMessage *message);

G_END_DECLS
