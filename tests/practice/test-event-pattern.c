/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <json-glib/json-glib.h>

#include "practice-event-pattern.h"
#include "practice-filter-policy.h"
#include "practice-json.h"

typedef struct {
  const char *pattern;
  const char *event;
  gboolean    matches;
} Match;

typedef struct {
  const char *pattern;
  const char *reason;
} Refusal;

static const Match matches[] = {
  /* Literals: one of the values, one of the event's values. */
  { "{\"a\":[\"x\",\"y\"]}", "{\"a\":\"y\"}", TRUE },
  { "{\"a\":[\"x\"]}", "{\"a\":[\"z\",\"x\"]}", TRUE },
  { "{\"a\":[\"x\"]}", "{\"A\":\"x\"}", FALSE },
  { "{\"a\":[300]}", "{\"a\":300.0}", TRUE },
  { "{\"a\":[300]}", "{\"a\":\"300\"}", FALSE },
  { "{\"a\":[null]}", "{\"a\":null}", TRUE },
  { "{\"a\":[null]}", "{\"a\":[]}", FALSE },
  { "{\"a\":[null]}", "{\"a\":\"null\"}", FALSE },
  { "{\"a\":[false]}", "{\"a\":false}", TRUE },
  { "{\"a\":[false]}", "{\"a\":true}", FALSE },
  { "{\"a\":[\"x\"],\"b\":[\"y\"]}", "{\"a\":\"x\",\"b\":\"z\"}", FALSE },
  { "{\"a\":{\"b\":[\"x\"]}}", "{\"a\":\"{\\\"b\\\":\\\"x\\\"}\"}", FALSE },
  { "{\"a\":[\"x\"]}", "[\"x\"]", FALSE },
  /* A dot in a name. */
  { "{\"a.b\":[\"x\"]}", "{\"a\":{\"b\":\"x\"}}", TRUE },
  { "{\"a\":{\"b\":[\"x\"]}}", "{\"a.b\":\"x\"}", TRUE },
  { "{\"a.b\":{\"b\":[\"x\"]}}", "{\"a\":{\"b\":\"x\"}}", FALSE },
  { "{\"a\":{\"b\":{\"c\":[\"x\"]}}}", "{\"a.b\":{\"c\":\"x\"}}", TRUE },
  { "{\"a\":{\"b\":[\"x\"]},\"a.c\":[\"y\"]}", "{\"a\":{\"b\":\"x\",\"c\":\"y\"}}", TRUE },
  /* Values of one element of an array belong together. */
  { "{\"a\":{\"b\":[1],\"c\":[2]}}", "{\"a\":[{\"b\":1,\"c\":2},{\"b\":3}]}", TRUE },
  { "{\"a\":{\"b\":[1],\"c\":[2]}}", "{\"a\":[{\"b\":1,\"c\":3},{\"b\":3,\"c\":2}]}", FALSE },
  /* Existence is a matter of values, not of objects. */
  { "{\"a\":[{\"exists\":true}]}", "{\"a\":null}", TRUE },
  { "{\"a\":[{\"exists\":true}]}", "{\"b\":1}", FALSE },
  { "{\"a\":[{\"exists\":true}]}", "{\"a\":{\"b\":1}}", FALSE },
  { "{\"a\":[{\"exists\":false}]}", "{\"a\":{\"b\":1}}", TRUE },
  { "{\"a\":{\"b\":[{\"exists\":false}]}}", "{}", TRUE },
  { "{\"a\":{\"b\":[{\"exists\":false}]}}", "{\"a\":{\"b\":1}}", FALSE },
  { "{\"a\":{\"b\":[{\"exists\":false}]}}", "{\"a\":[{\"c\":2},{\"b\":1}]}", FALSE },
  { "{\"a\":{\"b\":[{\"exists\":false}]}}", "{\"a.b\":1}", FALSE },
  { "{\"a\":{\"b\":[{\"anything-but\":[\"x\"]},{\"exists\":false}]}}", "{\"c\":1}", TRUE },
  /* Beginnings, ends, wildcards. */
  { "{\"a\":[{\"prefix\":\"ab\"}]}", "{\"a\":\"abc\"}", TRUE },
  { "{\"a\":[{\"prefix\":\"ab\"}]}", "{\"a\":\"ABC\"}", FALSE },
  { "{\"a\":[{\"prefix\":{\"equals-ignore-case\":\"ab\"}}]}", "{\"a\":\"ABC\"}", TRUE },
  { "{\"a\":[{\"prefix\":\"\"}]}", "{\"a\":\"\"}", TRUE },
  { "{\"a\":[{\"prefix\":\"1\"}]}", "{\"a\":12}", FALSE },
  { "{\"a\":[{\"suffix\":\".png\"}]}", "{\"a\":\"x.png\"}", TRUE },
  { "{\"a\":[{\"suffix\":{\"equals-ignore-case\":\".png\"}}]}", "{\"a\":\"x.PNG\"}", TRUE },
  { "{\"a\":[{\"equals-ignore-case\":\"ab\"}]}", "{\"a\":\"aB\"}", TRUE },
  { "{\"a\":[{\"wildcard\":\"/u/*/d/d/x\"}]}", "{\"a\":\"/u/1/d/d/d/x\"}", TRUE },
  { "{\"a\":[{\"wildcard\":\"/u/*/d/d/x\"}]}", "{\"a\":\"/u/1/d/e/x\"}", FALSE },
  { "{\"a\":[{\"wildcard\":\"a*\"}]}", "{\"a\":\"a\"}", TRUE },
  { "{\"a\":[{\"wildcard\":\"\"}]}", "{\"a\":\"b\"}", FALSE },
  { "{\"a\":[{\"wildcard\":\"a\\\\*b\"}]}", "{\"a\":\"a*b\"}", TRUE },
  { "{\"a\":[{\"wildcard\":\"a\\\\*b\"}]}", "{\"a\":\"axb\"}", FALSE },
  /* Numbers. */
  { "{\"a\":[{\"numeric\":[\">\",0,\"<=\",5]}]}", "{\"a\":5}", TRUE },
  { "{\"a\":[{\"numeric\":[\">\",0,\"<=\",5]}]}", "{\"a\":0}", FALSE },
  { "{\"a\":[{\"numeric\":[\"=\",301.8]}]}", "{\"a\":301.8}", TRUE },
  { "{\"a\":[{\"numeric\":[\">\",100]}]}", "{\"a\":\"300\"}", FALSE },
  { "{\"a\":[{\"numeric\":[\"<\",10]}]}", "{\"a\":-1e30}", TRUE },
  /* Addresses. */
  { "{\"a\":[{\"cidr\":\"10.0.0.0/24\"}]}", "{\"a\":\"10.0.0.255\"}", TRUE },
  { "{\"a\":[{\"cidr\":\"10.0.0.0/24\"}]}", "{\"a\":\"10.0.1.0\"}", FALSE },
  { "{\"a\":[{\"cidr\":\"10.0.0.0/24\"}]}", "{\"a\":\"10.0.0.256\"}", FALSE },
  { "{\"a\":[{\"cidr\":\"10.0.0.0/0\"}]}", "{\"a\":\"::1\"}", FALSE },
  { "{\"a\":[{\"cidr\":\"2001:db8::/33\"}]}", "{\"a\":\"2001:db8:7fff::1\"}", TRUE },
  { "{\"a\":[{\"cidr\":\"2001:db8::/33\"}]}", "{\"a\":\"2001:db8:8000::1\"}", FALSE },
  /* Anything but. */
  { "{\"a\":[{\"anything-but\":\"x\"}]}", "{\"a\":null}", TRUE },
  { "{\"a\":[{\"anything-but\":\"x\"}]}", "{\"b\":\"y\"}", FALSE },
  { "{\"a\":[{\"anything-but\":[1,2]}]}", "{\"a\":2}", FALSE },
  { "{\"a\":[{\"anything-but\":{\"prefix\":[\"a\",\"b\"]}}]}", "{\"a\":\"bc\"}", FALSE },
  { "{\"a\":[{\"anything-but\":{\"suffix\":\"c\"}}]}", "{\"a\":\"cb\"}", TRUE },
  { "{\"a\":[{\"anything-but\":{\"equals-ignore-case\":\"X\"}}]}", "{\"a\":\"x\"}", FALSE },
  { "{\"a\":[{\"anything-but\":{\"wildcard\":\"*x*\"}}]}", "{\"a\":\"axb\"}", FALSE },
  /* Alternatives. */
  { "{\"$or\":[{\"a\":[1]},{\"b\":[2]}],\"c\":[3]}", "{\"b\":2,\"c\":3}", TRUE },
  { "{\"$or\":[{\"a\":[1]},{\"b\":[2]}],\"c\":[3]}", "{\"a\":1,\"c\":4}", FALSE },
  { "{\"$or\":[{\"a\":[1]},{\"b\":[2]}],\"c\":[3]}", "{\"a\":2,\"b\":1,\"c\":3}", FALSE },
  { "{\"d\":{\"$or\":[{\"a\":[{\"exists\":false}]},{\"b\":[2]}]}}", "{\"e\":1}", TRUE },
  { "{\"$or\":[\"x\"]}", "{\"$or\":\"x\"}", TRUE },
};

