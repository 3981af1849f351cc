/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-resource-row.h"

#include <glib/gi18n.h>

#include "mill-format.h"
#include "mill-look.h"

struct _MillResourceRow
{
  AdwActionRow parent_instance;

  GtkWidget *icon;
  GtkWidget *spinner;

  MillResource *resource;
};

G_DEFINE_FINAL_TYPE (MillResourceRow, mill_resource_row, ADW_TYPE_ACTION_ROW)

static void
update (MillResourceRow *self)
{
  MillResourceState state = mill_resource_get_state (self->resource);
  MillLook look = mill_look_of_resource (state);
  gboolean moving = state == MILL_RESOURCE_INTENDED || state == MILL_RESOURCE_DELETING;
  const char *name = mill_resource_get_name (self->resource);
  g_autoptr(GString) subtitle = g_string_new (NULL);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self), *name != '\0' ? name : mill_resource_get_logical_id (self->resource));
  g_string_append_printf (subtitle, "%s\n%s", mill_resource_get_type_name (self->resource), look.label);
  if (mill_resource_get_milliseconds (self->resource) > 0 && (state == MILL_RESOURCE_MADE || state == MILL_RESOURCE_VERIFIED))
    {
      g_autofree char *time = mill_format_duration (mill_resource_get_milliseconds (self->resource) / 1000.0);

      g_string_append_printf (subtitle, " · %s", time);
    }
  if (*mill_resource_get_wait_reason (self->resource) != '\0')
    g_string_append_printf (subtitle, "\n%s", mill_resource_get_wait_reason (self->resource));
  if (*mill_resource_get_error (self->resource) != '\0')
    {
      g_string_append_printf (subtitle, "\n%s", mill_resource_get_error (self->resource));
      if (*mill_resource_get_advice (self->resource) != '\0')
        g_string_append_printf (subtitle, "\n%s", mill_resource_get_advice (self->resource));
    }
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self), subtitle->str);

  gtk_image_set_from_icon_name (GTK_IMAGE (self->icon), look.icon);
  gtk_widget_set_css_classes (self->icon, (const char *[]) { look.style, NULL });
  gtk_widget_set_visible (self->icon, !moving);
  gtk_widget_set_visible (self->spinner, moving);
  gtk_spinner_set_spinning (GTK_SPINNER (self->spinner), moving);
}

static void
mill_resource_row_dispose (GObject *object)
{
  g_clear_object (&MILL_RESOURCE_ROW (object)->resource);
  G_OBJECT_CLASS (mill_resource_row_parent_class)->dispose (object);
}

static void
mill_resource_row_class_init (MillResourceRowClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = mill_resource_row_dispose;
}

static void
mill_resource_row_init (MillResourceRow *self)
{
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (self), FALSE);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (self), 0);
  self->icon = gtk_image_new ();
  self->spinner = gtk_spinner_new ();
  adw_action_row_add_suffix (ADW_ACTION_ROW (self), self->icon);
  adw_action_row_add_suffix (ADW_ACTION_ROW (self), self->spinner);
}

GtkWidget *
mill_resource_row_new (MillResource *resource)
{
  MillResourceRow *self = g_object_new (MILL_TYPE_RESOURCE_ROW, NULL);

  self->resource = g_object_ref (resource);
  for (const char *const *name = (const char *const[]) { "state", "name", "wait-reason", "error-message", NULL }; *name != NULL; name++)
    {
      g_autofree char *signal = g_strdup_printf ("notify::%s", *name);
      g_signal_connect_object (resource, signal, G_CALLBACK (update), self, G_CONNECT_SWAPPED);
    }
  update (self);
  return GTK_WIDGET (self);
}

MillResource *
mill_resource_row_get_resource (MillResourceRow *self)
{
  return self->resource;
}
