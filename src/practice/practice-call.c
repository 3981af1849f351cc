/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-call-private.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "practice-json.h"

G_DEFINE_FINAL_TYPE (PracticeCall, practice_call, G_TYPE_OBJECT)

static void
clear_answer (PracticeCall *self)
{
  g_clear_pointer (&self->result, json_object_unref);
  g_clear_pointer (&self->answer_body, g_bytes_unref);
  g_clear_pointer (&self->content_type, g_free);
  g_clear_pointer (&self->answer_headers, g_strfreev);
  g_clear_pointer (&self->code, g_free);
  g_clear_pointer (&self->query_code, g_free);
  g_clear_pointer (&self->message, g_free);
  g_clear_pointer (&self->members, json_object_unref);
}

static void
deliver (PracticeCall *self)
{
  PracticeCallDeliver function = g_steal_pointer (&self->deliver);

  if (function != NULL)
    function (self, self->deliver_data);
}

static gboolean
begin_answer (PracticeCall *self)
{
  if (self->answered) {
    g_critical ("%s was answered twice", self->operation != NULL ? self->operation->name : self->path);
    return FALSE;
  }
  self->answered = TRUE;
  return TRUE;
}

static void
end_answer (PracticeCall *self)
{
  if (!self->handling)
    deliver (self);
}

/* What a value of the wrong type is called differs little between services: the serialiser they share says it. */
static void
fail_type (PracticeCall *self,
           const char   *name,
           JsonNode     *node,
           const char   *wanted)
{
  GType type = json_node_get_value_type (node);
  const char *given = "NULL";

  if (JSON_NODE_HOLDS_OBJECT (node))
    given = "START_OBJECT";
  else if (JSON_NODE_HOLDS_ARRAY (node))
    given = "START_ARRAY";
  else if (type == G_TYPE_STRING)
    given = "STRING_VALUE";
  else if (type == G_TYPE_INT64 || type == G_TYPE_DOUBLE)
    given = "NUMBER_VALUE";
  else if (type == G_TYPE_BOOLEAN)
    given = json_node_get_boolean (node) ? "TRUE_VALUE" : "FALSE_VALUE";

  if (self->answered)
    return;
  if (self->query)
    practice_call_fail (self, 400, "MalformedInput", "Unexpected value for the parameter %s: a %s is expected", name, wanted);
  else
    practice_call_fail (self, 400, "SerializationException", "%s can not be converted to a %s (parameter %s)", given, wanted, name);
}

static JsonNode *
lookup (PracticeCall *self,
        const char   *name)
{
  JsonNode *node = self->params != NULL ? json_object_get_member (self->params, name) : NULL;

  return node != NULL && !JSON_NODE_HOLDS_NULL (node) ? node : NULL;
}

/* Whether the parameter came in a form or a query string, where everything is text. */
static gboolean
is_text_only (PracticeCall *self,
              const char   *name)
{
  return self->query || (self->arguments != NULL && json_object_has_member (self->arguments, name));
}

static void
practice_call_dispose (GObject *object)
{
  PracticeCall *self = PRACTICE_CALL (object);

  /* Whoever kept the call lost it: the caller must not wait for ever. */
  if (!self->answered && self->deliver != NULL)
    practice_call_fail (self, 500, "InternalFailure", "The request processing has failed because of an unknown error.");
  G_OBJECT_CLASS (practice_call_parent_class)->dispose (object);
}

static void
practice_call_finalize (GObject *object)
{
  PracticeCall *self = PRACTICE_CALL (object);

  clear_answer (self);
  g_clear_pointer (&self->principal, practice_principal_unref);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->params, json_object_unref);
  g_clear_pointer (&self->arguments, json_object_unref);
  g_clear_pointer (&self->body, g_bytes_unref);
  g_clear_pointer (&self->headers, g_strfreev);
  g_free (self->region);
  g_free (self->request_id);
  g_free (self->method);
  g_free (self->path);
  g_free (self->query_string);
  G_OBJECT_CLASS (practice_call_parent_class)->finalize (object);
}

static void
practice_call_class_init (PracticeCallClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = practice_call_dispose;
  G_OBJECT_CLASS (klass)->finalize = practice_call_finalize;
}

static void
practice_call_init (PracticeCall *self)
{
  self->request_id = g_uuid_string_random ();
}

