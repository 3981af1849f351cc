/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-timeline-track.h"

#include <glib/gi18n.h>
#include <math.h>

#include "mill-colour.h"
#include "mill-format.h"

#define HEIGHT    26
#define BAR       3.0      /* pixels for each bar, and one between */
#define CURSOR    2.0
#define MOST_BARS 600
/* The line follows what happens no quicker than this, in milliseconds. */
#define FOLLOW_MS 120

struct _MillTimelineTrack
{
  GtkWidget parent_instance;

  MillTimeline *timeline;
  GskRenderNode *bars;          /* cached; NULL where they must be drawn anew */
  double drag_start;
  guint follow;
};

G_DEFINE_FINAL_TYPE (MillTimelineTrack, mill_timeline_track, GTK_TYPE_WIDGET)

static double
to_x (MillTimelineTrack *self,
      double             moment)
{
  double length = mill_timeline_get_length (self->timeline);
  double width = gtk_widget_get_width (GTK_WIDGET (self)) - CURSOR;
  double x = moment > 0 && length > 0 ? mill_timeline_to_position (self->timeline, moment) / length * width : width;

  return gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL ? width - x : x;
}

static void
go_to_x (MillTimelineTrack *self,
         double             x)
{
  double width = MAX (gtk_widget_get_width (GTK_WIDGET (self)) - CURSOR, 1);

  if (gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL)
    x = width - x;
  mill_timeline_set_playing (self->timeline, FALSE);
  mill_timeline_set_moment (self->timeline, mill_timeline_from_position (self->timeline, CLAMP (x / width, 0, 1) * mill_timeline_get_length (self->timeline)));
}

char *
mill_timeline_track_dup_text (MillTimelineTrack *self)
{
  double moment = mill_timeline_get_moment (self->timeline);
  g_autofree char *clock = NULL;
  g_autoptr(GDateTime) now = NULL, then = NULL;
  g_autofree char *day = NULL;

  if (moment == 0)
    /* Translators: the time line follows what happens now */
    return g_strdup (mill_timeline_get_end (self->timeline) > 0 ? _("Live") : _("Nothing observed yet"));
  clock = mill_format_clock (moment);
  now = g_date_time_new_now_local ();
  then = g_date_time_new_from_unix_local ((gint64) moment);
  if (then == NULL || g_date_time_get_day_of_year (now) == g_date_time_get_day_of_year (then))
    return g_steal_pointer (&clock);
  day = g_date_time_format (then, "%x");
  return g_strdup_printf ("%s %s", day, clock);
}

static void
update (MillTimelineTrack *self)
{
  double length = mill_timeline_get_length (self->timeline);
  double moment = mill_timeline_get_moment (self->timeline);
  g_autofree char *text = mill_timeline_track_dup_text (self);

  /* GTK 4.8 passes values on for its own ranges only: the description says it too. */
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text,
                                  GTK_ACCESSIBLE_PROPERTY_VALUE_MIN, 0.0,
                                  GTK_ACCESSIBLE_PROPERTY_VALUE_MAX, length,
                                  GTK_ACCESSIBLE_PROPERTY_VALUE_NOW, moment > 0 ? mill_timeline_to_position (self->timeline, moment) : length,
                                  GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, text, -1);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static gboolean
on_follow (gpointer data)
{
  MillTimelineTrack *self = data;

  self->follow = 0;
  g_clear_pointer (&self->bars, gsk_render_node_unref);
  update (self);
  return G_SOURCE_REMOVE;
}

static void
on_changed (MillTimelineTrack *self)
{
  if (self->follow == 0)
    self->follow = g_timeout_add (FOLLOW_MS, on_follow, self);
}

static void
on_drag_begin (MillTimelineTrack *self,
               double             x,
               double             y)
{
  gtk_widget_grab_focus (GTK_WIDGET (self));
  self->drag_start = x;
  go_to_x (self, x);
}

