/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

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
/* How long a client hears nothing before the connection ends. */
#define SILENCE_MS 1000
#define EVENTS_PATH "/_millrace/events"
#define HEALTH_PATH "/_millrace/health"
#define TALLY_PATH "/_millrace/tally"

/* A request whose call is not answered yet. */
typedef struct {
  SoupServerMessage *message;
  GCancellable      *cancellable;
  guint              hangup_id;
  PracticeServer    *server;
  PracticeFault      fault;
  gboolean           outer;      /* an operation called from outside: it has AWS's habits */
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

/* The cloud's clock is not this computer's. */
static void
put_date (PracticeServer    *server,
          SoupServerMessage *message)
{
  PracticeFaults *faults = practice_server_get_faults (server);
  gint64 skew = faults != NULL ? practice_faults_get_skew (faults) : 0;
  g_autoptr (GDateTime) time = NULL;
  g_autofree char *text = NULL;

  if (skew == 0)
    return;
  time = g_date_time_new_from_unix_utc (g_get_real_time () / G_USEC_PER_SEC + skew);
  text = soup_date_time_to_string (time, SOUP_DATE_HTTP);
  soup_message_headers_replace (soup_server_message_get_response_headers (message), "Date", text);
}

/* Ends the connection. libsoup notices when it writes. */
static void
cut (Exchange *exchange)
{
  GSocket *socket = soup_server_message_get_socket (exchange->message);

  if (socket != NULL)
    g_socket_shutdown (socket, TRUE, TRUE, NULL);
  soup_server_message_set_status (exchange->message, 500, NULL);
  soup_server_message_unpause (exchange->message);
}

static gboolean
on_silence_over (gpointer data)
{
  Exchange *exchange = data;

  if (!exchange->gone)
    cut (exchange);
  exchange_free (exchange);
  return G_SOURCE_REMOVE;
}

static void
cut_in_the_middle (Exchange            *exchange,
                   const PracticeReply *reply)
{
  GSocket *socket = soup_server_message_get_socket (exchange->message);
  gsize length = 0;
  const char *body = g_bytes_get_data (reply->body, &length);
  g_autofree char *text = g_strdup_printf ("HTTP/1.1 %u OK\r\nContent-Type: %s\r\nContent-Length: %" G_GSIZE_FORMAT "\r\n\r\n%.*s", reply->status,
                                           reply->content_type != NULL ? reply->content_type : "text/plain", length + 1, (int) (length / 2),
                                           body != NULL ? body : "");

  if (socket != NULL)
    g_socket_send (socket, text, strlen (text), NULL, NULL);
  cut (exchange);
}

static void
deliver (PracticeCall *call,
         gpointer      data)
{
  Exchange *exchange = data;
  PracticeHabits *habits = practice_server_get_habits (exchange->server);

  if (habits != NULL && exchange->outer)
    practice_habits_answered (habits, call);
  if (!exchange->gone && exchange->fault == PRACTICE_FAULT_SILENCE) {
    g_timeout_add ((guint) (SILENCE_MS * practice_server_get_speed (exchange->server)), on_silence_over, exchange);
    return;
  }
  if (!exchange->gone && (exchange->fault == PRACTICE_FAULT_RESET || exchange->fault == PRACTICE_FAULT_LOST)) {
    cut (exchange);
  } else if (!exchange->gone) {
    PracticeReply reply = { 0 };

    practice_protocol_write (call, &reply);
    if (exchange->fault == PRACTICE_FAULT_TRUNCATE) {
      cut_in_the_middle (exchange, &reply);
      practice_reply_clear (&reply);
      exchange_free (exchange);
      return;
    }
    set_reply (exchange->message, &reply);
    put_date (exchange->server, exchange->message);
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

/* The time by which @call is judged. The event stream is no service of AWS's: whoever watches what goes wrong is not part of it. */
static gint64
get_time (PracticeServer *server,
          PracticeCall   *call)
{
  PracticeFaults *faults = strcmp (call->path, EVENTS_PATH) != 0 ? practice_server_get_faults (server) : NULL;

  return g_get_real_time () / G_USEC_PER_SEC + (faults != NULL ? practice_faults_get_skew (faults) : 0);
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
                                     get_time (server, call), &failure);
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

/* A call whose turn comes later. */
typedef struct {
  PracticeServer *server;
  PracticeCall   *call;
  PracticeFault   fault;
} Turn;

static gboolean
on_turn (gpointer data)
{
  g_autofree Turn *turn = data;
  g_autoptr (PracticeCall) call = turn->call;
  PracticeHabits *habits = practice_server_get_habits (turn->server);
  PracticeAuthFailure failure = { 0 };

  switch (turn->fault) {
  case PRACTICE_FAULT_RESET:
    practice_call_fail (call, 500, "InternalFailure", "The connection ends.");
    break;
  case PRACTICE_FAULT_ERROR:
    practice_call_fail (call, 503, "ServiceUnavailable", "The request has failed due to a temporary failure of the server.");
    break;
  case PRACTICE_FAULT_SKEW:
    failure.query_code = "SignatureDoesNotMatch";
    failure.code = "InvalidSignatureException";
    failure.message = (char *) "Signature expired: the date of the request is now earlier than the service's own time less 15 min.";
    fail_auth (call, &failure);
    break;
  case PRACTICE_FAULT_EXPIRED:
    failure.query_code = "ExpiredToken";
    failure.code = "ExpiredTokenException";
    failure.message = (char *) "The security token included in the request is expired";
    fail_auth (call, &failure);
    break;
  default:
    if (habits == NULL || !practice_habits_refuse (habits, call))
      practice_server_run (turn->server, call);
  }
  return G_SOURCE_REMOVE;
}

/* Runs @call: at once, unless the cloud was asked to behave as AWS does. */
static void
admit (PracticeServer *server,
       PracticeCall   *call,
       Exchange       *exchange)
{
  PracticeHabits *habits = practice_server_get_habits (server);
  PracticeFaults *faults = practice_server_get_faults (server);
  Turn *turn = NULL;
  guint delay = habits != NULL ? practice_habits_delay (habits, call) : 0;
  g_autofree char *name = g_strdup_printf ("%s:%s", practice_call_get_service (call), practice_call_get_operation (call));

  practice_tally_add (practice_server_get_tally (server), name, delay);
  if (habits == NULL && faults == NULL) {
    practice_server_run (server, call);
    return;
  }
  exchange->outer = TRUE;
  exchange->fault = faults != NULL ? practice_faults_next (faults, call) : PRACTICE_FAULT_NONE;
  turn = g_new0 (Turn, 1);
  turn->server = server;
  turn->call = g_object_ref (call);
  turn->fault = exchange->fault;
  g_timeout_add (delay, on_turn, turn);
}

/* What this is, for whoever asks before having keys. */
static void
serve_health (PracticeCall *call)
{
  JsonObject *health = json_object_new ();

  json_object_set_string_member (health, "name", "millrace-practice");
  json_object_set_string_member (health, "version", MILLRACE_VERSION);
  practice_call_return_full (call, 200, health, NULL, NULL, NULL);
}

static void
serve_tally (PracticeServer *server,
             PracticeCall   *call)
{
  PracticeHabits *habits = practice_server_get_habits (server);
  JsonObject *tally = json_object_new ();

  json_object_set_object_member (tally, "calls", practice_tally_to_json (practice_server_get_tally (server)));
  if (habits != NULL)
    json_object_set_object_member (tally, "waits", json_object_ref (practice_habits_get_waits (habits)));
  practice_call_return_full (call, 200, tally, NULL, NULL, NULL);
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
  if (strcmp (call->path, HEALTH_PATH) == 0 && strcmp (call->method, "GET") == 0) {
    serve_health (call);
    return;
  }

  principal = authenticate (server, call, &service);
  if (principal == NULL)
    return;
  practice_principal_unref (call->principal);
  call->principal = principal;

  if (strcmp (call->path, EVENTS_PATH) == 0 && strcmp (service, "millrace") == 0) {
    serve_events (server, call, message, exchange);
    return;
  }
  if (strcmp (call->path, TALLY_PATH) == 0 && strcmp (service, "millrace") == 0) {
    serve_tally (server, call);
    return;
  }
  if (call->service == NULL) {
    g_autofree char *services = practice_server_list_services (server);

    practice_call_fail (call, 400, "UnknownService", "The practice cloud does not have the service “%s”. It has %s.", service, services);
    return;
  }
  if (practice_protocol_read (call))
    admit (server, call, exchange);
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
  exchange->server = server;
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
