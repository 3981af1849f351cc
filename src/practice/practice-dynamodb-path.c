/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-dynamodb-path.h"

#include <string.h>

#include "practice-dynamodb-error.h"

typedef enum {
  RELATION_APART,
  RELATION_OVERLAP,
  RELATION_CONFLICT,
} Relation;

static void
step_free (gpointer data)
{
  PracticeDynamodbStep *step = data;

  g_free (step->name);
  g_free (step);
}

static void
add_step (PracticeDynamodbPath *self,
          const char           *name,
          guint                 index)
{
  PracticeDynamodbStep *step = g_new (PracticeDynamodbStep, 1);

  step->name = g_strdup (name);
  step->index = index;
  g_ptr_array_add (self->steps, step);
}

/* An index comes before a name. */
static int
compare_steps (const PracticeDynamodbStep *a,
               const PracticeDynamodbStep *b)
{
  if (a->name == NULL || b->name == NULL) {
    if (a->name != b->name)
      return a->name == NULL ? -1 : 1;
    return a->index < b->index ? -1 : a->index > b->index;
  }
  return strcmp (a->name, b->name);
}

static Relation
relate (const PracticeDynamodbPath *a,
        const PracticeDynamodbPath *b)
{
  guint common = MIN (a->steps->len, b->steps->len);

  for (guint i = 0; i < common; i++) {
    const PracticeDynamodbStep *one = practice_dynamodb_path_get_step (a, i);
    const PracticeDynamodbStep *other = practice_dynamodb_path_get_step (b, i);

    if ((one->name == NULL) != (other->name == NULL))
      return RELATION_CONFLICT;
    if (compare_steps (one, other) != 0)
      return RELATION_APART;
  }
  return RELATION_OVERLAP;
}

PracticeDynamodbPath *
practice_dynamodb_path_new (void)
{
  PracticeDynamodbPath *self = g_new (PracticeDynamodbPath, 1);

  self->steps = g_ptr_array_new_with_free_func (step_free);
  return self;
}

void
practice_dynamodb_path_free (PracticeDynamodbPath *self)
{
  g_ptr_array_unref (self->steps);
  g_free (self);
}

void
practice_dynamodb_path_add_name (PracticeDynamodbPath *self,
                                 const char           *name)
{
  add_step (self, name, 0);
}

void
practice_dynamodb_path_add_index (PracticeDynamodbPath *self,
                                  guint                 index)
{
  add_step (self, NULL, index);
}

const PracticeDynamodbStep *
practice_dynamodb_path_get_step (const PracticeDynamodbPath *self,
                                 guint                       n)
{
  return g_ptr_array_index (self->steps, n);
}

const char *
practice_dynamodb_path_get_top (const PracticeDynamodbPath *self)
{
  return practice_dynamodb_path_get_step (self, 0)->name;
}

gboolean
practice_dynamodb_path_is_top (const PracticeDynamodbPath *self)
{
  return self->steps->len == 1;
}

PracticeDynamodbValue *
practice_dynamodb_path_resolve (const PracticeDynamodbPath  *self,
                                const PracticeDynamodbValue *item)
{
  PracticeDynamodbValue *value = practice_dynamodb_value_get (item, practice_dynamodb_path_get_top (self));

  for (guint i = 1; i < self->steps->len && value != NULL; i++) {
    const PracticeDynamodbStep *step = practice_dynamodb_path_get_step (self, i);

    if (step->name != NULL)
      value = value->type == PRACTICE_DYNAMODB_TYPE_M ? practice_dynamodb_value_get (value, step->name) : NULL;
    else if (value->type == PRACTICE_DYNAMODB_TYPE_L && step->index < value->elements->len)
      value = g_ptr_array_index (value->elements, step->index);
    else
      value = NULL;
  }
  return value;
}

int
practice_dynamodb_path_compare (const PracticeDynamodbPath *a,
                                const PracticeDynamodbPath *b)
{
  guint common = MIN (a->steps->len, b->steps->len);

  for (guint i = 0; i < common; i++) {
    int order = compare_steps (practice_dynamodb_path_get_step (a, i), practice_dynamodb_path_get_step (b, i));

    if (order != 0)
      return order;
  }
  return a->steps->len < b->steps->len ? -1 : a->steps->len > b->steps->len;
}

char *
practice_dynamodb_path_describe (const PracticeDynamodbPath *self)
{
  GString *text = g_string_new ("[");

  for (guint i = 0; i < self->steps->len; i++) {
    const PracticeDynamodbStep *step = practice_dynamodb_path_get_step (self, i);

    if (i > 0)
      g_string_append (text, ", ");
    if (step->name != NULL)
      g_string_append (text, step->name);
    else
      g_string_append_printf (text, "[%u]", step->index);
  }
  g_string_append_c (text, ']');
  return g_string_free (text, FALSE);
}

gboolean
practice_dynamodb_path_check_all (GPtrArray   *paths,
                                  const char  *kind,
                                  GError     **error)
{
  for (guint i = 1; i < paths->len; i++)
    for (guint j = 0; j < i; j++) {
      Relation relation = relate (g_ptr_array_index (paths, j), g_ptr_array_index (paths, i));
      g_autofree char *one = NULL;
      g_autofree char *two = NULL;

      if (relation == RELATION_APART)
        continue;
      one = practice_dynamodb_path_describe (g_ptr_array_index (paths, j));
      two = practice_dynamodb_path_describe (g_ptr_array_index (paths, i));
      return practice_dynamodb_invalid (error,
                                        "Invalid %s: Two document paths %s with each other; must remove or rewrite one of these paths; path one: %s, path two: %s",
                                        kind, relation == RELATION_OVERLAP ? "overlap" : "conflict", one, two);
    }
  return TRUE;
}
