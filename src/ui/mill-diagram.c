/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-diagram.h"

#include <glib/gi18n.h>
#include <math.h>

#include "mill-component.h"
#include "mill-diagram-map.h"
#include "mill-diagram-node-view.h"
#include "mill-diagram-painter.h"
#include "mill-diagram-state.h"
#include "mill-flight.h"

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
  MillDiagramMap *map;          /* NULL without a tutorial */
  GskRenderNode *edges;         /* cached; NULL where it must be drawn anew */
  GskRenderNode *dots[MILL_HOP_FILTERED + 1];

  double zoom;
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

static void
forget_drawing (MillDiagram *self)
{
  g_clear_pointer (&self->edges, gsk_render_node_unref);
  for (guint i = 0; i < G_N_ELEMENTS (self->dots); i++)
    g_clear_pointer (&self->dots[i], gsk_render_node_unref);
}

static MillDeployment *
get_deployment (MillDiagram *self)
{
  return self->session != NULL ? mill_session_get_deployment (self->session) : NULL;
}

static void
update_states (MillDiagram *self)
{
  for (guint i = 0; i < self->views->len; i++)
    mill_diagram_node_view_set_state (self->views->pdata[i], mill_diagram_state_of_node (self->map, self->tutorial, get_deployment (self), i));
  forget_drawing (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
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
  for (guint i = 0; i < self->views->len; i++)
    if (mill_diagram_map_get_node (self->map, i)->resource == NULL && mill_diagram_map_has_edge (self->map, i, node))
      return i;
  return -1;
}

static int
find_node_of_hop (MillDiagram *self,
                  MillHop     *hop)
{
  return self->tutorial != NULL ? mill_component_find_node (self->tutorial, mill_hop_get_component (hop), mill_hop_get_kind (hop)) : -1;
}

static void
on_hop (MillDiagram *self,
        MillTrace   *trace,
        MillHop     *hop)
{
  MillHop *previous = mill_hop_get_previous (hop);
  int to = find_node_of_hop (self, hop);
  int from = previous != NULL ? find_node_of_hop (self, previous) : -1;
  GdkFrameClock *clock = gtk_widget_get_frame_clock (GTK_WIDGET (self));
  g_autoptr(GArray) route = NULL;

  if (from < 0 && to >= 0)
    from = find_sender (self, to);
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
  route = mill_diagram_map_find_route (self->map, from, to);
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

static GskRenderNode *
paint_edges (MillDiagram *self)
{
  guint n = mill_diagram_map_get_n_edges (self->map);
  g_autofree gboolean *there = g_new0 (gboolean, n + 1);

  for (guint i = 0; i < n; i++)
    there[i] = mill_diagram_is_edge_there (self->map, self->tutorial, get_deployment (self), i);
  return mill_diagram_paint_edges (GTK_WIDGET (self), self->map, there);
}

static void
mill_diagram_snapshot (GtkWidget   *widget,
                       GtkSnapshot *snapshot)
{
  MillDiagram *self = MILL_DIAGRAM (widget);
  gint64 now;

  if (self->map == NULL || !mill_diagram_map_is_placed (self->map))
    return;
  if (self->edges == NULL)
    self->edges = paint_edges (self);
  if (self->edges != NULL)
    gtk_snapshot_append_node (snapshot, self->edges);
  for (guint i = 0; i < self->views->len; i++)
    gtk_widget_snapshot_child (widget, self->views->pdata[i], snapshot);
  if (mill_flights_get_n (self->flights) == 0)
    return;

  now = gdk_frame_clock_get_frame_time (gtk_widget_get_frame_clock (widget));
  for (guint i = 0; i < mill_flights_get_n (self->flights); i++)
    {
      const MillFlight *flight = mill_flights_get (self->flights, i);
      double progress = mill_flight_progress (flight, now);
      graphene_point_t points[4], at;
      guint n;

      if (progress < 0)
        continue;
      if (self->dots[flight->status] == NULL)
        self->dots[flight->status] = mill_diagram_paint_dot (widget, mill_diagram_map_get_scale (self->map), flight->status);
      n = mill_diagram_map_get_way (self->map, flight->from, flight->to, points);
      at = mill_diagram_map_along (points, n, progress);
      gtk_snapshot_save (snapshot);
      gtk_snapshot_translate (snapshot, &at);
      gtk_snapshot_append_node (snapshot, self->dots[flight->status]);
      gtk_snapshot_restore (snapshot);
    }
}

/* --- Room --- */

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
  double width = 0, height = 0;

  if (self->map != NULL)
    mill_diagram_map_get_wish (self->map, self->zoom, &width, &height);
  *natural = (int) ((orientation == GTK_ORIENTATION_HORIZONTAL ? width : height) + 2 * MILL_DIAGRAM_MARGIN);
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

  if (self->map == NULL || self->views->len == 0)
    return;
  mill_diagram_map_fit (self->map, width, height, self->zoom, gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL);
  for (guint i = 0; i < self->views->len; i++)
    {
      graphene_point_t centre = mill_diagram_map_get_centre (self->map, i);
      GtkWidget *view = self->views->pdata[i];
      int minimum_width = 0, minimum_height = 0;
      double fit = mill_diagram_map_get_scale (self->map);
      GskTransform *transform;
      int node_width, node_height;

      /* With large text a node wants more than its cell: it is drawn smaller rather than cut off. */
      gtk_widget_measure (view, GTK_ORIENTATION_HORIZONTAL, -1, &minimum_width, NULL, NULL, NULL);
      node_width = MAX ((int) MILL_NODE_WIDTH, minimum_width);
      gtk_widget_measure (view, GTK_ORIENTATION_VERTICAL, node_width, &minimum_height, NULL, NULL, NULL);
      node_height = MAX ((int) MILL_NODE_HEIGHT, minimum_height);
      fit *= MIN (MILL_NODE_WIDTH / node_width, MILL_NODE_HEIGHT / node_height);
      transform = gsk_transform_translate (NULL, &GRAPHENE_POINT_INIT (roundf (centre.x - node_width * fit / 2),
                                                                       roundf (centre.y - node_height * fit / 2)));
      transform = gsk_transform_scale (transform, fit, fit);
      gtk_widget_allocate (view, node_width, node_height, -1, transform);
    }
  forget_drawing (self);
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
  at = mill_diagram_map_find_in_direction (self->map, at, x, y);
  if (at >= 0)
    gtk_widget_grab_focus (self->views->pdata[at]);
  return GDK_EVENT_STOP;
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
  forget_drawing (MILL_DIAGRAM (widget));
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
  g_clear_pointer (&self->map, mill_diagram_map_free);
  forget_drawing (self);
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
  if (!g_set_object (&self->tutorial, tutorial))
    return;
  for (guint i = 0; i < self->views->len; i++)
    gtk_widget_unparent (self->views->pdata[i]);
  g_ptr_array_set_size (self->views, 0);
  g_clear_pointer (&self->map, mill_diagram_map_free);
  mill_flights_clear (self->flights);
  forget_drawing (self);
  gtk_widget_queue_resize (GTK_WIDGET (self));
  if (tutorial == NULL)
    return;
  self->map = mill_diagram_map_new (mill_tutorial_get_nodes (tutorial), mill_tutorial_get_edges (tutorial));
  for (guint i = 0; i < mill_diagram_map_get_n_nodes (self->map); i++)
    {
      GtkWidget *view = mill_diagram_node_view_new (mill_diagram_map_get_node (self->map, i));

      g_signal_connect_object (view, "clicked", G_CALLBACK (on_view_clicked), self, G_CONNECT_SWAPPED);
      gtk_widget_set_parent (view, GTK_WIDGET (self));
      g_ptr_array_add (self->views, view);
    }
  for (guint i = 0; i < self->views->len; i++)
    {
      GList *targets = NULL;

      for (guint j = 0; j < self->views->len; j++)
        if (mill_diagram_map_has_edge (self->map, i, j))
          targets = g_list_prepend (targets, self->views->pdata[j]);
      if (targets != NULL)
        gtk_accessible_update_relation (self->views->pdata[i], GTK_ACCESSIBLE_RELATION_FLOW_TO, targets->data, NULL, -1);
      g_list_free (targets);
    }
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

  return node >= 0 ? mill_diagram_map_get_node (self->map, node)->id : NULL;
}

const MillDiagramNode *
mill_diagram_get_node (MillDiagram *self,
                       const char  *id)
{
  int index = self->map != NULL ? mill_diagram_map_find (self->map, id) : -1;

  return index >= 0 ? mill_diagram_map_get_node (self->map, index) : NULL;
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
