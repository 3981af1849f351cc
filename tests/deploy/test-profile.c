/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>

#include "aws-error.h"
#include "deploy-fixture.h"
#include "mill-endpoint.h"
#include "mill-profile.h"
#include "mill-region.h"

static const char config[] =
  "[default]\nregion = eu-west-1\n"
  "# a comment\n"
  "[profile dev]\nregion=eu-north-1\ns3 =\n  max_concurrent_requests = 20\n  region = wrong\nOUTPUT = json\n"
  "[profile  spaced ]\r\nregion = us-west-2\r\n"
  "[profiled]\nregion = wrong\n"
  "[sso-session dev]\nregion = wrong\n"
  "broken line\n[unclosed\nregion = wrong\n";

static void
check_region (const char *name,
              const char *expected)
{
  g_autoptr(GHashTable) values = mill_profile_parse (config, name, TRUE);

  if (expected == NULL)
    g_assert_null (values);
  else
    g_assert_cmpstr (g_hash_table_lookup (values, "region"), ==, expected);
}

static void
test_parse (void)
{
  g_autoptr(GHashTable) dev = mill_profile_parse (config, "dev", TRUE);

  check_region ("default", "eu-west-1");
  check_region ("dev", "eu-north-1");
  check_region ("spaced", "us-west-2");
  check_region ("nobody", NULL);
  g_assert_cmpstr (g_hash_table_lookup (dev, "output"), ==, "json");
  g_assert_false (g_hash_table_contains (dev, "max_concurrent_requests"));
}

static void
check_target_region (const char *named,
                     const char *expected)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(MillTarget) target = mill_target_new ("dev", named, &error);

  g_assert_no_error (error);
  g_assert_cmpstr (mill_target_get_region (target), ==, expected);
}

