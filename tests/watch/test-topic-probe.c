/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-topic-probe.h"

#include <string.h>

#include "aws-json.h"
#include "probe-fixture.h"

#define TOPIC "arn:aws:sns:eu-west-1:123456789012:orders"

/* The tap is ours. */
static const char *
resolve (const char *kind,
         const char *id,
         const char *endpoint,
         gpointer    data)
{
  return g_str_equal (kind, "tap") && strstr (id, ":millrace-tap-") != NULL ? "Topic" : NULL;
}

static void
begin (ProbeFixture *fixture)
{
  probe_fixture_watch (fixture, mill_topic_probe_new (fixture->client.client, "Topic", TOPIC, resolve, NULL));
}

/* The subscriptions @first to @last; @token: of the next page, or NULL. */
static void
answer_page (ProbeFixture *fixture,
             guint         first,
             guint         last,
             const char   *more,
             const char   *token)
{
  g_autoptr (GString) xml = g_string_new ("<ListSubscriptionsByTopicResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><ListSubscriptionsByTopicResult><Subscriptions>");

  for (guint i = first; i <= last; i++)
    g_string_append_printf (xml, "<member><SubscriptionArn>" TOPIC ":%u.</SubscriptionArn><Protocol>email</Protocol><Endpoint>n%u@example.com</Endpoint></member>", i, i);
  g_string_append_printf (xml, "%s</Subscriptions>", more);
  if (token != NULL)
    g_string_append_printf (xml, "<NextToken>%s</NextToken>", token);
  g_string_append (xml, "</ListSubscriptionsByTopicResult></ListSubscriptionsByTopicResponse>");
  test_server_push_to (fixture->client.server, "Action=ListSubscriptionsByTopic", 200, NULL, xml->str);
}

static void
answer_attributes (ProbeFixture *fixture,
                   const char   *policy)
{
  g_autofree char *xml = g_strdup_printf ("<GetSubscriptionAttributesResponse><GetSubscriptionAttributesResult><Attributes><entry><key>FilterPolicy</key><value>%s</value></entry>"
                                          "</Attributes></GetSubscriptionAttributesResult></GetSubscriptionAttributesResponse>", policy);

  test_server_push_to (fixture->client.server, "Action=GetSubscriptionAttributes", 200, NULL, xml);
}

static void
fail_attributes (ProbeFixture *fixture,
                 guint         status,
                 const char   *code)
{
  g_autofree char *xml = g_strdup_printf ("<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>Rate exceeded</Message></Error></ErrorResponse>", code);

  test_server_push_to (fixture->client.server, "Action=GetSubscriptionAttributes", status, NULL, xml);
}

#define NO_POLICY "{}"
#define A_POLICY "{&quot;kind&quot;: [&quot;a&quot;]}"

static void
test_pages (ProbeFixture  *fixture,
            gconstpointer  data)
{
  JsonArray *found;

  begin (fixture);
  answer_page (fixture, 1, 1, "<member><SubscriptionArn>PendingConfirmation</SubscriptionArn><Protocol>email</Protocol><Endpoint>p@example.com</Endpoint></member>"
               "<member><SubscriptionArn>Deleted</SubscriptionArn><Protocol>email</Protocol><Endpoint>d@example.com</Endpoint></member>"
               "<member><SubscriptionArn>" TOPIC ":tap</SubscriptionArn><Protocol>sqs</Protocol><Endpoint>arn:aws:sqs:eu-west-1:1:millrace-tap-1</Endpoint></member>"
               "<member><Protocol>email</Protocol></member><member/>", "two");
  answer_page (fixture, 2, 3, "", "two");
  answer_attributes (fixture, NO_POLICY);
  answer_attributes (fixture, A_POLICY);
  fail_attributes (fixture, 404, "NotFound");
  probe_fixture_poll_well (fixture);
  found = aws_json_get_array (g_queue_peek_head (&fixture->told), "subscriptions");
  g_assert_cmpuint (json_array_get_length (found), ==, 4);
  for (guint i = 0; i < 4; i++)
    {
      static const char *const endpoints[] = { "n1@example.com", "p@example.com", "n2@example.com", "n3@example.com" };
      JsonObject *each = json_array_get_object_element (found, i);

      g_assert_cmpstr (json_object_get_string_member (each, "endpoint"), ==, endpoints[i]);
      g_assert_cmpint (json_object_get_boolean_member (each, "pending"), ==, i == 1);
      g_assert_cmpint (json_object_get_boolean_member (each, "filters"), ==, i == 2);
    }
  probe_fixture_expect (fixture, "topic-seen", "component", "Topic", "topicArn", TOPIC, NULL);
  probe_fixture_expect_nothing (fixture);
}

