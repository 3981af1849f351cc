/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-line-diff.h"

#define CONTEXT 3
/* Texts with more lines than this in the middle that differ are told as replaced: comparing every line with every other would take too long. */
#define MOST_LINES 1500

static void
append_same (GString     *text,
             char       **lines,
             guint        n,
             gboolean     first,
             gboolean     last)
{
  guint before = first ? 0 : CONTEXT, after = last ? 0 : CONTEXT;

  for (guint i = 0; i < n; i++)
    {
      if (n > before + after + 1 && i == before)
        {
          g_string_append (text, "  …\n");
          i = n - after;
          if (i == n)
            break;
        }
      g_string_append_printf (text, "  %s\n", lines[i]);
    }
}

static void
append_lines (GString     *text,
              const char  *mark,
              char       **lines,
              guint        n)
{
  for (guint i = 0; i < n; i++)
    g_string_append_printf (text, "%s%s\n", mark, lines[i]);
}

/* The longest common lines of the middle; lengths[i][j] is that of a[i…] and b[j…]. */
static void
append_middle (GString  *text,
               char    **a,
               guint     n_a,
               char    **b,
               guint     n_b)
{
  g_autofree guint16 *lengths = NULL;
  guint width = n_b + 1, i = 0, j = 0;

  if (n_a > MOST_LINES || n_b > MOST_LINES)
    {
      append_lines (text, "- ", a, n_a);
      append_lines (text, "+ ", b, n_b);
      return;
    }
  lengths = g_new0 (guint16, (gsize) (n_a + 1) * width);
  for (guint k = n_a; k > 0; k--)
    for (guint l = n_b; l > 0; l--)
      lengths[(k - 1) * width + l - 1] = g_str_equal (a[k - 1], b[l - 1])
        ? lengths[k * width + l] + 1
        : MAX (lengths[k * width + l - 1], lengths[(k - 1) * width + l]);
  while (i < n_a || j < n_b)
    {
      guint same = 0;

      while (i + same < n_a && j + same < n_b && g_str_equal (a[i + same], b[j + same]))
        same++;
      if (same > 0)
        append_same (text, a + i, same, FALSE, FALSE);
      i += same;
      j += same;
      if (i < n_a && (j == n_b || lengths[(i + 1) * width + j] >= lengths[i * width + j + 1]))
        append_lines (text, "- ", a + i++, 1);
      else if (j < n_b)
        append_lines (text, "+ ", b + j++, 1);
    }
}

char *
mill_line_diff (const char *before,
                const char *after)
{
  g_auto(GStrv) a = g_strsplit (before, "\n", -1);
  g_auto(GStrv) b = g_strsplit (after, "\n", -1);
  guint n_a = g_strv_length (a), n_b = g_strv_length (b), start = 0, end = 0;
  GString *text;

  if (g_str_equal (before, after))
    return NULL;
  while (start < n_a && start < n_b && g_str_equal (a[start], b[start]))
    start++;
  while (end < n_a - start && end < n_b - start && g_str_equal (a[n_a - 1 - end], b[n_b - 1 - end]))
    end++;
  text = g_string_new (NULL);
  append_same (text, a, start, TRUE, FALSE);
  append_middle (text, a + start, n_a - start - end, b + start, n_b - start - end);
  append_same (text, a + n_a - end, end, FALSE, TRUE);
  g_string_truncate (text, text->len - 1);
  return g_string_free (text, FALSE);
}
