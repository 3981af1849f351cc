/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-ledger-file.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>

#include "mill-engine.h"
#include "mill-ledger-salvage.h"

#define BUSY_TIMEOUT_MS 5000
#define BUSY_STEP_MS 10
/* Pages; the write-ahead log is read when the ledger is opened. */
#define CHECKPOINT "PRAGMA wal_autocheckpoint = 500"

/* Every change of the schema appends one; the database's user_version says how many it has had. */
static const char *const migrations[] = {
  "CREATE TABLE deployment ("
  "  id TEXT PRIMARY KEY, tutorial TEXT NOT NULL, target TEXT NOT NULL, region TEXT NOT NULL, account TEXT NOT NULL,"
  "  state TEXT NOT NULL, created INTEGER NOT NULL, parameters TEXT NOT NULL, owner TEXT NOT NULL DEFAULT '') WITHOUT ROWID;"
  "CREATE TABLE resource ("
  "  deployment TEXT NOT NULL, logical_id TEXT NOT NULL, type TEXT NOT NULL, state TEXT NOT NULL, name TEXT NOT NULL,"
  "  physical_id TEXT NOT NULL, arn TEXT NOT NULL, token TEXT NOT NULL, region TEXT NOT NULL, account TEXT NOT NULL,"
  "  wait_reason TEXT NOT NULL, error_code TEXT NOT NULL, error TEXT NOT NULL, advice TEXT NOT NULL, request_id TEXT NOT NULL,"
  "  properties TEXT NOT NULL, attributes TEXT NOT NULL, notes TEXT NOT NULL,"
  "  intended_at INTEGER NOT NULL, made_at INTEGER NOT NULL, verified_at INTEGER NOT NULL, deleted_at INTEGER NOT NULL,"
  "  PRIMARY KEY (deployment, logical_id)) WITHOUT ROWID;"
  "CREATE TABLE history ("
  "  seq INTEGER PRIMARY KEY, deployment TEXT NOT NULL, logical_id TEXT NOT NULL, time INTEGER NOT NULL, state TEXT NOT NULL,"
  "  physical_id TEXT NOT NULL, detail TEXT NOT NULL, request_id TEXT NOT NULL);"
  "CREATE INDEX history_by_deployment ON history (deployment, seq);"
  "CREATE TABLE step ("
  "  deployment TEXT NOT NULL, step TEXT NOT NULL, state TEXT NOT NULL, time INTEGER NOT NULL,"
  "  PRIMARY KEY (deployment, step)) WITHOUT ROWID;"
  "CREATE TABLE code ("
  "  deployment TEXT NOT NULL, function TEXT NOT NULL, folder TEXT NOT NULL, file TEXT NOT NULL, content BLOB NOT NULL,"
  "  PRIMARY KEY (deployment, function, folder, file)) WITHOUT ROWID;"
  "CREATE TABLE check_result ("
  "  deployment TEXT NOT NULL, step TEXT NOT NULL, id TEXT NOT NULL, ok INTEGER NOT NULL, text TEXT NOT NULL, time INTEGER NOT NULL,"
  "  PRIMARY KEY (deployment, step, id)) WITHOUT ROWID;"
  "CREATE TABLE report ("
  "  seq INTEGER PRIMARY KEY, deployment TEXT NOT NULL, time INTEGER NOT NULL, left INTEGER NOT NULL, report TEXT NOT NULL);",

  "CREATE TABLE call ("
  "  seq INTEGER PRIMARY KEY, deployment TEXT NOT NULL, logical_id TEXT NOT NULL, operation TEXT NOT NULL, parameters TEXT NOT NULL,"
  "  status INTEGER NOT NULL, error_code TEXT NOT NULL, request_id TEXT NOT NULL, started INTEGER NOT NULL, duration INTEGER NOT NULL);"
  "CREATE INDEX call_by_resource ON call (deployment, logical_id, seq);",
};

static int
run (sqlite3    *db,
     const char *sql)
{
  return sqlite3_exec (db, sql, NULL, NULL, NULL);
}

