/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "aws/aws-operation.h"
#include "aws/aws-retry.h"

static void
test_jitter (void)
{
  guint most = 0;

  for (guint i = 0; i < 2000; i++) {
    g_assert_cmpuint (aws_retry_pause_ms (1, FALSE, NULL), <=, 100);
    g_assert_cmpuint (aws_retry_pause_ms (3, FALSE, NULL), <=, 400);
    g_assert_cmpuint (aws_retry_pause_ms (2, TRUE, NULL), <=, 1000);
    g_assert_cmpuint (aws_retry_pause_ms (1000, TRUE, NULL), <=, 20000);
    most = MAX (most, aws_retry_pause_ms (3, FALSE, NULL));
  }
  /* Full jitter uses the whole range: 2,000 draws below a tenth of it would be no accident. */
  g_assert_cmpuint (most, >, 40);
}

static void
test_retry_after (void)
{
  g_assert_cmpuint (aws_retry_pause_ms (1, FALSE, "3"), ==, 3000);
  g_assert_cmpuint (aws_retry_pause_ms (4, TRUE, "0"), ==, 0);
  g_assert_cmpuint (aws_retry_pause_ms (1, FALSE, "86400"), <=, 100);
  g_assert_cmpuint (aws_retry_pause_ms (1, FALSE, "Wed, 21 Oct 2015 07:28:00 GMT"), <=, 100);
}

static void
test_attempts (void)
{
  static const struct {
    const char *text;
    guint       attempts;
  } cases[] = { { "3", 3 }, { "1", 1 }, { "0", 5 }, { "-1", 5 }, { "x", 5 }, { "", 5 }, { "100000", 5 } };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    g_setenv ("AWS_MAX_ATTEMPTS", cases[i].text, TRUE);
    g_assert_cmpuint (aws_retry_max_attempts (), ==, cases[i].attempts);
  }
  g_unsetenv ("AWS_MAX_ATTEMPTS");
  g_assert_cmpuint (aws_retry_max_attempts (), ==, 5);
}

static void
test_pace (void)
{
  g_assert_cmpuint (aws_retry_pace_ms ("a", 3000, 1000), ==, 0);
  g_assert_cmpuint (aws_retry_pace_ms ("a", 3000, 1001), ==, 2999);
  g_assert_cmpuint (aws_retry_pace_ms ("a", 3000, 1002), ==, 5998);
  g_assert_cmpuint (aws_retry_peek_ms ("a", 1002), ==, 8998);
  g_assert_cmpuint (aws_retry_peek_ms ("a", 1002), ==, 8998);
  g_assert_cmpuint (aws_retry_peek_ms ("never", 1002), ==, 0);
  g_assert_cmpuint (aws_retry_pace_ms ("b", 3000, 1002), ==, 0);
  g_assert_cmpuint (aws_retry_pace_ms ("a", 3000, 10000), ==, 0);
  g_assert_cmpuint (aws_retry_pace_ms ("a", 3000, 20000), ==, 0);
}

static void
test_sleep_cancelled (void)
{
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_assert_true (aws_retry_sleep (1, cancellable, &error));
  g_assert_no_error (error);
  g_cancellable_cancel (cancellable);
  g_assert_false (aws_retry_sleep (600000, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

/* The rates that API Gateway's quota page fixes for an account. */
static void
test_paces (void)
{
  g_assert_cmpuint (aws_operation_find ("apigateway:CreateRestApi")->pace_ms, ==, 3000);
  g_assert_cmpuint (aws_operation_find ("apigateway:DeleteRestApi")->pace_ms, ==, 30000);
  g_assert_cmpuint (aws_operation_find ("apigateway:CreateDeployment")->pace_ms, ==, 5000);
  g_assert_cmpuint (aws_operation_find ("sqs:CreateQueue")->pace_ms, ==, 0);
}

static void
test_endpoints (void)
{
  static const struct {
    const char *service;
    const char *region;
    const char *endpoint;
    const char *signing_region;
  } cases[] = {
    { "sqs", "eu-west-1", "https://sqs.eu-west-1.amazonaws.com", "eu-west-1" },
    { "sts", "eu-west-1", "https://sts.eu-west-1.amazonaws.com", "eu-west-1" },
    { "iam", "eu-west-1", "https://iam.amazonaws.com", "us-east-1" },
    { "iam", "cn-northwest-1", "https://iam.cn-north-1.amazonaws.com.cn", "cn-north-1" },
    { "iam", "us-gov-east-1", "https://iam.us-gov.amazonaws.com", "us-gov-west-1" },
    { "dynamodbstreams", "us-east-1", "https://streams.dynamodb.us-east-1.amazonaws.com", "us-east-1" },
    { "resourcegroupstaggingapi", "us-east-1", "https://tagging.us-east-1.amazonaws.com", "us-east-1" },
    { "lambda", "cn-north-1", "https://lambda.cn-north-1.amazonaws.com.cn", "cn-north-1" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++) {
    const AwsService *service = aws_service_find (cases[i].service);
    g_autofree char *endpoint = aws_service_endpoint (service, cases[i].region);

    g_assert_cmpstr (endpoint, ==, cases[i].endpoint);
    g_assert_cmpstr (aws_service_signing_region (service, cases[i].region), ==, cases[i].signing_region);
  }
  g_assert_cmpstr (aws_service_find ("dynamodbstreams")->signed_as, ==, "dynamodb");
  g_assert_null (aws_service_find ("nonsense"));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/aws/retry/jitter", test_jitter);
  g_test_add_func ("/aws/retry/retry-after", test_retry_after);
  g_test_add_func ("/aws/retry/attempts", test_attempts);
  g_test_add_func ("/aws/retry/pace", test_pace);
  g_test_add_func ("/aws/retry/sleep-cancelled", test_sleep_cancelled);
  g_test_add_func ("/aws/retry/paces", test_paces);
  g_test_add_func ("/aws/operation/endpoints", test_endpoints);

  return g_test_run ();
}
