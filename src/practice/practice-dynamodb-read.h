/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "practice-dynamodb-private.h"

G_BEGIN_DECLS

/**
 * practice_dynamodb_read_projection:
 * @params: with ProjectionExpression and ExpressionAttributeNames
 * @paths: (out) (transfer full) (nullable): NULL where there is no projection
 *
 * For reads that have no other expression.
 */
gboolean               practice_dynamodb_read_projection (JsonObject                  *params,
                                                          GPtrArray                  **paths,
                                                          GError                     **error);
/* Reads a key of @table: @object is {"id": {"S": "…"}}. */
gboolean               practice_dynamodb_read_key        (const PracticeDynamodbTable *table,
                                                          JsonObject                  *object,
                                                          PracticeDynamodbKey         *key,
                                                          GError                     **error);
/* Returns: (transfer full): @item as an answer has it. @paths: (nullable) */
JsonObject            *practice_dynamodb_read_answer     (const PracticeDynamodbValue *item,
                                                          GPtrArray                   *paths);

G_END_DECLS
