/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-engine.h"
#include "mill-schedule.h"

static GMutex mutex;
static GCond cond;
static GString *order;
static guint waiting;

static gboolean
note (MillTask      *task,
      gpointer       data,
      GCancellable  *cancellable,
      GError       **error)
{
  g_mutex_lock (&mutex);
  g_string_append (order, data);
  g_mutex_unlock (&mutex);
  return TRUE;
}

static gboolean
fail (MillTask      *task,
      gpointer       data,
      GCancellable  *cancellable,
      GError       **error)
{
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "%s failed", (const char *) data);
  return FALSE;
}

/* Goes on only when a second one of its kind has come: they must run at the same time. */
static gboolean
meet (MillTask      *task,
      gpointer       data,
      GCancellable  *cancellable,
      GError       **error)
{
  gint64 deadline = g_get_monotonic_time () + 20 * G_USEC_PER_SEC;
  gboolean met;

  g_mutex_lock (&mutex);
  waiting++;
  g_cond_broadcast (&cond);
  while (waiting < 2 && g_cond_wait_until (&cond, &mutex, deadline))
    ;
  met = waiting >= 2;
  g_mutex_unlock (&mutex);
  if (!met)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "nobody came");
  return met;
}

static gboolean
stop_all (MillTask      *task,
          gpointer       data,
          GCancellable  *cancellable,
          GError       **error)
{
  g_cancellable_cancel (cancellable);
  return TRUE;
}

/* What needs it may begin before it ends. */
static gboolean
release_then_meet (MillTask      *task,
                   gpointer       data,
                   GCancellable  *cancellable,
                   GError       **error)
{
  mill_task_release (task);
  return meet (task, data, cancellable, error);
}

static void
test_order (void)
{
  g_autoptr(MillSchedule) schedule = mill_schedule_new ();
  g_autoptr(GError) error = NULL;

  order = g_string_new (NULL);
  mill_schedule_add (schedule, "d", note, (gpointer) "d", NULL);
  mill_schedule_add (schedule, "c", note, (gpointer) "c", NULL);
  mill_schedule_add (schedule, "b", note, (gpointer) "b", NULL);
  mill_schedule_add (schedule, "a", note, (gpointer) "a", NULL);
  mill_schedule_add_need (schedule, "b", "a");
  mill_schedule_add_need (schedule, "c", "b");
  mill_schedule_add_need (schedule, "d", "c");
  mill_schedule_add_need (schedule, "d", "c");
  mill_schedule_add_need (schedule, "a", "unknown");
  g_assert_true (mill_schedule_run (schedule, NULL, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (order->str, ==, "abcd");
  g_string_free (order, TRUE);
}

static void
test_parallel (void)
{
  g_autoptr(MillSchedule) schedule = mill_schedule_new ();
  g_autoptr(GError) error = NULL;

  waiting = 0;
  mill_schedule_add (schedule, "a", meet, NULL, NULL);
  mill_schedule_add (schedule, "b", meet, NULL, NULL);
  mill_schedule_run (schedule, NULL, &error);
  g_assert_no_error (error);
}

static void
test_release (void)
{
  g_autoptr(MillSchedule) schedule = mill_schedule_new ();
  g_autoptr(GError) error = NULL;

  waiting = 0;
  mill_schedule_add (schedule, "a", release_then_meet, NULL, NULL);
  mill_schedule_add (schedule, "b", meet, NULL, NULL);
  mill_schedule_add_need (schedule, "b", "a");
  mill_schedule_run (schedule, NULL, &error);
  g_assert_no_error (error);
}

/* An error stops what needs it, and nothing else. */
static void
test_failure (void)
{
  g_autoptr(MillSchedule) schedule = mill_schedule_new ();
  g_autoptr(GError) error = NULL;

  order = g_string_new (NULL);
  mill_schedule_add (schedule, "bad", fail, (gpointer) "bad", NULL);
  mill_schedule_add (schedule, "after", note, (gpointer) "X", NULL);
  mill_schedule_add (schedule, "one", note, (gpointer) "1", NULL);
  mill_schedule_add (schedule, "two", note, (gpointer) "2", NULL);
  mill_schedule_add_need (schedule, "after", "bad");
  mill_schedule_add_need (schedule, "two", "one");
  g_assert_false (mill_schedule_run (schedule, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_FAILED);
  g_assert_cmpstr (error->message, ==, "bad failed");
  g_assert_cmpstr (order->str, ==, "12");
  g_string_free (order, TRUE);
}

static void
test_cancel (void)
{
  g_autoptr(MillSchedule) schedule = mill_schedule_new ();
  g_autoptr(GCancellable) cancellable = g_cancellable_new ();
  g_autoptr(GError) error = NULL;

  order = g_string_new (NULL);
  mill_schedule_add (schedule, "stop", stop_all, NULL, NULL);
  mill_schedule_add (schedule, "after", note, (gpointer) "X", NULL);
  mill_schedule_add_need (schedule, "after", "stop");
  g_assert_false (mill_schedule_run (schedule, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_assert_cmpstr (order->str, ==, "");
  g_string_free (order, TRUE);
}

static void
test_circle (void)
{
  g_autoptr(MillSchedule) schedule = mill_schedule_new ();
  g_autoptr(GError) error = NULL;

  order = g_string_new (NULL);
  mill_schedule_add (schedule, "a", note, (gpointer) "a", NULL);
  mill_schedule_add (schedule, "b", note, (gpointer) "b", NULL);
  mill_schedule_add_need (schedule, "a", "b");
  mill_schedule_add_need (schedule, "b", "a");
  g_assert_false (mill_schedule_run (schedule, NULL, &error));
  g_assert_error (error, MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_NOT_READY);
  g_string_free (order, TRUE);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/deploy/schedule/order", test_order);
  g_test_add_func ("/deploy/schedule/parallel", test_parallel);
  g_test_add_func ("/deploy/schedule/release", test_release);
  g_test_add_func ("/deploy/schedule/failure", test_failure);
  g_test_add_func ("/deploy/schedule/cancel", test_cancel);
  g_test_add_func ("/deploy/schedule/circle", test_circle);
  return g_test_run ();
}
