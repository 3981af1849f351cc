/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-dynamodb-condition.h"
#include "practice-dynamodb-error.h"
#include "practice-dynamodb-projection.h"
#include "practice-dynamodb-update.h"
#include "practice-json.h"

static const char names[] = "{\"#n\": \"name\", \"#dot\": \"a.b\"}";
static const char values[] =
  "{\":one\": {\"N\": \"1\"}, \":two\": {\"N\": \"2\"}, \":ten\": {\"N\": \"10\"}, \":s\": {\"S\": \"hello\"}, \":he\": {\"S\": \"he\"},"
  " \":l\": {\"L\": [{\"N\": \"7\"}]}, \":ss\": {\"SS\": [\"x\", \"y\"]}, \":x\": {\"S\": \"x\"}, \":t\": {\"BOOL\": true}, \":m\": {\"M\": {\"k\": {\"N\": \"1\"}}},"
  " \":type\": {\"S\": \"NS\"}, \":bad\": {\"S\": \"Q\"}, \":ns\": {\"NS\": [\"1\", \"5\"]}, \":null\": {\"NULL\": true}, \":b\": {\"B\": \"AAE=\"}}";
static const char item_text[] =
  "{\"id\": {\"S\": \"k\"}, \"name\": {\"S\": \"hello\"}, \"a.b\": {\"N\": \"1\"}, \"one\": {\"N\": \"1\"}, \"two\": {\"N\": \"2.0\"},"
  " \"tags\": {\"SS\": [\"x\", \"y\"]}, \"nums\": {\"NS\": [\"1\", \"2\"]}, \"li\": {\"L\": [{\"N\": \"1\"}, {\"M\": {\"k\": {\"S\": \"v\"}}}, {\"S\": \"x\"}]},"
  " \"m\": {\"M\": {\"k\": {\"N\": \"1\"}, \"deep\": {\"M\": {\"x\": {\"S\": \"y\"}}}}}, \"bin\": {\"B\": \"AAEC\"}, \"yes\": {\"BOOL\": true}, \"nil\": {\"NULL\": true}}";

static PracticeDynamodbPlaceholders *
make_placeholders (void)
{
  g_autoptr (JsonNode) n = practice_json_parse (names, -1, NULL);
  g_autoptr (JsonNode) v = practice_json_parse (values, -1, NULL);
  g_autoptr (GError) error = NULL;
  PracticeDynamodbPlaceholders *placeholders = practice_dynamodb_placeholders_new (n, v, &error);

  g_assert_no_error (error);
  return placeholders;
}

static PracticeDynamodbValue *
make_item (const char *text)
{
  g_autoptr (JsonObject) object = practice_json_parse_object (text, -1, NULL);
  g_autoptr (GError) error = NULL;
  PracticeDynamodbValue *item = practice_dynamodb_value_item_from_json (object, &error);

  g_assert_no_error (error);
  return item;
}

