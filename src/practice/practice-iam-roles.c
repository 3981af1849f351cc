/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-iam-ops.h"

#include <string.h>

#include "aws-signer.h"
#include "practice-policy.h"

#define MAX_ROLES 1000
#define MAX_TRUST 2048
#define MIN_SESSION 3600
#define MAX_SESSION 43200
#define ROLE_TYPE "AWS::IAM::Role"

#define ROLE_COLUMNS "name, id, path, arn, trust, description, max_session, created, used, used_region"

typedef struct {
  PracticeIam *iam;
  const char  *account;
  const char  *unknown;   /* the principal that there is not */
} PrincipalCheck;

typedef enum {
  ROLE_MADE,
  ROLE_LISTED,
  ROLE_READ,
} RoleDetail;

/* Creating tells the least, reading the most (as recorded of AWS). */
static JsonObject *
role_to_json (PracticeIam  *self,
              sqlite3_stmt *row,
              RoleDetail    detail)
{
  JsonObject *role = json_object_new ();
  const char *arn = (const char *) sqlite3_column_text (row, 3);
  g_autofree char *trust = aws_signer_uri_encode ((const char *) sqlite3_column_text (row, 4), FALSE);
  const char *description = (const char *) sqlite3_column_text (row, 5);

  json_object_set_string_member (role, "Path", (const char *) sqlite3_column_text (row, 2));
  json_object_set_string_member (role, "RoleName", (const char *) sqlite3_column_text (row, 0));
  json_object_set_string_member (role, "RoleId", (const char *) sqlite3_column_text (row, 1));
  json_object_set_string_member (role, "Arn", arn);
  practice_iam_set_time (role, "CreateDate", sqlite3_column_int64 (row, 7));
  json_object_set_string_member (role, "AssumeRolePolicyDocument", trust);
  if (description != NULL && *description != '\0')
    json_object_set_string_member (role, "Description", description);
  if (detail != ROLE_MADE || sqlite3_column_int64 (row, 6) != MIN_SESSION)
    json_object_set_int_member (role, "MaxSessionDuration", sqlite3_column_int64 (row, 6));
  if (detail == ROLE_READ) {
    JsonObject *used = json_object_new ();

    if (sqlite3_column_type (row, 8) != SQLITE_NULL) {
      practice_iam_set_time (used, "LastUsedDate", sqlite3_column_int64 (row, 8));
      json_object_set_string_member (used, "Region", (const char *) sqlite3_column_text (row, 9));
    }
    json_object_set_object_member (role, "RoleLastUsed", used);
  }
  if (detail != ROLE_LISTED)
    practice_iam_set_tags (self, role, arn);
  return role;
}

static void
return_role (PracticeIam  *self,
             PracticeCall *call,
             const char   *name,
             RoleDetail    detail)
{
  sqlite3_stmt *row = practice_store_prepare (practice_iam_get_store (self),
                                              "SELECT " ROLE_COLUMNS " FROM iam_role WHERE name = ?", "s", name);
  JsonObject *result = json_object_new ();

  if (sqlite3_step (row) == SQLITE_ROW)
    json_object_set_object_member (result, "Role", role_to_json (self, row, detail));
  sqlite3_reset (row);
  practice_call_return (call, result);
}

/* Principals of this account must be there; those of other accounts cannot be looked at. */
static gboolean
principal_exists (const char *arn,
                  gpointer    data)
{
  PrincipalCheck *check = data;
  g_autofree char *own = g_strdup_printf ("arn:aws:iam::%s:", check->account);
  const char *name = strrchr (arn, '/');
  g_autofree char *found = NULL;

  if (strcmp (arn, "*") == 0 || (strlen (arn) == 12 && strspn (arn, "0123456789") == 12) || g_str_has_suffix (arn, ":root"))
    return TRUE;
  if (g_str_has_prefix (arn, own) && name != NULL) {
    if (g_str_has_prefix (arn + strlen (own), "role/"))
      found = practice_iam_find_holder (check->iam, "role", name + 1);
    else if (g_str_has_prefix (arn + strlen (own), "user/"))
      found = practice_iam_find_holder (check->iam, "user", name + 1);
    if (g_strcmp0 (found, arn) == 0)
      return TRUE;
  } else if (g_str_has_prefix (arn, "arn:aws:iam::") || g_str_has_prefix (arn, "arn:aws:sts::")) {
    return TRUE;
  }
  check->unknown = arn;
  return FALSE;
}

