/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "aws-retry.h"

#define MOST_MS 20000
#define TRANSIENT_MS 100
#define THROTTLED_MS 500

guint
aws_retry_max_attempts (void)
{
  const char *text = g_getenv ("AWS_MAX_ATTEMPTS");
  guint64 attempts;

  if (text != NULL && g_ascii_string_to_unsigned (text, 10, 1, 20, &attempts, NULL))
    return (guint) attempts;
  return AWS_RETRY_ATTEMPTS;
}

guint
aws_retry_pause_ms (guint       attempt,
                    gboolean    throttled,
                    const char *retry_after)
{
  guint bound = throttled ? THROTTLED_MS : TRANSIENT_MS;
  guint64 seconds;

  if (retry_after != NULL && g_ascii_string_to_unsigned (retry_after, 10, 0, MOST_MS / 1000, &seconds, NULL))
    return (guint) seconds * 1000;
  for (guint i = 1; i < attempt && bound < MOST_MS; i++)
    bound *= 2;
  return (guint) g_random_int_range (0, (gint32) MIN (bound, MOST_MS) + 1);
}

/* When the next turn of @key is; @interval_ms: by how much it then moves on. */
static guint
take_turn (const char *key,
           guint       interval_ms,
           gint64      now_ms)
{
  static GMutex mutex;
  static GHashTable *turns;
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&mutex);
  gint64 *next;
  gint64 turn;

  if (turns == NULL)
    turns = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  next = g_hash_table_lookup (turns, key);
  if (next == NULL) {
    next = g_new0 (gint64, 1);
    g_hash_table_insert (turns, g_strdup (key), next);
  }
  turn = MAX (*next, now_ms);
  if (interval_ms > 0)
    *next = turn + interval_ms;
  return (guint) (turn - now_ms);
}

guint
aws_retry_pace_ms (const char *key,
                   guint       interval_ms,
                   gint64      now_ms)
{
  return take_turn (key, interval_ms, now_ms);
}

guint
aws_retry_peek_ms (const char *key,
                   gint64      now_ms)
{
  return take_turn (key, 0, now_ms);
}

gboolean
aws_retry_sleep (guint          milliseconds,
                 GCancellable  *cancellable,
                 GError       **error)
{
  gint64 end = g_get_monotonic_time () + (gint64) milliseconds * 1000;
  GPollFD fd;

  if (cancellable == NULL || !g_cancellable_make_pollfd (cancellable, &fd)) {
    g_usleep ((gulong) milliseconds * 1000);
    return !g_cancellable_set_error_if_cancelled (cancellable, error);
  }
  while (!g_cancellable_is_cancelled (cancellable)) {
    gint64 left = end - g_get_monotonic_time ();

    if (left <= 0)
      break;
    g_poll (&fd, 1, (int) ((left + 999) / 1000));
  }
  g_cancellable_release_fd (cancellable);
  return !g_cancellable_set_error_if_cancelled (cancellable, error);
}
