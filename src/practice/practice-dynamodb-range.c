/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-dynamodb-range.h"

#include <string.h>

/* Longer than any sort key, and all ones: behind all of them. */
#define RANGE_END_LENGTH 1100

static GBytes *
get_range_end (void)
{
  static GBytes *end;

  if (end == NULL) {
    guint8 *data = g_malloc (RANGE_END_LENGTH);

    memset (data, 255, RANGE_END_LENGTH);
    end = g_bytes_new_take (data, RANGE_END_LENGTH);
  }
  return g_bytes_ref (end);
}

/* The first bytes behind @bytes. */
static GBytes *
get_next (GBytes *bytes)
{
  gsize length;
  const guint8 *data = g_bytes_get_data (bytes, &length);
  guint8 *next = g_malloc (length + 1);

  if (length > 0)
    memcpy (next, data, length);
  next[length] = 0;
  return g_bytes_new_take (next, length + 1);
}

/* The first bytes behind all that begin with @prefix. */
static GBytes *
get_prefix_end (GBytes *prefix)
{
  gsize length;
  const guint8 *data = g_bytes_get_data (prefix, &length);
  guint8 *next;

  while (length > 0 && data[length - 1] == 255)
    length--;
  if (length == 0)
    return get_range_end ();
  next = g_memdup2 (data, length);
  next[length - 1]++;
  return g_bytes_new_take (next, length);
}

static void
set_bound (GBytes **bound,
           GBytes  *bytes)
{
  g_clear_pointer (bound, g_bytes_unref);
  *bound = bytes;
}

/* "a AND b" is two conditions, the whole of them flat in @conditions. */
static gboolean
flatten (const PracticeDynamodbNode  *node,
         GPtrArray                   *conditions,
         GError                     **error)
{
  switch (node->kind) {
  case PRACTICE_DYNAMODB_NODE_AND:
    return flatten (practice_dynamodb_node_get_child (node, 0), conditions, error) &&
           flatten (practice_dynamodb_node_get_child (node, 1), conditions, error);
  case PRACTICE_DYNAMODB_NODE_EQUAL:
  case PRACTICE_DYNAMODB_NODE_LESS:
  case PRACTICE_DYNAMODB_NODE_LESS_OR_EQUAL:
  case PRACTICE_DYNAMODB_NODE_GREATER:
  case PRACTICE_DYNAMODB_NODE_GREATER_OR_EQUAL:
  case PRACTICE_DYNAMODB_NODE_BETWEEN:
  case PRACTICE_DYNAMODB_NODE_BEGINS_WITH:
    g_ptr_array_add (conditions, (gpointer) node);
    return TRUE;
  default:
    return practice_dynamodb_invalid (error, "Invalid operator used in KeyConditionExpression: %s", practice_dynamodb_node_get_name (node));
  }
}

/* The attribute that @node is about; its other operands have to be values. */
static const char *
read_attribute (const PracticeDynamodbNode  *node,
                guint                       *position,
                GError                     **error)
{
  const PracticeDynamodbPath *path = NULL;

  for (guint i = 0; i < node->children->len; i++) {
    const PracticeDynamodbNode *child = practice_dynamodb_node_get_child (node, i);

    if (child->path == NULL && child->value == NULL) {
      practice_dynamodb_invalid (error, "Invalid operator used in KeyConditionExpression: %s", practice_dynamodb_node_get_name (child));
      return NULL;
    }
    if (child->path != NULL && path != NULL) {
      practice_dynamodb_invalid (error, "Invalid condition in KeyConditionExpression: Multiple attribute names used in one condition");
      return NULL;
    }
    if (child->path != NULL) {
      path = child->path;
      *position = i;
    }
  }
  if (path == NULL) {
    practice_dynamodb_invalid (error, "Invalid condition in KeyConditionExpression: No key attribute specified");
    return NULL;
  }
  if (!practice_dynamodb_path_is_top (path)) {
    practice_dynamodb_invalid (error, "KeyConditionExpressions cannot have conditions on nested attributes");
    return NULL;
  }
  if (*position != 0 && (node->kind == PRACTICE_DYNAMODB_NODE_BETWEEN || node->kind == PRACTICE_DYNAMODB_NODE_BEGINS_WITH)) {
    practice_dynamodb_invalid (error, "Invalid condition in KeyConditionExpression: %s operator must have the key attribute as its first operand",
                               practice_dynamodb_node_get_name (node));
    return NULL;
  }
  return practice_dynamodb_path_get_top (path);
}

