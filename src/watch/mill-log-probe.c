/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-log-probe.h"

#include <math.h>
#include <string.h>

#include "aws-json.h"
#include "mill-log-line.h"
#include "mill-log-runs.h"

/* A run that nobody ended is forgotten when there are many more of them. */
#define MAX_RUNS 5000
/* Lines of no run that is known wait for one, so many of them. */
#define MAX_ORPHANS 1000

/* How a run ended, as far as it is known. */
typedef struct
{
  char        *error_type;
  char        *error_message;
  char        *status;
  MillLogLine *report;
  gint64       time;           /* of that */
  gboolean     told;           /* how it ended */
} Run;

typedef struct
{
  char   *stream;
  char   *text;
  gint64  time;
} Orphan;

struct _MillLogProbe
{
  MillGroupProbe  parent_instance;

  char           *function_arn;
  char           *topic_arn;
  char           *queue_arn;
  MillLogRuns    *places;
  GHashTable     *runs;       /* id → Run */
  GPtrArray      *ends;       /* ids of runs whose end is to be told */
  GQueue          orphans;    /* Orphan */
};

G_DEFINE_FINAL_TYPE (MillLogProbe, mill_log_probe, MILL_TYPE_GROUP_PROBE)

static void
run_free (gpointer data)
{
  Run *run = data;

  g_free (run->error_type);
  g_free (run->error_message);
  g_free (run->status);
  g_clear_pointer (&run->report, mill_log_line_free);
  g_free (run);
}

