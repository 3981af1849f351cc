/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-access-log-row.h"

#include <glib/gi18n.h>

#include "aws-json.h"
#include "mill-stage-probe.h"

struct _MillAccessLogRow
{
  AdwActionRow  parent_instance;

  MillResource *api;
  GCancellable *cancellable;
  gboolean      practice;      /* whose own events tell of every request */
};

G_DEFINE_FINAL_TYPE (MillAccessLogRow, mill_access_log_row, ADW_TYPE_ACTION_ROW)

static void
on_stage (GObject      *source,
          GAsyncResult *result,
          gpointer      data)
{
  MillAccessLogRow *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) stage = aws_client_call_finish (AWS_CLIENT (source), result, &error);
  const char *arn, *format;
  g_autofree char *group = NULL;
  g_autofree char *text = NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  arn = stage != NULL ? aws_json_get_string (stage, "accessLogSettings.destinationArn") : NULL;
  format = stage != NULL ? aws_json_get_string (stage, "accessLogSettings.format") : NULL;
  group = arn != NULL ? mill_stage_probe_get_group (arn) : NULL;
  if (stage == NULL)
    text = g_strdup_printf (_("Not known: %s"), error->message);
  else if ((arn == NULL || format == NULL) && self->practice)
    text = g_strdup (_("Off. The practice cloud shows every request all the same; on AWS, what others send is seen where it is on."));
  else if (arn == NULL || format == NULL)
    text = g_strdup (_("Off: of what others send, only what reaches a function is seen. To switch it on, choose a log group and a format with "
                       "$context.requestId among the stage's logs in the console. CloudWatch Logs takes about half a US dollar for a gigabyte."));
  else if (group == NULL)
    text = g_strdup (_("On, but it goes to no log group, so it is not read here."));
  else
    /* Translators: %s is the name of a log group */
    text = g_strdup_printf (_("On, in the log group %s: what others send is seen, too."), group);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self), text);
}

static void
mill_access_log_row_dispose (GObject *object)
{
  MillAccessLogRow *self = MILL_ACCESS_LOG_ROW (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->api);
  G_OBJECT_CLASS (mill_access_log_row_parent_class)->dispose (object);
}

static void
mill_access_log_row_finalize (GObject *object)
{
  g_object_unref (MILL_ACCESS_LOG_ROW (object)->cancellable);
  G_OBJECT_CLASS (mill_access_log_row_parent_class)->finalize (object);
}

static void
mill_access_log_row_class_init (MillAccessLogRowClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = mill_access_log_row_dispose;
  G_OBJECT_CLASS (klass)->finalize = mill_access_log_row_finalize;
}

static void
mill_access_log_row_init (MillAccessLogRow *self)
{
  self->cancellable = g_cancellable_new ();
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (self), FALSE);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self), _("Access Log"));
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (self), 0);
  gtk_widget_add_css_class (GTK_WIDGET (self), "mill-fact");
}

/* The stage that shows @api to the world, where it is made. */
static MillResource *
find_stage (MillSession  *session,
            MillResource *api)
{
  GListModel *resources = G_LIST_MODEL (mill_session_get_deployment (session));

  for (guint i = 0; i < g_list_model_get_n_items (resources); i++)
    {
      g_autoptr (MillResource) resource = g_list_model_get_item (resources, i);
      g_autoptr (JsonObject) made_with = NULL;

      if (!g_str_equal (mill_resource_get_type_name (resource), "AWS::ApiGateway::Stage") || !mill_resource_is_made (resource))
        continue;
      made_with = mill_resource_dup_properties (resource);
      if (made_with != NULL && g_strcmp0 (aws_json_get_string (made_with, "RestApiId"), mill_resource_get_physical_id (api)) == 0)
        return g_steal_pointer (&resource);
    }
  return NULL;
}

GtkWidget *
mill_access_log_row_new (MillSession  *session,
                         MillResource *api)
{
  g_autoptr (MillResource) stage = find_stage (session, api);
  AwsClient *client = mill_target_get_client (mill_session_get_target (session));
  g_autoptr (AwsClient) quiet = NULL;
  g_autoptr (JsonObject) parameters = NULL;
  MillAccessLogRow *self;

  if (stage == NULL || client == NULL)
    return NULL;
  self = g_object_new (MILL_TYPE_ACCESS_LOG_ROW, NULL);
  self->api = g_object_ref (api);
  self->practice = mill_target_get_kind (mill_session_get_target (session)) == MILL_TARGET_PRACTICE;
  /* Nobody's doing: it stays out of the log of calls. */
  quiet = aws_client_new (aws_client_get_region (client), aws_client_get_endpoint (client), aws_client_get_credentials (client));
  parameters = json_object_new ();
  json_object_set_string_member (parameters, "restApiId", mill_resource_get_physical_id (api));
  json_object_set_string_member (parameters, "stageName", mill_resource_get_physical_id (stage));
  aws_client_call_async (quiet, "apigateway:GetStage", parameters, self->cancellable, on_stage, self);
  return GTK_WIDGET (self);
}

MillResource *
mill_access_log_row_get_api (MillAccessLogRow *self)
{
  return self->api;
}
