/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "aws-json.h"
#include "mill-engine-private.h"

#define INBOX_PATH "/_millrace/inbox"
/* As many as the practice cloud tells at once. */
#define PAGE 1000

static JsonObject *
empty_inbox (void)
{
  return mill_properties_build ("messages:a", json_array_new (), NULL);
}

/* One page, which says with "messages" what comes next; NULL with an error, or without one where there is no inbox. */
static JsonObject *
read_page (AwsClient     *client,
           const char    *after,
           GCancellable  *cancellable,
           GError       **error)
{
  g_autofree char *url = g_strconcat (aws_client_get_endpoint (client), INBOX_PATH, after != NULL ? "?after=" : NULL, after, NULL);
  g_autoptr(JsonObject) answer = aws_client_http (client, "millrace", "GET", url, NULL, NULL, cancellable, error);
  g_autoptr(JsonObject) page = NULL;

  if (answer == NULL || aws_json_get_int (answer, "status", 0) != 200)
    return NULL;
  page = aws_json_parse_object (aws_json_get_string (answer, "body"), -1, NULL);
  return page != NULL && aws_json_get_array (page, "messages") != NULL ? g_steal_pointer (&page) : NULL;
}

JsonObject *
mill_inbox_read (MillTarget    *target,
                 const char    *after,
                 gboolean      *there,
                 GCancellable  *cancellable,
                 GError       **error)
{
  AwsClient *client;
  g_autoptr(JsonObject) inbox = empty_inbox ();
  JsonArray *messages = aws_json_get_array (inbox, "messages");
  g_autofree char *last = g_strdup (after);
  guint n;

  if (there != NULL)
    *there = FALSE;
  if (!mill_target_open (target, cancellable, error))
    return NULL;
  client = mill_target_get_client (target);
  /* Any endpoint may be a practice cloud; AWS never is. */
  if (aws_client_get_endpoint (client) == NULL)
    return g_steal_pointer (&inbox);

  /* Page by page, until one is not full. */
  do
    {
      g_autoptr(GError) local = NULL;
      g_autoptr(JsonObject) page = read_page (client, last, cancellable, &local);
      JsonArray *more = page != NULL ? aws_json_get_array (page, "messages") : NULL;

      if (local != NULL)
        {
          g_propagate_error (error, g_steal_pointer (&local));
          return NULL;
        }
      n = more != NULL ? json_array_get_length (more) : 0;
      if (more != NULL && there != NULL)
        *there = TRUE;
      for (guint i = 0; i < n; i++)
        {
          JsonObject *message = mill_array_get_object (more, i);
          const char *id = message != NULL ? aws_json_get_string (message, "id") : NULL;

          if (id == NULL)
            continue;
          json_array_add_object_element (messages, aws_json_copy_object (message));
          g_free (last);
          last = g_strdup (id);
        }
    }
  while (n == PAGE);
  return g_steal_pointer (&inbox);
}

JsonObject *
mill_inbox_find_confirmation (JsonObject *inbox,
                              const char *topic_arn,
                              const char *endpoint)
{
  JsonArray *messages = aws_json_get_array (inbox, "messages");
  JsonObject *found = NULL;
  double newest = -1;

  for (guint i = 0; messages != NULL && i < json_array_get_length (messages); i++)
    {
      JsonObject *message = mill_array_get_object (messages, i);
      JsonNode *node;
      double time;

      if (message == NULL || aws_json_get_string (message, "confirmation") == NULL ||
          g_strcmp0 (aws_json_get_string (message, "topicArn"), topic_arn) != 0 ||
          g_strcmp0 (aws_json_get_string (message, "to"), endpoint) != 0)
        continue;
      node = json_object_get_member (message, "time");
      time = node != NULL && JSON_NODE_HOLDS_VALUE (node) ? json_node_get_double (node) : 0;
      if (time >= newest)
        {
          newest = time;
          found = message;
        }
    }
  return found;
}

typedef struct {
  MillTarget *target;
  char       *after;
} Question;

static void
question_free (gpointer data)
{
  Question *question = data;

  g_object_unref (question->target);
  g_free (question->after);
  g_free (question);
}

static void
inbox_in_thread (GTask        *task,
                 gpointer      source,
                 gpointer      data,
                 GCancellable *cancellable)
{
  Question *question = data;
  GError *error = NULL;
  JsonObject *inbox = mill_inbox_read (question->target, question->after, NULL, cancellable, &error);

  if (inbox != NULL)
    g_task_return_pointer (task, inbox, (GDestroyNotify) json_object_unref);
  else
    g_task_return_error (task, error);
}

void
mill_engine_inbox_async (MillEngine          *self,
                         MillTarget          *target,
                         const char          *after,
                         GCancellable        *cancellable,
                         GAsyncReadyCallback  callback,
                         gpointer             user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);
  Question *question = g_new0 (Question, 1);

  question->target = g_object_ref (target);
  question->after = g_strdup (after);

  g_task_set_source_tag (task, mill_engine_inbox_async);
  g_task_set_task_data (task, question, question_free);
  g_task_run_in_thread (task, inbox_in_thread);
}

JsonObject *
mill_engine_inbox_finish (MillEngine    *self,
                          GAsyncResult  *result,
                          GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}
