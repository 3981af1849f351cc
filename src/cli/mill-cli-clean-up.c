/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-cli.h"

#include <string.h>

/* Where to look for what no ledger knows. */
typedef struct
{
  gboolean  wanted;
  char     *target;
  char     *region;
} OrphanOptions;

static void
orphan_options_clear (OrphanOptions *options)
{
  g_free (options->target);
  g_free (options->region);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (OrphanOptions, orphan_options_clear)

#define ORPHAN_ENTRIES(options) \
  { "orphans", 0, 0, G_OPTION_ARG_NONE, &(options).wanted, NULL, NULL }, \
  { "target", 0, 0, G_OPTION_ARG_STRING, &(options).target, NULL, NULL }, \
  { "region", 0, 0, G_OPTION_ARG_STRING, &(options).region, NULL, NULL }

static gboolean
check_orphan_options (MillCli             *self,
                      const char          *command,
                      const OrphanOptions *options)
{
  if (options->wanted || (options->target == NULL && options->region == NULL))
    return TRUE;
  mill_cli_usage (self, "%s: --target and --region say where to look for --orphans.", command);
  return FALSE;
}

/* (transfer full): NULL with an error. Without a target: wherever the ledger has been. */
static GPtrArray *
find_orphans (MillCli              *self,
              const OrphanOptions  *options,
              GError              **error)
{
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (MillTarget) target = NULL;

  if (!mill_cli_open_engine (self, error))
    return NULL;
  if (options->target != NULL || options->region != NULL)
    {
      target = mill_target_new (options->target != NULL ? options->target : "practice", options->region, error);
      if (target == NULL)
        return NULL;
    }
  mill_engine_find_orphans_async (self->engine, target, self->cancellable, mill_cli_done, self);
  result = mill_cli_wait (self);
  return mill_engine_find_orphans_finish (self->engine, result, error);
}

static int
list_orphans (MillCli             *self,
              const OrphanOptions *options)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) orphans = find_orphans (self, options, &error);

  if (orphans == NULL)
    return mill_cli_fail (self, error);
  for (guint i = 0; i < orphans->len; i++)
    mill_cli_print_orphan (self, orphans->pdata[i]);
  if (orphans->len == 0 && !self->json)
    g_print ("Nothing that bears Millrace’s tags is missing from the ledger.\n");
  return MILL_CLI_DONE;
}

int
mill_cli_list (MillCli  *self,
               int       argc,
               char    **argv)
{
  g_auto (OrphanOptions) options = { 0 };
  GOptionEntry entries[] = { ORPHAN_ENTRIES (options), G_OPTION_ENTRY_NULL };
  g_autoptr (GError) error = NULL;
  GListModel *model;

  if (!mill_cli_parse (self, &argc, &argv, entries, 0) || !check_orphan_options (self, "list", &options))
    return MILL_CLI_USAGE;
  if (options.wanted)
    return list_orphans (self, &options);
  if (!mill_cli_open_engine (self, &error))
    return mill_cli_fail (self, error);
  model = G_LIST_MODEL (self->engine);
  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    {
      g_autoptr (MillDeployment) deployment = g_list_model_get_item (model, i);
      mill_cli_print_deployment (self, deployment);
    }
  return MILL_CLI_DONE;
}

/* Takes what no ledger knew into this one; the ids of it are added to @ids. */
static gboolean
adopt_orphans (MillCli              *self,
               const OrphanOptions  *options,
               GPtrArray            *ids,
               GError              **error)
{
  g_autoptr (GPtrArray) orphans = find_orphans (self, options, error);

  for (guint i = 0; orphans != NULL && i < orphans->len; i++)
    {
      const MillOrphan *orphan = orphans->pdata[i];
      g_autoptr (MillDeployment) deployment = mill_engine_adopt (self->engine, orphan, error);

      if (deployment == NULL)
        return FALSE;
      mill_cli_print_orphan (self, orphan);
      if (!g_ptr_array_find_with_equal_func (ids, orphan->id, g_str_equal, NULL))
        g_ptr_array_add (ids, g_strdup (orphan->id));
    }
  return orphans != NULL;
}

/* With several, each report has its own file: "report-ID.html". */
static char *
own_file (const char *report,
          const char *id)
{
  const char *slash = strrchr (report, '/');
  const char *dot = strrchr (slash != NULL ? slash : report, '.');

  if (dot == NULL)
    dot = report + strlen (report);
  return g_strdup_printf ("%.*s-%s%s", (int) (dot - report), report, id, dot);
}

int
mill_cli_forget (MillCli  *self,
                 int       argc,
                 char    **argv)
{
  GOptionEntry none[] = { G_OPTION_ENTRY_NULL };
  g_autoptr (MillTraceStore) traces = mill_trace_store_new (NULL);
  g_autoptr (GError) error = NULL;
  MillDeployment *deployment;

  if (!mill_cli_parse (self, &argc, &argv, none, 1))
    return MILL_CLI_USAGE;
  deployment = mill_cli_find_deployment (self, argv[1], &error);
  if (deployment == NULL || !mill_engine_forget (self->engine, deployment, &error))
    return mill_cli_fail (self, error);
  mill_trace_store_forget (traces, argv[1]);
  return MILL_CLI_DONE;
}

int
mill_cli_clean_up (MillCli  *self,
                   int       argc,
                   char    **argv)
{
  gboolean all = FALSE;
  gboolean several;
  g_auto (OrphanOptions) options = { 0 };
  g_autofree char *report = NULL;
  GOptionEntry entries[] = {
    ORPHAN_ENTRIES (options),
    { "all", 0, 0, G_OPTION_ARG_NONE, &all, NULL, NULL },
    { "report", 0, 0, G_OPTION_ARG_FILENAME, &report, NULL, NULL },
    G_OPTION_ENTRY_NULL
  };
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) ids = g_ptr_array_new_with_free_func (g_free);
  int status = MILL_CLI_DONE;

  if (!mill_cli_parse (self, &argc, &argv, entries, -1) || !check_orphan_options (self, "cleanup", &options))
    return MILL_CLI_USAGE;
  several = all || options.wanted;
  if (several ? argc > 1 : argc != 2)
    return mill_cli_usage (self, "cleanup: Name one deployment, or give --all or --orphans.");
  if (!mill_cli_open_engine (self, &error) || (options.wanted && !adopt_orphans (self, &options, ids, &error)))
    return mill_cli_fail (self, error);
  if (!several)
    g_ptr_array_add (ids, g_strdup (argv[1]));
  for (guint i = 0; all && i < g_list_model_get_n_items (G_LIST_MODEL (self->engine)); i++)
    {
      g_autoptr (MillDeployment) deployment = g_list_model_get_item (G_LIST_MODEL (self->engine), i);

      if (mill_deployment_get_state (deployment) != MILL_DEPLOYMENT_CLEANED &&
          !g_ptr_array_find_with_equal_func (ids, mill_deployment_get_id (deployment), g_str_equal, NULL))
        g_ptr_array_add (ids, g_strdup (mill_deployment_get_id (deployment)));
    }
  for (guint i = 0; i < ids->len && !g_cancellable_is_cancelled (self->cancellable); i++)
    {
      MillDeployment *deployment = mill_cli_open_deployment (self, ids->pdata[i], &error);
      g_autofree char *file = report != NULL && several ? own_file (report, ids->pdata[i]) : g_strdup (report);

      if (deployment == NULL || !mill_cli_take_down (self, deployment, file, &error))
        status = error != NULL ? mill_cli_fail (self, error) : MILL_CLI_FAILED;
      g_clear_error (&error);
    }
  return status;
}