static void
on_drag_update (MillTimelineTrack *self,
                double             x,
                double             y)
{
  go_to_x (self, self->drag_start + x);
}

static gboolean
on_key (MillTimelineTrack *self,
        guint              key,
        guint              code,
        GdkModifierType    state)
{
  double moment = mill_timeline_get_moment (self->timeline), length = mill_timeline_get_length (self->timeline);
  double position = mill_timeline_to_position (self->timeline, moment);
  gboolean rtl = gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL;

  if (state & (GDK_CONTROL_MASK | GDK_ALT_MASK))
    return GDK_EVENT_PROPAGATE;
  switch (key)
    {
    case GDK_KEY_Left: case GDK_KEY_KP_Left:
      gtk_widget_activate_action (GTK_WIDGET (self), rtl ? "timeline.next" : "timeline.previous", NULL);
      return GDK_EVENT_STOP;
    case GDK_KEY_Right: case GDK_KEY_KP_Right:
      gtk_widget_activate_action (GTK_WIDGET (self), rtl ? "timeline.previous" : "timeline.next", NULL);
      return GDK_EVENT_STOP;
    case GDK_KEY_Home: case GDK_KEY_KP_Home: position = 0; break;
    case GDK_KEY_End: case GDK_KEY_KP_End: position = length; break;
    case GDK_KEY_Page_Up: case GDK_KEY_KP_Page_Up: position -= length / 10; break;
    case GDK_KEY_Page_Down: case GDK_KEY_KP_Page_Down: position += length / 10; break;
    default: return GDK_EVENT_PROPAGATE;
    }
  mill_timeline_set_playing (self->timeline, FALSE);
  mill_timeline_set_moment (self->timeline, position >= length ? 0 : mill_timeline_from_position (self->timeline, MAX (position, 0)));
  return GDK_EVENT_STOP;
}

static GskRenderNode *
paint_bars (MillTimelineTrack *self,
            double             width,
            double             height)
{
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  guint n = CLAMP ((guint) (width / (BAR + 1)), 1, MOST_BARS), most = 1;
  g_autofree guint *all = g_new0 (guint, n);
  g_autofree guint *failed = g_new0 (guint, n);
  gboolean rtl = gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL;
  GdkRGBA ground, colour, error;

  mill_colour_lookup (GTK_WIDGET (self), NULL, &ground);
  mill_colour_lookup (GTK_WIDGET (self), "accent_bg_color", &colour);
  mill_colour_lookup (GTK_WIDGET (self), "error_bg_color", &error);
  ground.alpha *= 0.25;
  gtk_snapshot_append_color (snapshot, &ground, &GRAPHENE_RECT_INIT (0, height - 1, width, 1));
  mill_timeline_count (self->timeline, n, all, failed);
  for (guint i = 0; i < n; i++)
    most = MAX (most, all[i]);
  for (guint i = 0; i < n; i++)
    {
      double left = width * (rtl ? n - 1 - i : i) / n, bar = all[i] > 0 ? 4 + (height - 6) * sqrt ((double) all[i] / most) : 0;

      if (all[i] > 0)
        gtk_snapshot_append_color (snapshot, failed[i] > 0 ? &error : &colour, &GRAPHENE_RECT_INIT (left, height - bar, BAR, bar));
      /* Taller than its neighbours: the colour alone does not tell. */
      if (failed[i] > 0)
        gtk_snapshot_append_color (snapshot, &error, &GRAPHENE_RECT_INIT (left, 0, BAR, height));
    }
  return gtk_snapshot_free_to_node (snapshot);
}

