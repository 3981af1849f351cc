/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-diagram-painter.h"

#include <math.h>

#define DOT          11.0
#define LINE         2.0
#define DASH         5.0

static void
lookup_colour (GtkWidget  *widget,
               const char *name,
               GdkRGBA    *colour)
{
  GtkStyleContext *context = gtk_widget_get_style_context (widget);

  if (name == NULL || !gtk_style_context_lookup_color (context, name, colour))
    gtk_style_context_get_color (context, colour);
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

GskRenderNode *
mill_diagram_paint_edges (GtkWidget      *widget,
                          MillDiagramMap *map,
                          const gboolean *there)
{
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  GdkRGBA solid, faint;

  lookup_colour (widget, NULL, &solid);
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
    }
  return gtk_snapshot_free_to_node (snapshot);
}

GskRenderNode *
mill_diagram_paint_dot (GtkWidget     *widget,
                        double         scale,
                        MillHopStatus  status)
{
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  double size = DOT * CLAMP (scale, 0.7, 1.3);
  gboolean bad = status == MILL_HOP_FAILED || status == MILL_HOP_RETRYING;
  GskRoundedRect outline;
  graphene_rect_t rect = GRAPHENE_RECT_INIT (-size / 2 - 2, -size / 2 - 2, size + 4, size + 4);
  GdkRGBA colour, ground;

  lookup_colour (widget, status == MILL_HOP_FAILED ? "error_bg_color" : status == MILL_HOP_RETRYING ? "warning_bg_color" : "accent_bg_color", &colour);
  lookup_colour (widget, "view_bg_color", &ground);
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
