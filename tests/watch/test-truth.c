/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What probes see on the practice cloud is what the true event stream tells, message by message and hop by hop. Both watch the same
 * deployment at the same time; whatever differs is named.
 */
#include <string.h>

#include "aws-json.h"
#include "mill-tap.h"
#include "truth-bench.h"

#define BURST_SECONDS 60

/* Without a line that says what it is about. */
static const char silent_code[] =
  "import json, os, uuid\n"
  "import boto3\n"
  "table = boto3.resource('dynamodb').Table(os.environ['TABLE_NAME'])\n"
  "def lambda_handler(event, context):\n"
  "    for record in event['Records']:\n"
  "        attempt = int(record['attributes']['ApproximateReceiveCount'])\n"
  "        if attempt <= json.loads(record['body']).get('raise', 0):\n"
  "            raise ValueError('not at attempt %d' % attempt)\n"
  "        table.put_item(Item={'orderID': str(uuid.uuid4()), 'order': record['body']})\n";

static void
confirm_all (TruthBench *bench)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *url = g_strconcat (aws_client_get_endpoint (bench->client), "/_millrace/inbox", NULL);
  g_autoptr (JsonObject) answer = aws_client_http (bench->client, "millrace", "GET", url, NULL, NULL, NULL, &error);
  g_autoptr (JsonObject) inbox = NULL;
  JsonArray *messages;

  g_assert_no_error (error);
  inbox = aws_json_parse_object (aws_json_get_string (answer, "body"), -1, &error);
  g_assert_no_error (error);
  messages = aws_json_get_array (inbox, "messages");
  for (guint i = 0; i < json_array_get_length (messages); i++)
    {
      const char *link = aws_json_get_string (json_array_get_object_element (messages, i), "confirmation");

      if (link != NULL)
        json_object_unref (aws_client_http (bench->client, NULL, "GET", link, NULL, NULL, NULL, &error));
      g_assert_no_error (error);
    }
}

static void
subscriptions (TruthBench *bench)
{
  truth_send_one (bench, "{'item': 'one'}");
  truth_agree (bench, "a subscription that nobody confirmed", 1, MILL_TRACE_FAILED);
  confirm_all (bench);
  truth_send_one (bench, "{'item': 'one'}");
  truth_agree (bench, "one message", 1, MILL_TRACE_DELIVERED);
  truth_send_one (bench, "letters & numbers + 100 % „Ü“ \\ <tag>");
  truth_agree (bench, "a message that is no JSON", 1, MILL_TRACE_DELIVERED);
  TRUTH_CALL (bench, "sns:Subscribe", "{'TopicArn': '%s', 'Protocol': 'email', 'Endpoint': 'second@example.com'}", truth_get_arn (bench, "Topic"));
  truth_send_one (bench, "{'item': 'two'}");
  truth_agree (bench, "two subscribers, one of them not confirmed", 1, MILL_TRACE_FAILED);
  confirm_all (bench);
  truth_send_one (bench, "{'item': 'two'}");
  truth_agree (bench, "two subscribers", 1, MILL_TRACE_DELIVERED);
}

static void
filter_policy (TruthBench *bench)
{
  g_autoptr (JsonObject) list = truth_call (bench, "sns:ListSubscriptionsByTopic", "{'TopicArn': '%s'}", truth_get_arn (bench, "Topic"));
  JsonArray *all = aws_json_get_array (list, "Subscriptions");
  const char *first = NULL;

  for (guint i = 0; i < json_array_get_length (all); i++)
    {
      JsonObject *each = json_array_get_object_element (all, i);
      const char *arn = aws_json_get_string (each, "SubscriptionArn");

      if (g_str_equal (aws_json_get_string (each, "Endpoint"), "second@example.com"))
        TRUTH_CALL (bench, "sns:Unsubscribe", "{'SubscriptionArn': '%s'}", arn);
      else
        first = arn;
    }
  TRUTH_CALL (bench, "sns:SetSubscriptionAttributes", "{'SubscriptionArn': '%s', 'AttributeName': 'FilterPolicy', 'AttributeValue': '{\\\"colour\\\": [\\\"red\\\"]}'}", first);
  truth_send_one (bench, "{'item': 'filtered by the subscription'}");
  truth_agree (bench, "a subscription's filter", 1, MILL_TRACE_FILTERED);
  TRUTH_CALL (bench, "sns:SetSubscriptionAttributes", "{'SubscriptionArn': '%s', 'AttributeName': 'FilterPolicy', 'AttributeValue': '{}'}", first);
}

