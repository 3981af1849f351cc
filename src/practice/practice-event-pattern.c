/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-event-pattern.h"

#include <gio/gio.h>
#include <string.h>

#include "practice-event-matcher.h"
#include "practice-json.h"

#define MAX_DEPTH 200

typedef struct _Field Field;

/* A field of the pattern: either values to match or fields inside it. A dot in a name is one step further inside. */
struct _Field {
  char *name;
  GPtrArray *matchers;      /* PracticeEventMatcher, or NULL where the field has others inside it */
  gboolean has_absent;      /* {"exists": false} is among them */
  char **path;              /* names from the top, where has_absent */
  GPtrArray *children;      /* Field */
  GPtrArray *alternatives;  /* of "$or": GPtrArray of Field, each without a name */
};

struct _PracticeEventPattern {
  Field *root;
};

static void
field_free (Field *field)
{
  g_free (field->name);
  g_clear_pointer (&field->matchers, g_ptr_array_unref);
  g_strfreev (field->path);
  g_ptr_array_unref (field->children);
  g_ptr_array_unref (field->alternatives);
  g_free (field);
}

static Field *
field_new (const char *name)
{
  Field *field = g_new0 (Field, 1);

  field->name = g_strdup (name);
  field->children = g_ptr_array_new_with_free_func ((GDestroyNotify) field_free);
  field->alternatives = g_ptr_array_new_with_free_func ((GDestroyNotify) g_ptr_array_unref);
  return field;
}

/* Fields of one name are one field, unless that would mix values with fields inside: then both must match. */
static Field *
field_get_child (Field      *field,
                 const char *name,
                 gboolean    leaf)
{
  Field *child;

  for (guint i = 0; !leaf && i < field->children->len; i++) {
    child = g_ptr_array_index (field->children, i);
    if (child->matchers == NULL && g_str_equal (child->name, name))
      return child;
  }

  child = field_new (name);
  g_ptr_array_add (field->children, child);
  return child;
}

static gboolean
parse_values (Field                        *field,
              JsonArray                    *values,
              GPtrArray                    *path,
              PracticeEventPatternDialect   dialect,
              GError                      **error)
{
  if (json_array_get_length (values) == 0) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "Empty arrays are not allowed");
    return FALSE;
  }

  field->matchers = g_ptr_array_new_with_free_func ((GDestroyNotify) practice_event_matcher_free);
  for (guint i = 0; i < json_array_get_length (values); i++) {
    PracticeEventMatcher *matcher = practice_event_matcher_new (json_array_get_element (values, i), dialect, error);

    if (matcher == NULL)
      return FALSE;
    g_ptr_array_add (field->matchers, matcher);
    field->has_absent |= practice_event_matcher_is_absent (matcher);
  }

  if (field->has_absent) {
    g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

    for (guint i = 0; i < path->len; i++)
      g_strv_builder_add (builder, g_ptr_array_index (path, i));
    field->path = g_strv_builder_end (builder);
  }

  return TRUE;
}

/* "$or" is an operator where it holds two objects or more whose names are fields; else it is a field of that name. */
static gboolean
is_or (JsonNode *node)
{
  JsonArray *items;

  if (!JSON_NODE_HOLDS_ARRAY (node))
    return FALSE;

  items = json_node_get_array (node);
  for (guint i = 0; i < json_array_get_length (items); i++) {
    JsonNode *item = json_array_get_element (items, i);
    g_autoptr (GList) names = NULL;

    if (!JSON_NODE_HOLDS_OBJECT (item))
      return FALSE;
    names = json_object_get_members (json_node_get_object (item));
    if (names == NULL)
      return FALSE;
    for (GList *l = names; l != NULL; l = l->next)
      if (practice_event_matcher_is_operator (l->data))
        return FALSE;
  }

  return json_array_get_length (items) >= 2;
}

