/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Query and Scan. */
#include <string.h>

#include "practice-dynamodb-capacity.h"
#include "practice-dynamodb-condition.h"
#include "practice-dynamodb-legacy.h"
#include "practice-dynamodb-projection.h"
#include "practice-dynamodb-range.h"
#include "practice-dynamodb-read.h"

/* What one call reads at most (API reference, Query). */
#define PAGE_BYTES (1024 * 1024)
#define SEGMENTS_MAX 1000000

enum {
  SELECT_SPECIFIC,
  SELECT_COUNT,
  SELECT_ALL,
  SELECT_PROJECTED,
  SELECT_UNSET,
};

static const char *const selections[] = { "SPECIFIC_ATTRIBUTES", "COUNT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES", NULL };

/* What a query or scan asks for. */
typedef struct {
  PracticeDynamodbTable       *table;
  const PracticeDynamodbIndex *index;
  PracticeDynamodbNode        *keys;        /* KeyConditionExpression */
  PracticeDynamodbNode        *filter;
  GPtrArray                   *paths;
  PracticeDynamodbValue       *start;       /* ExclusiveStartKey */
  PracticeDynamodbCapacity    *capacity;
  char                        *table_name;
  const char                  *index_name;
  gint64                       limit;
  gint64                       segment;
  gint64                       segments;
  int                          selection;
  gboolean                     consistent;
  gboolean                     forward;
} Search;

static void
search_clear (Search *search)
{
  g_clear_pointer (&search->table, practice_dynamodb_table_unref);
  g_clear_pointer (&search->keys, practice_dynamodb_node_free);
  g_clear_pointer (&search->filter, practice_dynamodb_node_free);
  g_clear_pointer (&search->paths, g_ptr_array_unref);
  g_clear_pointer (&search->start, practice_dynamodb_value_unref);
  g_clear_pointer (&search->capacity, practice_dynamodb_capacity_free);
  g_clear_pointer (&search->table_name, g_free);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Search, search_clear)

static gboolean
read_expressions (Search      *search,
                  JsonObject  *params,
                  gboolean     query,
                  GError     **error)
{
  g_autoptr (PracticeDynamodbPlaceholders) placeholders = NULL;
  const char *keys = NULL, *filter = NULL, *projection = NULL;

  if ((query && !practice_dynamodb_params_get_string (params, "KeyConditionExpression", &keys, error)) ||
      !practice_dynamodb_params_get_string (params, "FilterExpression", &filter, error) ||
      !practice_dynamodb_params_get_string (params, "ProjectionExpression", &projection, error))
    return FALSE;
  placeholders = practice_dynamodb_placeholders_new (json_object_get_member (params, "ExpressionAttributeNames"),
                                                     json_object_get_member (params, "ExpressionAttributeValues"), error);
  if (placeholders == NULL)
    return FALSE;
  if (keys == NULL && filter == NULL && projection == NULL && practice_dynamodb_placeholders_has_names (placeholders))
    return practice_dynamodb_invalid (error, "ExpressionAttributeNames can only be specified when using expressions");
  if (keys == NULL && filter == NULL && practice_dynamodb_placeholders_has_values (placeholders))
    return practice_dynamodb_invalid (error, "ExpressionAttributeValues can only be specified when using expressions: %s",
                                      query ? "FilterExpression and KeyConditionExpression are null" : "FilterExpression is null");
  if (query && keys == NULL)
    return practice_dynamodb_invalid (error, "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.");

  if ((filter != NULL && (search->filter = practice_dynamodb_condition_parse ("FilterExpression", filter, placeholders, error)) == NULL) ||
      (projection != NULL && (search->paths = practice_dynamodb_projection_parse (projection, placeholders, error)) == NULL) ||
      (keys != NULL && (search->keys = practice_dynamodb_condition_parse ("KeyConditionExpression", keys, placeholders, error)) == NULL))
    return FALSE;
  return practice_dynamodb_placeholders_check_used (placeholders, error);
}

static gboolean
read_segments (Search      *search,
               JsonObject  *params,
               GError     **error)
{
  gboolean segment = json_object_has_member (params, "Segment"), segments = json_object_has_member (params, "TotalSegments");

  search->segments = 1;
  if (!practice_dynamodb_params_get_limit (params, "Segment", 0, SEGMENTS_MAX - 1, &search->segment, error) ||
      !practice_dynamodb_params_get_limit (params, "TotalSegments", 1, SEGMENTS_MAX, &search->segments, error))
    return FALSE;
  if (segment && !segments)
    return practice_dynamodb_invalid (error, "The TotalSegments parameter is required but was not present in the request when Segment parameter is present");
  if (segments && !segment)
    return practice_dynamodb_invalid (error, "The Segment parameter is required but was not present in the request when parameter TotalSegments is present");
  if (search->segment >= search->segments)
    return practice_dynamodb_invalid (error,
                                      "The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: %" G_GINT64_FORMAT " is not less than TotalSegments: %" G_GINT64_FORMAT,
                                      search->segment, search->segments);
  return TRUE;
}

