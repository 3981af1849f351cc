/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "aws-request.h"

#include <string.h>

#include "aws-error.h"
#include "aws-json.h"
#include "aws-signer.h"

static GError *
parameter_error (const AwsOperation *operation,
                 const char         *name,
                 const char         *problem)
{
  g_autofree char *message = g_strdup_printf ("%s: the parameter %s %s.", operation->full_name, name, problem);

  return aws_error_new (AWS_ERROR_PARAMETER, "ParameterError", message, NULL, 0, FALSE);
}

/* A text, number or boolean as it is written in a query, a header or a path; NULL for anything else. */
static char *
scalar_to_text (JsonNode *node)
{
  GType type;

  if (!JSON_NODE_HOLDS_VALUE (node))
    return NULL;
  type = json_node_get_value_type (node);
  if (type == G_TYPE_STRING)
    return json_node_dup_string (node);
  if (type == G_TYPE_BOOLEAN)
    return g_strdup (json_node_get_boolean (node) ? "true" : "false");
  if (type == G_TYPE_INT64)
    return g_strdup_printf ("%" G_GINT64_FORMAT, json_node_get_int (node));
  return json_to_string (node, FALSE);
}

static gboolean
append_query (GString    *query,
              const char *name,
              JsonNode   *node)
{
  g_autofree char *text = NULL;
  g_autofree char *encoded_name = NULL;
  g_autofree char *encoded = NULL;

  if (JSON_NODE_HOLDS_ARRAY (node)) {
    JsonArray *array = json_node_get_array (node);

    for (guint i = 0; i < json_array_get_length (array); i++) {
      JsonNode *element = json_array_get_element (array, i);

      if (JSON_NODE_HOLDS_ARRAY (element) || !append_query (query, name, element))
        return FALSE;
    }
    return TRUE;
  }

  text = scalar_to_text (node);
  if (text == NULL)
    return FALSE;
  encoded_name = aws_signer_uri_encode (name, FALSE);
  encoded = aws_signer_uri_encode (text, FALSE);
  if (query->len > 0)
    g_string_append_c (query, '&');
  g_string_append_printf (query, "%s=%s", encoded_name, encoded);
  return TRUE;
}

static gboolean append_form (GString            *form,
                             const AwsOperation *operation,
                             const char         *prefix,
                             const char         *name,
                             JsonNode           *node);

static gboolean
append_form_list (GString            *form,
                  const AwsOperation *operation,
                  const char         *prefix,
                  JsonArray          *array)
{
  for (guint i = 0; i < json_array_get_length (array); i++) {
    g_autofree char *name = g_strdup_printf ("%s.member.%u", prefix, i + 1);

    if (!append_form (form, operation, name, "", json_array_get_element (array, i)))
      return FALSE;
  }
  if (json_array_get_length (array) == 0)
    g_string_append_printf (form, "&%s=", prefix);
  return TRUE;
}

static gboolean
append_form_map (GString            *form,
                 const AwsOperation *operation,
                 const char         *prefix,
                 char              **names,
                 JsonObject         *object)
{
  JsonObjectIter iter;
  const char *key;
  JsonNode *node;
  guint i = 1;

  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &key, &node)) {
    g_autofree char *key_name = g_strdup_printf ("%s.entry.%u.%s", prefix, i, names[0]);
    g_autofree char *value_name = g_strdup_printf ("%s.entry.%u.%s", prefix, i, names[1]);

    g_string_append_c (form, '&');
    g_string_append_printf (form, "%s=", key_name);
    g_string_append_uri_escaped (form, key, NULL, FALSE);
    if (!append_form (form, operation, value_name, "", node))
      return FALSE;
    i++;
  }
  return TRUE;
}

/* @name: the member's own name, which says whether an object is a map; @prefix: its whole name on the wire. */
static gboolean
append_form (GString            *form,
             const AwsOperation *operation,
             const char         *prefix,
             const char         *name,
             JsonNode           *node)
{
  if (JSON_NODE_HOLDS_NULL (node))
    return TRUE;

  if (JSON_NODE_HOLDS_ARRAY (node))
    return append_form_list (form, operation, prefix, json_node_get_array (node));

  if (JSON_NODE_HOLDS_OBJECT (node)) {
    char **names = g_hash_table_lookup (operation->service->maps, name);
    JsonObjectIter iter;
    const char *member;
    JsonNode *value;

    if (names != NULL)
      return append_form_map (form, operation, prefix, names, json_node_get_object (node));
    json_object_iter_init_ordered (&iter, json_node_get_object (node));
    while (json_object_iter_next_ordered (&iter, &member, &value)) {
      g_autofree char *full = g_strdup_printf ("%s.%s", prefix, member);

      if (!append_form (form, operation, full, member, value))
        return FALSE;
    }
    return TRUE;
  }

  return append_query (form, prefix, node);
}

