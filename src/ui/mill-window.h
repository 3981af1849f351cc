/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "mill-application.h"

G_BEGIN_DECLS

#define MILL_TYPE_WINDOW (mill_window_get_type ())

/**
 * MillWindow:
 *
 * The window: home, or one deployment in work.
 */
G_DECLARE_FINAL_TYPE (MillWindow, mill_window, MILL, WINDOW, AdwApplicationWindow)

GtkWidget *mill_window_new             (MillApplication *application);
void       mill_window_open_deployment (MillWindow      *self,
                                        MillDeployment  *deployment);
void       mill_window_say             (MillWindow      *self,
                                        const char      *sentence);

G_END_DECLS
