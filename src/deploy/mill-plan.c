/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "aws-json.h"
#include "mill-engine-private.h"

/* "Table.StreamSpecification" → "StreamSpecification" where it is one of @logical_id; else NULL. */
static const char *
property_of (const char *path,
             const char *logical_id)
{
  gsize length = strlen (logical_id);

  return strncmp (path, logical_id, length) == 0 && path[length] == '.' ? path + length + 1 : NULL;
}

gboolean
mill_plan_step_sets (MillStep   *step,
                     const char *logical_id)
{
  const char *const *paths = mill_step_get_properties (step);

  for (guint i = 0; paths != NULL && paths[i] != NULL; i++)
    if (property_of (paths[i], logical_id) != NULL)
      return TRUE;
  return FALSE;
}

gboolean
mill_plan_step_builds (MillStep *step)
{
  const char *const *resources = mill_step_get_resources (step);
  const char *const *paths = mill_step_get_properties (step);

  return (resources != NULL && resources[0] != NULL) || (paths != NULL && paths[0] != NULL);
}

gboolean
mill_plan_step_cleans_up (MillStep *step)
{
  GPtrArray *actions = mill_step_get_actions (step);

  for (guint i = 0; actions != NULL && i < actions->len; i++)
    if (((const MillAction *) actions->pdata[i])->kind == MILL_ACTION_CLEAN_UP)
      return TRUE;
  return FALSE;
}

GHashTable *
mill_plan_dup_done (MillDeployment *deployment)
{
  GHashTable *done = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  MillTutorial *tutorial = mill_deployment_get_tutorial (deployment);
  GPtrArray *steps = tutorial != NULL ? mill_tutorial_get_steps (tutorial) : NULL;

  for (guint i = 0; steps != NULL && i < steps->len; i++)
    {
      const char *id = mill_step_get_id (steps->pdata[i]);

      if (mill_deployment_peek_step_state (deployment, id) == MILL_STEP_DONE)
        g_hash_table_add (done, g_strdup (id));
    }
  return done;
}

/* As CloudFormation does: a name from the stack's and the logical id where the template gives none. */
static char *
make_name (MillDeployment *deployment,
           const char     *logical_id)
{
  return g_strdup_printf ("%s-%s", mill_deployment_get_id (deployment), logical_id);
}

/* Unresolved: as the maker makes it, then what each later step that is done sets. */
static JsonObject *
dup_raw (MillTutorial *tutorial,
         const char   *logical_id,
         GHashTable   *done)
{
  JsonObject *properties = mill_tutorial_get_properties_at (tutorial, logical_id, mill_tutorial_find_maker (tutorial, logical_id));
  GPtrArray *steps = mill_tutorial_get_steps (tutorial);

  for (guint i = 0; i < steps->len; i++)
    {
      const char *const *paths = mill_step_get_properties (steps->pdata[i]);
      g_autoptr(JsonObject) later = NULL;

      if (!g_hash_table_contains (done, mill_step_get_id (steps->pdata[i])))
        continue;
      for (guint j = 0; paths != NULL && paths[j] != NULL; j++)
        {
          const char *path = property_of (paths[j], logical_id);
          g_autofree char *name = NULL;

          if (path == NULL)
            continue;
          name = g_strndup (path, strcspn (path, "."));
          if (later == NULL)
            later = mill_tutorial_get_properties_at (tutorial, logical_id, steps->pdata[i]);
          if (json_object_has_member (later, name))
            json_object_set_member (properties, name, aws_json_copy_node (json_object_get_member (later, name)));
          else
            json_object_remove_member (properties, name);
        }
    }
  return properties;
}

JsonObject *
mill_plan_dup_properties (MillDeployment  *deployment,
                          const char      *logical_id,
                          GHashTable      *done,
                          GError         **error)
{
  MillTutorial *tutorial = mill_deployment_get_tutorial (deployment);
  g_autoptr(JsonObject) raw = dup_raw (tutorial, logical_id, done);
  g_autoptr(JsonNode) node = json_node_init_object (json_node_alloc (), raw);
  g_autoptr(JsonNode) resolved = NULL;
  const MillTemplateResource *resource = mill_template_get_resource (mill_tutorial_get_template (tutorial), logical_id);
  const MillHandler *handler = mill_handler_find_for (deployment, resource->type);
  g_autoptr(GError) local = NULL;
  JsonObject *properties;
  JsonObject *type;
  MillScope scope;

  mill_deployment_get_scope (deployment, &scope);
  resolved = mill_template_resolve (mill_tutorial_get_template (tutorial), node, &scope, &local);
  if (resolved == NULL || !JSON_NODE_HOLDS_OBJECT (resolved))
    {
      g_set_error (error, MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_NOT_READY,
                   _("%s refers to something that is not made yet: do the earlier steps first.%s%s"), logical_id,
                   local != NULL ? " " : "", local != NULL ? local->message : "");
      return NULL;
    }
  type = mill_resource_type_lookup (resource->type);
  properties = mill_properties_coerce (json_node_get_object (resolved), type != NULL ? aws_json_get_object (type, "properties") : NULL);

  if (handler != NULL && handler->name_property != NULL && !json_object_has_member (properties, handler->name_property))
    {
      g_autofree char *name = make_name (deployment, logical_id);

      json_object_set_string_member (properties, handler->name_property, name);
    }
  return properties;
}

char *
mill_plan_dup_name (MillDeployment *deployment,
                    const char     *logical_id)
{
  MillTemplate *template = mill_tutorial_get_template (mill_deployment_get_tutorial (deployment));
  const MillTemplateResource *resource = mill_template_get_resource (template, logical_id);
  const MillHandler *handler = mill_handler_find_for (deployment, resource->type);
  g_autoptr(JsonNode) resolved = NULL;
  MillScope scope;

  if (handler == NULL || handler->name_property == NULL)
    return g_strdup ("");
  if (!json_object_has_member (resource->properties, handler->name_property))
    return make_name (deployment, logical_id);
  mill_deployment_get_scope (deployment, &scope);
  resolved = mill_template_resolve (template, json_object_get_member (resource->properties, handler->name_property), &scope, NULL);
  return resolved != NULL && JSON_NODE_HOLDS_VALUE (resolved) ? json_node_dup_string (resolved) : g_strdup ("");
}

MillDeploymentState
mill_plan_judge (MillDeployment *deployment)
{
  MillTutorial *tutorial = mill_deployment_get_tutorial (deployment);
  GPtrArray *steps = tutorial != NULL ? mill_tutorial_get_steps (tutorial) : NULL;
  g_autoptr(GPtrArray) records = mill_deployment_dup_records (deployment);
  gboolean all = TRUE;
  gboolean any = FALSE;

  for (guint i = 0; steps != NULL && i < steps->len; i++)
    {
      MillStepState state = mill_deployment_peek_step_state (deployment, mill_step_get_id (steps->pdata[i]));

      if (state == MILL_STEP_FAILED)
        return MILL_DEPLOYMENT_FAILED;
      if (mill_plan_step_builds (steps->pdata[i]))
        all = all && state == MILL_STEP_DONE;
    }
  for (guint i = 0; i < records->len; i++)
    any = any || mill_record_may_exist (records->pdata[i]);
  if (!any)
    return MILL_DEPLOYMENT_NEW;
  return all ? MILL_DEPLOYMENT_BUILT : MILL_DEPLOYMENT_PARTIAL;
}
