/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mill-probe.h"

G_BEGIN_DECLS

#define MILL_TYPE_QUEUE_PROBE (mill_queue_probe_get_type ())

/**
 * MillQueueProbe:
 *
 * A queue, by its attributes (sqs:GetQueueAttributes): how many messages wait, are in flight, are delayed. The counts are approximate on AWS.
 * Signal "dead-letters" (an ARN) where it has a dead-letter queue.
 */
G_DECLARE_FINAL_TYPE (MillQueueProbe, mill_queue_probe, MILL, QUEUE_PROBE, MillProbe)

MillProbe *mill_queue_probe_new (AwsClient  *client,
                                 const char *component,
                                 const char *queue_url);

G_END_DECLS
