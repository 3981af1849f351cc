/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-mark.h"

#include <math.h>

/* What is no further from another flies beside it, as a part of the way. */
#define BESIDE 0.2

static gboolean
is_bad (const MillMark *mark)
{
  return mark->status == MILL_HOP_FAILED || mark->status == MILL_HOP_RETRYING;
}

void
mill_marks_condense (GArray *marks,
                     guint   n_nodes)
{
  guint moving = 0, bad = 0, kept = 0;
  g_autofree guint *here = g_new0 (guint, n_nodes + 1);
  g_autofree guint *shown = g_new0 (guint, n_nodes + 1);
  g_autofree guint *streams = NULL;

  for (guint i = 0; i < marks->len; i++)
    {
      MillMark *mark = &g_array_index (marks, MillMark, i);

      if (mark->from != mark->to)
        moving++;
      else
        here[mark->to]++;
    }
  if (moving > MILL_MARKS_MOST_DOTS)
    streams = g_new0 (guint, n_nodes * n_nodes);
  for (guint i = 0; i < marks->len; i++)
    {
      MillMark mark = g_array_index (marks, MillMark, i);

      if (mark.from == mark.to)
        {
          /* The last place in a bunch is the number's. */
          if (here[mark.to] > MILL_MARKS_MOST_BUNCH && shown[mark.to] >= MILL_MARKS_MOST_BUNCH - 1)
            continue;
          shown[mark.to]++;
        }
      else if (streams != NULL)
        {
          if (!is_bad (&mark) || bad == MILL_MARKS_MOST_DOTS)
            {
              streams[mark.from * n_nodes + mark.to]++;
              continue;
            }
          bad++;
        }
      g_array_index (marks, MillMark, kept++) = mark;
    }
  g_array_set_size (marks, kept);
  for (guint i = 0; i < n_nodes; i++)
    if (here[i] > shown[i])
      {
        MillMark rest = { i, i, 1, MILL_HOP_UNDER_WAY, here[i] - shown[i], 0 };
        g_array_append_val (marks, rest);
      }
  for (guint i = 0; streams != NULL && i < n_nodes * n_nodes; i++)
    if (streams[i] > 0)
      {
        MillMark stream = { i / n_nodes, i % n_nodes, -1, MILL_HOP_UNDER_WAY, streams[i], 0 };
        g_array_append_val (marks, stream);
      }
}

void
mill_marks_still (GArray *marks)
{
  for (guint i = 0; i < marks->len; i++)
    {
      MillMark *mark = &g_array_index (marks, MillMark, i);

      mark->to = mark->from;
      mark->progress = 1;
    }
}

void
mill_marks_spread (GArray *marks)
{
  for (guint i = 0; i < marks->len; i++)
    {
      MillMark *mark = &g_array_index (marks, MillMark, i);
      guint beside = 0;

      if (mark->from == mark->to || mark->progress < 0)
        continue;
      for (guint j = 0; j < i; j++)
        {
          const MillMark *other = &g_array_index (marks, MillMark, j);

          beside += other->from == mark->from && other->to == mark->to && other->progress >= 0 &&
                    fabs (other->progress - mark->progress) < BESIDE;
        }
      mark->lane = beside % MILL_MARKS_LANES;
    }
}
