/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "practice-services.h"
#include "practice-sqs-private.h"
#include "practice-sqs-shape.h"

typedef void (*Handler) (PracticeCall *call,
                         gpointer      sqs);

static const struct {
  const char *name;
  Handler     handle;
} handlers[] = {
  { "AddPermission", practice_sqs_add_permission },
  { "ChangeMessageVisibility", practice_sqs_change_message_visibility },
  { "ChangeMessageVisibilityBatch", practice_sqs_change_message_visibility_batch },
  { "CreateQueue", practice_sqs_create_queue },
  { "DeleteMessage", practice_sqs_delete_message },
  { "DeleteMessageBatch", practice_sqs_delete_message_batch },
  { "DeleteQueue", practice_sqs_delete_queue },
  { "GetQueueAttributes", practice_sqs_get_queue_attributes },
  { "GetQueueUrl", practice_sqs_get_queue_url },
  { "ListDeadLetterSourceQueues", practice_sqs_list_dead_letter_source_queues },
  { "ListQueueTags", practice_sqs_list_queue_tags },
  { "ListQueues", practice_sqs_list_queues },
  { "PurgeQueue", practice_sqs_purge_queue },
  { "ReceiveMessage", practice_sqs_receive_message },
  { "RemovePermission", practice_sqs_remove_permission },
  { "SendMessage", practice_sqs_send_message },
  { "SendMessageBatch", practice_sqs_send_message_batch },
  { "SetQueueAttributes", practice_sqs_set_queue_attributes },
  { "TagQueue", practice_sqs_tag_queue },
  { "UntagQueue", practice_sqs_untag_queue },
};

static void handle (PracticeCall *call, gpointer data);

static const PracticeOperation operations[] = {
  { "AddPermission", NULL, handle },
  { "ChangeMessageVisibility", NULL, handle },
  { "ChangeMessageVisibilityBatch", NULL, handle },
  { "CreateQueue", NULL, handle },
  { "DeleteMessage", NULL, handle },
  { "DeleteMessageBatch", NULL, handle },
  { "DeleteQueue", NULL, handle },
  { "GetQueueAttributes", NULL, handle },
  { "GetQueueUrl", NULL, handle },
  { "ListDeadLetterSourceQueues", NULL, handle },
  { "ListQueueTags", NULL, handle },
  { "ListQueues", NULL, handle },
  { "PurgeQueue", NULL, handle },
  { "ReceiveMessage", NULL, handle },
  { "RemovePermission", NULL, handle },
  { "SendMessage", NULL, handle },
  { "SendMessageBatch", NULL, handle },
  { "SetQueueAttributes", NULL, handle },
  { "TagQueue", NULL, handle },
  { "UntagQueue", NULL, handle },
  { NULL }
};

static const PracticeService service = {
  .name = "sqs",
  .target = "AmazonSQS",
  .protocol = PRACTICE_PROTOCOL_JSON_1_0,
  .error_namespace = "com.amazonaws.sqs",
  .xml_namespace = "http://queue.amazonaws.com/doc/2012-11-05/",
  .also_query = TRUE,
  .xml_shape = practice_sqs_shape_result,
  .denied_status = 403,
  .denied_code = "AccessDenied",
  .operations = operations,
};

