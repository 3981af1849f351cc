/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define MILL_TYPE_PREFERENCES (mill_preferences_get_type ())

/**
 * MillPreferences:
 *
 * The window with the settings: how many API calls watching may make and what that costs, and when to be reminded of what runs on AWS. A change
 * is applied at once.
 */
G_DECLARE_FINAL_TYPE (MillPreferences, mill_preferences, MILL, PREFERENCES, AdwPreferencesWindow)

GtkWidget *mill_preferences_new (GtkWindow *parent,
                                 GSettings *settings);

G_END_DECLS
