/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-topic-probe.h"

#include <string.h>

#include "aws-json.h"

struct _MillTopicProbe
{
  MillProbe          parent_instance;

  char              *topic_arn;
  MillTracerResolve  resolve;
  gpointer           resolve_data;
  double             asked;
  JsonArray         *found;      /* while a poll is under way */
  guint              next;       /* of @found: to be asked for its attributes */
  gboolean           tapped;
};

enum { TAP, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (MillTopicProbe, mill_topic_probe, MILL_TYPE_PROBE)

static void ask_attributes (MillTopicProbe *self);
static void ask_page       (MillTopicProbe *self,
                            const char     *token);

static void
on_attributes (MillProbe    *probe,
               JsonObject   *result,
               const GError *error)
{
  MillTopicProbe *self = MILL_TOPIC_PROBE (probe);
  JsonObject *subscription = json_array_get_object_element (self->found, self->next++);
  const char *policy = result != NULL ? aws_json_get_string (result, "Attributes.FilterPolicy") : NULL;

  json_object_set_boolean_member (subscription, "filters", policy != NULL && *policy != '\0' && !g_str_equal (policy, "{}"));
  ask_attributes (self);
}

/* Only the attributes tell of a filter policy; one that waits for its confirmation has none to be read. */
static void
ask_attributes (MillTopicProbe *self)
{
  while (self->next < json_array_get_length (self->found))
    {
      JsonObject *subscription = json_array_get_object_element (self->found, self->next);

      if (!json_object_get_boolean_member (subscription, "pending"))
        {
          mill_probe_call (MILL_PROBE (self), "sns:GetSubscriptionAttributes",
                           mill_probe_object ("SubscriptionArn", json_object_get_string_member (subscription, "arn"), NULL), on_attributes);
          return;
        }
      self->next++;
    }
  {
    JsonObject *event = mill_probe_object ("component", mill_probe_get_component (MILL_PROBE (self)), "topicArn", self->topic_arn, NULL);

    json_object_set_double_member (event, "time", self->asked);
    json_object_set_array_member (event, "subscriptions", g_steal_pointer (&self->found));
    mill_probe_tell (MILL_PROBE (self), "topic-seen", event);
    if (self->tapped)
      g_signal_emit (self, signals[TAP], 0);
    mill_probe_done (MILL_PROBE (self), NULL);
  }
}

static void
on_page (MillProbe    *probe,
         JsonObject   *result,
         const GError *error)
{
  MillTopicProbe *self = MILL_TOPIC_PROBE (probe);
  JsonArray *page = result != NULL ? aws_json_get_array (result, "Subscriptions") : NULL;
  const char *token = result != NULL ? aws_json_get_string (result, "NextToken") : NULL;

  if (result == NULL)
    {
      mill_probe_done (probe, error);
      return;
    }
  for (guint i = 0; page != NULL && i < json_array_get_length (page); i++)
    {
      JsonNode *node = json_array_get_element (page, i);
      JsonObject *from = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
      const char *arn = from != NULL ? aws_json_get_string (from, "SubscriptionArn") : NULL;
      const char *endpoint = from != NULL ? aws_json_get_string (from, "Endpoint") : NULL;
      JsonObject *to;

      if (arn == NULL || aws_json_get_string (from, "Protocol") == NULL)
        continue;
      if (endpoint != NULL && self->resolve ("tap", endpoint, NULL, self->resolve_data) != NULL)
        {
          self->tapped = TRUE;
          continue;
        }
      to = mill_probe_object ("arn", strchr (arn, ':') != NULL ? arn : "", "endpoint", endpoint, "protocol", aws_json_get_string (from, "Protocol"), NULL);
      /* "PendingConfirmation", and "Deleted" for a while. */
      json_object_set_boolean_member (to, "pending", strchr (arn, ':') == NULL);
      json_array_add_object_element (self->found, to);
    }
  if (token != NULL && *token != '\0')
    ask_page (self, token);
  else
    ask_attributes (self);
}

static void
ask_page (MillTopicProbe *self,
          const char     *token)
{
  mill_probe_call (MILL_PROBE (self), "sns:ListSubscriptionsByTopic",
                   mill_probe_object ("TopicArn", self->topic_arn, "NextToken", token, NULL), on_page);
}

static void
mill_topic_probe_poll (MillProbe *probe)
{
  MillTopicProbe *self = MILL_TOPIC_PROBE (probe);

  g_clear_pointer (&self->found, json_array_unref);
  self->found = json_array_new ();
  self->next = 0;
  self->tapped = FALSE;
  self->asked = g_get_real_time () / (double) G_USEC_PER_SEC;
  ask_page (self, NULL);
}

static void
mill_topic_probe_finalize (GObject *object)
{
  MillTopicProbe *self = MILL_TOPIC_PROBE (object);

  g_free (self->topic_arn);
  g_clear_pointer (&self->found, json_array_unref);
  G_OBJECT_CLASS (mill_topic_probe_parent_class)->finalize (object);
}

static void
mill_topic_probe_class_init (MillTopicProbeClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = mill_topic_probe_finalize;
  MILL_PROBE_CLASS (klass)->poll = mill_topic_probe_poll;

  signals[TAP] = g_signal_new ("tap", MILL_TYPE_TOPIC_PROBE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
mill_topic_probe_init (MillTopicProbe *self)
{
}

MillProbe *
mill_topic_probe_new (AwsClient         *client,
                      const char        *component,
                      const char        *topic_arn,
                      MillTracerResolve  resolve,
                      gpointer           user_data)
{
  MillTopicProbe *self = mill_probe_new (MILL_TYPE_TOPIC_PROBE, client, component, 0);

  self->topic_arn = g_strdup (topic_arn);
  self->resolve = resolve;
  self->resolve_data = user_data;
  return MILL_PROBE (self);
}
