/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-dynamodb-table.h"

#include "practice-dynamodb-error.h"

/* Developer Guide, "Limits": item size, names and values. */
#define ITEM_MAX (400 * 1024)

static void
index_free (gpointer data)
{
  PracticeDynamodbIndex *index = data;

  g_free (index->name);
  g_free (index->arn);
  practice_dynamodb_schema_clear (&index->keys);
  g_strfreev (index->included);
  g_free (index);
}

static PracticeDynamodbIndex *
index_new (PracticeDynamodbTable *self,
           JsonObject            *definition,
           gboolean               global)
{
  PracticeDynamodbIndex *index = g_new0 (PracticeDynamodbIndex, 1);
  JsonObject *projection = json_object_get_object_member (definition, "Projection");
  const char *type = json_object_get_string_member (projection, "ProjectionType");

  index->id = json_object_get_int_member (definition, "IndexId");
  index->name = g_strdup (json_object_get_string_member (definition, "IndexName"));
  index->arn = g_strdup_printf ("%s/index/%s", self->arn, index->name);
  index->global = global;
  practice_dynamodb_schema_init (&index->keys, json_object_get_array_member (definition, "KeySchema"),
                                 json_object_get_array_member (self->definition, "AttributeDefinitions"));
  if (g_str_equal (type, "KEYS_ONLY"))
    index->projection = PRACTICE_DYNAMODB_PROJECTION_KEYS_ONLY;
  else if (g_str_equal (type, "INCLUDE"))
    index->projection = PRACTICE_DYNAMODB_PROJECTION_INCLUDE;

  if (json_object_has_member (projection, "NonKeyAttributes")) {
    g_autoptr (GStrvBuilder) names = g_strv_builder_new ();
    JsonArray *array = json_object_get_array_member (projection, "NonKeyAttributes");

    for (guint i = 0; i < json_array_get_length (array); i++)
      g_strv_builder_add (names, json_array_get_string_element (array, i));
    index->included = g_strv_builder_end (names);
  }
  return index;
}

static void
add_indexes (PracticeDynamodbTable *self,
             const char            *member,
             gboolean               global)
{
  JsonArray *array;

  if (!json_object_has_member (self->definition, member))
    return;
  array = json_object_get_array_member (self->definition, member);
  for (guint i = 0; i < json_array_get_length (array); i++)
    g_ptr_array_add (self->indexes, index_new (self, json_array_get_object_element (array, i), global));
}

PracticeDynamodbTable *
practice_dynamodb_table_new (gint64      id,
                             const char *region,
                             const char *account,
                             const char *name,
                             double      created,
                             JsonObject *definition)
{
  PracticeDynamodbTable *self = g_new0 (PracticeDynamodbTable, 1);

  self->ref_count = 1;
  self->id = id;
  self->region = g_strdup (region);
  self->name = g_strdup (name);
  self->arn = g_strdup_printf ("arn:aws:dynamodb:%s:%s:table/%s", region, account, name);
  self->created = created;
  self->definition = definition;
  practice_dynamodb_schema_init (&self->keys, json_object_get_array_member (definition, "KeySchema"),
                                 json_object_get_array_member (definition, "AttributeDefinitions"));
  self->indexes = g_ptr_array_new_with_free_func (index_free);
  add_indexes (self, "GlobalSecondaryIndexes", TRUE);
  add_indexes (self, "LocalSecondaryIndexes", FALSE);
  return self;
}

PracticeDynamodbTable *
practice_dynamodb_table_ref (PracticeDynamodbTable *self)
{
  self->ref_count++;
  return self;
}

void
practice_dynamodb_table_unref (PracticeDynamodbTable *self)
{
  if (--self->ref_count > 0)
    return;
  g_free (self->region);
  g_free (self->name);
  g_free (self->arn);
  json_object_unref (self->definition);
  practice_dynamodb_schema_clear (&self->keys);
  g_ptr_array_unref (self->indexes);
  g_free (self->stream_view);
  g_free (self->stream_label);
  g_free (self);
}

PracticeDynamodbIndex *
practice_dynamodb_table_find_index (const PracticeDynamodbTable *self,
                                    const char                  *name)
{
  for (guint i = 0; i < self->indexes->len; i++) {
    PracticeDynamodbIndex *index = g_ptr_array_index (self->indexes, i);

    if (g_str_equal (index->name, name))
      return index;
  }
  return NULL;
}

gboolean
practice_dynamodb_table_is_on_demand (const PracticeDynamodbTable *self)
{
  return g_strcmp0 (json_object_get_string_member_with_default (self->definition, "BillingMode", NULL), "PAY_PER_REQUEST") == 0;
}

gboolean
practice_dynamodb_table_check_item (const PracticeDynamodbTable  *self,
                                    const PracticeDynamodbValue  *item,
                                    gboolean                      update,
                                    GError                      **error)
{
  if (!practice_dynamodb_schema_check_item (&self->keys, item, error))
    return FALSE;
  for (guint i = 0; i < self->indexes->len; i++) {
    const PracticeDynamodbIndex *index = g_ptr_array_index (self->indexes, i);

    if (!practice_dynamodb_schema_check_index (&index->keys, index->name, item, error))
      return FALSE;
  }
  if (practice_dynamodb_value_get_item_size (item) > ITEM_MAX)
    return practice_dynamodb_invalid (error, update ? "Item size to update has exceeded the maximum allowed size"
                                                    : "Item size has exceeded the maximum allowed size");
  return TRUE;
}

PracticeDynamodbValue *
practice_dynamodb_table_project (const PracticeDynamodbTable *self,
                                 const PracticeDynamodbIndex *index,
                                 PracticeDynamodbValue       *item)
{
  PracticeDynamodbValue *part;

  if (index->projection == PRACTICE_DYNAMODB_PROJECTION_ALL)
    return practice_dynamodb_value_ref (item);

  part = practice_dynamodb_value_new_map ();
  practice_dynamodb_schema_extract (&self->keys, item, part);
  practice_dynamodb_schema_extract (&index->keys, item, part);
  for (guint i = 0; index->included != NULL && index->included[i] != NULL; i++) {
    PracticeDynamodbValue *value = practice_dynamodb_value_get (item, index->included[i]);

    if (value != NULL)
      practice_dynamodb_value_set (part, index->included[i], practice_dynamodb_value_ref (value));
  }
  return part;
}
