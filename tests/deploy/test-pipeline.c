/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The order pipeline on the practice cloud, from the first step to the proof that nothing is left. */
#include <string.h>

#include "aws-json.h"
#include "deploy-fixture.h"

#define N_RESOURCES 20

static void
bench_open (FixtureBench *bench)
{
  g_autoptr(GError) error = NULL;

  fixture_bench_open (bench);
  bench->deployment = mill_engine_create (bench->engine, mill_catalog_find (bench->catalog, "order-pipeline"), bench->target, NULL, &error);
  g_assert_no_error (error);
}

/* As after the program's end and its next start. */
static void
bench_restart (FixtureBench *bench)
{
  g_autofree char *id = g_strdup (mill_deployment_get_id (bench->deployment));
  g_autoptr(GError) error = NULL;

  g_object_unref (bench->deployment);
  g_object_unref (bench->target);
  g_object_unref (bench->engine);
  bench->engine = mill_engine_new (bench->catalog, bench->ledger, &error);
  g_assert_no_error (error);
  bench->deployment = g_object_ref (mill_engine_find (bench->engine, id));
  bench->target = g_object_ref (mill_deployment_get_target (bench->deployment));
}

static void
assert_checks (FixtureBench *bench,
               const char   *step)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) results = fixture_check (bench->engine, bench->deployment, step, &error);

  g_assert_no_error (error);
  for (guint i = 0; i < results->len; i++)
    {
      MillCheckResult *result = results->pdata[i];

      g_test_message ("%s/%s: %s", result->step, result->id, result->text);
      g_assert_true (result->ok);
    }
}

