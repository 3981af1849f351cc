/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a service, or whatever else listens at its address, answers to each kind of probe. The first byte says which kind; behind it, one answer a line,
 * and an empty line where a call fails.
 */
#include <stdint.h>

#include "aws-json.h"
#include "mill-log-probe.h"
#include "mill-mapping-probe.h"
#include "mill-probe-private.h"
#include "mill-queue-probe.h"
#include "mill-stage-probe.h"
#include "mill-stream-probe.h"
#include "mill-topic-probe.h"
#include "mill-tracer.h"

#define MOST_CALLS 200

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static const char *
resolve (const char *kind,
         const char *id,
         const char *endpoint,
         gpointer    data)
{
  return *id == 'x' ? NULL : g_intern_string (kind);
}

static MillProbe *
make_probe (AwsClient *client,
            guint8     kind)
{
  switch (kind % 6)
    {
    case 0:
      return mill_log_probe_new (client, "function", 1e9, "arn:function", "/aws/lambda/f", 1, kind & 64 ? "arn:topic" : NULL, "arn:queue");
    case 1:
      return mill_mapping_probe_new (client, "function", "f", kind & 64 ? "arn:aws:iam::1:role/r" : NULL, resolve, NULL);
    case 2:
      return mill_queue_probe_new (client, "queue", "http://127.0.0.1/1/q");
    case 3:
      return mill_stream_probe_new (client, "table", kind & 64 ? 0 : 1e9, "arn:aws:dynamodb:x:1:table/t", "arn:stream");
    case 4:
      return mill_topic_probe_new (client, "topic", "arn:topic", resolve, NULL);
    default:
      return mill_stage_probe_new (client, "stage", "api", "prod");
    }
}

typedef struct
{
  MillTracer *tracer;
  guint       done;
} Heard;

static void
on_observation (Heard      *heard,
                JsonObject *event)
{
  g_assert_nonnull (aws_json_get_string (event, "kind"));
  mill_tracer_add (heard->tracer, event);
}

static void
on_done (Heard        *heard,
         const GError *error)
{
  heard->done++;
}

static gboolean
never (MillProbe *probe,
       gpointer   data)
{
  return FALSE;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  g_autoptr (AwsClient) client = aws_client_new ("eu-west-1", "http://127.0.0.1:1", NULL);
  g_autoptr (GError) trouble = aws_error_new (AWS_ERROR_CLIENT, size % 3 == 0 ? "ResourceNotFoundException" : size % 3 == 1 ? "ExpiredIteratorException"
                                              : "TrimmedDataAccessException", "no", NULL, 400, FALSE);
  g_autoptr (MillProbe) probe = size > 0 ? make_probe (client, data[0]) : NULL;
  g_autofree char *text = size > 0 ? g_strndup ((const char *) data + 1, size - 1) : NULL;
  g_auto (GStrv) lines = size > 0 ? g_strsplit (text, "\n", 64) : NULL;
  g_autoptr (MillTracer) tracer = mill_tracer_new (resolve, NULL);
  Heard heard = { tracer, 0 };
  guint next = 0;

  if (probe == NULL)
    return 0;
  mill_probe_set_gate (probe, never, NULL);
  g_signal_connect_swapped (probe, "observation", G_CALLBACK (on_observation), &heard);
  g_signal_connect_swapped (probe, "done", G_CALLBACK (on_done), &heard);
  for (guint calls = 0; lines[next] != NULL && calls < MOST_CALLS; calls++)
    {
      g_autoptr (JsonObject) answer = NULL;

      mill_probe_poll (probe);
      if (mill_probe_peek_call (probe) == NULL)
        continue;
      answer = aws_json_parse_object (lines[next++], -1, NULL);
      mill_probe_answer (probe, answer, answer == NULL ? trouble : NULL);
    }
  g_assert_cmpuint (heard.done, <=, MOST_CALLS);
  mill_tracer_pass_time (tracer, 4e9);
  mill_probe_stop (probe);
  return 0;
}
