/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-ledger.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <glib/gstdio.h>
#include <string.h>

#include "aws-json.h"
#include "mill-engine.h"
#include "mill-ledger-salvage.h"

#define BUSY_TIMEOUT_MS 5000
#define BUSY_STEP_MS 10
/* Pages; the write-ahead log is read when the ledger is opened. */
#define CHECKPOINT "PRAGMA wal_autocheckpoint = 500"
#define MAX_VALUES 24

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

typedef struct {
  char    type;
  char   *text;
  gint64  number;
  GBytes *bytes;
} Value;

typedef struct {
  const char *sql;
  guint       n_values;
  Value       values[];
} Write;

struct _MillLedger
{
  GObject     parent_instance;

  char       *path;
  char       *notice;
  char       *aside;        /* where the damaged one is, or NULL */

  /* The database is used under its own lock only; never hold @mutex with it. */
  GMutex      db_mutex;
  sqlite3    *db;
  GHashTable *statements;   /* the address of the SQL → sqlite3_stmt */

  GMutex      mutex;
  GCond       cond;
  GPtrArray  *queue;        /* of Write */
  guint64     queued;       /* writes ever queued */
  guint64     written;      /* of those: in the file, so that a killed process does not lose them */
  guint64     durable;      /* of those: on the disk, so that a power cut does not */
  gboolean    committing;

  gboolean    flushes;      /* under @db_mutex: whether commits go to the disk */
};

G_DEFINE_FINAL_TYPE (MillLedger, mill_ledger, G_TYPE_OBJECT)

static void
statement_free (gpointer data)
{
  sqlite3_finalize (data);
}

static void
write_free (gpointer data)
{
  Write *write = data;

  for (guint i = 0; i < write->n_values; i++)
    {
      g_free (write->values[i].text);
      g_clear_pointer (&write->values[i].bytes, g_bytes_unref);
    }
  g_free (write);
}

static Write *
write_new (const char *sql,
           const char *types,
           va_list     args)
{
  guint n = strlen (types);
  Write *write = g_malloc0 (sizeof *write + n * sizeof (Value));

  g_assert (n <= MAX_VALUES);
  write->sql = sql;
  write->n_values = n;
  for (guint i = 0; i < n; i++)
    {
      Value *value = &write->values[i];

      value->type = types[i];
      switch (types[i])
        {
        case 's':
          value->text = g_strdup (va_arg (args, const char *));
          break;
        case 'i':
          value->number = va_arg (args, gint64);
          break;
        case 'b':
          value->bytes = g_bytes_ref (va_arg (args, GBytes *));
          break;
        default:
          g_assert_not_reached ();
        }
    }
  return write;
}

static void
set_error (MillLedger  *self,
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
               self->path, self->db != NULL ? sqlite3_errmsg (self->db) : sqlite3_errstr (code), advice);
}

static int
run (sqlite3    *db,
     const char *sql)
{
  return sqlite3_exec (db, sql, NULL, NULL, NULL);
}

static int
prepare (MillLedger    *self,
         const Write   *write,
         sqlite3_stmt **statement)
{
  sqlite3_stmt *found = g_hash_table_lookup (self->statements, write->sql);
  int code;

  if (found == NULL)
    {
      code = sqlite3_prepare_v3 (self->db, write->sql, -1, SQLITE_PREPARE_PERSISTENT, &found, NULL);
      if (code != SQLITE_OK)
        return code;
      g_hash_table_insert (self->statements, (gpointer) write->sql, found);
    }
  sqlite3_reset (found);
  sqlite3_clear_bindings (found);
  for (guint i = 0; i < write->n_values; i++)
    {
      const Value *value = &write->values[i];
      gsize size;
      gconstpointer data;

      switch (value->type)
        {
        case 's':
          sqlite3_bind_text (found, i + 1, value->text, -1, SQLITE_STATIC);
          break;
        case 'i':
          sqlite3_bind_int64 (found, i + 1, value->number);
          break;
        default:
          data = g_bytes_get_data (value->bytes, &size);
          sqlite3_bind_blob64 (found, i + 1, data != NULL ? data : "", size, SQLITE_STATIC);
        }
    }
  *statement = found;
  return SQLITE_OK;
}

