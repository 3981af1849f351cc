/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-resolver.h"

#include <string.h>

#include "aws-json.h"
#include "mill-gateway-route.h"
#include "mill-tap.h"

struct _MillResolver
{
  GObject         parent_instance;

  MillDeployment *deployment;
  GHashTable     *known;       /* "kind id endpoint" → logical id, "" for what is not ours */
};

G_DEFINE_FINAL_TYPE (MillResolver, mill_resolver, G_TYPE_OBJECT)

/* What a resource was made with: the value of one of its properties. */
static char *
dup_property (MillResource *resource,
              const char   *name)
{
  g_autoptr (JsonObject) made_with = mill_resource_dup_properties (resource);

  return made_with != NULL ? g_strdup (aws_json_get_string (made_with, name)) : NULL;
}

/* The first made resource of @type whose @property is @value, or begins with it where @prefix. */
static const char *
find_by_property (MillResolver *self,
                  const char   *type,
                  const char   *property,
                  const char   *value,
                  gboolean      prefix)
{
  GListModel *resources = G_LIST_MODEL (self->deployment);

  for (guint i = 0; i < g_list_model_get_n_items (resources); i++)
    {
      g_autoptr (MillResource) resource = g_list_model_get_item (resources, i);
      g_autofree char *found = NULL;

      if (!g_str_equal (mill_resource_get_type_name (resource), type) || *mill_resource_get_physical_id (resource) == '\0' ||
          mill_tap_is_part (mill_resource_get_logical_id (resource)))
        continue;
      found = dup_property (resource, property);
      if (found != NULL && (prefix ? g_str_has_prefix (found, value) : g_str_equal (found, value)))
        return mill_resource_get_logical_id (resource);
    }
  return NULL;
}

/* Where @function, a logical id, gets its records from: "queue", "stream", or either (@kind NULL). */
static const char *
find_source (MillResolver *self,
             const char   *function,
             const char   *kind)
{
  GListModel *resources = G_LIST_MODEL (self->deployment);

  for (guint i = 0; i < g_list_model_get_n_items (resources); i++)
    {
      g_autoptr (MillResource) resource = g_list_model_get_item (resources, i);
      g_autofree char *reader = NULL;
      g_autofree char *source = NULL;
      char *stream;

      if (!g_str_equal (mill_resource_get_type_name (resource), "AWS::Lambda::EventSourceMapping") || *mill_resource_get_physical_id (resource) == '\0')
        continue;
      reader = dup_property (resource, "FunctionName");
      source = dup_property (resource, "EventSourceArn");
      if (reader == NULL || source == NULL || g_strcmp0 (mill_deployment_find_by_id (self->deployment, reader), function) != 0)
        continue;
      stream = strstr (source, "/stream/");
      if (kind != NULL && g_str_equal (kind, "stream") != (stream != NULL))
        continue;
      if (stream != NULL)
        *stream = '\0';
      return mill_deployment_find_by_id (self->deployment, source);
    }
  return NULL;
}

/* Whether @function may write to @table: its environment names it, or names no table and it does not read the table's stream. */
static gboolean
may_write (MillResolver *self,
           const char   *function,
           const char   *table)
{
  MillResource *resource = mill_deployment_find_resource (self->deployment, function);
  g_autoptr (JsonObject) made_with = resource != NULL ? mill_resource_dup_properties (resource) : NULL;
  JsonObject *variables = made_with != NULL ? aws_json_get_object (made_with, "Environment.Variables") : NULL;
  gboolean others = FALSE;
  JsonObjectIter iter;
  JsonNode *value;

  if (variables != NULL)
    json_object_iter_init (&iter, variables);
  while (variables != NULL && json_object_iter_next (&iter, NULL, &value))
    {
      const char *named = json_node_get_value_type (value) == G_TYPE_STRING
                          ? mill_deployment_find_by_id (self->deployment, json_node_get_string (value)) : NULL;

      if (g_strcmp0 (named, table) == 0)
        return TRUE;
      others |= named != NULL && g_str_equal (mill_resource_get_type_name (mill_deployment_find_resource (self->deployment, named)), "AWS::DynamoDB::Table");
    }
  return resource != NULL && !others && g_strcmp0 (find_source (self, function, "stream"), table) != 0;
}

