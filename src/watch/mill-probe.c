/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-probe-private.h"

#include <glib/gi18n-lib.h>

#include "aws-json.h"

typedef struct
{
  AwsClient       *client;
  GCancellable    *cancellable;
  char            *component;
  double           since;
  MillProbeGate    gate;
  gpointer         gate_data;
  MillProbeAnswer  answer;      /* of the call that is under way */
  char            *operation;   /* … or waits for its turn; of a GET, the service */
  JsonObject      *parameters;
  char            *path;        /* of a GET */
  gboolean         waiting;
  gboolean         busy;
} MillProbePrivate;

enum { OBSERVATION, DONE, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (MillProbe, mill_probe, G_TYPE_OBJECT)

static void
hand_over (MillProbe    *self,
           JsonObject   *result,
           const GError *error)
{
  MillProbePrivate *priv = mill_probe_get_instance_private (self);
  MillProbeAnswer answer = g_steal_pointer (&priv->answer);

  if (!g_cancellable_is_cancelled (priv->cancellable))
    answer (self, result, error);
}

static void
on_answer (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  g_autoptr (MillProbe) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) object = aws_client_call_finish (AWS_CLIENT (source), result, &error);

  hand_over (self, object, error);
}

static void
get_in_thread (GTask        *task,
               gpointer      source,
               gpointer      data,
               GCancellable *cancellable)
{
  char **words = data;
  GError *error = NULL;
  JsonObject *answer = aws_client_http (source, words[0], "GET", words[1], NULL, NULL, cancellable, &error);

  if (answer != NULL)
    g_task_return_pointer (task, answer, (GDestroyNotify) json_object_unref);
  else
    g_task_return_error (task, error);
}

static void
on_got (GObject      *source,
        GAsyncResult *result,
        gpointer      data)
{
  g_autoptr (MillProbe) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (JsonObject) answer = g_task_propagate_pointer (G_TASK (result), &error);
  g_autoptr (JsonObject) body = NULL;

  if (answer != NULL)
    body = aws_json_parse_object (aws_json_get_string (answer, "body") != NULL ? aws_json_get_string (answer, "body") : "", -1, &error);
  hand_over (self, body, error);
}

static void
forget_call (MillProbePrivate *priv)
{
  g_clear_pointer (&priv->operation, g_free);
  g_clear_pointer (&priv->parameters, json_object_unref);
  g_clear_pointer (&priv->path, g_free);
}

static void
get_path (MillProbe  *self,
          const char *service,
          const char *path)
{
  MillProbePrivate *priv = mill_probe_get_instance_private (self);
  g_autoptr (GTask) task = g_task_new (priv->client, priv->cancellable, on_got, g_object_ref (self));
  char **words = g_new0 (char *, 3);

  words[0] = g_strdup (service);
  words[1] = g_strconcat (aws_client_get_endpoint (priv->client), path, NULL);
  g_task_set_task_data (task, words, (GDestroyNotify) g_strfreev);
  g_task_run_in_thread (task, get_in_thread);
}

/* The call that is to be made, where it may be made now. */
static void
go_on (MillProbe *self)
{
  MillProbePrivate *priv = mill_probe_get_instance_private (self);

  priv->waiting = priv->gate != NULL && !priv->gate (self, priv->gate_data);
  if (priv->waiting)
    return;
  if (priv->path != NULL)
    get_path (self, priv->operation, priv->path);
  else
    aws_client_call_async (priv->client, priv->operation, priv->parameters, priv->cancellable, on_answer, g_object_ref (self));
  forget_call (priv);
}

static void
mill_probe_finalize (GObject *object)
{
  MillProbePrivate *priv = mill_probe_get_instance_private (MILL_PROBE (object));

  forget_call (priv);
  g_object_unref (priv->client);
  g_object_unref (priv->cancellable);
  g_free (priv->component);
  G_OBJECT_CLASS (mill_probe_parent_class)->finalize (object);
}

static void
mill_probe_class_init (MillProbeClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = mill_probe_finalize;

  signals[OBSERVATION] = g_signal_new ("observation", MILL_TYPE_PROBE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                       G_TYPE_NONE, 1, JSON_TYPE_OBJECT);
  signals[DONE] = g_signal_new ("done", MILL_TYPE_PROBE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_ERROR);
}

