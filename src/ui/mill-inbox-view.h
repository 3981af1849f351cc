/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "mill-session.h"

G_BEGIN_DECLS

#define MILL_TYPE_INBOX_VIEW (mill_inbox_view_get_type ())

/**
 * MillInboxView:
 *
 * The mailbox and the phone of the practice cloud. A confirmation mail has a button that opens its link.
 */
G_DECLARE_FINAL_TYPE (MillInboxView, mill_inbox_view, MILL, INBOX_VIEW, GtkWidget)

GtkWidget *mill_inbox_view_new (MillSession *session);

G_END_DECLS
