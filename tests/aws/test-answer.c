/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "aws/aws-answer.h"
#include "aws/aws-error.h"
#include "aws/aws-json.h"
#include "aws/aws-xml.h"

static AwsHttpAnswer *
make_answer (guint       status,
             const char *headers,
             const char *body)
{
  AwsHttpAnswer *answer = g_new0 (AwsHttpAnswer, 1);
  g_auto (GStrv) lines = g_strsplit (headers, "\n", -1);

  answer->status = status;
  answer->headers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  answer->body = g_bytes_new (body, strlen (body));
  for (guint i = 0; lines[i] != NULL && lines[i + 1] != NULL; i += 2)
    g_hash_table_insert (answer->headers, g_strdup (lines[i]), g_strdup (lines[i + 1]));
  return answer;
}

static const struct {
  const char *name;
  guint       status;
  const char *headers;
  const char *body;
  AwsError    kind;
  const char *code;
  const char *message;
  const char *request_id;
  gboolean    retryable;
} errors[] = {
  { "json", 400, "x-amzn-requestid\nr", "{\"__type\":\"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException\",\"message\":\"m\"}",
    AWS_ERROR_CLIENT, "ResourceNotFoundException", "m", "r", FALSE },
  { "json-capital-message", 400, "", "{\"__type\":\"AccessDeniedException\",\"Message\":\"M\"}",
    AWS_ERROR_CLIENT, "AccessDeniedException", "M", "", FALSE },
  { "query-error", 400, "x-amzn-query-error\nAWS.SimpleQueueService.NonExistentQueue;Sender",
    "{\"__type\":\"com.amazonaws.sqs#QueueDoesNotExist\",\"message\":\"m\"}",
    AWS_ERROR_CLIENT, "AWS.SimpleQueueService.NonExistentQueue", "m", "", FALSE },
  { "error-type-header", 404, "x-amzn-errortype\nNotFoundException:http://internal.amazon.com/coral/",
    "{\"message\":\"Invalid API identifier specified\"}",
    AWS_ERROR_CLIENT, "NotFoundException", "Invalid API identifier specified", "", FALSE },
  { "rest-code", 409, "", "{\"Type\":\"User\",\"code\":\"ResourceConflictException\",\"message\":\"m\"}",
    AWS_ERROR_CLIENT, "ResourceConflictException", "m", "", FALSE },
  { "xml", 404, "", "<ErrorResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><Error><Type>Sender</Type>"
                    "<Code>NoSuchEntity</Code><Message>The role &lt;r&gt; &amp; more</Message></Error>"
                    "<RequestId>abc</RequestId></ErrorResponse>",
    AWS_ERROR_CLIENT, "NoSuchEntity", "The role <r> & more", "abc", FALSE },
  { "xml-without-namespace", 400, "", "<?xml version=\"1.0\"?>\n<ErrorResponse><Error><Code>MalformedPolicyDocument</Code>"
                                      "<Message>m</Message></Error></ErrorResponse>",
    AWS_ERROR_CLIENT, "MalformedPolicyDocument", "m", "", FALSE },
  { "xml-response-errors", 400, "", "<Response><Errors><Error><Code>AuthFailure</Code><Message>m</Message></Error></Errors>"
                                    "<RequestID>q</RequestID></Response>",
    AWS_ERROR_CREDENTIALS, "AuthFailure", "m", "", FALSE },
  { "throttling", 400, "", "{\"__type\":\"ThrottlingException\",\"message\":\"Rate exceeded\"}",
    AWS_ERROR_THROTTLED, "ThrottlingException", "Rate exceeded", "", TRUE },
  { "too-many-requests", 429, "x-amzn-errortype\nTooManyRequestsException", "{\"message\":\"Too Many Requests\"}",
    AWS_ERROR_THROTTLED, "TooManyRequestsException", "Too Many Requests", "", TRUE },
  { "throughput", 400, "", "{\"__type\":\"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException\"}",
    AWS_ERROR_THROTTLED, "ProvisionedThroughputExceededException", "The answer was HTTP 400 (Bad Request).", "", TRUE },
  { "expired-token", 400, "", "{\"__type\":\"com.amazon.coral.service#ExpiredTokenException\",\"message\":\"m\"}",
    AWS_ERROR_CREDENTIALS, "ExpiredTokenException", "m", "", FALSE },
  { "expired-token-xml", 403, "", "<ErrorResponse><Error><Code>ExpiredToken</Code><Message>m</Message></Error></ErrorResponse>",
    AWS_ERROR_CREDENTIALS, "ExpiredToken", "m", "", FALSE },
  { "unknown-key", 403, "", "{\"__type\":\"UnrecognizedClientException\",\"message\":\"m\"}",
    AWS_ERROR_CREDENTIALS, "UnrecognizedClientException", "m", "", FALSE },
  { "server", 500, "", "{\"__type\":\"InternalServerError\",\"message\":\"m\"}",
    AWS_ERROR_SERVER, "InternalServerError", "m", "", TRUE },
  { "not-implemented", 501, "", "{\"__type\":\"NotImplemented\",\"message\":\"m\"}",
    AWS_ERROR_SERVER, "NotImplemented", "m", "", FALSE },
  { "html", 502, "", "<html><head><title>502</title></head></html>",
    AWS_ERROR_SERVER, "502", "The answer was HTTP 502 (Bad Gateway).", "", TRUE },
  { "broken-html", 503, "", "<html><br></html>",
    AWS_ERROR_SERVER, "503", "The answer was HTTP 503 (Service Unavailable).", "", TRUE },
  { "empty", 403, "", "", AWS_ERROR_CLIENT, "403", "The answer was HTTP 403 (Forbidden).", "", FALSE },
  { "half", 400, "", "{\"__type\":\"Acc", AWS_ERROR_CLIENT, "400", "The answer was HTTP 400 (Bad Request).", "", FALSE },
  { "wrong-types", 400, "", "{\"__type\":[1],\"code\":5,\"message\":{\"a\":1}}",
    AWS_ERROR_CLIENT, "400", "The answer was HTTP 400 (Bad Request).", "", FALSE },
  { "blanks-before", 400, "", " \r\n {\"code\":\"C\",\"message\":\"m\"}", AWS_ERROR_CLIENT, "C", "m", "", FALSE },
};

