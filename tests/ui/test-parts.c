/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <math.h>

#include "mill-data.h"
#include "mill-diagram-layout.h"
#include "mill-format.h"
#include "mill-line-diff.h"
#include "mill-mail.h"
#include "mill-mark.h"
#include "mill-markup.h"
#include "mill-past.h"
#include "mill-present.h"
#include "mill-trace-private.h"

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
test_line_diff (void)
{
  g_autofree char *changed = mill_line_diff ("a\nb\nc\nd\ne\nf\ng", "a\nb\nc\nd\ne\nX\ng\nh");
  g_autofree char *all = mill_line_diff ("", "one\ntwo");
  g_autofree char *same = mill_line_diff ("x\ny", "x\ny");
  g_autofree char *moved = mill_line_diff ("1\n2\n3", "2\n3\n4");

  g_assert_cmpstr (changed, ==, "  …\n  c\n  d\n  e\n- f\n+ X\n  g\n+ h");
  g_assert_cmpstr (all, ==, "+ one\n+ two");
  g_assert_null (same);
  g_assert_cmpstr (moved, ==, "- 1\n  2\n  3\n+ 4");
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

/* Two ways that would cross stand so that they do not. */
static void
test_layout_crossing (void)
{
  g_autoptr(GPtrArray) nodes = g_ptr_array_new_with_free_func (g_free);
  g_autoptr(GPtrArray) edges = g_ptr_array_new_with_free_func (g_free);
  g_autoptr(MillDiagramLayout) layout = NULL;

  add_node (nodes, "a", NAN, NAN);
  add_node (nodes, "b", NAN, NAN);
  add_node (nodes, "of-b", NAN, NAN);
  add_node (nodes, "of-a", NAN, NAN);
  add_edge (edges, "a", "of-a");
  add_edge (edges, "b", "of-b");
  layout = mill_diagram_layout_new (nodes, edges, 0, FALSE);
  g_assert_cmpfloat (layout->row[0], ==, layout->row[3]);
  g_assert_cmpfloat (layout->row[1], ==, layout->row[2]);
  g_assert_cmpfloat (layout->row[0], !=, layout->row[1]);
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

static MillDiagramNode *
add_kind (GPtrArray *nodes, const char *kind)
{
  MillDiagramNode *node = add_node (nodes, kind, nodes->len, 0);

  node->kind = kind;
  node->resource = g_str_equal (kind, "client") ? NULL : kind;
  return node;
}

/* client → gateway → queue → function → table */
static MillDiagramMap *
make_map (void)
{
  static const char *const kinds[] = { "client", "gateway", "queue", "function", "table" };
  g_autoptr(GPtrArray) nodes = g_ptr_array_new_with_free_func (g_free);
  g_autoptr(GPtrArray) edges = g_ptr_array_new_with_free_func (g_free);

  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      add_kind (nodes, kinds[i]);
      if (i > 0)
        add_edge (edges, kinds[i - 1], kinds[i]);
    }
  return mill_diagram_map_new (nodes, edges);
}

static MillHop *
add_hop (MillTrace *trace, const char *kind, MillHop *previous, double arrived)
{
  MillHop *hop = mill_hop_new (kind, kind, "id", arrived);

  mill_trace_add_hop (trace, hop, previous);
  return hop;
}

static void
on_landed (guint node, MillHopStatus status, gpointer data)
{
  g_string_append_printf (data, "%u%s ", node, status == MILL_HOP_FAILED || status == MILL_HOP_RETRYING ? "!" : "");
}

/* "from-to" or "at" of each mark, in order; what went wrong with "!" */
static char *
say (GArray *marks)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < marks->len; i++)
    {
      MillMark *mark = &g_array_index (marks, MillMark, i);

      if (mark->from != mark->to)
        g_string_append_printf (text, "%u-", mark->from);
      g_string_append_printf (text, "%u%s ", mark->to, mark->status == MILL_HOP_FAILED || mark->status == MILL_HOP_RETRYING ? "!" : "");
    }
  return g_string_free (text, FALSE);
}

