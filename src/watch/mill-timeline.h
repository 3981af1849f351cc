/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mill-trace.h"

G_BEGIN_DECLS

/* Quiet stretches are not longer than this on the line, in seconds. */
#define MILL_TIMELINE_QUIET 3.0
/* What a component did lately: so many parts of so many seconds in all. */
#define MILL_ACTIVITY_PARTS 30
#define MILL_ACTIVITY_SECONDS 60.0

/**
 * MillActivity:
 * @arrived: how often a message came; at a function: how often it ran, each time with one message or more
 * @messages: how often a message came from somewhere else; what comes back to a queue does not
 * @waiting: messages that are here
 * @errors: stays that went wrong in the last minute
 * @failed: (nullable): the last of them, not referenced: it may go when traces do; @failed_at: when it did
 * @parts: arrivals in each part of the last minute, oldest first
 *
 * What a component had done at some moment.
 */
typedef struct {
  guint64 arrived;
  guint64 messages;
  guint64 waiting;
  guint64 errors;
  MillHop *failed;
  double  failed_at;
  guint   parts[MILL_ACTIVITY_PARTS];
} MillActivity;

/**
 * MillHopThen:
 * @status: how its stay was going
 * @left: when it had left for the last time; 0 where it was there
 * @attempts: how often it had come
 *
 * How a hop stood at some moment.
 */
typedef struct {
  MillHopStatus status;
  double        left;
  guint         attempts;
} MillHopThen;

#define MILL_TYPE_TIMELINE (mill_timeline_get_type ())

/**
 * MillTimeline:
 *
 * All that was observed, by its time: the moment that is looked at, what was where then, and the way from hop to hop. Times are
 * seconds since 1970. Knows no clock.
 *
 * Property "moment": what is looked at; 0 is live: whatever is known now. Property "playing": mill_timeline_advance() moves on.
 * Property "speed". Signal "changed": something was observed.
 */
G_DECLARE_FINAL_TYPE (MillTimeline, mill_timeline, MILL, TIMELINE, GObject)

/* @traces: of MillTrace */
MillTimeline   *mill_timeline_new           (GListModel   *traces);
/* Tells that @hop is new or gained facts. */
void            mill_timeline_update        (MillTimeline *self,
                                             MillHop      *hop);
GListModel     *mill_timeline_get_traces    (MillTimeline *self);

/* The first and the last moment of which something is known; 0 where nothing is. */
double          mill_timeline_get_start     (MillTimeline *self);
double          mill_timeline_get_end       (MillTimeline *self);
double          mill_timeline_get_moment    (MillTimeline *self);
/* Held between start and end; 0 goes live. */
void            mill_timeline_set_moment    (MillTimeline *self,
                                             double        moment);
gboolean        mill_timeline_is_live       (MillTimeline *self);
/* The next moment at which a message arrives somewhere or leaves, or the one before; 0 where there is none. @moment: 0 is the end. */
double          mill_timeline_get_next      (MillTimeline *self,
                                             double        moment);
double          mill_timeline_get_previous  (MillTimeline *self,
                                             double        moment);

/* Where a moment is on the line, in seconds from its beginning with quiet stretches shortened, and back. */
double          mill_timeline_to_position   (MillTimeline *self,
                                             double        moment);
double          mill_timeline_from_position (MillTimeline *self,
                                             double        position);
double          mill_timeline_get_length    (MillTimeline *self);
/* How much happened in each of @n equal stretches of the line, and how much of it went wrong. */
void            mill_timeline_count         (MillTimeline *self,
                                             guint         n,
                                             guint        *all,
                                             guint        *failed);

gboolean        mill_timeline_get_playing   (MillTimeline *self);
/* Begins anew where it is at the end or live. */
void            mill_timeline_set_playing   (MillTimeline *self,
                                             gboolean      playing);
void            mill_timeline_set_speed     (MillTimeline *self,
                                             double        speed);
/* While playing: @seconds have gone by. Goes live at the end. */
void            mill_timeline_advance       (MillTimeline *self,
                                             double        seconds);

/* How a trace stood at @moment; 0: now. @begun: (out) (optional): whether it had begun. */
MillTraceState  mill_timeline_look_at_trace (MillTrace    *trace,
                                             double        moment,
                                             gboolean     *begun);
/* How a hop stood at @moment; 0: now. Returns: FALSE where the message had not come there. */
gboolean        mill_timeline_look_at_hop   (MillHop      *hop,
                                             double        moment,
                                             MillHopThen  *then);

/* The components where anything was observed, by index; one that messages reach from several others is there for each of them. */
guint           mill_timeline_get_n_places  (MillTimeline *self);
/* @kind, @from, @from_kind: (out) (optional): its kind, and where its messages come from; NULL where they begin here. All interned. */
const char     *mill_timeline_get_place     (MillTimeline *self,
                                             guint         place,
                                             const char  **kind,
                                             const char  **from,
                                             const char  **from_kind);
/* Adds what happened at a place until @moment to @activity; 0: all of it, also of traces that went because there were too many. */
void            mill_timeline_add_activity  (MillTimeline *self,
                                             guint         place,
                                             double        moment,
                                             MillActivity *activity);

G_END_DECLS
