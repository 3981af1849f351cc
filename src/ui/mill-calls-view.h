/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "mill-target.h"

G_BEGIN_DECLS

#define MILL_TYPE_CALLS_VIEW (mill_calls_view_get_type ())

/**
 * MillCallsView:
 *
 * Every API call that was made, newest first, with request, answer and time; each can be copied as an `aws` command.
 */
G_DECLARE_FINAL_TYPE (MillCallsView, mill_calls_view, MILL, CALLS_VIEW, GtkWidget)

GtkWidget *mill_calls_view_new (MillTarget *target);

G_END_DECLS
