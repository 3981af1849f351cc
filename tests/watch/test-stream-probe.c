/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-stream-probe.h"

#include <string.h>

#include "probe-fixture.h"

#define TABLE "arn:aws:dynamodb:eu-west-1:123456789012:table/Orders"
#define STREAM TABLE "/stream/2026-01-01T00:00:00.000"
#define OTHER TABLE "/stream/2026-02-02T00:00:00.000"

#define SHARD(id) "{'ShardId': '" id "', 'SequenceNumberRange': {'StartingSequenceNumber': '1'}}"
#define CLOSED(id) "{'ShardId': '" id "', 'SequenceNumberRange': {'StartingSequenceNumber': '1', 'EndingSequenceNumber': '9'}}"
#define CHILD(id, parent) "{'ShardId': '" id "', 'ParentShardId': '" parent "', 'SequenceNumberRange': {'StartingSequenceNumber': '10'}}"
#define STREAM_OF(shards) "{'StreamDescription': {'Shards': [" shards "]}}"
#define ITERATOR(name) "{'ShardIterator': '" name "'}"

/* A watch from now on. */
static void
begin (ProbeFixture *fixture)
{
  double now = g_get_real_time () / (double) G_USEC_PER_SEC;

  probe_fixture_watch (fixture, mill_stream_probe_new (fixture->client.client, "Orders", now, TABLE, STREAM));
}

/* One that knows the shard s1 and has the iterator i1 for it. */
static void
begin_reading (ProbeFixture *fixture)
{
  begin (fixture);
  probe_fixture_answer (fixture, "DescribeStream", STREAM_OF (SHARD ("s1")));
  probe_fixture_answer (fixture, "GetShardIterator", ITERATOR ("i1"));
  probe_fixture_answer (fixture, "GetRecords", "{'Records': [], 'NextShardIterator': 'i1'}");
  probe_fixture_poll_well (fixture);
  probe_fixture_expect_nothing (fixture);
}

/* The records @first to @last, written @ago seconds ago. */
static void
answer_records (ProbeFixture *fixture,
                int           first,
                int           last,
                int           ago,
                const char   *next)
{
  g_autoptr (GString) json = g_string_new ("{'Records': [");

  for (int i = first; i <= last; i++)
    g_string_append_printf (json, "%s{'eventID': 'e%d', 'eventName': 'INSERT', 'dynamodb': {'ApproximateCreationDateTime': %" G_GINT64_FORMAT ", "
                            "'SequenceNumber': '%d', 'Keys': {'id': {'S': 'o%d'}}, 'NewImage': {'id': {'S': 'o%d'}}}}", i > first ? ", " : "", i,
                            g_get_real_time () / G_USEC_PER_SEC - ago, 100 + i, i, i);
  g_string_append (json, "]");
  if (next != NULL)
    g_string_append_printf (json, ", 'NextShardIterator': '%s'", next);
  g_string_append (json, "}");
  probe_fixture_answer (fixture, "GetRecords", json->str);
}

static void
expect_records (ProbeFixture *fixture,
                int           first,
                int           last)
{
  for (int i = first; i <= last; i++)
    {
      g_autofree char *id = g_strdup_printf ("e%d", i);
      g_autofree char *key = g_strdup_printf ("o%d", i);

      probe_fixture_expect (fixture, "table-written", "eventID", id, "keys.id.S", key, "newImage.id.S", key, "tableArn", TABLE, "eventName", "INSERT", NULL);
    }
}

static void
expect_last (ProbeFixture *fixture,
             const char   *operation,
             const char   *part)
{
  g_autofree char *request = probe_fixture_last (fixture, operation);
  g_autofree char *quoted = probe_fixture_quote (part);

  g_assert_nonnull (request);
  if (strstr (request, quoted) == NULL)
    g_error ("%s is not in %s", quoted, request);
}

static void
test_records (ProbeFixture  *fixture,
              gconstpointer  data)
{
  begin_reading (fixture);
  expect_last (fixture, "GetShardIterator", "'ShardIteratorType':'LATEST'");
  /* There may be more behind a page that has records, in the same poll. */
  answer_records (fixture, 1, 3, 0, "i2");
  answer_records (fixture, 4, 4, 0, "i3");
  answer_records (fixture, 5, 4, 0, "i4");
  probe_fixture_poll_well (fixture);
  expect_records (fixture, 1, 4);
  probe_fixture_expect_nothing (fixture);
  expect_last (fixture, "GetRecords", "'ShardIterator':'i3'");
}

