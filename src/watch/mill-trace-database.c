/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-trace-database.h"

#include <glib/gstdio.h>
#include <sqlite3.h>
#include <string.h>

#include "mill-trace-private.h"
#include "mill-trace-store.h"

#define BUSY_TIMEOUT_MS 5000
#define MOST_TEXT (4 * 1024)  /* of an error or advice */

/* In the column "inferred": the hop, its payload. */
#define INFERRED 1
#define HANDED 2

/* Every change of the schema appends one; the database's user_version says how many it has had. */
static const char *const migrations[] = {
  "CREATE TABLE trace ("
  "  id INTEGER PRIMARY KEY, deployment TEXT NOT NULL, trace TEXT NOT NULL, started REAL NOT NULL, UNIQUE (deployment, trace));"
  "CREATE INDEX trace_by_time ON trace (deployment, started);"
  "CREATE TABLE hop ("
  "  trace INTEGER NOT NULL REFERENCES trace (id) ON DELETE CASCADE, n INTEGER NOT NULL, previous INTEGER NOT NULL,"
  "  kind TEXT NOT NULL, component TEXT NOT NULL, message_id TEXT NOT NULL, arrived REAL NOT NULL, left REAL NOT NULL,"
  "  status INTEGER NOT NULL, attempts INTEGER NOT NULL, inferred INTEGER NOT NULL, stuck INTEGER NOT NULL,"
  "  payload TEXT, error TEXT, advice TEXT, log TEXT, visits BLOB, PRIMARY KEY (trace, n)) WITHOUT ROWID;",
  "CREATE TABLE tapped ("
  "  id INTEGER PRIMARY KEY AUTOINCREMENT, deployment TEXT NOT NULL, message TEXT NOT NULL, event TEXT NOT NULL,"
  "  UNIQUE (deployment, message));",
  /* What a trace is known by to who did not send it. */
  "ALTER TABLE trace ADD COLUMN message TEXT NOT NULL DEFAULT '';"
  "CREATE INDEX trace_by_message ON trace (deployment, message);",
};

enum { FIND_SENT, DELETE_REST, DELETE_UNSENT, DELETE_TRACE, INSERT_TRACE, DELETE_HOPS, INSERT_HOP, PRUNE, FORGET, LOAD, INSERT_TAPPED, PRUNE_TAPPED, FORGET_TAPPED, READ_TAPPED, N_STATEMENTS };

static const char *const statements[N_STATEMENTS] = {
  [FIND_SENT] = "SELECT id, (SELECT COUNT (*) FROM hop WHERE hop.trace = trace.id) FROM trace WHERE deployment = ?1 AND message = ?2 AND trace <> ?3"
                " AND (SELECT kind FROM hop WHERE hop.trace = trace.id AND n = 0) = 'gateway'",
  [DELETE_REST] = "DELETE FROM hop WHERE trace = ? AND n > 0",
  [DELETE_UNSENT] = "DELETE FROM trace WHERE deployment = ? AND message = ? AND trace <> ?",
  [DELETE_TRACE] = "DELETE FROM trace WHERE deployment = ? AND trace = ?",
  [INSERT_TRACE] = "INSERT INTO trace (deployment, trace, started, message) VALUES (?, ?, ?, ?)"
                   " ON CONFLICT (deployment, trace) DO UPDATE SET started = excluded.started, message = excluded.message RETURNING id",
  [DELETE_HOPS] = "DELETE FROM hop WHERE trace = ?",
  [INSERT_HOP] = "INSERT INTO hop VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
  [PRUNE] = "DELETE FROM trace WHERE id IN (SELECT id FROM trace WHERE deployment = ?1 ORDER BY started DESC, id DESC LIMIT -1 OFFSET ?2)",
  [FORGET] = "DELETE FROM trace WHERE deployment = ?",
  [LOAD] = "SELECT trace.id, trace.trace, hop.n, hop.previous, hop.kind, hop.component, hop.message_id, hop.arrived, hop.left, hop.status,"
           " hop.attempts, hop.inferred, hop.stuck, hop.payload, hop.error, hop.advice, hop.log, hop.visits"
           " FROM trace JOIN hop ON hop.trace = trace.id WHERE trace.deployment = ? ORDER BY trace.started, trace.id, hop.n",
  [INSERT_TAPPED] = "INSERT OR IGNORE INTO tapped (deployment, message, event) VALUES (?, ?, ?)",
  [PRUNE_TAPPED] = "DELETE FROM tapped WHERE deployment = ?1 AND id <= (SELECT MAX (id) FROM tapped WHERE deployment = ?1) - ?2",
  [FORGET_TAPPED] = "DELETE FROM tapped WHERE deployment = ?",
  [READ_TAPPED] = "SELECT id, message, event FROM tapped WHERE deployment = ? AND id > ? ORDER BY id",
};

