/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-timeline.h"

#include "mill-trace-private.h"

static MillHop *
add_hop (MillTrace     *trace,
         MillHop       *previous,
         const char    *kind,
         double         arrived,
         double         left,
         MillHopStatus  status)
{
  MillHop *hop = mill_hop_new (kind, kind, "id", arrived);

  hop->left = left;
  hop->status = status;
  mill_trace_add_hop (trace, hop, previous);
  mill_trace_changed (trace, hop);
  return hop;
}

/* Through a queue (100 to 101) and a function that fails (101 to 102), then succeeds (132 to 133), into a table. */
static MillTrace *
make_trace (void)
{
  MillTrace *trace = mill_trace_new ("one");
  MillHop *queue = add_hop (trace, NULL, "queue", 100, 0, MILL_HOP_UNDER_WAY);
  MillHop *function = add_hop (trace, queue, "function", 101, 0, MILL_HOP_UNDER_WAY);
  const MillVisit at_queue[] = { { 100, 101, MILL_HOP_OK, 0 }, { 131, 132, MILL_HOP_OK, 1 } };
  const MillVisit at_function[] = { { 101, 102, MILL_HOP_RETRYING, 7 }, { 132, 133, MILL_HOP_OK, 8 } };

  mill_hop_set_visits (queue, at_queue, 2);
  mill_hop_settle (queue);
  mill_hop_set_visits (function, at_function, 2);
  function->attempts = 2;
  mill_hop_settle (function);
  add_hop (trace, function, "table", 132.5, 132.6, MILL_HOP_OK);
  mill_trace_changed (trace, function);
  return trace;
}

static GListStore *
make_list (MillTrace *trace)
{
  GListStore *list = g_list_store_new (MILL_TYPE_TRACE);

  g_list_store_append (list, trace);
  return list;
}

static guint
find_place (MillTimeline *timeline,
            const char   *name)
{
  for (guint i = 0; i < mill_timeline_get_n_places (timeline); i++)
    if (g_str_equal (mill_timeline_get_place (timeline, i, NULL, NULL, NULL), name))
      return i;
  g_assert_not_reached ();
}

static MillActivity
look (MillTimeline *timeline,
      const char   *name,
      double        moment)
{
  MillActivity activity = { 0 };

  mill_timeline_add_activity (timeline, find_place (timeline, name), moment, &activity);
  return activity;
}

static void
test_states (void)
{
  g_autoptr (MillTrace) trace = make_trace ();
  g_autoptr (MillHop) function = g_list_model_get_item (G_LIST_MODEL (trace), 1);
  MillHopThen then;
  gboolean begun;

  mill_timeline_look_at_trace (trace, 99, &begun);
  g_assert_false (begun);
  g_assert_cmpint (mill_timeline_look_at_trace (trace, 100.5, &begun), ==, MILL_TRACE_UNDER_WAY);
  g_assert_true (begun);
  g_assert_cmpint (mill_timeline_look_at_trace (trace, 110, NULL), ==, MILL_TRACE_UNDER_WAY);
  g_assert_cmpint (mill_timeline_look_at_trace (trace, 134, NULL), ==, MILL_TRACE_DELIVERED);
  g_assert_cmpint (mill_timeline_look_at_trace (trace, 0, NULL), ==, MILL_TRACE_DELIVERED);

  g_assert_false (mill_timeline_look_at_hop (function, 100.5, &then));
  g_assert_true (mill_timeline_look_at_hop (function, 101.5, &then));
  g_assert_cmpint (then.status, ==, MILL_HOP_UNDER_WAY);
  g_assert_cmpuint (then.attempts, ==, 1);
  g_assert_cmpfloat (then.left, ==, 0);
  g_assert_true (mill_timeline_look_at_hop (function, 110, &then));
  g_assert_cmpfloat (then.left, ==, 102);
  g_assert_cmpint (then.status, ==, MILL_HOP_RETRYING);
  g_assert_true (mill_timeline_look_at_hop (function, 133, &then));
  g_assert_cmpint (then.status, ==, MILL_HOP_OK);
  g_assert_cmpuint (then.attempts, ==, 2);
}

