/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include "mill-mailbox.h"

#include <glib/gi18n.h>

#include "aws-client.h"
#include "mill-pulse.h"

/* As many as the practice cloud keeps. */
#define MAX_MAILS 10000

struct _MillMailbox
{
  GObject parent_instance;

  MillEngine *engine;
  MillTarget *target;
  GCancellable *cancellable;
  GListStore *mails;
  GHashTable *confirmed;     /* links that were opened */
  MillPulse pulse;
  gboolean anew;             /* all of it is to be read */
  gboolean asked;
  gboolean again;            /* something came meanwhile */
};

enum {
  CONFIRMED,
  FAILED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (MillMailbox, mill_mailbox, G_TYPE_OBJECT)

static void
on_inbox (GObject      *source,
          GAsyncResult *result,
          gpointer      data)
{
  g_autoptr(MillMailbox) self = data;
  g_autoptr(GError) error = NULL;
  g_autoptr(JsonObject) object = mill_engine_inbox_finish (MILL_ENGINE (source), result, &error);
  g_autoptr(GPtrArray) mails = NULL;
  JsonNode *node;
  JsonArray *messages;
  guint n;

  self->asked = FALSE;
  if (self->again && !g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    mill_pulse_ring (&self->pulse);
  if (object == NULL)
    {
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        g_debug ("The inbox cannot be read: %s", error->message);
      return;
    }
  node = json_object_get_member (object, "messages");
  if (node == NULL || !JSON_NODE_HOLDS_ARRAY (node))
    return;
  messages = json_node_get_array (node);
  mails = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = json_array_get_length (messages); i > 0; i--)
    {
      JsonNode *message = json_array_get_element (messages, i - 1);

      if (JSON_NODE_HOLDS_OBJECT (message))
        g_ptr_array_add (mails, mill_mail_new_from_json (json_node_get_object (message)));
    }
  /* Only what is new is added on top, so that a mail that is open stays open. */
  n = g_list_model_get_n_items (G_LIST_MODEL (self->mails));
  g_list_store_splice (self->mails, 0, self->anew ? n : 0, mails->pdata, mails->len);
  self->anew = FALSE;
  n = g_list_model_get_n_items (G_LIST_MODEL (self->mails));
  if (n > MAX_MAILS)
    g_list_store_splice (self->mails, MAX_MAILS, n - MAX_MAILS, NULL, 0);
}

/* What came since the newest one that is known. */
static void
ask_for_mails (gpointer data)
{
  MillMailbox *self = data;
  g_autoptr(MillMail) newest = self->anew ? NULL : g_list_model_get_item (G_LIST_MODEL (self->mails), 0);

  self->again = self->asked;
  if (self->asked)
    return;
  self->asked = TRUE;
  mill_engine_inbox_async (self->engine, self->target, newest != NULL ? mill_mail_get_id (newest) : NULL,
                           self->cancellable, on_inbox, g_object_ref (self));
}

static void
on_confirmed (GObject      *source,
              GAsyncResult *result,
              gpointer      data)
{
  g_autoptr(MillMailbox) self = MILL_MAILBOX (g_object_ref (source));
  g_autoptr(GError) error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    {
      if (!g_cancellable_is_cancelled (self->cancellable))
        g_signal_emit (self, signals[FAILED], 0, error);
      return;
    }
  g_hash_table_add (self->confirmed, g_strdup (g_task_get_task_data (G_TASK (result))));
  g_signal_emit (self, signals[CONFIRMED], 0);
}

/* In a thread: the link in a mail of the practice cloud leads to the practice cloud and nowhere else. */
static void
open_link (GTask        *task,
           gpointer      source,
           gpointer      data,
           GCancellable *cancellable)
{
  MillMailbox *self = source;
  const char *link = data;
  AwsClient *client = mill_target_get_client (self->target);
  const char *endpoint = aws_client_get_endpoint (client);
  g_autoptr(GUri) uri = g_uri_parse (link, G_URI_FLAGS_NONE, NULL);
  g_autoptr(GUri) base = endpoint != NULL ? g_uri_parse (endpoint, G_URI_FLAGS_NONE, NULL) : NULL;
  g_autoptr(JsonObject) answer = NULL;
  GError *error = NULL;
  gint64 status;

  if (uri == NULL || base == NULL || g_strcmp0 (g_uri_get_scheme (uri), g_uri_get_scheme (base)) != 0 ||
      g_strcmp0 (g_uri_get_host (uri), g_uri_get_host (base)) != 0 || g_uri_get_port (uri) != g_uri_get_port (base))
    {
      g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "%s",
                               _("The link in this mail does not lead to the practice cloud, so it was not opened."));
      return;
    }
  answer = aws_client_http (client, NULL, "GET", link, NULL, NULL, cancellable, &error);
  if (answer == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  status = json_object_get_int_member_with_default (answer, "status", 0);
  if (status / 100 != 2)
    g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_FAILED,
                             _("The link was answered with status %d. It may be too old: send a new confirmation mail."), (int) status);
  else
    g_task_return_boolean (task, TRUE);
}

