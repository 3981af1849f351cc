/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What nobody tells, but follows; and what is told later, and is true. */
#include "tracer-cloud.h"

/* What only the access log tells of, at a time of its own. */
#define LOGGED(n, at, rest) \
  add (tracer, "{\"kind\": \"gateway-logged\", \"requestId\": \"r" n "\", \"apiId\": \"api1\", \"method\": \"POST\", \"path\": \"/\", \"left\": " at ", " rest "}")
/* A function that names a message of which nobody told. */
#define NAMED(run, n) \
  add (tracer, "{\"kind\": \"function-started\", \"invocationId\": \"" run "\", \"functionArn\": \"arn:f1\"}"); \
  add (tracer, "{\"kind\": \"function-log\", \"invocationId\": \"" run "\", \"line\": \"{\\\"in\\\": {\\\"messageId\\\": \\\"m" n "\\\"}}\"}"); \
  add (tracer, "{\"kind\": \"function-ended\", \"invocationId\": \"" run "\", \"status\": \"ok\"}")

/* A request that failed never reaches the queue; one that we sent ourselves is there once. */
static void
test_logged (void)
{
  g_autoptr (MillTracer) tracer = new_tracer ();
  g_autoptr (MillTrace) trace = NULL;

  SEND ("1");
  LOGGED ("1", "0", "\"status\": 200");
  LOGGED ("2", "0", "\"status\": 403, \"error\": \"Missing Authentication Token\"");
  LOGGED ("2", "0", "\"status\": 403, \"error\": \"Missing Authentication Token\"");
  LOGGED ("3", "0", "\"status\": 200, \"integrationStatus\": 403");
  add (tracer, "{\"kind\": \"gateway-logged\", \"requestId\": \"r9\", \"apiId\": \"other\", \"status\": 200}");
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (tracer)), ==, 3);
  assert_hops (tracer, 0, "under-way", "gateway:Api:ok queue:Queue:under-way");
  assert_hops (tracer, 1, "failed", "gateway:Api:failed");
  assert_hops (tracer, 2, "failed", "gateway:Api:failed");
  g_assert_cmpuint (mill_tracer_get_errors (tracer, "Api"), ==, 2);
  trace = g_list_model_get_item (G_LIST_MODEL (tracer), 1);
  g_assert_cmpstr (mill_hop_get_error (mill_trace_get_key_hop (trace)), ==, "The gateway answered 403: Missing Authentication Token");
  g_assert_cmpstr (mill_trace_get_summary (trace), ==, "POST /\n→ 403\n");
}

/* An access log that knows requests by API Gateway's own id alone: what we sent ourselves is there once, whoever tells of it first. */
static void
test_logged_extended (void)
{
  g_autoptr (MillTracer) tracer = new_tracer ();

#define REQUEST(n) \
  add (tracer, "{\"kind\": \"gateway-request\", \"requestId\": \"r" n "\", \"extendedRequestId\": \"rx" n "=\", \"apiId\": \"api1\", \"body\": \"order " n "\"}")
  REQUEST ("1");
  LOGGED ("x1=", "0", "\"status\": 200");
  SEND ("1");
  LOGGED ("x2=", "0", "\"status\": 200");
  REQUEST ("2");
  SEND ("2");
  LOGGED ("x2=", "0", "\"status\": 200");
  LOGGED ("x3=", "0", "\"status\": 403");
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (tracer)), ==, 3);
  assert_hops (tracer, 0, "under-way", "gateway:Api:ok queue:Queue:under-way");
  assert_hops (tracer, 1, "under-way", "gateway:Api:ok queue:Queue:under-way");
  assert_hops (tracer, 2, "failed", "gateway:Api:failed");
  g_assert_cmpuint (mill_tracer_get_count (tracer, "Api"), ==, 3);
}