static void
test_failed (void)
{
  g_autoptr (MillTrace) trace = mill_trace_new ("bad");
  MillHop *gateway = add_hop (trace, NULL, "gateway", 10, 12, MILL_HOP_FAILED);

  g_assert_nonnull (gateway);
  g_assert_cmpint (mill_timeline_look_at_trace (trace, 11, NULL), ==, MILL_TRACE_UNDER_WAY);
  g_assert_cmpint (mill_timeline_look_at_trace (trace, 12, NULL), ==, MILL_TRACE_FAILED);
}

static void
test_counts (void)
{
  g_autoptr (MillTrace) trace = make_trace ();
  g_autoptr (MillHop) function = g_list_model_get_item (G_LIST_MODEL (trace), 1);
  g_autoptr (GListStore) list = make_list (trace);
  g_autoptr (MillTimeline) timeline = mill_timeline_new (G_LIST_MODEL (list));

  g_assert_cmpuint (look (timeline, "queue", 100.5).waiting, ==, 1);
  g_assert_cmpuint (look (timeline, "queue", 110).waiting, ==, 0);
  g_assert_cmpuint (look (timeline, "queue", 131.5).waiting, ==, 1);
  g_assert_cmpuint (look (timeline, "queue", 131.5).messages, ==, 1);
  g_assert_cmpuint (look (timeline, "function", 0).messages, ==, 2);
  g_assert_cmpuint (look (timeline, "function", 101.5).arrived, ==, 1);
  g_assert_cmpuint (look (timeline, "function", 0).arrived, ==, 2);
  g_assert_cmpuint (look (timeline, "function", 101.5).errors, ==, 0);
  g_assert_cmpuint (look (timeline, "function", 110).errors, ==, 1);
  g_assert_true (look (timeline, "function", 110).failed == function);
  g_assert_cmpfloat (look (timeline, "function", 110).failed_at, ==, 102);
  /* Forgotten after a minute. */
  g_assert_null (look (timeline, "function", 170).failed);
  g_assert_cmpuint (look (timeline, "table", 0).parts[MILL_ACTIVITY_PARTS - 1], ==, 1);
  g_assert_cmpuint (look (timeline, "table", 110).arrived, ==, 0);
}

/* From hop to hop, forwards and backwards; the quiet half minute is short on the line. */
static void
test_line (void)
{
  static const double moments[] = { 100, 101, 102, 131, 132, 132.5, 132.6, 133 };
  g_autoptr (MillTrace) trace = make_trace ();
  g_autoptr (GListStore) list = make_list (trace);
  g_autoptr (MillTimeline) timeline = mill_timeline_new (G_LIST_MODEL (list));
  double at = 0;
  guint all[4], failed[4];

  g_assert_cmpfloat (mill_timeline_get_start (timeline), ==, 100);
  g_assert_cmpfloat (mill_timeline_get_end (timeline), ==, 133);
  for (guint i = G_N_ELEMENTS (moments); i > 0; i--)
    {
      at = mill_timeline_get_previous (timeline, at);
      g_assert_cmpfloat (at, ==, moments[i - 1]);
    }
  g_assert_cmpfloat (mill_timeline_get_previous (timeline, at), ==, 0);
  for (guint i = 1; i < G_N_ELEMENTS (moments); i++)
    {
      at = mill_timeline_get_next (timeline, at);
      g_assert_cmpfloat (at, ==, moments[i]);
    }
  g_assert_cmpfloat (mill_timeline_get_next (timeline, at), ==, 0);
  g_assert_cmpfloat_with_epsilon (mill_timeline_get_length (timeline), 2 + MILL_TIMELINE_QUIET + 2, 1e-6);
  g_assert_cmpfloat_with_epsilon (mill_timeline_to_position (timeline, 102 + 29 / 2.0), 2 + MILL_TIMELINE_QUIET / 2, 1e-6);
  for (double moment = 100; moment < 133; moment += 0.7)
    g_assert_cmpfloat_with_epsilon (mill_timeline_from_position (timeline, mill_timeline_to_position (timeline, moment)), moment, 1e-6);
  mill_timeline_count (timeline, 4, all, failed);
  g_assert_cmpuint (all[0] + all[1] + all[2] + all[3], ==, G_N_ELEMENTS (moments));
  g_assert_cmpuint (failed[0] + failed[1] + failed[2] + failed[3], ==, 1);
}

