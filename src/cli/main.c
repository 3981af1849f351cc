/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib-unix.h>
#include <locale.h>

#include "mill-cli.h"

static const struct {
  const char  *name;
  MillCliFunc  func;
  const char  *usage;
} commands[] = {
  { "tutorials", mill_cli_tutorials, "tutorials                      what can be built" },
  { "show", mill_cli_show, "show TUTORIAL                  its steps and parameters" },
  { "deploy", mill_cli_deploy, "deploy TUTORIAL [--target practice|PROFILE|account:NAME|endpoint:NAME|URL] [--region R] [--set NAME=VALUE]… [--until STEP]\n"
                              "      [--role ROLE] use one that is there; [--preflight] only say what it comes to; [--suffix] names that are taken get one; [--anyway] whatever it says" },
  { "list", mill_cli_list, "list [--orphans [--target T] [--region R]]   the deployments there are; what bears Millrace’s tags and is in no ledger" },
  { "status", mill_cli_status, "status ID                      read everything back from the cloud" },
  { "send", mill_cli_send, "send ID [--message TEXT|@FILE|-] [--count N] [--probes]" },
  { "watch", mill_cli_watch, "watch ID [--for SECONDS] [--step] [--probes] [--calls PER-MINUTE]   print messages as they travel, and counts;\n"
                             "      --step: one hop for each line of input; --probes: by public APIs on the practice cloud, too" },
  { "tap", mill_cli_tap, "tap ID TOPIC [--off]           where public APIs are asked: read what is published, by a temporary queue; goes with cleanup" },
  { "inbox", mill_cli_inbox, "inbox [--wait SECONDS]         the practice cloud’s mails and SMS" },
  { "cleanup", mill_cli_clean_up, "cleanup ID|--all|--orphans [--target T] [--region R] [--report FILE]" },
  { "forget", mill_cli_forget, "forget ID                      take a deployment that is cleaned up out of the list" },
  { "resume", mill_cli_resume, "resume ID [--set NAME=VALUE]… [--role ROLE]  go on building where it stopped" },
  { "credentials", mill_cli_credentials, "credentials list|add NAME [--region R]|remove NAME   in the keyring; “add” reads a pasted block" },
  { "endpoints", mill_cli_endpoints, "endpoints list|add NAME URL [--region R]|remove NAME   others than AWS, for --target endpoint:NAME" },
  { "regions", mill_cli_regions, "regions                        those of AWS" },
  { "identity", mill_cli_identity, "identity [--target T] [--region R]   whose account a target is" },
  { "run", mill_cli_run, "run TUTORIAL [as deploy]       build, send each sample message, follow it, take everything down" },
};

static void
print_help (void)
{
  g_print ("Usage: millrace-cli [--json] COMMAND\n\n");
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    g_print ("  %s\n", commands[i].usage);
  g_print ("\n--json prints one JSON object a line. Exit status: 0 done, 1 failed, 2 wrong usage.\n");
}

static gboolean
on_interrupt (gpointer data)
{
  MillCli *cli = data;

  g_cancellable_cancel (cli->cancellable);
  return G_SOURCE_CONTINUE;
}

int
main (int   argc,
      char *argv[])
{
  MillCli cli = { 0 };
  int status = MILL_CLI_USAGE;
  int first = 1;
  guint interrupt, terminate;

  setlocale (LC_ALL, "");
  for (; first < argc && g_str_has_prefix (argv[first], "--"); first++)
    {
      if (g_str_equal (argv[first], "--json"))
        cli.json = TRUE;
      else if (g_str_equal (argv[first], "--help"))
        {
          print_help ();
          return MILL_CLI_DONE;
        }
      else if (g_str_equal (argv[first], "--version"))
        {
          g_print ("millrace-cli %s\n", MILLRACE_VERSION);
          return MILL_CLI_DONE;
        }
      else
        return mill_cli_usage (&cli, "There is no option “%s”.", argv[first]);
    }
  if (first == argc)
    {
      print_help ();
      return MILL_CLI_USAGE;
    }
  for (guint i = 0; i < G_N_ELEMENTS (commands); i++)
    if (g_str_equal (commands[i].name, argv[first]))
      {
        cli.loop = g_main_loop_new (NULL, FALSE);
        cli.cancellable = g_cancellable_new ();
        cli.catalog = mill_catalog_new ();
        mill_cli_answer_questions (&cli);
        interrupt = g_unix_signal_add (SIGINT, on_interrupt, &cli);
        terminate = g_unix_signal_add (SIGTERM, on_interrupt, &cli);
        status = commands[i].func (&cli, argc - first, argv + first);
        g_source_remove (interrupt);
        g_source_remove (terminate);
        g_clear_object (&cli.engine);
        g_clear_object (&cli.catalog);
        g_clear_object (&cli.cancellable);
        g_main_loop_unref (cli.loop);
        return status;
      }
  return mill_cli_usage (&cli, "There is no command “%s”.", argv[first]);
}
