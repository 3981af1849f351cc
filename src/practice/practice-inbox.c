/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where e-mails and text messages of the practice cloud end up: nothing leaves this computer. */
#include <string.h>

#include "practice-hold.h"
#include "practice-json.h"
#include "practice-services.h"

#define MAX_KEPT 10000
#define PAGE 1000

static const char schema[] =
  "CREATE TABLE IF NOT EXISTS inbox_message ("
  " id INTEGER PRIMARY KEY AUTOINCREMENT,"
  " time REAL NOT NULL,"
  " channel TEXT NOT NULL,"
  " recipient TEXT NOT NULL,"
  " subject TEXT,"
  " body TEXT NOT NULL,"
  " topic_arn TEXT,"
  " message_id TEXT,"
  " confirmation TEXT,"
  /* What links began with when the message came: the port may be another one after a restart. */
  " base TEXT NOT NULL);";

static gboolean
is_owner (PracticeCall *call)
{
  if (practice_call_get_principal (call)->kind == PRACTICE_PRINCIPAL_ROOT)
    return TRUE;
  practice_call_fail (call, 403, "AccessDeniedException", "Only the account itself may read the inbox.");
  return FALSE;
}

static void
set_text (JsonObject   *message,
          const char   *name,
          sqlite3_stmt *row,
          int           column)
{
  const char *text = (const char *) sqlite3_column_text (row, column);

  if (text != NULL)
    json_object_set_string_member (message, name, text);
}

static void
set_text_with_links (JsonObject   *message,
                     const char   *name,
                     sqlite3_stmt *row,
                     int           column,
                     const char   *base,
                     const char   *url)
{
  const char *text = (const char *) sqlite3_column_text (row, column);

  if (text == NULL)
    return;
  if (strcmp (base, url) == 0) {
    json_object_set_string_member (message, name, text);
  } else {
    g_autoptr (GString) changed = g_string_new (text);

    g_string_replace (changed, base, url, 0);
    json_object_set_string_member (message, name, changed->str);
  }
}

static void
list_messages (PracticeCall *call,
               gpointer      data)
{
  PracticeServer *server = data;
  const char *url = practice_server_get_url (server);
  gint64 after = 0;
  JsonArray *messages;
  JsonObject *result;
  sqlite3_stmt *row;

  if (!is_owner (call))
    return;
  practice_call_get_int (call, "after", &after);
  if (practice_call_is_answered (call))
    return;

  messages = json_array_new ();
  row = practice_store_prepare (practice_server_get_store (server),
                                "SELECT id, time, channel, recipient, subject, body, topic_arn, message_id, confirmation, base"
                                " FROM inbox_message WHERE id > ? ORDER BY id LIMIT ?", "ii", after, (gint64) PAGE);
  while (sqlite3_step (row) == SQLITE_ROW) {
    JsonObject *message = json_object_new ();
    const char *base = (const char *) sqlite3_column_text (row, 9);

    set_text (message, "id", row, 0);
    json_object_set_double_member (message, "time", sqlite3_column_double (row, 1));
    set_text (message, "channel", row, 2);
    set_text (message, "to", row, 3);
    set_text (message, "subject", row, 4);
    set_text_with_links (message, "body", row, 5, base, url);
    set_text (message, "topicArn", row, 6);
    set_text (message, "messageId", row, 7);
    set_text_with_links (message, "confirmation", row, 8, base, url);
    json_array_add_object_element (messages, message);
  }
  sqlite3_reset (row);

  result = json_object_new ();
  json_object_set_array_member (result, "messages", messages);
  practice_call_return (call, result);
}

/* {"ids": ["1", …]}, or everything where there are no ids. */
static void
delete_messages (PracticeCall *call,
                 gpointer      data)
{
  PracticeStore *store = practice_server_get_store (data);
  JsonArray *ids = practice_call_get_array (call, "ids");
  JsonObject *result;
  gint64 deleted = 0;

  if (practice_call_is_answered (call) || !is_owner (call))
    return;

  if (ids == NULL)
    deleted = practice_store_run (store, "DELETE FROM inbox_message", NULL);
  for (guint i = 0; ids != NULL && i < json_array_get_length (ids); i++) {
    JsonNode *node = json_array_get_element (ids, i);
    gint64 id;

    if (practice_json_is_string (node) &&
        g_ascii_string_to_signed (json_node_get_string (node), 10, 1, G_MAXINT64, &id, NULL))
      deleted += practice_store_run (store, "DELETE FROM inbox_message WHERE id = ?", "i", id);
  }

  result = json_object_new ();
  json_object_set_int_member (result, "deleted", deleted);
  practice_call_return (call, result);
}

static const PracticeOperation operations[] = {
  { "ListInbox", "GET /_millrace/inbox", list_messages },
  { "DeleteInbox", "POST /_millrace/inbox/delete", delete_messages },
  { "ListHeld", "GET /_millrace/hold", practice_hold_list },
  { "SwitchHold", "PUT /_millrace/hold", practice_hold_switch },
  { "ReleaseHeld", "POST /_millrace/hold/release", practice_hold_release },
  { NULL }
};

static const PracticeService service = {
  .name = "millrace",
  .protocol = PRACTICE_PROTOCOL_REST_JSON,
  .denied_status = 403,
  .denied_code = "AccessDeniedException",
  .operations = operations,
};

/* (transfer full): the id */
static char *
add_message (PracticeServer *server,
             const char     *channel,
             const char     *to,
             const char     *subject,
             const char     *body,
             const char     *topic_arn,
             const char     *message_id,
             const char     *confirmation)
{
  PracticeStore *store = practice_server_get_store (server);
  gint64 id;

  practice_store_run (store,
                      "INSERT INTO inbox_message (time, channel, recipient, subject, body, topic_arn, message_id, confirmation, base)"
                      " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                      "dssssssss", (double) g_get_real_time () / G_USEC_PER_SEC, channel, to, subject, body, topic_arn, message_id,
                      confirmation, practice_server_get_url (server));
  id = sqlite3_last_insert_rowid (practice_store_get_db (store));
  practice_store_run (store, "DELETE FROM inbox_message WHERE id <= ?", "i", id - MAX_KEPT);
  return g_strdup_printf ("%" G_GINT64_FORMAT, id);
}

char *
practice_inbox_add_mail (PracticeServer *server,
                         const char     *to,
                         const char     *subject,
                         const char     *body,
                         const char     *topic_arn,
                         const char     *message_id,
                         const char     *confirmation)
{
  char *id = add_message (server, "mail", to, subject, body, topic_arn, message_id, confirmation);

  practice_events_emit_strings (practice_server_get_events (server), "mail",
                                "id", id, "to", to, "subject", subject, "body", body, "topicArn", topic_arn, "messageId", message_id,
                                "confirmation", confirmation, NULL);
  return id;
}

char *
practice_inbox_add_sms (PracticeServer *server,
                        const char     *to,
                        const char     *body,
                        const char     *message_id)
{
  char *id = add_message (server, "sms", to, NULL, body, NULL, message_id, NULL);

  practice_events_emit_strings (practice_server_get_events (server), "sms",
                                "id", id, "to", to, "body", body, "messageId", message_id, "status", "delivered", NULL);
  return id;
}

void
practice_inbox_start (PracticeServer *server)
{
  practice_store_exec (practice_server_get_store (server), schema);
  practice_server_add_service (server, &service, server);
}
