/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-diagram-painter.h"

#include <math.h>

#include "mill-colour.h"

#define DOT          11.0
#define LINE         2.0
#define DASH         5.0
#define STREAM       7.0      /* how wide */
#define DROP         9.0      /* how long one in a stream is, and how far from the next */
#define FLOW_SPEED   60.0     /* pixels a second */
#define BUNCH_ROW    (MILL_MARKS_MOST_BUNCH / 2)
#define MOST_PILLS   256
#define LANES        5
#define LANE_PROGRESS 0.2

struct _MillDiagramPainter
{
  GtkWidget *widget;

  GskRenderNode *edges;
  GskRenderNode *dots[MILL_HOP_FILTERED + 1];
  GHashTable *pills;            /* number → GskRenderNode */
  gboolean has_edges;
};

/* (transfer full): what @node draws, as pixels: what is drawn hundreds of times a frame is not to be worked out anew each time. Takes @node. */
static GskRenderNode *
bake (MillDiagramPainter *self,
      GskRenderNode      *node)
{
  int scale = gtk_widget_get_scale_factor (self->widget);
  graphene_rect_t bounds;
  cairo_surface_t *surface;
  cairo_t *cairo;
  g_autoptr(GBytes) bytes = NULL;
  g_autoptr(GdkTexture) texture = NULL;
  int width, height;

  gsk_render_node_get_bounds (node, &bounds);
  graphene_rect_round_extents (&bounds, &bounds);
  width = (int) bounds.size.width * scale;
  height = (int) bounds.size.height * scale;
  surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, width, height);
  cairo_surface_set_device_scale (surface, scale, scale);
  cairo = cairo_create (surface);
  cairo_translate (cairo, -bounds.origin.x, -bounds.origin.y);
  gsk_render_node_draw (node, cairo);
  cairo_destroy (cairo);
  gsk_render_node_unref (node);
  cairo_surface_flush (surface);
  bytes = g_bytes_new (cairo_image_surface_get_data (surface), (gsize) cairo_image_surface_get_stride (surface) * height);
  texture = gdk_memory_texture_new (width, height, GDK_MEMORY_DEFAULT, bytes, cairo_image_surface_get_stride (surface));
  cairo_surface_destroy (surface);
  return gsk_texture_node_new (texture, &bounds);
}

