/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tracer-cloud.h"

static void
test_whole_way (void)
{
  g_autoptr (MillTracer) tracer = new_tracer ();
  MillTrace *trace;

  SEND ("1");
  assert_hops (tracer, 0, "under-way", "gateway:Api:ok queue:Queue:under-way");
  RECEIVE ("1", "1");
  add (tracer, "{\"kind\": \"function-started\", \"invocationId\": \"i1\", \"functionArn\": \"arn:f1\", \"source\": \"mapping\","
               " \"records\": [{\"messageId\": \"m1\"}], \"payload\": \"{\\\"Records\\\":[{\\\"messageId\\\":\\\"m1\\\",\\\"body\\\":\\\"order 1\\\"}]}\"}");
  add (tracer, "{\"kind\": \"table-written\", \"tableArn\": \"arn:t\", \"eventName\": \"INSERT\", \"keys\": {\"id\": {\"S\": \"o1\"}},"
               " \"newImage\": {\"id\": {\"S\": \"o1\"}}, \"invocationId\": \"i1\", \"eventID\": \"e1\"}");
  add (tracer, "{\"kind\": \"function-ended\", \"invocationId\": \"i1\", \"status\": \"ok\"}");
  add (tracer, "{\"kind\": \"queue-deleted\", \"queueArn\": \"arn:q\", \"messageId\": \"m1\"}");
  assert_hops (tracer, 0, "under-way", "gateway:Api:ok queue:Queue:ok function:Store:ok table:Table:ok stream:Table:under-way");
  add (tracer, "{\"kind\": \"function-started\", \"invocationId\": \"i2\", \"functionArn\": \"arn:f2\", \"source\": \"mapping\", \"records\": [{\"eventID\": \"e1\"}]}");
  add (tracer, "{\"kind\": \"topic-published\", \"topicArn\": \"arn:topic\", \"messageId\": \"p1\", \"message\": \"new\", \"invocationId\": \"i2\"}");
  add (tracer, "{\"kind\": \"mail\", \"id\": \"mail1\", \"to\": \"a@b.c\", \"body\": \"the mail\"}");
  add (tracer, "{\"kind\": \"topic-delivered\", \"topicArn\": \"arn:topic\", \"messageId\": \"p1\", \"subscriptionArn\": \"arn:sub\", \"protocol\": \"email\","
               " \"endpoint\": \"a@b.c\", \"status\": \"delivered\", \"deliveryId\": \"mail1\"}");
  add (tracer, "{\"kind\": \"function-ended\", \"invocationId\": \"i2\", \"status\": \"ok\"}");
  assert_hops (tracer, 0, "delivered", "gateway:Api:ok queue:Queue:ok function:Store:ok table:Table:ok stream:Table:ok function:Notify:ok topic:Topic:ok mail:Mail:ok");
  trace = mill_tracer_find (tracer, "r1");
  g_assert_nonnull (trace);
  g_assert_cmpstr (mill_hop_get_payload (mill_trace_get_key_hop (trace)), ==, "the mail");
  g_assert_cmpfloat (mill_trace_get_ended (trace), >, mill_trace_get_started (trace));
  g_assert_cmpuint (mill_tracer_get_count (tracer, "Queue"), ==, 0);
  g_assert_cmpuint (mill_tracer_get_count (tracer, "Table"), ==, 1);
}

