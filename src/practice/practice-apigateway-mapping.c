/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-apigateway-execution.h"

#include <string.h>

#include "practice-vtl-path.h"

/* These reach no template and no integration (API Gateway Developer Guide, "Important notes", dropped headers). */
gboolean
apigw_is_dropped_header (const char *name)
{
  static const char *const dropped[] = { "connection", "content-md5", "expect", "max-forwards", "proxy-authenticate", "proxy-authorization",
                                         "te", "trailer", "transfer-encoding", "upgrade" };

  for (guint i = 0; i < G_N_ELEMENTS (dropped); i++) {
    if (g_ascii_strcasecmp (name, dropped[i]) == 0)
      return TRUE;
  }
  return FALSE;
}

static void
make_params (ApigwExecution *self)
{
  PracticeVtlArena *arena = self->arena;
  PracticeVtlValue *path = practice_vtl_map (arena, FALSE);
  PracticeVtlValue *query = practice_vtl_map (arena, FALSE);
  PracticeVtlValue *header = practice_vtl_map (arena, FALSE);
  JsonObjectIter iter;
  const char *name = NULL;
  JsonNode *node = NULL;

  json_object_iter_init_ordered (&iter, self->path_params);
  while (apigw_next (&iter, &name, &node))
    practice_vtl_map_put_text (arena, path, name, json_node_get_string (node));
  json_object_iter_init_ordered (&iter, self->query_params);
  while (apigw_next (&iter, &name, &node)) {
    JsonArray *values = json_node_get_array (node);

    practice_vtl_map_put_text (arena, query, name, json_array_get_string_element (values, json_array_get_length (values) - 1));
  }
  for (guint i = 0; i < self->headers->len; i++) {
    ApigwHeader *h = self->headers->pdata[i];

    if (!apigw_is_dropped_header (h->name))
      practice_vtl_map_put_text (arena, header, h->name, h->value);
  }
  self->params = practice_vtl_map (arena, FALSE);
  practice_vtl_map_put (arena, self->params, "path", path);
  practice_vtl_map_put (arena, self->params, "querystring", query);
  practice_vtl_map_put (arena, self->params, "header", header);
}

static PracticeVtlValue *
override_map (PracticeVtlArena *arena,
              gboolean          request)
{
  PracticeVtlValue *map = practice_vtl_map (arena, FALSE);

  practice_vtl_map_put (arena, map, "header", practice_vtl_map (arena, FALSE));
  if (request) {
    practice_vtl_map_put (arena, map, "path", practice_vtl_map (arena, FALSE));
    practice_vtl_map_put (arena, map, "querystring", practice_vtl_map (arena, FALSE));
  }
  return map;
}

