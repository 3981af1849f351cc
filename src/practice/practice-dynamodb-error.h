/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * PracticeDynamodbError:
 *
 * What DynamoDB and its streams answer when they refuse (DynamoDB API reference, "Common errors" and each operation's errors).
 */
typedef enum {
  PRACTICE_DYNAMODB_ERROR_VALIDATION,
  PRACTICE_DYNAMODB_ERROR_SERIALIZATION,
  PRACTICE_DYNAMODB_ERROR_CONDITIONAL_CHECK_FAILED,
  PRACTICE_DYNAMODB_ERROR_RESOURCE_NOT_FOUND,
  PRACTICE_DYNAMODB_ERROR_TABLE_NOT_FOUND,
  PRACTICE_DYNAMODB_ERROR_RESOURCE_IN_USE,
  PRACTICE_DYNAMODB_ERROR_LIMIT_EXCEEDED,
  PRACTICE_DYNAMODB_ERROR_IDEMPOTENT_PARAMETER_MISMATCH,
  PRACTICE_DYNAMODB_ERROR_EXPIRED_ITERATOR,
  PRACTICE_DYNAMODB_ERROR_TRIMMED_DATA_ACCESS,
  PRACTICE_DYNAMODB_ERROR_INTERNAL,
} PracticeDynamodbError;

#define PRACTICE_DYNAMODB_ERROR (practice_dynamodb_error_quark ())

GQuark   practice_dynamodb_error_quark   (void);

/* The code of the answer: "ValidationException". */
const char *practice_dynamodb_error_get_code (const GError *error);

/* Sets a ValidationException and returns FALSE, so that a check can end with it. */
gboolean practice_dynamodb_invalid       (GError      **error,
                                          const char   *format,
                                          ...) G_GNUC_PRINTF (2, 3);
/* The same for a SerializationException: a member of the wrong JSON type. */
gboolean practice_dynamodb_unreadable    (GError      **error,
                                          const char   *format,
                                          ...) G_GNUC_PRINTF (2, 3);

G_END_DECLS
