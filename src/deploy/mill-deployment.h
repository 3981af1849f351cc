/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mill-resource.h"
#include "mill-target.h"
#include "mill-tutorial.h"

G_BEGIN_DECLS

/*
 * A parameter that every tutorial has: the name of a role that is there, and that is used wherever the template would make a role. For accounts
 * that let nobody make roles; "" for none.
 */
#define MILL_PARAMETER_ROLE "millrace:role"

typedef enum {
  MILL_DEPLOYMENT_NEW,          /* nothing made */
  MILL_DEPLOYMENT_BUILDING,     /* work is under way, or was when the program ended */
  MILL_DEPLOYMENT_PARTIAL,      /* some steps are done */
  MILL_DEPLOYMENT_BUILT,        /* all steps are done */
  MILL_DEPLOYMENT_FAILED,       /* a step failed; what was made is there */
  MILL_DEPLOYMENT_CLEANING,
  MILL_DEPLOYMENT_CLEANED,      /* everything deleted and proved */
} MillDeploymentState;

/* "built": for programs and the ledger. */
const char *mill_deployment_state_to_string (MillDeploymentState state);

typedef enum {
  MILL_STEP_TO_DO,
  MILL_STEP_RUNNING,
  MILL_STEP_DONE,
  MILL_STEP_FAILED,
} MillStepState;

#define MILL_TYPE_DEPLOYMENT (mill_deployment_get_type ())

/**
 * MillDeployment:
 *
 * One tutorial built on one target: a GListModel of MillResource in template order. Kept in the ledger; there again
 * after a restart. Property "state" and the signals "step-changed" (a step's id) and "resource-changed" (a MillResource, of whose properties one was
 * notified) tell of changes, in the main context.
 */
G_DECLARE_FINAL_TYPE (MillDeployment, mill_deployment, MILL, DEPLOYMENT, GObject)

const char          *mill_deployment_get_id         (MillDeployment *self);
MillTutorial        *mill_deployment_get_tutorial   (MillDeployment *self);   /* NULL where the tutorial is gone */
const char          *mill_deployment_get_tutorial_id (MillDeployment *self);
MillTarget          *mill_deployment_get_target     (MillDeployment *self);
MillDeploymentState  mill_deployment_get_state      (MillDeployment *self);
gint64               mill_deployment_get_created    (MillDeployment *self);   /* seconds since 1970 */
/* "" until the target was open once. */
const char          *mill_deployment_get_account    (MillDeployment *self);
/* NULL where the tutorial has no such parameter. */
const char          *mill_deployment_get_parameter  (MillDeployment *self,
                                                     const char     *name);
/* The existing role that stands for the tutorial's own, and for their policies (MILL_PARAMETER_ROLE); NULL where those are made. */
const char          *mill_deployment_get_role       (MillDeployment *self);
/* (nullable): by logical id. */
MillResource        *mill_deployment_find_resource  (MillDeployment *self,
                                                     const char     *logical_id);
MillStepState        mill_deployment_get_step_state (MillDeployment *self,
                                                     const char     *step_id);
/* (transfer full) (nullable): Ref (@attribute NULL) or Fn::GetAtt of a made resource. */
char                *mill_deployment_lookup         (MillDeployment *self,
                                                     const char     *logical_id,
                                                     const char     *attribute);
/* The logical id whose name, physical id or ARN is @id; NULL where none. */
const char          *mill_deployment_find_by_id     (MillDeployment *self,
                                                     const char     *id);
/* Reads again what the ledger has of the resources: another program may have changed it. Does nothing while something is under way here. */
void                 mill_deployment_reload         (MillDeployment *self);
/* The calls that made or changed a resource, also those of earlier runs, oldest first, the last 20; without what is secret, and without their answers. */
void                 mill_deployment_load_calls_async (MillDeployment      *self,
                                                     const char          *logical_id,
                                                     GCancellable        *cancellable,
                                                     GAsyncReadyCallback  callback,
                                                     gpointer             user_data);
/* (transfer full) (element-type AwsCall) */
GPtrArray           *mill_deployment_load_calls_finish (MillDeployment  *self,
                                                     GAsyncResult    *result,
                                                     GError         **error);

G_END_DECLS