static void
assert_traffic (MillTraffic *traffic, gint64 now, const char *expected)
{
  g_autoptr(GArray) marks = g_array_new (FALSE, FALSE, sizeof (MillMark));
  g_autofree char *text = NULL;

  mill_traffic_add_marks (traffic, now, marks);
  text = say (marks);
  g_assert_cmpstr (text, ==, expected);
}

/* A message's dots follow one another, a waiting one stays in its queue, and at the end nothing is left. */
static void
test_present (void)
{
  const gint64 leg = MILL_TRAFFIC_LEG;
  MillTraffic *traffic = mill_traffic_new ();
  g_autoptr(MillDiagramMap) map = make_map ();
  g_autoptr(MillTrace) trace = mill_trace_new ("t");
  g_autoptr(GString) landed = g_string_new (NULL);
  MillHop *gateway = add_hop (trace, "gateway", NULL, 1);
  MillHop *queue = add_hop (trace, "queue", gateway, 1.1);
  MillHop *function;

  mill_present_show_hop (map, traffic, gateway, TRUE, 0);
  gateway->left = 1.2;
  gateway->status = MILL_HOP_OK;
  mill_present_show_hop (map, traffic, gateway, TRUE, 0);
  mill_present_show_hop (map, traffic, queue, TRUE, 0);
  g_assert_cmpuint (mill_traffic_get_n_flying (traffic), ==, 2);
  assert_traffic (traffic, leg / 2, "0-1 ");
  g_assert_cmpuint (mill_traffic_advance (traffic, leg, on_landed, landed), ==, 1);
  assert_traffic (traffic, leg + leg / 2, "1-2 ");
  g_assert_cmpuint (mill_traffic_advance (traffic, 2 * leg, on_landed, landed), ==, 0);
  assert_traffic (traffic, 9 * leg, "2 ");
  g_assert_cmpstr (landed->str, ==, "1 2 ");

  function = add_hop (trace, "function", queue, 5);
  queue->left = 5;
  mill_present_show_hop (map, traffic, queue, TRUE, 10 * leg);
  mill_present_show_hop (map, traffic, function, TRUE, 10 * leg);
  mill_traffic_advance (traffic, 10 * leg, on_landed, landed);
  assert_traffic (traffic, 10 * leg + leg / 2, "2-3 ");
  function->left = 6;
  function->status = MILL_HOP_OK;
  mill_present_show_hop (map, traffic, function, TRUE, 10 * leg);
  mill_traffic_advance (traffic, 11 * leg, on_landed, landed);
  assert_traffic (traffic, 11 * leg, "");
  g_assert_cmpuint (mill_traffic_get_n (traffic), ==, 0);
  mill_traffic_free (traffic);
}

/* Those that set out together fly side by side, each in its lane until it has landed, whatever becomes of the others. */
static void
test_lanes (void)
{
  static const guint route[] = { 1, 2 };
  const gint64 leg = MILL_TRAFFIC_LEG;
  MillTraffic *traffic = mill_traffic_new ();
  g_autoptr(MillTrace) trace = mill_trace_new ("t");
  g_autoptr(GArray) marks = g_array_new (FALSE, FALSE, sizeof (MillMark));
  MillHop *hops[4];

  for (guint i = 0; i < 4; i++)
    hops[i] = add_hop (trace, "queue", NULL, 1);
  mill_traffic_send (traffic, hops[0], NULL, route, 2, MILL_HOP_UNDER_WAY, FALSE, 0);
  mill_traffic_send (traffic, hops[1], NULL, route, 2, MILL_HOP_UNDER_WAY, FALSE, 1);
  mill_traffic_send (traffic, hops[2], NULL, route, 2, MILL_HOP_UNDER_WAY, FALSE, leg / 4);
  mill_traffic_send (traffic, hops[3], NULL, route, 2, MILL_HOP_UNDER_WAY, FALSE, leg - leg / 8);
  mill_traffic_add_marks (traffic, leg - 1, marks);
  g_assert_cmpuint (marks->len, ==, 4);
  for (guint i = 0; i < 3; i++)
    g_assert_cmpuint (g_array_index (marks, MillMark, i).lane, ==, i);
  g_assert_cmpuint (g_array_index (marks, MillMark, 3).lane, ==, 0);
  mill_traffic_advance (traffic, leg + 1, NULL, NULL);
  g_array_set_size (marks, 0);
  mill_traffic_add_marks (traffic, leg + 1, marks);
  g_assert_cmpuint (marks->len, ==, 2);
  g_assert_cmpuint (g_array_index (marks, MillMark, 0).lane, ==, 2);
  g_assert_cmpuint (g_array_index (marks, MillMark, 1).lane, ==, 0);
  mill_traffic_free (traffic);
}

