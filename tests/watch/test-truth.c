/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What probes see on the practice cloud is what the true event stream tells, message by message and hop by hop. Both watch the same
 * deployment at the same time; whatever differs is named.
 */
#include <string.h>

#include "aws-json.h"
#include "deploy-fixture.h"
#include "mill-watch.h"

#define SECONDS 40
#define CLIENTS 8

/* A message's body says what is to happen to it: how often each function is to fail with it, and how. */
static const char store_code[] =
  "import json, os, time, uuid\n"
  "import boto3\n"
  "table = boto3.resource('dynamodb').Table(os.environ['TABLE_NAME'])\n"
  "def lambda_handler(event, context):\n"
  "    print(json.dumps({'in': [{'messageId': r['messageId']} for r in event['Records']]}))\n"
  "    failed = []\n"
  "    for record in event['Records']:\n"
  "        body = record['body']\n"
  "        wish = json.loads(body) if body.startswith('{') else {}\n"
  "        attempt = int(record.get('attributes', {}).get('ApproximateReceiveCount', 1))\n"
  "        if attempt <= wish.get('raise', 0):\n"
  "            raise ValueError('not at attempt %d' % attempt)\n"
  "        if attempt <= wish.get('sleep', 0):\n"
  "            time.sleep(30)\n"
  "        if attempt <= wish.get('exit', 0):\n"
  "            os._exit(3)\n"
  "        if attempt <= wish.get('poison', 0):\n"
  "            print(json.dumps({'in': {'messageId': record['messageId']}, 'error': 'It is poisoned.'}))\n"
  "            failed.append({'itemIdentifier': record['messageId']})\n"
  "            continue\n"
  "        order = str(uuid.uuid4())\n"
  "        table.put_item(Item={'orderID': order, 'order': body})\n"
  "        print(json.dumps({'in': {'messageId': record['messageId']}, 'out': {'orderID': order}}))\n"
  "    return {'batchItemFailures': failed}\n";

static const char notify_code[] =
  "import json, os\n"
  "import boto3\n"
  "sns = boto3.client('sns')\n"
  "attempts = {}\n"
  "def lambda_handler(event, context):\n"
  "    print(json.dumps({'in': [{'eventID': r['eventID']} for r in event['Records']]}))\n"
  "    for record in event['Records']:\n"
  "        body = record['dynamodb']['NewImage']['order']['S']\n"
  "        wish = json.loads(body) if body.startswith('{') else {}\n"
  "        attempts[record['eventID']] = attempts.get(record['eventID'], 0) + 1\n"
  "        if attempts[record['eventID']] <= wish.get('break', 0):\n"
  "            raise RuntimeError('not at attempt %d' % attempts[record['eventID']])\n"
  "        answer = sns.publish(TargetArn=os.environ['TOPIC_ARN'], Message=body)\n"
  "        print(json.dumps({'in': {'eventID': record['eventID']}, 'out': {'messageId': answer['MessageId']}}))\n";

/* Without a line that says what it is about. */
static const char silent_code[] =
  "import json, os, uuid\n"
  "import boto3\n"
  "table = boto3.resource('dynamodb').Table(os.environ['TABLE_NAME'])\n"
  "def lambda_handler(event, context):\n"
  "    for record in event['Records']:\n"
  "        attempt = int(record['attributes']['ApproximateReceiveCount'])\n"
  "        if attempt <= json.loads(record['body']).get('raise', 0):\n"
  "            raise ValueError('not at attempt %d' % attempt)\n";

typedef struct
{
  char           *folder;
  MillCatalog    *catalog;
  MillEngine     *engine;
  MillTarget     *target;
  MillDeployment *deployment;
  AwsClient      *client;
  MillTraceStore *stores[2];
  MillWatch      *truth;
  MillWatch      *probes;
  guint           ready;
  guint           next;        /* of the bodies to send */
  guint           in_flight;
  GPtrArray      *bodies;
  char           *queue;       /* its URL */
  char           *store_mapping;
  char           *notify_mapping;
  GHashTable     *reported;    /* ids of traces that were found to be wrong */
  guint           seen;        /* traces of the scenarios before */
  guint           n_scenarios, n_traces, n_hops, n_inferred;
} Bench;

/* Calls */

