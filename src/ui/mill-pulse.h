/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * MillPulse:
 *
 * Does something soon, but not more often than every 100 ms: what is told hundreds of times a second is shown ten times. The first
 * time after a rest it is done before the next frame. A member of its owner, who stops it before he goes; zeroed but for @func and @data.
 */
typedef struct {
  void   (*func) (gpointer data);
  gpointer data;
  guint    id;
  gint64   last;   /* monotonic µs */
} MillPulse;

void mill_pulse_ring (MillPulse *self);
void mill_pulse_stop (MillPulse *self);

G_END_DECLS
