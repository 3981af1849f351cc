/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-dynamodb-node.h"

#include <string.h>

static const char *const names[] = {
  [PRACTICE_DYNAMODB_NODE_SIZE] = "size",
  [PRACTICE_DYNAMODB_NODE_IF_NOT_EXISTS] = "if_not_exists",
  [PRACTICE_DYNAMODB_NODE_LIST_APPEND] = "list_append",
  [PRACTICE_DYNAMODB_NODE_PLUS] = "+",
  [PRACTICE_DYNAMODB_NODE_MINUS] = "-",
  [PRACTICE_DYNAMODB_NODE_EQUAL] = "=",
  [PRACTICE_DYNAMODB_NODE_NOT_EQUAL] = "<>",
  [PRACTICE_DYNAMODB_NODE_LESS] = "<",
  [PRACTICE_DYNAMODB_NODE_LESS_OR_EQUAL] = "<=",
  [PRACTICE_DYNAMODB_NODE_GREATER] = ">",
  [PRACTICE_DYNAMODB_NODE_GREATER_OR_EQUAL] = ">=",
  [PRACTICE_DYNAMODB_NODE_BETWEEN] = "BETWEEN",
  [PRACTICE_DYNAMODB_NODE_IN] = "IN",
  [PRACTICE_DYNAMODB_NODE_ATTRIBUTE_EXISTS] = "attribute_exists",
  [PRACTICE_DYNAMODB_NODE_ATTRIBUTE_NOT_EXISTS] = "attribute_not_exists",
  [PRACTICE_DYNAMODB_NODE_ATTRIBUTE_TYPE] = "attribute_type",
  [PRACTICE_DYNAMODB_NODE_BEGINS_WITH] = "begins_with",
  [PRACTICE_DYNAMODB_NODE_CONTAINS] = "contains",
  [PRACTICE_DYNAMODB_NODE_AND] = "AND",
  [PRACTICE_DYNAMODB_NODE_OR] = "OR",
  [PRACTICE_DYNAMODB_NODE_NOT] = "NOT",
};

PracticeDynamodbNode *
practice_dynamodb_node_new (PracticeDynamodbNodeKind kind)
{
  PracticeDynamodbNode *self = g_new0 (PracticeDynamodbNode, 1);

  self->kind = kind;
  self->children = g_ptr_array_new_with_free_func ((GDestroyNotify) practice_dynamodb_node_free);
  return self;
}

PracticeDynamodbNode *
practice_dynamodb_node_new_path (PracticeDynamodbPath *path)
{
  PracticeDynamodbNode *self = practice_dynamodb_node_new (PRACTICE_DYNAMODB_NODE_PATH);

  self->path = path;
  return self;
}

PracticeDynamodbNode *
practice_dynamodb_node_new_value (PracticeDynamodbValue *value)
{
  PracticeDynamodbNode *self = practice_dynamodb_node_new (PRACTICE_DYNAMODB_NODE_VALUE);

  self->value = value;
  return self;
}

void
practice_dynamodb_node_add (PracticeDynamodbNode *self,
                            PracticeDynamodbNode *child)
{
  g_ptr_array_add (self->children, child);
}

PracticeDynamodbNode *
practice_dynamodb_node_get_child (const PracticeDynamodbNode *self,
                                  guint                       n)
{
  return g_ptr_array_index (self->children, n);
}

void
practice_dynamodb_node_free (PracticeDynamodbNode *self)
{
  g_clear_pointer (&self->path, practice_dynamodb_path_free);
  g_clear_pointer (&self->value, practice_dynamodb_value_unref);
  g_ptr_array_unref (self->children);
  g_free (self);
}

gboolean
practice_dynamodb_node_is_condition (const PracticeDynamodbNode *self)
{
  return self->kind >= PRACTICE_DYNAMODB_NODE_EQUAL;
}

const char *
practice_dynamodb_node_get_name (const PracticeDynamodbNode *self)
{
  return names[self->kind];
}

gboolean
practice_dynamodb_node_find_function (const char               *name,
                                      PracticeDynamodbNodeKind *kind)
{
  static const PracticeDynamodbNodeKind functions[] = {
    PRACTICE_DYNAMODB_NODE_SIZE,
    PRACTICE_DYNAMODB_NODE_IF_NOT_EXISTS,
    PRACTICE_DYNAMODB_NODE_LIST_APPEND,
    PRACTICE_DYNAMODB_NODE_ATTRIBUTE_EXISTS,
    PRACTICE_DYNAMODB_NODE_ATTRIBUTE_NOT_EXISTS,
    PRACTICE_DYNAMODB_NODE_ATTRIBUTE_TYPE,
    PRACTICE_DYNAMODB_NODE_BEGINS_WITH,
    PRACTICE_DYNAMODB_NODE_CONTAINS,
  };

  for (guint i = 0; i < G_N_ELEMENTS (functions); i++)
    if (strcmp (name, names[functions[i]]) == 0) {
      *kind = functions[i];
      return TRUE;
    }
  return FALSE;
}

void
practice_dynamodb_node_visit_paths (const PracticeDynamodbNode *self,
                                    void                      (*visit) (const PracticeDynamodbPath *path,
                                                                        gpointer                    data),
                                    gpointer                    data)
{
  if (self->path != NULL)
    visit (self->path, data);
  for (guint i = 0; i < self->children->len; i++)
    practice_dynamodb_node_visit_paths (practice_dynamodb_node_get_child (self, i), visit, data);
}
