/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-iam-ops.h"

#include <stdlib.h>
#include <string.h>

#include "aws-signer.h"
#include "practice-json.h"
#include "practice-managed.h"
#include "practice-policy.h"

#define MAX_SIZE 6144
#define MAX_VERSIONS 5
#define MAX_POLICIES 1500
#define POLICY_TYPE "AWS::IAM::ManagedPolicy"

#define POLICY_COLUMNS "arn, name, id, path, description, default_version, created, updated"

/* A policy, of the account's own or of AWS's. Strings are owned. */
typedef struct {
  char     *arn;
  char     *name;
  char     *id;
  char     *path;
  char     *description;
  gint64    default_version;
  char     *created;
  char     *updated;
  gboolean  of_aws;
} Policy;

static void
policy_clear (Policy *policy)
{
  g_free (policy->arn);
  g_free (policy->name);
  g_free (policy->id);
  g_free (policy->path);
  g_free (policy->description);
  g_free (policy->created);
  g_free (policy->updated);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Policy, policy_clear)

static void
policy_read_row (Policy       *policy,
                 sqlite3_stmt *row)
{
  policy->arn = g_strdup ((const char *) sqlite3_column_text (row, 0));
  policy->name = g_strdup ((const char *) sqlite3_column_text (row, 1));
  policy->id = g_strdup ((const char *) sqlite3_column_text (row, 2));
  policy->path = g_strdup ((const char *) sqlite3_column_text (row, 3));
  policy->description = g_strdup ((const char *) sqlite3_column_text (row, 4));
  policy->default_version = sqlite3_column_int64 (row, 5);
  policy->created = practice_iam_format_time (sqlite3_column_int64 (row, 6));
  policy->updated = practice_iam_format_time (sqlite3_column_int64 (row, 7));
}

/* The ids of AWS's policies are the same for everybody; here they follow from the name. */
static void
policy_read_managed (Policy     *policy,
                     JsonObject *object)
{
  g_autofree char *digest = NULL;

  policy->of_aws = TRUE;
  policy->arn = g_strdup (practice_json_get_string (object, "Arn"));
  policy->name = g_strdup (practice_json_get_string (object, "PolicyName"));
  policy->path = g_strdup (practice_json_get_string (object, "Path"));
  policy->created = g_strdup (practice_json_get_string (object, "CreateDate"));
  policy->updated = g_strdup (practice_json_get_string (object, "UpdateDate"));
  policy->default_version = atoi (practice_json_get_string (object, "DefaultVersionId") + 1);
  digest = g_compute_checksum_for_string (G_CHECKSUM_SHA256, policy->arn, -1);
  digest[17] = '\0';
  policy->id = g_strconcat ("ANPA", digest, NULL);
  for (char *c = policy->id; *c != '\0'; c++)
    *c = g_ascii_toupper (*c);
}

static gboolean
policy_load (PracticeIam *self,
             const char  *arn,
             Policy      *policy)
{
  JsonObject *managed = practice_managed_lookup (arn);
  sqlite3_stmt *row = NULL;
  gboolean found = FALSE;

  if (managed != NULL) {
    policy_read_managed (policy, managed);
    return TRUE;
  }
  row = practice_store_prepare (practice_iam_get_store (self), "SELECT " POLICY_COLUMNS " FROM iam_policy WHERE arn = ?", "s", arn);
  found = sqlite3_step (row) == SQLITE_ROW;
  if (found)
    policy_read_row (policy, row);
  sqlite3_reset (row);
  return found;
}

static gint64
count_attachments (PracticeIam *self,
                   const char  *arn)
{
  sqlite3_stmt *statement = practice_store_prepare (practice_iam_get_store (self), "SELECT count(*) FROM iam_attachment WHERE arn = ?", "s", arn);
  gint64 count = sqlite3_step (statement) == SQLITE_ROW ? sqlite3_column_int64 (statement, 0) : 0;

  sqlite3_reset (statement);
  return count;
}

static JsonObject *
policy_to_json (PracticeIam  *self,
                const Policy *policy,
                gboolean      listed)
{
  JsonObject *object = json_object_new ();
  g_autofree char *version = g_strdup_printf ("v%" G_GINT64_FORMAT, policy->default_version);

  json_object_set_string_member (object, "PolicyName", policy->name);
  json_object_set_string_member (object, "PolicyId", policy->id);
  json_object_set_string_member (object, "Arn", policy->arn);
  json_object_set_string_member (object, "Path", policy->path);
  json_object_set_string_member (object, "DefaultVersionId", version);
  json_object_set_int_member (object, "AttachmentCount", count_attachments (self, policy->arn));
  json_object_set_int_member (object, "PermissionsBoundaryUsageCount", 0);
  json_object_set_boolean_member (object, "IsAttachable", TRUE);
  json_object_set_string_member (object, "CreateDate", policy->created);
  json_object_set_string_member (object, "UpdateDate", policy->updated);
  if (!listed) {
    if (policy->description != NULL && *policy->description != '\0')
      json_object_set_string_member (object, "Description", policy->description);
    practice_iam_set_tags (self, object, policy->arn);
  }
  return object;
}