static void
test_error (gconstpointer data)
{
  guint i = GPOINTER_TO_UINT (data);
  g_autoptr (AwsHttpAnswer) answer = make_answer (errors[i].status, errors[i].headers, errors[i].body);
  g_autoptr (GError) error = aws_answer_read_error (answer);
  g_autoptr (GError) copy = g_error_copy (error);

  g_assert_error (copy, AWS_ERROR, (int) errors[i].kind);
  g_assert_cmpstr (aws_error_get_code (copy), ==, errors[i].code);
  g_assert_true (aws_error_has_code (copy, errors[i].code));
  g_assert_cmpstr (copy->message, ==, errors[i].message);
  g_assert_cmpstr (aws_error_get_request_id (copy), ==, errors[i].request_id);
  g_assert_cmpuint (aws_error_get_status (copy), ==, errors[i].status);
  g_assert_cmpint (aws_error_is_retryable (copy), ==, errors[i].retryable);
}

static void
test_other_errors (void)
{
  g_autoptr (GError) error = g_error_new_literal (G_IO_ERROR, G_IO_ERROR_CANCELLED, "x");

  g_assert_cmpstr (aws_error_get_code (error), ==, "");
  g_assert_cmpstr (aws_error_get_request_id (error), ==, "");
  g_assert_cmpuint (aws_error_get_status (error), ==, 0);
  g_assert_false (aws_error_is_retryable (error));
  g_assert_false (aws_error_has_code (error, ""));
  g_assert_cmpstr (aws_error_get_code (NULL), ==, "");
  g_assert_false (aws_error_has_code (NULL, "x"));
}

static void
check_result (const char *operation,
              const char *body,
              const char *expected)
{
  g_autoptr (AwsHttpAnswer) answer = make_answer (200, "", body);
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) result = aws_answer_read (aws_operation_find (operation), answer, &error);
  g_autofree char *text = NULL;

  g_assert_no_error (error);
  text = aws_json_object_to_text (result);
  g_assert_cmpstr (text, ==, expected);
}

