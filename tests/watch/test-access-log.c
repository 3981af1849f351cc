/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-access-log-probe.h"
#include "mill-stage-probe.h"

#include "aws-json.h"

#define ID "8f50c1de-0000-4000-8000-000000000001"

/* The console's own formats, and some of people's own. What is read: "method path status error left-time" */
static const struct { const char *format, *line, *expected; } lines[] = {
  /* CLF */
  { "$context.identity.sourceIp $context.identity.caller $context.identity.user [$context.requestTime]"
    "\"$context.httpMethod $context.resourcePath $context.protocol\" $context.status $context.responseLength $context.requestId $context.extendedRequestId",
    "192.0.2.1 - - [21/Nov/2026:15:29:57 +0000]\"POST /orders HTTP/1.1\" 200 312 " ID " Zm9vYmFyIQ==\n", "POST /orders 200 - 3.50" },
  /* … whose second is all that is known */
  { "[$context.requestTime] $context.requestId", "[21/Nov/2026:15:29:59 +0000] " ID, "- - 0 - 1.50" },
  { "[$context.requestTime] $context.requestId", "[21/Nov/2026:15:30:00 +0000] " ID, "- - 0 - 0.00" },
  /* JSON */
  { "{ \"requestId\":\"$context.requestId\", \"ip\": \"$context.identity.sourceIp\", \"httpMethod\":\"$context.httpMethod\",\"resourcePath\":\"$context.resourcePath\","
    " \"status\":\"$context.status\",\"message\":\"$context.error.message\", \"began\":$context.requestTimeEpoch, \"ms\":$context.responseLatency }",
    "{ \"requestId\":\"" ID "\", \"ip\": \"192.0.2.1\", \"httpMethod\":\"GET\",\"resourcePath\":\"-\","
    " \"status\":\"403\",\"message\":\"He said \"no\", \"status\": \"no\"\", \"began\":1795274998500, \"ms\":12 }",
    "GET - 403 He said \"no\", \"status\": \"no\" 0.01" },
  /* XML */
  { "<request id=\"$context.requestId\"> <ip>$context.identity.sourceIp</ip> <httpMethod>$context.httpMethod</httpMethod> <path>$context.path</path>"
    " <status>$context.status</status> </request>",
    "<request id=\"" ID "\"> <ip>192.0.2.1</ip> <httpMethod>POST</httpMethod> <path>/prod/orders/7</path> <status>200</status> </request>",
    "POST /orders/7 200 - 0.00" },
  /* CSV: the error's text has the separator in it */
  { "$context.identity.sourceIp,$context.error.message,$context.httpMethod,$context.path,$context.status,$context.requestId",
    "192.0.2.1,Invalid request body, POST,200, and so on,POST,/prod,400," ID, "POST /prod 400 Invalid request body, POST,200, and so on 0.00" },
  /* In quotation marks, as JSON has them. */
  { "{\"id\":\"${context.requestId}\",\"error\":$context.error.messageString,\"status\":$context.status}",
    "{\"id\":\"" ID "\",\"error\":\"a \\\"b\\\"\",\"status\":500}", "- - 500 a \"b\" 0.00" },
  /* API Gateway's own id alone */
  { "$context.extendedRequestId $context.status", ID " 200", "- - 200 - 0.00" },
  /* Not of this format, or without a name. */
  { "$context.requestId $context.status", "something else altogether", NULL },
  { "$context.requestId $context.status", ID " two-hundred", NULL },
  { "$context.requestId $context.status", ID, NULL },
  { "$context.requestId $context.status", "- 200", NULL },
  { "$context.requestId $context.apiId", ID " other", NULL },
  { "$context.status", "200", NULL },
  { "no variable", "no variable", NULL },
  { "", "", NULL },
  { "$context.requestId$context.status.", "", NULL },
};

static void
test_lines (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_autoptr (MillAccessLog) log = mill_access_log_new (lines[i].format);
      g_autoptr (JsonObject) event = mill_access_log_probe_read (log, "api1", "prod", lines[i].line, 1795275000.5);
      g_autofree char *got = NULL;

      if (event != NULL)
        {
          const char *method = aws_json_get_string (event, "method");
          const char *path = aws_json_get_string (event, "path");
          const char *error = aws_json_get_string (event, "error");

          g_assert_cmpstr (aws_json_get_string (event, "requestId"), ==, ID);
          got = g_strdup_printf ("%s %s %" G_GINT64_FORMAT " %s %.2f", method != NULL ? method : "-", path != NULL ? path : "-",
                                 aws_json_get_int (event, "status", 0), error != NULL ? error : "-",
                                 json_object_get_double_member (event, "left") - json_object_get_double_member (event, "time"));
        }
      g_test_message ("%s", lines[i].format);
      g_assert_cmpstr (got, ==, lines[i].expected);
    }
}

/* Whatever somebody sends, reading it takes no longer for that. */
static void
test_hostile (void)
{
  g_autoptr (GString) format = g_string_new ("$context.requestId");
  g_autoptr (GString) line = g_string_new (NULL);
  g_autoptr (MillAccessLog) log = NULL;

  for (guint i = 0; i < 100; i++)
    g_string_append (format, " $context.authorizer.claim");
  g_string_append (format, "!");
  for (guint i = 0; i < 8000; i++)
    g_string_append (line, "a ");
  log = mill_access_log_new (format->str);
  g_assert_true (mill_access_log_has (log, "authorizer.claim"));
  g_assert_false (mill_access_log_has (log, "status"));
  g_assert_null (mill_access_log_read (log, line->str));
  g_string_append (line, "!");
  g_hash_table_unref (mill_access_log_read (log, line->str));
}

static void
test_group (void)
{
  static const struct { const char *arn, *group; } groups[] = {
    { "arn:aws:logs:eu-west-1:123456789012:log-group:/my/access:*", "/my/access" }, { "arn:aws-cn:logs:cn-north-1:1:log-group:access", "access" },
    { "arn:aws:firehose:eu-west-1:123456789012:deliverystream/amazon-apigateway-x", NULL }, { "arn:aws:logs:eu-west-1:1:log-group:", NULL }, { "", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (groups); i++)
    {
      g_autofree char *group = mill_stage_probe_get_group (groups[i].arn);
      g_assert_cmpstr (group, ==, groups[i].group);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/access-log/lines", test_lines);
  g_test_add_func ("/access-log/hostile", test_hostile);
  g_test_add_func ("/access-log/group", test_group);
  return g_test_run ();
}
