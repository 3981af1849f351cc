/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-runtime-worker-private.h"

#include <math.h>
#include <string.h>

#include "practice-json.h"

#define MAX_EVENT_RESULT (256 * 1024)

static JsonArray *
list_failed_records (JsonNode *result)
{
  JsonArray *items = result != NULL && JSON_NODE_HOLDS_OBJECT (result)
                       ? practice_json_get_array (json_node_get_object (result), "batchItemFailures") : NULL;
  JsonArray *failed = items != NULL ? json_array_new () : NULL;

  for (guint i = 0; items != NULL && i < json_array_get_length (items); i++) {
    JsonNode *item = json_array_get_element (items, i);
    const char *id = JSON_NODE_HOLDS_OBJECT (item) ? practice_json_get_string (json_node_get_object (item), "itemIdentifier") : NULL;

    if (id != NULL)
      json_array_add_string_element (failed, id);
  }
  return failed;
}

static void
emit_ended (PracticeWorker *self,
            const char     *status,
            GBytes         *result,
            double          duration,
            double          billed)
{
  JsonObject *event = json_object_new ();
  gsize length = 0;
  const char *text = g_bytes_get_data (result, &length);
  g_autoptr (JsonNode) node = length <= MAX_EVENT_RESULT ? practice_json_parse (text, (gssize) length, NULL) : NULL;

  json_object_set_string_member (event, "invocationId", self->invocation->id);
  json_object_set_string_member (event, "functionArn", self->function_arn);
  json_object_set_string_member (event, "status", status);
  if (strcmp (status, "ok") == 0) {
    g_autofree char *shown = g_strndup (text, MIN (length, MAX_EVENT_RESULT));
    g_autofree char *valid = g_utf8_make_valid (shown, -1);

    json_object_set_string_member (event, "result", valid);
    if (g_str_equal (self->invocation->source, "mapping")) {
      JsonArray *failed = list_failed_records (node);

      if (failed != NULL)
        json_object_set_array_member (event, "failedRecords", failed);
    }
  } else if (node != NULL && JSON_NODE_HOLDS_OBJECT (node)) {
    static const char *const members[] = { "errorType", "errorMessage", "stackTrace" };

    for (guint i = 0; i < G_N_ELEMENTS (members); i++) {
      JsonNode *member = json_object_get_member (json_node_get_object (node), members[i]);

      if (member != NULL)
        json_object_set_member (event, members[i], json_node_copy (member));
    }
  }
  json_object_set_double_member (event, "durationMs", duration);
  json_object_set_double_member (event, "billedMs", billed);
  json_object_set_int_member (event, "memoryMb", (self->max_memory_kb + 1023) / 1024);
  if (self->init_ms > 0)
    json_object_set_double_member (event, "initMs", self->init_ms);
  practice_events_emit (practice_server_get_events (self->server), "function-ended", event);
}

void
practice_worker_begin (PracticeWorker *self)
{
  PracticeInvocation *invocation = self->invocation;
  JsonObject *event = json_object_new ();
  gsize length = 0;
  const char *text = g_bytes_get_data (invocation->payload, &length);
  g_autofree char *payload = g_strndup (text, MIN (length, MAX_EVENT_RESULT));
  g_autofree char *valid = g_utf8_make_valid (payload, -1);

  self->begun = TRUE;
  self->started = g_get_monotonic_time ();
  practice_runtime_log_add_line (self->log, "START RequestId: %s Version: $LATEST", invocation->id);
  practice_principal_set_invocation (self->principal, invocation->id);
  json_object_set_string_member (event, "invocationId", invocation->id);
  json_object_set_string_member (event, "functionArn", self->function_arn);
  json_object_set_string_member (event, "source", invocation->source);
  if (invocation->records != NULL)
    json_object_set_array_member (event, "records", json_array_ref (invocation->records));
  json_object_set_string_member (event, "payload", valid);
  json_object_set_boolean_member (event, "coldStart", self->init_ms > 0);
  practice_events_emit (practice_server_get_events (self->server), "function-started", event);
}

