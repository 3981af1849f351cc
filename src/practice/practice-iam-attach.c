/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-iam-ops.h"

#include <string.h>

#include "aws-signer.h"
#include "practice-managed.h"
#include "practice-policy.h"

#define MAX_ATTACHED 10
#define MAX_INLINE_ROLE 10240
#define MAX_INLINE_USER 2048

static gboolean
fail_inline (PracticeCall            *call,
             const PracticeIamHolder *holder,
             const char              *name)
{
  practice_call_fail (call, 404, "NoSuchEntity", "The %s policy with name %s cannot be found.", holder->kind, name);
  return FALSE;
}

static gboolean
exists (sqlite3_stmt *statement)
{
  gboolean found = sqlite3_step (statement) == SQLITE_ROW;

  sqlite3_reset (statement);
  return found;
}

/* Blanks do not count (IAM quotas). */
static gsize
policy_size (const char *document)
{
  gsize size = 0;

  for (; *document != '\0'; document++)
    size += !g_ascii_isspace (*document);
  return size;
}

static void
emit_updated (PracticeCall            *call,
              const PracticeIamHolder *holder)
{
  practice_iam_emit (call, "resource-updated", holder->arn,
                     strcmp (holder->kind, "user") == 0 ? "AWS::IAM::User" : "AWS::IAM::Role", holder->name);
}

gboolean
practice_iam_is_in_use (PracticeIam  *self,
                        PracticeCall *call,
                        const char   *kind,
                        const char   *name)
{
  PracticeStore *store = practice_iam_get_store (self);

  if (exists (practice_store_prepare (store, "SELECT 1 FROM iam_attachment WHERE kind = ? AND holder = ?", "ss", kind, name))) {
    practice_call_fail (call, 409, "DeleteConflict", "Cannot delete entity, must detach all policies first.");
    return TRUE;
  }
  if (exists (practice_store_prepare (store, "SELECT 1 FROM iam_inline WHERE kind = ? AND holder = ?", "ss", kind, name))) {
    practice_call_fail (call, 409, "DeleteConflict", "Cannot delete entity, must delete policies first.");
    return TRUE;
  }
  return FALSE;
}

void
practice_iam_put_inline (PracticeCall *call,
                         gpointer      service)
{
  PracticeIam *self = service;
  PracticeStore *store = practice_iam_get_store (self);
  g_auto (PracticeIamHolder) holder = { 0 };
  const char *name = practice_iam_require_name (call, "PolicyName", 128);
  const char *document = name != NULL ? practice_iam_require (call, "PolicyDocument") : NULL;
  g_autoptr (JsonObject) policy = NULL;
  g_autoptr (GError) error = NULL;
  sqlite3_stmt *statement = NULL;
  gsize size = 0;
  gsize max = 0;

  if (document == NULL || !practice_iam_get_holder (self, call, &holder))
    return;
  policy = practice_policy_parse (document, PRACTICE_POLICY_IDENTITY, &error);
  if (policy == NULL) {
    practice_call_fail (call, 400, "MalformedPolicyDocument", "%s", error->message);
    return;
  }
  max = strcmp (holder.kind, "user") == 0 ? MAX_INLINE_USER : MAX_INLINE_ROLE;
  size = policy_size (document);
  statement = practice_store_prepare (store, "SELECT document FROM iam_inline WHERE kind = ? AND holder = ? AND name <> ?", "sss",
                                      holder.kind, holder.name, name);
  while (sqlite3_step (statement) == SQLITE_ROW)
    size += policy_size ((const char *) sqlite3_column_text (statement, 0));
  sqlite3_reset (statement);
  if (size > max) {
    practice_call_fail (call, 409, "LimitExceeded", "Maximum policy size of %" G_GSIZE_FORMAT " bytes exceeded for %s %s", max, holder.kind, holder.name);
    return;
  }
  practice_store_run (store, "INSERT OR REPLACE INTO iam_inline VALUES (?, ?, ?, ?)", "ssss", holder.kind, holder.name, name, document);
  practice_iam_changed (self);
  emit_updated (call, &holder);
  practice_call_return (call, NULL);
}

