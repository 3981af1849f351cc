/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mill-ledger.h"

G_BEGIN_DECLS

/*
 * Which program works on a deployment: two must not do so at once. The ledger names the process by its number and the time when it
 * began, so that a number that was given out again is no owner, and a program that was killed leaves nothing locked.
 */

/* FALSE with MILL_DEPLOY_ERROR_BUSY where another living program holds @deployment. */
gboolean mill_owner_take    (MillLedger  *ledger,
                             const char  *deployment,
                             GError     **error);
/* Queued for the ledger, as everything else of the work before it. */
void     mill_owner_release (MillLedger  *ledger,
                             const char  *deployment);

G_END_DECLS
