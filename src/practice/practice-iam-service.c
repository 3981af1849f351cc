/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-iam-ops.h"

#include <string.h>

#include "practice-json.h"

#define DEFAULT_ITEMS 100
#define MAX_ITEMS 1000
#define MAX_TAGS 50

static const char schema[] =
  "CREATE TABLE IF NOT EXISTS iam_role (name TEXT COLLATE NOCASE PRIMARY KEY, id TEXT NOT NULL, path TEXT NOT NULL,"
  " arn TEXT NOT NULL UNIQUE, trust TEXT NOT NULL, description TEXT, max_session INTEGER NOT NULL,"
  " created INTEGER NOT NULL, used INTEGER, used_region TEXT);"
  "CREATE TABLE IF NOT EXISTS iam_user (name TEXT COLLATE NOCASE PRIMARY KEY, id TEXT NOT NULL, path TEXT NOT NULL,"
  " arn TEXT NOT NULL UNIQUE, created INTEGER NOT NULL);"
  "CREATE TABLE IF NOT EXISTS iam_policy (arn TEXT PRIMARY KEY, name TEXT COLLATE NOCASE NOT NULL UNIQUE, id TEXT NOT NULL,"
  " path TEXT NOT NULL, description TEXT, default_version INTEGER NOT NULL, next_version INTEGER NOT NULL,"
  " created INTEGER NOT NULL, updated INTEGER NOT NULL);"
  "CREATE TABLE IF NOT EXISTS iam_version (arn TEXT NOT NULL REFERENCES iam_policy (arn) ON DELETE CASCADE, version INTEGER NOT NULL,"
  " document TEXT NOT NULL, created INTEGER NOT NULL, PRIMARY KEY (arn, version));"
  "CREATE TABLE IF NOT EXISTS iam_inline (kind TEXT NOT NULL, holder TEXT COLLATE NOCASE NOT NULL, name TEXT COLLATE NOCASE NOT NULL,"
  " document TEXT NOT NULL, PRIMARY KEY (kind, holder, name));"
  "CREATE TABLE IF NOT EXISTS iam_attachment (kind TEXT NOT NULL, holder TEXT COLLATE NOCASE NOT NULL, arn TEXT NOT NULL,"
  " PRIMARY KEY (kind, holder, arn));"
  "CREATE INDEX IF NOT EXISTS iam_attachment_arn ON iam_attachment (arn);"
  "CREATE TABLE IF NOT EXISTS iam_tag (arn TEXT NOT NULL, key TEXT COLLATE NOCASE NOT NULL, value TEXT NOT NULL, PRIMARY KEY (arn, key));"
  "CREATE TABLE IF NOT EXISTS iam_service_credential (id TEXT PRIMARY KEY, user TEXT COLLATE NOCASE NOT NULL, service TEXT NOT NULL);";

