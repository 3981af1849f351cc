/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "aws/aws-client.h"
#include "aws/aws-json.h"
#include "aws/aws-signer.h"
#include "test-server.h"

#define SECRET "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"

typedef struct {
  TestServer *server;
  AwsClient  *client;
} Fixture;

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  g_autoptr (AwsCredentials) credentials = aws_credentials_new ("AKIDEXAMPLE", SECRET, "session/token==");

  fixture->server = test_server_new ();
  fixture->client = aws_client_new ("eu-west-1", test_server_get_url (fixture->server), credentials);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_finalize_object (fixture->client);
  test_server_free (fixture->server);
}

static JsonObject *
call (Fixture      *fixture,
      const char   *operation,
      const char   *parameters,
      GCancellable *cancellable,
      GError      **error)
{
  g_autoptr (JsonObject) object = aws_json_parse_object (parameters, -1, NULL);

  g_assert_nonnull (object);
  return aws_client_call (fixture->client, operation, object, cancellable, error);
}

/* The last call in the log. */
static AwsCall *
last_call (Fixture *fixture)
{
  GListModel *log = G_LIST_MODEL (aws_client_get_call_log (fixture->client));

  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (g_list_model_get_n_items (log), >, 0);
  return g_list_model_get_item (log, g_list_model_get_n_items (log) - 1);
}

static char *
header_of (const char *request,
           const char *name)
{
  g_auto (GStrv) lines = g_strsplit (request, "\n", -1);
  g_autofree char *prefix = g_strdup_printf ("%s: ", name);

  for (guint i = 1; lines[i] != NULL && *lines[i] != '\0'; i++) {
    if (g_ascii_strncasecmp (lines[i], prefix, strlen (prefix)) == 0)
      return g_strdup (lines[i] + strlen (prefix));
  }
  return NULL;
}

