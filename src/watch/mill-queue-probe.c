/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-queue-probe.h"

#include "aws-json.h"

struct _MillQueueProbe
{
  MillProbe  parent_instance;

  char      *url;
};

enum { DEAD_LETTERS, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (MillQueueProbe, mill_queue_probe, MILL_TYPE_PROBE)

/* {"deadLetterTargetArn": …, "maxReceiveCount": "3"}: the number may be a text. */
static void
add_redrive (MillQueueProbe *self,
             JsonObject     *event,
             const char     *text)
{
  g_autoptr (JsonObject) policy = text != NULL ? aws_json_parse_object (text, -1, NULL) : NULL;
  const char *arn = policy != NULL ? aws_json_get_string (policy, "deadLetterTargetArn") : NULL;

  if (arn == NULL)
    return;
  json_object_set_int_member (event, "maxReceiveCount", CLAMP (aws_json_get_int (policy, "maxReceiveCount", 0), 0, 1000));
  json_object_set_string_member (event, "deadLetterQueueArn", arn);
  g_signal_emit (self, signals[DEAD_LETTERS], 0, arn);
}

static void
on_attributes (MillProbe    *probe,
               JsonObject   *result,
               const GError *error)
{
  static const struct { const char *attribute, *member; } counts[] = {
    { "ApproximateNumberOfMessages", "waiting" }, { "ApproximateNumberOfMessagesNotVisible", "inFlight" },
    { "ApproximateNumberOfMessagesDelayed", "delayed" }, { "VisibilityTimeout", "visibilityTimeout" },
  };
  JsonObject *attributes = result != NULL ? aws_json_get_object (result, "Attributes") : NULL;
  JsonObject *event;

  /* Nothing there is not the same as no messages. */
  if (attributes == NULL || aws_json_get_int (attributes, counts[0].attribute, -1) < 0)
    {
      mill_probe_fail (probe, error);
      return;
    }
  event = mill_probe_object ("component", mill_probe_get_component (probe), NULL);
  for (guint i = 0; i < G_N_ELEMENTS (counts); i++)
    json_object_set_int_member (event, counts[i].member, MAX (0, aws_json_get_int (attributes, counts[i].attribute, 0)));
  add_redrive (MILL_QUEUE_PROBE (probe), event, aws_json_get_string (attributes, "RedrivePolicy"));
  if (aws_json_get_string (attributes, "Policy") != NULL)
    json_object_set_string_member (event, "policy", aws_json_get_string (attributes, "Policy"));
  json_object_set_double_member (event, "time", g_get_real_time () / (double) G_USEC_PER_SEC);
  mill_probe_tell (probe, "queue-seen", event);
  mill_probe_done (probe, NULL);
}

static void
mill_queue_probe_poll (MillProbe *probe)
{
  JsonObject *parameters = mill_probe_object ("QueueUrl", MILL_QUEUE_PROBE (probe)->url, NULL);
  JsonArray *names = json_array_new ();

  json_array_add_string_element (names, "All");
  json_object_set_array_member (parameters, "AttributeNames", names);
  mill_probe_call (probe, "sqs:GetQueueAttributes", parameters, on_attributes);
}

static void
mill_queue_probe_finalize (GObject *object)
{
  g_free (MILL_QUEUE_PROBE (object)->url);
  G_OBJECT_CLASS (mill_queue_probe_parent_class)->finalize (object);
}

static void
mill_queue_probe_class_init (MillQueueProbeClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = mill_queue_probe_finalize;
  MILL_PROBE_CLASS (klass)->poll = mill_queue_probe_poll;

  signals[DEAD_LETTERS] = g_signal_new ("dead-letters", MILL_TYPE_QUEUE_PROBE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                        G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
mill_queue_probe_init (MillQueueProbe *self)
{
}

MillProbe *
mill_queue_probe_new (AwsClient  *client,
                      const char *component,
                      const char *queue_url)
{
  MillQueueProbe *self = mill_probe_new (MILL_TYPE_QUEUE_PROBE, client, component, 0);

  self->url = g_strdup (queue_url);
  return MILL_PROBE (self);
}