/* $context (API Gateway Developer Guide, "Variables for data models, authorizers, mapping templates, and CloudWatch access logging"). */
void
apigw_execution_make_context (ApigwExecution *self)
{
  static const char *const nobody[] = { "accessKey", "accountId", "caller", "cognitoAuthenticationProvider", "cognitoAuthenticationType",
                                        "cognitoIdentityId", "cognitoIdentityPoolId", "principalOrgId", "user", "userArn" };
  PracticeVtlArena *arena = self->arena;
  PracticeVtlValue *context = practice_vtl_map (arena, FALSE);
  PracticeVtlValue *identity = practice_vtl_map (arena, FALSE);
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (self->started / G_USEC_PER_SEC);
  g_autofree char *request_time = g_date_time_format (time, "%d/%b/%Y:%H:%M:%S +0000");
  g_autofree char *path = g_strdup_printf ("/%s%s", self->program->stage, self->path);
  g_autofree char *domain = g_strdup_printf ("%s.execute-api.localhost", self->program->api_id);
  JsonObject *variables = practice_json_get_object (self->program->settings, "variables");
  JsonObjectIter iter;
  const char *name = NULL;
  JsonNode *node = NULL;

  make_params (self);
  for (guint i = 0; i < G_N_ELEMENTS (nobody); i++)
    practice_vtl_map_put (arena, identity, nobody[i], NULL);
  practice_vtl_map_put_text (arena, identity, "sourceIp", "127.0.0.1");
  practice_vtl_map_put_text (arena, identity, "userAgent", apigw_headers_get (self->headers, "User-Agent"));
  practice_vtl_map_put_text (arena, identity, "apiKey", apigw_headers_get (self->headers, "x-api-key"));

  practice_vtl_map_put_text (arena, context, "accountId", practice_server_get_account (self->gateway->server));
  practice_vtl_map_put_text (arena, context, "apiId", self->program->api_id);
  practice_vtl_map_put_text (arena, context, "deploymentId", self->program->deployment_id);
  practice_vtl_map_put_text (arena, context, "domainName", domain);
  practice_vtl_map_put_text (arena, context, "domainPrefix", self->program->api_id);
  practice_vtl_map_put (arena, context, "error", practice_vtl_map (arena, FALSE));
  practice_vtl_map_put_text (arena, context, "extendedRequestId", self->extended_id);
  practice_vtl_map_put_text (arena, context, "httpMethod", self->verb);
  practice_vtl_map_put (arena, context, "identity", identity);
  practice_vtl_map_put_text (arena, context, "path", path);
  practice_vtl_map_put_text (arena, context, "protocol", "HTTP/1.1");
  practice_vtl_map_put_text (arena, context, "requestId", self->request_id);
  practice_vtl_map_put (arena, context, "requestOverride", override_map (arena, TRUE));
  practice_vtl_map_put_text (arena, context, "requestTime", request_time);
  practice_vtl_map_put (arena, context, "requestTimeEpoch", practice_vtl_integer (arena, self->started / 1000));
  practice_vtl_map_put_text (arena, context, "resourceId", self->method->resource_id);
  practice_vtl_map_put_text (arena, context, "resourcePath", self->method->resource_path);
  practice_vtl_map_put (arena, context, "responseOverride", override_map (arena, FALSE));
  practice_vtl_map_put_text (arena, context, "stage", self->program->stage);
  practice_vtl_map_put_text (arena, context, "xrayTraceId", self->trace_id);
  self->context = context;

  self->stage_variables = practice_vtl_map (arena, FALSE);
  if (variables == NULL)
    return;
  json_object_iter_init_ordered (&iter, variables);
  while (apigw_next (&iter, &name, &node)) {
    if (practice_json_is_string (node))
      practice_vtl_map_put_text (arena, self->stage_variables, name, json_node_get_string (node));
  }
}

/* "identity.sourceIp" in a map of maps. */
static char *
find_dotted (PracticeVtlValue *map,
             const char       *path)
{
  g_auto (GStrv) parts = g_strsplit (path, ".", -1);
  PracticeVtlValue *value = map;
  GString *text = NULL;

  for (guint i = 0; parts[i] != NULL; i++) {
    if (value == NULL || value->type != PRACTICE_VTL_MAP)
      return NULL;
    value = practice_vtl_map_get (value, parts[i]);
  }
  if (value == NULL)
    return NULL;
  text = g_string_new (NULL);
  practice_vtl_print (value, text);
  return g_string_free (text, FALSE);
}

static char *
find_in_body (ApigwExecution *self,
              GBytes         *body,
              const char     *path)
{
  g_autofree char *whole = NULL;
  gsize length = 0;
  const char *text = g_bytes_get_data (body, &length);
  PracticeVtlValue *root = NULL;
  PracticeVtlValue *value = NULL;
  gboolean found = FALSE;
  GString *out = NULL;

  if (*path == '\0')
    return g_utf8_make_valid (text != NULL ? text : "", (gssize) length);
  whole = g_strconcat ("$", path, NULL);
  if (text == NULL || !practice_vtl_parse_json (self->arena, text, length, &root, NULL) ||
      !practice_vtl_path_find (self->arena, root, whole, &found, &value, NULL) || !found)
    return NULL;
  out = g_string_new (NULL);
  if (value != NULL && (value->type == PRACTICE_VTL_LIST || value->type == PRACTICE_VTL_MAP))
    practice_vtl_print_json (value, out);
  else
    practice_vtl_print (value, out);
  return g_string_free (out, FALSE);
}

static const char *
after (const char *text,
       const char *prefix)
{
  return g_str_has_prefix (text, prefix) ? text + strlen (prefix) : NULL;
}

