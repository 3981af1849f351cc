/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-event-matcher-private.h"

#include <gio/gio.h>

#include "practice-json.h"

/* EventBridge refuses patterns that cost too much to match; it publishes no figure. */
#define MAX_WILDCARDS 5

static const char *const operators[] = {
  "anything-but", "cidr", "equals-ignore-case", "exists", "numeric", "prefix", "suffix", "wildcard", NULL
};

G_GNUC_PRINTF (2, 3) static gpointer
refuse (GError     **error,
        const char  *format,
        ...)
{
  va_list args;

  va_start (args, format);
  g_propagate_error (error, g_error_new_valist (G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, format, args));
  va_end (args);
  return NULL;
}

static PracticeEventMatcher *
matcher_new (MatchKind kind)
{
  PracticeEventMatcher *self = g_new0 (PracticeEventMatcher, 1);

  self->kind = kind;
  return self;
}

static PracticeEventMatcher *
matcher_new_text (MatchKind   kind,
                  const char *text,
                  gboolean    ignore_case)
{
  PracticeEventMatcher *self = matcher_new (kind);

  self->ignore_case = ignore_case;
  self->text = ignore_case ? g_utf8_casefold (text, -1) : g_strdup (text);
  return self;
}

static PracticeEventMatcher *
parse_literal (JsonNode *node)
{
  PracticeEventMatcher *self;

  if (practice_json_is_string (node))
    return matcher_new_text (MATCH_STRING, json_node_get_string (node), FALSE);

  if (practice_json_is_number (node)) {
    self = matcher_new (MATCH_NUMBER);
    self->number = json_node_get_double (node);
    return self;
  }
  if (practice_json_is_boolean (node)) {
    self = matcher_new (MATCH_BOOLEAN);
    self->boolean = json_node_get_boolean (node);
    return self;
  }

  return matcher_new (MATCH_NULL);
}

static PracticeEventMatcher *
parse_cidr (JsonNode  *node,
            GError   **error)
{
  PracticeEventMatcher *self;
  g_auto (GStrv) parts = NULL;
  PracticeEventAddress address;
  gint64 bits;
  char *end = NULL;

  if (!practice_json_is_string (node))
    return refuse (error, "prefix match pattern must be a string");

  parts = g_strsplit (json_node_get_string (node), "/", -1);
  if (g_strv_length (parts) != 2)
    return refuse (error, "Malformed CIDR, one '/' required");

  if (!practice_event_address_parse (parts[0], &address))
    return refuse (error, "Nonstandard IP address: %s", parts[0]);

  bits = g_ascii_strtoll (parts[1], &end, 10);
  if (end == parts[1] || *end != '\0')
    return refuse (error, "Malformed CIDR, mask bits must be an integer");
  if (bits < 0)
    return refuse (error, "Malformed CIDR, mask bits must not be negative");
  if (bits > address.length * 8)
    return refuse (error, "%s mask bits must be < %u", address.length == 4 ? "IPv4" : "IPv6", address.length * 8 + 1);

  self = matcher_new (MATCH_CIDR);
  self->address = address;
  self->bits = bits;
  return self;
}

static PracticeEventMatcher *
parse_wildcard (const char  *text,
                GError     **error)
{
  guint n_wildcards = 0;

  for (gsize i = 0; text[i] != '\0'; i++) {
    if (text[i] == '\\') {
      i++;
      if (text[i] != '*' && text[i] != '\\')
        return refuse (error, "Invalid escape character at pos %" G_GSIZE_FORMAT, i - 1);
    } else if (text[i] == '*') {
      n_wildcards++;
      if (text[i + 1] == '*')
        return refuse (error, "Consecutive wildcard characters at pos %" G_GSIZE_FORMAT, i);
    }
  }

  if (n_wildcards > MAX_WILDCARDS)
    return refuse (error, "Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences after "
                          "a wildcard character");

  return matcher_new_text (MATCH_WILDCARD, text, FALSE);
}

/* "prefix" and "suffix", plain or {"equals-ignore-case": text}. */
static PracticeEventMatcher *
parse_affix (const char                   *name,
             JsonNode                     *node,
             PracticeEventPatternDialect   dialect,
             GError                      **error)
{
  MatchKind kind = g_str_equal (name, "prefix") ? MATCH_PREFIX : MATCH_SUFFIX;

  if (practice_json_is_string (node))
    return matcher_new_text (kind, json_node_get_string (node), FALSE);

  if (JSON_NODE_HOLDS_OBJECT (node) && dialect == PRACTICE_EVENT_PATTERN_EVENTS) {
    JsonObject *object = json_node_get_object (node);
    const char *text = practice_json_get_string (object, "equals-ignore-case");

    if (text != NULL && json_object_get_size (object) == 1)
      return matcher_new_text (kind, text, TRUE);
  }

  return refuse (error, "%s match pattern must be a string", name);
}

/* The item of a numeric expression as messages show it; what is not there shows as the closing bracket. */
static char *
describe_item (JsonArray *items,
               guint      i)
{
  JsonNode *node;

  if (i >= json_array_get_length (items))
    return g_strdup ("]");

  node = json_array_get_element (items, i);
  return practice_json_is_string (node) ? json_node_dup_string (node) : practice_json_to_text (node);
}