/* What failed comes back to its queue, waits there, and goes again. */
static void
test_present_retry (void)
{
  const gint64 leg = MILL_TRAFFIC_LEG;
  MillTraffic *traffic = mill_traffic_new ();
  g_autoptr(MillDiagramMap) map = make_map ();
  g_autoptr(MillTrace) trace = mill_trace_new ("t");
  MillHop *queue = add_hop (trace, "queue", NULL, 1);
  MillHop *function = add_hop (trace, "function", queue, 2);
  MillVisit *visit = mill_hop_visit (function, 1, 2);

  queue->left = 2;
  mill_present_show_hop (map, traffic, queue, FALSE, 0);
  mill_present_show_hop (map, traffic, function, TRUE, 0);
  mill_traffic_advance (traffic, leg, NULL, NULL);
  assert_traffic (traffic, leg, "3 ");
  visit->left = 3;
  visit->status = MILL_HOP_RETRYING;
  mill_hop_settle (function);
  g_assert_cmpint (mill_present_show_hop (map, traffic, function, TRUE, leg), ==, 3);
  assert_traffic (traffic, leg + leg / 2, "3-2! ");
  mill_traffic_advance (traffic, 2 * leg, NULL, NULL);
  assert_traffic (traffic, 2 * leg, "2! ");
  /* It is one message: the queue does not show it a second time. */
  queue->left = 0;
  queue->status = MILL_HOP_RETRYING;
  mill_present_show_hop (map, traffic, queue, TRUE, 3 * leg);
  assert_traffic (traffic, 3 * leg, "2! ");
  visit = mill_hop_visit (function, 2, 30);
  mill_hop_settle (function);
  mill_present_show_hop (map, traffic, function, TRUE, 3 * leg);
  assert_traffic (traffic, 3 * leg + leg / 2, "2-3! ");
  visit->left = 31;
  visit->status = MILL_HOP_OK;
  mill_hop_settle (function);
  mill_present_show_hop (map, traffic, function, TRUE, 3 * leg);
  mill_traffic_advance (traffic, 5 * leg, NULL, NULL);
  g_assert_cmpuint (mill_traffic_get_n (traffic), ==, 0);
  mill_traffic_free (traffic);
}

/* What is known to have failed before its dot is there: that goes as it went, lights the node when it comes, and turns red there. */
static void
test_present_turn (void)
{
  const gint64 leg = MILL_TRAFFIC_LEG;
  MillTraffic *traffic = mill_traffic_new ();
  g_autoptr(MillDiagramMap) map = make_map ();
  g_autoptr(MillTrace) trace = mill_trace_new ("t");
  g_autoptr(GString) landed = g_string_new (NULL);
  MillHop *queue = add_hop (trace, "queue", NULL, 1);
  MillHop *function = add_hop (trace, "function", queue, 2);
  MillVisit *visit = mill_hop_visit (function, 1, 2);

  queue->left = 2;
  mill_present_show_hop (map, traffic, queue, FALSE, 0);
  mill_present_show_hop (map, traffic, function, TRUE, 0);
  visit->left = 3;
  visit->status = MILL_HOP_RETRYING;
  mill_hop_settle (function);
  g_assert_cmpint (mill_present_show_hop (map, traffic, function, TRUE, leg / 4), ==, -1);
  assert_traffic (traffic, leg / 2, "2-3 ");
  g_assert_cmpuint (mill_traffic_advance (traffic, leg / 2, on_landed, landed), ==, 1);
  g_assert_cmpstr (landed->str, ==, "");
  g_assert_cmpuint (mill_traffic_advance (traffic, leg + leg / 2, on_landed, landed), ==, 1);
  g_assert_cmpstr (landed->str, ==, "3! ");
  assert_traffic (traffic, leg + leg / 2, "3-2! ");
  mill_traffic_advance (traffic, 2 * leg, on_landed, landed);
  g_assert_cmpstr (landed->str, ==, "3! 2! ");
  assert_traffic (traffic, 2 * leg, "2! ");
  mill_traffic_free (traffic);
}

