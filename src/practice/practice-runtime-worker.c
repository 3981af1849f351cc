/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-runtime-worker.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixfdmessage.h>
#include <glib-unix.h>
#include <math.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "practice-json.h"
#include "practice-lambda-archive.h"
#include "practice-runtime-log.h"

#define API_PATH "/2018-06-01/runtime/"
#define RUNTIME_API_PREFIX "_aws/lambda-runtime/"
#define OUTPUT_CHUNK 65536
/* Output is read after what matters more. */
#define OUTPUT_PRIORITY (G_PRIORITY_DEFAULT + 10)
#define INIT_SECONDS 10
#define START_SECONDS 30
#define SESSION_SECONDS (12 * 3600)
#define CPU_SECONDS 7200
#define MAX_RESPONSE_BYTES 6291556
#define MAX_EVENT_RESULT (256 * 1024)

struct _PracticeWorker {
  GObject              parent_instance;

  PracticeServer      *server;
  PracticeSandbox     *sandbox;
  PracticeWorkerState  state;
  gint64               since;
  char                *token;
  char                *directory;
  char                *failure;

  GSubprocess         *process;
  GSocket             *control;
  GSource             *control_source;
  GSocket             *listener;
  GSource             *listener_source;
  int                  output_fd;
  guint                output_id;
  guint                timeout_id;

  char                *function_arn;
  char                *revision;
  gint64               timeout;
  gint64               memory;
  PracticePrincipal   *principal;
  AwsCredentials      *credentials;
  PracticeRuntimeLog  *log;

  PracticeInvocation  *invocation;
  PracticeCall        *next;          /* asks for the next invocation */
  gint64               load_started;  /* monotonic µs */
  gint64               cold;          /* how long it took to start and to load, or 0 */
  gint64               started;
  gint64               duration;      /* µs of the last invocation, or 0 */
  double               init_ms;       /* of a cold start not reported yet, or 0 */
  gint64               max_memory_kb;
  gboolean             begun;         /* START was written */
  gboolean             timed_out;
  gboolean             out_of_memory;
};

