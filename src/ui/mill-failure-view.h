/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "mill-hop.h"

G_BEGIN_DECLS

#define MILL_TYPE_FAILURE_VIEW (mill_failure_view_get_type ())

/* Why a message did not go on: what happened, what to look at, how to put it right, and a button that leads there. */
G_DECLARE_FINAL_TYPE (MillFailureView, mill_failure_view, MILL, FAILURE_VIEW, GtkWidget)

GtkWidget *mill_failure_view_new     (void);
/* @component: what its component is called. Hides itself where nothing went wrong. */
void       mill_failure_view_set_hop (MillFailureView *self,
                                      MillHop         *hop,
                                      const char      *component);

G_END_DECLS
