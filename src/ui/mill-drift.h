/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "mill-session.h"

G_BEGIN_DECLS

/*
 * What is not as it was set with @resource and with what only serves it (its role, a queue's policy, an API's methods): somebody changed or deleted
 * it, or it could not be made. Each with a button that does its step again. (nullable): NULL where all is well, as far as is known.
 */
GtkWidget *mill_drift_new (MillSession  *session,
                           MillResource *resource);

G_END_DECLS
