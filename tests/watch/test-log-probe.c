/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-log-probe.h"

#include <string.h>

#include "mill-log-runs.h"
#include "probe-fixture.h"

#define FUNCTION "arn:aws:lambda:eu-west-1:123456789012:function:store"
#define TOPIC "arn:aws:sns:eu-west-1:123456789012:orders"
#define A "aaaaaaaa-0000-4000-8000-000000000001"
#define B "bbbbbbbb-0000-4000-8000-000000000002"
#define LATE 20

/* When the watch began: lines are so many milliseconds later. */
static gint64 began;

static void
begin (ProbeFixture *fixture)
{
  began = g_get_real_time () / 1000;
  probe_fixture_watch (fixture, mill_log_probe_new (fixture->client.client, "Store", began / 1000.0, FUNCTION, "/aws/lambda/store", LATE, TOPIC, NULL));
}

/* One line; @id is the event's. */
static void
add_line (GString    *page,
          const char *id,
          const char *stream,
          int         time,
          const char *text)
{
  g_autofree char *line = probe_fixture_quote (text);
  g_autofree char *escaped = g_strescape (line, NULL);

  g_string_append_printf (page, "%s{\"eventId\": \"%s\", \"logStreamName\": \"%s\", \"timestamp\": %" G_GINT64_FORMAT ", \"message\": \"%s\"}", page->len > 0 ? ", " : "", id,
                          stream, began + time, escaped);
}

/* One page of lines; @token: of the next, or NULL. */
static void
answer_page (ProbeFixture *fixture,
             GString      *page,
             const char   *token)
{
  g_autofree char *body = token != NULL ? g_strdup_printf ("{\"events\": [%s], \"nextToken\": \"%s\"}", page->str, token) : g_strdup_printf ("{\"events\": [%s]}", page->str);

  test_server_push_to (fixture->client.server, "FilterLogEvents", 200, NULL, body);
  g_string_truncate (page, 0);
}

static void
expect_line (ProbeFixture *fixture,
             const char   *invocation,
             const char   *text)
{
  g_autofree char *line = probe_fixture_quote (text);

  probe_fixture_expect (fixture, "function-log", "invocationId", invocation, "line", line, "functionArn", FUNCTION, NULL);
}

static void
expect_start (ProbeFixture *fixture,
              const char   *invocation)
{
  g_autofree char *text = g_strdup_printf ("START RequestId: %s Version: $LATEST", invocation);

  probe_fixture_expect (fixture, "function-started", "invocationId", invocation, NULL);
  expect_line (fixture, invocation, text);
}

static void
expect_read (ProbeFixture *fixture)
{
  probe_fixture_expect (fixture, "read-until", "component", "Store", NULL);
  probe_fixture_expect_nothing (fixture);
}

#define START(id) "START RequestId: " id " Version: $LATEST"
#define REPORT(id) "REPORT RequestId: " id "\tDuration: 12.50 ms\tBilled Duration: 13 ms\tMemory Size: 128 MB\tMax Memory Used: 40 MB"

/* Two environments at once, by pages; a page that repeats lines; the group is not there until the first of them. */
static void
test_pages (ProbeFixture  *fixture,
            gconstpointer  data)
{
  g_autoptr (GString) page = g_string_new (NULL);

  begin (fixture);
  probe_fixture_fail (fixture, "FilterLogEvents", 400, "ResourceNotFoundException");
  probe_fixture_poll_well (fixture);
  expect_read (fixture);

  add_line (page, "1", "s", 0, START (A));
  add_line (page, "2", "t", 1, START (B));
  add_line (page, "3", "s", 2, "of a");
  answer_page (fixture, page, "next");
  add_line (page, "3", "s", 2, "of a");
  add_line (page, "4", "t", 3, "{'out': {'messageId': 'm1'}}");
  add_line (page, "5", "s", 4, REPORT (A) "\tInit Duration: 100.00 ms");
  answer_page (fixture, page, NULL);
  probe_fixture_poll_well (fixture);
  expect_start (fixture, A);
  expect_start (fixture, B);
  expect_line (fixture, A, "of a");
  expect_line (fixture, B, "{'out': {'messageId': 'm1'}}");
  probe_fixture_expect (fixture, "topic-published", "topicArn", TOPIC, "messageId", "m1", "invocationId", B, NULL);
  expect_line (fixture, A, REPORT (A) "\tInit Duration: 100.00 ms");
  probe_fixture_expect (fixture, "function-ended", "invocationId", A, "status", "ok", "durationMs", "12.5", "billedMs", "13.0", "memoryMb", "40", "initMs", "100.0", NULL);
  expect_read (fixture);

  /* The same again, with one more: what was told is not told twice. */
  add_line (page, "2", "t", 1, START (B));
  add_line (page, "4", "t", 3, "{'out': {'messageId': 'm1'}}");
  add_line (page, "6", "t", 5, REPORT (B));
  answer_page (fixture, page, NULL);
  probe_fixture_poll_well (fixture);
  expect_line (fixture, B, REPORT (B));
  probe_fixture_expect (fixture, "function-ended", "invocationId", B, "status", "ok", "initMs", NULL, NULL);
  expect_read (fixture);
}

