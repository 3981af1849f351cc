/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The operations on topics. */
#include <string.h>

#include "practice-hold.h"
#include "practice-json.h"
#include "practice-resource-policy.h"
#include "practice-sns-private.h"

#define MAX_TAGS 50

static const char delivery_policy[] =
  "{\"http\":{\"defaultHealthyRetryPolicy\":{\"minDelayTarget\":20,\"maxDelayTarget\":20,\"numRetries\":3,\"numMaxDelayRetries\":0,"
  "\"numNoDelayRetries\":0,\"numMinDelayRetries\":0,\"backoffFunction\":\"linear\"},\"disableSubscriptionOverrides\":false,"
  "\"defaultRequestPolicy\":{\"headerContentType\":\"text/plain; charset=UTF-8\"}}}";

/* SNS API reference, SetTopicAttributes. */
static const char *const settable[] = {
  "ArchivePolicy", "ContentBasedDeduplication", "DeliveryPolicy", "DisplayName", "FifoThroughputScope", "KmsMasterKeyId", "Policy",
  "SignatureVersion", "TracingConfig",
  "ApplicationFailureFeedbackRoleArn", "ApplicationSuccessFeedbackRoleArn", "ApplicationSuccessFeedbackSampleRate",
  "FirehoseFailureFeedbackRoleArn", "FirehoseSuccessFeedbackRoleArn", "FirehoseSuccessFeedbackSampleRate",
  "HTTPFailureFeedbackRoleArn", "HTTPSuccessFeedbackRoleArn", "HTTPSuccessFeedbackSampleRate",
  "LambdaFailureFeedbackRoleArn", "LambdaSuccessFeedbackRoleArn", "LambdaSuccessFeedbackSampleRate",
  "SQSFailureFeedbackRoleArn", "SQSSuccessFeedbackRoleArn", "SQSSuccessFeedbackSampleRate", NULL
};

static void
emit_resource (PracticeSns *self,
               const char  *kind,
               const char  *region,
               const char  *arn,
               const char  *name)
{
  practice_events_emit_strings (self->events, kind, "region", region, "arn", arn, "type", "AWS::SNS::Topic", "name", name, NULL);
}

static gboolean
is_name (const char *name,
         gboolean    fifo)
{
  gsize length = strlen (name);

  if (length > 256)
    return FALSE;
  if (fifo) {
    if (!g_str_has_suffix (name, ".fifo"))
      return FALSE;
    length -= strlen (".fifo");
  }
  for (gsize i = 0; i < length; i++) {
    if (!g_ascii_isalnum (name[i]) && name[i] != '-' && name[i] != '_')
      return FALSE;
  }
  return length > 0;
}

/* What is wrong with an attribute's value, or NULL. */
static const char *
check_attribute (const char *name,
                 const char *value,
                 gboolean    fifo)
{
  if (strcmp (name, "Policy") == 0 || strcmp (name, "DeliveryPolicy") == 0) {
    g_autoptr (JsonObject) object = *value != '\0' ? practice_json_parse_object (value, -1, NULL) : json_object_new ();

    if (object == NULL)
      return "failed to parse JSON";
    if (strcmp (name, "Policy") == 0 && *value != '\0' && !practice_resource_policy_is_valid (value))
      return "Policy Error: null";
  }
  if (strcmp (name, "DisplayName") == 0 && g_utf8_strlen (value, -1) > 100)
    return "must be at most 100 characters long";
  if (strcmp (name, "SignatureVersion") == 0 && strcmp (value, "1") != 0 && strcmp (value, "2") != 0)
    return "SignatureVersion must be either 1 or 2";
  if (strcmp (name, "TracingConfig") == 0 && strcmp (value, "Active") != 0 && strcmp (value, "PassThrough") != 0)
    return "TracingConfig must be either Active or PassThrough";
  if (strcmp (name, "ContentBasedDeduplication") == 0) {
    if (!fifo)
      return "Content-based deduplication can only be set for FIFO topics";
    if (strcmp (value, "true") != 0 && strcmp (value, "false") != 0)
      return "must be true or false";
  }
  return NULL;
}

