/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-dynamodb-node.h"

#include <string.h>

#include "practice-dynamodb-error.h"

static gboolean
is_ordered (const PracticeDynamodbValue *value)
{
  return value->type == PRACTICE_DYNAMODB_TYPE_S || value->type == PRACTICE_DYNAMODB_TYPE_N || value->type == PRACTICE_DYNAMODB_TYPE_B;
}

/* What size() is of @value; FALSE where it has none. */
static gboolean
measure (const PracticeDynamodbValue *value,
         guint64                     *size)
{
  switch (value->type) {
  case PRACTICE_DYNAMODB_TYPE_S:
    *size = g_utf8_strlen (value->bytes.data, value->bytes.length);
    return TRUE;
  case PRACTICE_DYNAMODB_TYPE_B:
    *size = value->bytes.length;
    return TRUE;
  case PRACTICE_DYNAMODB_TYPE_SS:
  case PRACTICE_DYNAMODB_TYPE_NS:
  case PRACTICE_DYNAMODB_TYPE_BS:
  case PRACTICE_DYNAMODB_TYPE_L:
    *size = value->elements->len;
    return TRUE;
  case PRACTICE_DYNAMODB_TYPE_M:
    *size = value->members->len;
    return TRUE;
  case PRACTICE_DYNAMODB_TYPE_N:
  case PRACTICE_DYNAMODB_TYPE_BOOL:
  case PRACTICE_DYNAMODB_TYPE_NULL:
  default:
    return FALSE;
  }
}

static PracticeDynamodbValue *
evaluate_child (const PracticeDynamodbNode  *self,
                guint                        n,
                const PracticeDynamodbValue *item)
{
  return practice_dynamodb_node_evaluate (practice_dynamodb_node_get_child (self, n), item, NULL);
}

static gboolean
compare (PracticeDynamodbNodeKind     kind,
         const PracticeDynamodbValue *a,
         const PracticeDynamodbValue *b)
{
  gboolean equal;
  int order;

  if (kind == PRACTICE_DYNAMODB_NODE_EQUAL || kind == PRACTICE_DYNAMODB_NODE_NOT_EQUAL) {
    equal = a != NULL && b != NULL && practice_dynamodb_value_equal (a, b);
    return equal == (kind == PRACTICE_DYNAMODB_NODE_EQUAL);
  }

  if (a == NULL || b == NULL || a->type != b->type || !is_ordered (a))
    return FALSE;
  order = practice_dynamodb_value_compare (a, b);
  switch (kind) {
  case PRACTICE_DYNAMODB_NODE_LESS:
    return order < 0;
  case PRACTICE_DYNAMODB_NODE_LESS_OR_EQUAL:
    return order <= 0;
  case PRACTICE_DYNAMODB_NODE_GREATER:
    return order > 0;
  default:
    return order >= 0;
  }
}

static gboolean
begins_with (const PracticeDynamodbValue *value,
             const PracticeDynamodbValue *prefix)
{
  return value->type == prefix->type &&
         (value->type == PRACTICE_DYNAMODB_TYPE_S || value->type == PRACTICE_DYNAMODB_TYPE_B) &&
         value->bytes.length >= prefix->bytes.length &&
         memcmp (value->bytes.data, prefix->bytes.data, prefix->bytes.length) == 0;
}

static gboolean
contains (const PracticeDynamodbValue *value,
          const PracticeDynamodbValue *part)
{
  if (value->type == PRACTICE_DYNAMODB_TYPE_S || value->type == PRACTICE_DYNAMODB_TYPE_B)
    return value->type == part->type &&
           memmem (value->bytes.data, value->bytes.length, part->bytes.data, part->bytes.length) != NULL;
  if (practice_dynamodb_value_is_set (value))
    return part->type == value->type - PRACTICE_DYNAMODB_TYPE_SS + PRACTICE_DYNAMODB_TYPE_S &&
           practice_dynamodb_value_has_element (value, part);
  if (value->type != PRACTICE_DYNAMODB_TYPE_L)
    return FALSE;
  for (guint i = 0; i < value->elements->len; i++)
    if (practice_dynamodb_value_equal (g_ptr_array_index (value->elements, i), part))
      return TRUE;
  return FALSE;
}

static PracticeDynamodbValue *
refuse_type (GError **error)
{
  practice_dynamodb_invalid (error, "An operand in the update expression has an incorrect data type");
  return NULL;
}

/* An operand of + - list_append: it has to be there. */
static PracticeDynamodbValue *
evaluate_required (const PracticeDynamodbNode   *self,
                   guint                         n,
                   const PracticeDynamodbValue  *item,
                   GError                      **error)
{
  g_autoptr (GError) inner = NULL;
  PracticeDynamodbValue *value = practice_dynamodb_node_evaluate (practice_dynamodb_node_get_child (self, n), item, &inner);

  if (inner != NULL)
    g_propagate_error (error, g_steal_pointer (&inner));
  else if (value == NULL)
    practice_dynamodb_invalid (error, "The provided expression refers to an attribute that does not exist in the item");
  return value;
}

