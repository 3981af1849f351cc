/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "practice-dynamodb-schema.h"

G_BEGIN_DECLS

typedef enum {
  PRACTICE_DYNAMODB_PROJECTION_ALL,
  PRACTICE_DYNAMODB_PROJECTION_KEYS_ONLY,
  PRACTICE_DYNAMODB_PROJECTION_INCLUDE,
} PracticeDynamodbProjectionType;

/* A secondary index. */
typedef struct {
  gint64                          id;
  char                           *name;
  char                           *arn;
  gboolean                        global;
  PracticeDynamodbSchema          keys;
  PracticeDynamodbProjectionType  projection;
  char                          **included;   /* NonKeyAttributes, or NULL */
} PracticeDynamodbIndex;

/**
 * PracticeDynamodbTable:
 * @created: seconds since 1970
 * @creating: nobody has seen it ACTIVE yet
 * @definition: CreateTable's members as they are now: AttributeDefinitions, KeySchema, GlobalSecondaryIndexes (each with its "IndexId"),
 *   LocalSecondaryIndexes, BillingMode, ProvisionedThroughput, StreamSpecification, TableClass, DeletionProtectionEnabled …
 * @stream_id: 0 where no stream is on
 * @stream_label: of the latest stream, also where it is off; or NULL
 *
 * A table as it is in the store; never changed, loaded anew instead. Reference counted.
 */
typedef struct {
  guint                   ref_count;
  gint64                  id;
  char                   *region;
  char                   *name;
  char                   *arn;
  double                  created;
  gboolean                creating;
  JsonObject             *definition;
  PracticeDynamodbSchema  keys;
  GPtrArray              *indexes;      /* PracticeDynamodbIndex */
  gint64                  stream_id;
  char                   *stream_view;
  char                   *stream_label;
} PracticeDynamodbTable;

/* @definition: (transfer full). The stream's fields are left empty. */
PracticeDynamodbTable *practice_dynamodb_table_new        (gint64                       id,
                                                           const char                  *region,
                                                           const char                  *account,
                                                           const char                  *name,
                                                           double                       created,
                                                           JsonObject                  *definition);
PracticeDynamodbTable *practice_dynamodb_table_ref        (PracticeDynamodbTable       *self);
void                   practice_dynamodb_table_unref      (PracticeDynamodbTable       *self);
/* Returns: (transfer none) (nullable) */
PracticeDynamodbIndex *practice_dynamodb_table_find_index (const PracticeDynamodbTable *self,
                                                           const char                  *name);
/* Whether it is paid by the request (BillingMode PAY_PER_REQUEST) and has no provisioned throughput. */
gboolean               practice_dynamodb_table_is_on_demand (const PracticeDynamodbTable *self);
/* Whether @item can be in the table: its key, its indexes' keys, its size. @update: it is the result of an update expression. */
gboolean               practice_dynamodb_table_check_item (const PracticeDynamodbTable *self,
                                                           const PracticeDynamodbValue *item,
                                                           gboolean                     update,
                                                           GError                     **error);
/* Returns: (transfer full): what the index has of @item */
PracticeDynamodbValue *practice_dynamodb_table_project    (const PracticeDynamodbTable *self,
                                                           const PracticeDynamodbIndex *index,
                                                           PracticeDynamodbValue       *item);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PracticeDynamodbTable, practice_dynamodb_table_unref)

G_END_DECLS
