/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "aws/aws-json.h"
#include "aws/aws-signer.h"

#define SECRET "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
#define DATE "20150830T123600Z"

static const char *
get (JsonObject *object,
     const char *name)
{
  return aws_json_get_string (object, name);
}

static void
test_vector (gconstpointer data)
{
  JsonObject *vector = (JsonObject *) data;
  g_autoptr (AwsCredentials) credentials = aws_credentials_new ("AKIDEXAMPLE", SECRET, NULL);
  g_autofree char *digest = aws_signer_sha256 (get (vector, "body"), -1);
  g_autofree char *scope = g_strdup_printf ("20150830/us-east-1/%s/aws4_request", get (vector, "service"));
  g_autoptr (GPtrArray) headers = g_ptr_array_new ();
  JsonArray *array = aws_json_get_array (vector, "headers");
  AwsSigningRequest request;
  g_autofree char *authorization = NULL;
  g_autofree char *canonical = NULL;
  g_autofree char *to_sign = NULL;
  g_autofree char *signature = NULL;
  g_autofree char *list = NULL;
  g_auto (GStrv) names = NULL;

  for (guint i = 0; i < json_array_get_length (array); i++)
    g_ptr_array_add (headers, (gpointer) json_array_get_string_element (array, i));
  g_ptr_array_add (headers, NULL);
  request.method = get (vector, "method");
  request.path = get (vector, "path");
  request.query = get (vector, "query");
  request.headers = (const char *const *) headers->pdata;
  request.payload_sha256 = digest;

  authorization = aws_signer_authorization (&request, credentials, "us-east-1", get (vector, "service"), DATE);
  g_assert_cmpstr (authorization, ==, get (vector, "authorization"));

  /* In pieces, as a server does it. */
  list = g_strndup (strstr (authorization, "SignedHeaders=") + strlen ("SignedHeaders="),
                    strcspn (strstr (authorization, "SignedHeaders=") + strlen ("SignedHeaders="), ","));
  names = g_strsplit (list, ";", -1);
  canonical = aws_signer_canonical_request (&request, (const char *const *) names, get (vector, "service"));
  g_assert_cmpstr (canonical, ==, get (vector, "canonical"));
  to_sign = aws_signer_string_to_sign (DATE, scope, canonical);
  g_assert_cmpstr (to_sign, ==, get (vector, "to_sign"));
  signature = aws_signer_signature (SECRET, scope, to_sign);
  g_assert_true (g_str_has_suffix (authorization, signature));
}

static void
test_repeated_headers (void)
{
  static const char *const headers[] = { "Host", "h", "X-Two", "b", "x-two", " a ", NULL };
  static const char *const names[] = { "host", "x-two", NULL };
  AwsSigningRequest request = { "GET", "/", NULL, headers, "UNSIGNED-PAYLOAD" };
  g_autofree char *canonical = aws_signer_canonical_request (&request, names, "service");

  g_assert_cmpstr (canonical, ==, "GET\n/\n\nhost:h\nx-two:b,a\n\nhost;x-two\nUNSIGNED-PAYLOAD");
}

static void
test_encode (void)
{
  g_autofree char *all = aws_signer_uri_encode ("aZ09-_.~/ +=&é", FALSE);
  g_autofree char *path = aws_signer_uri_encode ("/a b/", TRUE);

  g_assert_cmpstr (all, ==, "aZ09-_.~%2F%20%2B%3D%26%C3%A9");
  g_assert_cmpstr (path, ==, "/a%20b/");
}

static void
test_sha256 (void)
{
  g_autofree char *empty = aws_signer_sha256 (NULL, 0);
  g_autofree char *text = aws_signer_sha256 ("abc", -1);
  g_autofree char *with_nul = aws_signer_sha256 ("a\0b", 3);

  g_assert_cmpstr (empty, ==, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  g_assert_cmpstr (text, ==, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  g_assert_cmpstr (with_nul, ==, "59b271ae1bbcb1d31d41929817f4b16fb439eb4f31520b5ad1d5ce98920a7138");
}

static void
test_equal (void)
{
  g_assert_true (aws_signer_equal ("abc", "abc"));
  g_assert_true (aws_signer_equal ("", ""));
  g_assert_false (aws_signer_equal ("abc", "abd"));
  g_assert_false (aws_signer_equal ("abc", "ab"));
  g_assert_false (aws_signer_equal ("ab", "abc"));
}

static void
test_credentials (void)
{
  g_autoptr (AwsCredentials) credentials = NULL;
  g_autoptr (AwsCredentials) none = NULL;
  g_autoptr (AwsCredentials) given = NULL;

  credentials = aws_credentials_new ("AKID", "secret", "");
  g_assert_null (aws_credentials_get_session_token (credentials));

  g_setenv ("AWS_ACCESS_KEY_ID", "AKIDENV", TRUE);
  g_unsetenv ("AWS_SECRET_ACCESS_KEY");
  none = aws_credentials_new_from_environment ();
  g_assert_null (none);
  g_setenv ("AWS_SECRET_ACCESS_KEY", "s", TRUE);
  g_setenv ("AWS_SESSION_TOKEN", "t", TRUE);
  given = aws_credentials_new_from_environment ();
  g_assert_cmpstr (aws_credentials_get_access_key_id (given), ==, "AKIDENV");
  g_assert_cmpstr (aws_credentials_get_secret (given), ==, "s");
  g_assert_cmpstr (aws_credentials_get_session_token (given), ==, "t");
}

int
main (int    argc,
      char **argv)
{
  g_autofree char *file = NULL;
  g_autofree char *text = NULL;
  g_autoptr (JsonNode) root = NULL;
  JsonArray *vectors;

  g_test_init (&argc, &argv, NULL);

  file = g_test_build_filename (G_TEST_DIST, "data", "signatures.json", NULL);
  g_assert_true (g_file_get_contents (file, &text, NULL, NULL));
  root = aws_json_parse (text, -1, NULL);
  g_assert_nonnull (root);
  vectors = json_node_get_array (root);
  for (guint i = 0; i < json_array_get_length (vectors); i++) {
    JsonObject *vector = json_array_get_object_element (vectors, i);
    g_autofree char *path = g_strdup_printf ("/aws/signer/vector/%s", get (vector, "name"));

    g_test_add_data_func (path, vector, test_vector);
  }
  g_test_add_func ("/aws/signer/repeated-headers", test_repeated_headers);
  g_test_add_func ("/aws/signer/encode", test_encode);
  g_test_add_func ("/aws/signer/sha256", test_sha256);
  g_test_add_func ("/aws/signer/equal", test_equal);
  g_test_add_func ("/aws/signer/credentials", test_credentials);

  return g_test_run ();
}