/* Two requests and two messages: in order, and marked, once nothing more is to be expected of that time. */
static void
test_logged_joined (void)
{
  g_autoptr (MillTracer) tracer = new_tracer ();

  LOGGED ("1", "0", "\"status\": 200");
  LOGGED ("2", "0", "\"status\": 200");
  NAMED ("i1", "1");
  assert_hops (tracer, 0, "under-way", "gateway:Api:ok");
  NAMED ("i2", "2");
  mill_tracer_pass_time (tracer, now += 3);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (tracer)), ==, 2);
  assert_hops (tracer, 0, "delivered", "gateway:Api:ok queue:Queue:ok? function:Store:ok");
  assert_hops (tracer, 1, "delivered", "gateway:Api:ok queue:Queue:ok? function:Store:ok");
}

/* The access log may tell of a request when its message has long been there: it is joined all the same. */
static void
test_logged_late (void)
{
  g_autoptr (MillTracer) tracer = new_tracer ();
  g_autofree char *late = NULL;
  double sent = now + 1;

  now += 1;
  NAMED ("i1", "1");
  mill_tracer_pass_time (tracer, now += 60);
  assert_hops (tracer, 0, "delivered", "queue:Queue:ok? function:Store:ok");
  late = g_strdup_printf ("{\"kind\": \"gateway-logged\", \"requestId\": \"r1\", \"apiId\": \"api1\", \"time\": %.0f, \"earliest\": %.0f, \"left\": %.0f, \"status\": 200}", sent + 2, sent, sent + 2);
  add_at (tracer, late);
  mill_tracer_pass_time (tracer, now += 3);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (tracer)), ==, 1);
  assert_hops (tracer, 0, "delivered", "gateway:Api:ok queue:Queue:ok? function:Store:ok");
}

/* One request and two messages: one of them came in another way, and nobody says which. */
static void
test_logged_ambiguous (void)
{
  g_autoptr (MillTracer) tracer = new_tracer ();

  LOGGED ("1", "0", "\"status\": 200");
  NAMED ("i1", "1");
  NAMED ("i2", "2");
  mill_tracer_pass_time (tracer, now += 3);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (tracer)), ==, 3);
  mill_tracer_pass_time (tracer, now += 20);
  assert_hops (tracer, 0, "delivered", "gateway:Api:ok");
}

/* What was inferred gives way to what is told: the message was another request's, and is shown once. */
static void
test_logged_corrected (void)
{
  g_autoptr (MillTracer) tracer = new_tracer ();

  mill_tracer_set_patience (tracer, 5);
  LOGGED ("1", "0", "\"status\": 200");
  LOGGED ("2", "0", "\"status\": 200");
  NAMED ("i1", "2");
  mill_tracer_pass_time (tracer, now += 6);
  assert_hops (tracer, 0, "delivered", "gateway:Api:ok queue:Queue:ok? function:Store:ok");
  SEND ("2");
  assert_hops (tracer, 0, "under-way", "gateway:Api:ok");
  assert_hops (tracer, 1, "delivered", "gateway:Api:ok queue:Queue:ok function:Store:ok");
  NAMED ("i2", "1");
  mill_tracer_pass_time (tracer, now += 6);
  assert_hops (tracer, 0, "delivered", "gateway:Api:ok queue:Queue:ok? function:Store:ok");
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (tracer)), ==, 2);
}

/* @handed: whether the payload follows from the hop before */
static void
assert_payload (MillTracer *tracer,
                guint       trace_index,
                guint       hop_index,
                gboolean    handed,
                const char *expected)
{
  g_autoptr (MillTrace) trace = g_list_model_get_item (G_LIST_MODEL (tracer), trace_index);
  g_autoptr (MillHop) hop = g_list_model_get_item (G_LIST_MODEL (trace), hop_index);

  g_assert_cmpstr (mill_hop_get_payload (hop), ==, expected);
  g_assert_cmpint (mill_hop_get_handed (hop), ==, handed);
}