struct _MillTraceDatabase
{
  char         *path;
  sqlite3      *db;           /* NULL until it is used */
  sqlite3_stmt *prepared[N_STATEMENTS];
};

static gboolean
check (MillTraceDatabase  *self,
       int                 code,
       GError            **error)
{
  if (code == SQLITE_OK || code == SQLITE_DONE || code == SQLITE_ROW)
    return TRUE;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "The traces in %s cannot be read or written (%s). Check the disk and the file’s permissions.",
               self->path, self->db != NULL ? sqlite3_errmsg (self->db) : sqlite3_errstr (code));
  return FALSE;
}

static void
close_database (MillTraceDatabase *self)
{
  for (guint i = 0; i < N_STATEMENTS; i++)
    g_clear_pointer (&self->prepared[i], sqlite3_finalize);
  g_clear_pointer (&self->db, sqlite3_close);
}

static int
run (MillTraceDatabase *self,
     const char        *sql)
{
  return sqlite3_exec (self->db, sql, NULL, NULL, NULL);
}

static int
get_version (MillTraceDatabase *self,
             int               *version)
{
  sqlite3_stmt *statement;
  int code = sqlite3_prepare_v2 (self->db, "PRAGMA user_version", -1, &statement, NULL);

  if (code != SQLITE_OK)
    return code;
  code = sqlite3_step (statement);
  *version = sqlite3_column_int (statement, 0);
  sqlite3_finalize (statement);
  return code == SQLITE_ROW ? SQLITE_OK : code;
}

static int
migrate (MillTraceDatabase *self)
{
  int version = 0;
  int code = run (self, "BEGIN IMMEDIATE");

  if (code == SQLITE_OK)
    code = get_version (self, &version);
  if (code == SQLITE_OK && version > (int) G_N_ELEMENTS (migrations))
    code = SQLITE_SCHEMA;
  for (; code == SQLITE_OK && version < (int) G_N_ELEMENTS (migrations); version++)
    {
      g_autofree char *sql = g_strdup_printf ("PRAGMA user_version = %d", version + 1);

      code = run (self, migrations[version]);
      if (code == SQLITE_OK)
        code = run (self, sql);
    }
  if (code == SQLITE_OK)
    return run (self, "COMMIT");
  if (!sqlite3_get_autocommit (self->db))
    run (self, "ROLLBACK");
  return code;
}

static int
try_to_open (MillTraceDatabase *self)
{
  int code = sqlite3_open_v2 (self->path, &self->db,
                              SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL);

  if (code != SQLITE_OK)
    return code;
  sqlite3_busy_timeout (self->db, BUSY_TIMEOUT_MS);
  /* What a power cut takes of the last seconds is no loss worth a flush each. */
  code = run (self, "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON");
  if (code == SQLITE_OK)
    code = migrate (self);
  for (guint i = 0; code == SQLITE_OK && i < N_STATEMENTS; i++)
    code = sqlite3_prepare_v3 (self->db, statements[i], -1, SQLITE_PREPARE_PERSISTENT, &self->prepared[i], NULL);
  return code;
}

