/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Making, finding, emptying and deleting queues. */
#include <string.h>

#include "practice-hold.h"
#include "practice-json.h"
#include "practice-sqs-private.h"

#define PURGE_MS (60 * 1000)

static gboolean
is_name (const char *name,
         gboolean    fifo)
{
  gsize length = strlen (name) - (fifo ? strlen (".fifo") : 0);

  if (strlen (name) > 80 || length < 1)
    return FALSE;
  for (gsize i = 0; i < length; i++) {
    if (!g_ascii_isalnum (name[i]) && name[i] != '-' && name[i] != '_')
      return FALSE;
  }
  return TRUE;
}

static gboolean
is_same_value (const char *a,
               const char *b)
{
  g_autoptr (JsonNode) first = NULL;
  g_autoptr (JsonNode) second = NULL;

  if (g_strcmp0 (a, b) == 0)
    return TRUE;
  if (a == NULL || b == NULL || *a != '{')
    return FALSE;

  first = practice_json_parse (a, -1, NULL);
  second = practice_json_parse (b, -1, NULL);
  return first != NULL && second != NULL && json_node_equal (first, second);
}

static void
return_url (PracticeSqs      *self,
            PracticeCall     *call,
            PracticeSqsQueue *queue)
{
  g_autofree char *url = practice_sqs_get_url (self, queue);
  JsonObject *result = json_object_new ();

  json_object_set_string_member (result, "QueueUrl", url);
  practice_call_return (call, result);
}

void
practice_sqs_create_queue (PracticeCall *call,
                           gpointer      data)
{
  PracticeSqs *self = data;
  const char *region = practice_call_get_region (call);
  const char *name = practice_call_get_string (call, "QueueName");
  JsonObject *given = practice_call_get_object (call, "Attributes");
  JsonObject *tags = practice_call_get_object (call, "tags");
  g_autoptr (JsonObject) attributes = given != NULL ? json_object_ref (given) : json_object_new ();
  g_autoptr (JsonObject) own_tags = tags != NULL ? json_object_ref (tags) : json_object_new ();
  g_autoptr (JsonObject) merged = NULL;
  g_autofree char *arn = NULL;
  g_auto (PracticeSqsFault) fault = { 0 };
  PracticeSqsQueue *queue;
  gboolean fifo;

  if (practice_call_is_answered (call))
    return;
  if (name == NULL) {
    practice_sqs_fail (call, PRACTICE_SQS_MISSING_PARAMETER, "The request must contain the parameter QueueName.");
    return;
  }
  if (!practice_sqs_check_texts (call, attributes, "Attributes") || !practice_sqs_check_tags (call, own_tags))
    return;

  arn = g_strdup_printf ("arn:aws:sqs:%s:%s:%s", region, practice_call_get_account (call), name);
  if (!practice_call_allow (call, "sqs:CreateQueue", arn, NULL, NULL))
    return;
  if (json_object_get_size (own_tags) > 0 && !practice_call_allow (call, "sqs:TagQueue", arn, NULL, NULL))
    return;

  fifo = g_strcmp0 (practice_json_get_string (attributes, "FifoQueue"), "true") == 0;
  if (fifo && !(g_str_has_suffix (name, ".fifo") && is_name (name, TRUE))) {
    practice_sqs_fail (call, PRACTICE_SQS_INVALID_PARAMETER_VALUE,
                       "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo "
                       "suffix and be 1 to 80 in length.");
    return;
  }
  if (!fifo && !is_name (name, FALSE)) {
    practice_sqs_fail (call, PRACTICE_SQS_INVALID_PARAMETER_VALUE,
                       "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length");
    return;
  }
  if (!practice_sqs_check_attributes (self, attributes, arn, fifo, &fault)) {
    practice_sqs_fault_fail (&fault, call);
    return;
  }

  queue = practice_sqs_find_by_arn (self, arn);
  if (queue != NULL) {
    JsonObjectIter iter;
    const char *attribute;
    JsonNode *value;

    json_object_iter_init_ordered (&iter, attributes);
    while (json_object_iter_next_ordered (&iter, &attribute, &value)) {
      const char *text = json_node_get_string (value);

      if (!is_same_value (*text != '\0' ? text : NULL, practice_sqs_queue_get_attribute (queue, attribute))) {
        practice_sqs_fail (call, PRACTICE_SQS_QUEUE_NAME_EXISTS,
                           "A queue already exists with the same name and a different value for attribute %s", attribute);
        return;
      }
    }
    return_url (self, call, queue);
    return;
  }

  merged = practice_sqs_merge_attributes (NULL, attributes);
  practice_sqs_queue_insert (self->store, region, name, merged, own_tags);
  queue = practice_sqs_find_by_arn (self, arn);
  if (queue == NULL) {
    practice_sqs_fail (call, PRACTICE_SQS_INTERNAL_FAILURE, "The queue could not be stored.");
    return;
  }
  practice_sqs_emit_resource (self, "resource-created", region, arn, name);
  return_url (self, call, queue);
}

