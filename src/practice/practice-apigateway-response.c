/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-apigateway-execution.h"

#include <string.h>

void
apigw_execution_add_header (ApigwExecution *self,
                            const char     *name,
                            const char     *value)
{
  /* API Gateway Developer Guide, "Important notes": what it sends itself, callers find under another name. */
  static const char *const remapped[] = { "authorization", "content-length", "content-md5", "date", "expect", "host", "max-forwards",
                                          "proxy-authenticate", "server", "trailer", "upgrade", "user-agent", "www-authenticate" };
  static const char *const dropped[] = { "connection", "transfer-encoding", "via" };

  for (guint i = 0; i < G_N_ELEMENTS (dropped); i++) {
    if (g_ascii_strcasecmp (name, dropped[i]) == 0)
      return;
  }
  /* libsoup sends no header whose name HTTP does not allow. */
  for (const char *p = name; *p != '\0'; p++) {
    if (!g_ascii_isalnum (*p) && strchr ("!#$%&'*+-.^_`|~", *p) == NULL)
      return;
  }
  for (guint i = 0; i < G_N_ELEMENTS (remapped); i++) {
    if (g_ascii_strcasecmp (name, remapped[i]) == 0) {
      g_autofree char *other = g_strconcat ("x-amzn-Remapped-", name, NULL);

      apigw_headers_add (self->response_headers, other, value);
      return;
    }
  }
  apigw_headers_add (self->response_headers, name, value);
}

static gboolean
is_function (ApigwExecution *self)
{
  return self->method->type == APIGW_AWS && self->endpoint != NULL && strstr (self->endpoint, ":lambda:path/") != NULL;
}

/* The mapping whose pattern matches the status, or of a function the error's message; else the one without a pattern. */
static ApigwMapping *
select_mapping (ApigwExecution *self)
{
  g_autofree char *status = g_strdup_printf ("%u", self->in_status);
  const char *text = is_function (self) ? self->function_error : status;
  ApigwMapping *otherwise = NULL;

  for (guint i = 0; i < self->method->mappings->len; i++) {
    ApigwMapping *mapping = self->method->mappings->pdata[i];

    if (mapping->pattern == NULL)
      otherwise = otherwise != NULL ? otherwise : mapping;
    else if (text != NULL && g_regex_match (mapping->pattern, text, 0, NULL))
      return mapping;
  }
  return otherwise;
}

/* The template that the caller accepts, else JSON's, else the first. */
static ApigwTemplate *
select_template (ApigwExecution *self,
                 ApigwMapping   *mapping)
{
  const char *accept = apigw_headers_get (self->headers, "Accept");
  ApigwTemplate *json = NULL;

  for (guint i = 0; i < mapping->templates->len; i++) {
    ApigwTemplate *template = mapping->templates->pdata[i];

    if (accept != NULL && g_ascii_strcasecmp (accept, template->content_type) == 0)
      return template;
    if (g_ascii_strcasecmp (template->content_type, "application/json") == 0)
      json = template;
  }
  return json != NULL ? json : mapping->templates->len > 0 ? mapping->templates->pdata[0] : NULL;
}

static void
map_headers (ApigwExecution *self,
             ApigwMapping   *mapping)
{
  JsonObjectIter iter;
  const char *target = NULL;
  JsonNode *node = NULL;

  if (mapping->parameters == NULL)
    return;
  json_object_iter_init_ordered (&iter, mapping->parameters);
  while (apigw_next (&iter, &target, &node)) {
    g_autofree char *value = practice_json_is_string (node) ? apigw_execution_map (self, json_node_get_string (node)) : NULL;

    if (value != NULL && g_str_has_prefix (target, "method.response.header."))
      apigw_execution_add_header (self, target + strlen ("method.response.header."), value);
  }
}

/* $context.responseOverride, which a template may have filled. */
static void
apply_overrides (ApigwExecution *self)
{
  PracticeVtlValue *overrides = practice_vtl_map_get (self->context, "responseOverride");
  PracticeVtlValue *status = NULL;
  PracticeVtlValue *headers = NULL;

  if (overrides == NULL || overrides->type != PRACTICE_VTL_MAP)
    return;
  status = practice_vtl_map_get (overrides, "status");
  headers = practice_vtl_map_get (overrides, "header");
  if (status != NULL) {
    guint64 code = 0;

    if (g_ascii_string_to_unsigned (practice_vtl_text (self->arena, status), 10, 100, 599, &code, NULL))
      self->status = (guint) code;
  }
  for (guint i = 0; headers != NULL && headers->type == PRACTICE_VTL_MAP && i < headers->map.n; i++) {
    const char *name = headers->map.entries[i].key;

    for (guint k = self->response_headers->len; k > 0; k--) {
      ApigwHeader *header = self->response_headers->pdata[k - 1];

      if (g_ascii_strcasecmp (header->name, name) == 0)
        g_ptr_array_remove_index (self->response_headers, k - 1);
    }
    apigw_execution_add_header (self, name, practice_vtl_text (self->arena, headers->map.entries[i].value));
  }
}

static void
respond_as_it_is (ApigwExecution *self)
{
  self->status = self->in_status;
  for (guint i = 0; i < self->in_headers->len; i++) {
    ApigwHeader *header = self->in_headers->pdata[i];

    if (g_ascii_strcasecmp (header->name, "content-length") != 0 && g_ascii_strcasecmp (header->name, "content-encoding") != 0)
      apigw_execution_add_header (self, header->name, header->value);
  }
  g_bytes_unref (self->response_body);
  self->response_body = g_bytes_ref (self->in_body);
  apigw_headers_add (self->response_headers, "X-Amzn-Trace-Id", self->trace_id);
  apigw_execution_finish (self);
}

void
apigw_execution_respond (ApigwExecution *self)
{
  ApigwMapping *mapping = NULL;
  ApigwTemplate *template = NULL;
  const char *content_type = "application/json";

  if (self->method->type == APIGW_HTTP_PROXY) {
    respond_as_it_is (self);
    return;
  }
  mapping = select_mapping (self);
  if (mapping == NULL) {
    apigw_execution_fail_configuration (self, "No match for output mapping and no default output mapping configured. Endpoint Response Status Code: %u",
                                        self->in_status);
    return;
  }
  self->status = (guint) g_ascii_strtoull (mapping->status, NULL, 10);
  template = select_template (self, mapping);
  if (template != NULL && (template->vtl != NULL || template->error != NULL)) {
    gsize length = 0;
    char *text = apigw_execution_render (self, template, self->in_body, FALSE, &length);

    if (text == NULL)
      return;
    g_bytes_unref (self->response_body);
    self->response_body = g_bytes_new_take (text, length);
    content_type = template->content_type;
  } else {
    const char *given = apigw_headers_get (self->in_headers, "Content-Type");

    g_bytes_unref (self->response_body);
    self->response_body = g_bytes_ref (self->in_body);
    if (given != NULL)
      content_type = given;
  }
  map_headers (self, mapping);
  apply_overrides (self);
  if (apigw_headers_get (self->response_headers, "Content-Type") == NULL)
    apigw_headers_add (self->response_headers, "Content-Type", content_type);
  apigw_headers_add (self->response_headers, "X-Amzn-Trace-Id", self->trace_id);
  apigw_execution_finish (self);
}
