/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-diagram-map.h"

#include <math.h>

#include "mill-component.h"
#include "mill-diagram-layout.h"

#define LARGEST      1.35
#define BACK_OFFSET  9.0

struct _MillDiagramMap
{
  GPtrArray *nodes;
  GPtrArray *edges;
  int *from;                    /* by edge; -1 where it leads nowhere */
  int *to;
  int *edge_between;            /* n × n: the edge from row to column, or -1 */
  GHashTable *places;           /* kind → (component → node + 2) */

  MillDiagramLayout *layout;
  guint layout_columns;
  gboolean layout_turned;

  double width;
  double scale;
  double growth;
  double left, top;
  gboolean mirrored;
};

int
mill_diagram_map_find (MillDiagramMap *self,
                       const char     *id)
{
  for (guint i = 0; i < self->nodes->len; i++)
    if (g_strcmp0 (((MillDiagramNode *) self->nodes->pdata[i])->id, id) == 0)
      return i;
  return -1;
}

MillDiagramMap *
mill_diagram_map_new (GPtrArray *nodes,
                      GPtrArray *edges)
{
  MillDiagramMap *self = g_new0 (MillDiagramMap, 1);

  self->nodes = g_ptr_array_ref (nodes);
  self->edges = g_ptr_array_ref (edges);
  self->from = g_new (int, edges->len + 1);
  self->to = g_new (int, edges->len + 1);
  self->edge_between = g_new (int, nodes->len * nodes->len + 1);
  self->places = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) g_hash_table_unref);
  self->scale = 1;
  self->growth = 1;
  for (guint i = 0; i < nodes->len * nodes->len; i++)
    self->edge_between[i] = -1;
  for (guint i = 0; i < edges->len; i++)
    {
      MillDiagramEdge *edge = edges->pdata[i];

      self->from[i] = mill_diagram_map_find (self, edge->from);
      self->to[i] = mill_diagram_map_find (self, edge->to);
      if (self->from[i] >= 0 && self->to[i] >= 0)
        self->edge_between[self->from[i] * nodes->len + self->to[i]] = i;
    }
  return self;
}

void
mill_diagram_map_free (MillDiagramMap *self)
{
  g_clear_pointer (&self->layout, mill_diagram_layout_free);
  g_hash_table_unref (self->places);
  g_ptr_array_unref (self->nodes);
  g_ptr_array_unref (self->edges);
  g_free (self->from);
  g_free (self->to);
  g_free (self->edge_between);
  g_free (self);
}

guint
mill_diagram_map_get_n_nodes (MillDiagramMap *self)
{
  return self->nodes->len;
}

guint
mill_diagram_map_get_n_edges (MillDiagramMap *self)
{
  return self->edges->len;
}

const MillDiagramNode *
mill_diagram_map_get_node (MillDiagramMap *self,
                           guint           node)
{
  return self->nodes->pdata[node];
}

const MillDiagramEdge *
mill_diagram_map_get_edge (MillDiagramMap *self,
                           guint           edge)
{
  return self->edges->pdata[edge];
}

int
mill_diagram_map_find_place (MillDiagramMap *self,
                             const char     *component,
                             const char     *kind)
{
  GHashTable *of_kind = g_hash_table_lookup (self->places, kind);
  gpointer found = of_kind != NULL ? g_hash_table_lookup (of_kind, component) : NULL;

  if (found == NULL)
    {
      if (of_kind == NULL)
        {
          of_kind = g_hash_table_new (NULL, NULL);
          g_hash_table_insert (self->places, (gpointer) kind, of_kind);
        }
      found = GINT_TO_POINTER (mill_component_find_node_in (self->nodes, component, kind) + 2);
      g_hash_table_insert (of_kind, (gpointer) component, found);
    }
  return GPOINTER_TO_INT (found) - 2;
}

int
mill_diagram_map_find_sender (MillDiagramMap *self,
                              guint           node)
{
  for (guint i = 0; i < self->nodes->len; i++)
    if (mill_diagram_map_get_node (self, i)->resource == NULL && mill_diagram_map_has_edge (self, i, node))
      return i;
  return -1;
}

gboolean
mill_diagram_map_get_ends (MillDiagramMap *self,
                           guint           edge,
                           guint          *from,
                           guint          *to)
{
  if (self->from[edge] < 0 || self->to[edge] < 0 || self->from[edge] == self->to[edge])
    return FALSE;
  *from = self->from[edge];
  *to = self->to[edge];
  return TRUE;
}

int
mill_diagram_map_find_edge (MillDiagramMap *self,
                            guint           from,
                            guint           to)
{
  return self->edge_between[from * self->nodes->len + to];
}