static JsonObject *
call (Bench      *bench,
      const char *operation,
      const char *format,
      ...)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *text = NULL;
  g_autoptr (JsonObject) parameters = NULL;
  JsonObject *result;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  for (char *c = text; *c != '\0'; c++)
    if (*c == '\'')
      *c = '"';
  parameters = aws_json_parse_object (text, -1, &error);
  g_assert_no_error (error);
  result = aws_client_call (bench->client, operation, parameters, NULL, &error);
  g_assert_no_error (error);
  return result;
}

#define CALL(...) json_object_unref (call (__VA_ARGS__))

static char *
get_physical_id (Bench      *bench,
                 const char *logical_id)
{
  return g_strdup (mill_resource_get_physical_id (mill_deployment_find_resource (bench->deployment, logical_id)));
}

static const char *
get_arn (Bench      *bench,
         const char *logical_id)
{
  return mill_resource_get_arn (mill_deployment_find_resource (bench->deployment, logical_id));
}

static void
run_for (double seconds)
{
  gint64 end = g_get_monotonic_time () + (gint64) (seconds * G_USEC_PER_SEC);

  while (g_get_monotonic_time () < end)
    {
      if (!g_main_context_iteration (NULL, FALSE))
        g_usleep (10000);
    }
}

/* Sending */

static void send_next (Bench *bench);

static void
on_sent (GObject      *source,
         GAsyncResult *result,
         gpointer      data)
{
  Bench *bench = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) answer = mill_engine_send_finish (MILL_ENGINE (source), result, &error);

  g_assert_no_error (error);
  g_assert_nonnull (answer);
  bench->in_flight--;
  send_next (bench);
}

static void
send_next (Bench *bench)
{
  GPtrArray *samples = mill_tutorial_get_samples (mill_deployment_get_tutorial (bench->deployment));

  while (bench->in_flight < CLIENTS && bench->next < bench->bodies->len)
    {
      bench->in_flight++;
      mill_engine_send_async (bench->engine, bench->deployment, samples->pdata[0], bench->bodies->pdata[bench->next++], NULL, on_sent, bench);
    }
}

static void
send_all (Bench *bench)
{
  bench->next = 0;
  send_next (bench);
  while (bench->in_flight > 0)
    g_main_context_iteration (NULL, TRUE);
  g_ptr_array_set_size (bench->bodies, 0);
}

/* "'" stands for '"'. */
static void
add_body (Bench      *bench,
          const char *body)
{
  char *copy = g_strdup (body);

  for (char *c = copy; *c != '\0'; c++)
    if (*c == '\'')
      *c = '"';
  g_ptr_array_add (bench->bodies, copy);
}

static void
send_one (Bench      *bench,
          const char *body)
{
  add_body (bench, body);
  send_all (bench);
}

/* Comparing */

static char *
name_hop (MillHop *hop)
{
  return hop != NULL ? g_strdup_printf ("%s %s %s", mill_hop_get_kind (hop), mill_hop_get_component (hop), mill_hop_get_message_id (hop)) : g_strdup ("nothing");
}

/* An inferred delivery has no id that anybody gave it. */
static gboolean
is_same (MillHop *a,
         MillHop *b)
{
  return g_str_equal (mill_hop_get_kind (a), mill_hop_get_kind (b)) && g_str_equal (mill_hop_get_component (a), mill_hop_get_component (b))
         && g_str_equal (mill_hop_get_message_id (a), mill_hop_get_message_id (b));
}

static void
differ (GString    *differences,
        const char *trace,
        const char *hop,
        const char *what,
        const char *truth,
        const char *probes)
{
  g_string_append_printf (differences, "  trace %s, %s: %s is “%s” and was seen as “%s”\n", trace, hop, what, truth, probes);
}