/* What a server has to do with a request: make the signature again from what came over the wire. */
static void
check_signature (const char *request)
{
  g_autofree char *authorization = header_of (request, "Authorization");
  g_autofree char *date = header_of (request, "X-Amz-Date");
  g_autoptr (GRegex) regex = g_regex_new ("Credential=[^/]+/([^,]+), SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$",
                                          G_REGEX_DEFAULT, G_REGEX_MATCH_DEFAULT, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  g_autoptr (GPtrArray) headers = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *digest = NULL;
  g_autofree char *canonical = NULL;
  g_autofree char *to_sign = NULL;
  g_autofree char *signature = NULL;
  g_autofree char *scope = NULL;
  g_autofree char *given = NULL;
  g_autofree char *list = NULL;
  g_auto (GStrv) names = NULL;
  g_auto (GStrv) first_line = NULL;
  g_auto (GStrv) lines = g_strsplit (request, "\n", 2);
  AwsSigningRequest signing;
  char *question;

  g_assert_nonnull (authorization);
  g_assert_true (g_regex_match (regex, authorization, G_REGEX_MATCH_DEFAULT, &match));
  scope = g_match_info_fetch (match, 1);
  list = g_match_info_fetch (match, 2);
  given = g_match_info_fetch (match, 3);
  names = g_strsplit (list, ";", -1);
  for (guint i = 0; names[i] != NULL; i++) {
    g_ptr_array_add (headers, g_strdup (names[i]));
    g_ptr_array_add (headers, header_of (request, names[i]));
    g_assert_nonnull (g_ptr_array_index (headers, headers->len - 1));
  }
  g_ptr_array_add (headers, NULL);
  g_assert_true (g_strv_contains ((const char *const *) names, "host"));
  g_assert_true (g_strv_contains ((const char *const *) names, "x-amz-security-token"));

  first_line = g_strsplit (lines[0], " ", 2);
  question = strchr (first_line[1], '?');
  if (question != NULL)
    *question = '\0';
  digest = aws_signer_sha256 (strstr (request, "\n\n") + 2, -1);
  signing.method = first_line[0];
  signing.path = first_line[1];
  signing.query = question != NULL ? question + 1 : NULL;
  signing.headers = (const char *const *) headers->pdata;
  signing.payload_sha256 = digest;
  canonical = aws_signer_canonical_request (&signing, (const char *const *) names, "sqs");
  to_sign = aws_signer_string_to_sign (date, scope, canonical);
  signature = aws_signer_signature (SECRET, scope, to_sign);
  g_assert_cmpstr (signature, ==, given);
}

static void
test_json (Fixture       *fixture,
           gconstpointer  data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) result = NULL;
  g_autofree char *request = NULL;
  g_autoptr (AwsCall) logged = NULL;

  test_server_push (fixture->server, 200, "x-amzn-RequestId: r-1\r\n", "{\"QueueUrl\":\"http://q\"}");
  result = call (fixture, "sqs:CreateQueue", "{\"QueueName\":\"q\"}", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (aws_json_get_string (result, "QueueUrl"), ==, "http://q");

  request = test_server_get_request (fixture->server, 0);
  g_assert_true (g_str_has_prefix (request, "POST /\n"));
  g_assert_nonnull (strstr (request, "\nX-Amz-Target: AmazonSQS.CreateQueue\n"));
  g_assert_nonnull (strstr (request, "/eu-west-1/sqs/aws4_request"));
  g_assert_true (g_str_has_suffix (request, "\n\n{\"QueueName\":\"q\"}"));
  check_signature (request);

  logged = last_call (fixture);
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
test_rest (Fixture       *fixture,
           gconstpointer  data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) result = NULL;
  g_autofree char *request = NULL;

  test_server_push (fixture->server, 200, "X-Amz-Log-Result: bG9n\r\nX-Amz-Function-Error: Unhandled\r\n", "\"answer\"");
  result = call (fixture, "lambda:Invoke",
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
  check_signature (request);
}

static void
test_iam_region (Fixture       *fixture,
                 gconstpointer  data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) result = NULL;
  g_autofree char *request = NULL;

  test_server_push (fixture->server, 200, NULL, "<DeleteRoleResponse/>");
  result = call (fixture, "iam:DeleteRole", "{\"RoleName\":\"r\"}", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (json_object_get_size (result), ==, 0);
  request = test_server_get_request (fixture->server, 0);
  g_assert_nonnull (strstr (request, "/us-east-1/iam/aws4_request"));
  g_assert_true (g_str_has_suffix (request, "\n\nAction=DeleteRole&Version=2010-05-08&RoleName=r"));
}

static void
test_retries (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) result = NULL;
  g_autoptr (AwsCall) logged = NULL;
  g_autofree char *request = NULL;

  test_server_push (fixture->server, 500, NULL, "{\"__type\":\"InternalFailure\"}");
  test_server_push (fixture->server, 502, NULL, "<html>Bad gateway</html>");
  test_server_push (fixture->server, 400, NULL, "{\"__type\":\"com.amazon.coral.availability#ThrottlingException\"}");
  test_server_push (fixture->server, 200, NULL, "{\"TableNames\":[]}");
  result = call (fixture, "dynamodb:ListTables", "{}", NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (aws_json_get_array (result, "TableNames"));
  g_assert_cmpuint (test_server_count (fixture->server), ==, 4);
  logged = last_call (fixture);
  g_assert_cmpuint (aws_call_get_attempts (logged), ==, 4);
  request = test_server_get_request (fixture->server, 3);
  check_signature (request);
}

static void
test_no_retry (Fixture       *fixture,
               gconstpointer  data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AwsCall) logged = NULL;

  test_server_push (fixture->server, 400, "x-amzn-RequestId: r-2\r\nx-amzn-query-error: AWS.SimpleQueueService.NonExistentQueue;Sender\r\n",
                    "{\"__type\":\"com.amazonaws.sqs#QueueDoesNotExist\",\"message\":\"There is none.\"}");
  g_assert_null (call (fixture, "sqs:GetQueueUrl", "{\"QueueName\":\"q\"}", NULL, &error));
  g_assert_error (error, AWS_ERROR, AWS_ERROR_CLIENT);
  g_assert_cmpstr (error->message, ==, "There is none.");
  g_assert_true (aws_error_has_code (error, "AWS.SimpleQueueService.NonExistentQueue"));
  g_assert_cmpstr (aws_error_get_request_id (error), ==, "r-2");
  g_assert_cmpuint (aws_error_get_status (error), ==, 400);
  g_assert_false (aws_error_is_retryable (error));
  g_assert_cmpuint (test_server_count (fixture->server), ==, 1);
  logged = last_call (fixture);
  g_assert_cmpstr (aws_call_get_error_code (logged), ==, "AWS.SimpleQueueService.NonExistentQueue");
}

static void
test_gives_up (Fixture       *fixture,
               gconstpointer  data)
{
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 10; i++)
    test_server_push (fixture->server, 503, "Retry-After: 0\r\n", "{\"message\":\"Later.\"}");
  g_assert_null (call (fixture, "lambda:ListFunctions", "{}", NULL, &error));
  g_assert_error (error, AWS_ERROR, AWS_ERROR_SERVER);
  g_assert_true (aws_error_is_retryable (error));
  g_assert_true (aws_error_has_code (error, "503"));
  g_assert_cmpuint (test_server_count (fixture->server), ==, 5);
}

