/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The operations on subscriptions, except for confirming and ending them. */
#include <string.h>

#include "practice-filter-policy.h"
#include "practice-json.h"
#include "practice-sns-private.h"

static const char *const settable[] = {
  "DeliveryPolicy", "FilterPolicy", "FilterPolicyScope", "RawMessageDelivery", "RedrivePolicy", "ReplayPolicy", "SubscriptionRoleArn", NULL
};

static void
emit_resource (PracticeSns *self,
               const char  *kind,
               const char  *region,
               const char  *arn)
{
  practice_events_emit_strings (self->events, kind, "region", region, "arn", arn, "type", "AWS::SNS::Subscription", "name", arn, NULL);
}

static gboolean
is_arn_of (const char *text,
           const char *service,
           const char *resource)
{
  g_auto (GStrv) parts = g_strsplit (text, ":", 6);

  return g_strv_length (parts) == 6 && strcmp (parts[0], "arn") == 0 && strcmp (parts[2], service) == 0 && *parts[3] != '\0' &&
         *parts[4] != '\0' && *parts[5] != '\0' && g_str_has_prefix (parts[5], resource);
}

static gboolean
is_mail_address (const char *text)
{
  const char *at = strchr (text, '@');

  if (at == NULL || at == text || at[1] == '\0' || strchr (at + 1, '@') != NULL || strlen (text) > 320)
    return FALSE;
  for (const char *c = text; *c != '\0'; c++) {
    if ((guchar) *c <= 0x20 || *c == 0x7f || strchr ("<>,;\"", *c) != NULL)
      return FALSE;
  }
  return at[1] != '.' && !g_str_has_suffix (text, ".");
}

static gboolean
check_endpoint (PracticeCall     *call,
                PracticeSnsTopic *topic,
                const char       *protocol,
                const char       *endpoint)
{
  static const char *const protocols[] = { "application", "email", "email-json", "firehose", "http", "https", "lambda", "sms", "sqs", NULL };

  if (protocol == NULL || !g_strv_contains (protocols, protocol)) {
    practice_sns_fail_parameter (call, "Amazon SNS does not support this protocol string: %s", protocol != NULL ? protocol : "");
    return FALSE;
  }
  if (endpoint == NULL || *endpoint == '\0') {
    practice_sns_fail_parameter (call, "Endpoint");
    return FALSE;
  }
  if (strcmp (protocol, "application") == 0 || strcmp (protocol, "firehose") == 0) {
    practice_sns_fail_parameter (call, "Protocol Reason: the practice cloud does not deliver to %s endpoints", protocol);
    return FALSE;
  }
  if (strcmp (protocol, "sms") == 0 && !practice_sns_is_phone_number (endpoint)) {
    practice_call_fail (call, 400, "InvalidParameter", "Invalid SMS endpoint: %s", endpoint);
    return FALSE;
  }
  if (g_str_has_prefix (protocol, "email") && !is_mail_address (endpoint)) {
    practice_sns_fail_parameter (call, "Email address");
    return FALSE;
  }
  if (strcmp (protocol, "sqs") == 0 && !is_arn_of (endpoint, "sqs", "")) {
    practice_sns_fail_parameter (call, "SQS endpoint ARN");
    return FALSE;
  }
  if (strcmp (protocol, "lambda") == 0 && !is_arn_of (endpoint, "lambda", "function:")) {
    practice_sns_fail_parameter (call, "Lambda endpoint ARN");
    return FALSE;
  }
  if (g_str_has_prefix (protocol, "http")) {
    g_autofree char *start = g_strconcat (protocol, "://", NULL);

    if (!g_str_has_prefix (endpoint, start) || strlen (endpoint) == strlen (start)) {
      practice_sns_fail_parameter (call, "Endpoint must match the specified protocol");
      return FALSE;
    }
  }

  if (topic->fifo && strcmp (protocol, "sqs") != 0) {
    practice_sns_fail_parameter (call, "Invalid parameter: Endpoint Reason: Please use SQS queue");
    return FALSE;
  }
  if (!topic->fifo && strcmp (protocol, "sqs") == 0 && g_str_has_suffix (endpoint, ".fifo")) {
    practice_sns_fail_parameter (call, "Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics");
    return FALSE;
  }
  return TRUE;
}

