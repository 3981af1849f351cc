/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-diagram.h"

#include <glib/gi18n.h>
#include <math.h>

#include "mill-diagram-edges.h"
#include "mill-diagram-keys.h"
#include "mill-diagram-map.h"
#include "mill-diagram-motion.h"
#include "mill-diagram-node-view.h"
#include "mill-diagram-numbers.h"
#include "mill-diagram-state.h"
#include "mill-diagram-stuck.h"
#include "mill-still.h"

/* Numbers follow what happens no quicker than this, in milliseconds. */
#define NUMBERS_MS   120
/* Errors are forgotten after a minute: how often that is looked after, in seconds. */
#define FADING_S     5

struct _MillDiagram
{
  GtkWidget parent_instance;

  MillTutorial *tutorial;
  MillSession *session;
  MillTimeline *timeline;
  GSignalGroup *watch_signals;
  GSignalGroup *timeline_signals;

  GPtrArray *views;             /* of MillDiagramNodeView, by node index; children */
  GPtrArray *watched;           /* of MillResource whose state is listened to */
  MillDiagramStuck *stuck;      /* NULL without a tutorial */
  MillStill *still;
  MillDiagramMotion *motion;    /* a child, over all others */
  MillDiagramMap *map;          /* NULL without a tutorial */
  GskRenderNode *edges;         /* NULL where they must be drawn anew */
  guint64 *carried;             /* by edge */

  double zoom;
  double growth;                /* of the nodes, for large text */
  guint numbers;
  guint fading;
};

enum { PROP_0, PROP_ZOOM, N_PROPS };
enum { NODE_ACTIVATED, N_SIGNALS };

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (MillDiagram, mill_diagram, GTK_TYPE_WIDGET)

static MillDeployment *
get_deployment (MillDiagram *self)
{
  return self->session != NULL ? mill_session_get_deployment (self->session) : NULL;
}

