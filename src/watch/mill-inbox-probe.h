/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mill-probe.h"
#include "mill-tracer.h"

G_BEGIN_DECLS

#define MILL_TYPE_INBOX_PROBE (mill_inbox_probe_get_type ())

/**
 * MillInboxProbe:
 *
 * The practice cloud's inbox and phone: what was delivered. Nothing of the kind is there on AWS.
 */
G_DECLARE_FINAL_TYPE (MillInboxProbe, mill_inbox_probe, MILL, INBOX_PROBE, MillProbe)

/* @resolve: tells which topics are ours */
MillProbe *mill_inbox_probe_new (AwsClient         *client,
                                 double             since,
                                 MillTracerResolve  resolve,
                                 gpointer           user_data);
/* The ARN of a subscription of @endpoint to @topic_arn, as the topics' probes found it. */
void       mill_inbox_probe_learn (MillInboxProbe   *self,
                                   const char       *topic_arn,
                                   const char       *endpoint,
                                   const char       *subscription_arn);

G_END_DECLS
