/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/*
 * Checks of what CreateTable and UpdateTable are given, and the part of it that is kept as the table's definition (see
 * PracticeDynamodbTable). Errors are ValidationException or SerializationException.
 */

/* Whether @name can name a new table or index. */
gboolean    practice_dynamodb_definition_check_name       (const char   *name,
                                                           GError      **error);
/* Returns: (transfer full): AttributeDefinitions */
JsonArray  *practice_dynamodb_definition_read_attributes  (JsonObject   *params,
                                                           GError      **error);
/* Returns: (transfer full): KeySchema of @object, whose attributes have to be in @attributes */
JsonArray  *practice_dynamodb_definition_read_keys        (JsonObject   *object,
                                                           JsonArray    *attributes,
                                                           GError      **error);
/* @on_demand: the table's billing. Returns: (transfer full) (nullable): ProvisionedThroughput, where it may or has to be; @index: (nullable) */
gboolean    practice_dynamodb_definition_read_throughput  (JsonObject   *object,
                                                           const char   *index,
                                                           gboolean      on_demand,
                                                           JsonObject  **throughput,
                                                           GError      **error);
/* Returns: (transfer full): one secondary index; @table_keys: the table's KeySchema. Without "IndexId". */
JsonObject *practice_dynamodb_definition_read_index       (JsonObject   *object,
                                                           gboolean      global,
                                                           gboolean      on_demand,
                                                           JsonArray    *attributes,
                                                           JsonArray    *table_keys,
                                                           GError      **error);
/* Returns: (transfer full) (nullable): StreamSpecification, where @params has one that switches on. @given: whether it has one */
gboolean    practice_dynamodb_definition_read_stream      (JsonObject   *params,
                                                           gboolean     *given,
                                                           JsonObject  **specification,
                                                           GError      **error);
/* Whether every attribute of @attributes is in the key of the table or an index of @definition, which has them all. */
gboolean    practice_dynamodb_definition_check_used       (JsonObject   *definition,
                                                           GError      **error);
/* Whether index names are unique and not too many. */
gboolean    practice_dynamodb_definition_check_indexes    (JsonObject   *definition,
                                                           GError      **error);

G_END_DECLS