void
practice_sqs_get_queue_url (PracticeCall *call,
                            gpointer      data)
{
  PracticeSqs *self = data;
  const char *name = practice_call_get_string (call, "QueueName");
  const char *owner = practice_call_get_string (call, "QueueOwnerAWSAccountId");
  g_autofree char *arn = NULL;
  PracticeSqsQueue *queue;

  if (practice_call_is_answered (call))
    return;
  if (name == NULL) {
    practice_sqs_fail (call, PRACTICE_SQS_MISSING_PARAMETER, "The request must contain the parameter QueueName.");
    return;
  }

  arn = g_strdup_printf ("arn:aws:sqs:%s:%s:%s", practice_call_get_region (call),
                         owner != NULL ? owner : practice_call_get_account (call), name);
  queue = practice_sqs_find_by_arn (self, arn);
  if (!practice_call_allow (call, "sqs:GetQueueUrl", arn, queue != NULL ? queue->policy : NULL, NULL))
    return;
  if (queue == NULL)
    practice_sqs_fail_missing_queue (call);
  else
    return_url (self, call, queue);
}

/* How many a page holds, and after which name it begins; FALSE where the call is failed. */
static gboolean
get_page (PracticeCall  *call,
          gint64        *max,
          char         **after)
{
  const char *token = practice_call_get_string (call, "NextToken");
  g_autofree guchar *decoded = NULL;
  gsize length = 0;

  *max = 1000;
  *after = g_strdup ("");
  practice_call_get_int (call, "MaxResults", max);
  if (practice_call_is_answered (call))
    return FALSE;
  if (*max < 1 || *max > 1000) {
    practice_sqs_fail (call, PRACTICE_SQS_INVALID_PARAMETER_VALUE,
                       "Value %" G_GINT64_FORMAT " for parameter MaxResults is invalid. Reason: MaxResults must be between 1 and 1000.",
                       *max);
    return FALSE;
  }
  if (token == NULL)
    return TRUE;

  decoded = g_base64_decode (token, &length);
  if (length == 0 || !g_utf8_validate_len ((const char *) decoded, length, NULL)) {
    practice_sqs_fail (call, PRACTICE_SQS_INVALID_PARAMETER_VALUE, "Invalid or expired next token.");
    return FALSE;
  }
  g_free (*after);
  *after = g_strndup ((const char *) decoded, length);
  return TRUE;
}

/* Ends a page: @urls has one more than asked for where there is another page. Takes @urls. */
static void
return_page (PracticeCall *call,
             const char   *member,
             GPtrArray    *names,
             gint64        max)
{
  JsonObject *result = json_object_new ();
  JsonArray *urls = json_array_new ();

  for (guint i = 0; i < names->len && i < max; i++) {
    g_autofree char *url = g_strdup_printf ("%s/%s/%s", practice_server_get_url (practice_call_get_server (call)),
                                            practice_call_get_account (call), (char *) g_ptr_array_index (names, i));

    json_array_add_string_element (urls, url);
  }

  if (names->len > max) {
    const char *last = g_ptr_array_index (names, max - 1);
    g_autofree char *token = g_base64_encode ((const guchar *) last, strlen (last));

    json_object_set_string_member (result, "NextToken", token);
  }
  if (names->len > 0 || strcmp (member, "queueUrls") == 0)
    json_object_set_array_member (result, member, urls);
  else
    json_array_unref (urls);
  practice_call_return (call, result);
}

