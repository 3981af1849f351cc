/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

#include "mill-hop.h"

G_BEGIN_DECLS

/**
 * MillFlight:
 * @trace: whose message it is
 * @from: index of the node it leaves
 * @to: index of the node it goes to
 * @start: when it leaves, frame-clock microseconds
 * @end: when it arrives
 * @status: how the stay at @to is going
 *
 * One dot on its way along one edge.
 */
typedef struct {
  char          *trace;
  guint          from;
  guint          to;
  gint64         start;
  gint64         end;
  MillHopStatus  status;
} MillFlight;

/**
 * MillFlights:
 *
 * The dots under way. A message's dots follow one another: the next leaves when the one before has arrived, however quickly the message
 * itself went. Beyond a bound the oldest are dropped: the counts still tell.
 */
typedef struct _MillFlights MillFlights;

/* @user_data of a landing: the index of the node and how the stay there goes. */
typedef void (*MillLanding) (guint         node,
                             MillHopStatus status,
                             gpointer      user_data);

MillFlights      *mill_flights_new     (void);
void              mill_flights_free    (MillFlights   *self);
void              mill_flights_add     (MillFlights   *self,
                                        const char    *trace,
                                        guint          from,
                                        guint          to,
                                        MillHopStatus  status,
                                        gint64         now);
/* Ends the flights that have arrived by @now. Returns how many are left. */
guint             mill_flights_advance (MillFlights   *self,
                                        gint64         now,
                                        MillLanding    landing,
                                        gpointer       user_data);
guint             mill_flights_get_n   (MillFlights   *self);
const MillFlight *mill_flights_get     (MillFlights   *self,
                                        guint          index);
void              mill_flights_clear   (MillFlights   *self);
/* How far a flight has come at @now: below 0 before it leaves, 1 at its end; eased. */
double            mill_flight_progress (const MillFlight *flight,
                                        gint64         now);

G_END_DECLS
