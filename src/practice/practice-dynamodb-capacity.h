/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "practice-dynamodb-table.h"

G_BEGIN_DECLS

typedef enum {
  PRACTICE_DYNAMODB_CAPACITY_NONE,
  PRACTICE_DYNAMODB_CAPACITY_TOTAL,
  PRACTICE_DYNAMODB_CAPACITY_INDEXES,
} PracticeDynamodbCapacityDetail;

/**
 * PracticeDynamodbCapacity:
 *
 * What a call consumed, for ConsumedCapacity (Developer Guide, "Read and write capacity").
 */
typedef struct _PracticeDynamodbCapacity PracticeDynamodbCapacity;

/* Reads ReturnConsumedCapacity; NULL with an error. */
PracticeDynamodbCapacity *practice_dynamodb_capacity_new        (JsonObject                   *params,
                                                                 GError                      **error);
void                      practice_dynamodb_capacity_free       (PracticeDynamodbCapacity     *self);
/* @index: (nullable): the index that was read instead of the table. @bytes are those of all items together that one request read. */
void                      practice_dynamodb_capacity_add_read   (PracticeDynamodbCapacity     *self,
                                                                 const PracticeDynamodbTable  *table,
                                                                 const PracticeDynamodbIndex  *index,
                                                                 gsize                         bytes,
                                                                 double                        units_per_block);
/* Of @old_item and @new_item (nullable) the larger counts, and the entries of each index that change. */
void                      practice_dynamodb_capacity_add_write  (PracticeDynamodbCapacity     *self,
                                                                 const PracticeDynamodbTable  *table,
                                                                 PracticeDynamodbValue        *old_item,
                                                                 PracticeDynamodbValue        *new_item,
                                                                 double                        units_per_block);
/* Adds "ConsumedCapacity" to @result, where it was asked for: one object, or an array of one for each table. */
void                      practice_dynamodb_capacity_report     (PracticeDynamodbCapacity     *self,
                                                                 JsonObject                   *result);
void                      practice_dynamodb_capacity_report_all (PracticeDynamodbCapacity     *self,
                                                                 JsonObject                   *result);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PracticeDynamodbCapacity, practice_dynamodb_capacity_free)

G_END_DECLS
