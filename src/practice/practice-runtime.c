/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-runtime.h"

#include <string.h>

#include "practice-runtime-sandbox.h"
#include "practice-runtime-worker.h"

#define API_PREFIX "/_aws/lambda-runtime/"
#define MAX_FUNCTION_WORKERS 10
#define MAX_WORKERS 16
#define MAX_STARTING 2
#define MAX_WAITING 1000
#define MAX_FAILURES 3
#define IDLE_SECONDS 300
#define SPARE_SECONDS 900
#define TIDY_SECONDS 30

struct _PracticeRuntime {
  GObject          parent_instance;

  PracticeServer  *server;
  PracticeSandbox *sandbox;
  GPtrArray       *workers;   /* PracticeWorker, whatever their state */
  GHashTable      *waiting;   /* function ARN → GQueue of PracticeInvocation */
  guint            spares;    /* how many are wanted */
  guint            failures;  /* starts that failed, in a row */
  guint            tidy_id;
  guint            dispatch_id;
  guint            patience_id;
  gboolean         stopped;
};

G_DEFINE_FINAL_TYPE (PracticeRuntime, practice_runtime, G_TYPE_OBJECT)

static void schedule_dispatch (PracticeRuntime *self);

static void
queue_free (gpointer data)
{
  g_queue_free_full (data, (GDestroyNotify) practice_invocation_unref);
}

static guint
count (PracticeRuntime     *self,
       PracticeWorkerState  state)
{
  guint n = 0;

  for (guint i = 0; i < self->workers->len; i++)
    n += practice_worker_get_state (g_ptr_array_index (self->workers, i)) == state;
  return n;
}

static gboolean
is_of (PracticeWorker *worker,
       const char     *function_arn)
{
  return g_strcmp0 (practice_worker_get_function (worker), function_arn) == 0;
}

static void
on_changed (PracticeWorker  *worker,
            PracticeRuntime *self)
{
  if (!self->stopped)
    schedule_dispatch (self);
}

static void
fail_waiting (PracticeRuntime *self,
              const char      *reason)
{
  g_autoptr (GHashTable) waiting = g_steal_pointer (&self->waiting);
  GHashTableIter iter;
  gpointer queue = NULL;

  self->waiting = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, queue_free);
  g_hash_table_iter_init (&iter, waiting);
  while (g_hash_table_iter_next (&iter, NULL, &queue)) {
    for (GList *l = ((GQueue *) queue)->head; l != NULL; l = l->next)
      practice_invocation_finish (l->data, "crashed", practice_invocation_make_error ("Runtime.ExitError", reason), g_strdup (""));
  }
}

/* A worker that did not come up: the sandbox is not to be had here, or Python is not. */
static void
note_failure (PracticeRuntime *self,
              PracticeWorker  *worker)
{
  const char *failure = practice_worker_get_failure (worker);
  g_autofree char *reason = NULL;

  if (failure == NULL)
    return;
  if (practice_sandbox_is_closed (self->sandbox)) {
    reason = g_strdup_printf ("bubblewrap could not start (%s)", failure);
    practice_sandbox_open_up (self->sandbox, reason);
    return;
  }
  if (++self->failures < MAX_FAILURES)
    return;
  reason = g_strdup_printf ("Functions cannot run: Python could not be started (%s). Install python3 and python3-boto3.", failure);
  g_printerr ("%s\n", reason);
  self->failures = 0;
  self->spares = 0;
  fail_waiting (self, reason);
}

static void
remove_gone (PracticeRuntime *self)
{
  for (guint i = self->workers->len; i > 0; i--) {
    g_autoptr (PracticeWorker) worker = g_object_ref (g_ptr_array_index (self->workers, i - 1));

    if (practice_worker_get_state (worker) != PRACTICE_WORKER_GONE)
      continue;
    g_signal_handlers_disconnect_by_data (worker, self);
    g_ptr_array_remove_index (self->workers, i - 1);
    note_failure (self, worker);
  }
}

static gboolean
tidy (gpointer data)
{
  PracticeRuntime *self = data;
  gint64 now = g_get_monotonic_time ();

  for (guint i = 0; i < self->workers->len; i++) {
    PracticeWorker *worker = g_ptr_array_index (self->workers, i);
    gint64 seconds = (now - practice_worker_get_since (worker)) / G_USEC_PER_SEC;
    PracticeWorkerState state = practice_worker_get_state (worker);

    if (state == PRACTICE_WORKER_SPARE && seconds >= SPARE_SECONDS)
      self->spares = 0;
    if ((state == PRACTICE_WORKER_IDLE && seconds >= IDLE_SECONDS) || (state == PRACTICE_WORKER_SPARE && seconds >= SPARE_SECONDS))
      practice_worker_end (worker);
  }
  if (self->workers->len > 0)
    return G_SOURCE_CONTINUE;
  self->tidy_id = 0;
  return G_SOURCE_REMOVE;
}

