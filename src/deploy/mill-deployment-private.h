/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "aws-call-log.h"
#include "mill-deployment.h"
#include "mill-ledger.h"
#include "mill-record.h"

G_BEGIN_DECLS

/*
 * A deployment has two sides. Worker threads see and change records; what they publish goes into the ledger's queue and, in order,
 * to the main context, where the MillResources, the properties and the signals follow. Functions that say "any thread" see the workers' side.
 */

/* @tutorial: (nullable); @parameters: (transfer full). All resources are planned, all steps to do. */
MillDeployment *mill_deployment_new            (const char          *id,
                                                const char          *tutorial_id,
                                                MillTutorial        *tutorial,
                                                MillTarget          *target,
                                                GHashTable          *parameters,
                                                gint64               created,
                                                MillLedger          *ledger);
/* What the ledger knows; before anybody listens. @record: (transfer full). */
void            mill_deployment_restore_record (MillDeployment      *self,
                                                MillRecord          *record);
/* Names that are unknown change nothing. */
void            mill_deployment_restore_state  (MillDeployment      *self,
                                                const char          *state,
                                                const char          *account);
/*
 * Main context, while nothing is under way: something that was found to be this deployment's. Where its logical id is another thing's already, it gets
 * one of its own.
 */
void            mill_deployment_adopt_record   (MillDeployment      *self,
                                                const MillRecord    *record);
/* Main context: something outside the template, PLANNED; in the list from now on. Does nothing where there is one with that logical id. */
void            mill_deployment_add_record     (MillDeployment      *self,
                                                const char          *logical_id,
                                                const char          *type);
/* Reads the records and the steps' states from the ledger. */
gboolean        mill_deployment_restore        (MillDeployment      *self,
                                                GError             **error);
/* What the ledger knows is read when it is asked for: most deployments are only listed. */
void            mill_deployment_set_pending    (MillDeployment      *self);
/* Reads what is pending; FALSE where the ledger cannot be read. Main context. */
gboolean        mill_deployment_load           (MillDeployment      *self,
                                                GError             **error);
/* Queues the row of the deployment itself. */
void            mill_deployment_save           (MillDeployment      *self);

/* Queues the row of @record for the ledger, and nothing else: what is seen does not change. Any thread. */
void            mill_deployment_put_record     (MillDeployment      *self,
                                                const MillRecord    *record);
/* Queues what made or changed a resource, without what is secret; what only looked is left out, and of many the last ones are kept. Any thread. */
void            mill_deployment_put_call       (MillDeployment      *self,
                                                const char          *logical_id,
                                                AwsCall             *call);
/* Any thread. @record: (transfer none); @detail: for the history, "" for nothing. */
void            mill_deployment_publish        (MillDeployment      *self,
                                                const MillRecord    *record,
                                                const char          *detail);
/* Any thread. (transfer full) */
MillRecord     *mill_deployment_dup_record     (MillDeployment      *self,
                                                const char          *logical_id);
/* Any thread. (transfer full) (element-type MillRecord): in template order. */
GPtrArray      *mill_deployment_dup_records    (MillDeployment      *self);
/* Any thread. */
void            mill_deployment_set_state      (MillDeployment      *self,
                                                MillDeploymentState  state);
void            mill_deployment_set_account    (MillDeployment      *self,
                                                const char          *account);
/* Any thread. Into the ledger's queue and, in order, to the main context. */
void            mill_deployment_set_step_state (MillDeployment      *self,
                                                const char          *step,
                                                MillStepState        state);
MillStepState   mill_deployment_peek_step_state (MillDeployment     *self,
                                                const char          *step);
/* Any thread; @scope points into the deployment. Parameters do not change while something is under way. */
void            mill_deployment_get_scope      (MillDeployment      *self,
                                                MillScope           *scope);
MillLedger     *mill_deployment_get_ledger     (MillDeployment      *self);

/* Main context. FALSE with MILL_DEPLOY_ERROR_BUSY where something else is under way in this program. */
gboolean        mill_deployment_begin          (MillDeployment      *self,
                                                GError             **error);
/* The end of what mill_deployment_begin() allowed. */
void            mill_deployment_end            (MillDeployment      *self);
/* Main context, between begin and end, or while nothing is under way. */
void            mill_deployment_put_parameter  (MillDeployment      *self,
                                                const char          *name,
                                                const char          *value);

G_END_DECLS
