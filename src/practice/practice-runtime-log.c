/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-runtime-log.h"

#include <stdarg.h>
#include <string.h>

#include "practice-services.h"

#define TAIL_BYTES 4096
#define MAX_LINE (256 * 1024)
#define MAX_INVOCATION_BYTES (1024 * 1024)
#define MAX_INVOCATION_LINES 5000
#define FLUSH_MS 250
/* The runtime writes this for a line end within one log event. */
#define SOFT_BREAK "\x1e"

struct _PracticeRuntimeLog {
  PracticeServer *server;
  char           *function_arn;
  char           *region;
  char           *role;
  char           *group;
  char           *stream;
  char           *invocation_id;
  GString        *partial;
  GString        *tail;
  GArray         *unwritten;    /* PracticeLogLine */
  gsize           bytes;        /* of this invocation */
  guint           lines;
  gboolean        cut;
  gint64          last_ms;      /* the last line's time: none stands before it, even where the clock is set back */
  guint           flush_id;
};

static void
line_clear (gpointer data)
{
  g_free (((PracticeLogLine *) data)->text);
}

PracticeRuntimeLog *
practice_runtime_log_new (PracticeServer *server)
{
  PracticeRuntimeLog *self = g_new0 (PracticeRuntimeLog, 1);

  self->server = server;
  self->partial = g_string_new (NULL);
  self->tail = g_string_new (NULL);
  self->unwritten = g_array_new (FALSE, FALSE, sizeof (PracticeLogLine));
  g_array_set_clear_func (self->unwritten, line_clear);
  return self;
}

void
practice_runtime_log_free (PracticeRuntimeLog *self)
{
  g_clear_handle_id (&self->flush_id, g_source_remove);
  g_free (self->function_arn);
  g_free (self->region);
  g_free (self->role);
  g_free (self->group);
  g_free (self->stream);
  g_free (self->invocation_id);
  g_string_free (self->partial, TRUE);
  g_string_free (self->tail, TRUE);
  g_array_unref (self->unwritten);
  g_free (self);
}

void
practice_runtime_log_set_function (PracticeRuntimeLog     *self,
                                   const PracticeFunction *function)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *day = g_date_time_format (now, "%Y/%m/%d");
  g_autofree char *id = g_uuid_string_random ();
  g_auto (GStrv) parts = g_strsplit (id, "-", -1);
  g_autofree char *hex = g_strjoinv ("", parts);

  self->function_arn = g_strdup (function->arn);
  self->region = g_strdup (function->region);
  self->role = g_strdup (function->role);
  self->group = g_strconcat ("/aws/lambda/", function->name, NULL);
  self->stream = g_strdup_printf ("%s/[$LATEST]%s", day, hex);
  g_string_truncate (self->partial, 0);
}

const char *
practice_runtime_log_get_stream (PracticeRuntimeLog *self)
{
  return self->stream;
}

void
practice_runtime_log_begin (PracticeRuntimeLog *self,
                            const char         *invocation_id)
{
  g_free (self->invocation_id);
  self->invocation_id = g_strdup (invocation_id);
  g_string_truncate (self->tail, 0);
  self->bytes = 0;
  self->lines = 0;
  self->cut = FALSE;
}

static gboolean
exists (PracticeRuntimeLog *self,
        gboolean            stream)
{
  PracticeStore *store = practice_server_get_store (self->server);
  sqlite3_stmt *row;
  gboolean found;

  if (stream)
    row = practice_store_prepare (store, "SELECT 1 FROM logs_stream s JOIN logs_group g ON g.id = s.group_id WHERE g.region = ? AND g.name = ? AND s.name = ?",
                                  "sss", self->region, self->group, self->stream);
  else
    row = practice_store_prepare (store, "SELECT 1 FROM logs_group WHERE region = ? AND name = ?", "ss", self->region, self->group);
  found = sqlite3_step (row) == SQLITE_ROW;
  sqlite3_reset (row);
  return found;
}

static gboolean
role_allows (PracticeRuntimeLog *self,
             const char         *action)
{
  g_autofree char *resource = g_strdup_printf ("arn:aws:logs:%s:%s:log-group:%s:log-stream:%s", self->region,
                                               practice_server_get_account (self->server), self->group,
                                               g_str_equal (action, "logs:CreateLogGroup") ? "" : self->stream);

  return practice_iam_role_allows (practice_server_get_iam (self->server), self->role, action, resource);
}

