/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <adwaita.h>

#include "mill-session.h"

G_BEGIN_DECLS

#define MILL_TYPE_RESOURCE_CALLS (mill_resource_calls_get_type ())

/**
 * MillResourceCalls:
 *
 * The API calls that made or changed a resource, also in earlier runs of the program: when, what came of it, the request id to ask AWS's support
 * with. Each can be copied as a command.
 */
G_DECLARE_FINAL_TYPE (MillResourceCalls, mill_resource_calls, MILL, RESOURCE_CALLS, GtkWidget)

/* They are read from the ledger when it is made; mill_resource_calls_load() reads them again. */
GtkWidget    *mill_resource_calls_new          (MillSession       *session,
                                                MillResource      *resource);
void          mill_resource_calls_load         (MillResourceCalls *self);
MillResource *mill_resource_calls_get_resource (MillResourceCalls *self);

G_END_DECLS
