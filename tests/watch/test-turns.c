/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-turns.h"

#define SECOND G_USEC_PER_SEC

/* One that is asked, as the test plays it: so many calls each time, each of them taking a while. */
typedef struct
{
  MillTurn *turn;
  guint     calls;
  guint     asked;    /* times */
  guint     left;     /* calls of the time that is under way */
  gboolean  asking;
  gboolean  waits;    /* for room */
  gboolean  fails;
} Asked;

typedef struct
{
  MillTurns *turns;
  GArray    *times;   /* gint64: of each call */
  Asked      asked[40];
  guint      n;
  gint64     now;
} Play;

static void
play_open (Play *play)
{
  *play = (Play) { .turns = mill_turns_new (0), .times = g_array_new (FALSE, FALSE, sizeof (gint64)) };
}

static void
play_close (Play *play)
{
  mill_turns_free (play->turns);
  g_array_unref (play->times);
}

static Asked *
play_add (Play   *play,
          double  weight,
          double  rest_weight,
          guint   calls)
{
  Asked *asked = &play->asked[play->n++];

  asked->turn = mill_turns_add (play->turns, weight, rest_weight, asked);
  asked->calls = calls;
  return asked;
}

/* The next call of one that is being asked; its time ends with the last. */
static void
play_call (Play  *play,
           Asked *asked)
{
  if (asked->left == 0)
    {
      mill_turn_end (asked->turn, asked->fails, play->now);
      return;
    }
  if (!mill_turn_call (asked->turn, play->now))
    {
      asked->waits = TRUE;
      return;
    }
  g_array_append_val (play->times, play->now);
  asked->left--;
}

/* Up to @until, a tenth of a second at a time: a call takes so long. */
static void
play_until (Play   *play,
            gint64  until)
{
  for (; play->now < until; play->now += SECOND / 10)
    {
      Asked *asked;

      for (guint i = 0; i < play->n; i++)
        if (play->asked[i].asking && !play->asked[i].waits)
          {
            play->asked[i].asking = play->asked[i].left > 0;
            play_call (play, &play->asked[i]);
          }
      while ((asked = mill_turns_pick (play->turns, play->now)) != NULL)
        {
          if (!asked->asking)
            {
              asked->asked++;
              asked->left = asked->calls;
            }
          asked->asking = TRUE;
          asked->waits = FALSE;
          play_call (play, asked);
        }
      g_assert_cmpint (mill_turns_get_next (play->turns, play->now), >, play->now);
    }
}

/* The most calls in any minute that begins at @from or later. */
static guint
play_most (Play   *play,
           gint64  from)
{
  guint most = 0, first = 0;

  for (guint i = 0; i < play->times->len; i++)
    {
      while (g_array_index (play->times, gint64, first) < MAX (from, g_array_index (play->times, gint64, i) - G_TIME_SPAN_MINUTE + 1))
        if (++first > i)
          break;
      most = MAX (most, i + 1 - first);
    }
  return most;
}

static void
test_quick (void)
{
  Play play;
  Asked *often, *seldom;

  play_open (&play);
  often = play_add (&play, 1, 1, 1);
  seldom = play_add (&play, 5, 10, 1);
  mill_turns_set_busy (play.turns, TRUE, play.now);
  mill_turns_note_news (play.turns, play.now);
  play_until (&play, 4 * SECOND);
  g_assert_cmpuint (often->asked, >=, 8);
  g_assert_cmpuint (often->asked, <=, 10);
  g_assert_cmpuint (seldom->asked, ==, 2);
  play_close (&play);
}

/* After a failure it pauses, longer each time, up to a minute; once it succeeds it goes on as before. */
static void
test_failures (void)
{
  static const gint64 pauses[] = { 1, 2, 4, 8, 16, 32, 60, 60 };
  Play play;
  Asked *asked;

  play_open (&play);
  asked = play_add (&play, 1, 1, 1);
  mill_turns_set_busy (play.turns, TRUE, 0);
  for (guint i = 0; i < G_N_ELEMENTS (pauses); i++)
    {
      mill_turns_note_news (play.turns, play.now);
      g_assert_true (mill_turns_pick (play.turns, play.now) == asked);
      g_assert_null (mill_turns_pick (play.turns, play.now));
      g_assert_cmpint (mill_turns_get_next (play.turns, play.now), ==, G_MAXINT64);
      g_assert_true (mill_turn_call (asked->turn, play.now));
      mill_turn_end (asked->turn, TRUE, play.now);
      /* News of others is no reason to hurry. */
      mill_turns_hurry (play.turns, play.now);
      g_assert_cmpint (mill_turns_get_next (play.turns, play.now), ==, play.now + pauses[i] * SECOND);
      play.now += pauses[i] * SECOND;
    }
  mill_turns_note_news (play.turns, play.now);
  g_assert_true (mill_turns_pick (play.turns, play.now) == asked);
  mill_turn_end (asked->turn, FALSE, play.now);
  g_assert_cmpint (mill_turns_get_next (play.turns, play.now), <, play.now + SECOND);

  /* One whose reason is gone is asked at once. */
  mill_turn_end (asked->turn, TRUE, play.now);
  g_assert_null (mill_turns_pick (play.turns, play.now));
  mill_turns_forgive (play.turns, play.now);
  g_assert_true (mill_turns_pick (play.turns, play.now) == asked);
  play_close (&play);
}

