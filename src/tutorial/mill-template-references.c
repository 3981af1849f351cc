/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-template-private.h"

#include <string.h>

#include "mill-function.h"
#include "mill-resource-types.h"

/*
 * References and intrinsic functions, as the CloudFormation User Guide, "Intrinsic function reference", has them. This walk
 * finds what a value needs, and checks it when the template is loaded.
 */

static const char *const pseudo_parameters[] = {
  "AWS::AccountId", "AWS::NoValue", "AWS::Partition", "AWS::Region", "AWS::StackName", "AWS::URLSuffix", NULL
};

typedef struct
{
  MillTemplate   *template;
  MillJsonSource *source;
  GStrvBuilder   *needed;
  GHashTable     *seen;
  GError        **error;
} Finder;

static gboolean find_in (Finder *f, JsonNode *node, const char *path);

static void
need (Finder     *f,
      const char *logical_id)
{
  if (g_hash_table_add (f->seen, g_strdup (logical_id)))
    g_strv_builder_add (f->needed, logical_id);
}

static gboolean
find_ref (Finder     *f,
          const char *name,
          const char *path)
{
  if (g_strv_contains (pseudo_parameters, name) || mill_template_get_parameter (f->template, name) != NULL)
    return TRUE;
  if (mill_template_get_resource (f->template, name) == NULL)
    return mill_json_source_fail (f->source, f->error, path, "There is no parameter or resource “%s” to refer to.", name);
  need (f, name);
  return TRUE;
}

static gboolean
find_attribute (Finder     *f,
                const char *logical_id,
                const char *attribute,
                const char *path)
{
  const MillTemplateResource *resource = mill_template_get_resource (f->template, logical_id);

  if (resource == NULL)
    return mill_json_source_fail (f->source, f->error, path, "There is no resource “%s” to take “%s” from.", logical_id, attribute);
  if (!mill_resource_types_has_attribute (resource->type, attribute))
    return mill_json_source_fail (f->source, f->error, path, "%s has no attribute “%s”.", resource->type, attribute);
  need (f, logical_id);
  return TRUE;
}

typedef struct
{
  Finder     *finder;
  JsonObject *names;
  const char *path;
} SubFinder;

static gboolean
find_sub_name (const char *text,
               gsize       length,
               const char *name,
               gpointer    data)
{
  SubFinder *sub = data;
  const char *dot;

  if (name == NULL || (sub->names != NULL && json_object_has_member (sub->names, name)))
    return TRUE;
  dot = strchr (name, '.');
  if (dot != NULL)
    {
      g_autofree char *logical_id = g_strndup (name, dot - name);
      return find_attribute (sub->finder, logical_id, dot + 1, sub->path);
    }
  return find_ref (sub->finder, name, sub->path);
}

static gboolean
find_in_list (Finder     *f,
              JsonNode   *argument,
              guint       length,
              const char *name,
              const char *path)
{
  if (!JSON_NODE_HOLDS_ARRAY (argument) || json_array_get_length (json_node_get_array (argument)) != length)
    return mill_json_source_fail (f->source, f->error, path, "%s takes a list of %u values.", name, length);
  return find_in (f, argument, path);
}

static gboolean
find_function (Finder     *f,
               const char *name,
               JsonNode   *argument,
               const char *path)
{
  if (g_str_equal (name, "Ref"))
    {
      if (json_node_get_value_type (argument) != G_TYPE_STRING)
        return mill_json_source_fail (f->source, f->error, path, "Ref takes the name of a parameter or resource.");
      return find_ref (f, json_node_get_string (argument), path);
    }
  if (g_str_equal (name, "Fn::GetAtt"))
    {
      g_autofree char *logical_id = NULL;
      g_autofree char *attribute = NULL;

      if (!mill_function_read_get_att (argument, &logical_id, &attribute))
        return mill_json_source_fail (f->source, f->error, path, "Fn::GetAtt takes [\"LogicalId\", \"Attribute\"].");
      return find_attribute (f, logical_id, attribute, path);
    }
  if (g_str_equal (name, "Fn::Sub"))
    {
      SubFinder sub = { f, NULL, path };
      const char *text;

      if (!mill_function_read_sub (argument, &text, &sub.names))
        return mill_json_source_fail (f->source, f->error, path, "Fn::Sub takes a text, or a list of a text and an object with its names.");
      return mill_function_each_sub (text, find_sub_name, &sub) && (!JSON_NODE_HOLDS_ARRAY (argument) || find_in (f, argument, path));
    }
  if (g_str_equal (name, "Fn::Join") || g_str_equal (name, "Fn::Select") || g_str_equal (name, "Fn::Split"))
    return find_in_list (f, argument, 2, name, path);
  return mill_json_source_fail (f->source, f->error, path, "The function “%s” is not supported. Supported are Ref, Fn::GetAtt, Fn::Join, Fn::Select, Fn::Split and Fn::Sub.", name);
}

static gboolean
find_in (Finder     *f,
         JsonNode   *node,
         const char *path)
{
  const char *name;

  if (mill_node_is_function (node, &name))
    {
      g_autofree char *at = g_strdup_printf ("%s.%s", path, name);
      return find_function (f, name, json_object_get_member (json_node_get_object (node), name), at);
    }
  if (JSON_NODE_HOLDS_OBJECT (node))
    {
      JsonObjectIter iter;
      JsonNode *item;

      json_object_iter_init_ordered (&iter, json_node_get_object (node));
      while (json_object_iter_next_ordered (&iter, &name, &item))
        {
          g_autofree char *at = g_strdup_printf ("%s.%s", path, name);

          if (g_str_equal (name, "Ref") || g_str_has_prefix (name, "Fn::"))
            return mill_json_source_fail (f->source, f->error, at, "A function must be the only member of its object.");
          if (!find_in (f, item, at))
            return FALSE;
        }
    }
  else if (JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *array = json_node_get_array (node);

      for (guint i = 0; i < json_array_get_length (array); i++)
        {
          g_autofree char *at = g_strdup_printf ("%s[%u]", path, i);

          if (!find_in (f, json_array_get_element (array, i), at))
            return FALSE;
        }
    }
  return TRUE;
}

static gboolean
find_depends_on (Finder     *f,
                 JsonNode   *node,
                 const char *path)
{
  const char *id;

  if (JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *array = json_node_get_array (node);

      for (guint i = 0; i < json_array_get_length (array); i++)
        if (!find_depends_on (f, json_array_get_element (array, i), path))
          return FALSE;
      return TRUE;
    }
  if (json_node_get_value_type (node) != G_TYPE_STRING)
    return mill_json_source_fail (f->source, f->error, path, "DependsOn takes a logical id or a list of them.");
  id = json_node_get_string (node);
  if (mill_template_get_resource (f->template, id) == NULL)
    return mill_json_source_fail (f->source, f->error, path, "There is no resource “%s” to depend on.", id);
  need (f, id);
  return TRUE;
}

char **
mill_template_find_dependencies (MillTemplate   *self,
                                 MillJsonSource *source,
                                 JsonObject     *object,
                                 const char     *path,
                                 GError        **error)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_autoptr (GStrvBuilder) needed = g_strv_builder_new ();
  Finder f = { self, source, needed, seen, error };
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    {
      g_autofree char *at = g_strdup_printf ("%s.%s", path, name);
      gboolean ok = g_str_equal (name, "DependsOn") ? find_depends_on (&f, node, at) : find_in (&f, node, at);

      if (!ok)
        return NULL;
    }
  return g_strv_builder_end (needed);
}