static const Refusal refusals[] = {
  { "[1]", "Filter is not an object" },
  { "{\"a\":{}}", "Empty objects are not allowed" },
  { "{\"a\":1}", "\"a\" must be an object or an array" },
  { "{\"a\":[]}", "Empty arrays are not allowed" },
  { "{\"a\":[[1]]}", "Match value must be String, number, true, false, or null" },
  { "{\"a\":[{\"PREFIX\":\"x\"}]}", "Unrecognized match type PREFIX" },
  { "{\"a\":[{\"suffix\":\"x\",\"prefix\":\"y\"}]}", "Only one key allowed in match expression" },
  { "{\"a\":[{\"prefix\":[\"x\"]}]}", "prefix match pattern must be a string" },
  { "{\"a\":[{\"exists\":\"no\"}]}", "exists match pattern must be either true or false." },
  { "{\"a\":[{\"cidr\":\"bad\"}]}", "Malformed CIDR, one '/' required" },
  { "{\"a\":[{\"cidr\":\"xx.11.xx/8\"}]}", "Nonstandard IP address: xx.11.xx" },
  { "{\"a\":[{\"cidr\":\"10.0.0.0/x\"}]}", "Malformed CIDR, mask bits must be an integer" },
  { "{\"a\":[{\"numeric\":[]}]}", "Invalid member in numeric match: ]" },
  { "{\"a\":[{\"numeric\":[1,\"<=\"]}]}", "Invalid member in numeric match: 1" },
  { "{\"a\":[{\"numeric\":[\"operator\"]}]}", "Unrecognized numeric range operator: operator" },
  { "{\"a\":[{\"numeric\":[\"=\",\"000\"]}]}", "Value of equals must be numeric" },
  { "{\"a\":[{\"numeric\":[\">\",0,\"<\"]}]}", "Value of < must be numeric" },
  { "{\"a\":[{\"numeric\":[\"<\",100,\">\",10]}]}", "Too many elements in numeric expression" },
  { "{\"a\":[{\"numeric\":[\">=\",1,\">\",2]}]}", "Bad numeric range operator: >" },
  { "{\"a\":[{\"numeric\":[\">\",20,30]}]}", "Bad value in numeric range: 30" },
  { "{\"a\":[{\"numeric\":[\">\",3,\"<\",1]}]}", "Bottom must be less than top" },
  { "{\"a\":[{\"numeric\":[\">\",20,\"<\",30,\"<\",50]}]}", "Too many terms in numeric range expression" },
  { "{\"a\":[{\"anything-but\":{\"suffix\":\"\"}}]}", "Null prefix/suffix not allowed" },
  { "{\"a\":[{\"anything-but\":{\"prefix\":1}}]}", "prefix/suffix match pattern must be a string" },
  { "{\"a\":[{\"anything-but\":{\"equals-ignore-case\":[1]}}]}",
    "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported." },
  { "{\"a\":[{\"anything-but\":null}]}", "Value of anything-but must be an array or single string/number value." },
  { "{\"a\":[{\"wildcard\":\"*:*:*:*:*:b/*\"}]}",
    "Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences after a wildcard character" },
};