/* In what order lines come, and how late, says nothing of the run that they belong to. */
static void
test_late (ProbeFixture  *fixture,
           gconstpointer  data)
{
  g_autoptr (GString) page = g_string_new (NULL);

  begin (fixture);
  add_line (page, "1", "s", 0, START (A));
  add_line (page, "2", "s", 100, REPORT (A));
  add_line (page, "3", "s", 200, START (B));
  answer_page (fixture, page, NULL);
  probe_fixture_poll_well (fixture);
  expect_start (fixture, A);
  expect_line (fixture, A, REPORT (A));
  expect_start (fixture, B);
  probe_fixture_expect (fixture, "function-ended", "invocationId", A, NULL);
  expect_read (fixture);

  add_line (page, "4", "s", 50, "late");
  add_line (page, "5", "s", 150, "INIT_START Runtime Version: python:3.13.v1");
  add_line (page, "6", "s", 250, "of b");
  add_line (page, "7", "t", 300, "before its run is known");
  answer_page (fixture, page, NULL);
  probe_fixture_poll_well (fixture);
  expect_line (fixture, A, "late");
  expect_line (fixture, B, "of b");
  expect_read (fixture);

  add_line (page, "8", "t", 290, START (A));
  answer_page (fixture, page, NULL);
  probe_fixture_poll_well (fixture);
  expect_start (fixture, A);
  expect_line (fixture, A, "before its run is known");
  expect_read (fixture);
}

/* Why it failed may be read behind the line that says how long it took, in the same poll or a later one. */
static void
test_failed (ProbeFixture  *fixture,
             gconstpointer  data)
{
  g_autoptr (GString) page = g_string_new (NULL);

  begin (fixture);
  add_line (page, "1", "s", 0, START (A));
  add_line (page, "2", "s", 3000, REPORT (A));
  add_line (page, "3", "s", 3000, "2026-01-01T00:00:00.000Z " A " Task timed out after 3.00 seconds");
  answer_page (fixture, page, NULL);
  probe_fixture_poll_well (fixture);
  expect_start (fixture, A);
  expect_line (fixture, A, REPORT (A));
  expect_line (fixture, A, "2026-01-01T00:00:00.000Z " A " Task timed out after 3.00 seconds");
  probe_fixture_expect (fixture, "function-ended", "status", "timeout", "errorType", "Sandbox.Timedout",
                        "errorMessage", "RequestId: " A " Error: Task timed out after 3.00 seconds", NULL);
  expect_read (fixture);

  add_line (page, "4", "s", 4000, START (B));
  add_line (page, "5", "s", 4100, REPORT (B));
  answer_page (fixture, page, NULL);
  probe_fixture_poll_well (fixture);
  expect_start (fixture, B);
  expect_line (fixture, B, REPORT (B));
  probe_fixture_expect (fixture, "function-ended", "invocationId", B, "status", "ok", NULL);
  expect_read (fixture);
  add_line (page, "6", "s", 4050, "[ERROR] ValueError: no\rTraceback (most recent call last):\r  File x");
  answer_page (fixture, page, NULL);
  probe_fixture_poll_well (fixture);
  expect_line (fixture, B, "[ERROR] ValueError: no\rTraceback (most recent call last):\r  File x");
  probe_fixture_expect (fixture, "function-ended", "invocationId", B, "status", "error", "errorType", "ValueError", "errorMessage", "no", NULL);
  expect_read (fixture);
}

