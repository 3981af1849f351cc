/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>
#include <sqlite3.h>

G_BEGIN_DECLS

#define MILL_TYPE_LEDGER (mill_ledger_get_type ())

/**
 * MillLedger:
 *
 * The durable record, in SQLite (WAL). Writes are queued from any thread and put together: whoever waits for its own write puts those
 * of all others with it, so that ten things that are made at the same time cost one transaction and not ten. Queued writes keep their
 * order. What mill_ledger_commit() put survives a power cut; what mill_ledger_write() put survives the death of the process, and is
 * there for other processes, but a power cut within the next moments may take it.
 */
G_DECLARE_FINAL_TYPE (MillLedger, mill_ledger, MILL, LEDGER, GObject)

/* Opens or makes @path, brings its schema up to date. A damaged file is set aside under another name, and a new one begun with what can be read of it: see the notice. */
MillLedger *mill_ledger_new        (const char  *path,
                                    GError     **error);
/* NULL, or a sentence for the user: the ledger was damaged, where it is now. */
const char *mill_ledger_get_notice (MillLedger  *self);

/**
 * mill_ledger_queue:
 * @sql: a string literal: one statement
 * @types: one letter for each value that follows: s = const char *, i = gint64, b = GBytes *
 *
 * Queues a write, for the next mill_ledger_write() or mill_ledger_commit() to put.
 */
void        mill_ledger_queue      (MillLedger  *self,
                                    const char  *sql,
                                    const char  *types,
                                    ...);
/* Waits until everything queued so far is on the disk. Errors are sentences; what was queued is tried again with the next commit. */
gboolean    mill_ledger_commit     (MillLedger  *self,
                                    GError     **error);
/* The same without waiting for the disk: for what can be found out again from what was committed. */
gboolean    mill_ledger_write      (MillLedger  *self,
                                    GError     **error);

typedef void (*MillLedgerRow) (sqlite3_stmt *row,
                               gpointer      user_data);
/* Writes what is queued, then calls @row for each row. Like mill_ledger_queue() for the rest. */
gboolean    mill_ledger_read       (MillLedger     *self,
                                    MillLedgerRow   row,
                                    gpointer        user_data,
                                    GError        **error,
                                    const char     *sql,
                                    const char     *types,
                                    ...);

/* Within a MillLedgerRow: never NULL, "" for what is not a text. */
const char *mill_ledger_row_get_text   (sqlite3_stmt *row,
                                        int           column);
/* (transfer full): an empty one where the text is not that of an object. */
JsonObject *mill_ledger_row_dup_object (sqlite3_stmt *row,
                                        int           column);

G_END_DECLS
