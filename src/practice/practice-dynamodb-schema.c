/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-dynamodb-schema.h"

#include <string.h>

#include "practice-dynamodb-error.h"

/* Developer Guide, "Limits": partition keys and sort keys. */
#define HASH_MAX 2048
#define RANGE_MAX 1024

static PracticeDynamodbType
find_type (JsonArray  *definitions,
           const char *name)
{
  PracticeDynamodbType type = PRACTICE_DYNAMODB_TYPE_S;

  for (guint i = 0; i < json_array_get_length (definitions); i++) {
    JsonObject *definition = json_array_get_object_element (definitions, i);

    if (g_str_equal (json_object_get_string_member (definition, "AttributeName"), name))
      practice_dynamodb_type_from_name (json_object_get_string_member (definition, "AttributeType"), &type);
  }
  return type;
}

static gboolean
is_empty (const PracticeDynamodbValue *value)
{
  return value->type != PRACTICE_DYNAMODB_TYPE_N && value->bytes.length == 0;
}

static gboolean
check_size (const PracticeDynamodbSchema        *self,
            const PracticeDynamodbKeyAttribute  *attribute,
            const PracticeDynamodbValue         *value,
            GError                             **error)
{
  gsize size = practice_dynamodb_value_get_size (value);

  if (is_empty (value))
    return practice_dynamodb_invalid (error,
                                      "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty %s value. Key: %s",
                                      value->type == PRACTICE_DYNAMODB_TYPE_S ? "string" : "binary", attribute->name);
  if (attribute == &self->hash && size > HASH_MAX)
    return practice_dynamodb_invalid (error, "One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of%d bytes", HASH_MAX);
  if (attribute == &self->range && size > RANGE_MAX)
    return practice_dynamodb_invalid (error, "One or more parameter values were invalid: Aggregated size of all range keys has exceeded the size limit of %d bytes", RANGE_MAX);
  return TRUE;
}

void
practice_dynamodb_schema_init (PracticeDynamodbSchema *self,
                               JsonArray              *key_schema,
                               JsonArray              *definitions)
{
  memset (self, 0, sizeof *self);
  for (guint i = 0; i < json_array_get_length (key_schema) && i < 2; i++) {
    PracticeDynamodbKeyAttribute *attribute = i == 0 ? &self->hash : &self->range;

    attribute->name = g_strdup (json_object_get_string_member (json_array_get_object_element (key_schema, i), "AttributeName"));
    attribute->type = find_type (definitions, attribute->name);
  }
}

void
practice_dynamodb_schema_clear (PracticeDynamodbSchema *self)
{
  g_clear_pointer (&self->hash.name, g_free);
  g_clear_pointer (&self->range.name, g_free);
}

const PracticeDynamodbKeyAttribute *
practice_dynamodb_schema_get (const PracticeDynamodbSchema *self,
                              guint                         n)
{
  if (n == 0)
    return &self->hash;
  return n == 1 && self->range.name != NULL ? &self->range : NULL;
}

gboolean
practice_dynamodb_schema_has (const PracticeDynamodbSchema *self,
                              const char                   *name)
{
  return g_str_equal (self->hash.name, name) || g_strcmp0 (self->range.name, name) == 0;
}

gboolean
practice_dynamodb_schema_check_key (const PracticeDynamodbSchema  *self,
                                    const PracticeDynamodbValue   *key,
                                    GError                       **error)
{
  const PracticeDynamodbKeyAttribute *attribute;
  guint n;

  for (n = 0; (attribute = practice_dynamodb_schema_get (self, n)) != NULL; n++) {
    const PracticeDynamodbValue *value = practice_dynamodb_value_get (key, attribute->name);

    if (value == NULL || value->type != attribute->type)
      return practice_dynamodb_invalid (error, "The provided key element does not match the schema");
    if (!check_size (self, attribute, value, error))
      return FALSE;
  }
  if (key->members->len != n)
    return practice_dynamodb_invalid (error, "The provided key element does not match the schema");
  return TRUE;
}

gboolean
practice_dynamodb_schema_check_item (const PracticeDynamodbSchema  *self,
                                     const PracticeDynamodbValue   *item,
                                     GError                       **error)
{
  const PracticeDynamodbKeyAttribute *attribute;

  for (guint n = 0; (attribute = practice_dynamodb_schema_get (self, n)) != NULL; n++) {
    const PracticeDynamodbValue *value = practice_dynamodb_value_get (item, attribute->name);

    if (value == NULL)
      return practice_dynamodb_invalid (error, "One or more parameter values were invalid: Missing the key %s in the item", attribute->name);
    if (value->type != attribute->type)
      return practice_dynamodb_invalid (error, "One or more parameter values were invalid: Type mismatch for key %s expected: %s actual: %s", attribute->name,
                                        practice_dynamodb_type_get_name (attribute->type), practice_dynamodb_type_get_name (value->type));
    if (!check_size (self, attribute, value, error))
      return FALSE;
  }
  return TRUE;
}

