/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "practice-dynamodb-path.h"

G_BEGIN_DECLS

typedef enum {
  /* Operands. */
  PRACTICE_DYNAMODB_NODE_PATH,
  PRACTICE_DYNAMODB_NODE_VALUE,
  PRACTICE_DYNAMODB_NODE_SIZE,
  PRACTICE_DYNAMODB_NODE_IF_NOT_EXISTS,
  PRACTICE_DYNAMODB_NODE_LIST_APPEND,
  PRACTICE_DYNAMODB_NODE_PLUS,
  PRACTICE_DYNAMODB_NODE_MINUS,
  /* Conditions. */
  PRACTICE_DYNAMODB_NODE_EQUAL,
  PRACTICE_DYNAMODB_NODE_NOT_EQUAL,
  PRACTICE_DYNAMODB_NODE_LESS,
  PRACTICE_DYNAMODB_NODE_LESS_OR_EQUAL,
  PRACTICE_DYNAMODB_NODE_GREATER,
  PRACTICE_DYNAMODB_NODE_GREATER_OR_EQUAL,
  PRACTICE_DYNAMODB_NODE_BETWEEN,
  PRACTICE_DYNAMODB_NODE_IN,
  PRACTICE_DYNAMODB_NODE_ATTRIBUTE_EXISTS,
  PRACTICE_DYNAMODB_NODE_ATTRIBUTE_NOT_EXISTS,
  PRACTICE_DYNAMODB_NODE_ATTRIBUTE_TYPE,
  PRACTICE_DYNAMODB_NODE_BEGINS_WITH,
  PRACTICE_DYNAMODB_NODE_CONTAINS,
  PRACTICE_DYNAMODB_NODE_AND,
  PRACTICE_DYNAMODB_NODE_OR,
  PRACTICE_DYNAMODB_NODE_NOT,
} PracticeDynamodbNodeKind;

/**
 * PracticeDynamodbNode:
 * @path: of PATH
 * @value: of VALUE
 * @children: operands of the others, in the order they are written
 *
 * An expression as a tree.
 */
typedef struct {
  PracticeDynamodbNodeKind  kind;
  PracticeDynamodbPath     *path;
  PracticeDynamodbValue    *value;
  GPtrArray                *children;
} PracticeDynamodbNode;

PracticeDynamodbNode  *practice_dynamodb_node_new        (PracticeDynamodbNodeKind     kind);
/* @path, @value, @child: (transfer full) */
PracticeDynamodbNode  *practice_dynamodb_node_new_path   (PracticeDynamodbPath        *path);
PracticeDynamodbNode  *practice_dynamodb_node_new_value  (PracticeDynamodbValue       *value);
void                   practice_dynamodb_node_add        (PracticeDynamodbNode        *self,
                                                          PracticeDynamodbNode        *child);
/* (transfer none) */
PracticeDynamodbNode  *practice_dynamodb_node_get_child  (const PracticeDynamodbNode  *self,
                                                          guint                        n);
void                   practice_dynamodb_node_free       (PracticeDynamodbNode        *self);
/* Whether it is true or false, not a value. */
gboolean               practice_dynamodb_node_is_condition (const PracticeDynamodbNode *self);
/* How it is written: "<=", "BETWEEN", "attribute_exists", "+"; NULL for PATH and VALUE. */
const char            *practice_dynamodb_node_get_name   (const PracticeDynamodbNode  *self);
/* A function's name to its kind; FALSE where there is no such function. */
gboolean               practice_dynamodb_node_find_function (const char               *name,
                                                          PracticeDynamodbNodeKind    *kind);
/* Calls @visit with every path in the tree. */
void                   practice_dynamodb_node_visit_paths (const PracticeDynamodbNode *self,
                                                          void                       (*visit) (const PracticeDynamodbPath *path,
                                                                                               gpointer                    data),
                                                          gpointer                     data);

/* Whether @item (an empty map where there is none) meets the condition. */
gboolean               practice_dynamodb_node_matches    (const PracticeDynamodbNode  *self,
                                                          const PracticeDynamodbValue *item);
/* Returns: (transfer full) (nullable): the operand's value; NULL without @error where the path leads nowhere */
PracticeDynamodbValue *practice_dynamodb_node_evaluate   (const PracticeDynamodbNode  *self,
                                                          const PracticeDynamodbValue *item,
                                                          GError                     **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PracticeDynamodbNode, practice_dynamodb_node_free)

G_END_DECLS