/* ":v < key" is "key > :v". */
static PracticeDynamodbNodeKind
mirror (PracticeDynamodbNodeKind kind)
{
  switch (kind) {
  case PRACTICE_DYNAMODB_NODE_LESS:
    return PRACTICE_DYNAMODB_NODE_GREATER;
  case PRACTICE_DYNAMODB_NODE_LESS_OR_EQUAL:
    return PRACTICE_DYNAMODB_NODE_GREATER_OR_EQUAL;
  case PRACTICE_DYNAMODB_NODE_GREATER:
    return PRACTICE_DYNAMODB_NODE_LESS;
  case PRACTICE_DYNAMODB_NODE_GREATER_OR_EQUAL:
    return PRACTICE_DYNAMODB_NODE_LESS_OR_EQUAL;
  default:
    return kind;
  }
}

static gboolean
check_values (const PracticeDynamodbNode          *node,
              const PracticeDynamodbKeyAttribute  *attribute,
              gboolean                             may_be_empty,
              GError                             **error)
{
  for (guint i = 0; i < node->children->len; i++) {
    const PracticeDynamodbValue *value = practice_dynamodb_node_get_child (node, i)->value;

    if (value == NULL)
      continue;
    if (value->type != attribute->type)
      return practice_dynamodb_invalid (error, "One or more parameter values were invalid: Condition parameter type does not match schema type");
    if (value->type != PRACTICE_DYNAMODB_TYPE_N && value->bytes.length == 0 && !may_be_empty)
      return practice_dynamodb_invalid (error,
                                        "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty %s value. Key: %s",
                                        value->type == PRACTICE_DYNAMODB_TYPE_S ? "string" : "binary", attribute->name);
  }
  return TRUE;
}

/* The key of what is read. */
static const PracticeDynamodbSchema *
get_schema (const PracticeDynamodbRange *self)
{
  return self->index != NULL ? &self->index->keys : &self->table->keys;
}

static gboolean
set_range (PracticeDynamodbRange       *self,
           const PracticeDynamodbNode  *node,
           guint                        position,
           GError                     **error)
{
  const PracticeDynamodbSchema *schema = get_schema (self);
  PracticeDynamodbNodeKind kind = position == 0 ? node->kind : mirror (node->kind);
  g_autoptr (GBytes) value = NULL;

  if (kind == PRACTICE_DYNAMODB_NODE_BEGINS_WITH && schema->range.type == PRACTICE_DYNAMODB_TYPE_N)
    return practice_dynamodb_invalid (error, "Invalid KeyConditionExpression: Incorrect operand type for operator or function; operator or function: begins_with, operand type: N");
  if (!check_values (node, &schema->range, FALSE, error))
    return FALSE;

  value = practice_dynamodb_key_encode (practice_dynamodb_node_get_child (node, position == 0 ? 1 : 0)->value);
  switch (kind) {
  case PRACTICE_DYNAMODB_NODE_EQUAL:
    set_bound (&self->low, g_bytes_ref (value));
    set_bound (&self->high, get_next (value));
    break;
  case PRACTICE_DYNAMODB_NODE_LESS:
    set_bound (&self->high, g_bytes_ref (value));
    break;
  case PRACTICE_DYNAMODB_NODE_LESS_OR_EQUAL:
    set_bound (&self->high, get_next (value));
    break;
  case PRACTICE_DYNAMODB_NODE_GREATER:
    set_bound (&self->low, get_next (value));
    break;
  case PRACTICE_DYNAMODB_NODE_GREATER_OR_EQUAL:
    set_bound (&self->low, g_bytes_ref (value));
    break;
  case PRACTICE_DYNAMODB_NODE_BETWEEN: {
    g_autoptr (GBytes) last = practice_dynamodb_key_encode (practice_dynamodb_node_get_child (node, 2)->value);

    set_bound (&self->low, g_bytes_ref (value));
    set_bound (&self->high, get_next (last));
    break;
  }
  default:
    set_bound (&self->low, g_bytes_ref (value));
    set_bound (&self->high, get_prefix_end (value));
    break;
  }
  return TRUE;
}

void
practice_dynamodb_range_clear (PracticeDynamodbRange *self)
{
  g_clear_pointer (&self->hash, g_bytes_unref);
  g_clear_pointer (&self->low, g_bytes_unref);
  g_clear_pointer (&self->high, g_bytes_unref);
  g_clear_pointer (&self->start_primary, g_bytes_unref);
  practice_dynamodb_key_clear (&self->start);
}

