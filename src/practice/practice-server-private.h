/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "practice-call-private.h"
#include "practice-tally.h"

G_BEGIN_DECLS

/*
 * Finds the service that @call is for and the protocol it comes in.
 * @name: (nullable): the service's name in the credential scope
 */
void     practice_server_find_service (PracticeServer *self,
                                       PracticeCall   *call,
                                       const char     *name);
/* (transfer full): what a sentence calls the services that there are: "dynamodb, iam, sqs". */
char    *practice_server_list_services (PracticeServer *self);
/* Runs the operation of @call in a transaction. */
void     practice_server_run          (PracticeServer *self,
                                       PracticeCall   *call);
/* Hands @call to whoever serves its path or @host; FALSE where nobody does. */
gboolean practice_server_run_raw      (PracticeServer *self,
                                       PracticeCall   *call,
                                       const char     *host);
/* NULL where it was not asked for. */
PracticeHabits *practice_server_get_habits (PracticeServer *self);
PracticeFaults *practice_server_get_faults (PracticeServer *self);
PracticeTally  *practice_server_get_tally  (PracticeServer *self);
double   practice_server_get_speed    (PracticeServer *self);
/* Appends the resources of @resource_type, or of all, with their tags. */
void     practice_server_collect_tagged (PracticeServer *self,
                                       const char     *resource_type,
                                       const char     *region,
                                       JsonArray      *resources);

G_END_DECLS
