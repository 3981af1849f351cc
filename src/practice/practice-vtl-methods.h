/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "practice-vtl-value.h"

G_BEGIN_DECLS

/**
 * vtl_call_method:
 *
 * The methods of Java's String, List, Map, Integer, Double and Boolean that templates use. Unknown methods, wrong arguments and null give
 * null, as an invalid reference does.
 */
PracticeVtlValue *vtl_call_method (PracticeVtlArena  *arena,
                                   PracticeVtlValue  *value,
                                   const char        *name,
                                   PracticeVtlValue **args,
                                   guint              n_args);

G_END_DECLS