static PracticeFilterScope
get_scope (JsonObject *attributes)
{
  const char *scope = practice_json_get_string (attributes, "FilterPolicyScope");

  return g_strcmp0 (scope, "MessageBody") == 0 ? PRACTICE_FILTER_SCOPE_BODY : PRACTICE_FILTER_SCOPE_ATTRIBUTES;
}

/* (transfer full): what is wrong with an attribute among @attributes, or NULL. */
static char *
check_attribute (JsonObject *attributes,
                 const char *name,
                 gboolean    fifo)
{
  const char *value = practice_json_get_string (attributes, name);
  g_autoptr (GError) error = NULL;

  if (strcmp (name, "RawMessageDelivery") == 0 && strcmp (value, "true") != 0 && strcmp (value, "false") != 0)
    return g_strdup_printf ("RawMessageDelivery: Invalid value [%s]. Must be true or false.", value);

  if (strcmp (name, "FilterPolicyScope") == 0 && strcmp (value, "MessageBody") != 0 && strcmp (value, "MessageAttributes") != 0)
    return g_strdup_printf ("FilterPolicyScope: Invalid value [%s]. Please use either MessageBody or MessageAttributes", value);

  if (strcmp (name, "FilterPolicy") == 0 && *value != '\0') {
    g_autoptr (PracticeFilterPolicy) policy = practice_filter_policy_new (value, get_scope (attributes), &error);

    if (policy == NULL)
      return g_strdup (error->message);
  }

  if (strcmp (name, "RedrivePolicy") == 0 && *value != '\0') {
    g_autoptr (JsonObject) policy = practice_json_parse_object (value, -1, &error);
    const char *arn = policy != NULL ? practice_json_get_string (policy, "deadLetterTargetArn") : NULL;

    if (policy == NULL)
      return g_strdup_printf ("RedrivePolicy: failed to parse JSON. %s", error->message);
    if (arn == NULL || !is_arn_of (arn, "sqs", ""))
      return g_strdup ("RedrivePolicy: deadLetterTargetArn is an invalid arn");
    if (fifo && !g_str_has_suffix (arn, ".fifo"))
      return g_strdup ("RedrivePolicy: must use a FIFO queue as DLQ for a FIFO Subscription to a FIFO Topic.");
  }

  if (strcmp (name, "DeliveryPolicy") == 0 && *value != '\0') {
    g_autoptr (JsonObject) policy = practice_json_parse_object (value, -1, &error);

    if (policy == NULL)
      return g_strdup_printf ("DeliveryPolicy: failed to parse JSON. %s", error->message);
  }
  return NULL;
}

static gboolean
check_new_attributes (PracticeCall *call,
                      JsonObject   *attributes,
                      gboolean      fifo)
{
  JsonObjectIter iter;
  const char *name;

  if (!practice_sns_check_texts (call, attributes, "Attributes"))
    return FALSE;
  json_object_iter_init_ordered (&iter, attributes);
  while (json_object_iter_next_ordered (&iter, &name, NULL)) {
    g_autofree char *reason = NULL;

    if (!g_strv_contains (settable, name)) {
      practice_sns_fail_parameter (call, "Attributes Reason: Unknown attribute %s", name);
      return FALSE;
    }
    reason = check_attribute (attributes, name, fifo);
    if (reason != NULL) {
      practice_sns_fail_parameter (call, "Attributes Reason: %s", reason);
      return FALSE;
    }
  }
  return TRUE;
}

