/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "practice-mapping-private.h"

G_BEGIN_DECLS

/* What failed for a reason of the stream's or the role's is tried again after so long. */
#define PRACTICE_SHARD_PROBLEM_MS 5000

/* Records that go to the function together. */
typedef struct {
  JsonArray *records;
  guint      attempts;
  gboolean   stepped;      /* step mode held them: their age does not count */
} PracticeBatch;

/* One shard: read in order, one batch at a time. Holds its mapping's poller. */
typedef struct {
  PracticeMappingStream *poller;
  char                  *id;
  char                  *iterator;
  char                  *checkpoint;   /* the sequence number done last; NULL at the beginning */
  JsonArray             *held;         /* read, waiting for the batch to be full or the window's end */
  GQueue                *kept;         /* JsonObject: read, and held by step mode */
  GQueue                *loose;        /* JsonObject: let go, the next batches */
  GQueue                *batches;      /* PracticeBatch */
  guint                  timer_id;
  guint                  retry_ms;
  gboolean               window_over;
  gboolean               reading;
  gboolean               invoking;
  gboolean               waiting;      /* for "arrival" */
  gboolean               closed;
  gboolean               at_end;       /* begin with what comes from now on */
} PracticeShard;

struct _PracticeMappingStream {
  PracticeMapping *mapping;   /* owns this */
  GPtrArray       *shards;
  gulong           arrival_id;
  guint            timer_id;
  gboolean         latest;    /* begins at the end of the stream */
  gboolean         discovered;
};

/* Of a record as the function gets it. */
const char *practice_record_get_sequence (JsonObject *record);
double      practice_record_get_time     (JsonObject *record);

/* Where it was done up to, as far as that is known. */
PracticeShard *practice_shard_new  (PracticeMappingStream *poller,
                                    const char            *id);
void practice_shard_free           (gpointer            shard);
/* The shard's next step, whatever it is. */
void practice_shard_go_on          (PracticeShard      *shard);
/* The shard's next step, whatever it is, after so many milliseconds, where none is waited for. */
void practice_shard_go_on_later    (PracticeShard      *shard,
                                    guint               milliseconds);
/* What was read becomes a batch, without what the filters do not want. */
void practice_shard_make_batch     (PracticeShard      *shard);
/* All up to @record is done, whatever came of it. */
void practice_shard_set_checkpoint (PracticeShard      *shard,
                                    JsonObject         *record);

/* practice-mapping-stream.c */
/* Looks for the shards that there are: at the beginning, and when one ends. */
void practice_mapping_stream_discover (PracticeMappingStream *self);
/* What went wrong with the stream itself: told, and tried again after a while. */
void practice_mapping_stream_fail     (PracticeMappingStream *self,
                                       const PracticeAnswer  *answer);

/* practice-mapping-discard.c: records that are given up: told to the destination for failures, where there is one, and passed by. */
void practice_shard_discard        (PracticeShard      *shard,
                                    JsonArray          *records,
                                    guint               attempts,
                                    const char         *condition,
                                    PracticeInvocation *invocation);

/* practice-mapping-hold.c: step mode */
/* Holds @record (transfer full). */
void practice_shard_keep           (PracticeShard      *shard,
                                    JsonObject         *record);
/* What was let go becomes the next batch. */
void practice_shard_batch_loose    (PracticeShard      *shard);

G_END_DECLS
