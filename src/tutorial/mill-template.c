/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-template-private.h"

#include <math.h>
#include <string.h>

#include "mill-resource-types.h"

struct _MillTemplate
{
  GObject     parent_instance;

  JsonNode   *root;
  GPtrArray  *parameters;   /* MillParameter, in file order */
  GPtrArray  *resources;    /* MillTemplateResource, in file order */
  GHashTable *by_id;        /* logical id → MillTemplateResource, borrowed */
};

G_DEFINE_FINAL_TYPE (MillTemplate, mill_template, G_TYPE_OBJECT)
G_DEFINE_QUARK (mill-tutorial-error-quark, mill_tutorial_error)

static void
parameter_free (MillParameter *parameter)
{
  g_strfreev (parameter->allowed_values);
  g_free ((char *) parameter->default_value);
  g_free (parameter);
}

static void
resource_free (MillTemplateResource *resource)
{
  g_strfreev (resource->depends_on);
  g_clear_pointer (&resource->properties, json_object_unref);
  g_free (resource);
}

/* A literal of a parameter as text: CloudFormation takes numbers and texts alike. */
static char *
literal (JsonNode *node)
{
  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node))
    return NULL;
  if (json_node_get_value_type (node) == G_TYPE_STRING)
    return json_node_dup_string (node);
  return json_to_string (node, FALSE);
}

static gboolean
read_number (MillJsonSource  *source,
             JsonObject      *object,
             const char      *path,
             const char      *member,
             double          *value,
             GError         **error)
{
  g_autofree char *text = NULL;
  char *end = NULL;

  *value = NAN;
  if (!json_object_has_member (object, member))
    return TRUE;
  text = literal (json_object_get_member (object, member));
  if (text != NULL)
    *value = g_ascii_strtod (text, &end);
  if (text == NULL || end == text || *end != '\0')
    {
      g_autofree char *at = g_strdup_printf ("%s.%s", path, member);
      return mill_json_source_fail (source, error, at, "This must be a number.");
    }
  return TRUE;
}

static gboolean
load_parameter (MillTemplate    *self,
                MillJsonSource  *source,
                const char      *name,
                JsonObject      *object,
                const char      *path,
                GError         **error)
{
  static const char *const members[] = {
    "Type", "Default", "Description", "AllowedPattern", "AllowedValues", "ConstraintDescription",
    "MinLength", "MaxLength", "MinValue", "MaxValue", "NoEcho", NULL
  };
  static const char *const types[] = { "String", "Number", "CommaDelimitedList", NULL };
  MillParameter *parameter = g_new0 (MillParameter, 1);
  g_autoptr (GError) local = NULL;
  JsonArray *values;
  double least, most;

  g_ptr_array_add (self->parameters, parameter);
  parameter->name = name;
  if (!mill_json_source_only (source, object, path, members, error))
    return FALSE;
  parameter->type = mill_json_source_string (source, object, path, "Type", TRUE, error);
  if (parameter->type == NULL)
    return FALSE;
  if (!g_strv_contains (types, parameter->type))
    {
      g_autofree char *at = g_strdup_printf ("%s.Type", path);
      return mill_json_source_fail (source, error, at,
                                    "A parameter’s type is String, Number or CommaDelimitedList.");
    }
  parameter->default_value = literal (json_object_get_member (object, "Default"));
  parameter->description = mill_json_source_string (source, object, path, "Description", FALSE, &local);
  if (parameter->description == NULL)
    parameter->description = "";
  if (local == NULL)
    parameter->allowed_pattern = mill_json_source_string (source, object, path, "AllowedPattern", FALSE, &local);
  if (local == NULL)
    parameter->constraint_description = mill_json_source_string (source, object, path, "ConstraintDescription", FALSE, &local);
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (parameter->allowed_pattern != NULL)
    {
      g_autoptr (GRegex) regex = g_regex_new (parameter->allowed_pattern, 0, 0, &local);

      if (regex == NULL)
        {
          g_autofree char *at = g_strdup_printf ("%s.AllowedPattern", path);
          return mill_json_source_fail (source, error, at, "%s", local->message);
        }
    }
  values = mill_json_source_array (source, object, path, "AllowedValues", FALSE, &local);
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (values != NULL)
    {
      g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

      for (guint i = 0; i < json_array_get_length (values); i++)
        {
          g_autofree char *value = literal (json_array_get_element (values, i));
          if (value != NULL)
            g_strv_builder_add (builder, value);
        }
      parameter->allowed_values = g_strv_builder_end (builder);
    }
  if (!read_number (source, object, path, "MinLength", &least, error)
      || !read_number (source, object, path, "MaxLength", &most, error)
      || !read_number (source, object, path, "MinValue", &parameter->min_value, error)
      || !read_number (source, object, path, "MaxValue", &parameter->max_value, error))
    return FALSE;
  parameter->min_length = isnan (least) ? -1 : (gint64) least;
  parameter->max_length = isnan (most) ? -1 : (gint64) most;
  parameter->no_echo = json_object_get_boolean_member_with_default (object, "NoEcho", FALSE);
  if (parameter->default_value != NULL && !mill_parameter_check (parameter, parameter->default_value, &local))
    {
      g_autofree char *at = g_strdup_printf ("%s.Default", path);
      return mill_json_source_fail (source, error, at, "%s", local->message);
    }
  return TRUE;
}

