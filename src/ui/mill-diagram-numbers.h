/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mill-diagram-map.h"
#include "mill-timeline.h"
#include "mill-watch.h"

G_BEGIN_DECLS

/**
 * MillDiagramNumbers:
 * @count: the number that matters: what waits in a queue, else how often the component was busy
 * @errors: in the last minute
 * @failed: (nullable): the last of them, not referenced; @failed_at: when it did
 * @parts: how much came in each part of the last minute
 *
 * What a node says of itself.
 */
typedef struct {
  guint64 count;
  guint64 errors;
  MillHop *failed;
  double  failed_at;
  guint   parts[MILL_ACTIVITY_PARTS];
} MillDiagramNumbers;

/*
 * Works out the numbers at the moment that the time line looks at. @watch: (nullable); @now: seconds since 1970, by which errors are forgotten when that is live.
 * @numbers: by node, @carried: by edge, how many messages went along it; both all 0 before. Returns: whether there are errors to be forgotten.
 */
gboolean mill_diagram_numbers_fill (MillDiagramMap     *map,
                                    MillTimeline       *timeline,
                                    MillWatch          *watch,
                                    double              now,
                                    MillDiagramNumbers *numbers,
                                    guint64            *carried);

G_END_DECLS
