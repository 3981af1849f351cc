/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define MILL_TYPE_BAR (mill_bar_get_type ())

/**
 * MillBar:
 *
 * What went wrong and what to do about it, inline. Hidden until it has something to say; then assistive technologies hear of it.
 *
 * Signal "clicked": the button.
 */
G_DECLARE_FINAL_TYPE (MillBar, mill_bar, MILL, BAR, GtkWidget)

GtkWidget *mill_bar_new   (void);
/* @message: NULL hides the bar. @advice: "" or NULL for none. */
void       mill_bar_say   (MillBar      *self,
                           const char   *message,
                           const char   *advice,
                           const char   *action);
/* The same from an error, with mill_error_get_advice(); NULL hides the bar. */
void       mill_bar_fail  (MillBar      *self,
                           const GError *error,
                           const char   *action);

G_END_DECLS
