/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <sqlite3.h>

G_BEGIN_DECLS

#define PRACTICE_TYPE_STORE (practice_store_get_type ())

/**
 * PracticeStore:
 *
 * The state of the practice cloud: one SQLite database, one connection, used from the main thread only. Every
 * service makes its own tables (CREATE TABLE IF NOT EXISTS, names prefixed with the service: sqs_queue) when it starts.
 */
G_DECLARE_FINAL_TYPE (PracticeStore, practice_store, PRACTICE, STORE, GObject)

/* @directory: made where it is missing; NULL keeps everything in memory. Errors are sentences that name the folder. */
PracticeStore *practice_store_new      (const char     *directory,
                                        GError        **error);
/*
 * Around the start of the services: all tables are made in one transaction, and nothing waits for the disk; from the end on what is
 * committed survives a loss of power but for the last moments (SQLite's synchronous = NORMAL).
 */
void           practice_store_begin_start (PracticeStore *self);
gboolean       practice_store_end_start   (PracticeStore  *self,
                                        GError        **error);
/* For SQLite's own functions, e.g. the last row id. (transfer none) */
sqlite3       *practice_store_get_db   (PracticeStore  *self);

/*
 * Runs one or more statements that answer no rows. A statement that does not compile is a programmer's error. While tables are made at
 * the start, and outside of a transaction, a full or broken disk ends the program with a sentence.
 */
void           practice_store_exec     (PracticeStore  *self,
                                        const char     *sql);

/**
 * practice_store_prepare:
 * @sql: a string literal; the statement is compiled once and kept under its address
 * @types: one letter for each parameter that follows: s = const char * (NULL allowed), i = gint64,
 *   d = double, b = GBytes * (NULL allowed), n = no argument: SQL NULL
 *
 * Resets the statement and binds its parameters. Texts and bytes are copied.
 *
 * Returns: (transfer none): ready for sqlite3_step(); reset it when done if rows remain
 */
sqlite3_stmt  *practice_store_prepare  (PracticeStore  *self,
                                        const char     *sql,
                                        const char     *types,
                                        ...);
/* The same, stepped to its end; returns the number of rows changed. */
int            practice_store_run      (PracticeStore  *self,
                                        const char     *sql,
                                        const char     *types,
                                        ...);
/* Transactions nest (savepoints). A failed commit (disk full) is reported once as a GError and everything in it is undone. */
void           practice_store_begin    (PracticeStore  *self);
gboolean       practice_store_commit   (PracticeStore  *self,
                                        GError        **error);
void           practice_store_rollback (PracticeStore  *self);

G_END_DECLS
