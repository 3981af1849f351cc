/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <gio/gio.h>

#include "practice-logs-filter.h"

typedef struct {
  const char *pattern;
  const char *message;
  gboolean    matches;
} Case;

/* From the examples of the CloudWatch Logs User Guide, "Filter pattern syntax", with messages of our own. */
static const Case cases[] = {
  { "", "anything", TRUE },
  { "  ", "", TRUE },
  { "ERROR", "[ERROR] no gloves", TRUE },
  { "ERROR", "error", FALSE },
  { "ERROR gloves", "gloves: ERROR", TRUE },
  { "ERROR masks", "gloves: ERROR", FALSE },
  { "\"no gloves\"", "[ERROR] no gloves", TRUE },
  { "\"gloves no\"", "[ERROR] no gloves", FALSE },
  { "ERROR -EXITING", "ERROR EXITING", FALSE },
  { "ERROR -EXITING", "ERROR STAYING", TRUE },
  { "?ERROR ?WARN", "WARN", TRUE },
  { "?ERROR ?WARN", "INFO", FALSE },
  { "%^E[0-9]{3}$%", "E404", TRUE },
  { "%^E[0-9]{3}$%", "E4040", FALSE },
  { "\"a \\\"b\\\"\"", "a \"b\"", TRUE },
  { "{ $.level = \"ERROR\" }", "{\"level\":\"ERROR\"}", TRUE },
  { "{ $.level = ERROR }", "{\"level\":\"ERROR\"}", TRUE },
  { "{ $.level = \"ERR*\" }", "{\"level\":\"ERROR\"}", TRUE },
  { "{ $.level = \"*ROR\" }", "{\"level\":\"ERRORS\"}", FALSE },
  { "{ $.level != \"ERROR\" }", "{\"level\":\"INFO\"}", TRUE },
  { "{ $.level != \"ERROR\" }", "{}", FALSE },
  { "{ $.level = \"ERROR\" }", "level = ERROR", FALSE },
  { "{ $.level = \"ERROR\" }", "not {\"level\":\"ERROR\"}", FALSE },
  { "{ $.ms > 100 }", "{\"ms\":100.5}", TRUE },
  { "{ $.ms >= 100 }", "{\"ms\":100}", TRUE },
  { "{ $.ms < 1e2 }", "{\"ms\":99}", TRUE },
  { "{ $.ms <= -1 }", "{\"ms\":0}", FALSE },
  { "{ $.a.b[1].c = 2 }", "{\"a\":{\"b\":[0,{\"c\":2}]}}", TRUE },
  { "{ $.a.b[2].c = 2 }", "{\"a\":{\"b\":[0,{\"c\":2}]}}", FALSE },
  { "{ $.a['b c'] = 1 }", "{\"a\":{\"b c\":1}}", TRUE },
  { "{ $.ok IS TRUE }", "{\"ok\":true}", TRUE },
  { "{ $.ok IS FALSE }", "{\"ok\":true}", FALSE },
  { "{ $.ok IS NULL }", "{\"ok\":null}", TRUE },
  { "{ $.ok NOT EXISTS }", "{\"okay\":1}", TRUE },
  { "{ $.ok NOT EXISTS }", "{\"ok\":1}", FALSE },
  { "{ ($.a = 1) || ($.b = 2 && $.c = 3) }", "{\"b\":2,\"c\":3}", TRUE },
  { "{ ($.a = 1 || $.b = 2) && $.c = 3 }", "{\"a\":1,\"c\":4}", FALSE },
  { "{ $.url = %^/orders/[0-9]+$% }", "{\"url\":\"/orders/7\"}", TRUE },
};

static const char *const mistakes[] = {
  "{", "{ $.a }", "{ $.a = }", "{ $.a = 1", "{ $.a = 1 } x", "{ a = 1 }", "{ $.a > b }", "{ $.a IS BLUE }", "{ $.a NOT THERE }", "{ ($.a = 1 }", "{ $. = 1 }",
  "{ $ = 1 }", "{ $.a[x] = 1 }", "\"open", "%open", "%[%", "a,b", "[a, b]", "{ $.a = 1 && }", "-", "?",
};

static void
test_matches (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (PracticeLogsFilter) filter = practice_logs_filter_new (cases[i].pattern, &error);

    g_test_message ("%s on %s", cases[i].pattern, cases[i].message);
    g_assert_no_error (error);
    g_assert_cmpint (practice_logs_filter_matches (filter, cases[i].message), ==, cases[i].matches);
  }
}

static void
test_mistakes (void)
{
  g_autofree char *longest = g_strnfill (1025, 'a');
  g_autofree char *deep = g_strnfill (500, '(');
  g_autofree char *nested = g_strconcat ("{ ", deep, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (mistakes); i++) {
    g_autoptr (GError) error = NULL;

    g_test_message ("%s", mistakes[i]);
    g_assert_null (practice_logs_filter_new (mistakes[i], &error));
    g_assert_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);
    g_assert_true (g_str_has_prefix (error->message, "Invalid filter pattern: "));
  }
  g_assert_null (practice_logs_filter_new (longest, NULL));
  g_assert_null (practice_logs_filter_new (nested, NULL));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/practice/logs-filter/matches", test_matches);
  g_test_add_func ("/practice/logs-filter/mistakes", test_mistakes);
  return g_test_run ();
}
