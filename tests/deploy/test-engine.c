/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What can go wrong with a deployment, on the practice cloud. */
#include <signal.h>
#include <string.h>

#include "aws-json.h"
#include "aws-operation.h"
#include "deploy-fixture.h"
#include "mill-deployment-private.h"

static void
bench_open (FixtureBench *bench)
{
  g_autoptr(GError) error = NULL;

  fixture_bench_open (bench);
  g_assert_true (mill_target_open (bench->target, NULL, &error));
  g_assert_no_error (error);
}

static MillDeployment *
create (FixtureBench *bench,
        const char   *suffix)
{
  g_autoptr(GHashTable) parameters = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr(GError) error = NULL;
  MillDeployment *deployment;

  for (guint i = 0; i < mill_catalog_get_errors (bench->catalog)->len; i++)
    g_test_message ("%s", (char *) mill_catalog_get_errors (bench->catalog)->pdata[i]);
  g_hash_table_insert (parameters, (gpointer) "NameSuffix", (gpointer) suffix);
  deployment = mill_engine_create (bench->engine, mill_catalog_find (bench->catalog, "order-pipeline"), bench->target, parameters, &error);
  g_assert_no_error (error);
  return deployment;
}

static JsonObject *
call (FixtureBench *bench,
      const char   *operation,
      const char   *parameters)
{
  g_autoptr(JsonObject) object = aws_json_parse_object (parameters, -1, NULL);
  g_autoptr(GError) error = NULL;
  JsonObject *result = aws_client_call (mill_target_get_client (bench->target), operation, object, NULL, &error);

  g_assert_no_error (error);
  return result;
}

static void
clean_up (FixtureBench   *bench,
          MillDeployment *deployment)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(MillCleanup) cleanup = fixture_clean_up (bench->engine, deployment, &error);

  g_assert_no_error (error);
  g_assert_cmpuint (cleanup->left, ==, 0);
}

static MillResourceState
state_of (MillDeployment *deployment,
          const char     *logical_id)
{
  return mill_resource_get_state (mill_deployment_find_resource (deployment, logical_id));
}

