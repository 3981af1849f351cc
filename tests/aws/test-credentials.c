/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "aws/aws-credentials-text.h"
#include "aws/aws-error.h"

#define NOW 1700000000
#define ID "ASIAIOSFODNN7EXAMPLE"
#define SECRET "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
#define TOKEN "IQoJb3JpZ2luX2VjEHoaCXVzLWVhc3QtMSJHMEUCIQDexampleexampleexampleexampleexampleexample//////////wEaDDEyMzQ1Njc4OTAxMiIM=="

static const char *const accepted[] = {
  "[default]\naws_access_key_id=" ID "\naws_secret_access_key=" SECRET "\naws_session_token=" TOKEN,
  "aws_access_key_id = " ID "\naws_secret_access_key = " SECRET "\naws_session_token = " TOKEN "\n",
  "\xef\xbb\xbf[ default ]\r\naws_access_key_id=" ID "\r\naws_secret_access_key=" SECRET "\r\n\r\naws_session_token=" TOKEN "\r\n",
  "export AWS_ACCESS_KEY_ID=\"" ID "\"\nexport AWS_SECRET_ACCESS_KEY=\"" SECRET "\"\nexport AWS_SESSION_TOKEN=\"" TOKEN "\"",
  "  export AWS_ACCESS_KEY_ID='" ID "' ;\n\texport  AWS_SECRET_ACCESS_KEY='" SECRET "';\nexport AWS_SESSION_TOKEN=" TOKEN "   \n",
  "$Env:AWS_ACCESS_KEY_ID=\"" ID "\"\r\n$Env:AWS_SECRET_ACCESS_KEY=\"" SECRET "\"\r\n$Env:AWS_SESSION_TOKEN=\"" TOKEN "\"\r\n",
  "$env:AWS_ACCESS_KEY_ID = '" ID "'\n$env:AWS_SECRET_ACCESS_KEY = '" SECRET "'\n$env:AWS_SESSION_TOKEN = '" TOKEN "'\n",
  "SET AWS_ACCESS_KEY_ID=" ID "\r\nSET AWS_SECRET_ACCESS_KEY=" SECRET "\r\nSET AWS_SESSION_TOKEN=" TOKEN "\r\n",
  "set \"AWS_ACCESS_KEY_ID=" ID "\"\nset \"AWS_SECRET_ACCESS_KEY=" SECRET "\"\nset \"AWS_SESSION_TOKEN=" TOKEN "\"\n",
  "# my lab\r[default]\raws_access_key_id=“" ID "”\raws_secret_access_key=“" SECRET "”\raws_session_token=“" TOKEN "”\r",
  "{\"Credentials\": {\"AccessKeyId\": \"" ID "\", \"SecretAccessKey\": \"" SECRET "\", \"SessionToken\": \"" TOKEN "\"}}",
  " {\"Version\": 1, \"AccessKeyId\": \"" ID "\", \"SecretAccessKey\": \"" SECRET "\", \"SessionToken\": \"" TOKEN "\"} ",
  "{\"roleCredentials\": {\"accessKeyId\": \"" ID "\", \"secretAccessKey\": \"" SECRET "\", \"sessionToken\": \"" TOKEN "\"}}",
};

static const struct {
  const char *text;
  const char *code;
} refused[] = {
  { "", "NoCredentials" },
  { "hello", "NoCredentials" },
  { "aws_secret_access_key=" SECRET, "NoAccessKeyId" },
  { "aws_access_key_id=" ID "\naws_session_token=" TOKEN, "NoSecretAccessKey" },
  { "aws_access_key_id=" ID "\naws_secret_access_key=" SECRET, "NoSessionToken" },
  { "aws_access_key_id=AKIA 12\naws_secret_access_key=" SECRET, "InvalidAccessKeyId" },
  { "aws_access_key_id=" ID "\naws_secret_access_key=wJalr…\naws_session_token=" TOKEN, "InvalidSecretAccessKey" },
  { "aws_access_key_id=" ID "\naws_secret_access_key=" SECRET "\naws_session_token=<paste here>", "InvalidSessionToken" },
  { "[a]\naws_access_key_id=" ID "\naws_secret_access_key=" SECRET "\n[b]\naws_access_key_id=AKIAIOSFODNN7EXAMPLE\n", "SeveralCredentials" },
  { "{\"Credentials\": {\"AccessKeyId\": ", "InvalidJson" },
  { "\xff\xfe[\0d", "NotText" },
  { "{\"AccessKeyId\": \"" ID "\", \"SecretAccessKey\": \"" SECRET "\", \"SessionToken\": \"" TOKEN "\", \"Expiration\": \"2020-01-01T00:00:00Z\"}",
    "ExpiredToken" },
  { "aws_access_key_id=" ID "\naws_secret_access_key=" SECRET "\naws_session_token=" TOKEN "\naws_session_expiration=soon", "InvalidExpiration" },
};

