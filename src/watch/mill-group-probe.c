/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-group-probe.h"

#include "aws-json.h"

/* No clock is ahead of ours by more. */
#define MOST_AHEAD_MS 60000

typedef struct
{
  char       *log_group;
  double      late;
  GHashTable *seen;       /* event id → gint64 *: its time */
  GHashTable *repeats;    /* "stream time line" → how often it was there in this poll; for those without an id */
  gint64      latest;     /* milliseconds since 1970: of all lines that were read … */
  gint64      read;       /* … up to the end of the last poll */
  double      asked;      /* when this poll began */
  char       *token;      /* of the page that is asked for */
} MillGroupProbePrivate;

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (MillGroupProbe, mill_group_probe, MILL_TYPE_PROBE)

static gboolean
is_old (gpointer key,
        gpointer value,
        gpointer limit)
{
  return *(gint64 *) value < *(gint64 *) limit;
}

/* Emulators leave the id away: then it is the line itself, and how many equal ones there were before it. */
static char *
dup_id (MillGroupProbe *self,
        const char     *id,
        const char     *stream,
        const char     *text,
        gint64          time)
{
  MillGroupProbePrivate *priv = mill_group_probe_get_instance_private (self);
  char *line;
  guint n;

  if (id != NULL)
    return g_strdup (id);
  line = g_strdup_printf ("%s %" G_GINT64_FORMAT " %s", stream, time, text);
  n = GPOINTER_TO_UINT (g_hash_table_lookup (priv->repeats, line)) + 1;
  g_hash_table_insert (priv->repeats, line, GUINT_TO_POINTER (n));
  return g_strdup_printf ("%u %s", n, line);
}

static void ask (MillGroupProbe *self);

/* All pages were read. */
static void
end_poll (MillGroupProbe *self)
{
  MillGroupProbePrivate *priv = mill_group_probe_get_instance_private (self);
  gint64 limit;

  priv->read = priv->latest;
  limit = mill_group_probe_get_limit (self);
  g_hash_table_foreach_remove (priv->seen, is_old, &limit);
  if (MILL_GROUP_PROBE_GET_CLASS (self)->ended != NULL)
    MILL_GROUP_PROBE_GET_CLASS (self)->ended (self, priv->asked);
  mill_probe_done (MILL_PROBE (self), NULL);
}

static void
on_events (MillProbe    *probe,
           JsonObject   *result,
           const GError *error)
{
  MillGroupProbe *self = MILL_GROUP_PROBE (probe);
  MillGroupProbePrivate *priv = mill_group_probe_get_instance_private (self);
  JsonArray *events = result != NULL ? aws_json_get_array (result, "events") : NULL;
  const char *token;

  /* The group is made with the first line. What a poll that fails has read is read again. */
  if (events == NULL && !aws_error_has_code (error, "ResourceNotFoundException"))
    {
      mill_probe_fail (probe, error);
      return;
    }
  for (guint i = 0; events != NULL && i < json_array_get_length (events); i++)
    {
      JsonNode *node = json_array_get_element (events, i);
      JsonObject *each = JSON_NODE_HOLDS_OBJECT (node) ? json_node_get_object (node) : NULL;
      const char *text = each != NULL ? aws_json_get_string (each, "message") : NULL;
      const char *stream = each != NULL ? aws_json_get_string (each, "logStreamName") : NULL;
      gint64 time = each != NULL ? aws_json_get_int (each, "timestamp", 0) : 0;

      g_autofree char *id = NULL;

      if (text == NULL || stream == NULL)
        continue;
      id = dup_id (self, aws_json_get_string (each, "eventId"), stream, text, time);
      if (g_hash_table_contains (priv->seen, id))
        continue;
      g_hash_table_insert (priv->seen, g_steal_pointer (&id), g_memdup2 (&time, sizeof time));
      /* One that is years ahead must not hide what all others say. */
      priv->latest = MAX (priv->latest, MIN (time, (gint64) (priv->asked * 1000) + MOST_AHEAD_MS));
      MILL_GROUP_PROBE_GET_CLASS (self)->take (self, stream, text, time / 1000.0);
    }
  token = result != NULL ? aws_json_get_string (result, "nextToken") : NULL;
  /* One that stands still is the last. */
  if (token != NULL && g_strcmp0 (token, priv->token) != 0)
    {
      g_free (priv->token);
      priv->token = g_strdup (token);
      ask (self);
    }
  else
    end_poll (self);
}

static void
ask (MillGroupProbe *self)
{
  MillGroupProbePrivate *priv = mill_group_probe_get_instance_private (self);
  JsonObject *parameters = mill_probe_object ("logGroupName", priv->log_group, "nextToken", priv->token, NULL);
  gint64 since = mill_probe_get_since (MILL_PROBE (self)) * 1000;

  json_object_set_int_member (parameters, "startTime", MAX (since, priv->read - (gint64) (priv->late * 1000)));
  mill_probe_call (MILL_PROBE (self), "logs:FilterLogEvents", parameters, on_events);
}

static void
mill_group_probe_poll (MillProbe *probe)
{
  MillGroupProbe *self = MILL_GROUP_PROBE (probe);
  MillGroupProbePrivate *priv = mill_group_probe_get_instance_private (self);

  priv->asked = g_get_real_time () / (double) G_USEC_PER_SEC;
  g_clear_pointer (&priv->token, g_free);
  g_hash_table_remove_all (priv->repeats);
  ask (self);
}

static void
mill_group_probe_finalize (GObject *object)
{
  MillGroupProbePrivate *priv = mill_group_probe_get_instance_private (MILL_GROUP_PROBE (object));

  g_free (priv->log_group);
  g_free (priv->token);
  g_hash_table_unref (priv->seen);
  g_hash_table_unref (priv->repeats);
  G_OBJECT_CLASS (mill_group_probe_parent_class)->finalize (object);
}

static void
mill_group_probe_class_init (MillGroupProbeClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = mill_group_probe_finalize;
  MILL_PROBE_CLASS (klass)->poll = mill_group_probe_poll;
}

static void
mill_group_probe_init (MillGroupProbe *self)
{
  MillGroupProbePrivate *priv = mill_group_probe_get_instance_private (self);

  priv->repeats = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  priv->seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

gpointer
mill_group_probe_new (GType       type,
                      AwsClient  *client,
                      const char *component,
                      double      since,
                      const char *log_group,
                      double      late)
{
  MillGroupProbe *self = mill_probe_new (type, client, component, since);
  MillGroupProbePrivate *priv = mill_group_probe_get_instance_private (self);

  priv->log_group = g_strdup (log_group);
  priv->late = late;
  return self;
}

gint64
mill_group_probe_get_limit (MillGroupProbe *self)
{
  MillGroupProbePrivate *priv = mill_group_probe_get_instance_private (self);

  return priv->read - 2 * (gint64) (priv->late * 1000);
}