PracticeCall *
practice_call_new (PracticeServer      *server,
                   PracticePrincipal   *principal,
                   const char          *region,
                   GCancellable        *cancellable,
                   PracticeCallDeliver  deliver_func,
                   gpointer             deliver_data)
{
  PracticeCall *self = g_object_new (PRACTICE_TYPE_CALL, NULL);

  self->server = server;
  self->principal = practice_principal_ref (principal);
  self->region = g_strdup (region != NULL && *region != '\0' ? region : practice_server_get_region (server));
  self->cancellable = cancellable != NULL ? g_object_ref (cancellable) : g_cancellable_new ();
  self->deliver = deliver_func;
  self->deliver_data = deliver_data;
  return self;
}

void
practice_call_end_handling (PracticeCall *self,
                            const GError *failure)
{
  self->handling = FALSE;
  if (failure != NULL) {
    clear_answer (self);
    self->answered = FALSE;
    practice_call_fail (self, 500, "InternalFailure", "%s", failure->message);
  } else if (self->answered) {
    deliver (self);
  }
}

PracticeServer *
practice_call_get_server (PracticeCall *self)
{
  return self->server;
}

const char *
practice_call_get_service (PracticeCall *self)
{
  return self->service != NULL ? self->service->name : NULL;
}

const char *
practice_call_get_operation (PracticeCall *self)
{
  return self->operation != NULL ? self->operation->name : NULL;
}

const char *
practice_call_get_region (PracticeCall *self)
{
  return self->region;
}

const char *
practice_call_get_account (PracticeCall *self)
{
  return practice_server_get_account (self->server);
}

const char *
practice_call_get_request_id (PracticeCall *self)
{
  return self->request_id;
}

PracticePrincipal *
practice_call_get_principal (PracticeCall *self)
{
  return self->principal;
}

gboolean
practice_call_is_query (PracticeCall *self)
{
  return self->query;
}

gboolean
practice_call_is_answered (PracticeCall *self)
{
  return self->answered;
}

GCancellable *
practice_call_get_cancellable (PracticeCall *self)
{
  return self->cancellable;
}

const char *
practice_call_get_path (PracticeCall *self)
{
  return self->path != NULL ? self->path : "/";
}

JsonObject *
practice_call_get_params (PracticeCall *self)
{
  if (self->params == NULL)
    self->params = json_object_new ();
  return self->params;
}

GBytes *
practice_call_get_body (PracticeCall *self)
{
  if (self->body == NULL)
    self->body = g_bytes_new_static ("", 0);
  return self->body;
}

const char *
practice_call_get_header (PracticeCall *self,
                          const char   *name)
{
  for (guint i = 0; self->headers != NULL && self->headers[i] != NULL; i += 2) {
    if (g_ascii_strcasecmp (self->headers[i], name) == 0)
      return self->headers[i + 1];
  }
  return NULL;
}

const char *const *
practice_call_get_headers (PracticeCall *self)
{
  static const char *const none[] = { NULL };

  return self->headers != NULL ? (const char *const *) self->headers : none;
}

const char *
practice_call_get_string (PracticeCall *self,
                          const char   *name)
{
  JsonNode *node = lookup (self, name);

  if (node == NULL)
    return NULL;
  if (!practice_json_is_string (node)) {
    fail_type (self, name, node, "String");
    return NULL;
  }
  return json_node_get_string (node);
}

gboolean
practice_call_get_int (PracticeCall *self,
                       const char   *name,
                       gint64       *value)
{
  JsonNode *node = lookup (self, name);
  GType type = node != NULL ? json_node_get_value_type (node) : G_TYPE_INVALID;

  if (node == NULL)
    return FALSE;
  if (type == G_TYPE_INT64) {
    *value = json_node_get_int (node);
    return TRUE;
  }
  if (type == G_TYPE_DOUBLE) {
    double number = json_node_get_double (node);

    if (fabs (number) < 9e18) {
      *value = (gint64) number;
      return TRUE;
    }
  }
  if (type == G_TYPE_STRING && is_text_only (self, name) &&
      g_ascii_string_to_signed (json_node_get_string (node), 10, G_MININT64, G_MAXINT64, value, NULL))
    return TRUE;
  fail_type (self, name, node, "Integer");
  return FALSE;
}

