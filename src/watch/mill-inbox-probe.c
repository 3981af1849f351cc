/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-inbox-probe.h"

#include "aws-json.h"

struct _MillInboxProbe
{
  MillProbe          parent_instance;

  MillTracerResolve  resolve;
  gpointer           resolve_data;
  GHashTable        *subscriptions;  /* "topic endpoint" → ARN */
  gint64             after;          /* id of the last message */
  double             asked;
};

G_DEFINE_FINAL_TYPE (MillInboxProbe, mill_inbox_probe, MILL_TYPE_PROBE)

static void
tell_delivery (MillInboxProbe *self,
               JsonObject     *message,
               const char     *id,
               double          time)
{
  gboolean sms = g_strcmp0 (aws_json_get_string (message, "channel"), "sms") == 0;
  const char *topic = aws_json_get_string (message, "topicArn");
  const char *to = aws_json_get_string (message, "to");
  g_autofree char *key = g_strdup_printf ("%s %s", topic != NULL ? topic : "", to != NULL ? to : "");
  JsonObject *event = mill_probe_object ("id", id, "to", to, "subject", aws_json_get_string (message, "subject"), "body", aws_json_get_string (message, "body"),
                                         "topicArn", topic, "messageId", aws_json_get_string (message, "messageId"),
                                         "confirmation", aws_json_get_string (message, "confirmation"), NULL);

  json_object_set_double_member (event, "time", time);
  mill_probe_tell (MILL_PROBE (self), sms ? "sms" : "mail", event);
  if (topic == NULL || aws_json_get_string (message, "messageId") == NULL || aws_json_get_string (message, "confirmation") != NULL
      || self->resolve ("topic", topic, NULL, self->resolve_data) == NULL)
    return;
  event = mill_probe_object ("topicArn", topic, "messageId", aws_json_get_string (message, "messageId"), "protocol", sms ? "sms" : "email",
                             "subscriptionArn", g_hash_table_lookup (self->subscriptions, key), "endpoint", to, "status", "delivered", "deliveryId", id, NULL);
  json_object_set_double_member (event, "time", time);
  mill_probe_tell (MILL_PROBE (self), "topic-delivered", event);
}

static void
on_inbox (MillProbe    *probe,
          JsonObject   *result,
          const GError *error)
{
  MillInboxProbe *self = MILL_INBOX_PROBE (probe);
  JsonArray *messages = result != NULL ? aws_json_get_array (result, "messages") : NULL;
  JsonObject *event;

  for (guint i = 0; messages != NULL && i < json_array_get_length (messages); i++)
    {
      JsonNode *node = json_array_get_element (messages, i);
      JsonObject *message = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
      const char *id = message != NULL ? aws_json_get_string (message, "id") : NULL;
      JsonNode *time = message != NULL ? json_object_get_member (message, "time") : NULL;
      double when = time != NULL && json_node_get_value_type (time) == G_TYPE_DOUBLE ? json_node_get_double (time) : 0;

      if (id == NULL)
        continue;
      self->after = MAX (self->after, g_ascii_strtoll (id, NULL, 10));
      if (when >= mill_probe_get_since (probe))
        tell_delivery (self, message, id, when);
    }
  if (messages != NULL && json_array_get_length (messages) == 0)
    {
      event = mill_probe_object ("component", "inbox", NULL);
      json_object_set_double_member (event, "until", self->asked);
      mill_probe_tell (probe, "read-until", event);
    }
  mill_probe_done (probe, error);
}

static void
mill_inbox_probe_poll (MillProbe *probe)
{
  MillInboxProbe *self = MILL_INBOX_PROBE (probe);
  g_autofree char *path = g_strdup_printf ("/_millrace/inbox?after=%" G_GINT64_FORMAT, self->after);

  self->asked = g_get_real_time () / (double) G_USEC_PER_SEC;
  mill_probe_get (probe, "millrace", path, on_inbox);
}

static void
mill_inbox_probe_finalize (GObject *object)
{
  g_hash_table_unref (MILL_INBOX_PROBE (object)->subscriptions);
  G_OBJECT_CLASS (mill_inbox_probe_parent_class)->finalize (object);
}

static void
mill_inbox_probe_class_init (MillInboxProbeClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = mill_inbox_probe_finalize;
  MILL_PROBE_CLASS (klass)->poll = mill_inbox_probe_poll;
}

static void
mill_inbox_probe_init (MillInboxProbe *self)
{
  self->subscriptions = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

MillProbe *
mill_inbox_probe_new (AwsClient         *client,
                      double             since,
                      MillTracerResolve  resolve,
                      gpointer           user_data)
{
  MillInboxProbe *self = mill_probe_new (MILL_TYPE_INBOX_PROBE, client, "inbox", since);

  self->resolve = resolve;
  self->resolve_data = user_data;
  return MILL_PROBE (self);
}

void
mill_inbox_probe_learn (MillInboxProbe *self,
                        const char     *topic_arn,
                        const char     *endpoint,
                        const char     *subscription_arn)
{
  g_return_if_fail (MILL_IS_INBOX_PROBE (self));
  g_hash_table_replace (self->subscriptions, g_strdup_printf ("%s %s", topic_arn, endpoint), g_strdup (subscription_arn));
}
