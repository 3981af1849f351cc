/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mill-probe.h"

G_BEGIN_DECLS

/* (nullable): the call that waits because the gate does not let it through: "service:Operation", or the service of a GET */
const char *mill_probe_peek_call (MillProbe    *self);
/* Answers that call, in the place of the service. */
void        mill_probe_answer    (MillProbe    *self,
                                  JsonObject   *result,
                                  const GError *error);

G_END_DECLS
