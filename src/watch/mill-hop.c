/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mill-hop-private.h"

#include <string.h>

#define MAX_LOG (64 * 1024)
#define MAX_VISITS 64

/* A line that is one message's. */
typedef struct
{
  gsize  begin, end;
  char  *record;
} Mark;

struct _MillLog
{
  GString *text;
  GArray  *marks;      /* Mark, in order */
};

static void
mark_clear (gpointer data)
{
  g_free (((Mark *) data)->record);
}

G_DEFINE_FINAL_TYPE (MillHop, mill_hop, G_TYPE_OBJECT)

static void
mill_hop_finalize (GObject *object)
{
  MillHop *self = MILL_HOP (object);

  g_free (self->visits);
  g_free (self->own_log);
  g_free (self->payload);
  g_free (self->record);
  g_free (self->error);
  g_free (self->advice);
  g_free (self->message_id);
  g_clear_pointer (&self->log, mill_log_unref);
  G_OBJECT_CLASS (mill_hop_parent_class)->finalize (object);
}

static void
mill_hop_class_init (MillHopClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = mill_hop_finalize;
}

static void
mill_hop_init (MillHop *self)
{
  self->attempts = 1;
}

MillLog *
mill_log_new (void)
{
  MillLog *self = g_atomic_rc_box_new0 (MillLog);

  self->text = g_string_new (NULL);
  self->marks = g_array_new (FALSE, FALSE, sizeof (Mark));
  g_array_set_clear_func (self->marks, mark_clear);
  return self;
}

MillLog *
mill_log_ref (MillLog *self)
{
  return g_atomic_rc_box_acquire (self);
}

static void
log_clear (gpointer data)
{
  g_string_free (((MillLog *) data)->text, TRUE);
  g_array_unref (((MillLog *) data)->marks);
}

void
mill_log_unref (MillLog *self)
{
  g_atomic_rc_box_release_full (self, log_clear);
}

/* Forgets the first @length bytes. */
static void
forget_beginning (MillLog *self,
                  gsize    length)
{
  guint gone = 0;

  g_string_erase (self->text, 0, length);
  for (guint i = 0; i < self->marks->len; i++)
    {
      Mark *mark = &g_array_index (self->marks, Mark, i);

      if (mark->end <= length)
        gone++;
      else
        {
          mark->begin = mark->begin > length ? mark->begin - length : 0;
          mark->end -= length;
        }
    }
  g_array_remove_range (self->marks, 0, gone);
}

void
mill_log_append (MillLog    *self,
                 const char *line,
                 const char *record)
{
  Mark mark = { .begin = self->text->len };

  g_string_append (self->text, line);
  if (!g_str_has_suffix (line, "\n"))
    g_string_append_c (self->text, '\n');
  if (record != NULL)
    {
      mark.end = self->text->len;
      mark.record = g_strdup (record);
      g_array_append_val (self->marks, mark);
    }
  if (self->text->len > MAX_LOG)
    {
      const char *cut = strchr (self->text->str + self->text->len - MAX_LOG, '\n');

      forget_beginning (self, cut != NULL ? (gsize) (cut + 1 - self->text->str) : self->text->len - MAX_LOG);
    }
}

/* Without what is others'. */
static void
append_own (GString    *own,
            MillLog    *self,
            const char *record)
{
  gsize done = 0;

  for (guint i = 0; i < self->marks->len; i++)
    {
      const Mark *mark = &g_array_index (self->marks, Mark, i);

      g_string_append_len (own, self->text->str + done, mark->begin - done);
      if (g_str_equal (mark->record, record))
        g_string_append_len (own, self->text->str + mark->begin, mark->end - mark->begin);
      done = mark->end;
    }
  g_string_append_len (own, self->text->str + done, self->text->len - done);
}

MillHop *
mill_hop_new (const char *kind,
              const char *component,
              const char *message_id,
              double      arrived)
{
  MillHop *self = g_object_new (MILL_TYPE_HOP, NULL);

  self->kind = g_intern_string (kind);
  self->component = g_intern_string (component != NULL ? component : "");
  self->message_id = g_strdup (message_id != NULL ? message_id : "");
  self->arrived = arrived;
  return self;
}

