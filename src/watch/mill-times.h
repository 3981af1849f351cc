/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Times in order: GArrays of double. */

/* How many of @times are not after @time. */
guint  mill_times_count_until (GArray  *times,
                               double   time);
gboolean mill_times_has       (GArray  *times,
                               double   time);
/* @once: not where it is there already. Returns: where it was put; the length where it was not. */
guint  mill_times_insert      (GArray  *times,
                               double   time,
                               gboolean once);
/* Takes as many out as there are in @gone, which is put in order, in one go. Returns: the index of the first that went; what is before it stayed. */
guint  mill_times_remove_all  (GArray  *times,
                               GArray  *gone);
double mill_times_get         (GArray  *times,
                               guint    index);

G_END_DECLS