static void
assert_past (MillDiagramMap *map, GListModel *traces, double moment, const char *expected)
{
  g_autoptr(GArray) marks = g_array_new (FALSE, FALSE, sizeof (MillMark));
  g_autofree char *text = NULL;

  mill_past_add_marks (map, traces, moment, marks);
  text = say (marks);
  g_assert_cmpstr (text, ==, expected);
}

/* Gateway 1 to 2, queue from 3; fails 5 to 6, is back at 10, goes through 20 to 21. */
static void
test_past (void)
{
  g_autoptr(GArray) marks = g_array_new (FALSE, FALSE, sizeof (MillMark));
  g_autofree char *text = NULL;
  g_autoptr(MillDiagramMap) map = make_map ();
  g_autoptr(GListStore) traces = g_list_store_new (MILL_TYPE_TRACE);
  g_autoptr(MillTrace) trace = mill_trace_new ("t");
  MillHop *gateway = add_hop (trace, "gateway", NULL, 1);
  MillHop *queue = add_hop (trace, "queue", gateway, 3);
  MillHop *function = add_hop (trace, "function", queue, 5);
  MillHop *table;
  const MillVisit waits[] = { { 3, 5, MILL_HOP_RETRYING, 0 }, { 10, 20, MILL_HOP_OK, 1 } };
  const MillVisit runs[] = { { 5, 6, MILL_HOP_RETRYING, 1 }, { 20, 21, MILL_HOP_OK, 2 } };

  gateway->left = 2;
  gateway->status = MILL_HOP_OK;
  mill_hop_set_visits (queue, waits, 2);
  mill_hop_settle (queue);
  mill_hop_set_visits (function, runs, 2);
  mill_hop_settle (function);
  table = add_hop (trace, "table", function, 20.4);
  table->left = 20.6;
  table->status = MILL_HOP_OK;
  mill_trace_changed (trace, function);
  g_list_store_append (traces, trace);
  assert_past (map, G_LIST_MODEL (traces), 0.5, "");
  assert_past (map, G_LIST_MODEL (traces), 1.5, "1 ");
  assert_past (map, G_LIST_MODEL (traces), 2.5, "1-2 ");
  assert_past (map, G_LIST_MODEL (traces), 4, "2 ");
  assert_past (map, G_LIST_MODEL (traces), 5.5, "3 ");
  assert_past (map, G_LIST_MODEL (traces), 8, "3-2! ");
  /* Without animations it is where it was until it is somewhere else. */
  mill_past_add_marks (map, G_LIST_MODEL (traces), 8, marks);
  mill_marks_still (marks);
  text = say (marks);
  g_assert_cmpstr (text, ==, "3! ");
  assert_past (map, G_LIST_MODEL (traces), 15, "2! ");
  assert_past (map, G_LIST_MODEL (traces), 20.2, "3! ");
  assert_past (map, G_LIST_MODEL (traces), 20.5, "3! 4 ");
  assert_past (map, G_LIST_MODEL (traces), 22, "");
}

