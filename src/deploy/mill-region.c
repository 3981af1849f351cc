/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-region.h"

#include "aws-json.h"
#include "deploy-resources.h"
#include "mill-properties.h"

#define REGIONS_PATH "/io/github/millrace/deploy/regions.json"

/* The file is ours and compiled in: what is wrong in it is a programmer's error, found by the test that reads it. */
static gpointer
load (gpointer data)
{
  GPtrArray *list = g_ptr_array_new ();
  g_autoptr(GBytes) bytes = g_resource_lookup_data (mill_deploy_get_resource (), REGIONS_PATH, G_RESOURCE_LOOKUP_FLAGS_NONE, NULL);
  g_autoptr(JsonObject) root = bytes != NULL ? aws_json_parse_object (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), NULL) : NULL;
  JsonArray *array = root != NULL ? aws_json_get_array (root, "regions") : NULL;

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonObject *object = mill_array_get_object (array, i);
      MillRegion *region;

      if (object == NULL || aws_json_get_string (object, "id") == NULL || aws_json_get_string (object, "name") == NULL)
        continue;
      region = g_new0 (MillRegion, 1);
      region->id = g_strdup (aws_json_get_string (object, "id"));
      region->name = g_strdup (aws_json_get_string (object, "name"));
      g_ptr_array_add (list, region);
    }
  return list;
}

GPtrArray *
mill_region_get_all (void)
{
  static GOnce once = G_ONCE_INIT;

  return g_once (&once, load, NULL);
}
