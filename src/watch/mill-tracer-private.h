/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "aws-json.h"
#include "mill-invocation.h"
#include "mill-trace-private.h"
#include "mill-tracer.h"

G_BEGIN_DECLS

/* What is known of a queue, from its attributes. Times in seconds, 0 where unknown. */
typedef struct
{
  const char *component;      /* interned */
  double      visibility;
  guint       most_receives;  /* before a message goes to the dead-letter queue; 0 where there is none */
  char       *dead_letters;   /* its ARN */
  guint64     waiting, in_flight, delayed;
  double      empty_since;    /* 0 where it is not */
  double      counted;
} MillTracerQueue;

/* What is known of a mapping. */
typedef struct
{
  const char *source;         /* interned: the component */
  const char *source_kind;    /* "queue" "stream" */
  const char *function;
  gboolean    filters;
  gboolean    off;            /* disabled, or about to be */
  gboolean    gone;           /* deleted, or about to be */
} MillTracerMapping;

/* What is known of a topic's subscription. */
typedef struct
{
  char       *arn;
  char       *endpoint;
  char       *protocol;
  gboolean    pending;
  gboolean    filters;
  double      seen;
} MillTracerSubscription;

struct _MillTracer
{
  GObject            parent_instance;

  MillTracerResolve  resolve;
  gpointer           resolve_data;

  GPtrArray         *shown;         /* MillTrace, oldest first */
  guint              dropped;       /* oldest ones that went since what is left of them was last looked for */
  GHashTable        *by_id;         /* trace id → MillTrace, borrowed */
  GHashTable        *under_way;     /* MillTrace, borrowed: those of @shown that are */
  GQueue             hidden;        /* of Hidden: traces that await what came before them */
  GHashTable        *hops;          /* "kind:id" → MillHop */
  GHashTable        *invocations;   /* id → MillInvocation */
  GQueue             invocation_order;
  GHashTable        *nameless;      /* ids of those of which no line said what they were given */
  GHashTable        *outs;          /* a value that came out → id of the invocation */
  GHashTable        *orphans;       /* a value → MillHop that was written by we do not know whom yet */
  GHashTable        *deliveries;    /* message id → GPtrArray of JsonObject: told before the message was known */
  GHashTable        *mails;         /* id → body: a mail is told of apart from its delivery */
  GQueue             mail_order;
  GHashTable        *failing;       /* component whose reader is told to fail → {error, advice or ""} */
  GHashTable        *denials;       /* role ARN → advice: the last thing that it was not allowed */
  GHashTable        *counts;        /* component → guint64 * */
  GHashTable        *errors;
  GHashTable        *waiting;       /* ids of messages that are in a queue, and whose trace went → its component, interned */
  GPtrArray         *logged;        /* requests that only an access log tells of, and whose message is not known: mill-tracer-gateway.c */
  GPtrArray         *unsent;        /* MillHop, of queues: messages whose sending nobody told of */
  GPtrArray         *unwritten;     /* MillHop, of tables: writes of which nobody said who made them */
  GHashTable        *held;          /* hold id → what step mode holds: mill-tracer-held.c */
  double             now;           /* the latest time that was told */
  double             patience;

