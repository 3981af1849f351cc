/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <graphene.h>

#include "mill-tutorial.h"

G_BEGIN_DECLS

/* The room of a cell and of the node in it at scale 1, in pixels. */
#define MILL_CELL_WIDTH   136.0
#define MILL_CELL_HEIGHT  134.0
#define MILL_NODE_WIDTH   104.0
#define MILL_NODE_HEIGHT  100.0
#define MILL_DIAGRAM_MARGIN 12.0

/**
 * MillDiagramMap:
 *
 * Where everything in a diagram is: nodes and edges by index, the place of each node in the room there is, and the ways between
 * them. Knows no widget.
 */
typedef struct _MillDiagramMap MillDiagramMap;

/* @nodes, @edges: of MillDiagramNode and MillDiagramEdge; they must live as long as the map. */
MillDiagramMap   *mill_diagram_map_new         (GPtrArray        *nodes,
                                                GPtrArray        *edges);
void              mill_diagram_map_free        (MillDiagramMap   *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (MillDiagramMap, mill_diagram_map_free)

guint             mill_diagram_map_get_n_nodes (MillDiagramMap   *self);
guint             mill_diagram_map_get_n_edges (MillDiagramMap   *self);
const MillDiagramNode *mill_diagram_map_get_node (MillDiagramMap *self,
                                                guint             node);
const MillDiagramEdge *mill_diagram_map_get_edge (MillDiagramMap *self,
                                                guint             edge);
/* Index of the node with @id; -1 where there is none. */
int               mill_diagram_map_find        (MillDiagramMap   *self,
                                                const char       *id);
/* Index of the node where a hop of such a component takes place; -1 where there is none. @component, @kind: interned, as a MillHop gives them. */
int               mill_diagram_map_find_place  (MillDiagramMap   *self,
                                                const char       *component,
                                                const char       *kind);
/* A node that leads to @node and is no resource: whoever sends; -1 where nobody does. */
int               mill_diagram_map_find_sender (MillDiagramMap   *self,
                                                guint             node);
/* The ends of an edge. FALSE where it joins no two nodes. */
gboolean          mill_diagram_map_get_ends    (MillDiagramMap   *self,
                                                guint             edge,
                                                guint            *from,
                                                guint            *to);
/* Index of the edge; -1 where there is none. */
int               mill_diagram_map_find_edge   (MillDiagramMap   *self,
                                                guint             from,
                                                guint             to);
gboolean          mill_diagram_map_has_edge    (MillDiagramMap   *self,
                                                guint             from,
                                                guint             to);
/* (nullable) (transfer full): of guint: the nodes on the shortest way along the edges, ends included; NULL where there is none. */
GArray           *mill_diagram_map_find_route  (MillDiagramMap   *self,
                                                guint             from,
                                                guint             to);

/* @growth: how much larger than a node its text is; 1 where the text is not large. There may be so much more room for it. */
void              mill_diagram_map_set_growth  (MillDiagramMap   *self,
                                                double            growth);
/* Fits everything into the room. @zoom: 1 is as large as the room allows, more wants more room than that. @mirrored: from right to left.
 * Returns: whether anything is somewhere else now. */
gboolean          mill_diagram_map_fit         (MillDiagramMap   *self,
                                                double            width,
                                                double            height,
                                                double            zoom,
                                                gboolean          mirrored);
/* The room wanted at @zoom, without margins; in cells of the layout that fits best now. */
void              mill_diagram_map_get_wish    (MillDiagramMap   *self,
                                                double            zoom,
                                                double           *width,
                                                double           *height);
gboolean          mill_diagram_map_is_placed   (MillDiagramMap   *self);
double            mill_diagram_map_get_scale   (MillDiagramMap   *self);
graphene_point_t  mill_diagram_map_get_centre  (MillDiagramMap   *self,
                                                guint             node);
/* The way from one node's border to another's: one leg where they stand in a line, else three with two corners. Returns: the number of points. */
guint             mill_diagram_map_get_way     (MillDiagramMap   *self,
                                                guint             from,
                                                guint             to,
                                                graphene_point_t  points[4]);
/* The point at @progress (0 to 1) of a way. */
graphene_point_t  mill_diagram_map_along       (const graphene_point_t *points,
                                                guint             n,
                                                double            progress);
/* The neighbour along an edge that lies best in the direction; where no edge leads there, any node that does; -1 where none does. */
int               mill_diagram_map_find_in_direction (MillDiagramMap *self,
                                                guint             from,
                                                double            x,
                                                double            y);

G_END_DECLS
