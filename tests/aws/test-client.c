/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "aws/aws-json.h"
#include "aws/aws-retry.h"
#include "client-fixture.h"

static void
test_json (ClientFixture *fixture,
           gconstpointer  data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) result = NULL;
  g_autofree char *request = NULL;
  g_autoptr (AwsCall) logged = NULL;

  test_server_push (fixture->server, 200, "x-amzn-RequestId: r-1\r\n", "{\"QueueUrl\":\"http://q\"}");
  result = client_fixture_call (fixture, "sqs:CreateQueue", "{\"QueueName\":\"q\"}", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (aws_json_get_string (result, "QueueUrl"), ==, "http://q");

  request = test_server_get_request (fixture->server, 0);
  g_assert_true (g_str_has_prefix (request, "POST /\n"));
  g_assert_nonnull (strstr (request, "\nX-Amz-Target: AmazonSQS.CreateQueue\n"));
  g_assert_nonnull (strstr (request, "/eu-west-1/sqs/aws4_request"));
  g_assert_true (g_str_has_suffix (request, "\n\n{\"QueueName\":\"q\"}"));
  client_fixture_check_signature (request);

  logged = client_fixture_last_call (fixture);
  g_assert_cmpstr (aws_call_get_operation (logged), ==, "sqs:CreateQueue");
  g_assert_cmpstr (aws_json_get_string (aws_call_get_parameters (logged), "QueueName"), ==, "q");
  g_assert_cmpstr (aws_call_get_answer (logged), ==, "{\"QueueUrl\":\"http://q\"}");
  g_assert_cmpuint (aws_call_get_status (logged), ==, 200);
  g_assert_cmpstr (aws_call_get_error_code (logged), ==, "");
  g_assert_cmpstr (aws_call_get_request_id (logged), ==, "r-1");
  g_assert_cmpuint (aws_call_get_attempts (logged), ==, 1);
  g_assert_cmpint (aws_call_get_duration (logged), >, 0);
}

static void
test_rest (ClientFixture *fixture,
           gconstpointer  data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) result = NULL;
  g_autofree char *request = NULL;

  test_server_push (fixture->server, 200, "X-Amz-Log-Result: bG9n\r\nX-Amz-Function-Error: Unhandled\r\n", "\"answer\"");
  result = client_fixture_call (fixture, "lambda:Invoke",
                 "{\"FunctionName\":\"arn:aws:lambda:x\",\"Qualifier\":\"a b\",\"LogType\":\"Tail\",\"Payload\":\"{\\\"k\\\":1}\"}",
                 NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (aws_json_get_string (result, "Payload"), ==, "\"answer\"");
  g_assert_cmpstr (aws_json_get_string (result, "LogResult"), ==, "bG9n");
  g_assert_cmpstr (aws_json_get_string (result, "FunctionError"), ==, "Unhandled");
  g_assert_cmpint (aws_json_get_int (result, "StatusCode", 0), ==, 200);

  request = test_server_get_request (fixture->server, 0);
  g_assert_true (g_str_has_prefix (request,
                                   "POST /2015-03-31/functions/arn%3Aaws%3Alambda%3Ax/invocations?Qualifier=a%20b\n"));
  g_assert_true (g_str_has_suffix (request, "\n\n{\"k\":1}"));
  client_fixture_check_signature (request);
}

static void
test_iam_region (ClientFixture *fixture,
                 gconstpointer  data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) result = NULL;
  g_autofree char *request = NULL;

  test_server_push (fixture->server, 200, NULL, "<DeleteRoleResponse/>");
  result = client_fixture_call (fixture, "iam:DeleteRole", "{\"RoleName\":\"r\"}", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (json_object_get_size (result), ==, 0);
  request = test_server_get_request (fixture->server, 0);
  g_assert_nonnull (strstr (request, "/us-east-1/iam/aws4_request"));
  g_assert_true (g_str_has_suffix (request, "\n\nAction=DeleteRole&Version=2010-05-08&RoleName=r"));
}

