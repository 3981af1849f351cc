/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Records of a stream that are given up. */
#include "practice-mapping-shard.h"

#include "practice-json.h"

const char *
practice_record_get_sequence (JsonObject *record)
{
  JsonObject *change = practice_json_get_object (record, "dynamodb");

  return change != NULL ? practice_json_get_string (change, "SequenceNumber") : NULL;
}

double
practice_record_get_time (JsonObject *record)
{
  JsonObject *change = practice_json_get_object (record, "dynamodb");
  JsonNode *node = change != NULL ? json_object_get_member (change, "ApproximateCreationDateTime") : NULL;

  return node != NULL && JSON_NODE_HOLDS_VALUE (node) ? json_node_get_double (node) : 0;
}

static char *
format_time (double   seconds,
             gboolean milliseconds)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc ((gint64) seconds);
  g_autofree char *text = time != NULL ? g_date_time_format (time, "%Y-%m-%dT%H:%M:%S") : g_strdup ("1970-01-01T00:00:00");

  if (!milliseconds)
    return g_strconcat (text, "Z", NULL);
  return g_strdup_printf ("%s.%03dZ", text, (int) ((seconds - (double) (gint64) seconds) * 1000));
}

static void
on_told (const PracticeAnswer *answer,
         gpointer              data)
{
  PracticeMapping *mapping = data;

  if (answer->code != NULL)
    practice_mapping_fail (mapping, json_array_new (), answer->code, answer->message, "PROBLEM: The destination for failures cannot be reached.");
  practice_mapping_unref (mapping);
}

/* Lambda Developer Guide, "Retain discarded batches": where the records stood and how often they were tried, not the records. */
static char *
describe_discarded (PracticeShard      *shard,
                    JsonArray          *records,
                    guint               attempts,
                    const char         *condition,
                    PracticeInvocation *invocation)
{
  PracticeMapping *mapping = shard->poller->mapping;
  g_autoptr (JsonObject) message = json_object_new ();
  JsonObject *request = json_object_new ();
  JsonObject *response = json_object_new ();
  JsonObject *info = json_object_new ();
  JsonObject *first = json_array_get_object_element (records, 0);
  JsonObject *last = json_array_get_object_element (records, json_array_get_length (records) - 1);
  g_autofree char *now = format_time ((double) g_get_real_time () / G_USEC_PER_SEC, TRUE);
  g_autofree char *first_time = format_time (practice_record_get_time (first), FALSE);
  g_autofree char *last_time = format_time (practice_record_get_time (last), FALSE);
  g_autofree char *id = g_uuid_string_random ();

  json_object_set_string_member (request, "requestId", invocation != NULL ? invocation->id : id);
  json_object_set_string_member (request, "functionArn", mapping->function_arn);
  json_object_set_string_member (request, "condition", condition);
  json_object_set_int_member (request, "approximateInvokeCount", attempts);
  json_object_set_object_member (message, "requestContext", request);
  if (invocation != NULL) {
    json_object_set_int_member (response, "statusCode", 200);
    json_object_set_string_member (response, "executedVersion", "$LATEST");
    if (practice_invocation_failed (invocation))
      json_object_set_string_member (response, "functionError", "Unhandled");
    json_object_set_object_member (message, "responseContext", response);
  } else {
    json_object_unref (response);
  }
  json_object_set_string_member (message, "version", "1.0");
  json_object_set_string_member (message, "timestamp", now);
  json_object_set_string_member (info, "shardId", shard->id);
  json_object_set_string_member (info, "startSequenceNumber", practice_record_get_sequence (first));
  json_object_set_string_member (info, "endSequenceNumber", practice_record_get_sequence (last));
  json_object_set_string_member (info, "approximateArrivalOfFirstRecord", first_time);
  json_object_set_string_member (info, "approximateArrivalOfLastRecord", last_time);
  json_object_set_int_member (info, "batchSize", json_array_get_length (records));
  json_object_set_string_member (info, "streamArn", mapping->source_arn);
  json_object_set_object_member (message, "DDBStreamBatchInfo", info);
  return practice_json_object_to_text (message);
}

/* Records that are given up: told to the destination for failures, where there is one, and passed by. */
void
practice_shard_discard (PracticeShard      *shard,
                        JsonArray          *records,
                        guint               attempts,
                        const char         *condition,
                        PracticeInvocation *invocation)
{
  PracticeMapping *mapping = shard->poller->mapping;
  JsonObject *config = practice_json_get_object (mapping->config, "DestinationConfig");
  JsonObject *failure = config != NULL ? practice_json_get_object (config, "OnFailure") : NULL;
  const char *arn = failure != NULL ? practice_json_get_string (failure, "Destination") : NULL;
  PracticePrincipal *principal = arn != NULL ? practice_mapping_get_principal (mapping) : NULL;

  if (principal != NULL) {
    g_autofree char *text = describe_discarded (shard, records, attempts, condition, invocation);
    g_autofree char *url = practice_mapping_queue_url (mapping->server, arn);
    JsonObject *params = json_object_new ();
    gboolean queue = g_str_has_prefix (arn, "arn:aws:sqs:");

    json_object_set_string_member (params, queue ? "QueueUrl" : "TopicArn", queue ? url : arn);
    json_object_set_string_member (params, queue ? "MessageBody" : "Message", text);
    practice_server_call (mapping->server, principal, queue ? "sqs" : "sns", queue ? "SendMessage" : "Publish", mapping->region, params, NULL,
                          on_told, practice_mapping_ref (mapping));
  }
  practice_shard_set_checkpoint (shard, json_array_get_object_element (records, json_array_get_length (records) - 1));
}
