/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "practice-dynamodb-value.h"

G_BEGIN_DECLS

/* One step: into the member @name of a map, or where @name is NULL to the element @index of a list. */
typedef struct {
  char  *name;
  guint  index;
} PracticeDynamodbStep;

/**
 * PracticeDynamodbPath:
 *
 * A document path: "a.b[0].c". The first step is a name.
 */
typedef struct {
  GPtrArray *steps;   /* PracticeDynamodbStep */
} PracticeDynamodbPath;

PracticeDynamodbPath       *practice_dynamodb_path_new      (void);
void                        practice_dynamodb_path_free     (PracticeDynamodbPath        *self);
void                        practice_dynamodb_path_add_name (PracticeDynamodbPath        *self,
                                                             const char                  *name);
void                        practice_dynamodb_path_add_index (PracticeDynamodbPath       *self,
                                                             guint                        index);
const PracticeDynamodbStep *practice_dynamodb_path_get_step (const PracticeDynamodbPath  *self,
                                                             guint                        n);
/* The attribute it begins with. */
const char                 *practice_dynamodb_path_get_top  (const PracticeDynamodbPath  *self);
/* Whether it is an attribute's name alone. */
gboolean                    practice_dynamodb_path_is_top   (const PracticeDynamodbPath  *self);
/* Returns: (transfer none) (nullable): what is there in @item */
PracticeDynamodbValue      *practice_dynamodb_path_resolve  (const PracticeDynamodbPath  *self,
                                                             const PracticeDynamodbValue *item);
/* Order by steps, list elements by index. */
int                         practice_dynamodb_path_compare  (const PracticeDynamodbPath  *a,
                                                             const PracticeDynamodbPath  *b);
/* How messages show it: "[a, b, [0]]". */
char                       *practice_dynamodb_path_describe (const PracticeDynamodbPath  *self);

/* No two of @paths may meet: one lead to or into the other ("overlap"), or take one thing for a map and for a list ("conflict"). @kind: "UpdateExpression". */
gboolean                    practice_dynamodb_path_check_all (GPtrArray                  *paths,
                                                             const char                  *kind,
                                                             GError                     **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PracticeDynamodbPath, practice_dynamodb_path_free)

G_END_DECLS
