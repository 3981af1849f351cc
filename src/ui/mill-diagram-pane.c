/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-diagram-pane.h"

#include <glib/gi18n.h>

#include "mill-diagram-export.h"
#include "mill-timeline-bar.h"

#define ZOOM_STEP 1.25
#define ZOOM_ROOM 32

/* With Ctrl everywhere in the pane, alone where a node has the focus. */
static const struct {
  guint key;
  const char *action;
} keys[] = {
  { GDK_KEY_plus, "diagram.zoom-in" },
  { GDK_KEY_equal, "diagram.zoom-in" },
  { GDK_KEY_KP_Add, "diagram.zoom-in" },
  { GDK_KEY_minus, "diagram.zoom-out" },
  { GDK_KEY_KP_Subtract, "diagram.zoom-out" },
  { GDK_KEY_0, "diagram.fit" },
  { GDK_KEY_KP_0, "diagram.fit" },
};

static const struct {
  const char *icon;
  const char *label;
  const char *action;
} zooms[] = {
  { "zoom-out-symbolic", N_("Zoom Out"), "diagram.zoom-out" },
  { "zoom-fit-best-symbolic", N_("Show All"), "diagram.fit" },
  { "zoom-in-symbolic", N_("Zoom In"), "diagram.zoom-in" },
};

struct _MillDiagramPane
{
  GtkWidget parent_instance;

  GtkWidget *box;
  GtkWidget *overlay;
  GtkWidget *scroller;
  GtkWidget *diagram;
  GtkWidget *timeline;
  GtkWidget *zoom_box;
  GtkWidget *zoom_buttons[G_N_ELEMENTS (zooms)];
  MillSession *session;
  GtkFileChooserNative *chooser;

  /* What stays where it is while the zoom changes: a place in the content (as a part of it) and in the window (pixels). */
  double anchor[2], pointer[2];
  gboolean anchored[2];
  double dragged[2];
};

G_DEFINE_FINAL_TYPE (MillDiagramPane, mill_diagram_pane, GTK_TYPE_WIDGET)

static GtkAdjustment *
get_adjustment (MillDiagramPane *self,
                guint            axis)
{
  GtkScrolledWindow *scroller = GTK_SCROLLED_WINDOW (self->scroller);

  return axis == 0 ? gtk_scrolled_window_get_hadjustment (scroller) : gtk_scrolled_window_get_vadjustment (scroller);
}

static void
zoom_at (MillDiagramPane *self,
         double           zoom,
         double           x,
         double           y)
{
  double at[2] = { x, y };

  for (guint axis = 0; axis < 2; axis++)
    {
      GtkAdjustment *adjustment = get_adjustment (self, axis);
      double upper = MAX (gtk_adjustment_get_upper (adjustment), 1);

      self->pointer[axis] = at[axis];
      self->anchor[axis] = (gtk_adjustment_get_value (adjustment) + at[axis]) / upper;
      self->anchored[axis] = TRUE;
    }
  mill_diagram_set_zoom (MILL_DIAGRAM (self->diagram), zoom);
}

/* The content has its new size. */
static void
on_upper (GtkAdjustment   *adjustment,
          GParamSpec      *pspec,
          MillDiagramPane *self)
{
  guint axis = adjustment == get_adjustment (self, 0) ? 0 : 1;

  if (!self->anchored[axis])
    return;
  self->anchored[axis] = FALSE;
  gtk_adjustment_set_value (adjustment, self->anchor[axis] * gtk_adjustment_get_upper (adjustment) - self->pointer[axis]);
}

static gboolean
on_scroll (MillDiagramPane          *self,
           double                    dx,
           double                    dy,
           GtkEventControllerScroll *controller)
{
  GdkModifierType state = gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (controller));
  GdkEvent *event = gtk_event_controller_get_current_event (GTK_EVENT_CONTROLLER (controller));
  double zoom = mill_diagram_get_zoom (MILL_DIAGRAM (self->diagram));
  double x, y, left, top;

  if (!(state & GDK_CONTROL_MASK) || dy == 0)
    return GDK_EVENT_PROPAGATE;
  if (!gdk_event_get_position (event, &x, &y) ||
      !gtk_widget_translate_coordinates (self->scroller, GTK_WIDGET (gtk_widget_get_native (self->scroller)), 0, 0, &left, &top))
    x = y = left = top = 0;
  zoom_at (self, dy < 0 ? zoom * ZOOM_STEP : zoom / ZOOM_STEP, x - left, y - top);
  return GDK_EVENT_STOP;
}

