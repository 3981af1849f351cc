/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-vtl-methods.h"

#include <math.h>
#include <string.h>

/* What one call knows. */
typedef struct {
  PracticeVtlArena  *arena;
  PracticeVtlValue  *self;
  PracticeVtlValue **args;
  guint              n_args;
} Call;

static const char *
text_arg (Call  *call,
          guint  at)
{
  if (at >= call->n_args || call->args[at] == NULL)
    return NULL;
  return practice_vtl_text (call->arena, call->args[at]);
}

static gboolean
int_arg (Call   *call,
         guint   at,
         gint64 *value)
{
  if (at >= call->n_args || !practice_vtl_is_numeric (call->args[at]))
    return FALSE;
  if (call->args[at]->type == PRACTICE_VTL_INTEGER)
    *value = call->args[at]->integer;
  else
    *value = (gint64) CLAMP (practice_vtl_as_double (call->args[at]), -9e18, 9e18);
  return TRUE;
}

static PracticeVtlValue *
string (Call       *call,
        const char *text,
        gssize      length)
{
  return practice_vtl_string (call->arena, text, length);
}

static gint64
index_in (const char *text,
          const char *found)
{
  return found == NULL ? -1 : g_utf8_pointer_to_offset (text, found);
}

/* The text with every @what replaced by @with. */
static PracticeVtlValue *
replace_literal (Call       *call,
                 const char *what,
                 const char *with)
{
  const char *text = call->self->string.data;
  g_autoptr (GString) out = g_string_new (NULL);
  gsize what_length = strlen (what);

  if (what_length == 0)
    return call->self;
  for (;;)
    {
      const char *found = strstr (text, what);

      if (found == NULL || !practice_vtl_arena_has_room (call->arena, out->len + strlen (with)))
        break;
      g_string_append_len (out, text, found - text);
      g_string_append (out, with);
      text = found + what_length;
    }
  g_string_append (out, text);
  return string (call, out->str, out->len);
}

typedef struct {
  const char       *with;
  PracticeVtlArena *arena;
  gboolean          once;
} Replacement;

/* Java's replacement: "$1" is a group, a backslash takes the next letter as it is. */
static gboolean
append_replacement (const GMatchInfo *match,
                    GString          *out,
                    gpointer          data)
{
  Replacement *replacement = data;

  if (!practice_vtl_arena_has_room (replacement->arena, out->len + strlen (replacement->with)))
    return TRUE;
  for (const char *p = replacement->with; *p != '\0'; p++)
    {
      if (*p == '\\' && p[1] != '\0')
        g_string_append_c (out, *++p);
      else if (*p == '$' && g_ascii_isdigit (p[1]))
        {
          g_autofree char *group = g_match_info_fetch (match, g_ascii_digit_value (*++p));

          if (group != NULL)
            g_string_append (out, group);
        }
      else
        g_string_append_c (out, *p);
    }
  return replacement->once;
}

static PracticeVtlValue *
replace_regex (Call       *call,
               const char *pattern,
               const char *with,
               gboolean    once)
{
  g_autoptr (GRegex) regex = g_regex_new (pattern, 0, 0, NULL);
  Replacement replacement = { with, call->arena, once };
  g_autofree char *result = NULL;

  if (regex == NULL)
    return NULL;
  result = g_regex_replace_eval (regex, call->self->string.data, call->self->string.length, 0, 0, append_replacement, &replacement, NULL);
  return string (call, result, -1);
}

/* Java's split(): by a regular expression, without the empty texts at the end. */
static PracticeVtlValue *
split (Call       *call,
       const char *pattern)
{
  g_autoptr (GRegex) regex = g_regex_new (pattern, 0, 0, NULL);
  PracticeVtlValue *list = practice_vtl_list (call->arena, FALSE);
  g_auto (GStrv) parts = NULL;
  guint n;

  if (regex == NULL)
    return NULL;
  if (call->self->string.length == 0)
    {
      practice_vtl_list_add (call->arena, list, call->self);
      return list;
    }
  parts = g_regex_split (regex, call->self->string.data, 0);
  n = g_strv_length (parts);
  while (n > 0 && *parts[n - 1] == '\0')
    n--;
  for (guint i = 0; i < n && !practice_vtl_arena_is_exhausted (call->arena); i++)
    practice_vtl_list_add (call->arena, list, string (call, parts[i], -1));
  return list;
}

