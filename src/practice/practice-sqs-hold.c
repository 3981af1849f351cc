/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Step mode: messages under way to a queue, and messages in it that no mapping may take yet. */
#include "practice-hold.h"
#include "practice-json.h"
#include "practice-services.h"
#include "practice-sqs-private.h"

static const char schema[] =
  /* A message on its way from a gateway: the event that tells of its arrival, and the API that sent it. */
  "CREATE TABLE IF NOT EXISTS sqs_held (id INTEGER PRIMARY KEY, api TEXT NOT NULL, event TEXT NOT NULL);"
  /* Messages that mappings may take. */
  "CREATE TABLE IF NOT EXISTS sqs_released (id INTEGER PRIMARY KEY);";

static char *
hold_id (const char *hop,
         gint64      id)
{
  return g_strdup_printf ("%s/%" G_GINT64_FORMAT, hop, id);
}

static gint64
row_id (const char *hold_id)
{
  return g_ascii_strtoll (strrchr (hold_id, '/') + 1, NULL, 10);
}

/* ── from a gateway ── */

static void
on_arrived (const char *hold,
            gboolean    go,
            gpointer    data)
{
  PracticeSqs *self = data;
  gint64 id = row_id (hold);
  gint64 now = practice_sqs_now ();
  sqlite3_stmt *row = NULL;
  PracticeSqsQueue *queue = NULL;
  g_autoptr (JsonObject) event = NULL;
  gint64 delay = 0;

  row = practice_store_prepare (self->store, "SELECT queue, event FROM sqs_held JOIN sqs_message USING (id) WHERE id = ? AND state = 3", "i", id);
  if (go && sqlite3_step (row) == SQLITE_ROW) {
    event = practice_json_parse_object ((const char *) sqlite3_column_text (row, 1), -1, NULL);
    queue = practice_sqs_find_by_id (self, sqlite3_column_int64 (row, 0));
  }
  sqlite3_reset (row);
  practice_store_run (self->store, "DELETE FROM sqs_held WHERE id = ?", "i", id);
  if (queue == NULL || event == NULL)
    return;

  delay = json_object_get_int_member_with_default (event, "delaySeconds", 0);
  practice_store_run (self->store, "UPDATE sqs_message SET state = ?, visible_at = ? WHERE id = ?", "iii",
                      (gint64) (delay > 0 ? PRACTICE_SQS_DELAYED : PRACTICE_SQS_READY),
                      delay > 0 ? now + delay * 1000 : queue->fifo ? 0 : now, id);
  practice_events_emit (self->events, "queue-sent", g_steal_pointer (&event));
  if (delay > 0)
    practice_sqs_due (self, now + delay * 1000);
  else
    practice_sqs_arrived (self, queue, id);
}

static void
add_sent (PracticeSqs *self,
          gint64       id,
          const char  *api,
          JsonObject  *event)
{
  g_autofree char *hold = hold_id (PRACTICE_HOP_GATEWAY_INTEGRATION, id);
  const char *group = practice_json_get_string (event, "groupId");
  const char *queue = practice_json_get_string (event, "queueArn");
  g_autofree char *lane = group != NULL ? g_strdup_printf ("%s %s %s", api, queue, group) : NULL;
  JsonObject *facts = json_object_new ();

  json_object_set_string_member (facts, "apiId", strrchr (api, '/') + 1);
  json_object_set_string_member (facts, "requestId", practice_json_get_string (event, "source"));
  json_object_set_string_member (facts, "queueArn", queue);
  json_object_set_string_member (facts, "messageId", practice_json_get_string (event, "messageId"));
  practice_hold_set_body (facts, practice_json_get_string (event, "body"));
  practice_hold_add (self->server, PRACTICE_HOP_GATEWAY_INTEGRATION, hold, api, lane, facts, on_arrived, self);
}

void
practice_sqs_hold_sent (PracticeSqs *self,
                        gint64       id,
                        const char  *api,
                        JsonObject  *event)
{
  g_autofree char *text = practice_json_object_to_text (event);

  practice_store_run (self->store, "INSERT INTO sqs_held (id, api, event) VALUES (?, ?, ?)", "iss", id, api, text);
  add_sent (self, id, api, event);
}