/* The policy that @call names, if the caller may do this with it; fails @call otherwise. */
static gboolean
get_policy (PracticeIam  *self,
            PracticeCall *call,
            Policy       *policy)
{
  const char *arn = practice_iam_require (call, "PolicyArn");
  g_auto (GStrv) parts = arn != NULL ? g_strsplit (arn, ":", 6) : NULL;

  if (arn == NULL)
    return FALSE;
  if (g_strv_length (parts) != 6 || strcmp (parts[0], "arn") != 0 || strcmp (parts[2], "iam") != 0 || !g_str_has_prefix (parts[5], "policy/")) {
    practice_call_fail (call, 400, "ValidationError", "Invalid ARN:  Could not be parsed!");
    return FALSE;
  }
  if (!practice_iam_allow (call, arn))
    return FALSE;
  if (!policy_load (self, arn, policy)) {
    practice_call_fail (call, 404, "NoSuchEntity", "Policy %s was not found.", arn);
    return FALSE;
  }
  return TRUE;
}

/* The same for changing: AWS's policies belong to AWS. */
static gboolean
get_own_policy (PracticeIam  *self,
                PracticeCall *call,
                Policy       *policy)
{
  if (!get_policy (self, call, policy))
    return FALSE;
  if (!policy->of_aws)
    return TRUE;
  practice_call_fail (call, 403, "AccessDenied", "User: %s is not authorized to perform: iam:%s on resource: policy %s",
                      practice_call_get_principal (call)->arn, practice_call_get_operation (call), policy->arn);
  return FALSE;
}

static gboolean
check_document (PracticeCall *call,
                const char   *document)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) policy = practice_policy_parse (document, PRACTICE_POLICY_IDENTITY, &error);
  gsize size = 0;

  if (policy == NULL) {
    practice_call_fail (call, 400, "MalformedPolicyDocument", "%s", error->message);
    return FALSE;
  }
  for (const char *c = document; *c != '\0'; c++)
    size += !g_ascii_isspace (*c);
  if (size > MAX_SIZE) {
    practice_call_fail (call, 409, "LimitExceeded", "Cannot exceed quota for PolicySize: %d", MAX_SIZE);
    return FALSE;
  }
  return TRUE;
}

static gint64
count_rows (PracticeIam *self,
            const char  *sql,
            const char  *arn)
{
  sqlite3_stmt *statement = practice_store_prepare (practice_iam_get_store (self), sql, arn != NULL ? "s" : NULL, arn);
  gint64 count = sqlite3_step (statement) == SQLITE_ROW ? sqlite3_column_int64 (statement, 0) : 0;

  sqlite3_reset (statement);
  return count;
}

/* The number in "v3"; -1 after failing @call. */
static gint64
get_version (PracticeCall *call)
{
  const char *text = practice_iam_require (call, "VersionId");
  guint64 version = 0;

  if (text == NULL)
    return -1;
  if (text[0] == 'v' && g_ascii_string_to_unsigned (text + 1, 10, 1, G_MAXINT32, &version, NULL))
    return (gint64) version;
  practice_call_fail (call, 400, "ValidationError", "1 validation error detected: Value '%s' at 'versionId' failed to satisfy constraint: "
                      "Member must satisfy regular expression pattern: v[1-9][0-9]*(\\.[A-Za-z0-9-]*)?", text);
  return -1;
}

static void
fail_version (PracticeCall *call,
              const Policy *policy,
              gint64        version)
{
  practice_call_fail (call, 404, "NoSuchEntity", "Policy %s version v%" G_GINT64_FORMAT " does not exist or is not attachable.", policy->arn, version);
}

static JsonObject *
version_to_json (gint64      version,
                 gboolean    is_default,
                 const char *created,
                 const char *document)
{
  JsonObject *object = json_object_new ();
  g_autofree char *id = g_strdup_printf ("v%" G_GINT64_FORMAT, version);

  json_object_set_string_member (object, "VersionId", id);
  json_object_set_boolean_member (object, "IsDefaultVersion", is_default);
  json_object_set_string_member (object, "CreateDate", created);
  if (document != NULL) {
    g_autofree char *encoded = aws_signer_uri_encode (document, FALSE);

    json_object_set_string_member (object, "Document", encoded);
  }
  return object;
}