static void
test_play (void)
{
  g_autoptr (MillTrace) trace = make_trace ();
  g_autoptr (GListStore) list = make_list (trace);
  g_autoptr (GListStore) empty = g_list_store_new (MILL_TYPE_TRACE);
  g_autoptr (MillTimeline) timeline = mill_timeline_new (G_LIST_MODEL (list));
  g_autoptr (MillTimeline) nothing = mill_timeline_new (G_LIST_MODEL (empty));

  g_assert_true (mill_timeline_is_live (timeline));
  mill_timeline_set_playing (timeline, TRUE);
  g_assert_cmpfloat (mill_timeline_get_moment (timeline), ==, 100);
  mill_timeline_advance (timeline, 1.5);
  g_assert_cmpfloat_with_epsilon (mill_timeline_get_moment (timeline), 101.5, 1e-6);
  mill_timeline_set_speed (timeline, 4);
  mill_timeline_advance (timeline, 0.1);
  g_assert_cmpfloat_with_epsilon (mill_timeline_get_moment (timeline), 101.9, 1e-6);
  mill_timeline_set_speed (timeline, 0.5);
  mill_timeline_advance (timeline, 100);
  g_assert_true (mill_timeline_is_live (timeline));
  g_assert_false (mill_timeline_get_playing (timeline));
  mill_timeline_set_moment (timeline, 5);
  g_assert_cmpfloat (mill_timeline_get_moment (timeline), ==, 100);
  mill_timeline_set_moment (timeline, 1e12);
  g_assert_cmpfloat (mill_timeline_get_moment (timeline), ==, 133);

  mill_timeline_set_playing (nothing, TRUE);
  g_assert_false (mill_timeline_get_playing (nothing));
  mill_timeline_set_moment (nothing, 5);
  g_assert_true (mill_timeline_is_live (nothing));
}

/* Whatever order facts come in, counting as they come equals counting at the end. */
static void
test_any_order (void)
{
  g_autoptr (GListStore) list = g_list_store_new (MILL_TYPE_TRACE);
  g_autoptr (MillTimeline) timeline = mill_timeline_new (G_LIST_MODEL (list));
  g_autoptr (GPtrArray) hops = g_ptr_array_new ();
  g_autoptr (MillTimeline) fresh = NULL;

  for (guint i = 0; i < 2000; i++)
    {
      double now = 1000 + i * 0.05 + g_test_rand_double ();
      MillHop *hop;

      if (i < 10 || g_test_rand_bit ())
        {
          g_autoptr (MillTrace) trace = mill_trace_new ("t");

          hop = add_hop (trace, NULL, i % 3 != 0 ? "function" : "queue", now, 0, MILL_HOP_UNDER_WAY);
          g_ptr_array_add (hops, hop);
          g_list_store_append (list, trace);
        }
      else
        {
          hop = hops->pdata[g_test_rand_int_range (0, hops->len)];
          if (g_str_equal (hop->kind, "function"))
            {
              MillVisit *visit = mill_hop_visit (hop, g_test_rand_int_range (0, 4), now);

              if (g_test_rand_bit ())
                {
                  visit->left = now + 0.5;
                  visit->status = g_test_rand_bit () ? MILL_HOP_RETRYING : MILL_HOP_OK;
                }
              mill_hop_settle (hop);
            }
          else
            {
              hop->left = g_test_rand_bit () ? now : 0;
              hop->status = hop->left > 0 ? MILL_HOP_OK : MILL_HOP_RETRYING;
            }
        }
      mill_timeline_update (timeline, hop);
      if (i == 1500)
        {
          g_list_store_splice (list, 0, 100, NULL, 0);
          g_list_store_splice (list, 20, 30, NULL, 0);
          g_list_store_remove (list, 7);
        }
      while (i == 1500 && hops->len > 0)
        g_ptr_array_remove_index (hops, 0);
      if (i == 1500)
        for (guint j = 0; j < g_list_model_get_n_items (G_LIST_MODEL (list)); j++)
          {
            g_autoptr (GListModel) trace = g_list_model_get_item (G_LIST_MODEL (list), j);
            g_autoptr (MillHop) kept = g_list_model_get_item (trace, 0);
            g_ptr_array_add (hops, kept);
          }
    }
  fresh = mill_timeline_new (G_LIST_MODEL (list));
  for (double moment = 1000; moment < 1110; moment += 1.3)
    for (guint i = 0; i < 2; i++)
      {
        const char *name = i == 0 ? "function" : "queue";
        MillActivity a = look (timeline, name, moment), b = look (fresh, name, moment);

        g_assert_cmpuint (a.arrived, ==, b.arrived);
        g_assert_cmpuint (a.messages, ==, b.messages);
        g_assert_cmpuint (a.waiting, ==, b.waiting);
        g_assert_cmpuint (a.errors, ==, b.errors);
        g_assert_cmpmem (a.parts, sizeof a.parts, b.parts, sizeof b.parts);
      }
}

