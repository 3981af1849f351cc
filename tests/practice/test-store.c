/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <gio/gio.h>

#include "practice-store.h"

static PracticeStore *
new_store (void)
{
  g_autoptr (GError) error = NULL;
  PracticeStore *store = practice_store_new (NULL, &error);

  g_assert_no_error (error);
  practice_store_exec (store, "CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY, text TEXT, bytes BLOB, number REAL)");
  return store;
}

static gint64
count (PracticeStore *store)
{
  sqlite3_stmt *statement = practice_store_prepare (store, "SELECT count(*) FROM t", NULL);
  gint64 n = -1;

  g_assert_cmpint (sqlite3_step (statement), ==, SQLITE_ROW);
  n = sqlite3_column_int64 (statement, 0);
  sqlite3_reset (statement);
  return n;
}

static int
insert (PracticeStore *store,
        const char    *text)
{
  return practice_store_run (store, "INSERT INTO t (text) VALUES (?)", "s", text);
}

static void
test_values (void)
{
  g_autoptr (PracticeStore) store = new_store ();
  g_autoptr (GBytes) bytes = g_bytes_new_static ("a\0b", 3);
  g_autoptr (GBytes) empty = g_bytes_new_static ("", 0);
  sqlite3_stmt *statement = NULL;

  g_assert_cmpint (practice_store_run (store, "INSERT INTO t VALUES (?, ?, ?, ?)", "isbd", G_MAXINT64, "ü", bytes, 0.5), ==, 1);
  g_assert_cmpint (practice_store_run (store, "INSERT INTO t VALUES (?, ?, ?, ?)", "isbn", (gint64) 1, NULL, empty), ==, 1);
  g_assert_cmpint (practice_store_run (store, "INSERT INTO t VALUES (?, ?, ?, ?)", "isbn", (gint64) 2, "", NULL), ==, 1);
  statement = practice_store_prepare (store, "SELECT id, text, bytes, number FROM t ORDER BY id DESC", NULL);
  g_assert_cmpint (sqlite3_step (statement), ==, SQLITE_ROW);
  g_assert_cmpint (sqlite3_column_int64 (statement, 0), ==, G_MAXINT64);
  g_assert_cmpstr ((const char *) sqlite3_column_text (statement, 1), ==, "ü");
  g_assert_cmpmem (sqlite3_column_blob (statement, 2), sqlite3_column_bytes (statement, 2), "a\0b", 3);
  g_assert_cmpfloat (sqlite3_column_double (statement, 3), ==, 0.5);
  g_assert_cmpint (sqlite3_step (statement), ==, SQLITE_ROW);
  g_assert_cmpint (sqlite3_column_type (statement, 1), ==, SQLITE_TEXT);
  g_assert_cmpint (sqlite3_column_type (statement, 2), ==, SQLITE_NULL);
  g_assert_cmpint (sqlite3_step (statement), ==, SQLITE_ROW);
  g_assert_cmpint (sqlite3_column_type (statement, 1), ==, SQLITE_NULL);
  g_assert_cmpint (sqlite3_column_type (statement, 2), ==, SQLITE_BLOB);
  g_assert_cmpint (sqlite3_column_type (statement, 3), ==, SQLITE_NULL);
  sqlite3_reset (statement);
  g_assert_cmpint (practice_store_run (store, "DELETE FROM t", NULL), ==, 3);
}

static void
test_nesting (void)
{
  g_autoptr (PracticeStore) store = new_store ();
  g_autoptr (GError) error = NULL;

  practice_store_begin (store);
  insert (store, "outer");
  practice_store_begin (store);
  insert (store, "inner, undone");
  practice_store_begin (store);
  insert (store, "innermost");
  g_assert_true (practice_store_commit (store, &error));
  practice_store_rollback (store);
  g_assert_cmpint (count (store), ==, 1);
  practice_store_begin (store);
  insert (store, "inner, kept");
  g_assert_true (practice_store_commit (store, &error));
  g_assert_true (practice_store_commit (store, &error));
  g_assert_no_error (error);
  g_assert_cmpint (count (store), ==, 2);

  practice_store_begin (store);
  practice_store_begin (store);
  insert (store, "undone from outside");
  g_assert_true (practice_store_commit (store, &error));
  practice_store_rollback (store);
  g_assert_cmpint (count (store), ==, 2);
}

/* A database that may not grow stands for a disk that is full. */
static void
test_full (void)
{
  g_autoptr (PracticeStore) store = new_store ();
  g_autoptr (GError) error = NULL;
  g_autofree char *large = g_strnfill (100000, 'x');

  insert (store, "before");
  practice_store_exec (store, "PRAGMA max_page_count = 10");
  practice_store_begin (store);
  insert (store, "small");
  practice_store_begin (store);
  insert (store, large);
  g_assert_false (practice_store_commit (store, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
  g_clear_error (&error);
  /* The whole of it is undone, not the inner part alone. */
  g_assert_false (practice_store_commit (store, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE);
  g_assert_cmpint (count (store), ==, 1);
  g_clear_error (&error);

  practice_store_begin (store);
  insert (store, "after");
  g_assert_true (practice_store_commit (store, &error));
  g_assert_no_error (error);
  g_assert_cmpint (count (store), ==, 2);
}

static void
test_statements_are_kept (void)
{
  g_autoptr (PracticeStore) store = new_store ();
  static const char sql[] = "SELECT id FROM t";

  g_assert_true (practice_store_prepare (store, sql, NULL) == practice_store_prepare (store, sql, NULL));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/practice/store/values", test_values);
  g_test_add_func ("/practice/store/nesting", test_nesting);
  g_test_add_func ("/practice/store/full", test_full);
  g_test_add_func ("/practice/store/statements", test_statements_are_kept);
  return g_test_run ();
}
