/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-log-probe.h"

#include <string.h>

#include "aws-json.h"
#include "mill-log-line.h"

/* A run that nobody ended is forgotten when there are many more of them. */
#define MAX_RUNS 5000

/* A run of which not all is known yet. */
typedef struct
{
  char *error_type;
  char *error_message;
  char *status;
} Run;

struct _MillLogProbe
{
  MillGroupProbe  parent_instance;

  char       *function_arn;
  char       *topic_arn;
  char       *queue_arn;
  GHashTable *current;    /* log stream → id of the run whose lines come */
  GHashTable *runs;       /* id → Run */
};

G_DEFINE_FINAL_TYPE (MillLogProbe, mill_log_probe, MILL_TYPE_GROUP_PROBE)

static void
run_free (gpointer data)
{
  Run *run = data;

  g_free (run->error_type);
  g_free (run->error_message);
  g_free (run->status);
  g_free (run);
}

static Run *
get_run (MillLogProbe *self,
         const char   *id)
{
  Run *run = g_hash_table_lookup (self->runs, id);

  if (run == NULL)
    {
      if (g_hash_table_size (self->runs) > MAX_RUNS)
        g_hash_table_remove_all (self->runs);
      run = g_new0 (Run, 1);
      g_hash_table_insert (self->runs, g_strdup (id), run);
    }
  return run;
}

static JsonObject *
make_event (MillLogProbe *self,
            const char   *id,
            double        time)
{
  JsonObject *event = mill_probe_object ("invocationId", id, "functionArn", self->function_arn, NULL);

  json_object_set_double_member (event, "time", time);
  return event;
}

/* What the line says came out of the function: a message to the topic or the queue that it writes to. */
static void
tell_written (MillLogProbe *self,
              const char   *id,
              const char   *text,
              double        time)
{
  g_autoptr (JsonObject) line = NULL;
  const char *message;
  JsonObject *event;

  if (text[0] != '{' || strstr (text, "\"out\"") == NULL || (self->topic_arn == NULL && self->queue_arn == NULL))
    return;
  line = aws_json_parse_object (text, -1, NULL);
  message = line != NULL ? aws_json_get_string (line, "out.messageId") : NULL;
  if (message == NULL)
    return;
  event = mill_probe_object ("messageId", message, NULL);
  json_object_set_double_member (event, "time", time);
  if (self->topic_arn != NULL)
    {
      json_object_set_string_member (event, "invocationId", id);
      json_object_set_string_member (event, "topicArn", self->topic_arn);
      mill_probe_tell (MILL_PROBE (self), "topic-published", event);
    }
  else
    {
      json_object_set_string_member (event, "queueArn", self->queue_arn);
      json_object_set_string_member (event, "source", id);
      json_object_set_string_member (event, "sourceType", "invocation");
      mill_probe_tell (MILL_PROBE (self), "queue-sent", event);
    }
}

static void
tell_end (MillLogProbe *self,
          MillLogLine  *line,
          double        time)
{
  Run *run = get_run (self, line->request_id);
  JsonObject *event = make_event (self, line->request_id, time);
  gboolean late = g_strcmp0 (line->status, "timeout") == 0 || g_strcmp0 (run->status, "timeout") == 0;
  gboolean bad = line->status != NULL || run->status != NULL;

  if (late && run->error_message == NULL)
    {
      run->error_type = g_strdup ("Sandbox.Timedout");
      run->error_message = g_strdup_printf ("RequestId: %s Error: Task timed out after %.2f seconds", line->request_id, line->duration / 1000);
    }
  json_object_set_string_member (event, "status", late ? "timeout" : !bad ? "ok" : g_strcmp0 (line->error_type, "Runtime.OutOfMemory") == 0 ? "out-of-memory"
                                                  : run->status != NULL ? run->status : "error");
  if (bad)
    {
      json_object_set_string_member (event, "errorType", run->error_type != NULL ? run->error_type : line->error_type != NULL ? line->error_type : "Error");
      json_object_set_string_member (event, "errorMessage", run->error_message != NULL ? run->error_message : "The function failed.");
    }
  json_object_set_double_member (event, "durationMs", line->duration);
  json_object_set_double_member (event, "billedMs", line->billed);
  json_object_set_int_member (event, "memoryMb", line->memory_used);
  if (line->init > 0)
    json_object_set_double_member (event, "initMs", line->init);
  g_hash_table_remove (self->runs, line->request_id);
  mill_probe_tell (MILL_PROBE (self), "function-ended", event);
}

