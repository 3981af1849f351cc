/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-pattern.h"

#include <string.h>

/* Stand for the wildcards in an expanded pattern, so that those in a variable's value are plain characters. */
#define ANY '\001'
#define ONE '\002'

static gboolean
same_char (char     a,
           char     b,
           gboolean ignore_case)
{
  return ignore_case ? g_ascii_tolower (a) == g_ascii_tolower (b) : a == b;
}

/* The glob's last star is the only one that needs to be tried again: linear in practice, never exponential. */
static gboolean
matches_span (const char *pattern,
              gsize       pattern_length,
              const char *text,
              gsize       text_length,
              gboolean    ignore_case)
{
  const char *pattern_end = pattern + pattern_length;
  const char *text_end = text + text_length;
  const char *star = NULL;
  const char *retry = NULL;

  while (text < text_end) {
    if (pattern < pattern_end && *pattern == ANY) {
      star = pattern++;
      retry = text;
    } else if (pattern < pattern_end && *pattern == ONE) {
      pattern++;
      text = g_utf8_next_char (text);
    } else if (pattern < pattern_end && same_char (*pattern, *text, ignore_case)) {
      pattern++;
      text++;
    } else if (star != NULL) {
      pattern = star + 1;
      text = ++retry;
    } else {
      return FALSE;
    }
  }
  while (pattern < pattern_end && *pattern == ANY)
    pattern++;
  return pattern == pattern_end && text == text_end;
}

/* "${name}" or "${name, 'otherwise'}" from @text on; appends its value. */
static gboolean
append_variable (GString              *out,
                 const char           *text,
                 gsize                 length,
                 PracticeVariableFunc  lookup,
                 gpointer              data)
{
  const char *comma = memchr (text, ',', length);
  g_autofree char *name = g_strndup (text, comma != NULL ? (gsize) (comma - text) : length);
  g_autofree char *value = NULL;

  g_strstrip (name);
  if (strcmp (name, "*") == 0 || strcmp (name, "?") == 0 || strcmp (name, "$") == 0) {
    g_string_append (out, name);
    return TRUE;
  }
  value = lookup (name, data);
  if (value == NULL && comma != NULL) {
    value = g_strndup (comma + 1, length - (gsize) (comma + 1 - text));
    g_strstrip (value);
    if (value[0] != '\'' || strlen (value) < 2 || value[strlen (value) - 1] != '\'')
      return FALSE;
    g_string_append_len (out, value + 1, (gssize) strlen (value) - 2);
    return TRUE;
  }
  if (value == NULL)
    return FALSE;
  g_string_append (out, value);
  return TRUE;
}

char *
practice_pattern_expand (const char           *pattern,
                         PracticeVariableFunc  lookup,
                         gpointer              data)
{
  GString *out = g_string_sized_new (strlen (pattern) + 1);

  for (; *pattern != '\0'; pattern++) {
    const char *end = NULL;

    if (*pattern == '*') {
      g_string_append_c (out, ANY);
    } else if (*pattern == '?') {
      g_string_append_c (out, ONE);
    } else if (*pattern == '$' && pattern[1] == '{' && lookup != NULL && (end = strchr (pattern, '}')) != NULL) {
      if (!append_variable (out, pattern + 2, (gsize) (end - pattern - 2), lookup, data)) {
        g_string_free (out, TRUE);
        return NULL;
      }
      pattern = end;
    } else {
      g_string_append_c (out, *pattern);
    }
  }
  return g_string_free (out, FALSE);
}

gboolean
practice_pattern_matches (const char *expanded,
                          const char *text,
                          gboolean    ignore_case)
{
  return matches_span (expanded, strlen (expanded), text, strlen (text), ignore_case);
}

gboolean
practice_pattern_matches_arn (const char *expanded,
                              const char *arn)
{
  for (guint i = 0; i < 5; i++) {
    const char *pattern_end = strchr (expanded, ':');
    const char *arn_end = strchr (arn, ':');

    /* A pattern that is shorter than an ARN, such as "*", is matched as it is. */
    if (pattern_end == NULL || arn_end == NULL)
      break;
    if (!matches_span (expanded, (gsize) (pattern_end - expanded), arn, (gsize) (arn_end - arn), FALSE))
      return FALSE;
    expanded = pattern_end + 1;
    arn = arn_end + 1;
  }
  return practice_pattern_matches (expanded, arn, FALSE);
}

gboolean
practice_pattern_equals (const char *expanded,
                         const char *text,
                         gboolean    ignore_case)
{
  /* Operators without wildcards take "*" and "?" as characters. */
  for (; *expanded != '\0'; expanded++, text++) {
    char c = *expanded == ANY ? '*' : *expanded == ONE ? '?' : *expanded;

    if (!same_char (c, *text, ignore_case))
      return FALSE;
  }
  return *text == '\0';
}
