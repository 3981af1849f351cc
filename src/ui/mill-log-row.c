/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-log-row.h"

#include <glib/gi18n.h>

#include "aws-json.h"
#include "mill-log-probe.h"
#include "mill-stage-probe.h"

struct _MillLogRow
{
  AdwActionRow  parent_instance;

  MillResource *resource;
  GCancellable *cancellable;
  gboolean      practice;      /* whose own events tell of every request */
};

G_DEFINE_FINAL_TYPE (MillLogRow, mill_log_row, ADW_TYPE_ACTION_ROW)

static void
on_stage (GObject      *source,
          GAsyncResult *result,
          gpointer      data)
{
  MillLogRow *self = data;
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
                       "$context.requestId among the stage’s logs in the console. CloudWatch Logs takes about half a US dollar for a gigabyte."));
  else if (group == NULL)
    text = g_strdup (_("On, but it goes to no log group, so it is not read here."));
  else
    /* Translators: %s is the name of a log group */
    text = g_strdup_printf (_("On, in the log group %s: what others send is seen, too."), group);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self), text);
}

static void
on_function (GObject      *source,
             GAsyncResult *result,
             gpointer      data)
{
  MillLogRow *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) configuration = aws_client_call_finish (AWS_CLIENT (source), result, &error);
  const char *group;
  g_autofree char *text = NULL;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  group = configuration != NULL ? aws_json_get_string (configuration, "LoggingConfig.LogGroup") : NULL;
  if (configuration == NULL)
    text = g_strdup_printf (_("Not known: %s"), error->message);
  else if (mill_log_probe_hides_runs (configuration))
    text = g_strdup (_("The system log level is “Warn”: the log tells neither when a run begins nor that it went well. Both are inferred from the function’s own "
                       "lines, and marked so. To see them exactly, choose “Info” on the function’s Configuration tab, under Monitoring and operations "
                       "tools, Logging configuration."));
  else if (group != NULL)
    /* Translators: %s is the name of a log group */
    text = g_strdup_printf (_("In the log group %s: each run’s begin and end, and what it prints."), group);
  else
    text = g_strdup (_("Each run’s begin and end, and what it prints."));
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self), text);
}

static void
mill_log_row_dispose (GObject *object)
{
  MillLogRow *self = MILL_LOG_ROW (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->resource);
  G_OBJECT_CLASS (mill_log_row_parent_class)->dispose (object);
}

static void
mill_log_row_finalize (GObject *object)
{
  g_object_unref (MILL_LOG_ROW (object)->cancellable);
  G_OBJECT_CLASS (mill_log_row_parent_class)->finalize (object);
}

static void
mill_log_row_class_init (MillLogRowClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = mill_log_row_dispose;
  G_OBJECT_CLASS (klass)->finalize = mill_log_row_finalize;
}

static void
mill_log_row_init (MillLogRow *self)
{
  self->cancellable = g_cancellable_new ();
  adw_preferences_row_set_use_markup (ADW_PREFERENCES_ROW (self), FALSE);
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
mill_log_row_new (MillSession  *session,
                  MillResource *resource)
{
  gboolean api = g_str_equal (mill_resource_get_type_name (resource), "AWS::ApiGateway::RestApi");
  g_autoptr (MillResource) stage = api ? find_stage (session, resource) : NULL;
  AwsClient *client = mill_target_get_client (mill_session_get_target (session));
  g_autoptr (AwsClient) quiet = NULL;
  g_autoptr (JsonObject) parameters = NULL;
  MillLogRow *self;

  if (client == NULL || (stage == NULL && !(g_str_equal (mill_resource_get_type_name (resource), "AWS::Lambda::Function") && mill_resource_is_made (resource))))
    return NULL;
  self = g_object_new (MILL_TYPE_LOG_ROW, "title", api ? _("Access Log") : _("Log"), NULL);
  self->resource = g_object_ref (resource);
  self->practice = mill_target_get_kind (mill_session_get_target (session)) == MILL_TARGET_PRACTICE;
  /* Nobody's doing: it stays out of the log of calls. */
  quiet = aws_client_new (aws_client_get_region (client), aws_client_get_endpoint (client), aws_client_get_credentials (client));
  parameters = json_object_new ();
  if (api)
    {
      json_object_set_string_member (parameters, "restApiId", mill_resource_get_physical_id (resource));
      json_object_set_string_member (parameters, "stageName", mill_resource_get_physical_id (stage));
    }
  else
    json_object_set_string_member (parameters, "FunctionName", mill_resource_get_physical_id (resource));
  aws_client_call_async (quiet, api ? "apigateway:GetStage" : "lambda:GetFunctionConfiguration", parameters, self->cancellable,
                         api ? on_stage : on_function, self);
  return GTK_WIDGET (self);
}

MillResource *
mill_log_row_get_resource (MillLogRow *self)
{
  return self->resource;
}
