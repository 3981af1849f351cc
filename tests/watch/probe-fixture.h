/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "client-fixture.h"
#include "mill-probe.h"

G_BEGIN_DECLS

/*
 * A probe, and a server in this process that answers it as it is told to. JSON may be written with ' for ".
 *
 *   probe_fixture_watch (&fixture, mill_queue_probe_new (fixture.client, "Orders", url));
 *   probe_fixture_answer (&fixture, "GetQueueAttributes", "{'Attributes': {'ApproximateNumberOfMessages': '3'}}");
 *   probe_fixture_poll (&fixture);
 *   probe_fixture_expect (&fixture, "queue-seen", "waiting", "3", NULL);
 *   probe_fixture_expect_nothing (&fixture);
 */
typedef struct {
  ClientFixture client;
  MillProbe    *probe;
  GQueue        told;      /* JsonObject */
  gboolean      done;
  GError       *error;     /* of the last poll */
} ProbeFixture;

/* For main(): environment and all. */
void        probe_fixture_init           (int            *argc,
                                          char         ***argv);
void        probe_fixture_set_up         (ProbeFixture   *self,
                                          gconstpointer   data);
void        probe_fixture_tear_down      (ProbeFixture   *self,
                                          gconstpointer   data);
/* @probe: (transfer full): from now on this one is asked and heard */
void        probe_fixture_watch          (ProbeFixture   *self,
                                          MillProbe      *probe);
/* (transfer full): text with each ' turned into " */
char       *probe_fixture_quote          (const char     *text);
/* What the next call of @operation (its name, without the service; of REST, the path) is answered. */
void        probe_fixture_answer         (ProbeFixture   *self,
                                          const char     *operation,
                                          const char     *json);
/* The same for an error: "ThrottlingException" and a sentence. */
void        probe_fixture_fail           (ProbeFixture   *self,
                                          const char     *operation,
                                          guint           status,
                                          const char     *code);
/* Asks, and waits until that is done: self->error says how it went. */
void        probe_fixture_poll           (ProbeFixture   *self);
/* The same where it has to succeed. */
void        probe_fixture_poll_well      (ProbeFixture   *self);
/* What it told next is a @kind, with these members (name, value, …, NULL: texts, or the JSON of other values). */
void        probe_fixture_expect         (ProbeFixture   *self,
                                          const char     *kind,
                                          ...) G_GNUC_NULL_TERMINATED;
/* It has told nothing else. */
void        probe_fixture_expect_nothing (ProbeFixture   *self);
/* How many requests had @part in them; and the last of them (transfer full) (nullable). */
guint       probe_fixture_count          (ProbeFixture   *self,
                                          const char     *part);
char       *probe_fixture_last           (ProbeFixture   *self,
                                          const char     *part);

G_END_DECLS
