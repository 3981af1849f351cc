/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-probes.h"

#include <string.h>

#include "aws-json.h"
#include "client-fixture.h"
#include "deploy-fixture.h"
#include "mill-deployment-private.h"

#define QUEUE "arn:aws:sqs:eu-west-1:123456789012:orders"
#define FUNCTION "arn:aws:lambda:eu-west-1:123456789012:function:store"
/* What each kind of probe takes for an answer. */
#define WELL "{\"Attributes\": {\"ApproximateNumberOfMessages\": \"1\"}, \"events\": [], \"EventSourceMappings\": []}"

/* A queue and a function at an endpoint whose answers the test makes, and what their probes tell. */
typedef struct
{
  char           *folder;
  TestServer     *server;
  MillTarget     *target;
  MillDeployment *deployment;
  MillTraceStore *store;
  MillProbes     *probes;
  GPtrArray      *complaints;
  guint           seen;        /* times that the queue was */
  guint           wanted;
} Bench;

static const char *
resolve (const char *kind,
         const char *id,
         const char *endpoint,
         gpointer    data)
{
  return NULL;
}

static void
add_resource (Bench      *bench,
              const char *id,
              const char *type,
              const char *physical_id,
              const char *arn)
{
  MillRecord *record = mill_record_new (id, type);

  record->state = MILL_RESOURCE_MADE;
  g_free (record->physical_id);
  record->physical_id = g_strdup (physical_id);
  g_free (record->arn);
  record->arn = g_strdup (arn);
  mill_deployment_restore_record (bench->deployment, record);
}

static void
on_observation (Bench      *bench,
                JsonObject *event)
{
  bench->seen += g_str_equal (aws_json_get_string (event, "kind"), "queue-seen");
}

static void
on_failed (Bench      *bench,
           const char *sentence)
{
  g_test_message ("%s", sentence);
  g_ptr_array_add (bench->complaints, g_strdup (sentence));
}

static void
bench_open (Bench         *bench,
            gconstpointer  data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (MillLedger) ledger = NULL;
  g_autofree char *path = NULL;
  g_autofree char *traces = NULL;
  g_autofree char *url = NULL;

  bench->folder = fixture_folder_new ();
  path = g_build_filename (bench->folder, "ledger.db", NULL);
  traces = g_build_filename (bench->folder, "traces.db", NULL);
  bench->server = test_server_new ();
  bench->target = mill_target_new (test_server_get_url (bench->server), "eu-west-1", &error);
  g_assert_no_error (error);
  ledger = mill_ledger_new (path, &error);
  g_assert_no_error (error);
  bench->deployment = mill_deployment_new ("d", "t", NULL, bench->target, g_hash_table_new (NULL, NULL), 0, ledger);
  url = g_strconcat (test_server_get_url (bench->server), "/123456789012/orders", NULL);
  add_resource (bench, "Queue", "AWS::SQS::Queue", url, QUEUE);
  add_resource (bench, "Store", "AWS::Lambda::Function", "store", FUNCTION);
  bench->store = mill_trace_store_new (traces);
  bench->complaints = g_ptr_array_new_with_free_func (g_free);
  bench->probes = mill_probes_new (bench->deployment, bench->store, g_get_real_time () / (double) G_USEC_PER_SEC, 1, resolve, NULL);
  mill_probes_set_busy (bench->probes, TRUE);
  g_signal_connect_swapped (bench->probes, "observation", G_CALLBACK (on_observation), bench);
  g_signal_connect_swapped (bench->probes, "failed", G_CALLBACK (on_failed), bench);
}

static void
bench_close (Bench         *bench,
             gconstpointer  data)
{
  mill_probes_stop (bench->probes);
  g_object_unref (bench->probes);
  g_object_unref (bench->store);
  g_object_unref (bench->deployment);
  g_object_unref (bench->target);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  test_server_free (bench->server);
  g_ptr_array_unref (bench->complaints);
  fixture_folder_remove (bench->folder);
}

static void
fail_with (Bench      *bench,
           guint       status,
           const char *code)
{
  g_autofree char *headers = g_strdup_printf ("x-amzn-ErrorType: %s\r\n", code);
  g_autofree char *body = g_strdup_printf ("{\"__type\": \"%s\", \"message\": \"The security token included in the request is expired\"}", code);

  test_server_set_default (bench->server, status, headers, body);
}

static gboolean
is_seen (gpointer data)
{
  return ((Bench *) data)->seen >= ((Bench *) data)->wanted;
}

static void
wait_until_seen (Bench *bench,
                 guint  times)
{
  bench->wanted = bench->seen + times;
  fixture_wait (is_seen, bench);
}

static gboolean
is_complained (gpointer data)
{
  return ((Bench *) data)->complaints->len >= ((Bench *) data)->wanted;
}

static void
wait_for_complaints (Bench *bench,
                     guint  n)
{
  bench->wanted = n;
  fixture_wait (is_complained, bench);
}