static void
start_worker (PracticeRuntime *self)
{
  PracticeWorker *worker = practice_worker_new (self->server, self->sandbox);

  g_signal_connect (worker, "changed", G_CALLBACK (on_changed), self);
  g_ptr_array_add (self->workers, worker);
  if (practice_worker_get_state (worker) == PRACTICE_WORKER_GONE)
    schedule_dispatch (self);
  if (self->tidy_id == 0)
    self->tidy_id = g_timeout_add_seconds (TIDY_SECONDS, tidy, self);
}

static PracticeWorker *
find (PracticeRuntime     *self,
      PracticeWorkerState  state,
      const char          *function_arn,
      const char          *revision)
{
  PracticeWorker *found = NULL;

  /* The one used last is the warmest; the others may then end. */
  for (guint i = 0; i < self->workers->len; i++) {
    PracticeWorker *worker = g_ptr_array_index (self->workers, i);

    if (practice_worker_get_state (worker) == state && (function_arn == NULL || is_of (worker, function_arn)) &&
        (revision == NULL || g_strcmp0 (practice_worker_get_revision (worker), revision) == 0) &&
        (found == NULL || practice_worker_get_since (worker) > practice_worker_get_since (found)))
      found = worker;
  }
  return found;
}

/* Makes room among the workers by ending one that another function does not need now. */
static gboolean
make_room (PracticeRuntime *self,
           const char      *function_arn)
{
  PracticeWorker *oldest = NULL;

  for (guint i = 0; i < self->workers->len; i++) {
    PracticeWorker *worker = g_ptr_array_index (self->workers, i);

    if (practice_worker_get_state (worker) == PRACTICE_WORKER_IDLE && !is_of (worker, function_arn) &&
        (oldest == NULL || practice_worker_get_since (worker) < practice_worker_get_since (oldest)))
      oldest = worker;
  }
  if (oldest != NULL)
    practice_worker_end (oldest);
  return oldest != NULL;
}

/* How many workers the function has that work now, and how many of them will be free at once. */
static guint
count_active (PracticeRuntime *self,
              const char      *function_arn,
              guint           *ending,
              guint           *assigned)
{
  guint active = 0;

  *ending = 0;
  *assigned = 0;
  for (guint i = 0; i < self->workers->len; i++) {
    PracticeWorker *worker = g_ptr_array_index (self->workers, i);
    PracticeWorkerState state = practice_worker_get_state (worker);

    *assigned += state >= PRACTICE_WORKER_LOADING && state != PRACTICE_WORKER_GONE;
    if (!is_of (worker, function_arn))
      continue;
    active += state == PRACTICE_WORKER_LOADING || state == PRACTICE_WORKER_BUSY || state == PRACTICE_WORKER_ENDING;
    *ending += state == PRACTICE_WORKER_ENDING;
  }
  return active;
}

static gboolean
is_active (PracticeWorker *worker)
{
  PracticeWorkerState state = practice_worker_get_state (worker);

  return state == PRACTICE_WORKER_LOADING || state == PRACTICE_WORKER_BUSY || state == PRACTICE_WORKER_ENDING;
}

/* Whether each processor has a worker to run. */
static gboolean
is_full (PracticeRuntime *self)
{
  guint active = 0;

  for (guint i = 0; i < self->workers->len; i++)
    active += is_active (g_ptr_array_index (self->workers, i));
  return active >= g_get_num_processors ();
}

static gboolean
on_patience (gpointer data)
{
  PracticeRuntime *self = data;

  self->patience_id = 0;
  schedule_dispatch (self);
  return G_SOURCE_REMOVE;
}

/* Whether the function's workers will have had all that waits before a new one is up; which would also take
 * the processor from them. */
static gboolean
is_better_to_wait (PracticeRuntime *self,
                   const char      *function_arn,
                   guint            waiting)
{
  gint64 longest = 0;
  gint64 cold = 0;
  guint known = 0;

  if (!is_full (self))
    return FALSE;
  for (guint i = 0; i < self->workers->len; i++) {
    PracticeWorker *worker = g_ptr_array_index (self->workers, i);

    if (!is_of (worker, function_arn) || !is_active (worker) || practice_worker_get_duration (worker) == 0)
      continue;
    known++;
    longest = MAX (longest, practice_worker_get_duration (worker));
    cold = MAX (cold, practice_worker_get_cold (worker));
  }
  if (known == 0 || longest * waiting > cold * known)
    return FALSE;
  /* They may be slower this time, and nothing happens then. */
  if (self->patience_id == 0)
    self->patience_id = g_timeout_add ((guint) (cold / 1000 + 1), on_patience, self);
  return TRUE;
}