static void
compare_hop (GString    *differences,
             const char *trace,
             MillHop    *truth,
             MillHop    *probes)
{
  g_autofree char *name = name_hop (truth);
  g_autofree char *before = name_hop (mill_hop_get_previous (truth));
  g_autofree char *seen_before = name_hop (mill_hop_get_previous (probes));
  const char *kind = mill_hop_get_kind (truth);

  if (mill_hop_get_status (truth) != mill_hop_get_status (probes))
    differ (differences, trace, name, "the status", mill_hop_get_status_name (truth), mill_hop_get_status_name (probes));
  if (mill_hop_get_attempts (truth) != mill_hop_get_attempts (probes))
    {
      g_autofree char *a = g_strdup_printf ("%u", mill_hop_get_attempts (truth));
      g_autofree char *b = g_strdup_printf ("%u", mill_hop_get_attempts (probes));

      differ (differences, trace, name, "the number of attempts", a, b);
    }
  if (!g_str_equal (before, seen_before))
    differ (differences, trace, name, "what came before", before, seen_before);
  /* What no API tells is not there rather than wrong: the event that a function was given, the text of a message to a topic. */
  if (!g_str_equal (mill_hop_get_payload (truth), mill_hop_get_payload (probes))
      && !(*mill_hop_get_payload (probes) == '\0' && (g_str_equal (kind, "function") || g_str_equal (kind, "topic") || mill_hop_get_inferred (probes)))
      && !(g_str_equal (kind, "mail") && mill_hop_get_inferred (probes)))
    differ (differences, trace, name, "the payload", mill_hop_get_payload (truth), mill_hop_get_payload (probes));
  if (!g_str_equal (mill_hop_get_error (truth), mill_hop_get_error (probes)))
    differ (differences, trace, name, "the error", mill_hop_get_error (truth), mill_hop_get_error (probes));
  if (!g_str_equal (mill_hop_get_advice (truth), mill_hop_get_advice (probes)))
    differ (differences, trace, name, "the advice", mill_hop_get_advice (truth), mill_hop_get_advice (probes));
  if (!g_str_equal (mill_hop_get_log (truth), mill_hop_get_log (probes)))
    differ (differences, trace, name, "the log", mill_hop_get_log (truth), mill_hop_get_log (probes));
  if ((mill_hop_get_left (truth) > 0) != (mill_hop_get_left (probes) > 0))
    differ (differences, trace, name, "whether it left", mill_hop_get_left (truth) > 0 ? "yes" : "no", mill_hop_get_left (probes) > 0 ? "yes" : "no");
  if (mill_hop_get_left (probes) > 0 && mill_hop_get_left (probes) < mill_hop_get_arrived (probes))
    g_string_append_printf (differences, "  trace %s, %s: it was seen to leave before it arrived\n", trace, name);
}

static MillHop *
find_hop (GListModel *trace,
          MillHop    *hop)
{
  for (guint i = 0; i < g_list_model_get_n_items (trace); i++)
    {
      g_autoptr (MillHop) each = g_list_model_get_item (trace, i);

      if (is_same (each, hop))
        return each;
    }
  return NULL;
}

static void
compare_trace (GString   *differences,
               MillTrace *truth,
               MillTrace *probes)
{
  const char *id = mill_trace_get_id (truth);

  if (mill_trace_get_state (truth) != mill_trace_get_state (probes))
    differ (differences, id, "the whole", "the state", mill_trace_get_state_name (truth), mill_trace_get_state_name (probes));
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (truth)); i++)
    {
      g_autoptr (MillHop) hop = g_list_model_get_item (G_LIST_MODEL (truth), i);
      g_autofree char *name = name_hop (hop);
      MillHop *seen = find_hop (G_LIST_MODEL (probes), hop);

      if (seen != NULL)
        compare_hop (differences, id, hop, seen);
      else
        g_string_append_printf (differences, "  trace %s, %s: it was not seen\n", id, name);
    }
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (probes)); i++)
    {
      g_autoptr (MillHop) hop = g_list_model_get_item (G_LIST_MODEL (probes), i);
      g_autofree char *name = name_hop (hop);

      if (find_hop (G_LIST_MODEL (truth), hop) == NULL)
        g_string_append_printf (differences, "  trace %s, %s: it was seen and never was\n", id, name);
    }
}

/* Returns: what differs; "" where nothing does */
static GString *
compare (Bench *bench)
{
  GString *differences = g_string_new (NULL);

  for (guint i = bench->seen; i < g_list_model_get_n_items (G_LIST_MODEL (bench->truth)); i++)
    {
      g_autoptr (MillTrace) truth = g_list_model_get_item (G_LIST_MODEL (bench->truth), i);
      MillTrace *probes = mill_watch_find (bench->probes, mill_trace_get_id (truth));

      if (probes != NULL)
        compare_trace (differences, truth, probes);
      else
        g_string_append_printf (differences, "  trace %s: it was not seen\n", mill_trace_get_id (truth));
    }
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (bench->probes)); i++)
    {
      g_autoptr (MillTrace) probes = g_list_model_get_item (G_LIST_MODEL (bench->probes), i);

      if (mill_watch_find (bench->truth, mill_trace_get_id (probes)) == NULL && !g_hash_table_contains (bench->reported, mill_trace_get_id (probes)))
        g_string_append_printf (differences, "  trace %s: it was seen and never was (%s)\n", mill_trace_get_id (probes), mill_trace_get_summary (probes));
    }
  return differences;
}

