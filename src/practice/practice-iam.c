/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-iam-ops.h"

#include <string.h>
#include <unistd.h>

#include "practice-json.h"

/* How long the key of a session that has ended is remembered, to be answered "expired" instead of "invalid". */
#define REMEMBER_EXPIRED 3600
/* How exact a role's last use is (its write should not come with every session). */
#define USED_SECONDS 3600
#define MAX_DOCUMENTS 512

/* What a user or role may do. */
typedef struct {
  GPtrArray  *policies;   /* JsonObject */
  JsonObject *tags;       /* name → value */
} Identity;

struct _PracticeIam {
  GObject         parent_instance;

  PracticeServer *server;   /* not owned */
  PracticeStore  *store;
  GHashTable     *keys;        /* access key id → PracticeKey */
  GHashTable     *identities;  /* ARN of a user or role → Identity */
  GHashTable     *documents;   /* text of a policy → JsonObject */
  AwsCredentials *root;
};

G_DEFINE_FINAL_TYPE (PracticeIam, practice_iam, G_TYPE_OBJECT)

static void
key_free (PracticeKey *key)
{
  aws_credentials_unref (key->credentials);
  practice_principal_unref (key->principal);
  g_free (key->signing->scope);
  explicit_bzero (key->signing, sizeof *key->signing);
  g_free (key->signing);
  g_free (key->user);
  g_free (key);
}

static void
identity_free (Identity *identity)
{
  g_ptr_array_unref (identity->policies);
  json_object_unref (identity->tags);
  g_free (identity);
}

static void
random_bytes (guint8 *bytes,
              gsize   length)
{
  if (getentropy (bytes, length) != 0)
    g_error ("The system has no random numbers");
}

static char *
random_text (const char *alphabet,
             guint       alphabet_length,
             guint       length)
{
  char *text = g_malloc (length + 1);
  guint8 bytes[256];

  g_assert (length <= sizeof bytes);
  random_bytes (bytes, length);
  for (guint i = 0; i < length; i++)
    text[i] = alphabet[bytes[i] % alphabet_length];
  text[length] = '\0';
  explicit_bzero (bytes, sizeof bytes);
  return text;
}

static void
forget_expired (PracticeIam *self)
{
  gint64 now = g_get_real_time () / G_USEC_PER_SEC;
  GHashTableIter iter;
  gpointer value = NULL;

  g_hash_table_iter_init (&iter, self->keys);
  while (g_hash_table_iter_next (&iter, NULL, &value)) {
    const PracticeKey *key = value;

    if (key->expires != 0 && key->expires + REMEMBER_EXPIRED < now)
      g_hash_table_iter_remove (&iter);
  }
}

/* (transfer none) (nullable): the policy, which was checked when it was stored. */
static JsonObject *
get_parsed (PracticeIam *self,
            const char  *text)
{
  JsonObject *policy = g_hash_table_lookup (self->documents, text);

  if (policy != NULL)
    return policy;
  policy = practice_json_parse_object (text, -1, NULL);
  if (policy == NULL)
    return NULL;
  if (g_hash_table_size (self->documents) >= MAX_DOCUMENTS)
    g_hash_table_remove_all (self->documents);
  g_hash_table_insert (self->documents, g_strdup (text), policy);
  return policy;
}

static void
add_policy (Identity   *identity,
            const char *text)
{
  JsonObject *policy = practice_json_parse_object (text, -1, NULL);

  if (policy != NULL)
    g_ptr_array_add (identity->policies, policy);
}

