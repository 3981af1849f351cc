/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "practice-dynamodb-node.h"
#include "practice-dynamodb-placeholders.h"

G_BEGIN_DECLS

/**
 * practice_dynamodb_condition_parse:
 * @kind: "ConditionExpression", "FilterExpression", "KeyConditionExpression": how messages call it
 *
 * Reads a condition (Developer Guide, "Condition expressions"): comparisons, BETWEEN, IN, functions, NOT before AND before OR.
 *
 * Returns: (transfer full): the condition for practice_dynamodb_node_matches(), or NULL with a ValidationException
 */
PracticeDynamodbNode *practice_dynamodb_condition_parse (const char                    *kind,
                                                         const char                    *text,
                                                         PracticeDynamodbPlaceholders  *placeholders,
                                                         GError                       **error);

G_END_DECLS
