/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-vtl-value.h"

#include <math.h>
#include <string.h>

#define MAX_PRINT_DEPTH 600
#define MAX_PRINT_SIZE (32 * 1024 * 1024)
#define MAX_COMPARED 100000
/* Below this a map is searched from front to back. */
#define INDEX_FROM 12

static PracticeVtlValue *
value_new (PracticeVtlArena *arena,
           PracticeVtlType   type)
{
  PracticeVtlValue *value = practice_vtl_arena_alloc (arena, sizeof (PracticeVtlValue));

  value->type = type;
  return value;
}

PracticeVtlValue *
practice_vtl_boolean (PracticeVtlArena *arena,
                      gboolean          boolean)
{
  PracticeVtlValue *value = value_new (arena, PRACTICE_VTL_BOOLEAN);

  value->boolean = !!boolean;
  return value;
}

PracticeVtlValue *
practice_vtl_integer (PracticeVtlArena *arena,
                      gint64            integer)
{
  PracticeVtlValue *value = value_new (arena, PRACTICE_VTL_INTEGER);

  value->integer = integer;
  return value;
}

PracticeVtlValue *
practice_vtl_number (PracticeVtlArena *arena,
                     double            number)
{
  PracticeVtlValue *value = value_new (arena, PRACTICE_VTL_NUMBER);

  value->number.value = number;
  return value;
}

PracticeVtlValue *
practice_vtl_string (PracticeVtlArena *arena,
                     const char       *text,
                     gssize            length)
{
  g_autofree char *valid = NULL;
  PracticeVtlValue *value;
  char *copy;
  gsize size;

  if (text == NULL)
    return NULL;
  size = length < 0 ? strlen (text) : (gsize) length;
  if (!g_utf8_validate (text, size, NULL))
    {
      text = valid = g_utf8_make_valid (text, size);
      size = strlen (valid);
    }
  value = value_new (arena, PRACTICE_VTL_STRING);
  copy = practice_vtl_arena_alloc (arena, size + 1);
  memcpy (copy, text, size);
  value->string.data = copy;
  value->string.length = size;
  return value;
}

PracticeVtlValue *
practice_vtl_list (PracticeVtlArena *arena,
                   gboolean          json)
{
  PracticeVtlValue *value = value_new (arena, PRACTICE_VTL_LIST);

  value->json = json;
  return value;
}

PracticeVtlValue *
practice_vtl_map (PracticeVtlArena *arena,
                  gboolean          json)
{
  PracticeVtlValue *value = value_new (arena, PRACTICE_VTL_MAP);

  value->json = json;
  return value;
}

PracticeVtlValue *
practice_vtl_object (PracticeVtlArena       *arena,
                     const PracticeVtlClass *klass,
                     gpointer                data)
{
  PracticeVtlValue *value = value_new (arena, PRACTICE_VTL_OBJECT);

  value->object.klass = klass;
  value->object.data = data;
  return value;
}

void
practice_vtl_list_add (PracticeVtlArena *arena,
                       PracticeVtlValue *list,
                       PracticeVtlValue *item)
{
  if (list->list.n == list->list.size)
    {
      guint size = MAX (4, list->list.size * 2);
      PracticeVtlValue **items = practice_vtl_arena_alloc (arena, sizeof (PracticeVtlValue *) * size);

      if (list->list.n > 0)
        memcpy (items, list->list.items, sizeof (PracticeVtlValue *) * list->list.n);
      list->list.items = items;
      list->list.size = size;
    }
  list->list.items[list->list.n++] = item;
}

static gint64
map_find (PracticeVtlValue *map,
          const char       *key)
{
  if (map->map.index != NULL)
    {
      gpointer found;

      return g_hash_table_lookup_extended (map->map.index, key, NULL, &found) ? (gint64) GPOINTER_TO_UINT (found) : -1;
    }
  for (guint i = 0; i < map->map.n; i++)
    if (g_str_equal (map->map.entries[i].key, key))
      return i;
  return -1;
}