static const PracticeOperation operations[] = {
  { "AttachRolePolicy", NULL, practice_iam_attach },
  { "AttachUserPolicy", NULL, practice_iam_attach },
  { "CreateAccessKey", NULL, practice_iam_create_access_key },
  { "CreatePolicy", NULL, practice_iam_create_policy },
  { "CreatePolicyVersion", NULL, practice_iam_create_policy_version },
  { "CreateRole", NULL, practice_iam_create_role },
  { "CreateServiceSpecificCredential", NULL, practice_iam_create_service_credential },
  { "CreateUser", NULL, practice_iam_create_user },
  { "DeleteAccessKey", NULL, practice_iam_delete_access_key },
  { "DeletePolicy", NULL, practice_iam_delete_policy },
  { "DeletePolicyVersion", NULL, practice_iam_delete_policy_version },
  { "DeleteRole", NULL, practice_iam_delete_role },
  { "DeleteRolePolicy", NULL, practice_iam_delete_inline },
  { "DeleteServiceSpecificCredential", NULL, practice_iam_delete_service_credential },
  { "DeleteUser", NULL, practice_iam_delete_user },
  { "DeleteUserPolicy", NULL, practice_iam_delete_inline },
  { "DetachRolePolicy", NULL, practice_iam_detach },
  { "DetachUserPolicy", NULL, practice_iam_detach },
  { "GetAccountSummary", NULL, practice_iam_get_account_summary },
  { "GetPolicy", NULL, practice_iam_get_policy },
  { "GetPolicyVersion", NULL, practice_iam_get_policy_version },
  { "GetRole", NULL, practice_iam_get_role },
  { "GetRolePolicy", NULL, practice_iam_get_inline },
  { "GetUser", NULL, practice_iam_get_user },
  { "GetUserPolicy", NULL, practice_iam_get_inline },
  { "ListAccessKeys", NULL, practice_iam_list_access_keys },
  { "ListAttachedRolePolicies", NULL, practice_iam_list_attached },
  { "ListAttachedUserPolicies", NULL, practice_iam_list_attached },
  { "ListEntitiesForPolicy", NULL, practice_iam_list_entities },
  { "ListPolicies", NULL, practice_iam_list_policies },
  { "ListPolicyTags", NULL, practice_iam_list_tags },
  { "ListPolicyVersions", NULL, practice_iam_list_policy_versions },
  { "ListRolePolicies", NULL, practice_iam_list_inline },
  { "ListRoleTags", NULL, practice_iam_list_tags },
  { "ListRoles", NULL, practice_iam_list_roles },
  { "ListUserPolicies", NULL, practice_iam_list_inline },
  { "ListUserTags", NULL, practice_iam_list_tags },
  { "ListUsers", NULL, practice_iam_list_users },
  { "PutRolePolicy", NULL, practice_iam_put_inline },
  { "PutUserPolicy", NULL, practice_iam_put_inline },
  { "SetDefaultPolicyVersion", NULL, practice_iam_set_default_policy_version },
  { "SimulatePrincipalPolicy", NULL, practice_iam_simulate_principal },
  { "TagPolicy", NULL, practice_iam_tag },
  { "TagRole", NULL, practice_iam_tag },
  { "TagUser", NULL, practice_iam_tag },
  { "UntagPolicy", NULL, practice_iam_untag },
  { "UntagRole", NULL, practice_iam_untag },
  { "UntagUser", NULL, practice_iam_untag },
  { "UpdateAccessKey", NULL, practice_iam_update_access_key },
  { "UpdateAssumeRolePolicy", NULL, practice_iam_update_assume_role_policy },
  { "UpdateRole", NULL, practice_iam_update_role },
  { "UpdateRoleDescription", NULL, practice_iam_update_role_description },
  { NULL }
};

static const char *const maps[] = { "SummaryMap", NULL };

static const PracticeService iam = {
  .name = "iam",
  .protocol = PRACTICE_PROTOCOL_QUERY,
  .xml_namespace = "https://iam.amazonaws.com/doc/2010-05-08/",
  .denied_status = 403,
  .denied_code = "AccessDenied",
  .xml_maps = maps,
  .operations = operations,
};

static const char *const tag_characters = "_.:/=+-@ ";

static gboolean
is_tag_text (const char *text,
             guint       min,
             guint       max)
{
  glong length = g_utf8_strlen (text, -1);

  if (length < min || length > max)
    return FALSE;
  for (; *text != '\0'; text = g_utf8_next_char (text)) {
    gunichar c = g_utf8_get_char (text);

    if (!g_unichar_isalnum (c) && !g_unichar_isspace (c) && (c > 127 || strchr (tag_characters, (int) c) == NULL))
      return FALSE;
  }
  return TRUE;
}

void
practice_iam_start_service (PracticeIam    *self,
                            PracticeServer *server)
{
  practice_store_exec (practice_server_get_store (server), schema);
  practice_server_add_service (server, &iam, self);
}

char *
practice_iam_format_time (gint64 seconds)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_utc (seconds);

  return g_date_time_format (time, "%Y-%m-%dT%H:%M:%SZ");
}

gint64
practice_iam_now (void)
{
  return g_get_real_time () / G_USEC_PER_SEC;
}

void
practice_iam_set_time (JsonObject *object,
                       const char *name,
                       gint64      seconds)
{
  g_autofree char *text = practice_iam_format_time (seconds);

  json_object_set_string_member (object, name, text);
}

