/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-resource-calls.h"

#include <glib/gi18n.h>

#include "aws-client.h"
#include "mill-format.h"

struct _MillResourceCalls
{
  GtkWidget parent_instance;

  GtkWidget *group;
  GPtrArray *rows;            /* in the group */

  MillSession *session;
  MillResource *resource;
  GCancellable *cancellable;
};

G_DEFINE_FINAL_TYPE (MillResourceCalls, mill_resource_calls, GTK_TYPE_WIDGET)

static void
on_copy (GtkWidget *button,
         AwsCall   *call)
{
  MillResourceCalls *self = MILL_RESOURCE_CALLS (gtk_widget_get_ancestor (button, MILL_TYPE_RESOURCE_CALLS));
  MillTarget *target = mill_session_get_target (self->session);
  AwsClient *client = mill_target_get_client (target);
  g_autofree char *command = aws_call_to_command_line (call, mill_target_get_region (target), client != NULL ? aws_client_get_endpoint (client) : NULL);

  gdk_clipboard_set_text (gtk_widget_get_clipboard (button), command);
  gtk_widget_activate_action (button, "win.say", "s", _("Copied as a command"));
}

static GtkWidget *
new_row (AwsCall *call)
{
  GtkWidget *row = adw_action_row_new ();
  GtkWidget *copy = gtk_button_new_from_icon_name ("edit-copy-symbolic");
  g_autoptr(GDateTime) started = g_date_time_new_from_unix_local (aws_call_get_started (call) / G_USEC_PER_SEC);
  /* Translators: a day and a time of day, for strftime */
  g_autofree char *when = g_date_time_format (started, _("%x %X"));
  g_autofree char *took = mill_format_duration (aws_call_get_duration (call) / 1e6);
  g_autoptr(GString) subtitle = g_string_new (when);
  /* Translators: an operation of AWS's */
  g_autofree char *label = g_strdup_printf (_("Copy %s as a Command"), aws_call_get_operation (call));

  if (aws_call_get_status (call) != 0)
    g_string_append_printf (subtitle, " · %u", aws_call_get_status (call));
  if (*aws_call_get_error_code (call) != '\0')
    g_string_append_printf (subtitle, " %s", aws_call_get_error_code (call));
  g_string_append_printf (subtitle, " · %s", took);
  if (*aws_call_get_request_id (call) != '\0')
    g_string_append_printf (subtitle, "\n%s %s", _("Request ID"), aws_call_get_request_id (call));
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (row), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (row), aws_call_get_operation (call));
  adw_action_row_set_subtitle (ADW_ACTION_ROW (row), subtitle->str);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (row), 0);
  if (*aws_call_get_error_code (call) != '\0')
    {
      GtkWidget *icon = gtk_image_new_from_icon_name ("mill-failed-symbolic");

      gtk_widget_add_css_class (icon, "error");
      adw_action_row_add_prefix (ADW_ACTION_ROW (row), icon);
    }
  gtk_widget_add_css_class (copy, "flat");
  gtk_widget_set_valign (copy, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (copy, _("Copy as a Command"));
  gtk_accessible_update_property (GTK_ACCESSIBLE (copy), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  g_signal_connect_object (copy, "clicked", G_CALLBACK (on_copy), call, 0);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), copy);
  return row;
}

static void
on_loaded (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(GPtrArray) calls = mill_deployment_load_calls_finish (MILL_DEPLOYMENT (source), result, &error);
  MillResourceCalls *self = data;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  for (guint i = 0; i < self->rows->len; i++)
    adw_preferences_group_remove (ADW_PREFERENCES_GROUP (self->group), self->rows->pdata[i]);
  g_ptr_array_set_size (self->rows, 0);
  adw_preferences_group_set_description (ADW_PREFERENCES_GROUP (self->group), calls == NULL ? error->message
                                         : calls->len > 0 ? _("What made or changed it. “API Calls” lists every call since the program was started.")
                                         : _("None is known that made it."));
  for (guint i = 0; calls != NULL && i < calls->len; i++)
    {
      GtkWidget *row = new_row (calls->pdata[i]);

      adw_preferences_group_add (ADW_PREFERENCES_GROUP (self->group), row);
      g_ptr_array_add (self->rows, row);
    }
}

static void
mill_resource_calls_dispose (GObject *object)
{
  MillResourceCalls *self = MILL_RESOURCE_CALLS (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->session);
  g_clear_object (&self->resource);
  g_clear_pointer (&self->rows, g_ptr_array_unref);
  g_clear_pointer (&self->group, gtk_widget_unparent);
  G_OBJECT_CLASS (mill_resource_calls_parent_class)->dispose (object);
}

static void
mill_resource_calls_class_init (MillResourceCallsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = mill_resource_calls_dispose;
  gtk_widget_class_set_layout_manager_type (GTK_WIDGET_CLASS (klass), GTK_TYPE_BIN_LAYOUT);
}

static void
mill_resource_calls_init (MillResourceCalls *self)
{
  self->rows = g_ptr_array_new ();
  self->group = adw_preferences_group_new ();
  adw_preferences_group_set_title (ADW_PREFERENCES_GROUP (self->group), _("API Calls"));
  gtk_widget_set_parent (self->group, GTK_WIDGET (self));
}

GtkWidget *
mill_resource_calls_new (MillSession  *session,
                         MillResource *resource)
{
  MillResourceCalls *self = g_object_new (MILL_TYPE_RESOURCE_CALLS, NULL);

  self->session = g_object_ref (session);
  self->resource = g_object_ref (resource);
  mill_resource_calls_load (self);
  return GTK_WIDGET (self);
}

void
mill_resource_calls_load (MillResourceCalls *self)
{
  /* What was asked before this answers too late. */
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  mill_deployment_load_calls_async (mill_session_get_deployment (self->session), mill_resource_get_logical_id (self->resource),
                                    self->cancellable, on_loaded, self);
}

MillResource *
mill_resource_calls_get_resource (MillResourceCalls *self)
{
  return self->resource;
}