/* Nobody tells what a function was given: the hop before did, whichever is told of first. */
static void
test_handed (void)
{
  g_autoptr (MillTracer) tracer = new_tracer ();
  static const char queue_record[] = "{\"messageId\":\"m1\",\"body\":\"order 1\",\"md5OfBody\":\"99a233e67156812c9681c22c78e91aaa\","
                                     "\"eventSource\":\"aws:sqs\",\"awsRegion\":\"eu-west-1\",\"eventSourceARN\":\"arn:aws:sqs:eu-west-1:1:orders\"}";

  NAMED ("i1", "1");
  mill_tracer_pass_time (tracer, now += 3);
  assert_payload (tracer, 0, 1, FALSE, "");
  SEND ("1");
  assert_payload (tracer, 0, 2, TRUE, queue_record);
  add (tracer, "{\"kind\": \"table-written\", \"tableArn\": \"arn:t\", \"eventName\": \"INSERT\", \"keys\": {\"id\": {\"S\": \"o1\"}}, \"invocationId\": \"i1\","
               " \"eventID\": \"e1\", \"record\": {\"eventID\": \"e1\", \"dynamodb\": {}}}");
  add (tracer, "{\"kind\": \"function-started\", \"invocationId\": \"n1\", \"functionArn\": \"arn:f2\"}");
  add (tracer, "{\"kind\": \"function-log\", \"invocationId\": \"n1\", \"line\": \"{\\\"in\\\": {\\\"eventID\\\": \\\"e1\\\"}}\"}");
  assert_payload (tracer, 0, 5, TRUE, "{\"eventID\":\"e1\",\"dynamodb\":{}}");
  /* What is told later is the truth. */
  add (tracer, "{\"kind\": \"function-started\", \"invocationId\": \"i2\", \"functionArn\": \"arn:f1\", \"source\": \"mapping\","
               " \"records\": [{\"messageId\": \"m1\"}], \"payload\": \"{\\\"Records\\\": [{\\\"messageId\\\": \\\"m1\\\", \\\"all\\\": 1}]}\"}");
  assert_payload (tracer, 0, 2, FALSE, "{\"messageId\":\"m1\",\"all\":1}");
}

/* A run that says nothing of what it writes, from @begin to @end; and what a stream tells, in whole seconds. */
static void
run (MillTracer *tracer,
     const char *id,
     const char *message,
     double      begin,
     double      end)
{
  g_autofree char *started = g_strdup_printf ("{\"kind\": \"function-started\", \"invocationId\": \"%s\", \"functionArn\": \"arn:f1\", \"source\": \"mapping\","
                                              " \"records\": [%s]}", id, message);
  g_autofree char *ended = g_strdup_printf ("{\"kind\": \"function-ended\", \"invocationId\": \"%s\", \"status\": \"ok\"}", id);

  now = begin - 1;
  add (tracer, started);
  now = end - 1;
  add (tracer, ended);
}

static void
write_item (MillTracer *tracer,
            const char *id,
            double      second)
{
  g_autofree char *event = g_strdup_printf ("{\"kind\": \"table-written\", \"tableArn\": \"arn:t\", \"eventName\": \"INSERT\","
                                            " \"keys\": {\"id\": {\"S\": \"%s\"}}, \"eventID\": \"e-%s\"}", id, id);

  now = second - 1;
  add (tracer, event);
}

#define WRITTEN "queue:Queue:ok function:Store:ok table:Table:ok? stream:Table:under-way"