static const char schema[] =
  "CREATE TABLE IF NOT EXISTS sqs_queue ("
  " id INTEGER PRIMARY KEY AUTOINCREMENT,"
  " revision INTEGER NOT NULL,"
  " region TEXT NOT NULL,"
  " name TEXT NOT NULL,"
  " created INTEGER NOT NULL,"
  " modified INTEGER NOT NULL,"
  " purged INTEGER NOT NULL,"
  " attributes TEXT NOT NULL,"
  " tags TEXT NOT NULL,"
  " UNIQUE (region, name));"
  /* visible_at: when a message that is delayed or in flight becomes receivable; else what it is ordered by (0 in FIFO queues, where
   * the id alone counts). */
  "CREATE TABLE IF NOT EXISTS sqs_message ("
  " id INTEGER PRIMARY KEY,"
  " queue INTEGER NOT NULL,"
  " state INTEGER NOT NULL,"
  " visible_at INTEGER NOT NULL,"
  " message_id TEXT NOT NULL,"
  " body TEXT NOT NULL,"
  " attributes TEXT,"
  " trace_header TEXT,"
  " sender TEXT,"
  " sent INTEGER NOT NULL,"
  " received INTEGER NOT NULL DEFAULT 0,"
  " first_received INTEGER NOT NULL DEFAULT 0,"
  " receive_count INTEGER NOT NULL DEFAULT 0,"
  " receipt INTEGER NOT NULL DEFAULT 0,"
  " group_id TEXT,"
  " deduplication_id TEXT,"
  " sequence_number TEXT,"
  " dead_letter_source TEXT);"
  "CREATE INDEX IF NOT EXISTS sqs_message_ready ON sqs_message (queue, state, visible_at);"
  "CREATE INDEX IF NOT EXISTS sqs_message_due ON sqs_message (visible_at) WHERE state > 0;"
  "CREATE INDEX IF NOT EXISTS sqs_message_sent ON sqs_message (queue, sent);"
  "CREATE INDEX IF NOT EXISTS sqs_message_group ON sqs_message (queue, group_id, state) WHERE sequence_number IS NOT NULL;"
  "CREATE TABLE IF NOT EXISTS sqs_deduplication ("
  " queue INTEGER NOT NULL,"
  " group_id TEXT NOT NULL,"
  " deduplication_id TEXT NOT NULL,"
  " message_id TEXT NOT NULL,"
  " sequence_number TEXT NOT NULL,"
  " sent INTEGER NOT NULL,"
  " PRIMARY KEY (queue, group_id, deduplication_id)) WITHOUT ROWID;"
  "CREATE INDEX IF NOT EXISTS sqs_deduplication_sent ON sqs_deduplication (sent);";

static void
handle (PracticeCall *call,
        gpointer      data)
{
  const char *operation = practice_call_get_operation (call);

  if (practice_call_is_query (call))
    practice_sqs_shape_params (operation, practice_call_get_params (call));

  for (guint i = 0; i < G_N_ELEMENTS (handlers); i++) {
    if (strcmp (handlers[i].name, operation) == 0) {
      handlers[i].handle (call, data);
      return;
    }
  }
}

/* A queue as the database has it now: what is kept in memory may be of a transaction that was undone. */
static PracticeSqsQueue *
get_queue (PracticeSqs  *self,
           sqlite3_stmt *row)
{
  PracticeSqsQueue *queue = NULL;

  if (sqlite3_step (row) == SQLITE_ROW) {
    gint64 id = sqlite3_column_int64 (row, 0);
    gint64 revision = sqlite3_column_int64 (row, 1);

    sqlite3_reset (row);
    queue = g_hash_table_lookup (self->queues, &id);
    if (queue == NULL || queue->revision != revision) {
      queue = practice_sqs_queue_load (self->store, practice_server_get_account (self->server), id);
      g_hash_table_replace (self->queues, &queue->id, queue);
    }
  } else {
    sqlite3_reset (row);
  }
  return queue;
}

static PracticeSqsQueue *
get_queue_by_name (PracticeSqs *self,
                   const char  *region,
                   const char  *name)
{
  return get_queue (self, practice_store_prepare (self->store, "SELECT id, revision FROM sqs_queue WHERE region = ? AND name = ?",
                                                  "ss", region, name));
}