static gboolean
read_search (Search      *search,
             JsonObject  *params,
             gboolean     query,
             GError     **error)
{
  JsonObject *start = NULL;

  search->limit = G_MAXINT64;
  search->selection = SELECT_UNSET;
  search->forward = TRUE;
  search->capacity = practice_dynamodb_capacity_new (params, error);
  if (search->capacity == NULL ||
      !practice_dynamodb_params_need_table (params, &search->table_name, error) ||
      !practice_dynamodb_legacy_refuse (params, error) ||
      !practice_dynamodb_params_get_string (params, "IndexName", &search->index_name, error) ||
      !practice_dynamodb_params_get_limit (params, "Limit", 1, G_MAXINT32, &search->limit, error) ||
      !practice_dynamodb_params_get_choice (params, "Select", selections, &search->selection, error) ||
      !practice_dynamodb_params_get_boolean (params, "ConsistentRead", &search->consistent, error) ||
      !practice_dynamodb_params_get_boolean (params, "ScanIndexForward", &search->forward, error) ||
      !practice_dynamodb_params_get_object (params, "ExclusiveStartKey", &start, error) ||
      !read_segments (search, params, error) ||
      !read_expressions (search, params, query, error))
    return FALSE;
  if (start != NULL && (search->start = practice_dynamodb_value_item_from_json (start, error)) == NULL)
    return FALSE;

  if (search->paths != NULL && search->selection != SELECT_UNSET && search->selection != SELECT_SPECIFIC)
    return practice_dynamodb_invalid (error, "Cannot specify the ProjectionExpression when choosing to get %s",
                                      search->selection == SELECT_COUNT ? "only the Count" : selections[search->selection]);
  if (search->paths == NULL && search->selection == SELECT_SPECIFIC)
    return practice_dynamodb_invalid (error, "Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES");
  if (search->selection == SELECT_PROJECTED && search->index_name == NULL)
    return practice_dynamodb_invalid (error, "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName");
  return TRUE;
}

static gboolean
check_index (Search  *search,
             GError **error)
{
  if (search->index_name == NULL)
    return TRUE;
  search->index = practice_dynamodb_table_find_index (search->table, search->index_name);
  if (search->index == NULL)
    return practice_dynamodb_invalid (error, "The table does not have the specified index: %s", search->index_name);
  if (search->index->global && search->consistent)
    return practice_dynamodb_invalid (error, "Consistent reads are not supported on global secondary indexes");
  if (search->index->global && search->selection == SELECT_ALL && search->index->projection != PRACTICE_DYNAMODB_PROJECTION_ALL)
    return practice_dynamodb_invalid (error,
                                      "One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not supported for global secondary index %s because its projection type is not ALL",
                                      search->index_name);
  return TRUE;
}

typedef struct {
  const PracticeDynamodbSchema *schema;
  const char                   *found;
} KeyPathCheck;

static void
check_key_path (const PracticeDynamodbPath *path,
                gpointer                    data)
{
  KeyPathCheck *check = data;

  if (practice_dynamodb_schema_has (check->schema, practice_dynamodb_path_get_top (path)))
    check->found = practice_dynamodb_path_get_top (path);
}

/* A query filters what its key condition has found: the key is not for the filter. */
static gboolean
check_filter (Search  *search,
              GError **error)
{
  KeyPathCheck check = { search->index != NULL ? &search->index->keys : &search->table->keys, NULL };

  if (search->keys == NULL || search->filter == NULL)
    return TRUE;
  practice_dynamodb_node_visit_paths (search->filter, check_key_path, &check);
  if (check.found != NULL)
    return practice_dynamodb_invalid (error, "Filter Expression can only contain non-primary key attributes: Primary key attribute: %s", check.found);
  return TRUE;
}

/* LastEvaluatedKey, and what ExclusiveStartKey has to be. */
static JsonObject *
make_last_key (Search                      *search,
               const PracticeDynamodbValue *item)
{
  g_autoptr (PracticeDynamodbValue) key = practice_dynamodb_value_new_map ();

  practice_dynamodb_schema_extract (&search->table->keys, item, key);
  if (search->index != NULL)
    practice_dynamodb_schema_extract (&search->index->keys, item, key);
  return practice_dynamodb_value_item_to_json (key);
}

