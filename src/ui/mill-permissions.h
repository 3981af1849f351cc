/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "mill-session.h"

G_BEGIN_DECLS

/*
 * In whose name a component acts and what it may do: its role, who may take that on, each policy with its statements, what each action is for, and
 * which of them the messages that were seen must have used. Of a queue: who may use it. (nullable): NULL where there are no policies.
 */
GtkWidget *mill_permissions_new      (MillSession  *session,
                                      MillResource *resource);
/* (transfer full) (nullable): the ARN of the role in whose name a resource acts. */
char      *mill_permissions_dup_role (MillSession  *session,
                                      MillResource *resource);

G_END_DECLS
