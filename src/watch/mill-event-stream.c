/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-event-stream.h"

#include <libsoup/soup.h>
#include <string.h>

#include "aws-http.h"
#include "aws-json.h"

/* Some twenty events, which take some milliseconds: then others have their turn. */
#define CHUNK (16 * 1024)
/* A flood of events must not keep windows from being drawn: behind GDK_PRIORITY_REDRAW. */
#define READ_PRIORITY (G_PRIORITY_HIGH_IDLE + 30)
#define MAX_LINE (8 * 1024 * 1024)
#define FIRST_RETRY_MS 100
#define LAST_RETRY_MS 5000

struct _MillEventStream
{
  GObject        parent_instance;

  AwsClient     *client;
  SoupSession   *session;
  GCancellable  *cancellable;
  GInputStream  *input;
  GByteArray    *rest;       /* the beginning of a line whose end has not come yet */
  gboolean       from_beginning;
  char          *instance;   /* the practice cloud's process, whose numbers these are */
  guint64        seq;        /* of the last event, 0 before the first */
  guint          retry_id;
  guint          retry_ms;
};

enum { EVENT, READY, FAILED, N_SIGNALS };
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (MillEventStream, mill_event_stream, G_TYPE_OBJECT)

static void connect_stream (MillEventStream *self);
static void read_more      (MillEventStream *self);

static gboolean
on_retry (gpointer data)
{
  MillEventStream *self = data;

  self->retry_id = 0;
  connect_stream (self);
  return G_SOURCE_REMOVE;
}

static void
lost (MillEventStream *self,
      const char      *reason)
{
  g_autofree char *sentence = g_strdup_printf ("The practice cloud’s events cannot be read: %s", reason);

  g_clear_object (&self->input);
  g_byte_array_set_size (self->rest, 0);
  self->retry_id = g_timeout_add (self->retry_ms, on_retry, self);
  self->retry_ms = MIN (2 * self->retry_ms, LAST_RETRY_MS);
  g_signal_emit (self, signals[FAILED], 0, sentence);
}

static void
take_line (MillEventStream *self,
           const char      *line,
           gsize            length)
{
  g_autoptr (JsonObject) event = NULL;
  gint64 seq;

  if (length == 0)
    return;
  event = aws_json_parse_object (line, length, NULL);
  if (event == NULL)
    return;
  seq = aws_json_get_int (event, "seq", 0);
  if (self->seq > 0 && seq > (gint64) self->seq + 1)
    {
      g_autofree char *sentence = g_strdup_printf ("%" G_GINT64_FORMAT " events of the practice cloud came too fast and were missed: "
                                                   "numbers may be wrong.", seq - (gint64) self->seq - 1);

      g_signal_emit (self, signals[FAILED], 0, sentence);
    }
  if (seq > 0)
    self->seq = seq;
  g_signal_emit (self, signals[EVENT], 0, event);
}

static void
take_bytes (MillEventStream *self,
            GBytes          *bytes)
{
  gsize length;
  const char *data = g_bytes_get_data (bytes, &length);
  const char *begin, *end, *newline;

  g_byte_array_append (self->rest, (const guint8 *) data, length);
  begin = (const char *) self->rest->data;
  end = begin + self->rest->len;
  while ((newline = memchr (begin, '\n', end - begin)) != NULL)
    {
      take_line (self, begin, newline - begin);
      /* A listener may have stopped the stream. */
      if (self->cancellable == NULL)
        return;
      begin = newline + 1;
    }
  g_byte_array_remove_range (self->rest, 0, begin - (const char *) self->rest->data);
}

static void
on_read (GObject      *source,
         GAsyncResult *result,
         gpointer      data)
{
  g_autoptr (MillEventStream) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = g_input_stream_read_bytes_finish (G_INPUT_STREAM (source), result, &error);

  if (self->input != G_INPUT_STREAM (source))
    return;
  if (bytes == NULL)
    lost (self, error->message);
  else if (g_bytes_get_size (bytes) == 0)
    lost (self, "It ended the connection.");
  else
    {
      take_bytes (self, bytes);
      if (self->input == NULL)
        return;
      if (self->rest->len > MAX_LINE)
        lost (self, "An event is too large.");
      else
        read_more (self);
    }
}

static void
read_more (MillEventStream *self)
{
  g_input_stream_read_bytes_async (self->input, CHUNK, READ_PRIORITY, self->cancellable, on_read, g_object_ref (self));
}

/* Another process counts its events anew: all of them are news. Returns: whether they have to be asked for */
static gboolean
is_another (MillEventStream *self,
            SoupMessage     *message)
{
  const char *instance = soup_message_headers_get_one (soup_message_get_response_headers (message), "X-Millrace-Instance");
  gboolean another = self->instance != NULL && instance != NULL && !g_str_equal (self->instance, instance);

  if (instance != NULL)
    {
      g_free (self->instance);
      self->instance = g_strdup (instance);
    }
  if (!another)
    return FALSE;
  self->seq = 0;
  self->from_beginning = TRUE;
  return TRUE;
}