static const char *
look_up (MillResolver *self,
         const char   *kind,
         const char   *id,
         const char   *endpoint)
{
  const char *found;

  if (g_str_equal (kind, "tap"))
    return mill_tap_is_queue (self->deployment, id) ? kind : NULL;
  if (g_str_equal (kind, "reader"))
    {
      g_autofree char *stream = g_strdup_printf ("%s/stream/", id);
      return find_by_property (self, "AWS::Lambda::EventSourceMapping", "EventSourceArn", stream, TRUE);
    }
  if (g_str_equal (kind, "subscriber"))
    return find_by_property (self, "AWS::SNS::Subscription", "TopicArn", id, FALSE);
  if (g_str_equal (kind, "stream"))
    {
      const char *part = strstr (id, "/stream/");
      g_autofree char *table = part != NULL ? g_strndup (id, part - id) : g_strdup (id);
      return mill_deployment_find_by_id (self->deployment, table);
    }
  if (g_str_equal (kind, "source"))
    return find_source (self, id, endpoint);
  if (g_str_equal (kind, "writer"))
    return endpoint != NULL && may_write (self, id, endpoint) ? id : NULL;
  if (g_str_equal (kind, "target"))
    {
      g_autofree char *queue = mill_gateway_route_find_queue (self->deployment, id, endpoint, NULL);
      return queue != NULL ? mill_deployment_find_by_id (self->deployment, queue) : NULL;
    }
  if (g_str_equal (kind, "arn"))
    {
      MillResource *resource = mill_deployment_find_resource (self->deployment, id);
      return resource != NULL && *mill_resource_get_arn (resource) != '\0' ? mill_resource_get_arn (resource) : NULL;
    }
  found = *id != '\0' ? mill_deployment_find_by_id (self->deployment, id) : NULL;
  /* A subscription that waits for its confirmation has no ARN: its endpoint tells. */
  if (found == NULL && endpoint != NULL)
    found = find_by_property (self, "AWS::SNS::Subscription", "Endpoint", endpoint, FALSE);
  return found != NULL && !mill_tap_is_part (found) ? found : NULL;
}

static void
on_resource_changed (MillResolver *self)
{
  g_hash_table_remove_all (self->known);
}

static void
mill_resolver_finalize (GObject *object)
{
  MillResolver *self = MILL_RESOLVER (object);

  g_object_unref (self->deployment);
  g_hash_table_unref (self->known);
  G_OBJECT_CLASS (mill_resolver_parent_class)->finalize (object);
}

static void
mill_resolver_class_init (MillResolverClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = mill_resolver_finalize;
}

static void
mill_resolver_init (MillResolver *self)
{
  self->known = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

MillResolver *
mill_resolver_new (MillDeployment *deployment)
{
  MillResolver *self = g_object_new (MILL_TYPE_RESOLVER, NULL);

  self->deployment = g_object_ref (deployment);
  g_signal_connect_object (deployment, "resource-changed", G_CALLBACK (on_resource_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (deployment, "items-changed", G_CALLBACK (on_resource_changed), self, G_CONNECT_SWAPPED);
  return self;
}

const char *
mill_resolver_resolve (const char *kind,
                       const char *id,
                       const char *endpoint,
                       gpointer    resolver)
{
  MillResolver *self = resolver;
  g_autofree char *key = g_strdup_printf ("%s %s %s", kind, id, endpoint != NULL ? endpoint : "");
  const char *found = g_hash_table_lookup (self->known, key);

  if (found == NULL)
    {
      found = look_up (self, kind, id, endpoint);
      found = g_intern_string (found != NULL ? found : "");
      g_hash_table_insert (self->known, g_steal_pointer (&key), (char *) found);
    }
  return *found != '\0' ? found : NULL;
}
