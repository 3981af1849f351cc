/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-dynamodb-value.h"

#include <string.h>

static const char *const type_names[PRACTICE_DYNAMODB_N_TYPES] = { "S", "N", "B", "BOOL", "NULL", "SS", "NS", "BS", "L", "M" };

static void
member_free (gpointer data)
{
  PracticeDynamodbMember *member = data;

  g_free (member->name);
  practice_dynamodb_value_unref (member->value);
  g_free (member);
}

static PracticeDynamodbValue *
value_new (PracticeDynamodbType type)
{
  PracticeDynamodbValue *self = g_new0 (PracticeDynamodbValue, 1);

  self->ref_count = 1;
  self->type = type;
  return self;
}

/* Where the member @name of a map is, or would be inserted. */
static gboolean
find_member (const PracticeDynamodbValue *self,
             const char                  *name,
             guint                       *index)
{
  guint low = 0, high = self->members->len;

  while (low < high) {
    guint middle = low + (high - low) / 2;
    const PracticeDynamodbMember *member = g_ptr_array_index (self->members, middle);
    int order = strcmp (member->name, name);

    if (order == 0) {
      *index = middle;
      return TRUE;
    }
    if (order < 0)
      low = middle + 1;
    else
      high = middle;
  }
  *index = low;
  return FALSE;
}

static gboolean
find_element (const PracticeDynamodbValue *self,
              const PracticeDynamodbValue *element,
              guint                       *index)
{
  guint low = 0, high = self->elements->len;

  while (low < high) {
    guint middle = low + (high - low) / 2;
    int order = practice_dynamodb_value_compare (g_ptr_array_index (self->elements, middle), element);

    if (order == 0) {
      *index = middle;
      return TRUE;
    }
    if (order < 0)
      low = middle + 1;
    else
      high = middle;
  }
  *index = low;
  return FALSE;
}

const char *
practice_dynamodb_type_get_name (PracticeDynamodbType type)
{
  return type_names[type];
}

gboolean
practice_dynamodb_type_from_name (const char           *name,
                                  PracticeDynamodbType *type)
{
  for (guint i = 0; i < PRACTICE_DYNAMODB_N_TYPES; i++)
    if (strcmp (name, type_names[i]) == 0) {
      *type = i;
      return TRUE;
    }
  return FALSE;
}

PracticeDynamodbValue *
practice_dynamodb_value_new_map (void)
{
  PracticeDynamodbValue *self = value_new (PRACTICE_DYNAMODB_TYPE_M);

  self->members = g_ptr_array_new_with_free_func (member_free);
  return self;
}

PracticeDynamodbValue *
practice_dynamodb_value_new_string (const char *text)
{
  return practice_dynamodb_value_new_bytes (PRACTICE_DYNAMODB_TYPE_S, g_strdup (text), strlen (text));
}

PracticeDynamodbValue *
practice_dynamodb_value_new_bytes (PracticeDynamodbType  type,
                                   char                 *data,
                                   gsize                 length)
{
  PracticeDynamodbValue *self = value_new (type);

  self->bytes.data = data;
  self->bytes.length = length;
  return self;
}

PracticeDynamodbValue *
practice_dynamodb_value_new_boolean (PracticeDynamodbType type,
                                     gboolean             boolean)
{
  PracticeDynamodbValue *self = value_new (type);

  self->boolean = boolean;
  return self;
}

PracticeDynamodbValue *
practice_dynamodb_value_new_number (const PracticeDynamodbNumber *number)
{
  PracticeDynamodbValue *self = value_new (PRACTICE_DYNAMODB_TYPE_N);

  self->number = *number;
  return self;
}

PracticeDynamodbValue *
practice_dynamodb_value_new_list (PracticeDynamodbType type)
{
  PracticeDynamodbValue *self = value_new (type);

  self->elements = g_ptr_array_new_with_free_func ((GDestroyNotify) practice_dynamodb_value_unref);
  return self;
}

PracticeDynamodbValue *
practice_dynamodb_value_ref (PracticeDynamodbValue *self)
{
  self->ref_count++;
  return self;
}

void
practice_dynamodb_value_unref (PracticeDynamodbValue *self)
{
  if (--self->ref_count > 0)
    return;

  switch (self->type) {
  case PRACTICE_DYNAMODB_TYPE_S:
  case PRACTICE_DYNAMODB_TYPE_B:
    g_free (self->bytes.data);
    break;
  case PRACTICE_DYNAMODB_TYPE_SS:
  case PRACTICE_DYNAMODB_TYPE_NS:
  case PRACTICE_DYNAMODB_TYPE_BS:
  case PRACTICE_DYNAMODB_TYPE_L:
    g_ptr_array_unref (self->elements);
    break;
  case PRACTICE_DYNAMODB_TYPE_M:
    g_ptr_array_unref (self->members);
    break;
  case PRACTICE_DYNAMODB_TYPE_N:
  case PRACTICE_DYNAMODB_TYPE_BOOL:
  case PRACTICE_DYNAMODB_TYPE_NULL:
  default:
    break;
  }
  g_free (self);
}

