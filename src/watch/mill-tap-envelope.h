/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * mill_tap_envelope_parse:
 * @body: of a message in a queue that is subscribed to a topic without raw message delivery (SNS Developer Guide, "Parsing message formats": Notification)
 *
 * Returns: (transfer full) (nullable): the event "topic-tapped" in the tracer's words, with topicArn, messageId, message, where there is one, subject, and
 *   time, when it was published (0 where that is not told); NULL for what is no notification
 */
JsonObject *mill_tap_envelope_parse (const char *body);

G_END_DECLS
