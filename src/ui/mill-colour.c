/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-colour.h"

void
mill_colour_lookup (GtkWidget  *widget,
                    const char *name,
                    GdkRGBA    *colour)
{
  GtkStyleContext *context = gtk_widget_get_style_context (widget);

  if (name == NULL || !gtk_style_context_lookup_color (context, name, colour))
    gtk_style_context_get_color (context, colour);
}