static PracticeVtlValue *
substring (Call *call)
{
  const char *text = call->self->string.data;
  gint64 length = g_utf8_strlen (text, call->self->string.length);
  gint64 from;
  gint64 to = length;
  const char *start, *end;

  if (!int_arg (call, 0, &from) || (call->n_args > 1 && !int_arg (call, 1, &to)))
    return NULL;
  if (from < 0 || to > length || from > to)
    return NULL;
  start = g_utf8_offset_to_pointer (text, from);
  end = g_utf8_offset_to_pointer (start, to - from);
  return string (call, start, end - start);
}

/* Java's String.hashCode() for what people do with it: a stable number. */
static gint32
hash_code (const char *text)
{
  guint32 hash = 0;

  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar c = g_utf8_get_char (p);

      if (c >= 0x10000)
        {
          hash = hash * 31 + (0xd800 + ((c - 0x10000) >> 10));
          c = 0xdc00 + ((c - 0x10000) & 0x3ff);
        }
      hash = hash * 31 + c;
    }
  return (gint32) hash;
}

static PracticeVtlValue *
call_string (Call       *call,
             const char *name)
{
  PracticeVtlArena *arena = call->arena;
  const char *text = call->self->string.data;
  const char *first = text_arg (call, 0);
  const char *second = text_arg (call, 1);
  g_autofree char *made = NULL;
  gint64 at;

  if (g_str_equal (name, "length"))
    return practice_vtl_integer (arena, g_utf8_strlen (text, call->self->string.length));
  if (g_str_equal (name, "isEmpty"))
    return practice_vtl_boolean (arena, *text == '\0');
  if (g_str_equal (name, "isBlank"))
    return practice_vtl_boolean (arena, *(made = g_strstrip (g_strdup (text))) == '\0');
  if (g_str_equal (name, "toLowerCase"))
    return string (call, made = g_utf8_strdown (text, -1), -1);
  if (g_str_equal (name, "toUpperCase"))
    return string (call, made = g_utf8_strup (text, -1), -1);
  if (g_str_equal (name, "trim") || g_str_equal (name, "strip"))
    return string (call, made = g_strstrip (g_strdup (text)), -1);
  if (g_str_equal (name, "substring"))
    return substring (call);
  if (g_str_equal (name, "hashCode"))
    return practice_vtl_integer (arena, hash_code (text));
  if (g_str_equal (name, "charAt"))
    {
      if (!int_arg (call, 0, &at) || at < 0 || at >= g_utf8_strlen (text, call->self->string.length))
        return NULL;
      text = g_utf8_offset_to_pointer (text, at);
      return string (call, text, g_utf8_next_char (text) - text);
    }
  if (first == NULL)
    return NULL;
  if (g_str_equal (name, "contains"))
    return practice_vtl_boolean (arena, strstr (text, first) != NULL);
  if (g_str_equal (name, "startsWith"))
    return practice_vtl_boolean (arena, g_str_has_prefix (text, first));
  if (g_str_equal (name, "endsWith"))
    return practice_vtl_boolean (arena, g_str_has_suffix (text, first));
  if (g_str_equal (name, "indexOf"))
    {
      const char *from = text;

      if (int_arg (call, 1, &at))
        from = g_utf8_offset_to_pointer (text, CLAMP (at, 0, g_utf8_strlen (text, call->self->string.length)));
      return practice_vtl_integer (arena, index_in (text, strstr (from, first)));
    }
  if (g_str_equal (name, "lastIndexOf"))
    return practice_vtl_integer (arena, index_in (text, g_strrstr (text, first)));
  if (g_str_equal (name, "equalsIgnoreCase"))
    {
      g_autofree char *a = g_utf8_casefold (text, -1);
      g_autofree char *b = g_utf8_casefold (first, -1);

      return practice_vtl_boolean (arena, g_str_equal (a, b));
    }
  if (g_str_equal (name, "compareTo"))
    return practice_vtl_integer (arena, strcmp (text, first));
  if (g_str_equal (name, "concat"))
    return practice_vtl_arena_has_room (arena, strlen (text) + strlen (first)) ? string (call, made = g_strconcat (text, first, NULL), -1) : NULL;
  if (g_str_equal (name, "split"))
    return split (call, first);
  if (g_str_equal (name, "matches"))
    {
      g_autofree char *whole = g_strdup_printf ("^(?:%s)\\z", first);
      g_autoptr (GRegex) regex = g_regex_new (whole, 0, 0, NULL);

      return regex != NULL ? practice_vtl_boolean (arena, g_regex_match (regex, text, 0, NULL)) : NULL;
    }
  if (second == NULL)
    return NULL;
  if (g_str_equal (name, "replace"))
    return replace_literal (call, first, second);
  if (g_str_equal (name, "replaceAll"))
    return replace_regex (call, first, second, FALSE);
  if (g_str_equal (name, "replaceFirst"))
    return replace_regex (call, first, second, TRUE);
  return NULL;
}

