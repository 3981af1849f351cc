/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-apigateway-execution.h"

#include <string.h>

/* Lines longer than this are cut (API Gateway Developer Guide: "log events are truncated to 1024 bytes" in execution logs). */
#define MAX_LINE 1024

void
apigw_execution_log (ApigwExecution *self,
                     gboolean        data,
                     const char     *format,
                     ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  if (self->log == NULL)
    return;
  if (!self->test && (data ? !self->method->log_data : FALSE))
    return;
  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  if (self->test) {
    g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
    g_autofree char *time = g_date_time_format (now, "%a %b %d %H:%M:%S UTC %Y");

    g_ptr_array_add (self->log, g_strdup_printf ("%s : %s\n", time, text));
    return;
  }
  if (strlen (text) > MAX_LINE) {
    char *cut = g_utf8_make_valid (text, MAX_LINE);

    g_free (text);
    text = g_strconcat (cut, " [TRUNCATED]", NULL);
    g_free (cut);
  }
  g_ptr_array_add (self->log, g_strdup_printf ("(%s) %s", self->request_id, text));
}

static void
put_integer (ApigwExecution   *self,
             PracticeVtlValue *map,
             const char       *name,
             gint64            value)
{
  practice_vtl_map_put (self->arena, map, name, practice_vtl_integer (self->arena, value));
}

/* What is known at the end only (API Gateway Developer Guide, "Variables for access logging for API Gateway"). */
static void
complete_context (ApigwExecution *self)
{
  PracticeVtlArena *arena = self->arena;
  PracticeVtlValue *context = self->context;
  PracticeVtlValue *integration = practice_vtl_map (arena, FALSE);
  JsonObject *api = practice_json_get_object (self->program->document, "api");
  JsonArray *types = practice_json_get_array (practice_json_get_object (api, "endpointConfiguration"), "types");
  const char *request_id = apigw_headers_get (self->in_headers, "x-amzn-RequestId");
  const char *said = self->in_status == 0 && self->sent != 0 ? self->error : self->function_error;

  put_integer (self, context, "responseLatency", (g_get_real_time () - self->started) / 1000);
  put_integer (self, context, "responseLength", (gint64) g_bytes_get_size (self->response_body));
  practice_vtl_map_put_text (arena, context, "isCanaryRequest", "false");
  if (types != NULL && json_array_get_length (types) > 0)
    practice_vtl_map_put_text (arena, context, "endpointType", json_array_get_string_element (types, 0));
  if (self->in_status != 0) {
    put_integer (self, context, "integrationStatus", self->in_status);
    put_integer (self, integration, "status", self->in_status);
    /* A function that is called by a proxy integration says the status itself. */
    put_integer (self, integration, "integrationStatus", self->proxied ? self->status : self->in_status);
    put_integer (self, context, "integrationLatency", self->integration_ms);
    put_integer (self, integration, "latency", self->integration_ms);
  }
  if (request_id != NULL) {
    practice_vtl_map_put_text (arena, context, "awsEndpointRequestId", request_id);
    practice_vtl_map_put_text (arena, integration, "requestId", request_id);
  }
  if (said != NULL) {
    practice_vtl_map_put_text (arena, context, "integrationErrorMessage", said);
    practice_vtl_map_put_text (arena, integration, "error", said);
  }
  practice_vtl_map_put (arena, context, "integration", integration);
}

static void
write_access_log (ApigwExecution *self)
{
  JsonObject *settings = practice_json_get_object (self->program->settings, "accessLogSettings");
  const char *format = practice_json_get_string (settings, "format");
  const char *arn = practice_json_get_string (settings, "destinationArn");
  const char *mark = arn != NULL ? strstr (arn, ":log-group:") : NULL;
  g_autofree char *group = NULL;
  g_autofree char *stream = NULL;
  g_autofree char *line = NULL;
  PracticeLogLine entry;
  g_autofree char *seed = NULL;

  if (self->test || format == NULL || mark == NULL)
    return;
  group = g_strdup (mark + strlen (":log-group:"));
  if (g_str_has_suffix (group, ":*"))
    group[strlen (group) - 2] = '\0';
  complete_context (self);
  line = apigw_execution_expand (self, format, "-");
  seed = g_strdup_printf ("%s/%s", self->program->api_id, self->program->stage);
  stream = g_compute_checksum_for_string (G_CHECKSUM_MD5, seed, -1);
  entry.time_ms = g_get_real_time () / 1000;
  entry.text = line;
  practice_logs_append (self->gateway->server, self->program->region, group, stream, &entry, 1);
}

void
apigw_execution_write_logs (ApigwExecution *self)
{
  g_autofree char *group = NULL;
  g_autofree char *stream = NULL;
  g_autofree PracticeLogLine *lines = NULL;

  write_access_log (self);
  if (self->test || self->log == NULL || (!self->method->log_info && self->status < 400 && self->error == NULL))
    return;
  group = g_strdup_printf ("API-Gateway-Execution-Logs_%s/%s", self->program->api_id, self->program->stage);
  stream = g_compute_checksum_for_string (G_CHECKSUM_MD5, self->method->resource_id, -1);
  lines = g_new0 (PracticeLogLine, self->log->len);
  for (guint i = 0; i < self->log->len; i++) {
    lines[i].time_ms = g_get_real_time () / 1000;
    lines[i].text = self->log->pdata[i];
  }
  practice_logs_append (self->gateway->server, self->program->region, group, stream, lines, self->log->len);
}
