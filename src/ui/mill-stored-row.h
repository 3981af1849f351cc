/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "mill-keyring.h"

G_BEGIN_DECLS

#define MILL_TYPE_STORED_ROW (mill_stored_row_get_type ())

/**
 * MillStoredRow:
 *
 * Credentials that are kept: their name, whose they are, how long they are still good, and what can be done with them. Its buttons are the actions
 * "keyring.replace", "keyring.rename" and "keyring.delete", each with the name.
 */
G_DECLARE_FINAL_TYPE (MillStoredRow, mill_stored_row, MILL, STORED_ROW, AdwActionRow)

GtkWidget  *mill_stored_row_new    (const MillStored *stored);
/* (transfer full): "account 123456789012 · eu-west-1 · 43 minutes left · for this run only" */
char       *mill_stored_describe   (const MillStored *stored);

G_END_DECLS