static gboolean
build_query (AwsRequest          *self,
             const AwsOperation  *operation,
             JsonObject          *parameters,
             GError             **error)
{
  GString *form = g_string_new (NULL);
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  g_string_append_printf (form, "Action=%s&Version=%s", operation->name, operation->service->version);
  json_object_iter_init_ordered (&iter, parameters);
  while (json_object_iter_next_ordered (&iter, &name, &node)) {
    if (!append_form (form, operation, name, name, node)) {
      g_string_free (form, TRUE);
      g_propagate_error (error, parameter_error (operation, name, "cannot be written into a form"));
      return FALSE;
    }
  }
  aws_request_add_header (self, "Content-Type", "application/x-www-form-urlencoded; charset=utf-8");
  g_bytes_unref (self->body);
  self->body = g_string_free_to_bytes (form);
  return TRUE;
}

static void
set_json_body (AwsRequest *self,
               JsonObject *object,
               const char *content_type)
{
  char *text = aws_json_object_to_text (object);

  aws_request_add_header (self, "Content-Type", content_type);
  g_bytes_unref (self->body);
  self->body = g_bytes_new_take (text, strlen (text));
}

static void
build_json (AwsRequest         *self,
            const AwsOperation *operation,
            JsonObject         *parameters)
{
  g_autofree char *target = g_strdup_printf ("%s.%s", operation->service->target, operation->name);
  g_autofree char *type = g_strdup_printf ("application/x-amz-json-%s", operation->service->version);
  g_autoptr (JsonObject) body = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, parameters);
  while (json_object_iter_next_ordered (&iter, &name, &node)) {
    if (!JSON_NODE_HOLDS_NULL (node))
      json_object_set_member (body, name, json_node_ref (node));
  }
  aws_request_add_header (self, "X-Amz-Target", target);
  /* Asks SQS for the old error codes as well, in x-amzn-query-error. */
  if (operation->service->query_mode)
    aws_request_add_header (self, "x-amzn-query-mode", "true");
  set_json_body (self, body, type);
}

/* Fills in each {Member} of the path and adds its name to @used. */
static gboolean
build_path (AwsRequest          *self,
            const AwsOperation  *operation,
            JsonObject          *parameters,
            GHashTable          *used,
            GError             **error)
{
  GString *path = g_string_new (NULL);
  const char *at = operation->path;
  const char *open;

  while ((open = strchr (at, '{')) != NULL) {
    const char *close = strchr (open, '}');
    g_autofree char *name = g_strndup (open + 1, (gsize) (close - open - 1));
    JsonNode *node = json_object_get_member (parameters, name);
    g_autofree char *text = node != NULL ? scalar_to_text (node) : NULL;
    g_autofree char *encoded = NULL;

    if (text == NULL || *text == '\0') {
      g_string_free (path, TRUE);
      g_propagate_error (error, parameter_error (operation, name, "is missing"));
      return FALSE;
    }
    encoded = aws_signer_uri_encode (text, FALSE);
    /* The path would be another one: every way of reading a path takes these for "here" and "one up". */
    if (g_str_equal (encoded, ".") || g_str_equal (encoded, "..")) {
      g_string_free (path, TRUE);
      g_propagate_error (error, parameter_error (operation, name, "must not be “.” or “..”"));
      return FALSE;
    }
    g_string_append_len (path, at, open - at);
    g_string_append (path, encoded);
    g_hash_table_add (used, g_steal_pointer (&name));
    at = close + 1;
  }
  g_string_append (path, at);
  g_free (self->path);
  self->path = g_string_free (path, FALSE);
  return TRUE;
}

static gboolean
is_header_value (const char *text)
{
  for (; *text != '\0'; text++) {
    if (g_ascii_iscntrl (*text))
      return FALSE;
  }
  return TRUE;
}

/* Puts one parameter of the REST protocol where it belongs. */
static gboolean
place_parameter (AwsRequest          *self,
                 const AwsOperation  *operation,
                 const char          *name,
                 JsonNode            *node,
                 GString             *query,
                 JsonObject          *body,
                 GError             **error)
{
  const char *other;

  if (operation->query_names != NULL && g_strv_contains ((const char *const *) operation->query_names, name)) {
    if (append_query (query, name, node))
      return TRUE;
    g_propagate_error (error, parameter_error (operation, name, "must be a text, a number or a list of them"));
    return FALSE;
  }

  other = operation->header_names != NULL ? g_hash_table_lookup (operation->header_names, name) : NULL;
  if (other != NULL) {
    g_autofree char *text = scalar_to_text (node);

    if (text != NULL && is_header_value (text)) {
      aws_request_add_header (self, other, text);
      return TRUE;
    }
    g_propagate_error (error, parameter_error (operation, name, "must be a text without line breaks"));
    return FALSE;
  }

  if (g_strcmp0 (operation->payload, name) == 0) {
    char *text = scalar_to_text (node);

    if (text == NULL)
      text = aws_json_to_text (node);
    g_bytes_unref (self->body);
    self->body = g_bytes_new_take (text, strlen (text));
    return TRUE;
  }

  other = operation->body_names != NULL ? g_hash_table_lookup (operation->body_names, name) : NULL;
  json_object_set_member (body, other != NULL ? other : name, json_node_ref (node));
  return TRUE;
}

