/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mill-hop.h"

G_BEGIN_DECLS

typedef enum {
  MILL_TRACE_UNDER_WAY,
  MILL_TRACE_DELIVERED,
  MILL_TRACE_FAILED,
  MILL_TRACE_STUCK,
  MILL_TRACE_FILTERED,
} MillTraceState;

#define MILL_TYPE_TRACE (mill_trace_get_type ())

/**
 * MillTrace:
 *
 * A message's whole way: a GListModel of MillHop in order of arrival. Signal "hop-changed" (a MillHop) when one gains facts.
 */
G_DECLARE_FINAL_TYPE (MillTrace, mill_trace, MILL, TRACE, GObject)

const char     *mill_trace_get_id         (MillTrace *self);   /* the first id known: the gateway's request id, else the message's */
MillTraceState  mill_trace_get_state      (MillTrace *self);
const char     *mill_trace_get_state_name (MillTrace *self);   /* "under-way" "delivered" "failed" "stuck" "filtered" */
double          mill_trace_get_started    (MillTrace *self);
double          mill_trace_get_ended      (MillTrace *self);   /* 0 while under way */
const char     *mill_trace_get_summary    (MillTrace *self);   /* a short text of the payload */
/* The hop that matters: the failed one, else the last. NULL while there is none. */
MillHop        *mill_trace_get_key_hop    (MillTrace *self);

G_END_DECLS
