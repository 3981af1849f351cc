/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mill-answers.h"
#include "mill-probe.h"
#include "mill-probes.h"

G_BEGIN_DECLS

struct _MillProbes
{
  GObject            parent_instance;

  MillDeployment    *deployment;
  MillTraceStore    *store;
  MillAnswers       *answers;
  AwsClient         *client;
  MillProbe         *inbox;      /* borrowed; NULL on AWS */
  double             since;
  double             late;
  MillTracerResolve  resolve;
  gpointer           resolve_data;
  GPtrArray         *entries;
  MillTurns         *turns;
  guint              timer_id;
  guint              sync_id;
  gboolean           started;
  gboolean           ready;
  gboolean           complained;   /* of what all have in common */
};

/* Takes @probe. @key: what it watches; asked @weight times less often than others while something is under way, @rest_weight times at rest */
void     mill_probes_add    (MillProbes *self,
                             MillProbe  *probe,
                             const char *key,
                             double      weight,
                             double      rest_weight);
gboolean mill_probes_has    (MillProbes *self,
                             const char *key);
/* All whose keys begin with @key. */
void     mill_probes_remove (MillProbes *self,
                             const char *key);

/* One for each component that is there, none for what is not: mill-probes-components.c */
void     mill_probes_sync   (MillProbes *self);

G_END_DECLS