PracticeVtlValue *
practice_vtl_map_get (PracticeVtlValue *map,
                      const char       *key)
{
  gint64 at = map_find (map, key);

  return at < 0 ? NULL : map->map.entries[at].value;
}

gboolean
practice_vtl_map_has (PracticeVtlValue *map,
                      const char       *key)
{
  return map_find (map, key) >= 0;
}

static void
map_make_index (PracticeVtlArena *arena,
                PracticeVtlValue *map)
{
  map->map.index = g_hash_table_new (g_str_hash, g_str_equal);
  practice_vtl_arena_keep_table (arena, map->map.index);
  for (guint i = 0; i < map->map.n; i++)
    g_hash_table_insert (map->map.index, (gpointer) map->map.entries[i].key, GUINT_TO_POINTER (i));
}

void
practice_vtl_map_put (PracticeVtlArena *arena,
                      PracticeVtlValue *map,
                      const char       *key,
                      PracticeVtlValue *value)
{
  gint64 at = map_find (map, key);
  gsize length = strlen (key);
  char *copy;

  if (at >= 0)
    {
      map->map.entries[at].value = value;
      return;
    }
  if (map->map.n == map->map.size)
    {
      guint size = MAX (4, map->map.size * 2);
      PracticeVtlEntry *entries = practice_vtl_arena_alloc (arena, sizeof (PracticeVtlEntry) * size);

      if (map->map.n > 0)
        memcpy (entries, map->map.entries, sizeof (PracticeVtlEntry) * map->map.n);
      map->map.entries = entries;
      map->map.size = size;
    }
  copy = practice_vtl_arena_alloc (arena, length + 1);
  memcpy (copy, key, length);
  map->map.entries[map->map.n].key = copy;
  map->map.entries[map->map.n].value = value;
  map->map.n++;
  if (map->map.index != NULL)
    g_hash_table_insert (map->map.index, copy, GUINT_TO_POINTER (map->map.n - 1));
  else if (map->map.n > INDEX_FROM)
    map_make_index (arena, map);
}

void
practice_vtl_map_put_text (PracticeVtlArena *arena,
                           PracticeVtlValue *map,
                           const char       *key,
                           const char       *text)
{
  practice_vtl_map_put (arena, map, key, practice_vtl_string (arena, text, -1));
}

void
practice_vtl_map_remove (PracticeVtlValue *map,
                         const char       *key)
{
  gint64 at = map_find (map, key);

  if (at < 0)
    return;
  memmove (&map->map.entries[at], &map->map.entries[at + 1], sizeof (PracticeVtlEntry) * (map->map.n - at - 1));
  map->map.n--;
  if (map->map.index != NULL)
    {
      g_hash_table_remove_all (map->map.index);
      for (guint i = 0; i < map->map.n; i++)
        g_hash_table_insert (map->map.index, (gpointer) map->map.entries[i].key, GUINT_TO_POINTER (i));
    }
}

/* Java's Double.toString(). */
static void
print_double (double   number,
              GString *out)
{
  char digits[G_ASCII_DTOSTR_BUF_SIZE];
  double size = fabs (number);

  if (isnan (number))
    g_string_append (out, "NaN");
  else if (isinf (number))
    g_string_append (out, number < 0 ? "-Infinity" : "Infinity");
  else if (size != 0 && (size < 1e-3 || size >= 1e7))
    {
      int precision = 1;
      char *e;

      /* The shortest form that reads back as the same number. */
      do
        g_ascii_formatd (digits, sizeof digits, (char[]) { '%', '.', '0' + precision / 10, '0' + precision % 10, 'e', 0 }, number);
      while (g_ascii_strtod (digits, NULL) != number && ++precision < 17);
      e = strchr (digits, 'e');
      g_string_append_len (out, digits, e - digits);
      g_string_append_printf (out, "E%d", (int) g_ascii_strtoll (e + 1, NULL, 10));
    }
  else
    {
      int precision = 1;

      do
        g_ascii_formatd (digits, sizeof digits, (char[]) { '%', '.', '0' + precision / 10, '0' + precision % 10, 'f', 0 }, number);
      while (g_ascii_strtod (digits, NULL) != number && ++precision < 20);
      g_string_append (out, digits);
    }
}

