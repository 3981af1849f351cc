/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-access-log.h"

#include <string.h>

/* API Gateway takes formats of 3 KB; a line has room for a long path and an error's text. */
#define MAX_VARIABLES 128
#define MAX_LINE (16 * 1024)

#define NAME_CHARS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_."

/* What a variable's value consists of: where two values stand beside each other, that tells where the one ends. */
typedef enum {
  ANYTHING,
  WORD,      /* no blank, nothing that formats put around a value */
  PATH,      /* no blank */
  NUMBER,    /* "-" for none */
} Shape;

typedef struct
{
  char  *name;
  Shape  shape;
  char  *after;    /* the text behind it */
  gsize  length;   /* of that */
} Variable;

struct _MillAccessLog
{
  char   *format;
  char   *before;      /* the text before the first variable */
  GArray *variables;   /* Variable */
};

static void
variable_clear (gpointer data)
{
  g_free (((Variable *) data)->name);
  g_free (((Variable *) data)->after);
}

static Shape
get_shape (const char *name)
{
  static const struct { const char *end; Shape shape; } shapes[] = {
    { "equestId", WORD }, { "httpMethod", WORD }, { "requestTimeEpoch", NUMBER }, { "tatus", NUMBER }, { "atency", NUMBER },
    { "responseLength", NUMBER }, { "esourcePath", PATH }, { "path", PATH }, { "apiId", WORD }, { "stage", WORD }, { "protocol", PATH },
    { "sourceIp", WORD },
  };

  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    if (g_str_has_suffix (name, shapes[i].end))
      return shapes[i].shape;
  return ANYTHING;
}

static gboolean
is_of (Shape shape,
       char  c)
{
  switch (shape)
    {
    case NUMBER:
      return g_ascii_isdigit (c) || c == '-';
    case PATH:
      return !g_ascii_isspace (c);
    case WORD:
      return !g_ascii_isspace (c) && strchr ("\"'<>[](){},;|", c) == NULL;
    default:
      return TRUE;
    }
}

/* What is not there is written as "-"; nobody promises that of everything. */
static gsize
get_least (Shape shape)
{
  return shape == ANYTHING ? 0 : 1;
}

/* Without the line's end. */
static gsize
get_length (const char *line)
{
  gsize length = strlen (line);

  while (length > 0 && (line[length - 1] == '\n' || line[length - 1] == '\r'))
    length--;
  return length;
}

/* The variable that begins at @text; NULL where none does. "$context.x", "${context.x}", "$stageVariables.x" */
static char *
read_name (const char  *text,
           const char **end)
{
  static const char *const roots[] = { "context.", "stageVariables." };
  gboolean braces = text[0] == '$' && text[1] == '{';
  const char *name = text + (braces ? 2 : 1);

  if (text[0] != '$')
    return NULL;
  for (guint i = 0; i < G_N_ELEMENTS (roots); i++)
    {
      gsize length;

      if (!g_str_has_prefix (name, roots[i]))
        continue;
      name += strlen (roots[i]);
      length = strspn (name, NAME_CHARS);
      /* A full stop at the end is text. */
      while (length > 0 && name[length - 1] == '.')
        length--;
      if (length == 0 || (braces && name[length] != '}'))
        return NULL;
      *end = name + length + (braces ? 1 : 0);
      return i == 0 ? g_strndup (name, length) : g_strdup_printf ("%s%.*s", roots[i], (int) length, name);
    }
  return NULL;
}