static void
test_condition (void)
{
  static const struct {
    const char *text;
    gboolean    expected;
  } cases[] = {
    { "one = :one", TRUE },
    { "one = :two", FALSE },
    { ":one = one", TRUE },
    { "#n = :s", TRUE },
    { "#dot = :one", TRUE },
    { "two = :two", TRUE },
    { "one <> :two", TRUE },
    { "one < :two", TRUE },
    { "one <= :one", TRUE },
    { "one > :two", FALSE },
    { "two >= :two", TRUE },
    { "one < :s", FALSE },
    { "one = :s", FALSE },
    { "one <> :s", TRUE },
    { "nowhere = :one", FALSE },
    { "nowhere <> :one", TRUE },
    { "nowhere < :one", FALSE },
    { "NOT nowhere < :one", TRUE },
    { "nowhere = gone", FALSE },
    { "nowhere <> gone", TRUE },
    { "two < :ten", TRUE },
    { "tags = :ss", TRUE },
    { "m = :m", FALSE },
    { "yes = :t", TRUE },
    { "nil = :null", TRUE },
    { "one BETWEEN :one AND :two", TRUE },
    { "one BETWEEN :two AND :ten", FALSE },
    { "one between :one and :two AND two = :two", TRUE },
    { "NOT one BETWEEN :one AND :two", FALSE },
    { "one IN (:two, :one)", TRUE },
    { "one IN (:two, :s)", FALSE },
    { "nowhere IN (:two)", FALSE },
    { "attribute_exists(one)", TRUE },
    { "attribute_exists(nowhere)", FALSE },
    { "attribute_not_exists(nowhere)", TRUE },
    { "attribute_exists(m.deep.x)", TRUE },
    { "attribute_exists(m.deep.y)", FALSE },
    { "attribute_exists(li[1].k)", TRUE },
    { "attribute_exists(li[9])", FALSE },
    { "attribute_exists(one.k)", FALSE },
    { "attribute_type(nums, :type)", TRUE },
    { "attribute_type(one, :type)", FALSE },
    { "begins_with(#n, :he)", TRUE },
    { "begins_with(#n, :x)", FALSE },
    { "begins_with(one, :he)", FALSE },
    { "begins_with(bin, :b)", TRUE },
    { "contains(#n, :he)", TRUE },
    { "contains(#n, :x)", FALSE },
    { "contains(tags, :x)", TRUE },
    { "contains(nums, :ten)", FALSE },
    { "contains(nums, :one)", TRUE },
    { "contains(nums, :x)", FALSE },
    { "contains(li, :x)", TRUE },
    { "contains(li, :one)", TRUE },
    { "contains(li, :ten)", FALSE },
    { "contains(bin, :b)", TRUE },
    { "contains(:s, nowhere)", FALSE },
    { "size(#n) = size(:s)", TRUE },
    { "size(#n) > :two", TRUE },
    { "size(tags) = :two", TRUE },
    { "size(li) > size(tags)", TRUE },
    { "size(one) = :one", FALSE },
    { "size(nowhere) = :one", FALSE },
    { "size(m) = :two", TRUE },
    { "one = :two AND one = :two OR one = :one", TRUE },
    { "one = :one OR one = :two AND one = :two", TRUE },
    { "(one = :one OR one = :two) AND one = :two", FALSE },
    { "NOT one = :two AND two = :two", TRUE },
    { "NOT (one = :two AND two = :two)", TRUE },
    { "NOT NOT one = :one", TRUE },
    { "not one = :two Or one = :two", TRUE },
    { "NOT one = :one OR one = :one", TRUE },
    { "(one) = (:one)", TRUE },
    { "m.deep.x = m.k", FALSE },
    { "li[0]=:one and li[1].k<>:one", TRUE },
  };
  g_autoptr (PracticeDynamodbValue) item = make_item (item_text);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (PracticeDynamodbPlaceholders) placeholders = make_placeholders ();
    g_autoptr (GError) error = NULL;
    g_autoptr (PracticeDynamodbNode) node = practice_dynamodb_condition_parse ("ConditionExpression", cases[i].text, placeholders, &error);

    g_test_message ("%s", cases[i].text);
    g_assert_no_error (error);
    g_assert_cmpint (practice_dynamodb_node_matches (node, item), ==, cases[i].expected);
  }
}