gboolean
practice_dynamodb_range_set_keys (PracticeDynamodbRange       *self,
                                  const PracticeDynamodbNode  *condition,
                                  GError                     **error)
{
  const PracticeDynamodbSchema *schema = get_schema (self);
  g_autoptr (GPtrArray) conditions = g_ptr_array_new ();
  const PracticeDynamodbNode *hash = NULL, *range = NULL;
  guint range_position = 0;

  self->query = TRUE;
  if (!flatten (condition, conditions, error))
    return FALSE;
  if (conditions->len > 2)
    return practice_dynamodb_invalid (error, "Conditions can be of length 1 or 2 only");

  for (guint i = 0; i < conditions->len; i++) {
    const PracticeDynamodbNode *node = g_ptr_array_index (conditions, i);
    guint position = 0;
    const char *name = read_attribute (node, &position, error);

    if (name == NULL)
      return FALSE;
    if (g_str_equal (name, schema->hash.name)) {
      if (hash != NULL)
        return practice_dynamodb_invalid (error, "KeyConditionExpressions must only contain one condition per key");
      if (node->kind != PRACTICE_DYNAMODB_NODE_EQUAL)
        return practice_dynamodb_invalid (error, "Query key condition not supported");
      if (!check_values (node, &schema->hash, FALSE, error))
        return FALSE;
      hash = node;
      self->hash = practice_dynamodb_key_encode (practice_dynamodb_node_get_child (node, position == 0 ? 1 : 0)->value);
    } else if (g_strcmp0 (name, schema->range.name) == 0) {
      if (range != NULL)
        return practice_dynamodb_invalid (error, "KeyConditionExpressions must only contain one condition per key");
      range = node;
      range_position = position;
    }
  }
  if (hash == NULL)
    return practice_dynamodb_invalid (error, "Query condition missed key schema element: %s", schema->hash.name);
  if (range == NULL && conditions->len == 2) {
    if (schema->range.name == NULL)
      return practice_dynamodb_invalid (error, "Query key condition not supported");
    return practice_dynamodb_invalid (error, "Query condition missed key schema element: %s", schema->range.name);
  }

  self->low = g_bytes_new_static ("", 0);
  self->high = get_range_end ();
  return range == NULL || set_range (self, range, range_position, error);
}

void
practice_dynamodb_range_set_segment (PracticeDynamodbRange *self,
                                     gint64                 segment,
                                     gint64                 total)
{
  self->first_bucket = (segment << 32) / total;
  self->end_bucket = ((segment + 1) << 32) / total;
}

gboolean
practice_dynamodb_range_set_start (PracticeDynamodbRange        *self,
                                   const PracticeDynamodbValue  *key,
                                   GError                      **error)
{
  const PracticeDynamodbSchema *schema = get_schema (self);
  g_autoptr (PracticeDynamodbValue) own = practice_dynamodb_value_new_map ();
  g_autoptr (PracticeDynamodbValue) primary = practice_dynamodb_value_new_map ();
  g_autoptr (PracticeDynamodbValue) both = practice_dynamodb_value_new_map ();
  g_auto (PracticeDynamodbKey) primary_key = { 0 };

  practice_dynamodb_schema_extract (schema, key, own);
  practice_dynamodb_schema_extract (&self->table->keys, key, primary);
  practice_dynamodb_schema_extract (schema, key, both);
  practice_dynamodb_schema_extract (&self->table->keys, key, both);
  if (both->members->len != key->members->len || !practice_dynamodb_schema_check_key (schema, own, NULL) ||
      !practice_dynamodb_schema_check_key (&self->table->keys, primary, NULL))
    return practice_dynamodb_invalid (error, self->query ? "The provided starting key is invalid" : "The provided starting key is invalid: The provided key element does not match the schema");

  practice_dynamodb_key_init (&self->start, schema, own);
  if (self->index != NULL) {
    practice_dynamodb_key_init (&primary_key, &self->table->keys, primary);
    self->start_primary = practice_dynamodb_key_join (&primary_key);
  }

  if (self->query && (!g_bytes_equal (self->start.hash, self->hash) || g_bytes_compare (self->start.range, self->low) < 0 ||
                      g_bytes_compare (self->start.range, self->high) >= 0))
    return practice_dynamodb_invalid (error, "The provided starting key is outside query boundaries based on provided conditions");
  if (!self->query && (self->start.bucket < self->first_bucket || self->start.bucket >= self->end_bucket))
    return practice_dynamodb_invalid (error, "The provided starting key is invalid: Invalid ExclusiveStartKey. Please use ExclusiveStartKey with correct Segment. TotalSegments and Segment are not the same as in the previous request");
  return TRUE;
}