static void
load_policies (PracticeIam *self,
               Identity    *identity,
               const char  *kind,
               const char  *name)
{
  g_autoptr (GPtrArray) attached = g_ptr_array_new_with_free_func (g_free);
  sqlite3_stmt *row = practice_store_prepare (self->store, "SELECT document FROM iam_inline WHERE kind = ? AND holder = ?", "ss", kind, name);

  while (sqlite3_step (row) == SQLITE_ROW)
    add_policy (identity, (const char *) sqlite3_column_text (row, 0));
  sqlite3_reset (row);

  row = practice_store_prepare (self->store, "SELECT arn FROM iam_attachment WHERE kind = ? AND holder = ?", "ss", kind, name);
  while (sqlite3_step (row) == SQLITE_ROW)
    g_ptr_array_add (attached, g_strdup ((const char *) sqlite3_column_text (row, 0)));
  sqlite3_reset (row);
  for (guint i = 0; i < attached->len; i++) {
    g_autofree char *document = practice_iam_get_document (self, g_ptr_array_index (attached, i));

    if (document != NULL)
      add_policy (identity, document);
  }
}

static void
load_tags (PracticeIam *self,
           Identity    *identity,
           const char  *arn)
{
  g_autoptr (JsonArray) tags = practice_iam_load_tags (self, arn);

  for (guint i = 0; i < json_array_get_length (tags); i++) {
    JsonObject *tag = json_array_get_object_element (tags, i);

    json_object_set_string_member (identity->tags, practice_json_get_string (tag, "Key"), practice_json_get_string (tag, "Value"));
  }
}

/* (transfer none): what @principal has; nothing where it is neither user nor role, or was deleted. */
static Identity *
get_identity (PracticeIam       *self,
              PracticePrincipal *principal)
{
  const char *arn = principal->kind == PRACTICE_PRINCIPAL_ROLE ? principal->role_arn : principal->arn;
  Identity *identity = g_hash_table_lookup (self->identities, arn);
  const char *slash = strrchr (arn, '/');
  const char *kind = NULL;
  g_autofree char *found = NULL;

  if (identity != NULL)
    return identity;
  identity = g_new0 (Identity, 1);
  identity->policies = g_ptr_array_new_with_free_func ((GDestroyNotify) json_object_unref);
  identity->tags = json_object_new ();
  if (principal->kind == PRACTICE_PRINCIPAL_ROLE)
    kind = "role";
  else if (principal->kind == PRACTICE_PRINCIPAL_USER)
    kind = "user";
  if (kind != NULL && slash != NULL)
    found = practice_iam_find_holder (self, kind, slash + 1);
  if (g_strcmp0 (found, arn) == 0) {
    load_policies (self, identity, kind, slash + 1);
    load_tags (self, identity, arn);
  }
  g_hash_table_insert (self->identities, g_strdup (arn), identity);
  return identity;
}

/* AWS's sentences: IAM User Guide, "Troubleshoot access denied error messages". */
static char *
denied_message (PracticePrincipal *principal,
                const char        *action,
                const char        *resource,
                PracticeVerdict    identity,
                PracticeVerdict    resource_verdict)
{
  const char *kind = principal->kind == PRACTICE_PRINCIPAL_SERVICE || principal->kind == PRACTICE_PRINCIPAL_ANONYMOUS ? "resource" : "identity";

  if (identity == PRACTICE_VERDICT_DENY || resource_verdict == PRACTICE_VERDICT_DENY)
    return g_strdup_printf ("User: %s is not authorized to perform: %s on resource: %s with an explicit deny in %s-based policy",
                            principal->arn, action, resource, identity == PRACTICE_VERDICT_DENY ? "an identity" : "a resource");
  return g_strdup_printf ("User: %s is not authorized to perform: %s on resource: %s because no %s-based policy allows the %s action",
                          principal->arn, action, resource, kind, action);
}

static void
note_use (PracticeIam *self,
          const char  *role_arn)
{
  gint64 now = practice_iam_now ();

  practice_store_run (self->store, "UPDATE iam_role SET used = ?1, used_region = ?2 WHERE arn = ?3 AND (used IS NULL OR used < ?4)", "issi",
                      now, practice_server_get_region (self->server), role_arn, now - USED_SECONDS);
}

