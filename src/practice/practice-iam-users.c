/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-iam-ops.h"

#include <string.h>

#define MAX_KEYS 2
#define USER_TYPE "AWS::IAM::User"

#define USER_COLUMNS "name, id, path, arn, created"

static JsonObject *
user_to_json (PracticeIam  *self,
              sqlite3_stmt *row)
{
  JsonObject *user = json_object_new ();

  json_object_set_string_member (user, "Path", (const char *) sqlite3_column_text (row, 2));
  json_object_set_string_member (user, "UserName", (const char *) sqlite3_column_text (row, 0));
  json_object_set_string_member (user, "UserId", (const char *) sqlite3_column_text (row, 1));
  json_object_set_string_member (user, "Arn", (const char *) sqlite3_column_text (row, 3));
  practice_iam_set_time (user, "CreateDate", sqlite3_column_int64 (row, 4));
  return user;
}

static void
return_user (PracticeIam  *self,
             PracticeCall *call,
             const char   *name)
{
  sqlite3_stmt *row = practice_store_prepare (practice_iam_get_store (self),
                                              "SELECT " USER_COLUMNS " FROM iam_user WHERE name = ?", "s", name);
  JsonObject *result = json_object_new ();

  if (sqlite3_step (row) == SQLITE_ROW) {
    JsonObject *user = user_to_json (self, row);

    practice_iam_set_tags (self, user, (const char *) sqlite3_column_text (row, 3));
    json_object_set_object_member (result, "User", user);
  }
  sqlite3_reset (row);
  practice_call_return (call, result);
}

static guint
count_keys (PracticeIam *self,
            const char  *user)
{
  GHashTableIter iter;
  gpointer value = NULL;
  guint count = 0;

  g_hash_table_iter_init (&iter, practice_iam_get_keys (self));
  while (g_hash_table_iter_next (&iter, NULL, &value)) {
    const PracticeKey *key = value;

    count += key->user != NULL && g_ascii_strcasecmp (key->user, user) == 0;
  }
  return count;
}

/* The user named, or who calls where none is named. */
static gboolean
get_key_owner (PracticeIam       *self,
               PracticeCall      *call,
               PracticeIamHolder *holder)
{
  PracticePrincipal *principal = practice_call_get_principal (call);

  if (practice_call_get_string (call, "UserName") == NULL && principal->kind == PRACTICE_PRINCIPAL_USER)
    json_object_set_string_member (practice_call_get_params (call), "UserName", strrchr (principal->arn, '/') + 1);
  holder->kind = "user";
  holder->name = practice_iam_require_name (call, "UserName", 128);
  if (holder->name == NULL)
    return FALSE;
  holder->arn = practice_iam_find_holder (self, "user", holder->name);
  if (holder->arn == NULL) {
    practice_call_fail (call, 404, "NoSuchEntity", "The user with name %s cannot be found.", holder->name);
    return FALSE;
  }
  return practice_iam_allow (call, holder->arn);
}

static PracticeKey *
get_key (PracticeIam             *self,
         PracticeCall            *call,
         const PracticeIamHolder *user)
{
  const char *id = practice_iam_require (call, "AccessKeyId");
  PracticeKey *key = id != NULL ? g_hash_table_lookup (practice_iam_get_keys (self), id) : NULL;

  if (id == NULL)
    return NULL;
  if (key == NULL || key->user == NULL || g_ascii_strcasecmp (key->user, user->name) != 0) {
    practice_call_fail (call, 404, "NoSuchEntity", "The Access Key with id %s cannot be found.", id);
    return NULL;
  }
  return key;
}

static JsonObject *
key_to_json (const PracticeKey *key)
{
  JsonObject *object = json_object_new ();

  json_object_set_string_member (object, "UserName", key->user);
  json_object_set_string_member (object, "AccessKeyId", aws_credentials_get_access_key_id (key->credentials));
  json_object_set_string_member (object, "Status", key->inactive ? "Inactive" : "Active");
  practice_iam_set_time (object, "CreateDate", key->created);
  return object;
}

void
practice_iam_create_user (PracticeCall *call,
                          gpointer      service)
{
  PracticeIam *self = service;
  const char *name = practice_iam_require_name (call, "UserName", 64);
  const char *path = name != NULL ? practice_iam_get_path (call) : NULL;
  JsonArray *tags = path != NULL ? practice_call_get_array (call, "Tags") : NULL;
  g_autofree char *arn = NULL;
  g_autofree char *other = NULL;
  g_autofree char *id = NULL;

  if (path == NULL || practice_call_is_answered (call))
    return;
  arn = g_strdup_printf ("arn:aws:iam::%s:user%s%s", practice_call_get_account (call), path, name);
  if (!practice_iam_allow (call, arn) || !practice_iam_check_tags (call, tags))
    return;
  other = practice_iam_find_holder (self, "user", name);
  if (other != NULL) {
    practice_call_fail (call, 409, "EntityAlreadyExists", "User with name %s already exists.", name);
    return;
  }
  id = practice_iam_new_id ("AIDA");
  practice_store_run (practice_iam_get_store (self), "INSERT INTO iam_user VALUES (?, ?, ?, ?, ?)", "ssssi",
                      name, id, path, arn, practice_iam_now ());
  practice_iam_store_tags (self, arn, tags);
  practice_iam_changed (self);
  practice_iam_emit (call, "resource-created", arn, USER_TYPE, name);
  return_user (self, call, name);
}