/* Three messages in one invocation: the log lines say whose write is whose, also when they come late and the stream was faster. */
static void
test_batch (void)
{
  g_autoptr (MillTracer) tracer = new_tracer ();
  static const char *const order[] = { "2", "3", "1" };

  SEND ("1");
  SEND ("2");
  SEND ("3");
  add (tracer, "{\"kind\": \"function-started\", \"invocationId\": \"i1\", \"functionArn\": \"arn:f1\", \"source\": \"mapping\","
               " \"records\": [{\"messageId\": \"m1\"}, {\"messageId\": \"m2\"}, {\"messageId\": \"m3\"}]}");
  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *written = g_strdup_printf ("{\"kind\": \"table-written\", \"tableArn\": \"arn:t\", \"eventName\": \"INSERT\","
                                                  " \"keys\": {\"id\": {\"S\": \"o%s\"}}, \"invocationId\": \"i1\", \"eventID\": \"e%s\"}", order[i], order[i]);
      g_autofree char *started = g_strdup_printf ("{\"kind\": \"function-started\", \"invocationId\": \"n%s\", \"functionArn\": \"arn:f2\","
                                                  " \"records\": [{\"eventID\": \"e%s\"}]}", order[i], order[i]);
      add (tracer, written);
      add (tracer, started);
    }
  assert_hops (tracer, 0, "under-way", "gateway:Api:ok queue:Queue:under-way function:Store:under-way");
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (tracer)), ==, 3);
  for (guint i = 0; i < 3; i++)
    {
      g_autofree char *line = g_strdup_printf ("{\"kind\": \"function-log\", \"invocationId\": \"i1\", \"line\":"
                                               " \"{\\\"in\\\": {\\\"messageId\\\": \\\"m%s\\\"}, \\\"out\\\": {\\\"id\\\": \\\"o%s\\\"}}\"}", order[i], order[i]);
      add (tracer, line);
    }
  add (tracer, "{\"kind\": \"function-ended\", \"invocationId\": \"i1\", \"status\": \"ok\"}");
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (MillTrace) trace = g_list_model_get_item (G_LIST_MODEL (tracer), i);
      g_autoptr (MillHop) table = g_list_model_get_item (G_LIST_MODEL (trace), 3);
      g_autofree char *keys = g_strdup_printf ("{\"id\":{\"S\":\"o%u\"}}", i + 1);

      assert_hops (tracer, i, "under-way", "gateway:Api:ok queue:Queue:ok function:Store:ok table:Table:ok stream:Table:ok function:Notify:under-way");
      g_assert_cmpstr (mill_hop_get_payload (table), ==, keys);
    }
}

static void
on_gone (GPtrArray *gone,
         MillTrace *trace)
{
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (trace)), ==, 0);
  g_ptr_array_add (gone, g_strdup (mill_trace_get_id (trace)));
}

/* A write that nobody claimed in time is shown by itself; when somebody does after all, whoever keeps traces is told that it is none any more. */
static void
test_claimed_late (void)
{
  g_autoptr (MillTracer) tracer = new_tracer ();
  g_autoptr (GPtrArray) gone = g_ptr_array_new_with_free_func (g_free);

  g_signal_connect_swapped (tracer, "gone", G_CALLBACK (on_gone), gone);
  SEND ("1");
  add (tracer, "{\"kind\": \"table-written\", \"tableArn\": \"arn:t\", \"eventName\": \"INSERT\", \"keys\": {\"id\": {\"S\": \"o1\"}}, \"eventID\": \"e1\"}");
  mill_tracer_pass_time (tracer, now += 100);
  assert_hops (tracer, 1, "under-way", "table:Table:ok stream:Table:under-way");
  g_assert_cmpuint (gone->len, ==, 0);
  add (tracer, "{\"kind\": \"function-started\", \"invocationId\": \"i1\", \"functionArn\": \"arn:f1\", \"records\": [{\"messageId\": \"m1\"}]}");
  add (tracer, "{\"kind\": \"function-log\", \"invocationId\": \"i1\", \"line\":"
               " \"{\\\"in\\\": {\\\"messageId\\\": \\\"m1\\\"}, \\\"out\\\": {\\\"id\\\": \\\"o1\\\"}}\"}");
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (tracer)), ==, 1);
  g_assert_cmpuint (gone->len, ==, 1);
  g_assert_cmpstr (gone->pdata[0], ==, "{\"id\":{\"S\":\"o1\"}}");
}

/* Without such lines the order decides, and it is said. */
static void
test_batch_inferred (void)
{
  g_autoptr (MillTracer) tracer = new_tracer ();

  SEND ("1");
  SEND ("2");
  add (tracer, "{\"kind\": \"function-started\", \"invocationId\": \"i1\", \"functionArn\": \"arn:f1\", \"records\": [{\"messageId\": \"m1\"}, {\"messageId\": \"m2\"}]}");
  add (tracer, "{\"kind\": \"table-written\", \"tableArn\": \"arn:t\", \"eventName\": \"INSERT\", \"keys\": {\"id\": {\"S\": \"a\"}}, \"invocationId\": \"i1\"}");
  add (tracer, "{\"kind\": \"table-written\", \"tableArn\": \"arn:t\", \"eventName\": \"INSERT\", \"keys\": {\"id\": {\"S\": \"b\"}}, \"invocationId\": \"i1\"}");
  add (tracer, "{\"kind\": \"function-ended\", \"invocationId\": \"i1\", \"status\": \"ok\"}");
  assert_hops (tracer, 0, "delivered", "gateway:Api:ok queue:Queue:ok function:Store:ok table:Table:ok?");
  assert_hops (tracer, 1, "delivered", "gateway:Api:ok queue:Queue:ok function:Store:ok table:Table:ok?");
}

