/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "aws-http.h"

#include <libsoup/soup.h>
#include <string.h>

#include "aws-error.h"

#define RESTARTED "millrace-restarted"
#define READ_SIZE (64 * 1024)
#define HOST_CHARACTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._:"

/*
 * A SoupSession belongs to the thread and the main context in which it was made, so every thread has its own of both.
 * The context is the thread's default while a call is under way: what libsoup leaves behind in it
 * never runs in the main loop of a window.
 */
typedef struct {
  GMainContext *context;
  GHashTable   *sessions;   /* four times the seconds, and what kind of address it is → SoupSession */
} Connections;

static void
connections_free (gpointer data)
{
  Connections *self = data;

  g_main_context_push_thread_default (self->context);
  g_hash_table_unref (self->sessions);
  while (g_main_context_iteration (self->context, FALSE))
    ;
  g_main_context_pop_thread_default (self->context);
  g_main_context_unref (self->context);
  g_free (self);
}

static GPrivate thread_connections = G_PRIVATE_INIT (connections_free);

static Connections *
get_connections (void)
{
  Connections *self = g_private_get (&thread_connections);

  if (self == NULL) {
    self = g_new0 (Connections, 1);
    self->context = g_main_context_new ();
    self->sessions = g_hash_table_new_full (NULL, NULL, NULL, g_object_unref);
    g_private_set (&thread_connections, self);
  }
  return self;
}

/*
 * Whom to trust: NULL for the system's authorities, or those of AWS_CA_BUNDLE, as in the SDKs (AWS SDKs and Tools Reference Guide, "General
 * configuration settings"). FALSE where that file is none. Reading some hundred certificates takes a while: once for all threads.
 */
static gboolean
get_trust (GTlsDatabase **trust,
           GError       **error)
{
  static GMutex mutex;
  static char *known_path = NULL;
  static GTlsDatabase *known = NULL;
  g_autoptr (GMutexLocker) locker = NULL;
  const char *path = g_getenv ("AWS_CA_BUNDLE");
  g_autofree char *absolute = NULL;
  g_autofree char *message = NULL;
  g_autoptr (GError) trouble = NULL;

  *trust = NULL;
  if (path == NULL || *path == '\0')
    return TRUE;
  absolute = g_canonicalize_filename (path, NULL);
  locker = g_mutex_locker_new (&mutex);
  if (g_strcmp0 (known_path, absolute) != 0) {
    g_free (known_path);
    known_path = NULL;
    g_clear_object (&known);
    known = g_tls_file_database_new (absolute, &trouble);
    if (known != NULL)
      known_path = g_steal_pointer (&absolute);
  }
  if (known != NULL) {
    *trust = g_object_ref (known);
    return TRUE;
  }
  message = g_strdup_printf ("AWS_CA_BUNDLE names %s, which cannot be used: %s", path, trouble->message);
  g_propagate_error (error, aws_error_new (AWS_ERROR_NETWORK, "TlsError", message, NULL, 0, FALSE));
  return FALSE;
}

static SoupSession *
get_session (Connections  *self,
             guint         seconds,
             const char   *base,
             GError      **error)
{
  gboolean loopback = aws_http_is_loopback (base);
  gboolean encrypted = g_ascii_strncasecmp (base, "https:", 6) == 0;
  gpointer key = GUINT_TO_POINTER (4 * seconds + (encrypted ? 2 : 0) + (loopback ? 1 : 0));
  SoupSession *session = g_hash_table_lookup (self->sessions, key);
  g_autoptr (GTlsDatabase) trust = NULL;

  if (session != NULL)
    return session;
  if (encrypted && !get_trust (&trust, error))
    return NULL;

  session = soup_session_new_with_options ("timeout", seconds,
                                           "idle-timeout", 0,
                                           "user-agent", "millrace/" MILLRACE_VERSION,
                                           NULL);
  soup_session_remove_feature_by_type (session, SOUP_TYPE_CONTENT_DECODER);
  if (trust != NULL)
    soup_session_set_tls_database (session, trust);
  if (loopback)
    soup_session_set_proxy_resolver (session, NULL);
  g_hash_table_insert (self->sessions, key, session);
  return session;
}

