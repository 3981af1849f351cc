/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "aws-json.h"
#include "mill-invocation.h"
#include "mill-trace-private.h"
#include "mill-tracer.h"

G_BEGIN_DECLS

struct _MillTracer
{
  GObject            parent_instance;

  MillTracerResolve  resolve;
  gpointer           resolve_data;

  GPtrArray         *shown;         /* MillTrace, oldest first */
  GHashTable        *by_id;         /* trace id → MillTrace, borrowed */
  GHashTable        *hops;          /* "kind:id" → MillHop */
  GHashTable        *invocations;   /* id → MillInvocation */
  GQueue             invocation_order;
  GHashTable        *mails;         /* id → body: a mail is told of apart from its delivery */
  GQueue             mail_order;
  GHashTable        *denials;       /* role ARN → advice: the last thing that it was not allowed */
  GHashTable        *counts;        /* component → guint64 * */
  GHashTable        *errors;
  GHashTable        *held;          /* hold id → what step mode holds: mill-tracer-held.c */
};

/* Looking at events: mill-tracer-event.c */

double      mill_tracer_number            (JsonObject   *event,
                                           const char   *member);
/* (transfer full) (nullable): JSON text. */
char       *mill_tracer_text              (JsonObject   *value);
/* {"messageId": …}, {"eventID": …}, …: the id that a record is known by, and the kind of hop that it comes from. */
const char *mill_tracer_record_id         (JsonObject   *record,
                                           const char  **kind);
/* (transfer full) (nullable): the "error" of an event as one text. */
char       *mill_tracer_error_text        (JsonObject   *event);
/* What to do about the last thing that a role, or the role that a message is about, was not allowed; NULL where nothing is known. */
const char *mill_tracer_find_denial       (MillTracer   *self,
                                           const char   *role);
const char *mill_tracer_find_denial_in    (MillTracer   *self,
                                           const char   *message);

/* Hops and traces: mill-tracer.c */

void        mill_tracer_count             (MillTracer   *self,
                                           GHashTable   *table,
                                           const char   *component,
                                           gint64        change);
MillHop    *mill_tracer_find_hop          (MillTracer   *self,
                                           const char   *kind,
                                           const char   *id);
/* One message may go to several functions, so theirs are told apart by the component too. */
MillHop    *mill_tracer_find_function_hop (MillTracer   *self,
                                           const char   *component,
                                           const char   *id);
void        mill_tracer_remember_hop      (MillTracer   *self,
                                           MillHop      *hop);
/* Takes @hop. @previous: NULL begins a trace of its own. */
MillHop    *mill_tracer_add_hop           (MillTracer   *self,
                                           MillHop      *hop,
                                           MillHop      *previous);
/* Tells everybody that @hop gained facts. */
void        mill_tracer_changed           (MillTracer   *self,
                                           MillHop      *hop);
/* The same without a look at what it means for its trace. */
void        mill_tracer_tell              (MillTracer   *self,
                                           MillHop      *hop);

/* Takes @hop: what an invocation wrote, put behind the right one of its messages, now or when that is known. mill-tracer-function.c */
void        mill_tracer_place_written     (MillTracer   *self,
                                           MillHop      *hop,
                                           const char   *invocation_id);

/* Step mode: mill-tracer-held.c */

GHashTable *mill_tracer_new_held          (void);
/* The invocation has told all it knows: whose publishing is held. */
void        mill_tracer_settle_held       (MillTracer   *self,
                                           const char   *invocation_id);
void        mill_tracer_held_changed      (MillTracer   *self);
void        mill_tracer_on_held           (MillTracer   *self,
                                           JsonObject   *event);
void        mill_tracer_on_released       (MillTracer   *self,
                                           JsonObject   *event);

/* One for each kind of event. */
void        mill_tracer_on_gateway_request (MillTracer *self, JsonObject *event);
void        mill_tracer_on_gateway_integration (MillTracer *self, JsonObject *event);
void        mill_tracer_on_gateway_response (MillTracer *self, JsonObject *event);
void        mill_tracer_on_queue_sent (MillTracer *self, JsonObject *event);
void        mill_tracer_on_queue_received (MillTracer *self, JsonObject *event);
void        mill_tracer_on_queue_deleted (MillTracer *self, JsonObject *event);
void        mill_tracer_on_queue_returned (MillTracer *self, JsonObject *event);
void        mill_tracer_on_queue_dead_lettered (MillTracer *self, JsonObject *event);
void        mill_tracer_on_mapping_failed (MillTracer *self, JsonObject *event);
void        mill_tracer_on_mapping_filtered (MillTracer *self, JsonObject *event);
void        mill_tracer_on_function_started (MillTracer *self, JsonObject *event);
void        mill_tracer_on_function_log (MillTracer *self, JsonObject *event);
void        mill_tracer_on_function_ended (MillTracer *self, JsonObject *event);
void        mill_tracer_on_table_written (MillTracer *self, JsonObject *event);
void        mill_tracer_on_topic_published (MillTracer *self, JsonObject *event);
void        mill_tracer_on_topic_delivered (MillTracer *self, JsonObject *event);
void        mill_tracer_on_mail (MillTracer *self, JsonObject *event);
void        mill_tracer_on_denied (MillTracer *self, JsonObject *event);

G_END_DECLS
