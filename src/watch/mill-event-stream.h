/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "aws-client.h"

G_BEGIN_DECLS

#define MILL_TYPE_EVENT_STREAM (mill_event_stream_get_type ())

/**
 * MillEventStream:
 *
 * Reads the practice cloud's event stream and goes on by itself when the connection is lost. In the main context in which it was started.
 *
 * Signals: "event" (a JsonObject), "ready" (events from now on will come), "failed" (a sentence; it tries again).
 */
G_DECLARE_FINAL_TYPE (MillEventStream, mill_event_stream, MILL, EVENT_STREAM, GObject)

/* @from_beginning: all that the practice cloud remembers, instead of only what is new. */
MillEventStream *mill_event_stream_new   (AwsClient       *client,
                                          gboolean         from_beginning);
void             mill_event_stream_start (MillEventStream *self);
void             mill_event_stream_stop  (MillEventStream *self);

G_END_DECLS
