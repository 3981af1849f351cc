/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-events-private.h"

#include <stdarg.h>
#include <string.h>

#include "practice-json.h"

#define KEPT_EVENTS 20000
/* Bodies may be large: the oldest events go earlier where all together take more than this. */
#define KEPT_BYTES (64 * 1024 * 1024)
#define BATCH_BYTES (64 * 1024)

struct _PracticeEvents {
  GObject    parent_instance;

  char      *account;
  char      *region;
  char      *instance;   /* tells this process's numbers from another's */
  GQueue     lines;      /* GBytes: events next - length … next - 1, a line each */
  gsize      bytes;
  guint64    next;       /* the seq of the next event */
  GPtrArray *streams;    /* Stream */
  guint      flush_id;
};

G_DEFINE_FINAL_TYPE (PracticeEvents, practice_events, G_TYPE_OBJECT)

/* One client that listens. */
typedef struct {
  PracticeEvents    *events;   /* not owned */
  SoupServerMessage *message;
  GList             *link;     /* the next line to write, NULL where the client has seen everything */
  guint64            next;     /* its seq */
  gboolean           writing;
} Stream;

static void
stream_free (Stream *stream)
{
  g_signal_handlers_disconnect_by_data (stream->message, stream);
  g_object_unref (stream->message);
  g_free (stream);
}

/* Where a slow client's next line is gone already, it goes on with the oldest: it sees the gap in "seq". */
static GList *
stream_seek (Stream *stream)
{
  PracticeEvents *self = stream->events;
  guint64 first = self->next - self->lines.length;

  if (stream->next >= self->next)
    return NULL;
  if (stream->next < first)
    stream->next = first;
  return g_queue_peek_nth_link (&self->lines, (guint) (stream->next - first));
}

/* Hands libsoup the next lines as one chunk; it asks for more when that one is on its way. */
static void
stream_write (Stream *stream)
{
  GByteArray *batch = NULL;

  if (stream->link == NULL)
    stream->link = stream_seek (stream);
  stream->writing = stream->link != NULL;
  if (!stream->writing)
    return;

  batch = g_byte_array_new ();
  for (; stream->link != NULL && batch->len < BATCH_BYTES; stream->link = stream->link->next) {
    gsize size = 0;
    const guint8 *line = g_bytes_get_data (stream->link->data, &size);

    g_byte_array_append (batch, line, (guint) size);
    stream->next++;
  }
  {
    g_autoptr (GBytes) chunk = g_byte_array_free_to_bytes (batch);

    soup_message_body_append_bytes (soup_server_message_get_response_body (stream->message), chunk);
  }
}

static gboolean
flush (gpointer data)
{
  PracticeEvents *self = data;

  self->flush_id = 0;
  for (guint i = 0; i < self->streams->len; i++) {
    Stream *stream = g_ptr_array_index (self->streams, i);

    if (stream->writing)
      continue;
    stream_write (stream);
    if (stream->writing)
      soup_server_message_unpause (stream->message);
  }
  return G_SOURCE_REMOVE;
}

/* Whether a client that listens has not got the oldest event yet. */
static gboolean
is_awaited (PracticeEvents *self)
{
  guint64 first = self->next - self->lines.length;

  for (guint i = 0; i < self->streams->len; i++) {
    if (((Stream *) g_ptr_array_index (self->streams, i))->next <= first)
      return TRUE;
  }
  return FALSE;
}

static void
drop_oldest (PracticeEvents *self)
{
  GList *oldest = g_queue_peek_head_link (&self->lines);
  g_autoptr (GBytes) line = oldest->data;

  for (guint i = 0; i < self->streams->len; i++) {
    Stream *stream = g_ptr_array_index (self->streams, i);

    if (stream->link == oldest)
      stream->link = NULL;
  }
  self->bytes -= g_bytes_get_size (line);
  g_queue_delete_link (&self->lines, oldest);
}

/* The headers or a chunk have been written. libsoup looks for the next chunk when this returns, and pauses where there is none. */
static void
on_wrote (SoupServerMessage *message,
          gpointer           data)
{
  stream_write (data);
}

static void
on_finished (SoupServerMessage *message,
             gpointer           data)
{
  Stream *stream = data;

  g_ptr_array_remove_fast (stream->events->streams, stream);
}

static void
practice_events_finalize (GObject *object)
{
  PracticeEvents *self = PRACTICE_EVENTS (object);

  g_clear_handle_id (&self->flush_id, g_source_remove);
  g_clear_pointer (&self->streams, g_ptr_array_unref);
  g_queue_clear_full (&self->lines, (GDestroyNotify) g_bytes_unref);
  g_free (self->account);
  g_free (self->region);
  g_free (self->instance);
  G_OBJECT_CLASS (practice_events_parent_class)->finalize (object);
}

