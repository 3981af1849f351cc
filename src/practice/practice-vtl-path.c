/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-vtl-path-private.h"

#include <string.h>

#define MAX_DESCENT 600
#define MAX_VISITS 1000000

static gboolean
visit (VtlPath *self)
{
  return ++self->visits <= MAX_VISITS || vtl_path_fail (self, "it visits too many values");
}

/* The value and all below it, the value first. */
static gboolean
descend (VtlPath          *self,
         PracticeVtlValue *value,
         guint             depth,
         GPtrArray        *all)
{
  if (!visit (self))
    return FALSE;
  if (depth > MAX_DESCENT)
    return vtl_path_fail (self, "the document is nested too deeply");
  g_ptr_array_add (all, value);
  if (value != NULL && value->type == PRACTICE_VTL_LIST)
    {
      for (guint i = 0; i < value->list.n; i++)
        if (!descend (self, value->list.items[i], depth + 1, all))
          return FALSE;
    }
  else if (value != NULL && value->type == PRACTICE_VTL_MAP)
    {
      for (guint i = 0; i < value->map.n; i++)
        if (!descend (self, value->map.entries[i].value, depth + 1, all))
          return FALSE;
    }
  return TRUE;
}

static void
take_name (GPtrArray  *set,
           const char *name,
           GPtrArray  *next)
{
  for (guint i = 0; i < set->len; i++)
    {
      PracticeVtlValue *value = set->pdata[i];

      if (value != NULL && value->type == PRACTICE_VTL_MAP && practice_vtl_map_has (value, name))
        g_ptr_array_add (next, practice_vtl_map_get (value, name));
    }
}

static gboolean
take_children (VtlPath   *self,
               GPtrArray *set,
               GPtrArray *next)
{
  for (guint i = 0; i < set->len; i++)
    {
      PracticeVtlValue *value = set->pdata[i];

      if (value == NULL)
        continue;
      if (value->type == PRACTICE_VTL_LIST)
        for (guint k = 0; k < value->list.n && visit (self); k++)
          g_ptr_array_add (next, value->list.items[k]);
      else if (value->type == PRACTICE_VTL_MAP)
        for (guint k = 0; k < value->map.n && visit (self); k++)
          g_ptr_array_add (next, value->map.entries[k].value);
    }
  return self->error == NULL;
}

static void
take_slice (GPtrArray *set,
            gboolean   has_from,
            gint64     from,
            gboolean   has_to,
            gint64     to,
            GPtrArray *next)
{
  for (guint i = 0; i < set->len; i++)
    {
      PracticeVtlValue *value = set->pdata[i];
      gint64 n, first, last;

      if (value == NULL || value->type != PRACTICE_VTL_LIST)
        continue;
      n = value->list.n;
      first = !has_from ? 0 : from < 0 ? MAX (0, n + from) : MIN (from, n);
      last = !has_to ? n : to < 0 ? n + to : MIN (to, n);
      for (gint64 k = first; k < last; k++)
        g_ptr_array_add (next, value->list.items[k]);
    }
}

static gboolean
read_integer (VtlPath *self,
              gint64  *value)
{
  char *end;

  if (*self->p != '-' && !g_ascii_isdigit (*self->p))
    return FALSE;
  *value = CLAMP (g_ascii_strtoll (self->p, &end, 10), -G_MAXINT32, G_MAXINT32);
  if (end == self->p)
    return FALSE;
  self->p = end;
  return TRUE;
}

/* [?(…)]: what the condition holds for among the children. */
static gboolean
take_filtered (VtlPath   *self,
               GPtrArray *set,
               GPtrArray *next)
{
  g_autoptr (GPtrArray) candidates = g_ptr_array_new ();
  const char *start = self->p;
  gboolean holds;

  /* Of a list its items are tried, a map itself. */
  for (guint i = 0; i < set->len; i++)
    {
      PracticeVtlValue *value = set->pdata[i];

      if (value != NULL && value->type == PRACTICE_VTL_LIST)
        for (guint k = 0; k < value->list.n; k++)
          g_ptr_array_add (candidates, value->list.items[k]);
      else if (value != NULL && value->type == PRACTICE_VTL_MAP)
        g_ptr_array_add (candidates, value);
    }
  /* Read it once in any case: it is checked, and the place moves behind it. */
  if (!vtl_path_read_condition (self, NULL, &holds))
    return FALSE;
  for (guint i = 0; i < candidates->len; i++)
    {
      self->p = start;
      if (!visit (self) || !vtl_path_read_condition (self, candidates->pdata[i], &holds))
        return FALSE;
      if (holds)
        g_ptr_array_add (next, candidates->pdata[i]);
    }
  vtl_path_skip_blanks (self);
  if (!vtl_path_take (self, ")"))
    return vtl_path_fail (self, "expected \")\" after a filter");
  return TRUE;
}