/* Somebody else's queue, role and table of the wanted names: named, never touched; other things are made. Then it goes on. */
static void
test_taken (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(MillDeployment) deployment = NULL;
  g_autoptr(JsonObject) queue = NULL;
  g_autoptr(JsonObject) role = NULL;
  g_autoptr(JsonObject) topic = NULL;
  g_autoptr(JsonObject) logs = NULL;
  g_autoptr(JsonObject) groups = NULL;
  g_autoptr(JsonObject) topics = NULL;
  g_autoptr(JsonObject) before = NULL;
  g_autoptr(JsonObject) after = NULL;
  g_autoptr(JsonObject) still = NULL;
  FixtureBench bench;

  bench_open (&bench);
  queue = call (&bench, "sqs:CreateQueue", "{\"QueueName\": \"POC-Queue\", \"Attributes\": {\"VisibilityTimeout\": \"77\"}, \"tags\": {\"whose\": \"mine\"}}");
  role = call (&bench, "iam:CreateRole", "{\"RoleName\": \"Lambda-SQS-DynamoDB\", \"AssumeRolePolicyDocument\":"
               " \"{\\\"Version\\\":\\\"2012-10-17\\\",\\\"Statement\\\":[{\\\"Effect\\\":\\\"Allow\\\",\\\"Principal\\\":{\\\"Service\\\":\\\"ec2.amazonaws.com\\\"},"
               "\\\"Action\\\":\\\"sts:AssumeRole\\\"}]}\"}");
  topic = call (&bench, "sns:CreateTopic", "{\"Name\": \"POC-Topic\"}");
  logs = call (&bench, "logs:CreateLogGroup", "{\"logGroupName\": \"/aws/lambda/POC-Lambda-1\"}");
  before = call (&bench, "iam:GetRole", "{\"RoleName\": \"Lambda-SQS-DynamoDB\"}");

  deployment = create (&bench, "");
  g_assert_false (fixture_build (bench.engine, deployment, NULL, NULL, &error));
  g_assert_error (error, MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_TAKEN);
  g_assert_nonnull (strstr (error->message, "It is left as it is"));
  g_assert_nonnull (strstr (mill_error_get_advice (error), "another name"));
  g_clear_error (&error);
  g_assert_cmpint (state_of (deployment, "Queue"), ==, MILL_RESOURCE_FAILED);
  g_assert_cmpint (state_of (deployment, "StoreRole"), ==, MILL_RESOURCE_FAILED);
  g_assert_cmpint (state_of (deployment, "Topic"), ==, MILL_RESOURCE_FAILED);
  g_assert_cmpint (state_of (deployment, "OrdersTable"), ==, MILL_RESOURCE_VERIFIED);
  g_assert_cmpint (state_of (deployment, "StoreFunction"), ==, MILL_RESOURCE_PLANNED);
  g_assert_cmpint (mill_deployment_get_state (deployment), ==, MILL_DEPLOYMENT_FAILED);
  g_assert_cmpint (mill_deployment_get_step_state (deployment, "queue"), ==, MILL_STEP_FAILED);

  /* Other names, and on. */
  g_assert_false (mill_engine_set_parameter (bench.engine, deployment, "TableName", "other", &error));
  g_clear_error (&error);
  g_assert_true (mill_engine_set_parameter (bench.engine, deployment, "QueueName", "POC-Queue-2", &error));
  g_assert_no_error (error);
  g_assert_true (mill_engine_set_parameter (bench.engine, deployment, "StoreRoleName", "Role-2", &error));
  g_assert_no_error (error);
  g_assert_true (mill_engine_set_parameter (bench.engine, deployment, "TopicName", "Topic-2", &error));
  g_assert_no_error (error);
  fixture_build (bench.engine, deployment, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (mill_deployment_get_state (deployment), ==, MILL_DEPLOYMENT_BUILT);
  clean_up (&bench, deployment);

  groups = call (&bench, "logs:DescribeLogGroups", "{}");
  g_assert_cmpuint (json_array_get_length (aws_json_get_array (groups, "logGroups")), ==, 1);
  topics = call (&bench, "sns:ListTopics", "{}");
  g_assert_cmpuint (json_array_get_length (aws_json_get_array (topics, "Topics")), ==, 1);
  after = call (&bench, "iam:GetRole", "{\"RoleName\": \"Lambda-SQS-DynamoDB\"}");
  {
    g_autofree char *a = aws_json_object_to_text (before);
    g_autofree char *b = aws_json_object_to_text (after);

    g_assert_cmpstr (a, ==, b);
  }
  {
    g_autofree char *url = g_strdup_printf ("{\"QueueUrl\": \"%s\", \"AttributeNames\": [\"VisibilityTimeout\"]}", aws_json_get_string (queue, "QueueUrl"));

    still = call (&bench, "sqs:GetQueueAttributes", url);
    g_assert_cmpstr (aws_json_get_string (still, "Attributes.VisibilityTimeout"), ==, "77");
  }
  fixture_bench_close (&bench);
}

static gboolean
stop (gpointer data)
{
  g_cancellable_cancel (data);
  return G_SOURCE_REMOVE;
}

/* Stopped at many points: what was made is known, goes on, and goes. */
static void
test_cancel (void)
{
  FixtureBench bench;

  bench_open (&bench);
  for (guint i = 0; i < 8; i++)
    {
      g_autoptr(GCancellable) cancellable = g_cancellable_new ();
      g_autoptr(MillDeployment) deployment = create (&bench, "-c");
      g_autoptr(GError) error = NULL;

      /* The build may be done before. */
      g_timeout_add_full (G_PRIORITY_DEFAULT, i * 12, stop, g_object_ref (cancellable), g_object_unref);
      if (!fixture_build (bench.engine, deployment, NULL, cancellable, &error))
        g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_clear_error (&error);
      if (i % 2 == 0)
        {
          fixture_build (bench.engine, deployment, NULL, NULL, &error);
          g_assert_no_error (error);
          g_assert_cmpint (mill_deployment_get_state (deployment), ==, MILL_DEPLOYMENT_BUILT);
        }
      clean_up (&bench, deployment);
    }
  fixture_bench_close (&bench);
}

typedef struct
{
  pid_t    pid;
  gboolean killed;
} Victim;

static gboolean
kill_practice (gpointer data)
{
  Victim *victim = data;

  kill (victim->pid, SIGKILL);
  victim->killed = TRUE;
  return G_SOURCE_REMOVE;
}

/* Whether it is dead, and its sockets closed with it: gone, or waiting for its parent to look. */
static gboolean
is_killed (gpointer data)
{
  Victim *victim = data;
  g_autofree char *path = g_strdup_printf ("/proc/%d/stat", (int) victim->pid);
  g_autofree char *folder = g_strdup_printf ("/proc/%d/task", (int) victim->pid);
  g_autofree char *stat = NULL;
  g_autoptr(GDir) tasks = NULL;
  const char *state;

  if (!victim->killed)
    return FALSE;
  if (!g_file_get_contents (path, &stat, NULL, NULL))
    return TRUE;
  /* Its other threads may still hold the sockets when the first is dead. */
  tasks = g_dir_open (folder, 0, NULL);
  if (tasks != NULL && g_dir_read_name (tasks) != NULL && g_dir_read_name (tasks) != NULL)
    return FALSE;
  state = strrchr (stat, ')');
  return state != NULL && state[1] != '\0' && state[2] == 'Z';
}

/* The practice cloud is killed in the middle of a build: an error; the next build goes on where it was. */
static void
test_practice_killed (void)
{
  FixtureBench bench;

  bench_open (&bench);
  for (guint i = 0; i < 6; i++)
    {
      g_autoptr(MillDeployment) deployment = create (&bench, "-k");
      g_autoptr(GError) error = NULL;

      Victim victim = { fixture_practice_pid (), FALSE };

      g_timeout_add (5 + i * 15, kill_practice, &victim);
      fixture_build (bench.engine, deployment, NULL, NULL, &error);
      /* Where the build was quicker. */
      fixture_wait (is_killed, &victim);
      g_clear_error (&error);
      if (i % 2 == 0)
        {
          fixture_build (bench.engine, deployment, NULL, NULL, &error);
          g_assert_no_error (error);
          g_assert_cmpint (mill_deployment_get_state (deployment), ==, MILL_DEPLOYMENT_BUILT);
        }
      clean_up (&bench, deployment);
    }
  fixture_bench_close (&bench);
}

/* Two at the same time under different names, and one of them twice. */
static void
test_side_by_side (void)
{
  g_autoptr(MillDeployment) one = NULL;
  g_autoptr(MillDeployment) two = NULL;
  g_autoptr(GError) error = NULL;
  FixtureBench bench;

  bench_open (&bench);
  one = create (&bench, "-one");
  two = create (&bench, "-two");
  g_assert_cmpstr (mill_deployment_get_id (one), !=, mill_deployment_get_id (two));
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (bench.engine)), ==, 2);

  /* Begun, not waited for. */
  mill_engine_build_async (bench.engine, one, NULL, NULL, NULL, NULL);
  g_assert_false (fixture_build (bench.engine, one, NULL, NULL, &error));
  g_assert_error (error, MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_BUSY);
  g_clear_error (&error);
  fixture_build (bench.engine, two, NULL, NULL, &error);
  g_assert_no_error (error);
  while (mill_deployment_get_state (one) != MILL_DEPLOYMENT_BUILT)
    g_main_context_iteration (NULL, TRUE);
  g_assert_cmpint (mill_deployment_get_state (two), ==, MILL_DEPLOYMENT_BUILT);
  /* Its last word to the ledger may still be under way. */
  while (!fixture_build (bench.engine, one, NULL, NULL, &error))
    {
      g_assert_error (error, MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_BUSY);
      g_clear_error (&error);
      /* It may have come meanwhile: then nothing else would. */
      g_usleep (1000);
    }
  clean_up (&bench, one);
  g_assert_cmpint (fixture_count (two, MILL_RESOURCE_VERIFIED), ==, 20);
  clean_up (&bench, two);
  fixture_bench_close (&bench);
}