void
practice_iam_get_user (PracticeCall *call,
                       gpointer      service)
{
  PracticePrincipal *principal = practice_call_get_principal (call);
  g_auto (PracticeIamHolder) user = { 0 };

  if (practice_call_get_string (call, "UserName") == NULL && principal->kind == PRACTICE_PRINCIPAL_ROOT) {
    JsonObject *result = json_object_new ();
    JsonObject *root = json_object_new ();

    json_object_set_string_member (root, "Path", "/");
    json_object_set_string_member (root, "UserId", principal->account);
    json_object_set_string_member (root, "Arn", principal->arn);
    practice_iam_set_time (root, "CreateDate", practice_iam_now ());
    json_object_set_object_member (result, "User", root);
    practice_call_return (call, result);
    return;
  }
  if (!practice_call_is_answered (call) && get_key_owner (service, call, &user))
    return_user (service, call, user.name);
}

void
practice_iam_delete_user (PracticeCall *call,
                          gpointer      service)
{
  PracticeIam *self = service;
  PracticeStore *store = practice_iam_get_store (self);
  g_auto (PracticeIamHolder) user = { 0 };
  sqlite3_stmt *statement = NULL;
  gboolean in_use = FALSE;

  if (!practice_iam_get_holder (self, call, &user) || practice_iam_is_in_use (self, call, user.kind, user.name))
    return;
  statement = practice_store_prepare (store, "SELECT 1 FROM iam_service_credential WHERE user = ?", "s", user.name);
  in_use = sqlite3_step (statement) == SQLITE_ROW || count_keys (self, user.name) > 0;
  sqlite3_reset (statement);
  if (in_use) {
    practice_call_fail (call, 409, "DeleteConflict", "Cannot delete entity, must remove referenced objects first.");
    return;
  }
  practice_store_run (store, "DELETE FROM iam_user WHERE name = ?", "s", user.name);
  practice_iam_drop_tags (self, user.arn);
  practice_iam_changed (self);
  practice_iam_emit (call, "resource-deleted", user.arn, USER_TYPE, user.name);
  practice_call_return (call, NULL);
}

void
practice_iam_list_users (PracticeCall *call,
                         gpointer      service)
{
  practice_iam_list_by_path (service, call, "SELECT " USER_COLUMNS " FROM iam_user" PRACTICE_IAM_BY_PATH, user_to_json, "Users");
}

void
practice_iam_create_access_key (PracticeCall *call,
                                gpointer      service)
{
  PracticeIam *self = service;
  g_auto (PracticeIamHolder) user = { 0 };
  g_autoptr (AwsCredentials) credentials = NULL;
  g_autoptr (PracticePrincipal) principal = NULL;
  sqlite3_stmt *row = NULL;
  JsonObject *object = NULL;
  JsonObject *result = NULL;

  if (!get_key_owner (self, call, &user))
    return;
  if (count_keys (self, user.name) >= MAX_KEYS) {
    practice_call_fail (call, 409, "LimitExceeded", "Cannot exceed quota for AccessKeysPerUser: %d", MAX_KEYS);
    return;
  }
  principal = practice_principal_new (PRACTICE_PRINCIPAL_USER, user.arn, practice_call_get_account (call));
  row = practice_store_prepare (practice_iam_get_store (self), "SELECT id FROM iam_user WHERE name = ?", "s", user.name);
  if (sqlite3_step (row) == SQLITE_ROW)
    principal->id = g_strdup ((const char *) sqlite3_column_text (row, 0));
  sqlite3_reset (row);

  credentials = practice_iam_new_credentials ("AKIA", FALSE);
  object = key_to_json (practice_iam_add_key (self, credentials, principal, user.name, 0));
  json_object_set_string_member (object, "SecretAccessKey", aws_credentials_get_secret (credentials));
  result = json_object_new ();
  json_object_set_object_member (result, "AccessKey", object);
  practice_call_return (call, result);
}