static void
failures (TruthBench *bench)
{
  truth_measure (bench);
  truth_give_seconds (bench, bench->unit);
  truth_send_one (bench, "{'raise': 2}");
  truth_agree (bench, "a function that fails twice and then succeeds", 1, MILL_TRACE_DELIVERED);
  truth_send_one (bench, "{'sleep': 1}");
  truth_agree (bench, "a time-out, then success", 1, MILL_TRACE_DELIVERED);
  truth_send_one (bench, "{'exit': 1}");
  truth_agree (bench, "a process that ends by itself, then success", 1, MILL_TRACE_DELIVERED);
  truth_send_one (bench, "{'break': 2}");
  truth_agree (bench, "a stream's reader that fails twice and then succeeds", 1, MILL_TRACE_DELIVERED);
}

static void
batches (TruthBench *bench)
{
  /* Longer than the window in which messages wait for others. */
  truth_give_seconds (bench, 4 * bench->unit);
  TRUTH_CALL (bench, "lambda:UpdateEventSourceMapping", "{'UUID': '%s', 'MaximumBatchingWindowInSeconds': 1, 'BatchSize': 10}", bench->store_mapping);
  truth_wait_for_mapping (bench, bench->store_mapping);
  for (guint i = 0; i < 10; i++)
    truth_add_body (bench, i == 3 || i == 7 ? "{'poison': 1}" : "{'item': 'in a batch'}");
  truth_send_all (bench);
  truth_agree (bench, "a batch with two poisoned messages", 10, MILL_TRACE_DELIVERED);
  for (guint i = 0; i < 10; i++)
    truth_add_body (bench, i == 5 ? "{'raise': 1}" : "{'item': 'in a batch'}");
  truth_send_all (bench);
  truth_agree (bench, "a batch that fails as a whole", 10, MILL_TRACE_DELIVERED);
  /* Nothing is to fail here, however many want to be served at once: what is cut off before its line says that it wrote, no probe can tell of. */
  truth_give_seconds (bench, BURST_SECONDS);
  TRUTH_CALL (bench, "lambda:UpdateEventSourceMapping", "{'UUID': '%s', 'MaximumBatchingWindowInSeconds': 0}", bench->store_mapping);
  truth_wait_for_mapping (bench, bench->store_mapping);
  for (guint i = 0; i < 500; i++)
    truth_add_body (bench, "{'item': 'one of many'}");
  truth_send_all (bench);
  truth_agree (bench, "500 messages from 8 clients", 500, MILL_TRACE_DELIVERED);
  truth_give_seconds (bench, bench->unit);
}

static void
dead_letters (TruthBench *bench)
{
  g_autoptr (JsonObject) made = truth_call (bench, "sqs:CreateQueue", "{'QueueName': 'dead-letters'}");
  g_autofree char *arn = g_strdup (truth_get_arn (bench, "Queue"));
  g_autofree char *dead = NULL;

  *strrchr (arn, ':') = '\0';
  dead = g_strconcat (arn, ":dead-letters", NULL);
  TRUTH_CALL (bench, "sqs:SetQueueAttributes", "{'QueueUrl': '%s', 'Attributes': {'RedrivePolicy': '{\\\"deadLetterTargetArn\\\": \\\"%s\\\", \\\"maxReceiveCount\\\": 2}'}}",
        bench->queue, dead);
  truth_send_one (bench, "{'raise': 99}");
  truth_agree (bench, "a dead letter", 1, MILL_TRACE_FAILED);
  for (guint i = 0; i < 4; i++)
    truth_add_body (bench, i == 1 ? "{'poison': 99}" : "{'item': 'good'}");
  truth_send_all (bench);
  truth_agree (bench, "a dead letter among good ones", 4, MILL_TRACE_FAILED);
  truth_send_one (bench, "{'sleep': 99}");
  truth_agree (bench, "a dead letter after time-outs", 1, MILL_TRACE_FAILED);
  TRUTH_CALL (bench, "sqs:SetQueueAttributes", "{'QueueUrl': '%s', 'Attributes': {'RedrivePolicy': ''}}", bench->queue);
}