static void
test_xml (void)
{
  check_result ("iam:GetRole",
                "<GetRoleResponse xmlns='https://iam.amazonaws.com/doc/2010-05-08/'><GetRoleResult><Role>"
                "<RoleName>r</RoleName><MaxSessionDuration>3600</MaxSessionDuration>"
                "<CreateDate>2015-08-30T12:36:00Z</CreateDate>"
                "<AssumeRolePolicyDocument>%7B%22Version%22%3A%222012-10-17%22%7D</AssumeRolePolicyDocument>"
                "<RoleLastUsed/><Tags><member><Key>k</Key><Value/></member></Tags></Role></GetRoleResult></GetRoleResponse>",
                "{\"Role\":{\"RoleName\":\"r\",\"MaxSessionDuration\":3600,\"CreateDate\":1440938160,"
                "\"AssumeRolePolicyDocument\":{\"Version\":\"2012-10-17\"},\"RoleLastUsed\":{},"
                "\"Tags\":[{\"Key\":\"k\",\"Value\":\"\"}]}}");
  check_result ("iam:ListRolePolicies",
                "<a:ListRolePoliciesResponse><a:ListRolePoliciesResult><a:PolicyNames><a:member>p</a:member></a:PolicyNames>"
                "<a:IsTruncated>false</a:IsTruncated></a:ListRolePoliciesResult></a:ListRolePoliciesResponse>",
                "{\"PolicyNames\":[\"p\"],\"IsTruncated\":false}");
  check_result ("sns:GetTopicAttributes",
                "<GetTopicAttributesResponse><GetTopicAttributesResult><Attributes><entry><key>Owner</key><value>1</value></entry>"
                "<entry><key>lost</key></entry></Attributes></GetTopicAttributesResult></GetTopicAttributesResponse>",
                "{\"Attributes\":{\"Owner\":\"1\"}}");
  /* What does not have the form that the table says stays a text. */
  check_result ("iam:GetRolePolicy",
                "<GetRolePolicyResponse><GetRolePolicyResult><PolicyDocument>%7Bnot JSON</PolicyDocument>"
                "<CreateDate>yesterday</CreateDate><MaxSessionDuration>many</MaxSessionDuration>"
                "</GetRolePolicyResult></GetRolePolicyResponse>",
                "{\"PolicyDocument\":\"{not JSON\",\"CreateDate\":\"yesterday\",\"MaxSessionDuration\":\"many\"}");
}

static void
test_rest_json (void)
{
  check_result ("apigateway:GetRestApis", "{\"item\":[{\"id\":\"a\",\"createdDate\":\"2015-08-30T12:36:00Z\",\"policy\":null}]}",
                "{\"items\":[{\"id\":\"a\",\"createdDate\":1440938160}]}");
  check_result ("apigateway:GetStages", "{\"item\":[{\"stageName\":\"prod\",\"createdDate\":1440938160}]}",
                "{\"item\":[{\"stageName\":\"prod\",\"createdDate\":1440938160}]}");
  check_result ("apigateway:DeleteRestApi", "", "{}");
  check_result ("lambda:Invoke", "not \"JSON\"", "{\"Payload\":\"not \\\"JSON\\\"\",\"StatusCode\":200}");
}

static void
test_xml_limits (void)
{
  g_autoptr (GString) deep = g_string_new (NULL);
  g_autoptr (GString) wide = g_string_new ("<a>");
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < 100000; i++)
    g_string_append (deep, "<a>");
  g_assert_null (aws_xml_parse (deep->str, -1, &error));
  g_assert_error (error, G_MARKUP_ERROR, G_MARKUP_ERROR_INVALID_CONTENT);
  g_clear_error (&error);

  for (guint i = 0; i <= AWS_XML_MAX_ELEMENTS; i++)
    g_string_append (wide, "<b/>");
  g_string_append (wide, "</a>");
  g_assert_null (aws_xml_parse (wide->str, -1, &error));
  g_assert_error (error, G_MARKUP_ERROR, G_MARKUP_ERROR_INVALID_CONTENT);
  g_clear_error (&error);

  g_assert_null (aws_xml_parse ("", -1, &error));
  g_assert_nonnull (error);
}