/* Of "http://127.0.0.1:4566/000000000000/orders" only the path counts: a restart may have moved the port. */
static gboolean
parse_url (const char  *url,
           char       **account,
           char       **name)
{
  const char *authority = strstr (url, "://");
  const char *path = authority != NULL ? strchr (authority + 3, '/') : url;
  g_auto (GStrv) parts = NULL;
  guint n_parts;

  if (path == NULL)
    return FALSE;

  parts = g_strsplit (path, "/", -1);
  n_parts = g_strv_length (parts);
  if (n_parts > 3 && parts[n_parts - 1][0] == '\0')
    n_parts--;
  if (n_parts < 3 || parts[n_parts - 1][0] == '\0' || parts[n_parts - 2][0] == '\0')
    return FALSE;

  *account = g_strdup (parts[n_parts - 2]);
  *name = g_strdup (parts[n_parts - 1]);
  return TRUE;
}

static gboolean
on_arrival (gpointer data)
{
  PracticeSqs *self = data;

  g_source_set_ready_time (self->arrival, -1);
  practice_sqs_waiters_serve (self);
  return G_SOURCE_CONTINUE;
}

static gboolean
dispatch_source (GSource     *source,
                 GSourceFunc  callback,
                 gpointer     data)
{
  return callback (data);
}

static GSource *
add_source (GSourceFunc  callback,
            gpointer     data)
{
  static GSourceFuncs functions = { .dispatch = dispatch_source };
  GSource *source = g_source_new (&functions, sizeof (GSource));

  g_source_set_callback (source, callback, data, NULL);
  g_source_attach (source, NULL);
  return source;
}

static void
list_tagged (JsonArray  *resources,
             const char *region,
             gpointer    data)
{
  PracticeSqs *self = data;
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  sqlite3_stmt *row = practice_store_prepare (self->store,
                                              "SELECT name FROM sqs_queue WHERE region = ? AND tags <> '{}' ORDER BY name", "s", region);

  while (sqlite3_step (row) == SQLITE_ROW)
    g_ptr_array_add (names, g_strdup ((const char *) sqlite3_column_text (row, 0)));
  sqlite3_reset (row);

  for (guint i = 0; i < names->len; i++) {
    PracticeSqsQueue *queue = get_queue_by_name (self, region, g_ptr_array_index (names, i));
    JsonObject *resource = json_object_new ();
    JsonArray *tags = json_array_new ();
    JsonObjectIter iter;
    const char *key;
    JsonNode *value;

    json_object_iter_init_ordered (&iter, queue->tags);
    while (json_object_iter_next_ordered (&iter, &key, &value)) {
      JsonObject *tag = json_object_new ();

      json_object_set_string_member (tag, "Key", key);
      json_object_set_member (tag, "Value", json_node_copy (value));
      json_array_add_object_element (tags, tag);
    }
    json_object_set_string_member (resource, "ResourceARN", queue->arn);
    json_object_set_array_member (resource, "Tags", tags);
    json_array_add_object_element (resources, resource);
  }
}

static void
practice_sqs_free (PracticeSqs *self)
{
  practice_sqs_waiters_clear (self);
  g_source_destroy (self->timer);
  g_source_unref (self->timer);
  g_source_destroy (self->arrival);
  g_source_unref (self->arrival);
  g_hash_table_unref (self->queues);
  g_hash_table_unref (self->attempts);
  g_hash_table_unref (self->arrivals);
  g_hash_table_unref (self->mapped);
  g_free (self);
}

gint64
practice_sqs_now (void)
{
  return g_get_real_time () / 1000;
}

gint64
practice_sqs_next_id (PracticeSqs *self)
{
  self->last_id = MAX (self->last_id + 1, g_get_real_time ());
  return self->last_id;
}