  /* How the components are, for what can only be inferred. */
  GHashTable        *queues;        /* component → MillTracerQueue */
  GPtrArray         *mappings;      /* MillTracerMapping */
  GHashTable        *subscriptions; /* topic's component → GPtrArray of MillTracerSubscription */
  GHashTable        *unlogged;      /* functions' components whose logs tell neither when a run begins nor that it went well */
  GHashTable        *read_until;    /* function's component, or "inbox" → double *: all up to this time was seen */
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
/* What to do about the last thing that a role was not allowed; NULL where nothing is known. */
const char *mill_tracer_find_denial       (MillTracer   *self,
                                           const char   *role);
/* (transfer full) (nullable): the same of the role that a message is about, from the message itself where nothing else is known. */
char       *mill_tracer_dup_denial_in     (MillTracer   *self,
                                           const char   *message);

/* Hops and traces: mill-tracer.c */

void        mill_tracer_count             (MillTracer   *self,
                                           GHashTable   *table,
                                           const char   *component,
                                           gint64        change);
void        mill_tracer_set_count         (MillTracer   *self,
                                           const char   *component,
                                           guint64       count);
MillHop    *mill_tracer_find_hop          (MillTracer   *self,
                                           const char   *kind,
                                           const char   *id);
/* One message may go to several functions, so theirs are told apart by the component too. */
MillHop    *mill_tracer_find_function_hop (MillTracer   *self,
                                           const char   *component,
                                           const char   *id);
/* Takes @hop. @previous: NULL begins a trace of its own. */
MillHop    *mill_tracer_add_hop           (MillTracer   *self,
                                           MillHop      *hop,
                                           MillHop      *previous);
/* Whoever tells of @hop's id from now on means it. */
void        mill_tracer_remember_hop      (MillTracer   *self,
                                           MillHop      *hop);
/* The same by another id. */
void        mill_tracer_remember_as       (MillTracer   *self,
                                           MillHop      *hop,
                                           const char   *id);
gboolean    mill_tracer_is_shown          (MillTracer   *self,
                                           MillTrace    *trace);
/* @hop and all that comes after it follow @previous from now on. */
void        mill_tracer_attach            (MillTracer   *self,
                                           MillHop      *hop,
                                           MillHop      *previous);
/* Takes @hop out of its trace, for good. */
void        mill_tracer_remove_hop        (MillTracer   *self,
                                           MillHop      *hop);
/* @hop begins a trace, for all that is known: it is shown from now on. */
void        mill_tracer_show              (MillTracer   *self,
                                           MillHop      *hop);
/* Tells everybody that @hop gained facts. */
void        mill_tracer_changed           (MillTracer   *self,
                                           MillHop      *hop);
/* The same without a look at what it means for its trace. */
void        mill_tracer_tell              (MillTracer   *self,
                                           MillHop      *hop);

/* What is not shown yet: mill-tracer-hidden.c */

/* Takes @hop, which begins a trace that is not shown before what comes before it is known, or nobody has told of that for some time. */
MillHop    *mill_tracer_hide_hop          (MillTracer   *self,
                                           MillHop      *hop);
/* @hop and all that comes after it get a trace of their own, which is not shown before it is attached to another, or nobody tells of that. */
void        mill_tracer_detach            (MillTracer   *self,
                                           MillHop      *hop);
/* Those of which nobody said in time what came before: they begin where they begin. */
void        mill_tracer_show_hidden       (MillTracer   *self);
void        mill_tracer_clear_hidden      (MillTracer   *self);

/* What a function was given: mill-tracer-record.c */

/* Gives @function, a function's hop, what the hop before handed over, where nobody told of that. */
void        mill_tracer_hand_over         (MillTracer   *self,
                                           MillHop      *function);
/* The same for all that come after @previous, of which more is known now. */
void        mill_tracer_hand_on           (MillTracer   *self,
                                           MillHop      *previous);

/* Functions: mill-tracer-function.c */

/* Takes @hop, unless it is in a trace already: what an invocation wrote, put behind the right one of its messages, now or when that is known. */
void        mill_tracer_place_written     (MillTracer   *self,
                                           MillHop      *hop,
                                           const char   *invocation_id);
/* Takes @hop: put behind whoever says that @value came out of it, now or when that is said. */
void        mill_tracer_place_by_out      (MillTracer   *self,
                                           MillHop      *hop,
                                           const char   *value);
/* Takes @hop, of a table: put behind whoever says that one of @keys came out of it, now or when that is said. */
void        mill_tracer_place_by_keys     (MillTracer   *self,
                                           MillHop      *hop,
                                           JsonObject   *keys);
/* @kind: (nullable): of the hop that it comes from; @payload, @whole: (nullable): what the function was given */
void        mill_tracer_add_record        (MillTracer   *self,
                                           MillInvocation *invocation,
                                           const char   *kind,
                                           const char   *id,
                                           JsonObject   *payload,
                                           const char   *whole);
void        mill_tracer_drop_invocation   (MillTracer   *self,
                                           const char   *id);

/* How the components are: mill-tracer-seen.c */

MillTracerQueue *mill_tracer_get_queue    (MillTracer   *self,
                                           const char   *component);
void        mill_tracer_queue_free        (MillTracerQueue *queue);
void        mill_tracer_subscription_free (MillTracerSubscription *subscription);

/* What nobody tells of, but follows from the rest: mill-tracer-infer.c */

void        mill_tracer_infer             (MillTracer   *self);
/* A queue whose receives are not told of: they follow from the runs of the functions that read it. */
void        mill_tracer_infer_receives    (MillTracer   *self,
                                           MillHop      *queue);
/* @component: NULL for any */
gboolean    mill_tracer_has_child         (MillHop      *hop,
                                           const char   *component);
/* Takes the message to @component, a dead-letter queue. */
void        mill_tracer_dead_letter       (MillTracer   *self,
                                           MillHop      *queue,
                                           const char   *component,
                                           const char   *message_id,
                                           double        time,
                                           gboolean      inferred);

/* A mapping's filter keeps @previous, known to it as @id, from @function. */
MillHop    *mill_tracer_filter            (MillTracer   *self,
                                           const char   *function,
                                           const char   *id,
                                           MillHop      *previous,
                                           double        time);

/* Which run wrote what, where nobody says it: mill-tracer-write.c */

/* @write begins a trace that is not shown yet: who made it may be said, or follow. */
void        mill_tracer_await_writer      (MillTracer   *self,
                                           MillHop      *write);
void        mill_tracer_infer_writes      (MillTracer   *self);

/* @hop has come to a queue or a stream whose reader is told to fail: it waits for that to be put right. */
void        mill_tracer_note_failing      (MillTracer   *self,
                                           MillHop      *hop);
/* The reader of @component, a @kind, reads. */
void        mill_tracer_end_failing       (MillTracer   *self,
                                           const char   *kind,
                                           const char   *component);

/* Gateways: mill-tracer-gateway.c */

void        mill_tracer_logged_free       (gpointer      data);
/* Which message came from which request that only an access log tells of: by time, and marked. */
void        mill_tracer_infer_sent        (MillTracer   *self);
/* @message came from another request than was inferred. */
void        mill_tracer_unsend            (MillTracer   *self,
                                           MillHop      *message);

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
void        mill_tracer_on_gateway_logged (MillTracer *self, JsonObject *event);
void        mill_tracer_on_queue_sent (MillTracer *self, JsonObject *event);
void        mill_tracer_on_queue_received (MillTracer *self, JsonObject *event);
/* @trace goes; what of it is in a queue is counted there until it leaves. */
void        mill_tracer_remember_waiting (MillTracer *self, MillTrace *trace);
void        mill_tracer_on_queue_deleted (MillTracer *self, JsonObject *event);
void        mill_tracer_on_queue_returned (MillTracer *self, JsonObject *event);
void        mill_tracer_on_queue_dead_lettered (MillTracer *self, JsonObject *event);
void        mill_tracer_on_mapping_failed (MillTracer *self, JsonObject *event);
void        mill_tracer_on_mapping_recovered (MillTracer *self, JsonObject *event);
void        mill_tracer_on_mapping_filtered (MillTracer *self, JsonObject *event);
void        mill_tracer_on_function_started (MillTracer *self, JsonObject *event);
void        mill_tracer_on_function_log (MillTracer *self, JsonObject *event);
void        mill_tracer_on_function_ended (MillTracer *self, JsonObject *event);
void        mill_tracer_on_table_written (MillTracer *self, JsonObject *event);
void        mill_tracer_on_topic_published (MillTracer *self, JsonObject *event);
void        mill_tracer_on_topic_tapped (MillTracer *self, JsonObject *event);
void        mill_tracer_on_topic_delivered (MillTracer *self, JsonObject *event);
void        mill_tracer_on_mail (MillTracer *self, JsonObject *event);
void        mill_tracer_on_denied (MillTracer *self, JsonObject *event);
void        mill_tracer_on_queue_seen (MillTracer *self, JsonObject *event);
void        mill_tracer_on_mapping_seen (MillTracer *self, JsonObject *event);
void        mill_tracer_on_mapping_changed (MillTracer *self, JsonObject *event);
void        mill_tracer_on_mappings_listed (MillTracer *self, JsonObject *event);
void        mill_tracer_on_function_seen (MillTracer *self, JsonObject *event);
void        mill_tracer_on_topic_seen (MillTracer *self, JsonObject *event);
void        mill_tracer_on_read_until (MillTracer *self, JsonObject *event);

G_END_DECLS