/* As the messages of failed validations have a name: "roleName". */
static char *
lower_first (const char *name)
{
  char *lower = g_strdup (name);

  lower[0] = g_ascii_tolower (lower[0]);
  return lower;
}

const char *
practice_iam_require (PracticeCall *call,
                      const char   *name)
{
  const char *value = practice_call_get_string (call, name);

  if (value == NULL && !practice_call_is_answered (call)) {
    g_autofree char *lower = lower_first (name);

    practice_call_fail (call, 400, "ValidationError",
                        "1 validation error detected: Value null at '%s' failed to satisfy constraint: Member must not be null", lower);
  }
  return value;
}

const char *
practice_iam_require_name (PracticeCall *call,
                           const char   *name,
                           guint         max)
{
  const char *value = practice_iam_require (call, name);
  g_autofree char *lower = lower_first (name);

  if (value == NULL)
    return NULL;
  if (*value == '\0') {
    practice_call_fail (call, 400, "ValidationError", "1 validation error detected: Value '' at '%s' failed to satisfy constraint: "
                        "Member must have length greater than or equal to 1", lower);
    return NULL;
  }
  if (strlen (value) > max) {
    practice_call_fail (call, 400, "ValidationError", "1 validation error detected: Value '%s' at '%s' failed to satisfy constraint: "
                        "Member must have length less than or equal to %u", value, lower, max);
    return NULL;
  }
  for (const char *c = value; *c != '\0'; c++) {
    if (g_ascii_isalnum (*c) || strchr ("+=,.@_-", *c) != NULL)
      continue;
    practice_call_fail (call, 400, "ValidationError", "The specified value for %s is invalid. It must contain only alphanumeric characters "
                        "and/or the following: +=,.@_-", lower);
    return NULL;
  }
  return value;
}

const char *
practice_iam_get_path (PracticeCall *call)
{
  const char *path = practice_call_get_string (call, "Path");
  gsize length = path != NULL ? strlen (path) : 0;
  gboolean valid = length <= 512;

  if (path == NULL)
    return practice_call_is_answered (call) ? NULL : "/";
  valid = valid && length > 0 && path[0] == '/' && path[length - 1] == '/';
  for (gsize i = 0; valid && i < length; i++)
    valid = path[i] > 0x20 && path[i] < 0x7f;
  if (!valid) {
    practice_call_fail (call, 400, "ValidationError", "The specified value for path is invalid. It must begin and end with / and contain only "
                        "alphanumeric characters and/or / characters.");
    return NULL;
  }
  return path;
}

gboolean
practice_iam_check_tags (PracticeCall *call,
                         JsonArray    *tags)
{
  guint length = tags != NULL ? json_array_get_length (tags) : 0;
  g_autoptr (GHashTable) keys = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);

  if (length > MAX_TAGS) {
    practice_call_fail (call, 400, "ValidationError", "1 validation error detected: Value at 'tags' failed to satisfy constraint: "
                        "Member must have length less than or equal to %d", MAX_TAGS);
    return FALSE;
  }
  for (guint i = 0; i < length; i++) {
    JsonNode *node = json_array_get_element (tags, i);
    JsonObject *tag = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
    const char *key = tag != NULL ? practice_json_get_string (tag, "Key") : NULL;
    const char *value = tag != NULL ? practice_json_get_string (tag, "Value") : NULL;

    if (key == NULL || value == NULL || !is_tag_text (key, 1, 128) || !is_tag_text (value, 0, 256)) {
      practice_call_fail (call, 400, "ValidationError", "1 validation error detected: Value at 'tags.%u.member.%s' failed to satisfy constraint: "
                          "Member must satisfy regular expression pattern: [\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]%s",
                          i + 1, key == NULL || !is_tag_text (key, 1, 128) ? "key" : "value",
                          key == NULL || !is_tag_text (key, 1, 128) ? "+" : "*");
      return FALSE;
    }
    if (g_ascii_strncasecmp (key, "aws:", 4) == 0) {
      practice_call_fail (call, 400, "InvalidInput", "Tag keys that begin with \"aws:\" are reserved for system use.");
      return FALSE;
    }
    if (!g_hash_table_add (keys, g_utf8_casefold (key, -1))) {
      practice_call_fail (call, 400, "InvalidInput", "Duplicate tag keys found. Please note that Tag keys are case insensitive.");
      return FALSE;
    }
  }
  return TRUE;
}

