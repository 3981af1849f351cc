/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-condition.h"

#include <gio/gio.h>
#include <string.h>

#include "practice-json.h"
#include "practice-pattern.h"

#define IF_EXISTS "IfExists"
#define FOR_ALL "ForAllValues:"
#define FOR_ANY "ForAnyValue:"

/* Compares a value of the request with one of the policy, variables filled in. */
typedef gboolean (*CompareFunc) (const char *value,
                                 const char *wanted);

typedef struct {
  const char  *name;
  CompareFunc  compare;
  gboolean     negated;
} Operator;

typedef enum {
  SET_NONE,
  SET_ALL,
  SET_ANY,
} SetKind;

typedef struct {
  const PracticePolicyRequest *request;
  gboolean                     variables;
} Evaluation;

static gboolean
string_equals (const char *value,
               const char *wanted)
{
  return practice_pattern_equals (wanted, value, FALSE);
}

static gboolean
string_equals_ignore_case (const char *value,
                           const char *wanted)
{
  return practice_pattern_equals (wanted, value, TRUE);
}

static gboolean
string_like (const char *value,
             const char *wanted)
{
  return practice_pattern_matches (wanted, value, FALSE);
}

/* ArnEquals and ArnLike behave alike ("IAM JSON policy elements: Condition operators"). */
static gboolean
arn_like (const char *value,
          const char *wanted)
{
  return practice_pattern_matches_arn (wanted, value);
}

static gboolean
bool_equals (const char *value,
             const char *wanted)
{
  return g_ascii_strcasecmp (value, wanted) == 0;
}

static gboolean
parse_number (const char *text,
              double     *number)
{
  char *end = NULL;

  *number = g_ascii_strtod (text, &end);
  return end != text && *end == '\0' && *number == *number;
}

/* ISO 8601 with or without a time of day, or seconds since 1970. */
static gboolean
parse_date (const char *text,
            double     *seconds)
{
  g_autoptr (GTimeZone) utc = NULL;
  g_autoptr (GDateTime) date = NULL;
  g_autofree char *full = NULL;

  if (parse_number (text, seconds) && strchr (text, '-') == NULL)
    return TRUE;
  utc = g_time_zone_new_utc ();
  full = strchr (text, 'T') == NULL ? g_strconcat (text, "T00:00:00Z", NULL) : g_strdup (text);
  date = g_date_time_new_from_iso8601 (full, utc);
  if (date == NULL)
    return FALSE;
  *seconds = (double) g_date_time_to_unix (date) + g_date_time_get_microsecond (date) / 1e6;
  return TRUE;
}

#define COMPARE(name, parse, operator)              \
  static gboolean                                   \
  name (const char *value,                          \
        const char *wanted)                         \
  {                                                 \
    double a = 0;                                   \
    double b = 0;                                   \
                                                    \
    return parse (value, &a) && parse (wanted, &b) && a operator b; \
  }

COMPARE (numeric_equals, parse_number, ==)
COMPARE (numeric_less, parse_number, <)
COMPARE (numeric_less_equals, parse_number, <=)
COMPARE (numeric_greater, parse_number, >)
COMPARE (numeric_greater_equals, parse_number, >=)
COMPARE (date_equals, parse_date, ==)
COMPARE (date_less, parse_date, <)
COMPARE (date_less_equals, parse_date, <=)
COMPARE (date_greater, parse_date, >)
COMPARE (date_greater_equals, parse_date, >=)

static gboolean
ip_address (const char *value,
            const char *wanted)
{
  g_autoptr (GInetAddress) address = g_inet_address_new_from_string (value);
  g_autoptr (GInetAddressMask) mask = g_inet_address_mask_new_from_string (wanted, NULL);

  return address != NULL && mask != NULL && g_inet_address_mask_matches (mask, address);
}

static const Operator operators[] = {
  { "StringEquals", string_equals, FALSE },
  { "StringNotEquals", string_equals, TRUE },
  { "StringEqualsIgnoreCase", string_equals_ignore_case, FALSE },
  { "StringNotEqualsIgnoreCase", string_equals_ignore_case, TRUE },
  { "StringLike", string_like, FALSE },
  { "StringNotLike", string_like, TRUE },
  { "NumericEquals", numeric_equals, FALSE },
  { "NumericNotEquals", numeric_equals, TRUE },
  { "NumericLessThan", numeric_less, FALSE },
  { "NumericLessThanEquals", numeric_less_equals, FALSE },
  { "NumericGreaterThan", numeric_greater, FALSE },
  { "NumericGreaterThanEquals", numeric_greater_equals, FALSE },
  { "DateEquals", date_equals, FALSE },
  { "DateNotEquals", date_equals, TRUE },
  { "DateLessThan", date_less, FALSE },
  { "DateLessThanEquals", date_less_equals, FALSE },
  { "DateGreaterThan", date_greater, FALSE },
  { "DateGreaterThanEquals", date_greater_equals, FALSE },
  { "Bool", bool_equals, FALSE },
  { "BinaryEquals", string_equals, FALSE },
  { "IpAddress", ip_address, FALSE },
  { "NotIpAddress", ip_address, TRUE },
  { "ArnEquals", arn_like, FALSE },
  { "ArnLike", arn_like, FALSE },
  { "ArnNotEquals", arn_like, TRUE },
  { "ArnNotLike", arn_like, TRUE },
};

