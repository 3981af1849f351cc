/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/**
 * PracticeEventPattern:
 *
 * A compiled event pattern in the language of EventBridge rules, Pipes' filters and event source mappings' filters (EventBridge
 * User Guide, "Event patterns"; Lambda Developer Guide, "Filter rule syntax"). Every field of a pattern must match, one of a field's values is enough.
 */
typedef struct _PracticeEventPattern PracticeEventPattern;

typedef enum {
  PRACTICE_EVENT_PATTERN_EVENTS,  /* EventBridge, Pipes, event source mappings */
  PRACTICE_EVENT_PATTERN_TOPIC,   /* the smaller language of SNS filter policies (SNS Developer Guide, "Filter policy constraints") */
} PracticeEventPatternDialect;

/**
 * practice_event_pattern_new:
 * @text: the pattern, JSON
 *
 * @error's message is AWS's reason without what the service puts before it ("Event pattern is not valid. Reason: ").
 *
 * Returns: (transfer full): the pattern, or NULL with @error set
 */
PracticeEventPattern *practice_event_pattern_new          (const char                   *text,
                                                           GError                      **error);
PracticeEventPattern *practice_event_pattern_new_dialect  (const char                   *text,
                                                           PracticeEventPatternDialect   dialect,
                                                           GError                      **error);
void                  practice_event_pattern_free         (PracticeEventPattern         *self);

/* Whether @event (a JSON object; anything else never matches) has what the pattern asks for. */
gboolean              practice_event_pattern_matches      (PracticeEventPattern         *self,
                                                           JsonNode                     *event);

/* The number of fields with values to match, and the product over them of values times depth: what SNS limits. */
guint                 practice_event_pattern_count_fields   (PracticeEventPattern       *self);
guint                 practice_event_pattern_get_complexity (PracticeEventPattern       *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PracticeEventPattern, practice_event_pattern_free)

G_END_DECLS