static void
mill_probe_init (MillProbe *self)
{
  MillProbePrivate *priv = mill_probe_get_instance_private (self);

  priv->cancellable = g_cancellable_new ();
}

gpointer
mill_probe_new (GType       type,
                AwsClient  *client,
                const char *component,
                double      since)
{
  MillProbe *self = g_object_new (type, NULL);
  MillProbePrivate *priv = mill_probe_get_instance_private (self);

  priv->client = g_object_ref (client);
  priv->component = g_strdup (component);
  priv->since = since;
  return self;
}

const char *
mill_probe_get_component (MillProbe *self)
{
  MillProbePrivate *priv = mill_probe_get_instance_private (self);

  return priv->component;
}

double
mill_probe_get_since (MillProbe *self)
{
  MillProbePrivate *priv = mill_probe_get_instance_private (self);

  return priv->since;
}

GCancellable *
mill_probe_get_cancellable (MillProbe *self)
{
  MillProbePrivate *priv = mill_probe_get_instance_private (self);

  return priv->cancellable;
}

void
mill_probe_poll (MillProbe *self)
{
  MillProbePrivate *priv = mill_probe_get_instance_private (self);

  if (g_cancellable_is_cancelled (priv->cancellable))
    return;
  if (priv->waiting)
    go_on (self);
  if (priv->busy)
    return;
  priv->busy = TRUE;
  MILL_PROBE_GET_CLASS (self)->poll (self);
}

void
mill_probe_set_gate (MillProbe     *self,
                     MillProbeGate  gate,
                     gpointer       user_data)
{
  MillProbePrivate *priv = mill_probe_get_instance_private (self);

  priv->gate = gate;
  priv->gate_data = user_data;
}

void
mill_probe_stop (MillProbe *self)
{
  MillProbePrivate *priv = mill_probe_get_instance_private (self);

  priv->gate = NULL;
  g_cancellable_cancel (priv->cancellable);
}

void
mill_probe_call (MillProbe       *self,
                 const char      *operation,
                 JsonObject      *parameters,
                 MillProbeAnswer  answer)
{
  MillProbePrivate *priv = mill_probe_get_instance_private (self);

  priv->answer = answer;
  priv->operation = g_strdup (operation);
  priv->parameters = parameters;
  go_on (self);
}

void
mill_probe_get (MillProbe       *self,
                const char      *service,
                const char      *path,
                MillProbeAnswer  answer)
{
  MillProbePrivate *priv = mill_probe_get_instance_private (self);

  priv->answer = answer;
  priv->operation = g_strdup (service);
  priv->path = g_strdup (path);
  go_on (self);
}

const char *
mill_probe_peek_call (MillProbe *self)
{
  MillProbePrivate *priv = mill_probe_get_instance_private (self);

  return priv->waiting ? priv->operation : NULL;
}

void
mill_probe_answer (MillProbe    *self,
                   JsonObject   *result,
                   const GError *error)
{
  MillProbePrivate *priv = mill_probe_get_instance_private (self);

  g_return_if_fail (priv->waiting);
  priv->waiting = FALSE;
  forget_call (priv);
  hand_over (self, result, error);
}

void
mill_probe_tell (MillProbe  *self,
                 const char *kind,
                 JsonObject *event)
{
  json_object_set_string_member (event, "kind", kind);
  g_signal_emit (self, signals[OBSERVATION], 0, event);
  json_object_unref (event);
}

void
mill_probe_done (MillProbe    *self,
                 const GError *error)
{
  MillProbePrivate *priv = mill_probe_get_instance_private (self);

  priv->busy = FALSE;
  g_signal_emit (self, signals[DONE], 0, error);
}

void
mill_probe_fail (MillProbe    *self,
                 const GError *error)
{
  g_autoptr (GError) strange = error == NULL ? aws_error_new (AWS_ERROR_ANSWER, "Answer", _("The answer is not one that AWS gives. Check the endpoint’s address."),
                                                              NULL, 0, FALSE) : NULL;

  mill_probe_done (self, error != NULL ? error : strange);
}

JsonObject *
mill_probe_object (const char *name,
                   ...)
{
  JsonObject *object = json_object_new ();
  va_list args;

  va_start (args, name);
  for (; name != NULL; name = va_arg (args, const char *))
    {
      const char *value = va_arg (args, const char *);

      if (value != NULL)
        json_object_set_string_member (object, name, value);
    }
  va_end (args);
  return object;
}
