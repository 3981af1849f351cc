/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-dynamodb-error.h"

G_DEFINE_QUARK (practice-dynamodb-error-quark, practice_dynamodb_error)

const char *
practice_dynamodb_error_get_code (const GError *error)
{
  if (error->domain != PRACTICE_DYNAMODB_ERROR)
    return "InternalServerError";

  switch ((PracticeDynamodbError) error->code) {
  case PRACTICE_DYNAMODB_ERROR_VALIDATION:
    return "ValidationException";
  case PRACTICE_DYNAMODB_ERROR_SERIALIZATION:
    return "SerializationException";
  case PRACTICE_DYNAMODB_ERROR_CONDITIONAL_CHECK_FAILED:
    return "ConditionalCheckFailedException";
  case PRACTICE_DYNAMODB_ERROR_RESOURCE_NOT_FOUND:
    return "ResourceNotFoundException";
  case PRACTICE_DYNAMODB_ERROR_TABLE_NOT_FOUND:
    return "TableNotFoundException";
  case PRACTICE_DYNAMODB_ERROR_RESOURCE_IN_USE:
    return "ResourceInUseException";
  case PRACTICE_DYNAMODB_ERROR_LIMIT_EXCEEDED:
    return "LimitExceededException";
  case PRACTICE_DYNAMODB_ERROR_IDEMPOTENT_PARAMETER_MISMATCH:
    return "IdempotentParameterMismatchException";
  case PRACTICE_DYNAMODB_ERROR_EXPIRED_ITERATOR:
    return "ExpiredIteratorException";
  case PRACTICE_DYNAMODB_ERROR_TRIMMED_DATA_ACCESS:
    return "TrimmedDataAccessException";
  case PRACTICE_DYNAMODB_ERROR_INTERNAL:
  default:
    return "InternalServerError";
  }
}

gboolean
practice_dynamodb_invalid (GError     **error,
                           const char  *format,
                           ...)
{
  va_list args;

  va_start (args, format);
  g_propagate_error (error, g_error_new_valist (PRACTICE_DYNAMODB_ERROR, PRACTICE_DYNAMODB_ERROR_VALIDATION, format, args));
  va_end (args);
  return FALSE;
}

gboolean
practice_dynamodb_unreadable (GError     **error,
                              const char  *format,
                              ...)
{
  va_list args;

  va_start (args, format);
  g_propagate_error (error, g_error_new_valist (PRACTICE_DYNAMODB_ERROR, PRACTICE_DYNAMODB_ERROR_SERIALIZATION, format, args));
  va_end (args);
  return FALSE;
}
