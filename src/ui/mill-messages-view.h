/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "mill-session.h"

G_BEGIN_DECLS

#define MILL_TYPE_MESSAGES_VIEW (mill_messages_view_get_type ())

/**
 * MillMessagesView:
 *
 * Every message that was seen, newest first; one opens to its hops, and a hop shows its payload below.
 *
 * Signal "component-chosen" (a resource's logical id, a kind of component): a hop there was chosen.
 */
G_DECLARE_FINAL_TYPE (MillMessagesView, mill_messages_view, MILL, MESSAGES_VIEW, GtkWidget)

GtkWidget *mill_messages_view_new (MillSession *session);
/* Chooses a hop and shows its payload; FALSE where it is not in the list. */
gboolean   mill_messages_view_show_hop (MillMessagesView *self,
                                        MillHop          *hop);

/* (nullable) (transfer full): the message that is chosen, or whose hop is. */
MillTrace *mill_messages_view_dup_trace (MillMessagesView *self);

G_END_DECLS
