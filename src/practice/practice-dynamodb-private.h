/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "practice-dynamodb-error.h"
#include "practice-dynamodb-params.h"
#include "practice-dynamodb-table.h"
#include "practice-server.h"

G_BEGIN_DECLS

/**
 * PracticeDynamodb:
 * @tables: "region/name" -> PracticeDynamodbTable: those in the store that were asked for since they last changed
 *
 * The service, handed to its handlers.
 */
typedef struct {
  PracticeServer *server;
  PracticeStore  *store;
  GHashTable     *tables;
} PracticeDynamodb;

/* Fails @call with @error; where @error is NULL the call was answered already (IAM said no). */
void     practice_dynamodb_answer_error   (PracticeCall      *call,
                                           const GError      *error);

/* Returns: (transfer full): "arn:aws:dynamodb:…:table/name", for a table of @call's region */
char    *practice_dynamodb_make_arn       (PracticeCall      *call,
                                           const char        *table);

/* Returns: (transfer full) (nullable): the table of that name in @call's region */
PracticeDynamodbTable *practice_dynamodb_find_table (PracticeDynamodb *self,
                                           PracticeCall      *call,
                                           const char        *name);
/* The same for reading and writing items: ResourceNotFoundException where there is none or it is still being made. */
PracticeDynamodbTable *practice_dynamodb_need_table (PracticeDynamodb *self,
                                           PracticeCall      *call,
                                           const char        *name,
                                           GError           **error);
/* To be called when the handler has written to the table's row and looked at it for the last time. */
void     practice_dynamodb_forget_table   (PracticeDynamodb  *self,
                                           const PracticeDynamodbTable *table);

/* The operations. practice-dynamodb-create.c */
void practice_dynamodb_create_table       (PracticeCall *call, gpointer service);
/* practice-dynamodb-tables.c */
void practice_dynamodb_describe_table     (PracticeCall *call, gpointer service);
void practice_dynamodb_delete_table       (PracticeCall *call, gpointer service);
void practice_dynamodb_list_tables        (PracticeCall *call, gpointer service);
void practice_dynamodb_describe_limits    (PracticeCall *call, gpointer service);
void practice_dynamodb_describe_continuous_backups (PracticeCall *call, gpointer service);
void practice_dynamodb_describe_time_to_live (PracticeCall *call, gpointer service);
void practice_dynamodb_update_time_to_live (PracticeCall *call, gpointer service);
/* practice-dynamodb-update-table.c */
void practice_dynamodb_update_table       (PracticeCall *call, gpointer service);
/* practice-dynamodb-tags.c */
void practice_dynamodb_tag_resource       (PracticeCall *call, gpointer service);
void practice_dynamodb_untag_resource     (PracticeCall *call, gpointer service);
void practice_dynamodb_list_tags          (PracticeCall *call, gpointer service);
/* practice-dynamodb-operations.c */
void practice_dynamodb_get_item           (PracticeCall *call, gpointer service);
void practice_dynamodb_put_item           (PracticeCall *call, gpointer service);
void practice_dynamodb_update_item        (PracticeCall *call, gpointer service);
void practice_dynamodb_delete_item        (PracticeCall *call, gpointer service);
/* practice-dynamodb-search.c */
void practice_dynamodb_query              (PracticeCall *call, gpointer service);
void practice_dynamodb_scan               (PracticeCall *call, gpointer service);
/* practice-dynamodb-batch.c */
void practice_dynamodb_batch_get_item     (PracticeCall *call, gpointer service);
void practice_dynamodb_batch_write_item   (PracticeCall *call, gpointer service);
/* practice-dynamodb-transact.c */
void practice_dynamodb_transact_get_items (PracticeCall *call, gpointer service);
void practice_dynamodb_transact_write_items (PracticeCall *call, gpointer service);

G_END_DECLS