static gboolean
check_tags (PracticeCall *call,
            JsonArray    *tags)
{
  g_autoptr (GHashTable) keys = g_hash_table_new (g_str_hash, g_str_equal);

  for (guint i = 0; tags != NULL && i < json_array_get_length (tags); i++) {
    JsonNode *node = json_array_get_element (tags, i);
    JsonObject *tag = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
    const char *key = tag != NULL ? practice_json_get_string (tag, "Key") : NULL;
    const char *value = tag != NULL ? practice_json_get_string (tag, "Value") : NULL;

    if (key == NULL || value == NULL || *key == '\0' || g_utf8_strlen (key, -1) > 128 || g_utf8_strlen (value, -1) > 256 ||
        g_str_has_prefix (key, "aws:")) {
      practice_sns_fail_parameter (call, "Tags");
      return FALSE;
    }
    if (!g_hash_table_add (keys, (gpointer) key)) {
      practice_sns_fail_parameter (call, "Duplicated keys are not allowed.");
      return FALSE;
    }
  }
  if (g_hash_table_size (keys) > MAX_TAGS) {
    practice_call_fail (call, 400, "TagLimitExceeded", "Could not complete request: tag quota of per resource exceeded");
    return FALSE;
  }
  return TRUE;
}

static const char *
find_tag (JsonArray  *tags,
          const char *key)
{
  for (guint i = 0; i < json_array_get_length (tags); i++) {
    JsonObject *tag = json_array_get_object_element (tags, i);

    if (strcmp (json_object_get_string_member (tag, "Key"), key) == 0)
      return json_object_get_string_member (tag, "Value");
  }
  return NULL;
}

static char *
array_to_text (JsonArray *array)
{
  g_autoptr (JsonNode) node = json_node_init_array (json_node_alloc (), array);

  return practice_json_to_text (node);
}

static void
save_topic (PracticeSns      *self,
            PracticeSnsTopic *topic,
            JsonObject       *attributes,
            JsonArray        *tags)
{
  g_autofree char *attributes_text = practice_json_object_to_text (attributes);
  g_autofree char *tags_text = array_to_text (tags);

  practice_store_run (self->store, "UPDATE sns_topic SET attributes = ?, tags = ? WHERE arn = ?", "sss",
                      attributes_text, tags_text, topic->arn);
  emit_resource (self, "resource-updated", topic->region, topic->arn, topic->name);
}

/* (transfer full): what lets the owner, and only the owner, use a topic. */
static char *
make_default_policy (PracticeSns *self,
                     const char  *arn)
{
  return g_strdup_printf ("{\"Version\":\"2008-10-17\",\"Id\":\"__default_policy_ID\",\"Statement\":[{\"Sid\":\"__default_statement_ID\","
                          "\"Effect\":\"Allow\",\"Principal\":{\"AWS\":\"*\"},\"Action\":[\"SNS:GetTopicAttributes\","
                          "\"SNS:SetTopicAttributes\",\"SNS:AddPermission\",\"SNS:RemovePermission\",\"SNS:DeleteTopic\",\"SNS:Subscribe\","
                          "\"SNS:ListSubscriptionsByTopic\",\"SNS:Publish\"],\"Resource\":\"%s\",\"Condition\":{\"StringEquals\":"
                          "{\"AWS:SourceOwner\":\"%s\"}}}]}", arn, practice_server_get_account (self->server));
}

/* The same topic made again: nothing given may differ from what it has. */
static gboolean
check_same (PracticeCall     *call,
            PracticeSnsTopic *topic,
            JsonObject       *attributes,
            JsonArray        *tags)
{
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  json_object_iter_init (&iter, attributes);
  while (json_object_iter_next (&iter, &name, &value)) {
    if (g_strcmp0 (practice_json_get_string (topic->attributes, name), json_node_get_string (value)) != 0) {
      practice_sns_fail_parameter (call, "Attributes Reason: Topic already exists with different attributes");
      return FALSE;
    }
  }
  for (guint i = 0; tags != NULL && i < json_array_get_length (tags); i++) {
    JsonObject *tag = json_array_get_object_element (tags, i);

    if (g_strcmp0 (find_tag (topic->tags, json_object_get_string_member (tag, "Key")), json_object_get_string_member (tag, "Value")) != 0) {
      practice_sns_fail_parameter (call, "Tags Reason: Topic already exists with different tags");
      return FALSE;
    }
  }
  return TRUE;
}

