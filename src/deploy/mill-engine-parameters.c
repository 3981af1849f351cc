/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-engine-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* IAM API reference, Role; empty for none. */
#define ROLE_NAME "^[\\w+=,.@-]{0,64}$"

static gboolean
check_parameter (MillTutorial  *tutorial,
                 const char    *name,
                 const char    *value,
                 GError       **error)
{
  const MillParameter *parameter = mill_template_get_parameter (mill_tutorial_get_template (tutorial), name);

  if (strcmp (name, MILL_PARAMETER_ROLE) == 0)
    {
      if (g_regex_match_simple (ROLE_NAME, value, 0, 0))
        return TRUE;
      g_set_error_literal (error, MILL_TUTORIAL_ERROR, MILL_TUTORIAL_ERROR_PARAMETER,
                           _("A role is named by 1 to 64 letters, digits and + = , . @ - _: give its name alone, not its ARN."));
      return FALSE;
    }
  if (parameter == NULL)
    {
      g_set_error (error, MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_UNKNOWN, _("%s has no parameter “%s”."), mill_tutorial_get_id (tutorial), name);
      return FALSE;
    }
  return mill_parameter_check (parameter, value, error);
}

static gboolean mentions (JsonNode   *node,
                          const char *name);

/* Whether @object has a reference to the parameter @name in it. */
static gboolean
object_mentions (JsonObject *object,
                 const char *name)
{
  JsonObjectIter iter;
  const char *member;
  JsonNode *value;

  json_object_iter_init (&iter, object);
  while (json_object_iter_next (&iter, &member, &value))
    if ((strcmp (member, "Ref") == 0 && JSON_NODE_HOLDS_VALUE (value) && g_strcmp0 (json_node_get_string (value), name) == 0) ||
        mentions (value, name))
      return TRUE;
  return FALSE;
}

static gboolean
mentions (JsonNode   *node,
          const char *name)
{
  if (JSON_NODE_HOLDS_OBJECT (node))
    return object_mentions (json_node_get_object (node), name);
  if (JSON_NODE_HOLDS_ARRAY (node))
    {
      JsonArray *array = json_node_get_array (node);

      for (guint i = 0; i < json_array_get_length (array); i++)
        if (mentions (json_array_get_element (array, i), name))
          return TRUE;
    }
  else if (JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING)
    {
      g_autofree char *inside = g_strdup_printf ("${%s}", name);

      return strstr (json_node_get_string (node), inside) != NULL;
    }
  return FALSE;
}

GHashTable *
mill_parameters_new (MillTutorial *tutorial)
{
  GHashTable *parameters = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  GPtrArray *known = tutorial != NULL ? mill_template_get_parameters (mill_tutorial_get_template (tutorial)) : NULL;

  for (guint i = 0; known != NULL && i < known->len; i++)
    {
      const MillParameter *parameter = known->pdata[i];

      if (parameter->default_value != NULL)
        g_hash_table_insert (parameters, g_strdup (parameter->name), g_strdup (parameter->default_value));
    }
  return parameters;
}

GHashTable *
mill_parameters_fill (MillTutorial  *tutorial,
                      GHashTable    *given,
                      GError       **error)
{
  g_autoptr(GHashTable) values = mill_parameters_new (tutorial);
  GPtrArray *known = mill_template_get_parameters (mill_tutorial_get_template (tutorial));
  GHashTableIter iter;
  gpointer name, value;

  if (given != NULL)
    {
      g_hash_table_iter_init (&iter, given);
      while (g_hash_table_iter_next (&iter, &name, &value))
        {
          if (!check_parameter (tutorial, name, value, error))
            return NULL;
          g_hash_table_insert (values, g_strdup (name), g_strdup (value));
        }
    }
  for (guint i = 0; i < known->len; i++)
    {
      const MillParameter *parameter = known->pdata[i];

      if (!g_hash_table_contains (values, parameter->name))
        {
          g_set_error (error, MILL_TUTORIAL_ERROR, MILL_TUTORIAL_ERROR_PARAMETER, _("The parameter %s has no value: %s"),
                       parameter->name, parameter->description);
          return NULL;
        }
    }
  return g_steal_pointer (&values);
}

gboolean
mill_engine_set_parameter (MillEngine      *self,
                           MillDeployment  *deployment,
                           const char      *name,
                           const char      *value,
                           GError         **error)
{
  MillTutorial *tutorial = mill_deployment_get_tutorial (deployment);
  g_autoptr(GPtrArray) records = mill_deployment_dup_records (deployment);

  if (tutorial == NULL)
    {
      g_set_error (error, MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_UNKNOWN, _("The tutorial %s is not there any more."),
                   mill_deployment_get_tutorial_id (deployment));
      return FALSE;
    }
  if (!check_parameter (tutorial, name, value, error))
    return FALSE;
  if (g_strcmp0 (mill_deployment_get_parameter (deployment, name), value) == 0)
    return TRUE;
  for (guint i = 0; i < records->len; i++)
    {
      MillRecord *record = records->pdata[i];
      const MillTemplateResource *resource = mill_template_get_resource (mill_tutorial_get_template (tutorial), record->logical_id);

      /* What failed without leaving anything may be given another name. */
      if (resource == NULL || !mill_record_may_exist (record) || (record->state == MILL_RESOURCE_FAILED && *record->physical_id == '\0'))
        continue;
      if (strcmp (name, MILL_PARAMETER_ROLE) == 0 ? mill_handler_is_of_role (resource->type) : object_mentions (resource->properties, name))
        {
          g_set_error (error, MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_NOT_READY,
                       _("%s is in use: %s was made with it. Undo its step first."), name, record->logical_id);
          return FALSE;
        }
    }
  if (!mill_deployment_begin (deployment, error))
    return FALSE;
  mill_deployment_put_parameter (deployment, name, value);
  mill_deployment_end (deployment);
  return mill_ledger_commit (mill_engine_get_ledger (self), error);
}