void
practice_sqs_list_queues (PracticeCall *call,
                          gpointer      data)
{
  PracticeSqs *self = data;
  const char *prefix = practice_call_get_string (call, "QueueNamePrefix");
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *after = NULL;
  sqlite3_stmt *row;
  gint64 max;

  if (practice_call_is_answered (call) || !practice_call_allow (call, "sqs:ListQueues", "*", NULL, NULL) ||
      !get_page (call, &max, &after))
    return;

  row = practice_store_prepare (self->store,
                                "SELECT name FROM sqs_queue WHERE region = ?1 AND name > ?2 AND substr (name, 1, length (?3)) = ?3"
                                " ORDER BY name LIMIT ?4",
                                "sssi", practice_call_get_region (call), after, prefix != NULL ? prefix : "", max + 1);
  while (sqlite3_step (row) == SQLITE_ROW)
    g_ptr_array_add (names, g_strdup ((const char *) sqlite3_column_text (row, 0)));
  sqlite3_reset (row);

  return_page (call, "QueueUrls", names, max);
}

void
practice_sqs_list_dead_letter_source_queues (PracticeCall *call,
                                             gpointer      data)
{
  PracticeSqs *self = data;
  PracticeSqsQueue *queue = practice_sqs_find (self, call, "sqs:ListDeadLetterSourceQueues");
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *after = NULL;
  sqlite3_stmt *row;
  gint64 max;

  if (queue == NULL || !get_page (call, &max, &after))
    return;

  row = practice_store_prepare (self->store, "SELECT name, attributes FROM sqs_queue WHERE region = ? AND name > ? ORDER BY name",
                                "ss", queue->region, after);
  while (names->len <= max && sqlite3_step (row) == SQLITE_ROW) {
    g_autoptr (JsonObject) attributes = practice_json_parse_object ((const char *) sqlite3_column_text (row, 1), -1, NULL);
    const char *redrive = attributes != NULL ? practice_json_get_string (attributes, "RedrivePolicy") : NULL;
    g_auto (PracticeSqsFault) fault = { 0 };
    g_autofree char *target = NULL;

    if (redrive != NULL && practice_sqs_redrive_policy_parse (redrive, &target, NULL, &fault) && strcmp (target, queue->arn) == 0)
      g_ptr_array_add (names, g_strdup ((const char *) sqlite3_column_text (row, 0)));
  }
  sqlite3_reset (row);

  return_page (call, "queueUrls", names, max);
}

void
practice_sqs_delete_queue (PracticeCall *call,
                           gpointer      data)
{
  PracticeSqs *self = data;
  PracticeSqsQueue *queue = practice_sqs_find (self, call, "sqs:DeleteQueue");
  gint64 id;

  if (queue == NULL)
    return;

  id = queue->id;
  practice_sqs_hold_forget (self, queue);
  practice_sqs_emit_resource (self, "resource-deleted", queue->region, queue->arn, queue->name);
  practice_store_run (self->store, "DELETE FROM sqs_message WHERE queue = ?", "i", id);
  practice_store_run (self->store, "DELETE FROM sqs_deduplication WHERE queue = ?", "i", id);
  practice_store_run (self->store, "DELETE FROM sqs_queue WHERE id = ?", "i", id);
  g_hash_table_remove (self->queues, &id);
  practice_sqs_waiters_drop (self, id);
  practice_call_return (call, NULL);
}

void
practice_sqs_purge_queue (PracticeCall *call,
                          gpointer      data)
{
  PracticeSqs *self = data;
  PracticeSqsQueue *queue = practice_sqs_find (self, call, "sqs:PurgeQueue");
  gint64 now = practice_sqs_now ();

  if (queue == NULL)
    return;
  if (now >= queue->purged && now - queue->purged < PURGE_MS) {
    practice_sqs_fail (call, PRACTICE_SQS_PURGE_QUEUE_IN_PROGRESS,
                       "Only one PurgeQueue operation on %s is allowed every 60 seconds.", queue->name);
    return;
  }

  /* What step mode holds on its way is not in the queue. */
  practice_store_run (self->store, "DELETE FROM sqs_message WHERE queue = ? AND state <> 3", "i", queue->id);
  practice_hold_end (self->server, PRACTICE_HOP_QUEUE_MAPPING, queue->arn, FALSE);
  practice_store_run (self->store, "UPDATE sqs_queue SET revision = revision + 1, purged = ? WHERE id = ?", "ii", now, queue->id);
  practice_events_emit_strings (self->events, "queue-purged", "region", queue->region, "queueArn", queue->arn, NULL);
  practice_call_return (call, NULL);
}
