/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-json-source.h"

#include <string.h>

#include "mill-template.h"

#define MAX_BYTES (4 * 1024 * 1024)
#define MAX_DEPTH 64

struct _MillJsonSource
{
  char       *name;
  char       *text;
  gsize       length;
  JsonNode   *root;
  GHashTable *lines;   /* path → line; NULL until an error asks */
};

/* One pass over the text: strict syntax, and where there is a table for it, the line of every value. */
typedef struct
{
  const char     *at;
  const char     *end;
  guint           line;
  guint           depth;
  GString        *path;
  MillJsonSource *source;
  GError         *error;
} Scanner;

static gboolean scan_value (Scanner *s);

static gboolean
fail (Scanner    *s,
      const char *what)
{
  if (s->error == NULL)
    s->error = g_error_new (MILL_TUTORIAL_ERROR, MILL_TUTORIAL_ERROR_SYNTAX,
                            "%s:%u: %s", s->source->name, s->line, what);
  return FALSE;
}

static gboolean
fail_here (Scanner    *s,
           const char *expected)
{
  g_autofree char *what = NULL;

  if (s->at >= s->end)
    what = g_strdup_printf ("The file ends in the middle: %s is missing. Is it complete?", expected);
  else
    what = g_strdup_printf ("This is not JSON: %s is expected here.", expected);
  return fail (s, what);
}

static void
skip_space (Scanner *s)
{
  for (; s->at < s->end; s->at++)
    {
      if (*s->at == '\n')
        s->line++;
      else if (*s->at != ' ' && *s->at != '\t' && *s->at != '\r')
        return;
    }
}

/* @text: (out) (optional): the string with its escapes as they stand, enough to tell members apart */
static gboolean
scan_string (Scanner  *s,
             char    **text)
{
  const char *begin;

  if (s->at >= s->end || *s->at != '"')
    return fail_here (s, "a text in double quotes");
  begin = ++s->at;
  for (; s->at < s->end && *s->at != '"'; s->at++)
    {
      if ((guchar) *s->at < 0x20)
        return fail (s, "A text ends at the end of its line: the closing double quote is missing.");
      if (*s->at == '\\')
        {
          s->at++;
          if (s->at >= s->end)
            break;
          if (strchr ("\"\\/bfnrtu", *s->at) == NULL)
            return fail (s, "A backslash in a text must be followed by one of \" \\ / b f n r t u.");
        }
    }
  if (s->at >= s->end)
    return fail_here (s, "the closing double quote of a text");
  if (text != NULL)
    *text = g_strndup (begin, s->at - begin);
  s->at++;
  return TRUE;
}

static gboolean
scan_object (Scanner *s)
{
  g_autoptr (GHashTable) seen = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  gsize length = s->path->len;

  s->at++;
  skip_space (s);
  if (s->at < s->end && *s->at == '}')
    {
      s->at++;
      return TRUE;
    }
  for (;;)
    {
      g_autofree char *member = NULL;
      gboolean ok;

      skip_space (s);
      if (!scan_string (s, &member))
        return FALSE;
      skip_space (s);
      if (s->at >= s->end || *s->at != ':')
        return fail_here (s, "a colon after a member’s name");
      s->at++;
      g_string_append_c (s->path, '.');
      g_string_append (s->path, member);
      if (!g_hash_table_add (seen, g_steal_pointer (&member)))
        {
          g_autofree char *what = g_strdup_printf ("%s: the member is there twice. Remove one of them.", s->path->str);
          return fail (s, what);
        }
      ok = scan_value (s);
      g_string_truncate (s->path, length);
      if (!ok)
        return FALSE;
      skip_space (s);
      if (s->at < s->end && *s->at == ',')
        {
          s->at++;
          continue;
        }
      if (s->at < s->end && *s->at == '}')
        {
          s->at++;
          return TRUE;
        }
      return fail_here (s, "a comma or a closing brace");
    }
}

static gboolean
scan_array (Scanner *s)
{
  gsize length = s->path->len;

  s->at++;
  skip_space (s);
  if (s->at < s->end && *s->at == ']')
    {
      s->at++;
      return TRUE;
    }
  for (guint i = 0;; i++)
    {
      gboolean ok;

      g_string_append_printf (s->path, "[%u]", i);
      ok = scan_value (s);
      g_string_truncate (s->path, length);
      if (!ok)
        return FALSE;
      skip_space (s);
      if (s->at < s->end && *s->at == ',')
        {
          s->at++;
          continue;
        }
      if (s->at < s->end && *s->at == ']')
        {
          s->at++;
          return TRUE;
        }
      return fail_here (s, "a comma or a closing bracket");
    }
}

