/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "client-fixture.h"

#include <string.h>

#include "aws/aws-json.h"
#include "aws/aws-signer.h"

void
client_fixture_init (int    *argc,
                     char ***argv)
{
  g_test_init (argc, argv, NULL);

  /* Loopback is asked directly, whatever proxy there is. */
  g_setenv ("http_proxy", "http://127.0.0.1:1", TRUE);
  g_unsetenv ("no_proxy");
  g_unsetenv ("AWS_MAX_ATTEMPTS");
  g_unsetenv ("AWS_CA_BUNDLE");
}

void
client_fixture_set_up (ClientFixture *self,
                       gconstpointer  data)
{
  g_autoptr (AwsCredentials) credentials = aws_credentials_new ("AKIDEXAMPLE", CLIENT_FIXTURE_SECRET, "session/token==");

  self->server = test_server_new ();
  self->client = aws_client_new ("eu-west-1", test_server_get_url (self->server), credentials);
}

void
client_fixture_tear_down (ClientFixture *self,
                          gconstpointer  data)
{
  gpointer client = self->client;

  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_object_add_weak_pointer (client, &client);
  g_object_unref (self->client);
  /* A thread may still be letting go of the call that it answered. */
  for (guint i = 0; g_atomic_pointer_get (&client) != NULL && i < 10000; i++)
    g_usleep (1000);
  g_assert_null (client);
  test_server_free (self->server);
}

JsonObject *
client_fixture_call (ClientFixture *self,
                     const char    *operation,
                     const char    *parameters,
                     GCancellable  *cancellable,
                     GError       **error)
{
  g_autoptr (JsonObject) object = aws_json_parse_object (parameters, -1, NULL);

  g_assert_nonnull (object);
  return aws_client_call (self->client, operation, object, cancellable, error);
}

AwsCall *
client_fixture_last_call (ClientFixture *self)
{
  GListModel *log = G_LIST_MODEL (aws_client_get_call_log (self->client));

  while (g_main_context_iteration (NULL, FALSE))
    ;
  g_assert_cmpuint (g_list_model_get_n_items (log), >, 0);
  return g_list_model_get_item (log, g_list_model_get_n_items (log) - 1);
}

char *
client_fixture_header (const char *request,
                       const char *name)
{
  g_auto (GStrv) lines = g_strsplit (request, "\n", -1);
  g_autofree char *prefix = g_strdup_printf ("%s: ", name);

  for (guint i = 1; lines[i] != NULL && *lines[i] != '\0'; i++) {
    if (g_ascii_strncasecmp (lines[i], prefix, strlen (prefix)) == 0)
      return g_strdup (lines[i] + strlen (prefix));
  }
  return NULL;
}

void
client_fixture_check_signature (const char *request)
{
  g_autofree char *authorization = client_fixture_header (request, "Authorization");
  g_autofree char *date = client_fixture_header (request, "X-Amz-Date");
  g_autoptr (GRegex) regex = g_regex_new ("Credential=[^/]+/([^,]+), SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$",
                                          G_REGEX_DEFAULT, G_REGEX_MATCH_DEFAULT, NULL);
  g_autoptr (GMatchInfo) match = NULL;
  g_autoptr (GPtrArray) headers = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *digest = NULL;
  g_autofree char *canonical = NULL;
  g_autofree char *to_sign = NULL;
  g_autofree char *signature = NULL;
  g_autofree char *scope = NULL;
  g_autofree char *given = NULL;
  g_autofree char *list = NULL;
  g_auto (GStrv) names = NULL;
  g_auto (GStrv) first_line = NULL;
  g_auto (GStrv) lines = g_strsplit (request, "\n", 2);
  AwsSigningRequest signing;
  char *question;

  g_assert_nonnull (authorization);
  g_assert_true (g_regex_match (regex, authorization, G_REGEX_MATCH_DEFAULT, &match));
  scope = g_match_info_fetch (match, 1);
  list = g_match_info_fetch (match, 2);
  given = g_match_info_fetch (match, 3);
  names = g_strsplit (list, ";", -1);
  for (guint i = 0; names[i] != NULL; i++) {
    g_ptr_array_add (headers, g_strdup (names[i]));
    g_ptr_array_add (headers, client_fixture_header (request, names[i]));
    g_assert_nonnull (g_ptr_array_index (headers, headers->len - 1));
  }
  g_ptr_array_add (headers, NULL);
  g_assert_true (g_strv_contains ((const char *const *) names, "host"));
  g_assert_true (g_strv_contains ((const char *const *) names, "x-amz-security-token"));

  first_line = g_strsplit (lines[0], " ", 2);
  question = strchr (first_line[1], '?');
  if (question != NULL)
    *question = '\0';
  digest = aws_signer_sha256 (strstr (request, "\n\n") + 2, -1);
  signing.method = first_line[0];
  signing.path = first_line[1];
  signing.query = question != NULL ? question + 1 : NULL;
  signing.headers = (const char *const *) headers->pdata;
  signing.payload_sha256 = digest;
  canonical = aws_signer_canonical_request (&signing, (const char *const *) names, "sqs");
  to_sign = aws_signer_string_to_sign (date, scope, canonical);
  signature = aws_signer_signature (CLIENT_FIXTURE_SECRET, scope, to_sign);
  g_assert_cmpstr (signature, ==, given);
}