static gboolean
read_bracket (VtlPath   *self,
              GPtrArray *set,
              GPtrArray *next,
              gboolean  *definite)
{
  guint n = 0;

  vtl_path_skip_blanks (self);
  if (vtl_path_take (self, "*"))
    {
      *definite = FALSE;
      take_children (self, set, next);
    }
  else if (vtl_path_take (self, "?"))
    {
      *definite = FALSE;
      vtl_path_skip_blanks (self);
      if (!vtl_path_take (self, "("))
        return vtl_path_fail (self, "expected \"(\" after \"?\"");
      if (!take_filtered (self, set, next))
        return FALSE;
    }
  else
    do
      {
        gint64 from = 0, to = 0;
        gboolean has_from, has_to;

        if (n++ > 0)
          *definite = FALSE;
        vtl_path_skip_blanks (self);
        if (*self->p == '\'' || *self->p == '"')
          {
            g_autoptr (GString) name = g_string_new (NULL);

            if (!vtl_path_read_quoted (self, name))
              return FALSE;
            take_name (set, name->str, next);
          }
        else
          {
            has_from = read_integer (self, &from);
            vtl_path_skip_blanks (self);
            if (vtl_path_take (self, ":"))
              {
                *definite = FALSE;
                vtl_path_skip_blanks (self);
                has_to = read_integer (self, &to);
                take_slice (set, has_from, from, has_to, to, next);
              }
            else if (!has_from)
              return vtl_path_fail (self, "expected a name, an index, \"*\" or a filter");
            else
              {
                for (guint i = 0; i < set->len; i++)
                  {
                    PracticeVtlValue *value = set->pdata[i];
                    gint64 at;

                    if (value == NULL || value->type != PRACTICE_VTL_LIST)
                      continue;
                    at = from < 0 ? from + value->list.n : from;
                    if (at >= 0 && at < value->list.n)
                      g_ptr_array_add (next, value->list.items[at]);
                  }
              }
          }
        vtl_path_skip_blanks (self);
      }
    while (vtl_path_take (self, ","));
  vtl_path_skip_blanks (self);
  return vtl_path_take (self, "]") || vtl_path_fail (self, "expected \"]\"");
}

static PracticeVtlValue *
call_function (VtlPath          *self,
               const char       *name,
               PracticeVtlValue *value)
{
  double sum = 0, low = 0, high = 0;
  guint count = 0;

  if (g_str_equal (name, "length") || g_str_equal (name, "size"))
    {
      if (value == NULL)
        return NULL;
      if (value->type == PRACTICE_VTL_LIST)
        return practice_vtl_integer (self->arena, value->list.n);
      if (value->type == PRACTICE_VTL_MAP)
        return practice_vtl_integer (self->arena, value->map.n);
      if (value->type == PRACTICE_VTL_STRING)
        return practice_vtl_integer (self->arena, g_utf8_strlen (value->string.data, -1));
      return NULL;
    }
  if (g_str_equal (name, "keys"))
    {
      PracticeVtlValue *keys = practice_vtl_list (self->arena, TRUE);

      for (guint i = 0; value != NULL && value->type == PRACTICE_VTL_MAP && i < value->map.n; i++)
        practice_vtl_list_add (self->arena, keys, practice_vtl_string (self->arena, value->map.entries[i].key, -1));
      return keys;
    }
  if (!g_str_equal (name, "min") && !g_str_equal (name, "max") && !g_str_equal (name, "sum") && !g_str_equal (name, "avg"))
    {
      vtl_path_fail (self, "there is no such function");
      return NULL;
    }
  for (guint i = 0; value != NULL && value->type == PRACTICE_VTL_LIST && i < value->list.n; i++)
    if (practice_vtl_is_numeric (value->list.items[i]))
      {
        double number = practice_vtl_as_double (value->list.items[i]);

        low = count == 0 ? number : MIN (low, number);
        high = count == 0 ? number : MAX (high, number);
        sum += number;
        count++;
      }
  if (count == 0)
    return NULL;
  return practice_vtl_number (self->arena, g_str_equal (name, "min") ? low : g_str_equal (name, "max") ? high :
                                           g_str_equal (name, "sum") ? sum : sum / count);
}

static gboolean
ends_name (char     c,
           gboolean in_filter)
{
  return c == '\0' || c == '.' || c == '[' || (in_filter && strchr (" \t\n\r)=!<>&|,]~", c) != NULL);
}

