/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * ping-window PID: asks the window of a process every 10 ms whether it is alive, as window managers do (_NET_WM_PING; the main loop
 * answers), until the standard input ends. Prints how many questions there were, and after how many milliseconds they were
 * answered: median, 99th percentile, longest.
 */
#include <X11/Xatom.h>
#include <X11/Xlib.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define EVERY_MS 10
#define LONGEST_MS 30000
#define MOST 1000000

static double
now (void)
{
  struct timespec time;

  clock_gettime (CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1e3 + time.tv_nsec / 1e6;
}

static int
compare (const void *a,
         const void *b)
{
  double one = *(const double *) a, other = *(const double *) b;

  return (one > other) - (one < other);
}

static Window
find (Display *display,
      Window   window,
      long     pid)
{
  Atom atom = XInternAtom (display, "_NET_WM_PID", False);
  Atom type;
  int format;
  unsigned long n, rest;
  unsigned char *data = NULL;
  Window root, parent, *children = NULL, found = None;
  unsigned int n_children = 0;
  XWindowAttributes attributes;

  if (XGetWindowProperty (display, window, atom, 0, 1, False, XA_CARDINAL, &type, &format, &n, &rest, &data) == Success && n == 1
      && *(unsigned long *) (void *) data == (unsigned long) pid && XGetWindowAttributes (display, window, &attributes)
      && attributes.map_state == IsViewable)
    found = window;
  if (data != NULL)
    XFree (data);
  if (found != None || !XQueryTree (display, window, &root, &parent, &children, &n_children))
    return found;
  for (unsigned int i = 0; found == None && i < n_children; i++)
    found = find (display, children[i], pid);
  if (children != NULL)
    XFree (children);
  return found;
}

/* Milliseconds until the answer to question @number, or LONGEST_MS. */
static double
ask (Display *display,
     Window   window,
     long     number)
{
  XEvent event = { 0 };
  Atom protocols = XInternAtom (display, "WM_PROTOCOLS", False);
  Atom ping = XInternAtom (display, "_NET_WM_PING", False);
  double start = now ();

  event.xclient.type = ClientMessage;
  event.xclient.window = window;
  event.xclient.message_type = protocols;
  event.xclient.format = 32;
  event.xclient.data.l[0] = (long) ping;
  event.xclient.data.l[1] = number;
  event.xclient.data.l[2] = (long) window;
  XSendEvent (display, window, False, NoEventMask, &event);
  XFlush (display);
  while (now () - start < LONGEST_MS)
    {
      struct pollfd fd = { .fd = ConnectionNumber (display), .events = POLLIN };

      while (XPending (display) > 0)
        {
          XNextEvent (display, &event);
          if (event.type == ClientMessage && (Atom) event.xclient.data.l[0] == ping && event.xclient.data.l[1] == number)
            return now () - start;
        }
      poll (&fd, 1, 100);
    }
  return LONGEST_MS;
}

int
main (int   argc,
      char *argv[])
{
  Display *display = XOpenDisplay (NULL);
  double *times = malloc (MOST * sizeof (double));
  Window window = None;
  long n = 0;

  if (display == NULL || argc != 2)
    {
      fprintf (stderr, "ping-window: needs a display and a process id\n");
      return 2;
    }
  XSelectInput (display, DefaultRootWindow (display), SubstructureNotifyMask);
  for (int i = 0; window == None && i < 100; i++, usleep (50000))
    window = find (display, DefaultRootWindow (display), atol (argv[1]));
  if (window == None)
    {
      fprintf (stderr, "ping-window: the process has no window\n");
      return 1;
    }
  while (n < MOST)
    {
      struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
      double left;

      times[n] = ask (display, window, n);
      left = EVERY_MS - times[n];
      n++;
      if (poll (&input, 1, left > 0 ? (int) left : 0) > 0)
        break;
    }
  qsort (times, n, sizeof *times, compare);
  printf ("%ld %.2f %.2f %.2f\n", n, times[n / 2], times[(long) ((double) n * 0.99)], times[n - 1]);
  free (times);
  XCloseDisplay (display);
  return 0;
}