static const Refusal policy_refusals[] = {
  { "{\"a\":[{\"wildcard\":\"x\"}]}", "FilterPolicy: Unrecognized match type wildcard" },
  { "{\"a\":[{\"anything-but\":{\"suffix\":\"x\"}}]}", "FilterPolicy: Unsupported anything-but pattern: suffix" },
  { "{\"a\":[{\"anything-but\":{\"prefix\":false}}]}", "FilterPolicy: prefix match pattern must be a string" },
  { "{\"a\":{\"b\":[1]}}", "Filter policy scope MessageAttributes does not support nested filter policy" },
  { "{\"a\":[1],\"b\":[1],\"c\":[1],\"d\":[1],\"e\":[1],\"f\":[1]}", "FilterPolicy: Filter policy can not have more than 5 keys" },
  { "{\"a\":[1,2,3,4,5,6],\"b\":[1,2,3,4,5,6],\"c\":[1,2,3,4,5]}", "FilterPolicy: Filter policy is too complex" },
};

static void
test_matches (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (matches); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (PracticeEventPattern) pattern = practice_event_pattern_new (matches[i].pattern, &error);
    g_autoptr (JsonNode) event = NULL;

    g_assert_no_error (error);
    event = practice_json_parse (matches[i].event, -1, &error);
    g_assert_no_error (error);
    if (practice_event_pattern_matches (pattern, event) != matches[i].matches)
      g_error ("%s on %s should be %d", matches[i].pattern, matches[i].event, matches[i].matches);
  }
}

static void
test_refusals (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (refusals); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_null (practice_event_pattern_new (refusals[i].pattern, &error));
    g_assert_cmpstr (error->message, ==, refusals[i].reason);
  }
}

