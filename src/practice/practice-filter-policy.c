/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-filter-policy.h"

#include <gio/gio.h>

#include "practice-event-pattern.h"
#include "practice-json.h"

#define MAX_FIELDS 5
#define MAX_COMPLEXITY 150

struct _PracticeFilterPolicy {
  PracticeEventPattern *pattern;
  PracticeFilterScope   scope;
};

static gboolean
is_nested (const char *text)
{
  g_autoptr (JsonObject) object = practice_json_parse_object (text, -1, NULL);
  JsonObjectIter iter;
  JsonNode *value;

  if (object == NULL)
    return FALSE;

  json_object_iter_init (&iter, object);
  while (json_object_iter_next (&iter, NULL, &value)) {
    if (JSON_NODE_HOLDS_OBJECT (value))
      return TRUE;
  }
  return FALSE;
}

/* A number is compared as one, the items of a String.Array one by one; bytes are never matched, they only exist. */
static JsonNode *
attribute_to_value (JsonObject *attribute)
{
  const char *type = practice_json_get_string (attribute, "DataType");
  const char *text = practice_json_get_string (attribute, "StringValue");
  g_autoptr (JsonNode) value = NULL;

  if (type == NULL || text == NULL)
    return json_node_init_boolean (json_node_alloc (), TRUE);

  if (g_str_equal (type, "String.Array") || g_str_equal (type, "Number") || g_str_has_prefix (type, "Number.")) {
    value = practice_json_parse (text, -1, NULL);
    if (value != NULL && (JSON_NODE_HOLDS_ARRAY (value) || g_str_has_prefix (type, "Number")))
      return g_steal_pointer (&value);
  }
  return json_node_init_string (json_node_alloc (), text);
}

static JsonNode *
attributes_to_event (JsonObject *attributes)
{
  g_autoptr (JsonObject) event = json_object_new ();
  JsonObjectIter iter;
  const char *name;
  JsonNode *attribute;

  if (attributes != NULL) {
    json_object_iter_init (&iter, attributes);
    while (json_object_iter_next (&iter, &name, &attribute)) {
      if (JSON_NODE_HOLDS_OBJECT (attribute))
        json_object_set_member (event, name, attribute_to_value (json_node_get_object (attribute)));
    }
  }
  return json_node_init_object (json_node_alloc (), event);
}

PracticeFilterPolicy *
practice_filter_policy_new (const char           *text,
                            PracticeFilterScope   scope,
                            GError              **error)
{
  g_autoptr (PracticeEventPattern) pattern = NULL;
  g_autoptr (GError) local_error = NULL;
  PracticeFilterPolicy *self;

  if (scope == PRACTICE_FILTER_SCOPE_ATTRIBUTES && is_nested (text)) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                         "Filter policy scope MessageAttributes does not support nested filter policy");
    return NULL;
  }

  pattern = practice_event_pattern_new_dialect (text, PRACTICE_EVENT_PATTERN_TOPIC, &local_error);
  if (pattern == NULL) {
    gboolean is_json = g_error_matches (local_error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT);

    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                 "FilterPolicy: %s%s", is_json ? "" : "failed to parse JSON. ", local_error->message);
    return NULL;
  }
  if (practice_event_pattern_count_fields (pattern) > MAX_FIELDS) {
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                 "FilterPolicy: Filter policy can not have more than %d keys", MAX_FIELDS);
    return NULL;
  }
  if (practice_event_pattern_get_complexity (pattern) > MAX_COMPLEXITY) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "FilterPolicy: Filter policy is too complex");
    return NULL;
  }

  self = g_new0 (PracticeFilterPolicy, 1);
  self->pattern = g_steal_pointer (&pattern);
  self->scope = scope;
  return self;
}

void
practice_filter_policy_free (PracticeFilterPolicy *self)
{
  practice_event_pattern_free (self->pattern);
  g_free (self);
}

gboolean
practice_filter_policy_matches (PracticeFilterPolicy *self,
                                JsonObject           *attributes,
                                const char           *body)
{
  g_autoptr (JsonNode) event = NULL;

  if (self->scope == PRACTICE_FILTER_SCOPE_ATTRIBUTES)
    event = attributes_to_event (attributes);
  else
    event = practice_json_parse (body, -1, NULL);

  return event != NULL && practice_event_pattern_matches (self->pattern, event);
}
