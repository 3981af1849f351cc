/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-question.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "aws-error.h"

struct _MillQuestion
{
  GObject           parent_instance;

  MillQuestionKind  kind;
  char             *text;
  char             *url;
  char             *code;
  GCancellable     *over;         /* cancelled when it has ended: somebody may wait for it together with another */

  GMutex            mutex;
  gboolean          ended;
  gboolean          refused;
  char             *answer;
  AwsCredentials   *credentials;
};

G_DEFINE_FINAL_TYPE (MillQuestion, mill_question, G_TYPE_OBJECT)

enum {
  ENDED,
  N_SIGNALS
};

static guint signals[N_SIGNALS];

static GMutex handler_mutex;
static MillQuestionFunc handler;
static gpointer handler_data;
static GMainContext *handler_context;

static gboolean
emit_ended (gpointer data)
{
  g_signal_emit (data, signals[ENDED], 0);
  return G_SOURCE_REMOVE;
}

static gboolean
show (gpointer data)
{
  MillQuestion *self = data;
  MillQuestionFunc func;
  gpointer func_data;

  g_mutex_lock (&handler_mutex);
  func = handler;
  func_data = handler_data;
  g_mutex_unlock (&handler_mutex);
  if (func != NULL && !mill_question_is_ended (self))
    func (self, func_data);
  else
    mill_question_refuse (self);
  return G_SOURCE_REMOVE;
}

static gboolean
invoke (MillQuestion *self,
        GSourceFunc   func)
{
  g_autoptr(GMainContext) context = NULL;

  g_mutex_lock (&handler_mutex);
  if (handler != NULL)
    context = g_main_context_ref (handler_context);
  g_mutex_unlock (&handler_mutex);
  if (context == NULL)
    return FALSE;
  {
    g_autoptr(GSource) source = g_idle_source_new ();

    g_source_set_priority (source, G_PRIORITY_DEFAULT);
    g_source_set_callback (source, func, g_object_ref (self), g_object_unref);
    g_source_attach (source, context);
  }
  return TRUE;
}

static void
wipe (char *text)
{
  if (text != NULL)
    explicit_bzero (text, strlen (text));
  g_free (text);
}

/* Only the first end counts. */
static void
end (MillQuestion   *self,
     gboolean        refused,
     const char     *answer,
     AwsCredentials *credentials)
{
  gboolean first;

  g_mutex_lock (&self->mutex);
  first = !self->ended;
  if (first)
    {
      self->ended = TRUE;
      self->refused = refused;
      self->answer = g_strdup (answer);
      self->credentials = credentials != NULL ? aws_credentials_ref (credentials) : NULL;
    }
  g_mutex_unlock (&self->mutex);
  if (!first)
    return;
  g_cancellable_cancel (self->over);
  invoke (self, emit_ended);
}

static void
mill_question_finalize (GObject *object)
{
  MillQuestion *self = MILL_QUESTION (object);

  g_free (self->text);
  g_free (self->url);
  g_free (self->code);
  wipe (self->answer);
  g_clear_pointer (&self->credentials, aws_credentials_unref);
  g_object_unref (self->over);
  g_mutex_clear (&self->mutex);
  G_OBJECT_CLASS (mill_question_parent_class)->finalize (object);
}