static gboolean
check_trust (PracticeIam  *self,
             PracticeCall *call,
             const char   *trust)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) policy = practice_policy_parse (trust, PRACTICE_POLICY_TRUST, &error);
  PrincipalCheck check = { .iam = self, .account = practice_call_get_account (call) };
  gsize length = 0;

  if (policy == NULL) {
    practice_call_fail (call, 400, "MalformedPolicyDocument", "%s", error->message);
    return FALSE;
  }
  for (const char *c = trust; *c != '\0'; c++)
    length += !g_ascii_isspace (*c);
  if (length > MAX_TRUST) {
    practice_call_fail (call, 409, "LimitExceeded", "Cannot exceed quota for ACLSizePerRole: %d", MAX_TRUST);
    return FALSE;
  }
  if (!practice_policy_each_principal (policy, principal_exists, &check)) {
    practice_call_fail (call, 400, "MalformedPolicyDocument", "Invalid principal in policy: \"AWS\":\"%s\"", check.unknown);
    return FALSE;
  }
  return TRUE;
}

static gboolean
check_session (PracticeCall *call,
               gint64       *seconds)
{
  practice_call_get_int (call, "MaxSessionDuration", seconds);
  if (practice_call_is_answered (call))
    return FALSE;
  if (*seconds >= MIN_SESSION && *seconds <= MAX_SESSION)
    return TRUE;
  practice_call_fail (call, 400, "ValidationError", "1 validation error detected: Value '%" G_GINT64_FORMAT "' at 'maxSessionDuration' failed to "
                      "satisfy constraint: Member must have value %s than or equal to %d", *seconds,
                      *seconds < MIN_SESSION ? "greater" : "less", *seconds < MIN_SESSION ? MIN_SESSION : MAX_SESSION);
  return FALSE;
}

static gboolean
check_description (PracticeCall *call,
                   const char   *description)
{
  if (description == NULL || g_utf8_strlen (description, -1) <= 1000)
    return !practice_call_is_answered (call);
  practice_call_fail (call, 400, "ValidationError", "1 validation error detected: Value at 'description' failed to satisfy constraint: "
                      "Member must have length less than or equal to 1000");
  return FALSE;
}

static gint64
count_roles (PracticeIam *self)
{
  sqlite3_stmt *statement = practice_store_prepare (practice_iam_get_store (self), "SELECT count(*) FROM iam_role", NULL);
  gint64 count = sqlite3_step (statement) == SQLITE_ROW ? sqlite3_column_int64 (statement, 0) : 0;

  sqlite3_reset (statement);
  return count;
}

void
practice_iam_create_role (PracticeCall *call,
                          gpointer      service)
{
  PracticeIam *self = service;
  const char *name = practice_iam_require_name (call, "RoleName", 64);
  const char *trust = name != NULL ? practice_iam_require (call, "AssumeRolePolicyDocument") : NULL;
  const char *path = trust != NULL ? practice_iam_get_path (call) : NULL;
  const char *description = NULL;
  JsonArray *tags = NULL;
  gint64 max_session = MIN_SESSION;
  g_autofree char *arn = NULL;
  g_autofree char *other = NULL;
  g_autofree char *id = NULL;

  if (path == NULL)
    return;
  arn = g_strdup_printf ("arn:aws:iam::%s:role%s%s", practice_call_get_account (call), path, name);
  tags = practice_call_get_array (call, "Tags");
  description = practice_call_get_string (call, "Description");
  if (practice_call_is_answered (call) || !practice_iam_allow (call, arn) || !check_session (call, &max_session) ||
      !check_description (call, description) || !practice_iam_check_tags (call, tags) || !check_trust (self, call, trust))
    return;
  other = practice_iam_find_holder (self, "role", name);
  if (other != NULL) {
    practice_call_fail (call, 409, "EntityAlreadyExists", "Role with name %s already exists.", name);
    return;
  }
  if (count_roles (self) >= MAX_ROLES) {
    practice_call_fail (call, 409, "LimitExceeded", "Cannot exceed quota for RolesPerAccount: %d", MAX_ROLES);
    return;
  }

  id = practice_iam_new_id ("AROA");
  practice_store_run (practice_iam_get_store (self), "INSERT INTO iam_role VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL, NULL)", "ssssssii",
                      name, id, path, arn, trust, description, max_session, practice_iam_now ());
  practice_iam_store_tags (self, arn, tags);
  practice_iam_changed (self);
  practice_iam_emit (call, "resource-created", arn, ROLE_TYPE, name);
  return_role (self, call, name, ROLE_MADE);
}

