/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How the components are, as probes say it, and the practice cloud: what follows from that is in mill-tracer-infer.c. */
#include "mill-tracer-private.h"

#include <string.h>

void
mill_tracer_queue_free (MillTracerQueue *queue)
{
  g_free (queue->dead_letters);
  g_free (queue);
}

void
mill_tracer_subscription_free (MillTracerSubscription *subscription)
{
  g_free (subscription->arn);
  g_free (subscription->endpoint);
  g_free (subscription->protocol);
  g_free (subscription);
}

MillTracerQueue *
mill_tracer_get_queue (MillTracer *self,
                       const char *component)
{
  return g_hash_table_lookup (self->queues, component);
}

void
mill_tracer_on_queue_seen (MillTracer *self,
                           JsonObject *event)
{
  const char *component = aws_json_get_string (event, "component");
  const char *dead_letters = aws_json_get_string (event, "deadLetterQueueArn");
  const char *own = dead_letters != NULL ? self->resolve ("queue", dead_letters, NULL, self->resolve_data) : NULL;
  MillTracerQueue *queue;

  if (component == NULL)
    return;
  queue = g_hash_table_lookup (self->queues, component);
  if (queue == NULL)
    {
      queue = g_new0 (MillTracerQueue, 1);
      queue->component = g_intern_string (component);
      g_hash_table_insert (self->queues, (char *) queue->component, queue);
    }
  queue->visibility = mill_tracer_number (event, "visibilityTimeout");
  queue->most_receives = mill_tracer_number (event, "maxReceiveCount");
  dead_letters = own != NULL ? own : dead_letters;
  if (g_strcmp0 (queue->dead_letters, dead_letters) != 0)
    {
      g_free (queue->dead_letters);
      queue->dead_letters = g_strdup (dead_letters);
    }
  queue->waiting = MAX (0, mill_tracer_number (event, "waiting"));
  queue->in_flight = MAX (0, mill_tracer_number (event, "inFlight"));
  queue->delayed = MAX (0, mill_tracer_number (event, "delayed"));
  queue->counted = mill_tracer_number (event, "time");
  if (queue->waiting + queue->in_flight + queue->delayed > 0)
    queue->empty_since = 0;
  else if (queue->empty_since == 0)
    queue->empty_since = queue->counted;
  mill_tracer_set_count (self, queue->component, queue->waiting + queue->in_flight + queue->delayed);
}

static MillTracerMapping *
find_mapping (MillTracer *self,
              const char *function,
              const char *source)
{
  MillTracerMapping *mapping;

  for (guint i = 0; i < self->mappings->len; i++)
    {
      mapping = self->mappings->pdata[i];
      if (mapping->function == function && mapping->source == source)
        return mapping;
    }
  mapping = g_new0 (MillTracerMapping, 1);
  mapping->function = function;
  mapping->source = source;
  g_ptr_array_add (self->mappings, mapping);
  return mapping;
}

/* @function, @source: interned */
static void
learn_mapping (MillTracer *self,
               const char *function,
               const char *source,
               gboolean    stream,
               gboolean    filters,
               const char *state)
{
  MillTracerMapping *mapping;

  if (function == NULL || source == NULL)
    return;
  mapping = find_mapping (self, function, source);
  mapping->source_kind = stream ? "stream" : "queue";
  mapping->off = state != NULL && g_str_has_prefix (state, "Disabl");
  mapping->gone = state != NULL && g_str_has_prefix (state, "Delet");
  mapping->filters = filters && !mapping->gone;
}

void
mill_tracer_on_mapping_seen (MillTracer *self,
                             JsonObject *event)
{
  learn_mapping (self, g_intern_string (aws_json_get_string (event, "functionComponent")), g_intern_string (aws_json_get_string (event, "source")),
                 g_strcmp0 (aws_json_get_string (event, "sourceKind"), "stream") == 0, aws_json_get_boolean (event, "filters", FALSE),
                 aws_json_get_string (event, "state"));
}

