/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mill-deployment.h"
#include "mill-trace-store.h"
#include "mill-tracer.h"
#include "mill-turns.h"

G_BEGIN_DECLS

#define MILL_TYPE_PROBES (mill_probes_get_type ())

/**
 * MillProbes:
 *
 * The probes of one deployment: one for each component that public APIs tell something of, made as soon as the resource is there and taken
 * away with it, asked when it is its turn (MillTurns).
 *
 * Signals: "observation" (a JsonObject: see MillTracer), "ready" (each has asked once: what happens from now on will be seen), "failed"
 * (a sentence; it goes on by itself).
 */
G_DECLARE_FINAL_TYPE (MillProbes, mill_probes, MILL, PROBES, GObject)

/* @store: where what is read from taps is kept; @since: seconds since 1970: what happened before does not matter; @resolve: as for MillTracer. */
MillProbes *mill_probes_new               (MillDeployment    *deployment,
                                           MillTraceStore    *store,
                                           double             since,
                                           double             late,
                                           MillTracerResolve  resolve,
                                           gpointer           user_data);
void        mill_probes_start             (MillProbes        *self);
void        mill_probes_stop              (MillProbes        *self);
/* Whether anything is under way. */
void        mill_probes_set_busy          (MillProbes        *self,
                                           gboolean           busy);
/* @calls_per_minute: at least MILL_TURNS_AT_REST */
void        mill_probes_set_budget        (MillProbes        *self,
                                           guint              calls_per_minute);
/* The calls of the last minute. */
guint       mill_probes_get_recent_calls  (MillProbes        *self);
/* What @calls_per_minute cost at most on AWS, in US dollars an hour: all of them at the price of the dearest (SQS, 0.40 a million). */
double      mill_probes_get_price         (guint              calls_per_minute);

G_END_DECLS
