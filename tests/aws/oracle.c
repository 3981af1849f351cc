/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * Does on request what the client does inside, so that it can be compared with botocore. Reads one JSON object a
 * line and answers each with one: {"do": "sign" | "request" | "answer" | "command" | "call", …}.
 */
#include <stdio.h>
#include <string.h>

#include "aws/aws-answer.h"
#include "aws/aws-call-private.h"
#include "aws/aws-client.h"
#include "aws/aws-json.h"
#include "aws/aws-request.h"
#include "aws/aws-signer.h"

static const char *
get_text (JsonObject *question,
          const char *name)
{
  const char *text = aws_json_get_string (question, name);

  return text != NULL ? text : "";
}

static JsonObject *
describe_error (const GError *error)
{
  JsonObject *answer = json_object_new ();
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "message", error->message);
  json_object_set_string_member (object, "code", aws_error_get_code (error));
  json_object_set_string_member (object, "request_id", aws_error_get_request_id (error));
  json_object_set_int_member (object, "status", aws_error_get_status (error));
  json_object_set_int_member (object, "kind", error->code);
  json_object_set_boolean_member (object, "retryable", aws_error_is_retryable (error));
  json_object_set_object_member (answer, "error", object);
  return answer;
}

static JsonObject *
describe_result (JsonObject *result)
{
  JsonObject *answer = json_object_new ();

  json_object_set_object_member (answer, "result", result);
  return answer;
}

static JsonObject *
do_sign (JsonObject *question)
{
  g_autoptr (AwsCredentials) credentials = aws_credentials_new (get_text (question, "access_key"),
                                                                get_text (question, "secret"), NULL);
  JsonArray *array = aws_json_get_array (question, "headers");
  g_autoptr (GPtrArray) headers = g_ptr_array_new ();
  g_autofree char *digest = aws_signer_sha256 (get_text (question, "body"), -1);
  g_autofree char *authorization = NULL;
  JsonObject *answer = json_object_new ();
  AwsSigningRequest request;

  for (guint i = 0; i < json_array_get_length (array); i++)
    g_ptr_array_add (headers, (gpointer) json_array_get_string_element (array, i));
  g_ptr_array_add (headers, NULL);
  request.method = get_text (question, "method");
  request.path = get_text (question, "path");
  request.query = aws_json_get_string (question, "query");
  request.headers = (const char *const *) headers->pdata;
  request.payload_sha256 = digest;
  authorization = aws_signer_authorization (&request, credentials, get_text (question, "region"),
                                            get_text (question, "service"), get_text (question, "date"));
  json_object_set_string_member (answer, "authorization", authorization);
  return answer;
}

static JsonObject *
do_request (JsonObject          *question,
            const AwsOperation  *operation,
            GError             **error)
{
  g_autoptr (AwsRequest) request = aws_request_build (operation, aws_json_get_object (question, "parameters"), error);
  JsonObject *answer;
  JsonObject *headers;
  gsize size;
  const char *body;
  g_autofree char *text = NULL;

  if (request == NULL)
    return NULL;
  answer = json_object_new ();
  headers = json_object_new ();
  for (guint i = 0; i + 1 < request->headers->len; i += 2)
    json_object_set_string_member (headers, g_ptr_array_index (request->headers, i),
                                   g_ptr_array_index (request->headers, i + 1));
  body = g_bytes_get_data (request->body, &size);
  text = g_strndup (size > 0 ? body : "", size);
  json_object_set_string_member (answer, "method", request->method);
  json_object_set_string_member (answer, "path", request->path);
  json_object_set_string_member (answer, "query", request->query != NULL ? request->query : "");
  json_object_set_object_member (answer, "headers", headers);
  json_object_set_string_member (answer, "body", text);
  return answer;
}

static JsonObject *
do_answer (JsonObject          *question,
           const AwsOperation  *operation,
           GError             **error)
{
  const char *body = get_text (question, "body");
  AwsHttpAnswer *http = g_new0 (AwsHttpAnswer, 1);
  JsonObject *result;
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  http->status = (guint) aws_json_get_int (question, "status", 200);
  http->body = g_bytes_new (body, strlen (body));
  http->headers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  json_object_iter_init (&iter, aws_json_get_object (question, "headers"));
  while (json_object_iter_next (&iter, &name, &node))
    g_hash_table_insert (http->headers, g_ascii_strdown (name, -1), json_node_dup_string (node));
  result = aws_answer_read (operation, http, error);
  aws_http_answer_free (http);
  return result != NULL ? describe_result (result) : NULL;
}

static JsonObject *
do_command (JsonObject *question)
{
  AwsCallRecord record = {
    .operation = get_text (question, "operation"),
    .parameters = aws_json_get_object (question, "parameters"),
  };
  g_autoptr (AwsCall) call = aws_call_new (&record);
  g_autofree char *line = aws_call_to_command_line (call, aws_json_get_string (question, "region"),
                                                    aws_json_get_string (question, "endpoint"));
  JsonObject *answer = json_object_new ();

  json_object_set_string_member (answer, "line", line);
  return answer;
}

static JsonObject *
do_call (JsonObject  *question,
         GError     **error)
{
  g_autoptr (AwsCredentials) credentials = aws_credentials_new (get_text (question, "access_key"),
                                                                get_text (question, "secret"), NULL);
  g_autoptr (AwsClient) client = aws_client_new ("us-east-1", get_text (question, "endpoint"), credentials);
  JsonObject *result = aws_client_call (client, get_text (question, "operation"),
                                        aws_json_get_object (question, "parameters"), NULL, error);

  return result != NULL ? describe_result (result) : NULL;
}

static JsonObject *
answer_question (JsonObject  *question,
                 GError     **error)
{
  const char *what = get_text (question, "do");
  const AwsOperation *operation = aws_operation_find (get_text (question, "operation"));

  if (g_str_equal (what, "sign"))
    return do_sign (question);
  if (g_str_equal (what, "call"))
    return do_call (question, error);
  if (operation == NULL) {
    g_propagate_error (error, aws_error_new (AWS_ERROR_PARAMETER, "UnknownOperation", "", NULL, 0, FALSE));
    return NULL;
  }
  if (g_str_equal (what, "request"))
    return do_request (question, operation, error);
  if (g_str_equal (what, "command"))
    return do_command (question);
  return do_answer (question, operation, error);
}

int
main (int    argc,
      char **argv)
{
  g_autofree char *line = NULL;
  size_t size = 0;
  ssize_t length;

  while ((length = getline (&line, &size, stdin)) > 0) {
    g_autoptr (GError) error = NULL;
    g_autoptr (JsonObject) question = aws_json_parse_object (line, length, &error);
    g_autoptr (JsonObject) answer = question != NULL ? answer_question (question, &error) : NULL;
    g_autofree char *text = NULL;

    if (answer == NULL)
      answer = describe_error (error);
    text = aws_json_object_to_text (answer);
    puts (text);
    fflush (stdout);
  }
  return 0;
}
