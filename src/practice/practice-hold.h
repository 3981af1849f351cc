/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "practice-server.h"

G_BEGIN_DECLS

/*
 * Step mode: messages are held between components and go on one hop at a time, when somebody lets them.
 *
 * Its control, for the account itself, signed for service "millrace" as the inbox:
 *
 * GET  /_millrace/hold[?deployment=ID]   {"everything": false, "deployments": ["ID", …], "held": [ITEM, …]}, longest held first
 * PUT  /_millrace/hold                   {"on": true, "deployment": "ID"}: without "deployment" for the whole cloud. Answers as GET.
 * POST /_millrace/hold/release           {"ids": ["…"]}, {"next": true} (the one held longest) or {"all": true}; the last two with
 *                                        "deployment": "ID" only within it. {"released": [ITEM, …]}: with a message go those before it
 *                                        where the order counts (a shard, a FIFO group). {"ids"} that are not held are passed over.
 *
 * ITEM: id, hop, since (seconds since 1970), deployment (where known) and the facts that the event "held" has.
 *
 * A deployment is what the tag "millrace:deployment" of the component that a message leaves says. What is held, and how nothing fails of it:
 *
 * gateway-integration   A queue takes the message and the caller has its answer at once, as on AWS; the message is not in the queue yet.
 *                       Other integrations (a function, a table, HTTP) cannot answer before they have run: the request stays open, however long.
 *                       A topic (SNS) answers at once, and the message is held as of publish-topic.
 * queue-mapping         The message lies in the queue, visible and not received: no visibility time-out runs, and the mapping's long
 *                       polls end empty. Whoever else asks the queue gets it. It does not grow too old while it is held. A message that
 *                       comes back is held again.
 * stream-mapping        The records are not handed to the function. They do not grow too old (MaximumRecordAgeInSeconds). What
 *                       Lambda repeats after a failure is not held again.
 * publish-topic         The publisher has its message id at once; the topic does not know of the message yet.
 * topic-subscription    Each delivery by itself. What the filter policy does not want, or nobody confirmed, is told of at once.
 *
 * Function time-outs do not run: what is held is in no function. Held messages survive a restart with their ids; a request
 * that was open does not, as its caller is gone. Switched off, all that was held goes on at once.
 */
#define PRACTICE_HOP_GATEWAY_INTEGRATION "gateway-integration"
#define PRACTICE_HOP_QUEUE_MAPPING "queue-mapping"
#define PRACTICE_HOP_STREAM_MAPPING "stream-mapping"
#define PRACTICE_HOP_PUBLISH_TOPIC "publish-topic"
#define PRACTICE_HOP_TOPIC_SUBSCRIPTION "topic-subscription"

/* @go: it is let go; FALSE: it is held no longer because it, or where it was going, is no more. Called once. */
typedef void (*PracticeHoldFunc) (const char *id,
                                  gboolean    go,
                                  gpointer    data);
typedef void (*PracticeHoldChanged) (gpointer data);

/* Whether messages that leave @arn (a queue, a topic, an API, a table or its stream) are held. */
gboolean practice_hold_covers      (PracticeServer      *server,
                                    const char          *arn);
/* The same for any component at all: what is cheap to ask for every message. */
gboolean practice_hold_is_on       (PracticeServer      *server);
/**
 * practice_hold_add:
 * @hop: one of the above
 * @id: the same after a restart; holding what is held already changes nothing but @done and @data
 * @arn: what the message leaves
 * @lane: (nullable): messages of one lane keep their order
 * @facts: (transfer full): ids and what is known
 */
void     practice_hold_add         (PracticeServer      *server,
                                    const char          *hop,
                                    const char          *id,
                                    const char          *arn,
                                    const char          *lane,
                                    JsonObject          *facts,
                                    PracticeHoldFunc     done,
                                    gpointer             data);
/* Whether it is held now. */
gboolean practice_hold_has         (PracticeServer      *server,
                                    const char          *id);
/* The message went another way, or is gone. Nothing where it is not held. */
void     practice_hold_drop        (PracticeServer      *server,
                                    const char          *id);
/* All that left @arn by @hop (NULL: by any); @go: it goes on. */
void     practice_hold_end         (PracticeServer      *server,
                                    const char          *hop,
                                    const char          *arn,
                                    gboolean             go);
/* Calls @changed when something was switched, and at the start where something is on: whoever keeps held messages adds them. */
void     practice_hold_watch       (PracticeServer      *server,
                                    PracticeHoldChanged  changed,
                                    gpointer             data);
/* A text for @facts, cut where it is long. */
void     practice_hold_set_body    (JsonObject          *facts,
                                    const char          *text);
/* The operations, and what makes them: part of the service millrace (practice-inbox.c). */
void     practice_hold_start       (PracticeServer      *server);
/* All services have started. */
void     practice_hold_resume      (PracticeServer      *server);
void     practice_hold_list        (PracticeCall        *call,
                                    gpointer             server);
void     practice_hold_switch      (PracticeCall        *call,
                                    gpointer             server);
void     practice_hold_release     (PracticeCall        *call,
                                    gpointer             server);

G_END_DECLS
