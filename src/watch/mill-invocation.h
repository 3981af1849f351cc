/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

#include "mill-hop-private.h"

G_BEGIN_DECLS

/**
 * MillInvocation:
 *
 * One run of a function: what is known of it, in whatever order it became known, and the hops of the messages that it was given.
 */
typedef struct
{
  char       *id;
  const char *component;  /* interned */
  double      started;    /* 0 where not known yet */
  double      ended;      /* 0 while it runs */
  gboolean    ok;         /* once it has ended */
  gboolean    inferred;   /* nobody told when it began, nor that it went well */
  gboolean    told;       /* all that it was given is known; no line adds to it */
  char       *error;
  char       *denial;     /* advice, where something was not allowed */
  GHashTable *failed;     /* record ids → what the function said of them, or "" */
  MillLog    *log;
  GPtrArray  *hops;       /* MillHop, one a record */
  GPtrArray  *records;    /* char *: the record's id, beside each hop */
  GHashTable *outs;       /* a value that came out → record id */
  GPtrArray  *waiting;    /* MillHop: first hops of traces that await their place */
} MillInvocation;

/**
 * MillRecordFunc:
 * @kind: of the hop that the record comes from: "queue" "stream"
 *
 * Called for each record that a line names.
 */
typedef void (*MillRecordFunc) (MillInvocation *self,
                                const char     *kind,
                                const char     *record_id,
                                gpointer        user_data);
/* Called for each value that came out for a record. */
typedef void (*MillOutFunc)    (MillInvocation *self,
                                const char     *value,
                                gpointer        user_data);

MillInvocation *mill_invocation_new       (const char      *id,
                                           const char      *component);
void            mill_invocation_free      (MillInvocation  *self);
void            mill_invocation_add       (MillInvocation  *self,
                                           MillHop         *hop,
                                           const char      *record_id);
MillHop        *mill_invocation_find      (MillInvocation  *self,
                                           const char      *record_id);
/*
 * Reads a line that the function wrote: {"in": {"messageId": …}, "out": {"orderID": …}}, where "in" names the record by what it is known by
 * ("messageId" of a queue, "eventID" of a stream), "out" has what came out for it, and "error" why it failed. "in" may be an array of such
 * objects: the records that the run is about.
 */
void            mill_invocation_read_line (MillInvocation  *self,
                                           const char      *line,
                                           MillRecordFunc   on_record,
                                           MillOutFunc      on_out,
                                           gpointer         user_data);
/* The hop of the record that @value came out for; NULL where that is not known (yet). */
MillHop        *mill_invocation_find_by_out (MillInvocation *self,
                                           const char      *value);
/* Returns: (transfer container) (element-type MillHop): those of which no line said that anything came out for them; all, where that was said of each */
GPtrArray      *mill_invocation_list_silent (MillInvocation *self);
/* The hop that @written, the first hop of what was written, follows; NULL where that is not known (yet). */
MillHop        *mill_invocation_match     (MillInvocation  *self,
                                           MillHop         *written);

G_END_DECLS
