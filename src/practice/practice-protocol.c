/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-protocol.h"

#include <string.h>

#include "practice-form.h"
#include "practice-json.h"
#include "practice-route.h"
#include "practice-xml.h"

static const PracticeOperation *
lookup_operation (const PracticeService *service,
                  const char            *name)
{
  for (const PracticeOperation *op = service->operations; op->name != NULL; op++) {
    if (strcmp (op->name, name) == 0)
      return op;
  }
  return NULL;
}

static PracticeProtocol
get_protocol (PracticeCall *call)
{
  if (call->query)
    return PRACTICE_PROTOCOL_QUERY;
  return call->service != NULL ? call->service->protocol : PRACTICE_PROTOCOL_REST_JSON;
}

/* @object's members on top of @params; @object itself may be immutable. */
static void
merge (JsonObject *params,
       JsonObject *object)
{
  JsonObjectIter iter;
  const char *name = NULL;
  JsonNode *node = NULL;

  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    json_object_set_member (params, name, json_node_copy (node));
}

static gboolean
read_json_body (PracticeCall *call)
{
  g_autoptr (JsonObject) object = NULL;
  g_autoptr (GError) error = NULL;
  gsize length = 0;
  const char *text = g_bytes_get_data (practice_call_get_body (call), &length);

  if (length == 0)
    return TRUE;
  object = practice_json_parse_object (text, (gssize) length, &error);
  if (object == NULL) {
    practice_call_fail (call, 400, "SerializationException", "The request body cannot be read: %s", error->message);
    return FALSE;
  }
  merge (practice_call_get_params (call), object);
  return TRUE;
}

static gboolean
read_json (PracticeCall *call)
{
  const char *target = practice_call_get_header (call, "X-Amz-Target");
  const char *dot = target != NULL ? strrchr (target, '.') : NULL;

  if (dot == NULL) {
    practice_call_fail (call, 400, "UnknownOperationException",
                        "The request has no X-Amz-Target header that names an operation of this service.");
    return FALSE;
  }
  call->operation = lookup_operation (call->service, dot + 1);
  if (call->operation == NULL) {
    practice_call_fail (call, 400, "UnknownOperationException", "The practice cloud does not have the operation %s of %s.",
                        dot + 1, call->service->name);
    return FALSE;
  }
  return read_json_body (call);
}

static gboolean
read_query (PracticeCall *call)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) form = NULL;
  gsize length = 0;
  const char *body = g_bytes_get_data (practice_call_get_body (call), &length);
  const char *action = NULL;

  form = practice_form_unflatten (body, length, &error);
  if (form == NULL) {
    practice_call_fail (call, 400, "MalformedQueryString", "%s", error->message);
    return FALSE;
  }
  if (call->query_string != NULL && *call->query_string != '\0') {
    g_autoptr (JsonObject) query = practice_form_unflatten (call->query_string, strlen (call->query_string), &error);

    if (query == NULL) {
      practice_call_fail (call, 400, "MalformedQueryString", "%s", error->message);
      return FALSE;
    }
    merge (practice_call_get_params (call), query);
  }
  merge (practice_call_get_params (call), form);

  action = practice_json_get_string (call->params, "Action");
  if (action == NULL) {
    practice_call_fail (call, 400, "MissingAction", "The request is missing an action or a required parameter.");
    return FALSE;
  }
  call->operation = lookup_operation (call->service, action);
  if (call->operation == NULL) {
    const char *version = practice_json_get_string (call->params, "Version");

    practice_call_fail (call, 400, "InvalidAction", "Could not find operation %s for version %s", action,
                        version != NULL ? version : "NO_VERSION_SPECIFIED");
    return FALSE;
  }
  return TRUE;
}

