/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-sns-message.h"

#include <stdarg.h>
#include <string.h>

#include "practice-json.h"
#include "practice-services.h"

static const PracticeOperation operations[] = {
  { "AddPermission", NULL, practice_sns_add_permission },
  { "CheckIfPhoneNumberIsOptedOut", NULL, practice_sns_check_if_phone_number_is_opted_out },
  { "ConfirmSubscription", NULL, practice_sns_confirm_subscription },
  { "CreateSMSSandboxPhoneNumber", NULL, practice_sns_create_sms_sandbox_phone_number },
  { "CreateTopic", NULL, practice_sns_create_topic },
  { "DeleteSMSSandboxPhoneNumber", NULL, practice_sns_delete_sms_sandbox_phone_number },
  { "DeleteTopic", NULL, practice_sns_delete_topic },
  { "GetSMSAttributes", NULL, practice_sns_get_sms_attributes },
  { "GetSMSSandboxAccountStatus", NULL, practice_sns_get_sms_sandbox_account_status },
  { "GetSubscriptionAttributes", NULL, practice_sns_get_subscription_attributes },
  { "GetTopicAttributes", NULL, practice_sns_get_topic_attributes },
  { "ListSMSSandboxPhoneNumbers", NULL, practice_sns_list_sms_sandbox_phone_numbers },
  { "ListSubscriptions", NULL, practice_sns_op_list_subscriptions },
  { "ListSubscriptionsByTopic", NULL, practice_sns_list_subscriptions_by_topic },
  { "ListTagsForResource", NULL, practice_sns_list_tags_for_resource },
  { "ListTopics", NULL, practice_sns_list_topics },
  { "Publish", NULL, practice_sns_publish },
  { "PublishBatch", NULL, practice_sns_publish_batch },
  { "RemovePermission", NULL, practice_sns_remove_permission },
  { "SetSMSAttributes", NULL, practice_sns_set_sms_attributes },
  { "SetSubscriptionAttributes", NULL, practice_sns_set_subscription_attributes },
  { "SetTopicAttributes", NULL, practice_sns_set_topic_attributes },
  { "Subscribe", NULL, practice_sns_subscribe },
  { "TagResource", NULL, practice_sns_tag_resource },
  { "Unsubscribe", NULL, practice_sns_unsubscribe },
  { "UntagResource", NULL, practice_sns_untag_resource },
  { "VerifySMSSandboxPhoneNumber", NULL, practice_sns_verify_sms_sandbox_phone_number },
  { NULL }
};

static const char *const maps[] = { "Attributes", "attributes", NULL };

static const PracticeService service = {
  .name = "sns",
  .protocol = PRACTICE_PROTOCOL_QUERY,
  .xml_namespace = "http://sns.amazonaws.com/doc/2010-03-31/",
  .xml_maps = maps,
  .denied_status = 403,
  .denied_code = "AuthorizationError",
  .operations = operations,
};

static const char schema[] =
  "CREATE TABLE IF NOT EXISTS sns_topic ("
  " arn TEXT PRIMARY KEY,"
  " region TEXT NOT NULL,"
  " name TEXT NOT NULL,"
  " attributes TEXT NOT NULL,"
  " tags TEXT NOT NULL,"
  " n_deleted INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;"
  "CREATE TABLE IF NOT EXISTS sns_subscription ("
  " id INTEGER PRIMARY KEY AUTOINCREMENT,"
  " arn TEXT NOT NULL UNIQUE,"
  " topic TEXT NOT NULL,"
  " protocol TEXT NOT NULL,"
  " endpoint TEXT NOT NULL,"
  " token TEXT,"
  " principal TEXT NOT NULL,"
  " confirmed INTEGER NOT NULL,"
  " authenticated INTEGER NOT NULL,"
  " attributes TEXT NOT NULL,"
  " UNIQUE (topic, protocol, endpoint));"
  "CREATE TABLE IF NOT EXISTS sns_deduplication ("
  " topic TEXT NOT NULL,"
  " deduplication_id TEXT NOT NULL,"
  " message_id TEXT NOT NULL,"
  " sequence_number TEXT NOT NULL,"
  " sent INTEGER NOT NULL,"
  " PRIMARY KEY (topic, deduplication_id)) WITHOUT ROWID;"
  "CREATE TABLE IF NOT EXISTS sns_phone_number ("
  " region TEXT NOT NULL,"
  " number TEXT NOT NULL,"
  " code TEXT NOT NULL,"
  " verified INTEGER NOT NULL,"
  " PRIMARY KEY (region, number)) WITHOUT ROWID;"
  "CREATE TABLE IF NOT EXISTS sns_sms_attribute ("
  " region TEXT NOT NULL,"
  " name TEXT NOT NULL,"
  " value TEXT NOT NULL,"
  " PRIMARY KEY (region, name)) WITHOUT ROWID;";

