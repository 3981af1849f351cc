/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "practice-vtl-value.h"

G_BEGIN_DECLS

/**
 * practice_vtl_path_find:
 * @path: "$.orders[0].item", "$..item", "$.orders[?(@.price > 10)].item" …
 * @found: (out): whether anything is there
 * @result: (out) (nullable): the value; a path that can match many things gives a list of them
 * @error: (out) (transfer full) (nullable): what is wrong with the path
 *
 * JSONPath as Jayway's implementation reads it, which API Gateway uses: names, indices (negative ones too), slices, unions, wildcards,
 * recursive descent, filters with comparisons, && || ! =~ in, and the functions length(), size(), keys(), min(), max(), sum(), avg().
 *
 * Returns: FALSE where the path is wrong
 */
gboolean practice_vtl_path_find (PracticeVtlArena  *arena,
                                 PracticeVtlValue  *root,
                                 const char        *path,
                                 gboolean          *found,
                                 PracticeVtlValue **result,
                                 char             **error);

G_END_DECLS