static void
test_hostile (void)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (practice_event_pattern_new ("{\"a\":[", &error));
  g_clear_error (&error);
  g_assert_null (practice_event_pattern_new ("", &error));
  g_clear_error (&error);
  g_assert_null (practice_event_pattern_new ("\xff", &error));
  g_clear_error (&error);

  for (guint i = 0; i < 1000000; i++)
    g_string_append (text, "{\"a\":");
  g_assert_null (practice_event_pattern_new (text->str, &error));
  g_clear_error (&error);

  g_string_assign (text, "{\"");
  for (guint i = 0; i < 1000000; i++)
    g_string_append (text, "a.");
  g_string_append (text, "\":[1]}");
  g_assert_null (practice_event_pattern_new (text->str, &error));
}

static void
test_policy_refusals (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (policy_refusals); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_null (practice_filter_policy_new (policy_refusals[i].pattern, PRACTICE_FILTER_SCOPE_ATTRIBUTES, &error));
    g_assert_cmpstr (error->message, ==, policy_refusals[i].reason);
  }
}

static void
test_policy (void)
{
  static const struct {
    const char *policy;
    PracticeFilterScope scope;
    gboolean matches;
  } cases[] = {
    { "{\"store\":[\"books\"]}", PRACTICE_FILTER_SCOPE_ATTRIBUTES, TRUE },
    { "{\"store\":[\"shoes\"]}", PRACTICE_FILTER_SCOPE_ATTRIBUTES, FALSE },
    { "{\"price\":[{\"numeric\":[\">\",9,\"<\",11]}]}", PRACTICE_FILTER_SCOPE_ATTRIBUTES, TRUE },
    { "{\"price\":[\"10.50\"]}", PRACTICE_FILTER_SCOPE_ATTRIBUTES, FALSE },
    { "{\"tags\":[\"red\"]}", PRACTICE_FILTER_SCOPE_ATTRIBUTES, TRUE },
    { "{\"tags\":[{\"anything-but\":[\"red\",\"new\"]}]}", PRACTICE_FILTER_SCOPE_ATTRIBUTES, FALSE },
    { "{\"a.b\":[\"dotted\"]}", PRACTICE_FILTER_SCOPE_ATTRIBUTES, TRUE },
    { "{\"bytes\":[{\"exists\":true}]}", PRACTICE_FILTER_SCOPE_ATTRIBUTES, TRUE },
    { "{\"none\":[{\"exists\":false}]}", PRACTICE_FILTER_SCOPE_ATTRIBUTES, TRUE },
    { "{\"none\":[{\"exists\":true}]}", PRACTICE_FILTER_SCOPE_ATTRIBUTES, FALSE },
    { "{}", PRACTICE_FILTER_SCOPE_ATTRIBUTES, TRUE },
    { "{\"item\":{\"name\":[\"latex gloves\"]}}", PRACTICE_FILTER_SCOPE_BODY, TRUE },
    { "{\"item\":{\"name\":[\"masks\"]}}", PRACTICE_FILTER_SCOPE_BODY, FALSE },
    { "{\"store\":[\"books\"]}", PRACTICE_FILTER_SCOPE_BODY, FALSE },
  };
  g_autoptr (JsonObject) attributes = practice_json_parse_object (
    "{\"store\":{\"DataType\":\"String\",\"StringValue\":\"books\"},"
    "\"price\":{\"DataType\":\"Number\",\"StringValue\":\"10.50\"},"
    "\"tags\":{\"DataType\":\"String.Array\",\"StringValue\":\"[\\\"red\\\",\\\"new\\\"]\"},"
    "\"a.b\":{\"DataType\":\"String\",\"StringValue\":\"dotted\"},"
    "\"bytes\":{\"DataType\":\"Binary\",\"BinaryValue\":\"AAE=\"}}", -1, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (PracticeFilterPolicy) policy = practice_filter_policy_new (cases[i].policy, cases[i].scope, &error);

    g_assert_no_error (error);
    if (practice_filter_policy_matches (policy, attributes, "{\"item\":{\"name\":\"latex gloves\"}}") != cases[i].matches)
      g_error ("%s should be %d", cases[i].policy, cases[i].matches);
  }

  {
    g_autoptr (PracticeFilterPolicy) policy =
      practice_filter_policy_new ("{\"a\":[{\"exists\":false}]}", PRACTICE_FILTER_SCOPE_BODY, NULL);

    g_assert_false (practice_filter_policy_matches (policy, NULL, "plain text"));
    g_assert_true (practice_filter_policy_matches (policy, NULL, "{\"b\":1}"));
  }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/event-pattern/matches", test_matches);
  g_test_add_func ("/event-pattern/refusals", test_refusals);
  g_test_add_func ("/event-pattern/hostile", test_hostile);
  g_test_add_func ("/filter-policy/refusals", test_policy_refusals);
  g_test_add_func ("/filter-policy/matches", test_policy);

  return g_test_run ();
}
