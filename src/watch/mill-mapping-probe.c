/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-mapping-probe.h"

#include <string.h>

#include "aws-json.h"
#include "mill-permission.h"

/* A poller takes a message at once; one that has lain for so many seconds is left lying. IAM answers slowly, so it is not asked all the time. */
#define PATIENT_SECONDS 2
#define ASK_AGAIN_SECONDS 10

struct _MillMappingProbe
{
  MillProbe          parent_instance;

  char              *function_name;
  char              *role_arn;
  char              *marker;       /* of the page that is asked for */
  MillTracerResolve  resolve;
  gpointer           resolve_data;
  GHashTable        *left_lying;   /* a queue's component → LeftLying */
  GPtrArray         *suspects;     /* ARNs of queues to ask about, of this poll */
  JsonArray         *sources;      /* components that were seen in this poll */
};

typedef struct
{
  gint64      due;       /* when it is time to ask why */
  JsonObject *policy;    /* the queue's own, or NULL */
} LeftLying;

G_DEFINE_FINAL_TYPE (MillMappingProbe, mill_mapping_probe, MILL_TYPE_PROBE)

static void
left_lying_free (gpointer data)
{
  LeftLying *lying = data;

  g_clear_pointer (&lying->policy, json_object_unref);
  g_free (lying);
}

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

/* Whether it is time to ask why nobody takes what waits in @component. */
static gboolean
is_suspect (MillMappingProbe *self,
            const char       *component)
{
  LeftLying *lying = component != NULL ? g_hash_table_lookup (self->left_lying, component) : NULL;
  gint64 now = g_get_monotonic_time ();

  if (self->role_arn == NULL || lying == NULL || lying->due > now)
    return FALSE;
  lying->due = now + ASK_AGAIN_SECONDS * G_TIME_SPAN_SECOND;
  return TRUE;
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
  if (aws_json_get_string (mapping, "State") != NULL)
    json_object_set_string_member (event, "state", aws_json_get_string (mapping, "State"));
  json_object_set_boolean_member (event, "filters", filters != NULL && json_array_get_length (filters) > 0);
  json_array_add_string_element (self->sources, aws_json_get_string (event, "source"));
  mill_probe_tell (MILL_PROBE (self), "mapping-seen", event);
  tell_problem (self, source, aws_json_get_string (mapping, "LastProcessingResult"));
  if (!stream && is_suspect (self, component))
    g_ptr_array_add (self->suspects, g_strdup (source));
}

static void ask_next (MillMappingProbe *self);

/* The simulation knows the role's policies alone; the queue's own may allow it, too. */
static gboolean
queue_allows (MillMappingProbe *self,
              const char       *queue,
              const char       *action)
{
  const char *component = self->resolve ("queue", queue, NULL, self->resolve_data);
  LeftLying *lying = g_hash_table_lookup (self->left_lying, component != NULL ? component : queue);

  return lying == NULL || (lying->policy != NULL && mill_permission_grants (lying->policy, self->role_arn, action));
}

/* The first thing that the role is not allowed. */
static void
on_simulated (MillProbe    *probe,
              JsonObject   *result,
              const GError *error)
{
  MillMappingProbe *self = MILL_MAPPING_PROBE (probe);
  JsonArray *results = result != NULL ? aws_json_get_array (result, "EvaluationResults") : NULL;
  g_autofree char *queue = g_ptr_array_steal_index (self->suspects, 0);

  for (guint i = 0; results != NULL && i < json_array_get_length (results); i++)
    {
      JsonNode *node = json_array_get_element (results, i);
      JsonObject *each = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
      const char *decision = each != NULL ? aws_json_get_string (each, "EvalDecision") : NULL;
      const char *action = each != NULL ? aws_json_get_string (each, "EvalActionName") : NULL;
      JsonObject *event;

      if (decision == NULL || action == NULL || g_str_equal (decision, "allowed")
          || (!g_str_equal (decision, "explicitDeny") && queue_allows (self, queue, action)))
        continue;
      mill_probe_tell (probe, "denied", mill_probe_object ("roleArn", self->role_arn, "action", action, "resource", queue, NULL));
      event = mill_probe_object ("sourceArn", queue, "role", self->role_arn, "error",
                                 "Nobody takes the messages: the function’s role may not read the queue.", NULL);
      json_object_set_double_member (event, "time", g_get_real_time () / (double) G_USEC_PER_SEC);
      mill_probe_tell (probe, "mapping-failed", event);
      break;
    }
  /* Whoever may not ask IAM learns nothing here; that is no error of the mapping's. */
  ask_next (self);
}

