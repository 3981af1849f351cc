/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-mapping-probe.h"

#include <string.h>

#include "aws-json.h"

struct _MillMappingProbe
{
  MillProbe          parent_instance;

  char              *function_name;
  char              *marker;       /* of the page that is asked for */
  MillTracerResolve  resolve;
  gpointer           resolve_data;
};

G_DEFINE_FINAL_TYPE (MillMappingProbe, mill_mapping_probe, MILL_TYPE_PROBE)

/* "PROBLEM: …" is what Lambda says where it cannot read a source, or the function fails with what it read. */
static void
tell_problem (MillMappingProbe *self,
              const char       *source,
              const char       *result)
{
  JsonObject *event, *error;

  /* Of the function's own failures the log tells more. */
  if (result == NULL || !g_str_has_prefix (result, "PROBLEM: ") || strstr (result, "Function call failed") != NULL)
    return;
  event = mill_probe_object ("sourceArn", source, NULL);
  error = mill_probe_object ("code", "PROBLEM", "message", result + strlen ("PROBLEM: "), NULL);
  json_object_set_object_member (event, "error", error);
  json_object_set_double_member (event, "time", g_get_real_time () / (double) G_USEC_PER_SEC);
  mill_probe_tell (MILL_PROBE (self), "mapping-failed", event);
}

static void
take_mapping (MillMappingProbe *self,
              JsonObject       *mapping)
{
  const char *source = aws_json_get_string (mapping, "EventSourceArn");
  JsonArray *filters = aws_json_get_array (mapping, "FilterCriteria.Filters");
  gboolean stream = source != NULL && strstr (source, "/stream/") != NULL;
  const char *component = source != NULL ? self->resolve (stream ? "stream" : "queue", source, NULL, self->resolve_data) : NULL;
  JsonObject *event;

  if (source == NULL)
    return;
  event = mill_probe_object ("functionComponent", mill_probe_get_component (MILL_PROBE (self)), "source", component != NULL ? component : source,
                             "sourceKind", stream ? "stream" : "queue", NULL);
  json_object_set_boolean_member (event, "filters", filters != NULL && json_array_get_length (filters) > 0);
  mill_probe_tell (MILL_PROBE (self), "mapping-seen", event);
  tell_problem (self, source, aws_json_get_string (mapping, "LastProcessingResult"));
}

static void ask (MillMappingProbe *self);

static void
on_mappings (MillProbe    *probe,
             JsonObject   *result,
             const GError *error)
{
  MillMappingProbe *self = MILL_MAPPING_PROBE (probe);
  JsonArray *mappings = result != NULL ? aws_json_get_array (result, "EventSourceMappings") : NULL;
  const char *marker = result != NULL ? aws_json_get_string (result, "NextMarker") : NULL;

  if (mappings == NULL)
    {
      mill_probe_fail (probe, error);
      return;
    }
  for (guint i = 0; i < json_array_get_length (mappings); i++)
    {
      JsonNode *node = json_array_get_element (mappings, i);

      if (JSON_NODE_HOLDS_OBJECT (node))
        take_mapping (self, json_node_get_object (node));
    }
  /* One that stands still is the last. */
  if (marker != NULL && *marker != '\0' && g_strcmp0 (marker, self->marker) != 0)
    {
      g_free (self->marker);
      self->marker = g_strdup (marker);
      ask (self);
    }
  else
    mill_probe_done (probe, NULL);
}

static void
ask (MillMappingProbe *self)
{
  mill_probe_call (MILL_PROBE (self), "lambda:ListEventSourceMappings",
                   mill_probe_object ("FunctionName", self->function_name, "Marker", self->marker, NULL), on_mappings);
}

static void
mill_mapping_probe_poll (MillProbe *probe)
{
  MillMappingProbe *self = MILL_MAPPING_PROBE (probe);

  g_clear_pointer (&self->marker, g_free);
  ask (self);
}

static void
mill_mapping_probe_finalize (GObject *object)
{
  g_free (MILL_MAPPING_PROBE (object)->function_name);
  g_free (MILL_MAPPING_PROBE (object)->marker);
  G_OBJECT_CLASS (mill_mapping_probe_parent_class)->finalize (object);
}

static void
mill_mapping_probe_class_init (MillMappingProbeClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = mill_mapping_probe_finalize;
  MILL_PROBE_CLASS (klass)->poll = mill_mapping_probe_poll;
}

static void
mill_mapping_probe_init (MillMappingProbe *self)
{
}

MillProbe *
mill_mapping_probe_new (AwsClient         *client,
                        const char        *component,
                        const char        *function_name,
                        MillTracerResolve  resolve,
                        gpointer           user_data)
{
  MillMappingProbe *self = mill_probe_new (MILL_TYPE_MAPPING_PROBE, client, component, 0);

  self->function_name = g_strdup (function_name);
  self->resolve = resolve;
  self->resolve_data = user_data;
  return MILL_PROBE (self);
}