static gboolean
scan_word (Scanner *s)
{
  static const char *const words[] = { "true", "false", "null" };
  const char *begin = s->at;

  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    {
      gsize length = strlen (words[i]);

      if ((gsize) (s->end - s->at) >= length && memcmp (s->at, words[i], length) == 0)
        {
          s->at += length;
          return TRUE;
        }
    }
  while (s->at < s->end && (g_ascii_isdigit (*s->at) || strchr ("+-.eE", *s->at) != NULL))
    s->at++;
  if (s->at == begin || (!g_ascii_isdigit (*begin) && *begin != '-') || !g_ascii_isdigit (s->at[-1]))
    return fail_here (s, "a value");
  return TRUE;
}

static gboolean
scan_value (Scanner *s)
{
  gboolean ok;

  skip_space (s);
  if (s->at >= s->end)
    return fail_here (s, "a value");
  if (s->source->lines != NULL)
    g_hash_table_insert (s->source->lines, g_strdup (s->path->str), GUINT_TO_POINTER (s->line));
  if (++s->depth > MAX_DEPTH)
    return fail (s, "The values are nested too deeply.");
  if (*s->at == '{')
    ok = scan_object (s);
  else if (*s->at == '[')
    ok = scan_array (s);
  else if (*s->at == '"')
    ok = scan_string (s, NULL);
  else
    ok = scan_word (s);
  s->depth--;
  return ok;
}

static gboolean
scan (MillJsonSource  *self,
      GError         **error)
{
  g_autoptr (GString) path = g_string_new ("$");
  Scanner s = { .at = self->text, .end = self->text + self->length, .line = 1, .path = path, .source = self };

  if (scan_value (&s))
    {
      skip_space (&s);
      if (s.at == s.end || fail (&s, "There is more text after the end of the document."))
        return TRUE;
    }
  g_propagate_error (error, s.error);
  return FALSE;
}

/* @text: (transfer full) */
static MillJsonSource *
parse (char        *text,
       gsize        length,
       const char  *name,
       GError     **error)
{
  g_autoptr (MillJsonSource) self = g_new0 (MillJsonSource, 1);
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  g_autoptr (GError) local = NULL;

  self->name = g_strdup (name);
  self->text = text;
  self->length = length;
  if (length > MAX_BYTES)
    {
      g_set_error (error, MILL_TUTORIAL_ERROR, MILL_TUTORIAL_ERROR_FILE,
                   "%s: The file is larger than %d MiB.", name, MAX_BYTES >> 20);
      return NULL;
    }
  if (!g_utf8_validate (text, length, NULL))
    {
      g_set_error (error, MILL_TUTORIAL_ERROR, MILL_TUTORIAL_ERROR_SYNTAX,
                   "%s: The file is not UTF-8 text.", name);
      return NULL;
    }
  if (!scan (self, error))
    return NULL;
  if (!json_parser_load_from_data (parser, text, length, &local))
    {
      g_set_error (error, MILL_TUTORIAL_ERROR, MILL_TUTORIAL_ERROR_SYNTAX, "%s: %s", name, local->message);
      return NULL;
    }
  self->root = json_parser_steal_root (parser);
  return g_steal_pointer (&self);
}

MillJsonSource *
mill_json_source_parse (const char  *text,
                        gssize       length,
                        const char  *name,
                        GError     **error)
{
  gsize size = length < 0 ? strlen (text) : (gsize) length;

  return parse (g_strndup (text, size), size, name, error);
}

MillJsonSource *
mill_json_source_load (const char  *path,
                       GError     **error)
{
  char *text = NULL;
  g_autoptr (GError) local = NULL;
  gsize length = 0;

  if (!g_file_get_contents (path, &text, &length, &local))
    {
      g_set_error (error, MILL_TUTORIAL_ERROR, MILL_TUTORIAL_ERROR_FILE,
                   "The file cannot be read: %s", local->message);
      return NULL;
    }
  return parse (text, length, path, error);
}

