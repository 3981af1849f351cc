/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mill-probe.h"
#include "mill-tracer.h"

G_BEGIN_DECLS

#define MILL_TYPE_TOPIC_PROBE (mill_topic_probe_get_type ())

/**
 * MillTopicProbe:
 *
 * A topic, by its subscriptions: which there are, which wait for their confirmation, which have a filter policy. That of a tap is none; signal "tap"
 * (whether there is one) each time.
 */
G_DECLARE_FINAL_TYPE (MillTopicProbe, mill_topic_probe, MILL, TOPIC_PROBE, MillProbe)

MillProbe *mill_topic_probe_new (AwsClient         *client,
                                 const char        *component,
                                 const char        *topic_arn,
                                 MillTracerResolve  resolve,
                                 gpointer           user_data);

G_END_DECLS
