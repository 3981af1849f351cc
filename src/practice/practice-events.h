/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

#define PRACTICE_TYPE_EVENTS (practice_events_get_type ())

/**
 * PracticeEvents:
 *
 * The practice cloud's true event stream. GET /_millrace/events?after=SEQ (signed for service "millrace") answers one JSON object a
 * line, first those kept (the last 20,000, in memory, and those that a client who listens has not got yet, up to 64 MiB) after SEQ, then new ones as they happen; without "after" only new ones. Every event has "seq" (from 1, no gaps), "time" (seconds since
 * 1970, microsecond fraction), "kind", "account", "region". Times are taken when emitted. By kind:
 *
 * gateway-request      requestId apiId stage resourcePath method path body (text, cut at 256 KiB) principal test (TestInvokeMethod)
 * gateway-integration  requestId type uri role status error (code and message where the integration failed, e.g. AccessDenied)
 * gateway-response     requestId status body error latencyMs
 * queue-sent           queueArn messageId body attributes requestId (of the SendMessage call) source (gateway request id, topic messageId,
 *                      or invocation id, where known) sourceType ("gateway" "topic" "invocation" "caller") delaySeconds groupId
 * queue-received       queueArn messageId receiveCount visibleAt (seconds) principal
 * queue-deleted        queueArn messageId receiveCount
 * queue-returned       queueArn messageId receiveCount reason ("visibility-timeout" "changed-to-zero")
 * queue-dead-lettered  queueArn messageId receiveCount deadLetterQueueArn newMessageId
 * queue-purged         queueArn
 * mapping-polled       mappingId functionArn sourceArn records: [{messageId} or {eventID}] invocationId
 * mapping-filtered     mappingId functionArn sourceArn records, as above: the filter did not match
 * mapping-recovered    mappingId functionArn sourceArn: what failed goes well again
 * mapping-failed       mappingId functionArn sourceArn records error (code, message): e.g. the role lacks sqs:ReceiveMessage
 * mapping-changed      mappingId functionArn sourceArn state ("Enabled" "Disabled" "Deleted"): also told of each when the practice cloud begins
 * function-started     invocationId functionArn source ("mapping" "invoke" "gateway" "topic" "pipe") records (as above) payload coldStart
 * function-log         invocationId functionArn line
 * function-ended       invocationId functionArn status ("ok" "error" "timeout" "crashed" "out-of-memory") errorType errorMessage
 *                      stackTrace result failedRecords durationMs billedMs memoryMb initMs
 * table-written        tableArn eventName ("INSERT" "MODIFY" "REMOVE") keys newImage oldImage (DynamoDB JSON) invocationId (of the writer) principal
 *                      eventID sequenceNumber (where a stream is on)
 * stream-read          streamArn eventIDs principal
 * topic-published      topicArn messageId subject message principal invocationId requestId
 * topic-delivered      topicArn messageId subscriptionArn protocol endpoint status ("delivered" "filtered" "pending-confirmation" "failed") error
 *                      deliveryId (the mail's or SMS's id, the queue message's id, the invocation id)
 * mail                 id to subject body topicArn messageId confirmation (the link, where it is one)
 * sms                  id to body messageId status error
 * mail-confirmed       subscriptionArn topicArn endpoint
 * denied               principal roleArn action resource message invocationId service
 * held                 holdId hop deployment, and by hop (practice-hold.h): gateway-integration: apiId requestId uri, for a queue queueArn messageId body;
 *                      queue-mapping: queueArn messageId functionArn body; stream-mapping: streamArn eventID mappingId functionArn body;
 *                      publish-topic: topicArn messageId invocationId body; topic-subscription: topicArn messageId subscriptionArn protocol endpoint body
 * released             the same, and reason ("released" "off" "gone": it, or where it was going, is no more)
 * hold-switched        on deployment (missing: the whole cloud)
 * resource-created, resource-updated, resource-deleted     arn type (CloudFormation's: "AWS::SQS::Queue") name
 *
 * Members that are not known are left out.
 */
G_DECLARE_FINAL_TYPE (PracticeEvents, practice_events, PRACTICE, EVENTS, GObject)

/* @event: (transfer full): the members that the kind has; seq, time and kind are added. */
void     practice_events_emit       (PracticeEvents *self,
                                     const char     *kind,
                                     JsonObject     *event);
/* Short form: name, value, name, value, …, NULL; strings only, NULL values are left out. */
void     practice_events_emit_strings (PracticeEvents *self,
                                     const char     *kind,
                                     ...) G_GNUC_NULL_TERMINATED;

G_END_DECLS