static void
mill_timeline_track_snapshot (GtkWidget   *widget,
                              GtkSnapshot *snapshot)
{
  MillTimelineTrack *self = MILL_TIMELINE_TRACK (widget);
  double width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  double x = to_x (self, mill_timeline_get_moment (self->timeline));
  GdkRGBA colour;

  if (self->bars == NULL)
    self->bars = paint_bars (self, width, height);
  if (self->bars != NULL)
    gtk_snapshot_append_node (snapshot, self->bars);
  if (mill_timeline_get_end (self->timeline) == 0)
    return;
  mill_colour_lookup (widget, NULL, &colour);
  gtk_snapshot_append_color (snapshot, &colour, &GRAPHENE_RECT_INIT (x, 0, CURSOR, height));
  gtk_snapshot_append_color (snapshot, &colour, &GRAPHENE_RECT_INIT (x - 3, 0, CURSOR + 6, 4));
}

static void
mill_timeline_track_measure (GtkWidget      *widget,
                             GtkOrientation  orientation,
                             int             for_size,
                             int            *minimum,
                             int            *natural,
                             int            *minimum_baseline,
                             int            *natural_baseline)
{
  *minimum = orientation == GTK_ORIENTATION_VERTICAL ? HEIGHT : 60;
  *natural = orientation == GTK_ORIENTATION_VERTICAL ? HEIGHT : 240;
}

static void
mill_timeline_track_size_allocate (GtkWidget *widget,
                                   int        width,
                                   int        height,
                                   int        baseline)
{
  g_clear_pointer (&MILL_TIMELINE_TRACK (widget)->bars, gsk_render_node_unref);
}

static void
mill_timeline_track_css_changed (GtkWidget         *widget,
                                 GtkCssStyleChange *change)
{
  GTK_WIDGET_CLASS (mill_timeline_track_parent_class)->css_changed (widget, change);
  g_clear_pointer (&MILL_TIMELINE_TRACK (widget)->bars, gsk_render_node_unref);
}

static void
mill_timeline_track_dispose (GObject *object)
{
  MillTimelineTrack *self = MILL_TIMELINE_TRACK (object);

  g_clear_handle_id (&self->follow, g_source_remove);
  g_clear_pointer (&self->bars, gsk_render_node_unref);
  G_OBJECT_CLASS (mill_timeline_track_parent_class)->dispose (object);
}

static void
mill_timeline_track_finalize (GObject *object)
{
  g_object_unref (MILL_TIMELINE_TRACK (object)->timeline);
  G_OBJECT_CLASS (mill_timeline_track_parent_class)->finalize (object);
}

static void
mill_timeline_track_class_init (MillTimelineTrackClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = mill_timeline_track_dispose;
  G_OBJECT_CLASS (klass)->finalize = mill_timeline_track_finalize;
  widget_class->measure = mill_timeline_track_measure;
  widget_class->size_allocate = mill_timeline_track_size_allocate;
  widget_class->snapshot = mill_timeline_track_snapshot;
  widget_class->css_changed = mill_timeline_track_css_changed;
  gtk_widget_class_set_css_name (widget_class, "milltrack");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_SLIDER);
}

static void
mill_timeline_track_init (MillTimelineTrack *self)
{
  GtkEventController *keys = gtk_event_controller_key_new ();
  GtkGesture *drag = gtk_gesture_drag_new ();

  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_cursor_from_name (GTK_WIDGET (self), "ew-resize");
  g_signal_connect_swapped (keys, "key-pressed", G_CALLBACK (on_key), self);
  gtk_widget_add_controller (GTK_WIDGET (self), keys);
  g_signal_connect_swapped (drag, "drag-begin", G_CALLBACK (on_drag_begin), self);
  g_signal_connect_swapped (drag, "drag-update", G_CALLBACK (on_drag_update), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (drag));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Time line"), -1);
}

GtkWidget *
mill_timeline_track_new (MillTimeline *timeline)
{
  MillTimelineTrack *self = g_object_new (MILL_TYPE_TIMELINE_TRACK, NULL);

  self->timeline = g_object_ref (timeline);
  g_signal_connect_object (timeline, "changed", G_CALLBACK (on_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (timeline, "notify::moment", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
  return GTK_WIDGET (self);
}