/* The parent ends; its children are found, by pages, and read from their beginning, each after it. */
static void
test_split (ProbeFixture  *fixture,
            gconstpointer  data)
{
  begin_reading (fixture);
  answer_records (fixture, 1, 2, 0, NULL);
  probe_fixture_answer (fixture, "DescribeStream", "{'StreamDescription': {'Shards': [" CLOSED ("s1") ", " CHILD ("s2", "s1") "], 'LastEvaluatedShardId': 's2'}}");
  probe_fixture_answer (fixture, "DescribeStream", STREAM_OF (CHILD ("s3", "s1") ", " CHILD ("s4", "s3")));
  probe_fixture_answer (fixture, "GetShardIterator", ITERATOR ("j2"));
  answer_records (fixture, 3, 3, 0, "j2b");
  answer_records (fixture, 4, 3, 0, "j2c");
  probe_fixture_answer (fixture, "GetShardIterator", ITERATOR ("j3"));
  answer_records (fixture, 4, 5, 0, "j3b");
  answer_records (fixture, 6, 5, 0, "j3c");
  probe_fixture_poll_well (fixture);
  expect_records (fixture, 1, 5);
  probe_fixture_expect_nothing (fixture);
  expect_last (fixture, "DescribeStream", "'ExclusiveStartShardId':'s2'");
  expect_last (fixture, "GetShardIterator", "'ShardIteratorType':'TRIM_HORIZON'");
  expect_last (fixture, "GetShardIterator", "'ShardId':'s3'");
  /* The child's child has to wait for it. */
  g_assert_cmpuint (probe_fixture_count (fixture, "\"ShardId\":\"s4\""), ==, 0);
  answer_records (fixture, 6, 5, 0, "j2d");
  answer_records (fixture, 6, 6, 0, NULL);
  probe_fixture_answer (fixture, "GetShardIterator", ITERATOR ("j4"));
  answer_records (fixture, 7, 7, 0, "j4b");
  answer_records (fixture, 8, 7, 0, "j4c");
  probe_fixture_answer (fixture, "DescribeStream", STREAM_OF (CLOSED ("s1") ", " CHILD ("s2", "s1") ", " CHILD ("s3", "s1") ", " CHILD ("s4", "s3")));
  probe_fixture_poll_well (fixture);
  expect_records (fixture, 6, 7);
  probe_fixture_expect_nothing (fixture);
}

/* Behind the last record, where there was one: nothing is lost and nothing told twice. */
static void
test_expired (ProbeFixture  *fixture,
              gconstpointer  data)
{
  begin_reading (fixture);
  answer_records (fixture, 1, 2, 0, "i2");
  answer_records (fixture, 3, 2, 0, "i3");
  probe_fixture_poll_well (fixture);
  expect_records (fixture, 1, 2);
  probe_fixture_fail (fixture, "GetRecords", 400, "ExpiredIteratorException");
  probe_fixture_poll_well (fixture);
  probe_fixture_answer (fixture, "GetShardIterator", ITERATOR ("k1"));
  answer_records (fixture, 3, 4, 0, "k2");
  answer_records (fixture, 5, 4, 0, "k3");
  probe_fixture_poll_well (fixture);
  expect_last (fixture, "GetShardIterator", "'ShardIteratorType':'AFTER_SEQUENCE_NUMBER'");
  expect_last (fixture, "GetShardIterator", "'SequenceNumber':'102'");
  expect_records (fixture, 3, 4);
  probe_fixture_expect_nothing (fixture);
}

/* Nothing was read yet, and the computer slept: LATEST would pass over what was written meanwhile. */
static void
test_expired_before_any (ProbeFixture  *fixture,
                         gconstpointer  data)
{
  begin_reading (fixture);
  probe_fixture_fail (fixture, "GetRecords", 400, "ExpiredIteratorException");
  probe_fixture_poll_well (fixture);
  probe_fixture_answer (fixture, "GetShardIterator", ITERATOR ("k1"));
  answer_records (fixture, 1, 2, 7200, "k2");
  answer_records (fixture, 3, 4, 0, "k3");
  answer_records (fixture, 5, 4, 0, "k4");
  probe_fixture_poll_well (fixture);
  expect_last (fixture, "GetShardIterator", "'ShardIteratorType':'TRIM_HORIZON'");
  expect_records (fixture, 3, 4);
  probe_fixture_expect_nothing (fixture);
}

