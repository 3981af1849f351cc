/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "practice-event-pattern.h"

G_BEGIN_DECLS

/**
 * PracticeEventMatcher:
 *
 * One value that a field of an event pattern may have: a literal or an operator such as {"prefix": "a"}. Internal to the event pattern.
 */
typedef struct _PracticeEventMatcher PracticeEventMatcher;

PracticeEventMatcher *practice_event_matcher_new       (JsonNode                     *node,
                                                        PracticeEventPatternDialect   dialect,
                                                        GError                      **error);
void                  practice_event_matcher_free      (PracticeEventMatcher         *self);
/* {"exists": false}: about the field, not its value. */
gboolean              practice_event_matcher_is_absent (PracticeEventMatcher         *self);
/* @value: a string, number, boolean or null. */
gboolean              practice_event_matcher_matches   (PracticeEventMatcher         *self,
                                                        JsonNode                     *value);
/* Whether {name: …} is an operator, as "$or" must know. */
gboolean              practice_event_matcher_is_operator (const char                 *name);

G_END_DECLS