static void
print_json_string (const char *text,
                   gsize       length,
                   GString    *out)
{
  const char *start = text;
  const char *end = text + length;

  g_string_append_c (out, '"');
  for (const char *p = text; p < end; p++)
    {
      guchar c = *p;

      if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7f)
        continue;
      g_string_append_len (out, start, p - start);
      start = p + 1;
      switch (c)
        {
        case '"': g_string_append (out, "\\\""); break;
        case '\\': g_string_append (out, "\\\\"); break;
        case '\b': g_string_append (out, "\\b"); break;
        case '\f': g_string_append (out, "\\f"); break;
        case '\n': g_string_append (out, "\\n"); break;
        case '\r': g_string_append (out, "\\r"); break;
        case '\t': g_string_append (out, "\\t"); break;
        default: g_string_append_printf (out, "\\u%04X", c); break;
        }
    }
  g_string_append_len (out, start, end - start);
  g_string_append_c (out, '"');
}

static gboolean
print_value (PracticeVtlValue *value,
             gboolean          json,
             guint             depth,
             GString          *out)
{
  if (depth > MAX_PRINT_DEPTH || out->len > MAX_PRINT_SIZE)
    return FALSE;
  if (value == NULL)
    {
      g_string_append (out, depth > 0 || json ? "null" : "");
      return TRUE;
    }
  switch (value->type)
    {
    case PRACTICE_VTL_BOOLEAN:
      g_string_append (out, value->boolean ? "true" : "false");
      return TRUE;
    case PRACTICE_VTL_INTEGER:
      g_string_append_printf (out, "%" G_GINT64_FORMAT, value->integer);
      return TRUE;
    case PRACTICE_VTL_NUMBER:
      if (value->number.text != NULL)
        g_string_append (out, value->number.text);
      else if (json && !isfinite (value->number.value))
        g_string_append (out, "null");
      else
        print_double (value->number.value, out);
      return TRUE;
    case PRACTICE_VTL_STRING:
      if (json)
        print_json_string (value->string.data, value->string.length, out);
      else
        g_string_append_len (out, value->string.data, value->string.length);
      return TRUE;
    case PRACTICE_VTL_LIST:
      json = json || value->json;
      g_string_append_c (out, '[');
      for (guint i = 0; i < value->list.n; i++)
        {
          if (i > 0)
            g_string_append (out, json ? "," : ", ");
          if (!print_value (value->list.items[i], json, depth + 1, out))
            return FALSE;
        }
      g_string_append_c (out, ']');
      return TRUE;
    case PRACTICE_VTL_MAP:
      g_string_append_c (out, '{');
      for (guint i = 0; i < value->map.n; i++)
        {
          const char *key = value->map.entries[i].key;

          if (i > 0)
            g_string_append (out, json ? "," : ", ");
          if (json)
            print_json_string (key, strlen (key), out);
          else
            g_string_append (out, key);
          g_string_append_c (out, json ? ':' : '=');
          if (!print_value (value->map.entries[i].value, json, depth + 1, out))
            return FALSE;
        }
      g_string_append_c (out, '}');
      return TRUE;
    case PRACTICE_VTL_OBJECT:
    default:
      if (json)
        g_string_append (out, "{}");
      else
        g_string_append (out, value->object.klass->name);
      return TRUE;
    }
}

gboolean
practice_vtl_print (PracticeVtlValue *value,
                    GString          *out)
{
  return print_value (value, FALSE, 0, out);
}

gboolean
practice_vtl_print_json (PracticeVtlValue *value,
                         GString          *out)
{
  return print_value (value, TRUE, 0, out);
}

