/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "mill-trace.h"

G_BEGIN_DECLS

/**
 * MillTracerResolve:
 * @kind: "gateway" "queue" "function" "table" "stream" "topic" "mail" "sms"; "tap": a queue by which a watch reads what is published, and which is none of
 *   the pipeline's (any text for an answer); and the others of mill_resolver_resolve()
 * @id: an API's id, or an ARN
 * @endpoint: (nullable): a subscription's endpoint, for one that has no ARN yet
 *
 * Returns: (nullable): the logical id; it stays valid as long as the tracer. NULL for what belongs to somebody else
 */
typedef const char *(*MillTracerResolve) (const char *kind,
                                          const char *id,
                                          const char *endpoint,
                                          gpointer    user_data);

#define MILL_TYPE_TRACER (mill_tracer_get_type ())

/**
 * MillTracer:
 *
 * Joins observations into traces by the ids that they carry: a GListModel of MillTrace, oldest first, the last 10,000. Observations are
 * events of the practice cloud (their kinds and members: practice-events.h), or what probes read elsewhere and put in the same words; they
 * may come late, more than once, and in another order than they happened. Knows neither clock nor network.
 *
 * Of a batch whose function makes several writes, the function's structured log lines ({"in": {…}, "out": {…}}) say which write belongs
 * to which message; where there are none, the order of the writes is taken and the hop marked as inferred.
 *
 * Probes have kinds of their own besides, for what can only be inferred ("component" is a logical id, or an ARN):
 *
 * gateway-request has "extendedRequestId" as well, by which an access log may know the request
 * gateway-logged requestId (or the other id, where the log has that alone) apiId time earliest (where time is not known exactly) left method path status error integrationStatus integrationError: from the access log
 * queue-seen     component waiting inFlight delayed visibilityTimeout maxReceiveCount deadLetterQueueArn
 * mapping-seen   functionComponent source (a component) sourceKind ("queue" "stream") filters state (as Lambda says it: "Enabled" "Disabled" …)
 * mappings-listed functionComponent sources (components): all that there are; what was seen before and is not among them is gone
 * function-seen  component unlogged: its log tells neither when a run begins nor that it went well; what follows from its lines is "inferred"
 * topic-seen     component subscriptions: [{arn, endpoint, protocol, pending, filters}]
 * topic-tapped   topicArn messageId message subject: what was published, where that is read with a tap
 * read-until     component (of a function, or "inbox") until: all that it told up to this time was handed over; none: it will be read
 *
 * Signals: "hop" (MillTrace, MillHop: new or changed), "trace" (MillTrace: its state changed), "gone" (MillTrace: it was shown, and has nothing left:
 * all that it had is another's, or never was), "counts-changed" (a logical id), "held-changed".
 */
G_DECLARE_FINAL_TYPE (MillTracer, mill_tracer, MILL, TRACER, GObject)

MillTracer *mill_tracer_new        (MillTracerResolve   resolve,
                                    gpointer            user_data);
void        mill_tracer_add        (MillTracer         *self,
                                    JsonObject         *event);
/* The clock: @now in seconds since 1970. To be called about once a second, for what can only be said when nothing more was heard for a while. */
void        mill_tracer_pass_time  (MillTracer         *self,
                                    double              now);
/* How many seconds an observation may come late, 2 where this is not called. */
void        mill_tracer_set_patience (MillTracer       *self,
                                    double              seconds);
/* Whether anything is on its way, or awaits its place. */
gboolean    mill_tracer_is_busy    (MillTracer         *self);
/* Traces of past runs, oldest first (element-type MillTrace): they come before all others, and go on where more is told of their messages. */
void        mill_tracer_restore    (MillTracer         *self,
                                    GPtrArray          *traces);
MillTrace  *mill_tracer_find       (MillTracer         *self,
                                    const char         *trace_id);
guint64     mill_tracer_get_count  (MillTracer         *self,
                                    const char         *component);
guint64     mill_tracer_get_errors (MillTracer         *self,
                                    const char         *component);

/**
 * MillTracerHeldFunc:
 * @component, @kind: where the message is: behind which hop it is held
 * @hop: (nullable): that hop, where it was seen
 */
typedef void (*MillTracerHeldFunc) (const char *hold_id,
                                    const char *component,
                                    const char *kind,
                                    MillHop    *hop,
                                    gpointer    user_data);

/* What step mode of the practice cloud holds. */
guint       mill_tracer_get_n_held (MillTracer         *self);
void        mill_tracer_foreach_held (MillTracer       *self,
                                    MillTracerHeldFunc  func,
                                    gpointer            user_data);
/* Nothing is held as far as is known: before the practice cloud is asked anew. */
void        mill_tracer_forget_held (MillTracer        *self);

G_END_DECLS
