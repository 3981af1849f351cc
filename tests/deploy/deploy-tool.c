/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * One operation of the engine from the command line, for tests that kill it:
 *   deploy-tool LEDGER create TARGET TUTORIAL [NAME VALUE]…   prints the id
 *   deploy-tool LEDGER build|clean|left ID                    left: how much of anything there is in the cloud
 */
#include <string.h>

#include "deploy-fixture.h"

static int
fail (const GError *error)
{
  g_printerr ("%s\n", error->message);
  return 1;
}

static int
create (MillEngine  *engine,
        MillCatalog *catalog,
        int          argc,
        char       **argv)
{
  g_autoptr(GHashTable) parameters = g_hash_table_new (g_str_hash, g_str_equal);
  g_autoptr(GError) error = NULL;
  g_autoptr(MillTarget) target = mill_target_new (argv[0], NULL, &error);
  g_autoptr(MillDeployment) deployment = NULL;
  MillTutorial *tutorial = mill_catalog_find (catalog, argv[1]);

  for (int i = 2; i + 1 < argc; i += 2)
    g_hash_table_insert (parameters, argv[i], argv[i + 1]);
  if (target != NULL && tutorial != NULL)
    deployment = mill_engine_create (engine, tutorial, target, parameters, &error);
  if (deployment == NULL)
    {
      g_printerr ("%s\n", error != NULL ? error->message : "no such tutorial");
      return 1;
    }
  g_print ("%s\n", mill_deployment_get_id (deployment));
  return 0;
}

static int
count_left (MillDeployment *deployment)
{
  static const char *const lists[] = {
    "sqs:ListQueues", "dynamodb:ListTables", "sns:ListTopics", "iam:ListRoles", "lambda:ListFunctions", "lambda:ListEventSourceMappings",
    "apigateway:GetRestApis", "logs:DescribeLogGroups",
  };
  g_autoptr(GError) error = NULL;
  guint n = 0;

  if (!mill_target_open (mill_deployment_get_target (deployment), NULL, &error))
    return fail (error);
  for (guint i = 0; i < G_N_ELEMENTS (lists); i++)
    {
      g_autoptr(JsonArray) found = aws_client_collect (mill_target_get_client (mill_deployment_get_target (deployment)), lists[i], NULL, NULL, &error);

      if (found == NULL)
        return fail (error);
      n += json_array_get_length (found);
    }
  g_print ("%u\n", n);
  return 0;
}

int
main (int    argc,
      char **argv)
{
  g_autoptr(MillCatalog) catalog = mill_catalog_new ();
  g_autoptr(MillEngine) engine = NULL;
  g_autoptr(MillCleanup) cleanup = NULL;
  g_autoptr(GError) error = NULL;
  MillDeployment *deployment;

  if (argc < 4)
    return 2;
  engine = mill_engine_new (catalog, argv[1], &error);
  if (engine == NULL)
    return fail (error);
  if (strcmp (argv[2], "create") == 0)
    return argc > 4 ? create (engine, catalog, argc - 3, argv + 3) : 2;
  deployment = mill_engine_find (engine, argv[3]);
  if (deployment == NULL)
    return 2;
  if (strcmp (argv[2], "left") == 0)
    return count_left (deployment);
  if (strcmp (argv[2], "build") == 0)
    return fixture_build (engine, deployment, NULL, NULL, &error) ? 0 : fail (error);
  cleanup = fixture_clean_up (engine, deployment, &error);
  return error == NULL ? 0 : fail (error);
}
