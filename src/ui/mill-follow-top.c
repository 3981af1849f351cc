/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-follow-top.h"

/* As many rows as can be made anew without anybody noticing; more than that has to wait. */
#define FEW 20
#define CALM_MS 300
#define LONGEST_MS 2000

typedef struct
{
  GtkWidget     *list;       /* borrowed: it owns this */
  GtkAdjustment *adjustment;
  GListModel    *model;
  gboolean       at_top;
  guint          come;       /* rows that came and were not followed */
  gint64         since;      /* monotonic µs: when the first of them came */
  guint          frames;     /* until GTK has put the rows in their place; what the adjustment says meanwhile is not the user's */
  guint          tick;
  guint          calm;
} Follow;

static void
follow_free (gpointer data)
{
  Follow *self = data;

  /* The list goes, and its tick with it. */
  g_clear_handle_id (&self->calm, g_source_remove);
  g_signal_handlers_disconnect_by_data (self->adjustment, self);
  g_signal_handlers_disconnect_by_data (self->model, self);
  g_object_unref (self->adjustment);
  g_object_unref (self->model);
  g_free (self);
}

static gboolean
on_tick (GtkWidget     *widget,
         GdkFrameClock *clock,
         gpointer       data);

/* What GTK does within the next two frames is no scrolling of the user's. */
static void
wait_for_rows (Follow *self)
{
  self->frames = 2;
  if (self->tick == 0)
    self->tick = gtk_widget_add_tick_callback (self->list, on_tick, self, NULL);
}

static void
follow (Follow *self)
{
  g_clear_handle_id (&self->calm, g_source_remove);
  self->come = 0;
  /* A row that has the focus stays in view. */
  if (!self->at_top || gtk_widget_get_focus_child (self->list) != NULL || gtk_adjustment_get_value (self->adjustment) <= 0)
    return;
  wait_for_rows (self);
  gtk_adjustment_set_value (self->adjustment, 0);
}

static gboolean
on_calm (gpointer data)
{
  Follow *self = data;

  self->calm = 0;
  follow (self);
  return G_SOURCE_REMOVE;
}

static gboolean
on_tick (GtkWidget     *widget,
         GdkFrameClock *clock,
         gpointer       data)
{
  Follow *self = data;

  if (self->frames-- > 1)
    return G_SOURCE_CONTINUE;
  self->tick = 0;
  if (self->come == 0)
    return G_SOURCE_REMOVE;
  if (self->come <= FEW || g_get_monotonic_time () - self->since > LONGEST_MS * 1000)
    follow (self);
  else
    {
      g_clear_handle_id (&self->calm, g_source_remove);
      self->calm = g_timeout_add (CALM_MS, on_calm, self);
    }
  return G_SOURCE_REMOVE;
}

static void
on_items_changed (Follow *self,
                  guint   position,
                  guint   removed,
                  guint   added)
{
  if (added > 0 && self->come == 0)
    self->since = g_get_monotonic_time ();
  self->come += added;
  wait_for_rows (self);
}

static void
on_value_changed (Follow *self)
{
  if (self->tick == 0)
    self->at_top = gtk_adjustment_get_value (self->adjustment) < 1;
}

/* The wheel says what is meant, also while rows come all the time. */
static gboolean
on_scroll (GtkEventControllerScroll *controller,
           double                    dx,
           double                    dy,
           gpointer                  data)
{
  Follow *self = data;

  if (dy > 0)
    self->at_top = FALSE;
  return GDK_EVENT_PROPAGATE;
}

void
mill_follow_top (GtkWidget *list)
{
  Follow *self = g_new0 (Follow, 1);
  GtkEventController *wheel = gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_VERTICAL);

  self->list = list;
  self->adjustment = g_object_ref (gtk_scrollable_get_vadjustment (GTK_SCROLLABLE (list)));
  self->model = G_LIST_MODEL (g_object_ref (gtk_list_view_get_model (GTK_LIST_VIEW (list))));
  self->at_top = TRUE;
  g_object_set_data_full (G_OBJECT (list), "mill-follow-top", self, follow_free);
  g_signal_connect_swapped (self->model, "items-changed", G_CALLBACK (on_items_changed), self);
  g_signal_connect_swapped (self->adjustment, "value-changed", G_CALLBACK (on_value_changed), self);
  gtk_event_controller_set_propagation_phase (wheel, GTK_PHASE_CAPTURE);
  g_signal_connect (wheel, "scroll", G_CALLBACK (on_scroll), self);
  gtk_widget_add_controller (list, wheel);
}
