/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-access-log-probe.h"

#include <stdio.h>
#include <string.h>

#include "aws-json.h"

struct _MillAccessLogProbe
{
  MillGroupProbe  parent_instance;

  MillAccessLog  *log;
  char           *api_id;
  char           *stage_name;
};

G_DEFINE_FINAL_TYPE (MillAccessLogProbe, mill_access_log_probe, MILL_TYPE_GROUP_PROBE)

/* The first of @names that the line has; names, NULL */
static const char *
find (GHashTable *values,
      ...)
{
  const char *name, *found = NULL;
  va_list names;

  va_start (names, values);
  while (found == NULL && (name = va_arg (names, const char *)) != NULL)
    found = g_hash_table_lookup (values, name);
  va_end (names);
  return found;
}

/* -1 where it is none. */
static double
to_number (const char *text)
{
  guint64 number;

  return text != NULL && g_ascii_string_to_unsigned (text, 10, 0, G_MAXINT64 / 2, &number, NULL) ? (double) number : -1;
}

/* "21/Nov/2026:15:29:57 +0000" */
static double
parse_request_time (const char *text)
{
  static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
  char month[4] = "";
  int day, year, hour, minute, second, offset;
  const char *found;
  g_autofree char *zone_name = NULL;
  g_autoptr (GTimeZone) zone = NULL;
  g_autoptr (GDateTime) time = NULL;

  if (text == NULL || sscanf (text, "%2d/%3[A-Za-z]/%4d:%2d:%2d:%2d %5d", &day, month, &year, &hour, &minute, &second, &offset) != 7)
    return -1;
  found = strstr (months, month);
  if (found == NULL || (found - months) % 3 != 0 || strlen (month) != 3 || ABS (offset) > 1400)
    return -1;
  zone = g_time_zone_new_offset ((offset / 100 * 60 + offset % 100) * 60);
  time = g_date_time_new (zone, year, (int) (found - months) / 3 + 1, day, hour, minute, second);
  return time != NULL ? (double) g_date_time_to_unix (time) : -1;
}

/* "$context.path" begins with the stage; a resource's path, which has its variables in braces, is the next best. */
static char *
make_path (GHashTable *values,
           const char *stage_name)
{
  const char *path = find (values, "path", NULL);
  g_autofree char *prefix = g_strconcat ("/", stage_name, "/", NULL);

  if (path == NULL)
    return g_strdup (find (values, "resourcePath", "customDomain.basePathMatched", NULL));
  return g_strdup (g_str_has_prefix (path, prefix) ? path + strlen (prefix) - 1 : path);
}

/* $context.error.messageString is the same in quotation marks, as JSON has them. */
static char *
find_error (GHashTable *values)
{
  const char *message = find (values, "error.message", NULL);
  const char *quoted = find (values, "error.messageString", NULL);
  g_autoptr (JsonNode) node = message == NULL && quoted != NULL ? aws_json_parse (quoted, -1, NULL) : NULL;

  if (node != NULL && json_node_get_value_type (node) == G_TYPE_STRING)
    return json_node_dup_string (node);
  return g_strdup (message != NULL ? message : find (values, "error.responseType", NULL));
}

JsonObject *
mill_access_log_probe_read (MillAccessLog *log,
                            const char    *api_id,
                            const char    *stage_name,
                            const char    *line,
                            double         time)
{
  g_autoptr (GHashTable) values = mill_access_log_read (log, line);
  const char *api = values != NULL ? find (values, "apiId", NULL) : NULL;
  const char *id = values != NULL ? find (values, "requestId", "extendedRequestId", NULL) : NULL;
  g_autofree char *path = NULL;
  g_autofree char *error = NULL;
  double began, latency, status, second;
  JsonObject *event;

  /* Several stages may write to one group. */
  if (id == NULL || (api != NULL && !g_str_equal (api, api_id)))
    return NULL;
  path = make_path (values, stage_name);
  error = find_error (values);
  event = mill_probe_object ("requestId", id, "apiId", api_id, "method", find (values, "httpMethod", NULL), "path", path, "error", error,
                             "integrationError", find (values, "integration.error", "integrationErrorMessage", NULL), NULL);
  latency = to_number (find (values, "responseLatency", NULL));
  began = to_number (find (values, "requestTimeEpoch", NULL));
  began = began > 0 ? began / 1000 : latency >= 0 ? time - latency / 1000 : -1;
  if (began <= 0 || began > time)
    {
      /* The second alone is known: what took less than that is not known to have taken any time. */
      second = parse_request_time (find (values, "requestTime", NULL));
      began = second > 0 && second + 1 < time ? second : time;
      if (second > 0 && second < began)
        json_object_set_double_member (event, "earliest", second);
    }
  json_object_set_double_member (event, "time", began);
  json_object_set_double_member (event, "left", latency >= 0 ? MIN (began + latency / 1000, time) : time);
  if ((status = to_number (find (values, "status", NULL))) > 0)
    json_object_set_int_member (event, "status", (gint64) MIN (status, 999));
  if ((status = to_number (find (values, "integration.status", "integrationStatus", NULL))) > 0)
    json_object_set_int_member (event, "integrationStatus", (gint64) MIN (status, 999));
  return event;
}

static void
mill_access_log_probe_take (MillGroupProbe *probe,
                            const char     *stream,
                            const char     *line,
                            double          time)
{
  MillAccessLogProbe *self = MILL_ACCESS_LOG_PROBE (probe);
  JsonObject *event = mill_access_log_probe_read (self->log, self->api_id, self->stage_name, line, time);

  if (event != NULL)
    mill_probe_tell (MILL_PROBE (probe), "gateway-logged", event);
}

/* Only the request's id, or API Gateway's own for it, tells which requests are known already. */
static void
mill_access_log_probe_poll (MillProbe *probe)
{
  MillAccessLogProbe *self = MILL_ACCESS_LOG_PROBE (probe);
  g_autoptr (GError) error = NULL;

  if (mill_access_log_has (self->log, "requestId") || mill_access_log_has (self->log, "extendedRequestId"))
    {
      MILL_PROBE_CLASS (mill_access_log_probe_parent_class)->poll (probe);
      return;
    }
  error = g_error_new (G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                       "the format of the access log of the stage “%s” lacks $context.requestId. Add it to the stage’s access log format.", self->stage_name);
  mill_probe_done (probe, error);
}

static void
mill_access_log_probe_finalize (GObject *object)
{
  MillAccessLogProbe *self = MILL_ACCESS_LOG_PROBE (object);

  mill_access_log_free (self->log);
  g_free (self->api_id);
  g_free (self->stage_name);
  G_OBJECT_CLASS (mill_access_log_probe_parent_class)->finalize (object);
}

static void
mill_access_log_probe_class_init (MillAccessLogProbeClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = mill_access_log_probe_finalize;
  MILL_PROBE_CLASS (klass)->poll = mill_access_log_probe_poll;
  MILL_GROUP_PROBE_CLASS (klass)->take = mill_access_log_probe_take;
}

static void
mill_access_log_probe_init (MillAccessLogProbe *self)
{
}

MillProbe *
mill_access_log_probe_new (AwsClient  *client,
                           const char *component,
                           double      since,
                           const char *api_id,
                           const char *stage_name,
                           const char *log_group,
                           const char *format,
                           double      late)
{
  MillAccessLogProbe *self = mill_group_probe_new (MILL_TYPE_ACCESS_LOG_PROBE, client, component, since, log_group, late);

  self->log = mill_access_log_new (format);
  self->api_id = g_strdup (api_id);
  self->stage_name = g_strdup (stage_name);
  return MILL_PROBE (self);
}
