/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "practice-dynamodb-private.h"

G_BEGIN_DECLS

/* Items in the store. */

/**
 * practice_dynamodb_items_get:
 * @row: (out) (nullable): where it is, 0 where there is none
 *
 * Returns: (transfer full) (nullable): the item with that key
 */
PracticeDynamodbValue *practice_dynamodb_items_get   (PracticeDynamodb            *self,
                                                      const PracticeDynamodbTable *table,
                                                      const PracticeDynamodbKey   *key,
                                                      gint64                      *row);

/**
 * practice_dynamodb_items_write:
 * @old_item, @row: what practice_dynamodb_items_get() found
 * @new_item: (nullable): what is there from now on
 *
 * Writes the item, the entries of the indexes, the counts and the stream's record, and tells the event stream.
 */
void                   practice_dynamodb_items_write (PracticeDynamodb            *self,
                                                      PracticeCall                *call,
                                                      const PracticeDynamodbTable *table,
                                                      const PracticeDynamodbKey   *key,
                                                      PracticeDynamodbValue       *old_item,
                                                      gint64                       row,
                                                      PracticeDynamodbValue       *new_item);

/* Fills a new index from the items that are there. Items with a key attribute of another type stay outside. */
void                   practice_dynamodb_items_index (PracticeDynamodb            *self,
                                                      const PracticeDynamodbTable *table,
                                                      const PracticeDynamodbIndex *index);
/* How many entries it has and how large they are. */
void                   practice_dynamodb_items_count_index (PracticeDynamodb      *self,
                                                      gint64                       index_id,
                                                      gint64                      *entries,
                                                      gint64                      *bytes);

G_END_DECLS