/* ── for a mapping ── */

gboolean
practice_sqs_hold_applies (PracticeSqs      *self,
                           PracticeSqsQueue *queue)
{
  return practice_hold_is_on (self->server) && g_hash_table_contains (self->mapped, queue->arn) &&
         practice_hold_covers (self->server, queue->arn);
}

static void
on_released (const char *hold,
             gboolean    go,
             gpointer    data)
{
  PracticeSqs *self = data;
  gint64 id = row_id (hold);
  PracticeSqsQueue *queue = NULL;
  sqlite3_stmt *row = NULL;

  if (!go)
    return;
  row = practice_store_prepare (self->store, "SELECT queue FROM sqs_message WHERE id = ?", "i", id);
  if (sqlite3_step (row) == SQLITE_ROW)
    queue = practice_sqs_find_by_id (self, sqlite3_column_int64 (row, 0));
  sqlite3_reset (row);
  if (queue == NULL)
    return;
  practice_store_run (self->store, "INSERT OR IGNORE INTO sqs_released (id) VALUES (?)", "i", id);
  practice_sqs_arrived (self, queue, 0);
}

static void
add_ready (PracticeSqs      *self,
           PracticeSqsQueue *queue,
           gint64            id,
           const char       *message_id,
           const char       *body,
           const char       *group)
{
  g_autofree char *hold = hold_id (PRACTICE_HOP_QUEUE_MAPPING, id);
  g_autofree char *lane = queue->fifo ? g_strdup_printf ("%s %s", queue->arn, group) : NULL;
  GPtrArray *functions = g_hash_table_lookup (self->mapped, queue->arn);
  JsonObject *facts = NULL;

  if (practice_hold_has (self->server, hold))
    return;
  facts = json_object_new ();
  json_object_set_string_member (facts, "queueArn", queue->arn);
  json_object_set_string_member (facts, "messageId", message_id);
  json_object_set_string_member (facts, "functionArn", g_ptr_array_index (functions, 0));
  practice_hold_set_body (facts, body);
  practice_hold_add (self->server, PRACTICE_HOP_QUEUE_MAPPING, hold, queue->arn, lane, facts, on_released, self);
}

void
practice_sqs_hold_ready (PracticeSqs      *self,
                         PracticeSqsQueue *queue,
                         gint64            id)
{
  sqlite3_stmt *row = NULL;

  if (!practice_sqs_hold_applies (self, queue))
    return;
  /* All of the queue where no message is named. */
  row = id != 0 ? practice_store_prepare (self->store, "SELECT id, message_id, body, group_id FROM sqs_message WHERE id = ? AND state = 0", "i", id)
                : practice_store_prepare (self->store,
                                          "SELECT id, message_id, body, group_id FROM sqs_message WHERE queue = ? AND state = 0"
                                          " AND id NOT IN (SELECT id FROM sqs_released) ORDER BY visible_at, id", "i", queue->id);
  while (sqlite3_step (row) == SQLITE_ROW)
    add_ready (self, queue, sqlite3_column_int64 (row, 0), (const char *) sqlite3_column_text (row, 1),
               (const char *) sqlite3_column_text (row, 2), (const char *) sqlite3_column_text (row, 3));
  sqlite3_reset (row);
}

void
practice_sqs_hold_taken (PracticeSqs *self,
                         gint64       id)
{
  g_autofree char *hold = NULL;

  if (!practice_hold_is_on (self->server))
    return;
  hold = hold_id (PRACTICE_HOP_QUEUE_MAPPING, id);
  practice_store_run (self->store, "DELETE FROM sqs_released WHERE id = ?", "i", id);
  practice_hold_drop (self->server, hold);
}