gboolean
practice_dynamodb_node_matches (const PracticeDynamodbNode  *self,
                                const PracticeDynamodbValue *item)
{
  g_autoptr (PracticeDynamodbValue) a = NULL;
  g_autoptr (PracticeDynamodbValue) b = NULL;
  g_autoptr (PracticeDynamodbValue) c = NULL;

  switch (self->kind) {
  case PRACTICE_DYNAMODB_NODE_AND:
    return practice_dynamodb_node_matches (practice_dynamodb_node_get_child (self, 0), item) &&
           practice_dynamodb_node_matches (practice_dynamodb_node_get_child (self, 1), item);
  case PRACTICE_DYNAMODB_NODE_OR:
    return practice_dynamodb_node_matches (practice_dynamodb_node_get_child (self, 0), item) ||
           practice_dynamodb_node_matches (practice_dynamodb_node_get_child (self, 1), item);
  case PRACTICE_DYNAMODB_NODE_NOT:
    return !practice_dynamodb_node_matches (practice_dynamodb_node_get_child (self, 0), item);
  default:
    break;
  }

  a = evaluate_child (self, 0, item);
  if (self->children->len > 1)
    b = evaluate_child (self, 1, item);

  switch (self->kind) {
  case PRACTICE_DYNAMODB_NODE_EQUAL:
  case PRACTICE_DYNAMODB_NODE_NOT_EQUAL:
  case PRACTICE_DYNAMODB_NODE_LESS:
  case PRACTICE_DYNAMODB_NODE_LESS_OR_EQUAL:
  case PRACTICE_DYNAMODB_NODE_GREATER:
  case PRACTICE_DYNAMODB_NODE_GREATER_OR_EQUAL:
    return compare (self->kind, a, b);
  case PRACTICE_DYNAMODB_NODE_BETWEEN:
    c = evaluate_child (self, 2, item);
    return compare (PRACTICE_DYNAMODB_NODE_GREATER_OR_EQUAL, a, b) && compare (PRACTICE_DYNAMODB_NODE_LESS_OR_EQUAL, a, c);
  case PRACTICE_DYNAMODB_NODE_IN:
    for (guint i = 1; i < self->children->len; i++) {
      g_autoptr (PracticeDynamodbValue) candidate = evaluate_child (self, i, item);

      if (compare (PRACTICE_DYNAMODB_NODE_EQUAL, a, candidate))
        return TRUE;
    }
    return FALSE;
  case PRACTICE_DYNAMODB_NODE_ATTRIBUTE_EXISTS:
    return a != NULL;
  case PRACTICE_DYNAMODB_NODE_ATTRIBUTE_NOT_EXISTS:
    return a == NULL;
  case PRACTICE_DYNAMODB_NODE_ATTRIBUTE_TYPE:
    return a != NULL && b != NULL && b->type == PRACTICE_DYNAMODB_TYPE_S &&
           strcmp (practice_dynamodb_type_get_name (a->type), b->bytes.data) == 0;
  case PRACTICE_DYNAMODB_NODE_BEGINS_WITH:
    return a != NULL && b != NULL && begins_with (a, b);
  case PRACTICE_DYNAMODB_NODE_CONTAINS:
    return a != NULL && b != NULL && contains (a, b);
  default:
    return FALSE;
  }
}

PracticeDynamodbValue *
practice_dynamodb_node_evaluate (const PracticeDynamodbNode   *self,
                                 const PracticeDynamodbValue  *item,
                                 GError                      **error)
{
  g_autoptr (PracticeDynamodbValue) a = NULL;
  g_autoptr (PracticeDynamodbValue) b = NULL;
  PracticeDynamodbNumber number;
  PracticeDynamodbValue *list;
  guint64 size;

  switch (self->kind) {
  case PRACTICE_DYNAMODB_NODE_PATH:
    a = practice_dynamodb_path_resolve (self->path, item);
    if (a != NULL)
      practice_dynamodb_value_ref (a);
    return g_steal_pointer (&a);

  case PRACTICE_DYNAMODB_NODE_VALUE:
    return practice_dynamodb_value_ref (self->value);

  case PRACTICE_DYNAMODB_NODE_SIZE:
    a = evaluate_child (self, 0, item);
    if (a == NULL || !measure (a, &size))
      return NULL;
    practice_dynamodb_number_set_int (&number, size);
    return practice_dynamodb_value_new_number (&number);

  case PRACTICE_DYNAMODB_NODE_IF_NOT_EXISTS:
    a = evaluate_child (self, 0, item);
    if (a != NULL)
      return g_steal_pointer (&a);
    return practice_dynamodb_node_evaluate (practice_dynamodb_node_get_child (self, 1), item, error);

  case PRACTICE_DYNAMODB_NODE_LIST_APPEND:
    a = evaluate_required (self, 0, item, error);
    b = a == NULL ? NULL : evaluate_required (self, 1, item, error);
    if (b == NULL)
      return NULL;
    if (a->type != PRACTICE_DYNAMODB_TYPE_L || b->type != PRACTICE_DYNAMODB_TYPE_L)
      return refuse_type (error);
    list = practice_dynamodb_value_copy (a);
    for (guint i = 0; i < b->elements->len; i++)
      g_ptr_array_add (list->elements, practice_dynamodb_value_copy (g_ptr_array_index (b->elements, i)));
    return list;

  case PRACTICE_DYNAMODB_NODE_PLUS:
  case PRACTICE_DYNAMODB_NODE_MINUS:
    a = evaluate_required (self, 0, item, error);
    b = a == NULL ? NULL : evaluate_required (self, 1, item, error);
    if (b == NULL)
      return NULL;
    if (a->type != PRACTICE_DYNAMODB_TYPE_N || b->type != PRACTICE_DYNAMODB_TYPE_N)
      return refuse_type (error);
    if (!practice_dynamodb_number_add (&number, &a->number, &b->number, self->kind == PRACTICE_DYNAMODB_NODE_MINUS, error))
      return NULL;
    return practice_dynamodb_value_new_number (&number);

  default:
    return NULL;
  }
}
