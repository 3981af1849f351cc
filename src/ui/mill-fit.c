/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-fit.h"

static int
natural_height (GtkWidget *widget,
                int        width)
{
  int height;

  gtk_widget_measure (widget, GTK_ORIENTATION_VERTICAL, width, NULL, &height, NULL, NULL);
  return height;
}

void
mill_fit (GtkWidget *widget)
{
  GtkWidget *scroller = gtk_widget_get_ancestor (widget, GTK_TYPE_SCROLLED_WINDOW);
  GtkRoot *root = gtk_widget_get_root (widget);
  int width, height, content;

  if (!GTK_IS_WINDOW (root) || scroller == NULL)
    return;
  gtk_window_get_default_size (GTK_WINDOW (root), &width, &height);
  content = natural_height (gtk_scrolled_window_get_child (GTK_SCROLLED_WINDOW (scroller)), width);
  content = MIN (content, gtk_scrolled_window_get_max_content_height (GTK_SCROLLED_WINDOW (scroller)));
  height = natural_height (GTK_WIDGET (root), width) - natural_height (scroller, width) + content;
  gtk_window_set_default_size (GTK_WINDOW (root), width, height);
}