static void
return_member (PracticeCall *call,
               const char   *name,
               JsonObject   *object)
{
  JsonObject *result = json_object_new ();

  json_object_set_object_member (result, name, object);
  practice_call_return (call, result);
}

char *
practice_iam_get_document (PracticeIam *self,
                           const char  *arn)
{
  JsonObject *managed = practice_managed_lookup (arn);
  sqlite3_stmt *statement = NULL;
  char *document = NULL;

  if (managed != NULL)
    return practice_json_object_to_text (practice_json_get_object (managed, "Document"));
  statement = practice_store_prepare (practice_iam_get_store (self),
                                      "SELECT document FROM iam_version v JOIN iam_policy p ON v.arn = p.arn AND version = default_version WHERE p.arn = ?",
                                      "s", arn);
  if (sqlite3_step (statement) == SQLITE_ROW)
    document = g_strdup ((const char *) sqlite3_column_text (statement, 0));
  sqlite3_reset (statement);
  return document;
}

void
practice_iam_create_policy (PracticeCall *call,
                            gpointer      service)
{
  PracticeIam *self = service;
  PracticeStore *store = practice_iam_get_store (self);
  const char *name = practice_iam_require_name (call, "PolicyName", 128);
  const char *document = name != NULL ? practice_iam_require (call, "PolicyDocument") : NULL;
  const char *path = document != NULL ? practice_iam_get_path (call) : NULL;
  const char *description = path != NULL ? practice_call_get_string (call, "Description") : NULL;
  JsonArray *tags = path != NULL ? practice_call_get_array (call, "Tags") : NULL;
  g_autofree char *arn = NULL;
  g_autofree char *id = NULL;
  g_auto (Policy) policy = { 0 };
  gint64 now = practice_iam_now ();

  if (path == NULL || practice_call_is_answered (call))
    return;
  arn = g_strdup_printf ("arn:aws:iam::%s:policy%s%s", practice_call_get_account (call), path, name);
  if (!practice_iam_allow (call, arn) || !practice_iam_check_tags (call, tags) || !check_document (call, document))
    return;
  if (count_rows (self, "SELECT count(*) FROM iam_policy WHERE name = ?", name) > 0) {
    practice_call_fail (call, 409, "EntityAlreadyExists", "A policy called %s already exists. Duplicate names are not allowed.", name);
    return;
  }
  if (count_rows (self, "SELECT count(*) FROM iam_policy", NULL) >= MAX_POLICIES) {
    practice_call_fail (call, 409, "LimitExceeded", "Cannot exceed quota for PoliciesPerAccount: %d", MAX_POLICIES);
    return;
  }
  id = practice_iam_new_id ("ANPA");
  practice_store_run (store, "INSERT INTO iam_policy VALUES (?, ?, ?, ?, ?, 1, 2, ?, ?)", "sssssii", arn, name, id, path, description, now, now);
  practice_store_run (store, "INSERT INTO iam_version VALUES (?, 1, ?, ?)", "ssi", arn, document, now);
  practice_iam_store_tags (self, arn, tags);
  practice_iam_emit (call, "resource-created", arn, POLICY_TYPE, name);
  policy_load (self, arn, &policy);
  return_member (call, "Policy", policy_to_json (self, &policy, FALSE));
}

void
practice_iam_get_policy (PracticeCall *call,
                         gpointer      service)
{
  g_auto (Policy) policy = { 0 };

  if (get_policy (service, call, &policy))
    return_member (call, "Policy", policy_to_json (service, &policy, FALSE));
}

void
practice_iam_delete_policy (PracticeCall *call,
                            gpointer      service)
{
  PracticeIam *self = service;
  g_auto (Policy) policy = { 0 };

  if (!get_own_policy (self, call, &policy))
    return;
  if (count_attachments (self, policy.arn) > 0) {
    practice_call_fail (call, 409, "DeleteConflict", "Cannot delete a policy attached to entities.");
    return;
  }
  if (count_rows (self, "SELECT count(*) FROM iam_version WHERE arn = ?", policy.arn) > 1) {
    practice_call_fail (call, 409, "DeleteConflict", "This policy has more than one version. Before you delete a policy, you must delete "
                        "the policy's versions. The default version is deleted with the policy.");
    return;
  }
  practice_store_run (practice_iam_get_store (self), "DELETE FROM iam_policy WHERE arn = ?", "s", policy.arn);
  practice_iam_drop_tags (self, policy.arn);
  practice_iam_changed (self);
  practice_iam_emit (call, "resource-deleted", policy.arn, POLICY_TYPE, policy.name);
  practice_call_return (call, NULL);
}