static gboolean
is_settled (Bench          *bench,
            guint           n,
            MillTraceState  state)
{
  guint length = g_list_model_get_n_items (G_LIST_MODEL (bench->truth)), there = 0;

  if (length < bench->seen + n)
    return FALSE;
  for (guint i = 0; i < length; i++)
    {
      g_autoptr (MillTrace) trace = g_list_model_get_item (G_LIST_MODEL (bench->truth), i);

      if (mill_trace_get_state (trace) == MILL_TRACE_UNDER_WAY)
        return FALSE;
      there += i >= bench->seen && mill_trace_get_state (trace) == state;
    }
  return there > 0;
}

static void
count (Bench *bench)
{
  guint length = g_list_model_get_n_items (G_LIST_MODEL (bench->probes));

  for (guint i = bench->seen; i < length; i++)
    {
      g_autoptr (MillTrace) trace = g_list_model_get_item (G_LIST_MODEL (bench->probes), i);

      for (guint n = 0; n < g_list_model_get_n_items (G_LIST_MODEL (trace)); n++)
        {
          g_autoptr (MillHop) hop = g_list_model_get_item (G_LIST_MODEL (trace), n);

          bench->n_hops++;
          bench->n_inferred += mill_hop_get_inferred (hop);
        }
    }
  bench->n_traces += length - bench->seen;
  bench->n_scenarios++;
  bench->seen = g_list_model_get_n_items (G_LIST_MODEL (bench->truth));
}

/* What was found to be wrong in one scenario is not found again in the next. */
static void
report (Bench      *bench,
        const char *scenario,
        const char *text)
{
  g_test_message ("%s: %s", scenario, text);
  g_test_fail ();
  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (bench->probes)); i++)
    {
      g_autoptr (MillTrace) trace = g_list_model_get_item (G_LIST_MODEL (bench->probes), i);

      g_hash_table_add (bench->reported, g_strdup (mill_trace_get_id (trace)));
    }
  bench->n_scenarios++;
  bench->seen = g_list_model_get_n_items (G_LIST_MODEL (bench->truth));
}

/* Waits until @n new messages have come to their end, one of them as @state, and both ways of seeing agree. */
static void
agree (Bench          *bench,
       const char     *scenario,
       guint           n,
       MillTraceState  state)
{
  gint64 began = g_get_monotonic_time (), end = began + SECONDS * G_USEC_PER_SEC;
  g_autoptr (GString) differences = NULL;

  do
    {
      run_for (0.05);
      if (!is_settled (bench, n, state))
        continue;
      if (differences != NULL)
        g_string_free (g_steal_pointer (&differences), TRUE);
      differences = compare (bench);
      if (differences->len == 0)
        {
          count (bench);
          g_test_message ("%s: %u traces so far, %.1f s, %u calls in the last minute", scenario, bench->seen,
                          (g_get_monotonic_time () - began) / (double) G_USEC_PER_SEC, mill_watch_get_recent_calls (bench->probes));
          return;
        }
    }
  while (g_get_monotonic_time () < end);
  if (differences == NULL)
    {
      for (guint i = bench->seen; i < g_list_model_get_n_items (G_LIST_MODEL (bench->truth)); i++)
        {
          g_autoptr (MillTrace) trace = g_list_model_get_item (G_LIST_MODEL (bench->truth), i);
          g_autofree char *key = name_hop (mill_trace_get_key_hop (trace));

          g_test_message ("%s: %s at %s: %s", mill_trace_get_id (trace), mill_trace_get_state_name (trace), key,
                          mill_hop_get_error (mill_trace_get_key_hop (trace)));
        }
      report (bench, scenario, "the truth itself did not settle");
    }
  else
    {
      g_string_prepend (differences, "what is seen is not what is:\n");
      report (bench, scenario, differences->str);
    }
}

/* The bench */

static void
on_ready (Bench *bench)
{
  bench->ready++;
}

static void
on_failed (MillWatch  *watch,
           const char *sentence)
{
  g_test_message ("%s", sentence);
}