static gint64
list_index_of (PracticeVtlValue *list,
               PracticeVtlValue *item)
{
  for (guint i = 0; i < list->list.n; i++)
    if (item == NULL ? list->list.items[i] == NULL : list->list.items[i] != NULL && practice_vtl_equal (list->list.items[i], item))
      return i;
  return -1;
}

static PracticeVtlValue *
list_remove (Call *call)
{
  PracticeVtlValue *list = call->self;
  PracticeVtlValue *removed;
  gint64 at;

  /* Java has remove(int) and remove(Object). */
  if (!int_arg (call, 0, &at))
    {
      at = call->n_args > 0 ? list_index_of (list, call->args[0]) : -1;
      if (at < 0)
        return practice_vtl_boolean (call->arena, FALSE);
    }
  if (at < 0 || at >= list->list.n)
    return NULL;
  removed = list->list.items[at];
  memmove (&list->list.items[at], &list->list.items[at + 1], sizeof (PracticeVtlValue *) * (list->list.n - at - 1));
  list->list.n--;
  return removed;
}

static PracticeVtlValue *
call_list (Call       *call,
           const char *name)
{
  PracticeVtlArena *arena = call->arena;
  PracticeVtlValue *list = call->self;
  PracticeVtlValue *first = call->n_args > 0 ? call->args[0] : NULL;
  PracticeVtlValue *result;
  gint64 at, to;

  if (g_str_equal (name, "size") || g_str_equal (name, "length"))
    return practice_vtl_integer (arena, list->list.n);
  if (g_str_equal (name, "isEmpty"))
    return practice_vtl_boolean (arena, list->list.n == 0);
  if (g_str_equal (name, "clear"))
    {
      list->list.n = 0;
      return NULL;
    }
  if (call->n_args == 0)
    return NULL;
  if (g_str_equal (name, "get"))
    return int_arg (call, 0, &at) && at >= 0 && at < list->list.n ? list->list.items[at] : NULL;
  if (g_str_equal (name, "contains"))
    return practice_vtl_boolean (arena, list_index_of (list, first) >= 0);
  if (g_str_equal (name, "indexOf"))
    return practice_vtl_integer (arena, list_index_of (list, first));
  if (g_str_equal (name, "remove"))
    return list_remove (call);
  if (g_str_equal (name, "add"))
    {
      if (call->n_args == 1)
        {
          practice_vtl_list_add (arena, list, first);
          return practice_vtl_boolean (arena, TRUE);
        }
      if (!int_arg (call, 0, &at) || at < 0 || at > list->list.n)
        return NULL;
      practice_vtl_list_add (arena, list, NULL);
      memmove (&list->list.items[at + 1], &list->list.items[at], sizeof (PracticeVtlValue *) * (list->list.n - 1 - at));
      list->list.items[at] = call->args[1];
      return NULL;
    }
  if (g_str_equal (name, "addAll") && first != NULL && first->type == PRACTICE_VTL_LIST)
    {
      guint n = first->list.n;

      for (guint i = 0; i < n && !practice_vtl_arena_is_exhausted (arena); i++)
        practice_vtl_list_add (arena, list, first->list.items[i]);
      return practice_vtl_boolean (arena, n > 0);
    }
  if (g_str_equal (name, "set") && call->n_args == 2 && int_arg (call, 0, &at) && at >= 0 && at < list->list.n)
    {
      result = list->list.items[at];
      list->list.items[at] = call->args[1];
      return result;
    }
  if (g_str_equal (name, "subList") && int_arg (call, 0, &at) && int_arg (call, 1, &to) && at >= 0 && at <= to && to <= list->list.n)
    {
      result = practice_vtl_list (arena, list->json);
      for (gint64 i = at; i < to; i++)
        practice_vtl_list_add (arena, result, list->list.items[i]);
      return result;
    }
  return NULL;
}

