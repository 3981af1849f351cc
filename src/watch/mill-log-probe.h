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
 *
 * Where the function's LoggingConfig (lambda:GetFunctionConfiguration, asked for seldom) has the format JSON and the system log level WARN, Lambda
 * writes platform.start and platform.report of failed runs at most (AWS Lambda Developer Guide, "System log level event mapping"): a run
 * begins with its first line then, and has ended well when nothing more comes. Both are told as "inferred".
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
/* @configuration: a function's, as Lambda tells it. Whether its log tells neither when a run begins nor that it went well. */
gboolean   mill_log_probe_hides_runs (JsonObject *configuration);

G_END_DECLS
