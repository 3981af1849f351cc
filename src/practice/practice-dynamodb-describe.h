/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "practice-dynamodb-private.h"

G_BEGIN_DECLS

/* Returns: (transfer full): TableDescription with that status */
JsonObject *practice_dynamodb_describe       (PracticeDynamodb            *self,
                                              const PracticeDynamodbTable *table,
                                              const char                  *status);
/* Tells the event stream that the table was created, updated or deleted: @kind "resource-created". */
void        practice_dynamodb_describe_event (PracticeDynamodb            *self,
                                              const PracticeDynamodbTable *table,
                                              const char                  *kind);

G_END_DECLS