static int
set_version (sqlite3 *db)
{
  g_autofree char *sql = g_strdup_printf ("PRAGMA user_version = %u", (guint) G_N_ELEMENTS (migrations));

  return run (db, sql);
}

/* Whether the commits to come wait for the disk. */
static int
set_flushes (MillLedger *self,
             gboolean    flushes)
{
  int code = SQLITE_OK;

  if (self->flushes != flushes)
    code = run (self->db, flushes ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
  if (code == SQLITE_OK)
    self->flushes = flushes;
  return code;
}

/* With @flush, also what earlier commits left unflushed is on the disk afterwards: all of them are in one log. */
static gboolean
commit_writes (MillLedger  *self,
               GPtrArray   *writes,
               gboolean     flush,
               GError     **error)
{
  g_autoptr(GMutexLocker) locker = g_mutex_locker_new (&self->db_mutex);
  int code = set_flushes (self, flush);

  if (code == SQLITE_OK)
    code = run (self->db, "BEGIN IMMEDIATE");
  /* The log is flushed with something that is written, and nothing else was. */
  if (code == SQLITE_OK && writes->len == 0)
    code = set_version (self->db);
  for (guint i = 0; code == SQLITE_OK && i < writes->len; i++)
    {
      sqlite3_stmt *statement;

      code = prepare (self, writes->pdata[i], &statement);
      if (code == SQLITE_OK)
        {
          code = sqlite3_step (statement);
          code = code == SQLITE_DONE || code == SQLITE_ROW ? SQLITE_OK : code;
          if (code == SQLITE_OK)
            sqlite3_reset (statement);
        }
    }
  if (code == SQLITE_OK)
    code = run (self->db, "COMMIT");
  if (code == SQLITE_OK)
    return TRUE;

  set_error (self, code, error);
  /* A statement that failed must be reset before a rollback. */
  for (sqlite3_stmt *s = sqlite3_next_stmt (self->db, NULL); s != NULL; s = sqlite3_next_stmt (self->db, s))
    sqlite3_reset (s);
  if (!sqlite3_get_autocommit (self->db))
    run (self->db, "ROLLBACK");
  return FALSE;
}

void
mill_ledger_queue (MillLedger *self,
                   const char *sql,
                   const char *types,
                   ...)
{
  Write *write;
  va_list args;

  va_start (args, types);
  write = write_new (sql, types, args);
  va_end (args);

  g_mutex_lock (&self->mutex);
  g_ptr_array_add (self->queue, write);
  self->queued++;
  g_mutex_unlock (&self->mutex);
}

/* Waits until what is queued is in the file, and with @flush on the disk. */
static gboolean
put (MillLedger  *self,
     gboolean     flush,
     GError     **error)
{
  gboolean ok = TRUE;
  guint64 mine;

  g_mutex_lock (&self->mutex);
  mine = self->queued;
  while (ok && (flush ? self->durable : self->written) < mine)
    {
      g_autoptr(GPtrArray) writes = NULL;
      guint64 last;

      if (self->committing)
        {
          g_cond_wait (&self->cond, &self->mutex);
          continue;
        }

      self->committing = TRUE;
      last = self->queued;
      writes = g_steal_pointer (&self->queue);
      self->queue = g_ptr_array_new_with_free_func (write_free);
      g_mutex_unlock (&self->mutex);

      ok = commit_writes (self, writes, flush, error);

      g_mutex_lock (&self->mutex);
      if (ok)
        {
          self->written = last;
          if (flush)
            self->durable = last;
        }
      else
        {
          /* Back to the head of the queue, so that nothing is lost once the disk has room again. */
          g_ptr_array_extend_and_steal (writes, g_steal_pointer (&self->queue));
          self->queue = g_steal_pointer (&writes);
        }
      self->committing = FALSE;
      g_cond_broadcast (&self->cond);
    }
  g_mutex_unlock (&self->mutex);
  return ok;
}

gboolean
mill_ledger_write (MillLedger  *self,
                   GError     **error)
{
  return put (self, FALSE, error);
}

gboolean
mill_ledger_commit (MillLedger  *self,
                    GError     **error)
{
  return put (self, TRUE, error);
}

gboolean
mill_ledger_read (MillLedger     *self,
                  MillLedgerRow   row,
                  gpointer        user_data,
                  GError        **error,
                  const char     *sql,
                  const char     *types,
                  ...)
{
  sqlite3_stmt *statement = NULL;
  Write *query;
  va_list args;
  int code;

  if (!mill_ledger_write (self, error))
    return FALSE;

  va_start (args, types);
  query = write_new (sql, types, args);
  va_end (args);

  g_mutex_lock (&self->db_mutex);
  code = prepare (self, query, &statement);
  while (code == SQLITE_OK && (code = sqlite3_step (statement)) == SQLITE_ROW)
    {
      row (statement, user_data);
      code = SQLITE_OK;
    }
  if (code != SQLITE_DONE)
    set_error (self, code, error);
  if (statement != NULL)
    {
      sqlite3_reset (statement);
      sqlite3_clear_bindings (statement);
    }
  g_mutex_unlock (&self->db_mutex);
  write_free (query);
  return code == SQLITE_DONE;
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
migrate (MillLedger *self)
{
  gint64 version;
  int code;

  version = ask_number (self->db, "PRAGMA user_version", &code);
  if (code != SQLITE_OK || version == G_N_ELEMENTS (migrations))
    return code;
  if (version > (gint64) G_N_ELEMENTS (migrations))
    return SQLITE_SCHEMA;

  code = run (self->db, "BEGIN IMMEDIATE");
  if (code != SQLITE_OK)
    return code;
  version = ask_number (self->db, "PRAGMA user_version", &code);
  for (; code == SQLITE_OK && version < (gint64) G_N_ELEMENTS (migrations); version++)
    code = run (self->db, migrations[version]);
  if (code == SQLITE_OK)
    code = set_version (self->db);
  if (code == SQLITE_OK)
    return run (self->db, "COMMIT");
  run (self->db, "ROLLBACK");
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
open_database (MillLedger *self)
{
  int code = sqlite3_open_v2 (self->path, &self->db,
                              SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);

  if (code != SQLITE_OK)
    return code;
  sqlite3_busy_timeout (self->db, BUSY_TIMEOUT_MS);
  /* The next one to open it reads the log: closing costs no flush. */
  sqlite3_db_config (self->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
  code = use_log (self->db);
  if (code == SQLITE_OK)
    code = run (self->db, CHECKPOINT);
  self->flushes = FALSE;
  if (code == SQLITE_OK)
    code = set_flushes (self, TRUE);
  if (code == SQLITE_OK)
    code = check_health (self->db);
  if (code == SQLITE_OK && sqlite3_db_readonly (self->db, "main") == 1)
    code = SQLITE_READONLY;
  if (code == SQLITE_OK)
    code = migrate (self);
  return code;
}

/* Renames the damaged database and what belongs to it; nothing is overwritten. */
static gboolean
set_aside (MillLedger  *self,
           GError     **error)
{
  static const char *const suffixes[] = { "", "-wal", "-shm" };
  g_autoptr(GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *when = g_date_time_format (now, "%Y%m%dT%H%M%S");
  g_autofree char *aside = NULL;

  for (guint n = 0; aside == NULL || g_file_test (aside, G_FILE_TEST_EXISTS); n++)
    {
      g_free (aside);
      aside = n == 0 ? g_strdup_printf ("%s.damaged-%s", self->path, when)
                     : g_strdup_printf ("%s.damaged-%s-%u", self->path, when, n);
    }
  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
    {
      g_autofree char *from = g_strconcat (self->path, suffixes[i], NULL);
      g_autofree char *to = g_strconcat (aside, suffixes[i], NULL);

      if (g_rename (from, to) != 0 && errno != ENOENT)
        {
          g_set_error (error, MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_LEDGER,
                       _("The ledger %s is damaged and cannot be set aside (%s). Move it away and start again."),
                       self->path, g_strerror (errno));
          return FALSE;
        }
    }
  self->aside = g_steal_pointer (&aside);
  return TRUE;
}

/* What can be read of the one that was set aside goes into the new one. */
static void
recover (MillLedger *self)
{
  guint n = mill_ledger_salvage (self->db, self->aside);

  if (n == 0)
    self->notice = g_strdup_printf (_("The ledger was damaged. It was set aside as %s and a new one was begun: what it knew of is not listed any more, but may "
                                      "still be there in the cloud. Look for what no ledger knows of, and it can be taken down."), self->aside);
  else
    self->notice = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE,
                                                 "The ledger was damaged and set aside as %s. What could be read of it is in a new one: %u deployment. Look "
                                                 "for what no ledger knows of to find the rest.",
                                                 "The ledger was damaged and set aside as %s. What could be read of it is in a new one: %u deployments. Look "
                                                 "for what no ledger knows of to find the rest.", n), self->aside, n);
}

static void
mill_ledger_finalize (GObject *object)
{
  MillLedger *self = MILL_LEDGER (object);

  if (self->db != NULL && self->queue->len > 0)
    commit_writes (self, self->queue, TRUE, NULL);
  g_hash_table_unref (self->statements);
  sqlite3_close (self->db);
  g_ptr_array_unref (self->queue);
  g_mutex_clear (&self->db_mutex);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->cond);
  g_free (self->path);
  g_free (self->notice);
  g_free (self->aside);
  G_OBJECT_CLASS (mill_ledger_parent_class)->finalize (object);
}

static void
mill_ledger_class_init (MillLedgerClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = mill_ledger_finalize;
}

static void
mill_ledger_init (MillLedger *self)
{
  g_mutex_init (&self->db_mutex);
  g_mutex_init (&self->mutex);
  g_cond_init (&self->cond);
  self->queue = g_ptr_array_new_with_free_func (write_free);
  self->statements = g_hash_table_new_full (NULL, NULL, NULL, statement_free);
}

MillLedger *
mill_ledger_new (const char  *path,
                 GError     **error)
{
  g_autoptr(MillLedger) self = g_object_new (MILL_TYPE_LEDGER, NULL);
  g_autofree char *folder = g_path_get_dirname (path);
  int code;

  self->path = g_strdup (path);
  if (g_mkdir_with_parents (folder, 0700) != 0)
    {
      g_set_error (error, MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_LEDGER,
                   _("The folder %s for the ledger cannot be made (%s). Check its permissions, or choose another with XDG_DATA_HOME."),
                   folder, g_strerror (errno));
      return NULL;
    }

  code = open_database (self);
  if (is_damage (code))
    {
      g_clear_pointer (&self->db, sqlite3_close);
      if (!set_aside (self, error))
        return NULL;
      code = open_database (self);
      if (code == SQLITE_OK)
        recover (self);
    }
  if (code == SQLITE_SCHEMA)
    {
      g_set_error (error, MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_LEDGER,
                   _("The ledger %s was written by a newer Millrace. Use that one, or choose another folder with XDG_DATA_HOME."), path);
      return NULL;
    }
  if (code != SQLITE_OK)
    {
      set_error (self, code, error);
      return NULL;
    }
  return g_steal_pointer (&self);
}

const char *
mill_ledger_get_notice (MillLedger *self)
{
  return self->notice;
}

const char *
mill_ledger_row_get_text (sqlite3_stmt *row,
                          int           column)
{
  const char *text = (const char *) sqlite3_column_text (row, column);

  return text != NULL ? text : "";
}

JsonObject *
mill_ledger_row_dup_object (sqlite3_stmt *row,
                            int           column)
{
  JsonObject *object = aws_json_parse_object (mill_ledger_row_get_text (row, column), -1, NULL);

  return object != NULL ? object : json_object_new ();
}
