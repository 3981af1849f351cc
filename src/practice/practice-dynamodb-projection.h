/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "practice-dynamodb-path.h"
#include "practice-dynamodb-placeholders.h"

G_BEGIN_DECLS

/* Returns: (transfer full): the paths of a projection expression (PracticeDynamodbPath), or NULL with a ValidationException */
GPtrArray             *practice_dynamodb_projection_parse (const char                    *text,
                                                           PracticeDynamodbPlaceholders  *placeholders,
                                                           GError                       **error);
/* Returns: (transfer full): what @paths reach of @item, in the same nesting; list elements move together */
PracticeDynamodbValue *practice_dynamodb_projection_apply (GPtrArray                     *paths,
                                                           const PracticeDynamodbValue   *item);

G_END_DECLS
