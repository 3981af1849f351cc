/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * diagram-frames load TUTORIAL MESSAGES SECONDS: keeps so many messages under way in the tutorial's diagram; prints what processor time a frame
 * takes, how many there were, how many beats of the screen went by without one (and how many of those because the program itself had more to do
 * than a beat is long), and how many frames are drawn once nothing moves.
 *
 * diagram-frames live DEPLOYMENT MESSAGES: watches a deployment on the practice cloud; prints for each new message that comes in how long after the
 * event it was known here, and how long after it the frame was there that shows it.
 */
#include <adwaita.h>
#include <locale.h>
#include <math.h>
#include <time.h>

#include "mill-diagram.h"
#include "mill-engine.h"
#include "mill-trace-private.h"
#include "mill-ui-resources.h"

#define NEXT_HOP_US (540 * 1000)
#define BEAT_US (1e6 / 60)

typedef struct {
  MillTrace *trace;
  MillHop *hop;
  guint node;
  gint64 since;
} Message;

static struct {
  char **arguments;
  GtkWidget *window;
  GtkWidget *diagram;
  GdkFrameClock *clock;
  MillTutorial *tutorial;
  MillTimeline *timeline;
  GListStore *traces;
  Message *messages;
  guint n;
  guint frames;
  gboolean feeding;
  gboolean failed;
  double cpu;
  gint64 last_frame;    /* frame time */
  double last_cpu;
  guint dropped, dropped_by_us;

  MillSession *session;
  GArray *waiting;      /* of double: events whose frame is not there yet */
  GArray *known;        /* of double: milliseconds from the event to when it is known here */
  GArray *latencies;    /* … and to the frame */
} bench;

static double
cpu_ms (void)
{
  struct timespec time;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &time);
  return time.tv_sec * 1e3 + time.tv_nsec / 1e6;
}

static void
finish (void)
{
  gtk_window_destroy (GTK_WINDOW (bench.window));
  g_application_quit (g_application_get_default ());
}

/* --- load --- */

static void
go_on (Message *message,
       guint    index,
       gint64   now)
{
  GPtrArray *nodes = mill_tutorial_get_nodes (bench.tutorial);
  double time = g_get_real_time () / 1e6;
  const MillDiagramNode *node;
  MillHop *previous = message->hop;

  if (previous != NULL)
    {
      previous->left = time;
      previous->status = MILL_HOP_OK;
      mill_trace_changed (message->trace, previous);
      mill_timeline_update (bench.timeline, previous);
      mill_diagram_show_hop (MILL_DIAGRAM (bench.diagram), previous);
    }
  if (++message->node >= nodes->len)
    {
      message->node = 0;
      message->trace = NULL;
      previous = NULL;
    }
  node = nodes->pdata[message->node];
  if (message->trace == NULL)
    {
      g_autofree char *id = g_strdup_printf ("m%u", index);
      g_autoptr(MillTrace) trace = mill_trace_new (id);

      message->trace = trace;
      g_list_store_append (bench.traces, trace);
    }
  message->hop = mill_hop_new (node->kind, node->id, "id", time);
  mill_trace_add_hop (message->trace, message->hop, previous);
  mill_trace_changed (message->trace, message->hop);
  mill_timeline_update (bench.timeline, message->hop);
  mill_diagram_show_hop (MILL_DIAGRAM (bench.diagram), message->hop);
  message->since = now;
}

static gboolean
on_tick (GtkWidget     *widget,
         GdkFrameClock *clock,
         gpointer       data)
{
  gint64 now = gdk_frame_clock_get_frame_time (clock);

  for (guint i = 0; i < bench.n && bench.feeding; i++)
    {
      Message *message = &bench.messages[i];

      /* They do not all set out at once. */
      if (message->since == 0)
        {
          message->since = now - g_random_int_range (0, NEXT_HOP_US);
          message->node = g_random_int_range (0, mill_tutorial_get_nodes (bench.tutorial)->len);
        }
      else if (now - message->since >= NEXT_HOP_US)
        go_on (message, i, now);
    }
  return bench.feeding;
}