static void
filters (TruthBench *bench)
{
  TRUTH_CALL (bench, "lambda:UpdateEventSourceMapping", "{'UUID': '%s', 'FilterCriteria': {'Filters': [{'Pattern': '{\\\"body\\\": {\\\"wanted\\\": [true]}}'}]}}",
        bench->store_mapping);
  truth_wait_for_mapping (bench, bench->store_mapping);
  truth_send_one (bench, "{'wanted': false}");
  truth_agree (bench, "a queue's message that a mapping's filter keeps back", 1, MILL_TRACE_FILTERED);
  truth_add_body (bench, "{'wanted': false}");
  truth_add_body (bench, "{'wanted': true}");
  truth_send_all (bench);
  truth_agree (bench, "two messages, one of them filtered", 2, MILL_TRACE_FILTERED);
  TRUTH_CALL (bench, "lambda:UpdateEventSourceMapping", "{'UUID': '%s', 'FilterCriteria': {}}", bench->store_mapping);
  truth_wait_for_mapping (bench, bench->store_mapping);
  TRUTH_CALL (bench, "lambda:UpdateEventSourceMapping", "{'UUID': '%s', 'FilterCriteria': {'Filters': [{'Pattern': '{\\\"eventName\\\": [\\\"REMOVE\\\"]}'}]}}",
        bench->notify_mapping);
  truth_wait_for_mapping (bench, bench->notify_mapping);
  truth_send_one (bench, "{'item': 'kept from the stream reader'}");
  truth_agree (bench, "a stream's record that a mapping's filter keeps back", 1, MILL_TRACE_FILTERED);
  TRUTH_CALL (bench, "lambda:UpdateEventSourceMapping", "{'UUID': '%s', 'FilterCriteria': {}}", bench->notify_mapping);
  truth_wait_for_mapping (bench, bench->notify_mapping);
}

static void
switched_off (TruthBench *bench)
{
  TRUTH_CALL (bench, "lambda:UpdateEventSourceMapping", "{'UUID': '%s', 'Enabled': false}", bench->store_mapping);
  truth_wait_for_mapping (bench, bench->store_mapping);
  truth_send_one (bench, "{'item': 'nobody takes it'}");
  truth_agree (bench, "a trigger that is switched off", 1, MILL_TRACE_STUCK);
  TRUTH_CALL (bench, "lambda:UpdateEventSourceMapping", "{'UUID': '%s', 'Enabled': true}", bench->store_mapping);
  truth_wait_for_mapping (bench, bench->store_mapping);
  bench->seen--;
  truth_agree (bench, "… and on again", 1, MILL_TRACE_DELIVERED);
}

/* @policy: the queue's: without the statement that lets the function's role receive */
static void
let_nobody_receive (TruthBench *bench,
                    const char *policy)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) document = aws_json_parse_object (policy, -1, &error);
  g_autoptr (JsonObject) parameters = json_object_new ();
  JsonObject *set = json_object_new ();
  JsonArray *statements = aws_json_get_array (document, "Statement");
  g_autofree char *text = NULL;

  for (guint i = json_array_get_length (statements); i-- > 0;)
    if (g_strcmp0 (aws_json_get_string (json_array_get_object_element (statements, i), "Sid"), "__receiver_statement") == 0)
      json_array_remove_element (statements, i);
  text = aws_json_object_to_text (document);
  json_object_set_string_member (set, "Policy", text);
  json_object_set_string_member (parameters, "QueueUrl", bench->queue);
  json_object_set_object_member (parameters, "Attributes", set);
  json_object_unref (aws_client_call (bench->client, "sqs:SetQueueAttributes", parameters, NULL, &error));
  g_assert_no_error (error);
}