static void
test_broken_connections (Fixture       *fixture,
                         gconstpointer  data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) result = NULL;

  test_server_push_reset (fixture->server);
  test_server_push_raw (fixture->server, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"TableNames\":[", 0);
  test_server_push_raw (fixture->server, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n{\"Ta", 0);
  test_server_push_raw (fixture->server, "this is no HTTP\r\n\r\n", 0);
  test_server_push (fixture->server, 200, NULL, "{\"TableNames\":[\"t\"]}");
  result = call (fixture, "dynamodb:ListTables", "{}", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (json_array_get_length (aws_json_get_array (result, "TableNames")), ==, 1);
  g_assert_cmpuint (test_server_count (fixture->server), ==, 5);
}

static void
test_always_reset (Fixture       *fixture,
                   gconstpointer  data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AwsCall) logged = NULL;

  for (guint i = 0; i < 20; i++)
    test_server_push_reset (fixture->server);
  g_assert_null (call (fixture, "dynamodb:ListTables", "{}", NULL, &error));
  g_assert_error (error, AWS_ERROR, AWS_ERROR_NETWORK);
  logged = last_call (fixture);
  g_assert_cmpuint (aws_call_get_status (logged), ==, 0);
  g_assert_cmpuint (aws_call_get_attempts (logged), ==, 5);
}

static void
test_refused (void)
{
  g_autoptr (AwsCredentials) credentials = aws_credentials_new ("AKIDEXAMPLE", SECRET, NULL);
  g_autoptr (GSocket) socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL);
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GSocketAddress) bound = NULL;
  g_autoptr (AwsClient) client = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *url = NULL;

  /* Bound, but nobody listens. */
  g_assert_true (g_socket_bind (socket, address, FALSE, NULL));
  bound = g_socket_get_local_address (socket, NULL);
  url = g_strdup_printf ("http://127.0.0.1:%u", g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound)));
  client = aws_client_new ("eu-west-1", url, credentials);
  g_assert_null (aws_client_call (client, "dynamodb:ListTables", NULL, NULL, &error));
  g_assert_error (error, AWS_ERROR, AWS_ERROR_NETWORK);
  g_assert_nonnull (strstr (error->message, url));
}

static void
test_timeout (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) result = NULL;

  aws_client_set_timeout (fixture->client, 1);
  test_server_push_silence (fixture->server);
  result = call (fixture, "dynamodb:ListTables", "{}", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (test_server_count (fixture->server), ==, 2);
}

typedef struct {
  TestServer   *server;
  GCancellable *cancellable;
} CancelData;

