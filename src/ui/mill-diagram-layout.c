/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-diagram-layout.h"

#include <math.h>

/* How often the layers are ordered by their neighbours, to and fro. */
#define SWEEPS 4

static int
find_node (GPtrArray  *nodes,
           const char *id)
{
  for (guint i = 0; i < nodes->len; i++)
    if (g_strcmp0 (((MillDiagramNode *) nodes->pdata[i])->id, id) == 0)
      return i;
  return -1;
}

/* Depth first: an edge that leads back to a node on the way there closes a circle and is left out of the layers. */
static void
find_circles (GPtrArray  *nodes,
              const int  *from,
              const int  *to,
              guint       n_edges,
              guint       node,
              int        *seen,
              gboolean   *closes)
{
  seen[node] = 1;
  for (guint i = 0; i < n_edges; i++)
    {
      if (from[i] != (int) node || to[i] < 0)
        continue;
      if (seen[to[i]] == 1)
        closes[i] = TRUE;
      else if (seen[to[i]] == 0)
        find_circles (nodes, from, to, n_edges, to[i], seen, closes);
    }
  seen[node] = 2;
}

typedef struct {
  guint node;
  double wish;
} Wish;

static int
compare_wishes (gconstpointer a,
                gconstpointer b)
{
  const Wish *one = a, *other = b;

  return one->wish != other->wish ? (one->wish > other->wish ? 1 : -1) : (int) one->node - (int) other->node;
}

/* Each node of a layer wishes to stand where its neighbours in the layer before (or behind) stand on average: so fewer edges cross. */
static void
order_layers (MillDiagramLayout *self,
              const int         *from,
              const int         *to,
              guint              n_edges,
              gboolean           forwards)
{
  g_autoptr(GArray) wishes = g_array_new (FALSE, FALSE, sizeof (Wish));
  double last = 0;

  for (guint i = 0; i < self->n; i++)
    last = MAX (last, self->column[i]);
  for (double step = 0; step <= last; step++)
    {
      double layer = forwards ? step : last - step;

      g_array_set_size (wishes, 0);
      for (guint i = 0; i < self->n; i++)
        {
          Wish wish = { i, 0 };
          guint neighbours = 0;

          if (self->column[i] != layer)
            continue;
          for (guint j = 0; j < n_edges; j++)
            {
              const int *own = forwards ? to : from, *other = forwards ? from : to;

              if (own[j] == (int) i && other[j] >= 0 && (forwards ? self->column[other[j]] < layer : self->column[other[j]] > layer))
                {
                  wish.wish += self->row[other[j]];
                  neighbours++;
                }
            }
          wish.wish = neighbours > 0 ? wish.wish / neighbours : self->row[i];
          g_array_append_val (wishes, wish);
        }
      g_array_sort (wishes, compare_wishes);
      for (guint i = 0; i < wishes->len; i++)
        self->row[g_array_index (wishes, Wish, i).node] = i;
    }
}

/* A node's layer is the length of the longest way to it. */
static void
place_in_layers (MillDiagramLayout *self,
                 GPtrArray         *nodes,
                 GPtrArray         *edges)
{
  g_autofree int *from = g_new (int, edges->len + 1);
  g_autofree int *to = g_new (int, edges->len + 1);
  g_autofree int *seen = g_new0 (int, nodes->len + 1);
  g_autofree int *layers = g_new0 (int, nodes->len + 1);
  g_autofree int *filled = g_new0 (int, nodes->len + 1);
  g_autofree gboolean *closes = g_new0 (gboolean, edges->len + 1);
  gboolean moved = TRUE;

  for (guint i = 0; i < edges->len; i++)
    {
      MillDiagramEdge *edge = edges->pdata[i];

      from[i] = find_node (nodes, edge->from);
      to[i] = find_node (nodes, edge->to);
    }
  for (guint i = 0; i < nodes->len; i++)
    if (seen[i] == 0)
      find_circles (nodes, from, to, edges->len, i, seen, closes);
  while (moved)
    {
      moved = FALSE;
      for (guint i = 0; i < edges->len; i++)
        if (from[i] >= 0 && to[i] >= 0 && !closes[i] && layers[to[i]] <= layers[from[i]])
          {
            layers[to[i]] = layers[from[i]] + 1;
            moved = TRUE;
          }
    }
  for (guint i = 0; i < nodes->len; i++)
    {
      self->column[i] = layers[i];
      self->row[i] = filled[layers[i]]++;
    }
  for (guint sweep = 0; sweep < SWEEPS; sweep++)
    order_layers (self, from, to, edges->len, sweep % 2 == 0);
}

static void
measure (MillDiagramLayout *self)
{
  self->columns = self->rows = 1;
  for (guint i = 0; i < self->n; i++)
    {
      self->columns = MAX (self->columns, self->column[i] + 1);
      self->rows = MAX (self->rows, self->row[i] + 1);
    }
}

static void
fold (MillDiagramLayout *self,
      guint              most_columns)
{
  double band_rows = ceil (self->rows);

  for (guint i = 0; i < self->n; i++)
    {
      guint band = (guint) (self->column[i] / most_columns);
      double within = self->column[i] - band * most_columns;

      self->column[i] = band % 2 == 0 ? within : most_columns - 1 - within;
      self->row[i] += band * band_rows;
    }
  measure (self);
}

static void
turn (MillDiagramLayout *self)
{
  for (guint i = 0; i < self->n; i++)
    {
      double column = self->column[i];

      self->column[i] = self->row[i];
      self->row[i] = column;
    }
  measure (self);
}

MillDiagramLayout *
mill_diagram_layout_new (GPtrArray *nodes,
                         GPtrArray *edges,
                         guint      most_columns,
                         gboolean   turned)
{
  MillDiagramLayout *self = g_new0 (MillDiagramLayout, 1);
  gboolean given = TRUE;

  self->n = nodes->len;
  self->column = g_new0 (double, nodes->len);
  self->row = g_new0 (double, nodes->len);
  for (guint i = 0; i < nodes->len; i++)
    {
      MillDiagramNode *node = nodes->pdata[i];

      /* Far-off positions would leave nothing to be seen of any node. */
      if (!(node->column >= 0 && node->column < 100 && node->row >= 0 && node->row < 100))
        given = FALSE;
      self->column[i] = node->column;
      self->row[i] = node->row;
    }
  if (!given)
    place_in_layers (self, nodes, edges);
  measure (self);
  /* Several rows stay as they are: folding would lead edges through nodes. */
  if (most_columns > 0 && self->columns > most_columns && self->rows == 1)
    fold (self, most_columns);
  if (turned)
    turn (self);
  return self;
}

void
mill_diagram_layout_free (MillDiagramLayout *self)
{
  g_free (self->column);
  g_free (self->row);
  g_free (self);
}