/* Takes "ForAllValues:StringEqualsIfExists" apart. NULL for "Null" too: it compares nothing. */
static const Operator *
find_operator (const char *name,
               SetKind    *set,
               gboolean   *if_exists)
{
  gsize length = 0;

  *set = SET_NONE;
  if (g_str_has_prefix (name, FOR_ALL)) {
    *set = SET_ALL;
    name += strlen (FOR_ALL);
  } else if (g_str_has_prefix (name, FOR_ANY)) {
    *set = SET_ANY;
    name += strlen (FOR_ANY);
  }
  *if_exists = g_str_has_suffix (name, IF_EXISTS);
  length = strlen (name) - (*if_exists ? strlen (IF_EXISTS) : 0);
  for (guint i = 0; i < G_N_ELEMENTS (operators); i++) {
    if (strlen (operators[i].name) == length && strncmp (operators[i].name, name, length) == 0)
      return &operators[i];
  }
  return NULL;
}

static char *
lookup_variable (const char *name,
                 gpointer    data)
{
  const Evaluation *evaluation = data;
  g_auto (GStrv) values = practice_policy_lookup_key (evaluation->request, name);

  return values != NULL ? g_strdup (values[0]) : NULL;
}

static gboolean
matches_wanted (const Evaluation *evaluation,
                const Operator   *operator,
                const char       *value,
                JsonNode         *node)
{
  g_autofree char *text = practice_json_node_dup_text (node);
  g_autofree char *expanded = NULL;

  if (text == NULL)
    return FALSE;
  /* "*" in numbers, dates and addresses is an error that no value matches. */
  expanded = practice_pattern_expand (text, evaluation->variables ? lookup_variable : NULL, (gpointer) evaluation);
  return expanded != NULL && operator->compare (value, expanded);
}

/* Whether @value is one of those that the policy names; for a negated operator, whether it is none of them. */
static gboolean
value_holds (const Evaluation *evaluation,
             const Operator   *operator,
             const char       *value,
             JsonNode         *wanted)
{
  gboolean found = FALSE;

  if (JSON_NODE_HOLDS_ARRAY (wanted)) {
    JsonArray *array = json_node_get_array (wanted);

    for (guint i = 0; !found && i < json_array_get_length (array); i++)
      found = matches_wanted (evaluation, operator, value, json_array_get_element (array, i));
  } else {
    found = matches_wanted (evaluation, operator, value, wanted);
  }
  return found != operator->negated;
}

static gboolean
null_holds (char     **values,
            JsonNode  *wanted)
{
  JsonNode *node = JSON_NODE_HOLDS_ARRAY (wanted) && json_array_get_length (json_node_get_array (wanted)) > 0
                   ? json_array_get_element (json_node_get_array (wanted), 0) : wanted;
  g_autofree char *text = practice_json_node_dup_text (node);

  return text != NULL && (g_ascii_strcasecmp (text, "true") == 0) == (values == NULL);
}

static gboolean
key_holds (const Evaluation *evaluation,
           const char       *operator_name,
           const char       *key,
           JsonNode         *wanted)
{
  g_auto (GStrv) values = practice_policy_lookup_key (evaluation->request, key);
  SetKind set = SET_NONE;
  gboolean if_exists = FALSE;
  const Operator *operator = NULL;

  if (strcmp (operator_name, "Null") == 0)
    return null_holds (values, wanted);
  operator = find_operator (operator_name, &set, &if_exists);
  if (operator == NULL)
    return FALSE;
  if (values == NULL || values[0] == NULL)
    return if_exists || set == SET_ALL || (set == SET_NONE && operator->negated);

  for (guint i = 0; values[i] != NULL; i++) {
    gboolean holds = value_holds (evaluation, operator, values[i], wanted);

    if (set == SET_ALL || (set == SET_NONE && operator->negated)) {
      if (!holds)
        return FALSE;
    } else if (holds) {
      return TRUE;
    }
  }
  return set == SET_ALL || (set == SET_NONE && operator->negated);
}

gboolean
practice_condition_is_operator (const char *name)
{
  SetKind set = SET_NONE;
  gboolean if_exists = FALSE;

  return strcmp (name, "Null") == 0 || find_operator (name, &set, &if_exists) != NULL;
}

gboolean
practice_condition_holds (JsonObject                  *condition,
                          const PracticePolicyRequest *request,
                          gboolean                     variables)
{
  Evaluation evaluation = { .request = request, .variables = variables };
  JsonObjectIter operator_iter;
  const char *operator = NULL;
  JsonNode *keys = NULL;

  json_object_iter_init (&operator_iter, condition);
  while (json_object_iter_next (&operator_iter, &operator, &keys)) {
    JsonObjectIter key_iter;
    const char *key = NULL;
    JsonNode *wanted = NULL;

    if (!JSON_NODE_HOLDS_OBJECT (keys))
      return FALSE;
    json_object_iter_init (&key_iter, json_node_get_object (keys));
    while (json_object_iter_next (&key_iter, &key, &wanted)) {
      if (!key_holds (&evaluation, operator, key, wanted))
        return FALSE;
    }
  }
  return TRUE;
}