/* Own policies come before AWS's, each by name. */
void
practice_iam_list_policies (PracticeCall *call,
                            gpointer      service)
{
  PracticeIam *self = service;
  g_auto (PracticeIamPage) page = { 0 };
  const char *scope = practice_call_get_string (call, "Scope");
  const char *prefix = practice_call_get_string (call, "PathPrefix");
  gboolean attached = FALSE;
  sqlite3_stmt *row = NULL;
  gboolean room = TRUE;

  practice_call_get_boolean (call, "OnlyAttached", &attached);
  if (practice_call_is_answered (call) || !practice_iam_allow (call, "*") || !practice_iam_page_begin (&page, call))
    return;
  if (scope == NULL)
    scope = "All";
  if (strcmp (scope, "All") != 0 && strcmp (scope, "AWS") != 0 && strcmp (scope, "Local") != 0) {
    practice_call_fail (call, 400, "ValidationError", "1 validation error detected: Value '%s' at 'scope' failed to satisfy constraint: "
                        "Member must satisfy enum value set: [All, AWS, Local]", scope);
    return;
  }

  row = practice_store_prepare (practice_iam_get_store (self), "SELECT " POLICY_COLUMNS " FROM iam_policy ORDER BY name", NULL);
  while (room && strcmp (scope, "AWS") != 0 && sqlite3_step (row) == SQLITE_ROW) {
    g_auto (Policy) policy = { 0 };
    g_autofree char *key = NULL;

    policy_read_row (&policy, row);
    key = g_ascii_strdown (policy.name, -1);
    if ((prefix != NULL && !g_str_has_prefix (policy.path, prefix)) || (attached && count_attachments (self, policy.arn) == 0))
      continue;
    if (*page.after == '\0' || (*page.after != ':' && strcmp (key, page.after) > 0))
      room = practice_iam_page_add_object (&page, key, policy_to_json (self, &policy, TRUE));
  }
  sqlite3_reset (row);

  for (guint i = 0; room && strcmp (scope, "Local") != 0 && i < json_array_get_length (practice_managed_list ()); i++) {
    g_auto (Policy) policy = { 0 };
    g_autofree char *key = NULL;

    policy_read_managed (&policy, json_array_get_object_element (practice_managed_list (), i));
    /* ":" sets these keys apart: no name holds one. */
    key = g_strconcat (":", policy.name, NULL);
    if ((prefix != NULL && !g_str_has_prefix (policy.path, prefix)) || (attached && count_attachments (self, policy.arn) == 0))
      continue;
    if (*page.after != ':' || strcmp (key, page.after) > 0)
      room = practice_iam_page_add_object (&page, key, policy_to_json (self, &policy, TRUE));
  }
  practice_iam_page_return (&page, call, "Policies", NULL);
}

void
practice_iam_create_policy_version (PracticeCall *call,
                                    gpointer      service)
{
  PracticeIam *self = service;
  PracticeStore *store = practice_iam_get_store (self);
  g_auto (Policy) policy = { 0 };
  const char *document = practice_iam_require (call, "PolicyDocument");
  g_autofree char *created = NULL;
  gboolean set_default = FALSE;
  gint64 now = practice_iam_now ();
  gint64 version = 0;

  if (document == NULL)
    return;
  practice_call_get_boolean (call, "SetAsDefault", &set_default);
  if (practice_call_is_answered (call) || !get_own_policy (self, call, &policy) || !check_document (call, document))
    return;
  if (count_rows (self, "SELECT count(*) FROM iam_version WHERE arn = ?", policy.arn) >= MAX_VERSIONS) {
    practice_call_fail (call, 409, "LimitExceeded", "A managed policy can have up to %d versions. Before you create a new version, you must "
                        "delete an existing version.", MAX_VERSIONS);
    return;
  }
  version = count_rows (self, "SELECT next_version FROM iam_policy WHERE arn = ?", policy.arn);
  practice_store_run (store, "INSERT INTO iam_version VALUES (?, ?, ?, ?)", "sisi", policy.arn, version, document, now);
  practice_store_run (store, "UPDATE iam_policy SET next_version = next_version + 1, updated = ?, "
                      "default_version = CASE WHEN ? THEN ? ELSE default_version END WHERE arn = ?", "iiis",
                      now, (gint64) set_default, version, policy.arn);
  practice_iam_changed (self);
  practice_iam_emit (call, "resource-updated", policy.arn, POLICY_TYPE, policy.name);
  created = practice_iam_format_time (now);
  return_member (call, "PolicyVersion", version_to_json (version, set_default, created, NULL));
}