/* Many on their way are streams with a number, many in one place a bunch with a number; nothing is lost, and failures still show. */
static void
test_many (void)
{
  g_autoptr(GArray) marks = g_array_new (FALSE, FALSE, sizeof (MillMark));
  guint flying = 0, waiting = 0, bad = 0, dots = 0;

  for (guint i = 0; i < 1000; i++)
    {
      MillMark mark = { i % 2, i % 2 == 0 ? 1 : 2, 0.5, i == 7 ? MILL_HOP_FAILED : MILL_HOP_UNDER_WAY, 1 };
      MillMark still = { 2, 2, 1, MILL_HOP_UNDER_WAY, 1 };

      g_array_append_val (marks, mark);
      g_array_append_val (marks, still);
    }
  mill_marks_condense (marks, 3);
  for (guint i = 0; i < marks->len; i++)
    {
      MillMark *mark = &g_array_index (marks, MillMark, i);

      if (mark->from == mark->to)
        waiting += mark->n;
      else
        flying += mark->n;
      bad += mark->status == MILL_HOP_FAILED;
      dots += mark->n == 1;
    }
  g_assert_cmpuint (flying, ==, 1000);
  g_assert_cmpuint (waiting, ==, 1000);
  g_assert_cmpuint (bad, ==, 1);
  g_assert_cmpuint (dots, ==, 1 + MILL_MARKS_MOST_BUNCH - 1);
  g_assert_cmpuint (marks->len, ==, 1 + 2 + MILL_MARKS_MOST_BUNCH);
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

/* What the inspector says is there, and every action of AWS's own policies is explained. */
static void
test_explanations (void)
{
  JsonObject *all = mill_data_get ("explanations.json");
  JsonObject *actions = json_object_get_object_member (all, "actions");
  g_autoptr(GList) policies = json_object_get_values (json_object_get_object_member (all, "managed"));
  g_autoptr(GList) types = json_object_get_values (json_object_get_object_member (all, "properties"));
  g_autoptr(GList) explained = json_object_get_values (actions);

  g_assert_cmpuint (g_list_length (types), >=, 6);
  for (GList *type = types; type != NULL; type = type->next)
    {
      g_autoptr(GList) texts = json_object_get_values (json_node_get_object (type->data));

      for (GList *text = texts; text != NULL; text = text->next)
        g_assert_cmpuint (strlen (json_object_get_string_member (json_node_get_object (text->data), "what")), >, 10);
    }
  for (GList *action = explained; action != NULL; action = action->next)
    {
      JsonObject *object = json_node_get_object (action->data);
      const char *seen = json_object_get_string_member_with_default (object, "seen", "log");

      g_assert_cmpuint (strlen (json_object_get_string_member (object, "what")), >, 10);
      g_assert_true (g_str_equal (seen, "log") || g_str_has_prefix (seen, "from ") || g_str_has_prefix (seen, "to "));
    }
  for (GList *policy = policies; policy != NULL; policy = policy->next)
    for (guint i = 0; i < json_array_get_length (json_node_get_array (policy->data)); i++)
      g_assert_true (json_object_has_member (actions, json_array_get_string_element (json_node_get_array (policy->data), i)));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/ui/format", test_format);
  g_test_add_func ("/ui/format-json", test_format_json);
  g_test_add_func ("/ui/line-diff", test_line_diff);
  g_test_add_func ("/ui/markup", test_markup);
  g_test_add_func ("/ui/layout/automatic", test_layout_automatic);
  g_test_add_func ("/ui/layout/crossing", test_layout_crossing);
  g_test_add_func ("/ui/layout/folded", test_layout_folded);
  g_test_add_func ("/ui/traffic/present", test_present);
  g_test_add_func ("/ui/lanes", test_lanes);
  g_test_add_func ("/ui/traffic/retry", test_present_retry);
  g_test_add_func ("/ui/present/turn", test_present_turn);
  g_test_add_func ("/ui/traffic/past", test_past);
  g_test_add_func ("/ui/traffic/many", test_many);
  g_test_add_func ("/ui/mail", test_mail);
  g_test_add_func ("/ui/explanations", test_explanations);
  return g_test_run ();
}
