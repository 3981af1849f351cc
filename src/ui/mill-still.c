/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-still.h"

struct _MillStill
{
  GtkWidget *widget;
  GHashTable *children;         /* GtkWidget → Child */
};

typedef struct {
  GskRenderNode *seen;          /* what the child drew itself as last time */
  GskTransform *place;
  GskRenderNode *pixels;        /* NULL before that was the same twice */
} Child;

static void
child_clear (Child *child)
{
  g_clear_pointer (&child->seen, gsk_render_node_unref);
  g_clear_pointer (&child->place, gsk_transform_unref);
  g_clear_pointer (&child->pixels, gsk_render_node_unref);
}

static void
child_free (gpointer data)
{
  child_clear (data);
  g_free (data);
}

static gboolean
is_drawn_by_cairo (GtkWidget *widget)
{
  GtkNative *native = gtk_widget_get_native (widget);

  return native != NULL && GSK_IS_CAIRO_RENDERER (gtk_native_get_renderer (native));
}

MillStill *
mill_still_new (GtkWidget *widget)
{
  MillStill *self = g_new0 (MillStill, 1);

  self->widget = widget;
  self->children = g_hash_table_new_full (NULL, NULL, NULL, child_free);
  return self;
}

void
mill_still_free (MillStill *self)
{
  g_hash_table_unref (self->children);
  g_free (self);
}

void
mill_still_forget (MillStill *self)
{
  g_hash_table_remove_all (self->children);
}

void
mill_still_snapshot_child (MillStill   *self,
                           GtkWidget   *child,
                           GtkSnapshot *snapshot)
{
  Child *kept = g_hash_table_lookup (self->children, child);
  GtkSnapshot *own;
  GskRenderNode *node, *inner;
  GskTransform *place = NULL;

  /* A graphics card draws it faster than it takes new pixels. */
  if (!is_drawn_by_cairo (self->widget))
    {
      gtk_widget_snapshot_child (self->widget, child, snapshot);
      return;
    }
  own = gtk_snapshot_new ();
  gtk_widget_snapshot_child (self->widget, child, own);
  node = gtk_snapshot_free_to_node (own);
  if (node == NULL)
    return;
  if (kept == NULL)
    {
      kept = g_new0 (Child, 1);
      g_hash_table_insert (self->children, child, kept);
    }
  /* A child that has not changed gives the same node, in a new one that puts it into its place. */
  inner = node;
  if (gsk_render_node_get_node_type (node) == GSK_TRANSFORM_NODE)
    {
      inner = gsk_transform_node_get_child (node);
      place = gsk_transform_node_get_transform (node);
    }
  if (inner == kept->seen && gsk_transform_equal (place, kept->place))
    {
      if (kept->pixels == NULL)
        kept->pixels = mill_still_bake (self->widget, gsk_render_node_ref (node));
      gtk_snapshot_append_node (snapshot, kept->pixels);
    }
  else
    {
      child_clear (kept);
      kept->seen = gsk_render_node_ref (inner);
      kept->place = gsk_transform_ref (place);
      gtk_snapshot_append_node (snapshot, node);
    }
  gsk_render_node_unref (node);
}

GskRenderNode *
mill_still_bake (GtkWidget     *widget,
                 GskRenderNode *node)
{
  int scale = gtk_widget_get_scale_factor (widget);
  graphene_rect_t bounds;
  GskRenderNode *baked;
  cairo_surface_t *surface;
  cairo_t *cairo;
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
  /* GTK 4.8 converts and copies a texture each time that cairo draws it. */
  if (is_drawn_by_cairo (widget))
    {
      baked = gsk_cairo_node_new (&bounds);
      cairo = gsk_cairo_node_get_draw_context (baked);
      cairo_set_source_surface (cairo, surface, bounds.origin.x, bounds.origin.y);
      cairo_rectangle (cairo, bounds.origin.x, bounds.origin.y, bounds.size.width, bounds.size.height);
      cairo_fill (cairo);
      cairo_destroy (cairo);
    }
  else
    {
      int stride = cairo_image_surface_get_stride (surface);
      g_autoptr(GBytes) bytes = g_bytes_new (cairo_image_surface_get_data (surface), (gsize) stride * height);
      g_autoptr(GdkTexture) texture = gdk_memory_texture_new (width, height, GDK_MEMORY_DEFAULT, bytes, stride);

      baked = gsk_texture_node_new (texture, &bounds);
    }
  cairo_surface_destroy (surface);
  return baked;
}