static void
on_drag_begin (MillDiagramPane *self)
{
  for (guint axis = 0; axis < 2; axis++)
    self->dragged[axis] = gtk_adjustment_get_value (get_adjustment (self, axis));
  if (mill_diagram_get_zoom (MILL_DIAGRAM (self->diagram)) > 1)
    gtk_widget_set_cursor_from_name (self->scroller, "grabbing");
}

static void
on_drag_update (MillDiagramPane *self,
                double           x,
                double           y)
{
  gtk_adjustment_set_value (get_adjustment (self, 0), self->dragged[0] - x);
  gtk_adjustment_set_value (get_adjustment (self, 1), self->dragged[1] - y);
}

static void
on_drag_end (MillDiagramPane *self)
{
  gtk_widget_set_cursor (self->scroller, NULL);
}

static void
on_zoom_action (GtkWidget  *widget,
                const char *name,
                GVariant   *parameter)
{
  MillDiagramPane *self = MILL_DIAGRAM_PANE (widget);
  double zoom = mill_diagram_get_zoom (MILL_DIAGRAM (self->diagram));
  double x = gtk_widget_get_width (self->scroller) / 2.0, y = gtk_widget_get_height (self->scroller) / 2.0;
  GtkWidget *focus = gtk_root_get_focus (gtk_widget_get_root (widget));

  /* The node that has the focus stays where it is. */
  if (focus != NULL && gtk_widget_get_parent (focus) == self->diagram)
    gtk_widget_translate_coordinates (focus, self->scroller, gtk_widget_get_width (focus) / 2.0, gtk_widget_get_height (focus) / 2.0, &x, &y);
  if (g_str_equal (name, "diagram.zoom-in"))
    zoom_at (self, zoom * ZOOM_STEP, x, y);
  else if (g_str_equal (name, "diagram.zoom-out"))
    zoom_at (self, zoom / ZOOM_STEP, x, y);
  else
    mill_diagram_set_zoom (MILL_DIAGRAM (self->diagram), 1);
}

static void
on_zoom (MillDiagramPane *self)
{
  double zoom = mill_diagram_get_zoom (MILL_DIAGRAM (self->diagram));
  const gboolean enabled[] = { zoom > 0.25, zoom != 1, zoom < 4 };

  for (guint i = 0; i < G_N_ELEMENTS (zooms); i++)
    {
      gtk_widget_action_set_enabled (GTK_WIDGET (self), zooms[i].action, enabled[i]);
      gtk_widget_set_sensitive (self->zoom_buttons[i], enabled[i]);
    }
}

static void
on_zoom_clicked (GtkWidget  *button,
                 const char *action)
{
  gtk_widget_activate_action (button, action, NULL);
}

/* (transfer full): what was chosen, with the ending of the kind that was chosen where it has none. */
static GFile *
dup_file (GtkFileChooser *chooser)
{
  g_autoptr(GFile) file = gtk_file_chooser_get_file (chooser);
  g_autofree char *name = file != NULL ? g_file_get_basename (file) : NULL;
  g_autoptr(GFile) folder = NULL;
  g_autofree char *whole = NULL;
  GtkFileFilter *filter = gtk_file_chooser_get_filter (chooser);

  if (name == NULL || strchr (name, '.') != NULL)
    return g_steal_pointer (&file);
  folder = g_file_get_parent (file);
  whole = g_strconcat (name, filter != NULL && g_object_get_data (G_OBJECT (filter), "mill-png") != NULL ? ".png" : ".svg", NULL);
  return g_file_get_child (folder, whole);
}

