/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-endpoint.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "mill-engine.h"
#include "mill-keyring.h"

#define FILE_NAME "endpoints.ini"
#define KEY_URL "url"
#define KEY_REGION "region"
#define KEY_KIND "kind"

/* Two threads of one program must not write the file at once. */
static GMutex mutex;

MillEndpoint *
mill_endpoint_new (const char *name,
                   const char *url,
                   const char *region,
                   const char *kind)
{
  MillEndpoint *self = g_new0 (MillEndpoint, 1);

  self->name = g_strdup (name);
  self->url = g_strdup (url);
  self->region = g_strdup (region != NULL ? region : "");
  self->kind = g_strdup (kind != NULL ? kind : "");
  return self;
}

void
mill_endpoint_free (MillEndpoint *self)
{
  if (self == NULL)
    return;
  g_free (self->name);
  g_free (self->url);
  g_free (self->region);
  g_free (self->kind);
  g_free (self);
}

static char *
dup_path (void)
{
  return g_build_filename (g_get_user_config_dir (), "millrace", FILE_NAME, NULL);
}

/* What cannot be read counts as empty: it is a list of addresses, and nothing depends on it. */
static GKeyFile *
load (void)
{
  g_autofree char *path = dup_path ();
  GKeyFile *file = g_key_file_new ();

  g_key_file_load_from_file (file, path, G_KEY_FILE_KEEP_COMMENTS, NULL);
  return file;
}

static gboolean
store (GKeyFile  *file,
       GError   **error)
{
  g_autofree char *path = dup_path ();
  g_autofree char *folder = g_path_get_dirname (path);
  g_autoptr(GError) local = NULL;

  if (g_mkdir_with_parents (folder, 0700) == 0 && g_key_file_save_to_file (file, path, &local))
    return TRUE;
  g_set_error (error, MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_UNKNOWN, _("The list of endpoints cannot be written: %s"),
               local != NULL ? local->message : path);
  return FALSE;
}

static MillEndpoint *
read_group (GKeyFile   *file,
            const char *name)
{
  g_autofree char *url = g_key_file_get_string (file, name, KEY_URL, NULL);
  g_autofree char *region = g_key_file_get_string (file, name, KEY_REGION, NULL);
  g_autofree char *kind = g_key_file_get_string (file, name, KEY_KIND, NULL);
  g_autofree char *good = url != NULL ? mill_endpoint_check_url (url, NULL) : NULL;

  return good != NULL ? mill_endpoint_new (name, good, region, kind) : NULL;
}

static int
compare (gconstpointer a,
         gconstpointer b)
{
  return g_utf8_collate ((*(MillEndpoint *const *) a)->name, (*(MillEndpoint *const *) b)->name);
}

GPtrArray *
mill_endpoint_list (void)
{
  g_autoptr(GMutexLocker) locker = g_mutex_locker_new (&mutex);
  g_autoptr(GKeyFile) file = load ();
  g_auto(GStrv) names = g_key_file_get_groups (file, NULL);
  GPtrArray *all = g_ptr_array_new_with_free_func ((GDestroyNotify) mill_endpoint_free);

  for (guint i = 0; names[i] != NULL; i++)
    {
      MillEndpoint *endpoint = read_group (file, names[i]);

      if (endpoint != NULL)
        g_ptr_array_add (all, endpoint);
    }
  g_ptr_array_sort (all, compare);
  return all;
}

MillEndpoint *
mill_endpoint_find (const char *name)
{
  g_autoptr(GMutexLocker) locker = g_mutex_locker_new (&mutex);
  g_autoptr(GKeyFile) file = load ();

  return read_group (file, name);
}

MillEndpoint *
mill_endpoint_find_by_url (const char *url)
{
  g_autoptr(GPtrArray) all = mill_endpoint_list ();
  g_autofree char *good = mill_endpoint_check_url (url, NULL);

  for (guint i = 0; good != NULL && i < all->len; i++)
    {
      MillEndpoint *endpoint = all->pdata[i];

      if (strcmp (endpoint->url, good) == 0)
        return mill_endpoint_new (endpoint->name, endpoint->url, endpoint->region, endpoint->kind);
    }
  return NULL;
}

gboolean
mill_endpoint_save (const MillEndpoint  *self,
                    GError             **error)
{
  g_autoptr(GMutexLocker) locker = g_mutex_locker_new (&mutex);
  g_autofree char *wrong = mill_keyring_check_name (self->name);
  g_autofree char *url = NULL;
  g_autoptr(GKeyFile) file = NULL;

  if (wrong == NULL && strpbrk (self->name, "[]") != NULL)
    wrong = g_strdup (_("A name has no brackets in it."));
  if (wrong != NULL)
    {
      g_set_error_literal (error, MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_UNKNOWN, wrong);
      return FALSE;
    }
  url = mill_endpoint_check_url (self->url, error);
  if (url == NULL)
    return FALSE;
  file = load ();
  g_key_file_set_string (file, self->name, KEY_URL, url);
  g_key_file_set_string (file, self->name, KEY_REGION, self->region);
  g_key_file_set_string (file, self->name, KEY_KIND, self->kind);
  return store (file, error);
}

gboolean
mill_endpoint_remove (const char  *name,
                      GError     **error)
{
  g_autoptr(GMutexLocker) locker = g_mutex_locker_new (&mutex);
  g_autoptr(GKeyFile) file = load ();

  return !g_key_file_remove_group (file, name, NULL) || store (file, error);
}

char *
mill_endpoint_check_url (const char  *url,
                         GError     **error)
{
  g_autoptr(GUri) uri = g_uri_parse (url, G_URI_FLAGS_NONE, NULL);
  char *good;

  if (uri == NULL || g_uri_get_host (uri) == NULL || *g_uri_get_host (uri) == '\0' || g_uri_get_userinfo (uri) != NULL ||
      g_uri_get_query (uri) != NULL || g_uri_get_fragment (uri) != NULL ||
      (strcmp (g_uri_get_scheme (uri), "http") != 0 && strcmp (g_uri_get_scheme (uri), "https") != 0))
    {
      g_set_error (error, MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_UNKNOWN, _("“%s” is no endpoint. Give an URL such as http://127.0.0.1:4566."), url);
      return NULL;
    }
  good = g_strdup (url);
  while (g_str_has_suffix (good, "/"))
    good[strlen (good) - 1] = '\0';
  return good;
}
