/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "mill-timeline.h"

G_BEGIN_DECLS

#define MILL_TYPE_MESSAGE_ROW (mill_message_row_get_type ())

/**
 * MillMessageRow:
 *
 * A line of the messages list: a trace with its summary and state, or one of its hops.
 */
G_DECLARE_FINAL_TYPE (MillMessageRow, mill_message_row, MILL, MESSAGE_ROW, GtkWidget)

GtkWidget *mill_message_row_new        (void);
/* @moment: as of when, seconds since 1970; 0: now */
void       mill_message_row_show_trace (MillMessageRow *self,
                                        MillTrace      *trace,
                                        double          moment);
/* @title: what the hop's component is called. @started: when the trace began, seconds since 1970. */
void       mill_message_row_show_hop   (MillMessageRow *self,
                                        MillHop        *hop,
                                        const char     *title,
                                        double          started,
                                        double          moment);

G_END_DECLS