MillVisit *
mill_hop_visit (MillHop *self,
                guint32  key,
                double   arrived)
{
  guint position = self->n_visits;

  for (guint i = 0; i < self->n_visits; i++)
    if (self->visits[i].key == key)
      return &self->visits[i];
  if (self->n_visits == MAX_VISITS)
    {
      memmove (self->visits, self->visits + 1, --self->n_visits * sizeof *self->visits);
      position--;
    }
  else
    self->visits = g_renew (MillVisit, self->visits, self->n_visits + 1);
  while (position > 0 && self->visits[position - 1].arrived > arrived)
    position--;
  memmove (self->visits + position + 1, self->visits + position, (self->n_visits - position) * sizeof *self->visits);
  self->visits[position] = (MillVisit) { .arrived = arrived, .key = key };
  self->n_visits++;
  return &self->visits[position];
}

void
mill_hop_settle (MillHop *self)
{
  g_return_if_fail (self->n_visits > 0);
  self->arrived = self->visits[0].arrived;
  self->left = self->visits[self->n_visits - 1].left;
  self->status = self->visits[self->n_visits - 1].status;
}

void
mill_hop_set_visits (MillHop         *self,
                     const MillVisit *visits,
                     guint            n_visits)
{
  g_free (self->visits);
  self->n_visits = MIN (n_visits, MAX_VISITS);
  self->visits = self->n_visits > 0 ? g_memdup2 (visits, self->n_visits * sizeof *visits) : NULL;
}

MillHop *
mill_hop_copy (MillHop *self)
{
  MillHop *copy = mill_hop_new (self->kind, self->component, self->message_id, self->arrived);

  copy->payload = g_strdup (self->payload);
  copy->error = g_strdup (self->error);
  copy->advice = g_strdup (self->advice);
  /* The other goes on being written. What of it is this message's is not kept for it: nobody may ever look. */
  if (self->log != NULL)
    {
      copy->log = mill_log_new ();
      append_own (copy->log->text, self->log, self->message_id);
    }
  else
    copy->own_log = g_strdup (self->own_log);
  copy->left = self->left;
  copy->status = self->status;
  copy->attempts = self->attempts;
  copy->inferred = self->inferred;
  copy->stuck = self->stuck;
  copy->handed = self->handed;
  mill_hop_set_visits (copy, self->visits, self->n_visits);
  return copy;
}

void
mill_hop_set_error (MillHop    *self,
                    const char *error,
                    const char *advice)
{
  g_free (self->error);
  g_free (self->advice);
  self->error = g_strdup (error);
  self->advice = g_strdup (advice);
}

void
mill_hop_set_payload (MillHop    *self,
                      const char *payload)
{
  g_free (self->payload);
  self->payload = g_strdup (payload);
}

void
mill_hop_set_log (MillHop *self,
                  MillLog *log)
{
  if (log == self->log)
    return;
  g_clear_pointer (&self->own_log, g_free);
  g_clear_pointer (&self->log, mill_log_unref);
  self->log = log != NULL ? mill_log_ref (log) : NULL;
}

void
mill_hop_set_own_log (MillHop    *self,
                      const char *text)
{
  char *copy = g_strdup (text);

  g_clear_pointer (&self->log, mill_log_unref);
  g_free (self->own_log);
  self->own_log = copy;
}

void
mill_hop_set_status (MillHop       *self,
                     MillHopStatus  status)
{
  self->status = status;
  if (self->n_visits > 0)
    self->visits[self->n_visits - 1].status = status;
}

gboolean
mill_hop_is_over (MillHop *self)
{
  return self->held == 0 && self->status != MILL_HOP_UNDER_WAY && self->status != MILL_HOP_RETRYING;
}

const char *
mill_hop_get_component (MillHop *self)
{
  g_return_val_if_fail (MILL_IS_HOP (self), NULL);
  return self->component;
}

const char *
mill_hop_get_kind (MillHop *self)
{
  g_return_val_if_fail (MILL_IS_HOP (self), NULL);
  return self->kind;
}

double
mill_hop_get_arrived (MillHop *self)
{
  g_return_val_if_fail (MILL_IS_HOP (self), 0);
  return self->arrived;
}

