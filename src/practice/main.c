/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <glib-unix.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "practice-hold.h"
#include "practice-iam-private.h"
#include "practice-services.h"
#include "practice-share.h"

typedef struct {
  int       port;
  char     *state;
  gboolean  ephemeral;
  gboolean  exit_with_parent;
  gboolean  shared;
  gboolean  version;
  char     *latency;
  char     *faults;
  int       seed;
} Options;

static gboolean
on_signal (gpointer data)
{
  g_main_loop_quit (data);
  return G_SOURCE_CONTINUE;
}

/* The parent holds the other end of the pipe: it closes when the parent ends, however it ends. */
static gboolean
on_stdin (int          fd,
          GIOCondition condition,
          gpointer     data)
{
  char buffer[64];

  if (read (fd, buffer, sizeof buffer) > 0)
    return G_SOURCE_CONTINUE;
  g_main_loop_quit (data);
  return G_SOURCE_REMOVE;
}

static gboolean
parse_options (int       *argc,
               char    ***argv,
               Options   *options)
{
  const GOptionEntry entries[] = {
    { "port", 'p', 0, G_OPTION_ARG_INT, &options->port, "Port to listen on, 0 for a free one", "PORT" },
    { "state", 's', 0, G_OPTION_ARG_FILENAME, &options->state, "Folder in which everything is kept", "DIR" },
    { "ephemeral", 0, 0, G_OPTION_ARG_NONE, &options->ephemeral, "Keep everything in memory and forget it at the end", NULL },
    { "exit-with-parent", 0, 0, G_OPTION_ARG_NONE, &options->exit_with_parent, "End when the program that started this one ends", NULL },
    { "shared", 0, 0, G_OPTION_ARG_NONE, &options->shared, "Serve all programs of this user, and end with the last of them", NULL },
    { "latency", 0, 0, G_OPTION_ARG_STRING, &options->latency, "Be as slow, late and strict as AWS; SPEED is what times are multiplied with, 1 where it is left out", "aws[:SPEED]" },
    { "faults", 0, 0, G_OPTION_ARG_FILENAME, &options->faults, "Let things go wrong: at random by a seed, or as a file says", "SEED|FILE" },
    { "seed", 0, 0, G_OPTION_ARG_INT, &options->seed, "Seed of what is random in --latency", "N" },
    { "version", 0, 0, G_OPTION_ARG_NONE, &options->version, "Show the version", NULL },
    { NULL }
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;

  g_option_context_set_summary (context, "A small cloud that speaks AWS's protocols on this computer only.");
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, argc, argv, &error)) {
    g_printerr ("millrace-practice: %s\n", error->message);
    return FALSE;
  }
  if (*argc > 1) {
    g_printerr ("millrace-practice: “%s” is not understood; see --help\n", (*argv)[1]);
    return FALSE;
  }
  if (options->version)
    return TRUE;
  if (options->port < 0 || options->port > 65535) {
    g_printerr ("millrace-practice: --port wants a number from 0 to 65535\n");
    return FALSE;
  }
  if ((options->state == NULL) == !options->ephemeral) {
    g_printerr ("millrace-practice: say either --state DIR or --ephemeral\n");
    return FALSE;
  }
  if (options->shared && options->state == NULL) {
    g_printerr ("millrace-practice: --shared needs --state DIR, by which other programs find it\n");
    return FALSE;
  }
  return TRUE;
}

static void
start_services (PracticeServer *server)
{
  practice_hold_start (server);
  practice_sts_start (server);
  practice_tagging_start (server);
  practice_sqs_start (server);
  practice_sns_start (server);
  practice_inbox_start (server);
  practice_dynamodb_start (server);
  practice_streams_start (server);
  practice_logs_start (server);
  practice_lambda_start (server);
  practice_apigateway_start (server);
  practice_hold_resume (server);
}

/* "aws" or "aws:0.05"; 0 where it is something else. */
static double
parse_latency (const char *text)
{
  char *end = NULL;
  double speed = 1;

  if (!g_str_has_prefix (text, "aws"))
    return 0;
  if (text[3] == ':') {
    speed = g_ascii_strtod (text + 4, &end);
    return end != text + 4 && *end == '\0' && speed > 0 && speed <= 10 ? speed : 0;
  }
  return text[3] == '\0' ? speed : 0;
}

