/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "practice-dynamodb-value.h"

G_BEGIN_DECLS

/* An attribute of a key: S, N or B. */
typedef struct {
  char                 *name;
  PracticeDynamodbType  type;
} PracticeDynamodbKeyAttribute;

/**
 * PracticeDynamodbSchema:
 * @range: its name is NULL where there is no sort key
 *
 * The key of a table or an index.
 */
typedef struct {
  PracticeDynamodbKeyAttribute hash;
  PracticeDynamodbKeyAttribute range;
} PracticeDynamodbSchema;

/**
 * PracticeDynamodbKey:
 * @bucket: where the partition lies: items are scanned in this order, and a segment of a parallel scan is a part of all buckets
 * @hash, @range: bytes in the order of the values: text and binary as they are, numbers as sort keys; @range is empty where there is no sort key
 *
 * One item's key as the store has it.
 */
typedef struct {
  guint32  bucket;
  GBytes  *hash;
  GBytes  *range;
} PracticeDynamodbKey;

/* Reads KeySchema with the types of AttributeDefinitions; both are as CreateTable checked them. */
void     practice_dynamodb_schema_init        (PracticeDynamodbSchema        *self,
                                               JsonArray                     *key_schema,
                                               JsonArray                     *definitions);
void     practice_dynamodb_schema_clear       (PracticeDynamodbSchema        *self);
/* Its attribute @n, 0 or 1, or NULL. */
const PracticeDynamodbKeyAttribute *practice_dynamodb_schema_get (const PracticeDynamodbSchema *self,
                                               guint                          n);
/* Whether the attribute is part of the key. */
gboolean practice_dynamodb_schema_has         (const PracticeDynamodbSchema  *self,
                                               const char                    *name);

/* Whether @key is exactly a key of the table, with values that can be one. */
gboolean practice_dynamodb_schema_check_key   (const PracticeDynamodbSchema  *self,
                                               const PracticeDynamodbValue   *key,
                                               GError                       **error);
/* Whether @item has the table's key. */
gboolean practice_dynamodb_schema_check_item  (const PracticeDynamodbSchema  *self,
                                               const PracticeDynamodbValue   *item,
                                               GError                       **error);
/* Whether what @item has of the index's key can be one. */
gboolean practice_dynamodb_schema_check_index (const PracticeDynamodbSchema  *self,
                                               const char                    *index,
                                               const PracticeDynamodbValue   *item,
                                               GError                       **error);
/* Whether @item has all attributes of the key: whether it is in the index. */
gboolean practice_dynamodb_schema_covers      (const PracticeDynamodbSchema  *self,
                                               const PracticeDynamodbValue   *item);
/* Copies the key's attributes of @item to @key. */
void     practice_dynamodb_schema_extract     (const PracticeDynamodbSchema  *self,
                                               const PracticeDynamodbValue   *item,
                                               PracticeDynamodbValue         *key);

/* @item has to have the key. */
void     practice_dynamodb_key_init           (PracticeDynamodbKey           *self,
                                               const PracticeDynamodbSchema  *schema,
                                               const PracticeDynamodbValue   *item);
void     practice_dynamodb_key_clear          (PracticeDynamodbKey           *self);
gboolean practice_dynamodb_key_equal          (const PracticeDynamodbKey     *a,
                                               const PracticeDynamodbKey     *b);
/* Returns: (transfer full): the bytes of one key attribute's value */
GBytes  *practice_dynamodb_key_encode         (const PracticeDynamodbValue   *value);
/* Spread evenly over all 32 bits. */
guint32  practice_dynamodb_key_get_bucket     (GBytes                        *hash);
/* Returns: (transfer full): both parts as one, different for different keys */
GBytes  *practice_dynamodb_key_join           (const PracticeDynamodbKey     *self);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (PracticeDynamodbKey, practice_dynamodb_key_clear)

G_END_DECLS
