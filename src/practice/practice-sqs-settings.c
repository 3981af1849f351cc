/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Attributes and tags of queues. */
#include <string.h>

#include "practice-json.h"
#include "practice-sqs-private.h"

#define MAX_TAGS 50

void
practice_sqs_emit_resource (PracticeSqs      *self,
                            const char       *kind,
                            const char       *region,
                            const char       *arn,
                            const char       *name)
{
  practice_events_emit_strings (self->events, kind, "region", region, "arn", arn, "type", "AWS::SQS::Queue", "name", name, NULL);
}

/* Every value of @map must be a text. */
gboolean
practice_sqs_check_texts (PracticeCall *call,
                          JsonObject   *map,
                          const char   *name)
{
  JsonObjectIter iter;
  JsonNode *value;

  json_object_iter_init (&iter, map);
  while (json_object_iter_next (&iter, NULL, &value)) {
    if (json_node_get_value_type (value) != G_TYPE_STRING) {
      practice_call_fail (call, 400, "SerializationException", "The values of %s must be strings.", name);
      return FALSE;
    }
  }
  return TRUE;
}

gboolean
practice_sqs_check_tags (PracticeCall *call,
                         JsonObject   *tags)
{
  JsonObjectIter iter;
  const char *key;
  JsonNode *value;

  if (!practice_sqs_check_texts (call, tags, "Tags"))
    return FALSE;
  if (json_object_get_size (tags) > MAX_TAGS) {
    practice_sqs_fail (call, PRACTICE_SQS_INVALID_PARAMETER_VALUE, "Too many tags added for queue. The maximum is %d.", MAX_TAGS);
    return FALSE;
  }
  json_object_iter_init (&iter, tags);
  while (json_object_iter_next (&iter, &key, &value)) {
    if (*key == '\0' || g_utf8_strlen (key, -1) > 128 || g_str_has_prefix (key, "aws:")) {
      practice_sqs_fail (call, PRACTICE_SQS_INVALID_PARAMETER_VALUE,
                         "Tag keys must be between 1 and 128 characters in length and must not begin with aws:.");
      return FALSE;
    }
    if (g_utf8_strlen (json_node_get_string (value), -1) > 256) {
      practice_sqs_fail (call, PRACTICE_SQS_INVALID_PARAMETER_VALUE, "Tag values must not be longer than 256 characters.");
      return FALSE;
    }
  }
  return TRUE;
}

/* The dead-letter queue must be there, be of the same kind and accept this source. */
static gboolean
check_redrive_target (PracticeSqs      *self,
                      const char       *text,
                      const char       *source_arn,
                      PracticeSqsFault *fault)
{
  g_autofree char *target_arn = NULL;
  PracticeSqsQueue *target;

  if (!practice_sqs_redrive_policy_parse (text, &target_arn, NULL, fault))
    return FALSE;

  target = practice_sqs_find_by_arn (self, target_arn);
  if (target == NULL)
    return practice_sqs_fault_set (fault, PRACTICE_SQS_INVALID_PARAMETER_VALUE,
                                   "Value %s for parameter RedrivePolicy is invalid. Reason: Dead letter target does not exist.", text);
  if (target->fifo != g_str_has_suffix (source_arn, ".fifo"))
    return practice_sqs_fault_set (fault, PRACTICE_SQS_INVALID_PARAMETER_VALUE,
                                   "Value %s for parameter RedrivePolicy is invalid. Reason: Dead-letter queue must be same type of "
                                   "queue as the source.", text);
  if (!practice_sqs_redrive_allow_policy_allows (practice_json_get_string (target->attributes, "RedriveAllowPolicy"), source_arn))
    return practice_sqs_fault_set (fault, PRACTICE_SQS_INVALID_PARAMETER_VALUE,
                                   "Value %s for parameter RedrivePolicy is invalid. Reason: The dead-letter queue's RedriveAllowPolicy "
                                   "does not let this queue use it.", text);
  return TRUE;
}

gboolean
practice_sqs_check_attributes (PracticeSqs      *self,
                               JsonObject       *attributes,
                               const char       *arn,
                               gboolean          fifo,
                               PracticeSqsFault *fault)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  json_object_iter_init_ordered (&iter, attributes);
  while (json_object_iter_next_ordered (&iter, &name, &value)) {
    const char *text = json_node_get_string (value);

    if (!practice_sqs_attribute_check (name, text, fifo, fault))
      return FALSE;
    if (strcmp (name, "RedrivePolicy") == 0 && *text != '\0' && !check_redrive_target (self, text, arn, fault))
      return FALSE;
  }
  return TRUE;
}

