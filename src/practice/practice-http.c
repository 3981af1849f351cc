/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-http.h"

#include <glib-unix.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "practice-auth.h"
#include "practice-crowd.h"
#include "practice-events-private.h"
#include "practice-form.h"
#include "practice-idle.h"
#include "practice-json.h"
#include "practice-protocol.h"
#include "practice-server-private.h"

/* The largest request of all services: a function's zip of 50 MB in base64 (Lambda quotas). */
#define MAX_BODY (70 * 1024 * 1024)
#define EVENTS_PATH "/_millrace/events"

/* A request whose call is not answered yet. */
typedef struct {
  SoupServerMessage *message;
  GCancellable      *cancellable;
  guint              hangup_id;
  gboolean           paused;
  gboolean           gone;
} Exchange;

static void
exchange_free (Exchange *exchange)
{
  g_clear_handle_id (&exchange->hangup_id, g_source_remove);
  g_signal_handlers_disconnect_by_data (exchange->message, exchange);
  g_object_unref (exchange->message);
  g_object_unref (exchange->cancellable);
  g_free (exchange);
}

static void
set_reply (SoupServerMessage   *message,
           const PracticeReply *reply)
{
  SoupMessageHeaders *headers = soup_server_message_get_response_headers (message);

  soup_server_message_set_status (message, reply->status, NULL);
  for (guint i = 0; reply->headers != NULL && reply->headers[i] != NULL; i += 2)
    soup_message_headers_append (headers, reply->headers[i], reply->headers[i + 1]);
  if (reply->content_type != NULL)
    soup_message_headers_replace (headers, "Content-Type", reply->content_type);
  if (g_bytes_get_size (reply->body) > 0)
    soup_message_body_append_bytes (soup_server_message_get_response_body (message), reply->body);
  if (reply->status != 204 && reply->status != 304)
    soup_message_headers_set_content_length (headers, (goffset) g_bytes_get_size (reply->body));
  else
    /* libsoup ends the connection after an answer without a length; the client should know. */
    soup_message_headers_replace (headers, "Connection", "close");
}

/* An answer to something that never becomes a call. */
static void
refuse (SoupServerMessage *message,
        guint              status,
        const char        *text)
{
  g_autoptr (JsonObject) object = json_object_new ();
  g_autofree char *body = NULL;

  json_object_set_string_member (object, "message", text);
  body = practice_json_object_to_text (object);
  soup_server_message_set_status (message, status, NULL);
  soup_server_message_set_response (message, "application/json", SOUP_MEMORY_COPY, body, strlen (body));
}

static void
deliver (PracticeCall *call,
         gpointer      data)
{
  Exchange *exchange = data;

  if (!exchange->gone) {
    PracticeReply reply = { 0 };

    practice_protocol_write (call, &reply);
    set_reply (exchange->message, &reply);
    practice_reply_clear (&reply);
    if (exchange->paused)
      soup_server_message_unpause (exchange->message);
  }
  exchange_free (exchange);
}

static void
on_finished (SoupServerMessage *message,
             gpointer           data)
{
  Exchange *exchange = data;

  exchange->gone = TRUE;
  g_cancellable_cancel (exchange->cancellable);
}

static gboolean
on_hangup (int          fd,
           GIOCondition condition,
           gpointer     data)
{
  Exchange *exchange = data;

  exchange->hangup_id = 0;
  g_cancellable_cancel (exchange->cancellable);
  return G_SOURCE_REMOVE;
}

/* libsoup does not look at the connection of a paused message: a client that goes away in a long poll would take a message with it. */
static void
wait_for_answer (Exchange *exchange)
{
  GSocket *socket = soup_server_message_get_socket (exchange->message);

  exchange->paused = TRUE;
  soup_server_message_pause (exchange->message);
  if (socket != NULL)
    exchange->hangup_id = g_unix_fd_add (g_socket_get_fd (socket), (GIOCondition) (POLLRDHUP | POLLHUP | POLLERR), on_hangup, exchange);
}

static gboolean
is_own_host (const char *host,
             guint       port)
{
  const char *colon = strrchr (host, ':');
  g_autofree char *name = NULL;
  g_autofree char *suffix = g_strdup_printf (":%u", port);

  if (!g_str_has_suffix (host, suffix)) {
    if (port != 80 || (colon != NULL && *host != '[') || (*host == '[' && !g_str_has_suffix (host, "]")))
      return FALSE;
    name = g_ascii_strdown (host, -1);
  } else {
    name = g_ascii_strdown (host, (gssize) (strlen (host) - strlen (suffix)));
  }
  return strcmp (name, "127.0.0.1") == 0 || strcmp (name, "localhost") == 0 || strcmp (name, "[::1]") == 0 ||
         (g_str_has_suffix (name, ".localhost") && name[0] != '.');
}

