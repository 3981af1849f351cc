/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-store.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define DATABASE_NAME "practice.db"
#define LOCK_NAME "practice.lock"
/* Larger databases are only searched for damage after an unclean end. */
#define QUICK_CHECK_BYTES (16 * 1024 * 1024)

struct _PracticeStore {
  GObject     parent_instance;

  char       *directory;   /* NULL: in memory */
  sqlite3    *db;
  GHashTable *statements;  /* address of the text → sqlite3_stmt */
  int         lock_fd;
  guint       depth;
  gboolean    starting;    /* tables are being made, in one transaction */
  int         failure;     /* the first result code that spoiled the transaction */
};

G_DEFINE_FINAL_TYPE (PracticeStore, practice_store, G_TYPE_OBJECT)

static void
finalize_statement (gpointer statement)
{
  sqlite3_finalize (statement);
}

static void
set_failure (PracticeStore *self,
             int            code)
{
  if (self->failure == SQLITE_OK)
    self->failure = code;
  /* Anything else is a mistake in a statement, not the state of the disk. */
  if (code != SQLITE_FULL && code != SQLITE_IOERR && code != SQLITE_CORRUPT && code != SQLITE_READONLY)
    g_warning ("practice store: %s", sqlite3_errmsg (self->db));
}

static void
set_error (PracticeStore  *self,
           int             code,
           GError        **error)
{
  const char *where = self->directory != NULL ? self->directory : "memory";

  switch (code) {
  case SQLITE_FULL:
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NO_SPACE,
                 "The state folder “%s” is full. Free some space on its disk or start with another --state folder.", where);
    break;
  case SQLITE_READONLY:
  case SQLITE_PERM:
  case SQLITE_CANTOPEN:
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                 "The state folder “%s” cannot be written. Make it writable or start with another --state folder.", where);
    break;
  case SQLITE_CORRUPT:
  case SQLITE_NOTADB:
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                 "The database in the state folder “%s” is damaged. Restart the practice cloud: it sets the file aside and begins anew.", where);
    break;
  default:
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED,
                 "The database in the state folder “%s” could not be used: %s", where, sqlite3_errstr (code));
    break;
  }
}

static sqlite3_stmt *
lookup_statement (PracticeStore *self,
                  const char    *sql)
{
  sqlite3_stmt *statement = g_hash_table_lookup (self->statements, sql);

  if (statement != NULL) {
    sqlite3_reset (statement);
    return statement;
  }
  if (sqlite3_prepare_v3 (self->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL) != SQLITE_OK)
    g_error ("practice store: %s: %s", sqlite3_errmsg (self->db), sql);
  g_hash_table_insert (self->statements, (gpointer) sql, statement);
  return statement;
}

static sqlite3_stmt *
prepare_valist (PracticeStore *self,
                const char    *sql,
                const char    *types,
                va_list        arguments)
{
  sqlite3_stmt *statement = lookup_statement (self, sql);

  for (int i = 0; types != NULL && types[i] != '\0'; i++) {
    const char *text = NULL;
    GBytes *bytes = NULL;

    switch (types[i]) {
    case 's':
      text = va_arg (arguments, const char *);
      sqlite3_bind_text (statement, i + 1, text, -1, SQLITE_TRANSIENT);
      break;
    case 'i':
      sqlite3_bind_int64 (statement, i + 1, va_arg (arguments, gint64));
      break;
    case 'd':
      sqlite3_bind_double (statement, i + 1, va_arg (arguments, double));
      break;
    case 'b':
      bytes = va_arg (arguments, GBytes *);
      if (bytes == NULL)
        sqlite3_bind_null (statement, i + 1);
      else if (g_bytes_get_size (bytes) == 0)
        sqlite3_bind_zeroblob (statement, i + 1, 0);
      else
        sqlite3_bind_blob64 (statement, i + 1, g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), SQLITE_TRANSIENT);
      break;
    case 'n':
      sqlite3_bind_null (statement, i + 1);
      break;
    default:
      g_error ("practice store: no parameter type “%c”", types[i]);
    }
  }
  return statement;
}

/* The lock lives as long as the process: a second practice cloud on the same folder would lose messages of both. */
static gboolean
take_lock (PracticeStore  *self,
           GError        **error)
{
  g_autofree char *path = g_build_filename (self->directory, LOCK_NAME, NULL);

  self->lock_fd = g_open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (self->lock_fd < 0) {
    set_error (self, errno == ENOSPC ? SQLITE_FULL : SQLITE_CANTOPEN, error);
    return FALSE;
  }
  if (flock (self->lock_fd, LOCK_EX | LOCK_NB) != 0) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_BUSY,
                 "Another practice cloud is using the state folder “%s”. End it first or start with another --state folder.",
                 self->directory);
    return FALSE;
  }
  return TRUE;
}

