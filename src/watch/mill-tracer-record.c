/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a function was given, where nobody tells of that: the record that the hop before hands over, as far as it is known (AWS Lambda Developer Guide,
 * "Using Lambda with Amazon SQS", "Using AWS Lambda with Amazon DynamoDB").
 */
#include "mill-tracer-private.h"

#include <string.h>

static void
add_source (MillTracer *self,
            JsonObject *record,
            const char *event_source,
            const char *arn)
{
  g_auto (GStrv) parts = arn != NULL ? g_strsplit (arn, ":", 6) : NULL;

  json_object_set_string_member (record, "eventSource", event_source);
  if (parts == NULL || g_strv_length (parts) != 6)
    return;
  json_object_set_string_member (record, "awsRegion", parts[3]);
  json_object_set_string_member (record, "eventSourceARN", arn);
}

/* What it says of times and receives is not known. */
static char *
make_queue_record (MillTracer *self,
                   MillHop    *queue)
{
  g_autoptr (JsonObject) record = NULL;
  g_autofree char *md5 = NULL;

  if (queue->payload == NULL)
    return NULL;
  md5 = g_compute_checksum_for_string (G_CHECKSUM_MD5, queue->payload, -1);
  record = json_object_new ();
  json_object_set_string_member (record, "messageId", queue->message_id);
  json_object_set_string_member (record, "body", queue->payload);
  json_object_set_string_member (record, "md5OfBody", md5);
  add_source (self, record, "aws:sqs", self->resolve ("arn", queue->component, NULL, self->resolve_data));
  return mill_tracer_text (record);
}

/* The payload of a stream's hop is the new image, or the keys where there is none. */
static char *
make_stream_record (MillTracer *self,
                    MillHop    *stream)
{
  MillHop *table = stream->previous;
  g_autoptr (JsonNode) image = stream->payload != NULL ? aws_json_parse (stream->payload, -1, NULL) : NULL;
  gboolean keys = table != NULL && g_strcmp0 (table->message_id, stream->payload) == 0;
  g_autoptr (JsonObject) record = NULL;
  JsonObject *change;

  if (stream->record != NULL)
    return g_strdup (stream->record);
  if (image == NULL || !JSON_NODE_HOLDS_OBJECT (image))
    return NULL;
  record = json_object_new ();
  change = json_object_new ();
  json_object_set_string_member (record, "eventID", stream->message_id);
  json_object_set_object_member (record, "dynamodb", change);
  json_object_set_object_member (change, keys ? "Keys" : "NewImage", json_node_dup_object (image));
  add_source (self, record, "aws:dynamodb", NULL);
  return mill_tracer_text (record);
}

void
mill_tracer_hand_over (MillTracer *self,
                       MillHop    *function)
{
  MillHop *previous = function->previous;
  g_autofree char *record = NULL;

  if (previous == NULL || (function->payload != NULL && !function->handed) || function->status == MILL_HOP_FILTERED)
    return;
  if (g_str_equal (previous->kind, "queue"))
    record = make_queue_record (self, previous);
  else if (g_str_equal (previous->kind, "stream"))
    record = make_stream_record (self, previous);
  if (record == NULL)
    return;
  mill_hop_set_payload (function, record);
  function->handed = TRUE;
}

void
mill_tracer_hand_on (MillTracer *self,
                     MillHop    *previous)
{
  GPtrArray *hops = previous->trace != NULL ? mill_trace_get_hops (previous->trace) : NULL;

  for (guint i = 0; hops != NULL && i < hops->len; i++)
    {
      MillHop *hop = hops->pdata[i];

      if (hop->previous != previous || !g_str_equal (hop->kind, "function"))
        continue;
      mill_tracer_hand_over (self, hop);
      mill_tracer_changed (self, hop);
    }
}
