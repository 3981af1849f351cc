/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mill-deployment.h"

G_BEGIN_DECLS

#define MILL_TYPE_RESOLVER (mill_resolver_get_type ())

/**
 * MillResolver:
 *
 * Which of a deployment's resources an id that AWS gave belongs to. Remembers what it found until a resource changes.
 */
G_DECLARE_FINAL_TYPE (MillResolver, mill_resolver, MILL, RESOLVER, GObject)

MillResolver *mill_resolver_new     (MillDeployment *deployment);
/**
 * mill_resolver_resolve:
 * @kind: those of MillTracerResolve, and these: "reader" and "subscriber" (@id: a table's or a topic's ARN), "source" (@id: a function's logical
 *   id, @endpoint: (nullable): "queue" or "stream"), "arn" (@id: a logical id), "writer" (@id: a function's logical
 *   id, @endpoint: a table's: the function where it may write there), "target" (@id: an API's id, @endpoint: (nullable): the HTTP method: the queue
 *   that the gateway sends to)
 * @resolver: a MillResolver
 *
 * A MillTracerResolve.
 *
 * Returns: (nullable): a logical id, or an ARN for "arn"; NULL for what is not the deployment's
 */
const char   *mill_resolver_resolve (const char     *kind,
                                     const char     *id,
                                     const char     *endpoint,
                                     gpointer        resolver);

G_END_DECLS
