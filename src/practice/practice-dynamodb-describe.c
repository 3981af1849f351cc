/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-dynamodb-describe.h"

#include "practice-dynamodb-items.h"

/* What an on-demand table can take at once, before it has seen any traffic (Developer Guide, "Warm throughput"). */
#define ON_DEMAND_READS 12000
#define ON_DEMAND_WRITES 4000

static void
count_items (PracticeDynamodb            *self,
             const PracticeDynamodbTable *table,
             gint64                      *items,
             gint64                      *bytes)
{
  sqlite3_stmt *row = practice_store_prepare (self->store, "SELECT items, bytes FROM dynamodb_count WHERE table_id = ?", "i", table->id);

  *items = *bytes = 0;
  if (sqlite3_step (row) == SQLITE_ROW) {
    *items = sqlite3_column_int64 (row, 0);
    *bytes = sqlite3_column_int64 (row, 1);
  }
  sqlite3_reset (row);
}

/* @owner: what has ProvisionedThroughput: the definition or an index of it */
static JsonObject *
make_throughput (JsonObject *owner)
{
  JsonObject *given = json_object_has_member (owner, "ProvisionedThroughput") ? json_object_get_object_member (owner, "ProvisionedThroughput") : NULL;
  JsonObject *throughput = json_object_new ();

  json_object_set_int_member (throughput, "NumberOfDecreasesToday", 0);
  json_object_set_int_member (throughput, "ReadCapacityUnits", given != NULL ? json_object_get_int_member (given, "ReadCapacityUnits") : 0);
  json_object_set_int_member (throughput, "WriteCapacityUnits", given != NULL ? json_object_get_int_member (given, "WriteCapacityUnits") : 0);
  return throughput;
}

static JsonObject *
make_warm_throughput (JsonObject *owner)
{
  JsonObject *given = json_object_has_member (owner, "ProvisionedThroughput") ? json_object_get_object_member (owner, "ProvisionedThroughput") : NULL;
  JsonObject *warm = json_object_new ();

  json_object_set_int_member (warm, "ReadUnitsPerSecond", given != NULL ? json_object_get_int_member (given, "ReadCapacityUnits") : ON_DEMAND_READS);
  json_object_set_int_member (warm, "WriteUnitsPerSecond", given != NULL ? json_object_get_int_member (given, "WriteCapacityUnits") : ON_DEMAND_WRITES);
  json_object_set_string_member (warm, "Status", "ACTIVE");
  return warm;
}

static void
copy_members (JsonObject         *to,
              JsonObject         *from,
              const char *const  *names)
{
  for (guint i = 0; names[i] != NULL; i++) {
    if (json_object_has_member (from, names[i]))
      json_object_set_member (to, names[i], json_node_copy (json_object_get_member (from, names[i])));
  }
}

static void
add_indexes (PracticeDynamodb            *self,
             const PracticeDynamodbTable *table,
             JsonObject                  *description,
             const char                  *member,
             gboolean                     global,
             const char                  *status)
{
  static const char *const kept[] = { "IndexName", "KeySchema", "Projection", NULL };
  JsonArray *array, *indexes;

  if (!json_object_has_member (table->definition, member))
    return;
  array = json_object_get_array_member (table->definition, member);
  if (json_array_get_length (array) == 0)
    return;

  indexes = json_array_new ();
  for (guint i = 0; i < json_array_get_length (array); i++) {
    JsonObject *definition = json_array_get_object_element (array, i);
    JsonObject *index = json_object_new ();
    const PracticeDynamodbIndex *known = practice_dynamodb_table_find_index (table, json_object_get_string_member (definition, "IndexName"));
    gint64 entries, bytes;

    copy_members (index, definition, kept);
    practice_dynamodb_items_count_index (self, known->id, &entries, &bytes);
    json_object_set_int_member (index, "ItemCount", entries);
    json_object_set_int_member (index, "IndexSizeBytes", bytes);
    json_object_set_string_member (index, "IndexArn", known->arn);
    if (global) {
      json_object_set_string_member (index, "IndexStatus", g_str_equal (status, "CREATING") ? "CREATING" : "ACTIVE");
      json_object_set_object_member (index, "ProvisionedThroughput", make_throughput (definition));
      json_object_set_object_member (index, "WarmThroughput", make_warm_throughput (definition));
    }
    json_array_add_object_element (indexes, index);
  }
  json_object_set_array_member (description, member, indexes);
}

