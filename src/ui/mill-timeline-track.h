/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "mill-timeline.h"

G_BEGIN_DECLS

#define MILL_TYPE_TIMELINE_TRACK (mill_timeline_track_get_type ())

/**
 * MillTimelineTrack:
 *
 * The line itself: how much happened when, what of it went wrong, and the moment that is looked at, which can be dragged. Arrow keys go
 * from hop to hop, Page Up and Page Down further, Home to the beginning and End live. A slider for assistive technologies.
 */
G_DECLARE_FINAL_TYPE (MillTimelineTrack, mill_timeline_track, MILL, TIMELINE_TRACK, GtkWidget)

GtkWidget *mill_timeline_track_new (MillTimeline *timeline);
/* (transfer full): the moment that is looked at, in words: with the day where that is not today; "Live" where it is live. */
char      *mill_timeline_track_dup_text (MillTimelineTrack *self);

G_END_DECLS