void
practice_worker_finish (PracticeWorker *self,
                        const char     *status,
                        GBytes         *result,
                        const char     *report)
{
  g_autoptr (PracticeInvocation) invocation = self->invocation;
  double duration, billed;
  g_autoptr (GString) line = g_string_new (NULL);

  g_clear_handle_id (&self->timeout_id, g_source_remove);
  if (!self->begun)
    practice_worker_begin (self);
  self->duration = g_get_monotonic_time () - self->started;
  duration = (double) self->duration / 1000.0;
  if (self->timed_out)
    duration = (double) self->timeout * 1000.0;
  billed = ceil (duration + self->init_ms);
  g_string_append_printf (line, "REPORT RequestId: %s\tDuration: %.2f ms\tBilled Duration: %.0f ms\tMemory Size: %" G_GINT64_FORMAT
                          " MB\tMax Memory Used: %" G_GINT64_FORMAT " MB\t", invocation->id, duration, billed, self->memory,
                          MIN ((self->max_memory_kb + 1023) / 1024, self->memory));
  if (self->init_ms > 0)
    g_string_append_printf (line, "Init Duration: %.2f ms\t", self->init_ms);
  if (report != NULL)
    g_string_append (line, report);
  practice_runtime_log_add_line (self->log, "END RequestId: %s", invocation->id);
  practice_runtime_log_add_line (self->log, "%s", line->str);
  practice_runtime_log_flush (self->log);
  emit_ended (self, status, result, duration, billed);
  practice_principal_set_invocation (self->principal, NULL);
  self->init_ms = 0;
  self->begun = FALSE;
  self->invocation = NULL;
  practice_invocation_finish (invocation, status, result, practice_runtime_log_get_tail (self->log));
}

void
practice_worker_fail_ended (PracticeWorker *self)
{
  PracticeInvocation *invocation = self->invocation;
  g_autofree char *message = NULL;
  g_autofree char *exit_text = NULL;

  if (!self->begun)
    practice_worker_begin (self);
  if (self->timed_out) {
    g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
    g_autofree char *when = g_date_time_format (now, "%Y-%m-%dT%H:%M:%S");

    message = g_strdup_printf ("RequestId: %s Error: Task timed out after %" G_GINT64_FORMAT ".00 seconds", invocation->id, self->timeout);
    practice_runtime_log_add_line (self->log, "%s.%03dZ %s Task timed out after %" G_GINT64_FORMAT ".00 seconds", when,
                                   g_date_time_get_microsecond (now) / 1000, invocation->id, self->timeout);
    practice_worker_finish (self, "timeout", practice_invocation_make_error ("Sandbox.Timedout", message), "Status: timeout");
    return;
  }
  if (self->out_of_memory || g_subprocess_get_if_signaled (self->process) || g_subprocess_get_exit_status (self->process) == 128 + SIGKILL)
    exit_text = g_strdup ("Runtime exited with error: signal: killed");
  else if (g_subprocess_get_exit_status (self->process) > 128)
    exit_text = g_strdup_printf ("Runtime exited with error: signal: %s", g_strsignal (g_subprocess_get_exit_status (self->process) - 128));
  else if (g_subprocess_get_exit_status (self->process) != 0)
    exit_text = g_strdup_printf ("Runtime exited with error: exit status %d", g_subprocess_get_exit_status (self->process));
  else
    exit_text = g_strdup ("Runtime exited without providing a reason");
  message = g_strdup_printf ("RequestId: %s Error: %s", invocation->id, exit_text);
  practice_runtime_log_add_line (self->log, "%s\nRuntime.ExitError", message);
  if (self->out_of_memory)
    self->max_memory_kb = self->memory * 1024;
  practice_worker_finish (self, self->out_of_memory ? "out-of-memory" : "crashed", practice_invocation_make_error ("Runtime.ExitError", message),
                          self->out_of_memory ? "Status: error\tError Type: Runtime.OutOfMemory" : "Status: error\tError Type: Runtime.ExitError");
}
