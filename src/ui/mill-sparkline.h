/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define MILL_TYPE_SPARKLINE (mill_sparkline_get_type ())

/**
 * MillSparkline:
 *
 * A row of small bars: how much happened lately. It says nothing that its neighbours do not say in words, so assistive technologies
 * pass over it.
 */
G_DECLARE_FINAL_TYPE (MillSparkline, mill_sparkline, MILL, SPARKLINE, GtkWidget)

GtkWidget *mill_sparkline_new        (void);
void       mill_sparkline_set_values (MillSparkline *self,
                                      const guint   *values,
                                      guint          n);

G_END_DECLS