/* A local index can read what it has not from the table; a global one shows what it has. */
static gboolean
reads_whole_items (Search *search)
{
  if (search->index == NULL)
    return TRUE;
  return !search->index->global && (search->selection == SELECT_ALL || search->paths != NULL);
}

static JsonObject *
run (Search                      *search,
     PracticeDynamodb            *self,
     const PracticeDynamodbRange *range)
{
  sqlite3_stmt *row = practice_dynamodb_range_open (range, self);
  g_autoptr (PracticeDynamodbValue) last = NULL;
  JsonObject *result = json_object_new ();
  JsonArray *items = json_array_new ();
  gint64 scanned = 0, count = 0;
  gsize total = 0;
  gboolean more = FALSE;

  while (!more && sqlite3_step (row) == SQLITE_ROW) {
    g_autoptr (PracticeDynamodbValue) item = practice_dynamodb_value_decode (sqlite3_column_blob (row, 0), sqlite3_column_bytes (row, 0));
    g_autoptr (PracticeDynamodbValue) view = NULL;
    gsize size;

    if (item == NULL)
      continue;
    view = reads_whole_items (search) ? practice_dynamodb_value_ref (item) : practice_dynamodb_table_project (search->table, search->index, item);
    size = practice_dynamodb_value_get_item_size (view);
    if (scanned > 0 && total + size > PAGE_BYTES) {
      more = TRUE;
      break;
    }
    total += size;
    scanned++;
    if (search->filter == NULL || practice_dynamodb_node_matches (search->filter, view)) {
      count++;
      if (search->selection != SELECT_COUNT)
        json_array_add_object_element (items, practice_dynamodb_read_answer (view, search->paths));
    }
    g_clear_pointer (&last, practice_dynamodb_value_unref);
    last = g_steal_pointer (&item);
    more = scanned >= search->limit;
  }
  sqlite3_reset (row);

  json_object_set_int_member (result, "Count", count);
  json_object_set_int_member (result, "ScannedCount", scanned);
  if (search->selection != SELECT_COUNT)
    json_object_set_array_member (result, "Items", json_array_ref (items));
  json_array_unref (items);
  if (more)
    json_object_set_object_member (result, "LastEvaluatedKey", make_last_key (search, last));
  practice_dynamodb_capacity_add_read (search->capacity, search->table, search->index, total, search->consistent ? 1 : 0.5);
  practice_dynamodb_capacity_report (search->capacity, result);
  return result;
}

static void
answer_search (PracticeCall     *call,
               PracticeDynamodb *self,
               gboolean          query)
{
  g_auto (Search) search = { 0 };
  g_auto (PracticeDynamodbRange) range = { 0 };
  g_autoptr (GError) error = NULL;
  g_autofree char *arn = NULL;

  if (!read_search (&search, practice_call_get_params (call), query, &error)) {
    practice_dynamodb_answer_error (call, error);
    return;
  }
  arn = practice_dynamodb_make_arn (call, search.table_name);
  if (search.index_name != NULL) {
    g_autofree char *table_arn = g_steal_pointer (&arn);

    arn = g_strdup_printf ("%s/index/%s", table_arn, search.index_name);
  }
  if (!practice_call_allow (call, query ? "dynamodb:Query" : "dynamodb:Scan", arn, NULL, NULL))
    return;
  search.table = practice_dynamodb_need_table (self, call, search.table_name, &error);
  if (search.table == NULL || !check_index (&search, &error)) {
    practice_dynamodb_answer_error (call, error);
    return;
  }

  range.table = search.table;
  range.index = search.index;
  range.backward = !search.forward;
  if (query && !practice_dynamodb_range_set_keys (&range, search.keys, &error)) {
    practice_dynamodb_answer_error (call, error);
    return;
  }
  practice_dynamodb_range_set_segment (&range, search.segment, search.segments);
  if (!check_filter (&search, &error) ||
      (search.start != NULL && !practice_dynamodb_range_set_start (&range, search.start, &error))) {
    practice_dynamodb_answer_error (call, error);
    return;
  }
  practice_call_return (call, run (&search, self, &range));
}

void
practice_dynamodb_query (PracticeCall *call,
                         gpointer      service)
{
  answer_search (call, service, TRUE);
}

void
practice_dynamodb_scan (PracticeCall *call,
                        gpointer      service)
{
  answer_search (call, service, FALSE);
}
