/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "practice-dynamodb-node.h"
#include "practice-dynamodb-placeholders.h"

G_BEGIN_DECLS

typedef enum {
  PRACTICE_DYNAMODB_ACTION_SET,
  PRACTICE_DYNAMODB_ACTION_REMOVE,
  PRACTICE_DYNAMODB_ACTION_ADD,
  PRACTICE_DYNAMODB_ACTION_DELETE,
} PracticeDynamodbActionKind;

/* @operand: NULL for REMOVE. @path is also in the update's paths, which own it. */
typedef struct {
  PracticeDynamodbActionKind  kind;
  PracticeDynamodbPath       *path;
  PracticeDynamodbNode       *operand;
} PracticeDynamodbAction;

/**
 * PracticeDynamodbUpdate:
 * @actions: PracticeDynamodbAction
 * @paths: PracticeDynamodbPath: what they change
 *
 * An update expression (Developer Guide, "Update expressions").
 */
typedef struct {
  GPtrArray *actions;
  GPtrArray *paths;
} PracticeDynamodbUpdate;

/* NULL with a ValidationException. */
PracticeDynamodbUpdate *practice_dynamodb_update_parse   (const char                    *text,
                                                          PracticeDynamodbPlaceholders  *placeholders,
                                                          GError                       **error);
void                    practice_dynamodb_update_free    (PracticeDynamodbUpdate        *self);
/* Whether it changes something of the attribute @name. */
gboolean                practice_dynamodb_update_touches (const PracticeDynamodbUpdate  *self,
                                                          const char                    *name);
/* Whether it makes an item where there is none: REMOVE and DELETE alone do not. */
gboolean                practice_dynamodb_update_creates (const PracticeDynamodbUpdate  *self);

/**
 * practice_dynamodb_update_apply:
 * @old_item: what its operands are read from
 * @new_item: a copy of it, which is changed
 *
 * Returns: FALSE with a ValidationException; then @new_item is of no use
 */
gboolean                practice_dynamodb_update_apply   (const PracticeDynamodbUpdate  *self,
                                                          const PracticeDynamodbValue   *old_item,
                                                          PracticeDynamodbValue         *new_item,
                                                          GError                       **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PracticeDynamodbUpdate, practice_dynamodb_update_free)

G_END_DECLS