PracticeDynamodbValue *
practice_dynamodb_value_copy (PracticeDynamodbValue *self)
{
  PracticeDynamodbValue *copy;

  if (self->type == PRACTICE_DYNAMODB_TYPE_M) {
    copy = practice_dynamodb_value_new_map ();
    for (guint i = 0; i < self->members->len; i++) {
      const PracticeDynamodbMember *member = g_ptr_array_index (self->members, i);
      PracticeDynamodbMember *twin = g_new (PracticeDynamodbMember, 1);

      twin->name = g_strdup (member->name);
      twin->value = practice_dynamodb_value_copy (member->value);
      g_ptr_array_add (copy->members, twin);
    }
    return copy;
  }
  if (self->type == PRACTICE_DYNAMODB_TYPE_L || practice_dynamodb_value_is_set (self)) {
    copy = practice_dynamodb_value_new_list (self->type);
    for (guint i = 0; i < self->elements->len; i++)
      g_ptr_array_add (copy->elements, practice_dynamodb_value_copy (g_ptr_array_index (self->elements, i)));
    return copy;
  }
  return practice_dynamodb_value_ref (self);
}

gboolean
practice_dynamodb_value_is_set (const PracticeDynamodbValue *self)
{
  return self->type == PRACTICE_DYNAMODB_TYPE_SS || self->type == PRACTICE_DYNAMODB_TYPE_NS || self->type == PRACTICE_DYNAMODB_TYPE_BS;
}

gboolean
practice_dynamodb_value_equal (const PracticeDynamodbValue *a,
                               const PracticeDynamodbValue *b)
{
  if (a == b)
    return TRUE;
  if (a->type != b->type)
    return FALSE;

  switch (a->type) {
  case PRACTICE_DYNAMODB_TYPE_S:
  case PRACTICE_DYNAMODB_TYPE_N:
  case PRACTICE_DYNAMODB_TYPE_B:
    return practice_dynamodb_value_compare (a, b) == 0;
  case PRACTICE_DYNAMODB_TYPE_BOOL:
    return a->boolean == b->boolean;
  case PRACTICE_DYNAMODB_TYPE_NULL:
    return TRUE;
  case PRACTICE_DYNAMODB_TYPE_M:
    if (a->members->len != b->members->len)
      return FALSE;
    for (guint i = 0; i < a->members->len; i++) {
      const PracticeDynamodbMember *one = g_ptr_array_index (a->members, i);
      const PracticeDynamodbMember *other = g_ptr_array_index (b->members, i);

      if (strcmp (one->name, other->name) != 0 || !practice_dynamodb_value_equal (one->value, other->value))
        return FALSE;
    }
    return TRUE;
  case PRACTICE_DYNAMODB_TYPE_SS:
  case PRACTICE_DYNAMODB_TYPE_NS:
  case PRACTICE_DYNAMODB_TYPE_BS:
  case PRACTICE_DYNAMODB_TYPE_L:
  default:
    if (a->elements->len != b->elements->len)
      return FALSE;
    for (guint i = 0; i < a->elements->len; i++)
      if (!practice_dynamodb_value_equal (g_ptr_array_index (a->elements, i), g_ptr_array_index (b->elements, i)))
        return FALSE;
    return TRUE;
  }
}

int
practice_dynamodb_value_compare (const PracticeDynamodbValue *a,
                                 const PracticeDynamodbValue *b)
{
  int order;

  if (a->type == PRACTICE_DYNAMODB_TYPE_N)
    return practice_dynamodb_number_compare (&a->number, &b->number);

  order = memcmp (a->bytes.data, b->bytes.data, MIN (a->bytes.length, b->bytes.length));
  if (order != 0)
    return order;
  return a->bytes.length < b->bytes.length ? -1 : a->bytes.length > b->bytes.length;
}

