/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mill-deployment.h"

G_BEGIN_DECLS

#define MILL_TYPE_ANSWERS (mill_answers_get_type ())

/**
 * MillAnswers:
 *
 * What Millrace itself sends to a deployment's gateway, and calls of its functions, with the answers: read from the target's log of calls, at
 * no further call. Tells it in the words of the practice cloud's events (MillTracer).
 *
 * Signal "observation" (a JsonObject).
 */
G_DECLARE_FINAL_TYPE (MillAnswers, mill_answers, MILL, ANSWERS, GObject)

/* From now on. */
MillAnswers *mill_answers_new (MillDeployment *deployment);

G_END_DECLS
