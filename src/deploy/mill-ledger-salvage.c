/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-ledger-salvage.h"

#include <glib/gstdio.h>
#include <string.h>

/* What each table is ordered by, so that it can be read from its end. */
static const struct {
  const char *name;
  const char *order;   /* up to its last word, DESC */
} tables[] = {
  { "deployment", "id" },
  { "resource", "deployment DESC, logical_id" },
  { "history", "seq" },
  { "call", "seq" },
  { "step", "deployment DESC, step" },
  { "code", "deployment DESC, function DESC, folder DESC, file" },
  { "check_result", "deployment DESC, step DESC, id" },
  { "report", "seq" },
};

/* Damage may be inside a row, too: what is no text is no row of ours. */
static gboolean
is_sane (sqlite3_stmt *row)
{
  for (int i = 0; i < sqlite3_column_count (row); i++)
    if (sqlite3_column_type (row, i) == SQLITE_TEXT &&
        !g_utf8_validate ((const char *) sqlite3_column_text (row, i), sqlite3_column_bytes (row, i), NULL))
      return FALSE;
  return TRUE;
}

/* "INSERT OR IGNORE INTO table (a, b) VALUES (?, ?)", with the names of @row's columns. NULL where this version has others. */
static sqlite3_stmt *
prepare_insert (sqlite3      *to,
                const char   *table,
                sqlite3_stmt *row)
{
  g_autoptr(GString) sql = g_string_new (NULL);
  sqlite3_stmt *insert = NULL;
  int n = sqlite3_column_count (row);

  g_string_append_printf (sql, "INSERT OR IGNORE INTO %s (", table);
  for (int i = 0; i < n; i++)
    {
      g_autofree char *name = sqlite3_column_name (row, i) != NULL ? g_strdelimit (g_strdup (sqlite3_column_name (row, i)), "\"", '_') : g_strdup ("");

      g_string_append_printf (sql, "%s\"%s\"", i > 0 ? ", " : "", name);
    }
  g_string_append (sql, ") VALUES (");
  for (int i = 0; i < n; i++)
    g_string_append (sql, i > 0 ? ", ?" : "?");
  g_string_append_c (sql, ')');
  return sqlite3_prepare_v2 (to, sql->str, -1, &insert, NULL) == SQLITE_OK ? insert : NULL;
}

static void
copy_rows (sqlite3    *from,
           sqlite3    *to,
           const char *table,
           const char *sql)
{
  sqlite3_stmt *row = NULL;
  sqlite3_stmt *insert = NULL;

  if (sqlite3_prepare_v2 (from, sql, -1, &row, NULL) != SQLITE_OK)
    return;
  while (sqlite3_step (row) == SQLITE_ROW)
    {
      if (insert == NULL && (insert = prepare_insert (to, table, row)) == NULL)
        break;
      if (!is_sane (row))
        continue;
      for (int i = 0; i < sqlite3_column_count (row); i++)
        sqlite3_bind_value (insert, i + 1, sqlite3_column_value (row, i));
      sqlite3_step (insert);
      sqlite3_reset (insert);
    }
  sqlite3_finalize (insert);
  sqlite3_finalize (row);
}

static guint
count_deployments (sqlite3 *db)
{
  sqlite3_stmt *statement = NULL;
  guint n = 0;

  if (sqlite3_prepare_v2 (db, "SELECT count(*) FROM deployment", -1, &statement, NULL) == SQLITE_OK && sqlite3_step (statement) == SQLITE_ROW)
    n = sqlite3_column_int (statement, 0);
  sqlite3_finalize (statement);
  return n;
}

/* SQLite writes beside what it reads: a copy is read. */
static char *
dup_copy (const char *path)
{
  static const char *const suffixes[] = { "", "-wal" };
  char *copy = g_strconcat (path, ".reading", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
    {
      g_autofree char *from = g_strconcat (path, suffixes[i], NULL);
      g_autofree char *to = g_strconcat (copy, suffixes[i], NULL);
      g_autofree char *data = NULL;
      gsize size;

      if (g_file_get_contents (from, &data, &size, NULL))
        g_file_set_contents (to, data, size, NULL);
    }
  return copy;
}

static void
remove_copy (const char *copy)
{
  static const char *const suffixes[] = { "", "-wal", "-shm", "-journal" };

  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
    {
      g_autofree char *path = g_strconcat (copy, suffixes[i], NULL);

      g_unlink (path);
    }
}

guint
mill_ledger_salvage (sqlite3    *to,
                     const char *path)
{
  g_autofree char *copy = dup_copy (path);
  sqlite3 *from = NULL;

  if (sqlite3_open_v2 (copy, &from, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) == SQLITE_OK &&
      sqlite3_exec (to, "BEGIN IMMEDIATE", NULL, NULL, NULL) == SQLITE_OK)
    {
      for (guint i = 0; i < G_N_ELEMENTS (tables); i++)
        {
          g_autofree char *forward = g_strdup_printf ("SELECT * FROM %s", tables[i].name);
          g_autofree char *backward = g_strdup_printf ("SELECT * FROM %s ORDER BY %s DESC", tables[i].name, tables[i].order);

          copy_rows (from, to, tables[i].name, forward);
          copy_rows (from, to, tables[i].name, backward);
        }
      sqlite3_exec (to, "COMMIT", NULL, NULL, NULL);
    }
  sqlite3_close (from);
  remove_copy (copy);
  return count_deployments (to);
}