static void
mill_question_class_init (MillQuestionClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = mill_question_finalize;
  signals[ENDED] = g_signal_new ("ended", MILL_TYPE_QUESTION, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
mill_question_init (MillQuestion *self)
{
  g_mutex_init (&self->mutex);
  self->over = g_cancellable_new ();
}

void
mill_question_set_handler (MillQuestionFunc func,
                           gpointer         data)
{
  g_mutex_lock (&handler_mutex);
  handler = func;
  handler_data = data;
  g_clear_pointer (&handler_context, g_main_context_unref);
  if (func != NULL)
    handler_context = g_main_context_ref_thread_default ();
  g_mutex_unlock (&handler_mutex);
}

MillQuestionKind
mill_question_get_kind (MillQuestion *self)
{
  g_return_val_if_fail (MILL_IS_QUESTION (self), MILL_QUESTION_CREDENTIALS);
  return self->kind;
}

const char *
mill_question_get_text (MillQuestion *self)
{
  g_return_val_if_fail (MILL_IS_QUESTION (self), NULL);
  return self->text;
}

const char *
mill_question_get_url (MillQuestion *self)
{
  g_return_val_if_fail (MILL_IS_QUESTION (self), NULL);
  return self->url;
}

const char *
mill_question_get_code (MillQuestion *self)
{
  g_return_val_if_fail (MILL_IS_QUESTION (self), NULL);
  return self->code;
}

gboolean
mill_question_is_ended (MillQuestion *self)
{
  g_autoptr(GMutexLocker) locker = NULL;

  g_return_val_if_fail (MILL_IS_QUESTION (self), TRUE);
  locker = g_mutex_locker_new (&self->mutex);
  return self->ended;
}

void
mill_question_answer (MillQuestion *self,
                      const char   *text)
{
  g_return_if_fail (MILL_IS_QUESTION (self));
  end (self, FALSE, text, NULL);
}

void
mill_question_answer_credentials (MillQuestion   *self,
                                  AwsCredentials *credentials)
{
  g_return_if_fail (MILL_IS_QUESTION (self));
  end (self, FALSE, NULL, credentials);
}

void
mill_question_refuse (MillQuestion *self)
{
  g_return_if_fail (MILL_IS_QUESTION (self));
  end (self, TRUE, NULL, NULL);
}

void
mill_question_end (MillQuestion *self)
{
  g_return_if_fail (MILL_IS_QUESTION (self));
  end (self, FALSE, NULL, NULL);
}

MillQuestion *
mill_question_ask (MillQuestionKind   kind,
                   const char        *text,
                   const char        *url,
                   const char        *code,
                   const char        *without,
                   GError           **error)
{
  g_autoptr(MillQuestion) self = g_object_new (MILL_TYPE_QUESTION, NULL);

  self->kind = kind;
  self->text = g_strdup (text);
  self->url = g_strdup (url);
  self->code = g_strdup (code);
  if (invoke (self, show))
    return g_steal_pointer (&self);
  g_propagate_error (error, aws_error_new (AWS_ERROR_CREDENTIALS, "NobodyToAsk", without, NULL, 0, FALSE));
  return NULL;
}

gboolean
mill_question_wait_for (MillQuestion  *self,
                        guint          milliseconds,
                        GCancellable  *cancellable,
                        GError       **error)
{
  gint64 deadline = milliseconds != G_MAXUINT ? g_get_monotonic_time () + (gint64) milliseconds * 1000 : G_MAXINT64;
  GPollFD fds[2];
  guint n = 0;
  gboolean refused;

  if (g_cancellable_make_pollfd (self->over, &fds[n]))
    n++;
  if (cancellable != NULL && g_cancellable_make_pollfd (cancellable, &fds[n]))
    n++;
  while (!mill_question_is_ended (self) && !g_cancellable_is_cancelled (cancellable))
    {
      gint64 left = deadline - g_get_monotonic_time ();

      if (left <= 0)
        break;
      g_poll (fds, n, deadline == G_MAXINT64 ? -1 : (int) (left / 1000 + 1));
    }
  g_cancellable_release_fd (self->over);
  if (n == 2)
    g_cancellable_release_fd (cancellable);

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    {
      mill_question_end (self);
      return FALSE;
    }
  g_mutex_lock (&self->mutex);
  refused = self->refused;
  g_mutex_unlock (&self->mutex);
  if (refused)
    g_set_error_literal (error, G_IO_ERROR, G_IO_ERROR_CANCELLED, _("It was stopped because the question was not answered. Do it again to go on."));
  return !refused;
}

gboolean
mill_question_wait (MillQuestion  *self,
                    GCancellable  *cancellable,
                    GError       **error)
{
  return mill_question_wait_for (self, G_MAXUINT, cancellable, error);
}

const char *
mill_question_peek_answer (MillQuestion *self)
{
  return self->answer;
}

AwsCredentials *
mill_question_peek_credentials (MillQuestion *self)
{
  return self->credentials;
}
