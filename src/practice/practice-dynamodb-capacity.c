/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-dynamodb-capacity.h"

#include "practice-dynamodb-params.h"

#define READ_BLOCK 4096
#define WRITE_BLOCK 1024

/* What one table, or one of its indexes, took. */
typedef struct {
  const char *table;
  const char *index;    /* NULL: the table itself */
  gboolean    global;
  double      units;
} Share;

struct _PracticeDynamodbCapacity {
  PracticeDynamodbCapacityDetail detail;
  GPtrArray *tables;   /* PracticeDynamodbTable: keeps the shares' names */
  GArray    *shares;
};

static double
count_blocks (gsize bytes,
              gsize block)
{
  return MAX (1, (bytes + block - 1) / block);
}

static void
add (PracticeDynamodbCapacity    *self,
     const PracticeDynamodbTable *table,
     const PracticeDynamodbIndex *index,
     double                       units)
{
  Share share = { table->name, index != NULL ? index->name : NULL, index != NULL && index->global, units };

  for (guint i = 0; i < self->shares->len; i++) {
    Share *other = &g_array_index (self->shares, Share, i);

    if (g_str_equal (other->table, share.table) && g_strcmp0 (other->index, share.index) == 0) {
      other->units += units;
      return;
    }
  }
  g_ptr_array_add (self->tables, practice_dynamodb_table_ref ((PracticeDynamodbTable *) table));
  g_array_append_val (self->shares, share);
}

static JsonObject *
make_units (double units)
{
  JsonObject *object = json_object_new ();

  json_object_set_double_member (object, "CapacityUnits", units);
  return object;
}

static JsonObject *
describe (PracticeDynamodbCapacity *self,
          const char               *table)
{
  JsonObject *object = json_object_new ();
  JsonObject *global = json_object_new ();
  JsonObject *local = json_object_new ();
  double total = 0, own = 0;

  for (guint i = 0; i < self->shares->len; i++) {
    const Share *share = &g_array_index (self->shares, Share, i);

    if (!g_str_equal (share->table, table))
      continue;
    total += share->units;
    if (share->index == NULL)
      own += share->units;
    else
      json_object_set_object_member (share->global ? global : local, share->index, make_units (share->units));
  }

  json_object_set_string_member (object, "TableName", table);
  json_object_set_double_member (object, "CapacityUnits", total);
  if (self->detail == PRACTICE_DYNAMODB_CAPACITY_INDEXES) {
    json_object_set_object_member (object, "Table", make_units (own));
    if (json_object_get_size (global) > 0)
      json_object_set_object_member (object, "GlobalSecondaryIndexes", json_object_ref (global));
    if (json_object_get_size (local) > 0)
      json_object_set_object_member (object, "LocalSecondaryIndexes", json_object_ref (local));
  }
  json_object_unref (global);
  json_object_unref (local);
  return object;
}

PracticeDynamodbCapacity *
practice_dynamodb_capacity_new (JsonObject  *params,
                                GError     **error)
{
  static const char *const choices[] = { "INDEXES", "TOTAL", "NONE", NULL };
  PracticeDynamodbCapacity *self;
  int choice = 2;

  if (!practice_dynamodb_params_get_choice (params, "ReturnConsumedCapacity", choices, &choice, error))
    return NULL;
  self = g_new (PracticeDynamodbCapacity, 1);
  self->detail = 2 - choice;
  self->tables = g_ptr_array_new_with_free_func ((GDestroyNotify) practice_dynamodb_table_unref);
  self->shares = g_array_new (FALSE, FALSE, sizeof (Share));
  return self;
}

void
practice_dynamodb_capacity_free (PracticeDynamodbCapacity *self)
{
  g_ptr_array_unref (self->tables);
  g_array_unref (self->shares);
  g_free (self);
}

void
practice_dynamodb_capacity_add_read (PracticeDynamodbCapacity    *self,
                                     const PracticeDynamodbTable *table,
                                     const PracticeDynamodbIndex *index,
                                     gsize                        bytes,
                                     double                       units_per_block)
{
  if (self->detail != PRACTICE_DYNAMODB_CAPACITY_NONE)
    add (self, table, index, count_blocks (bytes, READ_BLOCK) * units_per_block);
}

void
practice_dynamodb_capacity_add_write (PracticeDynamodbCapacity    *self,
                                      const PracticeDynamodbTable *table,
                                      PracticeDynamodbValue       *old_item,
                                      PracticeDynamodbValue       *new_item,
                                      double                       units_per_block)
{
  gsize old_size = old_item != NULL ? practice_dynamodb_value_get_item_size (old_item) : 0;
  gsize new_size = new_item != NULL ? practice_dynamodb_value_get_item_size (new_item) : 0;

  if (self->detail == PRACTICE_DYNAMODB_CAPACITY_NONE)
    return;

  add (self, table, NULL, count_blocks (MAX (old_size, new_size), WRITE_BLOCK) * units_per_block);
  for (guint i = 0; i < table->indexes->len; i++) {
    const PracticeDynamodbIndex *index = g_ptr_array_index (table->indexes, i);
    g_autoptr (PracticeDynamodbValue) before = NULL;
    g_autoptr (PracticeDynamodbValue) after = NULL;
    gboolean moved = FALSE;

    if (old_item != NULL && practice_dynamodb_schema_covers (&index->keys, old_item))
      before = practice_dynamodb_table_project (table, index, old_item);
    if (new_item != NULL && practice_dynamodb_schema_covers (&index->keys, new_item))
      after = practice_dynamodb_table_project (table, index, new_item);
    if (before != NULL && after != NULL) {
      g_auto (PracticeDynamodbKey) from = { 0 };
      g_auto (PracticeDynamodbKey) to = { 0 };

      if (practice_dynamodb_value_equal (before, after))
        continue;
      practice_dynamodb_key_init (&from, &index->keys, before);
      practice_dynamodb_key_init (&to, &index->keys, after);
      moved = !practice_dynamodb_key_equal (&from, &to);
    }
    /* Under another key an entry is one that goes and one that comes. */
    if (before != NULL && (after == NULL || moved))
      add (self, table, index, count_blocks (practice_dynamodb_value_get_item_size (before), WRITE_BLOCK) * units_per_block);
    if (after != NULL)
      add (self, table, index, count_blocks (practice_dynamodb_value_get_item_size (after), WRITE_BLOCK) * units_per_block);
  }
}

void
practice_dynamodb_capacity_report (PracticeDynamodbCapacity *self,
                                   JsonObject               *result)
{
  if (self->detail != PRACTICE_DYNAMODB_CAPACITY_NONE && self->shares->len > 0)
    json_object_set_object_member (result, "ConsumedCapacity", describe (self, g_array_index (self->shares, Share, 0).table));
}

void
practice_dynamodb_capacity_report_all (PracticeDynamodbCapacity *self,
                                       JsonObject               *result)
{
  JsonArray *array;

  if (self->detail == PRACTICE_DYNAMODB_CAPACITY_NONE)
    return;
  array = json_array_new ();
  for (guint i = 0; i < self->shares->len; i++) {
    const char *table = g_array_index (self->shares, Share, i).table;
    gboolean first = TRUE;

    for (guint j = 0; j < i; j++)
      first &= !g_str_equal (g_array_index (self->shares, Share, j).table, table);
    if (first)
      json_array_add_object_element (array, describe (self, table));
  }
  json_object_set_array_member (result, "ConsumedCapacity", array);
}