/* The practice cloud tells of what its filters keep back, so those need not be known. */
void
mill_tracer_on_mapping_changed (MillTracer *self,
                                JsonObject *event)
{
  const char *function = aws_json_get_string (event, "functionArn");
  const char *source = aws_json_get_string (event, "sourceArn");
  gboolean stream;

  if (function == NULL || source == NULL)
    return;
  stream = strstr (source, "/stream/") != NULL;
  learn_mapping (self, g_intern_string (self->resolve ("function", function, NULL, self->resolve_data)),
                 g_intern_string (self->resolve (stream ? "stream" : "queue", source, NULL, self->resolve_data)), stream, FALSE,
                 aws_json_get_string (event, "state"));
}

static gboolean
contains (JsonArray  *texts,
          const char *text)
{
  for (guint i = 0; i < json_array_get_length (texts); i++)
    {
      JsonNode *node = json_array_get_element (texts, i);

      if (json_node_get_value_type (node) == G_TYPE_STRING && g_str_equal (json_node_get_string (node), text))
        return TRUE;
    }
  return FALSE;
}

void
mill_tracer_on_mappings_listed (MillTracer *self,
                                JsonObject *event)
{
  const char *function = g_intern_string (aws_json_get_string (event, "functionComponent"));
  JsonArray *sources = aws_json_get_array (event, "sources");

  for (guint i = 0; function != NULL && sources != NULL && i < self->mappings->len; i++)
    {
      MillTracerMapping *mapping = self->mappings->pdata[i];

      if (mapping->function != function || contains (sources, mapping->source))
        continue;
      mapping->gone = TRUE;
      mapping->filters = FALSE;
    }
}

void
mill_tracer_on_function_seen (MillTracer *self,
                              JsonObject *event)
{
  const char *component = g_intern_string (aws_json_get_string (event, "component"));

  if (component != NULL && aws_json_get_boolean (event, "unlogged", FALSE))
    g_hash_table_add (self->unlogged, (char *) component);
  else if (component != NULL)
    g_hash_table_remove (self->unlogged, component);
}

void
mill_tracer_on_topic_seen (MillTracer *self,
                           JsonObject *event)
{
  const char *component = g_intern_string (aws_json_get_string (event, "component"));
  JsonArray *array = aws_json_get_array (event, "subscriptions");
  GPtrArray *subscriptions;

  if (component == NULL || array == NULL)
    return;
  subscriptions = g_ptr_array_new_with_free_func ((GDestroyNotify) mill_tracer_subscription_free);
  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode *node = json_array_get_element (array, i);
      JsonObject *object = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
      MillTracerSubscription *subscription;

      if (object == NULL || aws_json_get_string (object, "protocol") == NULL)
        continue;
      subscription = g_new0 (MillTracerSubscription, 1);
      subscription->arn = g_strdup (aws_json_get_string (object, "arn"));
      subscription->endpoint = g_strdup (aws_json_get_string (object, "endpoint"));
      subscription->protocol = g_strdup (aws_json_get_string (object, "protocol"));
      subscription->pending = aws_json_get_boolean (object, "pending", FALSE);
      subscription->filters = aws_json_get_boolean (object, "filters", FALSE);
      subscription->seen = mill_tracer_number (event, "time");
      g_ptr_array_add (subscriptions, subscription);
    }
  g_hash_table_replace (self->subscriptions, (char *) component, subscriptions);
}

void
mill_tracer_on_read_until (MillTracer *self,
                           JsonObject *event)
{
  const char *component = g_intern_string (aws_json_get_string (event, "component"));
  double *until;

  if (component == NULL)
    return;
  until = g_hash_table_lookup (self->read_until, component);
  if (until == NULL)
    {
      until = g_new0 (double, 1);
      g_hash_table_insert (self->read_until, (char *) component, until);
    }
  *until = MAX (*until, mill_tracer_number (event, "until"));
}