static gboolean
check_new_topic (PracticeCall *call,
                 const char   *name,
                 JsonObject   *attributes,
                 JsonArray    *tags)
{
  gboolean fifo = g_strcmp0 (practice_json_get_string (attributes, "FifoTopic"), "true") == 0;
  JsonObjectIter iter;
  const char *attribute;
  JsonNode *value;

  if (name == NULL || !is_name (name, fifo)) {
    if (fifo)
      practice_sns_fail_parameter (call, "Fifo Topic names must end with .fifo and must be made up of only uppercase and lowercase ASCII "
                                         "letters, numbers, underscores, and hyphens, and must be between 1 and 256 characters long.");
    else
      practice_sns_fail_parameter (call, "Topic Name");
    return FALSE;
  }
  json_object_iter_init_ordered (&iter, attributes);
  while (json_object_iter_next_ordered (&iter, &attribute, &value)) {
    const char *reason = check_attribute (attribute, json_node_get_string (value), fifo);

    if (strcmp (attribute, "FifoTopic") != 0 && !g_strv_contains (settable, attribute)) {
      practice_sns_fail_parameter (call, "Attributes Reason: Unknown attribute %s", attribute);
      return FALSE;
    }
    if (reason != NULL) {
      practice_sns_fail_parameter (call, "Attributes Reason: %s: %s", attribute, reason);
      return FALSE;
    }
  }
  return check_tags (call, tags);
}

void
practice_sns_create_topic (PracticeCall *call,
                           gpointer      data)
{
  PracticeSns *self = data;
  const char *name = practice_call_get_string (call, "Name");
  JsonObject *given = practice_call_get_object (call, "Attributes");
  JsonArray *tags = practice_call_get_array (call, "Tags");
  const char *region = practice_call_get_region (call);
  g_autoptr (JsonObject) attributes = given != NULL ? practice_sns_copy_map (given) : json_object_new ();
  g_autoptr (PracticeSnsTopic) topic = NULL;
  g_autofree char *arn = NULL;
  JsonObject *result;

  if (practice_call_is_answered (call) || !practice_sns_check_texts (call, attributes, "Attributes"))
    return;

  arn = g_strdup_printf ("arn:aws:sns:%s:%s:%s", region, practice_call_get_account (call), name != NULL ? name : "");
  if (!practice_call_allow (call, "sns:CreateTopic", arn, NULL, NULL))
    return;
  if (tags != NULL && json_array_get_length (tags) > 0 && !practice_call_allow (call, "sns:TagResource", arn, NULL, NULL))
    return;
  if (!check_new_topic (call, name, attributes, tags))
    return;
  /* A topic is standard without saying so. */
  if (g_strcmp0 (practice_json_get_string (attributes, "FifoTopic"), "true") != 0)
    json_object_remove_member (attributes, "FifoTopic");

  topic = practice_sns_load_topic (self, arn);
  if (topic != NULL) {
    if (!check_same (call, topic, attributes, tags))
      return;
  } else {
    g_autofree char *attributes_text = practice_json_object_to_text (attributes);
    g_autofree char *tags_text = tags != NULL ? array_to_text (tags) : g_strdup ("[]");

    practice_store_run (self->store, "INSERT INTO sns_topic (arn, region, name, attributes, tags) VALUES (?, ?, ?, ?, ?)", "sssss",
                        arn, region, name, attributes_text, tags_text);
    emit_resource (self, "resource-created", region, arn, name);
  }

  result = json_object_new ();
  json_object_set_string_member (result, "TopicArn", arn);
  practice_call_return (call, result);
}

void
practice_sns_delete_topic (PracticeCall *call,
                           gpointer      data)
{
  PracticeSns *self = data;
  const char *arn = practice_call_get_string (call, "TopicArn");
  g_autoptr (PracticeSnsTopic) topic = NULL;

  if (!practice_sns_check_arn (call, "TopicArn", arn))
    return;

  /* A topic that is gone already is no error. */
  topic = practice_sns_load_topic (self, arn);
  if (!practice_call_allow (call, "sns:DeleteTopic", arn, topic != NULL ? topic->policy : NULL, NULL))
    return;
  if (topic != NULL) {
    g_autoptr (GPtrArray) subscriptions = practice_sns_list_subscriptions (self, arn);

    for (guint i = 0; i < subscriptions->len; i++) {
      const char *subscription = ((PracticeSnsSubscription *) g_ptr_array_index (subscriptions, i))->arn;

      practice_events_emit_strings (self->events, "resource-deleted", "region", topic->region, "arn", subscription,
                                    "type", "AWS::SNS::Subscription", "name", subscription, NULL);
    }
    practice_store_run (self->store, "DELETE FROM sns_subscription WHERE topic = ?", "s", arn);
    practice_store_run (self->store, "DELETE FROM sns_deduplication WHERE topic = ?", "s", arn);
    practice_store_run (self->store, "DELETE FROM sns_topic WHERE arn = ?", "s", arn);
    practice_hold_end (self->server, NULL, arn, FALSE);
    emit_resource (self, "resource-deleted", topic->region, arn, topic->name);
  }
  practice_call_return (call, NULL);
}

