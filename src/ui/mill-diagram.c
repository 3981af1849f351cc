/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-diagram.h"

#include <glib/gi18n.h>
#include <math.h>

#include "mill-component.h"
#include "mill-diagram-layout.h"
#include "mill-diagram-node-view.h"
#include "mill-flight.h"

#define CELL_WIDTH   136.0
#define CELL_HEIGHT  116.0
#define NODE_WIDTH   104.0
#define NODE_HEIGHT  88.0
#define MARGIN       12.0
#define LARGEST      1.35
#define DOT          11.0
#define LINE         2.0
#define DASH         5.0
#define BACK_OFFSET  9.0
#define RECENT       15.0   /* seconds */

struct _MillDiagram
{
  GtkWidget parent_instance;

  MillTutorial *tutorial;
  MillSession *session;
  GSignalGroup *watch_signals;

  GPtrArray *views;             /* of MillDiagramNodeView, by node index; children */
  GPtrArray *watched;           /* of MillResource whose state is listened to */
  MillFlights *flights;
  MillDiagramLayout *layout;
  guint layout_columns;
  gboolean layout_turned;
  GskRenderNode *edges;         /* cached; NULL where it must be drawn anew */

  double zoom;
  double scale;
  double left, top;
  guint tick;
};

enum {
  PROP_0,
  PROP_ZOOM,
  N_PROPS,
};

enum {
  NODE_ACTIVATED,
  N_SIGNALS,
};

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (MillDiagram, mill_diagram, GTK_TYPE_WIDGET)

static GPtrArray *
get_nodes (MillDiagram *self)
{
  return mill_tutorial_get_nodes (self->tutorial);
}

static GPtrArray *
get_edges (MillDiagram *self)
{
  return mill_tutorial_get_edges (self->tutorial);
}

static int
index_of_node (MillDiagram *self,
               const char  *id)
{
  GPtrArray *nodes = get_nodes (self);

  for (guint i = 0; i < nodes->len; i++)
    if (g_strcmp0 (((MillDiagramNode *) nodes->pdata[i])->id, id) == 0)
      return i;
  return -1;
}

