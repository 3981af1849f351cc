/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "truth-bench.h"

#include <math.h>
#include <signal.h>
#include <string.h>

#include "aws-json.h"

#define CLIENTS 8
/* A function is given so many times as long as the longest run until now took, but no more than so many seconds: what is too slow for that is broken. */
#define TIMES 5
#define FIRST_UNIT 2
#define MOST_UNIT 8

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

/* Calls */

JsonObject *
truth_call (TruthBench *bench,
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

char *
truth_get_physical_id (TruthBench *bench,
                       const char *logical_id)
{
  return g_strdup (mill_resource_get_physical_id (mill_deployment_find_resource (bench->deployment, logical_id)));
}

const char *
truth_get_arn (TruthBench *bench,
               const char *logical_id)
{
  return mill_resource_get_arn (mill_deployment_find_resource (bench->deployment, logical_id));
}

void
truth_run_for (double seconds)
{
  gint64 end = g_get_monotonic_time () + (gint64) (seconds * G_USEC_PER_SEC);

  while (g_get_monotonic_time () < end)
    {
      if (!g_main_context_iteration (NULL, FALSE))
        g_usleep (10000);
    }
}

/* Sending */

static void send_next (TruthBench *bench);

static void
on_sent (GObject      *source,
         GAsyncResult *result,
         gpointer      data)
{
  TruthBench *bench = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) answer = mill_engine_send_finish (MILL_ENGINE (source), result, &error);

  g_assert_no_error (error);
  g_assert_nonnull (answer);
  bench->in_flight--;
  send_next (bench);
}

static void
send_next (TruthBench *bench)
{
  GPtrArray *samples = mill_tutorial_get_samples (mill_deployment_get_tutorial (bench->deployment));

  while (bench->in_flight < CLIENTS && bench->next < bench->bodies->len)
    {
      bench->in_flight++;
      mill_engine_send_async (bench->engine, bench->deployment, samples->pdata[0], bench->bodies->pdata[bench->next++], NULL, on_sent, bench);
    }
}

void
truth_send_all (TruthBench *bench)
{
  bench->next = 0;
  send_next (bench);
  while (bench->in_flight > 0)
    g_main_context_iteration (NULL, TRUE);
  g_ptr_array_set_size (bench->bodies, 0);
}

/* "'" stands for '"'. */
void
truth_add_body (TruthBench *bench,
                const char *body)
{
  char *copy = g_strdup (body);

  for (char *c = copy; *c != '\0'; c++)
    if (*c == '\'')
      *c = '"';
  g_ptr_array_add (bench->bodies, copy);
}

void
truth_send_one (TruthBench *bench,
                const char *body)
{
  truth_add_body (bench, body);
  truth_send_all (bench);
}

/* The bench */

static void
on_ready (TruthBench *bench)
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
start_watch (TruthBench           *bench,
             guint            which,
             MillWatchSource  source)
{
  MillWatch *watch = mill_watch_new_with_store (bench->deployment, bench->stores[which]);

  g_signal_connect_swapped (watch, "ready", G_CALLBACK (on_ready), bench);
  g_signal_connect (watch, "failed", G_CALLBACK (on_failed), NULL);
  mill_watch_set_source (watch, source);
  mill_watch_set_budget (watch, 6000);
  /* As the window does it: what happened while nobody watched is told again. */
  mill_watch_start (watch, bench->n_scenarios > 0);
  return watch;
}

void
truth_start_watches (TruthBench *bench)
{
  bench->ready = 0;
  bench->truth = start_watch (bench, 0, MILL_WATCH_EVENTS);
  bench->probes = start_watch (bench, 1, MILL_WATCH_PROBES);
  while (bench->ready < 2)
    g_main_context_iteration (NULL, TRUE);
}

void
truth_stop_watches (TruthBench *bench)
{
  g_signal_handlers_disconnect_by_data (bench->truth, bench);
  g_signal_handlers_disconnect_by_data (bench->probes, bench);
  mill_watch_stop (bench->truth);
  mill_watch_stop (bench->probes);
  g_clear_object (&bench->truth);
  g_clear_object (&bench->probes);
}

static void
on_lost (gboolean *lost)
{
  *lost = TRUE;
}

