/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Publish and PublishBatch. */
#include <string.h>

#include "practice-json.h"
#include "practice-sns-message.h"

#define MAX_ENTRIES 10
#define DEDUPLICATION_SECONDS (5 * 60)

/* The message of a FIFO topic that came with the same deduplication id within five minutes; @message then takes over its id and number. */
static gboolean
is_duplicate (PracticeSns        *self,
              PracticeSnsTopic   *topic,
              PracticeSnsMessage *message)
{
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  sqlite3_stmt *row;
  gboolean found;

  practice_store_run (self->store, "DELETE FROM sns_deduplication WHERE sent <= ?", "i", now - DEDUPLICATION_SECONDS);
  row = practice_store_prepare (self->store,
                                "SELECT message_id, sequence_number FROM sns_deduplication WHERE topic = ? AND deduplication_id = ?", "ss",
                                topic->arn, message->deduplication_id);
  found = sqlite3_step (row) == SQLITE_ROW;
  if (found) {
    g_free (message->id);
    message->id = g_strdup ((const char *) sqlite3_column_text (row, 0));
    message->sequence_number = g_strdup ((const char *) sqlite3_column_text (row, 1));
  }
  sqlite3_reset (row);
  if (found)
    return TRUE;

  /* Microseconds rise for ever, one for each message. */
  message->sequence_number = g_strdup_printf ("1%019" G_GINT64_FORMAT, g_get_real_time ());
  practice_store_run (self->store,
                      "INSERT INTO sns_deduplication (topic, deduplication_id, message_id, sequence_number, sent) VALUES (?, ?, ?, ?, ?)",
                      "ssssi", topic->arn, message->deduplication_id, message->id, message->sequence_number, now);
  return FALSE;
}

/* (transfer full): "topic-published" */
static JsonObject *
make_event (PracticeCall       *call,
            PracticeSnsTopic   *topic,
            PracticeSnsMessage *message)
{
  PracticePrincipal *principal = practice_call_get_principal (call);
  const char *const members[] = {
    "region", topic->region, "topicArn", topic->arn, "messageId", message->id, "subject", message->subject, "message", message->text,
    "principal", principal->arn, "invocationId", principal->invocation_id, "requestId", practice_call_get_request_id (call),
  };
  JsonObject *event = json_object_new ();

  for (guint i = 0; i < G_N_ELEMENTS (members); i += 2) {
    if (members[i + 1] != NULL)
      json_object_set_string_member (event, members[i], members[i + 1]);
  }
  return event;
}

/* (transfer full): what an answer or a batch's entry says. */
static JsonObject *
publish (PracticeSns        *self,
         PracticeCall       *call,
         PracticeSnsTopic   *topic,
         PracticeSnsMessage *message)
{
  JsonObject *result = json_object_new ();

  if (!topic->fifo || !is_duplicate (self, topic, message)) {
    g_autoptr (JsonObject) event = make_event (call, topic, message);

    if (!practice_sns_hold (self, topic, NULL, message, event)) {
      practice_events_emit (self->events, "topic-published", g_steal_pointer (&event));
      practice_sns_deliver (self, topic, message);
    }
  }
  json_object_set_string_member (result, "MessageId", message->id);
  if (message->sequence_number != NULL)
    json_object_set_string_member (result, "SequenceNumber", message->sequence_number);
  return result;
}

static void
fail (PracticeCall     *call,
      PracticeSnsFault *fault)
{
  if (!practice_call_is_answered (call))
    practice_call_fail (call, 400, fault->code, "%s", fault->message);
}

/* Types that only an inner call can get wrong: a form has texts. */
static gboolean
check_types (PracticeCall *call)
{
  static const char *const texts[] = { "Message", "Subject", "MessageStructure", "MessageGroupId", "MessageDeduplicationId", "TargetArn" };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    practice_call_get_string (call, texts[i]);
  if (!practice_call_is_answered (call))
    practice_call_get_object (call, "MessageAttributes");
  return !practice_call_is_answered (call);
}

static void
publish_to_phone (PracticeSns  *self,
                  PracticeCall *call,
                  const char   *number)
{
  g_auto (PracticeSnsFault) fault = { 0 };
  g_autoptr (PracticeSnsMessage) message = NULL;
  g_autofree char *id = NULL;
  const char *error = NULL;
  JsonObject *result;

  if (!practice_sns_is_phone_number (number)) {
    practice_sns_fail_parameter (call, "PhoneNumber Reason: %s is not valid to publish to", number);
    return;
  }
  if (!practice_call_allow (call, "sns:Publish", number, NULL, NULL))
    return;
  message = practice_sns_message_new (practice_call_get_params (call), NULL, 0, &fault);
  if (message == NULL) {
    fail (call, &fault);
    return;
  }

  /* The answer is the same whether the message can be delivered or not, as on AWS. */
  id = practice_sns_send_sms (self, practice_call_get_region (call), number, practice_sns_message_get_text (message, "sms"), message->id,
                              &error);
  result = json_object_new ();
  json_object_set_string_member (result, "MessageId", message->id);
  practice_call_return (call, result);
}

