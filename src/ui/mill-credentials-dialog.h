/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define MILL_TYPE_CREDENTIALS_DIALOG (mill_credentials_dialog_get_type ())

/**
 * MillCredentialsDialog:
 *
 * Enters credentials under a name. They are kept once AWS has said whose they are, which the dialog then shows.
 *
 * Signal "stored": the name (a string).
 */
G_DECLARE_FINAL_TYPE (MillCredentialsDialog, mill_credentials_dialog, MILL, CREDENTIALS_DIALOG, AdwWindow)

/* @name: NULL for new ones, else the name of those that are replaced. @region: NULL where none is known. */
GtkWidget *mill_credentials_dialog_new (GtkWindow  *parent,
                                        const char *name,
                                        const char *region);

G_END_DECLS
