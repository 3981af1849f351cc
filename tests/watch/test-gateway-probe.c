/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-access-log-probe.h"

#include <string.h>

#include "aws-json.h"
#include "mill-stage-probe.h"
#include "probe-fixture.h"

#define GROUP "arn:aws:logs:eu-west-1:123456789012:log-group:access"

typedef struct
{
  guint  times;
  char  *group;
  char  *format;
} Seen;

static void
on_access_log (Seen       *seen,
               const char *group,
               const char *format)
{
  seen->times++;
  g_free (seen->group);
  g_free (seen->format);
  seen->group = g_strdup (group);
  seen->format = g_strdup (format);
}

/* Switched on, written in another way, sent elsewhere, switched off: each is told once, and nonsense changes nothing. */
static void
test_stage (ProbeFixture  *fixture,
            gconstpointer  data)
{
  static const struct { const char *answer; guint times; const char *group, *format; } stages[] = {
    { "{}", 0, NULL, NULL },
    { "{'accessLogSettings': {'destinationArn': '" GROUP "', 'format': '$context.requestId'}}", 1, "access", "$context.requestId" },
    { "{'accessLogSettings': {'destinationArn': '" GROUP ":*', 'format': '$context.requestId'}}", 1, "access", "$context.requestId" },
    { "{'accessLogSettings': {'destinationArn': '" GROUP "', 'format': '$context.requestId $context.status'}}", 2, "access", "$context.requestId $context.status" },
    { "{'accessLogSettings': {'destinationArn': 'arn:aws:firehose:eu-west-1:1:deliverystream/x', 'format': '$context.requestId'}}", 3, NULL, NULL },
    { "{'accessLogSettings': {'destinationArn': 7, 'format': []}}", 3, NULL, NULL },
    { "{'accessLogSettings': [1]}", 3, NULL, NULL },
  };
  Seen seen = { 0 };

  probe_fixture_watch (fixture, mill_stage_probe_new (fixture->client.client, "Stage", "api1", "prod"));
  g_signal_connect_swapped (fixture->probe, "access-log", G_CALLBACK (on_access_log), &seen);
  for (guint i = 0; i < G_N_ELEMENTS (stages); i++)
    {
      probe_fixture_answer (fixture, "/restapis/api1/stages/prod", stages[i].answer);
      probe_fixture_poll_well (fixture);
      g_assert_cmpuint (seen.times, ==, stages[i].times);
      g_assert_cmpstr (seen.group, ==, stages[i].group);
      g_assert_cmpstr (seen.format, ==, stages[i].format);
    }
  /* Gone with its API, or nobody may look: what was known stays. */
  probe_fixture_fail (fixture, "/restapis/api1/stages/prod", 404, "NotFoundException");
  probe_fixture_poll (fixture);
  g_assert_nonnull (fixture->error);
  g_assert_cmpuint (seen.times, ==, 3);
  probe_fixture_expect_nothing (fixture);
  g_free (seen.group);
  g_free (seen.format);
}

/* Lines come late, again, in another order, on several pages, and some are none. */
static void
test_lines (ProbeFixture  *fixture,
            gconstpointer  data)
{
  probe_fixture_watch (fixture, mill_access_log_probe_new (fixture->client.client, "Stage", 1000, "api1", "prod", "access",
                                                           "$context.requestId $context.status $context.httpMethod $context.path", 1));
  probe_fixture_answer (fixture, "FilterLogEvents", "{'events': [{'eventId': 'b', 'logStreamName': 's', 'timestamp': 1002000, 'message': 'r2 403 GET /prod/no'},"
                        " {'eventId': 'x', 'logStreamName': 's', 'timestamp': 1002000, 'message': 'something else'}, 7, {'eventId': 3}], 'nextToken': 't'}");
  probe_fixture_answer (fixture, "\"nextToken\":\"t\"", "{'events': [{'eventId': 'c', 'logStreamName': 's', 'timestamp': 1002500, 'message': 'r3 200 POST /prod/\\n'}]}");
  probe_fixture_poll_well (fixture);
  probe_fixture_expect (fixture, "gateway-logged", "requestId", "r2", "apiId", "api1", "status", "403", "method", "GET", "path", "/no", NULL);
  probe_fixture_expect (fixture, "gateway-logged", "requestId", "r3", "status", "200", "method", "POST", "path", "/", NULL);
  probe_fixture_expect_nothing (fixture);
  probe_fixture_answer (fixture, "FilterLogEvents", "{'events': [{'eventId': 'b', 'logStreamName': 's', 'timestamp': 1002000, 'message': 'r2 403 GET /prod/no'},"
                        " {'eventId': 'a', 'logStreamName': 't', 'timestamp': 1001800, 'message': 'r1 500 POST /prod/'}]}");
  probe_fixture_poll_well (fixture);
  probe_fixture_expect (fixture, "gateway-logged", "requestId", "r1", "status", "500", NULL);
  probe_fixture_expect_nothing (fixture);
  /* The group is made with the first line, and may be deleted. */
  probe_fixture_fail (fixture, "FilterLogEvents", 400, "ResourceNotFoundException");
  probe_fixture_poll_well (fixture);
  probe_fixture_expect_nothing (fixture);
}

/* API Gateway's own id does as well: who sends gets it in a header. */
static void
test_extended (ProbeFixture  *fixture,
               gconstpointer  data)
{
  probe_fixture_watch (fixture, mill_access_log_probe_new (fixture->client.client, "Stage", 1000, "api1", "prod", "access",
                                                           "$context.extendedRequestId $context.status", 1));
  probe_fixture_answer (fixture, "FilterLogEvents", "{'events': [{'eventId': 'b', 'logStreamName': 's', 'timestamp': 1002000, 'message': 'Zm9vYmFyMTIz= 200'}]}");
  probe_fixture_poll_well (fixture);
  probe_fixture_expect (fixture, "gateway-logged", "requestId", "Zm9vYmFyMTIz=", "status", "200", NULL);
  probe_fixture_expect_nothing (fixture);
}

/* Without the request's id nobody knows which requests are known already: nothing is asked, and it is said what to do. */
static void
test_nameless (ProbeFixture  *fixture,
               gconstpointer  data)
{
  probe_fixture_watch (fixture, mill_access_log_probe_new (fixture->client.client, "Stage", 1000, "api1", "prod", "access",
                                                           "$context.status $context.path", 1));
  probe_fixture_poll (fixture);
  g_assert_error (fixture->error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA);
  g_assert_nonnull (strstr (fixture->error->message, "$context.requestId"));
  g_assert_cmpuint (probe_fixture_count (fixture, "FilterLogEvents"), ==, 0);
}

int
main (int   argc,
      char *argv[])
{
  static const struct { const char *name; void (*func) (ProbeFixture *, gconstpointer); } tests[] = {
    { "/stage-probe", test_stage }, { "/access-log-probe/lines", test_lines }, { "/access-log-probe/extended", test_extended },
    { "/access-log-probe/nameless", test_nameless },
  };

  probe_fixture_init (&argc, &argv);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].name, ProbeFixture, NULL, probe_fixture_set_up, tests[i].func, probe_fixture_tear_down);
  return g_test_run ();
}