static char **
copy_headers (SoupServerMessage *message)
{
  GPtrArray *headers = g_ptr_array_new ();
  SoupMessageHeadersIter iter;
  const char *name = NULL;
  const char *value = NULL;

  soup_message_headers_iter_init (&iter, soup_server_message_get_request_headers (message));
  while (soup_message_headers_iter_next (&iter, &name, &value)) {
    g_ptr_array_add (headers, g_strdup (name));
    g_ptr_array_add (headers, g_strdup (value));
  }
  g_ptr_array_add (headers, NULL);
  return (char **) g_ptr_array_free (headers, FALSE);
}

static gboolean
is_form (PracticeCall *call)
{
  const char *type = practice_call_get_header (call, "Content-Type");

  return type != NULL && g_str_has_prefix (type, "application/x-www-form-urlencoded");
}

static void
fail_auth (PracticeCall              *call,
           const PracticeAuthFailure *failure)
{
  guint status = 403;

  /* The services of the JSON protocols say 400 here as for all else that is the caller's fault (DynamoDB, "Error handling"). */
  if (call->service != NULL && !call->query && call->service->protocol != PRACTICE_PROTOCOL_REST_JSON && call->service->denied_status != 0)
    status = call->service->denied_status;
  practice_call_fail_full (call, status, failure->code, failure->query_code, NULL, failure->message);
}

/* (transfer full): who signed @call; NULL where it was failed. */
static PracticePrincipal *
authenticate (PracticeServer *server,
              PracticeCall   *call,
              char          **service)
{
  const char *authorization = practice_call_get_header (call, "Authorization");
  g_autoptr (PracticeSignature) signature = NULL;
  g_autofree char *digest = NULL;
  g_autofree char *message = NULL;
  PracticeAuthFailure failure = { 0 };
  PracticePrincipal *principal = NULL;
  gsize length = 0;
  const void *body = g_bytes_get_data (practice_call_get_body (call), &length);
  AwsSigningRequest request = {
    .method = call->method, .path = call->path, .query = call->query_string, .headers = (const char *const *) call->headers,
  };

  if (authorization == NULL)
    practice_auth_missing (&failure);
  else if ((signature = practice_signature_parse (authorization, &message)) == NULL)
    practice_auth_incomplete (&failure, g_steal_pointer (&message));

  practice_server_find_service (server, call, signature != NULL ? signature->service : NULL);
  if (call->service == NULL)
    call->query = is_form (call);
  if (signature != NULL) {
    digest = aws_signer_sha256 (body, (gssize) length);
    request.payload_sha256 = digest;
    principal = practice_auth_check (practice_server_get_iam (server), signature, &request,
                                     g_get_real_time () / G_USEC_PER_SEC, &failure);
  }
  if (principal == NULL) {
    fail_auth (call, &failure);
    g_free (failure.message);
    return NULL;
  }

  g_free (call->region);
  call->region = g_strdup (signature->region);
  *service = g_strdup (signature->service);
  return principal;
}

static void
serve_events (PracticeServer    *server,
              PracticeCall      *call,
              SoupServerMessage *message,
              Exchange          *exchange)
{
  g_autoptr (JsonObject) query = NULL;
  const char *text = NULL;
  guint64 after = PRACTICE_EVENTS_NOW;

  if (call->principal->kind != PRACTICE_PRINCIPAL_ROOT) {
    practice_call_fail (call, 403, "AccessDeniedException", "Only the account itself may read the event stream.");
    return;
  }
  if (call->query_string != NULL)
    query = practice_form_parse (call->query_string, strlen (call->query_string), NULL);
  text = query != NULL ? practice_json_get_string (query, "after") : NULL;
  if (strcmp (call->method, "GET") != 0 || (text != NULL && !g_ascii_string_to_unsigned (text, 10, 0, G_MAXINT64, &after, NULL))) {
    practice_call_fail (call, 400, "ValidationException", "The event stream is read with GET " EVENTS_PATH "?after=NUMBER.");
    return;
  }
  /* From here on the stream has the message; the call ends unheard. */
  exchange->gone = TRUE;
  practice_events_stream (practice_server_get_events (server), message, after);
  practice_call_return (call, NULL);
}

static void
serve (PracticeServer    *server,
       PracticeCall      *call,
       SoupServerMessage *message,
       Exchange          *exchange,
       const char        *host)
{
  g_autofree char *service = NULL;
  PracticePrincipal *principal = NULL;

  if (practice_server_run_raw (server, call, host))
    return;

  principal = authenticate (server, call, &service);
  if (principal == NULL)
    return;
  practice_principal_unref (call->principal);
  call->principal = principal;

  if (strcmp (call->path, EVENTS_PATH) == 0 && strcmp (service, "millrace") == 0) {
    serve_events (server, call, message, exchange);
    return;
  }
  if (call->service == NULL) {
    g_autofree char *services = practice_server_list_services (server);

    practice_call_fail (call, 400, "UnknownService", "The practice cloud does not have the service “%s”. It has %s.", service, services);
    return;
  }
  if (practice_protocol_read (call))
    practice_server_run (server, call);
}

