/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "mill-timeline.h"

G_BEGIN_DECLS

#define MILL_TYPE_TIMELINE_BAR (mill_timeline_bar_get_type ())

/**
 * MillTimelineBar:
 *
 * The time line with what moves it: to the hop before and the next one, play at several speeds, back to live.
 */
G_DECLARE_FINAL_TYPE (MillTimelineBar, mill_timeline_bar, MILL, TIMELINE_BAR, GtkWidget)

GtkWidget *mill_timeline_bar_new (MillTimeline *timeline);

G_END_DECLS
