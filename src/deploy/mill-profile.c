/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-profile.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "aws-error.h"

#define SSO_SESSION "sso-session\n"

void
mill_profile_free (MillProfile *self)
{
  g_clear_pointer (&self->credentials, aws_credentials_unref);
  g_clear_pointer (&self->values, g_hash_table_unref);
  g_free (self->name);
  g_free (self->region);
  g_free (self->endpoint);
  g_free (self);
}

/* "[profile dev]" → "dev"; NULL where the line is no section, "" where it is one of another kind. */
static char *
section_name (char     *line,
              gboolean  config)
{
  char *end = strchr (line, ']');
  char *name;

  if (line[0] != '[' || end == NULL)
    return NULL;
  *end = '\0';
  name = g_strstrip (line + 1);
  if (!config || strcmp (name, "default") == 0)
    return g_strdup (name);
  if (g_str_has_prefix (name, "profile") && g_ascii_isspace (name[strlen ("profile")]))
    return g_strdup (g_strstrip (name + strlen ("profile")));
  /* No profile can have such a name: it has a line break in it. */
  if (g_str_has_prefix (name, "sso-session") && g_ascii_isspace (name[strlen ("sso-session")]))
    return g_strconcat (SSO_SESSION, g_strstrip (name + strlen ("sso-session")), NULL);
  return g_strdup ("");
}

static void
free_value (gpointer data)
{
  explicit_bzero (data, strlen (data));
  g_free (data);
}

GHashTable *
mill_profile_parse (const char *text,
                    const char *name,
                    gboolean    config)
{
  g_auto(GStrv) lines = g_strsplit (text, "\n", -1);
  GHashTable *values = NULL;
  gboolean inside = FALSE;

  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_autofree char *section = NULL;
      char *equals;

      if (g_ascii_isspace (lines[i][0]) || strchr ("#;", lines[i][0]) != NULL)
        continue;
      if (lines[i][0] == '[')
        {
          section = section_name (lines[i], config);
          inside = g_strcmp0 (section, name) == 0;
          if (inside && values == NULL)
            values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, free_value);
          continue;
        }
      equals = strchr (lines[i], '=');
      if (!inside || equals == NULL)
        continue;
      *equals = '\0';
      g_hash_table_insert (values, g_ascii_strdown (g_strstrip (lines[i]), -1), g_strdup (g_strstrip (equals + 1)));
    }
  return values;
}

static char *
read_file (const char *variable,
           const char *file,
           gsize      *length)
{
  const char *forced = g_getenv (variable);
  g_autofree char *path = forced != NULL ? g_strdup (forced) : g_build_filename (g_get_home_dir (), ".aws", file, NULL);
  char *text = NULL;

  return g_file_get_contents (path, &text, length, NULL) ? text : NULL;
}

static GHashTable *
load_file (const char *variable,
           const char *file,
           const char *name,
           gboolean    config)
{
  gsize length;
  g_autofree char *text = read_file (variable, file, &length);
  GHashTable *values;

  if (text == NULL)
    return NULL;
  values = mill_profile_parse (text, name, config);
  memset (text, 0, length);
  return values;
}

static const char *
find (GHashTable *first,
      GHashTable *second,
      const char *key)
{
  const char *value = first != NULL ? g_hash_table_lookup (first, key) : NULL;

  return value != NULL || second == NULL ? value : g_hash_table_lookup (second, key);
}

/* What is in @second and not in @first. */
static void
add_values (GHashTable *first,
            GHashTable *second)
{
  GHashTableIter iter;
  gpointer key, value;

  if (second == NULL)
    return;
  g_hash_table_iter_init (&iter, second);
  while (g_hash_table_iter_next (&iter, &key, &value))
    if (!g_hash_table_contains (first, key))
      g_hash_table_insert (first, g_strdup (key), g_strdup (value));
}

/* Other ways than keys to come by credentials. */
static gboolean
has_source (GHashTable *values)
{
  static const char *const keys[] = { "role_arn", "credential_process", "sso_session", "sso_start_url" };

  for (guint i = 0; i < G_N_ELEMENTS (keys); i++)
    if (g_hash_table_contains (values, keys[i]))
      return TRUE;
  return FALSE;
}

MillProfile *
mill_profile_load (const char  *name,
                   GError     **error)
{
  g_autoptr(GHashTable) credentials = load_file ("AWS_SHARED_CREDENTIALS_FILE", "credentials", name, FALSE);
  g_autoptr(GHashTable) config = load_file ("AWS_CONFIG_FILE", "config", name, TRUE);
  g_autoptr(MillProfile) self = g_new0 (MillProfile, 1);
  const char *key, *secret;

  self->name = g_strdup (name);
  self->values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, free_value);
  add_values (self->values, credentials);
  add_values (self->values, config);
  key = g_hash_table_lookup (self->values, "aws_access_key_id");
  secret = g_hash_table_lookup (self->values, "aws_secret_access_key");

  if (strcmp (name, "default") == 0)
    self->credentials = aws_credentials_new_from_environment ();
  /* A role goes before the keys beside it: those may be its source. */
  if (self->credentials == NULL && key != NULL && secret != NULL && !g_hash_table_contains (self->values, "role_arn"))
    self->credentials = aws_credentials_new (key, secret, g_hash_table_lookup (self->values, "aws_session_token"));
  if (self->credentials == NULL && !has_source (self->values))
    {
      g_autofree char *message = NULL;

      if (credentials == NULL && config == NULL)
        message = g_strdup_printf (_("There is no AWS profile “%s” in ~/.aws/credentials or ~/.aws/config. Make it with “aws configure --profile %s”, "
                                     "or choose the practice cloud."), name, name);
      else
        message = g_strdup_printf (_("The AWS profile “%s” has no access key. Millrace needs aws_access_key_id and aws_secret_access_key, or a role, a "
                                     "sign-in or a credential_process."), name);
      g_propagate_error (error, aws_error_new (AWS_ERROR_CREDENTIALS, "NoCredentials", message, NULL, 0, FALSE));
      return NULL;
    }
  self->region = g_strdup (find (config, credentials, "region"));
  self->endpoint = g_strdup (find (config, credentials, "endpoint_url"));
  return g_steal_pointer (&self);
}

GHashTable *
mill_profile_load_sso_session (const char *name)
{
  g_autofree char *section = g_strconcat (SSO_SESSION, name, NULL);

  return load_file ("AWS_CONFIG_FILE", "config", section, TRUE);
}

static void
list_file (GPtrArray  *names,
           const char *variable,
           const char *file,
           gboolean    config)
{
  gsize length;
  g_autofree char *text = read_file (variable, file, &length);
  g_auto(GStrv) lines = text != NULL ? g_strsplit (text, "\n", -1) : NULL;

  for (guint i = 0; lines != NULL && lines[i] != NULL; i++)
    {
      g_autofree char *name = section_name (lines[i], config);

      if (name != NULL && *name != '\0' && strchr (name, '\n') == NULL && !g_ptr_array_find_with_equal_func (names, name, g_str_equal, NULL))
        g_ptr_array_add (names, g_steal_pointer (&name));
      explicit_bzero (lines[i], strlen (lines[i]));
    }
  if (text != NULL)
    explicit_bzero (text, length);
}

char **
mill_profile_list (void)
{
  GPtrArray *names = g_ptr_array_new ();

  list_file (names, "AWS_SHARED_CREDENTIALS_FILE", "credentials", FALSE);
  list_file (names, "AWS_CONFIG_FILE", "config", TRUE);
  g_ptr_array_add (names, NULL);
  return (char **) g_ptr_array_free (names, FALSE);
}