const char *
practice_vtl_text (PracticeVtlArena *arena,
                   PracticeVtlValue *value)
{
  g_autoptr (GString) out = NULL;
  PracticeVtlValue *text;

  if (value != NULL && value->type == PRACTICE_VTL_STRING)
    return value->string.data;
  out = g_string_new (NULL);
  if (!practice_vtl_print (value, out))
    practice_vtl_arena_fail (arena, "A value is nested too deeply or too large to be printed");
  text = practice_vtl_string (arena, out->str, out->len);
  return text->string.data;
}

gboolean
practice_vtl_is_numeric (PracticeVtlValue *value)
{
  return value != NULL && (value->type == PRACTICE_VTL_INTEGER || value->type == PRACTICE_VTL_NUMBER);
}

double
practice_vtl_as_double (PracticeVtlValue *value)
{
  return value->type == PRACTICE_VTL_INTEGER ? (double) value->integer : value->number.value;
}

static gboolean
equal_at (PracticeVtlValue *a,
          PracticeVtlValue *b,
          guint             depth,
          guint            *budget)
{
  if (a == b)
    return TRUE;
  if (a == NULL || b == NULL)
    {
      PracticeVtlValue *other = a == NULL ? b : a;

      return depth == 0 && other->type == PRACTICE_VTL_STRING && other->string.length == 0;
    }
  if (depth > MAX_PRINT_DEPTH || (*budget)-- == 0)
    {
      *budget = 0;
      return FALSE;
    }
  if (a->type == PRACTICE_VTL_INTEGER && b->type == PRACTICE_VTL_INTEGER)
    return a->integer == b->integer;
  if (practice_vtl_is_numeric (a) && practice_vtl_is_numeric (b))
    return practice_vtl_as_double (a) == practice_vtl_as_double (b);
  if (a->type == PRACTICE_VTL_LIST && b->type == PRACTICE_VTL_LIST)
    {
      if (a->list.n != b->list.n)
        return FALSE;
      for (guint i = 0; i < a->list.n; i++)
        if (!equal_at (a->list.items[i], b->list.items[i], depth + 1, budget))
          return FALSE;
      return TRUE;
    }
  if (a->type == PRACTICE_VTL_MAP && b->type == PRACTICE_VTL_MAP)
    {
      if (a->map.n != b->map.n)
        return FALSE;
      for (guint i = 0; i < a->map.n; i++)
        if (!practice_vtl_map_has (b, a->map.entries[i].key) ||
            !equal_at (a->map.entries[i].value, practice_vtl_map_get (b, a->map.entries[i].key), depth + 1, budget))
          return FALSE;
      return TRUE;
    }
  if (a->type == PRACTICE_VTL_OBJECT || b->type == PRACTICE_VTL_OBJECT)
    return FALSE;
  if (a->type == PRACTICE_VTL_STRING && b->type == PRACTICE_VTL_STRING)
    return a->string.length == b->string.length && memcmp (a->string.data, b->string.data, a->string.length) == 0;
  if (a->type == b->type)
    return a->boolean == b->boolean;
  if (depth > 0)
    return FALSE;

  /* Values of different classes are compared by what they print (Velocity's "==" since 1.5). */
  {
    g_autoptr (GString) left = g_string_new (NULL);
    g_autoptr (GString) right = g_string_new (NULL);

    return practice_vtl_print (a, left) && practice_vtl_print (b, right) && g_string_equal (left, right);
  }
}

gboolean
practice_vtl_equal (PracticeVtlValue *a,
                    PracticeVtlValue *b)
{
  guint budget = MAX_COMPARED;

  return equal_at (a, b, 0, &budget);
}

gboolean
practice_vtl_is_true (PracticeVtlValue *value)
{
  if (value == NULL)
    return FALSE;
  switch (value->type)
    {
    case PRACTICE_VTL_BOOLEAN: return value->boolean;
    case PRACTICE_VTL_INTEGER: return TRUE;
    case PRACTICE_VTL_STRING: return value->string.length > 0;
    case PRACTICE_VTL_NUMBER:
    case PRACTICE_VTL_LIST:
    case PRACTICE_VTL_MAP:
    case PRACTICE_VTL_OBJECT:
    default: return TRUE;
    }
}
