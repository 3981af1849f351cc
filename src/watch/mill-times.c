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

gboolean
mill_times_has (GArray *times,
                double  time)
{
  guint at = mill_times_count_until (times, time);

  return at > 0 && g_array_index (times, double, at - 1) == time;
}

static int
compare_times (gconstpointer a,
               gconstpointer b)
{
  double first = *(const double *) a, second = *(const double *) b;

  return (first > second) - (first < second);
}

guint
mill_times_remove_all (GArray *times,
                       GArray *gone)
{
  guint kept, next = 0, first;

  if (gone->len == 0)
    return times->len;
  g_array_sort (gone, compare_times);
  kept = mill_times_count_until (times, g_array_index (gone, double, 0));
  while (kept > 0 && g_array_index (times, double, kept - 1) == g_array_index (gone, double, 0))
    kept--;
  first = kept;
  for (guint i = kept; i < times->len; i++)
    {
      double time = g_array_index (times, double, i);

      while (next < gone->len && g_array_index (gone, double, next) < time)
        next++;
      if (next < gone->len && g_array_index (gone, double, next) == time)
        next++;
      else
        g_array_index (times, double, kept++) = time;
    }
  g_array_set_size (times, kept);
  return first;
}

double
mill_times_get (GArray *times,
                guint   index)
{
  return g_array_index (times, double, index);
}