void
truth_restart_cloud (TruthBench *bench)
{
  g_autoptr (GError) error = NULL;
  gboolean lost = FALSE;
  gulong handler = g_signal_connect_swapped (bench->target, "lost", G_CALLBACK (on_lost), &lost);

  g_assert_cmpint (kill (fixture_practice_pid (), SIGTERM), ==, 0);
  while (!lost)
    g_main_context_iteration (NULL, TRUE);
  g_signal_handler_disconnect (bench->target, handler);
  mill_target_open (bench->target, NULL, &error);
  g_assert_no_error (error);
}

void
truth_wait_for_mapping (TruthBench *bench,
                        const char *uuid)
{
  for (;;)
    {
      g_autoptr (JsonObject) mapping = truth_call (bench, "lambda:GetEventSourceMapping", "{'UUID': '%s'}", uuid);

      if (g_str_has_suffix (aws_json_get_string (mapping, "State"), "abled"))
        return;
      truth_run_for (0.05);
    }
}

void
truth_wait_for_retries (TruthBench *bench,
                        guint       n)
{
  for (guint found = 0; found < n;)
    {
      truth_run_for (0.01);
      found = 0;
      for (guint i = bench->seen; i < g_list_model_get_n_items (G_LIST_MODEL (bench->truth)); i++)
        {
          g_autoptr (MillTrace) trace = g_list_model_get_item (G_LIST_MODEL (bench->truth), i);
          MillHop *key = mill_trace_get_key_hop (trace);

          found += g_str_equal (mill_hop_get_kind (key), "function") && mill_hop_get_status (key) == MILL_HOP_RETRYING;
        }
    }
}

void
truth_give_seconds (TruthBench *bench,
                    guint       seconds)
{
  truth_wait_for_mapping (bench, bench->store_mapping);
  /* A poll that waits already would take the next message for as long as it was before. */
  TRUTH_CALL (bench, "lambda:UpdateEventSourceMapping", "{'UUID': '%s', 'Enabled': false}", bench->store_mapping);
  truth_wait_for_mapping (bench, bench->store_mapping);
  TRUTH_CALL (bench, "sqs:SetQueueAttributes", "{'QueueUrl': '%s', 'Attributes': {'VisibilityTimeout': '%u'}}", bench->queue, seconds);
  TRUTH_CALL (bench, "lambda:UpdateFunctionConfiguration", "{'FunctionName': '%s', 'Timeout': %u}", truth_get_arn (bench, "StoreFunction"), seconds);
  TRUTH_CALL (bench, "lambda:UpdateEventSourceMapping", "{'UUID': '%s', 'Enabled': true}", bench->store_mapping);
  truth_wait_for_mapping (bench, bench->store_mapping);
}

void
truth_measure (TruthBench *bench)
{
  double longest = 0;

  for (guint i = 0; i < g_list_model_get_n_items (G_LIST_MODEL (bench->truth)); i++)
    {
      g_autoptr (MillTrace) trace = g_list_model_get_item (G_LIST_MODEL (bench->truth), i);

      for (guint n = 0; n < g_list_model_get_n_items (G_LIST_MODEL (trace)); n++)
        {
          g_autoptr (MillHop) hop = g_list_model_get_item (G_LIST_MODEL (trace), n);

          if (g_str_equal (mill_hop_get_kind (hop), "function"))
            longest = MAX (longest, mill_hop_get_left (hop) - mill_hop_get_arrived (hop));
        }
    }
  g_assert_cmpfloat (longest, >, 0);
  bench->unit = CLAMP (ceil (TIMES * longest), 1, MOST_UNIT);
  g_test_message ("the longest run took %.3f s: functions are given %u s", longest, bench->unit);
}

void
truth_bench_open (TruthBench *bench)
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
  bench->queue = truth_get_physical_id (bench, "Queue");
  bench->store_mapping = truth_get_physical_id (bench, "StoreTrigger");
  bench->notify_mapping = truth_get_physical_id (bench, "NotifyTrigger");
  TRUTH_CALL (bench, "lambda:UpdateEventSourceMapping", "{'UUID': '%s', 'FunctionResponseTypes': ['ReportBatchItemFailures']}", bench->store_mapping);
  TRUTH_CALL (bench, "lambda:UpdateFunctionConfiguration", "{'FunctionName': '%s', 'Timeout': 120}", truth_get_arn (bench, "NotifyFunction"));
  bench->unit = FIRST_UNIT;
  truth_give_seconds (bench, bench->unit);
  truth_start_watches (bench);
}

void
truth_bench_close (TruthBench *bench)
{
  truth_stop_watches (bench);
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
