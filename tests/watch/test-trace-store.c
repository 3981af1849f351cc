/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-trace-store.h"

#include <glib/gstdio.h>
#include <string.h>

#include "mill-trace-private.h"

typedef struct
{
  char           *folder;
  char           *path;
  MillTraceStore *store;
} Fixture;

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  g_autoptr (GError) error = NULL;

  fixture->folder = g_dir_make_tmp ("millrace-traces-XXXXXX", &error);
  g_assert_no_error (error);
  fixture->path = g_build_filename (fixture->folder, "below", "traces.db", NULL);
  fixture->store = mill_trace_store_new (fixture->path);
}

static void
remove_folder (const char *path)
{
  g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *below = g_build_filename (path, name, NULL);

      if (g_file_test (below, G_FILE_TEST_IS_DIR))
        remove_folder (below);
      else
        g_remove (below);
    }
  g_rmdir (path);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  g_clear_object (&fixture->store);
  remove_folder (fixture->folder);
  g_free (fixture->folder);
  g_free (fixture->path);
}

static void
reopen (Fixture *fixture)
{
  g_clear_object (&fixture->store);
  fixture->store = mill_trace_store_new (fixture->path);
}

static void
on_loaded (GObject      *source,
           GAsyncResult *result,
           gpointer      data)
{
  *(GAsyncResult **) data = g_object_ref (result);
}

