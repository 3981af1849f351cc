/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Event patterns and filter policies: "pattern NUL event". */
#include <stdint.h>
#include <string.h>

#include "practice-event-pattern.h"
#include "practice-filter-policy.h"
#include "practice-json.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput (const uint8_t *data,
                        size_t         size)
{
  g_autofree char *text = g_strndup ((const char *) data, size);
  gsize length = strlen (text);
  const char *event_text = length < size ? (const char *) data + length + 1 : "";
  gsize event_length = length < size ? size - length - 1 : 0;
  g_autofree char *body = g_strndup (event_text, event_length);
  g_autoptr (JsonNode) event = practice_json_parse (event_text, event_length, NULL);
  g_autoptr (PracticeEventPattern) pattern = practice_event_pattern_new (text, NULL);
  g_autoptr (PracticeFilterPolicy) by_body = practice_filter_policy_new (text, PRACTICE_FILTER_SCOPE_BODY, NULL);
  g_autoptr (PracticeFilterPolicy) by_attributes = practice_filter_policy_new (text, PRACTICE_FILTER_SCOPE_ATTRIBUTES, NULL);

  if (pattern != NULL && event != NULL)
    practice_event_pattern_matches (pattern, event);
  if (by_body != NULL)
    practice_filter_policy_matches (by_body, NULL, body);
  if (by_attributes != NULL)
    practice_filter_policy_matches (by_attributes,
                                    event != NULL && JSON_NODE_HOLDS_OBJECT (event) ? json_node_get_object (event) : NULL, body);

  return 0;
}
