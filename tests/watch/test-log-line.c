/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "aws-json.h"
#include "mill-gateway-answer.h"
#include "mill-log-line.h"

#define UUID "8f507cfc-0000-4697-b07a-ac58fc914c95"
#define ID "8f507cfc-xmpl-4697-b07a-ac58fc914c95"

static const struct
{
  const char     *text;
  MillLogLineKind kind;
  const char     *request_id, *status, *type, *message;
} cases[] = {
  { "START RequestId: " ID " Version: $LATEST\n", MILL_LOG_LINE_START, ID, NULL, NULL, NULL },
  { "END RequestId: " ID, MILL_LOG_LINE_END, ID, NULL, NULL, NULL },
  { "REPORT RequestId: " ID "\tDuration: 15.74 ms\tBilled Duration: 16 ms\tMemory Size: 128 MB\tMax Memory Used: 56 MB\tInit Duration: 130.49 ms\t\n",
    MILL_LOG_LINE_REPORT, ID, NULL, NULL, NULL },
  { "REPORT RequestId: " ID "\tDuration: 3000.00 ms\tBilled Duration: 3000 ms\tMemory Size: 128 MB\tMax Memory Used: 30 MB\tStatus: timeout",
    MILL_LOG_LINE_REPORT, ID, "timeout", NULL, NULL },
  { "REPORT RequestId: " ID "\tDuration: 9.1 ms\tBilled Duration: 10 ms\tMemory Size: 128 MB\tMax Memory Used: 128 MB\tStatus: error\tError Type: Runtime.OutOfMemory",
    MILL_LOG_LINE_REPORT, ID, "error", "Runtime.OutOfMemory", NULL },
  { "[ERROR] ValueError: not yet: really\nTraceback (most recent call last):\n  File \"/var/task/x.py\", line 3, in handler\n", MILL_LOG_LINE_ERROR, NULL, NULL,
    "ValueError", "not yet: really" },
  { "[ERROR] something without a type", MILL_LOG_LINE_ERROR, NULL, NULL, NULL, "something without a type" },
  { "2024-01-01T00:00:00.000Z " ID " Task timed out after 3.00 seconds\n\n", MILL_LOG_LINE_TIMEOUT, ID, NULL, "Sandbox.Timedout",
    "RequestId: " ID " Error: Task timed out after 3.00 seconds" },
  { "RequestId: " ID " Error: Runtime exited with error: signal: killed\nRuntime.ExitError", MILL_LOG_LINE_EXIT, ID, NULL, "Runtime.ExitError",
    "RequestId: " ID " Error: Runtime exited with error: signal: killed" },
  { "2024-01-01T00:00:00.000Z\t" ID "\tERROR\tInvoke Error \t{\"errorType\":\"Error\",\"errorMessage\":\"no\",\"stack\":[]}", MILL_LOG_LINE_ERROR, ID, NULL, "Error", "no" },
  { "{\"time\":\"t\",\"type\":\"platform.start\",\"record\":{\"requestId\":\"" ID "\",\"version\":\"$LATEST\"}}", MILL_LOG_LINE_START, ID, NULL, NULL, NULL },
  { "{\"type\":\"platform.report\",\"record\":{\"requestId\":\"" ID "\",\"status\":\"timeout\",\"metrics\":{\"durationMs\":15.74}}}", MILL_LOG_LINE_REPORT, ID, "timeout", NULL, NULL },
  { "{\"type\":\"platform.report\",\"record\":{\"requestId\":\"" ID "\",\"status\":\"success\"}}", MILL_LOG_LINE_REPORT, ID, NULL, NULL, NULL },
  { "{\"level\":\"ERROR\",\"errorType\":\"E\",\"errorMessage\":\"m\",\"requestId\":\"" ID "\"}", MILL_LOG_LINE_ERROR, ID, NULL, "E", "m" },
  { "{\"log_level\":\"ERROR\",\"errorType\":\"E\",\"errorMessage\":\"m\",\"requestId\":\"" ID "\"}", MILL_LOG_LINE_ERROR, ID, NULL, "E", "m" },
  { "{\"type\":\"platform.runtimeDone\",\"record\":{\"requestId\":\"" ID "\",\"status\":\"success\"}}", MILL_LOG_LINE_END, ID, NULL, NULL, NULL },
  { "{\"type\":\"platform.initStart\",\"record\":{\"phase\":\"init\"}}", MILL_LOG_LINE_PLATFORM, NULL, NULL, NULL, NULL },
  { "INIT_START Runtime Version: python:3.13.v1\tRuntime Version ARN: arn", MILL_LOG_LINE_PLATFORM, NULL, NULL, NULL, NULL },
  { "EXTENSION\tName: e\tState: Ready\tEvents: [INVOKE]", MILL_LOG_LINE_PLATFORM, NULL, NULL, NULL, NULL },
  { "{\"timestamp\":\"t\",\"level\":\"INFO\",\"message\":\"m\",\"requestId\":\"" ID "\"}", MILL_LOG_LINE_OWN, ID, NULL, NULL, NULL },
  { "{\"level\":\"INFO\",\"message\":\"m\",\"AWSRequestId\":\"" ID "\"}", MILL_LOG_LINE_OWN, ID, NULL, NULL, NULL },
  { "{\"requestId\":\"" ID "\"}", MILL_LOG_LINE_OWN, NULL, NULL, NULL, NULL },
  { "[INFO]\t2026-01-01T00:00:00.000Z\t" UUID "\tsaid\twith tabs\n", MILL_LOG_LINE_OWN, UUID, NULL, NULL, NULL },
  { "[ERROR]\t2026-01-01T00:00:00.000Z\t" UUID "\thandled\nTraceback (most recent call last):\n", MILL_LOG_LINE_OWN, UUID, NULL, NULL, NULL },
  { "2026-01-01T00:00:00.000Z\t" UUID "\tINFO\tsaid\n", MILL_LOG_LINE_OWN, UUID, NULL, NULL, NULL },
  { "[ERROR] ValueError: one\rTraceback (most recent call last):\r  File x", MILL_LOG_LINE_ERROR, NULL, NULL, "ValueError", "one" },
  { "{\"in\": {\"messageId\": \"m\"}, \"out\": {}}", MILL_LOG_LINE_OWN, NULL, NULL, NULL, NULL },
  { "{\"type\":\"platform.start\",\"record\":[]}", MILL_LOG_LINE_OWN, NULL, NULL, NULL, NULL },
  { "START RequestId: ", MILL_LOG_LINE_OWN, NULL, NULL, NULL, NULL },
  { "what a function says: Task timed out after 3 seconds", MILL_LOG_LINE_OWN, NULL, NULL, NULL, NULL },
  { "", MILL_LOG_LINE_OWN, NULL, NULL, NULL, NULL },
};