void
practice_iam_get_inline (PracticeCall *call,
                         gpointer      service)
{
  PracticeIam *self = service;
  g_auto (PracticeIamHolder) holder = { 0 };
  const char *name = practice_iam_require_name (call, "PolicyName", 128);
  sqlite3_stmt *statement = NULL;
  JsonObject *result = NULL;

  if (name == NULL || !practice_iam_get_holder (self, call, &holder))
    return;
  statement = practice_store_prepare (practice_iam_get_store (self),
                                      "SELECT name, document FROM iam_inline WHERE kind = ? AND holder = ? AND name = ?", "sss",
                                      holder.kind, holder.name, name);
  if (sqlite3_step (statement) == SQLITE_ROW) {
    g_autofree char *document = aws_signer_uri_encode ((const char *) sqlite3_column_text (statement, 1), FALSE);

    result = json_object_new ();
    json_object_set_string_member (result, holder.parameter, holder.name);
    json_object_set_string_member (result, "PolicyName", (const char *) sqlite3_column_text (statement, 0));
    json_object_set_string_member (result, "PolicyDocument", document);
  }
  sqlite3_reset (statement);
  if (result != NULL)
    practice_call_return (call, result);
  else
    fail_inline (call, &holder, name);
}

void
practice_iam_delete_inline (PracticeCall *call,
                            gpointer      service)
{
  PracticeIam *self = service;
  g_auto (PracticeIamHolder) holder = { 0 };
  const char *name = practice_iam_require_name (call, "PolicyName", 128);

  if (name == NULL || !practice_iam_get_holder (self, call, &holder))
    return;
  if (practice_store_run (practice_iam_get_store (self), "DELETE FROM iam_inline WHERE kind = ? AND holder = ? AND name = ?", "sss",
                          holder.kind, holder.name, name) == 0) {
    fail_inline (call, &holder, name);
    return;
  }
  practice_iam_changed (self);
  emit_updated (call, &holder);
  practice_call_return (call, NULL);
}

void
practice_iam_list_inline (PracticeCall *call,
                          gpointer      service)
{
  g_auto (PracticeIamHolder) holder = { 0 };
  g_auto (PracticeIamPage) page = { 0 };
  sqlite3_stmt *statement = NULL;

  if (!practice_iam_get_holder (service, call, &holder) || !practice_iam_page_begin (&page, call))
    return;
  statement = practice_store_prepare (practice_iam_get_store (service),
                                      "SELECT name FROM iam_inline WHERE kind = ? AND holder = ? AND name > ? ORDER BY name", "sss",
                                      holder.kind, holder.name, page.after);
  while (sqlite3_step (statement) == SQLITE_ROW) {
    const char *name = (const char *) sqlite3_column_text (statement, 0);

    if (!practice_iam_page_add (&page, name, json_node_init_string (json_node_alloc (), name)))
      break;
  }
  sqlite3_reset (statement);
  practice_iam_page_return (&page, call, "PolicyNames", NULL);
}

static const char *
require_policy_arn (PracticeCall *call)
{
  const char *arn = practice_iam_require (call, "PolicyArn");
  g_auto (GStrv) parts = arn != NULL ? g_strsplit (arn, ":", 6) : NULL;

  if (arn == NULL)
    return NULL;
  if (g_strv_length (parts) != 6 || strcmp (parts[0], "arn") != 0 || strcmp (parts[2], "iam") != 0 || *parts[5] == '\0') {
    practice_call_fail (call, 400, "ValidationError", "Invalid ARN:  Could not be parsed!");
    return NULL;
  }
  return arn;
}

void
practice_iam_attach (PracticeCall *call,
                     gpointer      service)
{
  PracticeIam *self = service;
  PracticeStore *store = practice_iam_get_store (self);
  g_auto (PracticeIamHolder) holder = { 0 };
  const char *arn = require_policy_arn (call);
  g_autofree char *document = NULL;
  sqlite3_stmt *statement = NULL;
  gint64 count = 0;

  if (arn == NULL || !practice_iam_get_holder (self, call, &holder))
    return;
  document = practice_iam_get_document (self, arn);
  if (document == NULL) {
    practice_call_fail (call, 404, "NoSuchEntity", "Policy %s does not exist or is not attachable.", arn);
    return;
  }
  statement = practice_store_prepare (store, "SELECT count(*) FROM iam_attachment WHERE kind = ? AND holder = ? AND arn <> ?", "sss",
                                      holder.kind, holder.name, arn);
  if (sqlite3_step (statement) == SQLITE_ROW)
    count = sqlite3_column_int64 (statement, 0);
  sqlite3_reset (statement);
  if (count >= MAX_ATTACHED) {
    practice_call_fail (call, 409, "LimitExceeded", "Cannot exceed quota for PoliciesPer%s: %d", holder.title, MAX_ATTACHED);
    return;
  }
  /* Attaching once more changes nothing and is no error. */
  practice_store_run (store, "INSERT OR IGNORE INTO iam_attachment VALUES (?, ?, ?)", "sss", holder.kind, holder.name, arn);
  practice_iam_changed (self);
  emit_updated (call, &holder);
  practice_call_return (call, NULL);
}