/* One run, one write in its time: they belong together, and it is said that nobody told. */
static void
test_silent_write (void)
{
  g_autoptr (MillTracer) tracer = new_tracer ();

  now = 900;
  SEND ("1");
  write_item (tracer, "o1", 1000);
  run (tracer, "i1", "{\"messageId\": \"m1\"}", 1000.2, 1000.7);
  mill_tracer_pass_time (tracer, now = 1002);
  assert_hops (tracer, 0, "delivered", "gateway:Api:ok queue:Queue:ok function:Store:ok");
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (tracer)), ==, 1);
  mill_tracer_pass_time (tracer, now = 1004);
  assert_hops (tracer, 0, "under-way", "gateway:Api:ok " WRITTEN);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (tracer)), ==, 1);
  /* A line that comes late says that it was so. */
  add (tracer, "{\"kind\": \"function-log\", \"invocationId\": \"i1\", \"line\": \"{\\\"in\\\": {\\\"messageId\\\": \\\"m1\\\"}, \\\"out\\\": {\\\"id\\\": \\\"o1\\\"}}\"}");
  assert_hops (tracer, 0, "under-way", "gateway:Api:ok queue:Queue:ok function:Store:ok table:Table:ok stream:Table:under-way");
}

/* A batch, and a run after it in the same second: as many writes as messages, in order. */
static void
test_silent_writes (void)
{
  g_autoptr (MillTracer) tracer = new_tracer ();

  now = 900;
  SEND ("1");
  SEND ("2");
  SEND ("3");
  run (tracer, "i1", "{\"messageId\": \"m1\"}, {\"messageId\": \"m2\"}", 2000.1, 2000.3);
  run (tracer, "i2", "{\"messageId\": \"m3\"}", 2000.4, 2000.5);
  write_item (tracer, "o1", 2000);
  write_item (tracer, "o2", 2000);
  write_item (tracer, "o3", 2000);
  mill_tracer_pass_time (tracer, now = 2004);
  for (guint i = 0; i < 3; i++)
    assert_hops (tracer, i, "under-way", "gateway:Api:ok " WRITTEN);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (tracer)), ==, 3);
}

/* Two runs at the same time, or fewer writes than messages: nobody knows which, so nothing is joined. */
static void
test_silent_ambiguous (void)
{
  g_autoptr (MillTracer) tracer = new_tracer ();

  now = 900;
  SEND ("1");
  SEND ("2");
  run (tracer, "i1", "{\"messageId\": \"m1\"}", 3000.1, 3000.5);
  run (tracer, "i2", "{\"messageId\": \"m2\"}", 3000.2, 3000.4);
  write_item (tracer, "o1", 3000);
  write_item (tracer, "o2", 3000);
  mill_tracer_pass_time (tracer, now = 3004);
  assert_hops (tracer, 0, "delivered", "gateway:Api:ok queue:Queue:ok function:Store:ok");
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (tracer)), ==, 4);
  SEND ("3");
  SEND ("4");
  run (tracer, "i3", "{\"messageId\": \"m3\"}", 3100.1, 3100.2);
  run (tracer, "i4", "{\"messageId\": \"m4\"}", 3100.5, 3100.6);
  write_item (tracer, "o3", 3100);
  mill_tracer_pass_time (tracer, now = 3104);
  assert_hops (tracer, 4, "delivered", "gateway:Api:ok queue:Queue:ok function:Store:ok");
  assert_hops (tracer, 5, "delivered", "gateway:Api:ok queue:Queue:ok function:Store:ok");
  assert_hops (tracer, 6, "under-way", "table:Table:ok stream:Table:under-way");
}

static void
assert_said (MillTracer *tracer,
             guint       index,
             const char *error,
             const char *advice)
{
  g_autoptr (MillTrace) trace = g_list_model_get_item (G_LIST_MODEL (tracer), index);

  g_assert_cmpstr (mill_hop_get_error (mill_trace_get_key_hop (trace)), ==, error);
  g_assert_cmpstr (mill_hop_get_advice (mill_trace_get_key_hop (trace)), ==, advice);
}

