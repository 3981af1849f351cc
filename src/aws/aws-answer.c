/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "aws-answer.h"

#include <libsoup/soup.h>
#include <string.h>

#include "aws-error.h"
#include "aws-json.h"
#include "aws-xml.h"

static const char *const throttling_codes[] = {
  "BandwidthLimitExceeded",
  "KmsThrottlingException",
  "PriorRequestNotComplete",
  "ProvisionedThroughputExceededException",
  "RequestLimitExceeded",
  "RequestThrottled",
  "RequestThrottledException",
  "SlowDown",
  "Throttled",
  "ThrottledException",
  "Throttling",
  "ThrottlingException",
  "TooManyRequestsException",
  "TransactionInProgressException",
  NULL
};

static const char *const credential_codes[] = {
  "AuthFailure",
  "ExpiredToken",
  "ExpiredTokenException",
  "IncompleteSignature",
  "IncompleteSignatureException",
  "InvalidAccessKeyId",
  "InvalidClientTokenId",
  "InvalidSecurity",
  "InvalidSignatureException",
  "InvalidToken",
  "MissingAuthenticationToken",
  "MissingAuthenticationTokenException",
  "RequestExpired",
  "RequestTimeTooSkewed",
  "SignatureDoesNotMatch",
  "TokenRefreshRequired",
  "UnrecognizedClientException",
  NULL
};

static const char *const transient_codes[] = {
  "InternalError",
  "InternalFailure",
  "InternalServerError",
  "RequestTimeout",
  "RequestTimeoutException",
  "ServiceUnavailable",
  NULL
};

static const char *
get_header (const AwsHttpAnswer *answer,
            const char          *name)
{
  return g_hash_table_lookup (answer->headers, name);
}

static GError *
answer_error (const AwsHttpAnswer *answer,
              const char          *problem)
{
  g_autofree char *request_id = aws_answer_request_id (answer);
  g_autofree char *message = g_strdup_printf ("The answer cannot be understood: %s", problem);

  return aws_error_new (AWS_ERROR_ANSWER, "InvalidAnswer", message, request_id, answer->status, FALSE);
}

static AwsMemberKind
member_kind (const AwsService *service,
             const char       *name)
{
  return GPOINTER_TO_UINT (g_hash_table_lookup (service->kinds, name));
}

static JsonNode *
string_node (const char *text)
{
  JsonNode *node = json_node_new (JSON_NODE_VALUE);

  json_node_set_string (node, text);
  return node;
}

/* Seconds since 1970 for an ISO 8601 time; the text itself where it is none. */
static JsonNode *
timestamp_node (const char *text)
{
  g_autoptr (GTimeZone) utc = g_time_zone_new_utc ();
  g_autoptr (GDateTime) time = g_date_time_new_from_iso8601 (text, utc);
  JsonNode *node;
  int microseconds;

  if (time == NULL)
    return string_node (text);
  node = json_node_new (JSON_NODE_VALUE);
  microseconds = g_date_time_get_microsecond (time);
  if (microseconds == 0)
    json_node_set_int (node, g_date_time_to_unix (time));
  else
    json_node_set_double (node, (double) g_date_time_to_unix (time) + microseconds / 1e6);
  return node;
}

static JsonNode *
integer_node (const char *text)
{
  gint64 value;
  JsonNode *node;

  if (!g_ascii_string_to_signed (text, 10, G_MININT64, G_MAXINT64, &value, NULL))
    return string_node (text);
  node = json_node_new (JSON_NODE_VALUE);
  json_node_set_int (node, value);
  return node;
}

static JsonNode *
boolean_node (const char *text)
{
  JsonNode *node = json_node_new (JSON_NODE_VALUE);

  json_node_set_boolean (node, g_ascii_strcasecmp (text, "true") == 0);
  return node;
}

/* IAM percent-encodes policy documents; boto3 shows them decoded, as objects. */
static JsonNode *
document_node (const char *text)
{
  g_autofree char *decoded = g_uri_unescape_string (text, NULL);
  JsonNode *node;

  if (decoded == NULL)
    return string_node (text);
  node = aws_json_parse (decoded, -1, NULL);
  return node != NULL ? node : string_node (decoded);
}

static JsonNode *xml_to_node (const AwsService *service,
                              const AwsXml     *xml);