static void
on_after_paint (void)
{
  gint64 time = gdk_frame_clock_get_frame_time (bench.clock);
  double cpu = cpu_ms ();
  double beats = round ((time - bench.last_frame) / BEAT_US);

  if (bench.frames++ > 0 && beats > 1)
    {
      bench.dropped += (guint) beats - 1;
      if ((cpu - bench.last_cpu) * 1000 > BEAT_US)
        bench.dropped_by_us += (guint) beats - 1;
    }
  bench.last_frame = time;
  bench.last_cpu = cpu;
}

static gboolean
on_rested (gpointer data)
{
  g_print (", \"frames_at_rest\": %u, \"waiting_at_rest\": %u}\n", bench.frames, bench.n);
  finish ();
  return G_SOURCE_REMOVE;
}

static gboolean
on_landed (gpointer data)
{
  if (mill_diagram_get_n_moving (MILL_DIAGRAM (bench.diagram)) > 0)
    return G_SOURCE_CONTINUE;
  bench.frames = 0;
  g_timeout_add_seconds (3, on_rested, NULL);
  return G_SOURCE_REMOVE;
}

static gboolean
on_measured (gpointer data)
{
  double seconds = GPOINTER_TO_INT (data);

  g_print ("{\"cpu_ms_per_frame\": %.3f, \"frames_per_s\": %.1f, \"dropped_beats\": %u, \"dropped_by_us\": %u, \"moving\": %u",
           (cpu_ms () - bench.cpu) / MAX (bench.frames, 1), bench.frames / seconds, bench.dropped, bench.dropped_by_us,
           mill_diagram_get_n_moving (MILL_DIAGRAM (bench.diagram)));
  bench.feeding = FALSE;
  /* What lights up goes out again, and numbers are told a last time. */
  g_timeout_add_seconds (3, on_landed, NULL);
  return G_SOURCE_REMOVE;
}

static gboolean
on_warm (gpointer data)
{
  int seconds = atoi (bench.arguments[4]);

  bench.cpu = cpu_ms ();
  bench.frames = bench.dropped = bench.dropped_by_us = 0;
  g_timeout_add_seconds (seconds, on_measured, GINT_TO_POINTER (seconds));
  return G_SOURCE_REMOVE;
}

static gboolean
load (GError **error)
{
  bench.tutorial = mill_tutorial_load (bench.arguments[2], error);
  if (bench.tutorial == NULL)
    return FALSE;
  bench.n = atoi (bench.arguments[3]);
  bench.messages = g_new0 (Message, bench.n);
  bench.traces = g_list_store_new (MILL_TYPE_TRACE);
  bench.timeline = mill_timeline_new (G_LIST_MODEL (bench.traces));
  mill_diagram_set_tutorial (MILL_DIAGRAM (bench.diagram), bench.tutorial);
  mill_diagram_set_timeline (MILL_DIAGRAM (bench.diagram), bench.timeline);
  bench.feeding = TRUE;
  gtk_widget_add_tick_callback (bench.diagram, on_tick, NULL, NULL);
  g_timeout_add_seconds (2, on_warm, NULL);
  return TRUE;
}

/* --- live --- */

static void
on_hop (MillWatch *watch,
        MillTrace *trace,
        MillHop   *hop)
{
  double arrived = mill_hop_get_arrived (hop), now = g_get_real_time () / 1e6, known = (now - arrived) * 1000;

  /* It may be told of more than once. */
  if (g_object_get_data (G_OBJECT (hop), "seen") != NULL)
    return;
  g_object_set_data (G_OBJECT (hop), "seen", hop);
  if (mill_hop_get_previous (hop) == NULL && mill_hop_get_status (hop) == MILL_HOP_UNDER_WAY && now - arrived < 5)
    {
      g_array_append_val (bench.waiting, arrived);
      g_array_append_val (bench.known, known);
    }
}

