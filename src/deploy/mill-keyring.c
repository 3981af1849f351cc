/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-keyring.h"

#include <glib/gi18n-lib.h>
#include <libsecret/secret.h>
#include <string.h>

#include "aws-credentials-text.h"
#include "aws-error.h"
#include "aws-json.h"
#include "mill-keyring-unlock.h"

#define NAME_MAX_LENGTH 64

static const SecretSchema schema = {
  MILLRACE_APP_ID ".Credentials", SECRET_SCHEMA_NONE,
  {
    { "name", SECRET_SCHEMA_ATTRIBUTE_STRING },
    { "region", SECRET_SCHEMA_ATTRIBUTE_STRING },
    { "account", SECRET_SCHEMA_ATTRIBUTE_STRING },
    { "arn", SECRET_SCHEMA_ATTRIBUTE_STRING },
    { "expires", SECRET_SCHEMA_ATTRIBUTE_STRING },
    { NULL, 0 },
  },
};

static const SecretSchema sign_in_schema = {
  MILLRACE_APP_ID ".SignIn", SECRET_SCHEMA_NONE, { { "start-url", SECRET_SCHEMA_ATTRIBUTE_STRING }, { NULL, 0 } },
};

/* Where there is no secret service: for this run only. */
typedef struct {
  MillStored     *stored;
  AwsCredentials *credentials;
} Held;

static GMutex held_mutex;
static GHashTable *held;

static void
held_free (gpointer data)
{
  Held *self = data;

  mill_stored_free (self->stored);
  aws_credentials_unref (self->credentials);
  g_free (self);
}

void
mill_stored_free (MillStored *self)
{
  g_free (self->name);
  g_free (self->region);
  g_free (self->account);
  g_free (self->arn);
  g_free (self);
}

static char *
text_or_empty (const char *text)
{
  return g_strdup (text != NULL ? text : "");
}

static MillStored *
stored_copy (const MillStored *from)
{
  MillStored *self = g_new0 (MillStored, 1);

  self->name = g_strdup (from->name);
  self->region = text_or_empty (from->region);
  self->account = text_or_empty (from->account);
  self->arn = text_or_empty (from->arn);
  self->expires = from->expires;
  self->kept = from->kept;
  return self;
}

/* There is no bus, nobody on it who keeps secrets, or nobody any more. */
static gboolean
is_no_service (const GError *error)
{
  return g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN) || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER) ||
         g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_SPAWN_SERVICE_NOT_FOUND) || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NO_REPLY) ||
         g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_SPAWN_CHILD_EXITED) || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_DISCONNECTED) ||
         g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_NO_SERVER) || g_error_matches (error, G_DBUS_ERROR, G_DBUS_ERROR_SPAWN_EXEC_FAILED) ||
         g_error_matches (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND) || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED) ||
         g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CLOSED) || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_FAILED);
}

static void
fail (GError     **error,
      const char  *code,
      const char  *format,
      const char  *detail)
{
  g_autofree char *message = NULL;
  g_auto(GStrv) parts = g_strsplit (format, "%s", 2);

  message = g_strconcat (parts[0], parts[1] != NULL ? detail : "", parts[1], NULL);
  g_propagate_error (error, aws_error_new (AWS_ERROR_CREDENTIALS, code, message, NULL, 0, FALSE));
}

static void
fail_locked (GError **error)
{
  fail (error, "KeyringLocked", _("The keyring is locked, and it was not unlocked. Try again and enter the keyring’s password, which mostly is the one you "
                                  "log in with."), NULL);
}

