/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-runtime-worker-private.h"

#include "practice-lambda-archive.h"

#define INIT_SECONDS 10
#define SESSION_SECONDS (12 * 3600)

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
drop_next (PracticeWorker *self)
{
  g_autoptr (PracticeCall) next = g_steal_pointer (&self->next);

  if (next != NULL)
    practice_call_fail (next, 410, "Gone", "The worker has ended.");
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
    practice_worker_finish (self, "crashed", practice_invocation_make_error ("Runtime.ExitError", error->message), NULL);
    practice_worker_end (self);
  } else {
    self->load_started = g_get_monotonic_time ();
    practice_worker_set_timeout (self, (INIT_SECONDS + self->timeout) * 1000);
    practice_worker_send_order (self, function);
  }
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

void
practice_worker_set_state (PracticeWorker      *self,
                           PracticeWorkerState  state)
{
  if (self->state == PRACTICE_WORKER_GONE)
    return;
  self->state = state;
  self->since = g_get_monotonic_time ();
  g_signal_emit (self, signals[CHANGED], 0);
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
  if (!practice_worker_start (self, &error)) {
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
  practice_worker_set_state (self, PRACTICE_WORKER_LOADING);

  self->principal = practice_iam_open_session (practice_server_get_iam (self->server), function->role, function->name, SESSION_SECONDS, &self->credentials);
  if (self->principal == NULL) {
    self->principal = practice_principal_new (PRACTICE_PRINCIPAL_ANONYMOUS, "anonymous", practice_server_get_account (self->server));
    practice_worker_finish (self, "error", practice_invocation_make_error ("AccessDeniedException", "The role defined for the function cannot be assumed by Lambda."), NULL);
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
  practice_worker_deliver (self);
}

void
practice_worker_end (PracticeWorker *self)
{
  g_autoptr (PracticeWorker) kept = NULL;

  if (self->state == PRACTICE_WORKER_GONE)
    return;
  kept = g_object_ref (self);
  g_clear_handle_id (&self->timeout_id, g_source_remove);
  practice_worker_kill (self);
  if (self->invocation != NULL) {
    g_autofree char *message = g_strdup_printf ("RequestId: %s Error: Runtime exited with error: signal: killed", self->invocation->id);

    practice_worker_finish (self, "crashed", practice_invocation_make_error ("Runtime.ExitError", message), NULL);
  }
  drop_next (self);
  practice_worker_close (self);
  if (self->credentials != NULL)
    practice_iam_close_session (practice_server_get_iam (self->server), self->credentials);
  g_clear_pointer (&self->credentials, aws_credentials_unref);
  g_clear_pointer (&self->principal, practice_principal_unref);
  practice_runtime_log_flush (self->log);
  if (self->directory != NULL)
    practice_archive_remove (self->directory);
  practice_worker_set_state (self, PRACTICE_WORKER_GONE);
}
