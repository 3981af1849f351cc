/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-preferences.h"

#include <glib/gi18n.h>

#include "mill-probes.h"
#include "mill-turns.h"

struct _MillPreferences
{
  AdwPreferencesWindow parent_instance;

  GtkWidget *calls;
  GtkWidget *calls_row;
  GtkWidget *reminder;

  GSettings *settings;
};

G_DEFINE_FINAL_TYPE (MillPreferences, mill_preferences, ADW_TYPE_PREFERENCES_WINDOW)

/* As the list in the .ui file. */
static const guint reminder_minutes[] = { 60, 120, 480, 1440, 0 };

static void
on_calls_changed (MillPreferences *self)
{
  guint calls = gtk_spin_button_get_value_as_int (GTK_SPIN_BUTTON (self->calls));
  double price = mill_probes_get_price (calls);
  /* Translators: a price in US dollars. Most are far less than a cent, so as many digits are shown as say something. */
  g_autofree char *subtitle = g_strdup_printf (_("So many a minute at most while messages are under way: up to $%.2g an hour on AWS. At rest %u."),
                                               price, (guint) MILL_TURNS_AT_REST);

  adw_action_row_set_subtitle (ADW_ACTION_ROW (self->calls_row), subtitle);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->calls), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, subtitle, -1);
}

static gboolean
get_reminder (GValue   *value,
              GVariant *variant,
              gpointer  data)
{
  guint minutes = g_variant_get_uint32 (variant);

  for (guint i = 0; i < G_N_ELEMENTS (reminder_minutes); i++)
    if (reminder_minutes[i] == minutes)
      {
        g_value_set_uint (value, i);
        return TRUE;
      }
  /* A time that the list does not have: it stays until another one is chosen. */
  g_value_set_uint (value, GTK_INVALID_LIST_POSITION);
  return TRUE;
}

static GVariant *
set_reminder (const GValue       *value,
              const GVariantType *type,
              gpointer            data)
{
  guint i = g_value_get_uint (value);

  return i < G_N_ELEMENTS (reminder_minutes) ? g_variant_new_uint32 (reminder_minutes[i]) : NULL;
}

static void
mill_preferences_dispose (GObject *object)
{
  g_clear_object (&MILL_PREFERENCES (object)->settings);
  G_OBJECT_CLASS (mill_preferences_parent_class)->dispose (object);
}

static void
mill_preferences_class_init (MillPreferencesClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = mill_preferences_dispose;
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/millrace/Millrace/ui/mill-preferences.ui");
  gtk_widget_class_bind_template_child (widget_class, MillPreferences, calls);
  gtk_widget_class_bind_template_child (widget_class, MillPreferences, calls_row);
  gtk_widget_class_bind_template_child (widget_class, MillPreferences, reminder);
  gtk_widget_class_bind_template_callback (widget_class, on_calls_changed);
}

static void
mill_preferences_init (MillPreferences *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
mill_preferences_new (GtkWindow *parent,
                      GSettings *settings)
{
  MillPreferences *self = g_object_new (MILL_TYPE_PREFERENCES, "transient-for", parent, NULL);

  self->settings = g_object_ref (settings);
  g_settings_bind (settings, "watch-calls-per-minute", gtk_spin_button_get_adjustment (GTK_SPIN_BUTTON (self->calls)), "value", G_SETTINGS_BIND_DEFAULT);
  g_settings_bind_with_mapping (settings, "reminder-minutes", self->reminder, "selected", G_SETTINGS_BIND_DEFAULT, get_reminder, set_reminder, NULL, NULL);
  on_calls_changed (self);
  return GTK_WIDGET (self);
}
