/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "deploy-fixture.h"
#include "mill-watch.h"

G_BEGIN_DECLS

/* The order pipeline on the practice cloud, watched in two ways at the same time: by the true event stream, and by probes. */
typedef struct
{
  char           *folder;
  MillCatalog    *catalog;
  MillEngine     *engine;
  MillTarget     *target;
  MillDeployment *deployment;
  AwsClient      *client;
  MillTraceStore *stores[2];
  MillWatch      *truth;
  MillWatch      *probes;
  guint           ready;
  guint           next;        /* of the bodies to send */
  guint           in_flight;
  GPtrArray      *bodies;
  char           *queue;       /* its URL */
  char           *store_mapping;
  char           *notify_mapping;
  GHashTable     *reported;    /* ids of traces that were found to be wrong */
  guint           unit;        /* seconds: what a function is given on this machine, a second where it is quick */
  gboolean        tapped;      /* what is published is read with a tap */
  gboolean        unread;      /* nobody can read what the messages say at first */
  guint           seen;        /* traces of the scenarios before */
  guint           n_scenarios, n_traces, n_hops, n_inferred;
} TruthBench;

void        truth_bench_open        (TruthBench     *self);
void        truth_bench_close       (TruthBench     *self);
void        truth_start_watches     (TruthBench     *self);
void        truth_stop_watches      (TruthBench     *self);
/* Ends the practice cloud's process, and begins another one with what it has kept; the watches go on by themselves. */
void        truth_restart_cloud     (TruthBench     *self);
/* Lets the main context run. */
void        truth_run_for           (double          seconds);

/* (transfer full): what the call answers; @format: its parameters, where "'" stands for '"' */
JsonObject *truth_call              (TruthBench     *self,
                                     const char     *operation,
                                     const char     *format,
                                     ...);
#define TRUTH_CALL(...) json_object_unref (truth_call (__VA_ARGS__))
char       *truth_get_physical_id   (TruthBench     *self,
                                     const char     *logical_id);
const char *truth_get_arn           (TruthBench     *self,
                                     const char     *logical_id);
/* Until it is enabled or disabled, and no more on its way there. */
void        truth_wait_for_mapping  (TruthBench     *self,
                                     const char     *uuid);
/* Waits until a function is seen to have failed with @n of the new messages, which are to come back to it. */
void        truth_wait_for_retries  (TruthBench     *self,
                                     guint           n);
/* So long the function that reads the queue may take; a message that it fails with comes back after that. */
void        truth_give_seconds      (TruthBench     *self,
                                     guint           seconds);
/* Works out the unit from how long functions have taken until now. */
void        truth_measure           (TruthBench     *self);

/* Sends what was added, by several clients at once, and waits for the answers. @body: "'" stands for '"' */
void        truth_add_body          (TruthBench     *self,
                                     const char     *body);
void        truth_send_all          (TruthBench     *self);
void        truth_send_one          (TruthBench     *self,
                                     const char     *body);

/*
 * Waits until @n new messages have come to their end, one of them as @state, and both ways of seeing agree; otherwise names every difference
 * and fails the test (truth-compare.c).
 */
void        truth_agree             (TruthBench     *self,
                                     const char     *scenario,
                                     guint           n,
                                     MillTraceState  state);

G_END_DECLS
