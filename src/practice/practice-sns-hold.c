/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Step mode: messages under way to a topic, and from it to one subscriber. */
#include <string.h>

#include "practice-hold.h"
#include "practice-json.h"
#include "practice-server-private.h"
#include "practice-sns-message.h"

static const char schema[] =
  /* @subscription: NULL on the way to the topic; @event: what tells of the arrival there */
  "CREATE TABLE IF NOT EXISTS sns_held ("
  " id INTEGER PRIMARY KEY AUTOINCREMENT,"
  " topic TEXT NOT NULL,"
  " subscription TEXT,"
  " message TEXT NOT NULL,"
  " event TEXT);"
  "CREATE INDEX IF NOT EXISTS sns_held_subscription ON sns_held (subscription);";

typedef struct {
  char               *topic;
  char               *subscription;
  PracticeSnsMessage *message;
  JsonObject         *event;
} Row;

static void
row_free (Row *row)
{
  g_free (row->topic);
  g_free (row->subscription);
  g_clear_pointer (&row->message, practice_sns_message_free);
  g_clear_pointer (&row->event, json_object_unref);
  g_free (row);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Row, row_free)

static char *
hold_id (const char *hop,
         gint64      id)
{
  return g_strdup_printf ("%s/%" G_GINT64_FORMAT, hop, id);
}

/* (transfer full) (nullable): the row that a statement of all its columns stands at */
static Row *
read_row (sqlite3_stmt *statement)
{
  g_autoptr (Row) row = g_new0 (Row, 1);
  g_autoptr (JsonObject) message = practice_json_parse_object ((const char *) sqlite3_column_text (statement, 3), -1, NULL);

  if (message == NULL)
    return NULL;
  row->topic = g_strdup ((const char *) sqlite3_column_text (statement, 1));
  row->subscription = g_strdup ((const char *) sqlite3_column_text (statement, 2));
  row->message = practice_sns_message_from_json (message);
  if (sqlite3_column_type (statement, 4) != SQLITE_NULL)
    row->event = practice_json_parse_object ((const char *) sqlite3_column_text (statement, 4), -1, NULL);
  return g_steal_pointer (&row);
}

static void
on_let_go (const char *hold,
           gboolean    go,
           gpointer    data)
{
  PracticeSns *self = data;
  gint64 id = g_ascii_strtoll (strrchr (hold, '/') + 1, NULL, 10);
  sqlite3_stmt *statement = practice_store_prepare (self->store, "SELECT id, topic, subscription, message, event FROM sns_held WHERE id = ?", "i", id);
  g_autoptr (Row) row = sqlite3_step (statement) == SQLITE_ROW ? read_row (statement) : NULL;
  g_autoptr (PracticeSnsTopic) topic = NULL;

  sqlite3_reset (statement);
  practice_store_run (self->store, "DELETE FROM sns_held WHERE id = ?", "i", id);
  topic = go && row != NULL ? practice_sns_load_topic (self, row->topic) : NULL;
  if (topic == NULL)
    return;
  if (row->subscription == NULL) {
    if (row->event != NULL)
      practice_events_emit (self->events, "topic-published", g_steal_pointer (&row->event));
    practice_sns_deliver (self, topic, row->message);
  } else {
    g_autoptr (PracticeSnsSubscription) subscription = practice_sns_load_subscription (self, row->subscription);

    if (subscription != NULL)
      practice_sns_deliver_to (self, topic, subscription, row->message);
  }
}

static void
add (PracticeSns             *self,
     gint64                   id,
     const char              *topic_arn,
     PracticeSnsSubscription *subscription,
     PracticeSnsMessage      *message,
     JsonObject              *event)
{
  const char *hop = subscription != NULL ? PRACTICE_HOP_TOPIC_SUBSCRIPTION : PRACTICE_HOP_PUBLISH_TOPIC;
  const char *invocation = practice_json_get_string (event, "invocationId");
  g_autofree char *hold = hold_id (hop, id);
  g_autofree char *lane = message->group_id == NULL ? NULL
                          : g_strdup_printf ("%s %s", subscription != NULL ? subscription->arn : topic_arn, message->group_id);
  JsonObject *facts = json_object_new ();

  json_object_set_string_member (facts, "topicArn", topic_arn);
  json_object_set_string_member (facts, "messageId", message->id);
  if (invocation != NULL)
    json_object_set_string_member (facts, "invocationId", invocation);
  if (subscription != NULL) {
    json_object_set_string_member (facts, "subscriptionArn", subscription->arn);
    json_object_set_string_member (facts, "protocol", subscription->protocol);
    json_object_set_string_member (facts, "endpoint", subscription->endpoint);
  }
  practice_hold_set_body (facts, message->text);
  practice_hold_add (self->server, hop, hold, topic_arn, lane, facts, on_let_go, self);
}