static void
return_subscription (PracticeCall *call,
                     const char   *arn,
                     gboolean      confirmed)
{
  JsonObject *result = json_object_new ();
  gboolean always = FALSE;

  practice_call_get_boolean (call, "ReturnSubscriptionArn", &always);
  json_object_set_string_member (result, "SubscriptionArn", confirmed || always ? arn : "pending confirmation");
  practice_call_return (call, result);
}

/* (transfer full): the subscription that a topic has for an endpoint already, or NULL */
static PracticeSnsSubscription *
find_same (PracticeSns *self,
           const char  *topic_arn,
           const char  *protocol,
           const char  *endpoint)
{
  sqlite3_stmt *row = practice_store_prepare (self->store, "SELECT arn FROM sns_subscription WHERE topic = ? AND protocol = ? AND endpoint = ?",
                                              "sss", topic_arn, protocol, endpoint);
  g_autofree char *arn = NULL;

  if (sqlite3_step (row) == SQLITE_ROW)
    arn = g_strdup ((const char *) sqlite3_column_text (row, 0));
  sqlite3_reset (row);
  return arn != NULL ? practice_sns_load_subscription (self, arn) : NULL;
}

static char *
make_token (void)
{
  GString *token = g_string_sized_new (256);

  while (token->len < 256)
    g_string_append_printf (token, "%08x", g_random_int ());
  return g_string_free (token, FALSE);
}

void
practice_sns_subscribe (PracticeCall *call,
                        gpointer      data)
{
  PracticeSns *self = data;
  g_autoptr (PracticeSnsTopic) topic = practice_sns_find_topic (self, call, "TopicArn", "sns:Subscribe");
  const char *protocol = topic != NULL ? practice_call_get_string (call, "Protocol") : NULL;
  const char *endpoint = topic != NULL ? practice_call_get_string (call, "Endpoint") : NULL;
  JsonObject *given = topic != NULL ? practice_call_get_object (call, "Attributes") : NULL;
  g_autoptr (JsonObject) attributes = NULL;
  g_autoptr (PracticeSnsSubscription) subscription = NULL;
  g_autofree char *uuid = g_uuid_string_random ();
  g_autofree char *arn = NULL;
  g_autofree char *token = NULL;
  g_autofree char *attributes_text = NULL;
  gboolean confirmed;

  if (topic == NULL || practice_call_is_answered (call) || !check_endpoint (call, topic, protocol, endpoint))
    return;
  attributes = given != NULL ? practice_sns_copy_map (given) : json_object_new ();
  if (!check_new_attributes (call, attributes, topic->fifo))
    return;

  subscription = find_same (self, topic->arn, protocol, endpoint);
  if (subscription != NULL) {
    JsonObjectIter iter;
    const char *name;
    JsonNode *value;

    json_object_iter_init (&iter, attributes);
    while (json_object_iter_next (&iter, &name, &value)) {
      if (g_strcmp0 (practice_json_get_string (subscription->attributes, name), json_node_get_string (value)) != 0) {
        practice_sns_fail_parameter (call, "Attributes Reason: Subscription already exists with different attributes");
        return;
      }
    }
    /* Whoever subscribes again has not got the mail, or has lost it. */
    if (!subscription->confirmed)
      practice_sns_ask_for_confirmation (self, subscription);
    return_subscription (call, subscription->arn, subscription->confirmed);
    return;
  }

  confirmed = !g_str_has_prefix (protocol, "email") && !g_str_has_prefix (protocol, "http");
  arn = g_strdup_printf ("%s:%s", topic->arn, uuid);
  token = confirmed ? NULL : make_token ();
  attributes_text = practice_json_object_to_text (attributes);
  practice_store_run (self->store,
                      "INSERT INTO sns_subscription (arn, topic, protocol, endpoint, token, principal, confirmed, authenticated, attributes)"
                      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                      "ssssssiis", arn, topic->arn, protocol, endpoint, token, practice_call_get_principal (call)->arn, (gint64) confirmed,
                      (gint64) confirmed, attributes_text);
  emit_resource (self, "resource-created", topic->region, arn);

  if (!confirmed) {
    subscription = practice_sns_load_subscription (self, arn);
    if (subscription != NULL)
      practice_sns_ask_for_confirmation (self, subscription);
  }
  return_subscription (call, arn, confirmed);
}