static PracticeVtlValue *
map_members (Call    *call,
             gboolean keys,
             gboolean values)
{
  PracticeVtlValue *list = practice_vtl_list (call->arena, FALSE);

  for (guint i = 0; i < call->self->map.n; i++)
    {
      PracticeVtlValue *key = string (call, call->self->map.entries[i].key, -1);
      PracticeVtlValue *item = key;

      if (keys && values)
        {
          item = practice_vtl_map (call->arena, FALSE);
          practice_vtl_map_put (call->arena, item, "key", key);
          practice_vtl_map_put (call->arena, item, "value", call->self->map.entries[i].value);
        }
      else if (values)
        item = call->self->map.entries[i].value;
      practice_vtl_list_add (call->arena, list, item);
    }
  return list;
}

static PracticeVtlValue *
call_map (Call       *call,
          const char *name)
{
  PracticeVtlArena *arena = call->arena;
  PracticeVtlValue *map = call->self;
  PracticeVtlValue *first = call->n_args > 0 ? call->args[0] : NULL;
  PracticeVtlValue *before;
  const char *key;

  if (g_str_equal (name, "size"))
    return practice_vtl_integer (arena, map->map.n);
  if (g_str_equal (name, "isEmpty"))
    return practice_vtl_boolean (arena, map->map.n == 0);
  if (g_str_equal (name, "keySet"))
    return map_members (call, TRUE, FALSE);
  if (g_str_equal (name, "values"))
    return map_members (call, FALSE, TRUE);
  if (g_str_equal (name, "entrySet"))
    return map_members (call, TRUE, TRUE);
  if (g_str_equal (name, "getKey"))
    return practice_vtl_map_get (map, "key");
  if (g_str_equal (name, "getValue"))
    return practice_vtl_map_get (map, "value");
  if (g_str_equal (name, "clear"))
    {
      while (map->map.n > 0)
        practice_vtl_map_remove (map, map->map.entries[map->map.n - 1].key);
      return NULL;
    }
  if (g_str_equal (name, "putAll") && first != NULL && first->type == PRACTICE_VTL_MAP)
    {
      guint n = first->map.n;

      for (guint i = 0; i < n && !practice_vtl_arena_is_exhausted (arena); i++)
        practice_vtl_map_put (arena, map, first->map.entries[i].key, first->map.entries[i].value);
      return NULL;
    }
  if (g_str_equal (name, "containsValue"))
    {
      for (guint i = 0; i < map->map.n; i++)
        if (practice_vtl_equal (map->map.entries[i].value, first))
          return practice_vtl_boolean (arena, TRUE);
      return practice_vtl_boolean (arena, FALSE);
    }
  key = text_arg (call, 0);
  if (key == NULL)
    return NULL;
  before = practice_vtl_map_get (map, key);
  if (g_str_equal (name, "get"))
    return before;
  if (g_str_equal (name, "containsKey"))
    return practice_vtl_boolean (arena, practice_vtl_map_has (map, key));
  if (g_str_equal (name, "remove"))
    {
      practice_vtl_map_remove (map, key);
      return before;
    }
  if (call->n_args < 2)
    return NULL;
  if (g_str_equal (name, "put"))
    {
      practice_vtl_map_put (arena, map, key, call->args[1]);
      return before;
    }
  if (g_str_equal (name, "putIfAbsent"))
    {
      if (!practice_vtl_map_has (map, key))
        practice_vtl_map_put (arena, map, key, call->args[1]);
      return before;
    }
  if (g_str_equal (name, "getOrDefault"))
    return practice_vtl_map_has (map, key) ? before : call->args[1];
  return NULL;
}