static void
permissions (TruthBench *bench)
{
  g_autofree char *write_policy = g_strdup (truth_get_arn (bench, "WritePolicy"));
  g_autofree char *read_policy = g_strdup (truth_get_arn (bench, "QueueReadPolicy"));
  g_autofree char *publish_policy = g_strdup (truth_get_arn (bench, "PublishPolicy"));
  g_autofree char *store_role = truth_get_physical_id (bench, "StoreRole");
  g_autofree char *notify_role = truth_get_physical_id (bench, "NotifyRole");
  g_autoptr (JsonObject) attributes = truth_call (bench, "sqs:GetQueueAttributes", "{'QueueUrl': '%s', 'AttributeNames': ['Policy']}", bench->queue);
  g_autoptr (JsonObject) restored = json_object_new ();
  g_autoptr (GError) error = NULL;

  TRUTH_CALL (bench, "iam:DetachRolePolicy", "{'RoleName': '%s', 'PolicyArn': '%s'}", store_role, write_policy);
  truth_send_one (bench, "{'item': 'not written'}");
  truth_agree (bench, "a function that may not write", 1, MILL_TRACE_STUCK);
  TRUTH_CALL (bench, "iam:AttachRolePolicy", "{'RoleName': '%s', 'PolicyArn': '%s'}", store_role, write_policy);
  bench->seen--;
  truth_agree (bench, "… and then may", 1, MILL_TRACE_DELIVERED);
  TRUTH_CALL (bench, "iam:DetachRolePolicy", "{'RoleName': '%s', 'PolicyArn': '%s'}", notify_role, publish_policy);
  truth_send_one (bench, "{'item': 'not announced'}");
  truth_agree (bench, "a function that may not publish", 1, MILL_TRACE_STUCK);
  TRUTH_CALL (bench, "iam:AttachRolePolicy", "{'RoleName': '%s', 'PolicyArn': '%s'}", notify_role, publish_policy);
  bench->seen--;
  truth_agree (bench, "… and then may", 1, MILL_TRACE_DELIVERED);
  TRUTH_CALL (bench, "iam:DetachRolePolicy", "{'RoleName': '%s', 'PolicyArn': '%s'}", store_role, read_policy);
  let_nobody_receive (bench, aws_json_get_string (attributes, "Attributes.Policy"));
  /* A poll that was begun goes on, on AWS too; another cloud begins with one that is refused. */
  truth_restart_cloud (bench);
  truth_send_one (bench, "{'item': 'not taken'}");
  truth_agree (bench, "a function that may not receive", 1, MILL_TRACE_STUCK);
  TRUTH_CALL (bench, "iam:AttachRolePolicy", "{'RoleName': '%s', 'PolicyArn': '%s'}", store_role, read_policy);
  /* … at once, without the pause after a failure. */
  truth_restart_cloud (bench);
  bench->seen--;
  truth_agree (bench, "… and then may", 1, MILL_TRACE_DELIVERED);
  TRUTH_CALL (bench, "sqs:SetQueueAttributes", "{'QueueUrl': '%s', 'Attributes': {'Policy': ''}}", bench->queue);
  truth_send_one (bench, "{'item': 'not queued'}");
  truth_agree (bench, "a gateway that may not send", 1, MILL_TRACE_FAILED);
  json_object_set_string_member (restored, "QueueUrl", bench->queue);
  json_object_set_object_member (restored, "Attributes", json_object_ref (aws_json_get_object (attributes, "Attributes")));
  json_object_unref (aws_client_call (bench->client, "sqs:SetQueueAttributes", restored, NULL, &error));
  g_assert_no_error (error);
}

static void
other_ways_in (TruthBench *bench)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) invoked = NULL;
  g_autoptr (JsonObject) tested = NULL;

  TRUTH_CALL (bench, "sqs:SendMessage", "{'QueueUrl': '%s', 'MessageBody': 'straight'}", bench->queue);
  truth_agree (bench, "a message sent straight to the queue", 1, MILL_TRACE_DELIVERED);
  TRUTH_CALL (bench, "sqs:SendMessage", "{'QueueUrl': '%s', 'MessageBody': 'late', 'DelaySeconds': 1}", bench->queue);
  truth_agree (bench, "a message that was delayed", 1, MILL_TRACE_DELIVERED);
  tested = fixture_act (bench->engine, bench->deployment, "test-method", NULL, &error);
  g_assert_no_error (error);
  truth_agree (bench, "a test of the gateway's method", 1, MILL_TRACE_DELIVERED);
  invoked = fixture_act (bench->engine, bench->deployment, "test-store", NULL, &error);
  g_assert_no_error (error);
  truth_agree (bench, "a function called by hand", 1, MILL_TRACE_DELIVERED);
}

