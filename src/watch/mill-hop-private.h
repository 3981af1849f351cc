/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mill-hop.h"

G_BEGIN_DECLS

typedef struct _MillTrace MillTrace;

/* The tracer writes, everybody else reads. */
struct _MillHop
{
  GObject        parent_instance;

  char          *component;
  char          *kind;
  char          *payload;
  char          *error;
  char          *advice;
  char          *message_id;
  GString       *log;
  double         arrived;
  double         left;
  MillHopStatus  status;
  guint          attempts;
  gboolean       inferred;
  gboolean       stuck;      /* will not go on until somebody puts it right */

  MillHop       *previous;   /* borrowed: its trace owns both */
  MillTrace     *trace;      /* borrowed */
};

MillHop *mill_hop_new         (const char    *kind,
                               const char    *component,
                               const char    *message_id,
                               double         arrived);
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
