/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "practice-dynamodb-capacity.h"
#include "practice-dynamodb-node.h"
#include "practice-dynamodb-private.h"
#include "practice-dynamodb-update.h"

G_BEGIN_DECLS

typedef enum {
  PRACTICE_DYNAMODB_WRITE_PUT,
  PRACTICE_DYNAMODB_WRITE_UPDATE,
  PRACTICE_DYNAMODB_WRITE_DELETE,
  PRACTICE_DYNAMODB_WRITE_CHECK,   /* a ConditionCheck of a transaction */
} PracticeDynamodbWriteKind;

/**
 * PracticeDynamodbWrite:
 * @given: the item to put, or the key
 * @condition: (nullable)
 * @update: (nullable): of UPDATE
 * @returns_old: ReturnValuesOnConditionCheckFailure is ALL_OLD
 * @row, @old_item: what is there, after practice_dynamodb_write_run(); NULL where nothing is
 * @new_item: what is to be there; NULL for nothing. For CHECK as @old_item.
 *
 * One write to one item: alone, in a batch or in a transaction.
 */
typedef struct {
  PracticeDynamodbWriteKind  kind;
  PracticeDynamodbTable     *table;
  PracticeDynamodbValue     *given;
  PracticeDynamodbKey        key;
  PracticeDynamodbNode      *condition;
  PracticeDynamodbUpdate    *update;
  gboolean                   returns_old;
  gint64                     row;
  PracticeDynamodbValue     *old_item;
  PracticeDynamodbValue     *new_item;
} PracticeDynamodbWrite;

/**
 * practice_dynamodb_write_new:
 * @params: the call's parameters, or the element of a transaction, with TableName, Item or Key, and the expressions
 * @action: "dynamodb:PutItem": what IAM is asked for
 *
 * Reads and checks everything that can be checked without looking at the item.
 *
 * Returns: (transfer full): NULL with @error set, or without where @call was answered (not allowed)
 */
PracticeDynamodbWrite *practice_dynamodb_write_new    (PracticeDynamodb           *self,
                                                       PracticeCall               *call,
                                                       PracticeDynamodbWriteKind   kind,
                                                       JsonObject                 *params,
                                                       const char                 *action,
                                                       GError                    **error);
/* The same for an element of a batch: @table is known and allowed, @given is read from @params' member "Item" or "Key". */
PracticeDynamodbWrite *practice_dynamodb_write_new_plain (PracticeDynamodbWriteKind  kind,
                                                       PracticeDynamodbTable      *table,
                                                       JsonObject                 *params,
                                                       GError                    **error);
void                   practice_dynamodb_write_free   (PracticeDynamodbWrite      *write);

/* Looks at the item, checks the condition and works out the new item; writes nothing. FALSE with ConditionalCheckFailedException or ValidationException. */
gboolean               practice_dynamodb_write_run    (PracticeDynamodbWrite      *write,
                                                       PracticeDynamodb           *self,
                                                       GError                    **error);
/* Writes what practice_dynamodb_write_run() worked out. */
void                   practice_dynamodb_write_commit (PracticeDynamodbWrite      *write,
                                                       PracticeDynamodb           *self,
                                                       PracticeCall               *call);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PracticeDynamodbWrite, practice_dynamodb_write_free)

G_END_DECLS