static void
test_recent (void)
{
  Play play;
  Asked *asked;

  play_open (&play);
  asked = play_add (&play, 1, 1, 1);
  g_assert_true (mill_turns_pick (play.turns, 0) == asked);
  for (guint i = 0; i < 5; i++)
    g_assert_true (mill_turn_call (asked->turn, i * 10 * SECOND));
  g_assert_cmpuint (mill_turns_get_recent (play.turns, 59 * SECOND), ==, 5);
  g_assert_cmpuint (mill_turns_get_recent (play.turns, 75 * SECOND), ==, 3);
  g_assert_cmpuint (mill_turns_get_recent (play.turns, 200 * SECOND), ==, 0);
  mill_turns_remove (play.turns, asked->turn);
  g_assert_cmpint (mill_turns_get_next (play.turns, 200 * SECOND), ==, G_MAXINT64);
  play_close (&play);
}

/* Many components with many calls each, all the time something new: never more than the budget in any minute, and everybody's turn comes. */
static void
test_budget (void)
{
  static const guint budgets[] = { 10, 20, 60, 300 };

  for (guint n = 0; n < G_N_ELEMENTS (budgets); n++)
    {
      Play play;

      play_open (&play);
      for (guint i = 0; i < 30; i++)
        play_add (&play, 1 + i % 3, 1 + i % 5, 1 + i % 4 * 3);
      mill_turns_set_budget (play.turns, budgets[n]);
      mill_turns_set_busy (play.turns, TRUE, 0);
      for (guint i = 0; i < 240; i++)
        {
          mill_turns_note_news (play.turns, play.now);
          play_until (&play, (i + 1) * 5 * SECOND);
        }
      g_assert_cmpuint (play_most (&play, 0), <=, budgets[n]);
      /* What may be asked is asked. */
      g_assert_cmpuint (play.times->len, >=, budgets[n] * 15);
      for (guint i = 0; i < play.n; i++)
        g_assert_cmpuint (play.asked[i].asked, >, 0);
      play_close (&play);
    }
}

/* As many calls as a whole pipeline takes, and more: at rest there are no more than ten in any minute, also behind a busy one. */
static void
test_rest (void)
{
  Play play;
  guint before;

  play_open (&play);
  play_add (&play, 1, 1, 1);
  play_add (&play, 1, 1, 3);
  for (guint i = 0; i < 20; i++)
    play_add (&play, 5, 10, 1 + i % 5);
  mill_turns_set_busy (play.turns, TRUE, 0);
  play_until (&play, 30 * SECOND);
  g_assert_cmpuint (play.times->len, >, 30);
  mill_turns_set_busy (play.turns, FALSE, play.now);
  play_until (&play, 36 * SECOND);
  before = play.times->len;
  play_until (&play, 1836 * SECOND);
  g_assert_cmpuint (play_most (&play, 36 * SECOND), <=, MILL_TURNS_AT_REST);
  g_assert_cmpuint (play.times->len - before, >, 30 * 7);

  /* News: it is quick again at once. */
  before = play.times->len;
  mill_turns_note_news (play.turns, play.now);
  mill_turns_set_busy (play.turns, TRUE, play.now);
  play_until (&play, play.now + 10 * SECOND);
  g_assert_cmpuint (play.times->len - before, >, MILL_TURNS_AT_REST);
  play_close (&play);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/turns/quick", test_quick);
  g_test_add_func ("/turns/failures", test_failures);
  g_test_add_func ("/turns/recent", test_recent);
  g_test_add_func ("/turns/budget", test_budget);
  g_test_add_func ("/turns/rest", test_rest);
  return g_test_run ();
}