static void
restarts (TruthBench *bench)
{
  truth_send_one (bench, "{'raise': 1, 'item': 'while nobody looks'}");
  truth_wait_for_retries (bench, 1);
  truth_stop_watches (bench);
  g_assert_true (mill_trace_store_flush (bench->stores[0], NULL));
  g_assert_true (mill_trace_store_flush (bench->stores[1], NULL));
  truth_start_watches (bench);
  truth_agree (bench, "a watch that is ended and begun again while a message is under way", 1, MILL_TRACE_DELIVERED);
}

/* What is under way when the cloud ends goes on in the next one: one message has failed and is to come back, others wait, none is lost or doubled. */
static void
cloud_restarts (TruthBench *bench)
{
  truth_add_body (bench, "{'raise': 1, 'item': 'tried before the end'}");
  truth_add_body (bench, "{'poison': 1, 'item': 'reported before the end'}");
  truth_send_all (bench);
  truth_wait_for_retries (bench, 2);
  for (guint i = 0; i < 3; i++)
    TRUTH_CALL (bench, "sqs:SendMessage", "{'QueueUrl': '%s', 'MessageBody': 'waits for the next cloud', 'DelaySeconds': 2}", bench->queue);
  truth_restart_cloud (bench);
  truth_send_one (bench, "{'item': 'after the end'}");
  truth_agree (bench, "the practice cloud is ended and begun again while messages are under way", 6, MILL_TRACE_DELIVERED);
}

/* The stage's access log tells of what others send, and of what never reaches the queue; what we send ourselves is not seen twice. */
static void
strangers (TruthBench *bench)
{
  const char *trust = "{'RoleName': 'gateway-logs', 'AssumeRolePolicyDocument': '{\\\"Version\\\": \\\"2012-10-17\\\", \\\"Statement\\\": [{\\\"Effect\\\": "
                      "\\\"Allow\\\", \\\"Principal\\\": {\\\"Service\\\": \\\"apigateway.amazonaws.com\\\"}, \\\"Action\\\": \\\"sts:AssumeRole\\\"}]}'}";
  g_autoptr (JsonObject) role = truth_call (bench, "iam:CreateRole", trust);
  g_autoptr (AwsClient) stranger = aws_client_new (aws_client_get_region (bench->client), aws_client_get_endpoint (bench->client), NULL);
  g_autofree char *api = truth_get_physical_id (bench, "Api");
  g_autofree char *stage = truth_get_physical_id (bench, "ApiStage");
  g_autofree char *url = g_strdup_printf ("%s/_aws/execute-api/%s/%s/", aws_client_get_endpoint (stranger), api, stage);
  g_autofree char *wrong = g_strconcat (url, "no-such-path", NULL);
  const char *headers[] = { "Content-Type", "application/json", NULL };
  g_autoptr (GError) error = NULL;

  TRUTH_CALL (bench, "iam:AttachRolePolicy", "{'RoleName': 'gateway-logs',"
              " 'PolicyArn': 'arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs'}");
  TRUTH_CALL (bench, "apigateway:UpdateAccount", "{'patchOperations': [{'op': 'replace', 'path': '/cloudwatchRoleArn', 'value': '%s'}]}",
              aws_json_get_string (role, "Role.Arn"));
  TRUTH_CALL (bench, "apigateway:UpdateStage", "{'restApiId': '%s', 'stageName': '%s', 'patchOperations': [{'op': 'add', 'path': '/accessLogSettings/destinationArn',"
              " 'value': 'arn:aws:logs:us-east-1:000000000000:log-group:access'}, {'op': 'add', 'path': '/accessLogSettings/format', 'value':"
              " '$context.requestId $context.requestTimeEpoch $context.responseLatency $context.httpMethod $context.path $context.status $context.error.message'}]}",
              api, stage);
  truth_stop_watches (bench);
  truth_start_watches (bench);
  bench->unread = TRUE;
  json_object_unref (aws_client_http (stranger, NULL, "POST", url, headers, "{\"item\": \"from a stranger\"}", NULL, &error));
  g_assert_no_error (error);
  truth_agree (bench, "a message that somebody else sent", 1, MILL_TRACE_DELIVERED);
  json_object_unref (aws_client_http (stranger, NULL, "GET", wrong, NULL, NULL, NULL, &error));
  g_assert_no_error (error);
  truth_agree (bench, "a request that somebody else sent to a wrong path", 1, MILL_TRACE_FAILED);
  bench->unread = FALSE;
  TRUTH_CALL (bench, "apigateway:UpdateStage", "{'restApiId': '%s', 'stageName': '%s', 'patchOperations': [{'op': 'replace', 'path': '/accessLogSettings/format',"
              " 'value': '$context.extendedRequestId $context.requestTimeEpoch $context.responseLatency $context.httpMethod $context.status'}]}", api, stage);
  truth_stop_watches (bench);
  truth_start_watches (bench);
  truth_send_one (bench, "{'item': 'of our own'}");
  truth_agree (bench, "a message of our own, which the access log knows by API Gateway's id alone", 1, MILL_TRACE_DELIVERED);
}

