/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "test-server.h"

#include <libsoup/soup.h>
#include <string.h>

typedef enum {
  ANSWER,
  RESET,
  RAW,
  SILENCE,
} What;

typedef struct {
  What   what;
  char  *part;      /* of the request that it is for, or NULL: any */
  guint  status;
  char  *headers;
  char  *text;
  gsize  padding;
} Step;

struct _TestServer {
  GThread         *thread;
  GMainContext    *context;
  GMainLoop       *loop;
  SoupServer      *server;
  GTlsCertificate *certificate;
  char            *url;

  GMutex           mutex;
  GCond            cond;
  GQueue           steps;
  Step            *usual;       /* where there is none; NULL: "{}" */
  GPtrArray       *requests;
  GHashTable      *connections;
};

static void
step_free (gpointer data)
{
  Step *step = data;

  g_free (step->part);
  g_free (step->headers);
  g_free (step->text);
  g_free (step);
}

static Step *
step_copy (const Step *from)
{
  Step *step = g_memdup2 (from, sizeof *from);

  step->part = g_strdup (from->part);
  step->headers = g_strdup (from->headers);
  step->text = g_strdup (from->text);
  return step;
}

static void
append_header (const char *name,
               const char *value,
               gpointer    user_data)
{
  g_string_append_printf (user_data, "%s: %s\n", name, value);
}

static char *
describe (SoupServerMessage *message)
{
  GUri *uri = soup_server_message_get_uri (message);
  GString *text = g_string_new (soup_server_message_get_method (message));
  SoupMessageBody *body = soup_server_message_get_request_body (message);

  g_string_append_printf (text, " %s", g_uri_get_path (uri));
  if (g_uri_get_query (uri) != NULL)
    g_string_append_printf (text, "?%s", g_uri_get_query (uri));
  g_string_append_c (text, '\n');
  soup_message_headers_foreach (soup_server_message_get_request_headers (message), append_header, text);
  g_string_append_c (text, '\n');
  g_string_append_len (text, body->data, body->length);
  return g_string_free (text, FALSE);
}

static Step *
note_request (TestServer        *self,
              SoupServerMessage *message)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);
  GSocketAddress *address = soup_server_message_get_remote_address (message);
  char *request = describe (message);
  Step *step;

  g_ptr_array_add (self->requests, request);
  g_hash_table_add (self->connections,
                    GUINT_TO_POINTER (g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (address))));
  g_cond_broadcast (&self->cond);
  for (GList *l = self->steps.head; l != NULL; l = l->next) {
    step = l->data;
    if (step->part == NULL || strstr (request, step->part) != NULL) {
      g_queue_delete_link (&self->steps, l);
      return step;
    }
  }
  return self->usual != NULL ? step_copy (self->usual) : NULL;
}

/* Writes past the server, and ends the connection. */
static void
answer_raw (SoupServerMessage *message,
            const Step        *step)
{
  g_autoptr (GIOStream) stream = soup_server_message_steal_connection (message);
  GOutputStream *output = g_io_stream_get_output_stream (stream);
  g_autofree char *blanks = g_strnfill (65536, ' ');
  gboolean open = TRUE;

  if (step->text != NULL)
    open = g_output_stream_write_all (output, step->text, strlen (step->text), NULL, NULL, NULL);
  for (gsize left = step->padding; open && left > 0; left -= MIN (left, 65536))
    open = g_output_stream_write_all (output, blanks, MIN (left, 65536), NULL, NULL, NULL);
  g_io_stream_close (stream, NULL, NULL);
}

static void
answer (SoupServerMessage *message,
        const Step        *step)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);
  const char *body = step != NULL ? step->text : "{}";

  if (step != NULL && step->headers != NULL) {
    g_autofree char *text = g_strconcat ("HTTP/1.1 200 OK\r\n", step->headers, "\r\n", NULL);

    g_assert_true (soup_headers_parse (text, (int) strlen (text), headers));
  }
  soup_server_message_set_status (message, step != NULL ? step->status : 200, NULL);
  soup_server_message_set_response (message, "application/json", SOUP_MEMORY_COPY, body, strlen (body));
}

static void
on_request (SoupServer        *server,
            SoupServerMessage *message,
            const char        *path,
            GHashTable        *query,
            gpointer           user_data)
{
  TestServer *self = user_data;
  Step *step = note_request (self, message);

  if (step == NULL || step->what == ANSWER)
    answer (message, step);
  else if (step->what == SILENCE)
    soup_server_message_pause (message);
  else
    answer_raw (message, step);
  g_clear_pointer (&step, step_free);
}