void
practice_iam_list_access_keys (PracticeCall *call,
                               gpointer      service)
{
  PracticeIam *self = service;
  g_auto (PracticeIamHolder) user = { 0 };
  JsonArray *keys = NULL;
  JsonObject *result = NULL;
  GHashTableIter iter;
  gpointer value = NULL;

  if (!get_key_owner (self, call, &user))
    return;
  keys = json_array_new ();
  g_hash_table_iter_init (&iter, practice_iam_get_keys (self));
  while (g_hash_table_iter_next (&iter, NULL, &value)) {
    const PracticeKey *key = value;

    if (key->user != NULL && g_ascii_strcasecmp (key->user, user.name) == 0)
      json_array_add_object_element (keys, key_to_json (key));
  }
  result = json_object_new ();
  json_object_set_boolean_member (result, "IsTruncated", FALSE);
  json_object_set_array_member (result, "AccessKeyMetadata", keys);
  practice_call_return (call, result);
}

void
practice_iam_delete_access_key (PracticeCall *call,
                                gpointer      service)
{
  PracticeIam *self = service;
  g_auto (PracticeIamHolder) user = { 0 };
  PracticeKey *key = NULL;

  if (!get_key_owner (self, call, &user) || (key = get_key (self, call, &user)) == NULL)
    return;
  g_hash_table_remove (practice_iam_get_keys (self), aws_credentials_get_access_key_id (key->credentials));
  practice_call_return (call, NULL);
}

void
practice_iam_update_access_key (PracticeCall *call,
                                gpointer      service)
{
  PracticeIam *self = service;
  g_auto (PracticeIamHolder) user = { 0 };
  const char *status = practice_iam_require (call, "Status");
  PracticeKey *key = NULL;

  if (status == NULL || !get_key_owner (self, call, &user) || (key = get_key (self, call, &user)) == NULL)
    return;
  if (strcmp (status, "Active") != 0 && strcmp (status, "Inactive") != 0) {
    practice_call_fail (call, 400, "ValidationError", "1 validation error detected: Value '%s' at 'status' failed to satisfy constraint: "
                        "Member must satisfy enum value set: [Active, Inactive]", status);
    return;
  }
  key->inactive = strcmp (status, "Inactive") == 0;
  practice_call_return (call, NULL);
}

/* A user's password for a service that does not sign requests. Its password is shown once and serves nothing here. */
void
practice_iam_create_service_credential (PracticeCall *call,
                                        gpointer      service)
{
  static const char *const supported[] = { "cassandra.amazonaws.com", "codecommit.amazonaws.com", NULL };
  PracticeIam *self = service;
  g_auto (PracticeIamHolder) user = { 0 };
  const char *name = practice_iam_require (call, "ServiceName");
  g_autoptr (AwsCredentials) password = NULL;
  g_autofree char *id = NULL;
  g_autofree char *login = NULL;
  JsonObject *credential = NULL;
  JsonObject *result = NULL;

  if (name == NULL || !get_key_owner (self, call, &user))
    return;
  if (!g_strv_contains (supported, name)) {
    practice_call_fail (call, 404, "NoSuchEntity", "No such service %s is supported for Service Specific Credentials", name);
    return;
  }
  id = practice_iam_new_id ("ACCA");
  password = practice_iam_new_credentials ("ACCA", FALSE);
  login = g_strdup_printf ("%s-at-%s", user.name, practice_call_get_account (call));
  practice_store_run (practice_iam_get_store (self), "INSERT INTO iam_service_credential VALUES (?, ?, ?)", "sss", id, user.name, name);

  credential = json_object_new ();
  practice_iam_set_time (credential, "CreateDate", practice_iam_now ());
  json_object_set_string_member (credential, "ServiceName", name);
  json_object_set_string_member (credential, "ServiceUserName", login);
  json_object_set_string_member (credential, "ServicePassword", aws_credentials_get_secret (password));
  json_object_set_string_member (credential, "ServiceSpecificCredentialId", id);
  json_object_set_string_member (credential, "UserName", user.name);
  json_object_set_string_member (credential, "Status", "Active");
  result = json_object_new ();
  json_object_set_object_member (result, "ServiceSpecificCredential", credential);
  practice_call_return (call, result);
}

void
practice_iam_delete_service_credential (PracticeCall *call,
                                        gpointer      service)
{
  PracticeIam *self = service;
  g_auto (PracticeIamHolder) user = { 0 };
  const char *id = practice_iam_require (call, "ServiceSpecificCredentialId");

  if (id == NULL || !get_key_owner (self, call, &user))
    return;
  if (practice_store_run (practice_iam_get_store (self), "DELETE FROM iam_service_credential WHERE id = ? AND user = ?", "ss", id, user.name) == 0) {
    practice_call_fail (call, 404, "NoSuchEntity", "No such credential %s exists", id);
    return;
  }
  practice_call_return (call, NULL);
}
