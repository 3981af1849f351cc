/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One practice cloud for all programs of a user: started by the first, joined by the others, ended with the last. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "deploy-fixture.h"
#include "mill-practice.h"
#include "practice-share-path.h"

typedef struct {
  char *folder;
  char *state;
} Place;

static void
place_open (Place *place)
{
  place->folder = fixture_folder_new ();
  place->state = g_build_filename (place->folder, "state", NULL);
  g_setenv ("XDG_RUNTIME_DIR", place->folder, TRUE);
  g_setenv ("MILLRACE_PRACTICE_DIR", place->state, TRUE);
}

static void
place_close (Place *place)
{
  g_free (place->state);
  fixture_folder_remove (place->folder);
}

/* Whether the state folder's lock is free: the process has ended. */
static gboolean
has_ended (gpointer data)
{
  Place *place = data;
  g_autofree char *path = practice_share_dup_socket_path (place->state);

  return !g_file_test (path, G_FILE_TEST_EXISTS);
}

static pid_t
pid_of (MillPractice *practice)
{
  g_autoptr(GCredentials) credentials = g_socket_get_credentials (mill_practice_get_socket (practice), NULL);

  return g_credentials_get_unix_pid (credentials, NULL);
}

static gboolean
is_dead (gpointer data)
{
  g_autofree char *path = g_strdup_printf ("/proc/%d/stat", *(pid_t *) data);
  g_autofree char *text = NULL;

  /* A zombie is dead enough: whoever adopted it may take its time. */
  return !g_file_get_contents (path, &text, NULL, NULL) || strstr (text, ") Z ") != NULL;
}

static void
test_join (void)
{
  g_autoptr(GError) error = NULL;
  MillPractice *first, *second;
  Place place;
  pid_t pid;

  place_open (&place);
  first = mill_practice_join (place.state, NULL, &error);
  g_assert_no_error (error);
  pid = pid_of (first);
  second = mill_practice_join (place.state, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (pid_of (second), ==, pid);
  g_assert_cmpstr (mill_practice_get (first, "AWS_ENDPOINT_URL"), ==, mill_practice_get (second, "AWS_ENDPOINT_URL"));
  g_assert_nonnull (mill_practice_get (first, "MILLRACE_INVOKE_URL"));

  g_object_unref (first);
  g_usleep (50000);
  g_assert_true (mill_practice_is_alive (second));
  g_object_unref (second);
  fixture_wait (is_dead, &pid);
  g_assert_true (has_ended (&place));
  place_close (&place);
}

/* Queue URLs and invoke URLs that were written down stay good. */
static void
test_same_port (void)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *before = NULL;
  MillPractice *practice;
  Place place;
  pid_t pid;

  place_open (&place);
  practice = mill_practice_join (place.state, NULL, &error);
  g_assert_no_error (error);
  before = g_strdup (mill_practice_get (practice, "AWS_ENDPOINT_URL"));
  pid = pid_of (practice);
  g_object_unref (practice);
  fixture_wait (is_dead, &pid);
  practice = mill_practice_join (place.state, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (mill_practice_get (practice, "AWS_ENDPOINT_URL"), ==, before);
  pid = pid_of (practice);
  g_object_unref (practice);
  fixture_wait (is_dead, &pid);
  place_close (&place);
}

/* Leaving and coming at the same time: whoever comes gets a living one. */
static void
test_coming_and_going (void)
{
  g_autoptr(GError) error = NULL;
  MillPractice *practice;
  Place place;
  pid_t pid = 0;

  place_open (&place);
  for (guint i = 0; i < 15; i++)
    {
      practice = mill_practice_join (place.state, NULL, &error);
      g_assert_no_error (error);
      pid = pid_of (practice);
      g_object_unref (practice);
    }
  fixture_wait (is_dead, &pid);
  place_close (&place);
}

/* Several programs at once: one process, and all of them with it. */
static void
test_race (void)
{
  Place place;
  pid_t children[6];
  int pipes[2];
  int gate[2];
  int answers[6];
  pid_t pid;

  place_open (&place);
  g_assert_cmpint (pipe (pipes), ==, 0);
  g_assert_cmpint (pipe (gate), ==, 0);
  for (guint i = 0; i < G_N_ELEMENTS (children); i++)
    {
      children[i] = fork ();
      g_assert_cmpint (children[i], >=, 0);
      if (children[i] == 0)
        {
          MillPractice *practice = mill_practice_join (place.state, NULL, NULL);
          int found = practice != NULL ? pid_of (practice) : -1;
          char byte;

          (void) !write (pipes[1], &found, sizeof found);
          /* Until the parent has heard of all. */
          close (gate[1]);
          (void) !read (gate[0], &byte, 1);
          _exit (practice != NULL ? 0 : 1);
        }
    }
  for (guint i = 0; i < G_N_ELEMENTS (children); i++)
    g_assert_cmpint (read (pipes[0], &answers[i], sizeof (int)), ==, sizeof (int));
  close (gate[1]);
  for (guint i = 0; i < G_N_ELEMENTS (children); i++)
    {
      int status;

      g_assert_cmpint (answers[i], ==, answers[0]);
      g_assert_cmpint (waitpid (children[i], &status, 0), ==, children[i]);
      g_assert_cmpint (status, ==, 0);
    }
  close (gate[0]);
  close (pipes[0]);
  close (pipes[1]);
  pid = answers[0];
  fixture_wait (is_dead, &pid);
  place_close (&place);
}

static void
on_lost (MillTarget *target,
         const char *sentence,
         gpointer    data)
{
  *(char **) data = g_strdup (sentence);
}

static gboolean
is_set (gpointer data)
{
  return *(char **) data != NULL;
}

/* The process dies in the middle: it is said; opening again starts it, and client and endpoint stay the same. */
static void
test_lost (void)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *lost = NULL;
  MillTarget *target;
  AwsClient *client;
  MillPractice *hold;
  Place place;
  pid_t pid;

  place_open (&place);
  target = mill_target_new ("practice", NULL, &error);
  g_assert_no_error (error);
  g_signal_connect (target, "lost", G_CALLBACK (on_lost), &lost);
  g_assert_true (mill_target_open (target, NULL, &error));
  g_assert_no_error (error);
  g_assert_nonnull (mill_target_get_account (target));
  client = mill_target_get_client (target);

  hold = mill_practice_join (place.state, NULL, &error);
  g_assert_no_error (error);
  pid = pid_of (hold);
  g_assert_cmpint (kill (pid, SIGKILL), ==, 0);
  fixture_wait (is_set, &lost);
  g_assert_false (mill_practice_is_alive (hold));
  g_object_unref (hold);

  g_assert_true (mill_target_open (target, NULL, &error));
  g_assert_no_error (error);
  g_assert_true (mill_target_get_client (target) == client);
  hold = mill_practice_join (place.state, NULL, &error);
  pid = pid_of (hold);
  g_object_unref (hold);
  g_object_unref (target);
  fixture_wait (is_dead, &pid);
  place_close (&place);
}