static gpointer
run (gpointer data)
{
  TestServer *self = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GUri) uri = NULL;
  GSList *uris;

  g_main_context_push_thread_default (self->context);
  self->server = soup_server_new ("raw-paths", TRUE, NULL);
  soup_server_add_handler (self->server, NULL, on_request, self, NULL);
  if (self->certificate != NULL)
    soup_server_set_tls_certificate (self->server, self->certificate);
  soup_server_listen_local (self->server, 0, SOUP_SERVER_LISTEN_IPV4_ONLY |
                                             (self->certificate != NULL ? SOUP_SERVER_LISTEN_HTTPS : 0), &error);
  g_assert_no_error (error);
  uris = soup_server_get_uris (self->server);

  g_mutex_lock (&self->mutex);
  self->url = g_strdup_printf ("%s://127.0.0.1:%d", g_uri_get_scheme (uris->data), g_uri_get_port (uris->data));
  g_cond_broadcast (&self->cond);
  g_mutex_unlock (&self->mutex);
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);

  g_main_loop_run (self->loop);
  soup_server_disconnect (self->server);
  g_clear_object (&self->server);
  while (g_main_context_iteration (self->context, FALSE))
    ;
  g_main_context_pop_thread_default (self->context);
  return NULL;
}

static gboolean
on_quit (gpointer user_data)
{
  g_main_loop_quit (user_data);
  return G_SOURCE_REMOVE;
}

static void
push (TestServer *self,
      What        what,
      const char *part,
      guint       status,
      const char *headers,
      const char *text,
      gsize       padding)
{
  Step *step = g_new0 (Step, 1);

  step->what = what;
  step->part = g_strdup (part);
  step->status = status;
  step->headers = g_strdup (headers);
  step->text = g_strdup (text);
  step->padding = padding;
  g_mutex_lock (&self->mutex);
  g_queue_push_tail (&self->steps, step);
  g_mutex_unlock (&self->mutex);
}

TestServer *
test_server_new (void)
{
  return test_server_new_tls (NULL);
}

TestServer *
test_server_new_tls (GTlsCertificate *certificate)
{
  TestServer *self = g_new0 (TestServer, 1);

  g_mutex_init (&self->mutex);
  g_cond_init (&self->cond);
  g_queue_init (&self->steps);
  self->requests = g_ptr_array_new_with_free_func (g_free);
  self->connections = g_hash_table_new (NULL, NULL);
  self->certificate = certificate != NULL ? g_object_ref (certificate) : NULL;
  self->context = g_main_context_new ();
  self->loop = g_main_loop_new (self->context, FALSE);
  self->thread = g_thread_new ("server", run, self);

  g_mutex_lock (&self->mutex);
  while (self->url == NULL)
    g_cond_wait (&self->cond, &self->mutex);
  g_mutex_unlock (&self->mutex);
  return self;
}

void
test_server_free (TestServer *self)
{
  g_autoptr (GSource) source = g_idle_source_new ();

  g_source_set_callback (source, on_quit, self->loop, NULL);
  g_source_attach (source, self->context);
  g_thread_join (self->thread);
  g_main_loop_unref (self->loop);
  g_main_context_unref (self->context);
  g_queue_clear_full (&self->steps, step_free);
  g_clear_pointer (&self->usual, step_free);
  g_ptr_array_unref (self->requests);
  g_hash_table_unref (self->connections);
  g_clear_object (&self->certificate);
  g_mutex_clear (&self->mutex);
  g_cond_clear (&self->cond);
  g_free (self->url);
  g_free (self);
}

const char *
test_server_get_url (TestServer *self)
{
  return self->url;
}

void
test_server_push (TestServer *self,
                  guint       status,
                  const char *headers,
                  const char *body)
{
  push (self, ANSWER, NULL, status, headers, body, 0);
}

void
test_server_push_to (TestServer *self,
                     const char *part,
                     guint       status,
                     const char *headers,
                     const char *body)
{
  push (self, ANSWER, part, status, headers, body, 0);
}

static void
set_usual (TestServer *self,
           What        what,
           guint       status,
           const char *headers,
           const char *text)
{
  Step *step = g_new0 (Step, 1);

  step->what = what;
  step->status = status;
  step->headers = g_strdup (headers);
  step->text = g_strdup (text);
  g_mutex_lock (&self->mutex);
  g_clear_pointer (&self->usual, step_free);
  self->usual = step;
  g_mutex_unlock (&self->mutex);
}

void
test_server_set_default (TestServer *self,
                         guint       status,
                         const char *headers,
                         const char *body)
{
  set_usual (self, ANSWER, status, headers, body);
}

void
test_server_set_silent (TestServer *self)
{
  set_usual (self, RESET, 0, NULL, NULL);
}

void
test_server_forget (TestServer *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  g_queue_clear_full (&self->steps, step_free);
}

void
test_server_push_reset (TestServer *self)
{
  push (self, RESET, NULL, 0, NULL, NULL, 0);
}

void
test_server_push_raw (TestServer *self,
                      const char *text,
                      gsize       padding)
{
  push (self, RAW, NULL, 0, NULL, text, padding);
}

void
test_server_push_silence (TestServer *self)
{
  push (self, SILENCE, NULL, 0, NULL, NULL, 0);
}

guint
test_server_count (TestServer *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  return self->requests->len;
}

guint
test_server_count_connections (TestServer *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  return g_hash_table_size (self->connections);
}

void
test_server_wait (TestServer *self,
                  guint       count)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  while (self->requests->len < count)
    g_cond_wait (&self->cond, &self->mutex);
}

char *
test_server_get_request (TestServer *self,
                         guint       index)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  g_assert_cmpuint (index, <, self->requests->len);
  return g_strdup (g_ptr_array_index (self->requests, index));
}