static int
open_database (PracticeStore *self,
               const char    *path)
{
  int code = sqlite3_open_v2 (path, &self->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);

  if (code != SQLITE_OK)
    return code;
  sqlite3_extended_result_codes (self->db, 0);
  /* The folder's lock makes us the only user: no lock is needed for each call, and no shared memory beside the database. */
  code = sqlite3_exec (self->db,
                       "PRAGMA locking_mode = EXCLUSIVE;"
                       "PRAGMA synchronous = OFF;"
                       "PRAGMA journal_mode = WAL;"
                       "PRAGMA foreign_keys = ON;"
                       "PRAGMA temp_store = MEMORY;"
                       "PRAGMA cache_size = -2048;"
                       "PRAGMA journal_size_limit = 4194304;",
                       NULL, NULL, NULL);
  return code;
}

static int
check_database (PracticeStore *self)
{
  sqlite3_stmt *statement = NULL;
  int code = sqlite3_prepare_v2 (self->db, "PRAGMA quick_check(1)", -1, &statement, NULL);

  if (code == SQLITE_OK) {
    code = sqlite3_step (statement);
    if (code == SQLITE_ROW)
      code = g_strcmp0 ((const char *) sqlite3_column_text (statement, 0), "ok") == 0 ? SQLITE_OK : SQLITE_CORRUPT;
  }
  sqlite3_finalize (statement);
  return code;
}

/* A write that changes nothing: finds a folder or file that cannot be written before a student's call does. */
static int
check_writable (PracticeStore *self)
{
  return sqlite3_exec (self->db,
                       "BEGIN IMMEDIATE;"
                       "CREATE TABLE IF NOT EXISTS practice_started (id INTEGER PRIMARY KEY CHECK (id = 1), time TEXT NOT NULL);"
                       "INSERT OR REPLACE INTO practice_started VALUES (1, strftime('%Y-%m-%dT%H:%M:%SZ', 'now'));"
                       "COMMIT;",
                       NULL, NULL, NULL);
}

static gboolean
set_aside (PracticeStore  *self,
           const char     *path,
           GError        **error)
{
  static const char *const suffixes[] = { "", "-wal", "-shm" };
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *stamp = g_date_time_format (now, "%Y%m%dT%H%M%SZ");
  g_autofree char *aside = NULL;

  for (guint i = 0; aside == NULL; i++) {
    aside = i == 0 ? g_strdup_printf ("%s.damaged-%s", path, stamp) : g_strdup_printf ("%s.damaged-%s-%u", path, stamp, i);
    if (g_file_test (aside, G_FILE_TEST_EXISTS))
      g_clear_pointer (&aside, g_free);
  }
  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++) {
    g_autofree char *from = g_strconcat (path, suffixes[i], NULL);
    g_autofree char *to = g_strconcat (aside, suffixes[i], NULL);

    if (g_rename (from, to) != 0 && errno != ENOENT) {
      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno),
                   "The database “%s” is damaged and could not be set aside: %s. Move it away yourself.", from, g_strerror (errno));
      return FALSE;
    }
  }
  g_printerr ("The database of the practice cloud was damaged. It was kept as “%s”; the practice cloud begins anew.\n", aside);
  return TRUE;
}

static gboolean
open_directory (PracticeStore  *self,
                GError        **error)
{
  g_autofree char *path = NULL;
  g_autofree char *wal = NULL;
  GStatBuf status;
  gboolean suspicious = FALSE;
  int code;

  if (g_mkdir_with_parents (self->directory, 0700) != 0) {
    g_set_error (error, G_IO_ERROR, g_io_error_from_errno (errno),
                 "The state folder “%s” cannot be made: %s. Start with another --state folder.",
                 self->directory, g_strerror (errno));
    return FALSE;
  }
  if (!take_lock (self, error))
    return FALSE;

  path = g_build_filename (self->directory, DATABASE_NAME, NULL);
  wal = g_strconcat (path, "-wal", NULL);
  if (g_stat (wal, &status) == 0)
    suspicious = TRUE;
  else if (g_stat (path, &status) == 0)
    suspicious = status.st_size < QUICK_CHECK_BYTES;

  code = open_database (self, path);
  if (code == SQLITE_OK && suspicious)
    code = check_database (self);
  if (code == SQLITE_NOTADB || code == SQLITE_CORRUPT) {
    g_clear_pointer (&self->db, sqlite3_close_v2);
    if (!set_aside (self, path, error))
      return FALSE;
    code = open_database (self, path);
  }
  if (code == SQLITE_OK)
    code = check_writable (self);
  if (code != SQLITE_OK) {
    set_error (self, code, error);
    return FALSE;
  }
  return TRUE;
}