static gpointer
cancel_after_request (gpointer data)
{
  CancelData *cancel = data;

  test_server_wait (cancel->server, 1);
  g_cancellable_cancel (cancel->cancellable);
  return NULL;
}

static void
check_cancelled (Fixture *fixture)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  CancelData cancel = { fixture->server, cancellable };
  GThread *thread = g_thread_new ("cancel", cancel_after_request, &cancel);
  g_autoptr (GError) error = NULL;
  g_autoptr (AwsCall) logged = NULL;

  g_assert_null (call (fixture, "dynamodb:ListTables", "{}", cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_thread_join (thread);
  g_assert_cmpuint (test_server_count (fixture->server), ==, 1);
  logged = last_call (fixture);
  g_assert_cmpstr (aws_call_get_error_code (logged), ==, "Cancelled");
}

static void
test_cancel_answer (Fixture       *fixture,
                    gconstpointer  data)
{
  test_server_push_silence (fixture->server);
  check_cancelled (fixture);
}

static void
test_cancel_pause (Fixture       *fixture,
                   gconstpointer  data)
{
  test_server_push (fixture->server, 503, "Retry-After: 20\r\n", "{}");
  check_cancelled (fixture);
}

static void
test_cancelled_before (Fixture       *fixture,
                       gconstpointer  data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_null (call (fixture, "dynamodb:ListTables", "{}", cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (test_server_count (fixture->server), ==, 0);
}

static void
test_clock (Fixture       *fixture,
            gconstpointer  data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) result = NULL;
  g_autofree char *request = NULL;
  g_autofree char *date = NULL;

  test_server_push_raw (fixture->server,
                        "HTTP/1.1 403 Forbidden\r\nDate: Sun, 30 Aug 2015 12:36:00 GMT\r\n\r\n"
                        "{\"__type\":\"InvalidSignatureException\",\"message\":\"Signature expired: 20260101T000000Z is now earlier\"}", 0);
  result = call (fixture, "dynamodb:ListTables", "{}", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (test_server_count (fixture->server), ==, 2);
  request = test_server_get_request (fixture->server, 1);
  date = header_of (request, "X-Amz-Date");
  g_assert_true (g_str_has_prefix (date, "20150830T12"));
}

static void
test_bad_answers (Fixture       *fixture,
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
    { "iam:ListRoles", "{}", "" },
    { "iam:ListRoles", "{}", "<ListRolesResponse>" },
    { "iam:ListRoles", "{}", "<html><body>Log in to the network</body></html>" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_autoptr (GError) error = NULL;

    test_server_push (fixture->server, 200, NULL, cases[i].body);
    g_assert_null (call (fixture, cases[i].operation, cases[i].parameters, NULL, &error));
    g_assert_error (error, AWS_ERROR, AWS_ERROR_ANSWER);
    g_assert_cmpuint (test_server_count (fixture->server), ==, i + 1);
  }
}

static void
test_large_answer (Fixture       *fixture,
                   gconstpointer  data)
{
  g_autoptr (GError) error = NULL;

  test_server_push_raw (fixture->server, "HTTP/1.1 200 OK\r\nContent-Length: 80000000\r\n\r\n", 80000000);
  g_assert_null (call (fixture, "dynamodb:ListTables", "{}", NULL, &error));
  g_assert_error (error, AWS_ERROR, AWS_ERROR_ANSWER);
  g_assert_true (aws_error_has_code (error, "AnswerTooLarge"));
}

static void
test_bad_parameters (Fixture       *fixture,
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

    g_assert_null (call (fixture, cases[i][0], cases[i][1], NULL, &error));
    g_assert_error (error, AWS_ERROR, AWS_ERROR_PARAMETER);
  }
  g_assert_cmpuint (test_server_count (fixture->server), ==, 0);
}

static void
test_no_credentials (Fixture       *fixture,
                     gconstpointer  data)
{
  g_autoptr (GError) error = NULL;

  aws_client_set_credentials (fixture->client, NULL);
  g_assert_null (aws_client_get_credentials (fixture->client));
  g_assert_null (call (fixture, "dynamodb:ListTables", "{}", NULL, &error));
  g_assert_error (error, AWS_ERROR, AWS_ERROR_CREDENTIALS);
  g_assert_cmpuint (test_server_count (fixture->server), ==, 0);
}

static void
test_bad_endpoint (void)
{
  static const char *const endpoints[] = { "", "127.0.0.1:4566", "ftp://127.0.0.1", "http://", "http://a b", "http://[::1" };
  g_autoptr (AwsCredentials) credentials = aws_credentials_new ("AKIDEXAMPLE", SECRET, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (endpoints); i++) {
    g_autoptr (AwsClient) client = aws_client_new ("eu-west-1", endpoints[i], credentials);
    g_autoptr (GError) error = NULL;

    g_assert_null (aws_client_call (client, "dynamodb:ListTables", NULL, NULL, &error));
    g_assert_error (error, AWS_ERROR, AWS_ERROR_PARAMETER);
  }
}

static void
test_pages (Fixture       *fixture,
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
until_active (JsonObject    *result,
              const GError  *error,
              GError       **failure,
              gpointer       user_data)
{
  const char *status = aws_json_get_string (result, "Table.TableStatus");

  if (aws_error_has_code (error, "ResourceNotFoundException"))
    return AWS_WAIT_AGAIN;
  if (error != NULL || g_strcmp0 (status, "BROKEN") == 0)
    return AWS_WAIT_FAILED;
  return g_strcmp0 (status, "ACTIVE") == 0 ? AWS_WAIT_DONE : AWS_WAIT_AGAIN;
}

static JsonObject *
wait_for_table (Fixture  *fixture,
                guint     timeout_ms,
                GError  **error)
{
  return aws_client_wait (fixture->client, "dynamodb:DescribeTable", NULL, 1, 4, timeout_ms, until_active, NULL, NULL,
                          error);
}

static void
test_wait (Fixture       *fixture,
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
test_plain_http (Fixture       *fixture,
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

  logged = last_call (fixture);
  g_assert_cmpstr (aws_call_get_operation (logged), ==, "http:POST");
  g_assert_cmpuint (aws_call_get_status (logged), ==, 403);
  line = aws_call_to_command_line (logged, "eu-west-1", NULL);
  g_assert_true (g_str_has_prefix (line, "curl -X POST -H 'Content-Type: application/json'"));
  g_assert_nonnull (strstr (line, " --data-binary '{\"item\":\"it'\\''s\"}' "));

  signed_result = aws_client_http (fixture->client, "execute-api", "GET", url, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  signed_request = test_server_get_request (fixture->server, 1);
  g_assert_nonnull (strstr (signed_request, "/eu-west-1/execute-api/aws4_request"));
  check_signature (signed_request);

  g_assert_null (aws_client_http (fixture->client, NULL, "GET", "nowhere", NULL, NULL, NULL, &error));
  g_assert_error (error, AWS_ERROR, AWS_ERROR_PARAMETER);
}

static void
test_keep_alive (Fixture       *fixture,
                 gconstpointer  data)
{
  for (guint i = 0; i < 40; i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (JsonObject) result = call (fixture, "dynamodb:ListTables", "{}", NULL, &error);

    g_assert_no_error (error);
  }
  g_assert_cmpuint (test_server_count (fixture->server), ==, 40);
  g_assert_cmpuint (test_server_count_connections (fixture->server), ==, 1);
}

static gpointer
call_often (gpointer data)
{
  Fixture *fixture = data;

  aws_call_log_set_subject ("Thread");
  for (guint i = 0; i < 50; i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (JsonObject) result = call (fixture, "dynamodb:ListTables", "{}", NULL, &error);

    g_assert_no_error (error);
  }
  aws_call_log_set_subject (NULL);
  return NULL;
}

static void
test_threads (Fixture       *fixture,
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
  logged = last_call (fixture);
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
test_async (Fixture       *fixture,
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
  logged = last_call (fixture);
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
test_many_async (Fixture       *fixture,
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
test_new_credentials (Fixture       *fixture,
                      gconstpointer  data)
{
  g_autoptr (AwsCredentials) other = aws_credentials_new ("AKIDOTHER", "other", "");
  AwsCredentials *before = aws_client_get_credentials (fixture->client);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) result = NULL;
  g_autofree char *request = NULL;

  aws_client_set_credentials (fixture->client, other);
  g_assert_cmpstr (aws_credentials_get_access_key_id (before), ==, "AKIDEXAMPLE");
  result = call (fixture, "dynamodb:ListTables", "{}", NULL, &error);
  g_assert_no_error (error);
  request = test_server_get_request (fixture->server, 0);
  g_assert_nonnull (strstr (request, "Credential=AKIDOTHER/"));
  g_assert_null (strstr (request, "X-Amz-Security-Token"));
}

static void
test_redirect (Fixture       *fixture,
               gconstpointer  data)
{
  g_autoptr (GError) error = NULL;

  test_server_push (fixture->server, 302, "Location: http://127.0.0.1:1/\r\n", "");
  g_assert_null (call (fixture, "dynamodb:ListTables", "{}", NULL, &error));
  g_assert_error (error, AWS_ERROR, AWS_ERROR_CLIENT);
  g_assert_true (aws_error_has_code (error, "302"));
}

static gpointer
list_tables (gpointer data)
{
  return aws_client_call (data, "dynamodb:ListTables", NULL, NULL, NULL);
}

static GTlsCertificate *
load_certificate (GTlsDatabase **database)
{
  g_autofree char *file = g_test_build_filename (G_TEST_DIST, "data", "server.pem", NULL);
  g_autoptr (GError) error = NULL;
  GTlsCertificate *certificate;

  if (!g_tls_backend_supports_tls (g_tls_backend_get_default ())) {
    g_test_skip ("glib-networking is not installed");
    return NULL;
  }
  certificate = g_tls_certificate_new_from_file (file, &error);
  g_assert_no_error (error);
  *database = g_tls_file_database_new (file, &error);
  g_assert_no_error (error);
  return certificate;
}

static void
test_tls (void)
{
  g_autoptr (AwsCredentials) credentials = aws_credentials_new ("AKIDEXAMPLE", SECRET, NULL);
  g_autoptr (GTlsDatabase) database = NULL;
  g_autoptr (GTlsCertificate) certificate = load_certificate (&database);
  g_autoptr (TestServer) server = NULL;
  g_autoptr (AwsClient) client = NULL;
  g_autoptr (JsonObject) result = NULL;
  g_autoptr (GError) error = NULL;

  if (certificate == NULL)
    return;
  server = test_server_new_tls (certificate);
  client = aws_client_new ("eu-west-1", test_server_get_url (server), credentials);

  /* Nobody vouches for it, and asking again would not help. */
  g_assert_null (aws_client_call (client, "dynamodb:ListTables", NULL, NULL, &error));
  g_assert_error (error, AWS_ERROR, AWS_ERROR_NETWORK);
  g_assert_true (aws_error_has_code (error, "TlsError"));
  g_assert_false (aws_error_is_retryable (error));
  g_assert_cmpuint (test_server_count (server), ==, 0);

  g_tls_backend_set_default_database (g_tls_backend_get_default (), database);
  /* A thread that has no connections yet. */
  result = g_thread_join (g_thread_new ("tls", list_tables, client));
  g_tls_backend_set_default_database (g_tls_backend_get_default (), NULL);
  g_assert_nonnull (result);
  g_assert_cmpuint (test_server_count (server), ==, 1);
}

typedef struct {
  GSocketListener *listener;
  GTlsCertificate *certificate;
  char            *protocol;
} Negotiation;

static gpointer
negotiate (gpointer data)
{
  static const char *const protocols[] = { "h2", "http/1.1", NULL };
  Negotiation *negotiation = data;
  g_autoptr (GSocketConnection) connection = g_socket_listener_accept (negotiation->listener, NULL, NULL, NULL);
  g_autoptr (GIOStream) tls = g_tls_server_connection_new (G_IO_STREAM (connection), negotiation->certificate, NULL);

  g_tls_connection_set_advertised_protocols (G_TLS_CONNECTION (tls), protocols);
  if (g_tls_connection_handshake (G_TLS_CONNECTION (tls), NULL, NULL))
    negotiation->protocol = g_strdup (g_tls_connection_get_negotiated_protocol (G_TLS_CONNECTION (tls)));
  g_io_stream_close (tls, NULL, NULL);
  return NULL;
}

static gpointer
ask_once (gpointer data)
{
  g_autoptr (AwsClient) client = aws_client_new ("eu-west-1", NULL, NULL);
  g_autoptr (JsonObject) answer = aws_client_http (client, NULL, "GET", data, NULL, NULL, NULL, NULL);

  g_assert_null (answer);
  return NULL;
}

/* A server that would rather speak HTTP/2. */
static void
test_http_version (void)
{
  g_autoptr (GTlsDatabase) database = NULL;
  g_autoptr (GTlsCertificate) certificate = load_certificate (&database);
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GSocketAddress) bound = NULL;
  Negotiation negotiation = { listener, certificate, NULL };
  g_autofree char *url = NULL;
  GThread *thread;

  if (certificate == NULL)
    return;
  g_assert_true (g_socket_listener_add_address (listener, address, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL,
                                                &bound, NULL));
  url = g_strdup_printf ("https://127.0.0.1:%u/", g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound)));
  g_tls_backend_set_default_database (g_tls_backend_get_default (), database);
  thread = g_thread_new ("server", negotiate, &negotiation);
  g_thread_join (g_thread_new ("client", ask_once, url));
  g_thread_join (thread);
  g_tls_backend_set_default_database (g_tls_backend_get_default (), NULL);
  g_assert_cmpstr (negotiation.protocol, ==, "http/1.1");
  g_free (negotiation.protocol);
}

#define ADD(path, function) g_test_add ("/aws/client/" path, Fixture, NULL, set_up, function, tear_down)

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  /* Loopback is asked directly, whatever proxy there is. */
  g_setenv ("http_proxy", "http://127.0.0.1:1", TRUE);
  g_unsetenv ("no_proxy");
  g_unsetenv ("AWS_MAX_ATTEMPTS");

  ADD ("json", test_json);
  ADD ("rest", test_rest);
  ADD ("iam-region", test_iam_region);
  ADD ("retries", test_retries);
  ADD ("no-retry", test_no_retry);
  ADD ("gives-up", test_gives_up);
  ADD ("broken-connections", test_broken_connections);
  ADD ("always-reset", test_always_reset);
  g_test_add_func ("/aws/client/refused", test_refused);
  ADD ("timeout", test_timeout);
  ADD ("cancel-answer", test_cancel_answer);
  ADD ("cancel-pause", test_cancel_pause);
  ADD ("cancelled-before", test_cancelled_before);
  ADD ("clock", test_clock);
  ADD ("bad-answers", test_bad_answers);
  ADD ("large-answer", test_large_answer);
  ADD ("bad-parameters", test_bad_parameters);
  ADD ("no-credentials", test_no_credentials);
  g_test_add_func ("/aws/client/bad-endpoint", test_bad_endpoint);
  ADD ("pages", test_pages);
  ADD ("wait", test_wait);
  ADD ("plain-http", test_plain_http);
  ADD ("keep-alive", test_keep_alive);
  ADD ("threads", test_threads);
  ADD ("async", test_async);
  ADD ("many-async", test_many_async);
  ADD ("new-credentials", test_new_credentials);
  ADD ("redirect", test_redirect);
  g_test_add_func ("/aws/client/tls", test_tls);
  g_test_add_func ("/aws/client/http-version", test_http_version);

  return g_test_run ();
}
