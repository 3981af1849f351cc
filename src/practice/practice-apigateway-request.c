/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-apigateway-execution.h"

#include <string.h>

/* A mapping to one of these makes API Gateway refuse the request to an AWS service, since it sets them itself. */
static gboolean
is_forbidden (const char *name)
{
  static const char *const forbidden[] = { "authorization", "connection", "content-length", "expect", "host", "proxy-authenticate", "te",
                                           "transfer-encoding" };

  for (guint i = 0; i < G_N_ELEMENTS (forbidden); i++) {
    if (g_ascii_strcasecmp (name, forbidden[i]) == 0)
      return TRUE;
  }
  return FALSE;
}

static void
add_query (GString    *query,
           const char *name,
           const char *value)
{
  g_autofree char *n = practice_vtl_url_encode (name);
  g_autofree char *v = practice_vtl_url_encode (value);

  g_string_append_printf (query, "%s%s=%s", query->len > 0 ? "&" : "", n, v);
}

static void
set_place (ApigwExecution *self,
           const char     *place,
           const char     *name,
           const char     *value)
{
  if (strcmp (place, "header") == 0)
    apigw_headers_set (self->out_headers, name, value);
  else if (strcmp (place, "querystring") == 0)
    add_query (self->out_query, name, value);
  else if (strcmp (place, "path") == 0)
    json_object_set_string_member (self->out_path, name, value);
}

/* "integration.request.header.X": "'static'" … */
static gboolean
map_parameters (ApigwExecution *self)
{
  JsonObject *mappings = practice_json_get_object (self->method->integration, "requestParameters");
  gboolean aws = self->method->type == APIGW_AWS || self->method->type == APIGW_AWS_PROXY;
  JsonObjectIter iter;
  const char *target = NULL;
  JsonNode *node = NULL;

  if (mappings == NULL)
    return TRUE;
  json_object_iter_init_ordered (&iter, mappings);
  while (apigw_next (&iter, &target, &node)) {
    g_auto (GStrv) parts = g_strsplit (target, ".", 4);
    g_autofree char *value = NULL;

    if (g_strv_length (parts) != 4 || !practice_json_is_string (node))
      continue;
    value = apigw_execution_map (self, json_node_get_string (node));
    if (value == NULL)
      continue;
    if (aws && strcmp (parts[2], "header") == 0 && is_forbidden (parts[3])) {
      apigw_execution_fail_configuration (self, "The header %s may not be set by a mapping", parts[3]);
      return FALSE;
    }
    set_place (self, parts[2], parts[3], value);
  }
  return TRUE;
}

/* $context.requestOverride, which a template may have filled. */
static void
apply_overrides (ApigwExecution *self)
{
  static const char *const places[] = { "header", "querystring", "path" };
  PracticeVtlValue *overrides = practice_vtl_map_get (self->context, "requestOverride");

  for (guint i = 0; overrides != NULL && overrides->type == PRACTICE_VTL_MAP && i < G_N_ELEMENTS (places); i++) {
    PracticeVtlValue *map = practice_vtl_map_get (overrides, places[i]);

    for (guint k = 0; map != NULL && map->type == PRACTICE_VTL_MAP && k < map->map.n; k++)
      set_place (self, places[i], map->map.entries[k].key, practice_vtl_text (self->arena, map->map.entries[k].value));
  }
}

/* "application/json; charset=utf-8" is application/json. */
static char *
media_type (const char *content_type)
{
  g_autofree char *type = content_type != NULL ? g_strndup (content_type, strcspn (content_type, ";")) : NULL;

  if (type == NULL || *g_strstrip (type) == '\0')
    return g_strdup ("application/json");
  return g_steal_pointer (&type);
}

static ApigwTemplate *
find_template (ApigwExecution *self,
               const char     *type)
{
  for (guint i = 0; i < self->method->templates->len; i++) {
    ApigwTemplate *template = self->method->templates->pdata[i];

    if (g_ascii_strcasecmp (template->content_type, type) == 0)
      return template;
  }
  return NULL;
}