gboolean
practice_call_get_boolean (PracticeCall *self,
                           const char   *name,
                           gboolean     *value)
{
  JsonNode *node = lookup (self, name);

  if (node == NULL)
    return FALSE;
  if (practice_json_is_boolean (node)) {
    *value = json_node_get_boolean (node);
    return TRUE;
  }
  if (practice_json_is_string (node) && is_text_only (self, name)) {
    const char *text = json_node_get_string (node);

    *value = g_ascii_strcasecmp (text, "true") == 0;
    if (*value || g_ascii_strcasecmp (text, "false") == 0)
      return TRUE;
  }
  fail_type (self, name, node, "Boolean");
  return FALSE;
}

JsonArray *
practice_call_get_array (PracticeCall *self,
                         const char   *name)
{
  JsonNode *node = lookup (self, name);

  if (node == NULL)
    return NULL;
  /* One value in a query string, and the empty list of a form, look like a text. */
  if (practice_json_is_string (node) && is_text_only (self, name)) {
    JsonArray *array = json_array_new ();

    if (!self->query)
      json_array_add_string_element (array, json_node_get_string (node));
    else if (*json_node_get_string (node) != '\0')
      g_clear_pointer (&array, json_array_unref);
    if (array != NULL) {
      json_object_set_array_member (self->params, name, array);
      return array;
    }
  }
  if (!JSON_NODE_HOLDS_ARRAY (node)) {
    fail_type (self, name, node, "List");
    return NULL;
  }
  return json_node_get_array (node);
}

JsonObject *
practice_call_get_object (PracticeCall *self,
                          const char   *name)
{
  JsonNode *node = lookup (self, name);

  if (node == NULL)
    return NULL;
  if (self->query && practice_json_is_string (node) && *json_node_get_string (node) == '\0') {
    json_object_set_object_member (self->params, name, json_object_new ());
    return json_object_get_object_member (self->params, name);
  }
  if (!JSON_NODE_HOLDS_OBJECT (node)) {
    fail_type (self, name, node, "Map");
    return NULL;
  }
  return json_node_get_object (node);
}

gboolean
practice_call_allow (PracticeCall *self,
                     const char   *action,
                     const char   *resource,
                     const char   *resource_policy,
                     JsonObject   *context)
{
  g_autofree char *message = NULL;

  if (practice_iam_is_allowed (practice_server_get_iam (self->server), self->principal, action, resource,
                               resource_policy, context, &message))
    return TRUE;

  practice_events_emit_strings (practice_server_get_events (self->server), "denied",
                                "region", self->region,
                                "principal", self->principal->arn,
                                "roleArn", self->principal->role_arn,
                                "action", action,
                                "resource", resource,
                                "message", message,
                                "invocationId", self->principal->invocation_id,
                                "service", practice_call_get_service (self),
                                "requestId", self->request_id,
                                NULL);
  if (!self->answered)
    practice_call_fail (self,
                        self->service != NULL && self->service->denied_status != 0 ? self->service->denied_status : 403,
                        self->service != NULL && self->service->denied_code != NULL ? self->service->denied_code : "AccessDenied",
                        "%s", message);
  return FALSE;
}

void
practice_call_return (PracticeCall *self,
                      JsonObject   *result)
{
  practice_call_return_full (self, 200, result, NULL, NULL, NULL);
}

void
practice_call_return_full (PracticeCall      *self,
                           guint              status,
                           JsonObject        *result,
                           GBytes            *body,
                           const char        *content_type,
                           const char *const *headers)
{
  if (!begin_answer (self)) {
    g_clear_pointer (&result, json_object_unref);
    return;
  }
  self->status = status;
  self->result = result;
  self->answer_body = body != NULL ? g_bytes_ref (body) : NULL;
  self->content_type = g_strdup (content_type);
  self->answer_headers = g_strdupv ((char **) headers);
  end_answer (self);
}

void
practice_call_fail (PracticeCall *self,
                    guint         status,
                    const char   *code,
                    const char   *format,
                    ...)
{
  g_autofree char *message = NULL;
  va_list arguments;

  va_start (arguments, format);
  message = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  practice_call_fail_full (self, status, code, NULL, NULL, message);
}

void
practice_call_fail_full (PracticeCall *self,
                         guint         status,
                         const char   *code,
                         const char   *query_code,
                         JsonObject   *members,
                         const char   *message)
{
  if (!begin_answer (self)) {
    g_clear_pointer (&members, json_object_unref);
    return;
  }
  self->status = status;
  self->code = g_strdup (code);
  self->query_code = g_strdup (query_code);
  self->members = members;
  self->message = g_strdup (message);
  end_answer (self);
}