void
practice_sns_list_topics (PracticeCall *call,
                          gpointer      data)
{
  PracticeSns *self = data;
  JsonArray *topics;
  JsonObject *result;
  sqlite3_stmt *row;
  gint64 offset;

  if (!practice_sns_get_offset (call, &offset) || !practice_call_allow (call, "sns:ListTopics", "*", NULL, NULL))
    return;

  result = json_object_new ();
  topics = json_array_new ();
  row = practice_store_prepare (self->store, "SELECT arn FROM sns_topic WHERE region = ? ORDER BY arn LIMIT ? OFFSET ?", "sii",
                                practice_call_get_region (call), (gint64) PRACTICE_SNS_PAGE + 1, offset);
  while (sqlite3_step (row) == SQLITE_ROW) {
    JsonObject *topic;

    if (json_array_get_length (topics) == PRACTICE_SNS_PAGE) {
      practice_sns_set_next_offset (result, offset + PRACTICE_SNS_PAGE);
      break;
    }
    topic = json_object_new ();
    json_object_set_string_member (topic, "TopicArn", (const char *) sqlite3_column_text (row, 0));
    json_array_add_object_element (topics, topic);
  }
  sqlite3_reset (row);
  json_object_set_array_member (result, "Topics", topics);
  practice_call_return (call, result);
}

static void
set_count (PracticeSns *self,
           JsonObject  *attributes,
           const char  *name,
           const char  *arn,
           gboolean     confirmed)
{
  sqlite3_stmt *row = practice_store_prepare (self->store, "SELECT count(*) FROM sns_subscription WHERE topic = ? AND confirmed = ?", "si",
                                              arn, (gint64) confirmed);
  g_autofree char *text = NULL;

  sqlite3_step (row);
  text = g_strdup ((const char *) sqlite3_column_text (row, 0));
  sqlite3_reset (row);
  json_object_set_string_member (attributes, name, text);
}

void
practice_sns_get_topic_attributes (PracticeCall *call,
                                   gpointer      data)
{
  PracticeSns *self = data;
  g_autoptr (PracticeSnsTopic) topic = practice_sns_find_topic (self, call, "TopicArn", "sns:GetTopicAttributes");
  g_autofree char *policy = NULL;
  g_autofree char *n_deleted = NULL;
  JsonObject *attributes;
  JsonObject *result;

  if (topic == NULL)
    return;

  attributes = practice_sns_copy_map (topic->attributes);
  policy = make_default_policy (self, topic->arn);
  n_deleted = g_strdup_printf ("%" G_GINT64_FORMAT, topic->n_deleted);
  if (topic->policy == NULL)
    json_object_set_string_member (attributes, "Policy", policy);
  if (!json_object_has_member (attributes, "DisplayName"))
    json_object_set_string_member (attributes, "DisplayName", "");
  if (topic->fifo && !json_object_has_member (attributes, "ContentBasedDeduplication"))
    json_object_set_string_member (attributes, "ContentBasedDeduplication", "false");
  json_object_set_string_member (attributes, "TopicArn", topic->arn);
  json_object_set_string_member (attributes, "Owner", practice_call_get_account (call));
  json_object_set_string_member (attributes, "EffectiveDeliveryPolicy", delivery_policy);
  json_object_set_string_member (attributes, "SubscriptionsDeleted", n_deleted);
  set_count (self, attributes, "SubscriptionsConfirmed", topic->arn, TRUE);
  set_count (self, attributes, "SubscriptionsPending", topic->arn, FALSE);

  result = json_object_new ();
  json_object_set_object_member (result, "Attributes", attributes);
  practice_call_return (call, result);
}