static gboolean
get_operand (JsonArray   *items,
             guint        i,
             const char  *name,
             double      *value,
             GError     **error)
{
  if (i >= json_array_get_length (items) || !practice_json_is_number (json_array_get_element (items, i))) {
    refuse (error, "Value of %s must be numeric", name);
    return FALSE;
  }

  *value = json_node_get_double (json_array_get_element (items, i));
  return TRUE;
}

static PracticeEventMatcher *
parse_numeric (JsonNode  *node,
               GError   **error)
{
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  PracticeEventMatcher range = { .kind = MATCH_RANGE, .low = -G_MAXDOUBLE, .high = G_MAXDOUBLE };
  JsonArray *items;
  guint n_items;

  if (!JSON_NODE_HOLDS_ARRAY (node))
    return refuse (error, "Value of numeric must be an array.");

  items = json_node_get_array (node);
  n_items = json_array_get_length (items);
  first = describe_item (items, 0);

  if (n_items == 0 || !practice_json_is_string (json_array_get_element (items, 0)))
    return refuse (error, "Invalid member in numeric match: %s", first);

  if (g_str_equal (first, "=")) {
    if (!get_operand (items, 1, "equals", &range.low, error))
      return NULL;
    range.high = range.low;
  } else if (g_str_equal (first, "<") || g_str_equal (first, "<=")) {
    if (!get_operand (items, 1, first, &range.high, error))
      return NULL;
    range.high_open = g_str_equal (first, "<");
  } else if (g_str_equal (first, ">") || g_str_equal (first, ">=")) {
    if (!get_operand (items, 1, first, &range.low, error))
      return NULL;
    range.low_open = g_str_equal (first, ">");

    if (n_items > 2) {
      second = describe_item (items, 2);
      if (!practice_json_is_string (json_array_get_element (items, 2)))
        return refuse (error, "Bad value in numeric range: %s", second);
      if (!g_str_equal (second, "<") && !g_str_equal (second, "<="))
        return refuse (error, "Bad numeric range operator: %s", second);
      if (!get_operand (items, 3, second, &range.high, error))
        return NULL;
      if (range.low >= range.high)
        return refuse (error, "Bottom must be less than top");
      if (n_items > 4)
        return refuse (error, "Too many terms in numeric range expression");
      range.high_open = g_str_equal (second, "<");
    }
  } else {
    return refuse (error, "Unrecognized numeric range operator: %s", first);
  }

  if (second == NULL && n_items > 2)
    return refuse (error, "Too many elements in numeric expression");

  return g_memdup2 (&range, sizeof range);
}

/* One of the texts inside {"anything-but": {operator: text or [texts]}}. */
static PracticeEventMatcher *
parse_excluded_text (const char                   *name,
                     JsonNode                     *node,
                     PracticeEventPatternDialect   dialect,
                     GError                      **error)
{
  const char *text = practice_json_is_string (node) ? json_node_get_string (node) : NULL;

  if (g_str_equal (name, "equals-ignore-case")) {
    if (text == NULL)
      return refuse (error, "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported.");
    return matcher_new_text (MATCH_STRING, text, TRUE);
  }

  if (g_str_equal (name, "wildcard")) {
    if (text == NULL)
      return refuse (error, "wildcard match pattern must be a string");
    return parse_wildcard (text, error);
  }

  if (text == NULL && JSON_NODE_HOLDS_OBJECT (node))
    return refuse (error, "Value of anything-but must be an array or single string/number value.");
  if (text == NULL && dialect == PRACTICE_EVENT_PATTERN_TOPIC)
    return refuse (error, "%s match pattern must be a string", name);
  if (text == NULL)
    return refuse (error, "prefix/suffix match pattern must be a string");
  if (*text == '\0')
    return refuse (error, "Null prefix/suffix not allowed");

  return matcher_new_text (g_str_equal (name, "prefix") ? MATCH_PREFIX : MATCH_SUFFIX, text, FALSE);
}

static gboolean
parse_excluded_operator (GPtrArray                    *excluded,
                         JsonObject                   *object,
                         PracticeEventPatternDialect   dialect,
                         GError                      **error)
{
  static const char *const known[] = { "prefix", "suffix", "equals-ignore-case", "wildcard", NULL };
  static const char *const known_to_topics[] = { "prefix", NULL };
  g_autoptr (GList) names = json_object_get_members (object);
  const char *name = names != NULL ? names->data : "";
  PracticeEventMatcher *matcher;
  JsonNode *value;

  if (!g_strv_contains (dialect == PRACTICE_EVENT_PATTERN_TOPIC ? known_to_topics : known, name)) {
    refuse (error, "Unsupported anything-but pattern: %s", name);
    return FALSE;
  }

  value = json_object_get_member (object, name);
  if (JSON_NODE_HOLDS_ARRAY (value) && dialect == PRACTICE_EVENT_PATTERN_EVENTS) {
    JsonArray *items = json_node_get_array (value);

    if (json_array_get_length (items) == 0) {
      refuse (error, "Empty arrays are not allowed");
      return FALSE;
    }
    for (guint i = 0; i < json_array_get_length (items); i++) {
      matcher = parse_excluded_text (name, json_array_get_element (items, i), dialect, error);
      if (matcher == NULL)
        return FALSE;
      g_ptr_array_add (excluded, matcher);
    }
  } else {
    matcher = parse_excluded_text (name, value, dialect, error);
    if (matcher == NULL)
      return FALSE;
    g_ptr_array_add (excluded, matcher);
  }

  if (json_object_get_size (object) != 1) {
    refuse (error, "Only one key allowed in match expression");
    return FALSE;
  }
  return TRUE;
}