/* Nobody takes what waits, and IAM says why: it is told again and again, and counted once for each message. */
static void
test_may_not_receive (void)
{
  g_autoptr (MillTracer) tracer = new_tracer ();

  SEND ("1");
  for (guint i = 0; i < 3; i++)
    {
      add (tracer, "{\"kind\": \"denied\", \"roleArn\": \"arn:aws:iam::1:role/StoreRole\", \"action\": \"sqs:ReceiveMessage\", \"resource\": \"arn:q\"}");
      add (tracer, "{\"kind\": \"mapping-failed\", \"sourceArn\": \"arn:q\", \"role\": \"arn:aws:iam::1:role/StoreRole\", \"error\": \"Nobody takes it.\"}");
    }
  assert_hops (tracer, 0, "stuck", "gateway:Api:ok queue:Queue:under-way");
  assert_said (tracer, 0, "Nobody takes it.", "The role “StoreRole” lacks the permission sqs:ReceiveMessage on arn:q. Attach a policy that allows it.");
  g_assert_cmpuint (mill_tracer_get_errors (tracer, "Queue"), ==, 1);
  NAMED ("i1", "1");
  assert_hops (tracer, 0, "delivered", "gateway:Api:ok queue:Queue:ok function:Store:ok");
}

/* The practice cloud tells of a failure once: what comes later waits for the same, until it goes well again. */
static void
test_reader_fails (void)
{
  g_autoptr (MillTracer) tracer = new_tracer ();

  add (tracer, "{\"kind\": \"mapping-failed\", \"seq\": 1, \"sourceArn\": \"arn:q\", \"records\": [], \"error\": {\"code\": \"AccessDenied\", \"message\": \"no\"}}");
  SEND ("1");
  assert_hops (tracer, 0, "stuck", "gateway:Api:ok queue:Queue:under-way");
  assert_said (tracer, 0, "AccessDenied: no", "");
  add (tracer, "{\"kind\": \"mapping-recovered\", \"seq\": 2, \"sourceArn\": \"arn:q\"}");
  assert_hops (tracer, 0, "under-way", "gateway:Api:ok queue:Queue:under-way");
  SEND ("2");
  assert_hops (tracer, 1, "under-way", "gateway:Api:ok queue:Queue:under-way");
  /* One that was begun anew says nothing of that, but reads. */
  add (tracer, "{\"kind\": \"mapping-failed\", \"seq\": 3, \"sourceArn\": \"arn:q\", \"records\": [], \"error\": {\"code\": \"AccessDenied\", \"message\": \"no\"}}");
  assert_hops (tracer, 1, "stuck", "gateway:Api:ok queue:Queue:under-way");
  RECEIVE ("1", "1");
  assert_hops (tracer, 1, "under-way", "gateway:Api:ok queue:Queue:under-way");
}

static void
test_switched_off (void)
{
  g_autoptr (MillTracer) tracer = new_tracer ();

  add (tracer, "{\"kind\": \"mapping-seen\", \"functionComponent\": \"Store\", \"source\": \"Queue\", \"sourceKind\": \"queue\", \"state\": \"Enabled\"}");
  SEND ("1");
  mill_tracer_pass_time (tracer, now += 3);
  assert_hops (tracer, 0, "under-way", "gateway:Api:ok queue:Queue:under-way");
  add (tracer, "{\"kind\": \"mapping-seen\", \"functionComponent\": \"Store\", \"source\": \"Queue\", \"sourceKind\": \"queue\", \"state\": \"Disabled\"}");
  mill_tracer_pass_time (tracer, now += 1);
  assert_hops (tracer, 0, "stuck", "gateway:Api:ok queue:Queue:under-way");
  assert_said (tracer, 0, "The function’s trigger is switched off, so nobody takes the message.",
               "Enable the event source mapping: the message is taken then.");
}