/* The subscription of the call's SubscriptionArn, where the caller may do @action with its topic. */
static PracticeSnsSubscription *
find_subscription (PracticeSns      *self,
                   PracticeCall     *call,
                   const char       *action,
                   PracticeSnsTopic **topic)
{
  const char *arn = practice_call_get_string (call, "SubscriptionArn");
  g_autoptr (PracticeSnsSubscription) subscription = NULL;

  if (!practice_sns_check_arn (call, "SubscriptionArn", arn))
    return NULL;

  subscription = practice_sns_load_subscription (self, arn);
  *topic = subscription != NULL ? practice_sns_load_topic (self, subscription->topic_arn) : NULL;
  if (!practice_call_allow (call, action, *topic != NULL ? (*topic)->arn : arn, *topic != NULL ? (*topic)->policy : NULL, NULL))
    return NULL;
  if (*topic == NULL) {
    practice_call_fail (call, 404, "NotFound", "Subscription does not exist");
    return NULL;
  }
  return g_steal_pointer (&subscription);
}

void
practice_sns_get_subscription_attributes (PracticeCall *call,
                                          gpointer      data)
{
  g_autoptr (PracticeSnsTopic) topic = NULL;
  g_autoptr (PracticeSnsSubscription) subscription = find_subscription (data, call, "sns:GetSubscriptionAttributes", &topic);
  JsonObject *attributes;
  JsonObject *result;

  if (subscription == NULL)
    return;

  attributes = practice_sns_copy_map (subscription->attributes);
  json_object_set_string_member (attributes, "SubscriptionArn", subscription->arn);
  json_object_set_string_member (attributes, "TopicArn", subscription->topic_arn);
  json_object_set_string_member (attributes, "Protocol", subscription->protocol);
  json_object_set_string_member (attributes, "Endpoint", subscription->endpoint);
  json_object_set_string_member (attributes, "Owner", practice_call_get_account (call));
  json_object_set_string_member (attributes, "SubscriptionPrincipal", subscription->principal);
  json_object_set_string_member (attributes, "PendingConfirmation", subscription->confirmed ? "false" : "true");
  json_object_set_string_member (attributes, "ConfirmationWasAuthenticated", subscription->authenticated ? "true" : "false");
  if (!json_object_has_member (attributes, "RawMessageDelivery"))
    json_object_set_string_member (attributes, "RawMessageDelivery", "false");
  if (json_object_has_member (attributes, "FilterPolicy") && !json_object_has_member (attributes, "FilterPolicyScope"))
    json_object_set_string_member (attributes, "FilterPolicyScope", "MessageAttributes");

  result = json_object_new ();
  json_object_set_object_member (result, "Attributes", attributes);
  practice_call_return (call, result);
}