static gboolean
build_rest (AwsRequest          *self,
            const AwsOperation  *operation,
            JsonObject          *parameters,
            GError             **error)
{
  g_autoptr (GHashTable) used = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GString) query = g_string_new (NULL);
  g_autoptr (JsonObject) body = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (!build_path (self, operation, parameters, used, error))
    return FALSE;
  if (operation->service->accept != NULL)
    aws_request_add_header (self, "Accept", operation->service->accept);

  json_object_iter_init_ordered (&iter, parameters);
  while (json_object_iter_next_ordered (&iter, &name, &node)) {
    if (JSON_NODE_HOLDS_NULL (node) || g_hash_table_contains (used, name))
      continue;
    if (!place_parameter (self, operation, name, node, query, body, error))
      return FALSE;
  }

  if (query->len > 0)
    self->query = g_strdup (query->str);
  /* Whatever may have a body has one, if an empty one, as with AWS's own clients. */
  if (operation->payload == NULL && !g_str_equal (self->method, "GET") && !g_str_equal (self->method, "DELETE"))
    set_json_body (self, body, "application/json");
  return TRUE;
}

AwsRequest *
aws_request_new (const char *method,
                 const char *path,
                 const char *query)
{
  AwsRequest *self = g_new0 (AwsRequest, 1);

  self->method = g_strdup (method);
  self->path = g_strdup (path);
  self->query = g_strdup (query);
  self->headers = g_ptr_array_new_with_free_func (g_free);
  self->body = g_bytes_new_static ("", 0);
  return self;
}

AwsRequest *
aws_request_build (const AwsOperation  *operation,
                   JsonObject          *parameters,
                   GError             **error)
{
  g_autoptr (AwsRequest) self = aws_request_new (operation->method, operation->path, NULL);
  gboolean built = TRUE;

  switch (operation->service->protocol) {
  case AWS_PROTOCOL_JSON:
    build_json (self, operation, parameters);
    break;
  case AWS_PROTOCOL_QUERY:
    built = build_query (self, operation, parameters, error);
    break;
  case AWS_PROTOCOL_REST_JSON:
    built = build_rest (self, operation, parameters, error);
    break;
  }
  return built ? g_steal_pointer (&self) : NULL;
}

void
aws_request_add_header (AwsRequest *self,
                        const char *name,
                        const char *value)
{
  g_ptr_array_add (self->headers, g_strdup (name));
  g_ptr_array_add (self->headers, g_strdup (value));
}

void
aws_request_sign (AwsRequest     *self,
                  AwsCredentials *credentials,
                  const char     *host,
                  const char     *region,
                  const char     *service,
                  gint64          time)
{
  g_autoptr (GDateTime) now = g_date_time_new_from_unix_utc (time);
  g_autofree char *date = g_date_time_format (now, "%Y%m%dT%H%M%SZ");
  const char *token = aws_credentials_get_session_token (credentials);
  g_autofree char *digest = NULL;
  g_autofree char *authorization = NULL;
  AwsSigningRequest to_sign;
  gsize size;
  const void *data = g_bytes_get_data (self->body, &size);

  if (!self->is_signed)
    self->n_unsigned = self->headers->len;
  else
    g_ptr_array_set_size (self->headers, (int) self->n_unsigned);
  self->is_signed = TRUE;

  digest = aws_signer_sha256 (data, (gssize) size);
  aws_request_add_header (self, "Host", host);
  aws_request_add_header (self, "X-Amz-Date", date);
  if (token != NULL)
    aws_request_add_header (self, "X-Amz-Security-Token", token);
  if (g_str_equal (service, "s3"))
    aws_request_add_header (self, "X-Amz-Content-Sha256", digest);

  g_ptr_array_add (self->headers, NULL);
  to_sign.method = self->method;
  to_sign.path = self->path;
  to_sign.query = self->query;
  to_sign.headers = (const char *const *) self->headers->pdata;
  to_sign.payload_sha256 = digest;
  authorization = aws_signer_authorization (&to_sign, credentials, region, service, date);
  g_ptr_array_set_size (self->headers, (int) self->headers->len - 1);
  aws_request_add_header (self, "Authorization", authorization);
}

void
aws_request_free (AwsRequest *self)
{
  g_free (self->method);
  g_free (self->path);
  g_free (self->query);
  g_ptr_array_unref (self->headers);
  g_bytes_unref (self->body);
  g_free (self);
}
