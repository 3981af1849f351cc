/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-logs-private.h"

#include <string.h>

#include "practice-json.h"
#include "practice-services.h"

#define MAX_NAME 512
#define MAX_TAGS 50

static const gint64 retention_days[] = {
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
};

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

static gboolean
check_group_name (PracticeCall *call,
                  const char   *name)
{
  if (practice_call_is_answered (call))
    return FALSE;
  if (name == NULL)
    practice_logs_fail (call, "InvalidParameterException",
                        "1 validation error detected: Value at 'logGroupName' failed to satisfy constraint: Member must not be null");
  else if (strlen (name) > MAX_NAME)
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

static gboolean
check_stream_name (PracticeCall *call,
                   const char   *name)
{
  if (practice_call_is_answered (call))
    return FALSE;
  if (name == NULL || *name == '\0')
    practice_logs_fail (call, "InvalidParameterException",
                        "1 validation error detected: Value at 'logStreamName' failed to satisfy constraint: Member must not be null");
  else if (g_utf8_strlen (name, -1) > MAX_NAME)
    practice_logs_fail (call, "InvalidParameterException", "Invalid LogGroup or LogStream, both must have length less than or equal to 512.");
  else if (strpbrk (name, ":*") != NULL)
    practice_call_fail (call, 400, "InvalidParameterException",
                        "1 validation error detected: Value '%s' at 'logStreamName' failed to satisfy constraint: "
                        "Member must satisfy regular expression pattern: [^:*]*", name);
  return !practice_call_is_answered (call);
}

static char *
make_arn (PracticeServer *server,
          const char     *region,
          const char     *group)
{
  return g_strdup_printf ("arn:aws:logs:%s:%s:log-group:%s", region, practice_server_get_account (server), group);
}

/* Group actions, too, are asked for on a stream's ARN, with an empty name: a policy for a group needs its ":*". */
static gboolean
allow (PracticeCall *call,
       const char   *action,
       const char   *group,
       const char   *stream)
{
  g_autofree char *arn = make_arn (practice_call_get_server (call), practice_call_get_region (call), group);
  g_autofree char *resource = g_strconcat (arn, ":log-stream:", stream != NULL ? stream : "", NULL);

  return practice_call_allow (call, action, resource, NULL, NULL);
}

static gint64
lookup_group (PracticeStore *store,
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

/* The name in "arn:aws:logs:region:account:log-group:NAME[:*]", or the text itself where it is no ARN. */
static char *
group_name_from_identifier (const char *identifier)
{
  const char *name = g_str_has_prefix (identifier, "arn:") ? strstr (identifier, ":log-group:") : NULL;

  if (name == NULL)
    return g_strdup (identifier);
  name += strlen (":log-group:");
  return g_strndup (name, strcspn (name, ":"));
}

static char *
get_group_name (PracticeCall *call)
{
  const char *name = practice_call_get_string (call, "logGroupName");
  const char *identifier = practice_call_get_string (call, "logGroupIdentifier");

  if (name != NULL && identifier != NULL) {
    practice_logs_fail (call, "InvalidParameterException", "LogGroup name and LogGroup ARN are mutually exclusive parameters.");
    return NULL;
  }
  return identifier != NULL ? group_name_from_identifier (identifier) : g_strdup (name);
}

gint64
practice_logs_find_group (PracticeCall *call,
                          const char   *action,
                          const char   *stream)
{
  g_autofree char *name = get_group_name (call);
  gint64 id;

  if (!check_group_name (call, name) || !allow (call, action, name, stream))
    return 0;
  id = lookup_group (practice_server_get_store (practice_call_get_server (call)), practice_call_get_region (call), name);
  if (id == 0)
    practice_logs_fail (call, "ResourceNotFoundException", "The specified log group does not exist.");
  return id;
}

static gint64
insert_group (PracticeServer *server,
              const char     *region,
              const char     *name,
              JsonObject     *tags)
{
  PracticeStore *store = practice_server_get_store (server);
  g_autofree char *text = tags != NULL ? practice_json_object_to_text (tags) : g_strdup ("{}");
  g_autofree char *arn = make_arn (server, region, name);

  practice_store_run (store, "INSERT INTO logs_group (region, name, created, tags) VALUES (?, ?, ?, ?)", "ssis", region, name, now_ms (), text);
  practice_events_emit_strings (practice_server_get_events (server), "resource-created",
                                "arn", arn, "type", "AWS::Logs::LogGroup", "name", name, "region", region, NULL);
  return sqlite3_last_insert_rowid (practice_store_get_db (store));
}

static gint64
insert_stream (PracticeStore *store,
               gint64         group,
               const char    *name)
{
  practice_store_run (store, "INSERT INTO logs_stream (group_id, name, created) VALUES (?, ?, ?)", "isi", group, name, now_ms ());
  return sqlite3_last_insert_rowid (practice_store_get_db (store));
}

static gboolean
check_tags (PracticeCall *call,
            JsonObject   *tags)
{
  JsonObjectIter iter;
  const char *key;
  JsonNode *value;

  if (practice_call_is_answered (call))
    return FALSE;
  if (tags == NULL)
    return TRUE;
  if (json_object_get_size (tags) > MAX_TAGS) {
    practice_logs_fail (call, "InvalidParameterException", "A log group can have at most 50 tags.");
    return FALSE;
  }
  json_object_iter_init (&iter, tags);
  while (json_object_iter_next (&iter, &key, &value)) {
    const char *text = json_node_get_value_type (value) == G_TYPE_STRING ? json_node_get_string (value) : NULL;

    if (text == NULL || *key == '\0' || g_utf8_strlen (key, -1) > 128 || g_utf8_strlen (text, -1) > 256) {
      practice_logs_fail (call, "InvalidParameterException", "A tag has a key of 1 to 128 characters and a value of at most 256.");
      return FALSE;
    }
  }
  return TRUE;
}

static void
create_log_group (PracticeCall *call,
                  gpointer      service)
{
  PracticeServer *server = practice_call_get_server (call);
  const char *name = practice_call_get_string (call, "logGroupName");
  JsonObject *tags = practice_call_get_object (call, "tags");

  if (!check_group_name (call, name) || !check_tags (call, tags) || !allow (call, "logs:CreateLogGroup", name, NULL))
    return;
  if (lookup_group (practice_server_get_store (server), practice_call_get_region (call), name) != 0) {
    practice_logs_fail (call, "ResourceAlreadyExistsException", "The specified log group already exists");
    return;
  }
  insert_group (server, practice_call_get_region (call), name, tags);
  practice_call_return (call, NULL);
}

static void
delete_log_group (PracticeCall *call,
                  gpointer      service)
{
  PracticeServer *server = practice_call_get_server (call);
  const char *name = practice_call_get_string (call, "logGroupName");
  gint64 id = practice_logs_find_group (call, "logs:DeleteLogGroup", NULL);
  g_autofree char *arn = NULL;

  if (id == 0)
    return;
  practice_store_run (practice_server_get_store (server), "DELETE FROM logs_group WHERE id = ?", "i", id);
  arn = make_arn (server, practice_call_get_region (call), name);
  practice_events_emit_strings (practice_server_get_events (server), "resource-deleted", "arn", arn,
                                "type", "AWS::Logs::LogGroup", "name", name, "region", practice_call_get_region (call), NULL);
  practice_call_return (call, NULL);
}

static JsonObject *
describe_group (PracticeServer *server,
                const char     *region,
                sqlite3_stmt   *row)
{
  JsonObject *group = json_object_new ();
  const char *name = (const char *) sqlite3_column_text (row, 0);
  g_autofree char *arn = make_arn (server, region, name);
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

static void
describe_log_groups (PracticeCall *call,
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

  if (!practice_logs_get_limit (call, "limit", 1, 50, 50, &limit) || !allow (call, "logs:DescribeLogGroups", "", NULL))
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

static void
create_log_stream (PracticeCall *call,
                   gpointer      service)
{
  PracticeStore *store = practice_server_get_store (practice_call_get_server (call));
  const char *name = practice_call_get_string (call, "logStreamName");
  gint64 group;

  if (!check_stream_name (call, name))
    return;
  group = practice_logs_find_group (call, "logs:CreateLogStream", name);
  if (group == 0)
    return;
  if (practice_logs_find_stream (store, group, name) != 0) {
    practice_logs_fail (call, "ResourceAlreadyExistsException", "The specified log stream already exists");
    return;
  }
  insert_stream (store, group, name);
  practice_call_return (call, NULL);
}

static void
delete_log_stream (PracticeCall *call,
                   gpointer      service)
{
  PracticeStore *store = practice_server_get_store (practice_call_get_server (call));
  const char *name = practice_call_get_string (call, "logStreamName");
  gint64 group, stream;

  if (!check_stream_name (call, name))
    return;
  group = practice_logs_find_group (call, "logs:DeleteLogStream", name);
  if (group == 0)
    return;
  stream = practice_logs_find_stream (store, group, name);
  if (stream == 0) {
    practice_logs_fail (call, "ResourceNotFoundException", "The specified log stream does not exist.");
    return;
  }
  practice_store_run (store, "DELETE FROM logs_stream WHERE id = ?", "i", stream);
  practice_call_return (call, NULL);
}

static void
set_time (JsonObject   *object,
          const char   *name,
          sqlite3_stmt *row,
          int           column)
{
  if (sqlite3_column_type (row, column) != SQLITE_NULL)
    json_object_set_int_member (object, name, sqlite3_column_int64 (row, column));
}

static void
describe_log_streams (PracticeCall *call,
                      gpointer      service)
{
  PracticeServer *server = practice_call_get_server (call);
  const char *prefix = practice_call_get_string (call, "logStreamNamePrefix");
  const char *order = practice_call_get_string (call, "orderBy");
  const char *token = practice_call_get_string (call, "nextToken");
  g_autofree char *group_name = get_group_name (call);
  g_autofree char *group_arn = NULL;
  g_autoptr (JsonObject) result = NULL;
  JsonArray *streams = NULL;
  sqlite3_stmt *rows;
  gboolean descending = FALSE;
  gint64 limit, group;
  guint64 offset = 0;

  practice_call_get_boolean (call, "descending", &descending);
  if (!practice_logs_get_limit (call, "limit", 1, 50, 50, &limit))
    return;
  if (order != NULL && !g_str_equal (order, "LogStreamName") && !g_str_equal (order, "LastEventTime")) {
    practice_call_fail (call, 400, "InvalidParameterException",
                        "1 validation error detected: Value '%s' at 'orderBy' failed to satisfy constraint: "
                        "Member must satisfy enum value set: [LogStreamName, LastEventTime]", order);
    return;
  }
  if (g_strcmp0 (order, "LastEventTime") == 0 && prefix != NULL) {
    practice_logs_fail (call, "InvalidParameterException", "Cannot order by LastEventTime with a logStreamNamePrefix.");
    return;
  }
  if (token != NULL && !g_ascii_string_to_unsigned (token, 10, 0, G_MAXINT32, &offset, NULL)) {
    practice_logs_fail (call, "InvalidParameterException", "The specified nextToken is invalid.");
    return;
  }
  group = practice_logs_find_group (call, "logs:DescribeLogStreams", NULL);
  if (group == 0)
    return;

  group_arn = make_arn (server, practice_call_get_region (call), group_name);
  result = json_object_new ();
  streams = json_array_new ();
  json_object_set_array_member (result, "logStreams", streams);
  rows = practice_store_prepare (practice_server_get_store (server),
                                 "SELECT name, created, first, last, ingested FROM logs_stream"
                                 "  WHERE group_id = ?1 AND substr (name, 1, length (?2)) = ?2"
                                 "  ORDER BY CASE ?3 WHEN 0 THEN name END, CASE ?3 WHEN 1 THEN name END DESC,"
                                 "    CASE ?3 WHEN 2 THEN last END, CASE ?3 WHEN 3 THEN last END DESC, id LIMIT ?4 OFFSET ?5",
                                 "isiii", group, prefix != NULL ? prefix : "",
                                 (gint64) ((g_strcmp0 (order, "LastEventTime") == 0 ? 2 : 0) + (descending ? 1 : 0)), limit + 1, (gint64) offset);
  while (sqlite3_step (rows) == SQLITE_ROW) {
    JsonObject *stream;
    const char *name = (const char *) sqlite3_column_text (rows, 0);
    g_autofree char *arn = g_strconcat (group_arn, ":log-stream:", name, NULL);

    if (json_array_get_length (streams) == limit) {
      g_autofree char *next = g_strdup_printf ("%" G_GUINT64_FORMAT, offset + (guint64) limit);

      json_object_set_string_member (result, "nextToken", next);
      break;
    }
    stream = json_object_new ();
    json_object_set_string_member (stream, "logStreamName", name);
    set_time (stream, "creationTime", rows, 1);
    set_time (stream, "firstEventTimestamp", rows, 2);
    set_time (stream, "lastEventTimestamp", rows, 3);
    set_time (stream, "lastIngestionTime", rows, 4);
    json_object_set_string_member (stream, "uploadSequenceToken", "49039859649655250498604950986049860495860495860495860495");
    json_object_set_string_member (stream, "arn", arn);
    json_object_set_int_member (stream, "storedBytes", 0);
    json_array_add_object_element (streams, stream);
  }
  sqlite3_reset (rows);
  practice_call_return (call, g_steal_pointer (&result));
}

static void
put_retention_policy (PracticeCall *call,
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

static void
delete_retention_policy (PracticeCall *call,
                         gpointer      service)
{
  gint64 group = practice_logs_find_group (call, "logs:DeleteRetentionPolicy", NULL);

  if (group == 0)
    return;
  practice_store_run (practice_server_get_store (practice_call_get_server (call)), "UPDATE logs_group SET retention = NULL WHERE id = ?", "i", group);
  practice_call_return (call, NULL);
}

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
  name = group_name_from_identifier (arn);
  if (!allow (call, action, name, NULL))
    return 0;
  group = lookup_group (practice_server_get_store (server), practice_call_get_region (call), name);
  if (group == 0)
    practice_logs_fail (call, "ResourceNotFoundException", "The specified log group does not exist.");
  return group;
}

static void
tag_resource (PracticeCall *call,
              gpointer      service)
{
  PracticeStore *store = practice_server_get_store (practice_call_get_server (call));
  gboolean old_call = g_str_equal (practice_call_get_operation (call), "TagLogGroup");
  JsonObject *added = practice_call_get_object (call, "tags");
  g_autoptr (JsonObject) tags = NULL;
  g_autoptr (JsonObject) merged = NULL;
  g_autofree char *text = NULL;
  JsonObjectIter iter;
  const char *key;
  JsonNode *value;
  gint64 group;

  if (!check_tags (call, added))
    return;
  group = find_tagged (call, old_call ? "logs:TagLogGroup" : "logs:TagResource");
  if (group == 0)
    return;
  if (added == NULL) {
    practice_logs_fail (call, "InvalidParameterException", "1 validation error detected: Value at 'tags' failed to satisfy constraint: Member must not be null");
    return;
  }
  tags = load_tags (store, group);
  merged = json_object_new ();
  json_object_iter_init (&iter, tags);
  while (json_object_iter_next (&iter, &key, &value))
    json_object_set_member (merged, key, json_node_copy (value));
  json_object_iter_init (&iter, added);
  while (json_object_iter_next (&iter, &key, &value))
    json_object_set_member (merged, key, json_node_copy (value));
  if (!check_tags (call, merged))
    return;
  text = practice_json_object_to_text (merged);
  practice_store_run (store, "UPDATE logs_group SET tags = ? WHERE id = ?", "si", text, group);
  practice_call_return (call, NULL);
}

static void
untag_resource (PracticeCall *call,
                gpointer      service)
{
  PracticeStore *store = practice_server_get_store (practice_call_get_server (call));
  gboolean old_call = g_str_equal (practice_call_get_operation (call), "UntagLogGroup");
  JsonArray *keys = practice_call_get_array (call, old_call ? "tags" : "tagKeys");
  g_autoptr (JsonObject) tags = NULL;
  g_autoptr (JsonObject) left = NULL;
  g_autoptr (GHashTable) gone = NULL;
  g_autofree char *text = NULL;
  JsonObjectIter iter;
  const char *key;
  JsonNode *value;
  gint64 group;

  if (practice_call_is_answered (call))
    return;
  group = find_tagged (call, old_call ? "logs:UntagLogGroup" : "logs:UntagResource");
  if (group == 0)
    return;
  gone = g_hash_table_new (g_str_hash, g_str_equal);
  for (guint i = 0; keys != NULL && i < json_array_get_length (keys); i++) {
    JsonNode *element = json_array_get_element (keys, i);

    if (json_node_get_value_type (element) == G_TYPE_STRING)
      g_hash_table_add (gone, (gpointer) json_node_get_string (element));
  }
  tags = load_tags (store, group);
  left = json_object_new ();
  json_object_iter_init (&iter, tags);
  while (json_object_iter_next (&iter, &key, &value)) {
    if (!g_hash_table_contains (gone, key))
      json_object_set_member (left, key, json_node_copy (value));
  }
  text = practice_json_object_to_text (left);
  practice_store_run (store, "UPDATE logs_group SET tags = ? WHERE id = ?", "si", text, group);
  practice_call_return (call, NULL);
}

static void
list_tags (PracticeCall *call,
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

static void
list_tagged_groups (JsonArray  *resources,
                    const char *region,
                    gpointer    data)
{
  PracticeServer *server = data;
  sqlite3_stmt *rows = practice_store_prepare (practice_server_get_store (server),
                                               "SELECT name, tags FROM logs_group WHERE region = ? AND tags <> '{}' ORDER BY name", "s", region);

  while (sqlite3_step (rows) == SQLITE_ROW) {
    g_autofree char *arn = make_arn (server, region, (const char *) sqlite3_column_text (rows, 0));
    g_autoptr (JsonObject) tags = practice_json_parse_object ((const char *) sqlite3_column_text (rows, 1), -1, NULL);
    JsonObject *resource = json_object_new ();
    JsonArray *list = json_array_new ();
    JsonObjectIter iter;
    const char *key;
    JsonNode *value;

    json_object_set_string_member (resource, "ResourceARN", arn);
    json_object_set_array_member (resource, "Tags", list);
    json_array_add_object_element (resources, resource);
    if (tags == NULL)
      continue;
    json_object_iter_init (&iter, tags);
    while (json_object_iter_next (&iter, &key, &value)) {
      JsonObject *tag = json_object_new ();

      json_object_set_string_member (tag, "Key", key);
      json_object_set_string_member (tag, "Value", json_node_get_string (value));
      json_array_add_object_element (list, tag);
    }
  }
  sqlite3_reset (rows);
}

static const PracticeOperation operations[] = {
  { "CreateLogGroup", NULL, create_log_group },
  { "CreateLogStream", NULL, create_log_stream },
  { "DeleteLogGroup", NULL, delete_log_group },
  { "DeleteLogStream", NULL, delete_log_stream },
  { "DeleteRetentionPolicy", NULL, delete_retention_policy },
  { "DescribeLogGroups", NULL, describe_log_groups },
  { "DescribeLogStreams", NULL, describe_log_streams },
  { "FilterLogEvents", NULL, practice_logs_filter_log_events },
  { "GetLogEvents", NULL, practice_logs_get_log_events },
  { "ListTagsForResource", NULL, list_tags },
  { "ListTagsLogGroup", NULL, list_tags },
  { "PutLogEvents", NULL, practice_logs_put_log_events },
  { "PutRetentionPolicy", NULL, put_retention_policy },
  { "TagLogGroup", NULL, tag_resource },
  { "TagResource", NULL, tag_resource },
  { "UntagLogGroup", NULL, untag_resource },
  { "UntagResource", NULL, untag_resource },
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
  practice_server_add_tagged (server, "logs:log-group", list_tagged_groups, server);
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
  group_id = lookup_group (store, region, group);
  if (group_id == 0)
    group_id = insert_group (server, region, group, NULL);
  stream_id = practice_logs_find_stream (store, group_id, stream);
  if (stream_id == 0)
    stream_id = insert_stream (store, group_id, stream);
  practice_logs_insert_events (store, group_id, stream_id, lines, n_lines);
  practice_store_commit (store, NULL);
}