static void
paint_leg (GtkSnapshot      *snapshot,
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
paint_head (GtkSnapshot      *snapshot,
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

/* A small text with its middle at @at; @aside: pixels to the side, 0 above. */
static void
paint_text (MillDiagramPainter     *self,
            GtkSnapshot            *snapshot,
            const char             *text,
            const graphene_point_t *at,
            double                  aside,
            const GdkRGBA          *colour)
{
  g_autoptr(PangoLayout) layout = gtk_widget_create_pango_layout (self->widget, text);
  g_autoptr(PangoAttrList) attributes = pango_attr_list_new ();
  int width, height;

  pango_attr_list_insert (attributes, pango_attr_scale_new (PANGO_SCALE_SMALL * 0.9));
  pango_attr_list_insert (attributes, pango_attr_font_features_new ("tnum=1"));
  pango_layout_set_attributes (layout, attributes);
  pango_layout_get_pixel_size (layout, &width, &height);
  gtk_snapshot_save (snapshot);
  /* Beside an upright way, above a level one. */
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (roundf (aside > 0 ? at->x + aside : at->x - width / 2.0),
                                                          roundf (aside > 0 ? at->y - height / 2.0 : at->y - height - 2)));
  gtk_snapshot_append_layout (snapshot, layout, colour);
  gtk_snapshot_restore (snapshot);
}

static double
measure_text (MillDiagramPainter *self,
              const char         *text)
{
  g_autoptr(PangoLayout) layout = gtk_widget_create_pango_layout (self->widget, text);
  int width;

  pango_layout_get_pixel_size (layout, &width, NULL);
  return width * PANGO_SCALE_SMALL * 0.9;
}

/* What an edge carries: what it is called where there is room for it, and how many messages went along it. */
static void
paint_label (MillDiagramPainter     *self,
             GtkSnapshot            *snapshot,
             const MillDiagramEdge  *edge,
             guint64                 carried,
             const graphene_point_t *points,
             guint                   n,
             double                  scale,
             const GdkRGBA          *colour)
{
  graphene_point_t middle = mill_diagram_map_along (points, n, 0.5);
  gboolean upright = n == 2 ? fabs (points[0].y - points[1].y) > fabs (points[0].x - points[1].x) : TRUE;
  /* Beside an upright way as far as the next column, above a level one as far as the nodes. */
  double room = upright ? MILL_CELL_WIDTH * scale - 18 : fabs (points[0].x - points[n - 1].x) - 4;
  g_autofree char *number = carried > 0 ? g_strdup_printf ("%" G_GUINT64_FORMAT, carried) : g_strdup ("");
  g_autofree char *both = *edge->label != '\0' && carried > 0 ? g_strdup_printf ("%s · %s", edge->label, number) : NULL;
  const char *texts[] = { both, carried > 0 ? number : edge->label };

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    if (texts[i] != NULL && *texts[i] != '\0' && measure_text (self, texts[i]) <= room)
      {
        paint_text (self, snapshot, texts[i], &middle, upright ? 6 : 0, colour);
        return;
      }
}

static GskRenderNode *
paint_dot (GtkWidget     *widget,
           double         scale,
           MillHopStatus  status)
{
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  double size = DOT * CLAMP (scale, 0.7, 1.3);
  gboolean bad = status == MILL_HOP_FAILED || status == MILL_HOP_RETRYING;
  GskRoundedRect outline;
  graphene_rect_t rect = GRAPHENE_RECT_INIT (-size / 2 - 2, -size / 2 - 2, size + 4, size + 4);
  GdkRGBA colour, ground;

  mill_colour_lookup (widget, bad ? "error_bg_color" : "accent_bg_color", &colour);
  mill_colour_lookup (widget, "view_bg_color", &ground);
  if (bad)
    gtk_snapshot_rotate (snapshot, 45);
  gsk_rounded_rect_init_from_rect (&outline, &rect, bad ? 2 : size / 2 + 2);
  gtk_snapshot_push_rounded_clip (snapshot, &outline);
  gtk_snapshot_append_color (snapshot, &ground, &rect);
  gtk_snapshot_pop (snapshot);
  graphene_rect_inset (&rect, 2, 2);
  gsk_rounded_rect_init_from_rect (&outline, &rect, bad ? 1 : size / 2);
  gtk_snapshot_push_rounded_clip (snapshot, &outline);
  gtk_snapshot_append_color (snapshot, &colour, &rect);
  if (bad)
    {
      gtk_snapshot_rotate (snapshot, -45);
      gtk_snapshot_append_color (snapshot, &ground, &GRAPHENE_RECT_INIT (-size / 4, -1, size / 2, 2));
    }
  gtk_snapshot_pop (snapshot);
  return gtk_snapshot_free_to_node (snapshot);
}

/* A number on a ground of its own, centred on the origin. */
static GskRenderNode *
get_pill (MillDiagramPainter *self,
          guint               number)
{
  GskRenderNode *pill = g_hash_table_lookup (self->pills, GUINT_TO_POINTER (number));
  g_autoptr(PangoLayout) layout = NULL;
  g_autoptr(PangoAttrList) attributes = NULL;
  g_autofree char *text = NULL;
  GtkSnapshot *snapshot;
  GskRoundedRect outline;
  graphene_rect_t rect;
  GdkRGBA ground, colour;
  int width, height;

  if (pill != NULL)
    return pill;
  text = g_strdup_printf ("%u", number);
  attributes = pango_attr_list_new ();
  pango_attr_list_insert (attributes, pango_attr_scale_new (PANGO_SCALE_SMALL));
  pango_attr_list_insert (attributes, pango_attr_weight_new (PANGO_WEIGHT_BOLD));
  pango_attr_list_insert (attributes, pango_attr_font_features_new ("tnum=1"));
  layout = gtk_widget_create_pango_layout (self->widget, text);
  pango_layout_set_attributes (layout, attributes);
  pango_layout_get_pixel_size (layout, &width, &height);
  mill_colour_lookup (self->widget, "accent_bg_color", &ground);
  mill_colour_lookup (self->widget, "accent_fg_color", &colour);
  snapshot = gtk_snapshot_new ();
  rect = GRAPHENE_RECT_INIT (-width / 2 - 6, -height / 2 - 1, width + 12, height + 2);
  gsk_rounded_rect_init_from_rect (&outline, &rect, rect.size.height / 2);
  gtk_snapshot_push_rounded_clip (snapshot, &outline);
  gtk_snapshot_append_color (snapshot, &ground, &rect);
  gtk_snapshot_pop (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (-width / 2, -height / 2));
  gtk_snapshot_append_layout (snapshot, layout, &colour);
  pill = bake (self, gtk_snapshot_free_to_node (snapshot));
  if (g_hash_table_size (self->pills) >= MOST_PILLS)
    g_hash_table_remove_all (self->pills);
  g_hash_table_insert (self->pills, GUINT_TO_POINTER (number), pill);
  return pill;
}

static GskRenderNode *
get_dot (MillDiagramPainter *self,
         double              scale,
         MillHopStatus       status)
{
  if (self->dots[status] == NULL)
    self->dots[status] = bake (self, paint_dot (self->widget, scale, status));
  return self->dots[status];
}

static void
draw_at (GtkSnapshot            *snapshot,
         GskRenderNode          *node,
         const graphene_point_t *at)
{
  gtk_snapshot_save (snapshot);
  /* Pixels on pixels. */
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (roundf (at->x), roundf (at->y)));
  gtk_snapshot_append_node (snapshot, node);
  gtk_snapshot_restore (snapshot);
}