static gboolean
open_database (MillTraceDatabase  *self,
               GError            **error)
{
  g_autofree char *folder = g_path_get_dirname (self->path);
  int code;

  if (self->db != NULL)
    return TRUE;
  g_mkdir_with_parents (folder, 0700);
  code = try_to_open (self);
  if ((code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB)
    {
      static const char *const suffixes[] = { "", "-wal", "-shm" };

      close_database (self);
      for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
        {
          g_autofree char *from = g_strconcat (self->path, suffixes[i], NULL);
          g_autofree char *to = g_strconcat (self->path, ".damaged", suffixes[i], NULL);

          g_rename (from, to);
        }
      code = try_to_open (self);
    }
  if (code == SQLITE_OK)
    return TRUE;
  if (code == SQLITE_SCHEMA)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                 "The traces in %s were written by a newer Millrace. Use that one, or move the file away.", self->path);
  else
    check (self, code, error);
  close_database (self);
  return FALSE;
}

/* Binds text of at most @most bytes, cut between characters. */
static void
bind_text (sqlite3_stmt *statement,
           int           column,
           const char   *text,
           gsize         most)
{
  gsize length = text != NULL ? strlen (text) : 0;

  if (length > most)
    length = g_utf8_find_prev_char (text, text + most + 1) - text;
  if (length > 0)
    sqlite3_bind_text (statement, column, text, length, SQLITE_STATIC);
}

static int
step (sqlite3_stmt *statement)
{
  int code = sqlite3_step (statement);

  sqlite3_reset (statement);
  sqlite3_clear_bindings (statement);
  return code == SQLITE_DONE ? SQLITE_OK : code;
}

/* Only so many stay. */
static int
prune (sqlite3_stmt *statement,
       const char   *deployment)
{
  sqlite3_bind_text (statement, 1, deployment, -1, SQLITE_STATIC);
  sqlite3_bind_int (statement, 2, MILL_TRACE_STORE_MOST);
  return step (statement);
}

/* Ends what began with BEGIN: with all of it where @code is SQLITE_OK, and with nothing otherwise. */
static gboolean
end (MillTraceDatabase  *self,
     int                 code,
     GError            **error)
{
  if (code == SQLITE_OK)
    code = run (self, "COMMIT");
  if (check (self, code, error))
    return TRUE;
  if (!sqlite3_get_autocommit (self->db))
    run (self, "ROLLBACK");
  return FALSE;
}

static int
find_position (GPtrArray *hops,
               MillHop   *hop)
{
  guint position;

  return hop != NULL && g_ptr_array_find (hops, hop, &position) ? (int) position : -1;
}

/* @before: how many hops of the row @trace come before @hops. */
static int
save_hop (MillTraceDatabase *self,
          gint64             trace,
          GPtrArray         *hops,
          guint              n,
          guint              before)
{
  MillHop *hop = hops->pdata[n];
  sqlite3_stmt *row = self->prepared[INSERT_HOP];
  guint n_visits;
  const MillVisit *visits = mill_hop_get_visits (hop, &n_visits);

  sqlite3_bind_int64 (row, 1, trace);
  sqlite3_bind_int (row, 2, n + before);
  sqlite3_bind_int (row, 3, find_position (hops, hop->previous) + before);
  sqlite3_bind_text (row, 4, hop->kind, -1, SQLITE_STATIC);
  sqlite3_bind_text (row, 5, hop->component, -1, SQLITE_STATIC);
  sqlite3_bind_text (row, 6, hop->message_id, -1, SQLITE_STATIC);
  sqlite3_bind_double (row, 7, hop->arrived);
  sqlite3_bind_double (row, 8, hop->left);
  sqlite3_bind_int (row, 9, hop->status);
  sqlite3_bind_int (row, 10, hop->attempts);
  sqlite3_bind_int (row, 11, (hop->inferred ? INFERRED : 0) | (hop->handed ? HANDED : 0));
  sqlite3_bind_int (row, 12, hop->stuck);
  bind_text (row, 13, hop->payload, MILL_TRACE_STORE_MOST_PAYLOAD);
  bind_text (row, 14, hop->error, MOST_TEXT);
  bind_text (row, 15, hop->advice, MOST_TEXT);
  bind_text (row, 16, mill_hop_get_log (hop), MILL_TRACE_STORE_MOST_LOG);
  if (n_visits > 0)
    sqlite3_bind_blob (row, 17, visits, n_visits * sizeof *visits, SQLITE_STATIC);
  return step (row);
}

