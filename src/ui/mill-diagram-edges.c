/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-diagram-edges.h"

#include <adwaita.h>
#include <math.h>

#include "mill-colour.h"
#include "mill-diagram-state.h"

#define LINE         2.0
#define DASH         5.0

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

/* A small text with its middle at @at; @aside: pixels to the side, to the left where there is no room at the right; 0 above. */
static void
paint_text (GtkWidget              *widget,
            GtkSnapshot            *snapshot,
            const char             *text,
            const graphene_point_t *at,
            double                  aside,
            const GdkRGBA          *colour)
{
  g_autoptr(PangoLayout) layout = gtk_widget_create_pango_layout (widget, text);
  g_autoptr(PangoAttrList) attributes = pango_attr_list_new ();
  int width, height;
  double x;

  pango_attr_list_insert (attributes, pango_attr_scale_new (PANGO_SCALE_SMALL * 0.9));
  pango_attr_list_insert (attributes, pango_attr_font_features_new ("tnum=1"));
  pango_layout_set_attributes (layout, attributes);
  pango_layout_get_pixel_size (layout, &width, &height);
  gtk_snapshot_save (snapshot);
  /* Beside an upright way, above a level one. */
  x = aside > 0 ? at->x + aside : at->x - width / 2.0;
  if (aside > 0 && x + width > gtk_widget_get_width (widget))
    x = at->x - aside - width;
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (roundf (x), roundf (aside > 0 ? at->y - height / 2.0 : at->y - height - 2)));
  gtk_snapshot_append_layout (snapshot, layout, colour);
  gtk_snapshot_restore (snapshot);
}

static double
measure_text (GtkWidget  *widget,
              const char *text)
{
  g_autoptr(PangoLayout) layout = gtk_widget_create_pango_layout (widget, text);
  int width;

  pango_layout_get_pixel_size (layout, &width, NULL);
  return width * PANGO_SCALE_SMALL * 0.9;
}

/* What an edge carries: what it is called where there is room for it, and how many messages went along it. */
static void
paint_label (GtkWidget              *widget,
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
    if (texts[i] != NULL && *texts[i] != '\0' && measure_text (widget, texts[i]) <= room)
      {
        paint_text (widget, snapshot, texts[i], &middle, upright ? 6 : 0, colour);
        return;
      }
}

GskRenderNode *
mill_diagram_edges_paint (GtkWidget      *widget,
                          MillDiagramMap *map,
                          MillTutorial   *tutorial,
                          MillDeployment *deployment,
                          const guint64  *carried)
{
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  GdkRGBA solid, faint;

  mill_colour_lookup (widget, NULL, &solid);
  faint = solid;
  /* High contrast has its colours for those who need more. */
  if (!adw_style_manager_get_high_contrast (adw_style_manager_get_default ()))
    solid.alpha *= 0.7;
  faint.alpha *= 0.6;
  for (guint i = 0; i < mill_diagram_map_get_n_edges (map); i++)
    {
      graphene_point_t points[4];
      guint from, to, n;
      gboolean there = mill_diagram_is_edge_there (map, tutorial, deployment, i);

      if (!mill_diagram_map_get_ends (map, i, &from, &to))
        continue;
      n = mill_diagram_map_get_way (map, from, to, points);
      for (guint j = 1; j < n; j++)
        paint_leg (snapshot, points[j - 1], points[j], there ? &solid : &faint, !there);
      paint_head (snapshot, points[n - 2], points[n - 1], there ? &solid : &faint);
      paint_label (widget, snapshot, mill_diagram_map_get_edge (map, i), carried[i], points, n, mill_diagram_map_get_scale (map), &solid);
    }
  return gtk_snapshot_free_to_node (snapshot);
}