/* A trigger that was deleted is not among those that are listed; one that is made again is. */
static void
test_trigger_gone (void)
{
  g_autoptr (MillTracer) tracer = new_tracer ();

  add (tracer, "{\"kind\": \"mapping-seen\", \"functionComponent\": \"Store\", \"source\": \"Queue\", \"sourceKind\": \"queue\", \"state\": \"Enabled\"}");
  add (tracer, "{\"kind\": \"mappings-listed\", \"functionComponent\": \"Store\", \"sources\": [\"Queue\", 3]}");
  add (tracer, "{\"kind\": \"mappings-listed\", \"functionComponent\": \"Notify\", \"sources\": []}");
  SEND ("1");
  mill_tracer_pass_time (tracer, now += 3);
  assert_hops (tracer, 0, "under-way", "gateway:Api:ok queue:Queue:under-way");
  add (tracer, "{\"kind\": \"mappings-listed\", \"functionComponent\": \"Store\", \"sources\": []}");
  mill_tracer_pass_time (tracer, now += 1);
  assert_hops (tracer, 0, "stuck", "gateway:Api:ok queue:Queue:under-way");
  assert_said (tracer, 0, "The function’s trigger was deleted, and nobody takes the message.", "Make the event source mapping again: the message is taken then.");
  add (tracer, "{\"kind\": \"mapping-seen\", \"functionComponent\": \"Store\", \"source\": \"Queue\", \"sourceKind\": \"queue\", \"state\": \"Enabled\"}");
  SEND ("2");
  mill_tracer_pass_time (tracer, now += 3);
  assert_hops (tracer, 1, "under-way", "gateway:Api:ok queue:Queue:under-way");
  NAMED ("i1", "1");
  assert_hops (tracer, 0, "delivered", "gateway:Api:ok queue:Queue:ok function:Store:ok");
}

/* The practice cloud tells of each change. */
static void
test_trigger_changed (void)
{
  g_autoptr (MillTracer) tracer = new_tracer ();

#define CHANGE(state) \
  add (tracer, "{\"kind\": \"mapping-changed\", \"functionArn\": \"arn:f1\", \"sourceArn\": \"arn:q\", \"state\": \"" state "\"}")
  CHANGE ("Disabled");
  SEND ("1");
  mill_tracer_pass_time (tracer, now += 1);
  assert_hops (tracer, 0, "stuck", "gateway:Api:ok queue:Queue:under-way");
  CHANGE ("Enabled");
  SEND ("2");
  mill_tracer_pass_time (tracer, now += 1);
  /* Nor is the first one stuck any more. */
  assert_hops (tracer, 0, "under-way", "gateway:Api:ok queue:Queue:under-way");
  assert_hops (tracer, 1, "under-way", "gateway:Api:ok queue:Queue:under-way");
  CHANGE ("Disabled");
  mill_tracer_pass_time (tracer, now += 1);
  assert_hops (tracer, 1, "stuck", "gateway:Api:ok queue:Queue:under-way");
  CHANGE ("Deleted");
  mill_tracer_pass_time (tracer, now += 1);
  assert_hops (tracer, 1, "stuck", "gateway:Api:ok queue:Queue:under-way");
  assert_said (tracer, 1, "The function’s trigger was deleted, and nobody takes the message.", "Make the event source mapping again: the message is taken then.");
}

#define SUBSCRIBED(filters) \
  add (tracer, "{\"kind\": \"topic-seen\", \"component\": \"Topic\", \"topicArn\": \"arn:topic\", \"subscriptions\": [{\"arn\": \"arn:sub\"," \
               " \"endpoint\": \"a@b.c\", \"protocol\": \"email\", \"pending\": false, \"filters\": " filters "}]}")
#define PUBLISHED(n) \
  add (tracer, "{\"kind\": \"topic-published\", \"topicArn\": \"arn:topic\", \"messageId\": \"p" n "\"}")
#define DELIVERED(n) \
  add (tracer, "{\"kind\": \"topic-delivered\", \"topicArn\": \"arn:topic\", \"messageId\": \"p" n "\", \"subscriptionArn\": \"arn:sub\", \"protocol\": \"email\"," \
               " \"endpoint\": \"a@b.c\", \"status\": \"delivered\", \"deliveryId\": \"mail" n "\"}")

/* Where nobody can look into a mailbox, mail is taken to have come. */
static void
test_no_inbox (void)
{
  g_autoptr (MillTracer) tracer = new_tracer ();

  SUBSCRIBED ("false");
  PUBLISHED ("1");
  SUBSCRIBED ("false");
  mill_tracer_pass_time (tracer, now += 10);
  assert_hops (tracer, 0, "delivered", "topic:Topic:ok mail:Mail:ok?");
}