void
practice_iam_store_tags (PracticeIam *self,
                         const char  *arn,
                         JsonArray   *tags)
{
  for (guint i = 0; tags != NULL && i < json_array_get_length (tags); i++) {
    JsonObject *tag = json_array_get_object_element (tags, i);

    practice_store_run (practice_iam_get_store (self), "INSERT OR REPLACE INTO iam_tag VALUES (?, ?, ?)", "sss", arn,
                        practice_json_get_string (tag, "Key"), practice_json_get_string (tag, "Value"));
  }
}

JsonArray *
practice_iam_load_tags (PracticeIam *self,
                        const char  *arn)
{
  JsonArray *tags = json_array_new ();
  sqlite3_stmt *statement = practice_store_prepare (practice_iam_get_store (self),
                                                    "SELECT key, value FROM iam_tag WHERE arn = ? ORDER BY key", "s", arn);

  while (sqlite3_step (statement) == SQLITE_ROW) {
    JsonObject *tag = json_object_new ();

    json_object_set_string_member (tag, "Key", (const char *) sqlite3_column_text (statement, 0));
    json_object_set_string_member (tag, "Value", (const char *) sqlite3_column_text (statement, 1));
    json_array_add_object_element (tags, tag);
  }
  sqlite3_reset (statement);
  return tags;
}

void
practice_iam_drop_tags (PracticeIam *self,
                        const char  *arn)
{
  practice_store_run (practice_iam_get_store (self), "DELETE FROM iam_tag WHERE arn = ?", "s", arn);
}

void
practice_iam_set_tags (PracticeIam *self,
                       JsonObject  *object,
                       const char  *arn)
{
  g_autoptr (JsonArray) tags = practice_iam_load_tags (self, arn);

  if (json_array_get_length (tags) > 0)
    json_object_set_array_member (object, "Tags", g_steal_pointer (&tags));
}

gboolean
practice_iam_page_begin (PracticeIamPage *page,
                         PracticeCall    *call)
{
  const char *marker = practice_call_get_string (call, "Marker");

  page->limit = DEFAULT_ITEMS;
  page->items = json_array_new ();
  practice_call_get_int (call, "MaxItems", &page->limit);
  if (practice_call_is_answered (call))
    return FALSE;
  if (page->limit < 1 || page->limit > MAX_ITEMS) {
    practice_call_fail (call, 400, "ValidationError", "1 validation error detected: Value '%" G_GINT64_FORMAT "' at 'maxItems' failed to satisfy "
                        "constraint: Member must have value %s than or equal to %d", page->limit,
                        page->limit < 1 ? "greater" : "less", page->limit < 1 ? 1 : MAX_ITEMS);
    return FALSE;
  }
  if (marker != NULL) {
    gsize length = 0;
    g_autofree guchar *bytes = g_base64_decode (marker, &length);

    if (length == 0 || !g_utf8_validate_len ((const char *) bytes, length, NULL)) {
      practice_call_fail (call, 400, "ValidationError", "Invalid Marker.");
      return FALSE;
    }
    page->after = g_strndup ((const char *) bytes, length);
  } else {
    page->after = g_strdup ("");
  }
  return TRUE;
}

gboolean
practice_iam_page_add (PracticeIamPage *page,
                       const char      *key,
                       JsonNode        *node)
{
  if (json_array_get_length (page->items) == page->limit) {
    page->truncated = TRUE;
    json_node_unref (node);
    return FALSE;
  }
  json_array_add_element (page->items, node);
  g_free (page->last);
  page->last = g_strdup (key);
  return TRUE;
}

gboolean
practice_iam_page_add_object (PracticeIamPage *page,
                              const char      *key,
                              JsonObject      *object)
{
  JsonNode *node = json_node_new (JSON_NODE_OBJECT);

  json_node_take_object (node, object);
  return practice_iam_page_add (page, key, node);
}