enum {
  CHANGED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (PracticeWorker, practice_worker, G_TYPE_OBJECT)

/* What is unpacked in a thread. */
typedef struct {
  GBytes    *code;
  GPtrArray *layers;
  char      *task;
  char      *opt;
} Unpacking;

static void
unpacking_free (gpointer data)
{
  Unpacking *unpacking = data;

  g_bytes_unref (unpacking->code);
  g_ptr_array_unref (unpacking->layers);
  g_free (unpacking->task);
  g_free (unpacking->opt);
  g_free (unpacking);
}

static void
set_state (PracticeWorker      *self,
           PracticeWorkerState  state)
{
  if (self->state == PRACTICE_WORKER_GONE)
    return;
  self->state = state;
  self->since = g_get_monotonic_time ();
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
clear_source (GSource **source)
{
  if (*source != NULL) {
    g_source_destroy (*source);
    g_source_unref (*source);
    *source = NULL;
  }
}

/* Reads what is in the pipe now; FALSE at its end. */
static gboolean
read_output (PracticeWorker *self,
             gboolean        all)
{
  g_autofree char *buffer = g_malloc (OUTPUT_CHUNK);

  do {
    gssize length = read (self->output_fd, buffer, OUTPUT_CHUNK);

    if (length == 0)
      return FALSE;
    if (length < 0)
      return errno == EAGAIN || errno == EINTR;
    practice_runtime_log_append (self->log, buffer, (gsize) length);
  } while (all);
  return TRUE;
}

static gboolean
on_output (int          fd,
           GIOCondition condition,
           gpointer     data)
{
  PracticeWorker *self = data;

  if (read_output (self, FALSE))
    return G_SOURCE_CONTINUE;
  self->output_id = 0;
  return G_SOURCE_REMOVE;
}

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

/* START and the event for it: the invocation is the function's from here on. */
static void
begin (PracticeWorker *self)
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

static void
finish (PracticeWorker *self,
        const char     *status,
        GBytes         *result,
        const char     *report)
{
  g_autoptr (PracticeInvocation) invocation = self->invocation;
  double duration, billed;
  g_autoptr (GString) line = g_string_new (NULL);

  g_clear_handle_id (&self->timeout_id, g_source_remove);
  if (!self->begun)
    begin (self);
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

static void
kill_process (PracticeWorker *self)
{
  if (self->process != NULL)
    practice_sandbox_kill (self->sandbox, self->process);
}

static gboolean
on_timeout (gpointer data)
{
  PracticeWorker *self = data;

  self->timeout_id = 0;
  if (self->state == PRACTICE_WORKER_STARTING)
    self->failure = g_strdup ("a worker did not start in time");
  else
    self->timed_out = TRUE;
  kill_process (self);
  return G_SOURCE_REMOVE;
}

static void
set_timeout (PracticeWorker *self,
             gint64          milliseconds)
{
  g_clear_handle_id (&self->timeout_id, g_source_remove);
  self->timeout_id = g_timeout_add ((guint) milliseconds, on_timeout, self);
}

/* The invocation of a process that ended while it had one. */
static void
fail_ended (PracticeWorker *self)
{
  PracticeInvocation *invocation = self->invocation;
  g_autofree char *message = NULL;
  g_autofree char *exit_text = NULL;

  if (!self->begun)
    begin (self);
  if (self->timed_out) {
    g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
    g_autofree char *when = g_date_time_format (now, "%Y-%m-%dT%H:%M:%S");

    message = g_strdup_printf ("RequestId: %s Error: Task timed out after %" G_GINT64_FORMAT ".00 seconds", invocation->id, self->timeout);
    practice_runtime_log_add_line (self->log, "%s.%03dZ %s Task timed out after %" G_GINT64_FORMAT ".00 seconds", when,
                                   g_date_time_get_microsecond (now) / 1000, invocation->id, self->timeout);
    finish (self, "timeout", practice_invocation_make_error ("Sandbox.Timedout", message), "Status: timeout");
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
  finish (self, self->out_of_memory ? "out-of-memory" : "crashed", practice_invocation_make_error ("Runtime.ExitError", message),
          self->out_of_memory ? "Status: error\tError Type: Runtime.OutOfMemory" : "Status: error\tError Type: Runtime.ExitError");
}

static void
drop_next (PracticeWorker *self)
{
  g_autoptr (PracticeCall) next = g_steal_pointer (&self->next);

  if (next != NULL)
    practice_call_fail (next, 410, "Gone", "The worker has ended.");
}

static void
on_exited (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  g_autoptr (PracticeWorker) self = data;

  g_subprocess_wait_finish (G_SUBPROCESS (source), result, NULL);
  if (self->state == PRACTICE_WORKER_GONE)
    return;
  g_clear_handle_id (&self->timeout_id, g_source_remove);
  if (self->control != NULL) {
    char note[16];

    /* What it said last may not have been read yet. */
    if (g_socket_receive_with_blocking (self->control, note, sizeof note, FALSE, NULL, NULL) > 0 && note[0] == 'm')
      self->out_of_memory = TRUE;
  }
  read_output (self, TRUE);
  if (self->state == PRACTICE_WORKER_STARTING && self->failure == NULL) {
    g_autofree char *text = practice_runtime_log_steal_text (self->log);

    g_strdelimit (g_strstrip (text), "\n", ' ');
    self->failure = *text != '\0' ? g_steal_pointer (&text) : g_strdup ("a worker ended when it started");
  }
  if (self->invocation != NULL)
    fail_ended (self);
  practice_worker_end (self);
}

static gboolean
on_connection (GSocket      *socket,
               GIOCondition  condition,
               gpointer      data)
{
  PracticeWorker *self = data;
  g_autoptr (GSocket) accepted = g_socket_accept (socket, NULL, NULL);

  if (accepted != NULL) {
    g_autoptr (GSocketConnection) connection = g_socket_connection_factory_create_connection (accepted);

    /* Answers are small and written in parts: none of them may wait for an acknowledgement. */
    g_socket_set_option (accepted, IPPROTO_TCP, TCP_NODELAY, TRUE, NULL);
    practice_server_accept (self->server, connection);
  }
  return G_SOURCE_CONTINUE;
}

static void
take_listener (PracticeWorker         *self,
               GSocketControlMessage **messages,
               int                     count)
{
  for (int i = 0; i < count; i++) {
    if (G_IS_UNIX_FD_MESSAGE (messages[i]) && self->listener == NULL) {
      g_autofree int *fds = NULL;
      int n = 0;

      fds = g_unix_fd_message_steal_fds (G_UNIX_FD_MESSAGE (messages[i]), &n);
      for (int j = 0; j < n; j++) {
        if (j == 0)
          self->listener = g_socket_new_from_fd (fds[j], NULL);
        if (j > 0 || self->listener == NULL)
          close (fds[j]);
      }
    }
    g_object_unref (messages[i]);
  }
  if (self->listener != NULL) {
    g_socket_set_blocking (self->listener, FALSE);
    self->listener_source = g_socket_create_source (self->listener, G_IO_IN, NULL);
    g_source_set_callback (self->listener_source, G_SOURCE_FUNC (on_connection), self, NULL);
    g_source_attach (self->listener_source, NULL);
  }
}

static gboolean
on_control (GSocket      *socket,
            GIOCondition  condition,
            gpointer      data)
{
  PracticeWorker *self = data;
  char buffer[64];
  GInputVector vector = { buffer, sizeof buffer };
  GSocketControlMessage **messages = NULL;
  int count = 0;
  gssize length = g_socket_receive_message (socket, NULL, &vector, 1, &messages, &count, NULL, NULL, NULL);

  if (self->state == PRACTICE_WORKER_STARTING && length > 0 && buffer[0] == 'h') {
    take_listener (self, messages, count);
    g_clear_handle_id (&self->timeout_id, g_source_remove);
    self->cold = g_get_monotonic_time () - self->since;
    set_state (self, PRACTICE_WORKER_SPARE);
  } else {
    for (int i = 0; i < count; i++)
      g_object_unref (messages[i]);
    if (length > 0 && buffer[0] == 'm')
      self->out_of_memory = TRUE;
  }
  g_free (messages);
  if (length > 0)
    return G_SOURCE_CONTINUE;
  g_source_unref (self->control_source);
  self->control_source = NULL;
  return G_SOURCE_REMOVE;
}

static void
set_variable (JsonObject *environment,
              const char *name,
              const char *value)
{
  if (value != NULL)
    json_object_set_string_member (environment, name, value);
}

static JsonObject *
make_environment (PracticeWorker   *self,
                  PracticeFunction *function,
                  const char       *task)
{
  JsonObject *environment = json_object_new ();
  g_autoptr (JsonObject) variables = function->environment != NULL ? practice_json_parse_object (function->environment, -1, NULL) : NULL;
  g_autofree char *memory = g_strdup_printf ("%" G_GINT64_FORMAT, function->memory);
  g_autofree char *group = g_strconcat ("/aws/lambda/", function->name, NULL);
  g_autofree char *execution = g_strconcat ("AWS_Lambda_", function->runtime, NULL);
  g_autofree char *api = g_strdup_printf ("127.0.0.1:%u/" RUNTIME_API_PREFIX "%s", practice_server_get_port (self->server), self->token);
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  if (variables != NULL) {
    json_object_iter_init (&iter, variables);
    while (json_object_iter_next (&iter, &name, &value))
      set_variable (environment, name, json_node_get_string (value));
  }
  set_variable (environment, "_HANDLER", function->handler);
  set_variable (environment, "AWS_ACCESS_KEY_ID", aws_credentials_get_access_key_id (self->credentials));
  set_variable (environment, "AWS_SECRET_ACCESS_KEY", aws_credentials_get_secret (self->credentials));
  set_variable (environment, "AWS_SESSION_TOKEN", aws_credentials_get_session_token (self->credentials));
  set_variable (environment, "AWS_REGION", function->region);
  set_variable (environment, "AWS_DEFAULT_REGION", function->region);
  set_variable (environment, "AWS_ENDPOINT_URL", practice_server_get_url (self->server));
  set_variable (environment, "AWS_EC2_METADATA_DISABLED", "true");
  set_variable (environment, "AWS_EXECUTION_ENV", execution);
  set_variable (environment, "AWS_LAMBDA_FUNCTION_NAME", function->name);
  set_variable (environment, "AWS_LAMBDA_FUNCTION_VERSION", "$LATEST");
  set_variable (environment, "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", memory);
  set_variable (environment, "AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand");
  set_variable (environment, "AWS_LAMBDA_LOG_GROUP_NAME", group);
  set_variable (environment, "AWS_LAMBDA_LOG_STREAM_NAME", practice_runtime_log_get_stream (self->log));
  set_variable (environment, "AWS_LAMBDA_RUNTIME_API", api);
  set_variable (environment, "LAMBDA_TASK_ROOT", task);
  set_variable (environment, "LAMBDA_RUNTIME_DIR", "/var/runtime");
  set_variable (environment, "TZ", ":UTC");
  if (!json_object_has_member (environment, "LANG"))
    set_variable (environment, "LANG", "C.UTF-8");
  if (!json_object_has_member (environment, "PATH"))
    set_variable (environment, "PATH", "/usr/local/bin:/usr/bin:/bin:/opt/bin");
  if (!practice_sandbox_is_closed (self->sandbox))
    set_variable (environment, "HOME", self->directory);
  return environment;
}

static JsonArray *
make_path (PracticeWorker *self,
           const char     *task)
{
  static const char *const places[] = {
    "python", "python/lib/python3.8/site-packages", "python/lib/python3.9/site-packages", "python/lib/python3.10/site-packages",
    "python/lib/python3.11/site-packages", "python/lib/python3.12/site-packages", "python/lib/python3.13/site-packages",
    "python/lib/python3.14/site-packages",
  };
  g_autofree char *opt = practice_sandbox_get_opt (self->sandbox, self->directory);
  JsonArray *path = json_array_new ();

  json_array_add_string_element (path, task);
  for (guint i = 0; i < G_N_ELEMENTS (places); i++) {
    g_autofree char *real = g_build_filename (self->directory, "opt", places[i], NULL);
    g_autofree char *seen = g_build_filename (opt, places[i], NULL);

    if (g_file_test (real, G_FILE_TEST_IS_DIR))
      json_array_add_string_element (path, seen);
  }
  return path;
}

static void
send_order (PracticeWorker   *self,
            PracticeFunction *function)
{
  g_autoptr (JsonObject) order = json_object_new ();
  JsonObject *limits = json_object_new ();
  g_autofree char *task = practice_sandbox_get_task (self->sandbox, self->directory);
  g_autofree char *text = NULL;
  g_autofree char *line = NULL;

  json_object_set_object_member (order, "environment", make_environment (self, function, task));
  json_object_set_array_member (order, "path", make_path (self, task));
  json_object_set_string_member (order, "directory", task);
  json_object_set_string_member (order, "handler", function->handler);
  json_object_set_int_member (limits, "memory", function->memory);
  json_object_set_int_member (limits, "file", practice_sandbox_get_tmp_bytes (self->sandbox));
  json_object_set_int_member (limits, "cpu", CPU_SECONDS);
  json_object_set_int_member (limits, "processes", practice_sandbox_get_processes (self->sandbox));
  json_object_set_object_member (order, "limits", limits);
  text = practice_json_object_to_text (order);
  line = g_strconcat (text, "\n", NULL);
  /* A few KiB into an empty socket buffer: it does not block. */
  g_socket_set_blocking (self->control, TRUE);
  if (g_socket_send (self->control, line, strlen (line), NULL, NULL) < 0)
    kill_process (self);
  g_socket_set_blocking (self->control, FALSE);
}

static void
unpack (GTask        *task,
        gpointer      source,
        gpointer      task_data,
        GCancellable *cancellable)
{
  Unpacking *unpacking = task_data;
  GError *error = NULL;

  if (!practice_archive_extract (unpacking->code, unpacking->task, NULL, &error)) {
    g_task_return_error (task, error);
    return;
  }
  for (guint i = 0; i < unpacking->layers->len; i++) {
    if (!practice_archive_extract (g_ptr_array_index (unpacking->layers, i), unpacking->opt, NULL, &error)) {
      g_task_return_error (task, error);
      return;
    }
  }
  g_task_return_boolean (task, TRUE);
}

static void
on_unpacked (GObject      *source,
             GAsyncResult *result,
             gpointer      data)
{
  PracticeWorker *self = PRACTICE_WORKER (source);
  g_autoptr (PracticeFunction) function = data;
  g_autoptr (GError) error = NULL;

  g_task_propagate_boolean (G_TASK (result), &error);
  if (self->state != PRACTICE_WORKER_LOADING) {
    /* It ended meanwhile; what was unpacked since goes too. */
    practice_archive_remove (self->directory);
  } else if (error != NULL) {
    practice_runtime_log_add_line (self->log, "%s", error->message);
    finish (self, "crashed", practice_invocation_make_error ("Runtime.ExitError", error->message), NULL);
    practice_worker_end (self);
  } else {
    self->load_started = g_get_monotonic_time ();
    set_timeout (self, (INIT_SECONDS + self->timeout) * 1000);
    send_order (self, function);
  }
}

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

/* The invocation goes to the worker: it has asked for one, and there is one. */
static void
deliver (PracticeWorker *self)
{
  g_autoptr (PracticeCall) next = g_steal_pointer (&self->next);
  g_autoptr (GPtrArray) headers = g_ptr_array_new_with_free_func (g_free);
  PracticeInvocation *invocation = self->invocation;
  g_autofree char *deadline = g_strdup_printf ("%" G_GINT64_FORMAT, g_get_real_time () / 1000 + self->timeout * 1000);
  g_autofree char *trace = NULL;

  /* What was printed while it loaded stands before START. */
  read_output (self, TRUE);
  begin (self);
  set_timeout (self, self->timeout * 1000);
  trace = g_strdup_printf ("Root=1-%08x-%.8s%.4s%.12s;Parent=%.8s%.8s;Sampled=0", (guint) (g_get_real_time () / G_USEC_PER_SEC),
                           invocation->id, invocation->id + 9, invocation->id + 24, invocation->id, invocation->id + 28);
  set_header (headers, "Lambda-Runtime-Aws-Request-Id", invocation->id);
  set_header (headers, "Lambda-Runtime-Deadline-Ms", deadline);
  set_header (headers, "Lambda-Runtime-Invoked-Function-Arn", self->function_arn);
  set_header (headers, "Lambda-Runtime-Trace-Id", trace);
  set_header (headers, "Lambda-Runtime-Client-Context", invocation->client_context);
  g_ptr_array_add (headers, NULL);
  practice_call_return_full (next, 200, NULL, invocation->payload, "application/json", (const char *const *) headers->pdata);
  set_state (self, PRACTICE_WORKER_BUSY);
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
    deliver (self);
  } else {
    set_state (self, PRACTICE_WORKER_IDLE);
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
  read_output (self, TRUE);
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
  finish (self, failed ? "error" : "ok", g_steal_pointer (&result), NULL);
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
serve_init_error (PracticeWorker *self,
                  PracticeCall   *call)
{
  const char *type = practice_call_get_header (call, "Lambda-Runtime-Function-Error-Type");
  g_autofree char *report = g_strdup_printf ("Status: error\tError Type: %s", type != NULL ? type : "Runtime.Unknown");

  note_memory (self, call);
  accept_answer (call);
  read_output (self, TRUE);
  self->init_ms = (double) (g_get_monotonic_time () - self->load_started) / 1000.0;
  practice_runtime_log_add_line (self->log, "INIT_REPORT Init Duration: %.2f ms\tPhase: init\t%s", self->init_ms, report);
  finish (self, "error", g_bytes_ref (practice_call_get_body (call)), report);
  practice_worker_end (self);
}

static void
practice_worker_dispose (GObject *object)
{
  PracticeWorker *self = PRACTICE_WORKER (object);

  practice_worker_end (self);
  G_OBJECT_CLASS (practice_worker_parent_class)->dispose (object);
}

static void
practice_worker_finalize (GObject *object)
{
  PracticeWorker *self = PRACTICE_WORKER (object);

  g_clear_pointer (&self->log, practice_runtime_log_free);
  g_clear_object (&self->process);
  g_clear_object (&self->sandbox);
  g_free (self->token);
  g_free (self->directory);
  g_free (self->failure);
  g_free (self->function_arn);
  g_free (self->revision);
  G_OBJECT_CLASS (practice_worker_parent_class)->finalize (object);
}

static void
practice_worker_class_init (PracticeWorkerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = practice_worker_dispose;
  object_class->finalize = practice_worker_finalize;
  signals[CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
practice_worker_init (PracticeWorker *self)
{
  g_autofree char *first = g_uuid_string_random ();
  g_autofree char *second = g_uuid_string_random ();

  self->output_fd = -1;
  self->token = g_strconcat (first, "-", second, NULL);
  self->since = g_get_monotonic_time ();
}

static gboolean
start (PracticeWorker  *self,
       GError         **error)
{
  int control[2] = { -1, -1 };
  int output[2] = { -1, -1 };

  self->directory = practice_sandbox_make_directory (self->sandbox, error);
  if (self->directory == NULL)
    return FALSE;
  if (!g_unix_open_pipe (output, FD_CLOEXEC, error))
    return FALSE;
  self->output_fd = output[0];
  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, control) != 0) {
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno), "No socket: %s", g_strerror (errno));
    close (output[1]);
    return FALSE;
  }
  g_type_ensure (G_TYPE_UNIX_FD_MESSAGE);
  self->control = g_socket_new_from_fd (control[0], error);
  g_unix_set_fd_nonblocking (self->output_fd, TRUE, NULL);
  self->process = practice_sandbox_spawn (self->sandbox, self->directory, practice_server_get_port (self->server), control[1], output[1], error);
  if (self->process == NULL || self->control == NULL)
    return FALSE;
  g_socket_set_blocking (self->control, FALSE);
  self->control_source = g_socket_create_source (self->control, G_IO_IN, NULL);
  g_source_set_callback (self->control_source, G_SOURCE_FUNC (on_control), self, NULL);
  g_source_attach (self->control_source, NULL);
  self->output_id = g_unix_fd_add_full (OUTPUT_PRIORITY, self->output_fd, G_IO_IN | G_IO_HUP, on_output, self, NULL);
  g_subprocess_wait_async (self->process, NULL, on_exited, g_object_ref (self));
  set_timeout (self, START_SECONDS * 1000);
  return TRUE;
}

PracticeWorker *
practice_worker_new (PracticeServer  *server,
                     PracticeSandbox *sandbox)
{
  PracticeWorker *self = g_object_new (PRACTICE_TYPE_WORKER, NULL);
  g_autoptr (GError) error = NULL;

  self->server = server;
  self->sandbox = g_object_ref (sandbox);
  self->log = practice_runtime_log_new (server);
  if (!start (self, &error)) {
    self->failure = g_strdup (error->message);
    practice_worker_end (self);
  }
  return self;
}

PracticeWorkerState
practice_worker_get_state (PracticeWorker *self)
{
  return self->state;
}

const char *
practice_worker_get_token (PracticeWorker *self)
{
  return self->token;
}

const char *
practice_worker_get_function (PracticeWorker *self)
{
  return self->function_arn;
}

const char *
practice_worker_get_revision (PracticeWorker *self)
{
  return self->revision;
}

gint64
practice_worker_get_since (PracticeWorker *self)
{
  return self->since;
}

gint64
practice_worker_get_duration (PracticeWorker *self)
{
  if (self->duration == 0 || self->state != PRACTICE_WORKER_BUSY)
    return self->duration;
  return MAX (self->duration, g_get_monotonic_time () - self->started);
}

gint64
practice_worker_get_cold (PracticeWorker *self)
{
  return self->cold;
}

const char *
practice_worker_get_failure (PracticeWorker *self)
{
  return self->failure;
}

void
practice_worker_assign (PracticeWorker     *self,
                        PracticeFunction   *function,
                        PracticeInvocation *invocation)
{
  PracticeStore *store = practice_server_get_store (self->server);
  g_autoptr (GTask) task = NULL;
  Unpacking *unpacking = NULL;

  self->function_arn = g_strdup (function->arn);
  self->revision = g_strdup (function->revision);
  self->timeout = function->timeout;
  self->memory = function->memory;
  self->invocation = practice_invocation_ref (invocation);
  practice_runtime_log_set_function (self->log, function);
  practice_runtime_log_begin (self->log, invocation->id);
  set_state (self, PRACTICE_WORKER_LOADING);

  self->principal = practice_iam_open_session (practice_server_get_iam (self->server), function->role, function->name, SESSION_SECONDS, &self->credentials);
  if (self->principal == NULL) {
    self->principal = practice_principal_new (PRACTICE_PRINCIPAL_ANONYMOUS, "anonymous", practice_server_get_account (self->server));
    finish (self, "error", practice_invocation_make_error ("AccessDeniedException", "The role defined for the function cannot be assumed by Lambda."), NULL);
    practice_worker_end (self);
    return;
  }
  unpacking = g_new0 (Unpacking, 1);
  unpacking->code = practice_function_load_code (store, function->arn);
  unpacking->layers = practice_function_load_layers (function, store);
  unpacking->task = g_build_filename (self->directory, "task", NULL);
  unpacking->opt = g_build_filename (self->directory, "opt", NULL);
  task = g_task_new (self, NULL, on_unpacked, function);
  g_task_set_source_tag (task, practice_worker_assign);
  g_task_set_task_data (task, unpacking, unpacking_free);
  g_task_run_in_thread (task, unpack);
}

void
practice_worker_run (PracticeWorker     *self,
                     PracticeInvocation *invocation)
{
  self->invocation = practice_invocation_ref (invocation);
  practice_runtime_log_begin (self->log, invocation->id);
  deliver (self);
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

void
practice_worker_end (PracticeWorker *self)
{
  g_autoptr (PracticeWorker) kept = NULL;

  if (self->state == PRACTICE_WORKER_GONE)
    return;
  kept = g_object_ref (self);
  g_clear_handle_id (&self->timeout_id, g_source_remove);
  kill_process (self);
  if (self->invocation != NULL) {
    g_autofree char *message = g_strdup_printf ("RequestId: %s Error: Runtime exited with error: signal: killed", self->invocation->id);

    finish (self, "crashed", practice_invocation_make_error ("Runtime.ExitError", message), NULL);
  }
  drop_next (self);
  clear_source (&self->control_source);
  clear_source (&self->listener_source);
  g_clear_handle_id (&self->output_id, g_source_remove);
  if (self->output_fd >= 0)
    close (self->output_fd);
  self->output_fd = -1;
  g_clear_object (&self->control);
  g_clear_object (&self->listener);
  if (self->credentials != NULL)
    practice_iam_close_session (practice_server_get_iam (self->server), self->credentials);
  g_clear_pointer (&self->credentials, aws_credentials_unref);
  g_clear_pointer (&self->principal, practice_principal_unref);
  practice_runtime_log_flush (self->log);
  if (self->directory != NULL)
    practice_archive_remove (self->directory);
  set_state (self, PRACTICE_WORKER_GONE);
}
