/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * count-frames PID SECONDS: prints how many times anything was drawn on the screen, and how many times the process's threads woke up, in
 * that time. Every frame that a window shows damages the screen, whatever renderer drew it.
 */
#include <X11/Xlib.h>
#include <X11/extensions/Xdamage.h>
#include <dirent.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double
now (void)
{
  struct timespec time;

  clock_gettime (CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

#define MOST_THREADS 256

/* How often each thread has woken up. */
typedef struct {
  long thread[MOST_THREADS];
  long count[MOST_THREADS];
  int length;
} WakeUps;

static void
count_wake_ups (const char *pid,
                WakeUps    *found)
{
  char path[320], line[256];
  struct dirent *entry;
  DIR *folder;

  found->length = 0;
  snprintf (path, sizeof path, "/proc/%s/task", pid);
  folder = opendir (path);
  while (folder != NULL && found->length < MOST_THREADS && (entry = readdir (folder)) != NULL)
    {
      FILE *file;

      snprintf (path, sizeof path, "/proc/%s/task/%s/status", pid, entry->d_name);
      file = entry->d_name[0] != '.' ? fopen (path, "r") : NULL;
      while (file != NULL && fgets (line, sizeof line, file) != NULL)
        if (sscanf (line, "voluntary_ctxt_switches: %ld", &found->count[found->length]) == 1)
          found->thread[found->length++] = atol (entry->d_name);
      if (file != NULL)
        fclose (file);
    }
  if (folder != NULL)
    closedir (folder);
}

/* A thread that ended meanwhile takes its number along; a new one woke up as often as it says. */
static long
subtract (const WakeUps *after,
          const WakeUps *before)
{
  long sum = 0;

  for (int i = 0; i < after->length; i++)
    {
      sum += after->count[i];
      for (int j = 0; j < before->length; j++)
        if (before->thread[j] == after->thread[i])
          sum -= before->count[j];
    }
  return sum;
}

int
main (int   argc,
      char *argv[])
{
  Display *display = XOpenDisplay (NULL);
  int event_base, error_base;
  double end;
  long frames = 0;
  WakeUps before, after;
  Damage damage;

  if (argc != 3 || display == NULL || !XDamageQueryExtension (display, &event_base, &error_base))
    {
      fprintf (stderr, "count-frames: needs a process id, a number of seconds, and a display with the DAMAGE extension\n");
      return 2;
    }
  damage = XDamageCreate (display, DefaultRootWindow (display), XDamageReportNonEmpty);
  /* What was there before is reported first. */
  XDamageSubtract (display, damage, None, None);
  XSync (display, True);
  count_wake_ups (argv[1], &before);
  end = now () + atof (argv[2]);
  while (now () < end)
    {
      struct pollfd fd = { ConnectionNumber (display), POLLIN, 0 };

      while (XPending (display) > 0)
        {
          XEvent event;

          XNextEvent (display, &event);
          if (event.type == event_base + XDamageNotify)
            {
              frames++;
              XDamageSubtract (display, damage, None, None);
            }
        }
      XFlush (display);
      poll (&fd, 1, (int) ((end - now ()) * 1000) + 1);
    }
  count_wake_ups (argv[1], &after);
  printf ("%ld %ld\n", frames, subtract (&after, &before));
  XCloseDisplay (display);
  return 0;
}