static void
test_bad_answers (ClientFixture *fixture,
                  gconstpointer  data)
{
  static const struct {
    const char *operation;
    const char *parameters;
    const char *body;
  } cases[] = {
    { "dynamodb:ListTables", "{}", "not JSON" },
    { "dynamodb:ListTables", "{}", "[1]" },
    { "dynamodb:ListTables", "{}", "{\"a\":1" },
    { "dynamodb:ListTables", "{}", "{'a':1}" },
    { "iam:ListRoles", "{}", "{}" },
    { "iam:ListRoles", "{}", "<ListRolesResponse>" },
    { "iam:ListRoles", "{}", "<html><body>Log in to the network</body></html>" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;

    test_server_push (fixture->server, 200, NULL, cases[i].body);
    g_assert_null (client_fixture_call (fixture, cases[i].operation, cases[i].parameters, NULL, &error));
    g_assert_error (error, AWS_ERROR, AWS_ERROR_ANSWER);
    g_assert_cmpuint (test_server_count (fixture->server), ==, i + 1);
  }
}

/* A body that got lost on its way is asked for again, as often as other failures; what makes something without a name is not. */
static void
test_empty_answers (ClientFixture *fixture,
                    gconstpointer  data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) result = NULL;

  test_server_push (fixture->server, 200, NULL, "");
  test_server_push (fixture->server, 200, NULL, "<ListRolesResponse><ListRolesResult><Roles/></ListRolesResult></ListRolesResponse>");
  result = client_fixture_call (fixture, "iam:ListRoles", "{}", NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (result);
  g_assert_cmpuint (test_server_count (fixture->server), ==, 2);

  for (guint i = 0; i < AWS_RETRY_ATTEMPTS; i++)
    test_server_push (fixture->server, 200, NULL, "");
  g_assert_null (client_fixture_call (fixture, "iam:ListRoles", "{}", NULL, &error));
  g_assert_error (error, AWS_ERROR, AWS_ERROR_ANSWER);
  g_assert_cmpuint (test_server_count (fixture->server), ==, 2 + AWS_RETRY_ATTEMPTS);
}

static void
test_bad_parameters (ClientFixture *fixture,
                     gconstpointer  data)
{
  static const char *const cases[][2] = {
    { "lambda:GetFunction", "{}" },
    { "lambda:GetFunction", "{\"FunctionName\":\"\"}" },
    { "lambda:GetFunction", "{\"FunctionName\":[]}" },
    { "lambda:GetFunction", "{\"FunctionName\":null}" },
    { "lambda:GetFunction", "{\"FunctionName\":\"..\"}" },
    { "lambda:Invoke", "{\"FunctionName\":\"f\",\"LogType\":\"Tail\\r\\nX-Other: 1\"}" },
    { "lambda:ListFunctions", "{\"Marker\":{}}" },
    { "lambda:NoSuchThing", "{}" },
    { "nonsense", "{}" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_null (client_fixture_call (fixture, cases[i][0], cases[i][1], NULL, &error));
    g_assert_error (error, AWS_ERROR, AWS_ERROR_PARAMETER);
  }
  g_assert_cmpuint (test_server_count (fixture->server), ==, 0);
}

static void
test_no_credentials (ClientFixture *fixture,
                     gconstpointer  data)
{
  g_autoptr (GError) error = NULL;

  aws_client_set_credentials (fixture->client, NULL);
  g_assert_null (aws_client_get_credentials (fixture->client));
  g_assert_null (client_fixture_call (fixture, "dynamodb:ListTables", "{}", NULL, &error));
  g_assert_error (error, AWS_ERROR, AWS_ERROR_CREDENTIALS);
  g_assert_cmpuint (test_server_count (fixture->server), ==, 0);
}

static void
test_bad_endpoint (void)
{
  static const char *const endpoints[] = { "", "127.0.0.1:4566", "ftp://127.0.0.1", "http://", "http://a b", "http://[::1" };
  g_autoptr (AwsCredentials) credentials = aws_credentials_new ("AKIDEXAMPLE", CLIENT_FIXTURE_SECRET, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (endpoints); i++) {
    g_autoptr (AwsClient) client = aws_client_new ("eu-west-1", endpoints[i], credentials);
    g_autoptr (GError) error = NULL;

    g_assert_null (aws_client_call (client, "dynamodb:ListTables", NULL, NULL, &error));
    g_assert_error (error, AWS_ERROR, AWS_ERROR_PARAMETER);
  }
}

static void
test_pages (ClientFixture *fixture,
            gconstpointer  data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonArray) items = NULL;
  g_autoptr (JsonObject) parameters = aws_json_parse_object ("{\"TableName\":\"t\"}", -1, NULL);
  g_autofree char *request = NULL;

  test_server_push (fixture->server, 200, NULL, "{\"Items\":[{\"id\":{\"S\":\"a\"}}],\"LastEvaluatedKey\":{\"id\":{\"S\":\"a\"}}}");
  test_server_push (fixture->server, 200, NULL, "{\"Items\":[],\"LastEvaluatedKey\":{\"id\":{\"S\":\"b\"}}}");
  test_server_push (fixture->server, 200, NULL, "{\"Items\":[{\"id\":{\"S\":\"c\"}}],\"LastEvaluatedKey\":null}");
  items = aws_client_collect (fixture->client, "dynamodb:Scan", parameters, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (json_array_get_length (items), ==, 2);
  g_assert_cmpuint (json_object_get_size (parameters), ==, 1);
  request = test_server_get_request (fixture->server, 2);
  g_assert_true (g_str_has_suffix (request, "{\"TableName\":\"t\",\"ExclusiveStartKey\":{\"id\":{\"S\":\"b\"}}}"));

  /* The same token again and again would never end. */
  for (guint i = 0; i < 3; i++)
    test_server_push (fixture->server, 200, NULL, "{\"Items\":[],\"LastEvaluatedKey\":{\"id\":{\"S\":\"a\"}}}");
  g_assert_null (aws_client_collect (fixture->client, "dynamodb:Scan", parameters, NULL, &error));
  g_assert_error (error, AWS_ERROR, AWS_ERROR_ANSWER);
  g_clear_error (&error);

  g_assert_null (aws_client_collect (fixture->client, "dynamodb:GetItem", parameters, NULL, &error));
  g_assert_error (error, AWS_ERROR, AWS_ERROR_PARAMETER);
}

static AwsWait
until_active (JsonObject   *result,
              const GError *error,
              GError      **failure,
              gpointer      user_data)
{
  const char *status = aws_json_get_string (result, "Table.TableStatus");

  if (aws_error_has_code (error, "ResourceNotFoundException"))
    return AWS_WAIT_AGAIN;
  if (error != NULL || g_strcmp0 (status, "BROKEN") == 0)
    return AWS_WAIT_FAILED;
  return g_strcmp0 (status, "ACTIVE") == 0 ? AWS_WAIT_DONE : AWS_WAIT_AGAIN;
}

static JsonObject *
wait_for_table (ClientFixture *fixture,
                guint          timeout_ms,
                GError       **error)
{
  return aws_client_wait (fixture->client, "dynamodb:DescribeTable", NULL, 1, 4, timeout_ms, until_active, NULL, NULL,
                          error);
}

static void
test_wait (ClientFixture *fixture,
           gconstpointer  data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) result = NULL;

  test_server_push (fixture->server, 400, NULL, "{\"__type\":\"ResourceNotFoundException\"}");
  test_server_push (fixture->server, 200, NULL, "{\"Table\":{\"TableStatus\":\"CREATING\"}}");
  test_server_push (fixture->server, 200, NULL, "{\"Table\":{\"TableStatus\":\"CREATING\"}}");
  test_server_push (fixture->server, 200, NULL, "{\"Table\":{\"TableStatus\":\"ACTIVE\"}}");
  result = wait_for_table (fixture, 60000, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (aws_json_get_string (result, "Table.TableStatus"), ==, "ACTIVE");
  g_assert_cmpuint (test_server_count (fixture->server), ==, 4);

  test_server_push (fixture->server, 400, NULL, "{\"__type\":\"AccessDeniedException\",\"Message\":\"no\"}");
  g_assert_null (wait_for_table (fixture, 60000, &error));
  g_assert_error (error, AWS_ERROR, AWS_ERROR_CLIENT);
  g_assert_true (aws_error_has_code (error, "AccessDeniedException"));
  g_clear_error (&error);

  test_server_push (fixture->server, 200, NULL, "{\"Table\":{\"TableStatus\":\"BROKEN\"}}");
  g_assert_null (wait_for_table (fixture, 60000, &error));
  g_assert_error (error, AWS_ERROR, AWS_ERROR_CLIENT);
  g_clear_error (&error);

  /* "{}" for ever */
  g_assert_null (wait_for_table (fixture, 20, &error));
  g_assert_error (error, AWS_ERROR, AWS_ERROR_TIMEOUT);
}

static void
test_plain_http (ClientFixture *fixture,
                 gconstpointer  data)
{
  static const char *const headers[] = { "Content-Type", "application/json", "X-Api-Key", "k", NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) result = NULL;
  g_autoptr (JsonObject) signed_result = NULL;
  g_autoptr (AwsCall) logged = NULL;
  g_autofree char *url = g_strconcat (test_server_get_url (fixture->server), "/prod/orders?a=1", NULL);
  g_autofree char *request = NULL;
  g_autofree char *signed_request = NULL;
  g_autofree char *line = NULL;

  test_server_push (fixture->server, 403, "X-Thing: v\r\n", "{\"message\":\"Missing Authentication Token\"}");
  result = aws_client_http (fixture->client, NULL, "POST", url, headers, "{\"item\":\"it's\"}", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (aws_json_get_int (result, "status", 0), ==, 403);
  g_assert_cmpstr (aws_json_get_string (result, "headers.x-thing"), ==, "v");
  g_assert_cmpstr (aws_json_get_string (result, "body"), ==, "{\"message\":\"Missing Authentication Token\"}");
  request = test_server_get_request (fixture->server, 0);
  g_assert_true (g_str_has_prefix (request, "POST /prod/orders?a=1\n"));
  g_assert_null (strstr (request, "Authorization"));
  g_assert_nonnull (strstr (request, "\nX-Api-Key: k\n"));
  g_assert_true (g_str_has_suffix (request, "{\"item\":\"it's\"}"));

  logged = client_fixture_last_call (fixture);
  g_assert_cmpstr (aws_call_get_operation (logged), ==, "http:POST");
  g_assert_cmpuint (aws_call_get_status (logged), ==, 403);
  line = aws_call_to_command_line (logged, "eu-west-1", NULL);
  g_assert_true (g_str_has_prefix (line, "curl -X POST -H 'Content-Type: application/json'"));
  g_assert_nonnull (strstr (line, " --data-binary '{\"item\":\"it'\\''s\"}' "));

  signed_result = aws_client_http (fixture->client, "execute-api", "GET", url, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  signed_request = test_server_get_request (fixture->server, 1);
  g_assert_nonnull (strstr (signed_request, "/eu-west-1/execute-api/aws4_request"));
  client_fixture_check_signature (signed_request);

  g_assert_null (aws_client_http (fixture->client, NULL, "GET", "nowhere", NULL, NULL, NULL, &error));
  g_assert_error (error, AWS_ERROR, AWS_ERROR_PARAMETER);
}

static void
test_keep_alive (ClientFixture *fixture,
                 gconstpointer  data)
{
  for (guint i = 0; i < 40; i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (JsonObject) result = client_fixture_call (fixture, "dynamodb:ListTables", "{}", NULL, &error);

    g_assert_no_error (error);
  }
  g_assert_cmpuint (test_server_count (fixture->server), ==, 40);
  g_assert_cmpuint (test_server_count_connections (fixture->server), ==, 1);
}

static gpointer
call_often (gpointer data)
{
  ClientFixture *fixture = data;

  aws_call_log_set_subject ("Thread");
  for (guint i = 0; i < 50; i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (JsonObject) result = client_fixture_call (fixture, "dynamodb:ListTables", "{}", NULL, &error);

    g_assert_no_error (error);
  }
  aws_call_log_set_subject (NULL);
  return NULL;
}

static void
test_threads (ClientFixture *fixture,
              gconstpointer  data)
{
  GThread *threads[8];
  g_autoptr (AwsCall) logged = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("caller", call_often, fixture);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  g_assert_cmpuint (test_server_count (fixture->server), ==, 400);
  g_assert_cmpuint (test_server_count_connections (fixture->server), ==, 8);
  logged = client_fixture_last_call (fixture);
  g_assert_cmpstr (aws_call_get_subject (logged), ==, "Thread");
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (aws_client_get_call_log (fixture->client))), ==, 400);
}

static void
on_called (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  GAsyncResult **kept = user_data;

  *kept = g_object_ref (result);
}

static void
test_async (ClientFixture *fixture,
            gconstpointer  data)
{
  g_autoptr (GAsyncResult) good = NULL;
  g_autoptr (GAsyncResult) bad = NULL;
  g_autoptr (JsonObject) result = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (AwsCall) logged = NULL;

  aws_call_log_set_subject ("Orders");
  aws_client_call_async (fixture->client, "dynamodb:ListTables", NULL, NULL, on_called, &good);
  aws_call_log_set_subject (NULL);
  while (good == NULL)
    g_main_context_iteration (NULL, TRUE);
  result = aws_client_call_finish (fixture->client, good, &error);
  g_assert_no_error (error);
  g_assert_nonnull (result);
  logged = client_fixture_last_call (fixture);
  g_assert_cmpstr (aws_call_get_subject (logged), ==, "Orders");

  aws_client_call_async (fixture->client, "no:Such", NULL, NULL, on_called, &bad);
  while (bad == NULL)
    g_main_context_iteration (NULL, TRUE);
  g_assert_null (aws_client_call_finish (fixture->client, bad, &error));
  g_assert_error (error, AWS_ERROR, AWS_ERROR_PARAMETER);
}

static void
on_counted (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  guint *count = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) object = aws_client_call_finish (AWS_CLIENT (source), result, &error);

  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_null (object);
  (*count)++;
}

/* However many calls wait for an answer, another one gets through. */
static void
test_many_async (ClientFixture *fixture,
                 gconstpointer  data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GAsyncResult) late = NULL;
  g_autoptr (JsonObject) result = NULL;
  guint cancelled = 0;

  for (guint i = 0; i < 40; i++) {
    test_server_push_silence (fixture->server);
    aws_client_call_async (fixture->client, "sqs:ReceiveMessage", NULL, cancellable, on_counted, &cancelled);
  }
  test_server_wait (fixture->server, 40);
  aws_client_call_async (fixture->client, "dynamodb:ListTables", NULL, NULL, on_called, &late);
  while (late == NULL)
    g_main_context_iteration (NULL, TRUE);
  result = aws_client_call_finish (fixture->client, late, NULL);
  g_assert_nonnull (result);

  g_cancellable_cancel (cancellable);
  while (cancelled < 40)
    g_main_context_iteration (NULL, TRUE);
}