/* Gives what waits for the function to its workers; returns how many more workers it could use. */
static guint
dispatch_function (PracticeRuntime *self,
                   const char      *function_arn,
                   GQueue          *queue)
{
  g_autoptr (PracticeFunction) function = practice_function_load (practice_server_get_store (self->server), function_arn);
  guint bound;

  if (function == NULL) {
    while (!g_queue_is_empty (queue)) {
      g_autoptr (PracticeInvocation) invocation = g_queue_pop_head (queue);

      practice_invocation_finish (invocation, "crashed", practice_invocation_make_error ("ResourceNotFoundException", "The function was deleted."),
                                  g_strdup (""));
    }
    return 0;
  }
  if (strcmp (function->state, "Pending") == 0)
    return 0;
  bound = function->concurrency >= 0 ? (guint) MIN (function->concurrency, MAX_FUNCTION_WORKERS) : MAX_FUNCTION_WORKERS;

  while (!g_queue_is_empty (queue)) {
    guint ending = 0;
    guint assigned = 0;
    guint active = count_active (self, function_arn, &ending, &assigned);
    PracticeWorker *worker = find (self, PRACTICE_WORKER_IDLE, function_arn, function->revision);
    g_autoptr (PracticeInvocation) invocation = NULL;

    if (active >= bound)
      return 0;
    if (worker != NULL) {
      invocation = g_queue_pop_head (queue);
      practice_worker_run (worker, invocation);
      continue;
    }
    /* A worker that has just answered asks for the next in a moment. */
    if (ending >= g_queue_get_length (queue))
      return 0;
    if (is_better_to_wait (self, function_arn, g_queue_get_length (queue)))
      return 0;
    if (assigned >= MAX_WORKERS && !make_room (self, function_arn))
      return 0;
    worker = find (self, PRACTICE_WORKER_SPARE, NULL, NULL);
    if (worker == NULL)
      return MIN (g_queue_get_length (queue) - ending, bound - active);
    invocation = g_queue_pop_head (queue);
    practice_worker_assign (worker, practice_function_load (practice_server_get_store (self->server), function_arn), invocation);
  }
  return 0;
}

static gboolean
dispatch (gpointer data)
{
  PracticeRuntime *self = data;
  g_autofree gpointer *arns = NULL;
  guint needed = 0;
  guint n = 0;
  guint coming;
  guint wanted;

  self->dispatch_id = 0;
  remove_gone (self);
  arns = g_hash_table_get_keys_as_array (self->waiting, &n);
  for (guint i = 0; i < n; i++) {
    g_autofree char *arn = g_strdup (arns[i]);
    GQueue *queue = g_hash_table_lookup (self->waiting, arn);

    if (queue == NULL)
      continue;
    needed += dispatch_function (self, arn, queue);
    if (g_queue_is_empty (queue))
      g_hash_table_remove (self->waiting, arn);
  }
  if (self->sandbox == NULL || self->stopped)
    return G_SOURCE_REMOVE;
  coming = count (self, PRACTICE_WORKER_STARTING) + count (self, PRACTICE_WORKER_SPARE);
  /* Spares come up when there is time for them. */
  wanted = is_full (self) ? needed : MAX (needed, self->spares);
  while (count (self, PRACTICE_WORKER_STARTING) < MAX_STARTING && coming < wanted) {
    start_worker (self);
    coming++;
  }
  if (count (self, PRACTICE_WORKER_SPARE) > 0)
    self->failures = 0;
  return G_SOURCE_REMOVE;
}

static void
schedule_dispatch (PracticeRuntime *self)
{
  if (self->dispatch_id == 0)
    self->dispatch_id = g_idle_add_full (G_PRIORITY_DEFAULT, dispatch, self, NULL);
}

static void
serve (PracticeCall *call,
       const char   *method,
       const char   *path,
       const char   *query,
       gpointer      data)
{
  PracticeRuntime *self = data;
  gsize length = strcspn (path, "/");

  for (guint i = 0; i < self->workers->len; i++) {
    PracticeWorker *worker = g_ptr_array_index (self->workers, i);
    const char *token = practice_worker_get_token (worker);

    if (strlen (token) == length && strncmp (token, path, length) == 0) {
      practice_worker_serve (worker, call, method, path + length);
      return;
    }
  }
  practice_call_fail (call, 403, "AccessDeniedException", "This is no worker's Runtime API.");
}