/* A run that ends in the middle, between a write and the line about it: it is that of the first message of which nothing was said. */
static void
test_batch_cut (void)
{
  g_autoptr (MillTracer) tracer = new_tracer ();

  SEND ("1");
  SEND ("2");
  SEND ("3");
  add (tracer, "{\"kind\": \"function-started\", \"invocationId\": \"i1\", \"functionArn\": \"arn:f1\","
               " \"records\": [{\"messageId\": \"m1\"}, {\"messageId\": \"m2\"}, {\"messageId\": \"m3\"}]}");
  add (tracer, "{\"kind\": \"table-written\", \"tableArn\": \"arn:t\", \"eventName\": \"INSERT\", \"keys\": {\"id\": {\"S\": \"a\"}}, \"invocationId\": \"i1\"}");
  add (tracer, "{\"kind\": \"function-log\", \"invocationId\": \"i1\", \"line\":"
               " \"{\\\"in\\\": {\\\"messageId\\\": \\\"m1\\\"}, \\\"out\\\": {\\\"id\\\": \\\"a\\\"}}\"}");
  add (tracer, "{\"kind\": \"table-written\", \"tableArn\": \"arn:t\", \"eventName\": \"INSERT\", \"keys\": {\"id\": {\"S\": \"b\"}}, \"invocationId\": \"i1\"}");
  add (tracer, "{\"kind\": \"function-ended\", \"invocationId\": \"i1\", \"status\": \"timeout\", \"errorMessage\": \"late\"}");
  assert_hops (tracer, 0, "under-way", "gateway:Api:ok queue:Queue:under-way function:Store:retrying table:Table:ok");
  assert_hops (tracer, 1, "under-way", "gateway:Api:ok queue:Queue:under-way function:Store:retrying table:Table:ok?");
  assert_hops (tracer, 2, "under-way", "gateway:Api:ok queue:Queue:under-way function:Store:retrying");
}

static void
test_denied_and_retried (void)
{
  g_autoptr (MillTracer) tracer = new_tracer ();
  MillTrace *trace;

  SEND ("1");
  RECEIVE ("1", "1");
  add (tracer, "{\"kind\": \"function-started\", \"invocationId\": \"i1\", \"functionArn\": \"arn:f1\", \"records\": [{\"messageId\": \"m1\"}]}");
  add (tracer, "{\"kind\": \"denied\", \"roleArn\": \"arn:aws:iam::1:role/StoreRole\", \"action\": \"dynamodb:PutItem\", \"resource\": \"arn:t\", \"invocationId\": \"i1\"}");
  add (tracer, "{\"kind\": \"function-ended\", \"invocationId\": \"i1\", \"status\": \"error\", \"errorType\": \"ClientError\", \"errorMessage\": \"denied\"}");
  assert_hops (tracer, 0, "stuck", "gateway:Api:ok queue:Queue:under-way function:Store:retrying");
  trace = mill_tracer_find (tracer, "r1");
  g_assert_cmpstr (mill_hop_get_error (mill_trace_get_key_hop (trace)), ==, "ClientError: denied");
  g_assert_cmpstr (mill_hop_get_advice (mill_trace_get_key_hop (trace)), ==,
                   "The role “StoreRole” lacks the permission dynamodb:PutItem on arn:t. Attach a policy that allows it.");
  add (tracer, "{\"kind\": \"queue-returned\", \"queueArn\": \"arn:q\", \"messageId\": \"m1\", \"reason\": \"visibility-timeout\"}");
  assert_hops (tracer, 0, "stuck", "gateway:Api:ok queue:Queue:retrying function:Store:retrying");
  RECEIVE ("1", "2");
  add (tracer, "{\"kind\": \"function-started\", \"invocationId\": \"i2\", \"functionArn\": \"arn:f1\", \"records\": [{\"messageId\": \"m1\"}]}");
  add (tracer, "{\"kind\": \"function-ended\", \"invocationId\": \"i2\", \"status\": \"ok\"}");
  add (tracer, "{\"kind\": \"queue-deleted\", \"queueArn\": \"arn:q\", \"messageId\": \"m1\"}");
  assert_hops (tracer, 0, "delivered", "gateway:Api:ok queue:Queue:ok×2 function:Store:ok×2");
  g_assert_cmpuint (mill_tracer_get_errors (tracer, "Store"), ==, 1);
}