/* Throttled in the middle: no claim is made of what was not read, and what was read is not asked again. */
static void
test_throttled (ProbeFixture  *fixture,
                gconstpointer  data)
{
  begin (fixture);
  answer_page (fixture, 1, 30, "", NULL);
  for (guint i = 0; i < 20; i++)
    answer_attributes (fixture, i == 0 ? A_POLICY : NO_POLICY);
  fail_attributes (fixture, 400, "Throttling");
  probe_fixture_poll (fixture);
  g_assert_error (fixture->error, AWS_ERROR, AWS_ERROR_THROTTLED);
  probe_fixture_expect_nothing (fixture);
  g_assert_cmpuint (probe_fixture_count (fixture, "Action=GetSubscriptionAttributes"), ==, 21);

  answer_page (fixture, 1, 30, "", NULL);
  for (guint i = 0; i < 20; i++)
    answer_attributes (fixture, i == 0 ? A_POLICY : NO_POLICY);
  probe_fixture_poll_well (fixture);
  probe_fixture_expect (fixture, "topic-seen", NULL);
  g_assert_cmpuint (probe_fixture_count (fixture, "Action=GetSubscriptionAttributes"), ==, 21 + 20);

  /* From now on some of them in turn. */
  for (guint n = 0; n < 3; n++)
    {
      JsonObject *first;

      answer_page (fixture, 1, 30, "", NULL);
      for (guint i = 0; i < 10; i++)
        answer_attributes (fixture, NO_POLICY);
      probe_fixture_poll_well (fixture);
      g_assert_cmpuint (probe_fixture_count (fixture, "Action=GetSubscriptionAttributes"), ==, 51 + 10 * n);
      first = json_array_get_object_element (aws_json_get_array (g_queue_peek_head (&fixture->told), "subscriptions"), 0);
      g_assert_cmpint (json_object_get_boolean_member (first, "filters"), ==, n < 2);
      probe_fixture_expect (fixture, "topic-seen", NULL);
    }
}

static void
test_garbage (ProbeFixture  *fixture,
              gconstpointer  data)
{
  static const char *const answers[] = { "<html>no</html>", "", "{}", "<ListSubscriptionsByTopicResponse>" };

  begin (fixture);
  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      probe_fixture_answer (fixture, "Action=ListSubscriptionsByTopic", answers[i]);
      probe_fixture_poll (fixture);
      g_assert_error (fixture->error, AWS_ERROR, AWS_ERROR_ANSWER);
    }
  answer_page (fixture, 1, 1, "", NULL);
  probe_fixture_answer (fixture, "Action=GetSubscriptionAttributes", "<html>no</html>");
  probe_fixture_poll (fixture);
  g_assert_error (fixture->error, AWS_ERROR, AWS_ERROR_ANSWER);
  probe_fixture_expect_nothing (fixture);
}

int
main (int   argc,
      char *argv[])
{
  static const struct { const char *name; void (*func) (ProbeFixture *, gconstpointer); } tests[] = {
    { "/topic-probe/pages", test_pages }, { "/topic-probe/throttled", test_throttled }, { "/topic-probe/garbage", test_garbage },
  };

  probe_fixture_init (&argc, &argv);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    g_test_add (tests[i].name, ProbeFixture, NULL, probe_fixture_set_up, tests[i].func, probe_fixture_tear_down);
  return g_test_run ();
}