static char *
get_text (sqlite3_stmt *row,
          int           column)
{
  return g_strdup ((const char *) sqlite3_column_text (row, column));
}

static PracticeSnsSubscription *
read_subscription (sqlite3_stmt *row)
{
  PracticeSnsSubscription *subscription = g_new0 (PracticeSnsSubscription, 1);

  subscription->arn = get_text (row, 0);
  subscription->topic_arn = get_text (row, 1);
  subscription->protocol = get_text (row, 2);
  subscription->endpoint = get_text (row, 3);
  subscription->token = get_text (row, 4);
  subscription->principal = get_text (row, 5);
  subscription->confirmed = sqlite3_column_int (row, 6);
  subscription->authenticated = sqlite3_column_int (row, 7);
  subscription->attributes = practice_json_parse_object ((const char *) sqlite3_column_text (row, 8), -1, NULL);
  if (subscription->attributes == NULL)
    subscription->attributes = json_object_new ();
  return subscription;
}

static void
list_tagged (JsonArray  *resources,
             const char *region,
             gpointer    data)
{
  PracticeSns *self = data;
  sqlite3_stmt *row = practice_store_prepare (self->store, "SELECT arn, tags FROM sns_topic WHERE region = ? AND tags <> '[]' ORDER BY arn",
                                              "s", region);

  while (sqlite3_step (row) == SQLITE_ROW) {
    g_autoptr (JsonNode) tags = practice_json_parse ((const char *) sqlite3_column_text (row, 1), -1, NULL);
    JsonObject *resource;

    if (tags == NULL)
      continue;
    resource = json_object_new ();
    json_object_set_string_member (resource, "ResourceARN", (const char *) sqlite3_column_text (row, 0));
    json_object_set_member (resource, "Tags", g_steal_pointer (&tags));
    json_array_add_object_element (resources, resource);
  }
  sqlite3_reset (row);
}

void
practice_sns_topic_free (PracticeSnsTopic *topic)
{
  g_free (topic->arn);
  g_free (topic->region);
  g_free (topic->name);
  g_clear_pointer (&topic->attributes, json_object_unref);
  g_clear_pointer (&topic->tags, json_array_unref);
  g_free (topic);
}

void
practice_sns_subscription_free (PracticeSnsSubscription *subscription)
{
  g_free (subscription->arn);
  g_free (subscription->topic_arn);
  g_free (subscription->protocol);
  g_free (subscription->endpoint);
  g_free (subscription->token);
  g_free (subscription->principal);
  g_clear_pointer (&subscription->attributes, json_object_unref);
  g_free (subscription);
}

PracticeSnsTopic *
practice_sns_load_topic (PracticeSns *self,
                         const char  *arn)
{
  PracticeSnsTopic *topic = NULL;
  sqlite3_stmt *row = practice_store_prepare (self->store, "SELECT region, name, attributes, tags, n_deleted FROM sns_topic WHERE arn = ?",
                                              "s", arn);

  if (sqlite3_step (row) == SQLITE_ROW) {
    g_autoptr (JsonNode) tags = practice_json_parse ((const char *) sqlite3_column_text (row, 3), -1, NULL);

    topic = g_new0 (PracticeSnsTopic, 1);
    topic->arn = g_strdup (arn);
    topic->region = get_text (row, 0);
    topic->name = get_text (row, 1);
    topic->attributes = practice_json_parse_object ((const char *) sqlite3_column_text (row, 2), -1, NULL);
    if (topic->attributes == NULL)
      topic->attributes = json_object_new ();
    topic->tags = tags != NULL && JSON_NODE_HOLDS_ARRAY (tags) ? json_node_dup_array (tags) : json_array_new ();
    topic->n_deleted = sqlite3_column_int64 (row, 4);
    topic->fifo = g_str_has_suffix (topic->name, ".fifo");
    topic->policy = practice_json_get_string (topic->attributes, "Policy");
  }
  sqlite3_reset (row);
  return topic;
}

PracticeSnsSubscription *
practice_sns_load_subscription (PracticeSns *self,
                                const char  *arn)
{
  PracticeSnsSubscription *subscription = NULL;
  sqlite3_stmt *row = practice_store_prepare (self->store,
                                              "SELECT arn, topic, protocol, endpoint, token, principal, confirmed, authenticated, attributes"
                                              " FROM sns_subscription WHERE arn = ?", "s", arn);

  if (sqlite3_step (row) == SQLITE_ROW)
    subscription = read_subscription (row);
  sqlite3_reset (row);
  return subscription;
}