void
practice_sqs_hold_forget (PracticeSqs      *self,
                          PracticeSqsQueue *queue)
{
  g_autoptr (GArray) ids = g_array_new (FALSE, FALSE, sizeof (gint64));
  sqlite3_stmt *row = practice_store_prepare (self->store, "SELECT id FROM sqs_held JOIN sqs_message USING (id) WHERE queue = ?", "i", queue->id);

  while (sqlite3_step (row) == SQLITE_ROW) {
    gint64 id = sqlite3_column_int64 (row, 0);

    g_array_append_val (ids, id);
  }
  sqlite3_reset (row);
  for (guint i = 0; i < ids->len; i++) {
    g_autofree char *hold = hold_id (PRACTICE_HOP_GATEWAY_INTEGRATION, g_array_index (ids, gint64, i));

    practice_hold_drop (self->server, hold);
  }
  practice_hold_end (self->server, PRACTICE_HOP_QUEUE_MAPPING, queue->arn, FALSE);
}

/* ── whose queues are polled ── */

static PracticeSqs *
get_sqs (PracticeServer *server)
{
  return g_object_get_data (G_OBJECT (server), "practice-sqs");
}

void
practice_sqs_begin_mapping (PracticeServer *server,
                            const char     *queue_arn,
                            const char     *function_arn)
{
  PracticeSqs *self = get_sqs (server);
  GPtrArray *functions = g_hash_table_lookup (self->mapped, queue_arn);
  PracticeSqsQueue *queue = NULL;

  if (functions == NULL) {
    functions = g_ptr_array_new_with_free_func (g_free);
    g_hash_table_insert (self->mapped, g_strdup (queue_arn), functions);
  }
  g_ptr_array_add (functions, g_strdup (function_arn));
  queue = practice_hold_is_on (server) ? practice_sqs_find_by_arn (self, queue_arn) : NULL;
  if (queue != NULL)
    practice_sqs_hold_ready (self, queue, 0);
}

void
practice_sqs_end_mapping (PracticeServer *server,
                          const char     *queue_arn,
                          const char     *function_arn)
{
  PracticeSqs *self = get_sqs (server);
  GPtrArray *functions = self != NULL ? g_hash_table_lookup (self->mapped, queue_arn) : NULL;
  guint index = 0;

  if (functions == NULL || !g_ptr_array_find_with_equal_func (functions, function_arn, g_str_equal, &index))
    return;
  g_ptr_array_remove_index (functions, index);
  if (functions->len > 0)
    return;
  g_hash_table_remove (self->mapped, queue_arn);
  practice_hold_end (server, PRACTICE_HOP_QUEUE_MAPPING, queue_arn, FALSE);
}

/* Something was switched, or the practice cloud has started. */
static void
on_changed (gpointer data)
{
  PracticeSqs *self = data;
  sqlite3_stmt *row = practice_store_prepare (self->store, "SELECT id, api, event FROM sqs_held ORDER BY id", NULL);
  GHashTableIter iter;
  gpointer arn = NULL;

  while (sqlite3_step (row) == SQLITE_ROW) {
    g_autoptr (JsonObject) event = practice_json_parse_object ((const char *) sqlite3_column_text (row, 2), -1, NULL);

    if (event != NULL)
      add_sent (self, sqlite3_column_int64 (row, 0), (const char *) sqlite3_column_text (row, 1), event);
  }
  sqlite3_reset (row);
  if (!practice_hold_is_on (self->server))
    practice_store_run (self->store, "DELETE FROM sqs_released", NULL);
  g_hash_table_iter_init (&iter, self->mapped);
  while (g_hash_table_iter_next (&iter, &arn, NULL)) {
    PracticeSqsQueue *queue = practice_sqs_find_by_arn (self, arn);

    if (queue == NULL)
      continue;
    practice_sqs_hold_ready (self, queue, 0);
    practice_sqs_arrived (self, queue, 0);
  }
  /* What grew too old while it was held goes now. */
  practice_sqs_expires (self, practice_sqs_now ());
}

void
practice_sqs_hold_start (PracticeSqs *self)
{
  practice_store_exec (self->store, schema);
  self->mapped = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_ptr_array_unref);
  practice_hold_watch (self->server, on_changed, self);
}