/* Whether Millrace reads with it what is published, which nobody would step through: its queue bears a tag that says so. */
static gboolean
is_tap (PracticeSns             *self,
        PracticeSnsSubscription *subscription)
{
  g_autoptr (JsonArray) queues = json_array_new ();
  g_auto (GStrv) parts = g_strsplit (subscription->endpoint, ":", 6);

  if (strcmp (subscription->protocol, "sqs") != 0 || g_strv_length (parts) != 6)
    return FALSE;
  practice_server_collect_tagged (self->server, "sqs", parts[3], queues);
  for (guint i = 0; i < json_array_get_length (queues); i++) {
    JsonObject *queue = json_array_get_object_element (queues, i);
    JsonArray *tags = practice_json_get_array (queue, "Tags");

    for (guint k = 0; tags != NULL && k < json_array_get_length (tags) && g_strcmp0 (practice_json_get_string (queue, "ResourceARN"), subscription->endpoint) == 0; k++) {
      JsonObject *tag = json_array_get_object_element (tags, k);
      const char *value = practice_json_get_string (tag, "Value");

      if (g_strcmp0 (practice_json_get_string (tag, "Key"), "millrace:resource") == 0 && value != NULL && g_str_has_prefix (value, "Tap."))
        return TRUE;
    }
  }
  return FALSE;
}

gboolean
practice_sns_hold (PracticeSns             *self,
                   PracticeSnsTopic        *topic,
                   PracticeSnsSubscription *subscription,
                   PracticeSnsMessage      *message,
                   JsonObject              *event)
{
  g_autoptr (JsonObject) json = NULL;
  g_autofree char *text = NULL;
  g_autofree char *event_text = NULL;

  if (!practice_hold_covers (self->server, topic->arn) || (subscription != NULL && is_tap (self, subscription)))
    return FALSE;
  json = practice_sns_message_to_json (message);
  text = practice_json_object_to_text (json);
  event_text = event != NULL ? practice_json_object_to_text (event) : NULL;
  practice_store_run (self->store, "INSERT INTO sns_held (topic, subscription, message, event) VALUES (?, ?, ?, ?)", "ssss", topic->arn,
                      subscription != NULL ? subscription->arn : NULL, text, event_text);
  add (self, sqlite3_last_insert_rowid (practice_store_get_db (self->store)), topic->arn, subscription, message, event);
  return TRUE;
}

void
practice_sns_hold_forget (PracticeSns *self,
                          const char  *subscription_arn)
{
  g_autoptr (GPtrArray) holds = g_ptr_array_new_with_free_func (g_free);
  sqlite3_stmt *row = practice_store_prepare (self->store, "SELECT id FROM sns_held WHERE subscription = ?", "s", subscription_arn);

  while (sqlite3_step (row) == SQLITE_ROW)
    g_ptr_array_add (holds, hold_id (PRACTICE_HOP_TOPIC_SUBSCRIPTION, sqlite3_column_int64 (row, 0)));
  sqlite3_reset (row);
  for (guint i = 0; i < holds->len; i++)
    practice_hold_drop (self->server, holds->pdata[i]);
}

/* Something was switched, or the practice cloud has started. */
static void
on_changed (gpointer data)
{
  PracticeSns *self = data;
  sqlite3_stmt *statement = practice_store_prepare (self->store, "SELECT id, topic, subscription, message, event FROM sns_held ORDER BY id", NULL);

  while (sqlite3_step (statement) == SQLITE_ROW) {
    g_autoptr (Row) row = read_row (statement);
    g_autoptr (PracticeSnsSubscription) subscription = row != NULL && row->subscription != NULL
                                                       ? practice_sns_load_subscription (self, row->subscription) : NULL;

    if (row != NULL && (row->subscription == NULL || subscription != NULL))
      add (self, sqlite3_column_int64 (statement, 0), row->topic, subscription, row->message, row->event);
  }
  sqlite3_reset (statement);
}

void
practice_sns_hold_start (PracticeSns *self)
{
  practice_store_exec (self->store, schema);
  practice_hold_watch (self->server, on_changed, self);
}
