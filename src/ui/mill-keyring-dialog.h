/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "mill-engine.h"

G_BEGIN_DECLS

#define MILL_TYPE_KEYRING_DIALOG (mill_keyring_dialog_get_type ())

/**
 * MillKeyringDialog:
 *
 * The credentials that are kept: added, replaced, renamed, deleted.
 *
 * Signal "changed": others are there than before.
 */
G_DECLARE_FINAL_TYPE (MillKeyringDialog, mill_keyring_dialog, MILL, KEYRING_DIALOG, AdwWindow)

/* @engine: (nullable): whose deployments may need them */
GtkWidget *mill_keyring_dialog_new (GtkWindow  *parent,
                                    MillEngine *engine);

G_END_DECLS
