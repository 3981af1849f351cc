/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* (transfer full) (nullable): the first value of the condition key @name, or NULL where the request has none. */
typedef char *(*PracticeVariableFunc) (const char *name,
                                       gpointer    data);

/**
 * practice_pattern_expand:
 * @pattern: a value of a policy: "*" and "?" are wildcards, "${aws:username}" and "${aws:username, 'nobody'}" variables
 * @lookup: (nullable): NULL leaves variables as they are (policies of version 2008-10-17)
 *
 * Fills in variables (IAM User Guide, "IAM policy elements: Variables and tags"). What they stand for is taken literally.
 *
 * Returns: (transfer full) (nullable): for practice_pattern_matches(); NULL where a variable has no value
 */
char    *practice_pattern_expand  (const char           *pattern,
                                   PracticeVariableFunc  lookup,
                                   gpointer              data);
/* @expanded: from practice_pattern_expand(). */
gboolean practice_pattern_matches (const char           *expanded,
                                   const char           *text,
                                   gboolean              ignore_case);
/* The same for ARNs, whose first five parts are matched each by itself. */
gboolean practice_pattern_matches_arn (const char       *expanded,
                                   const char           *arn);
/* Whether @expanded without wildcards is @text. */
gboolean practice_pattern_equals  (const char           *expanded,
                                   const char           *text,
                                   gboolean              ignore_case);

G_END_DECLS
