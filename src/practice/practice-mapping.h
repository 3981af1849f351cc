/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "practice-lambda-private.h"

G_BEGIN_DECLS

/*
 * Event source mappings: what makes queues and streams invoke functions. Part of the service lambda, which hands these operations
 * on. Everything that a mapping does, it does as the function's role, with IAM in force.
 */
void practice_mappings_start (PracticeLambda *lambda);
void practice_mappings_stop  (PracticeLambda *lambda);
void practice_mapping_create (PracticeCall   *call,
                              gpointer        service);
void practice_mapping_get    (PracticeCall   *call,
                              gpointer        service);
void practice_mapping_list   (PracticeCall   *call,
                              gpointer        service);
void practice_mapping_update (PracticeCall   *call,
                              gpointer        service);
void practice_mapping_delete (PracticeCall   *call,
                              gpointer        service);

G_END_DECLS