/* What goes because there is too much of it is counted no more, and all else as before. */
static void
test_oldest_go (void)
{
  g_autoptr (GListStore) list = g_list_store_new (MILL_TYPE_TRACE);
  g_autoptr (MillTimeline) timeline = mill_timeline_new (G_LIST_MODEL (list));

  for (guint i = 0; i < 100; i++)
    {
      g_autoptr (MillTrace) trace = mill_trace_new ("t");

      add_hop (trace, NULL, "gateway", 10 + i, 10.5 + i, i % 2 == 0 ? MILL_HOP_FAILED : MILL_HOP_OK);
      g_list_store_append (list, trace);
    }
  g_assert_cmpuint (look (timeline, "gateway", 0).arrived, ==, 100);
  for (guint i = 0; i < 5; i++)
    g_list_store_remove (list, 0);
  g_assert_cmpuint (look (timeline, "gateway", 0).arrived, ==, 95);
  g_assert_cmpfloat (mill_timeline_get_start (timeline), ==, 15);
  g_assert_cmpfloat (mill_timeline_to_position (timeline, 16), ==, 1);
  g_assert_null (look (timeline, "gateway", 15.7).failed);
  g_assert_cmpstr (mill_hop_get_kind (look (timeline, "gateway", 17).failed), ==, "gateway");
  for (guint i = 0; i < 15; i++)
    {
      g_autoptr (MillTrace) trace = mill_trace_new ("t");

      add_hop (trace, NULL, "gateway", 200 + i, 201 + i, MILL_HOP_OK);
      g_list_store_append (list, trace);
      g_list_store_remove (list, 0);
    }
  g_assert_cmpuint (look (timeline, "gateway", 0).arrived, ==, 95);
  g_list_store_splice (list, 0, 90, NULL, 0);
  g_assert_cmpuint (look (timeline, "gateway", 0).arrived, ==, 5);
  g_assert_cmpfloat (mill_timeline_get_start (timeline), ==, 210);
  {
    g_autoptr (MillTrace) trace = g_list_model_get_item (G_LIST_MODEL (list), 0);

    mill_trace_set_dropped (trace);
    g_list_store_remove (list, 0);
  }
  /* There were too many: it was done, but no moment knows of it. */
  g_assert_cmpuint (look (timeline, "gateway", 0).arrived, ==, 5);
  g_assert_cmpuint (look (timeline, "gateway", 0).messages, ==, 5);
  g_assert_cmpuint (look (timeline, "gateway", 300).arrived, ==, 4);
  g_list_store_remove_all (list);
  g_assert_cmpfloat (mill_timeline_get_end (timeline), ==, 0);
  g_assert_cmpuint (look (timeline, "gateway", 0).arrived, ==, 1);
}

/* Everything that is counted of "function" is counted where it came from something, or where it did not; its run is counted once. */
static void
check_came (MillTimeline *timeline,
            gboolean      came)
{
  guint64 runs = 0;

  for (guint i = 0; i < mill_timeline_get_n_places (timeline); i++)
    {
      const char *from = NULL;
      MillActivity activity = { 0 };
      gboolean here;

      if (!g_str_equal (mill_timeline_get_place (timeline, i, NULL, &from, NULL), "function"))
        continue;
      here = came == (from != NULL);
      mill_timeline_add_activity (timeline, i, 0, &activity);
      g_assert_cmpuint (activity.messages, ==, here ? 1 : 0);
      g_assert_cmpuint (activity.errors, ==, here ? 1 : 0);
      runs += activity.arrived;
    }
  g_assert_cmpuint (runs, ==, 1);
}