/* Where the inbox will be read, what comes there is waited for, also before it was read for the first time. */
static void
test_inbox (void)
{
  g_autoptr (MillTracer) tracer = new_tracer ();

  add (tracer, "{\"kind\": \"read-until\", \"component\": \"inbox\"}");
  SUBSCRIBED ("false");
  PUBLISHED ("1");
  SUBSCRIBED ("false");
  mill_tracer_pass_time (tracer, now += 10);
  assert_hops (tracer, 0, "under-way", "topic:Topic:under-way");
  DELIVERED ("1");
  mill_tracer_pass_time (tracer, now += 10);
  assert_hops (tracer, 0, "delivered", "topic:Topic:ok mail:Mail:ok");
}

/* The mail came so late that it seemed to be filtered. */
static void
test_late_mail (void)
{
  g_autoptr (MillTracer) tracer = new_tracer ();
  g_autoptr (JsonObject) read = json_object_new ();

  SUBSCRIBED ("true");
  PUBLISHED ("1");
  SUBSCRIBED ("true");
  json_object_set_string_member (read, "kind", "read-until");
  json_object_set_string_member (read, "component", "inbox");
  json_object_set_double_member (read, "until", now + 5);
  mill_tracer_add (tracer, read);
  mill_tracer_pass_time (tracer, now += 10);
  assert_hops (tracer, 0, "filtered", "topic:Topic:ok mail:Mail:filtered?");
  DELIVERED ("1");
  assert_hops (tracer, 0, "delivered", "topic:Topic:ok mail:Mail:ok");
  g_assert_cmpuint (mill_tracer_get_count (tracer, "Mail"), ==, 1);
}

#define UNLOGGED \
  add (tracer, "{\"kind\": \"mapping-seen\", \"functionComponent\": \"Store\", \"source\": \"Queue\", \"sourceKind\": \"queue\", \"state\": \"Enabled\"}"); \
  add (tracer, "{\"kind\": \"function-seen\", \"component\": \"Store\", \"unlogged\": true}")
#define EMPTY \
  add (tracer, "{\"kind\": \"queue-seen\", \"component\": \"Queue\", \"waiting\": 0, \"inFlight\": 0, \"delayed\": 0}")
#define READ_UNTIL_NOW(of) \
  { g_autofree char *until = g_strdup_printf ("{\"kind\": \"read-until\", \"component\": \"" of "\", \"until\": %.0f}", now + 1); add (tracer, until); }

/* A function whose log tells only what goes wrong: its lines tell of a run, and silence tells that it went well. Both are marked. */
static void
test_unlogged (void)
{
  g_autoptr (MillTracer) tracer = new_tracer ();

  UNLOGGED;
  SEND ("1");
  add (tracer, "{\"kind\": \"function-started\", \"invocationId\": \"i1\", \"functionArn\": \"arn:f1\", \"inferred\": true}");
  add (tracer, "{\"kind\": \"function-log\", \"invocationId\": \"i1\", \"functionArn\": \"arn:f1\", \"line\": \"{\\\"in\\\": {\\\"messageId\\\": \\\"m1\\\"}}\"}");
  assert_hops (tracer, 0, "under-way", "gateway:Api:ok queue:Queue:under-way function:Store:under-way?");
  add (tracer, "{\"kind\": \"function-ended\", \"invocationId\": \"i1\", \"status\": \"ok\", \"inferred\": true}");
  assert_hops (tracer, 0, "delivered", "gateway:Api:ok queue:Queue:ok function:Store:ok?");
  /* It failed after all. */
  add (tracer, "{\"kind\": \"function-ended\", \"invocationId\": \"i1\", \"status\": \"error\", \"errorType\": \"E\", \"errorMessage\": \"m\"}");
  assert_said (tracer, 0, "E: m", "Read the function’s log: it says where it failed.");
}

