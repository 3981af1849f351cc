/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-tap-probe.h"

#include <glib/gstdio.h>
#include <string.h>

#include "probe-fixture.h"

#define TOPIC "arn:aws:sns:eu-west-1:123456789012:orders"
#define TIME "2026-11-21T16:00:00.500Z"
/* The same in seconds since 1970. */
#define SECONDS 1795276800.5

typedef struct {
  ProbeFixture    probe;
  char           *folder;
  char           *path;
  MillTraceStore *store;
  guint           gone;
} Fixture;

static void
set_up (Fixture       *fixture,
        gconstpointer  data)
{
  probe_fixture_set_up (&fixture->probe, data);
  fixture->folder = g_dir_make_tmp ("millrace-tap-XXXXXX", NULL);
  fixture->path = g_build_filename (fixture->folder, "traces.db", NULL);
  fixture->store = mill_trace_store_new (fixture->path);
}

static void
tear_down (Fixture       *fixture,
           gconstpointer  data)
{
  static const char *const suffixes[] = { "", "-wal", "-shm" };

  probe_fixture_tear_down (&fixture->probe, data);
  g_object_unref (fixture->store);
  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
    {
      g_autofree char *path = g_strconcat (fixture->path, suffixes[i], NULL);

      g_remove (path);
    }
  g_rmdir (fixture->folder);
  g_free (fixture->folder);
  g_free (fixture->path);
}

static void
on_gone (Fixture *fixture)
{
  fixture->gone++;
}

/* A program that begins to read, with the store that it shares with others. */
static void
begin (Fixture *fixture,
       double   since)
{
  g_autofree char *url = g_strconcat (test_server_get_url (fixture->probe.client.server), "/123456789012/d-tap-Topic-1", NULL);

  probe_fixture_watch (&fixture->probe, mill_tap_probe_new (fixture->probe.client.client, "Topic", since, url, fixture->store, "d"));
  g_signal_connect_swapped (fixture->probe.probe, "gone", G_CALLBACK (on_gone), fixture);
}

/* @first to @last, as SNS puts them into the queue, and @more. */
static void
answer (Fixture    *fixture,
        guint       first,
        guint       last,
        const char *more)
{
  g_autoptr (GString) json = g_string_new ("{\"Messages\": [");

  for (guint i = first; i <= last; i++)
    g_string_append_printf (json, "%s{\"MessageId\": \"q%u\", \"ReceiptHandle\": \"r%u\", \"Body\": \"{\\\"Type\\\": \\\"Notification\\\", \\\"MessageId\\\": \\\"p%u\\\", "
                            "\\\"TopicArn\\\": \\\"" TOPIC "\\\", \\\"Message\\\": \\\"text %u\\\", \\\"Timestamp\\\": \\\"" TIME "\\\"}\"}", i > first ? ", " : "", i, i, i, i);
  g_string_append_printf (json, "%s]}", more);
  test_server_push_to (fixture->probe.client.server, "ReceiveMessage", 200, NULL, json->str);
}

static void
answer_deleted (Fixture *fixture)
{
  probe_fixture_answer (&fixture->probe, "DeleteMessageBatch", "{'Successful': [], 'Failed': []}");
}

static void
expect (Fixture *fixture,
        guint    first,
        guint    last)
{
  for (guint i = first; i <= last; i++)
    {
      g_autofree char *id = g_strdup_printf ("p%u", i);
      g_autofree char *text = g_strdup_printf ("text %u", i);

      probe_fixture_expect (&fixture->probe, "topic-tapped", "topicArn", TOPIC, "messageId", id, "message", text, NULL);
    }
  probe_fixture_expect_nothing (&fixture->probe);
}