static MillWatch *
start_watch (Bench           *bench,
             guint            which,
             MillWatchSource  source)
{
  MillWatch *watch = mill_watch_new_with_store (bench->deployment, bench->stores[which]);

  g_signal_connect_swapped (watch, "ready", G_CALLBACK (on_ready), bench);
  g_signal_connect (watch, "failed", G_CALLBACK (on_failed), NULL);
  mill_watch_set_source (watch, source);
  mill_watch_set_budget (watch, 6000);
  mill_watch_start (watch, FALSE);
  return watch;
}

static void
start_watches (Bench *bench)
{
  bench->ready = 0;
  bench->truth = start_watch (bench, 0, MILL_WATCH_EVENTS);
  bench->probes = start_watch (bench, 1, MILL_WATCH_PROBES);
  while (bench->ready < 2)
    g_main_context_iteration (NULL, TRUE);
}

static void
stop_watches (Bench *bench)
{
  g_signal_handlers_disconnect_by_data (bench->truth, bench);
  g_signal_handlers_disconnect_by_data (bench->probes, bench);
  mill_watch_stop (bench->truth);
  mill_watch_stop (bench->probes);
  g_clear_object (&bench->truth);
  g_clear_object (&bench->probes);
}

static void
wait_for_mapping (Bench      *bench,
                  const char *uuid)
{
  for (;;)
    {
      g_autoptr (JsonObject) mapping = call (bench, "lambda:GetEventSourceMapping", "{'UUID': '%s'}", uuid);

      if (g_strcmp0 (aws_json_get_string (mapping, "State"), "Enabled") == 0)
        return;
      run_for (0.05);
    }
}

static void
bench_open (Bench *bench)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *state = NULL;
  g_autofree char *ledger = NULL;

  memset (bench, 0, sizeof *bench);
  bench->folder = fixture_folder_new ();
  state = g_build_filename (bench->folder, "practice", NULL);
  ledger = g_build_filename (bench->folder, "ledger.db", NULL);
  g_setenv ("MILLRACE_PRACTICE_DIR", state, TRUE);
  g_setenv ("XDG_RUNTIME_DIR", bench->folder, TRUE);
  for (guint i = 0; i < 2; i++)
    {
      g_autofree char *name = g_strdup_printf ("traces-%u.db", i);
      g_autofree char *path = g_build_filename (bench->folder, name, NULL);

      bench->stores[i] = mill_trace_store_new (path);
    }
  bench->reported = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  bench->bodies = g_ptr_array_new_with_free_func (g_free);
  bench->catalog = mill_catalog_new ();
  bench->engine = mill_engine_new (bench->catalog, ledger, &error);
  g_assert_no_error (error);
  bench->target = mill_target_new ("practice", NULL, &error);
  g_assert_no_error (error);
  bench->deployment = mill_engine_create (bench->engine, mill_catalog_find (bench->catalog, "order-pipeline"), bench->target, NULL, &error);
  g_assert_no_error (error);
  fixture_build (bench->engine, bench->deployment, NULL, NULL, &error);
  g_assert_no_error (error);
  fixture_set_code (bench->engine, bench->deployment, "StoreFunction", "lambda_function.py", store_code, &error);
  g_assert_no_error (error);
  fixture_set_code (bench->engine, bench->deployment, "NotifyFunction", "lambda_function.py", notify_code, &error);
  g_assert_no_error (error);
  bench->client = mill_target_get_client (bench->target);
  bench->queue = get_physical_id (bench, "Queue");
  bench->store_mapping = get_physical_id (bench, "StoreTrigger");
  bench->notify_mapping = get_physical_id (bench, "NotifyTrigger");
  CALL (bench, "lambda:UpdateEventSourceMapping", "{'UUID': '%s', 'FunctionResponseTypes': ['ReportBatchItemFailures']}", bench->store_mapping);
  CALL (bench, "lambda:UpdateFunctionConfiguration", "{'FunctionName': '%s', 'Timeout': 1}", get_arn (bench, "StoreFunction"));
  CALL (bench, "sqs:SetQueueAttributes", "{'QueueUrl': '%s', 'Attributes': {'VisibilityTimeout': '1'}}", bench->queue);
  wait_for_mapping (bench, bench->store_mapping);
  start_watches (bench);
}

static void
bench_close (Bench *bench)
{
  stop_watches (bench);
  for (guint i = 0; i < 2; i++)
    g_object_unref (bench->stores[i]);
  g_ptr_array_unref (bench->bodies);
  g_hash_table_unref (bench->reported);
  g_free (bench->queue);
  g_free (bench->store_mapping);
  g_free (bench->notify_mapping);
  g_object_unref (bench->deployment);
  g_object_unref (bench->target);
  g_object_unref (bench->engine);
  g_object_unref (bench->catalog);
  fixture_folder_remove (bench->folder);
}