static int
save_hops (MillTraceDatabase *self,
           gint64             trace,
           GPtrArray         *hops,
           guint              before)
{
  int code = SQLITE_OK;

  for (guint i = 0; code == SQLITE_OK && i < hops->len; i++)
    code = save_hop (self, trace, hops, i, before);
  return code;
}

static void
bind_key (sqlite3_stmt *row,
          const char   *deployment,
          const char   *message,
          MillTrace    *trace)
{
  sqlite3_bind_text (row, 1, deployment, -1, SQLITE_STATIC);
  sqlite3_bind_text (row, 2, message, -1, SQLITE_STATIC);
  sqlite3_bind_text (row, 3, mill_trace_get_id (trace), -1, SQLITE_STATIC);
}

/* (nullable): what a trace is known by to who did not send it: the id after the gateway. */
static const char *
find_message (GPtrArray *hops)
{
  for (guint i = 0; i < hops->len; i++)
    {
      MillHop *hop = hops->pdata[i];

      if (!g_str_equal (hop->kind, "gateway"))
        return hop->message_id;
    }
  return NULL;
}

/*
 * Who sent a message has the gateway's answer, and a trace with another id than who only sees the message after that: two programs may watch one
 * deployment. There is one trace of a message: the sender's, with what whoever sees more of it adds. *done: it was added there.
 */
static int
save_beside_sent (MillTraceDatabase *self,
                  const char        *deployment,
                  MillTrace         *trace,
                  const char        *message,
                  gboolean          *done)
{
  GPtrArray *hops = mill_trace_get_hops (trace);
  sqlite3_stmt *row = self->prepared[FIND_SENT];
  gint64 id = 0;
  guint known = 0;
  int code;

  *done = FALSE;
  if (g_str_equal (((MillHop *) hops->pdata[0])->kind, "gateway"))
    {
      bind_key (self->prepared[DELETE_UNSENT], deployment, message, trace);
      return step (self->prepared[DELETE_UNSENT]);
    }
  bind_key (row, deployment, message, trace);
  code = sqlite3_step (row);
  if (code == SQLITE_ROW)
    {
      id = sqlite3_column_int64 (row, 0);
      known = sqlite3_column_int (row, 1);
      *done = TRUE;
      code = SQLITE_DONE;
    }
  sqlite3_reset (row);
  sqlite3_clear_bindings (row);
  if (code != SQLITE_DONE)
    return code;
  if (!*done || hops->len + 1 < known)
    return SQLITE_OK;
  sqlite3_bind_int64 (self->prepared[DELETE_REST], 1, id);
  code = step (self->prepared[DELETE_REST]);
  return code == SQLITE_OK ? save_hops (self, id, hops, 1) : code;
}

static int
delete_trace (MillTraceDatabase *self,
              const char        *deployment,
              MillTrace         *trace)
{
  sqlite3_bind_text (self->prepared[DELETE_TRACE], 1, deployment, -1, SQLITE_STATIC);
  sqlite3_bind_text (self->prepared[DELETE_TRACE], 2, mill_trace_get_id (trace), -1, SQLITE_STATIC);
  return step (self->prepared[DELETE_TRACE]);
}

