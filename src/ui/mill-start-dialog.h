/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "mill-engine.h"

G_BEGIN_DECLS

#define MILL_TYPE_START_DIALOG (mill_start_dialog_get_type ())

/**
 * MillStartDialog:
 *
 * Asks where a tutorial is to be built, and for what has no default. Signal "started" (a MillDeployment).
 */
G_DECLARE_FINAL_TYPE (MillStartDialog, mill_start_dialog, MILL, START_DIALOG, AdwWindow)

GtkWidget *mill_start_dialog_new (GtkWindow    *parent,
                                  MillEngine   *engine,
                                  MillTutorial *tutorial);

G_END_DECLS