static void
test_trimmed (ProbeFixture  *fixture,
              gconstpointer  data)
{
  begin_reading (fixture);
  answer_records (fixture, 1, 1, 0, "i2");
  answer_records (fixture, 2, 1, 0, "i3");
  probe_fixture_poll_well (fixture);
  expect_records (fixture, 1, 1);
  probe_fixture_fail (fixture, "GetRecords", 400, "TrimmedDataAccessException");
  probe_fixture_poll_well (fixture);
  probe_fixture_fail (fixture, "GetShardIterator", 400, "TrimmedDataAccessException");
  probe_fixture_poll_well (fixture);
  probe_fixture_answer (fixture, "GetShardIterator", ITERATOR ("k1"));
  answer_records (fixture, 7, 8, 0, "k2");
  answer_records (fixture, 9, 8, 0, "k3");
  probe_fixture_poll_well (fixture);
  expect_last (fixture, "GetShardIterator", "'ShardIteratorType':'TRIM_HORIZON'");
  expect_records (fixture, 7, 8);
  probe_fixture_expect_nothing (fixture);
}

/* Switched off, the shard ends and nothing follows; switched on again, it is another stream. */
static void
test_switched (ProbeFixture  *fixture,
               gconstpointer  data)
{
  begin_reading (fixture);
  answer_records (fixture, 1, 1, 0, NULL);
  probe_fixture_answer (fixture, "DescribeStream", STREAM_OF (CLOSED ("s1")));
  probe_fixture_answer (fixture, "DescribeTable", "{'Table': {'LatestStreamArn': '" OTHER "'}}");
  probe_fixture_answer (fixture, "DescribeStream", STREAM_OF (SHARD ("t1")));
  probe_fixture_answer (fixture, "GetShardIterator", ITERATOR ("j1"));
  answer_records (fixture, 2, 3, 0, "j2");
  answer_records (fixture, 4, 3, 0, "j3");
  probe_fixture_poll_well (fixture);
  expect_last (fixture, "DescribeTable", "'TableName':'Orders'");
  expect_last (fixture, "GetShardIterator", "'StreamArn':'" OTHER "'");
  expect_last (fixture, "GetShardIterator", "'ShardIteratorType':'TRIM_HORIZON'");
  expect_records (fixture, 1, 3);
  probe_fixture_expect_nothing (fixture);

  /* Switched off and nothing else yet: it is no error, and looked at again later, not at once. */
  answer_records (fixture, 4, 3, 0, NULL);
  probe_fixture_answer (fixture, "DescribeStream", STREAM_OF (CLOSED ("t1")));
  probe_fixture_answer (fixture, "DescribeTable", "{'Table': {'LatestStreamArn': '" OTHER "', 'StreamSpecification': {'StreamEnabled': false}}}");
  probe_fixture_poll_well (fixture);
  test_server_forget (fixture->client.server);
  probe_fixture_poll_well (fixture);
  probe_fixture_expect_nothing (fixture);
}

/* The table was made anew: the stream is not found. */
static void
test_gone (ProbeFixture  *fixture,
           gconstpointer  data)
{
  begin (fixture);
  probe_fixture_fail (fixture, "DescribeStream", 400, "ResourceNotFoundException");
  probe_fixture_answer (fixture, "DescribeTable", "{'Table': {'LatestStreamArn': '" OTHER "'}}");
  probe_fixture_answer (fixture, "DescribeStream", STREAM_OF (SHARD ("t1")));
  probe_fixture_answer (fixture, "GetShardIterator", ITERATOR ("j1"));
  answer_records (fixture, 1, 1, 0, "j2");
  answer_records (fixture, 2, 1, 0, "j3");
  probe_fixture_poll_well (fixture);
  expect_records (fixture, 1, 1);

  begin (fixture);
  probe_fixture_fail (fixture, "DescribeStream", 400, "ResourceNotFoundException");
  probe_fixture_fail (fixture, "DescribeTable", 400, "ResourceNotFoundException");
  probe_fixture_poll (fixture);
  g_assert_true (aws_error_has_code (fixture->error, "ResourceNotFoundException"));
  begin (fixture);
  probe_fixture_fail (fixture, "DescribeStream", 400, "ResourceNotFoundException");
  probe_fixture_answer (fixture, "DescribeTable", "{'Table': {'LatestStreamArn': '" STREAM "'}}");
  probe_fixture_poll (fixture);
  g_assert_true (aws_error_has_code (fixture->error, "ResourceNotFoundException"));
  probe_fixture_expect_nothing (fixture);
}

