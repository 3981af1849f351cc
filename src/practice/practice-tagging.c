/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-json.h"
#include "practice-server-private.h"
#include "practice-services.h"

#include <string.h>

#define MAX_PER_PAGE 100
#define MAX_FILTERS 50

static gboolean
has_string (JsonArray  *array,
            const char *text)
{
  for (guint i = 0; i < json_array_get_length (array); i++) {
    JsonNode *node = json_array_get_element (array, i);

    if (g_strcmp0 (practice_json_node_get_string (node), text) == 0)
      return TRUE;
  }
  return FALSE;
}

/* A filter without values asks for the key alone (Resource Groups Tagging API reference, GetResources). */
static gboolean
filter_matches (JsonObject *filter,
                JsonArray  *tags)
{
  const char *key = practice_json_get_string (filter, "Key");
  JsonArray *values = practice_json_get_array (filter, "Values");

  for (guint i = 0; i < json_array_get_length (tags); i++) {
    JsonObject *tag = json_array_get_object_element (tags, i);

    if (g_strcmp0 (practice_json_get_string (tag, "Key"), key) != 0)
      continue;
    if (values == NULL || json_array_get_length (values) == 0)
      return TRUE;
    return has_string (values, practice_json_get_string (tag, "Value"));
  }
  return FALSE;
}

static gboolean
resource_matches (JsonObject *resource,
                  JsonArray  *filters,
                  JsonArray  *arns)
{
  JsonArray *tags = practice_json_get_array (resource, "Tags");

  if (arns != NULL && !has_string (arns, practice_json_get_string (resource, "ResourceARN")))
    return FALSE;
  for (guint i = 0; filters != NULL && i < json_array_get_length (filters); i++) {
    if (!filter_matches (json_array_get_object_element (filters, i), tags))
      return FALSE;
  }
  return json_array_get_length (tags) > 0 || arns != NULL;
}

static gboolean
check_filters (PracticeCall *call,
               JsonArray    *filters)
{
  guint length = filters != NULL ? json_array_get_length (filters) : 0;

  if (length > MAX_FILTERS) {
    practice_call_fail (call, 400, "InvalidParameterException", "Exceeded the maximum number of TagFilters: %d", MAX_FILTERS);
    return FALSE;
  }
  for (guint i = 0; i < length; i++) {
    JsonNode *node = json_array_get_element (filters, i);

    if (!JSON_NODE_HOLDS_OBJECT (node) || practice_json_get_string (json_node_get_object (node), "Key") == NULL) {
      practice_call_fail (call, 400, "InvalidParameterException", "A filter in TagFilters has no Key.");
      return FALSE;
    }
  }
  return TRUE;
}

static int
compare_resources (gconstpointer a,
                   gconstpointer b)
{
  JsonObject *first = json_node_get_object (*(JsonNode *const *) a);
  JsonObject *second = json_node_get_object (*(JsonNode *const *) b);

  return g_strcmp0 (practice_json_get_string (first, "ResourceARN"), practice_json_get_string (second, "ResourceARN"));
}

/* (transfer container): every resource with tags, by ARN. */
static GPtrArray *
list_resources (PracticeCall *call,
                JsonArray    *types,
                JsonArray    *resources)
{
  PracticeServer *server = practice_call_get_server (call);
  const char *region = practice_call_get_region (call);
  GPtrArray *sorted = g_ptr_array_new ();

  if (types == NULL || json_array_get_length (types) == 0) {
    practice_server_collect_tagged (server, NULL, region, resources);
  } else {
    for (guint i = 0; i < json_array_get_length (types); i++) {
      JsonNode *type = json_array_get_element (types, i);

      if (practice_json_is_string (type))
        practice_server_collect_tagged (server, json_node_get_string (type), region, resources);
    }
  }
  for (guint i = 0; i < json_array_get_length (resources); i++)
    g_ptr_array_add (sorted, json_array_get_element (resources, i));
  g_ptr_array_sort (sorted, compare_resources);
  return sorted;
}

