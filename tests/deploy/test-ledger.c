/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "deploy-fixture.h"
#include "mill-ledger.h"

#define THREADS 8
#define WRITES 50

static void
on_count (sqlite3_stmt *row,
          gpointer      data)
{
  *(gint64 *) data = sqlite3_column_int64 (row, 0);
}

static gint64
count_steps (MillLedger *ledger)
{
  g_autoptr(GError) error = NULL;
  gint64 n = -1;

  mill_ledger_read (ledger, on_count, &n, &error, "SELECT count(*) FROM step", "");
  g_assert_no_error (error);
  return n;
}

static void
put_step (MillLedger *ledger,
          const char *deployment,
          gint64      number)
{
  g_autofree char *step = g_strdup_printf ("step-%" G_GINT64_FORMAT, number);

  mill_ledger_queue (ledger, "INSERT OR REPLACE INTO step (deployment, step, state, time) VALUES (?, ?, ?, ?)", "sssi", deployment, step, "done", number);
}

static gpointer
write_much (gpointer data)
{
  g_autofree char *name = g_strdup_printf ("%p", (gpointer) g_thread_self ());

  for (guint i = 0; i < WRITES; i++)
    {
      g_autoptr(GError) error = NULL;

      put_step (data, name, i);
      g_assert_true (mill_ledger_commit (data, &error));
      g_assert_no_error (error);
    }
  return NULL;
}

/* What was committed is there for another reader at once, from however many threads it came. */
static void
test_threads (void)
{
  char *folder = fixture_folder_new ();
  g_autofree char *path = g_build_filename (folder, "deeper", "ledger.db", NULL);
  g_autoptr(GError) error = NULL;
  MillLedger *ledger = mill_ledger_new (path, &error);
  MillLedger *again;
  GThread *threads[THREADS];

  g_assert_no_error (error);
  for (guint i = 0; i < THREADS; i++)
    threads[i] = g_thread_new ("writer", write_much, ledger);
  for (guint i = 0; i < THREADS; i++)
    g_thread_join (threads[i]);
  again = mill_ledger_new (path, &error);
  g_assert_no_error (error);
  g_assert_cmpint (count_steps (again), ==, THREADS * WRITES);
  g_object_unref (again);
  g_object_unref (ledger);
  fixture_folder_remove (folder);
}

/* All that was committed into the one file: the log beside it is gone. */
static void
fold_log (const char *path)
{
  sqlite3 *db;

  g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (db, "PRAGMA wal_checkpoint(TRUNCATE); PRAGMA journal_mode = DELETE", NULL, NULL, NULL), ==, SQLITE_OK);
  sqlite3_close (db);
}

/* Whatever happens to the file: the start succeeds, what cannot be read is kept aside, and it is said. */
static void
test_damage (void)
{
  char *folder = fixture_folder_new ();
  g_autofree char *path = g_build_filename (folder, "ledger.db", NULL);
  g_autofree char *whole = NULL;
  MillLedger *ledger = mill_ledger_new (path, NULL);
  g_autofree char *log = g_strconcat (path, "-wal", NULL);
  guint saved = 0, set_aside = 0;
  gsize length;

  for (guint i = 0; i < 500; i++)
    put_step (ledger, "d", i);
  g_assert_true (mill_ledger_commit (ledger, NULL));
  g_object_unref (ledger);
  fold_log (path);
  g_assert_true (g_file_get_contents (path, &whole, &length, NULL));

  for (guint i = 0; i < 60; i++)
    {
      g_autofree char *damaged = g_memdup2 (whole, length);
      g_autoptr(GError) error = NULL;
      gsize size = length;

      if (i % 2 == 0)
        size = g_test_rand_int_range (1, length);
      else
        memset (damaged + g_test_rand_int_range (0, length - 64), g_test_rand_int_range (0, 255), 64);
      g_assert_true (g_file_set_contents (path, damaged, size, NULL));
      g_unlink (log);
      ledger = mill_ledger_new (path, &error);
      g_assert_no_error (error);
      if (mill_ledger_get_notice (ledger) != NULL)
        {
          g_assert_nonnull (strstr (mill_ledger_get_notice (ledger), ".damaged-"));
          saved += count_steps (ledger);
          set_aside++;
        }
      put_step (ledger, "new", i);
      g_assert_true (mill_ledger_commit (ledger, &error));
      g_assert_no_error (error);
      g_object_unref (ledger);
    }
  /* What lies before the damage, and behind it, can be read. */
  g_test_message ("%u set aside, %u of %u rows saved", set_aside, saved, set_aside * 500);
  g_assert_cmpuint (set_aside, >, 10);
  g_assert_cmpuint (saved, >, set_aside * 500 / 20);
  fixture_folder_remove (folder);
}

