/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "aws/aws-client.h"
#include "client-fixture.h"

static gpointer
list_tables (gpointer data)
{
  return aws_client_call (data, "dynamodb:ListTables", NULL, NULL, NULL);
}

static GTlsCertificate *
load_certificate (GTlsDatabase **database)
{
  g_autofree char *file = g_test_build_filename (G_TEST_DIST, "data", "server.pem", NULL);
  g_autoptr (GError) error = NULL;
  GTlsCertificate *certificate;

  if (!g_tls_backend_supports_tls (g_tls_backend_get_default ())) {
    g_test_skip ("glib-networking is not installed");
    return NULL;
  }
  certificate = g_tls_certificate_new_from_file (file, &error);
  g_assert_no_error (error);
  *database = g_tls_file_database_new (file, &error);
  g_assert_no_error (error);
  return certificate;
}

static void
test_tls (void)
{
  g_autoptr (AwsCredentials) credentials = aws_credentials_new ("AKIDEXAMPLE", CLIENT_FIXTURE_SECRET, NULL);
  g_autoptr (GTlsDatabase) database = NULL;
  g_autoptr (GTlsCertificate) certificate = load_certificate (&database);
  g_autoptr (TestServer) server = NULL;
  g_autoptr (AwsClient) client = NULL;
  g_autoptr (JsonObject) result = NULL;
  g_autoptr (GError) error = NULL;

  if (certificate == NULL)
    return;
  server = test_server_new_tls (certificate);
  client = aws_client_new ("eu-west-1", test_server_get_url (server), credentials);

  /* Nobody vouches for it, and asking again would not help. */
  g_assert_null (aws_client_call (client, "dynamodb:ListTables", NULL, NULL, &error));
  g_assert_error (error, AWS_ERROR, AWS_ERROR_NETWORK);
  g_assert_true (aws_error_has_code (error, "TlsError"));
  g_assert_false (aws_error_is_retryable (error));
  g_assert_cmpuint (test_server_count (server), ==, 0);

  g_tls_backend_set_default_database (g_tls_backend_get_default (), database);
  /* A thread that has no connections yet. */
  result = g_thread_join (g_thread_new ("tls", list_tables, client));
  g_tls_backend_set_default_database (g_tls_backend_get_default (), NULL);
  g_assert_nonnull (result);
  g_assert_cmpuint (test_server_count (server), ==, 1);
}

typedef struct {
  GSocketListener *listener;
  GTlsCertificate *certificate;
  char            *protocol;
} Negotiation;

static gpointer
negotiate (gpointer data)
{
  static const char *const protocols[] = { "h2", "http/1.1", NULL };
  Negotiation *negotiation = data;
  g_autoptr (GSocketConnection) connection = g_socket_listener_accept (negotiation->listener, NULL, NULL, NULL);
  g_autoptr (GIOStream) tls = g_tls_server_connection_new (G_IO_STREAM (connection), negotiation->certificate, NULL);

  g_tls_connection_set_advertised_protocols (G_TLS_CONNECTION (tls), protocols);
  if (g_tls_connection_handshake (G_TLS_CONNECTION (tls), NULL, NULL))
    negotiation->protocol = g_strdup (g_tls_connection_get_negotiated_protocol (G_TLS_CONNECTION (tls)));
  g_io_stream_close (tls, NULL, NULL);
  return NULL;
}

static gpointer
ask_once (gpointer data)
{
  g_autoptr (AwsClient) client = aws_client_new ("eu-west-1", NULL, NULL);
  g_autoptr (JsonObject) answer = aws_client_http (client, NULL, "GET", data, NULL, NULL, NULL, NULL);

  g_assert_null (answer);
  return NULL;
}

/* A server that would rather speak HTTP/2. */
static void
test_http_version (void)
{
  g_autoptr (GTlsDatabase) database = NULL;
  g_autoptr (GTlsCertificate) certificate = load_certificate (&database);
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);
  g_autoptr (GSocketAddress) address = g_inet_socket_address_new (loopback, 0);
  g_autoptr (GSocketAddress) bound = NULL;
  Negotiation negotiation = { listener, certificate, NULL };
  g_autofree char *url = NULL;
  GThread *thread;

  if (certificate == NULL)
    return;
  g_assert_true (g_socket_listener_add_address (listener, address, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, NULL,
                                                &bound, NULL));
  url = g_strdup_printf ("https://127.0.0.1:%u/", g_inet_socket_address_get_port (G_INET_SOCKET_ADDRESS (bound)));
  g_tls_backend_set_default_database (g_tls_backend_get_default (), database);
  thread = g_thread_new ("server", negotiate, &negotiation);
  g_thread_join (g_thread_new ("client", ask_once, url));
  g_thread_join (thread);
  g_tls_backend_set_default_database (g_tls_backend_get_default (), NULL);
  g_assert_cmpstr (negotiation.protocol, ==, "http/1.1");
  g_free (negotiation.protocol);
}

int
main (int    argc,
      char **argv)
{
  client_fixture_init (&argc, &argv);

  g_test_add_func ("/aws/tls/certificates", test_tls);
  g_test_add_func ("/aws/tls/http-version", test_http_version);

  return g_test_run ();
}