static void
test_dead_letter (void)
{
  g_autoptr (MillTracer) tracer = new_tracer ();

  SEND ("1");
  RECEIVE ("1", "1");
  add (tracer, "{\"kind\": \"function-started\", \"invocationId\": \"i1\", \"functionArn\": \"arn:f1\", \"records\": [{\"messageId\": \"m1\"}]}");
  add (tracer, "{\"kind\": \"function-ended\", \"invocationId\": \"i1\", \"status\": \"timeout\", \"errorMessage\": \"Task timed out\"}");
  add (tracer, "{\"kind\": \"queue-dead-lettered\", \"queueArn\": \"arn:q\", \"messageId\": \"m1\", \"deadLetterQueueArn\": \"arn:dlq\", \"newMessageId\": \"d1\"}");
  assert_hops (tracer, 0, "failed", "gateway:Api:ok queue:Queue:ok function:Store:failed queue:DeadLetters:failed");
}

/* An unconfirmed subscription: the message ends there, and the sentence says what to do. */
static void
test_pending_confirmation (void)
{
  g_autoptr (MillTracer) tracer = new_tracer ();
  g_autoptr (MillTrace) trace = NULL;

  add (tracer, "{\"kind\": \"topic-published\", \"topicArn\": \"arn:topic\", \"messageId\": \"p1\", \"message\": \"new\"}");
  add (tracer, "{\"kind\": \"topic-delivered\", \"topicArn\": \"arn:topic\", \"messageId\": \"p1\", \"subscriptionArn\": \"arn:sub\", \"protocol\": \"email\","
               " \"endpoint\": \"a@b.c\", \"status\": \"pending-confirmation\"}");
  assert_hops (tracer, 0, "failed", "topic:Topic:ok mail:Mail:failed");
  trace = g_list_model_get_item (G_LIST_MODEL (tracer), 0);
  g_assert_cmpstr (mill_hop_get_error (mill_trace_get_key_hop (trace)), ==, "The subscription of a@b.c is not confirmed, so no mail was sent.");
}

static void
test_gateway_denied (void)
{
  g_autoptr (MillTracer) tracer = new_tracer ();
  g_autoptr (MillTrace) trace = NULL;

  add (tracer, "{\"kind\": \"gateway-request\", \"requestId\": \"r1\", \"apiId\": \"api1\", \"body\": \"x\"}");
  add (tracer, "{\"kind\": \"denied\", \"roleArn\": \"arn:aws:iam::1:role/Gateway\", \"action\": \"sqs:SendMessage\", \"resource\": \"arn:q\"}");
  add (tracer, "{\"kind\": \"gateway-integration\", \"requestId\": \"r1\", \"role\": \"arn:aws:iam::1:role/Gateway\", \"error\": {\"code\": \"AccessDenied\", \"message\": \"no\"}}");
  add (tracer, "{\"kind\": \"gateway-response\", \"requestId\": \"r1\", \"status\": 200}");
  assert_hops (tracer, 0, "failed", "gateway:Api:failed");
  trace = g_list_model_get_item (G_LIST_MODEL (tracer), 0);
  g_assert_cmpstr (mill_hop_get_advice (mill_trace_get_key_hop (trace)), ==,
                   "The role “Gateway” lacks the permission sqs:SendMessage on arn:q. Attach a policy that allows it.");
}