JsonObject *
practice_dynamodb_describe (PracticeDynamodb            *self,
                            const PracticeDynamodbTable *table,
                            const char                  *status)
{
  static const char *const kept[] = { "AttributeDefinitions", "KeySchema", "OnDemandThroughput", "SSEDescription", "StreamSpecification", "TableId", NULL };
  static const char *const kept_while_deleting[] = { "SSEDescription", "StreamSpecification", "TableId", NULL };
  gboolean deleting = g_str_equal (status, "DELETING");
  JsonObject *definition = table->definition;
  JsonObject *description = json_object_new ();
  gint64 items, bytes;

  count_items (self, table, &items, &bytes);
  copy_members (description, definition, deleting ? kept_while_deleting : kept);
  json_object_set_string_member (description, "TableName", table->name);
  json_object_set_string_member (description, "TableArn", table->arn);
  json_object_set_string_member (description, "TableStatus", status);
  json_object_set_int_member (description, "ItemCount", items);
  json_object_set_int_member (description, "TableSizeBytes", bytes);
  json_object_set_object_member (description, "ProvisionedThroughput", make_throughput (definition));
  json_object_set_boolean_member (description, "DeletionProtectionEnabled",
                                  json_object_get_boolean_member_with_default (definition, "DeletionProtectionEnabled", FALSE));

  if (!deleting) {
    json_object_set_double_member (description, "CreationDateTime", table->created);
    if (!g_str_equal (status, "CREATING"))
      json_object_set_object_member (description, "WarmThroughput", make_warm_throughput (definition));
    add_indexes (self, table, description, "GlobalSecondaryIndexes", TRUE, status);
    add_indexes (self, table, description, "LocalSecondaryIndexes", FALSE, status);
  }
  if (json_object_has_member (definition, "TableClass")) {
    JsonObject *summary = json_object_new ();

    json_object_set_string_member (summary, "TableClass", json_object_get_string_member (definition, "TableClass"));
    json_object_set_object_member (description, "TableClassSummary", summary);
  }
  if (json_object_has_member (definition, "OnDemandSince") || practice_dynamodb_table_is_on_demand (table)) {
    JsonObject *summary = json_object_new ();

    json_object_set_string_member (summary, "BillingMode", practice_dynamodb_table_is_on_demand (table) ? "PAY_PER_REQUEST" : "PROVISIONED");
    if (!g_str_equal (status, "CREATING"))
      json_object_set_double_member (summary, "LastUpdateToPayPerRequestDateTime",
                                     json_object_get_double_member_with_default (definition, "OnDemandSince", table->created));
    json_object_set_object_member (description, "BillingModeSummary", summary);
  }
  if (table->stream_label != NULL && !deleting) {
    g_autofree char *arn = g_strdup_printf ("%s/stream/%s", table->arn, table->stream_label);

    json_object_set_string_member (description, "LatestStreamArn", arn);
    json_object_set_string_member (description, "LatestStreamLabel", table->stream_label);
  }
  return description;
}

void
practice_dynamodb_describe_event (PracticeDynamodb            *self,
                                  const PracticeDynamodbTable *table,
                                  const char                  *kind)
{
  practice_events_emit_strings (practice_server_get_events (self->server), kind,
                                "region", table->region, "arn", table->arn, "type", "AWS::DynamoDB::Table", "name", table->name, NULL);
}
