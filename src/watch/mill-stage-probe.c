/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-stage-probe.h"

#include <string.h>

#include "aws-json.h"

struct _MillStageProbe
{
  MillProbe  parent_instance;

  char      *api_id;
  char      *stage_name;
  char      *group;
  char      *format;
};

enum { ACCESS_LOG, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (MillStageProbe, mill_stage_probe, MILL_TYPE_PROBE)

static void
on_stage (MillProbe    *probe,
          JsonObject   *result,
          const GError *error)
{
  MillStageProbe *self = MILL_STAGE_PROBE (probe);
  const char *arn = result != NULL ? aws_json_get_string (result, "accessLogSettings.destinationArn") : NULL;
  const char *format = result != NULL ? aws_json_get_string (result, "accessLogSettings.format") : NULL;
  g_autofree char *group = arn != NULL && format != NULL ? mill_stage_probe_get_group (arn) : NULL;

  if (group == NULL)
    format = NULL;
  if (result != NULL && (g_strcmp0 (group, self->group) != 0 || g_strcmp0 (format, self->format) != 0))
    {
      g_free (self->group);
      g_free (self->format);
      self->group = g_steal_pointer (&group);
      self->format = g_strdup (format);
      g_signal_emit (self, signals[ACCESS_LOG], 0, self->group, self->format);
    }
  mill_probe_done (probe, error);
}

static void
mill_stage_probe_poll (MillProbe *probe)
{
  MillStageProbe *self = MILL_STAGE_PROBE (probe);

  mill_probe_call (probe, "apigateway:GetStage", mill_probe_object ("restApiId", self->api_id, "stageName", self->stage_name, NULL), on_stage);
}

static void
mill_stage_probe_finalize (GObject *object)
{
  MillStageProbe *self = MILL_STAGE_PROBE (object);

  g_free (self->api_id);
  g_free (self->stage_name);
  g_free (self->group);
  g_free (self->format);
  G_OBJECT_CLASS (mill_stage_probe_parent_class)->finalize (object);
}

static void
mill_stage_probe_class_init (MillStageProbeClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = mill_stage_probe_finalize;
  MILL_PROBE_CLASS (klass)->poll = mill_stage_probe_poll;

  signals[ACCESS_LOG] = g_signal_new ("access-log", MILL_TYPE_STAGE_PROBE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                      G_TYPE_NONE, 2, G_TYPE_STRING, G_TYPE_STRING);
}

static void
mill_stage_probe_init (MillStageProbe *self)
{
}

MillProbe *
mill_stage_probe_new (AwsClient  *client,
                      const char *component,
                      const char *api_id,
                      const char *stage_name)
{
  MillStageProbe *self = mill_probe_new (MILL_TYPE_STAGE_PROBE, client, component, 0);

  self->api_id = g_strdup (api_id);
  self->stage_name = g_strdup (stage_name);
  return MILL_PROBE (self);
}

char *
mill_stage_probe_get_group (const char *arn)
{
  const char *mark = strstr (arn, ":log-group:");
  char *group;

  if (mark == NULL || mark[strlen (":log-group:")] == '\0')
    return NULL;
  group = g_strdup (mark + strlen (":log-group:"));
  if (g_str_has_suffix (group, ":*"))
    group[strlen (group) - 2] = '\0';
  return group;
}