static void
forget_edges (MillDiagram *self)
{
  g_clear_pointer (&self->edges, gsk_render_node_unref);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
update_states (MillDiagram *self)
{
  for (guint i = 0; i < self->views->len; i++)
    mill_diagram_node_view_set_state (self->views->pdata[i], mill_diagram_state_of_node (self->map, self->tutorial, get_deployment (self), i));
  forget_edges (self);
}

/* --- Numbers --- */

static double
get_moment (MillDiagram *self)
{
  return self->timeline != NULL ? mill_timeline_get_moment (self->timeline) : 0;
}

static void queue_numbers (MillDiagram *self);

static void
note_stuck (MillDiagram *self,
            MillTrace   *trace)
{
  if (mill_diagram_stuck_note (self->stuck, trace))
    queue_numbers (self);
}

/* Traces of past runs, which nobody tells of any more. */
static void
on_traces (MillDiagram *self,
           guint        position,
           guint        removed,
           guint        added,
           GListModel  *traces)
{
  mill_diagram_stuck_note_all (self->stuck, traces, position, added);
}

static gboolean
on_fading (gpointer data)
{
  MillDiagram *self = data;

  self->fading = 0;
  queue_numbers (self);
  return G_SOURCE_REMOVE;
}

static void
update_numbers (MillDiagram *self)
{
  g_autofree MillDiagramNumbers *numbers = NULL;
  g_autofree guint64 *carried = NULL;
  MillWatch *watch = self->session != NULL ? mill_session_get_watch (self->session) : NULL;
  guint n_edges;

  if (self->map == NULL || self->timeline == NULL)
    return;
  n_edges = mill_diagram_map_get_n_edges (self->map);
  numbers = g_new0 (MillDiagramNumbers, self->views->len + 1);
  carried = g_new0 (guint64, n_edges + 1);
  if (mill_diagram_numbers_fill (self->map, self->timeline, watch, g_get_real_time () / 1e6, numbers, carried) && self->fading == 0)
    self->fading = g_timeout_add_seconds (FADING_S, on_fading, self);
  for (guint i = 0; i < self->views->len; i++)
    {
      MillHop *stuck = get_moment (self) == 0 ? mill_diagram_stuck_find (self->stuck, i) : NULL;

      mill_diagram_node_view_set_activity (self->views->pdata[i], numbers[i].count, numbers[i].errors, numbers[i].parts, MILL_ACTIVITY_PARTS);
      mill_diagram_node_view_set_trouble (self->views->pdata[i], stuck != NULL ? stuck : numbers[i].failed);
    }
  if (memcmp (carried, self->carried, n_edges * sizeof *carried) != 0)
    {
      memcpy (self->carried, carried, n_edges * sizeof *carried);
      forget_edges (self);
    }
}

static gboolean
on_numbers (gpointer data)
{
  MillDiagram *self = data;

  self->numbers = 0;
  update_numbers (self);
  return G_SOURCE_REMOVE;
}

static void
queue_numbers (MillDiagram *self)
{
  if (self->numbers == 0)
    self->numbers = g_timeout_add (NUMBERS_MS, on_numbers, self);
}

static void
on_landed (MillDiagram *self,
           guint        node,
           gboolean     failed)
{
  if (node < self->views->len)
    mill_diagram_node_view_light (self->views->pdata[node], failed);
}

static void
on_hop (MillDiagram *self,
        MillTrace   *trace,
        MillHop     *hop)
{
  mill_diagram_motion_show_hop (self->motion, hop);
  note_stuck (self, trace);
}

static void
on_moment (MillDiagram *self)
{
  if (self->timeline != NULL && mill_timeline_get_playing (self->timeline))
    queue_numbers (self);
  else
    update_numbers (self);
}

/* --- Drawing --- */

static void
mill_diagram_snapshot (GtkWidget   *widget,
                       GtkSnapshot *snapshot)
{
  mill_diagram_draw (MILL_DIAGRAM (widget), snapshot, TRUE);
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
  int dpi = 0;

  /* Large text has a node as much larger, where there is room, as it is; else it is drawn smaller rather than cut off. */
  g_object_get (gtk_widget_get_settings (widget), "gtk-xft-dpi", &dpi, NULL);
  self->growth = MAX (dpi / 1024.0 / 96, 1);
  for (guint i = 0; i < self->views->len; i++)
    self->growth = mill_diagram_node_view_get_growth (self->views->pdata[i], self->growth);
  if (self->map != NULL)
    mill_diagram_map_set_growth (self->map, self->growth);
  if (self->map != NULL)
    mill_diagram_map_get_wish (self->map, self->zoom, &width, &height);
  *natural = (int) ((orientation == GTK_ORIENTATION_HORIZONTAL ? width : height) + 2 * MILL_DIAGRAM_MARGIN);
  *minimum = self->zoom > 1 ? *natural : 96;
  *natural = MAX (*natural, *minimum);
  gtk_widget_measure (GTK_WIDGET (self->motion), orientation, -1, NULL, NULL, NULL, NULL);
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
  /* A number that has become longer is no reason to draw everything anew. */
  if (mill_diagram_map_fit (self->map, width, height, self->zoom, gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL))
    {
      forget_edges (self);
      mill_diagram_motion_place (self->motion);
    }
  for (guint i = 0; i < self->views->len; i++)
    {
      graphene_point_t centre = mill_diagram_map_get_centre (self->map, i);

      mill_diagram_node_view_place (self->views->pdata[i], &centre, self->growth, mill_diagram_map_get_scale (self->map));
    }
  gtk_widget_allocate (GTK_WIDGET (self->motion), width, height, -1, NULL);
}

/* --- Keyboard and pointer --- */

static gboolean
on_key (MillDiagram     *self,
        guint            key,
        guint            code,
        GdkModifierType  state)
{
  return mill_diagram_keys_arrow (self->views, self->map, key, state);
}

static gboolean
mill_diagram_focus (GtkWidget        *widget,
                    GtkDirectionType  direction)
{
  if (direction == GTK_DIR_TAB_FORWARD || direction == GTK_DIR_TAB_BACKWARD)
    return mill_diagram_keys_tab (MILL_DIAGRAM (widget)->views, direction);
  return GTK_WIDGET_CLASS (mill_diagram_parent_class)->focus (widget, direction);
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
  forget_edges (MILL_DIAGRAM (widget));
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
  mill_diagram_set_tutorial (self, NULL);
  if (self->motion != NULL)
    gtk_widget_unparent (GTK_WIDGET (self->motion));
  self->motion = NULL;
  g_clear_object (&self->timeline);
  g_clear_handle_id (&self->numbers, g_source_remove);
  g_clear_handle_id (&self->fading, g_source_remove);
  G_OBJECT_CLASS (mill_diagram_parent_class)->dispose (object);
}

static void
mill_diagram_finalize (GObject *object)
{
  MillDiagram *self = MILL_DIAGRAM (object);

  g_clear_object (&self->watch_signals);
  g_ptr_array_unref (self->views);
  g_ptr_array_unref (self->watched);
  g_clear_object (&self->timeline_signals);
  mill_still_free (self->still);
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
  widget_class->focus = mill_diagram_focus;

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
  self->still = mill_still_new (GTK_WIDGET (self));
  self->motion = MILL_DIAGRAM_MOTION (mill_diagram_motion_new ());
  gtk_widget_set_parent (GTK_WIDGET (self->motion), GTK_WIDGET (self));
  g_signal_connect_object (self->motion, "landed", G_CALLBACK (on_landed), self, G_CONNECT_SWAPPED);
  self->zoom = 1;
  self->watch_signals = g_signal_group_new (MILL_TYPE_WATCH);
  g_signal_group_connect_swapped (self->watch_signals, "hop", G_CALLBACK (on_hop), self);
  g_signal_group_connect_swapped (self->watch_signals, "trace", G_CALLBACK (note_stuck), self);
  g_signal_group_connect_swapped (self->watch_signals, "items-changed", G_CALLBACK (on_traces), self);
  g_signal_group_connect_swapped (self->watch_signals, "counts-changed", G_CALLBACK (queue_numbers), self);
  self->timeline_signals = g_signal_group_new (MILL_TYPE_TIMELINE);
  g_signal_group_connect_swapped (self->timeline_signals, "changed", G_CALLBACK (queue_numbers), self);
  g_signal_group_connect_swapped (self->timeline_signals, "notify::moment", G_CALLBACK (on_moment), self);
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
  g_clear_pointer (&self->stuck, mill_diagram_stuck_free);
  mill_still_forget (self->still);
  mill_diagram_motion_set_map (self->motion, NULL);
  g_clear_pointer (&self->map, mill_diagram_map_free);
  g_clear_pointer (&self->carried, g_free);
  forget_edges (self);
  gtk_widget_queue_resize (GTK_WIDGET (self));
  if (tutorial == NULL)
    return;
  self->map = mill_diagram_map_new (mill_tutorial_get_nodes (tutorial), mill_tutorial_get_edges (tutorial));
  self->carried = g_new0 (guint64, mill_diagram_map_get_n_edges (self->map) + 1);
  mill_diagram_motion_set_map (self->motion, self->map);
  self->stuck = mill_diagram_stuck_new (self->map);
  for (guint i = 0; i < mill_diagram_map_get_n_nodes (self->map); i++)
    {
      GtkWidget *view = mill_diagram_node_view_new (mill_diagram_map_get_node (self->map, i));

      g_signal_connect_object (view, "clicked", G_CALLBACK (on_view_clicked), self, G_CONNECT_SWAPPED);
      gtk_widget_insert_before (view, GTK_WIDGET (self), GTK_WIDGET (self->motion));
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
      mill_diagram_set_timeline (self, NULL);
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
  mill_diagram_set_timeline (self, mill_session_get_timeline (session));
  if (self->map != NULL)
    update_states (self);
}

void
mill_diagram_set_timeline (MillDiagram  *self,
                           MillTimeline *timeline)
{
  g_set_object (&self->timeline, timeline);
  g_signal_group_set_target (self->timeline_signals, timeline);
  mill_diagram_motion_set_timeline (self->motion, timeline);
  if (timeline != NULL)
    on_moment (self);
}

void
mill_diagram_show_hop (MillDiagram *self,
                       MillHop     *hop)
{
  mill_diagram_motion_show_hop (self->motion, hop);
}

const char *
mill_diagram_find_node (MillDiagram *self,
                        const char  *component,
                        const char  *kind)
{
  int node = self->map != NULL ? mill_diagram_map_find_place (self->map, g_intern_string (component), g_intern_string (kind)) : -1;

  return node >= 0 ? mill_diagram_map_get_node (self->map, node)->id : NULL;
}

void
mill_diagram_set_held (MillDiagram *self,
                       GHashTable  *held)
{
  for (guint i = 0; i < self->views->len; i++)
    mill_diagram_node_view_set_held (self->views->pdata[i],
                                     GPOINTER_TO_UINT (g_hash_table_lookup (held, mill_diagram_node_view_get_node (self->views->pdata[i])->id)));
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
  return mill_diagram_motion_get_n_moving (self->motion);
}

void
mill_diagram_draw (MillDiagram *self,
                   GtkSnapshot *snapshot,
                   gboolean     pixels)
{
  if (self->map == NULL || !mill_diagram_map_is_placed (self->map))
    return;
  if (self->edges == NULL)
    self->edges = mill_diagram_edges_paint (GTK_WIDGET (self), self->map, self->tutorial, get_deployment (self), self->carried);
  if (self->edges != NULL)
    gtk_snapshot_append_node (snapshot, self->edges);
  for (guint i = 0; i < self->views->len; i++)
    if (pixels)
      mill_still_snapshot_child (self->still, self->views->pdata[i], snapshot);
    else
      gtk_widget_snapshot_child (GTK_WIDGET (self), self->views->pdata[i], snapshot);
  if (pixels)
    gtk_widget_snapshot_child (GTK_WIDGET (self), GTK_WIDGET (self->motion), snapshot);
  else
    mill_diagram_motion_draw (self->motion, snapshot, FALSE);
}