/* Two of one batch: one run, as long as one of them is there. What was seen to come from elsewhere later is counted there alone. */
static void
test_shared_times (void)
{
  g_autoptr (GListStore) list = g_list_store_new (MILL_TYPE_TRACE);
  g_autoptr (MillTimeline) timeline = mill_timeline_new (G_LIST_MODEL (list));
  g_autoptr (MillTrace) first = mill_trace_new ("1");
  g_autoptr (MillTrace) second = mill_trace_new ("2");
  g_autoptr (MillTrace) before = mill_trace_new ("3");
  g_autoptr (MillTrace) alone = NULL;
  MillHop *queue, *function;

  add_hop (first, NULL, "function", 10, 11, MILL_HOP_OK);
  add_hop (second, NULL, "function", 10, 11, MILL_HOP_FAILED);
  queue = add_hop (before, NULL, "queue", 9, 10, MILL_HOP_OK);
  g_list_store_append (list, first);
  g_list_store_append (list, second);
  g_list_store_append (list, before);
  g_assert_cmpuint (look (timeline, "function", 0).messages, ==, 2);
  g_assert_cmpuint (look (timeline, "function", 0).arrived, ==, 1);
  g_list_store_remove (list, 0);
  g_assert_cmpuint (look (timeline, "function", 0).messages, ==, 1);
  g_assert_cmpuint (look (timeline, "function", 0).arrived, ==, 1);
  g_assert_cmpuint (look (timeline, "function", 0).errors, ==, 1);
  g_assert_cmpfloat (mill_timeline_get_next (timeline, 10), ==, 11);

  g_list_store_remove (list, 0);
  mill_trace_absorb (before, second, queue);
  mill_timeline_update (timeline, mill_trace_get_hops (before)->pdata[1]);
  check_came (timeline, TRUE);

  function = mill_trace_get_hops (before)->pdata[1];
  alone = mill_trace_split (before, function);
  mill_timeline_update (timeline, function);
  check_came (timeline, FALSE);
  g_assert_cmpfloat (mill_timeline_get_end (timeline), ==, 11);
}

/* Two of one batch that go one after the other, with a third that comes late: one run. */
static void
test_dropped_batch (void)
{
  g_autoptr (GListStore) list = g_list_store_new (MILL_TYPE_TRACE);
  g_autoptr (MillTimeline) timeline = mill_timeline_new (G_LIST_MODEL (list));

  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (MillTrace) trace = mill_trace_new ("t");

      add_hop (trace, NULL, "function", 10, 11, MILL_HOP_OK);
      mill_trace_set_dropped (trace);
      g_list_store_append (list, trace);
    }
  g_assert_cmpuint (look (timeline, "function", 0).arrived, ==, 1);
  for (guint i = 0; i < 2; i++)
    {
      g_list_store_remove (list, 0);
      g_assert_cmpuint (look (timeline, "function", 0).arrived, ==, 1);
      g_assert_cmpuint (look (timeline, "function", 0).messages, ==, 2);
    }
  for (guint i = 0; i < 2; i++)
    {
      g_autoptr (MillTrace) trace = mill_trace_new ("t");

      add_hop (trace, NULL, "function", i == 0 ? 10 : 20, 21, MILL_HOP_OK);
      mill_trace_set_dropped (trace);
      g_list_store_append (list, trace);
      g_assert_cmpuint (look (timeline, "function", 0).arrived, ==, 1 + i);
      g_list_store_remove (list, 0);
      g_assert_cmpuint (look (timeline, "function", 0).arrived, ==, 1 + i);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/timeline/states", test_states);
  g_test_add_func ("/timeline/failed", test_failed);
  g_test_add_func ("/timeline/counts", test_counts);
  g_test_add_func ("/timeline/line", test_line);
  g_test_add_func ("/timeline/play", test_play);
  g_test_add_func ("/timeline/any-order", test_any_order);
  g_test_add_func ("/timeline/oldest-go", test_oldest_go);
  g_test_add_func ("/timeline/shared-times", test_shared_times);
  g_test_add_func ("/timeline/dropped-batch", test_dropped_batch);
  return g_test_run ();
}
