/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "practice-dynamodb-error.h"
#include "practice-dynamodb-value.h"
#include "practice-json.h"

static PracticeDynamodbNumber
number (const char *text)
{
  g_autoptr (GError) error = NULL;
  PracticeDynamodbNumber result;

  g_assert_true (practice_dynamodb_number_parse (&result, text, &error));
  g_assert_no_error (error);
  return result;
}

static void
test_number_text (void)
{
  static const struct {
    const char *text;
    const char *expected;
  } cases[] = {
    { "0", "0" },
    { "-0.000", "0" },
    { "0e999", "0" },
    { "1", "1" },
    { "+1", "1" },
    { "-1", "-1" },
    { "007.50", "7.5" },
    { ".5", "0.5" },
    { "5.", "5" },
    { "1e3", "1000" },
    { "1.25E-3", "0.00125" },
    { "100", "100" },
    { "100.001", "100.001" },
    { "12345678901234567890123456789012345678", "12345678901234567890123456789012345678" },
    { "0.00000000000000000000000000000000000001", "0.00000000000000000000000000000000000001" },
    { "1000000000000000000000000000000000000000000", "1000000000000000000000000000000000000000000" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    PracticeDynamodbNumber value = number (cases[i].text);
    g_autofree char *text = practice_dynamodb_number_format (&value);

    g_assert_cmpstr (text, ==, cases[i].expected);
  }
}

static void
test_number_errors (void)
{
  static const struct {
    const char *text;
    const char *message;
  } cases[] = {
    { "", "The parameter cannot be converted to a numeric value" },
    { "abc", "The parameter cannot be converted to a numeric value: abc" },
    { "1 ", "The parameter cannot be converted to a numeric value: 1 " },
    { "1e", "The parameter cannot be converted to a numeric value: 1e" },
    { "1.2.3", "The parameter cannot be converted to a numeric value: 1.2.3" },
    { "NaN", "The parameter cannot be converted to a numeric value: NaN" },
    { "-", "The parameter cannot be converted to a numeric value: -" },
    { "123456789012345678901234567890123456789", "Attempting to store more than 38 significant digits in a Number" },
    { "1e126", "Number overflow. Attempting to store a number with magnitude larger than supported range" },
    { "-1e99999999999999999999", "Number overflow. Attempting to store a number with magnitude larger than supported range" },
    { "1e-131", "Number underflow. Attempting to store a number with magnitude smaller than supported range" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;
    PracticeDynamodbNumber value;

    g_assert_false (practice_dynamodb_number_parse (&value, cases[i].text, &error));
    g_assert_error (error, PRACTICE_DYNAMODB_ERROR, PRACTICE_DYNAMODB_ERROR_VALIDATION);
    g_assert_cmpstr (error->message, ==, cases[i].message);
  }
}

static void
test_number_order (void)
{
  /* From the smallest to the largest. */
  static const char *const texts[] = {
    "-9.9999999999999999999999999999999999999e125", "-1e125", "-1000", "-12.5", "-12", "-1.21", "-1.2", "-1", "-0.5", "-0.05", "-1e-130",
    "0", "1e-130", "1.5e-130", "0.05", "0.5", "0.51", "1", "1.2", "1.21", "2", "9", "10", "11", "99", "100", "1e125",
    "9.9999999999999999999999999999999999999e125",
  };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    for (guint j = 0; j < G_N_ELEMENTS (texts); j++) {
      PracticeDynamodbNumber a = number (texts[i]), b = number (texts[j]), back;
      guint8 one[PRACTICE_DYNAMODB_NUMBER_KEY_MAX], other[PRACTICE_DYNAMODB_NUMBER_KEY_MAX];
      gsize n = practice_dynamodb_number_to_key (&a, one), m = practice_dynamodb_number_to_key (&b, other);
      int wanted = (i > j) - (i < j);
      int keys = memcmp (one, other, MIN (n, m));
      int order = practice_dynamodb_number_compare (&a, &b);

      if (keys == 0)
        keys = (n > m) - (n < m);
      g_assert_cmpint ((order > 0) - (order < 0), ==, wanted);
      g_assert_cmpint ((keys > 0) - (keys < 0), ==, wanted);
      g_assert_true (practice_dynamodb_number_from_key (&back, one, n));
      g_assert_cmpint (practice_dynamodb_number_compare (&a, &back), ==, 0);
    }
}

static void
test_number_sum (void)
{
  static const struct {
    const char *a;
    const char *b;
    gboolean    subtract;
    const char *expected;   /* NULL for an error */
  } cases[] = {
    { "1", "2", FALSE, "3" },
    { "0.1", "0.2", FALSE, "0.3" },
    { "999", "1", FALSE, "1000" },
    { "1", "1", TRUE, "0" },
    { "1", "2", TRUE, "-1" },
    { "-5", "-7", TRUE, "2" },
    { "1000", "0.001", TRUE, "999.999" },
    { "-0.5", "1", FALSE, "0.5" },
    { "0", "7", TRUE, "-7" },
    { "1e37", "1", FALSE, "10000000000000000000000000000000000001" },
    { "1e38", "1", FALSE, NULL },
    { "9.9999999999999999999999999999999999999e125", "1e88", FALSE, NULL },
    { "1e125", "1e125", FALSE, "2" },
    { "1.1e-130", "1e-130", TRUE, NULL },
    { "1e-130", "1e-130", FALSE, "2" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    PracticeDynamodbNumber a = number (cases[i].a), b = number (cases[i].b), sum;
    g_autoptr (GError) error = NULL;
    g_autofree char *text = NULL;
    gboolean done = practice_dynamodb_number_add (&sum, &a, &b, cases[i].subtract, &error);

    if (cases[i].expected == NULL) {
      g_assert_false (done);
      g_assert_error (error, PRACTICE_DYNAMODB_ERROR, PRACTICE_DYNAMODB_ERROR_VALIDATION);
      continue;
    }
    g_assert_no_error (error);
    text = practice_dynamodb_number_format (&sum);
    /* Very large and very small: the first digit is enough, its place is compared by the order above. */
    if (strlen (text) > 60) {
      g_assert_nonnull (strstr (text, cases[i].expected));
      continue;
    }
    g_assert_cmpstr (text, ==, cases[i].expected);
  }
}

static PracticeDynamodbValue *
read_item (const char  *text,
           GError     **error)
{
  g_autoptr (GError) parse_error = NULL;
  g_autoptr (JsonObject) object = practice_json_parse_object (text, -1, &parse_error);

  g_assert_no_error (parse_error);
  return practice_dynamodb_value_item_from_json (object, error);
}

static void
test_value_round_trip (void)
{
  static const char text[] =
    "{\"b\":{\"B\":\"AAEC/w==\"},\"e\":{\"B\":\"\"},\"f\":{\"BOOL\":false},\"l\":{\"L\":[{\"S\":\"\"},{\"M\":{}}]},"
    "\"m\":{\"M\":{\"x\":{\"N\":\"-1.5\"}}},\"n\":{\"NULL\":true},\"ns\":{\"NS\":[\"-2\",\"1\",\"10\"]},\"s\":{\"S\":\"é\"},"
    "\"ss\":{\"SS\":[\"a\",\"b\"]},\"t\":{\"BOOL\":true}}";
  g_autoptr (GError) error = NULL;
  g_autoptr (PracticeDynamodbValue) item = read_item (text, &error);
  g_autoptr (PracticeDynamodbValue) decoded = NULL;
  g_autoptr (PracticeDynamodbValue) copy = NULL;
  g_autoptr (JsonObject) object = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GBytes) again = NULL;
  g_autofree char *back = NULL;
  const guint8 *data;
  gsize length;

  g_assert_no_error (error);
  bytes = practice_dynamodb_value_encode (item);
  data = g_bytes_get_data (bytes, &length);
  decoded = practice_dynamodb_value_decode (data, length);
  g_assert_nonnull (decoded);
  g_assert_true (practice_dynamodb_value_equal (item, decoded));
  copy = practice_dynamodb_value_copy (decoded);
  again = practice_dynamodb_value_encode (copy);
  g_assert_true (g_bytes_equal (bytes, again));

  object = practice_dynamodb_value_item_to_json (decoded);
  back = practice_json_object_to_text (object);
  g_assert_cmpstr (back, ==, text);

  /* What is cut short is refused at every length. */
  for (gsize i = 0; i < length; i++)
    g_assert_null (practice_dynamodb_value_decode (data, i));
}

static void
test_value_canonical (void)
{
  g_autoptr (PracticeDynamodbValue) one = read_item ("{\"a\":{\"NS\":[\"1.0\",\"20\"]},\"b\":{\"N\":\"1e2\"}}", NULL);
  g_autoptr (PracticeDynamodbValue) other = read_item ("{\"b\":{\"N\":\"100\"},\"a\":{\"NS\":[\"2e1\",\"1\"]}}", NULL);
  g_autoptr (GBytes) a = practice_dynamodb_value_encode (one);
  g_autoptr (GBytes) b = practice_dynamodb_value_encode (other);

  g_assert_true (g_bytes_equal (a, b));
}

static void
test_value_size (void)
{
  static const struct {
    const char *text;
    gsize       size;
  } cases[] = {
    { "{\"id\":{\"S\":\"Fred\"}}", 6 },
    { "{\"a\":{\"N\":\"27\"}}", 3 },
    { "{\"a\":{\"BOOL\":true},\"b\":{\"NULL\":true}}", 4 },
    { "{\"a\":{\"L\":[{\"S\":\"xy\"}]}}", 1 + 3 + 1 + 2 },
    { "{\"a\":{\"M\":{\"k\":{\"S\":\"xy\"}}}}", 1 + 3 + 1 + 1 + 2 },
    { "{\"a\":{\"B\":\"AAEC\"}}", 4 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (PracticeDynamodbValue) item = read_item (cases[i].text, NULL);

    g_assert_cmpuint (practice_dynamodb_value_get_item_size (item), ==, cases[i].size);
  }
}

static void
test_value_errors (void)
{
  static const struct {
    const char *text;
    int         code;
    const char *message;
  } cases[] = {
    { "{\"a\":{}}", PRACTICE_DYNAMODB_ERROR_VALIDATION, "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes" },
    { "{\"a\":{\"X\":\"1\"}}", PRACTICE_DYNAMODB_ERROR_VALIDATION, "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes" },
    { "{\"a\":{\"S\":\"1\",\"N\":\"1\"}}", PRACTICE_DYNAMODB_ERROR_VALIDATION, "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes" },
    { "{\"a\":\"x\"}", PRACTICE_DYNAMODB_ERROR_SERIALIZATION, "Unexpected value type in payload" },
    { "{\"a\":{\"S\":1}}", PRACTICE_DYNAMODB_ERROR_SERIALIZATION, "NUMBER_VALUE cannot be converted to String" },
    { "{\"a\":{\"S\":true}}", PRACTICE_DYNAMODB_ERROR_SERIALIZATION, "TRUE_VALUE cannot be converted to String" },
    { "{\"a\":{\"B\":\"a\"}}", PRACTICE_DYNAMODB_ERROR_SERIALIZATION, "Invalid Base64: a binary value must be Base64-encoded" },
    { "{\"a\":{\"BOOL\":\"true\"}}", PRACTICE_DYNAMODB_ERROR_SERIALIZATION, "STRING_VALUE cannot be converted to Boolean" },
    { "{\"a\":{\"NULL\":false}}", PRACTICE_DYNAMODB_ERROR_VALIDATION, "One or more parameter values were invalid: Null attribute value types must have the value of true" },
    { "{\"a\":{\"SS\":[]}}", PRACTICE_DYNAMODB_ERROR_VALIDATION, "One or more parameter values were invalid: An string set  may not be empty" },
    { "{\"a\":{\"SS\":[\"a\",\"a\"]}}", PRACTICE_DYNAMODB_ERROR_VALIDATION, "One or more parameter values were invalid: Input collection [a, a] contains duplicates." },
    { "{\"a\":{\"NS\":[\"1\",\"1.0\"]}}", PRACTICE_DYNAMODB_ERROR_VALIDATION, "Input collection contains duplicates" },
    { "{\"a\":{\"L\":{}}}", PRACTICE_DYNAMODB_ERROR_SERIALIZATION, "Unexpected field type" },
  };
  g_autoptr (GString) deep = g_string_new (NULL);
  g_autoptr (GError) deep_error = NULL;
  g_autoptr (PracticeDynamodbValue) deep_item = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (PracticeDynamodbValue) item = read_item (cases[i].text, &error);

    g_assert_null (item);
    g_assert_error (error, PRACTICE_DYNAMODB_ERROR, cases[i].code);
    g_assert_cmpstr (error->message, ==, cases[i].message);
  }

  g_string_append (deep, "{\"a\":");
  for (guint i = 0; i < 33; i++)
    g_string_append (deep, "{\"L\":[");
  for (guint i = 0; i < 33; i++)
    g_string_append (deep, "]}");
  g_string_append (deep, "}");
  deep_item = read_item (deep->str, &deep_error);
  g_assert_error (deep_error, PRACTICE_DYNAMODB_ERROR, PRACTICE_DYNAMODB_ERROR_VALIDATION);
  g_assert_cmpstr (deep_error->message, ==, "Nesting Levels have exceeded supported limits");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/dynamodb/number/text", test_number_text);
  g_test_add_func ("/dynamodb/number/errors", test_number_errors);
  g_test_add_func ("/dynamodb/number/order", test_number_order);
  g_test_add_func ("/dynamodb/number/sum", test_number_sum);
  g_test_add_func ("/dynamodb/value/round-trip", test_value_round_trip);
  g_test_add_func ("/dynamodb/value/canonical", test_value_canonical);
  g_test_add_func ("/dynamodb/value/size", test_value_size);
  g_test_add_func ("/dynamodb/value/errors", test_value_errors);
  return g_test_run ();
}
