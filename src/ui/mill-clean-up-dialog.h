/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "mill-engine.h"

G_BEGIN_DECLS

#define MILL_TYPE_CLEAN_UP_DIALOG (mill_clean_up_dialog_get_type ())

/**
 * MillCleanUpDialog:
 *
 * Shows what will be deleted, deletes it, and then what the cloud said when it was asked again. The result can be saved as a report.
 */
G_DECLARE_FINAL_TYPE (MillCleanUpDialog, mill_clean_up_dialog, MILL, CLEAN_UP_DIALOG, AdwWindow)

GtkWidget *mill_clean_up_dialog_new (GtkWindow      *parent,
                                     MillEngine     *engine,
                                     MillDeployment *deployment);

G_END_DECLS
