/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * How fast observations are joined, what a trace takes of memory, how soon probes see a fact that the event stream tells, and what they ask at rest.
 * "watch tracer" or "watch probes"; prints one JSON object.
 */
#include <malloc.h>
#include <string.h>

#include "aws-json.h"
#include "deploy-fixture.h"
#include "mill-watch.h"

#define N_TRACES 5000
#define N_MESSAGES 25
#define PAYLOAD "{\"item\":\"latex gloves\",\"customerID\":\"12345\"}"

static const char *
resolve (const char *kind,
         const char *id,
         const char *endpoint,
         gpointer    data)
{
  return g_intern_string (kind);
}

static void
add_event (GPtrArray  *events,
           const char *format,
           ...)
{
  g_autofree char *text = NULL;
  va_list args;
  JsonObject *event;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  for (char *c = text; *c != '\0'; c++)
    if (*c == '\'')
      *c = '"';
  event = aws_json_parse_object (text, -1, NULL);
  g_assert_nonnull (event);
  json_object_set_double_member (event, "time", 1000 + events->len / 1000.0);
  json_object_set_int_member (event, "seq", events->len + 1);
  g_ptr_array_add (events, event);
}

/* The whole way of one order, as the event stream tells it. */
static void
add_order (GPtrArray *events,
           guint      i)
{
  add_event (events, "{'kind': 'gateway-request', 'requestId': 'r%u', 'apiId': 'a', 'method': 'POST', 'path': '/orders', 'body': 'order %u'}", i, i);
  add_event (events, "{'kind': 'queue-sent', 'queueArn': 'q', 'messageId': 'm%u', 'body': 'order %u', 'source': 'r%u', 'sourceType': 'gateway'}", i, i, i);
  add_event (events, "{'kind': 'gateway-response', 'requestId': 'r%u', 'status': 200}", i);
  add_event (events, "{'kind': 'queue-received', 'queueArn': 'q', 'messageId': 'm%u', 'receiveCount': 1}", i);
  add_event (events, "{'kind': 'function-started', 'invocationId': 'i%u', 'functionArn': 'f', 'source': 'mapping', 'records': [{'messageId': 'm%u'}]}", i, i);
  add_event (events, "{'kind': 'table-written', 'tableArn': 't', 'eventName': 'INSERT', 'keys': {'id': {'S': 'o%u'}}, 'invocationId': 'i%u', 'eventID': 'e%u'}", i, i, i);
  add_event (events, "{'kind': 'function-log', 'invocationId': 'i%u', 'functionArn': 'f', 'line': '{\\'in\\': {\\'messageId\\': \\'m%u\\'}, \\'out\\': {\\'id\\': \\'o%u\\'}}'}", i, i, i);
  add_event (events, "{'kind': 'function-ended', 'invocationId': 'i%u', 'functionArn': 'f', 'status': 'ok'}", i);
  add_event (events, "{'kind': 'queue-deleted', 'queueArn': 'q', 'messageId': 'm%u', 'receiveCount': 1}", i);
  add_event (events, "{'kind': 'function-started', 'invocationId': 'n%u', 'functionArn': 'g', 'source': 'mapping', 'records': [{'eventID': 'e%u'}]}", i, i);
  add_event (events, "{'kind': 'topic-published', 'topicArn': 'p', 'messageId': 'p%u', 'message': 'new', 'invocationId': 'n%u'}", i, i);
  add_event (events, "{'kind': 'topic-delivered', 'topicArn': 'p', 'messageId': 'p%u', 'subscriptionArn': 'a:b', 'protocol': 'email', 'endpoint': 'x', 'status': 'delivered',"
                     " 'deliveryId': '%u'}", i, i);
  add_event (events, "{'kind': 'function-ended', 'invocationId': 'n%u', 'functionArn': 'g', 'status': 'ok'}", i);
}

static void
measure_tracer (JsonObject *result)
{
  g_autoptr (GPtrArray) events = g_ptr_array_new_with_free_func ((GDestroyNotify) json_object_unref);
  g_autoptr (MillTracer) tracer = mill_tracer_new (resolve, NULL);
  struct mallinfo2 before, after;
  gint64 began, ended;
  gsize payloads = 0;

  for (guint i = 0; i < N_TRACES; i++)
    add_order (events, i);
  before = mallinfo2 ();
  began = g_get_monotonic_time ();
  for (guint i = 0; i < events->len; i++)
    mill_tracer_add (tracer, events->pdata[i]);
  ended = g_get_monotonic_time ();
  after = mallinfo2 ();
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (tracer)), ==, N_TRACES);
  for (guint i = 0; i < N_TRACES; i++)
    {
      g_autoptr (MillTrace) trace = g_list_model_get_item (G_LIST_MODEL (tracer), i);

      for (guint n = 0; n < g_list_model_get_n_items (G_LIST_MODEL (trace)); n++)
        {
          g_autoptr (MillHop) hop = g_list_model_get_item (G_LIST_MODEL (trace), n);

          payloads += strlen (mill_hop_get_payload (hop)) + strlen (mill_hop_get_log (hop));
        }
    }
  json_object_set_double_member (result, "payload_bytes_per_trace", payloads / (double) N_TRACES);
  json_object_set_int_member (result, "observations", events->len);
  json_object_set_double_member (result, "observations_per_second", events->len / ((ended - began) / (double) G_USEC_PER_SEC));
  json_object_set_double_member (result, "bytes_per_trace", (after.uordblks + after.hblkhd - before.uordblks - before.hblkhd) / (double) N_TRACES);
}

