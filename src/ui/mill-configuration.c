/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-configuration.h"

#include <adwaita.h>
#include <glib/gi18n.h>

#include "aws-json.h"
#include "mill-data.h"
#include "mill-source.h"
#include "mill-wrap.h"

/* (transfer full): a value on one line; NULL for what has parts. */
static char *
dup_plain (JsonNode *value)
{
  if (JSON_NODE_HOLDS_OBJECT (value) || JSON_NODE_HOLDS_ARRAY (value))
    return NULL;
  if (JSON_NODE_HOLDS_VALUE (value) && json_node_get_value_type (value) == G_TYPE_STRING)
    return g_strdup (json_node_get_string (value));
  return json_to_string (value, FALSE);
}

static GtkWidget *
new_row (const char *type,
         const char *name,
         JsonNode   *value)
{
  JsonObject *types = aws_json_get_object (mill_data_get ("explanations.json"), "properties");
  JsonObject *of_type = types != NULL ? aws_json_get_object (types, type) : NULL;
  JsonObject *property = of_type != NULL ? aws_json_get_object (of_type, name) : NULL;
  const char *explanation = property != NULL ? aws_json_get_string (property, "what") : NULL;
  g_autofree char *plain = dup_plain (value);
  GtkWidget *row = plain != NULL ? adw_action_row_new () : adw_expander_row_new ();

  if (explanation != NULL)
    explanation = g_dgettext (GETTEXT_PACKAGE, explanation);
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  if (plain != NULL)
    {
      g_autofree char *title = g_strdup_printf ("%s: %s", name, plain);

      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
      adw_action_row_set_title_lines (ADW_ACTION_ROW (row), 3);
      adw_action_row_set_subtitle (ADW_ACTION_ROW (row), explanation != NULL ? explanation : "");
      adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 0);
      mill_wrap_all (row);
    }
  else
    {
      g_autofree char *text = json_to_string (value, TRUE);
      GtkWidget *source = mill_source_new ("json", name, FALSE);

      mill_source_set_text (source, text);
      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), name);
      adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (row), explanation != NULL ? explanation : "");
      adw_expander_row_add_row (ADW_EXPANDER_ROW (row), mill_source_frame (source, 40, 260));
    }
  return row;
}

GtkWidget *
mill_configuration_new (MillResource *resource)
{
  g_autoptr(JsonObject) properties = mill_resource_dup_properties (resource);
  g_autoptr(GList) names = properties != NULL ? json_object_get_members (properties) : NULL;
  GtkWidget *group;

  if (names == NULL)
    return NULL;
  group = adw_preferences_group_new ();
  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (group), _("Configuration"));
  names = g_list_sort (names, (GCompareFunc) strcmp);
  for (GList *name = names; name != NULL; name = name->next)
    adw_preferences_group_add (ADW_PREFERENCES_GROUP (group),
                               new_row (mill_resource_get_type_name (resource), name->data, json_object_get_member (properties, name->data)));
  return group;
}
