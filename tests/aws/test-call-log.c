/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "aws/aws-call-private.h"
#include "aws/aws-json.h"

static AwsCall *
make_call (const char *operation,
           const char *parameters,
           const char *answer)
{
  g_autoptr (JsonObject) object = aws_json_parse_object (parameters, -1, NULL);
  g_autoptr (GBytes) bytes = g_bytes_new (answer, strlen (answer));
  AwsCallRecord record = { .operation = operation, .parameters = object, .answer = bytes };

  g_assert_nonnull (object);
  return aws_call_new (&record);
}

static void
check_parameters (const char *parameters,
                  const char *expected)
{
  g_autoptr (AwsCall) call = make_call ("lambda:CreateFunction", parameters, "");
  g_autofree char *text = aws_json_object_to_text (aws_call_get_parameters (call));

  g_assert_cmpstr (text, ==, expected);
}

static void
check_answer (const char *answer,
              const char *expected)
{
  g_autoptr (AwsCall) call = make_call ("sts:AssumeRole", "{}", answer);

  g_assert_cmpstr (aws_call_get_answer (call), ==, expected);
}

static void
test_redact_parameters (void)
{
  check_parameters ("{\"FunctionName\":\"f\",\"Code\":{\"ZipFile\":\"UEsFBgA=\"}}",
                    "{\"FunctionName\":\"f\",\"Code\":{\"ZipFile\":\"<5 bytes>\"}}");
  check_parameters ("{\"Environment\":{\"Variables\":{\"TABLE\":\"t\",\"DB_PASSWORD\":\"p\",\"apiSecret\":\"s\",\"x-secret-key\":\"k\"}}}",
                    "{\"Environment\":{\"Variables\":{\"TABLE\":\"t\",\"DB_PASSWORD\":\"(hidden)\",\"apiSecret\":\"(hidden)\","
                    "\"x-secret-key\":\"(hidden)\"}}}");
  check_parameters ("{\"Item\":{\"password\":{\"S\":\"p\"},\"id\":{\"S\":\"1\"}},\"list\":[{\"SecretAccessKey\":\"s\"}]}",
                    "{\"Item\":{\"password\":\"(hidden)\",\"id\":{\"S\":\"1\"}},\"list\":[{\"SecretAccessKey\":\"(hidden)\"}]}");
  check_parameters ("{\"NextToken\":\"n\",\"KeySchema\":[],\"Key\":{},\"headers\":{\"Authorization\":\"a\"},\"n\":null}",
                    "{\"NextToken\":\"n\",\"KeySchema\":[],\"Key\":{},\"headers\":{\"Authorization\":\"(hidden)\"},\"n\":null}");
}

static void
test_redact_answer (void)
{
  check_answer ("<AssumeRoleResponse><Credentials><AccessKeyId>AKID</AccessKeyId><SecretAccessKey>s3/+</SecretAccessKey>"
                "<SessionToken>t</SessionToken><Empty/></Credentials></AssumeRoleResponse>",
                "<AssumeRoleResponse><Credentials><AccessKeyId>AKID</AccessKeyId><SecretAccessKey>(hidden)</SecretAccessKey>"
                "<SessionToken>(hidden)</SessionToken><Empty/></Credentials></AssumeRoleResponse>");
  check_answer ("{\"a\":\"SecretAccessKey\",\"SecretAccessKey\" : \"s\\\"x\",\"Password\":{\"S\":\"}\"},\"b\":[1]}",
                "{\"a\":\"SecretAccessKey\",\"SecretAccessKey\":\"(hidden)\",\"Password\":\"(hidden)\",\"b\":[1]}");
  check_answer ("{\"Secret\":12,\"Token\":\"n\",\"x\":{\"secret\":null}}",
                "{\"Secret\":\"(hidden)\",\"Token\":\"n\",\"x\":{\"secret\":\"(hidden)\"}}");
  /* Broken answers are logged too, and hide as much. */
  check_answer ("{\"SessionToken\":\"abc", "{\"SessionToken\":\"(hidden)\"");
  check_answer ("<SessionToken>abc", "<SessionToken>(hidden)");
  check_answer ("{\"SessionToken\":[{\"a\":\"]\"", "{\"SessionToken\":\"(hidden)\"");
  check_answer ("{\"SessionToken\"", "{\"SessionToken\"");
  check_answer ("", "");
  check_answer ("plain", "plain");
}

static void
test_long_answer (void)
{
  g_autofree char *long_text = g_strnfill (200000, 'a');
  g_autofree char *accents = NULL;
  g_autoptr (GString) odd = g_string_new ("x");
  g_autoptr (AwsCall) call = make_call ("sts:AssumeRole", "{}", long_text);
  g_autoptr (AwsCall) cut = NULL;

  g_assert_cmpuint (strlen (aws_call_get_answer (call)), ==, 65536);
  for (guint i = 0; i < 40000; i++)
    g_string_append (odd, "é");
  cut = make_call ("sts:AssumeRole", "{}", odd->str);
  g_assert_true (g_utf8_validate (aws_call_get_answer (cut), -1, NULL));
}

