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

/* How often the function is asked how it logs: seldom, and sooner where a line tells of a run whose begin did not. */
#define ASK_EVERY (300 * G_TIME_SPAN_SECOND)
#define ASK_SUSPICIOUS (10 * G_TIME_SPAN_SECOND)
/* Lambda ends a function after a quarter of an hour. */
#define LONGEST_RUN_MS (900 * 1000)

/* How a run ended, as far as it is known. */
typedef struct
{
  char        *stream;         /* of a run whose begin follows from its first line; NULL of others */
  gint64       last;           /* time of its last line, of such a run */
  gboolean     nameless;       /* no line has named it yet */
  gboolean     guessed;        /* its end was told since nothing more came */
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
  GHashTable     *aliases;    /* id → the one that the run was given when no line had named it yet */
  gint64          asked;      /* monotonic time when the function was asked how it logs; 0 never */
  gboolean        suspicious; /* a line of a run whose begin was not told */
  gboolean        unlogged;   /* the log tells neither when a run begins nor that it went well */
};

G_DEFINE_FINAL_TYPE (MillLogProbe, mill_log_probe, MILL_TYPE_GROUP_PROBE)

static void
run_free (gpointer data)
{
  Run *run = data;

  g_free (run->stream);
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
      g_free (run->error_type);
      run->error_type = g_strdup ("Sandbox.Timedout");
      run->error_message = g_strdup_printf ("RequestId: %s Error: Task timed out after %.2f seconds",
                                            report->request_id != NULL ? report->request_id : id, report->duration / 1000);
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
  run = g_hash_table_lookup (self->runs, id);
  if (run != NULL)
    run->last = MAX (run->last, time);
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
      if (run->told && run->status == NULL && !run->guessed)
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
      if (run->guessed)
        run->told = FALSE;
      g_ptr_array_add (self->ends, g_strdup (id));
      break;
    default:
      break;
    }
}

/* Nobody tells of the begin of @id: it is where its first line is. */
static void
guess_begin (MillLogProbe *self,
             const char   *stream,
             const char   *id,
             gint64        time,
             gboolean      nameless)
{
  Run *run = get_run (self, id);
  JsonObject *event = make_event (self, id, time / 1000.0);

  g_free (run->stream);
  run->stream = g_strdup (stream);
  run->nameless = nameless;
  mill_log_runs_begin (self->places, stream, id, time);
  json_object_set_boolean_member (event, "inferred", TRUE);
  mill_probe_tell (MILL_PROBE (self), "function-started", event);
}

/* {"in": [{"messageId": …}, …]}: what a run is about, which it says first of all. */
static gboolean
opens_run (const char *text)
{
  g_autoptr (JsonObject) line = strstr (text, "\"in\"") != NULL ? mill_log_line_read_object (text) : NULL;

  return line != NULL && aws_json_get_array (line, "in") != NULL;
}

/* The run of a line, where the log tells of no begin and of no end that went well: the run begins here if it is not known yet. */
static char *
find_unlogged (MillLogProbe *self,
               const char   *stream,
               const char   *named,
               const char   *text,
               gint64        time)
{
  const char *alias = named != NULL ? g_hash_table_lookup (self->aliases, named) : NULL;
  const char *open = mill_log_runs_find (self->places, stream, time);
  Run *run = open != NULL ? g_hash_table_lookup (self->runs, open) : NULL;
  g_autofree char *made = NULL;

  if (alias != NULL)
    return g_strdup (alias);
  if (named != NULL && g_hash_table_contains (self->runs, named))
    return g_strdup (named);
  if (named != NULL && run != NULL && run->nameless)
    {
      run->nameless = FALSE;
      g_hash_table_insert (self->aliases, g_strdup (named), g_strdup (open));
      return g_strdup (open);
    }
  if (named == NULL && open != NULL && !(run != NULL && run->stream != NULL && opens_run (text)))
    return g_strdup (open);
  /* The same again where the line is read again. */
  made = named != NULL ? g_strdup (named) : g_strdup_printf ("%s %" G_GINT64_FORMAT, stream, time);
  guess_begin (self, stream, made, time, named == NULL);
  return g_steal_pointer (&made);
}