/* Drops that flow along a way. */
static void
draw_stream (MillDiagramPainter     *self,
             GtkSnapshot            *snapshot,
             const graphene_point_t *points,
             guint                   n,
             gint64                  time)
{
  double begins = DROP * 2 - fmod (time / 1e6 * FLOW_SPEED, DROP * 2);
  GdkRGBA colour;

  mill_colour_lookup (self->widget, "accent_bg_color", &colour);
  for (guint i = 1; i < n; i++)
    {
      graphene_point_t a = points[i - 1], b = points[i];
      double length = MAX (fabs (b.x - a.x), fabs (b.y - a.y));
      gboolean across = fabs (b.x - a.x) > fabs (b.y - a.y);
      double direction = across ? (b.x > a.x ? 1 : -1) : b.y > a.y ? 1 : -1;

      for (double at = -begins; at < length; at += DROP * 2)
        {
          double from = MAX (at, 0), to = MIN (at + DROP, length);
          double start = direction > 0 ? from : -to;

          if (to <= from)
            continue;
          gtk_snapshot_append_color (snapshot, &colour, across
                                     ? &GRAPHENE_RECT_INIT (a.x + start, a.y - STREAM / 2, to - from, STREAM)
                                     : &GRAPHENE_RECT_INIT (a.x - STREAM / 2, a.y + start, STREAM, to - from));
        }
    }
}

/* Messages that fly side by side, a batch or one that was split: each has a lane of its own, as far as there are lanes. */
static int
find_lane (GArray *marks,
           guint   index)
{
  const MillMark *mark = &g_array_index (marks, MillMark, index);
  guint beside = 0;

  for (guint i = 0; i < index; i++)
    {
      const MillMark *other = &g_array_index (marks, MillMark, i);

      if (other->from == mark->from && other->to == mark->to && other->from != other->to && other->progress >= 0 &&
          fabs (other->progress - mark->progress) < LANE_PROGRESS)
        beside++;
    }
  beside %= LANES;
  return beside % 2 == 0 ? -(int) (beside / 2) : (int) (beside + 1) / 2;
}

MillDiagramPainter *
mill_diagram_painter_new (GtkWidget *widget)
{
  MillDiagramPainter *self = g_new0 (MillDiagramPainter, 1);

  self->widget = widget;
  self->pills = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) gsk_render_node_unref);
  return self;
}

void
mill_diagram_painter_free (MillDiagramPainter *self)
{
  mill_diagram_painter_forget (self);
  g_hash_table_unref (self->pills);
  g_free (self);
}