static void
get_resources (PracticeCall *call,
               gpointer      service)
{
  JsonArray *filters = practice_call_get_array (call, "TagFilters");
  JsonArray *types = practice_call_get_array (call, "ResourceTypeFilters");
  JsonArray *arns = practice_call_get_array (call, "ResourceARNList");
  const char *after = practice_call_get_string (call, "PaginationToken");
  g_autoptr (JsonArray) resources = json_array_new ();
  g_autoptr (GPtrArray) sorted = NULL;
  gint64 per_page = 50;
  JsonArray *page = NULL;
  const char *last = NULL;
  const char *token = "";
  JsonObject *result = NULL;

  practice_call_get_int (call, "ResourcesPerPage", &per_page);
  if (practice_call_is_answered (call) || !practice_call_allow (call, "tag:GetResources", "*", NULL, NULL))
    return;
  if (per_page < 1 || per_page > MAX_PER_PAGE) {
    practice_call_fail (call, 400, "InvalidParameterException", "ResourcesPerPage must be from 1 to %d.", MAX_PER_PAGE);
    return;
  }
  if (arns != NULL && json_array_get_length (arns) == 0)
    arns = NULL;
  if (arns != NULL && (filters != NULL || types != NULL)) {
    practice_call_fail (call, 400, "InvalidParameterException",
                        "ResourceARNList cannot be used together with TagFilters or ResourceTypeFilters.");
    return;
  }
  if (!check_filters (call, filters))
    return;

  sorted = list_resources (call, types, resources);
  page = json_array_new ();
  for (guint i = 0; i < sorted->len; i++) {
    JsonNode *node = g_ptr_array_index (sorted, i);
    JsonObject *resource = json_node_get_object (node);
    const char *arn = practice_json_get_string (resource, "ResourceARN");

    if ((after != NULL && *after != '\0' && strcmp (arn, after) <= 0) || !resource_matches (resource, filters, arns))
      continue;
    if (json_array_get_length (page) == per_page) {
      token = last;
      break;
    }
    /* Two type filters may find the same resource. */
    if (g_strcmp0 (last, arn) != 0)
      json_array_add_element (page, json_node_copy (node));
    last = arn;
  }

  result = json_object_new ();
  json_object_set_string_member (result, "PaginationToken", token);
  json_object_set_array_member (result, "ResourceTagMappingList", page);
  practice_call_return (call, result);
}

/* The keys, or where @key is given its values, that resources have. */
static void
return_distinct (PracticeCall *call,
                 const char   *key,
                 const char   *member)
{
  g_autoptr (JsonArray) resources = json_array_new ();
  g_autoptr (GPtrArray) sorted = list_resources (call, NULL, resources);
  g_autoptr (GHashTable) seen = g_hash_table_new (g_str_hash, g_str_equal);
  JsonArray *list = json_array_new ();
  JsonObject *result = json_object_new ();

  for (guint i = 0; i < sorted->len; i++) {
    JsonArray *tags = practice_json_get_array (json_node_get_object (g_ptr_array_index (sorted, i)), "Tags");

    for (guint j = 0; j < json_array_get_length (tags); j++) {
      JsonObject *tag = json_array_get_object_element (tags, j);
      const char *name = practice_json_get_string (tag, "Key");
      const char *text = key != NULL ? practice_json_get_string (tag, "Value") : name;

      if ((key == NULL || g_strcmp0 (name, key) == 0) && text != NULL && g_hash_table_add (seen, (gpointer) text))
        json_array_add_string_element (list, text);
    }
  }
  json_object_set_string_member (result, "PaginationToken", "");
  json_object_set_array_member (result, member, list);
  practice_call_return (call, result);
}

static void
get_tag_keys (PracticeCall *call,
              gpointer      service)
{
  if (practice_call_allow (call, "tag:GetTagKeys", "*", NULL, NULL))
    return_distinct (call, NULL, "TagKeys");
}

static void
get_tag_values (PracticeCall *call,
                gpointer      service)
{
  const char *key = practice_call_get_string (call, "Key");

  if (practice_call_is_answered (call) || !practice_call_allow (call, "tag:GetTagValues", "*", NULL, NULL))
    return;
  if (key == NULL) {
    practice_call_fail (call, 400, "InvalidParameterException", "The parameter Key is missing.");
    return;
  }
  return_distinct (call, key, "TagValues");
}

static const PracticeOperation operations[] = {
  { "GetResources", NULL, get_resources },
  { "GetTagKeys", NULL, get_tag_keys },
  { "GetTagValues", NULL, get_tag_values },
  { NULL }
};

static const PracticeService tagging = {
  .name = "tagging",
  .target = "ResourceGroupsTaggingAPI_20170126",
  .protocol = PRACTICE_PROTOCOL_JSON_1_1,
  .denied_status = 400,
  .denied_code = "AccessDeniedException",
  .operations = operations,
};

void
practice_tagging_start (PracticeServer *server)
{
  practice_server_add_service (server, &tagging, NULL);
}