/* What cannot be is said in a sentence, soon. */
static void
test_refusals (void)
{
  g_autoptr(GError) error = NULL;
  g_autofree char *program = g_strdup (g_getenv ("MILLRACE_PRACTICE"));
  g_autofree char *file = NULL;
  g_autofree char *inside = NULL;
  Place place;

  place_open (&place);
  g_setenv ("MILLRACE_PRACTICE", "/nonexistent/millrace-practice", TRUE);
  g_assert_null (mill_practice_join (place.state, NULL, &error));
  g_assert_error (error, MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_PRACTICE);
  g_clear_error (&error);

  g_setenv ("MILLRACE_PRACTICE", "/bin/false", TRUE);
  g_assert_null (mill_practice_join (place.state, NULL, &error));
  g_assert_error (error, MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_PRACTICE);
  g_clear_error (&error);
  g_setenv ("MILLRACE_PRACTICE", program, TRUE);

  file = g_build_filename (place.folder, "file", NULL);
  inside = g_build_filename (file, "state", NULL);
  g_assert_true (g_file_set_contents (file, "", 0, NULL));
  g_assert_null (mill_practice_join (inside, NULL, &error));
  g_assert_error (error, MILL_DEPLOY_ERROR, MILL_DEPLOY_ERROR_PRACTICE);
  g_assert_nonnull (strstr (error->message, inside));
  place_close (&place);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  if (g_getenv ("MILLRACE_PRACTICE") == NULL)
    {
      g_print ("1..0 # SKIP MILLRACE_PRACTICE names no practice cloud\n");
      return 77;
    }
  g_test_add_func ("/deploy/practice/join", test_join);
  g_test_add_func ("/deploy/practice/same-port", test_same_port);
  g_test_add_func ("/deploy/practice/coming-and-going", test_coming_and_going);
  g_test_add_func ("/deploy/practice/race", test_race);
  g_test_add_func ("/deploy/practice/lost", test_lost);
  g_test_add_func ("/deploy/practice/refusals", test_refusals);
  return g_test_run ();
}
