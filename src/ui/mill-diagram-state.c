/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-diagram-state.h"

static MillResourceState
state_of_resource (MillDeployment *deployment,
                   const char     *logical_id)
{
  MillResource *resource = mill_deployment_find_resource (deployment, logical_id);

  return resource != NULL ? mill_resource_get_state (resource) : MILL_RESOURCE_PLANNED;
}

static gboolean
is_there (MillResourceState state)
{
  return state == MILL_RESOURCE_MADE || state == MILL_RESOURCE_VERIFIED || state == MILL_RESOURCE_WAITING ||
         state == MILL_RESOURCE_CHANGED;
}

/* A table's stream is switched on in a step of its own: until then the table is there and its stream is not. */
static gboolean
is_switched_on (MillTutorial          *tutorial,
                MillDeployment        *deployment,
                const MillDiagramNode *node)
{
  g_autofree char *property = NULL;
  GPtrArray *steps;

  if (g_strcmp0 (node->kind, "stream") != 0)
    return TRUE;
  property = g_strdup_printf ("%s.StreamSpecification", node->resource);
  steps = mill_tutorial_get_steps (tutorial);
  for (guint i = 0; i < steps->len; i++)
    {
      const char *const *set = mill_step_get_properties (steps->pdata[i]);

      for (guint j = 0; set != NULL && set[j] != NULL; j++)
        if (g_str_has_prefix (set[j], property))
          return mill_deployment_get_step_state (deployment, mill_step_get_id (steps->pdata[i])) == MILL_STEP_DONE;
    }
  return TRUE;
}

MillResourceState
mill_diagram_state_of_node (MillDiagramMap *map,
                            MillTutorial   *tutorial,
                            MillDeployment *deployment,
                            guint           index)
{
  const MillDiagramNode *node = mill_diagram_map_get_node (map, index);

  if (deployment == NULL)
    return MILL_RESOURCE_PLANNED;
  if (node->resource != NULL)
    return is_switched_on (tutorial, deployment, node) ? state_of_resource (deployment, node->resource) : MILL_RESOURCE_PLANNED;
  /* What is no resource, a sender or a mailbox, is there when what it talks to is there. */
  for (guint i = 0; i < mill_diagram_map_get_n_edges (map); i++)
    {
      const MillDiagramEdge *edge = mill_diagram_map_get_edge (map, i);
      const MillDiagramNode *neighbour;
      guint from, to;

      if (!mill_diagram_map_get_ends (map, i, &from, &to) || (from != index && to != index))
        continue;
      neighbour = mill_diagram_map_get_node (map, from == index ? to : from);
      if (neighbour->resource == NULL)
        continue;
      if (is_there (state_of_resource (deployment, edge->resource != NULL ? edge->resource : neighbour->resource)))
        return MILL_RESOURCE_MADE;
    }
  return MILL_RESOURCE_PLANNED;
}

gboolean
mill_diagram_is_edge_there (MillDiagramMap *map,
                            MillTutorial   *tutorial,
                            MillDeployment *deployment,
                            guint           index)
{
  const MillDiagramEdge *edge = mill_diagram_map_get_edge (map, index);
  guint from, to;

  if (deployment == NULL || !mill_diagram_map_get_ends (map, index, &from, &to))
    return FALSE;
  if (edge->resource != NULL)
    return is_there (state_of_resource (deployment, edge->resource));
  return is_there (mill_diagram_state_of_node (map, tutorial, deployment, from)) &&
         is_there (mill_diagram_state_of_node (map, tutorial, deployment, to));
}
