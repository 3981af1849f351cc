/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "practice-dynamodb-table.h"
#include "practice-server.h"

G_BEGIN_DECLS

/* A record and a switched-off stream can be read for a day (Developer Guide, "Change data capture for DynamoDB Streams"). */
#define PRACTICE_STREAMS_KEEP_SECONDS (24 * 60 * 60)

/* What DynamoDB writes to the streams of its tables; the streams' own operations are in practice-streams.c. */

/* Makes the database tables where they are missing. */
void    practice_streams_log_prepare (PracticeStore               *store);

/**
 * practice_streams_log_open:
 * @view: "NEW_IMAGE", …
 * @label: (out) (transfer full): the stream's label, unique for the table
 *
 * Switches a stream on, with its one shard.
 *
 * Returns: the stream's id
 */
gint64  practice_streams_log_open    (PracticeServer              *server,
                                      const PracticeDynamodbTable *table,
                                      const char                  *view,
                                      char                       **label);
/* Switches it off: its shard is closed, and what is in it stays for a day. */
void    practice_streams_log_close   (PracticeServer              *server,
                                      gint64                       stream_id);

/**
 * practice_streams_log_append:
 * @event_name: "INSERT", "MODIFY", "REMOVE"
 * @keys: the item's key
 * @new_item, @old_item: (nullable)
 * @event_id: (out) (transfer full)
 * @sequence_number: (out) (transfer full)
 *
 * Adds a record to the stream of @table, which has to be on, and announces it.
 */
void    practice_streams_log_append  (PracticeServer              *server,
                                      const PracticeDynamodbTable *table,
                                      const char                  *event_name,
                                      const PracticeDynamodbValue *keys,
                                      const PracticeDynamodbValue *new_item,
                                      const PracticeDynamodbValue *old_item,
                                      char                       **event_id,
                                      char                       **sequence_number);

/* Forgets records and switched-off streams that are older than a day. */
void    practice_streams_log_trim    (PracticeStore               *store);

/* The 21 digits of a sequence number, and back (0 where @text is none). */
char   *practice_streams_log_format_sequence (gint64               sequence);
gint64  practice_streams_log_parse_sequence  (const char          *text);

G_END_DECLS