static JsonObject *
xml_to_structure (const AwsService *service,
                  const AwsXml     *xml)
{
  JsonObject *object = json_object_new ();

  for (guint i = 0; i < xml->children->len; i++) {
    AwsXml *child = g_ptr_array_index (xml->children, i);

    json_object_set_member (object, child->name, xml_to_node (service, child));
  }
  return object;
}

/* <entry><key>…</key><value>…</value></entry>… */
static JsonObject *
xml_to_map (const AwsService *service,
            const AwsXml     *xml)
{
  JsonObject *object = json_object_new ();

  for (guint i = 0; i < xml->children->len; i++) {
    AwsXml *entry = g_ptr_array_index (xml->children, i);
    AwsXml *key = aws_xml_child (entry, "key");
    AwsXml *value = aws_xml_child (entry, "value");

    if (key != NULL && value != NULL)
      json_object_set_member (object, key->text->str, xml_to_node (service, value));
  }
  return object;
}

static JsonObject *
xml_to_integer_map (const AwsXml *xml)
{
  JsonObject *object = json_object_new ();

  for (guint i = 0; i < xml->children->len; i++) {
    AwsXml *entry = g_ptr_array_index (xml->children, i);
    AwsXml *key = aws_xml_child (entry, "key");
    AwsXml *value = aws_xml_child (entry, "value");

    if (key != NULL && value != NULL)
      json_object_set_member (object, key->text->str, integer_node (value->text->str));
  }
  return object;
}

static JsonArray *
xml_to_list (const AwsService *service,
             const AwsXml     *xml)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < xml->children->len; i++)
    json_array_add_object_element (array, xml_to_structure (service, g_ptr_array_index (xml->children, i)));
  return array;
}

static JsonArray *
xml_to_text_list (const AwsXml *xml)
{
  JsonArray *array = json_array_new ();

  for (guint i = 0; i < xml->children->len; i++) {
    AwsXml *child = g_ptr_array_index (xml->children, i);

    json_array_add_string_element (array, child->text->str);
  }
  return array;
}

static JsonNode *
xml_to_node (const AwsService *service,
             const AwsXml     *xml)
{
  JsonNode *node;

  switch (member_kind (service, xml->name)) {
  case AWS_MEMBER_LIST:
    node = json_node_new (JSON_NODE_ARRAY);
    json_node_take_array (node, xml_to_list (service, xml));
    return node;
  case AWS_MEMBER_TEXT_LIST:
    node = json_node_new (JSON_NODE_ARRAY);
    json_node_take_array (node, xml_to_text_list (xml));
    return node;
  case AWS_MEMBER_MAP:
    node = json_node_new (JSON_NODE_OBJECT);
    json_node_take_object (node, xml_to_map (service, xml));
    return node;
  case AWS_MEMBER_INTEGER_MAP:
    node = json_node_new (JSON_NODE_OBJECT);
    json_node_take_object (node, xml_to_integer_map (xml));
    return node;
  case AWS_MEMBER_INTEGER:
    return integer_node (xml->text->str);
  case AWS_MEMBER_BOOLEAN:
    return boolean_node (xml->text->str);
  case AWS_MEMBER_TIMESTAMP:
    return timestamp_node (xml->text->str);
  case AWS_MEMBER_DOCUMENT:
    return document_node (xml->text->str);
  case AWS_MEMBER_TEXT:
    if (xml->children->len == 0)
      return string_node (xml->text->str);
    break;
  case AWS_MEMBER_STRUCTURE:
    break;
  }
  node = json_node_new (JSON_NODE_OBJECT);
  json_node_take_object (node, xml_to_structure (service, xml));
  return node;
}

static JsonObject *
read_xml (const AwsOperation   *operation,
          const AwsHttpAnswer  *answer,
          GError              **error)
{
  gsize size;
  const char *text = g_bytes_get_data (answer->body, &size);
  g_autoptr (GError) trouble = NULL;
  g_autoptr (AwsXml) root = aws_xml_parse (size > 0 ? text : "", (gssize) size, &trouble);
  g_autofree char *response = g_strconcat (operation->name, "Response", NULL);
  g_autofree char *result = g_strconcat (operation->name, "Result", NULL);
  AwsXml *child;

  if (root == NULL || !g_str_equal (root->name, response)) {
    g_autofree char *problem = trouble != NULL ? g_strdup (trouble->message)
                                               : g_strdup_printf ("<%s> instead of <%s>", root->name, response);

    g_propagate_error (error, answer_error (answer, problem));
    return NULL;
  }
  child = aws_xml_child (root, result);
  return child != NULL ? xml_to_structure (operation->service, child) : json_object_new ();
}

