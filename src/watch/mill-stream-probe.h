/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mill-probe.h"

G_BEGIN_DECLS

#define MILL_TYPE_STREAM_PROBE (mill_stream_probe_get_type ())

/**
 * MillStreamProbe:
 *
 * A table, by its stream: every record of every shard. Shards that end are followed by those that they were split into; an iterator that
 * expired is got anew behind the last record; what was trimmed is gone. Where the stream ends the table is asked for the one that is there now.
 */
G_DECLARE_FINAL_TYPE (MillStreamProbe, mill_stream_probe, MILL, STREAM_PROBE, MillProbe)

MillProbe *mill_stream_probe_new (AwsClient  *client,
                                  const char *component,
                                  double      since,
                                  const char *table_arn,
                                  const char *stream_arn);

G_END_DECLS
