/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The expressions of DynamoDB: "kind expression", where kind is one letter. What parses is evaluated too. */
#include <stdint.h>
#include <string.h>

#include "practice-dynamodb-condition.h"
#include "practice-dynamodb-projection.h"
#include "practice-dynamodb-update.h"
#include "practice-json.h"

static const char names[] = "{\"#n\": \"name\", \"#d\": \"a.b\"}";
static const char values[] =
  "{\":n\": {\"N\": \"1\"}, \":s\": {\"S\": \"ab\"}, \":l\": {\"L\": [{\"N\": \"7\"}]}, \":m\": {\"M\": {\"k\": {\"S\": \"v\"}}},"
  " \":e\": {\"SS\": [\"x\", \"y\"]}, \":t\": {\"BOOL\": true}, \":b\": {\"B\": \"AAE=\"}}";
static const char item_text[] =
  "{\"a\": {\"N\": \"1\"}, \"b\": {\"S\": \"abc\"}, \"l\": {\"L\": [{\"N\": \"1\"}, {\"M\": {\"k\": {\"L\": []}}}]}, \"m\": {\"M\": {\"k\": {\"N\": \"2\"}}},"
  " \"e\": {\"SS\": [\"x\"]}, \"name\": {\"B\": \"AAE=\"}}";

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  g_autoptr (JsonNode) n = practice_json_parse (names, -1, NULL);
  g_autoptr (JsonNode) v = practice_json_parse (values, -1, NULL);
  g_autoptr (JsonObject) object = practice_json_parse_object (item_text, -1, NULL);
  g_autoptr (PracticeDynamodbPlaceholders) placeholders = practice_dynamodb_placeholders_new (n, v, NULL);
  g_autoptr (PracticeDynamodbValue) item = practice_dynamodb_value_item_from_json (object, NULL);
  g_autoptr (PracticeDynamodbValue) copy = practice_dynamodb_value_copy (item);
  g_autoptr (PracticeDynamodbValue) part = NULL;
  g_autoptr (PracticeDynamodbNode) condition = NULL;
  g_autoptr (PracticeDynamodbUpdate) update = NULL;
  g_autoptr (GPtrArray) paths = NULL;
  g_autofree char *text = NULL;

  if (size < 1)
    return 0;
  text = g_strndup ((const char *) data + 1, size - 1);

  switch (data[0]) {
  case 'u':
    update = practice_dynamodb_update_parse (text, placeholders, NULL);
    if (update != NULL)
      practice_dynamodb_update_apply (update, item, copy, NULL);
    break;
  case 'p':
    paths = practice_dynamodb_projection_parse (text, placeholders, NULL);
    if (paths != NULL)
      part = practice_dynamodb_projection_apply (paths, item);
    break;
  default:
    condition = practice_dynamodb_condition_parse ("ConditionExpression", text, placeholders, NULL);
    if (condition != NULL)
      practice_dynamodb_node_matches (condition, item);
    break;
  }
  return 0;
}
