/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "practice-dynamodb-value.h"

G_BEGIN_DECLS

/**
 * PracticeDynamodbPlaceholders:
 *
 * ExpressionAttributeNames and ExpressionAttributeValues of one request, and which of them its expressions used.
 */
typedef struct _PracticeDynamodbPlaceholders PracticeDynamodbPlaceholders;

/* @names, @values: (nullable): the request's members. NULL with ValidationException or SerializationException. */
PracticeDynamodbPlaceholders *practice_dynamodb_placeholders_new       (JsonNode                      *names,
                                                                        JsonNode                      *values,
                                                                        GError                       **error);
void                          practice_dynamodb_placeholders_free      (PracticeDynamodbPlaceholders  *self);
/* Whether the request has that member. */
gboolean                      practice_dynamodb_placeholders_has_names (PracticeDynamodbPlaceholders  *self);
gboolean                      practice_dynamodb_placeholders_has_values (PracticeDynamodbPlaceholders *self);
/* @placeholder: "#name", ":value"; NULL where it is not defined. Marks it used. */
const char                   *practice_dynamodb_placeholders_get_name  (PracticeDynamodbPlaceholders  *self,
                                                                        const char                    *placeholder);
PracticeDynamodbValue        *practice_dynamodb_placeholders_get_value (PracticeDynamodbPlaceholders  *self,
                                                                        const char                    *placeholder);
/* Once all expressions are parsed: an error where one was given and never used. */
gboolean                      practice_dynamodb_placeholders_check_used (PracticeDynamodbPlaceholders *self,
                                                                        GError                       **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PracticeDynamodbPlaceholders, practice_dynamodb_placeholders_free)

G_END_DECLS
