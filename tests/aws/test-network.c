/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "aws/aws-json.h"
#include "client-fixture.h"

static void
test_retries (ClientFixture *fixture,
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
  result = client_fixture_call (fixture, "dynamodb:ListTables", "{}", NULL, &error);
  g_assert_no_error (error);
  g_assert_nonnull (aws_json_get_array (result, "TableNames"));
  g_assert_cmpuint (test_server_count (fixture->server), ==, 4);
  logged = client_fixture_last_call (fixture);
  g_assert_cmpuint (aws_call_get_attempts (logged), ==, 4);
  request = test_server_get_request (fixture->server, 3);
  client_fixture_check_signature (request);
}

static void
test_no_retry (ClientFixture *fixture,
               gconstpointer  data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AwsCall) logged = NULL;

  test_server_push (fixture->server, 400, "x-amzn-RequestId: r-2\r\nx-amzn-query-error: AWS.SimpleQueueService.NonExistentQueue;Sender\r\n",
                    "{\"__type\":\"com.amazonaws.sqs#QueueDoesNotExist\",\"message\":\"There is none.\"}");
  g_assert_null (client_fixture_call (fixture, "sqs:GetQueueUrl", "{\"QueueName\":\"q\"}", NULL, &error));
  g_assert_error (error, AWS_ERROR, AWS_ERROR_CLIENT);
  g_assert_cmpstr (error->message, ==, "There is none.");
  g_assert_true (aws_error_has_code (error, "AWS.SimpleQueueService.NonExistentQueue"));
  g_assert_cmpstr (aws_error_get_request_id (error), ==, "r-2");
  g_assert_cmpuint (aws_error_get_status (error), ==, 400);
  g_assert_false (aws_error_is_retryable (error));
  g_assert_cmpuint (test_server_count (fixture->server), ==, 1);
  logged = client_fixture_last_call (fixture);
  g_assert_cmpstr (aws_call_get_error_code (logged), ==, "AWS.SimpleQueueService.NonExistentQueue");
}

static void
test_gives_up (ClientFixture *fixture,
               gconstpointer  data)
{
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 10; i++)
    test_server_push (fixture->server, 503, "Retry-After: 0\r\n", "{\"message\":\"Later.\"}");
  g_assert_null (client_fixture_call (fixture, "lambda:ListFunctions", "{}", NULL, &error));
  g_assert_error (error, AWS_ERROR, AWS_ERROR_SERVER);
  g_assert_true (aws_error_is_retryable (error));
  g_assert_true (aws_error_has_code (error, "503"));
  g_assert_cmpuint (test_server_count (fixture->server), ==, 5);
}

static void
test_broken_connections (ClientFixture *fixture,
                         gconstpointer  data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) result = NULL;

  test_server_push_reset (fixture->server);
  test_server_push_raw (fixture->server, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"TableNames\":[", 0);
  test_server_push_raw (fixture->server, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n{\"Ta", 0);
  test_server_push_raw (fixture->server, "this is no HTTP\r\n\r\n", 0);
  test_server_push (fixture->server, 200, NULL, "{\"TableNames\":[\"t\"]}");
  result = client_fixture_call (fixture, "dynamodb:ListTables", "{}", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (json_array_get_length (aws_json_get_array (result, "TableNames")), ==, 1);
  g_assert_cmpuint (test_server_count (fixture->server), ==, 5);
}

/* Wherever the connection ends: nothing of such an answer is taken for the answer. */
static void
test_cut_answers (ClientFixture *fixture,
                  gconstpointer  data)
{
  static const char whole[] = "HTTP/1.1 200 OK\r\nServer: s\r\nContent-Length: 18\r\nConnection: close\r\n\r\n{\"TableNames\":[1]}";

  for (guint i = 0; i < sizeof whole - 1; i++) {
    g_autofree char *part = g_strndup (whole, i);
    g_autoptr (GError) error = NULL;
    g_autoptr (JsonObject) result = NULL;

    test_server_push_raw (fixture->server, part, 0);
    test_server_push_raw (fixture->server, whole, 0);
    result = client_fixture_call (fixture, "dynamodb:ListTables", "{}", NULL, &error);
    g_assert_no_error (error);
    g_assert_cmpuint (json_array_get_length (aws_json_get_array (result, "TableNames")), ==, 1);
    g_assert_cmpuint (test_server_count (fixture->server), ==, 2 * (i + 1));
  }
}

static void
test_always_reset (ClientFixture *fixture,
                   gconstpointer  data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AwsCall) logged = NULL;

  for (guint i = 0; i < 20; i++)
    test_server_push_reset (fixture->server);
  g_assert_null (client_fixture_call (fixture, "dynamodb:ListTables", "{}", NULL, &error));
  g_assert_error (error, AWS_ERROR, AWS_ERROR_NETWORK);
  logged = client_fixture_last_call (fixture);
  g_assert_cmpuint (aws_call_get_status (logged), ==, 0);
  g_assert_cmpuint (aws_call_get_attempts (logged), ==, 5);
}

