/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-component.h"

#include "mill-look.h"

#include <string.h>

int
mill_component_find_node_in (GPtrArray  *nodes,
                             const char *component,
                             const char *kind)
{
  int by_resource = -1, by_kind = -1;
  guint of_kind = 0;
  gboolean far_end;

  if (g_strcmp0 (kind, "sms") == 0)
    kind = "phone";
  for (guint i = 0; i < nodes->len; i++)
    {
      MillDiagramNode *node = nodes->pdata[i];
      gboolean same_kind = g_strcmp0 (node->kind, kind) == 0;
      gboolean same_resource = g_strcmp0 (node->resource, component) == 0 || g_strcmp0 (node->id, component) == 0;

      if (same_kind && same_resource)
        return i;
      if (same_resource && by_resource < 0)
        by_resource = i;
      if (same_kind)
        {
          by_kind = i;
          of_kind++;
        }
    }
  /* A kind says enough only where there is one of it. What is delivered or streamed bears its topic's or table's id. */
  far_end = g_strcmp0 (kind, "stream") == 0 || g_strcmp0 (kind, "mail") == 0 || g_strcmp0 (kind, "phone") == 0;
  if (of_kind == 1 && (by_resource < 0 || far_end))
    return by_kind;
  return by_resource;
}

int
mill_component_find_node (MillTutorial *tutorial,
                          const char   *component,
                          const char   *kind)
{
  return mill_component_find_node_in (mill_tutorial_get_nodes (tutorial), component, kind);
}

char *
mill_component_dup_title (MillSession *session,
                          const char  *component,
                          const char  *kind)
{
  MillTutorial *tutorial = mill_session_get_tutorial (session);
  MillResource *resource = mill_deployment_find_resource (mill_session_get_deployment (session), component);
  int node = tutorial != NULL ? mill_component_find_node (tutorial, component, kind) : -1;
  const char *tail = strrchr (component, ':');

  /* A queue that is none of the deployment's is not the one of the diagram: a dead-letter queue that somebody added. */
  if (resource == NULL && g_strcmp0 (kind, "queue") == 0 && g_str_has_prefix (component, "arn:"))
    return g_strdup_printf ("%s %s", mill_kind_get_label (kind), tail + 1);
  if (node >= 0)
    return g_strdup (((MillDiagramNode *) mill_tutorial_get_nodes (tutorial)->pdata[node])->label);
  if (resource != NULL)
    return g_strdup (*mill_resource_get_name (resource) != '\0' ? mill_resource_get_name (resource) : component);
  if (tail != NULL && tail[1] != '\0')
    return g_strdup_printf ("%s %s", mill_kind_get_label (kind), tail + 1);
  return g_strdup (*component != '\0' ? component : mill_kind_get_label (kind));
}