/* LoggingConfig.LogFormat JSON */
static void
test_json (ProbeFixture  *fixture,
           gconstpointer  data)
{
  static const char *const lines[] = {
    "{'time': 't', 'type': 'platform.initStart', 'record': {'initializationType': 'on-demand', 'phase': 'init'}}",
    "{'time': 't', 'type': 'platform.start', 'record': {'requestId': '" A "', 'version': '$LATEST'}}",
    "{'timestamp': 't', 'level': 'ERROR', 'message': 'handled', 'logger': 'root', 'errorType': 'KeyError', 'errorMessage': 'x', 'requestId': '" A "'}",
    "{'timestamp': 't', 'level': 'INFO', 'requestId': '" A "', 'message': {'out': {'messageId': 'm2'}}}",
    "{'time': 't', 'type': 'platform.report', 'record': {'requestId': '" A "', 'status': 'success', 'metrics': {'durationMs': 5.25, 'maxMemoryUsedMB': 33}}}",
    "{'time': 't', 'type': 'platform.start', 'record': {'requestId': '" B "', 'version': '$LATEST'}}",
    "{'timestamp': 't', 'log_level': 'ERROR', 'errorType': 'ValueError', 'errorMessage': 'no', 'requestId': '" B "', 'stackTrace': []}",
    "{'time': 't', 'type': 'platform.report', 'record': {'requestId': '" B "', 'status': 'error', 'errorType': 'Unhandled', 'metrics': {'durationMs': 1}}}",
  };
  g_autoptr (GString) page = g_string_new (NULL);

  begin (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_autofree char *id = g_strdup_printf ("%u", i);

      add_line (page, id, "s", i, lines[i]);
    }
  answer_page (fixture, page, NULL);
  probe_fixture_poll_well (fixture);
  probe_fixture_expect (fixture, "function-started", "invocationId", A, NULL);
  expect_line (fixture, A, lines[1]);
  expect_line (fixture, A, lines[2]);
  expect_line (fixture, A, lines[3]);
  probe_fixture_expect (fixture, "topic-published", "messageId", "m2", "invocationId", A, NULL);
  expect_line (fixture, A, lines[4]);
  probe_fixture_expect (fixture, "function-started", "invocationId", B, NULL);
  expect_line (fixture, B, lines[5]);
  expect_line (fixture, B, lines[6]);
  expect_line (fixture, B, lines[7]);
  /* An error that was logged may have been handled: the platform knows. */
  probe_fixture_expect (fixture, "function-ended", "invocationId", A, "status", "ok", "durationMs", "5.25", "memoryMb", "33", "errorType", NULL, NULL);
  probe_fixture_expect (fixture, "function-ended", "invocationId", B, "status", "error", "errorType", "ValueError", "errorMessage", "no", NULL);
  expect_read (fixture);
}

/* LoggingConfig.SystemLogLevel WARN: only what went wrong has a platform.report, and nothing says when a run begins. */
static void
test_unlogged (ProbeFixture  *fixture,
               gconstpointer  data)
{
  static const char *const lines[] = {
    "{'in': [{'messageId': 'm1'}]}",
    "{'in': {'messageId': 'm1'}, 'out': {'messageId': 'p1'}}",
    "{'in': [{'messageId': 'm2'}]}",
    "{'timestamp': 't', 'log_level': 'ERROR', 'errorType': 'ValueError', 'errorMessage': 'no', 'requestId': '" B "', 'stackTrace': []}",
    "{'time': 't', 'type': 'platform.report', 'record': {'requestId': '" B "', 'status': 'error', 'errorType': 'Unhandled', 'metrics': {'durationMs': 1}}}",
    "{'timestamp': 't', 'level': 'INFO', 'requestId': '" A "', 'message': 'logged'}",
    "{'time': 't', 'type': 'platform.report', 'record': {'requestId': '" A "', 'status': 'timeout', 'metrics': {'durationMs': 3000}}}",
  };
  g_autoptr (GString) page = g_string_new (NULL);
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  g_autofree char *third = NULL;

  begin (fixture);
  first = g_strdup_printf ("s %" G_GINT64_FORMAT, began);
  second = g_strdup_printf ("s %" G_GINT64_FORMAT, began + 2);
  third = g_strdup_printf ("u %" G_GINT64_FORMAT, began + 45000);
  probe_fixture_answer (fixture, "/configuration", "{'LoggingConfig': {'LogFormat': 'JSON', 'SystemLogLevel': 'WARN'}}");
  for (guint i = 0; i < 5; i++)
    {
      g_autofree char *id = g_strdup_printf ("%u", i);

      add_line (page, id, "s", i, lines[i]);
    }
  answer_page (fixture, page, NULL);
  probe_fixture_poll_well (fixture);
  probe_fixture_expect (fixture, "function-seen", "component", "Store", "unlogged", "true", NULL);
  probe_fixture_expect (fixture, "function-started", "invocationId", first, "inferred", "true", NULL);
  expect_line (fixture, first, lines[0]);
  expect_line (fixture, first, lines[1]);
  probe_fixture_expect (fixture, "topic-published", "messageId", "p1", "invocationId", first, NULL);
  /* It says what it is about, so it is another run; the error names it. */
  probe_fixture_expect (fixture, "function-started", "invocationId", second, "inferred", "true", NULL);
  expect_line (fixture, second, lines[2]);
  expect_line (fixture, second, lines[3]);
  expect_line (fixture, second, lines[4]);
  probe_fixture_expect (fixture, "function-ended", "invocationId", second, "status", "error", "errorType", "ValueError", "errorMessage", "no", "inferred", NULL, NULL);
  expect_read (fixture);
  /* Nothing more came of the first one. */
  add_line (page, "6", "t", 10000, lines[5]);
  add_line (page, "7", "u", 45000, "anything");
  answer_page (fixture, page, NULL);
  probe_fixture_poll_well (fixture);
  probe_fixture_expect (fixture, "function-started", "invocationId", A, "inferred", "true", NULL);
  expect_line (fixture, A, lines[5]);
  probe_fixture_expect (fixture, "function-started", "invocationId", third, "inferred", "true", NULL);
  expect_line (fixture, third, "anything");
  probe_fixture_expect (fixture, "function-ended", "invocationId", first, "status", "ok", "inferred", "true", NULL);
  expect_read (fixture);
  add_line (page, "8", "u", 59000, "anything more");
  answer_page (fixture, page, NULL);
  probe_fixture_poll_well (fixture);
  expect_line (fixture, third, "anything more");
  probe_fixture_expect (fixture, "function-ended", "invocationId", A, "status", "ok", "inferred", "true", NULL);
  expect_read (fixture);
  /* It had not ended. */
  add_line (page, "9", "t", 59500, lines[6]);
  answer_page (fixture, page, NULL);
  probe_fixture_poll_well (fixture);
  expect_line (fixture, A, lines[6]);
  probe_fixture_expect (fixture, "function-ended", "invocationId", A, "status", "timeout", NULL);
  expect_read (fixture);
  g_assert_cmpuint (probe_fixture_count (fixture, "/configuration"), ==, 1);
}