static gboolean
read_rest (PracticeCall *call)
{
  g_autoptr (JsonObject) labels = json_object_new ();
  guint best = 0;

  for (const PracticeOperation *op = call->service->operations; op->name != NULL; op++) {
    guint weight = op->route != NULL ? practice_route_match (op->route, call->method, call->path, NULL) : 0;

    if (weight > best) {
      best = weight;
      call->operation = op;
    }
  }
  if (call->operation == NULL || practice_route_match (call->operation->route, call->method, call->path, labels) == 0) {
    call->operation = NULL;
    practice_call_fail (call, 404, "UnknownOperationException", "The practice cloud does not have an operation %s %s of %s.",
                        call->method, call->path, call->service->name);
    return FALSE;
  }

  if (!call->operation->payload && !read_json_body (call))
    return FALSE;
  if (call->query_string != NULL && *call->query_string != '\0') {
    g_autoptr (GError) error = NULL;

    call->arguments = practice_form_parse (call->query_string, strlen (call->query_string), &error);
    if (call->arguments == NULL) {
      practice_call_fail (call, 400, "SerializationException", "%s", error->message);
      return FALSE;
    }
    merge (practice_call_get_params (call), call->arguments);
  }
  merge (practice_call_get_params (call), labels);
  return TRUE;
}

static void
add_header (GPtrArray  *headers,
            const char *name,
            const char *value)
{
  g_ptr_array_add (headers, g_strdup (name));
  g_ptr_array_add (headers, g_strdup (value));
}

static GBytes *
json_to_bytes (JsonObject *object)
{
  char *text = practice_json_object_to_text (object);

  return g_bytes_new_take (text, strlen (text));
}

static const char *
get_json_type (PracticeCall *call)
{
  switch (get_protocol (call)) {
  case PRACTICE_PROTOCOL_JSON_1_0:
    return "application/x-amz-json-1.0";
  case PRACTICE_PROTOCOL_JSON_1_1:
    return "application/x-amz-json-1.1";
  default:
    return "application/json";
  }
}

/* The query protocol's answer as JSON: what API Gateway asks for, and hands through to its caller. */
static gboolean
wants_json (PracticeCall *call)
{
  const char *accept = practice_call_get_header (call, "Accept");

  return accept != NULL && strstr (accept, "application/json") != NULL;
}

static GBytes *
write_query_json_error (PracticeCall *call,
                        const char   *code)
{
  g_autoptr (JsonObject) object = json_object_new ();
  JsonObject *error = json_object_new ();

  json_object_set_string_member (error, "Code", code);
  json_object_set_string_member (error, "Message", call->message);
  json_object_set_string_member (error, "Type", call->status < 500 ? "Sender" : "Receiver");
  json_object_set_object_member (object, "Error", error);
  json_object_set_string_member (object, "RequestId", call->request_id);
  return json_to_bytes (object);
}

static GBytes *
write_query_json (PracticeCall *call)
{
  g_autofree char *response = g_strconcat (call->operation->name, "Response", NULL);
  g_autofree char *result = g_strconcat (call->operation->name, "Result", NULL);
  g_autoptr (JsonObject) object = json_object_new ();
  JsonObject *inner = json_object_new ();
  JsonObject *metadata = json_object_new ();

  json_object_set_string_member (metadata, "RequestId", call->request_id);
  json_object_set_object_member (inner, "ResponseMetadata", metadata);
  if (call->result != NULL)
    json_object_set_object_member (inner, result, json_object_ref (call->result));
  json_object_set_object_member (object, response, inner);
  return json_to_bytes (object);
}

static void
write_query (PracticeCall  *call,
             PracticeReply *reply)
{
  const char *xml_namespace = call->service != NULL ? call->service->xml_namespace : NULL;
  const char *code = call->query_code != NULL ? call->query_code : call->code;
  char *text = NULL;

  reply->content_type = g_strdup (wants_json (call) ? "application/json" : "text/xml");
  if (call->code != NULL && wants_json (call)) {
    reply->body = write_query_json_error (call, code);
    return;
  }
  if (call->code == NULL && wants_json (call)) {
    reply->body = write_query_json (call);
    return;
  }
  if (call->code != NULL) {
    text = practice_xml_error (xml_namespace, call->status < 500, code, call->message, call->request_id);
  } else {
    if (call->result != NULL && call->service->xml_shape != NULL)
      call->result = call->service->xml_shape (call->operation->name, call->result);
    text = practice_xml_answer (call->operation->name, xml_namespace, call->result, call->service->xml_maps,
                                call->service->xml_shape != NULL, call->request_id);
  }
  reply->body = g_bytes_new_take (text, strlen (text));
}

