/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-dynamodb-projection.h"

#include "practice-dynamodb-parser.h"

static int
compare_paths (gconstpointer a,
               gconstpointer b)
{
  return practice_dynamodb_path_compare (*(PracticeDynamodbPath *const *) a, *(PracticeDynamodbPath *const *) b);
}

static gboolean
same_step (const PracticeDynamodbStep *a,
           const PracticeDynamodbStep *b)
{
  return a->name == NULL ? b->name == NULL && a->index == b->index : b->name != NULL && g_str_equal (a->name, b->name);
}

/*
 * What the paths from @first up to @end, which agree in their first @depth steps, reach of @value; NULL where none reaches anything.
 * The paths are sorted, so those that go the same way stand together.
 */
static PracticeDynamodbValue *
project (GPtrArray             *paths,
         guint                  first,
         guint                  end,
         guint                  depth,
         PracticeDynamodbValue *value)
{
  g_autoptr (PracticeDynamodbValue) result = NULL;

  if (((PracticeDynamodbPath *) g_ptr_array_index (paths, first))->steps->len == depth)
    return practice_dynamodb_value_ref (value);
  if (value->type == PRACTICE_DYNAMODB_TYPE_M)
    result = practice_dynamodb_value_new_map ();
  else if (value->type == PRACTICE_DYNAMODB_TYPE_L)
    result = practice_dynamodb_value_new_list (PRACTICE_DYNAMODB_TYPE_L);
  else
    return NULL;

  while (first < end) {
    const PracticeDynamodbStep *step = practice_dynamodb_path_get_step (g_ptr_array_index (paths, first), depth);
    PracticeDynamodbValue *part = NULL;
    guint next = first + 1;

    while (next < end && same_step (step, practice_dynamodb_path_get_step (g_ptr_array_index (paths, next), depth)))
      next++;

    if (step->name != NULL && value->type == PRACTICE_DYNAMODB_TYPE_M)
      part = practice_dynamodb_value_get (value, step->name);
    else if (step->name == NULL && value->type == PRACTICE_DYNAMODB_TYPE_L && step->index < value->elements->len)
      part = g_ptr_array_index (value->elements, step->index);

    if (part != NULL)
      part = project (paths, first, next, depth + 1, part);
    if (part != NULL && step->name != NULL)
      practice_dynamodb_value_set (result, step->name, part);
    else if (part != NULL)
      g_ptr_array_add (result->elements, part);
    first = next;
  }

  if (depth > 0 && (value->type == PRACTICE_DYNAMODB_TYPE_M ? result->members->len : result->elements->len) == 0)
    return NULL;
  return g_steal_pointer (&result);
}

GPtrArray *
practice_dynamodb_projection_parse (const char                    *text,
                                    PracticeDynamodbPlaceholders  *placeholders,
                                    GError                       **error)
{
  g_auto (PracticeDynamodbParser) parser = { 0 };
  g_autoptr (GPtrArray) paths = g_ptr_array_new_with_free_func ((GDestroyNotify) practice_dynamodb_path_free);

  if (!practice_dynamodb_parser_init (&parser, "ProjectionExpression", text, placeholders, error))
    return NULL;
  do {
    PracticeDynamodbPath *path = practice_dynamodb_parser_read_path (&parser);

    if (path == NULL)
      break;
    g_ptr_array_add (paths, path);
  } while (practice_dynamodb_parser_accept_symbol (&parser, ","));
  if (!practice_dynamodb_parser_finish (&parser, error) ||
      !practice_dynamodb_path_check_all (paths, "ProjectionExpression", error))
    return NULL;
  return g_steal_pointer (&paths);
}

PracticeDynamodbValue *
practice_dynamodb_projection_apply (GPtrArray                   *paths,
                                    const PracticeDynamodbValue *item)
{
  g_autoptr (GPtrArray) sorted = g_ptr_array_copy (paths, NULL, NULL);

  if (sorted->len == 0)
    return practice_dynamodb_value_new_map ();
  /* The copy borrows the paths. */
  g_ptr_array_set_free_func (sorted, NULL);
  g_ptr_array_sort (sorted, compare_paths);
  return project (sorted, 0, sorted->len, 0, (PracticeDynamodbValue *) item);
}
