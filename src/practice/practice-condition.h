/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "practice-policy.h"

G_BEGIN_DECLS

/* Whether @name is a condition operator: "StringLike", "ForAnyValue:ArnEqualsIfExists", … */
gboolean practice_condition_is_operator (const char                  *name);
/* Whether every operator of @condition ({"StringEquals": {"aws:SourceArn": "…"}}) holds. @variables: policy variables are filled in. */
gboolean practice_condition_holds       (JsonObject                  *condition,
                                         const PracticePolicyRequest *request,
                                         gboolean                     variables);

G_END_DECLS