static void
test_accepted (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (accepted); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (AwsCredentials) credentials = aws_credentials_parse (accepted[i], -1, NOW, NULL, NULL, &error);

    g_assert_no_error (error);
    g_assert_cmpstr (aws_credentials_get_access_key_id (credentials), ==, ID);
    g_assert_cmpstr (aws_credentials_get_secret (credentials), ==, SECRET);
    g_assert_cmpstr (aws_credentials_get_session_token (credentials), ==, TOKEN);
    g_assert_cmpint (aws_credentials_get_expires (credentials), ==, 0);
  }
}

static void
test_refused (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (refused); i++) {
    g_autoptr (GError) error = NULL;
    g_autoptr (AwsCredentials) credentials = aws_credentials_parse (refused[i].text, -1, NOW, NULL, NULL, &error);

    g_assert_null (credentials);
    g_assert_error (error, AWS_ERROR, AWS_ERROR_CREDENTIALS);
    g_assert_cmpstr (aws_error_get_code (error), ==, refused[i].code);
    g_assert_true (g_str_has_suffix (error->message, "."));
    g_assert_null (strstr (error->message, SECRET));
    g_assert_null (strstr (error->message, TOKEN));
  }
}

static void
test_what_comes_with_them (void)
{
  g_autofree char *region = NULL;
  g_autofree char *profile = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (AwsCredentials) credentials = NULL;

  credentials = aws_credentials_parse ("[123456789012_Student]\nregion = eu-west-1\noutput = json\naws_access_key_id=AKIAIOSFODNN7EXAMPLE\n"
                                       "aws_secret_access_key=" SECRET "\nx_security_token_expires = 2030-01-01T00:00:00+01:00\n",
                                       -1, NOW, &region, &profile, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (region, ==, "eu-west-1");
  g_assert_cmpstr (profile, ==, "123456789012_Student");
  g_assert_null (aws_credentials_get_session_token (credentials));
  g_assert_cmpint (aws_credentials_get_expires (credentials), ==, 1893452400);
}

static void
test_milliseconds (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AwsCredentials) credentials = NULL;

  credentials = aws_credentials_parse ("{\"roleCredentials\": {\"accessKeyId\": \"" ID "\", \"secretAccessKey\": \"" SECRET "\", \"sessionToken\": \""
                                       TOKEN "\", \"expiration\": 1893452400000}}", -1, NOW, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (aws_credentials_get_expires (credentials), ==, 1893452400);
}

/* Terminals and mails break long lines. */
static void
test_broken_token (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (AwsCredentials) credentials = NULL;
  g_autofree char *text = g_strdup_printf ("aws_access_key_id=" ID "\naws_secret_access_key=" SECRET "\naws_session_token=%.80s\n%s\n", TOKEN, TOKEN + 80);

  credentials = aws_credentials_parse (text, -1, NOW, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (aws_credentials_get_session_token (credentials), ==, TOKEN);
}

/* A copy has no zero at its end: nothing beyond the length may be read. */
static void
test_length (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (accepted); i++) {
    for (gsize length = 0; length < strlen (accepted[i]); length++) {
      g_autofree char *part = g_memdup2 (accepted[i], length);
      g_autoptr (GError) error = NULL;
      g_autoptr (AwsCredentials) credentials = aws_credentials_parse (length > 0 ? part : "", (gssize) length, NOW, NULL, NULL, &error);

      g_assert_true ((credentials == NULL) == (error != NULL));
    }
  }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/credentials/accepted", test_accepted);
  g_test_add_func ("/credentials/refused", test_refused);
  g_test_add_func ("/credentials/what-comes-with-them", test_what_comes_with_them);
  g_test_add_func ("/credentials/milliseconds", test_milliseconds);
  g_test_add_func ("/credentials/broken-token", test_broken_token);
  g_test_add_func ("/credentials/length", test_length);
  return g_test_run ();
}
