/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "mill-session.h"

G_BEGIN_DECLS

#define MILL_TYPE_VIEWS (mill_views_get_type ())

/**
 * MillViews:
 *
 * What is seen of a deployment: the diagram, the messages, the details of a component, the calls, the inbox. Each is made when it is first looked at.
 */
G_DECLARE_FINAL_TYPE (MillViews, mill_views, MILL, VIEWS, GtkWidget)

void mill_views_set_session    (MillViews   *self,
                                MillSession *session);
/* "diagram" "timeline" "messages" "details" "calls" "inbox": shows it and leads the focus there. */
void mill_views_show           (MillViews   *self,
                                const char  *view);
/* Shows the details of a component and chooses it in the diagram. */
void mill_views_show_component (MillViews   *self,
                                const char  *component,
                                const char  *kind);
/* @beside: (nullable): where the diagram goes; NULL for its own tab. */
void mill_views_place_diagram  (MillViews   *self,
                                AdwBin      *beside);
/* The client is another one now, and with it the log of its calls. */
void mill_views_renew_calls    (MillViews   *self);
/* How many messages step mode holds at each component: see mill_diagram_set_held(). */
void mill_views_set_held       (MillViews   *self,
                                GHashTable  *held);
/* (nullable) (transfer full): the message that is chosen in the list. */
MillTrace *mill_views_dup_trace (MillViews  *self);
/* Asks for a file and draws the diagram into it. */
void mill_views_export         (MillViews   *self);

G_END_DECLS
