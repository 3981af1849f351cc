/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "aws-json.h"
#include "mill-template-private.h"

#include <string.h>

#include "mill-function.h"
#include "mill-resource-types.h"

typedef struct
{
  MillTemplate    *template;
  const MillScope *scope;
  GError         **error;
} Resolver;

static JsonNode *resolve (Resolver *r, JsonNode *node);

static JsonNode *
text_node (const char *text)
{
  return json_node_init_string (json_node_alloc (), text);
}

/* Takes @array. */
static JsonNode *
list_node (JsonArray *array)
{
  JsonNode *node = json_node_new (JSON_NODE_ARRAY);

  json_node_take_array (node, array);
  return node;
}

static JsonNode *
resolve_failed (Resolver   *r,
                const char *format,
                ...) G_GNUC_PRINTF (2, 3);

static JsonNode *
resolve_failed (Resolver   *r,
                const char *format,
                ...)
{
  va_list args;
  g_autofree char *message = NULL;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error_literal (r->error, MILL_TUTORIAL_ERROR, MILL_TUTORIAL_ERROR_CONTENT, message);
  return NULL;
}

static JsonNode *
resolve_made (Resolver   *r,
              const char *logical_id,
              const char *attribute)
{
  g_autofree char *value = r->scope->lookup != NULL
                           ? r->scope->lookup (logical_id, attribute, r->scope->lookup_data) : NULL;

  if (value == NULL)
    return resolve_failed (r, attribute != NULL ? "“%s” is not made yet, so its %s is not known." : "“%s” is not made yet.",
                           logical_id, attribute);
  return text_node (value);
}

static JsonNode *
resolve_ref (Resolver   *r,
             const char *name)
{
  const MillParameter *parameter = mill_template_get_parameter (r->template, name);
  const MillScope *scope = r->scope;

  if (parameter != NULL)
    {
      const char *value = scope->parameters != NULL ? g_hash_table_lookup (scope->parameters, name) : NULL;

      if (value == NULL)
        value = parameter->default_value;
      if (value == NULL)
        return resolve_failed (r, "The parameter “%s” has no value yet.", name);
      if (g_str_equal (parameter->type, "CommaDelimitedList"))
        {
          g_auto (GStrv) items = g_strsplit (value, ",", -1);
          JsonArray *array = json_array_new ();

          for (guint i = 0; items[i] != NULL; i++)
            json_array_add_string_element (array, g_strstrip (items[i]));
          return list_node (array);
        }
      return text_node (value);
    }
  if (g_str_equal (name, "AWS::AccountId"))
    return scope->account_id != NULL ? text_node (scope->account_id) : resolve_failed (r, "The account is not known yet.");
  if (g_str_equal (name, "AWS::Region"))
    return text_node (scope->region);
  if (g_str_equal (name, "AWS::Partition"))
    return text_node (scope->partition != NULL ? scope->partition : "aws");
  if (g_str_equal (name, "AWS::URLSuffix"))
    return text_node (scope->url_suffix != NULL ? scope->url_suffix : "amazonaws.com");
  if (g_str_equal (name, "AWS::StackName"))
    return text_node (scope->stack_name != NULL ? scope->stack_name : "");
  if (g_str_equal (name, "AWS::NoValue"))
    return json_node_new (JSON_NODE_NULL);
  return resolve_made (r, name, NULL);
}

typedef struct
{
  Resolver   *resolver;
  JsonObject *names;
  GString    *text;
} SubResolver;

static gboolean
resolve_sub_name (const char *text,
                  gsize       length,
                  const char *name,
                  gpointer    data)
{
  SubResolver *sub = data;
  g_autoptr (JsonNode) value = NULL;
  const char *dot;

  g_string_append_len (sub->text, text, length);
  if (name == NULL)
    return TRUE;
  dot = strchr (name, '.');
  if (sub->names != NULL && json_object_has_member (sub->names, name))
    value = resolve (sub->resolver, json_object_get_member (sub->names, name));
  else if (dot != NULL)
    {
      g_autofree char *logical_id = g_strndup (name, dot - name);
      value = resolve_made (sub->resolver, logical_id, dot + 1);
    }
  else
    value = resolve_ref (sub->resolver, name);
  if (value == NULL)
    return FALSE;
  if (json_node_get_value_type (value) == G_TYPE_STRING)
    g_string_append (sub->text, json_node_get_string (value));
  else
    {
      g_autofree char *json = json_to_string (value, FALSE);
      g_string_append (sub->text, json);
    }
  return TRUE;
}

static JsonNode *
resolve_sub (Resolver *r,
             JsonNode *argument)
{
  g_autoptr (GString) text = g_string_new (NULL);
  SubResolver sub = { r, NULL, text };
  const char *format;

  mill_function_read_sub (argument, &format, &sub.names);
  return mill_function_each_sub (format, resolve_sub_name, &sub) ? text_node (text->str) : NULL;
}