static void
on_chosen (MillDiagramPane *self,
           int              response)
{
  g_autoptr(GtkFileChooserNative) chooser = g_steal_pointer (&self->chooser);
  MillTutorial *tutorial = mill_session_get_tutorial (self->session);
  g_autoptr(GFile) file = NULL;
  g_autoptr(GError) error = NULL;
  g_autofree char *said = NULL;

  if (response != GTK_RESPONSE_ACCEPT || (file = dup_file (GTK_FILE_CHOOSER (chooser))) == NULL)
    return;
  if (mill_diagram_export (MILL_DIAGRAM (self->diagram), tutorial != NULL ? mill_tutorial_get_title (tutorial) : "", file, &error))
    {
      g_autofree char *name = g_file_get_basename (file);
      said = g_strdup_printf (_("Exported as %s"), name);
    }
  gtk_widget_activate_action (GTK_WIDGET (self), "win.say", "s", error != NULL ? error->message : said);
}

static void
add_filter (GtkFileChooserNative *chooser,
            const char           *name,
            const char           *pattern,
            gboolean              png)
{
  g_autoptr(GtkFileFilter) filter = gtk_file_filter_new ();

  gtk_file_filter_set_name (filter, name);
  gtk_file_filter_add_pattern (filter, pattern);
  g_object_set_data (G_OBJECT (filter), "mill-png", GINT_TO_POINTER (png));
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (chooser), filter);
}

static void
mill_diagram_pane_dispose (GObject *object)
{
  MillDiagramPane *self = MILL_DIAGRAM_PANE (object);

  g_clear_object (&self->chooser);
  g_clear_object (&self->session);
  g_clear_pointer (&self->box, gtk_widget_unparent);
  G_OBJECT_CLASS (mill_diagram_pane_parent_class)->dispose (object);
}

static void
mill_diagram_pane_class_init (MillDiagramPaneClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = mill_diagram_pane_dispose;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_install_action (widget_class, "diagram.zoom-in", NULL, on_zoom_action);
  gtk_widget_class_install_action (widget_class, "diagram.zoom-out", NULL, on_zoom_action);
  gtk_widget_class_install_action (widget_class, "diagram.fit", NULL, on_zoom_action);
  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    gtk_widget_class_add_binding_action (widget_class, keys[i].key, GDK_CONTROL_MASK, keys[i].action, NULL);
}

static void
build_zoom_buttons (MillDiagramPane *self)
{
  self->zoom_box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 0);
  gtk_widget_set_css_classes (self->zoom_box, (const char *[]) { "linked", "mill-zoom", NULL });
  gtk_widget_set_halign (self->zoom_box, GTK_ALIGN_END);
  gtk_widget_set_valign (self->zoom_box, GTK_ALIGN_END);
  for (guint i = 0; i < G_N_ELEMENTS (zooms); i++)
    {
      GtkWidget *button = gtk_button_new_from_icon_name (zooms[i].icon);

      gtk_widget_set_tooltip_text (button, _(zooms[i].label));
      gtk_accessible_update_property (GTK_ACCESSIBLE (button), GTK_ACCESSIBLE_PROPERTY_LABEL, _(zooms[i].label), -1);
      /* A button with an action's name would forget in GTK 4.8 that it is enabled when the pane moves from one place to another. */
      g_signal_connect (button, "clicked", G_CALLBACK (on_zoom_clicked), (gpointer) zooms[i].action);
      gtk_box_append (GTK_BOX (self->zoom_box), button);
      self->zoom_buttons[i] = button;
    }
}

