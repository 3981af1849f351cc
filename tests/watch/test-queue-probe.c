/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-queue-probe.h"

#include <string.h>

#include "mill-mapping-probe.h"
#include "probe-fixture.h"

#define QUEUE "arn:aws:sqs:eu-west-1:123456789012:orders"
#define DEAD "arn:aws:sqs:eu-west-1:123456789012:dead"

static void
begin (ProbeFixture *fixture)
{
  g_autofree char *url = g_strconcat (test_server_get_url (fixture->client.server), "/123456789012/orders", NULL);

  probe_fixture_watch (fixture, mill_queue_probe_new (fixture->client.client, "Orders", url));
}

static void
on_dead_letters (GPtrArray  *found,
                 const char *arn)
{
  g_ptr_array_add (found, g_strdup (arn));
}

static void
test_counts (ProbeFixture  *fixture,
             gconstpointer  data)
{
  g_autoptr (GPtrArray) found = g_ptr_array_new_with_free_func (g_free);

  begin (fixture);
  g_signal_connect_swapped (fixture->probe, "dead-letters", G_CALLBACK (on_dead_letters), found);
  probe_fixture_answer (fixture, "GetQueueAttributes", "{'Attributes': {'ApproximateNumberOfMessages': '3', 'ApproximateNumberOfMessagesNotVisible': '2', "
                        "'ApproximateNumberOfMessagesDelayed': '1', 'VisibilityTimeout': '60'}}");
  probe_fixture_poll_well (fixture);
  probe_fixture_expect (fixture, "queue-seen", "component", "Orders", "waiting", "3", "inFlight", "2", "delayed", "1", "visibilityTimeout", "60",
                        "deadLetterQueueArn", NULL, NULL);
  test_server_push_to (fixture->client.server, "GetQueueAttributes", 200, NULL, "{\"Attributes\": {\"ApproximateNumberOfMessages\": \"-5\", "
                       "\"RedrivePolicy\": \"{\\\"deadLetterTargetArn\\\": \\\"" DEAD "\\\", \\\"maxReceiveCount\\\": \\\"4\\\"}\"}}");
  probe_fixture_poll (fixture);
  g_assert_error (fixture->error, AWS_ERROR, AWS_ERROR_ANSWER);
  test_server_push_to (fixture->client.server, "GetQueueAttributes", 200, NULL, "{\"Attributes\": {\"ApproximateNumberOfMessages\": \"5\", "
                       "\"RedrivePolicy\": \"{\\\"deadLetterTargetArn\\\": \\\"" DEAD "\\\", \\\"maxReceiveCount\\\": \\\"4\\\"}\"}}");
  probe_fixture_poll_well (fixture);
  probe_fixture_expect (fixture, "queue-seen", "waiting", "5", "inFlight", "0", "deadLetterQueueArn", DEAD, "maxReceiveCount", "4", NULL);
  probe_fixture_expect_nothing (fixture);
  g_assert_cmpuint (found->len, ==, 1);
  g_assert_cmpstr (found->pdata[0], ==, DEAD);
}

static void
test_trouble (ProbeFixture  *fixture,
              gconstpointer  data)
{
  static const char *const answers[] = {
    "<html>no</html>", "", "[]", "{}", "{'Attributes': []}", "{'Attributes': {}}", "{'Attributes': {'ApproximateNumberOfMessages': 'many'}}",
  };

  begin (fixture);
  test_server_push_to (fixture->client.server, "GetQueueAttributes", 400, "x-amzn-query-error: AWS.SimpleQueueService.NonExistentQueue;Sender\r\n",
                       "{\"__type\": \"com.amazonaws.sqs#QueueDoesNotExist\", \"message\": \"The specified queue does not exist.\"}");
  probe_fixture_poll (fixture);
  g_assert_error (fixture->error, AWS_ERROR, AWS_ERROR_CLIENT);
  g_assert_nonnull (strstr (fixture->error->message, "does not exist"));
  probe_fixture_fail (fixture, "GetQueueAttributes", 403, "RequestThrottled");
  probe_fixture_poll (fixture);
  g_assert_error (fixture->error, AWS_ERROR, AWS_ERROR_THROTTLED);
  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      probe_fixture_answer (fixture, "GetQueueAttributes", answers[i]);
      probe_fixture_poll (fixture);
      g_assert_error (fixture->error, AWS_ERROR, AWS_ERROR_ANSWER);
    }
  probe_fixture_expect_nothing (fixture);
  /* One call for each, whatever went wrong. */
  g_assert_cmpuint (test_server_count (fixture->client.server), ==, 2 + G_N_ELEMENTS (answers));
}

