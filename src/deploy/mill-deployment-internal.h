/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mill-deployment-private.h"

G_BEGIN_DECLS

/*
 * What the files of MillDeployment share: mill-deployment.c (what the main context sees), mill-deployment-records.c (what threads see and
 * publish) and mill-deployment-ledger.c (what is kept).
 */

/* One thing that a thread has published. */
typedef struct {
  MillRecord          *record;     /* or NULL */
  char                *step;       /* or NULL */
  MillStepState        step_state;
  MillDeploymentState  state;      /* where neither is set */
} MillUpdate;

struct _MillDeployment
{
  GObject              parent_instance;

  char                *id;
  char                *tutorial_id;
  MillTutorial        *tutorial;
  MillTarget          *target;
  MillLedger          *ledger;
  GMainContext        *context;
  GHashTable          *parameters;
  gint64               created;

  /* Main context. */
  GPtrArray           *resources;    /* of MillResource, template order */
  GHashTable          *by_id;        /* logical id → MillResource */
  GHashTable          *step_states;  /* step id → MillStepState */
  MillDeploymentState  state;
  gboolean             busy;
  gboolean             pending;      /* what the ledger knows is not read yet */

  /* Any thread, under the lock. */
  GMutex               mutex;
  const char          *account;      /* interned */
  GPtrArray           *records;      /* of MillRecord, template order */
  GHashTable          *new_step_states;
  MillDeploymentState  new_state;
  GQueue               updates;      /* of MillUpdate */
  GSource             *source;
};

/* Any thread, under the lock. (nullable) */
MillRecord *mill_deployment_find_record    (MillDeployment   *self,
                                            const char       *logical_id);
/* Main context. Work begins with all that is known; what is only looked at shows what could be read. */
void        mill_deployment_ensure         (MillDeployment   *self);
/* Main context: properties and signals follow. Takes what it can use out of @update. */
void        mill_deployment_apply          (MillDeployment   *self,
                                            MillUpdate       *update);
void        mill_update_free               (MillUpdate       *update);

/* Any thread: queue rows for the ledger. */
void        mill_deployment_put_history    (MillDeployment   *self,
                                            const MillRecord *record,
                                            const char       *detail);
void        mill_deployment_put_step_state (MillDeployment   *self,
                                            const char       *step,
                                            MillStepState     state);

G_END_DECLS