double
mill_hop_get_left (MillHop *self)
{
  g_return_val_if_fail (MILL_IS_HOP (self), 0);
  return self->left;
}

const char *
mill_hop_get_payload (MillHop *self)
{
  g_return_val_if_fail (MILL_IS_HOP (self), NULL);
  return self->payload != NULL ? self->payload : "";
}

gboolean
mill_hop_get_handed (MillHop *self)
{
  g_return_val_if_fail (MILL_IS_HOP (self), FALSE);
  return self->handed;
}

MillHopStatus
mill_hop_get_status (MillHop *self)
{
  g_return_val_if_fail (MILL_IS_HOP (self), MILL_HOP_FAILED);
  return self->status;
}

gboolean
mill_hop_get_held (MillHop *self)
{
  g_return_val_if_fail (MILL_IS_HOP (self), FALSE);
  return self->held > 0;
}

const char *
mill_hop_get_status_name (MillHop *self)
{
  static const char *const names[] = { "under-way", "ok", "retrying", "failed", "filtered" };

  g_return_val_if_fail (MILL_IS_HOP (self), NULL);
  return self->held > 0 ? "held" : names[self->status];
}

const char *
mill_hop_get_error (MillHop *self)
{
  g_return_val_if_fail (MILL_IS_HOP (self), NULL);
  return self->error != NULL ? self->error : "";
}

const char *
mill_hop_get_advice (MillHop *self)
{
  g_return_val_if_fail (MILL_IS_HOP (self), NULL);
  return self->advice != NULL ? self->advice : "";
}

guint
mill_hop_get_attempts (MillHop *self)
{
  g_return_val_if_fail (MILL_IS_HOP (self), 0);
  return self->attempts;
}

gboolean
mill_hop_get_inferred (MillHop *self)
{
  g_return_val_if_fail (MILL_IS_HOP (self), FALSE);
  return self->inferred;
}

const char *
mill_hop_get_message_id (MillHop *self)
{
  g_return_val_if_fail (MILL_IS_HOP (self), NULL);
  return self->message_id;
}

const char *
mill_hop_get_log (MillHop *self)
{
  g_return_val_if_fail (MILL_IS_HOP (self), NULL);
  if (self->log == NULL)
    return self->own_log != NULL ? self->own_log : "";
  if (self->log->marks->len == 0)
    return self->log->text->str;
  if (self->own_log == NULL || self->own_log_of != self->log->text->len)
    {
      GString *own = g_string_new (NULL);

      append_own (own, self->log, self->message_id);
      g_free (self->own_log);
      self->own_log = g_string_free (own, FALSE);
      self->own_log_of = self->log->text->len;
    }
  return self->own_log;
}

MillHop *
mill_hop_get_previous (MillHop *self)
{
  g_return_val_if_fail (MILL_IS_HOP (self), NULL);
  return self->previous;
}

const MillVisit *
mill_hop_get_visits (MillHop *self,
                     guint   *n_visits)
{
  g_return_val_if_fail (MILL_IS_HOP (self), NULL);
  if (self->n_visits > 0)
    {
      MillVisit *last = &self->visits[self->n_visits - 1];

      /* What ended the hop ended its last visit. */
      if (last->left <= 0 && self->left > 0)
        {
          last->left = self->left;
          last->status = self->status;
        }
      *n_visits = self->n_visits;
      return self->visits;
    }
  self->only = (MillVisit) { .arrived = self->arrived, .left = self->left, .status = self->status };
  *n_visits = 1;
  return &self->only;
}

gboolean
mill_hop_look_back (MillHop       *self,
                    double         time,
                    MillHopStatus *status,
                    gboolean      *here)
{
  guint n;
  const MillVisit *visits, *then = NULL;
  gboolean still;

  g_return_val_if_fail (MILL_IS_HOP (self), FALSE);
  visits = mill_hop_get_visits (self, &n);
  for (guint i = 0; i < n && visits[i].arrived <= time; i++)
    then = &visits[i];
  if (then == NULL)
    return FALSE;
  still = then->left == 0 || time < then->left;
  if (status != NULL)
    *status = still ? MILL_HOP_UNDER_WAY : then->status;
  if (here != NULL)
    *here = still;
  return TRUE;
}
