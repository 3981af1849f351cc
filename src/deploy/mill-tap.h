/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mill-engine.h"

G_BEGIN_DECLS

/*
 * A tap on a topic: public APIs do not tell what is published, so a temporary queue is subscribed to the topic and read. It is three things outside the
 * template, which the ledger holds like all others: a queue, the policy that lets this topic alone send to it, and the subscription. Their logical ids have
 * dots, as no template's have: "Tap.OrderTopic.Queue". They bear our tags where they can, and go with clean-up, whatever became of the topic.
 */

/* So long a message that nobody reads stays in the queue of a tap, in seconds. */
#define MILL_TAP_RETENTION 3600

/* Whether @logical_id is that of a part of a tap. */
gboolean  mill_tap_is_part       (const char          *logical_id);
/*
 * Whether the queue with @arn is, by its name, one of a tap in @deployment: also one that another program made, and that this one's ledger was not asked for
 * since.
 */
gboolean  mill_tap_is_queue      (MillDeployment      *deployment,
                                  const char          *arn);
/* Whether there may be a tap on @topic, a logical id: it is made, or half made. */
gboolean  mill_tap_is_there      (MillDeployment      *deployment,
                                  const char          *topic);
/* (transfer full) (nullable): where the tap on @topic is read; NULL where there is none, or it is not made to the end. */
char     *mill_tap_dup_queue_url (MillDeployment      *deployment,
                                  const char          *topic);
/* (transfer none): "" or why a part of the tap on @topic waits, or could not be made or deleted. */
const char *mill_tap_get_trouble (MillDeployment      *deployment,
                                  const char          *topic);

/**
 * mill_engine_tap_async:
 * @topic: the logical id of a topic that is made
 * @on: whether there shall be a tap on it, or none any more
 *
 * Makes what is missing, or deletes what is there and proves that it is gone. What was made of a tap that cannot be finished is taken back. AWS may take a
 * minute until a new queue policy is in force, and until a queue is gone (SQS API reference: SetQueueAttributes, DeleteQueue).
 */
void      mill_engine_tap_async  (MillEngine          *self,
                                  MillDeployment      *deployment,
                                  const char          *topic,
                                  gboolean             on,
                                  GCancellable        *cancellable,
                                  GAsyncReadyCallback  callback,
                                  gpointer             user_data);
gboolean  mill_engine_tap_finish (MillEngine          *self,
                                  GAsyncResult        *result,
                                  GError             **error);

G_END_DECLS
