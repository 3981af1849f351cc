/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mill-probe.h"
#include "mill-trace-store.h"

G_BEGIN_DECLS

#define MILL_TYPE_TAP_PROBE (mill_tap_probe_get_type ())

/**
 * MillTapProbe:
 *
 * What is published at a topic, read from the queue of a tap (sqs:ReceiveMessage, sqs:DeleteMessageBatch). Several programs may read the same tap, and each
 * message comes to one of them only: it is kept in the trace store, which they share, before it is deleted, and each tells what is in the store. So
 * nobody misses anything, and what a program that dies has not kept yet comes back into the queue.
 *
 * Signal "gone": there is no such queue any more.
 */
G_DECLARE_FINAL_TYPE (MillTapProbe, mill_tap_probe, MILL, TAP_PROBE, MillProbe)

/* @component: the topic's; @store: where what was read is kept, for @deployment_id */
MillProbe *mill_tap_probe_new (AwsClient      *client,
                               const char     *component,
                               double          since,
                               const char     *queue_url,
                               MillTraceStore *store,
                               const char     *deployment_id);

G_END_DECLS
