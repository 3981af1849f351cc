/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-ledger.h"

#include <string.h>

#include "aws-json.h"
#include "mill-ledger-file.h"

#define MAX_VALUES 24

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
    code = mill_ledger_file_touch (self->db);
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

  mill_ledger_file_set_error (self->path, self->db, code, error);
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
    mill_ledger_file_set_error (self->path, self->db, code, error);
  if (statement != NULL)
    {
      sqlite3_reset (statement);
      sqlite3_clear_bindings (statement);
    }
  g_mutex_unlock (&self->db_mutex);
  write_free (query);
  return code == SQLITE_DONE;
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

  self->path = g_strdup (path);
  self->db = mill_ledger_file_open (path, &self->notice, error);
  if (self->db == NULL)
    return NULL;
  self->flushes = TRUE;
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
