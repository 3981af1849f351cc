/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <sqlite3.h>

G_BEGIN_DECLS

/**
 * mill_ledger_file_open:
 * @notice: (out) (transfer full): a sentence for the user where the file was damaged: what became of it; else left as it is
 *
 * Opens or makes the ledger's file with its folder, and brings its schema up to date. One that is damaged is set aside under another name; what can be read
 * of it goes into a new one. Commits wait for the disk.
 *
 * Returns: (transfer full): NULL with an error, a sentence
 */
sqlite3 *mill_ledger_file_open      (const char  *path,
                                     char       **notice,
                                     GError     **error);
/* Writes what is there anyway, for a transaction that has to flush and has nothing to write. Returns SQLite's code. */
int      mill_ledger_file_touch     (sqlite3     *db);
/* Why the ledger cannot be used, and what to do, from SQLite's @code. @db: (nullable) */
void     mill_ledger_file_set_error (const char  *path,
                                     sqlite3     *db,
                                     int          code,
                                     GError     **error);

G_END_DECLS
