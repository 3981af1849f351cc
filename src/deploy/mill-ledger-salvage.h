/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <sqlite3.h>

G_BEGIN_DECLS

/*
 * Copies into @to whatever can still be read of the damaged ledger @path, which is not touched: tables are read from both ends up to the damage.
 * Returns how many deployments were saved. What is lost is found by its tags.
 */
guint mill_ledger_salvage (sqlite3    *to,
                           const char *path);

G_END_DECLS
