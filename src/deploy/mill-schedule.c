/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-schedule.h"

#include "mill-engine.h"

#define MAX_THREADS 8

struct _MillTask {
  MillSchedule   *schedule;
  char           *id;
  MillTaskFunc    func;
  gpointer        data;
  GDestroyNotify  destroy;
  GPtrArray      *needs;       /* of MillTask */
  GPtrArray      *needed_by;   /* of MillTask */
  guint           missing;     /* needs that are not done yet */
  gboolean        started;
  gboolean        released;
};

struct _MillSchedule {
  GPtrArray      *tasks;
  GHashTable     *by_id;
  guint           most;        /* threads */

  GMutex          mutex;
  GCond           cond;
  GThreadPool    *pool;
  GCancellable   *cancellable;
  guint           running;
  GError         *error;       /* the first */
};

static void
task_free (gpointer data)
{
  MillTask *task = data;

  if (task->destroy != NULL)
    task->destroy (task->data);
  g_ptr_array_unref (task->needs);
  g_ptr_array_unref (task->needed_by);
  g_free (task->id);
  g_free (task);
}

/* Under the lock. */
static void
start (MillTask *task)
{
  MillSchedule *self = task->schedule;

  if (g_cancellable_is_cancelled (self->cancellable))
    return;
  task->started = TRUE;
  self->running++;
  g_thread_pool_push (self->pool, task, NULL);
}

/* Under the lock. */
static void
release (MillTask *task)
{
  if (task->released)
    return;
  task->released = TRUE;
  for (guint i = 0; i < task->needed_by->len; i++)
    {
      MillTask *next = task->needed_by->pdata[i];

      if (--next->missing == 0)
        start (next);
    }
}

static void
run_task (gpointer data,
          gpointer user_data)
{
  MillTask *task = data;
  MillSchedule *self = task->schedule;
  g_autoptr(GError) error = NULL;
  gboolean ok = task->func (task, task->data, self->cancellable, &error);

  g_mutex_lock (&self->mutex);
  if (ok)
    release (task);
  else if (self->error == NULL)
    self->error = g_steal_pointer (&error);
  self->running--;
  g_cond_signal (&self->cond);
  g_mutex_unlock (&self->mutex);
}

MillSchedule *
mill_schedule_new (void)
{
  MillSchedule *self = g_new0 (MillSchedule, 1);

  self->most = MAX_THREADS;
  self->tasks = g_ptr_array_new_with_free_func (task_free);
  self->by_id = g_hash_table_new (g_str_hash, g_str_equal);
  g_mutex_init (&self->mutex);
  g_cond_init (&self->cond);
  return self;
}

void
mill_schedule_set_most (MillSchedule *self,
                        guint         threads)
{
  self->most = threads;
}

void
mill_schedule_free (MillSchedule *self)
{
  g_hash_table_unref (self->by_id);
  g_ptr_array_unref (self->tasks);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->cond);
  g_clear_error (&self->error);
  g_free (self);
}

void
mill_schedule_add (MillSchedule   *self,
                   const char     *id,
                   MillTaskFunc    func,
                   gpointer        data,
                   GDestroyNotify  destroy)
{
  MillTask *task = g_new0 (MillTask, 1);

  task->schedule = self;
  task->id = g_strdup (id);
  task->func = func;
  task->data = data;
  task->destroy = destroy;
  task->needs = g_ptr_array_new ();
  task->needed_by = g_ptr_array_new ();
  g_ptr_array_add (self->tasks, task);
  g_hash_table_insert (self->by_id, task->id, task);
}

void
mill_schedule_add_need (MillSchedule *self,
                        const char   *id,
                        const char   *needed)
{
  MillTask *task = g_hash_table_lookup (self->by_id, id);
  MillTask *first = g_hash_table_lookup (self->by_id, needed);

  if (task == NULL || first == NULL || task == first || g_ptr_array_find (task->needs, first, NULL))
    return;
  g_ptr_array_add (task->needs, first);
  g_ptr_array_add (first->needed_by, task);
  task->missing++;
}

gboolean
mill_schedule_contains (MillSchedule *self,
                        const char   *id)
{
  return g_hash_table_contains (self->by_id, id);
}

void
mill_task_release (MillTask *task)
{
  g_mutex_lock (&task->schedule->mutex);
  release (task);
  g_mutex_unlock (&task->schedule->mutex);
}

gboolean
mill_schedule_run (MillSchedule  *self,
                   GCancellable  *cancellable,
                   GError       **error)
{
  gboolean all = TRUE;

  self->cancellable = cancellable;
  /* Not exclusive: threads that idle after one schedule serve the next, with their open connections. */
  self->pool = g_thread_pool_new (run_task, NULL, self->most, FALSE, error);
  if (self->pool == NULL)
    return FALSE;

  g_mutex_lock (&self->mutex);
  for (guint i = 0; i < self->tasks->len; i++)
    {
      MillTask *task = self->tasks->pdata[i];

      if (task->needs->len == 0)
        start (task);
    }
  while (self->running > 0)
    g_cond_wait (&self->cond, &self->mutex);
  g_mutex_unlock (&self->mutex);
  g_thread_pool_free (self->pool, FALSE, TRUE);

  for (guint i = 0; i < self->tasks->len; i++)
    all = all && ((MillTask *) self->tasks->pdata[i])->started;
  if (self->error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&self->error));
      return FALSE;
    }
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;
  if (!all)
    {
      g_set_error_literal (error, MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_NOT_READY, "The resources need each other in a circle.");
      return FALSE;
    }
  return TRUE;
}