/* CloudWatch Logs cuts a line that is too long: what is left of an object is no object. */
static void
test_long (ProbeFixture  *fixture,
           gconstpointer  data)
{
  g_autoptr (GString) page = g_string_new (NULL);
  g_autofree char *filler = g_strnfill (256 * 1024 - 60, 'x');
  g_autofree char *cut = g_strconcat ("{'in': {'messageId': 'm1'}, 'out': {'messageId': '", filler, NULL);

  begin (fixture);
  add_line (page, "1", "s", 0, START (A));
  add_line (page, "2", "s", 1, cut);
  add_line (page, "3", "s", 2, REPORT (A));
  answer_page (fixture, page, NULL);
  probe_fixture_poll_well (fixture);
  expect_start (fixture, A);
  expect_line (fixture, A, cut);
  expect_line (fixture, A, REPORT (A));
  probe_fixture_expect (fixture, "function-ended", "status", "ok", NULL);
  expect_read (fixture);
}

static gint64
get_start_time (ProbeFixture *fixture)
{
  g_autofree char *request = probe_fixture_last (fixture, "FilterLogEvents");
  const char *found = request != NULL ? strstr (request, "\"startTime\":") : NULL;

  g_assert_nonnull (found);
  return g_ascii_strtoll (found + strlen ("\"startTime\":"), NULL, 10);
}

/* A poll that fails between two pages has read half of what there is: the next one begins where the one before ended. */
static void
test_trouble (ProbeFixture  *fixture,
              gconstpointer  data)
{
  static const struct { guint status; const char *code; AwsError kind; } troubles[] = {
    { 400, "ThrottlingException", AWS_ERROR_THROTTLED }, { 429, "TooManyRequests", AWS_ERROR_THROTTLED }, { 503, "ServiceUnavailableException", AWS_ERROR_SERVER },
    { 400, "ExpiredTokenException", AWS_ERROR_CREDENTIALS }, { 400, "AccessDeniedException", AWS_ERROR_CLIENT },
  };
  g_autoptr (GString) page = g_string_new (NULL);
  gint64 from;

  begin (fixture);
  from = (gint64) (began / 1000.0 * 1000);
  for (guint i = 0; i < G_N_ELEMENTS (troubles); i++)
    {
      if (i == 0)
        add_line (page, "9", "t", 60000, START (B));
      answer_page (fixture, page, "next");
      probe_fixture_fail (fixture, "FilterLogEvents", troubles[i].status, troubles[i].code);
      probe_fixture_poll (fixture);
      g_assert_error (fixture->error, AWS_ERROR, (int) troubles[i].kind);
      if (i == 0)
        expect_start (fixture, B);
      probe_fixture_expect_nothing (fixture);
      g_assert_cmpint (get_start_time (fixture), ==, from);
    }
  /* A line of another environment, much older than what was read already. */
  add_line (page, "1", "s", 0, START (A));
  answer_page (fixture, page, NULL);
  probe_fixture_poll_well (fixture);
  g_assert_cmpint (get_start_time (fixture), ==, from);
  expect_start (fixture, A);
  expect_read (fixture);
  answer_page (fixture, page, NULL);
  probe_fixture_poll_well (fixture);
  g_assert_cmpint (get_start_time (fixture), ==, began + 60000 - LATE * 1000);
  expect_read (fixture);
}