/* What belongs to other deployments leaves no trace, and nonsense no mark. */
static void
test_foreign (void)
{
  g_autoptr (MillTracer) tracer = new_tracer ();

  add (tracer, "{\"kind\": \"gateway-request\", \"requestId\": \"r1\", \"apiId\": \"other\", \"body\": \"x\"}");
  add (tracer, "{\"kind\": \"queue-sent\", \"queueArn\": \"arn:other\", \"messageId\": \"m1\", \"sourceType\": \"caller\"}");
  add (tracer, "{\"kind\": \"function-started\", \"invocationId\": 7, \"functionArn\": []}");
  add (tracer, "{\"kind\": \"table-written\", \"tableArn\": \"arn:other\", \"keys\": {}, \"invocationId\": \"unknown\"}");
  add (tracer, "{\"kind\": \"no such kind\"}");
  add (tracer, "{\"kind\": {}}");
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (tracer)), ==, 0);
}

static void
add_message (MillTracer *tracer,
             const char *kind,
             guint       i)
{
  g_autofree char *event = g_strdup_printf ("{\"kind\": \"%s\", \"queueArn\": \"arn:q\", \"messageId\": \"m%u\", \"body\": \"x\", \"sourceType\": \"caller\"}",
                                            kind, i);

  add (tracer, event);
}

static void
test_bounded (void)
{
  g_autoptr (MillTracer) tracer = new_tracer ();

  for (guint i = 0; i < 12000; i++)
    add_message (tracer, "queue-sent", i);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (tracer)), <=, 10000);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (tracer)), >=, 9900);
  g_assert_nonnull (mill_tracer_find (tracer, "m11999"));
  g_assert_null (mill_tracer_find (tracer, "m0"));
  g_assert_cmpuint (mill_tracer_get_count (tracer, "Queue"), ==, 12000);
  /* What went is still counted where it waits, and once. */
  add_message (tracer, "queue-deleted", 0);
  add_message (tracer, "queue-deleted", 0);
  g_assert_cmpuint (mill_tracer_get_count (tracer, "Queue"), ==, 11999);
  add (tracer, "{\"kind\": \"queue-dead-lettered\", \"queueArn\": \"arn:q\", \"messageId\": \"m1\", \"deadLetterQueueArn\": \"arn:dlq\"}");
  g_assert_cmpuint (mill_tracer_get_count (tracer, "Queue"), ==, 11998);
  g_assert_cmpuint (mill_tracer_get_count (tracer, "DeadLetters"), ==, 1);
  add_message (tracer, "queue-deleted", 1);
  g_assert_cmpuint (mill_tracer_get_count (tracer, "DeadLetters"), ==, 0);
  /* A function is given one. */
  add (tracer, "{\"kind\": \"function-started\", \"invocationId\": \"i2\", \"functionArn\": \"arn:f1\", \"source\": \"mapping\", \"records\": [{\"messageId\": \"m2\"}]}");
  add_message (tracer, "queue-deleted", 2);
  g_assert_cmpuint (mill_tracer_get_count (tracer, "Queue"), ==, 11997);
  /* One that nobody ever told of. */
  add_message (tracer, "queue-deleted", 20000);
  g_assert_cmpuint (mill_tracer_get_count (tracer, "Queue"), ==, 11997);

  /* What is over goes before what is under way, however old. */
  for (guint i = 5000; i < 12000; i++)
    add_message (tracer, "queue-deleted", i);
  for (guint i = 12000; i < 18000; i++)
    add_message (tracer, "queue-sent", i);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (tracer)), <=, 10000);
  g_assert_nonnull (mill_tracer_find (tracer, "m4999"));
  g_assert_null (mill_tracer_find (tracer, "m5000"));
  g_assert_nonnull (mill_tracer_find (tracer, "m17999"));
  g_assert_cmpuint (mill_tracer_get_count (tracer, "Queue"), ==, 4997 + 6000);
}

/* {"hop": …}: what step mode of the practice cloud tells. */
#define HOLD(id, rest) add (tracer, "{\"kind\": \"held\", \"holdId\": \"" id "\", " rest "}")
#define LET_GO(id, reason) add (tracer, "{\"kind\": \"released\", \"holdId\": \"" id "\", \"reason\": \"" reason "\"}")