static void
practice_store_finalize (GObject *object)
{
  PracticeStore *self = PRACTICE_STORE (object);

  g_clear_pointer (&self->statements, g_hash_table_unref);
  g_clear_pointer (&self->db, sqlite3_close_v2);
  if (self->lock_fd >= 0)
    close (self->lock_fd);
  g_free (self->directory);
  G_OBJECT_CLASS (practice_store_parent_class)->finalize (object);
}

static void
practice_store_class_init (PracticeStoreClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = practice_store_finalize;
}

static void
practice_store_init (PracticeStore *self)
{
  self->lock_fd = -1;
  self->statements = g_hash_table_new_full (NULL, NULL, NULL, finalize_statement);
}

PracticeStore *
practice_store_new (const char  *directory,
                    GError     **error)
{
  g_autoptr (PracticeStore) self = g_object_new (PRACTICE_TYPE_STORE, NULL);

  if (directory == NULL) {
    int code = open_database (self, ":memory:");

    if (code != SQLITE_OK) {
      set_error (self, code, error);
      return NULL;
    }
    return g_steal_pointer (&self);
  }
  self->directory = g_canonicalize_filename (directory, NULL);
  if (!open_directory (self, error))
    return NULL;
  return g_steal_pointer (&self);
}

void
practice_store_begin_start (PracticeStore *self)
{
  practice_store_begin (self);
  self->starting = TRUE;
}

gboolean
practice_store_end_start (PracticeStore  *self,
                          GError        **error)
{
  self->starting = FALSE;
  if (!practice_store_commit (self, error))
    return FALSE;
  practice_store_exec (self, "PRAGMA synchronous = NORMAL");
  return TRUE;
}

sqlite3 *
practice_store_get_db (PracticeStore *self)
{
  return self->db;
}

void
practice_store_exec (PracticeStore *self,
                     const char    *sql)
{
  int code = sqlite3_exec (self->db, sql, NULL, NULL, NULL);

  if (code == SQLITE_ERROR || code == SQLITE_MISUSE)
    g_error ("practice store: %s: %s", sqlite3_errmsg (self->db), sql);
  if (code == SQLITE_OK)
    return;
  set_failure (self, code);
  /* Tables that cannot be made: no service could do anything. */
  if (self->depth == 0 || self->starting) {
    g_autoptr (GError) error = NULL;

    set_error (self, code, &error);
    g_printerr ("%s\n", error->message);
    exit (1);
  }
}

sqlite3_stmt *
practice_store_prepare (PracticeStore *self,
                        const char    *sql,
                        const char    *types,
                        ...)
{
  sqlite3_stmt *statement;
  va_list arguments;

  va_start (arguments, types);
  statement = prepare_valist (self, sql, types, arguments);
  va_end (arguments);
  return statement;
}

int
practice_store_run (PracticeStore *self,
                    const char    *sql,
                    const char    *types,
                    ...)
{
  sqlite3_stmt *statement;
  va_list arguments;
  int code;

  va_start (arguments, types);
  statement = prepare_valist (self, sql, types, arguments);
  va_end (arguments);

  do
    code = sqlite3_step (statement);
  while (code == SQLITE_ROW);
  if (code != SQLITE_DONE)
    set_failure (self, code);
  sqlite3_reset (statement);
  return code == SQLITE_DONE ? sqlite3_changes (self->db) : 0;
}

void
practice_store_begin (PracticeStore *self)
{
  if (self->depth++ == 0) {
    self->failure = SQLITE_OK;
    practice_store_run (self, "BEGIN", NULL);
  } else {
    practice_store_run (self, "SAVEPOINT practice", NULL);
  }
}

gboolean
practice_store_commit (PracticeStore  *self,
                       GError        **error)
{
  g_return_val_if_fail (self->depth > 0, FALSE);

  if (self->failure == SQLITE_OK) {
    /* Savepoints may bear one name: RELEASE takes the innermost. */
    practice_store_run (self, self->depth > 1 ? "RELEASE practice" : "COMMIT", NULL);
    if (self->failure == SQLITE_OK) {
      self->depth--;
      return TRUE;
    }
  }
  set_error (self, self->failure, error);
  practice_store_rollback (self);
  return FALSE;
}

void
practice_store_rollback (PracticeStore *self)
{
  g_return_if_fail (self->depth > 0);

  self->depth--;
  /* SQLite has already undone the whole transaction where the disk was full. */
  if (sqlite3_get_autocommit (self->db))
    return;
  if (self->depth > 0) {
    int failure = self->failure;

    practice_store_run (self, "ROLLBACK TO practice", NULL);
    practice_store_run (self, "RELEASE practice", NULL);
    self->failure = failure;
    return;
  }
  practice_store_run (self, "ROLLBACK", NULL);
  self->failure = SQLITE_OK;
}