static void
test_condition_errors (void)
{
  static const struct {
    const char *text;
    const char *message;   /* after "Invalid ConditionExpression: " */
  } cases[] = {
    { "", "The expression can not be empty;" },
    { "one", "Syntax error; token: \"<EOF>\", near: \"one\"" },
    { "one =", "Syntax error; token: \"<EOF>\", near: \"=\"" },
    { "one = :one :two", "Syntax error; token: \":two\", near: \":one :two\"" },
    { "one = 5", "Syntax error; token: \"5\", near: \"= 5\"" },
    { "one ! :one", "Syntax error; token: \"!\", near: \"one ! :one\"" },
    { "(one = :one", "Syntax error; token: \"<EOF>\", near: \":one\"" },
    { "(one)", "Syntax error; token: \"<EOF>\", near: \")\"" },
    { "one BETWEEN :one, :two", "Syntax error; token: \",\", near: \":one, :two\"" },
    { "one IN :one", "Syntax error; token: \":one\", near: \"IN :one\"" },
    { "li[x] = :one", "Syntax error; token: \"x\", near: \"[x]\"" },
    { "one = :one AND", "Syntax error; token: \"<EOF>\", near: \"AND\"" },
    { "name = :s", "Attribute name is a reserved keyword; reserved keyword: name" },
    { "m.Name = :s", "Attribute name is a reserved keyword; reserved keyword: Name" },
    { "#zz = :s", "An expression attribute name used in the document path is not defined; attribute name: #zz" },
    { "one = :zz", "An expression attribute value used in expression is not defined; attribute value: :zz" },
    { "name = :zz =", "Syntax error; token: \"=\", near: \":zz =\"" },
    { "foo(one)", "Invalid function name; function: foo" },
    { "Size(one) = :one", "Invalid function name; function: Size" },
    { "attribute_exists(one, two)", "Incorrect number of operands for operator or function; operator or function: attribute_exists, number of operands: 2" },
    { "begins_with(one)", "Incorrect number of operands for operator or function; operator or function: begins_with, number of operands: 1" },
    { "attribute_exists(:one)", "Operator or function requires a document path; operator or function: attribute_exists" },
    { "size(one)", "The function is not allowed to be used this way in an expression; function: size" },
    { "size(one) AND one = :one", "The function is not allowed to be used this way in an expression; function: size" },
    { "attribute_exists(one) = :one", "The function is not allowed to be used this way in an expression; function: attribute_exists" },
    { "one = contains(tags, :x)", "The function is not allowed to be used this way in an expression; function: contains" },
    { "if_not_exists(one, :one) = :one", "The function is not allowed in a condition expression; function: if_not_exists" },
    { "begins_with(one, :one)", "Incorrect operand type for operator or function; operator or function: begins_with, operand type: N" },
    { "attribute_type(one, :one)", "Incorrect operand type for operator or function; operator or function: attribute_type, operand type: N" },
    { "attribute_type(one, :bad)", "Invalid attribute type name found; type: Q, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}" },
    { "size(:one) = one", "Incorrect operand type for operator or function; operator or function: size, operand type: N" },
    { "one < :t", "Incorrect operand type for operator or function; operator: <, operand type: BOOL" },
    { "one BETWEEN :ss AND :two", "Incorrect operand type for operator or function; operator: BETWEEN, operand type: SS" },
    { "one BETWEEN :two AND :one", "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; lower bound operand: AttributeValue: {N:2}, upper bound operand: AttributeValue: {N:1}" },
    { "one BETWEEN :two AND :s", "The BETWEEN operator requires same data type for lower and upper bounds; lower bound operand: AttributeValue: {N:2}, upper bound operand: AttributeValue: {S:hello}" },
    { "one = one", "The first operand must be distinct from the remaining operands for this operator or function; operator: =, first operand: [one]" },
    { "contains(m.k, m.k)", "The first operand must be distinct from the remaining operands for this operator or function; operator or function: contains, first operand: [m, k]" },
    { "((one = :one))", "The expression has redundant parentheses;" },
    { "((one)) = :one", "The expression has redundant parentheses;" },
    { "one = :one = :two", "Syntax error; token: \"=\", near: \":one = :two\"" },
    { "(one = :one) = :two", "Syntax error; token: \"=\", near: \") = :two\"" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (PracticeDynamodbPlaceholders) placeholders = make_placeholders ();
    g_autoptr (GError) error = NULL;
    g_autoptr (PracticeDynamodbNode) node = practice_dynamodb_condition_parse ("ConditionExpression", cases[i].text, placeholders, &error);
    g_autofree char *message = g_strconcat ("Invalid ConditionExpression: ", cases[i].message, NULL);

    g_test_message ("%s", cases[i].text);
    g_assert_null (node);
    g_assert_error (error, PRACTICE_DYNAMODB_ERROR, PRACTICE_DYNAMODB_ERROR_VALIDATION);
    g_assert_cmpstr (error->message, ==, message);
  }
}

/* Long chains and deep nests end in an answer, never in a fault. */
static void
test_condition_limits (void)
{
  g_autoptr (PracticeDynamodbPlaceholders) placeholders = make_placeholders ();
  g_autoptr (GString) nots = g_string_new (NULL);
  g_autoptr (GString) parentheses = g_string_new (NULL);
  g_autoptr (GString) chain = g_string_new ("one=:one");
  const GString *all[] = { nots, parentheses, chain };

  for (guint i = 0; i < 1000; i++)
    g_string_append (nots, "NOT ");
  for (guint i = 0; i < 4000; i++)
    g_string_append_c (parentheses, '(');
  for (guint i = 0; i < 310; i++)
    g_string_append (chain, " OR a=:one");

  for (guint i = 0; i < G_N_ELEMENTS (all); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_null (practice_dynamodb_condition_parse ("FilterExpression", all[i]->str, placeholders, &error));
    g_assert_error (error, PRACTICE_DYNAMODB_ERROR, PRACTICE_DYNAMODB_ERROR_VALIDATION);
  }
}

static void
test_update (void)
{
  static const struct {
    const char *text;
    const char *item;
    const char *expected;   /* the item after it, or the message */
  } cases[] = {
    { "SET one = :two", "{}", "{\"one\":{\"N\":\"2\"}}" },
    { "SET a = a + :two", "{\"a\":{\"N\":\"5\"}}", "{\"a\":{\"N\":\"7\"}}" },
    { "SET a = a - :two, b = a", "{\"a\":{\"N\":\"5\"}}", "{\"a\":{\"N\":\"3\"},\"b\":{\"N\":\"5\"}}" },
    { "SET a = if_not_exists(a, :one) + :two", "{}", "{\"a\":{\"N\":\"3\"}}" },
    { "SET a = if_not_exists(a, :one)", "{\"a\":{\"N\":\"5\"}}", "{\"a\":{\"N\":\"5\"}}" },
    { "SET li = list_append(li, :l)", "{\"li\":{\"L\":[{\"S\":\"a\"}]}}", "{\"li\":{\"L\":[{\"S\":\"a\"},{\"N\":\"7\"}]}}" },
    { "SET li = list_append(if_not_exists(li, :l), :l)", "{}", "{\"li\":{\"L\":[{\"N\":\"7\"},{\"N\":\"7\"}]}}" },
    { "SET m.k = :s", "{\"m\":{\"M\":{}}}", "{\"m\":{\"M\":{\"k\":{\"S\":\"hello\"}}}}" },
    { "SET li[0] = :s", "{\"li\":{\"L\":[{\"S\":\"a\"}]}}", "{\"li\":{\"L\":[{\"S\":\"hello\"}]}}" },
    { "SET li[9] = :two, li[5] = :one", "{\"li\":{\"L\":[{\"S\":\"a\"}]}}", "{\"li\":{\"L\":[{\"S\":\"a\"},{\"N\":\"1\"},{\"N\":\"2\"}]}}" },
    { "REMOVE a", "{\"a\":{\"N\":\"5\"},\"b\":{\"N\":\"5\"}}", "{\"b\":{\"N\":\"5\"}}" },
    { "REMOVE a, gone", "{\"a\":{\"N\":\"5\"}}", "{}" },
    { "REMOVE li[0], li[2]", "{\"li\":{\"L\":[{\"S\":\"a\"},{\"S\":\"b\"},{\"S\":\"c\"}]}}", "{\"li\":{\"L\":[{\"S\":\"b\"}]}}" },
    { "REMOVE li[0] SET li[1] = :s", "{\"li\":{\"L\":[{\"S\":\"a\"},{\"S\":\"b\"},{\"S\":\"c\"}]}}", "{\"li\":{\"L\":[{\"S\":\"hello\"},{\"S\":\"c\"}]}}" },
    { "REMOVE li[7]", "{\"li\":{\"L\":[]}}", "{\"li\":{\"L\":[]}}" },
    { "ADD a :two", "{}", "{\"a\":{\"N\":\"2\"}}" },
    { "ADD a :two", "{\"a\":{\"N\":\"0.5\"}}", "{\"a\":{\"N\":\"2.5\"}}" },
    { "ADD tags :ss", "{\"tags\":{\"SS\":[\"a\",\"x\"]}}", "{\"tags\":{\"SS\":[\"a\",\"x\",\"y\"]}}" },
    { "DELETE tags :ss", "{\"tags\":{\"SS\":[\"a\",\"x\"]}}", "{\"tags\":{\"SS\":[\"a\"]}}" },
    { "DELETE tags :ss", "{\"tags\":{\"SS\":[\"x\"]}}", "{}" },
    { "DELETE tags :ss", "{}", "{}" },
    { "set a = :m remove b add c :one delete tags :ss", "{\"b\":{\"N\":\"5\"}}", "{\"a\":{\"M\":{\"k\":{\"N\":\"1\"}}},\"c\":{\"N\":\"1\"}}" },
    { "SET a = b, b = a", "{\"a\":{\"N\":\"1\"},\"b\":{\"N\":\"2\"}}", "{\"a\":{\"N\":\"2\"},\"b\":{\"N\":\"1\"}}" },
    { "SET a = m, m.k = :two", "{\"m\":{\"M\":{\"k\":{\"N\":\"1\"}}}}", "{\"a\":{\"M\":{\"k\":{\"N\":\"1\"}}},\"m\":{\"M\":{\"k\":{\"N\":\"2\"}}}}" },

    { "SET a = gone", "{}", "The provided expression refers to an attribute that does not exist in the item" },
    { "SET a = gone + :one", "{}", "The provided expression refers to an attribute that does not exist in the item" },
    { "SET a = list_append(gone, :l)", "{}", "The provided expression refers to an attribute that does not exist in the item" },
    { "SET a = a + :one", "{\"a\":{\"S\":\"x\"}}", "An operand in the update expression has an incorrect data type" },
    { "ADD a :one", "{\"a\":{\"S\":\"x\"}}", "An operand in the update expression has an incorrect data type" },
    { "DELETE a :ss", "{\"a\":{\"NS\":[\"1\"]}}", "An operand in the update expression has an incorrect data type" },
    { "SET m.k = :s", "{}", "The document path provided in the update expression is invalid for update" },
    { "SET a.k = :s", "{\"a\":{\"S\":\"x\"}}", "The document path provided in the update expression is invalid for update" },
    { "SET m[0] = :s", "{\"m\":{\"M\":{}}}", "The document path provided in the update expression is invalid for update" },
    { "REMOVE m.k", "{}", "The document path provided in the update expression is invalid for update" },

    { "", "{}", "Invalid UpdateExpression: The expression can not be empty;" },
    { "a = :one", "{}", "Invalid UpdateExpression: Syntax error; token: \"a\", near: \"a =\"" },
    { "SET a", "{}", "Invalid UpdateExpression: Syntax error; token: \"<EOF>\", near: \"a\"" },
    { "SET a = :one + :two + :one", "{}", "Invalid UpdateExpression: Syntax error; token: \"+\", near: \":two + :one\"" },
    { "SET a = :one,", "{}", "Invalid UpdateExpression: Syntax error; token: \"<EOF>\", near: \",\"" },
    { "ADD a b", "{}", "Invalid UpdateExpression: Syntax error; token: \"b\", near: \"a b\"" },
    { "SET a = :one SET b = :one", "{}", "Invalid UpdateExpression: The \"SET\" section can only be used once in an update expression;" },
    { "SET a = :one, a = :two", "{}", "Invalid UpdateExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [a], path two: [a]" },
    { "SET a = :one REMOVE a.b[1]", "{}", "Invalid UpdateExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [a], path two: [a, b, [1]]" },
    { "SET a.b = :one REMOVE a[1]", "{}", "Invalid UpdateExpression: Two document paths conflict with each other; must remove or rewrite one of these paths; path one: [a, b], path two: [a, [1]]" },
    { "ADD a :s", "{}", "Invalid UpdateExpression: Incorrect operand type for operator or function; operator: ADD, operand type: STRING, typeSet: ALLOWED_FOR_ADD_OPERAND" },
    { "DELETE a :one", "{}", "Invalid UpdateExpression: Incorrect operand type for operator or function; operator: DELETE, operand type: NUMBER, typeSet: ALLOWED_FOR_DELETE_OPERAND" },
    { "SET a = :one + :s", "{}", "Invalid UpdateExpression: Incorrect operand type for operator or function; operator or function: +, operand type: S" },
    { "SET a = list_append(:s, b)", "{}", "Invalid UpdateExpression: Incorrect operand type for operator or function; operator or function: list_append, operand type: S" },
    { "SET a = list_append(b)", "{}", "Invalid UpdateExpression: Incorrect number of operands for operator or function; operator or function: list_append, number of operands: 1" },
    { "SET a = if_not_exists(:one, :two)", "{}", "Invalid UpdateExpression: Operator or function requires a document path; operator or function: if_not_exists" },
    { "SET a = size(b)", "{}", "Invalid UpdateExpression: The function is not allowed in an update expression; function: size" },
    { "SET a = foo(b)", "{}", "Invalid UpdateExpression: Invalid function name; function: foo" },
    { "SET name = :one", "{}", "Invalid UpdateExpression: Attribute name is a reserved keyword; reserved keyword: name" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (PracticeDynamodbPlaceholders) placeholders = make_placeholders ();
    g_autoptr (GError) error = NULL;
    g_autoptr (PracticeDynamodbUpdate) update = practice_dynamodb_update_parse (cases[i].text, placeholders, &error);
    g_autoptr (PracticeDynamodbValue) old_item = make_item (cases[i].item);
    g_autoptr (PracticeDynamodbValue) new_item = practice_dynamodb_value_copy (old_item);

    g_test_message ("%s", cases[i].text);
    if (update != NULL && practice_dynamodb_update_apply (update, old_item, new_item, &error)) {
      g_autoptr (JsonObject) object = practice_dynamodb_value_item_to_json (new_item);
      g_autoptr (JsonObject) before = practice_dynamodb_value_item_to_json (old_item);
      g_autofree char *text = practice_json_object_to_text (object);
      g_autofree char *untouched = practice_json_object_to_text (before);

      g_assert_cmpstr (text, ==, cases[i].expected);
      g_assert_cmpstr (untouched, ==, cases[i].item);
      continue;
    }
    g_assert_error (error, PRACTICE_DYNAMODB_ERROR, PRACTICE_DYNAMODB_ERROR_VALIDATION);
    g_assert_cmpstr (error->message, ==, cases[i].expected);
  }
}

static void
test_projection (void)
{
  static const struct {
    const char *text;
    const char *expected;
  } cases[] = {
    { "id", "{\"id\":{\"S\":\"k\"}}" },
    { "gone", "{}" },
    { "gone.x", "{}" },
    { "#n, id", "{\"id\":{\"S\":\"k\"},\"name\":{\"S\":\"hello\"}}" },
    { "m.k", "{\"m\":{\"M\":{\"k\":{\"N\":\"1\"}}}}" },
    { "m.deep.x, m.k", "{\"m\":{\"M\":{\"deep\":{\"M\":{\"x\":{\"S\":\"y\"}}},\"k\":{\"N\":\"1\"}}}}" },
    { "li[2], li[0]", "{\"li\":{\"L\":[{\"N\":\"1\"},{\"S\":\"x\"}]}}" },
    { "li[1].k", "{\"li\":{\"L\":[{\"M\":{\"k\":{\"S\":\"v\"}}}]}}" },
    { "li[9]", "{}" },
    { "m[0], li.x", "{}" },
    { "", "Invalid ProjectionExpression: The expression can not be empty;" },
    { "id,", "Invalid ProjectionExpression: Syntax error; token: \"<EOF>\", near: \",\"" },
    { "id, :s", "Invalid ProjectionExpression: Syntax error; token: \":s\", near: \", :s\"" },
    { "id, id", "Invalid ProjectionExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [id], path two: [id]" },
    { "m.k, m", "Invalid ProjectionExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [m, k], path two: [m]" },
    { "size", "Invalid ProjectionExpression: Attribute name is a reserved keyword; reserved keyword: size" },
  };
  g_autoptr (PracticeDynamodbValue) item = make_item (item_text);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (PracticeDynamodbPlaceholders) placeholders = make_placeholders ();
    g_autoptr (GError) error = NULL;
    g_autoptr (GPtrArray) paths = practice_dynamodb_projection_parse (cases[i].text, placeholders, &error);

    g_test_message ("%s", cases[i].text);
    if (paths != NULL) {
      g_autoptr (PracticeDynamodbValue) part = practice_dynamodb_projection_apply (paths, item);
      g_autoptr (JsonObject) object = practice_dynamodb_value_item_to_json (part);
      g_autofree char *text = practice_json_object_to_text (object);

      g_assert_cmpstr (text, ==, cases[i].expected);
      continue;
    }
    g_assert_error (error, PRACTICE_DYNAMODB_ERROR, PRACTICE_DYNAMODB_ERROR_VALIDATION);
    g_assert_cmpstr (error->message, ==, cases[i].expected);
  }
}

static void
test_placeholders (void)
{
  static const struct {
    const char *names;
    const char *values;
    const char *message;
  } cases[] = {
    { "{}", NULL, "ExpressionAttributeNames must not be empty" },
    { NULL, "{}", "ExpressionAttributeValues must not be empty" },
    { "{\"n\": \"x\"}", NULL, "ExpressionAttributeNames contains invalid key: Syntax error; key: \"n\"" },
    { "{\"#a-b\": \"x\"}", NULL, "ExpressionAttributeNames contains invalid key: Syntax error; key: \"#a-b\"" },
    { NULL, "{\"v\": {\"S\": \"x\"}}", "ExpressionAttributeValues contains invalid key: Syntax error; key: \"v\"" },
    { NULL, "{\":v\": {}}", "ExpressionAttributeValues contains invalid value: Supplied AttributeValue is empty, must contain exactly one of the supported datatypes for key :v" },
    { "{\"#n\": 1}", NULL, "Unexpected value type in payload" },
    { "[]", NULL, "Unexpected field type" },
  };
  g_autoptr (PracticeDynamodbPlaceholders) placeholders = make_placeholders ();
  g_autoptr (PracticeDynamodbNode) node = NULL;
  g_autoptr (GError) unused = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (JsonNode) n = cases[i].names != NULL ? practice_json_parse (cases[i].names, -1, NULL) : NULL;
    g_autoptr (JsonNode) v = cases[i].values != NULL ? practice_json_parse (cases[i].values, -1, NULL) : NULL;
    g_autoptr (GError) error = NULL;

    g_assert_null (practice_dynamodb_placeholders_new (n, v, &error));
    g_assert_nonnull (error);
    g_assert_cmpstr (error->message, ==, cases[i].message);
  }

  node = practice_dynamodb_condition_parse ("ConditionExpression", "#n = :s", placeholders, NULL);
  g_assert_nonnull (node);
  g_assert_false (practice_dynamodb_placeholders_check_used (placeholders, &unused));
  g_assert_cmpstr (unused->message, ==, "Value provided in ExpressionAttributeNames unused in expressions: keys: {#dot}");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/dynamodb/condition/matches", test_condition);
  g_test_add_func ("/dynamodb/condition/errors", test_condition_errors);
  g_test_add_func ("/dynamodb/condition/limits", test_condition_limits);
  g_test_add_func ("/dynamodb/update", test_update);
  g_test_add_func ("/dynamodb/projection", test_projection);
  g_test_add_func ("/dynamodb/placeholders", test_placeholders);
  return g_test_run ();
}