gsize
practice_dynamodb_value_get_size (const PracticeDynamodbValue *self)
{
  gsize size;

  switch (self->type) {
  case PRACTICE_DYNAMODB_TYPE_S:
  case PRACTICE_DYNAMODB_TYPE_B:
    return self->bytes.length;
  case PRACTICE_DYNAMODB_TYPE_N:
    return practice_dynamodb_number_get_size (&self->number);
  case PRACTICE_DYNAMODB_TYPE_M:
    return 3 + self->members->len + practice_dynamodb_value_get_item_size (self);
  case PRACTICE_DYNAMODB_TYPE_L:
  case PRACTICE_DYNAMODB_TYPE_SS:
  case PRACTICE_DYNAMODB_TYPE_NS:
  case PRACTICE_DYNAMODB_TYPE_BS:
    size = self->type == PRACTICE_DYNAMODB_TYPE_L ? 3 + self->elements->len : 0;
    for (guint i = 0; i < self->elements->len; i++)
      size += practice_dynamodb_value_get_size (g_ptr_array_index (self->elements, i));
    return size;
  case PRACTICE_DYNAMODB_TYPE_BOOL:
  case PRACTICE_DYNAMODB_TYPE_NULL:
  default:
    return 1;
  }
}

gsize
practice_dynamodb_value_get_item_size (const PracticeDynamodbValue *self)
{
  gsize size = 0;

  for (guint i = 0; i < self->members->len; i++) {
    const PracticeDynamodbMember *member = g_ptr_array_index (self->members, i);

    size += strlen (member->name) + practice_dynamodb_value_get_size (member->value);
  }
  return size;
}

guint
practice_dynamodb_value_get_depth (const PracticeDynamodbValue *self)
{
  guint depth = 0;

  if (self->type == PRACTICE_DYNAMODB_TYPE_M)
    for (guint i = 0; i < self->members->len; i++)
      depth = MAX (depth, practice_dynamodb_value_get_depth (((PracticeDynamodbMember *) g_ptr_array_index (self->members, i))->value));
  else if (self->type == PRACTICE_DYNAMODB_TYPE_L)
    for (guint i = 0; i < self->elements->len; i++)
      depth = MAX (depth, practice_dynamodb_value_get_depth (g_ptr_array_index (self->elements, i)));
  else
    return 0;
  return depth + 1;
}

PracticeDynamodbValue *
practice_dynamodb_value_get (const PracticeDynamodbValue *self,
                             const char                  *name)
{
  guint index;

  if (!find_member (self, name, &index))
    return NULL;
  return ((PracticeDynamodbMember *) g_ptr_array_index (self->members, index))->value;
}

void
practice_dynamodb_value_set (PracticeDynamodbValue *self,
                             const char            *name,
                             PracticeDynamodbValue *value)
{
  PracticeDynamodbMember *member;
  guint index;

  if (find_member (self, name, &index)) {
    member = g_ptr_array_index (self->members, index);
    practice_dynamodb_value_unref (member->value);
    member->value = value;
    return;
  }
  member = g_new (PracticeDynamodbMember, 1);
  member->name = g_strdup (name);
  member->value = value;
  g_ptr_array_insert (self->members, index, member);
}

gboolean
practice_dynamodb_value_remove (PracticeDynamodbValue *self,
                                const char            *name)
{
  guint index;

  if (!find_member (self, name, &index))
    return FALSE;
  g_ptr_array_remove_index (self->members, index);
  return TRUE;
}

gboolean
practice_dynamodb_value_has_element (const PracticeDynamodbValue *self,
                                     const PracticeDynamodbValue *element)
{
  guint index;

  return find_element (self, element, &index);
}

gboolean
practice_dynamodb_value_add_element (PracticeDynamodbValue *self,
                                     PracticeDynamodbValue *element)
{
  guint index;

  if (find_element (self, element, &index)) {
    practice_dynamodb_value_unref (element);
    return FALSE;
  }
  g_ptr_array_insert (self->elements, index, element);
  return TRUE;
}

char *
practice_dynamodb_value_describe (const PracticeDynamodbValue *self)
{
  g_autofree char *text = NULL;

  switch (self->type) {
  case PRACTICE_DYNAMODB_TYPE_S:
    text = g_strdup (self->bytes.data);
    break;
  case PRACTICE_DYNAMODB_TYPE_N:
    text = practice_dynamodb_number_format (&self->number);
    break;
  case PRACTICE_DYNAMODB_TYPE_B:
    text = g_base64_encode ((const guchar *) self->bytes.data, self->bytes.length);
    break;
  case PRACTICE_DYNAMODB_TYPE_BOOL:
  case PRACTICE_DYNAMODB_TYPE_NULL:
  case PRACTICE_DYNAMODB_TYPE_SS:
  case PRACTICE_DYNAMODB_TYPE_NS:
  case PRACTICE_DYNAMODB_TYPE_BS:
  case PRACTICE_DYNAMODB_TYPE_L:
  case PRACTICE_DYNAMODB_TYPE_M:
  default: {
    g_autoptr (JsonObject) object = practice_dynamodb_value_to_json (self);

    return json_to_string (json_object_get_member (object, type_names[self->type]), FALSE);
  }
  }
  return g_strdup_printf ("{%s:%s}", type_names[self->type], text);
}
