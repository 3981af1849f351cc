/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-runtime-worker-private.h"

#include <string.h>

#include "practice-json.h"

#define API_PATH "/2018-06-01/runtime/"
#define MAX_RESPONSE_BYTES 6291556

static void
set_header (GPtrArray  *headers,
            const char *name,
            const char *value)
{
  if (value != NULL) {
    g_ptr_array_add (headers, g_strdup (name));
    g_ptr_array_add (headers, g_strdup (value));
  }
}

static void
serve_next (PracticeWorker *self,
            PracticeCall   *call)
{
  if (self->next != NULL || (self->state != PRACTICE_WORKER_LOADING && self->state != PRACTICE_WORKER_ENDING)) {
    practice_call_fail (call, 403, "InvalidStateTransition", "The worker has not answered its invocation.");
    return;
  }
  self->next = g_object_ref (call);
  if (self->state == PRACTICE_WORKER_LOADING) {
    gint64 loading = g_get_monotonic_time () - self->load_started;

    self->cold += loading;
    self->init_ms = (double) loading / 1000.0;
    practice_worker_deliver (self);
  } else {
    practice_worker_set_state (self, PRACTICE_WORKER_IDLE);
  }
}

static void
note_memory (PracticeWorker *self,
             PracticeCall   *call)
{
  const char *text = practice_call_get_header (call, "Millrace-Max-Memory");

  if (text != NULL)
    g_ascii_string_to_signed (text, 10, 0, G_MAXINT32, &self->max_memory_kb, NULL);
}

static void
accept_answer (PracticeCall *call)
{
  JsonObject *answer = json_object_new ();

  json_object_set_string_member (answer, "status", "OK");
  practice_call_return_full (call, 202, answer, NULL, NULL, NULL);
}

static void
serve_answer (PracticeWorker *self,
              PracticeCall   *call,
              gboolean        failed)
{
  GBytes *body = practice_call_get_body (call);
  g_autoptr (GBytes) result = g_bytes_ref (body);
  gboolean too_large = g_bytes_get_size (body) > MAX_RESPONSE_BYTES;
  gboolean asynchronous_output = FALSE;

  note_memory (self, call);
  accept_answer (call);
  practice_worker_read_output (self, TRUE);
  asynchronous_output = !failed && practice_json_parse (g_bytes_get_data (body, NULL), (gssize) g_bytes_get_size (body), NULL) == NULL;
  /* The worker may ask for the next before this has been told on. */
  self->state = PRACTICE_WORKER_ENDING;
  self->since = g_get_monotonic_time ();
  if (too_large) {
    g_clear_pointer (&result, g_bytes_unref);
    result = practice_invocation_make_error ("Function.ResponseSizeTooLarge",
                                             "Response payload size exceeded maximum allowed payload size (6291556 bytes).");
    failed = TRUE;
  } else if (asynchronous_output) {
    g_clear_pointer (&result, g_bytes_unref);
    result = practice_invocation_make_error ("Runtime.MarshalError", "The function's answer is not JSON.");
    failed = TRUE;
  }
  practice_worker_finish (self, failed ? "error" : "ok", g_steal_pointer (&result), NULL);
  g_signal_emit_by_name (self, "changed");
}

static void
serve_init_error (PracticeWorker *self,
                  PracticeCall   *call)
{
  const char *type = practice_call_get_header (call, "Lambda-Runtime-Function-Error-Type");
  g_autofree char *report = g_strdup_printf ("Status: error\tError Type: %s", type != NULL ? type : "Runtime.Unknown");

  note_memory (self, call);
  accept_answer (call);
  practice_worker_read_output (self, TRUE);
  self->init_ms = (double) (g_get_monotonic_time () - self->load_started) / 1000.0;
  practice_runtime_log_add_line (self->log, "INIT_REPORT Init Duration: %.2f ms\tPhase: init\t%s", self->init_ms, report);
  practice_worker_finish (self, "error", g_bytes_ref (practice_call_get_body (call)), report);
  practice_worker_end (self);
}

void
practice_worker_deliver (PracticeWorker *self)
{
  g_autoptr (PracticeCall) next = g_steal_pointer (&self->next);
  g_autoptr (GPtrArray) headers = g_ptr_array_new_with_free_func (g_free);
  PracticeInvocation *invocation = self->invocation;
  g_autofree char *deadline = g_strdup_printf ("%" G_GINT64_FORMAT, g_get_real_time () / 1000 + self->timeout * 1000);
  g_autofree char *trace = NULL;

  /* What was printed while it loaded stands before START. */
  practice_worker_read_output (self, TRUE);
  practice_worker_begin (self);
  practice_worker_set_timeout (self, self->timeout * 1000);
  trace = g_strdup_printf ("Root=1-%08x-%.8s%.4s%.12s;Parent=%.8s%.8s;Sampled=0", (guint) (g_get_real_time () / G_USEC_PER_SEC),
                           invocation->id, invocation->id + 9, invocation->id + 24, invocation->id, invocation->id + 28);
  set_header (headers, "Lambda-Runtime-Aws-Request-Id", invocation->id);
  set_header (headers, "Lambda-Runtime-Deadline-Ms", deadline);
  set_header (headers, "Lambda-Runtime-Invoked-Function-Arn", self->function_arn);
  set_header (headers, "Lambda-Runtime-Trace-Id", trace);
  set_header (headers, "Lambda-Runtime-Client-Context", invocation->client_context);
  g_ptr_array_add (headers, NULL);
  practice_call_return_full (next, 200, NULL, invocation->payload, "application/json", (const char *const *) headers->pdata);
  practice_worker_set_state (self, PRACTICE_WORKER_BUSY);
}

void
practice_worker_serve (PracticeWorker *self,
                       PracticeCall   *call,
                       const char     *method,
                       const char     *path)
{
  g_autofree char *answer = NULL;
  g_autofree char *error = NULL;

  if (self->invocation != NULL && self->state == PRACTICE_WORKER_BUSY) {
    answer = g_strdup_printf (API_PATH "invocation/%s/response", self->invocation->id);
    error = g_strdup_printf (API_PATH "invocation/%s/error", self->invocation->id);
  }
  if (strcmp (method, "GET") == 0 && strcmp (path, API_PATH "invocation/next") == 0)
    serve_next (self, call);
  else if (strcmp (method, "POST") == 0 && g_strcmp0 (path, answer) == 0)
    serve_answer (self, call, FALSE);
  else if (strcmp (method, "POST") == 0 && g_strcmp0 (path, error) == 0)
    serve_answer (self, call, TRUE);
  else if (strcmp (method, "POST") == 0 && strcmp (path, API_PATH "init/error") == 0 && self->state == PRACTICE_WORKER_LOADING)
    serve_init_error (self, call);
  else
    practice_call_fail (call, 400, "InvalidRequestID", "The Runtime API has no such path, or not now.");
}
