/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mill-deployment-private.h"
#include "mill-engine.h"
#include "mill-handler.h"
#include "mill-schedule.h"

G_BEGIN_DECLS

MillLedger *mill_engine_get_ledger   (MillEngine          *self);
/* (transfer full): a deployment of which nothing but this is known, at the head of the list and in the ledger's queue. Main context. */
MillDeployment *mill_engine_add      (MillEngine          *self,
                                      const char          *id,
                                      const char          *tutorial_id,
                                      MillTarget          *target);

/* (transfer full): the defaults of @tutorial's parameters, by name; @tutorial: (nullable). */
GHashTable *mill_parameters_new      (MillTutorial        *tutorial);
/* (transfer full): the same with those that are @given (nullable) instead. NULL with an error where one of them is wrong, or one has no value. */
GHashTable *mill_parameters_fill     (MillTutorial        *tutorial,
                                      GHashTable          *given,
                                      GError             **error);

/**
 * MillWork:
 *
 * The part of an operation that runs in a thread of its own; the target is open. Returns what the operation answers, NULL with an error (or, for
 * a clean-up, both).
 */
typedef gpointer (*MillWork) (MillDeployment  *deployment,
                              gpointer         data,
                              GCancellable    *cancellable,
                              GError         **error);

/* @exclusive: refused while another exclusive operation is under way on @deployment. @free_data, @free_result: as for g_task. */
void        mill_engine_run          (MillEngine          *self,
                                      MillDeployment      *deployment,
                                      gboolean             exclusive,
                                      MillWork             work,
                                      gpointer             data,
                                      GDestroyNotify       free_data,
                                      GDestroyNotify       free_result,
                                      gpointer             tag,
                                      GCancellable        *cancellable,
                                      GAsyncReadyCallback  callback,
                                      gpointer             user_data);
/* Answers with @error (transfer full), without doing anything. */
void        mill_engine_fail         (MillEngine          *self,
                                      GError              *error,
                                      gpointer             tag,
                                      GCancellable        *cancellable,
                                      GAsyncReadyCallback  callback,
                                      gpointer             user_data);
/* The result, and where it comes with an error, both. */
gpointer    mill_engine_run_finish   (MillEngine          *self,
                                      GAsyncResult        *result,
                                      gpointer             tag,
                                      GError             **error);

/* (transfer full): ids of the steps that are done, as a set. Any thread. */
GHashTable *mill_plan_dup_done       (MillDeployment      *deployment);
/*
 * (transfer full): what @logical_id shall be once the steps in @done are done, resolved and with the right types. NULL with
 * MILL_DEPLOY_ERROR_NOT_READY where something that it refers to is not made yet. Any thread.
 */
JsonObject *mill_plan_dup_properties (MillDeployment      *deployment,
                                      const char          *logical_id,
                                      GHashTable          *done,
                                      GError             **error);
/* (transfer full): the name that @logical_id will bear; "" where it has none, or where that depends on what is not made yet. Any thread. */
char       *mill_plan_dup_name       (MillDeployment      *deployment,
                                      const char          *logical_id);
/* Whether @step sets a property of @logical_id that was made before. */
gboolean    mill_plan_step_sets      (MillStep            *step,
                                      const char          *logical_id);
/* The step has something to build (and not only actions). */
gboolean    mill_plan_step_builds    (MillStep            *step);
/* One of its actions takes everything down. */
gboolean    mill_plan_step_cleans_up (MillStep            *step);
/* Any thread: what the deployment is, by its steps. */
MillDeploymentState mill_plan_judge  (MillDeployment      *deployment);

/*
 * Looks for what may have been made without our knowing it, and takes up what can be proved to be ours: an intent without an id. Blocking.
 * FALSE where it could not be asked.
 */
gboolean    mill_reconcile           (MillDeployment      *deployment,
                                      GCancellable        *cancellable,
                                      GError             **error);
/* The record of something that is going to be made; @name: that it will have, "" where it has none or that is not known yet. */
void        mill_make_intent         (MillRecord          *record,
                                      MillDeployment      *deployment,
                                      const char          *name);
/*
 * Makes @job's resource, with the intent in the ledger first, and reads it back. @task: (nullable): released as soon as the cloud has it. @announced: the
 * intent is on the disk already.
 */
gboolean    mill_make                (MillJob             *job,
                                      MillTask            *task,
                                      gboolean             announced,
                                      GError             **error);
/* Reads @job's resource and publishes what was found: VERIFIED, CHANGED or MISSING. FALSE where it could not be asked. */
gboolean    mill_verify              (MillJob             *job,
                                      GError             **error);
/*
 * (transfer full): what a resource that somebody changed is to be put back to: its properties, and what nobody set, as it was when it was made, where
 * @actual has it different.
 */
JsonObject *mill_change_dup_wanted   (MillJob             *job,
                                      JsonObject          *actual);
/* Changes what is there to @properties, with the intent in the ledger first. */
gboolean    mill_change              (MillJob             *job,
                                      GError             **error);

/*
 * Whether there is something of ours to delete; @job knows it then. What was intended and is not known to be made is looked for. FALSE with an error where it
 * could not be asked.
 */
gboolean    mill_look                (MillJob             *job,
                                      GError             **error);
/* Deletes @job's resource if it is there, with the intent in the ledger first; it then is DELETING. Looks first where nobody did. */
gboolean    mill_remove              (MillJob             *job,
                                      GError             **error);
/* Deletes what there is of the tap on @topic (mill-tap.h), and proves that it is gone. */
gboolean    mill_tap_remove          (MillDeployment      *deployment,
                                      const char          *topic,
                                      GCancellable        *cancellable,
                                      GError             **error);
/* Asks for it again until the answer is "not found", for minutes if need be; it then is DELETED. @proof: (nullable): is told what was answered; NULL where not everything
 * goes, and what cannot be taken back by itself is let be. */
gboolean    mill_prove_gone          (MillJob             *job,
                                      JsonObject          *proof,
                                      GError             **error);
/* A MillWork; answers a MillCleanup. */
gpointer    mill_clean_up_work       (MillDeployment      *deployment,
                                      gpointer             data,
                                      GCancellable        *cancellable,
                                      GError             **error);

/* {"messages": […]}, oldest first, those after the id @after (NULL: all); NULL with an error; an empty list where the target has no inbox. Blocks. */
JsonObject *mill_inbox_read          (MillTarget          *target,
                                      const char          *after,
                                      gboolean            *there,
                                      GCancellable        *cancellable,
                                      GError             **error);
/* (transfer none) (nullable): the newest mail that confirms a subscription of @endpoint to @topic. */
JsonObject *mill_inbox_find_confirmation (JsonObject      *inbox,
                                      const char          *topic_arn,
                                      const char          *endpoint);

G_END_DECLS
