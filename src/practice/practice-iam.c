/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-iam-private.h"

#include <string.h>

#include "aws-signer.h"

/* How long the key of a session that has ended is remembered, to be answered "expired" instead of "invalid". */
#define REMEMBER_EXPIRED (3600)

struct _PracticeIam {
  GObject         parent_instance;

  PracticeServer *server;   /* not owned */
  PracticeStore  *store;
  GHashTable     *keys;     /* access key id → PracticeKey */
  AwsCredentials *root;
};

G_DEFINE_FINAL_TYPE (PracticeIam, practice_iam, G_TYPE_OBJECT)

static void
key_free (PracticeKey *key)
{
  aws_credentials_unref (key->credentials);
  practice_principal_unref (key->principal);
  g_free (key->user);
  g_free (key);
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

static void
practice_iam_finalize (GObject *object)
{
  PracticeIam *self = PRACTICE_IAM (object);

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
  practice_store_exec (self->store,
                       "CREATE TABLE IF NOT EXISTS iam_role (name TEXT COLLATE NOCASE PRIMARY KEY, id TEXT NOT NULL, path TEXT NOT NULL,"
                       " arn TEXT NOT NULL UNIQUE, trust TEXT NOT NULL, description TEXT, max_session INTEGER NOT NULL,"
                       " created INTEGER NOT NULL, used INTEGER, used_region TEXT);");

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

gboolean
practice_iam_is_allowed (PracticeIam        *self,
                         PracticePrincipal  *principal,
                         const char         *action,
                         const char         *resource,
                         const char         *resource_policy,
                         JsonObject         *context,
                         char              **message)
{
  return TRUE;
}

gboolean
practice_iam_can_assume (PracticeIam *self,
                         const char  *role_arn,
                         const char  *service)
{
  sqlite3_stmt *statement = practice_store_prepare (self->store, "SELECT 1 FROM iam_role WHERE arn = ?", "s", role_arn);
  gboolean found = sqlite3_step (statement) == SQLITE_ROW;

  sqlite3_reset (statement);
  return found;
}

gboolean
practice_iam_role_allows (PracticeIam *self,
                          const char  *role_arn,
                          const char  *action,
                          const char  *resource)
{
  return practice_iam_can_assume (self, role_arn, NULL);
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