static void
ask_next (MillMappingProbe *self)
{
  static const char *const actions[] = { "sqs:ReceiveMessage", "sqs:DeleteMessage" };
  JsonArray *names, *resources;
  JsonObject *parameters;

  if (self->suspects->len == 0)
    {
      mill_probe_done (MILL_PROBE (self), NULL);
      return;
    }
  names = json_array_new ();
  for (guint i = 0; i < G_N_ELEMENTS (actions); i++)
    json_array_add_string_element (names, actions[i]);
  resources = json_array_new ();
  json_array_add_string_element (resources, self->suspects->pdata[0]);
  parameters = mill_probe_object ("PolicySourceArn", self->role_arn, NULL);
  json_object_set_array_member (parameters, "ActionNames", names);
  json_object_set_array_member (parameters, "ResourceArns", resources);
  mill_probe_call (MILL_PROBE (self), "iam:SimulatePrincipalPolicy", parameters, on_simulated);
}

/* What is not among them is not there any more. */
static void
tell_all (MillMappingProbe *self)
{
  JsonObject *event = mill_probe_object ("functionComponent", mill_probe_get_component (MILL_PROBE (self)), NULL);

  json_object_set_array_member (event, "sources", g_steal_pointer (&self->sources));
  mill_probe_tell (MILL_PROBE (self), "mappings-listed", event);
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
    {
      tell_all (self);
      ask_next (self);
    }
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
  g_ptr_array_set_size (self->suspects, 0);
  g_clear_pointer (&self->sources, json_array_unref);
  self->sources = json_array_new ();
  ask (self);
}

static void
mill_mapping_probe_finalize (GObject *object)
{
  MillMappingProbe *self = MILL_MAPPING_PROBE (object);

  g_free (self->function_name);
  g_free (self->role_arn);
  g_hash_table_unref (self->left_lying);
  g_ptr_array_unref (self->suspects);
  g_clear_pointer (&self->sources, json_array_unref);
  g_free (self->marker);
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
  self->left_lying = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, left_lying_free);
  self->suspects = g_ptr_array_new_with_free_func (g_free);
}

MillProbe *
mill_mapping_probe_new (AwsClient         *client,
                        const char        *component,
                        const char        *function_name,
                        const char        *role_arn,
                        MillTracerResolve  resolve,
                        gpointer           user_data)
{
  MillMappingProbe *self = mill_probe_new (MILL_TYPE_MAPPING_PROBE, client, component, 0);

  self->function_name = g_strdup (function_name);
  self->role_arn = g_strdup (role_arn);
  self->resolve = resolve;
  self->resolve_data = user_data;
  return MILL_PROBE (self);
}

void
mill_mapping_probe_note (MillMappingProbe *self,
                         const char       *source,
                         gboolean          left_lying,
                         const char       *policy)
{
  LeftLying *lying;

  g_return_if_fail (MILL_IS_MAPPING_PROBE (self));
  lying = g_hash_table_lookup (self->left_lying, source);
  if (!left_lying)
    {
      g_hash_table_remove (self->left_lying, source);
      return;
    }
  if (lying == NULL)
    {
      lying = g_new0 (LeftLying, 1);
      lying->due = g_get_monotonic_time () + PATIENT_SECONDS * G_TIME_SPAN_SECOND;
      g_hash_table_insert (self->left_lying, g_strdup (source), lying);
    }
  g_clear_pointer (&lying->policy, json_object_unref);
  lying->policy = policy != NULL ? aws_json_parse_object (policy, -1, NULL) : NULL;
}