static void
on_sent (GObject      *source,
         GAsyncResult *result,
         gpointer      data)
{
  g_autoptr (MillEventStream) self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GInputStream) input = soup_session_send_finish (SOUP_SESSION (source), result, &error);
  SoupMessage *message = soup_session_get_async_result_message (SOUP_SESSION (source), result);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED) || self->cancellable == NULL)
    return;
  if (input == NULL)
    {
      lost (self, error->message);
      return;
    }
  if (soup_message_get_status (message) != SOUP_STATUS_OK)
    {
      lost (self, soup_message_get_reason_phrase (message));
      return;
    }
  if (is_another (self, message))
    {
      connect_stream (self);
      return;
    }
  self->input = g_steal_pointer (&input);
  self->retry_ms = FIRST_RETRY_MS;
  g_signal_emit (self, signals[READY], 0);
  if (self->input != NULL)
    read_more (self);
}

static void
connect_stream (MillEventStream *self)
{
  const char *endpoint = aws_client_get_endpoint (self->client);
  g_autofree char *host = aws_http_host (endpoint);
  g_autofree char *query = self->seq > 0 ? g_strdup_printf ("after=%" G_GUINT64_FORMAT, self->seq)
                           : g_strdup (self->from_beginning ? "after=0" : NULL);
  g_autofree char *url = g_strdup_printf ("%s/_millrace/events%s%s", endpoint, query != NULL ? "?" : "", query != NULL ? query : "");
  g_autoptr (AwsRequest) request = aws_request_new ("GET", "/_millrace/events", query);
  g_autoptr (SoupMessage) message = soup_message_new ("GET", url);
  SoupMessageHeaders *headers;

  if (message == NULL || host == NULL)
    {
      lost (self, "Its address is not a URL.");
      return;
    }
  aws_request_sign (request, aws_client_get_credentials (self->client), host, aws_client_get_region (self->client), "millrace",
                    g_get_real_time () / G_USEC_PER_SEC);
  headers = soup_message_get_request_headers (message);
  for (guint i = 0; i + 1 < request->headers->len; i += 2)
    soup_message_headers_replace (headers, request->headers->pdata[i], request->headers->pdata[i + 1]);
  soup_session_send_async (self->session, message, G_PRIORITY_DEFAULT, self->cancellable, on_sent, g_object_ref (self));
}

static void
mill_event_stream_finalize (GObject *object)
{
  MillEventStream *self = MILL_EVENT_STREAM (object);

  mill_event_stream_stop (self);
  g_clear_object (&self->client);
  g_clear_object (&self->session);
  g_byte_array_unref (self->rest);
  g_free (self->instance);
  G_OBJECT_CLASS (mill_event_stream_parent_class)->finalize (object);
}

static void
mill_event_stream_class_init (MillEventStreamClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = mill_event_stream_finalize;

  signals[EVENT] = g_signal_new ("event", MILL_TYPE_EVENT_STREAM, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 1, JSON_TYPE_OBJECT);
  signals[READY] = g_signal_new ("ready", MILL_TYPE_EVENT_STREAM, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[FAILED] = g_signal_new ("failed", MILL_TYPE_EVENT_STREAM, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                  G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void
mill_event_stream_init (MillEventStream *self)
{
  self->rest = g_byte_array_new ();
  self->retry_ms = FIRST_RETRY_MS;
}

MillEventStream *
mill_event_stream_new (AwsClient *client,
                       gboolean   from_beginning)
{
  MillEventStream *self = g_object_new (MILL_TYPE_EVENT_STREAM, NULL);

  self->client = g_object_ref (client);
  self->from_beginning = from_beginning;
  return self;
}

void
mill_event_stream_start (MillEventStream *self)
{
  g_return_if_fail (MILL_IS_EVENT_STREAM (self));
  if (self->cancellable != NULL)
    return;
  self->cancellable = g_cancellable_new ();
  /* Nothing may come for hours: no time-out. The address is on this machine: no proxy. */
  self->session = soup_session_new_with_options ("timeout", 0, "idle-timeout", 0, "user-agent", "millrace/" MILLRACE_VERSION, NULL);
  soup_session_set_proxy_resolver (self->session, NULL);
  connect_stream (self);
}

void
mill_event_stream_stop (MillEventStream *self)
{
  g_return_if_fail (MILL_IS_EVENT_STREAM (self));
  g_clear_handle_id (&self->retry_id, g_source_remove);
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->input);
  if (self->session != NULL)
    soup_session_abort (self->session);
  g_clear_object (&self->session);
}