static void
drop_drawing (MillDiagram *self)
{
  g_clear_pointer (&self->edges, gsk_render_node_unref);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

/* --- Where things are --- */

static graphene_point_t
centre_of (MillDiagram *self,
           guint        node)
{
  double x = self->left + (self->layout->column[node] + 0.5) * CELL_WIDTH * self->scale;
  double y = self->top + (self->layout->row[node] + 0.5) * CELL_HEIGHT * self->scale;

  if (gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL)
    x = gtk_widget_get_width (GTK_WIDGET (self)) - x;
  return GRAPHENE_POINT_INIT (x, y);
}

/* The way from one node's border to another's: one leg where they stand in a line, else three with two corners. Returns the number of points. */
static guint
find_way (MillDiagram      *self,
          guint             from,
          guint             to,
          gboolean          beside,
          graphene_point_t  points[4])
{
  graphene_point_t a = centre_of (self, from);
  graphene_point_t b = centre_of (self, to);
  double half_width = NODE_WIDTH / 2 * self->scale;
  double half_height = NODE_HEIGHT / 2 * self->scale;
  double shift = beside ? BACK_OFFSET * self->scale : 0;
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

static graphene_point_t
along (const graphene_point_t *points,
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

static gboolean
has_edge (MillDiagram *self,
          guint        from,
          guint        to)
{
  GPtrArray *nodes = get_nodes (self);
  GPtrArray *edges = get_edges (self);

  for (guint i = 0; i < edges->len; i++)
    {
      MillDiagramEdge *edge = edges->pdata[i];

      if (g_strcmp0 (edge->from, ((MillDiagramNode *) nodes->pdata[from])->id) == 0 &&
          g_strcmp0 (edge->to, ((MillDiagramNode *) nodes->pdata[to])->id) == 0)
        return TRUE;
    }
  return FALSE;
}

/* The nodes on the shortest way along the edges, ends included; NULL where there is none. */
static GArray *
find_route (MillDiagram *self,
            guint        from,
            guint        to)
{
  guint n = get_nodes (self)->len;
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
        if (before[i] < 0 && has_edge (self, node, i))
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

/* --- What is made --- */

static MillResourceState
state_of_resource (MillDiagram *self,
                   const char  *logical_id)
{
  MillResource *resource;

  if (self->session == NULL)
    return MILL_RESOURCE_PLANNED;
  resource = mill_deployment_find_resource (mill_session_get_deployment (self->session), logical_id);
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
is_switched_on (MillDiagram           *self,
                const MillDiagramNode *node)
{
  g_autofree char *property = NULL;
  GPtrArray *steps;

  if (g_strcmp0 (node->kind, "stream") != 0)
    return TRUE;
  property = g_strdup_printf ("%s.StreamSpecification", node->resource);
  steps = mill_tutorial_get_steps (self->tutorial);
  for (guint i = 0; i < steps->len; i++)
    {
      const char *const *set = mill_step_get_properties (steps->pdata[i]);

      for (guint j = 0; set != NULL && set[j] != NULL; j++)
        if (g_str_has_prefix (set[j], property))
          return mill_deployment_get_step_state (mill_session_get_deployment (self->session),
                                                 mill_step_get_id (steps->pdata[i])) == MILL_STEP_DONE;
    }
  return TRUE;
}

static MillResourceState
state_of_node (MillDiagram *self,
               guint        index)
{
  MillDiagramNode *node = get_nodes (self)->pdata[index];
  GPtrArray *edges;

  if (self->session == NULL)
    return MILL_RESOURCE_PLANNED;
  if (node->resource != NULL)
    return is_switched_on (self, node) ? state_of_resource (self, node->resource) : MILL_RESOURCE_PLANNED;
  /* What is no resource, a sender or a mailbox, is there when what it talks to is there. */
  edges = get_edges (self);
  for (guint i = 0; i < edges->len; i++)
    {
      MillDiagramEdge *edge = edges->pdata[i];
      const char *other = g_strcmp0 (edge->from, node->id) == 0 ? edge->to : g_strcmp0 (edge->to, node->id) == 0 ? edge->from : NULL;
      int at = other != NULL ? index_of_node (self, other) : -1;
      MillDiagramNode *neighbour = at >= 0 ? get_nodes (self)->pdata[at] : NULL;

      if (neighbour == NULL || neighbour->resource == NULL)
        continue;
      if (is_there (state_of_resource (self, edge->resource != NULL ? edge->resource : neighbour->resource)))
        return MILL_RESOURCE_MADE;
    }
  return MILL_RESOURCE_PLANNED;
}

static gboolean
is_edge_there (MillDiagram     *self,
               MillDiagramEdge *edge,
               guint            from,
               guint            to)
{
  if (edge->resource != NULL)
    return is_there (state_of_resource (self, edge->resource));
  return is_there (state_of_node (self, from)) && is_there (state_of_node (self, to));
}

static void
update_states (MillDiagram *self)
{
  for (guint i = 0; i < self->views->len; i++)
    mill_diagram_node_view_set_state (self->views->pdata[i], state_of_node (self, i));
  drop_drawing (self);
}

static void
update_counts (MillDiagram *self,
               const char  *logical_id)
{
  MillWatch *watch = mill_session_get_watch (self->session);

  for (guint i = 0; i < self->views->len; i++)
    {
      const MillDiagramNode *node = mill_diagram_node_view_get_node (self->views->pdata[i]);

      if (node->resource == NULL || (logical_id != NULL && g_strcmp0 (node->resource, logical_id) != 0))
        continue;
      /* A stream stands for the table whose number it would repeat. */
      if (g_strcmp0 (node->kind, "stream") == 0)
        continue;
      mill_diagram_node_view_set_counts (self->views->pdata[i], mill_watch_get_count (watch, node->resource),
                                         mill_watch_get_errors (watch, node->resource));
    }
}

/* --- What moves --- */

static void
on_landed (guint         node,
           MillHopStatus status,
           gpointer      data)
{
  MillDiagram *self = data;

  if (node < self->views->len)
    mill_diagram_node_view_light (self->views->pdata[node], status == MILL_HOP_FAILED || status == MILL_HOP_RETRYING);
}

static gboolean
on_tick (GtkWidget     *widget,
         GdkFrameClock *clock,
         gpointer       data)
{
  MillDiagram *self = MILL_DIAGRAM (widget);

  gtk_widget_queue_draw (widget);
  if (mill_flights_advance (self->flights, gdk_frame_clock_get_frame_time (clock), on_landed, self) > 0)
    return G_SOURCE_CONTINUE;
  self->tick = 0;
  return G_SOURCE_REMOVE;
}

static gboolean
moves (MillDiagram *self)
{
  gboolean animations;

  g_object_get (gtk_widget_get_settings (GTK_WIDGET (self)), "gtk-enable-animations", &animations, NULL);
  return animations && gtk_widget_get_mapped (GTK_WIDGET (self));
}

/* A node that leads to @node and is no resource: whoever sends. */
static int
find_sender (MillDiagram *self,
             guint        node)
{
  GPtrArray *nodes = get_nodes (self);

  for (guint i = 0; i < nodes->len; i++)
    if (((MillDiagramNode *) nodes->pdata[i])->resource == NULL && has_edge (self, i, node))
      return i;
  return -1;
}

static void
on_hop (MillDiagram *self,
        MillTrace   *trace,
        MillHop     *hop)
{
  MillHop *previous = mill_hop_get_previous (hop);
  const char *to_id = mill_diagram_find_node (self, mill_hop_get_component (hop), mill_hop_get_kind (hop));
  const char *from_id = previous != NULL ? mill_diagram_find_node (self, mill_hop_get_component (previous), mill_hop_get_kind (previous)) : NULL;
  int to = to_id != NULL ? index_of_node (self, to_id) : -1;
  int from = from_id != NULL ? index_of_node (self, from_id) : to >= 0 ? find_sender (self, to) : -1;
  GdkFrameClock *clock = gtk_widget_get_frame_clock (GTK_WIDGET (self));
  g_autoptr(GArray) route = NULL;

  /* History is in the list; only what happens now moves. */
  if (to < 0 || mill_hop_get_arrived (hop) < g_get_real_time () / 1e6 - RECENT)
    return;
  /* What has been told is not told again when the hop gains facts, unless it now went wrong. */
  if (g_object_get_data (G_OBJECT (hop), "mill-diagram-shown") != NULL)
    {
      MillHopStatus status = mill_hop_get_status (hop);

      if ((status == MILL_HOP_FAILED || status == MILL_HOP_RETRYING) && GPOINTER_TO_INT (g_object_get_data (G_OBJECT (hop), "mill-diagram-shown")) != (int) status + 1)
        mill_diagram_node_view_light (self->views->pdata[to], TRUE);
      g_object_set_data (G_OBJECT (hop), "mill-diagram-shown", GINT_TO_POINTER (status + 1));
      return;
    }
  g_object_set_data (G_OBJECT (hop), "mill-diagram-shown", GINT_TO_POINTER (mill_hop_get_status (hop) + 1));
  if (!moves (self) || clock == NULL || from < 0 || from == to)
    {
      on_landed (to, mill_hop_get_status (hop), self);
      return;
    }
  route = find_route (self, from, to);
  if (route == NULL)
    mill_flights_add (self->flights, mill_trace_get_id (trace), from, to, mill_hop_get_status (hop), gdk_frame_clock_get_frame_time (clock));
  for (guint i = 1; route != NULL && i < route->len; i++)
    mill_flights_add (self->flights, mill_trace_get_id (trace), g_array_index (route, guint, i - 1), g_array_index (route, guint, i),
                      mill_hop_get_status (hop), gdk_frame_clock_get_frame_time (clock));
  if (self->tick == 0)
    self->tick = gtk_widget_add_tick_callback (GTK_WIDGET (self), on_tick, NULL, NULL);
}

static void
on_counts_changed (MillDiagram *self,
                   const char  *logical_id)
{
  update_counts (self, logical_id);
}

/* --- Drawing --- */

static void
lookup_colour (GtkWidget  *widget,
               const char *name,
               GdkRGBA    *colour)
{
  GtkStyleContext *context = gtk_widget_get_style_context (widget);

  if (name == NULL || !gtk_style_context_lookup_color (context, name, colour))
    gtk_style_context_get_color (context, colour);
}

static void
draw_leg (GtkSnapshot      *snapshot,
          graphene_point_t  a,
          graphene_point_t  b,
          const GdkRGBA    *colour,
          gboolean          dashed)
{
  double length = MAX (fabs (b.x - a.x), fabs (b.y - a.y));
  gboolean across = fabs (b.x - a.x) > fabs (b.y - a.y);
  double left = MIN (a.x, b.x), top = MIN (a.y, b.y);

  for (double at = 0; at < length; at += dashed ? 2 * DASH : length)
    {
      double piece = dashed ? MIN (DASH, length - at) : length;
      graphene_rect_t rect = across ? GRAPHENE_RECT_INIT (left + at, top - LINE / 2, piece, LINE)
                                    : GRAPHENE_RECT_INIT (left - LINE / 2, top + at, LINE, piece);

      gtk_snapshot_append_color (snapshot, colour, &rect);
    }
}

static void
draw_head (GtkSnapshot      *snapshot,
           graphene_point_t  before,
           graphene_point_t  tip,
           const GdkRGBA    *colour)
{
  double angle = atan2 (tip.y - before.y, tip.x - before.x) * 180 / G_PI;

  for (int side = -1; side <= 1; side += 2)
    {
      gtk_snapshot_save (snapshot);
      gtk_snapshot_translate (snapshot, &tip);
      gtk_snapshot_rotate (snapshot, angle + side * 142);
      gtk_snapshot_append_color (snapshot, colour, &GRAPHENE_RECT_INIT (-LINE / 2, -LINE / 2, 9, LINE));
      gtk_snapshot_restore (snapshot);
    }
}

static GskRenderNode *
draw_edges (MillDiagram *self)
{
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  GPtrArray *edges = get_edges (self);
  GdkRGBA solid, faint;

  lookup_colour (GTK_WIDGET (self), NULL, &solid);
  faint = solid;
  solid.alpha *= 0.7;
  faint.alpha *= 0.35;
  for (guint i = 0; i < edges->len; i++)
    {
      MillDiagramEdge *edge = edges->pdata[i];
      int from = index_of_node (self, edge->from);
      int to = index_of_node (self, edge->to);
      graphene_point_t points[4];
      gboolean there;
      guint n;

      if (from < 0 || to < 0 || from == to)
        continue;
      there = is_edge_there (self, edge, from, to);
      n = find_way (self, from, to, has_edge (self, to, from), points);
      for (guint j = 1; j < n; j++)
        draw_leg (snapshot, points[j - 1], points[j], there ? &solid : &faint, !there);
      draw_head (snapshot, points[n - 2], points[n - 1], there ? &solid : &faint);
    }
  return gtk_snapshot_free_to_node (snapshot);
}

/* A round dot; one that went wrong is a lozenge with a line through it, so that colour is not all that tells. */
static void
draw_dot (GtkSnapshot      *snapshot,
          graphene_point_t  at,
          double            scale,
          MillHopStatus     status,
          const GdkRGBA    *colour,
          const GdkRGBA    *ground)
{
  double size = DOT * CLAMP (scale, 0.7, 1.3);
  gboolean bad = status == MILL_HOP_FAILED || status == MILL_HOP_RETRYING;
  GskRoundedRect outline;
  graphene_rect_t rect = GRAPHENE_RECT_INIT (-size / 2 - 2, -size / 2 - 2, size + 4, size + 4);

  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &at);
  if (bad)
    gtk_snapshot_rotate (snapshot, 45);
  gsk_rounded_rect_init_from_rect (&outline, &rect, bad ? 2 : size / 2 + 2);
  gtk_snapshot_push_rounded_clip (snapshot, &outline);
  gtk_snapshot_append_color (snapshot, ground, &rect);
  gtk_snapshot_pop (snapshot);
  graphene_rect_inset (&rect, 2, 2);
  gsk_rounded_rect_init_from_rect (&outline, &rect, bad ? 1 : size / 2);
  gtk_snapshot_push_rounded_clip (snapshot, &outline);
  gtk_snapshot_append_color (snapshot, colour, &rect);
  if (bad)
    {
      gtk_snapshot_rotate (snapshot, -45);
      gtk_snapshot_append_color (snapshot, ground, &GRAPHENE_RECT_INIT (-size / 4, -1, size / 2, 2));
    }
  gtk_snapshot_pop (snapshot);
  gtk_snapshot_restore (snapshot);
}

static void
mill_diagram_snapshot (GtkWidget   *widget,
                       GtkSnapshot *snapshot)
{
  MillDiagram *self = MILL_DIAGRAM (widget);
  GdkRGBA accent, error, warning, ground;
  gint64 now;

  if (self->tutorial == NULL || self->layout == NULL)
    return;
  if (self->edges == NULL)
    self->edges = draw_edges (self);
  if (self->edges != NULL)
    gtk_snapshot_append_node (snapshot, self->edges);
  for (guint i = 0; i < self->views->len; i++)
    gtk_widget_snapshot_child (widget, self->views->pdata[i], snapshot);
  if (mill_flights_get_n (self->flights) == 0)
    return;

  lookup_colour (widget, "accent_bg_color", &accent);
  lookup_colour (widget, "error_bg_color", &error);
  lookup_colour (widget, "warning_bg_color", &warning);
  lookup_colour (widget, "view_bg_color", &ground);
  now = gdk_frame_clock_get_frame_time (gtk_widget_get_frame_clock (widget));
  for (guint i = 0; i < mill_flights_get_n (self->flights); i++)
    {
      const MillFlight *flight = mill_flights_get (self->flights, i);
      double progress = mill_flight_progress (flight, now);
      graphene_point_t points[4];
      guint n;

      if (progress < 0)
        continue;
      n = find_way (self, flight->from, flight->to, has_edge (self, flight->to, flight->from), points);
      draw_dot (snapshot, along (points, n, progress), self->scale, flight->status,
                flight->status == MILL_HOP_FAILED ? &error : flight->status == MILL_HOP_RETRYING ? &warning : &accent, &ground);
    }
}

/* --- Room --- */

/* Folds or turns the diagram so that its nodes come out as large as they can. */
static void
choose_layout (MillDiagram *self,
               double       width,
               double       height)
{
  g_autoptr(MillDiagramLayout) whole = mill_diagram_layout_new (get_nodes (self), get_edges (self), 0, FALSE);
  guint columns = (guint) ceil (whole->columns);
  guint best = columns;
  gboolean best_turned = FALSE;
  double best_scale = 0;

  for (int turned = FALSE; turned <= TRUE; turned++)
    for (guint most = columns; most >= (whole->rows == 1 ? 1 : columns); most--)
      {
        double along = most, across = whole->rows == 1 ? ceil ((double) columns / most) : whole->rows;
        double scale = turned ? MIN (width / (across * CELL_WIDTH), height / (along * CELL_HEIGHT))
                              : MIN (width / (along * CELL_WIDTH), height / (across * CELL_HEIGHT));

        scale = MIN (scale, 1);
        if (scale > best_scale * 1.08)
          {
            best = most;
            best_turned = turned;
            best_scale = scale;
          }
      }
  if (self->layout != NULL && best == self->layout_columns && best_turned == self->layout_turned)
    return;
  g_clear_pointer (&self->layout, mill_diagram_layout_free);
  self->layout = mill_diagram_layout_new (get_nodes (self), get_edges (self), best, best_turned);
  self->layout_columns = best;
  self->layout_turned = best_turned;
}

static void
mill_diagram_measure (GtkWidget      *widget,
                      GtkOrientation  orientation,
                      int             for_size,
                      int            *minimum,
                      int            *natural,
                      int            *minimum_baseline,
                      int            *natural_baseline)
{
  MillDiagram *self = MILL_DIAGRAM (widget);
  double cells = 3, cell = orientation == GTK_ORIENTATION_HORIZONTAL ? CELL_WIDTH : CELL_HEIGHT;

  if (self->layout != NULL)
    cells = orientation == GTK_ORIENTATION_HORIZONTAL ? self->layout->columns : self->layout->rows;
  *natural = (int) (cells * cell * MAX (self->zoom, 1) + 2 * MARGIN);
  *minimum = self->zoom > 1 ? *natural : 96;
  *natural = MAX (*natural, *minimum);
  for (guint i = 0; i < self->views->len; i++)
    gtk_widget_measure (self->views->pdata[i], orientation, -1, NULL, NULL, NULL, NULL);
}

static void
mill_diagram_size_allocate (GtkWidget *widget,
                            int        width,
                            int        height,
                            int        baseline)
{
  MillDiagram *self = MILL_DIAGRAM (widget);
  double room_width = MAX (width - 2 * MARGIN, 1), room_height = MAX (height - 2 * MARGIN, 1);

  if (self->tutorial == NULL || self->views->len == 0)
    return;
  if (self->layout == NULL || self->zoom <= 1)
    choose_layout (self, room_width, room_height);
  self->scale = MIN (room_width / (self->layout->columns * CELL_WIDTH), room_height / (self->layout->rows * CELL_HEIGHT));
  self->scale = MIN (self->scale, LARGEST * MAX (self->zoom, 1));
  if (self->zoom < 1)
    self->scale *= self->zoom;
  self->left = (width - self->layout->columns * CELL_WIDTH * self->scale) / 2;
  self->top = (height - self->layout->rows * CELL_HEIGHT * self->scale) / 2;
  for (guint i = 0; i < self->views->len; i++)
    {
      graphene_point_t centre = centre_of (self, i);
      GtkWidget *view = self->views->pdata[i];
      int minimum_width = 0, minimum_height = 0;
      double fit = self->scale;
      GskTransform *transform;
      int node_width, node_height;

      /* With large text a node wants more than its cell: it is drawn smaller rather than cut off. */
      gtk_widget_measure (view, GTK_ORIENTATION_HORIZONTAL, -1, &minimum_width, NULL, NULL, NULL);
      node_width = MAX ((int) NODE_WIDTH, minimum_width);
      gtk_widget_measure (view, GTK_ORIENTATION_VERTICAL, node_width, &minimum_height, NULL, NULL, NULL);
      node_height = MAX ((int) NODE_HEIGHT, minimum_height);
      fit *= MIN (NODE_WIDTH / node_width, NODE_HEIGHT / node_height);
      transform = gsk_transform_translate (NULL, &GRAPHENE_POINT_INIT (roundf (centre.x - node_width * fit / 2),
                                                                       roundf (centre.y - node_height * fit / 2)));
      transform = gsk_transform_scale (transform, fit, fit);
      gtk_widget_allocate (view, node_width, node_height, -1, transform);
    }
  g_clear_pointer (&self->edges, gsk_render_node_unref);
}

/* --- Keyboard and pointer --- */

static int
index_of_focus (MillDiagram *self)
{
  for (guint i = 0; i < self->views->len; i++)
    if (gtk_widget_is_focus (self->views->pdata[i]))
      return i;
  return -1;
}

/* The neighbour along an edge that lies best in the direction; where no edge leads there, any node that does. */
static int
find_in_direction (MillDiagram *self,
                   guint        from,
                   double       x,
                   double       y)
{
  graphene_point_t here = centre_of (self, from);
  int best = -1;
  double best_cost = G_MAXDOUBLE;

  for (guint i = 0; i < self->views->len; i++)
    {
      graphene_point_t there = centre_of (self, i);
      double dx = there.x - here.x, dy = there.y - here.y;
      double ahead = dx * x + dy * y, aside = fabs (dx * y) + fabs (dy * x);
      double cost;

      if (i == from || ahead < 1 || aside > ahead * 2)
        continue;
      cost = ahead + 2 * aside;
      if (!has_edge (self, from, i) && !has_edge (self, i, from))
        cost += 100000;
      if (cost < best_cost)
        {
          best_cost = cost;
          best = i;
        }
    }
  return best;
}

static gboolean
on_key (MillDiagram     *self,
        guint            key,
        guint            code,
        GdkModifierType  state)
{
  int at = index_of_focus (self);
  double x = 0, y = 0;

  if (state & (GDK_CONTROL_MASK | GDK_ALT_MASK))
    return GDK_EVENT_PROPAGATE;
  switch (key)
    {
    case GDK_KEY_Left: case GDK_KEY_KP_Left: x = -1; break;
    case GDK_KEY_Right: case GDK_KEY_KP_Right: x = 1; break;
    case GDK_KEY_Up: case GDK_KEY_KP_Up: y = -1; break;
    case GDK_KEY_Down: case GDK_KEY_KP_Down: y = 1; break;
    default: return GDK_EVENT_PROPAGATE;
    }
  if (at < 0)
    return GDK_EVENT_PROPAGATE;
  at = find_in_direction (self, at, x, y);
  if (at >= 0)
    gtk_widget_grab_focus (self->views->pdata[at]);
  return GDK_EVENT_STOP;
}

static void
on_zoom_action (GtkWidget  *widget,
                const char *name,
                GVariant   *parameter)
{
  MillDiagram *self = MILL_DIAGRAM (widget);

  if (g_str_equal (name, "diagram.zoom-in"))
    mill_diagram_set_zoom (self, self->zoom * 1.25);
  else if (g_str_equal (name, "diagram.zoom-out"))
    mill_diagram_set_zoom (self, self->zoom / 1.25);
  else
    mill_diagram_set_zoom (self, 1);
}

static void
on_view_clicked (MillDiagram         *self,
                 MillDiagramNodeView *view)
{
  g_signal_emit (self, signals[NODE_ACTIVATED], 0, mill_diagram_node_view_get_node (view)->id);
}

static void
mill_diagram_css_changed (GtkWidget         *widget,
                          GtkCssStyleChange *change)
{
  GTK_WIDGET_CLASS (mill_diagram_parent_class)->css_changed (widget, change);
  g_clear_pointer (&MILL_DIAGRAM (widget)->edges, gsk_render_node_unref);
}

static void
mill_diagram_unmap (GtkWidget *widget)
{
  MillDiagram *self = MILL_DIAGRAM (widget);

  if (self->tick != 0)
    gtk_widget_remove_tick_callback (widget, self->tick);
  self->tick = 0;
  mill_flights_clear (self->flights);
  GTK_WIDGET_CLASS (mill_diagram_parent_class)->unmap (widget);
}

static void
stop_watching (MillDiagram *self)
{
  for (guint i = 0; i < self->watched->len; i++)
    g_signal_handlers_disconnect_by_func (self->watched->pdata[i], update_states, self);
  g_ptr_array_set_size (self->watched, 0);
}

static void
mill_diagram_dispose (GObject *object)
{
  MillDiagram *self = MILL_DIAGRAM (object);

  mill_diagram_set_session (self, NULL);
  for (guint i = 0; i < self->views->len; i++)
    gtk_widget_unparent (self->views->pdata[i]);
  g_ptr_array_set_size (self->views, 0);
  g_clear_object (&self->tutorial);
  G_OBJECT_CLASS (mill_diagram_parent_class)->dispose (object);
}

static void
mill_diagram_finalize (GObject *object)
{
  MillDiagram *self = MILL_DIAGRAM (object);

  g_clear_object (&self->watch_signals);
  g_ptr_array_unref (self->views);
  g_ptr_array_unref (self->watched);
  mill_flights_free (self->flights);
  g_clear_pointer (&self->layout, mill_diagram_layout_free);
  g_clear_pointer (&self->edges, gsk_render_node_unref);
  G_OBJECT_CLASS (mill_diagram_parent_class)->finalize (object);
}

static void
mill_diagram_get_property (GObject    *object,
                           guint       id,
                           GValue     *value,
                           GParamSpec *pspec)
{
  g_value_set_double (value, MILL_DIAGRAM (object)->zoom);
}

static void
mill_diagram_set_property (GObject      *object,
                           guint         id,
                           const GValue *value,
                           GParamSpec   *pspec)
{
  mill_diagram_set_zoom (MILL_DIAGRAM (object), g_value_get_double (value));
}

static void
mill_diagram_class_init (MillDiagramClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = mill_diagram_dispose;
  object_class->finalize = mill_diagram_finalize;
  object_class->get_property = mill_diagram_get_property;
  object_class->set_property = mill_diagram_set_property;
  widget_class->measure = mill_diagram_measure;
  widget_class->size_allocate = mill_diagram_size_allocate;
  widget_class->snapshot = mill_diagram_snapshot;
  widget_class->css_changed = mill_diagram_css_changed;
  widget_class->unmap = mill_diagram_unmap;

  properties[PROP_ZOOM] = g_param_spec_double ("zoom", NULL, NULL, 0.25, 4, 1,
                                               G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  signals[NODE_ACTIVATED] = g_signal_new ("node-activated", MILL_TYPE_DIAGRAM, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                          G_TYPE_NONE, 1, G_TYPE_STRING);

  gtk_widget_class_install_action (widget_class, "diagram.zoom-in", NULL, on_zoom_action);
  gtk_widget_class_install_action (widget_class, "diagram.zoom-out", NULL, on_zoom_action);
  gtk_widget_class_install_action (widget_class, "diagram.fit", NULL, on_zoom_action);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_plus, GDK_CONTROL_MASK, "diagram.zoom-in", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_equal, GDK_CONTROL_MASK, "diagram.zoom-in", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_KP_Add, GDK_CONTROL_MASK, "diagram.zoom-in", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_minus, GDK_CONTROL_MASK, "diagram.zoom-out", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_KP_Subtract, GDK_CONTROL_MASK, "diagram.zoom-out", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_0, GDK_CONTROL_MASK, "diagram.fit", NULL);
  gtk_widget_class_set_css_name (widget_class, "milldiagram");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
mill_diagram_init (MillDiagram *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();

  self->views = g_ptr_array_new ();
  self->watched = g_ptr_array_new_with_free_func (g_object_unref);
  self->flights = mill_flights_new ();
  self->zoom = 1;
  self->scale = 1;
  self->watch_signals = g_signal_group_new (MILL_TYPE_WATCH);
  g_signal_group_connect_swapped (self->watch_signals, "hop", G_CALLBACK (on_hop), self);
  g_signal_group_connect_swapped (self->watch_signals, "counts-changed", G_CALLBACK (on_counts_changed), self);
  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (on_key), self);
  gtk_event_controller_set_propagation_phase (keys, GTK_PHASE_CAPTURE);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Architecture diagram"), -1);
}

GtkWidget *
mill_diagram_new (void)
{
  return g_object_new (MILL_TYPE_DIAGRAM, NULL);
}

void
mill_diagram_set_tutorial (MillDiagram  *self,
                           MillTutorial *tutorial)
{
  GPtrArray *nodes, *edges;

  if (!g_set_object (&self->tutorial, tutorial))
    return;
  for (guint i = 0; i < self->views->len; i++)
    gtk_widget_unparent (self->views->pdata[i]);
  g_ptr_array_set_size (self->views, 0);
  g_clear_pointer (&self->layout, mill_diagram_layout_free);
  mill_flights_clear (self->flights);
  if (tutorial == NULL)
    return;
  nodes = get_nodes (self);
  edges = get_edges (self);
  for (guint i = 0; i < nodes->len; i++)
    {
      GtkWidget *view = mill_diagram_node_view_new (nodes->pdata[i]);

      g_signal_connect_object (view, "clicked", G_CALLBACK (on_view_clicked), self, G_CONNECT_SWAPPED);
      gtk_widget_set_parent (view, GTK_WIDGET (self));
      g_ptr_array_add (self->views, view);
    }
  for (guint i = 0; i < nodes->len; i++)
    {
      GList *targets = NULL;

      for (guint j = 0; j < edges->len; j++)
        {
          MillDiagramEdge *edge = edges->pdata[j];
          int to = g_strcmp0 (edge->from, ((MillDiagramNode *) nodes->pdata[i])->id) == 0 ? index_of_node (self, edge->to) : -1;

          if (to >= 0)
            targets = g_list_prepend (targets, self->views->pdata[to]);
        }
      if (targets != NULL)
        gtk_accessible_update_relation (self->views->pdata[i], GTK_ACCESSIBLE_RELATION_FLOW_TO, targets->data, NULL, -1);
      g_list_free (targets);
    }
  drop_drawing (self);
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

void
mill_diagram_set_session (MillDiagram *self,
                          MillSession *session)
{
  GListModel *resources;

  if (self->session == session)
    return;
  if (self->session != NULL)
    {
      g_signal_handlers_disconnect_by_func (mill_session_get_deployment (self->session), update_states, self);
      stop_watching (self);
      g_signal_group_set_target (self->watch_signals, NULL);
    }
  g_set_object (&self->session, session);
  if (session == NULL)
    return;
  mill_diagram_set_tutorial (self, mill_session_get_tutorial (session));
  resources = G_LIST_MODEL (mill_session_get_deployment (session));
  for (guint i = 0; i < g_list_model_get_n_items (resources); i++)
    {
      MillResource *resource = g_list_model_get_item (resources, i);

      g_signal_connect_swapped (resource, "notify::state", G_CALLBACK (update_states), self);
      g_ptr_array_add (self->watched, resource);
    }
  g_signal_connect_swapped (resources, "step-changed", G_CALLBACK (update_states), self);
  g_signal_group_set_target (self->watch_signals, mill_session_get_watch (session));
  if (self->tutorial != NULL)
    {
      update_states (self);
      update_counts (self, NULL);
    }
}

const char *
mill_diagram_find_node (MillDiagram *self,
                        const char  *component,
                        const char  *kind)
{
  int node = self->tutorial != NULL ? mill_component_find_node (self->tutorial, component, kind) : -1;

  return node >= 0 ? ((MillDiagramNode *) get_nodes (self)->pdata[node])->id : NULL;
}

const MillDiagramNode *
mill_diagram_get_node (MillDiagram *self,
                       const char  *id)
{
  int index = self->tutorial != NULL ? index_of_node (self, id) : -1;

  return index >= 0 ? get_nodes (self)->pdata[index] : NULL;
}

void
mill_diagram_choose (MillDiagram *self,
                     const char  *id)
{
  for (guint i = 0; i < self->views->len; i++)
    mill_diagram_node_view_set_chosen (self->views->pdata[i],
                                       g_strcmp0 (mill_diagram_node_view_get_node (self->views->pdata[i])->id, id) == 0);
}

double
mill_diagram_get_zoom (MillDiagram *self)
{
  return self->zoom;
}

void
mill_diagram_set_zoom (MillDiagram *self,
                       double       zoom)
{
  zoom = CLAMP (zoom, 0.25, 4);
  if (fabs (zoom - 1) < 0.01)
    zoom = 1;
  if (self->zoom == zoom)
    return;
  self->zoom = zoom;
  gtk_widget_queue_resize (GTK_WIDGET (self));
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ZOOM]);
}

guint
mill_diagram_get_n_moving (MillDiagram *self)
{
  return mill_flights_get_n (self->flights);
}
