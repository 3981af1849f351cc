/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "practice-call.h"

G_BEGIN_DECLS

/**
 * PracticeHabits:
 *
 * What is slow, late and refused at AWS, and is not here unless it is asked for (--latency aws): the usual time of each operation; what was made a
 * moment ago and is not known everywhere yet (roles, policies, functions, mappings, tables, the names of deleted queues); and the rates at which an account
 * may call. Calls from outside only. Data: habits.json, milliseconds. What is random comes from the seed: each
 * operation and each thing has its own sequence, whatever else is called meanwhile.
 */
typedef struct _PracticeHabits PracticeHabits;

/* @speed: what times and intervals are multiplied with: 1 for AWS's own. */
PracticeHabits *practice_habits_new      (double          speed,
                                          guint32         seed);
void            practice_habits_free     (PracticeHabits *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PracticeHabits, practice_habits_free)

/* How long @call takes, in milliseconds, before it is done. */
guint           practice_habits_delay    (PracticeHabits *self,
                                          PracticeCall   *call);
/* Fails @call where AWS would, now; returns whether it did. */
gboolean        practice_habits_refuse   (PracticeHabits *self,
                                          PracticeCall   *call);
/* Takes note of what @call made, and lets its answer say what is not ready yet. */
void            practice_habits_answered (PracticeHabits *self,
                                          PracticeCall   *call);

/* (transfer none): how long what was made had to wait, in milliseconds: {"role Lambda-SQS-DynamoDB": 7500}. */
JsonObject     *practice_habits_get_waits (PracticeHabits *self);

G_END_DECLS