static void
practice_events_class_init (PracticeEventsClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = practice_events_finalize;
}

static void
practice_events_init (PracticeEvents *self)
{
  g_queue_init (&self->lines);
  self->next = 1;
  self->streams = g_ptr_array_new_with_free_func ((GDestroyNotify) stream_free);
}

PracticeEvents *
practice_events_new (const char *account,
                     const char *region)
{
  PracticeEvents *self = g_object_new (PRACTICE_TYPE_EVENTS, NULL);

  self->account = g_strdup (account);
  self->region = g_strdup (region);
  self->instance = g_uuid_string_random ();
  return self;
}

void
practice_events_stream (PracticeEvents    *self,
                        SoupServerMessage *message,
                        guint64            after)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);
  Stream *stream = g_new0 (Stream, 1);

  stream->events = self;
  stream->message = g_object_ref (message);
  stream->next = after == PRACTICE_EVENTS_NOW ? self->next : after + 1;
  stream->writing = TRUE;   /* the headers */
  g_ptr_array_add (self->streams, stream);

  soup_server_message_set_status (message, SOUP_STATUS_OK, NULL);
  soup_message_headers_set_encoding (headers, SOUP_ENCODING_CHUNKED);
  soup_message_headers_replace (headers, "Content-Type", "application/x-ndjson");
  soup_message_headers_replace (headers, "Cache-Control", "no-store");
  soup_message_headers_replace (headers, "X-Millrace-Instance", self->instance);
  soup_message_body_set_accumulate (soup_server_message_get_response_body (message), FALSE);
  g_signal_connect (message, "wrote-headers", G_CALLBACK (on_wrote), stream);
  g_signal_connect (message, "wrote-chunk", G_CALLBACK (on_wrote), stream);
  g_signal_connect (message, "finished", G_CALLBACK (on_finished), stream);
  g_signal_connect (message, "disconnected", G_CALLBACK (on_finished), stream);
}

static void
add_member (GString    *line,
            const char *name,
            const char *value)
{
  if (line->len > 1)
    g_string_append_c (line, ',');
  practice_json_append_string (line, name);
  g_string_append_c (line, ':');
  practice_json_append_string (line, value);
}

/* (transfer full) @line: the event's own members, still open: "{…". */
static void
add_line (PracticeEvents *self,
          const char     *kind,
          GString        *line,
          gboolean        has_account,
          gboolean        has_region)
{
  gint64 now = g_get_real_time ();
  char numbers[96];

  add_member (line, "kind", kind);
  if (!has_account)
    add_member (line, "account", self->account);
  if (!has_region)
    add_member (line, "region", self->region);
  g_snprintf (numbers, sizeof numbers, ",\"seq\":%" G_GUINT64_FORMAT ",\"time\":%" G_GINT64_FORMAT ".%06" G_GINT64_FORMAT "}\n",
              self->next, now / G_USEC_PER_SEC, now % G_USEC_PER_SEC);
  g_string_append (line, numbers);

  self->bytes += line->len;
  g_queue_push_tail (&self->lines, g_string_free_to_bytes (line));
  self->next++;
  while (self->lines.length > 1 && (self->bytes > KEPT_BYTES || (self->lines.length > KEPT_EVENTS && !is_awaited (self))))
    drop_oldest (self);

  if (self->flush_id == 0 && self->streams->len > 0)
    self->flush_id = g_idle_add (flush, self);
}

void
practice_events_emit (PracticeEvents *self,
                      const char     *kind,
                      JsonObject     *event)
{
  GString *line = g_string_sized_new (512);

  practice_json_append_object (line, event);
  g_string_truncate (line, line->len - 1);
  add_line (self, kind, line, json_object_has_member (event, "account"), json_object_has_member (event, "region"));
  json_object_unref (event);
}

void
practice_events_emit_strings (PracticeEvents *self,
                              const char     *kind,
                              ...)
{
  GString *line = g_string_sized_new (512);
  gboolean has_account = FALSE;
  gboolean has_region = FALSE;
  const char *name = NULL;
  va_list arguments;

  g_string_append_c (line, '{');
  va_start (arguments, kind);
  while ((name = va_arg (arguments, const char *)) != NULL) {
    const char *value = va_arg (arguments, const char *);

    if (value == NULL)
      continue;
    has_account |= strcmp (name, "account") == 0;
    has_region |= strcmp (name, "region") == 0;
    add_member (line, name, value);
  }
  va_end (arguments);
  add_line (self, kind, line, has_account, has_region);
}