static gboolean
load_resource (MillTemplate    *self,
               MillJsonSource  *source,
               const char      *logical_id,
               JsonObject      *object,
               const char      *path,
               GError         **error)
{
  static const char *const members[] = { "Type", "Properties", "DependsOn", "Metadata", NULL };
  g_autofree char *properties_path = g_strdup_printf ("%s.Properties", path);
  MillTemplateResource *resource;
  g_autoptr (GError) local = NULL;
  const char *type;
  JsonObject *properties;

  if (!g_regex_match_simple ("^[A-Za-z0-9]{1,255}$", logical_id, 0, 0))
    {
      return mill_json_source_fail (source, error, path,
                                    "A logical id has only letters and digits.");
    }
  if (!mill_json_source_only (source, object, path, members, error))
    return FALSE;
  type = mill_json_source_string (source, object, path, "Type", TRUE, error);
  if (type == NULL)
    return FALSE;
  if (mill_resource_type_lookup (type) == NULL)
    {
      g_autofree char *at = g_strdup_printf ("%s.Type", path);
      g_autofree char *known = mill_resource_types_list ();
      return mill_json_source_fail (source, error, at,
                                    "The resource type “%s” is not known. Known are: %s.", type, known);
    }
  properties = mill_json_source_object (source, object, path, "Properties", FALSE, &local);
  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  resource = g_new0 (MillTemplateResource, 1);
  resource->logical_id = logical_id;
  resource->type = type;
  resource->properties = properties != NULL ? json_object_ref (properties) : json_object_new ();
  g_ptr_array_add (self->resources, resource);
  g_hash_table_insert (self->by_id, (char *) logical_id, resource);
  return mill_resource_types_check (source, type, resource->properties, properties_path, error);
}

static gboolean
each_member (MillTemplate    *self,
             MillJsonSource  *source,
             JsonObject      *root,
             const char      *section,
             gboolean       (*load) (MillTemplate *, MillJsonSource *, const char *, JsonObject *, const char *, GError **),
             GError         **error)
{
  g_autofree char *section_path = g_strdup_printf ("$.%s", section);
  g_autoptr (GError) local = NULL;
  JsonObject *object = mill_json_source_object (source, root, "$", section, FALSE, &local);
  JsonObjectIter iter;
  const char *name;
  JsonNode *node;

  if (local != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&local));
      return FALSE;
    }
  if (object == NULL)
    return TRUE;
  json_object_iter_init_ordered (&iter, object);
  while (json_object_iter_next_ordered (&iter, &name, &node))
    {
      g_autofree char *path = g_strdup_printf ("%s.%s", section_path, name);

      if (!JSON_NODE_HOLDS_OBJECT (node))
        {
          return mill_json_source_fail (source, error, path, "This must be an object.");
        }
      if (!load (self, source, name, json_node_get_object (node), path, error))
        return FALSE;
    }
  return TRUE;
}

/* Depth-first; a resource that is met again while it is on the way closes a cycle. */
static gboolean
find_cycle (MillTemplate               *self,
            const MillTemplateResource *resource,
            GHashTable                 *marks,
            GPtrArray                  *way,
            char                      **cycle)
{
  gpointer mark = g_hash_table_lookup (marks, resource->logical_id);

  if (mark == GINT_TO_POINTER (2))
    return FALSE;
  g_ptr_array_add (way, (char *) resource->logical_id);
  if (mark == GINT_TO_POINTER (1))
    {
      g_autoptr (GString) text = g_string_new (NULL);
      guint first = 0;

      while (!g_str_equal (way->pdata[first], resource->logical_id))
        first++;
      for (guint i = first; i < way->len; i++)
        g_string_append_printf (text, "%s%s", i > first ? " → " : "", (char *) way->pdata[i]);
      *cycle = g_string_free (g_steal_pointer (&text), FALSE);
      return TRUE;
    }
  g_hash_table_insert (marks, (char *) resource->logical_id, GINT_TO_POINTER (1));
  for (guint i = 0; resource->depends_on[i] != NULL; i++)
    if (find_cycle (self, mill_template_get_resource (self, resource->depends_on[i]), marks, way, cycle))
      return TRUE;
  g_hash_table_insert (marks, (char *) resource->logical_id, GINT_TO_POINTER (2));
  g_ptr_array_set_size (way, way->len - 1);
  return FALSE;
}

