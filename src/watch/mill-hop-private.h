/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mill-hop.h"

G_BEGIN_DECLS

typedef struct _MillTrace MillTrace;

/* The tracer writes, everybody else reads. */
struct _MillHop
{
  GObject        parent_instance;

  const char    *component;  /* interned, as is the next */
  const char    *kind;
  char          *payload;
  char          *error;
  char          *advice;
  char          *message_id;
  GString       *log;
  double         arrived;
  double         left;
  MillHopStatus  status;
  guint          attempts;
  MillVisit     *visits;     /* in order of arrival, the last 64; none where one is all that can be */
  guint          n_visits;
  MillVisit      only;       /* stands for it then */
  gboolean       inferred;
  guint          held;       /* copies of the message that step mode holds behind it */
  gboolean       stuck;      /* will not go on until somebody puts it right */

  MillHop       *previous;   /* borrowed: its trace owns both */
  MillTrace     *trace;      /* borrowed */
};

MillHop *mill_hop_new         (const char    *kind,
                               const char    *component,
                               const char    *message_id,
                               double         arrived);
/* The visit of @key, which begins where it is not known yet. Set its end and status, then call mill_hop_settle(). */
MillVisit *mill_hop_visit     (MillHop       *self,
                               guint32        key,
                               double         arrived);
/* The hop's times, status and attempts follow from its visits. */
void     mill_hop_settle      (MillHop       *self);
void     mill_hop_set_visits  (MillHop         *self,
                               const MillVisit *visits,
                               guint            n_visits);
/* (transfer full): one that belongs to no trace. */
MillHop *mill_hop_copy        (MillHop       *self);
/* @error, @advice: NULL clears. */
void     mill_hop_set_error   (MillHop       *self,
                               const char    *error,
                               const char    *advice);
void     mill_hop_set_payload (MillHop       *self,
                               const char    *payload);
/* Keeps the last 64 KiB. */
void     mill_hop_append_log  (MillHop       *self,
                               const char    *line);
/* Whether nothing more is to be expected of it. */
gboolean mill_hop_is_over     (MillHop       *self);

G_END_DECLS
