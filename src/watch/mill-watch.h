/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mill-deployment.h"
#include "mill-probes.h"
#include "mill-trace-store.h"

G_BEGIN_DECLS

/**
 * MillWatchSource:
 * @MILL_WATCH_AUTO: the true event stream on the practice cloud, probes elsewhere
 * @MILL_WATCH_EVENTS: the true event stream
 * @MILL_WATCH_PROBES: public APIs, also on the practice cloud
 */
typedef enum {
  MILL_WATCH_AUTO,
  MILL_WATCH_EVENTS,
  MILL_WATCH_PROBES,
} MillWatchSource;

#define MILL_TYPE_WATCH (mill_watch_get_type ())

/**
 * MillWatch:
 *
 * Watches one deployment: a GListModel of MillTrace, oldest first (the last 10,000). On the practice cloud it reads the true event stream, elsewhere
 * public APIs (MillProbes), whose calls are kept within a budget.
 * Traces are kept on the disk (MillTraceStore); those of past runs come first, as soon as they are loaded.
 *
 * Signals, all in the main context: "hop" (MillTrace, MillHop; new or changed), "trace" (MillTrace; its state changed),
 * "mail" (to, subject, body, confirmation link or ""), "counts-changed" (a logical id), "held-changed" (what step mode
 * holds), "hold-switched" (a deployment's id or "" for all, on), "ready" (what happens from now on will be seen), "failed" (a sentence; it goes on by itself).
 */
G_DECLARE_FINAL_TYPE (MillWatch, mill_watch, MILL, WATCH, GObject)

MillWatch  *mill_watch_new           (MillDeployment *deployment);
/* The same with a store that others use, too. */
MillWatch  *mill_watch_new_with_store (MillDeployment *deployment,
                                      MillTraceStore *store);
/* Before it is started. */
void        mill_watch_set_source    (MillWatch      *self,
                                      MillWatchSource source);
/* Whether what happens is seen by public APIs, which do not tell what is published at a topic. */
gboolean    mill_watch_uses_probes   (MillWatch      *self);
/* Calls a minute at most (property "budget"), MILL_TURNS_BUDGET where this is not called. The event stream needs none. */
void        mill_watch_set_budget    (MillWatch      *self,
                                      guint           calls_per_minute);
/* The calls of the last minute. */
guint       mill_watch_get_recent_calls (MillWatch   *self);
/* Begins with what happens from now on; @from_beginning: with all that the practice cloud still remembers. */
void        mill_watch_start         (MillWatch      *self,
                                      gboolean        from_beginning);
void        mill_watch_stop          (MillWatch      *self);
MillTrace  *mill_watch_find          (MillWatch      *self,
                                      const char     *trace_id);
/* Whether the traces of past runs are there (or cannot be had). Notified as "loaded". */
gboolean    mill_watch_get_loaded    (MillWatch      *self);
/* A number that matters of a component: messages in a queue, invocations of a function, items of a table, deliveries of a topic. */
guint64     mill_watch_get_count     (MillWatch      *self,
                                      const char     *logical_id);
/* Errors at the component since the watch began. */
guint64     mill_watch_get_errors    (MillWatch      *self,
                                      const char     *logical_id);

/* What step mode of the practice cloud holds: see MillStepMode. */
guint       mill_watch_get_n_held    (MillWatch      *self);
void        mill_watch_foreach_held  (MillWatch      *self,
                                      MillTracerHeldFunc func,
                                      gpointer        user_data);
/* @held: (transfer none) (nullable): all that the practice cloud holds, as it lists it */
void        mill_watch_set_held      (MillWatch      *self,
                                      JsonArray      *held);

G_END_DECLS
