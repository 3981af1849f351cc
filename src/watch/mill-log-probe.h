/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mill-group-probe.h"

G_BEGIN_DECLS

#define MILL_TYPE_LOG_PROBE (mill_log_probe_get_type ())

/**
 * MillLogProbe:
 *
 * A function, by its log group (logs:FilterLogEvents): runs, their lines, how they ended. Lines that come late are looked for again for some
 * seconds; no line is told twice.
 */
G_DECLARE_FINAL_TYPE (MillLogProbe, mill_log_probe, MILL, LOG_PROBE, MillGroupProbe)

/* @late: seconds after which a line may still appear before others; @topic_arn, @queue_arn: (nullable): what a "messageId" in a line's "out" belongs to */
MillProbe *mill_log_probe_new (AwsClient  *client,
                               const char *component,
                               double      since,
                               const char *function_arn,
                               const char *log_group,
                               double      late,
                               const char *topic_arn,
                               const char *queue_arn);

G_END_DECLS
