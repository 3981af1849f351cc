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
/* Nothing has been counted. Places stay. */
void        mill_places_clear        (MillPlaces        *self);
/* Counts what @hop has told since it was counted last. Returns: FALSE where it took something back: then all is to be counted anew. */
gboolean    mill_places_count        (MillPlaces        *self,
                                      MillHop           *hop);
/* What these hops told is counted no more. Returns: FALSE where one of them has changed since it was counted: then all is to be counted anew. */
gboolean    mill_places_forget       (MillPlaces        *self,
                                      GPtrArray         *hops);
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

G_END_DECLS