static void
check_line (const char *operation,
            const char *parameters,
            const char *expected)
{
  g_autoptr (AwsCall) call = make_call (operation, parameters, "");
  g_autofree char *line = aws_call_to_command_line (call, NULL, NULL);

  g_assert_cmpstr (line, ==, expected);
}

static void
test_command_line (void)
{
  g_autoptr (AwsCall) call = make_call ("sqs:ListQueues", "{}", "");
  g_autofree char *line = aws_call_to_command_line (call, "eu-west-1", "http://127.0.0.1:4566");

  g_assert_cmpstr (line, ==, "aws sqs list-queues --region eu-west-1 --endpoint-url http://127.0.0.1:4566");
  check_line ("sqs:CreateQueue", "{\"QueueName\":\"my queue\",\"Attributes\":{\"DelaySeconds\":\"1\"}}",
              "aws sqs create-queue --queue-name 'my queue' --attributes '{\"DelaySeconds\":\"1\"}'");
  check_line ("sns:Subscribe", "{\"TopicArn\":\"arn:t\",\"Endpoint\":\"a@example.com\",\"ReturnSubscriptionArn\":true}",
              "aws sns subscribe --topic-arn arn:t --notification-endpoint a@example.com --return-subscription-arn");
  check_line ("lambda:CreateFunction", "{\"FunctionName\":\"f\",\"Code\":{\"ZipFile\":\"QUJD\"},\"Publish\":false,\"Timeout\":3}",
              "aws lambda create-function --function-name f --zip-file fileb://function.zip --no-publish --timeout 3");
  check_line ("lambda:Invoke", "{\"FunctionName\":\"f\",\"LogType\":\"Tail\",\"Payload\":\"{\\\"a\\\":\\\"it's\\\"}\"}",
              "aws lambda invoke --function-name f --log-type Tail --payload '{\"a\":\"it'\\''s\"}' "
              "--cli-binary-format raw-in-base64-out /dev/stdout");
  check_line ("sqs:SendMessage", "{\"QueueUrl\":\"u\",\"MessageBody\":\"-x $(id)\",\"DelaySeconds\":-1,\"Absent\":null}",
              "aws sqs send-message --queue-url u --message-body='-x $(id)' --delay-seconds=-1");
}

static gpointer
add_calls (gpointer data)
{
  for (guint i = 0; i < 700; i++) {
    g_autoptr (AwsCall) call = make_call ("sqs:ListQueues", "{}", "");

    aws_call_log_add (data, call);
  }
  return NULL;
}

static void
on_items_changed (GListModel *model,
                  guint       position,
                  guint       removed,
                  guint       added,
                  gpointer    user_data)
{
  guint *known = user_data;

  /* Only ever in the context in which the log was made. */
  g_assert_true (g_main_context_is_owner (g_main_context_default ()));
  *known = *known - removed + added;
  g_assert_cmpuint (g_list_model_get_n_items (model), ==, *known);
}

static void
test_log (void)
{
  g_autoptr (AwsCallLog) log = aws_call_log_new ();
  GThread *threads[4];
  guint known = 0;
  g_autoptr (AwsCall) last = make_call ("sqs:DeleteQueue", "{}", "");
  g_autoptr (AwsCall) item = NULL;

  g_assert_true (g_list_model_get_item_type (G_LIST_MODEL (log)) == AWS_TYPE_CALL);
  g_signal_connect (log, "items-changed", G_CALLBACK (on_items_changed), &known);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    threads[i] = g_thread_new ("adder", add_calls, log);
  for (guint i = 0; i < 50; i++)
    g_main_context_iteration (NULL, FALSE);
  for (guint i = 0; i < G_N_ELEMENTS (threads); i++)
    g_thread_join (threads[i]);
  aws_call_log_add (log, last);
  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (log)), ==, 2000);
  g_assert_cmpuint (known, ==, 2000);
  item = g_list_model_get_item (G_LIST_MODEL (log), 1999);
  g_assert_true (item == last);
  g_assert_null (g_list_model_get_item (G_LIST_MODEL (log), 2000));
}

static gpointer
check_no_subject (gpointer data)
{
  g_assert_cmpstr (aws_call_log_get_subject (), ==, "");
  return NULL;
}

static void
test_subject (void)
{
  aws_call_log_set_subject ("Queue");
  g_assert_cmpstr (aws_call_log_get_subject (), ==, "Queue");
  g_thread_join (g_thread_new ("other", check_no_subject, NULL));
  aws_call_log_set_subject (NULL);
  g_assert_cmpstr (aws_call_log_get_subject (), ==, "");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/aws/call-log/redact-parameters", test_redact_parameters);
  g_test_add_func ("/aws/call-log/redact-answer", test_redact_answer);
  g_test_add_func ("/aws/call-log/long-answer", test_long_answer);
  g_test_add_func ("/aws/call-log/command-line", test_command_line);
  g_test_add_func ("/aws/call-log/log", test_log);
  g_test_add_func ("/aws/call-log/subject", test_subject);

  return g_test_run ();
}