static void
mill_diagram_pane_init (MillDiagramPane *self)
{
  GtkEventController *scroll = gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_VERTICAL);
  GtkGesture *drag = gtk_gesture_drag_new ();
  GtkEventController *shortcuts = gtk_shortcut_controller_new ();

  self->diagram = mill_diagram_new ();
  /* The buttons in the corner cover no node. */
  gtk_widget_set_margin_bottom (self->diagram, ZOOM_ROOM);
  self->scroller = gtk_scrolled_window_new ();
  gtk_scrolled_window_set_child (GTK_SCROLLED_WINDOW (self->scroller), self->diagram);
  gtk_widget_set_hexpand (self->scroller, TRUE);
  gtk_widget_set_vexpand (self->scroller, TRUE);
  gtk_widget_add_css_class (self->scroller, "mill-canvas");
  self->overlay = gtk_overlay_new ();
  gtk_overlay_set_child (GTK_OVERLAY (self->overlay), self->scroller);
  build_zoom_buttons (self);
  gtk_overlay_add_overlay (GTK_OVERLAY (self->overlay), self->zoom_box);
  self->box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 0);
  gtk_box_append (GTK_BOX (self->box), self->overlay);
  gtk_widget_set_parent (self->box, GTK_WIDGET (self));

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    gtk_shortcut_controller_add_shortcut (GTK_SHORTCUT_CONTROLLER (shortcuts),
                                          gtk_shortcut_new (gtk_keyval_trigger_new (keys[i].key, 0), gtk_named_action_new (keys[i].action)));
  gtk_widget_add_controller (self->diagram, shortcuts);
  gtk_event_controller_set_propagation_phase (scroll, GTK_PHASE_CAPTURE);
  g_signal_connect_swapped (scroll, "scroll", G_CALLBACK (on_scroll), self);
  gtk_widget_add_controller (self->scroller, scroll);
  g_signal_connect_swapped (drag, "drag-begin", G_CALLBACK (on_drag_begin), self);
  g_signal_connect_swapped (drag, "drag-update", G_CALLBACK (on_drag_update), self);
  g_signal_connect_swapped (drag, "drag-end", G_CALLBACK (on_drag_end), self);
  gtk_widget_add_controller (self->scroller, GTK_EVENT_CONTROLLER (drag));
  g_signal_connect_object (get_adjustment (self, 0), "notify::upper", G_CALLBACK (on_upper), self, 0);
  g_signal_connect_object (get_adjustment (self, 1), "notify::upper", G_CALLBACK (on_upper), self, 0);
  g_signal_connect_object (self->diagram, "notify::zoom", G_CALLBACK (on_zoom), self, G_CONNECT_SWAPPED);
  on_zoom (self);
}

GtkWidget *
mill_diagram_pane_new (MillSession *session)
{
  MillDiagramPane *self = g_object_new (MILL_TYPE_DIAGRAM_PANE, NULL);

  self->session = g_object_ref (session);
  mill_diagram_set_session (MILL_DIAGRAM (self->diagram), session);
  self->timeline = mill_timeline_bar_new (mill_session_get_timeline (session));
  gtk_box_append (GTK_BOX (self->box), self->timeline);
  return GTK_WIDGET (self);
}

MillDiagram *
mill_diagram_pane_get_diagram (MillDiagramPane *self)
{
  return MILL_DIAGRAM (self->diagram);
}

static void
focus (GtkWidget *part)
{
  if ((gtk_widget_get_state_flags (part) & GTK_STATE_FLAG_FOCUS_WITHIN) == 0)
    gtk_widget_child_focus (part, GTK_DIR_TAB_FORWARD);
}

void
mill_diagram_pane_focus (MillDiagramPane *self)
{
  focus (self->diagram);
}

void
mill_diagram_pane_focus_timeline (MillDiagramPane *self)
{
  focus (self->timeline);
}

void
mill_diagram_pane_export (MillDiagramPane *self)
{
  g_autofree char *name = NULL;

  if (self->chooser != NULL)
    return;
  name = g_strdup_printf ("%s.svg", mill_deployment_get_tutorial_id (mill_session_get_deployment (self->session)));
  self->chooser = gtk_file_chooser_native_new (_("Export the Diagram"), GTK_WINDOW (gtk_widget_get_root (GTK_WIDGET (self))),
                                               GTK_FILE_CHOOSER_ACTION_SAVE, _("_Export"), _("_Cancel"));
  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (self->chooser), TRUE);
  add_filter (self->chooser, _("Drawing (SVG)"), "*.svg", FALSE);
  add_filter (self->chooser, _("Picture (PNG)"), "*.png", TRUE);
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (self->chooser), name);
  g_signal_connect_object (self->chooser, "response", G_CALLBACK (on_chosen), self, G_CONNECT_SWAPPED);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (self->chooser));
}
