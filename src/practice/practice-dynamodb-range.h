/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "practice-dynamodb-node.h"
#include "practice-dynamodb-private.h"

G_BEGIN_DECLS

/**
 * PracticeDynamodbRange:
 * @index: (nullable): the index that is read instead of the table
 * @query: one partition in the order of the sort key, instead of all buckets
 * @backward: of a query
 * @hash: of a query: the partition
 * @low, @high: of a query: sort keys from @low up to but not including @high
 * @first_bucket, @end_bucket: of a scan
 * @start: (nullable): read behind this item: its key in the table or index
 * @start_primary: (nullable): for an index, its key in the table, joined
 *
 * Which items a query or scan reads, as a range of the store's index.
 */
typedef struct {
  const PracticeDynamodbTable *table;
  const PracticeDynamodbIndex *index;
  gboolean                     query;
  gboolean                     backward;
  GBytes                      *hash;
  GBytes                      *low;
  GBytes                      *high;
  gint64                       first_bucket;
  gint64                       end_bucket;
  PracticeDynamodbKey          start;
  GBytes                      *start_primary;
} PracticeDynamodbRange;

void          practice_dynamodb_range_clear      (PracticeDynamodbRange        *self);

/* Takes the partition and the bounds from a KeyConditionExpression (Developer Guide, "Key condition expressions for the Query operation"). */
gboolean      practice_dynamodb_range_set_keys   (PracticeDynamodbRange        *self,
                                                  const PracticeDynamodbNode   *condition,
                                                  GError                      **error);
/* Takes segment @segment of @total. */
void          practice_dynamodb_range_set_segment (PracticeDynamodbRange       *self,
                                                  gint64                        segment,
                                                  gint64                        total);
/* Takes ExclusiveStartKey; the keys or the segment are set before. */
gboolean      practice_dynamodb_range_set_start  (PracticeDynamodbRange        *self,
                                                  const PracticeDynamodbValue  *key,
                                                  GError                      **error);
/* Returns: (transfer none): a statement whose first column is the next item; to be reset */
sqlite3_stmt *practice_dynamodb_range_open       (const PracticeDynamodbRange  *self,
                                                  PracticeDynamodb             *service);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PracticeDynamodbRange, practice_dynamodb_range_clear)

G_END_DECLS
