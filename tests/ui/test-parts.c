/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>

#include "mill-diagram-layout.h"
#include "mill-flight.h"
#include "mill-format.h"
#include "mill-mail.h"
#include "mill-markup.h"
#include "mill-reverse-list.h"

static void
test_format (void)
{
  g_autofree char *now = mill_format_age (1000, 1030);
  g_autofree char *minutes = mill_format_age (1000, 1000 + 5 * 60);
  g_autofree char *future = mill_format_age (2000, 1000);
  g_autofree char *tiny = mill_format_duration (0.0008);
  g_autofree char *small = mill_format_duration (0.012);
  g_autofree char *second = mill_format_duration (1.44);
  g_autofree char *long_time = mill_format_duration (125);
  g_autofree char *nan_time = mill_format_duration (INFINITY);
  g_autofree char *never = mill_format_clock (0);
  g_autofree char *huge = mill_format_clock (1e300);

  g_assert_cmpstr (now, ==, "just now");
  g_assert_cmpstr (minutes, ==, "5 minutes ago");
  g_assert_cmpstr (future, ==, "just now");
  g_assert_cmpstr (tiny, ==, "0.8 ms");
  g_assert_cmpstr (small, ==, "12 ms");
  g_assert_cmpstr (second, ==, "1.4 s");
  g_assert_cmpstr (long_time, ==, "2 min 5 s");
  g_assert_cmpstr (nan_time, ==, "–");
  g_assert_cmpstr (never, ==, "–");
  g_assert_cmpstr (huge, ==, "–");
}

static void
test_format_json (void)
{
  g_autofree char *object = mill_format_json ("{\"a\":1}");
  g_autofree char *text = mill_format_json ("hello {");
  g_autofree char *cut = mill_format_json ("{\"a\":");
  g_autofree char *bytes = mill_format_json ("\xff\xfe");
  g_autofree char *nothing = mill_format_json (NULL);

  g_assert_nonnull (strstr (object, "\n"));
  g_assert_cmpstr (text, ==, "hello {");
  g_assert_cmpstr (cut, ==, "{\"a\":");
  g_assert_true (g_utf8_validate (bytes, -1, NULL));
  g_assert_cmpstr (nothing, ==, "");
}

static void
test_markup (void)
{
  g_autofree char *code = mill_markup_to_pango ("Use `a < b` & go");
  g_autofree char *open = mill_markup_to_pango ("one ` only");

  g_assert_cmpstr (code, ==, "Use <tt>a &lt; b</tt> &amp; go");
  g_assert_cmpstr (open, ==, "one ` only");
  g_assert_true (pango_parse_markup (code, -1, 0, NULL, NULL, NULL, NULL));
}

static MillDiagramNode *
add_node (GPtrArray *nodes, const char *id, double column, double row)
{
  MillDiagramNode *node = g_new0 (MillDiagramNode, 1);

  node->id = id;
  node->label = id;
  node->column = column;
  node->row = row;
  g_ptr_array_add (nodes, node);
  return node;
}

static void
add_edge (GPtrArray *edges, const char *from, const char *to)
{
  MillDiagramEdge *edge = g_new0 (MillDiagramEdge, 1);

  edge->from = from;
  edge->to = to;
  g_ptr_array_add (edges, edge);
}

/* Without positions: layers along the edges; a circle (device ⇄ gateway) does not hang it; unknown ends are left out. */
static void
test_layout_automatic (void)
{
  g_autoptr(GPtrArray) nodes = g_ptr_array_new_with_free_func (g_free);
  g_autoptr(GPtrArray) edges = g_ptr_array_new_with_free_func (g_free);
  g_autoptr(MillDiagramLayout) layout = NULL;

  add_node (nodes, "device", NAN, NAN);
  add_node (nodes, "gateway", NAN, NAN);
  add_node (nodes, "function", NAN, NAN);
  add_edge (edges, "device", "gateway");
  add_edge (edges, "gateway", "device");
  add_edge (edges, "gateway", "function");
  add_edge (edges, "function", "nowhere");
  layout = mill_diagram_layout_new (nodes, edges, 0, FALSE);
  g_assert_cmpfloat (layout->column[0], ==, 0);
  g_assert_cmpfloat (layout->column[1], ==, 1);
  g_assert_cmpfloat (layout->column[2], ==, 2);
  g_assert_cmpfloat (layout->rows, ==, 1);
}