static gboolean
parse_object (Field                        *field,
              JsonObject                   *object,
              GPtrArray                    *path,
              PracticeEventPatternDialect   dialect,
              GError                      **error)
{
  g_autoptr (GList) names = json_object_get_members (object);

  if (names == NULL) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "Empty objects are not allowed");
    return FALSE;
  }

  for (GList *l = names; l != NULL; l = l->next) {
    JsonNode *value = json_object_get_member (object, l->data);
    g_auto (GStrv) steps = NULL;
    Field *child = field;
    guint depth = path->len;
    gboolean leaf;

    if (g_str_equal (l->data, "$or") && is_or (value)) {
      GPtrArray *group = g_ptr_array_new_with_free_func ((GDestroyNotify) field_free);
      JsonArray *items = json_node_get_array (value);

      g_ptr_array_add (field->alternatives, group);
      for (guint i = 0; i < json_array_get_length (items); i++) {
        Field *alternative = field_new (NULL);

        g_ptr_array_add (group, alternative);
        if (!parse_object (alternative, json_array_get_object_element (items, i), path, dialect, error))
          return FALSE;
      }
      continue;
    }

    leaf = JSON_NODE_HOLDS_ARRAY (value);
    if (!leaf && !JSON_NODE_HOLDS_OBJECT (value)) {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "\"%s\" must be an object or an array", (char *) l->data);
      return FALSE;
    }

    /* An empty name is a step too, which g_strsplit() would leave out. */
    steps = *(char *) l->data == '\0' ? g_strdupv ((char *[]) { (char *) "", NULL }) : g_strsplit (l->data, ".", -1);
    if (depth + g_strv_length (steps) > MAX_DEPTH) {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "The pattern nests deeper than %d fields", MAX_DEPTH);
      return FALSE;
    }
    for (guint i = 0; steps[i] != NULL; i++) {
      child = field_get_child (child, steps[i], leaf && steps[i + 1] == NULL);
      g_ptr_array_add (path, steps[i]);
    }

    if (leaf ? !parse_values (child, json_node_get_array (value), path, dialect, error)
             : !parse_object (child, json_node_get_object (value), path, dialect, error))
      return FALSE;
    g_ptr_array_set_size (path, depth);
  }

  return TRUE;
}

/* Whether the event has a value at @path, also where names in the event have dots in them. */
static gboolean
has_value_at (JsonNode   *value,
              char      **path)
{
  if (JSON_NODE_HOLDS_ARRAY (value)) {
    JsonArray *items = json_node_get_array (value);

    for (guint i = 0; i < json_array_get_length (items); i++)
      if (has_value_at (json_array_get_element (items, i), path))
        return TRUE;
    return FALSE;
  }

  if (path[0] == NULL)
    return !JSON_NODE_HOLDS_OBJECT (value);
  if (!JSON_NODE_HOLDS_OBJECT (value))
    return FALSE;

  {
    JsonObject *object = json_node_get_object (value);
    g_autoptr (GString) name = g_string_new (path[0]);

    for (guint i = 1;; i++) {
      JsonNode *member = json_object_get_member (object, name->str);

      if (member != NULL && has_value_at (member, path + i))
        return TRUE;
      if (path[i] == NULL)
        return FALSE;
      g_string_append_printf (name, ".%s", path[i]);
    }
  }
}

static gboolean match_value (Field *field, JsonNode *value, JsonNode *event);

/* What a field is worth where the event has nothing at its place: {"exists": false} is content. */
static gboolean
match_missing (Field    *field,
               JsonNode *event)
{
  if (field->matchers != NULL)
    return field->has_absent && !has_value_at (event, field->path);

  for (guint i = 0; i < field->children->len; i++)
    if (!match_missing (g_ptr_array_index (field->children, i), event))
      return FALSE;

  for (guint i = 0; i < field->alternatives->len; i++) {
    GPtrArray *group = g_ptr_array_index (field->alternatives, i);
    gboolean any = FALSE;

    for (guint j = 0; !any && j < group->len; j++)
      any = match_missing (g_ptr_array_index (group, j), event);
    if (!any)
      return FALSE;
  }

  return TRUE;
}

static gboolean
has_member_with_prefix (JsonObject *object,
                        const char *prefix)
{
  JsonObjectIter iter;
  const char *name;

  json_object_iter_init (&iter, object);
  while (json_object_iter_next (&iter, &name, NULL))
    if (g_str_has_prefix (name, prefix))
      return TRUE;

  return FALSE;
}

/* @prefix: the part of a dotted name in the event that the fields above have taken, with its dot, or "". */
static gboolean
match_object (Field      *field,
              JsonObject *object,
              const char *prefix,
              JsonNode   *event)
{
  for (guint i = 0; i < field->children->len; i++) {
    Field *child = g_ptr_array_index (field->children, i);
    g_autofree char *name = *prefix != '\0' ? g_strconcat (prefix, child->name, NULL) : NULL;
    JsonNode *member = json_object_get_member (object, name != NULL ? name : child->name);
    gboolean matches = FALSE;

    if (member != NULL)
      matches = match_value (child, member, event);
    if (!matches && child->matchers == NULL) {
      g_autofree char *dotted = g_strconcat (prefix, child->name, ".", NULL);

      if (has_member_with_prefix (object, dotted))
        matches = match_object (child, object, dotted, event);
    }
    if (!matches && member == NULL)
      matches = match_missing (child, event);
    if (!matches)
      return FALSE;
  }

  for (guint i = 0; i < field->alternatives->len; i++) {
    GPtrArray *group = g_ptr_array_index (field->alternatives, i);
    gboolean any = FALSE;

    for (guint j = 0; !any && j < group->len; j++)
      any = match_object (g_ptr_array_index (group, j), object, prefix, event);
    if (!any)
      return FALSE;
  }

  return TRUE;
}

