/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-profile.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "aws-error.h"

#define BYTE_ORDER_MARK "\xef\xbb\xbf"
#define SSO_SESSION "sso-session\n"

void
mill_profile_free (MillProfile *self)
{
  g_clear_pointer (&self->credentials, aws_credentials_unref);
  g_clear_pointer (&self->values, g_hash_table_unref);
  g_free (self->name);
  g_free (self->region);
  g_free (self->endpoint);
  if (self->text != NULL)
    explicit_bzero (self->text, strlen (self->text));
  g_free (self->text);
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

/* Of whatever @credentials and @config have of it. */
static MillProfile *
profile_new (const char  *name,
             GHashTable  *credentials,
             GHashTable  *config)
{
  MillProfile *self = g_new0 (MillProfile, 1);
  const char *key, *secret;

  self->name = g_strdup (name);
  self->values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, free_value);
  add_values (self->values, credentials);
  add_values (self->values, config);
  self->region = g_strdup (find (config, credentials, "region"));
  self->endpoint = g_strdup (find (config, credentials, "endpoint_url"));
  key = g_hash_table_lookup (self->values, "aws_access_key_id");
  secret = g_hash_table_lookup (self->values, "aws_secret_access_key");
  /* A role goes before the keys beside it: those may be its source. */
  if (key != NULL && secret != NULL && !g_hash_table_contains (self->values, "role_arn"))
    self->credentials = aws_credentials_new (key, secret, g_hash_table_lookup (self->values, "aws_session_token"));
  return self;
}

static gboolean
check (MillProfile  *self,
       GError      **error)
{
  g_autofree char *message = NULL;

  if (self->credentials != NULL || has_source (self->values))
    return TRUE;
  if (g_hash_table_size (self->values) > 0)
    message = g_strdup_printf (_("The AWS profile “%s” has no access key. Millrace needs aws_access_key_id and aws_secret_access_key, or a role, a "
                                 "sign-in or a credential_process."), self->name);
  else if (self->text != NULL)
    message = g_strdup_printf (_("There is no AWS profile “%s” in this file."), self->name);
  else
    message = g_strdup_printf (_("There is no AWS profile “%s” in ~/.aws/credentials or ~/.aws/config. Make it with “aws configure --profile %s”, "
                                 "or choose the practice cloud."), self->name, self->name);
  g_propagate_error (error, aws_error_new (AWS_ERROR_CREDENTIALS, "NoCredentials", message, NULL, 0, FALSE));
  return FALSE;
}

/* "[default]" and "[dev]" are in both files, "[profile dev]" and "[sso-session school]" in config only. */
static gboolean
is_config (const char *text)
{
  return g_regex_match_simple ("^\\[\\s*(profile|sso-session)\\s", text, G_REGEX_MULTILINE | G_REGEX_RAW, 0);
}

static const char *
skip_mark (const char *text)
{
  return g_str_has_prefix (text, BYTE_ORDER_MARK) ? text + strlen (BYTE_ORDER_MARK) : text;
}

MillProfile *
mill_profile_load (const char  *name,
                   GError     **error)
{
  g_autoptr(GHashTable) credentials = load_file ("AWS_SHARED_CREDENTIALS_FILE", "credentials", name, FALSE);
  g_autoptr(GHashTable) config = load_file ("AWS_CONFIG_FILE", "config", name, TRUE);
  g_autoptr(MillProfile) self = profile_new (name, credentials, config);
  AwsCredentials *given = strcmp (name, "default") == 0 ? aws_credentials_new_from_environment () : NULL;

  if (given != NULL)
    {
      g_clear_pointer (&self->credentials, aws_credentials_unref);
      self->credentials = given;
    }
  return check (self, error) ? g_steal_pointer (&self) : NULL;
}

MillProfile *
mill_profile_load_text (const char  *name,
                        const char  *text,
                        GError     **error)
{
  gboolean config = is_config (skip_mark (text));
  g_autoptr(GHashTable) values = mill_profile_parse (skip_mark (text), name, config);
  g_autoptr(MillProfile) self = profile_new (name, config ? NULL : values, config ? values : NULL);

  self->text = g_strdup (skip_mark (text));
  return check (self, error) ? g_steal_pointer (&self) : NULL;
}

MillProfile *
mill_profile_load_beside (MillProfile  *self,
                          const char   *name,
                          GError      **error)
{
  return self->text != NULL ? mill_profile_load_text (name, self->text, error) : mill_profile_load (name, error);
}

GHashTable *
mill_profile_load_sso_session (MillProfile *self,
                               const char  *name)
{
  g_autofree char *section = g_strconcat (SSO_SESSION, name, NULL);

  if (self->text != NULL)
    return mill_profile_parse (self->text, section, TRUE);
  return load_file ("AWS_CONFIG_FILE", "config", section, TRUE);
}

static void
list_text (GPtrArray  *names,
           const char *text,
           gboolean    config)
{
  g_auto(GStrv) lines = g_strsplit (text, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    {
      g_autofree char *name = section_name (lines[i], config);

      if (name != NULL && *name != '\0' && strchr (name, '\n') == NULL && !g_ptr_array_find_with_equal_func (names, name, g_str_equal, NULL))
        g_ptr_array_add (names, g_steal_pointer (&name));
      explicit_bzero (lines[i], strlen (lines[i]));
    }
}

static void
list_file (GPtrArray  *names,
           const char *variable,
           const char *file,
           gboolean    config)
{
  gsize length;
  g_autofree char *text = read_file (variable, file, &length);

  if (text == NULL)
    return;
  list_text (names, text, config);
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

char **
mill_profile_list_text (const char *text)
{
  GPtrArray *names = g_ptr_array_new ();

  list_text (names, skip_mark (text), is_config (skip_mark (text)));
  g_ptr_array_add (names, NULL);
  return (char **) g_ptr_array_free (names, FALSE);
}
