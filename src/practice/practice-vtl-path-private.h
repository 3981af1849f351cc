/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "practice-vtl-path.h"

G_BEGIN_DECLS

/* What practice-vtl-path.c (the steps of a path) and practice-vtl-path-filter.c (conditions) share. */

#define VTL_PATH_MAX_DEPTH 40

/*
 * A path is walked while it is read: each step maps the set of values found so far to the next one. A filter reads its condition again for
 * every candidate, which keeps the whole thing one small recursive descent.
 */
typedef struct {
  PracticeVtlArena *arena;
  PracticeVtlValue *root;
  const char       *path;
  const char       *p;
  char             *error;
  guint             depth;
  guint             visits;
} VtlPath;

/* Notes what is wrong, and where; the first such note stays. Always FALSE. */
gboolean          vtl_path_fail           (VtlPath           *self,
                                           const char        *what);
void              vtl_path_skip_blanks    (VtlPath           *self);
/* Whether the path goes on with @token, which is behind us then. */
gboolean          vtl_path_take           (VtlPath           *self,
                                           const char        *token);
/* A text in quotes, without them. FALSE after failing. */
gboolean          vtl_path_read_quoted    (VtlPath           *self,
                                           GString           *text);
/* The values of @set as a list that was read from JSON. */
PracticeVtlValue *vtl_path_make_list      (VtlPath           *self,
                                           GPtrArray         *set);
/*
 * The steps of a path after its "$" or "@", from @start. @found: what they lead to is added; @definite: (out): whether they can lead to one value alone.
 * FALSE after failing.
 */
gboolean          vtl_path_walk           (VtlPath           *self,
                                           PracticeVtlValue  *start,
                                           gboolean           in_filter,
                                           GPtrArray         *found,
                                           gboolean          *definite);
/* A filter's condition, for one value. FALSE after failing. */
gboolean          vtl_path_read_condition (VtlPath           *self,
                                           PracticeVtlValue  *candidate,
                                           gboolean          *result);

G_END_DECLS
