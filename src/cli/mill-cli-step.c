/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-cli.h"

#include <glib-unix.h>
#include <string.h>
#include <unistd.h>

#include "mill-step-mode.h"

/* Step mode from the terminal: a line from the standard input lets one hop go. */

#define OFF_SECONDS 5

typedef struct {
  MillCli      *cli;
  MillWatch    *watch;
  MillStepMode *mode;
  GString      *rest;       /* of the input: a line that is not whole yet */
  guint         wanted;     /* hops that are still to be let go */
  guint         source;
  gboolean      all;        /* what is held then goes all at once */
  gboolean      asked;      /* one is being let go */
  gboolean      switched;   /* the practice cloud was asked to hold */
  gboolean      ended;      /* of the input */
  gboolean      over;
  GError       *error;
} Step;

/* Letting go waits until there is something. */
static void
go_on (Step *step)
{
  if (step->wanted == 0 && step->ended)
    step->over = TRUE;
  if (step->wanted == 0 || step->asked || !mill_step_mode_get_on (step->mode) || mill_watch_get_n_held (step->watch) == 0)
    return;
  step->wanted--;
  step->asked = TRUE;
  if (step->all)
    mill_step_mode_release_all (step->mode);
  else
    mill_step_mode_next (step->mode, NULL);
  step->all = FALSE;
}

static void
on_changed (Step *step)
{
  step->asked = FALSE;
  go_on (step);
}

static void
on_notify (Step *step)
{
  if (!step->switched && mill_step_mode_get_available (step->mode))
    {
      step->switched = TRUE;
      mill_step_mode_set_on (step->mode, TRUE);
    }
  go_on (step);
}

static void
on_failed (Step         *step,
           const GError *error)
{
  if (step->error == NULL)
    step->error = g_error_copy (error);
  step->over = TRUE;
}

static void
on_hop (Step      *step,
        MillTrace *trace,
        MillHop   *hop)
{
  gboolean told = g_object_get_data (G_OBJECT (hop), "told-held") != NULL;

  if (mill_hop_get_held (hop) && !told)
    mill_cli_print_hop (step->cli, trace, hop);
  g_object_set_data (G_OBJECT (hop), "told-held", GINT_TO_POINTER (mill_hop_get_held (hop)));
}

static void
take_line (Step       *step,
           const char *line)
{
  g_autofree char *word = g_strstrip (g_strdup (line));

  if (g_str_equal (word, "q"))
    {
      step->wanted = 0;
      step->ended = TRUE;
    }
  else
    {
      step->all = g_str_equal (word, "a");
      step->wanted++;
    }
}

static gboolean
on_input (int          fd,
          GIOCondition condition,
          gpointer     data)
{
  Step *step = data;
  char buffer[256];
  gssize n = read (fd, buffer, sizeof buffer);

  if (n > 0)
    {
      char *end;

      g_string_append_len (step->rest, buffer, n);
      while (!step->ended && (end = memchr (step->rest->str, '\n', step->rest->len)) != NULL)
        {
          *end = '\0';
          take_line (step, step->rest->str);
          g_string_erase (step->rest, 0, end - step->rest->str + 1);
        }
    }
  else
    step->ended = TRUE;
  if (step->ended)
    step->source = 0;
  go_on (step);
  return step->ended ? G_SOURCE_REMOVE : G_SOURCE_CONTINUE;
}

static gboolean
on_time (gpointer data)
{
  Step *step = data;

  step->over = TRUE;
  return G_SOURCE_CONTINUE;
}

/* Lets the main loop run until it is over, or @seconds are. */
static void
run (Step     *step,
     double    seconds,
     gboolean  while_on)
{
  guint id = g_timeout_add (seconds * 1000, on_time, step);

  step->over = FALSE;
  while (!step->over && (while_on ? mill_step_mode_get_on (step->mode) : !g_cancellable_is_cancelled (step->cli->cancellable)))
    g_main_context_iteration (NULL, TRUE);
  g_source_remove (id);
}

/* Whoever stops stepping leaves nothing behind that waits for ever. */
static void
switch_off (Step *step)
{
  if (!step->switched || step->error != NULL)
    return;
  step->ended = FALSE;
  mill_step_mode_set_on (step->mode, FALSE);
  run (step, OFF_SECONDS, TRUE);
}

gboolean
mill_cli_step (MillCli         *self,
               MillDeployment  *deployment,
               MillWatch       *watch,
               double           seconds,
               GError         **error)
{
  g_autoptr (MillStepMode) mode = mill_step_mode_new (deployment, watch);
  g_autoptr (GString) rest = g_string_new (NULL);
  Step step = { .cli = self, .watch = watch, .mode = mode, .rest = rest };

  g_signal_connect_swapped (mode, "notify", G_CALLBACK (on_notify), &step);
  g_signal_connect_swapped (mode, "changed", G_CALLBACK (on_changed), &step);
  g_signal_connect_swapped (mode, "failed", G_CALLBACK (on_failed), &step);
  g_signal_connect_swapped (watch, "hop", G_CALLBACK (on_hop), &step);
  step.source = g_unix_fd_add (STDIN_FILENO, G_IO_IN | G_IO_HUP | G_IO_ERR, on_input, &step);
  mill_watch_start (watch, FALSE);
  run (&step, seconds, FALSE);
  g_clear_handle_id (&step.source, g_source_remove);
  switch_off (&step);
  g_signal_handlers_disconnect_by_data (mode, &step);
  g_signal_handlers_disconnect_by_data (watch, &step);
  if (step.error == NULL)
    return TRUE;
  g_propagate_error (error, step.error);
  return FALSE;
}
