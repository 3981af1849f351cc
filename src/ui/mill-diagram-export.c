/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-diagram-export.h"

#include <cairo-svg.h>
#include <glib/gi18n.h>
#include <math.h>

#define MARGIN    16.0
#define PNG_SCALE 2

static cairo_status_t
append (void                *data,
        const unsigned char *bytes,
        unsigned int         length)
{
  g_byte_array_append (data, bytes, length);
  return CAIRO_STATUS_SUCCESS;
}

/* Says what it shows to whoever cannot see it. */
static void
insert_title (GByteArray *bytes,
              const char *title)
{
  g_autofree char *svg = g_strndup ((const char *) bytes->data, bytes->len);
  g_autofree char *element = g_markup_printf_escaped ("\n<title>%s</title>", title);
  const char *root = strstr (svg, "<svg");
  const char *end = root != NULL ? strchr (root, '>') : NULL;

  if (end == NULL)
    return;
  g_byte_array_set_size (bytes, 0);
  g_byte_array_append (bytes, (const guint8 *) svg, end + 1 - svg);
  g_byte_array_append (bytes, (const guint8 *) element, strlen (element));
  g_byte_array_append (bytes, (const guint8 *) end + 1, strlen (end + 1));
}

static void
paint (cairo_surface_t       *surface,
       GskRenderNode         *node,
       const graphene_rect_t *bounds,
       const GdkRGBA         *ground)
{
  cairo_t *cairo = cairo_create (surface);

  gdk_cairo_set_source_rgba (cairo, ground);
  cairo_paint (cairo);
  cairo_translate (cairo, MARGIN - bounds->origin.x, MARGIN - bounds->origin.y);
  gsk_render_node_draw (node, cairo);
  cairo_destroy (cairo);
}

static GskRenderNode *
draw (MillDiagram *diagram)
{
  GtkSnapshot *snapshot = gtk_snapshot_new ();

  mill_diagram_draw (diagram, snapshot, FALSE);
  return gtk_snapshot_free_to_node (snapshot);
}

gboolean
mill_diagram_export (MillDiagram  *diagram,
                     const char   *title,
                     GFile        *file,
                     GError      **error)
{
  GtkWidget *widget = GTK_WIDGET (diagram);
  g_autofree char *name = g_file_get_basename (file);
  gboolean png = g_str_has_suffix (name, ".png") || g_str_has_suffix (name, ".PNG");
  g_autoptr(GByteArray) bytes = g_byte_array_new ();
  GskRenderNode *node = gtk_widget_get_width (widget) > 0 ? draw (diagram) : NULL;
  cairo_surface_t *surface;
  cairo_status_t status;
  graphene_rect_t bounds;
  GdkRGBA ground = { 1, 1, 1, 1 };
  double width, height;

  if (node == NULL)
    {
      g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_FAILED, _("The diagram is not shown, so there is nothing to export."));
      return FALSE;
    }
  gsk_render_node_get_bounds (node, &bounds);
  width = ceil (bounds.size.width + 2 * MARGIN);
  height = ceil (bounds.size.height + 2 * MARGIN);
  gtk_style_context_lookup_color (gtk_widget_get_style_context (widget), "view_bg_color", &ground);
  if (png)
    {
      surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, (int) width * PNG_SCALE, (int) height * PNG_SCALE);
      cairo_surface_set_device_scale (surface, PNG_SCALE, PNG_SCALE);
    }
  else
    surface = cairo_svg_surface_create_for_stream (append, bytes, width, height);
  paint (surface, node, &bounds, &ground);
  gsk_render_node_unref (node);
  if (png)
    status = cairo_surface_write_to_png_stream (surface, append, bytes);
  else
    {
      cairo_surface_finish (surface);
      status = cairo_surface_status (surface);
    }
  cairo_surface_destroy (surface);
  if (status != CAIRO_STATUS_SUCCESS)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, _("The picture could not be drawn: %s"), cairo_status_to_string (status));
      return FALSE;
    }
  if (!png)
    insert_title (bytes, title);
  return g_file_replace_contents (file, (const char *) bytes->data, bytes->len, NULL, FALSE, G_FILE_CREATE_REPLACE_DESTINATION, NULL, NULL, error);
}
