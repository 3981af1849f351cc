/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "aws-call-private.h"

#define MAX_CALLS 2000

struct _AwsCallLog {
  GObject       parent_instance;

  GMainContext *context;
  GPtrArray    *calls;      /* only touched in the context */

  GMutex        mutex;      /* guards those below */
  GQueue        arrived;
  GSource      *source;
};

static void aws_call_log_list_model_init (GListModelInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (AwsCallLog, aws_call_log, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, aws_call_log_list_model_init))

static GPrivate thread_subject = G_PRIVATE_INIT (g_free);
static GPrivate thread_call = G_PRIVATE_INIT (g_object_unref);

/* Takes over what arrived from other threads. */
static gboolean
on_arrived (gpointer user_data)
{
  AwsCallLog *self = user_data;
  GQueue arrived;
  AwsCall *call;
  guint position;
  guint n_added = 0;
  guint n_removed = 0;

  g_mutex_lock (&self->mutex);
  arrived = self->arrived;
  g_queue_init (&self->arrived);
  g_clear_pointer (&self->source, g_source_unref);
  g_mutex_unlock (&self->mutex);

  if (self->calls->len + arrived.length > MAX_CALLS) {
    n_removed = MIN (self->calls->len, self->calls->len + arrived.length - MAX_CALLS);
    g_ptr_array_remove_range (self->calls, 0, n_removed);
    g_list_model_items_changed (G_LIST_MODEL (self), 0, n_removed, 0);
  }
  position = self->calls->len;
  while ((call = g_queue_pop_head (&arrived)) != NULL) {
    g_ptr_array_add (self->calls, call);
    n_added++;
  }
  g_list_model_items_changed (G_LIST_MODEL (self), position, 0, n_added);
  return G_SOURCE_REMOVE;
}

static GType
aws_call_log_get_item_type (GListModel *model)
{
  return AWS_TYPE_CALL;
}

static guint
aws_call_log_get_n_items (GListModel *model)
{
  return AWS_CALL_LOG (model)->calls->len;
}

static gpointer
aws_call_log_get_item (GListModel *model,
                       guint       position)
{
  AwsCallLog *self = AWS_CALL_LOG (model);

  return position < self->calls->len ? g_object_ref (g_ptr_array_index (self->calls, position)) : NULL;
}

static void
aws_call_log_list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = aws_call_log_get_item_type;
  iface->get_n_items = aws_call_log_get_n_items;
  iface->get_item = aws_call_log_get_item;
}

static void
aws_call_log_finalize (GObject *object)
{
  AwsCallLog *self = AWS_CALL_LOG (object);

  g_queue_clear_full (&self->arrived, g_object_unref);
  g_clear_pointer (&self->source, g_source_unref);
  g_mutex_clear (&self->mutex);
  g_ptr_array_unref (self->calls);
  g_main_context_unref (self->context);

  G_OBJECT_CLASS (aws_call_log_parent_class)->finalize (object);
}

static void
aws_call_log_class_init (AwsCallLogClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = aws_call_log_finalize;
}

static void
aws_call_log_init (AwsCallLog *self)
{
  self->context = g_main_context_ref_thread_default ();
  self->calls = g_ptr_array_new_with_free_func (g_object_unref);
  g_mutex_init (&self->mutex);
  g_queue_init (&self->arrived);
}

AwsCallLog *
aws_call_log_new (void)
{
  return g_object_new (AWS_TYPE_CALL_LOG, NULL);
}

void
aws_call_log_set_subject (const char *subject)
{
  g_private_replace (&thread_subject, g_strdup (subject));
}

const char *
aws_call_log_get_subject (void)
{
  const char *subject = g_private_get (&thread_subject);

  return subject != NULL ? subject : "";
}

AwsCall *
aws_call_log_get_last (void)
{
  return g_private_get (&thread_call);
}

const char *
aws_call_log_get_request_id (void)
{
  AwsCall *last = aws_call_log_get_last ();

  return last != NULL ? aws_call_get_request_id (last) : "";
}

void
aws_call_log_add (AwsCallLog *self,
                  AwsCall    *call)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->mutex);

  g_private_replace (&thread_call, g_object_ref (call));
  g_queue_push_tail (&self->arrived, g_object_ref (call));
  /* Where nobody runs the context, no more is kept than the log would. */
  if (self->arrived.length > MAX_CALLS)
    g_object_unref (g_queue_pop_head (&self->arrived));
  if (self->source != NULL)
    return;

  self->source = g_idle_source_new ();
  g_source_set_priority (self->source, G_PRIORITY_DEFAULT);
  g_source_set_callback (self->source, on_arrived, g_object_ref (self), g_object_unref);
  g_source_attach (self->source, self->context);
}