static void
test_damaged_is_kept (void)
{
  static const char text[] = "this is no database, but it is somebody's data";
  char *folder = fixture_folder_new ();
  g_autofree char *path = g_build_filename (folder, "ledger.db", NULL);
  g_autoptr(GDir) dir = NULL;
  MillLedger *ledger;
  const char *name;
  guint kept = 0;

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  ledger = mill_ledger_new (path, NULL);
  g_assert_nonnull (ledger);
  g_object_unref (ledger);
  dir = g_dir_open (folder, 0, NULL);
  while ((name = g_dir_read_name (dir)) != NULL)
    if (strstr (name, ".damaged-") != NULL)
      {
        g_autofree char *aside = g_build_filename (folder, name, NULL);
        g_autofree char *found = NULL;

        g_assert_true (g_file_get_contents (aside, &found, NULL, NULL));
        g_assert_cmpstr (found, ==, text);
        kept++;
      }
  g_assert_cmpuint (kept, ==, 1);
  fixture_folder_remove (folder);
}

static void
test_no_folder (void)
{
  char *folder = fixture_folder_new ();
  g_autofree char *file = g_build_filename (folder, "file", NULL);
  g_autofree char *path = g_build_filename (file, "millrace", "ledger.db", NULL);
  g_autoptr(GError) error = NULL;

  g_assert_true (g_file_set_contents (file, "", 0, NULL));
  g_assert_null (mill_ledger_new (path, &error));
  g_assert_error (error, MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_LEDGER);
  g_assert_nonnull (strstr (error->message, folder));
  fixture_folder_remove (folder);
}

static void
test_newer (void)
{
  char *folder = fixture_folder_new ();
  g_autofree char *path = g_build_filename (folder, "ledger.db", NULL);
  g_autoptr(GError) error = NULL;
  sqlite3 *db;

  g_assert_cmpint (sqlite3_open (path, &db), ==, SQLITE_OK);
  sqlite3_exec (db, "CREATE TABLE later (x); PRAGMA user_version = 999", NULL, NULL, NULL);
  sqlite3_close (db);
  g_assert_null (mill_ledger_new (path, &error));
  g_assert_error (error, MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_LEDGER);
  g_assert_nonnull (strstr (error->message, "newer"));
  fixture_folder_remove (folder);
}

/* No room: a sentence; what was committed stays, what was queued is there once there is room. */
static void
test_full (void)
{
  char *folder = fixture_folder_new ();
  g_autofree char *path = g_build_filename (folder, "ledger.db", NULL);
  MillLedger *ledger = mill_ledger_new (path, NULL);
  g_autoptr(GError) error = NULL;
  struct rlimit before, now;
  gint64 number = 0;

  put_step (ledger, "d", number++);
  g_assert_true (mill_ledger_commit (ledger, NULL));
  g_assert_cmpint (getrlimit (RLIMIT_FSIZE, &before), ==, 0);
  signal (SIGXFSZ, SIG_IGN);
  now = before;
  now.rlim_cur = 256 * 1024;
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &now), ==, 0);
  while (error == NULL && number < 100000)
    {
      for (guint i = 0; i < 200; i++)
        put_step (ledger, "d", number++);
      mill_ledger_commit (ledger, &error);
    }
  g_assert_cmpint (setrlimit (RLIMIT_FSIZE, &before), ==, 0);
  g_assert_error (error, MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_LEDGER);
  g_test_message ("%s", error->message);
  g_clear_error (&error);

  g_assert_true (mill_ledger_commit (ledger, &error));
  g_assert_no_error (error);
  g_assert_cmpint (count_steps (ledger), ==, number);
  g_object_unref (ledger);
  fixture_folder_remove (folder);
}

