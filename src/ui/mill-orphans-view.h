/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "mill-engine.h"

G_BEGIN_DECLS

#define MILL_TYPE_ORPHANS_VIEW (mill_orphans_view_get_type ())

/**
 * MillOrphansView:
 *
 * Looks, when asked, for what bears our tags in the clouds that were used and stands in no ledger here, and offers to take it down. It never looks by
 * itself: that may start the practice cloud or ask for credentials.
 */
G_DECLARE_FINAL_TYPE (MillOrphansView, mill_orphans_view, MILL, ORPHANS_VIEW, GtkWidget)

void mill_orphans_view_set_engine (MillOrphansView *self,
                                   MillEngine      *engine);

G_END_DECLS