/* @trouble is what libsoup or GIO said. */
static GError *
network_error (const char   *base,
               const GError *trouble)
{
  g_autofree char *message = NULL;

  if (g_error_matches (trouble, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return g_error_copy (trouble);
  if (g_error_matches (trouble, G_IO_ERROR, G_IO_ERROR_TIMED_OUT)) {
    message = g_strdup_printf ("%s did not answer in time.", base);
    return aws_error_new (AWS_ERROR_TIMEOUT, "RequestTimeout", message, NULL, 0, TRUE);
  }
  if (trouble->domain == G_TLS_ERROR) {
    message = g_strdup_printf ("No secure connection to %s: %s", base, trouble->message);
    return aws_error_new (AWS_ERROR_NETWORK, "TlsError", message, NULL, 0, FALSE);
  }
  message = g_strdup_printf ("No answer from %s: %s", base, trouble->message);
  return aws_error_new (AWS_ERROR_NETWORK, "NetworkError", message, NULL, 0, TRUE);
}

static void
add_header (const char *name,
            const char *value,
            gpointer    user_data)
{
  GHashTable *headers = user_data;
  char *lower = g_ascii_strdown (name, -1);
  const char *before = g_hash_table_lookup (headers, lower);

  if (before != NULL)
    g_hash_table_replace (headers, lower, g_strjoin (", ", before, value, NULL));
  else
    g_hash_table_insert (headers, lower, g_strdup (value));
}

static GBytes *
read_body (GInputStream  *stream,
           const char    *base,
           GCancellable  *cancellable,
           GError       **error)
{
  g_autoptr (GByteArray) body = g_byte_array_new ();
  gsize n_read;

  do {
    guint before = body->len;
    g_autoptr (GError) trouble = NULL;

    g_byte_array_set_size (body, before + READ_SIZE);
    if (!g_input_stream_read_all (stream, body->data + before, READ_SIZE, &n_read, cancellable, &trouble)) {
      g_propagate_error (error, network_error (base, trouble));
      return NULL;
    }
    g_byte_array_set_size (body, before + (guint) n_read);
    if (body->len > AWS_HTTP_MAX_ANSWER) {
      g_autofree char *message = g_strdup_printf ("The answer of %s is larger than %d MiB.", base,
                                                  AWS_HTTP_MAX_ANSWER / 1024 / 1024);

      g_propagate_error (error, aws_error_new (AWS_ERROR_ANSWER, "AnswerTooLarge", message, NULL, 0, FALSE));
      return NULL;
    }
  } while (n_read == READ_SIZE);

  return g_byte_array_free_to_bytes (g_steal_pointer (&body));
}

/* HTTP/1.1 only: one connection serves one thread and one call at a time, and HTTP/2 has nothing to gain. */
static void
on_network_event (SoupMessage        *message,
                  GSocketClientEvent  event,
                  GIOStream          *stream)
{
  static const char *const protocols[] = { "http/1.1", NULL };

  if (event == G_SOCKET_CLIENT_TLS_HANDSHAKING && G_IS_TLS_CONNECTION (stream))
    g_tls_connection_set_advertised_protocols (G_TLS_CONNECTION (stream), protocols);
}

/* libsoup sends again by itself where a kept connection turns out to be dead, but of a body that it has sent already nothing may be left. */
static void
on_restarted (SoupMessage *message)
{
  g_object_set_data (G_OBJECT (message), RESTARTED, GINT_TO_POINTER (TRUE));
}

static SoupMessage *
make_message (const char  *base,
              AwsRequest  *request,
              GError     **error)
{
  g_autofree char *url = g_strconcat (base, request->path, request->query != NULL ? "?" : NULL, request->query, NULL);
  g_autoptr (GError) trouble = NULL;
  g_autoptr (GUri) uri = g_uri_parse (url, SOUP_HTTP_URI_FLAGS, &trouble);
  g_autoptr (SoupMessage) message = uri != NULL ? soup_message_new_from_uri (request->method, uri) : NULL;
  SoupMessageHeaders *headers;
  const char *content_type = NULL;

  if (message == NULL) {
    g_autofree char *text = g_strdup_printf ("%s is not an address that can be asked: %s", url,
                                             trouble != NULL ? trouble->message : "no http or https URL");

    g_propagate_error (error, aws_error_new (AWS_ERROR_PARAMETER, "InvalidUrl", text, NULL, 0, FALSE));
    return NULL;
  }

  /* Without IDEMPOTENT, libsoup opens a new connection for every POST. */
  soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT | SOUP_MESSAGE_DO_NOT_USE_AUTH_CACHE |
                                   SOUP_MESSAGE_IDEMPOTENT);
  g_signal_connect (message, "network-event", G_CALLBACK (on_network_event), NULL);
  g_signal_connect (message, "restarted", G_CALLBACK (on_restarted), NULL);
  headers = soup_message_get_request_headers (message);
  for (guint i = 0; i + 1 < request->headers->len; i += 2) {
    const char *name = g_ptr_array_index (request->headers, i);
    const char *value = g_ptr_array_index (request->headers, i + 1);

    if (g_ascii_strcasecmp (name, "Content-Type") == 0)
      content_type = value;
    soup_message_headers_append (headers, name, value);
  }
  if (g_bytes_get_size (request->body) > 0 || g_str_equal (request->method, "POST"))
    soup_message_set_request_body_from_bytes (message, content_type, request->body);
  return g_steal_pointer (&message);
}

/*
 * libsoup takes the end of a connection that was to be closed after the answer for the end of the answer, wherever it comes: in the middle
 * of the body, or of the head, of which the lines that are missing would have told how long the body is.
 */
static gboolean
is_whole (SoupMessage *message,
          GBytes      *body)
{
  SoupMessageHeaders *headers = soup_message_get_response_headers (message);
  guint status = soup_message_get_status (message);

  if (soup_message_get_method (message) == SOUP_METHOD_HEAD || status == SOUP_STATUS_NO_CONTENT || status == SOUP_STATUS_NOT_MODIFIED)
    return TRUE;
  switch (soup_message_headers_get_encoding (headers)) {
  case SOUP_ENCODING_CONTENT_LENGTH:
    return g_bytes_get_size (body) >= (guint64) soup_message_headers_get_content_length (headers);
  case SOUP_ENCODING_EOF:
    return g_bytes_get_size (body) > 0;
  default:
    return TRUE;
  }
}

static AwsHttpAnswer *
exchange (SoupSession   *session,
          const char    *base,
          SoupMessage   *message,
          GCancellable  *cancellable,
          GError       **error)
{
  g_autoptr (GError) trouble = NULL;
  g_autoptr (GInputStream) stream = soup_session_send (session, message, cancellable, &trouble);
  g_autoptr (GBytes) body = NULL;
  AwsHttpAnswer *answer;

  if (stream == NULL) {
    g_propagate_error (error, network_error (base, trouble));
    return NULL;
  }
  body = read_body (stream, base, cancellable, error);
  g_input_stream_close (stream, NULL, NULL);
  if (body == NULL)
    return NULL;
  if (!is_whole (message, body)) {
    g_set_error_literal (&trouble, G_IO_ERROR, G_IO_ERROR_PARTIAL_INPUT, "The connection was closed in the middle of the answer.");
    g_propagate_error (error, network_error (base, trouble));
    return NULL;
  }

  answer = g_new0 (AwsHttpAnswer, 1);
  answer->status = soup_message_get_status (message);
  answer->restarted = g_object_get_data (G_OBJECT (message), RESTARTED) != NULL;
  answer->headers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  soup_message_headers_foreach (soup_message_get_response_headers (message), add_header, answer->headers);
  answer->body = g_steal_pointer (&body);
  return answer;
}

AwsHttpAnswer *
aws_http_exchange (const char    *base,
                   AwsRequest    *request,
                   guint          seconds,
                   GCancellable  *cancellable,
                   GError       **error)
{
  Connections *connections;
  SoupSession *session;
  AwsHttpAnswer *answer = NULL;
  g_autoptr (SoupMessage) message = make_message (base, request, error);

  if (message == NULL || g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;

  connections = get_connections ();
  g_main_context_push_thread_default (connections->context);
  session = get_session (connections, seconds, base, error);
  if (session != NULL)
    answer = exchange (session, base, message, cancellable, error);
  g_clear_object (&message);
  while (g_main_context_iteration (connections->context, FALSE))
    ;
  g_main_context_pop_thread_default (connections->context);
  return answer;
}

char *
aws_http_host (const char *base)
{
  g_autofree char *scheme = NULL;
  g_autofree char *host = NULL;
  int port;

  if (!g_uri_split_network (base, G_URI_FLAGS_NONE, &scheme, &host, &port, NULL) || host == NULL || *host == '\0')
    return NULL;
  if (!g_str_equal (scheme, "http") && !g_str_equal (scheme, "https"))
    return NULL;
  if (host[strspn (host, HOST_CHARACTERS)] != '\0')
    return NULL;
  if (strchr (host, ':') != NULL) {
    g_autofree char *bare = g_steal_pointer (&host);

    host = g_strdup_printf ("[%s]", bare);
  }
  if (port == -1 || port == (g_str_equal (scheme, "http") ? 80 : 443))
    return g_steal_pointer (&host);
  return g_strdup_printf ("%s:%d", host, port);
}

gboolean
aws_http_is_loopback (const char *base)
{
  g_autofree char *host = NULL;
  g_autoptr (GInetAddress) address = NULL;

  if (!g_uri_split_network (base, G_URI_FLAGS_NONE, NULL, &host, NULL, NULL) || host == NULL)
    return FALSE;
  if (g_ascii_strcasecmp (host, "localhost") == 0 || g_str_has_suffix (host, ".localhost"))
    return TRUE;
  address = g_inet_address_new_from_string (host);
  return address != NULL && g_inet_address_get_is_loopback (address);
}

void
aws_http_answer_free (AwsHttpAnswer *self)
{
  g_hash_table_unref (self->headers);
  g_bytes_unref (self->body);
  g_free (self);
}
