/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mill-hop.h"

G_BEGIN_DECLS

typedef struct _MillTrace MillTrace;

/**
 * MillLog:
 *
 * What one run of a function wrote; the hops of all its messages share it. Keeps the last 64 KiB. A line that names one message of a batch is
 * shown with that message only: a batch may be a hundred, each with lines of its own.
 */
typedef struct _MillLog MillLog;

MillLog    *mill_log_new      (void);
MillLog    *mill_log_ref      (MillLog    *self);
void        mill_log_unref    (MillLog    *self);
/* @record: (nullable): the message that it names, where it names one */
void        mill_log_append   (MillLog    *self,
                               const char *line,
                               const char *record);

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
  char          *record;     /* a stream's: what its readers are given */
  MillLog       *log;
  char          *own_log;    /* what of it is this message's, made when it is asked for; or all there is, where no run wrote it */
  double         arrived;
  double         left;
  MillHopStatus  status;
  guint          attempts;
  MillVisit     *visits;     /* in order of arrival, the last 64; none where one is all that can be */
  guint          n_visits;
  guint          held;       /* copies of the message that step mode holds behind it */
  guint32        own_log_of; /* how long the log was when own_log was made */
  guint          inferred : 1;
  guint          stuck : 1;      /* will not go on until somebody puts it right */
  guint          told : 1;       /* a queue's: who takes its messages is told of; otherwise it follows from the functions' runs */
  guint          given_up : 1;   /* a function's: the message does not come back */
  guint          expecting : 1;  /* a function's: what came out of it is not seen yet */
  guint          pending : 1;    /* a topic's: not all of its subscriptions are accounted for yet */
  guint          logged : 1;     /* a gateway's: only its access log tells of it */
  guint          handed : 1;     /* the payload is not told: it follows from the hop before */
  guint          awaited : 1;    /* the run that wrote it may still say for which message */
  MillVisit      only;       /* stands for the visits where there are none */

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
void     mill_hop_set_log     (MillHop       *self,
                               MillLog       *log);
/* The same where no run of a function wrote it. @text: (nullable): whole lines */
void     mill_hop_set_own_log (MillHop       *self,
                               const char    *text);
/* Of the last visit, too. */
void     mill_hop_set_status  (MillHop       *self,
                               MillHopStatus  status);
/* Whether nothing more is to be expected of it. */
gboolean mill_hop_is_over     (MillHop       *self);

G_END_DECLS
