/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * first-frame COMMAND…: starts a program on an empty X display and prints how many milliseconds pass until the middle of
 * the screen is drawn, and how many KiB the program then uses (VmRSS, two seconds later). Ends it.
 */
#include <X11/Xlib.h>
#include <X11/Xutil.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double
now (void)
{
  struct timespec time;

  clock_gettime (CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1e3 + time.tv_nsec / 1e6;
}

static unsigned long
middle (Display *display,
        int      x,
        int      y)
{
  XImage *image = XGetImage (display, DefaultRootWindow (display), x, y, 1, 1, AllPlanes, ZPixmap);
  unsigned long pixel = image != NULL ? XGetPixel (image, 0, 0) : 0;

  if (image != NULL)
    XDestroyImage (image);
  return pixel;
}

static long
resident (pid_t pid)
{
  char path[64], line[256];
  long kib = 0;
  FILE *file;

  snprintf (path, sizeof path, "/proc/%d/status", (int) pid);
  file = fopen (path, "r");
  while (file != NULL && fgets (line, sizeof line, file) != NULL)
    if (sscanf (line, "VmRSS: %ld", &kib) == 1)
      break;
  if (file != NULL)
    fclose (file);
  return kib;
}

int
main (int   argc,
      char *argv[])
{
  Display *display = XOpenDisplay (NULL);
  struct timespec pause = { 0, 500000 };
  double start, shown = -1;
  unsigned long empty;
  int x = 200, y = 200;
  pid_t pid;

  if (display == NULL || argc < 2)
    {
      fprintf (stderr, "first-frame: needs a display and a command\n");
      return 2;
    }
  empty = middle (display, x, y);
  start = now ();
  pid = fork ();
  if (pid == 0)
    {
      execvp (argv[1], argv + 1);
      _exit (127);
    }
  while (now () - start < 20000)
    {
      if (middle (display, x, y) != empty)
        {
          shown = now () - start;
          break;
        }
      nanosleep (&pause, NULL);
    }
  sleep (2);
  printf ("%.1f %ld\n", shown, resident (pid));
  kill (pid, SIGTERM);
  waitpid (pid, NULL, 0);
  XCloseDisplay (display);
  return shown < 0;
}
