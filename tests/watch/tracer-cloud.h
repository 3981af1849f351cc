/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mill-tracer.h"

/* The seconds that the next event is told after, in the cloud that the tracer's tests have. */
extern double now;

/* One that knows what belongs to that cloud. */
MillTracer *new_tracer  (void);
/* An event, a second after the one before. */
void        add         (MillTracer *tracer,
                         const char *text);
/* An event that says its time. */
void        add_at      (MillTracer *tracer,
                         const char *text);
/* @expected: "gateway:Api:ok queue:Queue:ok×2?": times where there was more than one attempt, a question mark where it was inferred */
void        assert_hops (MillTracer *tracer,
                         guint       index,
                         const char *state,
                         const char *expected);

#define SEND(n) \
  add (tracer, "{\"kind\": \"gateway-request\", \"requestId\": \"r" n "\", \"apiId\": \"api1\", \"body\": \"order " n "\"}"); \
  add (tracer, "{\"kind\": \"queue-sent\", \"queueArn\": \"arn:q\", \"messageId\": \"m" n "\", \"body\": \"order " n "\", \"source\": \"r" n "\", \"sourceType\": \"gateway\"}"); \
  add (tracer, "{\"kind\": \"gateway-response\", \"requestId\": \"r" n "\", \"status\": 200}")
#define RECEIVE(n, times) \
  add (tracer, "{\"kind\": \"queue-received\", \"queueArn\": \"arn:q\", \"messageId\": \"m" n "\", \"receiveCount\": " times "}")