static void
silence (TruthBench *bench)
{
  g_autoptr (GError) error = NULL;

  fixture_set_code (bench->engine, bench->deployment, "StoreFunction", "lambda_function.py", silent_code, &error);
  g_assert_no_error (error);
  truth_send_one (bench, "{'item': 'nothing is said'}");
  truth_agree (bench, "a function that logs nothing", 1, MILL_TRACE_DELIVERED);
  truth_send_one (bench, "{'raise': 1}");
  truth_agree (bench, "a function that logs nothing and fails first", 1, MILL_TRACE_DELIVERED);
}

/* A tap is nobody's subscriber: neither way of seeing shows it, and it is not counted. */
static void
assert_no_tap (TruthBench *bench)
{
  MillWatch *watches[] = { bench->truth, bench->probes };

  for (guint i = 0; i < G_N_ELEMENTS (watches); i++)
    for (guint t = 0; t < g_list_model_get_n_items (G_LIST_MODEL (watches[i])); t++)
      {
        g_autoptr (MillTrace) trace = g_list_model_get_item (G_LIST_MODEL (watches[i]), t);

        for (guint n = 0; n < g_list_model_get_n_items (G_LIST_MODEL (trace)); n++)
          {
            g_autoptr (MillHop) hop = g_list_model_get_item (G_LIST_MODEL (trace), n);
            MillHop *previous = mill_hop_get_previous (hop);

            g_assert_null (strstr (mill_hop_get_component (hop), "tap"));
            g_assert_null (strstr (mill_hop_get_component (hop), "Tap"));
            g_assert_false (previous != NULL && g_str_equal (mill_hop_get_kind (previous), "topic") && g_str_equal (mill_hop_get_kind (hop), "queue"));
          }
      }
}

static void
tap (TruthBench *bench,
     gboolean    on)
{
  g_autoptr (GError) error = NULL;

  fixture_tap (bench->engine, bench->deployment, "Topic", on, &error);
  g_assert_no_error (error);
  g_assert_true (mill_tap_is_there (bench->deployment, "Topic") == on);
  bench->tapped = on;
}

static void
taps (TruthBench *bench)
{
  tap (bench, TRUE);
  truth_send_one (bench, "{'item': 'read at the tap', 'with': 'letters & numbers, „Ü“ \\u0041'}");
  truth_agree (bench, "what was published, read at a tap", 1, MILL_TRACE_DELIVERED);
  TRUTH_CALL (bench, "sns:Publish", "{'TopicArn': '%s', 'Message': 'by hand'}", truth_get_arn (bench, "Topic"));
  truth_agree (bench, "what was published by hand, read at a tap", 1, MILL_TRACE_DELIVERED);
  tap (bench, FALSE);
  truth_send_one (bench, "{'item': 'not read'}");
  truth_agree (bench, "a tap that was taken away", 1, MILL_TRACE_DELIVERED);
  tap (bench, TRUE);
}

static void
test_truth (void)
{
  TruthBench bench;

  truth_bench_open (&bench);
  subscriptions (&bench);
  filter_policy (&bench);
  taps (&bench);
  failures (&bench);
  batches (&bench);
  dead_letters (&bench);
  filters (&bench);
  switched_off (&bench);
  permissions (&bench);
  other_ways_in (&bench);
  restarts (&bench);
  cloud_restarts (&bench);
  strangers (&bench);
  silence (&bench);
  assert_no_tap (&bench);
  g_test_message ("%u scenarios, %u traces, %u hops, of which %u inferred: no difference", bench.n_scenarios, bench.n_traces, bench.n_hops, bench.n_inferred);
  g_assert_cmpuint (bench.n_scenarios, >=, 20);
  truth_bench_close (&bench);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/watch/truth", test_truth);
  return g_test_run ();
}