void
practice_sns_set_topic_attributes (PracticeCall *call,
                                   gpointer      data)
{
  PracticeSns *self = data;
  g_autoptr (PracticeSnsTopic) topic = practice_sns_find_topic (self, call, "TopicArn", "sns:SetTopicAttributes");
  const char *name = topic != NULL ? practice_call_get_string (call, "AttributeName") : NULL;
  const char *value = topic != NULL ? practice_call_get_string (call, "AttributeValue") : NULL;
  g_autoptr (JsonObject) attributes = NULL;
  const char *reason;

  if (topic == NULL || practice_call_is_answered (call))
    return;
  if (name == NULL || !g_strv_contains (settable, name)) {
    practice_sns_fail_parameter (call, "AttributeName");
    return;
  }
  value = value != NULL ? value : "";
  reason = check_attribute (name, value, topic->fifo);
  if (reason != NULL) {
    practice_sns_fail_parameter (call, "%s: %s", name, reason);
    return;
  }

  attributes = practice_sns_copy_map (topic->attributes);
  if (*value == '\0')
    json_object_remove_member (attributes, name);
  else
    json_object_set_string_member (attributes, name, value);
  save_topic (self, topic, attributes, topic->tags);
  practice_call_return (call, NULL);
}

/* The topic of a tagging call; SNS tags nothing else. */
static PracticeSnsTopic *
find_tagged (PracticeSns  *self,
             PracticeCall *call,
             const char   *action)
{
  const char *arn = practice_call_get_string (call, "ResourceArn");
  g_autoptr (PracticeSnsTopic) topic = NULL;

  if (!practice_sns_check_arn (call, "ResourceArn", arn))
    return NULL;
  topic = practice_sns_load_topic (self, arn);
  if (!practice_call_allow (call, action, arn, topic != NULL ? topic->policy : NULL, NULL))
    return NULL;
  if (topic == NULL)
    practice_call_fail (call, 404, "ResourceNotFound", "Resource does not exist");
  return g_steal_pointer (&topic);
}

void
practice_sns_tag_resource (PracticeCall *call,
                           gpointer      data)
{
  PracticeSns *self = data;
  g_autoptr (PracticeSnsTopic) topic = find_tagged (self, call, "sns:TagResource");
  JsonArray *tags = topic != NULL ? practice_call_get_array (call, "Tags") : NULL;
  g_autoptr (JsonArray) merged = NULL;

  if (topic == NULL || practice_call_is_answered (call) || !check_tags (call, tags))
    return;

  merged = json_array_new ();
  for (guint i = 0; i < json_array_get_length (topic->tags); i++) {
    const char *key = json_object_get_string_member (json_array_get_object_element (topic->tags, i), "Key");

    if (tags == NULL || find_tag (tags, key) == NULL)
      json_array_add_element (merged, json_array_dup_element (topic->tags, i));
  }
  for (guint i = 0; tags != NULL && i < json_array_get_length (tags); i++)
    json_array_add_element (merged, json_array_dup_element (tags, i));
  if (!check_tags (call, merged))
    return;
  save_topic (self, topic, topic->attributes, merged);
  practice_call_return (call, json_object_new ());
}

void
practice_sns_untag_resource (PracticeCall *call,
                             gpointer      data)
{
  PracticeSns *self = data;
  g_autoptr (PracticeSnsTopic) topic = find_tagged (self, call, "sns:UntagResource");
  JsonArray *keys = topic != NULL ? practice_call_get_array (call, "TagKeys") : NULL;
  g_autoptr (JsonArray) remaining = NULL;

  if (topic == NULL || practice_call_is_answered (call))
    return;

  remaining = json_array_new ();
  for (guint i = 0; i < json_array_get_length (topic->tags); i++) {
    const char *key = json_object_get_string_member (json_array_get_object_element (topic->tags, i), "Key");
    gboolean keep = TRUE;

    for (guint j = 0; keys != NULL && keep && j < json_array_get_length (keys); j++) {
      JsonNode *node = json_array_get_element (keys, j);

      keep = json_node_get_value_type (node) != G_TYPE_STRING || strcmp (json_node_get_string (node), key) != 0;
    }
    if (keep)
      json_array_add_element (remaining, json_array_dup_element (topic->tags, i));
  }
  save_topic (self, topic, topic->attributes, remaining);
  practice_call_return (call, json_object_new ());
}