/* One number that a statement answers, -1 where it fails. */
static gint64
ask_number (sqlite3    *db,
            const char *sql,
            int        *code)
{
  sqlite3_stmt *statement;
  gint64 number = -1;

  *code = sqlite3_prepare_v2 (db, sql, -1, &statement, NULL);
  if (*code != SQLITE_OK)
    return -1;
  *code = sqlite3_step (statement);
  if (*code == SQLITE_ROW)
    {
      number = sqlite3_column_int64 (statement, 0);
      *code = SQLITE_OK;
    }
  sqlite3_finalize (statement);
  return number;
}

static int
check_health (sqlite3 *db)
{
  sqlite3_stmt *statement;
  int code = sqlite3_prepare_v2 (db, "PRAGMA quick_check(1)", -1, &statement, NULL);

  if (code != SQLITE_OK)
    return code;
  code = sqlite3_step (statement);
  if (code == SQLITE_ROW)
    code = g_strcmp0 ((const char *) sqlite3_column_text (statement, 0), "ok") == 0 ? SQLITE_OK : SQLITE_CORRUPT;
  sqlite3_finalize (statement);
  return code;
}

static gboolean
is_damage (int code)
{
  return (code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB;
}

/* Brings the schema up to date, all or nothing; another process may be doing the same. */
static int
migrate (sqlite3 *db)
{
  gint64 version;
  int code;

  version = ask_number (db, "PRAGMA user_version", &code);
  if (code != SQLITE_OK || version == G_N_ELEMENTS (migrations))
    return code;
  if (version > (gint64) G_N_ELEMENTS (migrations))
    return SQLITE_SCHEMA;

  code = run (db, "BEGIN IMMEDIATE");
  if (code != SQLITE_OK)
    return code;
  version = ask_number (db, "PRAGMA user_version", &code);
  for (; code == SQLITE_OK && version < (gint64) G_N_ELEMENTS (migrations); version++)
    code = run (db, migrations[version]);
  if (code == SQLITE_OK)
    code = mill_ledger_file_touch (db);
  if (code == SQLITE_OK)
    return run (db, "COMMIT");
  run (db, "ROLLBACK");
  return code;
}

/* SQLite does not wait for others here, who may just be doing the same. */
static int
use_log (sqlite3 *db)
{
  int code = run (db, "PRAGMA journal_mode = WAL");

  for (guint waited = 0; (code & 0xff) == SQLITE_BUSY && waited < BUSY_TIMEOUT_MS; waited += BUSY_STEP_MS)
    {
      g_usleep (BUSY_STEP_MS * 1000);
      code = run (db, "PRAGMA journal_mode = WAL");
    }
  return code;
}

static int
open_database (const char  *path,
               sqlite3    **db)
{
  int code = sqlite3_open_v2 (path, db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);

  if (code != SQLITE_OK)
    return code;
  sqlite3_busy_timeout (*db, BUSY_TIMEOUT_MS);
  /* The next one to open it reads the log: closing costs no flush. */
  sqlite3_db_config (*db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
  code = use_log (*db);
  if (code == SQLITE_OK)
    code = run (*db, CHECKPOINT);
  if (code == SQLITE_OK)
    code = run (*db, "PRAGMA synchronous = FULL");
  if (code == SQLITE_OK)
    code = check_health (*db);
  if (code == SQLITE_OK && sqlite3_db_readonly (*db, "main") == 1)
    code = SQLITE_READONLY;
  if (code == SQLITE_OK)
    code = migrate (*db);
  return code;
}

/* Renames the damaged database and what belongs to it; nothing is overwritten. (transfer full): what it is called now; NULL with an error */
static char *
set_aside (const char  *path,
           GError     **error)
{
  static const char *const suffixes[] = { "", "-wal", "-shm" };
  g_autoptr(GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *when = g_date_time_format (now, "%Y%m%dT%H%M%S");
  g_autofree char *aside = NULL;

  for (guint n = 0; aside == NULL || g_file_test (aside, G_FILE_TEST_EXISTS); n++)
    {
      g_free (aside);
      aside = n == 0 ? g_strdup_printf ("%s.damaged-%s", path, when)
                     : g_strdup_printf ("%s.damaged-%s-%u", path, when, n);
    }
  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
    {
      g_autofree char *from = g_strconcat (path, suffixes[i], NULL);
      g_autofree char *to = g_strconcat (aside, suffixes[i], NULL);

      if (g_rename (from, to) != 0 && errno != ENOENT)
        {
          g_set_error (error, MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_LEDGER,
                       _("The ledger %s is damaged and cannot be set aside (%s). Move it away and start again."),
                       path, g_strerror (errno));
          return NULL;
        }
    }
  return g_steal_pointer (&aside);
}

/* What can be read of the one that was set aside goes into the new one. (transfer full): what its user should know. */
static char *
recover (sqlite3    *db,
         const char *aside)
{
  guint n = mill_ledger_salvage (db, aside);

  if (n == 0)
    return g_strdup_printf (_("The ledger was damaged. It was set aside as %s and a new one was begun: what it knew of is not listed any more, but may "
                              "still be there in the cloud. Look for what no ledger knows of, and it can be taken down."), aside);
  return g_strdup_printf (g_dngettext (GETTEXT_PACKAGE,
                                       "The ledger was damaged and set aside as %s. What could be read of it is in a new one: %u deployment. Look "
                                       "for what no ledger knows of to find the rest.",
                                       "The ledger was damaged and set aside as %s. What could be read of it is in a new one: %u deployments. Look "
                                       "for what no ledger knows of to find the rest.", n), aside, n);
}

int
mill_ledger_file_touch (sqlite3 *db)
{
  g_autofree char *sql = g_strdup_printf ("PRAGMA user_version = %u", (guint) G_N_ELEMENTS (migrations));

  return run (db, sql);
}

void
mill_ledger_file_set_error (const char  *path,
                            sqlite3     *db,
                            int          code,
                            GError     **error)
{
  const char *advice;

  switch (code & 0xff)
    {
    case SQLITE_FULL:
      advice = _("The disk is full: free some space and try again.");
      break;
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
    case SQLITE_AUTH:
      advice = _("Millrace must be able to write to this file and its folder: check their permissions.");
      break;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      advice = _("Another program holds it: close that program and try again.");
      break;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      advice = _("The file is damaged: start Millrace again, it then sets the file aside and begins a new one.");
      break;
    default:
      advice = _("Check the disk and try again.");
    }
  /* Translators: a file, SQLite's words, what to do */
  g_set_error (error, MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_LEDGER, _("The ledger %s cannot be used (%s). %s"),
               path, db != NULL ? sqlite3_errmsg (db) : sqlite3_errstr (code), advice);
}

sqlite3 *
mill_ledger_file_open (const char  *path,
                       char       **notice,
                       GError     **error)
{
  g_autofree char *folder = g_path_get_dirname (path);
  g_autofree char *aside = NULL;
  sqlite3 *db = NULL;
  int code;

  if (g_mkdir_with_parents (folder, 0700) != 0)
    {
      g_set_error (error, MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_LEDGER,
                   _("The folder %s for the ledger cannot be made (%s). Check its permissions, or choose another with XDG_DATA_HOME."),
                   folder, g_strerror (errno));
      return NULL;
    }

  code = open_database (path, &db);
  if (is_damage (code))
    {
      g_clear_pointer (&db, sqlite3_close);
      aside = set_aside (path, error);
      if (aside == NULL)
        return NULL;
      code = open_database (path, &db);
      if (code == SQLITE_OK)
        *notice = recover (db, aside);
    }
  if (code == SQLITE_SCHEMA)
    g_set_error (error, MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_LEDGER,
                 _("The ledger %s was written by a newer Millrace. Use that one, or choose another folder with XDG_DATA_HOME."), path);
  else if (code != SQLITE_OK)
    mill_ledger_file_set_error (path, db, code, error);
  if (code != SQLITE_OK)
    g_clear_pointer (&db, sqlite3_close);
  return db;
}
