/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mill-tap.h"

G_BEGIN_DECLS

/* A folder of one's own for everything that a test writes; gone, with all in it, at the end. */
char           *fixture_folder_new    (void);
void            fixture_folder_remove (char            *folder);

/* An engine with a ledger of its own, and the practice cloud, not yet begun, with a state of its own. */
typedef struct {
  char           *folder;
  char           *ledger;
  MillCatalog    *catalog;
  MillEngine     *engine;
  MillTarget     *target;
  MillDeployment *deployment;   /* the test's, or NULL */
} FixtureBench;

void            fixture_bench_open    (FixtureBench    *self);
void            fixture_bench_close   (FixtureBench    *self);

/* Runs the operations to their end. */
gboolean        fixture_build         (MillEngine      *engine,
                                       MillDeployment  *deployment,
                                       const char      *last_step,
                                       GCancellable    *cancellable,
                                       GError         **error);
gboolean        fixture_tap           (MillEngine      *engine,
                                       MillDeployment  *deployment,
                                       const char      *topic,
                                       gboolean         on,
                                       GError         **error);
gboolean        fixture_undo          (MillEngine      *engine,
                                       MillDeployment  *deployment,
                                       const char      *step,
                                       GError         **error);
GPtrArray      *fixture_check         (MillEngine      *engine,
                                       MillDeployment  *deployment,
                                       const char      *step,
                                       GError         **error);
MillCleanup    *fixture_clean_up      (MillEngine      *engine,
                                       MillDeployment  *deployment,
                                       GError         **error);
/* The first action of a step. */
JsonObject     *fixture_act           (MillEngine      *engine,
                                       MillDeployment  *deployment,
                                       const char      *step,
                                       const char      *payload,
                                       GError         **error);
gboolean        fixture_set_code      (MillEngine      *engine,
                                       MillDeployment  *deployment,
                                       const char      *function,
                                       const char      *file,
                                       const char      *text,
                                       GError         **error);
/* The tutorial's first sample. */
JsonObject     *fixture_send          (MillEngine      *engine,
                                       MillDeployment  *deployment,
                                       const char      *body,
                                       GError         **error);

/* Lets the main context run until @ready says so; fails the test after a minute. */
void            fixture_wait          (gboolean       (*ready) (gpointer data),
                                       gpointer         data);
/* How many resources are in @state; the others go into the test's log. */
guint           fixture_count         (MillDeployment  *deployment,
                                       MillResourceState state);

/* The process of the practice cloud in MILLRACE_PRACTICE_DIR, which is begun where there is none. */
pid_t           fixture_practice_pid  (void);

G_END_DECLS