char *
apigw_execution_map (ApigwExecution *self,
                     const char     *expression)
{
  gsize length = strlen (expression);
  const char *name = NULL;

  if (length >= 2 && expression[0] == '\'' && expression[length - 1] == '\'')
    return g_strndup (expression + 1, length - 2);
  if ((name = after (expression, "method.request.header.")) != NULL || (name = after (expression, "method.request.multivalueheader.")) != NULL)
    return apigw_is_dropped_header (name) ? NULL : g_strdup (apigw_headers_get (self->headers, name));
  if ((name = after (expression, "method.request.querystring.")) != NULL)
    return find_dotted (practice_vtl_map_get (self->params, "querystring"), name);
  if ((name = after (expression, "method.request.multivaluequerystring.")) != NULL) {
    JsonArray *values = practice_json_get_array (self->query_params, name);
    GString *joined = NULL;

    if (values == NULL)
      return NULL;
    joined = g_string_new (NULL);
    for (guint i = 0; i < json_array_get_length (values); i++)
      g_string_append_printf (joined, "%s%s", i > 0 ? "," : "", json_array_get_string_element (values, i));
    return g_string_free (joined, FALSE);
  }
  if ((name = after (expression, "method.request.path.")) != NULL)
    return g_strdup (practice_json_get_string (self->path_params, name));
  if ((name = after (expression, "method.request.body")) != NULL)
    return find_in_body (self, self->body, name);
  if ((name = after (expression, "integration.response.header.")) != NULL ||
      (name = after (expression, "integration.response.multivalueheader.")) != NULL)
    return g_strdup (apigw_headers_get (self->in_headers, name));
  if ((name = after (expression, "integration.response.body")) != NULL)
    return find_in_body (self, self->in_body, name);
  if ((name = after (expression, "context.")) != NULL)
    return find_dotted (self->context, name);
  if ((name = after (expression, "stageVariables.")) != NULL)
    return find_dotted (self->stage_variables, name);
  return NULL;
}

char *
apigw_execution_render (ApigwExecution *self,
                        ApigwTemplate  *template,
                        GBytes         *body,
                        gboolean        request,
                        gsize          *length)
{
  PracticeVtlValue *variables = practice_vtl_map (self->arena, FALSE);
  g_autoptr (GError) error = NULL;
  gsize size = 0;
  const char *text = g_bytes_get_data (body, &size);
  char *result = NULL;

  if (template->error != NULL) {
    apigw_execution_fail_configuration (self, "Unable to transform %s: %s", request ? "request" : "response", template->error);
    return NULL;
  }
  practice_vtl_map_put (self->arena, variables, "input", practice_vtl_input_new (self->arena, size > 0 ? text : "", size, self->params));
  practice_vtl_map_put (self->arena, variables, "util", practice_vtl_util_new (self->arena));
  practice_vtl_map_put (self->arena, variables, "context", self->context);
  practice_vtl_map_put (self->arena, variables, "stageVariables", self->stage_variables);
  result = practice_vtl_render (template->vtl, self->arena, variables, length, &error);
  if (result != NULL)
    return result;
  if (request && g_error_matches (error, PRACTICE_VTL_ERROR, PRACTICE_VTL_ERROR_INPUT)) {
    apigw_execution_log (self, FALSE, "Execution failed: %s", error->message);
    apigw_execution_fail (self, "BAD_REQUEST_BODY", 400, "BadRequestException", error->message);
  } else {
    apigw_execution_fail_configuration (self, "Unable to transform %s: %s", request ? "request" : "response", error->message);
  }
  return NULL;
}

char *
apigw_execution_expand (ApigwExecution *self,
                        const char     *text,
                        const char     *missing)
{
  GString *out = g_string_new (NULL);

  for (const char *p = text; *p != '\0';) {
    const char *start = p;
    const char *name = NULL;
    PracticeVtlValue *map = NULL;
    gboolean braces = FALSE;

    if (*p != '$') {
      g_string_append_c (out, *p++);
      continue;
    }
    p++;
    if (*p == '{') {
      braces = TRUE;
      p++;
    }
    if ((name = after (p, "context.")) != NULL)
      map = self->context;
    else if ((name = after (p, "stageVariables.")) != NULL)
      map = self->stage_variables;
    if (map != NULL) {
      gsize length = strspn (name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.");
      g_autofree char *path = NULL;
      g_autofree char *value = NULL;

      while (length > 0 && name[length - 1] == '.')
        length--;
      path = g_strndup (name, length);
      value = find_dotted (map, path);
      p = name + length;
      if (!braces || *p == '}') {
        g_string_append (out, value != NULL && *value != '\0' ? value : missing);
        p += braces ? 1 : 0;
        continue;
      }
    }
    p = start + 1;
    g_string_append_c (out, '$');
  }
  return g_string_free (out, FALSE);
}
