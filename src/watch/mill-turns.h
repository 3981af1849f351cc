/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* So many calls a minute are made at most, where nobody says otherwise; and at rest in any case. */
#define MILL_TURNS_BUDGET 300
#define MILL_TURNS_AT_REST 10

/**
 * MillTurns:
 *
 * Whose turn it is to be asked: often while something is under way (the more of the budget is used up, the less often), seldom at rest, less often the
 * longer nothing new is heard, and never with more calls in any minute than the budget allows, nor more than MILL_TURNS_AT_REST that are made at rest.
 * Knows no clock: every @now is monotonic, in microseconds.
 */
typedef struct _MillTurns MillTurns;
/* One that is asked again and again. */
typedef struct _MillTurn MillTurn;

MillTurns *mill_turns_new          (gint64      now);
void       mill_turns_free         (MillTurns  *self);
/*
 * Due at once. @weight: it is asked so many times less often than what has the weight 1; @rest_weight: the same at rest; @data: what
 * mill_turns_pick() returns. Returns: (transfer none)
 */
MillTurn  *mill_turns_add          (MillTurns  *self,
                                    double      weight,
                                    double      rest_weight,
                                    gpointer    data);
void       mill_turns_remove       (MillTurns  *self,
                                    MillTurn   *turn);
/* Calls a minute, MILL_TURNS_AT_REST at least. */
void       mill_turns_set_budget   (MillTurns  *self,
                                    guint       calls_per_minute);
/* Whether anything is under way. */
void       mill_turns_set_busy     (MillTurns  *self,
                                    gboolean    busy,
                                    gint64      now);
/* Something new was heard. */
void       mill_turns_note_news    (MillTurns  *self,
                                    gint64      now);
/* Everything may be due sooner than it was, but for what failed. */
void       mill_turns_hurry        (MillTurns  *self,
                                    gint64      now);
/* What failed need not wait any longer: the reason is gone. */
void       mill_turns_forgive      (MillTurns  *self,
                                    gint64      now);
/*
 * Which is to be asked now, or goes on with what it was asked: the one that has been due for the longest, while the budget has room. It is being
 * asked from then on, until mill_turn_end(). Returns: (nullable): its data
 */
gpointer   mill_turns_pick         (MillTurns  *self,
                                    gint64      now);
/* The time when there will be one to pick; G_MAXINT64 where there will not. */
gint64     mill_turns_get_next     (MillTurns  *self,
                                    gint64      now);
/* The calls of the last minute. */
guint      mill_turns_get_recent   (MillTurns  *self,
                                    gint64      now);

/* Whether a call may be made for it now, which then counts; otherwise it waits until it is picked. */
gboolean   mill_turn_call          (MillTurn   *self,
                                    gint64      now);
/* It was asked. One that failed pauses, longer each time. */
void       mill_turn_end           (MillTurn   *self,
                                    gboolean    failed,
                                    gint64      now);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (MillTurns, mill_turns_free)

G_END_DECLS