static gboolean
connect_resources (MillTemplate    *self,
                   MillJsonSource  *source,
                   JsonObject      *root,
                   GError         **error)
{
  g_autoptr (GHashTable) marks = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr (GPtrArray) way = g_ptr_array_new ();
  JsonObject *resources = json_object_get_object_member (root, "Resources");

  for (guint i = 0; i < self->resources->len; i++)
    {
      MillTemplateResource *resource = self->resources->pdata[i];
      JsonObject *object = json_object_get_object_member (resources, resource->logical_id);
      g_autofree char *path = g_strdup_printf ("$.Resources.%s", resource->logical_id);

      resource->depends_on = mill_template_find_dependencies (self, source, object, path, error);
      if (resource->depends_on == NULL)
        return FALSE;
    }
  for (guint i = 0; i < self->resources->len; i++)
    {
      MillTemplateResource *resource = self->resources->pdata[i];
      g_autofree char *cycle = NULL;

      g_ptr_array_set_size (way, 0);
      if (find_cycle (self, resource, marks, way, &cycle))
        {
          g_autofree char *path = g_strdup_printf ("$.Resources.%s", (char *) way->pdata[way->len - 1]);
          return mill_json_source_fail (source, error, path,
                                        "These resources need each other in a circle: %s. Remove one of the references.", cycle);
        }
    }
  return TRUE;
}

static MillTemplate *
load (MillJsonSource  *source,
      GError         **error)
{
  static const char *const members[] = {
    "AWSTemplateFormatVersion", "Description", "Metadata", "Parameters", "Resources", "Outputs", NULL
  };
  g_autoptr (MillTemplate) self = g_object_new (MILL_TYPE_TEMPLATE, NULL);
  JsonObject *root;

  self->root = json_node_ref (mill_json_source_get_root (source));
  if (!JSON_NODE_HOLDS_OBJECT (self->root))
    {
      mill_json_source_fail (source, error, "$", "A template is an object.");
      return NULL;
    }
  root = json_node_get_object (self->root);
  if (!mill_json_source_only (source, root, "$", members, error)
      || mill_json_source_object (source, root, "$", "Resources", TRUE, error) == NULL
      || !each_member (self, source, root, "Parameters", load_parameter, error)
      || !each_member (self, source, root, "Resources", load_resource, error)
      || !connect_resources (self, source, root, error))
    return NULL;
  if (json_object_has_member (root, "Outputs"))
    {
      JsonObject *outputs = mill_json_source_object (source, root, "$", "Outputs", FALSE, error);
      g_auto (GStrv) needed = NULL;

      if (outputs == NULL)
        return NULL;
      needed = mill_template_find_dependencies (self, source, outputs, "$.Outputs", error);
      if (needed == NULL)
        return NULL;
    }
  return g_steal_pointer (&self);
}

static void
mill_template_finalize (GObject *object)
{
  MillTemplate *self = MILL_TEMPLATE (object);

  g_clear_pointer (&self->by_id, g_hash_table_unref);
  g_clear_pointer (&self->parameters, g_ptr_array_unref);
  g_clear_pointer (&self->resources, g_ptr_array_unref);
  g_clear_pointer (&self->root, json_node_unref);
  G_OBJECT_CLASS (mill_template_parent_class)->finalize (object);
}

static void
mill_template_class_init (MillTemplateClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = mill_template_finalize;
}

static void
mill_template_init (MillTemplate *self)
{
  self->parameters = g_ptr_array_new_with_free_func ((GDestroyNotify) parameter_free);
  self->resources = g_ptr_array_new_with_free_func ((GDestroyNotify) resource_free);
  self->by_id = g_hash_table_new (g_str_hash, g_str_equal);
}

MillTemplate *
mill_template_load (const char  *path,
                    GError     **error)
{
  g_autoptr (MillJsonSource) source = mill_json_source_load (path, error);

  return source != NULL ? load (source, error) : NULL;
}

MillTemplate *
mill_template_parse (const char  *text,
                     gssize       length,
                     const char  *name,
                     GError     **error)
{
  g_autoptr (MillJsonSource) source = mill_json_source_parse (text, length, name, error);

  return source != NULL ? load (source, error) : NULL;
}

GPtrArray *
mill_template_get_parameters (MillTemplate *self)
{
  g_return_val_if_fail (MILL_IS_TEMPLATE (self), NULL);
  return self->parameters;
}

GPtrArray *
mill_template_get_resources (MillTemplate *self)
{
  g_return_val_if_fail (MILL_IS_TEMPLATE (self), NULL);
  return self->resources;
}

const MillParameter *
mill_template_get_parameter (MillTemplate *self,
                             const char   *name)
{
  g_return_val_if_fail (MILL_IS_TEMPLATE (self), NULL);
  for (guint i = 0; i < self->parameters->len; i++)
    {
      const MillParameter *parameter = self->parameters->pdata[i];

      if (g_str_equal (parameter->name, name))
        return parameter;
    }
  return NULL;
}

const MillTemplateResource *
mill_template_get_resource (MillTemplate *self,
                            const char   *logical_id)
{
  g_return_val_if_fail (MILL_IS_TEMPLATE (self), NULL);
  return g_hash_table_lookup (self->by_id, logical_id);
}
