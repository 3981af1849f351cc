/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-region.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "aws-json.h"
#include "mill-data.h"
#include "mill-properties.h"

#define DATA "regions.json"
/* No region's name comes near this. */
#define MAX_LENGTH 32

static gpointer
load (gpointer data)
{
  JsonArray *array = aws_json_get_array (mill_data_get (DATA), "regions");
  GPtrArray *regions = g_ptr_array_new ();

  for (guint i = 0; array != NULL && i < json_array_get_length (array); i++)
    {
      JsonObject *object = mill_array_get_object (array, i);
      MillRegion *region = g_new0 (MillRegion, 1);

      region->id = aws_json_get_string (object, "id");
      region->name = aws_json_get_string (object, "name");
      region->partition = aws_json_get_string (object, "partition");
      region->opt_in = aws_json_get_boolean (object, "optIn", FALSE);
      g_ptr_array_add (regions, region);
    }
  return regions;
}

GPtrArray *
mill_region_get_all (void)
{
  static GOnce once = G_ONCE_INIT;

  return g_once (&once, load, NULL);
}

const MillRegion *
mill_region_find (const char *id)
{
  GPtrArray *regions = mill_region_get_all ();

  for (guint i = 0; id != NULL && i < regions->len; i++)
    {
      const MillRegion *region = regions->pdata[i];

      if (strcmp (region->id, id) == 0)
        return region;
    }
  return NULL;
}

const char *
mill_region_get_date (void)
{
  return aws_json_get_string (mill_data_get (DATA), "date");
}

char *
mill_region_check (const char *id)
{
  gsize length = strlen (id);
  gboolean dash = FALSE;

  for (gsize i = 0; i < length; i++)
    {
      if (!g_ascii_islower (id[i]) && !g_ascii_isdigit (id[i]) && id[i] != '-')
        return g_strdup (_("A region is written like eu-west-1: small letters, digits and hyphens."));
      dash = dash || id[i] == '-';
    }
  if (length == 0 || length > MAX_LENGTH || !dash || id[0] == '-' || id[length - 1] == '-')
    return g_strdup (_("A region is written like eu-west-1: small letters, digits and hyphens."));
  return NULL;
}