static gboolean
is_asked (gpointer data)
{
  return test_server_count (((Bench *) data)->server) >= ((Bench *) data)->wanted;
}

static void
wait_for_requests (Bench *bench,
                   guint  more)
{
  bench->wanted = test_server_count (bench->server) + more;
  fixture_wait (is_asked, bench);
}

/* One complaint for all, with what to do; new credentials, and it goes on by itself. */
static void
test_expired (Bench         *bench,
              gconstpointer  data)
{
  g_autoptr (AwsCredentials) fresh = aws_credentials_new ("AKIDFRESH", "secret", "token");
  g_autofree char *request = NULL;

  test_server_set_default (bench->server, 200, NULL, WELL);
  mill_probes_start (bench->probes);
  wait_until_seen (bench, 1);
  fail_with (bench, 400, "ExpiredTokenException");
  wait_for_complaints (bench, 1);
  wait_for_requests (bench, 3);
  g_assert_cmpuint (bench->complaints->len, ==, 1);
  g_assert_nonnull (strstr (bench->complaints->pdata[0], "have expired. Get new ones"));

  test_server_set_default (bench->server, 200, NULL, WELL);
  aws_client_set_credentials (mill_target_get_client (bench->target), fresh);
  wait_until_seen (bench, 1);
  request = test_server_get_request (bench->server, test_server_count (bench->server) - 1);
  g_assert_nonnull (strstr (request, "Credential=AKIDFRESH/"));
  g_assert_cmpuint (bench->complaints->len, ==, 1);

  /* And once more, when it happens once more. */
  fail_with (bench, 400, "ExpiredTokenException");
  wait_for_complaints (bench, 2);
}

/* The network is gone, comes back, and nobody has to do anything. */
static void
test_network (Bench         *bench,
              gconstpointer  data)
{
  test_server_set_default (bench->server, 200, NULL, WELL);
  mill_probes_start (bench->probes);
  wait_until_seen (bench, 1);
  test_server_set_silent (bench->server);
  wait_for_complaints (bench, 1);
  wait_for_requests (bench, 1);
  g_assert_cmpuint (bench->complaints->len, ==, 1);
  test_server_set_default (bench->server, 200, NULL, WELL);
  wait_until_seen (bench, 2);
  g_assert_cmpuint (bench->complaints->len, ==, 1);
}

/* It pauses and goes on; that is nobody's business. */
static void
test_throttled (Bench         *bench,
                gconstpointer  data)
{
  fail_with (bench, 400, "ThrottlingException");
  mill_probes_start (bench->probes);
  wait_for_requests (bench, 3);
  fail_with (bench, 429, "TooManyRequestsException");
  wait_for_requests (bench, 3);
  test_server_set_default (bench->server, 200, NULL, WELL);
  wait_until_seen (bench, 1);
  g_assert_cmpuint (bench->complaints->len, ==, 0);
}

/* What one component may not be asked is said of that one, and the others go on. */
static void
test_denied (Bench         *bench,
             gconstpointer  data)
{
  test_server_set_default (bench->server, 200, NULL, WELL);
  for (guint i = 0; i < 3; i++)
    test_server_push_to (bench->server, "FilterLogEvents", 400, "x-amzn-ErrorType: AccessDeniedException\r\n",
                         "{\"__type\": \"AccessDeniedException\", \"message\": \"User: x is not authorized to perform: logs:FilterLogEvents\"}");
  mill_probes_start (bench->probes);
  wait_for_complaints (bench, 1);
  wait_until_seen (bench, 2);
  g_assert_cmpuint (bench->complaints->len, ==, 1);
  g_assert_nonnull (strstr (bench->complaints->pdata[0], "Store"));
  g_assert_nonnull (strstr (bench->complaints->pdata[0], "logs:FilterLogEvents"));
  g_assert_nonnull (strstr (bench->complaints->pdata[0], "Add it to one of the caller’s policies"));
}

/* Something else listens at the endpoint's address. */
static void
test_garbage (Bench         *bench,
              gconstpointer  data)
{
  test_server_set_default (bench->server, 200, "Server: nginx\r\n", "<html><body>Welcome to nginx!</body></html>");
  mill_probes_start (bench->probes);
  /* The queue, the function's log and its mappings. */
  wait_for_complaints (bench, 3);
  g_assert_cmpuint (bench->seen, ==, 0);
}

int
main (int   argc,
      char *argv[])
{
  static const struct { const char *name; void (*func) (Bench *, gconstpointer); } tests[] = {
    { "expired", test_expired }, { "network", test_network }, { "throttled", test_throttled }, { "denied", test_denied }, { "garbage", test_garbage },
  };

  client_fixture_init (&argc, &argv);
  g_unsetenv ("AWS_ACCESS_KEY_ID");
  g_unsetenv ("AWS_SECRET_ACCESS_KEY");
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *path = g_strconcat ("/probes/", tests[i].name, NULL);

      g_test_add (path, Bench, NULL, bench_open, tests[i].func, bench_close);
    }
  return g_test_run ();
}
