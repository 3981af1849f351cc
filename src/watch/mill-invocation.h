/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "mill-hop-private.h"

G_BEGIN_DECLS

/**
 * MillInvocation:
 *
 * One run of a function: the hops of the messages that it was given, and what it wrote while nobody could say yet
 * for which of them.
 */
typedef struct
{
  char       *id;
  GPtrArray  *hops;      /* MillHop, one a record */
  GPtrArray  *records;   /* char *: the record's id, beside each hop */
  GHashTable *outs;      /* a value that came out → MillHop (borrowed) */
  GPtrArray  *waiting;   /* MillHop: first hops of traces that await their place */
  char       *denial;    /* advice, where something was not allowed */
  gboolean    ended;
} MillInvocation;

MillInvocation *mill_invocation_new       (const char      *id);
void            mill_invocation_free      (MillInvocation  *self);
void            mill_invocation_add       (MillInvocation  *self,
                                           MillHop         *hop,
                                           const char      *record_id);
MillHop        *mill_invocation_find      (MillInvocation  *self,
                                           const char      *record_id);
/* Reads a line of the function's log: where it is {"in": {…}, "out": {…}}, the values of "out" belong to the record named by "in". */
void            mill_invocation_read_line (MillInvocation  *self,
                                           const char      *line);
/* The hop that @written, the first hop of what was written, follows; NULL where that is not known (yet). */
MillHop        *mill_invocation_match     (MillInvocation  *self,
                                           MillHop         *written);

G_END_DECLS
