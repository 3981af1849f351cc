/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-timeline-bar.h"

#include <glib/gi18n.h>

#include "mill-timeline-track.h"

static const struct {
  double speed;
  const char *label;
} speeds[] = {
  /* Translators: how fast the past is played */
  { 0.5, N_("½×") },
  { 1, N_("1×") },
  { 4, N_("4×") },
};

struct _MillTimelineBar
{
  GtkWidget parent_instance;

  GtkWidget *box;
  GtkWidget *track;
  GtkWidget *play;
  GtkWidget *when;
  GtkWidget *speed;
  GtkWidget *live;

  MillTimeline *timeline;
  gint64 last;                  /* frame time, microseconds */
  guint tick;
};

G_DEFINE_FINAL_TYPE (MillTimelineBar, mill_timeline_bar, GTK_TYPE_WIDGET)

static void
on_moment (MillTimelineBar *self)
{
  double moment = mill_timeline_get_moment (self->timeline);
  gboolean any = mill_timeline_get_end (self->timeline) > 0;
  g_autofree char *text = mill_timeline_track_dup_text (MILL_TIMELINE_TRACK (self->track));

  gtk_label_set_label (GTK_LABEL (self->when), text);
  gtk_widget_set_sensitive (self->track, any);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "timeline.play", any);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "timeline.previous", any && moment != mill_timeline_get_start (self->timeline));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "timeline.next", moment > 0);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "timeline.live", moment > 0);
  /* Its room is the text's as long as there is nothing to come back from. */
  gtk_widget_set_visible (self->live, any);
}

/* Until something was observed there is nothing to go back to. */
static void
on_changed (MillTimelineBar *self)
{
  if (!gtk_widget_get_sensitive (self->track) || !mill_timeline_is_live (self->timeline))
    on_moment (self);
}

static gboolean
on_tick (GtkWidget     *widget,
         GdkFrameClock *clock,
         gpointer       data)
{
  MillTimelineBar *self = MILL_TIMELINE_BAR (widget);
  gint64 now = gdk_frame_clock_get_frame_time (clock);

  mill_timeline_advance (self->timeline, self->last > 0 ? (now - self->last) / 1e6 : 0);
  self->last = now;
  if (mill_timeline_get_playing (self->timeline))
    return G_SOURCE_CONTINUE;
  self->tick = 0;
  return G_SOURCE_REMOVE;
}

static void
on_playing (MillTimelineBar *self)
{
  gboolean playing = mill_timeline_get_playing (self->timeline);
  const char *label = playing ? _("Pause") : _("Play");

  gtk_button_set_icon_name (GTK_BUTTON (self->play), playing ? "media-playback-pause-symbolic" : "media-playback-start-symbolic");
  gtk_widget_set_tooltip_text (self->play, label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->play), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  if (playing && self->tick == 0)
    {
      self->last = 0;
      self->tick = gtk_widget_add_tick_callback (GTK_WIDGET (self), on_tick, NULL, NULL);
    }
}

static void
on_speed (MillTimelineBar *self)
{
  guint chosen = gtk_drop_down_get_selected (GTK_DROP_DOWN (self->speed));

  if (chosen < G_N_ELEMENTS (speeds))
    mill_timeline_set_speed (self->timeline, speeds[chosen].speed);
}

static void
on_action (GtkWidget  *widget,
           const char *name,
           GVariant   *parameter)
{
  MillTimelineBar *self = MILL_TIMELINE_BAR (widget);
  double moment = mill_timeline_get_moment (self->timeline);
  gboolean playing = mill_timeline_get_playing (self->timeline);

  if (g_str_equal (name, "timeline.play"))
    {
      mill_timeline_set_playing (self->timeline, !playing);
      return;
    }
  mill_timeline_set_playing (self->timeline, FALSE);
  if (g_str_equal (name, "timeline.previous"))
    {
      double previous = mill_timeline_get_previous (self->timeline, moment);

      if (previous > 0)
        mill_timeline_set_moment (self->timeline, previous);
    }
  /* After the last hop comes the present. */
  else
    mill_timeline_set_moment (self->timeline, g_str_equal (name, "timeline.next") && moment > 0 ? mill_timeline_get_next (self->timeline, moment) : 0);
}

static void
mill_timeline_bar_dispose (GObject *object)
{
  g_clear_pointer (&MILL_TIMELINE_BAR (object)->box, gtk_widget_unparent);
  G_OBJECT_CLASS (mill_timeline_bar_parent_class)->dispose (object);
}