PracticeSqsQueue *
practice_sqs_find (PracticeSqs  *self,
                   PracticeCall *call,
                   const char   *action)
{
  const char *account = practice_server_get_account (self->server);
  const char *region = practice_call_get_region (call);
  const char *url = practice_call_get_string (call, "QueueUrl");
  g_autofree char *url_account = NULL;
  g_autofree char *name = NULL;
  g_autofree char *arn = NULL;
  PracticeSqsQueue *queue;

  if (practice_call_is_answered (call))
    return NULL;

  /* The query protocol may post to the queue itself. */
  if (url == NULL && practice_call_is_query (call) && strcmp (practice_call_get_path (call), "/") != 0)
    url = practice_call_get_path (call);
  if (url == NULL) {
    practice_sqs_fail (call, PRACTICE_SQS_MISSING_PARAMETER, "The request must contain the parameter QueueUrl.");
    return NULL;
  }
  if (!parse_url (url, &url_account, &name)) {
    practice_sqs_fail (call, PRACTICE_SQS_INVALID_ADDRESS, "The address %s is not valid for this endpoint.", url);
    return NULL;
  }

  queue = strcmp (url_account, account) == 0 ? get_queue_by_name (self, region, name) : NULL;
  arn = g_strdup_printf ("arn:aws:sqs:%s:%s:%s", region, url_account, name);
  if (!practice_call_allow (call, action, arn, queue != NULL ? queue->policy : NULL, NULL))
    return NULL;
  if (queue == NULL)
    practice_sqs_fail_missing_queue (call);
  return queue;
}

PracticeSqsQueue *
practice_sqs_find_by_id (PracticeSqs *self,
                         gint64       id)
{
  return get_queue (self, practice_store_prepare (self->store, "SELECT id, revision FROM sqs_queue WHERE id = ?", "i", id));
}

PracticeSqsQueue *
practice_sqs_find_by_arn (PracticeSqs *self,
                          const char  *arn)
{
  g_auto (GStrv) parts = g_strsplit (arn, ":", -1);

  if (g_strv_length (parts) != 6 || strcmp (parts[0], "arn") != 0 || strcmp (parts[2], "sqs") != 0 ||
      strcmp (parts[4], practice_server_get_account (self->server)) != 0)
    return NULL;
  return get_queue_by_name (self, parts[3], parts[5]);
}

char *
practice_sqs_get_url (PracticeSqs      *self,
                      PracticeSqsQueue *queue)
{
  return g_strdup_printf ("%s/%s/%s", practice_server_get_url (self->server), practice_server_get_account (self->server), queue->name);
}

void
practice_sqs_arrived (PracticeSqs      *self,
                      PracticeSqsQueue *queue,
                      gint64            id)
{
  gint64 *queue_id = g_new (gint64, 1);

  if (id != 0)
    practice_sqs_hold_ready (self, queue, id);
  *queue_id = queue->id;
  g_hash_table_add (self->arrivals, queue_id);
  g_source_set_ready_time (self->arrival, 0);
  practice_server_announce (self->server, queue->arn);
}

void
practice_sqs_start (PracticeServer *server)
{
  PracticeSqs *self = g_new0 (PracticeSqs, 1);
  sqlite3_stmt *row;

  self->server = server;
  self->store = practice_server_get_store (server);
  self->events = practice_server_get_events (server);
  self->queues = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, (GDestroyNotify) practice_sqs_queue_free);
  self->attempts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) g_array_unref);
  self->arrivals = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  self->timer = add_source (practice_sqs_on_timer, self);
  self->arrival = add_source (on_arrival, self);

  practice_store_exec (self->store, schema);
  practice_sqs_hold_start (self);
  row = practice_store_prepare (self->store, "SELECT max(id) FROM sqs_message", NULL);
  if (sqlite3_step (row) == SQLITE_ROW)
    self->last_id = sqlite3_column_int64 (row, 0);
  sqlite3_reset (row);

  g_object_set_data_full (G_OBJECT (server), "practice-sqs", self, (GDestroyNotify) practice_sqs_free);
  practice_server_add_service (server, &service, self);
  practice_server_add_tagged (server, "sqs", list_tagged, self);

  /* What came due while the practice cloud was down is seen to at once. */
  self->next_due = self->next_expiry = 0;
  practice_sqs_reschedule (self);
}