/* When a hop was first told of by the event stream, and by the probes. */
typedef struct
{
  GHashTable *told;     /* "kind component id" → gint64 * */
  GArray     *delays;   /* gint64, microseconds */
  guint       ready;
} Delays;

static char *
name_hop (MillHop *hop)
{
  return g_strdup_printf ("%s %s %s", mill_hop_get_kind (hop), mill_hop_get_component (hop), mill_hop_get_message_id (hop));
}

static void
on_truth (Delays    *delays,
          MillTrace *trace,
          MillHop   *hop)
{
  char *name = name_hop (hop);
  gint64 now = g_get_monotonic_time ();

  if (g_hash_table_contains (delays->told, name))
    g_free (name);
  else
    g_hash_table_insert (delays->told, name, g_memdup2 (&now, sizeof now));
}

static void
on_probes (Delays    *delays,
           MillTrace *trace,
           MillHop   *hop)
{
  g_autofree char *name = name_hop (hop);
  gint64 *told = g_hash_table_lookup (delays->told, name);
  gint64 delay;

  if (told == NULL || *told == 0)
    return;
  delay = g_get_monotonic_time () - *told;
  *told = 0;
  g_array_append_val (delays->delays, delay);
}

static void
on_ready (Delays *delays)
{
  delays->ready++;
}

static int
compare (gconstpointer a,
         gconstpointer b)
{
  gint64 first = *(const gint64 *) a, second = *(const gint64 *) b;

  return first < second ? -1 : first > second;
}

static void
run_for (double seconds)
{
  gint64 end = g_get_monotonic_time () + (gint64) (seconds * G_USEC_PER_SEC);

  while (g_get_monotonic_time () < end)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (5000);
}

static void
measure_probes (JsonObject *result)
{
  char *folder = fixture_folder_new ();
  g_autofree char *state = g_build_filename (folder, "practice", NULL);
  g_autofree char *ledger = g_build_filename (folder, "ledger.db", NULL);
  g_autofree char *traces = g_build_filename (folder, "traces.db", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (MillCatalog) catalog = mill_catalog_new ();
  Delays delays = { 0 };
  guint most = 0;

  g_setenv ("MILLRACE_PRACTICE_DIR", state, TRUE);
  g_setenv ("XDG_RUNTIME_DIR", folder, TRUE);
  delays.told = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  delays.delays = g_array_new (FALSE, FALSE, sizeof (gint64));
  {
    g_autoptr (MillEngine) engine = mill_engine_new (catalog, ledger, &error);
    g_autoptr (MillTarget) target = mill_target_new ("practice", NULL, &error);
    g_autoptr (MillDeployment) deployment = mill_engine_create (engine, mill_catalog_find (catalog, "order-pipeline"), target, NULL, &error);
    g_autoptr (MillTraceStore) store = mill_trace_store_new (traces);
    g_autoptr (MillWatch) truth = NULL, probes = NULL;

    g_assert_no_error (error);
    fixture_build (engine, deployment, NULL, NULL, &error);
    g_assert_no_error (error);
    truth = mill_watch_new_with_store (deployment, store);
    probes = mill_watch_new_with_store (deployment, store);
    mill_watch_set_source (probes, MILL_WATCH_PROBES);
    g_signal_connect_swapped (truth, "hop", G_CALLBACK (on_truth), &delays);
    g_signal_connect_swapped (probes, "hop", G_CALLBACK (on_probes), &delays);
    g_signal_connect_swapped (truth, "ready", G_CALLBACK (on_ready), &delays);
    g_signal_connect_swapped (probes, "ready", G_CALLBACK (on_ready), &delays);
    mill_watch_start (truth, FALSE);
    mill_watch_start (probes, FALSE);
    while (delays.ready < 2)
      g_main_context_iteration (NULL, TRUE);
    for (guint i = 0; i < N_MESSAGES; i++)
      {
        json_object_unref (fixture_send (engine, deployment, PAYLOAD, &error));
        g_assert_no_error (error);
        run_for (0.3 + 0.013 * (i % 7));
        most = MAX (most, mill_watch_get_recent_calls (probes));
      }
    run_for (6);
    json_object_set_int_member (result, "calls_per_minute_while_busy", most);
    /* Quick for some seconds after the last news; then a whole minute at rest. */
    run_for (65);
    json_object_set_int_member (result, "calls_per_minute_at_rest", mill_watch_get_recent_calls (probes));
    g_signal_handlers_disconnect_by_data (truth, &delays);
    g_signal_handlers_disconnect_by_data (probes, &delays);
    mill_watch_stop (truth);
    mill_watch_stop (probes);
  }
  g_array_sort (delays.delays, compare);
  json_object_set_int_member (result, "hops", delays.delays->len);
  g_assert_cmpuint (delays.delays->len, >, 0);
  json_object_set_double_member (result, "delay_p50_ms", g_array_index (delays.delays, gint64, delays.delays->len / 2) / 1000.0);
  json_object_set_double_member (result, "delay_p95_ms", g_array_index (delays.delays, gint64, delays.delays->len * 95 / 100) / 1000.0);
  g_hash_table_unref (delays.told);
  g_array_unref (delays.delays);
  fixture_folder_remove (folder);
}

int
main (int   argc,
      char *argv[])
{
  g_autoptr (JsonObject) result = json_object_new ();
  g_autofree char *text = NULL;

  if (argc == 2 && g_str_equal (argv[1], "tracer"))
    measure_tracer (result);
  else if (argc == 2 && g_str_equal (argv[1], "probes"))
    measure_probes (result);
  else
    {
      g_printerr ("Usage: watch tracer|probes\n");
      return 2;
    }
  text = aws_json_object_to_text (result);
  g_print ("%s\n", text);
  return 0;
}
