/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mill-diagram-map.h"
#include "mill-traffic.h"

G_BEGIN_DECLS

/*
 * Lets the dots follow what a hop has just told: the message comes, stays, goes, fails and comes back. @fly: where FALSE it is at once where
 * it is going. @now: frame-clock microseconds.
 *
 * Returns: the node that is to light up now; -1 where none is, or where one will when the dot lands
 */
int  mill_present_show_hop (MillDiagramMap *map,
                            MillTraffic    *traffic,
                            MillHop        *hop,
                            gboolean        fly,
                            gint64          now);
/* Puts a dot where each message of @traces (of MillTrace) is that is still under way. */
void mill_present_fill     (MillDiagramMap *map,
                            MillTraffic    *traffic,
                            GListModel     *traces);

G_END_DECLS
