/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "practice-runtime-invocation.h"

#include <string.h>

#include "practice-json.h"

static void
invocation_clear (gpointer data)
{
  PracticeInvocation *self = data;

  g_free (self->id);
  g_free (self->function_arn);
  g_clear_pointer (&self->records, json_array_unref);
  g_clear_pointer (&self->payload, g_bytes_unref);
  g_free (self->client_context);
  g_clear_pointer (&self->result, g_bytes_unref);
  g_free (self->tail);
}

PracticeInvocation *
practice_invocation_new (const char             *function_arn,
                         const char             *source,
                         JsonArray              *records,
                         GBytes                 *payload,
                         PracticeInvocationDone  done,
                         gpointer                user_data)
{
  PracticeInvocation *self = g_rc_box_new0 (PracticeInvocation);

  self->id = g_uuid_string_random ();
  self->function_arn = g_strdup (function_arn);
  self->source = source;
  self->records = records;
  self->payload = g_bytes_ref (payload);
  self->done = done;
  self->user_data = user_data;
  return self;
}

PracticeInvocation *
practice_invocation_ref (PracticeInvocation *self)
{
  return g_rc_box_acquire (self);
}

void
practice_invocation_unref (PracticeInvocation *self)
{
  g_rc_box_release_full (self, invocation_clear);
}

void
practice_invocation_finish (PracticeInvocation *self,
                            const char         *status,
                            GBytes             *result,
                            char               *tail)
{
  PracticeInvocationDone done = g_steal_pointer (&self->done);

  self->status = status;
  self->result = result;
  self->tail = tail;
  if (done != NULL)
    done (self, self->user_data);
}

gboolean
practice_invocation_failed (PracticeInvocation *self)
{
  return g_strcmp0 (self->status, "ok") != 0;
}

GBytes *
practice_invocation_make_error (const char *type,
                                const char *message)
{
  g_autoptr (JsonObject) object = json_object_new ();
  char *text = NULL;

  json_object_set_string_member (object, "errorType", type);
  json_object_set_string_member (object, "errorMessage", message);
  text = practice_json_object_to_text (object);
  return g_bytes_new_take (text, strlen (text));
}