void
practice_iam_get_policy_version (PracticeCall *call,
                                 gpointer      service)
{
  PracticeIam *self = service;
  g_auto (Policy) policy = { 0 };
  gint64 version = get_version (call);
  JsonObject *object = NULL;

  if (version < 0 || !get_policy (self, call, &policy))
    return;
  if (policy.of_aws) {
    g_autofree char *document = practice_iam_get_document (self, policy.arn);

    if (version == policy.default_version)
      object = version_to_json (version, TRUE, policy.updated, document);
  } else {
    sqlite3_stmt *row = practice_store_prepare (practice_iam_get_store (self),
                                                "SELECT document, created FROM iam_version WHERE arn = ? AND version = ?", "si", policy.arn, version);

    if (sqlite3_step (row) == SQLITE_ROW) {
      g_autofree char *created = practice_iam_format_time (sqlite3_column_int64 (row, 1));

      object = version_to_json (version, version == policy.default_version, created, (const char *) sqlite3_column_text (row, 0));
    }
    sqlite3_reset (row);
  }
  if (object != NULL)
    return_member (call, "PolicyVersion", object);
  else
    fail_version (call, &policy, version);
}

void
practice_iam_list_policy_versions (PracticeCall *call,
                                   gpointer      service)
{
  PracticeIam *self = service;
  g_auto (Policy) policy = { 0 };
  g_auto (PracticeIamPage) page = { 0 };
  gint64 before = G_MAXINT64;

  if (!get_policy (self, call, &policy) || !practice_iam_page_begin (&page, call))
    return;
  if (*page.after != '\0')
    before = g_ascii_strtoll (page.after, NULL, 10);
  if (policy.of_aws) {
    practice_iam_page_add_object (&page, "1", version_to_json (policy.default_version, TRUE, policy.updated, NULL));
  } else {
    sqlite3_stmt *row = practice_store_prepare (practice_iam_get_store (self),
                                                "SELECT version, created FROM iam_version WHERE arn = ? AND version < ? ORDER BY version DESC",
                                                "si", policy.arn, before);

    while (sqlite3_step (row) == SQLITE_ROW) {
      gint64 version = sqlite3_column_int64 (row, 0);
      g_autofree char *created = practice_iam_format_time (sqlite3_column_int64 (row, 1));
      g_autofree char *key = g_strdup_printf ("%" G_GINT64_FORMAT, version);

      if (!practice_iam_page_add_object (&page, key, version_to_json (version, version == policy.default_version, created, NULL)))
        break;
    }
    sqlite3_reset (row);
  }
  practice_iam_page_return (&page, call, "Versions", NULL);
}

void
practice_iam_delete_policy_version (PracticeCall *call,
                                    gpointer      service)
{
  PracticeIam *self = service;
  g_auto (Policy) policy = { 0 };
  gint64 version = get_version (call);

  if (version < 0 || !get_own_policy (self, call, &policy))
    return;
  if (version == policy.default_version) {
    practice_call_fail (call, 409, "DeleteConflict", "Cannot delete the default version of a policy.");
    return;
  }
  if (practice_store_run (practice_iam_get_store (self), "DELETE FROM iam_version WHERE arn = ? AND version = ?", "si", policy.arn, version) == 0) {
    fail_version (call, &policy, version);
    return;
  }
  practice_iam_emit (call, "resource-updated", policy.arn, POLICY_TYPE, policy.name);
  practice_call_return (call, NULL);
}

void
practice_iam_set_default_policy_version (PracticeCall *call,
                                         gpointer      service)
{
  PracticeIam *self = service;
  g_auto (Policy) policy = { 0 };
  gint64 version = get_version (call);

  if (version < 0 || !get_own_policy (self, call, &policy))
    return;
  if (practice_store_run (practice_iam_get_store (self),
                          "UPDATE iam_policy SET default_version = ?1, updated = ?3 WHERE arn = ?2 AND EXISTS "
                          "(SELECT 1 FROM iam_version WHERE arn = ?2 AND version = ?1)", "isi", version, policy.arn, practice_iam_now ()) == 0) {
    fail_version (call, &policy, version);
    return;
  }
  practice_iam_changed (self);
  practice_iam_emit (call, "resource-updated", policy.arn, POLICY_TYPE, policy.name);
  practice_call_return (call, NULL);
}