/* REST services may write a time as a text, which is a number everywhere in a result; what is null is left out. */
static void
tidy_json (const AwsService *service,
           JsonNode         *node)
{
  if (JSON_NODE_HOLDS_ARRAY (node)) {
    JsonArray *array = json_node_get_array (node);

    for (guint i = 0; i < json_array_get_length (array); i++)
      tidy_json (service, json_array_get_element (array, i));
  } else if (JSON_NODE_HOLDS_OBJECT (node)) {
    JsonObject *object = json_node_get_object (node);
    g_autoptr (GList) names = json_object_get_members (object);

    for (GList *l = names; l != NULL; l = l->next) {
      JsonNode *member = json_object_get_member (object, l->data);
      const char *text = member_kind (service, l->data) == AWS_MEMBER_TIMESTAMP
                         ? aws_json_get_string (object, l->data) : NULL;

      if (JSON_NODE_HOLDS_NULL (member))
        json_object_remove_member (object, l->data);
      else if (text != NULL)
        json_object_set_member (object, l->data, timestamp_node (text));
      else
        tidy_json (service, member);
    }
  }
}

static void
rename_members (const AwsOperation *operation,
                JsonObject         *result)
{
  GHashTableIter iter;
  gpointer name, other;

  g_hash_table_iter_init (&iter, operation->answer_names);
  while (g_hash_table_iter_next (&iter, &name, &other)) {
    JsonNode *node = json_object_get_member (result, name);

    if (node == NULL)
      continue;
    json_object_set_member (result, other, json_node_ref (node));
    json_object_remove_member (result, name);
  }
}

static JsonObject *
read_json (const AwsOperation   *operation,
           const AwsHttpAnswer  *answer,
           GError              **error)
{
  gsize size;
  const char *text = g_bytes_get_data (answer->body, &size);
  g_autoptr (GError) trouble = NULL;
  g_autoptr (JsonNode) root = NULL;

  if (size == 0)
    return json_object_new ();
  root = aws_json_parse (text, (gssize) size, &trouble);
  if (root == NULL || !JSON_NODE_HOLDS_OBJECT (root)) {
    g_propagate_error (error, answer_error (answer, trouble != NULL ? trouble->message : "not a JSON object"));
    return NULL;
  }
  if (g_hash_table_size (operation->service->kinds) > 0 || memmem (text, size, "null", 4) != NULL)
    tidy_json (operation->service, root);
  if (operation->answer_names != NULL)
    rename_members (operation, json_node_get_object (root));
  return json_node_dup_object (root);
}

static JsonObject *
read_payload (const AwsOperation  *operation,
              const AwsHttpAnswer *answer)
{
  gsize size;
  const char *data = g_bytes_get_data (answer->body, &size);
  g_autofree char *text = g_utf8_make_valid (size > 0 ? data : "", (gssize) size);
  JsonObject *result = json_object_new ();

  json_object_set_string_member (result, operation->answer_payload, text);
  return result;
}

static void
add_headers (const AwsOperation  *operation,
             const AwsHttpAnswer *answer,
             JsonObject          *result)
{
  GHashTableIter iter;
  gpointer header, name;

  if (operation->answer_status != NULL)
    json_object_set_int_member (result, operation->answer_status, answer->status);
  if (operation->answer_headers == NULL)
    return;
  g_hash_table_iter_init (&iter, operation->answer_headers);
  while (g_hash_table_iter_next (&iter, &header, &name)) {
    g_autofree char *lower = g_ascii_strdown (header, -1);
    const char *value = get_header (answer, lower);

    if (value != NULL)
      json_object_set_string_member (result, name, value);
  }
}

/* "com.amazonaws.sqs#QueueDoesNotExist", "NotFoundException:http://…", "Code;Sender" → the code alone */
static char *
bare_code (const char *text)
{
  const char *hash;

  if (text == NULL)
    return NULL;
  hash = strrchr (text, '#');
  if (hash != NULL)
    text = hash + 1;
  return g_strndup (text, strcspn (text, ":;"));
}