/* Nothing more came for as long as anything may come late: it is over, and since what goes wrong is told, it went well. */
static void
guess_ends (MillLogProbe *self,
            gint64        limit)
{
  GHashTableIter iter;
  gpointer id, value;

  g_hash_table_iter_init (&iter, self->runs);
  while (g_hash_table_iter_next (&iter, &id, &value))
    {
      Run *run = value;
      JsonObject *event;

      if (run->stream == NULL || run->told || run->report != NULL || run->last >= limit)
        continue;
      run->told = run->guessed = TRUE;
      run->time = run->last;
      mill_log_runs_end (self->places, run->stream, id, run->last);
      event = make_event (self, id, run->last / 1000.0);
      json_object_set_string_member (event, "status", run->status == NULL || g_str_equal (run->status, "error") ? "ok" : run->status);
      json_object_set_boolean_member (event, "inferred", TRUE);
      mill_probe_tell (MILL_PROBE (self), "function-ended", event);
    }
}

static gboolean
is_unused (gpointer key,
           gpointer value,
           gpointer runs)
{
  return !g_hash_table_contains (runs, value);
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
  if (self->unlogged && line->kind != MILL_LOG_LINE_START)
    id = find_unlogged (self, stream, line->request_id, text, time);
  else
    id = g_strdup (line->request_id != NULL ? line->request_id : mill_log_runs_find (self->places, stream, time));
  self->suspicious |= id == NULL || mill_log_runs_find (self->places, stream, time) == NULL;
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
  Run *run = value;

  /* Of one whose end was not told of, more may come. */
  return run->told && run->time + (run->guessed ? LONGEST_RUN_MS : 0) < *(gint64 *) limit;
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
  guess_ends (self, limit);
  g_hash_table_foreach_remove (self->runs, is_over, &limit);
  g_hash_table_foreach_remove (self->aliases, is_unused, self->runs);
  mill_log_runs_forget (self->places, limit);
  json_object_set_double_member (event, "until", until);
  mill_probe_tell (MILL_PROBE (probe), "read-until", event);
}

static void
on_configuration (MillProbe    *probe,
                  JsonObject   *result,
                  const GError *error)
{
  MillLogProbe *self = MILL_LOG_PROBE (probe);
  gboolean unlogged = result != NULL ? mill_log_probe_hides_runs (result) : self->unlogged;
  JsonObject *event;

  if (unlogged != self->unlogged)
    {
      self->unlogged = unlogged;
      event = mill_probe_object ("component", mill_probe_get_component (probe), NULL);
      json_object_set_boolean_member (event, "unlogged", unlogged);
      mill_probe_tell (probe, "function-seen", event);
    }
  /* Whoever may not ask reads what there is. */
  MILL_PROBE_CLASS (mill_log_probe_parent_class)->poll (probe);
}

static void
mill_log_probe_poll (MillProbe *probe)
{
  MillLogProbe *self = MILL_LOG_PROBE (probe);
  gint64 now = g_get_monotonic_time ();

  if (self->asked > 0 && now - self->asked < (self->suspicious ? ASK_SUSPICIOUS : ASK_EVERY))
    {
      MILL_PROBE_CLASS (mill_log_probe_parent_class)->poll (probe);
      return;
    }
  self->asked = now;
  self->suspicious = FALSE;
  mill_probe_call (probe, "lambda:GetFunctionConfiguration", mill_probe_object ("FunctionName", self->function_arn, NULL), on_configuration);
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
  g_hash_table_unref (self->aliases);
  g_hash_table_unref (self->runs);
  G_OBJECT_CLASS (mill_log_probe_parent_class)->finalize (object);
}

static void
mill_log_probe_class_init (MillLogProbeClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = mill_log_probe_finalize;
  MILL_PROBE_CLASS (klass)->poll = mill_log_probe_poll;
  MILL_GROUP_PROBE_CLASS (klass)->take = mill_log_probe_take;
  MILL_GROUP_PROBE_CLASS (klass)->ended = mill_log_probe_ended;
}

static void
mill_log_probe_init (MillLogProbe *self)
{
  self->places = mill_log_runs_new ();
  self->ends = g_ptr_array_new_with_free_func (g_free);
  self->aliases = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
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

gboolean
mill_log_probe_hides_runs (JsonObject *configuration)
{
  return g_strcmp0 (aws_json_get_string (configuration, "LoggingConfig.LogFormat"), "JSON") == 0
         && g_strcmp0 (aws_json_get_string (configuration, "LoggingConfig.SystemLogLevel"), "WARN") == 0;
}