static void
test_held (void)
{
  g_autoptr (MillTracer) tracer = new_tracer ();

  add (tracer, "{\"kind\": \"gateway-request\", \"requestId\": \"r1\", \"apiId\": \"api1\", \"body\": \"order\"}");
  HOLD ("g/1", "\"hop\": \"gateway-integration\", \"apiId\": \"api1\", \"requestId\": \"r1\"");
  add (tracer, "{\"kind\": \"gateway-response\", \"requestId\": \"r1\", \"status\": 200}");
  assert_hops (tracer, 0, "under-way", "gateway:Api:held");
  HOLD ("g/1", "\"hop\": \"gateway-integration\", \"apiId\": \"api1\", \"requestId\": \"r1\"");
  HOLD ("g/2", "\"hop\": \"gateway-integration\", \"apiId\": \"somebody-elses\", \"requestId\": \"r2\"");
  g_assert_cmpuint (mill_tracer_get_n_held (tracer), ==, 1);
  /* Let go, it is not at its end before its arrival is told. */
  LET_GO ("g/1", "released");
  assert_hops (tracer, 0, "under-way", "gateway:Api:ok");
  add (tracer, "{\"kind\": \"queue-sent\", \"queueArn\": \"arn:q\", \"messageId\": \"m1\", \"body\": \"order\", \"source\": \"r1\", \"sourceType\": \"gateway\"}");
  HOLD ("q/1", "\"hop\": \"queue-mapping\", \"queueArn\": \"arn:q\", \"messageId\": \"m1\"");
  assert_hops (tracer, 0, "under-way", "gateway:Api:ok queue:Queue:held");
  LET_GO ("q/1", "gone");
  LET_GO ("q/1", "gone");
  assert_hops (tracer, 0, "under-way", "gateway:Api:ok queue:Queue:under-way");
  g_assert_cmpuint (mill_tracer_get_n_held (tracer), ==, 0);
}

/* Of a batch, the log says whose publishing is held, at the function's end. */
static void
test_held_batch (void)
{
  g_autoptr (MillTracer) tracer = new_tracer ();

  SEND ("1");
  SEND ("2");
  add (tracer, "{\"kind\": \"function-started\", \"invocationId\": \"i1\", \"functionArn\": \"arn:f1\", \"source\": \"mapping\","
               " \"records\": [{\"messageId\": \"m1\"}, {\"messageId\": \"m2\"}]}");
  HOLD ("p/2", "\"hop\": \"publish-topic\", \"topicArn\": \"arn:topic\", \"messageId\": \"t2\", \"invocationId\": \"i1\"");
  add (tracer, "{\"kind\": \"function-log\", \"invocationId\": \"i1\", \"line\": \"{\\\"in\\\": {\\\"messageId\\\": \\\"m2\\\"}, \\\"out\\\": {\\\"publish\\\": \\\"t2\\\"}}\"}");
  add (tracer, "{\"kind\": \"function-ended\", \"invocationId\": \"i1\", \"functionArn\": \"arn:f1\", \"status\": \"ok\"}");
  assert_hops (tracer, 0, "delivered", "gateway:Api:ok queue:Queue:ok function:Store:ok");
  assert_hops (tracer, 1, "under-way", "gateway:Api:ok queue:Queue:ok function:Store:held");
  LET_GO ("p/2", "released");
  add (tracer, "{\"kind\": \"topic-published\", \"topicArn\": \"arn:topic\", \"messageId\": \"t2\", \"message\": \"x\", \"invocationId\": \"i1\"}");
  HOLD ("d/1", "\"hop\": \"topic-subscription\", \"topicArn\": \"arn:topic\", \"messageId\": \"t2\", \"subscriptionArn\": \"arn:sub\"");
  HOLD ("d/2", "\"hop\": \"topic-subscription\", \"topicArn\": \"arn:topic\", \"messageId\": \"t2\", \"subscriptionArn\": \"arn:sub2\"");
  LET_GO ("d/1", "released");
  assert_hops (tracer, 1, "under-way", "gateway:Api:ok queue:Queue:ok function:Store:ok topic:Topic:held");
  mill_tracer_forget_held (tracer);
  assert_hops (tracer, 1, "under-way", "gateway:Api:ok queue:Queue:ok function:Store:ok topic:Topic:under-way");
}

