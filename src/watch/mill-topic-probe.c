/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-topic-probe.h"

#include <string.h>

#include "aws-json.h"

/* Of those that are known, so many are asked in a poll whether they filter now. */
#define MOST_AGAIN 10

struct _MillTopicProbe
{
  MillProbe          parent_instance;

  char              *topic_arn;
  MillTracerResolve  resolve;
  gpointer           resolve_data;
  GHashTable        *filters;    /* subscription's ARN → whether it filters, as far as is known */
  double             asked;
  char              *token;      /* of the page that is asked for */
  JsonArray         *found;      /* while a poll is under way */
  guint              next;       /* of @found: to be asked for its attributes */
  guint              again;      /* from where on they are asked once more */
  gboolean           tapped;
};

enum { TAP, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (MillTopicProbe, mill_topic_probe, MILL_TYPE_PROBE)

static void ask_attributes (MillTopicProbe *self);
static void ask_page       (MillTopicProbe *self);

static const char *
get_arn (MillTopicProbe *self,
         guint           i)
{
  return json_object_get_string_member (json_array_get_object_element (self->found, i), "arn");
}

static void
on_attributes (MillProbe    *probe,
               JsonObject   *result,
               const GError *error)
{
  MillTopicProbe *self = MILL_TOPIC_PROBE (probe);
  const char *policy = result != NULL ? aws_json_get_string (result, "Attributes.FilterPolicy") : NULL;

  /* One that is gone, or is somebody else's, has nothing to tell; anything else may be over in a moment. */
  if (result == NULL && (!g_error_matches (error, AWS_ERROR, AWS_ERROR_CLIENT) || aws_error_is_retryable (error)))
    {
      mill_probe_done (probe, error);
      return;
    }
  g_hash_table_replace (self->filters, g_strdup (get_arn (self, self->next)),
                        GINT_TO_POINTER (policy != NULL && *policy != '\0' && !g_str_equal (policy, "{}")));
  self->next++;
  ask_attributes (self);
}

static void
tell_all (MillTopicProbe *self)
{
  JsonObject *event = mill_probe_object ("component", mill_probe_get_component (MILL_PROBE (self)), "topicArn", self->topic_arn, NULL);

  for (guint i = 0; i < json_array_get_length (self->found); i++)
    json_object_set_boolean_member (json_array_get_object_element (self->found, i), "filters",
                                    GPOINTER_TO_INT (g_hash_table_lookup (self->filters, get_arn (self, i))));
  self->again += MOST_AGAIN;
  json_object_set_double_member (event, "time", self->asked);
  json_object_set_array_member (event, "subscriptions", g_steal_pointer (&self->found));
  mill_probe_tell (MILL_PROBE (self), "topic-seen", event);
  g_signal_emit (self, signals[TAP], 0, self->tapped);
  mill_probe_done (MILL_PROBE (self), NULL);
}

/* Only the attributes tell of a filter policy; one that waits for its confirmation has none to be read. */
static void
ask_attributes (MillTopicProbe *self)
{
  guint n = json_array_get_length (self->found);

  for (; self->next < n; self->next++)
    {
      const char *arn = get_arn (self, self->next);
      gboolean again = (self->next + n - self->again % n) % n < MOST_AGAIN;

      if (*arn == '\0' || (g_hash_table_contains (self->filters, arn) && !again))
        continue;
      mill_probe_call (MILL_PROBE (self), "sns:GetSubscriptionAttributes", mill_probe_object ("SubscriptionArn", arn, NULL), on_attributes);
      return;
    }
  tell_all (self);
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

      if (arn == NULL || aws_json_get_string (from, "Protocol") == NULL || g_str_equal (arn, "Deleted"))
        continue;
      if (endpoint != NULL && self->resolve ("tap", endpoint, NULL, self->resolve_data) != NULL)
        {
          self->tapped = TRUE;
          continue;
        }
      to = mill_probe_object ("arn", strchr (arn, ':') != NULL ? arn : "", "endpoint", endpoint, "protocol", aws_json_get_string (from, "Protocol"), NULL);
      /* "PendingConfirmation" */
      json_object_set_boolean_member (to, "pending", strchr (arn, ':') == NULL);
      json_array_add_object_element (self->found, to);
    }
  /* One that stands still is the last. */
  if (token != NULL && *token != '\0' && g_strcmp0 (token, self->token) != 0)
    {
      g_free (self->token);
      self->token = g_strdup (token);
      ask_page (self);
    }
  else
    ask_attributes (self);
}

static void
ask_page (MillTopicProbe *self)
{
  mill_probe_call (MILL_PROBE (self), "sns:ListSubscriptionsByTopic",
                   mill_probe_object ("TopicArn", self->topic_arn, "NextToken", self->token, NULL), on_page);
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
  g_clear_pointer (&self->token, g_free);
  ask_page (self);
}

static void
mill_topic_probe_finalize (GObject *object)
{
  MillTopicProbe *self = MILL_TOPIC_PROBE (object);

  g_free (self->topic_arn);
  g_free (self->token);
  g_hash_table_unref (self->filters);
  g_clear_pointer (&self->found, json_array_unref);
  G_OBJECT_CLASS (mill_topic_probe_parent_class)->finalize (object);
}

static void
mill_topic_probe_class_init (MillTopicProbeClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = mill_topic_probe_finalize;
  MILL_PROBE_CLASS (klass)->poll = mill_topic_probe_poll;

  signals[TAP] = g_signal_new ("tap", MILL_TYPE_TOPIC_PROBE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_BOOLEAN);
}

static void
mill_topic_probe_init (MillTopicProbe *self)
{
  self->filters = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
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
