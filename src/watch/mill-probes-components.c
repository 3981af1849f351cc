/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which probes a deployment's resources are watched with. */
#include "mill-probes-private.h"

#include "aws-json.h"
#include "mill-access-log-probe.h"
#include "mill-log-probe.h"
#include "mill-mapping-probe.h"
#include "mill-queue-probe.h"
#include "mill-stage-probe.h"
#include "mill-stream-probe.h"
#include "mill-tap-probe.h"
#include "mill-tap.h"
#include "mill-topic-probe.h"

/* What a "messageId" that comes out of a function belongs to: the topic, or else the queue, that its environment names. */
static char *
find_in_environment (MillProbes *self,
                     JsonObject *made_with,
                     const char *type)
{
  JsonObject *variables = aws_json_get_object (made_with, "Environment.Variables");
  JsonObjectIter iter;
  JsonNode *value;

  if (variables == NULL)
    return NULL;
  json_object_iter_init (&iter, variables);
  while (json_object_iter_next (&iter, NULL, &value))
    {
      const char *logical_id = json_node_get_value_type (value) == G_TYPE_STRING
                               ? mill_deployment_find_by_id (self->deployment, json_node_get_string (value)) : NULL;
      MillResource *resource = logical_id != NULL ? mill_deployment_find_resource (self->deployment, logical_id) : NULL;

      if (resource != NULL && g_str_equal (mill_resource_get_type_name (resource), type))
        return g_strdup (mill_resource_get_arn (resource));
    }
  return NULL;
}

static void
add_function (MillProbes   *self,
              MillResource *resource,
              const char   *key)
{
  const char *name = mill_resource_get_physical_id (resource);
  const char *id = mill_resource_get_logical_id (resource);
  g_autoptr (JsonObject) made_with = mill_resource_dup_properties (resource);
  g_autofree char *topic = made_with != NULL ? find_in_environment (self, made_with, "AWS::SNS::Topic") : NULL;
  g_autofree char *queue = made_with != NULL ? find_in_environment (self, made_with, "AWS::SQS::Queue") : NULL;
  g_autofree char *group = made_with != NULL ? g_strdup (aws_json_get_string (made_with, "LoggingConfig.LogGroup")) : NULL;
  g_autofree char *mappings = g_strconcat (key, " mappings", NULL);

  if (group == NULL)
    group = g_strconcat ("/aws/lambda/", name, NULL);
  /* Whatever comes goes through a function sooner or later: at rest they are looked at first. */
  mill_probes_add (self, mill_log_probe_new (self->client, id, self->since, mill_resource_get_arn (resource), group, self->late, topic, queue), key, 1, 1);
  mill_probes_add (self, mill_mapping_probe_new (self->client, id, name, made_with != NULL ? aws_json_get_string (made_with, "Role") : NULL, self->resolve,
                                           self->resolve_data), mappings, 5, 10);
}

/* One that another program made or took away, or somebody by hand. */
static void
on_tap_seen (MillProbes *self,
             gboolean    there,
             MillProbe  *probe)
{
  const char *topic = mill_probe_get_component (probe);
  g_autofree char *url = mill_tap_dup_queue_url (self->deployment, topic);
  guint missed = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (probe), "tap-missed"));

  if (there != (url != NULL))
    mill_deployment_reload (self->deployment);
  /* The list may be late once. */
  missed = there || url == NULL ? 0 : missed + 1;
  g_object_set_data (G_OBJECT (probe), "tap-missed", GUINT_TO_POINTER (missed));
  if (missed == 2)
    {
      g_autofree char *sentence = g_strdup_printf ("What is published at %s cannot be read any more: the tap’s subscription is gone. Switch it off and on again.", topic);

      g_signal_emit_by_name (self, "failed", sentence);
    }
}

static void
on_tap_gone (MillProbes *self)
{
  mill_deployment_reload (self->deployment);
}

/* API Gateway hands its lines over later than functions do theirs: so many times later. */
#define ACCESS_LOG_LATE 15

/* Switched on, off, or written in another way from now on. */
static void
on_access_log (MillProbes     *self,
               const char     *group,
               const char     *format,
               MillStageProbe *stage)
{
  const char *id = mill_probe_get_component (MILL_PROBE (stage));
  MillResource *resource = mill_deployment_find_resource (self->deployment, id);
  g_autoptr (JsonObject) made_with = resource != NULL ? mill_resource_dup_properties (resource) : NULL;
  const char *api = made_with != NULL ? aws_json_get_string (made_with, "RestApiId") : NULL;
  g_autofree char *key = g_strconcat (id, " access log", NULL);

  mill_probes_remove (self, key);
  if (group != NULL && api != NULL)
    mill_probes_add (self, mill_access_log_probe_new (self->client, id, self->since, api, mill_resource_get_physical_id (resource), group, format,
                                                       ACCESS_LOG_LATE * self->late),
               key, 1, 2);
}