#define NOTIFY(n) \
  add (tracer, "{\"kind\": \"function-started\", \"invocationId\": \"i" n "\", \"functionArn\": \"arn:f2\", \"source\": \"mapping\", \"records\": [{\"messageId\": \"m" n "\"}]}")
#define SAY_PUBLISHED(n) \
  add (tracer, "{\"kind\": \"function-log\", \"invocationId\": \"i" n "\", \"line\": \"{\\\"in\\\": {\\\"messageId\\\": \\\"m" n "\\\"}, \\\"out\\\": {\\\"messageId\\\": \\\"p" n "\\\"}}\"}"); \
  add (tracer, "{\"kind\": \"topic-published\", \"topicArn\": \"arn:topic\", \"messageId\": \"p" n "\", \"invocationId\": \"i" n "\"}")
#define TAPPED(n) \
  add (tracer, "{\"kind\": \"topic-tapped\", \"topicArn\": \"arn:topic\", \"messageId\": \"p" n "\", \"message\": \"published " n "\"}")
#define DELIVERED(n) \
  add (tracer, "{\"kind\": \"topic-delivered\", \"topicArn\": \"arn:topic\", \"messageId\": \"p" n "\", \"subscriptionArn\": \"arn:sub\", \"protocol\": \"email\"," \
               " \"endpoint\": \"a@b.c\", \"status\": \"delivered\"}")

static void
assert_payloads (MillTracer *tracer,
                 guint       index,
                 const char *expected)
{
  g_autoptr (MillTrace) trace = g_list_model_get_item (G_LIST_MODEL (tracer), index);
  guint n = g_list_model_get_n_items (G_LIST_MODEL (trace)), topics = 0;

  for (guint i = 0; i < n; i++)
    {
      g_autoptr (MillHop) hop = g_list_model_get_item (G_LIST_MODEL (trace), i);

      if (g_str_equal (mill_hop_get_kind (hop), "topic") || g_str_equal (mill_hop_get_kind (hop), "mail"))
        {
          g_assert_cmpstr (mill_hop_get_payload (hop), ==, expected);
          topics++;
        }
    }
  g_assert_cmpuint (topics, ==, 2);
}

/* What a tap tells comes before or after the function's line, and more than once; the way of the message is the same. */
static void
test_tapped (void)
{
  static const char way[] = "queue:Queue:ok function:Notify:ok topic:Topic:ok mail:Mail:ok";

  for (guint order = 0; order < 4; order++)
    {
      g_autoptr (MillTracer) tracer = new_tracer ();

      now = 1000;
      add (tracer, "{\"kind\": \"queue-sent\", \"queueArn\": \"arn:q\", \"messageId\": \"m1\", \"body\": \"order\", \"source\": \"x\", \"sourceType\": \"user\"}");
      RECEIVE ("1", "1");
      if (order == 0)
        TAPPED ("1");
      NOTIFY ("1");
      if (order == 1)
        TAPPED ("1");
      if (order == 2)
        {
          /* Delivered, and known as a message of its own before anybody said who published it. */
          TAPPED ("1");
          DELIVERED ("1");
          mill_tracer_pass_time (tracer, now + 60);
          g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (tracer)), ==, 2);
          assert_hops (tracer, 1, "delivered", "topic:Topic:ok mail:Mail:ok");
        }
      SAY_PUBLISHED ("1");
      DELIVERED ("1");
      if (order == 3)
        TAPPED ("1");
      add (tracer, "{\"kind\": \"function-ended\", \"invocationId\": \"i1\", \"status\": \"ok\"}");
      add (tracer, "{\"kind\": \"queue-deleted\", \"queueArn\": \"arn:q\", \"messageId\": \"m1\"}");
      TAPPED ("1");
      SAY_PUBLISHED ("1");
      mill_tracer_pass_time (tracer, now + 60);
      g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (tracer)), ==, 1);
      assert_hops (tracer, 0, "delivered", way);
      assert_payloads (tracer, 0, "published 1");
      g_assert_cmpuint (mill_tracer_get_count (tracer, "Topic"), ==, 1);
    }
}

