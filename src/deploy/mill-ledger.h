/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <sqlite3.h>

G_BEGIN_DECLS

#define MILL_TYPE_LEDGER (mill_ledger_get_type ())

/**
 * MillLedger:
 *
 * The durable record, in SQLite (WAL, full synchronisation: what was committed survives a power cut). Writes are queued from any
 * thread and committed together: whoever waits for its own write commits those of all others with it, so that ten things that are
 * made at the same time cost one flush to the disk and not ten. Queued writes keep their order.
 */
G_DECLARE_FINAL_TYPE (MillLedger, mill_ledger, MILL, LEDGER, GObject)

/* Opens or makes @path, brings its schema up to date. A damaged file is set aside under another name, and a new one begun: see the notice. */
MillLedger *mill_ledger_new        (const char  *path,
                                    GError     **error);
const char *mill_ledger_get_path   (MillLedger  *self);
/* NULL, or a sentence for the user: the ledger was damaged, where it is now. */
const char *mill_ledger_get_notice (MillLedger  *self);

/**
 * mill_ledger_queue:
 * @sql: a string literal: one statement
 * @types: one letter for each value that follows: s = const char *, i = gint64, b = GBytes *
 *
 * Queues a write. It is durable once a later mill_ledger_commit() succeeds.
 */
void        mill_ledger_queue      (MillLedger  *self,
                                    const char  *sql,
                                    const char  *types,
                                    ...);
/* Waits until everything queued so far is on the disk. Errors are sentences; what was queued is tried again with the next commit. */
gboolean    mill_ledger_commit     (MillLedger  *self,
                                    GError     **error);

typedef void (*MillLedgerRow) (sqlite3_stmt *row,
                               gpointer      user_data);
/* Commits what is queued, then calls @row for each row. Like mill_ledger_queue() for the rest. */
gboolean    mill_ledger_read       (MillLedger     *self,
                                    MillLedgerRow   row,
                                    gpointer        user_data,
                                    GError        **error,
                                    const char     *sql,
                                    const char     *types,
                                    ...);

G_END_DECLS