gboolean
practice_dynamodb_schema_check_index (const PracticeDynamodbSchema  *self,
                                      const char                    *index,
                                      const PracticeDynamodbValue   *item,
                                      GError                       **error)
{
  const PracticeDynamodbKeyAttribute *attribute;

  for (guint n = 0; (attribute = practice_dynamodb_schema_get (self, n)) != NULL; n++) {
    const PracticeDynamodbValue *value = practice_dynamodb_value_get (item, attribute->name);

    if (value == NULL)
      continue;
    if (value->type != attribute->type)
      return practice_dynamodb_invalid (error, "One or more parameter values were invalid: Type mismatch for Index Key %s Expected: %s Actual: %s IndexName: %s", attribute->name,
                                        practice_dynamodb_type_get_name (attribute->type), practice_dynamodb_type_get_name (value->type), index);
    if (is_empty (value))
      return practice_dynamodb_invalid (error,
                                        "One or more parameter values are not valid. A value specified for a secondary index key is not supported. The AttributeValue for a key attribute cannot contain an empty %s value. IndexName: %s, IndexKey: %s",
                                        value->type == PRACTICE_DYNAMODB_TYPE_S ? "string" : "binary", index, attribute->name);
    if (!check_size (self, attribute, value, error))
      return FALSE;
  }
  return TRUE;
}

gboolean
practice_dynamodb_schema_covers (const PracticeDynamodbSchema *self,
                                 const PracticeDynamodbValue  *item)
{
  const PracticeDynamodbKeyAttribute *attribute;

  for (guint n = 0; (attribute = practice_dynamodb_schema_get (self, n)) != NULL; n++) {
    const PracticeDynamodbValue *value = practice_dynamodb_value_get (item, attribute->name);

    if (value == NULL || value->type != attribute->type || is_empty (value))
      return FALSE;
  }
  return TRUE;
}

void
practice_dynamodb_schema_extract (const PracticeDynamodbSchema *self,
                                  const PracticeDynamodbValue  *item,
                                  PracticeDynamodbValue        *key)
{
  const PracticeDynamodbKeyAttribute *attribute;

  for (guint n = 0; (attribute = practice_dynamodb_schema_get (self, n)) != NULL; n++) {
    PracticeDynamodbValue *value = practice_dynamodb_value_get (item, attribute->name);

    if (value != NULL)
      practice_dynamodb_value_set (key, attribute->name, practice_dynamodb_value_ref (value));
  }
}

void
practice_dynamodb_key_init (PracticeDynamodbKey          *self,
                            const PracticeDynamodbSchema *schema,
                            const PracticeDynamodbValue  *item)
{
  self->hash = practice_dynamodb_key_encode (practice_dynamodb_value_get (item, schema->hash.name));
  self->range = schema->range.name != NULL ? practice_dynamodb_key_encode (practice_dynamodb_value_get (item, schema->range.name))
                                           : g_bytes_new_static ("", 0);
  self->bucket = practice_dynamodb_key_get_bucket (self->hash);
}

void
practice_dynamodb_key_clear (PracticeDynamodbKey *self)
{
  g_clear_pointer (&self->hash, g_bytes_unref);
  g_clear_pointer (&self->range, g_bytes_unref);
}

gboolean
practice_dynamodb_key_equal (const PracticeDynamodbKey *a,
                             const PracticeDynamodbKey *b)
{
  return g_bytes_equal (a->hash, b->hash) && g_bytes_equal (a->range, b->range);
}

GBytes *
practice_dynamodb_key_encode (const PracticeDynamodbValue *value)
{
  guint8 key[PRACTICE_DYNAMODB_NUMBER_KEY_MAX];

  if (value->type == PRACTICE_DYNAMODB_TYPE_N)
    return g_bytes_new (key, practice_dynamodb_number_to_key (&value->number, key));
  return g_bytes_new (value->bytes.data, value->bytes.length);
}

guint32
practice_dynamodb_key_get_bucket (GBytes *hash)
{
  gsize length;
  const guint8 *data = g_bytes_get_data (hash, &length);
  guint32 sum = 2166136261u;

  /* FNV-1a, then mixed so that the upper bits, which decide on the segment, depend on all of them. */
  for (gsize i = 0; i < length; i++)
    sum = (sum ^ data[i]) * 16777619u;
  sum ^= sum >> 16;
  sum *= 0x85ebca6bu;
  sum ^= sum >> 13;
  sum *= 0xc2b2ae35u;
  return sum ^ sum >> 16;
}

GBytes *
practice_dynamodb_key_join (const PracticeDynamodbKey *self)
{
  GByteArray *joined = g_byte_array_new ();
  gsize length;
  const guint8 *data = g_bytes_get_data (self->hash, &length);
  guint8 head[2] = { length >> 8, length & 255 };

  g_byte_array_append (joined, head, sizeof head);
  g_byte_array_append (joined, data, length);
  data = g_bytes_get_data (self->range, &length);
  g_byte_array_append (joined, data, length);
  return g_byte_array_free_to_bytes (joined);
}