static void
test_json_strict (void)
{
  static const char *const good[] = {
    "{}", "[]", " [1, -0.5e+3, \"a\\u00e9\\n\", true, false, null] ", "{\"a\":{\"b\":[]}}", "0", "\"\"", "-1", "1E5",
  };
  static const char *const bad[] = {
    "", " ", "{", "[1,]", "{\"a\":1,}", "{'a':1}", "{a:1}", "[1 2]", "01", "1.", ".5", "+1", "1e", "-", "nul", "truex",
    "\"a", "\"\\x\"", "\"\\u12g4\"", "\"a\nb\"", "/* c */ 1", "var a = 1;", "[1]]", "{\"a\"}", "{\"a\":}", "\"\xff\"", "NaN",
  };

  for (guint i = 0; i < G_N_ELEMENTS (good); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (JsonNode) node = aws_json_parse (good[i], -1, &error);

    g_assert_no_error (error);
    g_assert_nonnull (node);
  }
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++) {
    g_autoptr (GError) error = NULL;

    g_assert_null (aws_json_parse (bad[i], -1, &error));
    g_assert_nonnull (error);
  }
}

static void
test_json_depth (void)
{
  g_autofree char *allowed = g_strnfill (AWS_JSON_MAX_DEPTH, '[');
  g_autofree char *closing = g_strnfill (AWS_JSON_MAX_DEPTH, ']');
  g_autofree char *whole = g_strconcat (allowed, closing, NULL);
  g_autofree char *deep = g_strnfill (10000000, '[');
  g_autoptr (JsonNode) node = aws_json_parse (whole, -1, NULL);
  g_autoptr (GError) error = NULL;

  g_assert_nonnull (node);
  g_assert_null (aws_json_parse (deep, -1, &error));
  g_assert_nonnull (strstr (error->message, "nested deeper"));
}

static void
test_json_members (void)
{
  g_autoptr (JsonObject) object =
    aws_json_parse_object ("{\"a\":{\"b\":[1],\"s\":\"t\"},\"n\":\"12\",\"d\":1.9,\"h\":1e300,\"yes\":\"True\",\"null\":null}",
                           -1, NULL);

  g_assert_cmpstr (aws_json_get_string (object, "a.s"), ==, "t");
  g_assert_null (aws_json_get_string (object, "a.b"));
  g_assert_null (aws_json_get_string (object, "a.s.t"));
  g_assert_null (aws_json_get_string (object, "null"));
  g_assert_null (aws_json_get_string (NULL, "a"));
  g_assert_nonnull (aws_json_get_array (object, "a.b"));
  g_assert_nonnull (aws_json_get_object (object, "a"));
  g_assert_null (aws_json_get_object (object, "n"));
  g_assert_cmpint (aws_json_get_int (object, "n", 0), ==, 12);
  g_assert_cmpint (aws_json_get_int (object, "d", 0), ==, 1);
  g_assert_cmpint (aws_json_get_int (object, "h", -1), ==, -1);
  g_assert_cmpint (aws_json_get_int (object, "a", -1), ==, -1);
  g_assert_true (aws_json_get_boolean (object, "yes", FALSE));
  g_assert_true (aws_json_get_boolean (object, "missing", TRUE));
  g_assert_null (aws_json_parse_object ("[]", -1, NULL));
}

static void
test_json_copy (void)
{
  const char *text = "{\"a\":{\"b\":[1,{\"c\":null}],\"s\":\"t\"},\"n\":2.5}";
  g_autoptr (JsonObject) object = aws_json_parse_object (text, -1, NULL);
  g_autoptr (JsonObject) copy = aws_json_copy_object (object);
  g_autofree char *copied = aws_json_object_to_text (copy);

  g_assert_cmpstr (copied, ==, text);
  g_assert_true (aws_json_get_object (copy, "a") != aws_json_get_object (object, "a"));
  g_assert_true (aws_json_get_array (copy, "a.b") != aws_json_get_array (object, "a.b"));
  json_object_remove_member (aws_json_get_object (copy, "a"), "s");
  g_assert_cmpstr (aws_json_get_string (object, "a.s"), ==, "t");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (errors); i++) {
    g_autofree char *path = g_strdup_printf ("/aws/answer/error/%s", errors[i].name);

    g_test_add_data_func (path, GUINT_TO_POINTER (i), test_error);
  }
  g_test_add_func ("/aws/answer/other-errors", test_other_errors);
  g_test_add_func ("/aws/answer/xml", test_xml);
  g_test_add_func ("/aws/answer/rest-json", test_rest_json);
  g_test_add_func ("/aws/xml/limits", test_xml_limits);
  g_test_add_func ("/aws/json/strict", test_json_strict);
  g_test_add_func ("/aws/json/depth", test_json_depth);
  g_test_add_func ("/aws/json/members", test_json_members);
  g_test_add_func ("/aws/json/copy", test_json_copy);

  return g_test_run ();
}