static void
practice_iam_finalize (GObject *object)
{
  PracticeIam *self = PRACTICE_IAM (object);

  g_clear_pointer (&self->identities, g_hash_table_unref);
  g_clear_pointer (&self->documents, g_hash_table_unref);

  g_clear_pointer (&self->keys, g_hash_table_unref);
  g_clear_pointer (&self->root, aws_credentials_unref);
  g_clear_object (&self->store);
  G_OBJECT_CLASS (practice_iam_parent_class)->finalize (object);
}

static void
practice_iam_class_init (PracticeIamClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = practice_iam_finalize;
}

static void
practice_iam_init (PracticeIam *self)
{
  self->keys = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) key_free);
  self->identities = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) identity_free);
  self->documents = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, (GDestroyNotify) json_object_unref);
}

char *
practice_iam_new_id (const char *prefix)
{
  g_autofree char *rest = random_text ("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 32, 17);

  return g_strconcat (prefix, rest, NULL);
}

AwsCredentials *
practice_iam_new_credentials (const char *prefix,
                              gboolean    with_token)
{
  static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  g_autofree char *rest = random_text ("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 32, 16);
  g_autofree char *id = g_strconcat (prefix, rest, NULL);
  g_autofree char *secret = random_text (alphabet, 64, 40);
  g_autofree char *token = with_token ? random_text (alphabet, 64, 200) : NULL;
  AwsCredentials *credentials = aws_credentials_new (id, secret, token);

  explicit_bzero (secret, strlen (secret));
  if (token != NULL)
    explicit_bzero (token, strlen (token));
  return credentials;
}

PracticeKey *
practice_iam_add_key (PracticeIam       *self,
                      AwsCredentials    *credentials,
                      PracticePrincipal *principal,
                      const char        *user,
                      gint64             expires)
{
  PracticeKey *key = g_new0 (PracticeKey, 1);

  key->credentials = aws_credentials_ref (credentials);
  key->principal = practice_principal_ref (principal);
  key->signing = g_new0 (PracticeSigningKey, 1);
  key->user = g_strdup (user);
  key->expires = expires;
  key->created = g_get_real_time () / G_USEC_PER_SEC;
  g_hash_table_insert (self->keys, g_strdup (aws_credentials_get_access_key_id (credentials)), key);
  return key;
}

PracticeIam *
practice_iam_new (PracticeServer *server)
{
  PracticeIam *self = g_object_new (PRACTICE_TYPE_IAM, NULL);
  const char *account = practice_server_get_account (server);
  g_autofree char *arn = g_strdup_printf ("arn:aws:iam::%s:root", account);
  g_autoptr (PracticePrincipal) principal = practice_principal_new (PRACTICE_PRINCIPAL_ROOT, arn, account);

  self->server = server;
  self->store = g_object_ref (practice_server_get_store (server));
  practice_iam_start_service (self, server);

  principal->id = g_strdup (account);
  self->root = practice_iam_new_credentials ("AKIA", FALSE);
  practice_iam_add_key (self, self->root, principal, NULL, 0);
  return self;
}

AwsCredentials *
practice_iam_get_root (PracticeIam *self)
{
  return self->root;
}

const PracticeKey *
practice_iam_lookup_key (PracticeIam *self,
                         const char  *access_key_id)
{
  const PracticeKey *key = g_hash_table_lookup (self->keys, access_key_id);

  return key != NULL && !key->inactive ? key : NULL;
}

PracticeStore *
practice_iam_get_store (PracticeIam *self)
{
  return self->store;
}

GHashTable *
practice_iam_get_keys (PracticeIam *self)
{
  return self->keys;
}

void
practice_iam_changed (PracticeIam *self)
{
  g_hash_table_remove_all (self->identities);
}

PracticeVerdict
practice_iam_evaluate_identity (PracticeIam       *self,
                                PracticePrincipal *principal,
                                const char        *action,
                                const char        *resource,
                                JsonObject        *context)
{
  Identity *identity = get_identity (self, principal);
  PracticePolicyRequest request = {
    .principal = principal, .action = action, .resource = resource, .context = context, .tags = identity->tags,
  };
  PracticeVerdict verdict = PRACTICE_VERDICT_NONE;

  for (guint i = 0; i < identity->policies->len && verdict != PRACTICE_VERDICT_DENY; i++) {
    PracticeVerdict one = practice_policy_evaluate (g_ptr_array_index (identity->policies, i), &request);

    verdict = MAX (verdict, one);
  }
  return verdict;
}

PracticeVerdict
practice_iam_evaluate_trust (PracticeIam       *self,
                             const char        *role_arn,
                             PracticePrincipal *principal,
                             JsonObject        *context,
                             gboolean          *account)
{
  const char *account_id = practice_server_get_account (self->server);
  g_autofree char *root_arn = g_strdup_printf ("arn:aws:iam::%s:root", account_id);
  g_autoptr (PracticePrincipal) root = practice_principal_new (PRACTICE_PRINCIPAL_ROOT, root_arn, account_id);
  PracticePolicyRequest request = { .principal = principal, .action = "sts:AssumeRole", .resource = role_arn, .context = context };
  sqlite3_stmt *row = practice_store_prepare (self->store, "SELECT trust FROM iam_role WHERE arn = ?", "s", role_arn);
  JsonObject *trust = NULL;
  PracticeVerdict verdict = PRACTICE_VERDICT_NONE;

  if (sqlite3_step (row) == SQLITE_ROW)
    trust = get_parsed (self, (const char *) sqlite3_column_text (row, 0));
  sqlite3_reset (row);
  *account = FALSE;
  if (trust == NULL)
    return verdict;

  request.tags = get_identity (self, principal)->tags;
  verdict = practice_policy_evaluate (trust, &request);
  if (verdict == PRACTICE_VERDICT_NONE && principal->kind != PRACTICE_PRINCIPAL_SERVICE) {
    request.principal = root;
    *account = practice_policy_evaluate (trust, &request) == PRACTICE_VERDICT_ALLOW;
  }
  return verdict;
}

PracticePrincipal *
practice_iam_get_principal (PracticeIam *self,
                            const char  *arn)
{
  const char *name = strrchr (arn, '/');
  g_autofree char *user = NULL;
  sqlite3_stmt *row = NULL;
  PracticePrincipal *principal = NULL;

  if (name == NULL)
    return NULL;
  user = practice_iam_find_holder (self, "user", name + 1);
  if (g_strcmp0 (user, arn) != 0)
    return practice_iam_open_session (self, arn, "practice", 0, NULL);

  principal = practice_principal_new (PRACTICE_PRINCIPAL_USER, arn, practice_server_get_account (self->server));
  row = practice_store_prepare (self->store, "SELECT id FROM iam_user WHERE arn = ?", "s", arn);
  if (sqlite3_step (row) == SQLITE_ROW)
    principal->id = g_strdup ((const char *) sqlite3_column_text (row, 0));
  sqlite3_reset (row);
  return principal;
}

gboolean
practice_iam_is_allowed (PracticeIam        *self,
                         PracticePrincipal  *principal,
                         const char         *action,
                         const char         *resource,
                         const char         *resource_policy,
                         JsonObject         *context,
                         char              **message)
{
  JsonObject *policy = resource_policy != NULL ? get_parsed (self, resource_policy) : NULL;
  PracticeVerdict identity = PRACTICE_VERDICT_NONE;
  PracticeVerdict resource_verdict = PRACTICE_VERDICT_NONE;

  if (principal->kind == PRACTICE_PRINCIPAL_ROOT)
    identity = PRACTICE_VERDICT_ALLOW;
  else if (principal->kind == PRACTICE_PRINCIPAL_USER || principal->kind == PRACTICE_PRINCIPAL_ROLE)
    identity = practice_iam_evaluate_identity (self, principal, action, resource, context);

  if (policy != NULL) {
    PracticePolicyRequest request = {
      .principal = principal, .action = action, .resource = resource, .context = context, .tags = get_identity (self, principal)->tags,
    };

    resource_verdict = practice_policy_evaluate (policy, &request);
  }

  if (identity != PRACTICE_VERDICT_DENY && resource_verdict != PRACTICE_VERDICT_DENY &&
      (identity == PRACTICE_VERDICT_ALLOW || resource_verdict == PRACTICE_VERDICT_ALLOW))
    return TRUE;
  if (message != NULL)
    *message = denied_message (principal, action, resource, identity, resource_verdict);
  return FALSE;
}

gboolean
practice_iam_can_assume (PracticeIam *self,
                         const char  *role_arn,
                         const char  *service)
{
  const char *account = practice_server_get_account (self->server);
  g_autoptr (PracticePrincipal) principal = practice_principal_new_service (service, NULL, account);
  g_autoptr (JsonObject) context = json_object_new ();
  gboolean delegated = FALSE;

  json_object_set_string_member (context, "aws:SourceAccount", account);
  return practice_iam_evaluate_trust (self, role_arn, principal, context, &delegated) == PRACTICE_VERDICT_ALLOW;
}

gboolean
practice_iam_role_allows (PracticeIam *self,
                          const char  *role_arn,
                          const char  *action,
                          const char  *resource)
{
  g_autoptr (PracticePrincipal) principal = practice_iam_open_session (self, role_arn, "practice", 0, NULL);

  return principal != NULL && practice_iam_evaluate_identity (self, principal, action, resource, NULL) == PRACTICE_VERDICT_ALLOW;
}

PracticePrincipal *
practice_iam_open_session (PracticeIam     *self,
                           const char      *role_arn,
                           const char      *session_name,
                           guint            seconds,
                           AwsCredentials **credentials)
{
  const char *account = practice_server_get_account (self->server);
  sqlite3_stmt *statement = practice_store_prepare (self->store, "SELECT name, id FROM iam_role WHERE arn = ?", "s", role_arn);
  g_autoptr (PracticePrincipal) principal = NULL;
  g_autofree char *arn = NULL;

  if (sqlite3_step (statement) != SQLITE_ROW) {
    sqlite3_reset (statement);
    return NULL;
  }
  arn = g_strdup_printf ("arn:aws:sts::%s:assumed-role/%s/%s", account, sqlite3_column_text (statement, 0), session_name);
  principal = practice_principal_new (PRACTICE_PRINCIPAL_ROLE, arn, account);
  principal->id = g_strdup_printf ("%s:%s", sqlite3_column_text (statement, 1), session_name);
  principal->role_arn = g_strdup (role_arn);
  sqlite3_reset (statement);

  if (credentials != NULL) {
    note_use (self, role_arn);
    forget_expired (self);
    *credentials = practice_iam_new_credentials ("ASIA", TRUE);
    practice_iam_add_key (self, *credentials, principal, NULL, g_get_real_time () / G_USEC_PER_SEC + seconds);
  }
  return g_steal_pointer (&principal);
}

void
practice_iam_close_session (PracticeIam    *self,
                            AwsCredentials *credentials)
{
  g_hash_table_remove (self->keys, aws_credentials_get_access_key_id (credentials));
}

gint64
practice_iam_get_max_session (PracticeIam *self,
                              const char  *role_arn)
{
  sqlite3_stmt *row = practice_store_prepare (self->store, "SELECT max_session FROM iam_role WHERE arn = ?", "s", role_arn);
  gint64 seconds = sqlite3_step (row) == SQLITE_ROW ? sqlite3_column_int64 (row, 0) : 0;

  sqlite3_reset (row);
  return seconds;
}
