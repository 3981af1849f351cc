/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An item as JSON, and as the store has it: what is read can be written and read again as the same. */
#include <stdint.h>

#include "practice-dynamodb-value.h"
#include "practice-json.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static void
check (const PracticeDynamodbValue *item)
{
  g_autoptr (GBytes) bytes = practice_dynamodb_value_encode (item);
  g_autoptr (PracticeDynamodbValue) decoded = practice_dynamodb_value_decode (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  g_autoptr (JsonObject) object = NULL;
  g_autoptr (PracticeDynamodbValue) again = NULL;

  g_assert_nonnull (decoded);
  g_assert_true (practice_dynamodb_value_equal (item, decoded));
  g_assert_cmpuint (practice_dynamodb_value_get_item_size (item), ==, practice_dynamodb_value_get_item_size (decoded));
  object = practice_dynamodb_value_item_to_json (decoded);
  again = practice_dynamodb_value_item_from_json (object, NULL);
  g_assert_nonnull (again);
  g_assert_true (practice_dynamodb_value_equal (item, again));
}

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  g_autoptr (JsonObject) object = practice_json_parse_object ((const char *) data, size, NULL);
  g_autoptr (PracticeDynamodbValue) item = object != NULL ? practice_dynamodb_value_item_from_json (object, NULL) : NULL;
  g_autoptr (PracticeDynamodbValue) stored = practice_dynamodb_value_decode (data, size);

  if (item != NULL)
    check (item);
  return 0;
}