/* Scenarios */

static void
confirm_all (Bench *bench)
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
subscriptions (Bench *bench)
{
  send_one (bench, "{'item': 'one'}");
  agree (bench, "a subscription that nobody confirmed", 1, MILL_TRACE_FAILED);
  confirm_all (bench);
  send_one (bench, "{'item': 'one'}");
  agree (bench, "one message", 1, MILL_TRACE_DELIVERED);
  send_one (bench, "letters & numbers + 100 % „Ü“ \\ <tag>");
  agree (bench, "a message that is no JSON", 1, MILL_TRACE_DELIVERED);
  CALL (bench, "sns:Subscribe", "{'TopicArn': '%s', 'Protocol': 'email', 'Endpoint': 'second@example.com'}", get_arn (bench, "Topic"));
  send_one (bench, "{'item': 'two'}");
  agree (bench, "two subscribers, one of them not confirmed", 1, MILL_TRACE_FAILED);
  confirm_all (bench);
  send_one (bench, "{'item': 'two'}");
  agree (bench, "two subscribers", 1, MILL_TRACE_DELIVERED);
}

static void
filter_policy (Bench *bench)
{
  g_autoptr (JsonObject) list = call (bench, "sns:ListSubscriptionsByTopic", "{'TopicArn': '%s'}", get_arn (bench, "Topic"));
  JsonArray *all = aws_json_get_array (list, "Subscriptions");
  const char *first = NULL;

  for (guint i = 0; i < json_array_get_length (all); i++)
    {
      JsonObject *each = json_array_get_object_element (all, i);
      const char *arn = aws_json_get_string (each, "SubscriptionArn");

      if (g_str_equal (aws_json_get_string (each, "Endpoint"), "second@example.com"))
        CALL (bench, "sns:Unsubscribe", "{'SubscriptionArn': '%s'}", arn);
      else
        first = arn;
    }
  CALL (bench, "sns:SetSubscriptionAttributes", "{'SubscriptionArn': '%s', 'AttributeName': 'FilterPolicy', 'AttributeValue': '{\\\"colour\\\": [\\\"red\\\"]}'}", first);
  send_one (bench, "{'item': 'filtered by the subscription'}");
  agree (bench, "a subscription's filter", 1, MILL_TRACE_FILTERED);
  CALL (bench, "sns:SetSubscriptionAttributes", "{'SubscriptionArn': '%s', 'AttributeName': 'FilterPolicy', 'AttributeValue': '{}'}", first);
}

static void
failures (Bench *bench)
{
  send_one (bench, "{'raise': 2}");
  agree (bench, "a function that fails twice and then succeeds", 1, MILL_TRACE_DELIVERED);
  send_one (bench, "{'sleep': 1}");
  agree (bench, "a time-out, then success", 1, MILL_TRACE_DELIVERED);
  send_one (bench, "{'exit': 1}");
  agree (bench, "a process that ends by itself, then success", 1, MILL_TRACE_DELIVERED);
  send_one (bench, "{'break': 2}");
  agree (bench, "a stream's reader that fails twice and then succeeds", 1, MILL_TRACE_DELIVERED);
}

static void
batches (Bench *bench)
{
  /* Longer than the window in which messages wait for others. */
  CALL (bench, "sqs:SetQueueAttributes", "{'QueueUrl': '%s', 'Attributes': {'VisibilityTimeout': '4'}}", bench->queue);
  CALL (bench, "lambda:UpdateEventSourceMapping", "{'UUID': '%s', 'MaximumBatchingWindowInSeconds': 1, 'BatchSize': 10}", bench->store_mapping);
  wait_for_mapping (bench, bench->store_mapping);
  for (guint i = 0; i < 10; i++)
    add_body (bench, i == 3 || i == 7 ? "{'poison': 1}" : "{'item': 'in a batch'}");
  send_all (bench);
  agree (bench, "a batch with two poisoned messages", 10, MILL_TRACE_DELIVERED);
  for (guint i = 0; i < 10; i++)
    add_body (bench, i == 5 ? "{'raise': 1}" : "{'item': 'in a batch'}");
  send_all (bench);
  agree (bench, "a batch that fails as a whole", 10, MILL_TRACE_DELIVERED);
  CALL (bench, "lambda:UpdateEventSourceMapping", "{'UUID': '%s', 'MaximumBatchingWindowInSeconds': 0}", bench->store_mapping);
  wait_for_mapping (bench, bench->store_mapping);
  for (guint i = 0; i < 500; i++)
    add_body (bench, "{'item': 'one of many'}");
  send_all (bench);
  agree (bench, "500 messages from 8 clients", 500, MILL_TRACE_DELIVERED);
  CALL (bench, "sqs:SetQueueAttributes", "{'QueueUrl': '%s', 'Attributes': {'VisibilityTimeout': '1'}}", bench->queue);
}