/* Fn::Join, Fn::Select and Fn::Split: both arguments resolved. */
static JsonNode *
resolve_list_function (Resolver   *r,
                       const char *name,
                       JsonNode   *argument)
{
  g_autoptr (JsonNode) arguments = resolve (r, argument);
  JsonNode *first, *second;

  if (arguments == NULL)
    return NULL;
  first = json_array_get_element (json_node_get_array (arguments), 0);
  second = json_array_get_element (json_node_get_array (arguments), 1);
  if (g_str_equal (name, "Fn::Split"))
    {
      g_auto (GStrv) items = NULL;
      JsonArray *array;

      if (json_node_get_value_type (first) != G_TYPE_STRING || json_node_get_value_type (second) != G_TYPE_STRING
          || json_node_get_string (first)[0] == '\0')
        return resolve_failed (r, "Fn::Split takes a delimiter and a text.");
      items = g_strsplit (json_node_get_string (second), json_node_get_string (first), -1);
      array = json_array_new ();
      for (guint i = 0; items[i] != NULL; i++)
        json_array_add_string_element (array, items[i]);
      return list_node (array);
    }
  if (!JSON_NODE_HOLDS_ARRAY (second))
    return resolve_failed (r, "%s takes a list as its second value.", name);
  if (g_str_equal (name, "Fn::Select"))
    {
      g_autofree char *text = JSON_NODE_HOLDS_VALUE (first) ? json_to_string (first, FALSE) : g_strdup ("");
      const char *digits = text[0] == '"' ? text + 1 : text;
      guint64 index = g_ascii_strtoull (digits, NULL, 10);

      if (!g_ascii_isdigit (*digits) || index >= json_array_get_length (json_node_get_array (second)))
        return resolve_failed (r, "Fn::Select: there is no value at place %s of the list.", text);
      return json_array_dup_element (json_node_get_array (second), index);
    }
  if (json_node_get_value_type (first) != G_TYPE_STRING)
    return resolve_failed (r, "Fn::Join takes a delimiter and a list.");
  {
    g_autoptr (GString) text = g_string_new (NULL);
    JsonArray *array = json_node_get_array (second);

    for (guint i = 0; i < json_array_get_length (array); i++)
      {
        JsonNode *item = json_array_get_element (array, i);

        if (i > 0)
          g_string_append (text, json_node_get_string (first));
        if (json_node_get_value_type (item) == G_TYPE_STRING)
          g_string_append (text, json_node_get_string (item));
        else
          {
            g_autofree char *json = json_to_string (item, FALSE);
            g_string_append (text, json);
          }
      }
    return text_node (text->str);
  }
}

static JsonNode *
resolve_function (Resolver   *r,
                  const char *name,
                  JsonNode   *argument)
{
  if (g_str_equal (name, "Ref"))
    return resolve_ref (r, json_node_get_string (argument));
  if (g_str_equal (name, "Fn::GetAtt"))
    {
      g_autofree char *logical_id = NULL;
      g_autofree char *attribute = NULL;

      mill_function_read_get_att (argument, &logical_id, &attribute);
      return resolve_made (r, logical_id, attribute);
    }
  if (g_str_equal (name, "Fn::Sub"))
    return resolve_sub (r, argument);
  return resolve_list_function (r, name, argument);
}

static JsonNode *
resolve (Resolver *r,
         JsonNode *node)
{
  const char *name;

  if (mill_node_is_function (node, &name))
    return resolve_function (r, name, json_object_get_member (json_node_get_object (node), name));
  if (JSON_NODE_HOLDS_OBJECT (node))
    {
      g_autoptr (JsonObject) object = json_object_new ();
      JsonObjectIter iter;
      JsonNode *item;

      json_object_iter_init_ordered (&iter, json_node_get_object (node));
      while (json_object_iter_next_ordered (&iter, &name, &item))
        {
          g_autoptr (JsonNode) value = resolve (r, item);

          if (value == NULL)
            return NULL;
          /* AWS::NoValue */
          if (!JSON_NODE_HOLDS_NULL (value))
            json_object_set_member (object, name, g_steal_pointer (&value));
        }
      return json_node_init_object (json_node_alloc (), object);
    }
  if (JSON_NODE_HOLDS_ARRAY (node))
    {
      g_autoptr (JsonArray) array = json_array_new ();
      JsonArray *items = json_node_get_array (node);

      for (guint i = 0; i < json_array_get_length (items); i++)
        {
          g_autoptr (JsonNode) value = resolve (r, json_array_get_element (items, i));

          if (value == NULL)
            return NULL;
          if (!JSON_NODE_HOLDS_NULL (value))
            json_array_add_element (array, g_steal_pointer (&value));
        }
      return json_node_init_array (json_node_alloc (), array);
    }
  return aws_json_copy_node (node);
}

JsonNode *
mill_template_resolve (MillTemplate    *self,
                       JsonNode        *value,
                       const MillScope *scope,
                       GError         **error)
{
  Resolver r = { self, scope, error };

  g_return_val_if_fail (MILL_IS_TEMPLATE (self), NULL);
  return resolve (&r, value);
}