static void
assert_cleaned (FixtureBench *bench)
{
  static const char *const lists[][2] = {
    { "sqs:ListQueues", "QueueUrls" }, { "dynamodb:ListTables", "TableNames" }, { "sns:ListTopics", "Topics" }, { "iam:ListRoles", "Roles" },
    { "lambda:ListFunctions", "Functions" }, { "lambda:ListEventSourceMappings", "EventSourceMappings" }, { "apigateway:GetRestApis", "items" },
    { "logs:DescribeLogGroups", "logGroups" },
  };
  g_autoptr(GError) error = NULL;
  g_autoptr(MillCleanup) cleanup = fixture_clean_up (bench->engine, bench->deployment, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (cleanup->left, ==, 0);
  g_assert_cmpuint (cleanup->verified, ==, cleanup->deleted);
  g_assert_true (aws_json_get_boolean (cleanup->report, "tagSearch.empty", FALSE));
  g_assert_cmpint (mill_deployment_get_state (bench->deployment), ==, MILL_DEPLOYMENT_CLEANED);

  /* Not by our own word alone. */
  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    {
      g_autoptr(JsonArray) found = aws_client_collect (mill_target_get_client (bench->target), lists[i][0], NULL, NULL, &error);

      g_assert_no_error (error);
      g_test_message ("%s: %u", lists[i][0], json_array_get_length (found));
      g_assert_cmpuint (json_array_get_length (found), ==, 0);
    }
}

static void
test_whole (void)
{
  g_autoptr(JsonObject) confirmed = NULL;
  g_autoptr(JsonObject) sent = NULL;
  g_autoptr(JsonObject) invoked = NULL;
  g_autoptr(JsonObject) tested = NULL;
  g_autoptr(JsonObject) changed = NULL;
  g_autoptr(GHashTable) code = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *queue = NULL;
  g_autofree char *stream = NULL;
  FixtureBench bench;

  bench_open (&bench);
  fixture_build (bench.engine, bench.deployment, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (mill_deployment_get_state (bench.deployment), ==, MILL_DEPLOYMENT_BUILT);
  g_assert_cmpuint (fixture_count (bench.deployment, MILL_RESOURCE_VERIFIED), ==, N_RESOURCES);
  queue = mill_deployment_lookup (bench.deployment, "Queue", "Arn");
  stream = mill_deployment_lookup (bench.deployment, "OrdersTable", "StreamArn");
  g_assert_true (g_str_has_suffix (queue, ":POC-Queue"));
  g_assert_nonnull (strstr (stream, "/stream/"));
  g_assert_cmpstr (mill_deployment_find_by_id (bench.deployment, queue), ==, "Queue");

  bench_restart (&bench);
  g_assert_cmpint (mill_deployment_get_state (bench.deployment), ==, MILL_DEPLOYMENT_BUILT);
  g_assert_cmpuint (fixture_count (bench.deployment, MILL_RESOURCE_VERIFIED), ==, N_RESOURCES);
  g_assert_cmpint (mill_deployment_get_step_state (bench.deployment, "queue"), ==, MILL_STEP_DONE);
  g_assert_cmpstr (mill_deployment_get_parameter (bench.deployment, "QueueName"), ==, "POC-Queue");

  confirmed = fixture_act (bench.engine, bench.deployment, "subscription", NULL, &error);
  g_assert_no_error (error);
  assert_checks (&bench, "subscription");
  sent = fixture_send (bench.engine, bench.deployment, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (aws_json_get_int (sent, "status", 0), ==, 200);
  assert_checks (&bench, "send");
  invoked = fixture_act (bench.engine, bench.deployment, "test-store", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (aws_json_get_int (invoked, "status", 0), ==, 200);
  g_assert_null (aws_json_get_string (invoked, "error"));
  g_assert_nonnull (strstr (aws_json_get_string (invoked, "log"), "REPORT"));
  assert_checks (&bench, "verify-store");
  tested = fixture_act (bench.engine, bench.deployment, "test-method", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (aws_json_get_int (tested, "status", 0), ==, 200);
  assert_checks (&bench, NULL);

  /* The student's own code, there again after a restart. */
  fixture_set_code (bench.engine, bench.deployment, "StoreFunction", "lambda_function.py",
                    "def lambda_handler(event, context):\n    return 'my own'\n", &error);
  g_assert_no_error (error);
  bench_restart (&bench);
  changed = fixture_act (bench.engine, bench.deployment, "test-store", "{}", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (aws_json_get_string (changed, "payload"), ==, "\"my own\"");
  code = mill_engine_dup_code (bench.engine, bench.deployment, "StoreFunction", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (g_hash_table_size (code), ==, 1);

  assert_cleaned (&bench);
  fixture_bench_close (&bench);
}

/* Step by step, then back, then forward again. */
static void
test_steps (void)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *url = NULL;
  GPtrArray *steps;
  FixtureBench bench;

  bench_open (&bench);
  steps = mill_tutorial_get_steps (mill_deployment_get_tutorial (bench.deployment));
  for (guint i = 0; i < steps->len; i++)
    {
      MillStep *step = steps->pdata[i];
      g_autofree char *stream = NULL;

      fixture_build (bench.engine, bench.deployment, mill_step_get_id (step), NULL, &error);
      g_assert_no_error (error);
      if (strcmp (mill_step_get_id (step), "table") == 0)
        {
          stream = mill_deployment_lookup (bench.deployment, "OrdersTable", "StreamArn");
          g_assert_null (stream);
        }
      if (mill_step_get_actions (step)->len == 0 && strcmp (mill_step_get_id (step), "verify-store") != 0)
        assert_checks (&bench, mill_step_get_id (step));
    }
  g_assert_cmpint (mill_deployment_get_state (bench.deployment), ==, MILL_DEPLOYMENT_BUILT);
  g_assert_cmpuint (fixture_count (bench.deployment, MILL_RESOURCE_VERIFIED), ==, N_RESOURCES);

  fixture_undo (bench.engine, bench.deployment, "stream", &error);
  g_assert_no_error (error);
  g_assert_cmpint (mill_deployment_get_step_state (bench.deployment, "stream"), ==, MILL_STEP_TO_DO);
  g_assert_cmpint (mill_deployment_get_step_state (bench.deployment, "trigger-notify"), ==, MILL_STEP_TO_DO);
  g_assert_cmpint (mill_deployment_get_step_state (bench.deployment, "queue"), ==, MILL_STEP_DONE);
  g_assert_cmpint (mill_resource_get_state (mill_deployment_find_resource (bench.deployment, "NotifyTrigger")), ==, MILL_RESOURCE_DELETED);
  g_assert_cmpint (mill_resource_get_state (mill_deployment_find_resource (bench.deployment, "OrdersTable")), ==, MILL_RESOURCE_VERIFIED);
  g_assert_null (mill_deployment_lookup (bench.deployment, "OrdersTable", "StreamArn"));

  /* A tap is there after a restart, and goes with its topic. */
  fixture_tap (bench.engine, bench.deployment, "Topic", TRUE, &error);
  g_assert_no_error (error);
  bench_restart (&bench);
  g_assert_true (mill_tap_is_there (bench.deployment, "Topic"));
  url = mill_tap_dup_queue_url (bench.deployment, "Topic");
  g_assert_nonnull (url);
  fixture_undo (bench.engine, bench.deployment, "topic", &error);
  g_assert_no_error (error);
  g_assert_false (mill_tap_is_there (bench.deployment, "Topic"));
  g_assert_null (mill_deployment_lookup (bench.deployment, "Tap.Topic.Queue", NULL));
  g_assert_cmpint (mill_resource_get_state (mill_deployment_find_resource (bench.deployment, "Queue")), ==, MILL_RESOURCE_VERIFIED);
  fixture_tap (bench.engine, bench.deployment, "Topic", TRUE, &error);
  g_assert_error (error, MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_NOT_READY);
  g_clear_error (&error);

  fixture_undo (bench.engine, bench.deployment, "deploy-api", &error);
  g_assert_no_error (error);
  g_assert_cmpint (mill_resource_get_state (mill_deployment_find_resource (bench.deployment, "ApiStage")), ==, MILL_RESOURCE_DELETED);
  g_assert_cmpint (mill_resource_get_state (mill_deployment_find_resource (bench.deployment, "Api")), ==, MILL_RESOURCE_VERIFIED);

  fixture_build (bench.engine, bench.deployment, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (fixture_count (bench.deployment, MILL_RESOURCE_VERIFIED), ==, N_RESOURCES);
  assert_checks (&bench, "stream");
  assert_cleaned (&bench);
  fixture_bench_close (&bench);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/deploy/pipeline/whole", test_whole);
  g_test_add_func ("/deploy/pipeline/steps", test_steps);
  return g_test_run ();
}