void
practice_iam_detach (PracticeCall *call,
                     gpointer      service)
{
  PracticeIam *self = service;
  g_auto (PracticeIamHolder) holder = { 0 };
  const char *arn = require_policy_arn (call);

  if (arn == NULL || !practice_iam_get_holder (self, call, &holder))
    return;
  if (practice_store_run (practice_iam_get_store (self), "DELETE FROM iam_attachment WHERE kind = ? AND holder = ? AND arn = ?", "sss",
                          holder.kind, holder.name, arn) == 0) {
    practice_call_fail (call, 404, "NoSuchEntity", "Policy %s was not found.", arn);
    return;
  }
  practice_iam_changed (self);
  emit_updated (call, &holder);
  practice_call_return (call, NULL);
}

void
practice_iam_list_attached (PracticeCall *call,
                            gpointer      service)
{
  g_auto (PracticeIamHolder) holder = { 0 };
  g_auto (PracticeIamPage) page = { 0 };
  const char *prefix = practice_call_get_string (call, "PathPrefix");
  sqlite3_stmt *statement = NULL;

  if (practice_call_is_answered (call) || !practice_iam_get_holder (service, call, &holder) || !practice_iam_page_begin (&page, call))
    return;
  statement = practice_store_prepare (practice_iam_get_store (service),
                                      "SELECT arn FROM iam_attachment WHERE kind = ? AND holder = ? AND arn > ? ORDER BY arn", "sss",
                                      holder.kind, holder.name, page.after);
  while (sqlite3_step (statement) == SQLITE_ROW) {
    const char *arn = (const char *) sqlite3_column_text (statement, 0);
    const char *path = strstr (arn, ":policy/") + strlen (":policy");
    JsonObject *policy = NULL;

    if (prefix != NULL && !g_str_has_prefix (path, prefix))
      continue;
    policy = json_object_new ();
    json_object_set_string_member (policy, "PolicyName", strrchr (arn, '/') + 1);
    json_object_set_string_member (policy, "PolicyArn", arn);
    if (!practice_iam_page_add_object (&page, arn, policy))
      break;
  }
  sqlite3_reset (statement);
  practice_iam_page_return (&page, call, "AttachedPolicies", NULL);
}

/* Roles and users with the policy; groups are not there. */
void
practice_iam_list_entities (PracticeCall *call,
                            gpointer      service)
{
  PracticeIam *self = service;
  g_auto (PracticeIamPage) page = { 0 };
  const char *arn = require_policy_arn (call);
  const char *filter = practice_call_get_string (call, "EntityFilter");
  g_autofree char *document = NULL;
  JsonArray *roles = NULL;
  JsonArray *users = NULL;
  JsonObject *result = NULL;
  sqlite3_stmt *row = NULL;

  if (arn == NULL || practice_call_is_answered (call) || !practice_iam_allow (call, arn))
    return;
  document = practice_iam_get_document (self, arn);
  if (document == NULL) {
    practice_call_fail (call, 404, "NoSuchEntity", "Policy %s was not found.", arn);
    return;
  }
  if (!practice_iam_page_begin (&page, call))
    return;
  roles = json_array_new ();
  users = json_array_new ();
  row = practice_store_prepare (practice_iam_get_store (self),
                                "SELECT kind || '/' || holder, kind, holder, coalesce(r.id, u.id) FROM iam_attachment"
                                " LEFT JOIN iam_role r ON kind = 'role' AND r.name = holder LEFT JOIN iam_user u ON kind = 'user' AND u.name = holder"
                                " WHERE iam_attachment.arn = ? AND kind || '/' || holder > ? ORDER BY 1", "ss", arn, page.after);
  while (sqlite3_step (row) == SQLITE_ROW) {
    const char *key = (const char *) sqlite3_column_text (row, 0);
    gboolean user = strcmp ((const char *) sqlite3_column_text (row, 1), "user") == 0;
    JsonObject *entity = NULL;

    if (filter != NULL && strcmp (filter, user ? "User" : "Role") != 0)
      continue;
    entity = json_object_new ();
    json_object_set_string_member (entity, user ? "UserName" : "RoleName", (const char *) sqlite3_column_text (row, 2));
    json_object_set_string_member (entity, user ? "UserId" : "RoleId", (const char *) sqlite3_column_text (row, 3));
    if (!practice_iam_page_add_object (&page, key, entity))
      break;
    json_array_add_object_element (user ? users : roles, json_object_ref (entity));
  }
  sqlite3_reset (row);

  result = json_object_new ();
  json_object_set_array_member (result, "PolicyUsers", users);
  json_object_set_array_member (result, "PolicyRoles", roles);
  /* The page kept count; its own list is told apart by kind above. */
  json_array_unref (page.items);
  page.items = json_array_new ();
  practice_iam_page_return (&page, call, "PolicyGroups", result);
}