static void
test_garbage (ProbeFixture  *fixture,
              gconstpointer  data)
{
  static const char *const answers[] = { "<html>Bad Gateway</html>", "", "[]", "7", "{}", "{'events': 7}", "{'events': {}, 'nextToken': []}" };
  g_autoptr (GString) page = g_string_new (NULL);

  begin (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      probe_fixture_answer (fixture, "FilterLogEvents", answers[i]);
      probe_fixture_poll (fixture);
      g_assert_error (fixture->error, AWS_ERROR, AWS_ERROR_ANSWER);
      probe_fixture_expect_nothing (fixture);
    }
  /* A token that stands still, events that are none, a clock that is years ahead. */
  probe_fixture_answer (fixture, "FilterLogEvents", "{'events': [3, null, [], {'eventId': 5, 'message': {}}, {'eventId': 'x', 'message': 'y'}], 'nextToken': 't'}");
  probe_fixture_answer (fixture, "FilterLogEvents", "{'events': [{'eventId': 'z', 'message': 'ahead', 'logStreamName': 's', 'timestamp': 9223372036854775807}], 'nextToken': 't'}");
  probe_fixture_poll_well (fixture);
  expect_read (fixture);
  add_line (page, "1", "s", 0, START (A));
  answer_page (fixture, page, NULL);
  probe_fixture_poll_well (fixture);
  g_assert_cmpint (get_start_time (fixture), <, g_get_real_time () / 1000 + 61000);
  probe_fixture_expect (fixture, "function-started", "invocationId", A, NULL);
}

static void
test_runs (void)
{
  g_autoptr (MillLogRuns) runs = mill_log_runs_new ();

  g_assert_null (mill_log_runs_find (runs, "s", 5));
  mill_log_runs_begin (runs, "s", "b", 20);
  mill_log_runs_begin (runs, "s", "a", 10);
  mill_log_runs_begin (runs, "t", "c", 15);
  mill_log_runs_end (runs, "s", "a", 12);
  mill_log_runs_end (runs, "u", "x", 12);
  g_assert_null (mill_log_runs_find (runs, "s", 9));
  g_assert_cmpstr (mill_log_runs_find (runs, "s", 10), ==, "a");
  g_assert_cmpstr (mill_log_runs_find (runs, "s", 12), ==, "a");
  g_assert_null (mill_log_runs_find (runs, "s", 13));
  g_assert_cmpstr (mill_log_runs_find (runs, "s", 1000), ==, "b");
  g_assert_cmpstr (mill_log_runs_find (runs, "t", 16), ==, "c");
  mill_log_runs_forget (runs, 19);
  g_assert_null (mill_log_runs_find (runs, "s", 12));
  g_assert_cmpstr (mill_log_runs_find (runs, "s", 1000), ==, "b");
  g_assert_cmpstr (mill_log_runs_find (runs, "t", 16), ==, "c");
  mill_log_runs_end (runs, "t", "c", 18);
  mill_log_runs_forget (runs, 19);
  g_assert_null (mill_log_runs_find (runs, "t", 16));
}

int
main (int   argc,
      char *argv[])
{
  static const struct { const char *name; void (*func) (ProbeFixture *, gconstpointer); } tests[] = {
    { "pages", test_pages }, { "late", test_late }, { "failed", test_failed }, { "json", test_json }, { "unlogged", test_unlogged }, { "long", test_long }, { "trouble", test_trouble },
    { "garbage", test_garbage },
  };

  probe_fixture_init (&argc, &argv);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *path = g_strconcat ("/log-probe/", tests[i].name, NULL);

      g_test_add (path, ProbeFixture, NULL, probe_fixture_set_up, tests[i].func, probe_fixture_tear_down);
    }
  g_test_add_func ("/log-runs", test_runs);
  return g_test_run ();
}