static void
test_new_credentials (ClientFixture *fixture,
                      gconstpointer  data)
{
  g_autoptr (AwsCredentials) other = aws_credentials_new ("AKIDOTHER", "other", "");
  AwsCredentials *before = aws_client_get_credentials (fixture->client);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) result = NULL;
  g_autofree char *request = NULL;

  aws_client_set_credentials (fixture->client, other);
  g_assert_cmpstr (aws_credentials_get_access_key_id (before), ==, "AKIDEXAMPLE");
  result = client_fixture_call (fixture, "dynamodb:ListTables", "{}", NULL, &error);
  g_assert_no_error (error);
  request = test_server_get_request (fixture->server, 0);
  g_assert_nonnull (strstr (request, "Credential=AKIDOTHER/"));
  g_assert_null (strstr (request, "X-Amz-Security-Token"));
}

#define ADD(path, function) \
  g_test_add ("/aws/client/" path, ClientFixture, NULL, client_fixture_set_up, function, client_fixture_tear_down)

static AwsCredentials *
refresh (AwsClient       *client,
         AwsCredentials  *old,
         const GError    *trouble,
         GCancellable    *cancellable,
         GError         **error,
         gpointer         user_data)
{
  guint *count = user_data;

  ++*count;
  if (*count > 1) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "nobody has new ones");
    return NULL;
  }
  g_assert_cmpstr (aws_credentials_get_access_key_id (old), ==, "AKIDEXAMPLE");
  g_assert_true (aws_error_has_code (trouble, "ExpiredTokenException"));
  return aws_credentials_new ("ASIAFRESHKEY", "fresh-secret", "fresh-token");
}