void
practice_sns_publish (PracticeCall *call,
                      gpointer      data)
{
  PracticeSns *self = data;
  const char *topic_arn = practice_call_get_string (call, "TopicArn");
  const char *target_arn = practice_call_get_string (call, "TargetArn");
  const char *number = practice_call_get_string (call, "PhoneNumber");
  g_autoptr (PracticeSnsTopic) topic = NULL;
  g_autoptr (PracticeSnsMessage) message = NULL;
  g_auto (PracticeSnsFault) fault = { 0 };

  if (practice_call_is_answered (call) || !check_types (call))
    return;

  if (number != NULL && topic_arn == NULL && target_arn == NULL) {
    publish_to_phone (self, call, number);
    return;
  }
  if (topic_arn == NULL && target_arn == NULL) {
    practice_sns_fail_parameter (call, "TopicArn or TargetArn Reason: no value for required parameter");
    return;
  }
  if (topic_arn == NULL && strstr (target_arn, ":endpoint/") != NULL) {
    practice_sns_fail_parameter (call, "TargetArn Reason: No endpoint found for the target arn specified");
    return;
  }

  topic = practice_sns_find_topic (self, call, topic_arn != NULL ? "TopicArn" : "TargetArn", "sns:Publish");
  if (topic == NULL)
    return;
  message = practice_sns_message_new (practice_call_get_params (call), topic, 0, &fault);
  if (message == NULL)
    fail (call, &fault);
  else
    practice_call_return (call, publish (self, call, topic, message));
}

static gboolean
check_entry_ids (PracticeCall *call,
                 JsonArray    *entries)
{
  g_autoptr (GHashTable) ids = g_hash_table_new (g_str_hash, g_str_equal);
  guint n_entries = entries != NULL ? json_array_get_length (entries) : 0;

  if (n_entries == 0) {
    practice_call_fail (call, 400, "EmptyBatchRequest", "The batch request doesn't contain any entries.");
    return FALSE;
  }
  if (n_entries > MAX_ENTRIES) {
    practice_call_fail (call, 400, "TooManyEntriesInBatchRequest", "The batch request contains more entries than permissible.");
    return FALSE;
  }

  for (guint i = 0; i < n_entries; i++) {
    JsonNode *node = json_array_get_element (entries, i);
    const char *id = JSON_NODE_HOLDS_OBJECT (node) ? practice_json_get_string (json_node_get_object (node), "Id") : NULL;

    if (id == NULL) {
      practice_call_fail (call, 400, "ValidationError",
                          "1 validation error detected: Value null at 'publishBatchRequestEntries.%u.member.id' failed to satisfy "
                          "constraint: Member must not be null", i + 1);
      return FALSE;
    }
    if (strlen (id) > 80) {
      practice_call_fail (call, 400, "InvalidBatchEntryId", "The Id of a batch entry in the batch request is too long: %s", id);
      return FALSE;
    }
    for (const char *c = id; *c != '\0' || c == id; c++) {
      if (!g_ascii_isalnum (*c) && *c != '-' && *c != '_') {
        practice_call_fail (call, 400, "InvalidBatchEntryId",
                            "The Id of a batch entry in the batch request contains an impermissible character: %s", id);
        return FALSE;
      }
    }
    if (!g_hash_table_add (ids, (gpointer) id)) {
      practice_call_fail (call, 400, "BatchEntryIdsNotDistinct", "Two or more batch entries in the request have the same Id.");
      return FALSE;
    }
  }
  return TRUE;
}

static JsonObject *
make_failed (const char       *id,
             PracticeSnsFault *fault)
{
  JsonObject *entry = json_object_new ();

  json_object_set_string_member (entry, "Id", id);
  json_object_set_string_member (entry, "Code", fault->code);
  json_object_set_string_member (entry, "Message", fault->message);
  json_object_set_boolean_member (entry, "SenderFault", TRUE);
  return entry;
}

void
practice_sns_publish_batch (PracticeCall *call,
                            gpointer      data)
{
  PracticeSns *self = data;
  g_autoptr (PracticeSnsTopic) topic = practice_sns_find_topic (self, call, "TopicArn", "sns:Publish");
  JsonArray *entries = topic != NULL ? practice_call_get_array (call, "PublishBatchRequestEntries") : NULL;
  g_autoptr (GPtrArray) messages = g_ptr_array_new_with_free_func ((GDestroyNotify) practice_sns_message_free);
  g_autoptr (GPtrArray) ids = g_ptr_array_new ();
  g_autoptr (JsonArray) failed = json_array_new ();
  g_autoptr (JsonArray) successful = json_array_new ();
  gsize size = 0;
  JsonObject *result;

  if (topic == NULL || practice_call_is_answered (call) || !check_entry_ids (call, entries))
    return;

  for (guint i = 0; i < json_array_get_length (entries); i++) {
    JsonObject *entry = json_array_get_object_element (entries, i);
    const char *id = json_object_get_string_member (entry, "Id");
    g_auto (PracticeSnsFault) fault = { 0 };
    PracticeSnsMessage *message = practice_sns_message_new (entry, topic, i + 1, &fault);

    if (message == NULL && fault.whole) {
      fail (call, &fault);
      return;
    }
    if (message == NULL) {
      json_array_add_object_element (failed, make_failed (id, &fault));
      continue;
    }
    size += practice_sns_message_get_size (message);
    g_ptr_array_add (messages, message);
    g_ptr_array_add (ids, (gpointer) id);
  }
  if (size > PRACTICE_SNS_MAX_BYTES) {
    practice_call_fail (call, 400, "BatchRequestTooLong", "The length of all the messages put together is more than the limit.");
    return;
  }

  for (guint i = 0; i < messages->len; i++) {
    JsonObject *done = publish (self, call, topic, g_ptr_array_index (messages, i));

    json_object_set_string_member (done, "Id", g_ptr_array_index (ids, i));
    json_array_add_object_element (successful, done);
  }

  result = json_object_new ();
  json_object_set_array_member (result, "Successful", g_steal_pointer (&successful));
  json_object_set_array_member (result, "Failed", g_steal_pointer (&failed));
  practice_call_return (call, result);
}