void
mill_json_source_free (MillJsonSource *self)
{
  if (self == NULL)
    return;
  g_free (self->name);
  g_free (self->text);
  g_clear_pointer (&self->root, json_node_unref);
  g_clear_pointer (&self->lines, g_hash_table_unref);
  g_free (self);
}

JsonNode *
mill_json_source_get_root (MillJsonSource *self)
{
  return self->root;
}

guint
mill_json_source_get_line (MillJsonSource *self,
                           const char     *path)
{
  g_autofree char *at = g_strdup (path);

  if (self->lines == NULL)
    {
      self->lines = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
      scan (self, NULL);
    }
  for (;;)
    {
      gpointer line = g_hash_table_lookup (self->lines, at);
      char *dot, *bracket;

      if (line != NULL)
        return GPOINTER_TO_UINT (line);
      dot = strrchr (at, '.');
      bracket = strrchr (at, '[');
      if (dot == NULL && bracket == NULL)
        return 1;
      *MAX (dot, bracket) = '\0';
    }
}

gboolean
mill_json_source_fail (MillJsonSource  *self,
                       GError         **error,
                       const char      *path,
                       const char      *format,
                       ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, MILL_TUTORIAL_ERROR, MILL_TUTORIAL_ERROR_CONTENT, "%s:%u: %s: %s",
               self->name, mill_json_source_get_line (self, path), path, message);
  return FALSE;
}

typedef enum { A_TEXT, A_LIST, AN_OBJECT } Wanted;

/* The member where it is there and of the wanted type, else NULL, with an error unless it is missing and may be. */
static JsonNode *
look (MillJsonSource  *self,
      JsonObject      *object,
      const char      *path,
      const char      *member,
      Wanted           wanted,
      gboolean         required,
      GError         **error)
{
  static const char *const names[] = { "a text", "a list", "an object" };
  JsonNode *node = json_object_get_member (object, member);
  gboolean fits;

  if (node == NULL)
    {
      if (required)
        mill_json_source_fail (self, error, path, "“%s” is missing.", member);
      return NULL;
    }
  fits = wanted == A_TEXT ? json_node_get_value_type (node) == G_TYPE_STRING
         : wanted == A_LIST ? JSON_NODE_HOLDS_ARRAY (node) : JSON_NODE_HOLDS_OBJECT (node);
  if (!fits)
    {
      g_autofree char *full = g_strdup_printf ("%s.%s", path, member);

      mill_json_source_fail (self, error, full, "This must be %s.", names[wanted]);
      return NULL;
    }
  return node;
}

const char *
mill_json_source_string (MillJsonSource  *self,
                         JsonObject      *object,
                         const char      *path,
                         const char      *member,
                         gboolean         required,
                         GError         **error)
{
  JsonNode *node = look (self, object, path, member, A_TEXT, required, error);

  return node != NULL ? json_node_get_string (node) : NULL;
}

JsonArray *
mill_json_source_array (MillJsonSource  *self,
                        JsonObject      *object,
                        const char      *path,
                        const char      *member,
                        gboolean         required,
                        GError         **error)
{
  JsonNode *node = look (self, object, path, member, A_LIST, required, error);

  return node != NULL ? json_node_get_array (node) : NULL;
}

JsonObject *
mill_json_source_object (MillJsonSource  *self,
                         JsonObject      *object,
                         const char      *path,
                         const char      *member,
                         gboolean         required,
                         GError         **error)
{
  JsonNode *node = look (self, object, path, member, AN_OBJECT, required, error);

  return node != NULL ? json_node_get_object (node) : NULL;
}

gboolean
mill_json_source_only (MillJsonSource     *self,
                       JsonObject         *object,
                       const char         *path,
                       const char *const  *allowed,
                       GError            **error)
{
  JsonObjectIter iter;
  const char *member;

  json_object_iter_init (&iter, object);
  while (json_object_iter_next (&iter, &member, NULL))
    if (!g_strv_contains (allowed, member))
      {
        g_autofree char *full = g_strdup_printf ("%s.%s", path, member);
        g_autofree char *names = g_strjoinv (", ", (char **) allowed);

        return mill_json_source_fail (self, error, full,
                                      "“%s” is not known here. Known are: %s.", member, names);
      }
  return TRUE;
}
