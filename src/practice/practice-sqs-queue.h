/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "practice-sqs-fault.h"
#include "practice-store.h"

G_BEGIN_DECLS

/**
 * PracticeSqsQueue:
 * @attributes: those that were set, as text; what is not there has its default
 *
 * A queue as the database has it, with what its attributes come to.
 */
typedef struct {
  gint64      id;
  gint64      revision;
  char       *region;
  char       *name;
  char       *arn;
  gint64      created;    /* seconds since 1970 */
  gint64      modified;
  gint64      purged;     /* milliseconds since 1970, 0: never */
  JsonObject *attributes;
  JsonObject *tags;

  gboolean    fifo;
  gboolean    content_based_deduplication;
  gboolean    deduplicates_by_group;
  gint64      delay;      /* seconds */
  gint64      visibility_timeout;
  gint64      retention;
  gint64      wait_time;
  gint64      max_bytes;
  gint64      max_receive_count;   /* 0: no redrive policy */
  char       *dead_letter_arn;
  const char *policy;              /* in @attributes, or NULL */
} PracticeSqsQueue;

void              practice_sqs_queue_free     (PracticeSqsQueue *self);
PracticeSqsQueue *practice_sqs_queue_load     (PracticeStore    *store,
                                               const char       *account,
                                               gint64            id);
/* Makes a row. @attributes, @tags: not taken. Returns its id. */
gint64            practice_sqs_queue_insert   (PracticeStore    *store,
                                               const char       *region,
                                               const char       *name,
                                               JsonObject       *attributes,
                                               JsonObject       *tags);
/* Writes changed attributes and tags; what @self holds is out of date then. */
void              practice_sqs_queue_update   (PracticeSqsQueue *self,
                                               PracticeStore    *store,
                                               JsonObject       *attributes,
                                               JsonObject       *tags);

/* The value that an attribute has, set or by default, or NULL; not the counts. */
const char       *practice_sqs_queue_get_attribute (PracticeSqsQueue *self,
                                               const char       *name);
/* Whether @name can be asked for. */
gboolean          practice_sqs_attribute_is_known (const char   *name);
/* Names of the attributes that can be set, NULL-terminated. */
const char *const *practice_sqs_attribute_get_names (void);

/**
 * practice_sqs_attribute_check:
 * @fifo: whether the queue is one
 *
 * Whether @value is one that @name may have (SQS API reference, SetQueueAttributes). Queues that policies name are not looked up.
 */
gboolean          practice_sqs_attribute_check (const char       *name,
                                               const char        *value,
                                               gboolean           fifo,
                                               PracticeSqsFault  *fault);

/* Takes a redrive policy apart; FALSE with AWS's sentence in @fault where it is none. */
gboolean          practice_sqs_redrive_policy_parse (const char  *text,
                                               char             **dead_letter_arn,
                                               gint64            *max_receive_count,
                                               PracticeSqsFault  *fault);
/* Whether the redrive allow policy @text (NULL: none) lets @source_arn use the queue for its dead letters. */
gboolean          practice_sqs_redrive_allow_policy_allows (const char *text,
                                               const char        *source_arn);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PracticeSqsQueue, practice_sqs_queue_free)

G_END_DECLS