/* What libsecret said, as a sentence. */
static void
fail_secret (GError       **error,
             const GError  *trouble)
{
  if (g_error_matches (trouble, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    g_propagate_error (error, g_error_copy (trouble));
  else if (g_error_matches (trouble, SECRET_ERROR, SECRET_ERROR_IS_LOCKED))
    fail_locked (error);
  else
    fail (error, "KeyringFailed", _("The keyring does not do its work: %s. Log out and in again, or enter the credentials for this run only."), trouble->message);
}

static MillStored *
stored_from_item (SecretRetrievable *item)
{
  g_autoptr(GHashTable) attributes = secret_retrievable_get_attributes (item);
  const char *name = g_hash_table_lookup (attributes, "name");
  const char *expires = g_hash_table_lookup (attributes, "expires");
  MillStored *self;

  if (name == NULL || *name == '\0')
    return NULL;
  self = g_new0 (MillStored, 1);
  self->name = g_strdup (name);
  self->region = text_or_empty (g_hash_table_lookup (attributes, "region"));
  self->account = text_or_empty (g_hash_table_lookup (attributes, "account"));
  self->arn = text_or_empty (g_hash_table_lookup (attributes, "arn"));
  self->expires = expires != NULL ? g_ascii_strtoll (expires, NULL, 10) : 0;
  self->kept = TRUE;
  return self;
}

/* The items of @name, of all names where it is NULL; NULL with an error. */
static GList *
search (const char    *name,
        GCancellable  *cancellable,
        GError       **error)
{
  g_autoptr(GHashTable) attributes = g_hash_table_new (g_str_hash, g_str_equal);

  if (name != NULL)
    g_hash_table_insert (attributes, (char *) "name", (char *) name);
  return secret_password_searchv_sync (&schema, attributes, SECRET_SEARCH_ALL, cancellable, error);
}

/*
 * The items of @name, unlocked: the user may have to enter the keyring's password. NULL without an error where there are none; with AWS_ERROR
 * where they stay locked.
 */
static GList *
search_unlocked (const char    *name,
                 GCancellable  *cancellable,
                 GError       **error)
{
  GList *items = search (name, cancellable, error);

  for (GList *l = items; l != NULL; l = l->next)
    if (SECRET_IS_ITEM (l->data) && secret_item_get_locked (l->data) &&
        !mill_keyring_unlock (g_dbus_proxy_get_object_path (G_DBUS_PROXY (l->data)), cancellable))
      {
        g_list_free_full (items, g_object_unref);
        if (!g_cancellable_set_error_if_cancelled (cancellable, error))
          fail_locked (error);
        return NULL;
      }
  return items;
}

/* Takes the items of @name away. FALSE with what libsecret said, or with AWS_ERROR where one is locked and stays so. */
static gboolean
clear (const char    *name,
       GCancellable  *cancellable,
       GError       **error)
{
  g_autoptr(GHashTable) attributes = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr(GError) trouble = NULL;
  GList *items;

  items = search_unlocked (name, cancellable, &trouble);
  if (items != NULL)
    {
      g_list_free_full (items, g_object_unref);
      g_hash_table_insert (attributes, (char *) "name", (char *) name);
      secret_password_clearv_sync (&schema, attributes, cancellable, &trouble);
    }
  if (trouble == NULL)
    return TRUE;
  g_propagate_error (error, g_steal_pointer (&trouble));
  return FALSE;
}

static int
compare_names (gconstpointer a,
               gconstpointer b)
{
  const MillStored *first = *(MillStored *const *) a;
  const MillStored *second = *(MillStored *const *) b;

  return g_utf8_collate (first->name, second->name);
}

static void
hold (const MillStored *stored,
      AwsCredentials   *credentials)
{
  Held *entry = g_new0 (Held, 1);

  entry->stored = stored_copy (stored);
  entry->stored->kept = FALSE;
  entry->credentials = aws_credentials_ref (credentials);
  g_mutex_lock (&held_mutex);
  if (held == NULL)
    held = g_hash_table_new_full (g_str_hash, g_str_equal, NULL, held_free);
  g_hash_table_replace (held, entry->stored->name, entry);
  g_mutex_unlock (&held_mutex);
}

static gboolean
let_go (const char *name)
{
  gboolean was;

  g_mutex_lock (&held_mutex);
  was = held != NULL && g_hash_table_remove (held, name);
  g_mutex_unlock (&held_mutex);
  return was;
}

static char *
to_text (AwsCredentials *credentials)
{
  g_autoptr(JsonObject) object = json_object_new ();
  g_autoptr(JsonNode) node = json_node_init_object (json_node_alloc (), object);
  const char *token = aws_credentials_get_session_token (credentials);

  json_object_set_string_member (object, "AccessKeyId", aws_credentials_get_access_key_id (credentials));
  json_object_set_string_member (object, "SecretAccessKey", aws_credentials_get_secret (credentials));
  if (token != NULL)
    json_object_set_string_member (object, "SessionToken", token);
  if (aws_credentials_get_expires (credentials) != 0)
    json_object_set_int_member (object, "Expiration", aws_credentials_get_expires (credentials));
  return json_to_string (node, FALSE);
}

char *
mill_keyring_check_name (const char *name)
{
  if (*name == '\0')
    return g_strdup (_("Give the credentials a name, such as “lab”."));
  if (!g_utf8_validate (name, -1, NULL) || g_utf8_strlen (name, -1) > NAME_MAX_LENGTH)
    return g_strdup (_("The name is too long: 64 characters at most."));
  for (const char *c = name; *c != '\0'; c = g_utf8_next_char (c))
    if (!g_unichar_isprint (g_utf8_get_char (c)))
      return g_strdup (_("The name may only have characters that can be seen."));
  if (strcmp (name, "practice") == 0 || g_str_has_prefix (name, "practice:") || strstr (name, "://") != NULL)
    return g_strdup (_("This name means another target. Choose another one, such as “lab”."));
  return NULL;
}

gboolean
mill_keyring_save (const MillStored  *stored,
                   AwsCredentials    *credentials,
                   char             **notice,
                   GCancellable      *cancellable,
                   GError           **error)
{
  g_autofree char *wrong = mill_keyring_check_name (stored->name);
  g_autofree char *text = NULL;
  g_autofree char *label = NULL;
  g_autofree char *expires = NULL;
  g_autoptr(GHashTable) attributes = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr(GError) trouble = NULL;
  gboolean ok;

  if (notice != NULL)
    *notice = NULL;
  if (wrong != NULL)
    {
      fail (error, "InvalidName", "%s", wrong);
      return FALSE;
    }

  /* The other attributes tell apart as well: those of the same name go first. */
  let_go (stored->name);
  ok = clear (stored->name, cancellable, &trouble) && mill_keyring_unlock (NULL, cancellable);
  if (ok)
    {
      text = to_text (credentials);
      label = g_strdup_printf (_("Millrace: AWS credentials “%s”"), stored->name);
      expires = g_strdup_printf ("%" G_GINT64_FORMAT, aws_credentials_get_expires (credentials));
      g_hash_table_insert (attributes, (char *) "name", stored->name);
      g_hash_table_insert (attributes, (char *) "region", stored->region != NULL ? stored->region : (char *) "");
      g_hash_table_insert (attributes, (char *) "account", stored->account != NULL ? stored->account : (char *) "");
      g_hash_table_insert (attributes, (char *) "arn", stored->arn != NULL ? stored->arn : (char *) "");
      g_hash_table_insert (attributes, (char *) "expires", expires);
      ok = secret_password_storev_sync (&schema, attributes, SECRET_COLLECTION_DEFAULT, label, text, cancellable, &trouble);
      explicit_bzero (text, strlen (text));
    }
  if (ok)
    return TRUE;
  if (trouble != NULL && trouble->domain == AWS_ERROR)
    {
      g_propagate_error (error, g_steal_pointer (&trouble));
      return FALSE;
    }
  /* A dismissed prompt is no error of libsecret's. */
  if (trouble == NULL)
    {
      fail_locked (error);
      return FALSE;
    }
  if (!is_no_service (trouble))
    {
      fail_secret (error, trouble);
      return FALSE;
    }
  hold (stored, credentials);
  if (notice != NULL)
    *notice = g_strdup (_("There is no keyring here (no Secret Service), so these credentials are kept for this run only."));
  return TRUE;
}

GPtrArray *
mill_keyring_list (GCancellable  *cancellable,
                   GError       **error)
{
  g_autoptr(GPtrArray) all = g_ptr_array_new_with_free_func ((GDestroyNotify) mill_stored_free);
  g_autoptr(GError) trouble = NULL;
  GList *items = search (NULL, cancellable, &trouble);

  if (trouble != NULL && !is_no_service (trouble))
    {
      fail_secret (error, trouble);
      return NULL;
    }
  for (GList *l = items; l != NULL; l = l->next)
    {
      MillStored *stored = stored_from_item (l->data);

      if (stored != NULL)
        g_ptr_array_add (all, stored);
    }
  g_list_free_full (items, g_object_unref);

  g_mutex_lock (&held_mutex);
  if (held != NULL)
    {
      GHashTableIter iter;
      gpointer entry;

      g_hash_table_iter_init (&iter, held);
      while (g_hash_table_iter_next (&iter, NULL, &entry))
        g_ptr_array_add (all, stored_copy (((Held *) entry)->stored));
    }
  g_mutex_unlock (&held_mutex);
  g_ptr_array_sort (all, compare_names);
  return g_steal_pointer (&all);
}

static AwsCredentials *
load_held (const char *name)
{
  Held *entry;
  AwsCredentials *credentials = NULL;

  g_mutex_lock (&held_mutex);
  entry = held != NULL ? g_hash_table_lookup (held, name) : NULL;
  if (entry != NULL)
    credentials = aws_credentials_ref (entry->credentials);
  g_mutex_unlock (&held_mutex);
  return credentials;
}

AwsCredentials *
mill_keyring_load (const char    *name,
                   GCancellable  *cancellable,
                   GError       **error)
{
  AwsCredentials *credentials = load_held (name);
  g_autoptr(GError) trouble = NULL;
  g_autoptr(SecretValue) value = NULL;
  GList *items;

  if (credentials != NULL)
    return credentials;
  items = search_unlocked (name, cancellable, &trouble);
  if (items != NULL)
    value = secret_retrievable_retrieve_secret_sync (items->data, cancellable, &trouble);
  g_list_free_full (items, g_object_unref);
  if (value != NULL)
    {
      gsize length;
      const char *text = secret_value_get (value, &length);

      /* Also those that have expired: whoever uses them is asked for new ones. */
      return aws_credentials_parse (text, (gssize) length, 0, NULL, NULL, error);
    }
  if (trouble == NULL)
    fail (error, "NoCredentials", _("There are no credentials named “%s” in the keyring. Enter them again."), name);
  else if (trouble->domain == AWS_ERROR)
    g_propagate_error (error, g_steal_pointer (&trouble));
  else if (is_no_service (trouble))
    fail (error, "NoKeyring", _("There is no keyring here (no Secret Service), so “%s” is not known. Enter the credentials again, for this run."), name);
  else
    fail_secret (error, trouble);
  return NULL;
}

gboolean
mill_keyring_delete (const char    *name,
                     GCancellable  *cancellable,
                     GError       **error)
{
  g_autoptr(GError) trouble = NULL;
  gboolean was_held = let_go (name);

  if (clear (name, cancellable, &trouble) || is_no_service (trouble))
    return TRUE;
  if (was_held && trouble->domain != AWS_ERROR)
    return TRUE;
  if (trouble->domain == AWS_ERROR)
    g_propagate_error (error, g_steal_pointer (&trouble));
  else
    fail_secret (error, trouble);
  return FALSE;
}

static const MillStored *
find_stored (GPtrArray  *all,
             const char *name)
{
  for (guint i = 0; i < all->len; i++)
    if (strcmp (((const MillStored *) all->pdata[i])->name, name) == 0)
      return all->pdata[i];
  return NULL;
}

gboolean
mill_keyring_rename (const char    *name,
                     const char    *to,
                     GCancellable  *cancellable,
                     GError       **error)
{
  g_autoptr(GPtrArray) all = mill_keyring_list (cancellable, error);
  g_autoptr(AwsCredentials) credentials = NULL;
  const MillStored *from;
  MillStored stored;

  if (all == NULL)
    return FALSE;
  if (find_stored (all, to) != NULL)
    {
      fail (error, "InvalidName", _("There are credentials named “%s” already. Choose another name."), to);
      return FALSE;
    }
  credentials = mill_keyring_load (name, cancellable, error);
  if (credentials == NULL)
    return FALSE;
  from = find_stored (all, name);
  stored = from != NULL ? *from : (MillStored) { 0 };
  stored.name = (char *) to;
  /* First there twice, then once: never nowhere. */
  return mill_keyring_save (&stored, credentials, NULL, cancellable, error) && mill_keyring_delete (name, cancellable, error);
}

char *
mill_keyring_load_sign_in (const char   *start_url,
                           GCancellable *cancellable)
{
  g_autoptr(GHashTable) attributes = g_hash_table_new (g_str_hash, g_str_equal);

  g_hash_table_insert (attributes, (char *) "start-url", (char *) start_url);
  return secret_password_lookupv_nonpageable_sync (&sign_in_schema, attributes, cancellable, NULL);
}

void
mill_keyring_save_sign_in (const char   *start_url,
                           const char   *text,
                           GCancellable *cancellable)
{
  g_autoptr(GHashTable) attributes = g_hash_table_new (g_str_hash, g_str_equal);
  g_autofree char *label = g_strdup_printf (_("Millrace: sign-in at %s"), start_url);

  g_hash_table_insert (attributes, (char *) "start-url", (char *) start_url);
  secret_password_storev_sync (&sign_in_schema, attributes, SECRET_COLLECTION_DEFAULT, label, text, cancellable, NULL);
}