/* ".name", ".*", ".name()" after its dots. */
static gboolean
read_dotted (VtlPath   *self,
             GPtrArray *set,
             GPtrArray *next,
             gboolean   in_filter,
             gboolean  *definite)
{
  const char *start = self->p;
  g_autofree char *name = NULL;

  if (vtl_path_take (self, "*"))
    {
      *definite = FALSE;
      return take_children (self, set, next);
    }
  while (!ends_name (*self->p, in_filter) && *self->p != '(')
    self->p++;
  if (self->p == start)
    return vtl_path_fail (self, "expected a name");
  name = g_strndup (start, self->p - start);
  if (*self->p != '(')
    {
      take_name (set, name, next);
      return TRUE;
    }
  if (!vtl_path_take (self, "()"))
    return vtl_path_fail (self, "functions with arguments are not known");
  if (set->len > 0)
    g_ptr_array_add (next, call_function (self, name, *definite ? set->pdata[0] : vtl_path_make_list (self, set)));
  *definite = TRUE;
  return self->error == NULL;
}

gboolean
vtl_path_fail (VtlPath    *self,
               const char *what)
{
  if (self->error == NULL)
    self->error = g_strdup_printf ("Invalid JSONPath \"%.200s\": %s at character %d", self->path, what, (int) (self->p - self->path) + 1);
  return FALSE;
}

void
vtl_path_skip_blanks (VtlPath *self)
{
  while (*self->p == ' ' || *self->p == '\t' || *self->p == '\n' || *self->p == '\r')
    self->p++;
}

gboolean
vtl_path_take (VtlPath    *self,
               const char *token)
{
  if (!g_str_has_prefix (self->p, token))
    return FALSE;
  self->p += strlen (token);
  return TRUE;
}

gboolean
vtl_path_read_quoted (VtlPath *self,
                      GString *text)
{
  char quote = *self->p++;

  for (; *self->p != quote; self->p++)
    {
      if (*self->p == '\\' && self->p[1] != '\0')
        self->p++;
      if (*self->p == '\0')
        return vtl_path_fail (self, "a name is not closed");
      g_string_append_c (text, *self->p);
    }
  self->p++;
  return TRUE;
}

PracticeVtlValue *
vtl_path_make_list (VtlPath   *self,
                    GPtrArray *set)
{
  PracticeVtlValue *list = practice_vtl_list (self->arena, TRUE);

  for (guint i = 0; i < set->len; i++)
    practice_vtl_list_add (self->arena, list, set->pdata[i]);
  return list;
}

gboolean
vtl_path_walk (VtlPath          *self,
               PracticeVtlValue *start,
               gboolean          in_filter,
               GPtrArray        *found,
               gboolean         *definite)
{
  g_autoptr (GPtrArray) set = g_ptr_array_new ();

  if (++self->depth > VTL_PATH_MAX_DEPTH)
    return vtl_path_fail (self, "filters are nested too deeply");
  *definite = TRUE;
  g_ptr_array_add (set, start);
  while (self->error == NULL && (*self->p == '.' || *self->p == '['))
    {
      g_autoptr (GPtrArray) next = g_ptr_array_new ();

      if (vtl_path_take (self, ".."))
        {
          g_autoptr (GPtrArray) all = g_ptr_array_new ();

          *definite = FALSE;
          for (guint i = 0; i < set->len; i++)
            if (!descend (self, set->pdata[i], 0, all))
              return FALSE;
          if (vtl_path_take (self, "[") ? !read_bracket (self, all, next, definite) : !read_dotted (self, all, next, in_filter, definite))
            return FALSE;
        }
      else if (vtl_path_take (self, "["))
        {
          if (!read_bracket (self, set, next, definite))
            return FALSE;
        }
      else
        {
          self->p++;
          if (!read_dotted (self, set, next, in_filter, definite))
            return FALSE;
        }
      g_ptr_array_unref (set);
      set = g_steal_pointer (&next);
    }
  self->depth--;
  for (guint i = 0; i < set->len; i++)
    g_ptr_array_add (found, set->pdata[i]);
  return self->error == NULL;
}

gboolean
practice_vtl_path_find (PracticeVtlArena  *arena,
                        PracticeVtlValue  *root,
                        const char        *path,
                        gboolean          *found,
                        PracticeVtlValue **result,
                        char             **error)
{
  g_autoptr (GPtrArray) set = g_ptr_array_new ();
  g_autofree char *whole = NULL;
  VtlPath walk = { .arena = arena, .root = root };
  gboolean definite;

  /* "name" is short for "$.name". */
  whole = g_strstrip (*path == '$' ? g_strdup (path) : *path == '[' ? g_strconcat ("$", path, NULL) : g_strconcat ("$.", path, NULL));
  walk.path = whole;
  walk.p = whole + 1;
  *found = FALSE;
  *result = NULL;
  if (vtl_path_walk (&walk, root, FALSE, set, &definite) && *walk.p != '\0')
    vtl_path_fail (&walk, "expected \".\" or \"[\"");
  if (walk.error != NULL)
    {
      if (error != NULL)
        *error = walk.error;
      else
        g_free (walk.error);
      return FALSE;
    }
  *found = !definite || set->len > 0;
  *result = !definite ? vtl_path_make_list (&walk, set) : set->len > 0 ? set->pdata[0] : NULL;
  return TRUE;
}
