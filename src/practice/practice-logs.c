/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-logs-private.h"

#include <string.h>

#include "practice-json.h"
#include "practice-services.h"

static const char *const schema =
  "CREATE TABLE IF NOT EXISTS logs_group ("
  "  id INTEGER PRIMARY KEY, region TEXT NOT NULL, name TEXT NOT NULL, created INTEGER NOT NULL, retention INTEGER,"
  "  tags TEXT NOT NULL DEFAULT '{}', bytes INTEGER NOT NULL DEFAULT 0, UNIQUE (region, name));"
  "CREATE TABLE IF NOT EXISTS logs_stream ("
  "  id INTEGER PRIMARY KEY, group_id INTEGER NOT NULL REFERENCES logs_group (id) ON DELETE CASCADE, name TEXT NOT NULL,"
  "  created INTEGER NOT NULL, first INTEGER, last INTEGER, ingested INTEGER, UNIQUE (group_id, name));"
  "CREATE TABLE IF NOT EXISTS logs_event ("
  "  id INTEGER PRIMARY KEY AUTOINCREMENT, group_id INTEGER NOT NULL REFERENCES logs_group (id) ON DELETE CASCADE,"
  "  stream_id INTEGER NOT NULL REFERENCES logs_stream (id) ON DELETE CASCADE, time INTEGER NOT NULL, ingested INTEGER NOT NULL, message TEXT NOT NULL);"
  "CREATE INDEX IF NOT EXISTS logs_event_by_group ON logs_event (group_id, time, id);"
  "CREATE INDEX IF NOT EXISTS logs_event_by_stream ON logs_event (stream_id, time, id);";

static gint64
now_ms (void)
{
  return g_get_real_time () / 1000;
}

void
practice_logs_fail (PracticeCall *call,
                    const char   *code,
                    const char   *message)
{
  if (!practice_call_is_answered (call))
    practice_call_fail (call, 400, code, "%s", message);
}

gboolean
practice_logs_get_limit (PracticeCall *call,
                         const char   *name,
                         gint64        least,
                         gint64        most,
                         gint64        fallback,
                         gint64       *value)
{
  if (!practice_call_get_int (call, name, value)) {
    *value = fallback;
    return !practice_call_is_answered (call);
  }
  if (*value > most)
    practice_call_fail (call, 400, "InvalidParameterException",
                        "1 validation error detected: Value '%" G_GINT64_FORMAT "' at '%s' failed to satisfy constraint: "
                        "Member must have value less than or equal to %" G_GINT64_FORMAT, *value, name, most);
  else if (*value < least)
    practice_call_fail (call, 400, "InvalidParameterException",
                        "1 validation error detected: Value '%" G_GINT64_FORMAT "' at '%s' failed to satisfy constraint: "
                        "Member must have value greater than or equal to %" G_GINT64_FORMAT, *value, name, least);
  return !practice_call_is_answered (call);
}

static gboolean
is_group_name (const char *name)
{
  for (const char *at = name; *at != '\0'; at++) {
    if (!g_ascii_isalnum (*at) && strchr ("._-/#", *at) == NULL)
      return FALSE;
  }
  return TRUE;
}

gboolean
practice_logs_check_group_name (PracticeCall *call,
                                const char   *name)
{
  if (practice_call_is_answered (call))
    return FALSE;
  if (name == NULL)
    practice_logs_fail (call, "InvalidParameterException",
                        "1 validation error detected: Value at 'logGroupName' failed to satisfy constraint: Member must not be null");
  else if (strlen (name) > PRACTICE_LOGS_MAX_NAME)
    practice_logs_fail (call, "InvalidParameterException", "Invalid LogGroup or LogStream, both must have length less than or equal to 512.");
  else if (*name == '\0')
    practice_logs_fail (call, "InvalidParameterException",
                        "1 validation error detected: Value '' at 'logGroupName' failed to satisfy constraint: Member must have length greater than or equal to 1");
  else if (!is_group_name (name))
    practice_call_fail (call, 400, "InvalidParameterException",
                        "1 validation error detected: Value '%s' at 'logGroupName' failed to satisfy constraint: "
                        "Member must satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+", name);
  return !practice_call_is_answered (call);
}

char *
practice_logs_make_arn (PracticeServer *server,
                        const char     *region,
                        const char     *group)
{
  return g_strdup_printf ("arn:aws:logs:%s:%s:log-group:%s", region, practice_server_get_account (server), group);
}

gboolean
practice_logs_allow (PracticeCall *call,
                     const char   *action,
                     const char   *group,
                     const char   *stream)
{
  g_autofree char *arn = practice_logs_make_arn (practice_call_get_server (call), practice_call_get_region (call), group);
  g_autofree char *resource = g_strconcat (arn, ":log-stream:", stream != NULL ? stream : "", NULL);

  return practice_call_allow (call, action, resource, NULL, NULL);
}

gint64
practice_logs_lookup_group (PracticeStore *store,
                            const char    *region,
                            const char    *name)
{
  sqlite3_stmt *statement = practice_store_prepare (store, "SELECT id FROM logs_group WHERE region = ? AND name = ?", "ss", region, name);
  gint64 id = sqlite3_step (statement) == SQLITE_ROW ? sqlite3_column_int64 (statement, 0) : 0;

  sqlite3_reset (statement);
  return id;
}