gboolean
mill_diagram_map_has_edge (MillDiagramMap *self,
                           guint           from,
                           guint           to)
{
  return mill_diagram_map_find_edge (self, from, to) >= 0;
}

GArray *
mill_diagram_map_find_route (MillDiagramMap *self,
                             guint           from,
                             guint           to)
{
  guint n = self->nodes->len;
  g_autofree int *before = g_new (int, n);
  g_autoptr(GArray) queue = g_array_new (FALSE, FALSE, sizeof (guint));
  GArray *route;

  for (guint i = 0; i < n; i++)
    before[i] = -1;
  before[from] = from;
  g_array_append_val (queue, from);
  for (guint head = 0; head < queue->len && before[to] < 0; head++)
    {
      guint node = g_array_index (queue, guint, head);

      for (guint i = 0; i < n; i++)
        if (before[i] < 0 && mill_diagram_map_has_edge (self, node, i))
          {
            before[i] = node;
            g_array_append_val (queue, i);
          }
    }
  if (before[to] < 0)
    return NULL;
  route = g_array_new (FALSE, FALSE, sizeof (guint));
  for (guint node = to; ; node = before[node])
    {
      g_array_prepend_val (route, node);
      if (node == from)
        return route;
    }
}

/* Folds or turns the diagram so that its nodes come out as large as they can. */
static gboolean
choose_layout (MillDiagramMap *self,
               double          width,
               double          height)
{
  g_autoptr(MillDiagramLayout) whole = mill_diagram_layout_new (self->nodes, self->edges, 0, FALSE);
  guint columns = (guint) ceil (whole->columns);
  guint best = columns;
  gboolean best_turned = FALSE;
  double best_scale = 0;

  for (int turned = FALSE; turned <= TRUE; turned++)
    for (guint most = columns; most >= (whole->rows == 1 ? 1 : columns); most--)
      {
        double along = most, across = whole->rows == 1 ? ceil ((double) columns / most) : whole->rows;
        double scale = turned ? MIN (width / (across * MILL_CELL_WIDTH), height / (along * MILL_CELL_HEIGHT))
                              : MIN (width / (along * MILL_CELL_WIDTH), height / (across * MILL_CELL_HEIGHT));

        /* Where fewer columns make no more rows, the last row is fuller with them. */
        if (whole->rows == 1 && most > 1 && ceil ((double) columns / (most - 1)) == across)
          continue;
        scale = MIN (scale, self->growth);
        if (scale > best_scale * 1.08)
          {
            best = most;
            best_turned = turned;
            best_scale = scale;
          }
      }
  if (self->layout != NULL && best == self->layout_columns && best_turned == self->layout_turned)
    return FALSE;
  g_clear_pointer (&self->layout, mill_diagram_layout_free);
  self->layout = mill_diagram_layout_new (self->nodes, self->edges, best, best_turned);
  self->layout_columns = best;
  self->layout_turned = best_turned;
  return TRUE;
}

void
mill_diagram_map_set_growth (MillDiagramMap *self,
                             double          growth)
{
  self->growth = growth;
}

gboolean
mill_diagram_map_fit (MillDiagramMap *self,
                      double          width,
                      double          height,
                      double          zoom,
                      gboolean        mirrored)
{
  double before[] = { self->width, self->scale, self->left, self->top, self->mirrored };
  gboolean moved = FALSE;
  double room_width = MAX (width - 2 * MILL_DIAGRAM_MARGIN, 1), room_height = MAX (height - 2 * MILL_DIAGRAM_MARGIN, 1);

  if (self->layout == NULL || zoom <= 1)
    moved = choose_layout (self, room_width, room_height);
  self->scale = MIN (room_width / (self->layout->columns * MILL_CELL_WIDTH), room_height / (self->layout->rows * MILL_CELL_HEIGHT));
  self->scale = MIN (self->scale, LARGEST * self->growth * MAX (zoom, 1));
  if (zoom < 1)
    self->scale *= zoom;
  self->width = width;
  self->mirrored = mirrored;
  self->left = (width - self->layout->columns * MILL_CELL_WIDTH * self->scale) / 2;
  self->top = (height - self->layout->rows * MILL_CELL_HEIGHT * self->scale) / 2;
  return moved || before[0] != self->width || before[1] != self->scale || before[2] != self->left || before[3] != self->top ||
         before[4] != self->mirrored;
}