static void
test_refused (void)
{
  g_autoptr (AwsCredentials) credentials = aws_credentials_new ("AKIDEXAMPLE", CLIENT_FIXTURE_SECRET, NULL);
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
test_timeout (ClientFixture *fixture,
              gconstpointer  data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) result = NULL;

  aws_client_set_timeout (fixture->client, 1);
  test_server_push_silence (fixture->server);
  result = client_fixture_call (fixture, "dynamodb:ListTables", "{}", NULL, &error);
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
check_cancelled (ClientFixture *fixture)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  CancelData cancel = { fixture->server, cancellable };
  GThread *thread = g_thread_new ("cancel", cancel_after_request, &cancel);
  g_autoptr (GError) error = NULL;
  g_autoptr (AwsCall) logged = NULL;

  g_assert_null (client_fixture_call (fixture, "dynamodb:ListTables", "{}", cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_thread_join (thread);
  g_assert_cmpuint (test_server_count (fixture->server), ==, 1);
  logged = client_fixture_last_call (fixture);
  g_assert_cmpstr (aws_call_get_error_code (logged), ==, "Cancelled");
}

static void
test_cancel_answer (ClientFixture *fixture,
                    gconstpointer  data)
{
  test_server_push_silence (fixture->server);
  check_cancelled (fixture);
}

static void
test_cancel_pause (ClientFixture *fixture,
                   gconstpointer  data)
{
  test_server_push (fixture->server, 503, "Retry-After: 20\r\n", "{}");
  check_cancelled (fixture);
}

static void
test_cancelled_before (ClientFixture *fixture,
                       gconstpointer  data)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_null (client_fixture_call (fixture, "dynamodb:ListTables", "{}", cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpuint (test_server_count (fixture->server), ==, 0);
}

static void
test_clock (ClientFixture *fixture,
            gconstpointer  data)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) result = NULL;
  g_autofree char *request = NULL;
  g_autofree char *date = NULL;

  test_server_push_raw (fixture->server,
                        "HTTP/1.1 403 Forbidden\r\nDate: Sun, 30 Aug 2015 12:36:00 GMT\r\n\r\n"
                        "{\"__type\":\"InvalidSignatureException\",\"message\":\"Signature expired: 20260101T000000Z is now earlier\"}", 0);
  result = client_fixture_call (fixture, "dynamodb:ListTables", "{}", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpuint (test_server_count (fixture->server), ==, 2);
  request = test_server_get_request (fixture->server, 1);
  date = client_fixture_header (request, "X-Amz-Date");
  g_assert_true (g_str_has_prefix (date, "20150830T12"));
}

static void
test_large_answer (ClientFixture *fixture,
                   gconstpointer  data)
{
  g_autoptr (GError) error = NULL;

  test_server_push_raw (fixture->server, "HTTP/1.1 200 OK\r\nContent-Length: 80000000\r\n\r\n", 80000000);
  g_assert_null (client_fixture_call (fixture, "dynamodb:ListTables", "{}", NULL, &error));
  g_assert_error (error, AWS_ERROR, AWS_ERROR_ANSWER);
  g_assert_true (aws_error_has_code (error, "AnswerTooLarge"));
}

static void
test_redirect (ClientFixture *fixture,
               gconstpointer  data)
{
  g_autoptr (GError) error = NULL;

  test_server_push (fixture->server, 302, "Location: http://127.0.0.1:1/\r\n", "");
  g_assert_null (client_fixture_call (fixture, "dynamodb:ListTables", "{}", NULL, &error));
  g_assert_error (error, AWS_ERROR, AWS_ERROR_CLIENT);
  g_assert_true (aws_error_has_code (error, "302"));
}

#define ADD(path, function) \
  g_test_add ("/aws/network/" path, ClientFixture, NULL, client_fixture_set_up, function, client_fixture_tear_down)

int
main (int    argc,
      char **argv)
{
  client_fixture_init (&argc, &argv);

  ADD ("retries", test_retries);
  ADD ("no-retry", test_no_retry);
  ADD ("gives-up", test_gives_up);
  ADD ("broken-connections", test_broken_connections);
  ADD ("cut-answers", test_cut_answers);
  ADD ("always-reset", test_always_reset);
  g_test_add_func ("/aws/network/refused", test_refused);
  ADD ("timeout", test_timeout);
  ADD ("cancel-answer", test_cancel_answer);
  ADD ("cancel-pause", test_cancel_pause);
  ADD ("cancelled-before", test_cancelled_before);
  ADD ("clock", test_clock);
  ADD ("large-answer", test_large_answer);
  ADD ("redirect", test_redirect);

  return g_test_run ();
}