void
practice_iam_page_return (PracticeIamPage *page,
                          PracticeCall    *call,
                          const char      *member,
                          JsonObject      *result)
{
  if (result == NULL)
    result = json_object_new ();
  json_object_set_boolean_member (result, "IsTruncated", page->truncated);
  json_object_set_array_member (result, member, g_steal_pointer (&page->items));
  if (page->truncated) {
    g_autofree char *marker = g_base64_encode ((const guchar *) page->last, strlen (page->last));

    json_object_set_string_member (result, "Marker", marker);
  }
  practice_call_return (call, result);
}

void
practice_iam_list_by_path (PracticeIam        *self,
                           PracticeCall       *call,
                           const char         *sql,
                           PracticeIamRowFunc  to_json,
                           const char         *member)
{
  g_auto (PracticeIamPage) page = { 0 };
  const char *prefix = practice_call_get_string (call, "PathPrefix");
  sqlite3_stmt *row = NULL;

  if (practice_call_is_answered (call) || !practice_iam_allow (call, "*") || !practice_iam_page_begin (&page, call))
    return;
  row = practice_store_prepare (practice_iam_get_store (self), sql, "ss", page.after, prefix != NULL ? prefix : "/");
  while (sqlite3_step (row) == SQLITE_ROW) {
    if (!practice_iam_page_add_object (&page, (const char *) sqlite3_column_text (row, 0), to_json (self, row)))
      break;
  }
  sqlite3_reset (row);
  practice_iam_page_return (&page, call, member, NULL);
}

void
practice_iam_page_clear (PracticeIamPage *page)
{
  g_clear_pointer (&page->after, g_free);
  g_clear_pointer (&page->last, g_free);
  g_clear_pointer (&page->items, json_array_unref);
}

char *
practice_iam_find_holder (PracticeIam *self,
                          const char  *kind,
                          const char  *name)
{
  sqlite3_stmt *statement = NULL;
  char *arn = NULL;

  if (strcmp (kind, "role") == 0)
    statement = practice_store_prepare (practice_iam_get_store (self), "SELECT arn FROM iam_role WHERE name = ?", "s", name);
  else
    statement = practice_store_prepare (practice_iam_get_store (self), "SELECT arn FROM iam_user WHERE name = ?", "s", name);
  if (sqlite3_step (statement) == SQLITE_ROW)
    arn = g_strdup ((const char *) sqlite3_column_text (statement, 0));
  sqlite3_reset (statement);
  return arn;
}

gboolean
practice_iam_allow (PracticeCall *call,
                    const char   *resource)
{
  g_autofree char *action = g_strconcat ("iam:", practice_call_get_operation (call), NULL);

  return practice_call_allow (call, action, resource, NULL, NULL);
}

gboolean
practice_iam_get_holder (PracticeIam       *self,
                         PracticeCall      *call,
                         PracticeIamHolder *holder)
{
  gboolean user = strstr (practice_call_get_operation (call), "User") != NULL;

  holder->kind = user ? "user" : "role";
  holder->title = user ? "User" : "Role";
  holder->parameter = user ? "UserName" : "RoleName";
  holder->name = practice_iam_require_name (call, holder->parameter, user ? 128 : 64);
  if (holder->name == NULL)
    return FALSE;
  holder->arn = practice_iam_find_holder (self, holder->kind, holder->name);
  if (holder->arn == NULL) {
    /* Who may not ask does not learn either that there is none. */
    g_autofree char *arn = g_strdup_printf ("arn:aws:iam::%s:%s/%s", practice_call_get_account (call), holder->kind, holder->name);

    if (!practice_iam_allow (call, arn))
      return FALSE;
    practice_call_fail (call, 404, "NoSuchEntity", "The %s with name %s cannot be found.", holder->kind, holder->name);
    return FALSE;
  }
  return practice_iam_allow (call, holder->arn);
}

void
practice_iam_holder_clear (PracticeIamHolder *holder)
{
  g_clear_pointer (&holder->arn, g_free);
}

void
practice_iam_emit (PracticeCall *call,
                   const char   *kind,
                   const char   *arn,
                   const char   *type,
                   const char   *name)
{
  practice_events_emit_strings (practice_server_get_events (practice_call_get_server (call)), kind,
                                "arn", arn, "type", type, "name", name, NULL);
}
