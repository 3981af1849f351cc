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

/* Something happened at @time; @failed: it went wrong, besides. */
typedef void (*MillPlacesMoment) (double   time,
                                  gboolean failed,
                                  gpointer user_data);

MillPlaces *mill_places_new          (MillPlacesMoment   happened,
                                      gpointer           user_data);
void        mill_places_free         (MillPlaces        *self);
/* Nothing has been counted. Places stay. */
void        mill_places_clear        (MillPlaces        *self);
/* Counts what @hop has told since it was counted last; it must live until mill_places_forget() or mill_places_clear(). Returns: FALSE where it took something back: then all is
 * to be counted anew. */
gboolean    mill_places_count        (MillPlaces        *self,
                                      MillHop           *hop);
/* @hop goes; what it told stays counted. */
void        mill_places_forget       (MillPlaces        *self,
                                      MillHop           *hop);
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
