/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mill-engine.h"
#include "mill-mailbox.h"
#include "mill-timeline.h"
#include "mill-step-mode.h"
#include "mill-watch.h"

G_BEGIN_DECLS

#define MILL_TYPE_SESSION (mill_session_get_type ())

/**
 * MillSession:
 *
 * An open deployment: what is being done to it, what its checks found, where its learner is. No widgets: pages show it, tests drive it.
 *
 * Properties: "busy" (something changes the deployment now), "problem" (a sentence while the target does not answer, else NULL),
 * "step" (id of the page that is open), "ready" (the target answered).
 * Signals: "failed" (a step's id or "", a GError), "checked" (a step's id), "said" (a sentence that is worth a passing note).
 */
G_DECLARE_FINAL_TYPE (MillSession, mill_session, MILL, SESSION, GObject)

MillSession    *mill_session_new            (MillEngine     *engine,
                                             MillDeployment *deployment);
MillEngine     *mill_session_get_engine     (MillSession    *self);
MillDeployment *mill_session_get_deployment (MillSession    *self);
/* NULL where the tutorial is gone. */
MillTutorial   *mill_session_get_tutorial   (MillSession    *self);
MillTarget     *mill_session_get_target     (MillSession    *self);
MillWatch      *mill_session_get_watch      (MillSession    *self);
/* What the watch observed, by its time, and the moment that is looked at. */
MillTimeline   *mill_session_get_timeline   (MillSession    *self);
MillStepMode   *mill_session_get_step_mode  (MillSession    *self);
MillMailbox    *mill_session_get_mailbox    (MillSession    *self);

/* Makes sure that the target answers and begins to watch; again after a problem. */
void            mill_session_open           (MillSession    *self);
/* Ends what is under way; the deployment stays as it is. */
void            mill_session_close          (MillSession    *self);

gboolean        mill_session_get_busy       (MillSession    *self);
/* The step that is being done, "" for the whole tutorial, NULL where nothing is. */
const char     *mill_session_get_busy_step  (MillSession    *self);
const char     *mill_session_get_problem    (MillSession    *self);
/* What to do about the problem, "" or NULL where nothing is known. */
const char     *mill_session_get_problem_advice (MillSession *self);
const char     *mill_session_get_step       (MillSession    *self);
void            mill_session_set_step       (MillSession    *self,
                                             const char     *step);
/* The first step that is not done, else the last one; NULL without a tutorial. */
const char     *mill_session_find_next_step (MillSession    *self);

/* @step: NULL for everything. Building checks what it built when it is done. */
void            mill_session_build          (MillSession    *self,
                                             const char     *step);
/*
 * Makes a tap on a topic, or takes it away: see mill-tap.h. Meanwhile the busy step, and afterwards the error, is that of mill_session_dup_tap_step(), which is
 * none of the tutorial's; it is not said by "failed".
 */
void            mill_session_tap            (MillSession    *self,
                                             const char     *topic,
                                             gboolean        on);
char           *mill_session_dup_tap_step   (const char     *topic);
void            mill_session_undo           (MillSession    *self,
                                             const char     *step);
void            mill_session_check          (MillSession    *self,
                                             const char     *step);
/* (nullable) (element-type MillCheckResult): what the last check of @step found. */
GPtrArray      *mill_session_get_checks     (MillSession    *self,
                                             const char     *step);
/* (nullable): why @step failed the last time. */
const GError   *mill_session_get_error      (MillSession    *self,
                                             const char     *step);

G_END_DECLS