/* The copy that goes to a tap is no delivery, and the tap's queue none of the pipeline's. */
static void
test_tap_is_nobody (void)
{
  g_autoptr (MillTracer) tracer = new_tracer ();

  add (tracer, "{\"kind\": \"topic-published\", \"topicArn\": \"arn:topic\", \"messageId\": \"p1\", \"message\": \"x\"}");
  add (tracer, "{\"kind\": \"queue-sent\", \"queueArn\": \"arn:tap\", \"messageId\": \"t1\", \"body\": \"x\", \"source\": \"p1\", \"sourceType\": \"topic\"}");
  add (tracer, "{\"kind\": \"topic-delivered\", \"topicArn\": \"arn:topic\", \"messageId\": \"p1\", \"subscriptionArn\": \"arn:sub9\", \"protocol\": \"sqs\","
               " \"endpoint\": \"arn:tap\", \"status\": \"delivered\", \"deliveryId\": \"t1\"}");
  assert_hops (tracer, 0, "under-way", "topic:Topic:under-way");
  add (tracer, "{\"kind\": \"topic-delivered\", \"topicArn\": \"arn:topic\", \"messageId\": \"p1\", \"subscriptionArn\": \"arn:sub9\", \"protocol\": \"sqs\","
               " \"endpoint\": \"arn:tap\", \"status\": \"failed\", \"error\": \"AccessDenied\"}");
  assert_hops (tracer, 0, "under-way", "topic:Topic:under-way");
  /* Somebody else's topic, and what is no message. */
  add (tracer, "{\"kind\": \"topic-tapped\", \"topicArn\": \"arn:other\", \"messageId\": \"p7\", \"message\": \"x\"}");
  add (tracer, "{\"kind\": \"topic-tapped\", \"topicArn\": \"arn:topic\"}");
  add (tracer, "{\"kind\": \"topic-tapped\", \"topicArn\": \"arn:topic\", \"messageId\": 7, \"message\": {}}");
  mill_tracer_pass_time (tracer, now + 60);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (tracer)), ==, 1);
}

/* Members that are missing, as the fuzzer found: nothing is known, and nothing breaks. */
static void
test_missing (void)
{
  g_autoptr (MillTracer) tracer = new_tracer ();

  SEND ("1");
  SEND ("2");
  add (tracer, "{\"kind\": \"queue-sent\", \"messageId\": \"m9\", \"source\": \"r1\", \"sourceType\": \"gateway\"}");
  add (tracer, "{\"kind\": \"function-started\", \"invocationId\": \"i1\", \"functionArn\": \"arn:f1\", \"source\": \"mapping\","
               " \"records\": [{\"messageId\": \"m1\"}, {\"messageId\": \"m2\"}]}");
  HOLD ("p/1", "\"hop\": \"publish-topic\", \"topicArn\": \"arn:topic\", \"invocationId\": \"i1\"");
  add (tracer, "{\"kind\": \"table-written\", \"keys\": {}, \"eventID\": \"e1\", \"invocationId\": \"i1\"}");
  add (tracer, "{\"kind\": \"held\"}");
  add (tracer, "{\"kind\": \"released\", \"holdId\": 7}");
  g_assert_cmpuint (mill_tracer_get_n_held (tracer), ==, 1);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/tracer/whole-way", test_whole_way);
  g_test_add_func ("/tracer/batch", test_batch);
  g_test_add_func ("/tracer/claimed-late", test_claimed_late);
  g_test_add_func ("/tracer/batch-inferred", test_batch_inferred);
  g_test_add_func ("/tracer/batch-cut", test_batch_cut);
  g_test_add_func ("/tracer/denied-and-retried", test_denied_and_retried);
  g_test_add_func ("/tracer/dead-letter", test_dead_letter);
  g_test_add_func ("/tracer/pending-confirmation", test_pending_confirmation);
  g_test_add_func ("/tracer/gateway-denied", test_gateway_denied);
  g_test_add_func ("/tracer/foreign", test_foreign);
  g_test_add_func ("/tracer/bounded", test_bounded);
  g_test_add_func ("/tracer/held", test_held);
  g_test_add_func ("/tracer/held-batch", test_held_batch);
  g_test_add_func ("/tracer/tapped", test_tapped);
  g_test_add_func ("/tracer/tap-is-nobody", test_tap_is_nobody);
  g_test_add_func ("/tracer/missing", test_missing);
  return g_test_run ();
}