static void
on_request (SoupServer        *soup,
            SoupServerMessage *message,
            const char        *path,
            GHashTable        *query,
            gpointer           data)
{
  PracticeServer *server = data;
  GUri *uri = soup_server_message_get_uri (message);
  const char *host = soup_message_headers_get_one (soup_server_message_get_request_headers (message), "Host");
  g_autoptr (PracticeCall) call = NULL;
  g_autoptr (PracticePrincipal) nobody = NULL;
  g_autoptr (GCancellable) cancellable = NULL;
  Exchange *exchange = NULL;

  if (host == NULL || !is_own_host (host, practice_http_get_port (soup))) {
    refuse (message, 403, "The Host header does not name this practice cloud. Use the address that it printed when it started.");
    return;
  }

  cancellable = g_cancellable_new ();
  exchange = g_new0 (Exchange, 1);
  exchange->message = g_object_ref (message);
  exchange->cancellable = g_object_ref (cancellable);
  g_signal_connect (message, "finished", G_CALLBACK (on_finished), exchange);
  /* At the end of the server there is no "finished" any more. */
  g_signal_connect (message, "disconnected", G_CALLBACK (on_finished), exchange);

  nobody = practice_principal_new (PRACTICE_PRINCIPAL_ANONYMOUS, "anonymous", practice_server_get_account (server));
  call = practice_call_new (server, nobody, NULL, cancellable, deliver, exchange);
  call->method = g_strdup (soup_server_message_get_method (message));
  call->path = g_strdup (*g_uri_get_path (uri) != '\0' ? g_uri_get_path (uri) : "/");
  call->query_string = g_strdup (g_uri_get_query (uri));
  call->headers = copy_headers (message);
  call->body = soup_message_body_flatten (soup_server_message_get_request_body (message));

  serve (server, call, message, exchange, host);
  if (!call->answered)
    wait_for_answer (exchange);
}

static void
on_got_chunk (SoupServerMessage *message,
              GBytes            *chunk,
              gpointer           data)
{
  SoupMessageBody *body = soup_server_message_get_request_body (message);

  if (body->length <= MAX_BODY)
    return;
  soup_message_body_set_accumulate (body, FALSE);
  soup_message_body_truncate (body);
  refuse (message, 413, "The request is too large.");
}

static void
on_request_headers (SoupServer        *soup,
                    SoupServerMessage *message,
                    const char        *path,
                    GHashTable        *query,
                    gpointer           data)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);

  if (soup_message_headers_get_encoding (headers) == SOUP_ENCODING_CONTENT_LENGTH &&
      soup_message_headers_get_content_length (headers) > MAX_BODY) {
    /* The answer follows when the client has sent everything; nothing of it is kept. */
    soup_message_body_set_accumulate (soup_server_message_get_request_body (message), FALSE);
    refuse (message, 413, "The request is too large.");
    return;
  }
  g_signal_connect (message, "got-chunk", G_CALLBACK (on_got_chunk), NULL);
}

/* libsoup writes headers and body one after the other: without this the second waits for the client's acknowledgement of the first, 40 ms. */
static void
send_at_once (SoupServer *soup)
{
  g_autoptr (GSList) sockets = soup_server_get_listeners (soup);

  /* Connections inherit it from the socket that they come in at. */
  for (GSList *l = sockets; l != NULL; l = l->next)
    g_socket_set_option (l->data, IPPROTO_TCP, TCP_NODELAY, 1, NULL);
}

SoupServer *
practice_http_new (PracticeServer  *server,
                   guint            port,
                   GError         **error)
{
  g_autoptr (SoupServer) soup = soup_server_new ("raw-paths", TRUE, NULL);
  g_autoptr (GError) local = NULL;

  soup_server_add_early_handler (soup, NULL, on_request_headers, server, NULL);
  soup_server_add_handler (soup, NULL, on_request, server, NULL);
  if (soup_server_listen_local (soup, port, 0, &local)) {
    send_at_once (soup);
    practice_crowd_watch (soup);
    practice_idle_watch (soup);
    return g_steal_pointer (&soup);
  }

  if (g_error_matches (local, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE))
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_ADDRESS_IN_USE,
                 "Port %u is in use by another program. End that program, or choose another port (0 takes a free one).", port);
  else if (g_error_matches (local, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED))
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                 "Port %u may only be used by the system. Choose one above 1023 (0 takes a free one).", port);
  else
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "Port %u cannot be listened on: %s", port, local->message);
  return NULL;
}

guint
practice_http_get_port (SoupServer *soup)
{
  GSList *uris = soup_server_get_uris (soup);
  guint port = uris != NULL ? (guint) g_uri_get_port (uris->data) : 0;

  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
  return port;
}
