/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-turns.h"

#define QUICK_SECONDS 0.4
#define NEWS_SECONDS 5          /* after news it goes on quickly for so long */
#define LONGEST_PAUSE 60

struct _MillTurn
{
  MillTurns *turns;             /* owns this */
  double     weight;
  double     rest_weight;
  guint      calls;             /* that it took last time */
  guint      calling;           /* … that this one has taken so far */
  gboolean   asking;
  gint64     due;
  double     pause;             /* after failures, in seconds */
};

struct _MillTurns
{
  GPtrArray *turns;             /* MillTurn */
  GQueue     calls;             /* gint64 *: when, in the last minute */
  guint      budget;
  gint64     news;
  gboolean   busy;
};

static void
forget_old_calls (MillTurns *self,
                  gint64     now)
{
  while (self->calls.length > 0 && *(gint64 *) g_queue_peek_head (&self->calls) < now - G_TIME_SPAN_MINUTE)
    g_free (g_queue_pop_head (&self->calls));
}

/* Seconds between two turns of what has the weight 1, so that all of them together make @per_minute calls. */
static double
get_turn (MillTurns *self,
          double     per_minute,
          gboolean   at_rest)
{
  double calls = 0;

  for (guint i = 0; i < self->turns->len; i++)
    {
      MillTurn *turn = self->turns->pdata[i];

      calls += MAX (1, turn->calls) / (at_rest ? turn->rest_weight : turn->weight);
    }
  return calls * 60 / per_minute;
}

static double
get_interval (MillTurn *turn,
              gint64    now)
{
  MillTurns *self = turn->turns;
  double rest = get_turn (self, MILL_TURNS_AT_REST - 1, TRUE) * turn->rest_weight;
  double idle = (now - self->news) / (double) G_USEC_PER_SEC;
  double quick;

  if (!self->busy && idle > NEWS_SECONDS)
    return rest;
  quick = MAX (QUICK_SECONDS, get_turn (self, self->budget, FALSE));
  return MIN (rest, MAX (quick, idle / 10) * turn->weight);
}

MillTurns *
mill_turns_new (gint64 now)
{
  MillTurns *self = g_new0 (MillTurns, 1);

  self->turns = g_ptr_array_new_with_free_func (g_free);
  self->budget = MILL_TURNS_BUDGET;
  self->news = now;
  return self;
}

void
mill_turns_free (MillTurns *self)
{
  g_ptr_array_unref (self->turns);
  g_queue_clear_full (&self->calls, g_free);
  g_free (self);
}

MillTurn *
mill_turns_add (MillTurns *self,
                double     weight,
                double     rest_weight)
{
  MillTurn *turn = g_new0 (MillTurn, 1);

  turn->turns = self;
  turn->weight = weight;
  turn->rest_weight = rest_weight;
  g_ptr_array_add (self->turns, turn);
  return turn;
}

void
mill_turns_remove (MillTurns *self,
                   MillTurn  *turn)
{
  g_ptr_array_remove (self->turns, turn);
}

void
mill_turns_set_budget (MillTurns *self,
                       guint      calls_per_minute)
{
  self->budget = MAX (calls_per_minute, MILL_TURNS_AT_REST);
}

void
mill_turns_set_busy (MillTurns *self,
                     gboolean   busy,
                     gint64     now)
{
  if (self->busy == busy)
    return;
  self->busy = busy;
  if (busy)
    mill_turns_hurry (self, now);
}

void
mill_turns_note_news (MillTurns *self,
                      gint64     now)
{
  self->news = now;
}

void
mill_turns_hurry (MillTurns *self,
                  gint64     now)
{
  for (guint i = 0; i < self->turns->len; i++)
    {
      MillTurn *turn = self->turns->pdata[i];

      if (turn->pause == 0)
        turn->due = MIN (turn->due, now + (gint64) (get_interval (turn, now) * G_USEC_PER_SEC));
    }
}

gint64
mill_turns_get_next (MillTurns *self,
                     gint64     now)
{
  gint64 next = G_MAXINT64;

  for (guint i = 0; i < self->turns->len; i++)
    {
      MillTurn *turn = self->turns->pdata[i];

      if (!turn->asking)
        next = MIN (next, turn->due);
    }
  forget_old_calls (self, now);
  if (next != G_MAXINT64 && self->calls.length >= self->budget)
    next = MAX (next, *(gint64 *) g_queue_peek_head (&self->calls) + G_TIME_SPAN_MINUTE);
  return next;
}

guint
mill_turns_get_recent (MillTurns *self,
                       gint64     now)
{
  forget_old_calls (self, now);
  return self->calls.length;
}

gboolean
mill_turn_is_due (MillTurn *self,
                  gint64    now)
{
  forget_old_calls (self->turns, now);
  return self->due <= now && !self->asking && self->turns->calls.length < self->turns->budget;
}

void
mill_turn_begin (MillTurn *self)
{
  self->asking = TRUE;
  self->calling = 0;
}

void
mill_turn_call (MillTurn *self,
                gint64    now)
{
  self->calling++;
  g_queue_push_tail (&self->turns->calls, g_memdup2 (&now, sizeof now));
}

void
mill_turn_end (MillTurn *self,
               gboolean  failed,
               gint64    now)
{
  self->asking = FALSE;
  self->calls = self->calling;
  self->pause = failed ? CLAMP (self->pause * 2, 1, LONGEST_PAUSE) : 0;
  self->due = now + (gint64) (MAX (get_interval (self, now), self->pause) * G_USEC_PER_SEC);
}