/* Whatever may be over in a moment loses nothing: the place in the shard is kept. */
static void
test_trouble (ProbeFixture  *fixture,
              gconstpointer  data)
{
  static const struct { guint status; const char *code; } troubles[] = {
    { 400, "LimitExceededException" }, { 400, "ProvisionedThroughputExceededException" }, { 400, "ThrottlingException" }, { 429, "TooManyRequestsException" },
    { 500, "InternalServerError" }, { 503, "ServiceUnavailable" }, { 400, "ExpiredTokenException" }, { 400, "AccessDeniedException" },
  };
  guint iterators;

  begin_reading (fixture);
  iterators = probe_fixture_count (fixture, "GetShardIterator");
  for (guint i = 0; i < G_N_ELEMENTS (troubles); i++)
    {
      probe_fixture_fail (fixture, "GetRecords", troubles[i].status, troubles[i].code);
      probe_fixture_poll (fixture);
      g_assert_true (aws_error_has_code (fixture->error, troubles[i].code));
    }
  test_server_push_reset (fixture->client.server);
  probe_fixture_poll (fixture);
  g_assert_error (fixture->error, AWS_ERROR, AWS_ERROR_NETWORK);
  answer_records (fixture, 1, 1, 0, "i2");
  answer_records (fixture, 2, 1, 0, "i3");
  probe_fixture_poll_well (fixture);
  expect_records (fixture, 1, 1);
  probe_fixture_expect_nothing (fixture);
  g_assert_cmpuint (probe_fixture_count (fixture, "GetShardIterator"), ==, iterators);
}

static void
test_garbage (ProbeFixture  *fixture,
              gconstpointer  data)
{
  static const char *const answers[] = {
    "<html><body>502 Bad Gateway</body></html>", "", "[]", "null", "{}", "{'Records': 7}", "{'Records': {}, 'ShardIterator': 5, 'StreamDescription': []}",
    "{'StreamDescription': {'Shards': 'none'}}",
  };

  for (guint i = 0; i < G_N_ELEMENTS (answers); i++)
    {
      static const char *const operations[] = { "DescribeStream", "GetShardIterator", "GetRecords" };

      for (guint n = 0; n < G_N_ELEMENTS (operations); n++)
        {
          begin (fixture);
          if (n > 0)
            probe_fixture_answer (fixture, "DescribeStream", STREAM_OF (SHARD ("s1")));
          if (n > 1)
            probe_fixture_answer (fixture, "GetShardIterator", ITERATOR ("i1"));
          probe_fixture_answer (fixture, operations[n], answers[i]);
          probe_fixture_poll (fixture);
          g_assert_error (fixture->error, AWS_ERROR, AWS_ERROR_ANSWER);
          probe_fixture_expect_nothing (fixture);
          test_server_forget (fixture->client.server);
        }
    }
  /* What is strange among what is not. */
  begin_reading (fixture);
  probe_fixture_answer (fixture, "GetRecords", "{'Records': [7, null, {}, {'eventID': 3, 'dynamodb': 'x'}, {'eventID': 'e', 'dynamodb': {'Keys': [], 'SequenceNumber': 4}}],"
                        " 'NextShardIterator': 'i2'}");
  answer_records (fixture, 1, 1, 0, "i3");
  answer_records (fixture, 2, 1, 0, "i4");
  probe_fixture_poll_well (fixture);
  expect_records (fixture, 1, 1);
  probe_fixture_expect_nothing (fixture);
}

/* A list whose next page is the same page for ever. */
static void
test_endless (ProbeFixture  *fixture,
              gconstpointer  data)
{
  begin (fixture);
  for (guint i = 0; i < 2; i++)
    probe_fixture_answer (fixture, "DescribeStream", "{'StreamDescription': {'Shards': [" SHARD ("s1") "], 'LastEvaluatedShardId': 's1'}}");
  probe_fixture_answer (fixture, "GetShardIterator", ITERATOR ("i1"));
  answer_records (fixture, 1, 0, 0, "i2");
  probe_fixture_poll_well (fixture);
  g_assert_cmpuint (probe_fixture_count (fixture, "DescribeStream"), ==, 2);
}

int
main (int   argc,
      char *argv[])
{
  static const struct { const char *name; void (*func) (ProbeFixture *, gconstpointer); } tests[] = {
    { "records", test_records }, { "split", test_split }, { "expired", test_expired }, { "expired-before-any", test_expired_before_any },
    { "trimmed", test_trimmed }, { "switched", test_switched }, { "gone", test_gone }, { "trouble", test_trouble }, { "garbage", test_garbage },
    { "endless", test_endless },
  };

  probe_fixture_init (&argc, &argv);
  for (guint i = 0; i < G_N_ELEMENTS (tests); i++)
    {
      g_autofree char *path = g_strconcat ("/stream-probe/", tests[i].name, NULL);

      g_test_add (path, ProbeFixture, NULL, probe_fixture_set_up, tests[i].func, probe_fixture_tear_down);
    }
  return g_test_run ();
}
