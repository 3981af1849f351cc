/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mill-engine.h"
#include "mill-preflight.h"
#include "mill-question.h"
#include "mill-watch.h"

G_BEGIN_DECLS

enum { MILL_CLI_DONE = 0, MILL_CLI_FAILED = 1, MILL_CLI_USAGE = 2 };

/**
 * MillCli:
 *
 * What every command of millrace-cli shares.
 */
typedef struct {
  gboolean       json;
  GMainLoop     *loop;
  GCancellable  *cancellable;   /* cancelled by Ctrl+C */
  GAsyncResult  *result;        /* of the operation that was waited for */
  MillCatalog   *catalog;
  MillEngine    *engine;        /* NULL until mill_cli_open_engine() */
} MillCli;

/**
 * MillCliPlace:
 * @role: an existing role, used instead of the tutorial's own
 * @preflight: only say what it comes to
 * @suffix: names that are taken get a suffix
 * @anyway: build whatever the pre-flight says
 *
 * The options of what builds.
 */
typedef struct {
  char     *target;
  char     *region;
  char    **sets;
  char     *until;
  char     *role;
  gboolean  preflight;
  gboolean  suffix;
  gboolean  anyway;
} MillCliPlace;

/* A command: @argv[0] is its name. Returns an exit status. */
typedef int (*MillCliFunc) (MillCli *self, int argc, char **argv);

int           mill_cli_tutorials   (MillCli *self, int argc, char **argv);
int           mill_cli_show        (MillCli *self, int argc, char **argv);
int           mill_cli_deploy      (MillCli *self, int argc, char **argv);
int           mill_cli_list        (MillCli *self, int argc, char **argv);
int           mill_cli_status      (MillCli *self, int argc, char **argv);
int           mill_cli_send        (MillCli *self, int argc, char **argv);
int           mill_cli_watch       (MillCli *self, int argc, char **argv);
int           mill_cli_tap         (MillCli *self, int argc, char **argv);
int           mill_cli_inbox       (MillCli *self, int argc, char **argv);
int           mill_cli_forget      (MillCli *self, int argc, char **argv);
int           mill_cli_clean_up    (MillCli *self, int argc, char **argv);
int           mill_cli_run         (MillCli *self, int argc, char **argv);
int           mill_cli_identity    (MillCli *self, int argc, char **argv);
int           mill_cli_credentials (MillCli *self, int argc, char **argv);
int           mill_cli_resume      (MillCli *self, int argc, char **argv);
int           mill_cli_endpoints   (MillCli *self, int argc, char **argv);
int           mill_cli_regions     (MillCli *self, int argc, char **argv);

/* From now on, questions (MillQuestion) are printed and answered from the standard input. */
void          mill_cli_answer_questions (MillCli *self);
gboolean      mill_cli_open_target (MillCli *self, MillTarget *target, GError **error);

/* Parses @entries out of @argv; FALSE after saying what is wrong (exit status 2). @arguments: exactly so many words must be left, -1: any. */
gboolean      mill_cli_parse       (MillCli *self, int *argc, char ***argv, GOptionEntry *entries, int arguments);
/* Says what is wrong, with advice; returns MILL_CLI_FAILED. */
int           mill_cli_fail        (MillCli *self, const GError *error);
int           mill_cli_usage       (MillCli *self, const char *format, ...) G_GNUC_PRINTF (2, 3);

gboolean      mill_cli_open_engine (MillCli *self, GError **error);
/* The deployment with @id. */
MillDeployment *mill_cli_find_deployment (MillCli *self, const char *id, GError **error);
/* The deployment with @id, its target opened. */
MillDeployment *mill_cli_open_deployment (MillCli *self, const char *id, GError **error);
/* A GAsyncReadyCallback, with the MillCli as its data, and the wait for it: (transfer full). */
void          mill_cli_done        (GObject *source, GAsyncResult *result, gpointer self);
GAsyncResult *mill_cli_wait        (MillCli *self);
/* Lets the main loop run for @seconds, or until Ctrl+C. */
void          mill_cli_sleep       (MillCli *self, double seconds);

/* Output, as design and README name it: a line of text or of JSON. */
void          mill_cli_print_object     (MillCli *self, const char *event, JsonObject *members, const char *line);
void          mill_cli_print_resource   (MillCli *self, MillResource *resource);
void          mill_cli_print_check      (MillCli *self, const MillCheckResult *check);
void          mill_cli_print_hop        (MillCli *self, MillTrace *trace, MillHop *hop);
void          mill_cli_print_trace      (MillCli *self, MillTrace *trace);
void          mill_cli_print_ready      (MillCli *self);
void          mill_cli_print_count      (MillCli *self, const char *component, guint64 count, guint64 errors);
void          mill_cli_print_mail       (MillCli *self, const char *to, const char *subject, const char *body);
void          mill_cli_print_sms        (MillCli *self, const char *to, const char *body);
void          mill_cli_print_clean_up   (MillCli *self, MillCleanup *cleanup);
void          mill_cli_print_deployment (MillCli *self, MillDeployment *deployment);
void          mill_cli_print_orphan     (MillCli *self, const MillOrphan *orphan);

/* What building @tutorial on @target comes to, printed. NULL with an error; (transfer full). */
MillPreflight *mill_cli_preflight  (MillCli *self, MillTutorial *tutorial, MillTarget *target, GHashTable *parameters, GError **error);
/* (transfer full): "NAME=VALUE"… as a table; NULL with an error where one is not of this kind. @sets: (nullable). */
GHashTable   *mill_cli_read_sets   (char **sets, GError **error);
/* Builds @deployment, printing resources and checks. @until: the last step, or NULL. */
/* Prints every change of the resources from now on, or no more. */
void          mill_cli_print_changes (MillCli *self, MillDeployment *deployment, gboolean on);
gboolean      mill_cli_build       (MillCli *self, MillDeployment *deployment, const char *until, GError **error);
/*
 * Opens the target and makes the deployment that @options ask for; nothing is built. Elsewhere than in a practice cloud it says first what
 * building comes to, and fails where that stands against it. NULL without an error where nothing more was asked.
 */
MillDeployment *mill_cli_create    (MillCli *self, const char *tutorial, MillCliPlace *options, GError **error);
/* Sends each of @bodies (@samples beside them) and follows the messages to their end. FALSE where one did not arrive (already printed) or with an error. */
gboolean      mill_cli_send_all    (MillCli *self, MillDeployment *deployment, GPtrArray *samples, GPtrArray *bodies, MillWatchSource source, GError **error);
/* Prints what @watch sees from now on. */
void          mill_cli_follow      (MillCli *self, MillWatch *watch);
/* When it begins to see, and the number that matters of each component: messages in a queue, items of a table; twice a second at most. */
void          mill_cli_follow_counts (MillCli *self, MillWatch *watch);
/* Starts @watch with step mode on: a line from the standard input lets one hop go ("a": all; "q" or the end of the input ends it). FALSE with an error. */
gboolean      mill_cli_step        (MillCli *self, MillDeployment *deployment, MillWatch *watch, double seconds, GError **error);
/* Takes @deployment down; FALSE where something is left (already printed) or with an error. @report: a file, or NULL. */
gboolean      mill_cli_take_down   (MillCli *self, MillDeployment *deployment, const char *report, GError **error);

G_END_DECLS