static void
take_line (MillLogProbe *self,
           const char   *stream,
           const char   *text,
           double        time)
{
  g_autoptr (MillLogLine) line = mill_log_line_parse (text);
  g_autofree char *id = NULL;
  JsonObject *event;
  Run *run;

  if (line->kind == MILL_LOG_LINE_START)
    {
      g_hash_table_replace (self->current, g_strdup (stream), g_strdup (line->request_id));
      mill_probe_tell (MILL_PROBE (self), "function-started", make_event (self, line->request_id, time));
    }
  id = g_strdup (line->request_id != NULL ? line->request_id : g_hash_table_lookup (self->current, stream));
  /* Written before the first run, or in one that began before the watch. */
  if (id == NULL)
    return;
  event = make_event (self, id, time);
  json_object_set_string_member (event, "line", text);
  mill_probe_tell (MILL_PROBE (self), "function-log", event);
  switch (line->kind)
    {
    case MILL_LOG_LINE_OWN:
      tell_written (self, id, text, time);
      break;
    case MILL_LOG_LINE_ERROR:
    case MILL_LOG_LINE_TIMEOUT:
    case MILL_LOG_LINE_EXIT:
      run = get_run (self, id);
      g_free (run->error_type);
      g_free (run->error_message);
      g_free (run->status);
      run->error_type = g_steal_pointer (&line->error_type);
      run->error_message = g_steal_pointer (&line->error_message);
      run->status = g_strdup (line->kind == MILL_LOG_LINE_TIMEOUT ? "timeout" : line->kind == MILL_LOG_LINE_EXIT ? "crashed" : "error");
      break;
    case MILL_LOG_LINE_REPORT:
      tell_end (self, line, time);
      break;
    default:
      break;
    }
}

static void
mill_log_probe_take (MillGroupProbe *probe,
                     const char     *stream,
                     const char     *text,
                     double          time)
{
  take_line (MILL_LOG_PROBE (probe), stream, text, time);
}

static void
mill_log_probe_ended (MillGroupProbe *probe,
                      double          until)
{
  JsonObject *event = mill_probe_object ("component", mill_probe_get_component (MILL_PROBE (probe)), NULL);

  json_object_set_double_member (event, "until", until);
  mill_probe_tell (MILL_PROBE (probe), "read-until", event);
}

static void
mill_log_probe_finalize (GObject *object)
{
  MillLogProbe *self = MILL_LOG_PROBE (object);

  g_free (self->function_arn);
  g_free (self->topic_arn);
  g_free (self->queue_arn);
  g_hash_table_unref (self->current);
  g_hash_table_unref (self->runs);
  G_OBJECT_CLASS (mill_log_probe_parent_class)->finalize (object);
}

static void
mill_log_probe_class_init (MillLogProbeClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = mill_log_probe_finalize;
  MILL_GROUP_PROBE_CLASS (klass)->take = mill_log_probe_take;
  MILL_GROUP_PROBE_CLASS (klass)->ended = mill_log_probe_ended;
}

static void
mill_log_probe_init (MillLogProbe *self)
{
  self->current = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->runs = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, run_free);
}

MillProbe *
mill_log_probe_new (AwsClient  *client,
                    const char *component,
                    double      since,
                    const char *function_arn,
                    const char *log_group,
                    double      late,
                    const char *topic_arn,
                    const char *queue_arn)
{
  MillLogProbe *self = mill_group_probe_new (MILL_TYPE_LOG_PROBE, client, component, since, log_group, late);

  self->function_arn = g_strdup (function_arn);
  self->topic_arn = g_strdup (topic_arn);
  self->queue_arn = g_strdup (queue_arn);
  return MILL_PROBE (self);
}
