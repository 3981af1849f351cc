/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-sparkline.h"

#define HEIGHT 10

struct _MillSparkline
{
  GtkWidget parent_instance;

  GArray *values;      /* of guint */
  guint most;
};

G_DEFINE_FINAL_TYPE (MillSparkline, mill_sparkline, GTK_TYPE_WIDGET)

static void
mill_sparkline_measure (GtkWidget      *widget,
                        GtkOrientation  orientation,
                        int             for_size,
                        int            *minimum,
                        int            *natural,
                        int            *minimum_baseline,
                        int            *natural_baseline)
{
  *minimum = *natural = orientation == GTK_ORIENTATION_VERTICAL ? HEIGHT : 30;
}

static void
mill_sparkline_snapshot (GtkWidget   *widget,
                         GtkSnapshot *snapshot)
{
  MillSparkline *self = MILL_SPARKLINE (widget);
  double width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  gboolean rtl = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  GdkRGBA colour;

  if (self->most == 0)
    return;
  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &colour);
  for (guint i = 0; i < self->values->len; i++)
    {
      guint value = g_array_index (self->values, guint, i);
      double bar = value > 0 ? MAX (height * value / self->most, 2) : 0;
      double left = width * (rtl ? self->values->len - 1 - i : i) / self->values->len;

      if (value > 0)
        gtk_snapshot_append_color (snapshot, &colour, &GRAPHENE_RECT_INIT (left, height - bar, MAX (width / self->values->len - 1, 1), bar));
    }
}

static void
mill_sparkline_finalize (GObject *object)
{
  g_array_unref (MILL_SPARKLINE (object)->values);
  G_OBJECT_CLASS (mill_sparkline_parent_class)->finalize (object);
}

static void
mill_sparkline_class_init (MillSparklineClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = mill_sparkline_finalize;
  widget_class->measure = mill_sparkline_measure;
  widget_class->snapshot = mill_sparkline_snapshot;
  gtk_widget_class_set_css_name (widget_class, "millsparkline");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_PRESENTATION);
}

static void
mill_sparkline_init (MillSparkline *self)
{
  self->values = g_array_new (FALSE, TRUE, sizeof (guint));
}

GtkWidget *
mill_sparkline_new (void)
{
  return g_object_new (MILL_TYPE_SPARKLINE, NULL);
}

void
mill_sparkline_set_values (MillSparkline *self,
                           const guint   *values,
                           guint          n)
{
  if (self->values->len == n && memcmp (self->values->data, values, n * sizeof *values) == 0)
    return;
  g_array_set_size (self->values, 0);
  g_array_append_vals (self->values, values, n);
  self->most = 0;
  for (guint i = 0; i < n; i++)
    self->most = MAX (self->most, values[i]);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}
