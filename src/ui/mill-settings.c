/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-settings.h"

GSettings *
mill_settings_new (void)
{
  GSettingsSchemaSource *source = g_settings_schema_source_get_default ();
  g_autoptr(GSettingsSchema) schema = source != NULL ? g_settings_schema_source_lookup (source, MILLRACE_APP_ID, TRUE) : NULL;

  if (schema == NULL)
    {
      g_debug ("The settings' schema %s is not installed", MILLRACE_APP_ID);
      return NULL;
    }
  return g_settings_new_full (schema, NULL, NULL);
}
