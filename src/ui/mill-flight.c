/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-flight.h"

#define FLIGHT_US (520 * 1000)
#define MOST      1000

struct _MillFlights
{
  GArray *flights;     /* of MillFlight */
  GHashTable *ends;    /* "trace node" → gint64: when its last flight there arrives */
};

static char *
make_key (const char *trace,
          guint       node)
{
  return g_strdup_printf ("%s %u", trace, node);
}

static void
clear_flight (gpointer data)
{
  g_free (((MillFlight *) data)->trace);
}

MillFlights *
mill_flights_new (void)
{
  MillFlights *self = g_new0 (MillFlights, 1);

  self->flights = g_array_new (FALSE, FALSE, sizeof (MillFlight));
  g_array_set_clear_func (self->flights, clear_flight);
  self->ends = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  return self;
}

void
mill_flights_free (MillFlights *self)
{
  g_array_unref (self->flights);
  g_hash_table_unref (self->ends);
  g_free (self);
}

void
mill_flights_add (MillFlights   *self,
                  const char    *trace,
                  guint          from,
                  guint          to,
                  MillHopStatus  status,
                  gint64         now)
{
  g_autofree char *leaves = make_key (trace, from);
  gint64 *last = g_hash_table_lookup (self->ends, leaves);
  MillFlight flight = { g_strdup (trace), from, to, now, 0, status };

  /* The same leg again, in another state: it changes what is on its way. */
  for (guint i = 0; i < self->flights->len; i++)
    {
      MillFlight *other = &g_array_index (self->flights, MillFlight, i);

      if (other->from == from && other->to == to && g_str_equal (other->trace, trace))
        {
          other->status = status;
          g_free (flight.trace);
          return;
        }
    }
  if (last != NULL && *last > now)
    flight.start = *last;
  flight.end = flight.start + FLIGHT_US;
  g_hash_table_insert (self->ends, make_key (trace, to), g_memdup2 (&flight.end, sizeof flight.end));
  if (self->flights->len >= MOST)
    g_array_remove_index (self->flights, 0);
  g_array_append_val (self->flights, flight);
}

guint
mill_flights_advance (MillFlights *self,
                      gint64       now,
                      MillLanding  landing,
                      gpointer     user_data)
{
  for (guint i = 0; i < self->flights->len;)
    {
      MillFlight *flight = &g_array_index (self->flights, MillFlight, i);

      if (flight->end > now)
        {
          i++;
          continue;
        }
      landing (flight->to, flight->status, user_data);
      g_array_remove_index (self->flights, i);
    }
  if (self->flights->len == 0)
    g_hash_table_remove_all (self->ends);
  return self->flights->len;
}

guint
mill_flights_get_n (MillFlights *self)
{
  return self->flights->len;
}

const MillFlight *
mill_flights_get (MillFlights *self,
                  guint        index)
{
  return &g_array_index (self->flights, MillFlight, index);
}

void
mill_flights_clear (MillFlights *self)
{
  g_array_set_size (self->flights, 0);
  g_hash_table_remove_all (self->ends);
}

double
mill_flight_progress (const MillFlight *flight,
                      gint64            now)
{
  double t = (double) (now - flight->start) / (flight->end - flight->start);

  if (t < 0)
    return -1;
  if (t >= 1)
    return 1;
  return t * t * (3 - 2 * t);
}
