/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "aws-json.h"
#include "mill-engine-private.h"

#define INBOX_PATH "/_millrace/inbox"

static JsonObject *
empty_inbox (void)
{
  return mill_properties_build ("messages:a", json_array_new (), NULL);
}

JsonObject *
mill_inbox_read (MillTarget    *target,
                 gboolean      *there,
                 GCancellable  *cancellable,
                 GError       **error)
{
  AwsClient *client;
  const char *endpoint;
  g_autofree char *url = NULL;
  g_autoptr(JsonObject) answer = NULL;
  JsonObject *inbox;

  if (there != NULL)
    *there = FALSE;
  if (!mill_target_open (target, cancellable, error))
    return NULL;
  client = mill_target_get_client (target);
  endpoint = aws_client_get_endpoint (client);
  /* Any endpoint may be a practice cloud; AWS never is. */
  if (endpoint == NULL)
    return empty_inbox ();

  url = g_strconcat (endpoint, INBOX_PATH, NULL);
  answer = aws_client_http (client, "millrace", "GET", url, NULL, NULL, cancellable, error);
  if (answer == NULL)
    return NULL;
  if (aws_json_get_int (answer, "status", 0) != 200)
    return empty_inbox ();
  inbox = aws_json_parse_object (aws_json_get_string (answer, "body"), -1, NULL);
  if (inbox == NULL || aws_json_get_array (inbox, "messages") == NULL)
    {
      g_clear_pointer (&inbox, json_object_unref);
      return empty_inbox ();
    }
  if (there != NULL)
    *there = TRUE;
  return inbox;
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

static void
inbox_in_thread (GTask        *task,
                 gpointer      source,
                 gpointer      target,
                 GCancellable *cancellable)
{
  GError *error = NULL;
  JsonObject *inbox = mill_inbox_read (target, NULL, cancellable, &error);

  if (inbox != NULL)
    g_task_return_pointer (task, inbox, (GDestroyNotify) json_object_unref);
  else
    g_task_return_error (task, error);
}

void
mill_engine_inbox_async (MillEngine          *self,
                         MillTarget          *target,
                         GCancellable        *cancellable,
                         GAsyncReadyCallback  callback,
                         gpointer             user_data)
{
  g_autoptr(GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, mill_engine_inbox_async);
  g_task_set_task_data (task, g_object_ref (target), g_object_unref);
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