static void
test_expired_credentials (ClientFixture *self,
                      gconstpointer  data)
{
  static const char expired[] = "{\"__type\": \"com.amazon.coral.service#ExpiredTokenException\", \"message\": \"The security token included in the request is expired\"}";
  guint count = 0;
  g_autoptr (JsonObject) result = NULL;
  g_autoptr (JsonObject) none = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *request = NULL;

  aws_client_set_refresh (self->client, refresh, &count);
  test_server_push (self->server, 400, NULL, expired);
  result = client_fixture_call (self, "dynamodb:ListTables", "{}", NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (result);
  g_assert_cmpuint (count, ==, 1);
  request = test_server_get_request (self->server, 1);
  g_assert_nonnull (strstr (request, "ASIAFRESHKEY/"));
  g_assert_nonnull (strstr (request, "fresh-token"));

  test_server_push (self->server, 400, NULL, expired);
  none = client_fixture_call (self, "dynamodb:ListTables", "{}", NULL, &error);
  g_assert_null (none);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int
main (int    argc,
      char **argv)
{
  client_fixture_init (&argc, &argv);

  ADD ("json", test_json);
  ADD ("rest", test_rest);
  ADD ("iam-region", test_iam_region);
  ADD ("bad-answers", test_bad_answers);
  ADD ("empty-answers", test_empty_answers);
  ADD ("bad-parameters", test_bad_parameters);
  ADD ("no-credentials", test_no_credentials);
  ADD ("expired-credentials", test_expired_credentials);
  g_test_add_func ("/aws/client/bad-endpoint", test_bad_endpoint);
  ADD ("pages", test_pages);
  ADD ("wait", test_wait);
  ADD ("plain-http", test_plain_http);
  ADD ("keep-alive", test_keep_alive);
  ADD ("threads", test_threads);
  ADD ("async", test_async);
  ADD ("many-async", test_many_async);
  ADD ("new-credentials", test_new_credentials);

  return g_test_run ();
}