static void
dead_letters (Bench *bench)
{
  g_autoptr (JsonObject) made = call (bench, "sqs:CreateQueue", "{'QueueName': 'dead-letters'}");
  g_autofree char *arn = g_strdup (get_arn (bench, "Queue"));
  g_autofree char *dead = NULL;

  *strrchr (arn, ':') = '\0';
  dead = g_strconcat (arn, ":dead-letters", NULL);
  CALL (bench, "sqs:SetQueueAttributes", "{'QueueUrl': '%s', 'Attributes': {'RedrivePolicy': '{\\\"deadLetterTargetArn\\\": \\\"%s\\\", \\\"maxReceiveCount\\\": 2}'}}",
        bench->queue, dead);
  send_one (bench, "{'raise': 99}");
  agree (bench, "a dead letter", 1, MILL_TRACE_FAILED);
  for (guint i = 0; i < 4; i++)
    add_body (bench, i == 1 ? "{'poison': 99}" : "{'item': 'good'}");
  send_all (bench);
  agree (bench, "a dead letter among good ones", 4, MILL_TRACE_FAILED);
  send_one (bench, "{'sleep': 99}");
  agree (bench, "a dead letter after time-outs", 1, MILL_TRACE_FAILED);
  CALL (bench, "sqs:SetQueueAttributes", "{'QueueUrl': '%s', 'Attributes': {'RedrivePolicy': ''}}", bench->queue);
}

static void
filters (Bench *bench)
{
  CALL (bench, "lambda:UpdateEventSourceMapping", "{'UUID': '%s', 'FilterCriteria': {'Filters': [{'Pattern': '{\\\"body\\\": {\\\"wanted\\\": [true]}}'}]}}",
        bench->store_mapping);
  wait_for_mapping (bench, bench->store_mapping);
  send_one (bench, "{'wanted': false}");
  agree (bench, "a queue's message that a mapping's filter keeps back", 1, MILL_TRACE_FILTERED);
  add_body (bench, "{'wanted': false}");
  add_body (bench, "{'wanted': true}");
  send_all (bench);
  agree (bench, "two messages, one of them filtered", 2, MILL_TRACE_FILTERED);
  CALL (bench, "lambda:UpdateEventSourceMapping", "{'UUID': '%s', 'FilterCriteria': {}}", bench->store_mapping);
  wait_for_mapping (bench, bench->store_mapping);
  CALL (bench, "lambda:UpdateEventSourceMapping", "{'UUID': '%s', 'FilterCriteria': {'Filters': [{'Pattern': '{\\\"eventName\\\": [\\\"REMOVE\\\"]}'}]}}",
        bench->notify_mapping);
  wait_for_mapping (bench, bench->notify_mapping);
  send_one (bench, "{'item': 'kept from the stream reader'}");
  agree (bench, "a stream's record that a mapping's filter keeps back", 1, MILL_TRACE_FILTERED);
  CALL (bench, "lambda:UpdateEventSourceMapping", "{'UUID': '%s', 'FilterCriteria': {}}", bench->notify_mapping);
  wait_for_mapping (bench, bench->notify_mapping);
}