static GPtrArray *
load (Fixture     *fixture,
      const char  *deployment,
      GError     **error)
{
  g_autoptr (GAsyncResult) result = NULL;

  mill_trace_store_load_async (fixture->store, deployment, NULL, on_loaded, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  return mill_trace_store_load_finish (fixture->store, result, error);
}

/* A trace of a queue and two functions, the second of which failed and was tried twice. */
static MillTrace *
make_trace (const char *id,
            double      started)
{
  MillTrace *trace = mill_trace_new (id);
  MillHop *queue = mill_hop_new ("queue", "Queue", id, started);
  MillHop *first = mill_hop_new ("function", "First", id, started + 1);
  MillHop *second = mill_hop_new ("function", "Second", id, started + 1);
  MillLog *log = mill_log_new ();
  MillVisit *visit;

  second->attempts = 2;
  queue->left = started + 1;
  queue->status = MILL_HOP_OK;
  mill_hop_set_payload (queue, "{\"item\":\"latex gloves\"}");
  mill_trace_add_hop (trace, queue, NULL);
  first->left = started + 2;
  first->status = MILL_HOP_OK;
  first->inferred = TRUE;
  mill_trace_add_hop (trace, first, queue);
  visit = mill_hop_visit (second, 1, started + 1);
  visit->left = started + 3;
  visit->status = MILL_HOP_RETRYING;
  visit = mill_hop_visit (second, 2, started + 30);
  visit->left = started + 31;
  visit->status = MILL_HOP_FAILED;
  mill_hop_settle (second);
  mill_hop_set_error (second, "It broke.", "Mend it.");
  mill_hop_set_log (second, log);
  mill_log_append (log, "a line", NULL);
  mill_log_unref (log);
  mill_trace_add_hop (trace, second, queue);
  mill_trace_changed (trace, second);
  return trace;
}

static void
test_round_trip (Fixture       *fixture,
                 gconstpointer  data)
{
  g_autoptr (MillTrace) trace = make_trace ("m1", 1000);
  g_autoptr (MillTrace) foreign = make_trace ("m2", 1000);
  g_autoptr (GPtrArray) traces = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (MillHop) queue = NULL, second = NULL, first = NULL;
  MillHopStatus status;
  gboolean here;
  guint n;

  mill_trace_store_note (fixture->store, "d1", trace);
  mill_trace_store_note (fixture->store, "d2", foreign);
  reopen (fixture);
  traces = load (fixture, "d1", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (traces->len, ==, 1);
  g_assert_cmpstr (mill_trace_get_id (traces->pdata[0]), ==, "m1");
  g_assert_cmpint (mill_trace_get_state (traces->pdata[0]), ==, MILL_TRACE_FAILED);
  g_assert_cmpfloat (mill_trace_get_started (traces->pdata[0]), ==, 1000);
  g_assert_cmpfloat (mill_trace_get_ended (traces->pdata[0]), ==, 1031);
  g_assert_cmpuint (g_list_model_get_n_items (traces->pdata[0]), ==, 3);
  queue = g_list_model_get_item (traces->pdata[0], 0);
  first = g_list_model_get_item (traces->pdata[0], 1);
  second = g_list_model_get_item (traces->pdata[0], 2);
  g_assert_cmpstr (mill_hop_get_payload (queue), ==, "{\"item\":\"latex gloves\"}");
  g_assert_null (mill_hop_get_previous (queue));
  g_assert_true (mill_hop_get_previous (first) == queue);
  g_assert_true (mill_hop_get_previous (second) == queue);
  g_assert_true (mill_hop_get_inferred (first));
  g_assert_false (mill_hop_get_inferred (second));
  g_assert_cmpstr (mill_hop_get_component (second), ==, "Second");
  g_assert_cmpstr (mill_hop_get_error (second), ==, "It broke.");
  g_assert_cmpstr (mill_hop_get_advice (second), ==, "Mend it.");
  g_assert_cmpstr (mill_hop_get_log (second), ==, "a line\n");
  g_assert_cmpuint (mill_hop_get_attempts (second), ==, 2);

  /* Every moment of the past can be had again. */
  mill_hop_get_visits (second, &n);
  g_assert_cmpuint (n, ==, 2);
  g_assert_false (mill_hop_look_back (second, 1000.5, &status, &here));
  g_assert_true (mill_hop_look_back (second, 1002, &status, &here));
  g_assert_true (here);
  g_assert_cmpint (status, ==, MILL_HOP_UNDER_WAY);
  g_assert_true (mill_hop_look_back (second, 1010, &status, &here));
  g_assert_false (here);
  g_assert_cmpint (status, ==, MILL_HOP_RETRYING);
  g_assert_true (mill_hop_look_back (second, 1030.5, &status, &here));
  g_assert_true (here);
  g_assert_true (mill_hop_look_back (second, 2000, &status, &here));
  g_assert_cmpint (status, ==, MILL_HOP_FAILED);
  g_assert_true (mill_hop_look_back (queue, 1000.5, &status, &here));
  g_assert_true (here);
  g_assert_true (mill_hop_look_back (queue, 1001.5, &status, &here));
  g_assert_false (here);
}

/* What is noted again replaces what was there, with fewer hops too. */
static void
test_changed (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr (MillTrace) before = make_trace ("m1", 1000);
  g_autoptr (MillTrace) after = mill_trace_new ("m1");
  g_autoptr (GPtrArray) traces = NULL;
  g_autoptr (GError) error = NULL;

  mill_trace_store_note (fixture->store, "d1", before);
  g_assert_true (mill_trace_store_flush (fixture->store, &error));
  mill_trace_add_hop (after, mill_hop_new ("queue", "Queue", "m1", 1000), NULL);
  mill_trace_store_note (fixture->store, "d1", after);
  traces = load (fixture, "d1", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (traces->len, ==, 1);
  g_assert_cmpuint (g_list_model_get_n_items (traces->pdata[0]), ==, 1);
}

/* A trace that was joined to another is no trace any more; what is split from that again may have its id. */
static void
test_joined (Fixture       *fixture,
             gconstpointer  data)
{
  g_autoptr (MillTrace) sent = make_trace ("m1", 1000);
  g_autoptr (MillTrace) orphan = make_trace ("m2", 1002);
  g_autoptr (MillTrace) split = NULL;
  g_autoptr (GError) error = NULL;
  static const struct { guint traces, hops; } steps[] = { { 2, 3 }, { 1, 6 }, { 2, 3 } };

  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      g_autoptr (GPtrArray) traces = NULL;
      MillHop *last = mill_trace_get_hops (sent)->pdata[2];

      if (i == 1)
        mill_trace_absorb (sent, orphan, last);
      else if (i == 2)
        {
          split = mill_trace_split (sent, mill_trace_get_hops (sent)->pdata[3]);
          mill_trace_store_note (fixture->store, "d1", split);
        }
      mill_trace_store_note (fixture->store, "d1", sent);
      mill_trace_store_note (fixture->store, "d1", orphan);
      g_assert_true (mill_trace_store_flush (fixture->store, &error));
      traces = load (fixture, "d1", &error);
      g_assert_no_error (error);
      g_assert_cmpuint (traces->len, ==, steps[i].traces);
      g_assert_cmpstr (mill_trace_get_id (traces->pdata[0]), ==, "m1");
      g_assert_cmpuint (g_list_model_get_n_items (traces->pdata[0]), ==, steps[i].hops);
      if (steps[i].traces > 1)
        g_assert_cmpstr (mill_trace_get_id (traces->pdata[1]), ==, "m2");
    }
}

static void
test_bounded (Fixture       *fixture,
              gconstpointer  data)
{
  g_autoptr (GPtrArray) traces = NULL;
  g_autoptr (GPtrArray) others = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *long_payload = g_malloc0 (2 * MILL_TRACE_STORE_MOST_PAYLOAD);
  g_autoptr (MillHop) hop = NULL;

  /* Characters of three bytes, so that the bound is in the middle of one. */
  for (gsize i = 0; i + 4 < 2 * MILL_TRACE_STORE_MOST_PAYLOAD; i += 3)
    memcpy (long_payload + i, "€", 3);
  for (guint i = 0; i < MILL_TRACE_STORE_MOST + 100; i++)
    {
      g_autofree char *id = g_strdup_printf ("m%u", i);
      g_autoptr (MillTrace) trace = mill_trace_new (id);

      mill_trace_add_hop (trace, mill_hop_new ("queue", "Queue", id, 1000 + i), NULL);
      if (i == MILL_TRACE_STORE_MOST + 99)
        mill_hop_set_payload (mill_trace_get_hops (trace)->pdata[0], long_payload);
      mill_trace_store_note (fixture->store, "d1", trace);
      if (i == 0)
        mill_trace_store_note (fixture->store, "d2", trace);
    }
  g_assert_true (mill_trace_store_flush (fixture->store, &error));
  traces = load (fixture, "d1", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (traces->len, ==, MILL_TRACE_STORE_MOST);
  g_assert_cmpstr (mill_trace_get_id (traces->pdata[0]), ==, "m100");
  hop = g_list_model_get_item (traces->pdata[MILL_TRACE_STORE_MOST - 1], 0);
  g_assert_cmpuint (strlen (mill_hop_get_payload (hop)), <=, MILL_TRACE_STORE_MOST_PAYLOAD);
  g_assert_cmpuint (strlen (mill_hop_get_payload (hop)), >, MILL_TRACE_STORE_MOST_PAYLOAD - 3);
  g_assert_true (g_utf8_validate (mill_hop_get_payload (hop), -1, NULL));
  mill_trace_store_forget (fixture->store, "d1");
  others = load (fixture, "d1", &error);
  g_assert_no_error (error);
  g_assert_cmpuint (others->len, ==, 0);
}

/* What is answered when @message is kept, "" for none: the messages after the one with the id @after. */
static char *
tap (MillTraceStore *store,
     const char     *message,
     gint64          after)
{
  g_autoptr (GPtrArray) messages = g_ptr_array_new_with_free_func (mill_tapped_free);
  g_autoptr (GAsyncResult) result = NULL;
  g_autoptr (GPtrArray) answer = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GString) text = g_string_new (NULL);

  if (*message != '\0')
    g_ptr_array_add (messages, mill_tapped_new (message, message));
  mill_trace_store_tap_async (store, "d1", g_steal_pointer (&messages), after, NULL, on_loaded, &result);
  while (result == NULL)
    g_main_context_iteration (NULL, TRUE);
  answer = mill_trace_store_tap_finish (store, result, &error);
  g_assert_no_error (error);
  for (guint i = 0; i < answer->len; i++)
    {
      MillTapped *each = answer->pdata[i];

      g_assert_cmpstr (each->message_id, ==, each->event);
      g_assert_cmpint (each->id, >, after);
      after = each->id;
      g_string_append (text, each->event);
    }
  return g_strdup (text->str);
}

/* Two programs that read one tap: each gets what the other took, once. */
static void
test_tapped (Fixture       *fixture,
             gconstpointer  data)
{
  g_autoptr (MillTraceStore) other = mill_trace_store_new (fixture->path);
  static const struct { gboolean other; const char *message; gint64 after; const char *answer; } steps[] = {
    { FALSE, "", 0, "" }, { FALSE, "a", 0, "a" }, { TRUE, "b", 0, "ab" }, { FALSE, "", 1, "b" }, { TRUE, "a", 2, "" }, { FALSE, "c", 2, "c" }, { TRUE, "", 2, "c" },
  };
  g_autofree char *forgotten = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      g_autofree char *answer = tap (steps[i].other ? other : fixture->store, steps[i].message, steps[i].after);

      g_assert_cmpstr (answer, ==, steps[i].answer);
    }
  mill_trace_store_forget (fixture->store, "d1");
  forgotten = tap (fixture->store, "", 0);
  g_assert_cmpstr (forgotten, ==, "");
}

static void
test_damaged (Fixture       *fixture,
              gconstpointer  data)
{
  g_autofree char *folder = g_path_get_dirname (fixture->path);
  g_autofree char *aside = g_strconcat (fixture->path, ".damaged", NULL);
  g_autoptr (MillTrace) trace = make_trace ("m1", 1000);
  g_autoptr (GPtrArray) traces = NULL;
  g_autoptr (GError) error = NULL;

  g_mkdir_with_parents (folder, 0700);
  g_assert_true (g_file_set_contents (fixture->path, "this is no database, and long enough for SQLite to look at it: "
                                      "0123456789012345678901234567890123456789", -1, NULL));
  mill_trace_store_note (fixture->store, "d1", trace);
  g_assert_true (mill_trace_store_flush (fixture->store, &error));
  g_assert_no_error (error);
  traces = load (fixture, "d1", &error);
  g_assert_cmpuint (traces->len, ==, 1);
  g_assert_true (g_file_test (aside, G_FILE_TEST_EXISTS));
}

static MillTrace *
make_sent (const char *id,
           const char *message,
           guint       functions)
{
  MillTrace *trace = mill_trace_new (id);
  MillHop *gateway = g_str_equal (id, message) ? NULL : mill_hop_new ("gateway", "Api", id, 1000);
  MillHop *queue = mill_hop_new ("queue", "Queue", message, 1001);

  if (gateway != NULL)
    mill_trace_add_hop (trace, gateway, NULL);
  mill_trace_add_hop (trace, queue, gateway);
  for (guint i = 0; i < functions; i++)
    {
      g_autofree char *function = g_strdup_printf ("Function%u", i);

      mill_trace_add_hop (trace, mill_hop_new ("function", function, message, 1002 + i), queue);
    }
  return trace;
}

/* Two programs watch, and one of them has sent the message: there is one trace of it, the sender's, and it knows what either has seen. */
static void
test_two_programs (Fixture       *fixture,
                   gconstpointer  data)
{
  g_autoptr (MillTraceStore) other = mill_trace_store_new (fixture->path);
  g_autoptr (GPtrArray) traces = NULL;
  g_autoptr (GError) error = NULL;
  static const struct { gboolean sent; guint functions; guint hops; } steps[] = {
    { FALSE, 1, 2 }, { TRUE, 0, 2 }, { TRUE, 1, 3 }, { FALSE, 2, 4 }, { FALSE, 0, 4 }, { TRUE, 3, 5 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
    {
      g_autoptr (MillTrace) trace = make_sent (steps[i].sent ? "request" : "message", "message", steps[i].functions);
      MillTraceStore *store = steps[i].sent ? fixture->store : other;
      g_autoptr (MillHop) last = NULL;

      mill_trace_store_note (store, "d1", trace);
      g_assert_true (mill_trace_store_flush (store, &error));
      g_assert_no_error (error);
      g_clear_pointer (&traces, g_ptr_array_unref);
      traces = load (fixture, "d1", &error);
      g_assert_no_error (error);
      g_assert_cmpuint (traces->len, ==, 1);
      g_assert_cmpstr (mill_trace_get_id (traces->pdata[0]), ==, i > 0 ? "request" : "message");
      g_assert_cmpuint (g_list_model_get_n_items (traces->pdata[0]), ==, steps[i].hops);
      last = g_list_model_get_item (traces->pdata[0], steps[i].hops - 1);
      g_assert_cmpstr (mill_hop_get_kind (last), ==, i == 1 ? "queue" : "function");
      g_assert_true (i == 1 || g_str_equal (mill_hop_get_kind (mill_hop_get_previous (last)), "queue"));
    }
}

/* A folder that cannot be written to is told of, and nothing hangs. */
static void
test_unwritable (Fixture       *fixture,
                 gconstpointer  data)
{
  g_autofree char *folder = g_path_get_dirname (fixture->path);
  g_autoptr (MillTrace) trace = make_trace ("m1", 1000);
  g_autoptr (GPtrArray) traces = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_true (g_file_set_contents (folder, "a file stands where the folder should be", -1, NULL));
  mill_trace_store_note (fixture->store, "d1", trace);
  g_assert_false (mill_trace_store_flush (fixture->store, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_FAILED);
  g_clear_error (&error);
  traces = load (fixture, "d1", &error);
  g_assert_null (traces);
  g_assert_nonnull (strstr (error->message, fixture->path));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func) g_test_add ("/trace-store/" name, Fixture, NULL, set_up, func, tear_down)
  ADD ("round-trip", test_round_trip);
  ADD ("changed", test_changed);
  ADD ("joined", test_joined);
  ADD ("bounded", test_bounded);
  ADD ("tapped", test_tapped);
  ADD ("two-programs", test_two_programs);
  ADD ("damaged", test_damaged);
  ADD ("unwritable", test_unwritable);
  return g_test_run ();
}