void
practice_sns_list_tags_for_resource (PracticeCall *call,
                                     gpointer      data)
{
  g_autoptr (PracticeSnsTopic) topic = find_tagged (data, call, "sns:ListTagsForResource");
  JsonObject *result;

  if (topic == NULL)
    return;

  result = json_object_new ();
  json_object_set_array_member (result, "Tags", json_array_ref (topic->tags));
  practice_call_return (call, result);
}

static void
set_policy (PracticeSns      *self,
            PracticeSnsTopic *topic,
            const char       *policy)
{
  g_autoptr (JsonObject) attributes = practice_sns_copy_map (topic->attributes);

  if (*policy != '\0')
    json_object_set_string_member (attributes, "Policy", policy);
  else
    json_object_remove_member (attributes, "Policy");
  save_topic (self, topic, attributes, topic->tags);
}

void
practice_sns_add_permission (PracticeCall *call,
                             gpointer      data)
{
  static const char *const actions_allowed[] = {
    "AddPermission", "DeleteTopic", "GetTopicAttributes", "ListSubscriptionsByTopic", "Publish", "RemovePermission", "SetTopicAttributes",
    "Subscribe", NULL
  };
  PracticeSns *self = data;
  g_autoptr (PracticeSnsTopic) topic = practice_sns_find_topic (self, call, "TopicArn", "sns:AddPermission");
  const char *label = topic != NULL ? practice_call_get_string (call, "Label") : NULL;
  JsonArray *accounts = topic != NULL ? practice_call_get_array (call, "AWSAccountId") : NULL;
  JsonArray *names = topic != NULL ? practice_call_get_array (call, "ActionName") : NULL;
  g_autoptr (JsonArray) actions = json_array_new ();
  g_autofree char *default_policy = NULL;
  g_autofree char *policy = NULL;

  if (topic == NULL || practice_call_is_answered (call))
    return;
  if (label == NULL || accounts == NULL || names == NULL || json_array_get_length (accounts) == 0 || json_array_get_length (names) == 0) {
    practice_sns_fail_parameter (call, "%s", label == NULL ? "Label" : "Policy statement must have accounts and actions");
    return;
  }
  for (guint i = 0; i < json_array_get_length (accounts); i++) {
    if (json_node_get_value_type (json_array_get_element (accounts, i)) != G_TYPE_STRING) {
      practice_sns_fail_parameter (call, "AWSAccountId");
      return;
    }
  }
  for (guint i = 0; i < json_array_get_length (names); i++) {
    JsonNode *node = json_array_get_element (names, i);
    const char *name = json_node_get_value_type (node) == G_TYPE_STRING ? json_node_get_string (node) : "";
    g_autofree char *action = g_strconcat ("SNS:", name, NULL);

    if (!g_strv_contains (actions_allowed, name)) {
      practice_sns_fail_parameter (call, "Policy statement action out of service scope!");
      return;
    }
    json_array_add_string_element (actions, action);
  }

  default_policy = make_default_policy (self, topic->arn);
  policy = practice_resource_policy_add_statement (topic->policy != NULL ? topic->policy : default_policy, "__default_policy_ID", label,
                                                   accounts, actions, topic->arn);
  if (policy == NULL) {
    practice_sns_fail_parameter (call, "Statement already exists");
    return;
  }
  set_policy (self, topic, policy);
  practice_call_return (call, NULL);
}

void
practice_sns_remove_permission (PracticeCall *call,
                                gpointer      data)
{
  PracticeSns *self = data;
  g_autoptr (PracticeSnsTopic) topic = practice_sns_find_topic (self, call, "TopicArn", "sns:RemovePermission");
  const char *label = topic != NULL ? practice_call_get_string (call, "Label") : NULL;
  g_autofree char *policy = NULL;

  if (topic == NULL || practice_call_is_answered (call))
    return;

  policy = label != NULL ? practice_resource_policy_remove_statement (topic->policy, label) : NULL;
  if (policy == NULL) {
    practice_sns_fail_parameter (call, "Statement does not exist");
    return;
  }
  set_policy (self, topic, policy);
  practice_call_return (call, NULL);
}