static void
mill_timeline_bar_finalize (GObject *object)
{
  g_object_unref (MILL_TIMELINE_BAR (object)->timeline);
  G_OBJECT_CLASS (mill_timeline_bar_parent_class)->finalize (object);
}

static void
mill_timeline_bar_class_init (MillTimelineBarClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = mill_timeline_bar_dispose;
  G_OBJECT_CLASS (klass)->finalize = mill_timeline_bar_finalize;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
  gtk_widget_class_install_action (widget_class, "timeline.play", NULL, on_action);
  gtk_widget_class_install_action (widget_class, "timeline.previous", NULL, on_action);
  gtk_widget_class_install_action (widget_class, "timeline.next", NULL, on_action);
  gtk_widget_class_install_action (widget_class, "timeline.live", NULL, on_action);
}

static void
mill_timeline_bar_init (MillTimelineBar *self)
{
}

static GtkWidget *
add_button (GtkWidget  *box,
            const char *icon,
            const char *label,
            const char *action)
{
  GtkWidget *button = gtk_button_new_from_icon_name (icon);

  gtk_widget_add_css_class (button, "flat");
  gtk_widget_set_tooltip_text (button, label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), action);
  gtk_widget_set_direction (gtk_button_get_child (GTK_BUTTON (button)), GTK_TEXT_DIR_LTR);
  gtk_box_append (GTK_BOX (box), button);
  return button;
}

static void
build (MillTimelineBar *self)
{
  GtkWidget *controls = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 2);
  g_autoptr(GtkStringList) labels = gtk_string_list_new (NULL);

  self->track = mill_timeline_track_new (self->timeline);
  /* Time goes from left to right in every language, and so does what plays it. */
  gtk_widget_set_direction (controls, GTK_TEXT_DIR_LTR);
  add_button (controls, "media-skip-backward-symbolic", _("To the Hop Before"), "timeline.previous");
  self->play = add_button (controls, "media-playback-start-symbolic", _("Play"), "timeline.play");
  add_button (controls, "media-skip-forward-symbolic", _("To the Next Hop"), "timeline.next");
  for (guint i = 0; i < G_N_ELEMENTS (speeds); i++)
    gtk_string_list_append (labels, _(speeds[i].label));
  self->speed = gtk_drop_down_new (G_LIST_MODEL (g_steal_pointer (&labels)), NULL);
  /* The button in it takes the focus. */
  gtk_accessible_update_property (GTK_ACCESSIBLE (gtk_widget_get_first_child (self->speed)), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Speed"), -1);
  gtk_drop_down_set_selected (GTK_DROP_DOWN (self->speed), 1);
  gtk_widget_add_css_class (self->speed, "flat");
  gtk_widget_set_tooltip_text (self->speed, _("Speed"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->speed), GTK_ACCESSIBLE_PROPERTY_LABEL, _("Speed"), -1);
  gtk_box_append (GTK_BOX (controls), self->speed);
  self->when = gtk_label_new (NULL);
  gtk_widget_set_css_classes (self->when, (const char *[]) { "caption", "numeric", NULL });
  gtk_widget_set_hexpand (self->when, TRUE);
  gtk_box_append (GTK_BOX (controls), self->when);
  self->live = gtk_button_new_with_mnemonic (_("Back to _Live"));
  gtk_widget_add_css_class (self->live, "flat");
  /* Where both have no room, the time matters more. */
  gtk_label_set_ellipsize (GTK_LABEL (gtk_button_get_child (GTK_BUTTON (self->live))), PANGO_ELLIPSIZE_END);
  gtk_widget_set_tooltip_text (self->live, _("Back to Live"));
  gtk_actionable_set_action_name (GTK_ACTIONABLE (self->live), "timeline.live");
  gtk_box_append (GTK_BOX (controls), self->live);
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 2);
  gtk_widget_add_css_class (self->box, "mill-timeline");
  gtk_box_append (GTK_BOX (self->box), self->track);
  gtk_box_append (GTK_BOX (self->box), controls);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));
}

GtkWidget *
mill_timeline_bar_new (MillTimeline *timeline)
{
  MillTimelineBar *self = g_object_new (MILL_TYPE_TIMELINE_BAR, NULL);

  self->timeline = g_object_ref (timeline);
  build (self);
  g_signal_connect_object (timeline, "notify::moment", G_CALLBACK (on_moment), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (timeline, "changed", G_CALLBACK (on_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (timeline, "notify::playing", G_CALLBACK (on_playing), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->speed, "notify::selected", G_CALLBACK (on_speed), self, G_CONNECT_SWAPPED);
  on_moment (self);
  on_playing (self);
  return GTK_WIDGET (self);
}
