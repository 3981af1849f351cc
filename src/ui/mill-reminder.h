/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mill-engine.h"

G_BEGIN_DECLS

#define MILL_TYPE_REMINDER (mill_reminder_get_type ())

/**
 * MillReminder:
 *
 * Says by a notification that a deployment still runs on AWS and what it costs: after the time in the setting "reminder-minutes", and again each
 * time that it has passed. The practice cloud costs nothing and is never reminded of.
 */
G_DECLARE_FINAL_TYPE (MillReminder, mill_reminder, MILL, REMINDER, GObject)

MillReminder   *mill_reminder_new          (GApplication   *application,
                                            MillEngine     *engine,
                                            GSettings      *settings);

/* Whether something of @deployment may be on AWS now. */
gboolean        mill_reminder_costs        (MillDeployment *deployment);
/* (transfer full): "Order pipeline in 123456789012, eu-west-1. It costs about $0.12 a day without a message." */
char           *mill_reminder_dup_sentence (MillDeployment *deployment);
/* (transfer full) (element-type MillDeployment): all that may be on AWS now. */
GPtrArray      *mill_reminder_find         (MillEngine     *engine);

G_END_DECLS