static int
save_trace (MillTraceDatabase *self,
            const char        *deployment,
            MillTrace         *trace)
{
  sqlite3_stmt *row = self->prepared[INSERT_TRACE];
  GPtrArray *hops = mill_trace_get_hops (trace);
  const char *message = find_message (hops);
  gboolean done = FALSE;
  gint64 id;
  int code;

  if (hops->len == 0)
    return delete_trace (self, deployment, trace);
  if (message != NULL && *message != '\0')
    {
      code = save_beside_sent (self, deployment, trace, message, &done);
      if (code != SQLITE_OK || done)
        return code;
    }
  sqlite3_bind_text (row, 1, deployment, -1, SQLITE_STATIC);
  sqlite3_bind_text (row, 2, mill_trace_get_id (trace), -1, SQLITE_STATIC);
  sqlite3_bind_double (row, 3, mill_trace_get_started (trace));
  sqlite3_bind_text (row, 4, message != NULL ? message : "", -1, SQLITE_STATIC);
  code = sqlite3_step (row);
  id = sqlite3_column_int64 (row, 0);
  if (code == SQLITE_ROW)
    code = sqlite3_step (row);
  sqlite3_reset (row);
  sqlite3_clear_bindings (row);
  if (code != SQLITE_DONE)
    return code;
  sqlite3_bind_int64 (self->prepared[DELETE_HOPS], 1, id);
  code = step (self->prepared[DELETE_HOPS]);
  return code == SQLITE_OK ? save_hops (self, id, hops, 0) : code;
}

static char *
dup_column (sqlite3_stmt *row,
            int           column)
{
  return g_strdup ((const char *) sqlite3_column_text (row, column));
}

static const char *
get_text (sqlite3_stmt *row,
          int           column)
{
  const char *text = (const char *) sqlite3_column_text (row, column);

  return text != NULL ? text : "";
}

static MillHop *
load_hop (sqlite3_stmt *row)
{
  MillHop *hop = mill_hop_new (get_text (row, 4), get_text (row, 5), get_text (row, 6), sqlite3_column_double (row, 7));
  const char *log = (const char *) sqlite3_column_text (row, 16);
  int status = sqlite3_column_int (row, 9);

  hop->left = sqlite3_column_double (row, 8);
  hop->status = CLAMP (status, MILL_HOP_UNDER_WAY, MILL_HOP_FILTERED);
  hop->attempts = sqlite3_column_int (row, 10);
  hop->inferred = (sqlite3_column_int (row, 11) & INFERRED) != 0;
  hop->handed = (sqlite3_column_int (row, 11) & HANDED) != 0;
  hop->stuck = sqlite3_column_int (row, 12) != 0;
  hop->payload = dup_column (row, 13);
  hop->error = dup_column (row, 14);
  hop->advice = dup_column (row, 15);
  mill_hop_set_own_log (hop, log);
  mill_hop_set_visits (hop, sqlite3_column_blob (row, 17), sqlite3_column_bytes (row, 17) / sizeof (MillVisit));
  return hop;
}

MillTraceDatabase *
mill_trace_database_new (const char *path)
{
  MillTraceDatabase *self = g_new0 (MillTraceDatabase, 1);

  self->path = g_strdup (path);
  return self;
}

void
mill_trace_database_free (MillTraceDatabase *self)
{
  close_database (self);
  g_free (self->path);
  g_free (self);
}

gboolean
mill_trace_database_save (MillTraceDatabase  *self,
                          const char         *deployment,
                          GPtrArray          *traces,
                          GError            **error)
{
  int code;

  if (!open_database (self, error))
    return FALSE;
  code = run (self, "BEGIN IMMEDIATE");
  for (guint i = 0; code == SQLITE_OK && i < traces->len; i++)
    code = save_trace (self, deployment, traces->pdata[i]);
  if (code == SQLITE_OK)
    code = prune (self->prepared[PRUNE], deployment);
  return end (self, code, error);
}

