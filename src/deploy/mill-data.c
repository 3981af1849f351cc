/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-data.h"

#include "aws-json.h"
#include "deploy-resources.h"

#define PREFIX "/io/github/millrace/deploy/"

JsonObject *
mill_data_get (const char *name)
{
  static GMutex mutex;
  static GHashTable *all = NULL;
  g_autoptr(GMutexLocker) locker = g_mutex_locker_new (&mutex);
  g_autofree char *path = NULL;
  g_autoptr(GBytes) bytes = NULL;
  g_autoptr(GError) error = NULL;
  JsonObject *object;

  if (all == NULL)
    all = g_hash_table_new (g_str_hash, g_str_equal);
  object = g_hash_table_lookup (all, name);
  if (object != NULL)
    return object;

  path = g_strconcat (PREFIX, name, NULL);
  bytes = g_resource_lookup_data (mill_deploy_get_resource (), path, G_RESOURCE_LOOKUP_FLAGS_NONE, &error);
  object = bytes != NULL ? aws_json_parse_object (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), &error) : NULL;
  if (object == NULL)
    g_error ("%s: %s", path, error->message);
  g_hash_table_insert (all, g_strdup (name), object);
  return object;
}