static void
on_calls (GObject      *source,
          GAsyncResult *result,
          gpointer      data)
{
  g_autoptr(GError) error = NULL;

  *(GPtrArray **) data = mill_deployment_load_calls_finish (MILL_DEPLOYMENT (source), result, &error);
  g_assert_no_error (error);
}

static GPtrArray *
load_calls (MillDeployment *deployment,
            const char     *logical_id)
{
  GPtrArray *calls = NULL;

  mill_deployment_load_calls_async (deployment, logical_id, NULL, on_calls, &calls);
  while (calls == NULL)
    g_main_context_iteration (NULL, TRUE);
  return calls;
}

/* The ledger knows what made a resource, of that the last calls, and not what only looked at it. */
static void
check_calls (MillDeployment *deployment)
{
  g_autoptr(GPtrArray) calls = load_calls (deployment, "OrdersTable");
  g_autoptr(GPtrArray) last = NULL;
  guint made = 0;

  for (guint i = 0; i < calls->len; i++)
    {
      g_assert_false (aws_operation_only_looks (aws_call_get_operation (calls->pdata[i])));
      g_assert_cmpstr (aws_call_get_request_id (calls->pdata[i]), !=, "");
      if (!g_str_equal (aws_call_get_operation (calls->pdata[i]), "dynamodb:CreateTable"))
        continue;
      g_assert_cmpuint (aws_call_get_status (calls->pdata[i]), ==, 200);
      g_assert_cmpstr (json_object_get_string_member (aws_call_get_parameters (calls->pdata[i]), "TableName"), ==, "orders-h");
      made++;
    }
  /* Made, deleted by hand, and made again. */
  g_assert_cmpuint (made, ==, 2);
  for (guint i = 0; i < 30; i++)
    {
      g_autoptr(JsonObject) none = json_object_new ();
      g_autofree char *id = g_strdup_printf ("request-%u", i);
      g_autoptr(AwsCall) call = aws_call_restore ("dynamodb:UpdateTable", none, 200, "", id, g_get_real_time (), 1000, "OrdersTable");

      mill_deployment_put_call (deployment, "OrdersTable", call);
    }
  last = load_calls (deployment, "OrdersTable");
  g_assert_cmpuint (last->len, ==, 20);
  g_assert_cmpstr (aws_call_get_request_id (last->pdata[19]), ==, "request-29");
  g_assert_cmpstr (aws_call_get_request_id (last->pdata[0]), ==, "request-10");
}

