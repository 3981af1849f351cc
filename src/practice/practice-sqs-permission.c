/* SPDX-License-Identifier: GPL-3.0-or-later */
/* AddPermission and RemovePermission: the short way to a queue's policy. */
#include <string.h>

#include "practice-resource-policy.h"
#include "practice-sqs-private.h"

static const char *const actions_allowed[] = {
  "*", "ChangeMessageVisibility", "DeleteMessage", "GetQueueAttributes", "GetQueueUrl", "ListDeadLetterSourceQueues", "PurgeQueue",
  "ReceiveMessage", "SendMessage", NULL
};

/* The parameter's texts; NULL where the call is failed. */
static JsonArray *
get_texts (PracticeCall *call,
           const char   *name)
{
  JsonArray *texts = practice_call_get_array (call, name);

  if (practice_call_is_answered (call))
    return NULL;
  if (texts == NULL || json_array_get_length (texts) == 0) {
    practice_sqs_fail (call, PRACTICE_SQS_MISSING_PARAMETER, "The request must contain the parameter %s.", name);
    return NULL;
  }
  for (guint i = 0; i < json_array_get_length (texts); i++) {
    if (json_node_get_value_type (json_array_get_element (texts, i)) != G_TYPE_STRING) {
      practice_call_fail (call, 400, "SerializationException", "The values of %s must be strings.", name);
      return NULL;
    }
  }
  return texts;
}

static void
set_policy (PracticeSqs      *self,
            PracticeSqsQueue *queue,
            const char       *policy)
{
  g_autoptr (JsonObject) attributes = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  json_object_iter_init_ordered (&iter, queue->attributes);
  while (json_object_iter_next_ordered (&iter, &name, &value)) {
    if (strcmp (name, "Policy") != 0)
      json_object_set_member (attributes, name, json_node_copy (value));
  }
  if (*policy != '\0')
    json_object_set_string_member (attributes, "Policy", policy);
  practice_events_emit_strings (self->events, "resource-updated", "region", queue->region, "arn", queue->arn,
                                "type", "AWS::SQS::Queue", "name", queue->name, NULL);
  practice_sqs_queue_update (queue, self->store, attributes, queue->tags);
}

void
practice_sqs_add_permission (PracticeCall *call,
                             gpointer      data)
{
  PracticeSqs *self = data;
  PracticeSqsQueue *queue = practice_sqs_find (self, call, "sqs:AddPermission");
  const char *label = queue != NULL ? practice_call_get_string (call, "Label") : NULL;
  JsonArray *accounts, *names;
  g_autoptr (JsonArray) actions = json_array_new ();
  g_autofree char *id = NULL;
  g_autofree char *policy = NULL;

  if (queue == NULL || practice_call_is_answered (call))
    return;
  if (label == NULL) {
    practice_sqs_fail (call, PRACTICE_SQS_MISSING_PARAMETER, "The request must contain the parameter Label.");
    return;
  }
  accounts = get_texts (call, "AWSAccountIds");
  if (accounts == NULL)
    return;
  names = get_texts (call, "Actions");
  if (names == NULL)
    return;

  for (guint i = 0; i < json_array_get_length (names); i++) {
    const char *name = json_array_get_string_element (names, i);
    g_autofree char *action = g_strconcat ("SQS:", name, NULL);

    if (!g_strv_contains (actions_allowed, name)) {
      practice_sqs_fail (call, PRACTICE_SQS_INVALID_PARAMETER_VALUE,
                         "Value SQS:%s for parameter ActionName is invalid. Reason: Only the queue owner is allowed to invoke this action.",
                         name);
      return;
    }
    json_array_add_string_element (actions, action);
  }

  id = g_strconcat (queue->arn, "/SQSDefaultPolicy", NULL);
  policy = practice_resource_policy_add_statement (queue->policy, id, label, accounts, actions, queue->arn);
  if (policy == NULL) {
    practice_sqs_fail (call, PRACTICE_SQS_INVALID_PARAMETER_VALUE, "Value %s for parameter Label is invalid. Reason: Already exists.", label);
    return;
  }
  set_policy (self, queue, policy);
  practice_call_return (call, NULL);
}

void
practice_sqs_remove_permission (PracticeCall *call,
                                gpointer      data)
{
  PracticeSqs *self = data;
  PracticeSqsQueue *queue = practice_sqs_find (self, call, "sqs:RemovePermission");
  const char *label = queue != NULL ? practice_call_get_string (call, "Label") : NULL;
  g_autofree char *policy = NULL;

  if (queue == NULL || practice_call_is_answered (call))
    return;
  if (label == NULL) {
    practice_sqs_fail (call, PRACTICE_SQS_MISSING_PARAMETER, "The request must contain the parameter Label.");
    return;
  }

  policy = practice_resource_policy_remove_statement (queue->policy, label);
  if (policy == NULL) {
    practice_sqs_fail (call, PRACTICE_SQS_INVALID_PARAMETER_VALUE,
                       "Value %s for parameter Label is invalid. Reason: can't find label.", label);
    return;
  }
  set_policy (self, queue, policy);
  practice_call_return (call, NULL);
}