/* @changes on top of @attributes; an empty text takes an attribute away. */
JsonObject *
practice_sqs_merge_attributes (JsonObject *attributes,
                               JsonObject *changes)
{
  JsonObject *merged = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  if (attributes != NULL) {
    json_object_iter_init_ordered (&iter, attributes);
    while (json_object_iter_next_ordered (&iter, &name, &value))
      json_object_set_member (merged, name, json_node_copy (value));
  }
  json_object_iter_init_ordered (&iter, changes);
  while (json_object_iter_next_ordered (&iter, &name, &value)) {
    if (*json_node_get_string (value) == '\0')
      json_object_remove_member (merged, name);
    else
      json_object_set_member (merged, name, json_node_copy (value));
  }
  return merged;
}

static void
add_count (PracticeSqs      *self,
           PracticeSqsQueue *queue,
           JsonObject       *attributes,
           const char       *name,
           PracticeSqsState  state)
{
  sqlite3_stmt *row = practice_store_prepare (self->store, "SELECT count(*) FROM sqs_message WHERE queue = ? AND state = ?", "ii",
                                              queue->id, (gint64) state);
  g_autofree char *text = NULL;

  sqlite3_step (row);
  text = g_strdup_printf ("%" G_GINT64_FORMAT, (gint64) sqlite3_column_int64 (row, 0));
  sqlite3_reset (row);
  json_object_set_string_member (attributes, name, text);
}

static void
add_attribute (PracticeSqs      *self,
               PracticeSqsQueue *queue,
               JsonObject       *attributes,
               const char       *name)
{
  g_autofree char *text = NULL;

  if (strcmp (name, "ApproximateNumberOfMessages") == 0) {
    add_count (self, queue, attributes, name, PRACTICE_SQS_READY);
  } else if (strcmp (name, "ApproximateNumberOfMessagesDelayed") == 0) {
    add_count (self, queue, attributes, name, PRACTICE_SQS_DELAYED);
  } else if (strcmp (name, "ApproximateNumberOfMessagesNotVisible") == 0) {
    add_count (self, queue, attributes, name, PRACTICE_SQS_IN_FLIGHT);
  } else if (strcmp (name, "CreatedTimestamp") == 0) {
    text = g_strdup_printf ("%" G_GINT64_FORMAT, queue->created);
    json_object_set_string_member (attributes, name, text);
  } else if (strcmp (name, "LastModifiedTimestamp") == 0) {
    text = g_strdup_printf ("%" G_GINT64_FORMAT, queue->modified);
    json_object_set_string_member (attributes, name, text);
  } else if (strcmp (name, "QueueArn") == 0) {
    json_object_set_string_member (attributes, name, queue->arn);
  } else if (practice_sqs_queue_get_attribute (queue, name) != NULL) {
    json_object_set_string_member (attributes, name, practice_sqs_queue_get_attribute (queue, name));
  }
}

void
practice_sqs_get_queue_attributes (PracticeCall *call,
                                   gpointer      data)
{
  static const char *const computed[] = {
    "QueueArn", "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed",
    "CreatedTimestamp", "LastModifiedTimestamp"
  };
  PracticeSqs *self = data;
  PracticeSqsQueue *queue = practice_sqs_find (self, call, "sqs:GetQueueAttributes");
  JsonArray *names = queue != NULL ? practice_call_get_array (call, "AttributeNames") : NULL;
  g_autoptr (JsonObject) attributes = json_object_new ();
  const char *const *settable = practice_sqs_attribute_get_names ();
  JsonObject *result;

  if (queue == NULL || practice_call_is_answered (call))
    return;

  practice_sqs_sweep (self);
  for (guint i = 0; names != NULL && i < json_array_get_length (names); i++) {
    JsonNode *node = json_array_get_element (names, i);
    const char *name = json_node_get_value_type (node) == G_TYPE_STRING ? json_node_get_string (node) : "";

    if (!practice_sqs_attribute_is_known (name)) {
      practice_sqs_fail (call, PRACTICE_SQS_INVALID_ATTRIBUTE_NAME, "Unknown Attribute %s.", name);
      return;
    }
    if (strcmp (name, "All") != 0) {
      add_attribute (self, queue, attributes, name);
      continue;
    }
    for (guint j = 0; j < G_N_ELEMENTS (computed); j++)
      add_attribute (self, queue, attributes, computed[j]);
    for (guint j = 0; settable[j] != NULL; j++)
      add_attribute (self, queue, attributes, settable[j]);
  }

  result = json_object_new ();
  if (json_object_get_size (attributes) > 0)
    json_object_set_object_member (result, "Attributes", g_steal_pointer (&attributes));
  practice_call_return (call, result);
}

/* A shorter retention ends messages sooner, a longer delay nothing that was sent before. */
static void
update_queue (PracticeSqs      *self,
              PracticeSqsQueue *queue,
              JsonObject       *attributes,
              JsonObject       *tags)
{
  practice_sqs_emit_resource (self, "resource-updated", queue->region, queue->arn, queue->name);
  practice_sqs_queue_update (queue, self->store, attributes, tags);
  practice_sqs_expires (self, practice_sqs_now ());
}

