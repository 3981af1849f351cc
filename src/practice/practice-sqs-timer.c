/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What happens to messages by themselves: they come back, and they grow too old. */
#include "practice-sqs-private.h"

static void
return_message (PracticeSqs      *self,
                PracticeSqsQueue *queue,
                gint64            id,
                PracticeSqsState  state,
                gint64            visible_at,
                const char       *message_id,
                gint64            receive_count)
{
  practice_store_run (self->store, "UPDATE sqs_message SET state = 0, visible_at = ? WHERE id = ?", "ii",
                      queue->fifo ? (gint64) 0 : visible_at, id);

  if (state == PRACTICE_SQS_IN_FLIGHT) {
    JsonObject *event = json_object_new ();

    json_object_set_string_member (event, "region", queue->region);
    json_object_set_string_member (event, "queueArn", queue->arn);
    json_object_set_string_member (event, "messageId", message_id);
    json_object_set_int_member (event, "receiveCount", receive_count);
    json_object_set_string_member (event, "reason", "visibility-timeout");
    practice_events_emit (self->events, "queue-returned", event);
  }
  practice_sqs_arrived (self, queue, id);
}

static void
sweep_due (PracticeSqs *self,
           gint64       now)
{
  g_autoptr (GArray) due = g_array_new (FALSE, FALSE, sizeof (gint64));
  sqlite3_stmt *row = practice_store_prepare (self->store,
                                              "SELECT id FROM sqs_message WHERE state > 0 AND visible_at <= ? ORDER BY visible_at, id",
                                              "i", now);

  while (sqlite3_step (row) == SQLITE_ROW) {
    gint64 id = sqlite3_column_int64 (row, 0);

    g_array_append_val (due, id);
  }
  sqlite3_reset (row);

  for (guint i = 0; i < due->len; i++) {
    gint64 id = g_array_index (due, gint64, i);
    g_autofree char *message_id = NULL;
    PracticeSqsQueue *queue;
    gint64 queue_id, visible_at, receive_count;
    PracticeSqsState state;

    row = practice_store_prepare (self->store,
                                  "SELECT queue, state, visible_at, message_id, receive_count FROM sqs_message WHERE id = ?", "i", id);
    if (sqlite3_step (row) != SQLITE_ROW) {
      sqlite3_reset (row);
      continue;
    }
    queue_id = sqlite3_column_int64 (row, 0);
    state = sqlite3_column_int (row, 1);
    visible_at = sqlite3_column_int64 (row, 2);
    message_id = g_strdup ((const char *) sqlite3_column_text (row, 3));
    receive_count = sqlite3_column_int64 (row, 4);
    sqlite3_reset (row);

    queue = practice_sqs_find_by_id (self, queue_id);
    if (queue != NULL)
      return_message (self, queue, id, state, visible_at, message_id, receive_count);
  }
}

static GArray *
list_queue_ids (PracticeSqs *self)
{
  GArray *ids = g_array_new (FALSE, FALSE, sizeof (gint64));
  sqlite3_stmt *row = practice_store_prepare (self->store, "SELECT id FROM sqs_queue", NULL);

  while (sqlite3_step (row) == SQLITE_ROW) {
    gint64 id = sqlite3_column_int64 (row, 0);

    g_array_append_val (ids, id);
  }
  sqlite3_reset (row);
  return ids;
}

static void
sweep_expired (PracticeSqs *self,
               gint64       now)
{
  g_autoptr (GArray) ids = list_queue_ids (self);

  for (guint i = 0; i < ids->len; i++) {
    PracticeSqsQueue *queue = practice_sqs_find_by_id (self, g_array_index (ids, gint64, i));

    if (!practice_sqs_hold_applies (self, queue))
      practice_store_run (self->store, "DELETE FROM sqs_message WHERE queue = ? AND sent <= ? AND state <> 3", "ii",
                          queue->id, now - queue->retention * 1000);
  }
}

static void
sweep (PracticeSqs *self,
       gint64       now)
{
  if (self->next_due <= now)
    sweep_due (self, now);
  if (self->next_expiry <= now)
    sweep_expired (self, now);
}

/* The smallest value that a statement answers, or PRACTICE_SQS_NEVER. */
static gint64
get_minimum (sqlite3_stmt *row)
{
  gint64 minimum = PRACTICE_SQS_NEVER;

  if (sqlite3_step (row) == SQLITE_ROW && sqlite3_column_type (row, 0) != SQLITE_NULL)
    minimum = sqlite3_column_int64 (row, 0);
  sqlite3_reset (row);
  return minimum;
}

static void
find_next (PracticeSqs *self,
           gint64       now)
{
  if (self->next_due <= now)
    self->next_due = get_minimum (practice_store_prepare (self->store, "SELECT min(visible_at) FROM sqs_message WHERE state > 0", NULL));

  if (self->next_expiry <= now) {
    g_autoptr (GArray) ids = list_queue_ids (self);

    self->next_expiry = PRACTICE_SQS_NEVER;
    for (guint i = 0; i < ids->len; i++) {
      PracticeSqsQueue *queue = practice_sqs_find_by_id (self, g_array_index (ids, gint64, i));
      gint64 sent = get_minimum (practice_store_prepare (self->store, "SELECT min(sent) FROM sqs_message WHERE queue = ? AND state <> 3", "i",
                                                         queue->id));

      if (sent != PRACTICE_SQS_NEVER && !practice_sqs_hold_applies (self, queue))
        self->next_expiry = MIN (self->next_expiry, sent + queue->retention * 1000);
    }
  }
}

gboolean
practice_sqs_on_timer (gpointer data)
{
  PracticeSqs *self = data;
  gint64 now = practice_sqs_now ();
  g_autoptr (GError) error = NULL;

  g_source_set_ready_time (self->timer, -1);

  practice_store_begin (self->store);
  sweep (self, now);
  if (practice_store_commit (self->store, &error)) {
    find_next (self, now);
  } else {
    /* The disk may have room again later. */
    g_warning ("sqs: %s", error->message);
    self->next_due = now + 5000;
  }
  practice_sqs_waiters_expire (self);

  practice_sqs_reschedule (self);
  return G_SOURCE_CONTINUE;
}

void
practice_sqs_due (PracticeSqs *self,
                  gint64       time)
{
  if (time < self->next_due) {
    self->next_due = time;
    practice_sqs_reschedule (self);
  }
}

void
practice_sqs_expires (PracticeSqs *self,
                      gint64       time)
{
  if (time < self->next_expiry) {
    self->next_expiry = time;
    practice_sqs_reschedule (self);
  }
}

void
practice_sqs_sweep (PracticeSqs *self)
{
  /* When something is due next is left to the timer: the transaction this runs in may be undone. */
  sweep (self, practice_sqs_now ());
}

void
practice_sqs_reschedule (PracticeSqs *self)
{
  gint64 next = MIN (MIN (self->next_due, self->next_expiry), practice_sqs_waiters_next (self));
  gint64 wait;

  if (next == PRACTICE_SQS_NEVER) {
    g_source_set_ready_time (self->timer, -1);
    return;
  }

  /* Deadlines are in wall-clock time, as they survive a restart; one millisecond more, so that they are over then. An hour at most: clocks are
   * set, too. */
  wait = CLAMP (next - practice_sqs_now () + 1, 0, 3600 * 1000);
  g_source_set_ready_time (self->timer, g_get_monotonic_time () + wait * 1000);
}
