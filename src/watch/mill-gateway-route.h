/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mill-deployment.h"

G_BEGIN_DECLS

/**
 * mill_gateway_route_find_queue:
 * @http_method: (nullable): NULL for any
 * @role: (out) (optional): the ARN of the role with which the gateway sends
 *
 * What an API's methods do with a request.
 *
 * Returns: (transfer full) (nullable): the ARN of the queue, where it goes to one
 */
char *mill_gateway_route_find_queue (MillDeployment  *deployment,
                                     const char      *api_id,
                                     const char      *http_method,
                                     char           **role);
/* (transfer full): "/orders/{id}": the path of a resource of an API; "/" for the root */
char *mill_gateway_route_dup_path   (MillDeployment  *deployment,
                                     const char      *resource_id);

G_END_DECLS