static void
write_json_error (PracticeCall  *call,
                  PracticeReply *reply,
                  GPtrArray     *headers)
{
  PracticeProtocol protocol = get_protocol (call);
  g_autoptr (JsonObject) object = json_object_new ();

  if (protocol == PRACTICE_PROTOCOL_REST_JSON)
    add_header (headers, "x-amzn-ErrorType", call->code);
  /* Whoever asks for a service that is not there may look for the code in the body. */
  if (protocol != PRACTICE_PROTOCOL_REST_JSON || call->service == NULL) {
    const char *prefix = call->service != NULL ? call->service->error_namespace : NULL;
    g_autofree char *type = prefix != NULL ? g_strdup_printf ("%s#%s", prefix, call->code) : g_strdup (call->code);

    json_object_set_string_member (object, "__type", type);
  }
  if (call->service != NULL && call->service->also_query) {
    g_autofree char *value = g_strdup_printf ("%s;%s", call->query_code != NULL ? call->query_code : call->code,
                                              call->status < 500 ? "Sender" : "Receiver");

    add_header (headers, "x-amzn-query-error", value);
  }
  json_object_set_string_member (object, "message", call->message);
  if (call->members != NULL)
    merge (object, call->members);
  reply->content_type = g_strdup (get_json_type (call));
  reply->body = json_to_bytes (object);
}

static void
write_json (PracticeCall  *call,
            PracticeReply *reply)
{
  if (call->answer_body != NULL) {
    reply->body = g_bytes_ref (call->answer_body);
    reply->content_type = g_strdup (call->content_type);
    return;
  }
  if (call->status == 204 || (call->service == NULL && call->result == NULL)) {
    reply->body = g_bytes_new_static ("", 0);
    reply->content_type = g_strdup (call->content_type);
    return;
  }
  reply->content_type = g_strdup (call->content_type != NULL ? call->content_type : get_json_type (call));
  reply->body = call->result != NULL ? json_to_bytes (call->result) : g_bytes_new_static ("{}", 2);
}

gboolean
practice_protocol_read (PracticeCall *call)
{
  switch (get_protocol (call)) {
  case PRACTICE_PROTOCOL_QUERY:
    return read_query (call);
  case PRACTICE_PROTOCOL_JSON_1_0:
  case PRACTICE_PROTOCOL_JSON_1_1:
    return read_json (call);
  case PRACTICE_PROTOCOL_REST_JSON:
  default:
    return read_rest (call);
  }
}

void
practice_protocol_write (PracticeCall  *call,
                         PracticeReply *reply)
{
  g_autoptr (GPtrArray) headers = g_ptr_array_new_with_free_func (g_free);

  reply->status = call->status;
  /* Whoever serves a raw path says by himself what the request is called. */
  if (call->service != NULL || call->code != NULL)
    add_header (headers, "x-amzn-RequestId", call->request_id);
  for (guint i = 0; call->answer_headers != NULL && call->answer_headers[i] != NULL; i += 2)
    add_header (headers, call->answer_headers[i], call->answer_headers[i + 1]);

  if (call->query && call->answer_body == NULL)
    write_query (call, reply);
  else if (call->code != NULL)
    write_json_error (call, reply, headers);
  else
    write_json (call, reply);

  g_ptr_array_add (headers, NULL);
  reply->headers = (char **) g_ptr_array_free (g_steal_pointer (&headers), FALSE);
}

void
practice_reply_clear (PracticeReply *reply)
{
  g_clear_pointer (&reply->body, g_bytes_unref);
  g_clear_pointer (&reply->content_type, g_free);
  g_clear_pointer (&reply->headers, g_strfreev);
}
