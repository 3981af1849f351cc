/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mill-watch.h"

G_BEGIN_DECLS

#define MILL_TYPE_STEP_MODE (mill_step_mode_get_type ())

/**
 * MillStepMode:
 *
 * Step mode of one deployment on the practice cloud: its messages are held at every hop until they are let go. What is held is with the
 * MillWatch. Asks in threads, answers in the main context.
 *
 * Properties: "on", "available" (the target is a practice cloud that answers). Signals: "changed" (what is held), "failed" (a GError).
 */
G_DECLARE_FINAL_TYPE (MillStepMode, mill_step_mode, MILL, STEP_MODE, GObject)

MillStepMode *mill_step_mode_new           (MillDeployment *deployment,
                                            MillWatch      *watch);
gboolean      mill_step_mode_get_available (MillStepMode   *self);
gboolean      mill_step_mode_get_on        (MillStepMode   *self);
/* Off: all that is held goes on. "on" is notified when the practice cloud says so. */
void          mill_step_mode_set_on        (MillStepMode   *self,
                                            gboolean        on);
/* Lets one hop go: every copy of the message @trace, or, where it is NULL or not held, the message that was held longest. */
void          mill_step_mode_next          (MillStepMode   *self,
                                            MillTrace      *trace);
void          mill_step_mode_release_all   (MillStepMode   *self);

G_END_DECLS