/* A role that may not write logs writes none, and nobody is told: as on Lambda. */
static gboolean
may_write (PracticeRuntimeLog *self)
{
  if (!role_allows (self, "logs:PutLogEvents"))
    return FALSE;
  if (exists (self, TRUE))
    return TRUE;
  return role_allows (self, "logs:CreateLogStream") && (exists (self, FALSE) || role_allows (self, "logs:CreateLogGroup"));
}

static void
write_lines (PracticeRuntimeLog *self)
{
  PracticeStore *store = practice_server_get_store (self->server);

  g_clear_handle_id (&self->flush_id, g_source_remove);
  if (self->unwritten->len == 0)
    return;
  practice_store_begin (store);
  if (may_write (self))
    practice_logs_append (self->server, self->region, self->group, self->stream, (const PracticeLogLine *) (gpointer) self->unwritten->data,
                          self->unwritten->len);
  practice_store_commit (store, NULL);
  g_array_set_size (self->unwritten, 0);
}

static gboolean
on_flush (gpointer data)
{
  PracticeRuntimeLog *self = data;

  self->flush_id = 0;
  write_lines (self);
  return G_SOURCE_REMOVE;
}

/* @text: without a line end. */
static void
add_line (PracticeRuntimeLog *self,
          const char         *text)
{
  PracticeLogLine line = { .text = g_strconcat (text, "\n", NULL) };

  self->last_ms = MAX (self->last_ms, g_get_real_time () / 1000);
  line.time_ms = self->last_ms;
  g_string_append (self->tail, line.text);
  if (self->tail->len > 4 * TAIL_BYTES)
    g_string_erase (self->tail, 0, (gssize) (self->tail->len - TAIL_BYTES));
  g_array_append_val (self->unwritten, line);
  practice_events_emit_strings (practice_server_get_events (self->server), "function-log", "invocationId", self->invocation_id,
                                "functionArn", self->function_arn, "line", text, "region", self->region, NULL);
  if (self->flush_id == 0)
    self->flush_id = g_timeout_add (FLUSH_MS, on_flush, self);
}

/* A line that the function printed. */
static void
take_line (PracticeRuntimeLog *self)
{
  g_autofree char *text = g_utf8_make_valid (self->partial->str, (gssize) self->partial->len);

  self->bytes += self->partial->len + 1;
  self->lines++;
  g_string_truncate (self->partial, 0);
  if (self->cut)
    return;
  if (self->bytes > MAX_INVOCATION_BYTES || self->lines > MAX_INVOCATION_LINES) {
    self->cut = TRUE;
    add_line (self, "[The practice cloud keeps at most 1 MiB or 5,000 lines of one invocation's output. The rest is left out.]");
    return;
  }
  g_strdelimit (text, SOFT_BREAK, '\n');
  add_line (self, text);
}

void
practice_runtime_log_append (PracticeRuntimeLog *self,
                             const char         *bytes,
                             gsize               length)
{
  const char *end = bytes + length;

  while (bytes < end) {
    const char *stop = memchr (bytes, '\n', (gsize) (end - bytes));
    gsize part = (gsize) ((stop != NULL ? stop : end) - bytes);
    gsize room = MAX_LINE - self->partial->len;

    /* NUL bytes would end the text. */
    for (gsize i = 0; i < MIN (part, room); i++)
      g_string_append_c (self->partial, bytes[i] != '\0' ? bytes[i] : ' ');
    bytes += MIN (part, room);
    if (part <= room && stop != NULL)
      bytes++;
    if ((part <= room && stop != NULL) || self->partial->len >= MAX_LINE) {
      if (self->function_arn == NULL)
        g_string_append_c (self->partial, '\n');
      else
        take_line (self);
      if (self->function_arn == NULL && self->partial->len >= MAX_LINE)
        g_string_truncate (self->partial, 0);
    }
  }
}

void
practice_runtime_log_add_line (PracticeRuntimeLog *self,
                               const char         *format,
                               ...)
{
  g_autofree char *text = NULL;
  va_list arguments;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  add_line (self, text);
}

void
practice_runtime_log_flush (PracticeRuntimeLog *self)
{
  if (self->partial->len > 0 && self->function_arn != NULL)
    take_line (self);
  write_lines (self);
}

char *
practice_runtime_log_get_tail (PracticeRuntimeLog *self)
{
  gsize length = MIN (self->tail->len, TAIL_BYTES);

  return g_base64_encode ((const guchar *) self->tail->str + self->tail->len - length, length);
}

char *
practice_runtime_log_steal_text (PracticeRuntimeLog *self)
{
  char *text = g_utf8_make_valid (self->partial->str, (gssize) self->partial->len);

  g_string_truncate (self->partial, 0);
  return text;
}