static gboolean
transform_body (ApigwExecution *self)
{
  g_autofree char *type = media_type (apigw_headers_get (self->headers, "Content-Type"));
  ApigwTemplate *template = find_template (self, type);
  gsize length = 0;
  char *text = NULL;

  if (template == NULL) {
    /* Integration passthrough behaviors (API Gateway Developer Guide). */
    gboolean passes = g_strcmp0 (self->method->passthrough, "NEVER") == 0 ? FALSE :
                      g_strcmp0 (self->method->passthrough, "WHEN_NO_TEMPLATES") == 0 ? self->method->templates->len == 0 : TRUE;

    if (!passes) {
      apigw_execution_fail (self, "UNSUPPORTED_MEDIA_TYPE", 415, "BadRequestException", "Unsupported Media Type");
      return FALSE;
    }
  }
  if (template == NULL || (template->vtl == NULL && template->error == NULL)) {
    g_bytes_unref (self->out_body);
    self->out_body = g_bytes_ref (self->body);
  } else {
    g_autoptr (GBytes) body = g_bytes_get_size (self->body) > 0 ? g_bytes_ref (self->body) : g_bytes_new_static ("{}", 2);

    text = apigw_execution_render (self, template, body, TRUE, &length);
    if (text == NULL)
      return FALSE;
    g_bytes_unref (self->out_body);
    self->out_body = g_bytes_new_take (text, length);
  }
  apigw_headers_set (self->out_headers, "Content-Type", type);
  return TRUE;
}

/* What an HTTP proxy hands on. */
static void
copy_request (ApigwExecution *self)
{
  for (guint i = 0; i < self->headers->len; i++) {
    ApigwHeader *header = self->headers->pdata[i];

    if (!is_forbidden (header->name) || g_ascii_strcasecmp (header->name, "authorization") == 0)
      apigw_headers_add (self->out_headers, header->name, header->value);
  }
  g_string_assign (self->out_query, self->query != NULL ? self->query : "");
  g_bytes_unref (self->out_body);
  self->out_body = g_bytes_ref (self->body);
}

/* "{name}" in the address. */
static char *
fill_path (const char *text,
           JsonObject *values,
           JsonObject *otherwise)
{
  GString *out = g_string_new (NULL);

  for (const char *p = text; *p != '\0'; p++) {
    const char *close = *p == '{' ? strchr (p, '}') : NULL;
    g_autofree char *name = NULL;
    const char *value = NULL;
    g_autofree char *escaped = NULL;

    if (close != NULL) {
      gboolean greedy = close[-1] == '+';

      name = g_strndup (p + 1, (gsize) (close - p - 1 - (greedy ? 1 : 0)));
      value = practice_json_get_string (values, name);
      if (value == NULL)
        value = practice_json_get_string (otherwise, name);
      if (value != NULL)
        escaped = g_uri_escape_string (value, greedy ? "/" : NULL, FALSE);
    }
    if (escaped != NULL) {
      g_string_append (out, escaped);
      p = close;
    } else {
      g_string_append_c (out, *p);
    }
  }
  return g_string_free (out, FALSE);
}

static void
make_endpoint (ApigwExecution *self)
{
  ApigwMethod *method = self->method;
  g_autofree char *expanded = apigw_execution_expand (self, method->uri != NULL ? method->uri : "", "");
  g_autofree char *filled = fill_path (expanded, self->out_path, method->type == APIGW_HTTP_PROXY ? self->path_params : NULL);
  const char *verb = practice_json_get_string (method->integration, "httpMethod");

  self->out_verb = g_strdup (verb == NULL || strcmp (verb, "ANY") == 0 ? self->verb : verb);
  self->endpoint = g_steal_pointer (&filled);
}

gboolean
apigw_execution_transform (ApigwExecution *self)
{
  ApigwType type = self->method->type;

  if (type == APIGW_HTTP_PROXY)
    copy_request (self);
  else if (type == APIGW_AWS_PROXY) {
    self->proxied = TRUE;
    g_bytes_unref (self->out_body);
    self->out_body = apigw_execution_make_event (self);
    apigw_headers_set (self->out_headers, "Content-Type", "application/json");
  } else if (!transform_body (self)) {
    return FALSE;
  }
  if (!map_parameters (self))
    return FALSE;
  apply_overrides (self);
  make_endpoint (self);
  return TRUE;
}