static gboolean
match_value (Field    *field,
             JsonNode *value,
             JsonNode *event)
{
  if (JSON_NODE_HOLDS_ARRAY (value)) {
    JsonArray *items = json_node_get_array (value);

    /* One element must match all of the fields inside: values of different elements do not add up. */
    for (guint i = 0; i < json_array_get_length (items); i++)
      if (match_value (field, json_array_get_element (items, i), event))
        return TRUE;
    return match_missing (field, event);
  }

  if (field->matchers == NULL)
    return JSON_NODE_HOLDS_OBJECT (value) ? match_object (field, json_node_get_object (value), "", event)
                                          : match_missing (field, event);

  if (JSON_NODE_HOLDS_OBJECT (value))
    return match_missing (field, event);

  for (guint i = 0; i < field->matchers->len; i++)
    if (practice_event_matcher_matches (g_ptr_array_index (field->matchers, i), value))
      return TRUE;

  return FALSE;
}

static guint
count_fields (Field *field)
{
  guint count = field->matchers != NULL ? 1 : 0;

  for (guint i = 0; i < field->children->len; i++)
    count += count_fields (g_ptr_array_index (field->children, i));
  for (guint i = 0; i < field->alternatives->len; i++) {
    GPtrArray *group = g_ptr_array_index (field->alternatives, i);

    for (guint j = 0; j < group->len; j++)
      count += count_fields (g_ptr_array_index (group, j));
  }

  return count;
}

/* SNS Developer Guide, "Filter policy constraints": values of each field times the field's depth, all multiplied. Alternatives add up. */
static double
get_complexity (Field *field,
                guint  depth)
{
  double complexity = field->matchers != NULL ? (double) field->matchers->len * depth : 1;

  for (guint i = 0; i < field->children->len; i++)
    complexity *= get_complexity (g_ptr_array_index (field->children, i), depth + 1);
  for (guint i = 0; i < field->alternatives->len; i++) {
    GPtrArray *group = g_ptr_array_index (field->alternatives, i);
    double sum = 0;

    for (guint j = 0; j < group->len; j++)
      sum += get_complexity (g_ptr_array_index (group, j), depth);
    complexity *= sum;
  }

  return complexity;
}

PracticeEventPattern *
practice_event_pattern_new (const char  *text,
                            GError     **error)
{
  return practice_event_pattern_new_dialect (text, PRACTICE_EVENT_PATTERN_EVENTS, error);
}

PracticeEventPattern *
practice_event_pattern_new_dialect (const char                   *text,
                                    PracticeEventPatternDialect   dialect,
                                    GError                      **error)
{
  g_autoptr (PracticeEventPattern) self = NULL;
  g_autoptr (JsonNode) node = NULL;
  g_autoptr (GPtrArray) path = g_ptr_array_new ();

  g_return_val_if_fail (text != NULL, NULL);

  node = practice_json_parse (text, -1, error);
  if (node == NULL)
    return NULL;

  if (!JSON_NODE_HOLDS_OBJECT (node)) {
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "Filter is not an object");
    return NULL;
  }

  self = g_new0 (PracticeEventPattern, 1);
  self->root = field_new (NULL);

  /* A topic's empty policy matches everything: SNS takes it as no policy. */
  if (dialect == PRACTICE_EVENT_PATTERN_TOPIC && json_object_get_size (json_node_get_object (node)) == 0)
    return g_steal_pointer (&self);

  if (!parse_object (self->root, json_node_get_object (node), path, dialect, error))
    return NULL;

  return g_steal_pointer (&self);
}

void
practice_event_pattern_free (PracticeEventPattern *self)
{
  field_free (self->root);
  g_free (self);
}

gboolean
practice_event_pattern_matches (PracticeEventPattern *self,
                                JsonNode             *event)
{
  g_return_val_if_fail (self != NULL && event != NULL, FALSE);

  return JSON_NODE_HOLDS_OBJECT (event) && match_object (self->root, json_node_get_object (event), "", event);
}

guint
practice_event_pattern_count_fields (PracticeEventPattern *self)
{
  return count_fields (self->root);
}

guint
practice_event_pattern_get_complexity (PracticeEventPattern *self)
{
  double complexity = get_complexity (self->root, 0);

  return complexity > G_MAXINT ? G_MAXINT : (guint) complexity;
}
