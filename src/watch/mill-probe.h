/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "aws-client.h"

G_BEGIN_DECLS

#define MILL_TYPE_PROBE (mill_probe_get_type ())

/**
 * MillProbe:
 *
 * Asks public APIs what became of messages at one component, and tells it in the words of the practice cloud's events (MillTracer). Asks
 * when it is told to, one call at a time.
 *
 * Signals: "observation" (a JsonObject), "done" (a GError, or NULL).
 */
G_DECLARE_DERIVABLE_TYPE (MillProbe, mill_probe, MILL, PROBE, GObject)

/* What was answered; NULL with an error. */
typedef void (*MillProbeAnswer) (MillProbe    *self,
                                 JsonObject   *result,
                                 const GError *error);

struct _MillProbeClass
{
  GObjectClass  parent_class;

  /* Asks; ends with mill_probe_done(), now or later. */
  void        (*poll) (MillProbe *self);
};

/* @component: a logical id or an ARN; @since: seconds since 1970: nothing that is older matters */
gpointer    mill_probe_new           (GType             type,
                                      AwsClient        *client,
                                      const char       *component,
                                      double            since);
const char *mill_probe_get_component (MillProbe        *self);
double      mill_probe_get_since     (MillProbe        *self);
/* Cancelled when it is stopped. */
GCancellable *mill_probe_get_cancellable (MillProbe     *self);
/* Whether a call may be made now. */
typedef gboolean (*MillProbeGate) (MillProbe *self,
                                   gpointer   user_data);
/* Asked before each call; one that may not be made now waits for the next mill_probe_poll(). */
void        mill_probe_set_gate      (MillProbe        *self,
                                      MillProbeGate     gate,
                                      gpointer          user_data);
/* Asks. Where an earlier poll is under way it goes on with the call that waited, if one does. */
void        mill_probe_poll          (MillProbe        *self);
/* No answer comes any more. */
void        mill_probe_stop          (MillProbe        *self);

/* For the kinds of probes */

/* @parameters: (transfer full) */
void        mill_probe_call          (MillProbe        *self,
                                      const char       *operation,
                                      JsonObject       *parameters,
                                      MillProbeAnswer   answer);
/* The same for what is no operation: a GET of @path at the client's endpoint, signed for @service. */
void        mill_probe_get           (MillProbe        *self,
                                      const char       *service,
                                      const char       *path,
                                      MillProbeAnswer   answer);
/* @event: (transfer full): gets @kind */
void        mill_probe_tell          (MillProbe        *self,
                                      const char       *kind,
                                      JsonObject       *event);
void        mill_probe_done          (MillProbe        *self,
                                      const GError     *error);
/* The same with @error, or where there is none because the answer was not understood. */
void        mill_probe_fail          (MillProbe        *self,
                                      const GError     *error);
/* (transfer full): name, value, …, NULL; strings, NULL ones are left out */
JsonObject *mill_probe_object        (const char       *name,
                                      ...) G_GNUC_NULL_TERMINATED;

G_END_DECLS