/* Deleted and changed by hand: a check tells, a build mends, clean-up leaves nothing. */
static void
test_by_hand (void)
{
  g_autoptr(MillDeployment) deployment = NULL;
  g_autoptr(GPtrArray) results = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *url = NULL;
  g_autofree char *parameters = NULL;
  g_autoptr(JsonObject) answer = NULL;
  g_autoptr(JsonObject) queue = NULL;
  g_autoptr(JsonObject) topic = NULL;
  g_autofree char *topic_arn = NULL;
  guint bad = 0;
  FixtureBench bench;

  bench_open (&bench);
  deployment = create (&bench, "-h");
  fixture_build (bench.engine, deployment, "queue", NULL, &error);
  g_assert_no_error (error);
  answer = call (&bench, "dynamodb:DeleteTable", "{\"TableName\": \"orders-h\"}");
  g_clear_pointer (&answer, json_object_unref);
  url = mill_deployment_lookup (deployment, "Queue", NULL);
  parameters = g_strdup_printf ("{\"QueueUrl\": \"%s\", \"Attributes\": {\"Policy\": \"\", \"VisibilityTimeout\": \"77\"}}", url);
  answer = call (&bench, "sqs:SetQueueAttributes", parameters);

  results = fixture_check (bench.engine, deployment, NULL, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < results->len; i++)
    {
      MillCheckResult *result = results->pdata[i];

      g_test_message ("%s/%s %d %s", result->step, result->id, result->ok, result->text);
      bad += !result->ok;
    }
  /* That the table is there, its key, the policy, and that the queue is as it was. */
  g_assert_cmpuint (bad, ==, 4);
  g_assert_cmpint (state_of (deployment, "OrdersTable"), ==, MILL_RESOURCE_MISSING);
  g_assert_cmpint (state_of (deployment, "QueueAccess"), ==, MILL_RESOURCE_MISSING);
  g_assert_cmpint (state_of (deployment, "Queue"), ==, MILL_RESOURCE_CHANGED);
  g_assert_cmpstr (mill_resource_get_error (mill_deployment_find_resource (deployment, "Queue")), ==,
                   "VisibilityTimeout of Queue is 77, and not 30 as it was set: somebody changed it.");

  /* The step puts back what nobody had set as well. */
  fixture_build (bench.engine, deployment, "queue", NULL, &error);
  g_assert_no_error (error);
  g_free (parameters);
  parameters = g_strdup_printf ("{\"QueueUrl\": \"%s\", \"AttributeNames\": [\"VisibilityTimeout\"]}", url);
  queue = call (&bench, "sqs:GetQueueAttributes", parameters);
  g_assert_cmpstr (aws_json_get_string (queue, "Attributes.VisibilityTimeout"), ==, "30");
  g_assert_cmpint (state_of (deployment, "Queue"), ==, MILL_RESOURCE_VERIFIED);

  fixture_build (bench.engine, deployment, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (mill_deployment_get_state (deployment), ==, MILL_DEPLOYMENT_BUILT);
  check_calls (deployment);
  topic_arn = mill_deployment_lookup (deployment, "Topic", NULL);
  g_free (parameters);
  parameters = g_strdup_printf ("{\"TopicArn\": \"%s\"}", topic_arn);
  topic = call (&bench, "sns:DeleteTopic", parameters);
  clean_up (&bench, deployment);
  fixture_bench_close (&bench);
}

/* Throttling that somebody set on the stage is named and taken away; what only makes it tell more stays, and alone is no change. */
static void
test_throttled_by_hand (void)
{
  g_autoptr(MillDeployment) deployment = NULL;
  g_autoptr(JsonObject) answer = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *parameters = NULL;
  g_autofree char *where = NULL;
  g_autofree char *api = NULL;
  g_autofree char *stage = NULL;
  FixtureBench bench;

  bench_open (&bench);
  deployment = create (&bench, "-t");
  fixture_build (bench.engine, deployment, NULL, NULL, &error);
  g_assert_no_error (error);
  api = mill_deployment_lookup (deployment, "Api", NULL);
  stage = mill_deployment_lookup (deployment, "ApiStage", NULL);
  where = g_strdup_printf ("\"restApiId\": \"%s\", \"stageName\": \"%s\"", api, stage);
  parameters = g_strdup_printf ("{%s, \"patchOperations\": [{\"op\": \"replace\", \"path\": \"/~1/POST/metrics/enabled\", \"value\": \"true\"}]}", where);
  answer = call (&bench, "apigateway:UpdateStage", parameters);
  g_clear_pointer (&answer, json_object_unref);
  g_free (parameters);
  parameters = g_strdup_printf ("{%s, \"patchOperations\": [{\"op\": \"replace\", \"path\": \"/~1/POST/throttling/rateLimit\", \"value\": \"1\"},"
                                " {\"op\": \"replace\", \"path\": \"/*/*/throttling/burstLimit\", \"value\": \"0\"}]}", where);
  answer = call (&bench, "apigateway:UpdateStage", parameters);
  g_clear_pointer (&answer, json_object_unref);
  g_ptr_array_unref (fixture_check (bench.engine, deployment, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (state_of (deployment, "ApiStage"), ==, MILL_RESOURCE_CHANGED);
  g_test_message ("%s", mill_resource_get_error (mill_deployment_find_resource (deployment, "ApiStage")));
  g_assert_nonnull (strstr (mill_resource_get_error (mill_deployment_find_resource (deployment, "ApiStage")), "ThrottlingRateLimit"));

  fixture_build (bench.engine, deployment, "deploy-api", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (state_of (deployment, "ApiStage"), ==, MILL_RESOURCE_VERIFIED);
  g_free (parameters);
  parameters = g_strdup_printf ("{%s}", where);
  answer = call (&bench, "apigateway:GetStage", parameters);
  /* That alone is no change. */
  g_ptr_array_unref (fixture_check (bench.engine, deployment, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpint (state_of (deployment, "ApiStage"), ==, MILL_RESOURCE_VERIFIED);
  g_assert_cmpuint (json_object_get_size (aws_json_get_object (answer, "methodSettings")), ==, 1);
  clean_up (&bench, deployment);
  fixture_bench_close (&bench);
}

/* Bad values are refused before anything is made. */
static void
test_parameters (void)
{
  g_autoptr(GHashTable) parameters = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr(GError) error = NULL;
  FixtureBench bench;

  bench_open (&bench);
  g_hash_table_insert (parameters, (gpointer) "QueueName", (gpointer) "with a blank");
  g_assert_null (mill_engine_create (bench.engine, mill_catalog_find (bench.catalog, "order-pipeline"), bench.target, parameters, &error));
  g_assert_error (error, MILL_TUTORIAL_ERROR, MILL_TUTORIAL_ERROR_PARAMETER);
  g_clear_error (&error);
  g_hash_table_remove_all (parameters);
  g_hash_table_insert (parameters, (gpointer) "EmailAddress", (gpointer) "nobody");
  g_assert_null (mill_engine_create (bench.engine, mill_catalog_find (bench.catalog, "order-pipeline"), bench.target, parameters, &error));
  g_assert_error (error, MILL_TUTORIAL_ERROR, MILL_TUTORIAL_ERROR_PARAMETER);
  g_clear_error (&error);
  g_hash_table_remove_all (parameters);
  g_hash_table_insert (parameters, (gpointer) "Colour", (gpointer) "red");
  g_assert_null (mill_engine_create (bench.engine, mill_catalog_find (bench.catalog, "order-pipeline"), bench.target, parameters, &error));
  g_assert_error (error, MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_UNKNOWN);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (bench.engine)), ==, 0);
  fixture_bench_close (&bench);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/deploy/engine/parameters", test_parameters);
  g_test_add_func ("/deploy/engine/taken", test_taken);
  g_test_add_func ("/deploy/engine/cancel", test_cancel);
  g_test_add_func ("/deploy/engine/practice-killed", test_practice_killed);
  g_test_add_func ("/deploy/engine/side-by-side", test_side_by_side);
  g_test_add_func ("/deploy/engine/by-hand", test_by_hand);
  g_test_add_func ("/deploy/engine/throttled-by-hand", test_throttled_by_hand);
  return g_test_run ();
}
