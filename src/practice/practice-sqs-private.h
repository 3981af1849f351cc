/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "practice-server.h"
#include "practice-sqs-fault.h"
#include "practice-sqs-queue.h"

G_BEGIN_DECLS

#define PRACTICE_SQS_MAX_BATCH 10
#define PRACTICE_SQS_MAX_BYTES 1048576
#define PRACTICE_SQS_MAX_VISIBILITY 43200
#define PRACTICE_SQS_NEVER G_MAXINT64
#define PRACTICE_SQS_DEDUPLICATION_MS (5 * 60 * 1000)

/* Where a message is in its life. */
typedef enum {
  PRACTICE_SQS_READY     = 0,
  PRACTICE_SQS_DELAYED   = 1,
  PRACTICE_SQS_IN_FLIGHT = 2,
  PRACTICE_SQS_HELD      = 3,   /* step mode: on its way from a gateway, not in the queue yet */
} PracticeSqsState;

/*
 * The queue service. Messages live in the database alone; in memory are the queues as they were last read, the long polls that wait,
 * and when something is due next.
 */
typedef struct {
  PracticeServer *server;     /* not owned */
  PracticeStore  *store;      /* not owned: the server's */
  PracticeEvents *events;     /* not owned: the server's */

  GHashTable     *queues;     /* the row's id → PracticeSqsQueue */
  GHashTable     *attempts;   /* "queue attempt" → array of what was received, so that it can be repeated */
  GQueue          waiters;    /* PracticeSqsWaiter, longest first */
  GHashTable     *arrivals;   /* ids of queues whose waiters are to be served */
  GHashTable     *mapped;     /* ARNs of queues that mappings poll → array of their functions' ARNs */

  GSource        *timer;      /* runs at the next of what follows */
  GSource        *arrival;    /* serves the waiters, after the transaction that brought the message */
  gint64          next_due;   /* milliseconds since 1970: a message becomes receivable */
  gint64          next_expiry; /* a message is kept no longer */
  gint64          last_id;
} PracticeSqs;

/* practice-sqs.c */
gint64            practice_sqs_now            (void);   /* milliseconds since 1970 */
/* Ids rise for ever: a message's place in its queue, and its sequence number. */
gint64            practice_sqs_next_id        (PracticeSqs      *self);
/* The queue that the call names, where the caller may do @action ("sqs:SendMessage") with it; else the call is failed. */
PracticeSqsQueue *practice_sqs_find           (PracticeSqs      *self,
                                               PracticeCall     *call,
                                               const char       *action);
PracticeSqsQueue *practice_sqs_find_by_id     (PracticeSqs      *self,
                                               gint64            id);
PracticeSqsQueue *practice_sqs_find_by_arn    (PracticeSqs      *self,
                                               const char       *arn);
char             *practice_sqs_get_url        (PracticeSqs      *self,
                                               PracticeSqsQueue *queue);
/* The message @id (0: some) in @queue became receivable: tells those who wait, once the transaction is through. */
void              practice_sqs_arrived        (PracticeSqs      *self,
                                               PracticeSqsQueue *queue,
                                               gint64            id);
/* practice-sqs-hold.c: step mode */
void              practice_sqs_hold_start     (PracticeSqs      *self);
/* A message that @api sent, stored as PRACTICE_SQS_HELD. @event: (transfer none): "queue-sent" when it goes on */
void              practice_sqs_hold_sent      (PracticeSqs      *self,
                                               gint64            id,
                                               const char       *api,
                                               JsonObject       *event);
/* Whether mappings get only what was let go. */
gboolean          practice_sqs_hold_applies   (PracticeSqs      *self,
                                               PracticeSqsQueue *queue);
/* Holds the message @id (0: all) where it waits for a mapping. */
void              practice_sqs_hold_ready     (PracticeSqs      *self,
                                               PracticeSqsQueue *queue,
                                               gint64            id);
/* It was handed out, or is gone. */
void              practice_sqs_hold_taken     (PracticeSqs      *self,
                                               gint64            id);
