/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-diagram-motion.h"

#include "mill-mark-painter.h"
#include "mill-past.h"
#include "mill-present.h"

/* What is older than this when it becomes known does not fly, in seconds. */
#define RECENT 15.0

struct _MillDiagramMotion
{
  GtkWidget parent_instance;

  MillDiagramMap *map;          /* not owned */
  MillTimeline *timeline;
  GSignalGroup *timeline_signals;
  MillTraffic *traffic;
  GArray *marks;                /* of MillMark: what is shown of the messages */
  MillMarkPainter *painter;
  guint tick;
};

enum {
  LANDED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (MillDiagramMotion, mill_diagram_motion, GTK_TYPE_WIDGET)

static double
get_moment (MillDiagramMotion *self)
{
  return self->timeline != NULL ? mill_timeline_get_moment (self->timeline) : 0;
}

static gint64
get_frame_time (MillDiagramMotion *self)
{
  GdkFrameClock *clock = gtk_widget_get_frame_clock (GTK_WIDGET (self));

  return clock != NULL ? gdk_frame_clock_get_frame_time (clock) : 0;
}

static void
on_landed (guint         node,
           MillHopStatus status,
           gpointer      data)
{
  MillDiagramMotion *self = data;
  const char *kind = mill_diagram_map_get_node (self->map, node)->kind;
  /* What comes back to a queue failed somewhere else. */
  gboolean failed = status == MILL_HOP_FAILED ||
                    (status == MILL_HOP_RETRYING && g_strcmp0 (kind, "queue") != 0 && g_strcmp0 (kind, "stream") != 0);

  g_signal_emit (self, signals[LANDED], 0, node, failed);
}

static gboolean
is_animated (MillDiagramMotion *self)
{
  gboolean animated;

  g_object_get (gtk_widget_get_settings (GTK_WIDGET (self)), "gtk-enable-animations", &animated, NULL);
  return animated;
}

/* What there is to be seen of the messages at the moment that is looked at. */
static void
update_marks (MillDiagramMotion *self)
{
  gboolean past = get_moment (self) > 0;

  g_array_set_size (self->marks, 0);
  if (self->map == NULL)
    return;
  if (past)
    {
      mill_past_add_marks (self->map, mill_timeline_get_traces (self->timeline), get_moment (self), self->marks);
      if (!is_animated (self))
        mill_marks_still (self->marks);
    }
  else
    mill_traffic_add_marks (self->traffic, get_frame_time (self), self->marks);
  mill_marks_condense (self->marks, mill_diagram_map_get_n_nodes (self->map));
  if (past)
    mill_marks_spread (self->marks);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static gboolean
on_tick (GtkWidget     *widget,
         GdkFrameClock *clock,
         gpointer       data)
{
  MillDiagramMotion *self = MILL_DIAGRAM_MOTION (widget);
  guint flying = mill_traffic_advance (self->traffic, gdk_frame_clock_get_frame_time (clock), on_landed, self);

  update_marks (self);
  if (flying > 0)
    return G_SOURCE_CONTINUE;
  self->tick = 0;
  return G_SOURCE_REMOVE;
}

static void
start (MillDiagramMotion *self)
{
  if (self->tick == 0 && gtk_widget_get_mapped (GTK_WIDGET (self)))
    self->tick = gtk_widget_add_tick_callback (GTK_WIDGET (self), on_tick, NULL, NULL);
}

static void
stop (MillDiagramMotion *self)
{
  if (self->tick != 0)
    gtk_widget_remove_tick_callback (GTK_WIDGET (self), self->tick);
  self->tick = 0;
}

/* Where animations are off, messages do not fly. */
static gboolean
can_fly (MillDiagramMotion *self)
{
  return is_animated (self) && gtk_widget_get_mapped (GTK_WIDGET (self)) && gtk_widget_get_frame_clock (GTK_WIDGET (self)) != NULL;
}

/* Another moment is looked at; coming back to the present, only what is still under way is there. */
static void
on_moment (MillDiagramMotion *self)
{
  stop (self);
  mill_traffic_clear (self->traffic);
  if (self->map != NULL && self->timeline != NULL && get_moment (self) == 0)
    mill_present_fill (self->map, self->traffic, mill_timeline_get_traces (self->timeline));
  update_marks (self);
}

static void
mill_diagram_motion_snapshot (GtkWidget   *widget,
                              GtkSnapshot *snapshot)
{
  mill_diagram_motion_draw (MILL_DIAGRAM_MOTION (widget), snapshot, TRUE);
}

static void
mill_diagram_motion_css_changed (GtkWidget         *widget,
                                 GtkCssStyleChange *change)
{
  GTK_WIDGET_CLASS (mill_diagram_motion_parent_class)->css_changed (widget, change);
  mill_mark_painter_forget (MILL_DIAGRAM_MOTION (widget)->painter);
}

static void
mill_diagram_motion_shown (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (mill_diagram_motion_parent_class)->map (widget);
  update_marks (MILL_DIAGRAM_MOTION (widget));
}

static void
mill_diagram_motion_unmap (GtkWidget *widget)
{
  MillDiagramMotion *self = MILL_DIAGRAM_MOTION (widget);

  stop (self);
  /* Nobody sees it fly: it lands. */
  mill_traffic_advance (self->traffic, G_MAXINT64, NULL, NULL);
  GTK_WIDGET_CLASS (mill_diagram_motion_parent_class)->unmap (widget);
}

static void
mill_diagram_motion_dispose (GObject *object)
{
  MillDiagramMotion *self = MILL_DIAGRAM_MOTION (object);

  g_clear_object (&self->timeline_signals);
  g_clear_object (&self->timeline);
  self->map = NULL;
  G_OBJECT_CLASS (mill_diagram_motion_parent_class)->dispose (object);
}

static void
mill_diagram_motion_finalize (GObject *object)
{
  MillDiagramMotion *self = MILL_DIAGRAM_MOTION (object);

  mill_traffic_free (self->traffic);
  g_array_unref (self->marks);
  mill_mark_painter_free (self->painter);
  G_OBJECT_CLASS (mill_diagram_motion_parent_class)->finalize (object);
}

static void
mill_diagram_motion_class_init (MillDiagramMotionClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = mill_diagram_motion_dispose;
  G_OBJECT_CLASS (klass)->finalize = mill_diagram_motion_finalize;
  widget_class->snapshot = mill_diagram_motion_snapshot;
  widget_class->css_changed = mill_diagram_motion_css_changed;
  widget_class->map = mill_diagram_motion_shown;
  widget_class->unmap = mill_diagram_motion_unmap;
  signals[LANDED] = g_signal_new ("landed", MILL_TYPE_DIAGRAM_MOTION, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 2, G_TYPE_UINT, G_TYPE_BOOLEAN);

  gtk_widget_class_set_css_name (widget_class, "millmotion");
  /* All that it shows is in the messages list. */
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_PRESENTATION);
}

static void
mill_diagram_motion_init (MillDiagramMotion *self)
{
  self->traffic = mill_traffic_new ();
  self->marks = g_array_new (FALSE, FALSE, sizeof (MillMark));
  self->painter = mill_mark_painter_new (GTK_WIDGET (self));
  self->timeline_signals = g_signal_group_new (MILL_TYPE_TIMELINE);
  g_signal_group_connect_swapped (self->timeline_signals, "notify::moment", G_CALLBACK (on_moment), self);
  gtk_widget_set_can_target (GTK_WIDGET (self), FALSE);
}

GtkWidget *
mill_diagram_motion_new (void)
{
  return g_object_new (MILL_TYPE_DIAGRAM_MOTION, NULL);
}

void
mill_diagram_motion_set_map (MillDiagramMotion *self,
                             MillDiagramMap    *map)
{
  self->map = map;
  on_moment (self);
}

void
mill_diagram_motion_set_timeline (MillDiagramMotion *self,
                                  MillTimeline      *timeline)
{
  g_set_object (&self->timeline, timeline);
  g_signal_group_set_target (self->timeline_signals, timeline);
  on_moment (self);
}

void
mill_diagram_motion_place (MillDiagramMotion *self)
{
  mill_mark_painter_forget (self->painter);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

void
mill_diagram_motion_show_hop (MillDiagramMotion *self,
                              MillHop           *hop)
{
  gboolean recent;
  guint n;
  const MillVisit *visits = mill_hop_get_visits (hop, &n);
  int lit;

  /* The past does not change because of what happens now. */
  if (self->map == NULL || get_moment (self) > 0)
    return;
  /* What is told of long ago, as when a window is opened, does not fly. */
  recent = MAX (visits[n - 1].arrived, visits[n - 1].left) > g_get_real_time () / 1e6 - RECENT;
  lit = mill_present_show_hop (self->map, self->traffic, hop, recent && can_fly (self), get_frame_time (self));
  if (lit >= 0 && recent)
    on_landed (lit, mill_hop_get_status (hop), self);
  start (self);
}

void
mill_diagram_motion_draw (MillDiagramMotion *self,
                          GtkSnapshot       *snapshot,
                          gboolean           pixels)
{
  if (self->map != NULL && mill_diagram_map_is_placed (self->map))
    mill_mark_painter_draw (self->painter, snapshot, self->map, self->marks, self->tick != 0 ? get_frame_time (self) : 0, pixels);
}

guint
mill_diagram_motion_get_n_moving (MillDiagramMotion *self)
{
  return mill_traffic_get_n_flying (self->traffic);
}