void
practice_sqs_set_queue_attributes (PracticeCall *call,
                                   gpointer      data)
{
  PracticeSqs *self = data;
  PracticeSqsQueue *queue = practice_sqs_find (self, call, "sqs:SetQueueAttributes");
  JsonObject *changes = queue != NULL ? practice_call_get_object (call, "Attributes") : NULL;
  g_autoptr (JsonObject) merged = NULL;
  g_auto (PracticeSqsFault) fault = { 0 };
  const char *fifo;

  if (queue == NULL || practice_call_is_answered (call))
    return;
  if (changes == NULL || json_object_get_size (changes) == 0) {
    practice_sqs_fail (call, PRACTICE_SQS_MISSING_PARAMETER, "The request must contain the parameter Attribute.Name.");
    return;
  }
  if (!practice_sqs_check_texts (call, changes, "Attributes"))
    return;

  fifo = practice_json_get_string (changes, "FifoQueue");
  if (queue->fifo && fifo != NULL && strcmp (fifo, "true") != 0) {
    practice_sqs_fail (call, PRACTICE_SQS_INVALID_ATTRIBUTE_VALUE,
                       "Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported.");
    return;
  }
  if (!practice_sqs_check_attributes (self, changes, queue->arn, queue->fifo, &fault)) {
    practice_sqs_fault_fail (&fault, call);
    return;
  }

  merged = practice_sqs_merge_attributes (queue->attributes, changes);
  update_queue (self, queue, merged, queue->tags);
  practice_call_return (call, NULL);
}

void
practice_sqs_tag_queue (PracticeCall *call,
                        gpointer      data)
{
  PracticeSqs *self = data;
  PracticeSqsQueue *queue = practice_sqs_find (self, call, "sqs:TagQueue");
  JsonObject *tags = queue != NULL ? practice_call_get_object (call, "Tags") : NULL;
  g_autoptr (JsonObject) merged = NULL;
  JsonObjectIter iter;
  const char *key;
  JsonNode *value;

  if (queue == NULL || practice_call_is_answered (call))
    return;
  if (tags == NULL) {
    practice_sqs_fail (call, PRACTICE_SQS_MISSING_PARAMETER, "The request must contain the parameter Tags.");
    return;
  }
  if (!practice_sqs_check_texts (call, tags, "Tags"))
    return;

  merged = json_object_new ();
  json_object_iter_init_ordered (&iter, queue->tags);
  while (json_object_iter_next_ordered (&iter, &key, &value))
    json_object_set_member (merged, key, json_node_copy (value));
  json_object_iter_init_ordered (&iter, tags);
  while (json_object_iter_next_ordered (&iter, &key, &value))
    json_object_set_member (merged, key, json_node_copy (value));
  if (!practice_sqs_check_tags (call, merged))
    return;

  update_queue (self, queue, queue->attributes, merged);
  practice_call_return (call, NULL);
}

void
practice_sqs_untag_queue (PracticeCall *call,
                          gpointer      data)
{
  PracticeSqs *self = data;
  PracticeSqsQueue *queue = practice_sqs_find (self, call, "sqs:UntagQueue");
  JsonArray *keys = queue != NULL ? practice_call_get_array (call, "TagKeys") : NULL;
  g_autoptr (JsonObject) remaining = NULL;
  JsonObjectIter iter;
  const char *key;
  JsonNode *value;

  if (queue == NULL || practice_call_is_answered (call))
    return;
  if (keys == NULL) {
    practice_sqs_fail (call, PRACTICE_SQS_MISSING_PARAMETER, "The request must contain the parameter TagKeys.");
    return;
  }

  remaining = json_object_new ();
  json_object_iter_init_ordered (&iter, queue->tags);
  while (json_object_iter_next_ordered (&iter, &key, &value))
    json_object_set_member (remaining, key, json_node_copy (value));
  for (guint i = 0; i < json_array_get_length (keys); i++) {
    JsonNode *node = json_array_get_element (keys, i);

    if (json_node_get_value_type (node) == G_TYPE_STRING)
      json_object_remove_member (remaining, json_node_get_string (node));
  }

  update_queue (self, queue, queue->attributes, remaining);
  practice_call_return (call, NULL);
}

void
practice_sqs_list_queue_tags (PracticeCall *call,
                              gpointer      data)
{
  PracticeSqsQueue *queue = practice_sqs_find (data, call, "sqs:ListQueueTags");
  JsonObject *result;

  if (queue == NULL)
    return;

  result = json_object_new ();
  if (json_object_get_size (queue->tags) > 0)
    json_object_set_object_member (result, "Tags", json_object_ref (queue->tags));
  practice_call_return (call, result);
}