static void
orphan_free (gpointer data)
{
  Orphan *orphan = data;

  g_free (orphan->stream);
  g_free (orphan->text);
  g_free (orphan);
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

  if (strstr (text, "\"out") == NULL || (self->topic_arn == NULL && self->queue_arn == NULL))
    return;
  line = mill_log_line_read_object (text);
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

/* What the platform says counts before what was logged: an error that was logged may have been handled. */
static void
tell_end (MillLogProbe *self,
          const char   *id,
          Run          *run)
{
  MillLogLine *report = run->report;
  JsonObject *event = make_event (self, id, run->time / 1000.0);
  gboolean late = g_strcmp0 (report->status, "timeout") == 0 || g_strcmp0 (run->status, "timeout") == 0;
  gboolean bad = !report->success && (report->status != NULL || run->status != NULL);

  if (late && run->error_message == NULL)
    {
      run->error_type = g_strdup ("Sandbox.Timedout");
      run->error_message = g_strdup_printf ("RequestId: %s Error: Task timed out after %.2f seconds", id, report->duration / 1000);
    }
  json_object_set_string_member (event, "status", !bad ? "ok" : late ? "timeout" : g_strcmp0 (report->error_type, "Runtime.OutOfMemory") == 0 ? "out-of-memory"
                                                  : run->status != NULL ? run->status : "error");
  if (bad)
    {
      json_object_set_string_member (event, "errorType", run->error_type != NULL ? run->error_type : report->error_type != NULL ? report->error_type : "Error");
      json_object_set_string_member (event, "errorMessage", run->error_message != NULL ? run->error_message : "The function failed.");
    }
  json_object_set_double_member (event, "durationMs", report->duration);
  json_object_set_double_member (event, "billedMs", report->billed);
  json_object_set_int_member (event, "memoryMb", report->memory_used);
  if (report->init > 0)
    json_object_set_double_member (event, "initMs", report->init);
  run->told = TRUE;
  mill_probe_tell (MILL_PROBE (self), "function-ended", event);
}

/* Once all is read that is there: why a run failed may stand behind the line that says that it ended. */
static void
tell_ends (MillLogProbe *self)
{
  for (guint i = 0; i < self->ends->len; i++)
    {
      Run *run = g_hash_table_lookup (self->runs, self->ends->pdata[i]);

      if (run != NULL && run->report != NULL && !run->told)
        tell_end (self, self->ends->pdata[i], run);
    }
  g_ptr_array_set_size (self->ends, 0);
}

/* A line of the run @id; takes from @line what is kept of it. */
static void
take_line_of (MillLogProbe *self,
              const char   *id,
              MillLogLine **line,
              const char   *stream,
              const char   *text,
              gint64        time)
{
  JsonObject *event = make_event (self, id, time / 1000.0);
  Run *run;

  json_object_set_string_member (event, "line", text);
  mill_probe_tell (MILL_PROBE (self), "function-log", event);
  switch ((*line)->kind)
    {
    case MILL_LOG_LINE_OWN:
      tell_written (self, id, text, time / 1000.0);
      break;
    case MILL_LOG_LINE_ERROR:
    case MILL_LOG_LINE_TIMEOUT:
    case MILL_LOG_LINE_EXIT:
      run = get_run (self, id);
      /* It failed after all: the line came late. */
      if (run->told && run->status == NULL)
        {
          run->told = FALSE;
          g_ptr_array_add (self->ends, g_strdup (id));
        }
      g_free (run->error_type);
      g_free (run->error_message);
      g_free (run->status);
      run->error_type = g_steal_pointer (&(*line)->error_type);
      run->error_message = g_steal_pointer (&(*line)->error_message);
      run->status = g_strdup ((*line)->kind == MILL_LOG_LINE_TIMEOUT ? "timeout" : (*line)->kind == MILL_LOG_LINE_EXIT ? "crashed" : "error");
      break;
    case MILL_LOG_LINE_REPORT:
      mill_log_runs_end (self->places, stream, id, time);
      run = get_run (self, id);
      g_clear_pointer (&run->report, mill_log_line_free);
      run->report = g_steal_pointer (line);
      run->time = time;
      g_ptr_array_add (self->ends, g_strdup (id));
      break;
    default:
      break;
    }
}

/* Whether there is a place for it: FALSE for a line of a run whose begin was not read (yet). */
static gboolean
take_line (MillLogProbe *self,
           const char   *stream,
           const char   *text,
           gint64        time)
{
  g_autoptr (MillLogLine) line = mill_log_line_parse (text);
  g_autofree char *id = NULL;

  if (line->kind == MILL_LOG_LINE_PLATFORM && line->request_id == NULL)
    return TRUE;
  if (line->kind == MILL_LOG_LINE_START)
    {
      mill_log_runs_begin (self->places, stream, line->request_id, time);
      mill_probe_tell (MILL_PROBE (self), "function-started", make_event (self, line->request_id, time / 1000.0));
    }
  id = g_strdup (line->request_id != NULL ? line->request_id : mill_log_runs_find (self->places, stream, time));
  if (id != NULL)
    take_line_of (self, id, &line, stream, text, time);
  return id != NULL;
}

static void
keep_orphan (MillLogProbe *self,
             const char   *stream,
             const char   *text,
             gint64        time)
{
  Orphan *orphan = g_new0 (Orphan, 1);

  orphan->stream = g_strdup (stream);
  orphan->text = g_strdup (text);
  orphan->time = time;
  g_queue_push_tail (&self->orphans, orphan);
  if (self->orphans.length > MAX_ORPHANS)
    orphan_free (g_queue_pop_head (&self->orphans));
}

static void
place_orphans (MillLogProbe *self,
               gint64        limit)
{
  for (GList *l = self->orphans.head, *next; l != NULL; l = next)
    {
      Orphan *orphan = l->data;

      next = l->next;
      if (!take_line (self, orphan->stream, orphan->text, orphan->time) && orphan->time >= limit)
        continue;
      orphan_free (orphan);
      g_queue_delete_link (&self->orphans, l);
    }
}

static gboolean
is_over (gpointer key,
         gpointer value,
         gpointer limit)
{
  return ((Run *) value)->told && ((Run *) value)->time < *(gint64 *) limit;
}

static void
mill_log_probe_take (MillGroupProbe *probe,
                     const char     *stream,
                     const char     *text,
                     double          time)
{
  gint64 milliseconds = llround (time * 1000);

  if (!take_line (MILL_LOG_PROBE (probe), stream, text, milliseconds))
    keep_orphan (MILL_LOG_PROBE (probe), stream, text, milliseconds);
}

static void
mill_log_probe_ended (MillGroupProbe *probe,
                      double          until)
{
  MillLogProbe *self = MILL_LOG_PROBE (probe);
  gint64 limit = mill_group_probe_get_limit (probe);
  JsonObject *event = mill_probe_object ("component", mill_probe_get_component (MILL_PROBE (probe)), NULL);

  place_orphans (self, limit);
  tell_ends (self);
  g_hash_table_foreach_remove (self->runs, is_over, &limit);
  mill_log_runs_forget (self->places, limit);
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
  mill_log_runs_free (self->places);
  g_ptr_array_unref (self->ends);
  g_queue_clear_full (&self->orphans, orphan_free);
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
  self->places = mill_log_runs_new ();
  self->ends = g_ptr_array_new_with_free_func (g_free);
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
