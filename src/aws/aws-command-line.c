/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "aws-call-log.h"

#include <string.h>

#include "aws-json.h"
#include "aws-operation.h"

#define PLAIN_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_./:=@%+,"

/* "CreateRestApi" → "create-rest-api", "topicARN" → "topic-arn" */
static char *
kebab_case (const char *name)
{
  GString *out = g_string_new (NULL);

  for (gsize i = 0; name[i] != '\0'; i++) {
    if (i > 0 && g_ascii_isupper (name[i]) &&
        (g_ascii_islower (name[i - 1]) || g_ascii_isdigit (name[i - 1]) ||
         (g_ascii_isupper (name[i - 1]) && g_ascii_islower (name[i + 1]))))
      g_string_append_c (out, '-');
    g_string_append_c (out, g_ascii_tolower (name[i]));
  }
  return g_string_free (out, FALSE);
}

static void
append_word (GString    *line,
             const char *word)
{
  if (*word != '\0' && word[strspn (word, PLAIN_CHARACTERS)] == '\0') {
    g_string_append (line, word);
  } else {
    g_autofree char *quoted = g_shell_quote (word);

    g_string_append (line, quoted);
  }
}

static void
append_option (GString    *line,
               const char *option,
               const char *value)
{
  g_string_append_printf (line, " --%s", option);
  if (value == NULL)
    return;
  /* Else a value like "-5" would be taken for an option. */
  g_string_append_c (line, *value == '-' ? '=' : ' ');
  append_word (line, value);
}

static void
append_parameter (GString            *line,
                  const AwsOperation *operation,
                  const char         *name,
                  JsonNode           *node)
{
  const char *renamed = operation->cli_names != NULL ? g_hash_table_lookup (operation->cli_names, name) : NULL;
  g_autofree char *option = renamed != NULL ? g_strdup (renamed) : kebab_case (name);
  g_autofree char *text = NULL;

  if (JSON_NODE_HOLDS_NULL (node))
    return;
  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_BOOLEAN) {
    if (json_node_get_boolean (node))
      append_option (line, option, NULL);
    else
      g_string_append_printf (line, " --no-%s", option);
    return;
  }
  if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
    text = json_node_dup_string (node);
  else
    text = aws_json_to_text (node);
  append_option (line, option, text);
}

/* CreateFunction has its code in a structure, for which the CLI has two options. */
static void
append_code (GString            *line,
             const AwsOperation *operation,
             JsonNode           *node)
{
  g_autoptr (JsonObject) rest = json_object_new ();
  g_autoptr (JsonNode) rest_node = json_node_new (JSON_NODE_OBJECT);
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  json_object_iter_init_ordered (&iter, json_node_get_object (node));
  while (json_object_iter_next_ordered (&iter, &name, &value)) {
    if (g_str_equal (name, "ZipFile"))
      append_option (line, "zip-file", "fileb://function.zip");
    else
      json_object_set_member (rest, name, json_node_ref (value));
  }
  if (json_object_get_size (rest) == 0)
    return;
  json_node_set_object (rest_node, rest);
  append_parameter (line, operation, "Code", rest_node);
}

static void
append_parameters (GString            *line,
                   const AwsOperation *operation,
                   JsonObject         *parameters)
{
  gboolean is_lambda = g_str_equal (operation->service->name, "lambda");
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, parameters);
  while (json_object_iter_next_ordered (&iter, &name, &node)) {
    if (is_lambda && g_str_equal (name, "ZipFile"))
      append_option (line, "zip-file", "fileb://function.zip");
    else if (is_lambda && g_str_equal (name, "Code") && JSON_NODE_HOLDS_OBJECT (node))
      append_code (line, operation, node);
    else
      append_parameter (line, operation, name, node);
  }

  if (!g_str_equal (operation->full_name, "lambda:Invoke"))
    return;
  /* The payload is text and not base64; the CLI wants a file for the answer. */
  if (json_object_has_member (parameters, "Payload"))
    g_string_append (line, " --cli-binary-format raw-in-base64-out");
  g_string_append (line, " /dev/stdout");
}

/* A plain HTTP request, which is logged as "http:METHOD". */
static void
append_curl (GString    *line,
             JsonObject *parameters)
{
  const char *method = aws_json_get_string (parameters, "method");
  const char *url = aws_json_get_string (parameters, "url");
  const char *body = aws_json_get_string (parameters, "body");
  JsonObject *headers = aws_json_get_object (parameters, "headers");

  g_string_append (line, "curl -X ");
  append_word (line, method != NULL ? method : "GET");
  if (headers != NULL) {
    JsonObjectIter iter;
    const char *name;
    JsonNode *node;

    json_object_iter_init_ordered (&iter, headers);
    while (json_object_iter_next_ordered (&iter, &name, &node)) {
      g_autofree char *header = g_strdup_printf ("%s: %s", name, json_node_get_string (node));

      g_string_append (line, " -H ");
      append_word (line, header);
    }
  }
  if (body != NULL) {
    g_string_append (line, " --data-binary ");
    append_word (line, body);
  }
  g_string_append_c (line, ' ');
  append_word (line, url != NULL ? url : "");
}

char *
aws_call_to_command_line (AwsCall    *self,
                          const char *region,
                          const char *endpoint)
{
  const AwsOperation *operation = aws_operation_find (aws_call_get_operation (self));
  GString *line = g_string_new (NULL);
  g_autofree char *command = NULL;

  if (operation == NULL) {
    append_curl (line, aws_call_get_parameters (self));
    return g_string_free (line, FALSE);
  }

  command = kebab_case (operation->name);
  g_string_append_printf (line, "aws %s %s", operation->service->name, command);
  if (region != NULL)
    append_option (line, "region", region);
  if (endpoint != NULL)
    append_option (line, "endpoint-url", endpoint);
  append_parameters (line, operation, aws_call_get_parameters (self));
  return g_string_free (line, FALSE);
}