static gboolean
parse_excluded_list (GPtrArray  *excluded,
                     JsonArray  *items,
                     GError    **error)
{
  gboolean texts = FALSE, numbers = FALSE;

  if (json_array_get_length (items) == 0) {
    refuse (error, "Empty arrays are not allowed");
    return FALSE;
  }

  for (guint i = 0; i < json_array_get_length (items); i++) {
    JsonNode *item = json_array_get_element (items, i);

    texts |= practice_json_is_string (item);
    numbers |= practice_json_is_number (item);
    if (!practice_json_is_string (item) && !practice_json_is_number (item)) {
      refuse (error, "Inside anything but list, start|null|boolean is not supported.");
      return FALSE;
    }
    if (texts && numbers) {
      refuse (error, "Inside anything but list, either all values are number or string, mixed type is not supported");
      return FALSE;
    }
    g_ptr_array_add (excluded, parse_literal (item));
  }

  return TRUE;
}

static PracticeEventMatcher *
parse_anything_but (JsonNode                     *node,
                    PracticeEventPatternDialect   dialect,
                    GError                      **error)
{
  g_autoptr (GPtrArray) excluded = g_ptr_array_new_with_free_func ((GDestroyNotify) practice_event_matcher_free);
  PracticeEventMatcher *self;

  if (JSON_NODE_HOLDS_OBJECT (node)) {
    if (!parse_excluded_operator (excluded, json_node_get_object (node), dialect, error))
      return NULL;
  } else if (JSON_NODE_HOLDS_ARRAY (node)) {
    if (!parse_excluded_list (excluded, json_node_get_array (node), error))
      return NULL;
  } else if (practice_json_is_string (node) || practice_json_is_number (node)) {
    g_ptr_array_add (excluded, parse_literal (node));
  } else {
    return refuse (error, "Value of anything-but must be an array or single string/number value.");
  }

  self = matcher_new (MATCH_ANYTHING_BUT);
  self->excluded = g_steal_pointer (&excluded);
  return self;
}

static PracticeEventMatcher *
parse_operator (const char                   *name,
                JsonNode                     *value,
                PracticeEventPatternDialect   dialect,
                GError                      **error)
{
  if (g_str_equal (name, "prefix") || g_str_equal (name, "suffix"))
    return parse_affix (name, value, dialect, error);
  if (g_str_equal (name, "anything-but"))
    return parse_anything_but (value, dialect, error);
  if (g_str_equal (name, "numeric"))
    return parse_numeric (value, error);
  if (g_str_equal (name, "cidr"))
    return parse_cidr (value, error);

  if (g_str_equal (name, "exists")) {
    if (!practice_json_is_boolean (value))
      return refuse (error, "exists match pattern must be either true or false.");
    return matcher_new (json_node_get_boolean (value) ? MATCH_EXISTS : MATCH_ABSENT);
  }
  if (g_str_equal (name, "equals-ignore-case")) {
    if (!practice_json_is_string (value))
      return refuse (error, "equals-ignore-case match pattern must be a string");
    return matcher_new_text (MATCH_STRING, json_node_get_string (value), TRUE);
  }
  if (g_str_equal (name, "wildcard") && dialect == PRACTICE_EVENT_PATTERN_EVENTS) {
    if (!practice_json_is_string (value))
      return refuse (error, "wildcard match pattern must be a string");
    return parse_wildcard (json_node_get_string (value), error);
  }

  return refuse (error, "Unrecognized match type %s", name);
}

PracticeEventMatcher *
practice_event_matcher_new (JsonNode                     *node,
                            PracticeEventPatternDialect   dialect,
                            GError                      **error)
{
  g_autoptr (GList) names = NULL;
  PracticeEventMatcher *self;
  JsonObject *object;

  if (JSON_NODE_HOLDS_ARRAY (node))
    return refuse (error, "Match value must be String, number, true, false, or null");
  if (!JSON_NODE_HOLDS_OBJECT (node))
    return parse_literal (node);

  object = json_node_get_object (node);
  names = json_object_get_members (object);
  if (names == NULL)
    return refuse (error, "Match expression name not found");

  self = parse_operator (names->data, json_object_get_member (object, names->data), dialect, error);
  if (self != NULL && names->next != NULL) {
    practice_event_matcher_free (self);
    return refuse (error, "Only one key allowed in match expression");
  }

  return self;
}

gboolean
practice_event_matcher_is_operator (const char *name)
{
  return g_strv_contains (operators, name);
}
