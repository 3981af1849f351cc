/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "mill-resource.h"

G_BEGIN_DECLS

#define MILL_TYPE_RESOURCE_ROW (mill_resource_row_get_type ())

/**
 * MillResourceRow:
 *
 * A resource and how it is doing: its state, why it waits, what went wrong and what to do.
 */
G_DECLARE_FINAL_TYPE (MillResourceRow, mill_resource_row, MILL, RESOURCE_ROW, AdwActionRow)

GtkWidget    *mill_resource_row_new          (MillResource    *resource);
MillResource *mill_resource_row_get_resource (MillResourceRow *self);

G_END_DECLS
