/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-trace-store.h"

#include "mill-trace-database.h"
#include "mill-trace-private.h"

#define NOTE_MS 500
#define MOST_AT_ONCE 100      /* traces copied in one go, so that a burst does not hold up the main loop */

typedef enum { JOB_SAVE, JOB_FORGET, JOB_LOAD, JOB_TAP, JOB_FLUSH, JOB_END } JobKind;

typedef struct
{
  JobKind    kind;
  char      *deployment;
  GPtrArray *items;       /* MillTrace: copies that nobody else knows; of JOB_TAP, MillTapped */
  gint64     after;       /* of JOB_TAP */
  GTask     *task;        /* of JOB_LOAD and JOB_TAP */
} Job;

struct _MillTraceStore
{
  GObject            parent_instance;

  GHashTable        *noted;     /* MillTrace → deployment's id */
  guint              note_id;
  GThread           *thread;    /* NULL until there is something to do */
  MillTraceDatabase *database;  /* the thread's */
  GAsyncQueue       *jobs;

  GMutex             mutex;     /* of what follows */
  GCond              cond;
  guint              flushes;
  GError            *error;     /* the last one that nobody was told of */
};

G_DEFINE_FINAL_TYPE (MillTraceStore, mill_trace_store, G_TYPE_OBJECT)

static void
job_free (gpointer data)
{
  Job *job = data;

  g_free (job->deployment);
  g_clear_pointer (&job->items, g_ptr_array_unref);
  g_clear_object (&job->task);
  g_free (job);
}

/* The thread */

/* For the next who asks. */
static void
keep_error (MillTraceStore *self,
            GError         *error)
{
  if (error == NULL)
    return;
  g_mutex_lock (&self->mutex);
  g_clear_error (&self->error);
  self->error = error;
  g_mutex_unlock (&self->mutex);
}

static gpointer
work (gpointer data)
{
  MillTraceStore *self = data;
  gboolean end = FALSE;

  while (!end)
    {
      Job *job = g_async_queue_pop (self->jobs);
      GError *error = NULL;
      GPtrArray *answer;

      switch (job->kind)
        {
        case JOB_SAVE:
          mill_trace_database_save (self->database, job->deployment, job->items, &error);
          keep_error (self, error);
          break;
        case JOB_FORGET:
          mill_trace_database_forget (self->database, job->deployment, &error);
          keep_error (self, error);
          break;
        case JOB_LOAD:
        case JOB_TAP:
          answer = job->kind == JOB_LOAD ? mill_trace_database_load (self->database, job->deployment, &error)
                                         : mill_trace_database_tap (self->database, job->deployment, job->items, job->after, &error);
          if (answer != NULL)
            g_task_return_pointer (job->task, answer, (GDestroyNotify) g_ptr_array_unref);
          else
            g_task_return_error (job->task, error);
          break;
        case JOB_FLUSH:
          g_mutex_lock (&self->mutex);
          self->flushes--;
          g_cond_broadcast (&self->cond);
          g_mutex_unlock (&self->mutex);
          break;
        default:
          end = TRUE;
        }
      job_free (job);
    }
  return NULL;
}

/* The main context */

static void
push (MillTraceStore *self,
      JobKind         kind,
      const char     *deployment,
      GPtrArray      *items,
      gint64          after,
      GTask          *task)
{
  Job *job = g_new0 (Job, 1);

  job->kind = kind;
  job->deployment = g_strdup (deployment);
  job->items = items;
  job->after = after;
  job->task = task;
  if (self->thread == NULL)
    self->thread = g_thread_new ("traces", work, self);
  g_async_queue_push (self->jobs, job);
}

/* Takes copies of what was noted, @most of those that have hops, or all that have none, to the others of their deployments. */
static void
take_noted (MillTraceStore *self,
            GHashTable     *batches,
            gboolean        empty,
            guint           most)
{
  GHashTableIter iter;
  gpointer trace, deployment, traces;

  g_hash_table_iter_init (&iter, self->noted);
  while (most > 0 && g_hash_table_iter_next (&iter, &trace, &deployment))
    {
      if ((mill_trace_get_hops (trace)->len == 0) != empty)
        continue;
      traces = g_hash_table_lookup (batches, deployment);
      if (traces == NULL)
        {
          traces = g_ptr_array_new_with_free_func (g_object_unref);
          g_hash_table_insert (batches, deployment, traces);
        }
      g_ptr_array_add (traces, mill_trace_copy (trace));
      g_hash_table_iter_remove (&iter);
      most--;
    }
}

/* Hands copies of what was noted to the thread, @most of them. */
static void
hand_over (MillTraceStore *self,
           guint           most)
{
  g_autoptr (GHashTable) batches = g_hash_table_new (g_str_hash, g_str_equal);
  GHashTableIter iter;
  gpointer deployment, traces;

  /* First what has nothing left: what was split from another again may have the same id. */
  take_noted (self, batches, TRUE, G_MAXUINT);
  take_noted (self, batches, FALSE, most);
  g_hash_table_iter_init (&iter, batches);
  while (g_hash_table_iter_next (&iter, &deployment, &traces))
    push (self, JOB_SAVE, deployment, traces, 0, NULL);
}

