/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mill-deployment.h"

G_BEGIN_DECLS

/* What @deployment costs a day by being there, without a message, in US dollars, by the prices in data/preflight.json and without free amounts; 0 where it is not on AWS. */
double mill_cost_per_day (MillDeployment *deployment);
/* What a message costs at a resource of @type on AWS, in US dollars, by the same prices. */
double mill_cost_per_message (const char  *type);
/* (transfer full): "$0.12"; what is less than a cent is called so. */
char  *mill_cost_format  (double          dollars);

G_END_DECLS
