/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "mill-session.h"

G_BEGIN_DECLS

/* What a resource was made with, property by property, each with what it means. (nullable): NULL where there is none */
GtkWidget *mill_configuration_new (MillResource *resource);

G_END_DECLS
