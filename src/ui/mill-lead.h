/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mill-deployment-page.h"
#include "mill-failure.h"

G_BEGIN_DECLS

/* Opens what puts @failure right: the step, the code, the inbox or the component. */
void mill_lead_follow (MillDeploymentPage *page,
                       MillHop            *hop,
                       const MillFailure  *failure);

G_END_DECLS