static gboolean
misbehave (PracticeServer *server,
           const char     *latency,
           const char     *faults_spec,
           guint32         seed)
{
  g_autoptr (GError) error = NULL;
  double speed = latency != NULL ? parse_latency (latency) : 1;
  PracticeFaults *faults = NULL;

  if (speed == 0) {
    g_printerr ("millrace-practice: --latency wants “aws”, or “aws:0.1” for ten times as fast\n");
    return FALSE;
  }
  if (faults_spec != NULL) {
    faults = practice_faults_new (faults_spec, &error);
    if (faults == NULL) {
      g_printerr ("millrace-practice: --faults: %s\n", error->message);
      return FALSE;
    }
  }
  practice_server_misbehave (server, latency != NULL ? practice_habits_new (speed, seed) : NULL, faults, speed);
  return TRUE;
}

static char *
dup_ready_lines (PracticeServer *server)
{
  AwsCredentials *root = practice_iam_get_root (practice_server_get_iam (server));
  const char *url = practice_server_get_url (server);
  const char *region = practice_server_get_region (server);

  return g_strdup_printf ("AWS_ENDPOINT_URL=%s\n"
                          "AWS_ACCESS_KEY_ID=%s\n"
                          "AWS_SECRET_ACCESS_KEY=%s\n"
                          "AWS_REGION=%s\n"
                          "AWS_DEFAULT_REGION=%s\n"
                          "MILLRACE_INVOKE_URL=%s/_aws/execute-api/{api}/{stage}{path}\n",
                          url, aws_credentials_get_access_key_id (root), aws_credentials_get_secret (root), region, region, url);
}

int
main (int    argc,
      char **argv)
{
  Options options = { 0 };
  g_autofree char *state = NULL;
  g_autofree char *latency = NULL;
  g_autofree char *faults = NULL;
  g_autoptr (PracticeStore) store = NULL;
  g_autoptr (PracticeServer) server = NULL;
  g_autoptr (GMainLoop) loop = NULL;
  g_autoptr (PracticeShare) share = NULL;
  g_autofree char *lines = NULL;
  g_autoptr (GError) error = NULL;
  gboolean understood = FALSE;
  pid_t parent = getppid ();

  /* No desktop service is of use here, and each would cost start time and memory. */
  g_setenv ("GIO_USE_VFS", "local", TRUE);
  g_setenv ("GIO_USE_VOLUME_MONITOR", "unix", TRUE);
  g_setenv ("GSETTINGS_BACKEND", "memory", TRUE);
  umask (0077);
  setlocale (LC_CTYPE, "");

  understood = parse_options (&argc, &argv, &options);
  state = g_steal_pointer (&options.state);
  latency = g_steal_pointer (&options.latency);
  faults = g_steal_pointer (&options.faults);
  if (!understood)
    return 2;
  if (options.version) {
    printf ("millrace-practice %s\n", MILLRACE_VERSION);
    return 0;
  }

  if (options.exit_with_parent) {
    prctl (PR_SET_PDEATHSIG, SIGTERM);
    if (getppid () != parent)
      return 0;
  }
  signal (SIGPIPE, SIG_IGN);

  store = practice_store_new (state, &error);
  if (store == NULL) {
    g_printerr ("%s\n", error->message);
    return 1;
  }
  if (options.shared && options.port == 0)
    options.port = (int) practice_share_recall_port (state);
  practice_store_begin_start (store);
  server = practice_server_new (store);
  start_services (server);
  if (!misbehave (server, latency, faults, (guint32) options.seed))
    return 2;
  if (!practice_store_end_start (store, &error)) {
    g_printerr ("%s\n", error->message);
    return 1;
  }
  if (!practice_server_listen (server, (guint) options.port, &error)) {
    g_printerr ("%s\n", error->message);
    return 1;
  }

  loop = g_main_loop_new (NULL, FALSE);
  g_unix_signal_add (SIGTERM, on_signal, loop);
  g_unix_signal_add (SIGINT, on_signal, loop);
  if (options.exit_with_parent) {
    struct stat status;

    if (fstat (STDIN_FILENO, &status) == 0 && (S_ISFIFO (status.st_mode) || S_ISSOCK (status.st_mode)))
      g_unix_fd_add (STDIN_FILENO, G_IO_IN | G_IO_HUP | G_IO_ERR, on_stdin, loop);
  }

  lines = dup_ready_lines (server);
  if (options.shared) {
    share = practice_share_new (state, lines, &error);
    if (share == NULL) {
      g_printerr ("%s\n", error->message);
      return 1;
    }
    practice_share_remember_port (state, practice_server_get_port (server));
    g_signal_connect_swapped (share, "idle", G_CALLBACK (g_main_loop_quit), loop);
  }
  fputs (lines, stdout);
  fflush (stdout);
  g_main_loop_run (loop);
  return 0;
}
