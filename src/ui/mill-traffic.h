/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mill-mark.h"

G_BEGIN_DECLS

/* How long a message takes from one node to the next, in microseconds, however quickly it really went. */
#define MILL_TRAFFIC_LEG (520 * 1000)

/**
 * MillTraffic:
 *
 * The messages that are under way now, each a dot that keeps its identity: it flies from node to node, one leg after the other, stays where
 * its message stays, and goes when that has gone on. Nodes are indices; times are frame-clock microseconds.
 */
typedef struct _MillTraffic MillTraffic;

/* @node: where a message has landed, and how its stay there goes; or that it passes, and how it goes on from there. */
typedef void (*MillLanding) (guint          node,
                             MillHopStatus  status,
                             gpointer       user_data);

MillTraffic *mill_traffic_new      (void);
void         mill_traffic_free     (MillTraffic   *self);
void         mill_traffic_clear    (MillTraffic   *self);
/*
 * The message of @hop goes along @route (@n nodes; the first is where it is). Where it is flying already, it does so afterwards. It leaves when the
 * message of @after (nullable) has landed. @stays: it is there until mill_traffic_settle() says otherwise.
 */
void         mill_traffic_send     (MillTraffic   *self,
                                    MillHop       *hop,
                                    MillHop       *after,
                                    const guint   *route,
                                    guint          n,
                                    MillHopStatus  status,
                                    gboolean       stays,
                                    gint64         now);
/* What became of a message; it shows once the dot has landed. FALSE where there is no dot. */
gboolean     mill_traffic_settle   (MillTraffic   *self,
                                    MillHop       *hop,
                                    MillHopStatus  status,
                                    gboolean       stays);
/* Whether the message of @hop is on its way. */
gboolean     mill_traffic_is_flying (MillTraffic  *self,
                                    MillHop       *hop);
/* Whether a dot that followed @hop has come back to where @hop is. */
gboolean     mill_traffic_has_returned (MillTraffic *self,
                                    MillHop       *hop);
/* Lands what has arrived by @now. Returns: how many are still flying. */
guint        mill_traffic_advance  (MillTraffic   *self,
                                    gint64         now,
                                    MillLanding    landing,
                                    gpointer       user_data);
/* Adds a mark for each message. */
void         mill_traffic_add_marks (MillTraffic  *self,
                                    gint64         now,
                                    GArray        *marks);
guint        mill_traffic_get_n_flying (MillTraffic *self);
guint        mill_traffic_get_n    (MillTraffic   *self);

G_END_DECLS