static void
test_lines (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (MillLogLine) line = mill_log_line_parse (cases[i].text);

      g_test_message ("%s", cases[i].text);
      g_assert_cmpint (line->kind, ==, cases[i].kind);
      g_assert_cmpstr (line->request_id, ==, cases[i].request_id);
      g_assert_cmpstr (line->status, ==, cases[i].status);
      g_assert_cmpstr (line->error_type, ==, cases[i].type);
      g_assert_cmpstr (line->error_message, ==, cases[i].message);
    }
}

static void
test_report (void)
{
  g_autoptr (MillLogLine) line = mill_log_line_parse (cases[2].text);
  g_autoptr (MillLogLine) odd = mill_log_line_parse ("REPORT RequestId: " ID "\tDuration: nan ms\tBilled Duration: -1 ms\tMemory Size: 1e99 MB");

  g_assert_cmpfloat (line->duration, ==, 15.74);
  g_assert_cmpfloat (line->billed, ==, 16);
  g_assert_cmpfloat (line->init, ==, 130.49);
  g_assert_cmpuint (line->memory, ==, 128);
  g_assert_cmpuint (line->memory_used, ==, 56);
  g_assert_cmpfloat (odd->duration, ==, 0);
  g_assert_cmpfloat (odd->billed, ==, 0);
  g_assert_cmpuint (odd->memory, ==, 0);
}

/* What the function itself wrote, out of what its runtime put around it. */
static void
test_objects (void)
{
  static const struct { const char *line, *id; } lines[] = {
    { "{\"in\": {\"id\": \"1\"}}", "1" },
    { "{\"level\": \"INFO\", \"message\": {\"in\": {\"id\": \"2\"}}}", "2" },
    { "{\"level\": \"INFO\", \"message\": \"{\\\"in\\\": {\\\"id\\\": \\\"3\\\"}}\"}", "3" },
    { "[INFO]\t2026-01-01T00:00:00.000Z\t" UUID "\t{\"in\": {\"id\": \"4\"}}\n", "4" },
    { "2026-01-01T00:00:00.000Z\t" UUID "\tINFO\t{\"in\": {\"id\": \"5\"}}\n", "5" },
    { "{\"level\": \"INFO\", \"message\": \"words\"}", NULL },
    { "words {\"in\": 1}", NULL },
    { "{\"in\": ", NULL },
    { "", NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    {
      g_autoptr (JsonObject) object = mill_log_line_read_object (lines[i].line);

      g_test_message ("%s", lines[i].line);
      g_assert_true ((object != NULL) == (lines[i].id != NULL));
      g_assert_cmpstr (object != NULL ? aws_json_get_string (object, "in.id") : NULL, ==, lines[i].id);
    }
}

static void
test_answers (void)
{
  static const struct { const char *body, *id, *code, *message; } answers[] = {
    { "<?xml version=\"1.0\"?><SendMessageResponse><SendMessageResult><MessageId>m1</MessageId></SendMessageResult></SendMessageResponse>", "m1", NULL, NULL },
    { "{\"SendMessageResponse\":{\"SendMessageResult\":{\"MessageId\":\"m2\"}}}", "m2", NULL, NULL },
    { "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>no &amp; never</Message></Error></ErrorResponse>", NULL, "AccessDenied", "no & never" },
    { "{\"Error\":{\"Code\":\"AccessDenied\",\"Message\":\"no\",\"Type\":\"Sender\"}}", NULL, "AccessDenied", "no" },
    { "{\"message\":\"Missing Authentication Token\"}", NULL, NULL, NULL },
    { "<a><b>", NULL, NULL, NULL },
    { "nothing", NULL, NULL, NULL },
  };

  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      g_autoptr (MillGatewayAnswer) answer = mill_gateway_answer_parse (answers[i].body);

      g_assert_cmpstr (answer->message_id, ==, answers[i].id);
      g_assert_cmpstr (answer->code, ==, answers[i].code);
      g_assert_cmpstr (answer->message, ==, answers[i].message);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/log-line/lines", test_lines);
  g_test_add_func ("/log-line/report", test_report);
  g_test_add_func ("/log-line/objects", test_objects);
  g_test_add_func ("/gateway-answer", test_answers);
  return g_test_run ();
}