void
practice_sns_set_subscription_attributes (PracticeCall *call,
                                          gpointer      data)
{
  PracticeSns *self = data;
  g_autoptr (PracticeSnsTopic) topic = NULL;
  g_autoptr (PracticeSnsSubscription) subscription = find_subscription (self, call, "sns:SetSubscriptionAttributes", &topic);
  const char *name = subscription != NULL ? practice_call_get_string (call, "AttributeName") : NULL;
  const char *value = subscription != NULL ? practice_call_get_string (call, "AttributeValue") : NULL;
  g_autoptr (JsonObject) attributes = NULL;
  g_autofree char *reason = NULL;
  g_autofree char *text = NULL;

  if (subscription == NULL || practice_call_is_answered (call))
    return;
  if (name == NULL || !g_strv_contains (settable, name)) {
    practice_sns_fail_parameter (call, "AttributeName");
    return;
  }

  attributes = practice_sns_copy_map (subscription->attributes);
  json_object_set_string_member (attributes, name, value != NULL ? value : "");
  reason = check_attribute (attributes, name, topic->fifo);
  /* The scope decides what a policy may look like. */
  if (reason == NULL && strcmp (name, "FilterPolicyScope") == 0 && json_object_has_member (attributes, "FilterPolicy"))
    reason = check_attribute (attributes, "FilterPolicy", topic->fifo);
  if (reason != NULL) {
    practice_sns_fail_parameter (call, "%s", reason);
    return;
  }
  /* "{}" takes a filter policy away as well. */
  if (value == NULL || *value == '\0' || (strcmp (name, "FilterPolicy") == 0 && strcmp (value, "{}") == 0))
    json_object_remove_member (attributes, name);

  text = practice_json_object_to_text (attributes);
  practice_store_run (self->store, "UPDATE sns_subscription SET attributes = ? WHERE arn = ?", "ss", text, subscription->arn);
  emit_resource (self, "resource-updated", topic->region, subscription->arn);
  practice_call_return (call, NULL);
}

static void
list_subscriptions (PracticeCall *call,
                    sqlite3_stmt *row,
                    gint64        offset)
{
  JsonObject *result = json_object_new ();
  JsonArray *list = json_array_new ();

  while (sqlite3_step (row) == SQLITE_ROW) {
    JsonObject *subscription;

    if (json_array_get_length (list) == PRACTICE_SNS_PAGE) {
      practice_sns_set_next_offset (result, offset + PRACTICE_SNS_PAGE);
      break;
    }
    subscription = json_object_new ();
    json_object_set_string_member (subscription, "SubscriptionArn",
                                   sqlite3_column_int (row, 4) ? (const char *) sqlite3_column_text (row, 0) : "PendingConfirmation");
    json_object_set_string_member (subscription, "Owner", practice_call_get_account (call));
    json_object_set_string_member (subscription, "Protocol", (const char *) sqlite3_column_text (row, 2));
    json_object_set_string_member (subscription, "Endpoint", (const char *) sqlite3_column_text (row, 3));
    json_object_set_string_member (subscription, "TopicArn", (const char *) sqlite3_column_text (row, 1));
    json_array_add_object_element (list, subscription);
  }
  sqlite3_reset (row);
  json_object_set_array_member (result, "Subscriptions", list);
  practice_call_return (call, result);
}

void
practice_sns_op_list_subscriptions (PracticeCall *call,
                                    gpointer      data)
{
  PracticeSns *self = data;
  gint64 offset;

  if (!practice_sns_get_offset (call, &offset) || !practice_call_allow (call, "sns:ListSubscriptions", "*", NULL, NULL))
    return;
  list_subscriptions (call,
                      practice_store_prepare (self->store,
                                              "SELECT s.arn, topic, protocol, endpoint, confirmed FROM sns_subscription AS s"
                                              " JOIN sns_topic AS t ON t.arn = s.topic WHERE t.region = ? ORDER BY s.id LIMIT ? OFFSET ?",
                                              "sii", practice_call_get_region (call), (gint64) PRACTICE_SNS_PAGE + 1, offset),
                      offset);
}

void
practice_sns_list_subscriptions_by_topic (PracticeCall *call,
                                          gpointer      data)
{
  PracticeSns *self = data;
  g_autoptr (PracticeSnsTopic) topic = practice_sns_find_topic (self, call, "TopicArn", "sns:ListSubscriptionsByTopic");
  gint64 offset;

  if (topic == NULL || !practice_sns_get_offset (call, &offset))
    return;
  list_subscriptions (call,
                      practice_store_prepare (self->store,
                                              "SELECT arn, topic, protocol, endpoint, confirmed FROM sns_subscription"
                                              " WHERE topic = ? ORDER BY id LIMIT ? OFFSET ?",
                                              "sii", topic->arn, (gint64) PRACTICE_SNS_PAGE + 1, offset),
                      offset);
}