MillAccessLog *
mill_access_log_new (const char *format)
{
  MillAccessLog *self = g_new0 (MillAccessLog, 1);
  g_autoptr (GString) text = g_string_new (NULL);
  const char *p;

  self->format = g_strndup (format, get_length (format));
  self->variables = g_array_new (FALSE, TRUE, sizeof (Variable));
  g_array_set_clear_func (self->variables, variable_clear);
  for (p = self->format; ; p++)
    {
      const char *end = NULL;
      char *name = *p != '\0' ? read_name (p, &end) : NULL;

      if (name == NULL && *p != '\0')
        {
          g_string_append_c (text, *p);
          continue;
        }
      if (self->variables->len == 0)
        self->before = g_strdup (text->str);
      else
        {
          Variable *last = &g_array_index (self->variables, Variable, self->variables->len - 1);

          last->after = g_strdup (text->str);
          last->length = text->len;
        }
      g_string_truncate (text, 0);
      if (name == NULL)
        return self;
      g_array_append_val (self->variables, ((Variable) { .name = name, .shape = get_shape (name) }));
      p = end - 1;
    }
}

void
mill_access_log_free (MillAccessLog *self)
{
  g_free (self->format);
  g_free (self->before);
  g_array_unref (self->variables);
  g_free (self);
}

const char *
mill_access_log_get_format (MillAccessLog *self)
{
  return self->format;
}

gboolean
mill_access_log_has (MillAccessLog *self,
                     const char    *name)
{
  for (guint i = 0; i < self->variables->len; i++)
    if (g_str_equal (g_array_index (self->variables, Variable, i).name, name))
      return TRUE;
  return FALSE;
}

/*
 * Where each value may end, worked out from the end of the line: ends[i * (length + 2) + p] is the first place, at p or behind it, where variable i may
 * end because all that follows it fits. 0 stands for nowhere, and 1 for the line's first byte.
 */
static guint32 *
find_ends (MillAccessLog *self,
           const char    *line,
           gsize          length)
{
  guint n = self->variables->len;
  gsize row = length + 2;
  guint32 *ends = g_new0 (guint32, n * row);

  for (guint i = n; i-- > 0;)
    {
      const Variable *variable = &g_array_index (self->variables, Variable, i);
      const Variable *next = i + 1 < n ? variable + 1 : NULL;
      guint32 *mine = ends + i * row;
      const guint32 *theirs = next != NULL ? mine + row : NULL;
      gsize run = length;   /* how far the next variable's value can go from where its text begins */
      gsize run_of = length;

      for (gsize p = length + 1; p-- > 0;)
        {
          gsize begin = p + variable->length;
          gboolean fits = begin <= length && memcmp (line + p, variable->after, variable->length) == 0;

          if (fits && next == NULL)
            fits = begin == length;
          else if (fits)
            {
              while (run_of > begin)
                {
                  run_of--;
                  if (!is_of (next->shape, line[run_of]))
                    run = run_of;
                }
              begin += get_least (next->shape);
              fits = begin <= length && theirs[begin] != 0 && theirs[begin] - 1 <= run;
            }
          mine[p] = fits ? p + 1 : mine[p + 1];
        }
    }
  return ends;
}

GHashTable *
mill_access_log_read (MillAccessLog *self,
                      const char    *line)
{
  gsize length = get_length (line), p = strlen (self->before);
  g_autofree guint32 *ends = NULL;
  g_autoptr (GHashTable) values = NULL;

  if (self->variables->len == 0 || self->variables->len > MAX_VARIABLES || length > MAX_LINE || p > length || strncmp (line, self->before, p) != 0)
    return NULL;
  ends = find_ends (self, line, length);
  values = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  for (guint i = 0; i < self->variables->len; i++)
    {
      const Variable *variable = &g_array_index (self->variables, Variable, i);
      gsize least = get_least (variable->shape);
      guint32 end = p + least <= length ? ends[i * (length + 2) + p + least] : 0;

      if (end == 0)
        return NULL;
      end--;
      for (gsize each = p; each < end; each++)
        if (!is_of (variable->shape, line[each]))
          return NULL;
      if (!(end - p == 1 && line[p] == '-') && !g_hash_table_contains (values, variable->name))
        {
          g_autofree char *raw = g_strndup (line + p, end - p);

          g_hash_table_insert (values, g_strdup (variable->name), g_utf8_make_valid (raw, -1));
        }
      p = end + variable->length;
    }
  return g_steal_pointer (&values);
}
