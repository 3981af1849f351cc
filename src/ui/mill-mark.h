/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mill-hop.h"

G_BEGIN_DECLS

/* More messages than this on their way at once are streams with a number; more than that in one place a bunch with a number. */
#define MILL_MARKS_MOST_DOTS  100
#define MILL_MARKS_MOST_BUNCH 12
/* So many fly side by side; more of them fly over one another. */
#define MILL_MARKS_LANES      5

/**
 * MillMark:
 * @from: index of the node that it leaves
 * @to: index of the node that it goes to; the same where it stays
 * @progress: how far it has come, 0 to 1; below 0: a stream all along the way
 * @status: how it is going
 * @n: for how many messages it stands
 * @lane: which of those that fly side by side it is, below MILL_MARKS_LANES
 *
 * Something that a diagram shows of the messages: one dot, or a number of them.
 */
typedef struct {
  guint          from;
  guint          to;
  double         progress;
  MillHopStatus  status;
  guint          n;
  guint          lane;
} MillMark;

/*
 * Turns one mark a message into what can be looked at: too many on their way become a stream for each way, too many in one place
 * a few dots and a number. What went wrong stays a dot as long as there is room. @n_nodes: how many nodes there are.
 */
void mill_marks_condense (GArray *marks,
                          guint   n_nodes);

/* Nothing is on its way: what has set out is where it was until it has arrived. For who wants no animations. */
void mill_marks_still    (GArray *marks);

/* Gives lanes to those whose way nobody follows from its beginning: what is at the same place on the same way flies side by side. */
void mill_marks_spread   (GArray *marks);

G_END_DECLS
