/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-logs-private.h"

#include "practice-json.h"

static const gint64 retention_days[] = {
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
};

static JsonObject *
describe_group (PracticeServer *server,
                const char     *region,
                sqlite3_stmt   *row)
{
  JsonObject *group = json_object_new ();
  const char *name = (const char *) sqlite3_column_text (row, 0);
  g_autofree char *arn = practice_logs_make_arn (server, region, name);
  g_autofree char *star_arn = g_strconcat (arn, ":*", NULL);

  json_object_set_string_member (group, "logGroupName", name);
  json_object_set_int_member (group, "creationTime", sqlite3_column_int64 (row, 1));
  if (sqlite3_column_type (row, 2) != SQLITE_NULL)
    json_object_set_int_member (group, "retentionInDays", sqlite3_column_int64 (row, 2));
  json_object_set_int_member (group, "metricFilterCount", 0);
  json_object_set_string_member (group, "arn", star_arn);
  json_object_set_int_member (group, "storedBytes", sqlite3_column_int64 (row, 3));
  json_object_set_string_member (group, "logGroupClass", "STANDARD");
  json_object_set_string_member (group, "logGroupArn", arn);
  return group;
}

void
practice_logs_create_log_group (PracticeCall *call,
                                gpointer      service)
{
  PracticeServer *server = practice_call_get_server (call);
  const char *name = practice_call_get_string (call, "logGroupName");
  JsonObject *tags = practice_call_get_object (call, "tags");

  if (!practice_logs_check_group_name (call, name) || !practice_logs_check_tags (call, tags) || !practice_logs_allow (call, "logs:CreateLogGroup", name, NULL))
    return;
  if (practice_logs_lookup_group (practice_server_get_store (server), practice_call_get_region (call), name) != 0) {
    practice_logs_fail (call, "ResourceAlreadyExistsException", "The specified log group already exists");
    return;
  }
  practice_logs_insert_group (server, practice_call_get_region (call), name, tags);
  practice_call_return (call, NULL);
}

void
practice_logs_delete_log_group (PracticeCall *call,
                                gpointer      service)
{
  PracticeServer *server = practice_call_get_server (call);
  const char *name = practice_call_get_string (call, "logGroupName");
  gint64 id = practice_logs_find_group (call, "logs:DeleteLogGroup", NULL);
  g_autofree char *arn = NULL;

  if (id == 0)
    return;
  practice_store_run (practice_server_get_store (server), "DELETE FROM logs_group WHERE id = ?", "i", id);
  arn = practice_logs_make_arn (server, practice_call_get_region (call), name);
  practice_events_emit_strings (practice_server_get_events (server), "resource-deleted", "arn", arn,
                                "type", "AWS::Logs::LogGroup", "name", name, "region", practice_call_get_region (call), NULL);
  practice_call_return (call, NULL);
}

void
practice_logs_describe_log_groups (PracticeCall *call,
                                   gpointer      service)
{
  PracticeServer *server = practice_call_get_server (call);
  const char *prefix = practice_call_get_string (call, "logGroupNamePrefix");
  const char *part = practice_call_get_string (call, "logGroupNamePattern");
  const char *after = practice_call_get_string (call, "nextToken");
  g_autoptr (JsonObject) result = NULL;
  JsonArray *groups = NULL;
  sqlite3_stmt *rows;
  gint64 limit;

  if (!practice_logs_get_limit (call, "limit", 1, 50, 50, &limit) || !practice_logs_allow (call, "logs:DescribeLogGroups", "", NULL))
    return;
  if (prefix != NULL && part != NULL) {
    practice_logs_fail (call, "InvalidParameterException", "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.");
    return;
  }
  result = json_object_new ();
  groups = json_array_new ();
  json_object_set_array_member (result, "logGroups", groups);
  rows = practice_store_prepare (practice_server_get_store (server),
                                 "SELECT name, created, retention, bytes FROM logs_group WHERE region = ?1 AND name > ?2"
                                 "  AND substr (name, 1, length (?3)) = ?3 AND instr (lower (name), lower (?4)) > 0 ORDER BY name LIMIT ?5",
                                 "ssssi", practice_call_get_region (call), after != NULL ? after : "", prefix != NULL ? prefix : "",
                                 part != NULL ? part : "", limit + 1);
  while (sqlite3_step (rows) == SQLITE_ROW) {
    if (json_array_get_length (groups) == limit) {
      JsonObject *last = json_array_get_object_element (groups, (guint) limit - 1);

      json_object_set_string_member (result, "nextToken", practice_json_get_string (last, "logGroupName"));
      break;
    }
    json_array_add_object_element (groups, describe_group (server, practice_call_get_region (call), rows));
  }
  sqlite3_reset (rows);
  practice_call_return (call, g_steal_pointer (&result));
}

void
practice_logs_put_retention_policy (PracticeCall *call,
                                    gpointer      service)
{
  gint64 group = practice_logs_find_group (call, "logs:PutRetentionPolicy", NULL);
  gint64 days = 0;
  gboolean known = FALSE;

  if (group == 0)
    return;
  practice_call_get_int (call, "retentionInDays", &days);
  for (guint i = 0; i < G_N_ELEMENTS (retention_days); i++)
    known |= retention_days[i] == days;
  if (!known) {
    practice_logs_fail (call, "InvalidParameterException",
                        "1 validation error detected: Value at 'retentionInDays' failed to satisfy constraint: Member must satisfy enum value set: "
                        "[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653]");
    return;
  }
  practice_store_run (practice_server_get_store (practice_call_get_server (call)),
                      "UPDATE logs_group SET retention = ? WHERE id = ?", "ii", days, group);
  practice_call_return (call, NULL);
}

void
practice_logs_delete_retention_policy (PracticeCall *call,
                                       gpointer      service)
{
  gint64 group = practice_logs_find_group (call, "logs:DeleteRetentionPolicy", NULL);

  if (group == 0)
    return;
  practice_store_run (practice_server_get_store (practice_call_get_server (call)), "UPDATE logs_group SET retention = NULL WHERE id = ?", "i", group);
  practice_call_return (call, NULL);
}