static void
add_stage (MillProbes   *self,
           MillResource *resource,
           const char   *key)
{
  g_autoptr (JsonObject) made_with = mill_resource_dup_properties (resource);
  const char *api = made_with != NULL ? aws_json_get_string (made_with, "RestApiId") : NULL;
  MillProbe *probe;

  if (api == NULL)
    return;
  probe = mill_stage_probe_new (self->client, mill_resource_get_logical_id (resource), api, mill_resource_get_physical_id (resource));
  g_signal_connect_object (probe, "access-log", G_CALLBACK (on_access_log), self, G_CONNECT_SWAPPED);
  mill_probes_add (self, probe, key, 10, 20);
}

/* A queue that another one gives up to; its URL follows from its ARN where it is one of ours, and from the other's URL otherwise. */
static void
add_dead_letters (MillProbes *self,
                  const char *arn)
{
  const char *id = self->resolve ("queue", arn, NULL, self->resolve_data);
  g_autofree char *key = g_strconcat ("dead-letters ", arn, NULL);
  g_auto (GStrv) parts = g_strsplit (arn, ":", 6);
  g_autofree char *base = NULL;
  g_autofree char *url = NULL;

  if (id != NULL || mill_probes_has (self, key) || g_strv_length (parts) != 6)
    return;
  base = aws_client_get_endpoint (self->client) != NULL ? g_strdup (aws_client_get_endpoint (self->client))
                                                        : g_strdup_printf ("https://sqs.%s.amazonaws.com%s", parts[3], g_str_equal (parts[1], "aws-cn") ? ".cn" : "");
  url = g_strdup_printf ("%s/%s/%s", base, parts[4], parts[5]);
  mill_probes_add (self, mill_queue_probe_new (self->client, arn, url), key, 2, 4);
}

static void
add_resource (MillProbes   *self,
              MillResource *resource,
              const char   *key)
{
  const char *type = mill_resource_get_type_name (resource);
  const char *id = mill_resource_get_logical_id (resource);
  const char *physical_id = mill_resource_get_physical_id (resource);

  if (g_str_equal (type, "AWS::Lambda::Function"))
    add_function (self, resource, key);
  else if (g_str_equal (type, "AWS::ApiGateway::Stage"))
    add_stage (self, resource, key);
  else if (g_str_equal (type, "AWS::SQS::Queue"))
    {
      MillProbe *probe = mill_queue_probe_new (self->client, id, physical_id);

      g_signal_connect_object (probe, "dead-letters", G_CALLBACK (add_dead_letters), self, G_CONNECT_SWAPPED);
      mill_probes_add (self, probe, key, 2, 4);
    }
  else if (g_str_equal (type, "AWS::SNS::Topic"))
    {
      MillProbe *probe = mill_topic_probe_new (self->client, id, physical_id, self->resolve, self->resolve_data);

      g_signal_connect_object (probe, "tap", G_CALLBACK (on_tap_seen), self, G_CONNECT_SWAPPED);
      mill_probes_add (self, probe, key, 3, 20);
    }
  else if (g_str_equal (type, "AWS::DynamoDB::Table"))
    {
      g_autoptr (JsonObject) attributes = mill_resource_dup_attributes (resource);
      const char *stream = attributes != NULL ? aws_json_get_string (attributes, "StreamArn") : NULL;

      if (stream != NULL)
        mill_probes_add (self, mill_stream_probe_new (self->client, id, self->since, mill_resource_get_arn (resource), stream), key, 1, 2);
    }
}

/* A tap is read as long as it is there. */
static void
sync_tap (MillProbes *self,
          const char *topic)
{
  g_autofree char *url = mill_tap_dup_queue_url (self->deployment, topic);
  g_autofree char *keys = g_strconcat (topic, " tap ", NULL);
  g_autofree char *key = g_strconcat (keys, url, NULL);
  MillProbe *probe;

  if (url != NULL && mill_probes_has (self, key))
    return;
  mill_probes_remove (self, keys);
  if (url == NULL)
    return;
  probe = mill_tap_probe_new (self->client, topic, self->since, url, self->store, mill_deployment_get_id (self->deployment));
  g_signal_connect_object (probe, "gone", G_CALLBACK (on_tap_gone), self, G_CONNECT_SWAPPED);
  /* Whoever switched it on wants to see what is published by hand, too, when all else rests. */
  mill_probes_add (self, probe, key, 2, 1);
}

/* One for what is there, none for what is not. */
void
mill_probes_sync (MillProbes *self)
{
  GListModel *resources = G_LIST_MODEL (self->deployment);

  for (guint i = 0; i < g_list_model_get_n_items (resources); i++)
    {
      g_autoptr (MillResource) resource = g_list_model_get_item (resources, i);
      g_autofree char *key = g_strconcat (mill_resource_get_logical_id (resource), " ", NULL);

      if (mill_tap_is_part (mill_resource_get_logical_id (resource)))
        continue;
      if (!mill_resource_is_made (resource))
        mill_probes_remove (self, key);
      else if (!mill_probes_has (self, key))
        add_resource (self, resource, key);
      if (mill_resource_is_made (resource) && g_str_equal (mill_resource_get_type_name (resource), "AWS::SNS::Topic"))
        sync_tap (self, mill_resource_get_logical_id (resource));
    }
}
