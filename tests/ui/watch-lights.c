/* SPDX-License-Identifier: GPL-3.0-or-later */

/*
 * watch-lights DEPLOYMENT: shows the diagram of a deployment on the practice cloud; prints "ready" when it watches, and once the next message has
 * come to its end and all is at rest, as JSON: whether animations are on, how many dots were on their way at most, which nodes lit up, how many of
 * them are lit still, and how many frames were drawn in the last second.
 */
#include <adwaita.h>
#include <locale.h>

#include "mill-diagram-node-view.h"
#include "mill-diagram.h"
#include "mill-engine.h"
#include "mill-ui-resources.h"

#define REST_S 1
#define MOST_RESTS 25

static struct {
  const char *deployment;
  GtkWidget *window;
  GtkWidget *diagram;
  MillSession *session;
  GHashTable *lit;      /* ids of nodes that lit up → whether they still are */
  guint moving;         /* at most */
  guint frames;
  guint rests;
  gboolean over;
} lights;

static void
finish (void)
{
  gtk_window_destroy (GTK_WINDOW (lights.window));
  g_application_quit (g_application_get_default ());
}

static void
look (void)
{
  lights.moving = MAX (lights.moving, mill_diagram_get_n_moving (MILL_DIAGRAM (lights.diagram)));
}

static void
on_after_paint (void)
{
  lights.frames++;
  look ();
}

static void
on_classes (MillDiagramNodeView *view)
{
  GtkWidget *widget = GTK_WIDGET (view);
  gboolean lit = gtk_widget_has_css_class (widget, "lit") || gtk_widget_has_css_class (widget, "lit-bad");
  const char *id = mill_diagram_node_view_get_node (view)->id;

  if (lit || g_hash_table_contains (lights.lit, id))
    g_hash_table_replace (lights.lit, g_strdup (id), GINT_TO_POINTER (lit));
}

static gboolean
on_rested (gpointer data)
{
  GHashTableIter iter;
  gpointer id, lit;
  guint n_lit = 0;
  gboolean animations, first = TRUE;

  if (lights.frames > 0 && ++lights.rests < MOST_RESTS)
    {
      lights.frames = 0;
      return G_SOURCE_CONTINUE;
    }
  g_object_get (gtk_widget_get_settings (lights.window), "gtk-enable-animations", &animations, NULL);
  g_print ("{\"animations\": %s, \"moving\": %u, \"nodes\": [", animations ? "true" : "false", lights.moving);
  g_hash_table_iter_init (&iter, lights.lit);
  while (g_hash_table_iter_next (&iter, &id, &lit))
    {
      g_print ("%s\"%s\"", first ? "" : ", ", (const char *) id);
      first = FALSE;
      n_lit += GPOINTER_TO_INT (lit);
    }
  g_print ("], \"lit\": %u, \"frames\": %u}\n", n_lit, lights.frames);
  finish ();
  return G_SOURCE_REMOVE;
}

static void
on_hop (MillWatch *watch,
        MillTrace *trace,
        MillHop   *hop)
{
  look ();
  if (lights.over || mill_trace_get_state (trace) == MILL_TRACE_UNDER_WAY)
    return;
  lights.over = TRUE;
  lights.frames = 1;
  g_timeout_add_seconds (REST_S, on_rested, NULL);
}

static void
on_activate (GApplication *application)
{
  g_autoptr(GError) error = NULL;
  MillEngine *engine = mill_engine_new (mill_catalog_new (), NULL, &error);
  MillDeployment *deployment = engine != NULL ? mill_engine_find (engine, lights.deployment) : NULL;
  MillWatch *watch;

  lights.window = adw_application_window_new (GTK_APPLICATION (application));
  lights.diagram = mill_diagram_new ();
  adw_application_window_set_content (ADW_APPLICATION_WINDOW (lights.window), lights.diagram);
  gtk_window_set_default_size (GTK_WINDOW (lights.window), 1000, 700);
  gtk_window_present (GTK_WINDOW (lights.window));
  g_signal_connect (gtk_widget_get_frame_clock (lights.window), "after-paint", G_CALLBACK (on_after_paint), NULL);
  if (deployment == NULL)
    {
      g_printerr ("watch-lights: %s\n", error != NULL ? error->message : "there is no such deployment");
      finish ();
      return;
    }
  lights.session = mill_session_new (engine, deployment);
  mill_diagram_set_session (MILL_DIAGRAM (lights.diagram), lights.session);
  for (GtkWidget *child = gtk_widget_get_first_child (lights.diagram); child != NULL; child = gtk_widget_get_next_sibling (child))
    if (MILL_IS_DIAGRAM_NODE_VIEW (child))
      g_signal_connect (child, "notify::css-classes", G_CALLBACK (on_classes), NULL);
  watch = mill_session_get_watch (lights.session);
  g_signal_connect (watch, "hop", G_CALLBACK (on_hop), NULL);
  g_signal_connect_swapped (watch, "ready", G_CALLBACK (g_print), (gpointer) "ready\n");
  mill_session_open (lights.session);
}

int
main (int    argc,
      char **argv)
{
  g_autoptr(AdwApplication) application = NULL;

  if (argc != 2)
    {
      g_printerr ("usage: watch-lights DEPLOYMENT\n");
      return 2;
    }
  setlocale (LC_ALL, "");
  setvbuf (stdout, NULL, _IOLBF, 0);
  mill_ui_register_resource ();
  lights.deployment = argv[1];
  lights.lit = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  application = adw_application_new ("io.github.millrace.WatchLights", G_APPLICATION_NON_UNIQUE);
  g_object_set (application, "resource-base-path", "/io/github/millrace/Millrace", NULL);
  g_signal_connect (application, "activate", G_CALLBACK (on_activate), NULL);
  return g_application_run (G_APPLICATION (application), 1, argv);
}
