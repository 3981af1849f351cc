/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-dynamodb-value.h"

#include <string.h>

/*
 * The encoding: one byte for the type, then
 *   S, B     length, bytes
 *   N        length, sort key
 *   BOOL     one byte
 *   NULL     nothing
 *   sets, L  count, elements
 *   M        count, then length and bytes of the name and the value of each
 * Lengths and counts are written seven bits a byte, lowest first, the high bit set on all but the last.
 */

typedef struct {
  const guint8 *next;
  const guint8 *end;
} Reader;

static void
write_count (GByteArray *out,
             gsize       count)
{
  guint8 bytes[10];
  guint n = 0;

  for (; count > 127; count >>= 7)
    bytes[n++] = (count & 127) | 128;
  bytes[n++] = count;
  g_byte_array_append (out, bytes, n);
}

static void
write_value (GByteArray                  *out,
             const PracticeDynamodbValue *self)
{
  guint8 byte = self->type;
  guint8 key[PRACTICE_DYNAMODB_NUMBER_KEY_MAX];
  gsize length;

  g_byte_array_append (out, &byte, 1);
  switch (self->type) {
  case PRACTICE_DYNAMODB_TYPE_S:
  case PRACTICE_DYNAMODB_TYPE_B:
    write_count (out, self->bytes.length);
    g_byte_array_append (out, (const guint8 *) self->bytes.data, self->bytes.length);
    break;
  case PRACTICE_DYNAMODB_TYPE_N:
    length = practice_dynamodb_number_to_key (&self->number, key);
    write_count (out, length);
    g_byte_array_append (out, key, length);
    break;
  case PRACTICE_DYNAMODB_TYPE_BOOL:
    byte = self->boolean;
    g_byte_array_append (out, &byte, 1);
    break;
  case PRACTICE_DYNAMODB_TYPE_NULL:
    break;
  case PRACTICE_DYNAMODB_TYPE_M:
    write_count (out, self->members->len);
    for (guint i = 0; i < self->members->len; i++) {
      const PracticeDynamodbMember *member = g_ptr_array_index (self->members, i);

      write_count (out, strlen (member->name));
      g_byte_array_append (out, (const guint8 *) member->name, strlen (member->name));
      write_value (out, member->value);
    }
    break;
  case PRACTICE_DYNAMODB_TYPE_SS:
  case PRACTICE_DYNAMODB_TYPE_NS:
  case PRACTICE_DYNAMODB_TYPE_BS:
  case PRACTICE_DYNAMODB_TYPE_L:
  default:
    write_count (out, self->elements->len);
    for (guint i = 0; i < self->elements->len; i++)
      write_value (out, g_ptr_array_index (self->elements, i));
  }
}

static gboolean
read_count (Reader *reader,
            gsize  *count)
{
  *count = 0;
  for (guint shift = 0; shift < 63 && reader->next < reader->end; shift += 7) {
    guint8 byte = *reader->next++;

    *count |= (gsize) (byte & 127) << shift;
    if (byte < 128)
      return TRUE;
  }
  return FALSE;
}

static gboolean
read_bytes (Reader        *reader,
            const guint8 **bytes,
            gsize         *length)
{
  if (!read_count (reader, length) || *length > (gsize) (reader->end - reader->next))
    return FALSE;
  *bytes = reader->next;
  reader->next += *length;
  return TRUE;
}

/* With a NUL behind; the bytes may hold others. */
static char *
copy_bytes (const guint8 *bytes,
            gsize         length)
{
  char *copy = g_malloc (length + 1);

  memcpy (copy, bytes, length);
  copy[length] = '\0';
  return copy;
}

static PracticeDynamodbValue *
read_value (Reader *reader,
            guint   depth)
{
  g_autoptr (PracticeDynamodbValue) value = NULL;
  PracticeDynamodbType type;
  PracticeDynamodbNumber number;
  const guint8 *bytes;
  gsize length;

  if (reader->next == reader->end || *reader->next >= PRACTICE_DYNAMODB_N_TYPES || depth > PRACTICE_DYNAMODB_DEPTH_MAX + 1)
    return NULL;
  type = *reader->next++;

  switch (type) {
  case PRACTICE_DYNAMODB_TYPE_S:
  case PRACTICE_DYNAMODB_TYPE_B:
    if (!read_bytes (reader, &bytes, &length))
      return NULL;
    return practice_dynamodb_value_new_bytes (type, copy_bytes (bytes, length), length);
  case PRACTICE_DYNAMODB_TYPE_N:
    if (!read_bytes (reader, &bytes, &length) || !practice_dynamodb_number_from_key (&number, bytes, length))
      return NULL;
    return practice_dynamodb_value_new_number (&number);
  case PRACTICE_DYNAMODB_TYPE_BOOL:
    if (reader->next == reader->end)
      return NULL;
    return practice_dynamodb_value_new_boolean (type, *reader->next++ != 0);
  case PRACTICE_DYNAMODB_TYPE_NULL:
    return practice_dynamodb_value_new_boolean (type, TRUE);
  case PRACTICE_DYNAMODB_TYPE_M:
    value = practice_dynamodb_value_new_map ();
    if (!read_count (reader, &length))
      return NULL;
    for (gsize n = length; n > 0; n--) {
      PracticeDynamodbMember *member;
      PracticeDynamodbValue *content;
      const guint8 *name;
      gsize name_length;

      if (!read_bytes (reader, &name, &name_length))
        return NULL;
      content = read_value (reader, depth + 1);
      if (content == NULL)
        return NULL;
      /* Written in order, so it can be appended. */
      member = g_new (PracticeDynamodbMember, 1);
      member->name = copy_bytes (name, name_length);
      member->value = content;
      g_ptr_array_add (value->members, member);
    }
    return g_steal_pointer (&value);
  case PRACTICE_DYNAMODB_TYPE_SS:
  case PRACTICE_DYNAMODB_TYPE_NS:
  case PRACTICE_DYNAMODB_TYPE_BS:
  case PRACTICE_DYNAMODB_TYPE_L:
  default:
    value = practice_dynamodb_value_new_list (type);
    if (!read_count (reader, &length))
      return NULL;
    for (gsize n = length; n > 0; n--) {
      PracticeDynamodbValue *element = read_value (reader, depth + 1);

      if (element == NULL)
        return NULL;
      g_ptr_array_add (value->elements, element);
    }
    return g_steal_pointer (&value);
  }
}

GBytes *
practice_dynamodb_value_encode (const PracticeDynamodbValue *self)
{
  GByteArray *out = g_byte_array_sized_new (256);

  write_value (out, self);
  return g_byte_array_free_to_bytes (out);
}

PracticeDynamodbValue *
practice_dynamodb_value_decode (const guint8 *data,
                                gsize         length)
{
  Reader reader = { data, data + length };
  g_autoptr (PracticeDynamodbValue) value = read_value (&reader, 0);

  if (value == NULL || reader.next != reader.end)
    return NULL;
  return g_steal_pointer (&value);
}
