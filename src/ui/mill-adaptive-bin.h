/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

typedef enum {
  MILL_WIDTH_NARROW,   /* a phone, or a window at the edge of the screen */
  MILL_WIDTH_MEDIUM,
  MILL_WIDTH_WIDE,
} MillWidth;

#define MILL_TYPE_ADAPTIVE_BIN (mill_adaptive_bin_get_type ())

/**
 * MillAdaptiveBin:
 *
 * A bin that says how much room there is, for text of the size that it has. It asks for no more than its "floor" width whatever its child wants, so that
 * a window can be made narrow enough for the child to be told to change. The signal "width-changed" (a MillWidth) comes
 * outside of size allocation.
 */
G_DECLARE_FINAL_TYPE (MillAdaptiveBin, mill_adaptive_bin, MILL, ADAPTIVE_BIN, GtkWidget)

void      mill_adaptive_bin_set_child (MillAdaptiveBin *self,
                                       GtkWidget       *child);
MillWidth mill_adaptive_bin_get_width (MillAdaptiveBin *self);

G_END_DECLS