void
mill_diagram_painter_forget (MillDiagramPainter *self)
{
  mill_diagram_painter_forget_edges (self);
  for (guint i = 0; i < G_N_ELEMENTS (self->dots); i++)
    g_clear_pointer (&self->dots[i], gsk_render_node_unref);
  g_hash_table_remove_all (self->pills);
}

void
mill_diagram_painter_forget_edges (MillDiagramPainter *self)
{
  g_clear_pointer (&self->edges, gsk_render_node_unref);
  self->has_edges = FALSE;
}

gboolean
mill_diagram_painter_has_edges (MillDiagramPainter *self)
{
  return self->has_edges;
}

void
mill_diagram_painter_set_edges (MillDiagramPainter *self,
                                MillDiagramMap     *map,
                                const gboolean     *there,
                                const guint64      *carried)
{
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  GdkRGBA solid, faint;

  mill_colour_lookup (self->widget, NULL, &solid);
  faint = solid;
  solid.alpha *= 0.7;
  faint.alpha *= 0.35;
  for (guint i = 0; i < mill_diagram_map_get_n_edges (map); i++)
    {
      graphene_point_t points[4];
      guint from, to, n;

      if (!mill_diagram_map_get_ends (map, i, &from, &to))
        continue;
      n = mill_diagram_map_get_way (map, from, to, points);
      for (guint j = 1; j < n; j++)
        paint_leg (snapshot, points[j - 1], points[j], there[i] ? &solid : &faint, !there[i]);
      paint_head (snapshot, points[n - 2], points[n - 1], there[i] ? &solid : &faint);
      paint_label (self, snapshot, mill_diagram_map_get_edge (map, i), carried[i], points, n, mill_diagram_map_get_scale (map), &solid);
    }
  self->edges = gtk_snapshot_free_to_node (snapshot);
  self->has_edges = TRUE;
}

void
mill_diagram_painter_draw_edges (MillDiagramPainter *self,
                                 GtkSnapshot        *snapshot)
{
  if (self->edges != NULL)
    gtk_snapshot_append_node (snapshot, self->edges);
}

void
mill_diagram_painter_draw_marks (MillDiagramPainter *self,
                                 GtkSnapshot        *snapshot,
                                 MillDiagramMap     *map,
                                 GArray             *marks,
                                 gint64              time)
{
  g_autofree guint *bunch = g_new0 (guint, mill_diagram_map_get_n_nodes (map) + 1);
  double scale = mill_diagram_map_get_scale (map), step = DOT * CLAMP (scale, 0.7, 1.3) * 0.85;

  for (guint i = 0; i < marks->len; i++)
    {
      const MillMark *mark = &g_array_index (marks, MillMark, i);
      graphene_point_t points[4], at;
      guint n;

      if (mark->from == mark->to)
        {
          guint slot = bunch[mark->to]++;

          /* In rows across the lower border of its node, so that the text in it can be read. */
          at = mill_diagram_map_get_centre (map, mark->to);
          at.x += (slot % BUNCH_ROW - (BUNCH_ROW - 1) / 2.0) * step;
          at.y += MILL_NODE_HEIGHT / 2 * scale + (slot / BUNCH_ROW + 0.25) * step;
          draw_at (snapshot, mark->n > 1 ? get_pill (self, mark->n) : get_dot (self, scale, mark->status), &at);
          continue;
        }
      n = mill_diagram_map_get_way (map, mark->from, mark->to, points);
      if (mark->progress < 0)
        {
          draw_stream (self, snapshot, points, n, time);
          at = mill_diagram_map_along (points, n, 0.5);
          draw_at (snapshot, get_pill (self, mark->n), &at);
        }
      else
        {
          int lane = find_lane (marks, i);
          gboolean upright = fabs (points[1].y - points[0].y) > fabs (points[1].x - points[0].x);

          at = mill_diagram_map_along (points, n, mark->progress);
          at.x += upright ? lane * step : 0;
          at.y += upright ? 0 : lane * step;
          draw_at (snapshot, get_dot (self, scale, mark->status), &at);
        }
    }
}
