/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mill-diagram-map.h"
#include "mill-mark.h"

G_BEGIN_DECLS

/* Adds a mark for each message that was under way at @moment (seconds since 1970): where it stayed, or how far between two components. @traces: of MillTrace */
void mill_past_add_marks (MillDiagramMap *map,
                          GListModel     *traces,
                          double          moment,
                          GArray         *marks);

G_END_DECLS