/* Neither file nor folder may be written: a sentence that says so, and nothing is set aside. */
static void
test_read_only (void)
{
  char *folder = fixture_folder_new ();
  g_autofree char *path = g_build_filename (folder, "ledger.db", NULL);
  g_autoptr(GError) error = NULL;
  g_autoptr(GDir) dir = NULL;
  MillLedger *ledger = mill_ledger_new (path, NULL);
  const char *name;

  if (geteuid () == 0)
    {
      g_test_skip ("root may write everywhere");
      g_object_unref (ledger);
      fixture_folder_remove (folder);
      return;
    }
  put_step (ledger, "d", 1);
  g_assert_true (mill_ledger_commit (ledger, NULL));
  g_object_unref (ledger);
  fold_log (path);
  g_assert_cmpint (g_chmod (path, 0400), ==, 0);
  g_assert_cmpint (g_chmod (folder, 0500), ==, 0);
  g_assert_null (mill_ledger_new (path, &error));
  g_assert_error (error, MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_LEDGER);
  g_assert_nonnull (strstr (error->message, "permissions"));
  g_clear_error (&error);

  g_assert_cmpint (g_chmod (folder, 0700), ==, 0);
  g_assert_cmpint (g_chmod (path, 0600), ==, 0);
  ledger = mill_ledger_new (path, &error);
  g_assert_no_error (error);
  g_assert_cmpint (count_steps (ledger), ==, 1);
  g_object_unref (ledger);
  dir = g_dir_open (folder, 0, NULL);
  while ((name = g_dir_read_name (dir)) != NULL)
    g_assert_null (strstr (name, "damaged"));
  fixture_folder_remove (folder);
}

static void
test_locked (void)
{
  char *folder = fixture_folder_new ();
  g_autofree char *path = g_build_filename (folder, "ledger.db", NULL);
  MillLedger *ledger = mill_ledger_new (path, NULL);
  g_autoptr(GError) error = NULL;
  sqlite3 *other;

  g_assert_cmpint (sqlite3_open (path, &other), ==, SQLITE_OK);
  g_assert_cmpint (sqlite3_exec (other, "BEGIN IMMEDIATE", NULL, NULL, NULL), ==, SQLITE_OK);
  put_step (ledger, "d", 1);
  g_assert_false (mill_ledger_commit (ledger, &error));
  g_assert_error (error, MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_LEDGER);
  g_assert_nonnull (strstr (error->message, "Another program"));
  g_clear_error (&error);
  sqlite3_exec (other, "ROLLBACK", NULL, NULL, NULL);
  sqlite3_close (other);
  g_assert_true (mill_ledger_commit (ledger, &error));
  g_assert_cmpint (count_steps (ledger), ==, 1);
  g_object_unref (ledger);
  fixture_folder_remove (folder);
}

static gpointer
open_it (gpointer data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(MillLedger) ledger = mill_ledger_new (data, &error);

  g_assert_no_error (error);
  put_step (ledger, "d", 1);
  g_assert_true (mill_ledger_commit (ledger, &error));
  g_assert_no_error (error);
  return NULL;
}

/* Several programs make the ledger, or close it, at the same moment: none of them is turned away. */
static void
test_first_at_once (void)
{
  for (guint i = 0; i < 10; i++)
    {
      char *folder = fixture_folder_new ();
      g_autofree char *path = g_build_filename (folder, "ledger.db", NULL);
      GThread *threads[THREADS];

      for (guint j = 0; j < THREADS; j++)
        threads[j] = g_thread_new ("open", open_it, path);
      for (guint j = 0; j < THREADS; j++)
        g_thread_join (threads[j]);
      fixture_folder_remove (folder);
    }
}

/* What was only written is there for others at once, and a commit with nothing new takes it to the disk. */
static void
test_written (void)
{
  char *folder = fixture_folder_new ();
  g_autofree char *path = g_build_filename (folder, "ledger.db", NULL);
  g_autoptr(GError) error = NULL;
  MillLedger *ledger = mill_ledger_new (path, &error);
  MillLedger *other;

  g_assert_no_error (error);
  put_step (ledger, "d", 1);
  g_assert_true (mill_ledger_write (ledger, &error));
  other = mill_ledger_new (path, &error);
  g_assert_no_error (error);
  g_assert_cmpint (count_steps (other), ==, 1);
  g_assert_true (mill_ledger_commit (ledger, &error));
  g_assert_no_error (error);
  g_object_unref (other);
  g_object_unref (ledger);
  fixture_folder_remove (folder);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/deploy/ledger/threads", test_threads);
  g_test_add_func ("/deploy/ledger/damage", test_damage);
  g_test_add_func ("/deploy/ledger/damaged-is-kept", test_damaged_is_kept);
  g_test_add_func ("/deploy/ledger/no-folder", test_no_folder);
  g_test_add_func ("/deploy/ledger/newer", test_newer);
  g_test_add_func ("/deploy/ledger/full", test_full);
  g_test_add_func ("/deploy/ledger/read-only", test_read_only);
  g_test_add_func ("/deploy/ledger/locked", test_locked);
  g_test_add_func ("/deploy/ledger/first-at-once", test_first_at_once);
  g_test_add_func ("/deploy/ledger/written", test_written);
  return g_test_run ();
}
