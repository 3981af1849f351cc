/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mill-deployment.h"
#include "mill-tracer.h"

G_BEGIN_DECLS

#define MILL_TYPE_WATCH (mill_watch_get_type ())

/**
 * MillWatch:
 *
 * Watches one deployment: a GListModel of MillTrace, oldest first (the last 10,000). On the practice cloud it reads the true event stream.
 * Traces are kept on the disk (MillTraceStore); those of past runs come first, as soon as they are loaded.
 *
 * Signals, all in the main context: "hop" (MillTrace, MillHop; new or changed), "trace" (MillTrace; its state changed),
 * "mail" (to, subject, body, confirmation link or ""), "counts-changed" (a logical id), "held-changed" (what step mode
 * holds), "hold-switched" (a deployment's id or "" for all, on), "ready" (what happens from now on will be seen), "failed" (a sentence; it goes on by itself).
 */
G_DECLARE_FINAL_TYPE (MillWatch, mill_watch, MILL, WATCH, GObject)

MillWatch  *mill_watch_new           (MillDeployment *deployment);
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