void
mill_diagram_map_get_wish (MillDiagramMap *self,
                           double          zoom,
                           double         *width,
                           double         *height)
{
  *width = (self->layout != NULL ? self->layout->columns : 3) * MILL_CELL_WIDTH * self->growth * MAX (zoom, 1);
  *height = (self->layout != NULL ? self->layout->rows : 3) * MILL_CELL_HEIGHT * self->growth * MAX (zoom, 1);
}

gboolean
mill_diagram_map_is_placed (MillDiagramMap *self)
{
  return self->layout != NULL;
}

double
mill_diagram_map_get_scale (MillDiagramMap *self)
{
  return self->scale;
}

graphene_point_t
mill_diagram_map_get_centre (MillDiagramMap *self,
                             guint           node)
{
  double x = self->left + (self->layout->column[node] + 0.5) * MILL_CELL_WIDTH * self->scale;
  double y = self->top + (self->layout->row[node] + 0.5) * MILL_CELL_HEIGHT * self->scale;

  return GRAPHENE_POINT_INIT (self->mirrored ? self->width - x : x, y);
}

guint
mill_diagram_map_get_way (MillDiagramMap   *self,
                          guint             from,
                          guint             to,
                          graphene_point_t  points[4])
{
  graphene_point_t a = mill_diagram_map_get_centre (self, from);
  graphene_point_t b = mill_diagram_map_get_centre (self, to);
  double half_width = MILL_NODE_WIDTH / 2 * self->scale;
  double half_height = MILL_NODE_HEIGHT / 2 * self->scale;
  /* Where there is a way back too, the two run side by side. */
  double shift = mill_diagram_map_has_edge (self, to, from) ? BACK_OFFSET * self->scale : 0;
  double right = b.x > a.x ? 1 : -1;
  double down = b.y > a.y ? 1 : -1;

  if (fabs (a.y - b.y) < 1)
    {
      a.y = b.y = a.y + shift * right;
      points[0] = GRAPHENE_POINT_INIT (a.x + half_width * right, a.y);
      points[1] = GRAPHENE_POINT_INIT (b.x - half_width * right, b.y);
      return 2;
    }
  if (fabs (a.x - b.x) < 1)
    {
      a.x = b.x = a.x + shift * down;
      points[0] = GRAPHENE_POINT_INIT (a.x, a.y + half_height * down);
      points[1] = GRAPHENE_POINT_INIT (b.x, b.y - half_height * down);
      return 2;
    }
  a.y += shift * right;
  b.y += shift * right;
  points[0] = GRAPHENE_POINT_INIT (a.x + half_width * right, a.y);
  points[3] = GRAPHENE_POINT_INIT (b.x - half_width * right, b.y);
  points[1] = GRAPHENE_POINT_INIT ((points[0].x + points[3].x) / 2, a.y);
  points[2] = GRAPHENE_POINT_INIT (points[1].x, b.y);
  return 4;
}

graphene_point_t
mill_diagram_map_along (const graphene_point_t *points,
                        guint                   n,
                        double                  progress)
{
  double length = 0, done;

  for (guint i = 1; i < n; i++)
    length += fabs (points[i].x - points[i - 1].x) + fabs (points[i].y - points[i - 1].y);
  done = length * progress;
  for (guint i = 1; i < n; i++)
    {
      double leg = fabs (points[i].x - points[i - 1].x) + fabs (points[i].y - points[i - 1].y);

      if (done <= leg || i == n - 1)
        {
          double t = leg > 0 ? MIN (done / leg, 1) : 1;
          return GRAPHENE_POINT_INIT (points[i - 1].x + (points[i].x - points[i - 1].x) * t,
                                      points[i - 1].y + (points[i].y - points[i - 1].y) * t);
        }
      done -= leg;
    }
  return points[n - 1];
}

int
mill_diagram_map_find_in_direction (MillDiagramMap *self,
                                    guint           from,
                                    double          x,
                                    double          y)
{
  graphene_point_t here = mill_diagram_map_get_centre (self, from);
  int best = -1;
  double best_cost = G_MAXDOUBLE;

  for (guint i = 0; i < self->nodes->len; i++)
    {
      graphene_point_t there = mill_diagram_map_get_centre (self, i);
      double dx = there.x - here.x, dy = there.y - here.y;
      double ahead = dx * x + dy * y, aside = fabs (dx * y) + fabs (dy * x);
      double cost;

      if (i == from || ahead < 1 || aside > ahead * 2)
        continue;
      cost = ahead + 2 * aside;
      if (!mill_diagram_map_has_edge (self, from, i) && !mill_diagram_map_has_edge (self, i, from))
        cost += 100000;
      if (cost < best_cost)
        {
          best_cost = cost;
          best = i;
        }
    }
  return best;
}
