/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-profile.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "aws-error.h"

void
mill_profile_free (MillProfile *self)
{
  g_clear_pointer (&self->credentials, aws_credentials_unref);
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
  return g_strdup ("");
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
            values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
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

static GHashTable *
load_file (const char *variable,
           const char *file,
           const char *name,
           gboolean    config)
{
  const char *forced = g_getenv (variable);
  g_autofree char *path = forced != NULL ? g_strdup (forced) : g_build_filename (g_get_home_dir (), ".aws", file, NULL);
  g_autofree char *text = NULL;
  GHashTable *values;
  gsize length;

  if (!g_file_get_contents (path, &text, &length, NULL))
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

MillProfile *
mill_profile_load (const char  *name,
                   GError     **error)
{
  g_autoptr(GHashTable) credentials = load_file ("AWS_SHARED_CREDENTIALS_FILE", "credentials", name, FALSE);
  g_autoptr(GHashTable) config = load_file ("AWS_CONFIG_FILE", "config", name, TRUE);
  g_autoptr(MillProfile) self = g_new0 (MillProfile, 1);
  const char *key = find (credentials, config, "aws_access_key_id");
  const char *secret = find (credentials, config, "aws_secret_access_key");

  if (strcmp (name, "default") == 0)
    self->credentials = aws_credentials_new_from_environment ();
  if (self->credentials == NULL && key != NULL && secret != NULL)
    self->credentials = aws_credentials_new (key, secret, find (credentials, config, "aws_session_token"));
  if (self->credentials == NULL)
    {
      g_autoptr(GError) found = NULL;
      g_autofree char *message = NULL;

      if (credentials == NULL && config == NULL)
        message = g_strdup_printf (_("There is no AWS profile “%s” in ~/.aws/credentials or ~/.aws/config. Make it with “aws configure --profile %s”, "
                                     "or choose the practice cloud."), name, name);
      else
        message = g_strdup_printf (_("The AWS profile “%s” has no access key. Millrace needs aws_access_key_id and aws_secret_access_key."), name);
      found = aws_error_new (AWS_ERROR_CREDENTIALS, "NoCredentials", message, NULL, 0, FALSE);
      g_propagate_error (error, g_steal_pointer (&found));
      return NULL;
    }
  self->region = g_strdup (find (config, credentials, "region"));
  self->endpoint = g_strdup (find (config, credentials, "endpoint_url"));
  return g_steal_pointer (&self);
}