static void
practice_runtime_dispose (GObject *object)
{
  practice_runtime_stop (PRACTICE_RUNTIME (object));
  G_OBJECT_CLASS (practice_runtime_parent_class)->dispose (object);
}

static void
practice_runtime_finalize (GObject *object)
{
  PracticeRuntime *self = PRACTICE_RUNTIME (object);

  g_clear_pointer (&self->workers, g_ptr_array_unref);
  g_clear_pointer (&self->waiting, g_hash_table_unref);
  g_clear_object (&self->sandbox);
  G_OBJECT_CLASS (practice_runtime_parent_class)->finalize (object);
}

static void
practice_runtime_class_init (PracticeRuntimeClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = practice_runtime_dispose;
  object_class->finalize = practice_runtime_finalize;
}

static void
practice_runtime_init (PracticeRuntime *self)
{
  self->workers = g_ptr_array_new_with_free_func (g_object_unref);
  self->waiting = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, queue_free);
}

PracticeRuntime *
practice_runtime_new (PracticeServer *server)
{
  PracticeRuntime *self = g_object_new (PRACTICE_TYPE_RUNTIME, NULL);

  self->server = server;
  practice_server_add_raw (server, API_PREFIX, serve, self);
  return self;
}

/* The sandbox's folders are made when the first function is, not with the practice cloud. */
static gboolean
open_sandbox (PracticeRuntime *self)
{
  g_autoptr (GError) error = NULL;

  if (self->sandbox == NULL)
    self->sandbox = practice_sandbox_new (&error);
  if (error != NULL)
    g_printerr ("%s\n", error->message);
  return self->sandbox != NULL;
}

void
practice_runtime_warm_up (PracticeRuntime *self)
{
  if (self->stopped || !open_sandbox (self))
    return;
  self->spares = MIN (self->spares + 1, MAX_STARTING);
  schedule_dispatch (self);
}

void
practice_runtime_invoke (PracticeRuntime    *self,
                         PracticeInvocation *invocation)
{
  GQueue *queue = g_hash_table_lookup (self->waiting, invocation->function_arn);

  if (self->stopped || !open_sandbox (self)) {
    practice_invocation_finish (invocation, "crashed", practice_invocation_make_error ("Runtime.ExitError", "No folder for running functions can be made."),
                                g_strdup (""));
    return;
  }
  self->spares = MAX (self->spares, 1);
  if (queue == NULL) {
    queue = g_queue_new ();
    g_hash_table_insert (self->waiting, g_strdup (invocation->function_arn), queue);
  }
  if (g_queue_get_length (queue) >= MAX_WAITING) {
    practice_invocation_finish (invocation, "throttled", practice_invocation_make_error ("TooManyRequestsException", "Rate Exceeded."), g_strdup (""));
    return;
  }
  g_queue_push_tail (queue, practice_invocation_ref (invocation));
  schedule_dispatch (self);
}

void
practice_runtime_update (PracticeRuntime *self,
                         const char      *function_arn)
{
  g_autoptr (PracticeFunction) function = practice_function_load (practice_server_get_store (self->server), function_arn);
  g_autoptr (GPtrArray) stale = g_ptr_array_new ();

  for (guint i = 0; i < self->workers->len; i++) {
    PracticeWorker *worker = g_ptr_array_index (self->workers, i);

    if (practice_worker_get_state (worker) == PRACTICE_WORKER_IDLE && is_of (worker, function_arn) &&
        (function == NULL || g_strcmp0 (practice_worker_get_revision (worker), function->revision) != 0))
      g_ptr_array_add (stale, worker);
  }
  for (guint i = 0; i < stale->len; i++)
    practice_worker_end (g_ptr_array_index (stale, i));
  schedule_dispatch (self);
}

void
practice_runtime_stop (PracticeRuntime *self)
{
  if (self->stopped)
    return;
  self->stopped = TRUE;
  g_clear_handle_id (&self->tidy_id, g_source_remove);
  g_clear_handle_id (&self->dispatch_id, g_source_remove);
  g_clear_handle_id (&self->patience_id, g_source_remove);
  for (guint i = 0; i < self->workers->len; i++) {
    g_signal_handlers_disconnect_by_data (g_ptr_array_index (self->workers, i), self);
    practice_worker_end (g_ptr_array_index (self->workers, i));
  }
  fail_waiting (self, "The practice cloud is ending.");
  /* Those that have not been waited for still hold the sandbox. */
  if (self->sandbox != NULL)
    practice_sandbox_remove (self->sandbox);
}