/* The queue is gone; called while its messages are still there. */
void              practice_sqs_hold_forget    (PracticeSqs      *self,
                                               PracticeSqsQueue *queue);
/* practice-sqs-timer.c */
/* Makes sure that the timer runs at @time or before. */
void              practice_sqs_due            (PracticeSqs      *self,
                                               gint64            time);
void              practice_sqs_expires        (PracticeSqs      *self,
                                               gint64            time);
/* Messages whose delay or visibility time-out is over become receivable, those kept too long go. */
void              practice_sqs_sweep          (PracticeSqs      *self);
void              practice_sqs_reschedule     (PracticeSqs      *self);
gboolean          practice_sqs_on_timer       (gpointer          sqs);

/* practice-sqs-settings.c */
void              practice_sqs_emit_resource  (PracticeSqs      *self,
                                               const char       *kind,
                                               const char       *region,
                                               const char       *arn,
                                               const char       *name);
/* Whether every value of @map is a text; else the call is failed. */
gboolean          practice_sqs_check_texts    (PracticeCall     *call,
                                               JsonObject       *map,
                                               const char       *name);
gboolean          practice_sqs_check_tags     (PracticeCall     *call,
                                               JsonObject       *tags);
/* Values that a queue may have, with the queues that they name. */
gboolean          practice_sqs_check_attributes (PracticeSqs    *self,
                                               JsonObject       *attributes,
                                               const char       *arn,
                                               gboolean          fifo,
                                               PracticeSqsFault *fault);
/* (transfer full): @changes on top of @attributes (NULL: none); an empty text takes an attribute away. */
JsonObject       *practice_sqs_merge_attributes (JsonObject     *attributes,
                                               JsonObject       *changes);

/* practice-sqs-waiter.c: the long polls */
gint64            practice_sqs_waiters_next   (PracticeSqs      *self);
void              practice_sqs_waiters_expire (PracticeSqs      *self);
void              practice_sqs_waiters_serve  (PracticeSqs      *self);
/* The queue is gone. */
void              practice_sqs_waiters_drop   (PracticeSqs      *self,
                                               gint64            queue_id);
void              practice_sqs_waiters_clear  (PracticeSqs      *self);

/* The operations. */
void practice_sqs_create_queue            (PracticeCall *call, gpointer sqs);
void practice_sqs_get_queue_url           (PracticeCall *call, gpointer sqs);
void practice_sqs_list_queues             (PracticeCall *call, gpointer sqs);
void practice_sqs_delete_queue            (PracticeCall *call, gpointer sqs);
void practice_sqs_purge_queue             (PracticeCall *call, gpointer sqs);
void practice_sqs_get_queue_attributes    (PracticeCall *call, gpointer sqs);
void practice_sqs_set_queue_attributes    (PracticeCall *call, gpointer sqs);
void practice_sqs_list_dead_letter_source_queues (PracticeCall *call, gpointer sqs);
void practice_sqs_tag_queue               (PracticeCall *call, gpointer sqs);
void practice_sqs_untag_queue             (PracticeCall *call, gpointer sqs);
void practice_sqs_list_queue_tags         (PracticeCall *call, gpointer sqs);
void practice_sqs_add_permission          (PracticeCall *call, gpointer sqs);
void practice_sqs_remove_permission       (PracticeCall *call, gpointer sqs);
void practice_sqs_send_message            (PracticeCall *call, gpointer sqs);
void practice_sqs_send_message_batch      (PracticeCall *call, gpointer sqs);
void practice_sqs_receive_message         (PracticeCall *call, gpointer sqs);
void practice_sqs_delete_message          (PracticeCall *call, gpointer sqs);
void practice_sqs_delete_message_batch    (PracticeCall *call, gpointer sqs);
void practice_sqs_change_message_visibility (PracticeCall *call, gpointer sqs);
void practice_sqs_change_message_visibility_batch (PracticeCall *call, gpointer sqs);

G_END_DECLS