static void
permissions (Bench *bench)
{
  g_autofree char *write_policy = g_strdup (get_arn (bench, "WritePolicy"));
  g_autofree char *publish_policy = g_strdup (get_arn (bench, "PublishPolicy"));
  g_autofree char *store_role = get_physical_id (bench, "StoreRole");
  g_autofree char *notify_role = get_physical_id (bench, "NotifyRole");
  g_autoptr (JsonObject) attributes = call (bench, "sqs:GetQueueAttributes", "{'QueueUrl': '%s', 'AttributeNames': ['Policy']}", bench->queue);
  g_autoptr (JsonObject) restored = json_object_new ();
  g_autoptr (GError) error = NULL;

  CALL (bench, "iam:DetachRolePolicy", "{'RoleName': '%s', 'PolicyArn': '%s'}", store_role, write_policy);
  send_one (bench, "{'item': 'not written'}");
  agree (bench, "a function that may not write", 1, MILL_TRACE_STUCK);
  CALL (bench, "iam:AttachRolePolicy", "{'RoleName': '%s', 'PolicyArn': '%s'}", store_role, write_policy);
  bench->seen--;
  agree (bench, "… and then may", 1, MILL_TRACE_DELIVERED);
  CALL (bench, "iam:DetachRolePolicy", "{'RoleName': '%s', 'PolicyArn': '%s'}", notify_role, publish_policy);
  send_one (bench, "{'item': 'not announced'}");
  agree (bench, "a function that may not publish", 1, MILL_TRACE_STUCK);
  CALL (bench, "iam:AttachRolePolicy", "{'RoleName': '%s', 'PolicyArn': '%s'}", notify_role, publish_policy);
  bench->seen--;
  agree (bench, "… and then may", 1, MILL_TRACE_DELIVERED);
  CALL (bench, "sqs:SetQueueAttributes", "{'QueueUrl': '%s', 'Attributes': {'Policy': ''}}", bench->queue);
  send_one (bench, "{'item': 'not queued'}");
  agree (bench, "a gateway that may not send", 1, MILL_TRACE_FAILED);
  json_object_set_string_member (restored, "QueueUrl", bench->queue);
  json_object_set_object_member (restored, "Attributes", json_object_ref (aws_json_get_object (attributes, "Attributes")));
  json_object_unref (aws_client_call (bench->client, "sqs:SetQueueAttributes", restored, NULL, &error));
  g_assert_no_error (error);
}

static void
other_ways_in (Bench *bench)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) invoked = NULL;
  g_autoptr (JsonObject) tested = NULL;

  CALL (bench, "sqs:SendMessage", "{'QueueUrl': '%s', 'MessageBody': 'straight'}", bench->queue);
  agree (bench, "a message sent straight to the queue", 1, MILL_TRACE_DELIVERED);
  CALL (bench, "sqs:SendMessage", "{'QueueUrl': '%s', 'MessageBody': 'late', 'DelaySeconds': 1}", bench->queue);
  agree (bench, "a message that was delayed", 1, MILL_TRACE_DELIVERED);
  tested = fixture_act (bench->engine, bench->deployment, "test-method", NULL, &error);
  g_assert_no_error (error);
  agree (bench, "a test of the gateway's method", 1, MILL_TRACE_DELIVERED);
  invoked = fixture_act (bench->engine, bench->deployment, "test-store", NULL, &error);
  g_assert_no_error (error);
  agree (bench, "a function called by hand", 1, MILL_TRACE_DELIVERED);
}

static void
restarts (Bench *bench)
{
  send_one (bench, "{'raise': 1, 'item': 'while nobody looks'}");
  run_for (0.5);
  stop_watches (bench);
  g_assert_true (mill_trace_store_flush (bench->stores[0], NULL));
  g_assert_true (mill_trace_store_flush (bench->stores[1], NULL));
  start_watches (bench);
  agree (bench, "a watch that is ended and begun again while a message is under way", 1, MILL_TRACE_DELIVERED);
}

static void
silence (Bench *bench)
{
  g_autoptr (GError) error = NULL;

  fixture_set_code (bench->engine, bench->deployment, "StoreFunction", "lambda_function.py", silent_code, &error);
  g_assert_no_error (error);
  send_one (bench, "{'item': 'nothing is said'}");
  agree (bench, "a function that logs nothing", 1, MILL_TRACE_DELIVERED);
  send_one (bench, "{'raise': 1}");
  agree (bench, "a function that logs nothing and fails first", 1, MILL_TRACE_DELIVERED);
}

static void
test_truth (void)
{
  Bench bench;

  bench_open (&bench);
  subscriptions (&bench);
  filter_policy (&bench);
  failures (&bench);
  batches (&bench);
  dead_letters (&bench);
  filters (&bench);
  permissions (&bench);
  other_ways_in (&bench);
  restarts (&bench);
  silence (&bench);
  g_test_message ("%u scenarios, %u traces, %u hops, of which %u inferred: no difference", bench.n_scenarios, bench.n_traces, bench.n_hops, bench.n_inferred);
  g_assert_cmpuint (bench.n_scenarios, >=, 20);
  bench_close (&bench);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/watch/truth", test_truth);
  return g_test_run ();
}