static PracticeVtlValue *
call_number (Call       *call,
             const char *name)
{
  PracticeVtlArena *arena = call->arena;
  double value = practice_vtl_as_double (call->self);
  const char *first;
  gint64 integer;

  if (g_str_equal (name, "intValue") || g_str_equal (name, "longValue"))
    return call->self->type == PRACTICE_VTL_INTEGER ? call->self : practice_vtl_integer (arena, (gint64) CLAMP (value, -9e18, 9e18));
  if (g_str_equal (name, "doubleValue") || g_str_equal (name, "floatValue"))
    return practice_vtl_number (arena, value);
  if (g_str_equal (name, "abs"))
    return call->self->type == PRACTICE_VTL_INTEGER && call->self->integer != G_MININT64 ? practice_vtl_integer (arena, ABS (call->self->integer))
                                                                                    : practice_vtl_number (arena, fabs (value));
  first = text_arg (call, 0);
  if (first == NULL)
    return NULL;
  /* The usual way to a number in a template: #set($Integer = 0) $Integer.parseInt("5"). */
  if (g_str_equal (name, "parseInt") || g_str_equal (name, "parseLong") || g_str_equal (name, "valueOf"))
    return g_ascii_string_to_signed (first, 10, G_MININT64, G_MAXINT64, &integer, NULL) ? practice_vtl_integer (arena, integer) : NULL;
  if (g_str_equal (name, "parseDouble") || g_str_equal (name, "parseFloat"))
    {
      char *end;
      double number = g_ascii_strtod (first, &end);

      return end != first && *end == '\0' ? practice_vtl_number (arena, number) : NULL;
    }
  if (g_str_equal (name, "compareTo") && practice_vtl_is_numeric (call->args[0]))
    {
      double other = practice_vtl_as_double (call->args[0]);

      return practice_vtl_integer (arena, value < other ? -1 : value > other);
    }
  return NULL;
}

PracticeVtlValue *
vtl_call_method (PracticeVtlArena  *arena,
                 PracticeVtlValue  *value,
                 const char        *name,
                 PracticeVtlValue **args,
                 guint              n_args)
{
  Call call = { arena, value, args, n_args };
  gboolean known = TRUE;

  if (value == NULL)
    return NULL;
  if (value->type != PRACTICE_VTL_OBJECT)
    {
      if (g_str_equal (name, "toString") && n_args == 0)
        return practice_vtl_string (arena, practice_vtl_text (arena, value), -1);
      if (g_str_equal (name, "equals") && n_args == 1)
        return practice_vtl_boolean (arena, args[0] != NULL && args[0]->type == value->type && practice_vtl_equal (value, args[0]));
    }
  switch (value->type)
    {
    case PRACTICE_VTL_STRING: return call_string (&call, name);
    case PRACTICE_VTL_LIST: return call_list (&call, name);
    case PRACTICE_VTL_MAP: return call_map (&call, name);
    case PRACTICE_VTL_INTEGER:
    case PRACTICE_VTL_NUMBER: return call_number (&call, name);
    case PRACTICE_VTL_BOOLEAN: return g_str_equal (name, "booleanValue") ? value : NULL;
    case PRACTICE_VTL_OBJECT:
    default: return value->object.klass->call != NULL ? value->object.klass->call (arena, value->object.data, name, args, n_args, &known) : NULL;
    }
}