static void
read_json_error (const char  *text,
                 gsize        size,
                 char       **code,
                 char       **message)
{
  static const char *const code_names[] = { "__type", "code", "Code" };
  static const char *const message_names[] = { "message", "Message", "errorMessage" };
  g_autoptr (JsonObject) object = aws_json_parse_object (text, (gssize) size, NULL);

  for (guint i = 0; *code == NULL && i < G_N_ELEMENTS (code_names); i++)
    *code = bare_code (aws_json_get_string (object, code_names[i]));
  for (guint i = 0; *message == NULL && i < G_N_ELEMENTS (message_names); i++)
    *message = g_strdup (aws_json_get_string (object, message_names[i]));
}

static void
read_xml_error (const char  *text,
                gsize        size,
                char       **code,
                char       **message)
{
  g_autoptr (AwsXml) root = aws_xml_parse (text, (gssize) size, NULL);

  if (root == NULL)
    return;
  if (*code == NULL)
    *code = g_strdup (aws_xml_find_text (root, "Code"));
  *message = g_strdup (aws_xml_find_text (root, "Message"));
}

static AwsError
error_kind (const char *code,
            guint       status)
{
  if (status == 429 || g_strv_contains (throttling_codes, code))
    return AWS_ERROR_THROTTLED;
  if (g_strv_contains (credential_codes, code))
    return AWS_ERROR_CREDENTIALS;
  return status >= 500 ? AWS_ERROR_SERVER : AWS_ERROR_CLIENT;
}

static gboolean
is_retryable (AwsError    kind,
              const char *code,
              guint       status)
{
  if (kind == AWS_ERROR_THROTTLED || g_strv_contains (transient_codes, code))
    return TRUE;
  return status == 500 || status == 502 || status == 503 || status == 504;
}

JsonObject *
aws_answer_read (const AwsOperation   *operation,
                 const AwsHttpAnswer  *answer,
                 GError              **error)
{
  JsonObject *result;

  if (answer->status < 200 || answer->status >= 300) {
    g_propagate_error (error, aws_answer_read_error (answer));
    return NULL;
  }
  if (operation->service->protocol == AWS_PROTOCOL_QUERY)
    return read_xml (operation, answer, error);

  result = operation->answer_payload != NULL ? read_payload (operation, answer)
                                             : read_json (operation, answer, error);
  if (result != NULL)
    add_headers (operation, answer, result);
  return result;
}

GError *
aws_answer_read_error (const AwsHttpAnswer *answer)
{
  gsize size;
  const char *text = g_bytes_get_data (answer->body, &size);
  const char *query_error = get_header (answer, "x-amzn-query-error");
  g_autofree char *code = bare_code (query_error != NULL ? query_error : get_header (answer, "x-amzn-errortype"));
  g_autofree char *message = NULL;
  g_autofree char *request_id = aws_answer_request_id (answer);
  AwsError kind;

  while (size > 0 && g_ascii_isspace (*text))
    text++, size--;
  if (size > 0 && *text == '<')
    read_xml_error (text, size, &code, &message);
  else if (size > 0 && *text == '{')
    read_json_error (text, size, &code, &message);

  if (code == NULL || *code == '\0') {
    g_free (code);
    code = g_strdup_printf ("%u", answer->status);
  }
  if (message == NULL || *message == '\0') {
    g_free (message);
    message = g_strdup_printf ("The answer was HTTP %u (%s).", answer->status, soup_status_get_phrase (answer->status));
  }
  kind = error_kind (code, answer->status);
  return aws_error_new (kind, code, message, request_id, answer->status, is_retryable (kind, code, answer->status));
}

char *
aws_answer_request_id (const AwsHttpAnswer *answer)
{
  static const char *const names[] = { "x-amzn-requestid", "x-amz-request-id", "x-amzn-request-id" };
  gsize size;
  const char *text = g_bytes_get_data (answer->body, &size);

  for (guint i = 0; i < G_N_ELEMENTS (names); i++) {
    if (get_header (answer, names[i]) != NULL)
      return g_strdup (get_header (answer, names[i]));
  }

  /* Only the query protocol says it in the body: <RequestId> near its end. */
  if (size > 0 && *text == '<') {
    const char *open = g_strrstr_len (text, (gssize) size, "<RequestId>");
    const char *close = open != NULL ? memchr (open + 11, '<', size - (gsize) (open + 11 - text)) : NULL;

    if (close != NULL && close - open < 200)
      return g_utf8_make_valid (open + 11, close - open - 11);
  }
  return g_strdup ("");
}

const char *
aws_answer_gateway_id (const AwsHttpAnswer *answer)
{
  return get_header (answer, "x-amz-apigw-id");
}