void
practice_iam_get_role (PracticeCall *call,
                       gpointer      service)
{
  g_auto (PracticeIamHolder) role = { 0 };

  if (practice_iam_get_holder (service, call, &role))
    return_role (service, call, role.name, ROLE_READ);
}

void
practice_iam_delete_role (PracticeCall *call,
                          gpointer      service)
{
  PracticeIam *self = service;
  g_auto (PracticeIamHolder) role = { 0 };

  if (!practice_iam_get_holder (self, call, &role) || practice_iam_is_in_use (self, call, role.kind, role.name))
    return;
  practice_store_run (practice_iam_get_store (self), "DELETE FROM iam_role WHERE name = ?", "s", role.name);
  practice_iam_drop_tags (self, role.arn);
  practice_iam_changed (self);
  practice_iam_emit (call, "resource-deleted", role.arn, ROLE_TYPE, role.name);
  practice_call_return (call, NULL);
}

static JsonObject *
role_to_listed (PracticeIam  *self,
                sqlite3_stmt *row)
{
  return role_to_json (self, row, ROLE_LISTED);
}

void
practice_iam_list_roles (PracticeCall *call,
                         gpointer      service)
{
  practice_iam_list_by_path (service, call, "SELECT " ROLE_COLUMNS " FROM iam_role" PRACTICE_IAM_BY_PATH, role_to_listed, "Roles");
}

void
practice_iam_update_role (PracticeCall *call,
                          gpointer      service)
{
  PracticeIam *self = service;
  g_auto (PracticeIamHolder) role = { 0 };
  const char *description = practice_call_get_string (call, "Description");
  gint64 seconds = MIN_SESSION;

  if (practice_call_is_answered (call) || !practice_iam_get_holder (self, call, &role) ||
      !check_session (call, &seconds) || !check_description (call, description))
    return;
  /* What is not given goes back to its default (IAM API reference, UpdateRole). */
  practice_store_run (practice_iam_get_store (self), "UPDATE iam_role SET description = ?, max_session = ? WHERE name = ?", "sis",
                      description, seconds, role.name);
  practice_iam_emit (call, "resource-updated", role.arn, ROLE_TYPE, role.name);
  practice_call_return (call, json_object_new ());
}

void
practice_iam_update_role_description (PracticeCall *call,
                                      gpointer      service)
{
  PracticeIam *self = service;
  g_auto (PracticeIamHolder) role = { 0 };
  const char *description = practice_iam_require (call, "Description");

  if (description == NULL || !practice_iam_get_holder (self, call, &role) || !check_description (call, description))
    return;
  practice_store_run (practice_iam_get_store (self), "UPDATE iam_role SET description = ? WHERE name = ?", "ss", description, role.name);
  practice_iam_emit (call, "resource-updated", role.arn, ROLE_TYPE, role.name);
  return_role (self, call, role.name, ROLE_READ);
}

void
practice_iam_update_assume_role_policy (PracticeCall *call,
                                        gpointer      service)
{
  PracticeIam *self = service;
  g_auto (PracticeIamHolder) role = { 0 };
  const char *trust = practice_iam_require (call, "PolicyDocument");

  if (trust == NULL || !practice_iam_get_holder (self, call, &role) || !check_trust (self, call, trust))
    return;
  practice_store_run (practice_iam_get_store (self), "UPDATE iam_role SET trust = ? WHERE name = ?", "ss", trust, role.name);
  practice_iam_changed (self);
  practice_iam_emit (call, "resource-updated", role.arn, ROLE_TYPE, role.name);
  practice_call_return (call, NULL);
}
