/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-turns.h"

#define QUICK_SECONDS 0.4
#define NEWS_SECONDS 5          /* after news it goes on quickly for so long */
#define SPARE_SECONDS 8        /* what is left of the budget would be used up in so many seconds: quick at first, and never at a halt */
#define LONGEST_PAUSE 60

struct _MillTurn
{
  MillTurns *turns;             /* owns this */
  double     weight;
  double     rest_weight;
  guint      calls;             /* that it took last time */
  guint      calling;           /* … that this one has taken so far */
  gpointer   data;
  gboolean   asking;
  gboolean   waiting;           /* … for room to go on */
  gint64     due;
  double     pause;             /* after failures, in seconds */
};

typedef struct
{
  gint64   when;
  gboolean at_rest;
} Call;

struct _MillTurns
{
  GPtrArray *turns;             /* MillTurn */
  GQueue     calls;             /* Call: of the last minute */
  guint      calls_at_rest;     /* so many of them */
  guint      budget;
  gint64     news;
  gboolean   busy;
};

static gboolean
is_at_rest (MillTurns *self,
            gint64     now)
{
  return !self->busy && now - self->news > NEWS_SECONDS * G_USEC_PER_SEC;
}

static void
forget_old_calls (MillTurns *self,
                  gint64     now)
{
  Call *call;

  while ((call = g_queue_peek_head (&self->calls)) != NULL && call->when <= now - G_TIME_SPAN_MINUTE)
    {
      self->calls_at_rest -= call->at_rest;
      g_free (g_queue_pop_head (&self->calls));
    }
}

/* When there is room for another call. */
static gint64
get_room (MillTurns *self,
          gint64     now)
{
  gboolean at_rest = is_at_rest (self, now);

  forget_old_calls (self, now);
  if (self->calls.length >= self->budget)
    return ((Call *) g_queue_peek_nth (&self->calls, self->calls.length - self->budget))->when + G_TIME_SPAN_MINUTE;
  if (at_rest && self->calls_at_rest >= MILL_TURNS_AT_REST)
    for (GList *l = self->calls.head; l != NULL; l = l->next)
      if (((Call *) l->data)->at_rest)
        return ((Call *) l->data)->when + G_TIME_SPAN_MINUTE;
  return now;
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
  double spare, quick;

  if (is_at_rest (self, now))
    return rest;
  forget_old_calls (self, now);
  spare = self->budget > self->calls.length ? self->budget - self->calls.length : 1;
  quick = MAX (QUICK_SECONDS, get_turn (self, spare * 60 / SPARE_SECONDS, FALSE));
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
                double     rest_weight,
                gpointer   data)
{
  MillTurn *turn = g_new0 (MillTurn, 1);

  turn->turns = self;
  turn->weight = weight;
  turn->rest_weight = rest_weight;
  turn->data = data;
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

void
mill_turns_forgive (MillTurns *self,
                    gint64     now)
{
  for (guint i = 0; i < self->turns->len; i++)
    {
      MillTurn *turn = self->turns->pdata[i];

      if (turn->pause > 0 && !turn->asking)
        turn->due = now;
      turn->pause = 0;
    }
}

/* Whoever waits with half of what it was asked goes first. */
static MillTurn *
find_first (MillTurns *self)
{
  MillTurn *first = NULL;

  for (guint i = 0; i < self->turns->len; i++)
    {
      MillTurn *turn = self->turns->pdata[i];

      if (turn->waiting)
        return turn;
      if (!turn->asking && (first == NULL || turn->due < first->due))
        first = turn;
    }
  return first;
}

gpointer
mill_turns_pick (MillTurns *self,
                 gint64     now)
{
  MillTurn *turn = find_first (self);

  if (turn == NULL || (!turn->waiting && turn->due > now) || get_room (self, now) > now)
    return NULL;
  if (!turn->asking)
    turn->calling = 0;
  turn->asking = TRUE;
  turn->waiting = FALSE;
  return turn->data;
}

gint64
mill_turns_get_next (MillTurns *self,
                     gint64     now)
{
  MillTurn *turn = find_first (self);

  return turn != NULL ? MAX (turn->waiting ? now : turn->due, get_room (self, now)) : G_MAXINT64;
}

guint
mill_turns_get_recent (MillTurns *self,
                       gint64     now)
{
  forget_old_calls (self, now);
  return self->calls.length;
}

gboolean
mill_turn_call (MillTurn *self,
                gint64    now)
{
  MillTurns *turns = self->turns;
  Call *call;

  if (get_room (turns, now) > now)
    {
      self->waiting = TRUE;
      return FALSE;
    }
  call = g_new0 (Call, 1);
  call->when = now;
  call->at_rest = is_at_rest (turns, now);
  turns->calls_at_rest += call->at_rest;
  g_queue_push_tail (&turns->calls, call);
  self->calling++;
  return TRUE;
}

void
mill_turn_end (MillTurn *self,
               gboolean  failed,
               gint64    now)
{
  self->asking = FALSE;
  self->waiting = FALSE;
  self->calls = self->calling;
  self->pause = failed ? CLAMP (self->pause * 2, 1, LONGEST_PAUSE) : 0;
  self->due = now + (gint64) (MAX (get_interval (self, now), self->pause) * G_USEC_PER_SEC);
}
