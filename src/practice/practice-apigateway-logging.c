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
  double latency = (double) (g_get_real_time () - self->started) / 1000;

  if (self->test || format == NULL || mark == NULL)
    return;
  group = g_strdup (mark + strlen (":log-group:"));
  if (g_str_has_suffix (group, ":*"))
    group[strlen (group) - 2] = '\0';
  practice_vtl_map_put (self->arena, self->context, "responseLatency", practice_vtl_integer (self->arena, (gint64) latency));
  practice_vtl_map_put (self->arena, self->context, "responseLength",
                        practice_vtl_integer (self->arena, (gint64) g_bytes_get_size (self->response_body)));
  if (self->in_status != 0)
    practice_vtl_map_put (self->arena, self->context, "integrationStatus", practice_vtl_integer (self->arena, self->in_status));
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