/* One that writes no line at all: the queue is empty, so it was taken. What is told later is the truth. */
static void
test_unlogged_silent (void)
{
  g_autoptr (MillTracer) tracer = new_tracer ();

  UNLOGGED;
  SEND ("1");
  EMPTY;
  mill_tracer_pass_time (tracer, now += 3);
  assert_hops (tracer, 0, "under-way", "gateway:Api:ok queue:Queue:under-way");
  now += 60;
  EMPTY;
  READ_UNTIL_NOW ("Store");
  mill_tracer_pass_time (tracer, now += 1);
  assert_hops (tracer, 0, "delivered", "gateway:Api:ok queue:Queue:ok function:Store:ok?");
  NAMED ("i1", "1");
  assert_hops (tracer, 0, "delivered", "gateway:Api:ok queue:Queue:ok function:Store:ok");
}

/* The same from a stream; and while the trigger is off, nothing is read. */
static void
test_unlogged_stream (void)
{
  g_autoptr (MillTracer) tracer = new_tracer ();
  static const char *const written = "{\"kind\": \"table-written\", \"tableArn\": \"arn:t\", \"eventName\": \"INSERT\", \"keys\": {\"id\": {\"S\": \"o1\"}},"
                                     " \"eventID\": \"e1\", \"sequenceNumber\": \"1\"}";

#define NOTIFY(state) \
  add (tracer, "{\"kind\": \"mapping-seen\", \"functionComponent\": \"Notify\", \"source\": \"Table\", \"sourceKind\": \"stream\", \"state\": \"" state "\"}")
  add (tracer, "{\"kind\": \"function-seen\", \"component\": \"Notify\", \"unlogged\": true}");
  NOTIFY ("Disabled");
  add (tracer, written);
  now += 60;
  READ_UNTIL_NOW ("Notify");
  mill_tracer_pass_time (tracer, now += 1);
  mill_tracer_pass_time (tracer, now += 1);
  assert_hops (tracer, 0, "stuck", "table:Table:ok stream:Table:under-way");
  NOTIFY ("Enabled");
  mill_tracer_pass_time (tracer, now += 1);
  assert_hops (tracer, 0, "delivered", "table:Table:ok stream:Table:ok function:Notify:ok?");
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tracer/logged", test_logged);
  g_test_add_func ("/tracer/logged-extended", test_logged_extended);
  g_test_add_func ("/tracer/logged-joined", test_logged_joined);
  g_test_add_func ("/tracer/logged-late", test_logged_late);
  g_test_add_func ("/tracer/logged-ambiguous", test_logged_ambiguous);
  g_test_add_func ("/tracer/logged-corrected", test_logged_corrected);
  g_test_add_func ("/tracer/handed", test_handed);
  g_test_add_func ("/tracer/silent-write", test_silent_write);
  g_test_add_func ("/tracer/silent-writes", test_silent_writes);
  g_test_add_func ("/tracer/silent-ambiguous", test_silent_ambiguous);
  g_test_add_func ("/tracer/may-not-receive", test_may_not_receive);
  g_test_add_func ("/tracer/reader-fails", test_reader_fails);
  g_test_add_func ("/tracer/switched-off", test_switched_off);
  g_test_add_func ("/tracer/trigger-gone", test_trigger_gone);
  g_test_add_func ("/tracer/trigger-changed", test_trigger_changed);
  g_test_add_func ("/tracer/no-inbox", test_no_inbox);
  g_test_add_func ("/tracer/inbox", test_inbox);
  g_test_add_func ("/tracer/late-mail", test_late_mail);
  g_test_add_func ("/tracer/unlogged", test_unlogged);
  g_test_add_func ("/tracer/unlogged-silent", test_unlogged_silent);
  g_test_add_func ("/tracer/unlogged-stream", test_unlogged_stream);
  return g_test_run ();
}
