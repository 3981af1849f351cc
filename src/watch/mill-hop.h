/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum {
  MILL_HOP_UNDER_WAY,
  MILL_HOP_OK,
  MILL_HOP_RETRYING,     /* failed, comes back */
  MILL_HOP_FAILED,
  MILL_HOP_FILTERED,
} MillHopStatus;

#define MILL_TYPE_HOP (mill_hop_get_type ())

/**
 * MillHop:
 *
 * A message's stay at one component. Times are seconds since 1970 with fraction, 0 where unknown.
 */
G_DECLARE_FINAL_TYPE (MillHop, mill_hop, MILL, HOP, GObject)

const char    *mill_hop_get_component  (MillHop *self);   /* a logical id, or an ARN where it belongs to no resource */
const char    *mill_hop_get_kind       (MillHop *self);   /* "gateway" "queue" "function" "table" "stream" "topic" "mail" "sms" */
double         mill_hop_get_arrived    (MillHop *self);
double         mill_hop_get_left       (MillHop *self);
const char    *mill_hop_get_payload    (MillHop *self);   /* what arrived; "" where unknown */
MillHopStatus  mill_hop_get_status     (MillHop *self);
const char    *mill_hop_get_status_name (MillHop *self);  /* "under-way" "ok" "retrying" "failed" "filtered" */
const char    *mill_hop_get_error      (MillHop *self);   /* a sentence, "" where none */
const char    *mill_hop_get_advice     (MillHop *self);   /* what to do, "" */
guint          mill_hop_get_attempts   (MillHop *self);   /* 1 where it went well at once */
gboolean       mill_hop_get_inferred   (MillHop *self);
const char    *mill_hop_get_message_id (MillHop *self);   /* the id that AWS gave it here */
const char    *mill_hop_get_log        (MillHop *self);   /* the function's log lines of this message's last attempt, "" */
/* The hop it came from; NULL for the first. A fan-out gives several hops the same one. */
MillHop       *mill_hop_get_previous   (MillHop *self);

G_END_DECLS
