/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-adaptive-bin.h"

#define FLOOR       340
#define MEDIUM_FROM 640
#define WIDE_FROM   940
/* The size of text, in pixels, that those are for; they grow with large text. */
#define USUAL_TEXT  (11 * 96 / 72.0)

struct _MillAdaptiveBin
{
  GtkWidget parent_instance;

  GtkWidget *child;
  MillWidth width;
  guint idle;
};

enum {
  PROP_0,
  PROP_CHILD,
  N_PROPS,
};

enum {
  WIDTH_CHANGED,
  N_SIGNALS,
};

static GParamSpec *properties[N_PROPS];
static guint signals[N_SIGNALS];

static void mill_adaptive_bin_buildable_init (GtkBuildableIface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (MillAdaptiveBin, mill_adaptive_bin, GTK_TYPE_WIDGET,
                               G_IMPLEMENT_INTERFACE (GTK_TYPE_BUILDABLE, mill_adaptive_bin_buildable_init))

static GtkBuildableIface *parent_buildable;

static gboolean
tell (gpointer data)
{
  MillAdaptiveBin *self = data;

  self->idle = 0;
  g_signal_emit (self, signals[WIDTH_CHANGED], 0, (guint) self->width);
  gtk_widget_queue_resize (GTK_WIDGET (self));
  return G_SOURCE_REMOVE;
}

static MillWidth
find_width (MillAdaptiveBin *self,
            int              width)
{
  PangoContext *context = gtk_widget_get_pango_context (GTK_WIDGET (self));
  const PangoFontDescription *font = pango_context_get_font_description (context);
  double size = pango_font_description_get_size (font) / (double) PANGO_SCALE;
  double scale;

  if (!pango_font_description_get_size_is_absolute (font))
    size *= pango_cairo_context_get_resolution (context) / 72;
  scale = MAX (size / USUAL_TEXT, 1);
  if (width >= WIDE_FROM * scale)
    return MILL_WIDTH_WIDE;
  return width >= MEDIUM_FROM * scale ? MILL_WIDTH_MEDIUM : MILL_WIDTH_NARROW;
}

static void
mill_adaptive_bin_measure (GtkWidget      *widget,
                           GtkOrientation  orientation,
                           int             for_size,
                           int            *minimum,
                           int            *natural,
                           int            *minimum_baseline,
                           int            *natural_baseline)
{
  MillAdaptiveBin *self = MILL_ADAPTIVE_BIN (widget);
  int child_minimum = 0;

  *minimum = *natural = 0;
  if (self->child == NULL)
    return;
  if (orientation == GTK_ORIENTATION_VERTICAL && for_size >= 0)
    {
      gtk_widget_measure (self->child, GTK_ORIENTATION_HORIZONTAL, -1, &child_minimum, NULL, NULL, NULL);
      for_size = MAX (for_size, child_minimum);
    }
  gtk_widget_measure (self->child, orientation, for_size, minimum, natural, NULL, NULL);
  *minimum = MIN (*minimum, FLOOR);
}

static void
mill_adaptive_bin_size_allocate (GtkWidget *widget,
                                 int        width,
                                 int        height,
                                 int        baseline)
{
  MillAdaptiveBin *self = MILL_ADAPTIVE_BIN (widget);
  MillWidth now = find_width (self, width);
  int child_width = 0, child_height = 0;

  if (self->child == NULL)
    return;
  /* For the one frame until the child has changed it may be wider than there is room: it is cut off. */
  gtk_widget_measure (self->child, GTK_ORIENTATION_HORIZONTAL, -1, &child_width, NULL, NULL, NULL);
  child_width = MAX (width, child_width);
  gtk_widget_measure (self->child, GTK_ORIENTATION_VERTICAL, child_width, &child_height, NULL, NULL, NULL);
  gtk_widget_allocate (self->child, child_width, MAX (height, child_height), -1, NULL);
  if (now != self->width)
    {
      self->width = now;
      if (self->idle == 0)
        self->idle = g_idle_add_full (GTK_PRIORITY_RESIZE - 1, tell, self, NULL);
    }
}

static void
mill_adaptive_bin_get_property (GObject    *object,
                                guint       id,
                                GValue     *value,
                                GParamSpec *pspec)
{
  g_value_set_object (value, MILL_ADAPTIVE_BIN (object)->child);
}

static void
mill_adaptive_bin_set_property (GObject      *object,
                                guint         id,
                                const GValue *value,
                                GParamSpec   *pspec)
{
  mill_adaptive_bin_set_child (MILL_ADAPTIVE_BIN (object), g_value_get_object (value));
}

static void
mill_adaptive_bin_dispose (GObject *object)
{
  MillAdaptiveBin *self = MILL_ADAPTIVE_BIN (object);

  g_clear_handle_id (&self->idle, g_source_remove);
  g_clear_pointer (&self->child, gtk_widget_unparent);
  G_OBJECT_CLASS (mill_adaptive_bin_parent_class)->dispose (object);
}

static void
mill_adaptive_bin_add_child (GtkBuildable *buildable,
                             GtkBuilder   *builder,
                             GObject      *child,
                             const char   *type)
{
  if (GTK_IS_WIDGET (child))
    mill_adaptive_bin_set_child (MILL_ADAPTIVE_BIN (buildable), GTK_WIDGET (child));
  else
    parent_buildable->add_child (buildable, builder, child, type);
}

static void
mill_adaptive_bin_buildable_init (GtkBuildableIface *iface)
{
  parent_buildable = g_type_interface_peek_parent (iface);
  iface->add_child = mill_adaptive_bin_add_child;
}

static void
mill_adaptive_bin_class_init (MillAdaptiveBinClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = mill_adaptive_bin_dispose;
  object_class->get_property = mill_adaptive_bin_get_property;
  object_class->set_property = mill_adaptive_bin_set_property;
  widget_class->measure = mill_adaptive_bin_measure;
  widget_class->size_allocate = mill_adaptive_bin_size_allocate;

  properties[PROP_CHILD] = g_param_spec_object ("child", NULL, NULL, GTK_TYPE_WIDGET,
                                                G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  signals[WIDTH_CHANGED] = g_signal_new ("width-changed", MILL_TYPE_ADAPTIVE_BIN, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                         G_TYPE_NONE, 1, G_TYPE_UINT);
}

static void
mill_adaptive_bin_init (MillAdaptiveBin *self)
{
  self->width = MILL_WIDTH_WIDE;
  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
}

void
mill_adaptive_bin_set_child (MillAdaptiveBin *self,
                             GtkWidget       *child)
{
  if (self->child == child)
    return;
  g_clear_pointer (&self->child, gtk_widget_unparent);
  self->child = child;
  if (child != NULL)
    gtk_widget_set_parent (child, GTK_WIDGET (self));
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_CHILD]);
}

MillWidth
mill_adaptive_bin_get_width (MillAdaptiveBin *self)
{
  return self->width;
}