static void
print_array (const char *name,
             GArray     *times)
{
  g_print ("\"%s\": [", name);
  for (guint i = 0; i < times->len; i++)
    g_print ("%s%.2f", i > 0 ? ", " : "", g_array_index (times, double, i));
  g_print ("]");
}

static void
on_shown (void)
{
  double now = g_get_real_time () / 1e6;

  for (guint i = 0; i < bench.waiting->len; i++)
    {
      double latency = (now - g_array_index (bench.waiting, double, i)) * 1000;
      g_array_append_val (bench.latencies, latency);
    }
  g_array_set_size (bench.waiting, 0);
  if (bench.latencies->len < (guint) atoi (bench.arguments[3]))
    return;
  g_print ("{");
  print_array ("known", bench.known);
  g_print (", ");
  print_array ("shown", bench.latencies);
  g_print ("}\n");
  finish ();
}

static gboolean
live (GError **error)
{
  MillEngine *engine = mill_engine_new (mill_catalog_new (), NULL, error);
  MillDeployment *deployment = engine != NULL ? mill_engine_find (engine, bench.arguments[2]) : NULL;

  if (deployment == NULL)
    return FALSE;
  bench.waiting = g_array_new (FALSE, FALSE, sizeof (double));
  bench.known = g_array_new (FALSE, FALSE, sizeof (double));
  bench.latencies = g_array_new (FALSE, FALSE, sizeof (double));
  bench.session = mill_session_new (engine, deployment);
  mill_diagram_set_session (MILL_DIAGRAM (bench.diagram), bench.session);
  g_signal_connect (mill_session_get_watch (bench.session), "hop", G_CALLBACK (on_hop), NULL);
  g_signal_connect_swapped (mill_session_get_watch (bench.session), "ready", G_CALLBACK (g_print), (gpointer) "ready\n");
  mill_session_open (bench.session);
  return TRUE;
}

static void
on_activate (GApplication *application)
{
  g_autoptr(GError) error = NULL;
  gboolean loads = g_str_equal (bench.arguments[1], "load");

  bench.window = adw_application_window_new (GTK_APPLICATION (application));
  bench.diagram = mill_diagram_new ();
  gtk_widget_add_css_class (bench.diagram, "mill-canvas");
  adw_application_window_set_content (ADW_APPLICATION_WINDOW (bench.window), bench.diagram);
  gtk_window_set_default_size (GTK_WINDOW (bench.window), 1000, 700);
  gtk_window_present (GTK_WINDOW (bench.window));
  bench.clock = gtk_widget_get_frame_clock (bench.window);
  g_signal_connect (bench.clock, "after-paint", loads ? G_CALLBACK (on_after_paint) : G_CALLBACK (on_shown), NULL);
  if (loads ? load (&error) : live (&error))
    return;
  g_printerr ("diagram-frames: %s\n", error != NULL ? error->message : "there is no such deployment");
  bench.failed = TRUE;
  finish ();
}

int
main (int    argc,
      char **argv)
{
  g_autoptr(AdwApplication) application = NULL;

  if (argc < 4 || (g_strcmp0 (argv[1], "load") == 0 && argc != 5))
    {
      g_printerr ("usage: diagram-frames load TUTORIAL MESSAGES SECONDS | live DEPLOYMENT MESSAGES\n");
      return 2;
    }
  setlocale (LC_ALL, "");
  mill_ui_register_resource ();
  bench.arguments = argv;
  application = adw_application_new ("io.github.millrace.DiagramFrames", G_APPLICATION_NON_UNIQUE);
  g_object_set (application, "resource-base-path", "/io/github/millrace/Millrace", NULL);
  g_signal_connect (application, "activate", G_CALLBACK (on_activate), NULL);
  return g_application_run (G_APPLICATION (application), 1, argv) || bench.failed;
}
