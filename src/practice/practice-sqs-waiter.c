/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Long polls: receives that wait until something comes. */
#include "practice-sqs-receive.h"

typedef struct {
  PracticeSqs        *sqs;
  PracticeCall       *call;
  PracticeSqsRequest *request;
  gint64              queue;
  gint64              deadline;       /* milliseconds since 1970 */
  GCancellable       *cancellable;
  gulong              cancelled_id;
} Waiter;

static void
waiter_free (Waiter *waiter)
{
  g_signal_handler_disconnect (waiter->cancellable, waiter->cancelled_id);
  g_object_unref (waiter->cancellable);
  g_object_unref (waiter->call);
  practice_sqs_request_free (waiter->request);
  g_free (waiter);
}

static void
remove_waiter (Waiter *waiter)
{
  PracticeSqs *self = waiter->sqs;

  g_queue_remove (&self->waiters, waiter);
  waiter_free (waiter);
}

static void
on_cancelled (GCancellable *cancellable,
              gpointer      data)
{
  Waiter *waiter = data;
  g_autoptr (PracticeCall) call = g_object_ref (waiter->call);

  remove_waiter (waiter);
  practice_sqs_answer (call, NULL);
}

/* Serves one long poll; whether it was the last word for it. */
static gboolean
serve (PracticeSqs *self,
       Waiter      *waiter)
{
  PracticeSqsQueue *queue;
  g_autoptr (JsonArray) messages = NULL;
  g_autoptr (PracticeCall) call = g_object_ref (waiter->call);
  g_autoptr (GError) error = NULL;

  practice_store_begin (self->store);
  queue = practice_sqs_find_by_id (self, waiter->queue);
  messages = queue != NULL ? practice_sqs_take (self, queue, waiter->request, practice_call_get_principal (call)) : json_array_new ();
  if (!practice_store_commit (self->store, &error)) {
    remove_waiter (waiter);
    practice_sqs_fail (call, PRACTICE_SQS_INTERNAL_FAILURE, "%s", error->message);
    return TRUE;
  }
  if (json_array_get_length (messages) == 0)
    return FALSE;

  remove_waiter (waiter);
  practice_sqs_answer (call, messages);
  return TRUE;
}

void
practice_sqs_wait (PracticeSqs        *self,
                   PracticeCall       *call,
                   PracticeSqsQueue   *queue,
                   PracticeSqsRequest *request)
{
  Waiter *waiter = g_new0 (Waiter, 1);

  waiter->sqs = self;
  waiter->call = g_object_ref (call);
  waiter->request = request;
  waiter->queue = queue->id;
  waiter->deadline = practice_sqs_now () + request->wait * 1000;
  waiter->cancellable = g_object_ref (practice_call_get_cancellable (call));
  waiter->cancelled_id = g_signal_connect (waiter->cancellable, "cancelled", G_CALLBACK (on_cancelled), waiter);
  g_queue_push_tail (&self->waiters, waiter);
  practice_sqs_reschedule (self);
}

gint64
practice_sqs_waiters_next (PracticeSqs *self)
{
  gint64 next = G_MAXINT64;

  for (GList *l = self->waiters.head; l != NULL; l = l->next)
    next = MIN (next, ((Waiter *) l->data)->deadline);
  return next;
}

void
practice_sqs_waiters_expire (PracticeSqs *self)
{
  gint64 now = practice_sqs_now ();
  GList *l = self->waiters.head;

  while (l != NULL) {
    Waiter *waiter = l->data;
    g_autoptr (PracticeCall) call = NULL;

    l = l->next;
    if (waiter->deadline > now)
      continue;
    call = g_object_ref (waiter->call);
    remove_waiter (waiter);
    practice_sqs_answer (call, NULL);
    /* Whoever got the answer may have changed the list. */
    l = self->waiters.head;
  }
}

void
practice_sqs_waiters_serve (PracticeSqs *self)
{
  g_autoptr (GHashTable) arrivals = self->arrivals;
  GHashTableIter iter;
  gpointer key;

  self->arrivals = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  g_hash_table_iter_init (&iter, arrivals);
  while (g_hash_table_iter_next (&iter, &key, NULL)) {
    GList *l = self->waiters.head;

    while (l != NULL) {
      Waiter *waiter = l->data;

      l = l->next;
      if (waiter->queue != *(gint64 *) key)
        continue;
      /* The first that gets nothing: there is nothing for the others either, unless step mode keeps it from a mapping alone. */
      if (!serve (self, waiter)) {
        if (waiter->request->mapping)
          continue;
        break;
      }
      l = self->waiters.head;
    }
  }
}

void
practice_sqs_waiters_drop (PracticeSqs *self,
                           gint64       queue_id)
{
  GList *l = self->waiters.head;

  while (l != NULL) {
    Waiter *waiter = l->data;

    l = l->next;
    if (waiter->queue == queue_id) {
      g_autoptr (PracticeCall) call = g_object_ref (waiter->call);

      remove_waiter (waiter);
      practice_sqs_fail_missing_queue (call);
      l = self->waiters.head;
    }
  }
}

void
practice_sqs_waiters_clear (PracticeSqs *self)
{
  g_queue_clear_full (&self->waiters, (GDestroyNotify) waiter_free);
}
