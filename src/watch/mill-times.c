/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-times.h"

guint
mill_times_count_until (GArray *times,
                        double  time)
{
  guint low = 0, high = times->len;

  while (low < high)
    {
      guint middle = low + (high - low) / 2;

      if (g_array_index (times, double, middle) <= time)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

guint
mill_times_insert (GArray   *times,
                   double    time,
                   gboolean  once)
{
  guint at = mill_times_count_until (times, time);

  if (once && at > 0 && g_array_index (times, double, at - 1) == time)
    return times->len;
  g_array_insert_val (times, at, time);
  return at;
}

void
mill_times_remove (GArray *times,
                   double  time)
{
  guint at = mill_times_count_until (times, time);

  if (at > 0 && g_array_index (times, double, at - 1) == time)
    g_array_remove_index (times, at - 1);
}

double
mill_times_get (GArray *times,
                guint   index)
{
  return g_array_index (times, double, index);
}
