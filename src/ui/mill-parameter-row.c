/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-parameter-row.h"

#include <glib/gi18n.h>

/* What hangs on a row. */
typedef struct {
  const MillParameter *parameter;
  MillParameterNotify notify;
  gpointer user_data;
  GtkWidget *problem;
} Ask;

static Ask *
get_ask (GtkWidget *row)
{
  return g_object_get_data (G_OBJECT (row), "mill-ask");
}

/* "StoreFunctionName" as people read it: "Store function name". */
static char *
humanize (const char *name)
{
  GString *text = g_string_new (NULL);

  for (const char *c = name; *c != '\0'; c++)
    {
      gboolean starts = g_ascii_isupper (*c) && c > name && (g_ascii_islower (c[-1]) || g_ascii_islower (c[1]));

      if (starts)
        g_string_append_c (text, ' ');
      g_string_append_c (text, starts && g_ascii_islower (c[1]) ? g_ascii_tolower (*c) : *c);
    }
  return g_string_free (text, FALSE);
}

static void
show_problem (GtkWidget    *row,
              const GError *error)
{
  Ask *ask = get_ask (row);

  gtk_widget_set_visible (ask->problem, error != NULL);
  gtk_widget_set_tooltip_text (ask->problem, error != NULL ? error->message : NULL);
  if (error != NULL)
    gtk_widget_add_css_class (row, "error");
  else
    gtk_widget_remove_css_class (row, "error");
  gtk_accessible_update_state (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_STATE_INVALID,
                               error != NULL ? GTK_ACCESSIBLE_INVALID_TRUE : GTK_ACCESSIBLE_INVALID_FALSE, -1);
}

static void
on_changed (GtkWidget *row)
{
  Ask *ask = get_ask (row);
  g_autofree char *value = mill_parameter_row_dup_value (row);
  g_autoptr(GError) error = NULL;
  gboolean valid = mill_parameter_check (ask->parameter, value, &error);

  if (ask->problem != NULL)
    show_problem (row, error);
  if (ask->notify != NULL)
    ask->notify (ask->parameter, value, valid, ask->user_data);
}

static GtkWidget *
new_choice (const MillParameter *parameter,
            const char          *value)
{
  GtkWidget *row = adw_combo_row_new ();
  g_autoptr(GtkStringList) list = gtk_string_list_new ((const char *const *) parameter->allowed_values);

  adw_combo_row_set_model (ADW_COMBO_ROW (row), G_LIST_MODEL (list));
  for (guint i = 0; parameter->allowed_values[i] != NULL; i++)
    if (g_strcmp0 (parameter->allowed_values[i], value) == 0)
      adw_combo_row_set_selected (ADW_COMBO_ROW (row), i);
  g_signal_connect (row, "notify::selected", G_CALLBACK (on_changed), NULL);
  return row;
}

static GtkWidget *
new_entry (const MillParameter *parameter,
           const char          *value,
           Ask                 *ask)
{
  GtkWidget *row = parameter->no_echo ? adw_password_entry_row_new () : adw_entry_row_new ();

  gtk_editable_set_text (GTK_EDITABLE (row), value != NULL ? value : "");
  ask->problem = gtk_image_new_from_icon_name ("mill-warning-symbolic");
  gtk_widget_add_css_class (ask->problem, "error");
  gtk_widget_set_visible (ask->problem, FALSE);
  adw_entry_row_add_suffix (ADW_ENTRY_ROW (row), ask->problem);
  g_signal_connect (row, "changed", G_CALLBACK (on_changed), NULL);
  return row;
}

GtkWidget *
mill_parameter_row_new (const MillParameter *parameter,
                        const char          *value,
                        MillParameterNotify  notify,
                        gpointer             user_data)
{
  Ask *ask = g_new0 (Ask, 1);
  g_autofree char *title = humanize (parameter->name);
  GtkWidget *row;

  ask->parameter = parameter;
  if (value == NULL)
    value = parameter->default_value;
  row = parameter->allowed_values != NULL ? new_choice (parameter, value) : new_entry (parameter, value, ask);
  g_object_set_data_full (G_OBJECT (row), "mill-ask", ask, g_free);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), title);
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  gtk_widget_set_tooltip_text (row, parameter->description);
  gtk_accessible_update_property (GTK_ACCESSIBLE (row), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, parameter->description, -1);
  on_changed (row);
  ask->notify = notify;
  ask->user_data = user_data;
  return row;
}

char *
mill_parameter_row_dup_value (GtkWidget *row)
{
  Ask *ask = get_ask (row);

  if (ADW_IS_COMBO_ROW (row))
    {
      guint selected = adw_combo_row_get_selected (ADW_COMBO_ROW (row));

      return g_strdup (selected < g_strv_length (ask->parameter->allowed_values) ? ask->parameter->allowed_values[selected] : "");
    }
  return g_strdup (gtk_editable_get_text (GTK_EDITABLE (row)));
}

gboolean
mill_parameter_row_is_valid (GtkWidget *row)
{
  g_autofree char *value = mill_parameter_row_dup_value (row);

  return mill_parameter_check (get_ask (row)->parameter, value, NULL);
}