/* A long row flows back in the next one; turned, columns are rows. */
static void
test_layout_folded (void)
{
  g_autoptr(GPtrArray) nodes = g_ptr_array_new_with_free_func (g_free);
  g_autoptr(GPtrArray) edges = g_ptr_array_new ();
  g_autoptr(MillDiagramLayout) folded = NULL;
  g_autoptr(MillDiagramLayout) turned = NULL;
  static const char *const ids[] = { "a", "b", "c", "d", "e" };

  for (guint i = 0; i < G_N_ELEMENTS (ids); i++)
    add_node (nodes, ids[i], i, 0);
  folded = mill_diagram_layout_new (nodes, edges, 3, FALSE);
  g_assert_cmpfloat (folded->column[2], ==, 2);
  g_assert_cmpfloat (folded->column[3], ==, 2);
  g_assert_cmpfloat (folded->row[3], ==, 1);
  g_assert_cmpfloat (folded->column[4], ==, 1);
  g_assert_cmpfloat (folded->columns, ==, 3);
  g_assert_cmpfloat (folded->rows, ==, 2);
  turned = mill_diagram_layout_new (nodes, edges, 0, TRUE);
  g_assert_cmpfloat (turned->columns, ==, 1);
  g_assert_cmpfloat (turned->rows, ==, 5);
}

static void
on_landed (guint node, MillHopStatus status, gpointer data)
{
  g_string_append_printf (data, "%u%s ", node, status == MILL_HOP_FAILED ? "!" : "");
}

/* A message's dots follow one another, two messages fly at once, and at the end nothing moves. */
static void
test_flights (void)
{
  MillFlights *flights = mill_flights_new ();
  g_autoptr(GString) landed = g_string_new (NULL);
  gint64 first_end;

  mill_flights_add (flights, "t1", 0, 1, MILL_HOP_OK, 0);
  mill_flights_add (flights, "t1", 1, 2, MILL_HOP_OK, 0);
  mill_flights_add (flights, "t1", 1, 2, MILL_HOP_FAILED, 0);
  mill_flights_add (flights, "t2", 0, 1, MILL_HOP_OK, 0);
  g_assert_cmpuint (mill_flights_get_n (flights), ==, 3);
  first_end = mill_flights_get (flights, 0)->end;
  g_assert_cmpint (mill_flights_get (flights, 1)->start, ==, first_end);
  g_assert_cmpfloat (mill_flight_progress (mill_flights_get (flights, 1), 0), <, 0);
  g_assert_cmpuint (mill_flights_advance (flights, first_end, on_landed, landed), ==, 1);
  g_assert_cmpstr (landed->str, ==, "1 1 ");
  g_assert_cmpuint (mill_flights_advance (flights, first_end * 2, on_landed, landed), ==, 0);
  g_assert_cmpstr (landed->str, ==, "1 1 2! ");
  for (guint i = 0; i < 5000; i++)
    {
      g_autofree char *trace = g_strdup_printf ("x%u", i);
      mill_flights_add (flights, trace, 0, 1, MILL_HOP_OK, 0);
    }
  g_assert_cmpuint (mill_flights_get_n (flights), <=, 1000);
  mill_flights_free (flights);
}

static void
on_items_changed (GListModel *model, guint position, guint removed, guint added, gpointer data)
{
  g_string_append_printf (data, "%u-%u+%u ", position, removed, added);
}

static void
test_reverse_list (void)
{
  g_autoptr(GtkStringList) list = gtk_string_list_new ((const char *const[]) { "a", "b", NULL });
  g_autoptr(MillReverseList) reverse = mill_reverse_list_new (G_LIST_MODEL (list));
  g_autoptr(GString) changes = g_string_new (NULL);
  g_autoptr(GtkStringObject) first = NULL;

  g_signal_connect (reverse, "items-changed", G_CALLBACK (on_items_changed), changes);
  gtk_string_list_append (list, "c");
  first = g_list_model_get_item (G_LIST_MODEL (reverse), 0);
  g_assert_cmpstr (gtk_string_object_get_string (first), ==, "c");
  g_assert_null (g_list_model_get_item (G_LIST_MODEL (reverse), 3));
  gtk_string_list_remove (list, 0);
  g_assert_cmpstr (changes->str, ==, "0-0+1 2-1+0 ");
}

/* Members of the wrong type are empty, not a crash. */
static void
test_mail (void)
{
  g_autoptr(JsonNode) node = json_from_string ("{\"id\": 7, \"kind\": \"sms\", \"to\": null, \"subject\": [1], \"body\": \"hi\", \"time\": \"late\"}", NULL);
  g_autoptr(MillMail) mail = mill_mail_new_from_json (json_node_get_object (node));

  g_assert_cmpstr (mill_mail_get_id (mail), ==, "7");
  g_assert_true (mill_mail_is_sms (mail));
  g_assert_cmpstr (mill_mail_get_to (mail), ==, "");
  g_assert_cmpstr (mill_mail_get_subject (mail), ==, "");
  g_assert_cmpstr (mill_mail_get_body (mail), ==, "hi");
  g_assert_cmpstr (mill_mail_get_link (mail), ==, "");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ui/format", test_format);
  g_test_add_func ("/ui/format-json", test_format_json);
  g_test_add_func ("/ui/markup", test_markup);
  g_test_add_func ("/ui/layout/automatic", test_layout_automatic);
  g_test_add_func ("/ui/layout/folded", test_layout_folded);
  g_test_add_func ("/ui/flights", test_flights);
  g_test_add_func ("/ui/reverse-list", test_reverse_list);
  g_test_add_func ("/ui/mail", test_mail);
  return g_test_run ();
}
