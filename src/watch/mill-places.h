/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "mill-timeline.h"

G_BEGIN_DECLS

/**
 * MillPlaces:
 *
 * What happened at each component, by its time: what MillTimeline counts. A component that messages reach from several others is there for each of them.
 */
typedef struct _MillPlaces MillPlaces;

MillPlaces *mill_places_new          (void);
void        mill_places_free         (MillPlaces        *self);
/* Nothing has been counted, but for what is gone. Places stay. */
void        mill_places_clear        (MillPlaces        *self);
/* Counts what @hop has told since it was counted last. Returns: FALSE where it took something back: then all is to be counted anew. */
gboolean    mill_places_count        (MillPlaces        *self,
                                      MillHop           *hop);
/* What these hops told has no times any more. @done: it is gone, and yet it was done: mill_places_add_gone(). Returns: FALSE where one of them has changed since it was
 * counted: then all is to be counted anew. */
gboolean    mill_places_forget       (MillPlaces        *self,
                                      GPtrArray         *hops,
                                      gboolean           done);
/* When anything happened, in order, each once. @n_same: (out) (optional): so many of the first are what they were when this was asked for last. */
GArray     *mill_places_get_moments  (MillPlaces        *self,
                                      guint             *n_same);
/* When anything went wrong, in order. */
GArray     *mill_places_get_failures (MillPlaces        *self);
guint       mill_places_get_n        (MillPlaces        *self);
/* As mill_timeline_get_place(). */
const char *mill_places_get          (MillPlaces        *self,
                                      guint              index,
                                      const char       **kind,
                                      const char       **from,
                                      const char       **from_kind);
/* As mill_timeline_add_activity(), but for 0. */
void        mill_places_add_activity (MillPlaces        *self,
                                      guint              index,
                                      double             moment,
                                      MillActivity      *activity);
/* Adds what was done there by hops that are gone. */
void        mill_places_add_gone     (MillPlaces        *self,
                                      guint              index,
                                      MillActivity      *activity);

G_END_DECLS