GPtrArray *
mill_trace_database_load (MillTraceDatabase  *self,
                          const char         *deployment,
                          GError            **error)
{
  g_autoptr (GPtrArray) traces = g_ptr_array_new_with_free_func (g_object_unref);
  sqlite3_stmt *row;
  MillTrace *trace = NULL;
  gint64 last = -1;
  int code;

  if (!open_database (self, error))
    return NULL;
  row = self->prepared[LOAD];
  sqlite3_bind_text (row, 1, deployment, -1, SQLITE_STATIC);
  while ((code = sqlite3_step (row)) == SQLITE_ROW)
    {
      GPtrArray *hops;
      guint previous = sqlite3_column_int (row, 3);

      if (sqlite3_column_int64 (row, 0) != last)
        {
          last = sqlite3_column_int64 (row, 0);
          trace = mill_trace_new (get_text (row, 1));
          g_ptr_array_add (traces, trace);
        }
      hops = mill_trace_get_hops (trace);
      mill_trace_add_hop (trace, load_hop (row), previous < hops->len ? hops->pdata[previous] : NULL);
    }
  sqlite3_reset (row);
  sqlite3_clear_bindings (row);
  if (!check (self, code, error))
    return NULL;
  for (guint i = 0; i < traces->len; i++)
    mill_trace_changed (traces->pdata[i], mill_trace_get_hops (traces->pdata[i])->pdata[0]);
  return g_steal_pointer (&traces);
}

gboolean
mill_trace_database_forget (MillTraceDatabase  *self,
                            const char         *deployment,
                            GError            **error)
{
  if (!open_database (self, error))
    return FALSE;
  sqlite3_bind_text (self->prepared[FORGET], 1, deployment, -1, SQLITE_STATIC);
  if (!check (self, step (self->prepared[FORGET]), error))
    return FALSE;
  sqlite3_bind_text (self->prepared[FORGET_TAPPED], 1, deployment, -1, SQLITE_STATIC);
  return check (self, step (self->prepared[FORGET_TAPPED]), error);
}

static gboolean
keep_tapped (MillTraceDatabase  *self,
             const char         *deployment,
             GPtrArray          *messages,
             GError            **error)
{
  int code = run (self, "BEGIN IMMEDIATE");

  for (guint i = 0; code == SQLITE_OK && i < messages->len; i++)
    {
      const MillTapped *tapped = messages->pdata[i];

      sqlite3_bind_text (self->prepared[INSERT_TAPPED], 1, deployment, -1, SQLITE_STATIC);
      sqlite3_bind_text (self->prepared[INSERT_TAPPED], 2, tapped->message_id, -1, SQLITE_STATIC);
      sqlite3_bind_text (self->prepared[INSERT_TAPPED], 3, tapped->event, -1, SQLITE_STATIC);
      code = step (self->prepared[INSERT_TAPPED]);
    }
  if (code == SQLITE_OK)
    code = prune (self->prepared[PRUNE_TAPPED], deployment);
  return end (self, code, error);
}

GPtrArray *
mill_trace_database_tap (MillTraceDatabase  *self,
                         const char         *deployment,
                         GPtrArray          *messages,
                         gint64              after,
                         GError            **error)
{
  g_autoptr (GPtrArray) tapped = g_ptr_array_new_with_free_func (mill_tapped_free);
  sqlite3_stmt *row;
  int code;

  if (!open_database (self, error) || (messages->len > 0 && !keep_tapped (self, deployment, messages, error)))
    return NULL;
  row = self->prepared[READ_TAPPED];
  sqlite3_bind_text (row, 1, deployment, -1, SQLITE_STATIC);
  sqlite3_bind_int64 (row, 2, after);
  while ((code = sqlite3_step (row)) == SQLITE_ROW)
    {
      MillTapped *each = mill_tapped_new (get_text (row, 1), get_text (row, 2));

      each->id = sqlite3_column_int64 (row, 0);
      g_ptr_array_add (tapped, each);
    }
  sqlite3_reset (row);
  sqlite3_clear_bindings (row);
  return check (self, code, error) ? g_steal_pointer (&tapped) : NULL;
}