static sqlite3_stmt *
open_table (const PracticeDynamodbRange *self,
            PracticeDynamodb            *service)
{
  g_autoptr (GBytes) low = NULL;
  GBytes *high = self->high;

  if (!self->query && self->start.hash == NULL)
    return practice_store_prepare (service->store,
                                   "SELECT item FROM dynamodb_item WHERE table_id = ? AND bucket >= ? AND bucket < ? ORDER BY bucket, hash, range",
                                   "iii", self->table->id, self->first_bucket, self->end_bucket);
  if (!self->query)
    return practice_store_prepare (service->store,
                                   "SELECT item FROM dynamodb_item WHERE table_id = ? AND (bucket, hash, range) > (?, ?, ?) AND bucket < ?"
                                   " ORDER BY bucket, hash, range",
                                   "iibbi", self->table->id, (gint64) self->start.bucket, self->start.hash, self->start.range, self->end_bucket);

  low = self->start.hash != NULL && !self->backward ? get_next (self->start.range) : g_bytes_ref (self->low);
  if (self->start.hash != NULL && self->backward)
    high = self->start.range;
  return practice_store_prepare (service->store,
                                 self->backward
                                   ? "SELECT item FROM dynamodb_item WHERE table_id = ? AND bucket = ? AND hash = ? AND range >= ? AND range < ? ORDER BY range DESC"
                                   : "SELECT item FROM dynamodb_item WHERE table_id = ? AND bucket = ? AND hash = ? AND range >= ? AND range < ? ORDER BY range",
                                 "iibbb", self->table->id, (gint64) practice_dynamodb_key_get_bucket (self->hash), self->hash, low, high);
}

static sqlite3_stmt *
open_index (const PracticeDynamodbRange *self,
            PracticeDynamodb            *service)
{
  g_autoptr (GBytes) none = g_bytes_new_static ("", 0);
  gboolean after = self->start.hash != NULL && !self->backward;
  gboolean before = self->start.hash != NULL && self->backward;

  if (!self->query && self->start.hash == NULL)
    return practice_store_prepare (service->store,
                                   "SELECT item.item FROM dynamodb_entry AS entry JOIN dynamodb_item AS item ON item.id = entry.item_id"
                                   " WHERE entry.index_id = ? AND entry.bucket >= ? AND entry.bucket < ?"
                                   " ORDER BY entry.bucket, entry.hash, entry.range, entry.primary_key",
                                   "iii", self->index->id, self->first_bucket, self->end_bucket);
  if (!self->query)
    return practice_store_prepare (service->store,
                                   "SELECT item.item FROM dynamodb_entry AS entry JOIN dynamodb_item AS item ON item.id = entry.item_id"
                                   " WHERE entry.index_id = ? AND (entry.bucket, entry.hash, entry.range, entry.primary_key) > (?, ?, ?, ?) AND entry.bucket < ?"
                                   " ORDER BY entry.bucket, entry.hash, entry.range, entry.primary_key",
                                   "iibbbi", self->index->id, (gint64) self->start.bucket, self->start.hash, self->start.range,
                                   self->start_primary, self->end_bucket);

  /* The table's key is never empty: what is behind (low, "") begins with low. */
  return practice_store_prepare (service->store,
                                 self->backward
                                   ? "SELECT item.item FROM dynamodb_entry AS entry JOIN dynamodb_item AS item ON item.id = entry.item_id"
                                     " WHERE entry.index_id = ? AND entry.bucket = ? AND entry.hash = ? AND (entry.range, entry.primary_key) > (?, ?)"
                                     " AND (entry.range, entry.primary_key) < (?, ?) ORDER BY entry.range DESC, entry.primary_key DESC"
                                   : "SELECT item.item FROM dynamodb_entry AS entry JOIN dynamodb_item AS item ON item.id = entry.item_id"
                                     " WHERE entry.index_id = ? AND entry.bucket = ? AND entry.hash = ? AND (entry.range, entry.primary_key) > (?, ?)"
                                     " AND (entry.range, entry.primary_key) < (?, ?) ORDER BY entry.range, entry.primary_key",
                                 "iibbbbb", self->index->id, (gint64) practice_dynamodb_key_get_bucket (self->hash), self->hash,
                                 after ? self->start.range : self->low, after ? self->start_primary : none,
                                 before ? self->start.range : self->high, before ? self->start_primary : none);
}

sqlite3_stmt *
practice_dynamodb_range_open (const PracticeDynamodbRange *self,
                              PracticeDynamodb            *service)
{
  return self->index != NULL ? open_index (self, service) : open_table (self, service);
}