static gboolean
may_not (MillProbe *probe,
         gpointer   data)
{
  guint *left = data;

  return *left > 0 && (*left)--;
}

/* A call for which there is no room waits until it is asked again, and nothing is lost of what the poll has found already. */
static void
test_gate (ProbeFixture  *fixture,
           gconstpointer  data)
{
  guint left = 0;

  begin (fixture);
  mill_probe_set_gate (fixture->probe, may_not, &left);
  mill_probe_poll (fixture->probe);
  mill_probe_poll (fixture->probe);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (test_server_count (fixture->client.server), ==, 0);
  left = 1;
  probe_fixture_answer (fixture, "GetQueueAttributes", "{'Attributes': {'ApproximateNumberOfMessages': '1'}}");
  probe_fixture_poll_well (fixture);
  probe_fixture_expect (fixture, "queue-seen", "waiting", "1", NULL);
  g_assert_cmpuint (test_server_count (fixture->client.server), ==, 1);
}

static const char *
resolve (const char *kind,
         const char *id,
         const char *endpoint,
         gpointer    data)
{
  return strstr (id, "orders") != NULL ? "Orders" : strstr (id, "/stream/") != NULL ? "Table" : NULL;
}

static void
test_mappings (ProbeFixture  *fixture,
               gconstpointer  data)
{
  static const char *const answers[] = { "<html>no</html>", "{}", "{'EventSourceMappings': 'x'}" };

  probe_fixture_watch (fixture, mill_mapping_probe_new (fixture->client.client, "Store", "store", NULL, resolve, NULL));
  probe_fixture_answer (fixture, "event-source-mappings", "{'EventSourceMappings': [{'EventSourceArn': '" QUEUE "', 'FilterCriteria': {'Filters': [{'Pattern': '{}'}]}}],"
                        " 'NextMarker': 'm2'}");
  probe_fixture_answer (fixture, "Marker=m2", "{'EventSourceMappings': [3, {}, {'EventSourceArn': 'arn:aws:dynamodb:eu-west-1:1:table/t/stream/x', "
                        "'LastProcessingResult': 'PROBLEM: Access denied by the stream'}, {'EventSourceArn': '" DEAD "', 'LastProcessingResult': 'OK'}], 'NextMarker': 'm2'}");
  probe_fixture_poll_well (fixture);
  probe_fixture_expect (fixture, "mapping-seen", "functionComponent", "Store", "source", "Orders", "sourceKind", "queue", "filters", "true", NULL);
  probe_fixture_expect (fixture, "mapping-seen", "source", "Table", "sourceKind", "stream", "filters", "false", NULL);
  probe_fixture_expect (fixture, "mapping-failed", "error.message", "Access denied by the stream", NULL);
  probe_fixture_expect (fixture, "mapping-seen", "source", DEAD, NULL);
  probe_fixture_expect (fixture, "mappings-listed", "functionComponent", "Store", "sources", "[\"Orders\",\"Table\",\"" DEAD "\"]", NULL);
  probe_fixture_expect_nothing (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      probe_fixture_answer (fixture, "event-source-mappings", answers[i]);
      probe_fixture_poll (fixture);
      g_assert_error (fixture->error, AWS_ERROR, AWS_ERROR_ANSWER);
    }
  probe_fixture_expect_nothing (fixture);
}

int
main (int   argc,
      char *argv[])
{
  static const struct { const char *name; void (*func) (ProbeFixture *, gconstpointer); } tests[] = {
    { "/queue-probe/counts", test_counts }, { "/queue-probe/trouble", test_trouble }, { "/probe/gate", test_gate }, { "/mapping-probe", test_mappings },
  };

  probe_fixture_init (&argc, &argv);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].name, ProbeFixture, NULL, probe_fixture_set_up, tests[i].func, probe_fixture_tear_down);
  return g_test_run ();
}