gint64
practice_logs_find_stream (PracticeStore *store,
                           gint64         group,
                           const char    *stream)
{
  sqlite3_stmt *statement = practice_store_prepare (store, "SELECT id FROM logs_stream WHERE group_id = ? AND name = ?", "is", group, stream);
  gint64 id = sqlite3_step (statement) == SQLITE_ROW ? sqlite3_column_int64 (statement, 0) : 0;

  sqlite3_reset (statement);
  return id;
}

char *
practice_logs_read_identifier (const char *identifier)
{
  const char *name = g_str_has_prefix (identifier, "arn:") ? strstr (identifier, ":log-group:") : NULL;

  if (name == NULL)
    return g_strdup (identifier);
  name += strlen (":log-group:");
  return g_strndup (name, strcspn (name, ":"));
}

char *
practice_logs_get_group_name (PracticeCall *call)
{
  const char *name = practice_call_get_string (call, "logGroupName");
  const char *identifier = practice_call_get_string (call, "logGroupIdentifier");

  if (name != NULL && identifier != NULL) {
    practice_logs_fail (call, "InvalidParameterException", "LogGroup name and LogGroup ARN are mutually exclusive parameters.");
    return NULL;
  }
  return identifier != NULL ? practice_logs_read_identifier (identifier) : g_strdup (name);
}

gint64
practice_logs_find_group (PracticeCall *call,
                          const char   *action,
                          const char   *stream)
{
  g_autofree char *name = practice_logs_get_group_name (call);
  gint64 id;

  if (!practice_logs_check_group_name (call, name) || !practice_logs_allow (call, action, name, stream))
    return 0;
  id = practice_logs_lookup_group (practice_server_get_store (practice_call_get_server (call)), practice_call_get_region (call), name);
  if (id == 0)
    practice_logs_fail (call, "ResourceNotFoundException", "The specified log group does not exist.");
  return id;
}

gint64
practice_logs_insert_group (PracticeServer *server,
                            const char     *region,
                            const char     *name,
                            JsonObject     *tags)
{
  PracticeStore *store = practice_server_get_store (server);
  g_autofree char *text = tags != NULL ? practice_json_object_to_text (tags) : g_strdup ("{}");
  g_autofree char *arn = practice_logs_make_arn (server, region, name);

  practice_store_run (store, "INSERT INTO logs_group (region, name, created, tags) VALUES (?, ?, ?, ?)", "ssis", region, name, now_ms (), text);
  practice_events_emit_strings (practice_server_get_events (server), "resource-created",
                                "arn", arn, "type", "AWS::Logs::LogGroup", "name", name, "region", region, NULL);
  return sqlite3_last_insert_rowid (practice_store_get_db (store));
}

gint64
practice_logs_insert_stream (PracticeStore *store,
                             gint64         group,
                             const char    *name)
{
  practice_store_run (store, "INSERT INTO logs_stream (group_id, name, created) VALUES (?, ?, ?)", "isi", group, name, now_ms ());
  return sqlite3_last_insert_rowid (practice_store_get_db (store));
}

static const PracticeOperation operations[] = {
  { "CreateLogGroup", NULL, practice_logs_create_log_group },
  { "CreateLogStream", NULL, practice_logs_create_log_stream },
  { "DeleteLogGroup", NULL, practice_logs_delete_log_group },
  { "DeleteLogStream", NULL, practice_logs_delete_log_stream },
  { "DeleteRetentionPolicy", NULL, practice_logs_delete_retention_policy },
  { "DescribeLogGroups", NULL, practice_logs_describe_log_groups },
  { "DescribeLogStreams", NULL, practice_logs_describe_log_streams },
  { "FilterLogEvents", NULL, practice_logs_filter_log_events },
  { "GetLogEvents", NULL, practice_logs_get_log_events },
  { "ListTagsForResource", NULL, practice_logs_list_tags },
  { "ListTagsLogGroup", NULL, practice_logs_list_tags },
  { "PutLogEvents", NULL, practice_logs_put_log_events },
  { "PutRetentionPolicy", NULL, practice_logs_put_retention_policy },
  { "TagLogGroup", NULL, practice_logs_tag_resource },
  { "TagResource", NULL, practice_logs_tag_resource },
  { "UntagLogGroup", NULL, practice_logs_untag_resource },
  { "UntagResource", NULL, practice_logs_untag_resource },
  { NULL },
};

static const PracticeService logs_service = {
  .name = "logs",
  .target = "Logs_20140328",
  .protocol = PRACTICE_PROTOCOL_JSON_1_1,
  .denied_status = 400,
  .denied_code = "AccessDeniedException",
  .operations = operations,
};

void
practice_logs_start (PracticeServer *server)
{
  practice_store_exec (practice_server_get_store (server), schema);
  practice_server_add_service (server, &logs_service, server);
  practice_server_add_tagged (server, "logs:log-group", practice_logs_list_tagged_groups, server);
}

void
practice_logs_append (PracticeServer        *server,
                      const char            *region,
                      const char            *group,
                      const char            *stream,
                      const PracticeLogLine *lines,
                      guint                  n_lines)
{
  PracticeStore *store = practice_server_get_store (server);
  gint64 group_id, stream_id;

  practice_store_begin (store);
  group_id = practice_logs_lookup_group (store, region, group);
  if (group_id == 0)
    group_id = practice_logs_insert_group (server, region, group, NULL);
  stream_id = practice_logs_find_stream (store, group_id, stream);
  if (stream_id == 0)
    stream_id = practice_logs_insert_stream (store, group_id, stream);
  practice_logs_insert_events (store, group_id, stream_id, lines, n_lines);
  practice_store_commit (store, NULL);
}