static void
test_read (Fixture       *fixture,
           gconstpointer  data)
{
  g_autofree char *deleted = NULL;

  begin (fixture, SECONDS - 10);
  /* As long as there is more; what is no notification goes, too, and says nothing. */
  answer (fixture, 1, 10, "");
  answer (fixture, 11, 12, ", {\"ReceiptHandle\": \"r13\", \"Body\": \"[1]\"}, {\"ReceiptHandle\": \"r14\", \"Body\": \"{\\\"Type\\\": 7}\"}, {\"ReceiptHandle\": \"r15\"}");
  answer_deleted (fixture);
  answer_deleted (fixture);
  probe_fixture_poll_well (&fixture->probe);
  expect (fixture, 1, 12);
  g_assert_cmpuint (probe_fixture_count (&fixture->probe, "ReceiveMessage"), ==, 2);
  g_assert_cmpuint (probe_fixture_count (&fixture->probe, "DeleteMessageBatch"), ==, 2);
  deleted = probe_fixture_last (&fixture->probe, "DeleteMessageBatch");
  for (guint i = 11; i <= 15; i++)
    {
      g_autofree char *handle = g_strdup_printf ("\"r%u\"", i);

      g_assert_nonnull (strstr (deleted, handle));
    }
  /* What could not be deleted comes again, and is known. */
  answer (fixture, 1, 1, "");
  probe_fixture_fail (&fixture->probe, "DeleteMessageBatch", 400, "ThrottlingException");
  probe_fixture_poll (&fixture->probe);
  g_assert_error (fixture->probe.error, AWS_ERROR, AWS_ERROR_THROTTLED);
  answer (fixture, 1, 1, "");
  answer_deleted (fixture);
  probe_fixture_poll_well (&fixture->probe);
  probe_fixture_answer (&fixture->probe, "ReceiveMessage", "{}");
  probe_fixture_poll_well (&fixture->probe);
  probe_fixture_expect_nothing (&fixture->probe);
}

/* What one program took is told by another that reads the same tap, and by one that begins later what is not too old for it. */
static void
test_shared (Fixture       *fixture,
             gconstpointer  data)
{
  begin (fixture, SECONDS - 10);
  answer (fixture, 1, 3, "");
  answer_deleted (fixture);
  probe_fixture_poll_well (&fixture->probe);
  expect (fixture, 1, 3);
  begin (fixture, SECONDS - 10);
  answer (fixture, 4, 4, "");
  answer_deleted (fixture);
  probe_fixture_poll_well (&fixture->probe);
  expect (fixture, 1, 4);
  begin (fixture, SECONDS + 100);
  probe_fixture_answer (&fixture->probe, "ReceiveMessage", "{'Messages': []}");
  probe_fixture_poll_well (&fixture->probe);
  probe_fixture_expect_nothing (&fixture->probe);
}

/* What cannot be kept is not deleted: it comes back. */
static void
test_not_kept (Fixture       *fixture,
               gconstpointer  data)
{
  g_mkdir (fixture->path, 0700);
  begin (fixture, SECONDS - 10);
  answer (fixture, 1, 2, "");
  probe_fixture_poll (&fixture->probe);
  g_assert_error (fixture->probe.error, G_IO_ERROR, G_IO_ERROR_FAILED);
  g_assert_cmpuint (probe_fixture_count (&fixture->probe, "DeleteMessageBatch"), ==, 0);
  g_rmdir (fixture->path);
  answer (fixture, 1, 2, "");
  answer_deleted (fixture);
  probe_fixture_poll_well (&fixture->probe);
  expect (fixture, 1, 2);
}

/* Another program may have taken it away: the first time that is no trouble. */
static void
test_gone (Fixture       *fixture,
           gconstpointer  data)
{
  begin (fixture, SECONDS - 10);
  probe_fixture_fail (&fixture->probe, "ReceiveMessage", 400, "QueueDoesNotExist");
  probe_fixture_poll_well (&fixture->probe);
  g_assert_cmpuint (fixture->gone, ==, 1);
  probe_fixture_fail (&fixture->probe, "ReceiveMessage", 400, "QueueDoesNotExist");
  probe_fixture_poll (&fixture->probe);
  g_assert_error (fixture->probe.error, AWS_ERROR, AWS_ERROR_CLIENT);
  g_assert_cmpuint (fixture->gone, ==, 1);
  probe_fixture_expect_nothing (&fixture->probe);
}

int
main (int   argc,
      char *argv[])
{
  probe_fixture_init (&argc, &argv);
#define ADD(name, func) g_test_add ("/tap-probe/" name, Fixture, NULL, set_up, func, tear_down)
  ADD ("read", test_read);
  ADD ("shared", test_shared);
  ADD ("not-kept", test_not_kept);
  ADD ("gone", test_gone);
  return g_test_run ();
}