static gboolean
on_time (gpointer data)
{
  MillTraceStore *self = data;

  /* What the thread has not come to yet would be copied, and written, again and again. */
  if (g_async_queue_length (self->jobs) <= 0)
    hand_over (self, MOST_AT_ONCE);
  self->note_id = g_hash_table_size (self->noted) > 0 ? g_timeout_add (NOTE_MS / 10, on_time, self) : 0;
  return G_SOURCE_REMOVE;
}

static void
mill_trace_store_finalize (GObject *object)
{
  MillTraceStore *self = MILL_TRACE_STORE (object);

  g_clear_handle_id (&self->note_id, g_source_remove);
  hand_over (self, G_MAXUINT);
  if (self->thread != NULL)
    {
      push (self, JOB_END, NULL, NULL, 0, NULL);
      g_thread_join (self->thread);
    }
  g_async_queue_unref (self->jobs);
  g_hash_table_unref (self->noted);
  g_clear_error (&self->error);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->cond);
  mill_trace_database_free (self->database);
  G_OBJECT_CLASS (mill_trace_store_parent_class)->finalize (object);
}

static void
mill_trace_store_class_init (MillTraceStoreClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = mill_trace_store_finalize;
}

static void
mill_trace_store_init (MillTraceStore *self)
{
  g_mutex_init (&self->mutex);
  g_cond_init (&self->cond);
  self->jobs = g_async_queue_new_full (job_free);
  self->noted = g_hash_table_new_full (NULL, NULL, g_object_unref, NULL);
}

MillTraceStore *
mill_trace_store_new (const char *path)
{
  MillTraceStore *self = g_object_new (MILL_TYPE_TRACE_STORE, NULL);

  g_autofree char *own = path == NULL ? g_build_filename (g_get_user_data_dir (), "millrace", "traces.db", NULL) : NULL;

  self->database = mill_trace_database_new (path != NULL ? path : own);
  return self;
}

void
mill_trace_store_note (MillTraceStore *self,
                       const char     *deployment_id,
                       MillTrace      *trace)
{
  g_return_if_fail (MILL_IS_TRACE_STORE (self));
  if (!g_hash_table_contains (self->noted, trace))
    g_hash_table_insert (self->noted, g_object_ref (trace), (char *) g_intern_string (deployment_id));
  if (self->note_id == 0)
    self->note_id = g_timeout_add (NOTE_MS, on_time, self);
}

gboolean
mill_trace_store_flush (MillTraceStore  *self,
                        GError         **error)
{
  gboolean ok;

  g_return_val_if_fail (MILL_IS_TRACE_STORE (self), FALSE);
  hand_over (self, G_MAXUINT);
  g_mutex_lock (&self->mutex);
  self->flushes++;
  push (self, JOB_FLUSH, NULL, NULL, 0, NULL);
  while (self->flushes > 0)
    g_cond_wait (&self->cond, &self->mutex);
  ok = self->error == NULL;
  if (!ok)
    g_propagate_error (error, g_steal_pointer (&self->error));
  g_mutex_unlock (&self->mutex);
  return ok;
}

void
mill_trace_store_forget (MillTraceStore *self,
                         const char     *deployment_id)
{
  GHashTableIter iter;
  gpointer deployment;

  g_return_if_fail (MILL_IS_TRACE_STORE (self));
  g_hash_table_iter_init (&iter, self->noted);
  while (g_hash_table_iter_next (&iter, NULL, &deployment))
    if (g_str_equal (deployment, deployment_id))
      g_hash_table_iter_remove (&iter);
  push (self, JOB_FORGET, deployment_id, NULL, 0, NULL);
}

void
mill_trace_store_load_async (MillTraceStore      *self,
                             const char          *deployment_id,
                             GCancellable        *cancellable,
                             GAsyncReadyCallback  callback,
                             gpointer             user_data)
{
  /* Without a source: the thread may be the last to let go of the task, and must not be the last to let go of the store. */
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);

  g_return_if_fail (MILL_IS_TRACE_STORE (self));
  g_task_set_source_tag (task, mill_trace_store_load_async);
  hand_over (self, G_MAXUINT);
  push (self, JOB_LOAD, deployment_id, NULL, 0, task);
}

GPtrArray *
mill_trace_store_load_finish (MillTraceStore  *self,
                              GAsyncResult    *result,
                              GError         **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}

MillTapped *
mill_tapped_new (const char *message_id,
                 const char *event)
{
  MillTapped *self = g_new0 (MillTapped, 1);

  self->message_id = g_strdup (message_id);
  self->event = g_strdup (event);
  return self;
}

void
mill_tapped_free (gpointer data)
{
  MillTapped *self = data;

  g_free (self->message_id);
  g_free (self->event);
  g_free (self);
}

void
mill_trace_store_tap_async (MillTraceStore      *self,
                            const char          *deployment_id,
                            GPtrArray           *messages,
                            gint64               after,
                            GCancellable        *cancellable,
                            GAsyncReadyCallback  callback,
                            gpointer             user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);

  g_return_if_fail (MILL_IS_TRACE_STORE (self));
  g_task_set_source_tag (task, mill_trace_store_tap_async);
  push (self, JOB_TAP, deployment_id, messages, after, task);
}

GPtrArray *
mill_trace_store_tap_finish (MillTraceStore  *self,
                             GAsyncResult    *result,
                             GError         **error)
{
  g_return_val_if_fail (g_task_is_valid (result, NULL), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}
