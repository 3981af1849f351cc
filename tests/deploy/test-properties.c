/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "aws-json.h"
#include "mill-properties.h"

static void
check_same (const char *a,
            const char *b,
            gboolean    expected)
{
  g_autoptr(JsonNode) left = json_from_string (a, NULL);
  g_autoptr(JsonNode) right = json_from_string (b, NULL);

  g_test_message ("%s %s", a, b);
  g_assert_cmpint (mill_properties_same (left, right), ==, expected);
  g_assert_cmpint (mill_properties_same (right, left), ==, expected);
}

static void
test_same (void)
{
  check_same ("5", "\"5\"", TRUE);
  check_same ("5.0", "5", TRUE);
  check_same ("true", "\"true\"", TRUE);
  check_same ("5", "6", FALSE);
  check_same ("[1, 2]", "[2, 1]", TRUE);
  check_same ("[1, 1, 2]", "[2, 2, 1]", FALSE);
  check_same ("\"x\"", "[\"x\"]", TRUE);
  check_same ("\"x\"", "[\"x\", \"y\"]", FALSE);
  check_same ("{\"a\": 1}", "{\"a\": \"1\", \"b\": null, \"c\": []}", TRUE);
  check_same ("{\"a\": 1}", "{\"a\": 1, \"b\": 2}", FALSE);
  check_same ("{\"a\": 1}", "\"{\\\"a\\\": 1}\"", TRUE);
  check_same ("\"{\\\"a\\\": 1}\"", "\"{ \\\"a\\\":1 }\"", TRUE);
  check_same ("\"{not json\"", "\"{not json\"", TRUE);
  check_same ("\"{not json\"", "{}", FALSE);
  check_same ("null", "\"\"", TRUE);
  check_same ("null", "{}", TRUE);
  check_same ("null", "0", FALSE);
  check_same ("false", "null", FALSE);
}

static void
test_differ (void)
{
  g_autoptr(JsonObject) wanted = aws_json_parse_object ("{\"Timeout\": 3, \"Role\": \"r\"}", -1, NULL);
  g_autoptr(JsonObject) same = aws_json_parse_object ("{\"Timeout\": \"3\", \"Role\": \"r\", \"MemorySize\": 128}", -1, NULL);
  g_autoptr(JsonObject) other = aws_json_parse_object ("{\"Timeout\": 4, \"Role\": \"r\"}", -1, NULL);
  g_autofree char *difference = mill_properties_differ (wanted, other);

  g_assert_null (mill_properties_differ (wanted, same));
  g_assert_cmpstr (difference, ==, "Timeout");
}

static void
test_coerce (void)
{
  static const char schema_text[] =
    "{"
    "  \"Timeout\": {\"type\": \"Number\"}, \"Ratio\": {\"type\": \"Number\"}, \"On\": {\"type\": \"Boolean\"}, \"Name\": {\"type\": \"String\"},"
    "  \"Env\": {\"type\": \"Map\", \"items\": {\"type\": \"String\"}},"
    "  \"List\": {\"type\": \"List\", \"items\": {\"type\": \"Object\", \"properties\": {\"N\": {\"type\": \"Number\"}}}}, \"Doc\": {\"type\": \"Json\"}}";
  g_autoptr(JsonObject) schema = aws_json_parse_object (schema_text, -1, NULL);
  g_autoptr(JsonObject) value = aws_json_parse_object ("{\"Timeout\": \"30\", \"Ratio\": \"0.5\", \"On\": \"True\", \"Name\": 12, \"Env\": {\"A\": 1},"
                                                " \"List\": [{\"N\": \"7\"}], \"Doc\": {\"Version\": \"2012-10-17\", \"N\": \"7\"}, \"Bad\": \"x\"}", -1, NULL);
  g_autoptr(JsonObject) typed = mill_properties_coerce (value, schema);
  g_autofree char *text = aws_json_object_to_text (typed);

  g_assert_cmpstr (text, ==, "{\"Timeout\":30,\"Ratio\":0.5,\"On\":true,\"Name\":\"12\",\"Env\":{\"A\":\"1\"},\"List\":[{\"N\":7}],"
                             "\"Doc\":{\"Version\":\"2012-10-17\",\"N\":\"7\"},\"Bad\":\"x\"}");
}

static void
test_parameters (void)
{
  static const MillMember members[] = {
    { "Name", "name", 's' }, { "Policy", "policy", 'j' }, { "Config", "config", 'l' }, { "Map", "map", 'n' }, { NULL }
  };
  g_autoptr(JsonObject) properties = aws_json_parse_object ("{\"Name\": 5, \"Policy\": {\"A\": 1}, \"Config\": {\"Types\": [\"EDGE\"]}, \"Map\": {\"Key\": \"v\"}}",
                                                            -1, NULL);
  g_autoptr(JsonObject) parameters = json_object_new ();
  g_autofree char *text = NULL;

  mill_properties_to_parameters (properties, members, parameters);
  text = aws_json_object_to_text (parameters);
  g_assert_cmpstr (text, ==, "{\"name\":\"5\",\"policy\":\"{\\\"A\\\":1}\",\"config\":{\"types\":[\"EDGE\"]},\"map\":{\"Key\":\"v\"}}");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/deploy/properties/same", test_same);
  g_test_add_func ("/deploy/properties/differ", test_differ);
  g_test_add_func ("/deploy/properties/coerce", test_coerce);
  g_test_add_func ("/deploy/properties/parameters", test_parameters);
  return g_test_run ();
}
