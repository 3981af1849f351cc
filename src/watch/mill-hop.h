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

/**
 * MillVisit:
 * @arrived, @left: 0 where unknown or not yet
 * @status: how it ended
 * @key: tells visits of one hop apart: a hash of the invocation's id at a function, the count of receives before it at a queue
 *
 * One stay of a message at a component: a message that comes back to a queue or is tried again by a function stays there more than once.
 */
typedef struct {
  double        arrived;
  double        left;
  MillHopStatus status;
  guint32       key;
} MillVisit;

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
/* The payload follows from what the hop before handed over; nobody told of it, and it may have had more to it. */
gboolean       mill_hop_get_handed     (MillHop *self);
MillHopStatus  mill_hop_get_status     (MillHop *self);
/* Step mode of the practice cloud holds the message behind this hop. */
gboolean       mill_hop_get_held       (MillHop *self);
const char    *mill_hop_get_status_name (MillHop *self);  /* "held" "under-way" "ok" "retrying" "failed" "filtered" */
const char    *mill_hop_get_error      (MillHop *self);   /* a sentence, "" where none */
const char    *mill_hop_get_advice     (MillHop *self);   /* what to do, "" */
guint          mill_hop_get_attempts   (MillHop *self);   /* 1 where it went well at once */
gboolean       mill_hop_get_inferred   (MillHop *self);
const char    *mill_hop_get_message_id (MillHop *self);   /* the id that AWS gave it here */
const char    *mill_hop_get_log        (MillHop *self);   /* the function's log lines of this message's last attempt, "" */
/* The hop it came from; NULL for the first. A fan-out gives several hops the same one. */
MillHop       *mill_hop_get_previous   (MillHop *self);

/* (transfer none): in order of arrival, at least one; as long as the hop does not change. */
const MillVisit *mill_hop_get_visits   (MillHop *self,
                                        guint   *n_visits);
/**
 * mill_hop_look_back:
 * @time: seconds since 1970
 * @status: (out) (optional): the hop's status then
 * @here: (out) (optional): whether the message was at the component then, or had left it
 *
 * What the hop was at a moment of the past.
 *
 * Returns: FALSE where the message had not come here yet
 */
gboolean       mill_hop_look_back      (MillHop       *self,
                                        double         time,
                                        MillHopStatus *status,
                                        gboolean      *here);

G_END_DECLS
