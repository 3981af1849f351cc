/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-logs-private.h"

#include "practice-json.h"
#include "practice-tags.h"

#define MAX_TAGS 50

static JsonObject *
load_tags (PracticeStore *store,
           gint64         group)
{
  sqlite3_stmt *row = practice_store_prepare (store, "SELECT tags FROM logs_group WHERE id = ?", "i", group);
  JsonObject *tags = NULL;

  if (sqlite3_step (row) == SQLITE_ROW)
    tags = practice_json_parse_object ((const char *) sqlite3_column_text (row, 0), -1, NULL);
  sqlite3_reset (row);
  return tags != NULL ? tags : json_object_new ();
}

static void
save_tags (PracticeStore *store,
           gint64         group,
           JsonObject    *tags)
{
  g_autofree char *text = practice_json_object_to_text (tags);

  practice_store_run (store, "UPDATE logs_group SET tags = ? WHERE id = ?", "si", text, group);
}

/* The tagging calls name the group by its ARN (resourceArn); the older ones by its name. */
static gint64
find_tagged (PracticeCall *call,
             const char   *action)
{
  PracticeServer *server = practice_call_get_server (call);
  const char *arn = practice_call_get_string (call, "resourceArn");
  g_autofree char *name = NULL;
  gint64 group;

  if (arn == NULL)
    return practice_logs_find_group (call, action, NULL);
  name = practice_logs_read_identifier (arn);
  if (!practice_logs_allow (call, action, name, NULL))
    return 0;
  group = practice_logs_lookup_group (practice_server_get_store (server), practice_call_get_region (call), name);
  if (group == 0)
    practice_logs_fail (call, "ResourceNotFoundException", "The specified log group does not exist.");
  return group;
}

gboolean
practice_logs_check_tags (PracticeCall *call,
                          JsonObject   *tags)
{
  if (practice_call_is_answered (call))
    return FALSE;
  if (tags == NULL)
    return TRUE;
  if (json_object_get_size (tags) > MAX_TAGS) {
    practice_logs_fail (call, "InvalidParameterException", "A log group can have at most 50 tags.");
    return FALSE;
  }
  if (!practice_tags_are_valid (tags)) {
    practice_logs_fail (call, "InvalidParameterException", "A tag has a key of 1 to 128 characters and a value of at most 256.");
    return FALSE;
  }
  return TRUE;
}

void
practice_logs_tag_resource (PracticeCall *call,
                            gpointer      service)
{
  PracticeStore *store = practice_server_get_store (practice_call_get_server (call));
  gboolean old_call = g_str_equal (practice_call_get_operation (call), "TagLogGroup");
  JsonObject *added = practice_call_get_object (call, "tags");
  g_autoptr (JsonObject) tags = NULL;
  g_autoptr (JsonObject) merged = NULL;
  gint64 group;

  if (!practice_logs_check_tags (call, added))
    return;
  group = find_tagged (call, old_call ? "logs:TagLogGroup" : "logs:TagResource");
  if (group == 0)
    return;
  if (added == NULL) {
    practice_logs_fail (call, "InvalidParameterException", "1 validation error detected: Value at 'tags' failed to satisfy constraint: Member must not be null");
    return;
  }
  tags = load_tags (store, group);
  merged = practice_tags_merge (tags, added);
  if (!practice_logs_check_tags (call, merged))
    return;
  save_tags (store, group, merged);
  practice_call_return (call, NULL);
}

void
practice_logs_untag_resource (PracticeCall *call,
                              gpointer      service)
{
  PracticeStore *store = practice_server_get_store (practice_call_get_server (call));
  gboolean old_call = g_str_equal (practice_call_get_operation (call), "UntagLogGroup");
  JsonArray *keys = practice_call_get_array (call, old_call ? "tags" : "tagKeys");
  g_autoptr (JsonObject) tags = NULL;
  g_autoptr (JsonObject) left = NULL;
  gint64 group;

  if (practice_call_is_answered (call))
    return;
  group = find_tagged (call, old_call ? "logs:UntagLogGroup" : "logs:UntagResource");
  if (group == 0)
    return;
  tags = load_tags (store, group);
  left = practice_tags_without (tags, keys);
  save_tags (store, group, left);
  practice_call_return (call, NULL);
}

void
practice_logs_list_tags (PracticeCall *call,
                         gpointer      service)
{
  gboolean old_call = g_str_equal (practice_call_get_operation (call), "ListTagsLogGroup");
  gint64 group = find_tagged (call, old_call ? "logs:ListTagsLogGroup" : "logs:ListTagsForResource");
  JsonObject *result = NULL;

  if (group == 0)
    return;
  result = json_object_new ();
  json_object_set_object_member (result, "tags", load_tags (practice_server_get_store (practice_call_get_server (call)), group));
  practice_call_return (call, result);
}

void
practice_logs_list_tagged_groups (JsonArray  *resources,
                                  const char *region,
                                  gpointer    data)
{
  PracticeServer *server = data;
  sqlite3_stmt *rows = practice_store_prepare (practice_server_get_store (server),
                                               "SELECT name, tags FROM logs_group WHERE region = ? AND tags <> '{}' ORDER BY name", "s", region);

  while (sqlite3_step (rows) == SQLITE_ROW) {
    g_autofree char *arn = practice_logs_make_arn (server, region, (const char *) sqlite3_column_text (rows, 0));
    g_autoptr (JsonObject) tags = practice_json_parse_object ((const char *) sqlite3_column_text (rows, 1), -1, NULL);

    practice_tags_tell (tags, arn, resources);
  }
  sqlite3_reset (rows);
}