static void
test_load (void)
{
  char *folder = fixture_folder_new ();
  g_autofree char *credentials_path = g_build_filename (folder, "credentials", NULL);
  g_autofree char *config_path = g_build_filename (folder, "config", NULL);
  g_autoptr(MillProfile) profile = NULL;
  g_autoptr(MillProfile) none = NULL;
  g_autoptr(MillTarget) target = NULL;
  g_autoptr(GError) error = NULL;

  g_file_set_contents (credentials_path, "[dev]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = se=cret\naws_session_token = token\n", -1, NULL);
  g_file_set_contents (config_path, config, -1, NULL);
  g_setenv ("AWS_SHARED_CREDENTIALS_FILE", credentials_path, TRUE);
  g_setenv ("AWS_CONFIG_FILE", config_path, TRUE);

  profile = mill_profile_load ("dev", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (aws_credentials_get_access_key_id (profile->credentials), ==, "AKIDEXAMPLE");
  g_assert_cmpstr (aws_credentials_get_secret (profile->credentials), ==, "se=cret");
  g_assert_cmpstr (aws_credentials_get_session_token (profile->credentials), ==, "token");
  g_assert_cmpstr (profile->region, ==, "eu-north-1");

  /* A profile without keys: a sentence that names it. */
  none = mill_profile_load ("spaced", &error);
  g_assert_null (none);
  g_assert_error (error, AWS_ERROR, AWS_ERROR_CREDENTIALS);
  g_assert_nonnull (strstr (error->message, "spaced"));
  g_clear_error (&error);

  target = mill_target_new ("dev", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (mill_target_get_kind (target), ==, MILL_TARGET_ACCOUNT);
  g_assert_cmpstr (mill_target_get_region (target), ==, "eu-north-1");

  /* As for the AWS command line: AWS_REGION, AWS_DEFAULT_REGION, the profile; what the user names goes before them all. */
  g_setenv ("AWS_DEFAULT_REGION", "sa-east-1", TRUE);
  check_target_region (NULL, "sa-east-1");
  g_setenv ("AWS_REGION", "ca-central-1", TRUE);
  check_target_region (NULL, "ca-central-1");
  check_target_region ("us-west-1", "us-west-1");
  g_unsetenv ("AWS_REGION");
  g_unsetenv ("AWS_DEFAULT_REGION");
  fixture_folder_remove (folder);
}

/* A file that was chosen: what a profile names is in the same file. */
static void
test_text (void)
{
  static const char file[] = "\xef\xbb\xbf[default]\r\nregion = eu-west-3\r\n[profile lab role]\r\nrole_arn = arn:aws:iam::123456789012:role/lab\r\n"
                               "source_profile = base\r\n[profile base]\r\naws_access_key_id = AKIDEXAMPLE\r\naws_secret_access_key = secret\r\n"
                               "[sso-session school]\r\nsso_region = eu-west-1\r\n";
  g_auto(GStrv) names = mill_profile_list_text (file);
  g_auto(GStrv) keys = mill_profile_list_text ("[one]\n[ two ]\n[one]\n");
  g_autoptr(GError) error = NULL;
  g_autoptr(MillProfile) role = mill_profile_load_text ("lab role", file, &error);
  g_autoptr(MillProfile) base = NULL;
  g_autoptr(GHashTable) session = NULL;

  g_assert_no_error (error);
  g_assert_cmpstrv (names, ((const char *[]) { "default", "lab role", "base", NULL }));
  g_assert_cmpstrv (keys, ((const char *[]) { "one", "two", NULL }));
  g_assert_null (role->credentials);
  base = mill_profile_load_beside (role, "base", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (aws_credentials_get_secret (base->credentials), ==, "secret");
  session = mill_profile_load_sso_session (base, "school");
  g_assert_cmpstr (g_hash_table_lookup (session, "sso_region"), ==, "eu-west-1");
  g_assert_null (mill_profile_load_text ("default", file, &error));
  g_assert_error (error, AWS_ERROR, AWS_ERROR_CREDENTIALS);
  g_clear_error (&error);
  g_assert_null (mill_profile_load_beside (role, "away", &error));
  g_assert_nonnull (strstr (error->message, "in this file"));
}

static void
test_regions (void)
{
  GPtrArray *regions = mill_region_get_all ();

  g_assert_cmpuint (regions->len, ==, 38);
  for (guint i = 0; i < regions->len; i++)
    {
      const MillRegion *region = regions->pdata[i];

      g_assert_true (g_regex_match_simple ("^[a-z]{2}(-gov)?-[a-z]+-[1-9]$", region->id, 0, 0));
      g_assert_cmpstr (region->name, !=, "");
    }
}

/* AWS's own form is of the API Gateway Developer Guide, "Invoke a REST API". */
static void
test_invoke_urls (void)
{
  static const struct {
    const char *endpoint;
    const char *region;
    const char *url;
  } forms[] = {
    { NULL, "eu-west-1", "https://abc.execute-api.eu-west-1.amazonaws.com/prod/orders/1" },
    { NULL, "cn-north-1", "https://abc.execute-api.cn-north-1.amazonaws.com.cn/prod/orders/1" },
    { "http://127.0.0.1:4566", "eu-west-1", "http://127.0.0.1:4566/restapis/abc/prod/_user_request_/orders/1" },
  };

  g_setenv ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE", TRUE);
  g_setenv ("AWS_SECRET_ACCESS_KEY", "secret", TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (forms); i++)
    {
      g_autoptr(GError) error = NULL;
      g_autoptr(MillTarget) target = mill_target_new (forms[i].endpoint != NULL ? forms[i].endpoint : "default", forms[i].region, &error);
      g_autofree char *url = NULL;

      g_assert_no_error (error);
      url = mill_target_get_invoke_url (target, "abc", "prod", "/orders/1");
      g_assert_cmpstr (url, ==, forms[i].url);
    }
  g_unsetenv ("AWS_ACCESS_KEY_ID");
  g_unsetenv ("AWS_SECRET_ACCESS_KEY");
}

static void
test_endpoint_kinds (void)
{
  static const char *const kinds[] = { "practice", "localstack", "ministack", "moto", "aws-emulator", "other" };
  g_autoptr(GHashTable) none = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr(GPtrArray) fewer = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      const MillEndpointKind *kind = mill_endpoint_find_kind (kinds[i]);
      g_autoptr(GPtrArray) limits = mill_endpoint_kind_dup_limits (kind, NULL);

      g_assert_cmpstr (kind->id, ==, kinds[i]);
      g_assert_nonnull (strstr (kind->invoke_url, "{endpoint}/"));
      g_assert_nonnull (strstr (kind->invoke_url, "{api}/{stage}/"));
      for (guint j = 0; j < limits->len; j++)
        g_assert_true (g_str_has_suffix (limits->pdata[j], "."));
    }
  g_assert_cmpstr (mill_endpoint_find_kind ("nobody")->id, ==, "other");
  /* What a template does not need is not said of it. */
  fewer = mill_endpoint_kind_dup_limits (mill_endpoint_find_kind ("moto"), none);
  g_assert_cmpuint (fewer->len, ==, 0);
}

static void
test_endpoints (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(MillEndpoint) first = mill_endpoint_new ("b", "http://127.0.0.1:5000//", NULL, "moto");
  g_autoptr(MillEndpoint) second = mill_endpoint_new ("a b", "https://cloud.example", "eu-west-1", NULL);
  g_autoptr(MillEndpoint) bad = mill_endpoint_new ("c", "cloud.example", NULL, NULL);
  g_autoptr(MillEndpoint) found = NULL;
  g_autoptr(GPtrArray) all = NULL;

  g_assert_true (mill_endpoint_save (first, &error));
  g_assert_true (mill_endpoint_save (second, &error));
  g_assert_no_error (error);
  g_assert_false (mill_endpoint_save (bad, &error));
  g_assert_error (error, MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_UNKNOWN);
  g_clear_error (&error);
  all = mill_endpoint_list ();
  g_assert_cmpuint (all->len, ==, 2);
  g_assert_cmpstr (((MillEndpoint *) all->pdata[0])->name, ==, "a b");
  found = mill_endpoint_find_by_url ("http://127.0.0.1:5000/");
  g_assert_nonnull (found);
  g_assert_cmpstr (found->name, ==, "b");
  g_assert_cmpstr (found->url, ==, "http://127.0.0.1:5000");
  g_assert_cmpstr (found->kind, ==, "moto");
  g_assert_true (mill_endpoint_remove ("b", &error));
  g_assert_true (mill_endpoint_remove ("b", &error));
  g_assert_null (mill_endpoint_find ("b"));
}

static void
test_targets (void)
{
  g_autoptr(GError) error = NULL;
  g_autoptr(MillTarget) bad = mill_target_new ("http://", NULL, &error);
  g_autoptr(MillTarget) aws = NULL;
  g_autoptr(MillTarget) local = NULL;
  g_autoptr(MillTarget) strict = NULL;
  g_autofree char *url = NULL;

  g_assert_null (bad);
  g_assert_error (error, MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_UNKNOWN);
  g_clear_error (&error);

  aws = mill_target_new ("https://sqs.eu-west-1.amazonaws.com", NULL, &error);
  g_assert_null (aws);
  g_assert_error (error, AWS_ERROR, AWS_ERROR_CREDENTIALS);
  g_clear_error (&error);

  strict = mill_target_new ("practice:aws", NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (mill_target_get_kind (strict), ==, MILL_TARGET_PRACTICE);
  g_assert_cmpstr (mill_target_get_title (strict), ==, "Practice cloud, like AWS");

  local = mill_target_new ("http://127.0.0.1:4566/", "eu-west-1", &error);
  g_assert_no_error (error);
  g_assert_cmpstr (aws_client_get_endpoint (mill_target_get_client (local)), ==, "http://127.0.0.1:4566");
  url = mill_target_get_invoke_url (local, "abc", "prod", "/orders");
  g_assert_cmpstr (url, ==, "http://127.0.0.1:4566/restapis/abc/prod/_user_request_/orders");
}

int
main (int    argc,
      char **argv)
{
  static const char *const unset[] = {
    "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "MILLRACE_INVOKE_URL",
  };

  g_test_init (&argc, &argv, G_TEST_OPTION_ISOLATE_DIRS, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (unset); i++)
    g_unsetenv (unset[i]);
  g_test_add_func ("/deploy/profile/parse", test_parse);
  g_test_add_func ("/deploy/profile/load", test_load);
  g_test_add_func ("/deploy/profile/text", test_text);
  g_test_add_func ("/deploy/regions", test_regions);
  g_test_add_func ("/deploy/targets", test_targets);
  g_test_add_func ("/deploy/invoke-urls", test_invoke_urls);
  g_test_add_func ("/deploy/endpoint-kinds", test_endpoint_kinds);
  g_test_add_func ("/deploy/endpoints", test_endpoints);
  return g_test_run ();
}
