/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "mill-timeline.h"

G_BEGIN_DECLS

#define MILL_TYPE_HOP_VIEW (mill_hop_view_get_type ())

/**
 * MillHopView:
 *
 * All that is known of one hop: when, how long, how often, how it went and what to do, the payload and how it differs from the hop before, the log.
 */
G_DECLARE_FINAL_TYPE (MillHopView, mill_hop_view, MILL, HOP_VIEW, GtkWidget)

GtkWidget *mill_hop_view_new     (void);
/* @hop: (nullable). @title: what its component is called. @moment: as of when, seconds since 1970; 0: now. */
void       mill_hop_view_set_hop (MillHopView *self,
                                  MillHop     *hop,
                                  const char  *title,
                                  double       moment);

G_END_DECLS