static void
mill_mailbox_dispose (GObject *object)
{
  MillMailbox *self = MILL_MAILBOX (object);

  mill_pulse_stop (&self->pulse);
  g_clear_object (&self->engine);
  g_clear_object (&self->target);
  G_OBJECT_CLASS (mill_mailbox_parent_class)->dispose (object);
}

static void
mill_mailbox_finalize (GObject *object)
{
  MillMailbox *self = MILL_MAILBOX (object);

  g_clear_object (&self->cancellable);
  g_object_unref (self->mails);
  g_hash_table_unref (self->confirmed);
  G_OBJECT_CLASS (mill_mailbox_parent_class)->finalize (object);
}

static void
mill_mailbox_class_init (MillMailboxClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = mill_mailbox_dispose;
  G_OBJECT_CLASS (klass)->finalize = mill_mailbox_finalize;

  signals[CONFIRMED] = g_signal_new ("confirmed", MILL_TYPE_MAILBOX, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[FAILED] = g_signal_new ("failed", MILL_TYPE_MAILBOX, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_ERROR);
}

static void
mill_mailbox_init (MillMailbox *self)
{
  self->mails = g_list_store_new (MILL_TYPE_MAIL);
  self->anew = TRUE;
  self->pulse = (MillPulse) { .func = ask_for_mails, .data = self };
  self->confirmed = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

MillMailbox *
mill_mailbox_new (MillEngine   *engine,
                  MillTarget   *target,
                  GCancellable *cancellable)
{
  MillMailbox *self = g_object_new (MILL_TYPE_MAILBOX, NULL);

  self->engine = g_object_ref (engine);
  self->target = g_object_ref (target);
  self->cancellable = g_object_ref (cancellable);
  return self;
}

GListModel *
mill_mailbox_get_mails (MillMailbox *self)
{
  return G_LIST_MODEL (self->mails);
}

void
mill_mailbox_ring (MillMailbox *self)
{
  mill_pulse_ring (&self->pulse);
}

void
mill_mailbox_refresh (MillMailbox *self)
{
  self->anew = TRUE;
  ask_for_mails (self);
}

void
mill_mailbox_confirm (MillMailbox *self,
                      MillMail    *mail)
{
  g_autoptr(GTask) task = g_task_new (self, self->cancellable, on_confirmed, NULL);

  g_task_set_source_tag (task, mill_mailbox_confirm);
  g_task_set_task_data (task, g_strdup (mill_mail_get_link (mail)), g_free);
  g_task_run_in_thread (task, open_link);
}

gboolean
mill_mailbox_is_confirmed (MillMailbox *self,
                           MillMail    *mail)
{
  return g_hash_table_contains (self->confirmed, mill_mail_get_link (mail));
}
