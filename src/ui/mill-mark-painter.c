/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-mark-painter.h"

#include <math.h>

#include "mill-colour.h"
#include "mill-still.h"

#define DOT          11.0
#define STREAM       7.0      /* how wide */
#define DROP         9.0      /* how long one in a stream is, and how far from the next */
#define FLOW_SPEED   60.0     /* pixels a second */
#define BUNCH_ROW    (MILL_MARKS_MOST_BUNCH / 2)
#define MOST_PILLS   256

struct _MillMarkPainter
{
  GtkWidget *widget;

  GskRenderNode *dots[MILL_HOP_FILTERED + 1];
  GHashTable *pills;            /* number → GskRenderNode */
};

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
paint_pill (GtkWidget *widget,
            guint      number)
{
  g_autofree char *text = g_strdup_printf ("%u", number);
  g_autoptr(PangoLayout) layout = gtk_widget_create_pango_layout (widget, text);
  g_autoptr(PangoAttrList) attributes = pango_attr_list_new ();
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  GskRoundedRect outline;
  graphene_rect_t rect;
  GdkRGBA ground, colour;
  int width, height;

  pango_attr_list_insert (attributes, pango_attr_scale_new (PANGO_SCALE_SMALL));
  pango_attr_list_insert (attributes, pango_attr_weight_new (PANGO_WEIGHT_BOLD));
  pango_attr_list_insert (attributes, pango_attr_font_features_new ("tnum=1"));
  pango_layout_set_attributes (layout, attributes);
  pango_layout_get_pixel_size (layout, &width, &height);
  mill_colour_lookup (widget, "accent_bg_color", &ground);
  mill_colour_lookup (widget, "accent_fg_color", &colour);
  rect = GRAPHENE_RECT_INIT (-width / 2 - 6, -height / 2 - 1, width + 12, height + 2);
  gsk_rounded_rect_init_from_rect (&outline, &rect, rect.size.height / 2);
  gtk_snapshot_push_rounded_clip (snapshot, &outline);
  gtk_snapshot_append_color (snapshot, &ground, &rect);
  gtk_snapshot_pop (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (-width / 2, -height / 2));
  gtk_snapshot_append_layout (snapshot, layout, &colour);
  return gtk_snapshot_free_to_node (snapshot);
}

static GskRenderNode *
dup_pill (MillMarkPainter *self,
          guint            number,
          gboolean         pixels)
{
  GskRenderNode *pill;

  if (!pixels)
    return paint_pill (self->widget, number);
  pill = g_hash_table_lookup (self->pills, GUINT_TO_POINTER (number));
  if (pill == NULL)
    {
      pill = mill_still_bake (self->widget, paint_pill (self->widget, number));
      if (g_hash_table_size (self->pills) >= MOST_PILLS)
        g_hash_table_remove_all (self->pills);
      g_hash_table_insert (self->pills, GUINT_TO_POINTER (number), pill);
    }
  return gsk_render_node_ref (pill);
}

static GskRenderNode *
dup_dot (MillMarkPainter *self,
         double           scale,
         MillHopStatus    status,
         gboolean         pixels)
{
  if (!pixels)
    return paint_dot (self->widget, scale, status);
  if (self->dots[status] == NULL)
    self->dots[status] = mill_still_bake (self->widget, paint_dot (self->widget, scale, status));
  return gsk_render_node_ref (self->dots[status]);
}

/* Takes @node. */
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
  gsk_render_node_unref (node);
}

/* Drops that flow along a way. */
static void
draw_drops (MillMarkPainter        *self,
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

MillMarkPainter *
mill_mark_painter_new (GtkWidget *widget)
{
  MillMarkPainter *self = g_new0 (MillMarkPainter, 1);

  self->widget = widget;
  self->pills = g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) gsk_render_node_unref);
  return self;
}

void
mill_mark_painter_free (MillMarkPainter *self)
{
  mill_mark_painter_forget (self);
  g_hash_table_unref (self->pills);
  g_free (self);
}

void
mill_mark_painter_forget (MillMarkPainter *self)
{
  for (guint i = 0; i < G_N_ELEMENTS (self->dots); i++)
    g_clear_pointer (&self->dots[i], gsk_render_node_unref);
  g_hash_table_remove_all (self->pills);
}

void
mill_mark_painter_draw (MillMarkPainter *self,
                        GtkSnapshot     *snapshot,
                        MillDiagramMap  *map,
                        GArray          *marks,
                        gint64           time,
                        gboolean         pixels)
{
  g_autofree guint *bunch = g_new0 (guint, mill_diagram_map_get_n_nodes (map) + 1);
  double scale = mill_diagram_map_get_scale (map), step = DOT * CLAMP (scale, 0.7, 1.3) * 0.85;

  for (guint i = 0; i < marks->len; i++)
    {
      const MillMark *mark = &g_array_index (marks, MillMark, i);
      graphene_point_t points[4], at;
      gboolean upright;
      guint n;

      if (mark->from == mark->to)
        {
          guint slot = bunch[mark->to]++;

          /* In rows across the lower border of its node, so that the text in it can be read. */
          at = mill_diagram_map_get_centre (map, mark->to);
          at.x += (slot % BUNCH_ROW - (BUNCH_ROW - 1) / 2.0) * step;
          at.y += MILL_NODE_HEIGHT / 2 * scale + (slot / BUNCH_ROW + 0.25) * step;
          draw_at (snapshot, mark->n > 1 ? dup_pill (self, mark->n, pixels) : dup_dot (self, scale, mark->status, pixels), &at);
          continue;
        }
      n = mill_diagram_map_get_way (map, mark->from, mark->to, points);
      upright = fabs (points[1].y - points[0].y) > fabs (points[1].x - points[0].x);
      if (mark->progress < 0)
        {
          GskRenderNode *pill = dup_pill (self, mark->n, pixels);
          graphene_rect_t bounds;

          draw_drops (self, snapshot, points, n, time);
          /* On the side where the edge's own number is not. */
          gsk_render_node_get_bounds (pill, &bounds);
          at = mill_diagram_map_along (points, n, 0.5);
          at.x -= upright || n > 2 ? bounds.size.width / 2 + STREAM / 2 + 1 : 0;
          at.y += upright || n > 2 ? 0 : bounds.size.height / 2 + STREAM / 2 + 1;
          draw_at (snapshot, pill, &at);
        }
      else
        {
          /* Those that fly side by side: one in the middle, the others beside it by turns. */
          int lane = mark->lane % 2 == 0 ? -(int) (mark->lane / 2) : (int) (mark->lane + 1) / 2;

          at = mill_diagram_map_along (points, n, mark->progress);
          at.x += upright ? lane * step : 0;
          at.y += upright ? 0 : lane * step;
          draw_at (snapshot, dup_dot (self, scale, mark->status, pixels), &at);
        }
    }
}