GPtrArray *
practice_sns_list_subscriptions (PracticeSns *self,
                                 const char  *topic_arn)
{
  GPtrArray *subscriptions = g_ptr_array_new_with_free_func ((GDestroyNotify) practice_sns_subscription_free);
  sqlite3_stmt *row = practice_store_prepare (self->store,
                                              "SELECT arn, topic, protocol, endpoint, token, principal, confirmed, authenticated, attributes"
                                              " FROM sns_subscription WHERE topic = ? ORDER BY id", "s", topic_arn);

  while (sqlite3_step (row) == SQLITE_ROW)
    g_ptr_array_add (subscriptions, read_subscription (row));
  sqlite3_reset (row);
  return subscriptions;
}

gboolean
practice_sns_check_arn (PracticeCall *call,
                        const char   *parameter,
                        const char   *arn)
{
  guint n_elements = 1;

  if (practice_call_is_answered (call))
    return FALSE;
  if (arn == NULL) {
    practice_sns_fail_parameter (call, "%s Reason: no value for required parameter", parameter);
    return FALSE;
  }
  for (const char *at = arn; *at != '\0'; at++)
    n_elements += *at == ':';
  if (n_elements < 6) {
    practice_sns_fail_parameter (call, "%s Reason: An ARN must have at least 6 elements, not %u", parameter, n_elements);
    return FALSE;
  }
  return TRUE;
}

PracticeSnsTopic *
practice_sns_find_topic (PracticeSns  *self,
                         PracticeCall *call,
                         const char   *parameter,
                         const char   *action)
{
  const char *arn = practice_call_get_string (call, parameter);
  g_autoptr (PracticeSnsTopic) topic = NULL;
  g_autofree char *prefix = NULL;

  if (!practice_sns_check_arn (call, parameter, arn))
    return NULL;

  prefix = g_strdup_printf ("arn:aws:sns:%s:", practice_call_get_region (call));
  if (!g_str_has_prefix (arn, prefix)) {
    practice_sns_fail_parameter (call, "%s", parameter);
    return NULL;
  }
  topic = practice_sns_load_topic (self, arn);
  if (!practice_call_allow (call, action, arn, topic != NULL ? topic->policy : NULL, NULL))
    return NULL;
  if (topic == NULL)
    practice_call_fail (call, 404, "NotFound", "Topic does not exist");
  return g_steal_pointer (&topic);
}

void
practice_sns_fail_parameter (PracticeCall *call,
                             const char   *format,
                             ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  practice_call_fail (call, 400, "InvalidParameter", "Invalid parameter: %s", text);
}

gboolean
practice_sns_check_texts (PracticeCall *call,
                          JsonObject   *map,
                          const char   *name)
{
  JsonObjectIter iter;
  JsonNode *value;

  json_object_iter_init (&iter, map);
  while (json_object_iter_next (&iter, NULL, &value)) {
    if (json_node_get_value_type (value) != G_TYPE_STRING) {
      practice_sns_fail_parameter (call, "%s", name);
      return FALSE;
    }
  }
  return TRUE;
}

JsonObject *
practice_sns_copy_map (JsonObject *map)
{
  JsonObject *copy = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *value;

  json_object_iter_init_ordered (&iter, map);
  while (json_object_iter_next_ordered (&iter, &name, &value))
    json_object_set_member (copy, name, json_node_copy (value));
  return copy;
}

gboolean
practice_sns_get_offset (PracticeCall *call,
                         gint64       *offset)
{
  const char *token = practice_call_get_string (call, "NextToken");

  *offset = 0;
  if (practice_call_is_answered (call))
    return FALSE;
  if (token != NULL && !g_ascii_string_to_signed (token, 10, 0, G_MAXINT32, offset, NULL)) {
    practice_sns_fail_parameter (call, "NextToken");
    return FALSE;
  }
  return TRUE;
}

void
practice_sns_set_next_offset (JsonObject *result,
                              gint64      offset)
{
  g_autofree char *token = g_strdup_printf ("%" G_GINT64_FORMAT, offset);

  json_object_set_string_member (result, "NextToken", token);
}

char *
practice_sns_timestamp (void)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *seconds = g_date_time_format (now, "%Y-%m-%dT%H:%M:%S");

  return g_strdup_printf ("%s.%03dZ", seconds, g_date_time_get_microsecond (now) / 1000);
}

void
practice_sns_start (PracticeServer *server)
{
  PracticeSns *self = g_new0 (PracticeSns, 1);

  self->server = server;
  self->store = practice_server_get_store (server);
  self->events = practice_server_get_events (server);
  practice_store_exec (self->store, schema);
  practice_sns_hold_start (self);

  g_object_set_data_full (G_OBJECT (server), "practice-sns", self, g_free);
  practice_server_add_service (server, &service, self);
  practice_server_add_raw (server, "/confirmation.html", practice_sns_serve_confirmation, self);
  practice_server_add_raw (server, "/unsubscribe.html", practice_sns_serve_unsubscription, self);
  practice_server_add_tagged (server, "sns", list_tagged, self);
}
