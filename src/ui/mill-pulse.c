/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-pulse.h"

#define EVERY_MS 100

static gboolean
on_time (gpointer data)
{
  MillPulse *self = data;

  self->id = 0;
  /* Who rings again at once is not answered at once. */
  self->last = g_get_monotonic_time ();
  self->func (self->data);
  /* From its end: what takes long leaves time for others. */
  self->last = g_get_monotonic_time ();
  return G_SOURCE_REMOVE;
}

void
mill_pulse_ring (MillPulse *self)
{
  gint64 rest;

  if (self->id != 0)
    return;
  rest = self->last / 1000 + EVERY_MS - g_get_monotonic_time () / 1000;
  self->id = rest > 0 ? g_timeout_add (rest, on_time, self) : g_idle_add_full (G_PRIORITY_DEFAULT, on_time, self, NULL);
}

void
mill_pulse_stop (MillPulse *self)
{
  g_clear_handle_id (&self->id, g_source_remove);
}
